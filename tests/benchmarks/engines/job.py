"""The job of reading an invoice as data, from which each engine makes what it runs.

An engine selects and renames; what it has no function for is done by the same converters in Python
that the hand-written functions use.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.benchmarks.hand import reading, values
from tests.benchmarks.hand.values import country_code, day, decimal, identity, instant, money

Value = tuple[str, Callable[[Any], Any] | None]
"""A vendor path and a converter, which is not given null."""


class Inside(dict):
    """The members of an object that lies at a vendor path."""

    def __init__(self, path: str, **members: Any) -> None:
        super().__init__(members)
        self.path = path


class Each(Inside):
    """The members of each object of a list."""


class Here(dict):
    """The members of an object that the vendor keeps among its neighbours."""


class Several(tuple):
    """Vendor paths whose values a converter takes together, as an object."""

    __slots__ = ()


DUE = Several(("due_date", "create_date", "due_offset_days"))
TAXES = Several(
    (
        "taxName1",
        "taxAmount1",
        "taxNumber1",
        "taxName2",
        "taxAmount2",
        "taxNumber2",
        "compounded_tax",
    )
)
FEE_TAXES = Several(
    (
        "first_tax_name",
        "first_tax_percent",
        "second_tax_name",
        "second_tax_percent",
        "compounded_tax",
    )
)


def text(value: Any) -> Any:
    return value or None


def reference(value: Any) -> Any:
    return None if value in (0, "0") else values.identity(value)


def _one_of(table: dict) -> Callable[[Any], Any]:
    return partial(values.choice, table)


def _due_date(found: dict) -> Any:
    due, issued, days = map(found.get, DUE)
    return due or (values.day_after(issued, days) if issued and days is not None else None)


def _gateways(items: Any) -> Any:
    return [identity(each["gatewayid"]) for each in items]


def _taxes(found: dict) -> list:
    return reading.taxes(found.get)


def _fee_taxes(found: dict) -> list:
    return reading.fee_taxes(found.get)


def _address() -> Here:
    return Here(
        street=("street", text),
        street2=("street2", text),
        city=("city", text),
        region=("province", text),
        postalCode=("code", text),
        country=("country", text),
        countryCode=("country", country_code),
    )


INVOICE = Here(
    id=("id", identity),
    uuid=("uuid", text),
    number=("invoice_number", text),
    customer=Here(id=("customerid", identity), name=("current_organization", text)),
    currency=("currency_code", None),
    language=("language", text),
    issueDate=("create_date", day),
    dueDate=(DUE, _due_date),
    fulfillmentDate=("fulfillment_date", day),
    generatedDate=("generation_date", day),
    paidDate=("date_paid", day),
    createdAt=("created_at", instant),
    updatedAt=("updated", instant),
    status=("v3_status", _one_of(reading.STATUS)),
    delivery=("status", _one_of(reading.DELIVERY)),
    displayStatus=("display_status", None),
    paymentStatus=("payment_status", None),
    depositStatus=("deposit_status", None),
    autobillStatus=("autobill_status", None),
    autoBill=("auto_bill", None),
    disputeStatus=("dispute_status", text),
    lastOrderStatus=("last_order_status", text),
    visibility=("vis_state", _one_of(reading.VISIBILITY)),
    total=("amount", money),
    paid=("paid", money),
    outstanding=("outstanding", money),
    netPaid=("net_paid_amount", money),
    discount=Here(
        percent=("discount_value", decimal),
        total=("discount_total", money),
        description=("discount_description", text),
    ),
    deposit=Here(amount=("deposit_amount", money), percent=("deposit_percentage", decimal)),
    purchaseOrderNumber=("po_number", text),
    notes=("notes", text),
    terms=("terms", text),
    paymentDetails=("payment_details", text),
    description=("description", text),
    template=("template", text),
    returnUri=("return_uri", text),
    showAttachments=("show_attachments", None),
    paperMail=("gmail", None),
    billTo=Here(
        companyName=("organization", text),
        firstName=("fname", text),
        lastName=("lname", text),
        email=("email", text),
        taxNumber=("vat_number", text),
        taxNumberLabel=("vat_name", text),
        addressBlock=("address", text),
        address=_address(),
    ),
    createdBy=Here(id=("ownerid", reference)),
    sourceEstimate=Here(id=("estimateid", reference)),
    profile=Here(id=("parent", reference)),
    lines=Each(
        "lines",
        id=("lineid", identity),
        type=("type", _one_of(reading.LINE_TYPE)),
        position=("taskno", None),
        name=("name", text),
        description=("description", text),
        quantity=("qty", decimal),
        unitPrice=("unit_cost", money),
        amount=("amount", money),
        taxes=(
            TAXES,
            _taxes,
        ),
        expense=Here(id=("expenseid", reference)),
        project=Here(id=("modern_project_id", reference)),
        retainer=Here(id=("retainer_id", reference), periodId=("retainer_period_id", reference)),
        performedAt=("date", instant),
        updatedAt=("updated", instant),
    ),
    presentation=Inside(
        "presentation",
        dateFormat=("date_format", text),
        layout=("theme_layout", None),
        font=("theme_font_name", None),
        color=("theme_primary_color", text),
        logo=("image_logo_src", text),
        banner=("image_banner_src", text),
        bannerPosition=("image_banner_position_y", None),
        label=("label", text),
        headings=Here(
            item=("item_heading", text),
            description=("description_heading", text),
            quantity=("quantity_heading", text),
            rate=("rate_heading", text),
            unitPrice=("unit_cost_heading", text),
            hours=("hours_heading", text),
            task=("task_heading", text),
            timeEntryNotes=("time_entry_notes_heading", text),
        ),
    ),
    attachments=Each(
        "attachments",
        id=("id", identity),
        token=("jwt", text),
        mediaType=("media_type", text),
        expense=Here(id=("expenseid", reference)),
    ),
    gateways=("allowed_gateways", _gateways),
    latePayment=Here(
        fee=Inside(
            "late_fee",
            enabled=("enabled", None),
            type=("type", _one_of(reading.FEE_TYPE)),
            value=("value", decimal),
            days=("days", None),
            repeats=("repeat", None),
            taxes=(
                FEE_TAXES,
                _fee_taxes,
            ),
        ),
        reminders=Each(
            "late_reminders",
            position=("position", None),
            enabled=("enabled", None),
            daysAfterDue=("delay", None),
            subject=("subject", text),
            body=("body", text),
        ),
    ),
    recipients=Each(
        "contacts",
        id=("contactid", reference),
        customer=Here(id=("userid", reference)),
        firstName=("fname", text),
        lastName=("lname", text),
        email=("email", text),
    ),
    owner=Inside(
        "owner",
        id=("userid", reference),
        companyName=("organization", text),
        firstName=("fname", text),
        lastName=("lname", text),
        email=("email", text),
    ),
    seller=Inside(
        "system",
        companyName=("name", text),
        phone=("bus_phone", text),
        mobile=("mob_phone", text),
        fax=("fax", text),
        email=("info_email", text),
        currency=("currency_code", None),
        taxNumber=("vat_number", text),
        taxNumberLabel=("vat_name", text),
        address=_address(),
    ),
)


def convert(job: dict, selected: Any) -> Any:
    """Return what an engine selected for *job*, converted and without what has no value."""
    if selected is None:
        return None
    if isinstance(job, Each) and isinstance(selected, list):
        return [_convert_members(job, each) for each in selected]
    return _convert_members(job, selected) or None


def _convert_members(job: dict, selected: dict) -> dict:
    converted = {}
    for name, member in job.items():
        value = selected.get(name)
        if isinstance(member, dict):
            value = convert(member, value)
        elif value is not None and member[1] is not None:
            value = member[1](value)
        if value is not None:
            converted[name] = value
    return converted
