"""Files of the language: nodes to the model, with a diagnostic for every malformed part."""

from collections.abc import Iterator
from io import StringIO
from typing import TypeVar

from msgspec import Struct, field

from mapper import codes
from mapper.diagnostics import Diagnostic, Label, Source, Span, did_you_mean
from mapper.document import Mapping as MappingNode, Node, Scalar, read_yaml
from mapper.model import (
    Examples,
    Invariant,
    Level,
    Mapping,
    Path,
    Resource,
    Table,
    Tombstone,
)
from mapper.parse.mappings import read_mapping
from mapper.parse.parts import (
    File,
    Fragment,
    read_expression,
    read_file_reference,
    read_level,
    read_optional_path,
    read_path,
    read_unset_policies,
)
from mapper.parse.rules import read_fragment
from mapper.parse.shape import NONE_UNREAD, Findings, Unread

KINDS = ("mapping", "overlay", "resource", "fragment", "table", "examples", "removed")
"""The kinds of file, by their first key."""


class Library(Struct, frozen=True):
    """What the files of a project define, by name."""

    mappings: dict[str, Mapping] = field(default_factory=dict)
    """Those of mapping files, then the effective ones of overlays."""
    resources: dict[str, Resource] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    removed: dict[str, Tombstone] = field(default_factory=dict)
    """What was published once and should go, by the name of its mapping."""
    examples: dict[str, Examples] = field(default_factory=dict)
    """Examples by the name of their file."""


def parse_file(source: Source) -> tuple[File | None, tuple[Diagnostic, ...]]:
    """Return the file that *source* is, or None if it is none of the language's kinds."""
    root, found = read_yaml(source)
    findings = Findings(found)
    if root is None:
        return None, tuple(findings)
    first = root.entries[0].key if isinstance(root, MappingNode) and root.entries else None
    if first is not None and first.text in KINDS and isinstance(root, MappingNode):
        return File(first.text, source, root), tuple(findings)
    near = did_you_mean(first.text, KINDS) if first is not None else None
    findings.report(
        codes.WRONG_SHAPE,
        first.span if first is not None else Span(source, root.span.start, root.span.start),
        "this is no file of the mapping language",
        hint=near or f"begin it with {', '.join(KINDS)}",
    )
    return None, tuple(findings)


def parse_files(
    files: tuple[File, ...], unread: Unread = NONE_UNREAD
) -> tuple[Library, tuple[Diagnostic, ...]]:
    """Return what *files* define together, and everything that is wrong with them.

    What those that are *unread* may define is not reported as missing.
    """
    findings = Findings(unread=unread)
    library = Library()
    fragments: dict[str, Fragment] = {}
    for file in _of("fragment", files):
        _keep(fragments, _fragment(file, findings), "fragment", findings)
    for fragment in fragments.values():
        read_fragment(fragment, fragments, findings)
    for file in _of("table", files):
        _keep(library.tables, _table(file, findings), "table", findings)
    for file in _of("resource", files):
        _keep(library.resources, _resource(file, findings), "resource", findings)
    for file in _of("removed", files):
        for tombstone in _tombstones(file, findings):
            _keep(library.removed, tombstone, "tombstone of", findings)
    resources = _names("resource", files)
    for file in _of("mapping", files):
        mapping = read_mapping(file, fragments, resources, findings)
        _keep(library.mappings, mapping, "mapping", findings)
    for overlay in _overlays(files, library, fragments, findings):
        _keep(library.mappings, overlay, "overlay", findings)
    findings += parse_examples(tuple(_of("examples", files)), files, library, unread)
    # A fragment's own faults come back with each use: one report is enough.
    return library, tuple({str(each): each for each in findings}.values())


def parse_examples(
    examples: tuple[File, ...],
    files: tuple[File, ...],
    library: Library,
    unread: Unread = NONE_UNREAD,
) -> tuple[Diagnostic, ...]:
    """Add to *library*, what *files* define, the *examples*; return what is wrong with them.

    Nothing else needs the examples of a project, which are most of its text.
    """
    if not examples:
        return ()
    from mapper.parse.examples import read_examples, report_unused  # noqa: PLC0415 - as said above

    findings = Findings(unread=unread)
    mappings = _names("mapping", files) | _names("overlay", files)
    for file in examples:
        found = read_examples(file, mappings, findings)
        if found is not None:
            library.examples[file.source.name] = found
            report_unused(file, library.mappings.get(found.mapping), findings)
    return tuple(findings)


def _overlays(
    files: tuple[File, ...], library: Library, fragments: dict[str, Fragment], findings: Findings
) -> Iterator[Mapping]:
    """Yield the effective mappings of the overlays among *files*."""
    overlays = tuple(_of("overlay", files))
    if overlays:
        from mapper.parse.overlays import Known, resolve_overlays  # noqa: PLC0415 - few projects

        resources = _names("resource", files)
        known = Known(dict(library.mappings), library.resources, fragments, resources)
        yield from resolve_overlays(overlays, tuple(_of("mapping", files)), known, findings)


