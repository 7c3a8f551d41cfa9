"""``/common-resources`` and ``/transformations``: by name, with the parts of all levels.

The platform's own user interface calls them.
"""

from typing import Any

from mapper.sandbox.calls import Call
from mapper.sandbox.definitions import follow
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.multilevel import highest_writable, viewed, with_fields
from mapper.sandbox.paging import or_nothing
from mapper.sandbox.places import instance_of
from mapper.sandbox.resources import (
    Owner,
    Resource,
    check_name,
    find_resource,
    list_resources,
    new_resource,
    objects,
    save_resource,
)
from mapper.sandbox.shown_transformations import show_all
from mapper.sandbox.stored_transformations import (
    find_transformation,
    new_transformation,
    transformations_of,
)
from mapper.sandbox.vdr_transformations import write_parts
from mapper.sandbox.vdrs import mapped_elements, remove_parts, rename

__all__ = [
    "delete_common_resource",
    "list_common_resources",
    "list_usages",
    "put_common_resource",
    "put_transformation",
    "read_common_resource",
    "rename_common_resource",
]


def list_common_resources(call: Call) -> list[dict[str, Any]]:
    owners = viewed(call)
    found = list_resources(call.stale, call.caller.organization["id"])
    seen = [each for each in found if each.seen_by(owners)]
    return [_show(call, each) for each in or_nothing(call, seen, "common resources")]


def read_common_resource(call: Call) -> dict[str, Any]:
    return _show(call, _named(call))


def put_common_resource(call: Call) -> dict[str, Any]:
    """Store a resource as the body has it; ``changedFields`` say which paths are new names."""
    body = call.json_object()
    name = check_name(body.get("name"), call.settings)
    organization = call.caller.organization["id"]
    before = find_resource(call.db, organization, name)
    before = before or new_resource(call.db, organization, name)
    given = [dict(each) for each in objects(body.get("fields"), "fields")]
    _identify(before, given, objects(body.get("changedFields"), "changedFields"))
    resource = with_fields(call, before, given)
    save_resource(call.db, resource)
    follow(call, resource, before)
    return _show(call, resource)


def rename_common_resource(call: Call) -> dict[str, Any]:
    resource = _named(call)
    resource = rename(call, resource, call.json_object().get("name"))
    save_resource(call.db, resource)
    return _show(call, resource)


def delete_common_resource(call: Call) -> None:
    """Remove a resource; with ``force=true`` its transformations, too."""
    remove_parts(call, _named(call), force=call.flag("force"))


def list_usages(call: Call) -> dict[str, Any]:
    """Answer which formulas use a resource: none, since this platform runs no formulas."""
    _named(call)
    return {"formulaUsages": []}


def put_transformation(call: Call) -> dict[str, Any]:
    """Store the parts of a transformation that the body has, each at its level."""
    body = call.json_object()
    name = check_name(body.get("objectName"), call.settings)
    resource = find_resource(call.stale, call.caller.organization["id"], name)
    if resource is None or not resource.seen_by(viewed(call)):
        raise PlatformError(
            400,
            f"No object definition found for '{name}' so no transformation can be created for that"
            " object.  Please define that object in your object definitions first.",
        )
    number = body.get("elementInstanceId")
    if not isinstance(number, int):
        raise PlatformError(400, "A transformation needs an 'elementInstanceId'")
    instance = instance_of(call, number)
    found = find_transformation(call.db, resource, instance["elementId"])
    found = found or new_transformation(call.db, resource, instance["elementId"])
    body = _about(body, instance["id"])
    default = {
        "organization": Owner("organization", call.caller.organization["id"]),
        "account": Owner("account", call.caller.account["id"]),
        "instance": Owner("instance", instance["id"]),
    }.get(str(body.get("level")), highest_writable(call))
    after = write_parts(call, resource, found, body, default)
    element: Any = call.db.get("element", instance["elementId"])
    parts = after.seen_by(viewed(call, instance=instance["id"]))
    return show_all(after, resource, element, parts)


def _named(call: Call) -> Resource:
    name = call.params["name"]
    db = call.stale if call.method == "GET" else call.db
    found = find_resource(db, call.caller.organization["id"], name)
    if found is None or not found.seen_by(viewed(call)):
        raise PlatformError(404, f"No common resource found named '{name}'")
    return found


def _identify(
    resource: Resource, given: list[dict[str, Any]], changed: list[dict[str, Any]]
) -> None:
    """Give the fields of a body the ids of those whose paths they change."""
    ids = {(owner.level, field.path): field.id for owner, field in resource.fields()}
    for change in changed:
        level = change.get("associatedLevel")
        for field in given:
            same = field.get("associatedLevel") == level and field.get("path") == change.get("path")
            number = ids.get((str(level), str(change.get("oldPath"))))
            if same and number is not None:
                field["id"] = number


def _about(body: dict[str, Any], instance: int) -> dict[str, Any]:
    """Return a body whose fields of the instance level say which instance that is."""
    fields = [
        each | {"associatedId": instance} if each.get("associatedLevel") == "instance" else each
        for each in objects(body.get("fields"), "fields")
    ]
    return body | {"fields": fields}


def _show(call: Call, resource: Resource) -> dict[str, Any]:
    owners = set(viewed(call))
    parts = [each for each in resource.parts if each.owner in owners]
    instances = {each.owner.id for each in parts if each.owner.level == "instance"}
    for transformation in transformations_of(call.stale, resource):
        seen = transformation.seen_by(owners)
        instances |= {each.owner.id for each in seen if each.owner.level == "instance"}
    return {
        "name": resource.name,
        "fields": [
            {
                "path": field.path,
                "type": field.type,
                "associatedLevel": part.owner.level,
                "associatedId": part.owner.id,
            }
            for part in parts
            for field in part.fields
        ],
        "elementInstanceIds": sorted(instances),
        "mappedElementIds": mapped_elements(call, resource),
    }
