"""A request's vendor object, printed as JavaScript: see :mod:`mapper.interpret.writing`."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from mapper.javascript.converting import writer
from mapper.javascript.expressions import Expressions
from mapper.javascript.reading import mark_of
from mapper.javascript.source import made_in_lines, options, quoted
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
    item_signs,
    members_of,
    names_within,
    nulls,
)
from mapper.model import Access, Unset
from mapper.values import ABSENT, Names, known_names


def print_writer(
    out: Expressions, rules: Sequence[Lowered], hint: str = "write", key: Leaf | None = None
) -> str:
    """Return the name of the function ``(common, place, vendor)`` that writes into ``vendor``.

    *key* is the rule of the member that a request sends although it can only be read.
    """

    def lines() -> Iterator[str]:
        known = known_names(rule.common for rule in rules)
        names = made_in_lines((name, quoted(inner)) for name, inner in known.items())
        if "\n" in names:
            names = out.script.constant(f"known_{hint}", names)
        yield f"{out.script.use('refuse_unknown')}(common, {names}, place);"
        for rule in rules:
            if is_written(rule):
                yield from _write(out, rule, hint)
        if key is not None:
            arguments = f"common, {quoted(key.common)}, place, vendor, {quoted(key.vendor)}"
            yield f"{out.script.use('write_key')}({arguments}, {writer(out, key)});"

    return out.script.declare(hint, "common, place, vendor", lines)


def is_written(rule: Lowered) -> bool:
    """Whether a request has the members of *rule*."""
    return rule.access not in (Access.READ, Access.CREATE)


def _write(out: Expressions, rule: Lowered, hint: str) -> Iterator[str]:
    """Yield the lines that write one rule, of a function of the name *hint*."""
    name, use = f"{hint}_{rule.common[-1]}", out.script.use
    common = f"common, {quoted(rule.common)}, place"
    match rule:
        case Leaf(vendor=steps):
            yield f"{use('write_value')}({common}, vendor, {quoted(steps)}, {_leaf(out, rule)});"
        case Formula():
            yield from _formula(out, rule)
        case Fixed(value=value):
            yield f"{use('write_fixed')}({common}, {quoted(value)});"
        case Group(vendor=steps, members=members, unset=unset):
            found = [
                ("write", print_writer(out, members, name)),
                ("nothing", quoted(nulls(members))),
                *_clear(unset),
            ]
            target = f"vendor, {quoted(steps)}"
            yield f"{use('write_object')}({common}, {target}, {options(found)});"
        case Listing(vendor=steps):
            target = f"vendor, {quoted(steps)}"
            yield f"{use('write_list')}({common}, {target}, {_listing(out, rule, name)});"
        case Single(members=members):
            found = [
                ("write", print_writer(out, members, name)),
                ("nothing", quoted(nulls(members))),
            ]
            if signs := item_signs(members, creating=False):
                found.append(("signs", quoted(signs)))
            yield f"{use('write_single')}({common}, vendor, {options(found)});"
        case Slots():
            yield f"{use('write_slots')}({common}, vendor, {_slots(out, rule, name)});"
        case _:
            assert_never(rule)


def _clear(unset: Unset) -> list[tuple[str, str]]:
    return [("clear", quoted(unset.clear))] if can_clear(unset) else []


def _leaf(out: Expressions, rule: Leaf) -> str:
    found = [("unset", quoted(rule.unset.read)), *_clear(rule.unset)]
    if rule.values is not None:
        found.append(("values", quoted(rule.values)))
    convert = writer(out, rule)
    if convert != "undefined":
        found.append(("convert", convert))
    return options(found)


def _formula(out: Expressions, rule: Formula) -> Iterator[str]:
    use, paths = out.script.use, quoted(rule.mentions)
    common = quoted(rule.common)
    if not rule.mentions:  # then a request never states it
        return
    conditions = [f"{use('has_together')}(common, {paths}, place, {common})"]
    if rule.access is Access.WRITE:
        conditions.insert(0, f"{use('given')}(common, {common}) !== undefined")
    yield f"if ({' && '.join(conditions)}) {{"
    for write in rule.writes:
        found = options(
            [("paths", paths), ("write", out.function(write.expression.tree, present=True))]
        )
        target = f"vendor, {quoted(write.vendor)}"
        yield f"  {use('write_formula')}(common, {common}, place, {target}, {found});"
    yield "}"


def _listing(out: Expressions, rule: Listing, name: str) -> str:
    sent = rule.key if rule.sends_key else None
    found = [
        ("unset", quoted(rule.unset.read)),
        *_clear(rule.unset),
        ("write", print_writer(out, rule.members, name, sent)),
    ]
    if rule.key is not None:
        found.append(("key", quoted(rule.key.common)))
    return options(found)


def _slots(out: Expressions, rule: Slots, name: str) -> str:
    slots = [
        options(
            [
                ("fill", _filler(out, rule, index, f"{name}_fill_{index + 1}")),
                ("empty", _emptier(out, rule, index, f"{name}_empty_{index + 1}")),
            ]
        )
        for index in range(len(rule.slots))
    ]
    return options(
        [
            ("mark", quoted(rule.mark)),
            ("when_full", quoted(sorted(rule.when_full))),
            ("slots", f"[{', '.join(slots)}]"),
        ]
    )


def _filler(out: Expressions, rule: Slots, index: int, name: str) -> str:
    """Return the name of the function that writes an item into a slot."""

    def lines() -> Iterator[str]:
        slot = rule.slots[index]
        always = members_of(slot, rule, full=False)
        anywhere = quoted(names_within(_all(rule)))
        held = _by_fullness(names_within(slot), names_within(always))
        yield f"{out.script.use('refuse_misplaced')}(common, {held}, {anywhere}, place);"
        known = _by_fullness(*(known_names(r.common for r in rules) for rules in (slot, always)))
        yield f"{out.script.use('refuse_unknown')}(common, {known}, place);"
        for each in slot:
            if each.access is Access.READ:
                continue
            inner = list(_fill(out, each, name))
            if each in always:
                yield from inner
            else:
                yield "if (isFull) {"
                yield from (f"  {line}" for line in inner)
                yield "}"

    return out.script.declare(name, "common, place, vendor, isFull", lines)


def _by_fullness(full: Names, otherwise: Names) -> str:
    """Return the expression of the names that a slot has if every slot is filled, or otherwise."""
    if full == otherwise:
        return quoted(full)
    return f"isFull ? {quoted(full)} : {quoted(otherwise)}"


def _all(rule: Slots) -> list[Lowered]:
    return [each for slot in rule.slots for each in slot]


def _fill(out: Expressions, rule: Lowered, name: str) -> Iterator[str]:
    """Yield what writes a member of a slot's item; one that is not given is cleared there."""
    target, clear = (
        (quoted(rule.vendor), _clear(rule.unset)) if isinstance(rule, Leaf) else ("[]", [])
    )
    arguments = f"common, {quoted(rule.common)}, place, vendor, {target}, {options(clear)}"
    yield f"if (!{out.script.use('settles')}({arguments})) {{"
    if is_written(rule):
        yield from (f"  {line}" for line in _write(out, rule, name))
    yield "}"


def _emptier(out: Expressions, rule: Slots, index: int, name: str) -> str:
    """Return the name of the function that leaves nothing in a slot."""

    def lines() -> Iterator[str]:
        mark = mark_of(rule.slots[index], rule.mark)
        for each in rule.slots[index]:
            if not isinstance(each, Leaf) or each.access is Access.READ:
                continue
            if each.unset.clear is not ABSENT:
                value = f"{quoted(each.vendor)}, {quoted(each.unset.clear)}"
                yield f"{out.script.use('store')}(vendor, {value});"
            elif each is mark:
                yield f'{out.script.use("fault")}("M513", place, "cannot be emptied");'

    return out.script.declare(name, "vendor, place", lines)
