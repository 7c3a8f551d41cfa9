"""The conformance list for an emulator of the platform (facts/platform.md, section 16).

Each test is named after its line, of which all but 23 are asserted by the vendor's own acceptance
tests. Lines 35 and 36 are in test_sandbox_bulk_events.py.
"""

import json

import pytest
from sandbox_client import ADMIN, ORG_ADMIN, USER, Server, World

ELEMENT = "freshbooksv2"
ELEMENT_ID = 5924
ORGANIZATION = f"/organizations/elements/{ELEMENT}/transformations"

INHERIT = {"type": "inherit"}
ONLY_MAPPED = {"type": "passThrough", "properties": {"fromVendor": False, "toVendor": False}}

SEED = {
    "accounts": [
        {"name": "First", "defaultAccount": True},
        {"name": "Second"},
    ],
    "users": [
        {"email": ORG_ADMIN, "firstName": "O", "lastName": "A", "roles": ["org-admin", "vdrAdmin"]},
        {"email": ADMIN, "firstName": "A", "lastName": "A", "roles": ["admin"]},
        {"email": USER, "firstName": "U", "lastName": "U"},
    ],
    "instances": [
        {"name": "One", "element": ELEMENT, "user": USER},
        {"name": "Two", "element": ELEMENT, "user": USER},
    ],
}


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


def definition(name):
    return f"/organizations/objects/{name}/definitions"


def fields(*paths, **extra):
    return {"fields": [{"path": path, "type": "string"} | extra for path in paths]}


def mapped(**by_path):
    """A transformation's fields: the common path, and the vendor's."""
    return [{"path": path, "vendorPath": vendor} for path, vendor in by_path.items()]


def paths(answer):
    return [each["path"] for each in answer["fields"]]


@pytest.fixture
def levels(world):
    """The URLs of the four levels, with both forms of the account's and of the instance's."""
    account, instance = world.all("account")[0]["id"], world.all("instance")[0]["id"]
    return {
        "organization": ["/organizations"],
        "account": ["/accounts", f"/accounts/{account}"],
        "instance": ["/instances", f"/instances/{instance}"],
    }


# Definitions --------------------------------------------------------------------------------------


def test_01_post_get_put_get_delete_by_name_answer_200_at_each_level(call, levels):
    for level in [each for forms in levels.values() for each in forms]:
        one = f"{level}/objects/thing/definitions"
        assert paths(call("POST", one, fields("a"))) == ["a"]
        assert paths(call("GET", one)) == ["a"]
        assert paths(call("PUT", one, fields("b"))) == ["b"]
        assert paths(call("GET", one)) == ["b"]
        call("DELETE", one)
        for method in ("GET", "PUT", "DELETE"):
            call(method, one, fields(), status=404)


def test_02_a_definition_has_an_id_a_name_and_fields_with_id_path_type_and_level(call, levels):
    for level, forms in levels.items():
        one = f"{forms[0]}/objects/thing/definitions"
        body = {"fields": [{"path": "a", "type": "number"}, {"path": "b"}]}
        for answer in (call("POST", one, body), call("GET", one)):
            assert isinstance(answer["id"], int)
            assert answer["objectName"] == "thing"
            assert [(each["path"], each["type"]) for each in answer["fields"]] == [
                ("a", "number"),
                ("b", "string"),
            ]
            assert {each["level"] for each in answer["fields"]} == {level}
            assert all(isinstance(each["id"], int) for each in answer["fields"])


def test_03_posting_twice_is_a_409_but_another_level_is_another_object(call, levels):
    for forms in levels.values():
        one = f"{forms[0]}/objects/thing/definitions"
        call("POST", one, fields("a"))
        call("POST", one, fields("a"), status=409)


def test_04_deleting_the_accounts_object_leaves_the_organizations(call):
    call("POST", definition("thing"), fields("a"))
    call("POST", "/accounts/objects/thing/definitions", fields("b"))
    call("DELETE", "/accounts/objects/thing/definitions")
    call("GET", "/accounts/objects/thing/definitions", status=404)
    assert paths(call("GET", definition("thing"))) == ["a"]


