"""Diagnostics as JUnit XML, which most CI systems show as tests.

Each error is a failed test case of its file, and each warning a passed one that says so; if there
is nothing, one case has passed. Names hold no line, so that a test keeps its history.
"""

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import quoteattr

from mapper.diagnostics import Diagnostic, Severity, by_place, cut
from mapper.render.text import escape, render_finding

MAX_NAME = 200
"""How many characters the name of a test case has."""


def render_junit(diagnostics: Iterable[Diagnostic]) -> str:
    """Return *diagnostics* as a document of JUnit XML, by file, place and code; it is ASCII."""
    found = by_place(diagnostics)
    failures = sum(each.is_error for each in found)
    counts = {"tests": max(len(found), 1), "failures": failures, "errors": 0, "skipped": 0}
    suite = _attributes(name="mapper", **counts)
    cases = [line for each in found for line in _case(each)]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites{_attributes(name='mapper', **counts)}>",
        f"  <testsuite{suite}>",
        *(cases or ['    <testcase classname="mapper" name="no problems"/>']),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines).encode("ascii", "xmlcharrefreplace").decode() + "\n"


def _case(found: Diagnostic) -> Iterator[str]:
    rule, span = found.rule, found.span
    name = cut(escape(f"{rule.code}: {found.message}"), MAX_NAME)
    where: dict[str, str | int] = {"classname": "mapper", "name": name}
    if span:
        file = escape(span.source.name)
        where |= {"classname": file, "file": file, "line": span.source.position(span.start)[0]}
    yield f"    <testcase{_attributes(**where)}>"
    if rule.severity is Severity.ERROR:
        told = _attributes(message=escape(found.message), type=rule.code)
        yield f"      <failure{told}>{_text(found)}</failure>"
    else:
        yield f"      <system-out>{_text(found)}</system-out>"
    yield "    </testcase>"


def _text(found: Diagnostic) -> str:
    # All that is not a line break prints, and so may stand in XML.
    return render_finding(found).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attributes(**values: str | int) -> str:
    return "".join(f" {name}={quoteattr(str(value))}" for name, value in values.items())
