"""A project on disk, and the mappers that it gives.

project = load_project()
mapper = project.mapper("acme/invoice")
common = mapper.from_vendor(payload)
body = mapper.to_vendor(mapper.merge({"notes": "Thank you"}, payload), base=payload)
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeVar

from mapper import codes, interpret
from mapper.diagnostics import (
    Diagnostic,
    FileError,
    Severity,
    TransformError,
    did_you_mean,
    show_value,
)
from mapper.evaluate import EvaluationError, evaluate
from mapper.files import read_file
from mapper.lower import LoweredMapping, lower_mapping, paths_with
from mapper.model import Access, Examples, FileReference, Invariant, Mapping, Resource
from mapper.parse import File, Library, parse_file, parse_files
from mapper.schema import Schema, Schemas, input_schema, validate, write_schema
from mapper.values import merge_patch


@dataclass(frozen=True)
class Project:
    """The mapping files and schemas of a folder, as far as they could be read.

    Attributes:
        root: The folder that holds ``mappings/`` and ``schemas/``.
        library: What the files define.
        findings: What is wrong with the files by themselves; :mod:`mapper.check` finds more.
    """

    root: Path
    library: Library
    schemas: Schemas
    findings: tuple[Diagnostic, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the mappings, sorted."""
        return tuple(sorted(self.library.mappings))

    def find(self, name: str) -> Mapping:
        """Return the mapping called *name*, or kept in the file of that path.

        Raises:
            FileError: M102 if there is none.
        """
        found = self.library.mappings.get(name)
        if found is not None:
            return found
        by_file = {
            os.path.realpath(each.source.name): each for each in self.library.mappings.values()
        }
        if "\0" not in name and os.path.realpath(name) in by_file:
            return by_file[os.path.realpath(name)]
        hint = did_you_mean(name, self.names) or f"known: {', '.join(self.names) or 'none'}"
        unknown = Diagnostic(
            codes.UNKNOWN_MAPPING, f"there is no mapping {show_value(name)}", hint=hint
        )
        # What is wrong with the files may be why it is not there.
        raise FileError([unknown, *self._errors])

    def mapper(self, name: str) -> "Mapper":
        """Return the mapper of a mapping, ready to run in both directions.

        Raises:
            FileError: With everything that keeps the mapping from running.
        """
        mapping = self.find(name)
        lowered, found = self.lower(mapping)
        resource = self.library.resources.get(mapping.resource)
        errors = [*self._errors, *(each for each in found if _is_error(each))]
        if errors or lowered is None or resource is None:
            raise FileError(errors)
        return Mapper(
            mapping,
            resource,
            lowered,
            self.schemas.load(mapping.vendor.schema.name),
            self.schemas.load(resource.schema.name),
        )

    @property
    def _errors(self) -> tuple[Diagnostic, ...]:
        return tuple(filter(_is_error, self.findings))

    def lower(self, mapping: Mapping) -> tuple[LoweredMapping | None, tuple[Diagnostic, ...]]:
        """Return the lowered form of *mapping*, or None, and what is wrong with it."""
        resource = self.library.resources.get(mapping.resource)
        references = [mapping.vendor.schema] + ([resource.schema] if resource else [])
        found = tuple(each for reference in references for each in self._schema_findings(reference))
        if found:
            return None, found
        tables = {table.name: table.entries for table in self.library.tables.values()}
        return lower_mapping(mapping, self.schemas.load(mapping.vendor.schema.name), tables)

    def _schema_findings(self, reference: FileReference) -> tuple[Diagnostic, ...]:
        try:
            self.schemas.load(reference.name)
        except FileError as error:
            return tuple(
                each if each.span else replace(each, span=reference.span)
                for each in error.diagnostics
            )
        return ()

    def examples(self, mapping: Mapping) -> Examples | None:
        """Return the examples file that *mapping* names, or None."""
        if mapping.examples is None:
            return None
        name = PurePosixPath(mapping.source.name).parent / mapping.examples.name
        return self.library.examples.get(str(name))


def _is_error(finding: Diagnostic) -> bool:
    return finding.rule.severity is Severity.ERROR


