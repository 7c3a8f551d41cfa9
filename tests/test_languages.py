"""Regular languages: hand-written cases, and properties with Python's ``re`` as the oracle."""

import inspect
import json
import re
import time
import warnings
from itertools import product
from math import inf
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from mapper import decimals, formats, primitives
from mapper.languages import (
    EVERYTHING,
    NOTHING,
    TooComplex,
    before,
    chained,
    counterexample,
    joined,
    numerals_between,
    of_length,
    pattern_language,
    regex_language,
    shifted,
    split,
    texts,
    whole_between,
    without,
)
from mapper.languages.language import MAX_NESTED
from mapper.schema.patterns import matches

ROOT = Path(__file__).parents[1]
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "languages.yaml").read_text("utf-8"))
SHORT = ["".join(each) for length in range(4) for each in product("abAB0 \n", repeat=length)]
BUILDERS = {
    "pattern": pattern_language,
    "texts": texts,
    "length": lambda ends: of_length(*ends),
    "upper": lambda spec: language(spec).cased(upper=True),
    "lower": lambda spec: language(spec).cased(upper=False),
    "trim": lambda spec: language(spec).trimmed(),
    "shift": lambda spec: shifted(language(spec[0]), spec[1]),
    "parts": lambda spec: split(language(spec[0]), spec[1]).language,
    "joined": lambda spec: joined(language(spec[0]), *spec[1:3], spec[3] or inf),
    "either": lambda specs: language(specs[0]) | language(specs[1]),
    "both": lambda specs: language(specs[0]) & language(specs[1]),
}


def language(spec):
    """Return the language that a case spells."""
    if isinstance(spec, str):
        return regex_language(spec)
    ((kind, value),) = spec.items()
    return BUILDERS[kind](value)


# Cases ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", [case for group in CASES["inclusions"] for case in group["cases"]], ids=str
)
def test_whether_all_texts_of_one_are_texts_of_another(case):
    a, b = language(case["all"]), language(case["are"])
    assert counterexample(a, b) == case.get("but")
    assert (a <= b) == ("but" not in case)


@pytest.mark.parametrize("case", CASES["finite"], ids=str)
def test_all_texts_where_they_are_few(case):
    found = language(case["texts of"]).finite(case["limit"])
    assert found == (None if case["are"] is None else set(case["are"]))
    assert language(case["texts of"]).is_empty == (case["are"] == [])


@pytest.mark.parametrize("regex", CASES["too complex"])
def test_other_syntax_is_refused(regex):
    with pytest.raises(TooComplex):
        regex_language(regex)


@pytest.mark.parametrize("regex", ["a" * 2001, "(" * 50 + "a" + ")" * 50, "(" * 2000])
def test_what_is_long_or_nests_deeply_is_refused(regex):
    with pytest.raises(TooComplex):
        regex_language(regex)
    assert "a" in regex_language("(" * 49 + "a" + ")" * 49)


@pytest.mark.parametrize("pattern", ["", "^", "a", "^a", "a$", r"^a\$"])
def test_a_pattern_describes_the_whole_text(pattern):
    with pytest.raises(TooComplex):
        pattern_language(pattern)


def test_everything_and_nothing():
    assert "" in EVERYTHING
    assert "a\n\U0010ffff" in EVERYTHING
    assert "" not in NOTHING
    assert NOTHING <= EVERYTHING
    assert NOTHING.is_empty
    assert not EVERYTHING.is_empty
    assert counterexample(EVERYTHING, NOTHING) == ""


# Properties -------------------------------------------------------------------------------------


ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "A",
        "0",
        " ",
        "\n",
        ".",
        r"\n",
        r"\x20",
        "[ab]",
        "[^a]",
        "[^ -Z]",
        "[A-Za-z]",
        "[ \t-\r]",
    ]
)
COUNTS = st.sampled_from(["*", "+", "?", "{2}", "{0}", "{0,2}", "{1,}", "{1,3}"])
REGEXES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.lists(inner | st.just(""), min_size=2, max_size=3).map(lambda o: f"(?:{'|'.join(o)})"),
        st.tuples(inner, COUNTS).map(lambda both: f"({both[0]}){both[1]}"),
    ),
    max_leaves=6,
)


def members(regex, among=SHORT):
    return {text for text in among if re.fullmatch(regex, text)}


@given(REGEXES)
def test_a_language_has_the_texts_that_python_matches(regex):
    a = regex_language(regex)
    assert {text for text in SHORT if text in a} == members(regex)


@given(st.data(), REGEXES)
def test_a_language_has_long_texts_that_python_matches(data, regex):
    text = data.draw(st.from_regex(regex, fullmatch=True))
    assert text in regex_language(regex)


