"""What check rules are asked about."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from msgspec import Struct

from mapper.diagnostics import Diagnostic
from mapper.infer.classes import Classified, classified
from mapper.lower import Group, Listing, Lowered, LoweredMapping, inner_rules
from mapper.model import Mapping, Resource
from mapper.schema import Schema, Schemas, descend, items_of

Placed = tuple[Lowered, Schema | None, Schema | None]
"""A rule, and the schemas of the vendor object and of the common object that surround it."""


class Subject(Struct, frozen=True, dict=True):
    """A mapping that could be lowered, with its schemas."""

    mapping: Mapping
    lowered: LoweredMapping
    vendor: Schema
    common: Schema
    resource: Resource
    schemas: Schemas

    @cached_property
    def classified(self) -> tuple[Classified, ...]:
        """The rules that give values, each with its class and its types."""
        return tuple(classified(self.lowered, self.common))

    def placed(self) -> Iterator[Placed]:
        """Yield all rules, each with the schemas of the objects that surround it on both sides."""
        yield from _placed(self.lowered.rules, self.vendor, self.common)


def _placed(
    rules: Iterable[Lowered], vendor: Schema | None, common: Schema | None
) -> Iterator[Placed]:
    for rule in rules:
        yield rule, vendor, common
        inner, ours = vendor, descend(common, rule.common)
        match rule:
            case Group(vendor=steps):
                inner = descend(vendor, steps)
            case Listing(vendor=steps):
                inner, ours = items_of(descend(vendor, steps)), items_of(ours)
            case _:
                ours = items_of(ours)
        for members in inner_rules(rule):
            yield from _placed(members, inner, ours)


CheckRule = Callable[[Subject], Iterator[Diagnostic]]
