"""From vendor to common, printed as Python: see :mod:`mapper.interpret.reading`."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, assert_never

import msgspec

from mapper.compile.expressions import (
    OBJECT,
    Expressions,
    Operand,
    without_null,
)
from mapper.compile.paths import Stretch, stretches
from mapper.compile.source import Body, Module, Unprintable, quoted
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
    constants_of,
    members_of,
)
from mapper.model import Access, Unset
from mapper.values import ABSENT, Steps, contains

Keep = Callable[[str], None]
"""Prints what keeps the value of a Python expression."""


def print_from_vendor(mapping: LoweredMapping) -> str:
    """Return the module of ``from_vendor(vendor)``, which gives the common object."""
    out = Expressions(Module(f"{mapping.name}: from vendor"), Body(""), mapping.tables)
    out.module.add(reading(out, mapping.rules, "from_vendor"))
    return out.module.text()


def reader(out: Expressions, rules: Sequence[Lowered]) -> str:
    """Return the name of the function that reads common objects with *rules*."""
    return out.module.shared("read", rules, lambda name: reading(out, rules, name))


def reading(out: Expressions, rules: Sequence[Lowered], name: str) -> Body:
    """Return the function *name*, which gives the common object of a vendor object."""
    inner = out.into(Body(f"def {name}(vendor):"))
    vendor = opened(inner, "vendor")
    inner.body.line("common = {}")
    read_members(inner, rules, vendor, "common")
    inner.body.line("return common")
    return inner.body


def opened(out: Expressions, name: str) -> Operand:
    """Print the check that *name* is a vendor object, and return it with its members open."""
    members = out.accessor.open(out.module, out.body, name)
    return Operand(name, OBJECT, atomic=True, members=members)


def read_members(
    out: Expressions, rules: Sequence[Lowered], vendor: Operand, common: str, depth: int = 0
) -> None:
    """Print what reads *rules* from the open object *vendor* into the dictionary *common*.

    *depth* is how many members of the rules' common paths lead to *common* already.
    """
    for likeness, run in groupby(stretches(rules, depth), lambda each: _likeness(each, depth)):
        found = list(run)
        if likeness and len(found) >= _MANY:
            _alike(out, [stretch.rules[0] for stretch in found], vendor, common)
            continue
        for stretch in found:
            _read_stretch(out, stretch, vendor, common, depth)


def _read_stretch(
    out: Expressions, stretch: Stretch, vendor: Operand, common: str, depth: int
) -> None:
    if stretch.is_inner and len(stretch.rules) > 1:
        inner = out.body.fresh("inner")
        out.body.line(f"{inner} = {{}}")
        read_members(out, stretch.rules, vendor, inner, depth + 1)
        with out.body.block(f"if {inner}:"):
            out.body.line(f"{common}[{quoted(stretch.head)}] = {inner}")
        return
    for rule in stretch.rules:
        if rule.access is not Access.WRITE:
            with out.body.rule(rule.common):
                keep = _keeper(out, common, rule.common[depth:], alone=stretch.is_inner)
                read_rule(out, rule, vendor, keep)


_MANY = 5
"""From how many neighbours on a loop reads them that are read alike.

