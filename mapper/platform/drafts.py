"""Drafts of schemas from what the platform knows: the fields of a definition, and vendor paths.

A draft says no more than that: refine it, and `mapper check` says what follows.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mapper.platform.fieldlists import parse_field
from mapper.values import Steps

__all__ = ["Type", "canonical_draft", "schema_text", "types_of", "vendor_draft"]

_TEXT = {"type": "string", "format": "text"}
_TYPES: dict[str, dict[str, Any]] = {
    "string": _TEXT,
    "boolean": {"type": "boolean"},
    "number": {"type": "number"},
    "int": {"type": "integer"},
    "date": _TEXT,
}
_ARRAY = re.compile(r"array *\[ *(\w+) *\]")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


Type = str | tuple[str, ...]
"""A type of the platform's, or the texts that there can be."""


def canonical_draft(title: str, types: Mapping[str, Type]) -> dict[str, Any]:
    """Return the schema of common objects with fields of these *types*, by their paths."""
    root = _tree(types)
    return {"$schema": _DIALECT, "title": title, **_object(root, closed=True)}


def vendor_draft(title: str, types: Mapping[str, Type]) -> dict[str, Any]:
    """Return the schema of vendor payloads in which there may be more, and nulls."""
    root = _tree(types)
    return {"$schema": _DIALECT, "title": title, **_object(root, closed=False)}


def schema_text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


class _Node:
    """What is known of a place: members, items, or the type that a field gives it."""

    def __init__(self) -> None:
        self.members: dict[str, _Node] = {}
        self.items: _Node | None = None
        self.type: Type | None = None

    def below(self, steps: Steps) -> "_Node":
        node = self
        for step in steps:
            node = node.members.setdefault(step, _Node())
        return node

    def item(self) -> "_Node":
        if self.items is None:
            self.items = _Node()
        return self.items


def _tree(types: Mapping[str, Type]) -> _Node:
    root = _Node()
    for path, type_ in sorted(types.items()):
        node, parts = root, _names(path)
        for number, steps in enumerate(parts):
            node = node.below(steps)
            if number < len(parts) - 1:
                node = node.item()
        if node is not root:
            node.type = type_
    return root


def _names(path: str) -> tuple[Steps, ...]:
    """Return the parts of a path; an index, a filter and a count are of a list, and end it."""
    parts = parse_field(path)
    if parts is not None:
        return parts
    plain = re.sub(r"\[[^\]]*\]", "[*]", path.removesuffix(".size()"))
    parts = parse_field(plain)
    return parts if parts is not None else ((),)


def _object(node: _Node, *, closed: bool) -> dict[str, Any]:
    shut = {"additionalProperties": False} if closed else {}
    members = {name: _schema(each, closed=closed) for name, each in node.members.items()}
    return {"type": "object", **shut, "properties": members}


def _schema(node: _Node, *, closed: bool) -> dict[str, Any]:
    if node.members:
        said = _object(node, closed=closed)
    elif node.items is not None:
        said = {"type": "array", "items": _given(_schema(node.items, closed=closed))}
    else:
        said = _of_type(node.type)
    if not closed and isinstance(said.get("type"), str):
        said = {**said, "type": [said["type"], "null"]}
        if "enum" in said:
            said["enum"] = [*said["enum"], None]
    return said


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an item, which is no null."""
    kinds = schema.get("type")
    return {**schema, "type": kinds[0]} if isinstance(kinds, list) else schema


def _of_type(name: Type | None) -> dict[str, Any]:
    if name is None:
        return {}
    if isinstance(name, tuple):
        return {"type": "string", "enum": list(name)}
    found = _ARRAY.fullmatch(name)
    if found is not None:
        return {"type": "array", "items": dict(_TYPES.get(found[1], {}))}
    if name in {"array", "object"}:
        return {"type": name}
    return dict(_TYPES.get(name, {}))


def types_of(entries: Iterable[tuple[str, Type]]) -> dict[str, Type]:
    """Return types by path; the first that says one counts."""
    types: dict[str, Type] = {}
    for path, type_ in entries:
        types.setdefault(path, type_)
    return types
