"""Who may do what at the local platform, and how it speaks: secrets, roles, instances, switches."""

import base64
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, strategies as st
from sandbox_client import ADMIN, ORG_ADMIN, USER, Session, World

from mapper.sandbox import application
from mapper.sandbox.access import _pairs
from mapper.sandbox.settings import SETTINGS

MASK = "*" * 8
SEED = {
    "accounts": [{"name": "First", "defaultAccount": True}, {"name": "Second"}],
    "users": [
        {"email": ORG_ADMIN, "firstName": "O", "lastName": "A", "roles": ["org-admin"]},
        {"email": ADMIN, "firstName": "A", "lastName": "A", "roles": ["admin"]},
        {"email": USER, "firstName": "U", "lastName": "U", "password": "sesame"},
        {"email": "other@example.com", "account": "Second", "roles": ["admin"]},
    ],
    "elements": [{"key": "closeio"}],
    "instances": [
        {"name": "Books", "element": "freshbooksv2", "user": USER},
        {"name": "Others", "element": "closeio", "user": "other@example.com", "tags": ["crm"]},
    ],
}
PASSWORD = {"elements_user_password": "sesame"}
DEFINITION = "/organizations/objects/thing/definitions"
TRANSFORMATION = "/organizations/elements/freshbooksv2/transformations/thing"


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "state", SEED) as world:
        yield world


@pytest.fixture
def call(world):
    return world.session()


def fields(*paths):
    return {"fields": [{"path": path} for path in paths]}


# Secrets ------------------------------------------------------------------------------------------


def secrets(world):
    return (
        world.all("user")[0]["secret"],
        world.all("organization")[0]["secret"],
        world.all("instance")[0]["token"],
    )


@pytest.mark.parametrize(
    "header",
    [
        "User {0}, Organization {1}",
        "Organization {1}, User {0}",
        "Element {2}, User {0}, Organization {1}",
        "User {0},Organization {1}",
        "user {0}, ORGANIZATION {1}",
        "User {0}, Organization {1}, Token {2}",
    ],
)
def test_the_pairs_of_the_header_come_in_any_order(world, header):
    call = Session(world.client, header.format(*secrets(world)))
    assert call("GET", "/organizations/me")["vdrVersion"] == "v2"


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("/organizations/me", ""),
        ("/organizations/me", "User {0}"),
        ("/organizations/me", "User , Organization "),
        ("/organizations/me", "User {0}, Organization {0}"),
        ("/organizations/me", "User {1}, Organization {1}"),
        ("/organizations/me", "User {0}, Organization {1}, Element wrong"),
        ("/organizations/me", "Bearer {0}"),
        ("/organizations/me", "Basic {0}"),
        ("/objects", "User {0}, Organization {1}"),
        ("/objects", "User {0}, Element {0}"),
        ("/objects", "Element {2}"),
        ("/objects", "User {0}, Element {2}, Organization wrong"),
        ("/instances/transformations", "User {0}, Element {2}"),
    ],
)
def test_a_wrong_or_missing_secret_is_a_401(world, path, header):
    given = header.format(*secrets(world))
    answer = Session(world.client, given)("GET", path, status=401)
    assert not any(secret in answer["message"] for secret in secrets(world))


def test_element_calls_need_no_organization(world):
    user, _, token = secrets(world)
    assert Session(world.client, f"User {user}, Element {token}")("GET", "/objects")


@given(st.binary(min_size=1, max_size=40))
def test_secrets_may_hold_what_base64_has(secret):
    text = base64.b64encode(secret).decode()
    header = f"Organization {text}, User {text}=="
    assert _pairs(header) == {"Organization": text, "User": f"{text}=="}


