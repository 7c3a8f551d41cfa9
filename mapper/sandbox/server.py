"""The server: a state folder, a port on loopback, and a clean stop."""

import json
import os
import shlex
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
from werkzeug.serving import WSGIRequestHandler, make_server

from mapper.sandbox.application import Application
from mapper.sandbox.background import working
from mapper.sandbox.calls import Platform
from mapper.sandbox.deliveries import deliver_due
from mapper.sandbox.execution import Execution
from mapper.sandbox.faults import Fault, Schedule
from mapper.sandbox.jobs import run_due_job
from mapper.sandbox.routes import ROUTES
from mapper.sandbox.seed import Seed, SeedError, is_planted, plant, read_seed
from mapper.sandbox.settings import Settings
from mapper.sandbox.store import Store, Transaction

__all__ = [
    "SECRETS",
    "Configuration",
    "SeedError",
    "StateError",
    "make_application",
    "open_state",
    "read_seed",
    "serve",
    "serving",
]

LOOPBACK = "127.0.0.1"

SECRETS = "secrets.env"
"""The file of a state folder that has the secrets, as lines that a shell can source."""

PROFILES = "profiles.toml"
"""The file by which ``mapper`` finds the platform as the profile ``local``."""

_TOML = "secrets.toml"
"""The file that this profile has its secrets from."""

Log = Callable[[str], None]
"""Takes a line about a request."""


class StateError(Exception):
    """The state folder cannot be used, or the port."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is started with."""

    folder: Path
    port: int = 0
    seed: Seed = msgspec.field(default_factory=Seed)
    settings: Settings = msgspec.field(default_factory=Settings)
    faults: tuple[Fault, ...] = ()


@contextmanager
def serve(configuration: Configuration, log: Log) -> Iterator[dict[str, str]]:
    """Serve a state folder; give the URL, and the files that say how to call it.

    Raises:
        SeedError: The seed says something impossible.
        StateError: The folder cannot be used, or the port.
    """
    store = open_state(configuration.folder, configuration.seed)
    application = make_application(store, configuration, log)
    platform = application.platform
    with (
        closing(store),
        platform.execution,
        working(platform, log, deliver_due, run_due_job),
        serving(application, configuration.port) as url,
    ):
        _write_access(configuration.folder, store, url)
        yield {
            "url": url,
            "secrets": str(configuration.folder / SECRETS),
            "profiles": str(configuration.folder / PROFILES),
        }


def open_state(folder: Path, seed: Seed) -> Store:
    """Return the store of a state folder, which is made, and planted, if it is new.

    Raises:
        SeedError: The seed says something impossible.
        StateError: The folder cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = folder / "platform.sqlite"
        database.touch(mode=0o600)
        store = Store(database)
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"the state folder {folder} cannot be used ({error})") from None
    try:
        with store.writing() as db:
            if not is_planted(db):
                plant(db, seed)
    except BaseException:
        store.close()
        raise
    return store


def make_application(
    store: Store,
    configuration: Configuration,
    log: Log = lambda line: None,
) -> Application:
    """Return the platform over a store."""
    platform = Platform(
        store=store,
        settings=configuration.settings,
        execution=Execution(settings=configuration.settings),
        schedule=Schedule(configuration.faults),
    )
    return Application(platform, ROUTES, log)


@contextmanager
def serving(application: Application, port: int = 0) -> Iterator[str]:
    """Serve an application on loopback, each request in a thread of its own; give its URL.

    Raises:
        StateError: The port is taken.
    """
    try:
        listener = socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise StateError(f"port {port} cannot be used ({error.strerror})") from None
    with listener:
        number = listener.getsockname()[1]
        server = make_server(
            LOOPBACK,
            number,
            application,
            threaded=True,
            request_handler=_QuietHandler,
            fd=listener.fileno(),
        )
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{number}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _QuietHandler(WSGIRequestHandler):
    """Leaves logging to the application, which knows what must not be told."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - its signature
        pass


def _write_access(folder: Path, store: Store, url: str) -> None:
    """Write where the platform is, and the secrets of its first user and instance."""
    with store.reading() as db:
        secrets = _secrets(db)
    variables = {"MAPPER_SANDBOX_URL": url} | {
        f"CE_{_VARIABLES[name]}": value for name, value in secrets.items()
    }
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
    _write_private(folder / SECRETS, exports)
    # A JSON string is a TOML string.
    members = "".join(f"{name} = {json.dumps(value)}\n" for name, value in secrets.items())
    _write_private(folder / _TOML, members)
    profile = f"[profiles.local]\nurl = {json.dumps(url)}\nsecrets-file = {json.dumps(_TOML)}\n"
    _write_private(folder / PROFILES, profile)


_VARIABLES = {"user": "USER_SECRET", "organization": "ORG_SECRET", "element": "ELEMENT_TOKEN"}


def _secrets(db: Transaction) -> dict[str, str]:
    found = {"organization": db.list("organization")[0]["secret"]}
    for user in db.list("user")[:1]:
        found["user"] = user["secret"]
    for instance in db.list("instance")[:1]:
        found["element"] = instance["token"]
    return found


def _write_private(path: Path, text: str) -> None:
    """Write a file for its owner only, in one step for those who read it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
