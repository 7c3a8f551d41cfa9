"""The converters: their table, one case file, their laws, and what their parameters may be."""

import copy
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings, strategies as st
from tools import make_reference

from mapper.converters import CONVERTERS, ConverterError, chain, conversion
from mapper.evaluate import evaluate
from mapper.primitives import Refusal, epoch_from, zone_of
from mapper.values import equal

GROUPS = yaml.safe_load((Path(__file__).parent / "cases" / "converters.yaml").read_text("utf-8"))


def convert(uses):
    """Return the conversion that *uses* means in a mapping file."""
    parts = [uses] if isinstance(uses, str | dict) else uses
    pairs = [(part, None) if isinstance(part, str) else next(iter(part.items())) for part in parts]
    return chain([conversion(name, parameters) for name, parameters in pairs])


def run(expression, value):
    before = copy.deepcopy(value)
    try:
        return {"as": evaluate(expression, value)}
    except Refusal as refusal:
        return {"refuses": str(refusal)}
    finally:
        assert equal(value, before)


@pytest.mark.parametrize(
    ("use", "case"),
    [
        pytest.param(group["convert"], case, id=f"{group['convert']} {case}"[:80])
        for group in GROUPS
        for case in group["cases"]
    ],
)
def test_cases_hold(use, case):
    whole = convert(use)
    match case:
        case {"vendor": vendor, "common": common}:
            assert equal(run(whole.get, vendor), {"as": common})
            assert equal(run(whole.put, common), {"as": vendor})
        case {"reads": vendor, **outcome}:
            assert equal(run(whole.get, vendor), outcome)
            if "as" in outcome and whole.put is not None:
                assert not equal(run(whole.put, outcome["as"]), {"as": vendor})
        case {"writes": common, **outcome}:
            assert equal(run(whole.put, common), outcome)
            if "as" in outcome:
                assert not equal(run(whole.get, outcome["as"]), {"as": common})


def test_every_converter_has_cases_and_examples():
    tried = {name for group in GROUPS for name in names_of(group["convert"])}
    assert tried == set(CONVERTERS)
    assert all(converter.examples for converter in CONVERTERS.values())


def names_of(uses):
    parts = [uses] if isinstance(uses, str | dict) else uses
    return {part if isinstance(part, str) else next(iter(part)) for part in parts}


@pytest.mark.parametrize("name", CONVERTERS)
def test_documented_examples_hold(name):
    for example in CONVERTERS[name].examples:
        whole = conversion(name, example.parameters)
        assert equal(run(whole.get, example.vendor), {"as": example.common})
        if whole.put is not None:
            assert equal(run(whole.put, example.common), {"as": example.vendor})


# Laws ---------------------------------------------------------------------------------------------

safe = st.integers(-(2**53) + 1, 2**53 - 1)
decimals = st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,26})?", fullmatch=True)
cents = st.from_regex(r"-?(0|[1-9][0-9]{0,20})\.[0-9]{2,26}", fullmatch=True)
short = st.from_regex(r"0|-?[1-9][0-9]{0,8}|-?(0|[1-9][0-9]{0,8})\.[0-9]{0,5}[1-9]", fullmatch=True)
ticks = st.integers(-62_135_596_800_000, 253_402_300_799_999)
codes = st.from_regex("[A-Z]{3}", fullmatch=True)
days = st.dates().map(str)
moments = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30))  # noqa: DTZ001 (of any zone)
statuses = {"draft": ["draft"], "sent": ["sent"], "paid": ["paid"]}

