"""Expressions: the public suite, jmespath.py as the reference, and what we promise beyond both."""

import builtins
import copy
import json
import math
import re
import string
import warnings
from pathlib import Path

import jmespath
import pytest
import yaml
from corrected_jmespath import outcome as reference_outcome
from hypothesis import given, settings, strategies as st

from mapper import expr
from mapper.evaluate import EvaluationError, evaluate, search
from mapper.expr import ExpressionError, literal_text, mentions, parse, walk
from mapper.functions import EXTENSIONS, FUNCTIONS, STANDARD
from mapper.primitives import PRIMITIVES, Refusal
from mapper.values import ABSENT, equal, find

ROOT = Path(__file__).resolve().parents[1]
SUITE = ROOT.parent / "shared" / "jmespath-compliance"
DOCUMENTATION = ROOT / "docs" / "reference" / "expressions.md"
TABLES = {"methods": {"Check": "check", "Cash": "cash"}}

needs_suite = pytest.mark.skipif(
    not SUITE.is_dir(), reason="the JMESPath suite is not in ../shared/jmespath-compliance"
)


def read_cases(name):
    path = Path(__file__).parent / "cases" / "jmespath" / f"{name}.yaml"
    return yaml.safe_load(path.read_text("utf-8"))


def outcome(expression, value):
    """Return ("gives", JSON) or ("refuses", kind)."""
    try:
        result = search(expression, value)
    except (ExpressionError, EvaluationError) as error:
        return "refuses", error.kind
    return "gives", json.dumps(result, allow_nan=False)


# The public suite ---------------------------------------------------------------------------------


SUITE_CASES = [
    pytest.param(group["given"], case, id=f"{path.stem}: {case['expression'][:60]}")
    for path in sorted(SUITE.glob("*.json"))
    for group in json.loads(path.read_text("utf-8"))
    for case in group["cases"]
]


@needs_suite
@pytest.mark.parametrize(("given_value", "case"), SUITE_CASES)
def test_the_public_suite(given_value, case):
    kind, result = outcome(case["expression"], given_value)
    if "error" in case:
        assert (kind, result) == ("refuses", case["error"])
    elif "result" in case:
        assert kind == "gives"
        assert equal(json.loads(result), case["result"])
    else:
        assert kind == "gives", "a benchmark runs"


@needs_suite
def test_the_public_suite_is_whole():
    assert len(SUITE_CASES) == 908


# jmespath.py as the reference ---------------------------------------------------------------------

DIVERGENCES = [
    pytest.param(case, id=f"{group['difference']}: {case['expression']}")
    for group in read_cases("divergences")
    for case in group["cases"]
]


def their_result(expression, value):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return jmespath.search(expression, value)


@pytest.mark.parametrize("case", DIVERGENCES)
def test_known_differences_from_the_reference(case):
    ours = outcome(case["expression"], case["value"])
    if "refuses" in case:
        assert ours == ("refuses", case["refuses"])
    else:
        assert ours == ("gives", json.dumps(case["gives"]))
    if "their_error" in case:
        with pytest.raises(getattr(builtins, case["their_error"])):
            their_result(case["expression"], case["value"])
    else:
        theirs = their_result(case["expression"], case["value"])
        assert json.dumps(theirs) == json.dumps(case["theirs"])
        assert ours != ("gives", json.dumps(theirs))


@pytest.mark.parametrize("text", ["`foo`", "a || `foo`", "`1", "[`foo`, `bar`]"])
@pytest.mark.parametrize("action", ["error", "ignore", "always"])
def test_deprecated_literals_are_refused_whatever_becomes_of_warnings(text, action):
    with warnings.catch_warnings(record=True):
        warnings.simplefilter(action)
        with pytest.raises(ExpressionError):
            parse(text, {})


NAMES = ("a", "b", "c")
scalars = st.sampled_from(
    [None, True, False, -1, 0, 1, 2, 10, 1.5, "", "a", "b", "é", "2", "-1.5", "1e3", " 2", "x y"]
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
        | st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, inner)), max_size=4)
    ),
    max_leaves=25,
)
small_numbers = st.integers(-3, 3)


@st.composite
def expressions(draw, depth=2):
    """Draw the text of an expression on which our parser and jmespath's agree.

    So nothing follows the brackets after a "!"; no step follows a projection that jmespath would
    apply to the whole list; and no slice follows an index.
    """
    operands = [draw(operand(depth)) for _ in range(draw(st.integers(1, 2 if depth else 1)))]
    operators = ["||", "&&", "|", "==", "!=", "<", "<=", ">", ">="]
    text = operands[0]
    for following in operands[1:]:
        text += f" {draw(st.sampled_from(operators))} {following}"
    return text


