"""Objects of the vendor and common resources through the element's API (platform facts, 7)."""

import json
import re

import pytest
from sandbox_client import World

from mapper.sandbox.seed import SeedError

NAMES = ["customers", "invoices", "items", "payments", "taxes", "vendors"]


@pytest.fixture
def make_world(tmp_path):
    """Makes platforms, and ends the processes of their scripts."""
    worlds = []

    def make(**given):
        worlds.append(World(tmp_path / f"state{len(worlds)}", **given))
        return worlds[-1]

    yield make
    for world in worlds:
        world.application.platform.execution.close()
        world.store.close()


@pytest.fixture
def world(make_world):
    return make_world()


@pytest.fixture
def call(world):
    return world.session()


def define(call, name, *paths, level="/organizations"):
    fields = [{"path": path, "type": "string"} for path in paths]
    call("POST", f"{level}/objects/{name}/definitions", {"fields": fields})


def transform(call, name, vendor_name, pairs, *, script=None, through=False, **more):
    """Publish an organization's transformation of fields, by default without unmapped members."""
    through = {"fromVendor": through, "toVendor": through}
    body = {
        "vendorName": vendor_name,
        "fields": [{"path": path, "vendorPath": vendor} for path, vendor in pairs.items()],
        "configuration": [{"type": "passThrough", "properties": through}],
    } | more
    if script is not None:
        body["script"] = {"body": script, "mimeType": "application/javascript"}
    call("POST", f"/organizations/elements/freshbooksv2/transformations/{name}", body)


def publish(call, name, vendor_name, pairs, **more):
    define(call, name, *pairs)
    transform(call, name, vendor_name, pairs, **more)


CONTACT = {"id": "id", "first": "fname", "address.city": "p_city", "mail": "email"}


def ids(rows):
    return [row["id"] for row in rows]


# ------------------------------------------------------------------------ vendor resources


@pytest.mark.parametrize("name", NAMES)
def test_each_vendor_resource_is_listed_read_changed_and_deleted(call, name):
    body = {
        "customers": {"email": "ada@example.com"},
        "invoices": {"customerid": 31006, "create_date": "2026-11-27", "email": "a@b.example"},
        "items": {"name": "Desk", "unit_cost": {"amount": 1234.0, "code": "USD"}},
        "payments": {
            "invoiceid": 26535,
            "date": "2026-11-27",
            "type": "Cash",
            "amount": {"amount": "2.50"},
        },
        "taxes": {"name": "Ecotax", "amount": 1},
        "vendors": {"vendor_name": "IKEA", "language": "en"},
    }[name]
    change = {"invoices": {"notes": "x"}, "taxes": {"number": "x"}}.get(name, {})
    change = change or {"customers": {"note": "x"}, "items": {"sku": "x"}}.get(name, {"note": "x"})
    count = len(call("GET", f"/hubs/finance/{name}"))
    made = call("POST", f"/hubs/finance/{name}", body)
    assert len(call("GET", f"/hubs/finance/{name}")) == count + 1
    one = f"/hubs/finance/{name}/{made['id']}"
    for method, value in (("PATCH", "x"), ("PUT", "y")):
        member = next(iter(change))
        assert call(method, one, {member: value})[member] == value
        assert call("GET", one)[member] == value
    assert call("DELETE", one) is None
    assert len(call("GET", f"/hubs/finance/{name}")) == count
    answer = call("GET", one, status=404 if name == "taxes" else 200)
    assert name == "taxes" or answer["vis_state"] == 1


def test_what_the_facts_call_freshbooks_payload_is_what_the_hub_gives(call):
    row = call("GET", "/hubs/finance/items/59702")
    assert row["unit_cost"] == {"amount": "5200.00", "code": "CAD"}
    assert row["id"] == row["itemid"] == 59702
    assert call("GET", "/hubs/finance/vendors/411")["id"] == 411


def test_an_invoice_has_lines_by_itself_and_none_in_lists_unless_switched(call, make_world):
    assert len(call("GET", "/hubs/finance/invoices/26509")["lines"]) == 8
    assert all("lines" not in row for row in call("GET", "/hubs/finance/invoices"))
    other = make_world(settings={"vendor-lists": "full", "vendor-objects": "bare"})
    call = other.session()
    assert all("lines" in row for row in call("GET", "/hubs/finance/invoices"))
    assert "lines" not in call("GET", "/hubs/finance/invoices/26509")


def test_nulls_are_left_out_unless_the_instance_wants_them(world, call):
    assert "home_phone" not in call("GET", "/hubs/finance/customers/31006")
    instance = world.all("instance")[0]["id"]
    entry = {"configuration": {"filter.response.nulls": False}}
    call("PATCH", f"/instances/{instance}", entry)
    assert call("GET", "/hubs/finance/customers/31006")["home_phone"] is None


