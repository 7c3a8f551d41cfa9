"""What a document exercises of a mapping when it is read or written."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mapper.lower import Fixed, Formula, Group, Leaf, Listing, Lowered, Single, Slots
from mapper.prove.points import is_clearable, joined
from mapper.values import ABSENT, contains, equal, find


class Met(NamedTuple):
    """What the rule of a path met in reading: a value of the vendor's, or a case of a point."""

    path: str
    value: Any = ABSENT
    case: str | None = None


def exercised_reading(rules: Iterable[Lowered], vendor: Any, common: Any, at: str) -> Iterator[Met]:
    """Yield what rules met when *vendor* was read as *common*."""
    for rule in rules:
        path, given = joined(at, rule.common), find(common, rule.common)
        match rule:
            case Leaf():
                if _has_value(rule, vendor):
                    yield Met(path, find(vendor, rule.vendor))
                elif given is not ABSENT:
                    yield Met(path, case="default")
            case Formula() | Fixed():
                if given is not ABSENT:
                    yield Met(path, given)
            case Slots():
                yield from _slots_reading(rule, vendor, path)
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


def _slots_reading(rule: Slots, vendor: Any, at: str) -> Iterator[Met]:
    full = all(_is_filled(rule, slot, vendor) for slot in rule.slots)
    for number, slot in enumerate(rule.slots, 1):
        if not _is_filled(rule, slot, vendor):
            continue
        path = f"{at}[{number}]"
        held = [each for each in slot if full or each.common not in rule.when_full]
        yield from exercised_reading(held, vendor, ABSENT, path)
        for each in slot:
            if each not in held and isinstance(each, Leaf) and _has_value(each, vendor):
                yield Met(joined(path, each.common), case="not full")


def _has_value(rule: Leaf, vendor: Any) -> bool:
    value = find(vendor, rule.vendor)
    return value is not ABSENT and value is not None and not contains(rule.unset.read, value)


def _is_filled(rule: Slots, slot: tuple[Lowered, ...], vendor: Any) -> bool:
    marks = (each for each in slot if each.common == rule.mark)
    return any(isinstance(each, Leaf) and _has_value(each, vendor) for each in marks)


def exercised_writing(
    rules: Iterable[Lowered], old: Any, common: Any, at: str
) -> Iterator[tuple[str, Any]]:
    """Yield what is written of *common*, by path: what *old* has not, or all if that is None."""
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
