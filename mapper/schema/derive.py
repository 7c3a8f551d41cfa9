"""Schemas derived from schemas: what the vendor takes, and what callers may send.

Derived schemas are plain JSON Schema without references and annotations of ours. ``oneOf`` becomes
``anyOf`` in them, since branches that need less may overlap.
"""

from collections.abc import Mapping, Set as AbstractSet
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from mapper.schema.subschema import Schema, written_name
from mapper.values import Steps

_OBJECTS = frozenset(
    ("properties", "required", "dependentRequired", "additionalProperties", "propertyNames")
)
_ARRAYS = frozenset(("items", "minItems", "maxItems", "uniqueItems"))
_UNIONS = frozenset(("anyOf", "oneOf"))
_REMARKS = frozenset(("default", "examples", "readOnly", "writeOnly"))


def _plain(raw: Mapping[str, Any], without: AbstractSet[str]) -> dict[str, Any]:
    """Return the keywords of *raw* that a derived schema keeps as they are."""
    dropped = without | _UNIONS | _REMARKS
    return {
        name: value
        for name, value in raw.items()
        if name not in dropped and not name.startswith("x-")
    }


# What the vendor takes --------------------------------------------------------------------------


def write_schema(schema: Schema, mode: Literal["create", "update"]) -> dict[str, Any]:
    """Return the JSON Schema of the bodies that the vendor of *schema* takes.

    Every object is closed and has the writable members, under the names that they are written as.
    Creating needs those with ``x-required-on: create``. An update needs no member, but what travels
    in it travels whole: nested objects and the items of lists need what creating needs, and items
    may have what can only be written when creating.
    """
    create = mode == "create"
    return _Written(creates=create, whole=create).derive(schema)


def edited_schema(
    member: Schema, mode: Literal["create", "update"], *, whole: bool = True, fixed: bool = False
) -> dict[str, Any]:
    """Return the JSON Schema of what an edited document may hold for *member* of the vendor.

    All that it takes gets into the body; whatever else were there would be lost without a word, or
    sent and not taken. Names are those that reading uses.

    Args:
        member: The vendor's schema of the place.
        mode: "update" is without the members that are only written when creating; the items of
            lists are made anew and may have them in either mode.
        whole: Whether it is written as one value, which has what the vendor needs and shows.
        fixed: Whether it is always the same value. Others may be outside ``x-write-enum``: who
            gives one that can only be read is told then.
    """
    return _Written(creates=mode == "create", whole=whole, edited=True, fixed=fixed).of(member)


