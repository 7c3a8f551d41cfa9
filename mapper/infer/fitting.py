"""Whether all values of a type fit a schema, and what of them does not."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mapper.diagnostics import PointerSteps, counted, show_value
from mapper.formats import MAX_INTEGER
from mapper.infer.schemas import are_of_format, limits, meet, type_of_schema, type_of_value
from mapper.infer.types import (
    MANY_BRANCHES,
    Lists,
    Numbers,
    Objects,
    Texts,
    Type,
    known_of,
    outside,
)
from mapper.languages import TooComplex
from mapper.schema import Schema
from mapper.values import contains


class Misfit(Struct, frozen=True):
    """What may be in a value, and does not fit the schema there.

    Attributes:
        at: Where, from the value on; an item of a list is ``[]``, another member of a map ``*``.
        message: What is wrong; it completes "the value …".
        example: A value that does not fit, as JSON; "" if none is at hand.
    """

    at: PointerSteps
    message: str
    example: str = ""


MISSING = "may be missing"
UNKNOWN = "is a member that the schema does not have"
OPEN = "may have members that the schema does not have"
TWICE = "may fit more than one branch of `oneOf`"
ANY_ITEM, ANY_MEMBER = "[]", "*"


def misfits(given: Type, schema: Schema, at: PointerSteps = ()) -> Iterator[Misfit]:
    """Yield what of the values of a type may not fit *schema*.

    What cannot be decided is taken not to fit.
    """
    for name, piece in known_of(given).pieces():
        yield from _misfits_of_kind(name, piece, schema, at)


def _misfits_of_kind(name: str, piece: Type, schema: Schema, at: PointerSteps) -> Iterator[Misfit]:
    """Yield the misfits of values of one kind; of a union, each alternative fits one branch."""
    raw = schema.raw
    if not _allows(raw, name, piece):
        yield Misfit(at, f"may be {_noun(name, piece)}")
        return
    for listed in (raw.get("enum"), [raw["const"]] if "const" in raw else None):
        if listed is not None:
            yield from _unlisted(piece, listed, at)
    if "not" in raw:
        yield Misfit(at, "is limited by `not`, which is not looked into")
    yield from _own_misfits(piece, schema, at)
    for each in alternatives(piece) if schema.branches else ():
        found = list(_branch_misfits(name, each, schema, at))
        yield from found
        if found:
            return


def alternatives(piece: Type) -> list[Type]:
    """Return types that have all values of one kind between them: one for each that is known."""
    objects = piece.objects
    if objects is not None and objects.branches:
        around = Type(objects=replace(objects, branches=()))
        found = [meet(Type(objects=each), around) for each in objects.branches]
        return [each for each in found if not each.is_empty]
    values = values_of(piece)
    if values is None or len(values) > MANY_BRANCHES:
        return [piece]
    return list(map(type_of_value, values))


def _branch_misfits(name: str, piece: Type, schema: Schema, at: PointerSteps) -> Iterator[Misfit]:
    """Yield the misfits of the branch that fits best; of ``oneOf``, no other may take a value."""
    place = _fitting_branch(name, piece, schema)
    if place is None:
        found = [list(_misfits_of_kind(name, piece, each, at)) for each in schema.branches]
        yield from min(found, key=lambda each: _distance(each, at))
    elif "oneOf" in schema.raw:
        others = (*schema.branches[:place], *schema.branches[place + 1 :])
        if not all(meet(piece, type_of_schema(each)).is_empty for each in others):
            yield Misfit(at, TWICE)


def _fitting_branch(name: str, piece: Type, schema: Schema) -> int | None:
    """Return which branch all values of one kind fit, the first of several, or None.

    What a tag rules out is not looked into: in unions of unions, that would take very long.
    """
    for place, branch in enumerate(schema.branches):
        if is_ruled_out(piece.objects, branch):
            continue
        if next(_misfits_of_kind(name, piece, branch, ()), None) is None:
            return place
    return None


def is_ruled_out(objects: Objects | None, branch: Schema) -> bool:
    """Whether *branch* lists values of a member, and *objects* have others there."""
    for name, each in objects.members.items() if objects is not None else ():
        tag = branch.own.get(name)
        if tag is None or tag.enum is None or each.type.is_empty:
            continue
        if meet(each.type, type_of_schema(tag)).is_empty:
            return True
    return False


def _distance(found: list[Misfit], at: PointerSteps) -> tuple[bool, int]:
    """Return how little a value suits a branch, least of all one of another kind of value."""
    return found[0].at == at and found[0].message.startswith("may be"), len(found)


def _noun(name: str, piece: Type) -> str:
    """Return what values of one kind are called; the value itself if it is the only one."""
    values = values_of(piece)
    if values is not None and len(values) == 1:
        return show_value(values[0])
    is_empty = piece.lists is not None and piece.lists.most == 0
    return "an empty list" if is_empty else NOUNS[name]


NOUNS = {
    "null": "null",
    "boolean": "a boolean",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "an object",
}


def _allows(raw: dict[str, Any], name: str, piece: Type) -> bool:
    stated = raw.get("type")
    if stated is None:
        return True
    kinds = [stated] if isinstance(stated, str) else stated
    whole = piece.numbers is not None and piece.numbers.whole
    return name in kinds or (name == "number" and whole and "integer" in kinds)


def _own_misfits(piece: Type, schema: Schema, at: PointerSteps) -> Iterator[Misfit]:
    if piece.numbers is not None:
        yield from _number_misfits(piece.numbers, schema.raw, at)
    if piece.texts is not None:
        yield from _text_misfits(piece.texts, schema.raw, at)
    if piece.lists is not None:
        yield from _list_misfits(piece.lists, schema, at)
    if piece.objects is not None:
        yield from _object_misfits(piece.objects, schema, at)


def _unlisted(piece: Type, listed: list[Any], at: PointerSteps) -> Iterator[Misfit]:
    values = values_of(piece)
    if values is None:
        yield Misfit(at, "may be none of the values that the schema lists")
        return
    for value in values:
        if not contains(listed, value):
            yield Misfit(at, "is not listed by the schema", show_value(value))


def values_of(piece: Type) -> list[Any] | None:
    """Return every value of a type of one kind, None if there are many or they are not known."""
    if piece.null:
        return [None]
    if piece.booleans:
        return sorted(piece.booleans)
    if piece.numbers is not None:
        found = piece.numbers.listed()
        return None if found is None else sorted(found)
    if piece.texts is not None:
        words = piece.texts.listed()
        return None if words is None else sorted(words)
    return None


def _number_misfits(numbers: Numbers, raw: dict[str, Any], at: PointerSteps) -> Iterator[Misfit]:
    if numbers.low < raw.get("minimum", numbers.low):
        yield Misfit(at, f"may be less than {raw['minimum']}", _shown(numbers.low))
    if numbers.high > raw.get("maximum", numbers.high):
        yield Misfit(at, f"may be more than {raw['maximum']}", _shown(numbers.high))
    if "exclusiveMinimum" in raw and numbers.low <= raw["exclusiveMinimum"]:
        yield Misfit(at, f"may not be above {raw['exclusiveMinimum']}", _shown(numbers.low))
    if "exclusiveMaximum" in raw and numbers.high >= raw["exclusiveMaximum"]:
        yield Misfit(at, f"may not be below {raw['exclusiveMaximum']}", _shown(numbers.high))
    if numbers.whole and not -MAX_INTEGER <= numbers.low <= numbers.high <= MAX_INTEGER:
        yield Misfit(at, f"may be an integer beyond {MAX_INTEGER}")
    if raw.get("format") in ("decimal", "number-text") and not numbers.exact:
        yield Misfit(at, "may be a number of more than 15 digits")


def _shown(number: float) -> str:
    is_short = abs(number) != float("inf") and number == round(number, _SHOWN_PLACES)
    return show_value(number) if is_short else ""


_SHOWN_PLACES = 12
"""What has more digits behind the point is next to a bound, and no example that people think of."""


def _text_misfits(found: Texts, raw: dict[str, Any], at: PointerSteps) -> Iterator[Misfit]:
    for said, language in limits(raw):
        of_format = said.startswith("be ")
        if of_format and are_of_format(found, raw["format"]):
            continue
        try:
            example = outside(found.language, language())
        except TooComplex:
            example = ""
        if example is not None or of_format:
            yield Misfit(at, f"may not {said}", show_value(example) if example else "")


def _list_misfits(lists: Lists, schema: Schema, at: PointerSteps) -> Iterator[Misfit]:
    raw = schema.raw
    if lists.least < raw.get("minItems", 0):
        yield Misfit(at, f"may have fewer than {counted(raw['minItems'], 'item')}")
    if lists.most > raw.get("maxItems", lists.most):
        yield Misfit(at, f"may have more than {counted(raw['maxItems'], 'item')}")
    if raw.get("uniqueItems") and not lists.is_unique:
        yield Misfit(at, "may have an item twice")
    if schema.item is not None:
        yield from misfits(lists.item, schema.item, (*at, ANY_ITEM))


def _object_misfits(objects: Objects, schema: Schema, at: PointerSteps) -> Iterator[Misfit]:
    raw = schema.raw
    for name in raw.get("required", ()):
        member = objects.members.get(name)
        if member is None or not member.required:
            yield Misfit((*at, name), MISSING)
    for name, member in objects.members.items():
        if member.type.is_empty:  # which is in none of the objects
            continue
        inner = schema.own.get(name) or schema.rest
        if inner is not None:
            yield from misfits(member.type, inner, (*at, name))
        elif raw.get("additionalProperties") is False:
            yield Misfit((*at, name), UNKNOWN)
    if raw.get("additionalProperties") is False and not objects.closed:
        yield Misfit(at, OPEN)
    others = [each for name, each in schema.own.items() if name not in objects.members]
    for inner in (*others, *([schema.rest] if schema.rest else [])):
        for misfit in islice(misfits(objects.rest, inner), 1):
            if misfit.at:
                yield Misfit((*at, ANY_MEMBER, *misfit.at), misfit.message, misfit.example)
            else:
                yield Misfit(at, f"may have a member that {misfit.message}", misfit.example)
    for keyword in ("propertyNames", "dependentRequired"):
        if keyword in raw:
            yield Misfit(at, f"is limited by `{keyword}`, which is not looked into")
