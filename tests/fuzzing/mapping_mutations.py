"""Changes of a mapping, resource or fragment file that people could make."""

from collections.abc import Iterator
from random import Random
from typing import Any

from fuzzing import mistakes, variations

TRIES = 40
"""At so many rules a change is tried until it can be made."""


def mutate_mapping(random: Random, root: Any) -> tuple[str, str | None]:
    """Change something in a mapping, resource or fragment file.

    Returns:
        The kind of change, and what was changed, None for nothing.
    """
    if "fields" not in root:
        return "resource", _mutate_resource(random, root)
    change = random.choice((*mistakes.CHANGES, *variations.CHANGES * 3))
    places = [(owner, name) for owner in _field_sets(root["fields"]) for name in owner]
    said = (
        change(random, root, owner, name)
        for owner, name in random.sample(places, min(TRIES, len(places)))
    )
    return f"rule, {change.__name__.strip('_')}", next(filter(None, said), None)


def _field_sets(fields: Any) -> Iterator[dict[str, Any]]:
    """Yield every set of rules by common path."""
    yield fields
    for rule in fields.values():
        if not isinstance(rule, dict):
            continue
        for held in ("fields", "each", "only"):
            if held in rule:
                yield from _field_sets(rule[held])
        if "slots" in rule:
            for slot in rule["slots"]["items"]:
                yield from _field_sets(slot)


def _mutate_resource(random: Random, root: Any) -> str | None:
    if random.random() < 0.3 and root.get("invariants"):
        del root["invariants"]
        return "no invariants"
    root["key"] = random.choice(("name", "ids", "key", "id.id"))
    return f"key {root['key']}"
