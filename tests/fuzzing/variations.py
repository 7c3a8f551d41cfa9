"""Changes of a rule to something like it, against which a check often has nothing."""

from copy import deepcopy
from random import Random
from typing import Any

from fuzzing.mistakes import Change, long_rule, vendor_of, with_vendor

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
    if vendor_of(owner[name]) is None:
        return None
    read = random.choice(USUAL)
    spelled = random.choice((read, {"read": read, "clear": random.choice(read)}))
    long_rule(owner, name)["unset"] = deepcopy(spelled)
    return f"{name} unset {spelled}"


def _suiting(random: Random, _: Any, owner: Any, name: str) -> str | None:
    """Give a default that may suit."""
    if vendor_of(owner[name]) is None:
        return None
    rule = long_rule(owner, name)
    convert = rule.get("convert")
    kind = _name_of(convert) if isinstance(convert, str | dict) else None
    values = tuple(convert["values"]) if kind == "values" else SUITING.get(kind, SUITING[None])
    value = deepcopy(random.choice(values))
    rule["default"] = random.choice((value, {"read": value}, {"create": value}))
    return f"{name} by default {rule['default']}"


def _rewritten(random: Random, _: Any, owner: Any, name: str) -> str | None:
    """Say by expressions what a path says, or something like it."""
    vendor, rule = vendor_of(owner[name]), owner[name]
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
    mine = vendor_of(owner[name])
    others = [
        each
        for each, rule in owner.items()
        if each != name
        and mine
        and vendor_of(rule)
        and _but_vendor(rule) == _but_vendor(owner[name])
    ]
    if not others:
        return None
    other = random.choice(others)
    its = vendor_of(owner[other])
    with_vendor(owner, name, its or "")
    with_vendor(owner, other, mine or "")
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


def _dotted(_: Random, __: Any, owner: Any, name: str) -> str | None:
    """Say by paths what a group says of its members."""
    rule = owner[name]
    members = rule.get("fields") if isinstance(rule, dict) else None
    if not members or any(vendor_of(each) is None for each in members.values()):
        return None
    del owner[name]
    around = f"{rule['vendor']}." if rule.get("vendor") else ""
    for inner, moved in members.items():
        owner[f"{name}.{inner}"] = moved
        with_vendor(owner, f"{name}.{inner}", f"{around}{vendor_of(moved)}")
        if "access" in rule:
            long_rule(owner, f"{name}.{inner}").setdefault("access", rule["access"])
    return f"{name}: members by their paths"


CHANGES: tuple[Change, ...] = (
    _alike, _spelling, _suiting, _rewritten, _exchange, _values, _dotted,
)  # fmt: skip
