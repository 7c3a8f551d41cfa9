"""The keywords that a schema may use: one table, with what each takes; all else is a mistake.

The part of JSON Schema 2020-12 that the tool understands as a whole (it validates, derives and
generates from every keyword here), and the vendor's write rules as ``x-`` annotations.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from mapper.diagnostics import PointerSteps, did_you_mean, show_name
from mapper.expr import ExpressionError, parse
from mapper.formats import FORMATS
from mapper.functions import FUNCTIONS
from mapper.primitives import is_zone, zone_names
from mapper.schema.patterns import refusal

TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
"""The type names of JSON Schema."""

Fault: TypeAlias = tuple[PointerSteps, str, str | None]
"""What is wrong below one subschema: the place from there, the message, a hint of its own."""


class Keyword(Struct, frozen=True):
    """One keyword.

    Attributes:
        takes: What its value is, in words.
        fits: Tells whether a JSON value is of that shape.
        asserts: Whether it limits which values fit the schema; otherwise it is an annotation.
        holds: How its value holds subschemas: itself one, a list of them, or by name.
    """

    takes: str
    fits: Callable[[Any], bool]
    asserts: bool = True
    holds: Literal["one", "list", "by name"] | None = None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool)) or _is_number(value)


def _is_scalars(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(map(_is_scalar, value))


def _is_types(value: Any) -> bool:
    return value in TYPES if _is_text(value) else value != [] and _is_names_of_types(value)


def _is_names_of_types(value: Any) -> bool:
    return _is_names(value) and set(value) <= set(TYPES)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(map(_is_object, value))


def _is_objects_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_object, value.values()))


def _is_texts_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_name, value.values()))


def _is_phase(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"name", "first"}
        and _is_name(value.get("name"))
        and ("first" not in value or _is_scalars(value["first"]))
    )


def _is_write_as(value: Any) -> bool:
    if isinstance(value, dict):
        return value.keys() == {"member", "items"} and all(map(_is_name, value.values()))
    return _is_name(value)


FILTER_OPERATORS = ("=", "<", "<=", ">", ">=")
"""What a filter of the vendor may compare a member with its value by."""


def _is_filters(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(says, dict)
        and says.keys() == {"member", "operator"}
        and _is_name(says["member"])
        and says["operator"] in FILTER_OPERATORS
        for says in value.values()
    )


def _is_refused_body(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"member", "value"}
        and _is_name(value["member"])
        and _is_scalar(value["value"])
    )


def _is_refusing_filter(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"filter", "value"}
        and _is_name(value["filter"])
        and _is_text(value["value"])
    )


def _note(takes: str, fits: Callable[[Any], bool]) -> Keyword:
    return Keyword(takes, fits, asserts=False)


KEYWORDS: Mapping[str, Keyword] = {
    "type": Keyword(f"one or more of {', '.join(TYPES)}", _is_types),
    "enum": Keyword("a list of texts, numbers, booleans and null, at least one", _is_scalars),
    "const": Keyword("a text, a number, a boolean or null", _is_scalar),
    "properties": Keyword("schemas by member name", _is_objects_by_name, holds="by name"),
    "required": Keyword("a list of different names", _is_names),
    "dependentRequired": Keyword(
        "lists of names by member name",
        lambda value: isinstance(value, dict) and all(map(_is_names, value.values())),
    ),
    "additionalProperties": Keyword(
        "true, false or a schema", lambda value: isinstance(value, (bool, dict)), holds="one"
    ),
    "propertyNames": Keyword("a schema", _is_object, holds="one"),
    "items": Keyword("a schema", _is_object, holds="one"),
    "minItems": Keyword("a count", _is_count),
    "maxItems": Keyword("a count", _is_count),
    "uniqueItems": Keyword("true or false", _is_flag),
    "minimum": Keyword("a number", _is_number),
    "maximum": Keyword("a number", _is_number),
    "exclusiveMinimum": Keyword("a number", _is_number),
    "exclusiveMaximum": Keyword("a number", _is_number),
    "minLength": Keyword("a count", _is_count),
    "maxLength": Keyword("a count", _is_count),
    "pattern": Keyword("a regular expression", _is_text),
    "format": Keyword("the name of a format", _is_text),
    "anyOf": Keyword("a list of schemas", _is_objects, holds="list"),
    "oneOf": Keyword("a list of schemas", _is_objects, holds="list"),
    "allOf": Keyword("a list of schemas", _is_objects, holds="list"),
    "not": Keyword("a schema", _is_object, holds="one"),
    "$ref": Keyword("a relative reference", _is_text),
    "$defs": _note("schemas by name", _is_objects_by_name),
    "$id": _note("a text", _is_text),
    "$schema": _note("a text", _is_text),
    "$comment": _note("a text", _is_text),
    "title": _note("a text", _is_text),
    "description": _note("a text", _is_text),
    "examples": _note("a list", lambda value: isinstance(value, list)),
    "default": _note("any value", lambda value: True),
    "deprecated": _note("true or false", _is_flag),
    "readOnly": _note("true or false", _is_flag),
    "writeOnly": _note("true or false", _is_flag),
    "contentMediaType": _note("a text", _is_text),
    "contentEncoding": _note("a text", _is_text),
    "x-write": _note("create", lambda value: value == "create"),
    "x-required-on": _note("create", lambda value: value == "create"),
    "x-computed": _note("an expression", _is_name),
    "x-phase": _note("{name: a text, first: a list of values}", _is_phase),
    "x-include": _note("a name", _is_name),
    "x-zone": _note("the name of a time zone", _is_name),
    "x-unit": _note("a name", _is_name),
    "x-target": _note("a name", _is_name),
    "x-write-type": _note(f"one or more of {', '.join(TYPES)}", _is_types),
    "x-write-enum": _note("a list of texts, numbers, booleans and null", _is_scalars),
    "x-write-as": _note("a name, or {member: a name, items: a name}", _is_write_as),
    "x-list": _note("replace", lambda value: value == "replace"),
    "x-unique": _note("the name of a member", _is_name),
    "x-sends-key": _note("the name of the items' key member", _is_name),
    "x-invariants": _note("expressions by code", _is_texts_by_name),
    "x-write-invariants": _note("expressions by code", _is_texts_by_name),
    "x-filters": _note(
        f"by filter: {{member: a path, operator: {', '.join(FILTER_OPERATORS)}}}", _is_filters
    ),
    "x-refuse-filter": _note("{filter: a name, value: a text}", _is_refusing_filter),
    "x-refuse-body": _note(
        "{member: a name, value: a text, a number, a boolean or null}", _is_refused_body
    ),
}
"""Every keyword by name."""

HOLDERS = frozenset(name for name, each in KEYWORDS.items() if each.holds or name == "$defs")
"""The keywords whose values hold schemas."""
_OF_PATTERNS = (
    "write ^…$ of characters, [classes], (groups) and counts, as Python and JavaScript read them "
    "alike: [0-9] and not \\d, and in what is repeated one way to go on"
)
WRITING = frozenset(
    (
        "readOnly", "x-write", "x-write-type", "x-write-enum", "x-write-as", "x-required-on",
        "x-phase", "x-include", "x-sends-key",
    )
)  # fmt: skip
"""The annotations that say how a member is written; they are asked of the member as a whole."""
_EXPRESSIONS = frozenset(("x-computed", "x-invariants", "x-write-invariants"))
_BY_NAME = frozenset(("properties", "x-invariants", "x-write-invariants", "x-filters"))
_ROOT_ONLY = frozenset(
    (
        "$id",
        "$schema",
        "x-invariants",
        "x-write-invariants",
        "x-filters",
        "x-refuse-filter",
        "x-refuse-body",
    )
)


_LOOKED_INTO = _ROOT_ONLY | _EXPRESSIONS | {"format", "pattern", "x-zone"}
"""The keywords of which more is asked than that their values are of the right shape."""


def subschemas(raw: Mapping[str, Any]) -> Iterator[tuple[PointerSteps, dict[str, Any]]]:
    """Yield the schemas directly inside *raw*, ``$defs`` included, with the steps to each.

    What is not of its keyword's shape is passed over.
    """
    for name, value in raw.items():
        if name not in HOLDERS or not KEYWORDS[name].fits(value):
            continue
        keyword = KEYWORDS[name]
        if keyword.holds == "by name" or name == "$defs":
            yield from (((name, key), child) for key, child in value.items())
        elif keyword.holds == "list":
            yield from (((name, index), child) for index, child in enumerate(value))
        elif keyword.holds == "one" and isinstance(value, dict):
            yield (name,), value


def faults(raw: Mapping[str, Any], *, is_root: bool) -> Iterator[Fault]:
    """Yield what is wrong with the keywords of the one subschema *raw*, not of those inside it."""
    for name, value in raw.items():
        keyword = KEYWORDS.get(name)
        if keyword is None:
            yield (name,), f"unknown keyword {show_name(name)}", _advice(name)
        elif not keyword.fits(value):
            yield (name, *_misfit_in(name, value)), f"{name} takes {keyword.takes}", None
        elif name not in _LOOKED_INTO:  # as most
            continue
        elif name == "format":
            if value not in FORMATS:
                yield (name,), f"unknown format {show_name(value)}", did_you_mean(value, FORMATS)
        elif name == "pattern":
            if reason := refusal(value):
                yield (name,), f"pattern {reason}", _OF_PATTERNS
        elif name == "x-zone":
            if not is_zone(value):
                hint = did_you_mean(value, zone_names())
                yield (name,), f"unknown time zone {show_name(value)}", hint
        elif name in _ROOT_ONLY and not is_root:
            yield (name,), f"{name} stands only at the root of a file", "move it to the root"
        elif name in _EXPRESSIONS:
            yield from _no_expressions(name, value)
    if "anyOf" in raw and "oneOf" in raw:
        yield (), "anyOf and oneOf stand beside each other", "keep one of the two"


def _misfit_in(name: str, value: Any) -> PointerSteps:
    """Return the way to the one entry of a keyword's value that does not fit, () if to none."""
    if not isinstance(value, dict) or name not in _BY_NAME:
        return ()
    wrong = [key for key, each in value.items() if not KEYWORDS[name].fits({key: each})]
    return (wrong[0],) if len(wrong) == 1 else ()


