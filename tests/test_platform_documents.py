"""The documents that the platform is given: small ones case by case, and those that we ship."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml
from msgspec.structs import replace
from sandbox_client import World
from subjects import ROOT, WRAPPERS, subject

from mapper.diagnostics import FileError
from mapper.filters import filters
from mapper.javascript import print_script
from mapper.platform.documents import Level, documents
from mapper.project import load_project
from mapper.values import ABSENT, find

CASES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "platform" / "documents.yaml").read_text("utf-8")
)
FILTERED = {
    "x-filters": {"id": {"member": "filtered", "operator": "="}},
    "x-refuse-filter": {"filter": "id", "value": "none"},
    "x-refuse-body": {"member": "filtered", "value": 0},
}


def parts_of(folder, case, name="a/thing"):
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
            "mapping": name,
            "resource": "thing",
            "vendor": {"element": "acme", "resource": "things", "schema": "vendor.json"},
            "fields": case["fields"],
            **({"constants": case["constants"]} if "constants" in case else {}),
        },
    }  # fmt: skip
    for file, content in files.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(json.dumps(content), "utf-8")
    return load_project(folder).mapper(name).parts


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


NOTHING = {"vendor": {}, "common": {}, "fields": {}}


@pytest.mark.parametrize("name", ["über", "рахунок/x"])
def test_a_mapping_whose_name_could_not_mark_its_script_is_not_published(tmp_path, name):
    with pytest.raises(FileError) as refused:
        documents(parts_of(tmp_path, NOTHING, name))
    assert [each.rule.code for each in refused.value.diagnostics] == ["M604"]


@pytest.mark.parametrize("name", ["a*/ evil() /*", "a\n*/", "über", "a b", "\u2028"])
def test_no_name_ends_the_comment_of_a_script(tmp_path, name):
    lowered = replace(parts_of(tmp_path, NOTHING, "x").lowered, name=name)
    first, rest = print_script(lowered).split("\n", 1)
    assert first.index("*/") == len(first) - 2
    assert first.isascii()
    assert rest.startswith('"use strict";')


# What the platform makes of them ------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with World(tmp_path_factory.mktemp("platform") / "state") as world:
        yield world


def places(world, made, level):
    """Return where a definition and its transformation are sent at a level."""
    name, element = made.definition["objectName"], made.transformation["elementKey"]
    match level:
        case Level.ORGANIZATION:
            root, below = "/organizations", f"/elements/{element}"
        case Level.ACCOUNT:
            root, below = f"/accounts/{world.all('account')[0]['id']}", f"/elements/{element}"
        case Level.INSTANCE:
            root, below = f"/instances/{world.all('instance')[0]['id']}", ""
    return f"{root}/objects/{name}/definitions", f"{root}{below}/transformations/{name}"


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", WRAPPERS)
def test_the_platform_takes_them_as_they_stand_and_runs_them(name, level, world):
    mapper, call = subject(name).mapper, world.session()
    made = documents(mapper.parts, level)
    sent = dict(
        zip(places(world, made, level), (made.definition, made.transformation), strict=True)
    )
    try:
        for place, body in sent.items():
            answer = call.answer("POST", place, body)
            assert "Elements-Error" not in answer.headers
            stored = call("GET", place)
            members = ("path", "type", "vendorPath", "displayName", "configuration")
            assert [
                {key: field[key] for key in members if key in field} for field in stored["fields"]
            ] == [{key: field[key] for key in members if key in field} for field in body["fields"]]
        assert stored["script"]["body"] == made.transformation["script"]["body"]

        hub = f"/hubs/finance/{made.transformation['vendorName']}"
        for row in call("GET", hub):
            key = row["vendorid" if name == "freshbooks/vendor" else "id"]
            payload = call("GET", f"{hub}/{key}")
            common = call("GET", f"/hubs/finance/{made.definition['objectName']}/{key}")
            assert common == mapper.from_vendor(payload)
            assert common["id"] == str(key)
    finally:
        for place in reversed(sent):
            call.answer("DELETE", place)


@pytest.fixture(scope="module")
def published(world):
    """Every mapping, published for the whole organization."""
    call = world.session()
    for name in WRAPPERS:
        made = documents(subject(name).mapper.parts)
        for place, body in zip(
            places(world, made, Level.ORGANIZATION),
            (made.definition, made.transformation),
            strict=True,
        ):
            call("POST", place, body)
    yield call
    for name in WRAPPERS:
        made = documents(subject(name).mapper.parts)
        for place in reversed(places(world, made, Level.ORGANIZATION)):
            call.answer("DELETE", place)


def test_requests_create_and_update_at_the_vendor(published):
    made = published("POST", "/hubs/finance/tax", {"name": "Sunday tax", "rate": "4.5"})
    assert (made["name"], made["rate"]) == ("Sunday tax", "4.5")
    place = f"/hubs/finance/tax/{made['id']}"
    published("PATCH", place, {"number": "S-1", "updatedAt": "2000-01-01T00:00:00Z"})
    assert published("GET", place)["number"] == "S-1"
    published("PATCH", place, {"number": None})
    assert "number" not in published("GET", place)


SEVERAL = ("draft", "sent", "paid", "payment-failed", "deposit-paid", "deposit-partially-paid")
"""The statuses that several of the vendor's read as."""


@pytest.mark.parametrize("object_name", ["customer", "invoice", "item", "payment", "tax"])
def test_a_condition_finds_exactly_what_it_says(published, object_name):
    everything = published("GET", f"/hubs/finance/{object_name}")
    exact = filters(subject(f"freshbooks/{object_name}").mapper.lowered).exact
    for steps in sorted({each.common for each in exact}):
        for value in sorted({find(each, steps) for each in everything} - {ABSENT}):
            condition = urlencode({"where": f"{'.'.join(steps)}='{value}'"})
            place = f"/hubs/finance/{object_name}?{condition}"
            if steps == ("status",) and value in SEVERAL:
                published.answer("GET", place, status=400)
                continue
            expected = [each["id"] for each in everything if find(each, steps) == value]
            assert [each["id"] for each in published("GET", place)] == expected, condition


@pytest.mark.parametrize(
    ("object_name", "condition"),
    [
        ("invoice", "status='sent'"),
        ("invoice", "total.amount='5'"),
        ("invoice", "updatedAt>='2024-01-01T00:00:00Z'"),
        ("invoice", "customer.id='1' OR customer.id='2'"),
        ("invoice", "customer.id='1' AND customer.id='2'"),
        ("invoice", "nothing='1'"),
        ("customer", "companyName='Acme'"),
        ("item", "name LIKE 'a%'"),
        ("vendor", "name='Acme'"),
        ("vendor", "id='1'"),
    ],
)
def test_no_other_condition_finds_anything(published, object_name, condition):
    query = urlencode({"where": condition})
    answer = published.answer("GET", f"/hubs/finance/{object_name}?{query}", status=400)
    assert "message" in answer.json


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
