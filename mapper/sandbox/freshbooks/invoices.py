"""What FreshBooks works out of an invoice: lines, due date, totals, what is paid, statuses.

Section numbers are those of the facts. All arithmetic is decimal.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from mapper.sandbox.freshbooks.objects import Object
from mapper.sandbox.freshbooks.refusals import INVALID_VALUE, VendorError
from mapper.sandbox.freshbooks.values import EXACT, cents, later

Json = Any

# Section 9.2.2. A create may name any status (9.2.1), an update the first four.
_V3_STATUS = {
    0: "disputed",
    1: "draft",
    2: "sent",
    3: "viewed",
    4: "paid",
    5: "autopaid",
    6: "retry",
    7: "failed",
    8: "partial",
}
_DISPLAY_STATUS = {1: "draft", 2: "sent", 3: "viewed"}
_AUTOBILL_STATUS = {5: "success", 6: "retry", 7: "failed"}
_WRITABLE = (0, 1, 2, 3)
DRAFT, SENT, VIEWED, PAID, AUTOPAID = 1, 2, 3, 4, 5


def check_status(status: Json, *, creating: bool) -> None:
    """Refuse a status that cannot be written: paid and partial come from payments."""
    if status not in (_V3_STATUS if creating else _WRITABLE):
        raise VendorError(
            INVALID_VALUE, f"{status} is not a valid status.", field="status", value=status
        )


def numbered(lines: list[Object], old: list[Object], taxes: Iterable[Object]) -> list[Object]:
    """Return written lines with what FreshBooks adds: place, id, amount, tax numbers.

    A line's id is its place in the document (9.2.3), unless old ids are kept and written.
    """
    kept = [line["lineid"] for line in lines if "lineid" in line]
    known = {line["lineid"] for line in old}
    if len(set(kept)) < len(kept) or not set(kept) <= known:
        raise VendorError(
            INVALID_VALUE, "lineid must be that of another line.", field="lines", value=kept
        )
    numbers = {tax["name"]: tax["number"] for tax in taxes}
    next_id = max(known, default=0) + 1 if kept else 1
    made = []
    for place, line in enumerate(lines, 1):
        added: Object = {"taskno": place}
        if "lineid" not in line:
            added["lineid"], next_id = next_id, next_id + 1
        for slot in "12":
            added[f"taxNumber{slot}"] = numbers.get(line[f"taxName{slot}"])
        made.append(line | added | _line_amount(line))
    return made


def _line_amount(line: Object) -> Object:
    if "qty" not in line or "unit_cost" not in line:
        return {}
    with localcontext(EXACT):
        product = Decimal(line["qty"]) * Decimal(line["unit_cost"]["amount"])
        return {"amount": line["unit_cost"] | {"amount": cents(product)}}


def derived(invoice: Object, payments: Iterable[Object]) -> Object:
    """Return every member of the invoice that follows from the others and from its payments."""
    due = later(invoice["create_date"], invoice["due_offset_days"])
    with localcontext(EXACT):
        total = _totals(invoice)
        settled = _settled(invoice | total, list(payments))
    first: Object = next(iter(invoice.get("lines", [])), {})
    described = first.get("description") or first.get("name") or ""
    return {"due_date": due, "description": described, **total, **settled}


def _totals(invoice: Object) -> Object:
    """Return amount and discount_total, rounded once at the end (9.2.1)."""
    subtotal = with_tax = Decimal(0)
    for line in invoice.get("lines", []):
        amount = Decimal(line["amount"]["amount"]) if "amount" in line else Decimal(0)
        subtotal += amount
        with_tax += amount * _tax_factor(line)
    discount = _share(invoice["discount_value"])
    code = invoice["currency_code"]
    return {
        "amount": {"amount": cents(with_tax * (1 - discount)), "code": code},
        "discount_total": {"amount": cents(subtotal * -discount), "code": code},
    }


def _tax_factor(line: Object) -> Decimal:
    """Return what the taxes make of a price: 1.13 for 13 percent."""
    first, second = (
        _share(line[f"taxAmount{slot}"]) if line[f"taxName{slot}"] else Decimal(0) for slot in "12"
    )
    if line["compounded_tax"]:  # the second tax is charged on the first one, too
        return (1 + first) * (1 + second)
    return 1 + first + second


def _share(percent: str) -> Decimal:
    return Decimal(percent) * Decimal("0.01")


def _settled(invoice: Object, payments: list[Object]) -> Object:
    """Return what the payments that count make of the invoice."""
    counted = [payment for payment in payments if payment["vis_state"] != 1]
    paid = sum((Decimal(payment["amount"]["amount"]) for payment in counted), Decimal(0))
    amount = Decimal(invoice["amount"]["amount"])
    code = invoice["currency_code"]
    made = {
        "paid": {"amount": cents(paid), "code": code},
        "outstanding": {"amount": cents(amount - paid), "code": code},
        "date_paid": max((payment["date"] for payment in counted), default=None),
        "deposit_status": _deposit_status(invoice, amount, paid),
    }
    return made | _status(invoice, amount, paid)


def _status(invoice: Object, amount: Decimal, paid: Decimal) -> Object:
    """Return the statuses but ``v3_status``, which depends on the day of reading."""
    status = invoice["status"]
    if paid <= 0:
        status = SENT if status in {PAID, AUTOPAID} and "paid" in invoice else status
        payment_status = {PAID: "paid", AUTOPAID: "auto-paid", 8: "partial"}.get(status, "unpaid")
    elif paid < amount:  # recorded as 2, sent: money has been asked for (9.2.2)
        status = status if status in {0, SENT, VIEWED} else SENT
        payment_status = "partial"
    else:
        status = status if status in {PAID, AUTOPAID} else PAID
        payment_status = "auto-paid" if status == AUTOPAID else "paid"
    shown = _DISPLAY_STATUS.get(status, invoice.get("display_status", "sent"))
    return {
        "status": status,
        "payment_status": payment_status,
        "display_status": "sent" if shown == "draft" and status not in {0, DRAFT} else shown,
        "autobill_status": _AUTOBILL_STATUS.get(status, invoice["autobill_status"]),
    }


def _deposit_status(invoice: Object, amount: Decimal, paid: Decimal) -> str:
    """Return how much of the deposit is there; it is converted once all is paid (inferred)."""
    if invoice["deposit_amount"] is not None:
        deposit = Decimal(invoice["deposit_amount"]["amount"])
    elif invoice["deposit_percentage"] is not None:
        deposit = amount * _share(invoice["deposit_percentage"])
    else:
        return "none"
    if paid <= 0:
        return "unpaid"
    if paid < deposit:
        return "partial"
    return "paid" if paid < amount else "converted"


def v3_status(invoice: Object, today: date) -> str:
    """Return the status as read on that day: overdue hides sent, viewed and partial (9.2.2)."""
    status, payment_status = invoice["status"], invoice["payment_status"]
    if status in {0, DRAFT, 6, 7} or payment_status in {"paid", "auto-paid"}:
        return _V3_STATUS[status]
    if invoice["due_date"] < today.isoformat():
        return "overdue"
    if payment_status == "partial":
        deposit = {"partial": "deposit-partial", "paid": "deposit-paid"}
        return deposit.get(invoice["deposit_status"], "partial")
    return _V3_STATUS[status]
