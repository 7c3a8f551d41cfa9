"""Documents of a schema: its values, with their computed members and invariants."""

from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING, Any

from mapper.diagnostics import MapperError, show_value
from mapper.generate.choices import Choices, Fault, Make, Seeded, drawn, until
from mapper.generate.invariants import Computed, compute, computed_members, invariant
from mapper.generate.values import mix, values_of
from mapper.schema import Schema
from mapper.values import copy, equal

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def compile_generator(schema: Schema, *, unknown: bool = False) -> Make:
    """Return what makes a value of *schema* from choices, to be called as often as is wanted.

    Args:
        schema: What the values fit.
        unknown: Whether open objects now and then have a member that the schema does not know.

    Raises:
        MapperError: M301, from this call or from a later one: the schema says something that
            cannot be generated, or something that (almost) no value fits.
    """
    make = _alone(mix(values_of(schema, unknown=unknown), schema))
    computed = computed_members(schema)
    broken = invariant(schema)
    if not computed and broken is None:
        return make

    def fault(document: Any) -> str | None:
        return compute(document, computed) or (broken and broken(document))

    return until(make, fault, schema)


def _alone(make: Make) -> Make:
    """Return *make* for whole documents, whose items are counted from none."""

    def start(choices: Choices) -> Any:
        choices.items = 0
        return make(choices)

    return start


def document_fault(schema: Schema) -> Fault:
    """Return what tells why a document of *schema* is none that its vendor would send.

    It tells which invariant does not hold, or which computed member has another value; not what
    breaks the schema itself.

    Raises:
        MapperError: M301: the schema says something that cannot be generated.
    """
    computed = computed_members(schema)
    broken = invariant(schema)

    def fault(document: Any) -> str | None:
        recomputed = copy(document)
        found = compute(recomputed, computed)
        return (
            found or _miscomputed(computed, document, recomputed) or (broken and broken(document))
        )

    return fault


def _miscomputed(computed: list[Computed], document: Any, recomputed: Any) -> str | None:
    """Return which computed member of *document* has another value than its expression gives."""
    for place, _ in computed:
        pairs = zip(place.holders(document), place.holders(recomputed), strict=True)
        for holder, right in pairs:
            was, gives = holder.get(place.name), right.get(place.name)
            if not equal(was, gives):
                shown = f"it is {show_value(was)}, and its expression gives {show_value(gives)}"
                return f"the computed member {place.path} does not have its value: {shown}"
    return None


def generate(schema: Schema, choices: Choices, *, unknown: bool = False) -> Any:
    """Return one value of *schema*; for many, :func:`compile_generator` is faster."""
    return compile_generator(schema, unknown=unknown)(choices)


def seeded(schema: Schema, seed: int, *, unknown: bool = False) -> Iterator[Any]:
    """Yield values of *schema* without end, the same ones for the same *seed*."""
    make = compile_generator(schema, unknown=unknown)
    choices = Seeded(Random(seed))  # noqa: S311 - nothing here is a secret
    while True:
        yield make(choices)


def documents(schema: Schema, *, unknown: bool = False) -> "SearchStrategy[Any]":
    """Return the Hypothesis strategy of the values of *schema*."""
    from hypothesis import reject, strategies  # noqa: PLC0415 - an optional extra

    make = compile_generator(schema, unknown=unknown)

    @strategies.composite
    def document(draw: Callable[["SearchStrategy[int]"], int]) -> Any:
        try:
            return make(drawn(draw))
        except MapperError:  # Hypothesis insists on choices from which nothing that fits comes
            return reject()

    return document()
