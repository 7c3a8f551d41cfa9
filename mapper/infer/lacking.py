"""What creating needs and nothing writes."""

from collections.abc import Collection, Iterable, Iterator

from mapper.lower import (
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    LoweredMapping,
    Policy,
    Single,
    Slots,
    inner_rules,
)
from mapper.model import Access, Mapping
from mapper.values import Steps


def lacking(mapping: Mapping, lowered: LoweredMapping) -> Iterator[Steps]:
    """Yield the vendor paths of what creating needs and nothing writes, through items of lists."""
    constants = {each.vendor.steps[0] for each in mapping.constants}
    yield from _needed(lowered.rules, lowered.policy, constants)


def _needed(
    rules: Iterable[Lowered], policy: Policy, constants: Collection[str] = ()
) -> Iterator[Steps]:
    """Yield the members that *policy* asks for and *rules* do not write, in what they do write."""
    written = list(writers(rules))
    names = {steps[0] for steps, _ in written}
    for name, member in policy.members.items():
        if member.required and member.written and name not in names and name not in constants:
            yield (name,)
    for steps, members in written:
        inner = _policy_at(policy, steps)
        if members and inner is not None:
            yield from ((*steps, *each) for each in _needed(members, _items_or_self(inner)))


def _policy_at(policy: Policy, steps: Steps) -> Policy | None:
    for step in steps:
        found = policy.members.get(step)
        if found is None:
            return None
        policy = found
    return policy


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
            case Group(vendor=steps) | Listing(vendor=steps):
                yield steps, rule.members
            case Formula(writes=writes):
                yield from ((write.vendor, ()) for write in writes)
            case Single() | Slots():
                for members in inner_rules(rule):
                    yield from writers(members)
            case _:
                pass
