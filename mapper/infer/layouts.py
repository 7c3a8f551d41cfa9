"""The texts that layouts of dates and times describe, and the years that are in some of them."""

from calendar import isleap
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache, reduce
from operator import or_

from mapper.formats import LOCAL_YEARS
from mapper.infer.types import remembered, shared
from mapper.languages import NOTHING, Language, numerals_between, regex_language
from mapper.primitives import INSTANT_LAYOUT, zone_of

_CENTURY = "(?:0[48]|[2468][048]|[13579][26])"
"""Two digits that are divisible by four, and not 00."""

_YEARS = (
    "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})",
    f"(?:[0-9]{{2}}{_CENTURY}|{_CENTURY}00)",
)
_LOCAL_YEARS = "(?:19|20|21)[0-9]{2}", f"(?:(?:19|20|21){_CENTURY}|2000)"
"""All years, and the leap years."""

_RANGES = {"H": "(?:[01][0-9]|2[0-3])", "M": "[0-5][0-9]", "S": "[0-5][0-9]"}


@cache
def layout_language(layout: str) -> Language:
    """Return the texts that a layout describes: real days, and real years of a local clock."""
    years = _LOCAL_YEARS if "%H" in layout else _YEARS
    return regex_language(_days(layout, *years))


@cache
def date_time_language() -> Language:
    """Return a language of all that are of the format ``date-time``, on real days."""
    clock = r"T%H:%M:%S"
    after = r"(?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
    return regex_language(f"(?:{_days(f'%Y-%m-%d{clock}', *_YEARS)}){after}")


def _days(layout: str, years: str, leap_years: str) -> str:
    """Return a regular expression of the days of some years, with any time of the day."""
    return "|".join(_kinds_of_days(layout, years, leap_years))


def _kinds_of_days(layout: str, years: str, leap_years: str) -> list[str]:
    """Return what :func:`_days` joins: one for the months of each length."""
    days = [
        (years, "(?:0[13578]|1[02])", "(?:0[1-9]|[12][0-9]|3[01])"),
        (years, "(?:0[469]|11)", "(?:0[1-9]|[12][0-9]|30)"),
        (years, "02", "(?:0[1-9]|1[0-9]|2[0-8])"),
    ]
    days += [(leap_years, "02", "29")] if leap_years else []
    return [_shape(layout, *each) for each in days]


def _shape(layout: str, year: str, month: str, day: str) -> str:
    """Return a regular expression of the texts that a layout makes of these."""
    ranges = {"Y": year, "m": month, "d": day, **_RANGES}
    parts = layout.split("%")
    rest = (ranges[part[0]] + "".join(map(_escaped, part[1:])) for part in parts[1:])
    return "".join(map(_escaped, parts[0])) + "".join(rest)


def _escaped(character: str) -> str:
    return character if character.isalnum() or not character.isascii() else f"\\{character}"


# Years --------------------------------------------------------------------------------------------


Years = frozenset[int] | None
"""The years that there are in some texts, None if they are any."""

_FIRST, _LAST = LOCAL_YEARS
_EVERY_YEAR = frozenset(range(_FIRST, _LAST + 1))
_MANY = 60
"""Of more decades than so many, years are not told apart."""


@remembered
def years_in(language: Language, layout: str) -> Years:
    """Return a set of all years of those texts that a layout describes.

    Of times they are years of a local clock, and one more on either side.
    """
    if language is layout_language(layout):
        return _EVERY_YEAR if "%H" in layout else None
    if "%H" in layout:
        language = shared(language, _around(layout))
    states = frozenset({0})
    for _ in layout.partition("%Y")[0]:  # each token stands for as many characters as it has
        states = frozenset(to for state in states for _, _, to in language.step(state).moves)
    after: dict[frozenset[int], dict[str, frozenset[int]]] = {}  # most years lead to the same
    found = {"": states}
    for _ in range(4):
        if len(found) > _MANY:
            return None
        longer: dict[str, frozenset[int]] = {}
        for written, reached in found.items():
            if reached not in after:
                after[reached] = _digits_after(language, reached)
            longer |= {written + digit: to for digit, to in after[reached].items()}
        found = longer
    return frozenset(map(int, found))


def _digits_after(language: Language, states: frozenset[int]) -> dict[str, frozenset[int]]:
    """Return which digits can follow in some states, and to which ones each leads."""
    moves = [move for state in states for move in language.step(state).moves]
    ways = {
        digit: frozenset(to for low, high, to in moves if low <= ord(digit) <= high)
        for digit in _UP
    }
    return {digit: to for digit, to in ways.items() if to}


@cache
def _around(layout: str) -> Language:
    """Return the texts that a layout describes, and those of a year more on either side."""
    years, leap_years = _LOCAL_YEARS
    return regex_language(_days(layout, f"(?:{years}|{_FIRST - 1}|{_LAST + 1})", leap_years))


