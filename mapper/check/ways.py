"""Check rules about the ways that members go: read, written, or both."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mapper import codes
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic, Span
from mapper.expr import mentions
from mapper.lower import Formula, Leaf, Lowered, inner_rules
from mapper.model import (
    Access,
    FieldRule,
    inner_fields,
    show_path,
)
from mapper.policy import Policy, is_written
from mapper.schema import Schema
from mapper.values import PathSet, Steps


class Use(NamedTuple):
    """A vendor path that a rule reads or writes.

    ``access`` is how it goes, ``narrowed`` the rule that decides so, if it goes not every way.
    """

    vendor: Steps
    place: Span
    access: Access
    narrowed: FieldRule | None
    reads: bool = False
    writes: bool = False


def unseen_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules that read members which the vendor never shows."""
    for use in _uses_of(subject):
        if use.reads and not _is_shown(subject.vendor, use.vendor):
            message = f"{show_path(use.vendor)} is never shown, and this rule reads it"
            yield Diagnostic(codes.NEVER_SHOWN, message, use.place)


def one_way_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members that could go both ways, and go one way without a word why.

    So do those that could be changed, and are written at creation only. Each rule that decides so
    is told once. A mapping that goes one way as a whole needs no words, and a schema that calls no
    member `readOnly` has not said yet what can be written.
    """
    if not any(_read_only(subject.lowered.policy)):
        return
    uses = tuple(_uses_of(subject))
    ways = _Ways.of(uses, [each.vendor.steps for each in subject.mapping.constants])
    if not ways.written.paths or not ways.read.paths:
        return
    told: set[Span] = set()
    for use in uses:
        rule = use.narrowed
        if rule is None or rule.why is not None or rule.common.span in told:
            continue
        found = _missing_way(use, ways, subject)
        if found is not None:
            told.add(rule.common.span)
            says, hint = found
            message = f"{show_path(use.vendor)} {says}"
            yield Diagnostic(codes.ONE_WAY, message, rule.common.span, hint=hint)


class _Ways(NamedTuple):
    """The vendor paths that the rules of a mapping read, write, and write at any time."""

    read: PathSet
    written: PathSet
    changed: PathSet

    @classmethod
    def of(cls, uses: Iterable[Use], constants: Iterable[Steps]) -> "_Ways":
        uses, constants = tuple(uses), tuple(constants)
        written = [use for use in uses if use.writes]
        changed = (use.vendor for use in written if use.access is not Access.CREATE)
        return cls(
            PathSet.of(use.vendor for use in uses if use.reads),
            PathSet.of([*(use.vendor for use in written), *constants]),
            PathSet.of([*changed, *constants]),
        )


def _missing_way(use: Use, ways: _Ways, subject: Subject) -> tuple[str, str] | None:
    """Return what is to be said of a use whose vendor path could go another way too, and a hint."""
    steps, policy, file = use.vendor, subject.lowered.policy, subject.vendor.file
    give = "give the rule the other direction, or the member"
    match use.access:
        case Access.READ if not ways.written.near(steps) and _can_be_written(policy, steps):
            says, do, keyword = "can be written, and nothing writes it", give, "readOnly"
        case Access.WRITE if not ways.read.near(steps) and _is_shown(subject.vendor, steps):
            says, do, keyword = "can be read, and nothing reads it", give, "writeOnly"
        case Access.CREATE if (
            use.writes and not ways.changed.near(steps) and _can_be_changed(policy, steps)
        ):
            says = "can be changed, and is written at creation only"
            do, keyword = "leave out `access: create`, or give the member", "x-write: create"
        case _:
            return None
    why = "or say `access:` and why in the rule's `description:`"
    return says, f"{do} `{keyword}` in {file}, {why}"


def _uses_of(subject: Subject) -> Iterator[Use]:
    return _uses(zip(subject.mapping.fields, subject.lowered.rules, strict=True), (), None)


def _uses(
    rules: Iterable[tuple[FieldRule, Lowered]], at: Steps, around: FieldRule | None
) -> Iterator[Use]:
    """Yield the vendor paths of rules; *around* decides about those in it, if one does."""
    for rule, lowered in rules:
        access, narrowed = lowered.access, around
        if access is Access.READ_WRITE:
            narrowed = None
        elif around is None or around.access is not access:
            narrowed = rule
        reads, writes = access is not Access.WRITE, access is not Access.READ
        match lowered:
            case Leaf(vendor=steps):
                place = lowered.rule.vendor.span
                yield Use((*at, *steps), place, access, narrowed, reads=reads, writes=writes)
            case Formula(read=read):
                place = lowered.span
                for write in lowered.writes:
                    path = (*at, *write.vendor)
                    yield Use(path, place, access, narrowed, writes=writes)
                for steps in mentions(read.tree) if read is not None else ():
                    if steps:
                        path = (*at, *steps)
                        yield Use(path, place, access, narrowed, reads=reads)
            case _:
                inside = (*at, *getattr(lowered, "vendor", ()))
                for fields, members in zip(inner_fields(rule), inner_rules(lowered), strict=True):
                    yield from _uses(zip(fields, members, strict=True), inside, narrowed)


def _is_shown(schema: Schema, steps: Steps) -> bool:
    """Whether the vendor shows what is at *steps*, as far as its schema tells."""
    member: Schema | None = schema
    for step in steps:
        inside = (member.items() or member).member(step) if member is not None else None
        if inside is None:
            return True
        if inside.annotation("writeOnly", default=False):
            return False
        member = inside
    return True


def _can_be_written(policy: Policy, steps: Steps) -> bool:
    """Whether a member can be written at any time, and nothing else says that it should be.

    What creating needs and nothing writes is another finding.
    """
    around = _policies(policy, steps)
    return _can_be_changed(policy, steps) and not any(each.required for each in around)


def _can_be_changed(policy: Policy, steps: Steps) -> bool:
    """Whether the vendor's schema knows a member, and lets it be written at any time."""
    found = tuple(_policies(policy, steps))
    return len(found) == len(steps) + 1 and all(is_written(each, creating=False) for each in found)


def _policies(policy: Policy, steps: Steps) -> Iterator[Policy]:
    """Yield the policies on the way to *steps*, as far as the vendor's schema knows it."""
    yield policy
    for step in steps:
        inside = (policy.items or policy).members
        if step not in inside:
            return
        policy = inside[step]
        yield policy


def _read_only(policy: Policy) -> Iterator[bool]:
    """Yield, for everything that a policy is about, whether it can only be read."""
    yield not policy.written
    for inner in (*policy.members.values(), *((policy.items,) if policy.items else ())):
        yield from _read_only(inner)
