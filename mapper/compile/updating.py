"""A vendor object edited so that it reads as a common object, printed as Python.

See :mod:`mapper.interpret.writing`, whose cases these are. A printed function gets the common
object, what the vendor object reads as, and the vendor object; it writes into a copy, in which it
copies the objects that it writes into.
"""

from collections.abc import Sequence
from typing import assert_never

from mapper.compile.comparing import comparer, differ
from mapper.compile.expressions import Expressions, Operand, without_null
from mapper.compile.making import maker
from mapper.compile.paths import Stretch
from mapper.compile.reading import equals, fill_test, keep_read, mark_of, opened, read_rule
from mapper.compile.source import Body, Unprintable, quoted
from mapper.compile.writing import (
    Target,
    Writer,
    open_common,
    open_seen,
    plain_stretches,
    put,
    refuse_no_item,
    refuse_no_objects,
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
)
from mapper.model import Access
from mapper.omissions import NOT_UPDATED, may_be_left, may_lack, omissible
from mapper.values import ABSENT, Steps


def updater(out: Expressions, rules: Sequence[Lowered]) -> str:
    """Return the name of the function that edits vendor objects with *rules*.

    It is called with the common object, what the vendor object reads as, and the vendor object,
    and gives the edited one.
    """

    def print_function(name: str) -> Body:
        inner = out.into(Body(f"def {name}(common, old, base):"))
        inner.refuse_if("type(common) is not dict")
        inner.body.line("vendor = dict(base)")
        common, old = open_common(inner, "common"), open_common(inner, "old", "get_old")
        Updating(inner, Target("vendor")).members(rules, common, old)
        inner.body.line("return vendor")
        return inner.body

    return out.module.shared("update", rules, print_function)


def _lists_apart(rules: Sequence[Lowered]) -> dict[str, Listing]:
    """Return the lists of *rules* that are edited, and that no other rule looks at, by name."""
    formulas = [rule for rule in rules if isinstance(rule, Formula)]
    mentioned = {steps[:1] for formula in formulas for steps in formula.mentions}
    return {
        rule.common[0]: rule
        for rule in rules
        if isinstance(rule, Listing) and len(rule.common) == 1
        if rule.access not in NOT_UPDATED and mentioned.isdisjoint((rule.common, ()))
    }