def test_05_lists_are_posted_got_and_deleted_as_a_whole(call, levels):
    for forms in (levels["organization"], levels["account"]):
        every = f"{forms[0]}/objects/definitions"
        body = {"level": "organization", "one": fields("a"), "two": fields("b")}
        assert set(call("POST", every, body)) == {"one", "two"}
        listed = call("GET", every)
        assert {name: paths(each) for name, each in listed.items()} == {"one": ["a"], "two": ["b"]}
        call("DELETE", every)
        answer = call("GET", every, status=404)
        assert answer["message"].startswith("No ")
        assert answer["message"].endswith(" found")


def test_06_each_owner_sees_exactly_his_own_field_and_deletes_do_not_cross(world, call):
    owners = [
        "/organizations",
        *(f"/accounts/{each['id']}" for each in world.all("account")),
        *(f"/instances/{each['id']}" for each in world.all("instance")),
    ]
    urls = {f"{owner}/objects/thing/definitions": f"f{n}" for n, owner in enumerate(owners)}
    for url, name in urls.items():
        call("POST", url, fields(name))
    for gone, _ in list(urls.items()):
        for url, name in urls.items():
            assert paths(call("GET", url)) == [name]
        call("DELETE", gone)
        call("GET", gone, status=404)
        del urls[gone]


def test_07_a_list_with_a_transformation_is_not_deleted(call):
    call("POST", definition("used"), fields("a"))
    call("POST", definition("unused"), fields("a"))
    call("POST", f"{ORGANIZATION}/used", {"vendorName": "items", "fields": mapped(a="A")})
    call("DELETE", "/organizations/objects/definitions", status=409)
    assert set(call("GET", "/organizations/objects/definitions")) == {"used", "unused"}
    call("DELETE", f"{ORGANIZATION}/used")
    call("DELETE", "/organizations/objects/definitions")


def test_08_put_with_a_shorter_list_removes_fields(call):
    call("POST", definition("thing"), fields("a", "b", "c"))
    kept = call("GET", definition("thing"))["fields"][1]
    call("PUT", definition("thing"), fields("b"))
    assert call("GET", definition("thing"))["fields"] == [kept]


def test_09_a_rename_moves_the_levels_definition_and_transformation(call, levels):
    for level, forms in levels.items():
        call("POST", f"{forms[0]}/objects/{level}/definitions", fields("a"))
        every = f"{forms[-1]}/{'' if level == 'instance' else f'elements/{ELEMENT}/'}"
        call("POST", f"{every}transformations/{level}", {"fields": mapped(a="A")})
        answer = call("PATCH", f"{forms[-1]}/objects/{level}", {"objectName": f"new-{level}"})
        assert (answer["objectName"], paths(answer), answer["level"]) == (
            f"new-{level}",
            ["a"],
            level,
        )
        for name, status in ((level, 404), (f"new-{level}", 200)):
            call("GET", f"{forms[0]}/objects/{name}/definitions", status=status)
            call("GET", f"{every}transformations/{name}", status=status)


def test_09_a_rename_splits_what_other_levels_have(call):
    for level in ("/organizations", "/accounts"):
        call("POST", f"{level}/objects/thing/definitions", fields(level.strip("/")))
        mapping = f"{level}/elements/{ELEMENT}/transformations"
        call("POST", f"{mapping}/thing", {"vendorName": level.strip("/")})
    call("PATCH", "/accounts/objects/thing", {"objectName": "other"})
    assert call("GET", f"{mapping}/other")["vendorName"] == "accounts"
    assert call("GET", f"{mapping}/thing")["vendorName"] == "organizations"  # what is above
    call("DELETE", f"{mapping}/other")
    assert paths(call("GET", definition("thing"))) == ["organizations"]
    assert paths(call("GET", "/accounts/objects/other/definitions")) == ["accounts"]
    call("PATCH", "/accounts/objects/thing", {"objectName": "third"}, status=404)
    call("POST", "/accounts/objects/thing/definitions", fields("a"))
    call("PATCH", "/accounts/objects/thing", {"objectName": "other"}, status=409)


