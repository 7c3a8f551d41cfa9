"""A small project, a local platform in this process, and a wire between that can be cut."""

import json
import shutil
from functools import cache
from pathlib import Path
from threading import Lock

import httpx2
import msgspec

from mapper.platform.client import Client, Waits
from mapper.platform.current import read_document
from mapper.platform.journal import StateFolder
from mapper.platform.normal import Key, Kind
from mapper.platform.plan import Options
from mapper.platform.profiles import Profile, read_credentials
from mapper.platform.publish import carry_out, snapshot
from mapper.platform.survey import resolve_runs, survey
from mapper.project import load_project
from mapper.sandbox.seed import read_seed
from mapper.sandbox.server import Configuration, make_application, open_state

URL = "http://127.0.0.1:1"
ELEMENT = "acme"
SEED = {
    "elements": [
        {"key": key, "id": number, "name": key, "hub": "finance", "authenticationType": "oauth2"}
        for key, number in ((ELEMENT, 29), ("other", 30))
    ],
    "instances": [{"name": f"Books {n}", "element": ELEMENT} for n in range(3)],
}
NOTHING_SPECIAL = Options()
TOMBSTONE = {"objectName": "gone", "element": ELEMENT, "reason": "nobody used it"}

BEFORE = {"a": ["name", "old"], "gone": ["x"]}
AFTER = {"a": ["name", "new"], "b": ["x"]}
GONE = {"acme/gone": TOMBSTONE}
PRUNE = Options(prune=True)
FOREIGN = {"fields": [{"path": "id"}, {"path": "secretSauce", "type": "number"}]}
HAND_MADE = {
    "vendorName": "deals",
    "fields": [{"path": "id", "vendorPath": "Id"}],
    "script": {"body": "done(transformedObject);"},
}


def definition(name):
    return Key(Kind.DEFINITION, name)


def transformation(name, element=ELEMENT):
    return Key(Kind.TRANSFORMATION, name, element)


def fields(*names):
    return {name: {"type": "string", "description": "x"} for name in names}


def write_project(folder, things, removed=None):
    """Write a project that has *things*: the members of each by its name."""
    shutil.rmtree(folder / "mappings", ignore_errors=True)
    files = {}
    for name, members in things.items():
        vendor = {"x-filters": {}, "properties": fields("id", *(f"v_{each}" for each in members))}
        files |= {
            f"schemas/vendor/{name}.json": {"type": "object", **vendor},
            f"schemas/{name}.json": {
                "type": "object",
                "properties": fields("id", *members),
                "additionalProperties": False,
            },
            f"mappings/{name}.resource.yaml": {
                "resource": name, "schema": f"{name}.json", "key": "id",
            },
            f"mappings/{name}.yaml": {
                "mapping": f"acme/{name}",
                "resource": name,
                "vendor": {
                    "element": ELEMENT, "resource": f"{name}s", "schema": f"vendor/{name}.json",
                },
                "fields": {"id": "id", **{each: f"v_{each}" for each in members}},
                "examples": f"{name}.examples.yaml",
            },
            f"mappings/{name}.examples.yaml": {
                "examples": f"acme/{name}",
                "cases": [
                    {"example": "read", "from_vendor": {"id": "1"}, "gives": {"id": "1"}},
                ],
            },
        }  # fmt: skip
    if removed:
        files["mappings/removed.yaml"] = {"removed": removed}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")


class Killed(BaseException):
    """The process ends here, without another word."""


class RefusedPlanError(AssertionError):
    """A plan has something that is not ours."""


class Wire(httpx2.BaseTransport):
    """Leads to the platform; the request of an index meets a fault, or all from there on."""

    def __init__(self, application):
        self._way = httpx2.WSGITransport(app=application)
        self._counting = Lock()
        self.requests = []
        self.fault = None
        self.at = range(0)
        self.meanwhile = None

    def cut(self, fault, at, times=1):
        self.requests.clear()
        self.fault, self.at = fault, range(at, at + times)

    def handle_request(self, request):
        with self._counting:
            index = len(self.requests)
            self.requests.append(f"{request.method} {request.url.path}")
        if index not in self.at:
            return self._way.handle_request(request)
        what, _, when = self.fault.partition(" ")
        if when == "after":
            self._way.handle_request(request)
        match what:
            case "unsent":
                raise httpx2.ConnectError("no")
            case "lost":
                raise httpx2.ReadError("gone")
            case "failed":
                return httpx2.Response(503, json={"message": "It hurts"})
            case "throttled":
                headers = {"Retry-After": "0"}
                return httpx2.Response(429, json={"message": "Slowly"}, headers=headers)
            case "refused":
                return httpx2.Response(403, json={"message": "You may not"})
            case "garbled":
                return httpx2.Response(200, content=b'{"id": 1, "fie')
            case "killed":
                raise Killed
            case "interrupted":
                raise KeyboardInterrupt
            case "overtaken":  # somebody else does all of theirs just before
                self.meanwhile()
                return self._way.handle_request(request)
        raise AssertionError(what)


