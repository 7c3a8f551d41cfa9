"""Random small projects as people write them: two schemas that mostly suit, and rules between them.

A project is made of parts. What a part says of the two sides is mostly the same; what it leaves out
or says too much is for the checker to notice.
"""

from collections.abc import Callable

from fuzzing.parts import (
    DIGITS,
    KINDS,
    LISTED,
    SAME,
    TEXT,
    Json,
    Part,
    Side,
    below,
    joined,
    object_schema,
    one_member,
)
from fuzzing.singles import CLEARED, UNSETS
from fuzzing.spread import MAPPING, TABLES
from fuzzing.unions import Unions

VENDOR, COMMON = "schemas/v.json", "schemas/c.json"
DEPTH = 2
"""How deep parts hold others."""
INVARIANTS = ("{0} || {1}", "{0} != `null` || {1} != `null`", "!{0} || {1}")
"""What may be true of every document, of two of its members."""


class Natural(Unions):
    """Makes one project."""

    def files(self) -> Json:
        """Return the files of the project by path."""
        key = {"type": "integer", "minimum": 1, "maximum": 99999, "readOnly": True}
        rules = {"id": {"vendor": "id", "convert": "string", "access": "read"}}
        parts = [self._part(DEPTH) for _ in range(self._pick((1, 1, 2, 2, 3, 4)))]
        whole = joined(
            [Part(Side({"id": key}, ["id"]), Side({"id": DIGITS}, ["id"]), rules), *parts]
        )
        mapping: Json = {
            "mapping": MAPPING,
            "resource": "thing",
            "vendor": {"element": "e", "resource": "things", "schema": "v.json"},
            "fields": whole.rules,
        }
        if self._chance(0.1):
            name = self._name()
            whole.vendor.members[name] = {"type": "string", "enum": ["k", "l"]}
            mapping["constants"] = {name: self._pick(("k", "k", "m"))}
        elif self._chance(0.25) and (into := self._into_union(whole.vendor)):
            mapping["constants"] = into
        theirs = object_schema(whole.vendor)
        if ignored := dict.fromkeys(self._ignores(theirs), "x"):
            mapping["ignore"] = ignored
        for member in whole.vendor.members.values():
            if not member.keys() & {"readOnly", "x-computed"} and self._chance(0.05):
                member["x-phase"] = {
                    "name": self._pick(("p", "q")),
                    "first": [self._pick((0, "a"))],
                }
        if self._chance(0.08):
            name = self._pick(sorted(whole.vendor.members))
            theirs["x-write-invariants"] = {"given": f"{name} != `null`"}
        if len(whole.vendor.members) > 1 and self._chance(0.15):
            names = self._random.sample(sorted(whole.vendor.members), 2)
            theirs["x-invariants"] = {"true": self._pick(INVARIANTS).format(*names)}
        return {
            "mappings/thing.yaml": {"resource": "thing", "schema": "c.json", "key": "id"},
            f"mappings/{MAPPING}.yaml": mapping,
            VENDOR: theirs,
            COMMON: object_schema(whole.common, closed=True),
            **TABLES,
        }

    # Parts ----------------------------------------------------------------------------------------

    def _part(self, depth: int) -> Part:
        """Return a part; those that hold others are at most *depth* deep."""
        kinds: list[Callable[[], Part]] = [self._leaf] * 5
        kinds += [self._formula, self._paired, self._constant, self._money, self._days]
        if depth:
            kinds += [self._whole, self._map, self._pluck, self._union, self._union, self._slots]
            holders = (
                self._group, self._group, self._dotted, self._beside, self._only, self._listing,
                self._listing, self._keyed, self._keyed,
            )  # fmt: skip
            kinds += [lambda make=make: make(depth) for make in holders]  # type: ignore[misc]
        made: Part = self._random.choice(kinds)()
        return made

    def _inside(self, depth: int) -> Part:
        return joined([self._part(depth - 1) for _ in range(self._pick((1, 2, 2, 3)))])

    # Objects --------------------------------------------------------------------------------------

    def _holder(self, inner: Side) -> tuple[Json, bool]:
        """Return what the vendor says of an object, and whether it may be null."""
        if self._chance(0.25):
            self._add_kept(inner)
        made = object_schema(inner, closed=self._chance(0.2))
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

    def _group(self, depth: int) -> Part:
        inner, name = self._inside(depth), self._name()
        theirs, nullable = self._holder(inner.vendor)
        rule: Json = {"vendor": name, "fields": inner.rules}
        if nullable and self._chance(0.85):
            rule["unset"] = self._pick((CLEARED, {"read": [None]}))
        self._accessed(theirs, rule)
        required = self._always(theirs)
        given = required and not nullable and bool(inner.common.required)
        ours = object_schema(inner.common, closed=True)
        return one_member(name, (theirs, required), (ours, self._mostly(given)), rule)

    def _dotted(self, _: int) -> Part:
        """Return an object whose members are mapped by paths."""
        inner, name = joined([self._leaf() for _ in range(self._pick((1, 2, 3)))]), self._name()
        theirs, nullable = self._holder(inner.vendor)
        required = self._always(theirs)
        given = self._mostly(required and not nullable and bool(inner.common.required))
        ours = object_schema(inner.common, closed=True)
        rules = {f"{name}.{path}": below(rule, name) for path, rule in inner.rules.items()}
        return one_member(name, (theirs, required), (ours, given), {})._replace(rules=rules)

    def _beside(self, depth: int) -> Part:
        """Return an object of common members, which the vendor has beside its others."""
        inner, name = self._inside(depth), self._name()
        given = self._mostly(bool(inner.common.required))
        ours = Side({name: object_schema(inner.common, closed=True)}, [name] * given)
        return Part(inner.vendor, ours, {name: {"fields": inner.rules}})

    def _whole(self) -> Part:
        """Return an object, or a list of such, that one rule takes whole."""
        theirs, ours, name = Side({}, []), Side({}, []), self._name()
        for _ in range(self._pick((1, 2, 3))):
            self._add_alike(theirs, ours)
        made: Json = object_schema(theirs, closed=self._chance(0.8))
        common = object_schema(ours, closed=True)
        rule: Json = {"vendor": name}
        if self._chance(0.4):
            made, common = {"type": "array", "items": made}, {"type": "array", "items": common}
        elif self._chance(0.2):
            made["type"], rule["unset"] = ["object", "null"], CLEARED
        self._accessed(made, rule)
        required = self._chance(0.5)
        given = required and "unset" not in rule
        return one_member(name, (made, required), (common, given), rule if len(rule) > 1 else name)

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
        return one_member(name, (theirs, required), (ours, required), name)

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
        inner = joined([one_member(key, (theirs, always), (dict(DIGITS), always), leaf), inner])
        return self._listed(inner, name, {"vendor": name, "key": key, "each": inner.rules}, notes)

    def _listed(self, inner: Part, name: str, rule: Json, notes: Json) -> Part:
        items = object_schema(inner.vendor, closed=self._chance(0.2))
        theirs: Json = {"type": "array", "items": items, **notes}
        ours: Json = {"type": "array", "items": object_schema(inner.common, closed=True)}
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
        return one_member(name, (theirs, required), (ours, given), rule)

    def _pluck(self) -> Part:
        name, member, other = self._name(), self._name(), self._name()
        kind = self._kind([each for each in SAME if each.vendor["type"] != "array"])
        item = object_schema(Side({member: kind.vendor}, [member]), closed=self._chance(0.5))
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
        return one_member(name, (theirs, required), (ours, required), rule)

    def _only(self, depth: int) -> Part:
        inner, name = self._inside(depth), self._name()
        ours = {"type": "array", "items": object_schema(inner.common, closed=True), "maxItems": 1}
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
        item = object_schema(Side({mark: TEXT, other: kind.common}, [mark]), closed=True)
        ours: Json = {"type": "array", "items": item}
        if self._chance(0.5):
            ours["maxItems"] = count
        vendor = Side(theirs, [each for each in theirs if self._chance(0.4)])
        return Part(vendor, Side({name: ours}, [name]), {name: {"slots": slots}})
