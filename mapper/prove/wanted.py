"""What examples should exercise of a mapping: its rules in both directions, and its refusals."""

from collections.abc import Iterable, Iterator
from math import inf
from typing import NamedTuple

from mapper import codes
from mapper.lower import Fixed, Formula, Leaf, Listing, Lowered, LoweredMapping, Single, Slots
from mapper.model import Access
from mapper.paths import placed
from mapper.policy import Phase
from mapper.prove.distinctions import alternatives_of, offsets_of, types_of
from mapper.prove.listed import common_values, is_taken, read_values, table_of
from mapper.prove.points import Point, as_json, is_clearable, joined
from mapper.prove.refused import refusals
from mapper.running import Mapper
from mapper.schema import Schema, descend, items_of, validate
from mapper.values import ABSENT, Steps, contains

WRITES = ("create", "update", "unchanged", "request")
"""How a mapping is written; "unchanged" is an update that has nothing to send."""


class _Around(NamedTuple):
    """What surrounds rules.

    Attributes:
        vendor: The schema of the vendor's object, None where it is not known.
        common: That of the common object.
        at: The path of the common object.
        outer: The list whose items the rules are of, if that is what surrounds them.
        edited: Whether an edit of such an object is told from a new one.
        in_place: Whether it is one of the places of slots, or in one.
    """

    vendor: Schema | None
    common: Schema | None
    at: str = ""
    outer: Slots | Listing | None = None
    edited: bool = True
    in_place: bool = False


def points_of(mapper: Mapper) -> Iterator[Point]:
    """Yield all that should be exercised of a mapping."""
    lowered = mapper.lowered
    rules = [rule for _, rule in placed(lowered.rules)]
    yield from _points_of(lowered.rules, _Around(mapper.vendor_schema, mapper.common_schema))
    if any(_reads(rule) and isinstance(rule, Leaf) and table_of(rule) for rule in rules):
        yield Point("", "from_vendor", case=codes.UNEXPECTED_VALUE.code)
    if any(each.access is not Access.READ for each in rules):
        yield from (Point("", "to_vendor", case=each) for each in (*WRITES, *_steps(lowered)))
        yield from refusals(lowered)


def _points_of(rules: Iterable[Lowered], around: _Around) -> Iterator[Point]:
    key = around.outer.key if isinstance(around.outer, Listing) else None
    for rule in rules:
        path = joined(around.at, rule.common)
        if is_clearable(rule) and rule is not key and not around.in_place:
            yield Point(path, "to_vendor", case="cleared")
        if isinstance(rule, Leaf | Formula | Fixed):
            yield from _of_value(rule, path, around)
        else:
            yield from _inside(rule, path, around)


def _inside(rule: Lowered, path: str, around: _Around) -> Iterator[Point]:
    """Yield the points of a rule that holds others, and of these."""
    common = descend(around.common, rule.common)
    edited = around.edited and rule.access is Access.READ_WRITE
    moves = edited and not around.in_place
    inner = around._replace(common=items_of(common), at=path, outer=None)
    match rule:
        case Slots(slots=slots):
            yield from _moves(path, len(slots)) if moves else ()
            inner = inner._replace(outer=rule, edited=edited, in_place=True)
            for number, slot in enumerate(slots, 1):
                yield from _of_slot(rule, slot, inner._replace(at=f"{path}[{number}]"))
        case Single(members=members):
            yield from _points_of(members, inner)
        case Listing(vendor=steps, members=members, key=key):
            listed = descend(around.vendor, steps)
            yield from _moves(path, _most(listed, common)) if moves else ()
            inner = inner._replace(vendor=items_of(listed), outer=rule)
            yield from _points_of(members, inner._replace(edited=edited and key is not None))
        case Leaf() | Formula() | Fixed():
            pass
        case _:
            below = descend(around.vendor, rule.vendor)
            if isinstance(around.outer, Listing):  # whose key may be in the object
                inner = inner._replace(outer=around.outer)
            yield from _points_of(rule.members, inner._replace(vendor=below, common=common))


def _of_slot(rule: Slots, slot: tuple[Lowered, ...], around: _Around) -> Iterator[Point]:
    yield from _points_of(slot, around)
    if rule.access is Access.WRITE or len(rule.slots) == 1:
        return
    yield Point(around.at, "from_vendor", case="empty")
    for each in slot:
        if each.common in rule.when_full and isinstance(each, Leaf) and _reads(each):
            yield Point(joined(around.at, each.common), "from_vendor", case="not full")


def _moves(path: str, most: float) -> Iterator[Point]:
    """Yield what an edit does to a list of at *most* so many items."""
    cases = ("item added", "item removed", *(["items moved"] if most > 1 else []))
    yield from (Point(path, "to_vendor", case=each) for each in cases)


