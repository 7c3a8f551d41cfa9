"""The field list and the levels of the local platform: cases, samples, and values that are odd."""

import copy
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, strategies as st

from mapper.sandbox.fields import apply_fields
from mapper.sandbox.levels import effective_transformation
from mapper.sandbox.paths import PathError, parse_path
from mapper.sandbox.settings import SETTINGS, Settings

CASES = Path(__file__).parent / "cases" / "sandbox"
FIELDS = yaml.safe_load((CASES / "fields.yaml").read_text("utf-8"))
LEVELS = yaml.safe_load((CASES / "levels.yaml").read_text("utf-8"))
ONLY_MAPPED = {"type": "passThrough", "properties": {"fromVendor": False, "toVendor": False}}


def transformation_of(case):
    fields = [
        dict(zip(("path", "vendorPath"), field.split(" <- "), strict=True))
        if isinstance(field, str)
        else field
        for field in case["fields"]
    ]
    configuration = [ONLY_MAPPED] if case.get("mapped") else case.get("configuration", [])
    return {"vendorName": "things", "fields": fields, "configuration": configuration}


@pytest.mark.parametrize(
    ("case", "direction"),
    [
        pytest.param(case, direction, id=f"{case['case']} ({direction})")
        for case in FIELDS
        for direction in ("reads", "writes")
        if direction in case
    ],
)
def test_cases_hold(case, direction):
    given_value, expected = case[direction]
    before, log = copy.deepcopy(given_value), []
    transformation = transformation_of(case)
    result = apply_fields(
        transformation,
        given_value,
        from_vendor=direction == "reads",
        settings=Settings(case.get("settings")),
        log=log,
    )
    # As JSON text, since to Python 1, 1.0 and True are equal.
    assert json.dumps(result, sort_keys=True) == json.dumps(expected, sort_keys=True)
    assert given_value == before
    if direction == "reads" or "reads" not in case:
        parts = case.get("log", [])
        assert len(log) == len(parts), log
        for entry, part in zip(log, parts, strict=True):
            assert part in entry


def test_every_case_says_how_it_is_known():
    switches = {setting.name for setting in SETTINGS}
    for case in FIELDS:
        known = case["known"]
        assert known == "inferred" or known[0].isdigit() or known.startswith("unknown: "), case
        assert switches >= set(case.get("settings", {}))


@pytest.mark.parametrize("case", LEVELS, ids=[case["case"] for case in LEVELS])
def test_levels(case):
    before = copy.deepcopy(case["levels"])
    assert effective_transformation(case["levels"]) == case["effective"]
    assert case["levels"] == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "fields", "type", "__proto__"]), inner)
    ),
    max_leaves=12,
)
STEP = st.sampled_from(["a", "b", ".a", ".b", "[*]", "[0]", "[a=1]", "[?(@.a==1)]", ".size()", "["])
PATHS = st.lists(STEP, min_size=1, max_size=4).map("".join)
FIELD = st.fixed_dictionaries(
    {"path": PATHS, "vendorPath": PATHS},
    optional={
        "type": st.sampled_from(["string", "number", "array[int]", "date"]) | JSON,
        "configuration": JSON
        | st.lists(
            st.fixed_dictionaries(
                {
                    "type": st.sampled_from(["remove", "passThrough", "transformDate"]),
                    "properties": JSON
                    | st.fixed_dictionaries({"pattern": st.text("yMdHXS' -", max_size=6)}),
                }
            ),
            max_size=2,
        ),
    },
)


@given(fields=st.lists(FIELD | JSON, max_size=4) | JSON, payload=JSON, from_vendor=st.booleans())
def test_nothing_raises_and_nothing_is_shared(fields, payload, from_vendor):
    before = copy.deepcopy(payload)
    result = apply_fields(
        {"fields": fields}, payload, from_vendor=from_vendor, settings=Settings(), log=[]
    )
    _spoil(result)
    assert payload == before


def _spoil(value):
    """Change every container in a value."""
    if isinstance(value, dict):
        for each in value.values():
            _spoil(each)
        value["spoiled"] = True
    elif isinstance(value, list):
        for each in value:
            _spoil(each)
        value.append("spoiled")


def test_depth_is_no_matter():
    deep = {}
    for _ in range(50_000):
        deep = {"a": deep}
    result = apply_fields(
        {"fields": [{"path": "b", "vendorPath": "a"}]},
        deep,
        from_vendor=True,
        settings=Settings(),
        log=[],
    )
    assert list(result) == ["b"]
    while deep:  # Python itself would not survive the end of it.
        deep, result = deep["a"], result.popitem()[1]


@given(st.text("ab.[]*?@=()'0", max_size=12))
def test_every_text_is_a_path_or_refused(text):
    try:
        assert parse_path(text)
    except PathError as error:
        assert str(error)


def test_long_paths_are_refused():
    for text in ("a" * 2000, ".".join("a" * 60)):
        with pytest.raises(PathError):
            parse_path(text)
