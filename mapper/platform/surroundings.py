"""The files around a pulled mapping, where the project has none: its resource, and both schemas."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from mapper.layout import yaml_text
from mapper.model import show_path
from mapper.platform.drafts import Type, canonical_draft, schema_text, types_of, vendor_draft
from mapper.platform.fieldlists import Rules, parse_field, rules_of
from mapper.platform.live import Live
from mapper.project import Project

__all__ = ["Types", "resource_files", "vendor_schema"]


class Types(Struct, frozen=True):
    """Types that count before those of field lists, on both sides."""

    common: Mapping[str, Type] = {}
    vendor: Mapping[str, Type] = {}


def resource_files(
    project: Project, live: Live, rules: Rules, name: str, known: Types
) -> dict[str, str]:
    """Return the files of the resource called *name*, none if the project has it."""
    if name in project.library.resources:
        return {}
    schema = f"canonical/{name}.schema.json"
    types = _common_types(live, rules)
    said: dict[str, Any] = {"resource": name}
    said |= {"schema": schema, "key": _key(types)}
    if name != live.name:
        said["objectName"] = live.name
    if live.name in {each.get("vendorName", live.name) for each in live.every}:
        said["shadows"] = "the object has had this name on the platform"
    if labels := dict(_labels(live.definition["fields"] if live.definition else {})):
        said["displayNames"] = labels
    files = {f"mappings/resources/{name}.yaml": yaml_text(said)}
    if not (project.root / "schemas" / schema).exists():
        draft = canonical_draft(name, {**types, **known.common})
        files[f"schemas/{schema}"] = schema_text(draft)
    return files


def vendor_schema(
    project: Project, live: Live, rules: Rules, known: Types
) -> tuple[str, dict[str, str]]:
    """Return the name of the vendor's schema, and its file if the project has none."""
    for each in project.library.mappings.values():
        if (each.vendor.element, each.vendor.resource) == (live.element, live.vendor_name):
            return each.vendor.schema.name, {}
    file = re.sub(r"[^A-Za-z0-9_-]", "-", live.vendor_name)[:100]
    name = f"{live.element}/{file}.schema.json"
    if (project.root / "schemas" / name).exists():
        return name, {}
    types = types_of(
        (each["vendorPath"], each.get("vendorType") or each.get("type", "string"))
        for path, each in live.transformation["fields"].items()
        if "vendorPath" in each and path not in rules.left
    )
    draft = vendor_draft(f"{live.element} {live.vendor_name}", {**types, **known.vendor})
    return name, {f"schemas/{name}": schema_text(draft)}


def _common_types(live: Live, rules: Rules) -> dict[str, Type]:
    """Return the types of the common members, but of those that no element has a rule for."""
    left = [rules.left]
    left += [rules_of(each["fields"], renames="script" in each).left for each in live.others]
    defined = live.definition["fields"] if live.definition else {}
    moved = [(path, each) for fields in live.every for path, each in fields["fields"].items()]
    # The definition counts first; the rest is in an order that is the same for each element.
    entries = [*_types(defined.items()), *sorted(_types(moved))]
    mapped = {
        path
        for each, without in zip(live.every, left, strict=True)
        for path in each["fields"]
        if path not in without
    }
    unmapped = {path for without in left for path in without} - mapped
    return types_of((path, each) for path, each in entries if path not in unmapped)


def _types(fields: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, str]]:
    return ((path, each.get("type", "string")) for path, each in fields)


def _key(types: Mapping[str, Type]) -> str:
    """Return the member by which objects are known: the one that usually is, or the first."""
    parts = (parse_field(path) for path in sorted(types, key=lambda path: (path != "id", path)))
    return next((show_path(each[0]) for each in parts if each and len(each) == 1), "id")


def _labels(fields: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the labels of members, but of those in lists."""
    for path, each in fields.items():
        parts = parse_field(path)
        if "displayName" in each and parts is not None and len(parts) == 1:
            yield show_path(parts[0]), each["displayName"]
