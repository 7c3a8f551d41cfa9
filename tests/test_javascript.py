"""The printer of JavaScript: expressions, whole scripts, and what they hold.

That scripts do what the interpreter does is a part of every comparison in tests/agreement.py: on
the semantics' cases, in the laws and in the fuzz gates. This file has the rest.
"""

import json
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest
import quickjs
import scripts
import v8
import yaml
from fuzzing.damage import damaged
from hypothesis import given, strategies as st
from scripts import compiled
from subjects import vendor_documents
from test_jmespath import SUITE_CASES, TABLES, needs_suite

from mapper import codes, interpret, load_project
from mapper.evaluate import evaluate
from mapper.expr import ExpressionError, parse
from mapper.functions import FUNCTIONS
from mapper.generate import Seeded
from mapper.javascript import ERROR_MEMBER, mark, print_script
from mapper.javascript.source import library, quoted
from mapper.values import equal, in_order

ROOT = Path(__file__).parents[1]
PROJECT = load_project(ROOT)
CASES = Path(__file__).parent / "cases" / "javascript"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("__proto__"), inner),
)  # fmt: skip


def read_cases(name):
    return yaml.safe_load((CASES / f"{name}.yaml").read_text("utf-8"))


def script_of(name):
    return scripts.compiled(print_script(PROJECT.mapper(f"freshbooks/{name}").lowered))


# Expressions --------------------------------------------------------------------------------------


@needs_suite
@pytest.mark.parametrize(("value", "case"), SUITE_CASES)
def test_the_public_suite(value, case):
    try:
        tree = parse(case["expression"], FUNCTIONS)
    except ExpressionError:
        assert "error" in case
        return
    outcome = scripts.evaluator(tree, {})(json.dumps(value))
    if "error" in case:
        assert "refuses" in outcome
    elif "result" in case:
        assert equal(outcome["gives"], case["result"])
    else:
        assert "gives" in outcome, "a benchmark runs"


@pytest.mark.parametrize("case", read_cases("expressions"), ids=lambda case: case["expression"])
def test_an_expression(case):
    """Where JavaScript is unlike Python: each case says what both must give."""
    tree = parse(case["expression"], FUNCTIONS)
    value = json.loads(case["json"])
    outcome = scripts.evaluator(tree, TABLES)(case["json"])
    assert json.dumps(outcome["gives"]) == json.dumps(case["gives"]), "also the order of members"
    assert json.dumps(evaluate(tree, value, TABLES)) == json.dumps(case["gives"])


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_examples_of_a_function(name):
    for example in FUNCTIONS[name].examples:
        outcome = scripts.evaluator(parse(example.expression, FUNCTIONS), TABLES)
        assert equal(outcome(json.dumps(example.value))["gives"], example.result), example


@given(st.dictionaries(st.text("0123456789ab") | st.integers(0, 2**33).map(str), st.integers()))
def test_members_are_in_the_order_that_javascript_has(members):
    names = json.loads(
        quickjs.Context().eval(
            f"JSON.stringify(Object.keys(JSON.parse({json.dumps(json.dumps(members))})))"
        )
    )
    assert list(in_order(members)) == names


# Data in scripts ----------------------------------------------------------------------------------


@given(JSON)
def test_quoted_data_is_that_data(value):
    text = quoted(value)
    assert text.isascii()
    assert "\n" not in text
    found = quickjs.Context().eval(f"JSON.stringify({text if text[0] != '{' else f'({text})'})")
    assert equal(json.loads(found), value)


# Whole scripts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROJECT.names)
def test_a_script_has_its_mark_and_nothing_of_its_making(name):
    text = print_script(PROJECT.mapper(name).lowered)
    assert text.startswith(f'{mark(name)}\n"use strict";\n')
    assert text == print_script(load_project(ROOT).mapper(name).lowered)
    assert text.isascii()
    assert "\r" not in text
    assert not re.search(r"/(usr|home|work|tmp)/|20[0-9]{2}-[0-9]{2}-[0-9]{2}T", text)


@pytest.mark.parametrize("name", PROJECT.names)
def test_a_script_declares_only_what_it_uses_once(name):
    text = print_script(PROJECT.mapper(name).lowered)
    declared = re.findall(r"^(?:function|const) (\w+)", text, re.MULTILINE)
    assert len(set(declared)) == len(declared)
    for each in declared:
        assert len(re.findall(rf"(?<![\w.\"]){each}\b", text)) > 1, f"{each} is not used"