# Transformations ----------------------------------------------------------------------------------


def test_10_crud_by_element_key_and_id_and_by_name_at_instance_level(call, levels):
    urls = [
        *(
            f"{level}/elements/{element}/transformations"
            for level in levels["organization"] + levels["account"]
            for element in (ELEMENT, ELEMENT_ID)
        ),
        *(f"{level}/transformations" for level in levels["instance"]),
    ]
    call("POST", definition("thing"), fields("a", "b"))
    for url in urls:
        one = f"{url}/thing"
        body = {"vendorName": "items", "fields": mapped(a="A")}
        call("GET", one, status=404)
        call("POST", one, body)
        call("POST", one, body, status=409)
        assert [each["vendorPath"] for each in call("GET", one)["fields"]] == ["A"]
        call("PUT", one, body | {"fields": mapped(b="B")})
        assert [each["vendorPath"] for each in call("GET", one)["fields"]] == ["B"]
        assert set(call("GET", url)) == {"thing"}
        call("DELETE", one)
        call("GET", one, status=404)
        call("POST", one, body)
        call("DELETE", url)
        assert call("GET", url, status=404)["message"] == "No transformations found"


def test_10_without_a_definition_there_is_no_transformation(call):
    answer = call("POST", f"{ORGANIZATION}/customers", {"vendorName": "customers"}, status=400)
    assert answer["message"] == (
        "No object definition found for 'customers' so no transformation can be created for that"
        " object.  Please define that object in your object definitions first."
    )


def executed(call, payload, *, name="thing", **how):
    body = {"payload": payload} | (how or {"elementId": ELEMENT_ID})
    return call("POST", f"/transformations/{name}/execute", body)


def test_11_members_appear_under_the_common_name_and_the_vendors_name_is_gone(call):
    call("POST", definition("thing"), fields("title"))
    body = {"fields": mapped(title="name"), "configuration": [ONLY_MAPPED]}
    call("POST", f"{ORGANIZATION}/thing", {"vendorName": "items"} | body)
    assert executed(call, {"name": "Pen", "sku": "p1"}) == {"title": "Pen"}


def test_11_it_is_so_through_the_hub(call):
    call("POST", definition("thing"), fields("title", "price.amount"))
    given = {"title": "name", "price.amount": "unit_cost.amount"}
    body = {"vendorName": "items", "fields": mapped(**given), "configuration": [ONLY_MAPPED]}
    call("POST", f"{ORGANIZATION}/thing", body)
    vendor = call("GET", "/hubs/finance/items?pageSize=3")
    assert call("GET", "/hubs/finance/thing?pageSize=3") == [
        {"title": each["name"], "price": {"amount": each["unit_cost"]["amount"]}} for each in vendor
    ]
    made = call("POST", "/thing", {"title": "Pen", "price": {"amount": "1.20"}})
    assert made == {"title": "Pen", "price": {"amount": "1.20"}}


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "remove", "properties": {"fromVendor": True, "toVendor": True}},
        {"type": "passThrough", "properties": {"fromVendor": False, "toVendor": False}},
    ],
)
def test_12_a_field_that_is_removed_or_not_let_through_is_absent_in_responses(call, entry):
    call("POST", definition("thing"), fields("title", "code"))
    given = mapped(title="name", code="sku")
    given[1]["configuration"] = [entry]
    body = {"vendorName": "items", "fields": given, "configuration": [ONLY_MAPPED]}
    call("POST", f"{ORGANIZATION}/thing", body)
    assert executed(call, {"name": "Pen", "sku": "p1"}) == {"title": "Pen"}


