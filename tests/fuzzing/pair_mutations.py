"""Changes of both schemas at once, at the two ends of a rule: often a check has nothing to say."""

from copy import deepcopy
from random import Random
from typing import Any

from fuzzing.mistakes import vendor_of
from fuzzing.schema_mutations import LIMITS, kinds_of

SCALARS = (
    {"type": "string", "format": "text"},
    {"type": "string", "format": "date"},
    {"type": "integer", "minimum": 0, "maximum": 9},
    {"type": "string", "maxLength": 3, "format": "text"},
)


def mutate_pair(random: Random, mapping: Any, vendor: Any, common: Any) -> tuple[str, str | None]:
    """Say the same of both ends of a rule.

    Returns:
        The kind of change, and what was changed, None for nothing.
    """
    name, rule = random.choice(list(mapping["fields"].items()))
    path = vendor_of(rule)
    theirs = vendor["properties"].get(path)
    steps = name.split(".")
    around = _at(common, steps[:-1])
    ours = around and around.get("properties", {}).get(steps[-1])
    if theirs is None or ours is None:
        return "both schemas", None
    if "properties" in theirs or "items" in theirs or random.random() < 0.1:
        mapping["fields"][name] = {"vendor": path}
        for each in [each for each in mapping.get("ignore", ()) if each.startswith(f"{path}.")]:
            del mapping["ignore"][each]
        made = _whole(random, theirs)
        vendor["properties"][path], around["properties"][steps[-1]] = made, _described(random, made)
        return "both schemas, whole", f"{name} and {path} {made}"
    if random.random() < 0.25:
        for holder, member in ((vendor, path), (around, steps[-1])):
            holder["required"] = [*dict.fromkeys([*holder.get("required", ()), member])]
        return "both schemas, required", f"{name} and {path} required"
    limits = [limit for kind in kinds_of(theirs) for limit in LIMITS.get(kind, ())]
    if not limits:
        return "both schemas", None
    keyword, values = random.choice(limits)
    value = random.choice(values)
    ours[keyword], theirs[keyword] = deepcopy(value), deepcopy(value)
    return "both schemas, limited", f"{name} and {path}: {keyword} {value}"


def _at(schema: Any, steps: list[str]) -> Any:
    """Return the subschema at *steps*, None if it is not in this file."""
    for step in steps:
        schema = schema and schema.get("properties", {}).get(step)
    return schema


# Objects and lists that one rule takes whole ------------------------------------------------------


def _whole(random: Random, theirs: Any) -> Any:
    """Return what the vendor says of an object, a map, or a list of such."""
    if random.random() < 0.3 and "properties" in theirs:
        made = deepcopy(theirs)
        made["additionalProperties"] = random.choice((False, False, True))
        return made
    members = {name: _scalar(random) for name in ("a", "b")}
    made = {"type": "object", "additionalProperties": False, "properties": members}
    if random.random() < 0.5:
        made["required"] = random.choice((["a"], ["a", "b"]))
    if random.random() < 0.3:
        made["additionalProperties"] = _scalar(random)
    if random.random() < 0.3:
        del made["properties"], made["additionalProperties"]
        made |= {"additionalProperties": _scalar(random), "required": []}
    for note in random.sample(("x-write-type", "x-write-enum"), random.choice((0, 0, 0, 1))):
        made[note] = {"x-write-type": "string", "x-write-enum": ["x"]}[note]
    return {"type": "array", "items": made} if random.random() < 0.3 else made


def _scalar(random: Random) -> Any:
    made = dict(random.choice(SCALARS))
    for note in random.sample(("readOnly", "x-write"), random.choice((0, 0, 0, 1))):
        made[note] = {"readOnly": True, "x-write": "create"}[note]
    return made


def _described(random: Random, theirs: Any) -> Any:
    """Return what the common schema says of the same: mostly no member that is not written."""
    if not isinstance(theirs, dict):
        return theirs
    kept = {
        name: value for name, value in theirs.items() if not name.startswith(("x-", "readOnly"))
    }
    if isinstance(theirs.get("properties"), dict):
        kept["properties"] = {
            name: _described(random, inner)
            for name, inner in theirs["properties"].items()
            if not {"readOnly", "x-write"} & inner.keys() or random.random() < 0.2
        }
        named = [name for name in theirs.get("required", ()) if name in kept["properties"]]
        kept["required"] = named
    for holder in ("items", "additionalProperties"):
        if holder in kept:
            kept[holder] = _described(random, kept[holder])
    return kept
