"""What the platform has: the documents of one place, as far as they concern us."""

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic
from mapper.platform.errors import PlatformError, RefusedError
from mapper.platform.levels import Level, Place
from mapper.platform.normal import Document, Key, Kind, MalformedError, digest, normal

if TYPE_CHECKING:
    from mapper.platform.client import Client

__all__ = [
    "Current",
    "count_instances",
    "instances_of",
    "path_of",
    "read_current",
    "read_document",
]


class Current(Struct, frozen=True):
    """The documents of a place.

    Attributes:
        documents: Those that are there, among those that were asked for, and the transformations
            of other elements for the same objects.
    """

    documents: dict[Key, Document]

    @property
    def digest(self) -> str:
        """A text that is the same as long as the platform has nothing else."""
        return digest([[*key, document] for key, document in sorted(self.documents.items())])

    def transformations(self, name: str) -> dict[Key, Document]:
        """Return all transformations of an object."""
        return {
            key: document
            for key, document in self.documents.items()
            if key.kind is Kind.TRANSFORMATION and key.name == name
        }

    def users(self, name: str, paths: Collection[str], besides: Collection[Key]) -> dict[str, Key]:
        """Return the fields at *paths* that are mapped, each with a transformation that does it.

        Those *besides* do not count.
        """
        return {
            path: key
            for key, document in self.transformations(name).items()
            if key not in besides
            for path in document["fields"]
            if path in paths
        }


def read_current(client: "Client", place: Place, keys: Iterable[Key]) -> Current:
    """Return what *place* has of *keys*; nothing else is asked for.

    Raises:
        PlatformError: It cannot be told.
    """
    asked = set(keys)
    names = sorted({key.name for key in asked if key.kind is Kind.DEFINITION})
    users = [client.start(partial(_elements, client, place, name)) for name in names]
    try:
        found = _read(client, place, asked)
        others = {
            Key(Kind.TRANSFORMATION, name, element)
            for name, elements in zip(names, users, strict=True)
            for element in elements.result()
        }
    finally:
        client.drop(users)
    return Current(dict(sorted((found | _read(client, place, others - asked)).items())))


def _read(client: "Client", place: Place, keys: Collection[Key]) -> dict[Key, Document]:
    """Return what there is of *keys*."""
    every = sorted(keys)
    read = client.gather(partial(read_document, client, place, key) for key in every)
    return {key: each for key, each in zip(every, read, strict=True) if each is not None}


def path_of(place: Place, key: Key) -> str:
    """Return the path of a document's endpoint."""
    if key.kind is Kind.DEFINITION:
        return place.definition(key.name)
    return place.transformation(key.name, key.element)


def read_document(client: "Client", place: Place, key: Key) -> Document | None:
    """Return a document in normal form, None if the place has none.

    Raises:
        PlatformError: It cannot be told.
    """
    path = path_of(place, key)
    given = client.find(path)
    if given is None:
        return None
    try:
        return normal(key.kind, given, place.level)
    except MalformedError as error:
        message = client.mask(f"GET {path}: {error}")
        raise PlatformError([Diagnostic(codes.BAD_ANSWER, message)]) from None


def _elements(client: "Client", place: Place, name: str) -> list[str]:
    """Return the keys of the elements that have a transformation of an object at this level."""
    path = place.transformations_of(name)
    if path is None:
        return []
    try:
        found = client.entries(path)
    except RefusedError as error:
        if error.status == 404:
            return []
        raise
    elements = (each.get("element") for each in found if _is_at(each, place.level))
    keys = (each.get("key") for each in elements if isinstance(each, dict))
    return [key for key in keys if isinstance(key, str)]


def _is_at(entry: dict[str, Any], level: Level) -> bool:
    return entry.get("level") in {None, level.value}


def count_instances(client: "Client", place: Place, element: str) -> int:
    """Return how many connections of an element documents at a place are for.

    Raises:
        PlatformError: It cannot be told.
    """
    if place.instances(element) is None:
        return 1
    return len(_instances(client, place, element))


def instances_of(client: "Client", place: Place, element: str) -> Iterator[int]:
    """Yield the ids of the connections of an element that documents at a place are for.

    Raises:
        PlatformError: It cannot be told.
    """
    numbers = (each.get("id") for each in _instances(client, place, element))
    return (number for number in numbers if isinstance(number, int))


def _instances(client: "Client", place: Place, element: str) -> list[dict[str, Any]]:
    path = place.instances(element)
    found = [] if path is None else client.entries(path)
    if place.level is Level.ORGANIZATION:
        return found
    return [each for each in found if _element_of(each) in {None, element}]


def _element_of(instance: dict[str, Any]) -> Any:
    element = instance.get("element")
    return element.get("key") if isinstance(element, dict) else None
