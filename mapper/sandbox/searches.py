"""A ``where`` as FreshBooks can be asked: names of its filters, each with a value.

Names are translated by the transformation, and by its script where that is configured. FreshBooks
ignores filters that it does not know, and so a wrong name finds everything.
"""

from collections.abc import Iterator
from typing import Any

from mapper.sandbox.ceql import (
    And,
    CeqlError,
    Comparison,
    Where,
    items_of,
    parse_where,
    with_items,
)
from mapper.sandbox.connections import Connection, provider_errors
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.targets import Target, where_to_vendor

__all__ = ["find_rows"]

Json = Any


def find_rows(
    connection: Connection,
    target: Target,
    where: str | Where | None,
    order: str = "",
    more: dict[str, Json] | None = None,
) -> list[Json]:
    """Return the vendor's objects that a ``where`` finds, and *more* filters of the vendor's.

    Raises:
        PlatformError: It is no CEQL, or FreshBooks has no such search.
    """
    search = _search(connection, target, where) | (more or {})
    with provider_errors():
        return connection.books.find(
            target.vendor_name, search, sort=_sort(order), includes=target.list_includes
        )


def _search(connection: Connection, target: Target, where: str | Where | None) -> dict[str, Json]:
    """Return the filters and values of a ``where`` in common names, or in the vendor's own."""
    try:
        tree = _tree(where)
        if tree is not None and target.transformation:
            given = where_to_vendor(connection, target, items_of(tree))
            tree = _tree(given) if isinstance(given, str) else with_items(tree, given)
    except CeqlError as error:
        raise PlatformError(400, f"Invalid where clause: {error}") from None
    lenient = connection.platform.settings["where-operators"] == "ignore"
    return {} if tree is None else dict(_filters(tree, lenient=lenient))


def _sort(order: str) -> str:
    """Return FreshBooks' ``sort`` for an ``orderBy``, whose field is not translated."""
    field, _, direction = order.strip().partition(" ")
    if not field:
        return ""
    return f"{field}_{'desc' if direction.strip().lower() == 'desc' else 'asc'}"


def _tree(where: str | Where | None) -> Where | None:
    if isinstance(where, str):
        return parse_where(where) if where.strip() else None
    return where


def _filters(where: Where, *, lenient: bool) -> Iterator[tuple[str, Json]]:
    match where:
        case And():
            for part in where.parts:
                yield from _filters(part, lenient=lenient)
        case Comparison(operator="="):
            yield where.attribute, where.value
        case Comparison(operator="IN", value=tuple(values)):
            yield where.attribute, list(values)
        case _ if not lenient:
            said = where.operator if isinstance(where, Comparison) else "OR"
            raise PlatformError(400, f"FreshBooks' filters only know '=', IN and AND, not {said}")
        case _:
            pass
