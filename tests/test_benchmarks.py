"""The benchmarks' corpus is what they say, and the functions by hand do what the mapper does."""

import json
from functools import cache
from random import Random
from statistics import mean

import jmespath
import pytest
from subjects import subject, vendor_documents

from mapper.diagnostics import TransformError
from mapper.generate.choices import Seeded
from mapper.prove.edits import Editor
from mapper.prove.laws import Outside
from tests.benchmarks import corpus, hand, scaling
from tests.benchmarks.engines import in_jmespath
from tests.benchmarks.racing import race, ratio

COUNT = 150
NAME = "freshbooks/invoice"


@cache
def mapper():
    return subject(NAME).mapper


@cache
def invoices():
    return list(corpus.invoices(COUNT))


def common_objects():
    return [hand.from_vendor(invoice) for invoice in invoices()]


def text(value):
    return json.dumps(value, sort_keys=True)


def outcome(function, *given):
    """Return what *function* gives, as text, or None where it refuses."""
    try:
        return text(function(*given))
    except (TransformError, hand.Refused):
        return None


# The corpus ---------------------------------------------------------------------------------------


def test_the_corpus_is_valid():
    for number, invoice in enumerate(invoices()[::4]):
        common = mapper().from_vendor(invoice)
        new, edited = corpus.to_create(common), corpus.edit_line(common, number)
        assert mapper().validate_payload(invoice) == []
        assert mapper().validate_common(common) == []
        assert mapper().validate_input(new, "create") == []
        assert mapper().validate_input(edited, "update") == []


def test_the_corpus_has_the_described_shape():
    lines = [line for invoice in invoices() for line in invoice["lines"]]
    sizes = [
        len(json.dumps(invoice, ensure_ascii=False, separators=(",", ":")).encode())
        for invoice in invoices()
    ]
    assert {len(invoice) for invoice in invoices()} == {64}
    assert {len(line) for line in lines} == {21}
    assert {len(invoice["lines"]) for invoice in invoices()} == set(range(1, 11))
    assert 5 < len(lines) / COUNT < 6
    assert 3_800 < mean(sizes) < 4_400
    assert 10 < mean(list(invoice.values()).count(None) for invoice in invoices()) < 14
    assert 0.06 < mean(not invoice["organization"] for invoice in invoices()) < 0.18
    assert not any(text(invoice["amount"]).count(".") for invoice in yen())
    assert any(not invoice["lname"].isascii() for invoice in invoices())


def yen():
    return [invoice for invoice in invoices() if invoice["currency_code"] == "JPY"]


def test_the_corpus_is_unique_and_the_same_again():
    assert len({invoice["updated"] for invoice in invoices()}) == COUNT
    assert list(corpus.invoices(5)) == invoices()[:5]
    assert next(corpus.invoices(1, seed=1)) != invoices()[0]


# By hand ------------------------------------------------------------------------------------------


def test_hand_written_functions_give_what_the_mapper_gives():
    for number, (invoice, common) in enumerate(zip(invoices(), common_objects(), strict=True)):
        new, edited = corpus.to_create(common), corpus.edit_line(common, number)
        assert text(common) == text(mapper().from_vendor(invoice))
        assert text(hand.create(new)) == text(mapper().to_vendor(new))
        assert text(hand.update(edited, invoice)) == text(mapper().to_vendor(edited, invoice))
        assert hand.update(common, invoice) == {}


def test_hand_written_functions_take_and_refuse_other_documents_alike():
    choices = Seeded(Random(3))
    editor = Editor(mapper())
    generate = vendor_documents(NAME)
    for _ in range(25):
        invoice = generate(choices)
        common = mapper().from_vendor(invoice)
        assert text(hand.from_vendor(invoice)) == text(common)
        try:
            edited, new = editor.edit(common, choices), editor.new(choices)
        except Outside:
            continue
        assert outcome(hand.update, edited, invoice) == outcome(mapper().to_vendor, edited, invoice)
        assert outcome(hand.create, new) == outcome(mapper().to_vendor, new)


