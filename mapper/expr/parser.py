"""Tokens to a tree: a Pratt parser.

Operators have powers, and an operand ends before the first operator that binds less tightly than
the one before it: ``a || b.c`` is ``a || (b.c)``, since the dot binds more tightly than ``||``.
"""

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import Any, TypeVar, cast

from mapper.expr.tokens import SPACE, ExpressionError, Token, is_unicode, tokenize
from mapper.expr.tree import (
    And,
    Call,
    Chain,
    Compare,
    Current,
    Expr,
    Field,
    Flatten,
    Index,
    Literal,
    MakeList,
    MakeObject,
    Not,
    Or,
    Project,
    ProjectValues,
    Reference,
    Signature,
    Slice,
    Spanned,
    children,
    walk,
)

MAX_LENGTH = 10_000
"""The longest expression, in characters."""

MAX_DEPTH = 120
"""The deepest expression, in levels of its text and of its tree with its literals."""

MAX_GROWTH = 10_000
"""How many times its size a value may become by lists and objects that hold it more than once."""

_TOO_DEEP = f"deeper than {MAX_DEPTH} levels"

T = TypeVar("T")

_POWERS = {
    "pipe": 1, "or": 2, "and": 3,
    "eq": 5, "ne": 5, "lt": 5, "lte": 5, "gt": 5, "gte": 5,
    "flatten": 9, "filter": 21, "dot": 40, "lbracket": 55,
}  # fmt: skip
"""How tightly each operator binds; any other token ends an operand."""

_NOT = 8
_PROJECTION = 20
"""What follows a projection and binds more tightly than this is applied to each item."""


def parse(text: str, functions: Mapping[str, Signature]) -> Expr:
    """Return the tree of an expression that may call *functions*.

    Raises:
        ExpressionError: *text* is not JMESPath, is too long, too deep or repeats values too often,
            or calls a function that is not there, with the wrong number of arguments, or with
            ``&`` in the wrong place.
    """
    check_text(text)
    tree = _Parser(text, functions).parse()
    _check_depth(tree)
    if _growth(tree) > MAX_GROWTH:
        raise ExpressionError("repeats values too often", tree.start, tree.end)
    for node in walk(tree):
        if isinstance(node, Call):
            _check_call(node, functions)
    return tree


