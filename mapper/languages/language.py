"""Languages as automata whose states are made when they are first asked for.

Every automaton is deterministic. A state without a move for a character takes no text that goes on
with it. So unions and images, which are not deterministic by themselves, have sets of states of
what they are made of as their states. What a step costs is kept with it, so that answers do not
depend on what was asked before.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cache, reduce
from itertools import pairwise
from math import inf
from operator import or_
from types import MappingProxyType
from typing import Any, NamedTuple

from mapper.languages.work import Budget, TooComplex

_ALL = ((0x0000, 0xD7FF), (0xE000, 0x10FFFF))

MAX_NESTED = 50
"""How deep languages may be made of one another."""

Move = tuple[int, int, Any]
"""The first and last of consecutive code points, and the state that they lead to."""


class Step(NamedTuple):
    """What there is to know of a state.

    Attributes:
        accepts: Whether a text may end here.
        moves: In the order of their characters and apart, except in what is still to be determined.
        cost: How much work it is to find that out, about 1 for each move.
    """

    accepts: bool
    moves: list[Move]
    cost: int


class Language:
    """A regular set of texts.

    Its operations raise :class:`TooComplex` where they take too much work. Making a language is
    cheap, but for :meth:`trimmed`; asking it a question can take up to some tenths of a second.

    Attributes:
        lengths: The least and the most characters, if it has all texts of so many and no other.
        around: Languages that are known to have all texts of this one, itself among them.
    """

    def __init__(
        self,
        start: Hashable,
        expanded: Callable[[Any], Step],
        made_of: "tuple[Language, ...]" = (),
    ) -> None:
        """Make the language of an automaton that begins at *start*; ``expanded(state)`` is pure."""
        self._expanded = expanded
        self._states = [start]
        self._numbers: dict[Hashable, int] = {start: 0}
        self._steps: dict[int, Step] = {}
        self.lengths: tuple[int, float] | None = None
        self._united: tuple[Language, ...] = (self,)
        self.around: tuple[Language, ...] = (self,)
        self.nested: int = 1 + max((each.nested for each in made_of), default=0)
        if self.nested > MAX_NESTED:
            raise TooComplex(f"is made of others more than {MAX_NESTED} deep")

    def step(self, number: int) -> Step:
        """Return the step at a state, by number; the start is 0."""
        step = self._steps.get(number)
        if step is None:
            accepts, moves, cost = self._expanded(self._states[number])
            numbered = [(low, high, self._number(state)) for low, high, state in moves]
            step = self._steps[number] = Step(accepts, numbered, cost)
        return step

    def _number(self, state: Hashable) -> int:
        number = self._numbers.setdefault(state, len(self._states))
        if number == len(self._states):
            self._states.append(state)
        return number

    def __contains__(self, text: str) -> bool:
        state: int | None = 0
        for character in map(ord, text):
            moves = self.step(state).moves if state is not None else ()
            state = next((to for low, high, to in moves if low <= character <= high), None)
        return state is not None and self.step(state).accepts

    def __or__(self, other: "Language") -> "Language":
        parts = tuple(dict.fromkeys(self._united + other._united))
        if len(parts) == 1:
            return parts[0]

        def expanded(state: tuple[int, int]) -> Step:
            at, number = state
            accepts, moves, cost = parts[at].step(number)
            return Step(accepts, [(low, high, (at, to)) for low, high, to in moves], cost)

        union = determined([(at, 0) for at in range(len(parts))], expanded, parts)
        union._united = parts  # so that no long chain is a deep one
        return union

    def __and__(self, other: "Language") -> "Language":
        if other in self.around:
            return self

        def expanded(state: tuple[int, int]) -> Step:
            mine, its = self.step(state[0]), other.step(state[1])
            moves = [
                (low, high, (to, its_to))
                for low, high, to, its_to in _side_by_side(mine.moves, its.moves)
                if its_to is not None
            ]
            return Step(mine.accepts and its.accepts, moves, mine.cost + its.cost + len(moves))

        shared = Language((0, 0), expanded, (self, other))
        shared.around = tuple(dict.fromkeys((shared, *self.around, *other.around)))
        return shared

    def beyond(self, other: "Language") -> "Language | None":
        """Return this one without what is plain to lie within *other*; None if nothing is left.

        Of long texts it is plain that they are no longer than others, and too much work to find.
        """
        left = [each for each in self._united if not each.lies_within(other)]
        if len(left) == len(self._united):
            return self
        return reduce(or_, left) if left else None

    def lies_within(self, other: "Language") -> bool:
        """Whether it is plain, without looking at states, that *other* has all texts of this."""
        least, most = other.lengths or (inf, 0)
        return other in self.around or any(
            least <= each.lengths[0] and each.lengths[1] <= most
            for each in self.around
            if each.lengths is not None
        )

    def __le__(self, other: "Language") -> bool:
        """Tell whether every text of this one is one of *other*."""
        return counterexample(self, other) is None

    @property
    def is_empty(self) -> bool:
        return _shortest(self, None) is None

    def finite(self, limit: int) -> frozenset[str] | None:
        """Return all texts, or None if they are more than *limit* or too much work to find."""
        try:
            steps = dict(explored(self, 0, Budget()))
            return _listed(steps, leading_to_the_end(steps), limit)
        except TooComplex:
            return None

    def cased(self, *, upper: bool) -> "Language":
        """Return what the primitive ``upper``, or ``lower``, makes of these texts."""
        changing, by = (("a", "z"), -32) if upper else (("A", "Z"), 32)
        first, last = map(ord, changing)

        def expanded(number: int) -> Step:
            accepts, moves, cost = self.step(number)
            mapped = []
            for low, high, to in moves:
                mapped.append((low, min(high, first - 1), to))
                mapped.append((max(low, first) + by, min(high, last) + by, to))
                mapped.append((max(low, last + 1), high, to))
            return Step(accepts, [move for move in mapped if move[0] <= move[1]], cost)

        image = determined([0], expanded, (self,))
        lengths = (each for each in self.around if each.lengths is not None)
        image.around = (image, *lengths)  # which stay as they are
        return image

    def trimmed(self) -> "Language":
        """Return what the primitive ``trim`` makes of these texts.

        It looks ahead once for the blanks that can follow. That work is counted over all questions.
        """
        budget = Budget()
        starts = dict(explored(self, 0, budget, _BLANKS))
        ends: dict[int, bool] = {}  # of a state, whether a text can end with blanks from there

        def expanded(number: int) -> Step:
            step = self.step(number)
            if number not in ends:
                ahead = dict(explored(self, number, budget, _BLANKS, ends))
                ended = leading_to_the_end(ahead)
                ends.update((each, each in ended) for each in ahead)
            return step._replace(accepts=ends[number])

        return determined(starts, expanded, (self,)) & _NEAT


def counterexample(a: Language, b: Language) -> str | None:
    """Return a shortest text of *a* that is none of *b*, or None; one that is easy to read."""
    left = a.beyond(b)
    return None if left is None else _shortest(left, b)


def determined(
    starts: Iterable[Hashable], expanded: Callable[[Any], Step], made_of: tuple[Language, ...] = ()
) -> Language:
    """Return the language of an automaton with several starts, and moves that may overlap."""
    expanded = cache(expanded)  # since many sets can have a state in common

    def together(states: frozenset[Any]) -> Step:
        steps = [expanded(state) for state in states]
        moves = [move for step in steps for move in step.moves]
        return Step(
            any(step.accepts for step in steps),
            _apart(moves),
            sum(step.cost for step in steps),
        )

    return Language(frozenset(starts), together, made_of)


def _apart(moves: list[Move]) -> list[Move]:
    """Return *moves* cut where they overlap, each leading to the set of all that it led to."""
    if all(move[1] < following[0] for move, following in pairwise(moves)):
        return [(low, high, frozenset((to,))) for low, high, to in moves]
    changes = sorted(
        [(low, 1, to) for low, _, to in moves] + [(high + 1, -1, to) for _, high, to in moves],
        key=lambda change: change[0],
    )
    cut: list[Move] = []
    active: dict[Any, int] = {}
    since = 0
    for at, by, to in changes:
        if active and since < at:
            states = frozenset(active)
            if cut and cut[-1][1] == since - 1 and cut[-1][2] == states:
                cut[-1] = (cut[-1][0], at - 1, states)
            else:
                cut.append((since, at - 1, states))
        since = at
        active[to] = active.get(to, 0) + by
        if not active[to]:
            del active[to]
    return cut


def _side_by_side(
    moves: list[Move], others: list[Move]
) -> Iterator[tuple[int, int, int, int | None]]:
    """Yield all of *moves*, cut so that each part has one of *others* beside it or none."""
    at = 0
    for low, high, to in moves:
        since = low
        while since <= high:
            while at < len(others) and others[at][1] < since:
                at += 1
            if at == len(others) or high < others[at][0]:
                yield since, high, to, None
                break
            first, last, other = others[at]
            if since < first:
                yield since, first - 1, to, None
            yield max(since, first), min(high, last), to, other
            since = last + 1


def explored(
    language: Language,
    start: int,
    budget: Budget,
    through: tuple[tuple[int, int], ...] = _ALL,
    ends: Mapping[int, bool] = MappingProxyType({}),
) -> Iterator[tuple[int, Step]]:
    """Yield the states that lie ahead of one, with those moves that have characters in ranges.

    Of a state in *ends* it is known whether a text can end ahead of it: none is looked for there.
    """
    seen = {start}
    queue = deque(seen)
    while queue:
        number = queue.popleft()
        if number in ends:
            yield number, Step(ends[number], [], 0)
            continue
        accepts, moves, cost = language.step(number)
        budget.spend(cost)
        moves = [move for move in moves if any(move[0] <= z and a <= move[1] for a, z in through)]
        yield number, Step(accepts, moves, cost)
        ahead = {to for _, _, to in moves} - seen
        seen |= ahead
        queue.extend(sorted(ahead))


def leading_to_the_end(steps: dict[int, Step]) -> set[int]:
    """Return the states from which some text can be finished."""
    before: dict[int, list[int]] = {}
    for number, step in steps.items():
        for _, _, to in step.moves:
            before.setdefault(to, []).append(number)
    pending = [number for number, step in steps.items() if step.accepts]
    useful = set(pending)
    while pending:
        for number in before.get(pending.pop(), ()):
            if number not in useful:
                useful.add(number)
                pending.append(number)
    return useful


def _listed(steps: dict[int, Step], useful: set[int], limit: int) -> frozenset[str] | None:
    """Return all texts, or None if they are more than *limit*."""
    budget = Budget()
    found: set[str] = set()
    begun = [("", 0)] if 0 in useful else []
    for _ in useful:  # what goes on longer than there are states goes round in a circle
        found.update(text for text, state in begun if steps[state].accepts)
        ways = [
            (text, low, high, to)
            for text, state in begun
            for low, high, to in steps[state].moves
            if to in useful
        ]
        # Each character that can follow leads to a text of its own.
        if len(found) + sum(high - low + 1 for _, low, high, _ in ways) > limit:
            return None
        begun = [
            (text + chr(code), to) for text, low, high, to in ways for code in range(low, high + 1)
        ]
        budget.spend(len(begun))
    return None if begun else frozenset(found)


# A shortest text ----------------------------------------------------------------------------------

_Pair = tuple[int, int | None]
_STUCK = Step(accepts=False, moves=[], cost=0)
_READABLE = (
    *((ord(first), ord(last)) for first, last in ("09", "az", "AZ", "!~", "  ", "\xc0\u024f")),
    (0x00A1, 0x10FFFF),
    (0x0000, 0x10FFFF),
)
"""Ranges of characters, those that are read most easily first."""


def _shortest(a: Language, b: Language | None) -> str | None:
    """Return a shortest text of *a* that is none of *b*, the most readable of them."""
    budget = Budget()
    start: _Pair = (0, None if b is None else 0)
    came: dict[_Pair, tuple[_Pair, str] | None] = {start: None}
    queue = deque([start])
    while queue:
        pair = queue.popleft()
        step = a.step(pair[0])
        other = _STUCK if b is None or pair[1] is None else b.step(pair[1])
        if step.accepts and not other.accepts:
            return _spelled(came, pair)
        if other == (True, [(*each, pair[1]) for each in _ALL], other.cost):
            continue  # it takes whatever may follow
        budget.spend(step.cost + other.cost)
        beside = _side_by_side(step.moves, other.moves)
        ways = sorted((_readable(low, high), (to, its)) for low, high, to, its in beside)
        for (_, code), following in ways:
            if following not in came:
                came[following] = pair, chr(code)
                queue.append(following)
    return None


def _spelled(came: dict[_Pair, tuple[_Pair, str] | None], pair: _Pair) -> str:
    """Return the text that leads to *pair*, from where each pair was come to first."""
    characters = []
    while (before := came[pair]) is not None:
        pair, character = before
        characters.append(character)
    return "".join(reversed(characters))


def _readable(low: int, high: int) -> tuple[int, int]:
    """Return the rank and the code point of the most readable character from *low* to *high*."""
    return next(
        (rank, max(low, first))
        for rank, (first, last) in enumerate(_READABLE)
        if low <= last and first <= high
    )


# White space, as "trim" sees it -------------------------------------------------------------------

_BLANKS = ((0x09, 0x0D), (0x20, 0x20))
_OTHERS = ((0x00, 0x08), (0x0E, 0x1F), (0x21, 0xD7FF), (0xE000, 0x10FFFF))


def _neat(last: str) -> Step:
    """Return the step after a character that is "blank" or not ("other"), or after "none"."""
    others = [(low, high, "other") for low, high in _OTHERS]
    blanks = [(low, high, "blank") for low, high in _BLANKS if last != "none"]
    return Step(last != "blank", sorted(others + blanks), 1)


_NEAT = Language("none", _neat)
"""The texts without a blank at either end."""
