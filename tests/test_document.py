"""YAML: what is read, what is refused and where, and where every character is written."""

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings, strategies as st

from mapper.diagnostics import FileError, Source
from mapper.document import (
    Mapping,
    Scalar,
    Sequence,
    parse_json,
    plain,
    read_file,
    read_yaml,
)

CASES = Path(__file__).parent / "cases" / "document"


def cases(name):
    found = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["case"]) for case in found]


def shown(diagnostic):
    line, column = diagnostic.span.source.position(diagnostic.span.start)
    return f"{line}:{column} {diagnostic.rule.code} {diagnostic.message}"


@pytest.mark.parametrize(
    "case", [*cases("syntax"), *cases("scalars"), *cases("features")]
)
def test_cases(case):
    node, diagnostics = read_yaml(Source("test.yaml", case["file"]))
    assert list(map(shown, diagnostics)) == case.get("reports", [])
    if "gives" in case:
        assert node is not None
        given_value, wanted = plain(node), case["gives"]
        assert json.dumps(given_value) == json.dumps(wanted)  # tells 1, 1.0 and true apart
    if "hint" in case:
        assert diagnostics[-1].advice == case["hint"]
    if "labels" in case:
        labels = [label for diagnostic in diagnostics for label in diagnostic.labels]
        places = [label.span.source.position(label.span.start) for label in labels]
        assert [
            f"{line}:{column} {label.message}"
            for (line, column), label in zip(places, labels, strict=True)
        ] == case["labels"]


@pytest.mark.parametrize("case", cases("places"))
def test_every_character_knows_its_place(case):
    scalar = scalar_of(case["file"])
    assert scalar.text == case["text"]
    assert written(scalar) == case["written"]


def test_a_place_of_several_characters_spans_them():
    scalar = scalar_of('a: "x\\n\\ty"')
    span = scalar.place(1, 3)
    assert span.source.text[span.start : span.end] == "\\n\\t"


@pytest.mark.parametrize(
    ("file", "start", "at"), [("a: bc", 0, 3), ("a: 'bc'", 2, 6), ("a: ''", 0, 4), ("a:", 0, 2)]
)
def test_an_empty_place_stands_before_its_character(file, start, at):
    span = scalar_of(file).place(start, start)
    assert (span.start, span.end) == (at, at)


def test_nodes_have_the_places_of_what_is_written():
    text = "a:\n  - &x {b: 'c'}  # why\n  - *x\n\nd: e\n"
    root, _ = read_yaml(Source("test.yaml", text))
    assert isinstance(root, Mapping)
    assert root.keys() == ("a", "d")
    items, d = root.get("a"), root.get("d")
    assert isinstance(items, Sequence)
    inner = items.items[0]
    assert isinstance(inner, Mapping)
    assert items.items[1] is inner
    assert root.get("missing") is None
    slices = [text[n.span.start : n.span.end] for n in (items, inner.entries[0].value, d)]
    assert slices == ["- &x {b: 'c'}  # why\n  - *x", "'c'", "e"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("[" * 51 + "]" * 51, "nested deeper than 50 levels"),
        ("[" * 500_000, "nested deeper than 50 levels"),
        ("- " * 500_000, "nested deeper than 50 levels"),
        ("a: &a [[[[[[[[[[1]]]]]]]]]]\nb: " + "[" * 41 + "*a" + "]" * 41, "nested deeper than 50 levels"),
        ("a: " + "x" * (1 << 20), "test.yaml is larger than 1024 KiB"),
    ],
    ids=["nesting", "an open abyss", "lists in lists", "nesting by alias", "size"],
)
def test_limits(file, message):
    node, diagnostics = read_yaml(Source("test.yaml", file))
    assert node is None
    assert [(d.rule.code, d.message) for d in diagnostics] == [("M007", message)]


def test_depth_of_fifty_is_fine():
    node, diagnostics = read_yaml(Source("test.yaml", "[" * 50 + "]" * 50))
    assert node is not None
    assert not diagnostics


# Places, by property ----------------------------------------------------------------------------


def scalar_of(file):
    node, diagnostics = read_yaml(Source("test.yaml", file))
    assert not diagnostics
    assert isinstance(node, Mapping)
    scalar = node.get("a")
    assert isinstance(scalar, Scalar)
    return scalar


def written(scalar):
    spans = [scalar.place(i, i + 1) for i in range(len(scalar.text))]
    return [span.source.text[span.start : span.end] for span in spans]


