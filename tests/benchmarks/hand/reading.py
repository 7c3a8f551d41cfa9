"""From FreshBooks' invoice to the common one: what has no value is left out."""

from tests.benchmarks.hand.values import (
    Refused,
    choice,
    country_code,
    day,
    day_after,
    decimal,
    identity,
    instant,
    money,
)

STATUS = {
    "draft": "draft",
    "created": "draft",
    "sent": "sent",
    "viewed": "sent",
    "overdue": "overdue",
    "partial": "partially-paid",
    "paid": "paid",
    "autopaid": "paid",
    "success": "paid",
    "failed": "payment-failed",
    "retry": "payment-failed",
    "declined": "payment-failed",
    "disputed": "disputed",
    "resolved": "resolved",
    "deposit-partial": "deposit-partially-paid",
    "deposit_partial": "deposit-partially-paid",
    "deposit-paid": "deposit-paid",
    "deposit_paid": "deposit-paid",
    "pending": "pending",
}
DELIVERY = {
    0: "disputed",
    1: "draft",
    2: "sent",
    3: "viewed",
    4: "paid",
    5: "auto-paid",
    6: "retry",
    7: "failed",
    8: "partial",
}
VISIBILITY = {0: "active", 1: "deleted", 2: "archived"}
LINE_TYPE = {0: "item", 1: "expense", 2: "other", 5: "placeholder"}
FEE_TYPE = {"percent": "percent", "flat-fee": "flat"}


def from_vendor(invoice):
    if not isinstance(invoice, dict):
        raise Refused("an invoice is an object")
    get, common = invoice.get, {}
    read_head(get, common)
    read_dates(get, common)
    read_states(get, common)
    read_amounts(get, common)
    read_texts(get, common)
    if found := bill_to(get):
        common["billTo"] = found
    read_links(get, common)
    read_lists(get, common)
    read_parts(get, common)
    return common


def read_head(get, common):
    if (value := get("id")) is not None:
        common["id"] = identity(value)
    if value := get("uuid"):
        common["uuid"] = value
    if value := get("invoice_number"):
        common["number"] = value
    customer = {}
    if (value := get("customerid")) is not None:
        customer["id"] = identity(value)
    if value := get("current_organization"):
        customer["name"] = value
    if customer:
        common["customer"] = customer
    if (value := get("currency_code")) is not None:
        common["currency"] = value
    if value := get("language"):
        common["language"] = value


def read_dates(get, common):
    if (issued := get("create_date")) is not None:
        common["issueDate"] = day(issued)
    if value := get("due_date"):
        common["dueDate"] = value
    elif issued is not None and (days := get("due_offset_days")) is not None:
        common["dueDate"] = day_after(issued, days)
    if (value := get("fulfillment_date")) is not None:
        common["fulfillmentDate"] = day(value)
    if (value := get("generation_date")) is not None:
        common["generatedDate"] = day(value)
    if (value := get("date_paid")) is not None:
        common["paidDate"] = day(value)
    if (value := get("created_at")) is not None:
        common["createdAt"] = instant(value)
    if (value := get("updated")) is not None:
        common["updatedAt"] = instant(value)


def read_states(get, common):
    if (value := get("v3_status")) is not None:
        common["status"] = choice(STATUS, value)
    if (value := get("status")) is not None:
        common["delivery"] = choice(DELIVERY, value)
    if (value := get("display_status")) is not None:
        common["displayStatus"] = value
    if (value := get("payment_status")) is not None:
        common["paymentStatus"] = value
    if (value := get("deposit_status")) is not None:
        common["depositStatus"] = value
    if (value := get("autobill_status")) is not None:
        common["autobillStatus"] = value
    if (value := get("auto_bill")) is not None:
        common["autoBill"] = value
    if value := get("dispute_status"):
        common["disputeStatus"] = value
    if value := get("last_order_status"):
        common["lastOrderStatus"] = value
    if (value := get("vis_state")) is not None:
        common["visibility"] = choice(VISIBILITY, value)


def read_amounts(get, common):
    if (value := get("amount")) is not None:
        common["total"] = money(value)
    if (value := get("paid")) is not None:
        common["paid"] = money(value)
    if (value := get("outstanding")) is not None:
        common["outstanding"] = money(value)
    if (value := get("net_paid_amount")) is not None:
        common["netPaid"] = money(value)
    discount = {}
    if (value := get("discount_value")) is not None:
        discount["percent"] = decimal(value)
    if (value := get("discount_total")) is not None:
        discount["total"] = money(value)
    if value := get("discount_description"):
        discount["description"] = value
    if discount:
        common["discount"] = discount
    deposit = {}
    if (value := get("deposit_amount")) is not None:
        deposit["amount"] = money(value)
    if (value := get("deposit_percentage")) is not None:
        deposit["percent"] = decimal(value)
    if deposit:
        common["deposit"] = deposit


