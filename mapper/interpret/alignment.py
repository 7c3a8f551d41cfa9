"""Which old item an edited item is, and which slot it takes."""

from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from mapper import codes
from mapper.interpret.run import Place, Run
from mapper.lower import Listing
from mapper.model import Access, show_path
from mapper.values import ABSENT, equal, find, identity


def align(
    rule: Listing, items: Sequence[dict[str, Any]], old: Sequence[Any], at: Place, run: Run
) -> list[int | None]:
    """Return for each of *items* the index of the item of *old* that it edits, None for a new one.

    An item with a key edits the old item with that key. An item without one is an old item without
    one if they are equal, and new otherwise.
    """
    if rule.key is None:
        return _align_by_value(items, old, range(len(old)))
    keys = [find(item, rule.key.common) for item in old]
    keyless = [index for index, key in enumerate(keys) if key is ABSENT]
    partners = _align_by_value(items, old, keyless)
    holders = _places(keys)
    for index, item in enumerate(items):
        key = find(item, rule.key.common)
        if key not in (ABSENT, None):
            found = holders.get(identity(key), ())
            partners[index] = _partner(rule, key, found, (*at, index), run)
    return partners


def _places(values: Iterable[Any]) -> dict[Hashable, deque[int]]:
    """Return the indexes at which each value stands, first to last."""
    places: dict[Hashable, deque[int]] = {}
    for index, value in enumerate(values):
        places.setdefault(identity(value), deque()).append(index)
    return places


def is_unknown(rule: Listing, item: dict[str, Any], partner: int | None) -> bool:
    """Whether *item* has a key that cannot be chosen, and that leads to no old item."""
    if partner is not None or rule.key is None or rule.key.access is not Access.READ:
        return False
    return find(item, rule.key.common) not in (ABSENT, None)


def _align_by_value(
    items: Sequence[dict[str, Any]], old: Sequence[Any], free: Sequence[int]
) -> list[int | None]:
    left = _places(old[index] for index in free)
    partners: list[int | None] = []
    for item in items:
        equals = left.get(identity(item))
        partners.append(free[equals.popleft()] if equals else None)
    return partners


def _partner(rule: Listing, key: Any, found: Sequence[int], place: Place, run: Run) -> int | None:
    """Return the first of the indexes *found* of old items with *key*; report none and several."""
    assert rule.key is not None  # noqa: S101 - only called for a keyed list
    name = show_path(rule.key.common)
    where = (*place, *rule.key.common)
    if len(found) > 1:
        message = f"the base has several items whose {name} is the same"
        run.fault(codes.DUPLICATE_ITEM, rule.span, where, message, key)
    if not found and rule.key.access is Access.READ:
        run.fault(
            codes.UNKNOWN_ITEM, rule.span, where, f"the base has no item with this {name}", key
        )
    return found[0] if found else None


def refuse_repeats(rule: Listing, items: Sequence[dict[str, Any]], at: Place, run: Run) -> None:
    """Report every item whose key an item before it has."""
    if rule.key is None:
        return
    seen: set[Hashable] = set()
    for index, item in enumerate(items):
        key = find(item, rule.key.common)
        if key in (ABSENT, None):
            continue
        if identity(key) in seen:
            place = (*at, index, *rule.key.common)
            message = f"{show_path(rule.key.common)} names the same item twice"
            run.fault(codes.DUPLICATE_ITEM, rule.span, place, message, key)
        seen.add(identity(key))


def partners_by_mark(marks: Sequence[Any], held: Sequence[Any]) -> list[int | None]:
    """Return for each of *marks* the slot that holds the same one; repeats match by position.

    ``held`` has one entry a slot, ABSENT for an empty one.
    """
    used: set[int] = set()
    homes: list[int | None] = []
    for mark in marks:
        home = next((i for i, each in enumerate(held) if i not in used and equal(mark, each)), None)
        if home is not None:
            used.add(home)
        homes.append(home)
    return homes


def assign_slots(homes: Sequence[int | None], count: int) -> list[int]:
    """Return the slot of each item, of *count* slots.

    An item keeps its home if the order of the items allows all of them to; otherwise the slots are
    filled from the first on.

    >>> assign_slots([None, 1], 2), assign_slots([1], 2), assign_slots([1, 0], 2)
    ([0, 1], [1], [0, 1])
    """
    places: list[int] = []
    free = 0
    for home in homes:
        place = free if home is None else home
        if place < free or place >= count:
            return list(range(len(homes)))
        places.append(place)
        free = place + 1
    return places
