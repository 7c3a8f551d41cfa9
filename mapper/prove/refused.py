"""Refusals: those to which a mapping's rules lead, and where one of them belongs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mapper import codes
from mapper.diagnostics import Rule
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
)
from mapper.model import Access
from mapper.policy import Policy
from mapper.prove.points import Point, is_clearable, joined
from mapper.values import ABSENT

_OF_THE_WHOLE = frozenset({codes.BROKEN_INVARIANT.code, codes.NEEDS_STEPS.code})
"""The codes that are of the object as a whole, wherever they point."""
_OF_OBJECTS = frozenset({codes.READ_ONLY_GIVEN.code, codes.READ_ONLY_CHANGED.code})
"""The codes that any read-only member of an object, or of a list's items, stands for."""


class _Place(NamedTuple):
    """The objects that rules are of: those of the resource, the items of a list, or one in these.

    Attributes:
        at: The path of the list, or of the object around the rules.
        policy: What the vendor lets be written there.
        made: Whether creating makes the vendor's object, whatever is in it.
        edited: Whether an edit of such an object is told from a new one.
        listed: Whether it is in the items of a list, which travels whole.
        in_place: Whether it is in the places of slots.
        key: The rule that tells the items of a list apart, if there is one.
    """

    at: str
    policy: Policy
    made: bool = True
    edited: bool = True
    listed: bool = False
    in_place: bool = False
    key: Leaf | None = None


def refusals(lowered: LoweredMapping) -> Iterator[Point]:
    """Yield what a mapping must refuse of some edit of an object, as far as its rules tell."""
    if lowered.policy.demands:
        yield _point("", codes.BROKEN_INVARIANT)
    yield from _of_objects(lowered.rules, _Place("", lowered.policy))


def _point(path: str, rule: Rule) -> Point:
    return Point(path, "to_vendor", case=rule.code)


def _of_objects(rules: Sequence[Lowered], place: _Place) -> Iterator[Point]:
    """Yield the refusals at objects that are made of *rules*."""
    fixed = [each for each in _within(rules) if each.access is Access.READ]
    if fixed:
        yield _point(place.at, codes.READ_ONLY_GIVEN)
    if place.edited and any(each is not place.key for each in fixed):
        yield _point(place.at, codes.READ_ONLY_CHANGED)
    yield from _refusals(rules, place)


def _within(rules: Iterable[Lowered]) -> Iterator[Lowered]:
    """Yield *rules*, and instead of groups what is in them."""
    for rule in rules:
        if isinstance(rule, Group):
            yield from _within(rule.members)
        elif not isinstance(rule, Fixed):
            yield rule


def _refusals(rules: Sequence[Lowered], place: _Place) -> Iterator[Point]:
    for rule in rules:
        path = joined(place.at, rule.common)
        if isinstance(rule, Fixed):
            if not place.in_place:
                yield _point(path, codes.CONSTANT_CHANGED)
        elif rule.access is not Access.READ:
            if rule.access is Access.CREATE and place.edited and _is_told(rule, place):
                yield _point(path, codes.READ_ONLY_CHANGED)
            yield from _of_rule(rule, path, place)
            if isinstance(rule, Leaf) and _is_needed(rule, rules, place):
                yield _point(path, codes.MISSING_ON_CREATE)


def _is_told(rule: Lowered, place: _Place) -> bool:
    """Whether a change of what *rule* gives is one: another key is another item."""
    return rule is not place.key and not isinstance(rule, Group)


