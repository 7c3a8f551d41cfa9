"""Diagnostics as text: exact output, and that nothing in it drives a terminal."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from mapper import codes
from mapper.diagnostics import Diagnostic, Label, Rule, Source, Span
from mapper.document import read_yaml
from mapper.render.text import render_text

CASES = Path(__file__).parent / "cases" / "render"
RULES = {rule.code: rule for rule in vars(codes).values() if isinstance(rule, Rule)}


def cases(name):
    found = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["case"]) for case in found]


def span(source, text):
    start = source.text.rindex(text)
    return Span(source, start, start + len(text))


def diagnostic(source, code, message, at=None, labels=(), **others):
    place = None if at is None else span(source, at)
    related = tuple(Label(span(source, label["at"]), label["message"]) for label in labels)
    return Diagnostic(RULES[code], message, place, labels=related, **others)


@pytest.mark.parametrize("case", cases("text"))
def test_exact_text(case):
    source = Source("mapping.yaml", case.get("file", ""))
    found = [diagnostic(source, **each) for each in case["diagnostics"]]
    assert render_text(found, colour=case.get("colour", False)) == case["shows"]


def test_files_are_counted_and_keep_together():
    sources = [Source("b.yaml", "x"), Source("a.yaml", "x")]
    found = [diagnostic(sources[i], "M105", "m", "x", hint="") for i in (0, 1, 0)]
    text = render_text(found)
    assert [line for line in text.splitlines() if "-->" in line] == [
        " --> a.yaml:1:1",
        " --> b.yaml:1:1",
        " --> b.yaml:1:1",
    ]
    assert text.endswith("\n3 errors in 2 files\n")


def test_a_long_line_is_cut_around_its_place():
    source = Source("long.yaml", "a" * 5000 + "HERE" + "b" * 5000)
    lines = render_text([diagnostic(source, "M105", "m", "HERE", hint="")]).splitlines()
    assert lines[3].startswith("1 | …aaa")
    assert lines[3].endswith("bbb…")
    assert len(lines[3]) < 140
    at = lines[4].index("^")
    assert lines[3][at : at + 4] == "HERE"


def test_a_long_message_is_cut():
    text = render_text([diagnostic(Source("x", ""), "M105", "m" * 10_000, hint="")])
    assert len(text) < 700


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=60), st.data())
def test_nothing_that_does_not_print_is_printed(text, data):
    source = Source(text, text)
    start = data.draw(st.integers(0, len(text)))
    place = Span(source, start, data.draw(st.integers(start, len(text))))
    found = Diagnostic(RULES["M105"], text, place, text, text, text, (Label(place, text),))
    shown = render_text([found])
    assert all(character.isprintable() for character in shown.replace("\n", ""))
    assert shown.count("\n") == 14
    shown.encode()


@settings(max_examples=50, deadline=None)
@given(st.text("a:\n\t{[&*!'\"\r é", max_size=30))
def test_whatever_reading_reports_can_be_shown(text):
    _, found = read_yaml(Source("test.yaml", text))
    assert bool(render_text(found)) == bool(found)
