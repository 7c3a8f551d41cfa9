"""How FreshBooks answers writes, as the collected facts tell it: a model to hold mappings against.

It knows nothing of the mapper and is not made from the schemas' annotations, so that the two can
disagree. Section numbers (§) are those of the facts file. What the facts do not cover but a model
must decide is marked "inferred"; what is unknown is left out of the answer. Totals of an invoice
are left as they are: §9.2.1 warns not to recompute them.
"""

import itertools
import json
import math
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, localcontext
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

Json = Any
Object = Mapping[str, Json]
Phase = Literal["create", "update"]

# One row: access, null, kind, then name or name=default.
#   access   CU written on create and update, C on create only, W like CU but not shown as written,
#            A an action (updates only, travels alone), R not written.
#   null     what a written null becomes: Y null, "" and 0 the default, N it is refused.
#   kind     how a written value is checked and shown; for R, what fills it in a new record
#            (read: nothing but the default; U and E: a stamp in UTC or US/Eastern).
#   default  JSON that a new record shows; without one the member is not shown (not known).
# §9.1: defaults as in both recorded answers to a create. Of a contact's phone2 no request is
# recorded; inferred, since a written list replaces the old one. §9.2.1: defaults as in the
# recorded drafts; the snapshot of the client stays empty, as the model has no clients. §9.2.3:
# nulls for type, taxes and expenseid as in a recorded create of a proposal. §9.6: clientid comes
# from the invoice, which also caps the amount: the model has no invoices. §9.8: the access of
# tax_rule_code is unknown. §9.13: of the members of tax_defaults the facts have the names alone;
# what is written, and that taxid is their id, is as the PHP SDK has it.
TABLES_AS_TEXT = """
client
    R  -  self      id userid
    R  -  account   accounting_systemid
    R  -  created:U signup_date
    R  -  updated:E updated
    R  -  read      role="client" num_logins=0 level=0 last_login=null last_activity=null
    R  -  read      has_retainer=null retainer_id=null subdomain=null statement_token=null
    R  -  read      direct_link_token=null uuid outstanding_balance credit_balance draft_balance
    R  -  read      overdue_balance grand_total_balance recent_contacts
    CU "" text      organization="" fname="" lname="" email="" bus_phone="" mob_phone="" fax=""
    CU "" text      p_street="" p_street2="" p_city="" p_province="" p_code="" p_country=""
    CU "" text      s_street="" s_street2="" s_city="" s_province="" s_code="" s_country=""
    CU Y  text      home_phone=null note=null vat_name=null vat_number=null company_industry=null
    CU Y  lost      company_size=null
    CU N  text      currency_code=account_currency language="en"
    C  N  text      username=made_up
    CU N  bool      allow_late_fees=true allow_late_notifications=true pref_email=true
    CU N  bool      notified=false pref_gmail=false allow_email_include_pdf
    CU Y  object    late_fee
    CU N  list      late_reminders contacts
    CU N  int       vis_state=0
contacts
    R  -  self      contactid
    R  -  owner     userid
    R  -  read      face
    CU Y  text      fname lname email phone1 phone2
invoice
    R  -  self      id invoiceid
    R  -  account   accountid accounting_systemid
    R  -  created:E created_at
    R  -  updated:E updated
    R  -  read      basecampid=0 ext_archive=0 date_paid=null autobill_status=null
    R  -  read      dispute_status=null last_order_status=null payment_status="unpaid"
    R  -  read      deposit_status="none" uuid version sentid due_date display_status v3_status
    R  -  read      amount paid outstanding net_paid_amount discount_total description direct_links
    R  -  read      current_organization owner contacts payment_schedule audit_logs client_audits
    R  -  read      system invoice_profile allowed_gateways
    C  N  id        ownerid
    C  0  id        estimateid=0
    C  N  bool      auto_bill=false
    CU N  text      invoice_number=made_up currency_code=account_currency language="en"
    CU N  text      template="clean-grouped"
    CU N  id        customerid
    CU 0  id        parent=0
    CU N  date      create_date
    CU Y  date      generation_date=null fulfillment_date
    CU N  int       due_offset_days=0 status=1 vis_state=0
    CU N  decimal   discount_value="0"
    CU Y  text      discount_description=null po_number=null return_uri=null terms="" vat_name=""
    CU Y  text      vat_number="" email
    CU Y  money     deposit_amount=null
    CU Y  decimal   deposit_percentage=null
    CU "" text      notes="" payment_details="" organization="" fname="" lname="" address=""
    CU "" text      street="" street2="" city="" province="" code="" country=""
    CU N  bool      show_attachments=true gmail=false
    CU N  list      lines late_reminders attachments
    CU Y  object    late_fee presentation
    W  N  gateways  allowed_gatewayids
    W  N  bool      use_default_presentation
    A  N  bool      action_mark_as_sent action_email email_include_pdf
    A  Y  any       email_recipients email_subject email_body invoice_customized_email
lines
    R  -  position  lineid taskno
    R  -  owner     invoiceid
    R  -  read      amount date updated taxNumber1=null taxNumber2=null retainer_id=null
    R  -  read      retainer_period_id=null modern_project_id=null modern_time_entries=[]
    R  -  read      basecampid=0
    CU 0  int       type=0
    CU N  text      name
    CU "" text      description=""
    CU N  decimal   qty
    CU N  money     unit_cost
    CU Y  text      taxName1=null taxName2=null
    CU 0  decimal   taxAmount1="0" taxAmount2="0"
    CU N  bool      compounded_tax=false
    CU 0  id        expenseid=0
late_fee
    R  -  owner     invoiceid userid
    R  -  created:E created_at
    R  -  updated:E updated_at=null
    R  -  read      compounded_tax=false
    CU N  bool      enabled repeat compounded_taxes
    CU N  text      type
    CU N  decimal   value first_tax_percent="0" second_tax_percent="0"
    CU N  int       days
    CU Y  text      first_tax_name=null second_tax_name=null
late_reminders
    R  -  owner     invoiceid userid
    R  -  created:E created_at
    R  -  updated:E updated_at=null
    CU N  int       position delay
    CU N  bool      enabled
    CU Y  text      subject=null body=null
presentation
    R  -  owner     invoiceid
    CU Y  text      date_format theme_layout theme_font_name theme_primary_color label
    CU Y  text      image_logo_src image_banner_src item_heading description_heading
    CU Y  text      quantity_heading rate_heading unit_cost_heading hours_heading task_heading
    CU Y  text      time_entry_notes_heading
    CU Y  int       image_banner_position_y
attachments
    R  -  self      id attachmentid
    R  -  read      expenseid=null
    CU N  text      jwt media_type
money
    CU N  decimal   amount
    CU N  text      code
tax
    R  -  self      id taxid
    R  -  account   accounting_systemid
    R  -  updated:E updated
    CU N  text      name
    CU N  decimal   amount="0"
    CU Y  text      number=null
    CU N  bool      compound=false
payment
    R  -  self      id logid
    R  -  account   accounting_systemid
    R  -  updated:E updated
    R  -  read      clientid bulk_paymentid gateway=null creditid=null overpaymentid=null
    R  -  read      from_credit=false
    C  N  id        invoiceid
    CU N  money     amount
    CU N  date      date
    CU N  text      type
    CU "" text      note=""
    CU Y  text      orderid=null transactionid=null
    W  Y  bool      send_client_notification
    CU N  int       vis_state=0
item
    R  -  self      id itemid
    R  -  account   accounting_systemid
    R  -  updated:E updated
    R  -  read      tax_rule_code
    CU N  text      name
    CU "" text      description=""
    CU N  decimal   qty
    CU Y  stock     inventory
    CU Y  text      sku
    CU N  money     unit_cost
    CU 0  id        tax1=0 tax2=0
    CU N  int       vis_state=0
bill_vendor
    R  -  self      vendorid
    R  -  created:U created_at
    R  -  updated:U updated_at
    R  -  read      outstanding_balance=[] overdue_balance=[]
    CU N  text      vendor_name language currency_code
    CU "" text      primary_contact_first_name="" primary_contact_last_name=""
    CU "" text      primary_contact_email="" phone="" website="" account_number=""
    CU Y  text      street street2 city province postal_code country note
    CU N  bool      is_1099
    CU N  list      tax_defaults=[]
    CU N  int       vis_state=0
tax_defaults
    R  -  self      taxid
    R  -  owner     vendorid
    R  -  created:U created_at
    R  -  updated:U updated_at
    R  -  read      name amount tax_id
    CU N  id        system_taxid
    CU N  bool      enabled
    CU Y  text      tax_authorityid
"""
RESOURCES = ("client", "invoice", "tax", "payment", "item", "bill_vendor")  # also their wrappers
OWNER_ALIAS = {"client": "userid", "invoice": "invoiceid", "bill_vendor": "vendorid"}  # §2.4
CLIENT_NAMES = ("fname", "lname", "email", "organization")  # §9.1: a create needs one of them
REQUIRED_ON_CREATE = {
    "invoice": ("customerid", "create_date"),
    "tax": ("name",),
    "payment": ("invoiceid", "amount", "date"),
    "bill_vendor": ("vendor_name", "language"),
    "money": ("amount",),
}
READ_NAMES = {"allowed_gatewayids": "allowed_gateways", "compounded_taxes": "compounded_tax"}  # §12
GATEWAYS = {26: "stripe", 30: "fbpay"}  # §9.23
SHOWN_STATUS: dict[Json, dict[str, str]] = {  # §9.2.2; "overdue" may hide them: there is no today
    0: {"v3_status": "disputed"},
    1: {"v3_status": "draft", "display_status": "draft"},
    2: {"v3_status": "sent", "display_status": "sent"},
    3: {"v3_status": "viewed", "display_status": "viewed"},
}
PAYMENT_TYPES = (
    "Check,Credit,Cash,Bank Transfer,Credit Card,Debit,PayPal,2Checkout,"
    "VISA,MASTERCARD,DISCOVER,AMEX,DINERS,JCB,ACH,Other"
)
CHOICES: dict[tuple[str, str], tuple[Json, ...]] = {  # by table, or by phase
    ("create", "vis_state"): (0, 1, 2),
    ("update", "vis_state"): (0, 1, 2),
    ("create", "status"): tuple(range(9)),  # §9.2.1
    ("update", "status"): (0, 1, 2, 3),
    ("late_fee", "type"): ("percent", "flat-fee"),
    ("late_reminders", "position"): (1, 2, 3),
    ("payment", "type"): tuple(PAYMENT_TYPES.split(",")),
}
LONGEST = {"late_reminders": 3}  # §9.2.4
ADMITTED: dict[Phase, tuple[str, ...]] = {"create": ("C", "CU", "W"), "update": ("CU", "W", "A")}
ZONES: dict[str, tzinfo] = {"E": ZoneInfo("America/New_York"), "U": UTC}  # §3.3
# Numbers of §5. Which of them a wrong value gets is told for due_date and status, else inferred.
REQUIRED_FIELD, INVALID_VALUE, NOT_A_NUMBER, NOT_A_BOOLEAN = 1001, 1004, 1015, 1031
NOT_A_DATE, WRONG_TYPE, WRITE_DENIED, NAMELESS_CLIENT = 1033, 1035, 1038, 7012


