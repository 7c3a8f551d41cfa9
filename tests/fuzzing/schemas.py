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
    "^(19|20|21)[0-9]{2}-12-[0-9]{2} [0-9]{2}:[0-5]0:00$", "^20[0-2][0-9]-01-01T[0-9:]{8}Z$",
    "^(0|[1-9][0-9]{0,8})[.][0-9]{2}$", "^-?[1-9][0-9]{0,3}([.][0-9]{1,3})?$", "^-?0[.]0[0-9]$",
    "^[a-c]+,[a-c]*$", "^[ab]{0,5}(,[ab])?(,[ab])?$", "^[^,]+,[^,]*,.?$",
)  # fmt: skip
FORMATS = (
    "date",
    "local-date-time",
    "date-time",
    "decimal",
    "number-text",
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
    if random.random() < 0.2:
        made["uniqueItems"] = True
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


# Schemas that converters of some kind take -------------------------------------------------------


def cents(random: Random) -> dict[str, Any]:
    """Return a schema of integers."""
    low, high = sorted(random.sample((*_CENTS, *(-each for each in _CENTS)), 2))
    return {"type": "integer", "minimum": low, "maximum": high}


_CENTS = (0, 1, 7, 10, 99, 100, 2345, 99999, 10**9, 10**15 - 1, 10**15, 2**53 - 1)


def decimals(random: Random) -> dict[str, Any]:
    """Return a schema of decimal numbers, most of them as text."""
    sign, whole = random.choice(("", "", "-?", "-")), random.choice(("0", "[1-9]", "(0|[1-9])"))
    whole += f"[0-9]{{0,{random.randint(1, 13)}}}" if "0" not in whole[:1] + whole[1:2] else ""
    least = random.randint(0, 3)
    point = f"([.][0-9]{{{max(least, 1)},{least + random.randint(1, 2)}}})" + "?" * (not least)
    found = {"type": "string", "format": "decimal", "pattern": f"^{sign}{whole}{point}$"}
    if random.random() < 0.3:
        found["pattern"] = f"^{sign}{whole}$"
    if random.random() < 0.2:
        found = {"type": "number", "format": "decimal", **_number(random)}
    return found


def times(random: Random) -> dict[str, Any]:
    """Return a schema of dates or times of some years."""
    years = random.choice((
        "[0-9]{4}", "20[0-9]{2}", "(19|20|21)[0-9]{2}", "19[0-9]0", "1900", "2199", "(1899|2200)",
        "202[4-6]", "(2000|2024)", "189[0-9]", "2[01][0-9]9",
    ))  # fmt: skip
    days = random.choice(("[0-9]{2}-[0-9]{2}", "(12-31|01-01)", "02-[0-9]{2}"))
    shape, after = random.choice((
        ("date", ""), ("local-date-time", " [0-9:]{8}"), ("local-date-time", " 00:00:00"),
        ("date-time", "T[0-9:]{8}Z"), ("date-time", "T23:[0-5][0-9]:[0-9]{2}Z"),
    ))  # fmt: skip
    return {"type": "string", "format": shape, "pattern": f"^{years}-{days}{after}$"}


def numbers(random: Random) -> dict[str, Any]:
    """Return a schema of numbers that may be whole."""
    return {"type": random.choice(("integer", "number"))} | _number(random)


SEPARATORS = (",", ", ", "a", "aa", "ab", "aba")


def parts(random: Random) -> dict[str, Any]:
    """Return a schema of texts that are parts with separators between them, or almost."""
    part = random.choice(("[ab]*", "[^,]+", "[a-c]{1,3}", "(aa|b)", "a?b?", ".+", "[a-z]{0,2}"))
    mark = random.choice(SEPARATORS)
    counts = random.choice(("?", "{2}", "{0,3}", ""))
    pattern = random.choice((
        f"^{part}$", f"^{part}{mark}{part}$", f"^({part}({mark}{part})?)?$", f"^({mark}x){counts}$",
    ))  # fmt: skip
    return {"type": "string", "pattern": pattern, "maxLength": random.choice((3, 6, 12))}


def lists_of_parts(random: Random) -> dict[str, Any]:
    """Return a schema of lists of texts."""
    least = random.randint(0, 3)
    item = {"type": "string", "pattern": random.choice(("^[ab]*$", "^[^,]+$", "^[a-c ]{1,3}$"))}
    return {
        "type": "array",
        "minItems": least,
        "maxItems": least + random.randint(0, 3),
        "items": item,
    }


TAGS = ("a", "b", "", 1, True, False, None)


def tagged(random: Random) -> dict[str, Any]:
    """Return a schema of objects whose member "a" mostly says which of several kinds they are."""
    branches = [_branch(random) for _ in range(random.choice((1, 2, 2, 3)))]
    if random.random() < 0.3:
        branches.append(random.choice(({"type": "null"}, {"type": "string"}, objects(random, 1))))
    found = {random.choice(("oneOf", "anyOf")): branches}
    return found | ({"required": ["a"]} if random.random() < 0.1 else {})


def _branch(random: Random) -> dict[str, Any]:
    members = {name: schema(random, 1) for name in ("b", "c") if random.random() < 0.8}
    tags = random.sample(TAGS, random.choice((1, 1, 2)))
    members["a"] = {"const": tags[0]} if len(tags) == 1 else {"enum": tags}
    made: dict[str, Any] = {"type": "object", "properties": members}
    if random.random() < 0.8:
        made["required"] = ["a"]
    if random.random() < 0.6:
        made["additionalProperties"] = False
    return made


# Schemas that are almost the same -----------------------------------------------------------------


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
