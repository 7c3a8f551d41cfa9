"""How commands tell what they found, as they find it."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

import click

from mapper.diagnostics import Diagnostic, MapperError, Severity
from mapper.render import Format, renderer
from mapper.render.json import as_json
from mapper.render.text import render_finding, render_text

Style = Format
"""How a command writes its findings."""
_AS_THEY_COME = ("text", "json", "github")
"""The formats in which a finding needs to know nothing of the others."""


class Report:
    """Writes findings to *stream*, and knows whether one of them was an error.

    They are written as they come, or at the end if the format makes one document of them all. A
    *quiet* report leaves out warnings and remarks.
    """

    def __init__(self, style: Style, stream: TextIO, *, quiet: bool = False) -> None:
        self.style = style
        self.stream = stream
        self.quiet = quiet
        self.failed = False
        self._count = 0
        self._kept: list[Diagnostic] = []

    def add(self, *found: Diagnostic) -> None:
        """Write findings, or keep them for the end."""
        for each in found:
            is_error = each.is_error
            self.failed |= is_error
            if not is_error and self.quiet:
                continue
            if self.style in _AS_THEY_COME:
                self._write(each)
            else:
                self._kept.append(each)

    def remark(self, text: str) -> None:
        """Write a line for people, which programs do not see."""
        if self.style == "text" and not self.quiet:
            click.echo(text, file=self.stream)

    def close(self) -> None:
        """End the JSON list, or write the document."""
        if self.style == "json":
            click.echo("\n]" if self._count else "[]", file=self.stream)
        elif self.style not in _AS_THEY_COME:
            click.echo(renderer(self.style)(self._kept), file=self.stream, nl=False)

    def _write(self, found: Diagnostic) -> None:
        if self.style == "json":
            text = ("," if self._count else "[") + "\n  " + json.dumps(as_json(found))
        elif self.style == "github":
            text = renderer("github")([found])
        else:
            text = ("\n" if self._count else "") + render_finding(
                found, colour=takes_colour(self.stream)
            )
        click.echo(text, file=self.stream, nl=False, color=True)  # colour is decided here
        self._count += 1


@contextmanager
def reporting(style: Style, *, quiet: bool = False) -> Iterator[Report]:
    """Give a report to standard error, to which what is raised inside is added.

    Raises:
        Exit: With exit code 1, at the end, if an error was reported.
    """
    report = Report(style, sys.stderr, quiet=quiet)
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


def show(
    found: Sequence[Diagnostic],
    style: Style,
    *,
    quiet: bool,
    fail_on: Severity,
    suppressed: int,
    below: str,
) -> bool:
    """Write all that was *found* to standard output; return whether it fails the run.

    Errors do, and warnings if they are what to *fail_on*. People see how many were *suppressed*,
    and what comes *below*; of a *quiet* run what fails alone.
    """
    failing = tuple(each for each in found if each.is_error or fail_on is Severity.WARNING)
    shown = failing if quiet else found
    if style == "text":
        colour = takes_colour(sys.stdout)
        text = render_text(shown, colour=colour, suppressed=suppressed)
        parts = [text] if quiet else [text, below]
        text = "\n".join(filter(None, parts))
    else:
        text = renderer(style)(shown)
    click.echo(text, nl=False, color=True)  # colour is decided here
    return bool(failing)
