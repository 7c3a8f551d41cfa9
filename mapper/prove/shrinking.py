"""Smaller counterexamples: a JSON value without what a failure does not need."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from mapper.values import copy

Fails = Callable[[Any], bool]
"""Whether a value still fails as the first one did; it may change what it is given."""

PASSES = 3


class _Budget(Struct):
    """Asks *fails* at most so often: a bound in seconds would make runs differ."""

    fails: Fails
    left: int

    def ask(self, value: Any) -> bool:
        if self.left <= 0:
            return False
        self.left -= 1
        return self.fails(copy(value))


def shrunk(value: Any, fails: Fails, attempts: int) -> Any:
    """Return a smaller value that *fails*, found in at most so many *attempts*; *value* if none.

    >>> shrunk({"a": [1, 2, 3], "b": "long"}, lambda value: 2 in value.get("a", []), 100)
    {'a': [2]}
    """
    ask = _Budget(fails, attempts).ask
    for _ in range(PASSES):
        smaller = _smaller(value, ask)
        if smaller == value:
            break
        value = smaller
    return value


def _smaller(value: Any, fails: Fails) -> Any:
    match value:
        case dict():
            value = dict(_fewer(list(value.items()), lambda parts: fails(dict(parts))))
            for name in list(value):
                value = {**value, name: _smaller(value[name], _inside(value, name, fails))}
            return value
        case list():
            value = _fewer(value, fails)
            for index in range(len(value)):
                inner = _smaller(value[index], _inside(value, index, fails))
                value = [*value[:index], inner, *value[index + 1 :]]
            return value
        case str() if len(value) > 1:
            halves = (value[: len(value) // 2], value[len(value) // 2 :])
            found = next((each for each in ("", "a", *halves) if fails(each)), None)
            return value if found is None else _smaller(found, fails)
        case int() | float() if not isinstance(value, bool) and value not in (0, 1):
            return next((each for each in (0, 1) if fails(each)), value)
        case _:
            return value


def _inside(value: Any, key: Any, fails: Fails) -> Fails:
    """Return what tells of a part whether the whole *value* with it *fails*."""

    def ask(part: Any) -> bool:
        if isinstance(value, dict):
            return fails({**value, key: part})
        return fails([*value[:key], part, *value[key + 1 :]])

    return ask


def _fewer(parts: list[Any], fails: Fails) -> list[Any]:
    """Return *parts* without those that are not needed: halves are tried first, then less."""
    size = len(parts)
    while size:
        start = 0
        while start < len(parts):
            fewer = parts[:start] + parts[start + size :]
            if fails(fewer):
                parts = fewer
            else:
                start += size
        size //= 2
    return parts
