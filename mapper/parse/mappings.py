"""Mapping files: nodes to the model, with a diagnostic for every malformed part."""

from mapper import codes
from mapper.document import Node, Sequence, plain
from mapper.model import (
    Constant,
    Envelope,
    ErrorEnvelope,
    Ignored,
    Mapping,
    OpaqueScript,
    VendorSide,
)
from mapper.parse.parts import (
    File,
    Fragment,
    Scope,
    read_file_beside,
    read_file_reference,
    read_optional_path,
    read_path,
    read_unset_policies,
)
from mapper.parse.rules import read_fields
from mapper.parse.shape import Findings
from mapper.parse.writers import report_write_overlaps

_MAPPING_KEYS = (
    "mapping", "resource", "description", "vendor", "fields", "unset", "constants", "ignore",
    "examples", "script", "pulled",
)  # fmt: skip


def read_mapping(
    file: File, fragments: dict[str, Fragment], resources: frozenset[str], findings: Findings
) -> Mapping | None:
    """Return the mapping that *file* is; *resources* are the names that it may refer to."""
    required = ("resource", "vendor", "fields")
    members = findings.keys(file.root, "a mapping", _MAPPING_KEYS, required)
    name = findings.name(members["mapping"], "a mapping")
    findings.optional_text(members, "description")
    resource = findings.optional_text(members, "resource")
    if resource is not None and resource not in resources:
        span = members["resource"].span
        findings.undefined(codes.UNKNOWN_NAME, span, "resource", resource, resources)
    vendor = _vendor_side(members["vendor"], findings) if "vendor" in members else None
    unset = read_unset_policies(members["unset"], findings) if "unset" in members else {}
    scope = Scope(unset, fragments)
    fields = read_fields(members["fields"], findings, scope) if "fields" in members else ()
    constants = read_constants(members.get("constants"), findings)
    ignored = read_ignored(members.get("ignore"), findings)
    examples = read_file_reference(members, "examples", findings)
    script = _script(members["script"], findings) if "script" in members else None
    pulled = read_file_beside(members, "pulled", findings)
    report_write_overlaps(fields, constants, findings)
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
    schema = read_file_reference(members, "schema", findings)
    envelope = _envelope(members["envelope"], findings) if "envelope" in members else Envelope()
    if element is None or resource is None or schema is None:
        return None
    places = members["resource"].span, members["element"].span
    return VendorSide(element, resource, schema, envelope, *places)


def _envelope(node: Node, findings: Findings) -> Envelope:
    section = findings.mapping(node, "envelope")
    if section is None:
        return Envelope()
    members = findings.keys(section, "envelope", ("single", "list", "request", "errors"))
    errors = _error_envelopes(members["errors"], findings) if "errors" in members else ()
    single = read_optional_path(members, "single", findings)
    listed = read_optional_path(members, "list", findings)
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
    path = read_optional_path(members, "path", findings)
    code = read_optional_path(members, "code", findings)
    message = read_optional_path(members, "message", findings)
    if code is None or message is None:
        return None
    return ErrorEnvelope(path.steps if path else (), code.steps, message.steps)


def read_constants(node: Node | None, findings: Findings) -> tuple[Constant, ...]:
    section = findings.mapping(node, "constants") if node is not None else None
    found: list[Constant] = []
    for entry in section.entries if section else ():
        path = read_path(entry.key, "vendor path", findings)
        if path is not None:
            found.append(Constant(path, plain(entry.value)))
    return tuple(found)


def read_ignored(node: Node | None, findings: Findings) -> tuple[Ignored, ...]:
    section = findings.mapping(node, "ignore") if node is not None else None
    found: list[Ignored] = []
    for entry in section.entries if section else ():
        path = read_path(entry.key, "vendor path", findings)
        reason = findings.text(entry.value, "the reason to ignore a member")
        if path is not None and reason is not None:
            found.append(Ignored(path, reason))
    return tuple(found)


def _script(node: Node, findings: Findings) -> OpaqueScript | None:
    section = findings.mapping(node, "script")
    if section is None:
        return None
    members = findings.keys(section, "script", ("file", "reason"), ("file", "reason"))
    file = read_file_beside(members, "file", findings)
    reason = findings.optional_text(members, "reason")
    return OpaqueScript(file, reason) if file and reason else None
