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

__all__ = ["effective_parts", "inherits", "show"]


def inherits(part: TransformationPart) -> bool:
    """Whether a part takes in the levels above it."""
    return any(each.get("type") == "inherit" for each in part.configuration)


def effective_parts(parts: Sequence[TransformationPart]) -> list[TransformationPart]:
    """Return the parts that count, the lowest first: each takes in the next if it inherits."""
    counting = []
    for part in reversed(parts):
        counting.append(part)
        if not inherits(part):
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
        (with_level(each.script, each.owner) for each in counting if each.script is not None), None
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
    if owner.level in {"account", "instance"}:
        shown["associatedId"] = owner.id
    return shown


def with_level(entry: dict[str, Any], owner: Owner) -> dict[str, Any]:
    """Return a script or an entry of the configuration with its level."""
    return entry | {"level": owner.level}
