"""A platform for tests, and clients that speak to it in the name of its users."""

import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx2
from werkzeug.test import Client, TestResponse

from mapper.sandbox.faults import Fault
from mapper.sandbox.seed import Seed, read_seed
from mapper.sandbox.server import Configuration, make_application, open_state
from mapper.sandbox.settings import Settings

ORG_ADMIN, ADMIN, USER = (each.email for each in Seed().users)

ROOT = Path(__file__).resolve().parents[1]
API = "/elements/api-v2"


class Session:
    """Calls the platform for one user, by default with the token of the first instance."""

    def __init__(self, client, authorization):
        self.client = client
        self.headers = {"Authorization": authorization}

    def __call__(self, method, path, body=None, *, status=200, **headers) -> Any:
        """Return the JSON body of the answer, whose status must be as said."""
        answer = self.answer(method, path, body, status=status, **headers)
        return answer.json if answer.data else None

    def answer(self, method, path, body=None, *, status=200, **headers) -> TestResponse:
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.open(
            API + path, method=method, json=body, headers=self.headers | extra
        )
        said = answer.get_data(as_text=True)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {said}"
        return answer


class World:
    """A platform in this process, to be closed."""

    def __init__(self, folder: Path, seed=None, settings=None, faults=()):
        self.log: list[str] = []
        self.store = open_state(folder, read_seed(seed or {}))
        configuration = Configuration(
            folder=folder, settings=Settings(settings), faults=tuple[Fault, ...](faults)
        )
        self.application = make_application(self.store, configuration, self.log.append)
        self.client = Client(self.application)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.application.platform.execution.close()
        self.store.close()

    def all(self, kind):
        with self.store.reading() as db:
            return db.list(kind)

    def session(self, email=ORG_ADMIN, *, instance=0) -> Session:
        """Return a session of a user, with the token of an instance unless that is None."""
        user = next(each for each in self.all("user") if each["email"] == email)
        pairs = [
            f"User {user['secret']}",
            f"Organization {self.all('organization')[0]['secret']}",
        ]
        if instance is not None:
            pairs.append(f"Element {self.all('instance')[instance]['token']}")
        return Session(self.client, ", ".join(pairs))

    def give(self, user, privileges):
        """Give a user these privileges and no others."""
        with self.store.writing() as db:
            db.put("user", user["id"], user | {"privileges": privileges}, user["secret"])


class Server:
    """A platform in a process of its own, as users start it; it tells of requests on *stderr*."""

    def __init__(self, folder: Path, *options: str, stderr: Any = subprocess.PIPE):
        arguments = [sys.executable, "-m", "mapper", "sandbox", "--port", "0"]
        self.process = subprocess.Popen(
            [*arguments, "--state-dir", str(folder), *options],
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"no ready line: {self.process.communicate()[1]}")
        self.ready = json.loads(line)
        self.secrets = tomllib.loads((folder / "secrets.toml").read_text("utf-8"))
        words = {"user": "User", "organization": "Organization", "element": "Element"}
        pairs = [f"{words[name]} {secret}" for name, secret in self.secrets.items()]
        self.http = httpx2.Client(
            base_url=self.ready["url"] + API,
            headers={"Authorization": ", ".join(pairs)},
            timeout=30,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)

    def __call__(self, method, path, body=None, *, status=200, **headers) -> Any:
        """Return the JSON body of the answer, as a session does."""
        answer = self.answer(method, path, body, status=status, **headers)
        return answer.json() if answer.content else None

    def answer(self, method, path, body=None, *, status=200, **headers) -> httpx2.Response:
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.http.request(method, path, json=body, headers=extra)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        return answer

    def stop(self, number=signal.SIGTERM):
        """End the server by a signal, and return its exit code and what it told."""
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err
