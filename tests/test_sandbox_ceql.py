"""CEQL: what texts mean and select, how trees are printed, and what scripts may make of them."""

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, strategies as st

from mapper.sandbox.ceql import (
    And,
    CeqlError,
    Comparison,
    Or,
    items_of,
    parse_select,
    parse_where,
    print_where,
    renamed,
    where_of,
    with_items,
)
from mapper.sandbox.selection import selects

CASES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "sandbox" / "ceql.yaml").read_text("utf-8")
)
RECORD = {
    "name": "O'Neil",
    "age": 20,
    "rate": "1.50",
    "ok": True,
    "gone": None,
    "a": {"b": "x"},
    "c.d": 1,
    "n": [1],
    "t": "%a",
}


@pytest.mark.parametrize("case", CASES["reads"], ids=lambda case: case["where"])
def test_texts_are_read_and_printed(case):
    tree = parse_where(case["where"])
    assert [list(item.values()) for item in items_of(tree)] == case["items"]
    assert print_where(tree) == case.get("prints", case["where"])


@pytest.mark.parametrize(("text", "part", "position"), CASES["refused"])
def test_other_texts_are_refused_with_a_position(text, part, position):
    with pytest.raises(CeqlError, match=f"at character {position}") as caught:
        parse_where(text)
    assert part in str(caught.value)
    assert caught.value.position == position - 1


@pytest.mark.parametrize("case", CASES["selects"], ids=lambda case: case["text"])
def test_bulk_queries(case):
    found = parse_select(case["text"])
    assert (list(found.attributes), found.name, found.limit) == (
        case["attributes"],
        case["name"],
        case.get("limit"),
    )
    assert (found.where and print_where(found.where)) == case.get("where")


@pytest.mark.parametrize(("text", "part", "position"), CASES["selects_refused"])
def test_other_bulk_queries_are_refused(text, part, position):
    with pytest.raises(CeqlError) as caught:
        parse_select(text)
    assert part in str(caught.value)
    assert caught.value.position == position - 1


@pytest.mark.parametrize("text", CASES["holds"])
def test_it_holds(text):
    assert selects(parse_where(text), RECORD)


@pytest.mark.parametrize("text", CASES["holds_not"])
def test_it_does_not_hold(text):
    assert not selects(parse_where(text), RECORD)


@pytest.mark.parametrize(("items", "text"), CASES["items"])
def test_items_become_a_tree(items, text):
    tree = where_of(items)
    assert (tree and print_where(tree)) == text


@pytest.mark.parametrize(("items", "message"), CASES["items_refused"])
def test_other_items_are_refused(items, message):
    with pytest.raises(CeqlError, match=message):
        where_of(items)


def test_items_take_the_places_that_they_had():
    tree = parse_where("a = 1 AND (b = 2 OR c IN (3))")
    items = items_of(tree)
    items[1]["attribute"] = "vendor_b"
    items[2]["value"] = [4, 5]
    assert print_where(with_items(tree, items)) == "a = 1 AND (vendor_b = 2 OR c IN (4, 5))"
    assert print_where(with_items(tree, items[:2])) == "a = 1 AND vendor_b = 2"
    assert with_items(tree, []) is None


def test_attributes_are_renamed():
    tree = renamed(parse_where("a = 1 OR (b = 2 AND a IS NULL)"), {"a": "x.y", "b": "b"}.get)
    assert print_where(tree) == "x.y = 1 OR (b = 2 AND x.y IS NULL)"


SCALARS = (
    st.text() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
COMPARISONS = st.one_of(
    st.builds(
        Comparison,
        st.text(min_size=1),
        st.sampled_from(["=", "!=", "<", ">", "<=", ">=", "LIKE"]),
        SCALARS,
    ),
    st.builds(
        Comparison,
        st.text("ab.", min_size=1),
        st.just("IN"),
        st.lists(SCALARS, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(Comparison, st.sampled_from(["a", "or", "is null"]), st.just("IS NULL"), st.none()),
)
TREES = st.recursive(
    COMPARISONS,
    lambda inner: st.builds(
        lambda kind, parts: kind(tuple(parts)),
        st.sampled_from([And, Or]),
        st.lists(inner, min_size=2, max_size=3),
    ),
    max_leaves=8,
)


@given(TREES)
def test_a_printed_tree_parses_to_itself(tree):
    assert parse_where(print_where(tree)) == tree


@given(TREES)
def test_a_tree_takes_back_its_own_items(tree):
    assert with_items(tree, items_of(tree)) == tree


@given(st.text("a1.'`%()=<>! ANDORIULK,", max_size=20) | st.text(max_size=10))
def test_every_text_is_read_or_refused(text):
    try:
        tree = parse_where(text)
    except CeqlError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert parse_where(print_where(tree)) == tree
        selects(tree, {"a": "a1"})


def test_nothing_takes_long():
    started = time.perf_counter()
    with pytest.raises(CeqlError, match="parentheses"):
        parse_where("(" * 100_000)
    with pytest.raises(CeqlError):
        parse_where("a = " + "'" * 99_999)
    assert len(items_of(parse_where(" AND ".join(["a = 1"] * 10_000)))) == 10_000
    assert not selects(parse_where(f"a LIKE '{'%a' * 200}b'"), {"a": "a" * 5000})
    assert time.perf_counter() - started < 5