FAULTS = (
    "unsent", "lost before", "lost after", "failed before", "failed after", "throttled before",
    "refused before", "garbled before", "garbled after", "killed before", "killed after",
    "interrupted before", "interrupted after",
)  # fmt: skip


@cache
def application():
    """Return the platform's application, whose table of routes takes long to make."""
    return make_application(None, Configuration(folder=None))


class World:
    """A project's folder, its state folder, and a platform; *project* is one of another folder."""

    def __init__(self, folder: Path, concurrency=1, project=None):
        self.folder = folder
        self.project = project
        self.store = open_state(folder / "platform", read_seed(SEED))
        self.application = application()
        platform = self.application.platform
        self.application.platform = msgspec.structs.replace(platform, store=self.store)
        self.wire = Wire(self.application)
        with self.store.reading() as db:
            user, organization = db.list("user")[0], db.list("organization")[0]
        self.environment = {
            "CE_USER_SECRET": user["secret"], "CE_ORG_SECRET": organization["secret"],
        }  # fmt: skip
        # One at a time, the same index always is the same request.
        self.profile = Profile(url=URL, retries=1, concurrency=concurrency)
        self.place = self.profile.place
        self.client = self.make_client(self.wire)
        self.others = self.make_client(Wire(self.application))

    def make_client(self, wire):
        return Client(
            self.profile,
            read_credentials(self.profile, self.environment),
            transport=wire,
            waits=Waits(sleep=lambda _: None, draw=lambda: 1.0, now=lambda: 0.0),
        )

    @property
    def state(self):
        return StateFolder(self.folder / "state")

    def close(self):
        for client in (self.client, self.others):
            client.__exit__()
        self.store.close()

    def survey(self, options=NOTHING_SPECIAL, client=None):
        project = self.project or load_project(self.folder)
        return survey(client or self.client, self.state, project, (), options)

    def publish(self, options=NOTHING_SPECIAL, client=None):
        """Do what ``mapper publish`` does; return what became of each write."""
        client = client or self.client
        list(resolve_runs(client, self.state))
        given = self.survey(options, client)
        if given.plan.refused:
            raise RefusedPlanError(given.plan.refused)
        with self.state.alone():
            if given.plan.is_empty:
                ours = {each.key: each.own for each in given.plan.changes if not each.adopted}
                self.state.publish(self.place, ours)
                return []
            run = self.state.begin(snapshot(given.plan, "now", given.record))
            return carry_out(client, run, self.state, lambda result: None)

    def live(self, key):
        """Return what the platform has, whatever the wire does."""
        return read_document(self.others, self.place, key)

    def send(self, method, path, body=None):
        """Let somebody else do something on the platform."""
        return self.others.send(method, path, body)


def prepare(folder):
    """Publish something of a project in a folder, and let others have something, too."""
    write_project(folder, BEFORE)
    world = World(folder)
    assert all(each.is_fine for each in world.publish())
    world.send("POST", "/organizations/objects/theirs/definitions", FOREIGN)
    world.send("POST", "/organizations/elements/acme/transformations/theirs", HAND_MADE)
    ours = {"fields": [{"path": path} for path in ("id", "name", "old")]}
    added = {"fields": [*ours["fields"], {"path": "added", "type": "number"}]}
    world.send("PUT", "/organizations/objects/a/definitions", added)
    world.close()


def everything(world):
    """Return what the platform has of all that occurs here, ours and others'."""
    names = ("a", "b", "gone", "theirs")
    keys = [*map(definition, names), *map(transformation, names)]
    return {key: live for key in keys if (live := world.live(key)) is not None}
