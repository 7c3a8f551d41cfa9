"""Files of the language: nodes to the model, with a diagnostic for every malformed part."""

from dataclasses import dataclass, field
from typing import TypeVar

from mapper import codes
from mapper.diagnostics import Diagnostic, Label, Rule, Source, Span
from mapper.document import Mapping as MappingNode, Node, Scalar, plain, read_yaml
from mapper.model import (
    Constant,
    Envelope,
    ErrorEnvelope,
    Example,
    Examples,
    FieldRule,
    FileReference,
    Ignored,
    Invariant,
    ListRule,
    Mapping,
    ObjectRule,
    OnlyRule,
    Operation,
    Path,
    Resource,
    SlotsRule,
    Table,
    ValueRule,
    VendorSide,
)
from mapper.parse_rules import (
    Findings,
    Fragment,
    Scope,
    read_expression,
    read_fields,
    read_path,
    read_unset_policies,
)
from mapper.values import ABSENT, Steps

KINDS = ("mapping", "resource", "fragment", "table", "examples")
"""The kinds of file, by the key that tells them; a mapping also has the key ``resource``."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the language that is YAML: its kind, its root and its source."""

    kind: str
    source: Source
    root: MappingNode


@dataclass(frozen=True, slots=True)
class Library:
    """What the files of a project define, by name."""

    mappings: dict[str, Mapping] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    examples: dict[str, Examples] = field(default_factory=dict)
    """Examples by the name of their file."""


def parse_file(source: Source) -> tuple[File | None, tuple[Diagnostic, ...]]:
    """Return the file that *source* is, or None if it is none of the language's kinds."""
    root, found = read_yaml(source)
    findings = Findings(found)
    if root is None:
        return None, tuple(findings)
    if isinstance(root, MappingNode):
        keys = {entry.key.text for entry in root.entries}
        for kind in KINDS:
            if kind in keys and not (kind == "examples" and "cases" not in keys):
                return File(kind, source, root), tuple(findings)
    findings.report(
        codes.WRONG_SHAPE,
        Span(source, root.span.start, root.span.start),
        "this is no file of the mapping language",
        hint=f"begin it with one of the keys {', '.join(KINDS)}",
    )
    return None, tuple(findings)


def parse_files(files: tuple[File, ...]) -> tuple[Library, tuple[Diagnostic, ...]]:
    """Return what *files* define together, and everything that is wrong with them."""
    findings = Findings()
    library = Library()
    fragments: dict[str, Fragment] = {}
    for file in files:
        if file.kind == "fragment":
            _keep(fragments, _fragment(file, findings), "fragment", findings)
    for file in files:
        match file.kind:
            case "resource":
                _keep(library.resources, _resource(file, findings), "resource", findings)
            case "table":
                _keep(library.tables, _table(file, findings), "table", findings)
            case "mapping":
                _keep(library.mappings, _mapping(file, fragments, findings), "mapping", findings)
            case "examples":
                examples = _examples(file, findings)
                if examples is not None:
                    library.examples[file.source.name] = examples
            case _:
                pass
    _report_unknown_references(library, findings)
    # A fragment's own faults come back with each use: one report is enough.
    return library, tuple(dict.fromkeys(findings))


_Named = TypeVar("_Named", Mapping, Resource, Table, Fragment)


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


def _report_unknown_references(library: Library, findings: Findings) -> None:
    for mapping in library.mappings.values():
        if mapping.resource not in library.resources:
            findings.unknown(
                codes.UNKNOWN_NAME, mapping.span, "resource", mapping.resource, library.resources
            )


_RESOURCE_KEYS = (
    "resource", "title", "description", "schema", "key", "objectName", "displayNames", "invariants",
)  # fmt: skip


def _resource(file: File, findings: Findings) -> Resource | None:
    members = findings.keys(file.root, "a resource", _RESOURCE_KEYS, ("schema", "key"))
    if not {"schema", "key"} <= members.keys():
        return None
    name = findings.text(members["resource"], "resource")
    schema = _file_reference(members["schema"], "schema", findings)
    key = _scalar_path(members["key"], "key", findings)
    invariants = _invariants(members.get("invariants"), findings)
    displayed = _display_names(members.get("displayNames"), findings)
    if name is None or schema is None or key is None:
        return None
    return Resource(
        name,
        file.source,
        members["resource"].span,
        schema,
        key,
        _optional_text(members, "objectName", findings) or name,
        _optional_text(members, "title", findings),
        _optional_text(members, "description", findings),
        displayed,
        invariants,
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
    parameters = (findings.text(each, "a parameter") for each in (listed.items if listed else ()))
    unset = read_unset_policies(members["unset"], findings) if "unset" in members else {}
    if name is None or fields is None:
        return None
    names = tuple(each for each in parameters if each)
    return Fragment(name, members["fragment"].span, names, fields, unset)


def _table(file: File, findings: Findings) -> Table | None:
    members = findings.keys(file.root, "a table", ("table", "description", "entries"), ("entries",))
    name = findings.text(members["table"], "table")
    section = findings.mapping(members["entries"], "entries") if "entries" in members else None
    entries: dict[str, str] = {}
    for entry in section.entries if section else ():
        value = findings.text(entry.value, "an entry of a table")
        if value is not None:
            entries[entry.key.text] = value
    return Table(name, members["table"].span, entries) if name else None


_MAPPING_KEYS = (
    "mapping", "resource", "description", "vendor", "fields", "unset", "constants", "ignore", "examples",
)  # fmt: skip


def _mapping(file: File, fragments: dict[str, Fragment], findings: Findings) -> Mapping | None:
    required = ("resource", "vendor", "fields")
    members = findings.keys(file.root, "a mapping", _MAPPING_KEYS, required)
    name = findings.text(members["mapping"], "mapping")
    if not members.keys() >= set(required):
        return None
    unset = read_unset_policies(members["unset"], findings) if "unset" in members else {}
    scope = Scope(unset, fragments)
    resource = findings.text(members["resource"], "resource")
    vendor = _vendor_side(members["vendor"], findings)
    fields = read_fields(members["fields"], findings, scope)
    examples = None
    if "examples" in members:
        examples = _file_reference(members["examples"], "examples", findings)
    constants = _constants(members.get("constants"), findings)
    _report_write_overlaps(fields, findings)
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
        _ignored(members.get("ignore"), findings),
        examples,
    )


