"""Standard streams and files as the commands read and write them."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from mapper import codes
from mapper.cli.findings import Report
from mapper.diagnostics import Diagnostic, FileError
from mapper.files import open_file
from mapper.folders import Root
from mapper.payload import Form, write_documents
from mapper.project import Project

STANDARD = Path("-")


@contextmanager
def open_input(path: Path, report: Report) -> Iterator[tuple[BinaryIO, str]]:
    """Give the file *path*, or standard input for ``-``, with the name that people know it by.

    Raises:
        FileError: M001 if it cannot be read.
    """
    if path != STANDARD:
        with open_file(path) as file:
            yield file, str(path)
        return
    stream = sys.stdin.buffer
    if stream.isatty():
        report.remark("reading JSON from the terminal; Ctrl-D ends it")
    yield stream, "<standard input>"


def refuse_sources(project: Project, option: str, file: Path | None) -> None:
    """Refuse to write to *file*, which *option* names, where files of the project are.

    Raises:
        UsageError: It lies, links followed, below ``mappings/`` or ``schemas/``.
    """
    sources = [Root(project.root / name) for name in ("mappings", "schemas")]
    if file is not None and any(each.holds(file) for each in sources):
        raise click.UsageError(f"{option} {file} is a place for files of the project.")


def write_json(path: Path, value: Any) -> None:
    """Write a JSON *value*, for people to read, to *path*.

    Raises:
        FileError: M115 if it cannot be written.
    """
    write_file(path, f"{json.dumps(value, ensure_ascii=False, indent=2)}\n".encode())


def write_file(path: Path, content: bytes) -> None:
    """Write *content* to *path*.

    Raises:
        FileError: M115 if it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror})"
        raise FileError([Diagnostic(codes.UNWRITABLE, message)]) from None


def write_output(form: Form, values: Iterable[Any]) -> None:
    """Write JSON *values* to standard output, in the form that the input had."""
    write_documents(form, values, sys.stdout.buffer)
    sys.stdout.buffer.flush()
