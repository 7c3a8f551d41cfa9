"""From vendor to common, printed as JavaScript: see :mod:`mapper.interpret.reading`."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from mapper.javascript.converting import reader
from mapper.javascript.expressions import Expressions
from mapper.javascript.source import quoted
from mapper.lower import (
    Fixed,
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    Single,
    Slots,
    members_of,
)
from mapper.model import Access
from mapper.values import ABSENT, Steps, store


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
            value = f"{use}(vendor, place, {quoted(_constants(members))}, {read})"
        case Slots():
            yield from _slots(out, rule, name)
            return
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


def _constants(members: Sequence[Lowered]) -> dict[str, object]:
    """Return what *members* read of a vendor object that holds nothing for them."""
    constants: dict[str, object] = {}
    for each in members:
        if isinstance(each, Fixed):
            store(constants, each.common, each.value)
    return constants


def _slots(out: Expressions, rule: Slots, name: str) -> Iterator[str]:
    """Yield the lines that read the list of what the filled slots hold."""
    use = out.script.use("has_value")
    marks = [mark_of(slot, rule.mark) for slot in rule.slots]
    held = [
        f"{use}(vendor, {quoted(mark.vendor)}, {quoted(mark.unset.read)})" for mark in marks
    ]
    held_name, items = f"holds_{len(held)}", "items"
    yield "{"
    yield f"  const {held_name} = [{', '.join(held)}];"
    yield f"  const {items} = [];"
    if rule.when_full:
        yield f"  const isFull = {held_name}.every(function (each) {{ return each; }});"
    for index, slot in enumerate(rule.slots):
        read = print_reader(out, members_of(slot, rule, full=False), f"{name}_{index + 1}")
        if rule.when_full:
            every = print_reader(out, slot, f"{name}_{index + 1}_full")
            read = f"(isFull ? {every} : {read})"
        yield f"  if ({held_name}[{index}]) {{ {items}.push({read}(vendor, place)); }}"
    yield f"  {out.script.use('store')}(common, {quoted(rule.common)}, {items});"
    yield "}"


def mark_of(slot: Sequence[Lowered], mark: Steps) -> Leaf:
    """Return the rule of a slot that tells whether it is filled."""
    leaf = next(rule for rule in slot if rule.common == mark)
    assert isinstance(leaf, Leaf)  # noqa: S101 - parsing refuses any other kind as a mark
    return leaf