@st.composite
def operand(draw, depth):
    text = draw(beginning(depth))
    if text.startswith("!"):
        return text
    last = "[n]" if text.endswith("]") else ""
    has_filter = "[?" in text
    for _ in range(draw(st.integers(0, 3 if depth else 1))):
        choices = [".name", "[n]", "[*]", "[]", ".call"]
        choices += ["[:]"] if last != "[n]" else []
        choices += ["[?]"] if depth and not has_filter else []
        choices += [".*", ".[]", ".{}"] if depth else []
        last = draw(st.sampled_from(choices))
        has_filter |= last == "[?]"
        text += draw(step(last, depth))
        if last in (".*", ".[]", ".{}"):
            break
    return text


@st.composite
def beginning(draw, depth):
    kinds = ["name", "@", "literal", "text", "*", "[*]"]
    kinds += ["(", "!", "call", "call", "list", "object"] if depth else []
    kind = draw(st.sampled_from(kinds))
    inner = expressions(depth - 1)
    match kind:
        case "name":
            return draw(st.sampled_from([*NAMES, '"a"', '"\\u0062"']))
        case "literal":
            return literal_text(draw(json_values))
        case "text":
            return draw(st.sampled_from(["'a'", "'2'", "'it\\'s'", "''"]))
        case "(":
            return f"({draw(inner)})"
        case "!":
            return f"!({draw(inner)})"
        case "call":
            return draw(call(depth))
        case "list":
            return f"[{', '.join(draw(st.lists(inner, min_size=1, max_size=3)))}]"
        case "object":
            return draw(step(".{}", depth))[1:]
        case _:
            return kind


@st.composite
def step(draw, kind, depth):
    inner = expressions(depth - 1)
    match kind:
        case ".name":
            return f".{draw(st.sampled_from(NAMES))}"
        case "[n]":
            return f"[{draw(small_numbers)}]"
        case "[:]":
            first, stop = (draw(st.none() | small_numbers) for _ in range(2))
            ends = f"{'' if first is None else first}:{'' if stop is None else stop}"
            return f"[{ends}{draw(st.sampled_from(['', ':', ':1', ':-1', ':2']))}]"
        case "[?]":
            return f"[?{draw(inner)}]"
        case ".[]":
            return f".[{', '.join(draw(st.lists(inner, min_size=1, max_size=2)))}]"
        case ".{}":
            names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2))
            return f".{{{', '.join(f'{name}: {draw(inner)}' for name in names)}}}"
        case ".call":
            return f".{draw(call(0))}"
        case _:
            return kind


@st.composite
def call(draw, depth):
    function = draw(st.sampled_from(sorted(STANDARD.values(), key=lambda each: each.name)))
    inner = expressions(depth - 1) if depth else st.sampled_from(["@", "a", "`[1, 2]`", "'a'"])
    count = len(function.parameters) + (draw(st.integers(0, 2)) if function.is_variadic else 0)
    arguments = (
        f"{'&' * function.takes_reference(position)}{draw(inner)}" for position in range(count)
    )
    return f"{function.name}({', '.join(arguments)})"


@settings(max_examples=200, deadline=None)
@given(expressions(), json_values)
def test_everything_else_is_as_in_the_reference(expression, value):
    before = copy.deepcopy(value)
    assert outcome(expression, value) == reference_outcome(expression, value)
    assert json.dumps(value) == json.dumps(before)


# Trees and their places ---------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(expressions())
def test_every_node_knows_its_place(text):
    tree = parse(text, FUNCTIONS)
    for node in walk(tree):
        assert 0 <= node.start <= node.end <= len(text)
        for child in expr.children(node):
            assert node.start <= child.start <= child.end <= node.end
        written = text[node.start : node.end]
        assert written == written.strip()
        match node:
            case expr.Field(name):
                assert written == name or json.loads(written) == name
            case expr.Call(name):
                assert re.fullmatch(rf"{name}\(.*\)", written, re.DOTALL)
            case expr.Reference():
                assert written.startswith("&")
        if stands_alone(node, written):
            assert parse(written, FUNCTIONS) == node


def stands_alone(node, written):
    match node:
        case expr.Index() | expr.Slice() | expr.Flatten() | expr.Reference():
            return False
        case expr.Chain(_, expr.Slice()):
            return False
        case expr.MakeList():  # after a dot, [*] is a list of all values
            return not re.match(r"\[\s*\*\s*\]", written)
    return bool(written)


