"""Sorting and paging of a list (sections 4.1 and 4.3)."""

from typing import Any, NamedTuple

from mapper.sandbox.freshbooks.members import RESOURCES
from mapper.sandbox.freshbooks.objects import Object
from mapper.sandbox.freshbooks.refusals import INVALID_PAGE, INVALID_PER_PAGE, VendorError

PER_PAGE, MOST_PER_PAGE = 15, 100

# Key to members. Of the other lists no key is known to work; an unknown key is ignored (inferred
# from what filters do).
_SORTS: dict[str, dict[str, tuple[str, ...]]] = {
    "invoices": {"invoice_date": ("create_date",)},
    "customers": {
        "organization_name": ("organization",),
        "fullname": ("fname", "lname"),
        "email": ("email",),
        "updated": ("updated",),
        "client_id": ("id",),
        "bus_phone": ("bus_phone",),
        "primarycontact": ("fname", "lname"),
    },
}


class Page(NamedTuple):
    """One page of a list, with what stands beside it in the envelope."""

    rows: list[Object]
    page: int
    pages: int
    per_page: int
    total: int


def in_order(resource: str, rows: list[Object], sort: str = "") -> list[Object]:
    """Return the rows as *sort* says, ``<key>_asc`` or ``<key>_desc``, else by id.

    Without it, the order is that of the recorded lists: newest first for invoices and payments.
    """
    kind = RESOURCES[resource]
    ordered = sorted(rows, key=lambda row: row[kind.key], reverse=kind.newest_first)
    key, _, direction = sort.rpartition("_")
    members = _SORTS.get(resource, {}).get(key)
    if members is None or direction not in {"asc", "desc"}:
        return ordered

    def value(row: Object) -> list[Any]:
        return [
            each.casefold() if isinstance(each, str) else each
            for each in (row[member] for member in members)
        ]

    return sorted(ordered, key=value, reverse=direction == "desc")


def paged(rows: list[Object], page: Any = 1, per_page: Any = PER_PAGE) -> Page:
    """Return one page; one past the end is empty, page 0 is page 1, more than 100 a page is 100.

    Raises:
        VendorError: One of the numbers is none, or *per_page* holds nothing.
    """
    number = max(_whole(page, INVALID_PAGE, "page"), 1)
    size = min(_whole(per_page, INVALID_PER_PAGE, "per_page"), MOST_PER_PAGE)
    if size < 1:
        raise VendorError(INVALID_PER_PAGE, "per_page must be 1 or more.", field="per_page")
    start = (number - 1) * size
    pages = -(-len(rows) // size)
    return Page(rows[start : start + size], number, pages, size, len(rows))


def _whole(value: Any, errno: int, field: str) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or len(text) > 15:
        raise VendorError(errno, f"{field} must be a whole number.", field=field, value=value)
    return int(text)
