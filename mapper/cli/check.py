"""``mapper check``: what is wrong with a project."""

from pathlib import Path

import click

from mapper.check import examine_project
from mapper.cli.findings import Style, show
from mapper.cli.locate import open_project
from mapper.cli.options import (
    PATH,
    fail_on_option,
    findings_options,
    output_option,
    project_option,
)
from mapper.cli.selection import select_mappings
from mapper.cli.streams import refuse_sources, write_json
from mapper.diagnostics import FileError, Severity, counted, show_name
from mapper.model import Mapping
from mapper.project import Project
from mapper.render.matrix import render_matrix
from mapper.suppressions import Suppressed


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=PATH)
@click.option(
    "--since",
    metavar="REV",
    help="Check only mappings that changed since this git revision, or that use what did.",
)
@output_option(
    "--certificate",
    "certificate",
    "Write to FILE, as JSON, how the directions of each rule fit and why; show a table of it.",
)
@fail_on_option
@project_option
@findings_options
def check(  # noqa: PLR0913 - its options
    paths: tuple[Path, ...],
    project: Path | None,
    since: str | None,
    certificate: Path | None,
    style: Style,
    *,
    quiet: bool,
    fail_on: Severity,
) -> None:
    """Check a project's mappings and run their examples.

    Each PATH is a mapping file, a folder with some, or a mapping's name; without one, the whole
    project is checked. The findings go to standard output.
    """
    praise = table = ""
    is_certified = False
    checked = Suppressed((), 0)
    try:
        opened = open_project(project, *paths)
        refuse_sources(opened, "--certificate", certificate)
        mappings = list(select_mappings(opened, paths))
        if since is None:
            checked = examine_project(opened, [each.name for each in mappings] if paths else None)
            praise = _praise(opened, mappings, checked.number)
        else:
            mappings, checked, praise = _examine_changes(
                opened, mappings, since, is_whole=not paths
            )
        if certificate is not None and not any(each.is_error for each in checked.found):
            is_certified = True
            table = _certify(opened, mappings, certificate)
    except FileError as error:
        checked = checked._replace(found=(*checked.found, *error.diagnostics))
    below = "\n".join(filter(None, ["" if checked.found else praise, table]))
    failed = show(
        checked.found,
        style,
        quiet=quiet,
        fail_on=fail_on,
        suppressed=checked.number,
        below=below,
    )
    if certificate is not None and not is_certified:
        click.echo(f"{certificate} is not written, since there are errors", err=True)
    if failed:
        raise click.exceptions.Exit(1)


def _certify(project: Project, mappings: list[Mapping], path: Path) -> str:
    """Write the certificate of *mappings* to *path*, and return it as a table.

    Raises:
        FileError: M115 if it cannot be written.
    """
    from mapper.certificate import certificate  # noqa: PLC0415 - few runs ask for one

    made = certificate(project, [each.name for each in mappings])
    write_json(path, made)
    return render_matrix(made)


def _examine_changes(
    project: Project, mappings: list[Mapping], since: str, *, is_whole: bool
) -> tuple[list[Mapping], Suppressed, str]:
    """Return which of *mappings* what changed affects, what is wrong, or else what to say.

    If it is whole, they are all of the project's, and what else changed is looked at.

    Raises:
        FileError: M116 if there is no telling what changed.
    """
    from mapper.changes import changes_since, scope_of  # noqa: PLC0415 - it runs git

    changes = changes_since(project, since)
    scope = scope_of(project, changes, mappings, is_whole=is_whole)
    affected = [each for each in mappings if each.name in scope.names]
    checked = examine_project(project, scope.names, scope)
    if changes.files:
        praise = _praise(project, affected, checked.number)
    else:
        praise = f"nothing changed since {show_name(since)}\n"
    return affected, checked, praise


def _praise(project: Project, mappings: list[Mapping], suppressed: int) -> str:
    """Return what is said if nothing was found."""
    examples = [project.examples(mapping) for mapping in mappings]
    cases = sum(len(each.cases) for each in examples if each is not None)
    left = f", {suppressed} suppressed" if suppressed else ""
    return f"{counted(len(mappings), 'mapping')}, {counted(cases, 'example')}: no problems{left}\n"
