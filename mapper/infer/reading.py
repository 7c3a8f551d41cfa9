"""What a mapping reads: its type, and whether it fits the canonical schema."""

from collections.abc import Iterator
from typing import assert_never

from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Diagnostic, Span
from mapper.expr import Expr, parse
from mapper.functions import FUNCTIONS, Tables
from mapper.infer.assembling import NEVER, Read, There, Tree, assemble, is_union, require_shape
from mapper.infer.evaluating import behind_table, convert, entry_of, expression_type
from mapper.infer.fitting import NOUNS, OPEN, Misfit, alternatives, misfits
from mapper.infer.invariants import assured
from mapper.infer.schemas import branched, type_of_schema, type_of_value
from mapper.infer.scope import Findings, Scope, show_place
from mapper.infer.types import (
    NOTHING,
    Lists,
    Member,
    Objects,
    Type,
    inhabits,
    join,
    without,
)
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
    inner_rules,
    item_signs,
    members_of,
)
from mapper.model import Access, Default, Resource, Unset, show_path
from mapper.schema import Schema, descend, items_of
from mapper.values import ABSENT, Steps


def read_type(mapping: LoweredMapping, common: Schema, place: Span) -> tuple[Type, Findings]:
    """Return the type of the common objects that *mapping* reads, and what may go wrong.

    *place* is where what is wrong with the whole is shown.
    """
    vendor = type_of_schema(mapping.vendor)
    sure = assured(_invariants(mapping.vendor))
    scope = Scope(vendor, common, mapping.vendor.file, mapping.tables, sure)
    _only(vendor, "object", (), scope, place)
    return read_object(mapping.rules, scope, place).type, scope.findings


def _invariants(vendor: Schema) -> Iterator[Expr]:
    for text in vendor.annotation("x-invariants", {}).values():
        yield parse(text, FUNCTIONS)


def read_object(
    rules: tuple[Lowered, ...], scope: Scope, place: Span, there: There = There.ALWAYS
) -> Read:
    """Return the common object that *rules* read; report what may go wrong.

    "always" tells whether it always has members.
    """
    if scope.common is not None and is_union(scope.common):
        return _of_union(rules, scope, place, there)
    found = _members(rules, scope, place, there)
    require_shape(found, scope.common, (), scope, place)
    return found


def _of_union(rules: tuple[Lowered, ...], scope: Scope, place: Span, there: There) -> Read:
    """Return the object that *rules* read where the canonical schema is a union.

    What each branch of the vendor's reads as is held against it as a whole, since members by
    themselves do not tell of which branch they are.
    """
    together = replace(scope, findings=[])
    _members(rules, together, place, there)
    scope.findings.extend(each for each in together.findings if not _is_misfit(each))
    alone = replace(scope, common=None, findings=[])
    found = [
        _members(rules, replace(alone, vendor=each), place, there)
        for each in alternatives(scope.vendor) or [scope.vendor]
    ]
    objects = [each.type.objects for each in found if each.type.objects is not None]
    made = Read(
        branched(join(each.type for each in found), objects),
        all(each.always for each in found),
        all(each.beyond for each in found),
        all(each.constant for each in found),
        rules={name: rule for each in found for name, rule in each.rules.items()},
    )
    require_shape(made, scope.common, (), scope, place)
    return made


def _is_misfit(found: Diagnostic) -> bool:
    return found.rule in (codes.READ_MISFIT, codes.REQUIRED_UNFILLED)


def _members(rules: tuple[Lowered, ...], scope: Scope, place: Span, there: There) -> Read:
    """Return the object that *rules* read, itself not yet held against its schema."""
    tree = Tree()
    read = [rule for rule in rules if rule.access is not Access.WRITE]
    alone = sum(not is_constant(rule) for rule in read) == 1
    for rule in rules:
        inner = there.inside(alone=alone and not is_constant(rule))
        found = NEVER if rule.access is Access.WRITE else _read(rule, scope, inner)
        tree.add(rule.common, replace(found, rule=rule))
    return assemble(tree, (), scope, place, there)


# Rules --------------------------------------------------------------------------------------------


def is_constant(rule: Lowered) -> bool:
    """Whether a rule reads constants, and nothing else."""
    if isinstance(rule, Group):
        return all(map(is_constant, rule.members))
    return isinstance(rule, Fixed)