NEWER = (
    r"\*\*", r"\?\.(?![0-9])", r"\?\?", r"\.\.\.", r"\basync\b", r"\bawait\b", r"\bfor await\b",
    r"\.padStart", r"\.padEnd", r"Object\.(entries|values|fromEntries)", r"\.flat(Map)?\(",
    r"\.includes\(", r"\.trim(Start|End)\(", r"\.at\(", r"\bBigInt\b", r"\(\?<", r"\.matchAll",
    r"\.replaceAll", r"catch \{", r"\/[a-rt-z]*s[a-z]*\.test",
)  # fmt: skip
HOST = (
    "Date", "Intl", "require", "module", "process", "globalThis", "window", "console", "setTimeout",
    "Promise", "eval", "Function", "fetch", "Proxy", "Reflect", "WebAssembly", "CE",
    "configuration", "toLocaleString", "localeCompare", "normalize", "Math.random",
)  # fmt: skip


@pytest.mark.parametrize("name", PROJECT.names)
def test_a_script_is_es2015_and_uses_nothing_of_the_host(name):
    text = print_script(PROJECT.mapper(name).lowered)
    code = re.sub(r'"(\\.|[^"\\\n])*"|//.*|/\*.*?\*/', '""', text)
    for pattern in NEWER:
        assert not re.search(pattern, code), pattern
    for word in HOST:
        assert not re.search(rf"(?<![\w.]){re.escape(word)}\b", code), word


def test_the_library_refuses_with_registered_codes():
    text = "".join(library().values())
    said = set(re.findall(r'"(M[0-9]{3})"', text))
    assert said <= codes.by_code().keys()
    assert len(said) > 10


@pytest.mark.skipif(v8.NODE is None, reason="Node.js is not installed")
def test_v8_gives_the_same():
    """What is sound and what is damaged, responses and requests, results and errors."""
    batches, expected = [], []
    for name in PROJECT.names:
        lowered = PROJECT.mapper(name).lowered
        script = compiled(print_script(lowered))
        random = Random(name)
        choices = Seeded(random)
        for direction in ("from_vendor", "request"):
            sound = [vendor_documents(name)(choices) for _ in range(40)]
            if direction == "request":
                sound = [interpret.from_vendor(lowered, each) for each in sound]
            given = [each if random.random() < 0.5 else damaged(random, each) for each in sound]
            batch = v8.Script(print_script(lowered), from_vendor=direction == "from_vendor")
            batches.append((batch, [(each, {}) for each in given]))
            expected.append([scripts.run(script, each, direction=direction) for each in given])
    found = [[each["value"] for each in answers] for answers in v8.run_batches(batches)]
    assert found == expected
    kinds = Counter(ERROR_MEMBER in each for answers in found for each in answers)
    assert min(kinds.values()) > 30, kinds


@pytest.mark.parametrize("case", read_cases("responses"), ids=lambda case: case["case"])
def test_a_response(case):
    result = scripts.run(
        script_of(case["mapping"]), case["vendor"], case["mapped"], direction="from_vendor"
    )
    if "fails" in case:
        assert result.pop(ERROR_MEMBER)["code"] == case["fails"]
    assert result == case["gives"]


@pytest.mark.parametrize("case", read_cases("queries"), ids=lambda case: case["case"])
def test_a_query(case):
    result = scripts.run(script_of(case["mapping"]), {"where": case["where"]}, direction="where")
    assert result == {"where": case["gives"]}


@pytest.mark.parametrize("value", [None, 1, "text", [], True])
def test_what_is_no_object_is_refused(value):
    script = script_of("tax")
    for direction in ("from_vendor", "request"):
        fault = scripts.run(script, value, direction=direction)[ERROR_MEMBER]
        assert (fault["code"], fault["at"]) == ("M508", "")


def test_what_no_rule_foresees_is_answered_too():
    """Whatever is thrown ends as the error member: a script that throws would be skipped."""
    text = print_script(PROJECT.mapper("freshbooks/tax").lowered)
    given = '{get id() { throw new RangeError("odd"); }}'
    call = f"body({given}, {{own: 1}}, true, false, (result) => {{ results.push(result); }})"
    found = quickjs.Context().eval(f"""
        const results = [];
        const names = ["originalObject", "transformedObject", "fromVendor", "isWhere", "done"];
        const body = new Function(...names, {json.dumps(text)});
        {call};
        JSON.stringify(results);
    """)
    assert json.loads(found) == [{"own": 1, ERROR_MEMBER: {"code": "", "at": "", "message": "odd"}}]


def test_a_query_runs_where_the_platform_does_not_say_so():
    """Outside of a query, isWhere may not be there at all."""
    text = print_script(PROJECT.mapper("freshbooks/tax").lowered)
    found = quickjs.Context().eval(f"""
        const body = new Function("originalObject", "transformedObject", "fromVendor", "done",
          {json.dumps(text)});
        let result;
        body({{id: 7}}, {{}}, true, (given) => {{ result = given; }});
        JSON.stringify(result);
    """)
    assert json.loads(found) == {"id": "7"}
