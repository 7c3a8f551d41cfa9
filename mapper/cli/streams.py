"""Standard streams and files as the commands read and write them."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from mapper.cli.findings import Report
from mapper.files import open_file
from mapper.payload import Form, write_documents

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


def write_output(form: Form, values: Iterable[Any]) -> None:
    """Write JSON *values* to standard output, in the form that the input had."""
    write_documents(form, values, sys.stdout.buffer)
    sys.stdout.buffer.flush()
