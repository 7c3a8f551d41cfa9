"""Files of the language: nodes to the model, with a diagnostic for every malformed part."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath
from typing import TypeVar

from msgspec import Struct, field

from mapper import codes
from mapper.diagnostics import Diagnostic, Label, Rule, Source, Span, did_you_mean
from mapper.document import Mapping as MappingNode, Node, Scalar, Sequence, plain, read_yaml
from mapper.model import (
    Access,
    Constant,
    ConstantRule,
    Envelope,
    ErrorEnvelope,
    Example,
    Examples,
    ExpressionRule,
    FieldRule,
    FileReference,
    Ignored,
    Invariant,
    ListRule,
    Mapping,
    ObjectRule,
    OnlyRule,
    OpaqueScript,
    Operation,
    Path,
    Resource,
    SlotsRule,
    Table,
    Tombstone,
    ValueRule,
    VendorSide,
    show_path,
)
from mapper.parse.parts import (
    Fragment,
    Scope,
    read_expression,
    read_path,
    read_path_value,
    read_unset_policies,
)
from mapper.parse.rules import overlaps, read_fields, read_fragment
from mapper.parse.shape import Findings
from mapper.values import ABSENT, Steps

KINDS = ("mapping", "resource", "fragment", "table", "examples", "removed")
"""The kinds of file, by their first key."""


class File(Struct, frozen=True):
    """A file of the language that is YAML: its kind, its root and its source."""

    kind: str
    source: Source
    root: MappingNode


class Library(Struct, frozen=True):
    """What the files of a project define, by name."""

    mappings: dict[str, Mapping] = field(default_factory=dict)
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


def parse_files(files: tuple[File, ...]) -> tuple[Library, tuple[Diagnostic, ...]]:
    """Return what *files* define together, and everything that is wrong with them."""
    findings = Findings()
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
        _keep(library.mappings, _mapping(file, fragments, resources, findings), "mapping", findings)
    findings += parse_examples(tuple(_of("examples", files)), files, library)
    # A fragment's own faults come back with each use: one report is enough.
    return library, tuple(dict.fromkeys(findings))


def parse_examples(
    examples: tuple[File, ...], files: tuple[File, ...], library: Library
) -> tuple[Diagnostic, ...]:
    """Add to *library*, what *files* define, the *examples*; return what is wrong with them.

    Nothing else needs the examples of a project, which are most of its text.
    """
    findings = Findings()
    mappings = _names("mapping", files)
    for file in examples:
        found = _examples(file, mappings, findings)
        if found is not None:
            library.examples[file.source.name] = found
            _report_unused(file, library.mappings.get(found.mapping), findings)
    return tuple(findings)


def begins_examples(source: Source) -> bool:
    """Whether *source* begins as a file of examples does, after comments."""
    return re.match(r"(?:[ \t]*(?:#.*)?\r?\n)*+examples:", source.text) is not None


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


def _report_unused(file: File, mapping: Mapping | None, findings: Findings) -> None:
    """Report an examples file whose mapping does not name it: its cases would never run."""
    if mapping is None:
        return
    named = mapping.examples.name if mapping.examples else ""
    if (PurePosixPath(mapping.source.name).parent / named).as_posix() != file.source.name:
        findings.report(
            codes.UNKNOWN_NAME,
            file.root.entries[0].value.span,
            f"the mapping {mapping.name} does not name this examples file",
            hint="name it there under `examples:`",
        )


_RESOURCE_KEYS = (
    "resource", "title", "description", "schema", "key", "objectName", "displayNames", "invariants",
    "shadows",
)  # fmt: skip


def _resource(file: File, findings: Findings) -> Resource | None:
    members = findings.keys(file.root, "a resource", _RESOURCE_KEYS, ("schema", "key"))
    name = findings.text(members["resource"], "resource")
    schema = _file_reference(members, "schema", findings)
    key = _optional_path(members, "key", findings)
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
    name = findings.text(members["fragment"], "fragment")
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
    name = findings.text(members["table"], "table")
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
    keys = ("objectName", "element", "reason")
    for entry in section.entries if section else ():
        stone = findings.mapping(entry.value, "a tombstone")
        if stone is None:
            continue
        given = findings.keys(stone, "a tombstone", keys, keys)
        texts = [findings.optional_text(given, name) for name in keys]
        if all(texts):
            yield Tombstone(entry.key.text, entry.key.span, *map(str, texts))


_MAPPING_KEYS = (
    "mapping", "resource", "description", "vendor", "fields", "unset", "constants", "ignore",
    "examples", "script", "pulled",
)  # fmt: skip


def _mapping(
    file: File, fragments: dict[str, Fragment], resources: frozenset[str], findings: Findings
) -> Mapping | None:
    required = ("resource", "vendor", "fields")
    members = findings.keys(file.root, "a mapping", _MAPPING_KEYS, required)
    name = findings.text(members["mapping"], "mapping")
    findings.optional_text(members, "description")
    resource = findings.optional_text(members, "resource")
    if resource is not None and resource not in resources:
        span = members["resource"].span
        findings.unknown(codes.UNKNOWN_NAME, span, "resource", resource, resources)
    vendor = _vendor_side(members["vendor"], findings) if "vendor" in members else None
    unset = read_unset_policies(members["unset"], findings) if "unset" in members else {}
    scope = Scope(unset, fragments)
    fields = read_fields(members["fields"], findings, scope) if "fields" in members else ()
    constants = _constants(members.get("constants"), findings)
    ignored = _ignored(members.get("ignore"), findings)
    examples = _file_reference(members, "examples", findings)
    script = _script(members["script"], findings) if "script" in members else None
    pulled = _file_beside(members, "pulled", findings)
    _report_write_overlaps(fields, constants, findings)
    if name is None or resource is None or vendor is None:
        return None
    return Mapping(
        name,
        file.source,
        members["mapping"].span,
        resource,
        vendor,
        fields,
        constants,
        ignored,
        examples,
        script,
        pulled,
    )


def _vendor_side(node: Node, findings: Findings) -> VendorSide | None:
    section = findings.mapping(node, "vendor")
    if section is None:
        return None
    required = ("element", "resource", "schema")
    members = findings.keys(section, "vendor", (*required, "envelope"), required)
    element = findings.optional_text(members, "element")
    resource = findings.optional_text(members, "resource")
    schema = _file_reference(members, "schema", findings)
    envelope = _envelope(members["envelope"], findings) if "envelope" in members else Envelope()
    if element is None or resource is None or schema is None:
        return None
    return VendorSide(element, resource, schema, envelope)


def _envelope(node: Node, findings: Findings) -> Envelope:
    section = findings.mapping(node, "envelope")
    if section is None:
        return Envelope()
    members = findings.keys(section, "envelope", ("single", "list", "request", "errors"))
    errors = _error_envelopes(members["errors"], findings) if "errors" in members else ()
    single = _optional_path(members, "single", findings)
    listed = _optional_path(members, "list", findings)
    return Envelope(
        single.steps if single else None,
        listed.steps if listed else None,
        findings.optional_text(members, "request"),
        errors,
    )


def _error_envelopes(node: Node, findings: Findings) -> tuple[ErrorEnvelope, ...]:
    """Return the shapes of error answers that *node*, a shape or a list of them, describes."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    shapes = (_error_envelope(each, findings) for each in nodes)
    return tuple(shape for shape in shapes if shape is not None)


