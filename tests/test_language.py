"""Reading the language: each file in ``cases/language`` is a small project and what is found in it.

A case lists ``files`` over those of ``_project.yaml`` and what ``check`` finds in them: ``finds``,
as ``code file:line:column message``, or with ``says`` (that text), ``hint``, ``marks`` (what the
place covers) and ``also`` (the related places). Beside the parser, the JSON Schemas for editors are
held to every file of every case; ``beyond_schema`` says why one cannot refuse what the parser does.
"""

import json
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings, strategies as st
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from tools.make_reference import LANGUAGE, language_schema

import mapper
from mapper.check import check_project
from mapper.converters import CONVERTERS
from mapper.diagnostics import FileError, Severity, Source, Span
from mapper.document import Scalar, plain
from mapper.model import show_path
from mapper.parse import KINDS, parse_file, parse_files
from mapper.parse.parts import MAX_NAMES, parse_path
from mapper.parse.shape import MAX_NAME, NAME, Findings
from mapper.project import find_root, load_project

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases" / "language"
SCHEMAS = Path(mapper.__file__).parent / "language"
SHAPE = {"M103", "M104", "M105", "M106", "M109"}


def read_case(path):
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = case.keys() - {"shows", "files", "finds", "beyond_schema"}
    assert not unknown
    return case


PROJECT = read_case(CASES / "_project.yaml")["files"]
EVERY_CASE = sorted(path for path in CASES.glob("*.yaml") if path.name != "_project.yaml")


