"""What printing the ways to write has in common: see :mod:`mapper.interpret.writing`."""

from collections.abc import Callable, Sequence
from typing import Any, get_args

import msgspec

from mapper.compile.expressions import ANY, NULL, OBJECT, Expressions, Operand, without_null
from mapper.compile.paths import Stretch, stretches
from mapper.compile.reading import equals, expected
from mapper.compile.source import Unprintable, quoted
from mapper.completion import Omission, Place
from mapper.functions import type_of
from mapper.lower import Leaf, Lowered, Single, Slots, can_clear, item_signs
from mapper.model import Access, Unset
from mapper.omissions import seen_omissions
from mapper.values import ABSENT, Steps


class Target(msgspec.Struct, frozen=True):
    """The vendor object that is written.

    Attributes:
        name: Its Python name, that of a dictionary which nothing else holds.
        used: The members that the rules which are printed so far write.
    """

    name: str
    used: set[str] = msgspec.field(default_factory=set)

    def claim(self, steps: Steps) -> None:
        """Note that a rule looks at what lies at *steps*, and writes there.

        Raises:
            Unprintable: A rule before it writes there.
        """
        if steps[0] in self.used:
            raise Unprintable
        self.used.add(steps[0])


class Writer(msgspec.Struct, frozen=True):
    """Prints what writes common values into a vendor object.

    Attributes:
        out: Where it is printed.
        target: The vendor object.
    """

    out: Expressions
    target: Target

    @property
    def absent(self) -> str:
        """The name of what a member is that is not there."""
        return self.out.module.use("ABSENT")

    def store(self, steps: Steps, value: Operand) -> None:
        """Print what stores *value* at a vendor path."""
        raise NotImplementedError

    def refuse(self) -> None:
        """Print what hands the document to the interpreter."""
        self.out.body.line(f"raise {self.out.module.use('Unexpected')}")

    def clear(self, steps: Steps, unset: Unset) -> None:
        """Print what writes the vendor's spelling of "no value", or refuses for want of one."""
        if can_clear(unset):
            self.store(steps, constant(unset.clear))
        else:
            self.refuse()

    def empty(self, rule: Slots, slot: Sequence[Lowered]) -> None:
        """Print what empties a slot."""
        for each in slot:
            if not isinstance(each, Leaf) or each.access is Access.READ:
                continue
            if each.unset.clear is not ABSENT:
                self.store(each.vendor, constant(each.unset.clear))
            elif each.common == rule.mark:
                self.refuse()


def put(out: Expressions, rule: Leaf, new: Operand, keep: Callable[[Operand], None]) -> None:
    """Print what converts the common value *new* and keeps it, if it is one that can be written.

    *new* may be null, which is refused: no converter takes it.
    """
    if rule.put is not None:
        value = out.named(out.operand(rule.put, out.bound(without_null(new))))
    elif new.types == ANY:
        value = expected(out, rule, without_null(new))
        if value.types == ANY - NULL:
            out.refuse_if(f"{new.text} is None")
    else:
        value = new
    nullable = "null" in value.types
    if nullable:
        out.body.enter(f"if {value.text} is not None:")
    for spelling in rule.unset.read:
        if spelling is not None and type_of(spelling) in value.types:
            out.refuse_if(equals(out, value, spelling))
    if rule.values is not None:
        _refuse_others(out, value, rule.values)
    keep(value)
    if nullable:
        out.body.leave()


def _refuse_others(out: Expressions, value: Operand, values: tuple[Any, ...]) -> None:
    """Print the check that *value* is one of *values*."""
    types = {type_of(each) for each in values}
    if len(types) == 1 and types == value.types and types <= {"string", "number"}:
        out.refuse_if(f"{value.text} not in {quoted(values)}")
    else:
        contained = f"{out.module.use('contains')}({quoted(list(values))}, {value.text})"
        out.refuse_if(f"not {contained}")


def constant(value: Any) -> Operand:
    """Return the operand of a JSON value that is known beforehand."""
    return Operand(quoted(value), frozenset({type_of(value)}), fresh=True, atomic=True)


def open_common(out: Expressions, name: str, hint: str = "get") -> Operand:
    """Return the common object *name*, which is a dictionary, with its members open."""
    members = out.body.fresh(hint)
    out.body.line(f"{members} = {name}.get")
    return Operand(name, OBJECT, atomic=True, members=members)


def open_seen(
    out: Expressions, rules: Sequence[Lowered], common: Operand, before: tuple[str, str] | None
) -> Operand:
    """Return *common*, open, as the expressions of *rules* see it: with what may be left out.

    *before* has the names of what the vendor object reads as and of that object, None if it is made
    anew.
    """
    omissions = seen_omissions(rules)
    if not omissions:
        return common
    old, base = before or (out.module.use("EMPTY"), out.module.use("ABSENT"))
    left_out = out.module.constant("left_out", _spelled(out, omissions))
    seen = out.body.fresh("seen")
    completed = f"{out.module.use('completed')}({left_out}, {common.text}, {old}, {base})"
    out.body.line(f"{seen} = {completed}")
    return open_common(out, seen, "get_seen")


def _spelled(out: Expressions, value: Any) -> str:
    """Return the expression of what may be left out."""
    if type(value) not in (tuple, *get_args(Omission), Place):
        return quoted(value)
    items = [_spelled(out, each) for each in value]
    if type(value) is tuple:
        return f"({', '.join(items)}{',' * (len(items) == 1)})"
    return f"{out.module.use(type(value).__name__)}({', '.join(items)})"


def plain_stretches(rules: Sequence[Lowered], depth: int) -> list[Stretch]:
    """Return the stretches of *rules*, each of which is one member or lies inside one.

    Raises:
        Unprintable: A rule has a path inside that of another one.
    """
    found = list(stretches(rules, depth))
    for stretch in found:
        if not stretch.is_inner and any(len(each.common) > depth + 1 for each in stretch.rules):
            raise Unprintable
    return found


def refuse_unknown(out: Expressions, common: str, names: Sequence[str]) -> None:
    """Print the check that the dictionary *common* has no members but *names*."""
    known = f"frozenset({quoted(tuple(sorted(set(names))))}).issuperset"
    out.refuse_if(f"not {out.module.constant('knows', known)}({common})")


def refuse_no_item(
    out: Expressions, rule: Single, items: str, item: str, *, creating: bool
) -> None:
    """Print the check that *item*, the one of *items* if it has one, would read as an item."""
    signs = item_signs(rule.members, creating=creating)
    if not signs:
        return
    given, absent = out.module.use("given"), out.module.use("ABSENT")
    lacks = (
        f"{quoted(steps[0])} not in {item}"
        if len(steps) == 1
        else f"{given}({item}, {quoted(steps)}) is {absent}"
        for steps in signs
    )
    out.refuse_if(f"{items} and {' and '.join(lacks)}")


def refuse_no_objects(out: Expressions, items: str) -> None:
    """Print the check that *items* is a list of dictionaries."""
    out.refuse_if(f"type({items}) is not list")
    with out.body.block(f"for item in {items}:"):
        out.refuse_if("type(item) is not dict")
