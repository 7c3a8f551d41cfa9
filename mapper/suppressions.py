"""Comments that suppress findings: ``# mapper: ignore[M402] reason``.

A comment holds for findings that begin on its line or, if it stands alone, on the next line that is
neither blank nor a comment; and for all of a text over several lines that begins or ends on that
line, since none of the others takes a comment. It never hides what keeps mappings from running.
"""

import re
from collections.abc import Iterable, Iterator, Set as AbstractSet
from typing import NamedTuple

from mapper import codes
from mapper.diagnostics import Diagnostic, Rule, Severity, Source, Span, did_you_mean, show_value
from mapper.document import comments, scalars

_MARK = r"#\s*mapper:\s*ignore\b\s*(?:\[(?P<codes>[^\]]*)\])?[\s:.,-]*(?P<reason>.*)"
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


class _Suppression(NamedTuple):
    """A code that is ignored on a line; ``place`` is where the comment names it.

    Of a text over several lines, the line is the one that it begins on.
    """

    code: str
    line: int
    place: Span


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
    found: Iterable[Diagnostic], sources: Iterable[Source], checked: AbstractSet[str]
) -> Suppressed:
    """Return what comments in *sources* leave of what was *found*.

    What is wrong with the comments joins it. A suppression in one of the *checked* files, by name,
    is unused if it meets no finding; that is not told beside an error, which may keep others from
    being found.
    """
    faults: list[Diagnostic] = []
    marked = [source for source in sources if "mapper:" in source.text]  # few are
    begun = {source.name: _begun(source) for source in marked}
    suppressions = [each for source in marked for each in _read(source, begun[source.name], faults)]
    if not suppressions and not faults:
        return Suppressed(tuple(found), 0)
    # Of two for the same code and line the second is as good as none.
    wanted = {_key(each): each for each in reversed(suppressions)}
    used = set()
    kept = []
    count = 0
    for each in found:
        key = _found_key(each, begun)
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
            if each.place.source.name in checked and each.code not in _TRIED
        ]
    return Suppressed(tuple(kept), count)


def _key(suppression: _Suppression) -> tuple[str, str, int]:
    return suppression.code, suppression.place.source.name, suppression.line


def _found_key(found: Diagnostic, begun: dict[str, dict[int, int]]) -> tuple[str, str, int] | None:
    if found.span is None:
        return None
    source = found.span.source
    line, _ = source.position(found.span.start)
    return found.rule.code, source.name, begun.get(source.name, {}).get(line, line)


def _unused(suppression: _Suppression, first: _Suppression) -> Diagnostic:
    """Return M431 for a suppression; *first* is the first of the same code and line."""
    does = "meets no finding" if suppression is first else "repeats another one"
    message = f"this suppression of {suppression.code} {does}"
    # The message has no line, so that the finding stays the same when lines move.
    hint = f"it holds for line {suppression.line}: {codes.UNUSED_SUPPRESSION.hint}"
    return Diagnostic(codes.UNUSED_SUPPRESSION, message, suppression.place, hint=hint)


def _read(
    source: Source, begun: dict[int, int], faults: list[Diagnostic]
) -> Iterator[_Suppression]:
    """Yield the suppressions in a file; what is wrong with them joins *faults*."""
    mark = re.compile(_MARK)
    below = _lines_below(source)
    for comment in comments(source):
        match = mark.search(source.text, comment.start, comment.end)
        if match:
            line = _line(source, comment, below)
            line = begun.get(line, line)
            named = list(_named(source, match))
            second = mark.search(source.text, match.start("reason"), comment.end)
            if second:
                message = "a comment has one suppression, and this is the second"
                hint = "name all codes in the first, as in `ignore[M305, M401]`, and one reason"
                place = Span(source, second.start(), comment.end)
                faults.append(Diagnostic(codes.BAD_SUPPRESSION, message, place, hint=hint))
            if match.start("reason") == (second.start() if second else match.end("reason")):
                message = "this suppression gives no reason"
                faults.append(Diagnostic(codes.BARE_SUPPRESSION, message, comment))
            if not named:
                message = "this suppression names no code"
                faults.append(Diagnostic(codes.BAD_SUPPRESSION, message, comment))
            for code, place in named:
                fault = _fault(code, place)
                if fault:
                    faults.append(fault)
                else:
                    yield _Suppression(code, line, place)


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
