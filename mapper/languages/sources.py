"""Languages of regular expressions, of listed texts, and of texts of some length."""

from collections.abc import Iterable

from mapper.languages.language import Language, Step, determined
from mapper.languages.regex import (
    Repeat,
    Sequence,
    any_character,
    beginnings,
    may_be_empty,
    parsed,
)
from mapper.languages.work import TooComplex


def pattern_language(pattern: str) -> Language:
    """Return the texts that the pattern of a schema, ``^…$``, describes.

    Raises:
        TooComplex: It is no pattern that :mod:`mapper.schema.patterns` lets pass.
    """
    if len(pattern) < 2 or pattern[0] != "^" or pattern[-1] != "$":
        raise TooComplex("does not describe the whole text")
    return regex_language(pattern[1:-1])


def regex_language(regex: str) -> Language:
    r"""Return the texts that ``re.fullmatch`` finds *regex* to match.

    Raises:
        TooComplex: It uses syntax that is not handled, such as ``\d`` or look-around.
    """
    return _language(parsed(regex))


def of_length(least: int, most: int | None = None) -> Language:
    """Return the texts of *least* to *most* code points, None being any number."""
    if most is not None and most < max(least, 1):
        return NOTHING if most < least else texts([""])
    return _language((Repeat(any_character(), least, most),))


def texts(values: Iterable[str]) -> Language:
    """Return the language of these texts and no other."""

    def expanded(endings: frozenset[str]) -> Step:
        after: dict[str, set[str]] = {}
        for ending in endings:
            if ending:
                after.setdefault(ending[0], set()).add(ending[1:])
        moves = [(ord(first), ord(first), frozenset(after[first])) for first in sorted(after)]
        copied = sum(map(len, endings))  # which costs little, but for very long ones
        return Step("" in endings, moves, len(endings) + copied // 64)

    return Language(frozenset(values), expanded)


def _language(sequence: Sequence) -> Language:
    def expanded(state: Sequence) -> Step:
        moves = [
            (low, high, rest) for first, rest in beginnings(state) for low, high in first.ranges
        ]
        return Step(may_be_empty(state), moves, len(moves) + 1)

    return determined([sequence], expanded)


NOTHING = texts(())
EVERYTHING = of_length(0)