It takes Python less time to parse, and each of them a little more to read.
"""


def _likeness(stretch: Stretch, depth: int) -> tuple[Any, ...]:
    """Return what is the same of members that are read alike; () if *stretch* is none or many."""
    [rule, *others] = stretch.rules
    if others or not isinstance(rule, Leaf) or rule.access is Access.WRITE:
        return ()
    if len(rule.common) > depth + 1 or len(rule.vendor) > 1:
        return ()
    if rule.default.read is not ABSENT or None not in rule.unset.read:
        return ()
    return rule.types, rule.get, repr(rule.unset.read)  # in which true is not 1


def _alike(out: Expressions, rules: Sequence[Any], vendor: Operand, common: str) -> None:
    """Print the loop that reads the members of *rules*, leaves that are read alike."""
    body = out.body
    with body.rule(*(rule.common for rule in rules)):
        name, member, value = map(body.fresh, ("name", "member", "value"))
        body.line(f"for {name}, {member} in (")
        for rule in rules:
            body.line(f"    ({quoted(rule.common[-1])}, {quoted(rule.vendor[0])}),")
        with body.block("):"):
            body.line(f"{value} = {out.accessor.named_by(vendor.members or '', member)}")
            looked = Operand(value, atomic=True)
            _keep_looked(
                out, rules[0], looked, lambda kept: body.line(f"{common}[{name}] = {kept}")
            )


def _keeper(out: Expressions, common: str, steps: Steps, *, alone: bool) -> Keep:
    """Return what keeps a value at *steps*; *alone* says that nothing else is stored there."""

    def keep(value: str) -> None:
        if alone or len(steps) == 1:
            for step in reversed(steps[1:]):
                value = f"{{{quoted(step)}: {value}}}"
            out.body.line(f"{common}[{quoted(steps[0])}] = {value}")
        else:
            out.body.line(f"{out.module.use('store')}({common}, {quoted(steps)}, {value})")

    return keep


def read_rule(out: Expressions, rule: Lowered, vendor: Operand, keep: Keep) -> None:
    """Print what reads *rule* from the open object *vendor*, and keeps its value if it has one."""
    match rule:
        case Leaf():
            _leaf(out, rule, vendor, keep)
        case Formula():
            _formula(out, rule, vendor, keep)
        case Fixed():
            keep(quoted(rule.value))
        case Group():
            _group(out, rule, vendor, keep)
        case Listing():
            _listing(out, rule, vendor, keep)
        case Single():
            _single(out, rule, vendor, keep)
        case Slots():
            _slots(out, rule, vendor, keep)
        case _:
            assert_never(rule)


def is_set(out: Expressions, value: Operand, unset: Unset) -> str:
    """Return the condition that the atomic *value*, None or ABSENT if absent, is a value."""
    tests = [_differs(out, value, spelling) for spelling in unset.read]
    if not contains(unset.read, None):
        tests.append(f"{value.text} is not {out.module.use('ABSENT')}")
    return " and ".join(sorted(tests, key=lambda test: " is not " not in test))


def _differs(out: Expressions, value: Operand, spelling: Any) -> str:
    """Return the condition that *value* is not :func:`equal` to *spelling*."""
    match spelling:
        case None | bool():
            return f"{value.text} is not {spelling}"
        case str():
            return f"{value.text} != {quoted(spelling)}"
        case int() | float():
            return f"({value.text} != {quoted(spelling)} or type({value.text}) is bool)"
        case _:
            return f"not {out.module.use('equal')}({value.text}, {quoted(spelling)})"


def equals(out: Expressions, value: Operand, spelling: Any) -> str:
    """Return the condition that the atomic *value* is :func:`equal` to *spelling*."""
    match spelling:
        case None | bool():
            return f"{value.text} is {spelling}"
        case str():
            return f"{value.text} == {quoted(spelling)}"
        case int() | float():
            return f"({value.text} == {quoted(spelling)} and type({value.text}) is not bool)"
        case _:
            return f"{out.module.use('equal')}({value.text}, {quoted(spelling)})"


def look(out: Expressions, vendor: Operand, steps: Steps, unset: Unset) -> Operand:
    """Print the walk to what lies at *steps*: None or, where null is a value, ABSENT without it."""
    absent = not contains(unset.read, None)
    value, members = out.body.fresh("value"), vendor.members or ""
    depth = 0
    for step in steps[:-1]:
        out.body.line(f"{value} = {out.accessor.member(out.module, members, step)}")
        if absent:
            with out.body.block(f"if {value} is None:"):
                out.body.line(f"{value} = {out.module.use('ABSENT')}")
            header = f"if {value} is not {out.module.use('ABSENT')}:"
        else:
            header = f"if {value} is not None:"
        out.body.enter(header)
        depth += 1
        members = out.accessor.open(out.module, out.body, value)
    last = out.accessor.member(out.module, members, steps[-1], absent=absent)
    out.body.line(f"{value} = {last}")
    out.body.leave(depth)
    return Operand(value, atomic=True)


def _leaf(out: Expressions, rule: Leaf, vendor: Operand, keep: Keep) -> None:
    _keep_looked(out, rule, look(out, vendor, rule.vendor, rule.unset), keep)


def _keep_looked(out: Expressions, rule: Leaf, value: Operand, keep: Keep) -> None:
    """Print what keeps the common value of *value*, which lies where the rule reads."""
    if _is_plain(rule):
        _plain_leaf(out, rule, value, keep)
        return
    with out.body.block(f"if {is_set(out, value, rule.unset)}:"):
        keep_read(out, rule, value, keep)
    if rule.default.read is not ABSENT:
        with out.body.block("else:"):
            keep(quoted(rule.default.read))


def _is_plain(rule: Leaf) -> bool:
    """Whether *rule* keeps values of one type as they are, which may be null or empty text."""
    if rule.get is not None or rule.default.read is not ABSENT:
        return False
    others = [spelling for spelling in rule.unset.read if spelling is not None]
    if len(others) == len(rule.unset.read):
        return False
    return not others or (others == [""] and rule.types - {"null"} == {"string"})


def _plain_leaf(out: Expressions, rule: Leaf, value: Operand, keep: Keep) -> None:
    """Print what keeps *value*, which is looked at for its type first: mostly it is a value."""
    holds, _ = _type_tests(out, rule.types - {"null"}, value)
    if not holds:
        with out.body.block(f"if {value.text} is not None:"):
            keep(out.owned(value))
        return
    with out.body.block(f"if {holds}:"):
        if contains(rule.unset.read, ""):
            with out.body.block(f"if {value.text}:"):
                keep(value.text)
        else:
            keep(value.text)
    with out.body.block(f"elif {value.text} is not None:"):
        out.body.line(f"raise {out.module.use('Unexpected')}")


def keep_read(out: Expressions, rule: Leaf, value: Operand, keep: Keep) -> None:
    """Print what keeps the common value of *value*, which is a value and not a spelling of none."""
    if contains(rule.unset.read, None):
        value = without_null(value)
    if rule.get is None:
        value = expected(out, rule, value)
        if "null" in value.types:
            out.refuse_if(f"{value.text} is None")
        keep(out.owned(value))
    else:
        keep_value(out, out.operand(rule.get, value), keep)


def expected(out: Expressions, rule: Leaf, value: Operand) -> Operand:
    """Print the check that a value which is kept as it is has the type that it may have."""
    types = rule.types - {"null"} if "null" not in value.types else rule.types
    holds, fails = _type_tests(out, types, value)
    if not holds:
        return value
    out.refuse_if(fails)
    types = types if "string" in types or "boolean" in types else frozenset({"number"})
    return msgspec.structs.replace(value, types=types)


def _type_tests(out: Expressions, types: frozenset[str], value: Operand) -> tuple[str, str]:
    """Return the conditions that *value* is of *types*, and that it is not; "" for both if open."""
    kind = f"type({value.text})"
    if types == {"string"}:
        return f"{kind} is str", f"{kind} is not str"
    if types == {"boolean"}:
        return f"{kind} is bool", f"{kind} is not bool"
    if types and types <= {"integer", "number"}:
        numbers = out.module.use("NUMBERS")
        return f"{kind} in {numbers}", f"{kind} not in {numbers}"
    return "", ""


def keep_value(out: Expressions, value: Operand, keep: Keep) -> None:
    """Print what keeps *value*, made anew as far as it is shared, unless it is null."""
    if "null" not in value.types:
        keep(out.owned(value))
        return
    value = out.named(value)
    with out.body.block(f"if {value.text} is not None:"):
        keep(out.owned(value))


def _formula(out: Expressions, rule: Formula, vendor: Operand, keep: Keep) -> None:
    if rule.read is None:
        return
    value = out.bound(out.operand(rule.read.tree, vendor))
    with out.body.block(f"if {value.text} is not None:"):
        text = value.text
        if value.types & {"object", "array"}:
            whole = f"{out.module.use('without_nulls')}({text})"
            text = f"{text} if type({text}) is str else {whole}"
        keep(text)


def _group(out: Expressions, rule: Group, vendor: Operand, keep: Keep) -> None:
    if not rule.vendor:
        if any(isinstance(spelling, dict) for spelling in rule.unset.read):
            raise Unprintable  # the object around the group would be the spelling
        _inside(out, rule.members, vendor, keep)
        return
    value = look(out, vendor, rule.vendor, rule.unset)
    with out.body.block(f"if {is_set(out, value, rule.unset)}:"):
        _inside(out, rule.members, opened(out, value.text), keep)


def _inside(out: Expressions, members: Sequence[Lowered], vendor: Operand, keep: Keep) -> None:
    inner = out.body.fresh("inner")
    out.body.line(f"{inner} = {{}}")
    read_members(out, members, vendor, inner)
    with out.body.block(f"if {inner}:"):
        keep(inner)


def _listing(out: Expressions, rule: Listing, vendor: Operand, keep: Keep) -> None:
    value = look(out, vendor, rule.vendor, rule.unset)
    with out.body.block(f"if {is_set(out, value, rule.unset)}:"):
        out.refuse_if(f"type({value.text}) is not list")
        keep(f"[{reader(out, rule.members)}(item) for item in {value.text}]")


def _single(out: Expressions, rule: Single, vendor: Operand, keep: Keep) -> None:
    inner = out.body.fresh("inner")
    out.body.line(f"{inner} = {{}}")
    read_members(out, rule.members, vendor, inner)
    constants = constants_of(rule.members)
    if constants:
        empty = f"{out.module.use('is_within')}({inner}, {quoted(constants)})"
        keep(f"[] if {empty} else [{inner}]")
    else:
        keep(f"[{inner}] if {inner} else []")


def _slots(out: Expressions, rule: Slots, vendor: Operand, keep: Keep) -> None:
    marks = [mark_of(slot, rule.mark) for slot in rule.slots]
    filled = [fill_test(out, mark, vendor) for mark in marks]
    every = " and ".join(name for name, _ in filled)
    found = out.body.fresh("found")
    out.body.line(f"{found} = []")
    for slot, mark, (is_filled, value) in zip(rule.slots, marks, filled, strict=True):
        with out.body.block(f"if {is_filled}:"):
            inner = out.body.fresh("inner")
            out.body.line(f"{inner} = {{}}")
            if mark.access is not Access.WRITE:
                with out.body.rule(mark.common):
                    keep_mark = _keeper(out, inner, mark.common, alone=False)
                    keep_read(out, mark, value, keep_mark)
            others = [each for each in slot if each is not mark]
            read_members(out, members_of(others, rule, full=False), vendor, inner)
            last = [each for each in others if each.common in rule.when_full]
            if last:
                with out.body.block(f"if {every}:"):
                    read_members(out, last, vendor, inner)
            out.body.line(f"{found}.append({inner})")
    keep(found)


def mark_of(slot: Sequence[Lowered], mark: Steps) -> Leaf:
    """Return the rule that tells whether *slot* holds anything."""
    return next(each for each in slot if isinstance(each, Leaf) and each.common == mark)


def fill_test(out: Expressions, mark: Leaf, vendor: Operand) -> tuple[str, Operand]:
    """Print whether the place of *mark* holds something; return the answer's name, and what."""
    [step, *further] = mark.vendor
    if further:
        raise Unprintable
    absent = not contains(mark.unset.read, None)
    value = out.named(
        Operand(out.accessor.member(out.module, vendor.members or "", step, absent=absent))
    )
    filled = out.body.fresh("filled")
    out.body.line(f"{filled} = {is_set(out, value, mark.unset)}")
    return filled, value
