"""Which old item an edited item is, and which slot it takes."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

from mapper.values import ABSENT, Steps, equal, find, identity

Items = Sequence[dict[str, Any]]

Omissible = Mapping[str, tuple[bool, "Omissible"]]
"""Of an object's members, whether each may be left out, and what in it, or in its items, may be."""

NOTHING: Final[Omissible] = MappingProxyType({})


def align(
    key: Steps,
    items: Items,
    old: Sequence[Any],
    ambiguous: Callable[[int, int], None],
    omissible: Omissible = NOTHING,
) -> list[int | None]:
    """Return for each of *items* the index of the item of *old* that it edits, None for a new one.

    An item with a key edits the old item with that key. An item without one is an old item without
    one if they are equal but for what it leaves out of *omissible*, and new otherwise. *ambiguous*
    is called with the index of each item whose key not exactly one old item has, and with how many
    have it.
    """
    keys = [find(item, key) for item in old]
    keyless = [index for index, each in enumerate(keys) if each is ABSENT]
    wanted = [find(item, key) for item in items]
    without = [index for index, each in enumerate(wanted) if each in (ABSENT, None)]
    aligned = align_by_value([items[index] for index in without], old, keyless, omissible)
    partners: list[int | None] = [None] * len(items)
    for index, partner in zip(without, aligned, strict=True):
        partners[index] = partner
    holders = _places(keys)
    for index, each in enumerate(wanted):
        if each in (ABSENT, None):
            continue
        found = holders.get(identity(each), ())
        if len(found) != 1:
            ambiguous(index, len(found))
        partners[index] = found[0] if found else None
    return partners


def align_by_value(
    items: Items,
    old: Sequence[Any],
    free: Iterable[int] | None = None,
    omissible: Omissible = NOTHING,
) -> list[int | None]:
    """Return the index in *old* of an equal item for each of *items*, None for a new one.

    Equal items are taken one after the other. Then those find an old item that are equal to one but
    for what they leave out of *omissible*; where as many items are there as were, they stay in
    their places if they can. *free* are the indexes that can be taken, by default all.
    """
    indexes = list(range(len(old)) if free is None else free)
    homes: Sequence[int | None] = [None] * len(items)
    if omissible and len(items) == len(indexes):
        homes = indexes
        if all(says(item, old[home], omissible) for item, home in zip(items, indexes, strict=True)):
            return list(homes)
    partners = [
        home if home is not None and equal(item, old[home]) else None
        for item, home in zip(items, homes, strict=True)
    ]
    taken = set(partners)
    indexes = [index for index in indexes if index not in taken]
    left = _places(old[index] for index in indexes)
    for place, item in enumerate(items):
        equals = left.get(identity(item)) if partners[place] is None else None
        if equals:
            partners[place] = indexes[equals.popleft()]
    if omissible and indexes and None in partners:
        taken = set(partners)
        free = [index for index in indexes if index not in taken]
        _align_shortened(items, old, free, omissible, partners, homes)
    return partners


def _align_shortened(
    items: Items,
    old: Sequence[Any],
    free: Sequence[int],
    omissible: Omissible,
    partners: list[int | None],
    homes: Sequence[int | None],
) -> None:
    """Note in *partners* which items are a *free* old one, but for what they leave out.

    Items that leave out less choose first: fewer old ones are what they say. Each takes the one at
    its place, which *homes* tells, if it can.
    """
    spots: dict[int | None, int] = {index: spot for spot, index in enumerate(free)}
    left = _places(_shortened(old[index], omissible) for index in free)
    shortened = (index for index, partner in enumerate(partners) if partner is None)
    for index in sorted(shortened, key=lambda each: -_count(items[each])):
        item = items[index]
        alike = left.get(identity(_shortened(item, omissible)), deque())
        own = spots.get(homes[index])
        tried = alike if own is None else chain((own,), alike)
        found = next((each for each in tried if says(item, old[free[each]], omissible)), None)
        if found is not None:
            spots.pop(free[found])
            alike.remove(found)
            partners[index] = free[found]


def _count(value: Any) -> int:
    """Return how many members there are in *value*."""
    if isinstance(value, list):
        return sum(map(_count, value))
    return sum(1 + _count(each) for each in value.values()) if isinstance(value, dict) else 0


def _shortened(value: Any, omissible: Omissible) -> Any:
    """Return *value* without all that may be left out, and without objects that hold only that."""
    if isinstance(value, list):
        return [_shortened(item, omissible) for item in value]
    if not isinstance(value, dict):
        return value
    short = {}
    for name, member in value.items():
        is_free, inside = omissible.get(name, (False, NOTHING))
        kept = _shortened(member, inside) if inside else member
        if not is_free and not (inside and kept == {}):
            short[name] = kept
    return short


def says(item: Any, old: Any, omissible: Omissible) -> bool:
    """Whether *item* is *old* but for what it leaves out."""
    if isinstance(item, list) and isinstance(old, list) and len(item) == len(old):
        return all(says(*pair, omissible) for pair in zip(item, old, strict=True))
    if not isinstance(item, dict) or not isinstance(old, dict):
        return equal(item, old)
    if not item.keys() <= old.keys():
        return False
    for name, was in old.items():
        is_free, inside = omissible.get(name, (False, NOTHING))
        if name in item:
            if not (says(item[name], was, inside) if inside else equal(item[name], was)):
                return False
        elif not is_free and not (inside and _shortened(was, inside) == {}):
            return False
    return True


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