@given(st.text("ab0[]^-(?:){}|\\.*+$,1xP<>", max_size=12))
def test_what_is_parsed_is_what_python_parses(regex):
    try:
        a = regex_language(regex)
    except TooComplex:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of sets that may mean another thing once
        assert {text for text in SHORT if text in a} == members(regex)


@given(REGEXES, REGEXES)
def test_a_counterexample_is_a_shortest_one_and_found_if_there_is_any(one, other):
    found = counterexample(regex_language(one), regex_language(other))
    known = members(one) - members(other)
    if found is None:
        assert not known
    else:
        assert re.fullmatch(one, found)
        assert not re.fullmatch(other, found)
        assert len(found) <= min(map(len, known), default=len(found))


@given(st.data(), REGEXES, REGEXES)
def test_an_inclusion_holds_for_every_member(data, one, other):
    assert regex_language(one) <= regex_language(f"{other}|{one}|a")
    assert regex_language(one) <= regex_language(one) | regex_language(other)
    if regex_language(one) <= regex_language(other):
        assert re.fullmatch(other, data.draw(st.from_regex(one, fullmatch=True)))


@given(REGEXES, REGEXES)
def test_unions_and_intersections(one, other):
    a, b = regex_language(one), regex_language(other)
    either, both = a | b, a & b
    assert {text for text in SHORT if text in either} == members(one) | members(other)
    assert {text for text in SHORT if text in both} == members(one) & members(other)
    assert both <= a
    assert a <= either
    assert (a <= both) == (a <= b)
    assert (either <= b) == (a <= b)


@given(REGEXES, st.booleans())
def test_the_image_under_upper_and_lower_is_exact(regex, upper):
    convert = primitives.upper if upper else primitives.lower
    image = regex_language(regex).cased(upper=upper)
    assert {text for text in SHORT if text in image} == set(map(convert, members(regex)))


@given(REGEXES)
def test_the_image_under_trim_is_exact(regex):
    a = regex_language(regex)
    image = a.trimmed()
    assert {primitives.trim(text) for text in members(regex)} <= {t for t in SHORT if t in image}
    for text in SHORT[:57]:
        padded = regex_language(rf"[ \t-\r]*{re.escape(text)}[ \t-\r]*") & a
        assert (text in image) == (primitives.trim(text) == text and not padded.is_empty)


@given(st.frozensets(st.text("aZ \n\x0b\xa0é😀", max_size=5), max_size=12))
def test_images_of_listed_texts_are_exact(values):
    a = texts(values)
    assert a.finite(len(values)) == values
    assert not values or a.finite(len(values) - 1) is None
    assert a.is_empty == (not values)
    assert a.trimmed().finite(12) == set(map(primitives.trim, values))
    assert a.cased(upper=True).finite(12) == set(map(primitives.upper, values))
    assert a.cased(upper=False).finite(12) == set(map(primitives.lower, values))


DECIMALS = st.sampled_from(
    [
        "0", "1", "10", "12", "-0", "-7", "-120", "0.5", "0.05", "1.20", "10.0", "-0.00", "-3.14",
        "0.000", "100", "-0.010",
    ]
)  # fmt: skip


@given(st.frozensets(DECIMALS), st.integers(-4, 4))
def test_the_image_under_moved_points_is_exact(values, places):
    image = shifted(texts(values), places)
    assert image.finite(99) == {primitives.decimal_shift(each, places) for each in values}


@given(st.data(), st.integers(-4, 4))
def test_the_image_of_all_decimals_under_moved_points(data, places):
    text = data.draw(st.from_regex(r"-?(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,9})?", fullmatch=True))
    image = shifted(regex_language(decimals.DECIMAL_TEXT), places)
    assert primitives.decimal_shift(text, places) in image
    assert image <= regex_language(decimals.DECIMAL_TEXT)


SEPARATORS = st.sampled_from(["a", ",", "ab", "aa", "aba", "abaab", "aabaa"])
JOINABLE = st.text("abc", max_size=5)


@given(st.frozensets(st.text("abc,", min_size=1, max_size=9), min_size=1, max_size=5), SEPARATORS)
def test_what_texts_split_into_is_exact(values, separator):
    found = split(texts(values), separator)
    lists = [each.split(separator) for each in values]
    assert found.language.finite(99) == {part for parts in lists for part in parts}
    assert (found.least, found.most) == (min(map(len, lists)), max(map(len, lists)))
    for at, part in enumerate(found.first):
        assert part.finite(99) == {parts[at] for parts in lists if at < len(parts)}
    assert len(found.first) >= min(2, found.most)


