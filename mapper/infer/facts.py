"""What tests in an expression tell of the value that they are about."""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mapper import expr
from mapper.expr import Expr
from mapper.infer.invariants import Assured
from mapper.infer.schemas import meet, type_of_value
from mapper.infer.types import (
    NOTHING,
    Member,
    Objects,
    Type,
    falsy,
    inhabits,
    join,
    truthy,
    without,
)
from mapper.values import contains


class Among(Struct, frozen=True):
    """That an expression gives one of a few scalars, or none of them."""

    node: Expr
    values: tuple[Any, ...]
    holds: bool


class Facts(Struct, frozen=True):
    """What is known of the current value.

    Attributes:
        true: Expressions that are true of it.
        present: Expressions that are not null.
        kinds: Expressions with the kind of value that they have.
        assured: What invariants make sure of.
        among: Which of a few scalars expressions give; of each at most one that says which, and
            one that says which not.
        false: Expressions that give null, false or something empty.
    """

    true: frozenset[Expr] = frozenset()
    present: frozenset[Expr] = frozenset()
    assured: Assured = Assured()
    kinds: frozenset[tuple[Expr, str]] = frozenset()
    among: tuple[Among, ...] = ()
    false: frozenset[Expr] = frozenset()

    def and_(self, other: "Facts") -> "Facts":
        true, present = self.true | other.true, self.present | other.present
        kinds, among = self.kinds | other.kinds, _together(self.among, other.among)
        return Facts(true, present, self.assured, kinds, among, self.false | other.false)

    def or_(self, other: "Facts") -> "Facts":
        """Return what is known where these facts are, or the others."""
        among = (
            Among(each.node, _union(each.values, also.values), holds=True)
            for each in self.among
            for also in other.among
            if each.node == also.node and each.holds and also.holds
        )
        true, present = self.true & other.true, self.present & other.present
        kinds, false = self.kinds & other.kinds, self.false & other.false
        return Facts(true, present, self.assured, kinds, tuple(among), false)

    def narrow(self, node: Expr, found: Type) -> Type:
        """Return the type of *node* with what is known of it."""
        # As mostly nothing is; to look up takes a hash.
        if not (self.kinds or self.true or self.present or self.among or self.false):
            return found
        for test in self.false:
            narrowed = _untrue(test, node, found)
            found = found if narrowed.is_empty else narrowed
        for known, kind in self.kinds:
            if known == node:
                found = found.only(kind)
        for each in self.among:
            narrowed = _narrowed(each, node, found)
            # That a test can never hold is told of the test, and not of what stands behind it.
            found = found if narrowed.is_empty else narrowed
        if node in self.true:
            return truthy(found)
        return found.without_null() if node in self.present else found


def _together(some: tuple[Among, ...], others: tuple[Among, ...]) -> tuple[Among, ...]:
    """Return what two tests tell together: of each expression what both leave of it."""
    found = {(each.node, each.holds): each for each in some}
    for each in others:
        known = found.get((each.node, each.holds), each)
        values = (_intersection if each.holds else _union)(known.values, each.values)
        found[each.node, each.holds] = Among(each.node, values, each.holds)
    return tuple(found.values())


def _union(some: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*some, *(each for each in others if not contains(some, each)))