class _Written(Struct, frozen=True):
    """How one place is written.

    Attributes:
        creates: Whether members that are written only when creating can be there.
        whole: Whether the members that creating needs must be there.
        kept: The read-only member that is written all the same.
        key: Of a list: the ``kept`` of its items.
        pick: Of a list: the member that each item is written as.
        around: The members that a union around this branch has beside it; they say what is written.
        others: The members of the other branches of a union that has none beside it.
        edited: Whether it is about the edited document, see :func:`edited_schema`.
        fixed: Whether an edited value is always the same.
    """

    creates: bool
    whole: bool
    kept: str | None = None
    key: str | None = None
    pick: str | None = None
    around: dict[str, Schema] = field(default_factory=dict)
    others: dict[str, Schema] = field(default_factory=dict)
    edited: bool = False
    fixed: bool = False

    def of(self, member: Schema, said: Schema | None = None) -> dict[str, Any]:
        """Return the schema of what is written for *member*; *said* says how, else it does."""
        said = member if said is None else said
        written_as = said.annotation("x-write-as")
        pick = written_as["items"] if isinstance(written_as, dict) else None
        key = None if self.edited else said.annotation("x-sends-key")
        inside = replace(self, kept=None, key=key, pick=pick, around={}, others={})
        return inside.derive(member)

    def derive(self, schema: Schema) -> dict[str, Any]:
        """Return the schema of what is written for *schema*."""
        raw = schema.raw
        types = raw.get("x-write-type")
        if types:
            unfit = _OBJECTS | _ARRAYS | {"enum", "const"}
            out = _plain(raw, unfit) | {"type": types}
            kinds = frozenset([types] if isinstance(types, str) else types)
        else:
            out = _plain(raw, _OBJECTS | {"items"})
            kinds = frozenset(("object", "array"))
            if schema.branches:
                out |= self._union(schema)
        if "x-write-enum" in raw:
            listed = [out.pop("const")] if "const" in out else out.pop("enum", None)
            if not self.edited or self.fixed:
                out["enum"] = raw["x-write-enum"]
            elif listed is not None:
                out["enum"] = [
                    *listed,
                    *(each for each in raw["x-write-enum"] if each not in listed),
                ]
        if "object" in kinds:
            out |= self._object(schema)
        if "array" in kinds:
            out |= self._array(schema)
        return out

    def _union(self, schema: Schema) -> dict[str, Any]:
        around = self.around | dict(schema.own)
        inside = replace(self, around=around, others={} if around else schema.members())
        keyword = "oneOf" if self.edited and self.whole and "oneOf" in schema.raw else "anyOf"
        return {keyword: [inside.derive(branch) for branch in schema.branches]}

    def _object(self, schema: Schema) -> dict[str, Any]:
        raw = schema.raw
        if not schema.own:
            out: dict[str, Any] = {
                name: raw[name] for name in ("additionalProperties", "propertyNames") if name in raw
            }
            if schema.rest:  # what is under names that nobody knows travels as it is
                out["additionalProperties"] = _Written(self.creates, whole=True).derive(schema.rest)
            return out
        said = {name: self.around.get(name, member) for name, member in schema.own.items()}
        written = {
            name: name if self.edited else written_name(name, member)
            for name, member in said.items()
            if self._writes(name, member)
        }
        out = {
            "properties": {
                target: replace(self, whole=True).of(schema.own[name], said[name])
                for name, target in written.items()
            }
        }
        needed = [
            target for name, target in written.items() if self._needs(name, said[name], schema)
        ]
        if needed and self.whole:
            out["required"] = needed
        if self.edited and self.whole and "dependentRequired" in raw:
            out["dependentRequired"] = raw["dependentRequired"]
        if not self.around:
            out["properties"] |= self._of_others(schema)
        if not self.around or raw.get("additionalProperties") is False:
            out["additionalProperties"] = False
        return out

    def _needs(self, name: str, member: Schema, schema: Schema) -> bool:
        """Tell whether a value of *schema* has to have its *member*, as far as that is written."""
        if self.edited and name in schema.raw.get("required", ()):
            return True
        return member.annotation("x-required-on") == "create" and not member.is_read_only

    def _of_others(self, schema: Schema) -> dict[str, Any]:
        """Return the members of other branches, which an open one takes as they do."""
        if schema.raw.get("additionalProperties", True) is False:
            return {}
        inside = replace(self, whole=True)
        return {
            name if self.edited else written_name(name, member): inside.of(member)
            for name, member in self.others.items()
            if name not in schema.own and self._writes(name, member)
        }

    def _writes(self, name: str, member: Schema) -> bool:
        """Tell whether *member* is written: it may be, and so may something inside it."""
        if name == self.kept:
            return True
        if member.is_read_only:
            return False
        if member.annotation("x-write") == "create" and not self.creates:
            return False
        inside = member.members()
        return (
            not inside
            or member.annotation("x-write-type") is not None
            or any(self._writes("", inner) for inner in inside.values())
        )

    def _array(self, schema: Schema) -> dict[str, Any]:
        if not schema.item:
            return {}
        inside = replace(
            self, creates=True, whole=True, kept=self.key, key=None, pick=None, around={}, others={}
        )
        picked = schema.item.member(self.pick) if self.pick else None
        if picked is None:
            return {"items": inside.derive(schema.item)}
        if not self.edited:
            return {"items": inside.derive(picked)}
        alone = {self.pick: inside.derive(picked)}
        return {
            "items": {
                "type": "object",
                "properties": alone,
                "required": [self.pick],
                "additionalProperties": False,
            }
        }


# What callers may send --------------------------------------------------------------------------


class InputPaths(Struct, frozen=True):
    """What a mapping says of the members that callers send; a path goes through lists.

    Attributes:
        read: The paths that the mapping only reads.
        create: The paths that it writes only when creating.
        constant: The paths that always have the same value.
        whole: The paths of values that are written as one.
        leaves: The paths of values that have no rules for their members.
        required: The paths that creating needs beyond what the schema requires.
        defaulted: The paths that have a value in what is new, whether it is given or not.
    """

    read: AbstractSet[Steps] = frozenset()
    create: AbstractSet[Steps] = frozenset()
    constant: AbstractSet[Steps] = frozenset()
    whole: AbstractSet[Steps] = frozenset()
    leaves: AbstractSet[Steps] = frozenset()
    required: AbstractSet[Steps] = frozenset()
    defaulted: AbstractSet[Steps] = frozenset()


