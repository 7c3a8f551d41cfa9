"""Comments that suppress findings: ``# mapper: ignore[M402] reason``.

A comment holds for findings that begin on its line or, if it stands alone, on the next line that is
neither blank nor a comment; and for all of a text over several lines that begins or ends on that
line, since none of the others takes a comment. In a JSON Schema, ``"$comment": "mapper: ignore…"``
holds for what begins in the schema that says it, but not in one inside that. A suppression never
hides what keeps mappings from running.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Set as AbstractSet
from typing import TYPE_CHECKING, NamedTuple

from mapper import codes
from mapper.diagnostics import Diagnostic, Rule, Severity, Source, Span, did_you_mean, show_value
from mapper.document import comments, scalars

if TYPE_CHECKING:
    from mapper.schema.references import Document

_MARK = r"mapper:\s*ignore\b\s*(?:\[(?P<codes>[^\]]*)\])?[\s:.,-]*(?P<reason>.*)"
_NEEDED = (codes.BAD_SCHEMA, codes.BAD_REFERENCE, codes.WRITES_READ_ONLY, codes.NO_WAY_BACK)
"""What lowering asks for, beside the form of files."""
OF_TRIALS = (
    codes.LAW_BROKEN,
    codes.UNCOVERED,
    codes.BAD_RECORDING,
    codes.UNEXPECTED_REFUSAL,
    codes.UNTAKEN_RECORDING,
    codes.UNTRIED,
    codes.UNPUBLISHABLE_NAME,
    codes.RESERVED_MEMBER,
    codes.PARITY_BROKEN,
)
"""What only ``mapper test`` finds: that ``check`` does not says nothing about a comment."""
_TRIED = frozenset(rule.code for rule in OF_TRIALS)
_OURS = (codes.UNUSED_SUPPRESSION, codes.BARE_SUPPRESSION, codes.BAD_SUPPRESSION)


class Suppressed(NamedTuple):
    """What suppressions leave of findings, theirs among them, and how many they took away."""

    found: tuple[Diagnostic, ...]
    number: int


class _Comment(NamedTuple):
    """A comment that may suppress something.

    Attributes:
        span: Where it is.
        place: What it holds for: a line by its number, or a schema by its offset.
        line: The line on which that begins.
    """

    span: Span
    place: int
    line: int


class _Suppression(NamedTuple):
    """A code that a comment suppresses; ``named`` is where the comment names the code."""

    code: str
    comment: _Comment
    named: Span


class _Commented(NamedTuple):
    """A file with comments that may suppress something.

    Attributes:
        source: Its text.
        comments: Its comments.
        mark: What finds a suppression in a comment.
        place_of: Gives what comments hold for to suppress what begins at an offset.
    """

    source: Source
    comments: list[_Comment]
    mark: re.Pattern[str]
    place_of: Callable[[int], int]


_OF_TYPES = (
    codes.FUNCTION_REFUSES,
    codes.OR_LOSES_FALSE,
    codes.NEVER_HOLDS,
    codes.MAYBE_NO_NUMBER,
)
"""Errors in expressions with which a mapping runs, if it does."""


def can_be_suppressed(rule: Rule) -> bool:
    """Whether comments can suppress findings of a kind.

    They cannot if mappings do not run before the finding is settled.
    """
    is_of_form = rule.code[1] in "12" and rule.severity is Severity.ERROR
    if rule in _OF_TYPES:
        return True
    return not (rule.code[1] == "0" or is_of_form or rule in (*_NEEDED, *_OURS))


def suppress(
    found: Iterable[Diagnostic],
    sources: Iterable[Source],
    schemas: "Iterable[Document]",
    checked: AbstractSet[str],
) -> Suppressed:
    """Return what comments in *sources* and *schemas* leave of what was *found*.

    What is wrong with the comments joins it. A suppression in one of the *checked* files, by name,
    is unused if it meets no finding; that is not told beside an error, which may keep others from
    being found.
    """
    faults: list[Diagnostic] = []
    files = {each.source.name: each for each in _commented(sources, schemas)}
    suppressions = [each for file in files.values() for each in _read(file, faults)]
    if not suppressions and not faults:
        return Suppressed(tuple(found), 0)
    # Of two for the same code and place the second is as good as none.
    wanted = {_key(each): each for each in reversed(suppressions)}
    used = set()
    kept = []
    count = 0
    for each in found:
        key = _found_key(each, files)
        if key in wanted:
            used.add(key)
            count += 1
        else:
            kept.append(each)
    kept += faults
    if not any(each.is_error for each in kept):
        kept += [
            _unused(each, wanted[_key(each)])
            for each in suppressions
            if not (_key(each) in used and wanted[_key(each)] is each)
            if each.named.source.name in checked and each.code not in _TRIED
        ]
    return Suppressed(tuple(kept), count)


def _key(suppression: _Suppression) -> tuple[str, str, int]:
    return suppression.code, suppression.named.source.name, suppression.comment.place


def _found_key(found: Diagnostic, files: dict[str, _Commented]) -> tuple[str, str, int] | None:
    file = files.get(found.span.source.name) if found.span is not None else None
    if file is None or found.span is None:
        return None
    return found.rule.code, file.source.name, file.place_of(found.span.start)


def _unused(suppression: _Suppression, first: _Suppression) -> Diagnostic:
    """Return M431 for a suppression; *first* is the first of the same code and place."""
    does = "meets no finding" if suppression is first else "repeats another one"
    message = f"this suppression of {suppression.code} {does}"
    # The message has no line, so that the finding stays the same when lines move.
    hint = f"it holds for line {suppression.comment.line}: {codes.UNUSED_SUPPRESSION.hint}"
    return Diagnostic(codes.UNUSED_SUPPRESSION, message, suppression.named, hint=hint)


def _commented(sources: Iterable[Source], schemas: "Iterable[Document]") -> Iterator[_Commented]:
    """Yield the files with comments that may suppress something: few have one."""
    for source in sources:
        if "mapper:" in source.text:
            yield _of_yaml(source)
    for document in schemas:
        if "mapper:" in document.source.text:
            yield _of_schema(document)


def _of_yaml(source: Source) -> _Commented:
    begun = _begun(source)
    below = _lines_below(source)

    def comment(span: Span) -> _Comment:
        line = _line(source, span, below)
        line = begun.get(line, line)
        return _Comment(span, line, line)

    def place_of(offset: int) -> int:
        line, _ = source.position(offset)
        return begun.get(line, line)

    found = list(map(comment, comments(source)))
    return _Commented(source, found, re.compile(rf"#\s*{_MARK}"), place_of)


def _of_schema(document: "Document") -> _Commented:
    source = document.source

    def place_of(offset: int) -> int:
        return document.around(offset).start

    def comment(span: Span) -> _Comment:
        place = place_of(span.start)
        line, _ = source.position(place)
        return _Comment(span, place, line)

    found = list(map(comment, document.comments()))
    return _Commented(source, found, re.compile(_MARK), place_of)


def _read(file: _Commented, faults: list[Diagnostic]) -> Iterator[_Suppression]:
    """Yield the suppressions in a file; what is wrong with them joins *faults*."""
    source = file.source
    for comment in file.comments:
        match = file.mark.search(source.text, comment.span.start, comment.span.end)
        if match:
            named = list(_named(source, match))
            second = file.mark.search(source.text, match.start("reason"), comment.span.end)
            if second:
                message = "a comment has one suppression, and this is the second"
                hint = "name all codes in the first, as in `ignore[M305, M401]`, and one reason"
                place = Span(source, second.start(), comment.span.end)
                faults.append(Diagnostic(codes.BAD_SUPPRESSION, message, place, hint=hint))
            if match.start("reason") == (second.start() if second else match.end("reason")):
                message = "this suppression gives no reason"
                faults.append(Diagnostic(codes.BARE_SUPPRESSION, message, comment.span))
            if not named:
                message = "this suppression names no code"
                faults.append(Diagnostic(codes.BAD_SUPPRESSION, message, comment.span))
            for code, place in named:
                fault = _fault(code, place)
                if fault:
                    faults.append(fault)
                else:
                    yield _Suppression(code, comment, place)


def _named(source: Source, match: re.Match[str]) -> Iterator[tuple[str, Span]]:
    """Yield the codes between the brackets with their places."""
    start, end = match.span("codes")
    for found in re.compile(r"[^\s,]+").finditer(source.text, max(start, 0), max(end, 0)):
        yield found.group(), Span(source, *found.span())


def _fault(code: str, place: Span) -> Diagnostic | None:
    known = codes.by_code()
    if code not in known:
        hint = did_you_mean(code.upper(), known)
        message = f"there is no code {show_value(code)}"
        return Diagnostic(codes.BAD_SUPPRESSION, message, place, hint=hint)
    if not can_be_suppressed(known[code]):
        message, hint = f"{code} cannot be suppressed", "settle the finding itself"
        return Diagnostic(codes.BAD_SUPPRESSION, message, place, hint=hint)
    return None


def _line(source: Source, comment: Span, below: list[int]) -> int:
    """Return the line that a comment holds for."""
    number, column = source.position(comment.start)
    if source.line(number)[: column - 1].strip():
        return number
    return below[number] or number


def _begun(source: Source) -> dict[int, int]:
    """Return, by line, where the texts begin that go on from the line above it."""
    begun: dict[int, int] = {}
    for scalar in scalars(source):
        first, _ = source.position(scalar.start)
        last, _ = source.position(scalar.end)
        begun.update(dict.fromkeys(range(first + 1, last + 1), begun.get(first, first)))
    return begun


def _lines_below(source: Source) -> list[int]:
    """Return, by number, which is the next line below each that holds something; 0 if none is."""
    last, _ = source.position(len(source.text))
    below = [0] * (last + 1)
    for number in range(last, 0, -1):
        below[number - 1] = number if _holds_something(source.line(number)) else below[number]
    return below


def _holds_something(line: str) -> bool:
    text = line.lstrip()
    return bool(text) and not text.startswith("#")
