"""Transformations at one level: the part that one owner has for a common resource and element."""

from typing import Any

from mapper.sandbox.calls import Call
from mapper.sandbox.elements import element_at, summary
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.places import Place, account_of, instance_of, seen_from, writable
from mapper.sandbox.resources import Owner, Resource, find_resource, list_resources
from mapper.sandbox.shown_transformations import show
from mapper.sandbox.stored_transformations import (
    Transformation,
    TransformationPart,
    find_transformation,
    list_transformations,
    new_transformation,
    save_transformation,
    transformations_of,
)
from mapper.sandbox.written_transformations import read_part

__all__ = [
    "create_transformation",
    "delete_transformation",
    "delete_transformations",
    "list_element_transformations",
    "list_mapped_elements",
    "read_transformation",
    "replace_transformation",
]


def list_element_transformations(place: Place, call: Call) -> dict[str, Any]:
    """Answer the transformations of an element by object name, as the level sees them."""
    owner, element = place(call), _element(call)
    names = {each.id: each for each in list_resources(call.stale, _organization(call))}
    found = {}
    for each in list_transformations(call.stale, _organization(call)):
        if each.element == element["id"] and each.resource in names:
            parts = _seen(call, each, owner)
            if parts:
                resource = names[each.resource]
                found[resource.name] = show(each, resource, element, parts, owner.level)
    if not found:
        raise PlatformError(404, "No transformations found")
    return found


def list_mapped_elements(call: Call) -> list[dict[str, Any]]:
    """Answer which elements have a transformation for an object, at which levels."""
    resource = find_resource(call.stale, _organization(call), call.params["name"])
    account = call.caller.account
    if "account" in call.params:
        account = account_of(call, call.params["account"])
    owners = seen_from(call.db, Owner("account", account["id"]))
    found = []
    for each in [] if resource is None else transformations_of(call.stale, resource):
        element: Any = call.db.get("element", each.element)
        for part in each.seen_by(owners):
            about = {"level": part.owner.level, "name": call.params["name"]}
            found.append(about | {"element": summary(element), "account": account})
    if not found:
        raise PlatformError(404, "No transformations found")
    return found


def delete_transformations(place: Place, call: Call) -> None:
    """Remove what a level has for an element."""
    owner, element = place(call), _element(call)
    found = [
        each
        for each in list_transformations(call.db, _organization(call))
        if each.element == element["id"] and each.part(owner)
    ]
    if not found:
        raise PlatformError(404, "No transformations found")
    for each in found:
        save_transformation(call.db, each.without_part(owner))


def read_transformation(place: Place, call: Call) -> dict[str, Any]:
    """Answer a transformation as the level sees it: merged with the levels above if it inherits."""
    owner, element = place(call), _element(call)
    resource = find_resource(call.stale, _organization(call), call.params["name"])
    found = None if resource is None else find_transformation(call.stale, resource, element["id"])
    parts = [] if found is None else _seen(call, found, owner)
    if resource is None or found is None or not parts:
        raise _absent(call)
    return show(found, resource, element, parts, owner.level)


def create_transformation(place: Place, call: Call) -> dict[str, Any]:
    owner, element = place(call), _element(call)
    name = call.params["name"]
    resource = _defined(call, owner, name)
    found = find_transformation(call.db, resource, element["id"])
    found = found or new_transformation(call.db, resource, element["id"])
    if found.part(owner):
        raise PlatformError(409, f"A transformation for '{name}' already exists at this level")
    part = read_part(call, resource, owner, call.json_object(), None)
    return _stored(call, resource, element, found.with_part(part), owner)


def replace_transformation(place: Place, call: Call) -> dict[str, Any]:
    owner, element = place(call), _element(call)
    resource, found, before = _owned(call, owner, element)
    part = read_part(call, resource, owner, call.json_object(), before)
    return _stored(call, resource, element, found.with_part(part), owner)


def delete_transformation(place: Place, call: Call) -> None:
    """Remove a level's transformation; ``propagate=true`` removes those above that one may."""
    owner, element = place(call), _element(call)
    _, found, _ = _owned(call, owner, element)
    after = found.without_part(owner)
    if call.flag("propagate"):
        above = seen_from(call.db, owner)
        for each in writable(call.caller, call.db) & set(above):
            after = after.without_part(each)
        if after.seen_by(above):
            call.ignored("Transformations at other levels were ignored: missing privilege")
    save_transformation(call.db, after)


def _stored(
    call: Call,
    resource: Resource,
    element: dict[str, Any],
    transformation: Transformation,
    owner: Owner,
) -> dict[str, Any]:
    save_transformation(call.db, transformation)
    parts = transformation.seen_by([owner])
    return show(transformation, resource, element, parts, owner.level)


def _seen(call: Call, transformation: Transformation, owner: Owner) -> list[TransformationPart]:
    """Return the parts that a level sees; none if it is to have one of its own and has none."""
    own = call.settings["inherited-transformations"] == "hidden"
    if own and transformation.part(owner) is None:
        return []
    return transformation.seen_by(seen_from(call.db, owner))


def _defined(call: Call, owner: Owner, name: str) -> Resource:
    """Return the resource of a name if the level sees a definition of it."""
    resource = find_resource(call.stale, _organization(call), name)
    if resource is None or not resource.seen_by(seen_from(call.db, owner)):
        raise PlatformError(
            400,
            f"No object definition found for '{name}' so no transformation can be created for that"
            " object.  Please define that object in your object definitions first.",
        )
    return resource


def _owned(
    call: Call, owner: Owner, element: dict[str, Any]
) -> tuple[Resource, Transformation, TransformationPart]:
    resource = find_resource(call.db, _organization(call), call.params["name"])
    found = None if resource is None else find_transformation(call.db, resource, element["id"])
    part = None if found is None else found.part(owner)
    if resource is None or found is None or part is None:
        raise _absent(call)
    return resource, found, part


def _element(call: Call) -> dict[str, Any]:
    """Return the element of the URL: its own, or that of the instance which it names."""
    if "element" in call.params:
        return element_at(call)
    number = call.params.get("instance")
    instance = call.instance if number is None else instance_of(call, number)
    element: Any = call.db.get("element", instance["elementId"])
    found: dict[str, Any] = element
    return found


def _organization(call: Call) -> int:
    number: int = call.caller.organization["id"]
    return number


def _absent(call: Call) -> PlatformError:
    return PlatformError(404, f"No transformation found for '{call.params['name']}'")
