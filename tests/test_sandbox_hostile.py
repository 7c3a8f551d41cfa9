"""Whatever a request says, the local platform answers, and never with a failure of its own."""

import re
from contextlib import contextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sandbox_client import API, World

from mapper.sandbox.routes import ROUTES

NAMES = [
    *("fields", "path", "type", "level", "associatedLevel", "associatedId", "displayName", "id"),
    *("vendorPath", "vdrFieldId", "configuration", "script", "scripts", "body", "isLegacy"),
    *("vendorName", "objectName", "name", "description", "definition", "transformation"),
    *("vdrName", "elementKey", "elementId", "elementInstanceId", "instanceId", "payload"),
    *("method", "changedFields", "oldPath", "element", "key", "providerData", "code", "tags"),
    *("properties", "propertyValue", "amount", "lines", "status"),
]
ODD = (
    *(None, True, 0, -1, 5924, 10**30, 1.5, 1e308, "", "id", "a[*].b", "organization"),
    *("instance", "system", "freshbooksv2", "thing", "1", "a" * 300, "\x00", "é"),
    *([], {}, [1], [[]], [{}], {"a": 1}, {"level": []}, {"path": {}}),
)


class _UndoneError(Exception):
    """Ends a transaction."""


class Undone:
    """A platform on which nothing that a request does lasts."""

    def __init__(self, world):
        call = world.session()
        one = {"path": "id", "type": "string"}
        call("POST", "/organizations/objects/thing/definitions", {"fields": [one]})
        mapped = {"vendorName": "items", "fields": [{"path": "id", "vendorPath": "id"}]}
        made = call("POST", "/organizations/elements/freshbooksv2/transformations/thing", mapped)
        call("POST", "/vdrs", {"objectName": "bare", "fields": [one]})
        self.world, self.headers = world, call.headers
        thing, bare = (each["id"] for each in call("GET", "/vdrs"))
        self.values = {
            "account": [world.all("account")[0]["id"]],
            "instance": [world.all("instance")[0]["id"]],
            "user": [world.all("user")[0]["id"]],
            "resource": [thing, bare],
            "transformation": [made["id"]],
            "element": ["freshbooksv2", "closeio"],
            "name": ["thing", "bare", "items", "%E2%82%AC"],
            "key": ["x", "101001"],
        }
        begin = world.store.writing

        @contextmanager
        def writing():
            with suppress(_UndoneError), begin() as db:
                yield db
                raise _UndoneError

        world.store.writing = writing

    def answers(self, method, path, **options):
        """Send a request, whose answer must be as answers are."""
        url = path if path.startswith("/sandbox") else API + path
        answer = self.world.client.open(url, method=method, headers=self.headers, **options)
        assert answer.status_code < 500, (method, path, options, self.world.log[-2:])
        if answer.status_code >= 400:
            assert {"message", "requestId"} <= answer.json.keys()
        return answer.status_code


@pytest.fixture(scope="module")
def undone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / "state"
    with World(folder, {"elements": [{"key": "closeio"}]}) as world:
        yield Undone(world)


