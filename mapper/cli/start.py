"""``mapper init``: a small working project to start from."""

import os
from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

import click

from mapper import codes
from mapper.cli.findings import Style, reporting
from mapper.cli.options import PATH, findings_options
from mapper.diagnostics import Diagnostic, FileError

LANGUAGE = PurePosixPath("mappings/.language")
"""Where a project keeps the JSON Schemas of the language, to which its files' first lines lead."""


@click.command("init")
@click.argument("folder", default=".", type=PATH)
@findings_options
def init(folder: Path, style: Style, *, quiet: bool) -> None:
    """Write a small working project to start from.

    It goes to FOLDER, or here. Nothing that is there is changed.
    """
    with reporting(style, quiet=quiet) as report:
        content = dict(_skeleton())
        _refuse_what_is_there(folder, content)
        for name, data in content.items():
            _write(folder / name, data)
        where = "" if folder == Path() else f" in {folder}"
        report.remark(f"{len(content)} files written; try{where}:")
        report.remark("  mapper check")
        report.remark("  mapper from-vendor acme/contact payloads/person.json")


def _skeleton() -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the files of a new project by path."""
    yield from _below(files("mapper.cli") / "skeleton", PurePosixPath())
    yield from _below(files("mapper") / "language", LANGUAGE)


def _below(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from _below(entry, path / entry.name)
        else:
            yield path / entry.name, entry.read_bytes()


def _refuse_what_is_there(folder: Path, names: Iterable[PurePosixPath]) -> None:
    found = [name for name in names if os.path.lexists(folder / name)]
    if found:
        where = "this folder" if folder == Path() else str(folder)
        files = str(found[0]) if len(found) == 1 else f"{len(found)} files, first {found[0]}"
        message = f"{where} already holds {files}"
        raise FileError([Diagnostic(codes.IN_THE_WAY, message)])


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror})"
        raise FileError([Diagnostic(codes.UNWRITABLE, message)]) from None
