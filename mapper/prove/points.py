"""What examples should exercise of a mapping: its rules in both directions, and its refusals."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

from mapper import codes
from mapper.diagnostics import Span
from mapper.lower import (
    Fixed,
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    Single,
    Slots,
    can_clear,
    inner_rules,
)
from mapper.model import (
    Access,
    ConverterUse,
    FieldRule,
    ValueRule,
    inner_fields,
    show_path,
)
from mapper.paths import placed
from mapper.policy import Policy
from mapper.running import Mapper
from mapper.schema import Schema, descend, items_of
from mapper.values import ABSENT, Steps, contains

Direction = Literal["from_vendor", "to_vendor"]
Mode = Literal["create", "update", "request"]
WRITES = ("create", "update", "unchanged", "request")
"""How a mapping is written; "unchanged" is an update that has nothing to send."""


class Point(NamedTuple):
    """What should be exercised: a rule in one direction, with each value of an enumeration.

    Attributes:
        path: The rule's common path, as people write it; a slot is counted from 1. "" is the
            mapping as a whole.
        direction: ``from_vendor`` or ``to_vendor``.
        value: The value as JSON: the vendor's when reading, the common one when writing.
        case: For a rule "default", "cleared", or "not full", where it is left out of slots that are
            not all filled; of a mapping the mode of writing, or the code with which something is
            refused.
    """

    path: str
    direction: Direction
    value: str | None = None
    case: str | None = None

    def __str__(self) -> str:
        shown = "" if self.value is None else f" = {self.value}"
        case = "" if self.case is None else f" ({self.case})"
        return f"{self.path or 'the mapping'} {self.direction}{shown}{case}"


def points_of(mapper: Mapper) -> Iterator[Point]:
    """Yield all that should be exercised of a mapping."""
    tables = dict(_value_tables(mapper.mapping.fields))
    rules = mapper.lowered.rules
    yield from _points_of(rules, mapper.vendor_schema, mapper.common_schema, "", tables)
    if any(each.access is not Access.READ for _, each in placed(rules)):
        for case in (*WRITES, *refusals(rules, mapper.lowered.policy)):
            yield Point("", "to_vendor", case=case)


def joined(at: str, steps: Steps) -> str:
    """Return the path for people of what lies at *steps* below *at*."""
    return f"{at}.{show_path(steps)}" if at else show_path(steps)


def as_json(value: Any) -> str:
    """Return *value* as the text by which points tell values apart."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


# Rules --------------------------------------------------------------------------------------------


_Tables = dict[Span, dict[Any, list[Any]]]


def _points_of(
    rules: Iterable[Lowered],
    vendor: Schema | None,
    common: Schema | None,
    at: str,
    tables: _Tables,
    *,
    in_slot: bool = False,
) -> Iterator[Point]:
    for rule in rules:
        path = joined(at, rule.common)
        if is_clearable(rule) and not in_slot:
            yield Point(path, "to_vendor", case="cleared")
        inner = descend(common, rule.common)
        member = descend(vendor, rule.vendor) if isinstance(rule, Leaf) else None
        match rule:
            case Leaf() | Formula() | Fixed():
                table = tables.get(rule.span)
                if _reads(rule):
                    values = _read_values(rule, member, table)
                    yield from _each(path, "from_vendor", values)
                if _writes(rule):
                    yield from _each(path, "to_vendor", _written_values(rule, inner, table))
                yield from _defaults(rule, path)
            case Slots(slots=slots):
                items = items_of(inner)
                for number, slot in enumerate(slots, 1):
                    inside = f"{path}[{number}]"
                    yield from _points_of(slot, vendor, items, inside, tables, in_slot=True)
                    for each in slot:
                        if each.common in rule.when_full and each.access is not Access.WRITE:
                            yield Point(joined(inside, each.common), "from_vendor", case="not full")
            case Single(members=members):
                yield from _points_of(members, vendor, items_of(inner), path, tables)
            case Listing(vendor=steps, members=members):
                items = items_of(descend(vendor, steps))
                yield from _points_of(members, items, items_of(inner), path, tables)
            case _:
                below = descend(vendor, rule.vendor)
                yield from _points_of(rule.members, below, inner, path, tables)