REFUSED = [
    ("GET", "/customers/1", None, 404, "Client not found."),
    ("POST", "/customers", {}, 400, "A client needs one of fname, lname, email and organization."),
    ("PATCH", "/invoices/26535", {"due_date": "2027-01-01"}, 403, "due_date cannot be written."),
    ("PATCH", "/invoices/26535", {"status": "paid"}, 400, "status must be a whole number."),
    ("POST", "/taxes", {"name": "HST"}, 400, "The tax name 'HST' is already in use."),
    ("GET", "/invoices?where=date_min='May'", None, 400, "date_min must be a date, YYYY-MM-DD."),
]


@pytest.mark.parametrize("refused", REFUSED, ids=lambda row: row[4])
def test_what_the_vendor_refuses_says_so_in_its_words(call, refused):
    method, path, body, status, words = refused
    answer = call(method, f"/hubs/finance{path}", body, status=status)
    assert answer["providerMessage"] == words
    assert answer["message"].endswith(words)
    assert len(answer["requestId"]) == 24


def test_a_refused_write_leaves_nothing(call):
    before = call("GET", "/hubs/finance/payments")
    body = {"invoiceid": 26535, "date": "2026-11-27", "amount": {"amount": -1}}
    call("POST", "/hubs/finance/payments", body, status=400)
    assert call("GET", "/hubs/finance/payments") == before


def test_an_unknown_filter_finds_everything(call):
    every = call("GET", "/hubs/finance/invoices")
    assert call("GET", "/hubs/finance/invoices?where=create_date='2026-01-09'") == every
    assert ids(call("GET", "/hubs/finance/invoices?where=customerid='31012'")) == [
        26515,
        26470,
        26404,
    ]
    both = "where=customerid=31012 AND date_min='2026-06-01'"
    assert ids(call("GET", f"/hubs/finance/invoices?{both}")) == [26515, 26470]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("customerid > 5", "not >"),
        ("customerid = 5 OR customerid = 6", "not OR"),
        ("customerid = ", "Invalid where clause"),
        ("email LIKE '%x'", "not LIKE"),
    ],
)
def test_a_search_that_no_filter_can_say_is_refused(call, where, words):
    said = call("GET", "/hubs/finance/invoices?where=" + where.replace("%", "%25"), status=400)
    assert words in said["message"]


def test_a_search_that_no_filter_can_say_is_left_out_where_that_is_switched_on(make_world):
    call = make_world(settings={"where-operators": "ignore"}).session()
    every = call("GET", "/hubs/finance/invoices")
    assert call("GET", "/hubs/finance/invoices?where=customerid > 5") == every


def test_one_of_several_ids(call):
    found = call("GET", "/hubs/finance/invoices?where=customerids IN (31012, 31031)")
    assert ids(found) == [26515, 26496, 26470, 26425, 26404]


def test_order_by(call):
    names = [
        row["organization"]
        for row in call("GET", "/hubs/finance/customers?orderBy=organization_name desc")
    ]
    assert names == sorted(names, key=str.casefold, reverse=True)


# ------------------------------------------------------------------------ common resources


def test_a_common_resource_is_read_and_written_through_its_transformation(call):
    publish(call, "contact", "customers", CONTACT)
    made = call("POST", "/hubs/finance/contact", {"first": "Ada", "address": {"city": "Bern"}})
    assert made["first"] == "Ada"
    assert made["address"] == {"city": "Bern"}
    one = f"/hubs/finance/contact/{made['id']}"
    assert call("GET", one) == made
    assert call("PATCH", one, {"mail": "a@b.example"})["mail"] == "a@b.example"
    vendor = call("GET", f"/hubs/finance/customers/{made['id']}")
    assert (vendor["fname"], vendor["p_city"], vendor["email"]) == ("Ada", "Bern", "a@b.example")
    call("DELETE", one)
    assert made["id"] not in ids(call("GET", "/hubs/finance/contact"))


def test_a_common_resource_captures_the_vendor_resource_of_its_name(call):
    publish(call, "customers", "customers", {"id": "id", "first": "fname"})
    assert call("GET", "/hubs/finance/customers/31006") == {"id": "31006", "first": "Rosa"}


def test_a_name_that_leads_nowhere(call, make_world):
    assert "parrot" in call("GET", "/hubs/finance/parrot", status=404)["message"]
    publish(call, "lost", "expenses", {"id": "id"})
    assert "'expenses'" in call("GET", "/hubs/finance/lost", status=404)["message"]
    define(call, "unmapped", "id")
    call("GET", "/hubs/finance/unmapped", status=404)
    other = make_world(settings={"unmapped-resource": "400"}).session()
    other("GET", "/hubs/finance/parrot", status=400)


