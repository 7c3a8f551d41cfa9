"""What the commands that speak to the platform share: options, and the way there."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mapper import codes
from mapper.cli.options import PATH
from mapper.diagnostics import Diagnostic, FileError
from mapper.project import find_root

if TYPE_CHECKING:
    from mapper.platform.client import Client

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

STATE = ".mapper"
"""The folder in a project for what concerns the platform."""

_profile_option = click.option(
    "--profile",
    metavar="NAME",
    envvar="MAPPER_PROFILE",
    required=True,
    help="Which platform: us, uk, staging, sap-REGION, sandbox, or a profile of your own.",
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


@contextmanager
def connected(name: str, profiles: Path | None, folder: Path | None = None) -> "Iterator[Client]":
    """Give the client of a profile; *folder* is the project's, by default the one around here.

    Raises:
        FileError: M621 or M622: there is no such profile, or not its secrets.
    """
    from mapper.platform.profiles import find_profile, read_credentials  # noqa: PLC0415 - as below

    own = profiles or Path(click.get_app_dir("mapper")) / "profiles.toml"
    if profiles is not None and not profiles.exists():
        raise FileError([Diagnostic(codes.UNREADABLE, f"{profiles} does not exist")])
    projects = None
    with suppress(FileError):
        projects = (folder or find_root(Path())) / STATE / "profiles.toml"
    profile = find_profile(name, own, None if profiles else projects)
    credentials = read_credentials(profile, os.environ)
    try:
        from mapper.platform.client import Client  # noqa: PLC0415 - slow to import, and an extra
    except ImportError as error:
        hint = "run: pip install 'common-resource-mapper[platform]'"
        missing = Diagnostic(codes.UNREACHABLE, f"{error.name} is not installed", hint=hint)
        raise FileError([missing]) from None
    with Client(profile, credentials) as client:
        yield client
