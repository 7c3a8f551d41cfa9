"""Mappings back to YAML: what :mod:`mapper.parse` reads as the same mapping again.

What a mapping says comes back in its shortest form; comments, descriptions, fragments and the names
of unset spellings, which a model has no trace of, do not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, assert_never

from mapper.model import (
    Access,
    Constant,
    ConstantRule,
    ConverterUse,
    Default,
    Envelope,
    ErrorEnvelope,
    ExpressionRule,
    FieldRule,
    Level,
    ListRule,
    Mapping,
    ObjectRule,
    OnlyRule,
    Path,
    Resource,
    SlotsRule,
    Unset,
    ValueRule,
    VendorSide,
    show_path,
)
from mapper.values import ABSENT, Steps, copy

Data = dict[str, Any]


def mapping_data(mapping: Mapping) -> Data:
    """Return what the file of *mapping* says."""
    data: Data = {
        "mapping": mapping.name,
        "resource": mapping.resource,
        "vendor": _vendor_side(mapping.vendor),
        "fields": fields_data(mapping.fields),
    }
    if mapping.constants:
        data["constants"] = constants_data(mapping.constants)
    if mapping.ignore:
        data["ignore"] = {_path(each.vendor): each.reason for each in mapping.ignore}
    if mapping.examples is not None:
        data["examples"] = mapping.examples.name
    if mapping.script is not None:
        data["script"] = {"file": mapping.script.file.name, "reason": mapping.script.reason}
    if mapping.pulled is not None:
        data["pulled"] = mapping.pulled.name
    return data


def resource_data(resource: Resource) -> Data:
    """Return what the file of *resource* says."""
    data: Data = {"resource": resource.name}
    if resource.title is not None:
        data["title"] = resource.title
    if resource.description is not None:
        data["description"] = resource.description
    data |= {"schema": resource.schema.name, "key": _path(resource.key)}
    if resource.object_name != resource.name:
        data["objectName"] = resource.object_name
    if resource.shadows is not None:
        data["shadows"] = resource.shadows
    if resource.display_names:
        data["displayNames"] = {_path(path): name for path, name in resource.display_names}
    if resource.invariants:
        data["invariants"] = {
            each.code: each.expression.scalar.text for each in resource.invariants
        }
    return data


def with_policies(data: Data) -> Data:
    """Return what a mapping's file says, with a name for each "no value" that it often spells."""
    said: Data = copy(data)
    rules = [rule for rule in _rules_in(said["fields"]) if "unset" in rule]
    often = Counter(repr(rule["unset"]) for rule in rules)
    names: dict[str, str] = {}
    policies: Data = {}
    for rule in rules:
        spelled = repr(rule["unset"])
        if often[spelled] >= OFTEN:
            if spelled not in names:
                names[spelled] = _policy_name(rule["unset"], policies)
                policies[names[spelled]] = rule["unset"]
            rule["unset"] = names[spelled]
    if not policies:
        return data
    before = {name: said.pop(name) for name in list(said) if name not in _FROM_FIELDS}
    return {**before, "unset": policies, **said}


OFTEN = 3
"""How often a mapping spells "no value" in the same way before that gets a name."""
_FROM_FIELDS = frozenset({"fields", "constants", "ignore", "examples", "script", "pulled"})


def _rules_in(fields: Data) -> Iterator[Data]:
    """Yield the rules of more than a vendor path, those in others too."""
    for rule in fields.values():
        if isinstance(rule, dict):
            yield rule
            for kind in ("fields", "each", "only"):
                yield from _rules_in(rule.get(kind, {}))
            for slot in rule["slots"]["items"] if "slots" in rule else ():
                yield from _rules_in(slot)


def _policy_name(unset: Any, known: Data) -> str:
    """Return a name for spellings of "no value", by what is most telling in them."""
    read = unset.get("read", []) if isinstance(unset, dict) else unset
    name = "text" if "" in read else "number" if 0 in read else "nothing"
    number = sum(other.rstrip("0123456789") == name for other in known)
    return f"{name}{number + 1}" if number else name


def overlay_data(data: Data, base: Data, level: Level) -> Data | None:
    """Return what the file of an overlay over *base* says that comes to the mapping of *data*.

    None if there is none, since something of the base would have to go.
    """
    rules = _changed_rules(data["fields"], base["fields"])
    kept = base.get("constants", {}).keys() <= data.get("constants", {}).keys()
    vendor, theirs = data["vendor"], base["vendor"]
    same_place = all(vendor[name] == theirs[name] for name in ("element", "resource"))
    if rules is None or not kept or not same_place:
        return None
    made: Data = {"overlay": data["mapping"], "extends": base["mapping"], "level": level.value}
    if data["resource"] != base["resource"]:
        made["resource"] = data["resource"]
    if vendor["schema"] != theirs["schema"]:
        made["vendor"] = {"schema": vendor["schema"]}
    made |= {name: each for name, each in zip(("add", "replace"), rules, strict=True) if each}
    for name in ("constants", "ignore"):
        known = base.get(name, {})
        own = {
            path: each
            for path, each in data.get(name, {}).items()
            if path not in known or not _same(known[path], each)
        }
        made |= {name: own} if own else {}
    return made


def _changed_rules(fields: Data, base: Data, at: str = "") -> tuple[Data, Data] | None:
    """Return the rules to add and to replace, by whole path; None if one would have to go."""
    if base.keys() - fields.keys():
        return None
    added: Data = {}
    replaced: Data = {}
    for path, rule in fields.items():
        if path not in base:
            added[f"{at}{path}"] = rule
        elif not _same(rule, base[path]):
            inner = _changed_members(rule, base[path], f"{at}{path}.")
            if inner is None:
                replaced[f"{at}{path}"] = rule
            else:
                added |= inner[0]
                replaced |= inner[1]
    return added, replaced


