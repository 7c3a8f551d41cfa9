"""Check rules about what an access does not go with: marks, defaults, and what expressions see."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mapper import codes
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic, show_value
from mapper.expr import uses
from mapper.lower import (
    Fixed,
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    Slots,
    Write,
    inner_rules,
    is_made_empty,
)
from mapper.model import Access, show_path
from mapper.omissions import NOT_UPDATED
from mapper.paths import placed
from mapper.policy import is_written, write_policy
from mapper.schema import Schema, descend, items_of
from mapper.values import ABSENT, PathSet, Steps, equal


def marks_of_other_access(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the marks that are not read and written as the list is whose places they mark.

    Items find their places by their marks, so that one which stays where it is, or is not read,
    gives what it marks to another item.
    """
    for steps, rule in placed(subject.lowered.rules):
        if isinstance(rule, Slots) and rule.access is not Access.READ:
            for mark in _marks(rule):
                if mark.access is not rule.access:
                    message = f"the mark of a place of {show_path(steps)} is {mark.access}, "
                    message += f"and the list is {rule.access}"
                    yield Diagnostic(codes.MIXED_RULE, message, mark.span, hint=_OF_MARKS)


_OF_MARKS = "give the list the same access, or let `empty` name what goes the ways of the list"


def _marks(rule: Slots) -> Iterator[Leaf]:
    for slot in rule.slots:
        yield from (each for each in slot if isinstance(each, Leaf) and each.common == rule.mark)


def idle_defaults(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the rules that only read and have a default of its own for creating."""
    for _, rule in placed(subject.lowered.rules):
        if isinstance(rule, Leaf) and rule.rule.access is Access.READ and _creates_other(rule):
            message = "a rule of access read has no default for creating"
            yield Diagnostic(codes.MIXED_RULE, message, rule.span, hint=_OF_READ)


_OF_READ = "give the default for reading, `default: {read: …}`, or let the rule be written"


def _creates_other(rule: Leaf) -> bool:
    """Whether the default for creating is not what no value reads as."""
    value = rule.default.create
    return value is not ABSENT and not equal(value, rule.default.read)


def unmade_objects(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the objects that may be given, and of which no update writes anything.

    What is in them besides, such as a constant, then has no object at the vendor to be read from.
    """
    for rule, vendor, _ in subject.placed():
        if not isinstance(rule, Group) or not rule.vendor or rule.access in NOT_UPDATED:
            continue
        schema = descend(vendor, rule.vendor)
        if schema is None or not is_made_empty(rule) or _is_always_there(vendor, rule.vendor):
            continue
        if not is_written(write_policy(schema), creating=False):
            path = show_path(rule.vendor)
            message = f"{path} may be given in an edit, and nothing of it can be written then"
            yield Diagnostic(codes.WRITTEN_MISFIT, message, rule.span, hint=_OF_UNMADE)


_OF_UNMADE = "give the rule `access: read`, or `access: create` if it can be set when creating"


# What expressions see ---------------------------------------------------------------------------


class _Around(Struct, frozen=True):
    """What surrounds a rule.

    Attributes:
        vendor: The schema of the vendor object; None if it is not known.
        made: Whether an update may make anew what lies here, without what is set when creating.
        given: Whether what lies here is there only where it is given.
    """

    vendor: Schema | None
    made: bool = False
    given: bool = False

    def inside(self, rule: Lowered) -> "_Around":
        """Return what surrounds the members of *rule*."""
        given = self.given or (rule.access is Access.WRITE and not _is_spread(rule))
        changes = rule.access not in NOT_UPDATED
        match rule:
            case Group(vendor=steps) if steps:
                made = changes and (self.made or not _is_always_there(self.vendor, steps))
                return _Around(descend(self.vendor, steps), made, given)
            case Listing(vendor=steps):  # new items are created whole
                return _Around(items_of(descend(self.vendor, steps)), given=given)
            case Slots():
                return replace(self, made=self.made or changes, given=given)
            case _:
                return replace(self, given=given)


def _is_spread(rule: Lowered) -> bool:
    """Whether *rule* is an object whose members lie among those of the surrounding one."""
    return isinstance(rule, Group) and not rule.vendor


def _is_always_there(schema: Schema | None, steps: Steps) -> bool:
    """Whether every vendor object of a schema is read with an object at *steps*."""
    for step in steps:
        member = descend(schema, (step,))
        if schema is None or member is None or step not in schema.required:
            return False
        if member.kinds != {"object"} or member.annotation("writeOnly"):
            return False
        schema = member
    return True


def unwritten_sights(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the expressions that see a value which is neither read nor written."""
    yield from _unwritten_sights(subject.lowered.rules, _Around(subject.vendor))


def _unwritten_sights(rules: Sequence[Lowered], around: _Around) -> Iterator[Diagnostic]:
    for rule in rules:
        if isinstance(rule, Formula) and rule.access is not Access.READ:
            for write in rule.writes:
                for steps, why in _unwritten(rule, write, rules, around):
                    message = f"this sees {show_path(steps)} as {why}"
                    place = write.expression.whole
                    yield Diagnostic(codes.WRITTEN_MISFIT, message, place, hint=_OF_SIGHTS)
        for members in inner_rules(rule):
            yield from _unwritten_sights(members, around.inside(rule))


_OF_SIGHTS = "let the value be read as well (a default by `default: {read: …}`), or do without it"


def _unwritten(
    rule: Formula, write: Write, rules: Iterable[Lowered], around: _Around
) -> Iterator[tuple[Steps, str]]:
    """Yield the paths that *write*, of *rules*, sees with what is not there, and what that is."""
    mentioned = PathSet.of(write.mentions)
    used, tested = map(PathSet.of, uses(write.expression.tree))
    for steps, each, where in _single_values(rules, (), around):
        if isinstance(each, Fixed):
            # An edit is what makes a mentioned place another than it reads as.
            compared = rule.access is Access.READ_WRITE and not where.given
            if compared and each.access is Access.WRITE and mentioned.near(steps):
                yield steps, f"{show_value(each.value)}, which is never read"
        elif _creates_other(each) and (used.near(steps) or steps in tested.leading):
            shown = show_value(each.default.create)
            if each.access is Access.READ and each.rule.access is not Access.READ:
                yield steps, f"{shown} when creating, which writes no such thing"
            elif each.access is Access.CREATE and where.made and rule.access not in NOT_UPDATED:
                yield steps, f"{shown} in an update, which cannot write what is set when creating"


def _single_values(
    rules: Iterable[Lowered], at: Steps, around: _Around
) -> Iterator[tuple[Steps, Leaf | Fixed, _Around]]:
    """Yield the value rules and constants of *rules*, with their paths, and what is around them."""
    for rule in rules:
        steps = (*at, *rule.common)
        if isinstance(rule, Leaf | Fixed):
            yield steps, rule, around
        for members in inner_rules(rule):
            yield from _single_values(members, steps, around.inside(rule))
