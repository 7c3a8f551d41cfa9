"""What invariants assure: calls that do not fail, and numbers that stay within bounds.

An invariant is true of every document that counts. One that fails while it is evaluated is not
true; so what it calls takes its arguments.
"""

from collections.abc import Callable, Iterable, Iterator
from math import inf

from msgspec import Struct, field

from mapper import expr
from mapper.expr import Expr
from mapper.functions import FUNCTIONS
from mapper.infer.types import Numbers


class Assured(Struct, frozen=True):
    """What is sure of the calls in expressions over the same object.

    Attributes:
        calls: Calls that take their arguments.
        bounds: What numbers a call gives, if any.
    """

    calls: frozenset[Expr] = frozenset()
    bounds: dict[Expr, Numbers] = field(default_factory=dict)

    def is_stated(self, test: Expr) -> bool:
        """Whether *test* says of such a call that it gives a value at all, as in an invariant."""
        return not self.calls.isdisjoint(expr.children(test))


def assured(
    invariants: Iterable[Expr], asked: Callable[[Expr, expr.Call], bool] = lambda *_: True
) -> Assured:
    """Return what *invariants*, expressions that are true, make sure of.

    It is looked for in the last alternative of each, behind tests whether arguments are null: for
    null such a call gives null. *asked* tells whether an invariant is sure to be true wherever a
    call of it is made.
    """
    calls: set[Expr] = set()
    bounds: dict[Expr, Numbers] = {}
    for invariant in invariants:
        [*tests, last] = _parts(expr.Or, invariant)
        for part in _parts(expr.And, last):
            reached = {
                call
                for call in _reached(part)
                if _are_of_arguments(tests, call) and asked(invariant, call)
            }
            calls |= reached
            for bounded, low, high in _bounds(part):
                if bounded in reached:
                    known = bounds.get(bounded, Numbers())
                    bounds[bounded] = Numbers(max(known.low, low), min(known.high, high))
    return Assured(frozenset(calls), bounds)


def passes_null(call: expr.Call) -> bool:
    """Whether a call gives null for null."""
    function = FUNCTIONS.get(call.name)
    return function is not None and function.passes_null


def _reached(tree: Expr) -> Iterator[expr.Call]:
    """Yield the calls on the same object that are made whenever *tree* is evaluated on it."""
    if isinstance(tree, expr.Call):
        yield tree
    if isinstance(tree, expr.Call | expr.Compare | expr.MakeList):
        for part in expr.children(tree):
            yield from _reached(part)


def _parts(kind: type[expr.Or | expr.And], tree: Expr) -> Iterator[Expr]:
    """Yield what is joined by ``||``, or by ``&&``."""
    if isinstance(tree, kind):
        yield from _parts(kind, tree.left)
        yield from _parts(kind, tree.right)
    else:
        yield tree


def _are_of_arguments(tests: list[Expr], call: expr.Call) -> bool:
    """Whether all *tests* are whether an argument of *call*, which passes null on, is null."""
    return not tests or (passes_null(call) and all(_is_of_argument(test, call) for test in tests))


def _is_of_argument(test: Expr, call: expr.Call) -> bool:
    """Whether *test* is whether an argument of *call* is null."""
    match test:
        case expr.Compare("==", left, right):
            sides = {left, right} - {expr.Literal(None)}
            return len(sides) == 1 and sides <= set(call.arguments)
        case _:
            return False


def _bounds(tree: Expr) -> Iterator[tuple[Expr, float, float]]:
    """Yield the call that a comparison with a number is about, with what it lies between."""
    match tree:
        case expr.Compare(">=" | ">", call, expr.Literal(int() | float() as least)):
            yield call, least, inf
        case expr.Compare("<=" | "<", call, expr.Literal(int() | float() as most)):
            yield call, -inf, most
        case expr.Compare(">=" | ">", expr.Literal(int() | float() as most), call):
            yield call, -inf, most
        case expr.Compare("<=" | "<", expr.Literal(int() | float() as least), call):
            yield call, least, inf
        case _:
            return
