"""Changes of a schema file that people could make, most of them mistakes."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

from fuzzing.mapping_mutations import TRIES
from fuzzing.mistakes import SPELLINGS

TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
FORMATS = (
    "text",
    "date",
    "decimal",
    "integer-text",
    "currency",
    "local-date-time",
    "date-time",
    "email",
)
PATTERNS = ("^.*$", "^[0-9]+$", "^[A-Z]{3}$", "^[a-z]*$", "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$", "^x?$")
ANNOTATIONS = {
    "readOnly": True, "x-write": "create", "x-required-on": "create", "x-zone": "UTC",
    "x-unique": "id", "x-write-as": "written", "x-write-enum": [0, 1], "x-include": "all",
    "x-phase": {"name": "vis_state", "first": [0]}, "x-write-type": "string",
}  # fmt: skip


def mutate_schema(random: Random, root: Any) -> tuple[str, str | None]:
    """Change something in a schema.

    Returns:
        The kind of change, and what was changed, None for nothing.
    """
    change = random.choice(_CHANGES)
    nodes = list(_subschemas(root, ""))
    said = ((at, change(random, node)) for at, node in random.sample(nodes, min(TRIES, len(nodes))))
    at, done = next((each for each in said if each[1]), ("", None))
    return f"schema, {change.__name__.strip('_')}", f"{at or 'the root'} {done}" if done else None


def _subschemas(node: Any, at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield at, node
    for holder in ("properties", "$defs"):
        for name, inner in node.get(holder, {}).items():
            yield from _subschemas(inner, f"{at}/{name}")
    if isinstance(node.get("items"), dict):
        yield from _subschemas(node["items"], f"{at}[]")


def _type(random: Random, node: Any) -> str | None:
    if "type" not in node:
        return None
    kinds = [node["type"]] if isinstance(node["type"], str) else node["type"]
    match random.randrange(5):
        case 0:
            del node["type"]
        case 1:
            node["type"] = [*{**dict.fromkeys(kinds), random.choice(TYPES): None}]
        case 2:
            node["type"] = [*{**dict.fromkeys(kinds), "null": None}]
        case 3 if len(kinds) > 1:
            node["type"] = [each for each in kinds if each != random.choice(kinds)] or kinds
        case _:
            node["type"] = random.choice(TYPES)
    return f"of type {node.get('type')}"


def _listed(random: Random, node: Any) -> str | None:
    listed = node.get("enum")
    if not listed:
        if "const" in node:
            del node["const"]
            return "no longer constant"
        return None
    match random.randrange(4):
        case 0:
            del node["enum"]
        case 1:
            listed.append(random.choice((*SPELLINGS, "another", 7)))
        case 2:
            listed.append(None)
        case _:
            listed.remove(random.choice(listed))
            listed or listed.append("only")
    return f"one of {node.get('enum')}"


LIMITS: dict[str, tuple[tuple[str, tuple[Any, ...]], ...]] = {
    "string": (
        ("format", FORMATS), ("pattern", PATTERNS), ("minLength", (0, 1, 2, 5)),
        ("maxLength", (1, 3, 10, 100)), ("enum", (["x", None], ["", "y"], ["1"])),
    ),
    "number": (
        ("minimum", (-5, 0, 1, 2)), ("maximum", (0, 1, 50, 2**53)), ("exclusiveMinimum", (0, 0.5)),
        ("enum", ([0, 1, 2], [1, None])),
    ),
    "array": (("minItems", (0, 1, 2)), ("maxItems", (0, 1, 3)), ("uniqueItems", (True, False))),
}  # fmt: skip
"""By kind of value, what may limit it."""


def kinds_of(node: Any) -> list[str]:
    """Return the kinds of values that a subschema lets be; texts and numbers if it refers."""
    stated = node.get("type", ["string", "number"])
    stated = [stated] if isinstance(stated, str) else stated
    return ["number" if kind == "integer" else kind for kind in stated]


def _keyword(random: Random, node: Any) -> str:
    # What limits nothing here is rare: a mutant that says the same is not worth its time.
    likely = [kind for kind in kinds_of(node) if kind in LIMITS and random.random() < 0.95]
    name, values = random.choice(LIMITS[random.choice(likely or list(LIMITS))])
    present = [
        each for each in ("format", "pattern", "minLength", "minimum", "maximum") if each in node
    ]
    if present and random.random() < 0.5:
        dropped = random.choice(present)
        del node[dropped]
        return f"without {dropped}"
    node[name] = deepcopy(random.choice(values))
    return f"{name} {node[name]}"


def _members(random: Random, node: Any) -> str | None:
    members = node.get("properties")
    if not members:
        return None
    name = random.choice(list(members))
    required = node.setdefault("required", [])
    match random.randrange(6):
        case 0:
            del members[name]
            node["required"] = [each for each in required if each != name]
            return f"without {name}"
        case 1:
            members[f"{name}x"] = members.pop(name)
            node["required"] = [f"{name}x" if each == name else each for each in required]
            return f"{name} renamed"
        case 2 if required:
            dropped = required.pop(random.randrange(len(required)))
            return f"{dropped} not required"
        case 3:
            node["additionalProperties"] = random.choice((False, True, {"type": "string"}))
            return f"others {node['additionalProperties']}"
        case 4:
            other = random.choice(list(members))
            members[name], members[other] = members[other], members[name]
            return f"{name} and {other} swapped"
        case _:
            node["required"] = [*dict.fromkeys([*required, name])]
            return f"{name} required"


def _annotation(random: Random, node: Any) -> str:
    present = [each for each in node if each.startswith("x-") or each == "readOnly"]
    if present and random.random() < 0.6:
        dropped = random.choice(present)
        held = node[dropped]
        if isinstance(held, dict) and dropped == "x-invariants" and random.random() < 0.7:
            code = random.choice(list(held))
            del held[code]
            return f"without the invariant {code}"
        del node[dropped]
        return f"without {dropped}"
    name = random.choice(list(ANNOTATIONS))
    node[name] = deepcopy(ANNOTATIONS[name])
    return f"{name} {node[name]}"


def _union(random: Random, node: Any) -> str | None:
    """Say the same, or a little more, by a union."""
    if "type" not in node or "$ref" in node or "properties" in node:
        return None
    own = {
        name: node.pop(name) for name in list(node) if not name.startswith(("x-", "read", "desc"))
    }
    if "$defs" in own or "$schema" in own:
        node |= own
        return None
    other = random.choice(({"type": "null"}, {"type": "string"}, {"enum": ["x", 0]}))
    node[random.choice(("anyOf", "oneOf"))] = [own, other]
    return f"or {other}"


_CHANGES: tuple[Callable[[Random, Any], str | None], ...] = (
    _type, _type, _type, _listed, _listed, _keyword, _keyword, _keyword, _members, _members,
    _members, _annotation, _annotation, _union,
)  # fmt: skip
