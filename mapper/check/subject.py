"""What check rules are asked about."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from mapper.diagnostics import Diagnostic
from mapper.infer.classes import Classified, classified
from mapper.infer.types import Type
from mapper.infer.writing import made_of
from mapper.lower import Formula, Group, Listing, Lowered, LoweredMapping, inner_rules
from mapper.model import Expression, Mapping, Resource
from mapper.omissions import NOT_UPDATED
from mapper.related import reach
from mapper.schema import Schema, Schemas, descend, items_of
from mapper.values import Steps

Placed = tuple[Lowered, Schema | None, Schema | None]
"""A rule, and the schemas of the vendor object and of the common object that surround it."""


class Edited(NamedTuple):
    """An object or a list that an expression writes whole, in edits as well.

    Attributes:
        rule: The rule of the expression.
        expression: What gives it.
        vendor: Its path.
        schema: What the vendor says of it.
        made: The type of what is written.
    """

    rule: Formula
    expression: Expression
    vendor: Steps
    schema: Schema
    made: Type


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

    @cached_property
    def edited(self) -> tuple[Edited, ...]:
        """The objects and lists that expressions write whole."""
        return tuple(self._edited(self.lowered.rules, (), self.common))

    def _edited(
        self, rules: Sequence[Lowered], at: Steps, common: Schema | None
    ) -> Iterator[Edited]:
        for rule in rules:
            if isinstance(rule, Formula) and rule.access not in NOT_UPDATED and common is not None:
                for write in rule.writes:
                    steps = (*at, *write.vendor)
                    schema = reach(self.vendor, steps)
                    if schema is not None and (schema.members() or schema.items()):
                        made = made_of(write, rules, common, self.lowered.tables)
                        yield Edited(rule, write.expression, steps, schema, made)
            inside = descend(common, rule.common)
            for members in inner_rules(rule):
                held = inside if isinstance(rule, Group) else items_of(inside)
                yield from self._edited(members, (*at, *getattr(rule, "vendor", ())), held)

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


def by_element(mappings: Iterable[Mapping]) -> Iterator[list[Mapping]]:
    """Yield the mappings of each element, without overlays, whose element is what they extend."""
    elements: dict[str, list[Mapping]] = {}
    for mapping in mappings:
        if not mapping.layers:
            elements.setdefault(mapping.vendor.element, []).append(mapping)
    yield from elements.values()


def letters_of(name: str) -> str:
    """Return what makes a word the same in any case, and with spaces, dashes or underscores."""
    return name.casefold().translate(_BETWEEN_WORDS)


_BETWEEN_WORDS = str.maketrans("", "", " -_")
