"""The primitives: one case file and one set of properties, held by both engines."""

import copy
import json
import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import quickjs
import yaml
from hypothesis import given, settings, strategies as st
from tools import make_countries

from mapper.formats import LOCAL_YEARS, MAX_INTEGER
from mapper.javascript.source import declarations
from mapper.primitives import (
    PRIMITIVES,
    Refusal,
    zone_of,
    zone_transitions,
)
from mapper.values import equal

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "primitives.yaml").read_text("utf-8"))
CLOCK = "%Y-%m-%d %H:%M:%S"

# Runs one primitive on a list of values, given as JSON text; a defect is not a refusal.
RUNNER = """
(function () {
  "use strict";
  %s
  const primitives = {%s};
  return function (name, values, constants) {
    const rest = JSON.parse(constants);
    return JSON.stringify(JSON.parse(values).map(function (value) {
      try {
        return {gives: primitives[name].apply(undefined, [value].concat(rest))};
      } catch (error) {
        if (error.name !== "Refusal") { throw error; }
        return {refuses: error.message};
      }
    }));
  };
}())
"""


@cache
def engine():
    names = ", ".join(f'"{name}": {name}' for name in PRIMITIVES)
    return quickjs.Context().eval(RUNNER % (declarations(PRIMITIVES), names))


def run_javascript(name, values, constants):
    """Return the outcomes for *values*, JSON text: the engine reads its numbers itself."""
    rest = json.dumps(PRIMITIVES[name].script_constants(*constants))
    return json.loads(engine()(name, f"[{', '.join(values)}]", rest))


def run_python(name, value, constants):
    before = copy.deepcopy([value, constants])
    try:
        outcome = {"gives": PRIMITIVES[name].python(value, *constants)}
    except Refusal as refusal:
        outcome = {"refuses": str(refusal)}
    assert repr([value, constants]) == repr(before)
    return outcome


def both(name, values, *constants):
    """Return the outcomes for *values*, which must be the same in both engines."""
    python = [run_python(name, value, constants) for value in values]
    javascript = run_javascript(name, map(json.dumps, values), constants)
    for value, one, other in zip(values, python, javascript, strict=True):
        assert equal(one, other), (name, value, constants)
    return python


def give(name, value, *constants):
    """Return what the primitive gives in both engines."""
    return both(name, [value], *constants)[0]["gives"]


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(name, case, id=case["call"][:70])
        for name, group in CASES.items()
        for case in group["cases"]
    ],
)
def test_cases_hold_in_both_engines(name, case):
    called, arguments = re.fullmatch(r"(\w+)\((.*)\)", case["call"]).groups()
    assert called == name
    expected = {key: case[key] for key in case if key != "call"}
    value, *constants = json.loads(f"[{arguments}]")
    assert equal(run_python(name, value, constants), expected)
    _, end = json.JSONDecoder().raw_decode(arguments)
    assert equal(run_javascript(name, [arguments[:end]], constants), [expected])


def test_every_primitive_has_cases_and_documentation():
    assert sorted(CASES) == sorted(PRIMITIVES)
    for name, primitive in PRIMITIVES.items():
        outcomes = {key for case in CASES[name]["cases"] for key in case}
        assert outcomes == {"call", "gives", "refuses"}, name
        assert primitive.documentation, name


def test_both_bodies_take_the_same_parameters():
    for name, primitive in PRIMITIVES.items():
        head = re.match(r"function (\w+)\(([^)]*)\)", primitive.javascript)
        taken = len(head[2].split(", "))
        constants = {"country_of": ()}.get(name, ("%Y", "UTC")[: len(primitive.parameters) - 1])
        assert head[1] == name
        assert taken == 1 + len(primitive.script_constants(*constants)), name


def test_script_holds_only_what_is_used():
    text = declarations(["split"])
    assert re.findall(r"^function (\w+)", text, re.MULTILINE) == ["split", "refuse", "text_of"]
    assert declarations(["split", "split"]) == text
    assert declarations([]) == ""


