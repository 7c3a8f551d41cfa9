"""Options and arguments that several commands share."""

from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from mapper.diagnostics import Severity
from mapper.render import Format

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


class NumberRange(click.FloatRange):
    """Numbers of a range; nan, which no bound holds back, is none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number: float = super().convert(value, param, ctx)
        if isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class _Path(click.Path):
    """Paths; an empty one, which would be the current folder, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it is empty, as if from a variable that is not set.", param, ctx)
        return super().convert(value, param, ctx)


FILE = _Path(path_type=Path, allow_dash=True, readable=False)
"""A file to read, or ``-``; whether it can be read is found out by reading it."""
PATH = _Path(path_type=Path, readable=False)
"""A file or folder, likewise."""


def output_option(flag: str, name: str, summary: str) -> Callable[[_Decorated], _Decorated]:
    """Give a command an option for a FILE that it writes, which is not standard output."""
    return click.option(flag, name, metavar="FILE", type=PATH, callback=_no_dash, help=summary)


def _no_dash(_: click.Context, __: click.Parameter, file: Path | None) -> Path | None:
    if file == Path("-"):
        raise click.BadParameter("standard output has what the command finds: name a file.")
    return file


mapping_argument = click.argument("name", metavar="MAPPING")
file_argument = click.argument("file", default="-", metavar="[FILE]", type=FILE)
project_option = click.option(
    "--project",
    metavar="FOLDER",
    type=PATH,
    help="The folder that holds mappings/; by default it is looked for upwards from here.",
)
validate_option = click.option(
    "--no-validate",
    "validate",
    flag_value=False,
    default=True,
    help="Do not hold what comes in and goes out against the schemas.",
)
strict_option = click.option(
    "--strict", is_flag=True, help="Reject vendor payloads with members that their schema lacks."
)
_format_option = click.option(
    "--format",
    "style",
    type=click.Choice(get_args(Format)),
    default="text",
    help="How findings are written: for people (text), or for the programs of that name.",
)
_quiet_option = click.option(
    "-q", "--quiet", is_flag=True, help="Write errors only: no warnings, no remarks."
)


fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(Severity, case_sensitive=False),
    default=Severity.ERROR,
    help="What makes the command fail: errors only, or warnings as well.  [default: error]",
)


def findings_options(command: _Decorated) -> _Decorated:
    """Give *command* the options that say how findings are written."""
    return _format_option(_quiet_option(command))
