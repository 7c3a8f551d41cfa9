"""Overlays: what an account or a connection has otherwise, resolved to effective mappings.

The platform does not chain scripts: that of the lowest level takes the place of the others. So an
overlay is published as a mapping with all its rules, which is made here, when files are read.
"""

from collections.abc import Iterable, Iterator, Mapping as Dictionary
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Diagnostic, Label, Source, Span, did_you_mean, show_name
from mapper.document import Node, Scalar
from mapper.expr import mentions
from mapper.model import (
    Constant,
    ConstantRule,
    ExpressionRule,
    FieldRule,
    FileReference,
    Ignored,
    Layer,
    Level,
    ListRule,
    Mapping,
    ObjectRule,
    OnlyRule,
    Path,
    Resource,
    SlotsRule,
    Unset,
    ValueRule,
    VendorSide,
    show_path,
)
from mapper.parse.mappings import read_constants, read_ignored, report_write_overlaps
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
from mapper.values import Steps

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
            self._findings.unknown(
                codes.UNKNOWN_BASE, span, "mapping or overlay", name, self._roots.keys()
            )
        return None

    def _is_below(self, head: _Head, above: _Head) -> bool:
        if head.level is None or above.level is None:
            return False
        if _ORDER.index(head.level) > _ORDER.index(above.level):
            return True
        message = f"{head.name} is for the level {head.level.value}, as {above.name} is"
        hint = "let it extend what is for a higher level"
        if above.level is not head.level:
            message = (
                f"{head.name} is for the level {head.level.value}, above that of {above.name}, "
                f"{above.level.value}"
            )
        label = Label(above.place("level"), f"the level of {above.name}")
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
                message = f"overlay {circle[0]} extends itself: {' > '.join((*circle, circle[0]))}"
                span = self._by_name[circle[0]].place("extends")
                self._findings.report(codes.OVERLAY_CYCLE, span, message)
                yield tuple(circle)

    def _merged(self, head: _Head, body: _Body, base: Mapping) -> Mapping:
        """Return the effective mapping of an overlay's *body* over *base*."""
        found = Findings()
        resource = self._resource(body.resource, head, base)
        vendor = _vendor_side(head, body, base.vendor, found)
        changes = [_Change(rule, rule.common.steps, is_new=True) for rule in body.adds]
        changes += [_Change(rule, rule.common.steps, is_new=False) for rule in body.replaces]
        fields = _merged_rules(base.fields, changes, _Target(base, found))
        constants = {each.vendor.steps: each for each in (*base.constants, *body.constants)}
        report_write_overlaps(fields, tuple(constants.values()), found)
        mapped = {*_vendor_paths(fields), *constants}
        left = {each.vendor.steps: each for each in _unmapped(base.ignore, mapped)}
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
            message = f"the object of {name} is {own.object_name}, not {theirs.object_name}"
            label = Label(theirs.span, f"the resource of {base.name}")
            hint = f"say `objectName: {theirs.object_name}` there, or extend another mapping"
            self._findings.report(
                codes.OTHER_OBJECT, head.place("resource"), message, hint=hint, labels=(label,)
            )
        return name


def _text(node: Node | None) -> str | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _read_head(file: File, findings: Findings) -> _Head | None:
    members = findings.keys(file.root, "an overlay", _KEYS, ("extends", "level"))
    name = findings.text(members["overlay"], "overlay")
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
        findings.unknown(codes.UNKNOWN_NAME, span, "resource", resource, known.names)
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


# Rules among others -----------------------------------------------------------------------------


class _Target(Struct, frozen=True):
    """What rules are put into, and where what is wrong with that is told."""

    base: Mapping
    findings: Findings


class _Change(Struct, frozen=True):
    """A rule of an overlay, whose common path goes on from the rules that it is put among.

    Attributes:
        path: The whole common path.
        is_new: Whether it is to be beside the others, and not in the place of one.
    """

    rule: FieldRule
    path: Steps
    is_new: bool


def _merged_rules(
    rules: tuple[FieldRule, ...], changes: Iterable[_Change], target: _Target
) -> tuple[FieldRule, ...]:
    """Return *rules* with *changes* made: replaced rules keep their place, new ones come last."""
    merged = list(rules)
    at = {rule.common.steps: number for number, rule in enumerate(rules)}
    inner: dict[int, list[_Change]] = {}
    for change in changes:
        steps = change.rule.common.steps
        number = at.get(steps)
        around = (at[steps[:length]] for length in range(1, len(steps)) if steps[:length] in at)
        outer = next(around, None)
        if number is not None and change.is_new:
            _report_there(change, rules[number], target)
        elif number is not None:
            merged[number] = change.rule
        elif outer is not None and isinstance(rules[outer], ObjectRule | ListRule | OnlyRule):
            inner.setdefault(outer, []).append(_inside(change, rules[outer]))
        elif change.is_new:
            merged.append(change.rule)
        else:
            _report_missing(change, rules, None if outer is None else rules[outer], target)
    for number, within in inner.items():
        merged[number] = _with_members(merged[number], within, target)
    report_overlaps(tuple(merged), target.findings)
    return tuple(merged)


