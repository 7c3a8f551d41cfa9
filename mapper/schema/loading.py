"""Schemas from files: the handles are built, and all that keeps that from being done is told.

``$ref`` and ``allOf`` mean the same: all parts hold. Parts are merged keyword by keyword, which is
exact as long as no keyword limits values twice; where one does, the schema is refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from mapper.codes import BAD_REFERENCE, BAD_SCHEMA, TOO_LARGE
from mapper.diagnostics import Diagnostic, FileError, Rule, Span, pointer, show_name
from mapper.folders import Root
from mapper.schema.consistency import alone, inconsistencies, unheeded
from mapper.schema.references import (
    MAX_DEPTH,
    Document,
    Folder,
    Library,
    Place,
    enclose,
    gather,
)
from mapper.schema.subschema import Schema
from mapper.schema.vocabulary import HOLDERS, KEYWORDS
from mapper.values import equal

MAX_SCHEMAS = 20_000
"""How many subschemas a schema may stand for, references followed."""

_NAMING = frozenset(("x-sends-key", "x-write-as", "x-filters", "x-unique"))
_SINGLE = ("items", "additionalProperties", "propertyNames", "not")
_ANNOTATIONS = frozenset(name for name, each in KEYWORDS.items() if not each.asserts)
_DROPPED = frozenset(("$ref", "allOf", "$defs", "$id", "$schema", "$comment"))


class Schemas:
    """The schemas below a folder, each read when it is first asked for.

    *contents* are those of files that were read before, by name. *shown* is what people know the
    folder by; its name by default. Reading does not leave the *root*, by default that folder.
    """

    def __init__(
        self,
        folder: Path,
        contents: Mapping[str, bytes] = MappingProxyType({}),
        shown: str | None = None,
        root: Root | None = None,
    ) -> None:
        shown = folder.name if shown is None else shown
        root = Root(folder, "the schema folder") if root is None else root
        self._folder = Folder(folder, shown, contents, root)
        self._documents: dict[str, Document] = {}
        self._built: dict[Place, Schema] = {}
        self._loaded: dict[str, Schema] = {}

    def load(self, name: str) -> Schema:
        """Return the schema in the file *name*, a path from the folder with ``/``; always the same.

        Raises:
            FileError: All that is wrong with the file and those that it refers to: M301, M302,
                M007, and what :mod:`mapper.files` finds.
        """
        if name not in self._loaded:
            self._loaded[name] = assemble(self._gather(name), name, self._built)
        return self._loaded[name]

    def files(self, name: str) -> frozenset[str]:
        """Return the names of the file *name* and of all files that it leads to."""
        return frozenset((name, *self._gather(name).documents))

    @property
    def documents(self) -> Iterable[Document]:
        """The files that were read so far."""
        return self._documents.values()

    def span(self, schema: Schema) -> Span | None:
        """Return where a schema of these files stands, None for one that was derived."""
        document = self._documents.get(schema.file)
        return document.span(schema.pointer) if document is not None else None

    def said(self, schema: Schema, keyword: str, *inside: str) -> Span | None:
        """Return where what holds for a schema of these files says *keyword*, None if nowhere.

        *inside* are steps into its value.
        """
        for place in _leading(schema, self._documents):
            document = self._documents[place.file]
            if keyword in document.schemas[place.pointer]:
                return document.span(place.pointer + pointer([keyword, *inside]))
        return None

    def definitions(self, schema: Schema) -> Iterator[Span]:
        """Yield where what a schema of these files refers to stands, the nearest first."""
        for place in _leading(schema, self._documents):
            target = self._documents[place.file].references.get(place.pointer)
            if target is not None:
                yield self._documents[target.file].span(target.pointer)

    def _gather(self, name: str) -> Library:
        return gather(self._folder, name, self._documents)


def _leading(schema: Schema, documents: Mapping[str, Document]) -> Iterator[Place]:
    """Yield the places that say what holds for *schema*: its own, then where that leads."""
    waiting = [Place(schema.file, schema.pointer)]
    for place in waiting:  # which grows
        document = documents.get(place.file)
        raw = document.schemas.get(place.pointer) if document is not None else None
        if document is None or raw is None:  # of a schema that was derived
            continue
        yield place
        target = document.references.get(place.pointer)
        waiting += [target] if target is not None and target not in waiting else []
        for keyword in ("allOf", "anyOf", "oneOf"):
            waiting += [_inside(place, keyword, at) for at in range(len(raw.get(keyword, ())))]


# Building ---------------------------------------------------------------------------------------


def schema_of(raw: dict[str, Any]) -> Schema:
    """Return the schema that *raw* is, a derived one for example; its file is named "".

    Raises:
        FileError: What loading it from a file would find.
    """
    return assemble(enclose(raw), "", {})


def assemble(library: Library, file: str, built: dict[Place, Schema]) -> Schema:
    """Return the schema that the whole of *file* is; *built* are schemas known from before.

    Those made for it join them, unless something is wrong with one.

    Raises:
        FileError: Everything that is wrong with it.
    """
    findings = library.findings
    if not findings:
        builder = _Builder(library, built)
        schema = builder.build(Place(file, ""))
        findings = builder.findings
        if not findings:
            built.update(builder.built)
            return schema
    raise FileError(findings)


class _Builder:
    """Makes one handle for each place; collects what keeps parts from fitting."""

    def __init__(self, library: Library, built: Mapping[Place, Schema]) -> None:
        self._documents = library.documents
        self.built = dict(built)
        self._around: set[Place] = set()  # the places being built
        self._findings: dict[Diagnostic, None] = {}

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What was found so far, each once."""
        return tuple(self._findings)

    def build(self, place: Place, *, whole: bool = True) -> Schema:
        """Return the schema at *place*.

        *whole* is whether it stands for itself, not as one of the parts of an ``allOf``.
        """
        if place in self.built:
            return self.built[place]
        if len(self._around) >= MAX_DEPTH:
            return self._too_large(place, f"schemas nest deeper than {MAX_DEPTH} levels")
        inside = place in self._around
        self._around.add(place)
        raw = self._documents[place.file].schemas[place.pointer]
        if "$ref" in raw or "allOf" in raw:
            schema = self._merge(place, self._parts(place, raw))
        else:
            schema = self._own(place, raw)
        if not inside:
            self._around.remove(place)
        if schema.size > MAX_SCHEMAS:
            schema = self._too_large(place, f"this stands for more than {MAX_SCHEMAS} schemas")
        holds = schema.own or schema.branches or schema.item
        if whole and (holds or not _NAMING.isdisjoint(schema.raw)):
            for part in alone(schema):
                for steps, message, hint in inconsistencies(part):
                    self._report(BAD_SCHEMA, message, self._said(part, *steps), hint)
            for each in unheeded(schema):
                message = f"{each.what} stands in one of several branches, where nothing heeds it"
                at = self._said(each.branch, each.keyword)
                self._report(BAD_SCHEMA, message, at, each.hint)
        self.built[place] = schema
        return schema

    def _said(self, schema: Schema, keyword: str | int, *inside: str | int) -> Place:
        """Return where what holds for *schema* says *keyword*; where it stands, if nowhere.

        *inside* are steps into its value.
        """
        for place in _leading(schema, self._documents):
            if keyword in self._documents[place.file].schemas[place.pointer]:
                return _inside(place, keyword, *inside)
        return Place(schema.file, schema.pointer)

    def _too_large(self, place: Place, message: str) -> Schema:
        self._report(TOO_LARGE, message, place)
        return Schema({}, place.file, place.pointer, {})

    def _parts(self, place: Place, raw: dict[str, Any]) -> list[Schema]:
        """Return what holds at *place*: what ``$ref`` and ``allOf`` say, then its own keywords."""
        parts = []
        target = self._documents[place.file].references.get(place.pointer)
        if target in self._around:
            back = f"$ref leads back to where it stands, {show_name(str(target))}"
            message = f"{back}: no mapping is endless"
            self._report(BAD_REFERENCE, message, _inside(place, "$ref"))
        elif target:
            parts.append(self.build(target))
        if "allOf" in raw:
            parts += self._branches(place, "allOf", raw["allOf"])
        parts.append(self._own(place, raw))
        return parts

    def _branches(self, place: Place, keyword: str, raw: list[Any]) -> tuple[Schema, ...]:
        places = (_inside(place, keyword, index) for index in range(len(raw)))
        return tuple(self.build(each, whole=False) for each in places)

    def _own(self, place: Place, raw: dict[str, Any]) -> Schema:
        """Return what the keywords at *place* say by themselves."""
        kept = {name: value for name, value in raw.items() if name not in _DROPPED}
        if HOLDERS.isdisjoint(kept):  # as in most
            return Schema(kept, place.file, place.pointer, {})
        own: dict[str, Schema] = {}
        branches: tuple[Schema, ...] = ()
        if "properties" in raw:
            own = {
                name: self.build(_inside(place, "properties", name)) for name in raw["properties"]
            }
            if own:
                kept["properties"] = {name: schema.raw for name, schema in own.items()}
        keyword = "anyOf" if "anyOf" in raw else "oneOf"
        if keyword in raw:
            branches = self._branches(place, keyword, raw[keyword])
            kept[keyword] = [schema.raw for schema in branches]
        single = {
            name: self.build(_inside(place, name))
            for name in _SINGLE
            if isinstance(raw.get(name), dict)
        }
        kept.update((name, schema.raw) for name, schema in single.items())
        rest = single.get("additionalProperties")
        return _schema(kept, place, own, single.get("items"), rest, branches)

    def _merge(self, place: Place, parts: list[Schema]) -> Schema:
        """Return the schema of the values that fit all *parts*; the last part's annotations win."""
        first, *others = parts
        if not any(other.raw for other in others):
            return replace(first, file=place.file, pointer=place.pointer)
        if all(_ANNOTATIONS.issuperset(other.raw) for other in others):  # as in most
            raw = {name: value for part in parts for name, value in part.raw.items()}
            return replace(first, raw=raw, file=place.file, pointer=place.pointer)
        raw = {}
        for part in parts:
            for name, value in part.raw.items():
                raw[name] = self._both(place, name, raw[name], value) if name in raw else value
        if "anyOf" in raw and "oneOf" in raw:
            message = "anyOf and oneOf meet here and where $ref or allOf lead"
            self._report(BAD_SCHEMA, message, place, "keep one of the two")
        own = {name: member for part in parts for name, member in part.own.items()}
        for part in parts:
            if "additionalProperties" in part.raw and part.own.keys() != own.keys():
                message = "additionalProperties does not see members that $ref or allOf add"
                self._report(BAD_SCHEMA, message, place, "write all members beside it")
        item = next((part.item for part in parts if part.item), None)
        rest = next((part.rest for part in parts if part.rest), None)
        branches = next((part.branches for part in parts if part.branches), ())
        return _schema(raw, place, own, item, rest, branches)

    def _both(self, place: Place, name: str, first: Any, second: Any) -> Any:
        """Return what the keyword *name* says if two parts at *place* have it."""
        if name == "required":
            return list(dict.fromkeys([*first, *second]))
        if name == "properties":
            for twice in sorted(first.keys() & second.keys())[:1]:
                message = f"{show_name(twice)} is a member here and where $ref or allOf lead"
                self._report(BAD_SCHEMA, message, place, "describe it in one place")
            return first | second
        if KEYWORDS[name].asserts and not equal(first, second):
            message = f"{name} differs here and where $ref or allOf lead"
            self._report(BAD_SCHEMA, message, place, "say it in one place")
        return second

    def _report(self, rule: Rule, message: str, place: Place, hint: str | None = None) -> None:
        found = self._documents[place.file].finding(rule, message, place.pointer, hint)
        self._findings[found] = None


def _schema(
    raw: dict[str, Any],
    place: Place,
    own: dict[str, Schema],
    item: Schema | None,
    rest: Schema | None,
    branches: tuple[Schema, ...],
) -> Schema:
    size = 1
    if own or item or rest or branches:
        inside = (*own.values(), *branches, item, rest)
        size += sum(schema.size for schema in inside if schema)
    return Schema(raw, place.file, place.pointer, own, item, rest, branches, size)


def _inside(place: Place, *steps: str | int) -> Place:
    return Place(place.file, place.pointer + pointer(steps))
