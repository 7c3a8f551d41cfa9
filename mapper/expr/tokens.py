"""JMESPath text as tokens, by jmespath's lexer. This is the only home of jmespath."""

import json
from math import isinf
from typing import Any, Literal as OneOf

from jmespath.exceptions import LexerError
from jmespath.lexer import Lexer
from msgspec import Struct

Kind = OneOf["syntax", "unknown-function", "invalid-arity", "invalid-type", "invalid-value"]
"""The kinds of errors, as JMESPath names them."""

SPACE = " \t\n\r"
"""What may stand between tokens."""

_NOT_JSON = "not JSON between the backquotes; text stands in single quotes"
_TOO_LARGE = "a number here is too large: about 1.8e308 is the greatest that engines hold"


class PlacedError(Exception):
    """Something is wrong with an expression: why, in one line, and where in its text.

    Attributes:
        message: One terse line without a final period.
        start: Where it begins, in characters of the text.
        end: Where it has ended.
        kind: The kind of error, as JMESPath names it.
    """

    def __init__(self, message: str, start: int, end: int, kind: Kind = "syntax") -> None:
        super().__init__(message, start, end, kind)
        self.message = message
        self.start = start
        self.end = end
        self.kind = kind

    def __str__(self) -> str:
        return f"{self.message} (at character {self.start + 1})"


class ExpressionError(PlacedError):
    """A text is no expression."""


class Token(Struct, frozen=True, gc=False):
    """A token: its kind and value as jmespath has them, and where it stands."""

    kind: str
    value: Any
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Return jmespath's tokens, the last of kind ``eof``, with true ends and only JSON in literals.

    Raises:
        ExpressionError: *text* is not made of tokens.
    """
    raw: list[Any] = []
    try:
        raw.extend(Lexer().tokenize(text))  # in CPython, keeps what comes before an error
    except LexerError as error:
        raise _lexical_error(text, error) from None
    except (ValueError, RecursionError, PendingDeprecationWarning):
        # A huge number; a deep literal; a literal such as `foo` where warnings are errors.
        start = raw[-1]["start"] if raw else 0
        message = "a number or literal from here on is too long, too deep, or no JSON"
        raise ExpressionError(message, start, len(text)) from None
    tokens = []
    for token, following in zip(raw, [*raw[1:], raw[-1]], strict=True):
        kind, value, start = token["type"], token["value"], token["start"]
        end = start + len(text[start : following["start"]].rstrip(SPACE))
        if text[start:end].startswith("`"):
            value = _literal(text, start, end)
        elif kind == "quoted_identifier" and not is_unicode(value):
            raise ExpressionError("a name has half of a surrogate pair", start, end)
        tokens.append(Token(kind, value, start, end))
    return tokens


def _lexical_error(text: str, error: LexerError) -> ExpressionError:
    start = error.lexer_position
    match text[start]:
        case "'" | "`" | '"' as quote if error.message.startswith("Unclosed"):
            return ExpressionError(f"{quote} is never closed", start, len(text))
        case '"':
            return ExpressionError("not a JSON string between the double quotes", start, len(text))
        case "`":
            return ExpressionError(_NOT_JSON, start, len(text))
        case "=":
            return ExpressionError("unexpected =; equality is ==", start, start + 1)
        case character:
            return ExpressionError(f"unexpected character {character!r}", start, start + 1)


def _literal(text: str, start: int, end: int) -> Any:
    try:
        written = text[start + 1 : end - 1].replace("\\`", "`")
        value = json.loads(written, parse_int=_held, parse_float=_held)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise ExpressionError(_NOT_JSON, start, end) from None
    except OverflowError:
        raise ExpressionError(_TOO_LARGE, start, end) from None
    return value


def _held(number: str) -> float:
    """Return the JSON *number*; raises OverflowError if no double is as large."""
    value = float(number)
    if isinf(value):
        raise OverflowError
    return int(number) if number.removeprefix("-").isdigit() else value


def is_unicode(text: str) -> bool:
    """Whether *text* is free of lone surrogates, which no UTF-8 can hold."""
    return text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)
