"""The documents that the platform is given: small ones case by case, and those that we ship."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from subjects import ROOT, WRAPPERS, subject

from mapper.platform.documents import Level, documents
from mapper.project import load_project

CASES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "platform" / "documents.yaml").read_text("utf-8")
)
FILTERED = {
    "x-filters": {"id": {"member": "filtered", "operator": "="}},
    "x-refuse-filter": {"filter": "id", "value": "none"},
}


def parts_of(folder, case):
    members = case["vendor"] | {"filtered": {"type": "string"}}
    demands = {"x-write-invariants": case["demands"]} if "demands" in case else {}
    files = {
        "schemas/vendor.json": {"type": "object", "properties": members, **FILTERED, **demands},
        "schemas/common.json": {
            "type": "object", "properties": case["common"], "additionalProperties": False,
        },
        "mappings/thing.yaml": {
            "resource": "thing", "schema": "common.json", "key": "id", **case.get("resource", {}),
        },
        "mappings/mapping.yaml": {
            "mapping": "a/thing",
            "resource": "thing",
            "vendor": {"element": "acme", "resource": "things", "schema": "vendor.json"},
            "fields": case["fields"],
            **({"constants": case["constants"]} if "constants" in case else {}),
        },
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), "utf-8")
    return load_project(folder).mapper("a/thing").parts


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_small_documents(tmp_path, case):
    made = documents(parts_of(tmp_path, case))
    defined = {field["path"]: field["type"] for field in made.definition["fields"]}
    mapped = {field["path"]: field["vendorPath"] for field in made.transformation["fields"]}
    assert defined == case["defines"]
    assert mapped == case["maps"]
    said = [f"{each.rule.code} {each.message}" for each in made.limits]
    assert said == case.get("limits", [])
    for fields in (made.definition["fields"], made.transformation["fields"]):
        assert [each["path"] for each in fields] == sorted(each["path"] for each in fields)
    for field in made.transformation["fields"]:
        assert field["type"] == defined[field["path"]]


def test_what_a_resource_says_of_itself(tmp_path):
    case = {
        "vendor": {"name": {"type": "string"}},
        "common": {"name": {"type": "string"}},
        "fields": {"name": "name"},
        "resource": {
            "objectName": "common-things",
            "description": "Things.",
            "displayNames": {"name": "Näme"},
        },
    }
    made = documents(parts_of(tmp_path, case))
    assert made.definition == {
        "objectName": "common-things",
        "description": "Things.",
        "level": "organization",
        "fields": [
            {"path": "name", "type": "string", "level": "organization", "displayName": "Näme"}
        ],
    }
    said = made.transformation
    assert (said["objectName"], said["elementKey"], said["vendorName"], said["isLegacy"]) == (
        "common-things", "acme", "things", False,
    )  # fmt: skip
    assert made.text.isascii()
    assert json.loads(made.text) == {"definition": made.definition, "transformation": said}


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", WRAPPERS)
def test_every_entry_says_its_level(name, level):
    made = documents(subject(name).mapper.parts, level)
    transformation = made.transformation
    entries = [
        made.definition, transformation, transformation["script"], *made.definition["fields"],
        *transformation["fields"], *transformation["configuration"],
    ]  # fmt: skip
    assert {each["level"] for each in entries} == {level.value}


@pytest.mark.parametrize("name", WRAPPERS)
def test_nothing_half_mapped_is_sent_and_only_what_is_mapped_is_given(name):
    transformation = documents(subject(name).mapper.parts).transformation
    settings = {each["type"]: each.get("properties") for each in transformation["configuration"]}
    assert settings == {
        "addToDocumentation": None,
        "applyJSOnQueryFieldValue": {"toVendor": None},
        "inherit": None,
        "passThrough": {"fromVendor": False, "toVendor": False},
    }
    for field in transformation["fields"]:
        (only,) = field["configuration"]
        assert only == {
            "type": "passThrough",
            "properties": {"fromVendor": True, "toVendor": False},
        }


def leaves(schema, at=""):
    """Yield the paths of what a JSON object of a canonical schema can hold."""
    for name, member in schema.members().items():
        inner = member.items()
        if member.members():
            yield from leaves(member, f"{at}{name}.")
            continue
        yield f"{at}{name}"
        if inner is not None:
            yield from leaves(inner, f"{at}{name}[*].")


def vendor_has(schema, path):
    for step in path.split("."):
        schema = schema and schema.member(step.removesuffix("[*]"))
        if step.endswith("[*]"):
            schema = schema and schema.items()
    return schema is not None


@pytest.mark.parametrize("name", WRAPPERS)
def test_shipped_documents_name_all_that_the_schemas_do(name):
    mapper = subject(name).mapper
    made = documents(mapper.parts)
    assert {field["path"] for field in made.definition["fields"]} == set(
        leaves(mapper.common_schema)
    )
    for field in made.transformation["fields"]:
        assert vendor_has(mapper.vendor_schema, field["vendorPath"]), field
        assert field["path"].count("[*]") == field["vendorPath"].count("[*]")


def test_the_same_bytes_on_every_machine(tmp_path):
    made = set()
    for seed, zone, locale in (("1", "Asia/Tokyo", "C"), ("2", "America/New_York", "C.UTF-8")):
        surroundings = {
            "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PYTHONUTF8": "0",
        }  # fmt: skip
        run = subprocess.run(
            [sys.executable, "-m", "mapper", "compile", "freshbooks/invoice", "--quiet",
             "--target", "platform", "--project", str(ROOT)],
            env=os.environ | surroundings | {"PYTHONPATH": str(ROOT)},
            cwd=tmp_path, capture_output=True, check=True,
        )  # fmt: skip
        assert run.stderr == b""
        made.add(run.stdout)
    (text,) = made
    assert b"\r" not in text
    assert text.decode("ascii") == documents(subject("freshbooks/invoice").mapper.parts).text
