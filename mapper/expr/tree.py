"""The tree of an expression: seventeen kinds of nodes, and what can be read off them."""

import json
from collections.abc import Iterator
from typing import Any, Literal as OneOf, Protocol, assert_never

from msgspec import Struct

Path = tuple[str, ...]
"""Member names from the root of a document; () is the whole document."""


class Signature(Protocol):
    """What parsing has to know of a function."""

    @property
    def arity(self) -> tuple[int, int | None]:
        """The least number of arguments, and the greatest: the same, or None for any number."""

    def takes_reference(self, position: int) -> bool:
        """Whether the argument at *position* is an ``&expression``."""


class Spanned(Struct, frozen=True, kw_only=True):
    """A part of an expression: half-open character offsets, which do not count in comparisons."""

    start: int = 0
    end: int = 0

    @property
    def content(self) -> tuple[Any, ...]:
        """What it says, wherever it stands: it is equal to what says the same."""
        return tuple(getattr(self, name) for name in type(self).__match_args__)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.content == other.content

    def __hash__(self) -> int:
        return hash((type(self), self.content))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.content))})"


class Current(Spanned, frozen=True):
    """The current value: ``@``, or no text at all, as on the left of ``[*]``."""


class Field(Spanned, frozen=True):
    """A member of the current object: ``name``."""

    name: str


class Literal(Spanned, frozen=True):
    """A JSON value, which nobody may change: ```[1]```, ``'text'``."""

    value: Any

    @property
    def content(self) -> tuple[str]:  # 1 is neither true nor 1.0 here, and lists hash
        return (literal_text(self.value),)


class Index(Spanned, frozen=True):
    """An item of the current list, negative from its end: ``[0]``."""

    index: int


class Slice(Spanned, frozen=True):
    """A part of the current list, as Python slices: ``[first:stop:step]``. It is in a Project."""

    first: int | None
    stop: int | None
    step: int | None


class Chain(Spanned, frozen=True):
    """The right side, evaluated on the value of the left: ``a.b``, ``a[0]``, ``a | b``."""

    left: "Expr"
    right: "Expr"


class Project(Spanned, frozen=True):
    """The right side of each item of a list for which ``where`` is truthy, without nulls.

    ``a[*].b``, ``a[?c].b``; ``a[].b`` with a Flatten, ``a[1:2].b`` with a Slice on the left.
    """

    left: "Expr"
    right: "Expr"
    where: "Expr | None" = None


class ProjectValues(Spanned, frozen=True):
    """The right side of the value of each member of an object, without nulls: ``a.*.b``."""

    left: "Expr"
    right: "Expr"


class Flatten(Spanned, frozen=True):
    """A list with the items of its lists in their place: ``a[]``. It is in a Project."""

    of: "Expr"


class Compare(Spanned, frozen=True):
    operator: OneOf["==", "!=", "<", "<=", ">", ">="]
    left: "Expr"
    right: "Expr"


class And(Spanned, frozen=True):
    left: "Expr"
    right: "Expr"


class Or(Spanned, frozen=True):
    left: "Expr"
    right: "Expr"


class Not(Spanned, frozen=True):
    of: "Expr"


class MakeList(Spanned, frozen=True):
    """A new list, null where the current value is null: ``[a, b]``."""

    items: "tuple[Expr, ...]"


class MakeObject(Spanned, frozen=True):
    """A new object, null where the current value is null: ``{name: a}``."""

    members: "tuple[tuple[str, Expr], ...]"


class Call(Spanned, frozen=True):
    """A function call; its name is at its start.

    ``function`` is what the name stands for among the functions that the expression may call. It
    may be None in a tree that is not parsed; then it is a function of users' expressions.
    """

    name: str
    arguments: "tuple[Expr, ...]"
    function: Signature | None = None

    @property
    def content(self) -> tuple[str, tuple["Expr", ...]]:
        return (self.name, self.arguments)


class Reference(Spanned, frozen=True):
    """An expression that a function evaluates itself: ``&a``. It is an argument of a Call."""

    of: "Expr"


