"""The command line: a command parses its arguments, calls one function, renders, and exits.

A command's module is imported when the command is asked for, so that ``--help`` and ``--version``
import nothing else of mapper.
"""

import atexit
import gc
import os
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from mapper import __version__

__all__ = ["COMMANDS", "main"]

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 and the number of SIGINT, as shells have it."""

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("mapper.cli.start", "Write a small working project to start from."),
    "check": ("mapper.cli.check", "Check a project's mappings and run their examples."),
    "test": ("mapper.cli.proof", "Try a project's mappings: their examples, laws and coverage."),
    "from-vendor": ("mapper.cli.transform", "Turn vendor payloads into common objects."),
    "to-vendor": ("mapper.cli.transform", "Turn common objects into vendor request bodies."),
    "compile": ("mapper.cli.compilation", "Print what a mapping runs as, here or on the platform."),
    "eval": ("mapper.cli.evaluation", "Evaluate a JMESPath expression over a JSON document."),
    "sandbox": ("mapper.cli.sandbox", "Run a local platform on this machine until it is stopped."),
    "whoami": ("mapper.cli.account", "Show whom the platform knows a profile's secrets by."),
    "instances": (
        "mapper.cli.account",
        "List the platform's element instances, or show the one of that ID.",
    ),
    "fetch": (
        "mapper.cli.fetching",
        "Read objects through the platform, as payloads or as common objects.",
    ),
    "plan": (
        "mapper.cli.planning",
        "Show what publishing would change on the platform, field by field.",
    ),
    "publish": ("mapper.cli.publication", "Make the platform have what the project says."),
    "rollback": (
        "mapper.cli.publication",
        "Give the platform back what it had before a run of publish.",
    ),
    "drift": (
        "mapper.cli.planning",
        "Show what became different since it was published, in the project and on the platform.",
    ),
    "pull": ("mapper.cli.pulling", "Make mapping files of what is on the platform."),
    "export": (
        "mapper.cli.pulling",
        "Write what mappings are published as, in a form that the vendor's own tool reads.",
    ),
    "explain": ("mapper.cli.explanation", "Say what a diagnostic's code means."),
}
"""By name: the module that has the command, and the first sentence of its help."""


class Commands(click.Group):
    """The commands of :data:`COMMANDS`, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            from mapper.garbage import collected_later  # noqa: PLC0415 - as the docstring says

            with collected_later():
                module = import_module(COMMANDS[cmd_name][0])
            command: click.Command = getattr(module, cmd_name.replace("-", "_"))
            return command
        from difflib import get_close_matches  # noqa: PLC0415 - slow to import, for mistakes only

        near = get_close_matches(cmd_name, COMMANDS, n=1)
        if near and not ctx.resilient_parsing:
            ctx.fail(f"No such command {cmd_name!r}. Did you mean {near[0]!r}?")
        return None

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def main(self, *args: Any, **kwargs: Any) -> Any:
        _open_closed_streams()
        _take_any_text()
        _end_without_collecting()
        try:
            return super().main(*args, **kwargs)  # a closed pipe ends it quietly
        except OSError as error:  # a full disk, a folder as standard input …
            where = f" at {os.fsdecode(error.filename)}" if error.filename else ""
            click.echo(f"mapper: input or output failed{where} ({error.strerror})", err=True)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # drops what is unsent
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


def _end_without_collecting() -> None:
    """Let the end of the program not look through all that goes with it: a tenth of a check."""
    atexit.unregister(gc.freeze)  # programs may call main several times
    atexit.register(gc.freeze)


def _open_closed_streams() -> None:
    """Let the standard streams that the caller closed, which Python has as None, lead nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _take_any_text() -> None:
    """Let standard output and error escape what their encoding lacks; data goes there as bytes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click's signature
    if asked and not ctx.resilient_parsing:
        click.echo(f"mapper {__version__}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Map vendor payloads to common resources and back, as the files of a project say.

    Data goes to standard output, what people should know to standard error. The exit code is 0 if
    all went well, 1 if something was found or failed, and 2 if the command was used wrongly.
    """
