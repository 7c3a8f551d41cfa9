"""The type of an expression's value, and the dangers in an expression.

A danger is what JMESPath does without a word and nobody wants: it makes a null of a misspelt name,
drops nulls from lists, and falls through ``||`` for false and empty text; or it is an error that
waits for its document.
"""

from itertools import chain, compress
from math import inf
from typing import assert_never

from msgspec import Struct, field

from mapper import codes, expr
from mapper.diagnostics import Rule, did_you_mean, show_name, show_value
from mapper.expr import Expr
from mapper.formats import MAX_INTEGER
from mapper.functions import FUNCTIONS, Function, Tables
from mapper.infer import functions as results
from mapper.infer.facts import NO_FACTS, Facts, learn, with_members
from mapper.infer.invariants import Assured
from mapper.infer.operations import operate
from mapper.infer.schemas import meet, type_of_value
from mapper.infer.types import (
    ANYTHING,
    BOOLEAN,
    NOTHING,
    NULL,
    Lists,
    Member,
    Objects,
    Type,
    falsy,
    flattened,
    is_one_value,
    join,
    known_of,
    truthy,
)
from mapper.primitives import Primitive


class Danger(Struct, frozen=True):
    """What may go wrong in an expression, and the part of it that it is about."""

    rule: Rule
    node: Expr
    message: str
    hint: str | None = None


