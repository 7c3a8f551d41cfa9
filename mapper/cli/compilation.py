"""``mapper compile``: a mapping as what runs it, here or on the platform."""

from pathlib import Path

import click

from mapper import codes
from mapper.cli.findings import Style, reporting
from mapper.cli.locate import open_project
from mapper.cli.options import findings_options, mapping_argument, project_option
from mapper.compile import Direction, print_python
from mapper.diagnostics import Diagnostic, FileError
from mapper.platform.documents import level_for, script_of
from mapper.platform.levels import Level
from mapper.platform.pulled import desired_documents
from mapper.running import Mapper

_DIRECTIONS = {each.replace("_", "-"): each for each in Direction}
_TARGETS = ("python", "javascript", "platform")


@click.command("compile")
@mapping_argument
@click.option(
    "--target",
    type=click.Choice(_TARGETS),
    default="python",
    show_default=True,
    help="A Python module, the script that the platform runs, or its documents as JSON.",
)
@click.option(
    "--direction",
    type=click.Choice(list(_DIRECTIONS)),
    help="What the module is for: reading, or writing to create, to update, or for a request.  "
    "[default: from-vendor]",
)
@click.option(
    "--level",
    type=click.Choice([each.value for each in Level]),
    help="Whom the documents are for.  [default: that of an overlay, or organization]",
)
@project_option
@findings_options
def compile(  # noqa: A001, PLR0913 - its name and its options
    name: str,
    *,
    target: str,
    direction: str | None,
    level: str | None,
    project: Path | None,
    style: Style,
    quiet: bool,
) -> None:
    """Print what a mapping runs as, here or on the platform.

    MAPPING is the name of a mapping or the path of its file. A Python module has one function for
    users, which is named after the direction. The platform's documents are an object definition and
    a transformation with its script; what it cannot do of the mapping goes to standard error.
    """
    if direction is not None and target != "python":
        raise click.UsageError("--direction is for the target python.")
    if level is not None and target != "platform":
        raise click.UsageError("--level is for the target platform.")
    with reporting(style, quiet=quiet) as report:
        mapper = open_project(project, name).mapper(name)
        match target:
            case "python":
                click.echo(_python(mapper, direction or "from-vendor"), nl=False)
            case "javascript":
                click.echo(script_of(mapper.parts), nl=False)
            case _:
                asked = None if level is None else Level(level)
                made = desired_documents(mapper.parts, level_for(mapper.mapping, asked))
                click.echo(made.text, nl=False)
                report.add(*made.limits)


def _python(mapper: Mapper, direction: str) -> str:
    source = print_python(mapper.lowered, _DIRECTIONS[direction])
    if source is None:
        message = f"{mapper.name} has no printed form for {direction}"
        raise FileError([Diagnostic(codes.NO_PRINTED_FORM, message)])
    return source