BAD_PAYLOADS = [
    {"discount_value": "1,50"},
    {"discount_value": "01"},
    {"discount_value": "1." + "0" * 100},
    {"discount_value": 0.1234567890123456},
    {"discount_value": True},
    {"amount": {"amount": "5.", "code": "USD"}},
    {"amount": {"amount": None, "code": "USD"}},
    {"amount": {"amount": "5.00", "code": "US"}},
    {"amount": {"amount": "5.00"}},
    {"amount": "5.00"},
    {"create_date": "2024-02-30"},
    {"create_date": "20240229"},
    {"create_date": 20240229},
    {"updated": "2024-03-01T09:15:30"},
    {"updated": "2024-03-01 24:00:00"},
    {"updated": "1899-12-31 23:59:59"},
    {"updated": "2024-03-01 09:15+05"},
    {"v3_status": "lost"},
    {"v3_status": ["paid"]},
    {"status": 9},
    {"status": True},
    {"vis_state": "0"},
    {"customerid": "007"},
    {"customerid": 2**53},
    {"customerid": 1.5},
    {"customerid": False},
    {"lines": {"lineid": 1}},
    {"lines": ["line"]},
    {"owner": "Ada"},
]


@pytest.mark.parametrize("change", BAD_PAYLOADS, ids=text)
def test_bad_payloads_are_refused_by_hand_too(change):
    assert outcome(mapper().from_vendor, invoices()[0] | change) is None
    assert outcome(hand.from_vendor, invoices()[0] | change) is None


BAD_NEW = [
    {"id": "7"},
    {"total": {"amount": "5", "currency": "USD"}},
    {"customer": {}},
    {"customer": {"id": "7", "name": "Ada"}},
    {"customer": {"id": "seven"}},
    {"issueDate": None},
    {"issueDate": "2024-02-30"},
    {"dueDate": "soon"},
    {"delivery": "paid"},
    {"delivery": "lost"},
    {"visibility": 0},
    {"notes": ""},
    {"notes": None},
    {"discount": {"percent": "1,5"}},
    {"deposit": {"amount": {"amount": "5", "currency": "usd"}}},
    {"billTo": {"address": {"countryCode": "CA"}}},
    {"billTo": {"phone": "1"}},
    {"lines": [{"name": "Design", "amount": {"amount": "5", "currency": "USD"}}]},
    {"lines": [{"type": "present"}]},
    {"lines": [{"unitPrice": "5.00"}]},
    {"lines": [{"taxes": [{"rate": "5"}]}]},
    {"lines": [{"taxes": [{"name": "A", "compound": True}]}]},
    {"lines": [{"taxes": [{"name": "A"}, {"name": "B"}, {"name": "C"}]}]},
    {"lines": {}},
    {"gateways": ["99"]},
    {"surprise": 1},
]


@pytest.mark.parametrize("change", BAD_NEW, ids=text)
def test_what_cannot_be_created_is_refused_by_hand_too(change):
    new = corpus.to_create(common_objects()[0]) | change
    assert outcome(mapper().to_vendor, new) is None
    assert outcome(hand.create, new) is None


BAD_EDITS = [
    {"id": "7"},
    {"createdBy": {"id": "7"}},
    {"status": "paid", "notes": "new"},
    {"customer": {}},
    {"currency": None},
    {"issueDate": "2024-02-30"},
    {"visibility": "deleted", "notes": "new"},
    {"lines": [{"id": "99", "name": "Design", "taxes": []}]},
    {"lines": [{"name": "Design", "position": 1}]},
    {"lines": None},
    {"presentation": {"layout": "modern"}},
    {"surprise": 1},
]


@pytest.mark.parametrize("change", BAD_EDITS, ids=text)
def test_what_cannot_be_updated_is_refused_by_hand_too(change):
    base = invoices()[0] | {"v3_status": "draft"}
    edited = mapper().from_vendor(base) | change
    assert outcome(mapper().to_vendor, edited, base) is None
    assert outcome(hand.update, edited, base) is None


# Engines and measures -----------------------------------------------------------------------------


@pytest.mark.parametrize("engine", [in_jmespath.per_field, in_jmespath.one_hash])
def test_jmespath_gives_what_the_mapper_gives(engine):
    read = engine(jmespath.compile)
    for invoice in invoices()[::4]:
        assert text(read(invoice)) == text(hand.from_vendor(invoice))


def test_a_race_gives_the_time_of_each_candidate_round_by_round():
    rounds = race({"len": len, "sorted": sorted}, ["[[3, 1, 2]]"] * 30, 3)
    assert [set(each) for each in rounds] == [{"len", "sorted"}] * 3
    assert ratio(rounds, "len", "len") == 1


def test_cost_is_measured_by_rules_and_by_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(scaling, "RULES", (3, 7))
    monkeypatch.setattr(scaling, "LINES", (1, 2))
    monkeypatch.setattr(scaling, "CALLS", 2)
    for found in (scaling.by_rules(tmp_path, 1), scaling.by_lines(mapper(), 1)):
        assert list(found)[:3] == ["from_vendor", "create", "update"]
        assert all(len(scaling.per_one_more(rounds)) == 1 for rounds in found.values())
