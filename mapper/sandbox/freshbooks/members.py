"""The members of the six resources: who may write them, and what they are without being written.

One table for each object of the facts' section 9. A member that is only read stands here if it
has a value from the beginning or if writing it needs an answer of its own; what FreshBooks works
out (totals, statuses, stamps, ids) is the business of the other modules.
"""

from typing import Any, Literal, NamedTuple

Json = Any
Access = Literal["write", "create", "read", "denied", "once", "action"]


class _Missing:
    """No value: null is one."""


MISSING = _Missing()


class Member(NamedTuple):
    """How one member is written and shown.

    ``access``: on create and update, on create, never (the write is ignored or refused), never
    (always refused), written but not shown, or an action: an update of its own.
    ``default`` is what a new object shows; ``null`` what a written null becomes, and without one
    null is refused. ``items`` is the table of an object's or a list's members.
    """

    kind: str
    access: Access = "write"
    default: Json = MISSING
    null: Json = MISSING
    choices: tuple[Json, ...] = ()
    items: "Members | None" = None


Members = dict[str, Member]


def _each(names: str, member: Member) -> Members:
    return dict.fromkeys(names.split(), member)


_TEXT = Member("text", default="", null="")
_NULLABLE_TEXT = Member("text", default=None, null=None)
_PLAIN_TEXT = Member("text")
_ID = Member("id")
_REFERENCE = Member("id", default=0, null=0)
_YES = Member("boolean", default=True)
_NO = Member("boolean", default=False)
_VIS_STATE = {"vis_state": Member("integer", default=0, choices=(0, 1, 2))}

LATE_FEE: Members = {
    **_each("enabled repeat", Member("boolean")),
    "compounded_taxes": Member("boolean"),  # read as compounded_tax, section 12, row 15
    "type": Member("text", choices=("percent", "flat-fee")),
    "value": Member("decimal"),
    "days": Member("integer"),
    **_each("first_tax_percent second_tax_percent", Member("decimal", default="0", null="0")),
    **_each("first_tax_name second_tax_name", _NULLABLE_TEXT),
}
LATE_REMINDER: Members = {
    "position": Member("integer", choices=(1, 2, 3)),
    "delay": Member("integer"),
    "enabled": Member("boolean"),
    **_each("subject body", _NULLABLE_TEXT),
}
_LATENESS: Members = {
    "late_fee": Member("object", null=None, items=LATE_FEE),
    "late_reminders": Member("list", items=LATE_REMINDER),
}

CONTACT: Members = _each("fname lname email phone1 phone2", Member("text", null=None))
CLIENT: Members = {
    **_each("organization fname lname email bus_phone mob_phone fax", _TEXT),
    **_each("p_street p_street2 p_city p_province p_code p_country", _TEXT),
    **_each("s_street s_street2 s_city s_province s_code s_country", _TEXT),
    **_each("home_phone note vat_name vat_number company_industry", _NULLABLE_TEXT),
    "company_size": Member("forgotten", default=None, null=None),
    "username": Member("text", access="create"),
    "currency_code": Member("currency"),
    "language": Member("text", default="en"),
    **_each("allow_late_fees allow_late_notifications pref_email", _YES),
    **_each("notified pref_gmail allow_email_include_pdf", _NO),
    "contacts": Member("list", items=CONTACT),
    **_LATENESS,
    **_VIS_STATE,
    "role": Member("text", access="read", default="client"),
    **_each("num_logins level", Member("integer", access="read", default=0)),
    **_each(
        "last_login last_activity has_retainer retainer_id subdomain statement_token",
        Member("text", access="read", default=None),
    ),
    "direct_link_token": Member("text", access="read", default=None),
}

