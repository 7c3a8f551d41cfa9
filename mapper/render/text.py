"""Diagnostics for people: what, where with the line quoted, and what to do."""

from collections.abc import Iterable
from enum import StrEnum
from unicodedata import category, east_asian_width

from mapper.diagnostics import Diagnostic, Severity, Span, by_place, counted, cut

MAX_LINE = 120
"""How many characters of a long source line are quoted."""
MAX_TEXT = 500
"""How many characters of a message or any other part but a hint are shown."""

_RESET = "\x1b[0m"


class _Style(StrEnum):
    ERROR = "\x1b[1;31m"
    WARNING = "\x1b[1;33m"
    STRONG = "\x1b[1m"
    FRAME = "\x1b[1;34m"


def render_text(
    diagnostics: Iterable[Diagnostic], *, colour: bool = False, suppressed: int = 0
) -> str:
    """Return *diagnostics* as text, by file, place and code, with a summary; "" if there are none.

    The summary counts the *suppressed*, too.

    Whatever comes from a file is shown so that it cannot drive a terminal: characters that do not
    print are written as escapes.
    """
    found = by_place(diagnostics)
    if not found:
        return ""
    painter = _Painter(colour=colour)
    shown = map(painter.diagnostic, found)
    return "\n".join([*shown, painter.summary(found, suppressed)])


def render_finding(diagnostic: Diagnostic, *, colour: bool = False) -> str:
    """Return one diagnostic as :func:`render_text` shows it, without a summary."""
    return _Painter(colour=colour).diagnostic(diagnostic)


def escape(text: str) -> str:
    r"""Return *text* with every character that does not print written as an escape.

    >>> escape("a\x1b[2J")
    'a\\x1b[2J'
    """
    return "".join(map(_escape, text))


def _escape(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


class _Painter:
    """Puts diagnostics together; knows only whether to colour."""

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour

    def diagnostic(self, diagnostic: Diagnostic) -> str:
        """Return one diagnostic with its places and notes, each line ended."""
        severity, code = diagnostic.rule.severity, diagnostic.rule.code
        style = _Style.ERROR if severity is Severity.ERROR else _Style.WARNING
        title = self.paint(f"{severity}[{code}]", style)
        lines = [title + self.paint(f": {_shown(diagnostic.message)}", _Style.STRONG)]
        spans = [label.span for label in diagnostic.labels]
        spans += [diagnostic.span] if diagnostic.span else []
        width = max((len(str(_line(span)[0])) for span in spans), default=1)
        if diagnostic.span:
            lines += self.quote(diagnostic.span, width, "-->", "^", "", style)
        for label in diagnostic.labels:
            lines += self.quote(label.span, width, ":::", "-", label.message, _Style.FRAME)
        lines += [self.note(width, name, text) for name, text in _notes(diagnostic)]
        return "\n".join(lines) + "\n"

    def quote(
        self, span: Span, width: int, arrow: str, mark: str, message: str, style: _Style
    ) -> list[str]:
        """Return the lines that name a place, quote its line and mark it there."""
        number, before, marked, after = _line(span)
        pad = " " * width
        indent = " " * _width(before)
        underline = mark * max(_width(marked), 1) + (f" {_shown(message)}" if message else "")
        bar = self.paint(f"{pad} |", _Style.FRAME)
        return [
            f"{pad}{self.paint(arrow, _Style.FRAME)} {escape(str(span))}",
            bar,
            f"{self.paint(f'{number:>{width}} |', _Style.FRAME)} {before}{marked}{after}".rstrip(),
            f"{bar} {indent}{self.paint(underline, style)}",
        ]

    def note(self, width: int, name: str, text: str) -> str:
        """Return a line that tells more, below the places."""
        return f"{' ' * width} {self.paint('=', _Style.FRAME)} {name}: {text}"

    def summary(self, found: list[Diagnostic], suppressed: int) -> str:
        """Return one line that counts errors, warnings, files and the *suppressed*."""
        severities = [diagnostic.rule.severity for diagnostic in found]
        counts = [(severities.count(severity), str(severity)) for severity in Severity]
        files = len({diagnostic.span.source.name for diagnostic in found if diagnostic.span})
        text = ", ".join(counted(number, noun) for number, noun in counts if number)
        text += f" in {counted(files, 'file')}" if files else ""
        text += f", {suppressed} suppressed" if suppressed else ""
        return self.paint(text, _Style.STRONG) + "\n"

    def paint(self, text: str, style: _Style) -> str:
        return f"{style}{text}{_RESET}" if self.colour else text


def _notes(diagnostic: Diagnostic) -> Iterable[tuple[str, str]]:
    if diagnostic.pointer is not None:
        yield "at", _shown(diagnostic.pointer or "the whole document")
    if diagnostic.value is not None:
        yield "value", _shown(diagnostic.value)
    if diagnostic.advice:  # whole: it may hold an example to paste
        yield "hint", escape(diagnostic.advice)


def _line(span: Span) -> tuple[int, str, str, str]:
    """Return the number of the line that *span* begins on, and its text before, in and after it."""
    number, column = span.source.position(span.start)
    line = span.source.line(number)
    start = min(column - 1, len(line))
    end = min(start + span.end - span.start, len(line))
    first = max(0, min(start - MAX_LINE // 3, len(line) - MAX_LINE))
    last = first + MAX_LINE
    before = ("…" if first else "") + _quoted(line[first:start])
    after = _quoted(line[end:last]) + ("…" if last < len(line) else "")
    return number, before, _quoted(line[start : min(end, last)]), after


def _quoted(text: str) -> str:
    return escape(text.replace("\t", "    "))


def _shown(text: str) -> str:
    return escape(cut(text, MAX_TEXT))


_MARKS = ("Mn", "Me")
"""The categories of what is drawn over the character before."""


def _width(text: str) -> int:
    """Return how many columns a terminal gives to *text*."""
    return sum(
        0 if category(character) in _MARKS else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )
