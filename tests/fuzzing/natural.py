"""Random small projects as people write them: two schemas that mostly suit, and rules between them.

A project is made of parts. A part is what one rule maps: what the vendor's schema says of its
members, what the canonical schema says of its own, and the rule. What a part says of the two sides
is mostly the same; what it leaves out or says too much is for the checker to notice.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

NAME = "v/thing"
VENDOR, COMMON = "schemas/v.json", "schemas/c.json"
DEPTH = 2
"""How deep parts hold others."""

Json = dict[str, Any]


class Side(NamedTuple):
    """What one side says of an object's members: their schemas, and which are required."""

    members: Json
    required: list[str]


class Part(NamedTuple):
    """What one rule, or some, map."""

    vendor: Side
    common: Side
    rules: Json


class Kind(NamedTuple):
    """Single values: what each side says of them, the converter, and limits both may have."""

    vendor: Json
    common: Json
    convert: Any = None
    limits: tuple[Json, ...] = ()


TEXT: Json = {"type": "string", "format": "text"}
DECIMAL: Json = {"type": "string", "format": "decimal"}
DIGITS: Json = {"type": "string", "format": "integer-text"}
DATE: Json = {"type": "string", "format": "date"}
INSTANT: Json = {
    "type": "string",
    "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
}
SHORTEST = "^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\\.[0-9]*[1-9])$"
CURRENCY: Json = {"type": "string", "format": "currency"}
WORDS: Json = {"type": "array", "items": {"type": "string"}}
LISTED: tuple[Json, ...] = ({"maxItems": 2}, {"minItems": 1}, {"uniqueItems": True})
SAME = (
    Kind(TEXT, TEXT, None, ({"maxLength": 3}, {"minLength": 1}, {"enum": ["a", "b", ""]})),
    Kind({"type": "string"}, {"type": "string"}, None, ({"pattern": "^[a-z]{1,3}$"},)),
    Kind({"type": "integer"}, {"type": "integer"}, None, ({"minimum": 0}, {"maximum": 9})),
    Kind({"type": "number"}, {"type": "number"}, None, ({"minimum": 0}, {"exclusiveMinimum": 0})),
    Kind({"type": "boolean"}, {"type": "boolean"}),
    Kind(DATE, DATE),
    Kind(WORDS, WORDS, None, LISTED),
)
"""The kinds that both sides have in the same form."""
KINDS = (
    *SAME,
    Kind({"type": "integer"}, DIGITS, "string"),
    Kind(DIGITS, {"type": "integer"}, "integer"),
    Kind(DECIMAL, DECIMAL, "decimal"),
    Kind({**DECIMAL, "x-unit": "percent"}, {**DECIMAL, "x-unit": "percent"}, "percent"),
    Kind(DECIMAL, {"type": "string", "pattern": "^-?(0|[1-9][0-9]{0,20})\\.[0-9]{2,9}$"},
         {"scale": 100}),
    Kind({"type": "string", "enum": ["true", "false"]}, {"type": "boolean"}, "boolean"),
    Kind({"type": "integer", "enum": [0, 1]}, {"type": "boolean"}, "flag"),
    Kind({"type": "number"}, {"type": "string", "format": "number-text", "pattern": SHORTEST},
         "number"),
    Kind({"type": "integer", "minimum": 0, "maximum": 253402300799}, INSTANT, "epoch",
         ({"minimum": 946684800},)),
    Kind({"type": "string", "format": "local-date-time", "x-zone": "UTC"}, INSTANT,
         {"datetime": {"zone": "UTC"}}),
    Kind(DATE, DATE, "date"),
    Kind({"type": "string", "enum": ["x", "y"]}, {"type": "string", "enum": ["X", "Y"]},
         {"values": {"X": ["x"], "Y": ["y"]}}),
    Kind({"type": "integer", "enum": [0, 1, 2]}, {"type": "string", "enum": ["X", "Y"]},
         {"values": {"X": [0], "Y": [1]}}),
    Kind({"type": "string", "pattern": "^([^,]+(,[^,]+)*)?$"},
         {"type": "array", "items": {"type": "string", "pattern": "^[^,]+$"}}, {"split": ","}),
    Kind({"type": "array", "items": {"type": "integer"}}, {"type": "array", "items": DIGITS},
         {"list": "string"}, LISTED),
)  # fmt: skip
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
    "[{0}, {1}][?@] | [0]", "{0} && length({0})", "{0} && split({0}, ' ')[0]", "trim({0} || '')",
)  # fmt: skip
WRITING = (
    "{0}", "{0} || ''", "not_null({0}, {1})", "{0} && {1} || ''", "{0} == 'a' && {1} || {0}",
    "trim({0})", "{0} && {1} && join(' ', [{0}, {1}]) || {0} || {1} || ''", "{1} && {0}",
    "to_string({0})",
)  # fmt: skip
BESIDE = (
    "{0} && {1} || ''", "{0} == 'a' && {1} || ''", "{1} || ''", "{1} && {0} != `null` && {1} || ''",
)  # fmt: skip


