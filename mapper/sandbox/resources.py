"""Common resources as they are stored: one record per name, made of parts.

A part is what one owner has at one level: the organization, one account or one instance. Every
endpoint family is a view of these records: a level's endpoints show one part, the others join the
parts that the caller may see.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from mapper.sandbox.errors import PlatformError
from mapper.sandbox.settings import Settings
from mapper.sandbox.store import Transaction

__all__ = [
    "LEVELS",
    "SYSTEM",
    "TEMPLATES",
    "Field",
    "Owner",
    "Part",
    "Resource",
    "check_name",
    "find_resource",
    "get_resource",
    "list_resources",
    "new_resource",
    "objects",
    "read_fields",
    "save_resource",
    "stamp",
]

LEVELS = ("system", "organization", "account", "instance")
"""The highest first."""


class Owner(NamedTuple):
    """A level, and the id of the organization, account or instance there."""

    level: str
    id: int


SYSTEM = Owner("system", 0)
"""Who owns the vendor's templates."""


TEMPLATES = 0
"""The organization that they are stored under."""


class Field(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A field of a definition."""

    id: int
    path: str
    type: str
    display_name: str | None = None


class Part(msgspec.Struct, frozen=True):
    """The definition that one owner has at one level."""

    owner: Owner
    fields: tuple[Field, ...] = ()


class Resource(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A common resource with the parts of all its owners."""

    id: int
    organization: int
    name: str
    created: str
    description: str | None = None
    parts: tuple[Part, ...] = ()

    def part(self, owner: Owner) -> Part | None:
        """Return what an owner has of it."""
        return next((each for each in self.parts if each.owner == owner), None)

    def with_part(self, part: Part) -> "Resource":
        """Return it with a part, in the place of its owner's part if there was one."""
        others = [each for each in self.parts if each.owner != part.owner]
        parts = sorted([*others, part], key=lambda each: LEVELS.index(each.owner.level))
        return replace(self, parts=tuple(parts))

    def without_part(self, owner: Owner) -> "Resource":
        """Return it without an owner's part."""
        return replace(self, parts=tuple(each for each in self.parts if each.owner != owner))

    def seen_by(self, owners: Iterable[Owner]) -> list[Part]:
        """Return its parts that belong to one of *owners*, the highest level first."""
        wanted = set(owners)
        return [each for each in self.parts if each.owner in wanted]

    def fields(self) -> Iterator[tuple[Owner, Field]]:
        """Yield its fields with their owners."""
        for part in self.parts:
            for field in part.fields:
                yield part.owner, field


def stamp() -> str:
    """Return the time of now as the platform writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")  # noqa: TID251 - a server's clock


def list_resources(db: Transaction, organization: int) -> list[Resource]:
    """Return the organization's resources, oldest first."""
    return msgspec.convert(db.list(_kind(organization)), list[Resource])


def find_resource(db: Transaction, organization: int, name: str) -> Resource | None:
    """Return the resource of a name."""
    found = db.find(_kind(organization), name)
    return None if found is None else msgspec.convert(found, Resource)


def get_resource(db: Transaction, organization: int, number: int) -> Resource | None:
    """Return the resource of an id."""
    found = db.get(_kind(organization), number)
    return None if found is None else msgspec.convert(found, Resource)


def new_resource(db: Transaction, organization: int, name: str) -> Resource:
    """Return a resource that is not stored yet."""
    return Resource(id=db.next_id(), organization=organization, name=name, created=stamp())


def save_resource(db: Transaction, resource: Resource) -> None:
    """Store a resource; without parts it is no more."""
    if resource.parts:
        document = msgspec.to_builtins(resource)
        db.put(_kind(resource.organization), resource.id, document, resource.name)
    else:
        db.delete(_kind(resource.organization), resource.id)


def read_fields(
    db: Transaction, given: Any, before: Part | None, movable: Collection[int] = ()
) -> tuple[Field, ...]:
    """Return the fields of a request's body, with the ids of those that they replace.

    A field is one of before if it has its id or, without a known id, its path. An id of *movable*
    may come from another part.

    Raises:
        PlatformError: 400 if it is no list of fields with a path.
    """
    entries = objects(given, "fields")
    old = () if before is None else before.fields
    known = {each.id for each in old} | set(movable)
    claimed = {_id(each) for each in entries} & known
    by_path = {each.path: each.id for each in old if each.id not in claimed}
    fields: dict[str, Field] = {}
    for each in entries:
        path, label, type_ = each.get("path"), each.get("displayName"), each.get("type")
        if not isinstance(path, str) or not path:
            raise PlatformError(400, "Each field needs a 'path'")
        number = _id(each)
        if number in known:
            known.discard(number)
        else:
            number = by_path.get(path) or db.next_id()
        fields[path] = Field(
            id=number,
            path=path,
            type=type_ if isinstance(type_, str) else "string",
            display_name=label if isinstance(label, str) else None,
        )
    return tuple(fields.values())


def objects(given: Any, name: str) -> list[dict[str, Any]]:
    """Return the objects of a body's member, none if it is not there.

    Raises:
        PlatformError: 400 if it is something else.
    """
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise PlatformError(400, f"'{name}' must be an array of objects")
    return given


def check_name(name: Any, settings: Settings) -> str:
    """Return the name of an object.

    Raises:
        PlatformError: 400 if it cannot be one.
    """
    if not isinstance(name, str) or not name:
        raise PlatformError(400, "An object needs a name")
    if settings["object-names"] == "plain" and not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise PlatformError(400, f"Invalid object name {name!r}: use letters, digits, '-' and '_'")
    return name


def _id(entry: dict[str, Any]) -> int:
    number = entry.get("id")
    return number if isinstance(number, int) else 0


def _kind(organization: int) -> str:
    return f"resource/{organization}"
