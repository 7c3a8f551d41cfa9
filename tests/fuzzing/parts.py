"""Parts of random projects: what one rule maps, and the kinds of single values there are.

A part is what the vendor's schema says of its members, what the canonical schema says of its own,
and the rule between them.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

Json = dict[str, Any]


class Side(NamedTuple):
    """What one side says of an object's members: their schemas, and which are required."""

    members: Json
    required: list[str]


class Part(NamedTuple):
    """What one rule, or some, map."""

    vendor: Side
    common: Side
    rules: Json


class Kind(NamedTuple):
    """Single values: what each side says of them, the converter, and limits both may have."""

    vendor: Json
    common: Json
    convert: Any = None
    limits: tuple[Json, ...] = ()


TEXT: Json = {"type": "string", "format": "text"}
DECIMAL: Json = {"type": "string", "format": "decimal"}
DIGITS: Json = {"type": "string", "format": "integer-text"}
DATE: Json = {"type": "string", "format": "date"}
INSTANT: Json = {
    "type": "string",
    "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
}
SUMMERY = "America/New_York"
"""A zone that changes its clocks."""
SHORTEST = "^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\\.[0-9]*[1-9])$"
CURRENCY: Json = {"type": "string", "format": "currency"}
WORDS: Json = {"type": "array", "items": {"type": "string"}}
LISTED: tuple[Json, ...] = ({"maxItems": 2}, {"minItems": 1}, {"uniqueItems": True})
SAME = (
    Kind(TEXT, TEXT, None, ({"maxLength": 3}, {"minLength": 1}, {"enum": ["a", "b", ""]})),
    Kind({"type": "string"}, {"type": "string"}, None, ({"pattern": "^[a-z]{1,3}$"},)),
    Kind({"type": "integer"}, {"type": "integer"}, None, ({"minimum": 0}, {"maximum": 9})),
    Kind({"type": "number"}, {"type": "number"}, None, ({"minimum": 0}, {"exclusiveMinimum": 0})),
    Kind({"type": "boolean"}, {"type": "boolean"}),
    Kind(DATE, DATE),
    Kind(WORDS, WORDS, None, LISTED),
)
"""The kinds that both sides have in the same form."""
KINDS = (
    *SAME,
    Kind({"type": "integer"}, DIGITS, "string"),
    Kind(DIGITS, {"type": "integer"}, "integer"),
    Kind(DECIMAL, DECIMAL, "decimal"),
    Kind({**DECIMAL, "x-unit": "percent"}, {**DECIMAL, "x-unit": "percent"}, "percent"),
    Kind(DECIMAL, {"type": "string", "pattern": "^-?(0|[1-9][0-9]{0,20})\\.[0-9]{2,9}$"},
         {"scale": 100}),
    Kind({"type": "string", "enum": ["true", "false"]}, {"type": "boolean"}, "boolean"),
    Kind({"type": "integer", "enum": [0, 1]}, {"type": "boolean"}, "flag"),
    Kind({"type": "number"}, {"type": "string", "format": "number-text", "pattern": SHORTEST},
         "number"),
    Kind({"type": "integer", "minimum": 0, "maximum": 253402300799}, INSTANT, "epoch",
         ({"minimum": 946684800},)),
    Kind({"type": "string", "format": "local-date-time", "x-zone": "UTC"}, INSTANT,
         {"datetime": {"zone": "UTC"}}),
    Kind({"type": "string", "format": "local-date-time", "x-zone": SUMMERY}, INSTANT,
         {"datetime": {"zone": SUMMERY}}),
    Kind(DATE, DATE, "date"),
    Kind({"type": "string", "enum": ["x", "y"]}, {"type": "string", "enum": ["X", "Y"]},
         {"values": {"X": ["x"], "Y": ["y"]}}),
    Kind({"type": "integer", "enum": [0, 1, 2]}, {"type": "string", "enum": ["X", "Y"]},
         {"values": {"X": [0], "Y": [1]}}),
    Kind({"type": "string", "pattern": "^([^,]+(,[^,]+)*)?$"},
         {"type": "array", "items": {"type": "string", "pattern": "^[^,]+$"}}, {"split": ","}),
    Kind({"type": "array", "items": {"type": "integer"}}, {"type": "array", "items": DIGITS},
         {"list": "string"}, LISTED),
)  # fmt: skip


def one_member(name: str, theirs: tuple[Json, bool], ours: tuple[Json, bool], rule: Any) -> Part:
    """Return the part of one member of the same name on both sides, each required or not."""
    sides = [Side({name: schema}, [name] * required) for schema, required in (theirs, ours)]
    return Part(sides[0], sides[1], {name: rule})


def joined(parts: Iterable[Part]) -> Part:
    whole = Part(Side({}, []), Side({}, []), {})
    for part in parts:
        for side, more in ((whole.vendor, part.vendor), (whole.common, part.common)):
            side.members.update(more.members)
            side.required.extend(more.required)
        whole.rules.update(part.rules)
    return whole


def object_schema(side: Side, *, closed: bool = False) -> Json:
    made: Json = {"type": "object", "properties": side.members}
    if side.required:
        made["required"] = side.required
    if closed:
        made["additionalProperties"] = False
    return made


def below(rule: Any, holder: str) -> Any:
    """Return a rule whose vendor path leads into *holder*."""
    if isinstance(rule, str):
        return f"{holder}.{rule}"
    return {**rule, "vendor": f"{holder}.{rule['vendor']}"}
