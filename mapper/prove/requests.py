"""Request bodies to try a mapping with, and values that do not belong where they are."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mapper.diagnostics import MapperError, TransformError, pointer_steps
from mapper.generate import Choices, compile_generator
from mapper.generate.samples import ANYTHING, NAMES
from mapper.lower import Formula
from mapper.paths import input_paths
from mapper.prove.edits import Editor
from mapper.prove.laws import Outside
from mapper.running import Mapper
from mapper.schema import input_schema, schema_of
from mapper.values import copy, merge_difference

ODD = (*ANYTHING, -1, 0.1, 1e21, -0.0, "2024-02-30", " 7 ", "07", "1e5", "😀", [None], [[]], ["a"])
"""What a vendor or a caller might send that no schema lets be."""


UNKNOWN = 4
"""One document that is spoilt in so many is by a member that nobody knows."""
TRIES = 5
"""How often what a mapping does not take of a body is taken out."""


class RequestMaker:
    """Makes bodies of requests: from the schema that is for them, and of new and edited objects."""

    def __init__(self, mapper: Mapper) -> None:
        """Make ready to make bodies.

        Raises:
            MapperError: A schema cannot be generated from (M301).
        """
        self._mapper = mapper
        self._editor = Editor(mapper)
        rules = mapper.lowered.rules
        raw = input_schema(mapper.common_schema, input_paths(rules), "request")
        self._make = compile_generator(schema_of(raw))
        self._together = {rule.common: rule.mentions for rule in rules if isinstance(rule, Formula)}

    def bodies(self, common: dict[str, Any], choices: Choices) -> Iterator[dict[str, Any]]:
        """Yield bodies: some that fit, a new object, and an edit of *common* as a merge patch."""
        body: dict[str, Any] = self._make(choices)
        yield body
        yield self._taken(body)
        try:
            yield self._editor.new(choices)
            yield merge_difference(common, self._editor.edit(common, choices))
        except (Outside, MapperError):  # nothing that fits comes from these choices
            return

    def _taken(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return *body* without what the mapping does not take, or as much of it as goes."""
        left: dict[str, Any] = copy(body)
        for _ in range(TRIES):
            try:
                self._mapper.to_request(left)
            except TransformError as error:
                for found in error.diagnostics:
                    names = pointer_steps(found.pointer)
                    for each in (names, *self._together.get(tuple(names), ())):
                        _remove(left, each)
            else:
                break
        return left


def _remove(document: Any, names: Sequence[str]) -> None:
    """Take what lies at *names* out of *document*; of a list's item, the list."""
    for name in names[:-1]:
        inner = document.get(name)
        if not isinstance(inner, dict):
            document.pop(name, None)
            return
        document = inner
    for name in names[-1:]:
        document.pop(name, None)


def spoilt(document: Any, choices: Choices) -> Any:
    """Return *document* with something that does not belong there: a value, or a member."""
    changed = copy(document)
    places = list(_places(changed))
    objects = [changed, *(_at(changed, place) for place in places)]
    objects = [each for each in objects if isinstance(each, dict)]
    odd = copy(choices.pick(ODD))
    if objects and choices.integer(1, UNKNOWN) == UNKNOWN:
        choices.pick(objects)[choices.pick(NAMES)] = odd
    elif places:
        *way, last = choices.pick(places)
        _at(changed, way)[last] = odd
    else:
        return odd
    return changed


def _at(value: Any, place: Iterable[str | int]) -> Any:
    for step in place:
        value = value[step]
    return value


def _places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to everything in *value*."""
    inside: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, inner in inside:
        yield (*at, key)
        yield from _places(inner, (*at, key))
