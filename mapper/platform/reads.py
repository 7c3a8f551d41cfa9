"""What the terms of a script read, and as what: zero and lists count otherwise than in rules."""

import re
from collections.abc import Collection, Iterator
from enum import StrEnum

from mapper.platform.statements import (
    Binary,
    Choice,
    Given,
    Join,
    Literal,
    Lookup,
    Not,
    Term,
    UnknownError,
)

__all__ = ["Use", "demand_untouched", "may_be_no_text", "uses"]

_NO_TEXTS = frozenset({"true", "false", "null", "undefined"})
_STRICT = ("===", "!==")


class Use(StrEnum):
    """How a term reads a member: as it is, as a text, or for whether it holds."""

    VALUE = "value"
    TEXT = "text"
    TRUTH = "truth"


def may_be_no_text(key: str) -> bool:
    """Whether a table's key may stand for a number or another value that is no text."""
    return _is_number(key) or key in _NO_TEXTS


def uses(term: Term | None, use: Use) -> Iterator[tuple[Given, Use]]:
    """Yield the members that a term reads, and as what; *use* is what the term itself is for.

    Raises:
        UnknownError: It compares in a way that has no counterpart.
    """
    match term:
        case Given():
            yield term, use
        case Lookup(_, key):
            yield from uses(key, Use.TEXT)
        case Join(parts):
            for each in parts:
                yield from uses(each, Use.TEXT)
        case Binary("&&" | "||", left, right):
            # Once where that says it all, since such terms are long.
            yield from uses(left, Use.TRUTH)
            yield from uses(left, use) if use is not Use.TRUTH else ()
            yield from uses(right, use)
        case Binary(operator, left, right):
            yield from uses(left, _compared(operator, right))
            yield from uses(right, _compared(operator, left))
        case Not(of):
            yield from uses(of, Use.TRUTH)
        case Choice(test, yes, no):
            yield from (*uses(test, Use.TRUTH), *uses(yes, use), *uses(no, use))
        case Literal() | None:
            pass


def _compared(operator: str, other: Term) -> Use:
    """Return how a member is read that is compared with another term.

    Raises:
        UnknownError: Texts and numbers are compared as the same.
    """
    match other:
        case Literal(str() as text) if operator in _STRICT or not _is_number(text):
            return Use.TEXT
        case Literal(None):
            return Use.VALUE
        case Literal() if operator in _STRICT:
            return Use.VALUE
        case Literal():
            raise UnknownError("it compares texts and numbers")
        case _:
            return Use.TRUTH


def _is_number(text: str) -> bool:
    """Whether a script takes a text for a number."""
    return re.fullmatch(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)?(?:[eE][+-]?\d+)?\s*", text) is not None


def demand_untouched(term: Term, found: Collection[str]) -> None:
    """Refuse to read what the script has set before.

    Raises:
        UnknownError: The term does.
    """
    for given, _ in uses(term, Use.VALUE):
        path = ".".join(given.steps)
        if given.root == "transformedObject" and any(
            f"{each}.".startswith(f"{path}.") or f"{path}.".startswith(f"{each}.") for each in found
        ):
            raise UnknownError("it reads what it has set")
