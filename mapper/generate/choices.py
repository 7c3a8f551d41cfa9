"""Where the choices of a generator come from, and what makes values of them."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from mapper.codes import BAD_SCHEMA
from mapper.diagnostics import Diagnostic, MapperError
from mapper.schema import Schema

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

TRIES: Final = 200
"""How often what does not hold is made anew before the schema is refused."""


class Choices(Protocol):
    """Where a generator's choices come from; the first and the smallest are the simplest.

    Attributes:
        items: How many items the lists of the document have that is being made.
    """

    items: int

    def integer(self, low: int, high: int, /) -> int:
        """Return an integer from *low* to *high*, both included."""

    def pick(self, options: Sequence[T], /) -> T:
        """Return one of *options*, which are not empty."""


class Seeded:
    """Choices from a random number generator."""

    def __init__(self, random: Random) -> None:
        self.items = 0
        self._random = random.random

    def integer(self, low: int, high: int, /) -> int:
        return low + int(self._random() * (high - low + 1))

    def pick(self, options: Sequence[T], /) -> T:
        return options[int(self._random() * len(options))]


class Drawn(Struct):
    """Choices that Hypothesis draws, so that it can make them simpler."""

    draw: Callable[["SearchStrategy[int]"], int]
    integers: Callable[[int, int], "SearchStrategy[int]"]
    items: int = 0

    def integer(self, low: int, high: int, /) -> int:
        return self.draw(self.integers(low, high))

    def pick(self, options: Sequence[T], /) -> T:
        return options[self.integer(0, len(options) - 1)]


def drawn(draw: Callable[["SearchStrategy[int]"], int]) -> Choices:
    """Return the choices that a Hypothesis *draw* makes: they shrink to the simplest."""
    from hypothesis import strategies  # noqa: PLC0415 - an optional extra

    return Drawn(draw, strategies.integers)


# Values of choices ------------------------------------------------------------------------------

Make: TypeAlias = Callable[[Choices], Any]
"""Makes one JSON value from choices."""

Fault: TypeAlias = Callable[[Any], str | None]
"""Tells what is wrong with a value, as a sentence, or None."""


def any_of(makes: Sequence[Make]) -> Make:
    """Return what makes a value by one of *makes*, which are not empty."""
    return makes[0] if len(makes) == 1 else lambda choices: choices.pick(makes)(choices)


def until(make: Make, fault: Fault, schema: Schema) -> Make:
    """Return what makes values that have no *fault*; after :data:`TRIES` it raises M301."""

    def retry(choices: Choices) -> Any:
        found, items = None, choices.items
        for _ in range(TRIES):
            choices.items = items
            value = make(choices)
            found = fault(value)
            if found is None:
                return value
        raise refusal(schema, f"nothing fits in {TRIES} tries; at last, {found}")

    return retry


def refusal(schema: Schema, message: str) -> MapperError:
    """Return the error that *schema* cannot be generated, and why."""
    return MapperError([Diagnostic(BAD_SCHEMA, f"{schema.file}#{schema.pointer}: {message}")])


def too_large(schema: Schema, what: str) -> MapperError:
    """Return the error that *what* fits *schema* is so large that it is not generated."""
    found = Diagnostic(
        BAD_SCHEMA,
        f"{schema.file}#{schema.pointer}: too large to be generated: {what}",
        hint="let it be smaller where nothing is lost by that; nothing so large is generated",
    )
    return MapperError([found])