def dates_of(layout: str, years: Years) -> Language:
    """Return the dates of some years as a layout describes them."""
    return layout_language(layout) if years is None else _of_years(layout, years)


@remembered
def instants_of(years: Years, zone: str) -> Language:
    """Return the UTC date-times at which a local clock of a zone shows one of some years."""
    local = _EVERY_YEAR if years is None else years & _EVERY_YEAR
    return _of_years(INSTANT_LAYOUT, local, _beside(local, zone, -1))


@remembered
def clocks_of(layout: str, years: Years, zone: str) -> Language:
    """Return what a local clock of a zone shows in some years of UTC, as a layout describes it."""
    if years is None:
        return layout_language(layout)
    beside = frozenset(day for day in _beside(years, zone, 1) if day[0] in _EVERY_YEAR)
    return _of_years(layout, years & _EVERY_YEAR, beside)


@remembered
def epochs_of(first: int, last: int, digits: int) -> Language:
    """Return the UTC date-times of the years from *first* to *last*, with digits of a second."""
    fraction = rf"\.[0-9]{{{digits},{digits}}}" if digits else ""
    every = regex_language(f"(?:{_days('%Y-%m-%dT%H:%M:%S', *_YEARS)}){fraction}Z")
    if (first, last) == (1, 9_999):
        return every
    years = numerals_between(f"{first:04}", f"{last:04}")
    return shared(every, regex_language(f"{years}[-0-9T:.Z]*"))


def span_of_years(language: Language) -> tuple[int, int]:
    """Return the first and the last year of texts that begin with it, or wider bounds."""
    first = _first_year(language, frozenset({0}), _UP, 4)
    last = _first_year(language, frozenset({0}), _UP[::-1], 4)
    return int(first or 1), int(last or 9_999)


_UP = "0123456789"


def _first_year(language: Language, states: frozenset[int], order: str, left: int) -> str | None:
    """Return the first digits, so many and in an order of these, that can follow in some states."""
    if left == 0:
        return ""
    after = _digits_after(language, states)
    for digit in order:
        rest = _first_year(language, after[digit], order, left - 1) if digit in after else None
        if rest is not None:
            return digit + rest
    return None


Day = tuple[int, str, str]
"""A year, a month and a day of it."""


def _beside(years: frozenset[int], zone: str, sign: int) -> frozenset[Day]:
    """Return the days before and after years to which times of these are moved by a zone's offset.

    With the sign 1 it is added, with -1 taken away.
    """
    found = set[Day]()
    for year in years:
        if year - 1 not in years and any(sign * each < 0 for each in _offsets(zone, year)):
            found.add((year - 1, "12", "31"))
        if year + 1 not in years and any(sign * each > 0 for each in _offsets(zone, year + 1)):
            found.add((year + 1, "01", "01"))
    return frozenset(found)


@cache
def _offsets(zone: str, year: int) -> frozenset[float]:
    """Return the offsets of a zone in the days around the beginning of a year, in seconds."""
    around = (datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=each) for each in _AROUND)
    offsets = (each.astimezone(zone_of(zone)).utcoffset() for each in around)
    return frozenset(each.total_seconds() for each in offsets if each is not None)


_AROUND = range(-48, 49, 6)
"""No offset holds for a shorter time than that between two of these hours."""


@remembered
def _of_years(layout: str, years: frozenset[int], beside: frozenset[Day] = frozenset()) -> Language:
    """Return the texts that a layout describes of the days of some years, and of other days."""
    if years == _EVERY_YEAR and not beside and "%H" in layout:
        return layout_language(layout)
    of_years = _of(years), _of(filter(isleap, years))
    if years == _EVERY_YEAR:
        of_years = _LOCAL_YEARS
    regexes = _kinds_of_days(layout, *of_years) if years else []
    for month, day in sorted({(month, day) for _, month, day in beside}):
        with_it = (year for year, *rest in beside if rest == [month, day])
        regexes.append(_shape(layout, _of(with_it), month, day))
    # Together they could be longer than a regular expression may be; none is by itself, of years as
    # `years_in` tells them apart and of a layout that converters take.
    return reduce(or_, map(regex_language, regexes), NOTHING)


def _of(years: Iterable[int]) -> str:
    """Return a regular expression of years, "" if there are none."""
    decades: dict[int, str] = {}
    for year in sorted(years):
        decades[year // 10] = decades.get(year // 10, "") + str(year % 10)
    alike: dict[str, list[str]] = {}
    for decade, digits in decades.items():
        alike.setdefault(digits, []).append(f"{decade:03}")
    found = "|".join(f"(?:{'|'.join(each)})[{digits}]" for digits, each in alike.items())
    return f"(?:{found})" if found else ""
