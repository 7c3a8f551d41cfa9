"""``mapper check``: what is wrong with a project."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from mapper import codes
from mapper.check import check_project
from mapper.cli.findings import Style, takes_colour
from mapper.cli.locate import open_project
from mapper.cli.options import PATH, findings_options, project_option
from mapper.diagnostics import Diagnostic, FileError, Severity, counted
from mapper.model import Mapping
from mapper.project import Project
from mapper.render.json import render_json
from mapper.render.text import render_text


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=PATH)
@project_option
@findings_options
def check(paths: tuple[Path, ...], project: Path | None, style: Style, *, quiet: bool) -> None:
    """Check a project's mappings and run their examples.

    Each PATH is a mapping file or a folder with some; without one, the whole project is checked.
    The findings go to standard output. Warnings alone do not fail.
    """
    praise = ""
    try:
        opened = open_project(project, *paths)
        mappings = list(_select(opened, paths))
        found = check_project(opened, [mapping.name for mapping in mappings] if paths else None)
        praise = _praise(opened, mappings)
    except FileError as error:
        found = error.diagnostics
    errors = tuple(each for each in found if each.rule.severity is Severity.ERROR)
    shown = errors if quiet else found
    if style == "json":
        text = render_json(shown)
    elif shown:
        text = render_text(shown, colour=takes_colour(sys.stdout))
    else:
        text = "" if quiet else praise
    click.echo(text, nl=False, color=True)  # colour is decided here
    if errors:
        raise click.exceptions.Exit(1)


def _praise(project: Project, mappings: list[Mapping]) -> str:
    """Return what is said if nothing was found."""
    examples = [project.examples(mapping) for mapping in mappings]
    cases = sum(len(each.cases) for each in examples if each is not None)
    return f"{counted(len(mappings), 'mapping')}, {counted(cases, 'example')}: no problems\n"


def _select(project: Project, paths: tuple[Path, ...]) -> Iterator[Mapping]:
    """Yield the mappings in *paths*, or all if there are none, by name.

    Raises:
        FileError: M001 for a path that is not there, M102 for one without a mapping.
    """
    mappings = [project.find(name) for name in project.names]
    chosen = [[each for each in mappings if _lies_in(each, path)] for path in paths]
    faults = [
        _fault(project, path)
        for path, held in zip(paths, chosen, strict=True)
        if not held and not _is_faulty(project, path)
    ]
    if faults:
        raise FileError(faults)
    for mapping in mappings:
        if not paths or any(mapping in held for held in chosen):
            yield mapping


def _lies_in(mapping: Mapping, path: Path) -> bool:
    return Path(mapping.source.name).resolve().is_relative_to(path.resolve())


def _is_faulty(project: Project, path: Path) -> bool:
    """Whether something is known to be wrong with a file in *path*, so that it gave no mapping."""
    places = (each.span.source.name for each in project.findings if each.span is not None)
    return any(Path(name).resolve().is_relative_to(path.resolve()) for name in places)


def _fault(project: Project, path: Path) -> Diagnostic:
    if not path.exists():
        return Diagnostic(codes.UNREADABLE, f"{path} does not exist")
    hint = f"name a mapping file, or a folder with some, in {project.root / 'mappings'}"
    return Diagnostic(codes.UNKNOWN_MAPPING, f"there is no mapping in {path}", hint=hint)