class Inference(Struct):
    """Infers the types of expressions over one side of a mapping, and collects their dangers.

    Attributes:
        unknown: The kind of finding for a name that the schema of the side does not have.
        file: The name of that schema.
        tables: The look-up tables.
        dangers: What was found.
    """

    unknown: Rule
    file: str
    tables: Tables = field(default_factory=dict)
    dangers: list[Danger] = field(default_factory=list)

    def report(self, rule: Rule, node: Expr, message: str, hint: str | None = None) -> None:
        self.dangers.append(Danger(rule, node, message, hint))

    def type_of(
        self, tree: Expr, current: Type, facts: Facts = NO_FACTS, *, condition: bool = False
    ) -> Type:
        """Return the type of the value of *tree* for values of the type *current*.

        *condition* says that only the truth of the value counts.
        """
        if isinstance(tree, expr.And | expr.Or):
            return self._choice(tree, current, facts, condition=condition)[0]
        return facts.narrow(tree, self._type_of(tree, current, facts, condition=condition))

    def _type_of(self, tree: Expr, current: Type, facts: Facts, *, condition: bool) -> Type:
        match tree:
            case expr.Current():
                return current
            case expr.Field():
                return self._field(tree, current)
            case expr.Literal(value):
                return type_of_value(value)
            case expr.Chain(left, right):
                return self.type_of(right, self.type_of(left, current, facts), condition=condition)
            case expr.Index(index):
                found = current.lists.at(index) if current.lists is not None else NULL
                return _or_null(found, current, "array")
            case expr.Slice():
                lists = current.lists
                most = min(lists.most, _most_of(tree)) if lists is not None else 0
                part = Type(lists=Lists(lists.of, 0, most)) if lists is not None else NOTHING
                return _or_null(part, current, "array")
            case expr.Flatten(inner):
                return _flat(self.type_of(inner, current, facts))
            case expr.Project():
                return self._project(tree, current, facts)
            case expr.ProjectValues(left, right):
                return self._project_values(left, right, current, facts)
            case expr.Compare():
                return self._compare(tree, current, facts)
            case expr.Or() | expr.And():
                return self._choice(tree, current, facts, condition=condition)[0]
            case expr.Not(inner):
                self.type_of(inner, current, facts, condition=True)
                return BOOLEAN
            case expr.MakeList(items):
                apart = current.without_null()  # of null there is no list, and no object
                made = tuple(self.type_of(item, apart, facts) for item in items)
                lists = Lists(join(made), len(made), len(made), first=made)
                return _unless_null(Type(lists=lists), current)
            case expr.MakeObject(members):
                apart = current.without_null()
                typed = {
                    name: Member(self.type_of(member, apart, facts), required=True)
                    for name, member in members
                }
                return _unless_null(Type(objects=Objects(typed, closed=True)), current)
            case expr.Call():
                return self._call(tree, current, facts)
            case expr.Reference():
                return NOTHING  # the function that it is given to looks into it
            case _:
                assert_never(tree)

    def _field(self, tree: expr.Field, current: Type) -> Type:
        objects = current.objects
        if objects is None:
            return NULL
        member = objects.members.get(tree.name)
        if member is None:
            if objects.members:
                hint = did_you_mean(tree.name, objects.members)
                message = f"{show_name(tree.name)} is not in {self.file}"
                self.report(self.unknown, tree, message, hint)
                return ANYTHING  # what follows from a mistake is no other one
            return objects.rest | NULL
        found = member.type if member.required else member.type | NULL
        return _or_null(found, current, "object")

    # Projections ----------------------------------------------------------------------------------

    def _project(self, tree: expr.Project, current: Type, facts: Facts) -> Type:
        items = self.type_of(tree.left, current, facts)
        lists = items.lists
        if lists is None:
            return NULL
        learned = NO_FACTS
        item = lists.item
        if tree.where is not None:
            self.type_of(tree.where, item, condition=True)
            learned = learn(tree.where, holds=True)
        item = with_members(learned.narrow(expr.Current(), item), learned)
        made = self.type_of(tree.right, item, learned)
        if made.null and not made.open and not isinstance(tree.right, expr.Current):
            self.report(
                codes.DROPS_NULLS,
                tree.right,
                "items for which this is null are dropped, so that the others change their places",
                "use map(&…, …), which keeps them, or say with a filter [?…] which are meant",
            )
        keeps = tree.where is None and not made.null
        unique = lists.unique and isinstance(tree.right, expr.Current)
        found = Lists(made.without_null(), lists.least if keeps else 0, lists.most, unique)
        return _or_null(Type(lists=found), items, "array")

    def _project_values(self, left: Expr, right: Expr, current: Type, facts: Facts) -> Type:
        owner = self.type_of(left, current, facts)
        objects = owner.objects
        if objects is None:
            return NULL
        values = join(chain((each.type for each in objects.members.values()), [objects.rest]))
        made = self.type_of(right, values).without_null()
        return _or_null(Type(lists=Lists(made)), owner, "object")

    # Logic ----------------------------------------------------------------------------------------

    def _choice(
        self, tree: Expr, current: Type, facts: Facts, *, condition: bool, or_null: bool = False
    ) -> tuple[Type, Type]:
        """Return the type of *tree*, and that of what ``||`` replaces of it, as _meant tells.

        Both are found at once, since each expression is looked into once only: to look twice at
        each level of a nested one would take for ever. If null stands at the end, *or_null*, empty
        text is meant to be no value: all else it would be for is null already.
        """
        match tree:
            case expr.And(left, right):
                first = self.type_of(left, current, facts, condition=True)
                learned = facts.and_(learn(left, holds=True))
                second, meant = self._behind(right, current, learned, condition=condition)
                found = falsy(first) | (NOTHING if truthy(first).is_empty else second)
            case expr.Or(left, right):
                or_null = or_null or right == expr.Literal(None)
                first, replaced = self._choice(
                    left, current, facts, condition=condition, or_null=or_null
                )
                learned = facts.and_(learn(left, holds=False))
                second, meant = self._behind(right, current, learned, condition=condition)
                if not condition and first.null and not first.open:  # it is for what is missing
                    self._falls_through(left, replaced, second, or_null=or_null)
                found = truthy(first) | (NOTHING if falsy(first).is_empty else second)
            case _:
                found = self.type_of(tree, current, facts, condition=condition)
                return found, found
        return facts.narrow(tree, found), meant

    def _behind(
        self, tree: Expr, current: Type, learned: Facts, *, condition: bool
    ) -> tuple[Type, Type]:
        """Return what _choice does, of what is evaluated where a test has told something."""
        narrowed = learned.narrow(expr.Current(), current)
        return self._choice(tree, narrowed, learned, condition=condition)

    def _falls_through(self, left: Expr, first: Type, second: Type, *, or_null: bool) -> None:
        """Report what ``||`` replaces besides null, and a 0 that it keeps.

        Behind a test, and where nothing but null is there instead, to keep a 0 is what is meant.
        """
        tree, chosen = _meant(left), isinstance(left, expr.And)
        hint = "not_null(…, …) replaces null alone"
        lost = falsy(first)
        if lost.booleans and second.without_null() != Type(booleans=frozenset({False})):
            self.report(codes.OR_LOSES_FALSE, tree, "false gives the right side of || too", hint)
        elif lost.texts is not None and (or_null or _is_only_empty(second)):
            pass
        elif lost.texts is not None:
            message = "empty text gives the right side of || too"
            self.report(codes.OR_LOSES_EMPTY, tree, message, hint)
        elif chosen or second.without_null().is_empty or first.numbers is None:
            pass
        elif first.numbers.low <= 0 <= first.numbers.high:
            message = "0 counts as true, so that || keeps it"
            self.report(codes.OR_LOSES_EMPTY, tree, message, hint)

    def _compare(self, tree: expr.Compare, current: Type, facts: Facts) -> Type:
        left, right = (self.type_of(side, current, facts) for side in (tree.left, tree.right))
        if tree.operator not in ("==", "!="):
            if left.numbers is None or right.numbers is None:
                message = f"{tree.operator} gives null: it compares numbers only"
                self.report(codes.NEVER_HOLDS, tree, message, "compare numbers")
            both_numbers = left.kinds == right.kinds == ("number",)
            return BOOLEAN if both_numbers else BOOLEAN | NULL
        if left.is_empty or right.is_empty:
            return BOOLEAN
        if meet(left, right).is_empty:
            always = "false" if tree.operator == "==" else "true"
            message = f"this is always {always}: {_nouns(left)} is never {_nouns(right)}"
            self.report(codes.NEVER_HOLDS, tree, message)
            return type_of_value(tree.operator == "!=")
        same = is_one_value(left) and is_one_value(right)
        return type_of_value(tree.operator == "==") if same else BOOLEAN

    # Calls ----------------------------------------------------------------------------------------

    def _call(self, tree: expr.Call, current: Type, facts: Facts) -> Type:
        given = [self.type_of(each, current, facts) for each in tree.arguments]
        match tree.function or FUNCTIONS.get(tree.name):
            case Primitive(name=name):
                constants = [
                    each.value for each in tree.arguments[1:] if isinstance(each, expr.Literal)
                ]
                found, refused = operate(name, given, constants)
                for each in () if any(each.open for each in given) else refused:
                    self.report(_RULES[each.why], tree, each.message, each.hint)
                return found
            case Function() as function:
                return self._function(function, tree, given, facts.assured)
            case _:
                return NULL

    def _function(
        self, function: Function, tree: expr.Call, given: list[Type], assured: Assured
    ) -> Type:
        nullable = function.passes_null and any(each.null for each in given)
        passed = [each.without_null() for each in given] if function.passes_null else given
        for position, (argument, found) in enumerate(zip(tree.arguments, passed, strict=True)):
            self._require(function, position, argument, found)
        if function.passes_null and any(each.is_empty for each in passed):
            return NULL
        known = len(self.dangers)
        made = results.result(self, function, tree, passed)
        if assured.calls and tree in assured.calls:
            del self.dangers[known:]
        if assured.bounds and tree in assured.bounds:
            made = meet(made, Type(numbers=assured.bounds[tree]))
        return made | NULL if nullable else made

    def _require(self, function: Function, position: int, argument: Expr, found: Type) -> None:
        """Report what the function refuses of an argument."""
        takes = function.parameter(position).types
        pieces = tuple(known_of(found).pieces())
        wrong = [name for name, piece in pieces if not _is_taken(piece, name, takes)]
        if wrong and not isinstance(argument, expr.Reference):
            shown = " or ".join(_with_items(piece, name) for name, piece in pieces if name in wrong)
            message = f"{function.name}() takes {' or '.join(takes)}, and this may be {shown}"
            self.report(codes.FUNCTION_REFUSES, argument, message, _settled(wrong, takes))

    def each(self, reference: Expr, item: Type) -> Type:
        """Return the type of an ``&expression`` over items."""
        return self.type_of(reference.of, item) if isinstance(reference, expr.Reference) else NULL

    def refuse(
        self, tree: expr.Call, argument: Expr, message: str, hint: str | None = None
    ) -> None:
        """Report that a call refuses values of the right type."""
        self.report(codes.FUNCTION_REFUSES, argument, f"{tree.name}() refuses {message}", hint)


