"""The law class of each rule: how its two directions fit, and why, found out without any data.

==========  ======================================================================================
iso         each direction undoes the other
lens        an edit is read back as it was made; what is not edited keeps the base's spelling
lossy       a common value may be read back as another one
read        it is only read
write       it is only written
opaque      its expressions decide; examples and laws test them
==========  ======================================================================================
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from mapper.diagnostics import show_value
from mapper.expr import mentions, reads
from mapper.infer.reading import look
from mapper.infer.refusals import of_regex
from mapper.infer.schemas import type_of_schema
from mapper.infer.scope import Scope
from mapper.infer.types import NOTHING, Type, is_told, join, outside, without
from mapper.lower import (
    Fixed,
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    LoweredMapping,
    Single,
    Slots,
)
from mapper.model import Access, ConverterUse
from mapper.primitives import zone_transitions
from mapper.schema import Schema, descend, items_of
from mapper.values import ABSENT, Steps


class LawClass(StrEnum):
    """In the order of how much is promised."""

    ISO = "iso"
    LENS = "lens"
    LOSSY = "lossy"
    READ = "read"
    WRITE = "write"
    OPAQUE = "opaque"


class Verdict(Struct, frozen=True):
    """The class of a rule, and what makes it that; no reasons are needed for what is iso.

    ``use`` is the converter that makes it that, if one does.
    """

    law: LawClass
    why: tuple[str, ...] = ()
    use: ConverterUse | None = None


class Classified(Struct, frozen=True):
    """A rule with its common path from the root, its class, and the types of both sides.

    ``of_common`` is the type of the common values, ``vendor`` that of those they are read from;
    ``around`` is the path, from the root, of the vendor object around, and ``untold`` are the paths
    that the rule reads and of which the vendor's schema does not say what they hold.
    """

    common: Steps
    around: Steps
    rule: Lowered
    verdict: Verdict
    of_common: Type = NOTHING
    vendor: Type = NOTHING
    untold: tuple[Steps, ...] = ()


def classified(mapping: LoweredMapping, common: Schema) -> Iterator[Classified]:
    """Yield the rules that give values, in their order, each with its class."""
    scope = Scope(type_of_schema(mapping.vendor), common, mapping.vendor.file, mapping.tables)
    yield from _classified(mapping.rules, scope, (), ())


def _classified(
    rules: Sequence[Lowered], scope: Scope, at: Steps, around: Steps
) -> Iterator[Classified]:
    for rule in rules:
        steps = (*at, *rule.common)
        common = descend(scope.common, rule.common)
        typed = type_of_schema(common).without_null() if common is not None else NOTHING
        match rule:
            case Leaf():
                found, _ = look(scope.vendor, rule.vendor)
                verdict = _of_leaf(rule, found, typed)
                untold = _untold(scope.vendor, [rule.vendor], around)
                yield Classified(steps, around, rule, verdict, typed, found, untold)
            case Formula():
                read = mentions(rule.read.tree) if rule.read is not None else ()
                seen = join(look(scope.vendor, path)[0] for path in read)
                places = reads(rule.read.tree) if rule.read is not None else ()
                untold = _untold(scope.vendor, places, around)
                yield Classified(steps, around, rule, _of_formula(rule), typed, seen, untold)
            case Fixed():
                verdict = Verdict(LawClass.ISO, ("it is always the same",))
                yield Classified(steps, around, rule, verdict, typed)
            case Group(vendor=vendor, members=members):
                inside = scope.inside(look(scope.vendor, vendor)[0], common)
                yield from _classified(members, inside, steps, (*around, *vendor))
            case Listing(vendor=vendor, members=members):
                lists = look(scope.vendor, vendor)[0].lists
                item = lists.item if lists is not None else NOTHING
                inside = scope.inside(item, items_of(common))
                yield from _classified(members, inside, steps, (*around, *vendor))
            case Single(members=members):
                inside = scope.inside(scope.vendor, items_of(common))
                yield from _classified(members, inside, steps, around)
            case Slots(slots=slots):
                inside = scope.inside(scope.vendor, items_of(common))
                for slot in slots:
                    yield from _classified(slot, inside, steps, around)
            case _:
                assert_never(rule)


def _untold(vendor: Type, paths: Iterable[Steps], around: Steps) -> tuple[Steps, ...]:
    """Return the outermost places on *paths* that are read and that *vendor* does not tell."""
    found = (_first_untold(vendor, path) for path in paths)
    return tuple((*around, *path) for path in found if path is not None)


def _first_untold(given: Type, path: Steps) -> Steps | None:
    for depth, step in enumerate(path):
        held = given if given.lists is None else given.lists.item | given.only("object")
        if held.open and depth:
            return path[:depth]
        if held.objects is None:
            return None
        member = held.objects.members.get(step)
        given = member.type if member is not None else held.objects.rest
    return None if is_told(given) else path


def _of_formula(rule: Formula) -> Verdict:
    match rule.access:
        case Access.READ:
            return Verdict(LawClass.READ)
        case Access.WRITE:
            return Verdict(LawClass.WRITE)
        case _ if not rule.writes:
            return Verdict(LawClass.READ)
        case _ if rule.read is None:
            return Verdict(LawClass.WRITE)
        case _:
            return Verdict(LawClass.OPAQUE, ("expressions read and write it",))


def _of_leaf(rule: Leaf, vendor: Type, common: Type) -> Verdict:
    if rule.access is Access.READ:
        return Verdict(LawClass.READ)
    if rule.access is Access.WRITE:
        return Verdict(LawClass.WRITE)
    verdicts = [_of_spellings(rule, vendor)]
    given = without(vendor, (*rule.unset.read, None))
    uses = rule.rule.convert
    verdicts += [replace(_of_converter(use, given, common), use=use) for use in uses]
    if rule.default.read is not ABSENT:
        why = f"no value reads as {show_value(rule.default.read)}"
        verdicts.append(Verdict(LawClass.LENS, (why,)))
    return _least(verdicts)


def _least(verdicts: list[Verdict]) -> Verdict:
    """Return a verdict that promises what all do; what makes its class is the first reason."""
    verdicts = sorted(verdicts, key=lambda each: list(LawClass).index(each.law), reverse=True)
    reasons = tuple(reason for each in verdicts for reason in each.why)
    return Verdict(verdicts[0].law, reasons, verdicts[0].use)


def _of_spellings(rule: Leaf, vendor: Type) -> Verdict:
    """Return the class that the vendor's spellings of "no value" make."""
    spelled = [show_value(each) for each in rule.unset.read if each is not None or vendor.null]
    if not spelled:
        return Verdict(LawClass.ISO)
    return Verdict(LawClass.LENS, (f"no value is spelled {', '.join(spelled)} or left out",))