def _vendor_side(node: Node, findings: Findings) -> VendorSide | None:
    section = findings.mapping(node, "vendor")
    if section is None:
        return None
    required = ("element", "resource", "schema")
    members = findings.keys(section, "vendor", (*required, "envelope"), required)
    if not members.keys() >= set(required):
        return None
    element = findings.text(members["element"], "vendor.element")
    resource = findings.text(members["resource"], "vendor.resource")
    schema = _file_reference(members["schema"], "vendor.schema", findings)
    envelope = _envelope(members["envelope"], findings) if "envelope" in members else Envelope()
    if element is None or resource is None or schema is None:
        return None
    return VendorSide(element, resource, schema, envelope)


def _envelope(node: Node, findings: Findings) -> Envelope:
    section = findings.mapping(node, "envelope")
    if section is None:
        return Envelope()
    members = findings.keys(section, "envelope", ("single", "list", "request", "errors"))
    errors = _error_envelope(members["errors"], findings) if "errors" in members else None
    return Envelope(
        _envelope_path(members, "single", findings),
        _envelope_path(members, "list", findings),
        _optional_text(members, "request", findings),
        errors,
    )


def _error_envelope(node: Node, findings: Findings) -> ErrorEnvelope | None:
    section = findings.mapping(node, "errors")
    names = ("path", "code", "message")
    if section is None:
        return None
    members = findings.keys(section, "errors", names, names)
    path = _envelope_path(members, "path", findings)
    code = _optional_text(members, "code", findings)
    message = _optional_text(members, "message", findings)
    return ErrorEnvelope(path, code, message) if path and code and message else None


def _envelope_path(members: dict[str, Node], name: str, findings: Findings) -> Steps | None:
    path = _scalar_path(members[name], name, findings) if name in members else None
    return path.steps if path else None


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


def _report_write_overlaps(fields: tuple[FieldRule, ...], findings: Findings) -> None:
    written: list[tuple[Steps, Span]] = []
    for steps, span in _written(fields, ()):
        for other, place in written:
            shorter = min(len(steps), len(other))
            if steps[:shorter] == other[:shorter]:
                findings.report(
                    codes.OVERLAPPING_VENDOR,
                    span,
                    f"{'.'.join(steps)} is written by two rules",
                    labels=(Label(place, "the other rule"),),
                )
        written.append((steps, span))
    for rule in fields:
        if isinstance(rule, ListRule):
            _report_write_overlaps(rule.each, findings)


def _written(fields: tuple[FieldRule, ...], at: Steps) -> list[tuple[Steps, Span]]:
    """Return the vendor paths that *fields* write, those inside a list apart from each other."""
    found: list[tuple[Steps, Span]] = []
    for rule in fields:
        if rule.access == "read":
            continue
        match rule:
            case ValueRule(vendor=vendor):
                found.append(((*at, *vendor.steps), vendor.span))
            case ObjectRule(vendor=place, fields=inner):
                found.extend(_written(inner, (*at, *(place.steps if place else ()))))
            case ListRule(vendor=vendor, each=inner):
                found.append(((*at, *vendor.steps), vendor.span))
            case OnlyRule(fields=inner):
                found.extend(_written(inner, at))
            case SlotsRule(slots=slots):
                for slot in slots:
                    found.extend(_written(slot, at))
            case _:
                writes = getattr(rule, "to_vendor", ())
                found.extend(((*at, *path.steps), path.span) for path, _ in writes)
    return found


def _examples(file: File, findings: Findings) -> Examples | None:
    members = findings.keys(file.root, "an examples file", ("examples", "cases"), ("cases",))
    mapping = findings.text(members["examples"], "examples")
    listed = findings.sequence(members["cases"], "cases")
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
    known = {rule.code for rule in vars(codes).values() if isinstance(rule, Rule)}
    if code is not None and code not in known:
        findings.unknown(codes.UNKNOWN_NAME, node.span, "code", code, known)
    return code


def _file_reference(node: Node, what: str, findings: Findings) -> FileReference | None:
    name = findings.text(node, what)
    return FileReference(name, node.span) if name else None


def _optional_text(members: dict[str, Node], name: str, findings: Findings) -> str | None:
    return findings.text(members[name], name) if name in members else None


def _scalar_path(node: Node, what: str, findings: Findings) -> Path | None:
    if isinstance(node, Scalar):
        return read_path(node, what, findings)
    findings.report(codes.WRONG_SHAPE, node.span, f"{what} must be a path")
    return None
