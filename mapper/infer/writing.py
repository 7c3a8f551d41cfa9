"""What a mapping writes: whether common objects that fit their schema can be written."""

from collections.abc import Iterable, Iterator

from mapper import codes
from mapper.diagnostics import Diagnostic, Span, show_value
from mapper.infer.fitting import misfits
from mapper.infer.invariants import assured
from mapper.infer.reading import Scope, convert, descend, expression_type, items_of
from mapper.infer.schemas import type_of_schema, type_of_value
from mapper.infer.types import ANYTHING, Objects, Type, inhabits
from mapper.lower import (
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    LoweredMapping,
    Policy,
    Single,
    Slots,
    inner_rules,
)
from mapper.model import Access, Mapping, Resource, show_path
from mapper.schema import Schema
from mapper.values import ABSENT, Steps


def written_findings(
    mapping: Mapping, lowered: LoweredMapping, resource: Resource, common: Schema
) -> Iterator[Diagnostic]:
    """Yield what common objects that fit *common* cannot be written, and what creating lacks."""
    invariants = (each.expression.tree for each in resource.invariants)
    scope = Scope(ANYTHING, common, "", lowered.tables, assured(invariants))
    _write_members(lowered.rules, scope, lowered.vendor)
    yield from scope.findings
    yield from _lacking(mapping, lowered)


def _write_members(rules: Iterable[Lowered], scope: Scope, vendor: Schema | None) -> None:
    for rule in rules:
        common = descend(scope.common, rule.common)
        match rule:
            case Leaf():
                if rule.access is not Access.READ and common is not None:
                    _leaf(rule, common, scope, descend(vendor, rule.vendor))
            case Formula():
                if rule.access is not Access.READ:
                    _formula(rule, scope, vendor)
            case Group(vendor=steps) | Listing(vendor=steps):
                inner = descend(vendor, steps)
                if isinstance(rule, Listing):
                    inner, common = items_of(inner), items_of(common)
                _write_members(rule.members, scope.inside(ANYTHING, common), inner)
            case Single() | Slots():
                for members in inner_rules(rule):
                    _write_members(members, scope.inside(ANYTHING, items_of(common)), vendor)
            case _:
                pass


def _leaf(rule: Leaf, common: Schema, scope: Scope, vendor: Schema | None) -> None:
    given = type_of_schema(common).without_null()
    place = rule.rule.convert[0].span if rule.rule.convert else rule.rule.vendor.span
    written = convert(rule.put, given, rule, scope, reading=False)
    if rule.default.create is not ABSENT and rule.default.create is not None:
        created = type_of_value(rule.default.create)
        written |= convert(rule.put, created, rule, scope, reading=False)
    _fits(written, rule.vendor, vendor, scope, place)
    for spelling in rule.unset.read:
        if spelling is not None and not written.open and inhabits(spelling, written):
            message = f"{show_path(rule.common)} may be written as {show_value(spelling)}"
            hint = f"let the schema exclude it, or take {show_value(spelling)} out of `unset`"
            scope.report(codes.WRITTEN_AS_UNSET, f"{message}, which reads as no value", place, hint)


def _fits(written: Type, steps: Steps, vendor: Schema | None, scope: Scope, place: Span) -> None:
    """Report what of a written value the vendor's schema does not take."""
    if vendor is None or vendor.annotation("x-write-type") is not None:
        return
    written_as = vendor.annotation("x-write-as")
    if isinstance(written_as, dict):
        return
    for misfit in list(misfits(written, vendor))[:_SHOWN]:
        path = show_path((*steps, *map(str, misfit.at)))
        shown = f": {misfit.example}" if misfit.example else ""
        message = f"{path} as it is written {misfit.message}{shown}"
        scope.report(codes.WRITTEN_MISFIT, message, place)


_SHOWN = 3


def _formula(rule: Formula, scope: Scope, vendor: Schema | None) -> None:
    if scope.common is None:
        return
    current = _partial(type_of_schema(scope.common))
    for write in rule.writes:
        side = codes.UNKNOWN_COMMON_PATH, scope.common.file
        made = expression_type(write.expression, current, side, scope)
        place = write.expression.place(0, len(write.expression.scalar.text))
        _fits(made.without_null(), write.vendor, descend(vendor, write.vendor), scope, place)


def _partial(given: Type) -> Type:
    """Return the type of objects any members of which may be missing, as callers may send them."""
    objects = given.objects
    if objects is None:
        return given
    members = {
        name: type(member)(_partial(member.type), required=False)
        for name, member in objects.members.items()
    }
    return Type(objects=Objects(members, objects.closed, objects.of))


def _lacking(mapping: Mapping, lowered: LoweredMapping) -> Iterator[Diagnostic]:
    """Yield the members that creating needs and that nothing writes."""
    written = set(_written(lowered.rules)) | {each.vendor.steps for each in mapping.constants}
    for steps in _needed(lowered.policy):
        if not any(path[: len(steps)] == steps or steps[: len(path)] == path for path in written):
            message = f"creating needs {show_path(steps)}, which nothing writes"
            yield Diagnostic(codes.CREATION_LACKS, message, mapping.vendor.schema.span)


def _needed(policy: Policy) -> Iterator[Steps]:
    for name, member in policy.members.items():
        if member.required and member.written:
            yield (name,)


def _written(rules: Iterable[Lowered]) -> Iterator[Steps]:
    """Yield the vendor paths that creating writes."""
    for rule in rules:
        if rule.access is Access.READ:
            continue
        match rule:
            case Leaf(vendor=steps) | Listing(vendor=steps):
                yield steps
            case Group(vendor=steps):
                yield from ((*steps, *inner) for inner in _written(rule.members))
            case Formula(writes=writes):
                yield from (write.vendor for write in writes)
            case Single() | Slots():
                for members in inner_rules(rule):
                    yield from _written(members)
            case _:
                pass
