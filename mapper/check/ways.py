"""Check rules about the ways that members go: read, written, or both."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mapper import codes
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic, Span
from mapper.expr import mentions
from mapper.lower import Formula, Leaf, Lowered, Policy, inner_rules, is_written
from mapper.model import (
    Access,
    FieldRule,
    inner_fields,
    show_path,
)
from mapper.schema import Schema
from mapper.values import Steps, prefixes


class Use(NamedTuple):
    """A vendor path that a rule reads or writes.

    ``one_way`` is the rule that decides that it goes no other way, if one does.
    """

    vendor: Steps
    place: Span
    reads: bool
    writes: bool
    one_way: FieldRule | None


def unseen_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules that read members which the vendor never shows."""
    for use in _uses_of(subject):
        if use.reads and not _is_shown(subject.vendor, use.vendor):
            message = f"{show_path(use.vendor)} is never shown, and this rule reads it"
            yield Diagnostic(codes.NEVER_SHOWN, message, use.place)


def one_way_members(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members that could go both ways, and go one way without a word why.

    Each rule that decides so is told once. A mapping that goes one way as a whole needs no words,
    and a schema that calls no member `readOnly` has not said yet what can be written.
    """
    if not any(_read_only(subject.lowered.policy)):
        return
    uses = tuple(_uses_of(subject))
    constants = [each.vendor.steps for each in subject.mapping.constants]
    written = _Reached.of([*(each.vendor for each in uses if each.writes), *constants])
    read = _Reached.of([each.vendor for each in uses if each.reads])
    if not written.paths or not read.paths:
        return
    told: set[Span] = set()
    for use in uses:
        rule, steps = use.one_way, use.vendor
        if rule is None or rule.why is not None or rule.common.span in told:
            continue
        if use.reads and not written.near(steps) and _can_be_written(subject.lowered.policy, steps):
            says, keyword = "can be written, and nothing writes it", "readOnly"
        elif use.writes and not read.near(steps) and _is_shown(subject.vendor, steps):
            says, keyword = "can be read, and nothing reads it", "writeOnly"
        else:
            continue
        told.add(rule.common.span)
        message = f"{show_path(steps)} {says}"
        hint = (
            f"give the rule the other direction, or the member `{keyword}` in "
            f"{subject.vendor.file}, or say `access:` and why in the rule's `description:`"
        )
        yield Diagnostic(codes.ONE_WAY, message, rule.common.span, hint=hint)


class _Reached(NamedTuple):
    """Paths, and those that lead to one of them."""

    paths: frozenset[Steps]
    leading: frozenset[Steps]

    @classmethod
    def of(cls, paths: Iterable[Steps]) -> "_Reached":
        found = frozenset(paths)
        return cls(found, frozenset(way for path in found for way in prefixes(path)))

    def near(self, steps: Steps) -> bool:
        """Whether one of the paths leads to *steps*, or they lead to one of the paths."""
        return steps in self.leading or not self.paths.isdisjoint(prefixes(steps))


def _uses_of(subject: Subject) -> Iterator[Use]:
    return _uses(zip(subject.mapping.fields, subject.lowered.rules, strict=True), (), None)


def _uses(
    rules: Iterable[tuple[FieldRule, Lowered]], at: Steps, around: FieldRule | None
) -> Iterator[Use]:
    """Yield the vendor paths of rules; *around* is the one around them that goes one way only."""
    for rule, lowered in rules:
        one_way = around
        if around is None and lowered.access in {Access.READ, Access.WRITE}:
            one_way = rule
        reads, writes = lowered.access is not Access.WRITE, lowered.access is not Access.READ
        match lowered:
            case Leaf(vendor=steps):
                place = lowered.rule.vendor.span
                yield Use((*at, *steps), place, reads, writes, one_way)
            case Formula(read=read):
                for write in lowered.writes:
                    yield Use(
                        (*at, *write.vendor),
                        lowered.span,
                        reads=False,
                        writes=writes,
                        one_way=one_way,
                    )
                for steps in mentions(read.tree) if read is not None else ():
                    if steps:
                        yield Use(
                            (*at, *steps), lowered.span, reads=reads, writes=False, one_way=one_way
                        )
            case _:
                inside = (*at, *getattr(lowered, "vendor", ()))
                for fields, members in zip(inner_fields(rule), inner_rules(lowered), strict=True):
                    yield from _uses(zip(fields, members, strict=True), inside, one_way)


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
    """Whether the vendor's schema knows a member, and lets it be written at any time.

    What creating needs and nothing writes is another finding.
    """
    for step in steps:
        if not is_written(policy, creating=False):
            return False
        policy = policy.items or policy
        if step not in policy.members:
            return False
        policy = policy.members[step]
        if policy.required:
            return False
    return is_written(policy, creating=False)


def _read_only(policy: Policy) -> Iterator[bool]:
    """Yield, for everything that a policy is about, whether it can only be read."""
    yield not policy.written
    for inner in (*policy.members.values(), *((policy.items,) if policy.items else ())):
        yield from _read_only(inner)