def _of_rule(rule: Lowered, path: str, place: _Place) -> Iterator[Point]:
    edited = place.edited and rule.access is Access.READ_WRITE
    below = place.policy.at(getattr(rule, "vendor", ()))
    yield from _hidden(below, rule, path, place)
    match rule:
        case Leaf():
            if edited and _is_told(rule, place) and not place.in_place and not is_clearable(rule):
                yield _point(path, codes.CANNOT_CLEAR)
        case Formula(mentions=mentions):
            if len(mentions) > 1 and rule.access is not Access.CREATE and not place.in_place:
                yield _point(path, codes.INCOMPLETE_REQUEST)
        case Group(vendor=vendor, members=members):
            inner = place._replace(at=path, policy=below, made=place.made and not vendor)
            yield from _refusals(members, inner)
        case Listing(members=members, key=key):
            if edited and not is_clearable(rule) and not place.in_place:
                yield _point(path, codes.CANNOT_CLEAR)
            if key is not None:
                yield _point(joined(path, key.common), codes.DUPLICATE_ITEM)
                if edited and key.access is Access.READ:
                    yield _point(joined(path, key.common), codes.UNKNOWN_ITEM)
            told = edited and key is not None
            items = below.items or Policy()
            yield from _of_objects(members, _Place(path, items, edited=told, listed=True, key=key))
        case Single(members=members):
            yield _point(path, codes.TOO_MANY_ITEMS)
            yield from _of_objects(members, place._replace(at=path, edited=edited, key=None))
        case Slots(slots=slots):
            yield from _of_slots(rule, path)
            inner = place._replace(at=path, edited=edited, in_place=True, key=None)
            yield from _of_objects([each for slot in slots for each in slot], inner)
        case _:
            pass


def _of_slots(rule: Slots, path: str) -> Iterator[Point]:
    yield _point(path, codes.TOO_MANY_ITEMS)
    yield _point(path, codes.SLOT_WITHOUT_NAME)
    for steps in sorted(rule.when_full) if len(rule.slots) > 1 else ():
        yield _point(joined(path, steps), codes.SLOT_MEMBER_REFUSED)


def _is_needed(rule: Leaf, beside: Iterable[Lowered], place: _Place) -> bool:
    """Whether creating can lack what *rule* writes, in an object that is made without it.

    *beside* are the rule itself and those that write into the same object.
    """
    if place.in_place or rule.default.create is not ABSENT:
        return False
    if not place.policy.at(rule.vendor).required:
        return False
    holder = rule.vendor[:-1]
    others = (each for each in beside if each is not rule and isinstance(each, Leaf))
    fills = any(
        each.vendor[: len(holder)] == holder and each.access is not Access.READ for each in others
    )
    return fills or (place.made and not holder)


def _hidden(policy: Policy, rule: Lowered, path: str, place: _Place) -> Iterator[Point]:
    """Yield M515 for what a base need not show, at *path* or in the items of a list there."""
    items = policy.items if isinstance(rule, Listing) else None
    hides = policy.include is not None or (items is not None and _includes(items))
    is_own = bool(getattr(rule, "vendor", ())) and not place.listed  # or its list is refused
    if hides and is_own and place.edited and rule.access in (Access.READ_WRITE, Access.WRITE):
        yield _point(path, codes.NOT_SHOWN)


def _includes(policy: Policy) -> bool:
    """Whether there is something at whatever depth that the vendor shows only when asked."""
    inner = (*policy.members.values(), *((policy.items,) if policy.items else ()))
    return policy.written and (policy.include is not None or any(map(_includes, inner)))


# Where a refusal belongs --------------------------------------------------------------------------


def refused_points(rules: Sequence[Lowered], code: str, at: Sequence[str]) -> Iterator[Point]:
    """Yield what a refusal at the common place *at*, an index being text, may exercise.

    It exercises the first of these that is a point of the mapping.
    """
    path, around = _refused_at(rules, at)
    yield Point(path, "to_vendor", case=code)
    if code in _OF_OBJECTS:
        yield Point(around, "to_vendor", case=code)
    if code in _OF_THE_WHOLE:
        yield Point("", "to_vendor", case=code)


def _refused_at(rules: Sequence[Lowered], at: Sequence[str]) -> tuple[str, str]:
    """Return the path of the rule that a place is of, and that of the list whose item it is in."""
    path = around = ""
    while rule := next((each for each in rules if _leads(each, at)), None):
        path, at = joined(path, rule.common), at[len(rule.common) :]
        if isinstance(rule, Listing | Single | Slots):
            if len(at) < 2:  # the list itself, or one of its items
                break
            around, at = path, at[1:]
        rules = [each for members in inner_rules(rule) for each in members]
    return path, around


def _leads(rule: Lowered, at: Sequence[str]) -> bool:
    return bool(rule.common) and tuple(at[: len(rule.common)]) == rule.common
