"""The gate of mutants: shipped mappings and schemas with mutations that a check overlooks.

A mutant that checks without a finding has to read and write whatever fits its schemas.
"""

import json
import tempfile
import traceback
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml
from agreement import text
from subjects import ROOT, WRAPPERS

from fuzzing.mappings import yaml_text
from mapper import codes
from mapper.check import check_project
from mapper.diagnostics import MapperError, TransformError
from mapper.generate import Seeded, compile_generator
from mapper.project import load_project
from mapper.prove.edits import Editor
from mapper.prove.laws import Outside
from mapper.running import Mapper
from mapper.schema import validate

DOCUMENTS = 12
ALLOWED = frozenset({"M502", *(f"M{number}" for number in range(511, 525))})
"""Refusals by design: of what the vendor demands of the whole object (``x-write-invariants``), and
of access, clearing, written values, hidden members, steps, items, slots, and missing members."""

Node = dict[str, Any] | list[Any]
Mutation = Callable[[Random, Any], bool]
"""Changes a tree in place; returns whether it could."""


def case(random: Random) -> list[str]:
    """Mutate one shipped mapping, and return what became of it."""
    name = random.choice(sorted(WRAPPERS))
    with tempfile.TemporaryDirectory() as folder:
        mutant = Mutant(name, deepcopy(files_of(name)), Path(folder))
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            mutant.mutate(random)
        mutant.write()
        return list(mutant.judge(random))


@cache
def files_of(name: str) -> dict[str, Any]:
    """Return what a mapping is made of by path, without its examples."""
    files: dict[str, Any] = {}
    mapping = f"mappings/{name}.yaml"
    folders = ("fragments", "resources")
    shared = (each for folder in folders for each in (ROOT / "mappings" / folder).iterdir())
    for path in (ROOT / mapping, *sorted(shared)):
        files[path.relative_to(ROOT).as_posix()] = yaml.safe_load(path.read_text("utf-8"))
    resource = f"mappings/resources/{files[mapping]['resource']}.yaml"
    used = json.dumps(files[mapping])
    files = {
        path: content
        for path, content in files.items()
        if path in (mapping, resource) or f'"{content.get("fragment")}"' in used
    }
    del files[mapping]["examples"]
    for schema in (files[mapping]["vendor"]["schema"], files[resource]["schema"]):
        definitions = f"{schema.partition('/')[0]}/definitions.schema.json"
        for each in (schema, definitions):
            files[f"schemas/{each}"] = json.loads((ROOT / "schemas" / each).read_text("utf-8"))
    return files


