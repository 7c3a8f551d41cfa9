"""Vendor schemas say what the collected facts say; mappings write what can be written."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from freshbooks_model import TABLES, actions, writable

from mapper.lower import Formula, Leaf, Listing, inner_rules
from mapper.model import Access
from mapper.project import load_project
from mapper.schema import validate, write_schema

ROOT = Path(__file__).resolve().parents[1]
FIELDS = yaml.safe_load(
    (Path(__file__).parent / "cases" / "samples" / "fields.yaml").read_text("utf-8")
)
PROJECT = load_project(ROOT)
MAPPERS = {
    wrapper: PROJECT.mapper(name)
    for wrapper, name in {
        "client": "freshbooks/customer",
        "invoice": "freshbooks/invoice",
        "item": "freshbooks/item",
        "payment": "freshbooks/payment",
        "tax": "freshbooks/tax",
        "bill_vendor": "freshbooks/vendor",
    }.items()
}
SHARED = {"late_fee": ("client", "invoice"), "late_reminders": ("client", "invoice")}
MONEY = {"amount": "-12.345", "code": "USD"}

# By wire type: values that payloads hold (3.1: also numbers in amounts; 2.4: also ids as text).
WIRE = {
    "id": [1, "1", 9007199254740991],
    "ref": [1, "1", 0, "0"],
    "int": [0, 1, 30],
    "delay": [-3, 0, 30],
    "string": ["x", "Ünï 😀", "two\nlines"],
    "currency": ["USD", "CAD"],
    "bool": [True, False],
    "date": ["2024-02-29"],
    "ts-E": ["2019-05-08 15:25:29"],
    "ts-U": ["2019-05-08 19:25:29"],
    "decimal": ["0", "13", "9.975", "-1.5", 13, 9.975],
    "money": [MONEY, {"amount": 100, "code": "USD"}, {"amount": "0.00", "code": "usd"}],
    "balance": [
        [],
        [{"amount": MONEY}],
        [{"amount": MONEY}, {"amount": {"amount": 10, "code": "CAD"}}],
    ],
    "object": [{}],
    "array": [[]],
    "open": [],
    "vis": [0, 1, 2],
    "status": [0, 1, 2, 3, 4, 5, 6, 7, 8],
    "display": ["draft", "created", "sent", "viewed", "outstanding"],
    "v3": [
        *("created", "draft", "sent", "viewed", "overdue", "partial", "paid", "autopaid"),
        *("failed", "retry", "declined", "disputed", "resolved", "deposit-partial"),
        *("deposit-paid", "deposit_partial", "deposit_paid", "pending", "success"),
    ],
    "payment": ["unpaid", "partial", "paid", "auto-paid"],
    "deposit": ["none", "unpaid", "partial", "paid", "converted"],
    "autobill": ["failed", "retry", "success"],
    "method": [
        *("Check", "Credit", "Cash", "Bank Transfer", "Credit Card", "Debit", "PayPal"),
        *("2Checkout", "VISA", "MASTERCARD", "DISCOVER", "AMEX", "DINERS", "JCB", "ACH", "Other"),
    ],
    "linetype": [0, 1, 2, 5],
    "layout": ["simple", "modern", "classic"],
    "font": ["modern", "classic"],
    "fee": ["percent", "flat-fee"],
    "reminder": [1, 2, 3],
}
NOTHING = {"N": [], "Y": [None], '""': [""], "0": [0], "[]": [[]]}
ZONES = {"ts-E": "America/New_York", "ts-U": "UTC"}

# Where a schema says something else than the table, on purpose.
DECIDED = {
    "invoice.allowed_gateways": "written, under the name of the W member: x-write-as (12.14)",
    "invoice.allowed_gatewayids": "no member of its own: what allowed_gateways is written as",
    "invoice.allowed_gateways.gatewayid": "the member that each item is written as",
    "late_fee.compounded_tax": "written, under the name of the W member: x-write-as (12.15)",
    "late_fee.compounded_taxes": "no member of its own: what compounded_tax is written as",
}

# Writable members that no mapping writes, apart from actions (design: no common members).
UNMAPPED = {
    "client": {("company_size",): "sent, then null: it does not come back (12.17)"},
    "invoice": {},
    "item": {},
    "payment": {},
    "tax": {},
    "bill_vendor": {},
}
LARGEST_UNMAPPED_SHARE = 0.05


def rows():
    """Yield (table, root wrapper, member, wire, nulls, access) of every member of the facts."""
    for table, text in FIELDS.items():
        for line in text.splitlines():
            members, wire, nulls, access = (cell.strip() for cell in line.split("|"))
            for wrapper in SHARED.get(table, (table.partition(".")[0],)):
                for member in members.split():
                    yield table, wrapper, member, wire, nulls.split(), access.split()


ROWS = list(rows())


def holder(table, wrapper):
    """Return the schema of the objects of a table."""
    schema = MAPPERS[wrapper].vendor_schema
    steps = (table,) if table in SHARED else table.split(".")[1:]
    for step in steps:
        schema = schema.member(step)
        schema = schema.items() or schema
    return schema


# The schemas --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "wrapper", "member", "wire", "nulls", "access"),
    [pytest.param(*row, id=f"{row[1]} {row[0]}.{row[2]}") for row in ROWS],
)
def test_a_member_is_as_the_facts_have_it(table, wrapper, member, wire, nulls, access):
    schema = holder(table, wrapper).member(member)
    if f"{table}.{member}" in DECIDED:
        assert schema is None or not schema.annotation("readOnly", default=False)
        return
    assert schema is not None
    for value in [*WIRE[wire], *(value for null in nulls for value in NOTHING[null])]:
        assert validate(schema, value) == [], value
    if wire in ZONES:
        assert schema.annotation("x-zone") == ZONES[wire]
    if wire in {"id", "ref", "string", "money", "decimal", "date", "status"}:
        assert validate(schema, WIRE["bool"][0]), "a flag is none of these"
    inherited = table.count(".") and MAPPERS[wrapper].vendor_schema.member(table.split(".")[1])
    read_only = schema.annotation("readOnly", default=False) or (
        inherited and inherited.annotation("readOnly", default=False)
    )
    assert bool(read_only) == ("R" in access)
    assert schema.annotation("writeOnly", default=False) == ("W" in access)
    assert schema.annotation("x-write") == ("create" if "C" in access else None)
    assert schema.annotation("x-include") == (member if "I" in access else None)


@pytest.mark.parametrize(
    ("table", "wrapper"), sorted({(table, wrapper) for table, wrapper, *_ in ROWS})
)
def test_a_schema_has_no_member_that_the_facts_lack(table, wrapper):
    known = {row[2] for row in ROWS if row[:2] == (table, wrapper)}
    assert set(holder(table, wrapper).members()) <= known


def test_every_difference_that_was_decided_is_one():
    for place in DECIDED:
        table, _, member = place.rpartition(".")
        (access,) = {tuple(row[5]) for row in ROWS if (row[0], row[2]) == (table, member)}
        for wrapper in SHARED.get(table, (table.partition(".")[0],)):
            schema = holder(table, wrapper).member(member)
            written = schema is not None and not schema.annotation("readOnly", default=False)
            assert written == ("R" in access)


@pytest.mark.parametrize(
    ("wrapper", "needed"),
    [
        ("client", set()),
        ("invoice", {"customerid", "create_date"}),
        ("item", set()),
        ("payment", {"invoiceid", "amount", "date"}),
        ("tax", {"name"}),
        ("bill_vendor", {"vendor_name", "language"}),
    ],
)
def test_creating_needs_what_the_facts_say(wrapper, needed):
    schema = MAPPERS[wrapper].vendor_schema
    assert set(write_schema(schema, "create").get("required", ())) == needed
    assert not write_schema(schema, "update").get("required")


def test_an_update_takes_the_first_four_statuses_only():
    status = write_schema(MAPPERS["invoice"].vendor_schema, "update")["properties"]["status"]
    assert status["enum"] == [0, 1, 2, 3]


def test_exactly_the_listed_ways_to_pay_are_read_and_written():
    mapper = MAPPERS["payment"]
    assert list(mapper.vendor_schema.member("type").enum) == WIRE["method"]
    base = {"id": 1, "type": "Check"}
    read = [mapper.from_vendor({"id": 1, "type": each})["method"] for each in WIRE["method"]]
    assert list(mapper.common_schema.member("method").enum) == read
    written = [mapper.put({"method": each}, base)["type"] for each in read]
    assert written == WIRE["method"]


# The model of the vendor --------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["create", "update"])
@pytest.mark.parametrize("wrapper", MAPPERS)
def test_the_model_writes_what_the_annotations_let_be_written(wrapper, phase):
    """Actions are the one known difference: the model has them apart, schemas among the members."""
    derived = write_schema(MAPPERS[wrapper].vendor_schema, phase)
    assert set(derived["properties"]) == writable(wrapper, phase) | actions(wrapper)


@pytest.mark.parametrize(
    ("wrapper", "member"),
    [
        ("client", "contacts"),
        ("client", "late_fee"),
        ("client", "late_reminders"),
        ("invoice", "lines"),
        ("invoice", "late_fee"),
        ("invoice", "late_reminders"),
        ("invoice", "presentation"),
        ("invoice", "attachments"),
        ("bill_vendor", "tax_defaults"),
    ],
)
def test_the_model_writes_the_same_nested_members(wrapper, member):
    derived = write_schema(MAPPERS[wrapper].vendor_schema, "update")["properties"][member]
    objects = [derived, *derived.get("anyOf", ()), derived.get("items", {})]
    (written,) = [set(each["properties"]) for each in objects if "properties" in each]
    assert written == {name for name, row in TABLES[member].items() if row.access == "CU"}


# The mappings -------------------------------------------------------------------------------------


def written_by(rules, at=()):
    """Yield the vendor paths that lowered rules write."""
    for rule in rules:
        steps = (*at, *getattr(rule, "vendor", ()))
        if isinstance(rule, Leaf) and rule.access is not Access.READ:
            yield steps
        elif isinstance(rule, Formula):
            yield from ((*at, *write.vendor) for write in rule.writes)
        for members in inner_rules(rule):
            yield from written_by(members, steps)


def can_be_written(policy, at=()):
    """Yield the vendor paths of the values that a policy lets be written, without actions."""
    for name, member in policy.members.items():
        action = member.phase is not None and member.phase.name.startswith("action_")
        if member.written and not action:
            inner = member.items or member
            if member.item is None and inner.members and not _is_money(inner):
                yield from can_be_written(inner, (*at, name))
            else:
                yield (*at, name)


def _is_money(policy):
    return set(policy.members) == {"amount", "code"}


@pytest.mark.parametrize("wrapper", MAPPERS)
def test_every_member_that_can_be_written_is_mapped(wrapper):
    lowered = MAPPERS[wrapper].lowered
    writable_paths = set(can_be_written(lowered.policy))
    unmapped = writable_paths - set(written_by(lowered.rules))
    assert unmapped == set(UNMAPPED[wrapper])
    assert len(unmapped) <= LARGEST_UNMAPPED_SHARE * len(writable_paths)


def test_the_lists_whose_items_are_mapped_are_lists_of_the_schema():
    for mapper in MAPPERS.values():
        for rule in mapper.lowered.rules:
            if isinstance(rule, Listing):
                assert mapper.vendor_schema.at(rule.vendor).items() is not None


# The tree -----------------------------------------------------------------------------------------


def tracked(*folders):
    """Return the text files that git tracks, or would track, in *folders*."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("only a git checkout knows which files are its own")
    listing = [git, "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    found = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in found.splitlines() if (path := ROOT / name).is_file()]


def mentioning(pattern, files):
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if re.search(pattern, line, re.IGNORECASE)
    ]


def test_the_engine_does_not_know_the_vendor():
    """But for the local platform, behind which FreshBooks is."""
    sandbox = ROOT / "mapper" / "sandbox"
    engine = [path for path in tracked("mapper") if not path.is_relative_to(sandbox)]
    assert len(engine) > 100
    assert mentioning("freshbooks", engine) == []
    assert [path for path in engine if "freshbooks" in path.name.lower()] == []


def test_no_file_names_this_machine_or_a_registry():
    here = "|".join(re.escape(f"{path}/") for path in (ROOT.parent, Path.home()))
    machine = rf"{here}|/home/\w+/|/Users/\w+/|[a-z]:\\users\\"
    registry = r"(index|extra-index)-url\s*[=:]|https?://\S+/simple\b|artifactory|registry\.npmjs"
    own = {Path(__file__).resolve()}
    files = [path for path in tracked() if path.resolve() not in own]
    assert mentioning(f"{machine}|{registry}", files) == []