# How it speaks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/nothing/of/the/kind", {}, 404),
        ("POST", "/organizations/me", {}, 405),
        ("POST", DEFINITION, {"data": "x", "content_type": "text/plain"}, 415),
        ("POST", DEFINITION, {"data": "{", "content_type": "application/json"}, 400),
        ("POST", DEFINITION, {"data": "[]", "content_type": "application/json"}, 400),
        ("POST", DEFINITION, {"data": "NaN", "content_type": "application/json"}, 400),
        ("POST", DEFINITION, {"data": "[" * 99_999, "content_type": "application/json"}, 400),
        ("POST", DEFINITION, {"json": {"fields": {}}}, 400),
        ("POST", DEFINITION, {"json": {"fields": [{"type": "string"}]}}, 400),
        ("POST", "/organizations/objects/a%20b/definitions", {"json": {"fields": []}}, 400),
        ("GET", "/instances?pageSize=0", {}, 400),
        ("GET", "/instances?nextPage=x", {}, 400),
        ("GET", "/vdrs?where=id=1", {}, 400),
        ("GET", "/vdrs/99999999999999999999", {}, 404),
    ],
)
def test_refusals_have_a_message_and_a_request_id(world, call, method, path, options, status):
    answer = world.client.open(
        "/elements/api-v2" + path, method=method, headers=call.headers, **options
    )
    assert answer.status_code == status
    assert answer.json.keys() == {"message", "requestId"}
    assert re.fullmatch("[0-9a-f]{24}", answer.json["requestId"])
    assert answer.headers["Elements-Request-Id"] == answer.json["requestId"]


def test_what_the_caller_does_not_accept_is_a_406(call):
    call("GET", "/organizations/me", status=406, Accept="text/csv")
    call("GET", "/organizations/me", Accept="text/csv, */*;q=0.1")


def test_a_request_is_one_line_of_the_log_without_its_query(world, call):
    call("GET", "/users/a%0Ab%E2%82%AC?where=email='secret'", status=404)
    assert re.fullmatch(
        r"GET /elements/api-v2/users/a\\nb\\u20ac 404 \d+ ms [0-9a-f]{24}", world.log[-1]
    )


def test_a_body_that_is_too_large_is_a_413(call, monkeypatch):
    monkeypatch.setattr(application, "MAX_BODY", 100)
    call("POST", DEFINITION, fields("a"))
    call("PUT", DEFINITION, fields("a" * 100), status=413)


def test_two_slashes_are_as_one_and_browsers_may_ask(world, call):
    assert call("GET", "//organizations//me") == call("GET", "/organizations/me")
    answer = world.client.options("/elements/api-v2/organizations/me")
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def test_lists_come_in_pages(call):
    for number in range(5):
        call("POST", "/vdrs", {"objectName": f"thing{number}"} | fields("a"))
    names, token = [], ""
    for _ in range(3):
        answer = call.answer("GET", f"/vdrs?pageSize=2&nextPage={token}")
        assert answer.headers["Elements-Returned-Count"] == str(len(answer.json))
        names += [each["objectName"] for each in answer.json]
        token = answer.headers.get("Elements-Next-Page-Token")
    assert (names, token) == ([f"thing{number}" for number in range(5)], None)


# Roles --------------------------------------------------------------------------------------------


def test_levels_above_ones_own_are_a_403(world):
    one, two = (each["id"] for each in world.all("account"))
    instances = [each["id"] for each in world.all("instance")]
    rows = {
        "/organizations": (200, 403, 403),
        "/accounts": (200, 200, 403),
        f"/accounts/{one}": (409, 409, 403),
        f"/accounts/{two}": (200, 403, 403),
        f"/instances/{instances[0]}": (200, 409, 409),
        f"/instances/{instances[1]}": (200, 403, 403),
        "/accounts/77": (404, 404, 404),
        "/instances/77": (404, 404, 404),
    }
    for column, email in enumerate((ORG_ADMIN, ADMIN, USER)):
        call = world.session(email)
        for level, statuses in rows.items():
            if column == 1 and level == "/accounts":  # the administrators share an account
                call("DELETE", "/accounts/objects/thing/definitions")
            url = f"{level}/objects/thing/definitions"
            call("POST", url, fields("a"), status=statuses[column])


def test_everyone_sees_the_instances_that_he_reaches(world):
    for email, names in (
        (ORG_ADMIN, {"Books", "Others"}),
        (ADMIN, {"Books"}),
        (USER, {"Books"}),
    ):
        found = world.session(email)("GET", "/instances")
        assert {each["name"] for each in found} == names
    other = world.session("other@example.com", instance=1)
    assert [each["name"] for each in other("GET", "/instances")] == ["Others"]
    world.session("other@example.com")("GET", "/objects", status=401)


