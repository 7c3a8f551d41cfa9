"""Sample texts and numbers, those at the boundaries first."""

from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from mapper.formats import MAX_INTEGER
from mapper.generate.choices import Choices, Make
from mapper.primitives import is_zone, zone_transitions

INTEGERS = (1, -1, 2, 10, 100, 2**31 - 1, -(2**31), 2**31, 2**32, MAX_INTEGER, -MAX_INTEGER)
NUMBERS = (
    1, 0.5, -1, 0.01, -0.01, 0.1, 13, 5.0, 1.005, 99999.99, 0.07, 1e-7, 123456789012.345,
    999999999999999, -999999999999999, 0.000000000000001,
)  # fmt: skip
"""None has more than 15 significant digits: beyond that a JSON number need not keep its text."""

TEXTS = (
    "a", "Ana Díaz", " ", "0", "null", " both sides ", "two\nlines", '"', '"]', "'", "`", "\\", "$",
    "__proto__", "constructor", "${x}", "a.b[0]", "{{a}}", "</script>", "e\u0301", "é", "日本語",
    "😀👩\u200d👧", "שלום", "مرحبا", "ß", "İ", "-1", "0.00", "1e5", "true", "false", "undefined",
    "NaN", "[]", "{}", "2024-02-30",
)  # fmt: skip
RARE_TEXTS = (
    "\t", "\r\n", "\x00", "\x1b[0m", "\x7f", "\x85", "\u2028", "\ufeff", "\u202eab", "\ufffd",
    "\U0010ffff", "long " * 60, "長い" * 1000,
)  # fmt: skip
LONG_TEXT = 2000
"""How long the longest texts are."""
LETTERS = 'abz AZ09-_.,:/#%&@"\\\n\u0301éß中あ😀ש\u200f'

NAMES = ("unknown", "odd name", "__proto__", "constructor", "a.b", "é", "0")
ANYTHING: tuple[Any, ...] = (None, "", 0, "text", True, 1.5, [], {}, {"inner": [1, None]})
"""What members hold of which nothing is said."""

_DATES = (
    "2024-01-01", "2024-02-29", "2023-02-28", "2024-03-01", "2023-12-31", "2024-12-31",
    "2024-03-10", "2024-11-03", "2024-03-31", "2024-10-27", "2000-02-29", "2100-02-28",
    "1970-01-01", "1969-12-31", "1999-12-31", "2038-01-19", "1900-01-01", "0001-01-01",
    "9999-12-31",
)  # fmt: skip
_LOCAL_DATE_TIMES = (
    "2024-01-01 00:00:00", "2024-07-01 12:00:00", "2024-12-31 23:59:59", "2024-02-29 23:59:59",
    # New York springs forward …
    "2024-03-10 01:59:59", "2024-03-10 02:00:00", "2024-03-10 02:30:00", "2024-03-10 03:00:00",
    # … and falls back
    "2024-11-03 00:59:59", "2024-11-03 01:00:00", "2024-11-03 01:30:00", "2024-11-03 01:59:59",
    "2024-11-03 02:00:00", "2007-03-11 02:30:00", "2006-04-02 02:30:00", "2006-10-29 01:30:00",
    "1974-01-06 02:30:00", "1970-01-01 00:00:00", "1900-01-01 00:00:00", "2037-12-31 23:59:59",
    "2050-03-13 02:30:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59",
)  # fmt: skip
_DATE_TIMES = (
    "2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z", "2024-02-29T12:30:59Z", "2024-03-10T06:59:59Z",
    "2024-03-10T07:00:00Z", "2024-11-03T05:30:00Z", "2024-11-03T06:30:00Z", "1970-01-01T00:00:00Z",
    "2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00.123456Z", "2024-01-01T00:00:00+00:00",
    "2024-12-31T23:30:00-05:00", "2024-01-01T00:15:00+05:45", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
)  # fmt: skip


