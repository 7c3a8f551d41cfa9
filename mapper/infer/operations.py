"""The types of what primitives give, and what they refuse."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from mapper.decimals import MAX_DECIMAL
from mapper.diagnostics import show_value
from mapper.formats import FORMATS, MAX_INTEGER
from mapper.infer.schemas import format_language, type_of_value
from mapper.infer.types import (
    NOTHING,
    NULL,
    Lists,
    Numbers,
    Texts,
    Type,
    is_empty,
    join,
    outside,
    remembered,
    shared,
)
from mapper.languages import EVERYTHING, Language, TooComplex, of_length, regex_language
from mapper.primitives import DATE_LAYOUT, PRIMITIVES
from mapper.values import contains, equal

of_regex = remembered(regex_language)
"""The language of a pattern, which many operations ask of."""

Why = Literal["value", "partner", "missing"]


class Refused(Struct, frozen=True):
    """Values that a primitive may be given and refuses; the message completes "the value …"."""

    why: Why
    message: str
    hint: str | None = None


Operation = Callable[[list[Type], list[Any], list[Refused]], Type]


def operate(name: str, given: list[Type], constants: list[Any]) -> tuple[Type, list[Refused]]:
    """Return the type of what the primitive *name* gives, and what it refuses of its arguments."""
    refused: list[Refused] = []
    return _OPERATIONS[name](given, constants, refused), refused


def _texts(given: Type, refused: list[Refused]) -> Texts | None:
    """Return the texts of a type; what else there is is refused."""
    _others(given, ("string",), refused)
    return given.texts


def _others(given: Type, taken: tuple[str, ...], refused: list[Refused]) -> None:
    for name in given.kinds:
        if name not in taken:
            why: Why = "missing" if name == "null" else "value"
            found = "missing" if name == "null" else _NOUNS[name]
            refused.append(Refused(why, f"may be {found}"))


_NOUNS = {
    "boolean": "a boolean",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "an object",
}


# Text ---------------------------------------------------------------------------------------------


@remembered
def _in_case(language: Language, *, upper: bool) -> Language:
    try:
        return language.cased(upper=upper)
    except TooComplex:
        return EVERYTHING


@remembered
def _without_blanks(language: Language) -> Language:
    try:
        return language.trimmed()
    except TooComplex:
        return EVERYTHING


def cased(given: Type, *, upper: bool) -> Type:
    """Return the type of texts in upper or lower case (A to Z only)."""
    texts = given.texts
    if texts is None:
        return NOTHING
    language = _in_case(texts.language, upper=upper)
    change = PRIMITIVES["upper" if upper else "lower"].python
    loose = frozenset(map(change, texts.loose))
    return Type(texts=Texts(language, texts.formats & _WITHOUT_LETTERS, loose))


_WITHOUT_LETTERS = frozenset({"date", "local-date-time", "decimal", "integer-text", "text"})
"""Formats whose texts have no case."""


def trimmed(given: Type) -> Type:
    """Return the type of texts without white space at their ends."""
    texts = given.texts
    if texts is None:
        return NOTHING
    language = _without_blanks(texts.language)
    loose = frozenset(map(PRIMITIVES["trim"].python, texts.loose))
    return Type(texts=Texts(language, texts.formats & _WITHOUT_BLANKS, loose))


_WITHOUT_BLANKS = frozenset(FORMATS) - {"text"}


def _change_case(*, upper: bool) -> Operation:
    def operation(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
        return cased(given[0], upper=upper) if _texts(given[0], refused) else NOTHING

    return operation


def _trim(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    return trimmed(given[0]) if _texts(given[0], refused) else NOTHING


def _match(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    texts = _texts(given[0], refused)
    if texts is None:
        return NOTHING
    pattern, what = constants
    language = of_regex(pattern)
    stray = outside(texts.language, language)
    if stray is not None:
        refused.append(Refused("value", f"may not be {what}: {show_value(stray)}"))
    return Type(texts=replace(texts, language=shared(texts.language, language)))


def split_text(separator: str) -> Type:
    """Return the type of the parts of a text between separators."""
    if len(separator) > 1:
        return Type(lists=Lists(Type(texts=Texts())))
    other = rf"[^{_escaped(separator)}]*"
    return Type(lists=Lists(Type(texts=Texts(of_regex(other)))))


def _escaped(character: str) -> str:
    return character if character.isalnum() or not character.isascii() else f"\\{character}"


def _split(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    return split_text(constants[0]) if _texts(given[0], refused) else NOTHING


def _join(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    _others(given[0], ("array",), refused)
    lists = given[0].lists
    if lists is None:
        return NOTHING
    [separator] = constants
    parts = split_text(separator)
    texts = _texts(lists.item, refused)
    if texts is not None and parts.lists is not None and parts.lists.item.texts is not None:
        stray = outside(texts.language, parts.lists.item.texts.language)
        if stray is not None or len(separator) > 1:
            refused.append(Refused("value", f"may have an item with {show_value(separator)} in it"))
        if lists.most >= 1 and "" in texts.language:
            refused.append(
                Refused("value", "may be a list of one empty text, which reads back as no item")
            )
    return Type(texts=Texts())


# Choice -------------------------------------------------------------------------------------------


def _table(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    [pairs] = constants
    results: list[Any] = []
    for name, piece in given[0].pieces():
        results += _entries(name, piece, pairs, refused)
    return join(map(type_of_value, results))


def _entries(name: str, piece: Type, pairs: list[Any], refused: list[Refused]) -> list[Any]:
    """Return what the table has for the values of one kind; report those that it lacks."""
    values = _values(piece)
    keys = [key for key, _ in pairs]
    if values is None:
        if name == "null":
            refused.append(Refused("missing", "may be missing"))
        else:
            message = f"may be {_NOUNS[name]} that is not listed"
            refused.append(Refused("partner", message, _LISTED))
        return [result for _, result in pairs]
    missing = [value for value in values if not contains(keys, value)]
    if missing:
        shown = ", ".join(map(show_value, missing[:5])) + (", …" if len(missing) > 5 else "")
        listed = "which is not listed" if len(missing) == 1 else "none of which is listed"
        refused.append(Refused("partner", f"may be {shown}, {listed}"))
    return [
        next(r for k, r in pairs if equal(k, value)) for value in values if value not in missing
    ]


_LISTED = "list the values in the schema (`enum`), so that each is sure to have a partner"


def _values(piece: Type) -> list[Any] | None:
    from mapper.infer.fitting import values_of  # noqa: PLC0415 - which reads types of schemas

    return None if piece.null else values_of(piece)


def _country(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    if _texts(given[0], refused) is None:
        return NOTHING
    return Type(texts=Texts(format_language("country"), frozenset({"country"}))) | NULL


def _present(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    if given[0].null:
        refused.append(Refused("missing", "may be missing"))
    return given[0].without_null()


def _of_type(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    [name] = constants
    _others(given[0], (name,), refused)
    return given[0].only(name)


# Numbers ------------------------------------------------------------------------------------------


def _integer_text(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    _others(given[0], ("number", "string"), refused)
    return join([_integers_as_text(given[0].numbers, refused), _canonical(given[0].texts, refused)])


def _integers_as_text(numbers: Numbers | None, refused: list[Refused]) -> Type:
    if numbers is None:
        return NOTHING
    if not numbers.whole:
        refused.append(Refused("value", "may be a number that is not whole"))
    if numbers.low < -MAX_INTEGER or numbers.high > MAX_INTEGER:
        refused.append(Refused("value", f"may be beyond {MAX_INTEGER}", "give the schema bounds"))
    few = numbers.listed()
    if few is not None and numbers.whole:
        return Type(texts=Texts.of(str(int(each)) for each in few))
    largest = min(max(-numbers.low, numbers.high), MAX_INTEGER)
    positive = f"[1-9][0-9]{{0,{len(str(int(largest))) - 1}}}"
    sign = "" if numbers.low >= 1 else "0|" if numbers.low >= 0 else "0|-?"
    shape = sign + positive
    return Type(texts=Texts(of_regex(shape), frozenset({"integer-text", "decimal"})))


_INTEGER = "0|-?[1-9][0-9]*"


def _few_digits(most: int) -> Language:
    """Return the integers of at most so many digits, as they are usually written."""
    return of_regex(f"0|-?[1-9][0-9]{{0,{most - 1}}}")


def _canonical(texts: Texts | None, refused: list[Refused]) -> Type:
    """Return the type of texts that are integers as they are usually written."""
    if texts is None:
        return NOTHING
    if not texts.are("integer-text") and outside(texts.language, _few_digits(15)) is not None:
        stray = outside(texts.language, format_language("integer-text"))
        found = f"such as {show_value(stray)}" if stray is not None else "of too many digits"
        hint = "give the schema of the member `format: integer-text`"
        refused.append(Refused("value", f"may be text that is no integer, {found}", hint))
    return _of_format(texts, "integer-text")


def _text_integer(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    found = _canonical(_texts(given[0], refused), refused).texts
    if found is None:
        return NOTHING
    words = found.listed()
    if words is not None:
        return Type(numbers=Numbers.of(map(int, words))) if words else NOTHING
    low = -MAX_INTEGER
    fitting = (most for most in range(1, 16) if outside(found.language, _few_digits(most)) is None)
    high = next((10**most - 1 for most in fitting), MAX_INTEGER)
    if outside(found.language, of_regex("[1-9][0-9]*")) is None:
        low = 1
    elif outside(found.language, of_regex("0|[1-9][0-9]*")) is None:
        low = 0
    return Type(numbers=Numbers(low, high, whole=True))


def _decimal_text(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    _others(given[0], ("number", "string"), refused)
    numbers, texts = given[0].numbers, given[0].texts
    found = NOTHING
    if numbers is not None:
        if not numbers.exact:
            hint = "give the schema of the member `format: decimal`, which binds numbers too"
            refused.append(Refused("value", "may be a number of more than 15 digits", hint))
        found = _WHOLE if numbers.whole else _DECIMAL
    return replace(found | _decimals(texts, refused), open=given[0].open)


@cache
def _decimal_shape() -> Language:
    return format_language("decimal") & of_length(0, MAX_DECIMAL)


def _decimals(texts: Texts | None, refused: list[Refused]) -> Type:
    if texts is None:
        return NOTHING
    if not texts.are("decimal") and outside(texts.language, _decimal_shape()) is not None:
        stray = outside(texts.language, format_language("decimal"))
        found = f"such as {show_value(stray)}" if stray is not None else "of too many digits"
        hint = "give the schema of the member `format: decimal`"
        refused.append(Refused("value", f"may be text that is no decimal number, {found}", hint))
    return _of_format(texts, "decimal")


def _of_format(texts: Texts, name: str) -> Type:
    """Return the type of those of the texts that are of a format."""
    if texts.values is not None:
        words = [each for each in texts.values if FORMATS[name].holds(each)]
        return Type(texts=Texts.of(words)) if words else NOTHING
    language = shared(texts.language, format_language(name))
    if is_empty(language):
        return NOTHING
    loose = frozenset(filter(FORMATS[name].holds, texts.loose))
    formats = texts.formats | {name}
    return Type(texts=replace(texts, language=language, formats=formats, loose=loose))


def _decimal_shift(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    texts = _decimals(_texts(given[0], refused), refused).texts
    if texts is None:
        return NOTHING
    [places] = constants
    digits = _digits(texts)
    if digits is None or sum(digits[1:]) + abs(places) > MAX_DECIMAL - _SIGNS:
        hint = "give the schema of the member a `pattern` that bounds the digits on both sides"
        message = f"may become longer than {MAX_DECIMAL} characters when its point is moved"
        refused.append(Refused("value", message, hint))
        return _DECIMAL
    least, most, whole = digits
    least, most, whole = max(least - places, 0), max(most - places, 0), max(whole + places, 1)
    point = rf"\.[0-9]{{{max(least, 1)},{most}}}" if most else ""
    optional = "" if least else "?"
    shape = rf"-?(?:0|[1-9][0-9]{{0,{whole - 1}}})" + (f"(?:{point}){optional}" if point else "")
    return Type(texts=Texts(of_regex(shape), frozenset({"decimal"})))


_SIGNS = 3
"""How many characters of a decimal number are no digits, at most, a zero before the point too."""


def _digits(texts: Texts) -> tuple[int, int, int] | None:
    """Return how many digits there are after the point, at least and at most, and at most before.

    None if there may be very many.
    """

    def first(shape: str, counts: Iterable[int]) -> int | None:
        fitting = (n for n in counts if outside(texts.language, _counted(shape, n)) is None)
        return next(fitting, None)

    most = first(r"-?[0-9]+(?:\.[0-9]{1,N})?", range(1, _MANY_DIGITS))
    whole = first(r"-?[0-9]{1,N}(?:\.[0-9]+)?", range(1, _MANY_DIGITS))
    least = first(r"-?[0-9]+\.[0-9]{N,}", range(_MANY_DIGITS, 0, -1)) or 0
    if most is None or whole is None:
        return None
    none = outside(texts.language, of_regex("-?[0-9]+")) is None
    return least, 0 if none else most, whole


_MANY_DIGITS = 40


@cache
def _counted(shape: str, count: int) -> Language:
    return of_regex(shape.replace("N", str(count)))


# Time ---------------------------------------------------------------------------------------------


def _format_type(name: str) -> Type:
    return Type(texts=Texts(format_language(name), frozenset({name})))


DATE = _format_type("date")
_DECIMAL = _format_type("decimal")
_INSTANT = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_WHOLE = Type(texts=Texts(of_regex("0|-?[1-9][0-9]{0,15}"), frozenset({"integer-text", "decimal"})))
_CLOCK_LAYOUT = f"{DATE_LAYOUT} %H:%M:%S"
_UTC = Type(
    texts=Texts(
        of_regex(_INSTANT),
        frozenset({"date-time"}),
    )
)


def _date_from(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    _dates(given[0], constants[0], "date", DATE_LAYOUT, refused)
    return DATE


def _date_to(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    _dates(given[0], DATE_LAYOUT, "date", DATE_LAYOUT, refused)
    return _written(constants[0], {DATE_LAYOUT: "date"})


def _dates(given: Type, layout: str, name: str, known: str, refused: list[Refused]) -> None:
    """Report texts that are not sure to be dates or times of a layout."""
    texts = _texts(given, refused)
    if texts is None or (layout == known and texts.are(name)):
        return
    stray = outside(texts.language, layout_language(layout))
    if stray is not None:
        message = f"may be text that is not {FORMATS[name].noun}"
        hint = f"give the schema of the member `format: {name}`"
        if layout != known:
            message = f"may not be {FORMATS[name].noun.partition(' YYYY')[0]} as {layout}"
            hint = f"give the schema of the member a pattern of {layout} and of real days"
        refused.append(Refused("value", f"{message}: {show_value(stray)}", hint))


_CENTURY = "(?:0[48]|[2468][048]|[13579][26])"
"""Two digits that are divisible by four, and not 00."""

_YEARS = (
    "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})",
    f"(?:[0-9]{{2}}{_CENTURY}|{_CENTURY}00)",
)
_LOCAL_YEARS = "(?:19|20|21)[0-9]{2}", f"(?:(?:19|20|21){_CENTURY}|2000)"
"""All years, and the leap years."""


@cache
def layout_language(layout: str) -> Language:
    """Return the texts that a layout describes: real days, and real years of a local clock."""
    years, leap_years = _LOCAL_YEARS if "%H" in layout else _YEARS
    days = (
        (years, "(?:0[13578]|1[02])", "(?:0[1-9]|[12][0-9]|3[01])"),
        (years, "(?:0[469]|11)", "(?:0[1-9]|[12][0-9]|30)"),
        (years, "02", "(?:0[1-9]|1[0-9]|2[0-8])"),
        (leap_years, "02", "29"),
    )
    return of_regex("|".join(_shape(layout, *each) for each in days))


def _shape(layout: str, year: str, month: str, day: str) -> str:
    """Return a regular expression of the texts that a layout makes of these."""
    ranges = {"Y": year, "m": month, "d": day, "M": "[0-5][0-9]", "S": "[0-5][0-9]"}
    ranges["H"] = "(?:[01][0-9]|2[0-3])"
    parts = layout.split("%")
    rest = (ranges[part[0]] + "".join(map(_escaped, part[1:])) for part in parts[1:])
    return "".join(map(_escaped, parts[0])) + "".join(rest)


def _written(layout: str, formats: dict[str, str]) -> Type:
    """Return the type of the texts that are written in a layout."""
    known = frozenset({formats[layout]}) if layout in formats else frozenset()
    return Type(texts=Texts(layout_language(layout), known))


def _instant_from(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    layout, _ = constants
    _dates(given[0], layout, "local-date-time", _CLOCK_LAYOUT, refused)
    return _UTC


def _instant_to(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    texts = _texts(given[0], refused)
    layout, _ = constants
    if texts is not None:
        # That a zone has no table for other years is a limit that no schema could name: where a
        # year begins depends on the zone.
        stray = outside(texts.language, of_regex(_INSTANT))
        if stray is not None or not texts.are("date-time"):
            shown = f": {show_value(stray)}" if stray is not None else ""
            hint = f"give the canonical schema `format: date-time` and the pattern ^{_INSTANT}$"
            refused.append(Refused("value", f"may be no UTC date-time to the second{shown}", hint))
    return _written(layout, {_CLOCK_LAYOUT: "local-date-time"})


def _days(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    for each in given:
        _dates(each, DATE_LAYOUT, "date", DATE_LAYOUT, refused)
    return Type(numbers=Numbers(-3_652_058, 3_652_058, whole=True, exact=True))


def _add_days(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    _dates(given[0], DATE_LAYOUT, "date", DATE_LAYOUT, refused)
    refused.append(Refused("value", "may lead out of the years 1 to 9999"))
    return DATE


_OPERATIONS: dict[str, Operation] = {
    "add_days": _add_days,
    "country_of": _country,
    "date_from": _date_from,
    "date_to": _date_to,
    "days_between": _days,
    "decimal_shift": _decimal_shift,
    "decimal_text": _decimal_text,
    "instant_from": _instant_from,
    "instant_to": _instant_to,
    "integer_text": _integer_text,
    "join_text": _join,
    "lower": _change_case(upper=False),
    "match": _match,
    "of_type": _of_type,
    "present": _present,
    "split": _split,
    "table": _table,
    "text_integer": _text_integer,
    "trim": _trim,
    "upper": _change_case(upper=True),
}

assert _OPERATIONS.keys() == PRIMITIVES.keys()  # noqa: S101 - a primitive without a type
