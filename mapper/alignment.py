"""Which old item an edited item is, and which slot it takes."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from mapper.values import ABSENT, Steps, equal, find, identity

Items = Sequence[dict[str, Any]]


def align(
    key: Steps, items: Items, old: Sequence[Any], ambiguous: Callable[[int, int], None]
) -> list[int | None]:
    """Return for each of *items* the index of the item of *old* that it edits, None for a new one.

    An item with a key edits the old item with that key. An item without one is an old item without
    one if they are equal, and new otherwise. *ambiguous* is called with the index of each item
    whose key not exactly one old item has, and with how many have it.
    """
    keys = [find(item, key) for item in old]
    keyless = [index for index, each in enumerate(keys) if each is ABSENT]
    partners = align_by_value(items, old, keyless)
    holders = _places(keys)
    for index, item in enumerate(items):
        wanted = find(item, key)
        if wanted in (ABSENT, None):
            continue
        found = holders.get(identity(wanted), ())
        if len(found) != 1:
            ambiguous(index, len(found))
        partners[index] = found[0] if found else None
    return partners


def align_by_value(
    items: Items, old: Sequence[Any], free: Iterable[int] | None = None
) -> list[int | None]:
    """Return the index in *old* of an equal item for each of *items*, None for a new one.

    Equal items are taken one after the other; *free* are the indexes that can be taken, by default
    all.
    """
    indexes = list(range(len(old)) if free is None else free)
    left = _places(old[index] for index in indexes)
    partners: list[int | None] = []
    for item in items:
        equals = left.get(identity(item))
        partners.append(indexes[equals.popleft()] if equals else None)
    return partners


def repeats(key: Steps, items: Items) -> list[int]:
    """Return the indexes of the items whose key an item before them has."""
    seen: set[Hashable] = set()
    repeated: list[int] = []
    for index, item in enumerate(items):
        value = find(item, key)
        if value in (ABSENT, None):
            continue
        if identity(value) in seen:
            repeated.append(index)
        seen.add(identity(value))
    return repeated


def _places(values: Iterable[Any]) -> dict[Hashable, deque[int]]:
    """Return the indexes at which each value stands, first to last."""
    places: dict[Hashable, deque[int]] = {}
    for index, value in enumerate(values):
        places.setdefault(identity(value), deque()).append(index)
    return places


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
