"""What is wrong, where, and what to do about it: the one data type that every part reports with.

Two channels, one type. What is wrong with a file or a document is a :class:`Diagnostic`: plain
data. What stops a call is a :class:`MapperError`, which carries the diagnostics that stopped it.
"""

import json
import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from mapper.records import Record

VALUE_WIDTH = 60
"""How many characters of an offending value a diagnostic quotes."""

PointerSteps = tuple[str | int, ...]
"""A place in a JSON document: member names and indexes from its root."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Rule(Record):
    """A kind of finding: a stable code, a name in words, and what it says in general.

    ``summary`` completes the sentence "This is reported when …"; ``hint`` is the general advice.
    """

    code: str
    name: str
    summary: str
    hint: str
    severity: Severity = Severity.ERROR


class Source:
    """A text with the name that people know it by.

    The same object stands for the same file, but that each use of a fragment has one of its own.
    Lines and columns count from 1, columns in characters (code points). As in YAML, a line ends
    with a line feed, a carriage return, or both.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def __repr__(self) -> str:
        return f"Source({self.name!r})"

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(each.end() for each in re.finditer(r"\r\n?|\n", self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Return the (line, column) of the character at *offset*."""
        from bisect import bisect_right  # noqa: PLC0415 - slow to import, for findings only

        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of line *number* without its line break."""
        start, *ends = self._line_starts[number - 1 : number + 1]
        return self.text[start : ends[0] if ends else len(self.text)].rstrip("\r\n")


class Span(NamedTuple):
    """Half-open character offsets in a source."""

    source: Source
    start: int
    end: int

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"


class Label(NamedTuple):
    """Another place that matters for a finding, and why."""

    span: Span
    message: str


class Diagnostic(NamedTuple):
    """One finding.

    Attributes:
        rule: The kind of finding.
        message: One terse line without a final period.
        span: The place in a file: of the fault, or of the field rule that met it.
        pointer: The place in the data, an RFC 6901 pointer ("" is the whole document).
        value: The offending value as JSON, cut to :data:`VALUE_WIDTH` characters.
        hint: What to do here; the rule's general hint if None.
        labels: Related places.
    """

    rule: Rule
    message: str
    span: Span | None = None
    pointer: str | None = None
    value: str | None = None
    hint: str | None = None
    labels: tuple[Label, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether it is an error; else it is a warning."""
        return self.rule.severity is Severity.ERROR

    @property
    def advice(self) -> str:
        """What to do: this finding's own hint, or that of its kind."""
        return self.rule.hint if self.hint is None else self.hint

    def __str__(self) -> str:
        places = [str(self.span)] if self.span else []
        if self.pointer is not None:
            places.append(f"at {self.pointer or '(the whole document)'}")
        where = f" [{', '.join(places)}]" if places else ""
        shown = f" (value: {self.value})" if self.value is not None else ""
        return f"{self.rule.severity}[{self.rule.code}]: {self.message}{shown}{where}"


def by_place(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return *found* by file, place and code; those without a place come last."""
    return sorted(found, key=_place)


def _place(found: Diagnostic) -> tuple[bool, str, tuple[int, int], str]:
    span = found.span
    # By line and column: a source may be an excerpt of a file, with offsets of its own.
    place = span.source.position(span.start) if span else (0, 0)
    return span is None, span.source.name if span else "", place, found.rule.code


class MapperError(Exception):
    """A call could not be carried out; :attr:`diagnostics` says why, in full."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(map(str, self.diagnostics)))

    def __reduce__(self) -> tuple[type["MapperError"], tuple[tuple[Diagnostic, ...]]]:
        return type(self), (self.diagnostics,)


class FileError(MapperError):
    """A mapping file, schema or other project file cannot be used."""


class TransformError(MapperError):
    """A document cannot be mapped."""


# The words of messages --------------------------------------------------------------------------


def show_value(value: Any) -> str:
    r"""Return *value* as JSON for a message, cut to :data:`VALUE_WIDTH` characters.

    Characters that do not print are escaped; letters of all alphabets stand as they are.

    >>> print(show_value(["Türkiye", "\u202e"]))
    ["Türkiye", "\u202e"]
    """
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (RecursionError, TypeError, ValueError):
        text = f"a {type(value).__name__} that is too deep or too large to show"
    shown = text[: VALUE_WIDTH + 1]  # escaping only lengthens it
    return cut("".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in shown))


def show_name(name: str) -> str:
    """Return *name* as a message names it: as it is if it is plain and short, otherwise quoted."""
    return name if re.fullmatch(_PLAIN_NAME, name) else show_value(name)


_PLAIN_NAME = rf"[A-Za-z0-9_$./#~@-]{{1,{VALUE_WIDTH}}}"


def cut(text: str, width: int = VALUE_WIDTH) -> str:
    """Return *text*, its end replaced by "…" if it has more than *width* characters."""
    return text if len(text) <= width else text[: width - 1] + "…"


def counted(number: int, noun: str) -> str:
    """Return so many of *noun*, whose plural ends in s.

    >>> counted(1, "mapping"), counted(0, "mapping")
    ('1 mapping', '0 mappings')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the hint that names what *name* most likely stands for among *known*, or None."""
    from difflib import get_close_matches  # noqa: PLC0415 - slow to import, for mistakes only

    near = next(iter(get_close_matches(name, known, n=1)), None)
    return None if near is None else f"did you mean {show_name(near)}?"


def pointer(steps: Iterable[str | int]) -> str:
    """Return the RFC 6901 pointer that goes through *steps*.

    >>> pointer(["lines", 0, "a/b"])
    '/lines/0/a~1b'
    """
    names = list(map(str, steps))
    joined = "".join(names)
    if "~" in joined or "/" in joined:
        names = [name.replace("~", "~0").replace("/", "~1") for name in names]
    return "/".join(["", *names])


def pointer_steps(text: str | None) -> list[str]:
    """Return the names that an RFC 6901 pointer leads along; an index is one of them, as text.

    >>> pointer_steps("/lines/0/a~1b")
    ['lines', '0', 'a/b']
    """
    names = (text or "").split("/")[1:]
    return [name.replace("~1", "/").replace("~0", "~") for name in names]
