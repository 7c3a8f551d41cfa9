"""The statements of small scripts: assignments, tables, conditions, and ``done``.

This reads what hand-written scripts on the platform mostly are made of. Whatever else stands in a
script ends reading: then nothing is known of it.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

from msgspec import Struct

__all__ = [
    "Assignment", "Binary", "Branch", "Choice", "Declared", "Finish", "Given", "Join", "Literal",
    "Lookup", "Not", "Statement", "Term", "UnknownError", "read_script",
]  # fmt: skip

MAX_SCRIPT = 20_000
MAX_DEPTH = 20
MAX_CHAIN = 50
"""How many operators of one kind may stand one after the other."""


class UnknownError(ValueError):
    """Something stands in a script of which this knows nothing."""


class Given(NamedTuple):
    """A member of one of the objects that a script is given, or the object itself."""

    root: str
    steps: tuple[str, ...]


class Literal(NamedTuple):
    value: Any


class Lookup(NamedTuple):
    """An entry of a table, by the value of a term."""

    table: str
    key: "Term"


class Join(NamedTuple):
    """Texts, one after the other."""

    parts: "tuple[Term, ...]"


class Binary(NamedTuple):
    """``left || right``, ``left && right``, or a comparison."""

    operator: str
    left: "Term"
    right: "Term"


class Not(NamedTuple):
    of: "Term"


class Choice(NamedTuple):
    """``test ? yes : no``."""

    test: "Term"
    yes: "Term"
    no: "Term"


Term = Given | Literal | Lookup | Join | Binary | Not | Choice


class Declared(Struct, frozen=True):
    """A constant table."""

    name: str
    entries: dict[str, Any]


class Assignment(Struct, frozen=True):
    target: Given
    value: Term


class Branch(Struct, frozen=True):
    test: Term
    yes: "tuple[Statement, ...]"
    no: "tuple[Statement, ...]"


class Finish(Struct, frozen=True):
    """``done(value)``, or ``return value`` or ``return done(value)``, which also end the script."""

    value: Term
    ends: bool


Statement = Declared | Assignment | Branch | Finish

_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/
    |(?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    |(?P<template>`(?:[^`\\]|\\.)*`)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<mark>===|!==|==|!=|&&|\|\||[-{}()\[\].,;:?!=+])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_WORDS = {"true": True, "false": False, "null": None}
_OWN_NAMES = frozenset({"originalObject", "transformedObject", "fromVendor", "done"})
_OF_ALL = frozenset({"length", "constructor", "prototype", "__proto__"})
"""Members that objects have of which nothing tells that they do."""
_COMPARISONS = ("===", "!==", "==", "!=")


def read_script(text: str) -> tuple[Statement, ...]:
    """Return the statements of a script.

    Raises:
        UnknownError: Something else stands in it.
    """
    if len(text) > MAX_SCRIPT:
        raise UnknownError("it is long")
    return _Parser(list(_tokens(text))).script()


class _Token(NamedTuple):
    kind: str
    text: str


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise UnknownError(f"{text[at]!r} stands in it")
        if found.lastgroup is not None:
            yield _Token(found.lastgroup, found[0])
        at = found.end()


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def script(self) -> tuple[Statement, ...]:
        if self._next.kind == "text" and self._next.text[1:-1] == "use strict":
            self._at += 1
            self._take(";")
        return tuple(self._block(""))

    # Tokens

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _Token("end", "")

    def _take(self, *texts: str) -> str | None:
        """Return the next token if it is one of *texts*, and go on behind it."""
        if self._next.text in texts and self._next.kind in ("mark", "name"):
            self._at += 1
            return self._tokens[self._at - 1].text
        return None

    def _demand(self, text: str) -> None:
        if not self._take(text):
            raise UnknownError(f"{text} does not stand where it should")

    def _name(self) -> str:
        token = self._next
        if token.kind != "name":
            raise UnknownError(f"{token.text} is no name")
        self._at += 1
        return token.text

    # Statements

    def _block(self, end: str) -> Iterator[Statement]:
        while self._next.kind != "end" and self._next.text != end:
            if not self._take(";"):
                yield self._statement()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnknownError("it is nested deeply")

    def _statement(self) -> Statement:
        self._deeper()
        statement = self._undivided()
        self._depth -= 1
        return statement

    def _undivided(self) -> Statement:
        if self._take("const", "let", "var"):
            return self._declaration()
        if self._take("if"):
            return self._branch()
        if self._take("return"):
            # What done gives back counts for nothing.
            is_call = self._take("done")
            return self._finish(ends=True) if is_call else Finish(self._term(), ends=True)
        if self._take("done"):
            return self._finish(ends=False)
        target = self._operand()
        if not isinstance(target, Given):
            raise UnknownError("it does something else than to assign")
        self._demand("=")
        return Assignment(target, self._term())

    def _finish(self, *, ends: bool) -> Finish:
        self._demand("(")
        value = self._term()
        self._demand(")")
        return Finish(value, ends)

    def _declaration(self) -> Declared:
        name = self._name()
        if name in _OWN_NAMES:
            raise UnknownError(f"it declares {name}")
        self._demand("=")
        self._demand("{")
        entries: dict[str, Any] = {}
        while not self._take("}"):
            token = self._next
            self._at += 1
            if token.kind not in ("text", "name", "number"):
                raise UnknownError("a table has odd names")
            self._demand(":")
            value = self._operand()
            if not isinstance(value, Literal):
                raise UnknownError("a table has more than values")
            entries[_text(token.text) if token.kind == "text" else token.text] = value.value
            if not self._take(",") and self._next.text != "}":
                raise UnknownError("a table does not end")
        return Declared(name, entries)

    def _branch(self) -> Branch:
        self._demand("(")
        test = self._term()
        self._demand(")")
        yes = self._body()
        no: tuple[Statement, ...] = ()
        if self._take("else"):
            no = (self._statement(),) if self._next.text == "if" else self._body()
        return Branch(test, yes, no)

    def _body(self) -> tuple[Statement, ...]:
        if not self._take("{"):
            only = self._statement()
            self._take(";")
            return (only,)
        inner = tuple(self._block("}"))
        self._demand("}")
        return inner

    # Terms

    def _term(self) -> Term:
        self._deeper()
        test = self._binary(0)
        if self._take("?"):
            yes = self._term()
            self._demand(":")
            test = Choice(test, yes, self._term())
        self._depth -= 1
        return test

    _LEVELS = (("||",), ("&&",), _COMPARISONS, ("+",))

    def _binary(self, level: int) -> Term:
        if level == len(self._LEVELS):
            return self._operand()
        left = self._binary(level + 1)
        for length in count(1):
            operator = self._take(*self._LEVELS[level])
            if operator is None:
                break
            if length > MAX_CHAIN:
                raise UnknownError("a term is long")
            right = self._binary(level + 1)
            if operator == "+":
                left = Join((*(left.parts if isinstance(left, Join) else (left,)), right))
            else:
                left = Binary(operator, left, right)
        return left

    def _operand(self) -> Term:
        if self._take("!"):
            self._deeper()
            negated = Not(self._operand())
            self._depth -= 1
            return negated
        if self._take("("):
            inner = self._term()
            self._demand(")")
            return inner
        token = self._next
        self._at += 1
        match token.kind:
            case "text":
                return Literal(_text(token.text))
            case "template":
                return _template(token.text)
            case "number":
                return Literal(float(token.text) if "." in token.text else int(token.text))
            case "name" if token.text in _WORDS:
                return Literal(_WORDS[token.text])
            case "name":
                return self._members(token.text)
            case _:
                raise UnknownError(f"{token.text or 'its end'} stands in the way")

    def _members(self, root: str) -> Term:
        steps: list[str] = []
        while True:
            if self._take("."):
                steps.append(_step(self._name(), steps))
            elif self._take("["):
                key = self._term()
                self._demand("]")
                if isinstance(key, Literal) and isinstance(key.value, str):
                    steps.append(_step(key.value, steps))
                    continue
                if steps:
                    raise UnknownError("a member has a computed name")
                return Lookup(root, key)
            else:
                return Given(root, tuple(steps))


def _step(name: str, before: Sequence[str]) -> str:
    """Return the name of a member, if it is none that every text or list has, and no path."""
    if (before and name in _OF_ALL) or not name or set(name) & set(".[]"):
        raise UnknownError(f"{name!r} may be more than a member")
    return name


def _text(quoted: str) -> str:
    if "\\" in quoted:
        raise UnknownError("a text has escapes")
    return quoted[1:-1]


def _template(quoted: str) -> Term:
    """Return what a template with nothing but members in it stands for."""
    parts: list[Term] = []
    for piece in re.split(r"(\$\{[^{}]*\})", _text(quoted)):
        if piece.startswith("${"):
            root, *steps = piece[2:-1].strip().split(".")
            if not all(re.fullmatch(r"[A-Za-z_$][\w$]*", each) for each in (root, *steps)):
                raise UnknownError("a template has more than members")
            parts.append(
                Given(root, tuple(_step(each, steps[:at]) for at, each in enumerate(steps)))
            )
        elif piece:
            parts.append(Literal(piece))
    return Join(tuple(parts))
