"""What is published runs there as here: the shipped mappings' documents, called through a hub."""

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from sandbox_client import World
from subjects import subject

from mapper.platform.documents import documents

VENDOR = {
    "customer": "customers",
    "invoice": "invoices",
    "payment": "payments",
    "tax": "taxes",
    "item": "items",
    "vendor": "vendors",
}
resources = pytest.mark.parametrize("name", VENDOR)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A platform with the books of its seed, on which all six are published."""
    world = World(tmp_path_factory.mktemp("published") / "state")
    call = world.session()
    for name in VENDOR:
        made = documents(subject(f"freshbooks/{name}").mapper.parts)
        call("POST", f"/organizations/objects/{name}/definitions", made.definition)
        element = "/organizations/elements/freshbooksv2"
        call("POST", f"{element}/transformations/{name}", made.transformation)
    yield world
    world.application.platform.execution.close()
    world.store.close()


@pytest.fixture
def call(world):
    return world.session()


def raw(world, path):
    """The vendor's own answer, with its nulls."""
    call, instance = world.session(), world.all("instance")[0]["id"]
    nulls = "filter.response.nulls"
    call("PATCH", f"/instances/{instance}", {"configuration": {nulls: "false"}})
    try:
        return call("GET", path)
    finally:
        call("PATCH", f"/instances/{instance}", {"configuration": {nulls: "true"}})


@resources
def test_a_list_through_the_hub_is_what_the_mapper_makes_of_the_vendors(world, call, name):
    mapper = subject(f"freshbooks/{name}").mapper
    rows = raw(world, f"/hubs/finance/{VENDOR[name]}")
    assert len(rows) >= 3
    answer = call.answer("GET", f"/hubs/finance/{name}")
    assert answer.json == [mapper.from_vendor(row) for row in rows]
    assert "Sandbox-Script-Error" not in answer.headers


@resources
def test_one_object_too_with_all_that_a_list_leaves_out(world, call, name):
    mapper = subject(f"freshbooks/{name}").mapper
    for row in call("GET", f"/hubs/finance/{VENDOR[name]}?pageSize=4"):
        one = raw(world, f"/hubs/finance/{VENDOR[name]}/{row['id']}")
        assert call("GET", f"/hubs/finance/{name}/{row['id']}") == mapper.from_vendor(one)


EDITS = {
    "customer": ("31012", {"note": "Neu", "homePhone": None, "billingAddress": {"city": "Laval"}}),
    "invoice": ("26541", {"notes": "Neu", "discount": {"percent": "2.5"}, "delivery": "sent"}),
    "payment": ("7700", {"note": "Neu", "amount": {"amount": "900.00", "currency": "CAD"}}),
    "tax": ("2892", {"rate": "9.5", "compound": False}),
    "item": ("59705", {"description": None, "unitPrice": {"amount": "400.00", "currency": "CAD"}}),
    "vendor": ("412", {"note": "Neu", "website": None, "is1099": True}),
}


@resources
def test_a_patch_goes_to_the_vendor_as_the_mapper_writes_it(world, call, name):
    """The same body, written here and sent to the vendor's own resource, changes nothing more."""
    number, body = EDITS[name]
    answer = call("PATCH", f"/hubs/finance/{name}/{number}", body)
    local = subject(f"freshbooks/{name}").mapper.to_request(body)
    assert local
    place = f"/hubs/finance/{VENDOR[name]}/{number}"
    after = raw(world, place)
    call("PATCH", place, local)
    again = raw(world, place)
    stamps = {"updated", "updated_at", "version"}
    assert [key for key in after if after[key] != again[key] and key not in stamps] == []
    kept = {key: value for key, value in body.items() if value is not None}
    for key, value in kept.items():
        given = answer[key] if not isinstance(value, dict) else {**answer[key], **value}
        assert answer[key] == given
    assert not {key for key, value in body.items() if value is None} & answer.keys()


@resources
def test_a_request_that_the_script_refuses_is_refused_by_the_vendor(world, call, name):
    """Otherwise the vendor would pass over the error, and the caller be told that all went well."""
    number, body = EDITS[name]
    place = f"/hubs/finance/{name}"
    before = raw(world, f"/hubs/finance/{VENDOR[name]}/{number}")
    listed = call("GET", place)
    for method, path in (("PATCH", f"{place}/{number}"), ("POST", place)):
        answer = call(method, path, body | {"nonsense": 1}, status=400)
        assert answer["providerMessage"]
    assert raw(world, f"/hubs/finance/{VENDOR[name]}/{number}") == before
    assert call("GET", place) == listed


def test_an_invoice_is_made_and_paid_through_common_resources(world, call):
    customer = call("POST", "/hubs/finance/customer", {"companyName": "Neu GmbH"})
    line = {
        "name": "Arbeit",
        "quantity": "2",
        "unitPrice": {"amount": "10.50", "currency": "EUR"},
        "taxes": [{"name": "MwSt", "rate": "19"}],
    }
    body = {
        "customer": {"id": customer["id"]},
        "currency": "EUR",
        "issueDate": "2026-11-27",
        "dueDate": "2026-12-11",
        "lines": [line],
    }
    made = call("POST", "/hubs/finance/invoice", body)
    assert made["dueDate"] == "2026-12-11"
    assert made["customer"] == {"id": customer["id"], "name": "Neu GmbH"}
    assert Decimal(made["total"]["amount"]) == Decimal("24.99")
    assert made["lines"][0]["taxes"] == [{"name": "MwSt", "rate": "19"}]
    payment = {"invoiceid": int(made["id"]), "amount": {"amount": "5.00"}, "date": "2026-11-27"}
    call("POST", "/hubs/finance/payments", payment)
    invoice = call("GET", f"/hubs/finance/invoice/{made['id']}")
    assert invoice["paymentStatus"] == "partial"
    assert invoice["outstanding"] == {"amount": "19.99", "currency": "EUR"}


CONDITIONS = [
    ("invoice", "customer.id = '31012'", lambda row: row["customer"]["id"] == "31012"),
    ("invoice", "issueDate >= '2026-11-01'", lambda row: row["issueDate"] >= "2026-11-01"),
    ("customer", "email = 'tom@x.example'", lambda row: row.get("email") == "tom@x.example"),
    ("payment", "method = 'check'", lambda row: row.get("method") == "check"),
    ("item", "sku = 'PR-10'", lambda row: row.get("sku") == "PR-10"),
    ("tax", "name = 'HST'", lambda row: row["name"] == "HST"),
    ("customer", "firstName = 'Rosa'", lambda row: row.get("firstName") == "Rosa"),
    ("vendor", "name = 'Mara Lindqvist'", lambda row: row["name"] == "Mara Lindqvist"),
]


@pytest.mark.parametrize(("name", "where", "holds"), CONDITIONS, ids=[row[1] for row in CONDITIONS])
def test_a_condition_finds_exactly_what_it_says_or_is_refused(world, call, name, where, holds):
    """The trap: FreshBooks ignores filters that it does not know, and then gives everything."""
    everything = call("GET", f"/hubs/finance/{name}")
    query = urlencode({"where": where})
    answer = call.client.get(f"/elements/api-v2/hubs/finance/{name}?{query}", headers=call.headers)
    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 200:
        assert answer.json == [row for row in everything if holds(row)]
