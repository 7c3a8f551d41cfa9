"""Verification: the platform's own dry run of the examples, beside the mapping's results."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, MapperError, show_value
from mapper.model import Example, Operation
from mapper.platform.errors import RefusedError
from mapper.platform.levels import Level, Place
from mapper.platform.normal import Key
from mapper.project import Project
from mapper.running import Mapper
from mapper.values import ABSENT

if TYPE_CHECKING:
    from mapper.platform.client import Client

__all__ = ["How", "Verified", "verify"]


class How(StrEnum):
    """How it is known that what was published does what the mapping says."""

    EXECUTED = "verified by the platform's dry run"
    READ_BACK = "verified by read-back only"
    FAILED = "the platform maps otherwise"


class Verified(Struct, frozen=True):
    """What is known of one transformation, and by how many examples."""

    key: Key
    how: How
    examples: int
    found: tuple[Diagnostic, ...] = ()


def verify(
    client: "Client", place: Place, project: Project, published: Iterable[tuple[Key, str]]
) -> Iterator[Verified]:
    """Yield what is known of each transformation that was *published*, by its mapping's name.

    Raises:
        PlatformError: The platform cannot be asked.
    """
    for key, name in published:
        mapper = project.mapper(name)
        examples = project.examples(project.find(name))
        cases = list(_cases(mapper, examples.cases if examples else ()))
        try:
            target = _target(client, place, key) if cases else {}
            compared = client.gather(
                partial(_compare, client, key, example, target | asked, wanted)
                for example, asked, wanted in cases
            )
            found = [each for each in compared if each is not None]
        except RefusedError as error:
            if error.status not in {404, 405}:
                raise
            yield Verified(key, How.READ_BACK, 0)
            continue
        how = How.FAILED if found else (How.EXECUTED if cases else How.READ_BACK)
        yield Verified(key, how, len(cases), tuple(found))


def _target(client: "Client", place: Place, key: Key) -> dict[str, Any]:
    """Return what the dry run is for: the instance, or the element by its number."""
    if place.level is Level.INSTANCE and place.owner:
        return {"instanceId": int(place.owner)}
    return {"elementId": client.get(f"/elements/{key.element}/metadata").get("id")}


def _cases(
    mapper: Mapper, examples: Iterable[Example]
) -> Iterator[tuple[Example, dict[str, Any], Any]]:
    """Yield the examples that succeed, each with what to send and what must come back."""
    for example in examples:
        if example.gives is ABSENT:
            continue
        try:
            match example.operation:
                case Operation.FROM_VENDOR:
                    given = example.given
                    yield example, {"payload": given}, mapper.from_vendor(given)
                case Operation.REQUEST:
                    given = example.given
                    asked = {"payload": given, "method": "POST"}
                    yield example, asked, mapper.to_request(given)
                case _:
                    pass
        except MapperError:  # which checking tells
            continue


def _compare(
    client: "Client", key: Key, example: Example, asked: dict[str, Any], wanted: Any
) -> Diagnostic | None:
    """Run an example there; return how its result differs from the one that is wanted."""
    given = client.ask(f"/transformations/{key.name}/execute", asked)
    if given == wanted:
        return None
    message = f"{key}: the example {show_value(example.name)} gives {show_value(given)}"
    hint = f"the mapping gives {show_value(wanted)}"
    return Diagnostic(codes.NOT_VERIFIED, client.mask(message), example.span, hint=hint)
