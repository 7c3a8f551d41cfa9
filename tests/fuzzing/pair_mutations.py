"""Changes of both schemas at once, at the two ends of a rule: often a check has nothing to say."""

from copy import deepcopy
from random import Random
from typing import Any

from fuzzing.mistakes import vendor_of
from fuzzing.schema_mutations import LIMITS, kinds_of


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
