"""The search for secrets finds them wherever a test may show one."""

import sys

import click
import pytest
import secrecy
from click.testing import CliRunner

from mapper import codes
from mapper.diagnostics import Diagnostic, MapperError
from mapper.platform.secrets import Secret

TEXT = "s3cret/of+this=test"


def into_a_file(folder, text):
    (folder / "journal.ndjson").write_text(text, "utf-8")


def into_an_output(_, text):
    CliRunner().invoke(click.Command("say", callback=lambda: click.echo(text, err=True)))


def into_a_message(_, text):
    MapperError([Diagnostic(codes.REFUSED, text)])


def into_a_traceback(_, text):
    try:
        int(text)
    except ValueError:
        MapperError([Diagnostic(codes.REFUSED, "it is refused")]).__context__ = sys.exception()


@pytest.mark.parametrize("show", [into_a_file, into_an_output, into_a_message, into_a_traceback])
@pytest.mark.parametrize("spelling", [TEXT, "s3cret%2Fof%2Bthis%3Dtest"])
def test_a_secret_is_found_wherever_it_is_shown(show, spelling, tmp_path):
    Secret(TEXT)
    show(tmp_path, "s3cret")
    assert secrecy.leaks(tmp_path) == []
    show(tmp_path, f"before {spelling} after")
    assert secrecy.leaks(tmp_path)
    (tmp_path / "journal.ndjson").unlink(missing_ok=True)
    secrecy.forget()  # or this test fails for what it showed


def test_what_pytest_captured_is_searched():
    Secret(TEXT)
    assert secrecy.leaks(captured=[("its words", TEXT)]) == ["its words"]
