"""How much work a question about languages may take."""

MAX_WORK = 500_000
"""What one operation may spend: some tenths of a second."""

STATE_COST = 30
"""What looking at a state costs beside its moves, each of which costs about 1."""


class TooComplex(Exception):  # noqa: N818 - an outcome that callers expect, not a failure
    """A language is none that is handled here, or a question about it takes too much work."""


class Budget:
    """What is left of the work that one operation may do."""

    def __init__(self) -> None:
        self._left = MAX_WORK

    def spend(self, cost: int) -> None:
        """Pay for one more state, or raise :class:`TooComplex`."""
        self._left -= STATE_COST + cost
        if self._left < 0:
            raise TooComplex("takes too many states")