def test_spaces_and_lines_are_outside_of_places():
    text = " a .\n b [ 0 ] \t|| ( 'c' ) "
    tree = parse(text, FUNCTIONS)
    assert [text[node.start : node.end] for node in walk(tree)] == [
        "a .\n b [ 0 ] \t|| ( 'c' )", "a .\n b [ 0 ]", "a", "b [ 0 ]", "b", "[ 0 ]", "'c'",
    ]  # fmt: skip


def test_places_do_not_count_in_comparisons_but_types_do():
    assert parse(" a", {}) == parse("a", {})
    assert hash(parse("`[1]`", {})) == hash(parse(" `[1]`", {}))
    assert len({parse(text, {}) for text in ("`1`", "`true`", "`1.0`", '`"1"`', "'1'")}) == 4


@pytest.mark.parametrize("case", read_cases("errors"), ids=lambda case: case["expression"])
def test_errors_underline_what_is_wrong(case):
    with pytest.raises(ExpressionError) as caught:
        parse(case["expression"], FUNCTIONS)
    error = caught.value
    assert case["expression"][error.start : error.end] == case["underlines"]
    assert (error.kind, error.message) == (case["kind"], case["message"])
    assert str(error) == f"{error.message} (at character {error.start + 1})"


alphabet = st.sampled_from(
    [*"ab01 .,:*@&|!=<>-[](){}'\"`\\\n#é", "[?", "[*]", "abs(", "`1`", "\ud800"]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(alphabet, max_size=25).map("".join) | st.text(max_size=30))
def test_any_text_is_an_expression_or_an_expression_error(text):
    try:
        tree = parse(text, FUNCTIONS)
    except ExpressionError as error:
        tree = error
    assert 0 <= tree.start <= tree.end <= len(text)


texts = st.text(st.characters(codec="utf-8") | st.sampled_from("`'\"\\\n"), max_size=8)
any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(any_json)
def test_literal_text_is_parsed_as_the_value(value):
    tree = parse(literal_text(value), {})
    assert isinstance(tree, expr.Literal)
    assert json.dumps(tree.value) == json.dumps(value)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_literal_text_refuses_what_is_no_json(number):
    with pytest.raises(ValueError, match="JSON"):
        literal_text([number])


# What an expression depends on --------------------------------------------------------------------


@pytest.mark.parametrize("case", read_cases("mentions"), ids=lambda case: case["expression"])
def test_mentions(case):
    found = mentions(parse(case["expression"], FUNCTIONS))
    assert [list(path) for path in found] == case["mentions"]


objects = st.dictionaries(st.sampled_from(NAMES), json_values, max_size=3)


@settings(max_examples=100, deadline=None)
@given(expressions(), objects, objects)
def test_the_value_depends_on_what_is_mentioned_only(text, value, other):
    changed = copy.deepcopy(other)
    for path in mentions(parse(text, FUNCTIONS)):
        if not path:
            return
        place(changed, path, find(value, path))
    assert outcome(text, changed) == outcome(text, value)


def place(document, path, value):
    *outer, name = path
    for step_name in outer:
        if not isinstance(document.get(step_name), dict):
            if value is ABSENT:
                return
            document[step_name] = {}
        document = document[step_name]
    document.pop(name, None)
    if value is not ABSENT:
        document[name] = value


# Limits -------------------------------------------------------------------------------------------

NESTINGS = {
    "parentheses": ("(", "a", ")"),
    "not": ("!", "a", ""),
    "lists": ("[", "a", "]"),
    "objects": ("{a: ", "a", "}"),
    "filters": ("[?", "a", "]"),
    "names": ("", "a", ".a"),
    "alternatives": ("", "a", " || a"),
    "projections": ("", "a", "[*].a"),
    "values": ("", "a", ".*"),
    "calls": ("to_array(", "@ == @", ")"),
    "texts": ("to_array(", "to_string(@)", ")"),
    "references": ("map(&", "@ == @", ", to_array(@))"),
    "literals": ("`" + "[" * 10, "1", "]" * 10 + "`"),
}


def nested(kind, levels):
    before, middle, after = NESTINGS[kind]
    return before * levels + middle + after * levels


def deepest(kind):
    """Return the deepest expression of a kind that can be parsed."""
    levels = 1
    while is_parsed(nested(kind, levels + 1)):
        levels += 1
    return nested(kind, levels)


