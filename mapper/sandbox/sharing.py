"""``/vdrs``: export, import and clone of common resources with their transformations."""

from typing import Any

from msgspec.structs import replace

from mapper.sandbox.calls import Call
from mapper.sandbox.definitions import described, follow, show_field
from mapper.sandbox.elements import element_of
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.multilevel import highest_writable, resource_of, viewed, with_fields
from mapper.sandbox.places import writable
from mapper.sandbox.resources import (
    Owner,
    Part,
    Resource,
    check_name,
    find_resource,
    new_resource,
    objects,
    read_fields,
    save_resource,
    stamp,
)
from mapper.sandbox.shown_transformations import effective_parts, export, exported
from mapper.sandbox.stored_transformations import (
    Transformation,
    TransformationPart,
    find_transformation,
    new_transformation,
    save_transformation,
    transformations_of,
)
from mapper.sandbox.vdr_transformations import write_parts
from mapper.sandbox.vdrs import show_vdr

__all__ = ["clone_vdr", "export_vdr", "import_vdr"]


def export_vdr(call: Call) -> dict[str, Any]:
    """Answer a resource with its transformations by element: what an import takes."""
    name, owners = call.params["name"], viewed(call)
    resource = find_resource(call.stale, call.caller.organization["id"], name)
    if resource is None or not resource.seen_by(owners):
        raise PlatformError(404, f"No VDR found named '{name}'")
    definition: dict[str, Any] = {
        "objectName": name,
        "createdDate": resource.created,
        "fields": [
            {"displayName": ""} | exported(show_field(owner, field))
            for owner, field in resource.fields()
            if owner in owners
        ],
    }
    if resource.description is not None:
        definition["description"] = resource.description
    transformations = {}
    for each in transformations_of(call.stale, resource):
        parts, element = each.seen_by(owners), _element(call, each)
        if parts:
            transformations[element["key"]] = export(each, resource, element, parts)
    return {
        "vdrName": name,
        "vdrVersion": call.caller.organization["vdrVersion"],
        "definition": definition,
        "transformation": transformations,
    }


def import_vdr(call: Call) -> dict[str, Any]:
    """Store a resource and its transformations as an export has them, all or nothing."""
    body = call.json_object()
    definition, transformations = body.get("definition"), body.get("transformation") or {}
    if not isinstance(definition, dict) or not isinstance(transformations, dict):
        raise PlatformError(400, "An import has a 'definition' and a 'transformation' object")
    name = check_name(definition.get("objectName") or body.get("vdrName"), call.settings)
    organization = call.caller.organization["id"]
    before = find_resource(call.db, organization, name)
    before = before or new_resource(call.db, organization, name)
    absent_goes = call.settings["import-removes-absent"] == "on"
    kept = () if absent_goes else [each.owner for each in before.parts]
    fields = objects(definition.get("fields"), "fields")
    resource = with_fields(call, described(before, definition), fields, kept)
    save_resource(call.db, resource)
    follow(call, resource, before)
    if absent_goes:
        _remove_transformations(call, resource)
    for key, given in transformations.items():
        element = element_of(call.db, key)
        if element is None or not isinstance(given, dict):
            raise PlatformError(400, f"No element found for '{key}'")
        found = find_transformation(call.db, resource, element["id"])
        found = found or new_transformation(call.db, resource, element["id"])
        write_parts(call, resource, found, given, highest_writable(call))
    return show_vdr(call, resource)


def clone_vdr(call: Call) -> dict[str, Any]:
    """Copy a resource to one level, by default the account's, with transformations if asked."""
    source, body = resource_of(call), call.json_object()
    owner = _clone_owner(call)
    organization = call.caller.organization["id"]
    name = check_name(body.get("objectName", source.name), call.settings)
    target = find_resource(call.db, organization, name)
    target = target or new_resource(call.db, organization, name)
    if target.part(owner):
        raise PlatformError(409, f"A VDR named '{name}' already exists at this level")
    fields = {
        field.path: {"path": field.path, "type": field.type, "displayName": field.display_name}
        for part in source.seen_by(viewed(call))
        for field in part.fields
    }
    target = target.with_part(Part(owner, read_fields(call.db, list(fields.values()), None)))
    save_resource(call.db, target)
    keys = _cloned_elements(call)
    for each in transformations_of(call.db, source):
        parts = each.seen_by(viewed(call))
        if parts and (keys is None or _element(call, each)["key"] in keys):
            _clone_transformation(call, target, each, parts, owner)
    return show_vdr(call, target)


def _clone_owner(call: Call) -> Owner:
    level = call.query.get("level", "account")
    owners = {
        "organization": Owner("organization", call.caller.organization["id"]),
        "account": Owner("account", call.caller.account["id"]),
    }
    if level not in owners:
        raise PlatformError(400, "level must be organization or account")
    if owners[level] not in writable(call.caller, call.db):
        raise PlatformError(403, f"You may not write at the {level} level")
    return owners[level]


def _cloned_elements(call: Call) -> set[str] | None:
    """Return the keys of the elements whose transformations are cloned; None for all."""
    if call.flag("cloneAllTransformations"):
        return None
    given = [*call.query.getlist("elementKeys[]"), *call.query.getlist("elementKeys")]
    return {key for each in given for key in each.split(",")}


def _clone_transformation(
    call: Call,
    target: Resource,
    source: Transformation,
    parts: list[TransformationPart],
    owner: Owner,
) -> None:
    ids = {field.path: field.id for place, field in target.fields() if place == owner}
    counting = effective_parts(parts)
    fields = {field.path: field for part in reversed(counting) for field in part.fields}
    copied = TransformationPart(
        owner=owner,
        started=stamp(),
        vendor_name=next((each.vendor_name for each in counting if each.vendor_name), None),
        fields=tuple(
            replace(each, id=call.db.next_id(), vdr_field_id=ids.get(each.path))
            for each in fields.values()
        ),
        configuration=counting[0].configuration,
        script=next((each.script for each in counting if each.script is not None), None),
        legacy=counting[0].legacy,
        inherits=counting[0].inherits,
    )
    there = find_transformation(call.db, target, source.element)
    there = there or new_transformation(call.db, target, source.element)
    save_transformation(call.db, there.with_part(copied))


def _remove_transformations(call: Call, resource: Resource) -> None:
    allowed = writable(call.caller, call.db)
    for each in transformations_of(call.db, resource):
        after = each
        for owner in allowed:
            after = after.without_part(owner)
        save_transformation(call.db, after)


def _element(call: Call, transformation: Transformation) -> dict[str, Any]:
    element: Any = call.db.get("element", transformation.element)
    found: dict[str, Any] = element
    return found
