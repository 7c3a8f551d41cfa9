"""What of a common object its writer may leave out: see "Put" in docs/explanation/semantics.md.

Constants may be left out, and so may what the mapping only reads or only creates, where there is a
base to have it from.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mapper.alignment import Omissible
from mapper.completion import (
    Always,
    AtCreation,
    Inside,
    Items,
    Kept,
    Omission,
    Only,
    Place,
    Places,
)
from mapper.lower import (
    Fixed,
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    Single,
    Slots,
    can_clear,
    inner_rules,
)
from mapper.model import Access
from mapper.values import ABSENT, PathSet, Steps

NOT_UPDATED = (Access.READ, Access.CREATE)


def may_lack(rule: Lowered) -> bool:
    """Whether the edited object may lack what *rule* reads, without an edit being meant."""
    if isinstance(rule, Group) and rule.access not in NOT_UPDATED:
        return all(map(may_lack, rule.members))
    return isinstance(rule, Fixed) or rule.access in NOT_UPDATED


def unwritten_paths(rules: Iterable[Lowered]) -> Iterator[Steps]:
    """Yield the paths of what an edit of an object of *rules* leaves as it was."""
    for rule in rules:
        if isinstance(rule, Group):
            yield from ((*rule.common, *steps) for steps in unwritten_paths(rule.members))
        elif rule.access in NOT_UPDATED and not isinstance(rule, Fixed):
            yield rule.common


def may_be_left(rule: Lowered) -> bool:
    """Whether *rule* may read something still after all is cleared that it can clear."""
    if isinstance(rule, Fixed) or rule.access is Access.WRITE:
        return False
    match rule:
        case Group() if rule.access not in NOT_UPDATED:
            return any(map(may_be_left, rule.members))
        case Leaf() if rule.access not in NOT_UPDATED:
            return rule.default.read is not ABSENT
        case Listing() if rule.access not in NOT_UPDATED:
            return False
        case _:
            return True


def omissible(rules: Iterable[Lowered], key: Lowered | None = None) -> Omissible:
    """Return what may be left out of objects that *rules* read; of their *key*, nothing."""
    found: Omissible = {}
    for rule in rules:
        inside = omissible_inside(rule)
        free = may_lack(rule)
        if rule is not key and (free or inside):
            found = _joined(found, _at(rule.common, (free, inside)))
    return found


def omissible_inside(rule: Lowered) -> Omissible:
    """Return what may be left out of what *rule* reads, or of its items."""
    key = rule.key if isinstance(rule, Listing) else None
    found: Omissible = {}
    for members in inner_rules(rule):
        found = _joined(found, omissible(members, key))
    return found


def _at(steps: Steps, free: tuple[bool, Omissible]) -> Omissible:
    for step in reversed(steps[1:]):
        free = (False, {step: free})
    return {steps[0]: free}


def _joined(one: Omissible, other: Omissible) -> Omissible:
    joined = dict(one)
    for name, (is_free, inside) in other.items():
        was_free, was_inside = one.get(name, (False, {}))
        joined[name] = (is_free or was_free, _joined(was_inside, inside))
    return joined


def shortest(rules: Iterable[Lowered], common: dict[str, Any]) -> dict[str, Any]:
    """Return *common* without all that may be left out of it; objects stay, even if empty."""
    found: dict[str, Any] = _without(common, omissible(rules))
    return found


def _without(value: Any, left_out: Omissible) -> Any:
    if isinstance(value, list):
        return [_without(item, left_out) for item in value]
    if not isinstance(value, dict):
        return value
    members = ((name, member, left_out.get(name, (False, {}))) for name, member in value.items())
    return {
        name: _without(member, inside) for name, member, (is_free, inside) in members if not is_free
    }


def seen_omissions(rules: Sequence[Lowered]) -> tuple[Omission, ...]:
    """Return what may be left out of objects of *rules* and expressions beside it look at."""
    seen = {steps for rule in rules if isinstance(rule, Formula) for steps in rule.mentions}
    return tuple(_omissions(rules, (), PathSet.of(seen))) if seen else ()


def _omissions(rules: Iterable[Lowered], at: Steps, seen: PathSet) -> Iterator[Omission]:
    """Yield what may be left out of the objects at *at*, as far as the *seen* paths are near."""
    for rule in rules:
        place, steps = (*at, *rule.common), rule.common
        if not seen.near(place) and () not in seen.paths:
            continue
        if isinstance(rule, Fixed):
            yield Always(steps, rule.value)
            continue
        if rule.access in NOT_UPDATED and not isinstance(rule, Group):
            yield Kept(steps)
        if isinstance(rule, Leaf):
            if rule.default.create is not ABSENT and rule.default.create is not None:
                yield AtCreation(steps, rule.default.create)
        elif not isinstance(rule, Formula):
            inside = [tuple(_omissions(each, place, seen)) for each in inner_rules(rule)]
            if any(inside) or isinstance(rule, Single | Slots):
                yield _container(rule, inside)


def _container(
    rule: Group | Listing | Single | Slots, inside: Sequence[tuple[Omission, ...]]
) -> Omission:
    match rule:
        case Group():
            return Inside(
                rule.common,
                rule.vendor,
                stays=may_lack(rule),
                clears=can_clear(rule.unset),
                creates=rule.access not in NOT_UPDATED,
                members=inside[0],
            )
        case Listing():
            key = rule.key.common if rule.key is not None else None
            free = omissible(rule.members, rule.key)
            return Items(rule.common, rule.vendor, key, free, inside[0])
        case Single():
            return Only(rule.common, inside[0])
        case Slots():
            slots = tuple(
                Place(mark.vendor, mark.unset.read, members)
                for slot, members in zip(rule.slots, inside, strict=True)
                for mark in slot
                if isinstance(mark, Leaf) and mark.common == rule.mark
            )
            return Places(rule.common, rule.mark, tuple(sorted(rule.when_full)), slots)
