"""Random JSON Schemas that say something of every value, and schemas that are almost the same."""

from random import Random
from typing import Any

NAMES = ("a", "b", "c")
TEXTS = (
    "",
    "0",
    "1",
    "12",
    "a",
    "ab",
    "A",
    "x y",
    " a ",
    "true",
    "2024-02-29",
    "2024-02-30",
    "-1.50",
)
PATTERNS = (
    "^[0-9]+$", "^[1-9][0-9]*$", "^(0|[1-9][0-9]*)$", "^-?[0-9]+$", "^[A-Za-z]{3}$", "^[a-c]*$",
    "^[A-Z]{2}$", "^(a|b|ab)$", "^[^,]*$", "^.*$", "^ ?[a-z]* ?$",
    "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$", "^[0-9]{1,12}$",
    "^[0-3][0-9]/[01][0-9]/[0-9]{4}$", "^(0[1-9]|1[0-9]|2[0-8])/(0[1-9]|1[0-2])/20[0-9]{2}$",
    "^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
)  # fmt: skip
FORMATS = (
    "date",
    "local-date-time",
    "date-time",
    "decimal",
    "integer-text",
    "currency",
    "country",
    "text",
)
BOUNDS = (-(2**53) + 1, -100, -1, 0, 0.5, 1, 2, 3, 50, 1000, 10**14, 2**53 - 1)
KINDS = ("null", "boolean", "integer", "number", "string", "array", "object")
SCALARS = (*TEXTS, None, True, False, 0, 1, 2, -1, 1.5)


def schema(random: Random, depth: int = 3) -> dict[str, Any]:
    """Return a random schema; few values may fit it, or none."""
    roll = random.random()
    if roll < 0.12:
        return {"enum": random.sample(SCALARS, random.randint(1, 4))}
    if roll < 0.16:
        return {"const": random.choice(SCALARS)}
    if depth and roll < 0.24:
        union = random.choice(("anyOf", "oneOf"))
        return {union: [schema(random, depth - 1) for _ in range(random.randint(1, 3))]}
    kinds = random.sample(KINDS if depth else KINDS[:5], random.choice((1, 1, 1, 2, 3)))
    made: dict[str, Any] = {"type": kinds if len(kinds) > 1 else kinds[0]}
    for kind in kinds:
        made |= _keywords(random, kind, depth)
    return made


def objects(random: Random, depth: int = 3) -> dict[str, Any]:
    """Return a random schema of objects."""
    return {"type": "object"} | _object(random, depth)


def _keywords(random: Random, kind: str, depth: int) -> dict[str, Any]:
    match kind:
        case "integer" | "number":
            return _number(random)
        case "string":
            return _text(random)
        case "array":
            return _list(random, depth)
        case "object":
            return _object(random, depth)
        case _:
            return {}


def _number(random: Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    low, high = sorted(random.sample(BOUNDS, 2))
    if random.random() < 0.5:
        made[random.choice(("minimum", "minimum", "exclusiveMinimum"))] = low
    if random.random() < 0.5:
        made[random.choice(("maximum", "maximum", "exclusiveMaximum"))] = high
    if random.random() < 0.3:
        made["format"] = "decimal"
    return made


def _text(random: Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if random.random() < 0.45:
        made["format"] = random.choice(FORMATS)
    if random.random() < 0.4:
        made["pattern"] = random.choice(PATTERNS)
    if random.random() < 0.25:
        made["minLength"] = random.randint(0, 3)
    if random.random() < 0.2:
        made["maxLength"] = random.randint(1, 12)
    return made


def _list(random: Random, depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {"items": schema(random, depth - 1)}
    if random.random() < 0.3:
        made["minItems"] = random.randint(0, 2)
    if random.random() < 0.3:
        made["maxItems"] = random.randint(0, 4)
    return made


def _object(random: Random, depth: int) -> dict[str, Any]:
    names = random.sample(NAMES, random.randint(1, 3))
    made: dict[str, Any] = {"properties": {name: schema(random, depth - 1) for name in names}}
    required = [name for name in names if random.random() < 0.6]
    if required:
        made["required"] = required
    if random.random() < 0.6:
        made["additionalProperties"] = False
    elif random.random() < 0.2:
        made["additionalProperties"] = schema(random, 0)
    return made


def similar(random: Random, raw: dict[str, Any]) -> dict[str, Any]:
    """Return *raw* with a few keywords less, more or others."""
    made = dict(raw)
    for _ in range(random.choice((0, 1, 1, 2))):
        _change(random, made)
    return made


def _change(random: Random, raw: dict[str, Any]) -> None:
    """Change something in the schema *raw*, or in a schema inside it, which is made anew."""
    inner = [name for name in ("items", "additionalProperties") if isinstance(raw.get(name), dict)]
    inner += ["properties"] * 2 if raw.get("properties") else []
    inner += [name for name in ("anyOf", "oneOf") if name in raw]
    if inner and random.random() < 0.7:
        name = random.choice(inner)
        held = raw[name]
        if name == "properties":
            key = random.choice(sorted(held))
            raw[name] = {**held, key: similar(random, held[key])}
        elif isinstance(held, list):
            at = random.randrange(len(held))
            raw[name] = [*held[:at], similar(random, held[at]), *held[at + 1 :]]
        else:
            raw[name] = similar(random, held)
        return
    if len(raw) > 1 and random.random() < 0.5:
        del raw[random.choice([name for name in raw if name != "type"] or ["type"])]
        return
    kinds = raw.get("type")
    for kind in [kinds] if isinstance(kinds, str) else kinds or ():
        raw |= {k: v for k, v in _keywords(random, kind, 1).items() if random.random() < 0.5}
