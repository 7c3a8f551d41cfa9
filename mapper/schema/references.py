"""The schema files of one folder: read, their keywords checked, their references found.

Only files below the folder are ever opened, and nothing is fetched. What is refused about a
reference depends on its text and on the folder alone, so that a schema means the same everywhere.
"""

import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct, field

from mapper.codes import BAD_REFERENCE, BAD_SCHEMA, TOO_LARGE, UNREADABLE
from mapper.diagnostics import (
    Diagnostic,
    FileError,
    Rule,
    Source,
    Span,
    did_you_mean,
    pointer,
    show_name,
)
from mapper.document import Mapping as YamlMapping, Node, Sequence, read_yaml
from mapper.files import MAX_FINDINGS, as_source, parse_json
from mapper.folders import MISSING, Obstacle, Root, list_files
from mapper.schema.vocabulary import HOLDERS, faults, subschemas

MAX_DEPTH = 100
"""How deep schemas may nest, references followed."""


class Place(Struct, frozen=True, gc=False):
    """A subschema: the name of its file below the folder, and the RFC 6901 pointer to it."""

    file: str
    pointer: str

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}"


class Document(Struct, frozen=True, dict=True):
    """One schema file.

    Attributes:
        name: Its name below the folder.
        source: Its text.
        schemas: Every subschema in it as written, by pointer; "" is the whole.
        references: Where the ``$ref`` of a subschema leads, by the pointer of the subschema.
        findings: What is wrong with it by itself.
    """

    name: str
    source: Source
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    references: dict[str, Place] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)

    @cached_property
    def _spans(self) -> dict[str, Span]:
        """Where each value is, by the pointer to it."""
        tree = read_yaml(self.source)[0]  # JSON is YAML, and only YAML's reader knows places
        return dict(_spans(tree, "")) if tree else {"": Span(self.source, 0, 0)}

    def finding(self, rule: Rule, message: str, place: str, hint: str | None = None) -> Diagnostic:
        """Return a finding about what stands at the pointer *place*."""
        return Diagnostic(rule, message, self.span(place), place, hint=hint)

    def span(self, place: str) -> Span:
        """Return the span of the value at *place*, or of the nearest around it that is known."""
        while place not in self._spans:
            place = place.rpartition("/")[0]
        return self._spans[place]

    def around(self, offset: int) -> Span:
        """Return the span of the innermost schema that stands around *offset*."""
        places = (self._spans[each] for each in self.schemas if each in self._spans)
        around = (each for each in places if each.start <= offset < each.end)
        return max(around, key=lambda each: each.start, default=self.span(""))

    def comments(self) -> Iterator[Span]:
        """Yield where the texts of ``$comment`` are, without their quotes."""
        for place, raw in self.schemas.items():
            if isinstance(raw.get("$comment"), str):
                span = self.span(place + pointer(["$comment"]))
                yield span._replace(start=span.start + 1, end=span.end - 1)


def _spans(node: Node, place: str) -> Iterator[tuple[str, Span]]:
    """Yield the places of *node* and of all that is in it, each with its pointer."""
    yield place, node.span
    match node:
        case YamlMapping(entries=entries):
            for entry in entries:
                yield from _spans(entry.value, place + pointer([entry.key.text]))
        case Sequence(items=items):
            for index, item in enumerate(items):
                yield from _spans(item, place + pointer([index]))
        case _:
            pass


class Library(Struct, frozen=True):
    """The files that one schema is made of, by name, and everything wrong with each of them."""

    documents: Mapping[str, Document]
    findings: tuple[Diagnostic, ...]


class Folder(Struct, frozen=True):
    """Where schema files are.

    Attributes:
        path: Where it is.
        shown: What people know it by.
        contents: Those of files that were read before, by name.
        root: What reading them does not leave.
    """

    path: Path
    shown: str
    contents: Mapping[str, bytes]
    root: Root

    def obstacle(self, name: str) -> Obstacle | None:
        """Return what keeps the file *name* from being read as a schema, None if nothing."""
        if name in self.contents:
            return None
        return self.root.obstacle(self.path / name) if name.endswith(".json") else MISSING

    def near(self, name: str) -> str | None:
        """Return the hint that names the schema that *name* most likely stands for, or None."""
        listed = list_files(self.path, self.shown, self.root, ".json").files
        return did_you_mean(name, (each.name for each in listed))


def gather(folder: Folder, name: str, known: dict[str, Document]) -> Library:
    """Return the file *name* below *folder* with all files that it refers to.

    Files among the *known* are not read again, and those that are read join them.
    """
    if _normal("", name) != name:
        message = f"{show_name(name)} is not the plain name of a file below the schema folder"
        return Library({}, (Diagnostic(BAD_REFERENCE, message),))
    obstacle = folder.obstacle(name)
    if obstacle == MISSING:
        message = f"there is no schema {show_name(name)}"
        return Library({}, (Diagnostic(UNREADABLE, message, hint=folder.near(name)),))
    if obstacle is not None:
        return Library({}, (obstacle.diagnostic(f"the schema {show_name(name)}"),))
    return _Reader(folder, known).library(name)


