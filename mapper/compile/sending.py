"""What of a vendor object travels, printed as Python: see :mod:`mapper.interpret.bodies`.

A policy becomes the expression of a *sender*: a function that gives what travels of a value, and
raises where the vendor would not take it. What rules make mostly travels as it is, and is spared.
"""

from collections.abc import Iterator, Sequence, Set as AbstractSet
from typing import Any

from mapper import expr
from mapper.compile.expressions import Expressions
from mapper.compile.source import Body, Unprintable, quoted
from mapper.expr import Expr
from mapper.lower import (
    Fixed,
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
from mapper.model import Access
from mapper.policy import Policy, is_written, item_policy
from mapper.values import ABSENT, Steps, contains

# Senders ------------------------------------------------------------------------------------------


def body_sender(out: Expressions, policy: Policy) -> str:
    """Return the expression of what sends a body that updates, which has few members."""
    if not policy.members:
        return out.module.use("copy")
    members = []
    for name, member in _travelling(policy, creating=False).items():
        send = sender(out, member, creating=False)
        members.append(f"{quoted(name)}: ({quoted(member.name or name)}, {send})")
    return f"{out.module.use('members')}({{{', '.join(members)}}})"


def sender(out: Expressions, policy: Policy, *, creating: bool) -> str:
    """Return the name of what sends a value under *policy*.

    Raises:
        Unprintable: What is sent depends on the kind of the value, list or object or neither.
    """
    copy = out.module.use("copy")
    if sum(bool(kind) for kind in (policy.items, policy.members, policy.values)) > 1:
        raise Unprintable
    if policy.items is not None:
        return _list_sender(out, policy)
    if policy.members:
        return _object_sender(out, policy, creating=creating)
    if policy.written and policy.values is not None:
        one_of = f"{out.module.use('one_of')}({quoted(list(policy.values))})"
        return out.module.constant("one", one_of)
    return copy


def _list_sender(out: Expressions, policy: Policy) -> str:
    def print_function(name: str) -> Body:
        inner = out.into(Body(f"def {name}(value):"))
        with inner.body.block("if not isinstance(value, list):"):
            inner.body.line(f"return {out.module.use('copy')}(value)")
        items = policy.items if policy.item is not None else item_policy(policy)
        send = sender(out, items or Policy(), creating=True)
        if policy.item is None:
            inner.body.line(f"return [{send}(item) for item in value]")
            return inner.body
        with inner.body.block("for item in value:"):
            inner.body.line(f"{send}(item)")
        picked = f"{out.module.use('picked')}(item, {quoted(policy.item)})"
        inner.body.line(f"return [{picked} for item in value]")
        return inner.body

    return out.module.shared("send", policy, print_function)


def _object_sender(out: Expressions, policy: Policy, *, creating: bool) -> str:
    def print_function(function: str) -> Body:
        inner = out.into(Body(f"def {function}(value):"))
        with inner.body.block("if not isinstance(value, dict):"):
            inner.body.line(f"return {out.module.use('copy')}(value)")
        members = _travelling(policy, creating=creating)
        for required in _required(policy):
            if required not in members:
                inner.refuse_if(f"{quoted(required)} not in value")
        senders = {name: sender(out, each, creating=creating) for name, each in members.items()}
        with inner.body.block("try:  # as the vendor shows an object, it has them all"):
            inner.body.enter("return {")
            for name, member in members.items():
                value = _sent(inner, senders[name], f"member := value[{quoted(name)}]")
                inner.body.line(f"{quoted(member.name or name)}: {value},")
            inner.body.leave()
            inner.body.line("}")
        with inner.body.block("except KeyError:"):
            inner.body.line("get, sent = value.get, {}")
        for required in _required(policy):
            if required in members:
                inner.refuse_if(f"{quoted(required)} not in value")
        absent = out.module.use("ABSENT")
        for name, member in members.items():
            inner.body.line(f"member = get({quoted(name)}, {absent})")
            with inner.body.block(f"if member is not {absent}:"):
                value = _sent(inner, senders[name], "member")
                inner.body.line(f"sent[{quoted(member.name or name)}] = {value}")
        inner.body.line("return sent")
        return inner.body

    return out.module.shared("send_new" if creating else "send", policy, print_function)


def _sent(out: Expressions, send: str, member: str) -> str:
    """Return what *send* makes of ``member``, which *member* names or gives its value.

    Most are scalars, which need no copy.
    """
    if send != "copy":
        return f"{send}({member})"
    return f"member if type({member}) in {out.module.use('SCALARS')} else {send}(member)"


def _travelling(policy: Policy, *, creating: bool) -> dict[str, Policy]:
    """Return the members of an object that can be written.

    Raises:
        Unprintable: The vendor demands something of members that can only be set when creating.
    """
    for member in policy.members.values():
        written = is_written(member, creating=creating)
        if not written and member.written and _has_demands(member):
            raise Unprintable
    return {
        name: member
        for name, member in policy.members.items()
        if is_written(member, creating=creating)
    }


def _required(policy: Policy) -> tuple[str, ...]:
    return tuple(name for name, member in policy.members.items() if member.required)


def _has_demands(policy: Policy) -> bool:
    """Whether the vendor may refuse a value under *policy*."""
    inner = [*policy.members.values(), *([policy.items] if policy.items else [])]
    limited = policy.written and policy.values is not None
    return limited or any(
        member.written and (member.required or _has_demands(member)) for member in inner
    )


# What is made -------------------------------------------------------------------------------------


def send_made(out: Expressions, mapping: LoweredMapping, *, creating: bool) -> None:
    """Print what turns ``vendor``, made by the rules of *mapping*, into what travels of it.

    Members that travel in a request of their own are not part of a request that does not create.
    """
    policy = mapping.policy
    if creating:
        for name in _required(policy):
            out.refuse_if(f"{quoted(name)} not in vendor")
    heads = dict.fromkeys(
        head
        for rule in _spread(mapping.rules)
        if not _travels((rule,), policy, creating=creating)
        for head in _heads(rule)
    )
    if creating:
        heads.update(dict.fromkeys(each.vendor.steps[0] for each in mapping.constants))
    if not creating:
        phased = (name for name, member in policy.members.items() if member.phase is not None)
        made = {head for rule in _spread(mapping.rules) for head in _heads(rule)}
        heads.update(dict.fromkeys(name for name in phased if name in made))
    names = {policy.members[head].name for head in heads if head in policy.members}
    crossed = names & heads.keys()  # the new name of one is the old one of another
    if crossed:
        out.body.line("renamed = {}")
    for head in heads:
        _send_member(out, policy, head, crossed, creating=creating)
    if crossed:
        out.body.line("vendor.update(renamed)")


def _send_member(
    out: Expressions,
    policy: Policy,
    name: str,
    crossed: AbstractSet[str | None],
    *,
    creating: bool,
) -> None:
    member = policy.members.get(name, Policy(written=not policy.members))
    alone = member.phase is not None and not creating
    if alone or not is_written(member, creating=creating):
        out.body.line(f"vendor.pop({quoted(name)}, None)")
        return
    send = sender(out, member, creating=creating)
    written = member.name or name
    if send == "copy" and written == name:
        return
    with out.body.block(f"if {quoted(name)} in vendor:"):
        value = f"vendor.pop({quoted(name)})"
        if send != "copy":
            value = f"{send}({value})"
        into = "renamed" if written in crossed else "vendor"
        out.body.line(f"{into}[{quoted(written)}] = {value}")


def _spread(rules: Sequence[Lowered]) -> Iterator[Lowered]:
    """Yield the rules that write into one vendor object, those in groups of it included."""
    for rule in rules:
        if rule.access is Access.READ:
            continue
        match rule:
            case Group(vendor=()) | Single() | Slots():
                for members in inner_rules(rule):
                    yield from _spread(members)
            case _:
                yield rule


def _heads(rule: Lowered) -> Iterator[str]:
    match rule:
        case Leaf(vendor=steps) | Group(vendor=steps) | Listing(vendor=steps):
            yield steps[0]
        case Formula(writes=writes):
            yield from (write.vendor[0] for write in writes)
        case _:
            return


def _travels(rules: Sequence[Lowered], policy: Policy, *, creating: bool) -> bool:
    """Whether all that *rules* make travels as it is, and can lack nothing that is required."""
    for rule in _spread(rules):
        match rule:
            case Leaf():
                member = _kept(policy, rule.vendor, creating=creating)
                if member is None or not _value_travels(rule, member):
                    return False
            case Formula():
                for write in rule.writes:
                    member = _kept(policy, write.vendor, creating=creating)
                    if member is None or member.members or member.items or member.values:
                        return False
            case Group():
                member = _kept(policy, rule.vendor, creating=creating)
                if member is None or _required(member):
                    return False
                if not _travels(rule.members, member, creating=creating):
                    return False
            case Listing():
                member = _kept(policy, rule.vendor, creating=creating)
                if member is None or member.item is not None:
                    return False
                items = item_policy(member)
                if _required(items) or not _travels(rule.members, items, creating=True):
                    return False
            case Fixed() | _:
                continue
    return True


def _kept(policy: Policy, steps: Steps, *, creating: bool) -> Policy | None:
    """Return the policy at *steps*, None if what lies there is left out, renamed or incomplete."""
    for depth, step in enumerate(steps):
        if not policy.members:
            return Policy()
        member = policy.members.get(step)
        if member is None or member.name not in (None, step):
            return None
        if not is_written(member, creating=creating) or (depth and _required(policy)):
            return None
        policy = member
    return policy


def _value_travels(rule: Leaf, policy: Policy) -> bool:
    if policy.values is not None and (rule.values is None or not _clears_to(rule, policy.values)):
        return False
    if policy.items is not None:
        return False
    names = _made_names(rule.put)
    if not policy.members:
        return True
    return (
        names >= set(_required(policy))
        and all(
            (member := policy.members.get(name)) is not None
            and is_written(member, creating=False)
            and member.name in (None, name)
            and not member.members
            and member.items is None
            and member.values is None
            for name in names
        )
        and bool(names)
    )


def _clears_to(rule: Leaf, values: tuple[Any, ...]) -> bool:
    """Whether clearing what *rule* writes gives one of *values*, or nothing."""
    return rule.unset.clear is ABSENT or contains(values, rule.unset.clear)


def _made_names(put: Expr | None) -> set[str]:
    """Return the members of the object that *put* always makes, none if it makes another value."""
    match put:
        case expr.Chain(_, right):
            return _made_names(right)
        case expr.MakeObject(members):
            return {name for name, _ in members}
        case _:
            return set()
