"""Whether a common value is what was read, printed as Python.

Python's ``==`` is quick, and nearly right: only to it are 1 and true equal. So ``==`` comes first,
and what it takes for equal is looked at again where the rules can read numbers or booleans.
"""

from collections.abc import Sequence
from typing import assert_never

import msgspec

from mapper.compile.expressions import ANY, NULL, Expressions, Operand
from mapper.compile.source import Body, Module, quoted
from mapper.compile.writing import plain_stretches
from mapper.functions import type_of
from mapper.lower import Fixed, Formula, Group, Leaf, Listing, Lowered, Single, Slots
from mapper.values import ABSENT


def differ(
    out: Expressions, rules: Sequence[Lowered], new: str, was: str, depth: int | None
) -> str:
    """Return the condition that a common value *new* is not what was read, *was*.

    The value is that of the one rule, if *depth* is None, or else the object that has the *rules*
    from that depth of their common paths on. Either may be ABSENT.
    """
    test = _exact(out, rules, new, was, depth)
    return f"{new} != {was}" + (f" or not {test}" if test else "")


def _exact(
    out: Expressions, rules: Sequence[Lowered], new: str, was: str, depth: int | None
) -> str:
    """Return the condition that two values which ``==`` takes for equal are; "" if they always are.

    To Python, 1 is equal to true.
    """
    if depth is not None:
        name = _comparer(out, rules, depth)
        return f"{name}({new}, {was})" if name else ""
    [rule] = rules
    match rule:
        case Leaf() | Formula() | Fixed():
            return _exact_value(out, rule, new, was)
        case Group(members=members):
            return _exact(out, members, new, was, 0)
        case Listing(members=members) | Single(members=members):
            name = _comparer(out, members, 0)
        case Slots(slots=slots):
            name = _comparer(out, [each for slot in slots for each in slot], 0)
        case _:
            assert_never(rule)
    absent = out.module.use("ABSENT")
    return f"({was} is {absent} or all(map({name}, {new}, {was})))" if name else ""


def _exact_value(out: Expressions, rule: Leaf | Formula | Fixed, new: str, was: str) -> str:
    value = _read_value(out, rule)
    if value.comparable:
        return ""
    if value.types <= {"boolean"}:
        return f"{new} is {was}"
    return f"{out.module.use('exact')}({new}, {was})"


def _comparer(out: Expressions, rules: Sequence[Lowered], depth: int) -> str:
    """Return the name of the function that compares objects as :func:`_exact` says, or ""."""
    absent = out.module.use("ABSENT")
    tests: dict[str, None] = {}
    for stretch in plain_stretches(rules, depth):
        member = quoted(stretch.head)
        new, was = f"new.get({member}, {absent})", f"was.get({member}, {absent})"
        parts = (
            [(stretch.rules, depth + 1)]
            if stretch.is_inner
            else [((rule,), None) for rule in stretch.rules]
        )
        tests.update((_exact(out, inner, new, was, deep), None) for inner, deep in parts)
    tests.pop("", None)
    if not tests:
        return ""

    def print_function(name: str) -> Body:
        body = Body(f"def {name}(new, was):")
        body.line(f"return was is {absent} or ({' and '.join(tests)})")
        return body

    return out.module.shared("exact", f"exact {list(tests)}", print_function)


def _read_value(out: Expressions, rule: Leaf | Formula | Fixed) -> Operand:
    """Return what is known of the value that *rule* reads."""
    scratch = Expressions(Module(""), Body(""), out.tables, out.accessor)
    if isinstance(rule, Fixed):
        return Operand("", frozenset({type_of(rule.value)}))
    if isinstance(rule, Formula):
        whole = Operand("value", members="get", atomic=True)
        return scratch.operand(rule.read.tree, whole) if rule.read else Operand("", NULL)
    value = Operand("value", ANY - NULL, atomic=True)
    if rule.get is None:
        read_as = rule.types - {"null"}
        found = Operand("", read_as) if read_as in ({"string"}, {"boolean"}) else value
    else:
        found = scratch.operand(rule.get, value)
    if rule.default.read is ABSENT:
        return found
    types = found.types | {type_of(rule.default.read)}
    return msgspec.structs.replace(found, types=types)
