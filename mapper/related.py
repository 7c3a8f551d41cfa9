"""Where the schemas say what the rule of a finding is about."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from msgspec import Struct

from mapper.diagnostics import Diagnostic, Label, Span
from mapper.expr import mentions
from mapper.lower import Fixed, Formula, Group, Leaf, Listing, Lowered, LoweredMapping, inner_rules
from mapper.schema import Schema, Schemas, descend, items_of

_SHOWN = 2
"""So many places of one schema are shown; a formula may name many."""


class _Sides(Struct, frozen=True):
    """A rule, by where it begins, and what it relates."""

    span: Span
    vendor: tuple[Schema | None, ...]
    common: Schema | None

    @property
    def begin(self) -> tuple[str, int]:
        return _begin(self.span)


def with_schemas(
    found: Iterable[Diagnostic], mapping: LoweredMapping, common: Schema, schemas: Schemas
) -> Iterator[Diagnostic]:
    """Yield findings, those about a rule with the places of both schemas that it leads to.

    *common* is the schema of the common object, and *schemas* know where schemas stand.
    """
    found = tuple(found)
    if not found:  # then nobody needs to know where the rules are
        return
    sides = sorted(_sides(mapping.rules, mapping.vendor, common), key=lambda each: each.begin)
    begins = [each.begin for each in sides]
    for each in found:
        if each.span is None or each.labels:
            yield each
            continue
        before = bisect_right(begins, _begin(each.span))
        rules = [rule for rule in sides[:before][-1:] if rule.span.source is each.span.source]
        labels = (label for rule in rules for label in _labels(rule, schemas))
        yield each._replace(labels=tuple(labels))


def _begin(span: Span) -> tuple[str, int]:
    return span.source.name, span.start


def _sides(
    rules: Iterable[Lowered], vendor: Schema | None, common: Schema | None
) -> Iterator[_Sides]:
    for rule in rules:
        made = descend(common, rule.common)
        match rule:
            case Leaf(vendor=steps):
                yield _Sides(rule.span, (descend(vendor, steps),), made)
            case Formula(read=read, writes=writes):
                paths = [write.vendor for write in writes]
                paths += mentions(read.tree) if read is not None else ()
                named = (descend(vendor, steps) for steps in dict.fromkeys(paths))
                yield _Sides(rule.span, tuple(named), made)
            case Fixed():
                yield _Sides(rule.span, (), made)
            case Group(vendor=steps, members=members):
                given = descend(vendor, steps)
                yield _Sides(rule.span, (given,), made)
                yield from _sides(members, given, made)
            case Listing(vendor=steps, members=members):
                given = descend(vendor, steps)
                yield _Sides(rule.span, (given,), made)
                yield from _sides(members, items_of(given), items_of(made))
            case _:
                yield _Sides(rule.span, (), made)
                for members in inner_rules(rule):
                    yield from _sides(members, vendor, items_of(made))


def _labels(rule: _Sides, schemas: Schemas) -> Iterator[Label]:
    for sides, message in ((rule.vendor, "vendor schema"), ((rule.common,), "canonical schema")):
        places = (schemas.span(each) for each in sides if each is not None)
        yield from [Label(place, message) for place in places if place is not None][:_SHOWN]
