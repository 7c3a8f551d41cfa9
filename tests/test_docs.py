"""The documentation does what it says.

A page runs from top to bottom, in a folder of its own that is thrown away. What a fenced block is
for stands behind its language, where readers do not see it:

    ```sh                   runs in a shell and must succeed; with "sh fails", exit with 1
    ```python               runs as a program
    ```yaml PATH            is written to the file PATH (so is json)
    ```json output          is what the block before it wrote to standard output (so is text)
    ```text errors          is what the block before it wrote to standard error

Set-up is the one thing that does not run here: commands are those of the environment that runs the
tests. ``.ci/run`` runs the README's set-up lines.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest

from mapper.diagnostics import Severity, Source
from mapper.parse import KINDS, parse_file

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = Path(sys.executable).parent
"""Where ``mapper`` and ``python`` are installed for these tests."""
SET_UP = ("python3 -m venv .venv\n", ".venv/bin/python -m pip install ")
TIMEOUT = 120

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
IN_A_CLONE = ["README.md", *(f"docs/how-to/{path.name}" for path in ROOT.glob("docs/how-to/*.md"))]
IN_AN_EMPTY_FOLDER = ["docs/tutorial.md"]


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what stands behind that, its text and its line."""

    language: str
    role: str
    text: str
    line: int


def blocks(path):
    text = path.read_text("utf-8")
    for found in re.finditer(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", text, re.MULTILINE):
        yield Block(found[1], found[2], found[3], text.count("\n", 0, found.start()) + 1)


def prose(path):
    return re.sub(r"^```.*\n(?:.*\n)*?```$|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.M)


def run(command, folder):
    return subprocess.run(  # noqa: S603 - our own documentation
        command,
        cwd=folder,
        env=os.environ | {"PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )


def run_page(path, folder):
    ended = None
    for block in blocks(path):
        where = f"{path.relative_to(ROOT)}:{block.line}"
        match block.language, block.role:
            case "sh" | "python" as language, role if role in ("", "fails"):
                command = ["sh", "-e", "-c"] if language == "sh" else [sys.executable, "-c"]
                ended = run([*command, without_set_up(block.text)], folder)
                assert ended.returncode == (1 if role == "fails" else 0), (where, ended.stderr)
            case _, "output":
                assert ended.stdout.endswith(block.text), (where, ended.stdout)
            case _, "errors":
                assert ended.stderr == block.text, where
            case "yaml" | "json", str(name) if name:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(block.text, "utf-8")
            case _, role:
                assert not role, f"{where}: what is a block {role!r} for?"


def without_set_up(text):
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(SET_UP))


@pytest.mark.parametrize("name", IN_A_CLONE)
def test_a_page_does_what_it_says_in_a_clone(name, tmp_path):
    for folder in ("mappings", "schemas"):
        copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(COMMANDS)
    run_page(ROOT / name, tmp_path)


@pytest.mark.parametrize("name", IN_AN_EMPTY_FOLDER)
def test_a_page_does_what_it_says_in_an_empty_folder(name, tmp_path):
    run_page(ROOT / name, tmp_path)