class Mutant:
    """A shipped mapping while it is changed, and then judged.

    Attributes:
        name: Of the mapping.
        files: Its files by path.
        done: What was changed, in words.
    """

    def __init__(self, name: str, files: dict[str, Any], folder: Path) -> None:
        self.name = name
        self.files = files
        self.done: list[str] = []
        self._folder = folder

    def mutate(self, random: Random) -> None:
        """Make one change."""
        for _ in range(100):
            path = random.choice([*self.files, f"mappings/{self.name}.yaml"])
            content = self.files[path]
            made = mutate_schema if path.endswith(".json") else mutate_mapping
            said = made(random, content)
            if said:
                self.done.append(f"{path}: {said}")
                return

    def write(self) -> None:
        for path, content in self.files.items():
            (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
            written = json.dumps(content) if path.endswith(".json") else yaml_text(content)
            (self._folder / path).write_text(written, encoding="utf-8")

    def judge(self, random: Random) -> Iterator[str]:
        """Yield whether a check finds something, or documents find nothing either."""
        try:
            project = load_project(self._folder)
            found = project.findings or check_project(project, [self.name])
        except MapperError as error:
            found = error.diagnostics
        except Exception:  # noqa: BLE001 - which no file may cause
            raise AssertionError(f"{self}: check fails: {traceback.format_exc()}") from None
        if found:
            yield from sorted({f"found {each.rule.code}" for each in found})
            yield "found"
            return
        try:
            mapper = project.mapper(self.name).interpreted
            make = compile_generator(mapper.vendor_schema, unknown=True)
        except MapperError:
            yield "not generated"
            return
        choices = Seeded(Random(random.random()))
        try:
            documents = [make(choices) for _ in range(DOCUMENTS)]
            for document in documents:
                assert not mapper.validate_payload(document), f"{self}: generated {text(document)}"
                yield self._reads(mapper, document)
            editor = Editor(mapper)
            for document in documents:
                yield from self._writes(mapper, editor, document, choices)
        except MapperError as error:
            if any(each.rule is not codes.BAD_SCHEMA for each in error.diagnostics):
                raise AssertionError(f"{self}: {error}") from None
            yield "not generated"
        yield "clean"

    def _reads(self, mapper: Mapper, document: Any) -> str:
        try:
            common = mapper.from_vendor(document)
        except TransformError as error:
            raise AssertionError(f"{self}: reading {text(document)} fails: {error}") from None
        found = [str(each) for each in validate(mapper.common_schema, common)]
        if found:
            raise AssertionError(f"{self}: {text(document)} reads as {text(common)}: {found}")
        return "reads"

    def _writes(
        self, mapper: Mapper, editor: Editor, document: Any, choices: Seeded
    ) -> Iterator[str]:
        try:
            created = editor.new(choices)
            yield self._takes(mapper, "create", created)
        except Outside:
            yield "nothing to create"
        try:
            edited = editor.edit(mapper.from_vendor(document), choices)
            yield self._takes(mapper, "update", edited, document)
        except Outside:
            yield "nothing to edit"

    def _takes(self, mapper: Mapper, mode: str, common: Any, *base: Any) -> str:
        case = f"{self}: {mode} {text(common)} {text(base)}"
        try:
            bodies = mapper.update_steps(common, *base) if base else [mapper.to_vendor(common)]
        except TransformError as error:
            wrong = [str(each) for each in error.diagnostics if each.rule.code not in ALLOWED]
            assert not wrong, f"{case} fails: {wrong}"
            return f"{mode} is refused"
        for body in bodies:
            found = [str(each) for each in mapper.validate_body(body, mode)]
            assert not found, f"{case} gives {text(body)}: {found}"
        return f"{mode}s"

    def __str__(self) -> str:
        return f"{self.name} ({'; '.join(self.done)})"


# Mutations of mappings ----------------------------------------------------------------------------

CONVERTERS = (
    "string", "integer", "decimal", "percent", "boolean", "flag", "date", "money", "country_code",
    {"scale": 100}, {"datetime": {"zone": "UTC"}}, {"date": "%d/%m/%Y"}, {"split": ","},
    {"join": ","}, {"pluck": "amount"}, {"list": "string"}, {"list": "money"},
    {"values": {"a": ["b"]}},
)  # fmt: skip
ACCESS = ("read", "write", "create", "read-write")
ZONES = ("UTC", "America/New_York", "Europe/Berlin")
SPELLINGS = ("", None, 0, "0", False, [], "none", 1)
DEFAULTS = (
    "x",
    1,
    "1",
    True,
    None,
    {"amount": "1", "currency": "USD"},
    [],
    "2024-01-31",
    {"read": "x"},
)


def mutate_mapping(random: Random, root: Any) -> str | None:
    """Change something in a mapping, resource or fragment file; return what, None for nothing."""
    if "fields" not in root:
        return _mutate_resource(random, root)
    owners = list(_field_sets(root["fields"]))
    owner = random.choice(owners)
    if not owner:
        return None
    name = random.choice(list(owner))
    change = random.choice(_CHANGES)
    return change(random, root, owner, name)


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


def _typo(random: Random, word: str) -> str:
    at = random.randrange(len(word))
    return random.choice((word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word + "s"))


def _drop_rule(_: Random, __: Any, owner: Any, name: str) -> str:
    del owner[name]
    return f"no rule {name}"


def _rename_rule(random: Random, _: Any, owner: Any, name: str) -> str | None:
    new = _typo(random, name)
    rules = [(new if each == name else each, rule) for each, rule in owner.items()]
    owner.clear()
    owner.update(rules)
    return f"{name} renamed {new}"


def _vendor(rule: Any) -> str | None:
    return rule if isinstance(rule, str) else rule.get("vendor")


def _with_vendor(owner: Any, name: str, vendor: str) -> None:
    owner[name] = {**owner[name], "vendor": vendor} if isinstance(owner[name], dict) else vendor


def _rename_vendor(random: Random, _: Any, owner: Any, name: str) -> str | None:
    vendor = _vendor(owner[name])
    if not vendor:
        return None
    new = _typo(random, vendor)
    _with_vendor(owner, name, new)
    return f"{name} from {new}"


def _other_vendor(random: Random, _: Any, owner: Any, name: str) -> str | None:
    others = [each for each in owner if each != name and _vendor(owner[each])]
    if not others or not _vendor(owner[name]):
        return None
    other = random.choice(others)
    mine, its = _vendor(owner[name]), _vendor(owner[other])
    _with_vendor(owner, name, its)
    if random.random() < 0.7:
        _with_vendor(owner, other, mine)
        return f"{name} and {other} exchange their vendor paths"
    return f"{name} from {its} too"


def _swap_rules(random: Random, _: Any, owner: Any, name: str) -> str | None:
    other = random.choice(list(owner))
    owner[name], owner[other] = owner[other], owner[name]
    return f"{name} and {other} swapped" if other != name else None


def _rule(owner: Any, name: str) -> dict[str, Any]:
    """Return the rule in its long form, in its place."""
    rule = owner[name]
    owner[name] = {"vendor": rule} if isinstance(rule, str) else rule
    return owner[name]


def _convert(random: Random, _: Any, owner: Any, name: str) -> str | None:
    rule = _rule(owner, name)
    if "vendor" not in rule or "fields" in rule or "each" in rule:
        return None
    if "convert" in rule and random.random() < 0.4:
        del rule["convert"]
        return f"{name} not converted"
    rule["convert"] = deepcopy(random.choice(CONVERTERS))
    return f"{name} converted by {rule['convert']}"


def _parameter(random: Random, _: Any, owner: Any, name: str) -> str | None:
    rule = owner[name]
    convert = rule.get("convert") if isinstance(rule, dict) else None
    if not isinstance(convert, dict):
        return None
    if "datetime" in convert:
        convert["datetime"] = {"zone": random.choice(ZONES)}
        return f"{name} in {convert['datetime']}"
    if "values" in convert:
        return f"{name}: {_change_values(random, convert['values'])}"
    return None


def _change_values(random: Random, values: dict[str, Any]) -> str:
    common = random.choice(list(values))
    match random.randrange(5):
        case 0:
            del values[common]
            return f"no value {common}"
        case 1:
            values[common] = values[common][1:] or ["other"]
            return f"one spelling less of {common}"
        case 2:
            values[f"{common}s"] = values.pop(common)
            return f"value {common} renamed"
        case 3:
            values[common] = [*values[common], random.choice(SPELLINGS)]
            return f"{common} also from {values[common][-1]}"
        case _:
            other = random.choice(list(values))
            values[common], values[other] = values[other], values[common]
            return f"values {common} and {other} swapped"


def _access(random: Random, _: Any, owner: Any, name: str) -> str:
    rule = _rule(owner, name)
    rule["access"] = random.choice(ACCESS)
    return f"{name} is {rule['access']}"


def _unset(random: Random, _: Any, owner: Any, name: str) -> str | None:
    rule = _rule(owner, name)
    if "vendor" not in rule:
        return None
    if "unset" in rule and random.random() < 0.4:
        del rule["unset"]
        return f"{name} without unset"
    read = random.sample(SPELLINGS, random.randint(1, 3))
    rule["unset"] = read
    if random.random() < 0.6:
        rule["unset"] = {"read": read, "clear": random.choice((*read, *SPELLINGS))}
    return f"{name} unset {rule['unset']}"


def _default(random: Random, _: Any, owner: Any, name: str) -> str | None:
    rule = _rule(owner, name)
    if "vendor" not in rule:
        return None
    rule["default"] = deepcopy(random.choice(DEFAULTS))
    return f"{name} by default {rule['default']}"


def _constant(random: Random, root: Any, owner: Any, name: str) -> str | None:
    value = deepcopy(random.choice(DEFAULTS))
    if random.random() < 0.5:
        owner[name] = {"constant": value}
        return f"{name} always {value}"
    vendor = _vendor(owner[name])
    if not vendor or "mapping" not in root:
        return None
    root["constants"] = {vendor: value}
    return f"creating writes {vendor} {value}"


def _key(random: Random, _: Any, owner: Any, name: str) -> str | None:
    rule = owner[name]
    if not isinstance(rule, dict) or "each" not in rule:
        return None
    if random.random() < 0.3:
        rule.pop("key", None)
        return f"{name} without a key"
    rule["key"] = random.choice(list(rule["each"]))
    return f"{name} by {rule['key']}"


def _slots(random: Random, _: Any, owner: Any, name: str) -> str | None:
    rule = owner[name]
    if not isinstance(rule, dict) or "slots" not in rule:
        return None
    items = rule["slots"]["items"]
    match random.randrange(4):
        case 0:
            items.reverse()
            return f"slots of {name} reversed"
        case 1:
            slot = random.choice(items)
            dropped = random.choice(list(slot))
            del slot[dropped]
            return f"{dropped} of a slot of {name} dropped"
        case 2:
            rule["slots"].pop("when_full", None)
            return f"{name} never asks whether all are full"
        case _:
            shared = random.choice([each for each in items[0] if each in items[1]] or [None])
            if shared is None:
                return None
            items[0][shared], items[1][shared] = items[1][shared], items[0][shared]
            return f"{shared} of {name} in the other slot"


def _formula(random: Random, _: Any, owner: Any, name: str) -> str | None:
    rule = _rule(owner, name)
    vendor = _vendor(rule)
    if "from_vendor" in rule:
        match random.randrange(4):
            case 0:
                rule["from_vendor"] = rule["from_vendor"].split("||")[0].strip()
            case 1:
                rule["from_vendor"] = rule["from_vendor"].split("||")[-1].strip()
            case 2:
                rule.pop("to_vendor", None)
            case _:
                rule["from_vendor"] = f"not_null({rule['from_vendor']}, 'x')"
        return f"{name} by {rule}"
    if not vendor or "fields" in rule or "each" in rule:
        return None
    made: dict[str, Any] = {"from_vendor": random.choice(
        (vendor, f"{vendor} || 'x'", f"upper({vendor})", f"to_string({vendor})",
         f"to_number({vendor})", f"not_null({vendor}, `0`)", f"{vendor} == 'x'")
    )}  # fmt: skip
    if random.random() < 0.5:
        made["to_vendor"] = {vendor: random.choice((name, f"lower({name})", f"to_string({name})"))}
    if "access" in rule and "to_vendor" not in made:
        made["access"] = rule["access"]
    owner[name] = made
    return f"{name} by {made}"


def _ignore(random: Random, root: Any, owner: Any, name: str) -> str | None:
    vendor = _vendor(owner[name])
    if vendor is None or owner is not root.get("fields") or "mapping" not in root:
        return None
    del owner[name]
    root.setdefault("ignore", {})[vendor] = "no reason"
    return f"{name} ignored"


_CHANGES: tuple[Callable[[Random, Any, Any, str], str | None], ...] = (
    _drop_rule, _rename_rule, _rename_vendor, _other_vendor, _other_vendor, _swap_rules, _convert,
    _convert, _convert, _parameter, _parameter, _access, _access, _unset, _unset, _unset, _default,
    _constant, _key, _key, _slots, _slots, _formula, _formula, _ignore,
)  # fmt: skip


# Mutations of schemas -----------------------------------------------------------------------------

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


def mutate_schema(random: Random, root: Any) -> str | None:
    """Change something in a schema; return what, None for nothing."""
    at, node = random.choice(list(_subschemas(root, "")))
    said = random.choice(_SCHEMA_CHANGES)(random, node)
    return f"{at or 'the root'} {said}" if said else None


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


def _keyword(random: Random, node: Any) -> str:
    name, values = random.choice((
        ("format", FORMATS), ("pattern", PATTERNS), ("minLength", (0, 1, 2, 5)),
        ("maxLength", (1, 3, 10, 100)), ("minimum", (-5, 0, 1, 2)), ("maximum", (0, 1, 50, 2**53)),
        ("minItems", (0, 1, 2)), ("maxItems", (0, 1, 3)), ("uniqueItems", (True, False)),
        ("enum", (["x", None], ["", "y"], [0, 1, 2], ["1"])), ("exclusiveMinimum", (0, 0.5)),
    ))  # fmt: skip
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


_SCHEMA_CHANGES: tuple[Callable[[Random, Any], str | None], ...] = (
    _type, _type, _type, _listed, _listed, _keyword, _keyword, _keyword, _members, _members,
    _members, _annotation, _annotation, _union,
)  # fmt: skip
