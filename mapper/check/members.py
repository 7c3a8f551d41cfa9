"""Check rules about members: those that are not there, and those that nothing maps."""

from collections.abc import Iterable, Iterator, Set as AbstractSet

from mapper import codes
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic, Label, Rule, Span, did_you_mean, show_name
from mapper.expr import Call, Literal, MakeObject, walk
from mapper.functions import Tables
from mapper.infer.taking import picked_of
from mapper.infer.types import Type
from mapper.lower import Leaf, Listing
from mapper.model import (
    Access,
    ConstantRule,
    Expression,
    ExpressionRule,
    FieldRule,
    ListRule,
    ObjectRule,
    OnlyRule,
    Path,
    Resource,
    SlotsRule,
    ValueRule,
    inner_fields,
    show_path,
)
from mapper.omissions import NOT_UPDATED
from mapper.paths import common_leaves, vendor_leaves, vendor_paths
from mapper.policy import Policy, is_written, write_policy
from mapper.related import reach
from mapper.schema import Schema, descend, items_of
from mapper.schema.labels import COMMON, VENDOR, place
from mapper.values import PathSet, Steps, prefixes

UNKNOWN = (codes.UNKNOWN_COMMON_PATH, codes.UNKNOWN_VENDOR_PATH)


def unknown_paths(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the paths of rules and expressions that a schema does not have."""
    yield from _unknown_in(subject.mapping.fields, subject.vendor, subject.common)
    for constant in subject.mapping.constants:
        yield from unknown(codes.UNKNOWN_VENDOR_PATH, constant.vendor, subject.vendor)


def _unknown_in(
    fields: tuple[FieldRule, ...], vendor: Schema | None, common: Schema | None
) -> Iterator[Diagnostic]:
    for rule in fields:
        yield from unknown(codes.UNKNOWN_COMMON_PATH, rule.common, common)
        inner = descend(common, rule.common.steps)
        match rule:
            case ValueRule(vendor=path):
                yield from unknown(codes.UNKNOWN_VENDOR_PATH, path, vendor)
            case ExpressionRule(to_vendor=writes):
                for path, _ in writes:
                    yield from unknown(codes.UNKNOWN_VENDOR_PATH, path, vendor)
            case ObjectRule(vendor=place, fields=members):
                yield from unknown(codes.UNKNOWN_VENDOR_PATH, place, vendor) if place else ()
                scope = descend(vendor, place.steps) if place else vendor
                yield from _unknown_in(members, scope, inner)
            case ListRule(vendor=path, each=members):
                yield from unknown(codes.UNKNOWN_VENDOR_PATH, path, vendor)
                scope = items_of(descend(vendor, path.steps))
                yield from _unknown_in(members, scope, items_of(inner))
            case OnlyRule(fields=members):
                yield from _unknown_in(members, vendor, items_of(inner))
            case SlotsRule(slots=slots):
                for slot in slots:
                    yield from _unknown_in(slot, vendor, items_of(inner))
            case ConstantRule():
                pass


def unknown(rule: Rule, path: Path, schema: Schema | None) -> Iterator[Diagnostic]:
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
            hint = did_you_mean(step, members)
            if "object" not in schema.kinds:
                parent = show_path(path.steps[:depth]) or "what surrounds it"
                is_list = "array" in schema.kinds
                message += f": {parent} is {'a list' if is_list else 'no object'}"
                hint = _OF_LISTS if is_list and rule in UNKNOWN else hint
            yield Diagnostic(rule, message, path.span, hint=hint)
            return
        schema = schema.member(step)


_OF_LISTS = "the rules of a list stand under `each:`, `only:` or `slots:`"


def missing_key(resource: Resource, schema: Schema) -> Iterator[Diagnostic]:
    """Yield the key of a resource if objects that fit the schema may be without it."""
    how = _how_missing(schema, resource.key.steps)
    if how is not None:
        message = f"{resource.key}, the key of {resource.name}, {how}"
        yield Diagnostic(codes.KEY_MISSING, message, resource.key.span)


def _how_missing(schema: Schema, path: Steps) -> str | None:
    """Return how an object that fits may be without what *path* leads to, as far as it is known."""
    around = schema
    for step in path:
        member = around.member(step)
        if member is None:  # it is unknown, or the schema says nothing of it
            return None
        if "null" in member.kinds:
            return "can be null"
        if step not in around.required:
            return "need not be there"
        around = member
    return None


def missing_item_keys(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the keys of lists that all items of the vendor have, and the common ones need not."""
    for rule, vendor, common in subject.placed():
        if not isinstance(rule, Listing) or rule.key is None or rule.access is Access.WRITE:
            continue
        theirs = items_of(descend(vendor, rule.vendor))
        ours = items_of(descend(common, rule.common))
        if theirs is None or ours is None or not _always_has(theirs, rule.key):
            continue
        how = _how_missing(ours, rule.key.common)
        if how is not None:
            listed = show_path(rule.common)
            message = f"{show_path(rule.key.common)}, the key of the items of {listed}, {how}"
            yield Diagnostic(codes.KEY_MISSING, message, rule.key_place)


def _always_has(items: Schema, key: Leaf) -> bool:
    """Whether an item reads with its key, whatever it is."""
    if descend(items, key.vendor) is None or _how_missing(items, key.vendor) is not None:
        return False
    return all(spelling is None for spelling in key.unset.read)


def unknown_tables(
    expressions: Iterable[Expression], tables: Tables
) -> Iterator[tuple[str, Diagnostic]]:
    """Yield the names of tables that expressions look into and no file defines, and findings."""
    for expression in expressions:
        for each in walk(expression.tree):
            match each:
                case Call("lookup", (Literal(str(name)) as where, *_)) if name not in tables:
                    place = expression.place(where.start, where.end)
                    message = f"there is no table {show_name(name)}"
                    hint = did_you_mean(name, tables)
                    yield name, Diagnostic(codes.UNKNOWN_NAME, message, place, hint=hint)
                case _:
                    pass


def expressions_in(fields: tuple[FieldRule, ...]) -> Iterator[Expression]:
    """Yield the expressions of rules and of those in them."""
    for rule in fields:
        if isinstance(rule, ExpressionRule):
            yield from () if rule.from_vendor is None else (rule.from_vendor,)
            yield from (expression for _, expression in rule.to_vendor)
        for members in inner_fields(rule):
            yield from expressions_in(members)


def unmapped_vendor_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members of the vendor schema that are neither mapped nor ignored."""
    covered = set(vendor_paths(subject.lowered.rules))
    covered |= {each.vendor.steps for each in subject.mapping.ignore}
    covered |= {each.vendor.steps for each in subject.mapping.constants}
    at = subject.mapping.vendor.schema.span
    for steps in uncovered(subject.vendor, covered):
        message = f"{show_path(steps)} is neither mapped nor ignored"
        labels = place(subject.schemas, reach(subject.vendor, steps), VENDOR)
        hint = _NAMELESS if "" in steps else None
        yield Diagnostic(codes.UNMAPPED_VENDOR, message, at, hint=hint, labels=labels)


def left_behind(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members that rules leave out of objects they write whole: an edit loses them."""
    ignored = PathSet.of(each.vendor.steps for each in subject.mapping.ignore)
    for steps, at, what in _left_behind(subject):
        if not ignored.covers(steps):
            message = f"{show_path(steps)} is lost in an edit: the {what} leaves it out"
            labels = place(subject.schemas, reach(subject.vendor, steps), VENDOR)
            yield Diagnostic(codes.UNMAPPED_VENDOR, message, at, hint=_BEHIND, labels=labels)


_BEHIND = "map the members one by one, or add it under `ignore:` with the reason"


def _left_behind(subject: Subject) -> Iterator[tuple[Steps, Span, str]]:
    """Yield the vendor paths of what is not written of objects that travel whole.

    With each comes the place of what leaves it out, a converter or an expression, and which it is.
    """
    for steps, rule in _left_by_converters(subject):
        yield steps, rule.rule.convert[0].span, "converter"
    for steps, expression in _left_by_expressions(subject):
        yield steps, expression.whole, "expression"


def _left_by_converters(subject: Subject) -> Iterator[tuple[Steps, Leaf]]:
    for steps, rule in vendor_leaves(subject.lowered.rules):
        if rule.put is None or rule.access in NOT_UPDATED:
            continue
        made = next((each for each in walk(rule.put) if isinstance(each, MakeObject)), None)
        schema = reach(subject.vendor, steps) if made is not None else None
        if made is None or schema is None or picked_of(schema) is not None:
            continue  # of an item that is picked from, the vendor takes no more than is picked
        for name, policy in write_policy(schema.items() or schema).members.items():
            if name not in dict(made.members) and is_written(policy, creating=True):
                yield (*steps, name), rule


def _left_by_expressions(subject: Subject) -> Iterator[tuple[Steps, Expression]]:
    for each in subject.edited:
        for left in _left_out(each.made, write_policy(each.schema)):
            yield (*each.vendor, *left), each.expression


def _left_out(made: Type, policy: Policy) -> Iterator[Steps]:
    """Yield the members that can be written, and that no written value has."""
    if made.lists is not None and policy.items is not None and policy.item is None:
        yield from _left_out(made.lists.item, policy.items)
    if made.objects is None or not made.objects.closed:
        return
    for name, inner in policy.members.items():
        member = made.objects.members.get(name)
        if member is not None:
            yield from ((name, *steps) for steps in _left_out(member.type, inner))
        elif is_written(inner, creating=True):
            yield (name,)


_NAMELESS = "take the member out of the schema: no path leads to one without a name"


def unmapped_common_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members of the canonical schema that no rule gives."""
    for steps in uncovered(subject.common, common_leaves(subject.lowered.rules)):
        message = f"no rule gives {show_path(steps)}"
        labels = place(subject.schemas, reach(subject.common, steps), COMMON)
        yield Diagnostic(codes.UNMAPPED_COMMON, message, subject.mapping.span, labels=labels)
    covered = PathSet.of(common_leaves(subject.lowered.rules))
    for steps in _entered_maps(subject.common, covered, ()):
        path = show_path(steps) or "the whole"
        message = f"no rule gives {path} any other members than those that rules name"
        labels = place(subject.schemas, reach(subject.common, steps), COMMON)
        span = subject.mapping.span
        yield Diagnostic(
            codes.UNMAPPED_COMMON, message, span, hint=_NAMED_ONE_BY_ONE, labels=labels
        )


_NAMED_ONE_BY_ONE = (
    "map the object whole, or name its members in the schema and close it: "
    "`additionalProperties: false`"
)


def _entered_maps(schema: Schema, covered: PathSet, at: Steps) -> Iterator[Steps]:
    """Yield the objects of which rules give some members, and the schema takes all of a kind."""
    inside = schema.items() or schema
    if inside.others is not None:
        yield at
    for name, member in inside.members().items():
        steps = (*at, name)
        if steps in covered.leading and steps not in covered.paths:
            yield from _entered_maps(member, covered, steps)


def stale_ignores(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the ignored paths that are mapped, ignored twice, or not in the vendor's schema."""
    constants = {each.vendor.steps: each.vendor.span for each in subject.mapping.constants}
    mapped = PathSet.of([*vendor_paths(subject.lowered.rules), *constants])
    behind = {steps for steps, *_ in _left_behind(subject)}
    ignored = {each.vendor.steps for each in subject.mapping.ignore} - mapped.leading
    for each in subject.mapping.ignore:
        path, hint = each.vendor, None
        labels: tuple[Label, ...] = ()
        whole = next((way for way in prefixes(path.steps) if way in mapped.paths), None)
        outer = next((way for way in prefixes(path.steps[:-1]) if way in ignored), None)
        if path.steps in constants:
            message = f"{path} is set by a constant"
            hint = "remove the entry, or the constant"
            labels = (Label(constants[path.steps], "the constant"),)
        elif path.steps in mapped.leading:
            message = f"{path} is mapped"
        elif path.steps in behind:
            continue
        elif whole is not None:
            message = f"{path} goes with {show_path(whole)}, which a rule maps whole"
            hint = "remove the entry: what only the vendor writes of a value needs none"
        elif outer is not None:
            message = f"{path} goes with {show_path(outer)}, which is ignored"
        elif not _exists(subject.vendor, path.steps):
            message = f"{path} is not in {subject.vendor.file}"
        else:
            continue
        yield Diagnostic(codes.STALE_IGNORE, message, path.span, hint=hint, labels=labels)


def uncovered(schema: Schema, covered: AbstractSet[Steps]) -> Iterator[Steps]:
    """Yield the outermost members below *schema* that no path of *covered* reaches."""
    yield from _uncovered(schema, PathSet.of(covered), ())


def _uncovered(schema: Schema, covered: PathSet, at: Steps) -> Iterator[Steps]:
    for name, member in schema.members().items():
        steps = (*at, name)
        if steps in covered.paths:
            continue
        if steps in covered.leading:
            yield from _uncovered(member.items() or member, covered, steps)
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