# By converter: parameters, vendor values, common values; where both directions undo each other.
LAWFUL = {
    "string": (None, safe, safe.map(str)),
    "integer": (None, safe.map(str), safe),
    "decimal": (None, decimals, decimals),
    "percent": (None, decimals, decimals),
    "number": (None, short.map(float), short),
    "boolean": (None, st.sampled_from(["true", "false"]), st.booleans()),
    "flag": (None, st.integers(0, 1), st.booleans()),
    "date": (None, days, days),
    "epoch": ("milliseconds", ticks, ticks.map(lambda each: epoch_from(each, 3))),
    "money": (
        None,
        st.fixed_dictionaries({"amount": decimals, "code": codes}),
        st.fixed_dictionaries({"amount": decimals, "currency": codes}),
    ),
    "scale": (100, decimals, cents),
    "values": (statuses, st.sampled_from(list(statuses)), st.sampled_from(list(statuses))),
    "split": (",", st.text("ab,"), st.lists(st.text("ab"), min_size=2)),
    "join": (",", st.lists(st.text("ab"), min_size=2), st.text("ab,")),
    "list": ("string", st.lists(safe), st.lists(safe.map(str))),
    "pluck": ("id", st.lists(st.fixed_dictionaries({"id": safe})), st.lists(safe)),
}


def test_every_converter_has_its_laws():
    assert set(CONVERTERS) - set(LAWFUL) == {"datetime", "country_code"}  # below; and reads only


@pytest.mark.parametrize("name", LAWFUL)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_both_directions_undo_each_other(name, data):
    parameters, vendor_values, common_values = LAWFUL[name]
    whole = conversion(name, parameters)
    vendor, common = data.draw(vendor_values), data.draw(common_values)
    assert equal(evaluate(whole.put, evaluate(whole.get, vendor)), vendor)
    assert equal(evaluate(whole.get, evaluate(whole.put, common)), common)


@settings(max_examples=60, deadline=None)
@given(moments, st.sampled_from(["America/New_York", "Europe/Dublin", "UTC", "Asia/Kathmandu"]))
def test_local_clocks_go_both_ways_where_the_clock_runs_once(moment, zone):
    offsets = {moment.replace(tzinfo=zone_of(zone), fold=fold).utcoffset() for fold in (0, 1)}
    assume(len(offsets) == 1)
    whole = conversion("datetime", {"zone": zone})
    common = evaluate(whole.get, f"{moment:%Y-%m-%d %H:%M:%S}")
    assert evaluate(whole.put, common) == f"{moment:%Y-%m-%d %H:%M:%S}"
    assert evaluate(whole.get, evaluate(whole.put, common)) == common


def test_a_chain_reads_forwards_and_writes_backwards():
    parts = [conversion("pluck", "id"), conversion("list", "string"), conversion("join", "+")]
    whole = chain(parts)
    assert evaluate(whole.get, [{"id": 1}, {"id": 2}]) == "1+2"
    assert evaluate(whole.put, "1+2") == [{"id": 1}, {"id": 2}]
    assert (whole.vendor_types, whole.common_types) == ({"array"}, {"string"})


def test_a_chain_has_no_way_back_if_a_part_has_none():
    whole = chain([conversion("country_code"), conversion("string")])
    assert whole.put is None
    assert conversion("list", "country_code").put is None


def test_types_follow_the_parameters():
    whole = conversion("values", {"a": [0, True], "b": ["x", 0.5]})
    assert whole.vendor_types == {"integer", "boolean", "string", "number"}


def test_results_share_nothing_with_the_value():
    vendor = [{"id": [1]}]
    evaluate(conversion("pluck", "id").get, vendor)
    assert vendor == [{"id": [1]}]


# Parameters ---------------------------------------------------------------------------------------

