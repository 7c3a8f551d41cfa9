"""Documents in normal form: what a document says, however the platform spells it.

In normal form lists are objects by what their entries are known by: fields by path, settings by
type. What the server adds is not there: ids, dates, levels, other levels' parts; nor is what it
writes out that means nothing: an empty label, a setting's empty properties, the usual MIME type.
The description of a definition is not there either: all levels share one, so it is nobody's alone.
So two documents say the same if and only if their normal forms are equal.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from mapper.platform.levels import Level

__all__ = ["Document", "Key", "Kind", "MalformedError", "body", "digest", "mark", "normal"]

Document = Mapping[str, Any]
"""A document in normal form."""


class Kind(StrEnum):
    DEFINITION = "definition"
    TRANSFORMATION = "transformation"


class Key(NamedTuple):
    """What a document at one level is known by; a definition is for all elements."""

    kind: Kind
    name: str
    element: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}{f' ({self.element})' if self.element else ''}"


class MalformedError(ValueError):
    """A document has another shape than the platform's documents have."""


def normal(kind: Kind, given: Mapping[str, Any], level: Level) -> Document | None:
    """Return what *given* says at *level*, None if all that it says is of other levels.

    Raises:
        MalformedError: It has another shape.
    """
    if kind is Kind.DEFINITION:
        return _definition(given, level)
    return _transformation(given, level)


def _definition(given: Mapping[str, Any], level: Level) -> Document | None:
    every = _objects(given, "fields")
    own = [each for each in every if _is_of(each, level)]
    if not _says_anything(given, every, level):
        return None
    return {"fields": _by(own, "path", _definition_field)}


def _definition_field(given: Mapping[str, Any]) -> Document:
    return {"type": "string"} | _texts(given, "type", "displayName")


def _transformation(given: Mapping[str, Any], level: Level) -> Document | None:
    fields, settings = _objects(given, "fields"), _objects(given, "configuration")
    script = given.get("script")
    if script is not None and not isinstance(script, dict):
        raise MalformedError("script is no object")
    parts = [*fields, *settings, *([script] if script else [])]
    if not _says_anything(given, parts, level):
        return None
    made: dict[str, Any] = _texts(given, "vendorName")
    if given.get("isLegacy") is True:
        made["isLegacy"] = True
    own = [each for each in settings if _is_of(each, level)]
    made["configuration"] = _by(own, "type", _properties)
    own = [each for each in fields if _is_of(each, level)]
    made["fields"] = _by(own, "path", _mapped_field)
    if script and script.get("body") is not None and _is_of(script, level):
        made["script"] = _script(script)
    return made


def _mapped_field(given: Mapping[str, Any]) -> Document:
    made: dict[str, Any] = _texts(given, "type", "vendorPath", "vendorType")
    if made.get("vendorType") == made.get("type"):
        made.pop("vendorType", None)
    settings = _by(_objects(given, "configuration"), "type", _properties)
    return made | ({"configuration": settings} if settings else {})


_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "passThrough": ("fromVendor", "toVendor"),
    "remove": ("fromVendor", "toVendor"),
    "transformDate": ("pattern", "vendorPattern"),
    "addToDocumentation": (),
    "applyJSOnQueryFieldValue": (),
    "inherit": (),
}
"""What the properties of a setting mean something by; those without any are on if they are there.
All properties of another setting may mean something."""


def _properties(given: Mapping[str, Any]) -> Document:
    properties = given.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise MalformedError("the properties of a configuration are no object")
    known = _PROPERTIES.get(given["type"])
    every = properties or {}
    return dict(every) if known is None else {k: every[k] for k in known if k in every}


_MIME_TYPE = "application/javascript"


def _script(given: Mapping[str, Any]) -> Document:
    text = given.get("body")
    if not isinstance(text, str):
        raise MalformedError("the body of a script is no text")
    made: dict[str, Any] = {"body": text.replace("\r\n", "\n").rstrip("\n") + "\n"}
    made |= {} if given.get("mimeType") == _MIME_TYPE else _texts(given, "mimeType")
    if given.get("filterEmptyResponse") is True:
        made["filterEmptyResponse"] = True
    return made


def _objects(given: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    entries = given.get(name)
    if entries is None:
        return []
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise MalformedError(f"{name} is no list of objects")
    return entries


def _by(
    entries: list[dict[str, Any]], name: str, made: Callable[[Mapping[str, Any]], Document]
) -> dict[str, Document]:
    known = {}
    for each in entries:
        if not isinstance(each.get(name), str):
            raise MalformedError(f"an entry has no {name}")
        known[each[name]] = made(each)
    return known


def _says_anything(given: Mapping[str, Any], parts: list[dict[str, Any]], level: Level) -> bool:
    """Whether a document has a part of the level, by the level of each or of them all."""
    if not _is_of(given, level):
        return any(each.get("level") == level.value for each in parts)
    return not parts or any(_is_of(each, level) for each in parts)


def _is_of(part: Mapping[str, Any], level: Level) -> bool:
    """Whether a part of a document is the level's own; who says nothing means it."""
    return part.get("level") in (None, level.value)  # what it says may be anything


def _texts(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the members of these names that are texts and not empty."""
    for name in names:
        if not isinstance(given.get(name), str | None):
            raise MalformedError(f"{name} is no text")
    return {name: given[name] for name in names if given.get(name)}


# Back to what is sent ---------------------------------------------------------------------------


def body(key: Key, document: Document, level: Level) -> dict[str, Any]:
    """Return the request body that makes the platform hold a document."""
    said = {name: each for name, each in document.items() if name not in _LISTS}
    made: dict[str, Any] = {"objectName": key.name, "level": level.value, **said}
    made["fields"] = [
        {
            "path": path,
            "level": level.value,
            **{name: each for name, each in field.items() if name != "configuration"},
            **({"configuration": _settings(field)} if "configuration" in field else {}),
        }
        for path, field in sorted(document["fields"].items())
    ]
    if key.kind is Kind.DEFINITION:
        return made
    made["elementKey"] = key.element
    made["isLegacy"] = document.get("isLegacy", False)
    made["configuration"] = [{**each, "level": level.value} for each in _settings(document)]
    if "script" in document:
        usual = {"mimeType": _MIME_TYPE, "filterEmptyResponse": False, "level": level.value}
        made["script"] = usual | dict(document["script"])
    return made


_LISTS = {"fields", "configuration", "script", "isLegacy"}


_USUAL = {"applyJSOnQueryFieldValue": {"toVendor": None}}
"""Properties that mean nothing and are always given."""


def _settings(document: Document) -> list[dict[str, Any]]:
    made = []
    for name, properties in sorted(document["configuration"].items()):
        given = properties or _USUAL.get(name)
        made.append({"type": name, **({"properties": dict(given)} if given else {})})
    return made


# What is said of a document ---------------------------------------------------------------------

_MARK = re.compile(r"/\* mapper: (.+) \*/\n")


def mark(document: Document) -> str | None:
    """Return the name of the mapping that a transformation was published from, if it was."""
    found = _MARK.match(document["script"]["body"]) if "script" in document else None
    return found[1] if found else None


def digest(value: Any) -> str:
    """Return a short text that is the same for equal JSON values, and for no others."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
