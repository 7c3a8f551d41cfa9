"""Generated values fit their schemas and what these promise, reach the boundaries, and shrink."""

import json
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, find, given, settings
from shares import shares

from mapper.diagnostics import MapperError
from mapper.evaluate import search
from mapper.generate import Seeded, documents, generate, seeded
from mapper.schema import Schema, Schemas, schema_of, validate

FOLDER = Path(__file__).parent / "cases" / "generate"
SCHEMAS = Schemas(FOLDER)
NAMES = sorted(path.name for path in FOLDER.glob("*.json"))
ORDER = SCHEMAS.load("order.schema.json")


def sample(schema: Schema, count: int, *, unknown: bool = False):
    return list(islice(seeded(schema, 1, unknown=unknown), count))


def of_member(raw: dict, count: int = 1000):
    """Return values of a member with the schema *raw* that stands alone in its object."""
    holder = schema_of({"type": "object", "required": ["it"], "properties": {"it": raw}})
    return [each["it"] for each in sample(holder, count)]


@pytest.mark.parametrize("unknown", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_values_fit_their_schema(name, unknown):
    schema = SCHEMAS.load(name)
    for value in sample(schema, 150, unknown=unknown):
        assert validate(schema, value) == [], value
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # no lone surrogates


@pytest.mark.parametrize("name", NAMES)
def test_drawn_values_fit_their_schema(name):
    schema = SCHEMAS.load(name)

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(documents(schema))
    def check(value):
        assert validate(schema, value) == []

    check()


def test_the_same_seed_gives_the_same_values():
    assert sample(ORDER, 20) == sample(ORDER, 20)
    assert generate(ORDER, Seeded(Random(1))) == sample(ORDER, 1)[0]


def test_a_failure_becomes_simple():
    members = {name: ORDER.raw["properties"][name] for name in ("id", "notes", "total", "tags")}
    schema = schema_of({"type": "object", "required": ["id"], "properties": members})
    simplest = find(
        documents(schema),
        lambda order: len(order.get("tags", [])) > 1 and "notes" in order,
        settings=settings(max_examples=300, derandomize=True, database=None),
    )
    assert simplest == {"id": 1, "notes": None, "tags": ["a", "b"]}


def test_documents_are_bounded_however_deep_their_lists_nest():
    def items(value):
        inner = value.values() if isinstance(value, dict) else value
        if not isinstance(value, dict | list):
            return 0
        return sum(map(items, inner)) + (len(value) if isinstance(value, list) else 0)

    raw = {"type": "string"}
    for _ in range(12):
        raw = {"type": "array", "items": {"type": "object", "properties": {"inner": raw}}}
    deep = schema_of({"type": "object", "required": ["it"], "properties": {"it": raw}})
    sizes = [items(each) for each in sample(deep, 60)]
    assert 500 < max(sizes) <= 1_000
    # What is made after a large document is not smaller for it.
    assert sum(size > 500 for size in sizes[len(sizes) // 2 :]) > 1

    least = {"type": "array", "minItems": 2, "items": raw}
    assert all(len(each) >= 2 for each in of_member(least, 20) if isinstance(each, list))


def test_no_two_items_have_the_same_id():
    lists = [order["lines"] for order in sample(ORDER, 500) if order.get("lines")]
    for lines in lists:
        ids = [str(line["lineid"]) for line in lines]
        assert len(set(ids)) == len(ids)
    assert {10, 12} <= set(map(len, lists))


def test_computed_members_are_computed_one_after_the_other():
    reached = 0
    for order in sample(ORDER, 500):
        assert order.get("same", order["id"]) == order["id"]
        if (order.get("total") or {}).get("currency") and "currency" in order:
            assert order["total"]["currency"] == order["currency"]
        if {"ordered", "days", "due", "reminded"} <= order.keys() and order["ordered"] < "9998":
            assert order["due"] == search("add_days(ordered, days)", order)
            assert order["reminded"] == search("add_days(due, `1`)", order)
            reached += 1
    assert reached > 10


def test_invariants_hold_at_the_root_and_in_parts():
    for order in sample(ORDER, 500):
        if order.get("shipped") and order.get("ordered"):
            assert order["ordered"] <= order["shipped"]
        for line in order.get("lines") or []:
            if line.get("compound"):
                assert line.get("first") is not None
                assert line.get("second") is not None


def test_nothing_is_left_out():
    low = {key: share for key, share in shares(sample(ORDER, 2000), ORDER).items() if share < 0.01}
    assert low == {}


@pytest.mark.parametrize(
    ("raw", "boundaries"),
    [
        ({"type": "string"}, {"", "a", "null", "0", "__proto__", '"]', "e\u0301", "\x00", " "}),
        ({"type": "integer"}, {0, 1, -1, 2**53 - 1, 1 - 2**53}),
        ({"type": "integer", "minimum": -5, "maximum": 17}, {-5, 0, 1, 17}),
        ({"type": "number"}, {0, 0.01, -0.01, 1e-7, 999999999999999}),
        ({"type": "string", "format": "decimal"}, {"0", "0.00", "-0.01", "1.10"}),
        ({"type": "string", "format": "date"}, {"2024-02-29", "2023-12-31", "2024-03-10"}),
        (
            {"type": "string", "format": "local-date-time"},
            {"2024-03-10 02:30:00", "2024-11-03 01:30:00", "2024-12-31 23:59:59"},
        ),
        ({"type": "string", "format": "currency"}, {"JPY", "USD", "KWD"}),
        ({"type": "boolean"}, {False, True}),
        ({"enum": ["a", None, "", 7]}, {"a", None, "", 7}),
    ],
)
def test_boundaries_are_reached(raw, boundaries):
    assert boundaries <= set(of_member(raw))


def test_no_integer_is_beyond_what_every_engine_holds():
    for kind in ("integer", "number"):
        values = of_member({"type": kind, "minimum": -(2**53), "maximum": 2**53})
        assert max(map(abs, values)) <= 2**53 - 1


def test_decimals_come_as_long_texts_and_as_numbers_within_15_digits():
    values = of_member({"type": ["string", "number"], "format": "decimal"})
    texts = [value for value in values if isinstance(value, str)]
    numbers = [value for value in values if not isinstance(value, str)]
    assert any(len(text.partition(".")[2]) >= 26 for text in texts)
    assert any(len(text.partition(".")[0]) >= 30 for text in texts)
    assert len(numbers) > 300
    assert all(float(f"{number:.15g}") == number for number in numbers)


def test_texts_of_a_pattern_vary_in_length():
    lengths = set(map(len, of_member({"type": "string", "pattern": "^[a-z]{2,}$"})))
    assert set(range(2, 11)) <= lengths
    assert max(lengths) > 60


@pytest.mark.parametrize("beside", [{}, {"type": "object"}])
def test_what_a_union_requires_is_named_by_its_branches(beside):
    branches = [
        {"properties": {"t": {"const": "A"}, "id": {"type": "integer"}}, "required": ["id"]},
        {"anyOf": [{"properties": {"t": {"const": "B"}, "s": {"type": "string"}}}]},
    ]
    closed = {"additionalProperties": False}
    branches[1]["anyOf"][0] |= closed
    union = beside | {"required": ["t"], "oneOf": [branches[0] | closed, branches[1]]}
    made = sample(schema_of(union), 200)
    assert {(value["t"], *sorted(value)) for value in made} == {
        ("A", "id", "t"),
        ("B", "t"),
        ("B", "s", "t"),
    }


def test_a_list_without_repeats_can_be_long():
    integers = {"type": "array", "items": {"type": "integer"}}
    for listed in of_member(integers | {"uniqueItems": True, "minItems": 3000}, 3):
        assert len(set(listed)) == len(listed) == 3000


def test_unknown_members_are_rare_and_only_on_request():
    open_object = schema_of({"type": "object", "properties": {"a": {"type": "integer"}}})
    extra = [value for value in sample(open_object, 500, unknown=True) if value.keys() - {"a"}]
    assert 10 < len(extra) < 100
    assert all(value.keys() <= {"a"} for value in sample(open_object, 500))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"type": "string", "minLength": 5, "format": "country"}, "no value fits"),
        ({"type": "integer", "minimum": 2, "maximum": 1}, "no value fits"),
        ({"enum": ["a"], "type": "integer"}, "no value fits"),
        ({"type": "boolean", "not": {"type": "boolean"}}, "200 tries"),
        ({"type": "string", "pattern": r"^[\ud800-\udfff]+$"}, "no value fits"),
        ({"type": "string", "pattern": "^[a-z]+$", "format": "date"}, "no value fits"),
        (
            {"type": "object", "required": ["a"], "additionalProperties": False},
            "no value fits",
        ),
        ({"type": "object", "x-invariants": {"never": "`false`"}}, "the invariant never"),
        (
            {"type": "array", "items": {"const": 1}, "minItems": 2, "uniqueItems": True},
            "no 2 different items",
        ),
        (
            {
                "type": "object",
                "required": ["a"],
                "properties": {"a": {"type": "integer", "x-computed": "'text'"}},
            },
            "the computed a does not fit",
        ),
        (
            {
                "type": "object",
                "properties": {
                    "a": {"type": "integer", "x-computed": "b"},
                    "b": {"type": "integer", "x-computed": "a"},
                },
            },
            "read each other: a, b",
        ),
        ({"type": "object", "x-invariants": {"odd": "length("}}, "length("),
    ],
)
def test_what_cannot_be_generated_is_refused(raw, reason):
    schema = Schema(raw, "case.json", "", {}) if "x-invariants" in raw else schema_of(raw)
    with pytest.raises(MapperError) as refused:
        sample(schema, 1)
    assert refused.value.diagnostics[0].rule.code == "M301"
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"type": "string", "minLength": 10**9}, "minLength 1000000000, more than 10000"),
        (
            {"type": "string", "pattern": "^(a{9999}){9999}$"},
            "a pattern of more than 20000 states",
        ),
        ({"type": "array", "minItems": 10**9}, "minItems 1000000000, more than 10000"),
        (
            {"type": "array", "minItems": 200, "items": {"type": "array", "minItems": 200}},
            "a document of more than 10000 items",
        ),
    ],
)
def test_what_is_too_large_is_refused(raw, reason):
    with pytest.raises(MapperError, match=f"M301.*too large to be generated: {reason}"):
        sample(schema_of(raw), 5)


