"""What of a project's folder is read: files of the project, and nothing that only looks like one.

A case of ``cases/folders.yaml`` has ``files``, what is ``moved``, ``links``, ``pipes`` and
``sockets``, what is ``closed`` to everybody, whether all is in ``git`` before that, and then the
command to ``run``, the codes that it has ``found`` and parts of what it ``shows``.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mapper.changes import project_at
from mapper.cli import main
from mapper.diagnostics import FileError
from mapper.project import load_project

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "folders.yaml").read_text("utf-8"))
KEYS = {
    "case", "files", "moved", "links", "pipes", "sockets", "closed", "git", "run", "found", "shows",
}  # fmt: skip
HIDDEN = "words that nobody should see"
SETPRIV = shutil.which("setpriv")
IS_ROOT = not hasattr(os, "geteuid") or os.geteuid() == 0


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A new project, and outside of it what nobody should see."""
    for name in ("secret.yaml", "secret.json", "outside/secret.yaml"):
        place(tmp_path / name, f'secret: "{HIDDEN}"\n')
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert CliRunner().invoke(main, ["init"]).exit_code == 0
    return folder


@pytest.fixture(autouse=True)
def no_hang():
    """A test that waits for a pipe fails."""

    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def place(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def git(folder, *arguments):
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


def commit(folder):
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")


def change(folder, case):
    for name, text in case.get("files", {}).items():
        place(folder / name, text)
    for old, new in case.get("moved", {}).items():
        target = folder / new.replace("OUTSIDE", str(folder.parent))
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / old).rename(target)
    for name, target in case.get("links", {}).items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(target.replace("OUTSIDE", str(folder.parent)))
    for name in case.get("pipes", ()):
        (folder / name).parent.mkdir(exist_ok=True)
        os.mkfifo(folder / name)
    for name in case.get("sockets", ()):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(name)  # from the current folder: a path may be too long
    if case.get("git"):
        commit(folder)
    for name in case.get("closed", ()):
        (folder / name).chmod(0)


def run(arguments, *, unprivileged=False):
    """Return the exit code and all output of a command, run as someone to whom files are closed."""
    if not unprivileged:
        result = CliRunner().invoke(main, arguments, catch_exceptions=False)
        return result.exit_code, result.output
    drop = (SETPRIV, "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")
    command = [*(drop if IS_ROOT else ()), sys.executable, "-m", "mapper", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_case(case, project):
    assert case.keys() <= KEYS
    closed = "closed" in case
    if closed and IS_ROOT and not SETPRIV:
        pytest.skip("root may read everything, and there is no setpriv")
    try:
        change(project, case)
        code, output = run(case["run"], unprivileged=closed)
    finally:
        for name in case.get("closed", ()):
            (project / name).chmod(0o700)
    assert re.findall(r"^error\[(M\d+)\]", output, re.MULTILINE) == case.get("found", []), output
    assert code == bool(case.get("found"))
    for part in case.get("shows", ()):
        assert part in output
    assert HIDDEN not in output
    assert os.environ["PATH"] not in output


def test_a_project_that_is_reached_through_a_link(project, monkeypatch):
    other = project.parent / "other"
    other.symlink_to(project)
    assert run(["check", "--project", str(other)])[0] == 0
    monkeypatch.chdir(other)
    assert run(["check"])[0] == 0
    assert load_project().mapper("acme/contact").from_vendor({"id": 17, "first_name": "Ada"})


def test_a_worktree_of_git(project, monkeypatch):
    commit(project)
    tree = project.parent / "tree"
    git(project, "worktree", "add", "--quiet", tree)
    monkeypatch.chdir(tree)
    assert run(["check", "--since", "HEAD"])[0] == 0
    (tree / "mappings" / "e.yaml").symlink_to(project / "mappings" / "acme" / "contact.yaml")
    code, output = run(["check"])
    assert code == 1
    assert "mappings/e.yaml leads out of the project" in output


def test_a_revision_of_git_with_links_out_of_the_project(project):
    (project / "mappings" / "e.yaml").symlink_to("/proc/self/environ")
    (project / "schemas" / "e.json").symlink_to("../../secret.json")
    (project / "mappings" / "f.yaml").symlink_to("acme/contact.yaml")
    commit(project)
    with pytest.raises(FileError) as refused, project_at(load_project(), "HEAD"):
        pass
    said = [f"{each.rule.code} {each.message}" for each in refused.value.diagnostics]
    assert said == [
        "M001 mappings/e.yaml leads out of the project",
        "M001 schemas/e.json leads out of the project",
    ]


@pytest.mark.parametrize("command", ["check --certificate", "test --documents 0 --coverage"])
def test_what_a_command_writes_takes_the_place_of_no_source(command, project):
    (project / "written.json").symlink_to("schemas/acme/person.schema.json")
    (project / "elsewhere").symlink_to("mappings")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    for name in ("written.json", "elsewhere/acme/contact.yaml", "elsewhere/new.json"):
        code, output = run([*command.split(), name])
        assert code == 2, output
        assert f"{name} is a place for files of the project" in output
    assert before == {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


BROKEN = {
    "nothing": (lambda text: b"", "M008"),
    "a comment": (lambda text: b"# later\n", "M008"),
    "UTF-16": (lambda text: text.encode("utf-16"), "M002"),
    "UTF-16 without a mark": (lambda text: text.encode("utf-16-le"), "M002"),
    "a syntax error": (lambda text: text.encode() + b"}", "M003"),
    "far too much": (lambda text: text.encode() + b"#" * 2_000_000, "M007"),
}


@pytest.mark.parametrize("name", ["acme/contact", "resources/contact", "acme/contact.examples"])
@pytest.mark.parametrize(("broken", "code"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_cannot_be_read_is_the_only_finding(name, broken, code, project):
    path = project / "mappings" / f"{name}.yaml"
    path.write_bytes(broken(path.read_text("utf-8")))
    for command in (["check"], ["check", "acme/contact"], ["check", str(path)]):
        failed, output = run(command)
        assert failed == 1
        assert re.findall(r"^error\[(M\d+)\]", output, re.MULTILINE) == [code], output
        assert f"--> mappings/{name}.yaml" in output


def test_a_file_that_is_too_large_is_to_be_split(project):
    (project / "mappings" / "acme" / "contact.yaml").write_text("#" * 2_000_000, "utf-8")
    code, output = run(["check"])
    assert code == 1
    assert "hint: split it into several files, or leave out what is not needed" in output


@pytest.mark.parametrize("name", ["a.json", "A/definition/objectDefinition.json"])
def test_an_export_in_a_folder_is_not_read_beyond_it(name, project):
    (project / "export" / name).parent.mkdir(parents=True)
    (project / "export" / name).symlink_to(project.parent / "secret.json")
    code, output = run(["pull", "--from", "export", "--out", "pulled"])
    assert code == 1
    assert f"export/{name} leads out of the folder export" in output
    assert HIDDEN not in output
