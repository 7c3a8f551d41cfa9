"""Diagnostics for programs: a JSON list."""

import json
from collections.abc import Iterable
from typing import Any

from mapper.diagnostics import Diagnostic, Span, by_place


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return *diagnostics* as a JSON list, an object a line, by file, place and code."""
    lines = ",\n".join(f"  {json.dumps(as_json(each))}" for each in by_place(diagnostics))
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic as a JSON object; what it does not have is null."""
    return {
        "code": diagnostic.rule.code,
        "severity": str(diagnostic.rule.severity),
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "pointer": diagnostic.pointer,
        "value": diagnostic.value,
        "hint": diagnostic.advice or None,
        "labels": [{"message": label.message, **_place(label.span)} for label in diagnostic.labels],
    }


def _place(span: Span | None) -> dict[str, Any]:
    """Return a place in a file: lines and columns count from 1, the end is behind the last."""
    names = ("file", "line", "column", "endLine", "endColumn")
    if span is None:
        return dict.fromkeys(names)
    source = span.source
    values = (source.name, *source.position(span.start), *source.position(span.end))
    return dict(zip(names, values, strict=True))