def is_parsed(text):
    try:
        parse(text, FUNCTIONS)
    except ExpressionError:
        return False
    return True


def deep_values():
    lists, objects_ = 1, 1
    for _ in range(200):
        lists, objects_ = [lists], {"a": objects_}
    return [lists, objects_]


@pytest.mark.parametrize("kind", [kind for kind in NESTINGS if kind != "literals"])
def test_the_deepest_expression_can_be_evaluated_on_deep_data(kind):
    text = deepest(kind)
    for value in deep_values():
        search(text, value)


@pytest.mark.parametrize("kind", list(NESTINGS))
@pytest.mark.parametrize("levels", [121, 500, 5000])
def test_deeper_and_longer_expressions_are_refused(kind, levels):
    with pytest.raises(ExpressionError, match=r"deeper than|longer than|too deep"):
        parse(nested(kind, levels), FUNCTIONS)


@pytest.mark.parametrize("depth", [100, 121, 900, 4900])
def test_literals_count_in_the_depth(depth):
    text = "`" + "[" * depth + "]" * depth + "`"
    if depth < expr.MAX_DEPTH:
        assert search(text, None)
    else:
        with pytest.raises(ExpressionError):
            parse(text, {})


@pytest.mark.parametrize(
    "text", ["[@, @] | ", "{a: @, b: @} | ", "[@, [@][0]].", "[@[*].[@, @]][] | "]
)
def test_an_expression_cannot_explode(text):
    with pytest.raises(ExpressionError, match="repeats values too often"):
        parse((text * 50).rstrip(" |.") + " | to_string(@)", FUNCTIONS)


@pytest.mark.parametrize(
    "text", ["join(@, split(@, 'a')) | " * 8 + "@", "to_string([@]) | " * 60 + "@"]
)
def test_texts_cannot_explode(text):
    with pytest.raises(EvaluationError) as caught:
        search(text, "aaaaaa" if text.startswith("join") else '"')
    assert caught.value.kind == "invalid-value"


def test_indices_and_slices_of_any_size():
    huge = "9" * 30
    assert search(f"[[{huge}], [-{huge}], [:{huge}], [-{huge}:]]", [1, 2]) == [
        None,
        None,
        [1, 2],
        [1, 2],
    ]
    with pytest.raises(ExpressionError):
        parse(f"[{'9' * 5000}]", {})


# Evaluation ---------------------------------------------------------------------------------------


def test_results_share_nothing_with_the_tree():
    tree = parse('{a: `[1, {"b": []}]`, c: `{}`}', {})
    first = evaluate(tree, {})
    first["a"][1]["b"].append(1)
    first["c"]["d"] = 1
    assert evaluate(tree, {}) == {"a": [1, {"b": []}], "c": {}}


@pytest.mark.parametrize(
    ("expression", "value", "underlines", "message"),
    [
        ("a || length(b)", {"b": 1}, "b", "length() takes string or array or object, not number"),
        ("sum(a)", {"a": [1, "x"]}, "a", "sum() takes array[number], not array[number|string]"),
        ("sort(a)", {"a": None}, "a", "sort() takes array[number] or array[string], not null"),
        (
            "[0] | sort_by(@, &a)",
            [[{"a": None}, {"a": 1}]],
            "sort_by(@, &a)",
            "sort_by(): the &expression gives not only numbers or only strings, but null, number",
        ),
        ("map(&abs(a), @)", [{"a": "x"}], "a", "abs() takes number, not string"),
        (
            "{x: add_days(d, `1`)}",
            {"d": "2026-02-30"},
            "add_days(d, `1`)",
            "add_days(): the value is not on the calendar or the clock",
        ),
    ],
)  # fmt: skip
def test_evaluation_errors_underline_their_cause(expression, value, underlines, message):
    with pytest.raises(EvaluationError) as caught:
        search(expression, value)
    error = caught.value
    assert (expression[error.start : error.end], error.message) == (underlines, message)
    assert error.kind == "invalid-type"
    assert str(error) == f"{error.message} (at character {error.start + 1})"


@pytest.mark.parametrize("value", [None, False, "", [], {}])
def test_false_values(value):
    assert search("!@", value) is True


@pytest.mark.parametrize("value", [0, 0.0, -1, "0", "false", [None], {"a": None}, True])
def test_true_values(value):
    assert search("!@", value) is False


# Functions ----------------------------------------------------------------------------------------


EXAMPLES = [
    pytest.param(function, example, id=f"{example.expression} of {example.value!r}")
    for function in FUNCTIONS.values()
    for example in function.examples
]


