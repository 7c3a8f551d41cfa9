"""The parts of random projects that are about single values: plain, computed, by expressions."""

from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any

from fuzzing.parts import (
    CURRENCY,
    DATE,
    DECIMAL,
    KINDS,
    SUMMERY,
    TEXT,
    Json,
    Kind,
    Part,
    Side,
    joined,
    object_schema,
    one_member,
)

CLEARED: Json = {"read": [None], "clear": None}
UNSETS: tuple[Json, ...] = (
    CLEARED, {"read": ["", None], "clear": ""}, {"read": [""], "clear": ""}, {"read": [None]},
)  # fmt: skip
DEFAULTS = {
    "string": ("a", "1", "2024-02-29", "X"), "integer": (1, 0), "number": (1, 0.5),
    "boolean": (True, False), "array": ([], ["1"]),
}  # fmt: skip
READING = (
    "{0} || {1}", "not_null({0}, {1})", "{0} != '' && {0} || `null`", "{0} && to_string({0})",
    "{0} && lower({0})", "join(' ', [{0} || '', {1} || ''])", "{0} == {1} && {0} || {1}",
    "lookup('words', {0} || '')", "{0} && lookup('words', {0}) || {1}",
    "[{0}, {1}][?@] | [0]", "{0} && length({0})", "{0} && split({0}, ' ')[0]", "trim({0} || '')",
)  # fmt: skip
"""Expressions over two members of the vendor's."""
WRITING = (
    "{0}", "{0} || ''", "not_null({0}, {1})", "{0} && {1} || ''", "{0} == 'a' && {1} || {0}",
    "trim({0})", "{0} && {1} && join(' ', [{0}, {1}]) || {0} || {1} || ''", "{1} && {0}",
    "to_string({0})", "lookup('words', {0}) || {0}",
)  # fmt: skip
"""Expressions over two common members."""
BESIDE = (
    "{0} && {1} || ''", "{0} == 'a' && {1} || ''", "{1} || ''", "{1} && {0} != `null` && {1} || ''",
)  # fmt: skip
"""What writes the second of two common members, where it may depend on the first."""


