"""``mapper check``: what is wrong with a project."""

import sys
from pathlib import Path

import click

from mapper.check import check_project
from mapper.cli.findings import Style, takes_colour
from mapper.cli.locate import open_project
from mapper.cli.options import PATH, findings_options, project_option
from mapper.cli.selection import select_mappings
from mapper.diagnostics import FileError, Severity, counted
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
        mappings = list(select_mappings(opened, paths))
        found = check_project(opened, [mapping.name for mapping in mappings])
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
