"""What an instance has: the vendor's objects, and the common resources that are mapped to them."""

from collections.abc import Iterator
from typing import Any

from mapper.sandbox.applied import applied_transformations
from mapper.sandbox.calls import Call
from mapper.sandbox.elements import vendor_resources
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.freshbooks.members import Members, Resource

__all__ = ["helium_objects", "list_objects", "read_object_metadata"]

_TYPES = {
    "id": "number",
    "integer": "number",
    "boolean": "boolean",
    "list": "array",
    "object": "object",
    "money": "object",
}
"""What kinds of members are called; others are strings."""


def list_objects(call: Call) -> list[Any]:
    """Answer names, or in the version Helium where each comes from."""
    found = helium_objects(call, call.instance)
    match call.request.headers.get("Elements-Version", "Hydrogen").lower():
        case "helium":
            return found
        case "hydrogen":
            return sorted({each["name"] for each in found})
        case other:
            raise PlatformError(400, f"There is no Elements-Version {other!r}")


def helium_objects(call: Call, instance: dict[str, Any]) -> list[dict[str, str]]:
    """Return an instance's objects with the vendor's name of each, and their kind."""
    element: Any = call.db.get("element", instance["elementId"])
    common = [
        {"name": name, "vendorName": each.get("vendorName", ""), "type": "vdr"}
        for name, each in applied_transformations(call.db, instance).items()
    ]
    vendor = [
        {"name": name, "vendorName": name, "type": "vendor"} for name in vendor_resources(element)
    ]
    return sorted([*common, *vendor], key=lambda each: (each["name"], each["type"]))


def read_object_metadata(call: Call) -> dict[str, Any]:
    """Answer the fields of a vendor's object, or of a common resource."""
    name, instance = call.params["name"], call.instance
    element: Any = call.db.get("element", instance["elementId"])
    applied = applied_transformations(call.db, instance).get(name)
    if applied is not None:
        return {
            "fields": [
                _field(each["path"], each.get("type", "string")) for each in applied["fields"]
            ]
        }
    if name in vendor_resources(element):
        return {"fields": _vendor_fields(vendor_resources(element)[name])}
    raise PlatformError(404, f"No object found named '{name}'")


def _vendor_fields(resource: Resource) -> list[dict[str, Any]]:
    ids = [_field(name, "number", read_only=True) for name in resource.ids]
    return ids + [
        _field(path, kind, read_only=read_only, required=path in resource.required)
        for path, kind, read_only in _members(resource.members, "")
    ]


def _members(members: Members, prefix: str) -> Iterator[tuple[str, str, bool]]:
    """Yield path and type of each member, those of objects, too, and whether it is only read."""
    for name, member in members.items():
        below = f"{prefix}{name}[*]." if member.kind == "list" else f"{prefix}{name}."
        kind = _TYPES.get(member.kind, "string")
        yield prefix + name, kind, member.access in {"read", "denied"}
        if member.kind == "money":
            yield from ((f"{below}{each}", "string", False) for each in ("amount", "code"))
        if member.items:
            yield from _members(member.items, below)


def _field(
    path: str, kind: str, *, read_only: bool = False, required: bool = False
) -> dict[str, Any]:
    return {
        "vendorPath": path,
        "type": kind,
        "vendorDisplayName": path,
        "vendorReadOnly": read_only,
        "vendorRequired": required,
    }