class WriteRefused(Exception):  # noqa: N818 - the vendor refuses; nothing has gone wrong in here
    """A write that FreshBooks answers with an error, or takes only in part.

    ``errno`` is FreshBooks' number, or None where it is unknown or the rest would be dropped
    silently; ``field`` is the place in the body (``lines[0].amount``); ``reason`` is for people.
    """

    def __init__(self, errno: int | None, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason} (errno {errno})")
        self.errno, self.field, self.reason = errno, field, reason


@dataclass(frozen=True, slots=True)
class Server:
    """What the answer depends on beside the request; *clock* is an aware instant."""

    clock: datetime = datetime(2026, 7, 1, 2, 30, tzinfo=UTC)
    next_id: int = 1001
    account_id: str = "ACM123"
    currency: str = "USD"
    keeps_line_ids: bool = False


DEFAULT_SERVER = Server()


@dataclass(frozen=True, slots=True)
class Write:
    """One request under way, and what its parts need to know of the whole."""

    server: Server
    phase: Phase
    owner: Mapping[str, int]  # the alias and id that nested objects repeat
    currency: str

    def now(self, zone: str) -> str:
        return f"{self.server.clock.astimezone(ZONES[zone]):%Y-%m-%d %H:%M:%S}"


class Member(NamedTuple):
    access: str
    null: str
    kind: str
    default: str


