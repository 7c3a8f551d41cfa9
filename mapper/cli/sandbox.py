"""``mapper sandbox``: a local platform."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

import click

from mapper.cli.options import PATH

_INSTALL = "pip install 'common-resource-mapper[sandbox]'"


@click.command("sandbox")
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="The port on this machine; 0 takes a free one.",
)
@click.option(
    "--state-dir",
    "folder",
    metavar="FOLDER",
    type=PATH,
    default=Path(".mapper/sandbox"),
    show_default=True,
    help="Where everything is kept.",
)
@click.option("--seed", metavar="FILE", type=PATH, help="What a new state folder begins with.")
@click.option(
    "--setting",
    "given",
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a switch for a behaviour that is not known for certain.",
)
@click.option(
    "--fault",
    "faults",
    metavar="FAULT",
    multiple=True,
    help="Answer with a fault, such as 'error-after=503;method=PUT;skip=2;times=1'.",
)
@click.option("-q", "--quiet", is_flag=True, help="Do not write a line for each request.")
def sandbox(
    port: int,
    folder: Path,
    seed: Path | None,
    given: tuple[str, ...],
    faults: tuple[str, ...],
    *,
    quiet: bool,
) -> None:
    """Run a local platform on this machine until it is stopped.

    When it is ready, one line of JSON on standard output says its URL, and which files have what
    it takes to call it: secrets for a shell to source, and profiles for --profiles. Requests are
    told on standard error.
    """
    try:
        from mapper.sandbox import server  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"the sandbox needs {error.name}, which is not installed: {_INSTALL}"
        ) from None
    settings = _settings(given)
    schedule = tuple(_fault(each) for each in faults)
    log = _silent if quiet else _tell
    try:
        configuration = server.Configuration(
            folder=folder,
            port=port,
            seed=server.read_seed({} if seed is None else _read(seed)),
            settings=settings,
            faults=schedule,
        )
        with _asked_to_end() as asked, server.serve(configuration, log) as ready:
            click.echo(json.dumps(ready))
            asked.wait()
    except (server.SeedError, server.StateError) as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _asked_to_end() -> Iterator[Event]:
    """Give what is set when the process is asked to end; Ctrl-C raises KeyboardInterrupt."""
    asked = Event()

    def stop(_: int, __: FrameType | None) -> None:
        asked.set()

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGTERM, before)


def _read(seed: Path) -> dict[str, Any]:
    try:
        content = json.loads(seed.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{seed} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{seed} is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise click.ClickException(f"{seed} is no JSON object")
    return content


def _settings(given: tuple[str, ...]) -> Any:
    from mapper.sandbox.settings import Settings  # noqa: PLC0415 - an extra

    settings = Settings()
    for each in given:
        name, _, value = each.partition("=")
        try:
            settings.set(name, value)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--setting") from None
    return settings


def _fault(text: str) -> Any:
    from mapper.sandbox.faults import parse_fault  # noqa: PLC0415 - an extra

    try:
        return parse_fault(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from None


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _silent(line: str) -> None:
    pass
