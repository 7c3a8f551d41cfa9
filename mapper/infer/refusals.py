"""What primitives refuse of the values that they are given."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from mapper.infer.types import Texts, Type, remembered
from mapper.languages import regex_language

of_regex = remembered(regex_language)
"""The language of a pattern, which many operations ask of."""

Why = Literal["value", "partner", "missing"]


class Refused(Struct, frozen=True):
    """Values that a primitive may be given and refuses; the message completes "the value …"."""

    why: Why
    message: str
    hint: str | None = None


Operation = Callable[[list[Type], list[Any], list[Refused]], Type]
"""Gives the type of what a primitive gives for a value and constants; adds what it refuses."""


def texts_of(given: Type, refused: list[Refused]) -> Texts | None:
    """Return the texts of a type; what else there is is refused."""
    refuse_others(given, ("string",), refused)
    return given.texts


def refuse_others(given: Type, taken: tuple[str, ...], refused: list[Refused]) -> None:
    """Report the values of other kinds than those that are taken."""
    for name in given.kinds:
        if name not in taken:
            why: Why = "missing" if name == "null" else "value"
            found = "missing" if name == "null" else NOUNS[name]
            refused.append(Refused(why, f"may be {found}"))


NOUNS = {
    "boolean": "a boolean",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "an object",
}
