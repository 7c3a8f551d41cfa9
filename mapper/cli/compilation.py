"""``mapper compile``: a mapping as the program that runs it."""

from pathlib import Path

import click

from mapper import codes
from mapper.cli.findings import Style, reporting
from mapper.cli.locate import open_project
from mapper.cli.options import findings_options, mapping_argument, project_option
from mapper.compile import Direction, print_python
from mapper.diagnostics import Diagnostic, FileError

_DIRECTIONS = {each.replace("_", "-"): each for each in Direction}


@click.command("compile")
@mapping_argument
@click.option(
    "--direction",
    type=click.Choice(list(_DIRECTIONS)),
    default="from-vendor",
    help="What the module is for: reading, or writing to create, to update, or for a request.",
)
@project_option
@findings_options
def compile(  # noqa: A001 - its name
    name: str, direction: str, project: Path | None, style: Style, *, quiet: bool
) -> None:
    """Print the Python module that a mapping runs as.

    MAPPING is the name of a mapping or the path of its file. The module has one function for users,
    which is named after the direction.
    """
    with reporting(style, quiet=quiet):
        mapper = open_project(project, name).mapper(name)
        source = print_python(mapper.lowered, _DIRECTIONS[direction])
        if source is None:
            message = f"{mapper.name} has no printed form for {direction}"
            raise FileError([Diagnostic(codes.NO_PRINTED_FORM, message)])
        click.echo(source, nl=False)
