"""What was on the platform when a mapping was made from it, as long as it is still what is wanted.

Rules say what documents do, and hardly ever every word of documents that somebody else wrote. So
``mapper pull`` keeps those, with a digest of what the files said then. While they say it, nothing
is to change on the platform; once they say something else, what they say is published.
"""

import json
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError
from mapper.files import parse_json
from mapper.model import FileReference, Mapping
from mapper.opaque import opaque_findings
from mapper.platform.documents import Documents, documents, script_of
from mapper.platform.fieldlists import access_of, rules_of
from mapper.platform.levels import Level
from mapper.platform.normal import Document, Key, Kind, body, digest, normal
from mapper.running import Parts
from mapper.written import mapping_data

__all__ = ["Known", "desired_documents", "digests", "pulled_text"]

Known = dict[Kind, Document | None]
"""The two documents of a mapping, in normal form; the definition may be another level's."""


def desired_documents(parts: Parts, level: Level) -> Documents:
    """Return what a mapping should be on the platform.

    Raises:
        FileError: With everything that keeps it from being published.
    """
    made = documents(parts, level)
    if parts.mapping.pulled is None:
        return made
    found, known = _read(parts, parts.mapping.pulled)
    now = digests(parts, made)
    definition, transformation = known[Kind.DEFINITION], known[Kind.TRANSFORMATION]
    assert transformation is not None, "only a definition may be missing"  # noqa: S101
    if found[Kind.DEFINITION] == now[Kind.DEFINITION]:
        sent = None if definition is None else _sent(parts, Kind.DEFINITION, definition, level)
        made = replace(made, definition=sent)
    if found[Kind.TRANSFORMATION] != now[Kind.TRANSFORMATION]:
        if parts.mapping.script is None:
            return made
        transformation = _edited(transformation, made, level)
    sent = _sent(parts, Kind.TRANSFORMATION, transformation, level)
    return replace(made, transformation=sent, limits=tuple(_limits(parts.mapping)))


def _limits(mapping: Mapping) -> Iterator[Diagnostic]:
    """Yield what is not known of documents that stand as they were pulled."""
    if mapping.script is not None:
        yield from opaque_findings(mapping)
    elif mapping.pulled is not None:
        message = f"{mapping.name} is published as it was pulled, not as its rules print it"
        yield Diagnostic(codes.AS_PULLED, message, mapping.pulled.span)


def digests(parts: Parts, made: Documents) -> dict[Kind, str]:
    """Return a digest of what a mapping's files say, for each document.

    That of the transformation is of the rules and not of the script that is printed for them: that
    another version prints another one is no edit.
    """
    said = mapping_data(parts.mapping)
    for name in ("examples", "pulled", "script", "ignore"):
        said.pop(name, None)
    said["vendor"].pop("envelope", None)
    script = script_of(parts) if parts.mapping.script else None
    fields = made.definition["fields"] if made.definition else []
    return {
        Kind.DEFINITION: digest([{**each, "level": None} for each in fields]),
        Kind.TRANSFORMATION: digest([parts.resource.object_name, said, script]),
    }


def pulled_text(known: Known, found: dict[Kind, str], *, script_apart: bool) -> str:
    """Return the text of the file that keeps documents; a script may be in a file of its own."""
    kept = dict(known)
    transformation = known[Kind.TRANSFORMATION]
    if script_apart and transformation is not None:
        script = {name: each for name, each in transformation["script"].items() if name != "body"}
        kept[Kind.TRANSFORMATION] = {**transformation, "script": script}
    said = {kind.value: {"digest": found[kind], "document": kept[kind]} for kind in Kind}
    return json.dumps(said, indent=2, sort_keys=True) + "\n"


def _read(parts: Parts, reference: FileReference) -> tuple[dict[Kind, str], Known]:
    """Return the digests and the documents that a file keeps.

    Raises:
        FileError: It is no such file.
    """
    source = parts.load_file(reference)
    value = parse_json(source)
    said = value if isinstance(value, dict) else {}
    found: dict[Kind, str] = {}
    known: Known = {}
    for kind in Kind:
        match said.get(kind.value):
            case {"digest": str(text), "document": {"fields": {}} as document}:
                found[kind], known[kind] = text, document
            case {"digest": str(text), "document": None} if kind is Kind.DEFINITION:
                found[kind], known[kind] = text, None
            case _:
                pass
    transformation = known.get(Kind.TRANSFORMATION)
    if parts.mapping.script is not None and transformation is not None:
        text = script_of(parts).replace("\r\n", "\n").rstrip("\n") + "\n"
        script = {"body": text, **(transformation.get("script") or {})}
        known[Kind.TRANSFORMATION] = {**transformation, "script": script}
    if known.keys() != set(Kind) or not all(_is_normal(*each) for each in known.items()):
        message = f"{source.name} is not what mapper pull writes"
        raise FileError([Diagnostic(codes.BAD_EXPORT, message, reference.span)])
    return found, known


def _is_normal(kind: Kind, document: Document | None) -> bool:
    """Whether a document is in normal form, so that the platform can be given it."""
    if document is None:
        return True
    key, level = Key(kind, "name", "element"), Level.ORGANIZATION
    try:
        return normal(kind, body(key, document, level), level) == document
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _edited(known: Document, made: Documents, level: Level) -> Document:
    """Return a transformation with a script of somebody else, after its rules were edited.

    What they say as before stays as it was, to the word, and so does what no rule can say.
    """
    wanted = normal(Kind.TRANSFORMATION, made.transformation, level) or {}
    fields = {
        path: each
        for path, each in known["fields"].items()
        if path in rules_of(known["fields"], renames=True).left
    }
    for path, each in wanted["fields"].items():
        old = known["fields"].get(path, {})
        same = old.get("vendorPath") == each["vendorPath"] and access_of(old) is access_of(each)
        fields[path] = old if same else each
    edited = {**known, "fields": fields, "vendorName": wanted["vendorName"]}
    return {**edited, "script": {**known.get("script", {}), "body": wanted["script"]["body"]}}


def _sent(parts: Parts, kind: Kind, document: Document, level: Level) -> dict[str, Any]:
    key = Key(kind, parts.resource.object_name, parts.mapping.vendor.element)
    return body(key, document, level)
