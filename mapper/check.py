"""Check rules: generators over a mapping and its schemas.

The paths of both sides, what is not mapped, what the types of :mod:`mapper.infer` show, what is
lost on the way there and back, and the examples.
"""

from collections.abc import Callable, Iterable, Iterator, Set as AbstractSet
from functools import cached_property
from itertools import chain

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import (
    Diagnostic,
    FileError,
    Label,
    Rule,
    Severity,
    by_place,
    counted,
    did_you_mean,
    show_name,
    show_value,
)
from mapper.document import Entry, Mapping as Node, Scalar, Sequence as Items
from mapper.expr import Call, Literal, mentions, walk
from mapper.infer.classes import Classified, LawClass, classified
from mapper.infer.reading import invariant_findings, read_type
from mapper.infer.types import is_told
from mapper.infer.writing import written_findings
from mapper.lower import Formula, Group, Leaf, Listing, Lowered, LoweredMapping, Slots, inner_rules
from mapper.model import (
    ConstantRule,
    Expression,
    ExpressionRule,
    FieldRule,
    ListRule,
    Mapping,
    ObjectRule,
    OnlyRule,
    Path,
    Resource,
    SlotsRule,
    ValueRule,
    show_path,
)
from mapper.opaque import opaque_findings
from mapper.project import Project
from mapper.prove import run_examples
from mapper.related import with_schemas
from mapper.schema import Schema
from mapper.suppressions import Suppressed, suppress
from mapper.values import ABSENT, Steps, contains, prefixes


class Subject(Struct, frozen=True, dict=True):
    """A mapping that could be lowered, with its schemas."""

    mapping: Mapping
    lowered: LoweredMapping
    vendor: Schema
    common: Schema
    resource: Resource

    @cached_property
    def classified(self) -> tuple[Classified, ...]:
        """The rules that give values, each with its class and its types."""
        return tuple(classified(self.lowered, self.common))


CheckRule = Callable[[Subject], Iterator[Diagnostic]]


def check_project(project: Project, names: Iterable[str] | None = None) -> tuple[Diagnostic, ...]:
    """Return everything that is wrong with a project, or with its mappings called *names*.

    With an overlay goes what it extends, where most of its rules stand.
    The findings come by file and place; those without a place come last.
    """
    return examine_project(project, names).found


def examine_project(project: Project, names: Iterable[str] | None = None) -> Suppressed:
    """Return what :func:`check_project` does, and how many findings comments suppress."""
    found = list(project.findings)
    mappings = list(_with_extended(project, project.names if names is None else names))
    wanted = {mapping.resource for mapping in mappings}
    for name, resource in project.library.resources.items():
        if names is None or name in wanted:
            found.extend(check_resource(project, resource))
    found.extend(_check_mappings(project, mappings))
    if names is None:
        found.extend(shadowing_names(project))
    faulty = any(each.rule.severity is Severity.ERROR for each in found)
    if names is None and not faulty:  # what is misspelt is used, but not under its name
        found.extend(unused_definitions(project))
    # A schema that cannot be used is read, and its faults are found, by everybody who asks for it.
    once = {str(each): each for each in found}.values()
    checked = _files(project, mappings, every=names is None, examples=not _hide_examples(once))
    left = suppress(once, project.sources, checked)
    return left._replace(found=tuple(by_place(left.found)))


def _with_extended(project: Project, names: Iterable[str]) -> Iterator[Mapping]:
    """Yield the mappings called *names* and those that they extend, each once."""
    mappings = [project.find(name) for name in names]
    extended = (layer.name for each in mappings for layer in each.layers)
    for name in dict.fromkeys((*(each.name for each in mappings), *extended)):
        yield project.find(name)


def _check_mappings(project: Project, mappings: Iterable[Mapping]) -> Iterator[Diagnostic]:
    """Yield what is wrong with mappings; what an overlay extends says what it brings along."""
    said: dict[str, set[str]] = {}
    for mapping in sorted(mappings, key=lambda each: len(each.layers)):
        known = {told for layer in mapping.layers for told in said.get(layer.name, ())}
        said[mapping.name] = known.copy()
        for each in check_mapping(project, mapping):
            told = _told(each, mapping)
            said[mapping.name].add(told)
            if told not in known:
                yield _in_overlay(each, mapping)