LINE: Members = {
    "type": Member("integer", default=0, null=0, choices=(0, 1, 2, 5)),
    "name": Member("text", default=""),
    "description": _TEXT,
    "qty": Member("decimal"),
    "unit_cost": Member("money"),
    **_each("taxName1 taxName2", _NULLABLE_TEXT),
    **_each("taxAmount1 taxAmount2", Member("decimal", default="0", null="0")),
    "compounded_tax": _NO,
    "expenseid": _REFERENCE,
    **_each("taxNumber1 taxNumber2", Member("text", access="read", default=None)),
    **_each(
        "date retainer_id retainer_period_id modern_project_id",
        Member("text", access="read", default=None),
    ),
    "modern_time_entries": Member("list", access="read", default=[]),
    "basecampid": Member("id", access="read", default=0),
}
PRESENTATION: Members = {
    "date_format": Member("text", null=None, default="mm/dd/yyyy"),
    "theme_layout": Member("text", null=None, choices=("simple", "modern", "classic")),
    "theme_font_name": Member("text", null=None, choices=("modern", "classic")),
    "theme_primary_color": Member("text", null=None),
    "image_banner_position_y": Member("integer", null=None),
    **_each(
        "image_logo_src image_banner_src label item_heading description_heading quantity_heading"
        " rate_heading unit_cost_heading hours_heading task_heading time_entry_notes_heading",
        _NULLABLE_TEXT,
    ),
}
ATTACHMENT: Members = _each("jwt media_type", _PLAIN_TEXT)
INVOICE: Members = {
    "customerid": _ID,
    "create_date": Member("date"),
    "due_offset_days": Member("integer", default=0),
    "due_date": Member("date", access="denied"),
    "status": Member("integer", default=1),
    "invoice_number": _PLAIN_TEXT,
    "currency_code": Member("currency"),
    "language": _PLAIN_TEXT,
    **_each("notes payment_details address", _TEXT),
    "terms": Member("text", default="", null=None),
    **_each("po_number discount_description return_uri", _NULLABLE_TEXT),
    **_each("organization fname lname street street2 city province code country", _TEXT),
    **_each("vat_name vat_number email", Member("text", null=None)),
    "discount_value": Member("decimal", default="0"),
    "deposit_amount": Member("money", default=None, null=None),
    "deposit_percentage": Member("decimal", default=None, null=None),
    **_each("generation_date fulfillment_date", Member("date", default=None, null=None)),
    "template": Member("text", default="clean-grouped"),
    "show_attachments": _YES,
    "gmail": _NO,
    "lines": Member("list", items=LINE),
    "presentation": Member("object", null=None, items=PRESENTATION),
    "attachments": Member("list", items=ATTACHMENT),
    **_LATENESS,
    "parent": _REFERENCE,
    "ownerid": Member("id", access="create"),
    "estimateid": Member("id", access="create", default=0, null=0),
    "auto_bill": Member("boolean", access="create", default=False),
    **_VIS_STATE,
    "allowed_gatewayids": Member("gateways"),
    "use_default_presentation": Member("boolean", access="once"),
    **_each("action_mark_as_sent action_email", Member("boolean", access="action")),
    "email_include_pdf": Member("boolean", access="action"),
    **_each(
        "email_recipients email_subject email_body invoice_customized_email",
        Member("any", access="action", null=None),
    ),
    **_each("basecampid ext_archive", Member("id", access="read", default=0)),
    **_each(
        "autobill_status dispute_status last_order_status",
        Member("text", access="read", default=None),
    ),
}

PAYMENT_TYPES = (
    *("Check", "Credit", "Cash", "Bank Transfer", "Credit Card", "Debit", "PayPal", "2Checkout"),
    *("VISA", "MASTERCARD", "DISCOVER", "AMEX", "DINERS", "JCB", "ACH", "Other"),
)
PAYMENT: Members = {
    "invoiceid": Member("id", access="create"),
    "amount": Member("money"),
    "date": Member("date"),
    "type": Member("text", choices=PAYMENT_TYPES),
    "note": _TEXT,
    **_each("orderid transactionid", _NULLABLE_TEXT),
    "send_client_notification": Member("boolean", access="once", null=None),
    **_VIS_STATE,
    **_each("gateway creditid overpaymentid", Member("text", access="read", default=None)),
    "from_credit": Member("boolean", access="read", default=False),
}