def read_texts(get, common):
    if value := get("po_number"):
        common["purchaseOrderNumber"] = value
    if value := get("notes"):
        common["notes"] = value
    if value := get("terms"):
        common["terms"] = value
    if value := get("payment_details"):
        common["paymentDetails"] = value
    if value := get("description"):
        common["description"] = value
    if value := get("template"):
        common["template"] = value
    if value := get("return_uri"):
        common["returnUri"] = value
    if (value := get("show_attachments")) is not None:
        common["showAttachments"] = value
    if (value := get("gmail")) is not None:
        common["paperMail"] = value


def bill_to(get):
    found = {}
    if value := get("organization"):
        found["companyName"] = value
    if value := get("fname"):
        found["firstName"] = value
    if value := get("lname"):
        found["lastName"] = value
    if value := get("email"):
        found["email"] = value
    if value := get("vat_number"):
        found["taxNumber"] = value
    if value := get("vat_name"):
        found["taxNumberLabel"] = value
    if value := get("address"):
        found["addressBlock"] = value
    if value := address(get):
        found["address"] = value
    return found


def address(get):
    found = {}
    if value := get("street"):
        found["street"] = value
    if value := get("street2"):
        found["street2"] = value
    if value := get("city"):
        found["city"] = value
    if value := get("province"):
        found["region"] = value
    if value := get("code"):
        found["postalCode"] = value
    if value := get("country"):
        found["country"] = value
        if code := country_code(value):
            found["countryCode"] = code
    return found


def read_links(get, common):
    if (value := get("ownerid")) and value != "0":
        common["createdBy"] = {"id": identity(value)}
    if (value := get("estimateid")) and value != "0":
        common["sourceEstimate"] = {"id": identity(value)}
    if (value := get("parent")) and value != "0":
        common["profile"] = {"id": identity(value)}


def read_lists(get, common):
    if (value := get("lines")) is not None:
        common["lines"] = [line(item) for item in objects(value)]
    if (value := get("presentation")) is not None and (found := presentation(member_of(value))):
        common["presentation"] = found
    if (value := get("attachments")) is not None:
        common["attachments"] = [attachment(item) for item in objects(value)]
    if (value := get("allowed_gateways")) is not None:
        common["gateways"] = [gateway(item) for item in objects(value)]


def line(item):
    get, found = item.get, {}
    if (value := get("lineid")) is not None:
        found["id"] = identity(value)
    if (value := get("type")) is not None:
        found["type"] = choice(LINE_TYPE, value)
    if (value := get("taskno")) is not None:
        found["position"] = value
    if value := get("name"):
        found["name"] = value
    if value := get("description"):
        found["description"] = value
    if (value := get("qty")) is not None:
        found["quantity"] = decimal(value)
    if (value := get("unit_cost")) is not None:
        found["unitPrice"] = money(value)
    if (value := get("amount")) is not None:
        found["amount"] = money(value)
    found["taxes"] = taxes(get)
    if (value := get("expenseid")) and value != "0":
        found["expense"] = {"id": identity(value)}
    if (value := get("modern_project_id")) and value != "0":
        found["project"] = {"id": identity(value)}
    if retainer := retainer_of(get):
        found["retainer"] = retainer
    if (value := get("date")) is not None:
        found["performedAt"] = instant(value)
    if (value := get("updated")) is not None:
        found["updatedAt"] = instant(value)
    return found


def retainer_of(get):
    found = {}
    if (value := get("retainer_id")) and value != "0":
        found["id"] = identity(value)
    if (value := get("retainer_period_id")) and value != "0":
        found["periodId"] = identity(value)
    return found


def taxes(get):
    found = []
    if first := get("taxName1"):
        found.append(tax(first, get("taxAmount1"), get("taxNumber1")))
    if second := get("taxName2"):
        found.append(tax(second, get("taxAmount2"), get("taxNumber2")))
        if first and (compound := get("compounded_tax")):
            found[1]["compound"] = compound
    return found


def tax(name, rate, number=None):
    found = {"name": name}
    if rate is not None:
        found["rate"] = decimal(rate)
    if number:
        found["number"] = number
    return found