def _changed_members(rule: Any, base: Any, at: str) -> tuple[Data, Data] | None:
    """Return what changes in a rule with others in it, None if the rule changes itself."""
    if not isinstance(rule, dict) or not isinstance(base, dict):
        return None
    for kind in ("fields", "each", "only"):
        if kind in rule and kind in base and _same({**rule, kind: 0}, {**base, kind: 0}):
            return _changed_rules(rule[kind], base[kind], at)
    return None


def fields_data(rules: Iterable[FieldRule]) -> Data:
    """Return what stands under ``fields:`` for *rules*, fragments spelled out."""
    return {_path(rule.common): _rule(rule) for rule in rules}


def constants_data(constants: Iterable[Constant]) -> Data:
    return {_path(each.vendor): each.value for each in constants}


def _rule(rule: FieldRule) -> str | Data:
    match rule:
        case ValueRule():
            return _value_rule(rule)
        case ExpressionRule():
            return _expression_rule(rule)
        case ConstantRule(value=value):
            data: Data = {"constant": value}
        case ObjectRule(vendor=vendor, fields=members, unset=unset):
            data = {**({"vendor": _path(vendor)} if vendor else {}), **_unset(unset)}
            data["fields"] = fields_data(members)
        case ListRule(vendor=vendor, each=members, key=key, unset=unset):
            keyed = {"key": _path(key)} if key else {}
            data = {"vendor": _path(vendor), **keyed, **_unset(unset)}
            data["each"] = fields_data(members)
        case OnlyRule(fields=members):
            data = {"only": fields_data(members)}
        case SlotsRule():
            data = {"slots": _slots(rule)}
        case _:
            assert_never(rule)
    return _with_access(data, rule.access, Access.READ_WRITE)


def _with_access(data: Data, access: Access, usual: Access) -> Data:
    """Return *data* with its access, if it is not what the rule has without one, before a block."""
    if access is usual:
        return data
    *others, (last, inner) = data.items()
    if last in {"fields", "each", "only", "slots"}:
        return {**dict(others), "access": access.value, last: inner}
    return {**data, "access": access.value}


def _value_rule(rule: ValueRule) -> str | Data:
    vendor = _path(rule.vendor)
    data: Data = {}
    if rule.convert:
        uses = [_converter(use) for use in rule.convert]
        data["convert"] = uses[0] if len(uses) == 1 else uses
    data |= _unset(rule.unset) | _default(rule.default)
    if rule.access is not Access.READ_WRITE:
        data["access"] = rule.access.value
    if rule.lossy is not None:
        data["lossy"] = rule.lossy
    return {"vendor": vendor, **data} if data else vendor


def _converter(use: ConverterUse) -> str | Data:
    return use.name if use.parameters is None else {use.name: use.parameters}


def _unset(unset: Unset) -> Data:
    if unset.clear is not ABSENT:
        read = {} if _same(unset.read, (None,)) else {"read": list(unset.read)}
        return {"unset": {**read, "clear": unset.clear}}
    return {} if _same(unset.read, (None,)) else {"unset": list(unset.read)}


def _default(default: Default) -> Data:
    sides = {"read": default.read, "create": default.create}
    given = {name: value for name, value in sides.items() if value is not ABSENT}
    if not given:
        return {}
    short = not isinstance(default.read, dict) or given.keys().isdisjoint(default.read)
    if short and len(given) == 2 and _same(default.read, default.create):
        return {"default": default.read}
    return {"default": given}


def _same(left: Any, right: Any) -> bool:
    """Whether two values are written alike: false is not 0."""
    return repr(left) == repr(right)


def _expression_rule(rule: ExpressionRule) -> Data:
    data: Data = {}
    usual = Access.READ_WRITE if rule.to_vendor else Access.READ
    if rule.from_vendor is not None:
        data["from_vendor"] = rule.from_vendor.scalar.text
    else:
        usual = Access.WRITE
    if rule.to_vendor:
        data["to_vendor"] = {_path(path): each.scalar.text for path, each in rule.to_vendor}
    data = _with_access(data, rule.access, usual)
    return data if rule.lossy is None else {**data, "lossy": rule.lossy}


def _slots(rule: SlotsRule) -> Data:
    data: Data = {"empty": _path(rule.empty)}
    if rule.when_full:
        data["when_full"] = list(map(_path, rule.when_full))
    return data | {"items": list(map(fields_data, rule.slots))}


def _vendor_side(vendor: VendorSide) -> Data:
    data: Data = {
        "element": vendor.element,
        "resource": vendor.resource,
        "schema": vendor.schema.name,
    }
    envelope = _envelope(vendor.envelope)
    return {**data, "envelope": envelope} if envelope else data


def _envelope(envelope: Envelope) -> Data:
    data: Data = {}
    if envelope.single is not None:
        data["single"] = _steps(envelope.single)
    if envelope.list is not None:
        data["list"] = _steps(envelope.list)
    if envelope.request is not None:
        data["request"] = envelope.request
    errors = [_error_envelope(each) for each in envelope.errors]
    if errors:
        data["errors"] = errors[0] if len(errors) == 1 else errors
    return data


def _error_envelope(envelope: ErrorEnvelope) -> Data:
    path = {"path": _steps(envelope.path)} if envelope.path else {}
    return {**path, "code": _steps(envelope.code), "message": _steps(envelope.message)}


def _path(path: Path) -> str:
    return _steps(path.steps)


def _steps(steps: Steps) -> str:
    """Return a path as text in which nothing is taken for a parameter of a fragment."""
    return show_path(steps).replace("${", "\\u0024{")
