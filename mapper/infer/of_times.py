"""The types of what primitives make of dates and times."""

from typing import Any

from mapper.diagnostics import show_value
from mapper.formats import FORMATS, LOCAL_YEARS
from mapper.infer.layouts import (
    clocks_of,
    dates_of,
    epochs_of,
    instants_of,
    layout_language,
    span_of_years,
    years_in,
)
from mapper.infer.refusals import Refused, of_regex, refuse_others, texts_of
from mapper.infer.schemas import format_language
from mapper.infer.types import NOTHING, Numbers, Texts, Type, is_empty, outside, shared
from mapper.languages import NOTHING as NO_TEXT, Language
from mapper.primitives import DATE_LAYOUT, FIRST_SECOND, INSTANT_LAYOUT, LAST_SECOND, PRIMITIVES

DATE = Type(texts=Texts(format_language("date"), frozenset({"date"})))

_CLOCK_LAYOUT = f"{DATE_LAYOUT} %H:%M:%S"
_FORMATS = {DATE_LAYOUT: "date", _CLOCK_LAYOUT: "local-date-time", INSTANT_LAYOUT: "date-time"}
"""The formats of what is written in a layout."""


def date_from(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    return _redated(given[0], constants[0], DATE_LAYOUT, refused)


def date_to(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    return _redated(given[0], DATE_LAYOUT, constants[0], refused)


def _redated(given: Type, layout: str, other: str, refused: list[Refused]) -> Type:
    """Return the type of dates of a layout as they are written in another one."""
    language = _dated(given, layout, "date", refused)
    if layout == other:
        return _written(NO_TEXT if is_empty(language) else language, other)
    return _written(dates_of(other, years_in(language, layout)), other)


def _dated(given: Type, layout: str, name: str, refused: list[Refused]) -> Language:
    """Return those of the texts that a layout describes; report others."""
    texts = texts_of(given, refused)
    if texts is None:
        return NO_TEXT
    known = _FORMATS.get(layout) == name
    if not (known and texts.are(name)):
        stray = outside(texts.language, layout_language(layout))
        if stray is not None:
            message = f"may be text that is not {FORMATS[name].noun}"
            hint = f"give the schema of the member `format: {name}`"
            if not known:
                message = f"may not be {FORMATS[name].noun.partition(' YYYY')[0]} as {layout}"
                hint = f"give the schema of the member a pattern of {layout} and of real days"
                hint += ", {} to {}".format(*LOCAL_YEARS) if "%H" in layout else ""
                if texts.are(name):
                    says = f"the schema of the member says `format: {name}`"
                    hint = f"leave the format of the converter out: {says}"
            refused.append(Refused("value", f"{message}: {show_value(stray)}", hint))
    return shared(texts.language, layout_language(layout))


def _written(language: Language, layout: str) -> Type:
    """Return the type of texts that are written in a layout."""
    formats = frozenset({_FORMATS[layout]}) if layout in _FORMATS else frozenset[str]()
    return NOTHING if language is NO_TEXT else Type(texts=Texts(language, formats))


def instant_from(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    layout, zone = constants
    language = _dated(given[0], layout, "local-date-time", refused)
    return _written(instants_of(years_in(language, layout), zone), INSTANT_LAYOUT)


def instant_to(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    layout, zone = constants
    texts = texts_of(given[0], refused)
    if texts is None:
        return NOTHING
    # That a zone has no table for other years is a limit that no schema could name: where a year
    # begins depends on the zone.
    instants = of_regex(_INSTANT)
    stray = outside(texts.language, instants)
    if stray is not None or not texts.are("date-time"):
        shown = f": {show_value(stray)}" if stray is not None else ""
        hint = f"give the canonical schema `format: date-time` and the pattern ^{_INSTANT}$"
        refused.append(Refused("value", f"may be no UTC date-time to the second{shown}", hint))
    years = years_in(shared(texts.language, instants), INSTANT_LAYOUT)
    return _written(clocks_of(layout, years, zone), layout)


def epoch_from(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    [digits] = constants
    refuse_others(given[0], ("number",), refused)
    numbers = given[0].numbers
    if numbers is None:
        return NOTHING
    if not numbers.whole:
        refused.append(Refused("value", "may be a number that is not whole"))
    first, last = FIRST_SECOND * 10**digits, (LAST_SECOND + 1) * 10**digits - 1
    if not first <= numbers.low <= numbers.high <= last:
        hint = f"give the schema bounds, such as `maximum: {last}`"
        refused.append(Refused("value", "may lead out of the years 1 to 9999", hint))
    years = [_year_at(min(max(each, first), last), digits) for each in (numbers.low, numbers.high)]
    return Type(texts=Texts(epochs_of(*years, digits), frozenset({"date-time"})))


def _year_at(number: float, digits: int) -> int:
    return int(PRIMITIVES["epoch_from"].python(int(number), digits)[:4])


def epoch_to(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    [digits] = constants
    texts = texts_of(given[0], refused)
    if texts is None:
        return NOTHING
    every = epochs_of(1, 9_999, digits)
    stray = outside(texts.language, every)
    if stray is not None:
        pattern = _INSTANT if not digits else f"{_INSTANT[:-1]}\\.[0-9]{{{digits}}}Z"
        hint = f"give the canonical schema `format: date-time` and the pattern ^{pattern}$"
        unit = "millisecond" if digits else "second"
        message = f"may be no UTC date-time to the {unit}: {show_value(stray)}"
        refused.append(Refused("value", message, hint))
    least, most = span_of_years(shared(texts.language, every))
    first, last = FIRST_SECOND, LAST_SECOND
    if least > 1:
        first = PRIMITIVES["epoch_to"].python(f"{least:04}-01-01T00:00:00Z", 0)
    if most < 9_999:
        last = PRIMITIVES["epoch_to"].python(f"{most:04}-12-31T23:59:59Z", 0)
    scale = 10**digits
    return Type(numbers=Numbers(first * scale, (last + 1) * scale - 1, whole=True, exact=True))


_INSTANT = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"


def days_between(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    for each in given:
        _dated(each, DATE_LAYOUT, "date", refused)
    return Type(numbers=Numbers(-3_652_058, 3_652_058, whole=True, exact=True))


def add_days(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    _dated(given[0], DATE_LAYOUT, "date", refused)
    refused.append(Refused("value", "may lead out of the years 1 to 9999"))
    return DATE