def test_users_and_accounts_are_for_administrators(world, call):
    assert len(call("GET", "/users")) == 4
    assert [each["email"] for each in call("GET", f"/users?where=email='{USER}'")] == [USER]
    assert {each["name"] for each in call("GET", "/accounts")} == {"First", "Second"}
    (default,) = call("GET", "/accounts?where=defaultAccount=true")
    assert default["name"] == "First"
    assert len(world.session(ADMIN)("GET", "/users")) == 3
    for path in ("/users", "/accounts", f"/users/{ADMIN}"):
        world.session(USER)("GET", path, status=401)


def test_a_password_shows_a_users_secret(world, call):
    user = next(each for each in world.all("user") if each["email"] == USER)
    for asked in (USER, user["id"]):
        shown = call("GET", f"/users/{asked}", **PASSWORD)
        assert (shown["secret"], shown["password"]) == (user["secret"], "secured")
        assert "secret" not in call("GET", f"/users/{asked}")
    call("GET", f"/users/{USER}", status=401, **dict.fromkeys(PASSWORD, "wrong"))
    call("GET", "/users/nobody@example.com", status=404)


def test_a_deletion_propagates_to_the_levels_that_one_may_change(world, call):
    instance = f"/instances/{world.all('instance')[0]['id']}/transformations/thing"
    account = "/accounts/elements/freshbooksv2/transformations/thing"
    call("POST", DEFINITION, fields("a"))
    for url in (TRANSFORMATION, account, instance):
        call("POST", url, {"vendorName": "items"})
    url = f"{instance}?propagate=true"
    told = world.session(ADMIN).answer("DELETE", url).headers["Elements-Error"]
    assert "ignored" in told
    left = call("GET", "/organizations/objects/thing/transformations")
    assert [each["level"] for each in left] == ["organization"]
    call("POST", instance, {"vendorName": "items"})
    assert "Elements-Error" not in call.answer("DELETE", url).headers
    call("GET", TRANSFORMATION, status=404)


def test_a_role_is_given_by_an_organization_administrator(world, call):
    user = next(each for each in world.all("user") if each["email"] == USER)
    url = f"/users/{user['id']}/roles/admin"
    world.session(ADMIN)("PUT", url, status=403)
    world.session(USER)("POST", "/accounts/objects/thing/definitions", fields("a"), status=403)
    call("PUT", url)
    world.session(USER)("POST", "/accounts/objects/thing/definitions", fields("a"))


# Instances ----------------------------------------------------------------------------------------

CALLBACK = "https://callback.example/here?x=1"