def assert_comes_from(character, raw):
    """*raw* is a way to write *character*: itself, an escape, a doubled quote or a folded break."""
    breaks = ("\n", "\r\n", "\r", "\x85")
    if raw.startswith("\\") and len(raw) > 1:
        assert yaml.safe_load(f'"{raw}"') == character
    elif character == "'":
        assert raw in ("'", "''")
    elif character in " \n":
        assert raw == character or raw in breaks
    else:
        assert raw == character


def assert_places(scalar):
    """Every character comes from its place; between places there is only white space."""
    source, end = scalar.span.source.text, None
    for at, character in enumerate(scalar.text):
        span = scalar.place(at, at + 1)
        assert_comes_from(character, source[span.start : span.end])
        if end is not None:
            assert span.start >= end
            assert re.fullmatch(r"[\s\x85\\]*", source[end : span.start])
        end = span.end


TEXT = st.text(st.sampled_from("ab ,:#'\"\\\n\t-é😀\x85\u2028|>") | st.characters(), max_size=40)


@settings(max_examples=150, deadline=None)
@given(
    TEXT,
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.integers(5, 40),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(0, 2),
)
def test_places_in_what_a_dumper_writes(text, style, width, unicode, line_break, depth):
    assume(not any("\ud800" <= character <= "\udfff" for character in text))
    value = {"a": text}
    for _ in range(depth):
        value = [value]
    file = yaml.dump(
        value, default_style=style, width=width, allow_unicode=unicode, line_break=line_break
    )
    node, diagnostics = read_yaml(Source("test.yaml", file))
    assume(not diagnostics or diagnostics[0].rule.code not in ("M002", "M003"))
    while isinstance(node, Sequence):
        node = node.items[0]
    assert isinstance(node, Mapping)
    scalar = node.get("a")
    assert isinstance(scalar, Scalar)
    assert_places(scalar)


LINES = st.lists(
    st.builds(lambda indent, text: " " * indent + text, st.integers(0, 4), st.text("ab \t#:", max_size=5)),
    max_size=6,
)
BLOCK = st.builds(
    lambda style, chomp, digit, comment, lines: "\n".join([style + digit + chomp + comment, *lines]),
    st.sampled_from("|>"),
    st.sampled_from(["", "-", "+"]),
    st.sampled_from(["", "", "1", "2"]),
    st.sampled_from(["", " # why"]),
    LINES,
)
FLOW = st.lists(
    st.sampled_from(
        ["a", "b", " ", "\t", "\n", "\n  ", " \n\n \n  ", "\\\n ", "\\n", "\\ ", "\\x41", "\\u00e9", '\\"']
        + ["\\U0001F600", "''", "é", "😀", "\r\n ", "\\\t", "\u2028", "\x85", ":", "#"]
    ),
    max_size=12,
).map("".join)
ANY_SCALAR = BLOCK | FLOW | FLOW.map(lambda text: f"'{text}'") | FLOW.map(lambda text: f'"{text}"')


AROUND = {"a: ": "", "a:\n  ": "", "x:\n- - a: ": "    ", "x:\n   y:\n    a: &q ": "    "}


@settings(max_examples=400, deadline=None)
@given(ANY_SCALAR, st.sampled_from(sorted(AROUND.items())))
def test_places_in_anything_that_parses(scalar, around):
    before, margin = around
    file = before + scalar.replace("\n", "\n" + margin)
    node, diagnostics = read_yaml(Source("test.yaml", file))
    assume(all(diagnostic.rule.code == "M005" for diagnostic in diagnostics))
    for found in scalars(node):
        assert_places(found)


def scalars(node):
    match node:
        case Scalar():
            yield node
        case Sequence():
            for item in node.items:
                yield from scalars(item)
        case Mapping():
            for entry in node.entries:
                yield entry.key
                yield from scalars(entry.value)


@settings(max_examples=200, deadline=None)
@given(st.text("ab:- \n[]{}&*!|>'\"%@`#,?~<\t0.1_x\r\u2028", max_size=60))
def test_no_text_escapes_as_an_exception(text):
    node, diagnostics = read_yaml(Source("test.yaml", text))
    assert node is not None or diagnostics
    for found in scalars(node):
        assert plain(found) is found.value
        assert_places(found)
    assert all(str(diagnostic) for diagnostic in diagnostics)