TAX: Members = {
    "name": _PLAIN_TEXT,
    "amount": Member("decimal", default="0"),
    "number": _NULLABLE_TEXT,
    "compound": _NO,
}

ITEM: Members = {
    "name": _PLAIN_TEXT,
    "description": _TEXT,
    "qty": Member("decimal"),
    "inventory": Member("stock", default=None, null=None),
    "sku": _NULLABLE_TEXT,
    "unit_cost": Member("money"),
    **_each("tax1 tax2", _REFERENCE),
    **_VIS_STATE,
}

TAX_DEFAULT: Members = {
    "system_taxid": _ID,
    "enabled": Member("boolean", default=True),
    "tax_authorityid": _NULLABLE_TEXT,
}
VENDOR: Members = {
    "vendor_name": _PLAIN_TEXT,
    "language": _PLAIN_TEXT,
    "currency_code": Member("currency"),
    **_each("primary_contact_first_name primary_contact_last_name primary_contact_email", _TEXT),
    **_each("phone website account_number", _TEXT),
    **_each("street street2 city province postal_code country", _NULLABLE_TEXT),
    "note": Member("text", null=None),
    "is_1099": _NO,
    "tax_defaults": Member("list", default=[], items=TAX_DEFAULT),
    **_VIS_STATE,
    **_each("outstanding_balance overdue_balance", Member("list", access="read", default=[])),
}


class Resource(NamedTuple):
    """One resource under its name on the platform.

    ``title`` is its name in messages; ``ids`` are the members that hold its id, ``account`` those
    that hold the account's; ``created`` and ``updated`` are stamps and their zones (section 3.3).
    ``currency_of`` is whose currency it has by default: a resource, and the member that refers
    to it.
    """

    title: str
    members: Members
    ids: tuple[str, ...]
    account: tuple[str, ...]
    updated: tuple[str, str]
    created: tuple[str, str] | None = None
    required: tuple[str, ...] = ()
    newest_first: bool = False
    has_uuid: bool = False
    currency_of: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        return self.ids[0]


EASTERN, UTC = "America/New_York", "UTC"
_SYSTEM = ("accounting_systemid",)
# The order of lists is that of the recorded ones. A vendor has no `id` on FreshBooks (section
# 2.4); the platform gives every object one.
RESOURCES = {
    "customers": Resource(
        "Client",
        CLIENT,
        ("id", "userid"),
        _SYSTEM,
        ("updated", EASTERN),
        ("signup_date", UTC),
        has_uuid=True,
    ),
    "invoices": Resource(
        "Invoice",
        INVOICE,
        ("id", "invoiceid"),
        ("accountid", *_SYSTEM),
        ("updated", EASTERN),
        ("created_at", EASTERN),
        ("customerid", "create_date"),
        newest_first=True,
        has_uuid=True,
        currency_of=(("customers", "customerid"),),
    ),
    "payments": Resource(
        "Payment",
        PAYMENT,
        ("id", "logid"),
        _SYSTEM,
        ("updated", EASTERN),
        required=("invoiceid", "amount", "date"),
        newest_first=True,
        currency_of=(("invoices", "invoiceid"),),
    ),
    "taxes": Resource(
        "Tax", TAX, ("id", "taxid"), _SYSTEM, ("updated", EASTERN), required=("name",)
    ),
    "items": Resource("Item", ITEM, ("id", "itemid"), _SYSTEM, ("updated", EASTERN)),
    "vendors": Resource(
        "Vendor",
        VENDOR,
        ("vendorid",),
        (),
        ("updated_at", UTC),
        ("created_at", UTC),
        ("vendor_name", "language"),
    ),
}
