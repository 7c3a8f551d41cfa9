"""The filters that work, by list (section 4.2). Every other one is ignored without a word.

So a search with a wrong name returns everything: whoever builds one must check its name. A value
that a working filter cannot use is refused.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from mapper.sandbox.freshbooks.objects import Object
from mapper.sandbox.freshbooks.refusals import (
    FILTER_NOT_A_BOOLEAN,
    FILTER_NOT_A_DATE,
    FILTER_NOT_A_NUMBER,
    VendorError,
)
from mapper.sandbox.freshbooks.values import is_date

Json = Any
Search = Mapping[str, Json]
Test = Callable[[Object], bool]


class Filter(NamedTuple):
    """How a filter's value is read, and which members it is compared with, in which way."""

    kind: str
    members: tuple[str, ...]


def _same(names: str, *members: str) -> dict[str, Filter]:
    return {name: Filter("same", members or (name,)) for name in names.split()}


def _like(**members: str) -> dict[str, Filter]:
    return {name: Filter("like", tuple(of.split())) for name, of in members.items()}


def _ids(name: str, many: str, *members: str) -> dict[str, Filter]:
    of = members or (name,)
    return {name: Filter("id", of), many: Filter("ids", of)}


def _between(prefix: str, *members: str) -> dict[str, Filter]:
    of = members or (prefix,)
    return {f"{prefix}_min": Filter("least", of), f"{prefix}_max": Filter("most", of)}


_UPDATED = {
    "updated_min": Filter("since", ("updated",)),
    "updated_max": Filter("before", ("updated",)),
}
_VIS_STATE = {"vis_state": Filter("id", ("vis_state",))}
_ADDRESS = "street street2 city province code country"
FILTERS: dict[str, dict[str, Filter]] = {
    "invoices": {
        "date_min": Filter("from", ("create_date",)),
        "date_max": Filter("to", ("create_date",)),
        **_UPDATED,
        **_ids("customerid", "customerids"),
        **_ids("invoiceid", "invoiceids"),
        **_same("v3_status invoice_number"),
        "paid": Filter("boolean", ("_paid",)),
        "outstanding": Filter("boolean", ("_outstanding",)),
        **_like(address_like=f"{_ADDRESS} address"),
        **_VIS_STATE,
    },
    "customers": {
        **_same("email username"),
        **_like(
            email_like="email",
            fname_like="fname",
            lname_like="lname",
            organization_like="organization",
            user_like="fname lname organization email username",
            phone_like="bus_phone mob_phone home_phone fax",
            note_like="note",
            address_like=" ".join(f"p_{part} s_{part}" for part in _ADDRESS.split()),
        ),
        **_ids("userid", "userids"),
        **_UPDATED,
        "has_credit": Filter("boolean", ("credit_balance",)),
        "has_draft": Filter("boolean", ("draft_balance",)),
        "has_outstanding": Filter("boolean", ("outstanding_balance",)),
        "has_overdue": Filter("boolean", ("overdue_balance",)),
        **_VIS_STATE,
    },
    "payments": {
        "date_min": Filter("from", ("date",)),
        "date_max": Filter("to", ("date",)),
        **_UPDATED,
        "invoiceid": Filter("id", ("invoiceid",)),
        **_ids("clientid", "clientids"),
        "amount": Filter("number", ("amount",)),
        **_same("type"),
        "currency": Filter("same", ("_currency",)),
        **_VIS_STATE,
    },
    "taxes": {
        **_ids("taxid", "taxids"),
        **_like(name="name", number="number"),
        "compound": Filter("boolean", ("compound",)),
        **_UPDATED,
    },
    "items": {
        **_ids("itemid", "itemids"),
        **_same("sku"),
        **_like(description="description"),
        **_between("unit_cost"),
        **_between("inventory"),
        **_between("qty"),
        **_UPDATED,
        **_VIS_STATE,
    },
    "vendors": {},  # none found
}
NEEDS = {f"has_{kind}": f"{kind}_balance" for kind in ("credit", "draft", "outstanding", "overdue")}
"""Filters on a member that is shown only when asked for."""


