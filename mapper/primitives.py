"""The few operations that converters and functions are made of, in one table: :data:`PRIMITIVES`.

Each has one body in Python, here, and one in JavaScript, in ``data/primitives.js``; the cases in
``tests/cases/primitives.yaml`` hold for both. A body takes a JSON value and constants, never
changes them, and refuses a value outside its domain: Python raises :class:`Refusal`, JavaScript
throws an ``Error`` of the name ``Refusal``, with the same reason.

No body reads the host's clock, locale or time zones: zones come from the ``tzdata`` package.
"""

import json
import re
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any, NoReturn

from mapper.decimals import (
    MAX_DECIMAL,
    SIGNIFICANT_DIGITS,
    is_decimal_text,
    plain_decimal,
    significant_digits,
    with_point,
)
from mapper.formats import BEYOND_LOCAL_YEARS, LOCAL_YEARS, MAX_INTEGER
from mapper.records import Record
from mapper.values import equal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DATE_LAYOUT = "%Y-%m-%d"
"""How a common date is written."""

INSTANT_LAYOUT = "%Y-%m-%dT%H:%M:%SZ"
"""How a common date-time is written: it is UTC."""


class Refusal(Exception):  # noqa: N818 (it is an outcome that the design names, not a failure)
    """A value is outside the domain of a primitive; the text completes "the value …".

    ``member`` names the value where it is a member of the one that is converted.
    """

    def __init__(self, reason: str, member: str | None = None) -> None:
        super().__init__(reason)
        self.member = member


class Primitive(Record):
    """One operation.

    Attributes:
        name: Its name in expressions and in JavaScript.
        python: ``python(value, *constants)`` gives a JSON value or raises :class:`Refusal`.
        script_constants: ``script_constants(*constants)`` gives the constants that the JavaScript
            body takes instead: data that the Python body looks up by name.
    """

    name: str
    python: Callable[..., Any]
    script_constants: Callable[..., tuple[Any, ...]]

    @property
    def documentation(self) -> str:
        """What it gives and what it refuses."""
        from inspect import getdoc  # noqa: PLC0415 - slow to import, for documentation only

        return getdoc(self.python) or ""

    @property
    def javascript(self) -> str:
        """The text of an ES2015 function of the same parameters."""
        return script_functions()[self.name]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of what it takes: the value, then constants."""
        code = self.python.__code__
        return code.co_varnames[: code.co_argcount]

    @property
    def arity(self) -> tuple[int, int]:
        """The least and the greatest number of arguments in an expression, which are the same."""
        return len(self.parameters), len(self.parameters)

    def takes_reference(self, position: int) -> bool:  # noqa: ARG002 (asked of functions too)
        """Whether the argument at *position* is an ``&expression``: it never is."""
        return False


# Text ---------------------------------------------------------------------------------------------


def lower(text: Any) -> str:
    """The text with the letters A to Z in lower case; other alphabets stay as they are."""
    return _text(text).translate(_LOWER)


def upper(text: Any) -> str:
    """The text with the letters a to z in upper case; other alphabets stay as they are."""
    return _text(text).translate(_UPPER)


def trim(text: Any) -> str:
    """The text without ASCII white space at its ends."""
    return _text(text).strip(" \t\n\v\f\r")


def match(text: Any, pattern: str, what: str) -> str:
    """The text itself if the whole of it fits the regular expression; ``what`` names what does."""
    if not re.fullmatch(pattern, _text(text)):
        _refuse(f"is not {what}")
    return str(text)


def split(text: Any, separator: str) -> list[str]:
    """The parts of the text between separators; of empty text, no parts."""
    return _text(text).split(separator) if text != "" else []


def join_text(items: Any, separator: str) -> str:
    """The text that splits into these items; refuses a list for which there is none."""
    if not isinstance(items, list):
        _refuse("is not a list")
    if not all(isinstance(item, str) for item in items):
        _refuse("has an item that is not text")
    text = separator.join(items)
    if split(text, separator) != items:
        _refuse("has an item that cannot be told from the separator")
    return text


# Choice -------------------------------------------------------------------------------------------


def table(value: Any, pairs: list[list[Any]]) -> Any:
    """The second of the pair whose first is equal to the value; ``1`` is ``1.0`` and not true."""
    for key, result in pairs:
        if equal(key, value):
            return result
    return _refuse("is not one of the listed values")


def country_of(name: Any) -> str | None:
    """The ISO 3166 alpha-2 code of a country's English name in lower case, or null."""
    return _countries().get(_text(name))


def present(value: Any) -> Any:
    """The value itself; refuses null."""
    return _refuse("is missing") if value is None else value