def _inside(change: _Change, outer: FieldRule) -> _Change:
    """Return a change as it is among the rules in *outer*."""
    common = change.rule.common
    rest = Path(common.steps[len(outer.common.steps) :], common.span)
    return replace(change, rule=replace(change.rule, common=rest))


def _with_members(rule: FieldRule, changes: list[_Change], target: _Target) -> FieldRule:
    match rule:
        case ObjectRule(fields=members):
            return replace(rule, fields=_merged_rules(members, changes, target))
        case OnlyRule(fields=members):
            return replace(rule, fields=_merged_rules(members, changes, target))
        case ListRule(each=members, key=key):
            merged = _merged_rules(members, changes, target)
            values = {each.common.steps for each in merged if isinstance(each, ValueRule)}
            if key is not None and key.steps not in values:
                wrong = next(each for each in changes if each.rule.common.steps == key.steps)
                message = f"{key} is the key of the list {rule.common}, and must be a value rule"
                label = Label(key.span, "the key")
                span = wrong.rule.common.span
                target.findings.report(codes.MIXED_RULE, span, message, labels=(label,))
                key = None
            return replace(rule, each=merged, key=key)
        case _:  # it has been replaced by a rule that overlaps with the change, which is told
            return rule


def _report_there(change: _Change, there: FieldRule, target: _Target) -> None:
    message = f"{target.base.name} has a rule for {show_path(change.path)}"
    hint = "to have another one, put it under `replace:`"
    label = Label(there.common.span, "the rule")
    span = change.rule.common.span
    target.findings.report(codes.ALREADY_THERE, span, message, hint=hint, labels=(label,))


def _report_missing(
    change: _Change, rules: tuple[FieldRule, ...], outer: FieldRule | None, target: _Target
) -> None:
    steps = change.rule.common.steps
    before = change.path[: len(change.path) - len(steps)]
    message = f"{target.base.name} has no rule for {show_path(change.path)}"
    paths = [show_path((*before, *rule.common.steps)) for rule in rules]
    inside = [show_path(r.common.steps) for r in rules if r.common.steps[: len(steps)] == steps]
    if outer is not None:
        whole = show_path((*before, *outer.common.steps))
        hint = f"the rule for {whole} is replaced as a whole"
    elif inside:
        hint = f"replace one by one: {', '.join(inside)}"
    else:
        hint = did_you_mean(show_path(change.path), paths) or "a new rule goes under `add:`"
    target.findings.report(codes.NOTHING_TO_REPLACE, change.rule.common.span, message, hint=hint)


# Vendor members ---------------------------------------------------------------------------------


def _vendor_paths(fields: Iterable[FieldRule], at: Steps = ()) -> Iterator[Steps]:
    """Yield the vendor paths that rules read or write, those of items below their list's."""
    for rule in fields:
        match rule:
            case ValueRule(vendor=vendor):
                yield (*at, *vendor.steps)
            case ExpressionRule(from_vendor=read, to_vendor=writes):
                read_paths = mentions(read.tree) if read is not None else ()
                paths = (*read_paths, *(path.steps for path, _ in writes))
                yield from ((*at, *steps) for steps in paths if steps)
            case ObjectRule(vendor=place, fields=members):
                yield from _vendor_paths(members, (*at, *place.steps) if place else at)
            case ListRule(vendor=vendor, each=members):
                yield from _vendor_paths(members, (*at, *vendor.steps))
            case OnlyRule(fields=members):
                yield from _vendor_paths(members, at)
            case SlotsRule(slots=slots):
                for slot in slots:
                    yield from _vendor_paths(slot, at)
            case ConstantRule():
                pass


def _unmapped(ignored: Iterable[Ignored], mapped: Iterable[Steps]) -> Iterator[Ignored]:
    """Yield those of the *ignored* paths that are neither *mapped* nor around or in what is."""
    at = set(mapped)
    around = {steps[:length] for steps in at for length in range(1, len(steps))}
    for each in ignored:
        steps = each.vendor.steps
        if steps not in around and not any(steps[: n + 1] in at for n in range(len(steps))):
            yield each
