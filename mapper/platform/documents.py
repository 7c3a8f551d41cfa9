"""The documents that the platform is given: an object definition and a transformation.

They are what is sent to it, member for member, and depend on nothing but the project's files: no
time, version or machine is in them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, show_name
from mapper.javascript import ERROR_MEMBER, print_script
from mapper.model import Access, Mapping, Resource, show_path
from mapper.opaque import opaque_findings
from mapper.platform.carried import carry
from mapper.platform.fields import (
    CommonField,
    FieldType,
    MappedField,
    Unsaid,
    common_fields,
    mapped_fields,
)
from mapper.platform.levels import Level
from mapper.platform.limits import limits
from mapper.refusals import taken_refusals
from mapper.running import Parts
from mapper.schema import Schema

_OBJECT_NAME = re.compile("[A-Za-z0-9_-]+")
"""The names that the platform's samples have; it refuses some others."""
_MAPPING_NAME = re.compile("[A-Za-z0-9_./@-]+")
"""The names that stand in the mark of a script as they are."""


class Documents(Struct, frozen=True):
    """What is sent for one mapping, and what it cannot do."""

    definition: dict[str, Any] | None
    """None if there is to be none at the level, since another one is there."""
    transformation: dict[str, Any]
    limits: tuple[Diagnostic, ...]

    @property
    def text(self) -> str:
        """Both documents as one JSON object, the same bytes everywhere."""
        both = {"definition": self.definition, "transformation": self.transformation}
        return json.dumps(both, indent=2) + "\n"


def documents(parts: Parts, level: Level | None = None) -> Documents:
    """Return the documents of a mapping; without a *level*, for its own.

    Raises:
        FileError: With everything that keeps it from being published.
    """
    level = level or level_for(parts.mapping)
    common = parts.load_common()
    refused = (
        *_refusals(parts.mapping, parts.resource, common),
        *taken_refusals(parts.mapping, parts.lowered),
        *_beside_script(parts.mapping),
    )
    if refused:
        raise FileError(refused)
    types = {
        field.path: field.type for field in common_fields(common) if isinstance(field, CommonField)
    }
    left_out = tuple(
        Diagnostic(
            codes.NOT_IN_DEFINITION,
            f"{show_path(each.steps)} is not in the object definition: {each.reason}",
            parts.resource.schema.span,
        )
        for each in common_fields(common)
        if isinstance(each, Unsaid)
    )
    return Documents(
        _definition(parts.resource, types, level),
        _transformation(parts, types, level),
        (*left_out, *limits(parts.mapping, parts.lowered)),
    )


def level_for(mapping: Mapping, asked: Level | None = None) -> Level:
    """Return the level that a mapping is published at: the one *asked* for, or its own.

    Raises:
        FileError: M636 if an overlay is for another level.
    """
    own = mapping.level
    if asked is not None and own not in {None, asked}:
        message = f"{show_name(mapping.name)} is an overlay for the level {own}, not for {asked}"
        hint = f"use a profile of that level, or --{own} ID"
        raise FileError([Diagnostic(codes.OTHER_LEVEL, message, mapping.span, hint=hint)])
    return asked or own or Level.ORGANIZATION


def _beside_script(mapping: Mapping) -> Iterator[Diagnostic]:
    """Yield the rules that cannot be published beside a script of somebody else."""
    for each in opaque_findings(mapping):
        if each.is_error:
            yield each


def _refusals(mapping: Mapping, resource: Resource, common: Schema) -> Iterator[Diagnostic]:
    name = resource.object_name
    if not _OBJECT_NAME.fullmatch(name):
        message = f"the platform takes no object of the name {show_name(name)}"
        yield Diagnostic(codes.UNPUBLISHABLE_NAME, message, resource.span)
    if not _MAPPING_NAME.fullmatch(mapping.name):
        message = f"no script can be marked with the name {show_name(mapping.name)}"
        hint = "give the mapping a name of letters, digits and - _ . / @"
        yield Diagnostic(codes.UNPUBLISHABLE_NAME, message, mapping.span, hint=hint)
    if ERROR_MEMBER in common.members():
        message = f"{ERROR_MEMBER} is the member by which a script tells why it has no result"
        yield Diagnostic(codes.RESERVED_MEMBER, message, resource.schema.span)


def _definition(resource: Resource, types: dict[str, FieldType], level: Level) -> dict[str, Any]:
    labels = {".".join(path.steps): label for path, label in resource.display_names}
    body: dict[str, Any] = {"objectName": resource.object_name}
    if resource.description is not None:
        body["description"] = resource.description
    body["level"] = level.value
    body["fields"] = [
        {"path": path, "type": types[path].value, "level": level.value}
        | ({"displayName": labels[path]} if path in labels else {})
        for path in sorted(types)
    ]
    return body


def _transformation(parts: Parts, types: dict[str, FieldType], level: Level) -> dict[str, Any]:
    mapping = parts.mapping
    sources = {
        field.path: field
        for field in mapped_fields(parts.lowered.rules)
        if field.path in types and _is_entry(field, types[field.path], mapping)
    }
    return {
        "objectName": parts.resource.object_name,
        "elementKey": mapping.vendor.element,
        "vendorName": mapping.vendor.resource,
        "level": level.value,
        "isLegacy": False,
        "fields": [
            {
                "path": path,
                "vendorPath": field.vendor_path,
                "type": types[path].value,
                "level": level.value,
                **_directions(field, mapping),
            }
            for path, field in sorted(sources.items())
        ],
        "configuration": [
            {**each, "level": level.value}
            for each in (
                {"type": "addToDocumentation"},
                {"type": "applyJSOnQueryFieldValue", "properties": {"toVendor": None}},
                {"type": "inherit"},
                _pass_through(from_vendor=False, to_vendor=False),
            )
        ],
        "script": {
            "body": script_of(parts),
            "mimeType": "application/javascript",
            "filterEmptyResponse": False,
            "level": level.value,
        },
    }


def _is_entry(field: MappedField, of: FieldType, mapping: Mapping) -> bool:
    """Whether a field has an entry: beside another script a list has none, but those of its items.

    Beside a printed script nothing that is only written has one.
    """
    if mapping.script is None:
        return field.access is not Access.WRITE
    return of is not FieldType.ARRAY


def _directions(field: MappedField, mapping: Mapping) -> dict[str, Any]:
    """Return the configuration of a field: which way it goes.

    A printed script builds requests alone; beside another script the field list does what it says.
    """
    if mapping.script is not None and field.access is Access.READ_WRITE:
        return {}
    if field.access is Access.WRITE:
        properties = {"fromVendor": True, "toVendor": False}
        return {"configuration": [{"type": "remove", "properties": properties}]}
    return {"configuration": [_pass_through(from_vendor=True, to_vendor=False)]}


def script_of(parts: Parts) -> str:
    """Return the script that is published for a mapping; a printed one carries the rules.

    Raises:
        FileError: The file of a script that is not printed cannot be read.
    """
    if parts.mapping.script is not None:
        return parts.load_file(parts.mapping.script.file).text
    return print_script(parts.lowered) + carry(parts.mapping, parts.lowered.tables)


def _pass_through(*, from_vendor: bool, to_vendor: bool) -> dict[str, Any]:
    """Return the setting: of a field, whether it is kept; of all, whether what no field names is.

    The script alone builds requests: if it fails, nothing half-mapped is sent.
    """
    properties = {"fromVendor": from_vendor, "toVendor": to_vendor}
    return {"type": "passThrough", "properties": properties}
