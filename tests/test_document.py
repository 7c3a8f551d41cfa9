"""YAML: what is read, what is refused and where, and where every character is written."""

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings, strategies as st

from mapper import document
from mapper.diagnostics import FileError, Source
from mapper.document import Mapping, Scalar, Sequence, comments, plain, read_yaml
from mapper.files import parse_json, read_file

CASES = Path(__file__).parent / "cases" / "document"


def cases(name):
    found = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["case"]) for case in found]


def shown(diagnostic):
    line, column = diagnostic.span.source.position(diagnostic.span.start)
    return f"{line}:{column} {diagnostic.rule.code} {diagnostic.message}"


@pytest.mark.parametrize("case", [*cases("syntax"), *cases("scalars"), *cases("features")])
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


@pytest.mark.parametrize("case", [*cases("places"), *cases("scalars"), *cases("features")])
def test_without_libyaml_nothing_changes(case, monkeypatch):
    with_libyaml = read_yaml(Source("test.yaml", case["file"]))
    monkeypatch.setattr(document, "_LOADER", yaml.SafeLoader)
    node, diagnostics = read_yaml(Source("test.yaml", case["file"]))
    assert list(map(shown, diagnostics)) == list(map(shown, with_libyaml[1]))
    assert [written(found) for found in scalars(node)] == [
        written(found) for found in scalars(with_libyaml[0])
    ]


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
        (
            "a: &a [[[[[[[[[[1]]]]]]]]]]\nb: " + "[" * 41 + "*a" + "]" * 41,
            "nested deeper than 50 levels",
        ),
        ("{" + "a," * 200_000 + "}", "more than 100000 nodes"),
        ("a: " + "x" * (1 << 20), "test.yaml is larger than 1024 KiB"),
    ],
    ids=["nesting", "an open abyss", "lists in lists", "nesting by alias", "nodes", "size"],
)
def test_limits(file, message):
    node, diagnostics = read_yaml(Source("test.yaml", file))
    assert node is None
    assert [(d.rule.code, d.message) for d in diagnostics] == [("M007", message)]


def test_depth_of_fifty_is_fine():
    node, diagnostics = read_yaml(Source("test.yaml", "[" * 50 + "]" * 50))
    assert node is not None
    assert not diagnostics


# Files and JSON ---------------------------------------------------------------------------------


def refused(call, *arguments):
    with pytest.raises(FileError) as caught:
        call(*arguments)
    (diagnostic,) = caught.value.diagnostics
    place = diagnostic.span.source.position(diagnostic.span.start) if diagnostic.span else None
    return diagnostic.rule.code, place, diagnostic.message


def test_a_file_is_read_as_it_is(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\r\nb: c\r\n")
    source = read_file(path)
    assert (source.name, source.text) == (str(path), "a: é\r\nb: c\r\n")
    assert source.line(1) == "a: é"


def test_files_that_cannot_be_used(tmp_path):
    latin, large = tmp_path / "latin.yaml", tmp_path / "large.yaml"
    latin.write_bytes(b"a: b\nc: \xe9\n")
    large.write_bytes(b"#" * (1 << 20) + b"\n")
    missing = tmp_path / "missing.yaml"
    assert refused(read_file, missing) == ("M001", None, f"{missing} does not exist")
    assert refused(read_file, tmp_path) == ("M001", None, f"{tmp_path} is a folder")
    assert refused(read_file, latin) == ("M002", (2, 4), "byte 0xe9 is not UTF-8")
    assert refused(read_file, large) == ("M007", (1, 1), f"{large} is larger than 1024 KiB")
    assert refused(read_file, Path("a\0b"))[0] == "M001"


def test_a_file_without_permission(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)  # root may read whatever its mode
    path = tmp_path / "a.yaml"
    assert refused(read_file, path) == ("M001", None, f"{path} may not be read")


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a": [1, 1.5, null, true, "x"]}', {"a": [1, 1.5, None, True, "x"]}), (" 7 ", 7)],
)
def test_json(text, value):
    assert parse_json(Source("a.json", text)) == value


def test_json_faults_have_places():
    assert refused(parse_json, Source("a.json", '{"a": 1,\n "a": 2}')) == (
        "M004", (2, 2), '"a" is given twice',
    )  # fmt: skip
    assert refused(parse_json, Source("a.json", " \n")) == ("M008", None, "a.json holds nothing")
    assert refused(parse_json, Source("a.json", "[1,")) == ("M009", (1, 4), "expecting value")


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
    breaks = ("\n", "\r\n", "\r")
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
            assert re.fullmatch(r"[\s\\]*", source[end : span.start])
        end = span.end


TEXT = st.text(st.sampled_from("ab ,:#'\"\\\n\t-é😀\x85\u2028|>") | st.characters(), max_size=40)


@settings(max_examples=100, deadline=None)
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
    st.builds(
        lambda indent, text: " " * indent + text, st.integers(0, 4), st.text("ab \t#:", max_size=5)
    ),
    max_size=6,
)
BLOCK = st.builds(
    lambda style, chomp, digit, comment, lines: "\n".join(
        [style + digit + chomp + comment, *lines]
    ),
    st.sampled_from("|>"),
    st.sampled_from(["", "-", "+"]),
    st.sampled_from(["", "", "1", "2"]),
    st.sampled_from(["", " # why"]),
    LINES,
)
PIECES = ["a", "b", "\\n", "\\x41", "\\u00e9", '\\"', "\\U0001F600", "''", ":", "#", "é", "😀"]
BREAKS = ["\n", "\n  ", " \n\n \n  ", "\\\n ", "\r\n ", "\r ", " ", "\t", "\\\t", "\\ "]
FLOW = st.lists(st.sampled_from(PIECES + BREAKS), max_size=12).map("".join)
ANY_SCALAR = BLOCK | FLOW | FLOW.map(lambda text: f"'{text}'") | FLOW.map(lambda text: f'"{text}"')


AROUND = {"a: ": "", "a:\n  ": "", "x:\n- - a: ": "    ", "x:\n   y:\n    a: &q ": "    "}


@settings(max_examples=200, deadline=None)
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


# Comments ---------------------------------------------------------------------------------------

COMMENTED = """\
# alone
a: |  # behind an indicator
  text # is none
b: 'x # none' # behind quotes
c: plain#none # behind
d: [e, # in a list
  "f # none
   # none"]
g: >-
  # none

# after a block
h: &i j # behind an anchor"""
COMMENTS = [
    "# alone", "# behind an indicator", "# behind quotes", "# behind", "# in a list",
    "# after a block", "# behind an anchor",
]  # fmt: skip


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_comments_are_told_from_text(line_break, start):
    source = Source("test.yaml", start + COMMENTED.replace("\n", line_break))
    assert [source.text[each.start : each.end] for each in comments(source)] == COMMENTS


def test_comments_end_where_the_syntax_does():
    source = Source("test.yaml", "a: b # one\nc: 'd # two\n")
    assert [source.text[each.start : each.end] for each in comments(source)] == ["# one"]


@settings(max_examples=300, deadline=None)
@given(st.text("ab:- \n[]{}&|>'\"#,?\r", max_size=60))
def test_comments_are_nothing_to_the_reader(text):
    node, _ = read_yaml(Source("test.yaml", text))
    assume(node is not None)
    blanked = text
    for each in comments(Source("test.yaml", text)):
        assert text[each.start] == "#"
        blanked = blanked[: each.start] + " " * (each.end - each.start) + blanked[each.end :]
    again, _ = read_yaml(Source("test.yaml", blanked))
    assert again is not None
    assert plain(again) == plain(node)
    assert comments(Source("test.yaml", blanked)) == ()
