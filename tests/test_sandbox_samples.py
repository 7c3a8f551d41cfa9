"""Documents that others published are taken as they are, and answers are as the vendor asserts.

The samples are collected from the vendor's repositories; where they are not beside this checkout,
these tests skip. Definitions and transformations are sent as they stand, with what only responses
have; exports are imported and exported again.
"""

import json
from pathlib import Path

import pytest
from jsonschema import Draft4Validator
from sandbox_client import ORG_ADMIN, USER, World

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT.parent / "shared" / "samples" / "platform"
ELEMENTS = (
    "autotaskcrm",
    "closeio",
    "hubspotcrm",
    "netsuite4square",
    "sapbusinessone",
    "sfdc",
)
SEED = {
    "users": [
        {"email": ORG_ADMIN, "firstName": "O", "lastName": "A", "roles": ["org-admin", "vdrAdmin"]},
        {"email": USER, "firstName": "U", "lastName": "U"},
    ],
    "elements": [{"key": key} for key in ELEMENTS],
    "instances": [
        {"element": "closeio", "name": "One"},
        {"element": "freshbooksv2", "name": "Two"},
    ],
}
ELEMENT = "closeio"
TRANSFORMATIONS = f"/organizations/elements/{ELEMENT}/transformations"

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the recorded samples (../shared) are not beside this checkout"
)


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def named(pattern):
    """The samples of a pattern, without the last part of their names."""
    return sorted(path.stem for path in SAMPLES.glob(f"{pattern}.json"))


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "state", SEED) as world:
        yield world


@pytest.fixture
def call(world):
    return world.session()


@pytest.fixture
def instance(world):
    return world.all("instance")[0]["id"]


def fits(schema, value):
    assert [error.message for error in Draft4Validator(sample(schema)).iter_errors(value)] == []
    return value


def picked(entries, *names):
    """Some members of each entry, in an order of their own."""
    return sorted(
        ({name: each.get(name) for name in names} for each in entries),
        key=lambda each: json.dumps(each, sort_keys=True),
    )


# Definitions --------------------------------------------------------------------------------------

DEFINITIONS = [
    name
    for name in named("definition-*")
    if name != "definition-rename-instance-exchange" and "multilevel" not in name
]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_is_taken_as_it_stands(call, name):
    body = sample(name)
    stored = fits(
        "schema-object-definition", call("POST", "/organizations/objects/x/definitions", body)
    )
    assert picked(stored["fields"], "path", "type", "displayName") == picked(
        body["fields"], "path", "type", "displayName"
    )


@pytest.mark.parametrize("name", named("definitions-list-*"))
def test_a_list_of_definitions_is_taken_as_it_stands(call, name):
    body = sample(name)
    assert call("POST", "/organizations/objects/definitions", body).keys() == body.keys()
    listed = call("GET", "/organizations/objects/definitions")
    for each, definition in body.items():
        assert picked(listed[each]["fields"], "path", "type") == picked(
            definition["fields"], "path", "type"
        )


def test_a_rename_answers_as_the_captured_one(call, instance):
    exchange = sample("definition-rename-instance-exchange")
    wanted = exchange["response"]
    call("POST", "/instances/objects/old/definitions", {"fields": wanted["fields"]})
    answer = call("PATCH", "/instances/objects/old", exchange["request"])
    assert answer.keys() == wanted.keys()
    assert (answer["objectName"], answer["level"]) == (wanted["objectName"], wanted["level"])


# Transformations ----------------------------------------------------------------------------------

WRITTEN = [name for name in named("transformation-*") if "multilevel" not in name]