FIELD = {
    "id": 1,
    "path": "id",
    "type": "string",
    "level": "organization",
    "associatedLevel": "organization",
    "associatedId": 1,
    "displayName": "x",
}
MAPPED = FIELD | {
    "vendorPath": "id",
    "vendorType": "string",
    "vdrFieldId": 1,
    "configuration": [{"type": "passThrough", "properties": {"fromVendor": True}}],
}
TRANSFORMATION = {
    "vendorName": "items",
    "isLegacy": False,
    "fields": [MAPPED],
    "configuration": [{"type": "inherit", "level": "organization"}],
    "script": {"body": "done()", "level": "organization", "mimeType": "x"},
    "scripts": [{"body": "done()", "level": "account"}],
}
SMALL = {"vendorName": "items", "fields": [{"path": "id", "level": "account"}]}
DEFINITION = {"objectName": "new", "description": "d", "fields": [FIELD]}
GOOD = [
    ("POST", "/organizations/objects/definitions", {"new": DEFINITION}),
    ("PUT", "/organizations/objects/thing/definitions", DEFINITION),
    ("PATCH", "/organizations/objects/thing", {"objectName": "new"}),
    ("POST", "/organizations/elements/freshbooksv2/transformations/bare", TRANSFORMATION),
    ("PUT", "/organizations/elements/freshbooksv2/transformations/thing", SMALL),
    ("POST", "/vdrs", DEFINITION),
    ("PUT", "/vdrs/{resource}", DEFINITION),
    ("POST", "/vdrs/{resource}/clone?level=account", {"objectName": "new"}),
    ("POST", "/vdrs/{bare}/transformations", TRANSFORMATION | {"elementKey": "closeio"}),
    ("PUT", "/vdrs/{resource}/transformations/{transformation}", SMALL),
    (
        "PUT",
        "/vdrs/import",
        {
            "vdrName": "new",
            "definition": DEFINITION,
            "transformation": {"freshbooksv2": SMALL},
        },
    ),
    (
        "PUT",
        "/common-resources",
        {"name": "thing", "fields": [FIELD], "changedFields": [FIELD | {"oldPath": "id"}]},
    ),
    ("PATCH", "/common-resources/thing", {"name": "new"}),
    (
        "PUT",
        "/transformations",
        TRANSFORMATION
        | {"objectName": "thing", "level": "account", "elementInstanceId": "{instance}"},
    ),
    ("POST", "/transformations/thing/execute", {"payload": {"id": 1}, "elementId": 5924}),
    (
        "POST",
        "/transformations/thing/execute",
        {"payload": {"id": 1}, "instanceId": "{instance}", "method": "POST"},
    ),
    (
        "POST",
        "/instances",
        {
            "element": {"key": "closeio"},
            "name": "n",
            "tags": ["t"],
            "providerData": {"code": "c"},
            "configuration": {"oauth.api.key": "k"},
            "externalAuthentication": "none",
            "retrieveObjectsAfterInstantiation": True,
        },
    ),
    ("PATCH", "/instances/{instance}", {"name": "n", "tags": ["t"], "configuration": {"a": "b"}}),
    ("PATCH", "/instances/{instance}/configuration", [{"key": "a", "propertyValue": "b"}]),
    (
        "POST",
        "/elements/freshbooksv2/oauth/url",
        {"apiKey": "k", "apiSecret": "s", "callbackUrl": "http://x", "state": "s"},
    ),
    ("POST", "/vdrs/snippets", {"name": "n", "body": "b", "description": "d"}),
    ("PUT", "/sandbox/faults", []),
    ("PUT", "/sandbox/settings", {"object-names": "plain"}),
    ("PUT", "/sandbox/users/{user}/privileges", ["viewCommonObjects"]),
]


def bent(value):
    """Yield a body with each of its parts in turn replaced by each odd value, or left out."""
    yield from ODD
    match value:
        case dict():
            for name in value:
                rest = {other: value[other] for other in value if other != name}
                yield rest
                yield from (rest | {name: each} for each in bent(value[name]))
        case list():
            yield value + value
            for index, item in enumerate(value):
                yield from ([*value[:index], each, *value[index + 1 :]] for each in bent(item))


@pytest.mark.parametrize(("method", "path", "body"), GOOD, ids=[f"{m} {p}" for m, p, _ in GOOD])
def test_a_good_body_with_one_odd_part_is_answered(undone, method, path, body):
    known = {name: values[0] for name, values in undone.values.items()}
    url = path.format(**known, bare=undone.values["resource"][1])
    body = _with_ids(body, known)
    assert undone.answers(method, url, json=body) == 200
    for each in bent(body):
        undone.answers(method, url, json=each)


def _with_ids(body, known):
    if not isinstance(body, dict):
        return body
    return {
        name: known["instance"] if value == "{instance}" else value for name, value in body.items()
    }


LEAVES = st.sampled_from([each for each in ODD if not isinstance(each, list | dict)])
BODIES = st.recursive(
    LEAVES,
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), each, max_size=5)
    ),
    max_leaves=12,
)
QUERIES = st.dictionaries(
    st.sampled_from(["where", "systemOnly", "force", "pageSize", "nextPage", "instanceId"]),
    st.sampled_from(["true", "1", "-1", "x'", "objectName in ('thing')", "id = '1'", "account"]),
    max_size=3,
)
TRIED = [route for route in ROUTES if "bulk" not in route.pattern]  # its bodies are files


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_request_makes_it_fail(undone, data):
    route = data.draw(st.sampled_from(TRIED))
    path = re.sub(
        r"<(?:\w+:)?(\w+)>",
        lambda found: str(data.draw(st.sampled_from([*undone.values.get(found[1], []), "77"]))),
        route.pattern,
    )
    options = {} if route.method == "GET" else {"json": data.draw(BODIES)}
    undone.answers(route.method, path, query_string=data.draw(QUERIES), **options)
