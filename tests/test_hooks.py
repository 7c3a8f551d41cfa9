"""The hooks of ``.pre-commit-hooks.yaml``, and the jobs that docs/how-to/check-in-ci.md shows."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mapper.cli import main

ROOT = Path(__file__).parents[1]
COMMANDS = Path(sys.executable).parent
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
PAGE = ROOT / "docs" / "how-to" / "check-in-ci.md"
RUNNERS = ["pre-commit", "prek"]


def git(folder, *arguments):
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A new project in a checkout of its own; main and origin/main are its one commit."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["init"]).exit_code == 0
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    git(tmp_path, "update-ref", "refs/remotes/origin/main", "HEAD")
    return tmp_path


def break_mapping(project):
    path = project / "mappings/acme/contact.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("firstName: first_name", "firstName: first_nme"), encoding="utf-8")


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_command_of_a_hook_finds_what_is_wrong(hook, project):
    program, *arguments = hook["entry"].split() + hook.get("args", [])
    assert program == "mapper"
    assert CliRunner().invoke(main, arguments).exit_code == 0
    break_mapping(project)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "error[M304]: first_nme is not in acme/person.schema.json" in result.stdout


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_files_of_a_hook_are_those_of_projects(hook):
    names = [
        path.relative_to(ROOT).as_posix()
        for folder in ("mappings", "schemas")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "payloads" not in path.parts
    ]
    assert len(names) > 20
    assert [name for name in names if not re.search(hook["files"], name)] == []
    for name in ("a.yml", "a.script.js", "a/b.pulled.json"):
        assert re.search(hook["files"], f"team/mappings/{name}")
    assert not re.search(hook["files"], "docs/mappings.md")
    assert not re.search(hook["files"], "mappings/freshbooks/payloads/tax.json")


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_command_of_a_hook_before_the_first_commit(hook, project):
    git(project, "checkout", "--quiet", "--orphan", "new")
    arguments = hook["entry"].split()[1:] + hook.get("args", [])
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, result.stdout) == (0, "1 mapping, 5 examples: no problems\n")
    break_mapping(project)
    assert CliRunner().invoke(main, arguments).exit_code == 1


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_page_says_how_a_project_in_a_folder_is_named(hook, project):
    [arguments] = re.findall(
        rf"id: {hook['id']}\n +args: \[(.*)\]", PAGE.read_text(encoding="utf-8")
    )
    (project / "team").mkdir()
    for name in ("mappings", "schemas"):
        (project / name).rename(project / "team" / name)
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "x")
    command = ["check", *arguments.split(", ")]
    assert command[1 : 1 + len(hook.get("args", []))] == hook.get("args", [])
    assert CliRunner().invoke(main, command).exit_code == 0
    break_mapping(project / "team")
    result = CliRunner().invoke(main, command)
    assert "error[M304]: first_nme is not in acme/person.schema.json" in result.stdout


@pytest.mark.parametrize("runner", RUNNERS)
def test_runners_run_the_hooks(runner, project, tmp_path_factory):
    if shutil.which(runner) is None:
        pytest.skip(f"{runner} is not installed, which needs a minute and is in no extra")
    if not (ROOT / ".git").exists():
        pytest.skip("a runner clones the repository, and this is no checkout")
    folder = str(tmp_path_factory.mktemp("home"))
    environment = os.environ | {"PRE_COMMIT_HOME": folder, "PREK_HOME": folder}
    command = [runner, "try-repo", str(ROOT), "--all-files"]
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == len(HOOKS)
    break_mapping(project)
    git(project, "add", "--all")
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.count("error[M304]: first_nme") == len(HOOKS)


def commands():
    """Yield the commands in the YAML of the page that run mapper."""
    blocks = re.findall(
        r"^```yaml\n((?:.*\n)*?)```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(blocks) >= 3
    for block in blocks:
        for text in strings(yaml.safe_load(block)):
            if text.startswith("mapper "):
                yield text


def strings(value):
    match value:
        case str():
            yield value
        case list():
            for each in value:
                yield from strings(each)
        case dict():
            yield from strings(list(value.values()))


@pytest.mark.parametrize("command", list(commands()))
def test_jobs_find_what_is_wrong_and_nothing_else(command, project):
    environment = os.environ | {
        "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}",
        "BASE": "main",
    }
    for wanted in (0, 1):
        done = subprocess.run(
            ["sh", "-e", "-c", command],
            cwd=project,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (wanted, b"")
        break_mapping(project)


def test_the_page_names_hooks_that_there_are():
    named = re.findall(r"id: (mapper-[a-z-]+)", PAGE.read_text(encoding="utf-8"))
    assert set(named) == {hook["id"] for hook in HOOKS}