class Singles:
    """Makes parts of single values; names are never used twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0

    # Choices --------------------------------------------------------------------------------------

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _pick(self, options: Any) -> Any:
        return deepcopy(self._random.choice(options))

    def _kind(self, kinds: Sequence[Kind]) -> Kind:
        kind = self._random.choice(kinds)
        return kind._replace(vendor=deepcopy(kind.vendor), common=deepcopy(kind.common))

    def _name(self) -> str:
        self._count += 1
        return f"m{self._count}"

    def _mostly(self, truth: bool) -> bool:  # noqa: FBT001 - a value like others
        return truth if self._chance(0.9) else not truth

    def _always(self, theirs: Json) -> bool:
        """Whether the vendor always shows a member: what it needs to create, it does."""
        return "x-required-on" in theirs or self._chance(0.5)

    # Parts ----------------------------------------------------------------------------------------

    def _leaf(self) -> Part:
        kind, name = self._kind(KINDS), self._name()
        theirs, ours = kind.vendor, kind.common
        rule: Json = {"vendor": name}
        if kind.convert is not None:
            rule["convert"] = kind.convert
        if theirs.get("x-zone") == SUMMERY and self._chance(0.8):
            rule["lossy"] = "an hour that comes twice"
        if kind.limits and self._chance(0.35):
            limit = self._pick(kind.limits)
            theirs |= limit
            if self._chance(0.8):
                ours |= limit
        nullable = self._nullable(theirs, rule)
        self._note(theirs, rule)
        required = self._always(theirs)
        given = self._mostly(required and not nullable)
        if self._defaulted(ours, rule):
            given = self._chance(0.7)
        said = rule if len(rule) > 1 or self._chance(0.3) else name
        return one_member(name, (theirs, required), (ours, given), said)

    def _nullable(self, theirs: Json, rule: Json) -> bool:
        """Let the vendor say "no value", and the rule mostly know it; return whether it does."""
        if not self._chance(0.4):
            return False
        is_text = theirs["type"] == "string" and not theirs.keys() & {"enum", "pattern"}
        unset = self._pick(UNSETS if is_text else (CLEARED, CLEARED, CLEARED, {"read": [None]}))
        if None in unset["read"]:
            theirs["type"] = [theirs["type"], "null"]
            if "enum" in theirs:
                theirs["enum"] = [*theirs["enum"], None]
        if self._chance(0.9):
            rule["unset"] = unset
        return True

    def _note(self, theirs: Json, rule: Json) -> None:
        """Say when a member is written, on both sides mostly the same."""
        match self._random.randrange(12):
            case 0 | 1:
                theirs["readOnly"] = True
                rule["access"] = "read"
            case 2:
                theirs["x-write"] = "create"
                rule["access"] = "create"
            case 3:
                theirs["x-required-on"] = "create"
            case 4:
                theirs["x-write-as"] = self._name()
            case 5:
                rule |= {"access": self._pick(("read", "create", "write")), "description": "x"}
            case 6 if self._chance(0.5):
                note = ({"readOnly": True}, {"x-include": "all"}, {"x-write": "create"})
                theirs |= self._pick(note)
            case _:
                pass

    def _defaulted(self, ours: Json, rule: Json) -> bool:
        """Give a default to some rules that know "no value"; return whether it is read."""
        if not self._chance(0.15) or "unset" not in rule or rule.get("access") == "write":
            return False
        value = self._pick(DEFAULTS[ours["type"]])
        way = "read" if rule.get("access") == "read" else self._pick(("both", "read", "create"))
        rule["default"] = value if way == "both" else {way: value}
        return way != "create"

    def _constant(self) -> Part:
        name, value = self._name(), self._pick(("k", 1, True))
        ours = Side({name: {"const": value}}, [name] * self._chance(0.6))
        return Part(Side({}, []), ours, {name: {"constant": value}})

    def _money(self) -> Part:
        """Return an amount with its currency, of which the vendor may have more."""
        name = self._name()
        theirs = object_schema(Side({"amount": DECIMAL, "code": CURRENCY}, ["amount", "code"]))
        theirs["properties"] |= self._pick(
            ({}, {}, {"note": TEXT}, {"at": {**TEXT, "readOnly": True}})
        )
        ours = Side({"amount": DECIMAL, "currency": CURRENCY}, ["amount", "currency"])
        rule: Json = {"vendor": name, "convert": "money"}
        if self._chance(0.2):
            theirs["type"], rule["unset"] = ["object", "null"], CLEARED
        self._note(theirs, rule)
        required = self._always(theirs)
        given = required and "unset" not in rule and rule.get("access") != "write"
        return one_member(name, (theirs, required), (object_schema(ours, closed=True), given), rule)

    def _days(self) -> Part:
        """Return a day that follows from another one, and the days between them."""
        start, end, days = self._name(), self._name(), self._name()
        count = {"type": "integer", "minimum": -99999, "maximum": 99999}
        theirs: Json = {start: dict(DATE), end: {**DATE, "readOnly": True}, days: count}
        if self._chance(0.5):
            theirs[end]["x-computed"] = f"add_days({start}, {days})"
        if self._chance(0.3):
            theirs[start] |= self._pick(({"x-write": "create"}, {"readOnly": True}))
        rule = {
            "from_vendor": self._pick((f"add_days({start}, {days})", f"{end}")),
            "to_vendor": {days: f"days_between({start}, {end})"},
        }
        first: Json = {"vendor": start}
        self._accessed(theirs[start], first)
        vendor = Side(theirs, [start, days, *[end] * self._chance(0.7)])
        ours = Side({start: dict(DATE), end: dict(DATE)}, [start, *[end] * self._chance(0.7)])
        return Part(vendor, ours, {start: first if len(first) > 1 else start, end: rule})

    def _formula(self) -> Part:
        """Return an expression over two members, of which it may write both."""
        one, other = self._name(), self._name()
        theirs = {each: self._pick((TEXT, {"type": ["string", "null"]})) for each in (one, other)}
        ours = {one: dict(TEXT)}
        rule: Json = {"from_vendor": self._pick(READING).format(one, other)}
        written = {one: self._pick(WRITING).format(one, other)}
        if self._chance(0.25):
            written = {each: self._pick(WRITING).format(one, one) for each in (one, other)}
        rule |= (
            {"to_vendor": written} if self._chance(0.6) else {"access": "read", "description": "x"}
        )
        rules: Json = {one: rule}
        if other not in rule.get("to_vendor", {}):
            rules[other] = other
            ours[other] = dict(TEXT)
        for each in theirs.values():
            if self._chance(0.2):
                each["readOnly"] = True
        vendor = Side(theirs, [each for each in theirs if self._chance(0.6)])
        return Part(vendor, Side(ours, [each for each in ours if self._chance(0.4)]), rules)

    def _paired(self) -> Part:
        """Return a member, and an expression that mentions it to write another."""
        beside, made = self._leaf(), self._name()
        [name] = beside.rules
        rule = {
            "from_vendor": self._pick(("{0}", "{0} != '' && {0} || `null`")).format(made),
            "to_vendor": {made: self._pick(BESIDE).format(name, made)},
        }
        theirs, ours = (dict(TEXT), self._chance(0.5)), (dict(TEXT), self._chance(0.3))
        return joined([beside, one_member(made, theirs, ours, rule)])

    def _accessed(self, theirs: Json, rule: Json) -> None:
        """Let a rule of an object or a list go the ways that the vendor lets it."""
        if theirs.get("readOnly") and self._chance(0.9):
            rule |= {"access": "read", "description": "x"}
        elif theirs.get("x-write") and self._chance(0.9):
            rule |= {"access": "create", "description": "x"}
        elif self._chance(0.05):
            rule |= {"access": self._pick(("read", "create")), "description": "x"}
