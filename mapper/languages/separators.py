"""Texts that are joined by a separator and split at it."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, pairwise
from math import inf
from typing import NamedTuple

from mapper.languages.language import (
    Language,
    Move,
    Step,
    determined,
    explored,
    leading_to_the_end,
)
from mapper.languages.work import Budget


class Parts(NamedTuple):
    """The parts that texts have between separators, how many a text has, and the first few."""

    language: Language
    least: int
    most: float
    first: tuple[Language, ...] = ()


class _Separator:
    """How much of a separator has been read, of which parts never hold the whole."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._codes = sorted(set(map(ord, text)))
        self._shorter = [0, 0]  # of so many characters, how many at their end it also begins with
        for character in text[1:]:
            self._shorter.append(self.after(self._shorter[-1], ord(character)))
        self._cut = self._cuts()

    def after(self, read: int, code: int) -> int:
        """Return how many of its characters have been read after one more character."""
        while read and ord(self.text[read]) != code:
            read = self._shorter[read]
        return read + (ord(self.text[read]) == code)

    def ends(self, read: int) -> bool:
        """Whether a part can end here: the separator that follows is not found any earlier."""
        return not self._cut[read]

    def _cuts(self) -> list[bool]:
        """Return whether what is read and the beginning of a separator hold one, by how much is."""
        length = len(self.text)
        periods = set[int]()
        overlap = self._shorter[length]
        while overlap:
            periods.add(length - overlap)
            overlap = self._shorter[overlap]
        cut = [False]
        for read in range(1, length):
            cut.append(read in periods or cut[self._shorter[read]])
        return cut

    def moves(self, moves: list[Move], read: int) -> Iterator[Move]:
        """Yield the moves that stay in a part, each to a state with how much has been read."""
        for low, high, to in moves:
            cuts = [code for code in self._codes if low <= code <= high]
            for code in cuts:
                now = self.after(read, code)
                if now < len(self.text):
                    yield code, code, (to, now)
            for before, following in pairwise([low - 1, *cuts, high + 1]):
                if before + 1 < following:
                    yield before + 1, following - 1, (to, 0)


_separator = cache(_Separator)


def without(language: Language, separator: str) -> Language:
    """Return those of the texts that do not hold a separator."""
    return _parts(language, separator, lambda _: True)


def before(language: Language, separator: str) -> Language:
    """Return those of the texts that a separator can follow and is not found any earlier."""
    return _parts(language, separator, _separator(separator).ends)


def _parts(language: Language, separator: str, ends: Callable[[int], bool]) -> Language:
    mark = _separator(separator)

    def expanded(state: tuple[int, int]) -> Step:
        number, read = state
        accepts, moves, cost = language.step(number)
        return Step(accepts and ends(read), sorted(mark.moves(moves, read), key=_low), cost)

    return Language((0, 0), expanded, (language,))


def _low(move: Move) -> int:
    return move[0]


def joined(items: Language, separator: str, least: int, most: float) -> Language:
    """Return the texts of *least* to *most* items, one at least, with a separator between them."""
    known = int(most) if most < _COUNTED else min(least, _COUNTED)

    def expanded(state: tuple[int, int, int]) -> Step:
        """Return the step at a state of an item, or within a separator, with the items so far."""
        number, written, count = state
        if written:
            return Step(False, [_write(number, written, count)], 1)  # noqa: FBT003 - accepts
        accepts, moves, cost = items.step(number)
        ways = [(low, high, (to, 0, count)) for low, high, to in moves]
        if accepts and (most >= _COUNTED or count < most):
            ways.append(_write(0, 0, count))
        return Step(accepts and count >= min(least, known), ways, cost)

    def _write(number: int, written: int, count: int) -> Move:
        code = ord(separator[written])
        if written + 1 < len(separator):
            return code, code, (number, written + 1, count)
        return code, code, (0, 0, min(count + 1, max(known, 1)))

    return determined([(0, 0, 1)], expanded, (items,))


