"""From an edited common invoice to the body that updates FreshBooks' invoice to it.

What edits a member is a function of its new value, its old one (both None where absent), the vendor
object that is there, and the body that is written.
"""

from tests.benchmarks.hand import creating
from tests.benchmarks.hand.creating import (
    check,
    distinct,
    fee_as_written,
    gateway_ids,
    linked,
    new_fee,
    new_line,
    same,
    written,
)
from tests.benchmarks.hand.reading import from_vendor, objects
from tests.benchmarks.hand.values import (
    Refused,
    choice,
    day,
    days_between,
    decimal,
    money_back,
    number_of,
    text,
)


def update(common, base):
    """Return the smallest body that makes the invoice *base* read as *common*."""
    old = from_vendor(base)
    check(common, INVOICE)
    body = {}
    edit_members(EDITS, common, old, base, body)
    if any(common.get(name) != old.get(name) for name in ("issueDate", "dueDate")):
        edit_due_date(common, old, base, body)
    if "useDefaultPresentation" in common:
        body["use_default_presentation"] = common["useDefaultPresentation"]
    changes = {
        name: value for name, value in body.items() if name not in base or base[name] != value
    }
    if "vis_state" in changes and len(changes) > 1:
        raise Refused("vis_state travels alone")
    return changes


def edit_members(edits, new, old, base, body):
    for name, edit in edits.items():
        wanted, was = new.get(name), old.get(name)
        if wanted != was:
            edit(wanted, was, base, body)


# What edits a member ------------------------------------------------------------------------------


def fixed(new, was, base, body):
    if new is not None:
        raise Refused(f"{new!r} cannot be changed")


def value_at(member, back, **clear):
    """Return what edits a value, which can be cleared if that has a spelling."""

    def edit(new, was, base, body):
        if new is not None:
            body[member] = back(new)
        elif clear:
            body[member] = clear["clear"]
        else:
            raise Refused(f"{member} cannot be cleared")

    return edit


def text_at(member):
    return value_at(member, text, clear="")


def values(members):
    return {name: value_at(*member) for name, member in members.items()}


def texts(members):
    return {name: text_at(member) for name, (member, _) in members.items()}


def members_of(edits):
    """Return what edits an object that FreshBooks keeps among its neighbours."""
    known = frozenset(edits)

    def edit(new, was, base, body):
        new = {} if new is None else new
        check(new, known)
        edit_members(edits, new, was or {}, base, body)

    return edit


def shown(base, member):
    if member not in base:
        raise Refused(f"the base does not show {member}")
    return base[member]


def kept(base, names):
    """Return the members of a vendor object that an edit of another one writes again."""
    return {name: base[name] for name in names if name in base}


def edit_due_date(common, old, base, body):
    issued, due = common.get("issueDate"), common.get("dueDate")
    if issued is not None and due is not None:
        body["due_offset_days"] = days_between(issued, due)
    elif due is not None or "dueDate" in old or base.get("due_offset_days") is not None:
        raise Refused("the due date is written as days from the date of issue")


# Lines --------------------------------------------------------------------------------------------


def edit_lines(new, was, base, body):
    body["lines"] = edit_items(new, was, shown(base, "lines"), edit_line, new_line)


def edit_items(new, was, base, edit, make):
    """Return a list that is written whole: old items, found by their ids, and new ones."""
    places = {item.get("id"): place for place, item in enumerate(was or ())}
    items = []
    for item in distinct(new, "id"):
        if "id" not in item:
            items.append(make(item))
        elif item["id"] in places:
            place = places[item["id"]]
            items.append(edit(item, was[place], base[place]))
        else:
            raise Refused(f"the base has no item {item['id']}")
    return items


def edit_line(new, was, base):
    body = kept(base, WRITTEN_OF_LINE)
    if isinstance(cost := body.get("unit_cost"), dict):
        body["unit_cost"] = kept(cost, ("amount", "code"))
    if new != was:
        check(new, LINE)
        edit_members(LINE_EDITS, new, was, base, body)
    return body


def edit_line_taxes(new, was, base, body):
    edit_taxes(new or [], was, body, creating.LINE_TAXES, "")