def _error_envelope(node: Node, findings: Findings) -> ErrorEnvelope | None:
    section = findings.mapping(node, "errors")
    if section is None:
        return None
    required = ("code", "message")
    members = findings.keys(section, "errors", ("path", *required), required)
    path = _optional_path(members, "path", findings)
    code = _optional_path(members, "code", findings)
    message = _optional_path(members, "message", findings)
    if code is None or message is None:
        return None
    return ErrorEnvelope(path.steps if path else (), code.steps, message.steps)


def _constants(node: Node | None, findings: Findings) -> tuple[Constant, ...]:
    section = findings.mapping(node, "constants") if node is not None else None
    found: list[Constant] = []
    for entry in section.entries if section else ():
        path = read_path(entry.key, "vendor path", findings)
        if path is not None:
            found.append(Constant(path, plain(entry.value)))
    return tuple(found)


def _ignored(node: Node | None, findings: Findings) -> tuple[Ignored, ...]:
    section = findings.mapping(node, "ignore") if node is not None else None
    found: list[Ignored] = []
    for entry in section.entries if section else ():
        path = read_path(entry.key, "vendor path", findings)
        reason = findings.text(entry.value, "the reason to ignore a member")
        if path is not None and reason is not None:
            found.append(Ignored(path, reason))
    return tuple(found)


_Fields = tuple[FieldRule, ...]


class _Written(Struct, frozen=True):
    """A vendor path from the vendor object or list item around, and the rule that writes it.

    ``by`` is the common path of the rule; () for a constant.
    """

    steps: Steps
    span: Span
    by: Steps

    @property
    def writer(self) -> str:
        return show_path(self.by) or "a constant"


def _report_write_overlaps(
    fields: _Fields, constants: tuple[Constant, ...], findings: Findings
) -> None:
    lists: list[_Fields] = []
    written = [_Written(each.vendor.steps, each.vendor.span, ()) for each in constants]
    written += _written(fields, lists)
    for each, other in overlaps((each.steps, each) for each in written):
        findings.report(
            codes.OVERLAPPING_VENDOR,
            each.span,
            f"{show_path(each.steps)} is written by {other.writer} and by {each.writer}",
            labels=(Label(other.span, "written here too"),),
        )
    for items in lists:
        _report_write_overlaps(items, (), findings)


