"""CEQL, the language of ``where`` and of bulk queries: text, tree, and items.

>>> print_where(parse_where("name LIKE 'O''Neil%' and (age >= 18 or `is member` IS NULL)"))
"name LIKE 'O''Neil%' AND (age >= 18 OR `is member` IS NULL)"
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeGuard, assert_never

import msgspec

__all__ = [
    "And",
    "CeqlError",
    "Comparison",
    "Or",
    "Select",
    "Where",
    "items_of",
    "parse_select",
    "parse_where",
    "print_where",
    "renamed",
    "where_of",
    "with_items",
]

_MAX_DEPTH = 50
_SIGNS = ("=", "!=", "<", ">", "<=", ">=")
_OPERATORS = (*_SIGNS, "LIKE", "IN", "IS NULL")
_KEYWORDS = {
    "and", "false", "from", "in", "is", "like", "limit", "not", "null", "or", "select", "true",
    "where",
}  # fmt: skip
_NAME = r"[^\W\d][\w.$\[\]*-]*"
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<text>'(?:[^']|'')*')
      | (?P<quoted>`(?:[^`]|``)+`)
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![\w.]))
      | (?P<name>{_NAME})
      | (?P<sign>!=|<=|>=|[=<>(),*])
      | (?P<end>$)
    )""",
    re.VERBOSE,
)

Scalar = str | int | float | bool


class CeqlError(ValueError):
    """A text that is no CEQL, or an item that is none of a ``where``."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message if position is None else f"{message}, at character {position + 1}")
        self.position = position


class Comparison(msgspec.Struct, frozen=True):
    """``attribute operator value``: the value of IN is a tuple, and that of IS NULL is None."""

    attribute: str
    operator: str
    value: Scalar | tuple[Scalar, ...] | None


class And(msgspec.Struct, frozen=True):
    """All of two or more parts."""

    parts: tuple["Where", ...]


class Or(msgspec.Struct, frozen=True):
    """One of two or more parts."""

    parts: tuple["Where", ...]


Where = Comparison | And | Or


class Select(NamedTuple):
    """``select attributes from name where … limit n``."""

    attributes: tuple[str, ...]
    """Empty for ``*``."""
    name: str
    where: Where | None
    limit: int | None


def parse_where(text: str) -> Where:
    """Return the tree of a ``where``, which does not begin with that word.

    Raises:
        CeqlError: The text is no CEQL; it says where.
    """
    parser = _Parser(text)
    where = parser.either(0)
    parser.expect_end()
    return where


def parse_select(text: str) -> Select:
    """Return the parts of a bulk query.

    Raises:
        CeqlError: The text is no CEQL; it says where.
    """
    return _Parser(text).select()


class _Token(NamedTuple):
    kind: str
    text: str
    position: int

    @property
    def word(self) -> str:
        """The keyword that a token is, if it is one."""
        lower = self.text.lower()
        return lower if self.kind == "name" and lower in _KEYWORDS else ""


class _Parser:
    """Reads tokens from left to right; each method reads one thing."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._next = self._read()

    def _read(self) -> _Token:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found.lastgroup is None:
            position = len(self._text) - len(self._text[self._at :].lstrip())
            character = self._text[position]
            closed = "is not closed" if character in "'`" else "begins nothing"
            raise CeqlError(f"{character} {closed}", position)
        self._at = found.end()
        kind = found.lastgroup
        return _Token(kind, found[kind], found.start(kind))

    def _take(self) -> _Token:
        token = self._next
        if token.kind != "end":
            self._next = self._read()
        return token

    def _takes(self, word: str) -> bool:
        """Take a keyword or a sign if it comes next; whether it did."""
        if word not in {self._next.word, self._next.text if self._next.kind == "sign" else ""}:
            return False
        self._take()
        return True

    def _expect(self, word: str) -> None:
        if not self._takes(word):
            raise self._error(f"expected {word.upper()}")

    def _error(self, message: str) -> CeqlError:
        found = self._next.text or "the end"
        return CeqlError(f"{message}, found {found}", self._next.position)

    def expect_end(self) -> None:
        if self._next.kind != "end":
            raise self._error("expected AND, OR or the end")

    def either(self, depth: int) -> Where:
        parts = [self._both(depth)]
        while self._takes("or"):
            parts.append(self._both(depth))
        return Or(tuple(parts)) if len(parts) > 1 else parts[0]

    def _both(self, depth: int) -> Where:
        parts = [self._part(depth)]
        while self._takes("and"):
            parts.append(self._part(depth))
        return And(tuple(parts)) if len(parts) > 1 else parts[0]

    def _part(self, depth: int) -> Where:
        position = self._next.position
        if not self._takes("("):
            return self._comparison()
        if depth == _MAX_DEPTH:
            raise CeqlError(f"more than {_MAX_DEPTH} parentheses in one another", position)
        where = self.either(depth + 1)
        self._expect(")")
        return where

    def _comparison(self) -> Comparison:
        attribute = self._attribute()
        if self._takes("is"):
            self._expect("null")
            return Comparison(attribute, "IS NULL", None)
        if self._takes("in"):
            self._expect("(")
            values = [self._value()]
            while self._takes(","):
                values.append(self._value())
            self._expect(")")
            return Comparison(attribute, "IN", tuple(values))
        if self._takes("like"):
            return Comparison(attribute, "LIKE", self._value())
        if self._next.kind == "sign" and self._next.text in _SIGNS:
            return Comparison(attribute, self._take().text, self._value())
        raise self._error(f"expected {', '.join(_OPERATORS)}")

    def _attribute(self) -> str:
        if self._next.kind == "quoted":
            return self._take().text[1:-1].replace("``", "`")
        if self._next.kind == "name" and not self._next.word:
            return self._take().text
        raise self._error("expected a name")

    def _value(self) -> Scalar:
        if self._next.word in {"true", "false"}:
            return self._take().word == "true"
        if self._next.kind == "text":
            return self._take().text[1:-1].replace("''", "'")
        if self._next.kind == "number":
            token = self._take()
            return _number_of(token)
        raise self._error("expected a value: text in single quotes, a number, TRUE or FALSE")

    def select(self) -> Select:
        self._expect("select")
        attributes: list[str] = []
        if not self._takes("*"):
            attributes.append(self._attribute())
            while self._takes(","):
                attributes.append(self._attribute())
        self._expect("from")
        name = self._attribute()
        where = self.either(0) if self._takes("where") else None
        limit = self._limit() if self._takes("limit") else None
        if self._next.kind != "end":
            raise self._error("expected the end")
        return Select(tuple(attributes), name, where, limit)

    def _limit(self) -> int:
        if self._next.kind == "number" and re.fullmatch("[0-9]{1,9}", self._next.text):
            return int(self._take().text)
        raise self._error("expected a whole number")


