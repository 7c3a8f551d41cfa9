"""What the platform has: the documents of one place, as far as they concern us."""

from collections.abc import Collection, Iterable, Iterator, Mapping
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
        below: The transformations of the same objects that accounts have, as far as it is told.
    """

    documents: dict[Key, Document]
    below: tuple[tuple[Place, Key], ...] = ()

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
    users = [client.start(partial(_users, client, place, name)) for name in names]
    try:
        found = _read(client, place, asked)
        users_of = [each for user in users for each in user.result()]
    finally:
        client.drop(users)
    others = {key for where, key in users_of if where == place}
    every = found | _read(client, place, others - asked)
    below = tuple(each for each in users_of if each[0] != place)
    return Current(dict(sorted(every.items())), below)


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


def _users(client: "Client", place: Place, name: str) -> list[tuple[Place, Key]]:
    """Return the transformations of an object: those at this level, and those of accounts below."""
    path = place.transformations_of(name)
    if path is None:
        return []
    try:
        found = client.entries(path)
    except RefusedError as error:
        if error.status == 404:
            return []
        raise
    return [user for each in found if (user := _user(place, name, each)) is not None]


def _user(place: Place, name: str, entry: Mapping[str, Any]) -> tuple[Place, Key] | None:
    """Return which transformation an entry of a list is about, None if it is of another level."""
    element, level, account = (entry.get(each) for each in ("element", "level", "account"))
    if not isinstance(element, dict) or not isinstance(element.get("key"), str):
        return None
    key = Key(Kind.TRANSFORMATION, name, element["key"])
    if level in {None, place.level.value}:
        return place, key
    number = account.get("id") if isinstance(account, dict) else None
    is_below = place.level is Level.ORGANIZATION and level == Level.ACCOUNT.value
    if not is_below or not isinstance(number, int):
        return None
    return Place(place.url, Level.ACCOUNT, str(number)), key


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
