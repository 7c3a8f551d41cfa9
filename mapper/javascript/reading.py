"""From vendor to common, printed as JavaScript: see :mod:`mapper.interpret.reading`."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from mapper.javascript.converting import reader
from mapper.javascript.expressions import Expressions
from mapper.javascript.source import options, quoted
from mapper.lower import (
    Fixed,
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    Single,
    Slots,
    constants_of,
    members_of,
)
from mapper.model import Access
from mapper.values import ABSENT, Steps


def print_reader(out: Expressions, rules: Sequence[Lowered], hint: str = "read") -> str:
    """Return the name of the function ``(vendor, place)`` that gives the common object."""

    def lines() -> Iterator[str]:
        yield "const common = {};"
        for rule in rules:
            if rule.access is not Access.WRITE:
                yield from _read(out, rule, hint)
        yield "return common;"

    return out.script.declare(hint, "vendor, place", lines)


def _read(out: Expressions, rule: Lowered, hint: str) -> Iterator[str]:
    """Yield the lines that read one rule, of a function of the name *hint*."""
    name = f"{hint}_{rule.common[-1]}"
    match rule:
        case Leaf():
            value = _value(out, rule)
        case Formula():
            value = _formula(out, rule)
        case Fixed(value=constant):
            value = quoted(constant)
        case Group(vendor=steps, unset=unset, members=members):
            use = out.script.use("read_object")
            read = print_reader(out, members, name)
            value = f"{use}(vendor, {quoted(steps)}, place, {quoted(unset.read)}, {read})"
        case Listing(vendor=steps, unset=unset, members=members):
            use = out.script.use("read_list")
            read = print_reader(out, members, name)
            value = f"{use}(vendor, {quoted(steps)}, place, {quoted(unset.read)}, {read})"
        case Single(members=members):
            use = out.script.use("read_single")
            read = print_reader(out, members, name)
            value = f"{use}(vendor, place, {quoted(constants_of(members))}, {read})"
        case Slots():
            value = _slots(out, rule, name)
        case _:
            assert_never(rule)
    yield f"{out.script.use('store')}(common, {quoted(rule.common)}, {value});"


def _value(out: Expressions, rule: Leaf) -> str:
    unset = quoted(rule.unset.read)
    arguments = ["vendor", quoted(rule.vendor), "place", unset, reader(out, rule)]
    if rule.default.read is not ABSENT:
        arguments.append(quoted(rule.default.read))
    elif arguments[-1] == "undefined":
        arguments.pop()
    return f"{out.script.use('read_value')}({', '.join(arguments)})"


def _formula(out: Expressions, rule: Formula) -> str:
    if rule.read is None:
        return "undefined"
    read = out.function(rule.read.tree, present=True)
    return f"{out.script.use('read_formula')}(vendor, place, {read})"


def _slots(out: Expressions, rule: Slots, name: str) -> str:
    """Return the list of what the filled slots hold."""
    slots = []
    for index, slot in enumerate(rule.slots):
        mark = mark_of(slot, rule.mark)
        found = [("mark", quoted(mark.vendor)), ("unset", quoted(mark.unset.read))]
        always = members_of(slot, rule, full=False)
        found.append(("read", print_reader(out, always, f"{name}_{index + 1}")))
        if len(always) < len(slot):
            found.append(("read_full", print_reader(out, slot, f"{name}_{index + 1}_full")))
        slots.append(options(found))
    return f"{out.script.use('read_slots')}(vendor, place, [{', '.join(slots)}])"


def mark_of(slot: Sequence[Lowered], mark: Steps) -> Leaf:
    """Return the rule of a slot that tells whether it is filled."""
    leaf = next(rule for rule in slot if rule.common == mark)
    assert isinstance(leaf, Leaf)  # noqa: S101 - parsing refuses any other kind as a mark
    return leaf