def _told(found: Diagnostic, mapping: Mapping) -> str:
    """Return what a finding says and where, the same for all mappings that it is about as such."""
    is_whole = found.span in {mapping.span, mapping.vendor.schema.span}
    return str(found._replace(span=None) if is_whole else found)


def _in_overlay(found: Diagnostic, mapping: Mapping) -> Diagnostic:
    """Return a finding of an overlay, with the overlay if it stands in another file."""
    if not mapping.layers or found.span is None or found.span.source is mapping.source:
        return found
    label = Label(mapping.span, f"in the overlay {show_name(mapping.name)}")
    return found._replace(labels=(label, *found.labels))


def _hide_examples(found: Iterable[Diagnostic]) -> bool:
    """Whether one of the findings keeps examples from being run."""
    return any(each.rule in UNKNOWN for each in found)


def _files(
    project: Project, mappings: list[Mapping], *, every: bool, examples: bool
) -> frozenset[str]:
    """Return the names of the files that were checked in full.

    They are *every* file, or those that only *mappings* use; with or without *examples*.
    """
    cases = {file.source.name for each in mappings if (file := project.examples(each))}
    own = {each.source.name for each in mappings} | cases
    found = {source.name for source in project.sources} if every else own
    return frozenset(found if examples else found - cases)


def shadowing_names(project: Project) -> Iterator[Diagnostic]:
    """Yield the resources that the platform would take for a vendor's."""
    theirs = {each.vendor.resource for each in project.library.mappings.values()}
    for resource in project.library.resources.values():
        if resource.object_name in theirs and resource.shadows is None:
            message = f"{resource.object_name} is also a vendor resource"
            hint = "choose another `objectName`, or say why with `shadows: …`"
            named = next(
                file.root.get("objectName")
                for file in project.files
                if file.root.span.source is resource.span.source
            )
            place = resource.span if named is None else named.span
            yield Diagnostic(codes.SHADOWS_RESOURCE, message, place, hint=hint)


def unused_definitions(project: Project) -> Iterator[Diagnostic]:
    """Yield the fragments and tables that nothing uses."""
    used = {name for file in project.files for name in _fragment_uses(file.root.entries[1:])}
    for file in project.files:
        defined = file.root.entries[0].value
        if file.kind == "fragment" and isinstance(defined, Scalar) and defined.text not in used:
            message = f"nothing uses the fragment {show_name(defined.text)}"
            yield Diagnostic(codes.UNUSED_DEFINITION, message, defined.span)
    calls = [
        call
        for mapping in project.library.mappings.values()
        for expression in _expressions(mapping.fields)
        for call in walk(expression.tree)
        if isinstance(call, Call) and call.name == "lookup"
    ]
    names = {call.arguments[0].value for call in calls if isinstance(call.arguments[0], Literal)}
    if any(not isinstance(call.arguments[0], Literal) for call in calls):
        return  # which tables it is is not known
    for name, table in project.library.tables.items():
        if name not in names:
            message = f"nothing looks into the table {name}"
            yield Diagnostic(codes.UNUSED_DEFINITION, message, table.span)


