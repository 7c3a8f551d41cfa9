"""The sandbox's FreshBooks: by cases, by what its seed holds, and beside an independent model."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import freshbooks_model
import pytest
import yaml
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mapper.project import load_project
from mapper.sandbox.freshbooks import (
    FIRST_NEW_ID,
    RESOURCES,
    Account,
    FreshBooks,
    MemoryObjects,
    VendorError,
    plant,
    read_seed,
)
from mapper.schema import validate

ROOT = Path(__file__).parent.parent
CASES = yaml.safe_load((ROOT / "tests/cases/sandbox/freshbooks.yaml").read_text("utf-8"))
NOW = datetime(2026, 7, 1, 2, 30, tzinfo=UTC)
SCHEMAS = {
    "customers": "client",
    "invoices": "invoice",
    "payments": "payment",
    "taxes": "tax",
    "items": "item",
    "vendors": "bill_vendor",
}
INCLUDES = {
    "customers": {
        "contacts",
        "late_fee",
        "late_reminders",
        "outstanding_balance",
        "credit_balance",
    },
    "invoices": {"lines", "presentation", "allowed_gateways", "contacts", "payment_schedule"},
}
CALLS = {"create", "read", "update", "delete", "find"}
SAYS = {"at", "as", "body", "search", "sort", "page", "includes"}
EXPECTS = {"gives", "lacks", "finds", "refuses", "message", "page_is", "line_ids"}


def named(value, names):
    """The value with the ids of the objects that $name stands for."""
    match value:
        case str() if value.startswith("$"):
            return names[value[1:]]
        case dict():
            return {key: named(each, names) for key, each in value.items()}
        case list():
            return [named(each, names) for each in value]
        case _:
            return value


def call(vendor, step, names):
    """The answer to a step; that of a list is its rows, or a page of them."""
    body = named(step.get("body"), names)
    includes = set(step.get("includes", ())) | ({"lines"} if "line_ids" in step else set())
    if "create" in step:
        return vendor.create(step["create"], body, includes)
    if "find" in step:
        search = named(step.get("search", {}), names)
        if "page" in step:
            return vendor.page(step["find"], search, **step["page"])
        return vendor.find(step["find"], search, sort=step.get("sort", ""))
    resource, _, key = (step.get("read") or step.get("update") or step["delete"]).partition("/")
    key = named(key, names)
    if "read" in step:
        return vendor.read(resource, key, includes)
    return (
        vendor.update(resource, key, body, includes)
        if "update" in step
        else vendor.delete(resource, key)
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_case(case):
    assert case.keys() <= {"case", "facts", "account", "steps"}
    objects, names = MemoryObjects(), {}
    account = Account(**case.get("account", {}))
    for step in case["steps"]:
        assert len(step.keys() & CALLS) == 1
        assert step.keys() <= CALLS | SAYS | EXPECTS
        at = datetime.fromisoformat(step["at"]) if "at" in step else NOW
        vendor = FreshBooks(objects, at, account)
        if "refuses" in step:
            before = deepcopy(vars(objects)["_rows"])
            with pytest.raises(VendorError) as refused:
                call(vendor, step, names)
            assert [refused.value.errno, refused.value.status] == step["refuses"], step
            assert step.get("message") in {None, refused.value.message}
            assert vars(objects)["_rows"] == before, "a refused call stores nothing"
            continue
        answer = call(vendor, step, names)
        if "page_is" in step:
            assert answer._asdict() | step["page_is"] == answer._asdict()
            answer = answer.rows
        if "finds" in step:
            key = RESOURCES[step["find"]].key
            assert [row[key] for row in answer] == [names[name] for name in step["finds"]], step
            continue
        if "as" in step:
            names[step["as"]] = answer["id"]
        gives = named(step.get("gives", {}), names)
        assert {name: answer.get(name, "absent") for name in gives} == gives, step
        assert not {*step.get("lacks", ())} & set(answer), step
        if "line_ids" in step:
            assert [[line["lineid"], line["name"]] for line in answer["lines"]] == step["line_ids"]


def test_every_case_cites_the_facts():
    assert all(case["facts"] for case in CASES)
    assert len({case["case"] for case in CASES}) == len(CASES)


def test_a_refusal_reads_as_freshbooks_writes_it():
    with pytest.raises(VendorError) as refused:
        FreshBooks(MemoryObjects(), NOW).read("customers", "12345")
    recorded = {
        "errno": 1012,
        "field": "userid",
        "message": "Client not found.",
        "object": "client",
    }
    assert refused.value.body() == {"response": {"errors": [recorded | {"value": "12345"}]}}


@cache
def studio():
    """The books of the seed, which tests only read."""
    return new_studio()


def new_studio(now=datetime(2026, 11, 27, 12, tzinfo=UTC)):
    objects = MemoryObjects(FIRST_NEW_ID)
    return FreshBooks(objects, now, plant(objects, read_seed()))


@cache
def project():
    return load_project(ROOT)


def everything(vendor, resource):
    includes = INCLUDES.get(resource, ())
    rows = vendor.find(resource, includes=includes)
    states = (1,) if resource in {"customers", "invoices", "payments", "items"} else ()
    return rows + [
        row
        for state in states
        for row in vendor.find(resource, {"vis_state": state}, includes=includes)
    ]


@pytest.mark.parametrize("resource", SCHEMAS)
def test_the_seed_satisfies_the_schemas(resource):
    schema = project().schemas.load(f"freshbooks/{SCHEMAS[resource]}.schema.json")
    for row in everything(studio(), resource):
        assert list(validate(schema, row)) == [], row["id"]


@pytest.mark.parametrize("name", ["customer", "invoice", "payment", "tax", "item", "vendor"])
def test_the_shipped_mappings_read_the_seed_and_write_it_back(name):
    mapper = project().mapper(f"freshbooks/{name}")
    resource = list(SCHEMAS)[
        ["customer", "invoice", "payment", "tax", "item", "vendor"].index(name)
    ]
    for row in everything(studio(), resource):
        assert mapper.to_vendor(mapper.from_vendor(row), base=row) == {}


def test_the_seed_shows_every_state_that_matters():
    invoices = everything(studio(), "invoices")
    assert len(invoices) >= 25
    assert {row["v3_status"] for row in invoices} >= {
        *(
            "draft",
            "sent",
            "viewed",
            "overdue",
            "partial",
            "paid",
            "autopaid",
            "failed",
            "disputed",
        ),
        *("deposit-partial", "deposit-paid"),
    }
    assert {row["vis_state"] for row in invoices} == {0, 1, 2}
    assert {len(row["lines"]) for row in invoices} >= {0, 1, 2, 3, 4, 8}
    lines = [line for row in invoices for line in row["lines"]]
    assert any(line["taxName2"] and line["compounded_tax"] for line in lines)
    assert any(line["taxName2"] and not line["compounded_tax"] for line in lines)
    assert any(Decimal(row["discount_value"]) for row in invoices)
    customers = everything(studio(), "customers")
    assert len({row["currency_code"] for row in customers}) >= 5
    assert len({row["p_country"] for row in customers if row["p_country"]}) >= 6
    assert any(row["overpaymentid"] for row in everything(studio(), "payments"))


def test_the_seed_adds_up():
    vendor = studio()
    payments = everything(vendor, "payments")
    for row in everything(vendor, "invoices"):
        of = [
            each for each in payments if each["invoiceid"] == row["id"] and each["vis_state"] != 1
        ]
        paid = sum((Decimal(each["amount"]["amount"]) for each in of), Decimal(0))
        amount, outstanding = (Decimal(row[name]["amount"]) for name in ("amount", "outstanding"))
        assert Decimal(row["paid"]["amount"]) == paid
        assert amount == paid + outstanding
        assert (row["date_paid"] is None) == (not of)


def test_the_seed_is_always_the_same():
    one, other = ([everything(each, name) for name in SCHEMAS] for each in (studio(), new_studio()))
    assert json.dumps(one) == json.dumps(other)


AMOUNTS = st.decimals(0, 9999, places=2).map(str)
PERCENTS = st.sampled_from(["0", "5", "9.975", "13", "20"])


@st.composite
def lines(draw):
    return {
        "name": draw(st.sampled_from(["Work", "Parts"])),
        "qty": draw(st.decimals(0, 99, places=1).map(str)),
        "unit_cost": {"amount": draw(AMOUNTS), "code": "USD"},
        "taxName1": draw(st.sampled_from([None, "HST"])),
        "taxAmount1": draw(PERCENTS),
        "taxName2": draw(st.sampled_from(["", "QST"])),
        "taxAmount2": draw(PERCENTS),
        "compounded_tax": draw(st.booleans()),
    }


@given(st.lists(lines(), max_size=4), PERCENTS)
def test_a_total_is_the_sum_of_what_each_line_costs_with_its_taxes(given_lines, discount):
    vendor = FreshBooks(MemoryObjects(), NOW)
    client = vendor.create("customers", {"fname": "Ada"})["id"]
    body = {"customerid": client, "create_date": "2026-07-01", "lines": given_lines}
    invoice = vendor.create("invoices", body | {"discount_value": discount}, ["lines"])
    total = Decimal(0)
    for line in invoice["lines"]:
        price = Decimal(line["amount"]["amount"]) * (100 - Decimal(discount)) / 100
        first = price * Decimal(line["taxAmount1"]) / 100 if line["taxName1"] else Decimal(0)
        taxed = price + first if line["compounded_tax"] else price
        second = taxed * Decimal(line["taxAmount2"]) / 100 if line["taxName2"] else Decimal(0)
        total += price + first + second
    assert Decimal(invoice["amount"]["amount"]) == total.quantize(Decimal("0.01"), ROUND_HALF_UP)


# Beside the model of tests/freshbooks_model.py, which knows no other objects: it neither applies
# payments nor adds up invoices. These are what it leaves alone, and ids that the two give out.
UNLIKE = {
    *("uuid", "version", "username", "invoice_number", "description", "current_organization"),
    *("amount", "paid", "outstanding", "discount_total", "payment_status", "deposit_status"),
    *("v3_status", "sentid", "ownerid", "lineid", "contactid", "taxid"),
}
TEXT = st.sampled_from(["", "a", "Ünïcode", "x y"])
NUMBERS = st.sampled_from([0, 1, 7, "12.50", "3"])
AMOUNT = st.sampled_from(["1.00", "20.25"])
MONEY = st.fixed_dictionaries({"amount": AMOUNT, "code": st.just("EUR")})
GATEWAYS = st.lists(st.sampled_from([26, 30]))
CONTACT = st.fixed_dictionaries({"email": TEXT, "phone1": st.none() | TEXT})
LINE = st.fixed_dictionaries(
    {"name": TEXT, "qty": NUMBERS, "unit_cost": MONEY},
    optional={"taxName1": TEXT | st.none(), "taxAmount1": NUMBERS, "expenseid": st.none()},
)


def each(names, strategy):
    return dict.fromkeys(names.split(), strategy)


BODIES = {
    "customers": {
        **each("fname company_size language", TEXT),
        **each("note vat_name p_city s_code", TEXT | st.none()),
        **each("pref_email notified", st.booleans()),
        "currency_code": st.just("EUR"),
        "contacts": st.lists(CONTACT, max_size=2),
        "late_fee": st.fixed_dictionaries({"value": NUMBERS, "compounded_taxes": st.booleans()}),
    },
    "invoices": {
        **each("terms notes po_number", TEXT | st.none()),
        "create_date": st.dates().map(str).filter(lambda day: "1900" < day < "2100"),
        "due_offset_days": st.integers(-400, 400),
        "status": st.integers(0, 3),
        "discount_value": NUMBERS,
        "deposit_amount": MONEY | st.none(),
        "generation_date": st.none(),
        "parent": st.sampled_from([0, 5, "7", None]),
        "allowed_gatewayids": GATEWAYS,
        "lines": st.lists(LINE, max_size=3),
    },
    "items": {
        **each("description sku", TEXT | st.none()),
        "name": TEXT,
        "qty": NUMBERS,
        "inventory": st.sampled_from([None, "", "5", 6]),
        "unit_cost": MONEY,
        "tax1": st.sampled_from([0, None]),
    },
    "taxes": {"amount": NUMBERS, "number": TEXT | st.none(), "compound": st.booleans()},
    "vendors": {
        **each("phone city note", TEXT | st.none()),
        "vendor_name": TEXT.filter(bool),
        "is_1099": st.booleans(),
        "currency_code": st.just("CAD"),
    },
}
SNAPSHOT = {"fname": "Ada", "organization": "", "vat_name": "", "vat_number": ""}
BEGUN = {
    "customers": {"fname": "Ada"},
    "invoices": {"customerid": 1001, "create_date": "2026-07-01", **SNAPSHOT},
    "items": {"name": "Desk"},
    "taxes": {"name": "HST"},
    "vendors": {"vendor_name": "IKEA", "language": "en"},
}
SHOWN = {"lines", "allowed_gateways", "contacts", "late_fee", "late_reminders", "presentation"}


def agree(ours, theirs):
    """Whether two answers agree on what both show and claim to know, money by its value."""
    match ours, theirs:
        case {"amount": str(), "code": str()}, {"amount": str(), "code": str()}:
            same = Decimal(ours["amount"]) == Decimal(theirs["amount"])
            return same and ours["code"] == theirs["code"]
        case dict(), dict():
            both = (ours.keys() & theirs.keys()) - UNLIKE
            return all(agree(ours[name], theirs[name]) for name in both)
        case list(), list():
            return len(ours) == len(theirs) and all(map(agree, ours, theirs))
        case _:
            return ours == theirs


@pytest.mark.parametrize("resource", BODIES)
@settings(max_examples=40)
@given(data=st.data())
def test_it_agrees_with_the_independent_model(resource, data):
    vendor = FreshBooks(MemoryObjects(), NOW, Account(currency="EUR"))
    if resource == "invoices":
        vendor.create("customers", {"fname": "Ada", "language": "en"})
    ours = vendor.create(resource, BEGUN[resource], SHOWN)
    server = freshbooks_model.Server(
        clock=NOW, next_id=ours["id"], account_id="zDmNq", currency="EUR"
    )
    theirs = freshbooks_model.apply(SCHEMAS[resource], {}, BEGUN[resource], server=server)
    for _ in range(2):
        body = data.draw(st.fixed_dictionaries({}, optional=BODIES[resource]))
        ours = vendor.update(resource, ours["id"], body, SHOWN)
        theirs = freshbooks_model.apply(SCHEMAS[resource], theirs, body, server=server)
        assert agree(ours, theirs), (body, ours, theirs)
        assert body.keys() & ours.keys() <= theirs.keys()


PLACES = st.integers(0, 2)


class Bookkeeping(RuleBasedStateMachine):
    """Whatever is written in whatever order, the books add up, and a refusal changes nothing."""

    def __init__(self):
        super().__init__()
        self.objects = MemoryObjects()
        self.now = NOW
        client = self.vendor.create("customers", {"fname": "Ada"})["id"]
        for _ in range(3):
            body = {"customerid": client, "create_date": "2026-06-01", "status": 2}
            self.vendor.create("invoices", body)

    @property
    def vendor(self):
        self.now += timedelta(hours=7)
        return FreshBooks(self.objects, self.now)

    def try_to(self, method, *given):
        before = deepcopy(list(self.objects.rows()))
        try:
            return getattr(self.vendor, method)(*given)
        except VendorError:
            assert list(self.objects.rows()) == before
            return None

    def outstanding(self, invoice):
        return Decimal(self.vendor.read("invoices", invoice)["outstanding"]["amount"])

    def some(self, resource, place):
        rows = list(self.objects.list(resource))
        return rows[place % len(rows)]["id"] if rows else 0

    @rule(place=PLACES, given_lines=st.lists(lines(), max_size=3), discount=PERCENTS)
    def invoice(self, place, given_lines, discount):
        body = {"lines": given_lines, "discount_value": discount}
        self.try_to("update", "invoices", self.some("invoices", place), body)

    @rule(place=PLACES, status=st.integers(0, 4), deposit=st.none() | AMOUNTS)
    def ask(self, place, status, deposit):
        deposit = deposit and {"amount": deposit}
        body = {"status": status, "deposit_amount": deposit}
        self.try_to("update", "invoices", self.some("invoices", place), body)

    @rule(place=PLACES, amount=AMOUNTS, day=st.dates().map(str))
    def pay(self, place, amount, day):
        invoice = self.some("invoices", place)
        before = self.outstanding(invoice)
        body = {"invoiceid": invoice, "amount": {"amount": amount}, "date": day}
        if self.try_to("create", "payments", body) is not None:
            left = max(before - Decimal(amount), min(before, Decimal(0)))
            assert self.outstanding(invoice) == left, "and never more than there was"

    @rule(place=PLACES, amount=AMOUNTS)
    def correct(self, place, amount):
        body = {"amount": {"amount": amount}}
        self.try_to("update", "payments", self.some("payments", place), body)

    @rule(resource=st.sampled_from(["invoices", "payments"]), place=PLACES, to=PLACES)
    def file(self, resource, place, to):
        self.try_to("update", resource, self.some(resource, place), {"vis_state": to})

    @invariant()
    def the_books_add_up(self):
        payments = list(self.objects.list("payments"))
        for row in self.vendor.find("invoices"):
            counted = [
                Decimal(each["amount"]["amount"])
                for each in payments
                if each["invoiceid"] == row["id"] and each["vis_state"] != 1
            ]
            paid, amount = sum(counted), Decimal(row["amount"]["amount"])
            assert Decimal(row["paid"]["amount"]) == paid
            assert Decimal(row["outstanding"]["amount"]) == amount - paid
            assert (row["payment_status"] == "unpaid") == (paid <= 0)
            assert (row["payment_status"] == "paid") == (0 < paid >= amount)
            assert (row["date_paid"] is None) == (not counted)
            assert row["status"] not in {4, 5} or row["v3_status"] in {"paid", "autopaid"}

    @invariant()
    def what_is_stored_is_json(self):
        rows = list(self.objects.rows())
        assert json.loads(json.dumps(rows)) == [list(row) for row in rows]


TestBookkeeping = Bookkeeping.TestCase
TestBookkeeping.settings = settings(max_examples=25, stateful_step_count=20)
