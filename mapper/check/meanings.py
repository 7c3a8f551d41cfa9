"""Check rules about what values mean: in which zone, in which unit, ids of what, and by a table."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from mapper import codes
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic, Rule, Span, did_you_mean, show_value
from mapper.document import Scalar
from mapper.infer.schemas import type_of_schema
from mapper.infer.types import Type, inhabits, is_told
from mapper.lower import Leaf
from mapper.model import Access, ConverterUse, show_path
from mapper.schema import Schema, descend


def wrong_zones(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules that read clock text in a zone that the vendor's schema does not state."""
    for rule, vendor, _ in subject.placed():
        member = descend(vendor, rule.vendor) if isinstance(rule, Leaf) else None
        if not isinstance(rule, Leaf) or member is None:
            continue
        zone = member.annotation("x-zone")
        for use in rule.rule.convert:
            if use.name != "datetime" or use.parameters["zone"] == zone:
                continue
            path, used = show_path(rule.vendor), use.parameters["zone"]
            if zone is not None:
                message = f"{path} is in {zone}, not {used}"
                yield Diagnostic(codes.WRONG_ZONE, message, use.span)
            elif is_told(type_of_schema(member)):
                message = f"{path} is read in {used}, and nothing says in which zone it is"
                hint = f"say so with `x-zone` in {member.file}, if the vendor says so"
                yield Diagnostic(codes.ONE_SIDED, message, use.span, hint=hint)


class _Side(NamedTuple):
    """A path and the schema of what is there."""

    path: str
    schema: Schema


class _Meaning(NamedTuple):
    """What the annotation *keyword* says of a value, in the words behind "is"."""

    keyword: str
    rule: Rule
    words: str


_MEANINGS = (
    _Meaning("x-target", codes.WRONG_TARGET, "the id of"),
    _Meaning("x-unit", codes.WRONG_UNIT, "in"),
)


def other_meanings(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules whose sides are ids of different things, or in different units.

    Where one side alone says which, they cannot be compared.
    """
    for rule, vendor, common in subject.placed():
        theirs = descend(vendor, rule.vendor) if isinstance(rule, Leaf) else None
        ours = descend(common, rule.common)
        if theirs is None or ours is None or not isinstance(rule, Leaf):
            continue
        scaled = any(use.name == "scale" for use in rule.rule.convert)
        sides = _Side(show_path(rule.vendor), theirs), _Side(show_path(rule.common), ours)
        for meaning in _MEANINGS:
            told = [each for each in sides if each.schema.annotation(meaning.keyword) is not None]
            place = rule.rule.vendor.span
            if len(told) == 1:
                [silent] = (each for each in sides if each is not told[0])
                yield _one_sided(told[0], silent, meaning, place)
            elif told and not (scaled and meaning.rule is codes.WRONG_UNIT):
                yield from _different(*sides, meaning, place)


def _one_sided(known: _Side, silent: _Side, meaning: _Meaning, place: Span) -> Diagnostic:
    says, file = known.schema.annotation(meaning.keyword), silent.schema.file
    message = f"{known.path} is {meaning.words} {says}, and {file} does not say so of {silent.path}"
    hint = f"if it is, give {silent.path} `{meaning.keyword}: {says}` there"
    return Diagnostic(codes.ONE_SIDED, message, place, hint=hint)


def _different(
    vendor: _Side, common: _Side, meaning: _Meaning, place: Span
) -> Iterator[Diagnostic]:
    theirs, ours = (each.schema.annotation(meaning.keyword) for each in (vendor, common))
    if theirs != ours:
        message = f"{vendor.path} is {meaning.words} {theirs}"
        message += f", and {common.path} is {meaning.words} {ours}"
        yield Diagnostic(meaning.rule, message, place)


def values_that_never_come(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the vendor values in tables that the vendor's schema does not let be.

    Not those that are written: whether the vendor takes them is asked when writing is checked.
    """
    for each in subject.classified:
        if not isinstance(each.rule, Leaf) or not each.rule.rule.convert:
            continue
        use, given = each.rule.rule.convert[0], each.vendor
        table = use.parameters if use.name == "values" else None
        if use.name == "list" and isinstance(use.parameters, dict) and given.lists is not None:
            table, given = use.parameters.get("values"), given.lists.item
        if table is None or each.rule.access is Access.WRITE or not is_told(given):
            continue
        kept = each.rule.access is Access.READ
        for scalar in _never_coming(use, table, given, first=kept):
            message = f"{show_path(each.rule.vendor)} is never {show_value(scalar.value)}"
            known = given.texts.listed() if given.texts is not None else None
            hint = did_you_mean(str(scalar.value), known or ())
            yield Diagnostic(codes.NEVER_COMES, message, scalar.span, hint=hint)


def _never_coming(
    use: ConverterUse, table: dict[str, list[Any]], given: Type, *, first: bool
) -> Iterator[Scalar]:
    """Yield the vendor values of a table that are not *given*, the *first* ones of each or not."""
    scalars = iter(use.scalars)
    for values in table.values():
        for at, (value, scalar) in enumerate(zip(values, scalars, strict=False)):
            if (first or at) and not inhabits(value, given):
                yield scalar
