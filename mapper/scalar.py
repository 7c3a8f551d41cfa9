"""Scalars of YAML: what they mean, and where each of their characters is written."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from math import inf
from typing import Any

from msgspec import Struct

from mapper.decimals import MAX_DIGITS, is_json_number, plain_decimal
from mapper.diagnostics import Span, cut
from mapper.formats import MAX_INTEGER


class Scalar(Struct, frozen=True, gc=False):
    """A single value.

    Attributes:
        value: What it means: a text, number, boolean or None; of a key always the text.
        text: Its characters, unescaped and unfolded.
        span: Where it stands, quotes and block indicators included.
        style: How it is written: ``'`` ``"`` ``|`` ``>``, or nothing.
        margin: The column of the block that it stands in (-1: none), from which an explicit
            indentation indicator counts.
    """

    value: Any
    text: str
    span: Span
    style: str = ""
    margin: int = -1

    @property
    def plain(self) -> bool:
        """Whether it is written without quotes and block indicators."""
        return not self.style

    def place(self, start: int, end: int) -> Span:
        """Return where the characters [start, end) of :attr:`text` stand in the file.

        A character that an escape, a doubled quote or a folded line break stands for has the place
        of what is written.
        """
        source, places = self.span.source, _places(self)
        if start < min(end, len(places)):
            return Span(source, places[start][0], places[min(end, len(places)) - 1][1])
        if start < len(places):
            at = places[start][0]
        elif places:
            at = places[-1][1]
        else:
            at = min(self.span.start + len(self.style), self.span.end)
        return Span(source, at, at)


# Places of characters ---------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _places(scalar: Scalar) -> list[tuple[int, int]]:
    """Return where each character of the text of *scalar* stands."""
    scan = _scan_block if scalar.style in _BLOCK else _scan_flow
    written = list(islice(scan(scalar), len(scalar.text)))
    if "".join(character for character, _, _ in written) != scalar.text:
        return [(scalar.span.start, scalar.span.end)] * len(scalar.text)  # a tag before the value
    return [(start, end) for _, start, end in written]


_BLOCK = ("|", ">")
_BREAK = r"(?:\r\n|[\n\r])"
_BREAKS = rf"{_BREAK}(?:[ \t]*+{_BREAK})*+[ \t]*+"
_FOLD = rf"(?P<fold>[ \t]*+{_BREAKS})"
_FLOW = {
    "": rf"{_FOLD}|[ \t]+|[^ \t]",
    "'": rf"(?P<quote>'')|{_FOLD}|[ \t]+|[^ \t]",
    '"': (
        rf"(?P<join>\\{_BREAKS})|(?P<code>\\(?:x..|u.{{4}}|U.{{8}}))|(?P<escape>\\.)|{_FOLD}"
        rf"|[ \t]+|[^ \t]"
    ),
}
_LINE = rf"(?P<text>[^\n\r]*)(?P<end>{_BREAK}|\Z)"
_ESCAPES = dict(
    zip(
        '0abt\tnvfre "/\\N_LP',
        '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029',
        strict=True,
    )
)

Written = tuple[str, int, int]
"""A character of a scalar's text, and the file offsets of what is written for it."""


def _scan_flow(scalar: Scalar) -> Iterator[Written]:
    """Yield the characters of a plain or quoted scalar."""
    text, quote = scalar.span.source.text, len(scalar.style)
    start, end = scalar.span.start + quote, scalar.span.end - quote
    for token in re.compile(_FLOW[scalar.style]).finditer(text, start, end):
        match token.lastgroup:
            case "fold" | "join":
                yield from _folded(_breaks(token), escaped=token.lastgroup == "join")
            case "quote":
                yield ("'", *token.span())
            case "code":
                yield (_decoded(token.group()[2:]), *token.span())
            case "escape":
                yield (_ESCAPES.get(token.group()[1], ""), *token.span())
            case _:
                yield from _verbatim(token.group(), token.start())


