"""Schemas: loading, the handle, validation and what is derived from them."""

import json
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings, strategies as st

from mapper.codes import BROKEN_INVARIANT
from mapper.diagnostics import FileError
from mapper.formats import FORMATS
from mapper.schema import (
    InputPaths,
    Schemas,
    input_schema,
    patterns,
    schema_of,
    validate,
    write_schema,
)

CASES = Path(__file__).parent / "cases" / "schema"
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "vendor-schema.md"


@cache
def cases(name):
    return yaml.safe_load((CASES / name).read_text(encoding="utf-8"))


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return Schemas(folder)


def refusal(call, *args):
    with pytest.raises(FileError) as caught:
        call(*args)
    return caught.value.diagnostics


# Loading ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases("refused.yaml"), ids=lambda case: case["name"])
def test_an_unusable_schema_is_refused_with_every_finding(case, tmp_path):
    write(tmp_path, {"outside.json": {"type": "string"}})
    schemas = write(tmp_path / "schemas", case["files"])
    found = refusal(schemas.load, case.get("load", next(iter(case["files"]))))
    said = [f"{it.rule.code} {it.pointer}: {it.message}" for it in found]
    expected = case["finds"]
    assert [line[: len(want)] for line, want in zip(said, expected, strict=True)] == expected, said
    if case.get("hint"):
        assert found[0].hint == case["hint"]


def test_a_finding_about_a_schema_knows_its_place(tmp_path):
    text = '{\n  "type": "object",\n  "properties": {"a": {"minimun": 1}}\n}'
    (found,) = refusal(write(tmp_path / "schemas", {"x.json": text}).load, "x.json")
    assert str(found.span) == "schemas/x.json:3:35"


def test_references_between_files_are_merged_and_the_outer_annotation_wins(tmp_path):
    schemas = write(
        tmp_path,
        {
            "vendor/invoice.json": {
                "type": "object",
                "properties": {
                    "total": {"$ref": "../shared/money.json", "readOnly": True, "title": "Total"},
                    "self": {"$ref": "#/$defs/a~1b%20c"},
                    "first": {"$ref": "../vendor/invoice.json#/$defs/d"},
                },
                "$defs": {"a/b c": {"type": "string"}, "d": {"$ref": "#/$defs/a~1b%20c"}},
            },
            "shared/money.json": {
                "$id": "https://example.com/money",
                "title": "Money",
                "type": "object",
                "properties": {"amount": {"type": "string", "format": "decimal"}},
                "required": ["amount"],
                "additionalProperties": False,
            },
        },
    )
    invoice = schemas.load("vendor/invoice.json")
    total = invoice.member("total")
    assert total.annotation("title") == "Total"
    assert total.annotation("readOnly") is True
    assert (total.file, total.pointer) == ("vendor/invoice.json", "/properties/total")
    assert invoice.at(["total", "amount"]).format == "decimal"
    assert invoice.at(["total", "amount"]).file == "shared/money.json"
    assert total.closed
    assert total.required == {"amount"}
    assert invoice.member("self").kinds == invoice.member("first").kinds == {"string"}
    assert "$" not in json.dumps(invoice.raw)
    assert schemas.load("vendor/invoice.json") is invoice


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    write(tmp_path, {"outside/secret.json": {"type": "string"}})
    folder = tmp_path / "schemas"
    schemas = write(
        folder,
        {"x.json": {"properties": {"a": {"$ref": "a.json"}, "b": {"$ref": "b/secret.json"}}}},
    )
    (folder / "a.json").symlink_to(tmp_path / "outside" / "secret.json")
    (folder / "b").symlink_to(tmp_path / "outside")
    (folder / "loop.json").symlink_to(folder / "loop.json")
    assert [found.rule.code for found in refusal(schemas.load, "x.json")] == ["M302", "M302"]
    for name in (
        "a.json",
        "b/secret.json",
        "loop.json",
        "b",
        "x" * 5000 + ".json",
        "\0.json",
        "\udc80.json",
    ):
        assert refusal(schemas.load, name)


def test_a_missing_folder_is_a_finding(tmp_path):
    assert refusal(Schemas(tmp_path / "none").load, "x.json")[0].rule.code == "M001"


def deep(levels, leaf):
    for _ in range(levels):
        leaf = {"type": "object", "properties": {"a": leaf}}
    return leaf


def test_depth_is_bounded(tmp_path):
    text = '{"not":' * 10_000 + "{}" + "}" * 10_000
    assert refusal(write(tmp_path, {"x.json": text}).load, "x.json")[0].rule.code in {
        "M007",
        "M510",
    }
    assert refusal(schema_of, deep(100, {}))[0].rule.code == "M007"
    chain = {str(n): {"properties": {"a": {"$ref": f"#/$defs/{n + 1}"}}} for n in range(5000)}
    assert (
        refusal(schema_of, {"$ref": "#/$defs/0", "$defs": chain | {"5000": {}}})[0].rule.code
        == "M007"
    )
    deepest = schema_of(deep(99, {"type": "string"}))
    value = 1
    for _ in range(99):
        value = {"a": value}
    assert [found.pointer for found in validate(deepest, value)] == ["/a" * 99]