def test_script_uses_nothing_of_the_host_nor_newer_syntax():
    text = re.sub(r'"(\\.|[^"\\])*"|//.*', "", declarations(PRIMITIVES))
    for banned in (
        "Date",
        "Intl",
        "require",
        "BigInt",
        "?.",
        "??",
        "...",
        "=>",
        "async",
        "**",
        "eval",
    ):
        assert banned not in text, banned


# Properties, on random values ---------------------------------------------------------------------

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.text(), scalars, max_size=2)
decimals = st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,26})?", fullmatch=True)
texts = st.text(st.sampled_from("ab,;.😀"), max_size=4)
separators = st.text(st.sampled_from("a,;.😀"), min_size=1, max_size=2)
layouts = st.permutations(["%Y", "%m", "%d"]).flatmap(
    lambda tokens: st.lists(st.sampled_from(["", "-", ".", "年", "1"]), min_size=4, max_size=4).map(
        lambda between: "".join(a + b for a, b in zip(between, [*tokens, ""], strict=True))
    )
)
zones = st.sampled_from(
    ["UTC", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca"]
)
days = st.dates().map(str)
clocks = st.datetimes(datetime(LOCAL_YEARS[0], 1, 1), datetime(LOCAL_YEARS[1], 12, 31))  # noqa: DTZ001 (a local clock)
few = settings(max_examples=30, deadline=None)


@few
@given(st.data())
def test_engines_agree_on_any_value(data):
    value = data.draw(values)
    for name, constants in {
        "lower": (), "upper": (), "trim": (), "country_of": (),
        "match": ("[A-Z]{3}", "a code"), "split": (",",), "join_text": (",",),
        "table": ([["a", 1], [1, "a"], [True, None]],),
        "integer_text": (), "text_integer": (), "decimal_text": (), "decimal_shift": (2,),
        "decimal_number": (), "epoch_from": (3,), "epoch_to": (3,),
        "date_from": ("%Y-%m-%d",), "date_to": ("%Y-%m-%d",),
        "days_between": ("2024-01-01",), "add_days": (1,),
        "instant_from": (CLOCK, "UTC"), "instant_to": (CLOCK, "UTC"),
    }.items():  # fmt: skip
        both(name, [value], *constants)


@few
@given(
    st.lists(st.floats(allow_nan=False) | st.integers(-(10**22), 10**22), min_size=20, max_size=40)
)
def test_engines_agree_on_numbers(numbers):
    finite = [number for number in numbers if abs(number) != float("inf")]
    for outcome in both("decimal_text", finite):
        shortest = re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", outcome.get("gives", "0"))
        assert shortest, outcome
    both("integer_text", finite)


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(-20, 20))
def test_numbers_of_fifteen_digits_become_exactly_their_decimal_text(digits, exponent):
    text = give("decimal_text", float(f"{digits}e{exponent}"))
    assert Fraction(text) == digits * Fraction(10) ** exponent


@few
@given(decimals, st.integers(1, 20))
def test_shifting_down_and_up_gives_the_same_text(text, places):
    down = give("decimal_shift", text, -places)
    assert give("decimal_shift", down, places) == text
    assert Fraction(down) * 10**places == Fraction(text)


@few
@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_integers_go_both_ways(number):
    assert give("text_integer", give("integer_text", number)) == number


@few
@given(texts, separators)
def test_joining_undoes_splitting(text, separator):
    assert give("join_text", give("split", text, separator), separator) == text


@few
@given(st.lists(texts, max_size=4), separators)
def test_splitting_undoes_joining_where_it_is_not_refused(items, separator):
    [outcome] = both("join_text", [items], separator)
    if "gives" in outcome:
        assert give("split", outcome["gives"], separator) == items
    else:
        assert items == [""] or separator.join(items).split(separator) != items


@few
@given(days, layouts)
def test_dates_go_both_ways_in_any_layout(day, layout):
    assert give("date_from", give("date_to", day, layout), layout) == day


