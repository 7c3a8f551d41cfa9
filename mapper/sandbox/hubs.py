"""Calls of the element's API, below any hub or below none: objects of vendor and common resources.

Section 7 of the platform's facts. A response passes through the transformation whatever the
method; a DELETE has none.
"""

from typing import Any

from mapper.sandbox.calls import Call
from mapper.sandbox.connections import Connection, connect, provider_errors
from mapper.sandbox.events import record_change
from mapper.sandbox.paging import page
from mapper.sandbox.searches import find_rows
from mapper.sandbox.targets import Target, from_vendor, target_of, to_vendor

__all__ = [
    "create_object",
    "delete_object",
    "list_objects",
    "read_object",
    "update_object",
]

Json = Any


def list_objects(call: Call) -> list[Json]:
    connection, target = _target(call)
    where = call.query.get("where", "")
    order = call.query.get("orderBy") or call.query.get("orderby", "")
    rows = find_rows(connection, target, where, order)
    return from_vendor(connection, target, page(call, rows))


def read_object(call: Call) -> Json:
    connection, target = _target(call)
    with provider_errors():
        row = connection.books.read(target.vendor_name, call.params["key"], target.includes)
    return from_vendor(connection, target, [row])[0]


def create_object(call: Call) -> Json:
    connection, target = _target(call)
    body = to_vendor(connection, target, call.json())
    with provider_errors():
        row = connection.books.create(target.vendor_name, body, target.includes)
    record_change(connection, "CREATED", target.vendor_name, row["id"])
    return from_vendor(connection, target, [row])[0]


def update_object(call: Call) -> Json:
    """Answer the object after a PATCH or PUT: FreshBooks' updates are partial, whichever."""
    connection, target = _target(call)
    body = to_vendor(connection, target, call.json())
    with provider_errors():
        row = connection.books.update(target.vendor_name, call.params["key"], body, target.includes)
    deleted = isinstance(body, dict) and body.get("vis_state") == 1
    kind = "DELETED" if deleted else "UPDATED"
    record_change(connection, kind, target.vendor_name, row["id"])
    return from_vendor(connection, target, [row])[0]


def delete_object(call: Call) -> None:
    connection, target = _target(call)
    with provider_errors():
        row = connection.books.read(target.vendor_name, call.params["key"])
        connection.books.delete(target.vendor_name, call.params["key"])
    record_change(connection, "DELETED", target.vendor_name, row["id"])


def _target(call: Call) -> tuple[Connection, Target]:
    connection = connect(call)
    return connection, target_of(connection, call.params["name"])