def edit_taxes(new, was, body, places, no_name):
    """Write taxes into their two places: each stays in its own if the order allows that."""
    held = [body.get(name) or None for name, _ in places]
    taken = places_of(new, held)
    old = dict(zip((place for place in (0, 1) if held[place]), was or (), strict=False))
    for place, (name, rate) in enumerate(places):
        if place in taken:
            tax = new[taken.index(place)]
            check_tax(tax, old.get(held.index(tax["name"])) if tax["name"] in held else None)
            body[name] = text(tax["name"])
            edit_rate(tax, rate, body)
            if "compound" in tax and (place == 0 or len(new) < 2 or tax["compound"] is False):
                raise Refused("only the second of two taxes is compound")
            if place == 1 and (len(new) == 2 or len(old) == 2):
                edit_compound(tax, body)
        elif held[place]:
            body[name], body[rate] = no_name, "0"
            if place == 1:
                body["compounded_tax"] = False


def places_of(taxes, held):
    """Return the place of each of *taxes*."""
    if len(objects(taxes)) > 2:
        raise Refused("there are two taxes at most")
    names = [tax.get("name") for tax in taxes]
    if None in names:
        raise Refused("a tax needs a name")
    if len(names) == 1 and names[0] == held[1] != held[0]:
        return [1]
    return list(range(len(names)))


def check_tax(tax, old):
    check({name: value for name, value in tax.items() if name != "number"}, creating.TAX)
    if "number" in tax and tax["number"] != (old or {}).get("number"):
        raise Refused("the number of a tax cannot be changed")


def edit_rate(tax, rate, body):
    new, was = tax.get("rate"), body.get(rate)
    if new is not None and (was is None or decimal(was) != new):
        body[rate] = decimal(new)
    elif new is None and was is not None:
        raise Refused("a rate cannot be cleared")


def edit_compound(tax, body):
    if "compound" in tax:
        body["compounded_tax"] = tax["compound"]
    elif body.get("compounded_tax"):
        body["compounded_tax"] = False


# What hangs on an invoice -------------------------------------------------------------------------


def edit_presentation(new, was, base, body):
    look = kept(shown(base, "presentation") or {}, WRITTEN_OF_LOOK)
    PRESENTATION(new, was, base, look)
    if look:
        body["presentation"] = look


def edit_attachments(new, was, base, body):
    files = shown(base, "attachments")
    body["attachments"] = edit_items(new, was, files, edit_attachment, new_attachment)


def edit_attachment(new, was, base):
    body = kept(base, ("jwt", "media_type"))
    ATTACHMENT(new, was, base, body)
    return body


def new_attachment(file):
    return written(file, creating.ATTACHMENT)


def edit_gateways(new, was, base, body):
    shown(base, "allowed_gateways")
    body["allowed_gatewayids"] = gateway_ids(new)


def edit_fee(new, was, base, body):
    old = shown(base, "late_fee")
    if not old:
        body["late_fee"] = new_fee({} if new is None else new)
        return
    fee = kept(old, WRITTEN_OF_FEE)
    FEE(new, was, old, fee)
    body["late_fee"] = fee_as_written(fee)


def edit_fee_taxes(new, was, base, body):
    edit_taxes(new or [], was, body, creating.FEE_TAXES, None)


def edit_reminders(new, was, base, body):
    old = shown(base, "late_reminders")
    places = {each.get("position"): place for place, each in enumerate(was or ())}
    body["late_reminders"] = [
        written(each, creating.REMINDER)
        if (place := places.get(each.get("position"))) is None
        else edit_reminder(each, was[place], old[place])
        for each in distinct(new, "position")
    ]


def edit_reminder(new, was, base):
    body = kept(base, ("position", "enabled", "delay", "subject", "body"))
    REMINDER(new, was, base, body)
    return body


# The members --------------------------------------------------------------------------------------

