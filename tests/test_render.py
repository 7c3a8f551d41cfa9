"""Diagnostics in every format: exact output, and that nothing in a text breaks out of its place.

``cases/render/sarif-2.1.0-rtm.5.schema.json`` is the schema of SARIF as its committee published it.
"""

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import get_args
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings, strategies as st
from jsonschema import Draft4Validator

from mapper import __version__, codes
from mapper.diagnostics import Diagnostic, Label, Rule, Source, Span
from mapper.document import read_yaml
from mapper.render import Format, renderer
from mapper.render.fingerprints import fingerprints
from mapper.render.matrix import render_matrix
from mapper.render.text import escape, render_text
from mapper.render.trials import render_trials

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


def rendered(style, case):
    source = Source(case.get("name", "mapping.yaml"), case.get("file", ""))
    return renderer(style)([diagnostic(source, **each) for each in case["diagnostics"]])


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


# Formats for programs ---------------------------------------------------------------------------

SARIF = Draft4Validator(
    json.loads((CASES / "sarif-2.1.0-rtm.5.schema.json").read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("case", cases("github"))
def test_workflow_commands(case):
    assert rendered("github", case) == case["shows"]


@pytest.mark.parametrize("case", cases("junit"))
def test_junit(case):
    assert rendered("junit", case) == case["shows"]


@pytest.mark.parametrize("case", cases("gitlab"))
def test_code_quality(case):
    report = json.loads(rendered("gitlab", case))
    assert all(re.fullmatch("[0-9a-f]{64}", each.pop("fingerprint")) for each in report)
    assert report == case["gives"]


@pytest.mark.parametrize("case", cases("sarif"))
def test_sarif(case):
    log = json.loads(rendered("sarif", case))
    SARIF.validate(log)
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert (driver["name"], driver["version"]) == ("mapper", __version__)
    assert all(list(each.pop("partialFingerprints")) for each in run["results"])
    if "gives" in case:
        assert run["results"] == case["gives"]
    if "rules" in case:
        assert driver["rules"] == case["rules"]
    if "indexes" in case:
        assert [each["ruleIndex"] for each in run["results"]] == case["indexes"]
        rules = [driver["rules"][each["ruleIndex"]]["id"] for each in run["results"]]
        assert rules == [each["ruleId"] for each in run["results"]]


def test_every_code_fits_sarif():
    log = json.loads(renderer("sarif")([Diagnostic(rule, "m") for rule in RULES.values()]))
    SARIF.validate(log)
    assert [each["id"] for each in log["runs"][0]["tool"]["driver"]["rules"]] == sorted(RULES)


def test_fingerprints_stay_when_lines_move_and_tell_findings_apart():
    before, after = Source("a.yaml", "x\nx\n"), Source("a.yaml", "new\nx\nnew\nx\n")

    def found(source, *others):
        places = [Span(source, each.start(), each.end()) for each in re.finditer("x", source.text)]
        return [Diagnostic(RULES["M105"], "m", place) for place in places] + list(others)

    moved = list(fingerprints(found(after)))
    assert list(fingerprints(found(before))) == moved
    others = [
        Diagnostic(RULES["M104"], "m", Span(after, 0, 1)),
        Diagnostic(RULES["M105"], "n", Span(after, 0, 1)),
        Diagnostic(RULES["M105"], "m", Span(Source("b.yaml", "x"), 0, 1)),
        Diagnostic(RULES["M105"], "m", Span(after, 0, 1), "/a"),
        Diagnostic(RULES["M105"], "m", Span(after, 0, 1), "/a", "1"),
        Diagnostic(RULES["M105"], "m"),
    ]
    every = list(fingerprints(found(after, *others)))
    assert every[:2] == moved
    assert len(set(every)) == 8


def test_gitlab_and_sarif_know_findings_by_the_same():
    found = [Diagnostic(RULES["M105"], "m"), Diagnostic(RULES["M105"], "m")]
    report = [each["fingerprint"] for each in json.loads(renderer("gitlab")(found))]
    (run,) = json.loads(renderer("sarif")(found))["runs"]
    results = [list(each["partialFingerprints"].values()) for each in run["results"]]
    assert [[each] for each in report] == results
    assert len(set(report)) == 2


ANYTHING = st.text(
    st.one_of(st.characters(exclude_categories=()), st.sampled_from(":%,{}[]()<>&'\"\r\n\0\x1b]")),
    max_size=30,
)


@st.composite
def findings(draw):
    name, text = draw(ANYTHING), draw(ANYTHING)
    source = Source(name or "a", text)
    start = draw(st.integers(0, len(text)))
    place = Span(source, start, draw(st.integers(start, len(text))))
    some = st.one_of(st.none(), ANYTHING)
    return Diagnostic(
        RULES[draw(st.sampled_from(["M105", "M503"]))],
        draw(ANYTHING),
        draw(st.sampled_from([None, place])),
        draw(some),
        draw(some),
        draw(some),
        draw(st.sampled_from([(), (Label(place, draw(ANYTHING)),)])),
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(findings(), max_size=3))
def test_any_text_stays_in_its_place(found):
    messages = sorted(escape(each.message) for each in found)
    for style in get_args(Format):
        renderer(style)(found).encode()

    commands = list(map(unescaped_command, renderer("github")(found).splitlines()))
    assert len(commands) == len(found)
    shown = sorted(data.split("\n")[0] for _, data in commands)
    assert all(any(each.startswith(message) for each in shown) for message in messages)
    files = sorted(properties["file"] for properties, _ in commands if "file" in properties)
    names = sorted(escape(each.span.source.name) for each in found if each.span)
    assert files == names

    suite = ET.fromstring(renderer("junit")(found))[0]  # noqa: S314 - what we have just made
    assert len(suite) == max(len(found), 1)
    failures = sorted(each.get("message") for each in suite.iter("failure"))
    assert failures == sorted(escape(each.message) for each in found if each.rule.code == "M105")

    log = json.loads(renderer("sarif")(found))
    SARIF.validate(log)
    results = log["runs"][0]["results"]
    texts = [each["message"]["text"] for each in results]
    assert not any("](" in text or re.search(r"(?<!\{)(\{\{)*\{\d+\}", text) for text in texts)
    plain = [text.replace("{{", "{").replace("}}", "}") for text in texts]
    assert all(
        any(text.startswith(message.replace("](", "] (")) for text in plain) for message in messages
    )
    uris = [
        place["physicalLocation"]["artifactLocation"]["uri"]
        for each in results
        for place in each["locations"]
    ]
    assert all(re.fullmatch(r"(file://)?[A-Za-z0-9_.~%/-]+", uri) for uri in uris)
    assert sorted(unquote_to_bytes(uri.removeprefix("file://")) for uri in uris) == sorted(
        encoded(each.span.source.name) if each.span else b"." for each in found
    )

    report = json.loads(renderer("gitlab")(found))
    assert all(each["description"].isprintable() for each in report)
    assert len({each["fingerprint"] for each in report}) == len(found)


def encoded(name):
    try:
        return os.fsencode(name)
    except UnicodeEncodeError:
        return name.encode("utf-8", "backslashreplace")


def unescaped_command(line):
    """The properties and the data of a workflow command, as the runner reads them."""
    command, properties, data = re.fullmatch(r"::(\w+) (.*?)::(.*)", line).groups()
    assert command in ("error", "warning")
    pairs = (each.split("=", 1) for each in properties.split(","))
    return {name: unescaped(text) for name, text in pairs}, unescaped(data)


def unescaped(text):
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


@pytest.mark.parametrize("style", get_args(Format))
def test_the_order_is_that_of_files_and_places(style):
    sources = [Source("b.yaml", "x\nx"), Source("a.yaml", "x\nx")]
    places = [Span(source, start, start + 1) for source in sources for start in (2, 0)]
    found = [Diagnostic(RULES["M105"], "nowhere", hint="")]
    found += [Diagnostic(RULES["M105"], f"at {place}", place, hint="") for place in places]
    text = renderer(style)(found)
    wanted = ["at a.yaml:1:1", "at a.yaml:2:1", "at b.yaml:1:1", "at b.yaml:2:1", "nowhere"]
    at = [text.index(each) for each in wanted]
    assert at == sorted(at)


def test_no_name_drives_the_terminal_from_a_table():
    counts = {"iso": 1}
    layer = {"level": "acc\x1bount", "counts": counts, "adds": ["\x1b[2J"], "replaces": []}
    made = {"classes": ["iso"], "mappings": {"a\nb": {"counts": counts, "layers": [layer]}}}
    assert render_matrix(made).splitlines() == [
        "                  iso",
        r"a\nb                1",
        r"  acc\x1bount       1  + \x1b[2J",
    ]
    told = render_trials((), (), Counter({"request of \x1b[2J": 1}))
    assert told == "skipped in the corpus: 1 request of \\x1b[2J\n"
