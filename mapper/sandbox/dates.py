"""Dates by masks, as ``transformDate`` has them: the usual letters of Java's SimpleDateFormat.

Without a zone in the mask or the text, times are UTC, and times are always printed in UTC: the zone
in which the platform's servers run is unknown.
"""

import functools
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

__all__ = ["MaskError", "print_date", "read_date"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TOKEN = re.compile(r"'(?:[^']|'')*'|(?P<letter>[A-Za-z])(?P=letter)*|[^A-Za-z']+")
_OFFSET = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})?")
_MILLISECONDS = "milliseconds"
_MAX_LENGTH = 100


class MaskError(ValueError):
    """A mask with something that is not supported here; its message says what."""


def read_date(value: Any, mask: str | None) -> datetime | None:
    """Return the time that a value means by a mask, or None if it does not fit.

    Without a mask the value is ISO 8601. The time is in UTC.

    Raises:
        MaskError: The mask is not supported.
    """
    pattern = _pattern(mask or "")
    try:
        if mask == _MILLISECONDS:
            return _of_milliseconds(value)
        if not isinstance(value, str):
            return None
        if mask is None:
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        found = pattern.fullmatch(value)
        return _moment(found.groupdict()).astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        return None


@functools.lru_cache(maxsize=256)
def _pattern(mask: str) -> re.Pattern[str]:
    tokens = [] if mask == _MILLISECONDS else _tokens(mask)
    letters = [token[0] for token in tokens if token[0].isalpha() and token[0] != "E"]
    if len(letters) != len(set(letters)):
        raise MaskError("a letter stands in it twice")
    return re.compile("".join(map(_reading, tokens)), re.IGNORECASE | re.ASCII)


def _of_milliseconds(value: Any) -> datetime | None:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,16}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return _EPOCH + timedelta(milliseconds=value)


def _tokens(mask: str) -> list[str]:
    if len(mask) > _MAX_LENGTH:
        raise MaskError(f"it is longer than {_MAX_LENGTH} characters")
    tokens = [found.group() for found in _TOKEN.finditer(mask)]
    if "".join(tokens) != mask:
        raise MaskError("a quote is not closed")
    return tokens


def _reading(token: str) -> str:
    """Return a regular expression of what a token of a mask reads; each letter once in a mask."""
    if not token[0].isalpha():
        return re.escape(_literal(token))
    digits = "[0-9]{1,2}" if len(token) == 1 else f"[0-9]{{{len(token)}}}"
    match token[0]:
        case "y" if len(token) != 2:
            digits = "[0-9]{4}" if len(token) < 5 else digits
        case "M" if len(token) > 2:
            digits = "|".join(name if len(token) > 3 else name[:3] for name in _MONTHS)
        case "E":
            return "|".join(name if len(token) > 3 else name[:3] for name in _DAYS).join(
                ("(?:", ")")
            )
        case "a":
            digits = "AM|PM"
        case "X":
            digits = "Z|[+-][0-9]{2}" + ("", "[0-9]{2}", ":[0-9]{2}")[min(len(token), 3) - 1]
        case "Z":
            digits = "[+-][0-9]{4}"
        case "z":
            digits = "UTC|GMT"
        case "M" | "d" | "H" | "h" | "m" | "s" if len(token) <= 2:
            pass
        case "S" if len(token) == 3:
            pass
        case _:
            raise MaskError(f"{token} cannot be read")
    return f"(?P<{token[0]}>{digits})"


def _literal(token: str) -> str:
    if token[0] != "'":
        return token
    return token[1:-1].replace("''", "'") or "'"


def _moment(found: dict[str, str]) -> datetime:
    """Return the time that the parts of a text make; what is missing is that of the epoch.

    Raises:
        ValueError: There is no such time.
    """
    month = found.get("M", "1")
    if not month.isdigit():
        month = str([name[:3].lower() for name in _MONTHS].index(month[:3].lower()) + 1)
    hour = int(found.get("H", "0"))
    if "h" in found:
        hour = int(found["h"]) % 12 + (12 if found.get("a", "").upper() == "PM" else 0)
    return datetime(
        int(found.get("y", "1970")),
        int(month),
        int(found.get("d", "1")),
        hour,
        int(found.get("m", "0")),
        int(found.get("s", "0")),
        int(found.get("S", "0")) * 1000,
        tzinfo=_zone(found.get("X") or found.get("Z") or "Z"),
    )


def _zone(text: str) -> timezone:
    parts = _OFFSET.fullmatch(text)
    if parts is None:
        return UTC
    offset = timedelta(hours=int(parts[2]), minutes=int(parts[3] or 0))
    return timezone(-offset if parts[1] == "-" else offset)


def print_date(moment: datetime, mask: str | None) -> str | int:
    """Return a time, given in UTC, by a mask; without one, as ISO 8601 to the second.

    Raises:
        MaskError: The mask is not supported.
    """
    if mask == _MILLISECONDS:
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    mask = "yyyy-MM-dd'T'HH:mm:ssXXX" if mask is None else mask
    return "".join(_printed(moment, token) for token in _tokens(mask))


def _printed(moment: datetime, token: str) -> str:
    width = len(token)
    match token[0]:
        case "y":
            number = moment.year % 100 if width == 2 else moment.year
        case "M" if width > 2:
            return _MONTHS[moment.month - 1][: None if width > 3 else 3]
        case "M":
            number = moment.month
        case "d":
            number = moment.day
        case "H":
            number = moment.hour
        case "h":
            number = moment.hour % 12 or 12
        case "m":
            number = moment.minute
        case "s":
            number = moment.second
        case "S":
            number = moment.microsecond // 1000
        case "E":
            return _DAYS[moment.weekday()][: None if width > 3 else 3]
        case "a":
            return "AM" if moment.hour < 12 else "PM"
        case "X":
            return "Z"
        case "Z":
            return "+0000"
        case "z":
            return "UTC"
        case letter if letter.isalpha():
            raise MaskError(f"{token} cannot be printed")
        case _:
            return _literal(token)
    return str(number).zfill(width)