def _tables() -> dict[str, dict[str, Member]]:
    tables: dict[str, dict[str, Member]] = {}
    members: dict[str, Member] = {}
    for row in TABLES_AS_TEXT.strip().splitlines():
        if row.startswith(" "):
            access, null, kind, *names = row.split()
            named = (name.partition("=") for name in names)
            members |= {name: Member(access, null, kind, default) for name, _, default in named}
        else:
            members = tables[row] = {}
    return tables


TABLES = _tables()


def writable(resource: str, phase: Phase) -> set[str]:
    """Return the top-level members that a body may hold: data and ``vis_state``, no actions."""
    members = TABLES[resource].items()
    return {name for name, (access, *_) in members if access in ADMITTED[phase] and access != "A"}


def actions(resource: str) -> set[str]:
    """Return the members of the action phase (§3.5), which only updates take."""
    return {name for name, member in TABLES[resource].items() if member.access == "A"}


def apply(
    resource: str, document: Object, body: Object, *, server: Server = DEFAULT_SERVER
) -> dict[str, Json]:
    """Return what a later GET shows of *document* after *body*, with the includes seen or written.

    An empty *document* makes it a create. Both come without a wrapper, and both stay as they are.

    Raises:
        WriteRefused: FreshBooks refuses the body, or would silently take a part of it only.
    """
    alias = OWNER_ALIAS.get(resource, "id")
    own_id = document.get("id", document.get(alias)) if document else server.next_id
    owner = {} if own_id is None else {alias: int(own_id)}
    currency = body.get("currency_code") or _currency_of(document) or server.currency
    write = Write(server, "update" if document else "create", owner, currency)
    before = deepcopy(dict(document)) if document else _new(write, resource)
    after = before | _read_forms(write, resource, body, before)
    if document:
        _refuse_mixed_phases(resource, body)
        after |= _touched(write, resource) if body else {}
    elif resource == "client":
        after |= _organization(after)
    if resource == "invoice":
        after |= _status(document, after, body) | _due_date(after, body)
    return after


