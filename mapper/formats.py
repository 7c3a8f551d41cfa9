"""The formats of texts that schemas can name, each with a predicate that asserts it.

Every format is strict and bounded: real calendar dates, ASCII digits, no leap seconds, so that
what fits a format is what the converters take. Sources: RFC 3339 (dates), RFC 3986 (``uri``),
RFC 1123 (``hostname``), RFC 5321 without quoted local parts (``email``), RFC 9562 (``uuid``).
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache

from mapper.decimals import (
    DECIMAL_TEXT,
    MAX_DECIMAL,
    SIGNIFICANT_DIGITS,
    is_decimal_text,
    is_exact,
    significant_digits,
)
from mapper.records import Record

LOCAL_YEARS = (1900, 2199)
"""The first and last year of a local clock for which zones have a known offset."""
BEYOND_LOCAL_YEARS = "is outside the years {} to {}".format(*LOCAL_YEARS)
"""The one reason of a refusal that no schema of both sides can avert: a year's begin has a zone."""

MAX_INTEGER = 2**53 - 1
"""The largest integer, either side of zero, that JavaScript holds exactly."""


class Format(Record):
    """A named set of texts, and of numbers where these may stand for such a text.

    Attributes:
        name: What ``format`` says in a schema.
        noun: What such a text is called in a message, with its article.
        holds: Tells whether a text belongs to the set; raises nothing.
        holds_number: Tells whether a number does; by default all do, as in JSON Schema.
        shape: A regular expression that all its texts match as a whole; "" says nothing of them.
        is_regular: Whether all texts that match it belong to the set.
    """

    name: str
    noun: str
    holds: Callable[[str], bool]
    holds_number: Callable[[float], bool] = lambda number: True
    shape: str = ""
    is_regular: bool = False


_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_FRACTION = r"(?:\.[0-9]{1,9})?"
_OFFSET = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_SEGMENTS = rf"(?:/{_PCHAR}*)*"
_AUTHORITY = (
    r"(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?"
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)"
    r"(?::[0-9]*)?"
)
_AFTER_PATH = rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"


def _matches(pattern: str) -> Callable[[str], bool]:
    """Return a predicate that is true of the texts that *pattern* matches as a whole."""

    @cache
    def compiled() -> re.Pattern[str]:  # when it is first asked, since most are never
        return re.compile(pattern)

    return lambda text: compiled().fullmatch(text) is not None


_looks_like_date = _matches(_DATE)
_looks_like_local_date_time = _matches(f"{_DATE} {_CLOCK}")
_looks_like_date_time = _matches(f"{_DATE}T{_CLOCK}{_FRACTION}{_OFFSET}")
_INTEGER = r"0|-?[1-9][0-9]{0,15}"
_looks_like_integer = _matches(_INTEGER)
_looks_like_hostname = _matches(rf"{_LABEL}(?:\.{_LABEL})*")
_looks_like_local_part = _matches(rf"{_ATOM}(?:\.{_ATOM})*")
_URI = rf"[A-Za-z][A-Za-z0-9+.-]*:(?://{_AUTHORITY}{_SEGMENTS}|/?(?:{_PCHAR}+{_SEGMENTS})?){_AFTER_PATH}"


def _is_date(text: str) -> bool:
    if not _looks_like_date(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_local_date_time(text: str) -> bool:
    first, last = LOCAL_YEARS
    return (
        _looks_like_local_date_time(text) and first <= int(text[:4]) <= last and _is_date(text[:10])
    )


def _is_date_time(text: str) -> bool:
    """Tell whether *text* is an instant whose UTC form also has a year from 0001 to 9999."""
    if not (_looks_like_date_time(text) and _is_date(text[:10])):
        return False
    offset = "+00:00" if text.endswith("Z") else text[-6:]
    try:
        datetime.fromisoformat(text[:19] + offset).astimezone(UTC)
    except OverflowError:
        return False
    return True


def _is_decimal(text: str) -> bool:
    return len(text) <= MAX_DECIMAL and is_decimal_text(text) is not None


def _is_number_text(text: str) -> bool:
    return _is_decimal(text) and significant_digits(text) <= SIGNIFICANT_DIGITS


def _is_integer_text(text: str) -> bool:
    return _looks_like_integer(text) and abs(int(text)) <= MAX_INTEGER


def _is_hostname(text: str) -> bool:
    return len(text) <= 253 and _looks_like_hostname(text)


def _is_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return at == "@" and len(local) <= 64 and _looks_like_local_part(local) and _is_hostname(domain)


def _is_ipv4(text: str) -> bool:
    return _is_address(text, "IPv4Address")


def _is_ipv6(text: str) -> bool:
    # Python also takes a zone (RFC 4007), which is no part of the address.
    return "%" not in text and _is_address(text, "IPv6Address")


def _is_address(text: str, kind: str) -> bool:
    import ipaddress  # noqa: PLC0415 - slow to import, and few documents have one

    try:
        getattr(ipaddress, kind)(text)
    except ipaddress.AddressValueError:
        return False
    return True


def _is_uri(text: str) -> bool:
    found = re.fullmatch(_URI, text)
    return found is not None and (found["ipv6"] is None or _is_ipv6(found["ipv6"]))


def _regular(name: str, noun: str, shape: str) -> Format:
    """Return the format of the texts that match *shape*."""
    return Format(name, noun, _matches(shape), shape=shape, is_regular=True)


_LOCAL_DATE_TIME = "a local time YYYY-MM-DD HH:MM:SS of {} to {}".format(*LOCAL_YEARS)

_DECIMAL = (
    f"a decimal of at most {MAX_DECIMAL} characters, "
    f"as a number of at most {SIGNIFICANT_DIGITS} significant digits"
)

FORMATS = {
    known.name: known
    for known in (
        Format("date", "a calendar date YYYY-MM-DD", _is_date, shape=_DATE),
        Format("local-date-time", _LOCAL_DATE_TIME, _is_local_date_time, shape=f"{_DATE} {_CLOCK}"),
        Format(
            "date-time",
            "a time YYYY-MM-DDTHH:MM:SS with Z or an offset",
            _is_date_time,
            shape=f"{_DATE}T{_CLOCK}{_FRACTION}{_OFFSET}",
        ),
        Format("decimal", _DECIMAL, _is_decimal, is_exact, DECIMAL_TEXT),
        Format(
            "number-text",
            f"a decimal of at most {SIGNIFICANT_DIGITS} significant digits as text",
            _is_number_text,
            is_exact,
            DECIMAL_TEXT,
        ),
        Format(
            "integer-text", "an integer within 2^53-1 as text", _is_integer_text, shape=_INTEGER
        ),
        _regular("currency", "a currency code of three capital letters", "[A-Z]{3}"),
        _regular("country", "a country code of two capital letters", "[A-Z]{2}"),
        Format("text", "a text", lambda text: True, is_regular=True),
        _regular("time", "a time of day with Z or an offset", _CLOCK + _FRACTION + _OFFSET),
        Format("email", "an e-mail address", _is_email),
        Format("hostname", "a host name", _is_hostname),
        Format("ipv4", "an IPv4 address", _is_ipv4),
        Format("ipv6", "an IPv6 address", _is_ipv6),
        Format("uri", "a URI", _is_uri),
        _regular("uuid", "a UUID", "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"),
    )
}
"""Every registered format by name."""
