"""What ``path`` and ``vendorPath`` mean: names, ``[*]``, ``[0]``, ``[id=4]``, filters, ``size()``.

Reading gives a *nesting*: the value itself for a path without ``[*]``, and for each ``[*]`` a list
with one nesting for each element, so that the positions of the one side are those of the other.
"""

import re
from collections.abc import Callable
from typing import Any, Final, assert_never

import msgspec

from mapper.sandbox.conversions import number_text

__all__ = [
    "MISSING",
    "Path",
    "PathError",
    "align",
    "copied",
    "depth_of",
    "each_leaf",
    "is_writable",
    "parse_path",
    "place",
    "read",
    "take",
]

_MAX_LENGTH = 1000
_MAX_STEPS = 50


class Key(msgspec.Struct, frozen=True):
    """The member of an object."""

    name: str


class Each(msgspec.Struct, frozen=True):
    """All elements of a list."""


class Index(msgspec.Struct, frozen=True):
    """One element of a list, by its position."""

    position: int


class First(msgspec.Struct, frozen=True):
    """The first element of a list whose member at *names* equals *value*."""

    names: tuple[str, ...]
    value: str


class Size(msgspec.Struct, frozen=True):
    """How many elements a list has."""


Path = tuple[Key | Each | Index | First | Size, ...]


class _Absence:
    """A sentinel that says why a nesting has no value."""


MISSING: Final = _Absence()
"""There is nothing at the path."""

_NO_OBJECT: Final = _Absence()
"""The path goes on below an element of a list that is no object: null, mostly."""


class PathError(ValueError):
    """A text that is no path; its message says why."""


_NAME = re.compile(r"[^.\[\]]+")
_LITERAL = r"'[^']*'|\"[^\"]*\"|[^'\"\[\]()]*"
_BRACKETS = re.compile(
    rf"""\[(?:
        (?P<each>\*)
      | (?P<index>[0-9]{{1,9}})
      | \?\(\s*@(?P<members>(?:\.[^.\s'"=!<>\[\]()]+)+)\s*==\s*(?P<filter>{_LITERAL})\s*\)
      | (?P<member>[^\[\]='"?*]+)=(?P<value>{_LITERAL})
    )\]""",
    re.VERBOSE,
)


def parse_path(text: str) -> Path:
    """Return the steps of a path.

    Raises:
        PathError: The text is not of the dialect.
    """
    if len(text) > _MAX_LENGTH:
        raise PathError(f"longer than {_MAX_LENGTH} characters")
    steps: list[Key | Each | Index | First | Size] = []
    at = 0
    while at < len(text) or not steps:
        if found := _BRACKETS.match(text, at) if steps else None:
            steps.append(_bracketed(found))
            at = found.end()
            continue
        if steps:
            if text[at] != ".":
                raise PathError(f"{text[at:]!r} is no step")
            at += 1
        if steps and text[at:] == "size()":
            return _sized(steps)
        name = _NAME.match(text, at)
        if name is None:
            raise PathError("a name is empty")
        steps.append(Key(name.group()))
        at = name.end()
    if len(steps) > _MAX_STEPS:
        raise PathError(f"more than {_MAX_STEPS} steps")
    return tuple(steps)


def _bracketed(found: re.Match[str]) -> Each | Index | First:
    if found["each"]:
        return Each()
    if found["index"]:
        return Index(int(found["index"]))
    if found["members"]:
        return First(tuple(found["members"][1:].split(".")), _unquoted(found["filter"]))
    return First(tuple(found["member"].strip().split(".")), _unquoted(found["value"]))


def _unquoted(literal: str) -> str:
    literal = literal.strip()
    return literal[1:-1] if literal[:1] in {"'", '"'} else literal


def _sized(steps: list[Key | Each | Index | First | Size]) -> Path:
    """Return the path of a count: ``a[*].size()`` counts the elements, as ``a.size()`` does."""
    counted = steps[:-1] if isinstance(steps[-1], Each) else steps
    return (*counted, Size())


def depth_of(path: Path) -> int:
    """Return how many ``[*]`` a path has."""
    return sum(isinstance(step, Each) for step in path)


def is_writable(path: Path) -> bool:
    """Whether a path names one place: an index, a filter and a count can only be read."""
    return all(isinstance(step, Key | Each) for step in path)


def read(value: Any, path: Path, at: int = 0) -> Any:
    """Return the nesting of what lies at a path, from step *at* on; nothing in it is copied."""
    for number in range(at, len(path)):
        step = path[number]
        match step:
            case Key():
                if type(value) is not dict:
                    below_element = number == at > 0 and isinstance(path[at - 1], Each)
                    return _NO_OBJECT if below_element else MISSING
                value = value.get(step.name, MISSING)
            case Each():
                if type(value) is not list:
                    return MISSING
                return [read(each, path, number + 1) for each in value]
            case Index():
                if type(value) is not list or step.position >= len(value):
                    return MISSING
                value = value[step.position]
            case First():
                value = _first(value, step)
            case Size():
                return len(value) if type(value) is list else MISSING
            case _:
                assert_never(step)
        if value is MISSING:
            return MISSING
    return value


def _first(value: Any, step: First) -> Any:
    if type(value) is not list:
        return MISSING
    return next((each for each in value if _text_at(each, step.names) == step.value), MISSING)


