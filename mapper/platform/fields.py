"""The two field lists: those of an object definition, and those of a transformation.

A path leads through objects by dots, and into the items of a list by ``[*]``. Objects have no entry
of their own; a list has one, beside those of what is in its items.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from mapper.expr import Call, Chain, Current, Expr, Field, MakeObject
from mapper.lower import Group, Leaf, Listing, Lowered
from mapper.model import Access
from mapper.schema import Schema
from mapper.values import Steps

_PLAIN_NAME = re.compile("[A-Za-z_][A-Za-z0-9_-]*")
"""The member names that mean themselves in the platform's paths."""


class FieldType(StrEnum):
    """The types that are published: all that the platform need not convert."""

    STRING = "string"
    BOOLEAN = "boolean"
    NUMBER = "number"
    ARRAY = "array"


class CommonField(NamedTuple):
    """An entry of a definition."""

    path: str
    type: FieldType


class MappedField(NamedTuple):
    """An entry of a transformation."""

    path: str
    vendor_path: str
    access: Access


class Unsaid(NamedTuple):
    """A member of the common object that a definition has no words for, and why."""

    steps: Steps
    reason: str


def common_fields(
    schema: Schema, at: str = "", steps: Steps = ()
) -> Iterator[CommonField | Unsaid]:
    """Yield the fields of the objects of a canonical schema, in its order.

    *at* is what their paths begin with; *steps* lead there, through items as through members.
    """
    for name, member in schema.members().items():
        inside = (*steps, name)
        if not _PLAIN_NAME.fullmatch(name):
            yield Unsaid(inside, "its name would be read as more than a name")
        else:
            yield from _fields_of(member, f"{at}{name}", inside)


def _fields_of(schema: Schema, path: str, steps: Steps) -> Iterator[CommonField | Unsaid]:
    match sorted(schema.kinds - {"null"}):
        case ["object"] if schema.members():
            yield from common_fields(schema, f"{path}.", steps)
        case ["object"]:
            yield Unsaid(steps, "the names of its members are not known")
        case ["array"]:
            yield CommonField(path, FieldType.ARRAY)
            items = schema.items()
            if items is not None:
                yield from common_fields(items, f"{path}[*].", steps)
        case ["string"]:
            yield CommonField(path, FieldType.STRING)
        case ["boolean"]:
            yield CommonField(path, FieldType.BOOLEAN)
        case ["integer"]:
            yield CommonField(path, FieldType.NUMBER)
        case ["number"] | ["integer", "number"]:
            yield Unsaid(steps, "it may have a fraction, which a conversion might change")
        case _:
            yield Unsaid(steps, "it has no single type")


def mapped_fields(
    rules: tuple[Lowered, ...], common: str = "", vendor: str = ""
) -> Iterator[MappedField]:
    """Yield an entry for each value that rules move between one path and one vendor path.

    *common* and *vendor* are what the paths begin with. Slots, formulas and constants are the
    script's alone.
    """
    for rule in rules:
        match rule:
            case Leaf(common=own, vendor=steps, get=get):
                for taken, source in _taken_apart(get):
                    way = vendor, (*steps, *source)
                    yield from _entry(rule.access, common, (*own, *taken), *way)
            case Group(common=own, vendor=steps, members=members):
                inside = f"{vendor}{'.'.join(steps)}." if steps else vendor
                if all(map(_PLAIN_NAME.fullmatch, steps)):
                    yield from mapped_fields(members, f"{common}{'.'.join(own)}.", inside)
            case Listing(common=own, vendor=steps, members=members):
                for entry in _entry(rule.access, common, own, vendor, steps):
                    yield entry
                    at = f"{entry.path}[*].", f"{entry.vendor_path}[*]."
                    yield from mapped_fields(members, *at)
            case _:
                pass


def _entry(
    access: Access, common: str, own: Steps, vendor: str, steps: Steps
) -> Iterator[MappedField]:
    if all(map(_PLAIN_NAME.fullmatch, steps)):
        yield MappedField(common + ".".join(own), vendor + ".".join(steps), access)


def _taken_apart(get: Expr | None) -> Iterator[tuple[Steps, Steps]]:
    """Yield the members of the common value that a conversion reads, each with its vendor member.

    A conversion that makes no object reads the value itself.
    """
    match get:
        case Chain(left, MakeObject(members)) if _source(left) == ():
            for name, value in members:
                steps = _source(value)
                if steps:
                    yield (name,), steps
        case _:
            yield (), ()


def _source(tree: Expr) -> Steps | None:
    """Return the one member that an expression is about, if that can be seen."""
    match tree:
        case Current():
            return ()
        case Field(name):
            return (name,)
        case Call(arguments=(first, *_)):
            return _source(first)
        case Chain(left, right):
            outer, inner = _source(left), _source(right)
            return None if outer is None or inner is None else (*outer, *inner)
        case _:
            return None
