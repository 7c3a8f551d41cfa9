"""What of a request's vendor object travels, printed as JavaScript.

See :mod:`mapper.interpret.bodies`, whose checks and cuts these are.
"""

from collections.abc import Iterator

from mapper.interpret.origin import origin
from mapper.javascript.expressions import Expressions
from mapper.javascript.requesting import is_written
from mapper.javascript.source import made, made_in_lines, options, quoted
from mapper.lower import (
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    LoweredMapping,
    Slots,
    inner_rules,
)
from mapper.model import Access
from mapper.policy import Policy, is_written as can_be_written, item_policy

Path = tuple[str | None, ...]
"""Member names, and None for every item of a list."""


def print_sending(out: Expressions, mapping: LoweredMapping) -> Iterator[str]:
    """Yield the statements that check ``vendor`` and return what of it travels."""
    if not mapping.policy.members:  # a schema that names no members lets all of them be written
        yield "return vendor;"
        return
    sent = {
        name: mapping.policy.members[name]
        for name in _written(mapping.rules)
        if name in mapping.policy.members and mapping.policy.members[name].phase is None
    }
    for name, policy in sent.items():
        yield from _requirements(out, mapping, policy, (name,))
    for name, policy in sent.items():
        yield from _allowed_values(out, mapping, policy, (name,))
    tree = out.script.constant("sent", made_in_lines(_members(Policy(sent), creating=False)))
    yield f"return {out.script.use('cut')}(vendor, {{members: {tree}}});"


def _written(rules: tuple[Lowered, ...], *, in_slot: bool = False) -> dict[str, None]:
    """Return the members of the vendor object that *rules* write in a request.

    In a slot, what is set when creating is written too: as empty.
    """
    names: dict[str, None] = {}
    for rule in rules:
        match rule:
            case _ if not (is_written(rule) or (in_slot and rule.access is Access.CREATE)):
                continue
            case Formula(writes=writes):
                names |= dict.fromkeys(write.vendor[0] for write in writes)
            case Leaf(vendor=(name, *_)) | Group(vendor=(name, *_)) | Listing(vendor=(name, *_)):
                names[name] = None
            case _:
                for members in inner_rules(rule):
                    names |= _written(members, in_slot=in_slot or isinstance(rule, Slots))
    return names


def _requirements(
    out: Expressions, mapping: LoweredMapping, policy: Policy, at: Path
) -> Iterator[str]:
    """Yield the checks that objects which are made have the members that the vendor needs."""
    if not policy.written:
        return
    if policy.items is not None:
        yield from _requirements(out, mapping, policy.items, (*at, None))
    for name, member in policy.members.items():
        if member.required:
            place = quoted(_place(mapping, (*at, name)))
            check = out.script.use("require_member")
            yield f"{check}(vendor, {quoted(at)}, {quoted(name)}, {place});"
        yield from _requirements(out, mapping, member, (*at, name))


def _allowed_values(
    out: Expressions, mapping: LoweredMapping, policy: Policy, at: Path
) -> Iterator[str]:
    """Yield the checks that what is written is among the values that the vendor lets be written."""
    if not policy.written:
        return
    if policy.values is not None:
        place, check = quoted(_place(mapping, at)), out.script.use("require_value")
        yield f"{check}(vendor, {quoted(at)}, {quoted(policy.values)}, {place});"
    if policy.items is not None:
        yield from _allowed_values(out, mapping, policy.items, (*at, None))
    for name, member in policy.members.items():
        yield from _allowed_values(out, mapping, member, (*at, name))


def _place(mapping: LoweredMapping, at: Path) -> Path:
    """Return the place in the common object from which the vendor place *at* is written."""
    # Nothing but a comparison with names is asked of a step, so that None stands for any index.
    found = origin(mapping.rules, at)  # type: ignore[arg-type]
    return found[0] if found else at  # type: ignore[return-value]


def _cut(policy: Policy, *, creating: bool) -> str:
    """Return the tree of the members that are sent."""
    found = []
    if policy.items is not None:
        found.append(("items", _cut(item_policy(policy), creating=True)))
    if policy.members:
        found.append(("members", made(_members(policy, creating=creating))))
    if policy.name is not None:
        found.append(("name", quoted(policy.name)))
    if policy.item is not None:
        found.append(("pick", quoted(policy.item)))
    return options(found)


def _members(policy: Policy, *, creating: bool) -> Iterator[tuple[str, str]]:
    for name, member in policy.members.items():
        if can_be_written(member, creating=creating):
            yield name, _cut(member, creating=creating)
