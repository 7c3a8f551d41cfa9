"""What FreshBooks answers to a request that it does not take.

Numbers and statuses are those of section 5 of the facts. Of three messages the wording is
recorded (an unknown object, a tax name in use, a limit); that of the others is ours.
"""

from typing import Any

_STATUS = {
    403: (1003, 1038),
    404: (1012,),
    402: (7005,),
    409: (409,),
}
_STATUS_OF = {errno: status for status, errnos in _STATUS.items() for errno in errnos}

REQUIRED_FIELD = 1001
INVALID_VALUE = 1004
DELETED_RESOURCE = 1011
UNKNOWN_RESOURCE = 1012
INVALID_PER_PAGE = 1013
INVALID_PAGE = 1014
NOT_A_NUMBER = 1015
ITEM_DUPLICATE_TAX = 1019
FILTER_NOT_A_DATE = 1023
FILTER_NOT_A_NUMBER = 1024
NEGATIVE_VALUE = 1025
NOT_A_BOOLEAN = 1031
FILTER_NOT_A_BOOLEAN = 1032
NOT_A_DATE = 1033
WRONG_TYPE = 1035
NO_UNICODE = 1036
WRITE_DENIED = 1038
NAMELESS_CLIENT = 7012
TAX_NAME_IN_USE = 13002


class VendorError(Exception):
    """A request that FreshBooks refuses: nothing has been stored.

    ``status`` is that of HTTP: what validation finds is 422, unless the facts say otherwise.
    ``field`` is the member at fault, ``object`` the kind of object, ``value`` what was sent.
    """

    def __init__(
        self, errno: int, message: str, *, field: str = "", object_: str = "", value: Any = None
    ) -> None:
        super().__init__(message)
        self.errno = errno
        self.status = _STATUS_OF.get(errno, 422)
        self.message = message
        self.field = field
        self.object = object_
        self.value = value

    def body(self) -> dict[str, Any]:
        """Return the answer as FreshBooks writes it: envelope E1 of section 5."""
        value = None if self.value is None else str(self.value)
        error = {
            "errno": self.errno,
            "field": self.field or None,
            "message": self.message,
            "object": self.object or None,
            "value": value,
        }
        return {"response": {"errors": [error]}}


def unknown(title: str, value: Any, field: str) -> VendorError:
    """Return the refusal of an id that no object of that kind has."""
    return VendorError(
        UNKNOWN_RESOURCE, f"{title} not found.", field=field, object_=title.lower(), value=value
    )