@pytest.mark.parametrize("keyword", ["anyOf", "properties"])
def test_references_that_double_each_time_are_refused_at_once(keyword):
    def twice(name):
        both = [{"$ref": f"#/$defs/{name}"}, {"$ref": f"#/$defs/{name}"}]
        return {keyword: both if keyword == "anyOf" else {"a": both[0], "b": both[1]}}

    doubling = {str(n): twice(n + 1) for n in range(60)}
    start = time.process_time()
    found = refusal(schema_of, {"$ref": "#/$defs/0", "$defs": doubling | {"60": {"enum": ["a"]}}})
    assert time.process_time() - start < 5
    assert "M007" in {it.rule.code for it in found}


def test_many_mistakes_are_bounded():
    assert len(refusal(schema_of, {f"typo{n}": 1 for n in range(10_000)})) == 100


@pytest.mark.parametrize("pattern", cases("patterns.yaml")["taken"])
def test_a_portable_pattern_is_taken(pattern):
    assert schema_of({"type": "string", "pattern": pattern}).pattern == pattern


@pytest.mark.parametrize(("pattern", "reason"), cases("patterns.yaml")["refused"].items())
def test_another_pattern_is_refused(pattern, reason):
    (found,) = refusal(schema_of, {"pattern": pattern})
    assert (found.rule.code, found.message) == ("M301", f"pattern {reason}")


PARTS = st.recursive(
    st.sampled_from(["a", "b", ",", "[ab]", "[^,]", "."]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda both: f"(?:{both[0]}|{both[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2,3}"])).map(
            lambda o: f"({o[0]}){o[1]}"
        ),
    ),
    max_leaves=5,
)


@settings(max_examples=300)
@given(PARTS, st.text("ab,", min_size=1, max_size=4), st.sampled_from(["*", "+", "{0,60}"]))
def test_no_text_takes_a_repeated_group_long(part, piece, often):
    pattern = f"^({part}){often}$"
    if patterns.refusal(pattern) is None:
        began = time.process_time()
        patterns.matches(pattern, (piece * 40)[:36] + "\n")
        assert time.process_time() - began < 0.2


def test_an_overlong_pattern_is_refused():
    assert refusal(schema_of, {"pattern": f"^{'a' * 500}$"})


# The handle -------------------------------------------------------------------------------------

MONEY = {
    "type": "object",
    "title": "Money",
    "properties": {"amount": {"type": "string"}, "code": {"type": "string"}},
    "required": ["amount"],
    "additionalProperties": False,
}


def test_a_nullable_union_is_looked_through():
    schema = schema_of({"anyOf": [MONEY, {"type": "null"}], "description": "d"})
    assert list(schema.members()) == ["amount", "code"]
    assert schema.kinds == {"object", "null"}
    assert schema.required == {"amount"}
    assert schema.closed
    assert schema.annotation("title") == "Money"
    assert schema.annotation("description") == "d"
    assert schema.annotation("readOnly", default=False) is False
    assert schema.enum is None
    assert schema.member("other") is None
    assert schema.at(["amount", "x"]) is None
    assert schema.at([]) is schema


def test_the_members_of_a_union_are_those_of_its_branches():
    other = {"type": "object", "properties": {"amount": {"type": "number"}, "rate": {"enum": [1]}}}
    schema = schema_of({"oneOf": [MONEY, other]})
    assert list(schema.members()) == ["amount", "code", "rate"]
    assert schema.member("amount").kinds == {"string", "number"}
    assert schema.required == frozenset()
    assert not schema.closed


def test_parts_of_all_of_are_one_schema():
    schema = schema_of(
        {
            "type": "object",
            "allOf": [
                {"properties": {"a": {"type": "string"}}, "required": ["a"]},
                {"properties": {"b": {"type": "string"}}, "required": ["b", "a"]},
            ],
        }
    )
    assert list(schema.members()) == ["a", "b"]
    assert schema.required == {"a", "b"}
    assert "allOf" not in schema.raw


def test_items_and_values():
    schema = schema_of(
        {
            "anyOf": [
                {"type": "array", "items": {"enum": ["a", None, 1, 1.5, True]}},
                {"type": "null"},
            ]
        }
    )
    assert schema.items().enum == ("a", None, 1, 1.5, True)
    assert schema.items().kinds == {"string", "null", "integer", "number", "boolean"}
    assert schema_of({"const": "a"}).enum == ("a",)
    assert schema_of({"anyOf": [{"enum": ["a"]}, {"type": "null"}]}).enum == ("a", None)
    assert schema_of({"anyOf": [{"enum": ["a"]}, {"type": "string"}]}).enum is None
    assert len(schema_of({}).kinds) == 7
    assert schema_of({}).items() is None
    two = schema_of({"anyOf": [{"items": {"type": "string"}}, {"items": {"type": "number"}}]})
    assert two.items().kinds == {"string", "number"}


