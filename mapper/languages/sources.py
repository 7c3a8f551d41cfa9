"""Languages of regular expressions, of listed texts, and of texts of some length."""

from collections.abc import Iterable
from math import inf
from operator import itemgetter

from mapper.languages.language import Language, Move, Step, determined
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
    language = _language((Repeat(any_character(), least, most),))
    language.lengths = least, inf if most is None else most
    return language


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


def other_than(text: str) -> Language:
    """Return all texts but this one."""

    def expanded(left: str | None) -> Step:
        """Return the step where *left* is what is to come of the text; None for another text."""
        if not left:
            return Step(left is None, [(low, high, None) for low, high in _CHARACTERS], 1)
        first = ord(left[0])
        moves: list[Move] = [(first, first, left[1:])]
        for low, high in _CHARACTERS:
            moves += [(low, min(high, first - 1), None), (max(low, first + 1), high, None)]
        return Step(True, sorted(filter(_is_range, moves), key=itemgetter(0)), 1)  # noqa: FBT003 - accepts

    return Language(text, expanded)


_CHARACTERS = ((0x0000, 0xD7FF), (0xE000, 0x10FFFF))


def _is_range(move: Move) -> bool:
    return move[0] <= move[1]


def _language(sequence: Sequence) -> Language:
    def expanded(state: Sequence) -> Step:
        moves = [
            (low, high, rest) for first, rest in beginnings(state) for low, high in first.ranges
        ]
        return Step(may_be_empty(state), moves, len(moves) + 1)

    return determined([sequence], expanded)


NOTHING = texts(())
EVERYTHING = of_length(0)