def _written(
    fields: _Fields, lists: list[_Fields], at: Steps = (), common: Steps = ()
) -> Iterator[_Written]:
    """Yield what *fields* write; the rules of items, which write other objects, go to *lists*."""
    for rule in fields:
        if rule.access is Access.READ:
            continue
        here = (*common, *rule.common.steps)
        match rule:
            case ValueRule(vendor=vendor):
                yield _Written((*at, *vendor.steps), vendor.span, here)
            case ListRule(vendor=vendor, each=items):
                yield _Written((*at, *vendor.steps), vendor.span, here)
                lists.append(items)
            case ExpressionRule(to_vendor=writes):
                for path, _ in writes:
                    yield _Written((*at, *path.steps), path.span, here)
            case ObjectRule(vendor=place, fields=inner):
                inside = (*at, *place.steps) if place else at
                if place is not None and rule.unset.clear is not ABSENT:
                    # Clearing replaces the object whole: nobody else can keep a member in it.
                    yield _Written(inside, place.span, here)
                    lists.append(inner)
                else:
                    yield from _written(inner, lists, inside, here)
            case OnlyRule(fields=inner):
                yield from _written(inner, lists, at, here)
            case SlotsRule(slots=slots):
                for slot in slots:
                    yield from _written(slot, lists, at, here)
            case ConstantRule():
                pass


def _examples(file: File, mappings: frozenset[str], findings: Findings) -> Examples | None:
    members = findings.keys(file.root, "an examples file", ("examples", "cases"), ("cases",))
    mapping = findings.text(members["examples"], "examples")
    if mapping is not None and mapping not in mappings:
        span = members["examples"].span
        findings.unknown(codes.UNKNOWN_NAME, span, "mapping", mapping, mappings)
    listed = findings.sequence(members["cases"], "cases") if "cases" in members else None
    cases = (_example(node, findings) for node in (listed.items if listed else ()))
    found = tuple(case for case in cases if case is not None)
    return Examples(mapping, file.source, found) if mapping else None


def _example(node: Node, findings: Findings) -> Example | None:
    section = findings.mapping(node, "an example")
    if section is None:
        return None
    known = ("example", "gives", "fails", *Operation)
    members = findings.keys(section, "an example", known, ("example",))
    operations = [each for each in Operation if each in members]
    if "example" not in members:
        return None
    name = findings.text(members["example"], "example")
    place = members["example"].span
    if len(operations) != 1 or ("gives" in members) == ("fails" in members):
        findings.report(
            codes.MIXED_RULE,
            place,
            "an example has one operation, and either gives or fails",
            hint=f"operations: {', '.join(Operation)}",
        )
        return None
    fails = _known_code(members["fails"], findings) if "fails" in members else None
    gives = plain(members["gives"]) if "gives" in members else ABSENT
    given = members[operations[0]]
    if operations[0] in (Operation.UPDATE, Operation.STEPS) and not _is_update(given, findings):
        return None
    return Example(name or "", place, operations[0], plain(given), gives, fails)


def _is_update(node: Node, findings: Findings) -> bool:
    section = findings.mapping(node, "an update")
    if section is None:
        return False
    members = findings.keys(section, "an update", ("base", "common", "merge"), ("base",))
    if ("common" in members) == ("merge" in members):
        findings.report(codes.MIXED_RULE, node.span, "an update has either common or merge")
        return False
    return "base" in members


def _known_code(node: Node, findings: Findings) -> str | None:
    code = findings.text(node, "fails")
    if code is not None and code not in _codes():
        findings.unknown(codes.UNKNOWN_NAME, node.span, "code", code, _codes())
    return code


@cache
def _codes() -> frozenset[str]:
    return frozenset(rule.code for rule in vars(codes).values() if isinstance(rule, Rule))


def _file_reference(
    members: dict[str, Node], name: str, findings: Findings
) -> FileReference | None:
    file = findings.optional_text(members, name)
    return FileReference(file, members[name].span) if file else None


def _file_beside(members: dict[str, Node], name: str, findings: Findings) -> FileReference | None:
    """Return the name of a file in the same folder."""
    file = _file_reference(members, name, findings)
    if file is None or _FILE_NAME.fullmatch(file.name):
        return file
    message = f"{name} must be the name of a file beside this one"
    findings.report(codes.WRONG_SHAPE, file.span, message)
    return None


_FILE_NAME = re.compile(r"[^./\\\0][^/\\\0]*")


def _script(node: Node, findings: Findings) -> OpaqueScript | None:
    section = findings.mapping(node, "script")
    if section is None:
        return None
    members = findings.keys(section, "script", ("file", "reason"), ("file", "reason"))
    file = _file_beside(members, "file", findings)
    reason = findings.optional_text(members, "reason")
    return OpaqueScript(file, reason) if file and reason else None


def _optional_path(members: dict[str, Node], name: str, findings: Findings) -> Path | None:
    return read_path_value(members[name], name, findings) if name in members else None
