"""A project on disk, and the mappers that it gives.

project = load_project()
mapper = project.mapper("acme/invoice")
common = mapper.from_vendor(payload)
body = mapper.to_vendor(mapper.merge({"notes": "Thank you"}, payload), base=payload)
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mapper import codes
from mapper.compile import Cache, Programs
from mapper.diagnostics import (
    Diagnostic,
    FileError,
    Source,
    did_you_mean,
    show_value,
)
from mapper.files import as_source, read_beginning, real_path, shown_path
from mapper.folders import Listing, Root, is_folder, list_files, read_files
from mapper.garbage import collected_later
from mapper.records import Record
from mapper.running import Mapper, Parts

if TYPE_CHECKING:
    from mapper.functions import Tables
    from mapper.lower import LoweredMapping
    from mapper.model import Examples, FileReference, Mapping
    from mapper.parse import File, Library, Unread
    from mapper.schema import Schema, Schemas


class Project:
    """The mapping files and schemas of a folder.

    Files are parsed when what they say is first asked for; examples apart from the others, since
    nothing else needs them. Code that was made from the same files before needs no parsing.

    Attributes:
        root: The folder that holds ``mappings/`` and ``schemas/``.
        sources: The mapping files, as far as they could be read.
        unreadable: What is wrong with the others.
    """

    def __init__(
        self, root: Path, sources: tuple[Source, ...], unreadable: tuple[Diagnostic, ...] = ()
    ) -> None:
        self.root = root
        self.sources = sources
        self.unreadable = unreadable

    @property
    def library(self) -> "Library":
        """What the files define."""
        return self._parsed.library

    @property
    def files(self) -> "tuple[File, ...]":
        """The files of the language, but for examples."""
        return self._parsed.files

    @property
    def unread(self) -> "Unread":
        """What is there of files that are not known to define what they may define."""
        return self._parsed.unread

    @cached_property
    @collected_later()
    def _parsed(self) -> "_Parsed":
        from mapper.parse import Unread, begins_examples, parse_file, parse_files  # noqa: PLC0415 - as above

        findings = list(self.unreadable)
        files: list[File] = []
        texts = ["" for _ in self.unreadable]
        for source in self.sources:
            if not begins_examples(source):
                file, found = parse_file(source)
                findings.extend(found)
                if file is not None:
                    files.append(file)
                else:
                    texts.append("" if _is_empty(found) else source.text)
        unread = Unread(tuple(texts))
        library, found = parse_files(tuple(files), unread)
        return _Parsed(library, tuple(files), unread, (*findings, *found))

    @cached_property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the files by themselves; :mod:`mapper.check` finds more."""
        from mapper.parse import begins_examples, parse_examples, parse_file  # noqa: PLC0415 - as above

        parsed = self._parsed
        read = [parse_file(source) for source in self.sources if begins_examples(source)]
        examples = tuple(file for file, _ in read if file is not None)
        found = [each for _, faults in read for each in faults]
        unlisted = [each.fault for each in self._listed_schemas.closed if each.fault is not None]
        broken = parse_examples(examples, parsed.files, parsed.library, parsed.unread)
        return (*parsed.findings, *unlisted, *found, *broken)

    @cached_property
    def schemas(self) -> "Schemas":
        """The schemas in ``schemas/``, made when they are asked for."""
        from mapper.schema import Schemas  # noqa: PLC0415 - as above

        return Schemas(self._schema_folder, self.schema_files, self._schemas_shown, self._root)

    @cached_property
    def schema_files(self) -> dict[str, bytes]:
        """The files in ``schemas/`` by name, all read at once: what is kept is made of them.

        Of one that is too large it is the beginning, which is larger than any may be.
        """
        found = {}
        for each in self._listed_schemas.files:
            with suppress(FileError):  # which whoever asks for the schema is told
                if each.fault is None:
                    found[each.name] = read_beginning(each.path, each.name)
        return found

    @cached_property
    def _listed_schemas(self) -> Listing:
        shown = self._schemas_shown
        return list_files(self._schema_folder, shown, self._root, ".json", hidden=True)

    @property
    def _schema_folder(self) -> Path:
        return self.root / "schemas"

    @property
    def _schemas_shown(self) -> str:
        return shown_path(self._schema_folder, Path.cwd().resolve())

    @property
    def _root(self) -> Root:
        return Root(self.root)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the mappings, sorted."""
        known = self._cache.load("names") if self._cache else None
        if known is None:
            known = tuple(sorted(self.library.mappings))
            if self._cache:
                self._cache.store("names", known)
        return known

    def find(self, name: str) -> "Mapping":
        """Return the mapping called *name*, or kept in the file of that path.

        Raises:
            FileError: M102 if there is none.
        """
        found = self.library.mappings.get(name)
        if found is not None:
            return found
        by_file = {real_path(each.source.name): each for each in self.library.mappings.values()}
        if "\0" not in name and real_path(name) in by_file:
            return by_file[real_path(name)]
        hint = did_you_mean(name, self.names) or f"known: {', '.join(self.names) or 'none'}"
        unknown = Diagnostic(
            codes.UNKNOWN_MAPPING, f"there is no mapping {show_value(name)}", hint=hint
        )
        # What is wrong with the files may be why it is not there.
        raise FileError([unknown, *self.errors])

    def mapper(self, name: str) -> Mapper:
        """Return the mapper of a mapping, ready to run in both directions.

        Raises:
            FileError: With everything that keeps the mapping from running.
        """
        entry = f"members {name}"
        members = self._cache.load(entry) if self._cache else None
        if members is not None:  # it has run before
            return self._mapper(name, members, lambda: self._parts(self.find(name)))
        parts = self._parts(self.find(name))
        members = tuple(parts.lowered.vendor.members())
        if self._cache and name == parts.mapping.name:
            self._cache.store(entry, members)
        return self._mapper(parts.mapping.name, members, lambda: parts)

    def _mapper(self, name: str, members: Iterable[str], make_parts: Callable[[], Parts]) -> Mapper:
        parts = cache(make_parts)
        programs = Programs(name, lambda: parts().lowered, self._cache)
        return Mapper(name, parts, programs, frozenset(members))

    @collected_later()
    def _parts(self, mapping: "Mapping") -> Parts:
        """Return what the mapper of *mapping* is made of.

        Raises:
            FileError: With everything that keeps the mapping from running.
        """
        lowered, found = self.lower(mapping)
        resource = self.library.resources.get(mapping.resource)
        errors = [*self.errors, *(each for each in found if each.is_error)]
        if errors or lowered is None or resource is None:
            raise FileError(errors)
        return Parts(
            mapping,
            resource,
            lowered,
            self.schemas,
            lambda: self._schema(resource.schema),
            self.read_beside,
        )

    @cached_property
    def _cache(self) -> Cache | None:
        """What was made from the same files before, None if there is no telling or no place."""
        if self.unreadable or self._listed_schemas.linked or not Cache.has_place():
            return None  # what is behind links to folders is not among the contents
        try:
            return Cache(self._contents())
        except OSError:
            return None

    def _contents(self) -> Iterator[bytes]:
        """Yield the names and contents of all files that mappers are made of."""
        for source in self.sources:
            yield source.name.encode("utf-8", "surrogatepass")
            yield source.text.encode("utf-8", "surrogatepass")
        for name, content in self.schema_files.items():
            yield name.encode("utf-8", "surrogatepass")
            yield content

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What keeps mappings from running: all errors but those of examples."""
        return tuple(each for each in self._parsed.findings if each.is_error)

    @property
    def tables(self) -> "Tables":
        """The entries of the look-up tables, by the names of these."""
        return {table.name: table.entries for table in self.library.tables.values()}

    def lower(self, mapping: "Mapping") -> "tuple[LoweredMapping | None, tuple[Diagnostic, ...]]":
        """Return the lowered form of *mapping*, or None, and what is wrong with it."""
        from mapper.lower import lower_mapping  # noqa: PLC0415 - as above

        found = self.schema_findings(mapping.vendor.schema)
        if found:
            return None, found
        return lower_mapping(mapping, self.schemas.load(mapping.vendor.schema.name), self.tables)

    def _schema(self, reference: "FileReference") -> "Schema":
        """Return the schema that *reference* names.

        Raises:
            FileError: It cannot be used.
        """
        found = self.schema_findings(reference)
        if found:
            raise FileError(found)
        return self.schemas.load(reference.name)

    def schema_findings(self, reference: "FileReference") -> tuple[Diagnostic, ...]:
        """Return what keeps the schema that *reference* names from being used."""
        try:
            self.schemas.load(reference.name)
        except FileError as error:
            return tuple(
                each if each.span else each._replace(span=reference.span)
                for each in error.diagnostics
            )
        return ()

    def read_beside(self, reference: "FileReference") -> Source:
        """Return the text of a file in the folder of the one that names it.

        Raises:
            FileError: It cannot be read.
        """
        name = str(PurePosixPath(reference.span.source.name).parent / reference.name)
        try:
            return as_source(self._root.read(Path(name), name), name)
        except FileError as error:
            raise FileError(
                each._replace(span=each.span or reference.span) for each in error.diagnostics
            ) from None

    def examples(self, mapping: "Mapping") -> "Examples | None":
        """Return the examples file that *mapping* names, or None; not one of another mapping."""
        found = self.named_examples(mapping)
        return found if found is not None and found.mapping == mapping.name else None

    def named_examples(self, mapping: "Mapping") -> "Examples | None":
        """Return the examples file that *mapping* names, of whichever mapping it is, or None."""
        name = self.examples_name(mapping)
        if name is None:
            return None
        _ = self.findings  # which reads them
        return self.library.examples.get(name)

    @staticmethod
    def examples_name(mapping: "Mapping") -> str | None:
        """Return the name of the examples file that *mapping* names, there or not, or None."""
        if mapping.examples is None:
            return None
        return str(PurePosixPath(mapping.source.name).parent / mapping.examples.name)


