"""What examples should exercise of a mapping: its rules in both directions, and its refusals."""

from collections.abc import Iterable, Iterator
from math import inf
from typing import Any

from mapper import codes
from mapper.diagnostics import Span
from mapper.lower import (
    Fixed,
    Formula,
    Leaf,
    Listing,
    Lowered,
    LoweredMapping,
    Single,
    Slots,
)
from mapper.model import (
    Access,
    ConverterUse,
    FieldRule,
    ValueRule,
    inner_fields,
)
from mapper.paths import placed
from mapper.prove.distinctions import alternatives_of, offsets_of, types_of
from mapper.prove.points import Point, as_json, is_clearable, joined
from mapper.prove.refused import refusals
from mapper.running import Mapper
from mapper.schema import Schema, descend, items_of, validate
from mapper.values import ABSENT, Steps, contains

WRITES = ("create", "update", "unchanged", "request")
"""How a mapping is written; "unchanged" is an update that has nothing to send."""

_Tables = dict[Span, dict[Any, list[Any]]]


def points_of(mapper: Mapper) -> Iterator[Point]:
    """Yield all that should be exercised of a mapping."""
    lowered = mapper.lowered
    tables = dict(_value_tables(mapper.mapping.fields))
    yield from _points_of(lowered.rules, mapper.vendor_schema, mapper.common_schema, "", tables)
    if tables:
        yield Point("", "from_vendor", case=codes.UNEXPECTED_VALUE.code)
    if any(each.access is not Access.READ for _, each in placed(lowered.rules)):
        steps = list(_steps(lowered))
        cases = (*WRITES, *steps, *([codes.NEEDS_STEPS.code] if steps else ()))
        yield from (Point("", "to_vendor", case=each) for each in cases)
        yield from refusals(lowered.rules, lowered.policy)


def _points_of(
    rules: Iterable[Lowered],
    vendor: Schema | None,
    common: Schema | None,
    at: str,
    tables: _Tables,
    outer: Slots | Listing | None = None,
) -> Iterator[Point]:
    """Yield the points of *rules*, of which the items of *outer* are made if there is one."""
    mark, key = _told_by(outer)
    for rule in rules:
        path = joined(at, rule.common)
        if is_clearable(rule) and rule is not key and not isinstance(outer, Slots):
            yield Point(path, "to_vendor", case="cleared")
        inner = descend(common, rule.common)
        match rule:
            case Leaf() | Formula() | Fixed():
                member = descend(vendor, rule.vendor) if isinstance(rule, Leaf) else None
                table = tables.get(rule.span)
                if _reads(rule):
                    yield from _read_points(rule, member, table, path)
                    if isinstance(rule, Leaf) and rule.common != mark:
                        yield from _unset_points(rule, member, path)
                if _writes(rule):
                    yield from _write_points(rule, _written_values(rule, inner, table), path)
                    yield from _unwritable_points(rule, member, table, path)
                yield from _defaults(rule, path)
            case Slots(slots=slots):
                yield from _moves(rule, path, len(slots))
                yield from _slot_points(rule, vendor, items_of(inner), path, tables)
            case Single(members=members):
                yield from _points_of(members, vendor, items_of(inner), path, tables)
            case Listing(vendor=steps, members=members):
                listed = descend(vendor, steps)
                yield from _moves(rule, path, _most(listed, inner))
                items = items_of(listed)
                yield from _points_of(members, items, items_of(inner), path, tables, rule)
            case _:
                below = descend(vendor, rule.vendor)
                yield from _points_of(rule.members, below, inner, path, tables, outer)


def _told_by(outer: Slots | Listing | None) -> tuple[Steps | None, Leaf | None]:
    """Return the member without which a place is empty, or the one that tells items apart."""
    match outer:
        case Slots(mark=mark):
            return mark, None
        case Listing(key=key):
            return None, key
        case _:
            return None, None


def _slot_points(
    rule: Slots, vendor: Schema | None, items: Schema | None, path: str, tables: _Tables
) -> Iterator[Point]:
    for number, slot in enumerate(rule.slots, 1):
        inside = f"{path}[{number}]"
        yield from _points_of(slot, vendor, items, inside, tables, rule)
        if rule.access is Access.WRITE:
            continue
        if len(rule.slots) > 1:
            yield Point(inside, "from_vendor", case="empty")
        for each in slot:
            if each.common in rule.when_full and each.access is not Access.WRITE:
                yield Point(joined(inside, each.common), "from_vendor", case="not full")


def _moves(rule: Listing | Slots, path: str, most: float) -> Iterator[Point]:
    """Yield what an edit does to a list of at *most* so many items."""
    if rule.access is Access.READ_WRITE:
        cases = ("item added", "item removed", *(["items moved"] if most > 1 else []))
        yield from (Point(path, "to_vendor", case=each) for each in cases)


def _most(*lists: Schema | None) -> float:
    """Return how many items a list has at most that fits all of the schemas."""
    limits = [each.annotation("maxItems", inf) for each in lists if each is not None]
    return min(limits, default=inf)


