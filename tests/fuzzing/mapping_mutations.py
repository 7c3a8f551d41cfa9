"""Changes of a mapping, resource or fragment file that people could make, most of them mistakes."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

CONVERTERS = (
    "string", "integer", "decimal", "percent", "boolean", "flag", "date", "money", "country_code",
    {"scale": 100}, {"datetime": {"zone": "UTC"}}, {"date": "%d/%m/%Y"}, {"split": ","},
    {"join": ","}, {"pluck": "amount"}, {"list": "string"}, {"list": "money"},
    {"values": {"a": ["b"]}},
)  # fmt: skip
TRIES = 40
"""At so many rules a change is tried until it can be made."""
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


def mutate_mapping(random: Random, root: Any) -> tuple[str, str | None]:
    """Change something in a mapping, resource or fragment file.

    Returns:
        The kind of change, and what was changed, None for nothing.
    """
    if "fields" not in root:
        return "resource", _mutate_resource(random, root)
    change = random.choice(_CHANGES)
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


# Changes that a check often has nothing against --------------------------------------------------

ALIKE: dict[str, tuple[Any, ...]] = {
    "string": (["string"], "integer"),
    "decimal": (["decimal"], "percent", {"scale": 1}, {"scale": 10}),
    "percent": (["percent"], "decimal", {"scale": 100}),
    "money": (["money"],),
    "date": (["date"], {"date": "%Y-%m-%d"}),
}
"""By converter, others that take the same and give something alike."""
USUAL = (["", None], [None], [""], [0, "0", None], [0, None], ["", 0, None], ["0", "", None])
SUITING = {
    "string": ("1", "0", "12"), "decimal": ("1", "0.50", "-1"), "percent": ("13", "0"),
    "money": ({"amount": "1", "currency": "USD"}, {"amount": "0.00", "currency": "EUR"}),
    "date": ("2024-02-29", "1999-12-31"),
    "datetime": ("2024-02-29T00:00:00Z", "2024-11-03T06:30:00Z"),
    None: ("x", "", "none", 1, True, False, "2024-02-29"),
}  # fmt: skip
"""By converter, common values that it may give."""
READING = (
    "not_null({0})", "{0} || {0}", "[{0}][0]", "{{x: {0}}}.x", "{0} | @", "{0} && {0}",
    "{0} != '' && {0} || `null`", "not_null({0}, {0})", "{0} && trim({0})", "{0} && to_string({0})",
    "({0} == '' || {0} == `null`) && `null` || {0}", "[{0}, {0}][?@] | [0]", "{0} || 'x'",
    "not_null({0}, 'x')", "{0} && length({0}) > `0` && {0} || `null`", "to_string({0} || '')",
    "{0} && join('', [{0}, {0}])", "{0} && lower({0})", "{0} && upper({0})",
)  # fmt: skip
WRITING = (
    "{0}", "not_null({0})", "{0} || {0}", "to_string({0})", "trim({0})", "lower({0})", "upper({0})",
    "[{0}][0]", "{0} && {0}", "{0} || ''", "not_null({0}, 'x')", "join('', [{0}])",
)  # fmt: skip


def _name_of(convert: Any) -> str | None:
    return next(iter(convert)) if isinstance(convert, dict) and convert else convert


def _alike(random: Random, _: Any, owner: Any, name: str) -> str | None:
    rule = owner[name]
    convert = rule.get("convert") if isinstance(rule, dict) else None
    if not isinstance(convert, str) or convert not in ALIKE:
        return None
    rule["convert"] = deepcopy(random.choice(ALIKE[convert]))
    return f"{name} converted by {rule['convert']}, not {convert}"


def _spelling(random: Random, _: Any, owner: Any, name: str) -> str | None:
    """Give another list of spellings that is usual."""
    if _vendor(owner[name]) is None:
        return None
    read = random.choice(USUAL)
    spelled = random.choice((read, {"read": read, "clear": random.choice(read)}))
    _rule(owner, name)["unset"] = deepcopy(spelled)
    return f"{name} unset {spelled}"


def _suiting(random: Random, _: Any, owner: Any, name: str) -> str | None:
    """Give a default that may suit."""
    if _vendor(owner[name]) is None:
        return None
    rule = _rule(owner, name)
    convert = rule.get("convert")
    kind = _name_of(convert) if isinstance(convert, str | dict) else None
    values = tuple(convert["values"]) if kind == "values" else SUITING.get(kind, SUITING[None])
    value = deepcopy(random.choice(values))
    rule["default"] = random.choice((value, {"read": value}, {"create": value}))
    return f"{name} by default {rule['default']}"


def _rewritten(random: Random, _: Any, owner: Any, name: str) -> str | None:
    """Say by expressions what a path says, or something like it."""
    vendor, rule = _vendor(owner[name]), owner[name]
    if vendor is None or (isinstance(rule, dict) and {"convert", "each", "fields"} & rule.keys()):
        return None
    access = rule.get("access", "read-write") if isinstance(rule, dict) else "read-write"
    made: dict[str, Any] = {"from_vendor": random.choice(READING).format(vendor)}
    if access == "read":
        made["access"] = access
    else:
        made["to_vendor"] = {vendor: random.choice(WRITING).format(name)}
    owner[name] = made
    return f"{name} by {made}"


def _exchange(random: Random, _: Any, owner: Any, name: str) -> str | None:
    """Exchange the vendor paths of two rules that are otherwise the same."""
    mine = _vendor(owner[name])
    others = [
        each
        for each, rule in owner.items()
        if each != name and mine and _vendor(rule) and _but_vendor(rule) == _but_vendor(owner[name])
    ]
    if not others:
        return None
    other = random.choice(others)
    its = _vendor(owner[other])
    _with_vendor(owner, name, its or "")
    _with_vendor(owner, other, mine or "")
    return f"{name} and {other}, which are alike, exchange their vendor paths"


def _but_vendor(rule: Any) -> Any:
    rule = {} if isinstance(rule, str) else rule
    return {key: value for key, value in rule.items() if key != "vendor"}


def _values(random: Random, _: Any, owner: Any, name: str) -> str | None:
    """Change which vendor values are written, or which read as what."""
    rule = owner[name]
    convert = rule.get("convert") if isinstance(rule, dict) else None
    if not isinstance(convert, dict) or "values" not in convert:
        return None
    values = convert["values"]
    one, other = random.choice(list(values)), random.choice(list(values))
    if random.random() < 0.5:
        values[one].reverse()
        return f"{name}: spellings of {one} reversed"
    values[one], values[other] = values[other], values[one]
    return f"{name}: values {one} and {other} swapped"


_CHANGES: tuple[Callable[[Random, Any, Any, str], str | None], ...] = (
    _drop_rule, _rename_rule, _rename_vendor, _other_vendor, _swap_rules, _ignore, _constant,
    _convert, _parameter, _parameter, _access, _access, _access, _unset, _unset, _default, _key,
    _slots, _slots, _formula, _formula,
    *(_alike, _spelling, _suiting, _rewritten, _exchange, _values) * 3,
)  # fmt: skip
