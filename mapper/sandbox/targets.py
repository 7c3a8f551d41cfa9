"""What a name in a call of the element's API leads to, and the way there and back.

A common resource is called through the transformation that applies to the instance: its
``vendorName`` says which vendor resource answers. Where both have one name, the common one does.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from mapper.sandbox.applied import applied_transformation
from mapper.sandbox.connections import Connection
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.execution import Outcome
from mapper.sandbox.freshbooks import INCLUDES, RESOURCES

__all__ = ["Target", "from_vendor", "target_of", "to_vendor", "where_to_vendor"]

Json = Any


class Target(msgspec.Struct, frozen=True):
    """A vendor resource, and what is between it and the caller.

    The transformation of the vendor's own resource is empty: everything passes as it is.
    """

    vendor_name: str
    transformation: dict[str, Any]
    list_includes: frozenset[str]
    """The members to ask for in a list, of those that FreshBooks does not show unasked."""
    includes: frozenset[str]
    """The same for one object."""


def target_of(connection: Connection, name: str) -> Target:
    """Return what a name leads to for an instance.

    Raises:
        PlatformError: It leads nowhere.
    """
    settings = connection.platform.settings
    transformation = applied_transformation(connection.stale, connection.instance, name)
    vendor_name = name if transformation is None else transformation.get("vendorName")
    if vendor_name not in RESOURCES:
        what = f"No resource or transformation found for '{name}'"
        if transformation is not None:
            what = f"The transformation of '{name}' leads to no resource: {vendor_name!r}"
        raise PlatformError(int(settings["unmapped-resource"]), what)
    every = frozenset(INCLUDES.get(vendor_name, ()))
    none: frozenset[str] = frozenset()
    return Target(
        vendor_name=vendor_name,
        transformation=transformation or {},
        list_includes=every if settings["vendor-lists"] == "full" else none,
        includes=every if settings["vendor-objects"] == "full" else none,
    )


def from_vendor(connection: Connection, target: Target, objects: Iterable[Json]) -> list[Json]:
    """Return vendor objects as the caller sees them."""
    outcomes = connection.platform.execution.run_many(
        target.transformation,
        objects,
        from_vendor=True,
        configuration=connection.context(),
        filter_nulls=connection.filters_nulls,
        trusted=connection.platform.settings["script-globals"] == "shared",
    )
    return [_result(connection, outcome) for outcome in outcomes]


def to_vendor(connection: Connection, target: Target, body: Json) -> Json:
    """Return a request's body as it goes to the vendor."""
    execution = connection.platform.execution
    outcome = execution.run(
        target.transformation, body, from_vendor=False, configuration=connection.context()
    )
    return _result(connection, outcome)


def where_to_vendor(
    connection: Connection, target: Target, items: Sequence[dict[str, Json]]
) -> Json:
    """Return the items of a ``where`` in the vendor's terms, or the text that a script made."""
    execution = connection.platform.execution
    outcome = execution.where(target.transformation, items, configuration=connection.context())
    return _result(connection, outcome)["where"]


def _result(connection: Connection, outcome: Outcome) -> Json:
    if outcome.script_error is not None:
        connection.warn(outcome.script_error.message)
    return outcome.result