class _Parsed(Record):
    """What files define, the files, what is there of others, and what is wrong with them.

    Examples are not among them.
    """

    library: "Library"
    files: "tuple[File, ...]"
    unread: "Unread"
    findings: tuple[Diagnostic, ...]


def _is_empty(found: Iterable[Diagnostic]) -> bool:
    return any(each.rule is codes.EMPTY_FILE for each in found)


def find_root(start: Path) -> Path:
    """Return the nearest folder from *start* upwards that holds ``mappings/``.

    Raises:
        FileError: M101 if there is none.
    """
    start = real_path(start)
    for folder in (start, *start.parents):
        if is_folder(folder / "mappings"):
            return folder
    raise FileError([Diagnostic(codes.NO_PROJECT, f"no mappings/ in {start} or above it")])


def load_project(folder: str | os.PathLike[str] | None = None) -> Project:
    """Return the project of *folder*, or that around the current folder.

    What is wrong with its files is in the project's findings.

    Raises:
        FileError: M101 if there is no project.
    """
    if folder is None:
        root = find_root(Path.cwd())
    else:
        root = Path(folder)
        if not is_folder(root / "mappings"):
            raise FileError([Diagnostic(codes.NO_PROJECT, f"no mappings/ in {root}")])
    folder = root / "mappings"
    shown = shown_path(folder, Path.cwd().resolve())
    sources, findings = read_files(folder, shown, Root(root), ".yaml", ".yml")
    return Project(root, tuple(sources), tuple(findings))