def test_every_object_of_a_page_goes_through_the_script(call):
    script = "transformedObject.shout = originalObject.fname.toUpperCase(); done(transformedObject)"
    publish(call, "contact", "customers", {"id": "id"}, script=script)
    rows = call("GET", "/hubs/finance/contact?pageSize=2")
    assert rows == [{"id": "31006", "shout": "ROSA"}, {"id": "31012", "shout": "ÉLISE"}]


def test_scripts_see_the_direction_and_the_instance(world, call):
    script = """
      if (fromVendor) {
        transformedObject.seen = Object.keys(configuration).sort();
        transformedObject.host = configuration.host;
      } else { transformedObject.note = 'written by a script'; }
      done(transformedObject);
    """
    publish(call, "contact", "customers", {"id": "id", "first": "fname"}, script=script)
    made = call("POST", "/hubs/finance/contact", {"first": "Ada"})
    assert {"host", "pathPrefix", "protocol", "userSecret"} <= set(made["seen"])
    assert made["host"] == "localhost"
    assert call("GET", f"/customers/{made['id']}")["note"] == "written by a script"


def test_a_script_that_fails_leaves_the_mapped_object_and_says_so_in_a_header(call):
    publish(call, "contact", "customers", {"id": "id"}, script="null.x; done({})")
    answer = call.answer("GET", "/hubs/finance/contact/31006")
    assert answer.json == {"id": "31006"}
    assert answer.headers["Sandbox-Script-Error"]


@pytest.mark.parametrize(("globals_", "counts"), [("shared", [1, 2, 3]), ("separate", [1, 1, 1])])
def test_whether_the_runs_for_a_page_share_their_globals_is_a_switch(make_world, globals_, counts):
    call = make_world(settings={"script-globals": globals_}).session()
    script = "globalThis.runs = (globalThis.runs || 0) + 1; done({runs: globalThis.runs})"
    publish(call, "levy", "taxes", {"id": "id"}, script=script)
    assert [row["runs"] for row in call("GET", "/hubs/finance/levy")] == counts
    assert call("GET", "/hubs/finance/levy/2890") == {"runs": 1}, "nothing stays for the next call"


def test_halves_of_characters_are_neither_taken_nor_in_the_way(call):
    half = json.dumps({"fname": "\ud83d"})
    answer = call.client.post(
        "/elements/api-v2/customers",
        data=half,
        headers=call.headers | {"Content-Type": "application/json"},
    )
    assert answer.status_code == 400
    publish(call, "levy", "taxes", {"id": "id"}, script="done({half: '\\ud83d'})")
    answer = call.answer("GET", "/hubs/finance/levy/2890")
    assert answer.get_data() == b'{"half": "\\ud83d"}'


def test_where_is_translated_by_the_fields(call):
    publish(call, "bill", "invoices", {"id": "id", "customer": "customerid", "state": "v3_status"})
    found = call("GET", "/hubs/finance/bill?where=customer='31012' and state='partial'")
    assert found == [{"id": "26515", "customer": "31012", "state": "partial"}]


def test_where_is_translated_to_a_filter_by_a_script(call):
    """A field leads to create_date, which FreshBooks ignores; the filter's name is date_min."""
    script = """
      if (isWhere) {
        transformedObject.where = originalObject.where.map(function (item) {
          return {attribute: 'date_min', operator: '=', value: item.value};
        });
      }
      done(transformedObject);
    """
    pairs = {"id": "id", "issued": "create_date"}
    publish(call, "bill", "invoices", pairs)
    every = call("GET", "/hubs/finance/bill")
    assert call("GET", "/hubs/finance/bill?where=issued='2026-11-20'") == every
    publish(call, "bill2", "invoices", pairs, script=script)
    assert call("GET", "/hubs/finance/bill2?where=issued='2026-11-20'") == every, "not configured"
    configuration = [{"type": "applyJSOnQueryFieldValue", "properties": {"toVendor": None}}]
    define(call, "bill3", *pairs)
    transform(call, "bill3", "invoices", pairs, script=script, configuration=configuration)
    found = call("GET", "/hubs/finance/bill3?where=issued='2026-11-20'")
    assert ids(found) == ["26554", "26548"]


def test_where_may_become_text(call):
    text = json.dumps("customerid = 31012 and date_min = '2026-10-01'")
    configuration = [{"type": "applyJSOnQueryFieldValue"}]
    publish(
        call,
        "bill",
        "invoices",
        {"id": "id"},
        script=f"if (isWhere) {{ transformedObject.where = {text}; }} done(transformedObject)",
        configuration=configuration,
    )
    assert ids(call("GET", "/hubs/finance/bill?where=x='1'")) == ["26515"]