Expr = (
    Current | Field | Literal | Index | Slice | Chain | Project | ProjectValues | Flatten | Compare
    | And | Or | Not | MakeList | MakeObject | Call | Reference
)  # fmt: skip


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the expressions directly below *expr*, in the order of the text."""
    match expr:
        case Current() | Field() | Literal() | Index() | Slice():
            return ()
        case Project(left, right, where):
            return (left, right) if where is None else (left, where, right)
        case Chain(left, right) | ProjectValues(left, right) | And(left, right) | Or(left, right):
            return (left, right)
        case Compare(_, left, right):
            return (left, right)
        case Flatten(of) | Not(of) | Reference(of):
            return (of,)
        case MakeList(items) | Call(_, items):
            return items
        case MakeObject(members):
            return tuple(value for _, value in members)
        case _:
            assert_never(expr)


def walk(expr: Expr) -> Iterator[Expr]:
    """Yield *expr* and everything below it, in the order of the text."""
    pending = [expr]
    while pending:
        yield (node := pending.pop())
        pending.extend(reversed(children(node)))


def literal_text(value: Any) -> str:
    r"""Return the JMESPath literal of a JSON value.

    >>> print(literal_text({"a": "`"}))
    `{"a": "\`"}`

    Raises:
        ValueError: *value* holds NaN or an infinity.
    """
    return "`" + json.dumps(value, ensure_ascii=False, allow_nan=False).replace("`", "\\`") + "`"


def mentions(expr: Expr) -> tuple[Path, ...]:
    """Return the places that the value of *expr* depends on, none of them inside another.

    An object that is the same in these places gives the same value. A list counts as one place.

    >>> mentions(Or(Chain(Field("customer"), Field("id")), Chain(Field("lines"), Index(0))))
    (('customer', 'id'), ('lines',))
    """
    read: dict[Path, None] = {}
    _trace_whole(expr, _Seen(read, read))
    return tuple(path for path in read if not any(path[:n] in read for n in range(len(path))))


def uses(expr: Expr) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Return the places whose values *expr* uses, and those of which it looks if they are there.

    >>> uses(And(Field("owner"), Chain(Field("owner"), Field("id"))))
    ((('owner', 'id'),), (('owner',),))
    """
    seen = _Seen({}, {})
    _trace_whole(expr, seen)
    return tuple(seen.read), tuple(seen.tested)


def reads(expr: Expr) -> tuple[Path, ...]:
    """Return the places that *expr* looks at, those in items continuing the path of their list.

    What it only looks if it is there is among them where it looks at nothing inside.

    >>> reads(Project(Field("lines"), Field("id"), where=Field("name")))
    (('lines', 'id'), ('lines', 'name'))
    """
    seen = _Seen({}, {}, in_items=True)
    _trace_whole(expr, seen)
    inside = {path[:n] for path in seen.read for n in range(len(path))}
    return tuple(dict.fromkeys((*seen.read, *(path for path in seen.tested if path not in inside))))


class _Seen(Struct, frozen=True):
    """The places that an expression looks at, and those of which it looks if they are there.

    ``in_items`` says that places in the items of a list are told apart.
    """

    read: dict[Path, None]
    tested: dict[Path, None]
    in_items: bool = False


def _trace_whole(expr: Expr, seen: _Seen) -> None:
    seen.read.update(dict.fromkeys(_trace(expr, ((),), seen)))


def _trace(expr: Expr, current: tuple[Path, ...], seen: _Seen) -> tuple[Path, ...]:
    """Return the places whose value *expr* may pass on, and add to *seen* those that it looks at.

    *current* are the places of the current value: none, if it is made of what was looked at.
    """
    read, tested = seen.read, seen.tested
    match expr:
        case Current():
            return current
        case Field(name):
            return tuple((*path, name) for path in current)
        case Chain(left, right):
            return _trace(right, _trace(left, current, seen), seen)
        case Or(left, right):
            either = _trace(left, current, seen)
            read.update(dict.fromkeys(either))
            return tuple(dict.fromkeys(either + _trace(right, current, seen)))
        case And(left, right):
            tested.update(dict.fromkeys(_trace(left, current, seen)))
            return _trace(right, current, seen)
        case Project(left, right, where) if seen.in_items:
            items = _trace(left, current, seen)
            if where is not None:
                tested.update(dict.fromkeys(_trace(where, items, seen)))
            return _trace(right, items, seen)
        case Flatten(of) if seen.in_items:
            return _trace(of, current, seen)
        case Index() | Slice() if seen.in_items:
            return current
        case Project(left) | ProjectValues(left):  # the rest sees nothing but the items
            read.update(dict.fromkeys(_trace(left, current, seen)))
        case Index() | Slice():
            read.update(dict.fromkeys(current))
        case Reference():  # sees nothing but the items of another argument
            pass
        case Not(inner) | Compare(_, inner, Literal(None)) | Compare(_, Literal(None), inner):
            tested.update(dict.fromkeys(_trace(inner, current, seen)))
        case Literal() | Compare() | Flatten() | Call() | MakeList() | MakeObject():
            if isinstance(expr, MakeList | MakeObject):  # they look whether there is an object
                tested.update(dict.fromkeys(path for path in current if path))
            for child in children(expr):
                read.update(dict.fromkeys(_trace(child, current, seen)))
        case _:
            assert_never(expr)
    return ()