def _of_converter(use: ConverterUse, vendor: Type, common: Type) -> Verdict:
    match use.name:
        case "string" | "integer":
            return _two_spellings(vendor, "an id")
        case "decimal" | "percent":
            return _two_spellings(vendor, "a number")
        case "number":
            return _least([_of_number(common), _two_spellings(vendor, "a number")])
        case "date" | "epoch" | "boolean" | "flag" | "split" | "join":
            return Verdict(LawClass.ISO)
        case "datetime":
            return _of_zone(use.parameters["zone"])
        case "money":
            why = "the vendor's object may have other members, or its currency in lower case"
            return Verdict(LawClass.LENS, (why,))
        case "values":
            return _of_values(use)
        case "scale":
            return _least([_of_scale(use, common), _two_spellings(vendor, "a number")])
        case "list":
            items = _item(vendor), _item(common)
            return _least([_of_converter(each, *items) for each in use.items])
        case "pluck":
            why = "the vendor's items may have other members"
            return Verdict(LawClass.LENS, (why,))
        case _:
            return Verdict(LawClass.OPAQUE, (f"nothing is known of {use.name}",))


def _item(given: Type) -> Type:
    return given.lists.item if given.lists is not None else NOTHING


def _two_spellings(vendor: Type, what: str) -> Verdict:
    if vendor.numbers is not None and vendor.texts is not None:
        return Verdict(LawClass.LENS, (f"the vendor writes {what} as a number or as text",))
    return Verdict(LawClass.ISO)


def _of_zone(zone: str) -> Verdict:
    if len(zone_transitions(zone)) == 1:
        return Verdict(LawClass.ISO)
    why = f"{zone} repeats and skips hours: an instant in the second pass of one reads as the first"
    return Verdict(LawClass.LOSSY, (why,))


def _of_values(use: ConverterUse) -> Verdict:
    reasons = [
        f"{' and '.join(map(show_value, vendor))} all read as {common}; "
        f"{show_value(vendor[0])} is written back"
        for common, vendor in use.parameters.items()
        if len(vendor) > 1
    ]
    return Verdict(LawClass.LENS if reasons else LawClass.ISO, tuple(reasons))


def _of_number(common: Type) -> Verdict:
    shortest = of_regex(r"0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]")
    if common.texts is not None and outside(common.texts.language, shortest) is None:
        return Verdict(LawClass.ISO)
    return Verdict(LawClass.LOSSY, ("zeros at the end of a number are not written (1.50, -0)",))


def _of_scale(use: ConverterUse, common: Type) -> Verdict:
    factor = str(use.parameters)
    if not factor.startswith("1"):
        return Verdict(LawClass.LENS, ("zeros that the vendor leaves out are written",))
    places = len(factor) - 1
    enough = of_regex(rf"-?(?:0|[1-9][0-9]*)\.[0-9]{{{places},{places}}}[0-9]*")
    if not places or (common.texts is not None and outside(common.texts.language, enough) is None):
        return Verdict(LawClass.ISO)
    why = f"a number with fewer than {places} digits after the point reads back with zeros added"
    return Verdict(LawClass.LOSSY, (why,))
