"""Unique, believable FreshBooks invoices, and what is written of them; the same ones for a seed."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

SEED = 20260302

FIRST_NAMES = ["Zoé", "Priya", "Søren", "Luc", "María", "Ada", "花子", "Jürgen", "Omar", "Siân"]
LAST_NAMES = ["Tremblay", "Natarajan", "Ångström", "Côté", "Núñez", "O'Brien", "佐藤", "Müller"]
TRADES = ["Studio", "Café", "Atelier", "Logistics", "Bäckerei", "株式会社", "& Sons", "Conseil"]
PLACES = [
    ("Portland", "ME", "04101", "United States"),
    ("Québec", "QC", "G1K 8P8", "Canada"),
    ("Zürich", "ZH", "8001", "Switzerland"),
    ("東京都", "千代田区", "100-0001", "Japan"),
    ("São Paulo", "SP", "01310-100", "Brazil"),
    ("Leeds", "West Yorkshire", "LS1 4AP", "United Kingdom"),
    ("Saint-Étienne", "", "42000", "France"),
    ("Elsewhere", "", "", "Ruritania"),
]
CURRENCIES = ["USD", "USD", "CAD", "EUR", "GBP", "JPY"]
LANGUAGES = ["en", "en", "fr", "de", "ja", "es", None]
SERVICES = ["Design", "Hosting", "Photography", "Übersetzung", "Conseil", "翻訳", "Travel", "Print"]
DETAILS = [
    "Half days, with retouching",
    "Logo: three drafts and one final form, for print and screen",
    "Révision du contrat, deuxième partie",
    "Nach Aufwand, zuzüglich Auslagen",
    "一式",
    "",
]
NOTES = [
    "Prints are ordered apart.",
    "Merci de votre confiance — à bientôt!",
    "ご確認ください。",
    "",
    "",
]
TERMS = ["Net 30", "Payable within 14 days of receipt; late payments bear interest.", "", None]
TAXES = [("GST", "5"), ("QST", "9.975"), ("VAT", "20"), ("Sales Tax", "5.5"), ("消費税", "10")]
OFFSETS = [0, 14, 30, 30, 60]
STATES = [
    # status, v3_status, display_status, payment_status
    (1, "draft", "draft", "unpaid"),
    (2, "sent", "sent", "unpaid"),
    (2, "overdue", "sent", "unpaid"),
    (2, "partial", "sent", "partial"),
    (3, "viewed", "viewed", "unpaid"),
    (4, "paid", "sent", "paid"),
    (5, "autopaid", "viewed", "auto-paid"),
]
PAID_SHARE = {"unpaid": Decimal(0), "partial": Decimal("0.4"), "paid": Decimal(1)}
EPOCH = datetime(2015, 1, 1)  # noqa: DTZ001 - a clock text has no zone
SPAN = 11 * 365 * 86_400


def invoices(count: int, seed: int = SEED) -> Iterator[dict]:
    """Yield *count* invoices as FreshBooks shows them with their lines and their owner."""
    draw = Random(seed)
    for number in range(count):
        yield _invoice(draw, number)


def _invoice(draw: Random, number: int) -> dict:
    currency = draw.choice(CURRENCIES)
    first, last = draw.choice(FIRST_NAMES), draw.choice(LAST_NAMES)
    company = f"{last} {draw.choice(TRADES)} {number}"
    city, province, code, country = draw.choice(PLACES)
    status, v3_status, display_status, payment_status = draw.choice(STATES)
    identity, customer = 100_000 + number, draw.randint(1_000, 99_999)
    created = EPOCH + timedelta(seconds=draw.randrange(SPAN))
    changed = created + timedelta(seconds=draw.randrange(90 * 86_400))
    issued = created.date()
    days = draw.choice(OFFSETS)
    lines = [
        _line(draw, identity, index + 1, currency, (created, changed))
        for index in range(draw.randint(1, 10))
    ]
    discount = draw.choice([0, 0, 0, 5, 10])
    subtotal = sum(Decimal(line["amount"]["amount"]) for line in lines)
    reduction = subtotal * discount / 100
    total = (subtotal - reduction) * Decimal("1.05")
    paid = total * PAID_SHARE.get(payment_status, Decimal(1))
    account = f"K{draw.randrange(16**5):05x}"
    return {
        "accountid": account,
        "accounting_systemid": account,
        "address": "",
        "amount": _money(total, currency),
        "auto_bill": payment_status == "auto-paid",
        "autobill_status": "success" if payment_status == "auto-paid" else None,
        "basecampid": 0,
        "city": city,
        "code": code,
        "country": country,
        "create_date": issued.isoformat(),
        "created_at": _stamp(created),
        "currency_code": currency,
        "current_organization": company,
        "customerid": customer,
        "date_paid": _day(issued, draw.randint(1, 40)) if paid else None,
        "deposit_amount": None,
        "deposit_percentage": None,
        "deposit_status": "none",
        "description": lines[0]["name"],
        "discount_description": "Dix ans de confiance" if discount == 10 else None,
        "discount_total": _money(-reduction, currency),
        "discount_value": str(discount),
        "display_status": display_status,
        "dispute_status": None,
        "due_date": _day(issued, days),
        "due_offset_days": days,
        "estimateid": draw.choice([0, 0, 0, draw.randint(1, 999)]),
        "ext_archive": 0,
        "fname": first,
        "fulfillment_date": draw.choice([None, None, issued.isoformat()]),
        "generation_date": None,
        "gmail": False,
        "id": identity,
        "invoice_number": f"{number:07}",
        "invoiceid": identity,
        "language": draw.choice(LANGUAGES),
        "last_order_status": None,
        "lines": lines,
        "lname": last,
        "notes": draw.choice(NOTES),
        "organization": "" if draw.random() < 0.12 else company,
        "outstanding": _money(total - paid, currency),
        "owner": {
            "email": f"owner{number}@example.com",
            "fname": draw.choice(FIRST_NAMES),
            "lname": draw.choice(LAST_NAMES),
            "organization": f"Atelier {draw.choice(LAST_NAMES)}",
            "userid": 1,
        },
        "ownerid": 1,
        "paid": _money(paid, currency),
        "parent": draw.choice([0, 0, 0, draw.randint(300, 999)]),
        "payment_details": "",
        "payment_status": payment_status,
        "po_number": draw.choice([None, None, None, f"PO-{draw.randint(1, 9999)}"]),
        "province": province,
        "return_uri": None,
        "sentid": 1,
        "show_attachments": True,
        "status": status,
        "street": f"{draw.randint(1, 999)} rue des Forges",
        "street2": draw.choice(["", "", f"Suite {draw.randint(1, 99)}"]),
        "template": "clean-grouped",
        "terms": draw.choice(TERMS),
        "updated": _stamp(changed),
        "v3_status": v3_status,
        "vat_name": draw.choice([None, None, None, "VAT Number"]),
        "vat_number": draw.choice([None, "", f"{draw.randrange(10**9):09} RT0001"]),
        "vis_state": draw.choice([0, 0, 0, 0, 2]),
    }


def _line(draw: Random, invoice: int, place: int, currency: str, saved: tuple) -> dict:
    created, changed = saved
    quantity = draw.choice([Decimal(draw.randint(1, 40)), Decimal(draw.randint(1, 200)) / 4])
    cost = Decimal(draw.randint(100, 60_000)) / 100
    if currency == "JPY":
        cost = Decimal(int(cost) * 100)
    (name1, rate1), (name2, rate2) = draw.sample(TAXES, 2)
    taxes = draw.choice([0, 1, 1, 2])
    return {
        "amount": _money(quantity * cost, currency),
        "basecampid": 0,
        "compounded_tax": taxes == 2 and draw.random() < 0.2,
        "date": draw.choice([None, None, None, _stamp(created - timedelta(days=place))]),
        "description": draw.choice(DETAILS),
        "expenseid": draw.choice([0, 0, 0, 0, draw.randint(1_000, 9_999)]),
        "invoiceid": invoice,
        "lineid": place,
        "modern_project_id": draw.choice([None, None, None, draw.randint(1, 9_999)]),
        "name": draw.choice(SERVICES),
        "qty": str(quantity),
        "taskno": place,
        "taxAmount1": rate1 if taxes else "0",
        "taxAmount2": rate2 if taxes == 2 else "0",
        "taxName1": name1 if taxes else None,
        "taxName2": name2 if taxes == 2 else None,
        "taxNumber1": f"{draw.randrange(10**9):09}" if taxes else None,
        "taxNumber2": None,
        "type": draw.choice([0, 0, 0, 1]),
        "unit_cost": _money(cost, currency),
        "updated": _stamp(draw.choice([created, created, changed])),
    }


def _money(amount: Decimal, currency: str) -> dict:
    places = Decimal(1) if currency == "JPY" else Decimal("0.01")
    return {"amount": f"{amount.quantize(places) + 0:f}", "code": currency}


def _stamp(clock: datetime) -> str:
    return clock.isoformat(" ")


def _day(issued: date, days: int) -> str:
    return (issued + timedelta(days)).isoformat()


# What is written ----------------------------------------------------------------------------------


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


WRITABLE = _names(
    "number currency language issueDate dueDate fulfillmentDate generatedDate autoBill visibility "
    "purchaseOrderNumber notes terms paymentDetails template returnUri showAttachments paperMail "
    "createdBy sourceEstimate profile"
)
WRITABLE_OF_LINE = _names("type name description quantity unitPrice expense")
WRITABLE_OF_TAX = _names("name rate compound")
DELIVERIES = _names("draft sent viewed")


def to_create(common: dict) -> dict:
    """Return a new invoice with all of *common* that can be set when creating."""
    bill_to = dict(common["billTo"])
    if "address" in bill_to:
        bill_to["address"] = _without(bill_to["address"], "countryCode")
    new = {
        **_only(common, WRITABLE),
        "customer": _only(common["customer"], ("id",)),
        "delivery": common["delivery"] if common["delivery"] in DELIVERIES else "sent",
        "discount": _without(common["discount"], "total"),
        "billTo": bill_to,
        "lines": [_new_line(line) for line in common["lines"]],
    }
    return {name: value for name, value in new.items() if value != {}}


def _new_line(line: dict) -> dict:
    taxes = [_only(tax, WRITABLE_OF_TAX) for tax in line["taxes"]]
    return {**_only(line, WRITABLE_OF_LINE), "taxes": taxes}


def edit_line(common: dict, number: int) -> dict:
    """Return *common* with another quantity or description in one of its lines."""
    lines = list(common["lines"])
    place = number % len(lines)
    if number % 3:
        lines[place] = {**lines[place], "quantity": f"{number % 97 + 1}.125"}
    else:
        lines[place] = {**lines[place], "description": f"Révision n° {number}"}
    return {**common, "lines": lines}


def _only(document: dict, names: Iterable[str]) -> dict:
    return {name: document[name] for name in names if name in document}


def _without(document: dict, name: str) -> dict:
    return {key: value for key, value in document.items() if key != name}
