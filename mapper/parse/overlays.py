"""Overlays: what an account or a connection has otherwise, resolved to effective mappings.

The platform does not chain scripts: that of the lowest level takes the place of the others. So an
overlay is published as a mapping with all its rules, which is made here, when files are read.
"""

from collections.abc import Iterable, Iterator, Mapping as Dictionary
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Diagnostic, Label, Source, Span, show_name
from mapper.document import Node, Scalar
from mapper.model import (
    Constant,
    FieldRule,
    FileReference,
    Ignored,
    Layer,
    Level,
    Mapping,
    Resource,
    Unset,
    VendorSide,
)
from mapper.parse.mappings import read_constants, read_ignored
from mapper.parse.merging import Change, Target, merged_rules, unmapped, vendor_paths
from mapper.parse.parts import (
    File,
    Fragment,
    Scope,
    read_file_reference,
    read_level,
    read_unset_policies,
)
from mapper.parse.rules import read_fields, report_overlaps
from mapper.parse.shape import Findings
from mapper.parse.writers import report_write_overlaps

_KEYS = (
    "overlay", "extends", "level", "description", "resource", "vendor", "add", "replace", "unset",
    "constants", "ignore", "examples",
)  # fmt: skip
_ORDER = tuple(Level)
"""The levels from the highest down."""
_MAX_FILES = len(_ORDER)
"""So many files a chain has at most, since each overlay is below what it extends."""


class Known(Struct, frozen=True):
    """What overlays can refer to, by name; ``names`` are of resources that may be faulty."""

    mappings: Dictionary[str, Mapping]
    resources: Dictionary[str, Resource]
    fragments: Dictionary[str, Fragment]
    names: frozenset[str]


class _Head(Struct, frozen=True):
    """An overlay file, and what its head says, as far as it does."""

    file: File
    members: dict[str, Node]
    name: str
    extends: str | None
    level: Level | None

    def place(self, key: str) -> Span:
        """Return where the file gives *key*, or its name if it does not."""
        return self.members.get(key, self.members["overlay"]).span


class _Body(Struct, frozen=True):
    """What an overlay says of its own."""

    resource: str | None
    vendor: dict[str, Node]
    schema: FileReference | None
    adds: tuple[FieldRule, ...]
    replaces: tuple[FieldRule, ...]
    constants: tuple[Constant, ...]
    ignore: tuple[Ignored, ...]
    examples: FileReference | None


def resolve_overlays(
    overlays: Iterable[File], files: Iterable[File], known: Known, findings: Findings
) -> Iterator[Mapping]:
    """Yield the effective mappings of *overlays*; *files* are those of mappings."""
    resolver = _Resolver(overlays, files, known, findings)
    for head in resolver.heads:
        mapping = resolver.resolve(head)
        if mapping is not None:
            yield mapping


