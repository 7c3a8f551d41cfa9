"""What a mapping writes: whether common objects that fit their schema can be written."""

from collections.abc import Collection, Iterable, Iterator
from functools import reduce
from itertools import islice

from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Diagnostic, Span, show_value
from mapper.infer.fitting import MISSING, misfits
from mapper.infer.invariants import assured
from mapper.infer.reading import Scope, convert, entry_of, expression_type, show_place
from mapper.infer.schemas import type_of_schema, type_of_value
from mapper.infer.types import ANYTHING, Lists, Member, Objects, Type, inhabits
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
from mapper.schema import Schema, descend, items_of, write_schema
from mapper.values import ABSENT, Steps


def written_findings(
    mapping: Mapping, lowered: LoweredMapping, resource: Resource, common: Schema
) -> Iterator[Diagnostic]:
    """Yield what common objects that fit *common* cannot be written."""
    invariants = (each.expression.tree for each in resource.invariants)
    scope = Scope(ANYTHING, common, "", lowered.tables, assured(invariants))
    _require_shape(common, OBJECT, (), scope, mapping.span)
    _holds(OBJECT, (), lowered.vendor, scope, mapping.vendor.schema.span)
    _write_members(lowered.rules, scope, lowered.vendor)
    for steps, kept in _kept(lowered.vendor, ()):
        _fits(type_of_schema(kept), steps, kept, scope, mapping.vendor.schema.span)
    for constant in mapping.constants:
        steps = constant.vendor.steps
        value = type_of_value(constant.value)
        _fits(value, steps, descend(lowered.vendor, steps), scope, constant.vendor.span)
    yield from scope.findings


def _write_members(rules: Iterable[Lowered], scope: Scope, vendor: Schema | None) -> None:
    for rule in rules:
        _require_objects(rule, scope)
        common = descend(scope.common, rule.common)
        written = rule.access is not Access.READ and common is not None
        match rule:
            case Leaf() if written and common is not None:
                _leaf(rule, common, scope, descend(vendor, rule.vendor))
            case Formula() if written and common is not None and rule.writes:
                _given(rule, common, scope)
                _formula(rule, scope, vendor)
            case Group(vendor=steps):
                inner = descend(vendor, steps)
                if written:
                    _container(rule, common, OBJECT, scope, inner if steps else None)
                _write_members(rule.members, scope.inside(ANYTHING, common), inner)
            case Listing(vendor=steps):
                inner = descend(vendor, steps)
                if written:
                    _container(rule, common, OBJECTS, scope, inner)
                inside = scope.inside(ANYTHING, items_of(common))
                _write_members(rule.members, inside, items_of(inner))
            case Single() | Slots():
                if written:
                    _container(rule, common, OBJECTS, scope, None)
                for members in inner_rules(rule):
                    _write_members(members, scope.inside(ANYTHING, items_of(common)), vendor)
            case _:
                pass


def _kept(schema: Schema, at: Steps) -> Iterator[tuple[Steps, Schema]]:
    """Yield what an edit beside it sends as it was read, and the vendor takes as something else."""
    for name, member in schema.members().items():
        if member.annotation("readOnly", default=False):
            continue
        if at and member.annotation("x-write-type") is not None:
            yield (*at, name), member
        yield from _kept(member.items() or member, (*at, name))


OBJECT = Type(objects=Objects(closed=True))
OBJECTS = Type(lists=Lists(ANYTHING))
"""Objects, and lists of them, whatever they hold."""


def _require_objects(rule: Lowered, scope: Scope) -> None:
    """Report what on the way to a rule's common path may be given that is no object."""
    for depth in range(1, len(rule.common)):
        around = descend(scope.common, rule.common[:depth])
        if around is not None:
            _require_shape(around, OBJECT, rule.common[:depth], scope, rule.span)


def _require_shape(common: Schema, shape: Type, at: Steps, scope: Scope, place: Span) -> None:
    """Report what the canonical schema lets be given where objects, or lists of them, are due."""
    given = type_of_schema(common)
    if given.open:
        return
    wanted, noun = ("object", "an object") if shape is OBJECT else ("array", "a list of objects")
    others = {kind for kind in given.kinds if kind != wanted}
    if shape is OBJECTS and given.lists is not None and not given.lists.item.open:
        others |= {f"a list with {kind}" for kind in given.lists.item.kinds if kind != "object"}
    if others:
        name = show_path(at) or "the object"
        message = f"{name} may be {' or '.join(sorted(others))}, and {noun} is written"
        scope.report(codes.WRITTEN_MISFIT, message, place)