def test_an_account_and_an_instance_add_to_the_organization(world, call):
    """Line 13 of the conformance list: each step shows only what has been added so far."""
    account, instance = world.all("account")[0]["id"], world.all("instance")[0]["id"]
    inherit = {"configuration": [
        {"type": "inherit"},
        {"type": "passThrough", "properties": {"fromVendor": False, "toVendor": False}},
    ]}  # fmt: skip
    steps = [
        ("/organizations/elements/freshbooksv2", "/organizations", "orgId", "id"),
        (f"/accounts/{account}/elements/freshbooksv2", f"/accounts/{account}", "accName", "fname"),
        (f"/instances/{instance}", f"/instances/{instance}", "insMail", "email"),
    ]
    seen = []
    for prefix, level, path, vendor_path in steps:
        define(call, "contact", path, level=level)
        fields = {"vendorName": "customers", "fields": [{"path": path, "vendorPath": vendor_path}]}
        call("POST", f"{prefix}/transformations/contact", fields | inherit)
        seen.append(path)
        assert sorted(call("GET", "/hubs/finance/contact/31006")) == sorted(seen)


# ------------------------------------------------------------------------ paging and headers


def test_a_list_comes_in_pages_of_at_most_200(call):
    for number in range(215):
        call("POST", "/hubs/finance/taxes", {"name": f"Tax {number}"})
    first = call.answer("GET", "/hubs/finance/taxes")
    assert len(first.json) == 200
    assert first.headers["elements-returned-count"] == "200"
    token = first.headers["elements-next-page-token"]
    second = call.answer("GET", f"/hubs/finance/taxes?nextPage={token}")
    assert len(second.json) == 18
    assert "elements-next-page-token" not in second.headers
    assert len({*ids(first.json), *ids(second.json)}) == 218
    call("GET", "/hubs/finance/taxes?pageSize=201", status=400)
    assert len(call("GET", "/hubs/finance/taxes?pageSize=7")) == 7


def test_answers_say_whose_they_are(world, call):
    answer = call.answer("GET", "/hubs/finance/taxes")
    assert answer.headers["elements-element-instance-id"] == str(world.all("instance")[0]["id"])
    assert len(answer.headers["elements-request-id"]) == 24


def test_an_element_without_a_vendor_behind_it_says_so(make_world):
    seed = {
        "elements": [{"key": "sfdc"}],
        "instances": [{"name": "Sales", "element": "sfdc"}],
    }
    call = make_world(seed=seed).session()
    assert "freshbooksv2" in call("GET", "/hubs/crm/contacts", status=404)["message"]


@pytest.mark.parametrize("name", ["Elements_Async_Request", "Elements_Schedule_Request"])
def test_what_is_not_emulated_is_refused(call, name):
    assert "not emulated" in call("GET", "/customers", status=400, **{name: "True"})["message"]
    call("GET", "/customers", **{name: "false"})


def test_a_seed_may_bring_its_own_books(make_world):
    requests = [{"at": "2026-01-01T00:00:00Z", "create": "taxes", "id": 7, "body": {"name": "GST"}}]
    books = {"account": {"account_id": "abc", "currency": "EUR"}, "requests": requests}
    call = make_world(seed={"books": books}).session()
    assert [row["name"] for row in call("GET", "/taxes")] == ["GST"]
    assert call("GET", "/customers") == []
    assert call("POST", "/customers", {"fname": "Ada"})["currency_code"] == "EUR"


EMPTY = {"account_id": "abc", "currency": "EUR"}
TAX = {"at": "2026-01-01T00:00:00Z", "create": "taxes", "id": 7, "body": {"name": "GST"}}


@pytest.mark.parametrize(
    ("books", "words"),
    [
        (5, "an account and a list of requests"),
        ({"account": EMPTY, "requests": [], "more": 1}, "an account and a list of requests"),
        ({"account": {"name": "x"}, "requests": []}, "no name"),
        ({"account": EMPTY, "requests": [5]}, "request 1: it needs a time"),
        ({"account": EMPTY, "requests": [TAX | {"at": "2026-01-01T00:00:00"}]}, "its zone"),
        ({"account": EMPTY, "requests": [TAX | {"at": "soon"}]}, "request 1: Invalid isoformat"),
        ({"account": EMPTY, "requests": [TAX | {"create": "parrots"}]}, "no resource 'parrots'"),
        ({"account": EMPTY, "requests": [TAX | {"id": "7"}]}, "request 1: it is no create"),
        (
            {"account": EMPTY, "requests": [TAX, TAX | {"id": 8}]},
            "request 2 is refused: The tax name",
        ),
    ],
)
def test_books_that_cannot_be_replayed_say_where(make_world, books, words):
    with pytest.raises(SeedError, match=re.escape(words)):
        make_world(seed={"books": books})
