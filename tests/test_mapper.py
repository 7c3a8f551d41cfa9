"""What programs give a mapper that no file could hold, and what a request leaves out."""

import gc
import weakref
from datetime import date
from decimal import Decimal

import pytest
from small_projects import write_small
from subjects import ROOT, subject

from mapper import TransformError, load_project

INVOICE = subject("freshbooks/invoice").mapper
CUSTOMER = subject("freshbooks/customer").mapper
PAYMENT = subject("freshbooks/payment").mapper


def codes(call, *given):
    with pytest.raises(TransformError) as refusal:
        call(*given)
    return [each.rule.code for each in refusal.value.diagnostics]


ANSWERS = [
    {"response": {"result": {"invoice": {"id": 1}}}},
    {"error": "unauthenticated", "error_description": "This action requires authentication."},
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_no_payload(answer):
    assert codes(INVOICE.from_vendor, answer) == ["M504"]
    assert codes(INVOICE.put, {"notes": "n"}, answer) == ["M504"]
    assert codes(INVOICE.to_vendor, {"notes": "n"}, answer) == ["M504"]
    assert codes(INVOICE.update_steps, {"notes": "n"}, answer) == ["M504"]


def test_a_payload_that_says_nothing_is_one():
    assert INVOICE.from_vendor({}) == {}


@pytest.mark.parametrize("value", [Decimal("1.5"), date(2024, 2, 29), {1}, object()])
def test_what_json_does_not_have_is_refused(value):
    assert codes(INVOICE.from_vendor, {"id": 1, "discount_value": value}) == ["M506"]
    assert codes(INVOICE.to_vendor, {"discount": {"percent": value}}) == ["M506", "M523", "M523"]


def test_what_nests_deeper_than_anything_that_is_read_is_refused():
    value = []
    for _ in range(100_000):
        value = [value]
    assert codes(INVOICE.from_vendor, {"id": 1, "notes": value}) == ["M510"]


def test_a_request_says_what_it_cannot_carry():
    body = {"notes": "n", "visibility": "archived", "autoBill": True, "total": {}, "status": "paid"}
    limits = {each.pointer: each.rule.code for each in INVOICE.request_limits(body)}
    assert limits == {"/visibility": "M528", "/autoBill": "M528"}
    assert INVOICE.to_request(body) == {"notes": "n"}


def test_a_request_says_that_it_cannot_carry_what_an_expression_writes_alone(tmp_path):
    text = {"type": "string", "format": "text"}
    small = {
        "vendor": {"note": text, "state": text | {"x-phase": {"name": "state"}}},
        "common": {"note": text, "status": text},
        "fields": {
            "note": "note",
            "status": {"from_vendor": "state", "to_vendor": {"state": "status"}},
        },
    }
    write_small(small, tmp_path)
    mapper = load_project(tmp_path).mapper("v/a")
    body = {"note": "n", "status": "s"}
    assert [(each.pointer, each.rule.code) for each in mapper.request_limits(body)] == [
        ("/status", "M528")
    ]
    assert mapper.to_request(body) == {"note": "n"}


def test_so_it_does_of_members_inside_objects():
    body = {"sourceEstimate": {"id": "5"}, "createdBy": {"id": "1"}, "customer": {"id": "7"}}
    pointers = [each.pointer for each in INVOICE.request_limits(body)]
    assert pointers == ["/createdBy/id", "/sourceEstimate/id"]
    assert CUSTOMER.request_limits({"note": "n"}) == ()


def test_what_is_left_out_whole_is_said_once():
    body = {"note": "n", "allocations": [{"invoice": {"id": "7"}}]}
    assert [each.pointer for each in PAYMENT.request_limits(body)] == ["/allocations"]
    assert PAYMENT.to_request(body) == {"note": "n"}


def test_money_without_its_currency_is_told_by_that_name():
    with pytest.raises(TransformError) as refusal:
        INVOICE.to_request({"deposit": {"amount": {"amount": "100.00"}}})
    assert refusal.value.diagnostics[0].message == "amount: currency is not text"


@pytest.mark.parametrize("amount", [{"amount": "1"}, {"amount": None, "currency": "EUR"}])
def test_a_request_has_values_that_are_written_as_one_whole(amount):
    """What is left out of objects of a request is not edited, and of an amount nothing may be."""
    whole = {"deposit": {"amount": {"amount": "1", "currency": "EUR"}, "percent": None}}
    assert INVOICE.validate_input(whole, "request") == []
    found = INVOICE.validate_input({"deposit": {"amount": amount}}, "request")
    assert [each.rule.code for each in found] == ["M501"]
    assert INVOICE.validate_input({"deposit": {"amount": None}}, "request") == []


def test_a_request_clears_nothing_inside_of_a_value_that_is_only_read():
    assert INVOICE.validate_input({"total": {"amount": "1"}}, "request") == []
    (found,) = INVOICE.validate_input({"total": {"amount": None}}, "request")
    assert (found.rule.code, found.pointer) == ("M501", "/total/amount")


def test_an_invariant_is_asked_of_a_request_that_has_all_of_it():
    dates = {"issueDate": "1900-01-01", "dueDate": "2024-02-29"}
    (found,) = INVOICE.validate_input(dates, "request")
    assert found.rule.code == "M502"
    for name, day in dates.items():
        assert INVOICE.validate_input(dates | {name: None}, "request") == []
        assert INVOICE.validate_input({name: day}, "request") == []
    assert INVOICE.validate_input(dates | {"issueDate": "2024-02-01"}, "request") == []


def test_a_status_is_refused_in_the_words_of_the_common_object():
    with pytest.raises(TransformError) as refusal:
        INVOICE.to_request({"delivery": "paid"})
    assert "the vendor takes disputed, draft, sent, viewed" in refusal.value.diagnostics[0].message


def test_what_the_vendor_needs_is_told_by_its_common_name():
    with pytest.raises(TransformError) as refusal:
        INVOICE.to_vendor({"issueDate": "2024-02-29"})
    (found,) = refusal.value.diagnostics
    assert (found.rule.code, found.pointer) == ("M523", "/customer/id")


NAMELESS = {"companyName": None, "firstName": None, "lastName": None, "email": None}


def test_what_the_vendor_demands_of_a_written_object_holds():
    base = {"id": 1, "organization": "Acme", "fname": "Ada", "lname": "", "email": None}
    assert CUSTOMER.to_vendor(CUSTOMER.merge({"companyName": None}, base), base) == {
        "organization": ""
    }
    edited = CUSTOMER.merge(NAMELESS, base)
    assert codes(CUSTOMER.to_vendor, edited, base) == ["M502"]
    assert codes(CUSTOMER.update_steps, edited, base) == ["M502"]
    assert codes(CUSTOMER.to_vendor, {"note": "nobody"}) == ["M502"]


def test_but_not_of_what_an_edit_leaves_alone():
    base = {"id": 1, "note": "a"}
    assert CUSTOMER.to_vendor(CUSTOMER.merge({"note": "b"}, base), base) == {"note": "b"}


COUNT = {"type": "integer", "minimum": 0, "maximum": 9}
TEXT = {"type": "string", "format": "text"}
BLANK = {"read": ["", None], "clear": ""}


def emptied(folder, vendor, rule):
    """Return the mapper of a list `l` whose numbers are cleared with text."""
    items = {"type": "object", "properties": dict.fromkeys(("a", "size"), COUNT)}
    items["properties"] |= {"name": TEXT, "word": TEXT}
    counted = COUNT | {"x-write-type": ["integer", "string"]}
    small = {
        "vendor": {name: counted if name.startswith("a") else TEXT for name in vendor},
        "common": {"l": {"type": "array", "items": items}},
        "fields": {"l": rule},
    }
    write_small(small, folder)
    return load_project(folder).mapper("v/a")


def test_an_item_that_is_emptied_need_not_be_readable_any_more(tmp_path):
    size = "a != `null` && abs(a) || `null`"
    rule = {"only": {"a": {"vendor": "a", "unset": BLANK}, "size": {"from_vendor": size}}}
    mapper = emptied(tmp_path, ["a"], rule)
    for each in (mapper, mapper.interpreted):
        assert each.to_vendor({"id": "1", "l": []}, {"id": "1", "a": 3}) == {"a": ""}


def test_a_place_may_read_what_another_one_is_cleared_of(tmp_path):
    places = [
        {
            "name": {"vendor": f"n{at}", "unset": BLANK},
            "a": {"vendor": f"a{at}", "unset": BLANK},
            "size": {"from_vendor": "abs(not_null(a1, `0`))"},
            "word": {"from_vendor": f"w{at}", "to_vendor": {f"w{at}": "name"}},
        }
        for at in (1, 2)
    ]
    names = ["n1", "n2", "a1", "a2", "w1", "w2"]
    mapper = emptied(tmp_path, names, {"slots": {"empty": "name", "items": places}})
    base = {"id": "1", "n1": "A", "a1": 3, "w1": "A", "n2": "B", "a2": 4, "w2": "B"}
    second = {"name": "B", "a": 5, "word": "B"}
    for each in (mapper, mapper.interpreted):
        edited = {"id": "1", "l": [{"name": "A", "word": "A"}, second]}
        assert each.to_vendor(edited, base) == {"a1": "", "a2": 5}
        assert each.to_vendor({"id": "1", "l": [second]}, base) == {"n1": "", "a1": "", "a2": 5}


def test_a_mapper_that_nobody_holds_is_gone_at_once():
    gc.disable()  # which would find what holds itself, in its own time
    try:
        mapper = load_project(ROOT).mapper("freshbooks/tax")
        assert mapper.from_vendor({"id": 7}) == {"id": "7"}
        held = weakref.ref(mapper)
        del mapper
        assert held() is None
    finally:
        gc.enable()