def _most(*lists: Schema | None) -> float:
    """Return how many items a list has at most that fits all of the schemas."""
    limits = [each.annotation("maxItems", inf) for each in lists if each is not None]
    return min(limits, default=inf)


# Values -------------------------------------------------------------------------------------------


def _of_value(rule: Leaf | Formula | Fixed, path: str, around: _Around) -> Iterator[Point]:
    if _reads(rule):
        yield from _read_points(rule, path, around)
    if _writes(rule):
        modes = ("create",) if rule.access is Access.CREATE else ("create", "update")
        yield from (Point(path, "to_vendor", case=mode) for mode in modes)
        if isinstance(rule, Leaf):
            yield from _write_points(rule, path, around)


def _reads(rule: Lowered) -> bool:
    return rule.access is not Access.WRITE and not (isinstance(rule, Formula) and not rule.read)


def _writes(rule: Leaf | Formula | Fixed) -> bool:
    if isinstance(rule, Fixed) or rule.access is Access.READ:
        return False
    return isinstance(rule, Leaf) or bool(rule.writes)


def _read_points(rule: Leaf | Formula | Fixed, path: str, around: _Around) -> Iterator[Point]:
    cases = alternatives_of(rule) if isinstance(rule, Formula) else ()
    found = [Point(path, "from_vendor", case=case) for case in cases]
    if isinstance(rule, Leaf):
        found += _listed_points(rule, path, descend(around.vendor, rule.vendor))
    yield from found or [Point(path, "from_vendor")]
    if isinstance(rule, Leaf) and not _is_mark(rule, around):
        spelled = [
            Point(path, "from_vendor", as_json(each), "no value")
            for each in _spellings(rule, descend(around.vendor, rule.vendor))
        ]
        yield from spelled
        if rule.default.read is not ABSENT and (spelled or _may_lack(around.vendor, rule.vendor)):
            yield Point(path, "from_vendor", case="default")


def _listed_points(rule: Leaf, path: str, member: Schema | None) -> Iterator[Point]:
    values = read_values(rule, member)
    yield from (Point(path, "from_vendor", as_json(value)) for value in values)
    cases = (*(() if values else types_of(rule)), *offsets_of(rule))
    yield from (Point(path, "from_vendor", case=case) for case in cases)


def _is_mark(rule: Leaf, around: _Around) -> bool:
    """Whether a place of slots is empty without the value of *rule*."""
    return isinstance(around.outer, Slots) and rule.common == around.outer.mark


def _spellings(rule: Leaf, member: Schema | None) -> Iterator[object]:
    """Yield the spellings of no value that the vendor can use."""
    for spelling in rule.unset.read:
        if member is not None and not validate(member, spelling):
            yield spelling


def _may_lack(schema: Schema | None, path: Steps) -> bool:
    """Whether an object that fits may be without what *path* leads to."""
    for step in path:
        if schema is None or step not in schema.annotation("required", ()):
            return True
        schema = schema.member(step)
    return False


def _write_points(rule: Leaf, path: str, around: _Around) -> Iterator[Point]:
    values = common_values(rule, descend(around.common, rule.common))
    taken = [as_json(value) for value in values if is_taken(rule, value)]
    yield from (Point(path, "to_vendor", value) for value in taken)
    yield from (Point(path, "to_vendor", case=offset) for offset in offsets_of(rule))
    if rule.default.create is not ABSENT and not around.in_place:
        yield Point(path, "to_vendor", case="default")
    if len(taken) < len(values) and not around.in_place:
        yield Point(path, "to_vendor", case=codes.NOT_WRITABLE_VALUE.code)


# Steps --------------------------------------------------------------------------------------------


def _steps(lowered: LoweredMapping) -> Iterator[str]:
    """Yield what can be with members that have a request of their own: M516, and their places."""
    found: list[str] = []
    written = [rule for rule in lowered.rules if rule.access not in (Access.READ, Access.CREATE)]
    for name, policy in lowered.policy.members.items():
        own = next((r for r in written if isinstance(r, Leaf) and r.vendor == (name,)), None)
        if policy.phase is not None and own is not None and len(written) > 1:
            places = _places(own, policy.phase, lowered.vendor.member(name))
            found += (f"{policy.name or name} {place}" for place in places)
    yield from found
    if found:
        yield codes.NEEDS_STEPS.code


def _places(rule: Leaf, phase: Phase, member: Schema | None) -> Iterator[str]:
    """Yield whether a member is sent before the others, after them, or either."""
    listed = rule.values or (member.enum if member is not None else None)
    if phase.first and (listed is None or any(contains(phase.first, each) for each in listed)):
        yield "first"
    if listed is None or not all(contains(phase.first, each) for each in listed):
        yield "last"