def types(body):
    return [{"path": each["path"], "type": each.get("type", "string")} for each in body["fields"]]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_transformation_is_taken_as_it_stands(call, name):
    body = sample(name)
    if "script" in body:  # some samples lost their scripts' bodies to a file beside them
        body["script"].setdefault("body", "done(transformedObject);")
    call("POST", "/organizations/objects/x/definitions", {"fields": types(body)})
    fits("schema-transformation", call("POST", f"{TRANSFORMATIONS}/x", body))
    stored = fits("schema-transformation", call("GET", f"{TRANSFORMATIONS}/x"))
    assert stored["vendorName"] == body["vendorName"]
    assert stored["isLegacy"] is body.get("isLegacy", False)
    assert picked(stored["fields"], "path", "vendorPath", "vendorType", "configuration") == picked(
        body["fields"], "path", "vendorPath", "vendorType", "configuration"
    )
    assert picked(stored["configuration"], "type", "properties") == picked(
        body.get("configuration", []), "type", "properties"
    )
    given = (body.get("script") or {}).get("body")
    assert (stored.get("script") or {}).get("body") == given


def test_fields_of_the_first_generation_refer_to_other_definitions(call):
    call(
        "POST",
        "/organizations/objects/definitions",
        sample("definitions-list-response-legacy-subobjects"),
    )
    body = sample("transformation-v1-response-legacy-migrate")
    stored = call("POST", f"{TRANSFORMATIONS}/MyContact", body)
    assert len(stored["fields"]) == len(body["fields"])
    body["fields"].append({"path": "addressInfo.Planet", "vendorPath": "Planet"})
    call("PUT", f"{TRANSFORMATIONS}/MyContact", body, status=400)


def test_a_dictionary_of_transformations_is_as_the_recorded_list(call):
    body = sample("transformations-list-instance-response")["myContacts"]
    call("POST", "/organizations/objects/myContacts/definitions", {"fields": types(body)})
    call("POST", f"{TRANSFORMATIONS}/myContacts", body)
    listed = call("GET", "/instances/transformations")["myContacts"]
    assert listed["level"] == body["level"] == "instance"
    assert picked(listed["fields"], "path", "vendorPath", "level") == picked(
        body["fields"], "path", "vendorPath", "level"
    )


def test_a_body_below_the_objects_name_says_nothing(call):
    # The vendor's test does this; a 200 does not prove that anything was stored.
    call("POST", "/organizations/objects/x/definitions", {"fields": []})
    stored = call("POST", f"{TRANSFORMATIONS}/x", {"x": {"vendorName": "Contact"}})
    assert (stored["fields"], "vendorName" in stored) == ([], False)


# VDRs and common resources ------------------------------------------------------------------------


def test_a_multilevel_vdr_and_its_transformation(world, call):
    body = sample("vdr-request-multilevel")
    body["objectName"] = "contact"
    one, two = (each["id"] for each in world.all("instance"))
    body["fields"][2]["associatedId"], body["fields"][3]["associatedId"] = one, two
    vdr = fits("schema-vdr", call("POST", "/vdrs", body))
    assert picked(vdr["fields"], "path", "type", "level", "displayName") == picked(
        body["fields"], "path", "type", "level", "displayName"
    )
    request = json.loads(json.dumps(sample("transformation-request-multilevel")))
    request["instanceId"] = request["script"]["instanceId"] = one
    request["fields"][2]["associatedId"] = one
    request["fields"][3]["associatedId"] = two
    made = call("POST", f"/vdrs/{vdr['id']}/transformations", request)
    fits("schema-vdr-transformation", made)
    assert picked(made["fields"], "path", "vendorPath", "level") == picked(
        request["fields"], "path", "vendorPath", "level"
    )
    assert (made["script"]["level"], made["configuration"]) == (
        "instance",
        request["configuration"],
    )
    assert call("GET", f"/vdrs/{vdr['id']}")["mappedElementIds"] == [made["elementId"]]


def test_a_template_with_its_transformation(call):
    body = sample("vdr-request-system")
    body["objectName"] = "contact"
    vdr = fits("schema-vdr", call("POST", "/vdrs?systemOnly=true", body))
    request = sample("transformation-request-remove-transformdate")
    url = f"/vdrs/{vdr['id']}/transformations?systemOnly=true"
    made = fits("schema-vdr-transformation", call("POST", url, request))
    assert picked(made["fields"], "path", "vendorPath", "configuration", "level") == picked(
        request["fields"], "path", "vendorPath", "configuration", "level"
    )


