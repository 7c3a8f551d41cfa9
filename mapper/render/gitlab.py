"""Diagnostics for GitLab: a Code Quality report.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

import json
from collections.abc import Iterable
from typing import Any

from mapper.diagnostics import Diagnostic, Severity, by_place
from mapper.render import NOWHERE
from mapper.render.fingerprints import fingerprints
from mapper.render.text import escape

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def render_gitlab(diagnostics: Iterable[Diagnostic]) -> str:
    """Return *diagnostics* as a Code Quality report, by file, place and code."""
    found = by_place(diagnostics)
    issues = [_issue(*each) for each in zip(found, fingerprints(found), strict=True)]
    return json.dumps(issues, indent=2) + "\n"


def _issue(diagnostic: Diagnostic, fingerprint: str) -> dict[str, Any]:
    rule, span = diagnostic.rule, diagnostic.span
    hint = f" ({diagnostic.advice})" if diagnostic.advice else ""
    at = f" at {diagnostic.pointer}" if diagnostic.pointer else ""
    return {
        "description": escape(f"{rule.code}: {diagnostic.message}{at}{hint}"),
        "check_name": rule.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[rule.severity],
        "location": {
            "path": escape(span.source.name) if span else NOWHERE,
            "lines": {"begin": span.source.position(span.start)[0] if span else 1},
        },
    }