@given(REGEXES, SEPARATORS)
def test_what_a_language_splits_into_is_in_its_parts(regex, separator):
    a = regex_language(regex) & of_length(1)
    found = split(a, separator)
    lists = [text.split(separator) for text in SHORT if text in a]
    assert {part for parts in lists for part in parts} <= {t for t in SHORT if t in found.language}
    assert all(found.least <= len(parts) <= found.most for parts in lists)
    for parts in lists:
        assert all(text in part for text, part in zip(parts, found.first, strict=False))
    if found.language.is_empty:
        assert a.is_empty


@given(st.frozensets(JOINABLE, min_size=1, max_size=3), SEPARATORS, st.integers(0, 3))
def test_joined_texts_are_exact(values, separator, least):
    image = joined(texts(values), separator, least, 3)
    counts = range(max(least, 1), 4)
    lists = [each for count in counts for each in product(values, repeat=count)]
    assert image.finite(999) == set(map(separator.join, lists))
    unbounded = joined(texts(values), separator, least, inf)
    assert image <= unbounded
    assert separator.join([min(values)] * 30) in unbounded


@given(
    st.lists(st.frozensets(JOINABLE, min_size=1, max_size=3), min_size=1, max_size=3),
    SEPARATORS | st.just(""),
)
def test_texts_that_are_chained_are_exact(places, separator):
    image = chained(tuple(map(texts, places)), separator)
    assert image.finite(99) == set(map(separator.join, product(*places)))


@given(JOINABLE, SEPARATORS)
def test_which_texts_can_be_told_from_a_separator(text, separator):
    assert (text in without(EVERYTHING, separator)) == (separator not in text)
    told = (text + separator + text).split(separator, 1)[0] == text
    assert (text in before(EVERYTHING, separator)) == told


def test_of_long_texts_it_is_plain_how_long_they_are():
    long, longer = of_length(0, 21_000), of_length(0, 2**31 - 1)
    words = pattern_language("^[A-Za-z ]*$")
    for each in (long, long & words, words & long, (long & words).cased(upper=True)):
        assert counterexample(each, longer) is None
        assert counterexample(texts([""]) | each, longer) is None
    with pytest.raises(TooComplex):
        counterexample(longer & long & words, of_length(0, 20_999))
    assert counterexample(long & words, words) is None
    assert counterexample(words & long, pattern_language("^[a-z ]*$")) == "A"
    assert counterexample(texts(["abc"]) | long, of_length(4)) == ""
    assert counterexample(texts(["abc"]) | of_length(4, 9), of_length(4)) == "abc"


def test_a_long_separator_takes_as_long_as_it_is():
    started = time.process_time()
    separator = 5_000 * "a"
    parts = split(EVERYTHING, separator)
    assert (parts.least, parts.most) == (1, inf)
    assert separator not in parts.language
    assert separator[1:] in parts.language
    told = before(EVERYTHING, separator)
    assert "b" in told
    assert "a" not in told
    assert time.process_time() - started < 5


@given(REGEXES)
def test_a_finite_language_is_listed_and_another_is_not(regex):
    a, limit = regex_language(regex), 20
    found = a.finite(limit)
    if found is not None:
        assert len(found) <= limit
        assert members(regex) <= found
        assert members(regex, found) == found
        assert a <= texts(found)
    else:
        others = set()
        for _ in range(limit + 1):
            others.add(counterexample(a, texts(others)))
        assert None not in others


# What is in use ---------------------------------------------------------------------------------


def patterns_within(value):
    match value:
        case dict():
            for key, member in value.items():
                if key == "pattern" and isinstance(member, str):
                    yield member
                yield from patterns_within(member)
        case list():
            for item in value:
                yield from patterns_within(item)


SHIPPED = sorted(
    {
        pattern
        for file in (ROOT / "schemas").rglob("*.json")
        for pattern in patterns_within(json.loads(file.read_text("utf-8")))
    }
)


def regexes_of_formats():
    """Yield those of mapper.formats: constants, and those that predicates hold."""
    for name, value in vars(formats).items():
        if re.fullmatch("_[A-Z]+", name) and isinstance(value, str):
            yield value
    predicates = [*vars(formats).values(), *(known.holds for known in formats.FORMATS.values())]
    for predicate in filter(inspect.isfunction, predicates):
        if "compiled" in (held := inspect.getclosurevars(predicate).nonlocals):
            yield held["compiled"]().pattern


USED = sorted(
    {
        *(pattern[1:-1] for pattern in SHIPPED),
        *regexes_of_formats(),
        primitives._INTEGER.pattern,
        primitives._layout("%d.%m.%Y (%H:%M:%S)").pattern,
        decimals.is_decimal_text.__self__.pattern,
    }
)