def enclose(raw: dict[str, Any]) -> Library:
    """Return *raw* as a library of one file named "", in which references only lead within it."""
    document = Document("", Source("", ""))
    reader = _Reader(None, {"": document})
    reader.examine(document, raw)
    return reader.library("")


class _Reader:
    """Reads the files of one folder, each once; without a folder there are only the known ones."""

    def __init__(self, folder: Folder | None, known: dict[str, Document]) -> None:
        self._folder = folder
        self._known = known
        self._targets: dict[tuple[str, str], Place] = {}
        self._found: set[str] = set()

    def library(self, name: str) -> Library:
        """Return the file *name* and all files that it refers to."""
        documents: dict[str, Document] = {}
        wanted = [name]
        while wanted:
            document = self._read(wanted.pop())
            documents[document.name] = document
            files = dict.fromkeys(place.file for place in document.references.values())
            wanted.extend(each for each in files if each not in documents and each not in wanted)
        findings = [found for each in documents.values() for found in each.findings]
        for document in documents.values():
            findings.extend(_dangling(document, documents))
        return Library(documents, tuple(findings))

    def _read(self, name: str) -> Document:
        """Return the file *name*, one below the folder."""
        if self._folder is None or name in self._known:
            return self._known[name]
        shown_as = f"{self._folder.shown}/{name}"
        try:
            content = self._folder.contents.get(name)
            if content is None:
                content = self._folder.root.read(self._folder.path / name, shown_as)
            source = as_source(content, shown_as)
            raw = parse_json(source)
        except FileError as error:
            document = Document(name, Source(shown_as, ""), findings=list(error.diagnostics))
        else:
            document = Document(name, source)
            self.examine(document, raw)
        self._known[name] = document
        return document

    def examine(self, document: Document, raw: Any) -> None:
        """Fill *document*, whose value is *raw*."""
        if isinstance(raw, dict):
            document.findings.extend(islice(self._examine(document, raw), MAX_FINDINGS))
        else:
            document.findings.append(document.finding(BAD_SCHEMA, "a schema is an object", ""))

    def _examine(self, document: Document, raw: dict[str, Any]) -> Iterator[Diagnostic]:
        waiting = [("", 1, raw)]
        while waiting:
            place, depth, schema = waiting.pop()
            if depth > MAX_DEPTH:
                message = f"schemas nest deeper than {MAX_DEPTH} levels"
                yield document.finding(TOO_LARGE, message, place)
                return
            document.schemas[place] = schema
            for steps, message, hint in faults(schema, is_root=not place):
                yield document.finding(BAD_SCHEMA, message, place + pointer(steps), hint)
            if isinstance(schema.get("$ref"), str):
                yield from self._follow(document, place, schema["$ref"])
            if not HOLDERS.isdisjoint(schema):
                inside = [(place + pointer(at), depth + 1, it) for at, it in subschemas(schema)]
                waiting.extend(reversed(inside))

    def _follow(self, document: Document, place: str, reference: str) -> Iterator[Diagnostic]:
        """Note where *reference* leads, or yield why it leads nowhere."""
        target = self._targets.get((document.name, reference))
        if target is not None:
            document.references[place] = target
            return
        path, _, fragment = reference.partition("#")
        file = _normal(document.name, path)
        hint = None
        if _is_remote(path):
            problem = "is remote"
        elif file is None or (path and self._folder is None):
            problem = "leaves the schema folder"
        elif file != document.name and self._folder and (obstacle := self._obstacle(file)):
            problem, hint = obstacle.words, obstacle.hint
            if obstacle == MISSING:
                problem, hint = "leads to no file", self._folder.near(file)
        else:
            target = Place(file, unquote(fragment))
            document.references[place] = self._targets[document.name, reference] = target
            return
        message = f"$ref {show_name(reference)} {problem}"
        yield document.finding(BAD_REFERENCE, message, f"{place}/$ref", hint)

    def _obstacle(self, file: str) -> Obstacle | None:
        """Return what keeps *file* from being read, each looked at once."""
        if self._folder is None or file in self._known or file in self._found:
            return None
        obstacle = self._folder.obstacle(file)
        if obstacle is None:
            self._found.add(file)
        return obstacle


def _dangling(document: Document, documents: Mapping[str, Document]) -> Iterator[Diagnostic]:
    for place, target in document.references.items():
        known = documents[target.file].schemas
        if known and target.pointer not in known:
            message = f"$ref {show_name(document.schemas[place]['$ref'])} leads to no schema"
            hint = did_you_mean(f"#{target.pointer}", (f"#{place}" for place in known))
            yield document.finding(BAD_REFERENCE, message, f"{place}/$ref", hint)


def _is_remote(path: str) -> bool:
    try:
        parts = urlsplit(path)
    except ValueError:  # a malformed address is no better
        return True
    return bool(parts.scheme or parts.netloc or parts.query)


def _normal(origin: str, path: str) -> str | None:
    """Return the name of the file that *path* means in the file *origin*; None if outside."""
    if not path:
        return origin
    name = posixpath.normpath(posixpath.join(posixpath.dirname(origin), unquote(path)))
    outside = name.startswith(("/", "../")) or name in (".", "..")
    return None if outside else name
