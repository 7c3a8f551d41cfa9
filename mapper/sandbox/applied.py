"""Which transformation applies to an instance: what its levels have, joined."""

from typing import Any

from mapper.sandbox.levels import effective_transformation
from mapper.sandbox.places import seen_from
from mapper.sandbox.resources import Owner, Resource, find_resource, list_resources
from mapper.sandbox.shown_transformations import show
from mapper.sandbox.store import Transaction
from mapper.sandbox.stored_transformations import (
    Transformation,
    find_transformation,
    list_transformations,
)

__all__ = ["applied_transformation", "applied_transformations", "effective"]


def applied_transformations(db: Transaction, instance: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the transformations that apply to an instance, by common resource."""
    organization = instance["organizationId"]
    resources = {each.id: each for each in list_resources(db, organization)}
    element: Any = db.get("element", instance["elementId"])
    owners = seen_from(db, Owner("instance", instance["id"]))
    found = {}
    for each in list_transformations(db, organization):
        if each.element == element["id"] and each.resource in resources:
            resource = resources[each.resource]
            applied = effective(each, resource, element, owners)
            if applied is not None:
                found[resource.name] = applied
    return found


def applied_transformation(
    db: Transaction, instance: dict[str, Any], name: str
) -> dict[str, Any] | None:
    """Return the transformation that applies to an instance for a common resource."""
    resource = find_resource(db, instance["organizationId"], name)
    if resource is None:
        return None
    element: Any = db.get("element", instance["elementId"])
    found = find_transformation(db, resource, element["id"])
    owners = seen_from(db, Owner("instance", instance["id"]))
    return None if found is None else effective(found, resource, element, owners)


def effective(
    transformation: Transformation,
    resource: Resource,
    element: dict[str, Any],
    owners: list[Owner],
) -> dict[str, Any] | None:
    """Return what applies of a transformation where *owners* count, or None."""
    by_level = {}
    for part in transformation.seen_by(owners):
        shown = show(transformation, resource, element, [part], part.owner.level)
        if part.inherits:
            shown["configuration"] = [*shown["configuration"], {"type": "inherit"}]
        by_level[part.owner.level] = shown
    return effective_transformation(by_level)
