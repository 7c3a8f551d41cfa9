"""Live documents to the files of a project: a resource, a mapping, and schemas if it has none.

What is ours becomes the rules again that its script carries, which is tried: they must print the
same script. A field list becomes rules. A script of somebody else becomes rules if they are found
to do the same, and else stays a script, beside what its field list says.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, show_name
from mapper.files import real_path
from mapper.layout import yaml_text
from mapper.model import Mapping as MappingFile, Resource
from mapper.platform.carried import carried
from mapper.platform.documents import Documents, documents, script_of
from mapper.platform.fieldlists import Rules, rules_of
from mapper.platform.levels import Level
from mapper.platform.live import Live
from mapper.platform.normal import Document, Kind, mark, normal
from mapper.platform.pulled import Known, desired_documents, digests, pulled_text
from mapper.platform.shapes import Candidate, candidates
from mapper.platform.staging import staged
from mapper.platform.surroundings import Types, resource_files, vendor_schema
from mapper.project import Project
from mapper.running import Parts
from mapper.written import mapping_data, overlay_data, with_policies

__all__ = ["Pulled", "pull"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_OVERLAY_NAME = re.compile(r"[A-Za-z0-9_@-]{1,100}")
_DEVICES = frozenset(
    {"aux", "con", "nul", "prn", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
)
"""Names that some systems take for devices, whatever follows the first dot."""

_BEYOND = "once edited, values that its tables do not have are refused, which the script drops"

_JOINED = "once edited, what is put together has to be text: numbers are refused"

_BESIDE = frozenset({"examples", "pulled"})
"""Files beside a mapping, which it does without."""

_CARRIED = ("mapping", "resource", "vendor", "fields", "constants", "ignore", "examples")

Alike = Callable[[Parts, Document], str | None]
"""Tells how what a mapping publishes differs from a live transformation, None if it does not."""


class Pulled(Struct, frozen=True):
    """The files that a mapping consists of, by their paths in the project.

    Attributes:
        name: The mapping's.
        how: What its rules were made of.
        notes: What of the platform is not in its rules, a sentence each.
    """

    name: str
    how: str
    files: dict[str, str]
    notes: tuple[str, ...] = ()


def pull(project: Project, live: Live, alike: Alike) -> Pulled:
    """Return the files of a mapping that is what *live* is; *project* is what they come to.

    Raises:
        FileError: No mapping can be made of it.
    """
    for what, name in (("object", live.name), ("element", live.element)):
        if not _is_file_name(name):
            message = f"no file can have the name of the {what} {show_name(name)}"
            raise FileError([Diagnostic(codes.NOT_PULLED, message)])
    return _Puller(project, live, alike).pull()


def _is_file_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and name.lower() not in _DEVICES


def _is_mapping_step(name: str) -> bool:
    """Whether a file or folder can have the name of a mapping or overlay, between slashes."""
    return bool(_OVERLAY_NAME.fullmatch(name)) and name.lower() not in _DEVICES


def _demand_no_overlay(old: MappingFile) -> None:
    """Refuse to write over an overlay, which a mapping of all its rules would be.

    Raises:
        FileError: M643.
    """
    if old.layers:
        message = f"the project has the overlay {old.name}, which says something else"
        hint = "mapper plan shows the differences; --out FOLDER pulls into another project"
        raise FileError([Diagnostic(codes.NOT_PULLED, message, old.span, hint=hint)])


class _Puller:
    """Makes the files of one mapping."""

    def __init__(self, project: Project, live: Live, alike: Alike) -> None:
        self._project = project
        self._live = live
        self._alike = alike
        self._old = self._find_old()

    def pull(self) -> Pulled:
        if self._old is not None:
            if self._is_published(self._old.name):
                return Pulled(self._old.name, "the project has it", {})
            _demand_no_overlay(self._old)
        script = self._live.script
        if script is None:
            return self._of_field_list()
        said = carried(script)
        if said is None:
            return self._of_script("nobody has said in rules what it does")
        try:
            return self._ours(said, script)
        except FileError as error:
            why = error.diagnostics[0].message
            return self._of_script(f"it carries rules, and is not what they print: {why}")

    def _find_old(self) -> MappingFile | None:
        """Return the mapping of the project that is published as what is live.

        That is the one whose mark is there, or else one that is no overlay.
        """
        owner = mark(self._live.transformation)
        library = self._project.library
        found = None
        for each in library.mappings.values():
            resource = library.resources.get(each.resource)
            there = (resource.object_name if resource else None, each.vendor.element)
            if there == (self._live.name, self._live.element):
                if each.name == owner:
                    return each
                found = found or (each if not each.layers else None)
        return found

    def _is_published(self, name: str) -> bool:
        """Whether what the project says of a mapping is what is live."""
        try:
            made = desired_documents(self._project.mapper(name).parts, Level.ORGANIZATION)
        except FileError:
            return False
        return _known(made) == self._known

    @property
    def _known(self) -> Known:
        live = self._live
        return {Kind.DEFINITION: live.definition, Kind.TRANSFORMATION: live.transformation}

    def _path(self, name: str) -> str:
        """Return where the mapping of this name is kept."""
        old = self._project.library.mappings.get(name)
        if old is None:
            return f"mappings/{name}.yaml"
        root = real_path(self._project.root)
        return real_path(old.source.name).relative_to(root).as_posix()

    # Three ways

    def _ours(self, said: dict[str, Any], script: str) -> Pulled:
        """Return the files of a mapping whose script carries its rules.

        Raises:
            FileError: The rules do not give this script.
        """
        tables = said.pop("tables", {})
        name = _carried_name(said)
        old = self._project.library.mappings.get(name)
        if old is not None:  # what only local files need is not carried
            kept = mapping_data(old)
            local = {each: kept["vendor"][each] for each in ("envelope",) if each in kept["vendor"]}
            said["vendor"] = {**said["vendor"], **local}
            said |= {each: kept[each] for each in ("examples",) if each in kept}
        said = {each: said[each] for each in _CARRIED if each in said}
        files = self._tables(tables)
        resource = str(said.get("resource"))
        if not _is_file_name(resource):
            raise _not_as_printed("its resource has no name that a file can have")
        rules = Rules(said["fields"], {})
        files |= resource_files(self._project, self._live, rules, resource, Types())
        path = self._path(name)
        overlay = self._overlay(said, script, files, path)
        if overlay is not None:
            return overlay
        with staged(self._project, {**files, path: yaml_text(said)}) as project:
            parts = project.mapper(name).parts
            if _lines(script_of(parts)) != _lines(script):
                raise _not_as_printed("somebody edited it")
            self._demand_same(parts)
        return self._finished("rules", files, path, said)

    def _overlay(
        self, said: dict[str, Any], script: str, files: dict[str, str], path: str
    ) -> Pulled | None:
        """Return the files of an overlay that is published as what is live, None if none is.

        Of a level below the organization, that is what the project's mapping of the object lacks.
        """
        base, level = self._old, self._live.level
        if base is None or base.name == said["mapping"] or level is Level.ORGANIZATION:
            return None
        extended = mapping_data(base)
        overlay = overlay_data(said, extended, level)
        if overlay is None or base.script is not None:
            return None
        text = yaml_text(overlay)
        alone = {name: each for name, each in extended.items() if name not in _BESIDE}
        around = {**files, path: text, "mappings/_extended.yaml": yaml_text(alone)}
        try:
            with staged(self._project, around) as project:
                parts = project.mapper(said["mapping"]).parts
                self._demand_same(parts)
                if _lines(script_of(parts)) != _lines(script):
                    return None
                if _known(documents(parts, Level.ORGANIZATION)) != self._known:
                    return None
        except FileError:
            return None
        return Pulled(said["mapping"], "rules of an overlay", {path: text, **files})

    def _of_field_list(self) -> Pulled:
        rules = rules_of(self._live.transformation["fields"])
        files, path, said = self._mapping(rules)
        notes = [f"{each} has no rule: {why}" for each, why in rules.left.items()]
        with staged(self._project, {**files, path: yaml_text(said)}) as project:
            found = self._alike(project.mapper(said["mapping"]).parts, self._live.transformation)
        if found is not None:
            notes.append(found)
        return self._finished("field list", files, path, said, notes)

    def _of_script(self, reason: str) -> Pulled:
        """Return the files of a mapping with a script of somebody else."""
        for each in candidates(self._live.name, self._live.transformation):
            if each.common and self._live.others and self._known_resource() is None:
                continue  # a draft that one element narrows would not do for the others
            files, path, said = self._mapping(
                Rules(each.fields, {}), Types(each.common, each.vendor)
            )
            try:
                files |= self._tables(each.tables)
                with staged(self._project, {**files, path: yaml_text(said)}) as project:
                    parts = project.mapper(said["mapping"]).parts
                    if self._alike(parts, self._live.transformation) is None:
                        return self._finished("recognised script", files, path, said, _beyond(each))
            except FileError:  # what was recognised is no mapping after all
                continue
        rules = rules_of(self._live.transformation["fields"], renames=True)
        files, path, said = self._mapping(rules)
        folder, file = _beside(path, "script.js")
        said["script"] = {"file": file, "reason": reason}
        files[f"{folder}/{file}"] = self._live.script or ""
        notes = [f"{each} stays as it is: {why}" for each, why in rules.left.items()]
        return self._finished("script", files, path, said, notes)

    # Files

    def _mapping(
        self, rules: Rules, known: Types | None = None
    ) -> tuple[dict[str, str], str, dict[str, Any]]:
        """Return the files around a mapping of these rules, its path, and what it says."""
        live = self._live
        types = known or Types()
        schema, files = vendor_schema(self._project, live, rules, types)
        resource = self._known_resource()
        name = resource.name if resource else live.name
        mapping = self._old.name if self._old else f"{live.element}/{live.name}"
        files |= resource_files(self._project, live, rules, name, types)
        said: dict[str, Any] = {
            "mapping": mapping,
            "resource": name,
            "vendor": {"element": live.element, "resource": live.vendor_name, "schema": schema},
            "fields": rules.fields,
        }
        return files, self._path(mapping), said

    def _tables(self, tables: Any) -> dict[str, str]:
        """Return the files of tables, without those that the project has.

        Raises:
            FileError: They are no tables, or none that a file can hold.
        """
        known = self._project.library.tables
        files = {}
        for name, entries in tables.items() if isinstance(tables, dict) else [("", tables)]:
            if not _is_file_name(name) or not isinstance(entries, dict):
                raise _not_as_printed("it carries a table that no file can hold")
            if name not in known or known[name].entries != entries:
                said = {"table": name, "entries": entries}
                files[f"mappings/tables/{name}.yaml"] = yaml_text(said)
        return files

    def _known_resource(self) -> Resource | None:
        """Return the resource for the object, if possible one that not only overlays have."""
        library = self._project.library
        used = [each.resource for each in library.mappings.values() if not each.layers]
        names = [*([self._old.resource] if self._old else []), *used, *library.resources]
        every = (library.resources[name] for name in names if name in library.resources)
        return next((each for each in every if each.object_name == self._live.name), None)

    def _demand_same(self, parts: Parts) -> None:
        """Refuse a mapping that would be published as something else.

        Raises:
            FileError: It would be.
        """
        there = (parts.resource.object_name, parts.mapping.vendor.element)
        if there != (self._live.name, self._live.element):
            message = f"the project has a resource {parts.resource.name} for another object"
            raise FileError([Diagnostic(codes.NOT_PULLED, message, parts.resource.span)])

    def _finished(
        self,
        how: str,
        files: dict[str, str],
        path: str,
        said: dict[str, Any],
        notes: Iterable[str] = (),
    ) -> Pulled:
        """Return the files with the mapping's, and with what the platform has if that differs."""
        with staged(self._project, {**files, path: yaml_text(said)}) as project:
            parts = project.mapper(said["mapping"]).parts
            self._demand_same(parts)
            made = documents(parts, Level.ORGANIZATION)
            found = digests(parts, made)
        if _known(made) != self._known:
            folder, file = _beside(path, "pulled.json")
            said = {**said, "pulled": file}
            text = pulled_text(self._known, found, script_apart="script" in said)
            files = {**files, f"{folder}/{file}": text}
        text = yaml_text(with_policies(said))
        return Pulled(said["mapping"], how, {path: text, **files}, tuple(notes))


