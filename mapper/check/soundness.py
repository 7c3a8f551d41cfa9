"""Check rules about what happens to values and to the items of lists: errors and losses."""

from collections.abc import Iterable, Iterator

from mapper import codes
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic, Label, Span, counted, show_value
from mapper.infer.classes import LawClass
from mapper.infer.lacking import lacking
from mapper.infer.reading import read_type
from mapper.infer.schemas import type_of_schema
from mapper.infer.types import is_told
from mapper.infer.writing import written_findings
from mapper.lower import Formula, Group, Leaf, Listing, Lowered, Slots, inner_rules
from mapper.model import Access, show_path
from mapper.paths import vendor_paths
from mapper.primitives import zone_transitions
from mapper.related import reach
from mapper.schema import Schema, descend, items_of
from mapper.schema.labels import COMMON, VENDOR, place, places
from mapper.values import ABSENT, Steps, contains


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


def unsound(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what may go wrong with documents that fit the schemas, read or written."""
    mapping, lowered, common = subject.mapping, subject.lowered, subject.common
    _, found = read_type(lowered, common, mapping.span)
    yield from found
    yield from written_findings(mapping, lowered, subject.resource, common)


def lacking_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members that creating needs and that nothing writes."""
    rules, at = subject.lowered.rules, subject.mapping.vendor.schema.span
    for steps in lacking(subject.mapping, subject.lowered):
        message = f"creating needs {show_path(steps)}, which nothing writes"
        member = reach(subject.vendor, steps) or subject.vendor
        labels = tuple(places(subject.schemas, member, VENDOR, ("x-required-on",)))
        reader = _reader(rules, steps)
        hint = None
        if reader is not None:
            hint = "let the rule that reads it write it, or give it under `constants`"
            labels = (Label(reader.span, "the rule that only reads it"), *labels)
        yield Diagnostic(codes.CREATION_LACKS, message, at, hint=hint, labels=labels)


def _reader(rules: Iterable[Lowered], vendor: Steps, at: Steps = ()) -> Lowered | None:
    """Return the outermost rule that reads what lies at a vendor path and writes nothing."""
    for rule in rules:
        if vendor not in vendor_paths((rule,), at):
            continue
        if rule.access is Access.READ:
            return rule
        inside = (*at, *getattr(rule, "vendor", ()))
        return next(
            (
                found
                for members in inner_rules(rule)
                if (found := _reader(members, vendor, inside)) is not None
            ),
            None,
        )
    return None


def undeclared_losses(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules that lose something and do not say so, and those that say so for nothing."""
    for each in subject.classified:
        rule, law = each.rule, each.verdict.law
        declared = rule.rule.lossy if isinstance(rule, Leaf | Formula) else None
        if law is LawClass.LOSSY and declared is None:
            why = each.verdict.why[0]
            message = f"{show_path(each.common)} may not read back as it was written: {why}"
            use = each.verdict.use
            at = rule.span if use is None else use.span
            yield Diagnostic(codes.UNDECLARED_LOSS, message, at)
        elif law not in _MAY_LOSE and declared is not None:
            message = f"{show_path(each.common)} is declared lossy and loses nothing"
            yield Diagnostic(codes.NEEDLESS_LOSSY, message, rule.span)


_MAY_LOSE = frozenset((LawClass.LOSSY, LawClass.OPAQUE))
"""What may give a common value back as another one; all other classes promise not to."""


def shortened_lists(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the expressions that always write fewer items than the vendor may have."""
    for each in subject.edited:
        read_too = each.rule.access is Access.READ_WRITE and each.rule.read is not None
        written, theirs = each.made.lists, type_of_schema(each.schema).lists
        if not read_too or each.rule.rule.lossy is not None or not written or not theirs:
            continue
        if written.most < theirs.most:
            path, most = show_path(each.vendor), counted(int(written.most), "item")
            message = f"{path} is written with at most {most}, and an edit loses the others"
            place = each.expression.whole
            yield Diagnostic(codes.UNDECLARED_LOSS, message, place, hint=_OF_SHORTENED)


_OF_SHORTENED = (
    "give the rule `lossy:` with the reason, or make it `access: read`; if the vendor has no more, "
    "say so in its schema with `maxItems`"
)


def undescribed_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the schemas that do not say what the members hold which rules read or write."""
    rules = subject.classified
    vendor = [path for each in rules for path in each.untold]
    common = [each.common for each in rules if not is_told(each.of_common)]
    mapping = subject.mapping
    yield from _undescribed(subject, vendor, subject.vendor, VENDOR, mapping.vendor.schema.span)
    yield from _undescribed(subject, common, subject.common, COMMON, mapping.span)


def _undescribed(
    subject: Subject, paths: Iterable[Steps], schema: Schema, side: str, span: Span
) -> Iterator[Diagnostic]:
    """Yield one finding about *paths* of which *schema* says nothing, if there are any."""
    paths = tuple(dict.fromkeys(paths))
    if paths:
        named = ", ".join(map(show_path, paths[:_NAMED]))
        rest = f" and {counted(len(paths) - _NAMED, 'other')}" if len(paths) > _NAMED else ""
        message = f"{schema.file} does not say what {named}{rest} can be"
        found = (place(subject.schemas, reach(schema, path), side) for path in paths[:_NAMED])
        labels = tuple(dict.fromkeys(label for each in found for label in each))
        hint = _closing(paths, schema)
        yield Diagnostic(codes.UNDESCRIBED, message, span, hint=hint, labels=labels)


def _closing(paths: Iterable[Steps], schema: Schema) -> str | None:
    """Return what to do where paths lead through a union that has open branches; None if none."""
    for path in paths:
        for depth in range(len(path)):
            around = reach(schema, path[:depth])
            branches = around.branches if around is not None else ()
            if any(each.own and "additionalProperties" not in each.raw for each in branches):
                union = show_path(path[:depth]) or "the union"
                return (
                    f"give the branches of {union} `additionalProperties: false`: "
                    "an open one may have any member of the others, with any value"
                )
    return None


_NAMED = 3
"""So many members are named where a message is about many."""


def unused_keys(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the written lists whose items the vendor tells apart, and the rule does not."""
    for rule, vendor, _ in subject.placed():
        if rule.access is Access.READ:
            continue
        yield from _unkeyed_values(rule, vendor)
        if not isinstance(rule, Listing) or rule.key_place:
            continue
        listed = descend(vendor, rule.vendor)
        unique = listed.annotation("x-unique") if listed is not None else None
        if unique is None:
            continue
        keys = (
            each for each in rule.members if isinstance(each, Leaf) and each.vendor == (unique,)
        )
        key = next((show_path(each.common) for each in keys), None)
        message = f"the items of {show_path(rule.vendor)} differ in {unique}, and no key says so"
        hint = (
            f"give the rule `key: {key}`" if key else f"map {unique}, and give that rule as `key:`"
        )
        yield Diagnostic(codes.NO_KEY, message, rule.span, hint=hint)


def _unkeyed_values(rule: Lowered, vendor: Schema | None) -> Iterator[Diagnostic]:
    """Yield the lists that *rule* writes as values, though the vendor tells their items apart."""
    written = [(rule.vendor, rule.rule.vendor.span)] if isinstance(rule, Leaf) else []
    if isinstance(rule, Formula):
        written = [(each.vendor, each.expression.whole) for each in rule.writes]
    for steps, span in written:
        listed = descend(vendor, steps)
        unique = listed.annotation("x-unique") if listed is not None else None
        if unique is not None and items_of(listed) is not None:
            message = (
                f"the items of {show_path(steps)} differ in {unique}, and two may have the same"
            )
            yield Diagnostic(codes.NO_KEY, message, span, hint=_OF_VALUES)


_OF_VALUES = "write the list with `each:` and `key:`, which refuses items of the same key"


def shared_keys(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the lists whose items are told apart by what two of them may share."""
    for rule, vendor, common in subject.placed():
        if not isinstance(rule, Listing) or rule.key is None:
            continue
        listed = descend(vendor, rule.vendor)
        items = items_of(listed)
        if listed is None or items is None or not items.members():
            continue
        unique = listed.annotation("x-unique")
        if (unique,) != rule.key.vendor:
            key = show_path(rule.key.vendor)
            message = f"nothing says that the items of {show_path(rule.vendor)} differ in {key}"
            hint = f"say so with `x-unique: {key}` in {listed.file}, or use another key"
            if unique is not None:
                hint = f"use {unique}, of which {listed.file} says so, or correct its `x-unique`"
            labels = (
                Label(rule.key.span, "the rule of the key"),
                *places(subject.schemas, listed, VENDOR, ("x-unique",)),
            )
            span = rule.key_place
            yield Diagnostic(codes.KEY_NOT_UNIQUE, message, span, hint=hint, labels=labels)
        elif (why := _shared(rule.key)) is not None:
            message = f"items of {show_path(rule.vendor)} may have the same {rule.key.rule.common}"
            span, hint = rule.key_place, _OF_SHARED
            yield Diagnostic(codes.KEY_NOT_UNIQUE, f"{message}: {why}", span, hint=hint)
        elif (why := _written_alike(rule, rule.key, subject, common)) is not None:
            message = f"items of {show_path(rule.vendor)} may be written with the same {unique}"
            span, hint = rule.key_place, _OF_WRITTEN
            yield Diagnostic(codes.KEY_NOT_UNIQUE, f"{message}: {why}", span, hint=hint)


def _shared(key: Leaf) -> str | None:
    """Return why two vendor values may read as the same key, None if none do."""
    if key.default.read is not ABSENT:
        return f"no value reads as {show_value(key.default.read)}"
    for use in key.rule.convert:
        match use.name:
            case "values":
                several = (each for each in use.parameters.items() if len(each[1]) > 1)
                for common, vendor in several:
                    return f"{' and '.join(map(show_value, vendor))} all read as {common}"
            case "datetime" if len(zone_transitions(use.parameters["zone"])) > 1:
                return f"{use.parameters['zone']} repeats and skips hours"
            case "country_code":
                return "a country has several names"
            case _:
                pass
    return None


def _written_alike(rule: Listing, key: Leaf, subject: Subject, common: Schema | None) -> str | None:
    """Return why two keys may be written as the same vendor value, None if none are."""
    if Access.READ in (rule.access, key.access):
        return None
    items, default = items_of(descend(common, rule.common)), key.default.create
    if default is not ABSENT and (items is None or key.common[0] not in items.required):
        return f"without one they are created with {show_value(default)}"
    laws = [each.verdict.law for each in subject.classified if each.rule is key]
    return "two may differ in what is lost of them" if LawClass.LOSSY in laws else None


_OF_WRITTEN = "require the key in the canonical schema, and use one of which nothing is lost"
_OF_SHARED = "use a key that reads each value as another one; the edit of a shared one is refused"