def of_type(value: Any, type_name: str) -> Any:
    """The value itself if it is of the JSON type ``object`` or ``array``."""
    if type_name == "array":
        return value if isinstance(value, list) else _refuse("is not a list")
    return value if isinstance(value, dict) else _refuse("is not an object")


# Numbers ------------------------------------------------------------------------------------------


def integer_text(value: Any) -> str:
    """The decimal text of an integer up to 2^53-1, which may be given as such text already."""
    return str(text_integer(value) if isinstance(value, str) else _integer(value))


def text_integer(text: Any) -> int:
    """The integer up to 2^53-1 of canonical text: no leading zero, no plus sign, no ``-0``."""
    if not _INTEGER.fullmatch(_text(text)):
        _refuse("is not an integer")
    return _safe(int(text[:20]))  # twenty digits are beyond the limit already


def decimal_text(value: Any) -> str:
    """A decimal number as plain text.

    Text such as ``-1.10`` is kept exactly as written, up to 100 characters. A JSON number becomes
    its shortest plain decimal text, provided that it has at most 15 significant digits.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return _decimal(_number_text(value) if number else value)


def decimal_number(text: Any) -> float:
    """The JSON number that decimal text of at most 15 significant digits is."""
    written = _decimal(text)
    if significant_digits(written) > SIGNIFICANT_DIGITS:
        _refuse(f"has more than {SIGNIFICANT_DIGITS} significant digits")
    number = float(written)
    is_integer = number.is_integer() and abs(number) <= MAX_INTEGER
    return int(number) if is_integer else number  # and never -0


def decimal_shift(text: Any, places: int) -> str:
    """Decimal text times ten to the power of ``places``, by moving the point past its digits."""
    whole, _, fraction = _decimal(text).removeprefix("-").partition(".")
    sign = "-" if text.startswith("-") else ""
    return _decimal(sign + with_point(whole + fraction, len(fraction) - places))


# Time ---------------------------------------------------------------------------------------------


def date_from(text: Any, layout: str) -> str:
    """The date ``YYYY-MM-DD`` of a date that is written in the layout."""
    return _date(text, layout).isoformat()


def date_to(text: Any, layout: str) -> str:
    """The date ``YYYY-MM-DD`` written in the layout."""
    day = _date(text, DATE_LAYOUT)
    return _write_layout(layout, datetime(day.year, day.month, day.day, tzinfo=UTC))


def days_between(first: Any, last: Any) -> int:
    """The number of days from one date ``YYYY-MM-DD`` to another, negative if it is earlier."""
    start = _date(first, DATE_LAYOUT)
    return (_date(last, DATE_LAYOUT) - start).days


def add_days(text: Any, days: Any) -> str:
    """The date that is a number of days after a date ``YYYY-MM-DD``, in the years 1 to 9999."""
    day = _date(text, DATE_LAYOUT).toordinal() + _integer(days)
    if not date.min.toordinal() <= day <= date.max.toordinal():
        _refuse("leads out of the years 1 to 9999")
    return date.fromordinal(day).isoformat()


def instant_from(text: Any, layout: str, zone: str) -> str:
    """The UTC date-time ``YYYY-MM-DDTHH:MM:SSZ`` of local clock text in the years 1900 to 2199.

    Of an hour that comes twice it takes the first, in an hour that is skipped the offset before it.
    """
    # Python's "fold=0", the default, is exactly this choice (PEP 495).
    local = _within_years(_clock(text, layout, "a date and time", zone_of(zone)))
    return _write_layout(INSTANT_LAYOUT, local.astimezone(UTC))


def instant_to(text: Any, layout: str, zone: str) -> str:
    """The local clock text, years 1900 to 2199, of a UTC date-time ``YYYY-MM-DDTHH:MM:SSZ``."""
    instant = _clock(text, INSTANT_LAYOUT, "a UTC date and time", UTC)
    if abs(instant.year - 2000) < 300:  # so that the local year exists
        instant = instant.astimezone(zone_of(zone))
    return _write_layout(layout, _within_years(instant))


def epoch_from(value: Any, digits: int) -> str:
    """The UTC date-time of the seconds since 1970, or of parts of a second with so many digits."""
    seconds, parts = divmod(_integer(value), 10**digits)
    if not FIRST_SECOND <= seconds <= LAST_SECOND:
        _refuse("leads out of the years 1 to 9999")
    instant = _write_layout(INSTANT_LAYOUT, _EPOCH + timedelta(seconds=seconds))
    return f"{instant[:-1]}.{parts:0{digits}}Z" if digits else instant


def epoch_to(text: Any, digits: int) -> int:
    """The seconds since 1970 of a UTC date-time, or parts of a second with so many digits."""
    instant, parts = text, 0
    if digits:
        found = re.fullmatch(rf"([0-9T:-]{{19}})\.([0-9]{{{digits}}})Z", _text(text))
        if found is None:
            _refuse(f"is not a UTC date and time with {digits} digits of a second")
        instant, parts = f"{found[1]}Z", int(found[2])
    clock = _clock(instant, INSTANT_LAYOUT, "a UTC date and time", UTC)
    seconds: int = (clock - _EPOCH) // timedelta(seconds=1)
    return seconds * int(10**digits) + parts


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799
"""The begin of year 1 and the end of year 9999, in seconds since 1970."""


@cache
def zone_of(name: str) -> "ZoneInfo":
    """Return a time zone of the ``tzdata`` package, never of the system.

    Raises:
        KeyError: The package does not know *name*.
    """
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - slow to import

    if not is_zone(name):
        raise KeyError(name)
    return ZoneInfo.from_file(BytesIO(_data("tzdata", f"zoneinfo/{name}")), key=name)


def is_zone(name: str) -> bool:
    """Whether *name* is that of a time zone of the ``tzdata`` package."""
    return name in zone_names()


@cache
def zone_transitions(name: str) -> tuple[tuple[int, int], ...]:
    """Return the offsets of a zone as (first instant, offset east of UTC), both in seconds.

    Instants count from 1970-01-01 UTC. The first entry begins before any local clock shows the
    first of :data:`LOCAL_YEARS`; the last holds until the last of these years has ended everywhere.
    Each entry's offset differs from the one before.

    Raises:
        KeyError: The ``tzdata`` package does not know *name*.
    """
    zone = zone_of(name)
    first, last = LOCAL_YEARS
    start = int(datetime(first - 1, 12, 30, tzinfo=UTC).timestamp())
    end = int(datetime(last + 1, 1, 3, tzinfo=UTC).timestamp())
    entries = [(start, _offset(zone, start))]
    if zone.utcoffset(None) is not None:  # it never changes
        return tuple(entries)
    listed = [each for each in _listed_changes(name) if start < each <= end]
    for instant in listed:
        if (offset := _offset(zone, instant)) != entries[-1][1]:
            entries.append((instant, offset))
    # From there on a rule says when, twice a year at most, and no summer lasts less than a week.
    for week in range(max([start, *listed]), end, _WEEK):
        following = min(week + _WEEK, end)
        if _offset(zone, following) != entries[-1][1]:
            entries.append(_next_change(zone, week, following))
    return tuple(entries)


def _listed_changes(name: str) -> tuple[int, ...]:
    """Return the instants that a zone's file lists (RFC 8536); later ones follow from its rule."""
    data = _data("tzdata", f"zoneinfo/{name}")
    # All is there twice: with instants of 32 bits, and then of 64.
    universal, standard, leaps, times, types, letters = struct.unpack_from(">6l", data, 20)
    second = 44 + 5 * times + 6 * types + letters + 8 * leaps + standard + universal
    (times,) = struct.unpack_from(">l", data, second + 32)
    return struct.unpack_from(f">{times}q", data, second + 44)