def _read(rule: Lowered, scope: Scope, there: There) -> Read:
    """Return what *rule* reads; if it is an object, *there* tells when it is there."""
    common = descend(scope.common, rule.common)
    match rule:
        case Leaf():
            return _fitting(_leaf(rule, scope), rule, common, scope, rule.rule.vendor.span)
        case Formula():
            return _formula(rule, common, scope)
        case Fixed(value=value):
            found = Read(type_of_value(value), beyond=False, constant=True)
            return _fitting(found, rule, common, scope, rule.span)
        case Group(vendor=()):
            return read_object(rule.members, scope.beside(common), rule.span, there)
        case Group():
            return _group(rule, common, scope, there)
        case Listing():
            return _listing(rule, common, scope)
        case Single():
            return _single(rule, common, scope)
        case Slots():
            return _slots(rule, common, scope)
        case _:
            assert_never(rule)


def look(vendor: Type, steps: Steps) -> tuple[Type, bool]:
    """Return the type of what lies at *steps*, null included, and whether it is always there."""
    found, always = vendor, True
    for step in steps:
        always = always and found.kinds == ("object",)
        objects = found.objects
        if objects is None:
            return NOTHING, False
        member = objects.members.get(step) or Member(objects.rest)
        always = always and member.required
        found = member.type
    return found, always


def _sure_from(vendor: Type, steps: Steps) -> int:
    """Return how much of *steps* has to lead to objects for something to be there at its end."""
    found, sure = vendor, 0
    for depth, step in enumerate(steps):
        if found.kinds != ("object",):
            sure = depth
        if found.objects is None:
            return len(steps)
        member = found.objects.members.get(step) or Member(found.objects.rest)
        if not member.required:
            sure = depth + 1
        found = member.type
    return sure


def present(rule: Leaf | Group | Listing, scope: Scope, place: Span) -> Read:
    """Return the values at a rule's vendor path that are not spellings of "no value"."""
    found, always = look(scope.vendor, rule.vendor)
    _require_objects(rule, scope, place)
    left = without(found, rule.unset.read)
    if left.null and not left.open:
        hint = "add null to the rule's `unset`"
        message = f"{show_path(rule.vendor)} may be null, which is no spelling of no value here"
        scope.report(codes.VALUE_REFUSED, message, place, hint)
    left = left.without_null()
    spelled = any(inhabits(spelling, found) for spelling in (*rule.unset.read, None))
    there = always and not spelled
    sure = None if spelled else _sure_from(scope.vendor, rule.vendor)
    return Read(left, there, there, within=rule.vendor[:-1], sure=sure)


def _require_objects(rule: Leaf | Group | Listing, scope: Scope, place: Span) -> None:
    """Report what on the way to a rule's vendor path may be neither an object nor null."""
    found = scope.vendor
    for depth, step in enumerate(rule.vendor[:-1]):
        objects = found.objects
        if objects is None:
            return
        found = (objects.members.get(step) or Member(objects.rest)).type
        kinds = () if found.open else found.kinds
        others = [NOUNS[kind] for kind in kinds if kind not in ("object", "null")]
        if others:
            path = show_path(rule.vendor[: depth + 1])
            message = f"{path} may be {' or '.join(others)}, and its members are read"
            scope.report(codes.VALUE_REFUSED, message, place)


def _leaf(rule: Leaf, scope: Scope) -> Read:
    place = rule.rule.vendor.span
    found = present(rule, scope, place)
    made = convert(rule.get, found.type, rule, scope, reading=True)
    may_read_none = made.null
    always = found.always and not may_read_none
    made = made.without_null()
    if rule.default.read is not ABSENT:  # it stands for no value, not for one that reads as none
        filled = not may_read_none or found.type.open
        return Read(made | type_of_value(rule.default.read), filled, filled)
    sure = None if may_read_none else found.sure
    return Read(made, always, always, within=found.within, sure=sure)


def _fitting(found: Read, rule: Lowered, common: Schema | None, scope: Scope, place: Span) -> Read:
    """Report what of a read value may not fit the canonical schema; return *found*."""
    if common is not None:
        for misfit in list(misfits(found.type, common))[:_SHOWN]:
            path = show_place(rule.common, misfit.at)
            shown = f": {misfit.example}" if misfit.example else ""
            message = f"{path} as it is read {misfit.message}{shown}"
            at = place if not isinstance(rule, Leaf) else entry_of(rule, misfit.example) or place
            scope.report(codes.READ_MISFIT, message, at, _settled(misfit, rule, common))
    return found


