"""JSON values: what absent, equal, copied and found mean, in one place for every part."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from enum import Enum
from typing import Any, Final

from mapper.records import Record


class Absent(Enum):
    """The type of :data:`ABSENT`, which says that a member is not there; null is a value."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT

Steps = tuple[str, ...]
"""A path as member names, from the outside in."""

Names = dict[str, "Names"]
"""Members of an object by name, each with those of its own members that matter; {} for none."""


def equal(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same: true is not 1, 1 is 1.0, objects have no order.

    >>> equal({"a": [1, True]}, {"a": [1.0, True]}), equal(True, 1)
    (True, False)
    """
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(map(equal, left.values(), map(right.get, left)))
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def is_within(value: Any, whole: Any) -> bool:
    """Whether all that *value* has, *whole* has too: of objects the members, at any depth.

    >>> is_within({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}), is_within({"a": {}}, {"b": 1})
    (True, False)
    """
    if isinstance(value, dict) and isinstance(whole, dict):
        return all(name in whole and is_within(each, whole[name]) for name, each in value.items())
    return equal(value, whole)


def identity(value: Any) -> Hashable:
    """Return what two JSON values have in common exactly if they are :func:`equal`.

    >>> identity({"a": 1, "b": [True]}) == identity({"b": [True], "a": 1.0})
    True
    """
    if isinstance(value, dict):
        members = ((name, identity(member)) for name, member in value.items())
        return ("object", frozenset(members))
    if isinstance(value, list):
        return ("list", tuple(map(identity, value)))
    return (type(value) if isinstance(value, bool) else None, value)


def contains(values: Iterable[Any], value: Any) -> bool:
    """Whether *value* is one of *values*, by :func:`equal`."""
    if value is None:  # which is asked most, and is equal to nothing else
        return None in values
    return any(equal(value, each) for each in values)


def is_truthy(value: Any) -> bool:
    """Whether a value counts as true: all but null, false, ``""``, ``[]`` and ``{}``."""
    return bool(value) or (isinstance(value, int | float) and not isinstance(value, bool))


def copy(value: Any) -> Any:
    """Return *value* with every object and list made anew."""
    if isinstance(value, dict):
        return {name: copy(member) for name, member in value.items()}
    if isinstance(value, list):
        return [copy(item) for item in value]
    return value


def flatten(value: Any) -> list[Any] | None:
    """Return a list with the items of its lists in their place, None for what is no list."""
    if not isinstance(value, list):
        return None
    flat: list[Any] = []
    for item in value:
        flat += item if isinstance(item, list) else [item]
    return flat


def without_nulls(value: Any) -> Any:
    """Return *value*, made anew, without the null members of its objects."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    return value


def in_order(members: dict[str, Any]) -> dict[str, Any]:
    """Return an object with its members in the order that every engine has: JavaScript's.

    Names that are indices of arrays come first, ascending; the others stay as they were.

    >>> list(in_order({"b": 1, "10": 2, "9": 3, "01": 4}))
    ['9', '10', 'b', '01']
    """
    indices = [name for name in members if _is_index(name)]
    if not indices:
        return members
    return {name: members[name] for name in sorted(indices, key=int)} | members


def _is_index(name: str) -> bool:
    """Whether an array may have an item there: up to 2^32 - 2 (ECMAScript, "array index")."""
    return (
        len(name) <= 10
        and name.isascii()
        and name.isdigit()
        and (name == "0" or name[0] != "0")
        and int(name) < 2**32 - 1
    )


def find(document: Any, steps: Iterable[str]) -> Any:
    """Return what lies at *steps* below *document*, or :data:`ABSENT`."""
    for step in steps:
        if not isinstance(document, dict) or step not in document:
            return ABSENT
        document = document[step]
    return document


def given(common: Any, steps: Steps) -> Any:
    """Return what *common* says at *steps*: ABSENT, or None if null is there or on the way."""
    for step in steps:
        if common is None:
            return None
        if not isinstance(common, dict) or step not in common:
            return ABSENT
        common = common[step]
    return common


def store(document: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    """Put *value* at *steps* below *document*, making the objects on the way."""
    for step in steps[:-1]:
        inner = document.get(step)
        if not isinstance(inner, dict):
            inner = document[step] = {}
        document = inner
    document[steps[-1]] = value


def prefixes(steps: Steps) -> Iterator[Steps]:
    """Yield the paths on the way to *steps*, from the outside in, and *steps* last.

    >>> list(prefixes(("customer", "id")))
    [('customer',), ('customer', 'id')]
    """
    for length in range(1, len(steps) + 1):
        yield steps[:length]


class PathSet(Record):
    """Paths, and those that lead to one of them, the paths themselves among these."""

    paths: frozenset[Steps]
    leading: frozenset[Steps]

    @classmethod
    def of(cls, paths: Iterable[Steps]) -> "PathSet":
        found = frozenset(paths)
        return cls(found, frozenset(way for path in found for way in prefixes(path)))

    def covers(self, steps: Steps) -> bool:
        """Whether *steps* are one of the paths, or one of them leads there."""
        return not self.paths.isdisjoint(prefixes(steps))

    def near(self, steps: Steps) -> bool:
        """Whether one of the paths leads to *steps*, or they lead to one of the paths."""
        return steps in self.leading or self.covers(steps)


def known_names(paths: Iterable[Steps]) -> Names:
    """Return the members that *paths* lead through, as a tree of names."""
    known: Names = {}
    for steps in paths:
        inner = known
        for step in steps:
            inner = inner.setdefault(step, {})
    return known


def merge_patch(target: Any, patch: Any) -> Any:
    """Return *target* edited by a merge patch (RFC 7396); neither is changed or shared.

    >>> merge_patch({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": 4}})
    {'b': {'c': 4, 'd': 3}}
    """
    if not isinstance(patch, dict):
        return copy(patch)
    merged = copy(target) if isinstance(target, dict) else {}
    for name, change in patch.items():
        if change is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), change)
    return merged


def merge_difference(old: Any, edited: Any) -> Any:
    """Return the merge patch that makes *old* be *edited*, as long as that has no null.

    >>> merge_difference({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"c": 4, "d": 3}})
    {'a': None, 'b': {'c': 4}}
    """
    if not isinstance(old, dict) or not isinstance(edited, dict):
        return edited
    gone = {name: None for name in old if name not in edited}
    changed = {
        name: merge_difference(old.get(name), value)
        for name, value in edited.items()
        if not equal(old.get(name, ABSENT), value)
    }
    return gone | changed