def test_13_with_inherit_the_fields_of_all_levels_appear_as_they_are_added(call, levels, instance):
    vendor, expected = {"Id": 1, "Name": "n", "Mod": "m"}, {}
    steps = {"organization": ("id", "Id"), "account": ("name", "Name"), "instance": ("mod", "Mod")}
    for level, (path, vendor_path) in steps.items():
        prefix = levels[level][0]
        call("POST", f"{prefix}/objects/thing/definitions", fields(path))
        element = "" if level == "instance" else f"/elements/{ELEMENT}"
        body = {
            "vendorName": "items",
            "fields": mapped(**{path: vendor_path}),
            "configuration": [INHERIT, ONLY_MAPPED],
        }
        call("POST", f"{prefix}{element}/transformations/thing", body)
        # The type of the definition is a string, so numbers come as text.
        expected[path] = str(vendor[vendor_path])
        assert executed(call, vendor, instanceId=instance) == expected


@pytest.fixture
def multilevel(call, instance):
    """A common resource and its transformation with a field at each level, as the UI stores it."""
    owned = [
        {"path": "orgId", "type": "string", "associatedLevel": "organization"},
        {"path": "accId", "type": "string", "associatedLevel": "account"},
        {
            "path": "instId",
            "type": "string",
            "associatedLevel": "instance",
            "associatedId": instance,
        },
    ]
    call("PUT", "/common-resources", {"name": "thing", "fields": owned})
    call(
        "PUT",
        "/transformations",
        {
            "objectName": "thing",
            "vendorName": "items",
            "level": "instance",
            "elementInstanceId": instance,
            "configuration": [INHERIT, ONLY_MAPPED],
            "fields": [
                {"path": each["path"], "vendorPath": each["path"].upper()}
                | {"associatedLevel": each["associatedLevel"]}
                for each in owned
            ],
        },
    )


@pytest.mark.usefixtures("multilevel")
def test_14_the_instances_transformation_lists_the_paths_of_all_levels(call, instance):
    shown = call("GET", f"/instances/{instance}/transformations/thing")["fields"]
    assert {each["path"]: each["level"] for each in shown} == {
        "orgId": "organization",
        "accId": "account",
        "instId": "instance",
    }
    assert paths(call("GET", f"{ORGANIZATION}/thing")) == ["orgId"]
    vendor = {"ORGID": "o", "ACCID": "a", "INSTID": "i"}
    assert executed(call, vendor, instanceId=instance) == {
        "orgId": "o",
        "accId": "a",
        "instId": "i",
    }


def test_15_a_transformation_of_nothing_but_javascript_is_stored(call):
    call("POST", definition("thing"), {"fields": []})
    body = {"vendorName": "items", "script": {"body": "done({made: true})"}}
    stored = call("POST", f"{ORGANIZATION}/thing", body)
    assert stored["fields"] == []
    assert stored["script"]["mimeType"] == "application/javascript"
    assert executed(call, {"name": "Pen"}) == {"made": True}


def test_16_arrays_of_objects_and_of_their_members(call, instance):
    call(
        "POST",
        definition("thing"),
        {
            "fields": [
                {"type": "array", "path": "users"},
                {"type": "string", "path": "users[*].displayNamez"},
                {"type": "array", "path": "anotherUser[*]"},
            ]
        },
    )
    given = [
        {"path": "users", "vendorPath": "Users[*]"},
        {"path": "users[*].displayNamez", "vendorPath": "Users[*].DisplayName"},
        {"path": "anotherUser[*]", "vendorPath": "Users[*]"},
    ]
    body = {
        "objectName": "thing",
        "vendorName": "items",
        "elementInstanceId": instance,
        "fields": [each | {"associatedLevel": "organization"} for each in given],
        "configuration": [INHERIT],
    }
    call("PUT", "/transformations", body)
    result = executed(call, {"Users": [{"DisplayName": "Ada"}, {"DisplayName": "Bob"}]})
    assert [each["displayNamez"] for each in result["users"]] == ["Ada", "Bob"]
    assert result["anotherUser"]