EDITS = {
    "number": value_at("invoice_number", text),
    "customer": members_of({"id": value_at("customerid", number_of), "name": fixed}),
    "currency": value_at("currency_code", same),
    "language": value_at("language", text),
    "issueDate": value_at("create_date", day),
    "fulfillmentDate": value_at("fulfillment_date", day),
    "generatedDate": value_at("generation_date", day),
    "delivery": value_at("status", lambda value: choice(creating.DELIVERY, value)),
    "visibility": value_at("vis_state", lambda value: choice(creating.VISIBILITY, value)),
    "discount": members_of(
        {
            "percent": value_at("discount_value", decimal),
            "total": fixed,
            "description": text_at("discount_description"),
        }
    ),
    "deposit": members_of(values(creating.DEPOSIT)),
    "purchaseOrderNumber": text_at("po_number"),
    "notes": text_at("notes"),
    "terms": text_at("terms"),
    "paymentDetails": text_at("payment_details"),
    "template": value_at("template", text),
    "returnUri": text_at("return_uri"),
    "showAttachments": value_at("show_attachments", same),
    "paperMail": value_at("gmail", same),
    "billTo": members_of(
        {
            "companyName": text_at("organization"),
            "firstName": text_at("fname"),
            "lastName": text_at("lname"),
            "email": text_at("email"),
            "taxNumber": text_at("vat_number"),
            "taxNumberLabel": text_at("vat_name"),
            "addressBlock": text_at("address"),
            "address": members_of(
                {
                    "street": text_at("street"),
                    "street2": text_at("street2"),
                    "city": text_at("city"),
                    "region": text_at("province"),
                    "postalCode": text_at("code"),
                    "country": text_at("country"),
                    "countryCode": fixed,
                }
            ),
        }
    ),
    "createdBy": members_of({"id": fixed}),
    "sourceEstimate": members_of({"id": fixed}),
    "profile": members_of({"id": value_at("parent", linked, clear=0)}),
    "lines": edit_lines,
    "presentation": edit_presentation,
    "attachments": edit_attachments,
    "gateways": edit_gateways,
    "latePayment": members_of({"fee": edit_fee, "reminders": edit_reminders}),
    "id": fixed,
    "uuid": fixed,
    "paidDate": fixed,
    "createdAt": fixed,
    "updatedAt": fixed,
    "status": fixed,
    "displayStatus": fixed,
    "paymentStatus": fixed,
    "depositStatus": fixed,
    "autobillStatus": fixed,
    "autoBill": fixed,
    "disputeStatus": fixed,
    "lastOrderStatus": fixed,
    "total": fixed,
    "paid": fixed,
    "outstanding": fixed,
    "netPaid": fixed,
    "description": fixed,
    "recipients": fixed,
    "owner": fixed,
    "seller": fixed,
}
INVOICE = frozenset((*EDITS, "dueDate", "useDefaultPresentation"))
LINE_EDITS = {
    "id": fixed,
    "type": value_at("type", lambda value: choice(creating.LINE_TYPE, value)),
    "position": fixed,
    "name": text_at("name"),
    "description": text_at("description"),
    "quantity": value_at("qty", decimal),
    "unitPrice": value_at("unit_cost", money_back),
    "amount": fixed,
    "taxes": edit_line_taxes,
    "expense": members_of({"id": value_at("expenseid", linked, clear=0)}),
    "project": fixed,
    "retainer": fixed,
    "performedAt": fixed,
    "updatedAt": fixed,
}
LINE = frozenset(LINE_EDITS)
WRITTEN_OF_LINE = (
    "type",
    "name",
    "description",
    "qty",
    "unit_cost",
    "taxName1",
    "taxAmount1",
    "taxName2",
    "taxAmount2",
    "compounded_tax",
    "expenseid",
)
PRESENTATION = members_of(
    values(creating.PRESENTATION)
    | texts({name: creating.PRESENTATION[name] for name in ("logo", "banner", "label")})
    | {"headings": members_of(texts(creating.HEADINGS))}
)
WRITTEN_OF_LOOK = [
    member for member, _ in (*creating.PRESENTATION.values(), *creating.HEADINGS.values())
]
ATTACHMENT = members_of(
    values(creating.ATTACHMENT) | {"id": fixed, "expense": members_of({"id": fixed})}
)
FEE = members_of(values(creating.FEE) | {"taxes": edit_fee_taxes})
WRITTEN_OF_FEE = (
    *(member for member, _ in creating.FEE.values()),
    *(member for place in creating.FEE_TAXES for member in place),
    "compounded_tax",
)
REMINDER = members_of(
    values(creating.REMINDER)
    | texts({name: creating.REMINDER[name] for name in ("subject", "body")})
)
