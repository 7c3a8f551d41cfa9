"""Law classes, which no data shows: held against data."""

import json
from pathlib import Path
from random import Random

import pytest

from mapper import load_project
from mapper.certificate import certificate
from mapper.diagnostics import Source
from mapper.document import plain, read_yaml
from mapper.evaluate import evaluate
from mapper.generate import Seeded, compile_generator
from mapper.infer.classes import LawClass, classified
from mapper.lower import Leaf
from mapper.primitives import Refusal
from mapper.render.matrix import render_matrix
from mapper.values import contains, equal

ROOT = Path(__file__).parents[1]
CASES = plain(
    read_yaml(Source("classes.yaml", (Path(__file__).parent / "cases/classes.yaml").read_text()))[0]
)
MAY_LOSE = ("lossy", "opaque")
VALUES = 60
"""How many values of a schema a class is held against."""


def project_of(case, folder):
    """Return the project of a mapping with one member."""
    vendor_name = case["rule"].get("vendor") or next(iter(case["rule"]["to_vendor"]))
    rule = case["rule"] | ({"lossy": "declared"} if case["class"] in MAY_LOSE else {})
    mapping = {
        "mapping": "acme/thing",
        "resource": "thing",
        "vendor": {"element": "acme", "resource": "things", "schema": "acme.json"},
        "fields": {"member": rule},
    }
    vendor = {"type": "object", "properties": {vendor_name: case["vendor"]}}
    common = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"member": case["common"]},
    }
    resource = {"resource": "thing", "schema": "thing.json", "key": "member"}
    files = {
        "mappings/thing.yaml": mapping,
        "mappings/resource.yaml": resource,
        "schemas/acme.json": vendor,
        "schemas/thing.json": common,
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    return load_project(folder)


def rules_of(project, name):
    mapping = project.find(name)
    lowered, _ = project.lower(mapping)
    common = project.schemas.load(project.library.resources[mapping.resource].schema.name)
    return list(classified(lowered, common))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["shows"])
def test_the_class_of_a_rule(case, tmp_path):
    [found] = rules_of(project_of(case, tmp_path), "acme/thing")
    assert str(found.verdict.law) == case["class"]
    assert list(found.verdict.why) == case.get("why", [])


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if c["rule"].keys() == {"vendor", "convert"}],
    ids=lambda c: c["shows"],
)
def test_a_list_is_of_the_class_of_its_items(case, tmp_path):
    of_items = {
        "rule": case["rule"] | {"convert": {"list": case["rule"]["convert"]}},
        "vendor": {"type": "array", "items": case["vendor"]},
        "common": {"type": "array", "items": case["common"]},
        "class": case["class"],
    }
    [found] = rules_of(project_of(of_items, tmp_path), "acme/thing")
    assert str(found.verdict.law) == case["class"]
    assert list(found.verdict.why) == case.get("why", [])


@pytest.mark.parametrize("case", [c for c in CASES if "loses" in c], ids=lambda case: case["shows"])
def test_what_is_called_lossy_loses(case, tmp_path):
    mapper = project_of(case, tmp_path).mapper("acme/thing")
    written = mapper.to_vendor({"member": case["loses"]})
    assert mapper.from_vendor(written) != {"member": case["loses"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["shows"])
def test_a_certificate_says_which_losses_are_declared(case, tmp_path):
    made = certificate(project_of(case, tmp_path), ["acme/thing"])
    [rule] = made["mappings"]["acme/thing"]["rules"]
    assert rule["class"] == case["class"]
    assert rule["lossy"] == ("declared" if case["class"] in MAY_LOSE else None)


def values_of(schema):
    make, choices = compile_generator(schema), Seeded(Random(20240229))
    return [make(choices) for _ in range(VALUES)]


def converted(tree, value):
    return value if tree is None else evaluate(tree, value)


def shipped_leaves():
    project = load_project(ROOT)
    for name in project.names:
        mapping = project.find(name)
        common = project.schemas.load(project.library.resources[mapping.resource].schema.name)
        for found in rules_of(project, name):
            if isinstance(found.rule, Leaf):
                yield pytest.param(found, common, id=f"{name}: {'.'.join(found.common)}")


def schema_at(schema, steps):
    for step in steps:
        schema = (schema.items() or schema).member(step)
    return schema


@pytest.mark.parametrize(("found", "common"), list(shipped_leaves()))
def test_no_value_breaks_what_its_class_promises(found, common):
    """A lens reads back what it wrote; what is iso also writes back what it read."""
    rule = found.rule
    if found.verdict.law not in (LawClass.ISO, LawClass.LENS):
        return
    wanted = schema_at(common, found.common)
    for value in values_of(wanted):
        try:
            written = converted(rule.put, value)
        except Refusal:
            continue
        assert equal(converted(rule.get, written), value)
        if found.verdict.law is LawClass.ISO:
            assert not contains(rule.unset.read, written)
            assert equal(converted(rule.put, converted(rule.get, written)), written)


def test_a_certificate_counts_every_rule_once():
    project = load_project(ROOT)
    made = certificate(project, project.names)
    json.dumps(made)
    for name, found in made["mappings"].items():
        assert sum(found["counts"].values()) == len(found["rules"]) == len(rules_of(project, name))
        assert {rule["class"] for rule in found["rules"]} <= set(made["classes"])
        undeclared = [r for r in found["rules"] if r["class"] == "lossy" and not r["lossy"]]
        assert not undeclared


def test_the_matrix_has_a_line_for_each_mapping():
    classes = {"iso": "…", "lens": "…"}
    mappings = {"acme/a": {"counts": {"iso": 12, "lens": 0}}}
    assert render_matrix({"classes": classes, "mappings": mappings}) == (
        "           iso    lens\nacme/a      12       -\n"
    )
    assert render_matrix({"classes": classes, "mappings": {}}) == ""