def test_17_nulls_of_unmapped_members_do_not_appear(call, instance):
    call(
        "PATCH",
        f"/instances/{instance}/configuration",
        {"key": "filter.response.nulls", "propertyValue": "false"},
    )
    call("POST", definition("thing"), fields("title"))
    body = {"vendorName": "items", "fields": mapped(title="name"), "configuration": [ONLY_MAPPED]}
    call("POST", f"{ORGANIZATION}/thing", body)
    result = executed(call, {"name": None, "sku": None}, instanceId=instance)
    assert "sku" not in result
    assert result.get("title") is None


def test_18_trial_runs_by_element_by_instance_the_other_way_and_with_a_script(call, instance):
    call("POST", definition("thing"), fields("churrosId", "churrosName"))
    body = {
        "vendorName": "items",
        "fields": mapped(churrosId="Id", churrosName="Name"),
        "configuration": [ONLY_MAPPED],
    }
    call("POST", f"{ORGANIZATION}/thing", body)
    vendor, common = {"Id": "123", "Name": "n"}, {"churrosId": "123", "churrosName": "n"}
    assert executed(call, vendor, elementId=ELEMENT_ID) == common
    assert executed(call, vendor, instanceId=instance) == common
    assert executed(call, common, instanceId=instance, method="POST") == vendor
    script = {"script": {"body": "transformedObject.foo = 'bar'; done(transformedObject);"}}
    call("PUT", f"{ORGANIZATION}/thing", body | script)
    assert executed(call, vendor, instanceId=instance) == common | {"foo": "bar"}


def test_19_mapped_element_ids_count_elements_with_an_organization_transformation(call):
    call("PUT", "/common-resources", {"name": "thing", "fields": []})
    assert call("GET", "/common-resources/thing")["mappedElementIds"] == []
    call("POST", f"/accounts/elements/{ELEMENT}/transformations/thing", {"vendorName": "items"})
    assert call("GET", "/common-resources/thing")["mappedElementIds"] == []
    call("POST", f"{ORGANIZATION}/thing", {"vendorName": "items"})
    assert call("GET", "/common-resources/thing")["mappedElementIds"] == [ELEMENT_ID]


# Scripts ------------------------------------------------------------------------------------------


def scripted(legacy, body="done(transformedObject);"):
    given = {"vendorName": "items", "fields": mapped(id="id"), "script": {"body": body}}
    return given if legacy is None else given | {"isLegacy": legacy}


@pytest.mark.parametrize(("given", "kept"), [(None, False), (False, False), (True, True)])
def test_20_is_legacy_is_stored_and_false_where_it_is_absent(call, given, kept):
    call("POST", definition("thing"), fields("id"))
    assert call("POST", f"{ORGANIZATION}/thing", scripted(given))["isLegacy"] is kept
    assert call("GET", f"{ORGANIZATION}/thing")["isLegacy"] is kept


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (True, False, 200),
        (True, True, 200),
        (False, False, 200),
        (False, True, 400),
        (None, True, 400),
    ],
)
def test_21_engines_go_forward_only(call, before, after, status):
    call("POST", definition("thing"), fields("id"))
    call("POST", f"{ORGANIZATION}/thing", scripted(before))
    call("PUT", f"{ORGANIZATION}/thing", scripted(after), status=status)
    expected = after if status == 200 else bool(before)
    assert call("GET", f"{ORGANIZATION}/thing")["isLegacy"] is expected


HELPERS = """
done({
  foo: 'bar', usd: CE.currencyCode('United States'), euro: CE.currencySymbol('EUR'),
  fr: CE.iso2CountryCode('france'), mex: CE.iso3CountryCode('mexico'), b64: CE.b64('abc'),
});
console.log('told');
"""


def test_22_a_scripts_result_replaces_the_object_and_has_helpers_but_no_console(call):
    call("POST", definition("thing"), fields("id"))
    call("POST", f"{ORGANIZATION}/thing", scripted(None, HELPERS))
    assert executed(call, {"id": "1"}) == {
        "foo": "bar",
        "usd": "USD",
        "euro": "€",
        "fr": "FR",
        "mex": "MEX",
        "b64": "YWJj",
    }