def presentation(get):
    found, headings = {}, {}
    if value := get("date_format"):
        found["dateFormat"] = value
    if (value := get("theme_layout")) is not None:
        found["layout"] = value
    if (value := get("theme_font_name")) is not None:
        found["font"] = value
    if value := get("theme_primary_color"):
        found["color"] = value
    if value := get("image_logo_src"):
        found["logo"] = value
    if value := get("image_banner_src"):
        found["banner"] = value
    if (value := get("image_banner_position_y")) is not None:
        found["bannerPosition"] = value
    if value := get("label"):
        found["label"] = value
    if value := get("item_heading"):
        headings["item"] = value
    if value := get("description_heading"):
        headings["description"] = value
    if value := get("quantity_heading"):
        headings["quantity"] = value
    if value := get("rate_heading"):
        headings["rate"] = value
    if value := get("unit_cost_heading"):
        headings["unitPrice"] = value
    if value := get("hours_heading"):
        headings["hours"] = value
    if value := get("task_heading"):
        headings["task"] = value
    if value := get("time_entry_notes_heading"):
        headings["timeEntryNotes"] = value
    if headings:
        found["headings"] = headings
    return found


def attachment(file):
    get, found = file.get, {}
    if (value := get("id")) is not None:
        found["id"] = identity(value)
    if value := get("jwt"):
        found["token"] = value
    if value := get("media_type"):
        found["mediaType"] = value
    if (value := get("expenseid")) and value != "0":
        found["expense"] = {"id": identity(value)}
    return found


def gateway(allowed):
    return identity(allowed.get("gatewayid"))


def read_parts(get, common):
    late_payment = {}
    if (value := get("late_fee")) is not None and (found := late_fee(member_of(value))):
        late_payment["fee"] = found
    if (value := get("late_reminders")) is not None:
        late_payment["reminders"] = [reminder(item.get) for item in objects(value)]
    if late_payment:
        common["latePayment"] = late_payment
    if (value := get("contacts")) is not None:
        common["recipients"] = [recipient(item.get) for item in objects(value)]
    if (value := get("owner")) is not None and (found := owner(member_of(value))):
        common["owner"] = found
    if (value := get("system")) is not None and (found := seller(member_of(value))):
        common["seller"] = found


def late_fee(get):
    found = {}
    if (value := get("enabled")) is not None:
        found["enabled"] = value
    if (value := get("type")) is not None:
        found["type"] = choice(FEE_TYPE, value)
    if (value := get("value")) is not None:
        found["value"] = decimal(value)
    if (value := get("days")) is not None:
        found["days"] = value
    if (value := get("repeat")) is not None:
        found["repeats"] = value
    found["taxes"] = fee_taxes(get)
    return found


def fee_taxes(get):
    found = []
    if first := get("first_tax_name"):
        found.append(tax(first, get("first_tax_percent")))
    if second := get("second_tax_name"):
        found.append(tax(second, get("second_tax_percent")))
        if first and (compound := get("compounded_tax")):
            found[1]["compound"] = compound
    return found


def reminder(get):
    found = {}
    if (value := get("position")) is not None:
        found["position"] = value
    if (value := get("enabled")) is not None:
        found["enabled"] = value
    if (value := get("delay")) is not None:
        found["daysAfterDue"] = value
    if value := get("subject"):
        found["subject"] = value
    if value := get("body"):
        found["body"] = value
    return found


def recipient(get):
    found = {}
    if (value := get("contactid")) and value != "0":
        found["id"] = identity(value)
    if (value := get("userid")) and value != "0":
        found["customer"] = {"id": identity(value)}
    if value := get("fname"):
        found["firstName"] = value
    if value := get("lname"):
        found["lastName"] = value
    if value := get("email"):
        found["email"] = value
    return found


def owner(get):
    found = {}
    if (value := get("userid")) and value != "0":
        found["id"] = identity(value)
    if value := get("organization"):
        found["companyName"] = value
    if value := get("fname"):
        found["firstName"] = value
    if value := get("lname"):
        found["lastName"] = value
    if value := get("email"):
        found["email"] = value
    return found


def seller(get):
    found = {}
    if value := get("name"):
        found["companyName"] = value
    if value := get("bus_phone"):
        found["phone"] = value
    if value := get("mob_phone"):
        found["mobile"] = value
    if value := get("fax"):
        found["fax"] = value
    if value := get("info_email"):
        found["email"] = value
    if (value := get("currency_code")) is not None:
        found["currency"] = value
    if value := get("vat_number"):
        found["taxNumber"] = value
    if value := get("vat_name"):
        found["taxNumberLabel"] = value
    if value := address(get):
        found["address"] = value
    return found


# Containers ---------------------------------------------------------------------------------------


def member_of(value):
    """Return what gives the members of the object *value*."""
    if not isinstance(value, dict):
        raise Refused(f"{value!r} is not an object")
    return value.get


def objects(items):
    """Return the list *items*, all of which must be objects."""
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Refused(f"{items!r} is not a list of objects")
    return items