# Validation -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "case"),
    [(group["schema"], case) for group in cases("violations.yaml") for case in group["cases"]],
    ids=lambda part: json.dumps(part.get("value", ""))[:50],
)
def test_every_violation_is_worded(schema, case):
    found = validate(schema_of(schema), case["value"])
    assert {it.pointer: it.message for it in found} == case["finds"]
    assert len(found) == len(case["finds"])
    assert {it.rule.code for it in found} <= {"M501"}


def test_findings_are_in_the_order_of_their_places():
    schema = schema_of({"type": "array", "items": {"type": "string"}})
    found = validate(schema, [1] * 12, rule=BROKEN_INVARIANT)
    assert [it.pointer for it in found] == [f"/{n}" for n in range(12)]
    assert {it.rule for it in found} == {BROKEN_INVARIANT}
    assert found[0].value == "1"


def test_a_long_list_of_choices_is_cut():
    (found,) = validate(schema_of({"enum": list(range(20))}), 99)
    assert found.message == "the document is none of 0, 1, 2, 3, 4, 5, 6, 7, …"


def test_an_unknown_member_comes_with_a_suggestion():
    (found,) = validate(schema_of(MONEY), {"amount": "1", "cod": "USD"})
    assert found.hint == "did you mean code?"


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_format_holds_what_it_says(format_name):
    shown = cases("formats.yaml")[format_name]
    schema = schema_of({"format": format_name})
    assert [text for text in shown["fits"] if validate(schema, text)] == []
    assert [text for text in shown["not"] if not validate(schema, text)] == []
    assert not validate(schema, 13)


def test_a_number_at_the_root_is_no_text():
    (found,) = validate(schema_of({"type": "string"}), 13)
    assert (found.pointer, found.value) == ("", "13")


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), {1: 2}, {"a": {3}}, 10**5000, (1,), object()],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_json_is_said_so(value):
    found = validate(schema_of({"type": "object"}), [value])
    assert [it.message.endswith(" is no JSON value") for it in found] == [True]


def test_a_value_may_be_as_deep_as_a_payload_may():
    for text in ("[" * 200 + "]" * 200, '{"a":' * 199 + "[]" + "}" * 199):
        value = json.loads(text)
        everything = {"uniqueItems": True, "enum": ["x"], "not": {"type": ["array", "object"]}}
        assert len(validate(schema_of(everything), value)) == 2
    (found,) = validate(schema_of({}), json.loads("[" * 201 + "]" * 201))
    assert (found.rule.code, found.pointer) == ("M510", "/0" * 200)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
ALL_AT_ONCE = schema_of(
    {
        "properties": {"a": {"type": "integer", "minimum": 1}, "b": {"format": "date-time"}},
        "propertyNames": {"maxLength": 3},
        "additionalProperties": {
            "anyOf": [{"type": "array", "uniqueItems": True}, {"type": "string", "pattern": "^a*$"}]
        },
        "dependentRequired": {"a": ["b"]},
        "items": {"oneOf": [{"type": "number"}, {"enum": [None, "a"]}]},
        "maxItems": 2,
        "not": {"const": 1},
    }
)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_validation_never_raises_and_agrees_with_the_reference(value):
    found = validate(ALL_AT_ONCE, value)
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        assert found
    else:
        reference = jsonschema.Draft202012Validator(ALL_AT_ONCE.raw)
        if not reference.is_valid(value):  # ours also asserts formats and the range of integers
            assert found


def test_the_command_line_does_not_wait_for_the_validator():
    program = "import sys, mapper.schema; print('jsonschema' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


# Derived schemas --------------------------------------------------------------------------------


def page_examples():
    """Return, by heading of the page, its blocks by what they show."""
    examples, heading, kind, block = {}, "", None, []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line == "```":
            if kind:
                examples.setdefault(heading, {})[kind] = json.loads("\n".join(block))
            kind = None
        elif line.startswith("```json "):
            kind, block = line.removeprefix("```json "), []
        else:
            block.append(line)
    return examples


@pytest.mark.parametrize(("heading", "blocks"), page_examples().items())
def test_the_page_derives_what_it_shows(heading, blocks):
    schema = schema_of(blocks.pop("schema"))
    assert blocks, f"{heading} shows a schema and nothing that follows from it"
    for mode, shown in blocks.items():
        assert write_schema(schema, mode) == shown


@pytest.mark.parametrize("case", cases("derived.yaml"), ids=lambda case: case["name"])
def test_a_derived_schema_takes_what_it_should(case):
    schema = schema_of(case["schema"])
    for mode, values in case["modes"].items():
        if "read" in case or "create_only" in case:
            named = {
                "read": "read",
                "create": "create_only",
                "required": "required",
                "whole": "whole",
                "leaves": "leaves",
                "defaulted": "defaulted",
            }
            paths = {
                name: {tuple(path.split(".")) for path in case.get(key, ())}
                for name, key in named.items()
            }
            derived = schema_of(input_schema(schema, InputPaths(**paths), mode))
        else:
            derived = schema_of(write_schema(schema, mode))
        for value in values.get("takes", ()):
            assert validate(derived, value) == [], (mode, value)
        for value in values.get("refuses", ()):
            assert validate(derived, value), (mode, value)