@pytest.mark.parametrize(("function", "example"), EXAMPLES)
def test_examples_of_functions(function, example):
    tree = parse(example.expression, FUNCTIONS)
    assert function.name in {node.name for node in walk(tree) if isinstance(node, expr.Call)}
    assert equal(evaluate(tree, example.value, TABLES), example.result)


@pytest.mark.parametrize("function", list(FUNCTIONS.values()), ids=list(FUNCTIONS))
def test_every_function_is_documented_and_has_an_example(function):
    assert function.documentation.endswith(".")
    assert function.examples


@pytest.mark.parametrize("function", list(EXTENSIONS.values()), ids=list(EXTENSIONS))
def test_null_gives_null_in_our_functions(function):
    types = {"string": "'x'", "number": "`1`"}
    good = [types[parameter.types[0]] for parameter in function.parameters]
    for position in range(len(good)):
        arguments = [*good[:position], "null", *good[position + 1 :]]
        assert search(f"{function.name}({', '.join(arguments)})", {}) is None


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("days_between('2026-02-29', '2026-03-01')", "invalid-type"),
        ("days_between('2026-01-01', '2026-1-2')", "invalid-type"),
        ("days_between('2026-01-01', `20260102`)", "invalid-type"),
        ("add_days('01/02/2026', `1`)", "invalid-type"),
        ("add_days('2026-01-01', `1.5`)", "invalid-type"),
        ("add_days('2026-01-01', '1')", "invalid-type"),
        ("add_days('9999-12-31', `1`)", "invalid-type"),
        ("lower(`1`)", "invalid-type"),
        ("split('a', '')", "invalid-value"),
        ("lookup('nowhere', 'a')", "invalid-value"),
        ("lookup('methods', `1`)", "invalid-type"),
    ],
)
def test_our_functions_refuse(expression, kind):
    with pytest.raises(EvaluationError) as caught:
        evaluate(parse(expression, FUNCTIONS), None, TABLES)
    assert caught.value.kind == kind


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=200, deadline=None)
def test_to_string_and_to_number_undo_each_other(number):
    text = search("to_string(@)", number)
    assert search("to_number(@)", text) == number
    assert set(text) <= set(string.digits + "+-.e")


def test_primitives_are_for_converters_only():
    assert not is_parsed("integer_text(@)")
    tree = parse("integer_text(@)", PRIMITIVES)
    assert evaluate(tree, 12) == "12"
    with pytest.raises(Refusal, match="is not an integer"):
        evaluate(tree, True)  # noqa: FBT003
    assert evaluate(parse("upper(a)", FUNCTIONS), {}) is None
    with pytest.raises(Refusal, match="is not text"):
        evaluate(parse("upper(a)", PRIMITIVES), {})


def test_trees_made_by_hand_call_functions():
    current = expr.Current()
    assert evaluate(expr.Call("map", (expr.Reference(expr.Field("a")), current)), [{"a": 1}]) == [1]
    with pytest.raises(EvaluationError) as caught:
        evaluate(expr.Call("nope", (current,)), 1)
    assert caught.value.kind == "unknown-function"


# The documentation --------------------------------------------------------------------------------


def code(text):
    return f"`` {text} ``".replace("|", "\\|")


def shown(value):
    return code(json.dumps(value, ensure_ascii=False))


def function_row(function):
    example = function.examples[0]
    meaning = " ".join(function.documentation.split()).replace("|", "\\|")
    gives = f"{code(example.expression)} of {shown(example.value)} is {shown(example.result)}"
    return f"| {code(function.signature)} | {meaning} | {gives} |"


def difference_row(group):
    case = group["cases"][0]
    here = case["refuses"] if "refuses" in case else shown(case["gives"])
    there = case.get("their_error") or shown(case["theirs"])
    row = (
        group["difference"],
        code(case["expression"]),
        shown(case["value"]),
        here,
        there,
        group["because"],
    )
    return f"| {' | '.join(row)} |"


@pytest.mark.parametrize(
    ("heading", "rows"),
    [
        ("JMESPath's functions", [function_row(function) for function in STANDARD.values()]),
        ("Functions of our own", [function_row(function) for function in EXTENSIONS.values()]),
        (
            "Differences from jmespath.py",
            [difference_row(group) for group in read_cases("divergences")],
        ),
    ],
)
def test_the_documentation_is_up_to_date(heading, rows):
    section = DOCUMENTATION.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    assert table[2:] == rows
