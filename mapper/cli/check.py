"""``mapper check``: what is wrong with a project."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from mapper import codes
from mapper.check import check_project
from mapper.cli.findings import render_json, reporting, takes_colour
from mapper.cli.locate import open_project
from mapper.cli.options import findings_options, project_option
from mapper.diagnostics import Diagnostic, FileError, Severity
from mapper.model import Mapping
from mapper.project import Project
from mapper.render.text import render_text


@click.command()
@click.argument(
    "paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path, readable=False)
)
@project_option
@findings_options
def check(paths: tuple[Path, ...], project: Path | None, form: str, *, quiet: bool) -> None:
    """Check a project's mappings and run their examples.

    Each PATH is a mapping file or a folder with some; without one, the whole project is checked.
    The findings go to standard output. Warnings alone do not fail.
    """
    with reporting(form, quiet=quiet):
        opened = open_project(project, *paths)
        mappings = list(_select(opened, paths))
        found = check_project(opened, [mapping.name for mapping in mappings])
        failed = any(each.rule.severity is Severity.ERROR for each in found)
        if quiet:
            found = tuple(each for each in found if each.rule.severity is Severity.ERROR)
        click.echo(_render(opened, mappings, found, form, quiet=quiet), nl=False, color=True)
    if failed:
        raise click.exceptions.Exit(1)


def _render(
    project: Project,
    mappings: list[Mapping],
    found: tuple[Diagnostic, ...],
    form: str,
    *,
    quiet: bool,
) -> str:
    if form == "json":
        return render_json(found)
    if found:
        return render_text(found, colour=takes_colour(sys.stdout))
    if quiet:
        return ""
    examples = [project.examples(mapping) for mapping in mappings]
    cases = sum(len(each.cases) for each in examples if each is not None)
    return f"{_count(len(mappings), 'mapping')}, {_count(cases, 'example')}: no problems\n"


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


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
