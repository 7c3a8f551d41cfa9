"""What a document exercises of a mapping when it is read or written."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mapper.alignment import align, align_by_value, assign_slots, partners_by_mark
from mapper.functions import Tables
from mapper.lower import Fixed, Formula, Group, Leaf, Listing, Lowered, Single, Slots
from mapper.omissions import omissible
from mapper.prove.distinctions import (
    alternative_at,
    offset_at,
    type_in,
    types_of,
)
from mapper.prove.points import is_clearable, joined
from mapper.values import ABSENT, contains, equal, find


class Met(NamedTuple):
    """What the rule of a path met: a value, a case of a point, or a value in a case."""

    path: str
    value: Any = ABSENT
    case: str | None = None


# Reading ------------------------------------------------------------------------------------------


def exercised_reading(
    rules: Iterable[Lowered], vendor: Any, common: Any, tables: Tables, at: str = ""
) -> Iterator[Met]:
    """Yield what rules met when *vendor* was read as *common*."""
    for rule in rules:
        path, given = joined(at, rule.common), find(common, rule.common)
        match rule:
            case Leaf():
                yield from _leaf_reading(rule, vendor, given, path)
            case Formula():
                if given is not ABSENT:
                    yield Met(path, given)
                    yield Met(path, case=alternative_at(rule, vendor, tables))
            case Fixed():
                if given is not ABSENT:
                    yield Met(path, given)
            case Slots():
                yield from _slots_reading(rule, vendor, given, tables, path)
            case Single(members=members):
                yield from exercised_reading(members, vendor, _first(given), tables, path)
            case Listing(vendor=steps, members=members):
                items, listed = find(vendor, steps), given if isinstance(given, list) else []
                for index, item in enumerate(items if isinstance(items, list) else ()):
                    one = listed[index] if index < len(listed) else ABSENT
                    yield from exercised_reading(members, item, one, tables, path)
            case _:
                below = find(vendor, rule.vendor)
                yield from exercised_reading(rule.members, below, given, tables, path)


def _leaf_reading(rule: Leaf, vendor: Any, given: Any, path: str) -> Iterator[Met]:
    value = find(vendor, rule.vendor)
    if _has_value(rule, vendor):
        if given is ABSENT:  # the converter gives nothing
            return
        yield Met(path, value)
        yield Met(path, case=type_in(types_of(rule), value))
        yield Met(path, case=offset_at(rule, given))
        return
    if value is not ABSENT:
        yield Met(path, value, "no value")
    if given is not ABSENT:
        yield Met(path, case="default")


def _slots_reading(rule: Slots, vendor: Any, given: Any, tables: Tables, at: str) -> Iterator[Met]:
    filled = [_is_filled(rule, slot, vendor) for slot in rule.slots]
    items = iter(given if isinstance(given, list) else [])
    for number, (slot, is_filled) in enumerate(zip(rule.slots, filled, strict=True), 1):
        path = f"{at}[{number}]"
        if not is_filled:
            if any(filled):
                yield Met(path, case="empty")
            continue
        held = [each for each in slot if all(filled) or each.common not in rule.when_full]
        yield from exercised_reading(held, vendor, next(items, ABSENT), tables, path)
        for each in slot:
            if each not in held and isinstance(each, Leaf) and _has_value(each, vendor):
                yield Met(joined(path, each.common), case="not full")


def _has_value(rule: Leaf, vendor: Any) -> bool:
    value = find(vendor, rule.vendor)
    return value is not ABSENT and value is not None and not contains(rule.unset.read, value)


def _is_filled(rule: Slots, slot: tuple[Lowered, ...], vendor: Any) -> bool:
    marks = (each for each in slot if each.common == rule.mark)
    return any(isinstance(each, Leaf) and _has_value(each, vendor) for each in marks)


# Writing ------------------------------------------------------------------------------------------


def exercised_writing(
    rules: Iterable[Lowered], base: Any, old: Any, common: Any, at: str = ""
) -> Iterator[Met]:
    """Yield what is written of *common*: what *old*, as *base* reads, has not; all without them."""
    for rule in rules:
        path, given = joined(at, rule.common), find(common, rule.common)
        before = None if old is None else find(old, rule.common)
        match rule:
            case Leaf():
                if _differs(before, given):
                    yield Met(path, given)
                    yield Met(path, case=offset_at(rule, given))
            case Fixed():
                pass  # it is not written
            case Formula(mentions=paths):
                inside = ((None if old is None else find(old, p), find(common, p)) for p in paths)
                if _differs(before, given) or any(_differs(*pair) for pair in inside):
                    yield Met(path, given)
            case Slots():
                yield from _slots_writing(rule, base, before, given, path)
            case Single(members=members):
                inner = (base, _first(before), _first(given))
                yield from exercised_writing(members, *inner, path)
            case Listing():
                yield from _listing_writing(rule, base, before, given, path)
            case _:
                below = find(base, rule.vendor)
                yield from exercised_writing(rule.members, below, before, given, path)


def _first(items: Any) -> Any:
    return items[0] if isinstance(items, list) and items else None


def _differs(before: Any, given: Any) -> bool:
    if before is None:
        return given is not ABSENT
    if before is ABSENT or given is ABSENT:
        return before is not given
    return not equal(before, given)


def _listing_writing(rule: Listing, base: Any, before: Any, given: Any, path: str) -> Iterator[Met]:
    items = given if isinstance(given, list) else []
    homes = _homes(rule, items, before)
    if isinstance(before, list) and isinstance(given, list):
        yield from _moved(homes, len(before), path)
    for item, home in zip(items, homes, strict=True):
        partner = holder = None
        if home is not None:
            partner, holder = before[home], find(base, rule.vendor)[home]
        yield from exercised_writing(rule.members, holder, partner, item, path)


def _homes(rule: Listing, items: list[Any], before: Any) -> list[int | None]:
    """Return the index of the old item that each of *items* is, None for a new one."""
    old = before if isinstance(before, list) else []
    free = omissible(rule.members, rule.key)
    if rule.key is None:
        return align_by_value(items, old, omissible=free)
    return align(rule.key.common, items, old, lambda *_: None, free)


def _slots_writing(rule: Slots, base: Any, before: Any, given: Any, path: str) -> Iterator[Met]:
    items = given if isinstance(given, list) else []
    old = iter(before if isinstance(before, list) else [])
    filled = [before is not None and _is_filled(rule, slot, base) for slot in rule.slots]
    held = [next(old, None) if each else None for each in filled]
    marks = [ABSENT if each is None else find(each, rule.mark) for each in held]
    homes = partners_by_mark([find(item, rule.mark) for item in items], marks)
    if isinstance(before, list) and isinstance(given, list):
        yield from _moved(homes, sum(filled), path)
    for item, place in zip(items, assign_slots(homes, len(rule.slots)), strict=True):
        slot, inside = rule.slots[place], f"{path}[{place + 1}]"
        yield from exercised_writing(slot, base, held[place], item, inside)


def _moved(homes: list[int | None], count: int, path: str) -> Iterator[Met]:
    """Yield what an edit does to a list that had *count* items."""
    kept = [home for home in homes if home is not None]
    if None in homes:
        yield Met(path, case="item added")
    if len(kept) < count:
        yield Met(path, case="item removed")
    if kept != sorted(kept):
        yield Met(path, case="items moved")


# Defaults and clears ------------------------------------------------------------------------------


def _pairs(rule: Listing, items: list[Any], before: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each of *items* with the old item that it is, None for a new one."""
    for item, home in zip(items, _homes(rule, items, before), strict=True):
        yield item, None if home is None else before[home]


def defaulted(rules: Iterable[Lowered], old: Any, common: Any, at: str = "") -> Iterator[str]:
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
                for item, partner in _pairs(rule, given, before):
                    yield from defaulted(members, partner, item, path)
            case Group(vendor=(), members=members) if given is ABSENT:
                yield from defaulted(members, before, {}, path)
            case Group(members=members):
                yield from defaulted(members, before, given, path)
            case Single(members=members):
                inner = None if old is None else _first(before) or {}
                yield from defaulted(members, inner, _first(given), path)
            case _:
                pass


def cleared(rules: Iterable[Lowered], old: Any, common: Any, at: str = "") -> Iterator[str]:
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
                for item, partner in _pairs(rule, given, before):
                    yield from cleared(members, partner, item, path)
            case Group(members=members):
                yield from cleared(members, before, given, path)
            case _:
                pass