def _with_items(piece: Type, name: str) -> str:
    """Return what a piece is called, with the kinds of its items if it is a list of few kinds."""
    items = piece.lists.item if piece.lists is not None else NOTHING
    return name if items.open or items.is_empty else f"{name}[{'|'.join(items.kinds)}]"


def _settled(wrong: list[str], takes: tuple[str, ...]) -> str | None:
    """Return how to keep values of *wrong* kinds from a function; None if it is not known."""
    if wrong == ["null"]:
        return "guard it: not_null(…, `…`), or … && … beside a test for null"
    if wrong == ["array"]:
        return "leave the other items out, as with [?@ != `null`], or convert them with map(&…, …)"
    converted = f"to_{takes[0]}"
    if "null" in wrong or converted not in FUNCTIONS:
        return None
    return f"convert it with {converted}(…)"


_RULES = {
    "value": codes.VALUE_REFUSED,
    "partner": codes.NO_PARTNER,
    "missing": codes.VALUE_REFUSED,
}


def _meant(tree: Expr) -> Expr:
    """Return what ``||`` replaces of its left side.

    Behind a test it is the value that depends on it, and of several alternatives the last, since
    each of the others is judged on its own.
    """
    match tree:
        case expr.And(_, right) | expr.Or(_, right):
            return _meant(right)
        case _:
            return tree