def test_23_a_script_that_fails_is_as_if_there_were_none(call):
    call("POST", definition("thing"), fields("id"))
    call("POST", f"{ORGANIZATION}/thing", scripted(None, "throw new Error('no');"))
    body = {"payload": {"id": "1"}, "elementId": ELEMENT_ID}
    answer = call.answer("POST", "/transformations/thing/execute", body)
    assert json.loads(answer.text) == {"id": "1"}
    assert "no" in answer.headers["Sandbox-Script-Error"]  # which only a local platform says


# v2 and privileges --------------------------------------------------------------------------------


@pytest.fixture
def four_levels(world):
    """The fields of a VDR at all levels, those of two instances included."""
    one, two = (each["id"] for each in world.all("instance"))
    return [
        {"type": "string", "path": "orgField", "level": "organization"},
        {"type": "string", "path": "acctField", "level": "account"},
        {"type": "int", "path": "instanceField", "level": "instance", "associatedId": one},
        {"type": "int", "path": "instanceField2", "level": "instance", "associatedId": two},
    ]


@pytest.mark.parametrize(("email", "kept"), [(ORG_ADMIN, 4), (ADMIN, 3), (USER, 2)])
def test_24_what_is_above_the_callers_level_is_ignored_and_told(world, four_levels, email, kept):
    call = world.session(email)
    body = {"objectName": "thing", "fields": four_levels}
    answer = call.answer("POST", "/vdrs", body)
    assert paths(answer.json) == [each["path"] for each in four_levels[4 - kept :]]
    assert ("ignored" in answer.headers.get("Elements-Error", "")) is (kept < 4)
    number = answer.json["id"]
    transformation = {
        "vendorName": "items",
        "elementKey": ELEMENT,
        "fields": [
            {"path": each["path"], "vendorPath": each["path"].upper()} | each
            for each in four_levels
            if kept == 4 or each in four_levels[4 - kept :] or each["level"] == "organization"
        ],
    }
    # What nobody defines is refused; so the definitions come from an administrator first.
    world.session()("PUT", f"/vdrs/{number}", {"fields": four_levels})
    answer = call.answer("POST", f"/vdrs/{number}/transformations", transformation)
    assert paths(answer.json) == [each["path"] for each in four_levels[4 - kept :]]
    assert ("ignored" in answer.headers.get("Elements-Error", "")) is (kept < 4)


def test_24_a_lower_user_deletes_his_own_levels_and_is_told(world, four_levels):
    number = world.session()("POST", "/vdrs", {"objectName": "thing", "fields": four_levels})["id"]
    answer = world.session(USER).answer("DELETE", f"/vdrs/{number}")
    assert "ignored" in answer.headers["Elements-Error"]
    assert paths(world.session()("GET", f"/vdrs/{number}")) == ["orgField", "acctField"]


def test_25_a_put_with_a_fields_id_renames_it(call):
    made = call("POST", "/vdrs", {"objectName": "thing", "fields": fields("old", "b")["fields"]})
    call("POST", f"{ORGANIZATION}/thing", {"vendorName": "items", "fields": mapped(old="A")})
    made["fields"][0]["path"] = "new"
    changed = call("PUT", f"/vdrs/{made['id']}", made)
    assert [(each["id"], each["path"]) for each in changed["fields"]] == [
        (made["fields"][0]["id"], "new"),
        (made["fields"][1]["id"], "b"),
    ]
    assert paths(call("GET", f"{ORGANIZATION}/thing")) == ["new"]


def test_25_two_fields_never_share_an_id(call):
    made = call("POST", "/vdrs", {"objectName": "thing", "fields": fields("a")["fields"]})
    (field,) = made["fields"]
    body = {"fields": [field, field | {"path": "b"}]}
    changed = call("PUT", f"/vdrs/{made['id']}", body)["fields"]
    assert changed[0]["id"] == field["id"] != changed[1]["id"]