@cache
def clock_changes(zone: str) -> tuple[str, ...]:
    """Return local date-times around the hours that a zone skips or repeats; none for no zone."""
    if not is_zone(zone):
        return ()
    texts: list[str] = []
    changes = pairwise(zone_transitions(zone))
    for (_, before), (instant, after) in changes:
        if _YEAR_OF_CHANGES[0] <= instant < _YEAR_OF_CHANGES[1]:
            low, high = sorted((instant + before, instant + after))
            inside = (low - 1, low, (low + high) // 2, high - 1, high)
            texts += (f"{EPOCH + timedelta(seconds=each):%Y-%m-%d %H:%M:%S}" for each in inside)
    return tuple(texts)


EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a clock text has no zone
_YEAR_OF_CHANGES = (1_704_067_200, 1_735_689_600)
"""The instants at which 2024 begins and ends."""

_DECIMALS = (
    "0", "1", "0.00", "-0.01", "0.01", "10", "1.10", "100.000", "-1", "5.5", "-0", "-0.00", "13",
    "0.1", "1234567.89", "0.000001", "33.33333333333333333333333333", "9007199254740993",
    "123456789012345678901234567890", "-123456789012345678901234567890.5", "0." + "0" * 25 + "1",
    "9" * 100,
)  # fmt: skip
_INTEGER_TEXTS = (
    "1", "0", "2", "10", "-1", "999", "2147483647", "2147483648", "4294967296", str(MAX_INTEGER),
    str(-MAX_INTEGER),
)  # fmt: skip
CURRENCIES = ("CAD", "USD", "EUR", "JPY", "KWD", "GBP", "CLF", "XXX")


def _make_date(choices: Choices) -> str:
    return date.fromordinal(choices.integer(719163, 767009)).isoformat()  # 1970 to 2100


def _make_clock(choices: Choices) -> str:
    seconds = choices.integer(0, 24 * 60 * 60 - 1)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _make_decimal(choices: Choices) -> str:
    sign, places = choices.pick(("", "-")), choices.pick((2, 0, 1, 3, 6))
    digits = str(choices.integer(0, 10 ** choices.pick((4, 2, 9)))).rjust(places + 1, "0")
    point = len(digits) - places
    return f"{sign}{digits[:point]}.{digits[point:]}" if places else sign + digits


_DATE = r"(?:19[7-9][0-9]|20[0-9]{2})-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_OFFSET = r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
_DECIMAL = r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?"
USUAL = {
    "date": _DATE,
    "local-date-time": f"{_DATE} {_CLOCK}",
    "date-time": rf"{_DATE}T{_CLOCK}(?:\.[0-9]{{1,9}})?{_OFFSET}",
    "decimal": _DECIMAL,
    "number-text": _DECIMAL,
    "integer-text": "0|-?[1-9][0-9]{0,8}",
}
"""By format, what describes texts of it that are neither rare nor wrong, where its shape does."""

FORMATS: dict[str, tuple[tuple[str, ...], Make | None]] = {
    "text": (TEXTS, None),
    "date": (_DATES, _make_date),
    "local-date-time": (_LOCAL_DATE_TIMES, lambda c: f"{_make_date(c)} {_make_clock(c)}"),
    "date-time": (_DATE_TIMES, lambda c: f"{_make_date(c)}T{_make_clock(c)}Z"),
    "decimal": (_DECIMALS, _make_decimal),
    "number-text": (("0", "-1.5", "0.10", "999999999999999", "0.000000000000001"), _make_decimal),
    "integer-text": (_INTEGER_TEXTS, lambda c: str(c.integer(1, 10 ** c.pick((3, 6, 9))))),
    "currency": (CURRENCIES, None),
    "country": (("CA", "US", "GB", "DE", "JP", "XK", "AQ", "ZZ"), None),
    "time": (("00:00:00Z", "23:59:59Z", "12:30:00.5Z", "02:30:00-05:00"), None),
    "email": (("a@b.ca", "ana.diaz+invoices@example.com", "o'hara@sub.example.co.uk"), None),
    "hostname": (("localhost", "example.com", "xn--bcher-kva.example"), None),
    "ipv4": (("127.0.0.1", "255.255.255.255"), None),
    "ipv6": (("::1", "2001:db8::ff00:42:8329"), None),
    "uri": (("https://example.com/", "https://example.com/a?b=c&d=%20#e", "mailto:a@b.ca"), None),
    "uuid": (
        ("00000000-0000-0000-0000-000000000000", "123e4567-e89b-12d3-a456-426614174000"),
        None,
    ),
}
"""By format, its telling texts, and what makes others."""