def check_text(text: str) -> None:
    """Check what can be said of an expression before it is parsed.

    Raises:
        ExpressionError: *text* is too long, is empty, or has half of a surrogate pair.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH, len(text))
    if not text.strip(SPACE):
        raise ExpressionError("an expression cannot be empty", 0, len(text))
    if not is_unicode(text):
        raise ExpressionError("half of a surrogate pair", 0, len(text))


def _check_depth(tree: Expr) -> None:
    level: list[Any] = [tree]
    for _ in range(MAX_DEPTH):
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return
    raise ExpressionError(_TOO_DEEP, tree.start, tree.end)


def _parts(whole: Any) -> Iterable[Any]:
    match whole:
        case Literal(value):
            return _parts(value)
        case Spanned():
            return children(cast("Expr", whole))
        case dict():
            return whole.values()
        case list():
            return whole
        case _:
            return ()


def _growth(tree: Expr) -> int:
    """Return how many copies of a value the expression can hold, itself or on its way."""
    below = map(_growth, children(tree))
    match tree:
        case Chain() | ProjectValues():
            return prod(below)
        case Project(left, right, where):
            return _growth(left) * max(_growth(right), 1 if where is None else _growth(where))
        case Call(_, arguments) if any(isinstance(argument, Reference) for argument in arguments):
            return prod(below)
        case MakeList() | MakeObject() | Call():
            return max(sum(below), 1)
        case _:
            return max(below, default=1)


def _check_call(call: Call, functions: Mapping[str, Signature]) -> None:
    signature = call.function
    if signature is None:
        from difflib import get_close_matches  # noqa: PLC0415 - slow to import, for mistakes only

        message = f"unknown function {call.name}()"
        for near in get_close_matches(call.name, functions, 1):
            message += f"; did you mean {near}()?"
        end = call.start + len(call.name)
        raise ExpressionError(message, call.start, end, "unknown-function")
    least, most = signature.arity
    given = len(call.arguments)
    if given < least or (most is not None and given > most):
        wanted = f"{least} or more" if most is None else f"{least}"
        noun = "argument" if wanted == "1" else "arguments"
        message = f"{call.name}() takes {wanted} {noun}, not {given}"
        raise ExpressionError(message, call.start, call.end, "invalid-arity")
    for position, argument in enumerate(call.arguments):
        wants = signature.takes_reference(position)
        if wants != isinstance(argument, Reference):
            what = "an &expression" if wants else "no &expression"
            message = f"{call.name}() takes {what} here"
            raise ExpressionError(message, argument.start, argument.end, "invalid-type")


class _Parser:
    """Takes one token after the other; the last is always ``eof``."""

    def __init__(self, text: str, functions: Mapping[str, Signature]) -> None:
        self._text = text
        self._functions = functions
        self._tokens = tokenize(text)
        self._position = 0
        self._depth = 0

    def parse(self) -> Expr:
        tree = self._expression()
        self._take("eof")
        return tree

    @property
    def _token(self) -> Token:
        """The next token."""
        return self._tokens[self._position]

    @property
    def _end(self) -> int:
        """Where the last token taken ends."""
        return self._tokens[self._position - 1].end

    def _take(self, *kinds: str) -> Token:
        """Take the next token, which must be of one of these kinds."""
        token = self._token
        if token.kind not in kinds:
            raise self._unexpected()
        self._position += 1
        return token

    def _skip(self, kind: str) -> bool:
        """Take the next token if it is of this kind; whether it was."""
        found = self._token.kind == kind
        self._position += found
        return found

    def _unexpected(self) -> ExpressionError:
        start, end = self._token.start, self._token.end
        match self._token.kind:
            case "eof":
                message = "the expression is not complete"
            case "expref":
                message = "& is for arguments of functions"
            case _:
                message = f"unexpected {self._text[start:end]}"
        return ExpressionError(message, start, end)

    def _expression(self, power: int = 0, operand: Callable[[], Expr] | None = None) -> Expr:
        """Take an operand, and the operators after it that bind more tightly than *power*."""
        start = self._token.start
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(_TOO_DEEP, start, len(self._text))
        tree = (operand or self._operand)()
        while _POWERS.get(self._token.kind, 0) > power:
            tree = self._operation(tree, start)
        self._depth -= 1
        return tree

    def _operand(self) -> Expr:
        kind, start = self._token.kind, self._token.start
        match kind:
            case "unquoted_identifier" | "quoted_identifier":
                name = self._take(kind).value
                if kind == "unquoted_identifier" and self._skip("lparen"):
                    function = self._functions.get(name)
                    return Call(name, self._arguments(), function, start=start, end=self._end)
                return Field(name, start=start, end=self._end)
            case "literal":
                return Literal(self._take(kind).value, start=start, end=self._end)
            case "current":
                self._take(kind)
                return Current(start=start, end=self._end)
            case "not":
                self._take(kind)
                return Not(self._expression(_NOT), start=start, end=self._end)
            case "lparen":
                self._take(kind)
                tree = self._expression()
                self._take("rparen")
                return tree
            case "star":
                return self._values_of(Current(start=start, end=start), start)
            case "flatten" | "filter":
                return self._operation(Current(start=start, end=start), start)
            case "lbracket" if self._at_step():
                return self._operation(Current(start=start, end=start), start)
            case "lbracket" | "lbrace":
                return self._make()
            case _:
                raise self._unexpected()

    def _operation(self, left: Expr, start: int) -> Expr:
        token = self._take(*_POWERS)
        power = _POWERS[token.kind]
        match token.kind:
            case "dot" if self._token.kind == "star":
                return self._values_of(left, start)
            case "dot":
                right = self._expression(power, self._dotted())
                return Chain(left, right, start=start, end=self._end)
            case "pipe":
                return Chain(left, self._expression(power), start=start, end=self._end)
            case "or":
                return Or(left, self._expression(power), start=start, end=self._end)
            case "and":
                return And(left, self._expression(power), start=start, end=self._end)
            case "flatten":
                return self._project(Flatten(left, start=start, end=self._end), start)
            case "filter":
                where = self._expression()
                self._take("rbracket")
                return self._project(left, start, where)
            case "lbracket":
                return self._step(left, start, token.start)
            case _:
                right = self._expression(power)
                return Compare(token.value, left, right, start=start, end=self._end)

    def _project(self, left: Expr, start: int, where: Expr | None = None) -> Project:
        return Project(left, self._projected(), where, start=start, end=self._end)

    def _values_of(self, left: Expr, start: int) -> ProjectValues:
        self._take("star")
        return ProjectValues(left, self._projected(), start=start, end=self._end)

    def _projected(self) -> Expr:
        """Take what is applied to each item."""
        if _POWERS.get(self._token.kind, 0) <= _PROJECTION:
            return Current(start=self._end, end=self._end)
        if self._skip("dot"):
            return self._expression(_PROJECTION, self._dotted())
        if self._token.kind == "lbracket" and not self._at_step():
            raise self._unexpected()
        return self._expression(_PROJECTION)

    def _dotted(self) -> Callable[[], Expr]:
        """Return what takes the operand after a dot, where ``[*]`` is a list of all values."""
        match self._token.kind:
            case "lbracket" | "lbrace":
                return self._make
            case "unquoted_identifier" | "quoted_identifier" | "star":
                return self._operand
            case _:
                raise self._unexpected()

    def _at_step(self) -> bool:
        """Whether the bracket here opens an index, a slice or ``[*]``, and no list."""
        kinds = [token.kind for token in self._tokens[self._position + 1 : self._position + 3]]
        return kinds[0] in ("number", "colon") or kinds == ["star", "rbracket"]

    def _step(self, left: Expr, start: int, bracket: int) -> Expr:
        """Take ``*]``, ``index]`` or ``first:stop:step]`` after *left* and a bracket."""
        if self._skip("star"):
            self._take("rbracket")
            return self._project(left, start)
        first = self._number()
        if first is not None and self._skip("rbracket"):
            item = Index(first, start=bracket, end=self._end)
            return Chain(left, item, start=start, end=self._end)
        self._take("colon")
        stop = self._number()
        step = self._number() if self._skip("colon") else None
        self._take("rbracket")
        if step == 0:
            message = "the step of a slice cannot be 0"
            raise ExpressionError(message, bracket, self._end, "invalid-value")
        part = Slice(first, stop, step, start=bracket, end=self._end)
        return self._project(Chain(left, part, start=start, end=self._end), start)

    def _number(self) -> int | None:
        if self._token.kind != "number":
            return None
        number: int = self._take("number").value
        return number

    def _make(self) -> Expr:
        opening = self._take("lbracket", "lbrace")
        if opening.kind == "lbracket":
            items = self._series(self._expression, "rbracket")
            return MakeList(items, start=opening.start, end=self._end)
        members = self._series(self._member, "rbrace")
        return MakeObject(members, start=opening.start, end=self._end)

    def _member(self) -> tuple[str, Expr]:
        name = self._take("unquoted_identifier", "quoted_identifier").value
        self._take("colon")
        return name, self._expression()

    def _arguments(self) -> tuple[Expr, ...]:
        return () if self._skip("rparen") else self._series(self._argument, "rparen")

    def _argument(self) -> Expr:
        start = self._token.start
        if self._skip("expref"):
            return Reference(self._expression(), start=start, end=self._end)
        return self._expression()

    def _series(self, take: Callable[[], T], closing: str) -> tuple[T, ...]:
        """Take one or more of something, with commas between, and the closing bracket."""
        found = [take()]
        while self._take("comma", closing).kind == "comma":
            found.append(take())
        return tuple(found)
