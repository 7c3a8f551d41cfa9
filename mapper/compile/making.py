"""A vendor object made from nothing, to create it or for a request, printed as Python.

See :mod:`mapper.interpret.writing`, whose cases these are.
"""

from collections.abc import Sequence
from typing import Any, Literal, assert_never

from mapper.compile.expressions import OBJECT, Expressions, Operand, without_null
from mapper.compile.paths import Stretch
from mapper.compile.reading import equals, mark_of
from mapper.compile.source import Body, Unprintable, quoted
from mapper.compile.writing import (
    Target,
    Writer,
    constant,
    open_common,
    open_seen,
    plain_stretches,
    put,
    refuse_no_item,
    refuse_unknown,
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
    is_made_empty,
    members_of,
    nulls,
)
from mapper.model import Access
from mapper.values import ABSENT, Steps

Way = Literal["create", "request", "remake"]
"""What an object is made for: to create it; for a request, in which only what is given counts, and
null clears; or in a body that updates, where nothing travels that is only set when creating.
"""


def maker(out: Expressions, rules: Sequence[Lowered], way: Way, *, key: Leaf | None = None) -> str:
    """Return the name of the function that makes vendor objects with *rules*.

    *key* is the rule of the member that a request sends although it can only be read.
    """

    def print_function(name: str) -> Body:
        inner = out.into(Body(f"def {name}(common):"))
        make(inner, rules, way, key=key)
        inner.body.line("return vendor")
        return inner.body

    return out.module.shared(way, rules, print_function)


def make(out: Expressions, rules: Sequence[Lowered], way: Way, *, key: Leaf | None = None) -> None:
    """Print what makes the object ``vendor`` from ``common``."""
    out.refuse_if("type(common) is not dict")
    common = open_common(out, "common")
    out.body.line("vendor = {}")
    making = Making(out, Target("vendor"), way)
    making.members(rules, common)
    if key is not None:
        making.sent_key(key, common)


