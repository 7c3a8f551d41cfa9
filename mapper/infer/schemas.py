"""The type of the values that fit a JSON Schema."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from math import ceil, floor, inf, nextafter
from typing import Any

from msgspec.structs import replace

from mapper.decimals import MAX_DECIMAL
from mapper.diagnostics import counted
from mapper.formats import FORMATS, MAX_INTEGER
from mapper.infer.layouts import date_time_language, layout_language
from mapper.infer.types import (
    ANY,
    ANYTHING,
    BOOLEAN,
    MANY_BRANCHES,
    NOTHING,
    NULL,
    Lists,
    Member,
    Numbers,
    Objects,
    Texts,
    Type,
    is_empty,
    join,
    outside,
    remembered,
    shared,
)
from mapper.languages import (
    EVERYTHING,
    Language,
    TooComplex,
    of_length,
    pattern_language,
    regex_language,
)
from mapper.primitives import DATE_LAYOUT
from mapper.schema import Schema
from mapper.values import identity


@remembered
def type_of_schema(schema: Schema) -> Type:
    """Return the type of the values that fit *schema*; what it does not limit is anything."""
    own = _own(schema)
    if not schema.branches:
        return own
    branches = [type_of_schema(branch) for branch in schema.branches]
    objects = [each.objects for each in branches if each.objects is not None]
    return meet(own, branched(join(branches), objects))


def branched(given: Type, objects: Sequence[Objects]) -> Type:
    """Return the type of those of *given* whose objects are one of some, unless these are many."""
    if given.objects is None or not 1 < len(objects) <= MANY_BRANCHES:
        return given
    apart = tuple(part for each in objects for part in each.branches or [each])
    return replace(given, objects=replace(given.objects, branches=apart))


def _own(schema: Schema) -> Type:
    """Return the type of the values that fit the keywords beside a union."""
    raw = schema.raw
    stated = raw.get("type", _ALL)
    kinds = frozenset([stated] if isinstance(stated, str) else stated)
    listed = [raw["const"]] if "const" in raw else raw.get("enum")
    says = schema.branches or schema.own or schema.item
    if listed is None and "type" not in raw and not says:
        return ANYTHING
    if listed is not None:
        fitting = [value for value in listed if _is_of(value, kinds)]
        texts = [value for value in fitting if isinstance(value, str)]
        others = join(_type_of(value) for value in fitting if not isinstance(value, str))
        return others | Type(texts=Texts.of(texts)) if texts else others
    return join(each for name in kinds for each in [_of_kind(name, schema)])


_ALL = ("null", "boolean", "number", "string", "array", "object")


def _is_of(value: Any, kinds: frozenset[str]) -> bool:
    match value:
        case None:
            return "null" in kinds
        case bool():
            return "boolean" in kinds
        case int() | float():
            return "number" in kinds or ("integer" in kinds and float(value).is_integer())
        case _:
            return "string" in kinds


def _type_of(value: Any) -> Type:
    """Return the type of just this value."""
    match value:
        case None:
            return NULL
        case bool():
            return Type(booleans=frozenset({value}))
        case int() | float():
            return Type(numbers=Numbers.of([value]))
        case str():
            return Type(texts=Texts.of([value]))
        case list():
            items = join(_type_of(item) for item in value)
            unique = _is_scalar(items) and len(set(map(identity, value))) == len(value)
            return Type(lists=Lists(items, len(value), len(value), unique))
        case _:
            members = {name: Member(_type_of(each), True) for name, each in value.items()}  # noqa: FBT003 - required
            return Type(objects=Objects(members, closed=True))


type_of_value = _type_of


def _of_kind(name: str, schema: Schema) -> Type:
    raw = schema.raw
    match name:
        case "null":
            return NULL
        case "boolean":
            return BOOLEAN
        case "integer" | "number":
            return _numbers(raw, whole=name == "integer")
        case "string":
            return _texts(raw)
        case "array":
            least, most = raw.get("minItems", 0), raw.get("maxItems", inf)
            item = type_of_schema(schema.item) if schema.item is not None else ANYTHING
            unique = raw.get("uniqueItems", False) and _is_scalar(item)
            return Type(lists=Lists(item, least, most, unique)) if least <= most else NOTHING
        case _:
            return _objects(schema)


def _is_scalar(given: Type) -> bool:
    return given.lists is None and given.objects is None


def _numbers(raw: dict[str, Any], *, whole: bool) -> Type:
    low, high = raw.get("minimum", -inf), raw.get("maximum", inf)
    above, below = raw.get("exclusiveMinimum", -inf), raw.get("exclusiveMaximum", inf)
    if whole:  # an integer beyond is outside every schema (docs/reference/vendor-schema.md)
        limit = MAX_INTEGER + 1
        low = max(ceil(max(low, -limit)), floor(max(above, -limit)) + 1)
        high = min(floor(min(high, limit)), ceil(min(below, limit)) - 1)
    else:
        low, high = max(low, _next(above, inf)), min(high, _next(below, -inf))
    exact = raw.get("format") in ("decimal", "number-text") or (whole and max(-low, high) < 10**15)
    return Type(numbers=Numbers(low, high, whole, exact)) if low <= high else NOTHING


def _next(bound: float, towards: float) -> float:
    """Return the number next to *bound*; itself where there may be integers in between."""
    return nextafter(bound, towards) if abs(bound) <= MAX_INTEGER else bound


EXACT = frozenset(("date", "local-date-time"))
"""Formats that are not given by one regular expression, and just the texts of their language."""


def are_of_format(texts: Texts, name: str) -> bool:
    """Whether all of the texts are sure to be of a format, by what they say or are."""
    if texts.are(name):
        return True
    sure = language_within(name)
    return sure is not None and outside(texts.language, sure) is None


@cache
def language_within(name: str) -> Language | None:
    """Return a language that has only texts of a format, None if there is none of any use."""
    if name == "decimal":
        return format_language(name) & of_length(0, MAX_DECIMAL)
    if name == "number-text":
        mixed = (rf"[1-9][0-9]{{0,{most - 1}}}\.[0-9]{{1,{15 - most}}}" for most in range(1, 15))
        shapes = r"0(?:\.[0-9]{1,15})?", "[1-9][0-9]{0,14}", *mixed
        return regex_language(f"-?(?:{'|'.join(shapes)})")
    if name == "integer-text":  # those of 16 digits may be beyond 2^53-1
        return regex_language("0|-?[1-9][0-9]{0,14}")
    return format_language(name) if name in EXACT or FORMATS[name].is_regular else None


@cache
def format_language(name: str) -> Language:
    """Return a language that has all texts of a format: just these, if the format is regular."""
    if name in ("date", "local-date-time"):
        return layout_language(DATE_LAYOUT if name == "date" else f"{DATE_LAYOUT} %H:%M:%S")
    if name == "date-time":
        return date_time_language()
    shape = FORMATS[name].shape
    return regex_language(shape) if shape else EVERYTHING


def _texts(raw: dict[str, Any]) -> Type:
    return _limited(*map(raw.get, ("format", "pattern", "minLength", "maxLength")))


@remembered
def _limited(shape: str | None, pattern: str | None, least: int | None, most: int | None) -> Type:
    """Return the type of the texts that keywords limit, which are the same in many places."""
    stated = {"format": shape, "pattern": pattern, "minLength": least, "maxLength": most}
    language = EVERYTHING
    for _, limit in limits({name: value for name, value in stated.items() if value is not None}):
        try:
            language = shared(language, limit())
        except TooComplex:  # then the type is larger
            continue
    formats = frozenset() if shape is None else frozenset({shape})
    if shape == "number-text":
        formats |= {"decimal"}
    alone = pattern is None and least is None and most is None  # a format has texts
    if not alone and is_empty(language):
        return NOTHING
    return Type(texts=Texts(language, formats))


def limits(raw: Mapping[str, Any]) -> Iterator[tuple[str, Callable[[], Language]]]:
    """Yield what keywords say of texts, in words that follow "may not", and as languages."""
    if "format" in raw:
        name: str = raw["format"]
        yield f"be {FORMATS[name].noun}", lambda: format_language(name)
    if "pattern" in raw:
        yield f"fit {raw['pattern']}", lambda: _of_pattern(raw["pattern"])
    if raw.get("minLength", 0):
        said = f"have at least {counted(raw['minLength'], 'character')}"
        yield said, lambda: _of_length(raw["minLength"])
    if "maxLength" in raw:
        said = f"have at most {counted(raw['maxLength'], 'character')}"
        yield said, lambda: _of_length(0, raw["maxLength"])


_of_pattern = remembered(pattern_language)
_of_length = remembered(of_length)


def _objects(schema: Schema) -> Type:
    required = frozenset(schema.raw.get("required", ()))
    members = {
        name: Member(type_of_schema(member), name in required)
        for name, member in schema.own.items()
    }
    other = ANYTHING if schema.rest is None else type_of_schema(schema.rest)
    members |= {name: Member(other, required=True) for name in required - members.keys()}
    closed = schema.raw.get("additionalProperties") is False
    # A schema that tells some members lets others be anything.
    rest = ANY if members and schema.rest is None else other
    return Type(objects=Objects(members, closed, rest))


def meet(left: Type, right: Type) -> Type:
    """Return a type that has all values which are in both types."""
    return Type(
        left.null and right.null,
        left.booleans & right.booleans,
        _meet_numbers(left.numbers, right.numbers),
        _meet_texts(left.texts, right.texts),
        _meet_lists(left.lists, right.lists),
        _meet_objects(left.objects, right.objects),
        left.open and right.open,
    )


def _meet_numbers(left: Numbers | None, right: Numbers | None) -> Numbers | None:
    if left is None or right is None:
        return None
    low, high = max(left.low, right.low), min(left.high, right.high)
    known = left.values if right.values is None else right.values
    if known is not None:
        fitting = [
            each
            for each in known
            if low <= each <= high
            and all(n.values is None or each in n.values for n in (left, right))
        ]
        return Numbers.of(fitting) if fitting else None
    whole, exact = left.whole or right.whole, left.exact or right.exact
    return Numbers(low, high, whole, exact) if low <= high else None


def _meet_texts(left: Texts | None, right: Texts | None) -> Texts | None:
    if left is None or right is None:
        return None
    language = shared(left.language, right.language)
    if is_empty(language):
        return None
    for one, other in ((left, right), (right, left)):
        if one.values is not None:
            return Texts.of(word for word in one.values if word in other.language)
    return Texts(language, left.formats | right.formats, left.loose | right.loose)


def _meet_lists(left: Lists | None, right: Lists | None) -> Lists | None:
    if left is None or right is None:
        return None
    item = left.of if right.of is None else right.of
    if left.of is not None and right.of is not None:
        item = meet(left.of, right.of)
    least, most = max(left.least, right.least), min(left.most, right.most)
    unique = left.unique or right.unique
    first = left.first or right.first
    return Lists(item, least, most, unique, first) if least <= most else None


def _meet_objects(left: Objects | None, right: Objects | None) -> Objects | None:
    if left is None or right is None:
        return None
    members = {}
    for name in {**left.members, **right.members}:
        one, other = (each.members.get(name, Member(each.rest)) for each in (left, right))
        members[name] = Member(meet(one.type, other.type), one.required or other.required)
    # What one of the two leaves open is what the other says.
    of = left.of if right.of is None or right.of.open else right.of
    if any(each.required and each.type.is_empty for each in members.values()):
        return None
    branches = left.branches or right.branches
    return Objects(members, left.closed or right.closed, of, branches)
