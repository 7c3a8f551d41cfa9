"""Changes of a rule that are mistakes, most of which a check finds."""

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

Change = Callable[[Random, Any, Any, str], str | None]
"""Changes the rule of a name in its owner, of a file's root; returns what, None for nothing."""

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


def vendor_of(rule: Any) -> str | None:
    return rule if isinstance(rule, str) else rule.get("vendor")


def with_vendor(owner: Any, name: str, vendor: str) -> None:
    owner[name] = {**owner[name], "vendor": vendor} if isinstance(owner[name], dict) else vendor


def _rename_vendor(random: Random, _: Any, owner: Any, name: str) -> str | None:
    vendor = vendor_of(owner[name])
    if not vendor:
        return None
    new = _typo(random, vendor)
    with_vendor(owner, name, new)
    return f"{name} from {new}"


def _other_vendor(random: Random, _: Any, owner: Any, name: str) -> str | None:
    others = [each for each in owner if each != name and vendor_of(owner[each])]
    if not others or not vendor_of(owner[name]):
        return None
    other = random.choice(others)
    mine, its = vendor_of(owner[name]), vendor_of(owner[other])
    with_vendor(owner, name, its)
    if random.random() < 0.7:
        with_vendor(owner, other, mine)
        return f"{name} and {other} exchange their vendor paths"
    return f"{name} from {its} too"


def _swap_rules(random: Random, _: Any, owner: Any, name: str) -> str | None:
    other = random.choice(list(owner))
    owner[name], owner[other] = owner[other], owner[name]
    return f"{name} and {other} swapped" if other != name else None


def long_rule(owner: Any, name: str) -> dict[str, Any]:
    """Return the rule in its long form, in its place."""
    rule = owner[name]
    owner[name] = {"vendor": rule} if isinstance(rule, str) else rule
    return owner[name]


def _convert(random: Random, _: Any, owner: Any, name: str) -> str | None:
    rule = long_rule(owner, name)
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
    rule = long_rule(owner, name)
    rule["access"] = random.choice(ACCESS)
    return f"{name} is {rule['access']}"


def _lossy(_: Random, __: Any, owner: Any, name: str) -> str | None:
    rule = long_rule(owner, name)
    if rule.keys().isdisjoint(("vendor", "from_vendor")) or not rule.keys().isdisjoint(_HOLDING):
        return None
    rule["lossy"] = "some of it"
    return f"{name} is declared lossy"


_HOLDING = ("fields", "each")


def _unset(random: Random, _: Any, owner: Any, name: str) -> str | None:
    rule = long_rule(owner, name)
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
    rule = long_rule(owner, name)
    if "vendor" not in rule:
        return None
    rule["default"] = deepcopy(random.choice(DEFAULTS))
    return f"{name} by default {rule['default']}"


def _constant(random: Random, root: Any, owner: Any, name: str) -> str | None:
    value = deepcopy(random.choice(DEFAULTS))
    if random.random() < 0.5:
        owner[name] = {"constant": value}
        return f"{name} always {value}"
    vendor = vendor_of(owner[name])
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
            dropped = random.choice([*slot] or [None])
            if dropped is None:  # one mistake after others
                return None
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
    rule = long_rule(owner, name)
    vendor = vendor_of(rule)
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
    vendor = vendor_of(owner[name])
    if vendor is None or owner is not root.get("fields") or "mapping" not in root:
        return None
    del owner[name]
    root.setdefault("ignore", {})[vendor] = "no reason"
    return f"{name} ignored"


CHANGES: tuple[Change, ...] = (
    _drop_rule, _rename_rule, _rename_vendor, _other_vendor, _swap_rules, _ignore, _constant,
    _convert, _parameter, _parameter, _access, _access, _access, _lossy, _unset, _unset, _default,
    _key, _slots, _slots, _formula, _formula,
)  # fmt: skip