def _container(
    rule: Group | Listing | Single | Slots,
    common: Schema | None,
    shape: Type,
    scope: Scope,
    vendor: Schema | None,
) -> None:
    """Report what of an object or a list, what it holds aside, cannot be written."""
    if common is None:
        return
    _require_shape(common, shape, rule.common, scope, rule.span)
    if isinstance(rule, Group | Listing):
        lists = type_of_schema(common).lists if isinstance(rule, Listing) else None
        written = shape if lists is None else Type(lists=replace(lists, of=ANYTHING))
        _holds(written, rule.vendor, vendor, scope, rule.span)
        picks = vendor is not None and isinstance(vendor.annotation("x-write-as"), dict)
        if isinstance(rule, Listing) and not picks:  # else a member of each item is written
            _holds(OBJECT, (*rule.vendor, "[]"), items_of(vendor), scope, rule.span)
        _collides(rule, written, scope)
        _clears(rule, vendor, scope)


def _holds(written: Type, steps: Steps, vendor: Schema | None, scope: Scope, place: Span) -> None:
    """Report what of an object or a list, what it holds aside, the vendor does not take."""
    _fits(written, steps, vendor, scope, place)
    _refuses(steps, vendor, scope, place)


def _refuses(steps: Steps, vendor: Schema | None, scope: Scope, place: Span) -> None:
    """Report an object or a list that the vendor never takes."""
    if vendor is not None and vendor.annotation("x-write-enum") is not None:
        path = show_place((), steps) or _WHOLE
        message = f"{path} is written, and `x-write-enum` lists single values"
        scope.report(codes.WRITTEN_MISFIT, message, place)


def _given(rule: Leaf | Formula, common: Schema, scope: Scope) -> Type:
    """Return the type of the values that can be given for a rule; report null among them."""
    given = type_of_schema(common)
    if given.null and not given.open:
        message = f"{show_path(rule.common)} may be null, and no value is an absent member"
        scope.report(codes.WRITTEN_MISFIT, message, rule.span, "take null out of the schema")
    return given.without_null()


def _leaf(rule: Leaf, common: Schema, scope: Scope, vendor: Schema | None) -> None:
    given = _given(rule, common, scope)
    written = convert(rule.put, given, rule, scope, reading=False)
    if rule.default.create is not ABSENT and rule.default.create is not None:
        created = type_of_value(rule.default.create)
        written |= convert(rule.put, created, rule, scope, reading=False)
    place = _place(rule)
    _fits(written.without_null(), rule.vendor, vendor, scope, rule)
    if (written.objects is not None or written.lists is not None) and not written.open:
        _refuses(rule.vendor, vendor, scope, place)
    _collides(rule, written, scope)
    _clears(rule, vendor, scope)


def _collides(rule: Leaf | Group | Listing, written: Type, scope: Scope) -> None:
    """Report a written value that reads as no value."""
    for spelling in rule.unset.read:
        if spelling is not None and not written.open and inhabits(spelling, written):
            message = f"{show_path(rule.common)} may be written as {show_value(spelling)}"
            out = f"take {show_value(spelling)} out of `unset`"
            hint = f"let the canonical schema exclude it, or {out}"
            place = _place(rule)
            scope.report(codes.WRITTEN_AS_UNSET, f"{message}, which reads as no value", place, hint)


def _place(rule: Leaf | Group | Listing) -> Span:
    if not isinstance(rule, Leaf):
        return rule.span
    return rule.rule.convert[0].span if rule.rule.convert else rule.rule.vendor.span


def _clears(rule: Leaf | Group | Listing, vendor: Schema | None, scope: Scope) -> None:
    """Report a ``clear`` that the vendor's schema does not take."""
    if rule.unset.clear is not ABSENT and rule.access is not Access.CREATE:
        _fits(type_of_value(rule.unset.clear), rule.vendor, vendor, scope, rule.span)


def _fits(
    written: Type, steps: Steps, vendor: Schema | None, scope: Scope, place: Span | Leaf
) -> None:
    """Report what of a written value the vendor does not take, at a place or that of a rule."""
    if vendor is None:
        return
    # An object whose members are written one by one, or an item of which one member is written,
    # lacks others; which of them creating needs is said elsewhere.
    partial = written is OBJECT or isinstance(vendor.annotation("x-write-as"), dict)
    found = (
        each
        for each in misfits(written, _taken(vendor))
        if not (partial and each.message == MISSING)
    )
    for misfit in islice(found, _SHOWN):
        path = show_place(steps, misfit.at) or _WHOLE
        shown = f": {misfit.example}" if misfit.example else ""
        message = f"{path} as it is written {misfit.message}{shown}"
        at = place if isinstance(place, Span) else entry_of(place, misfit.example) or _place(place)
        scope.report(codes.WRITTEN_MISFIT, message, at)


