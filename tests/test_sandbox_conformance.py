"""The conformance list for an emulator of the platform (facts/platform.md, section 16).

Each test is named after its line, of which all but those marked there are asserted by the vendor's
own acceptance tests.
"""

import pytest
from sandbox_client import World


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "state")


@pytest.fixture
def call(world):
    return world.session()


def fields(*paths):
    return {"fields": [{"path": path, "type": "string"} for path in paths]}


def paths(answer):
    return [each["path"] for each in answer["fields"]]


def levels(world):
    """The URLs of the four levels, the account's in both forms."""
    account, instance = world.all("account")[0]["id"], world.all("instance")[0]["id"]
    return [
        "/organizations",
        "/accounts",
        f"/accounts/{account}",
        "/instances",
        f"/instances/{instance}",
    ]


def test_01_post_get_put_get_delete_by_name_at_each_level(world, call):
    for level in levels(world):
        one = f"{level}/objects/thing/definitions"
        assert paths(call("POST", one, fields("a"))) == ["a"]
        assert paths(call("GET", one)) == ["a"]
        assert paths(call("PUT", one, fields("b"))) == ["b"]
        assert paths(call("GET", one)) == ["b"]
        call("DELETE", one)
        call("GET", one, status=404)


def test_03_post_twice_conflicts_but_not_at_another_level(call):
    call("POST", "/organizations/objects/thing/definitions", fields("a"))
    call("POST", "/organizations/objects/thing/definitions", fields("a"), status=409)
    call("POST", "/accounts/objects/thing/definitions", fields("a"))