def _next_change(zone: "ZoneInfo", low: int, high: int) -> tuple[int, int]:
    """Return the instant of a change of offset in (low, high], with the offset from then on."""
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high, _offset(zone, high)


def _offset(zone: "ZoneInfo", instant: int) -> int:
    moment = datetime.fromtimestamp(instant, zone)
    return int((moment.utcoffset() or timedelta()).total_seconds())


@cache
def zone_names() -> frozenset[str]:
    """Return the names of the time zones of the ``tzdata`` package."""
    return frozenset(_data("tzdata", "zones").decode().split())


# What the bodies share ----------------------------------------------------------------------------

_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_UPPER = {ord(letter): letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"}
_INTEGER = re.compile("0|-?[1-9][0-9]*")
_WEEK = 7 * 86400


def _refuse(reason: str) -> NoReturn:
    raise Refusal(reason)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _refuse("is not text")


def _integer(value: Any) -> int:
    """Return an integer; ``12.0`` is one, since JavaScript cannot tell it from ``12``."""
    match value:
        case bool():
            _refuse("is not an integer")
        case int():
            return _safe(value)
        case float() if value.is_integer():
            return _safe(int(value))
        case float() if abs(value) > MAX_INTEGER:  # what JSON.parse makes of 1e999
            _refuse(f"is beyond {MAX_INTEGER}")
        case _:
            _refuse("is not an integer")


def _safe(number: int) -> int:
    return number if abs(number) <= MAX_INTEGER else _refuse(f"is beyond {MAX_INTEGER}")


def _number_text(number: float) -> str | None:
    text = plain_decimal(number)
    if text is not None and significant_digits(text) > SIGNIFICANT_DIGITS:
        _refuse(f"has more than {SIGNIFICANT_DIGITS} significant digits")
    return text


def _decimal(text: Any) -> str:
    if not isinstance(text, str) or not is_decimal_text(text):
        _refuse("is not a decimal number")
    if len(text) > MAX_DECIMAL:
        _refuse(f"is longer than {MAX_DECIMAL} characters")
    return text


def _date(text: Any, layout: str) -> date:
    return _clock(text, layout, "a date", UTC).date()


def _clock(text: Any, layout: str, what: str, zone: Any) -> datetime:
    fields = _layout(layout).fullmatch(text) if isinstance(text, str) else None
    if fields is None:
        _refuse(f"is not {what} written as {layout}")
    number = {name: int(digits) for name, digits in fields.groupdict().items()}
    year, month, day, hour, minute, second = (number.get(name, 0) for name in "YmdHMS")
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        _refuse("is not on the calendar or the clock")


def _within_years(local: datetime) -> datetime:
    first, last = LOCAL_YEARS
    if not first <= local.year <= last:
        _refuse(BEYOND_LOCAL_YEARS)
    return local


@cache
def _layout(layout: str) -> re.Pattern[str]:
    """Return the pattern of a layout: ``%Y`` is four digits, the other tokens two."""
    parts = re.split("%([YmdHMS])", layout)
    for i in range(1, len(parts), 2):
        parts[i] = f"(?P<{parts[i]}>[0-9]{{{4 if parts[i] == 'Y' else 2}}})"
    parts[::2] = map(re.escape, parts[::2])
    return re.compile("".join(parts))


def _write_layout(layout: str, clock: datetime) -> str:
    numbers = dict(zip("YmdHMS", clock.timetuple()[:6], strict=True))
    return re.sub(
        "%([YmdHMS])", lambda token: f"{numbers[token[1]]:0{4 if token[1] == 'Y' else 2}}", layout
    )


# The table ----------------------------------------------------------------------------------------


def _data(package: str, name: str) -> bytes:
    """Return a file that comes with *package*."""
    module: Any = import_module(package)
    data: bytes = module.__loader__.get_data(f"{module.__path__[0]}/{name}")  # as pkgutil does it
    return data


@cache
def _countries() -> dict[str, str]:
    countries: dict[str, str] = json.loads(data_file("countries.json"))
    return countries


@cache
def script_functions() -> dict[str, str]:
    """Return the functions of ``primitives.js`` by name."""
    return functions_of(data_file("primitives.js"))


def data_file(name: str) -> str:
    """Return the text of a file of ``mapper/data``."""
    return _data("mapper", f"data/{name}").decode()


def functions_of(text: str) -> dict[str, str]:
    """Return the functions of a JavaScript file of ours by name, in its order."""
    blocks = re.findall(r"^function \w+\(.*?^\}$", text, re.DOTALL | re.MULTILINE)
    return {re.split(r"\W", block)[1]: block for block in blocks}


def _same(*constants: Any) -> tuple[Any, ...]:
    return constants


def _with_transitions(layout: str, zone: str) -> tuple[Any, ...]:
    return layout, [list(entry) for entry in zone_transitions(zone)]


def _with_countries() -> tuple[Any, ...]:
    return ([list(entry) for entry in _countries().items()],)


def _primitive(
    python: Callable[..., Any], script_constants: Callable[..., tuple[Any, ...]] = _same
) -> Primitive:
    return Primitive(python.__name__, python, script_constants)


PRIMITIVES: dict[str, Primitive] = {
    primitive.name: primitive
    for primitive in (
        _primitive(lower),
        _primitive(upper),
        _primitive(trim),
        _primitive(match),
        _primitive(split),
        _primitive(join_text),
        _primitive(table),
        _primitive(country_of, _with_countries),
        _primitive(present),
        _primitive(of_type),
        _primitive(integer_text),
        _primitive(text_integer),
        _primitive(decimal_text),
        _primitive(decimal_number),
        _primitive(decimal_shift),
        _primitive(date_from),
        _primitive(date_to),
        _primitive(days_between),
        _primitive(add_days),
        _primitive(instant_from, _with_transitions),
        _primitive(instant_to, _with_transitions),
        _primitive(epoch_from),
        _primitive(epoch_to),
    )
}
"""Every primitive by name."""