def _text_at(value: Any, names: tuple[str, ...]) -> str | None:
    """Return a scalar as a path writes it, so that ``4`` stands for the number and the text."""
    for name in names:
        if type(value) is not dict or name not in value:
            return None
        value = value[name]
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case str():
            return value
        case _:
            return None


def align(nesting: Any, depth: int, wanted: int, *, keep_nulls: bool) -> Any:
    """Return a nesting of *depth* lists as one of *wanted* lists.

    What is too deep becomes one list at each place, and where it is not deep enough a list at the
    place is taken apart. Anything else there is missing.
    """
    if nesting is MISSING or nesting is _NO_OBJECT:
        return nesting
    if wanted == 0:
        return _flat(nesting, depth, keep_nulls=keep_nulls) if depth else nesting
    if type(nesting) is not list:
        return MISSING
    below = max(depth - 1, 0)
    return [align(each, below, wanted - 1, keep_nulls=keep_nulls) for each in nesting]


def _flat(nesting: Any, depth: int, *, keep_nulls: bool) -> list[Any]:
    if type(nesting) is not list:
        return []
    if depth > 1:
        return [leaf for each in nesting for leaf in _flat(each, depth - 1, keep_nulls=keep_nulls)]
    return _elements(nesting, at_leaf=True, keep_nulls=keep_nulls)


def _elements(nesting: list[Any], *, at_leaf: bool, keep_nulls: bool) -> list[Any]:
    """Return the elements of a list that have a place in the other list.

    Absent leaves are null there, since other elements would have other positions without them.
    """
    if keep_nulls:
        return [None if at_leaf and isinstance(each, _Absence) else each for each in nesting]
    if at_leaf:
        return [each for each in nesting if each is not None and not isinstance(each, _Absence)]
    return [each for each in nesting if each is not _NO_OBJECT]


def each_leaf(nesting: Any, depth: int, change: Callable[[Any], Any]) -> Any:
    """Return a nesting with every value in it changed."""
    if isinstance(nesting, _Absence):
        return nesting
    if depth == 0:
        return change(nesting)
    return [each_leaf(each, depth - 1, change) for each in nesting]


def place(target: dict[str, Any], path: Path, nesting: Any, *, keep_nulls: bool) -> None:
    """Put a copy of a nesting, which has as many lists as the path, into an object."""
    _placed(target, path, nesting, keep_nulls=keep_nulls)


def _placed(there: Any, path: Path, nesting: Any, *, keep_nulls: bool) -> Any:
    """Return what stands at a place, *there* until now, with a nesting put below it."""
    if nesting is MISSING:
        return there
    if nesting is _NO_OBJECT:
        return None if there is MISSING else there
    if not path:
        return copied(nesting)
    step, below = path[0], path[1:]
    if isinstance(step, Key):
        return _placed_in_object(there, step.name, (below, nesting), keep_nulls=keep_nulls)
    if type(nesting) is not list:
        return there
    elements = there if type(there) is list else []
    for number, each in enumerate(_elements(nesting, at_leaf=not below, keep_nulls=keep_nulls)):
        before = elements[number] if number < len(elements) else MISSING
        after = _placed(before, below, each, keep_nulls=keep_nulls)
        if after is MISSING:
            after = {} if isinstance(below[0], Key) else []
        elements[number : number + 1] = [after]
    return elements


def _placed_in_object(there: Any, name: str, what: tuple[Path, Any], *, keep_nulls: bool) -> Any:
    members = there if type(there) is dict else {}
    below, nesting = what
    after = _placed(members.get(name, MISSING), below, nesting, keep_nulls=keep_nulls)
    if after is MISSING:
        return there
    members[name] = after
    return members


def take(value: Any, path: Path, *, drop_emptied: bool) -> None:
    """Remove what a path names from an object.

    A whole list goes with its member. One element of a list stays, since the others would move; so
    does what is only counted.
    """
    while path and isinstance(path[-1], Each):
        path = path[:-1]
    if isinstance(path[-1], Key):
        _take(value, path, drop_emptied=drop_emptied)


def _take(value: Any, path: Path, *, drop_emptied: bool) -> None:
    step, below = path[0], path[1:]
    match step:
        case Key():
            if type(value) is not dict or step.name not in value:
                return
            if not below:
                del value[step.name]
                return
            _take(value[step.name], below, drop_emptied=drop_emptied)
            if drop_emptied and value[step.name] == {}:
                del value[step.name]
        case Each():
            for each in value if type(value) is list else []:
                _take(each, below, drop_emptied=drop_emptied)
        case Index() | First():
            _take(read(value, (step,)), below, drop_emptied=drop_emptied)
        case Size():
            return
        case _:
            assert_never(step)


def copied(value: Any) -> Any:
    """Return a copy that shares nothing that can change, of a value however deep."""
    top: list[Any] = [value]
    open_containers: list[Any] = [top]
    while open_containers:
        container = open_containers.pop()
        entries = container.items() if type(container) is dict else enumerate(container)
        for key, each in entries:
            if type(each) is dict or type(each) is list:
                copy = each.copy()
                container[key] = copy
                open_containers.append(copy)
    return top[0]
