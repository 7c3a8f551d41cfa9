"""A mistaken edit is refused with the code of its mistake, whatever the document."""

from collections import Counter
from random import Random

import pytest
from subjects import subject, vendor_documents

from mapper.diagnostics import TransformError
from mapper.generate import Seeded
from mapper.values import copy

DOCUMENTS = 120
LEAST = 5
"""How often each mistake must have been possible, or the test shows nothing."""


def a_total_changed(common, base):
    if "total" in common:
        common["total"] = {"amount": "1234567.89", "currency": "XTS"}
        return common
    return None


def an_unknown_member(common, base):
    common["totl"] = "1"
    return common


def a_null(common, base):
    common["notes"] = None
    return common


def a_currency_removed(common, base):
    return common if common.pop("currency", None) else None


def a_status_that_payments_make(common, base):
    if base.get("status") == 4:
        return None
    common["delivery"] = "paid"
    return common


def lines_that_the_base_hides(common, base):
    if "lines" in common:
        return None
    common["lines"] = [{"name": "Work"}]
    return common


def archived_and_edited(common, base):
    if common.get("visibility") == "archived" or common.get("notes") == "edited":
        return None
    common["visibility"] = "archived"
    common["notes"] = "edited"
    return common


def a_due_date_without_an_issue_date(common, base):
    if "issueDate" in common or "dueDate" in common:
        return None
    common["dueDate"] = "2024-03-31"
    return common


def with_lines(mistake):
    def edit(common, base):
        lines = common.get("lines")
        return None if not lines or mistake(lines) is False else common

    edit.__name__ = mistake.__name__
    return edit


@with_lines
def a_line_that_is_not_there(lines):
    if any(line["id"] == "77777777" for line in lines):
        return False
    lines.append({"id": "77777777", "name": "Work"})
    return True


@with_lines
def a_line_twice(lines):
    lines.append(copy(lines[0]))


@with_lines
def a_new_line_with_its_amount(lines):
    lines.append({"name": "Work", "amount": {"amount": "1.00", "currency": "USD"}})


@with_lines
def a_third_tax(lines):
    lines[0]["taxes"] = [{"name": name, "rate": "5"} for name in ("GST", "PST", "RST")]


@with_lines
def a_compound_tax_alone(lines):
    lines[0]["taxes"] = [{"name": "GST", "rate": "5", "compound": True}]


@with_lines
def a_tax_without_a_name(lines):
    lines[0]["taxes"] = [{"rate": "5"}]


def with_its_invoice(mistake):
    def edit(common, base):
        allocations = common["allocations"]
        if not allocations or allocations[0]["invoice"]["id"] == "77777777":
            return None
        mistake(allocations)
        return common

    edit.__name__ = mistake.__name__
    return edit


@with_its_invoice
def a_payment_moved(allocations):
    allocations[0]["invoice"]["id"] = "77777777"


@with_its_invoice
def a_payment_taken_off_its_invoice(allocations):
    allocations.clear()


@with_its_invoice
def a_payment_split(allocations):
    allocations.append({"invoice": {"id": "77777777"}})


def a_payment_of_another_customer(common, base):
    if common.get("customer") == {"id": "77777777"}:
        return None
    common["customer"] = {"id": "77777777"}
    return common


def a_payment_deleted_and_edited(common, base):
    if common.get("visibility") == "deleted" or common.get("note") == "edited":
        return None
    common["visibility"] = "deleted"
    common["note"] = "edited"
    return common


def with_tax_defaults(mistake):
    def edit(common, base):
        defaults = common.get("taxDefaults")
        return None if not defaults or mistake(defaults) is False else common

    edit.__name__ = mistake.__name__
    return edit


@with_tax_defaults
def a_rate_of_a_default_changed(defaults):
    defaults[0]["rate"] = "123.456789"


@with_tax_defaults
def a_default_moved_to_another_tax(defaults):
    if "name" not in defaults[0]:
        return False
    defaults[0]["tax"] = {"id": "77777777"}
    return True


@with_tax_defaults
def a_default_twice(defaults):
    defaults.append(copy(defaults[0]))


@with_tax_defaults
def a_default_for_no_tax(defaults):
    defaults.append({"enabled": True})


def a_balance_changed(common, base):
    common.setdefault("balances", {})["overdue"] = [{"amount": "1234567.89", "currency": "XTS"}]
    return common


def a_vendor_archived_and_edited(common, base):
    if common.get("visibility") == "archived" or common.get("note") == "edited":
        return None
    common["visibility"] = "archived"
    common["note"] = "edited"
    return common


MISTAKES = {
    a_total_changed: "M512",
    an_unknown_member: "M509",
    a_null: "M527",
    a_currency_removed: "M513",
    a_status_that_payments_make: "M514",
    lines_that_the_base_hides: "M515",
    archived_and_edited: "M516",
    a_due_date_without_an_issue_date: "M522",
    a_line_that_is_not_there: "M517",
    a_line_twice: "M518",
    a_new_line_with_its_amount: "M511",
    a_third_tax: "M519",
    a_compound_tax_alone: "M521",
    a_tax_without_a_name: "M520",
}
PAYMENT_MISTAKES = {
    a_payment_moved: "M512",
    a_payment_taken_off_its_invoice: "M512",
    a_payment_split: "M512",
    a_payment_of_another_customer: "M512",
    a_payment_deleted_and_edited: "M516",
}

VENDOR_MISTAKES = {
    a_rate_of_a_default_changed: "M512",
    a_default_moved_to_another_tax: "M511",
    a_default_twice: "M518",
    a_default_for_no_tax: "M523",
    a_balance_changed: "M512",
    a_vendor_archived_and_edited: "M516",
}


def cases(name, mistakes):
    return [pytest.param(name, each, code, id=each.__name__) for each, code in mistakes.items()]


@pytest.mark.parametrize(
    ("name", "mistake", "code"),
    [
        *cases("freshbooks/invoice", MISTAKES),
        *cases("freshbooks/payment", PAYMENT_MISTAKES),
        *cases("freshbooks/vendor", VENDOR_MISTAKES),
    ],
)
def test_a_mistake_is_refused_with_its_code(name, mistake, code):
    mapper = subject(name).mapper
    choices = Seeded(Random(1))
    codes = Counter()
    for _ in range(DOCUMENTS):
        base = vendor_documents(name)(choices)
        edited = mistake(mapper.from_vendor(base), base)
        if edited is not None:
            with pytest.raises(TransformError) as refusal:
                mapper.to_vendor(edited, base)
            codes.update({each.rule.code for each in refusal.value.diagnostics})
    assert codes[code] >= LEAST
    assert set(codes) == {code}
