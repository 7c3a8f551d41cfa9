"""Whether a common value is what was read, printed as Python.

Python's ``==`` is quick, and nearly right: only to it are 1 and true equal. So ``==`` comes first,
and what it takes for equal is looked at again where the rules can read numbers or booleans.
"""

from collections.abc import Sequence
from typing import assert_never

import msgspec

from mapper.compile.expressions import ANY, NULL, Expressions, Operand
from mapper.compile.reading import expected
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
    test = _confused(out, rules, new, was, depth)
    if not test:
        return f"{new} != {was}"
    return f"{new} != {was} or ({was} is not {out.module.use('ABSENT')} and {test})"


def _confused(
    out: Expressions, rules: Sequence[Lowered], new: str, was: str, depth: int | None
) -> str:
    """Return the condition that ``==`` is wrong to take two values for equal; "" if it never is.

    The values are those of :func:`differ`, or both None.
    """
    if depth is not None:
        name = comparer(out, rules, depth)
        return f"{name}({new}, {was})" if name else ""
    [rule] = rules
    match rule:
        case Leaf() | Formula() | Fixed():
            return _confused_value(out, rule, new, was)
        case Group(members=members):
            return _confused(out, members, new, was, 0)
        case Listing(members=members) | Single(members=members):
            name = comparer(out, members, 0)
        case Slots(slots=slots):
            name = comparer(out, [each for slot in slots for each in slot], 0)
        case _:
            assert_never(rule)
    return f"({was} and any(map({name}, {new}, {was})))" if name else ""


def _confused_value(out: Expressions, rule: Leaf | Formula | Fixed, new: str, was: str) -> str:
    value = _read_value(out, rule)
    if value.comparable:
        return ""
    if value.types <= {"boolean"}:
        return f"{new} is not {was}"
    if value.types <= {"number"}:
        return f"type({new}) is bool"
    return f"not {out.module.use('exact')}({new}, {was})"


def comparer(out: Expressions, rules: Sequence[Lowered], depth: int) -> str:
    """Return the name of the function that says :func:`_confused` of two objects, or ""."""
    tests: dict[str, None] = {}
    for stretch in plain_stretches(rules, depth):
        member = quoted(stretch.head)
        new, was = f"new.get({member})", f"was.get({member})"
        parts = (
            [(stretch.rules, depth + 1)]
            if stretch.is_inner
            else [((rule,), None) for rule in stretch.rules]
        )
        tests.update((_confused(out, inner, new, was, deep), None) for inner, deep in parts)
    tests.pop("", None)
    if not tests:
        return ""

    def print_function(name: str) -> Body:
        body = Body(f"def {name}(new, was):")
        body.line("# Of two objects that are equal to ==, for which 1 is True.")
        body.line(f"return was is not None and ({' or '.join(tests)})")
        return body

    return out.module.shared("confused", " ".join(tests), print_function)


def _read_value(out: Expressions, rule: Leaf | Formula | Fixed) -> Operand:
    """Return what is known of the value that *rule* reads."""
    scratch = Expressions(Module(""), Body(""), out.tables, out.accessor)
    if isinstance(rule, Fixed):
        return Operand("", frozenset({type_of(rule.value)}))
    if isinstance(rule, Formula):
        whole = Operand("value", members="get", atomic=True)
        return scratch.operand(rule.read.tree, whole) if rule.read else Operand("", NULL)
    value = Operand("value", ANY - NULL, atomic=True)
    get = rule.get
    found = expected(scratch, rule, value) if get is None else scratch.operand(get, value)
    if rule.default.read is ABSENT:
        return found
    types = found.types | {type_of(rule.default.read)}
    return msgspec.structs.replace(found, types=types)
