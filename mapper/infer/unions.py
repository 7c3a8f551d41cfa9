"""What rules write together where the vendor's schema is a union: it has to fit one branch."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Span
from mapper.infer.evaluating import convert, expression_type
from mapper.infer.fitting import Misfit, misfits, values_of
from mapper.infer.reading import look
from mapper.infer.schemas import meet, type_of_schema, type_of_value
from mapper.infer.scope import Scope, show_place
from mapper.infer.sending import partial, sent
from mapper.infer.taking import Target, taken_of, union_of
from mapper.infer.types import ANYTHING, Member, Objects, Type
from mapper.lower import Formula, Group, Leaf, Listing, Lowered, Single, Slots, inner_rules
from mapper.model import Access
from mapper.schema import Schema
from mapper.values import ABSENT, Steps, store

_MANY_VALUES = 50
"""Of more values of a tag, types do not tell each."""


def mixes(rules: tuple[Lowered, ...], at: Steps, vendor: Target, scope: Scope, place: Span) -> None:
    """Report where *rules*, which write an object member by member, mix the branches of a union.

    *at* is the path of the object, and *scope* has the canonical schema of what is written.
    """
    if vendor.schema is None or scope.common is None:
        return
    ways = {steps[:depth] for steps in _paths(rules) for depth in range(len(steps))}
    for way in sorted(ways):
        found = _mixed(rules, way, vendor.at(way), scope)
        if found is not None:
            path = show_place((*at, *way), ()) or "the body"
            message = f"{path} as it is written member by member may fit no branch of its union"
            message += f": {show_place((), found.at)} {found.message}" if found.at else ""
            scope.report(codes.WRITTEN_MISFIT, message, place, _OF_UNIONS)


def _mixed(rules: tuple[Lowered, ...], way: Steps, vendor: Target, scope: Scope) -> Misfit | None:
    """Return what of an object that *rules* write at *way* fits no branch of the union there."""
    union = union_of(vendor.schema)
    if vendor.schema is None or union is None or vendor.schema.annotation("x-write-type"):
        return None
    taken = taken_of(vendor, union, whole=False).raw
    alone = Schema.of({"anyOf": taken["anyOf"]})  # the rest is held against each member
    found = (
        each for written in _written(rules, way, union, scope) for each in misfits(written, alone)
    )
    return next(found, None)


_OF_UNIONS = (
    "let the canonical schema be a union of the same branches, map the value whole, or write the "
    "members of one branch only"
)


def _paths(rules: Iterable[Lowered]) -> Iterator[Steps]:
    for rule in rules:
        if rule.access is Access.READ:
            continue
        match rule:
            case Leaf(vendor=steps) | Listing(vendor=steps) | Group(vendor=(_, *_) as steps):
                yield tuple(steps)
            case Formula(writes=writes):
                yield from (write.vendor for write in writes)
            case _:
                for members in inner_rules(rule):
                    yield from _paths(members)


def _written(rules: tuple[Lowered, ...], way: Steps, union: Schema, scope: Scope) -> Iterator[Type]:
    """Yield the types of what is written at *way* for each kind of common object there is."""
    if scope.common is None:
        return
    silent = Scope(scope.vendor, scope.common, scope.file, scope.tables, scope.assured)
    for common in _alternatives(scope.common):
        for given in _by_tag(common, rules, way, union):
            tree: dict[str, Any] = {}
            for steps, written in _members(rules, given, silent):
                if len(steps) > len(way) and steps[: len(way)] == way and not written.is_empty:
                    store(tree, steps[len(way) :], written)
            if tree:
                yield _typed(tree)


def _typed(tree: dict[str, Any]) -> Type:
    members = {
        name: Member(each if isinstance(each, Type) else _typed(each), required=False)
        for name, each in tree.items()
    }
    return Type(objects=Objects(members, closed=True))


def _alternatives(common: Schema) -> list[Type]:
    """Return the types of the branches of a canonical schema, or its type if it is no union."""
    union = union_of(common)
    if union is None:
        return [sent(type_of_schema(common))]
    own = type_of_schema(replace(union, branches=()))
    return [sent(meet(own, type_of_schema(branch))) for branch in union.branches]


def _by_tag(common: Type, rules: Iterable[Lowered], way: Steps, union: Schema) -> list[Type]:
    """Return the types of common objects with each value of what tells the branches apart."""
    for rule in rules:
        if not isinstance(rule, Leaf) or rule.vendor[:-1] != way:
            continue
        tags = [branch.own.get(rule.vendor[-1]) for branch in union.branches]
        values = values_of(look(common, rule.common)[0].without_null())
        if values is None or len(values) > _MANY_VALUES:
            continue
        if all(each is not None and each.enum is not None for each in tags):
            return [_with_value(common, rule.common, type_of_value(each)) for each in values]
    return [common]


def _with_value(common: Type, steps: Steps, value: Type) -> Type:
    if not steps or common.objects is None:
        return value
    inner, _ = look(common, steps[:1])
    member = Member(_with_value(inner, steps[1:], value), required=True)
    members = {**common.objects.members, steps[0]: member}
    return Type(objects=replace(common.objects, members=members))


def _members(rules: Iterable[Lowered], common: Type, scope: Scope) -> Iterator[tuple[Steps, Type]]:
    """Yield the vendor paths that *rules* write of a *common* object, each with what is written."""
    for rule in rules:
        if rule.access is Access.READ:
            continue
        given = look(common, rule.common)[0].without_null()
        match rule:
            case Leaf():
                yield rule.vendor, _of_leaf(rule, given, scope)
            case Formula(writes=writes):
                side = codes.UNKNOWN_COMMON_PATH, ""
                for write in writes:
                    made = expression_type(write.expression, partial(common), side, scope)
                    yield write.vendor, made.without_null()
            case Group(vendor=steps, members=members):
                inner = _members(members, given, scope) if given.objects is not None else ()
                yield from (((*steps, *path), written) for path, written in inner)
            case Listing(vendor=steps):
                lists = given.lists
                yield steps, given if lists is None else Type(lists=replace(lists, of=ANYTHING))
            case Single() | Slots() if given.lists is not None:
                for members in inner_rules(rule):
                    yield from _members(members, given.lists.item, scope)
            case _:
                pass


def _of_leaf(rule: Leaf, given: Type, scope: Scope) -> Type:
    """Return the type of what a rule writes of its *given* values, and where there are none."""
    if rule.default.create is not ABSENT and rule.default.create is not None:
        given |= type_of_value(rule.default.create)
    written = given if given.is_empty else convert(rule.put, given, rule, scope, reading=False)
    cleared = rule.unset.clear
    return written.without_null() if cleared is ABSENT else written | type_of_value(cleared)