def _no_expressions(name: str, value: str | dict[str, str]) -> Iterator[Fault]:
    """Yield what in the expression of a keyword, or in its expressions by code, cannot be read."""
    texts = {(name,): value} if isinstance(value, str) else {(name, c): t for c, t in value.items()}
    for place, text in texts.items():
        try:
            parse(text, FUNCTIONS)
        except ExpressionError as error:
            yield place, f"{show_name(text)} is no expression: {error.message}", None


def _advice(name: str) -> str:
    if name in _OTHERS:
        return "this keyword of JSON Schema is not used here; say it with those that are"
    return (
        did_you_mean(name, KEYWORDS) or "remove it; what people should know stands in `description`"
    )


_OTHERS = frozenset(
    (
        "if",
        "then",
        "else",
        "prefixItems",
        "contains",
        "minContains",
        "maxContains",
        "multipleOf",
        "minProperties",
        "maxProperties",
        "patternProperties",
        "dependentSchemas",
        "unevaluatedItems",
        "unevaluatedProperties",
        "contentSchema",
        "$anchor",
        "$dynamicAnchor",
        "$dynamicRef",
        "$vocabulary",
        "definitions",
        "dependencies",
        "additionalItems",
    )
)
"""Keywords of JSON Schema, now or once, that the tool does not use."""
