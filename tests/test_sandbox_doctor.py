"""The vendor's own command-line tool, unmodified, works against the local platform.

It is ``ce-util`` of npm, the doctor. It is installed once into pytest's cache; without Node.js, npm
or a way to their registry these tests skip.
"""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from sandbox_client import Server

PACKAGE = "ce-util@2.1.5"
"""The newest that npm has. It reads and writes definitions and transformations."""
ELEMENT = "freshbooksv2"

DEFINITIONS = {
    "Invoice": [
        ("id", "string"),
        ("total", "number"),
        ("lines", "array"),
        ("lines[*].name", "string"),
    ],
    "Tax": [("name", "string")],
}
TRANSFORMATIONS = {
    "Invoice": {
        "vendorName": "invoices",
        "fields": [
            {
                "path": "id",
                "vendorPath": "invoiceid",
                "configuration": [
                    {"type": "passThrough", "properties": {"fromVendor": True, "toVendor": False}}
                ],
            },
            {"path": "lines[*].name", "vendorPath": "lines[*].name"},
        ],
        "configuration": [{"type": "inherit"}],
        "script": {"body": "transformedObject.total = 1;\ndone(transformedObject);\n"},
    },
    "Tax": {"vendorName": "taxes", "fields": [{"path": "name", "vendorPath": "name"}]},
}


@pytest.fixture(scope="module")
def program(request):
    """Return the doctor's program."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node.js and npm are not here")
    folder = request.config.cache.mkdir("vendor-tool") / PACKAGE.replace("@", "-")
    if not folder.is_dir():
        _install(folder)
    return folder / "node_modules" / "ce-util" / "src" / "cli" / "doctor.js"


def _install(folder):
    """Install the doctor as *folder*, whole or not at all: other processes may do so meanwhile."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
        options = ["--prefix", f"{made}/package", "--cache", f"{made}/npm"]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"{PACKAGE} cannot be installed: {done.stderr[-300:]}")
        try:
            Path(made, "package").rename(folder)
        except OSError:
            assert folder.is_dir()  # another process was first


class Platform:
    """A platform, and the doctor with an account there."""

    def __init__(self, server, program, home):
        self.server, self.program, self.home = server, program, home
        account = {
            "name": "local",
            "userSecret": server.secrets["user"],
            "orgSecret": server.secrets["organization"],
            "baseUrl": server.ready["url"],
        }
        (home / ".doctor").mkdir(parents=True)
        (home / ".doctor" / "config.json").write_text(json.dumps([account]))

    def doctor(self, *arguments):
        """Run the doctor, which must succeed, and return what it told."""
        done = subprocess.run(
            ["node", str(self.program), *map(str, arguments)],
            env=os.environ | {"HOME": str(self.home)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "Failed" not in done.stdout + done.stderr
        return done.stdout

    def get(self, path):
        answer = self.server.http.get(path)
        return answer.json() if answer.status_code == 200 else {}

    def shown(self):
        """Return what is published: fields by path and type, and transformations but for stamps."""
        definitions = self.get("/organizations/objects/definitions")
        transformations = self.get(f"/organizations/elements/{ELEMENT}/transformations")
        return (
            {
                name: sorted((field["path"], field["type"]) for field in each["fields"])
                for name, each in definitions.items()
            },
            {name: _without_stamps(each) for name, each in transformations.items()},
        )


def _without_stamps(value):
    match value:
        case dict():
            stamps = {"id", "vdrFieldId", "startDate"}
            return {name: _without_stamps(value[name]) for name in value if name not in stamps}
        case list():
            return sorted(map(_without_stamps, value), key=json.dumps)
        case _:
            return value


@pytest.fixture
def platform(program, tmp_path):
    with Server(tmp_path / "state") as server:
        for name, fields in DEFINITIONS.items():
            body = {"fields": [{"path": path, "type": kind} for path, kind in fields]}
            url = f"/organizations/objects/{name}/definitions"
            assert server.http.post(url, json=body).status_code == 200
        for name, body in TRANSFORMATIONS.items():
            url = f"/organizations/elements/{ELEMENT}/transformations/{name}"
            assert server.http.post(url, json=body).status_code == 200
        yield Platform(server, program, tmp_path / "home")


def test_what_the_doctor_downloads_it_uploads_again(platform, tmp_path):
    before = platform.shown()
    assert before[0] == {name: sorted(fields) for name, fields in DEFINITIONS.items()}
    folder = tmp_path / "backup"
    platform.doctor("download", "vdrs", "local", "-d", folder)
    script = folder / "transformations" / ELEMENT / "Invoice" / "script.js"
    assert script.read_text() == TRANSFORMATIONS["Invoice"]["script"]["body"]

    platform.doctor("delete", "vdrs", "local")
    assert platform.shown() == ({}, {})
    platform.doctor("download", "vdrs", "local", "-d", tmp_path / "nothing")
    assert list((tmp_path / "nothing").glob("*/*")) == []

    platform.doctor("upload", "vdrs", "local", "-d", folder)  # creates
    assert platform.shown() == before
    platform.doctor("upload", "vdrs", "local", "-d", folder)  # replaces
    assert platform.shown() == before


def test_the_doctor_handles_one_of_several(platform, tmp_path):
    # This version saves to a file only with a name.
    definitions, transformations = platform.shown()
    place = tmp_path / "tax.json"
    platform.doctor("download", "vdrs", "local", "-f", place, "-n", "Tax")
    assert json.loads(place.read_text())["objectDefinitions"].keys() == {"Tax"}
    platform.doctor("delete", "vdrs", "local", "-n", "Tax")
    assert platform.shown() == (
        {"Invoice": definitions["Invoice"]},
        {"Invoice": transformations["Invoice"]},
    )
    platform.doctor("upload", "vdrs", "local", "-f", place, "-n", "Tax")
    assert platform.shown() == (definitions, transformations)