def _number_of(token: _Token) -> int | float:
    try:
        number = int(token.text) if token.text.lstrip("-").isdigit() else float(token.text)
        if math.isfinite(number):
            return number
    except (ValueError, OverflowError):
        pass
    raise CeqlError("a number is too large", token.position)


def print_where(where: Where) -> str:
    """Return the text of a tree, which parses to the same tree."""
    match where:
        case And():
            return " AND ".join(_print_part(part) for part in where.parts)
        case Or():
            return " OR ".join(_print_part(part) for part in where.parts)
        case Comparison(operator="IS NULL"):
            return f"{_print_name(where.attribute)} IS NULL"
        case Comparison():
            return f"{_print_name(where.attribute)} {where.operator} {_print_value(where.value)}"
        case _:
            assert_never(where)


def _print_part(part: Where) -> str:
    return print_where(part) if isinstance(part, Comparison) else f"({print_where(part)})"


def _print_name(name: str) -> str:
    if re.fullmatch(_NAME, name) and name.lower() not in _KEYWORDS:
        return name
    return "`{}`".format(name.replace("`", "``"))


def _print_value(value: Scalar | tuple[Scalar, ...] | None) -> str:
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return repr(value)
        case str():
            return "'{}'".format(value.replace("'", "''"))
        case tuple():
            return f"({', '.join(map(_print_value, value))})"
        case None:
            return "NULL"
        case _:
            assert_never(value)


def items_of(where: Where) -> list[dict[str, Any]]:
    """Return the comparisons of a tree as scripts get them, from left to right."""
    if isinstance(where, And | Or):
        return [item for part in where.parts for item in items_of(part)]
    value = list(where.value) if isinstance(where.value, tuple) else where.value
    return [{"attribute": where.attribute, "operator": where.operator, "value": value}]


def where_of(items: Sequence[Any]) -> Where | None:
    """Return the tree of items all of which must hold; None if there are no items.

    Raises:
        CeqlError: One of them is no item.
    """
    parts = tuple(_comparison_of(item, number) for number, item in enumerate(items))
    return And(parts) if len(parts) > 1 else next(iter(parts), None)


def _comparison_of(item: Any, number: int) -> Comparison:
    match item:
        case {"attribute": str(attribute), "operator": str(operator), **rest} if attribute:
            value = rest.get("value")
        case _:
            raise CeqlError(f"item {number + 1} needs an attribute and an operator")
    operator = " ".join(operator.upper().split())
    match operator, value:
        case "IS NULL", _:
            return Comparison(attribute, operator, None)
        case "IN", list(values) if values and all(map(_is_scalar, values)):
            return Comparison(attribute, operator, tuple(values))
        case known, scalar if known in _OPERATORS and known != "IN" and _is_scalar(scalar):
            return Comparison(attribute, operator, scalar)
        case _:
            raise CeqlError(f"item {number + 1}: {operator} does not go with such a value")


def _is_scalar(value: Any) -> TypeGuard[Scalar]:
    return isinstance(value, str | bool | int) or (
        isinstance(value, float) and math.isfinite(value)
    )


def with_items(where: Where, items: Sequence[Any]) -> Where | None:
    """Return a tree with other items; None if there are none.

    As many as it has take their places; otherwise all of them must hold.

    Raises:
        CeqlError: One of them is no item.
    """
    changed = where_of(items)
    if changed is None or len(items) != len(items_of(where)):
        return changed
    comparisons = iter(changed.parts if isinstance(changed, And) else (changed,))
    return _each_comparison(where, lambda _: next(comparisons))


def renamed(where: Where, name: Callable[[str], str]) -> Where:
    """Return a tree with other names for its attributes."""
    return _each_comparison(
        where, lambda each: Comparison(name(each.attribute), each.operator, each.value)
    )


def _each_comparison(where: Where, change: Callable[[Comparison], Where]) -> Where:
    match where:
        case Comparison():
            return change(where)
        case And():
            return And(tuple(_each_comparison(part, change) for part in where.parts))
        case Or():
            return Or(tuple(_each_comparison(part, change) for part in where.parts))
        case _:
            assert_never(where)
