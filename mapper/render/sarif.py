"""Diagnostics as SARIF 2.1.0, which code scanning and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from mapper import __version__
from mapper.diagnostics import Diagnostic, Label, Rule, Span, by_place
from mapper.render import NOWHERE
from mapper.render.fingerprints import fingerprints
from mapper.render.text import escape

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_FINGERPRINT = "codeFilePointerMessage/v1"


def render_sarif(diagnostics: Iterable[Diagnostic]) -> str:
    """Return *diagnostics* as a SARIF log with one run, by file, place and code.

    Files are named by URIs, relative to the folder that the run was in if they lie below it.
    """
    found = by_place(diagnostics)
    rules = sorted({each.rule for each in found}, key=lambda each: each.code)
    results = [
        _result(each, rules.index(each.rule), fingerprint)
        for each, fingerprint in zip(found, fingerprints(found), strict=True)
    ]
    driver = {"name": "mapper", "version": __version__, "rules": list(map(_rule, rules))}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    summary, hint = f"This is reported when {rule.summary}.", f"What to do: {rule.hint}."
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": _message(rule.name),
        "fullDescription": _message(summary),
        "help": _message(f"{summary} {hint}"),
        "defaultConfiguration": {"level": str(rule.severity)},
    }


def _result(diagnostic: Diagnostic, index: int, fingerprint: str) -> dict[str, Any]:
    rule = diagnostic.rule
    value = "" if diagnostic.value is None else f" (value: {diagnostic.value})"
    hint = f"\n{escape(f'hint: {diagnostic.advice}')}" if diagnostic.advice else ""
    result = {
        "ruleId": rule.code,
        "ruleIndex": index,
        "level": str(rule.severity),
        "message": _message(escape(diagnostic.message + value) + hint),
        "locations": [_location(diagnostic)],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    if diagnostic.labels:
        numbered = enumerate(diagnostic.labels)
        result["relatedLocations"] = [_related(label, number) for number, label in numbered]
    return result


def _location(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return where a finding is; code scanning takes none without a file and a line."""
    span = diagnostic.span
    place: dict[str, Any] = {"physicalLocation": _physical(span) if span else _NOWHERE}
    if diagnostic.pointer is not None:
        place["logicalLocations"] = [{"fullyQualifiedName": escape(diagnostic.pointer)}]
    return place


_NOWHERE = {"artifactLocation": {"uri": NOWHERE}, "region": {"startLine": 1}}


def _related(label: Label, number: int) -> dict[str, Any]:
    message = _message(escape(label.message))
    return {"id": number, "physicalLocation": _physical(label.span), "message": message}


def _physical(span: Span) -> dict[str, Any]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    region = {"startLine": line, "startColumn": column}
    region |= {"endLine": end_line, "endColumn": end_column}  # behind the last, as ours are
    return {"artifactLocation": {"uri": _uri(span.source.name)}, "region": region}


def _uri(name: str) -> str:
    path = quote(_encoded(name))
    return f"file://{path}" if path.startswith("/") else path


def _encoded(name: str) -> bytes:
    """Return the bytes that the file system has for *name*."""
    try:
        return os.fsencode(name)
    except UnicodeEncodeError:  # no file's name, but somebody's words
        return name.encode("utf-8", "backslashreplace")


def _message(text: str) -> dict[str, str]:
    """Return *text* as a message without placeholders (§3.11.5) and links (§3.11.6)."""
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (")}