@few
@given(days, days)
def test_adding_the_days_between_gives_the_other_date(first, last):
    count = give("days_between", first, last)
    assert give("add_days", first, count) == last
    assert count == (date.fromisoformat(last) - date.fromisoformat(first)).days


@few
@given(st.lists(clocks, min_size=20, max_size=20), zones)
def test_engines_agree_on_local_clocks(moments, zone):
    local = [f"{moment:{CLOCK}}" for moment in moments]
    instants = [outcome["gives"] for outcome in both("instant_from", local, CLOCK, zone)]
    shown = [outcome["gives"] for outcome in both("instant_to", instants, CLOCK, zone)]
    again = [outcome["gives"] for outcome in both("instant_from", shown, CLOCK, zone)]
    assert again == instants
    for moment, text, back in zip(moments, local, shown, strict=True):
        assert back == text or is_skipped(moment, zone_of(zone))


def is_skipped(moment, zone):
    """Whether a local clock never shows *moment*: then its two folds are in the wrong order."""
    first, second = (moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first < second


@pytest.mark.parametrize(
    "zone",
    [
        "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Pacific/Apia",
        "Africa/Casablanca", "Africa/Monrovia", "Asia/Kathmandu", "Etc/GMT+12", "UTC",
    ],
)  # fmt: skip
def test_engines_agree_around_every_change_of_offset(zone):
    local, instants = [], []
    for start, offset in zone_transitions(zone)[1:]:
        for near in (-3600, -1, 0, 1, 3600):
            moment = datetime.fromtimestamp(start + near, UTC)
            instants.append(f"{moment:%Y-%m-%dT%H:%M:%SZ}")
            local.append(f"{moment + timedelta(seconds=offset):{CLOCK}}")
    both("instant_to", instants, CLOCK, zone)
    both("instant_from", local, CLOCK, zone)


# Zones --------------------------------------------------------------------------------------------


def test_zones_come_from_the_package_not_the_system(monkeypatch):
    monkeypatch.setattr("zoneinfo._tzpath.find_tzfile", pytest.fail)
    zone_of.cache_clear()
    assert isinstance(zone_of("America/New_York"), ZoneInfo)


@pytest.mark.parametrize(
    "name", ["", "EST5EDT4", "../zones", "/etc/passwd", "america/new_york", "America"]
)
def test_unknown_zones_are_not_looked_for(name):
    with pytest.raises(KeyError):
        zone_of(name)


@pytest.mark.parametrize("zone", ["America/New_York", "Africa/Casablanca", "Europe/Dublin"])
def test_on_no_day_a_zone_has_another_offset_than_its_transitions_say(zone):
    table = zone_transitions(zone)
    ends = [start for start, _ in table[1:]] + [7258118400]  # 2200-01-01
    for (start, offset), end in zip(table, ends, strict=True):
        for instant in range(start, end, 86400):
            moment = datetime.fromtimestamp(instant, zone_of(zone))
            assert moment.utcoffset() == timedelta(seconds=offset), moment


def test_transitions_of_utc_are_one_entry():
    assert [offset for _, offset in zone_transitions("UTC")] == [0]


def test_transitions_are_those_of_the_zone():
    table = zone_transitions("America/New_York")
    changes = {start: offset for start, offset in table if 1704067200 <= start < 1735689600}
    assert changes == {1710054000: -4 * 3600, 1730613600: -5 * 3600}  # 2024-03-10, 2024-11-03
    assert all(a[0] < b[0] and a[1] != b[1] for a, b in pairwise(table))
    assert table[0][0] < datetime(LOCAL_YEARS[0] - 1, 12, 31, tzinfo=UTC).timestamp()


# Countries ----------------------------------------------------------------------------------------


def test_country_table_is_fresh():
    data = resources.files("mapper") / "data" / "countries.json"
    assert data.read_text("utf-8") == make_countries.text(), (
        "run: python -m tests.tools.make_countries"
    )


def test_country_codes_are_codes():
    countries = make_countries.countries()
    assert len(set(countries.values())) >= 249
    assert all(re.fullmatch("[A-Z]{2}", code) for code in countries.values())
