"""From the common invoice to the body that creates it at FreshBooks."""

from tests.benchmarks.hand.reading import objects
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

DELIVERY = {"disputed": 0, "draft": 1, "sent": 2, "viewed": 3}  # the rest comes from payments
VISIBILITY = {"active": 0, "archived": 2, "deleted": 1}
LINE_TYPE = {"item": 0, "expense": 1, "other": 2, "placeholder": 5}
FEE_TYPE = {"percent": "percent", "flat": "flat-fee"}
GATEWAYS = (26, 30)
LINE_TAXES = (("taxName1", "taxAmount1"), ("taxName2", "taxAmount2"))
FEE_TAXES = (("first_tax_name", "first_tax_percent"), ("second_tax_name", "second_tax_percent"))


def _names(words):
    return frozenset(words.split())


INVOICE = _names(
    "number customer currency language issueDate dueDate fulfillmentDate generatedDate delivery "
    "autoBill visibility discount deposit purchaseOrderNumber notes terms paymentDetails template "
    "returnUri showAttachments paperMail billTo createdBy sourceEstimate profile lines "
    "presentation useDefaultPresentation attachments gateways latePayment"
)
LINE = _names("type name description quantity unitPrice taxes expense")
TAX = _names("name rate compound")
BILLED = _names(
    "companyName firstName lastName email taxNumber taxNumberLabel addressBlock address"
)
LOCATED = _names("street street2 city region postalCode country")
DISCOUNTED = _names("percent description")
LATE_PAYMENT = _names("fee reminders")
LINK = _names("id")


def same(value):
    return value


def _texts(**members):
    return {name: (member, text) for name, member in members.items()}


# By common member: the vendor's member and what writes its value.
DEPOSIT = {
    "amount": ("deposit_amount", money_back),
    "percent": ("deposit_percentage", decimal),
}
PRESENTATION = {
    "dateFormat": ("date_format", text),
    "layout": ("theme_layout", same),
    "font": ("theme_font_name", same),
    "color": ("theme_primary_color", text),
    "logo": ("image_logo_src", text),
    "banner": ("image_banner_src", text),
    "bannerPosition": ("image_banner_position_y", same),
    "label": ("label", text),
}
HEADINGS = _texts(
    item="item_heading",
    description="description_heading",
    quantity="quantity_heading",
    rate="rate_heading",
    unitPrice="unit_cost_heading",
    hours="hours_heading",
    task="task_heading",
    timeEntryNotes="time_entry_notes_heading",
)
ATTACHMENT = _texts(token="jwt", mediaType="media_type")  # noqa: S106 - no password
FEE = {
    "enabled": ("enabled", same),
    "type": ("type", lambda value: choice(FEE_TYPE, value)),
    "value": ("value", decimal),
    "days": ("days", same),
    "repeats": ("repeat", same),
}
REMINDER = {
    "position": ("position", same),
    "enabled": ("enabled", same),
    "daysAfterDue": ("delay", same),
    "subject": ("subject", text),
    "body": ("body", text),
}


def create(common):
    """Return the body that creates an invoice."""
    check(common, INVOICE)
    get, body = common.get, {}
    write_head(get, body)
    write_dates(get, body)
    write_texts(get, body)
    if (value := get("discount")) is not None:
        write_discount(value, body)
    if (value := get("deposit")) is not None:
        body |= written(value, DEPOSIT)
    if (value := get("billTo")) is not None:
        write_bill_to(value, body)
    if (value := get("lines")) is not None:
        body["lines"] = [new_line(line) for line in objects(value)]
    write_rest(get, body)
    return body


def check(value, known):
    """Refuse what is no object, has members that are not known or only read, or a null."""
    if not isinstance(value, dict):
        raise Refused(f"{value!r} is not an object")
    if not known.issuperset(value):
        raise Refused(f"{', '.join(value.keys() - known)} cannot be written")
    if None in value.values():
        raise Refused(f"{value!r} has a null")


def written(value, members):
    """Return the members of an object as FreshBooks has them."""
    check(value, frozenset(members))
    body = {}
    for name, each in value.items():
        member, back = members[name]
        body[member] = back(each)
    return body


def write_head(get, body):
    customer = get("customer")
    check(customer, LINK)
    if "id" not in customer:
        raise Refused("an invoice needs a customer")
    body["customerid"] = number_of(customer["id"])
    if (value := get("createdBy")) is not None:
        write_link(value, "ownerid", body)
    if (value := get("sourceEstimate")) is not None:
        write_link(value, "estimateid", body)
    if (value := get("profile")) is not None:
        write_link(value, "parent", body)
    if (value := get("number")) is not None:
        body["invoice_number"] = text(value)
    if (value := get("currency")) is not None:
        body["currency_code"] = value
    if (value := get("language")) is not None:
        body["language"] = text(value)
    if (value := get("delivery")) is not None:
        body["status"] = choice(DELIVERY, value)
    if (value := get("autoBill")) is not None:
        body["auto_bill"] = value
    if (value := get("visibility")) is not None:
        body["vis_state"] = choice(VISIBILITY, value)


def write_link(value, member, body):
    check(value, LINK)
    if "id" in value:
        body[member] = linked(value["id"])


def linked(value):
    """Return the number of another object, which is not 0."""
    number = number_of(value)
    if number == 0:
        raise Refused("0 is no id")
    return number


def write_dates(get, body):
    issued = get("issueDate")
    if issued is None:
        raise Refused("an invoice needs a date of issue")
    body["create_date"] = day(issued)
    if (value := get("dueDate")) is not None:
        body["due_offset_days"] = days_between(issued, value)
    if (value := get("fulfillmentDate")) is not None:
        body["fulfillment_date"] = day(value)
    if (value := get("generatedDate")) is not None:
        body["generation_date"] = day(value)