class Natural:
    """Makes one project."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0

    def files(self) -> Json:
        """Return the files of the project by path."""
        key = {"type": "integer", "minimum": 1, "maximum": 99999, "readOnly": True}
        rules = {"id": {"vendor": "id", "convert": "string", "access": "read"}}
        parts = [self._part(DEPTH) for _ in range(self._pick((1, 1, 2, 2, 3, 4)))]
        whole = _joined(
            [Part(Side({"id": key}, ["id"]), Side({"id": DIGITS}, ["id"]), rules), *parts]
        )
        mapping: Json = {
            "mapping": NAME,
            "resource": "thing",
            "vendor": {"element": "e", "resource": "things", "schema": "v.json"},
            "fields": whole.rules,
        }
        if self._chance(0.1):
            name = self._name()
            whole.vendor.members[name] = {"type": "string", "enum": ["k", "l"]}
            mapping["constants"] = {name: self._pick(("k", "k", "m"))}
        theirs = _object(whole.vendor)
        for member in whole.vendor.members.values():
            if not member.keys() & {"readOnly", "x-computed"} and self._chance(0.05):
                member["x-phase"] = {
                    "name": self._pick(("p", "q")),
                    "first": [self._pick((0, "a"))],
                }
        if self._chance(0.08):
            name = self._pick(sorted(whole.vendor.members))
            theirs["x-write-invariants"] = {"given": f"{name} != `null`"}
        return {
            "mappings/thing.yaml": {"resource": "thing", "schema": "c.json", "key": "id"},
            f"mappings/{NAME}.yaml": mapping,
            VENDOR: theirs,
            COMMON: _object(whole.common, closed=True),
        }

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

    def _part(self, depth: int) -> Part:
        """Return a part; those that hold others are at most *depth* deep."""
        kinds: list[Callable[[], Part]] = [self._leaf] * 5
        kinds += [self._formula, self._paired, self._constant, self._money, self._days]
        if depth:
            kinds += [self._whole, self._map, self._pluck, self._union, self._slots]
            holders = (
                self._group, self._group, self._dotted, self._beside, self._only, self._listing,
                self._listing, self._keyed, self._keyed,
            )  # fmt: skip
            kinds += [lambda make=make: make(depth) for make in holders]  # type: ignore[misc]
        made: Part = self._random.choice(kinds)()
        return made

    def _inside(self, depth: int) -> Part:
        return _joined([self._part(depth - 1) for _ in range(self._pick((1, 2, 2, 3)))])

    def _leaf(self) -> Part:
        kind, name = self._kind(KINDS), self._name()
        theirs, ours = kind.vendor, kind.common
        rule: Json = {"vendor": name}
        if kind.convert is not None:
            rule["convert"] = kind.convert
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
        return _one(name, (theirs, required), (ours, given), said)

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
        theirs = _object(Side({"amount": DECIMAL, "code": CURRENCY}, ["amount", "code"]))
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
        return _one(name, (theirs, required), (_object(ours, closed=True), given), rule)

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
        return _joined([beside, _one(made, theirs, ours, rule)])

    # Objects --------------------------------------------------------------------------------------

    def _holder(self, inner: Side) -> tuple[Json, bool]:
        """Return what the vendor says of an object, and whether it may be null."""
        made = _object(inner, closed=self._chance(0.2))
        nullable = self._chance(0.3)
        if nullable:
            made["type"] = ["object", "null"]
        notes: tuple[Json, ...] = (
            {"readOnly": True}, {"x-write-as": self._name()}, {"x-write": "create"},
            {"x-required-on": "create"},
        )  # fmt: skip
        for note in notes:
            if self._chance(0.06):
                made |= note
        return made, nullable

    def _accessed(self, theirs: Json, rule: Json) -> None:
        """Let a rule of an object or a list go the ways that the vendor lets it."""
        if theirs.get("readOnly") and self._chance(0.9):
            rule |= {"access": "read", "description": "x"}
        elif theirs.get("x-write") and self._chance(0.9):
            rule |= {"access": "create", "description": "x"}
        elif self._chance(0.05):
            rule |= {"access": self._pick(("read", "create")), "description": "x"}

    def _group(self, depth: int) -> Part:
        inner, name = self._inside(depth), self._name()
        theirs, nullable = self._holder(inner.vendor)
        rule: Json = {"vendor": name, "fields": inner.rules}
        if nullable and self._chance(0.85):
            rule["unset"] = self._pick((CLEARED, {"read": [None]}))
        self._accessed(theirs, rule)
        required = self._always(theirs)
        given = required and not nullable and bool(inner.common.required)
        ours = _object(inner.common, closed=True)
        return _one(name, (theirs, required), (ours, self._mostly(given)), rule)

    def _dotted(self, _: int) -> Part:
        """Return an object whose members are mapped by paths."""
        inner, name = _joined([self._leaf() for _ in range(self._pick((1, 2, 3)))]), self._name()
        theirs, nullable = self._holder(inner.vendor)
        required = self._always(theirs)
        given = self._mostly(required and not nullable and bool(inner.common.required))
        ours = _object(inner.common, closed=True)
        rules = {f"{name}.{path}": _below(rule, name) for path, rule in inner.rules.items()}
        return _one(name, (theirs, required), (ours, given), {})._replace(rules=rules)

    def _beside(self, depth: int) -> Part:
        """Return an object of common members, which the vendor has beside its others."""
        inner, name = self._inside(depth), self._name()
        given = self._mostly(bool(inner.common.required))
        ours = Side({name: _object(inner.common, closed=True)}, [name] * given)
        return Part(inner.vendor, ours, {name: {"fields": inner.rules}})

    def _whole(self) -> Part:
        """Return an object, or a list of such, that one rule takes whole."""
        theirs, ours, name = Side({}, []), Side({}, []), self._name()
        for _ in range(self._pick((1, 2, 3))):
            self._add_alike(theirs, ours)
        made: Json = _object(theirs, closed=self._chance(0.8))
        common = _object(ours, closed=True)
        rule: Json = {"vendor": name}
        if self._chance(0.4):
            made, common = {"type": "array", "items": made}, {"type": "array", "items": common}
        elif self._chance(0.2):
            made["type"], rule["unset"] = ["object", "null"], CLEARED
        self._accessed(made, rule)
        required = self._chance(0.5)
        given = required and "unset" not in rule
        return _one(name, (made, required), (common, given), rule if len(rule) > 1 else name)

    def _add_alike(self, theirs: Side, ours: Side) -> None:
        """Add a member that both sides have, or that only the vendor has."""
        kind, name, is_hidden = self._kind(SAME), self._name(), self._chance(0.1)
        limit = self._pick(kind.limits) if kind.limits and self._chance(0.3) else {}
        theirs.members[name] = {**kind.vendor, **limit}
        if self._chance(0.4):
            notes: tuple[Json, ...] = (
                {"readOnly": True}, {"x-write": "create"}, {"x-write-as": self._name()},
                {"x-required-on": "create"},
            )  # fmt: skip
            theirs.members[name] |= self._pick(notes)
        required = self._always(theirs.members[name])
        theirs.required.extend([name] * required)
        if not is_hidden:
            ours.members[name] = {**kind.common, **limit}
            ours.required.extend([name] * required)

    def _map(self) -> Part:
        """Return an object of members by any name, or one of these."""
        kind, name, one = self._kind(SAME), self._name(), self._name()
        theirs: Json = {"type": "object", "additionalProperties": kind.vendor}
        required = self._chance(0.5)
        if self._chance(0.2):
            kind.vendor["readOnly"] = True
        if self._chance(0.4):
            return Part(
                Side({name: theirs}, [name] * required),
                Side({one: kind.common}, []),
                {one: f"{name}.{one}"},
            )
        ours = {"type": "object", "additionalProperties": kind.common}
        return _one(name, (theirs, required), (ours, required), name)

    def _union(self) -> Part:
        """Return a tagged union, taken whole or member by member."""
        name, one, other = self._name(), self._name(), self._name()
        how, closed, required = self._pick(("oneOf", "anyOf")), self._chance(0.7), self._chance(0.6)
        branches = [
            _object(Side({"tag": {"const": tag}, each: dict(TEXT)}, ["tag", each]), closed=closed)
            for tag, each in (("a", one), ("b", other))
        ]
        theirs = {how: branches}
        if self._chance(0.4):
            return _one(name, (theirs, required), (deepcopy(theirs), required), name)
        tag = {"type": "string", "enum": ["a", "b"]}
        ours = _object(Side({"tag": tag, one: TEXT, other: TEXT}, ["tag"]), closed=True)
        rule: Json = {"vendor": name, "fields": {each: each for each in ("tag", one, other)}}
        rule |= self._pick(({}, {"access": "read", "description": "x"}))
        return _one(name, (theirs, required), (ours, required), rule)

    # Lists ----------------------------------------------------------------------------------------

    def _listing(self, depth: int) -> Part:
        inner, name = self._inside(depth), self._name()
        return self._listed(inner, name, {"vendor": name, "each": inner.rules}, {})

    def _keyed(self, depth: int) -> Part:
        inner, name, key = self._inside(depth), self._name(), self._name()
        theirs: Json = {"type": "integer", "minimum": 1, "maximum": 999}
        leaf: Json = {"vendor": key, "convert": "string"}
        notes: Json = {"x-unique": key}
        if self._chance(0.7):
            theirs["readOnly"], leaf["access"] = True, "read"
            # The items of a list without a key are new to the vendor, and so is what is in them.
            if depth == DEPTH and self._chance(0.6):
                notes["x-sends-key"] = key
        always = self._chance(0.9)
        inner = _joined([_one(key, (theirs, always), (dict(DIGITS), always), leaf), inner])
        return self._listed(inner, name, {"vendor": name, "key": key, "each": inner.rules}, notes)

    def _listed(self, inner: Part, name: str, rule: Json, notes: Json) -> Part:
        items = _object(inner.vendor, closed=self._chance(0.2))
        theirs: Json = {"type": "array", "items": items, **notes}
        ours: Json = {"type": "array", "items": _object(inner.common, closed=True)}
        if self._chance(0.15):
            limit = self._pick(LISTED[:2])
            theirs |= limit
            if self._chance(0.8):
                ours |= limit
        nullable = self._chance(0.2)
        if nullable:
            theirs["type"] = ["array", "null"]
            rule["unset"] = self._pick((CLEARED, {"read": [None]}))
        if self._chance(0.1):
            theirs |= self._pick(({"readOnly": True}, {"x-write": "create"}))
        self._accessed(theirs, rule)
        required = self._chance(0.5)
        given = self._mostly(required and not nullable)
        return _one(name, (theirs, required), (ours, given), rule)

    def _pluck(self) -> Part:
        name, member, other = self._name(), self._name(), self._name()
        kind = self._kind([each for each in SAME if each.vendor["type"] != "array"])
        item = _object(Side({member: kind.vendor}, [member]), closed=self._chance(0.5))
        theirs: Json = {"type": "array", "items": item}
        if self._chance(0.3):
            notes = self._pick(({"readOnly": True}, {"readOnly": True}, {}))
            item["properties"][other] = {"type": "string", **notes}
        if self._chance(0.3):
            theirs["x-write-as"] = {"member": self._name(), "items": member}
        ours = {"type": "array", "items": kind.common}
        rule: Json = {"vendor": name, "convert": {"pluck": member}}
        if self._chance(0.3):
            rule["lossy"] = "x"
        required = self._chance(0.5)
        return _one(name, (theirs, required), (ours, required), rule)

    def _only(self, depth: int) -> Part:
        inner, name = self._inside(depth), self._name()
        ours = {"type": "array", "items": _object(inner.common, closed=True), "maxItems": 1}
        common = Side({name: ours}, [name] * self._chance(0.8))
        return Part(inner.vendor, common, {name: {"only": inner.rules}})

    def _slots(self) -> Part:
        name, mark, other = self._name(), self._name(), self._name()
        count, unset = self._pick((1, 2, 2, 3)), self._pick(UNSETS[:3])
        kind = self._kind([each for each in KINDS if each.vendor["type"] in ("string", "integer")])
        marked: Json = {"type": ["string", "null"]}
        if "" not in unset["read"] and self._chance(0.7):
            marked["minLength"] = 1
        leaf = {"convert": kind.convert} if kind.convert is not None else {}
        if "enum" not in kind.vendor and self._chance(0.6):
            kind.vendor["type"] = [kind.vendor["type"], "null"]
            leaf["unset"] = CLEARED
        places = [(f"{mark}_{number}", f"{other}_{number}") for number in range(1, count + 1)]
        items = [
            {mark: {"vendor": one, "unset": unset}, other: {"vendor": two, **leaf}}
            for one, two in places
        ]
        slots: Json = {"empty": mark, "items": items}
        if self._chance(0.15):
            slots["when_full"] = [other]
        theirs = {one: marked for one, _ in places} | {two: kind.vendor for _, two in places}
        item = _object(Side({mark: TEXT, other: kind.common}, [mark]), closed=True)
        ours: Json = {"type": "array", "items": item}
        if self._chance(0.5):
            ours["maxItems"] = count
        vendor = Side(theirs, [each for each in theirs if self._chance(0.4)])
        return Part(vendor, Side({name: ours}, [name]), {name: {"slots": slots}})


# Parts together -----------------------------------------------------------------------------------


def _one(name: str, theirs: tuple[Json, bool], ours: tuple[Json, bool], rule: Any) -> Part:
    """Return the part of one member of the same name on both sides, each required or not."""
    sides = [Side({name: schema}, [name] * required) for schema, required in (theirs, ours)]
    return Part(sides[0], sides[1], {name: rule})


def _joined(parts: Iterable[Part]) -> Part:
    whole = Part(Side({}, []), Side({}, []), {})
    for part in parts:
        for side, more in ((whole.vendor, part.vendor), (whole.common, part.common)):
            side.members.update(more.members)
            side.required.extend(more.required)
        whole.rules.update(part.rules)
    return whole


def _object(side: Side, *, closed: bool = False) -> Json:
    made: Json = {"type": "object", "properties": side.members}
    if side.required:
        made["required"] = side.required
    if closed:
        made["additionalProperties"] = False
    return made


def _below(rule: Any, holder: str) -> Any:
    """Return a rule whose vendor path leads into *holder*."""
    if isinstance(rule, str):
        return f"{holder}.{rule}"
    return {**rule, "vendor": f"{holder}.{rule['vendor']}"}
