"""Object definitions at one level: the part that one owner has of a common resource."""

from typing import Any

from msgspec.structs import replace

from mapper.sandbox.calls import Call
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.places import Place, seen_from
from mapper.sandbox.resources import (
    SYSTEM,
    TEMPLATES,
    Field,
    Owner,
    Part,
    Resource,
    check_name,
    find_resource,
    list_resources,
    new_resource,
    read_fields,
    save_resource,
)
from mapper.sandbox.stored_transformations import (
    drop_transformations,
    follow_fields,
    move_transformations,
    users_of,
)

__all__ = [
    "create_definition",
    "create_definitions",
    "delete_definition",
    "delete_definitions",
    "described",
    "follow",
    "list_definitions",
    "read_definition",
    "rename_definition",
    "replace_definition",
    "show_field",
]


def list_definitions(place: Place, call: Call) -> dict[str, Any]:
    """Answer the definitions of a level by name; an instance's list has all levels above, too."""
    templates = call.flag("systemOnly")
    owner = SYSTEM if templates else place(call)
    organization = TEMPLATES if templates else call.caller.organization["id"]
    owners = seen_from(call.stale, owner) if owner.level == "instance" else [owner]
    found = {
        each.name: _show(each, parts, owner)
        for each in list_resources(call.stale, organization)
        if (parts := each.seen_by(owners))
    }
    if not found:
        raise PlatformError(404, "No object definitions found")
    return found


def create_definitions(place: Place, call: Call) -> dict[str, Any]:
    """Store the definitions of a dictionary, all or none; members that are no objects are not."""
    owner = place(call)
    given = {name: each for name, each in call.json_object().items() if isinstance(each, dict)}
    return {name: _create(call, owner, name, body) for name, body in given.items()}


def delete_definitions(place: Place, call: Call) -> None:
    """Remove the definitions of a level, all or none."""
    owner = place(call)
    resources = list_resources(call.db, call.caller.organization["id"])
    found = [each for each in resources if each.part(owner)]
    if not found:
        raise PlatformError(404, "No object definitions found")
    for each in found:
        if users_of(call.db, each, owner):
            raise PlatformError(
                409, f"Object definition {each.name!r} is in use: delete its transformations first"
            )
    for each in found:
        save_resource(call.db, each.without_part(owner))


def read_definition(place: Place, call: Call) -> dict[str, Any]:
    owner = place(call)
    organization = call.caller.organization["id"]
    resource = find_resource(call.stale, organization, call.params["name"])
    part = None if resource is None else resource.part(owner)
    if resource is None or part is None:
        raise _absent(call.params["name"])
    return _show(resource, [part], owner)


def create_definition(place: Place, call: Call) -> dict[str, Any]:
    return _create(call, place(call), call.params["name"], call.json_object())


def replace_definition(place: Place, call: Call) -> dict[str, Any]:
    """Replace a level's fields by those of the body."""
    before, part = _owned(call, place(call))
    body = call.json_object()
    changed = Part(part.owner, read_fields(call.db, body.get("fields"), part))
    resource = described(before, body).with_part(changed)
    save_resource(call.db, resource)
    follow(call, resource, before)
    return _show(resource, [changed], part.owner)


def delete_definition(place: Place, call: Call) -> None:
    resource, part = _owned(call, place(call))
    used = users_of(call.db, resource, part.owner)
    if used and call.settings["delete-used-definition"] == "reject":
        raise PlatformError(
            409, f"Object definition {resource.name!r} is in use: delete its transformations first"
        )
    drop_transformations(call.db, resource, part.owner)
    save_resource(call.db, resource.without_part(part.owner))


def rename_definition(place: Place, call: Call) -> dict[str, Any]:
    """Give a level's definition and its transformations another name; other levels keep theirs."""
    resource, part = _owned(call, place(call))
    name = check_name(call.json_object().get("objectName"), call.settings)
    target = find_resource(call.db, resource.organization, name)
    if target is not None and target.part(part.owner):
        raise _exists(name)
    rest = resource.without_part(part.owner)
    if target is None and not rest.parts:
        renamed = replace(resource, name=name)
        save_resource(call.db, renamed)
        return _show(renamed, [part], part.owner)
    target = (target or new_resource(call.db, resource.organization, name)).with_part(part)
    save_resource(call.db, target)
    move_transformations(call.db, resource, target, part.owner)
    save_resource(call.db, rest)
    return _show(target, [part], part.owner)


def follow(call: Call, resource: Resource, before: Resource) -> None:
    """Let transformations follow a resource that was *before* something else."""
    remove = call.settings["undefined-fields"] == "remove"
    follow_fields(call.db, resource, before, remove_undefined=remove)


def show_field(owner: Owner, field: Field) -> dict[str, Any]:
    """Return a field as the platform shows it, with its level."""
    shown: dict[str, Any] = {
        "id": field.id,
        "path": field.path,
        "type": field.type,
        "level": owner.level,
    }
    if owner.level in {"account", "instance"}:
        shown["associatedId"] = owner.id
    if field.display_name is not None:
        shown["displayName"] = field.display_name
    return shown


def _create(call: Call, owner: Owner, name: str, body: dict[str, Any]) -> dict[str, Any]:
    check_name(name, call.settings)
    organization = call.caller.organization["id"]
    resource = find_resource(call.db, organization, name)
    resource = resource or new_resource(call.db, organization, name)
    if resource.part(owner):
        raise _exists(name)
    part = Part(owner, read_fields(call.db, body.get("fields"), None))
    resource = described(resource, body).with_part(part)
    save_resource(call.db, resource)
    return _show(resource, [part], owner)


def described(resource: Resource, body: dict[str, Any]) -> Resource:
    """Return a resource with the description of a body, if that has one."""
    said = body.get("description")
    return replace(resource, description=said) if isinstance(said, str) else resource


def _owned(call: Call, owner: Owner) -> tuple[Resource, Part]:
    resource = find_resource(call.db, call.caller.organization["id"], call.params["name"])
    part = None if resource is None else resource.part(owner)
    if resource is None or part is None:
        raise _absent(call.params["name"])
    return resource, part


def _show(resource: Resource, parts: list[Part], owner: Owner) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": resource.id,
        "objectName": resource.name,
        "fields": [show_field(part.owner, field) for part in parts for field in part.fields],
        "level": owner.level,
    }
    if resource.description is not None:
        shown["description"] = resource.description
    return shown


def _absent(name: str) -> PlatformError:
    return PlatformError(404, f"No object definition found for '{name}'")


def _exists(name: str) -> PlatformError:
    return PlatformError(409, f"An object definition named '{name}' already exists at this level")
