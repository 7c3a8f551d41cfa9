"""Transformations as they are stored: one record per common resource and element, made of parts.

As with definitions, a part is what one owner has at one level.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from mapper.sandbox.resources import LEVELS, Field, Owner, Resource, find_resource
from mapper.sandbox.store import Transaction

__all__ = [
    "MappedField",
    "Transformation",
    "TransformationPart",
    "defining_field",
    "drop_transformations",
    "find_transformation",
    "follow_fields",
    "get_transformation",
    "list_transformations",
    "move_transformations",
    "new_transformation",
    "save_transformation",
    "transformations_of",
    "users_of",
]


_LIST_OF = re.compile(r"^array ?\[(.*)\]$")
"""The type of a 1.0 field that is a list of other objects."""


class MappedField(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A field of a transformation, with the id of the field that defines it, if one does."""

    id: int
    path: str
    vdr_field_id: int | None = None
    type: str | None = None
    vendor_path: str | None = None
    vendor_type: str | None = None
    configuration: tuple[dict[str, Any], ...] | None = None


class TransformationPart(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The transformation that one owner has at one level."""

    owner: Owner
    started: str
    vendor_name: str | None = None
    fields: tuple[MappedField, ...] = ()
    configuration: tuple[dict[str, Any], ...] = ()
    script: dict[str, Any] | None = None
    legacy: bool = False
    inherits: bool = False
    """Whether the levels above it count, too."""


class Transformation(msgspec.Struct, frozen=True, kw_only=True):
    """What maps a common resource for one element, with the parts of all its owners."""

    id: int
    organization: int
    resource: int
    element: int
    parts: tuple[TransformationPart, ...] = ()

    def part(self, owner: Owner) -> TransformationPart | None:
        """Return what an owner has of it."""
        return next((each for each in self.parts if each.owner == owner), None)

    def with_part(self, part: TransformationPart) -> "Transformation":
        """Return it with a part, in the place of its owner's part if there was one."""
        others = [each for each in self.parts if each.owner != part.owner]
        parts = sorted([*others, part], key=lambda each: LEVELS.index(each.owner.level))
        return replace(self, parts=tuple(parts))

    def without_part(self, owner: Owner) -> "Transformation":
        """Return it without an owner's part."""
        return replace(self, parts=tuple(each for each in self.parts if each.owner != owner))

    def seen_by(self, owners: Iterable[Owner]) -> list[TransformationPart]:
        """Return its parts that belong to one of *owners*, the highest level first."""
        wanted = set(owners)
        return [each for each in self.parts if each.owner in wanted]


def list_transformations(db: Transaction, organization: int) -> list[Transformation]:
    """Return the organization's transformations, oldest first."""
    return msgspec.convert(db.list(_kind(organization)), list[Transformation])


def transformations_of(db: Transaction, resource: Resource) -> list[Transformation]:
    """Return a resource's transformations, oldest first."""
    found = db.find_all(_kind(resource.organization), f"{resource.id} ")
    return msgspec.convert(found, list[Transformation])


def find_transformation(db: Transaction, resource: Resource, element: int) -> Transformation | None:
    """Return the transformation of a resource for an element."""
    found = db.find(_kind(resource.organization), f"{resource.id} {element}")
    return None if found is None else msgspec.convert(found, Transformation)


def get_transformation(db: Transaction, resource: Resource, number: int) -> Transformation | None:
    """Return a resource's transformation of an id."""
    found = db.get(_kind(resource.organization), number)
    if found is None or found["resource"] != resource.id:
        return None
    return msgspec.convert(found, Transformation)


def new_transformation(db: Transaction, resource: Resource, element: int) -> Transformation:
    """Return a transformation that is not stored yet."""
    return Transformation(
        id=db.next_id(),
        organization=resource.organization,
        resource=resource.id,
        element=element,
    )


def save_transformation(db: Transaction, transformation: Transformation) -> None:
    """Store a transformation; without parts it is no more."""
    kind = _kind(transformation.organization)
    if transformation.parts:
        name = f"{transformation.resource} {transformation.element}"
        db.put(kind, transformation.id, msgspec.to_builtins(transformation), name)
    else:
        db.delete(kind, transformation.id)


def users_of(db: Transaction, resource: Resource, owner: Owner) -> list[Transformation]:
    """Return the transformations that need an owner's definition: his own, and users of fields."""
    part = resource.part(owner)
    ids = set() if part is None else {each.id for each in part.fields}
    last = len(resource.parts) == 1
    return [
        each
        for each in transformations_of(db, resource)
        if last
        or each.part(owner)
        or any(field.vdr_field_id in ids for one in each.parts for field in one.fields)
    ]


def drop_transformations(db: Transaction, resource: Resource, owner: Owner) -> None:
    """Remove what needs an owner's definition when that goes."""
    for each in users_of(db, resource, owner):
        kept = () if len(resource.parts) == 1 else each.without_part(owner).parts
        save_transformation(db, replace(each, parts=kept))


def move_transformations(db: Transaction, source: Resource, target: Resource, owner: Owner) -> None:
    """Give an owner's transformations of one resource to another."""
    for each in transformations_of(db, source):
        part = each.part(owner)
        if part is None:
            continue
        there = find_transformation(db, target, each.element)
        there = there or new_transformation(db, target, each.element)
        save_transformation(db, there.with_part(part))
        save_transformation(db, each.without_part(owner))


def follow_fields(
    db: Transaction, resource: Resource, before: Resource, *, remove_undefined: bool
) -> None:
    """Let transformations follow a resource that was *before*: new paths, and what is gone."""
    paths = {field.id: field.path for _, field in resource.fields()}
    old = {field.id: field.path for _, field in before.fields()}
    gone = old.keys() - paths.keys()
    renamed = {
        number: (path, paths[number])
        for number, path in old.items()
        if number in paths and paths[number] != path
    }
    if not (renamed or gone):
        return
    for each in transformations_of(db, resource):
        parts = tuple(
            replace(part, fields=tuple(_followed(part.fields, renamed, gone, remove_undefined)))
            for part in each.parts
        )
        if parts != each.parts:
            save_transformation(db, replace(each, parts=parts))


def _followed(
    fields: Iterable[MappedField],
    renamed: dict[int, tuple[str, str]],
    gone: set[int],
    remove: bool,  # noqa: FBT001
) -> Iterable[MappedField]:
    for field in fields:
        if field.vdr_field_id in renamed:
            old, new = renamed[field.vdr_field_id]
            yield replace(field, path=new + field.path.removeprefix(old))
        elif field.vdr_field_id not in gone:
            yield field
        elif not remove:
            yield replace(field, vdr_field_id=None)


def defining_field(
    db: Transaction, resource: Resource, owners: list[Owner], path: str
) -> Field | None:
    """Return the field that defines a path for *owners*, the lowest level first.

    The type of a field of the first generation names another resource, which defines what is below.
    """
    parts = sorted(
        resource.seen_by(owners), key=lambda each: LEVELS.index(each.owner.level), reverse=True
    )
    for part in parts:
        for field in part.fields:
            if field.path == path:
                return field
    for part in parts:
        for field in part.fields:
            if path.startswith((field.path + ".", field.path + "[")):
                below = path[len(field.path) :].removeprefix("[*]").lstrip(".")
                name = _LIST_OF.sub(r"\1", field.type)
                other = find_resource(db, resource.organization, name)
                if other and defining_field(db, other, owners, below) is not None:
                    return field
    return None


def _kind(organization: int) -> str:
    return f"transformation/{organization}"