def chained(items: tuple[Language, ...], separator: str) -> Language:
    """Return the texts of one item of each language, in order, with a separator between them.

    The separator may be empty: then the next item begins where one can end.
    """
    last = len(items) - 1

    def expanded(state: tuple[int, int, int]) -> Step:
        """Return the step at a state of an item, or within the separator behind it."""
        at, number, written = state
        if written:
            return Step(False, [_write(at, number, written)], 1)  # noqa: FBT003 - accepts
        ways: list[Move] = []
        costs = 0
        while True:
            accepts, moves, cost = items[at].step(number)
            ways += [(low, high, (at, to, 0)) for low, high, to in moves]
            costs += cost
            if at == last or not accepts:
                return Step(accepts, ways, costs)
            if separator:
                return Step(False, [*ways, _write(at, number, 0)], costs)  # noqa: FBT003 - accepts
            at, number = at + 1, 0

    def _write(at: int, number: int, written: int) -> Move:
        code = ord(separator[written])
        if written + 1 < len(separator):
            return code, code, (at, number, written + 1)
        return code, code, (at + 1, 0, 0)

    return determined([(0, 0, 0)], expanded, items)


_COUNTED = 20
"""Of more items it is not told how many there are."""


def split(language: Language, separator: str) -> Parts:
    """Return what the texts, none of them empty, split into; raises TooComplex."""
    mark = _separator(separator)
    budget = Budget()
    steps = dict(explored(language, 0, budget))
    useful = leading_to_the_end(steps)
    if 0 not in useful:
        return Parts(language, 0, 0)

    @cache
    def behind(number: int) -> int | None:
        """Return the state behind a separator that begins at one, if it leads to the end."""
        budget.spend(len(separator))
        for code in map(ord, separator):
            moves = steps[number].moves
            found = next((to for low, high, to in moves if low <= code <= high), None)
            if found is None or found not in useful:
                return None
            number = found
        return number

    ways: dict[int, set[int]] = {}  # from the beginning of a part to those of the next ones
    finished: set[int] = set()  # beginnings of parts that can be the last ones
    waiting = [0]
    while waiting:
        begin = waiting.pop()
        ways[begin] = set()
        seen = {(begin, 0)}
        inside = [(begin, 0)]
        while inside:
            number, read = inside.pop()
            budget.spend(steps[number].cost)
            if steps[number].accepts:
                finished.add(begin)
            following = behind(number) if mark.ends(read) else None
            if following is not None:
                ways[begin].add(following)
            ahead = {to for _, _, to in mark.moves(steps[number].moves, read)} - seen
            seen |= ahead
            inside += [state for state in ahead if state[0] in useful]
        waiting += [each for each in ways[begin] if each not in ways and each not in waiting]

    def expanded(state: tuple[int, int]) -> Step:
        number, read = state
        accepts, moves, cost = steps[number]
        ends = accepts or (mark.ends(read) and behind(number) is not None)
        return Step(ends, list(mark.moves(moves, read)), cost)

    parts = determined([(begin, 0) for begin in ways], expanded, (language,))
    most = _longest(ways)
    first, begins = [], {0}
    for _ in range(int(min(most, _TOLD))):
        first.append(determined([(begin, 0) for begin in begins], expanded, (language,)))
        begins = set().union(*(ways[begin] for begin in begins))
    return Parts(parts, _fewest(ways, finished), most, tuple(first))


_TOLD = 4
"""Of so many parts it is told which ones they are."""


def _fewest(ways: dict[int, set[int]], finished: set[int]) -> int:
    """Return how many parts there are at least, from 0 to one of those that can be the last."""
    count, reached = 1, {0}
    while not reached & finished:
        count += 1
        reached = reached.union(*(ways[each] for each in reached))
    return count


def _longest(ways: dict[int, set[int]]) -> float:
    """Return how many parts there are at most on a way from 0; infinite if it leads in a circle."""
    before = dict.fromkeys(ways, 0)
    for following in chain.from_iterable(ways.values()):
        before[following] += 1
    depth = {0: 1}
    ready = [each for each, count in before.items() if not count]
    for each in ready:  # which grows on the way
        for following in ways[each]:
            depth[following] = max(depth.get(following, 0), depth[each] + 1)
            before[following] -= 1
            if not before[following]:
                ready.append(following)
    return max(depth.values()) if len(ready) == len(ways) else inf