def _scan_block(scalar: Scalar) -> Iterator[Written]:
    """Yield the characters of a literal or folded scalar, as if all its last breaks were kept."""
    text, end = scalar.span.source.text, scalar.span.end
    header, *lines = re.compile(_LINE).finditer(text, scalar.span.start, end)
    indent = _indent(header.group("text"), lines, scalar.margin)
    breaks: list[Written] = []
    previous = ""
    for line in lines:
        start = line.start() + min(indent, _blanks(line))
        content = text[start : line.end("text")]
        if content:
            joins = scalar.style == ">" and previous and not {previous[0], content[0]} & {" ", "\t"}
            yield from _folded(breaks) if joins else breaks
            yield from _verbatim(content, start)
            breaks, previous = [], content
        if line.group("end"):
            breaks.append(("\n", *line.span("end")))
    yield from breaks


def _indent(header: str, lines: list[re.Match[str]], margin: int) -> int:
    """Return how many leading blanks the lines of a block scalar lose."""
    explicit = re.match(r"[|>][+-]?([1-9])", header)
    if explicit:
        return max(margin, 0) + int(explicit.group(1))
    indent = max(margin + 1, 1)
    for line in lines:
        indent = max(indent, _blanks(line))
        if line.group("text").strip(" "):
            break
    return indent


def _blanks(line: re.Match[str]) -> int:
    return len(line.group("text")) - len(line.group("text").lstrip(" "))


def _folded(breaks: list[Written], *, escaped: bool = False) -> list[Written]:
    """Return what line breaks between two lines come to: a blank, or all but the first."""
    first, *others = breaks
    return others if escaped or others else [(" ", *first[1:])]


def _breaks(token: re.Match[str]) -> list[Written]:
    found = re.compile(_BREAK).finditer(token.string, token.start(), token.end())
    return [("\n", *each.span()) for each in found]


def _decoded(digits: str) -> str:
    return chr(int(digits, base=16))


def _verbatim(text: str, start: int) -> Iterator[Written]:
    for at, character in enumerate(text, start):
        yield character, at, at + 1


# The meaning of plain scalars -------------------------------------------------------------------

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_OLD_WORDS = frozenset(
    word
    for lower in ("yes", "no", "on", "off")
    for word in (lower, lower.capitalize(), lower.upper())
)
_NUMERIC = frozenset("-+.0123456789")
"""What a number can begin with."""
_NUMERALS = frozenset("-+.:_0123456789abcdefABCDEFxoinIN")
"""What a number can be made of."""
_NUMBER = (  # anything that YAML 1.1 or 1.2 reads as a number
    r"[-+]?(?:0b[01_]+|0o[0-7]+|0x[0-9a-fA-F_]+|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF)"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?)|\.(?:nan|NaN|NAN)"
)


def _is_small(text: str) -> bool:
    """Whether *text* is an integer that every reader takes for the same one, as most are."""
    return (
        text.isdecimal() and text.isascii() and len(text) < 16 and (text[0] != "0" or text == "0")
    )


def resolve(text: str) -> tuple[Any, str | None]:
    """Return what plain *text* means, and why another reader could disagree.

    A number is one only if it is written as JSON's shortest: nothing else survives all engines.
    """
    if text in _WORDS:
        return _WORDS[text], None
    if text in _OLD_WORDS:
        return text, f"unquoted {text} is a boolean in YAML 1.1 and text in YAML 1.2"
    if text[0] not in _NUMERIC:
        return text, None
    if _is_small(text):
        return int(text), None
    if not (_NUMERALS.issuperset(text) and re.fullmatch(_NUMBER, text)):
        return text, None
    if not is_json_number(text):
        return text, f"unquoted {cut(text)} may be read as another number, or as text"
    number = json.loads(text) if len(text) <= MAX_DIGITS else inf
    shortest = plain_decimal(number)
    if shortest is None or abs(number) > MAX_INTEGER:
        return text, f"the number {cut(text)} is beyond what every reader holds exactly"
    if shortest != text:
        return text, f"the number {cut(text)} would be read as {cut(shortest)}"
    return number, None