@pytest.mark.parametrize(
    ("privilege", "method"),
    [
        ("viewCommonObjects", "GET"),
        ("createCommonObjects", "POST"),
        ("editCommonObjects", "PUT"),
        ("deleteCommonObjects", "DELETE"),
    ],
)
def test_26_a_missing_privilege_is_a_403(world, call, privilege, method):
    call("POST", definition("there"), fields("a"))
    url = definition("new" if method == "POST" else "there")
    user = next(each for each in world.all("user") if each["email"] == ORG_ADMIN)
    every = ["viewCommonObjects", "createCommonObjects", "editCommonObjects", "deleteCommonObjects"]
    world.give(user, [each for each in every if each != privilege])
    call(method, url, fields("b"), status=403)
    world.give(user, every)
    call(method, url, fields("b"))


def test_27_switching_the_engine_changes_no_id_and_no_levels_answer(call, four_levels):
    made = call("POST", "/vdrs", {"objectName": "thing", "fields": four_levels})
    body = {"vendorName": "items", "fields": mapped(orgField="A")}
    transformation = call("POST", f"{ORGANIZATION}/thing", body)
    before = call("GET", definition("thing"))
    assert len(before["fields"]) == 1
    whole = call("GET", f"/vdrs/{made['id']}")
    assert len(whole["fields"]) == 4
    for method, version in (("DELETE", "v1"), ("PUT", "v2")):
        call(method, "/vdrs/upgrade/v2", {})
        assert call("GET", "/organizations/me")["vdrVersion"] == version
        assert call("GET", definition("thing")) == before
        assert call("GET", f"/vdrs/{made['id']}") == whole
        assert call("GET", f"{ORGANIZATION}/thing") == transformation


def test_27_an_instance_id_leaves_out_other_instances_fields(world, call, four_levels):
    number = call("POST", "/vdrs", {"objectName": "thing", "fields": four_levels})["id"]
    given = [{"vendorPath": each["path"].upper()} | each for each in four_levels]
    body = {"vendorName": "items", "elementKey": ELEMENT, "fields": given}
    made = call("POST", f"/vdrs/{number}/transformations", body)
    one = f"/vdrs/{number}/transformations/{made['id']}"
    assert len(call("GET", one)["fields"]) == 4
    first = world.all("instance")[0]["id"]
    assert len(call("GET", f"{one}?instanceId={first}")["fields"]) == 3


@pytest.mark.parametrize(
    ("query", "level", "cloned"),
    [
        ("", "account", False),
        ("?level=organization", "organization", False),
        ("?level=organization&cloneAllTransformations=true", "organization", True),
        (f"?elementKeys[]=other,{ELEMENT}", "account", True),
        ("?elementKeys[]=other", "account", False),
    ],
)
def test_28_a_clone_goes_to_the_account_or_the_organization(call, query, level, cloned):
    source = call("POST", "/vdrs", {"objectName": "thing", "fields": fields("a")["fields"]})
    call("POST", f"{ORGANIZATION}/thing", {"vendorName": "items", "fields": mapped(a="A")})
    clone = call("POST", f"/vdrs/{source['id']}/clone{query}", {"objectName": "copy"})
    assert clone["id"] != source["id"]
    assert [(each["path"], each["level"]) for each in clone["fields"]] == [("a", level)]
    found = call("GET", f"/vdrs/{clone['id']}/transformations")
    assert [paths(each) for each in found] == ([["a"]] if cloned else [])


def test_28_a_template_is_cloned_under_its_own_name(call):
    body = {"objectName": "contact", "fields": [{"path": "email", "level": "system"}]}
    template = call("POST", "/vdrs?systemOnly=true", body)
    assert template["fields"][0]["level"] == "system"
    assert "contact" in call("GET", "/organizations/objects/definitions?systemOnly=true")
    clone = call("POST", f"/vdrs/{template['id']}/clone?level=organization", {})
    assert (clone["objectName"], clone["fields"][0]["level"]) == ("contact", "organization")