def consent(world, call, decision):
    """Ask for the URL, go there, decide, and return what the callback would get."""
    query = {"apiKey": "key", "apiSecret": "secret", "callbackUrl": CALLBACK}
    answer = world.client.get(
        "/elements/api-v2/elements/freshbooksv2/oauth/url",
        query_string=query,
        headers=call.headers,
    )
    assert answer.json == call("POST", "/elements/5924/oauth/url", query)
    url = answer.json["oauthUrl"]
    page = world.client.get(url)
    assert page.mimetype == "text/html"
    hidden = r'name="(\w+)" value="([^"]*)"'
    form = dict(re.findall(hidden, page.text))
    assert form.keys() == {"client_id", "redirect_uri", "state", "decision"}
    answer = world.client.post(urlsplit(url).path, data=form | {"decision": decision})
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert location.startswith(CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def provisioning(code, **configuration):
    return {
        "element": {"key": "freshbooksv2"},
        "providerData": {"code": code},
        "configuration": {
            "oauth.api.key": "key",
            "oauth.api.secret": "secret",
            "oauth.callback.url": CALLBACK,
        }
        | configuration,
        "tags": ["<b>blue</b>", "two"],
        "name": "New <script>Books",
    }


def test_an_instance_is_provisioned_with_a_users_consent(world, call):
    got = consent(world, call, "allow")
    assert got["state"] == "freshbooksv2"
    body = provisioning(got["code"]) | {"retrieveObjectsAfterInstantiation": True}
    refused = call("POST", "/instances", provisioning("wrong"), status=400)
    assert "invalid_grant" in refused["providerMessage"]
    other = provisioning(got["code"], **{"oauth.api.key": "other"})
    call("POST", "/instances", other, status=400)
    made = call("POST", "/instances", body)
    assert (made["name"], made["tags"]) == ("New Books", ["blue", "two"])
    assert made["configuration"] == {
        "oauth.api.key": MASK,
        "oauth.api.secret": MASK,
        "oauth.callback.url": CALLBACK,
    }
    assert {"name": "invoices", "vendorName": "invoices", "type": "vendor"} in made["objects"]
    call("POST", "/instances", body, status=400)  # a code is good once
    user = world.all("user")[0]["secret"]
    with_token = Session(world.client, f"User {user}, Element {made['token']}")
    assert "invoices" in with_token("GET", "/objects")


def test_a_user_may_refuse(world, call):
    assert consent(world, call, "deny") == {
        "x": "1",
        "error": "access_denied",
        "state": "freshbooksv2",
    }


def test_a_refresh_token_stands_for_a_consent(call):
    body = provisioning("none") | {"externalAuthentication": "initial"}
    call("POST", "/instances", body, status=400)
    body["configuration"] |= {"oauth.user.refresh_token": "granted elsewhere"}
    made = call("POST", "/elements/freshbooksv2/instances", body)
    assert made["configuration"]["oauth.user.refresh_token"] == MASK


def test_the_consent_page_shows_nothing_that_runs_and_leads_to_http_only(world):
    page = world.client.get(
        "/sandbox/consent",
        query_string={
            "client_id": '"><script>alert(1)</script>',
            "redirect_uri": "http://x/<script>",
            "state": "<b>",
        },
    )
    assert page.status_code == 200
    assert "<script" not in page.text
    for target in ("javascript:alert(1)", "file:///etc/passwd", ""):
        query = {"client_id": "key", "redirect_uri": target}
        assert world.client.get("/sandbox/consent", query_string=query).status_code == 400
        form = query | {"decision": "allow"}
        assert world.client.post("/sandbox/consent", data=form).status_code == 400


def test_instances_are_found_by_tag_text_element_and_account(world, call):
    account = world.all("account")[1]["id"]
    for query in (
        "/instances?tags[]=crm",
        "/instances?searchText=OTHER",
        "/instances?searchText=closeio",
        "/elements/closeio/instances",
        f"/accounts/{account}/instances",
    ):
        assert [each["name"] for each in call("GET", query)] == ["Others"]
    call("GET", "/instances?tags[]=crm&searchText=books", status=404)


def test_an_instance_is_changed(world, call):
    number = world.all("instance")[1]["id"]
    one = f"/instances/{number}"
    changed = call("PATCH", one, {"tags": ["a", "b"], "configuration": {"password": "p", "x": 1}})
    assert (changed["tags"], changed["name"]) == (["a", "b"], "Others")
    changed = call("PUT", one, {"name": "New", "configuration": {"password": MASK, "y": 2}})
    assert (changed["tags"], changed["name"]) == ([], "New")
    assert world.all("instance")[1]["configuration"] == {"password": "p", "x": 1, "y": 2}
    entries = {each["key"]: each for each in call("GET", f"{one}/configuration")}
    entry = f"{one}/configuration/{entries['x']['id']}"
    assert call("PATCH", entry, {"propertyValue": "3"})["propertyValue"] == "3"
    assert call("GET", entry)["propertyValue"] == "3"
    call("GET", f"{one}/configuration/1", status=404)


def test_a_deleted_instance_takes_its_level_along(world, call):
    number = world.all("instance")[0]["id"]
    call("POST", DEFINITION, fields("a"))
    call("POST", f"/instances/{number}/objects/thing/definitions", fields("b"))
    call("POST", f"/instances/{number}/objects/own/definitions", fields("b"))
    call("POST", f"/instances/{number}/transformations/own", {"vendorName": "items"})
    call("DELETE", f"/instances/{number}")
    without = world.session(instance=None)
    without("GET", f"/instances/{number}", status=404)
    left = without("GET", "/vdrs")
    assert [(each["objectName"], len(each["fields"])) for each in left] == [("thing", 1)]
    assert world.all(f"transformation/{world.all('organization')[0]['id']}") == []


def test_objects_are_listed_by_version(call):
    call("POST", DEFINITION, fields("title"))
    mapped = {"vendorName": "items", "fields": [{"path": "title", "vendorPath": "name"}]}
    call("POST", TRANSFORMATION, mapped)
    names = call("GET", "/hubs/finance/objects")
    assert names == sorted(names)
    assert {"thing", "items", "customers"} <= set(names)
    helium = call("GET", "/objects", Elements_Version="Helium")
    assert {"name": "thing", "vendorName": "items", "type": "vdr"} in helium
    assert {"name": "items", "vendorName": "items", "type": "vendor"} in helium
    call("GET", "/objects", status=400, Elements_Version="Neon")
    for name, path in (("thing", "title"), ("items", "unit_cost.amount")):
        found = call("GET", f"/objects/{name}/metadata")["fields"]
        assert path in [each["vendorPath"] for each in found]
    call("GET", "/objects/nothing/metadata", status=404)


def test_which_elements_are_mapped(call):
    url = "/organizations/objects/thing/transformations"
    call("GET", url, status=404)
    call("POST", DEFINITION, fields("a"))
    call("POST", TRANSFORMATION, {"vendorName": "items"})
    (found,) = call("GET", url)
    assert (found["level"], found["name"]) == ("organization", "thing")
    assert (found["element"]["key"], found["element"]["hub"]) == ("freshbooksv2", "finance")


def test_a_common_resource_in_use_is_deleted_by_force_only(call):
    call("PUT", "/common-resources", {"name": "thing", "fields": []})
    call("POST", TRANSFORMATION, {"vendorName": "items"})
    call("DELETE", "/common-resources/thing", status=409)
    call("GET", TRANSFORMATION)
    call("DELETE", "/common-resources/thing?force=true")
    call("GET", TRANSFORMATION, status=404)
    call("GET", "/common-resources/thing", status=404)


def test_snippets_are_kept(call):
    made = call("POST", "/vdrs/snippets", {"name": "n", "body": "done()", "extra": 1})
    one = f"/vdrs/snippets/{made['id']}"
    assert (
        call("GET", one)
        == made
        == {
            "id": made["id"],
            "name": "n",
            "body": "done()",
            "snippetType": "transformation",
        }
    )
    assert call("PUT", one, {"name": "m", "body": "x"})["name"] == "m"
    assert len(call("GET", "/vdrs/snippets")) == 1
    call("DELETE", one)
    call("GET", one, status=404)
    call("POST", "/vdrs/snippets", {"name": "n"}, status=400)


# Switches -----------------------------------------------------------------------------------------


@pytest.fixture
def switched(tmp_path):
    """Return a session of a platform with one switch set."""
    worlds = []

    def make(name, value, email=ORG_ADMIN):
        world = World(tmp_path / f"{name}-{value}", SEED, {name: value})
        worlds.append(world)
        return world.session(email)

    yield make
    for world in worlds:
        world.__exit__()


@pytest.mark.parametrize(
    ("value", "status", "stored"), [("reject", 400, None), ("drop", 200, 1), ("keep", 200, 2)]
)
def test_fields_without_a_definition(switched, value, status, stored):
    call = switched("fields-without-definition", value)
    call("POST", DEFINITION, fields("a"))
    body = {"fields": [{"path": path, "vendorPath": "x"} for path in ("a", "b")]}
    answer = call.answer("POST", TRANSFORMATION, body, status=status)
    if stored is not None:
        assert len(answer.json["fields"]) == stored
    assert ("ignored" in answer.headers.get("Elements-Error", "")) is (value == "drop")


@pytest.mark.parametrize(("value", "left"), [("keep", ["a", "b"]), ("remove", ["a"])])
def test_fields_that_lose_their_definition(switched, value, left):
    call = switched("undefined-fields", value)
    call("POST", DEFINITION, fields("a", "b"))
    body = {"fields": [{"path": path, "vendorPath": "x"} for path in ("a", "b")]}
    call("POST", TRANSFORMATION, body)
    call("PUT", DEFINITION, fields("a"))
    assert [each["path"] for each in call("GET", TRANSFORMATION)["fields"]] == left


@pytest.mark.parametrize(("value", "status"), [("reject", 409), ("cascade", 200)])
def test_deleting_a_definition_in_use(switched, value, status):
    call = switched("delete-used-definition", value)
    call("POST", DEFINITION, fields("a"))
    call("POST", TRANSFORMATION, {"vendorName": "items"})
    call("DELETE", DEFINITION, status=status)
    call("GET", TRANSFORMATION, status=404 if status == 200 else 200)


@pytest.mark.parametrize(("value", "status"), [("org-admin", 403), ("admin", 200)])
def test_who_writes_at_the_organization(switched, value, status):
    call = switched("organization-level-writers", value, ADMIN)
    call("POST", DEFINITION, fields("a"), status=status)


@pytest.mark.parametrize(("value", "status"), [("shown", 200), ("hidden", 404)])
def test_inherited_transformations(switched, value, status):
    call = switched("inherited-transformations", value)
    call("POST", DEFINITION, fields("a"))
    call("POST", TRANSFORMATION, {"vendorName": "items"})
    for url in ("/instances/transformations", "/accounts/elements/freshbooksv2/transformations"):
        call("GET", url, status=status)
        call("GET", f"{url}/thing", status=status)
        call("DELETE", f"{url}/thing", status=404)


@pytest.mark.parametrize(("value", "status"), [("plain", 400), ("any", 200)])
def test_names_of_objects(switched, value, status):
    call = switched("object-names", value)
    call("POST", "/organizations/objects/a%20b/definitions", fields("a"), status=status)


@pytest.mark.parametrize("value", ["off", "on"])
def test_what_an_import_lacks(switched, value):
    call = switched("import-removes-absent", value)
    call("POST", DEFINITION, fields("a"))
    call("POST", "/accounts/objects/thing/definitions", fields("b"))
    call("POST", TRANSFORMATION, {"vendorName": "items"})
    wrapper = {"vdrName": "thing", "definition": fields("c"), "transformation": {}}
    imported = call("PUT", "/vdrs/import", wrapper)
    paths = [each["path"] for each in imported["fields"]]
    assert paths == (["c"] if value == "on" else ["c", "b"])
    call("GET", TRANSFORMATION, status=404 if value == "on" else 200)


@pytest.mark.parametrize(("value", "status"), [("array", 200), ("404", 404)])
def test_empty_lists(switched, value, status):
    call = switched("empty-lists", value)
    for url in ("/vdrs", "/vdrs?where=objectName in ('x')", "/common-resources"):
        assert call("GET", url, status=status) == [] or status == 404
    number = call("POST", "/vdrs", {"objectName": "thing"} | fields("a"))["id"]
    call("GET", f"/vdrs/{number}/transformations", status=status)


@pytest.mark.parametrize(("value", "count"), [("paged", 1), ("whole", 2)])
def test_pages_of_vdrs(switched, value, count):
    call = switched("vdr-pages", value)
    for name in ("a", "b"):
        call("POST", "/vdrs", {"objectName": name} | fields("a"))
    assert len(call("GET", "/vdrs?pageSize=1")) == count


def test_switches_are_set_while_it_runs(world, call):
    control = "/sandbox/settings"

    def put(session, body):
        return world.client.put(control, json=body, headers=session.headers)

    assert put(world.session(ADMIN), {}).status_code == 403
    assert put(call, {"object-names": "maybe"}).status_code == 400
    assert put(call, {"object-names": "any"}).json["object-names"] == "any"
    shown = world.client.get(control, headers=call.headers).json
    assert shown.keys() == {each.name for each in SETTINGS}
    call("POST", "/organizations/objects/a%20b/definitions", fields("a"))


def test_privileges_are_taken_away_while_it_runs(world, call):
    user = world.all("user")[2]["id"]
    url = f"/sandbox/users/{user}/privileges"
    refused = world.client.put(url, json=["fly"], headers=call.headers)
    assert refused.status_code == 400
    taken = world.client.put(url, json=[], headers=call.headers)
    assert taken.json == []
    world.session(USER)("GET", "/vdrs", status=403)