def _fragment_uses(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the names of the fragments that rules below *entries* are made of."""
    for entry in entries:
        match entry.value:
            case Scalar(text=name) if entry.key.text == "fragment":
                yield name
            case Node(entries=inner):
                yield from _fragment_uses(inner)
            case Items(items=items):
                for item in items:
                    if isinstance(item, Node):
                        yield from _fragment_uses(item.entries)
            case _:
                pass


def check_resource(project: Project, resource: Resource) -> Iterator[Diagnostic]:
    """Yield what is wrong with one resource beyond the shape of its file."""
    try:
        schema = project.schemas.load(resource.schema.name)
    except FileError as error:
        for each in error.diagnostics:
            yield each if each.span else each._replace(span=resource.schema.span)
        return
    for path in (resource.key, *(path for path, _ in resource.display_names)):
        yield from _unknown(codes.UNKNOWN_COMMON_PATH, path, schema)
    yield from invariant_findings(resource, schema)


def check_mapping(project: Project, mapping: Mapping) -> Iterator[Diagnostic]:
    """Yield what is wrong with one mapping beyond the shape of its file."""
    lowered, found = project.lower(mapping)
    yield from found
    resource = project.library.resources.get(mapping.resource)
    if lowered is None or resource is None:
        return
    yield from opaque_findings(mapping)
    yield from _files_beside(project, mapping)
    unusable = project.schema_findings(resource.schema)
    if unusable:
        yield from unusable
        return
    vendor = project.schemas.load(mapping.vendor.schema.name)
    common = project.schemas.load(resource.schema.name)
    subject = Subject(mapping, lowered, vendor, common, resource)
    if mapping.script is not None:  # what the mapping does as a whole is not known
        yield from unknown_paths(subject)
        return
    paths = tuple(unknown_paths(subject))
    yield from paths
    # A rule that is not there for its faults leaves members unmapped, and a path that leads nowhere
    # makes examples fail: one finding says more than those that follow from it.
    if not any(each.span and each.span.source in mapping.files for each in project.findings):
        for rule in RULES:
            yield from rule(subject)
    typed = tuple(unsound(subject))
    unknown = (*unknown_tables(subject), *(each for each in typed if each.rule in UNKNOWN))
    yield from unknown
    if (
        not paths
        and not unknown
        and not any(each.rule.severity is Severity.ERROR for each in found)
    ):
        sound = chain(typed, *(rule(subject) for rule in SOUND_RULES))
        yield from with_schemas(sound, lowered, common, project.schemas)
        yield from _check_examples(project, mapping)


def _files_beside(project: Project, mapping: Mapping) -> Iterator[Diagnostic]:
    """Yield the files that a mapping names and that cannot be read."""
    script = mapping.script.file if mapping.script else None
    for reference in (script, mapping.pulled):
        if reference is not None:
            try:
                project.read_beside(reference)
            except FileError as error:
                yield from error.diagnostics


def _check_examples(project: Project, mapping: Mapping) -> Iterator[Diagnostic]:
    examples = project.examples(mapping)
    if mapping.examples is not None and examples is None:
        message = f"there is no examples file {mapping.examples.name} beside the mapping"
        yield Diagnostic(codes.UNKNOWN_NAME, message, mapping.examples.span)
    if examples is None:
        return
    try:
        mapper = project.mapper(mapping.name)
    except FileError:  # what keeps the mapping from running has been reported
        return
    # Printing code takes longer than interpreting a few examples; `mapper test` runs printed code.
    yield from run_examples(mapper.interpreted, examples)


def unknown_paths(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the paths of rules and expressions that a schema does not have."""
    yield from _unknown_in(subject.mapping.fields, subject.vendor, subject.common)
    for constant in subject.mapping.constants:
        yield from _unknown(codes.UNKNOWN_VENDOR_PATH, constant.vendor, subject.vendor)


def _unknown_in(
    fields: tuple[FieldRule, ...], vendor: Schema | None, common: Schema | None
) -> Iterator[Diagnostic]:
    for rule in fields:
        yield from _unknown(codes.UNKNOWN_COMMON_PATH, rule.common, common)
        inner = descend(common, rule.common.steps)
        match rule:
            case ValueRule(vendor=path):
                yield from _unknown(codes.UNKNOWN_VENDOR_PATH, path, vendor)
            case ExpressionRule(to_vendor=writes):
                for path, _ in writes:
                    yield from _unknown(codes.UNKNOWN_VENDOR_PATH, path, vendor)
            case ObjectRule(vendor=place, fields=members):
                yield from _unknown(codes.UNKNOWN_VENDOR_PATH, place, vendor) if place else ()
                scope = descend(vendor, place.steps) if place else vendor
                yield from _unknown_in(members, scope, inner)
            case ListRule(vendor=path, each=members):
                yield from _unknown(codes.UNKNOWN_VENDOR_PATH, path, vendor)
                yield from _unknown_in(members, _items(descend(vendor, path.steps)), _items(inner))
            case OnlyRule(fields=members):
                yield from _unknown_in(members, vendor, _items(inner))
            case SlotsRule(slots=slots):
                for slot in slots:
                    yield from _unknown_in(slot, vendor, _items(inner))
            case ConstantRule():
                pass


def _unknown(rule: Rule, path: Path, schema: Schema | None) -> Iterator[Diagnostic]:
    """Yield a finding at the first step of *path* that *schema* does not have.

    Without a schema an outer path is unknown, and has been reported.
    """
    for depth, step in enumerate(path.steps):
        if schema is None:
            return
        members = schema.members()
        if step not in members:
            if _is_free(schema):
                return
            message = f"{show_path(path.steps[: depth + 1])} is not in {schema.file}"
            if "object" not in schema.kinds:
                parent = show_path(path.steps[:depth]) or "what surrounds it"
                message += f": {parent} is no object"
            yield Diagnostic(rule, message, path.span, hint=did_you_mean(step, members))
            return
        schema = schema.member(step)


def unknown_tables(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the tables that expressions look into by a name that no file defines."""
    tables = subject.lowered.tables
    for expression in _expressions(subject.mapping.fields):
        for each in walk(expression.tree):
            match each:
                case Call("lookup", (Literal(str(name)) as where, *_)) if name not in tables:
                    place = expression.place(where.start, where.end)
                    message = f"there is no table {show_name(name)}"
                    hint = did_you_mean(name, tables)
                    yield Diagnostic(codes.UNKNOWN_NAME, message, place, hint=hint)
                case _:
                    pass


def _expressions(fields: tuple[FieldRule, ...]) -> Iterator[Expression]:
    for rule in fields:
        match rule:
            case ExpressionRule(from_vendor=read, to_vendor=writes):
                yield from () if read is None else (read,)
                yield from (expression for _, expression in writes)
            case ObjectRule(fields=members) | ListRule(each=members) | OnlyRule(fields=members):
                yield from _expressions(members)
            case SlotsRule(slots=slots):
                for slot in slots:
                    yield from _expressions(slot)
            case ValueRule() | ConstantRule():
                pass


def descend(schema: Schema | None, steps: Steps) -> Schema | None:
    """Return the schema at *steps* below *schema*, or None."""
    for step in steps:
        if schema is None:
            return None
        schema = schema.member(step)
    return schema


def _items(schema: Schema | None) -> Schema | None:
    return schema.items() if schema is not None else None


def unmapped_vendor_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members of the vendor schema that are neither mapped nor ignored."""
    covered = vendor_paths(subject.lowered.rules)
    covered |= {each.vendor.steps for each in subject.mapping.ignore}
    covered |= {each.vendor.steps for each in subject.mapping.constants}
    place = subject.mapping.vendor.schema.span
    for steps in uncovered(subject.vendor, covered):
        message = f"{show_path(steps)} is neither mapped nor ignored"
        yield Diagnostic(codes.UNMAPPED_VENDOR, message, place)


def unmapped_common_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members of the canonical schema that no rule gives."""
    for steps in uncovered(subject.common, common_paths(subject.lowered.rules)):
        message = f"no rule gives {show_path(steps)}"
        yield Diagnostic(codes.UNMAPPED_COMMON, message, subject.mapping.span)


def stale_ignores(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the ignored paths that are mapped, or that the vendor schema does not have."""
    mapped = vendor_paths(subject.lowered.rules)
    leading = _leading(mapped)
    for ignored in subject.mapping.ignore:
        steps = ignored.vendor.steps
        if steps in leading or not mapped.isdisjoint(prefixes(steps)):
            message = f"{ignored.vendor} is mapped"
            yield Diagnostic(codes.STALE_IGNORE, message, ignored.vendor.span)
        elif not _exists(subject.vendor, steps):
            message = f"{ignored.vendor} is not in {subject.vendor.file}"
            yield Diagnostic(codes.STALE_IGNORE, message, ignored.vendor.span)


def unlawful_clears(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules whose ``clear`` does not read as unset.

    In an emptied slot only the member that marks it as empty has to.
    """
    yield from _unlawful_clears(subject.lowered.rules)


def _unlawful_clears(rules: tuple[Lowered, ...]) -> Iterator[Diagnostic]:
    for rule in rules:
        if isinstance(rule, Leaf | Group | Listing):
            clear = rule.unset.clear
            if clear is not ABSENT and not contains(rule.unset.read, clear):
                message = f"{show_path(rule.common)} does not read its clear {show_value(clear)}"
                yield Diagnostic(codes.UNLAWFUL_UNSET, f"{message} as unset", rule.span)
        for members in inner_rules(rule):
            mark = rule.mark if isinstance(rule, Slots) else None
            judged = (each for each in members if mark is None or each.common == mark)
            yield from _unlawful_clears(tuple(judged))


UNKNOWN = (codes.UNKNOWN_COMMON_PATH, codes.UNKNOWN_VENDOR_PATH)


def unsound(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what may go wrong with documents that fit the schemas, read or written."""
    mapping, lowered, common = subject.mapping, subject.lowered, subject.common
    _, found = read_type(lowered, common, mapping.span)
    yield from found
    yield from written_findings(mapping, lowered, subject.resource, common)


def undeclared_losses(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules that lose something and do not say so, and those that say so for nothing."""
    for each in subject.classified:
        if not isinstance(each.rule, Leaf):
            continue
        declared, law = each.rule.rule.lossy, each.verdict.law
        place = each.rule.rule.convert[0].span if each.rule.rule.convert else each.rule.span
        if law is LawClass.LOSSY and declared is None:
            why = each.verdict.why[0]
            message = f"{show_path(each.common)} may not read back as it was written: {why}"
            yield Diagnostic(codes.UNDECLARED_LOSS, message, place)
        elif law is LawClass.ISO and declared is not None:
            message = f"{show_path(each.common)} is declared lossy and loses nothing"
            yield Diagnostic(codes.NEEDLESS_LOSSY, message, each.rule.span)


def undescribed_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the schemas that do not say what the members hold which rules read or write."""
    rules = subject.classified
    vendor = [
        path for each in rules if not is_told(each.vendor) for path in vendor_paths((each.rule,))
    ]
    common = [each.common for each in rules if not is_told(each.of_common)]
    for paths, schema in ((vendor, subject.vendor), (common, subject.common)):
        if paths:
            named = [show_path(path) for path in dict.fromkeys(paths)]
            rest = f" and {counted(len(named) - _NAMED, 'other')}" if len(named) > _NAMED else ""
            message = f"{schema.file} does not say what {', '.join(named[:_NAMED])}{rest} can be"
            yield Diagnostic(codes.UNDESCRIBED, message, subject.mapping.vendor.schema.span)


_NAMED = 3
"""So many members are named where a message is about many."""


def wrong_zones(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules that read clock text in another zone than the vendor's schema states."""
    for rule, vendor, _ in _placed(subject.lowered.rules, subject.vendor):
        member = descend(vendor, rule.vendor) if isinstance(rule, Leaf) else None
        zone = member.annotation("x-zone") if member is not None else None
        if not isinstance(rule, Leaf) or zone is None:
            continue
        for use in rule.rule.convert:
            if use.name == "datetime" and use.parameters["zone"] != zone:
                message = f"{show_path(rule.vendor)} is in {zone}, not {use.parameters['zone']}"
                yield Diagnostic(codes.WRONG_ZONE, message, use.span)


def shared_keys(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the lists whose items are told apart by what two of them may share."""
    for rule, vendor, _ in _placed(subject.lowered.rules, subject.vendor):
        if not isinstance(rule, Listing) or rule.key is None:
            continue
        listed = descend(vendor, rule.vendor)
        items = _items(listed)
        if listed is None or items is None or not items.members():
            continue
        unique = listed.annotation("x-unique")
        if (unique,) != rule.key.vendor:
            key = show_path(rule.key.vendor)
            message = f"nothing says that the items of {show_path(rule.vendor)} differ in {key}"
            hint = f"say so with `x-unique: {key}` in {listed.file}, or use another key"
            if unique is not None:
                hint = f"use {unique}, of which {listed.file} says so"
            yield Diagnostic(codes.KEY_NOT_UNIQUE, message, rule.key.span, hint=hint)


def other_meanings(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules whose sides are ids of different things, or in different units."""
    for rule, vendor, common in _placed(subject.lowered.rules, subject.vendor, subject.common):
        theirs = descend(vendor, rule.vendor) if isinstance(rule, Leaf) else None
        ours = descend(common, rule.common)
        if theirs is None or ours is None or not isinstance(rule, Leaf):
            continue
        scaled = any(use.name == "scale" for use in rule.rule.convert)
        for keyword, code, noun in _MEANINGS:
            said = theirs.annotation(keyword), ours.annotation(keyword)
            if None in said or said[0] == said[1] or (scaled and keyword == "x-unit"):
                continue
            paths = f"{show_path(rule.vendor)} is {noun} {said[0]}", show_path(rule.common)
            message = f"{paths[0]}, and {paths[1]} is {noun} {said[1]}"
            yield Diagnostic(code, message, rule.rule.vendor.span)


_MEANINGS = (
    ("x-target", codes.WRONG_TARGET, "the id of"),
    ("x-unit", codes.WRONG_UNIT, "in"),
)


def _placed(
    rules: Iterable[Lowered], vendor: Schema | None, common: Schema | None = None
) -> Iterator[tuple[Lowered, Schema | None, Schema | None]]:
    """Yield all rules, each with the schemas of the objects that surround it on both sides."""
    for rule in rules:
        yield rule, vendor, common
        inner, ours = vendor, descend(common, rule.common)
        match rule:
            case Group(vendor=steps):
                inner = descend(vendor, steps)
            case Listing(vendor=steps):
                inner, ours = _items(descend(vendor, steps)), _items(ours)
            case _:
                ours = _items(ours)
        for members in inner_rules(rule):
            yield from _placed(members, inner, ours)


RULES: tuple[CheckRule, ...] = (
    unmapped_vendor_members,
    unmapped_common_members,
    stale_ignores,
    unlawful_clears,
)
"""What is asked of every mapping."""

SOUND_RULES: tuple[CheckRule, ...] = (
    undescribed_members,
    undeclared_losses,
    wrong_zones,
    shared_keys,
    other_meanings,
)
"""What is asked of mappings that could be lowered without a fault."""


def vendor_paths(rules: tuple[Lowered, ...], at: Steps = ()) -> set[Steps]:
    """Return the vendor paths that *rules* read or write, those of items below their list's."""
    found: set[Steps] = set()
    for rule in rules:
        match rule:
            case Leaf(vendor=steps):
                found.add((*at, *steps))
            case Formula(read=read, writes=writes):
                paths = {write.vendor for write in writes} | set(
                    mentions(read.tree) if read else ()
                )
                found |= {(*at, *steps) for steps in paths if steps}
            case _:
                inner = (*at, *getattr(rule, "vendor", ()))
                for members in inner_rules(rule):
                    found |= vendor_paths(members, inner)
    return found


def common_paths(rules: tuple[Lowered, ...], at: Steps = ()) -> set[Steps]:
    """Return the common paths that *rules* give, list items continuing their list's path."""
    found: set[Steps] = set()
    for rule in rules:
        groups = inner_rules(rule)
        if not groups:
            found.add((*at, *rule.common))
        for members in groups:
            found |= common_paths(members, (*at, *rule.common))
    return found


def uncovered(schema: Schema, covered: set[Steps]) -> Iterator[Steps]:
    """Yield the outermost members below *schema* that no path of *covered* reaches."""
    yield from _uncovered(schema, covered, _leading(covered), ())


def _uncovered(
    schema: Schema, covered: AbstractSet[Steps], leading: AbstractSet[Steps], at: Steps
) -> Iterator[Steps]:
    for name, member in schema.members().items():
        steps = (*at, name)
        if steps in covered:
            continue
        if steps in leading:
            yield from _uncovered(member.items() or member, covered, leading, steps)
        else:
            yield steps


def _leading(paths: Iterable[Steps]) -> frozenset[Steps]:
    """Return *paths* and the paths that lead to one."""
    return frozenset(way for path in paths for way in prefixes(path))


def _exists(schema: Schema, steps: Steps) -> bool:
    inside: Schema | None = schema
    for step in steps:
        if inside is None:
            return False
        inside = inside.items() or inside
        if _is_free(inside):
            return True
        inside = inside.member(step)
    return inside is not None


def _is_free(schema: Schema) -> bool:
    """Whether *schema* is of objects whose members it does not tell."""
    return "object" in schema.kinds and not schema.closed and not schema.members()
