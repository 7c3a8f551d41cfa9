"""Whatever a request says, the local platform answers, and never with a failure of its own."""

import re
from shutil import copytree, rmtree

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
    None,
    True,
    0,
    -1,
    5924,
    10**30,
    1e308,
    "",
    "id",
    "a[*].b",
    "organization",
    "instance",
    "system",
    "freshbooksv2",
    "thing",
    "\ud800",
    "a" * 300,
)
LEAVES = st.sampled_from(ODD)
BODIES = st.recursive(
    LEAVES,
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), each, max_size=5)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), BODIES, max_size=7)
FIELDS = st.lists(st.dictionaries(st.sampled_from(NAMES[:12]), BODIES, max_size=6), max_size=3)
REQUESTS = (
    BODIES | OBJECTS | st.builds(lambda body, fields: body | {"fields": fields}, OBJECTS, FIELDS)
)
QUERIES = st.dictionaries(
    st.sampled_from(
        ["where", "systemOnly", "force", "pageSize", "nextPage", "instanceId", "level"]
    ),
    st.sampled_from(["true", "1", "-1", "x'", "objectName in ('thing')", "id = '1'", "account"]),
    max_size=3,
)


class Template:
    """A state folder that each try begins with, and what may stand in a path for a parameter."""

    def __init__(self, folder):
        self.folder = folder
        with World(folder / "template", {"elements": [{"key": "closeio"}]}) as world:
            call = world.session()
            body = {"fields": [{"path": "id"}, {"path": "lines", "type": "array"}]}
            call("POST", "/organizations/objects/thing/definitions", body)
            mapped = {"vendorName": "items", "fields": [{"path": "id", "vendorPath": "id"}]}
            call("POST", "/organizations/elements/freshbooksv2/transformations/thing", mapped)
            organization = world.all("organization")[0]["id"]
            kinds = {
                "account": "account",
                "instance": "instance",
                "user": "user",
                "resource": f"resource/{organization}",
                "transformation": f"transformation/{organization}",
            }
            self.values = {
                name: [str(each["id"]) for each in world.all(kind)] for name, kind in kinds.items()
            } | {
                "element": ["freshbooksv2", "closeio", "5924"],
                "name": ["thing", "items", "a%20b", "%E2%82%AC"],
                "key": ["x", "101001"],
            }

    def copied(self):
        folder = self.folder / "try"
        rmtree(folder, ignore_errors=True)
        copytree(self.folder / "template", folder)
        return World(folder)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return Template(tmp_path_factory.mktemp("state"))


TRIED = [route for route in ROUTES if "bulk" not in route.pattern]  # its bodies are files


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_request_makes_it_fail(template, data):
    route = data.draw(st.sampled_from(TRIED))
    path = re.sub(
        r"<(?:\w+:)?(\w+)>",
        lambda found: data.draw(st.sampled_from([*template.values.get(found[1], []), "77"])),
        route.pattern,
    )
    options = {} if route.method == "GET" else {"json": data.draw(REQUESTS)}
    with template.copied() as world:
        answer = world.client.open(
            ("" if path.startswith("/sandbox") else API) + path,
            method=route.method,
            query_string=data.draw(QUERIES),
            headers=world.session().headers,
            **options,
        )
        assert answer.status_code < 500, world.log
        if answer.status_code >= 400:
            assert {"message", "requestId"} <= answer.json.keys()