class Updating(Writer, frozen=True):
    """Prints what writes the members of common objects that differ from the old ones.

    Attributes:
        touched: The Python name of a set that notes the members which are written, or None.
    """

    touched: str | None = None

    def members(self, rules: Sequence[Lowered], common: Operand, old: Operand) -> None:
        """Print what writes *rules* of the open object *common*, which was *old*."""
        refuse_unknown(self.out, common.text, [rule.common[0] for rule in rules])
        self._members(rules, (common, old), self._whole(rules, common, old), 0)

    def _whole(
        self, rules: Sequence[Lowered], common: Operand, old: Operand
    ) -> tuple[Operand, Operand]:
        """Return the objects *common* and *old* as expressions see them."""
        return open_seen(self.out, rules, common, (old.text, self.target.name)), old

    def edit(self, rules: Sequence[Lowered], common: Operand, old: Operand) -> None:
        """Print what :meth:`members` does, for objects that are mostly edited in a list, or not.

        Lists are compared once, item by item; what else there is, only if any of it differs.
        """
        lists = _lists_apart(rules)
        olds = {name: self._take_out(name, common, old) for name in lists}
        others = [rule for rule in rules if rule.common[0] not in lists]
        confused = comparer(self.out, others, 0)
        edited = f"{common.text} != {old.text}"
        if confused:
            edited += f" or {confused}({common.text}, {old.text})"
        with self.out.body.block(f"if {edited}:"):
            refuse_unknown(self.out, common.text, [rule.common[0] for rule in rules])
            self._members(others, (common, old), self._whole(others, common, old), 0)
        for name, rule in lists.items():
            with self.out.body.rule(rule.common):
                new = self.out.body.fresh("new")
                self.out.body.line(f"{new} = {self._member(common, name)}")
                self._listing(rule, new, olds[name])

    def _take_out(self, name: str, common: Operand, old: Operand) -> str:
        """Print what makes the member *name* of *old* the new one, and return what names it."""
        was = self.out.body.fresh("was")
        self.out.body.line(f"{was} = {self._member(old, name)}")
        with self.out.body.block(f"if {was} is not {self.absent}:"):
            self.out.body.line(f"{old.text}[{quoted(name)}] = {self._member(common, name)}")
        return was

    def _members(
        self,
        rules: Sequence[Lowered],
        pair: tuple[Operand, Operand],
        whole: tuple[Operand, Operand],
        depth: int,
    ) -> None:
        """Print *rules* of the objects *pair*, which lie *depth* members inside *whole*."""
        common, old = pair
        found = plain_stretches(rules, depth)
        for stretch in found:
            new, was = self._member(common, stretch.head), self._member(old, stretch.head)
            if stretch.is_inner:
                self._inner(stretch, (new, was), whole, depth)
                continue
            for rule in stretch.rules:
                with self.out.body.rule(rule.common):
                    self.rule(rule, (new, was), whole)

    def _member(self, common: Operand, name: str) -> str:
        return f"{common.members}({quoted(name)}, {self.absent})"

    def _inner(
        self, stretch: Stretch, pair: tuple[str, str], whole: tuple[Operand, Operand], depth: int
    ) -> None:
        """Print rules whose common paths lead through one member."""
        formulas = any(isinstance(rule, Formula) for rule in stretch.rules)
        new, was = self._enter_objects(pair, () if formulas else stretch.rules, depth + 1)
        inner = open_common(self.out, new), open_common(self.out, was, "get_old")
        names = [rule.common[depth + 1] for rule in stretch.rules]
        refuse_unknown(self.out, inner[0].text, names)
        self._members(stretch.rules, inner, whole, depth + 1)
        if not formulas:
            self.out.body.leave()

    def _enter_objects(
        self, pair: tuple[str, str], rules: Sequence[Lowered], depth: int = 0
    ) -> tuple[str, str]:
        """Name the objects *pair*, {} for one that is not there.

        With *rules*, open a block in which they differ in what the rules read.
        """
        new, was = self.out.body.fresh("inner"), self.out.body.fresh("old")
        self.out.body.line(f"{new}, {was} = {pair[0]}, {pair[1]}")
        if rules:
            self.out.body.enter(f"if {differ(self.out, rules, new, was, depth)}:")
        for name in (new, was):
            with self.out.body.block(f"if {name} is {self.absent}:"):
                self.out.body.line(f"{name} = {self.out.module.use('EMPTY')}")
        self.out.refuse_if(f"type({new}) is not dict")
        return new, was

    def rule(self, rule: Lowered, pair: tuple[str, str], whole: tuple[Operand, Operand]) -> None:
        """Print what writes *rule*, whose common value *pair* has new and old."""
        match rule:
            case Formula():
                self._formula(rule, self._named(pair), whole)
            case Fixed():
                self._fixed(rule, pair[0])
            case Group(vendor=()):
                self._spread(rule, pair)
            case Listing() if rule.access not in NOT_UPDATED:
                self._listing(rule, *self._named(pair))
            case Leaf() | Group() | Listing() | Single() | Slots():
                new, was = self._named(pair)
                with self.out.body.block(f"if {differ(self.out, (rule,), new, was, None)}:"):
                    self._changed(rule, new, was)
            case _:
                assert_never(rule)

    def _changed(self, rule: Leaf | Group | Listing | Single | Slots, new: str, was: str) -> None:
        """Print what writes the value *new* of *rule*, which differs from the old one."""
        if rule.access in NOT_UPDATED and not isinstance(rule, Group):
            # What cannot be written may be left out, and nothing else.
            self.out.refuse_if(f"{new} is not {self.absent}")
            return
        match rule:
            case Leaf():
                self._leaf(rule, new)
            case Group():
                self._group(rule, new, was)
            case Listing():
                self._listing(rule, new, was)
            case Single():
                self._single(rule, new, was)
            case Slots():
                self._slots(rule, new, was)
            case _:
                assert_never(rule)

    def _named(self, pair: tuple[str, str]) -> tuple[str, str]:
        new, was = self.out.body.fresh("new"), self.out.body.fresh("was")
        self.out.body.line(f"{new}, {was} = {pair[0]}, {pair[1]}")
        return new, was

    def _touch(self, name: str) -> None:
        self.target.used.add(name)
        if self.touched is not None:
            self.out.body.line(f"{self.touched}.add({quoted(name)})")

    def store(self, steps: Steps, value: Operand) -> None:
        """Print what stores *value* at a vendor path, in copies of the objects on the way."""
        self._touch(steps[0])
        text = value.text
        if len(steps) > 1:
            stored = self.out.module.use("stored")
            text = f"{stored}({self.target.name}, {quoted(steps)}, {text})"
        self.out.body.line(f"{self.target.name}[{quoted(steps[0])}] = {text}")

    def _find(self, steps: Steps) -> str:
        """Return the expression of what lies at a vendor path, or ABSENT."""
        if len(steps) == 1:
            return f"{self.target.name}.get({quoted(steps[0])}, {self.absent})"
        return f"{self.out.module.use('find')}({self.target.name}, {quoted(steps)})"

    # Rules ----------------------------------------------------------------------------------------

    def _leaf(self, rule: Leaf, new: str) -> None:
        with self.out.body.block(f"if {new} is not {self.absent}:"):
            self._put(rule, new)
        if rule.access is Access.WRITE:
            return
        with self.out.body.block("else:"):
            held = self.out.named(Operand(self._find(rule.vendor)))
            present = f"{held.text} is not {self.absent}"
            spelled = [equals(self.out, held, each) for each in rule.unset.read]
            with self.out.body.block(f"if {present} and not ({' or '.join(spelled) or False}):"):
                self.clear(rule.vendor, rule.unset)

    def _put(self, rule: Leaf, new: str) -> None:
        value = Operand(new, atomic=True)
        put(self.out, rule, value, lambda written: self.store(rule.vendor, written))

    def _fixed(self, rule: Fixed, new: str) -> None:
        name = self.out.named(Operand(new)).text
        with self.out.body.block(f"if {name} is not {self.absent}:"):
            equal = self.out.module.use("equal")
            self.out.refuse_if(f"not {equal}({name}, {quoted(rule.value)})")

    def _formula(
        self, rule: Formula, pair: tuple[str, str], whole: tuple[Operand, Operand]
    ) -> None:
        new, was = pair
        changed = f"({differ(self.out, (rule,), new, was, None)})"
        if rule.access in NOT_UPDATED:
            self.out.refuse_if(f"{new} is not {self.absent} and {changed}")
            return
        self.out.refuse_if(f"{new} is None")
        if not rule.writes:
            return
        for write in rule.writes:
            self.target.claim(write.vendor)
        if rule.access is Access.WRITE:
            self.out.body.enter(f"if {new} is not {self.absent}:")
        tests = [self._edited(steps, whole) for steps in rule.mentions]
        with self.out.body.block(f"if {' or '.join(tests) or False}:"):
            for write in rule.writes:
                value = self.out.named(self.out.operand(write.expression.tree, whole[0]))
                if "null" not in value.types:
                    self.store(write.vendor, value)
                    continue
                with self.out.body.block(f"if {value.text} is not None:"):
                    self.store(write.vendor, without_null(value))
                left = f"{new} is not {self.absent} or {was} is not {self.absent}"
                held = f"{self._find(write.vendor)} not in ({self.absent}, None)"
                with self.out.body.block(f"elif {left} or {held}:"):
                    self.refuse()
        with self.out.body.block("else:"):
            self.out.refuse_if(f"{new} is not {self.absent} and {changed}")
        if rule.access is Access.WRITE:
            self.out.body.leave()

    def _edited(self, steps: Steps, whole: tuple[Operand, Operand]) -> str:
        """Return the condition that the common object differs from the old one at *steps*."""
        same, find = self.out.module.use("same"), self.out.module.use("find")
        if len(steps) == 1:
            return f"not {same}({', '.join(self._member(each, steps[0]) for each in whole)})"
        return f"not {same}({', '.join(f'{find}({each.text}, {quoted(steps)})' for each in whole)})"

    def _spread(self, rule: Group, pair: tuple[str, str]) -> None:
        """Print a group whose members stay in the surrounding vendor object."""
        names = self._enter_objects(pair, rule.members)
        inner = open_common(self.out, names[0]), open_common(self.out, names[1], "get_old")
        self.members(rule.members, *inner)
        self.out.body.leave()

    def _group(self, rule: Group, new: str, was: str) -> None:
        self.target.claim(rule.vendor)
        absent = self.absent
        if may_lack(rule):
            with self.out.body.block(f"if {new} is not {absent}:"):
                self._write_inside(rule, new, was)
        elif can_clear(rule.unset):
            with self.out.body.block(f"if {new} is {absent}:"):
                self.clear(rule.vendor, rule.unset)
            with self.out.body.block("else:"):
                self._write_inside(rule, new, was)
        else:
            with self.out.body.block(f"if {new} is {absent}:"):
                self.out.body.line(f"{new} = {self.out.module.use('EMPTY')}")
            self._write_inside(rule, new, was)

    def _write_inside(self, rule: Group, new: str, was: str) -> None:
        update = updater(self.out, rule.members)
        self.out.refuse_if(f"type({new}) is not dict")
        present = self.out.body.fresh("present")
        self.out.body.line(f"{present} = {self._find(rule.vendor)}")
        with self.out.body.block(f"if isinstance({present}, dict):"):
            old = f"{self.out.module.use('EMPTY')} if {was} is {self.absent} else {was}"
            self.store(rule.vendor, Operand(f"{update}({new}, {old}, {present})"))
        with self.out.body.block("else:"):
            made = self.out.body.fresh("made")
            if rule.access in NOT_UPDATED:
                empty = self.out.module.use("EMPTY")
                self.out.body.line(f"{made} = {update}({new}, {empty}, {empty})")
            else:
                create = maker(self.out, rule.members, "remake")
                self.out.body.line(f"{made} = {create}({new})")
            value = Operand(made, atomic=True)
            if rule.access not in NOT_UPDATED and is_made_empty(rule):
                self.store(rule.vendor, value)
            else:
                with self.out.body.block(f"if {made}:"):
                    self.store(rule.vendor, value)

    def _listing(self, rule: Listing, new: str, was: str) -> None:
        self.target.claim(rule.vendor)
        body, places = self.out.body, self.out.body.fresh("places")
        confused = comparer(self.out, rule.members, 0)
        given = f"{new}, {was}, {confused}" if confused else f"{new}, {was}"
        body.line(f"{places} = {self.out.module.use('edited_places')}({given})")
        with body.block(f"if {places} is None or {places}:"):
            with body.block(f"if {new} is {self.absent}:"):
                if rule.access is Access.WRITE:
                    body.line("pass")
                else:
                    self.clear(rule.vendor, rule.unset)
            with body.block("else:"):
                with body.block(f"if {was} is {self.absent}:"):
                    body.line(f"{was} = []")
                self._write_items(rule, (new, was), places)

    def _write_items(self, rule: Listing, pair: tuple[str, str], places: str) -> None:
        """Print what writes a list of items, of which those at *places* are not the old ones."""
        body = self.out.body
        held, written = body.fresh("held"), body.fresh("written")
        body.line(f"{held} = {self._find(rule.vendor)} if {pair[1]} else []")
        if rule.key is not None and len(rule.key.common) == 1:
            name = quoted(rule.key.common[0])
            stay = f"{self.out.module.use('stay_in_place')}({name}, {places}, {', '.join(pair)})"
            with body.block(f"if {places} is not None and {stay}:"):
                body.line(f"{written} = list({held})")
                with body.block(f"for place in {places}:"):
                    triple = ", ".join(f"{each}[place]" for each in (*pair, held))
                    body.line(f"{written}[place] = {updater(self.out, rule.members)}({triple})")
            with body.block("else:"):
                self._align_items(rule, pair, held, written)
        else:
            self._align_items(rule, pair, held, written)
        made = Operand(written, frozenset({"array"}), atomic=True)
        for spelling in rule.unset.read:
            if isinstance(spelling, list):
                self.out.refuse_if(equals(self.out, made, spelling))
        self.store(rule.vendor, made)

    def _align_items(self, rule: Listing, pair: tuple[str, str], held: str, written: str) -> None:
        """Print what writes items, some of which are new, or have another place than before."""
        body, [new, was] = self.out.body, pair
        refuse_no_objects(self.out, new)
        key = rule.key
        steps = quoted(key.common if key is not None else None)
        chosen = key is not None and key.access is not Access.READ
        given = f"{steps}, {new}, {was}, chosen={chosen}"
        if free := omissible(rule.members, key):
            given += f", omissible={self.out.module.constant('omissible', quoted(free))}"
        found = f"{self.out.module.use('partners')}({given})"
        body.line(f"{written} = []")
        with body.block(f"for item, partner in zip({new}, {found}):"):
            with body.block("if partner is None:"):
                body.line(f"{written}.append({maker(self.out, rule.members, 'create')}(item))")
                body.line("continue")
            body.line(f"before, there = {was}[partner], {held}[partner]")
            with body.block(f"if {differ(self.out, rule.members, 'item', 'before', 0)}:"):
                body.line(f"there = {updater(self.out, rule.members)}(item, before, there)")
            body.line(f"{written}.append(there)")

    def _single(self, rule: Single, new: str, was: str) -> None:
        body = self.out.body
        names = []
        stays = rule.access is not Access.WRITE and any(map(may_be_left, rule.members))
        emptied = body.fresh("emptied") if stays else ""
        if emptied:
            body.line(f"{emptied} = {new} == []")
        for name in (new, was):
            with body.block(f"if {name} is {self.absent}:"):
                body.line(f"{name} = []")
        self.out.refuse_if(f"type({new}) is not list or len({new}) > 1")
        if rule.access is Access.WRITE:  # all of the item is cleared then, which is rare
            self.out.refuse_if(f"not {new}")
        for name in (new, was):
            names.append(body.fresh("inner"))
            empty = self.out.module.use("EMPTY")
            body.line(f"{names[-1]} = {name}[0] if {name} else {empty}")
        self.out.refuse_if(f"type({names[0]}) is not dict")
        refuse_no_item(self.out, rule, new, names[0], creating=False)
        inner = open_common(self.out, names[0]), open_common(self.out, names[1], "get_old")
        self.members(rule.members, *inner)
        if emptied:
            with body.block(f"if {emptied}:"):
                here = opened(self.out, self.target.name)
                read_rule(self.out, rule, here, self.out.refuse_if)

    def _slots(self, rule: Slots, new: str, was: str) -> None:
        body, absent = self.out.body, self.absent
        for slot in rule.slots:
            self.target.claim(mark_of(slot, rule.mark).vendor)
        for name in (new, was):
            with body.block(f"if {name} is {absent}:"):
                body.line(f"{name} = []")
        refuse_no_objects(self.out, new)
        if len(rule.mark) > 1:
            raise Unprintable
        mark, count = quoted(rule.mark[0]), len(rule.slots)
        self.out.refuse_if(f"len({new}) > {count}")
        body.line(f"marks = [item.get({mark}) for item in {new}]")
        self.out.refuse_if("None in marks")
        here = opened(self.out, self.target.name)
        held = [self._held(rule, slot, here) for slot in rule.slots]
        body.line(f"homes, spots = {self.out.module.use('places')}(marks, [{', '.join(held)}])")
        body.line(f"olds = [value is not {absent} for value in ({', '.join(held)},)]")
        body.line(f"full = {count} in (len({new}), sum(olds))")
        for index, slot in enumerate(rule.slots):
            with body.block(f"if {index} in spots:"):
                body.line(f"index = spots.index({index})")
                body.line(f"item, home = {new}[index], homes[index]")
                partner = f"{was}[sum(olds[:home])]"
                body.line(f"before = {partner} if home is not None else None")
                self._fill(rule, slot, new, here)
            is_blind = rule.access is Access.WRITE
            with body.block("else:" if is_blind else f"elif {held[index]} is not {absent}:"):
                self.empty(rule, slot)

    def _held(self, rule: Slots, slot: Sequence[Lowered], vendor: Operand) -> str:
        """Print the mark of what *slot* holds, or ABSENT, and return its name."""
        name = self.out.body.fresh("held")
        self.out.body.line(f"{name} = {self.absent}")
        mark = mark_of(slot, rule.mark)
        if mark.access is Access.WRITE:
            return name
        filled, value = fill_test(self.out, mark, vendor)
        with self.out.body.block(f"if {filled}:"):
            keep_read(self.out, mark, value, lambda text: self.out.body.line(f"{name} = {text}"))
        return name

    def _fill(self, rule: Slots, slot: Sequence[Lowered], new: str, vendor: Operand) -> None:
        """Print what writes ``item``, which was ``before`` or is new, into a slot."""
        body = self.out.body
        always = [each for each in slot if each.common not in rule.when_full]
        if any(len(each.common) > 1 or not isinstance(each, Leaf) for each in slot):
            raise Unprintable
        last = [each for each in slot if each.common in rule.when_full]
        for each in last:
            self.out.refuse_if(
                f"len({new}) < {len(rule.slots)} and {quoted(each.common[0])} in item"
            )
        self.out.refuse_if("None in item.values()")
        known = quoted(tuple(each.common[0] for each in slot))
        if last:
            known = f"{known} if full else {quoted(tuple(each.common[0] for each in always))}"
        self.out.refuse_if(f"any(name not in ({known}) for name in item)")
        for each in slot:
            if not isinstance(each, Leaf):
                continue
            if each in last:
                body.enter("if full:")
            with body.rule(each.common):
                self._fill_member(each, vendor, is_blind=rule.access is Access.WRITE)
            if each in last:
                body.leave()

    def _fill_member(self, rule: Leaf, vendor: Operand, *, is_blind: bool) -> None:
        """Print what writes a member of ``item`` over what its place holds now, if that is seen."""
        body, absent = self.out.body, self.absent
        new, was = body.fresh("new"), body.fresh("was")
        body.line(f"{new} = item.get({quoted(rule.common[0])}, {absent})")
        if rule.access is Access.READ:
            before = f"(before or {self.out.module.use('EMPTY')})"
            body.line(f"{was} = {before}.get({quoted(rule.common[0])}, {absent})")
            same = self.out.module.use("same")
            self.out.refuse_if(f"{new} is not {absent} and not {same}({new}, {was})")
            return
        if rule.access is Access.CREATE:  # it stays in its place
            body.line(f"{was} = {absent}")
            read_rule(self.out, rule, vendor, lambda value: body.line(f"{was} = {value}"))
            before = f"(before or {self.out.module.use('EMPTY')})"
            with body.block(f"if {new} is {absent}:"):
                body.line(f"{new} = {before}.get({quoted(rule.common[0])}, {absent})")
            self.out.refuse_if(f"not {self.out.module.use('equal')}({new}, {was})")
            return
        if rule.default.create is not ABSENT:
            with body.block(f"if before is None and {new} is {absent}:"):
                body.line(f"{new} = {quoted(rule.default.create)}")
        if is_blind:
            with body.block(f"if {new} is {absent}:"):
                self.clear(rule.vendor, rule.unset)
        body.line(f"{was} = {absent}")
        if rule.access is not Access.WRITE:
            read_rule(self.out, rule, vendor, lambda value: body.line(f"{was} = {value}"))
        with body.block(f"if {differ(self.out, (rule,), new, was, None)}:"):
            self._changed(rule, new, was)
