"""What becomes of decimal numbers when their points are moved."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mapper.languages.language import Language, Move, Step, determined


class Turn(NamedTuple):
    """A way on for a transducer, which reads a text and writes its image.

    Attributes:
        reads: A range of characters, of which it takes one; "" if it goes on without.
        writes: A character; "=" is the one that was read, "" is none.
        to: What it does next.
    """

    reads: str
    writes: str
    to: Any


Turns = Callable[[Any], tuple[bool, list[Turn]]]
"""Gives whether a text may end in a mode, and the ways on from there."""


def shifted(language: Language, places: int) -> Language:
    """Return what the primitive ``decimal_shift`` makes of decimal numbers."""
    if places == 0:
        return language
    return _image(language, _multiplied(places) if places > 0 else _divided(-places))


def _image(language: Language, turns: Turns) -> Language:
    """Return what a transducer, which begins in the mode "sign", makes of the texts."""

    def expanded(state: tuple[int, Any]) -> Step:
        accepts, moves, cost = False, list[Move](), 0
        seen = {state}
        waiting = [state]
        while waiting:
            number, mode = waiting.pop()
            step = language.step(number)
            ends, ways = turns(mode)
            accepts = accepts or (ends and step.accepts)
            cost += step.cost
            for reads, writes, to in ways:
                if reads and writes:
                    moves += [(low, high, (at, to)) for low, high, at in _read(step, reads)]
                elif writes:
                    moves.append((ord(writes), ord(writes), (number, to)))
                else:
                    silent = {(ahead, to) for _, _, ahead in _read(step, reads)}
                    silent = silent if reads else {(number, to)}
                    waiting += silent - seen
                    seen |= silent
        return Step(accepts, sorted(moves, key=lambda move: move[:2]), cost)

    return determined([(0, "sign")], expanded, (language,))


def _read(step: Step, reads: str) -> Iterator[Move]:
    """Yield the moves of a step for the characters of a range."""
    if reads:
        first, last = ord(reads[0]), ord(reads[-1])
        for low, high, to in step.moves:
            if low <= last and first <= high:
                yield max(low, first), min(high, last), to


_DIGIT = "09"
_SIGN = [Turn("-", "=", "whole"), Turn("", "", "whole")]


def _divided(places: int) -> Turns:
    """Return how the point moves to the left."""

    def turns(mode: Any) -> tuple[bool, list[Turn]]:
        match mode:
            case "sign":
                return False, _SIGN
            case "whole":  # of more digits than go behind the point, or of no more
                return False, [Turn(_DIGIT, "=", "more"), Turn("", "0", "none")]
            case "more":
                return False, [Turn(_DIGIT, "=", "more"), Turn("", ".", ("copy", places))]
            case "none":
                return False, [Turn("", ".", ("zeros", 0))]
            case ("zeros", count):
                more = [Turn("", "0", ("zeros", count + 1))] if count < places - 1 else []
                return False, [*more, Turn("", "", ("copy", places - count))]
            case ("copy", 0):
                return True, [Turn(".", "", "fraction")]
            case ("copy", count):
                return False, [Turn(_DIGIT, "=", ("copy", count - 1))]
            case _:
                return True, [Turn(_DIGIT, "=", "fraction")]

    return turns


def _multiplied(places: int) -> Turns:
    """Return how the point moves to the right, past as many digits; zeros stand for missing ones.

    In "whole" no digit has been written yet, in "more" there has; both count the digits that were
    read behind the old point, from -1, which is before it.
    """

    def turns(mode: Any) -> tuple[bool, list[Turn]]:
        match mode:
            case "sign":
                return False, _SIGN
            case "whole":
                return turns(("whole", -1))
            case ("whole", count):
                read = count + (count >= 0)
                ways = [Turn("0", "", ("whole", read)), Turn("19", "=", ("more", read))]
                end = Turn("", "0", "all" if count < places else "point")
                point = [Turn(".", "", ("whole", 0))] if count < 0 else []
                return False, [*point, *(ways if count < places else []), end]
            case ("more", count):
                ways = [Turn(_DIGIT, "=", ("more", count + (count >= 0)))]
                end = Turn("", "", ("zeros", places - max(count, 0)))
                end = end if count < places else Turn("", "", "point")
                point = [Turn(".", "", ("more", 0))] if count < 0 else []
                return False, [*point, *(ways if count < places else []), end]
            case ("zeros", count):
                return count == 0, [Turn("", "0", ("zeros", count - 1))] if count else []
            case "all":
                return True, []
            case "point":
                return True, [Turn("", ".", "behind")]
            case "behind":
                return False, [Turn(_DIGIT, "=", "fraction")]
            case _:
                return True, [Turn(_DIGIT, "=", "fraction")]

    return turns
