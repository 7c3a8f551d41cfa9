"""What a read shows of a stored object: what follows from the day and from other objects.

Members that FreshBooks shows only when asked (section 4.4) are left out, unless *includes* names
them.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mapper.sandbox.freshbooks.invoices import v3_status
from mapper.sandbox.freshbooks.members import EASTERN
from mapper.sandbox.freshbooks.objects import Object, Objects
from mapper.sandbox.freshbooks.payments import CREDITS
from mapper.sandbox.freshbooks.values import EXACT, cents

Json = Any

# What they show when nothing was written; balances and an invoice's contacts are worked out.
INCLUDES: dict[str, dict[str, Json]] = {
    "customers": {
        "contacts": [],
        "late_fee": None,
        "late_reminders": [],
        "outstanding_balance": [],
        "overdue_balance": [],
        "draft_balance": [],
        "credit_balance": [],
        "grand_total_balance": [],
    },
    "invoices": {
        "lines": [],
        "allowed_gateways": [],
        "attachments": [],
        "contacts": [],
        "late_fee": None,
        "late_reminders": [],
        "presentation": None,
        "payment_schedule": [],
    },
}


def view(
    objects: Objects, resource: str, row: Object, now: datetime, includes: Collection[str] = ()
) -> Object:
    """Return the object as a read shows it at that instant; an unknown include adds nothing."""
    optional = INCLUDES.get(resource, {})
    shown = {name: value for name, value in row.items() if name not in optional}
    asked = {name: row.get(name, nothing) for name, nothing in optional.items() if name in includes}
    match resource:
        case "invoices":
            client = objects.get("customers", row["customerid"]) or {}
            shown["current_organization"] = client.get("organization", "")
            shown["v3_status"] = v3_status(row, today(now))
            if "contacts" in asked:
                asked["contacts"] = _recipients(client, row["id"])
        case "customers":
            for name in asked.keys() & _BALANCES.keys():
                asked[name] = _balance(objects, row["id"], _BALANCES[name], now)
            if "credit_balance" in asked:
                notes = (note for note in objects.list(CREDITS) if note["clientid"] == row["id"])
                asked["credit_balance"] = _sums([note["amount"] for note in notes])
        case "vendors":
            shown = {"id": row["vendorid"], **shown}
        case _:
            pass
    return shown | asked


def today(now: datetime) -> date:
    """Return the day on which an invoice is overdue or not: the accounting clock's (inferred)."""
    return now.astimezone(ZoneInfo(EASTERN)).date()


def _recipients(client: Object, invoice_id: int) -> list[Object]:
    names = ("contactid", "userid", "fname", "lname", "email")
    return [
        {name: contact.get(name) for name in names} | {"invoiceid": invoice_id}
        for contact in client.get("contacts", [])
    ]


_BALANCES: dict[str, Callable[[str], bool]] = {
    "outstanding_balance": lambda status: status != "draft",
    "overdue_balance": lambda status: status == "overdue",
    "draft_balance": lambda status: status == "draft",
}


def _balance(
    objects: Objects, client_id: int, counts: Callable[[str], bool], now: datetime
) -> list[Object]:
    """Return what the client's invoices with such a status leave to pay, by currency."""
    return _sums(
        [
            invoice["outstanding"]
            for invoice in objects.list("invoices")
            if invoice["customerid"] == client_id
            and invoice["vis_state"] != 1
            and counts(v3_status(invoice, today(now)))
        ]
    )


def _sums(amounts: list[Object]) -> list[Object]:
    """Return the sum of each currency that is not zero, in the form of a balance (rule 25)."""
    by_code: dict[str, Decimal] = {}
    for amount in amounts:
        code = amount["code"]
        by_code[code] = EXACT.add(by_code.get(code, Decimal(0)), Decimal(amount["amount"]))
    return [
        {"amount": {"amount": cents(total), "code": code}}
        for code, total in sorted(by_code.items())
        if total
    ]
