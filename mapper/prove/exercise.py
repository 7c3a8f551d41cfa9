"""What a document exercises of a mapping when it is read or written."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mapper.functions import Tables
from mapper.lower import Fixed, Formula, Group, Leaf, Listing, Lowered, Single, Slots
from mapper.prove.distinctions import (
    alternative_at,
    alternatives_of,
    offset_at,
    type_in,
    types_of,
)
from mapper.prove.points import is_clearable, joined
from mapper.values import ABSENT, Steps, contains, equal, find


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
                if alternatives_of(rule):
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
    rules: Iterable[Lowered], old: Any, common: Any, at: str = ""
) -> Iterator[Met]:
    """Yield what is written of *common*: what *old* has not, or all if that is None."""
    for rule in rules:
        path, given = joined(at, rule.common), find(common, rule.common)
        before = None if old is None else find(old, rule.common)
        match rule:
            case Leaf() | Fixed():
                if _differs(before, given):
                    yield Met(path, given)
                    if isinstance(rule, Leaf):
                        yield Met(path, case=offset_at(rule, given))
            case Formula(mentions=paths):
                inside = ((None if old is None else find(old, p), find(common, p)) for p in paths)
                if _differs(before, given) or any(_differs(*pair) for pair in inside):
                    yield Met(path, given)
            case Slots(slots=slots):
                yield from _moved(rule.mark, before, given, path)
                items = given if isinstance(given, list) and _differs(before, given) else []
                for number, (slot, item) in enumerate(zip(slots, items, strict=False), 1):
                    yield from exercised_writing(slot, None, item, f"{path}[{number}]")
            case Single(members=members):
                yield from exercised_writing(members, _first(before), _first(given), path)
            case Listing(members=members):
                yield from _moved(_key_of(rule), before, given, path)
                for item in given if isinstance(given, list) else ():
                    partner = _partner(_key_of(rule), item, before)
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


def _moved(key: Steps, before: Any, given: Any, path: str) -> Iterator[Met]:
    """Yield what an edit does to a list, whose items *key* tells apart."""
    if not isinstance(before, list) or not isinstance(given, list):
        return
    homes = [_home(key, item, before) for item in given]
    kept = [home for home in homes if home is not None]
    if None in homes:
        yield Met(path, case="item added")
    if len(set(kept)) < len(before):
        yield Met(path, case="item removed")
    if kept != sorted(kept):
        yield Met(path, case="items moved")


def _key_of(rule: Listing) -> Steps:
    return rule.key.common if rule.key is not None else ()


def _partner(key: Steps, item: Any, before: Any) -> Any:
    """Return the old item that *item* is; None for a new one."""
    home = _home(key, item, before)
    return None if home is None else before[home]


def _home(key: Steps, item: Any, before: Any) -> int | None:
    """Return the index of the old item that *item* is; without a *key* of one that it equals."""
    own = find(item, key)
    for index, each in enumerate(before if isinstance(before, list) else ()):
        held = find(each, key)
        if held is not ABSENT and equal(held, own):
            return index
    return None


# Defaults and clears ------------------------------------------------------------------------------


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
                for item in given:
                    yield from defaulted(members, _partner(_key_of(rule), item, before), item, path)
            case Group(vendor=(), members=members) if given is ABSENT:
                yield from defaulted(members, before, {}, path)
            case Group(members=members):
                inner = None if before is ABSENT else before
                yield from defaulted(members, inner, given, path)
            case Single(members=members):
                yield from defaulted(members, _first(before), _first(given), path)
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
                for item in given:
                    yield from cleared(members, _partner(_key_of(rule), item, before), item, path)
            case Group(members=members):
                yield from cleared(members, before, given, path)
            case _:
                pass
