"""The page of each code: it is there, well-formed, and its examples do what it says."""

import json
import shlex

import pytest
from click.testing import CliRunner
from tools import make_reference

from mapper.cli import main
from mapper.diagnostics import Severity
from mapper.pages import RULES, WHOLE, project_files, read_page

NOT_SHOWN = {
    "M404", "M611", "M621", "M622", "M623", "M624", "M625", "M626", "M627", "M628", "M629", "M630",
    "M631", "M632", "M633", "M634", "M635", "M643", "M644", "M645",
}  # fmt: skip
"""Codes of which no example can be shown; their pages say why."""

SHOWN = [
    pytest.param(code, kind, id=f"{code}-{kind}")
    for code in sorted(RULES.keys() - NOT_SHOWN)
    for kind in ("failing", "fixed")
]


def run(example, given, folder):
    """Return the exit code of an example's command, and its findings."""
    for name, text in (project_files() | given | example.files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(example.saved_as if name in example.files else "UTF-8"))
    program, *arguments = shlex.split(example.run)
    assert program == "mapper"
    result = CliRunner().invoke(main, [*arguments, "--format", "json"], catch_exceptions=False)
    assert result.exit_code in (0, 1), result.stderr
    is_data = arguments[0] in ("check", "test")
    return result.exit_code, json.loads(result.stdout if is_data else result.stderr)


def places(finding):
    """Return what a page may say of the place of a finding."""
    return {
        None if finding["file"] is None else f"{finding['file']}:{finding['line']}",
        WHOLE if finding["pointer"] == "" else finding["pointer"],
    }


@pytest.mark.parametrize(("code", "kind"), SHOWN)
def test_examples_do_what_their_page_says(code, kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = read_page(code)
    example = getattr(page, kind)
    exit_code, found = run(example, page.given, tmp_path)
    told = "\n".join(f"{each['code']} {places(each)} {each['message']}" for each in found)
    if kind == "fixed":
        assert (exit_code, told) == (0, "")
        return
    assert exit_code == (RULES[code].severity is Severity.ERROR), told
    assert sorted(each["code"] for each in found) == sorted([code, *example.also]), told
    (of_page,) = (each for each in found if each["code"] == code)
    assert places(of_page) == {None} if example.at is None else example.at in places(of_page), told


@pytest.mark.parametrize("code", RULES)
def test_every_code_has_a_page(code):
    page = read_page(code)
    assert (page.shown is not None) == (code in NOT_SHOWN)
    assert (page.failing is None) == (page.fixed is None) == (code in NOT_SHOWN)
    assert page.shown is None or page.shown.startswith("no, because ")
    assert page.defects
    for text in (page.what, page.why):
        assert text.endswith(".")
    for text in page.defects:
        assert not text.endswith(".")
        assert not text[0].isupper()
    for text in (page.what, page.why, *page.defects):
        assert text.isprintable()
        assert "  " not in text
    assert len(page.what.split()) <= 80, "a page is read under pressure"
    assert len(page.why.split()) <= 50


def test_every_page_has_a_code():
    folder = make_reference.FOLDER.parents[1] / "mapper" / "pages"
    assert sorted(path.stem for path in folder.glob("M*.yaml")) == sorted(RULES)


@pytest.mark.parametrize("code", RULES)
def test_the_files_of_an_example_can_be_pasted(code):
    page = read_page(code)
    examples = [each for each in (page.failing, page.fixed) if each is not None]
    for text in [*page.given.values(), *(it for each in examples for it in each.files.values())]:
        assert text.replace("\n", "").isprintable()
        assert not text or text.endswith("\n")
        assert "```" not in text
        assert all(len(line) <= 88 and line == line.rstrip() for line in text.splitlines())
    if page.failing is not None:
        assert page.failing != page.fixed


@pytest.mark.parametrize(("terminal", "width"), [("40", 40), ("200", 88)])
@pytest.mark.parametrize("code", RULES)
def test_a_page_is_wrapped_and_its_files_are_not(code, terminal, width):
    page = read_page(code)
    shown = CliRunner().invoke(main, ["explain", code], env={"COLUMNS": terminal}).stdout
    for text in (page.what, page.why):
        assert text not in shown or len(text) <= width
        assert " ".join(text.split()) in " ".join(shown.split())
    verbatim = [page.given, *(each.files for each in (page.failing, page.fixed) if each)]
    lines = {line for files in verbatim for text in files.values() for line in text.splitlines()}
    prose = [
        line for line in shown.splitlines() if line not in lines and line[:2] not in ("$ ", "--")
    ]
    assert all(text in shown for files in verbatim for text in files.values())
    assert max(map(len, prose)) <= width


def test_two_codes_are_never_for_the_same_defect():
    defects = [defect for code in RULES for defect in read_page(code).defects]
    assert len(defects) == len(set(defects))
