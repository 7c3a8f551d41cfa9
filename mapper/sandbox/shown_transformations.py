"""How a transformation is shown: the parts that somebody sees, joined into one document."""

from collections.abc import Sequence
from typing import Any

import msgspec

from mapper.sandbox.resources import Owner, Resource
from mapper.sandbox.stored_transformations import (
    MappedField,
    Transformation,
    TransformationPart,
)

__all__ = ["effective_parts", "export", "show", "show_all"]


def effective_parts(parts: Sequence[TransformationPart]) -> list[TransformationPart]:
    """Return the parts that count, the lowest first: each takes in the next if it inherits."""
    counting = []
    for part in reversed(parts):
        counting.append(part)
        if not part.inherits:
            break
    return counting


def show(
    transformation: Transformation,
    resource: Resource,
    element: dict[str, Any],
    parts: Sequence[TransformationPart],
    level: str,
) -> dict[str, Any]:
    """Return the document of a level that sees *parts*, given from the highest level down."""
    counting = effective_parts(parts)
    lowest = counting[0]
    vendor_name = next((each.vendor_name for each in counting if each.vendor_name), None)
    script = next(
        (with_level(each.script, each.owner) for each in reversed(parts) if each.script), None
    )
    fields: dict[str, dict[str, Any]] = {}
    for part in counting:
        for field in part.fields:
            fields.setdefault(field.path, show_field(part.owner, field))
    shown: dict[str, Any] = {
        "id": transformation.id,
        "level": level,
        "objectName": resource.name,
        "elementKey": element["key"],
        "elementId": element["id"],
        "startDate": lowest.started,
        "fields": list(fields.values()),
        "configuration": [with_level(each, lowest.owner) for each in lowest.configuration],
        "isLegacy": lowest.legacy,
    }
    if vendor_name is not None:
        shown["vendorName"] = vendor_name
    if script is not None:
        shown["script"] = script
    return shown


def show_field(owner: Owner, field: MappedField) -> dict[str, Any]:
    """Return a field as the platform shows it, with its level."""
    shown: dict[str, Any] = msgspec.to_builtins(field) | {"level": owner.level}
    if field.configuration is not None:
        shown["configuration"] = list(field.configuration)
    if owner.level in {"account", "instance"}:
        shown["associatedId"] = owner.id
    return shown


def with_level(entry: dict[str, Any], owner: Owner) -> dict[str, Any]:
    """Return a script or an entry of the configuration with its level."""
    return entry | {"level": owner.level}


def show_all(
    transformation: Transformation,
    resource: Resource,
    element: dict[str, Any],
    parts: Sequence[TransformationPart],
) -> dict[str, Any]:
    """Return the document of many levels: each field, script and setting with its own."""
    lowest = parts[-1]
    scripts = [with_level(each.script, each.owner) for each in parts if each.script is not None]
    names = [each.vendor_name for each in parts if each.vendor_name is not None]
    shown: dict[str, Any] = {
        "id": transformation.id,
        "objectName": resource.name,
        "elementKey": element["key"],
        "elementId": element["id"],
        "startDate": lowest.started,
        "fields": [show_field(part.owner, field) for part in parts for field in part.fields],
        "configuration": [
            with_level(each, part.owner) for part in parts for each in part.configuration
        ],
        "isLegacy": lowest.legacy,
    }
    if names:
        shown["vendorName"] = names[-1]
    if scripts:
        shown |= {"script": scripts[-1], "scripts": scripts}
    return shown


def export(
    transformation: Transformation,
    resource: Resource,
    element: dict[str, Any],
    parts: Sequence[TransformationPart],
) -> dict[str, Any]:
    """Return the document of many levels as exports have it: without ids, in a fixed order."""
    shown = show_all(transformation, resource, element, parts)
    for name in ("id", "elementId", "startDate"):
        del shown[name]
    shown["fields"] = [exported(each) for each in shown["fields"]]
    shown["configuration"].sort(key=lambda each: str(each.get("type")))
    return shown


def exported(field: dict[str, Any]) -> dict[str, Any]:
    """Return a field without its ids, but for the instance that it belongs to."""
    left_out = {"id", "vdrFieldId"} | ({"associatedId"} if field["level"] != "instance" else set())
    return {name: value for name, value in field.items() if name not in left_out}
