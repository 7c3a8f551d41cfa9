"""Check rules about what an access does not go with: marks and defaults."""

from collections.abc import Iterator

from mapper import codes
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic
from mapper.lower import Leaf, Slots
from mapper.model import Access, show_path
from mapper.paths import placed
from mapper.values import ABSENT, equal


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