@pytest.mark.parametrize("keyword", ["multipleOf", "contains", "allOf"])
def test_a_keyword_that_is_not_honoured_is_refused(keyword):
    with pytest.raises(MapperError, match=f"M301.*{keyword} cannot be generated"):
        sample(Schema({"type": "integer", keyword: 2}, "case.json", "", {}), 1)


def test_shares_count_documents_among_those_with_a_place_for_the_member():
    schema = schema_of(
        {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "integer", "minimum": 1},
                "status": {"enum": ["draft", "sent"]},
                "lines": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"type": ["string", "null"]}},
                    },
                },
            },
        }
    )
    counted = shares(
        [
            {"id": 1, "status": "draft"},
            {"id": 2, "lines": []},
            {"id": 3, "lines": [{"name": None}, {"name": "a"}]},
            {"id": 4, "status": "draft", "lines": [{"name": "a"}]},
        ],
        schema,
    )
    assert counted == {
        "status absent": 0.5,
        "status value": 0.5,
        'status = "draft"': 0.5,
        'status = "sent"': 0,
        "lines absent": 0.25,
        "lines value": 0.75,
        "lines 0 items": 0.25,
        "lines 1 items": 0.25,
        "lines 10 items": 0,
        "lines[].name null": 0.5,
        "lines[].name unset": 0,
        "lines[].name value": 1,
    }
