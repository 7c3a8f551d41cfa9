"""The model of FreshBooks' writes, held against recorded requests and answers and the facts."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from freshbooks_model import RESOURCES, TABLES, Server, WriteRefused, actions, apply, writable

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples" / "freshbooks"

# What the recorded create of a client carries from the web page that sent it; never read back.
UI_ONLY = {"status", "source", "highlight_string", "userid", "last_activity", "face"}

DRAFT = {"customerid": 7, "create_date": "2026-06-30"}
LINE = {"name": "Work", "qty": 3, "unit_cost": {"amount": "19.99"}}


def recorded(name: str) -> dict[str, Any]:
    """Return the object in a recorded body, without wrapper or envelope."""
    file = SAMPLES / f"{name}.json"
    if not file.exists():
        pytest.skip(f"the recorded samples are not beside this checkout: no {file.name}")
    body = json.loads(file.read_text(encoding="utf-8"))
    (content,) = body.get("response", {"result": body})["result"].values()
    return content


def invoice(**members: Any) -> dict[str, Any]:
    return apply("invoice", {}, DRAFT | members)


def refusal(resource: str, document: dict[str, Any], body: dict[str, Any], **server: Any) -> Any:
    with pytest.raises(WriteRefused) as caught:
        apply(resource, document, body, server=Server(**server))
    return caught.value.errno, caught.value.field


# Recorded requests and answers --------------------------------------------------------------------


def kinds(document: dict[str, Any], names: set[str]) -> dict[str, type]:
    return {name: type(document[name]) for name in names}


@pytest.mark.parametrize("answer", ["client.create.response", "client.create.response-docs"])
def test_a_created_client_looks_like_the_recorded_ones(answer):
    request = recorded("client.create.request")
    contacts = [{k: v for k, v in c.items() if k not in UI_ONLY} for c in request["contacts"]]
    body = {k: v for k, v in request.items() if k not in UI_ONLY} | {"contacts": contacts}
    made = apply("client", {}, body)
    expected = recorded(answer)
    newer = {"uuid", "allow_email_include_pdf"}
    assert made.keys() - {"late_fee", "late_reminders", "contacts"} == expected.keys() - newer
    written_otherwise = {"vat_number"}  # sent as "", which stays
    both = made.keys() & expected.keys() - written_otherwise
    assert kinds(made, both) == kinds(expected, both)
    assert made["p_street2"] == "", "a null text is stored empty"
    assert [c["userid"] for c in made["contacts"]] == [made["id"]] * 2


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ("client.create.response", {"email": "john.doe@abcorp.com", "p_city": "Toronto"}),
        (
            "client.create.response-docs",
            {
                "fname": "Nicholas",
                "lname": "Jaar",
                "organization": "Space Is Only Noise",
                "email": "client@example.com",
                "p_street": "1655 Dupont St. W.",
                "p_city": "Toronto",
                "p_province": "Ontario",
                "p_code": "M6P 3T1",
            },
        ),
    ],
)
def test_a_create_of_the_same_client_gives_the_recorded_answer(answer, body):
    expected = recorded(answer)
    signed_up = datetime.fromisoformat(expected["signup_date"]).replace(tzinfo=UTC)
    server = Server(
        signed_up, expected["id"], expected["accounting_systemid"], expected["currency_code"]
    )
    made = apply("client", {}, body | {"username": expected["username"]}, server=server)
    newer = {"uuid", "allow_email_include_pdf"}
    assert made == {k: v for k, v in expected.items() if k not in newer}


def test_a_created_tax_is_the_recorded_one():
    expected = recorded("tax.create.response")
    clock = datetime(2019, 4, 24, 18, 41, 3, tzinfo=UTC)
    made = apply("tax", {}, recorded("tax.create.request"), server=Server(clock, expected["id"]))
    assert made == expected


def test_an_updated_tax_holds_its_number_as_text():
    before = recorded("tax.single")
    after = apply("tax", before, recorded("tax.update.request"))
    assert after == before | {
        "name": "HST",
        "amount": "13",
        "number": None,
        "updated": "2026-06-30 22:30:00",
    }


def test_a_created_invoice_has_the_recorded_members_and_its_lines():
    made = apply("invoice", {}, recorded("invoice.create.request.with_expense"))
    read = recorded("invoice.single.partial_overdue")
    # What depends on the client, the lines or the owner, and is not known to the model.
    unknown = {"amount", "current_organization", "description", "discount_total", "ownerid", "paid"}
    unknown |= {"outstanding", "sentid", "fulfillment_date"}
    assert made.keys() - {"lines"} == read.keys() - unknown
    assert made["customerid"] == 485558
    assert made["due_date"] == "2019-06-20"
    paperwork, gas = made["lines"]
    assert paperwork["amount"] == {"amount": "5000.00", "code": "USD"}
    assert (gas["type"], gas["expenseid"], gas["qty"]) == (1, 1825568, "1")
    assert (gas["taxName1"], gas["taxAmount1"]) == ("", "0")
    assert [(line["lineid"], line["taskno"]) for line in made["lines"]] == [(1, 1), (2, 2)]


@pytest.mark.parametrize(
    ("name", "unknown"),
    [
        ("payment.create.response.overpaid", {"clientid", "overpaymentid", "amount"}),  # is capped
        ("item.create.response", set()),
        ("bill_vendor.create.response", set()),
    ],
)
def test_other_recorded_creates(name, unknown):
    resource = name.partition(".")[0]
    body = recorded(f"{resource}.create.request")
    body.pop("primary_contact", None)  # of the web page only
    made = apply(resource, {}, body)
    expected = recorded(name)
    assert expected.keys() <= made.keys() | unknown
    both = expected.keys() & made.keys() - unknown
    assert kinds(made, both) == kinds(expected, both)


@pytest.mark.parametrize(
    ("request_name", "document", "change"),
    [
        ("invoice.delete.request", "invoice.single.partial_overdue", {"vis_state": 1}),
        ("client.update.request", "client.single", {"fname": "Nicolas"}),
        ("client.remove_contacts.request", "client.single", {"contacts": []}),
    ],
)
def test_a_recorded_update_changes_what_it_names(request_name, document, change):
    before = recorded(document)
    after = apply(request_name.partition(".")[0], before, recorded(request_name))
    assert after == before | change | {"updated": "2026-06-30 22:30:00"}


# Read forms, computed members ---------------------------------------------------------------------


def test_stamps_stand_in_their_zones():
    winter = Server(clock=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    made = apply("client", {}, {"email": "a@b.example"}, server=winter)
    assert (made["signup_date"], made["updated"]) == ("2026-01-02 03:04:05", "2026-01-01 22:04:05")


def test_a_vendor_and_its_taxes_are_stamped_in_utc():
    winter = Server(clock=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    body = {"vendor_name": "Depot", "language": "en", "tax_defaults": [{"system_taxid": "7"}]}
    made = apply("bill_vendor", {}, body, server=winter)
    (tax,) = made["tax_defaults"]
    stamps = {"created_at": "2026-01-02 03:04:05", "updated_at": "2026-01-02 03:04:05"}
    assert made | stamps == made
    assert tax == stamps | {"taxid": 1002, "system_taxid": 7, "vendorid": made["vendorid"]}


@pytest.mark.parametrize(
    ("written", "read"),
    [(13, "13"), (9.975, "9.975"), (13.0, "13"), (1e-07, "0.0000001"), ("9.50", "9.50")],
)
def test_figures_become_text_and_text_stays(written, read):
    assert apply("tax", {}, {"name": "T", "amount": written})["amount"] == read


def test_a_line_gets_its_amount_currency_owner_and_defaults():
    made = invoice(currency_code="CAD", lines=[LINE | {"expenseid": "12"}])
    assert made["lines"] == [
        {
            "lineid": 1,
            "taskno": 1,
            "invoiceid": made["id"],
            "name": "Work",
            "description": "",
            "qty": "3",
            "unit_cost": {"amount": "19.99", "code": "CAD"},
            "amount": {"amount": "59.97", "code": "CAD"},
            "type": 0,
            "expenseid": 12,
            "taxName1": None,
            "taxAmount1": "0",
            "taxNumber1": None,
            "taxName2": None,
            "taxAmount2": "0",
            "taxNumber2": None,
            "compounded_tax": False,
            "basecampid": 0,
            "retainer_id": None,
            "retainer_period_id": None,
            "modern_project_id": None,
            "modern_time_entries": [],
        }
    ]


def test_lists_are_replaced_and_objects_merged():
    fee = {"enabled": True, "type": "percent", "value": 2, "days": 30, "compounded_taxes": True}
    before = invoice(lines=[LINE, LINE], late_fee=fee)
    after = apply("invoice", before, {"lines": [LINE], "late_fee": {"days": 14}})
    assert len(after["lines"]) == 1
    assert after["late_fee"] == before["late_fee"] | {
        "days": 14,
        "updated_at": "2026-06-30 22:30:00",
    }
    assert before["late_fee"]["compounded_tax"] is True
    assert "compounded_taxes" not in before["late_fee"]


def test_write_only_members_show_under_their_read_names_or_not_at_all():
    made = invoice(allowed_gatewayids=[26, "30"], use_default_presentation=True)
    assert [each["gatewayid"] for each in made["allowed_gateways"]] == [26, 30]
    assert not made.keys() & {"allowed_gatewayids", "use_default_presentation"}


def test_nested_items_get_ids():
    files = [{"jwt": "a", "media_type": "image/png"}, {"jwt": "b", "media_type": "text/plain"}]
    made = invoice(attachments=files, late_reminders=[{"position": 1, "delay": -3}])
    assert [each["id"] for each in made["attachments"]] == [1002, 1003]
    assert made["late_reminders"][0]["invoiceid"] == made["id"]


@pytest.mark.parametrize(
    ("body", "due"),
    [
        ({"due_offset_days": 30}, "2026-07-30"),
        ({"create_date": "2026-01-31", "due_offset_days": 1}, "2026-02-01"),
        ({"create_date": "2028-02-28"}, "2028-02-28"),
    ],
)
def test_the_due_date_follows(body, due):
    assert apply("invoice", invoice(), body)["due_date"] == due


def test_line_ids_are_kept_where_the_server_keeps_them():
    before = invoice(lines=[LINE, LINE])
    body = {"lines": [LINE, LINE | {"lineid": 2}]}
    after = apply("invoice", before, body, server=Server(keeps_line_ids=True))
    assert [line["lineid"] for line in after["lines"]] == [3, 2]
    assert refusal("invoice", before, body) == (1038, "lines[1].lineid")
    strange = {"lines": [LINE | {"lineid": 9}]}
    assert refusal("invoice", before, strange, keeps_line_ids=True) == (1004, "lines")


@pytest.mark.parametrize(
    ("body", "status", "shown"),
    [({"action_mark_as_sent": True}, 2, "sent"), ({"status": 3}, 3, "viewed")],
)
def test_a_draft_moves_on(body, status, shown):
    after = apply("invoice", invoice(), body)
    assert (after["status"], after["v3_status"]) == (status, shown)


def test_an_accepted_company_size_is_lost():
    assert (
        apply("client", {}, {"email": "a@b.example", "company_size": "9"})["company_size"] is None
    )


# Refusals -----------------------------------------------------------------------------------------

UPDATES_REFUSED = [
    ("invoice", {"due_date": "2026-07-01"}, 1038, "due_date"),
    ("invoice", {"v3_status": "sent"}, 1038, "v3_status"),
    ("invoice", {"id": 5}, 1038, "id"),
    ("invoice", {"ownerid": 5}, 1038, "ownerid"),
    ("invoice", {"lines": [{"amount": {"amount": "1"}}]}, 1038, "lines[0].amount"),
    ("invoice", {"late_fee": {"compounded_tax": True}}, 1038, "late_fee.compounded_tax"),
    ("invoice", {"status": 4}, 1004, "status"),
    ("invoice", {"status": "2"}, 1015, "status"),
    ("invoice", {"status": True}, 1015, "status"),
    ("invoice", {"allowed_gatewayids": [27]}, 1004, "allowed_gatewayids"),
    ("invoice", {"create_date": "2026-02-30"}, 1033, "create_date"),
    ("invoice", {"create_date": "20260228"}, 1033, "create_date"),
    ("invoice", {"due_offset_days": 10**9}, 1004, "due_offset_days"),
    ("invoice", {"discount_value": "ten"}, 1015, "discount_value"),
    ("invoice", {"deposit_amount": {"code": "USD"}}, 1001, "deposit_amount.amount"),
    ("invoice", {"lines": [{"qty": float("nan")}]}, 1015, "lines[0].qty"),
    ("invoice", {"lines": None}, 1004, "lines"),
    ("invoice", {"late_reminders": [{}] * 4}, 1035, "late_reminders"),
    ("invoice", {"status": 2, "vis_state": 0}, None, "vis_state"),
    ("invoice", {"action_email": True, "notes": ""}, None, "action_email"),
    ("invoice", {"surprise": 1}, None, "surprise"),
    ("client", {"vis_state": 3}, 1004, "vis_state"),
    ("client", {"username": "u"}, 1038, "username"),
    ("client", {"fname": 5}, 1035, "fname"),
    ("client", {"notified": 1}, 1031, "notified"),
    ("client", {"contacts": [{"contactid": 4}]}, 1038, "contacts[0].contactid"),
    ("client", {"contacts": ["a"]}, 1035, "contacts[0]."),
    ("tax", {"vis_state": 1}, None, "vis_state"),
    ("payment", {"invoiceid": 4}, 1038, "invoiceid"),
    ("payment", {"type": "Stripe"}, 1004, "type"),
    ("bill_vendor", {"vendorid": 4}, 1038, "vendorid"),
    ("bill_vendor", {"outstanding_balance": []}, 1038, "outstanding_balance"),
    ("bill_vendor", {"language": None}, 1004, "language"),
    ("bill_vendor", {"tax_defaults": [{"amount": "5"}]}, 1038, "tax_defaults[0].amount"),
    ("bill_vendor", {"note": "", "vis_state": 2}, None, "vis_state"),
]


@pytest.mark.parametrize(("resource", "body", "errno", "field"), UPDATES_REFUSED)
def test_an_update_is_refused(resource, body, errno, field):
    document = {"id": 1, "create_date": "2026-06-30"}
    assert refusal(resource, document, body) == (errno, field)


@pytest.mark.parametrize(
    ("resource", "body", "errno", "field"),
    [
        ("client", {"bus_phone": "1", "email": ""}, 7012, "client"),
        ("invoice", {"customerid": 1}, 1001, "create_date"),
        ("invoice", {"create_date": "2026-01-01"}, 1001, "customerid"),
        ("invoice", DRAFT | {"action_email": True}, 1038, "action_email"),
        ("invoice", DRAFT | {"lines": [{"lineid": 1}]}, 1038, "lines[0].lineid"),
        ("tax", {"amount": "5"}, 1001, "name"),
        ("bill_vendor", {"vendor_name": "Depot"}, 1001, "language"),
        ("bill_vendor", {"language": "en"}, 1001, "vendor_name"),
    ],
)
def test_a_create_is_refused(resource, body, errno, field):
    assert refusal(resource, {}, body, keeps_line_ids=True) == (errno, field)


# The whole ----------------------------------------------------------------------------------------


def test_the_arguments_stay_and_the_answer_shares_nothing_with_them():
    before, body = invoice(lines=[LINE]), {"lines": [deepcopy(LINE)], "notes": "n"}
    kept = deepcopy((before, body))
    after = apply("invoice", before, body)
    after["lines"][0]["unit_cost"]["amount"] = "changed"
    unedited = apply("invoice", before, {})
    assert unedited == before
    unedited["lines"].clear()
    assert (before, body) == kept


def test_what_may_be_written():
    assert writable("tax", "create") == {"name", "amount", "number", "compound"}
    assert writable("client", "create") - writable("client", "update") == {"username"}
    once = {"ownerid", "estimateid", "auto_bill"}
    assert writable("invoice", "create") - writable("invoice", "update") == once
    assert writable("payment", "create") - writable("payment", "update") == {"invoiceid"}
    assert "action_email" in actions("invoice") - writable("invoice", "update")


@pytest.mark.parametrize("resource", RESOURCES)
def test_aliases_ids_and_stamps_are_never_writable(resource):
    never = {
        "id",
        "accountid",
        "accounting_systemid",
        "updated",
        "created_at",
        "updated_at",
        "uuid",
    }
    made_by_server = {n for n, m in TABLES[resource].items() if m.kind == "self"}
    assert not writable(resource, "create") & (never | made_by_server)
