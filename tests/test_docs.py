"""The documentation does what it says.

A page runs from top to bottom, in a folder of its own that is thrown away. What a fenced block is
for stands behind its language, where readers do not see it:

    ```sh                   runs in a shell and must succeed; with "sh fails", exit with 1
    ```python               runs as a program
    ```yaml PATH            is written to the file PATH (so is json)
    ```json output          ends what the block before it wrote to standard output (so does text)
    ```text errors          begins what the block before it wrote to standard error

Two things do not run here, but in ``.ci/run``: the lines that set up an environment, since commands
are those of the environment that runs the tests, and the README's block that runs the tests.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import pytest

from mapper import codes
from mapper.diagnostics import Source
from mapper.parse import KINDS, parse_file, parse_files
from mapper.project import load_project

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = Path(sys.executable).parent
"""Where ``mapper`` and ``python`` are installed for these tests."""
NOT_HERE = (
    "python3 -m venv .venv\n",
    ".venv/bin/python -m pip install ",
    ".venv/bin/python -m pytest\n",
)
TIMEOUT = 120

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
IN_A_CLONE = [
    "README.md",
    "docs/explanation/semantics.md",
    *(f"docs/how-to/{path.name}" for path in ROOT.glob("docs/how-to/*.md")),
]
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
    return re.sub(
        r"^```.*\n(?:.*\n)*?```$|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.MULTILINE
    )


def run(command, folder):
    return subprocess.run(
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
                ended = run([*command, runnable(block.text)], folder)
                assert ended.returncode == (1 if role == "fails" else 0), (where, ended.stderr)
            case _, "output":
                assert block.text, where
                assert ended.stdout.endswith(block.text), (where, ended.stdout)
            case _, "errors":
                assert block.text, where
                assert ended.stderr.startswith(block.text), (where, ended.stderr)
            case "yaml" | "json", str(name) if name:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(block.text, "utf-8")
            case _, role:
                assert not role, f"{where}: what is a block {role!r} for?"


def runnable(text):
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(NOT_HERE))


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


def test_the_readme_has_one_block_to_try_it_and_one_to_test_it():
    # .ci/run takes the second from under its heading.
    _, *sections = re.split(
        r"^## (.+)\n", (ROOT / "README.md").read_text("utf-8"), flags=re.MULTILINE
    )
    shell = {
        heading: text.count("```sh\n")
        for heading, text in zip(sections[::2], sections[1::2], strict=True)
    }
    assert {heading: count for heading, count in shell.items() if count} == {
        "Try it": 1,
        "Test it": 1,
    }


def test_the_readme_shows_lines_of_the_shipped_mapping():
    (shown,) = (block for block in blocks(ROOT / "README.md") if block.language == "yaml")
    lines = iter((ROOT / "mappings" / "freshbooks" / "tax.yaml").read_text("utf-8").splitlines())
    assert [line for line in shown.text.splitlines() if line not in lines] == []


@pytest.mark.parametrize(
    ("mapping", "file", "member"),
    [
        ("freshbooks/tax", "tax.json", "tax"),
        ("freshbooks/vendor", "vendor.json", "bill_vendor"),
        ("freshbooks/customer", "customer.json", "client"),
        ("freshbooks/invoice", "invoice.json", "invoice"),
        ("freshbooks/invoice", "invoices.json", "invoices"),
        ("freshbooks/item", "item.json", "item"),
        ("freshbooks/item", "items.json", "items"),
        ("freshbooks/payment", "payment.json", "payment"),
        ("freshbooks/payment", "payments.json", "payments"),
    ],
)
def test_shipped_payloads_go_both_ways(mapping, file, member):
    mapper = load_project(ROOT).mapper(mapping)
    text = (ROOT / "mappings" / "freshbooks" / "payloads" / file).read_text("utf-8")
    result = json.loads(text)["response"]["result"][member]
    for payload in result if isinstance(result, list) else [result]:
        assert mapper.validate_payload(payload) == []
        common = mapper.from_vendor(payload)
        assert mapper.validate_common(common) == []
        assert mapper.to_vendor(common, base=payload) == {}


# Its examples are wrong on purpose; test_pages.py runs them.
EXAMPLES = ROOT / "docs" / "reference" / "rules.md"
LANGUAGE = [
    pytest.param(block, path, id=f"{path.relative_to(ROOT)}:{block.line}")
    for path in PAGES
    if path != EXAMPLES
    for block in blocks(path)
    if block.language == "yaml" and block.text.partition(":")[0] in KINDS
]


ELSEWHERE = {codes.UNKNOWN_NAME, codes.UNKNOWN_BASE}
"""What a block refers to stands in another file."""


@pytest.mark.parametrize(("block", "path"), LANGUAGE)
def test_what_looks_like_a_file_of_the_language_is_one(block, path):
    file, found = parse_file(Source(path.name, block.text))
    assert file is not None
    _, more = parse_files((file,))
    assert [str(each) for each in (*found, *more) if each.rule not in ELSEWHERE] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        page = (path.parent / name).resolve() if name else path
        assert page.is_relative_to(ROOT), target
        assert page.is_file(), target
        assert not anchor or anchor in anchors(page), target


def anchors(page):
    """The anchors that forges give to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_found():
    linked = {
        (path.parent / target.partition("#")[0]).resolve()
        for path in PAGES
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(path))
    }
    assert [path for path in PAGES if path not in linked and path != ROOT / "README.md"] == []