def found(resource: str, rows: Iterable[Object], search: Search) -> list[Object]:
    """Return the rows that pass every filter that works; deleted ones only if asked for.

    Raises:
        VendorError: A filter's value is no date, number or boolean.
    """
    working = FILTERS[resource]
    tests = [
        _test(working[name.removesuffix("[]")], name, value)
        for name, value in search.items()
        if name.removesuffix("[]") in working
    ]
    if "vis_state" not in search or "vis_state" not in working:
        tests.append(lambda row: row.get("vis_state") != 1)  # section 3.5
    return [row for row in rows if all(test(row) for test in tests)]


def _test(rule: Filter, name: str, value: Json) -> Test:
    """Return whether a row passes the filter with that value."""
    reads = [_reader(member) for member in rule.members]

    def any_of(accepts: Callable[[Json], bool]) -> Test:
        return lambda row: any(accepts(value) for read in reads if (value := read(row)) is not None)

    text = _text(value)
    match rule.kind:
        case "same":
            return any_of(lambda own: _text(own) == text)
        case "like":
            return any_of(lambda own: text.casefold() in str(own).casefold())
        case "id" | "number":
            wanted = _number(name, value)
            return any_of(lambda own: _decimal(own) == wanted)
        case "ids":
            each = value if isinstance(value, list) else text.split(",")
            numbers = {_number(name, one) for one in each}
            return any_of(lambda own: _decimal(own) in numbers)
        case "least":
            bound = _number(name, value)
            return any_of(lambda own: (number := _decimal(own)) is not None and number >= bound)
        case "most":
            bound = _number(name, value)
            return any_of(lambda own: (number := _decimal(own)) is not None and number <= bound)
        case "boolean":
            wanted_truth = _boolean(name, text)
            return lambda row: all(bool(read(row)) == wanted_truth for read in reads)
        case _:
            return any_of(_dated(rule.kind, _day(name, text)))


def _dated(kind: str, day: str) -> Callable[[str], bool]:
    """Return the comparison with a day; stamps compare by their Eastern day (section 4.2)."""
    match kind:
        case "from" | "since":
            return lambda own: own[:10] >= day
        case "to":
            return lambda own: own[:10] <= day
        case _:
            return lambda own: own[:10] < day


def _reader(member: str) -> Callable[[Object], Json]:
    """Return the function that reads what a filter compares; three are no members."""
    match member:
        case "_paid":
            return lambda row: row["payment_status"] in {"paid", "auto-paid"}
        case "_outstanding":
            return lambda row: Decimal(row["outstanding"]["amount"]) > 0
        case "_currency":
            return lambda row: row["amount"]["code"]
        case _:
            return lambda row: row.get(member)


def _text(value: Json) -> str:
    """Return a value as a query of an address carries it."""
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join(_text(each) for each in value)
        case _:
            return str(value)


def _decimal(own: Json) -> Decimal | None:
    """Return a member's number: that of money is its amount."""
    text = own["amount"] if isinstance(own, dict) else own
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None


def _number(name: str, value: Json) -> Decimal:
    number = None if isinstance(value, bool) else _decimal(value)
    if number is None or not number.is_finite():
        raise VendorError(FILTER_NOT_A_NUMBER, f"{name} must be a number.", field=name, value=value)
    return number


def _boolean(name: str, text: str) -> bool:
    match text.lower():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case _:
            raise VendorError(
                FILTER_NOT_A_BOOLEAN, f"{name} must be true or false.", field=name, value=text
            )


def _day(name: str, text: str) -> str:
    if not is_date(text[:10]):
        raise VendorError(
            FILTER_NOT_A_DATE, f"{name} must be a date, YYYY-MM-DD.", field=name, value=text
        )
    return text[:10]