def _known(made: Documents) -> dict[Kind, Document | None]:
    """Return documents in normal form."""
    return {
        Kind.DEFINITION: made.definition
        and normal(Kind.DEFINITION, made.definition, Level.ORGANIZATION),
        Kind.TRANSFORMATION: normal(Kind.TRANSFORMATION, made.transformation, Level.ORGANIZATION),
    }


def _beside(path: str, ending: str) -> tuple[str, str]:
    """Return the folder of a mapping's file, and the name of another file beside it."""
    folder, _, name = path.rpartition("/")
    return folder, f"{name.rpartition('.')[0]}.{ending}"


def _beyond(candidate: Candidate) -> Iterator[str]:
    """Yield what rules refuse that the script makes something of."""
    types = (*candidate.common.values(), *candidate.vendor.values())
    if any(isinstance(each, tuple) for each in types):
        yield _BEYOND
    if candidate.joins:
        yield _JOINED


def _carried_name(said: Mapping[str, Any]) -> str:
    """Return the name of the mapping that a script carries.

    Raises:
        FileError: It is no mapping, or none that a file can hold.
    """
    name = said.get("mapping")
    is_whole = isinstance(said.get("vendor"), dict) and isinstance(said.get("fields"), dict)
    if isinstance(name, str) and is_whole and all(map(_is_mapping_step, name.split("/"))):
        return name
    raise _not_as_printed("what it carries is no mapping")


def _not_as_printed(reason: str) -> FileError:
    return FileError([Diagnostic(codes.NOT_PULLED, reason)])


def _lines(script: str) -> str:
    return script.replace("\r\n", "\n").rstrip("\n")