def _currency_of(document: Object) -> str | None:
    """Return the document's currency; an item or payment only has it in its money."""
    money = (value for value in document.values() if isinstance(value, Mapping))
    codes = (value.get("code") for value in money if "amount" in value)
    return document.get("currency_code") or next(codes, None)


def _refuse_mixed_phases(resource: str, body: Object) -> None:
    """Refuse two phases in one body: FreshBooks takes the first, silently drops the rest (§3.5)."""
    first = body.keys() & {"vis_state"} or body.keys() & actions(resource)
    dropped = body.keys() - first
    if first and dropped:
        raise WriteRefused(None, min(first), f"makes FreshBooks drop {', '.join(sorted(dropped))}")


def _new(write: Write, table: str, index: int = -1) -> dict[str, Json]:
    """Return a record of *table* as it is before anything is written to it."""
    made: dict[str, Json] = {}
    for name, member in TABLES[table].items():
        match [*member.kind.split(":"), member.default]:
            case ["self", _]:
                made[name] = write.server.next_id + 1 + index
            case ["position", _]:
                made[name] = 1 + index
            case ["account", _]:
                made[name] = write.server.account_id
            case ["owner", _] if name in write.owner:
                made[name] = write.owner[name]
            case ["created" | "updated", zone, ""]:
                made[name] = write.now(zone)
            case [*_, "made_up"]:
                made[name] = f"{write.server.next_id:07}"
            case [*_, "account_currency"]:
                made[name] = write.server.currency
            case [*_, default] if default:
                made[name] = json.loads(default)
    return made