def test_all_regular_expressions_are_found():
    assert len(SHIPPED) >= 5
    assert "[A-Z]{3}" in USED
    assert any("ipv6" in regex for regex in USED)
    assert any("[0-9A-Fa-f]{12}" in regex for regex in USED)


@pytest.mark.parametrize("regex", USED)
@settings(max_examples=20)
@given(data=st.data())
def test_a_regular_expression_in_use_has_the_texts_that_python_matches(regex, data):
    a = regex_language(regex)
    text = data.draw(st.from_regex(regex, fullmatch=True))
    assert text in a
    at = data.draw(st.integers(0, len(text)))
    changed = (
        text[:at] + data.draw(st.sampled_from(["", "0", "a", "-", ".", "\n", "é"])) + text[at + 1 :]
    )
    assert (changed in a) == (re.fullmatch(regex, changed) is not None)


@pytest.mark.parametrize("pattern", SHIPPED)
@given(data=st.data())
def test_a_shipped_pattern_has_the_texts_that_the_schema_takes(pattern, data):
    text = data.draw(st.text() | st.from_regex(pattern, fullmatch=True) | st.from_regex(pattern))
    assert (text in pattern_language(pattern)) == matches(pattern, text)


# Work -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "sources", "build"),
    [
        ("shipped patterns", SHIPPED, pattern_language),
        ("regular expressions in use", USED, regex_language),
    ],
)
def test_comparing_all_that_is_in_use_pairwise_is_fast(what, sources, build, measured):
    began = time.process_time()
    languages = [build(source) for source in sources]
    included = sum(a <= b for a in languages for b in languages)
    took = time.process_time() - began
    measured(f"{len(languages)} {what} compared pairwise in {took * 1000:.0f} ms")
    assert included >= len(languages)
    assert took < 0.9


LABEL = "[a-z](?:[a-z-]{0,61}[a-z])?"
HARD = {
    "sets of states": lambda: regex_language("[ab]*a[ab]{30}") <= regex_language("[ab]*"),
    "a long text": lambda: of_length(0, 10**9) <= of_length(0, 10**9 - 1),
    "two long counts": lambda: (
        regex_language("[ab]{0,2000}[ab]{0,2000}") <= regex_language("[ab]*")
    ),
    "a product": lambda: (
        regex_language(rf"{LABEL}(?:\.{LABEL})*") & of_length(0, 253) <= of_length(1, 253)
    ),
    "trimming": lambda: of_length(0, 5000).trimmed() <= of_length(0, 5000),
    "a very long text": lambda: texts(["a" * 10**6]) <= regex_language("a*"),
    "much to list": lambda: (
        regex_language("[ab]*a[ab]{30}").finite(9)
        or counterexample(regex_language("[ab]*a[ab]{30}"), regex_language("[ab]*a[ab]{30}|b"))
    ),
}


@pytest.mark.parametrize("ask", HARD.values(), ids=HARD)
def test_what_takes_too_much_work_is_given_up(ask):
    began = time.process_time()
    with pytest.raises(TooComplex):
        ask()
    assert time.process_time() - began < 5


def test_counts_cost_nothing_until_they_matter():
    assert counterexample(of_length(2, 10**9), regex_language("a*")) == "00"
    assert counterexample(regex_language("(a{0,9999}b){0,9999}"), regex_language("a*")) == "b"


def test_a_union_of_many_is_no_deep_one():
    before = after = NOTHING
    for number in range(300):
        before, after = before | texts([str(number)]), texts([str(number)]) | after
    assert before <= regex_language("[0-9]{1,3}")
    assert after <= before


def test_what_is_made_of_others_too_deep_is_refused():
    deep = EVERYTHING
    for _ in range(MAX_NESTED - 1):
        deep = deep.cased(upper=True)
    assert deep <= of_length(0)
    with pytest.raises(TooComplex):
        deep.cased(upper=True)


BOUNDS = st.integers(0, 10**5)


@given(st.lists(BOUNDS, min_size=2, max_size=2).map(sorted), BOUNDS)
def test_numbers_between_bounds_are_those(bounds, number):
    low, high = bounds
    near = [each for each in (number, low - 1, low, high, high + 1, 0) if each >= 0]
    whole, more = re.compile(whole_between(low, high)), re.compile(whole_between(low, None))
    padded = re.compile(numerals_between(f"{low:06}", f"{high:06}"))
    for each in near:
        assert bool(whole.fullmatch(str(each))) == (low <= each <= high)
        assert bool(padded.fullmatch(f"{each:06}")) == (low <= each <= high)
        assert bool(more.fullmatch(str(each))) == (low <= each)
    assert not any(each.fullmatch(text) for each in (whole, more) for text in ("", "00", "01"))