def _taken(vendor: Schema) -> Schema:
    """Return the schema of what the vendor takes; values that it only reads are refused anyway."""
    if vendor.annotation("x-write-type") is None:
        return vendor
    raw = write_schema(vendor, "create")
    raw.pop("enum", None)
    return Schema.of(raw)


_WHOLE = "the body"
_OF_EXPRESSIONS = (
    "narrow the canonical schema, guard the expression, or say under `invariants` of the resource "
    "what always holds"
)

_SHOWN = 3
"""How many misfits of one rule are told."""


def _formula(rule: Formula, scope: Scope, vendor: Schema | None) -> None:
    if scope.common is None:
        return
    current = _partial(type_of_schema(scope.common))
    for write in rule.writes:
        side = codes.UNKNOWN_COMMON_PATH, scope.common.file
        made = expression_type(write.expression, current, side, scope)
        place = write.expression.place(0, len(write.expression.scalar.text))
        before = len(scope.findings)
        _fits(made.without_null(), write.vendor, descend(vendor, write.vendor), scope, place)
        scope.findings[before:] = [
            each._replace(hint=_OF_EXPRESSIONS) for each in scope.findings[before:]
        ]
        whole = reduce(_with, write.mentions, current)
        silent = Scope(scope.vendor, scope.common, scope.file, scope.tables, scope.assured)
        always = expression_type(write.expression, whole, side, silent)
        if always.null and not always.open:
            message = f"this may give no value for a given {show_path(rule.common)}"
            scope.report(codes.WRITTEN_MISFIT, message, place, _NO_VALUE)


_NO_VALUE = (
    "an expression that gives null is refused: give a value in every case, such as '' where the "
    "vendor's schema takes it"
)


def _with(given: Type, steps: Steps) -> Type:
    """Return the type of those of the objects that have a value at *steps*."""
    objects = given.objects
    if objects is None or not steps:
        return given
    [name, *rest] = steps
    member = objects.members.get(name) or Member(objects.rest)
    inner = Member(_with(member.type.without_null(), tuple(rest)), required=True)
    return Type(objects=replace(objects, members={**objects.members, name: inner}))


def _partial(given: Type) -> Type:
    """Return the type of objects any members of which may be missing, as callers may send them."""
    if given.lists is not None and given.lists.of is not None:
        given = replace(given, lists=replace(given.lists, of=_partial(given.lists.of)))
    objects = given.objects
    if objects is None:
        return given
    members = {
        name: Member(_partial(member.type), required=False)
        for name, member in objects.members.items()
    }
    branches = [_partial(Type(objects=each)).objects for each in objects.branches]
    known = tuple(each for each in branches if each is not None)
    return replace(given, objects=Objects(members, objects.closed, objects.of, known))


def lacking(mapping: Mapping, lowered: LoweredMapping) -> Iterator[Steps]:
    """Yield the vendor paths of what creating needs and nothing writes, through items of lists."""
    constants = {each.vendor.steps[0] for each in mapping.constants}
    yield from _needed(lowered.rules, lowered.policy, constants)


def _needed(
    rules: Iterable[Lowered], policy: Policy, constants: Collection[str] = ()
) -> Iterator[Steps]:
    """Yield the members that *policy* asks for and *rules* do not write, in what they do write."""
    written = list(_writers(rules))
    names = {steps[0] for steps, _ in written}
    for name, member in policy.members.items():
        if member.required and member.written and name not in names and name not in constants:
            yield (name,)
    for steps, members in written:
        inner = _policy_at(policy, steps)
        if members and inner is not None:
            yield from ((*steps, *each) for each in _needed(members, _items_or_self(inner)))


def _policy_at(policy: Policy, steps: Steps) -> Policy | None:
    for step in steps:
        found = policy.members.get(step)
        if found is None:
            return None
        policy = found
    return policy


def _items_or_self(policy: Policy) -> Policy:
    """Return the policy of the items of a list, of an object itself."""
    return policy.items if policy.items is not None else policy


def _writers(rules: Iterable[Lowered]) -> Iterator[tuple[Steps, tuple[Lowered, ...]]]:
    """Yield the vendor paths that creating writes, each with the rules of what lies there."""
    for rule in rules:
        if rule.access is Access.READ:
            continue
        match rule:
            case Leaf(vendor=steps):
                yield steps, ()
            case Group(vendor=()):
                yield from _writers(rule.members)
            case Group(vendor=steps) | Listing(vendor=steps):
                yield steps, rule.members
            case Formula(writes=writes):
                yield from ((write.vendor, ()) for write in writes)
            case Single() | Slots():
                for members in inner_rules(rule):
                    yield from _writers(members)
            case _:
                pass