def _touched(write: Write, table: str) -> dict[str, str]:
    """Return the stamps that an update renews."""
    kinds = ((name, member.kind.split(":")) for name, member in TABLES[table].items())
    return {name: write.now(kind[1]) for name, kind in kinds if kind[0] == "updated"}


def _read_forms(
    write: Write, table: str, body: Object, before: Object, place: str = ""
) -> dict[str, Json]:
    """Return *body*'s members under the names and in the forms in which they are read."""
    if not isinstance(body, Mapping):
        raise WriteRefused(WRONG_TYPE, place, "is no object")
    forms: dict[str, Json] = {}
    for name, value in body.items():
        field, shown = place + name, READ_NAMES.get(name, name)
        member = _admitted(write, table, name, field)
        if value is None:
            form = _nothing(member, field)
        else:
            form = _read_form(write, name, member.kind, value, before.get(shown), field)
        choices = CHOICES.get((table, name)) or CHOICES.get((write.phase, field))
        if choices and form not in choices:
            raise WriteRefused(INVALID_VALUE, field, f"{form!r} is none of {choices}")
        if shown != name or member.access not in {"W", "A"}:
            forms[shown] = form
    for name in REQUIRED_ON_CREATE.get(table, ()):
        if (write.phase == "create" or table == "money") and body.get(name) in (None, ""):
            raise WriteRefused(REQUIRED_FIELD, place + name, "is required")
    return forms


def _admitted(write: Write, table: str, name: str, field: str) -> Member:
    """Return the member of that name if this write may hold it."""
    member = TABLES[table].get(name)
    if member is None:
        raise WriteRefused(None, field, "no such member is known")
    kept_id = (table, name, write.phase) == ("lines", "lineid", "update")
    if member.access in ADMITTED[write.phase] or (kept_id and write.server.keeps_line_ids):
        return member
    raise WriteRefused(WRITE_DENIED, field, f"is not writable on {write.phase}")


def _nothing(member: Member, field: str) -> Json:
    """Return what a written null reads as: inferred from null columns and recorded requests."""
    if member.null in {"N", "-"}:
        raise WriteRefused(INVALID_VALUE, field, "null is not taken")
    return None if member.null == "Y" else json.loads(member.default)


def _read_form(write: Write, name: str, kind: str, value: Json, before: Json, field: str) -> Json:
    match kind:
        case "list":
            return _list(write, name, value, before, field)
        case "object":  # that it is merged is inferred
            old = before | _touched(write, name) if before else _new(write, name)
            return old | _read_forms(write, name, value, old, f"{field}.")
        case "money":
            return {"code": write.currency} | _read_forms(write, "money", value, {}, f"{field}.")
        case "decimal" | "stock" if type(value) in {int, float} and math.isfinite(value):
            return f"{Decimal(repr(value)):f}".removesuffix(".0")  # the shortest plain text
        case "lost":
            return None  # accepted, then null (§9.1)
        case _:
            errno, is_taken, read = SCALARS[kind]
            if not is_taken(value):
                raise WriteRefused(errno, field, f"{value!r} is not taken")
            return read(value)


def _is_id(value: Json) -> bool:
    """Tell whether it is an int or, as writes may spell an id, its digits (§2.4)."""
    return type(value) is int or (isinstance(value, str) and bool(re.fullmatch("[0-9]+", value)))


def _is_decimal(value: Json) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value))


def _is_date(value: Json) -> bool:
    try:
        return bool(value == date.fromisoformat(value).isoformat())
    except (TypeError, ValueError):
        return False


def _are_gateways(value: Json) -> bool:
    return isinstance(value, list) and all(_is_id(each) and int(each) in GATEWAYS for each in value)


def _gateways(ids: Json) -> list[Json]:
    return [{"gatewayid": int(each), "gateway_name": GATEWAYS[int(each)]} for each in ids]


