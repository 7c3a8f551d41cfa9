"""Which rule writes what of a vendor object: no path may have two writers."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Label, Span
from mapper.model import (
    Access,
    Constant,
    ConstantRule,
    ExpressionRule,
    FieldRule,
    ListRule,
    ObjectRule,
    OnlyRule,
    Path,
    SlotsRule,
    ValueRule,
    show_path,
)
from mapper.parse.rules import overlaps
from mapper.parse.shape import Findings
from mapper.values import ABSENT, Steps

_Fields = tuple[FieldRule, ...]


class _Written(Struct, frozen=True):
    """A vendor path from the vendor object or list item around, and the rule that writes it.

    ``by`` is the common path of the rule, which is named at ``rule``, () for a constant; ``slot``
    counts from 1; ``use`` is where the outermost fragment around the rule is used.
    """

    steps: Steps
    span: Span
    by: Steps
    rule: Span
    slot: int = 0
    use: Span | None = None

    @property
    def writer(self) -> str:
        where = f" of slot {self.slot}" if self.slot else ""
        return f"{show_path(self.by)}{where}" if self.by else "a constant"

    def apart_from(self, other: "_Written") -> tuple[Span, Span]:
        """Return the places that tell it from *other*, its own first.

        An alias gives two rules one vendor path, and a fragment two uses one rule.
        """
        if not _same_text(self.span, other.span):
            return self.span, other.span
        if not _same_text(self.rule, other.rule) or self.use is None or other.use is None:
            return self.rule, other.rule
        return self.use, other.use

    def used_at(self, shown: Span) -> Iterator[Label]:
        """Yield where the fragment around is used, if what is shown of it stands in its file."""
        if self.use is not None and self.use.source is not shown.source:
            yield Label(self.use, "where the fragment is used")


def _same_text(one: Span, other: Span) -> bool:
    """Whether two spans are of the same characters, in one use of a fragment or in two."""
    return one.source.name == other.source.name and one[1:] == other[1:]


def report_write_overlaps(
    fields: _Fields, constants: tuple[Constant, ...], findings: Findings
) -> None:
    """Report what two rules or constants write, where the second of them does."""
    lists: list[_Fields] = []
    written = [
        _Written(each.vendor.steps, each.vendor.span, (), each.vendor.span) for each in constants
    ]
    written += _written(fields, lists)
    for each, other in overlaps((each.steps, each) for each in written):
        here, there = each.apart_from(other)
        findings.report(
            codes.OVERLAPPING_VENDOR,
            here,
            f"{show_path(each.steps)} is written by {other.writer} and by {each.writer}",
            labels=(Label(there, "written here too"), *each.used_at(here)),
        )
    for items in lists:
        report_write_overlaps(items, (), findings)


class _Surroundings(Struct, frozen=True):
    """Where rules stand: the vendor and the common path, the slot, the use of a fragment."""

    vendor: Steps = ()
    common: Steps = ()
    slot: int = 0
    use: Span | None = None

    def written(self, vendor: Path, rule: FieldRule) -> _Written:
        """Return that *rule* writes a vendor path."""
        steps, by = (*self.vendor, *vendor.steps), (*self.common, *rule.common.steps)
        return _Written(steps, vendor.span, by, rule.common.span, self.slot, self.use)

    def inside(self, rule: FieldRule, vendor: Steps = (), slot: int = 0) -> "_Surroundings":
        """Return the surroundings of the rules in *rule*."""
        common = (*self.common, *rule.common.steps)
        return replace(self, vendor=(*self.vendor, *vendor), common=common, slot=slot or self.slot)


_NOWHERE = _Surroundings()


def _written(
    fields: _Fields, lists: list[_Fields], around: _Surroundings = _NOWHERE
) -> Iterator[_Written]:
    """Yield what *fields* write; the rules of items, which write other objects, go to *lists*."""
    for rule in fields:
        if rule.access is Access.READ:
            continue
        match rule:
            case ValueRule(vendor=vendor):
                yield around.written(vendor, rule)
            case ListRule(vendor=vendor, each=items):
                yield around.written(vendor, rule)
                lists.append(items)
            case ExpressionRule(to_vendor=writes):
                yield from (around.written(path, rule) for path, _ in writes)
            case ObjectRule(vendor=place, fields=inner):
                inside = around.inside(rule, place.steps if place else ())
                if place is not None and rule.unset.clear is not ABSENT:
                    # Clearing replaces the object whole: nobody else can keep a member in it.
                    yield around.written(place, rule)
                    lists.append(inner)
                    continue
                source = rule.common.span.source
                if around.use is None and any(
                    each.common.span.source is not source for each in inner
                ):
                    inside = replace(inside, use=rule.common.span)
                yield from _written(inner, lists, inside)
            case OnlyRule(fields=inner):
                yield from _written(inner, lists, around.inside(rule))
            case SlotsRule(slots=slots):
                for number, slot in enumerate(slots, 1):
                    yield from _written(slot, lists, around.inside(rule, slot=number))
            case ConstantRule():
                pass
