"""Subschemas: the handle by which every part asks about one."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from mapper.schema.vocabulary import TYPES


class Schema(Struct, frozen=True, eq=False, dict=True):
    """One subschema with everything that it refers to.

    References and ``allOf`` are merged into it: an annotation beside a ``$ref`` wins over the same
    one behind it. Questions about members, items and annotations look through a nullable union
    (``anyOf: [{…}, {type: null}]``); where a union has several other branches, its members are the
    union of theirs.

    Attributes:
        raw: The schema as self-contained JSON, without ``$ref``, ``allOf``, ``$defs``, ``$id`` and
            ``$schema``; not to be changed.
        file: The file that it stands in, by its name below the schema folder.
        pointer: The RFC 6901 pointer to it in that file.
        own: The members under its own ``properties``.
        item: The schema of its own ``items``.
        rest: The schema under its own ``additionalProperties``.
        branches: Those of its own ``anyOf`` or ``oneOf``.
        size: How many schemas it stands for, shared ones counted each time.
    """

    raw: dict[str, Any]
    file: str
    pointer: str
    own: Mapping[str, "Schema"]
    item: "Schema | None" = None
    rest: "Schema | None" = None
    branches: tuple["Schema", ...] = ()
    size: int = 1

    def __repr__(self) -> str:
        return f"Schema({self.file}#{self.pointer})"

    @cached_property
    def _filled(self) -> tuple["Schema", ...]:
        """The branches that say more than "null"."""
        return tuple(branch for branch in self.branches if branch.kinds != {"null"})

    @property
    def is_nullable(self) -> bool:
        """Whether it is a union of one branch and null, through which questions look."""
        return self._behind is not None

    @cached_property
    def _behind(self) -> "Schema | None":
        """The branch that a nullable union is about."""
        return self._filled[0] if len(self._filled) == 1 else None

    def members(self) -> dict[str, "Schema"]:
        """Return the members that an object can have, in file order."""
        return dict(self._members)

    @cached_property
    def _members(self) -> Mapping[str, "Schema"]:
        if not self.branches:
            return self.own
        named: dict[str, list[Schema]] = {name: [member] for name, member in self.own.items()}
        for branch in self._filled:
            for name, member in branch.members().items():
                if name not in self.own:
                    named.setdefault(name, []).append(member)
        return {name: union(members) for name, members in named.items()}

    def member(self, name: str) -> "Schema | None":
        """Return the schema of the member *name*, or None if there is none of that name."""
        return self._members.get(name)

    def items(self) -> "Schema | None":
        """Return the schema of a list's items, or None if none is given."""
        return self._items if self.branches else self.item

    @cached_property
    def _items(self) -> "Schema | None":
        found = [item for branch in self._filled if (item := branch.items())]
        return self.item or (union(found) if found else None)

    @cached_property
    def others(self) -> "Schema | None":
        """The schema of the members of other names, or None if none is given."""
        found = [other for branch in self._filled if (other := branch.others)]
        return self.rest or (union(found) if found else None)

    def at(self, steps: Iterable[str]) -> "Schema | None":
        """Return the schema of what the member names *steps* lead to, or None; never into lists.

        What has no schema of its own has that of a map's members.
        """
        place: Schema | None = self
        for step in steps:
            place = (place.member(step) or place.others) if place else None
        return place

    def annotation(self, keyword: str, default: Any = None) -> Any:
        """Return what the annotation *keyword* says here, or *default*."""
        return self.annotations.get(keyword, default)

    @property
    def annotations(self) -> Mapping[str, Any]:
        """All that annotations say here, by keyword, among the other keywords."""
        if self.branches and self._behind:
            return {**self._behind.annotations, **self.raw}
        return self.raw

    @property
    def is_read_only(self) -> bool:
        """Whether the vendor never takes it: it says so, or computes it."""
        says = self.annotations
        return bool(says.get("readOnly")) or "x-computed" in says

    @property
    def format(self) -> str | None:
        """The format that texts have."""
        found: str | None = self.annotation("format")
        return found

    @property
    def pattern(self) -> str | None:
        """The pattern of texts."""
        found: str | None = self.annotation("pattern")
        return found

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The names of the JSON types that values can have; "number" includes "integer"."""
        if "type" in self.raw:
            stated = self.raw["type"]
            return frozenset([stated] if isinstance(stated, str) else stated)
        if self.enum is not None:
            return frozenset(map(_kind, self.enum))
        if self.branches:
            return frozenset().union(*(branch.kinds for branch in self.branches))
        return frozenset(TYPES)

    @cached_property
    def enum(self) -> tuple[Any, ...] | None:
        """The only values there are, if they are listed (a ``const`` lists one)."""
        if "const" in self.raw:
            return (self.raw["const"],)
        if "enum" in self.raw:
            return tuple(self.raw["enum"])
        if self.raw.get("type") in ("null", ["null"]):
            return (None,)
        lists = [branch.enum for branch in self.branches]
        known = [values for values in lists if values is not None]
        return sum(known, ()) if lists and known == lists else None

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of the members that every object has."""
        shared = [branch.required for branch in self._filled]
        return frozenset(self.raw.get("required", ())).union(
            shared[0].intersection(*shared[1:]) if shared else ()
        )

    @cached_property
    def closed(self) -> bool:
        """Whether objects have no members but those of :meth:`members`."""
        if "additionalProperties" in self.raw or self.own:
            return self.raw.get("additionalProperties") is False
        return bool(self._filled) and all(branch.closed for branch in self._filled)


def descend(schema: Schema | None, steps: Iterable[str]) -> Schema | None:
    """Return the schema at *steps* below *schema*, None where there is none; never into lists."""
    return schema.at(steps) if schema is not None else None


def items_of(schema: Schema | None) -> Schema | None:
    """Return the schema of the items of *schema*, None where there is none."""
    return schema.items() if schema is not None else None


def _kind(value: Any) -> str:
    """Return the type name of a single value; ``enum`` and ``const`` have no others."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case _:
            return "string"


def union(schemas: list[Schema]) -> Schema:
    """Return the schema of the values that fit one of *schemas*, at the place of the first."""
    first, *others = schemas
    if all(other is first for other in others):
        return first
    raw = {"anyOf": [schema.raw for schema in schemas]}
    return Schema(raw, first.file, first.pointer, {}, branches=tuple(schemas))


def written_name(name: str, member: Schema) -> str:
    """Return the name under which the vendor takes *member*, which it gives as *name*."""
    written_as = member.annotation("x-write-as", name)
    target: str = written_as["member"] if isinstance(written_as, dict) else written_as
    return target


AS_ANOTHER = frozenset(("x-write-as", "x-write-type", "x-write-enum"))
"""The annotations of a value that is not written as it is read."""


def alters(schema: Schema) -> bool:
    """Whether what is written of a value of *schema* is not all that was read."""
    members = schema.members()
    inside = (*members.values(), schema.items(), schema.others)
    return (
        any(name in schema.annotations for name in AS_ANOTHER)
        or (bool(members) and not schema.closed)
        or any(each.is_read_only or "x-write" in each.annotations for each in members.values())
        or any(alters(each) for each in inside if each is not None)
    )