def input_schema(
    schema: Schema, paths: InputPaths, mode: Literal["create", "update", "request"]
) -> dict[str, Any]:
    """Return the JSON Schema of what a caller may send as a common object of *schema*.

    Every object is closed. An object is read-only if all its members are. Constants may be left out
    in every mode, and items of lists may have read-only members, since they can be old ones. What
    has a default when it is created may be left out of new objects, and of items, which can be new.

    Args:
        schema: The canonical schema.
        paths: What the mapping says of its members.
        mode: "create": no read-only member may be there, and the required ones must. "update": the
            whole edited object; what is only read or created may be left out. "request": a part of
            one; all may be left out, and what is not only read may be null. Inside of a value that
            has no rules for its members nothing is null; of one that is written as one, nothing is
            left out.
    """
    free = paths.constant | (paths.read | paths.create if mode == "update" else paths.read)
    needed = paths.required if mode == "create" else frozenset()
    made = _Input(mode, paths.read, free, needed, paths.whole, paths.leaves, paths.defaulted)
    return made.derive(schema)


class _Input(Struct, frozen=True):
    """What may be sent at one place.

    Attributes:
        mode: As in :func:`input_schema`.
        read: The paths that are only read.
        free: The paths that can be left out although the schema requires them.
        needed: The paths that must be there although the schema does not require them.
        whole: The paths of values that requests have as a whole.
        leaves: The paths of values in which requests clear nothing.
        defaulted: The paths that can be left out of what is new.
        path: The path of this place.
        in_item: Whether it lies in an item of a list.
        in_leaf: Whether it lies in a value that has no rules for its members.
        around: The members that a union around this branch has beside it.
    """

    mode: Literal["create", "update", "request"]
    read: AbstractSet[Steps]
    free: AbstractSet[Steps]
    needed: AbstractSet[Steps]
    whole: AbstractSet[Steps]
    leaves: AbstractSet[Steps]
    defaulted: AbstractSet[Steps]
    path: Steps = ()
    in_item: bool = False
    in_leaf: bool = False
    around: dict[str, Schema] = field(default_factory=dict)

    def derive(self, schema: Schema) -> dict[str, Any]:
        """Return the schema of what may be sent for *schema*."""
        out = _plain(schema.raw, _OBJECTS | {"items"}) | self._object(schema)
        if schema.item:
            out["items"] = replace(self, in_item=True, around={}).derive(schema.item)
        if schema.branches:
            inside = replace(self, around=self.around | dict(schema.own))
            out["anyOf"] = [inside.derive(branch) for branch in schema.branches]
        return out

    def _object(self, schema: Schema) -> dict[str, Any]:
        raw = schema.raw
        out: dict[str, Any] = {
            name: raw[name]
            for name in ("additionalProperties", "propertyNames")
            if name in raw and not schema.own
        }
        if schema.own:
            out["properties"] = {
                name: self._member(name, member)
                for name, member in schema.own.items()
                if self._sends(name, member)
            }
            if not self.around or raw.get("additionalProperties") is False:
                out["additionalProperties"] = False
        if self.mode != "request":
            out |= self._needs(schema)
        return out

    def _sends(self, name: str, member: Schema | None) -> bool:
        unsent = self.mode == "create" and not self.in_item
        return not (unsent and _lies_in((*self.path, name), member, self.read))

    def _member(self, name: str, member: Schema) -> dict[str, Any]:
        path = (*self.path, name)
        inside = replace(self, path=path, in_leaf=self.in_leaf or path in self.leaves, around={})
        if self.mode == "request" and path in self.whole:
            inside = _WHOLE
        out = inside.derive(member)
        if self.mode == "request" and not (self.in_leaf or _lies_in(path, member, self.read)):
            return {"anyOf": [out, {"type": "null"}]}
        return out

    def _needs(self, schema: Schema) -> dict[str, Any]:
        """Return what of ``required`` and ``dependentRequired`` callers must keep to."""
        members = self.around | dict(schema.own)
        stated = schema.raw.get("required", ())
        is_new = self.mode == "create" or self.in_item
        free = self.free | self.defaulted if is_new else self.free
        needed = [
            name
            for name in dict.fromkeys((*stated, *schema.own))
            if (*self.path, name) in self.needed
            or (name in stated and not _lies_in((*self.path, name), members.get(name), free))
        ]
        together = {
            name: [other for other in others if self._sends(other, members.get(other))]
            for name, others in schema.raw.get("dependentRequired", {}).items()
        }
        return ({"required": needed} if needed else {}) | (
            {"dependentRequired": together} if together else {}
        )


_NONE: frozenset[Steps] = frozenset()
_WHOLE = _Input("update", _NONE, _NONE, _NONE, _NONE, _NONE, _NONE)
"""What may be sent inside of a value that is written as one."""


def _lies_in(path: Steps, member: Schema | None, paths: AbstractSet[Steps]) -> bool:
    """Tell whether *paths* have *path*, or all the members of the object there."""
    inside = member.members() if member else {}
    return path in paths or (
        bool(inside) and all(_lies_in((*path, name), it, paths) for name, it in inside.items())
    )