def found_in(folder, monkeypatch, files, *, with_silence=False):
    for name, text in (PROJECT | files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    found = check_project(load_project(folder))
    # Most cases have a schema that says nothing, of which M321 warns.
    return tuple(each for each in found if with_silence or each.rule.code != "M321")


def told(diagnostic, wanted):
    """Return what *diagnostic* says, in as much detail as *wanted* asks for."""
    says = f"{diagnostic.rule.code} {diagnostic.span} {diagnostic.message}"
    if isinstance(wanted, str):
        return says
    span = diagnostic.span
    everything = {
        "says": says,
        "hint": diagnostic.advice,
        "marks": span.source.text[span.start : span.end],
        "also": [f"{label.span} {label.message}" for label in diagnostic.labels],
    }
    return {name: everything[name] for name in wanted}


def _errors(found):
    return [each for each in found if each.rule.severity is Severity.ERROR]


@pytest.mark.parametrize("path", EVERY_CASE, ids=lambda path: path.stem)
def test_cases(path, tmp_path, monkeypatch):
    case = read_case(path)
    wanted = case.get("finds", [])
    of_silence = path.stem.startswith("M321")
    found = found_in(tmp_path, monkeypatch, case["files"], with_silence=of_silence)
    asked = wanted + [""] * (len(found) - len(wanted))
    assert [told(each, how) for each, how in zip(found, asked, strict=False)] == wanted


# The schemas for editors ------------------------------------------------------------------------


@cache
def validators():
    schemas = {
        path.name: json.loads(path.read_text(encoding="utf-8"))
        for path in SCHEMAS.glob("*.schema.json")
    }
    registry = Registry().with_resources(
        (name, Resource.from_contents(schema)) for name, schema in schemas.items()
    )
    return {
        kind: Draft7Validator(schemas[f"{kind}.schema.json"], registry=registry) for kind in KINDS
    }


def complaints(text):
    """Yield the line of each error that the schema of the text's kind finds, with its message."""
    file, _ = parse_file(Source("file.yaml", text))
    if file is not None:
        for error in validators()[file.kind].iter_errors(plain(file.root)):
            for node in places(error, file.root):
                yield node.span.source.position(node.span.start)[0], error.message


def places(error, node):
    """Return the nodes that an error of jsonschema is about: keys, if it is about names."""
    for step in error.absolute_path:
        node = node.get(step) if isinstance(step, str) else node.items[step]
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        return [each.key for each in node.entries if each.key.text not in known]
    if "propertyNames" in error.absolute_schema_path:
        return [each.key for each in node.entries if each.key.text == error.instance]
    return [node]


@pytest.mark.parametrize("path", EVERY_CASE, ids=lambda path: path.stem)
def test_the_schemas_agree_with_the_parser(path):
    """Each schema refuses every line with a fault of shape, and no line without any fault."""
    case = read_case(path)
    findings = [each if isinstance(each, str) else each["says"] for each in case.get("finds", [])]
    differing = []
    for name, text in case["files"].items():
        if not name.startswith("mappings/"):
            continue
        lines = {}
        for code, place in (finding.split()[:2] for finding in findings):
            file, line, _ = place.rsplit(":", 2)
            if file == name:
                lines.setdefault(int(line), set()).add(code)
        refused = dict(complaints(text))
        shape = (
            {line for line, codes in lines.items() if codes & SHAPE} if readable(text) else set()
        )
        differing += [(name, line) for line in shape - refused.keys()]
        differing += [(name, line, refused[line]) for line in refused.keys() - lines.keys()]
    assert bool(differing) == ("beyond_schema" in case), differing


def readable(text):
    return parse_file(Source("file.yaml", text))[0] is not None


SHIPPED = sorted((ROOT / "mappings").rglob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_files_fit_the_schemas(path):
    assert not list(complaints(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("kind", KINDS)
def test_the_schemas_are_closed_and_explain_every_key(kind):
    Draft7Validator.check_schema(validators()[kind].schema)
    for schema in objects(validators()[kind].schema):
        if schema.get("type") == "object" and "properties" in schema:
            assert schema["additionalProperties"] is False
            assert all(member.get("description") for member in schema["properties"].values())


def objects(schema):
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_the_schema_says_of_every_converter_what_the_table_does():
    assert LANGUAGE.read_text(encoding="utf-8") == language_schema()


@pytest.mark.parametrize("name", sorted(CONVERTERS))
def test_the_schema_takes_the_parameters_of_every_example(name):
    for example in CONVERTERS[name].examples:
        use = name if example.parameters is None else {name: example.parameters}
        assert not list(complaints(with_converter(use)))


@pytest.mark.parametrize(
    "use",
    [
        {"datetime": {"zon": 1}},
        {"datetime": {"zone": "UTC", "tz": "UTC"}},
        {"datetime": {}},
        {"datetime": "UTC"},
        {"money": {"amuont": "value"}},
        {"string": 1},
        {"pluck": ["id"]},
        {"pluck": ""},
        {"values": {"a": "b"}},
        {"values": {"a": [{}]}},
        {"list": {"datetime": {"zon": 1}}},
        {"list": "strin"},
    ],
    ids=json.dumps,
)
def test_the_schema_refuses_parameters_that_a_check_refuses(use, tmp_path, monkeypatch):
    text = with_converter(use)
    found = found_in(tmp_path, monkeypatch, {"mappings/thing.yaml": text})
    assert [each.rule.code for each in found if each.rule.code == "M113"] == ["M113"]
    assert {line for line, _ in complaints(text)} == {5}


def with_converter(use):
    """Return a mapping file whose fifth line has a rule with a converter."""
    return (
        "mapping: acme/thing\nresource: thing\n"
        "vendor: {element: acme, resource: things, schema: open.json}\n"
        f"fields:\n  a: {{vendor: a, convert: {json.dumps(use)}}}\n"
    )


# Projects and names -----------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [load_project, find_root])
def test_a_folder_without_mappings_is_no_project(ask, tmp_path):
    with pytest.raises(FileError) as caught:
        ask(tmp_path)
    assert [each.rule.code for each in caught.value.diagnostics] == ["M101"]


def test_an_unknown_mapping_is_refused_with_the_nearest(tmp_path, monkeypatch):
    found_in(tmp_path, monkeypatch, {})
    with pytest.raises(FileError) as caught:
        load_project().mapper("acme/thong")
    (found,) = caught.value.diagnostics
    assert (found.rule.code, found.hint) == ("M102", "did you mean acme/thing?")


def test_check_can_be_asked_about_some_mappings(tmp_path, monkeypatch):
    other = PROJECT["mappings/thing.yaml"].replace("acme/thing", "acme/other")
    unlawful = other.replace("fields: {", 'fields: {x: {vendor: x, unset: {clear: ""}}, ')
    assert found_in(tmp_path, monkeypatch, {"mappings/other.yaml": unlawful})
    assert not _errors(check_project(load_project(), ["acme/thing"]))
    assert [each.rule.code for each in _errors(check_project(load_project(), ["acme/other"]))] == [
        "M310"
    ]


@pytest.mark.parametrize(
    ("here", "shown"),
    [
        (".", "mappings/thing.yaml"),
        ("mappings", "thing.yaml"),
        ("schemas", "/mappings/thing.yaml"),  # a path that works everywhere
    ],
)
def test_files_are_named_as_somebody_here_would_write_them(here, shown, tmp_path, monkeypatch):
    found_in(tmp_path, monkeypatch, {})
    monkeypatch.chdir(tmp_path / here)
    named = load_project().library.mappings["acme/thing"].source.name
    assert named == (f"{tmp_path}{shown}" if shown.startswith("/") else shown)


INVARIANT = PROJECT["mappings/thing.resource.yaml"] + "invariants: {named: length(name) > `0`}\n"


@pytest.mark.parametrize("common", [{"name": ""}, {}, {"name": 5}])
def test_an_invariant_that_is_not_true_is_broken(common, tmp_path, monkeypatch):
    assert not found_in(tmp_path, monkeypatch, {"mappings/thing.resource.yaml": INVARIANT})
    mapper = load_project().mapper("acme/thing")
    (found,) = mapper.validate_common(common)
    assert (found.rule.code, str(found.span)) == ("M502", "mappings/thing.resource.yaml:4:21")
    assert not mapper.validate_common({"name": "a"})


# Limits and strangers' files --------------------------------------------------------------------


def findings_of(*texts):
    files = [parse_file(Source(f"{i}.yaml", text))[0] for i, text in enumerate(texts)]
    return [str(each) for each in parse_files(tuple(files))[1]]


HEAD = "mapping: m\nresource: r\nvendor: {element: e, resource: v, schema: s}\n"
RESOURCE = "resource: r\nschema: s\nkey: id\n"


def test_fragments_in_fragments_stay_bounded():
    laughs = [
        f"fragment: f{n}\nfields: {{a: {{fragment: f{n + 1}}}, b: {{fragment: f{n + 1}}}}}"
        for n in range(40)
    ]
    found = findings_of(RESOURCE, HEAD + "fields: {a: {fragment: f0}}", *laughs)
    assert all("M007" in each or "there" in each or "f40" in each for each in found)
    assert any("more than 5 deep" in each for each in found)


def test_fragments_that_are_used_much_stay_bounded():
    many = "\n".join(f"  m{n}: {{fragment: f1}}" for n in range(200))
    rules = "\n".join(f"  m{n}: m{n}" for n in range(200))
    found = findings_of(RESOURCE, HEAD + f"fields:\n{many}", f"fragment: f1\nfields:\n{rules}")
    assert any("M007" in each and "more than 10000 rules" in each for each in found)


def test_parameters_in_parameters_stay_bounded():
    many = "${p}" * 200
    doubling = [
        f"fragment: f{n}\nparameters: [p]\n"
        f"fields: {{x: {{fragment: f{n + 1}, with: {{p: '{many}'}}}}}}"
        for n in range(4)
    ]
    last = "fragment: f4\nparameters: [p]\nfields: {x: '${p}'}"
    use = HEAD + "fields: {a: {fragment: f0, with: {p: aaaaaaaaaa}}}"
    found = findings_of(RESOURCE, use, *doubling, last)
    assert len(found) == 4
    assert all("M106" in each and "more than 1000 characters" in each for each in found)


def test_a_path_has_as_many_names_as_an_object_can_nest():
    assert parse_path(".".join(["a"] * MAX_NAMES)) == ("a",) * MAX_NAMES
    assert parse_path(".".join(["a"] * (MAX_NAMES + 1))) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "a b",
        "1a",
        "é",
        '"',
        '""',
        '"a',
        '"\\x"',
        '"\\ud800"',
        '"a"b',
        "a[0]",
        "a\n",
    ],
)
def test_what_is_no_path(text):
    assert parse_path(text) is None


@given(
    st.lists(st.text(min_size=1).filter(lambda name: name.isprintable()), min_size=1, max_size=5)
)
def test_every_name_can_stand_in_a_path(names):
    assert parse_path(show_path(tuple(names))) == tuple(names)


VICTIMS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in SHIPPED
    if path.name in ("tax.yaml", "tax.examples.yaml", "address.yaml", "late_payment.yaml")
}
PIECES = [
    *"{}[]:,.-\"'|>&*!#%@`$ \n\t~?é0",
    "null",
    "true",
    "5",
    "${x}",
    "\n  ",
    ": ",
    "vendor",
    "each",
]
EDIT = st.tuples(st.floats(0, 1), st.integers(0, 8), st.sampled_from(["", *PIECES]))


@pytest.fixture(scope="module")
def small_project(tmp_path_factory):
    """A copy of our own project with little but the tax, so that reading it is fast."""
    folder = tmp_path_factory.mktemp("project")
    shipped = [
        path for path in (ROOT / "schemas").rglob("*.json") if path.name.startswith(("tax", "def"))
    ]
    kept = [
        ROOT / "mappings" / "resources" / "tax.yaml",
        *(ROOT / name for name in VICTIMS),
        *shipped,
    ]
    for path in kept:
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    found = check_project(load_project(folder))
    assert {each.rule.code for each in found} <= {"M415"}  # the fragments of other mappings
    return folder


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(VICTIMS)), st.lists(EDIT, min_size=1, max_size=5))
def test_no_edit_of_a_valid_file_makes_reading_raise(small_project, name, edits):
    text = VICTIMS[name]
    for where, length, piece in edits:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + length :]
    victim = small_project / name
    victim.write_text(text, encoding="utf-8")
    try:
        project = load_project(small_project)
        found = check_project(project)
    finally:
        victim.write_text(VICTIMS[name], encoding="utf-8")
    assert all(each.span and each.message and "\n" not in each.message for each in found)
    if not found:
        assert project.mapper("freshbooks/tax")


@pytest.mark.parametrize("kind", ["mapping", "overlay", "resource", "fragment", "table"])
def test_editors_know_what_names_look_like(kind):
    name = validators()[kind].schema["properties"][kind]
    assert name["pattern"] == NAME
    assert name["maxLength"] == MAX_NAME


@given(st.text(max_size=6))
def test_a_name_is_one_line_for_people_and_one_path_for_systems(name):
    if not Findings().name(Scalar(name, name, Span(Source("x", name), 0, 0)), "a mapping"):
        return
    assert name.isprintable()
    assert " " not in name
    assert not name.startswith(("/", "-"))
    assert not {".", "..", ""} & set(name.split("/"))
    assert not set(name) & set("\\:*?\"'<>|`$;&!#[]{}()%~")
