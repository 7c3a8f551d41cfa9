"""What invariants assure: calls that do not fail, and numbers that stay within bounds.

An invariant is true of every document that counts. One that fails while it is evaluated is not
true; so what it calls takes its arguments.
"""

from collections.abc import Iterable, Iterator
from math import inf

from msgspec import Struct, field

from mapper import expr
from mapper.expr import Expr
from mapper.infer.types import Numbers


class Assured(Struct, frozen=True):
    """What is sure of the calls in expressions over the same object.

    Attributes:
        calls: Calls that take their arguments.
        bounds: What numbers a call gives, if any.
    """

    calls: frozenset[Expr] = frozenset()
    bounds: dict[Expr, Numbers] = field(default_factory=dict)


def assured(invariants: Iterable[Expr]) -> Assured:
    """Return what *invariants*, expressions that are true, make sure of.

    It is looked for in the last alternative of each, behind tests whether arguments are null: for
    null such a call gives null.
    """
    calls: set[Expr] = set()
    bounds: dict[Expr, Numbers] = {}
    for invariant in invariants:
        [*tests, last] = _parts(expr.Or, invariant)
        for call in expr.walk(last):
            if isinstance(call, expr.Call) and all(_is_of_argument(each, call) for each in tests):
                calls.add(call)
        for part in _parts(expr.And, last):
            for call, low, high in _bounds(part):
                if call in calls:
                    known = bounds.get(call, Numbers())
                    bounds[call] = Numbers(max(known.low, low), min(known.high, high))
    return Assured(frozenset(calls), bounds)


def _parts(kind: type[expr.Or | expr.And], tree: Expr) -> Iterator[Expr]:
    """Yield what is joined by ``||``, or by ``&&``."""
    if isinstance(tree, kind):
        yield from _parts(kind, tree.left)
        yield from _parts(kind, tree.right)
    else:
        yield tree


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
