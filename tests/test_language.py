"""Reading the language: each file in ``cases/language`` is a small project and all that is found in it.

A case lists ``files`` over those of ``_project.yaml`` and what ``check`` finds in them: ``finds`` as
``code file:line:column message``, or with ``says`` (that text), ``hint``, ``marks`` (what the place
covers) and ``also`` (the related places). Beside the parser, the JSON Schemas for editors are held to
every file of every case; ``beyond_schema`` says why one cannot refuse what the parser refuses.
"""

import json
import random
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings, strategies as st
from jsonschema import Draft7Validator
from referencing import Registry, Resource

import mapper
from mapper.check import check_project
from mapper.converters import CONVERTERS
from mapper.diagnostics import Source
from mapper.document import plain, read_yaml
from mapper.parse import KINDS, parse_file, parse_files
from mapper.parse_rules import MAX_NAMES, parse_path
from mapper.project import load_project

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


def found_in(folder, monkeypatch, files):
    for name, text in (PROJECT | files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return check_project(load_project(folder))


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


@pytest.mark.parametrize("path", EVERY_CASE, ids=lambda path: path.stem)
def test_cases(path, tmp_path, monkeypatch):
    case = read_case(path)
    wanted = case.get("finds", [])
    found = found_in(tmp_path, monkeypatch, case["files"])
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


def parsed(text):
    """Return the kind of a language file and its content, or (None, None)."""
    file, _ = parse_file(Source("file.yaml", text))
    return (None, None) if file is None else (file.kind, plain(file.root))


def complaints(text):
    kind, content = parsed(text)
    return [] if kind is None else [each.message for each in validators()[kind].iter_errors(content)]


@pytest.mark.parametrize("path", EVERY_CASE, ids=lambda path: path.stem)
def test_the_schemas_agree_with_the_parser(path):
    case = read_case(path)
    findings = [each if isinstance(each, str) else each["says"] for each in case.get("finds", [])]
    differing = []
    for name, text in case["files"].items():
        if not name.startswith("mappings/") or parsed(text)[0] is None:
            continue
        codes = {each.split()[0] for each in findings if each.split()[1].startswith(f"{name}:")}
        refused = bool(complaints(text))
        if (codes & SHAPE and not refused) or (refused and not any(c < "M200" for c in codes)):
            differing.append(name)
    assert bool(differing) == ("beyond_schema" in case), [*map(complaints, case["files"].values())]


SHIPPED = sorted((ROOT / "mappings").rglob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_files_fit_the_schemas(path):
    assert not complaints(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_schemas_are_closed_and_explain_every_key(kind):
    Draft7Validator.check_schema(validators()[kind].schema)
    for schema in objects(validators()[kind].schema):
        for name, member in schema.get("properties", {}).items():
            assert member.get("description"), name
        if "properties" in schema:
            assert schema["additionalProperties"] is False


def objects(schema):
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_the_schema_knows_every_converter():
    definitions = validators()["mapping"].schema["definitions"]
    assert definitions["converterName"]["enum"] == sorted(CONVERTERS)
    explained = definitions["converterUse"]["properties"]
    assert explained == {
        name: {"description": explanation(CONVERTERS[name])} for name in sorted(CONVERTERS)
    }


def explanation(converter):
    parameters = f" Parameters: {converter.parameters}." if converter.parameters else ""
    return converter.documentation + parameters


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
    found = findings_of(
        RESOURCE, HEAD + f"fields:\n{many}", f"fragment: f1\nfields:\n{rules}"
    )
    assert any("M007" in each and "more than 10000 rules" in each for each in found)


def test_a_path_has_as_many_names_as_an_object_can_nest():
    assert parse_path(".".join(["a"] * MAX_NAMES)) == ("a",) * MAX_NAMES
    assert parse_path(".".join(["a"] * (MAX_NAMES + 1))) is None


@pytest.mark.parametrize(
    "text", ["", ".", "a.", ".a", "a..b", "a b", "1a", "é", '"', '""', '"a', '"\\x"', '"\\ud800"', '"a"b', "a[0]", "a\n"]
)
def test_what_is_no_path(text):
    assert parse_path(text) is None


@given(st.lists(st.text(min_size=1).filter(lambda name: name.isprintable()), min_size=1, max_size=5))
def test_every_name_can_stand_in_a_path(names):
    assert parse_path(mapper.model.show_path(tuple(names))) == tuple(names)


INTERESTING = [*"{}[]:,.-\"'|>&*!#%@`$ \n\t~?é0", "null", "true", "${x}", "\n  ", ": ", "vendor", "each", "fields"]
VICTIMS = [path for path in SHIPPED if path.name in ("tax.yaml", "tax.examples.yaml", "customer.yaml", "address.yaml", "late_payment.yaml")]