def _intersection(some: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(each for each in some if contains(others, each))


NO_FACTS = Facts()


def learn(condition: Expr, *, holds: bool) -> Facts:
    """Return what is known where *condition* is true, or is not."""
    match condition:
        case expr.And(left, right) if holds:
            return learn(left, holds=True).and_(learn(right, holds=True))
        case expr.Or(left, right) if not holds:
            return learn(left, holds=False).and_(learn(right, holds=False))
        case expr.And(left, right) | expr.Or(left, right):
            return learn(left, holds=holds).or_(learn(right, holds=holds))
        case expr.Not(inner):
            return learn(inner, holds=not holds)
        case expr.Compare(operator, left, right):
            return _learn_from_comparison(operator, left, right, holds=holds)
        case expr.Call("contains", (expr.Literal(list() as values), node)):
            return _among(node, values, holds=holds)
        case expr.Call("contains", (expr.MakeList(items), node)):
            literals = [each.value for each in items if isinstance(each, expr.Literal)]
            return _among(node, literals, holds=holds) if len(literals) == len(items) else NO_FACTS
        case _:
            if not holds:
                return Facts(false=frozenset({condition}))
            return Facts(frozenset({condition}), _roots(condition))


def _learn_from_comparison(operator: str, left: Expr, right: Expr, *, holds: bool) -> Facts:
    same = (operator == "==") is holds
    match left, right:
        case (expr.Call("type", (node,)), expr.Literal(str(kind))) | (
            expr.Literal(str(kind)),
            expr.Call("type", (node,)),
        ) if same and operator in ("==", "!="):
            return Facts(kinds=frozenset({(node, kind)}))
        case (node, expr.Literal(value)) | (expr.Literal(value), node) if operator in ("==", "!="):
            return _among(node, [value], holds=same)
        case _ if holds and operator not in ("==", "!="):
            return Facts(present=frozenset({left, right}) | _roots(left) | _roots(right))
        case _:
            return NO_FACTS


def _among(node: Expr, values: list[Any], *, holds: bool) -> Facts:
    """Return what is known where *node* gives one of *values*, or none of them."""
    is_present = (None in values) is not holds
    present = frozenset({node}) | _roots(node) if is_present else frozenset[Expr]()
    if any(isinstance(value, list | dict) for value in values):
        return Facts(present=present)
    return Facts(present=present, among=(Among(node, tuple(values), holds),))


def _roots(tree: Expr) -> frozenset[Expr]:
    """Return what is not null where *tree* is not: what its members are members of."""
    match tree:
        case expr.Chain(left, expr.Field()):
            return frozenset({left}) | _roots(left)
        case _:
            return frozenset()


def with_members(item: Type, facts: Facts) -> Type:
    """Return the type of objects with what is known of their members."""
    objects = item.objects
    if objects is None:
        return item
    members = dict(objects.members)
    for name, member in objects.members.items():
        node = expr.Field(name)
        required = member.required or node in facts.true or node in facts.present
        members[name] = Member(facts.narrow(node, member.type), required)
    return replace(item, objects=replace(objects, members=members))


# Tags ---------------------------------------------------------------------------------------------


def _narrowed(known: Among, node: Expr, found: Type) -> Type:
    """Return the type of *node*, of which, or of a member of which, a fact may be."""
    if known.node == node:
        if known.holds:
            return meet(found, join(map(type_of_value, known.values)))
        return without(found, known.values)
    match known.node:
        case expr.Field(name) if isinstance(node, expr.Current):
            return _tagged(found, name, known)
        case expr.Chain(owner, expr.Field(name)) if owner == node:
            return _tagged(found, name, known)
        case _:
            return found


def _untrue(test: Expr, node: Expr, found: Type) -> Type:
    """Return the type of *node* where a test of one of its members, if it is one, is not true."""
    match test:
        case expr.Field(name) if isinstance(node, expr.Current):
            pass
        case expr.Chain(owner, expr.Field(name)) if owner == node:
            pass
        case _:
            return found
    objects = found.objects
    if objects is None:
        return found
    every = objects.branches or (objects,)
    left = [each for each in every if _may_be_untrue(each, name)]
    return found if len(left) == len(every) else _one_of(left, found)


def _may_be_untrue(objects: Objects, name: str) -> bool:
    member = objects.members.get(name) or Member(objects.rest)
    return not member.required or not falsy(member.type).is_empty


def _tagged(found: Type, name: str, known: Among) -> Type:
    """Return those of the values whose member is one of a few scalars, or none of them."""
    if known.holds and None not in known.values:
        found = found.only("object")  # the member of anything else is null
    objects = found.objects
    if objects is None:
        return found
    every = objects.branches or (objects,)
    left = [each for each in every if _may_hold(each, name, known)]
    if len(left) == len(every):
        return found
    return _one_of(left, found)


def _one_of(branches: list[Objects], found: Type) -> Type:
    """Return the type of the values that are no objects, or objects of these branches."""
    around = Type(objects=replace(found.objects, branches=())) if found.objects else NOTHING
    narrowed = join(meet(Type(objects=each), around) for each in branches).objects
    if narrowed is not None and len(branches) > 1:
        narrowed = replace(narrowed, branches=tuple(branches))
    return replace(found, objects=narrowed)


def _may_hold(objects: Objects, name: str, known: Among) -> bool:
    """Whether a member of some of the objects may be what is known of it."""
    member = objects.members.get(name) or Member(objects.rest)
    if known.holds:
        can_lack = not member.required and None in known.values
        return can_lack or any(inhabits(value, member.type) for value in known.values)
    left = without(member.type, known.values)
    return not left.is_empty or not (member.required or None in known.values)