def write_texts(get, body):
    if (value := get("purchaseOrderNumber")) is not None:
        body["po_number"] = text(value)
    if (value := get("notes")) is not None:
        body["notes"] = text(value)
    if (value := get("terms")) is not None:
        body["terms"] = text(value)
    if (value := get("paymentDetails")) is not None:
        body["payment_details"] = text(value)
    if (value := get("template")) is not None:
        body["template"] = text(value)
    if (value := get("returnUri")) is not None:
        body["return_uri"] = text(value)
    if (value := get("showAttachments")) is not None:
        body["show_attachments"] = value
    if (value := get("paperMail")) is not None:
        body["gmail"] = value
    if (value := get("useDefaultPresentation")) is not None:
        body["use_default_presentation"] = value


def write_bill_to(bill_to, body):
    check(bill_to, BILLED)
    get = bill_to.get
    if (value := get("companyName")) is not None:
        body["organization"] = text(value)
    if (value := get("firstName")) is not None:
        body["fname"] = text(value)
    if (value := get("lastName")) is not None:
        body["lname"] = text(value)
    if (value := get("email")) is not None:
        body["email"] = text(value)
    if (value := get("taxNumber")) is not None:
        body["vat_number"] = text(value)
    if (value := get("taxNumberLabel")) is not None:
        body["vat_name"] = text(value)
    if (value := get("addressBlock")) is not None:
        body["address"] = text(value)
    if (value := get("address")) is not None:
        write_address(value, body)


def write_address(address, body):
    check(address, LOCATED)
    get = address.get
    if (value := get("street")) is not None:
        body["street"] = text(value)
    if (value := get("street2")) is not None:
        body["street2"] = text(value)
    if (value := get("city")) is not None:
        body["city"] = text(value)
    if (value := get("region")) is not None:
        body["province"] = text(value)
    if (value := get("postalCode")) is not None:
        body["code"] = text(value)
    if (value := get("country")) is not None:
        body["country"] = text(value)


def write_discount(discount, body):
    check(discount, DISCOUNTED)
    if (value := discount.get("percent")) is not None:
        body["discount_value"] = decimal(value)
    if (value := discount.get("description")) is not None:
        body["discount_description"] = text(value)


def new_line(line):
    check(line, LINE)
    get, body = line.get, {}
    if (value := get("type")) is not None:
        body["type"] = choice(LINE_TYPE, value)
    if (value := get("name")) is not None:
        body["name"] = text(value)
    if (value := get("description")) is not None:
        body["description"] = text(value)
    if (value := get("quantity")) is not None:
        body["qty"] = decimal(value)
    if (value := get("unitPrice")) is not None:
        body["unit_cost"] = money_back(value)
    if (value := get("taxes")) is not None:
        write_taxes(value, LINE_TAXES, body)
    if (value := get("expense")) is not None:
        write_link(value, "expenseid", body)
    return body


def write_taxes(taxes, places, body):
    if len(objects(taxes)) > 2:
        raise Refused("there are two taxes at most")
    for tax, (name, rate) in zip(taxes, places, strict=False):
        check(tax, TAX)
        if "name" not in tax:
            raise Refused("a tax needs a name")
        body[name] = text(tax["name"])
        if "rate" in tax:
            body[rate] = decimal(tax["rate"])
        if "compound" in tax:
            if name != places[1][0] or tax["compound"] is False:
                raise Refused("only the second of two taxes is compound")
            body["compounded_tax"] = tax["compound"]


def write_rest(get, body):
    if (value := get("presentation")) is not None and (look := new_presentation(value)):
        body["presentation"] = look
    if (value := get("attachments")) is not None:
        body["attachments"] = [written(file, ATTACHMENT) for file in objects(value)]
    if (value := get("gateways")) is not None:
        body["allowed_gatewayids"] = gateway_ids(value)
    if (value := get("latePayment")) is not None:
        check(value, LATE_PAYMENT)
        if "fee" in value and (fee := new_fee(value["fee"])):
            body["late_fee"] = fee
        if "reminders" in value:
            reminders = distinct(value["reminders"], "position")
            body["late_reminders"] = [written(each, REMINDER) for each in reminders]


def new_presentation(value):
    if not isinstance(value, dict) or "headings" not in value:
        return written(value, PRESENTATION)
    look = {name: each for name, each in value.items() if name != "headings"}
    return written(look, PRESENTATION) | written(value["headings"], HEADINGS)


def gateway_ids(value):
    if not isinstance(value, list):
        raise Refused(f"{value!r} is not a list")
    ids = [number_of(each) for each in value]
    if not all(each in GATEWAYS for each in ids):
        raise Refused(f"gateways are {GATEWAYS}")
    return ids


def new_fee(value):
    if not isinstance(value, dict) or "taxes" not in value:
        return written(value, FEE)
    body = written({name: each for name, each in value.items() if name != "taxes"}, FEE)
    write_taxes(value["taxes"], FEE_TAXES, body)
    return fee_as_written(body)


def fee_as_written(body):
    """Return a late fee under the names that writing has."""
    if "compounded_tax" in body:
        body["compounded_taxes"] = body.pop("compounded_tax")
    return body


def distinct(items, key):
    """Return the list *items*, in which no two have the same key."""
    keys = [item[key] for item in objects(items) if key in item]
    if len(set(keys)) < len(keys):
        raise Refused(f"two items have the same {key}")
    return items