class _Resolver:
    """Makes effective mappings, each once."""

    def __init__(
        self, overlays: Iterable[File], files: Iterable[File], known: Known, findings: Findings
    ) -> None:
        self._known = known
        self._findings = findings
        found = (_read_head(file, findings) for file in overlays)
        self.heads = [head for head in found if head is not None]
        self._by_name: dict[str, _Head] = {}
        for head in self.heads:
            self._by_name.setdefault(head.name, head)
        roots = {text: file for file in files if (text := _text(file.root.entries[0].value))}
        self._roots = {**{name: head.file for name, head in self._by_name.items()}, **roots}
        self._circling = frozenset(chain.from_iterable(self._cycles()))
        self._made: dict[Span, Mapping | None] = {}

    def resolve(self, head: _Head) -> Mapping | None:
        """Return the effective mapping of an overlay, None if there is none for its faults."""
        place = head.place("overlay")
        if place not in self._made:
            body = _read_body(head, self._scope(head), self._known, self._findings)
            base = self._base(head)
            self._made[place] = None if base is None else self._merged(head, body, base)
        return self._made[place]

    def _scope(self, head: _Head) -> Scope:
        """Return what names mean in an overlay: unset spellings of what it extends, too."""
        chained = [head.file.root.get("unset")]
        name = head.extends
        while name in self._roots and len(chained) < _MAX_FILES:
            root = self._roots[name].root
            chained.append(root.get("unset"))
            name = _text(root.get("extends"))
        unset: dict[str, Unset] = {}
        for number, node in reversed(list(enumerate(chained))):
            if node is not None:  # what is wrong with that of another file is told there
                unset |= read_unset_policies(node, Findings() if number else self._findings)
        return Scope(unset, self._known.fragments)

    def _base(self, head: _Head) -> Mapping | None:
        """Return what an overlay extends, None if there is no such thing."""
        name = head.extends
        if name is None or head.name in self._circling:
            return None
        if name in self._known.mappings:
            return None if head.level is None else self._known.mappings[name]
        above = self._by_name.get(name)
        if above is not None:
            return self.resolve(above) if self._is_below(head, above) else None
        if name not in self._roots:
            span = head.place("extends")
            self._findings.undefined(
                codes.UNKNOWN_BASE, span, "mapping or overlay", name, self._roots.keys()
            )
        return None

    def _is_below(self, head: _Head, above: _Head) -> bool:
        if head.level is None or above.level is None:
            return False
        if _ORDER.index(head.level) > _ORDER.index(above.level):
            return True
        name, other = show_name(head.name), show_name(above.name)
        message = f"{name} is for the level {head.level.value}, as {other} is"
        hint = "let it extend what is for a higher level"
        if above.level is not head.level:
            message = (
                f"{name} is for the level {head.level.value}, above that of {other}, "
                f"{above.level.value}"
            )
        label = Label(above.place("level"), f"the level of {other}")
        self._findings.report(
            codes.WRONG_LEVEL, head.place("level"), message, hint=hint, labels=(label,)
        )
        return False

    def _cycles(self) -> Iterator[tuple[str, ...]]:
        """Yield the circles of overlays that extend one another, each reported once."""
        seen: set[str] = set()
        for start in self._by_name:
            way: list[str] = []
            name: str | None = start
            while name in self._by_name and name not in seen:
                seen.add(name)
                way.append(name)
                name = self._by_name[name].extends
                name = None if name in self._known.mappings else name
            if name in way:
                circle = way[way.index(name) :]
                first = circle.index(min(circle))
                circle = [*circle[first:], *circle[:first]]
                names = [show_name(each) for each in (*circle, circle[0])]
                message = f"overlay {names[0]} extends itself: {' > '.join(names)}"
                span = self._by_name[circle[0]].place("extends")
                self._findings.report(codes.OVERLAY_CYCLE, span, message)
                yield tuple(circle)

    def _merged(self, head: _Head, body: _Body, base: Mapping) -> Mapping:
        """Return the effective mapping of an overlay's *body* over *base*."""
        found = Findings()
        resource = self._resource(body.resource, head, base)
        vendor = _vendor_side(head, body, base.vendor, found)
        changes = [Change(rule, rule.common.steps, is_new=True) for rule in body.adds]
        changes += [Change(rule, rule.common.steps, is_new=False) for rule in body.replaces]
        fields = merged_rules(base.fields, changes, Target(base, found))
        constants = {each.vendor.steps: each for each in (*base.constants, *body.constants)}
        report_write_overlaps(fields, tuple(constants.values()), found)
        mapped = {*vendor_paths(fields), *constants}
        left = {each.vendor.steps: each for each in unmapped(base.ignore, mapped)}
        left |= {each.vendor.steps: each for each in body.ignore}
        self._findings.extend(_turned(each, head.file.source) for each in found)
        span = head.place("overlay")
        layers = base.layers or (Layer(base.name, None, base.span),)
        own = Layer(
            head.name,
            head.level,
            span,
            tuple(each.common.steps for each in body.adds),
            tuple(each.common.steps for each in body.replaces),
        )
        return Mapping(
            head.name,
            head.file.source,
            span,
            resource,
            vendor,
            fields,
            tuple(constants.values()),
            tuple(left.values()),
            body.examples,
            base.script,
            layers=(*layers, own),
        )

    def _resource(self, name: str | None, head: _Head, base: Mapping) -> str:
        """Return the name of the resource: the overlay's, if the platform calls both the same."""
        if name is None or name not in self._known.resources:
            return base.resource
        own, theirs = self._known.resources[name], self._known.resources.get(base.resource)
        if theirs is not None and own.object_name != theirs.object_name:
            named, wanted = show_name(own.object_name), show_name(theirs.object_name)
            message = f"the object of {show_name(name)} is {named}, not {wanted}"
            label = Label(theirs.span, f"the resource of {show_name(base.name)}")
            hint = f"say `objectName: {wanted}` there, or extend another mapping"
            self._findings.report(
                codes.OTHER_OBJECT, head.place("resource"), message, hint=hint, labels=(label,)
            )
        return name


def _text(node: Node | None) -> str | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _read_head(file: File, findings: Findings) -> _Head | None:
    members = findings.keys(file.root, "an overlay", _KEYS, ("extends", "level"))
    name = findings.name(members["overlay"], "an overlay")
    findings.optional_text(members, "description")
    extends = findings.optional_text(members, "extends")
    level = None
    if "level" in members:
        level = read_level(members["level"], "an overlay", _ORDER[1:], findings)
    return _Head(file, members, name, extends, level) if name else None


def _read_body(head: _Head, scope: Scope, known: Known, findings: Findings) -> _Body:
    members = head.members
    resource = findings.optional_text(members, "resource")
    if resource is not None and resource not in known.names:
        span = members["resource"].span
        findings.undefined(codes.UNKNOWN_NAME, span, "resource", resource, known.names)
    section = findings.mapping(members["vendor"], "vendor") if "vendor" in members else None
    keys = ("element", "resource", "schema")
    vendor = findings.keys(section, "vendor of an overlay", keys) if section is not None else {}
    adds, replaces = (
        read_fields(members[key], findings, scope) if key in members else ()
        for key in ("add", "replace")
    )
    report_overlaps((*adds, *replaces), findings)
    return _Body(
        resource,
        vendor,
        read_file_reference(vendor, "schema", findings),
        adds,
        replaces,
        read_constants(members.get("constants"), findings),
        read_ignored(members.get("ignore"), findings),
        read_file_reference(members, "examples", findings),
    )


def _vendor_side(head: _Head, body: _Body, base: VendorSide, findings: Findings) -> VendorSide:
    """Return the vendor's side, which is that of the base but for its schema."""
    for key, theirs in (("element", base.element), ("resource", base.resource)):
        own = findings.optional_text(body.vendor, key)
        if own not in {None, theirs}:
            message = f"the vendor's {key} is {show_name(own or '')}, not {show_name(theirs)}"
            hint = "leave it out: an overlay is for what it extends"
            findings.report(codes.OTHER_OBJECT, body.vendor[key].span, message, hint=hint)
    # What is wrong with the whole is told of the overlay, whose schema it is by now.
    inherited = FileReference(base.schema.name, head.place("overlay"))
    return replace(base, schema=body.schema or inherited)


def _turned(found: Diagnostic, source: Source) -> Diagnostic:
    """Return a finding about two places with the one that is in *source* first, if one is."""
    for label in found.labels[:1]:
        if found.span and found.span.source is not source and label.span.source is source:
            other = label._replace(span=found.span)
            return found._replace(span=label.span, labels=(other, *found.labels[1:]))
    return found
