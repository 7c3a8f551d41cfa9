"""The parts of random projects that are tagged unions, and what objects keep while they are edited.

Most of what is wrong with a union needs an edit: another tag beside what no rule writes.
"""

from collections.abc import Iterator
from random import Random

from fuzzing.parts import (
    DIGITS,
    TEXT,
    Json,
    Part,
    Side,
    object_schema,
    one_member,
)
from fuzzing.singles import CLEARED, Singles

SHORT: Json = {"type": "string", "maxLength": 1}
INNER: Json = object_schema(Side({"n": TEXT}, []), closed=True)
NULLABLE: Json = {**INNER, "type": ["object", "null"]}
SHORTER: Json = object_schema(Side({"n": SHORT}, []), closed=True)
ALIKE: tuple[tuple[Json, Json], ...] = (
    (TEXT, TEXT), (TEXT, TEXT), (TEXT, SHORT), (TEXT, {"type": ["string", "null"]}),
    (INNER, INNER), (INNER, SHORTER), (INNER, NULLABLE), (INNER, NULLABLE),
)  # fmt: skip
"""What two branches say of a member that both have, in either order."""
KEPT: tuple[Json, ...] = (
    TEXT,
    {"type": "integer", "x-write-type": "string"},
    {"type": "string", "enum": ["a", "b"], "x-write-enum": ["a"]},
    {"type": "string", "enum": ["a", "b"], "x-write-enum": ["a", "b", "c"]},
    {**TEXT, "readOnly": True},
    {**TEXT, "x-required-on": "create"},
)
"""What nothing writes of an object that is edited."""


def _list_of(said: Json) -> Json:
    """Return what a branch says of a list of objects, which may be null if the object may be."""
    kinds = ["array", "null"] if "null" in said["type"] else "array"
    return {"type": kinds, "items": {**said, "type": "object"}}


