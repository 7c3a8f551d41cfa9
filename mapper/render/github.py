"""Diagnostics for GitHub Actions: a workflow command a line, which annotates the place in a file.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from collections.abc import Iterable, Iterator

from mapper.diagnostics import Diagnostic, Span, by_place
from mapper.render.text import escape


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return *diagnostics* as workflow commands, by file, place and code."""
    return "".join(map(workflow_command, by_place(diagnostics)))


def workflow_command(diagnostic: Diagnostic) -> str:
    """Return the line that makes an annotation of a finding."""
    rule = diagnostic.rule
    properties = dict(_place(diagnostic.span)) if diagnostic.span else {}
    properties["title"] = f"{rule.code} {rule.name}"
    given = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    return f"::{rule.severity} {given}::{_data(chr(10).join(_lines(diagnostic)))}\n"


def _place(span: Span) -> Iterator[tuple[str, str]]:
    """Yield the place; GitHub takes columns only where a finding is within one line."""
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    yield "file", escape(span.source.name)
    yield "line", str(line)
    if line == end_line:
        yield "col", str(column)
        yield "endColumn", str(end_column)
    else:
        yield "endLine", str(end_line)


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    at = "" if diagnostic.pointer is None else f" at {diagnostic.pointer or 'the whole document'}"
    value = "" if diagnostic.value is None else f" (value: {diagnostic.value})"
    yield escape(f"{diagnostic.message}{value}{at}")
    for label in diagnostic.labels:
        yield escape(f"{label.span}: {label.message}")
    if diagnostic.advice:
        yield escape(f"hint: {diagnostic.advice}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