@pytest.mark.usefixtures("multilevel")
def test_29_a_renamed_common_resource_is_gone_under_its_old_name(call):
    call("PATCH", "/common-resources/thing", {"name": "other"})
    call("GET", "/common-resources/thing", status=404)
    assert call("GET", "/common-resources/other")["name"] == "other"
    assert paths(call("GET", f"{ORGANIZATION}/other")) == ["orgId"]


@pytest.mark.usefixtures("multilevel")
def test_29_changed_fields_reach_the_transformations(call, instance):
    resource = call("GET", "/common-resources/thing")
    changed = [
        each | {"oldPath": each["path"], "path": f"{each['path']}2"} for each in resource["fields"]
    ]
    given = [{name: each[name] for name in each if name != "oldPath"} for each in changed]
    call("PUT", "/common-resources", resource | {"fields": given, "changedFields": changed})
    shown = call("GET", f"/instances/{instance}/transformations/thing")
    assert sorted(paths(shown)) == ["accId2", "instId2", "orgId2"]
    assert {each["vendorPath"] for each in shown["fields"]} == {"ORGID", "ACCID", "INSTID"}


# Platform -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hub", ["/hubs/finance", "/hubs/crm", "/hubs/crap", ""])
def test_30_the_hub_is_ignored(call, hub):
    assert [each["name"] for each in call("GET", f"{hub}/taxes")] == ["HST", "GST", "QST"]


def test_31_the_token_of_a_deleted_instance_is_a_401(call, instance):
    calls = ("/objects", "/hubs/finance/taxes")
    for each in calls:
        call("GET", each)
    call("DELETE", f"/instances/{instance}")
    for each in calls:
        call("GET", each, status=401)


def test_32_a_disabled_instance_is_a_403_but_its_objects_are_listed(call):
    calls = ("/objects/items/metadata", "/hubs/finance/taxes")
    call("DELETE", "/instances/enabled")
    for each in calls:
        call("GET", each, status=403)
    assert "items" in call("GET", "/objects")
    call("PUT", "/instances/enabled")
    for each in calls:
        call("GET", each)


def test_33_a_search_that_finds_nothing_is_a_404(call):
    assert len(call("GET", "/instances?searchText=on")) == 1
    call("GET", "/instances?searchText=nothing-of-the-kind", status=404)


def test_34_secrets_are_shown_as_eight_asterisks(call, instance):
    secrets = {"oauth.api.key": "key", "oauth.api.secret": "secret", "password": "pass"}
    given = {"configuration": secrets | {"business.name": "Books"}}
    shown = call("PATCH", f"/instances/{instance}", given)
    assert shown["configuration"] == dict.fromkeys(secrets, "********") | {"business.name": "Books"}
    assert "providerData" not in shown
    entries = call("GET", f"/instances/{instance}/configuration")
    assert {each["key"]: each["propertyValue"] for each in entries} == shown["configuration"]


def test_37_the_exposed_headers_are_these(call):
    answer = call.answer("GET", "/organizations/me")
    assert answer.headers["Access-Control-Expose-Headers"].split(", ") == [
        "Elements-Returned-Count",
        "Elements-Total-Count",
        "Elements-Request-Id",
        "Elements-Next-Page-Token",
        "Elements-Trace-Id",
        "Elements-Error",
        "Content-Disposition",
    ]


# Over HTTP ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        test_04_deleting_the_accounts_object_leaves_the_organizations,
        test_08_put_with_a_shorter_list_removes_fields,
        test_11_it_is_so_through_the_hub,
        test_19_mapped_element_ids_count_elements_with_an_organization_transformation,
        test_23_a_script_that_fails_is_as_if_there_were_none,
        test_25_a_put_with_a_fields_id_renames_it,
        test_37_the_exposed_headers_are_these,
    ],
)
def test_a_line_holds_over_http(line, tmp_path):
    with Server(tmp_path / "state", "--quiet") as server:
        line(server)
        assert server.stop()[0] == 0