class Unions(Singles):
    """Makes parts of tagged unions; names are never used twice."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self._unmapped: set[str] = set()
        self._by_members: set[str] = set()

    def _ignores(self, theirs: Json, at: str = "") -> Iterator[str]:
        """Yield the paths of what no rule is about."""
        for each in (*theirs.get("oneOf", ()), *theirs.get("anyOf", ())):
            yield from self._ignores(each, at)
        yield from self._ignores(theirs["items"], at) if "items" in theirs else ()
        for name, said in theirs.get("properties", {}).items():
            if name in self._unmapped:
                yield f"{at}{name}"
            else:
                yield from self._ignores(said, f"{at}{name}.")

    def _add_kept(self, theirs: Side) -> None:
        """Add a member that no rule is about: a value, an object, a list or a map, or null."""
        said: Json = self._pick(KEPT)
        members = {"p": said, "q": {"enum": ["q"]}}
        held = object_schema(Side(members, ["p"] * self._chance(0.5)), closed=True)
        either = {**held, "type": ["array", "object"], "items": dict(TEXT)}
        name = self._name()
        self._unmapped.add(name)
        listed = {"type": "array", "items": held, "uniqueItems": self._chance(0.3)}
        mapped = {"type": "object", "additionalProperties": held}
        made = self._pick((said, held, listed, either, mapped))
        theirs.members[name] = {"anyOf": [made, {"type": "null"}]} if self._chance(0.4) else made
        theirs.required.extend([name] * self._chance(0.5))

    def _union(self) -> Part:
        """Return a union of closed objects, taken member by member, or a list of such."""
        name = self._name()
        if self._chance(0.3):
            return self._whole_union(name)
        branches = [Side({"tag": {"const": each}}, ["tag"]) for each in ("a", "b")]
        tag = {"type": "string", "enum": ["a", "b"]}
        ours, rules = Side({"tag": tag}, ["tag"]), {"tag": self._tag_rule(tag)}
        for _ in range(self._pick((1, 2, 2))):
            self._add_member(branches, ours, rules)
        closed = self._chance(0.9)
        how = self._pick(("oneOf", "anyOf"))
        theirs: Json = {how: [object_schema(each, closed=closed) for each in branches]}
        rule: Json = {"vendor": name, "fields": rules}
        common = object_schema(ours, closed=True)
        if self._chance(0.4) and len(tag["enum"]) == len(branches):
            common = self._union_of(ours, branches)
        required = self._chance(0.6)
        if self._chance(0.25) and "properties" in common:
            return self._listed_unions(name, theirs, common, rules)
        if self._chance(0.2):
            notes = ("read", "write", "create")
            rule |= {"access": self._pick(notes), "description": "x"}
        self._by_members.add(name)
        given = required and rule.get("access") != "write"
        return one_member(name, (theirs, required), (common, given), rule)

    def _union_of(self, ours: Side, branches: list[Side]) -> Json:
        """Return a canonical union of the same branches as the vendor's."""
        told = []
        for value, branch in zip(ours.members["tag"]["enum"], branches, strict=True):
            members = {name: each for name, each in ours.members.items() if name in branch.members}
            told.append(Side({**members, "tag": {"const": value}}, ["tag"]))
        return {"oneOf": [object_schema(each, closed=True) for each in told]}

    def _into_union(self, theirs: Side) -> Json:
        """Return a constant of one branch of a union, if there is one."""
        for name, said in theirs.members.items():
            for branch in said.get("oneOf", ())[1:] if name in self._by_members else ():
                member = self._name()
                branch["properties"][member] = {"enum": ["k"], "writeOnly": self._chance(0.7)}
                return {f"{name}.{member}": "k"}
        return {}

    def _whole_union(self, name: str) -> Part:
        """Return a union that one rule takes whole."""
        branches = [
            object_schema(Side({"tag": {"const": tag}, self._name(): dict(TEXT)}, ["tag"]))
            for tag in ("a", "b")
        ]
        for each in branches:
            each["additionalProperties"] = False
        required = self._chance(0.6)
        theirs, common = {"oneOf": branches}, {"oneOf": self._pick((branches,))}
        return one_member(name, (theirs, required), (common, required), name)

    def _tag_rule(self, tag: Json) -> object:
        """Return the rule of a tag, of which *tag* is the canonical schema."""
        match self._random.randrange(8):
            case 0:
                return {"vendor": "tag", "access": "read", "description": "x"}
            case 1:
                tag["enum"] = ["A"]
                return {"vendor": "tag", "convert": {"values": {"A": ["a", "b"]}}}
            case 2:
                tag["enum"] = ["A", "B"]
                return {"vendor": "tag", "convert": {"values": {"A": ["a"], "B": ["b"]}}}
            case _:
                return "tag"

    def _add_member(self, branches: list[Side], ours: Side, rules: Json) -> None:
        """Add a member to one branch or both, alike or not, and mostly a rule."""
        name, pair = self._name(), list(self._pick(ALIKE))
        self._random.shuffle(pair)
        if "properties" in pair[0] and self._chance(0.4):
            pair = list(map(_list_of, pair))
        only = self._random.choice((0, 1)) if self._chance(0.4) else None
        for index, (branch, said) in enumerate(zip(branches, pair, strict=True)):
            if only in (None, index):
                branch.members[name] = said
        if self._chance(0.25):
            self._unmapped.add(name)
            return
        is_nullable = any("null" in each["type"] for each in pair)
        rules[name], ours.members[name] = self._member_rule(name, pair[0], is_nullable=is_nullable)

    def _member_rule(self, name: str, said: Json, *, is_nullable: bool) -> tuple[object, Json]:
        rule: Json = {"vendor": name}
        if "items" in said:
            rule["each"] = {"n": "n"}
            common: Json = {"type": "array", "items": self._pick((INNER,))}
        elif "properties" in said:
            rule["fields"] = {"n": "n"}
            common = self._pick((INNER,))
        else:
            common = self._pick((TEXT, TEXT, SHORT))
        if self._chance(0.6 if is_nullable else 0.15):
            rule["unset"] = self._pick((CLEARED, CLEARED, {"read": [None]}))
        if self._chance(0.12):
            rule |= {"access": self._pick(("read", "create")), "description": "x"}
        return rule if len(rule) > 1 else name, common

    def _listed_unions(self, name: str, theirs: Json, common: Json, rules: Json) -> Part:
        """Return a list of unions, by a key or not."""
        rule: Json = {"vendor": name, "each": rules}
        listed: Json = {"type": "array", "items": theirs}
        if self._chance(0.7):
            for branch in next(iter(theirs.values())):
                branch["properties"]["key"] = dict(DIGITS)
                branch["required"] = [*branch["required"], "key"]
            common["properties"]["key"] = dict(DIGITS)
            common["required"] = [*common["required"], "key"]
            rules["key"], rule["key"], listed["x-unique"] = "key", "key", "key"
        return one_member(name, (listed, True), ({"type": "array", "items": common}, True), rule)