def _each(path: str, direction: Direction, values: Iterable[Any]) -> Iterator[Point]:
    listed = [Point(path, direction, as_json(value)) for value in values]
    yield from listed or [Point(path, direction)]


def is_clearable(rule: Lowered) -> bool:
    """Whether an edit can clear what *rule* gives by itself."""
    if not isinstance(rule, Leaf | Group | Listing):
        return False
    return rule.access in (Access.READ_WRITE, Access.WRITE) and can_clear(rule.unset)


def _defaults(rule: Lowered, path: str) -> Iterator[Point]:
    if isinstance(rule, Leaf):
        if rule.default.read is not ABSENT and rule.access is not Access.WRITE:
            yield Point(path, "from_vendor", case="default")
        if rule.default.create is not ABSENT and rule.access is not Access.READ:
            yield Point(path, "to_vendor", case="default")


def _reads(rule: Leaf | Formula | Fixed) -> bool:
    return rule.access is not Access.WRITE and not (isinstance(rule, Formula) and not rule.read)


def _writes(rule: Leaf | Formula | Fixed) -> bool:
    if isinstance(rule, Fixed) or rule.access is Access.READ:
        return False
    return isinstance(rule, Leaf) or bool(rule.writes)


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


# Refusals -----------------------------------------------------------------------------------------


def refusals(rules: Iterable[Lowered], policy: Policy) -> Iterator[str]:
    """Yield the codes with which a mapping must refuse some edit, as far as its rules tell."""
    found = [rule for _, rule in placed(rules)]
    lists = [rule for rule in found if isinstance(rule, Listing)]
    slots = [rule for rule in found if isinstance(rule, Slots)]
    has = {
        codes.READ_ONLY_GIVEN: any(each.access is Access.READ for each in found),
        codes.READ_ONLY_CHANGED: any(each.access in (Access.READ, Access.CREATE) for each in found),
        codes.BROKEN_INVARIANT: bool(policy.demands),
        codes.CANNOT_CLEAR: any(_holds_fast(each) for each in found),
        codes.NOT_SHOWN: _has(policy, lambda each: each.include is not None),
        codes.NEEDS_STEPS: any(each.phase is not None for each in policy.members.values()),
        codes.UNKNOWN_ITEM: any(each.key and each.key.access is Access.READ for each in lists),
        codes.TOO_MANY_ITEMS: bool(slots) or any(isinstance(each, Single) for each in found),
        codes.SLOT_WITHOUT_NAME: bool(slots),
        codes.SLOT_MEMBER_REFUSED: any(each.when_full for each in slots),
        codes.MISSING_ON_CREATE: _needs(rules, policy),
        codes.CONSTANT_CHANGED: any(isinstance(each, Fixed) for each in found),
    }
    yield from (rule.code for rule, is_refused in has.items() if is_refused)


def _holds_fast(rule: Lowered) -> bool:
    """Whether *rule* gives what an edit can change and not clear."""
    return isinstance(rule, Leaf) and rule.access is Access.READ_WRITE and not is_clearable(rule)


def _needs(rules: Iterable[Lowered], policy: Policy) -> bool:
    """Whether creating needs something that one of *rules* writes."""
    for rule in rules:
        below = policy.at(getattr(rule, "vendor", ()))
        match rule:
            case Leaf():
                needs = below.required
            case Formula(writes=writes):
                needs = any(policy.at(each.vendor).required for each in writes)
            case Listing(members=members):
                needs = _needs(members, below.items or Policy())
            case _:
                needs = any(_needs(members, below) for members in inner_rules(rule))
        if needs and rule.access is not Access.READ:
            return True
    return False


def _has(policy: Policy, holds: Callable[[Policy], bool]) -> bool:
    """Whether something *holds* of what can be written, at whatever depth."""
    inner = (*policy.members.values(), *((policy.items,) if policy.items else ()))
    return policy.written and (holds(policy) or any(_has(each, holds) for each in inner))
