"""Random mappings over random vendor schemas, and documents that fit them more or less."""

import json
from random import Random
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from fuzzing.expressions import TABLES, Grammar
from mapper.model import show_path

UNSET = (None, "", 0, "0", False, [], {}, 1, 2.5, True)
ACCESS = ("read-write", "read-write", "read-write", "read", "create", "write")
TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
ANY = (None, True, False, 0, 1, 1.0, 2.5, "", "0", "1", "x", [], {}, [1, True], {"a": None}, [[]])
CONSTANTS = (True, False, 0, 1, 2.5, "", "0", "x", [], {}, [1, True], {"a": [2]}, [[]])
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
CLOCKS = (
    "2024-03-10 02:30:00", "2024-11-03 01:30:00", "2024-01-31 23:59:59", "1900-01-01 00:00:00",
    "2199-12-31 23:59:59", "1800-01-01 00:00:00", "2024-02-30 00:00:00", "2024-04-07 01:45:00",
)  # fmt: skip


class Built(Struct, frozen=True):
    """A mapping with its vendor schema, and the shape of documents.

    Attributes:
        fields: The field rules.
        schema: The vendor's.
        constants: What creating writes.
        common: The names of the common object's members.
        shape: By vendor member, what may be there: values, or an object or list of such.
    """

    fields: dict[str, Any]
    schema: dict[str, Any]
    constants: dict[str, Any]
    common: tuple[str, ...]
    shape: dict[str, Any]

    def with_fields(self, fields: dict[str, Any]) -> "Built":
        return replace(self, fields=fields)

    def __str__(self) -> str:
        parts = {"fields": self.fields, "constants": self.constants, "vendor": self.schema}
        return json.dumps(parts)

    def files(self) -> dict[str, Any]:
        """Return the project by path."""
        mapping = {
            "mapping": "random",
            "resource": "thing",
            "vendor": {"element": "e", "resource": "things", "schema": "vendor.json"},
            "fields": self.fields,
            "constants": self.constants,
        }
        properties = {name: {} for name in ("id", *self.common)}
        tables = {
            f"mappings/{name}.yaml": {"table": name, "entries": entries}
            for name, entries in TABLES.items()
        }
        return {
            "schemas/vendor.json": self.schema,
            "schemas/common.json": {"type": "object", "properties": properties},
            "mappings/thing.yaml": {"resource": "thing", "schema": "common.json", "key": "id"},
            "mappings/mapping.yaml": {name: part for name, part in mapping.items() if part},
            **tables,
        }

    def document(self, random: Random) -> dict[str, Any]:
        return _document(random, self.shape)


def _document(random: Random, shape: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(random, inner) for name, inner in shape.items() if random.random() < 0.8}


def _value(random: Random, shape: Any) -> Any:
    if isinstance(shape, tuple):
        return random.choice(shape)
    if random.random() < 0.07:
        return random.choice([None, {}, [], ""])
    if isinstance(shape, dict):
        return _document(random, shape)
    return [_document(random, shape[0]) for _ in range(random.randrange(4))]


class _Place:
    """An object that rules are made for: which names it has left, and what is known of them."""

    def __init__(self, random: Random, names: list[str]) -> None:
        self._left = random.sample(names, len(names))
        self._nested: tuple[str, _Place] | None = None
        self._random = random
        self._names = names
        self.schema: dict[str, Any] = {}
        self.shape: dict[str, Any] = {}

    def fresh(self) -> str:
        return self._left.pop()

    @property
    def known(self) -> list[str]:
        return list(self.shape) or self._names[:2]

    def spot(self) -> tuple[tuple[str, ...], "_Place", str]:
        """Return a free path, the object that it ends in, and its last name there."""
        if self._random.random() < 0.75:
            name = self.fresh()
            return (name,), self, name
        if self._nested is None:
            head = self.fresh()
            self._nested = head, _Place(self._random, self._names)
            inner = self._nested[1]
            self.schema[head] = {"properties": inner.schema}
            if self._random.random() < 0.5:
                self.schema[head]["type"] = ["object", "null"]
            self.shape[head] = inner.shape
        head, inner = self._nested
        steps, place, name = inner.spot()
        return (head, *steps), place, name


