"""A common object as it will be read, though its writer left out what can be left out.

That is how expressions see an object that is written: with its constants, with what stays as it was
because only the vendor sets it, and with what creating fills in.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from mapper.alignment import Omissible, align, align_by_value, assign_slots, partners_by_mark
from mapper.values import ABSENT, Steps, contains, equal, find, given


class Kept(NamedTuple):
    """A member that stays as it was where it is left out."""

    steps: Steps


class Always(NamedTuple):
    """A member with one value."""

    steps: Steps
    value: Any


class AtCreation(NamedTuple):
    """A member that creating gives a value where it is left out."""

    steps: Steps
    value: Any


class Inside(NamedTuple):
    """An object of whose members some may be left out.

    Attributes:
        steps: Where it is.
        vendor: Where the vendor has it; () for the surrounding object.
        stays: Whether it stays as it was where it is left out.
        clears: Whether it is cleared as a whole there.
        creates: Whether it is made anew where the vendor has none.
        members: What may be left out in it.
    """

    steps: Steps
    vendor: Steps
    stays: bool
    clears: bool
    creates: bool
    members: "tuple[Omission, ...]"


class Items(NamedTuple):
    """A list of objects, which finds its old items as :func:`mapper.alignment.align` says."""

    steps: Steps
    vendor: Steps
    key: Steps | None
    omissible: Omissible
    members: "tuple[Omission, ...]"


class Only(NamedTuple):
    """A list of the one object that the surrounding vendor object holds."""

    steps: Steps
    members: "tuple[Omission, ...]"


class Place(NamedTuple):
    """One of the places of a list: where the vendor has its mark, and spellings of no value."""

    vendor: Steps
    unset: tuple[Any, ...]
    members: "tuple[Omission, ...]"


class Places(NamedTuple):
    """A list over numbered places; ``when_full`` is there only if each of them is filled."""

    steps: Steps
    mark: Steps
    when_full: tuple[Steps, ...]
    slots: tuple[Place, ...]


Omission = Kept | Always | AtCreation | Inside | Items | Only | Places


def completed(
    omissions: Sequence[Omission],
    common: dict[str, Any],
    old: dict[str, Any],
    vendor: Any,
    *,
    moved: bool = False,
) -> dict[str, Any]:
    """Return *common* with what it leaves out of *omissions*; nothing that is given is changed.

    Args:
        omissions: What may be left out.
        common: The object that is written. What is wrong in it stays as it is.
        old: What the base reads as; empty without one.
        vendor: The base, ABSENT when creating.
        moved: Whether *common* comes to another place of a list over places than *old* has.
    """
    for each in omissions:
        pair = given(common, each.steps), find(old, each.steps)
        value = _completed(each, *pair, vendor, moved=moved)
        if value is not ABSENT:
            common = _stored(common, each.steps, value)
    return common


def _stored(document: dict[str, Any], steps: Steps, value: Any) -> dict[str, Any]:
    """Return *document* with *value* at *steps*, as far as objects, or nothing, are on the way."""
    head, *rest = steps
    if rest:
        inner = document.get(head, {})
        if not isinstance(inner, dict):
            return document
        value = _stored(inner, tuple(rest), value)
    return {**document, head: value}


def _completed(omission: Omission, new: Any, old: Any, vendor: Any, *, moved: bool) -> Any:
    """Return what is there instead of *new*, ABSENT if it stays what it is."""
    match omission:
        case Kept():
            return old if new is ABSENT else ABSENT
        case Always(_, value):
            return value if new is ABSENT else ABSENT
        case AtCreation(_, value):
            return value if new is ABSENT and vendor is ABSENT else ABSENT
        case Inside():
            return _object(omission, new, old, vendor, moved=moved)
        case Items() | Only() | Places() if not _is_list(new):
            unfilled = new is ABSENT and old == [] and not isinstance(omission, Items)
            return old if unfilled else ABSENT
        case Items() | Only() | Places() if not moved and equal(new, old):
            return ABSENT  # even if items of it have the same key
        case Items():
            return _items(omission, new, old, vendor, moved=moved)
        case Only(_, members):
            was = old[0] if old is not ABSENT and old else {}
            return [completed(members, item, was, vendor, moved=moved) for item in new]
        case Places():
            return _places(omission, new, [] if old is ABSENT else old, vendor, moved=moved)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _object(omission: Inside, new: Any, old: Any, vendor: Any, *, moved: bool) -> Any:
    if new is ABSENT and omission.vendor and (omission.stays or omission.clears or old is ABSENT):
        return old if omission.stays else ABSENT
    if new is not ABSENT and not isinstance(new, dict):
        return ABSENT
    inner = vendor
    if omission.vendor and vendor is not ABSENT:
        inner = find(vendor, omission.vendor)
        if not isinstance(inner, dict):
            inner = ABSENT if omission.creates else {}
    was = {} if old is ABSENT else old
    common = {} if new is ABSENT else new
    return completed(omission.members, common, was, inner, moved=moved) or ABSENT


def _items(
    omission: Items, new: list[dict[str, Any]], old: Any, vendor: Any, *, moved: bool
) -> Any:
    was = [] if old is ABSENT else old
    base = [ABSENT] * len(was)  # of an item that moved: the list is made anew in its new place
    if was and not moved:
        base = find(vendor, omission.vendor)
    if omission.key is None:
        partners = align_by_value(new, was, omissible=omission.omissible)
    else:
        partners = align(omission.key, new, was, lambda *_: None, omission.omissible)
    return [
        completed(omission.members, item, {}, ABSENT)
        if partner is None
        else completed(omission.members, item, was[partner], base[partner])
        for item, partner in zip(new, partners, strict=True)
    ]


def _places(
    omission: Places, new: list[dict[str, Any]], old: list[Any], vendor: Any, *, moved: bool
) -> Any:
    slots = omission.slots
    if len(new) > len(slots):
        return ABSENT
    values = [find(vendor, slot.vendor) for slot in slots]
    is_held = [
        value is not ABSENT and not contains(slot.unset, value)
        for slot, value in zip(slots, values, strict=True)
    ]
    olds = iter(old)
    was: list[Any] = [next(olds, {}) if held else {} for held in is_held]
    homes = partners_by_mark(
        [find(item, omission.mark) for item in new],
        [find(each, omission.mark) for each in was],
    )
    found = []
    for item, home, place in zip(new, homes, assign_slots(homes, len(slots)), strict=True):
        members: Sequence[Omission] = slots[place].members
        if len(new) < len(slots):
            members = [each for each in members if each.steps not in omission.when_full]
        found.append(
            completed(members, item, {}, ABSENT)
            if home is None
            else completed(members, item, was[home], vendor, moved=moved or home != place)
        )
    return found
