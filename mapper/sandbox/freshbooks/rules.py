"""What FreshBooks checks and adds when an object of each resource is written."""

from typing import Any

from mapper.sandbox.freshbooks.bodies import Write, require
from mapper.sandbox.freshbooks.invoices import check_status, derived, numbered
from mapper.sandbox.freshbooks.members import EASTERN, UTC
from mapper.sandbox.freshbooks.objects import Object, Objects
from mapper.sandbox.freshbooks.payments import applied, payments_of
from mapper.sandbox.freshbooks.references import stored, usable
from mapper.sandbox.freshbooks.refusals import (
    ITEM_DUPLICATE_TAX,
    NAMELESS_CLIENT,
    TAX_NAME_IN_USE,
    VendorError,
)
from mapper.sandbox.freshbooks.values import stamp

Json = Any

_NAMES = ("fname", "lname", "organization")
_SNAPSHOT = ("organization", "fname", "lname", "vat_name", "vat_number")  # rule 21
_ADDRESS = ("street", "street2", "city", "province", "code", "country")


def completed(write: Write, resource: str, row: Object, body: Object) -> Object:
    """Return a new object with what FreshBooks fills in where the body says nothing."""
    match resource:
        case "customers":
            return _completed_client(write, row)
        case "invoices":
            return _completed_invoice(write, row, body)
        case "vendors":
            return {"currency_code": write.account.currency} | row
        case _:
            return row


def consequent(write: Write, resource: str, row: Object, before: Object) -> Object:
    """Return a written object with all that follows; *before* is empty for a new one.

    Raises:
        VendorError: The object as a whole is refused.
    """
    match resource:
        case "invoices":
            return _consequent_invoice(write, row, before)
        case "payments":
            return _consequent_payment(write, row, before)
        case "taxes":
            _check_tax_name(write.objects, row)
            return row
        case "items":
            _check_item_taxes(write.objects, row, before)
            return row
        case "vendors":
            return _with_default_taxes(write.objects, row, before)
        case _:
            return row


def settle(write: Write, invoice_id: int) -> None:
    """Bring an invoice up to date with its payments; it gets the payment's stamp (recorded)."""
    invoice = stored(write.objects, "invoices", invoice_id)
    invoice["updated"] = stamp(write.now, EASTERN)
    write.objects.put("invoices", invoice_id, _consequent_invoice(write, invoice, invoice))


def _completed_client(write: Write, row: Object) -> Object:
    """Return the client, whose organization is the e-mail address if it has no name (9.1)."""
    named = any(row[name] for name in _NAMES)
    if not named and not row["email"]:
        raise VendorError(
            NAMELESS_CLIENT,
            "A client needs one of fname, lname, email and organization.",
            object_="client",
        )
    made = {"currency_code": write.account.currency, "username": f"client{row['id']}"}
    return made | row | ({} if named else {"organization": row["email"]})


def _completed_invoice(write: Write, row: Object, body: Object) -> Object:
    """Return the invoice with its client's snapshot, which what is written goes before."""
    client = usable(write.objects, "customers", row["customerid"], "customerid")
    check_status(row["status"], creating=True)
    snapshot = {name: client[name] for name in _SNAPSHOT}
    snapshot |= {name: client[f"p_{name}"] for name in _ADDRESS}
    made = {
        "currency_code": client["currency_code"],
        "language": client["language"],
        "invoice_number": _next_number(write.objects),
        "ownerid": write.account.owner_id,
        "display_status": "draft",
    }
    row = made | row | {name: each for name, each in snapshot.items() if name not in body}
    return row | {"sentid": row["ownerid"]}


def _next_number(objects: Objects) -> str:
    """Return the next invoice number, counted on from the highest: "0000007" (9.2.1)."""
    numbers = (row["invoice_number"] for row in objects.list("invoices"))
    counts = (int(each) for each in numbers if each.isdecimal() and len(each) <= 15)
    return f"{max(counts, default=0) + 1:07}"


def _consequent_invoice(write: Write, row: Object, before: Object) -> Object:
    if before and row["status"] != before["status"]:
        check_status(row["status"], creating=False)
    if before and row["customerid"] != before["customerid"]:
        usable(write.objects, "customers", row["customerid"], "customerid")
    lines, old = row.get("lines", []), before.get("lines", [])
    if lines != old:
        row["lines"] = numbered(lines, old, write.objects.list("taxes"))
    version = f"{stamp(write.now, UTC)}.{write.now.microsecond:06}"
    paying = payments_of(write.objects, row["id"])
    return row | {"version": version} | derived(row, paying)


def _consequent_payment(write: Write, row: Object, before: Object) -> Object:
    """Return the payment: one whose amount is new, or which is restored, is applied anew."""
    counted_before = bool(before) and before["vis_state"] != 1
    same = counted_before and row["amount"] == before["amount"]
    if row["vis_state"] == 1 or same:
        return row
    return applied(write, row, usable(write.objects, "invoices", row["invoiceid"], "invoiceid"))


def _check_tax_name(objects: Objects, row: Object) -> None:
    for tax in objects.list("taxes"):
        if tax["name"] == row["name"] and tax["id"] != row["id"]:
            raise VendorError(
                TAX_NAME_IN_USE,
                f"The tax name '{row['name']}' is already in use.",
                field="name",
                object_="tax",
                value=row["name"],
            )


def _check_item_taxes(objects: Objects, row: Object, before: Object) -> None:
    for name in ("tax1", "tax2"):
        if row[name] not in {0, before.get(name)}:
            stored(objects, "taxes", row[name], name)
    if row["tax1"] and row["tax1"] == row["tax2"]:
        raise VendorError(
            ITEM_DUPLICATE_TAX,
            "An item cannot have the same tax twice.",
            field="tax2",
            object_="item",
            value=row["tax2"],
        )


def _with_default_taxes(objects: Objects, row: Object, before: Object) -> Object:
    """Return the vendor, each of whose default taxes has the name and percent of its tax."""
    if row["tax_defaults"] == before.get("tax_defaults"):
        return row
    named = []
    for default in row["tax_defaults"]:
        require(default, ("system_taxid",), "Vendor")
        tax = stored(objects, "taxes", default["system_taxid"], "system_taxid")
        named.append(default | {"name": tax["name"], "amount": tax["amount"]})
    return row | {"tax_defaults": named}