def _settled(misfit: Misfit, rule: Lowered, common: Schema) -> str | None:
    """Return what settles a misfit; None if nothing is known that the finding does not say."""
    if not isinstance(rule, Leaf):
        return None
    if misfit.message == OPEN and not rule.rule.convert:
        return _ONE_BY_ONE
    return None if misfit.at else behind_table(rule, common)


_ONE_BY_ONE = (
    "map the members one by one, with `fields:`, of the items of a list with `each:`, or let the "
    "canonical schema take others"
)


_SHOWN = 3
"""How many misfits of one rule are told."""


def _formula(rule: Formula, common: Schema | None, scope: Scope) -> Read:
    if rule.read is None:
        return NEVER
    side = codes.UNKNOWN_VENDOR_PATH, scope.file
    made = expression_type(rule.read, scope.vendor, side, scope)
    found = Read(without_nulls(made.without_null()), not made.null, not made.null)
    return _fitting(found, rule, common, scope, rule.read.whole)


def invariant_findings(resource: Resource, common: Schema, tables: Tables) -> Findings:
    """Return the dangers in the invariants of a resource, all of which hold of an object."""
    sure = assured(each.expression.tree for each in resource.invariants)
    scope = Scope(NOTHING, common, "", tables, sure)
    side = codes.UNKNOWN_COMMON_PATH, common.file
    for invariant in resource.invariants:
        current = type_of_schema(common)
        expression_type(invariant.expression, current, side, scope, condition=True)
    return scope.findings


def without_nulls(given: Type) -> Type:
    """Return the type of values whose objects lose their null members."""
    lists, objects = given.lists, given.objects
    if lists is not None and lists.of is not None:
        lists = replace(lists, of=without_nulls(lists.of), first=())
    if objects is not None:
        objects = _without_null_members(objects)
    return replace(given, lists=lists, objects=objects)


def _without_null_members(objects: Objects) -> Objects:
    members = {
        name: Member(without_nulls(each.type.without_null()), each.required and not each.type.null)
        for name, each in objects.members.items()
    }
    branches = tuple(map(_without_null_members, objects.branches))
    return replace(objects, members=members, branches=branches)


def _group(rule: Group, common: Schema | None, scope: Scope, there: There) -> Read:
    found = present(rule, scope, rule.span)
    _only(found.type, "object", rule.vendor, scope, rule.span)
    inside = scope.inside(found.type.only("object"), common)
    inner = read_object(rule.members, inside, rule.span, there)
    if found.type.is_empty:
        return NEVER
    always, beyond = found.always and inner.always, found.always and inner.beyond
    sure = found.sure if inner.always else None
    return Read(inner.type, always, beyond, inner.constant, rule.vendor, sure)


def _only(given: Type, kind: str, steps: Steps, scope: Scope, place: Span) -> None:
    others = [NOUNS[name] for name in given.kinds if name != kind and not given.open]
    if others:
        noun = "an object" if kind == "object" else "a list"
        path = show_place((), steps) or "a payload"
        message = f"{path} may be {' or '.join(others)}, and {noun} is read"
        scope.report(codes.VALUE_REFUSED, message, place)


def _listing(rule: Listing, common: Schema | None, scope: Scope) -> Read:
    found = present(rule, scope, rule.span)
    _only(found.type, "array", rule.vendor, scope, rule.span)
    lists = found.type.lists
    if lists is None:
        return NEVER
    _only(lists.item, "object", (*rule.vendor, "[]"), scope, rule.span)
    inside = scope.inside(lists.item.only("object"), items_of(common))
    item = read_object(rule.members, inside, rule.span).type
    made = Lists(item, lists.least, lists.most)
    listed = _list(made, rule, common, scope, always=found.always)
    return replace(listed, within=found.within, sure=found.sure)


def _list(
    lists: Lists, rule: Lowered, common: Schema | None, scope: Scope, *, always: bool = True
) -> Read:
    """Return lists that are read; report what of their lengths does not fit."""
    found = Type(lists=lists)
    require_shape(Read(found), common, rule.common, scope, rule.span)
    return Read(found, always, always)


