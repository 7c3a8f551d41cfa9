"""``/vdrs``: common resources by id, with the parts of all the owners that the caller sees."""

import re
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from mapper.sandbox.calls import Call
from mapper.sandbox.definitions import described, follow, show_field
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.multilevel import resource_of, viewed, with_fields
from mapper.sandbox.paging import or_nothing, page
from mapper.sandbox.places import writable
from mapper.sandbox.resources import (
    TEMPLATES,
    Resource,
    check_name,
    find_resource,
    list_resources,
    new_resource,
    objects,
    save_resource,
)
from mapper.sandbox.stored_transformations import (
    drop_transformations,
    transformations_of,
    users_of,
)

__all__ = [
    "create_vdr",
    "delete_vdr",
    "list_vdrs",
    "mapped_elements",
    "read_vdr",
    "remove_parts",
    "rename",
    "replace_vdr",
    "show_vdr",
    "upgrade",
]

_NAMES = re.compile(r"\s*objectName\s+in\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r"'((?:[^']|'')*)'")


def list_vdrs(call: Call) -> list[dict[str, Any]]:
    """Answer the resources that the caller sees, or those of them that ``where`` names."""
    templates = call.flag("systemOnly")
    organization = TEMPLATES if templates else call.caller.organization["id"]
    owners = viewed(call)
    found: Sequence[Resource] = [
        each for each in list_resources(call.stale, organization) if each.seen_by(owners)
    ]
    where = call.query.get("where")
    if where is not None:
        names = _names(where)
        found = [each for each in found if each.name in names]
    found = or_nothing(call, found, "VDRs")
    if call.settings["vdr-pages"] == "paged":
        found = page(call, found)
    return [show_vdr(call, each) for each in found]


def create_vdr(call: Call) -> dict[str, Any]:
    body = call.json_object()
    name = check_name(body.get("objectName"), call.settings)
    templates = call.flag("systemOnly")
    if templates and not call.caller.is_template_admin:
        raise PlatformError(403, "Only a VDR administrator may create templates")
    organization = TEMPLATES if templates else call.caller.organization["id"]
    before = find_resource(call.db, organization, name)
    if before is not None and before.seen_by(viewed(call)):
        raise PlatformError(409, f"A VDR named '{name}' already exists")
    resource = described(before or new_resource(call.db, organization, name), body)
    resource = with_fields(call, resource, objects(body.get("fields"), "fields"))
    save_resource(call.db, resource)
    return show_vdr(call, resource)


def read_vdr(call: Call) -> dict[str, Any]:
    return show_vdr(call, resource_of(call))


def replace_vdr(call: Call) -> dict[str, Any]:
    """Replace the fields that the caller may change; a field with a known id is that field."""
    before, body = resource_of(call), call.json_object()
    resource = with_fields(call, before, objects(body.get("fields"), "fields"))
    name = body.get("objectName", resource.name)
    if name != resource.name:
        resource = rename(call, resource, name)
    if body.get("description") != before.description:
        resource = described(resource, body)
    save_resource(call.db, resource)
    follow(call, resource, before)
    return show_vdr(call, resource)


def delete_vdr(call: Call) -> None:
    """Remove the parts that the caller may change."""
    resource = resource_of(call)
    remove_parts(call, resource, force=call.settings["delete-used-definition"] == "cascade")


def upgrade(version: str, call: Call) -> dict[str, Any]:
    """Switch the organization's engine; level endpoints and ids stay as they are."""
    if not call.caller.is_organization_admin:
        raise PlatformError(403, "Only an organization administrator may switch the engine")
    organization = call.caller.organization | {"vdrVersion": version}
    call.db.put("organization", organization["id"], organization, organization["secret"])
    return {"id": organization["id"], "vdrVersion": version}


def show_vdr(call: Call, resource: Resource) -> dict[str, Any]:
    """Return a resource with the fields that the caller sees."""
    owners = set(viewed(call))
    shown: dict[str, Any] = {
        "id": resource.id,
        "objectName": resource.name,
        "createdDate": resource.created,
        "fields": [
            show_field(owner, field) for owner, field in resource.fields() if owner in owners
        ],
        "mappedElementIds": mapped_elements(call, resource),
    }
    if resource.description is not None:
        shown["description"] = resource.description
    return shown


def mapped_elements(call: Call, resource: Resource) -> list[int]:
    """Return the ids of the elements that have a transformation at the organization's level."""
    return [
        each.element
        for each in transformations_of(call.db, resource)
        if any(part.owner.level == "organization" for part in each.parts)
    ]


def rename(call: Call, resource: Resource, name: Any) -> Resource:
    """Return a resource with another name, or as it is if the caller may not change all of it.

    Raises:
        PlatformError: 409 if the name is taken.
    """
    check_name(name, call.settings)
    allowed = writable(call.caller, call.db, templates=call.flag("systemOnly"))
    if any(each.owner not in allowed for each in resource.parts):
        call.ignored("The new name was ignored: missing privilege")
        return resource
    if find_resource(call.db, resource.organization, name) is not None:
        raise PlatformError(409, f"A VDR named '{name}' already exists")
    return replace(resource, name=name)


def remove_parts(call: Call, resource: Resource, *, force: bool) -> None:
    """Remove the parts that the caller may change, with their transformations if forced.

    Raises:
        PlatformError: 409 if they are in use and it is not forced; 403 if there are none.
    """
    allowed = writable(call.caller, call.db, templates=call.flag("systemOnly"))
    owners = [each.owner for each in resource.parts if each.owner in allowed]
    if not owners:
        raise PlatformError(403, f"You may not delete any part of '{resource.name}'")
    if not force and any(users_of(call.db, resource, each) for each in owners):
        raise PlatformError(409, f"'{resource.name}' is in use: delete its transformations first")
    for owner in owners:
        drop_transformations(call.db, resource, owner)
        resource = resource.without_part(owner)
    save_resource(call.db, resource)
    if resource.seen_by(viewed(call)):
        call.ignored("Parts at other levels were ignored: missing privilege")


def _names(where: str) -> set[str]:
    found = _NAMES.fullmatch(where)
    if found is None:
        raise PlatformError(400, "where must be: objectName in ('name', …)")
    return {each.replace("''", "'") for each in _QUOTED.findall(found[1])}