def _steps(lowered: LoweredMapping) -> Iterator[str]:
    """Yield in which place among several requests a member that has one of its own can travel."""
    for name, policy in lowered.policy.members.items():
        if policy.phase is None or not _is_written(lowered.rules, (name,)):
            continue
        member = lowered.vendor.member(name)
        first, listed = policy.phase.first, member.enum if member is not None else None
        if first:
            yield f"{policy.name or name} first"
        if listed is None or not all(contains(first, each) for each in listed):
            yield f"{policy.name or name} last"


def _is_written(rules: Iterable[Lowered], vendor: Steps) -> bool:
    return any(
        isinstance(rule, Leaf) and rule.vendor == vendor and rule.access is Access.READ_WRITE
        for rule in rules
    )


# Values -------------------------------------------------------------------------------------------


def _reads(rule: Leaf | Formula | Fixed) -> bool:
    return rule.access is not Access.WRITE and not (isinstance(rule, Formula) and not rule.read)


def _writes(rule: Leaf | Formula | Fixed) -> bool:
    if isinstance(rule, Fixed) or rule.access is Access.READ:
        return False
    return isinstance(rule, Leaf) or bool(rule.writes)


def _read_points(
    rule: Leaf | Formula | Fixed, member: Schema | None, table: dict[Any, list[Any]] | None, at: str
) -> Iterator[Point]:
    values = _read_values(rule, member, table)
    cases: tuple[str, ...] = ()
    if isinstance(rule, Formula):
        cases = alternatives_of(rule)
    elif isinstance(rule, Leaf):
        cases = (*(() if values else types_of(rule)), *offsets_of(rule))
    listed = [Point(at, "from_vendor", as_json(value)) for value in values]
    listed += [Point(at, "from_vendor", case=case) for case in cases]
    yield from listed or [Point(at, "from_vendor")]


def _unset_points(rule: Leaf, member: Schema | None, at: str) -> Iterator[Point]:
    """Yield the spellings of no value that the vendor can use."""
    for spelling in rule.unset.read:
        if member is not None and not validate(member, spelling):
            yield Point(at, "from_vendor", as_json(spelling), "no value")


def _write_points(rule: Leaf | Formula | Fixed, values: list[Any], at: str) -> Iterator[Point]:
    modes = ("create",) if rule.access is Access.CREATE else ("create", "update")
    yield from (Point(at, "to_vendor", case=mode) for mode in modes)
    yield from (Point(at, "to_vendor", as_json(value)) for value in values)
    if isinstance(rule, Leaf):
        yield from (Point(at, "to_vendor", case=offset) for offset in offsets_of(rule))


def _unwritable_points(
    rule: Leaf | Formula | Fixed, member: Schema | None, table: dict[Any, list[Any]] | None, at: str
) -> Iterator[Point]:
    """Yield M514 where the vendor shows a value that it does not let be written."""
    if not isinstance(rule, Leaf) or rule.values is None:
        return
    written = [each[0] for each in table.values() if each] if table else list(_listed(member))
    if not all(contains((*rule.values, None), value) for value in written):
        yield Point(at, "to_vendor", case=codes.NOT_WRITABLE_VALUE.code)


def _defaults(rule: Lowered, path: str) -> Iterator[Point]:
    if isinstance(rule, Leaf):
        if rule.default.read is not ABSENT and rule.access is not Access.WRITE:
            yield Point(path, "from_vendor", case="default")
        if rule.default.create is not ABSENT and rule.access is not Access.READ:
            yield Point(path, "to_vendor", case="default")


def _read_values(
    rule: Leaf | Formula | Fixed, member: Schema | None, table: dict[Any, list[Any]] | None
) -> list[Any]:
    """Return the vendor's values that the rule tells apart."""
    if not isinstance(rule, Leaf):
        return []
    if table is not None:
        return [spelling for spellings in table.values() for spelling in spellings]
    listed = _listed(member)
    return [value for value in listed if value is not None and not contains(rule.unset.read, value)]


def _written_values(
    rule: Leaf | Formula | Fixed, member: Schema | None, table: dict[Any, list[Any]] | None
) -> list[Any]:
    """Return the common values that the rule tells apart, as far as they can be written."""
    if table is None:
        unwritten = rule.unset.read if isinstance(rule, Leaf) and rule.put is None else ()
        listed = (value for value in _listed(member) if value is not None)
        return [value for value in listed if not contains(unwritten, value)]
    allowed = rule.values if isinstance(rule, Leaf) else None
    return [
        value
        for value, spellings in table.items()
        if spellings and (allowed is None or contains(allowed, spellings[0]))
    ]


def _listed(member: Schema | None) -> Iterable[Any]:
    """Return the values that a schema lists; true and false are a list, too."""
    if member is None:
        return ()
    booleans = (False, True) if "boolean" in member.kinds <= {"boolean", "null"} else ()
    return member.enum or booleans


def _value_tables(fields: Iterable[FieldRule]) -> Iterator[tuple[Span, dict[Any, list[Any]]]]:
    """Yield what ``values`` converters list, by the place of their rule."""
    for rule in fields:
        match rule:
            case ValueRule(convert=(ConverterUse(name="values", parameters=dict(table)),)):
                yield rule.common.span, table
            case _:
                for members in inner_fields(rule):
                    yield from _value_tables(members)