def _single(rule: Single, common: Schema | None, scope: Scope) -> Read:
    inside = scope.beside(items_of(common))
    item = read_object(rule.members, inside, rule.span, There.BEYOND_CONSTANTS)
    lists = type_of_schema(common).lists if common is not None else None
    if item.beyond and lists is not None and lists.least == 0 and _writes(rule):
        message = f"{show_path(rule.common)} may be written as an empty list, and reads as one item"
        scope.report(codes.WRITTEN_MISFIT, message, rule.span, _NEVER_EMPTY)
    is_set = rule.access in (Access.READ_WRITE, Access.CREATE)
    never = not item_signs(rule.members, creating=False)
    if is_set and not item.beyond and (never or _stays_unread(rule.members)):
        message = f"{show_path(rule.common)} may be written as one item, and reads as an empty list"
        hint = _NEVER_THERE if never else _NEVER_SHOWN
        scope.report(codes.WRITTEN_MISFIT, message, rule.span, hint)
    return _list(Lists(item.type, int(item.beyond), 1), rule, common, scope)


_NEVER_THERE = "let a rule in it read what the vendor holds: constants alone are no item"
_NEVER_SHOWN = "leave out the default of what is not read, or not written: it shows no item"
_NEVER_EMPTY = "say `minItems: 1` in the canonical schema, since something of the item always reads"


def _stays_unread(members: tuple[Lowered, ...]) -> bool:
    """Whether an item counts as one for nothing but a default that does not read back."""
    shown = tuple(map(_without_unread, members))
    return not item_signs(members, creating=True) and bool(item_signs(shown, creating=True))


def _without_unread(rule: Lowered) -> Lowered:
    """Return *rule* without the defaults, in it too, that are not read, or not written."""
    match rule:
        case Leaf(access=Access.WRITE):
            return replace(rule, default=Default())
        case Leaf(access=Access.READ) if rule.rule.access is not Access.READ:  # else it is told
            return replace(rule, default=Default(read=rule.default.read))
        case Group(vendor=()):
            return replace(rule, members=tuple(map(_without_unread, rule.members)))
        case _:
            return rule


def _writes(rule: Lowered) -> bool:
    """Whether a rule writes anything but constants."""
    if rule.access is Access.READ or is_constant(rule):
        return False
    groups = inner_rules(rule)
    return not groups or any(_writes(each) for members in groups for each in members)


def _slots(rule: Slots, common: Schema | None, scope: Scope) -> Read:
    items = items_of(common)
    item = join(_item_of_slot(slot, rule, scope, items) for slot in rule.slots)
    require_shape(Read(item), items, (*rule.common, "[]"), scope, rule.mark_place or rule.span)
    return _list(Lists(item, 0, len(rule.slots)), rule, common, scope)


def _item_of_slot(
    slot: tuple[Lowered, ...], rule: Slots, scope: Scope, items: Schema | None
) -> Type:
    """Return the type of what one slot reads, with or without what only full slots have."""
    mark = next(each for each in slot if isinstance(each, Leaf) and each.common == rule.mark)
    filled = replace(scope.beside(items), vendor=_filled(scope.vendor, mark))
    made = _members(slot, filled, rule.span, There.ALWAYS).type
    if not rule.when_full or len(rule.slots) == 1:  # one that is filled is all of them
        return made
    apart = replace(filled, findings=[])
    made |= _members(members_of(slot, rule, full=False), apart, rule.span, There.ALWAYS).type
    scope.findings.extend(each for each in apart.findings if each not in scope.findings)
    return made


def _filled(vendor: Type, mark: Leaf) -> Type:
    """Return the type of vendor objects of which a slot's mark has a value."""
    return _with_value(vendor, mark.vendor, mark.unset)


def _with_value(vendor: Type, steps: Steps, unset: Unset) -> Type:
    """Return the type of those of the objects that have a value at *steps*."""
    objects = vendor.objects
    if objects is None:
        return vendor
    [name, *rest] = steps
    member = objects.members.get(name) or Member(objects.rest)
    if rest:
        held = _with_value(member.type.only("object"), tuple(rest), unset)
    else:
        held = without(member.type, unset.read)
    members = {**objects.members, name: Member(held, required=True)}
    return Type(objects=replace(objects, members=members))
