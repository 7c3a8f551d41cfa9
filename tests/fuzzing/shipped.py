"""The shipped mappings, each with what its mutants have in common with it, made only once.

A mutant is checked like any project, but the files that it leaves as they are have been read, and
the parts of schemas that its changes do not reach have been built.
"""

import json
import marshal  # the quickest copy
from collections.abc import Iterable, Mapping
from functools import cache
from random import Random
from typing import Any

import yaml
from subjects import ROOT, WRAPPERS

from fuzzing.mappings import yaml_text
from mapper.diagnostics import Source
from mapper.generate import Seeded, compile_generator
from mapper.parse import Unread, parse_file, parse_files
from mapper.project import Project, _Parsed
from mapper.schema import Schema, Schemas
from mapper.schema.references import Document, Place

NAMES = tuple(sorted(WRAPPERS))
POOL = 400
"""So many documents of each shipped vendor schema are made, the first time that one is wanted."""
SCHEMAS = "schemas/"


@cache
def files_of(name: str) -> dict[str, Any]:
    """Return what a mapping is made of by path, without its examples."""
    files: dict[str, Any] = {}
    mapping = f"mappings/{name}.yaml"
    folders = ("fragments", "resources")
    shared = (each for folder in folders for each in (ROOT / "mappings" / folder).iterdir())
    for path in (ROOT / mapping, *sorted(shared)):
        files[path.relative_to(ROOT).as_posix()] = yaml.safe_load(path.read_text("utf-8"))
    resource = f"mappings/resources/{files[mapping]['resource']}.yaml"
    used = json.dumps(files[mapping])
    files = {
        path: content
        for path, content in files.items()
        if path in (mapping, resource) or f'"{content.get("fragment")}"' in used
    }
    del files[mapping]["examples"]
    for schema in (files[mapping]["vendor"]["schema"], files[resource]["schema"]):
        definitions = f"{schema.partition('/')[0]}/definitions.schema.json"
        for each in (schema, definitions):
            files[SCHEMAS + each] = json.loads((ROOT / "schemas" / each).read_text("utf-8"))
    return files


def written(path: str, content: Any) -> str:
    """Return the text of a file."""
    return json.dumps(content) if path.endswith(".json") else yaml_text(content)


@cache
def shipped(name: str) -> "Shipped":
    return Shipped(name)


class Shipped:
    """A shipped mapping.

    Attributes:
        name: Of the mapping.
        texts: Its files by path, as mutants have them.
        vendor: Its vendor's schema.
        pair: The paths of the mapping, the vendor's schema and the canonical one.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        files = files_of(name)
        self.texts = {path: written(path, content) for path, content in files.items()}
        self._contents = {path: marshal.dumps(content) for path, content in files.items()}
        self._read = {
            path: parse_file(Source(path, text))
            for path, text in self.texts.items()
            if not path.startswith(SCHEMAS)
        }
        self._unchanged: Any = None
        self._unchanged = self._parsed({})
        self._schemas = Schemas(ROOT / "schemas", _schema_files(self.texts), "schemas")
        self._roots = [path.removeprefix(SCHEMAS) for path in files if path.startswith(SCHEMAS)]
        for root in self._roots:
            self._schemas.load(root)
        mapping = f"mappings/{name}.yaml"
        resource = f"mappings/resources/{files[mapping]['resource']}.yaml"
        schemas = files[mapping]["vendor"]["schema"], files[resource]["schema"]
        self.vendor = self._schemas.load(schemas[0])
        self.pair = (mapping, *(SCHEMAS + each for each in schemas))
        self._pool: dict[int, Any] = {}

    def content(self, path: str) -> Any:
        """Return what a file holds, a new one each time."""
        return marshal.loads(self._contents[path])  # noqa: S302 - our own

    def project(self, changed: Mapping[str, str]) -> Project:
        """Return the project that this is with other texts of some files, by path."""
        parsed = self._parsed(changed)
        project = Project(ROOT, tuple(file.source for file in parsed.files))
        vars(project)["_parsed"] = parsed
        vars(project)["_cache"] = None
        vars(project)["schemas"] = self._changed_schemas(_schema_files(changed))
        return project

    def _parsed(self, changed: Mapping[str, str]) -> _Parsed:
        if self._unchanged and changed.keys().isdisjoint(self._read):
            return self._unchanged
        read = [
            parse_file(Source(path, changed[path])) if path in changed else kept
            for path, kept in self._read.items()
        ]
        files = tuple(file for file, _ in read if file is not None)
        found = [each for _, faults in read for each in faults]
        paths = zip(self._read, read, strict=True)
        unread = Unread(tuple(changed[path] for path, (file, _) in paths if file is None))
        library, more = parse_files(files, unread)
        return _Parsed(library, files, unread, (*found, *more))

    def _changed_schemas(self, changed: Mapping[str, bytes]) -> Schemas:
        """Return the schemas with some files *changed*, what the changes do not reach ready."""
        if not changed:
            return self._schemas
        schemas = Schemas(ROOT / "schemas", changed, "schemas")
        was = self._schemas._documents
        schemas._documents |= {name: each for name, each in was.items() if name not in changed}
        for name in changed:
            schemas._gather(name)
        reached = reach(was, [schemas._documents[name] for name in changed])
        schemas._built |= {
            place: schema for place, schema in self._schemas._built.items() if place not in reached
        }
        for root in self._roots:
            if Place(root, "") not in reached:
                schemas._loaded[root] = self._schemas.load(root)
        return schemas

    def document(self, random: Random) -> Any:
        """Return a document of the vendor's schema, one of :data:`POOL`."""
        number = random.randrange(POOL)
        if number not in self._pool:
            seed = Random(f"{self.name} {number}")
            self._pool[number] = _maker(self.vendor)(Seeded(seed))
        return self._pool[number]


@cache
def _maker(schema: Schema) -> Any:
    return compile_generator(schema, unknown=True)


def _schema_files(texts: Mapping[str, str]) -> dict[str, bytes]:
    return {
        path.removeprefix(SCHEMAS): text.encode()
        for path, text in texts.items()
        if path.startswith(SCHEMAS)
    }


def reach(was: Mapping[str, Document], changed: Iterable[Document]) -> set[Place]:
    """Return the places whose schemas are others where some of the files that *were* are *changed*.

    They are those whose text differs, those that refer to one, and all that one of them is part of.
    """
    now = {**was, **{each.name: each for each in changed}}
    reached: set[Place] = set()
    for document in changed:
        before = was[document.name]
        for pointer in before.schemas.keys() | document.schemas.keys():
            # As bytes: the order of members counts, and true is not 1.
            if _bytes(before.schemas.get(pointer)) != _bytes(document.schemas.get(pointer)):
                reached.add(Place(document.name, pointer))
    waiting = list(reached)
    while waiting:
        target = waiting.pop()
        referring = (
            Place(name, pointer)
            for name, document in now.items()
            for pointer, place in document.references.items()
            if place == target
        )
        around = {Place(target.file, pointer) for pointer in _around(target.pointer)}
        for place in around.union(referring) - reached:
            reached.add(place)
            waiting.append(place)
    return reached


def _bytes(schema: Any) -> bytes:
    return marshal.dumps(schema, 2)  # later versions tell apart what is equal


def _around(pointer: str) -> Iterable[str]:
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer
