"""What generated documents satisfy beyond their schema: invariants and computed members."""

from collections.abc import Iterator, Sequence
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias

from msgspec import Struct

from mapper.evaluate import EvaluationError, evaluate
from mapper.expr import Expr, ExpressionError, mentions, parse
from mapper.functions import FUNCTIONS
from mapper.generate.choices import Fault, refusal
from mapper.schema import Schema, validate
from mapper.values import copy

# Places -----------------------------------------------------------------------------------------


class _Each(Enum):
    EACH = "[]"


class Place(Struct, frozen=True):
    """A member wherever it stands in documents.

    Attributes:
        way: From a document to the objects that can have it: members by name, or every item.
        name: Its name.
        schema: What it holds.
        required: Whether every such object has it.
    """

    way: tuple[str | _Each, ...]
    name: str
    schema: Schema
    required: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names on the way to it and its own."""
        return (*(step for step in self.way if isinstance(step, str)), self.name)

    @property
    def path(self) -> str:
        """Its path for people, such as ``lines[].amount``."""
        steps = ["[]" if isinstance(step, _Each) else f".{step}" for step in (*self.way, self.name)]
        return "".join(steps).removeprefix(".")

    def holders(self, document: Any) -> list[dict[str, Any]]:
        """Return the objects in *document* that have it or could."""
        reached = [document]
        for step in self.way:
            if isinstance(step, _Each):
                reached = [item for each in reached if isinstance(each, list) for item in each]
            else:
                reached = [each.get(step) for each in reached if isinstance(each, dict)]
        return [each for each in reached if isinstance(each, dict)]


def places(schema: Schema, way: tuple[str | _Each, ...] = ()) -> Iterator[Place]:
    """Yield every member below *schema*, those that hold others first."""
    for name, member in schema.members().items():
        yield Place(way, name, member, name in schema.required)
        yield from places(member, (*way, name))
    items = schema.items()
    if items:
        yield from places(items, (*way, _Each.EACH))


# Invariants and computed members ----------------------------------------------------------------

Computed: TypeAlias = tuple[Place, Expr]
"""A computed member and what computes it."""


def invariant(schema: Schema) -> Fault | None:
    """Return what tells which invariant of *schema* an object breaks; None if there are none."""
    stated = schema.raw.get("x-invariants", {})
    laws = [(code, _expression(schema, text)) for code, text in stated.items()]

    def fault(value: Any) -> str | None:
        if not isinstance(value, dict):
            return None
        broken = (code for code, expr in laws if _value(expr, value) is not True)
        return next((f"the invariant {code} does not hold" for code in broken), None)

    return fault if laws else None


def computed_members(schema: Schema) -> list[Computed]:
    """Return the computed members of *schema*, each after those that its expression reads."""
    computed = [
        (place, _expression(place.schema, text))
        for place in places(schema)
        if (text := place.schema.annotation("x-computed"))
    ]
    reads = {
        number: [
            other
            for other, (place, _) in enumerate(computed)
            if other != number and any(_overlap(place.names, path) for path in mentions(expr))
        ]
        for number, (_, expr) in enumerate(computed)
    }
    try:
        return [computed[number] for number in TopologicalSorter(reads).static_order()]
    except CycleError as error:
        names = ", ".join(sorted({computed[number][0].path for number in error.args[1]}))
        raise refusal(schema, f"computed members read each other: {names}") from error


def compute(document: Any, computed: list[Computed]) -> str | None:
    """Set the members *computed* that are there; return the first whose value does not fit."""
    for place, expr in computed:
        holders = [holder for holder in place.holders(document) if place.name in holder]
        value = _value(expr, document) if holders else None
        if value is None:
            continue
        if validate(place.schema, value):
            return f"the computed {place.path} does not fit"
        for holder in holders:
            holder[place.name] = copy(value)
    return None


def _expression(schema: Schema, text: str) -> Expr:
    try:
        return parse(text, FUNCTIONS)
    except ExpressionError as error:
        raise refusal(schema, f"{text}: {error}") from error


def _value(expr: Expr, document: Any) -> Any:
    """Return what *expr* gives over *document*; null if it fails."""
    try:
        return evaluate(expr, document)
    except EvaluationError:
        return None


def _overlap(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether one path leads to the other, or both to the same."""
    return all(one == other for one, other in zip(left, right, strict=False))