# By kind: the error number of a value that is not taken, the test, and the form that is read.
SCALARS: dict[str, tuple[int, Callable[[Json], bool], Callable[[Json], Json]]] = {
    "text": (WRONG_TYPE, lambda value: isinstance(value, str), str),
    "any": (WRONG_TYPE, lambda value: True, deepcopy),
    "bool": (NOT_A_BOOLEAN, lambda value: isinstance(value, bool), bool),
    "int": (NOT_A_NUMBER, lambda value: type(value) is int, int),
    "id": (NOT_A_NUMBER, _is_id, int),
    "position": (NOT_A_NUMBER, _is_id, int),
    "decimal": (NOT_A_NUMBER, _is_decimal, str),
    "stock": (NOT_A_NUMBER, lambda value: value == "" or _is_decimal(value), str),
    "date": (NOT_A_DATE, _is_date, str),
    "gateways": (INVALID_VALUE, _are_gateways, _gateways),
}


def _list(write: Write, table: str, value: Json, before: Json, field: str) -> list[Json]:
    """Return the list that replaces the old one whole (§1, rule 31)."""
    if not isinstance(value, list) or len(value) > LONGEST.get(table, len(value)):
        raise WriteRefused(WRONG_TYPE, field, "is no list, or too long")
    forms = [_read_forms(write, table, each, {}, f"{field}[{i}].") for i, each in enumerate(value)]
    made = [_new(write, table, i) | form for i, form in enumerate(forms)]
    return _lines(made, forms, before, field) if table == "lines" else made


def _lines(made: list[Json], forms: list[Json], before: Json, field: str) -> list[Json]:
    """Return the lines with amounts; new ones beside kept ones get the next free ``lineid``."""
    kept = [line["lineid"] for line in forms if "lineid" in line]
    known = [int(line["lineid"]) for line in before or [] if line.get("lineid")]
    if len({*kept}) < len(kept) or not {*kept} <= {*(kept if before is None else known)}:
        raise WriteRefused(
            INVALID_VALUE, field, f"line ids {kept} are not distinct ones of {known}"
        )
    free = itertools.count(max(known + kept, default=0) + 1)
    ids = [{} if "lineid" in line or not kept else {"lineid": next(free)} for line in forms]
    return [line | new_id | _amount(line) for line, new_id in zip(made, ids, strict=True)]


def _amount(line: Object) -> dict[str, Json]:
    """Return ``amount``, qty times unit_cost (§9.2.3), of a line that has both."""
    if "qty" not in line or "unit_cost" not in line:
        return {}
    with localcontext() as exact:
        exact.prec = 1000
        amount = Decimal(line["qty"]) * Decimal(line["unit_cost"]["amount"])
    return {"amount": line["unit_cost"] | {"amount": f"{amount:f}"}}


def _organization(client: Object) -> dict[str, Json]:
    """Return the organization of a new client: the e-mail of one with nothing else (§9.1)."""
    if not any(client[name] for name in CLIENT_NAMES):
        raise WriteRefused(NAMELESS_CLIENT, "client", f"needs one of {', '.join(CLIENT_NAMES)}")
    named = client["fname"] or client["lname"] or client["organization"]
    return {} if named else {"organization": client["email"]}


def _status(document: Object, after: Object, body: Object) -> dict[str, Json]:
    """Return the statuses after a written one, or after marking or e-mailing a draft as sent."""
    sends = body.get("action_mark_as_sent") or body.get("action_email")
    status = 2 if sends and after.get("status") == 1 else after.get("status")
    same = status == document.get("status")
    return {} if same else {"status": status, **SHOWN_STATUS.get(status, {})}


def _due_date(invoice: Object, body: Object) -> dict[str, str]:
    """Return ``due_date = create_date + due_offset_days`` (§1, rule 9) where either is written."""
    day, offset = invoice.get("create_date"), invoice.get("due_offset_days")
    if day is None or offset is None or not body.keys() & {"create_date", "due_offset_days"}:
        return {}
    try:
        return {"due_date": str(date.fromisoformat(day) + timedelta(days=int(offset)))}
    except (ValueError, OverflowError):
        raise WriteRefused(INVALID_VALUE, "due_offset_days", "leads to no date") from None
