"""Check rules about what values mean: in which zone, in which unit, ids of what, and by a table."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mapper import codes
from mapper.check.subject import Subject, letters_of
from mapper.diagnostics import Diagnostic, Rule, Span, did_you_mean, show_value
from mapper.document import Scalar
from mapper.infer.schemas import type_of_schema
from mapper.infer.types import Type, inhabits, is_told
from mapper.lower import Leaf
from mapper.model import Access, ConverterUse, show_path
from mapper.schema import Schema, descend, items_of


def wrong_zones(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules that read clock text in a zone that the vendor's schema does not state."""
    for rule, vendor, _ in subject.placed():
        member = descend(vendor, rule.vendor) if isinstance(rule, Leaf) else None
        if not isinstance(rule, Leaf) or member is None:
            continue
        for use, given in _given(rule.rule.convert, member):
            zone = given.annotation("x-zone")
            if use.name != "datetime" or use.parameters["zone"] == zone:
                continue
            path, used = show_path(rule.vendor), use.parameters["zone"]
            if zone is not None:
                message = f"{path} is in {zone}, not {used}"
                yield Diagnostic(codes.WRONG_ZONE, message, use.span)
            elif is_told(type_of_schema(given)):
                message = f"{path} is read in {used}, and nothing says in which zone it is"
                hint = f"say so with `x-zone` in {given.file}, if the vendor says so"
                yield Diagnostic(codes.ONE_SIDED, message, use.span, hint=hint)


def _given(
    uses: Iterable[ConverterUse], schema: Schema | None
) -> Iterator[tuple[ConverterUse, Schema]]:
    """Yield the converters that are given values as the vendor has them, with the schema of these.

    Those of a list are given its items, or the members of items that ``pluck`` gives.
    """
    items = items_of(schema)
    for use in uses:
        match use.name:
            case "pluck":
                schema, items = None, descend(items, (str(use.parameters),))
                continue
            case "list":
                yield from _given(use.items, items)
            case _ if schema is not None:
                yield use, schema
            case _:
                pass
        return  # what a converter makes of it is not the vendor's


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

    Where one side alone says which, they cannot be compared. Items of lists are compared, too.
    """
    for rule, vendor, common in subject.placed():
        if isinstance(rule, Leaf):
            for sides in _sides(rule, vendor, common):
                yield from _compared(sides, rule)


def _sides(
    rule: Leaf, vendor: Schema | None, common: Schema | None
) -> Iterator[tuple[_Side, _Side]]:
    """Yield both sides of a rule, and those of the items, as far as they are lists."""
    theirs, ours = descend(vendor, rule.vendor), descend(common, rule.common)
    plucked = [str(use.parameters) for use in rule.rule.convert[:1] if use.name == "pluck"]
    marks = ""
    while theirs is not None and ours is not None:
        yield (
            _Side(show_path(rule.vendor) + marks, theirs),
            _Side(show_path(rule.common) + marks, ours),
        )
        theirs, ours = descend(items_of(theirs), plucked), items_of(ours)
        marks, plucked = f"{marks}[]", []


def _compared(sides: tuple[_Side, _Side], rule: Leaf) -> Iterator[Diagnostic]:
    uses = (each for use in rule.rule.convert for each in use.with_items())
    scaled, place = any(use.name == "scale" for use in uses), rule.rule.vendor.span
    for meaning in _MEANINGS:
        told = [each for each in sides if each.schema.annotation(meaning.keyword) is not None]
        if len(told) == 1:
            [silent] = (each for each in sides if each is not told[0])
            yield _one_sided(told[0], silent, meaning, place)
        elif told and scaled and meaning.rule is codes.WRONG_UNIT:
            yield from _scaled_alike(*sides, place)
        elif told:
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


def _scaled_alike(vendor: _Side, common: _Side, place: Span) -> Iterator[Diagnostic]:
    """Yield that both sides of a rule that scales are in one unit."""
    unit = vendor.schema.annotation("x-unit")
    if unit == common.schema.annotation("x-unit"):
        message = f"{vendor.path} and {common.path} are both in {unit}, and the rule scales them"
        hint = "leave `scale` out, or correct the unit of one of the two"
        yield Diagnostic(codes.WRONG_UNIT, message, place, hint=hint)


def values_that_never_come(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the vendor values in tables that the vendor's schema does not let be.

    Not those that are written: whether the vendor takes them is asked when writing is checked.
    """
    for each in subject.classified:
        if not isinstance(each.rule, Leaf) or each.rule.access is Access.WRITE:
            continue
        kept = each.rule.access is Access.READ
        for use, given in _tables(each.rule.rule.convert, each.vendor):
            for scalar in _never_coming(use, given, first=kept):
                message = f"{show_path(each.rule.vendor)} is never {show_value(scalar.value)}"
                known = given.texts.listed() if given.texts is not None else None
                is_text = isinstance(scalar.value, str)
                hint = did_you_mean(scalar.text, known or ()) if is_text else None
                yield Diagnostic(codes.NEVER_COMES, message, scalar.span, hint=hint)


def crossed_values(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the pairs of words that both sides have and tables read as one another.

    A word is the same in another case, and with other spaces, dashes or underscores in it.
    """
    for each in subject.classified:
        if isinstance(each.rule, Leaf):
            for use, _ in _tables(each.rule.rule.convert, each.vendor):
                for first, other in _crossed(use):
                    message = f"{show_path(each.rule.vendor)} {_read(first)}, and {_read(other)}"
                    yield Diagnostic(codes.CROSSED_VALUES, message, first.scalar.span)


class _Entry(NamedTuple):
    """A text of the vendor's in a table, and the common value that it reads as."""

    scalar: Scalar
    vendor: str
    common: str

    @property
    def words(self) -> tuple[str, str]:
        return letters_of(self.vendor), letters_of(self.common)


def _read(entry: _Entry) -> str:
    return f"{show_value(entry.vendor)} reads as {show_value(entry.common)}"


def _crossed(use: ConverterUse) -> Iterator[tuple[_Entry, _Entry]]:
    """Yield the entries that read words as one another."""
    scalars = iter(use.scalars)
    known: dict[tuple[str, str], _Entry] = {}
    for common, values in use.parameters.items():
        for value, scalar in zip(values, scalars, strict=False):
            if isinstance(value, str):
                entry = _Entry(scalar, value, common)
                vendors, ours = entry.words
                if vendors != ours and (ours, vendors) in known:
                    yield known[ours, vendors], entry
                known.setdefault(entry.words, entry)


def _tables(uses: tuple[ConverterUse, ...], given: Type) -> Iterator[tuple[ConverterUse, Type]]:
    """Yield the tables that are given values as the vendor has them, with the type of these."""
    for use in uses[:1]:
        if use.name == "values" and is_told(given):
            yield use, given
        elif use.name == "list" and given.lists is not None:
            yield from _tables(use.items, given.lists.item)


def _never_coming(use: ConverterUse, given: Type, *, first: bool) -> Iterator[Scalar]:
    """Yield the vendor values of a table that are not *given*, the *first* ones of each or not."""
    scalars = iter(use.scalars)
    for values in use.parameters.values():
        for at, (value, scalar) in enumerate(zip(values, scalars, strict=False)):
            if (first or at) and not inhabits(value, given):
                yield scalar
