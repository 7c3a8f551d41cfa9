"""The types of what primitives make of numbers, and of numbers as text."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from math import ceil, floor, inf, nextafter
from typing import Any

from msgspec.structs import replace

from mapper.decimals import MAX_DECIMAL
from mapper.diagnostics import show_value
from mapper.formats import FORMATS, MAX_INTEGER
from mapper.infer.refusals import Refused, of_regex, refuse_others, texts_of
from mapper.infer.schemas import are_of_format, format_language
from mapper.infer.types import (
    NOTHING,
    Numbers,
    Texts,
    Type,
    is_empty,
    outside,
    remembered,
    shared,
)
from mapper.languages import Language, TooComplex, of_length, shifted, whole_between
from mapper.primitives import PRIMITIVES


def integer_text(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    refuse_others(given[0], ("number", "string"), refused)
    numbers, texts = given[0].numbers, given[0].texts
    if numbers is not None and not numbers.whole:
        refused.append(Refused("value", "may be a number that is not whole"))
    if numbers is not None and not is_within(numbers):
        refused.append(Refused("value", f"may be beyond {MAX_INTEGER}", "give the schema bounds"))
    return integers_as_text(numbers) | _canonical(texts, refused)


def is_within(numbers: Numbers) -> bool:
    """Whether no number is beyond those that are the same integers in every engine."""
    return -MAX_INTEGER <= numbers.low <= numbers.high <= MAX_INTEGER


def integers_as_text(numbers: Numbers | None) -> Type:
    """Return the type of the usual texts of those of the numbers that are whole and within."""
    if numbers is None:
        return NOTHING
    few = numbers.listed()
    if few is not None and numbers.whole:
        return Type(texts=Texts.of(str(int(each)) for each in few))
    within = replace(
        numbers, low=max(numbers.low, -MAX_INTEGER), high=min(numbers.high, MAX_INTEGER)
    )
    shape = _whole_shape(within)
    formats = frozenset({"integer-text", "decimal"})
    return Type(texts=Texts(of_regex(shape), formats)) if shape else NOTHING


def _whole_shape(numbers: Numbers) -> str:
    """Return a regular expression of whole numbers as text, "" if there are none."""
    shapes = []
    for sign, least, most in _by_sign(numbers):
        first = max(ceil(least), len(sign))  # there is no -0
        if first <= most:
            shapes.append(sign + _between(first, most))
    return "|".join(shapes)


def _by_sign(numbers: Numbers) -> Iterator[tuple[str, float, float]]:
    """Yield each sign that numbers have, and the least and the most that they are without it."""
    if numbers.high >= 0:
        yield "", max(numbers.low, 0), numbers.high
    if numbers.low < 0:
        yield "-", max(-numbers.high, 0), -numbers.low


def _between(least: int, most: float) -> str:
    """Return a regular expression of whole numbers between two that are not below 0.

    Beyond the integers that are the same in every engine, numbers of as many digits are alike.
    """
    first = least if least <= MAX_INTEGER else 10 ** (min(len(str(least)), _MOST_DIGITS) - 1)
    if most >= _UNBOUNDED:
        return whole_between(first, None)
    last = floor(most)
    return whole_between(first, last if last <= MAX_INTEGER else 10 ** len(str(last)) - 1)


_MOST_DIGITS = 22
_UNBOUNDED = 10.0**_MOST_DIGITS
"""Numbers from here on are not told apart by how many digits they have."""


def _canonical(texts: Texts | None, refused: list[Refused]) -> Type:
    """Return the type of texts that are integers as they are usually written."""
    if texts is None:
        return NOTHING
    if not are_of_format(texts, "integer-text"):
        stray = outside(texts.language, format_language("integer-text"))
        refused.append(Refused("value", _no_integer(stray), _integer_hint(stray)))
    return _of_format(texts, "integer-text")


def _no_integer(stray: str | None) -> str:
    """Return what is wrong with texts that may be *stray*; None if that is only their length."""
    if stray is None:
        return "may be text of too many digits for an integer"
    long = stray.removeprefix("-").isdecimal() and len(stray) > 15
    kind = "of too many digits for an integer" if long else "that is no integer"
    return f"may be text {kind}, such as {show_value(stray)}"


def _integer_hint(stray: str | None) -> str:
    """Return how to keep a text from where an integer is due."""
    if stray is None or not FORMATS["decimal"].holds(stray):
        return "give the schema of the member `format: integer-text`"
    if stray == "-0":
        return "give the schema a `pattern` that leaves out negative zero (-0, -0.00)"
    kept = "no digits after the point here" if "." in stray else "at most 15 digits here"
    return f"give the schema a `pattern` that leaves {kept}"


def text_integer(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    found = _canonical(texts_of(given[0], refused), refused).texts
    if found is None:
        return NOTHING
    words = found.listed()
    if words is not None:
        return Type(numbers=Numbers.of(map(int, words))) if words else NOTHING
    low, high = (max(-MAX_INTEGER, min(each, MAX_INTEGER)) for each in _range(found.language))
    return Type(numbers=Numbers(low, high, whole=True, exact=max(-low, high) < 10**15))


def decimal_text(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    refuse_others(given[0], ("number", "string"), refused)
    numbers, texts = given[0].numbers, given[0].texts
    found = NOTHING
    if numbers is not None:
        if not numbers.exact:
            hint = "give the schema of the member `format: decimal`, which binds numbers too"
            refused.append(Refused("value", "may be a number of more than 15 digits", hint))
        found = _decimals_of(numbers)
    return replace(found | _decimals(texts, refused), open=given[0].open)


def _decimals_of(numbers: Numbers) -> Type:
    """Return the type of what becomes of numbers as text."""
    few = numbers.listed() if numbers.exact else None
    if few is not None:
        taken = filter(FORMATS["decimal"].holds_number, few)
        return Type(texts=Texts.of(map(PRIMITIVES["decimal_text"].python, taken)))
    if numbers.whole:
        formats = frozenset({"decimal", "number-text"})
        if numbers.low >= -MAX_INTEGER and numbers.high <= MAX_INTEGER:
            formats |= {"integer-text"}
        return Type(texts=Texts(of_regex(_whole_shape(numbers)), formats))
    shapes = [_whole_shape(numbers)] if _whole_shape(numbers) else []
    shapes += [
        rf"{sign}{_between(floor(least), _below(most))}\.[0-9]*[1-9]"
        for sign, least, most in _by_sign(numbers)
        if floor(least) < most
    ]
    return Type(texts=Texts(of_regex("|".join(shapes)), frozenset({"decimal", "number-text"})))


def _below(most: float) -> float:
    """Return the whole number on which the largest that are not whole go on behind the point."""
    return ceil(most) - 1 if most < _UNBOUNDED else most


def _decimals(texts: Texts | None, refused: list[Refused]) -> Type:
    if texts is None:
        return NOTHING
    if not are_of_format(texts, "decimal"):
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


def decimal_number(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    texts = texts_of(given[0], refused)
    if texts is None:
        return NOTHING
    if not are_of_format(texts, "number-text"):
        message = f"may be text that is not {FORMATS['number-text'].noun}"
        hint = "give the schema `format: number-text`, or a pattern of at most 15 digits"
        refused.append(Refused("value", message, hint))
    known = _of_format(texts, "number-text").texts
    words = known.listed() if known is not None else None
    if words is not None:
        fitting = [each for each in words if FORMATS["number-text"].holds(each)]
        return Type(numbers=Numbers.of(map(_NUMBER_OF, fitting))) if fitting else NOTHING
    if known is None:
        return NOTHING
    low, high = _range(known.language)
    whole = max(-low, high) < 10**15 and outside(known.language, of_regex("-?[0-9]+")) is None
    return Type(numbers=Numbers(low, high, whole, exact=True))


_NUMBER_OF = PRIMITIVES["decimal_number"].python


@remembered
def _range(language: Language) -> tuple[float, float]:
    """Return the least and the most that decimals can come to."""
    below, above = _without_sign(language, "-"), _without_sign(language, "")
    if above is None:
        return (-below[1], -below[0]) if below is not None else (0, 0)
    return (-below[1] if below is not None else above[0]), above[1]


def _without_sign(language: Language, sign: str) -> tuple[float, float] | None:
    """Return the least and the most that decimals with this sign are, without it; None if none."""
    signed = shared(language, of_regex(rf"{sign}(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"))
    return None if is_empty(signed) else (_nearest(signed, sign), _farthest(signed, sign))


def _nearest(signed: Language, sign: str) -> float:
    """Return the number nearest to 0 of decimals with this sign, or one that is nearer."""
    digits = (n for n in range(1, 16) if _are_any(signed, rf"{sign}[0-9]{{{n}}}(?:\.[0-9]+)?"))
    count = next(digits, None)
    if count is None:
        return 10**15
    whole = _first_whole(signed, sign, count, _UP)
    is_above = whole == "0" and not _are_any(signed, rf"{sign}0(?:\.0+)?")
    return nextafter(0, 1) if is_above else int(whole)


def _farthest(signed: Language, sign: str) -> float:
    """Return the number farthest from 0 of decimals with this sign."""
    counts = range(1, 16)
    digits = (n for n in counts if _is_in(signed, rf"{sign}[0-9]{{1,{n}}}(?:\.[0-9]+)?"))
    most = next(digits, None)
    if most is None:
        return inf
    whole = _first_whole(signed, sign, most, _UP[::-1])
    signed = shared(signed, of_regex(rf"{sign}{whole}(?:\.[0-9]+)?"))
    if _is_in(signed, f"{sign}{whole}"):
        return int(whole)
    places = (n for n in counts if _is_in(signed, rf"{sign}{whole}(?:\.[0-9]{{1,{n}}})?"))
    behind = next(places, None)
    behind = min(behind or 15, 15 - most * (whole != "0"))  # of 15 digits in all, from the first
    return float(Decimal(whole) + 1 - Decimal(10) ** -behind)


def _first_whole(signed: Language, sign: str, count: int, order: str) -> str:
    """Return the first, by the order of digits, of what decimals have before the point.

    It has so many digits.
    """
    found = ""
    for left in reversed(range(count)):
        shapes = ((each, rf"{sign}{found}{each}[0-9]{{{left}}}(?:\.[0-9]+)?") for each in order)
        fitting = (each for each, shape in shapes if _are_any(signed, shape))
        found += next(fitting, order[0])  # the first of all, where it cannot be said
    return found


def _are_any(language: Language, regex: str) -> bool:
    return not is_empty(shared(language, of_regex(regex)))


_UP = "0123456789"


def _is_in(language: Language, regex: str) -> bool:
    return outside(language, of_regex(regex)) is None


def decimal_shift(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    [places] = constants
    texts = _decimals(texts_of(given[0], refused), refused).texts
    if texts is None or places == 0:
        return NOTHING if texts is None else Type(texts=texts)
    if texts.values is not None:
        shift = PRIMITIVES["decimal_shift"].python
        moved = [shift(each, places) for each in texts.values if len(each) + abs(places) < 98]
        if len(moved) == len(texts.values):
            return Type(texts=Texts.of(moved))
    given_language = texts.language
    if outside(given_language, _short()) is not None:  # longer decimals are refused before
        given_language = shared(given_language, _short())
    language = _shifted(given_language, places)
    if outside(language, _short()) is not None:
        hint = "give the schema of the member a `pattern` that bounds the digits on both sides"
        hint += ", or `minimum` and `maximum` if it is a number"
        message = f"may become longer than {MAX_DECIMAL} characters when its point is moved"
        refused.append(Refused("value", message, hint))
    # As many digits count, if the texts that are listed beside those of a format have no more.
    formats = frozenset({"decimal"}) | ({"number-text"} if texts.are("number-text") else set())
    return Type(texts=Texts(language, formats))


@remembered
def _shifted(language: Language, places: int) -> Language:
    try:
        return shifted(language, places)
    except TooComplex:
        return format_language("decimal")


@cache
def _short() -> Language:
    return of_length(0, MAX_DECIMAL)
