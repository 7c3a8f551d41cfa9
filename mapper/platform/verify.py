"""Verification: the platform's own dry run of the examples, beside the mapping's results."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, MapperError, show_value
from mapper.model import Example, Operation
from mapper.platform.current import instances_of, read_document
from mapper.platform.errors import RefusedError
from mapper.platform.levels import Level, Place
from mapper.platform.normal import Key, mark
from mapper.project import Project
from mapper.values import ABSENT

if TYPE_CHECKING:
    from mapper.platform.client import Client

__all__ = ["Case", "Cases", "How", "Verified", "cases_of", "verify"]


class How(StrEnum):
    """How it is known that what was published does what the mapping says."""

    EXECUTED = "verified by the platform's dry run"
    READ_BACK = "verified by read-back only"
    FAILED = "the platform maps otherwise"


Outcome = tuple[How, Diagnostic | None]
"""What came of one example."""


class Verified(Struct, frozen=True):
    """What is known of one transformation, and by how many examples."""

    key: Key
    how: How
    examples: int
    found: tuple[Diagnostic, ...] = ()


class Case(NamedTuple):
    """An example that succeeds: what to send, and what must come back."""

    example: Example
    asked: dict[str, Any]
    wanted: Any


Cases = list[tuple[Key, list[Case]]]
"""The examples of each transformation."""


def cases_of(project: Project, published: Iterable[tuple[Key, str]]) -> Cases:
    """Return the examples of each transformation that is *published*, by its mapping's name."""
    return [(key, list(_cases(project, name))) for key, name in published]


def verify(client: "Client", place: Place, cases: Cases) -> Iterator[Verified]:
    """Yield what is known of each transformation.

    Raises:
        PlatformError: The platform cannot be asked.
    """
    trials = _Trials(client, place)
    started = [
        (key, [client.start(partial(trials.run, key, case)) for case in own]) for key, own in cases
    ]
    try:
        for key, outcomes in started:
            yield _judged(key, [each.result() for each in outcomes])
    finally:
        client.drop(each for _, outcomes in started for each in outcomes)


def _judged(key: Key, outcomes: list[Outcome]) -> Verified:
    """Return what is known of a transformation by what came of its examples."""
    how = {how for how, _ in outcomes}
    if not how or How.READ_BACK in how:
        return Verified(key, How.READ_BACK, 0)
    found = tuple(each for _, each in outcomes if each is not None)
    return Verified(key, How.FAILED if found else How.EXECUTED, len(outcomes), found)


class _Target(NamedTuple):
    """Whom a dry run is for: an instance, or the caller's own account, by the element's number.

    What the platform has at the place ``lower`` would be run instead.
    """

    asked: dict[str, Any]
    lower: Place | None = None


class _Trials:
    """Runs examples on the platform, several at once."""

    def __init__(self, client: "Client", place: Place) -> None:
        self._client = client
        self._place = place
        self._lock = Lock()
        self._targets: dict[str, _Target | None] = {}
        self._unanswered: set[Key] = set()

    def run(self, key: Key, case: Case) -> Outcome:
        """Return how it is known that an example gives what it should, or how it differs."""
        if key in self._unanswered:
            return How.READ_BACK, None
        try:
            target = self._target(key.element)
            if target is None:
                return How.READ_BACK, None
            given = self._client.ask(
                f"/transformations/{key.name}/execute", target.asked | case.asked
            )
            if given == case.wanted:
                return How.EXECUTED, None
            if target.lower is not None and self._is_overlaid(target.lower, key):
                self._unanswered.add(key)
                return How.READ_BACK, None  # the overlay was run
        except RefusedError as error:
            if error.status not in {404, 405}:
                raise
            self._unanswered.add(key)
            return How.READ_BACK, None
        mask = self._client.mask.value  # before values are cut
        shown, differs, wanted = map(show_value, mask([case.example.name, given, case.wanted]))
        message, hint = f"{key}: the example {shown} gives {differs}", f"the mapping gives {wanted}"
        return How.FAILED, Diagnostic(codes.NOT_VERIFIED, message, case.example.span, hint=hint)

    def _is_overlaid(self, lower: Place, key: Key) -> bool:
        """Whether a lower level has what was published from an overlay, too."""
        document = read_document(self._client, lower, key)
        return document is not None and mark(document) is not None

    def _target(self, element: str) -> _Target | None:
        """Return whom a dry run is for, None if there is nobody."""
        with self._lock:  # the first asks, and the others wait for its answer
            if element not in self._targets:
                self._targets[element] = self._find_target(element)
            return self._targets[element]

    def _find_target(self, element: str) -> _Target | None:
        place = self._place
        if place.level is Level.INSTANCE and place.owner:
            return _Target({"instanceId": int(place.owner)})
        if place.level is Level.ACCOUNT and place.owner:
            number = next(instances_of(self._client, place, element), None)
            lower = Place(place.url, Level.INSTANCE, str(number))
            return None if number is None else _Target({"instanceId": number}, lower)
        number = self._client.get(f"/elements/{element}/metadata").get("id")
        is_whole = place.level is Level.ORGANIZATION
        return _Target({"elementId": number}, Place(place.url, Level.ACCOUNT) if is_whole else None)


def _cases(project: Project, name: str) -> Iterator[Case]:
    """Yield the examples that succeed of the mapping called *name*."""
    mapper = project.mapper(name)
    examples = project.examples(project.find(name))
    for example in examples.cases if examples else ():
        if example.gives is ABSENT:
            continue
        try:
            match example.operation:
                case Operation.FROM_VENDOR:
                    given = example.given
                    yield Case(example, {"payload": given}, mapper.from_vendor(given))
                case Operation.REQUEST:
                    given = example.given
                    asked = {"payload": given, "method": "POST"}
                    yield Case(example, asked, mapper.to_request(given))
                case _:
                    pass
        except MapperError:  # which checking tells
            continue
