"""Payments and the invoices that they pay (section 9.6)."""

from decimal import Decimal, localcontext

from mapper.sandbox.freshbooks.bodies import Write
from mapper.sandbox.freshbooks.objects import Object, Objects
from mapper.sandbox.freshbooks.refusals import INVALID_VALUE, NEGATIVE_VALUE, VendorError
from mapper.sandbox.freshbooks.values import EXACT, cents

CREDITS = "credit_notes"
"""Where overpayments are kept. The sandbox has no other use of credit notes."""


def payments_of(objects: Objects, invoice_id: int) -> list[Object]:
    """Return the payments of an invoice, deleted ones included."""
    return [row for row in objects.list("payments") if row["invoiceid"] == invoice_id]


def applied(write: Write, payment: Object, invoice: Object) -> Object:
    """Return the payment as it is stored: no more than is outstanding.

    What is too much becomes a credit note, to which ``overpaymentid`` leads.
    """
    amount, code = Decimal(payment["amount"]["amount"]), invoice["currency_code"]
    if amount < 0:
        raise VendorError(
            NEGATIVE_VALUE, "amount must not be negative.", field="amount", value=amount
        )
    if payment["amount"]["code"] != code:  # nothing recorded has another currency: refused
        raise VendorError(
            INVALID_VALUE,
            f"A payment has the currency of its invoice, {code}.",
            field="amount.code",
            value=payment["amount"]["code"],
        )
    others = (
        Decimal(other["amount"]["amount"])
        for other in payments_of(write.objects, invoice["id"])
        if other["id"] != payment["id"] and other["vis_state"] != 1
    )
    with localcontext(EXACT):
        open_amount = max(Decimal(invoice["amount"]["amount"]) - sum(others), Decimal(0))
        excess = {"amount": cents(amount - open_amount), "code": code}
    made = payment | {"clientid": invoice["customerid"]}
    if amount <= open_amount:
        return made
    credit = {
        "id": write.objects.new_id(),
        "clientid": invoice["customerid"],
        "amount": excess,
    }
    write.objects.put(CREDITS, credit["id"], credit)
    capped = {"amount": cents(open_amount), "code": code}
    return made | {"amount": capped, "overpaymentid": credit["id"]}