WRONG = [
    ("strnig", None, None, "unknown converter strnig"),
    ("string", {}, None, "string takes no parameters"),
    ("country_code", "en", None, "country_code takes no parameters"),
    ("date", "%Y-%m", None, "a format has each of %Y, %m, %d once, and no other %"),
    ("date", "%Y-%m-%d %H", None, "a format has each of %Y, %m, %d once, and no other %"),
    ("date", "%Y-%m-%d%d", None, "a format has each of %Y, %m, %d once, and no other %"),
    ("date", "%Y-%m-%d%", None, "a format has each of %Y, %m, %d once, and no other %"),
    ("date", "%Y-%m-%d%%", None, "a format has each of %Y, %m, %d once, and no other %"),
    ("date", 5, None, "a format must be text, and not empty"),
    ("date", "%Y%m%d" + 95 * "x", None, "a format has at most 100 characters"),
    ("datetime", None, None, "the parameters are an object of zone, format"),
    ("datetime", "UTC", None, "the parameters are an object of zone, format"),
    ("datetime", {"format": "%Y"}, None, "zone is missing"),
    ("datetime", {"zone": "EST5"}, "zone", "unknown time zone EST5"),
    ("datetime", {"zone": "../UTC"}, "zone", "unknown time zone ../UTC"),
    ("datetime", {"zone": None}, "zone", "a zone must be text, and not empty"),
    ("datetime", {"zone": "UTC", "tz": 1}, "tz", "unknown parameter tz; there are zone, format"),
    (
        "datetime",
        {"zone": "UTC", "format": "%Y-%m-%d"},
        "format",
        "a format has each of %Y, %m, %d, %H, %M, %S once, and no other %",
    ),
    ("money", "USD", None, "the parameters are an object of amount, currency"),
    ("money", {"code": "c"}, "code", "unknown parameter code; there are amount, currency"),
    ("money", {"amount": ""}, "amount", "a member name must be text, and not empty"),
    ("money", {"amount": "code"}, "currency", "amount and currency are one member"),
    ("scale", None, None, "the scale must be a power of ten, such as 100 or 0.001"),
    ("scale", 60, None, "the scale must be a power of ten, such as 100 or 0.001"),
    ("scale", 0, None, "the scale must be a power of ten, such as 100 or 0.001"),
    ("scale", -10, None, "the scale must be a power of ten, such as 100 or 0.001"),
    ("scale", True, None, "the scale must be a power of ten, such as 100 or 0.001"),
    ("scale", 10**21, None, "the scale must be a power of ten, such as 100 or 0.001"),
    ("values", None, None, "the parameters are an object: common value, list of vendor values"),
    ("values", {}, None, "the parameters are an object: common value, list of vendor values"),
    ("values", {"a": 1}, "a", "a needs a list of vendor values"),
    ("values", {"a": []}, "a", "a needs a list of vendor values"),
    ("values", {"a": [None]}, "a", "null is no value; that is said by unset"),
    ("values", {"a": [[1]]}, "a", "a has a vendor value that is not a scalar"),
    ("values", {"a": [2**53]}, "a", "a has a number beyond 9007199254740991"),
    ("values", {"a": [float("inf")]}, "a", "a has a number beyond 9007199254740991"),
    ("values", {"a": [1], "b": [1.0]}, "b", "1.0 is listed for a and for b"),
    ("split", None, None, "the separator must be text, and not empty"),
    ("split", "", None, "the separator must be text, and not empty"),
    ("split", "\ud800", None, "the parameters cannot be used: half of a surrogate pair"),
    ("join", ["a"], None, "the separator must be text, and not empty"),
    ("list", None, None, "list takes a converter, as convert does"),
    ("list", [], None, "list takes a converter, as convert does"),
    ("list", {"date": "%Y", "money": {}}, None, "list takes a converter, as convert does"),
    ("list", "strings", None, "unknown converter strings"),
    ("pluck", None, None, "a member name must be text, and not empty"),
]


@pytest.mark.parametrize(("name", "parameters", "parameter", "message"), WRONG)
def test_wrong_parameters_are_refused_in_words(name, parameters, parameter, message):
    with pytest.raises(ConverterError) as caught:
        conversion(name, parameters)
    assert (caught.value.message, caught.value.parameter) == (message, parameter)
    assert str(caught.value) == message


def test_parameters_that_make_too_long_an_expression_are_refused():
    many = {f"value {i}": [i] for i in range(2000)}
    with pytest.raises(ConverterError, match="longer than") as caught:
        conversion("values", many)
    assert "table file" in caught.value.hint


def test_true_and_one_are_two_vendor_values():
    whole = conversion("values", {"a": [1], "b": [True], "c": ["1"]})
    assert [evaluate(whole.get, value) for value in (1, True, "1")] == ["a", "b", "c"]


@pytest.mark.parametrize("name", make_reference.PARTS)
def test_reference_pages_are_fresh(name):
    text = (make_reference.FOLDER / name).read_text("utf-8")
    assert text == make_reference.page(name), "run: python -m tests.tools.make_reference"
