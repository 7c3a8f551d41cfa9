"""Texts that regular expressions describe, all at once: a pattern, a format, and a length."""

from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct, field

from mapper.generate.choices import Choices, Make
from mapper.languages import TooComplex
from mapper.languages.regex import Range, Sequence, beginnings, may_be_empty, parsed

MOST_STATES: Final = 20_000
"""How many states are looked at before texts are too much work to be made."""

MORE: Final = (8, 8, 8, 100)
"""How many characters texts have at most beyond the shortest, each as often as it stands here."""

MANY: Final = 1_000
"""How many characters are so many that those are enough that are plain."""

_PLAIN: Final = ((0x20, 0x7E),)


def make_matching(regexes: Iterable[str], least: int = 0, most: int | None = None) -> Make | None:
    """Return what makes texts of *least* to *most* characters that all *regexes* describe.

    None if there are no such texts. A regular expression is a pattern of a schema without its ends,
    or the shape of a format.

    Raises:
        TooComplex: There are too many states on the way to find that out.
    """
    start = _explored(_Texts(tuple(map(parsed, regexes)), least, most))
    return None if start.left is None else lambda choices: _walked(start, choices)


class _State(Struct, eq=False):
    """What is left of all expressions after some text.

    Attributes:
        before: The states that lead to it.
        ways: What makes the next character, and the state that it leads to.
        left: How many characters the shortest text still has from here; None if there is no text.
    """

    before: "list[_State]" = field(default_factory=list)
    ways: "list[tuple[Make, _State]]" = field(default_factory=list)
    left: int | None = None


def _walked(state: _State, choices: Choices) -> str:
    """Return a text: it goes anywhere for a while, and then the shortest way to the end."""
    characters = []
    for _ in range(choices.integer(0, (state.left or 0) + choices.pick(MORE))):
        if not state.ways:
            break
        make, state = choices.pick(state.ways)
        characters.append(make(choices))
    while state.left:
        make, state = choices.pick([way for way in state.ways if way[1].left == state.left - 1])
        characters.append(make(choices))
    return "".join(characters)


# States -------------------------------------------------------------------------------------------

_Place: TypeAlias = tuple[tuple[Sequence, ...], int]
"""What is left of each expression, and how many characters there are, as far as that matters."""


class _Texts(NamedTuple):
    """What all the expressions describe, in some length."""

    sequences: tuple[Sequence, ...]
    least: int
    most: int | None

    def may_end(self, place: _Place) -> bool:
        sequences, length = place
        return length >= self.least and all(map(may_be_empty, sequences))

    def ways(self, place: _Place) -> Iterator[tuple[tuple[Range, ...], _Place]]:
        """Yield the characters that can come next, with the places that they lead to."""
        sequences, length = place
        if length == self.most:
            return
        counted = min(length + 1, self.least if self.most is None else self.most)
        ways: list[tuple[tuple[Range, ...], tuple[Sequence, ...]]] = [(_ALL, ())]
        for sequence in sequences:
            ways = [
                (both, (*rests, rest))
                for ranges, rests in ways
                for first, rest in beginnings(sequence)
                if (both := _shared(ranges, first.ranges))
            ]
        yield from ((ranges, (rests, counted)) for ranges, rests in ways)


def _explored(texts: _Texts) -> _State:
    """Return the state before the first character, with all that can be gone through to an end."""
    first: _Place = (texts.sequences, 0)
    states = {first: _State()}
    waiting = deque([first])
    while waiting:
        place = waiting.popleft()
        state = states[place]
        for ranges, following in texts.ways(place):
            if following not in states:
                states[following] = _State()
                waiting.append(following)
            states[following].before.append(state)
            state.ways.append((_one_of(ranges), states[following]))
        if len(states) > MOST_STATES:
            raise TooComplex(f"takes more than {MOST_STATES} states")
    _measure(state for place, state in states.items() if texts.may_end(place))
    for state in states.values():
        state.ways = [way for way in state.ways if way[1].left is not None]
    return states[first]


def _measure(ends: Iterable[_State]) -> None:
    """Set how far it is to the nearest of *ends*, in each state from which there is a way."""
    waiting = deque(ends)
    for state in waiting:
        state.left = 0
    while waiting:
        state = waiting.popleft()
        for earlier in state.before:
            if earlier.left is None:
                earlier.left = (state.left or 0) + 1
                waiting.append(earlier)


# Characters ---------------------------------------------------------------------------------------

_ALL: Final = ((0x0000, 0x10FFFF),)


def _shared(ranges: tuple[Range, ...], others: tuple[Range, ...]) -> tuple[Range, ...]:
    """Return what two lists of ranges, each in order and apart, have in common."""
    if ranges is _ALL:
        return others
    pairs = ((max(a, c), min(b, d)) for a, b in ranges for c, d in others)
    return tuple((low, high) for low, high in pairs if low <= high)


@lru_cache(maxsize=1024)
def _one_of(ranges: tuple[Range, ...]) -> Make:
    """Return what makes a character of *ranges*; if they are many, a plain one, if any is."""
    if _count(ranges) > MANY:
        ranges = _shared(ranges, _PLAIN) or ranges
    if _count(ranges) > MANY:
        return lambda choices: chr(choices.integer(*choices.pick(ranges)))
    options = "".join(chr(code) for low, high in ranges for code in range(low, high + 1))
    return lambda choices: choices.pick(options)


def _count(ranges: tuple[Range, ...]) -> int:
    return sum(high - low + 1 for low, high in ranges)
