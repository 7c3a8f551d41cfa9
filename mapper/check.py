"""Check rules: generators over a mapping and its schemas.

So far the structure, the paths of both sides, what is not mapped, and the examples.
"""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import (
    Diagnostic,
    FileError,
    Rule,
    by_place,
    did_you_mean,
    show_name,
    show_value,
)
from mapper.expr import Call, Literal, mentions, walk
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
from mapper.project import Project
from mapper.prove import run_examples
from mapper.schema import Schema
from mapper.suppressions import Suppressed, suppress
from mapper.values import ABSENT, Steps, contains


class Subject(Struct, frozen=True):
    """A mapping that could be lowered, with its schemas."""

    mapping: Mapping
    lowered: LoweredMapping
    vendor: Schema
    common: Schema


CheckRule = Callable[[Subject], Iterator[Diagnostic]]


def check_project(project: Project, names: Iterable[str] | None = None) -> tuple[Diagnostic, ...]:
    """Return everything that is wrong with a project, or with its mappings called *names*.

    The findings come by file and place; those without a place come last.
    """
    return examine_project(project, names).found


def examine_project(project: Project, names: Iterable[str] | None = None) -> Suppressed:
    """Return what :func:`check_project` does, and how many findings comments suppress."""
    found = list(project.findings)
    mappings = [project.find(name) for name in (project.names if names is None else names)]
    wanted = {mapping.resource for mapping in mappings}
    for name, resource in project.library.resources.items():
        if names is None or name in wanted:
            found.extend(check_resource(project, resource))
    for mapping in mappings:
        found.extend(check_mapping(project, mapping))
    # A schema that cannot be used is read, and its faults are found, by everybody who asks for it.
    once = {str(each): each for each in found}.values()
    checked = _files(project, mappings, every=names is None, examples=not _hide_examples(once))
    left = suppress(once, project.sources, checked)
    return left._replace(found=tuple(by_place(left.found)))


def _hide_examples(found: Iterable[Diagnostic]) -> bool:
    """Whether one of the findings keeps examples from being run."""
    unknown = (codes.UNKNOWN_COMMON_PATH, codes.UNKNOWN_VENDOR_PATH)
    return any(each.rule in unknown for each in found)


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
    for invariant in resource.invariants:
        yield from _unknown_mentions(codes.UNKNOWN_COMMON_PATH, invariant.expression, schema)


def check_mapping(project: Project, mapping: Mapping) -> Iterator[Diagnostic]:
    """Yield what is wrong with one mapping beyond the shape of its file."""
    lowered, found = project.lower(mapping)
    yield from found
    resource = project.library.resources.get(mapping.resource)
    if lowered is None or resource is None:
        return
    unusable = project.schema_findings(resource.schema)
    if unusable:
        yield from unusable
        return
    vendor = project.schemas.load(mapping.vendor.schema.name)
    common = project.schemas.load(resource.schema.name)
    subject = Subject(mapping, lowered, vendor, common)
    unknown = (*unknown_paths(subject), *unknown_tables(subject))
    yield from unknown
    # A rule that is not there for its faults leaves members unmapped, and a path that leads nowhere
    # makes examples fail: one finding says more than those that follow from it.
    if not any(each.span and each.span.source is mapping.source for each in project.findings):
        for rule in RULES:
            yield from rule(subject)
    if not unknown:
        yield from _check_examples(project, mapping)


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
    yield from run_examples(mapper, examples)


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
            case ExpressionRule():
                yield from _unknown_in_expressions(rule, vendor, common)
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


def _unknown_in_expressions(
    rule: ExpressionRule, vendor: Schema | None, common: Schema | None
) -> Iterator[Diagnostic]:
    if rule.from_vendor is not None:
        yield from _unknown_mentions(codes.UNKNOWN_VENDOR_PATH, rule.from_vendor, vendor)
    for path, expression in rule.to_vendor:
        yield from _unknown(codes.UNKNOWN_VENDOR_PATH, path, vendor)
        yield from _unknown_mentions(codes.UNKNOWN_COMMON_PATH, expression, common)


def _unknown_mentions(
    rule: Rule, expression: Expression, schema: Schema | None
) -> Iterator[Diagnostic]:
    for steps in mentions(expression.tree):
        place = expression.place(0, len(expression.scalar.text))
        yield from _unknown(rule, Path(steps, place), schema)


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
                message += f": {show_path(path.steps[:depth])} is no object"
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
    for ignored in subject.mapping.ignore:
        steps = ignored.vendor.steps
        if any(path[: len(steps)] == steps or steps[: len(path)] == path for path in mapped):
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


RULES: tuple[CheckRule, ...] = (
    unmapped_vendor_members,
    unmapped_common_members,
    stale_ignores,
    unlawful_clears,
)


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


def uncovered(schema: Schema, covered: set[Steps], at: Steps = ()) -> Iterator[Steps]:
    """Yield the outermost members below *schema* that no path of *covered* reaches."""
    for name, member in schema.members().items():
        steps = (*at, name)
        if steps in covered:
            continue
        if any(path[: len(steps)] == steps for path in covered):
            inner = member.items() or member
            yield from uncovered(inner, covered, steps)
        else:
            yield steps


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
