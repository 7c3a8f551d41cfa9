"""Objects by their ids, as a path or another object names them."""

from typing import Any

from mapper.sandbox.freshbooks.members import RESOURCES
from mapper.sandbox.freshbooks.objects import Object, Objects
from mapper.sandbox.freshbooks.refusals import DELETED_RESOURCE, VendorError, unknown

Json = Any


def number(key: Json) -> int:
    """Return an id as a number; 0, which no object has, for what is no id."""
    text = str(key)
    return int(text) if text.isdecimal() and len(text) <= 15 else 0


def stored(objects: Objects, resource: str, key: Json, field: str = "") -> Object:
    """Return the object; *field* is the member that names it, in the message.

    Raises:
        VendorError: There is none.
    """
    row = objects.get(resource, number(key))
    if row is None:
        kind = RESOURCES[resource]
        raise unknown(kind.title, key, field or kind.ids[-1])
    return row


def usable(objects: Objects, resource: str, key: Json, field: str) -> Object:
    """Return an object that another one refers to.

    Raises:
        VendorError: There is none, or it is deleted: not usable any more (section 3.5).
    """
    row = stored(objects, resource, key, field)
    if row.get("vis_state") == 1:
        title = RESOURCES[resource].title
        raise VendorError(
            DELETED_RESOURCE, f"{title} is deleted.", field=field, object_=title.lower(), value=key
        )
    return row
