"""How commands tell what they found: as text for people or as a JSON list for programs."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import click

from mapper.diagnostics import Diagnostic, MapperError, Severity, Span
from mapper.render.text import render_finding

Format = str
"""``text`` or ``json``."""


class Report:
    """Writes findings to *stream* as they come, and knows whether one of them was an error.

    A *quiet* report leaves out warnings and remarks.
    """

    def __init__(self, form: Format, stream: TextIO, *, quiet: bool = False) -> None:
        self.form = form
        self.stream = stream
        self.quiet = quiet
        self.failed = False
        self._count = 0

    def add(self, *found: Diagnostic) -> None:
        """Write findings."""
        for each in found:
            is_error = each.rule.severity is Severity.ERROR
            self.failed |= is_error
            if is_error or not self.quiet:
                self._write(each)

    def remark(self, text: str) -> None:
        """Write a line for people, which programs do not see."""
        if self.form == "text" and not self.quiet:
            click.echo(text, file=self.stream)

    def close(self) -> None:
        """End the JSON list."""
        if self.form == "json":
            click.echo("\n]" if self._count else "[]", file=self.stream)

    def _write(self, found: Diagnostic) -> None:
        if self.form == "json":
            text = ("," if self._count else "[") + "\n  " + json.dumps(as_json(found))
        else:
            text = ("\n" if self._count else "") + render_finding(
                found, colour=takes_colour(self.stream)
            )
        click.echo(text, file=self.stream, nl=False, color=True)  # colour is decided here
        self._count += 1


@contextmanager
def reporting(form: Format, *, quiet: bool = False) -> Iterator[Report]:
    """Give a report to standard error, to which what is raised inside is added.

    Raises:
        Exit: With exit code 1, at the end, if an error was reported.
    """
    report = Report(form, sys.stderr, quiet=quiet)
    try:
        yield report
    except MapperError as error:
        report.add(*error.diagnostics)
    report.close()
    if report.failed:
        raise click.exceptions.Exit(1)


def takes_colour(stream: TextIO) -> bool:
    """Whether *stream* is a terminal whose user did not refuse colour (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def render_json(found: Iterable[Diagnostic]) -> str:
    """Return *found* as a JSON list, an object a line."""
    lines = ",\n".join(f"  {json.dumps(as_json(each))}" for each in found)
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def as_json(found: Diagnostic) -> dict[str, Any]:
    """Return a finding as a JSON object; what it does not have is null."""
    return {
        "code": found.rule.code,
        "severity": str(found.rule.severity),
        "message": found.message,
        **_place(found.span),
        "pointer": found.pointer,
        "value": found.value,
        "hint": found.advice or None,
        "labels": [{"message": label.message, **_place(label.span)} for label in found.labels],
    }


def _place(span: Span | None) -> dict[str, Any]:
    """Return a place in a file: lines and columns count from 1, the end is behind the last."""
    names = ("file", "line", "column", "endLine", "endColumn")
    if span is None:
        return dict.fromkeys(names)
    source = span.source
    values = (source.name, *source.position(span.start), *source.position(span.end))
    return dict(zip(names, values, strict=True))
