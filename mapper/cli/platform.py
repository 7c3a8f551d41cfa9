"""What the commands that speak to the platform share: options, and the way there."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click
from msgspec import Struct

from mapper import codes
from mapper.changes import project_at, revision_of
from mapper.cli.findings import reporting
from mapper.cli.locate import open_project
from mapper.cli.options import PATH
from mapper.diagnostics import Diagnostic, FileError
from mapper.platform.journal import StateFolder
from mapper.platform.levels import Level, Owner
from mapper.platform.plan import Options
from mapper.project import Project, find_root

if TYPE_CHECKING:
    from mapper.platform.client import Client

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

Style = Literal["text", "json", "markdown"]

STATE = ".mapper"
"""The folder in a project for what concerns the platform."""

_profile_option = click.option(
    "--profile",
    metavar="NAME",
    envvar="MAPPER_PROFILE",
    required=True,
    help="Which platform: us, uk, staging, sap-REGION, local (mapper sandbox), or one of yours.",
)
_profiles_option = click.option(
    "--profiles",
    metavar="FILE",
    type=PATH,
    help="Where profiles are, instead of the user's own and the project's files.",
)
data_format_option = click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people (text), or for programs (json).",
)


def platform_options(command: _Decorated) -> _Decorated:
    """Give *command* the options that say which platform."""
    return _profile_option(_profiles_option(command))


def owner_options(command: _Decorated) -> _Decorated:
    """Give *command* the options that say whom documents are for."""
    account = click.option(
        "--account", metavar="ID", help="For this account, whatever level the profile has."
    )
    instance = click.option(
        "--instance", metavar="ID", help="For this instance, whatever level the profile has."
    )
    return account(instance(command))


def owner_of(account: str | None, instance: str | None) -> Owner | None:
    """Return whom documents are for by these options, None if the profile says it.

    Raises:
        UsageError: Both are given.
    """
    if account is not None and instance is not None:
        raise click.UsageError("--account and --instance exclude each other.")
    if account is not None:
        return Owner(Level.ACCOUNT, account)
    return None if instance is None else Owner(Level.INSTANCE, instance)


names_argument = click.argument("names", nargs=-1, metavar="[MAPPING]...")
rev_option = click.option(
    "--rev", metavar="REV", help="Take the project as it was at this git revision."
)
adopt_option = click.option(
    "--adopt",
    metavar="NAME",
    multiple=True,
    help="Take over the object of this name, although it is not ours.",
)
prune_option = click.option(
    "--prune", is_flag=True, help="Delete what has a tombstone in mappings/removed.yaml."
)
state_option = click.option(
    "--state-dir",
    "folder",
    metavar="FOLDER",
    type=PATH,
    help="Where snapshots and journals are kept.  [default: .mapper in the project]",
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
exit_code_option = click.option(
    "--exit-code", "tells", is_flag=True, help="Exit with 2 if there is something to change."
)


def decorated(*options: Callable[[_Decorated], _Decorated]) -> Callable[[_Decorated], _Decorated]:
    def decorate(command: _Decorated) -> _Decorated:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _files_of_project(folder: Path | None) -> list[Path]:
    """Return where a project has profiles: its own, and that of its local platform."""
    with suppress(FileError):
        state = (folder or find_root(Path())) / STATE
        return [state / "profiles.toml", state / "sandbox" / "profiles.toml"]
    return []


@contextmanager
def connected(
    name: str, profiles: Path | None, folder: Path | None = None, owner: Owner | None = None
) -> "Iterator[Client]":
    """Give the client of a profile; *folder* is the project's, by default the one around here.

    Documents are for *owner*, if one is given.

    Raises:
        FileError: M621 or M622: there is no such profile, or not its secrets.
    """
    from mapper.platform.profiles import (  # noqa: PLC0415 - as below
        find_profile,
        for_owner,
        read_credentials,
    )

    own = profiles or Path(click.get_app_dir("mapper")) / "profiles.toml"
    if profiles is not None and not profiles.exists():
        raise FileError([Diagnostic(codes.UNREADABLE, f"{profiles} does not exist")])
    profile = find_profile(name, own, *([] if profiles else _files_of_project(folder)))
    profile = profile if owner is None else for_owner(profile, owner)
    credentials = read_credentials(profile, os.environ)
    try:
        from mapper.platform.client import Client  # noqa: PLC0415 - slow to import, and an extra
    except ImportError as error:
        hint = "run: pip install 'common-resource-mapper[platform]'"
        missing = Diagnostic(codes.UNREACHABLE, f"{error.name} is not installed", hint=hint)
        raise FileError([missing]) from None
    with Client(profile, credentials) as client:
        yield client


def reported(style: Style) -> Any:
    return reporting("json" if style == "json" else "text")


class Asked(Struct, frozen=True, kw_only=True):
    """What a plan is about: the options that it was made with."""

    profile: str
    owner: Owner | None = None
    names: tuple[str, ...] = ()
    rev: str | None = None
    adopt: tuple[str, ...] = ()
    prune: bool = False

    @property
    def options(self) -> Options:
        return Options(frozenset(self.adopt), self.prune)


@contextmanager
def opened(project: Path | None, rev: str | None) -> Iterator[tuple[Project, Project, str]]:
    """Give the project as it is, as it is to be published, and in words which that is."""
    here = open_project(project)
    if rev is None:
        yield here, here, revision_of(here)
        return
    with project_at(here, rev) as then:
        yield here, then, f"revision {rev}"


def state_of(folder: Path | None, here: Project) -> StateFolder:
    return StateFolder(folder or here.root / STATE)
