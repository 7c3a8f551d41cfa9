"""Rules put among the rules of a mapping: beside them, or in the place of some, at any depth."""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Label, did_you_mean, show_name
from mapper.expr import mentions
from mapper.model import (
    ConstantRule,
    ExpressionRule,
    FieldRule,
    Ignored,
    ListRule,
    Mapping,
    ObjectRule,
    OnlyRule,
    Path,
    SlotsRule,
    ValueRule,
    show_path,
)
from mapper.parse.rules import report_overlaps
from mapper.parse.shape import Findings
from mapper.values import Steps, prefixes


class Target(Struct, frozen=True):
    """What rules are put into, and where what is wrong with that is told."""

    base: Mapping
    findings: Findings


class Change(Struct, frozen=True):
    """A rule of an overlay, whose common path goes on from the rules that it is put among.

    Attributes:
        path: The whole common path.
        is_new: Whether it is to be beside the others, and not in the place of one.
    """

    rule: FieldRule
    path: Steps
    is_new: bool


def merged_rules(
    rules: tuple[FieldRule, ...], changes: Iterable[Change], target: Target
) -> tuple[FieldRule, ...]:
    """Return *rules* with *changes* made: replaced rules keep their place, new ones come last."""
    merged = list(rules)
    at = {rule.common.steps: number for number, rule in enumerate(rules)}
    inner: dict[int, list[Change]] = {}
    for change in changes:
        steps = change.rule.common.steps
        number = at.get(steps)
        around = (at[way] for way in prefixes(steps[:-1]) if way in at)
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


def _inside(change: Change, outer: FieldRule) -> Change:
    """Return a change as it is among the rules in *outer*."""
    common = change.rule.common
    rest = Path(common.steps[len(outer.common.steps) :], common.span)
    return replace(change, rule=replace(change.rule, common=rest))


def _with_members(rule: FieldRule, changes: list[Change], target: Target) -> FieldRule:
    match rule:
        case ObjectRule(fields=members):
            return replace(rule, fields=merged_rules(members, changes, target))
        case OnlyRule(fields=members):
            return replace(rule, fields=merged_rules(members, changes, target))
        case ListRule(each=members, key=key):
            merged = merged_rules(members, changes, target)
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


def _report_there(change: Change, there: FieldRule, target: Target) -> None:
    message = f"{show_name(target.base.name)} has a rule for {show_path(change.path)}"
    hint = "to have another one, put it under `replace:`"
    label = Label(there.common.span, "the rule")
    span = change.rule.common.span
    target.findings.report(codes.ALREADY_THERE, span, message, hint=hint, labels=(label,))


def _report_missing(
    change: Change, rules: tuple[FieldRule, ...], outer: FieldRule | None, target: Target
) -> None:
    steps = change.rule.common.steps
    before = change.path[: len(change.path) - len(steps)]
    message = f"{show_name(target.base.name)} has no rule for {show_path(change.path)}"
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


def vendor_paths(fields: Iterable[FieldRule], at: Steps = ()) -> Iterator[Steps]:
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
                yield from vendor_paths(members, (*at, *place.steps) if place else at)
            case ListRule(vendor=vendor, each=members):
                yield from vendor_paths(members, (*at, *vendor.steps))
            case OnlyRule(fields=members):
                yield from vendor_paths(members, at)
            case SlotsRule(slots=slots):
                for slot in slots:
                    yield from vendor_paths(slot, at)
            case ConstantRule():
                pass


def unmapped(ignored: Iterable[Ignored], mapped: Iterable[Steps]) -> Iterator[Ignored]:
    """Yield those of the *ignored* paths that are neither *mapped* nor around or in what is."""
    at = set(mapped)
    around = {way for steps in at for way in prefixes(steps[:-1])}
    for each in ignored:
        steps = each.vendor.steps
        if steps not in around and at.isdisjoint(prefixes(steps)):
            yield each
