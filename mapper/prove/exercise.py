"""What a document exercises of a mapping when it is read or written."""

from collections.abc import Iterable, Iterator
from typing import Any

from mapper.lower import Fixed, Formula, Group, Leaf, Listing, Lowered, Single, Slots
from mapper.prove.points import is_clearable, joined
from mapper.values import ABSENT, contains, equal, find

Exercised = Iterator[tuple[str, Any]]
"""Paths of rules, each with the value that it met."""


def exercised_reading(rules: Iterable[Lowered], vendor: Any, common: Any, at: str) -> Exercised:
    for rule in rules:
        path, given = joined(at, rule.common), find(common, rule.common)
        match rule:
            case Leaf():
                value = find(vendor, rule.vendor)
                if _has_value(rule, vendor):
                    yield path, value
            case Formula() | Fixed():
                if given is not ABSENT:
                    yield path, given
            case Slots(slots=slots):
                full = all(_is_filled(rule, slot, vendor) for slot in slots)
                for number, slot in enumerate(slots, 1):
                    if _is_filled(rule, slot, vendor):
                        held = [each for each in slot if full or each.common not in rule.when_full]
                        yield from exercised_reading(held, vendor, ABSENT, f"{path}[{number}]")
            case Single(members=members):
                yield from exercised_reading(members, vendor, _first(given), path)
            case Listing(vendor=steps, members=members):
                items, listed = find(vendor, steps), given if isinstance(given, list) else []
                for index, item in enumerate(items if isinstance(items, list) else ()):
                    one = listed[index] if index < len(listed) else ABSENT
                    yield from exercised_reading(members, item, one, path)
            case _:
                below = find(vendor, rule.vendor)
                yield from exercised_reading(rule.members, below, given, path)


def _has_value(rule: Leaf, vendor: Any) -> bool:
    value = find(vendor, rule.vendor)
    return value is not ABSENT and value is not None and not contains(rule.unset.read, value)


def _is_filled(rule: Slots, slot: tuple[Lowered, ...], vendor: Any) -> bool:
    marks = (each for each in slot if each.common == rule.mark)
    return any(isinstance(each, Leaf) and _has_value(each, vendor) for each in marks)


def exercised_writing(rules: Iterable[Lowered], old: Any, common: Any, at: str) -> Exercised:
    """Yield what is written of *common*: what *old* has not, or all if that is None."""
    for rule in rules:
        path, given = joined(at, rule.common), find(common, rule.common)
        before = None if old is None else find(old, rule.common)
        match rule:
            case Leaf() | Fixed():
                if _differs(before, given):
                    yield path, given
            case Formula(mentions=paths):
                inside = ((None if old is None else find(old, p), find(common, p)) for p in paths)
                if _differs(before, given) or any(_differs(*pair) for pair in inside):
                    yield path, given
            case Slots(slots=slots):
                items = given if isinstance(given, list) and _differs(before, given) else []
                for number, (slot, item) in enumerate(zip(slots, items, strict=False), 1):
                    yield from exercised_writing(slot, None, item, f"{path}[{number}]")
            case Single(members=members):
                yield from exercised_writing(members, _first(before), _first(given), path)
            case Listing(members=members):
                for item in given if isinstance(given, list) else ():
                    partner = _partner(rule, item, before)
                    yield from exercised_writing(members, partner, item, path)
            case _:
                yield from exercised_writing(rule.members, before, given, path)


def _first(items: Any) -> Any:
    return items[0] if isinstance(items, list) and items else None


def _differs(before: Any, given: Any) -> bool:
    if before is None:
        return given is not ABSENT
    if before is ABSENT or given is ABSENT:
        return before is not given
    return not equal(before, given)


def _partner(rule: Listing, item: Any, before: Any) -> Any:
    """Return the old item that *item* is; None for a new one."""
    for each in before if isinstance(before, list) else ():
        key = find(each, rule.key.common) if rule.key else each
        if key is not ABSENT and equal(key, find(item, rule.key.common) if rule.key else item):
            return each
    return None


# Defaults and clears ------------------------------------------------------------------------------


def read_by_default(rules: Iterable[Lowered], vendor: Any, common: Any, at: str) -> Iterator[str]:
    """Yield the paths of what reads as its default, since *vendor* has no value."""
    for rule in rules:
        path, given = joined(at, rule.common), find(common, rule.common)
        match rule:
            case Leaf():
                if given is not ABSENT and not _has_value(rule, vendor):
                    yield path
            case Slots() | Formula() | Fixed():
                pass
            case Single(members=members):
                yield from read_by_default(members, vendor, _first(given), path)
            case Listing(vendor=steps, members=members):
                items = find(vendor, steps)
                if isinstance(items, list) and isinstance(given, list):
                    for item, one in zip(items, given, strict=False):
                        yield from read_by_default(members, item, one, path)
            case _:
                yield from read_by_default(rule.members, find(vendor, rule.vendor), given, path)


def defaulted(rules: Iterable[Lowered], old: Any, common: Any, at: str) -> Iterator[str]:
    """Yield the paths of what is created without a value, so that its default is written."""
    if not isinstance(common, dict):
        return
    for rule in rules:
        path, given = joined(at, rule.common), find(common, rule.common)
        before = None if old is None else find(old, rule.common)
        match rule:
            case Leaf():
                if old is None and given is ABSENT:
                    yield path
            case Listing(members=members) if isinstance(given, list):
                for item in given:
                    yield from defaulted(members, _partner(rule, item, before), item, path)
            case Group(vendor=(), members=members) if given is ABSENT:
                yield from defaulted(members, before, {}, path)
            case Group(members=members):
                inner = None if before is ABSENT else before
                yield from defaulted(members, inner, given, path)
            case Single(members=members):
                yield from defaulted(members, _first(before), _first(given), path)
            case _:
                pass


def cleared(rules: Iterable[Lowered], old: Any, common: Any, at: str) -> Iterator[str]:
    """Yield the paths of what an edit of *old* clears, or a request by null."""
    for rule in rules:
        path, given = joined(at, rule.common), find(common, rule.common)
        before = find(old, rule.common)
        is_cleared = given is None or (given is ABSENT and before is not ABSENT)
        if is_cleared and is_clearable(rule):
            yield path
            continue  # what is in it goes with it
        match rule:
            case Single(members=members):
                yield from cleared(members, _first(before), _first(given), path)
            case Listing(members=members) if isinstance(given, list):
                for item in given:
                    yield from cleared(members, _partner(rule, item, before), item, path)
            case Group(members=members):
                yield from cleared(members, before, given, path)
            case _:
                pass
