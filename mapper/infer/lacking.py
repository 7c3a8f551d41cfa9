"""What creating needs and nothing writes."""

from collections.abc import Iterable, Iterator
from itertools import chain

from mapper.lower import (
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
from mapper.model import Access, Mapping
from mapper.policy import Policy
from mapper.values import Steps

Writers = Iterable[tuple[Steps, tuple[Lowered, ...]]]
"""Vendor paths that are written, each with the rules of what lies there; none for one value."""


def lacking(mapping: Mapping, lowered: LoweredMapping) -> Iterator[Steps]:
    """Yield the vendor paths of what creating needs and nothing writes, through items of lists."""
    constants = ((each.vendor.steps, ()) for each in mapping.constants)
    yield from _needed(chain(writers(lowered.rules), constants), lowered.policy)


def _needed(written: Writers, policy: Policy) -> Iterator[Steps]:
    """Yield the members that *policy* asks for and nothing writes, in objects that are written."""
    inside: dict[str, list[tuple[Steps, tuple[Lowered, ...]]]] = {}
    whole = set()
    for (name, *rest), members in written:
        inner = inside.setdefault(name, [])
        inner += [(tuple(rest), members)] if rest else writers(members)
        if not rest and not members:
            whole.add(name)
    for name, member in policy.members.items():
        if name in inside and name not in whole:
            found = _needed(inside[name], _items_or_self(member))
            yield from ((name, *each) for each in found)
        elif name not in inside and member.required and member.written:
            yield (name,)


def _items_or_self(policy: Policy) -> Policy:
    """Return the policy of the items of a list, of an object itself."""
    return policy.items if policy.items is not None else policy


def writers(rules: Iterable[Lowered]) -> Iterator[tuple[Steps, tuple[Lowered, ...]]]:
    """Yield the vendor paths that creating writes, each with the rules of what lies there."""
    for rule in rules:
        if rule.access is Access.READ:
            continue
        match rule:
            case Leaf(vendor=steps):
                yield steps, ()
            case Group(vendor=()):
                yield from writers(rule.members)
            case Listing(vendor=steps):
                yield steps, rule.members
            case Group(vendor=steps) if any(True for _ in writers(rule.members)):
                yield steps, rule.members
            case Formula(writes=writes):
                yield from ((write.vendor, ()) for write in writes)
            case Single() | Slots():
                for members in inner_rules(rule):
                    yield from writers(members)
            case _:
                pass