def _most_of(part: expr.Slice) -> float:
    """Return how many items a slice has at most, of whatever list it is."""
    first, stop, step = part.first or 0, part.stop, part.step or 1
    if step < 0:
        return inf
    if first < 0:  # from so many before the end
        stop = stop if stop is not None and stop < 0 else 0
    elif stop is None or stop < 0:
        return inf
    most = max((stop - first + step - 1) // step, 0)
    return most if most <= MAX_INTEGER else inf  # which no list has, and no float may hold


def _or_null(found: Type, owner: Type, kind: str) -> Type:
    """Return *found*, or null too where *owner* may be something else than *kind*."""
    return found if owner.kinds == (kind,) else found | NULL


def _unless_null(made: Type, current: Type) -> Type:
    return made | NULL if current.null else made


def _flat(given: Type) -> Type:
    if given.lists is None:
        return NULL
    return _or_null(Type(lists=Lists(flattened(given.lists.item))), given, "array")


def _is_only_empty(given: Type) -> bool:
    return truthy(given).is_empty


def _is_taken(piece: Type, name: str, takes: tuple[str, ...]) -> bool:
    for wanted in takes:
        outer, bracket, inner = wanted.removesuffix("]").partition("[")
        if wanted == "any" or (wanted == name and not bracket):
            return True
        item = piece.lists.item if piece.lists is not None else NOTHING
        if bracket and outer == name and set(known_of(item).kinds) <= {inner}:
            return True
    return False


def _nouns(given: Type) -> str:
    """Return what values of a type are, in words."""
    from mapper.infer.fitting import values_of  # noqa: PLC0415 - of a message only

    pieces = [(name, values_of(piece)) for name, piece in given.pieces()]
    words = [
        _noun(name, given)
        if values is None or len(values) > _FEW
        else " or ".join(map(show_value, values))
        for name, values in pieces
    ]
    return " or ".join(words)


_FEW = 3
"""So many values are shown where a message is about all of them."""


def _noun(name: str, given: Type) -> str:
    """Return what values of one kind are called, with what is known of them."""
    match name:
        case "number" if given.numbers is not None:
            low, high = given.numbers.low, given.numbers.high
            bounds = (f" {word} {show_value(each)}" for word, each in (("from", low), ("to", high)))
            known = (abs(each) < MAX_INTEGER for each in (low, high))
            return name + "".join(compress(bounds, known))
        case "string" if given.texts is not None and given.texts.formats:
            return min(given.texts.formats)
        case _:
            return name