class Making(Writer, frozen=True):
    """Prints what writes common objects into a vendor object that had nothing.

    Attributes:
        way: What they are made for.
    """

    way: Way = "create"

    @property
    def request(self) -> bool:
        """Whether they are made for a request."""
        return self.way == "request"

    def members(self, rules: Sequence[Lowered], common: Operand) -> None:
        """Print what writes *rules* of the open object *common*."""
        whole = common
        if not self.request:
            whole = open_seen(self.out, rules, common, None)
        self._members(rules, common, whole, 0)

    def _members(
        self,
        rules: Sequence[Lowered],
        common: Operand,
        whole: Operand,
        depth: int,
    ) -> None:
        """Print *rules* of *common*, which lies *depth* members inside *whole*."""
        found = plain_stretches(rules, depth)
        names = [each.head for each in found if each.is_inner or self._takes(each)]
        refuse_unknown(self.out, common.text, names)
        for stretch in found:
            new = self._given(common, stretch.head)
            if stretch.is_inner:
                self._inner(stretch, new, whole, depth)
                continue
            for rule in stretch.rules:
                if self._acts(rule):
                    with self.out.body.rule(rule.common):
                        self.rule(rule, new, whole)

    def _takes(self, stretch: Stretch) -> bool:
        """Whether a common object may have the member of *stretch*."""
        return self.request or not any(
            self._stays_out(rule)
            or (rule.access is Access.READ and not isinstance(rule, Group | Fixed))
            for rule in stretch.rules
        )

    def _stays_out(self, rule: Lowered) -> bool:
        """Whether an update takes nothing of *rule*."""
        remakes = self.way == "remake"
        return remakes and rule.access is Access.CREATE and not isinstance(rule, Fixed)

    def _acts(self, rule: Lowered) -> bool:
        """Whether anything is printed for *rule*."""
        if self.request:
            return rule.access not in (Access.READ, Access.CREATE)
        if self._stays_out(rule):
            return False
        return rule.access is not Access.READ or isinstance(rule, Group | Fixed)

    def _given(self, common: Operand, name: str) -> str:
        """Return the expression of a common member, or ABSENT."""
        return f"{common.members}({quoted(name)}, {self.absent})"

    def _inner(self, stretch: Stretch, new: str, whole: Operand, depth: int) -> None:
        """Print rules whose common paths lead through one member."""
        nulls = {rule.common[depth + 1]: None for rule in stretch.rules}
        name = self._enter_object(new, nulls, alone=any(map(_acts_alone, stretch.rules)))
        self._members(stretch.rules, open_common(self.out, name), whole, depth + 1)
        self.out.body.leave()

    def _enter_object(self, new: str, nulls: dict[str, Any], *, alone: bool) -> str:
        """Open a block for the common object *new* that is there, and return its name.

        A null in a request is the object *nulls*; *alone* takes {} for one that is not there.
        """
        name = self.out.body.fresh("inner")
        self.out.body.line(f"{name} = {new}")
        if self.request:
            with self.out.body.block(f"if {name} is None:"):
                self.out.body.line(f"{name} = {quoted(nulls)}")
        if alone:
            with self.out.body.block(f"if {name} is {self.absent}:"):
                self.out.body.line(f"{name} = {{}}")
        self.out.body.enter(f"if {name} is not {self.absent}:")
        self.out.refuse_if(f"type({name}) is not dict")
        return name

    def store(self, steps: Steps, value: Operand) -> None:
        """Print what stores *value*, made anew, at a vendor path."""
        self.target.used.add(steps[0])
        text = self.out.owned(value)
        if len(steps) == 1:
            self.out.body.line(f"{self.target.name}[{quoted(steps[0])}] = {text}")
        else:
            store_at = self.out.module.use("store")
            self.out.body.line(f"{store_at}({self.target.name}, {quoted(steps)}, {text})")

    def rule(self, rule: Lowered, new: str, whole: Operand) -> None:
        """Print what writes the common value *new* of *rule*, a member of the object *whole*."""
        match rule:
            case Leaf():
                self._leaf(rule, self._named(new))
            case Formula():
                self._formula(rule, new, whole)
            case Fixed():
                self._fixed(rule, self._named(new))
            case Group(vendor=()):
                alone = not self.request and any(map(_acts_alone, rule.members))
                name = self._enter_object(new, nulls(rule.members), alone=alone)
                inner = open_common(self.out, name)
                self.members(rule.members, inner)
                self.out.body.leave()
            case Group():
                self._group(rule, self._named(new))
            case Listing():
                self._listing(rule, self._named(new))
            case Single():
                self._single(rule, self._named(new))
            case Slots():
                self._slots(rule, self._named(new))
            case _:
                assert_never(rule)

    def _named(self, new: str) -> Operand:
        return self.out.named(Operand(new))

    def _enter_given(self, new: Operand, rule: Leaf | Group | Listing | None = None) -> None:
        """Open a block for *new* that is there and not null, after what null does to *rule*."""
        if self.request and rule is not None:
            with self.out.body.block(f"if {new.text} is None:"):
                self.clear(rule.vendor, rule.unset)
        keyword = "elif" if self.request and rule is not None else "if"
        self.out.body.enter(f"{keyword} {new.text} is not {self.absent}:")

    # Rules ----------------------------------------------------------------------------------------

    def _leaf(self, rule: Leaf, new: Operand) -> None:
        self._enter_given(new, rule)
        self._put(rule, new)
        self.out.body.leave()
        default = rule.default.create
        if self.request or default is ABSENT:
            return
        with self.out.body.block("else:"):
            if default is None:
                self.clear(rule.vendor, rule.unset)
            else:
                self._put(rule, constant(default))

    def _put(self, rule: Leaf, new: Operand) -> None:
        put(self.out, rule, new, lambda value: self.store(rule.vendor, value))

    def _fixed(self, rule: Fixed, new: Operand) -> None:
        with self.out.body.block(f"if {new.text} is not {self.absent}:"):
            equal = self.out.module.use("equal")
            self.out.refuse_if(f"not {equal}({new.text}, {quoted(rule.value)})")

    def _formula(self, rule: Formula, new: str, whole: Operand) -> None:
        for write in rule.writes:
            self.target.claim(write.vendor)
        if not self.request:
            self.out.refuse_if(f"{new} is None")
        conditions = []
        if rule.access is Access.WRITE:
            conditions.append(f"{new} is not {self.absent}")
        if self.request:
            conditions.append(self._stated(rule, whole))
        if conditions:
            self.out.body.enter(f"if {' and '.join(conditions)}:")
        for write in rule.writes:
            value = self.out.named(self.out.operand(write.expression.tree, whole))
            if "null" not in value.types:
                self.store(write.vendor, value)
                continue
            with self.out.body.block(f"if {value.text} is not None:"):
                self.store(write.vendor, without_null(value))
            with self.out.body.block(
                "else:" if self.request else f"elif {new} is not {self.absent}:"
            ):
                self.refuse()
        if conditions:
            if not rule.writes:
                self.out.body.line("pass")
            self.out.body.leave()

    def _stated(self, rule: Formula, whole: Operand) -> str:
        """Print the check that a request has what *rule* mentions or nothing of it."""
        given = self.out.module.use("given")
        tests = [
            f"({given}({whole.text}, {quoted(steps)}) is not {self.absent})"
            for steps in rule.mentions
        ]
        stated = self.out.body.fresh("stated")
        self.out.body.line(f"{stated} = {' + '.join(tests) or 0}")
        if len(tests) > 1:
            self.out.refuse_if(f"0 < {stated} < {len(tests)}")
        return stated

    def _group(self, rule: Group, new: Operand) -> None:
        self.target.claim(rule.vendor)
        if self.request and not can_clear(rule.unset):
            with self.out.body.block(f"if {new.text} is None:"):
                self.out.body.line(f"{new.text} = {quoted(nulls(rule.members))}")
            self._enter_given(new)
        else:
            self._enter_given(new, rule)
        create = maker(self.out, rule.members, self.way)
        made = Operand(f"{create}({new.text})", OBJECT, fresh=True)
        if not self.request and is_made_empty(rule):
            self.store(rule.vendor, made)
        else:
            made = self.out.named(made)
            with self.out.body.block(f"if {made.text}:"):
                self.store(rule.vendor, made)
        self.out.body.leave()

    def _listing(self, rule: Listing, new: Operand) -> None:
        self.target.claim(rule.vendor)
        self._enter_given(new, rule)
        self.out.refuse_if(f"type({new.text}) is not list")
        if rule.key is not None and (self.request or rule.key.access is not Access.READ):
            repeats = self.out.module.use("repeats")
            self.out.refuse_if(f"{repeats}({quoted(rule.key.common)}, {new.text})")
        key = rule.key if self.request and rule.sends_key else None
        way: Way = "request" if self.request else "create"  # for items are made anew in any body
        create = maker(self.out, rule.members, way, key=key)
        made = self.out.named(
            Operand(f"[{create}(item) for item in {new.text}]", frozenset({"array"}), fresh=True)
        )
        for spelling in rule.unset.read:
            if isinstance(spelling, list):
                self.out.refuse_if(equals(self.out, made, spelling))
        self.store(rule.vendor, made)
        self.out.body.leave()

    def sent_key(self, key: Leaf, common: Operand) -> None:
        """Print what writes the key of a requested item, by which the vendor knows it."""
        if len(key.common) > 1:
            value = f"{self.out.module.use('find')}({common.text}, {quoted(key.common)})"
        else:
            value = self._given(common, key.common[0])
        new = self._named(value)
        given = f"{new.text} is not None and {new.text} is not {self.absent}"
        with self.out.body.block(f"if {given}:"):
            written = new if key.put is None else self.out.operand(key.put, without_null(new))
            self.store(key.vendor, written)

    def _single(self, rule: Single, new: Operand) -> None:
        self.out.body.enter(f"if {new.text} is not {self.absent}:")
        if self.request:
            with self.out.body.block(f"if {new.text} is None:"):
                self.out.body.line(f"{new.text} = []")
        self.out.refuse_if(f"type({new.text}) is not list or len({new.text}) > 1")
        item = self.out.body.fresh("item")
        if self.request:
            nothing = quoted(nulls(rule.members))
            self.out.body.line(f"{item} = {new.text}[0] if {new.text} else {nothing}")
        else:
            self.out.body.enter(f"if {new.text}:")
            self.out.body.line(f"{item} = {new.text}[0]")
        self.out.refuse_if(f"type({item}) is not dict")
        refuse_no_item(self.out, rule, new.text, item, creating=not self.request)
        inner = open_common(self.out, item)
        self.members(rule.members, inner)
        self.out.body.leave(1 if self.request else 2)

    def _slots(self, rule: Slots, new: Operand) -> None:
        self.out.body.enter(f"if {new.text} is not {self.absent}:")
        if self.request:
            with self.out.body.block(f"if {new.text} is None:"):
                self.out.body.line(f"{new.text} = []")
        self.out.refuse_if(f"type({new.text}) is not list")
        count = len(rule.slots)
        self.out.refuse_if(f"len({new.text}) > {count}")
        for slot in rule.slots:
            self.target.claim(mark_of(slot, rule.mark).vendor)
        for index, slot in enumerate(rule.slots):
            self.out.body.enter(f"if len({new.text}) > {index}:")
            full = "" if index == count - 1 else f"len({new.text}) == {count}"
            self._filled(rule, slot, f"{new.text}[{index}]", full)
            self.out.body.leave()
            if self.request:
                with self.out.body.block("else:"):
                    self.empty(rule, slot)
        self.out.body.leave()

    def _filled(self, rule: Slots, slot: Sequence[Lowered], item: str, full: str) -> None:
        """Print what writes *item* into a slot.

        *full* is the condition that every slot is filled, empty for the last one.
        """
        name = self.out.body.fresh("item")
        self.out.body.line(f"{name} = {item}")
        self.out.refuse_if(f"type({name}) is not dict")
        common = open_common(self.out, name)
        mark = mark_of(slot, rule.mark)
        if len(mark.common) > 1:
            raise Unprintable
        self.out.refuse_if(f"{common.members}({quoted(mark.common[0])}) is None")
        always = members_of(slot, rule, full=False)
        if not full:
            self._slot_members(slot, common)
        elif len(always) < len(slot):
            with self.out.body.block(f"if {full}:"):
                self._slot_members(slot, common)
            with self.out.body.block("else:"):
                self._slot_members(always, common)
        else:
            self._slot_members(always, common)

    def _slot_members(self, rules: Sequence[Lowered], common: Operand) -> None:
        inner = Making(self.out, Target(self.target.name), self.way)
        if not self.request:
            inner.members(rules, common)
        else:
            inner.settled(rules, common)
        self.target.used.update(inner.target.used)

    def settled(self, rules: Sequence[Lowered], common: Operand) -> None:
        """Print what writes a requested item into a slot, of whose members none may stay."""
        refuse_unknown(self.out, common.text, [rule.common[0] for rule in rules])
        for rule in rules:
            if rule.access is Access.READ:
                continue
            if len(rule.common) > 1 or not isinstance(rule, Leaf):
                raise Unprintable
            new = self._given(common, rule.common[0])
            with self.out.body.rule(rule.common):
                with self.out.body.block(f"if {new} is {self.absent}:"):
                    self.clear(rule.vendor, rule.unset)
                if self._acts(rule):
                    self.rule(rule, new, common)


def _acts_alone(rule: Lowered) -> bool:
    """Whether creating writes something for *rule* where the common object has nothing."""
    match rule:
        case Leaf():
            return rule.default.create is not ABSENT
        case Formula():
            return bool(rule.writes) and rule.access is not Access.WRITE
        case Group(vendor=()):
            return any(map(_acts_alone, rule.members))
        case _:
            return False