class Builder:
    """Makes one mapping; the same random numbers with other names make it with those names."""

    def __init__(self, random: Random, names: Any, texts: Any) -> None:
        self._random = random
        self._names = list(names)
        self._texts = list(texts)

    def build(self) -> Built:
        vendor, common = self._place(), self._place()
        fields = self._fields(vendor, common, 2, self._random.randint(1, 7))
        constants = {}
        if self._random.random() < 0.2:
            steps, place, name = vendor.spot()
            constants[show_path(steps)] = self._pick(CONSTANTS)
            place.schema[name], place.shape[name] = {}, ANY
        schema: dict[str, Any] = {"type": "object", "properties": vendor.schema}
        if self._random.random() < 0.15:
            schema["x-write-invariants"] = {"fits": self._expression(vendor)}
        for member in vendor.schema.values():
            self._annotate_root(member)
        return Built(fields, schema, constants, tuple(common.shape), vendor.shape)

    def _place(self) -> _Place:
        return _Place(self._random, self._names)

    def _pick(self, options: Any) -> Any:
        return self._random.choice(options)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _text(self) -> str:
        return self._pick(self._texts)

    def _scalar(self) -> Any:
        return self._text() if self._chance(0.4) else self._pick([1, 0, 2.5, True, False, "", "1"])

    def _annotate_root(self, schema: dict[str, Any]) -> None:
        """Add what only members at the root of a schema can have."""
        if schema.get("readOnly"):
            return
        if self._chance(0.07):
            schema["x-phase"] = {"name": self._pick(["p", "q"]), "first": [self._scalar()]}
        elif self._chance(0.07):
            schema["x-include"] = self._text() or "x"

    # Rules ----------------------------------------------------------------------------------------

    def _fields(self, vendor: _Place, common: _Place, depth: int, count: int) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for _ in range(count):
            kinds = ["value"] * 6 + ["expression"] * 2 + ["constant"]
            kinds += ["object", "group", "list", "list", "only", "slots"] if depth else []
            steps, place, name = common.spot()
            place.shape[name] = ()
            fields[show_path(steps)] = self._rule(self._pick(kinds), vendor, common, steps, depth)
        return fields

    def _rule(
        self, kind: str, vendor: _Place, common: _Place, steps: tuple[str, ...], depth: int
    ) -> Any:
        match kind:
            case "value":
                return self._value(vendor)
            case "expression":
                return self._formula(vendor, common, steps)
            case "constant":
                rule = {"constant": self._pick([*CONSTANTS, self._text()])}
            case "object":
                rule = self._object(vendor, depth)
            case "group":
                rule = {"fields": self._inside(vendor, depth)}
            case "only":
                rule = {"only": self._inside(vendor, depth)}
            case "list":
                rule = self._list(vendor, depth)
            case _:
                rule = {"slots": self._slots(vendor)}
        return rule | ({"access": self._pick(ACCESS[:-1])} if self._chance(0.2) else {})

    def _value(self, vendor: _Place) -> Any:
        steps, place, name = vendor.spot()
        schema, values, rule = self._converted()
        rule["vendor"] = show_path(steps)
        self._annotate(schema, rule, values)
        if self._chance(0.5):
            rule["unset"] = self._unset()
            values = (*values, *rule["unset"]["read"])
        if self._chance(0.2) and rule.get("access") != "write":
            rule["default"] = self._pick([self._scalar(), {"create": self._scalar()}])
        place.schema[name] = schema
        place.shape[name] = (*values, None) if self._chance(0.5) else values
        return rule if len(rule) > 1 or self._chance(0.5) else rule["vendor"]

    def _unset(self) -> dict[str, Any]:
        spellings = self._random.sample([*UNSET, self._text()], self._random.randint(1, 3))
        unset: dict[str, Any] = {"read": spellings}
        if self._chance(0.7):
            unset["clear"] = self._pick([*spellings, *spellings, *spellings, "gone"])
        return unset

    def _annotate(self, schema: dict[str, Any], rule: dict[str, Any], values: Any) -> None:
        """Choose when *rule* runs, and what its vendor schema says of writing."""
        access = rule.get("access") or self._pick(ACCESS)
        if access != "read-write" or self._chance(0.3):
            rule["access"] = access
        if access == "read" and self._chance(0.7):
            schema["readOnly"] = True
        if access == "create" and self._chance(0.7):
            schema["x-write"] = "create"
        if access in ("read-write", "write"):
            if self._chance(0.1):
                schema["x-write-enum"] = [each for each in values if each is not None][:2] or [1]
            if self._chance(0.08):
                schema["x-write-as"] = self._pick(["w1", "w2", "w3"])
            if self._chance(0.08):
                schema["x-required-on"] = "create"

    def _converted(self) -> tuple[dict[str, Any], tuple[Any, ...], dict[str, Any]]:
        """Return a vendor schema, values, and the start of a rule for them."""
        if self._chance(0.35):
            kind = self._pick(["string", "boolean", "any", "any", "some", "untyped"])
            if kind == "string":
                return {"type": ["string", "null"]}, ("", "x", "0", self._text()), {}
            if kind == "boolean":
                return {"type": ["boolean", "null"]}, (True, False, None), {}
            types = self._random.sample(TYPES, self._random.randint(1, 4))
            return {"type": types} if kind == "some" else {}, ANY, {}
        convert, values = self._conversion()
        schema: dict[str, Any] = {}
        if self._chance(0.5):
            schema["type"] = ["string", "number", "array", "object", "boolean", "null"]
        rule = {"convert": convert}
        if convert == "country_code":
            rule["access"] = "read"
        return schema, values, rule

    def _conversion(self) -> tuple[Any, tuple[Any, ...]]:
        name, other, separator = self._pick(self._names), self._pick(self._names), self._text()
        money = {"amount": "1.50", "code": "USD"}
        moneys = (
            money,
            {**money, "amount": 2.5, "x": 1},
            {"amount": "1"},
            {**money, "code": "usd"},
        )
        meanings = {self._text(): [1, self._text(), True], "b": [0, "0", 2.5]}
        return self._pick([
            ("string", (1, 7, "7", 0, "07", 2**53 - 1, 2**53, True, 1.0, "x")),
            ("string", (1, 7, 12)),
            ("integer", ("7", "0", 5, "x", "-1", 1.0)),
            ("decimal", ("1.10", 5.0, 0.1, "1e3", -1, "0", 0, -0.0, "abc", "-0.00")),
            ("number", (12.5, 3, 0, -1.0, "1.50", 1e20, 0.1234567890123456, "x")),
            ("percent", ("1.10", 13, "0", "0.00")),
            ("boolean", ("true", "false", True, "x")),
            ("flag", (1, 0, True, 1.0, 2, "1")),
            ("date", ("2024-02-29", "2023-02-29", "20240101", 20240101, "0001-01-01")),
            ({"date": "%d/%m/%Y"}, ("29/02/2024", "31/02/2024", "1/1/2024", "01/12/1999")),
            ({"datetime": {"zone": self._pick(ZONES)}}, CLOCKS),
            ("epoch", (0, 1680893993, -1, 253402300800, 1.5, "0")),
            ({"epoch": "milliseconds"}, (0, 1572406217883, -1)),
            ("money", moneys),
            ({"money": {"amount": name, "currency": other}}, ({name: "1", other: "EUR"}, money)),
            ({"scale": self._pick([100, 0.01, 1])}, ("1.50", 100, "0", 0.5, "x")),
            ({"values": meanings}, (1, 0, True, False, 1.0, "0", 2.5, *meanings)),
            ({"split": separator}, ("", f"a{separator}b", "x", 1, separator)),
            ({"join": separator}, ([], ["a", "b"], [separator], "x", [1])),
            ("country_code", ("Canada", " usa ", "nowhere", "", 1)),
            ({"list": self._pick(["string", "decimal", "date"])}, ([1, 2], ["1"], [], [None], 1)),
            ({"pluck": name}, ([{name: 1}, {name: "x"}], [], [{}], [{name: True, "z": 1}])),
            ([{"pluck": name}, {"list": "string"}], ([{name: 1}, {name: "2"}], [], [1])),
            (["integer", "string"], ("7", 7, "x")),
        ])  # fmt: skip

    def _expression(self, place: _Place) -> str:
        names = tuple(json.dumps(name) for name in place.known)
        return Grammar(self._random, names, plain=False).expression(self._pick([0, 1, 1, 2]))

    def _formula(self, vendor: _Place, common: _Place, steps: Any) -> dict[str, Any]:
        target, place, name = vendor.spot()
        place.schema[name], place.shape[name] = {}, ANY
        if self._chance(0.5):  # one that reads what it writes
            path = ".".join(map(json.dumps, target))
            read = path if self._chance(0.5) else f"{path} || {self._expression(vendor)}"
            written = ".".join(map(json.dumps, steps))
        else:
            read, written = self._expression(vendor), self._expression(common)
        rule: dict[str, Any] = {"from_vendor": read}
        if self._chance(0.7):
            rule["to_vendor"] = {show_path(target): written}
            if self._chance(0.2):
                del rule["from_vendor"]
        return rule

    def _inside(self, vendor: _Place, depth: int) -> dict[str, Any]:
        return self._fields(vendor, self._place(), depth - 1, self._random.randint(1, 3))

    def _object(self, vendor: _Place, depth: int) -> dict[str, Any]:
        steps, place, name = vendor.spot()
        inner = self._place()
        rule = {"vendor": show_path(steps), "fields": self._inside(inner, depth)}
        if self._chance(0.4):
            rule["unset"] = self._unset()
        place.schema[name] = {"properties": inner.schema}
        place.shape[name] = inner.shape
        return rule

    def _list(self, vendor: _Place, depth: int) -> dict[str, Any]:
        steps, place, name = vendor.spot()
        inner = self._place()
        each = self._inside(inner, depth)
        rule = {"vendor": show_path(steps), "each": each}
        schema: dict[str, Any] = {"x-list": "replace", "items": {"properties": inner.schema}}
        if self._chance(0.6):
            key, known = inner.fresh(), self._place().fresh()
            while show_path((known,)) in each or any(known in path for path in each):
                known += "k"
            rule["key"] = show_path((known,))
            leaf: dict[str, Any] = {"vendor": show_path((key,))}
            inner.schema[key], inner.shape[key] = {}, (1, 2, 3, "4", None)
            if self._chance(0.5):
                leaf["convert"] = "string"
            if self._chance(0.6):
                leaf["access"] = "read"
                inner.schema[key]["readOnly"] = True
                if self._chance(0.5):
                    schema["x-sends-key"] = key
            each[rule["key"]] = leaf
        if self._chance(0.3):
            rule["unset"] = self._unset()
        place.schema[name], place.shape[name] = schema, [inner.shape]
        return rule

    def _slots(self, vendor: _Place) -> dict[str, Any]:
        members = self._random.sample(self._names, self._random.randint(1, 3))
        mark, *others = [show_path((name,)) for name in members]
        count = self._random.randint(1, 3)
        items = [{each: self._value(vendor) for each in (mark, *others)} for _ in range(count)]
        slots: dict[str, Any] = {"empty": mark, "items": items}
        if others and self._chance(0.3):
            slots["when_full"] = others[:1]
        return slots
