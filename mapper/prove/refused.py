"""Refusals: those to which a mapping's rules lead, and where one of them belongs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mapper import codes
from mapper.diagnostics import Rule
from mapper.lower import Fixed, Formula, Group, Leaf, Listing, Lowered, Single, Slots, inner_rules
from mapper.model import Access
from mapper.policy import Policy
from mapper.prove.points import Point, is_clearable, joined
from mapper.values import ABSENT

OF_THE_WHOLE = frozenset({codes.BROKEN_INVARIANT.code, codes.NEEDS_STEPS.code})
"""The codes that are of the object as a whole, wherever they point."""
OF_OBJECTS = frozenset({codes.READ_ONLY_GIVEN.code, codes.READ_ONLY_CHANGED.code})
"""The codes that any read-only member of an object, or of a list's items, stands for."""


class _Place(NamedTuple):
    """The objects that rules are of: those of the resource, or the items of a list.

    Attributes:
        at: The path of the list, or of the object around the rules.
        policy: What the vendor lets be written there.
        edited: Whether an edit of such an object is told from a new one.
        places: Whether they are the places of slots.
        key: The rule that tells the items of a list apart, if there is one.
    """

    at: str
    policy: Policy
    edited: bool = True
    places: bool = False
    key: Leaf | None = None


def refusals(rules: Sequence[Lowered], policy: Policy) -> Iterator[Point]:
    """Yield what a mapping must refuse of some edit of an object, as far as its rules tell."""
    if policy.demands:
        yield _point("", codes.BROKEN_INVARIANT)
    yield from _of_objects(rules, _Place("", policy))


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


def _refusals(rules: Iterable[Lowered], place: _Place) -> Iterator[Point]:
    for rule in rules:
        path = joined(place.at, rule.common)
        if isinstance(rule, Fixed):
            yield _point(path, codes.CONSTANT_CHANGED)
        elif rule.access is Access.READ:
            continue
        elif isinstance(rule, Group):
            below = place.policy.at(rule.vendor)
            yield from _hidden(below, rule, path, place)
            yield from _refusals(rule.members, place._replace(at=path, policy=below))
        else:
            if rule.access is Access.CREATE and place.edited:
                yield _point(path, codes.READ_ONLY_CHANGED)
            yield from _of_rule(rule, path, place)


def _of_rule(rule: Lowered, path: str, place: _Place) -> Iterator[Point]:
    edited = place.edited and rule.access is Access.READ_WRITE
    match rule:
        case Leaf():
            yield from _of_leaf(rule, path, place)
            yield from _hidden(place.policy.at(rule.vendor), rule, path, place)
        case Formula(writes=writes, mentions=mentions):
            if len(mentions) > 1 and rule.access is not Access.CREATE and not place.places:
                yield _point(path, codes.INCOMPLETE_REQUEST)
            if any(place.policy.at(each.vendor).required for each in writes):
                yield _point(path, codes.MISSING_ON_CREATE)
        case Listing(members=members, key=key):
            below = place.policy.at(rule.vendor)
            yield from _hidden(below, rule, path, place)
            if edited and not is_clearable(rule):
                yield _point(path, codes.CANNOT_CLEAR)
            if key is not None:
                yield _point(joined(path, key.common), codes.DUPLICATE_ITEM)
                if edited and key.access is Access.READ:
                    yield _point(joined(path, key.common), codes.UNKNOWN_ITEM)
            inner = _Place(path, below.items or Policy(), edited and key is not None)
            yield from _of_objects(members, inner._replace(key=key))
        case Single(members=members):
            yield _point(path, codes.TOO_MANY_ITEMS)
            yield from _of_objects(members, place._replace(at=path, edited=edited))
        case Slots(slots=slots, when_full=when_full):
            yield _point(path, codes.TOO_MANY_ITEMS)
            yield _point(path, codes.SLOT_WITHOUT_NAME)
            for steps in sorted(when_full):
                yield _point(joined(path, steps), codes.SLOT_MEMBER_REFUSED)
            inner = place._replace(at=path, edited=edited, places=True)
            yield from _of_objects([each for slot in slots for each in slot], inner)
        case _:
            pass


def _of_leaf(rule: Leaf, path: str, place: _Place) -> Iterator[Point]:
    if place.places:  # what is not given or removed there moves with its item
        return
    can_lack = rule is not place.key  # without which an item is a new one
    if can_lack and place.edited and rule.access is Access.READ_WRITE and not is_clearable(rule):
        yield _point(path, codes.CANNOT_CLEAR)
    if place.policy.at(rule.vendor).required and rule.default.create is ABSENT:
        yield _point(path, codes.MISSING_ON_CREATE)


def _hidden(policy: Policy, rule: Lowered, path: str, place: _Place) -> Iterator[Point]:
    """Yield M515 for what a base need not show, at *path* or in the items of a list there."""
    items = policy.items if isinstance(rule, Listing) else None
    hides = policy.include is not None or (items is not None and _includes(items))
    if hides and place.edited and rule.access in (Access.READ_WRITE, Access.WRITE):
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
    if code in OF_OBJECTS:
        yield Point(around, "to_vendor", case=code)
    if code in OF_THE_WHOLE:
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