@pytest.mark.parametrize("name", named("vdr-export-*"))
def test_an_export_is_imported_and_exported_again(call, name):
    given = sample(name)
    vdr = fits("schema-vdr", call("PUT", "/vdrs/import", given))
    (listed,) = call("GET", f"/vdrs?where=objectName in ('{given['vdrName']}','other')")
    assert listed == vdr
    again = call("GET", f"/vdrs/{given['vdrName']}/export")
    assert (again["vdrName"], again["vdrVersion"]) == (given["vdrName"], given["vdrVersion"])
    assert again["definition"].get("description") == given["definition"].get("description")
    assert picked(again["definition"]["fields"], "path", "type", "level", "displayName") == picked(
        given["definition"]["fields"], "path", "type", "level", "displayName"
    )
    assert again["transformation"].keys() == given["transformation"].keys()
    for key, wanted in given["transformation"].items():
        found = again["transformation"][key]
        assert found.keys() == wanted.keys()
        for member in wanted.keys() - {"fields"}:
            assert found[member] == wanted[member], member
        names = ("path", "vendorPath", "type", "vendorType", "level", "configuration")
        assert picked(found["fields"], *names) == picked(wanted["fields"], *names)
    assert call("PUT", "/vdrs/import", again)["id"] == vdr["id"]
    assert call("GET", f"/vdrs/{given['vdrName']}/export") == again
    call("DELETE", f"/common-resources/{given['vdrName']}", status=409)
    call("DELETE", f"/common-resources/{given['vdrName']}?force=true")
    call("GET", f"/vdrs/{given['vdrName']}/export", status=404)


def test_common_resources_are_put_and_their_fields_renamed(call, instance):
    def at_instance(body):
        for each in [*body["fields"], *body.get("changedFields", [])]:
            if each["associatedLevel"] == "instance":
                each["associatedId"] = instance
        return body | {"name": "thing"}

    first, second = "common-resource-put", "common-resource-put-renamed-fields"
    call("PUT", "/common-resources", at_instance(sample(first)))
    body = sample("transformation-request-put-associatedlevel")
    body |= {"objectName": "thing", "elementInstanceId": instance}
    call("PUT", "/transformations", body)
    shown = call("PUT", "/common-resources", at_instance(sample(second)))
    assert {each["path"]: each["associatedLevel"] for each in shown["fields"]} == {
        "orgId2": "organization",
        "accId2": "account",
        "instId2": "instance",
    }
    assert shown["elementInstanceIds"] == [instance]
    vendor_paths = {
        each["path"]: each["vendorPath"]
        for each in call("GET", f"/instances/{instance}/transformations/thing")["fields"]
    }
    assert vendor_paths == {"orgId2": "threeId", "accId2": "oneId", "instId2": "twoId"}
    assert call("GET", "/common-resources/thing/usages") == {"formulaUsages": []}


# Elements and instances ---------------------------------------------------------------------------


def test_elements_are_as_the_vendor_asserts(call):
    fits("schema-element-metadata", call("GET", "/elements/freshbooksv2/metadata"))
    fits("schema-element-metadata-expanded", call("GET", "/elements/5924/metadata?expand=true"))
    call("GET", "/elements/nothing/metadata", status=404)


def test_instances_are_as_the_vendor_asserts(call, instance):
    for each in call("GET", "/instances"):
        fits("schema-element-instance", each)
    shown = call("GET", f"/instances/{instance}")
    recorded = sample("element-instance-response-freshbooksv2")
    missing = recorded.keys() - shown.keys()
    assert missing == {"providerData", "maxCacheSize", "cacheTimeToLive"}


def test_users_are_as_the_recorded_ones(call):
    for each in call("GET", "/users"):
        assert each.keys() == sample("users-list-response")[0].keys() - {"lastLoginDate"}
