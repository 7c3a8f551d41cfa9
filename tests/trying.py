"""`mapper test` on copies of the shipped mappings, by the command line."""

import json
from pathlib import Path
from shutil import copytree

from click.testing import CliRunner

from mapper.cli import main

ROOT = Path(__file__).parents[1]


def copy_shipped(folder):
    """Copy the shipped mappings and schemas."""
    for name in ("mappings", "schemas"):
        copytree(ROOT / name, folder / name)


def run(*arguments):
    return CliRunner().invoke(main, ["test", *arguments], catch_exceptions=False)


def findings(*arguments):
    return json.loads(run(*arguments, "--format", "json").stdout)


def replace(path, old, new):
    """Replace what stands once in a file."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), "utf-8")