class Mapper:
    """A mapping that runs: vendor payload to common object and back.

    It holds no state of its own: one mapper may serve many threads. Inputs are never changed, and
    outputs share no object or list with them. Payloads are bare, without the vendor's envelope.
    The transforming methods do not validate; the ``validate_…`` methods do nothing else.
    """

    def __init__(
        self,
        mapping: Mapping,
        resource: Resource,
        lowered: LoweredMapping,
        vendor_schema: Schema,
        common_schema: Schema,
    ) -> None:
        self.mapping = mapping
        self.resource = resource
        self.lowered = lowered
        self.vendor_schema = vendor_schema
        self.common_schema = common_schema

    @property
    def name(self) -> str:
        return self.mapping.name

    def from_vendor(self, payload: Any) -> dict[str, Any]:
        """Return the common object of a vendor payload.

        Raises:
            TransformError: With every fault of the payload; M504 if it has no member that the
                vendor schema lists: an answer in its envelope, or an error.
        """
        self._refuse_foreign(payload)
        return _bounded(interpret.from_vendor, self.lowered, payload)

    def put(self, common: Any, base: dict[str, Any]) -> dict[str, Any]:
        """Return the whole vendor document *base*, edited so that it reads as *common*.

        Raises:
            TransformError: With every reason why the edit cannot be made.
        """
        self._refuse_foreign(base)
        return _bounded(interpret.put, self.lowered, common, base)

    def to_vendor(self, common: Any, base: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the body that creates *common*, or that updates *base* to it: {} for no change.

        *common* is the whole object: on an update a member that it lacks is cleared.

        Raises:
            TransformError: With every reason why it cannot be written; M516 if the edit takes
                several requests (see :meth:`update_steps`).
        """
        if base is None:
            return _bounded(interpret.create, self.lowered, common)
        self._refuse_foreign(base)
        return _bounded(interpret.update, self.lowered, common, base)

    def update_steps(self, common: Any, base: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the update bodies that make *base* read as *common*, in the order to send them.

        Raises:
            TransformError: With every reason why the edit cannot be made.
        """
        self._refuse_foreign(base)
        return _bounded(interpret.update_steps, self.lowered, common, base)

    def to_request(self, body: Any) -> dict[str, Any]:
        """Return what the platform sends for the request *body*, knowing neither base nor method.

        Only the members that are there count; null clears.

        Raises:
            TransformError: With every reason why it cannot be sent.
        """
        return _bounded(interpret.request, self.lowered, body)

    def request_limits(self, body: Any) -> tuple[Diagnostic, ...]:
        """Return a warning for each member that :meth:`to_request` leaves out of *body*.

        These are the members that can only be set when creating, or that must travel alone. What
        can only be read is left out without a word.
        """
        return interpret.request_limits(self.lowered, body)

    def merge(self, patch: Any, base: dict[str, Any]) -> Any:
        """Return the common object of *base* edited by a merge patch (RFC 7396).

        Raises:
            TransformError: With every fault of *base*.
        """
        return merge_patch(self.from_vendor(base), patch)

    def validate_payload(self, payload: Any) -> list[Diagnostic]:
        """Return what in a vendor payload breaks the vendor schema."""
        return validate(self.vendor_schema, payload)

    def validate_common(self, common: Any) -> list[Diagnostic]:
        """Return what in a common object breaks its schema or its resource's invariants."""
        found = validate(self.common_schema, common)
        return found or self._broken_invariants(common)

    def validate_input(
        self, common: Any, mode: Literal["create", "update", "request"]
    ) -> list[Diagnostic]:
        """Return what in a common object to write breaks its schema or its resource's invariants.

        *mode* is "create", "update" or "request"; read-only members are not required. A request is
        part of an object, of which invariants need not be true.
        """
        found = validate(self._input_schemas[mode], common)
        return found if found or mode == "request" else self._broken_invariants(common)

    def validate_body(self, body: Any, mode: Literal["create", "update"]) -> list[Diagnostic]:
        """Return what in a request body ("create" or "update") the vendor would not take."""
        return validate(self._write_schemas[mode], body)

    def _refuse_foreign(self, payload: Any) -> None:
        known = self.vendor_schema.members()
        if isinstance(payload, dict) and payload and known and not payload.keys() & known.keys():
            message = f"this has no member of {self.mapping.vendor.resource}"
            hint = "give the bare object that the vendor's answer wraps"
            found = Diagnostic(
                codes.OTHER_RESOURCE, message, None, "", show_value(payload), hint=hint
            )
            raise TransformError([found])

    @cached_property
    def _input_schemas(self) -> dict[str, Schema]:
        read = paths_with(self.lowered.rules, Access.READ)
        create = paths_with(self.lowered.rules, Access.CREATE)
        modes: tuple[Literal["create", "update", "request"], ...] = ("create", "update", "request")
        return {
            mode: Schema.of(input_schema(self.common_schema, read, create, mode)) for mode in modes
        }

    @cached_property
    def _write_schemas(self) -> dict[str, Schema]:
        return {
            "create": Schema.of(write_schema(self.vendor_schema, "create")),
            "update": Schema.of(write_schema(self.vendor_schema, "update")),
        }

    def _broken_invariants(self, common: Any) -> list[Diagnostic]:
        return [
            Diagnostic(
                codes.BROKEN_INVARIANT,
                f"the invariant {each.code} of {self.resource.name} does not hold",
                each.expression.place(0, len(each.expression.scalar.text)),
                "",
            )
            for each in self.resource.invariants
            if not self._holds(each, common)
        ]

    def _holds(self, invariant: Invariant, common: Any) -> bool:
        try:
            return evaluate(invariant.expression.tree, common, self.lowered.tables) is True
        except EvaluationError:
            return False


_Result = TypeVar("_Result")


def _bounded(run: Callable[..., _Result], *given: Any) -> _Result:
    """Return what *run* gives; documents from a program may nest deeper than any that is read."""
    try:
        return run(*given)
    except RecursionError:
        message = "a document nests too deeply"
        raise TransformError([Diagnostic(codes.TOO_DEEP, message, pointer="")]) from None


def find_root(start: Path) -> Path:
    """Return the nearest folder from *start* upwards that holds ``mappings/``.

    Raises:
        FileError: M101 if there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "mappings").is_dir():
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
        if not (root / "mappings").is_dir():
            raise FileError([Diagnostic(codes.NO_PROJECT, f"no mappings/ in {root}")])
    findings: list[Diagnostic] = []
    files: list[File] = []
    for path in _language_files(root / "mappings"):
        try:
            source = read_file(path, _shown(path))
        except FileError as error:
            findings.extend(error.diagnostics)
            continue
        file, found = parse_file(source)
        findings.extend(found)
        if file is not None:
            files.append(file)
    library, found = parse_files(tuple(files))
    findings.extend(found)
    return Project(root, library, Schemas(root / "schemas"), tuple(findings))


def _language_files(folder: Path) -> Iterable[Path]:
    """Return the YAML files below *folder*, sorted, without hidden files and folders."""
    found = (path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml"))
    visible = (
        path for path in found if not any(p.startswith(".") for p in path.relative_to(folder).parts)
    )
    return sorted(visible)


def _shown(path: Path) -> str:
    """Return *path* as a person in the current folder would write it."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return path.as_posix()
