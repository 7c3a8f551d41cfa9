"""``/vdrs/{id}/transformations``: transformations by id, with the parts of all levels."""

from typing import Any

from mapper.sandbox.calls import Call
from mapper.sandbox.elements import element_of
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.multilevel import highest_writable, resource_of, viewed
from mapper.sandbox.paging import or_nothing
from mapper.sandbox.places import instance_of, writable
from mapper.sandbox.resources import Owner, Resource
from mapper.sandbox.shown_transformations import show_all
from mapper.sandbox.stored_transformations import (
    Transformation,
    find_transformation,
    get_transformation,
    new_transformation,
    save_transformation,
    transformations_of,
)
from mapper.sandbox.written_transformations import read_parts

__all__ = [
    "create_vdr_transformation",
    "delete_vdr_transformation",
    "list_vdr_transformations",
    "read_vdr_transformation",
    "replace_vdr_transformation",
    "write_parts",
]


def list_vdr_transformations(call: Call) -> list[dict[str, Any]]:
    resource, owners = resource_of(call), _viewed(call)
    found = [each for each in transformations_of(call.stale, resource) if each.seen_by(owners)]
    seen = or_nothing(call, found, "transformations")
    return [_show(call, resource, each, owners) for each in seen]


def create_vdr_transformation(call: Call) -> dict[str, Any]:
    resource, body = resource_of(call), call.json_object()
    asked = str(body.get("elementKey") or body.get("elementId") or "")
    element = element_of(call.db, asked)
    if element is None:
        raise PlatformError(400, f"No element found for '{asked}': give elementKey or elementId")
    found = find_transformation(call.db, resource, element["id"])
    if found is not None and found.seen_by(viewed(call)):
        raise PlatformError(409, f"'{resource.name}' already has a transformation for '{asked}'")
    found = found or new_transformation(call.db, resource, element["id"])
    return _written(call, resource, found, body)


def read_vdr_transformation(call: Call) -> dict[str, Any]:
    resource, owners = resource_of(call), _viewed(call)
    found = get_transformation(call.stale, resource, call.params["transformation"])
    if found is None or not found.seen_by(owners):
        raise _absent(call)
    return _show(call, resource, found, owners)


def replace_vdr_transformation(call: Call) -> dict[str, Any]:
    """Replace the parts that the caller may change by those of the body."""
    resource = resource_of(call)
    found = _seen(call, resource)
    return _written(call, resource, found, call.json_object())


def delete_vdr_transformation(call: Call) -> None:
    """Remove the parts that the caller may change."""
    found = _seen(call, resource_of(call))
    for owner in writable(call.caller, call.db):
        found = found.without_part(owner)
    save_transformation(call.db, found)
    if found.seen_by(viewed(call)):
        call.ignored("Parts at other levels were ignored: missing privilege")


def write_parts(
    call: Call,
    resource: Resource,
    transformation: Transformation,
    body: dict[str, Any],
    default: Owner,
) -> Transformation:
    """Store the parts that a body has, in the place of those of their owners, and return all."""
    for part in read_parts(call, resource, body, transformation, default):
        transformation = transformation.with_part(part)
    save_transformation(call.db, transformation)
    return transformation


def _written(
    call: Call, resource: Resource, before: Transformation, body: dict[str, Any]
) -> dict[str, Any]:
    default = highest_writable(call)
    parts = read_parts(call, resource, body, before, default)
    after = before
    for owner in writable(call.caller, call.db, templates=call.flag("systemOnly")):
        after = after.without_part(owner)
    for part in parts:
        after = after.with_part(part)
    save_transformation(call.db, after)
    return _show(call, resource, after, viewed(call))


def _seen(call: Call, resource: Resource) -> Transformation:
    found = get_transformation(call.db, resource, call.params["transformation"])
    if found is None or not found.seen_by(viewed(call)):
        raise _absent(call)
    return found


def _viewed(call: Call) -> list[Owner]:
    """Return whose parts are shown: with ``instanceId``, of the instances only that one's."""
    number = call.query.get("instanceId")
    if number is None:
        return viewed(call)
    if not number.isdecimal():
        raise PlatformError(400, "instanceId must be a number")
    return viewed(call, instance=instance_of(call, int(number))["id"])


def _show(
    call: Call, resource: Resource, transformation: Transformation, owners: list[Owner]
) -> dict[str, Any]:
    parts = transformation.seen_by(owners)
    element: Any = call.db.get("element", transformation.element)
    if not parts:  # all that the body had was above the caller's level
        return {"id": transformation.id, "objectName": resource.name, "fields": []}
    return show_all(transformation, resource, element, parts)


def _absent(call: Call) -> PlatformError:
    number = call.params["transformation"]
    return PlatformError(404, f"No transformation found for id {number}")
