"""Random projects in more files: rules in fragments and overlays, words in a table.

What a project says stays the same, but for what an overlay replaces.
"""

from random import Random
from typing import Any

from fuzzing.parts import Json

MAPPING, OVERLAY = "v/thing", "v/thing@a"
FRAGMENT_FILE, OVERLAY_FILE = "mappings/fragment.yaml", "mappings/v/overlay.yaml"
TABLES: Json = {
    "mappings/words.yaml": {"table": "words", "entries": {"a": "b", "b": "c", "": "d", "é": "a"}},
}
"""What expressions of projects look words up in."""
PREFIX = "m"
"""How every vendor path of a project begins but for the id's."""


def spread(files: Json, random: Random) -> Json:
    """Return *files* with some of a mapping's rules in a fragment and in an overlay."""
    fields = files[f"mappings/{MAPPING}.yaml"]["fields"]
    made = dict(files)
    if random.random() < 0.3:
        made |= _fragment(fields)
    if random.random() < 0.2:
        made |= _overlay(fields, random)
    return made


def name_of(files: Json) -> str:
    """Return the name of the mapping that a project is about."""
    return OVERLAY if OVERLAY_FILE in files else MAPPING


def _fragment(fields: Json) -> Json:
    """Move the rules of an object that is the surrounding one for the vendor, if there is one."""
    for rule in fields.values():
        if isinstance(rule, dict) and "fields" in rule and "vendor" not in rule:
            moved = _prefixed(rule.pop("fields"))
            rule |= {"fragment": "part", "with": {"prefix": PREFIX}}
            return {FRAGMENT_FILE: {"fragment": "part", "parameters": ["prefix"], "fields": moved}}
    return {}


def _prefixed(rules: Json) -> Json:
    """Return rules whose vendor paths begin with what the parameter says."""
    return {path: _with_parameter(rule) for path, rule in rules.items()}


def _with_parameter(rule: Any) -> Any:
    if isinstance(rule, str):
        return rule.replace(PREFIX, "${prefix}", 1)
    made = dict(rule)
    if "vendor" in made:
        made["vendor"] = _with_parameter(made["vendor"])
    for inner in ("fields", "each", "only"):
        if inner in made:
            made[inner] = _prefixed(made[inner])
    if "slots" in made:
        items = [_prefixed(slot) for slot in made["slots"]["items"]]
        made["slots"] = {**made["slots"], "items": items}
    return made


def _overlay(fields: Json, random: Random) -> Json:
    """Move some rules to an overlay; in the place of some is another one, which it replaces."""
    added: Json = {}
    replaced: Json = {}
    for path in list(fields):
        if path == "id" or "." in path or random.random() < 0.5:
            continue
        if random.random() < 0.5:
            added[path] = fields.pop(path)
        else:
            replaced[path], fields[path] = fields[path], {"constant": "k"}
    overlay: Json = {"overlay": OVERLAY, "extends": MAPPING, "level": "account"}
    overlay |= {"add": added} if added else {}
    overlay |= {"replace": replaced} if replaced else {}
    return {OVERLAY_FILE: overlay} if added or replaced else {}