def begins_examples(source: Source) -> bool:
    """Whether *source* begins as a file of examples does, after comments."""
    lines = StringIO(source.text)
    first = next((line for line in lines if not line.lstrip().startswith("#") and line.strip()), "")
    return first.startswith("examples:")


def _of(kind: str, files: tuple[File, ...]) -> Iterator[File]:
    return (file for file in files if file.kind == kind)


def _names(kind: str, files: tuple[File, ...]) -> frozenset[str]:
    """Return the names that files of a kind define, even if they are wrong otherwise."""
    nodes = (file.root.entries[0].value for file in _of(kind, files))
    return frozenset(node.text for node in nodes if isinstance(node, Scalar))


_Named = TypeVar("_Named", Mapping, Resource, Table, Fragment, Tombstone)


def _keep(known: dict[str, _Named], new: _Named | None, what: str, findings: Findings) -> None:
    if new is None:
        return
    if new.name in known:
        findings.report(
            codes.DUPLICATE_NAME,
            new.span,
            f"{what} {new.name} is defined twice",
            labels=(Label(known[new.name].span, "first defined here"),),
        )
    known.setdefault(new.name, new)


_RESOURCE_KEYS = (
    "resource", "title", "description", "schema", "key", "objectName", "displayNames", "invariants",
    "shadows",
)  # fmt: skip


def _resource(file: File, findings: Findings) -> Resource | None:
    members = findings.keys(file.root, "a resource", _RESOURCE_KEYS, ("schema", "key"))
    name = findings.name(members["resource"], "a resource")
    schema = read_file_reference(members, "schema", findings)
    key = read_optional_path(members, "key", findings)
    object_name = findings.optional_text(members, "objectName")
    title = findings.optional_text(members, "title")
    description = findings.optional_text(members, "description")
    displayed = _display_names(members.get("displayNames"), findings)
    invariants = _invariants(members.get("invariants"), findings)
    shadows = findings.optional_text(members, "shadows")
    if name is None or schema is None or key is None:
        return None
    return Resource(
        name,
        file.source,
        members["resource"].span,
        schema,
        key,
        object_name or name,
        title,
        description,
        displayed,
        invariants,
        shadows,
    )


def _invariants(node: Node | None, findings: Findings) -> tuple[Invariant, ...]:
    section = findings.mapping(node, "invariants") if node is not None else None
    found: list[Invariant] = []
    for entry in section.entries if section else ():
        expression = read_expression(entry.value, "an invariant", findings)
        if expression is not None:
            found.append(Invariant(entry.key.text, expression))
    return tuple(found)


def _display_names(node: Node | None, findings: Findings) -> tuple[tuple[Path, str], ...]:
    section = findings.mapping(node, "displayNames") if node is not None else None
    found: list[tuple[Path, str]] = []
    for entry in section.entries if section else ():
        path = read_path(entry.key, "common path", findings)
        name = findings.text(entry.value, "a display name")
        if path is not None and name is not None:
            found.append((path, name))
    return tuple(found)


def _fragment(file: File, findings: Findings) -> Fragment | None:
    keys = ("fragment", "description", "parameters", "unset", "fields")
    members = findings.keys(file.root, "a fragment", keys, ("fields",))
    name = findings.name(members["fragment"], "a fragment")
    fields = findings.mapping(members["fields"], "fields") if "fields" in members else None
    node = members.get("parameters")
    listed = findings.sequence(node, "parameters") if node is not None else None
    parameters = [findings.text(each, "a parameter") for each in (listed.items if listed else ())]
    unset = read_unset_policies(members["unset"], findings) if "unset" in members else {}
    findings.optional_text(members, "description")
    if name is None or fields is None:
        return None
    names = tuple(each for each in parameters if each)
    return Fragment(name, members["fragment"].span, names, fields, unset)


def _table(file: File, findings: Findings) -> Table | None:
    members = findings.keys(file.root, "a table", ("table", "description", "entries"), ("entries",))
    name = findings.name(members["table"], "a table")
    findings.optional_text(members, "description")
    section = findings.mapping(members["entries"], "entries") if "entries" in members else None
    entries: dict[str, str] = {}
    for entry in section.entries if section else ():
        match entry.value:
            case Scalar(value=str(value)):
                entries[entry.key.text] = value
            case _:
                message = "an entry of a table must be text"
                findings.report(codes.WRONG_SHAPE, entry.value.span, message)
    return Table(name, members["table"].span, entries) if name else None


def _tombstones(file: File, findings: Findings) -> Iterator[Tombstone]:
    members = findings.keys(file.root, "a file of tombstones", ("removed",))
    section = findings.mapping(members["removed"], "removed")
    required = ("objectName", "element", "reason")
    for entry in section.entries if section else ():
        stone = findings.mapping(entry.value, "a tombstone")
        if stone is None:
            continue
        given = findings.keys(stone, "a tombstone", (*required, "level"), required)
        object_name, element, reason = (findings.optional_text(given, key) for key in required)
        level = None
        if "level" in given:
            level = read_level(given["level"], "a tombstone", Level, findings)
        if object_name and element and reason and (level is not None or "level" not in given):
            name = entry.key
            yield Tombstone(name.text, name.span, object_name, element, reason, level)
