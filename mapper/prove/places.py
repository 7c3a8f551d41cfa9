"""Where the values of a JSON text stand in it."""

from collections.abc import Iterable, Iterator
from json import JSONDecoder
from re import compile as pattern

from msgspec import Struct, field

from mapper.diagnostics import Source, Span

_BETWEEN = pattern(r"[\s,:]*")
_DECODER = JSONDecoder()


class Places(Struct):
    """The places in one JSON text, which is known to be JSON; each container is read once."""

    source: Source
    _inside: dict[int, dict[str, Span]] = field(default_factory=dict)

    def span(self, steps: Iterable[str | int]) -> Span:
        """Return where the value at *steps* stands, or else the last that is there on the way.

        Of an object or a list it is the first character, which is in one line.
        """
        found = Span(self.source, self._next(0), len(self.source.text.rstrip()))
        for step in steps:
            inner = self._members(found.start).get(str(step))
            if inner is None:
                break
            found = inner
        begins = self.source.text[found.start : found.start + 1]
        return found._replace(end=found.start + 1) if begins in ("{", "[") else found

    def _members(self, start: int) -> dict[str, Span]:
        if start not in self._inside:
            self._inside[start] = dict(self._read(start))
        return self._inside[start]

    def _read(self, start: int) -> Iterator[tuple[str, Span]]:
        """Yield the members of the object, or the items of the list, that begins at *start*."""
        text = self.source.text
        opening = text[start : start + 1]
        if opening not in ("{", "["):
            return
        at, index = self._next(start + 1), 0
        while text[at] not in "}]":
            name: str = str(index)
            if opening == "{":
                name, at = _DECODER.raw_decode(text, at)
                at = self._next(at)
            _, end = _DECODER.raw_decode(text, at)
            yield name, Span(self.source, at, end)
            at, index = self._next(end), index + 1

    def _next(self, at: int) -> int:
        """Return where the next value or closing bracket stands."""
        found = _BETWEEN.match(self.source.text, at)
        return found.end() if found else at
