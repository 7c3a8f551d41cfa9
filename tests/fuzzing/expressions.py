"""The gate of expressions: printed, interpreted and jmespath.py on random text and values."""

import json
import warnings
from random import Random
from typing import Any

import scripts
from agreement import containers, text
from corrected_jmespath import outcome as reference_outcome

from fuzzing.driver import is_finding, shrunk
from mapper import expr
from mapper.compile.expressions import Expressions, Operand
from mapper.compile.reading import opened
from mapper.compile.source import Body, Module
from mapper.evaluate import EvaluationError, evaluate
from mapper.expr import Expr, ExpressionError, literal_text, parse
from mapper.functions import FUNCTIONS, STANDARD, type_of
from mapper.values import copy, equal

NAMES = ("a", "b", "c")
ODD_NAMES = (
    "a",
    "b",
    "c",
    '"a b"',
    '"\\""',
    '"\\n"',
    '"\\u0000"',
    '"é"',
    '"class"',
    "get",
    "value",
)
SCALARS = (
    None, True, False, -1, 0, 1, 2, 10, 1.5, 1.0, -0.0, "", "a", "b", "é", "2", "-1.5", "1e3",
    " 2", "x y", "A", "2024-02-29", "2023-12-31", 2**53, 1e300,
)  # fmt: skip
OPERATORS = ("||", "&&", "|", "==", "!=", "<", "<=", ">", ">=")
TABLES = {"methods": {"a": "b", "A": "a", "2024-02-29": '"'}}


def random_value(random: Random, names: tuple[str, ...], depth: int = 3) -> Any:
    """Return a JSON value over *names*."""
    kind = random.randrange(6)
    if not depth or kind < 2:
        return random.choice(SCALARS)
    inner = [random_value(random, names, depth - 1) for _ in range(random.randrange(4))]
    if kind < 4:
        return inner
    return {random.choice(names): each for each in inner}


class Grammar:
    """Random expressions.

    *plain* ones are those on which our parser and jmespath's agree: nothing follows the brackets
    after a "!"; no step follows a projection that jmespath would apply to the whole list; and no
    slice follows an index.
    """

    def __init__(self, random: Random, names: tuple[str, ...] = NAMES, *, plain: bool) -> None:
        self._random = random
        self._plain = plain
        self._names = names
        functions = STANDARD if plain else FUNCTIONS
        self._functions = sorted(functions.values(), key=lambda each: each.name)

    def expression(self, depth: int) -> str:
        parts = [self._operand(depth)]
        while depth and self._random.random() < 0.4:
            parts += [self._random.choice(OPERATORS), self._operand(depth)]
            if self._plain:
                break
        return " ".join(parts)

    def call(self) -> str:
        """Return a call."""
        return self._call(1)

    def _operand(self, depth: int) -> str:
        written = self._beginning(depth)
        if self._plain and written.startswith("!"):
            return written
        last = "[n]" if written.endswith("]") else ""
        filtered = "[?" in written
        for _ in range(self._random.randint(0, 3 if depth else 1)):
            kinds = [".name", ".name", "[n]", "[*]", "[]", ".call"]
            kinds += ["[:]"] if last != "[n]" or not self._plain else []
            kinds += ["[?]"] if depth and not (filtered and self._plain) else []
            kinds += [".*", ".[]", ".{}"] if depth else []
            last = self._random.choice(kinds)
            filtered |= last == "[?]"
            written += self._step(last, depth)
            if self._plain and last in (".*", ".[]", ".{}"):
                break
        return written

    def _beginning(self, depth: int) -> str:
        pick = self._random.choice
        kinds = ["name", "name", "@", "literal", "text", "*", "[*]"]
        kinds += ["(", "!", "call", "call", "list", "object"] if depth else []
        match kind := pick(kinds):
            case "name":
                return pick(self._names)
            case "literal":
                return literal_text(random_value(self._random, NAMES, 2))
            case "text":
                return pick(["'a'", "'2'", "'it\\'s'", "''", "'2024-02-29'", "'methods'", "'\"'"])
            case "(":
                return f"({self.expression(depth - 1)})"
            case "!":
                inner = self.expression(depth - 1)
                return f"!({inner})" if self._plain or self._random.random() < 0.5 else f"!{inner}"
            case "call":
                return self._call(depth)
            case "list":
                return f"[{self._several(depth, 3)}]"
            case "object":
                return self._step(".{}", depth)[1:]
        return kind

    def _several(self, depth: int, most: int) -> str:
        count = self._random.randint(1, most)
        return ", ".join(self.expression(depth - 1) for _ in range(count))

    def _step(self, kind: str, depth: int) -> str:
        pick = self._random.choice
        match kind:
            case ".name":
                return f".{pick(self._names)}"
            case "[n]":
                return f"[{self._random.randint(-3, 3)}]"
            case "[:]":
                ends = ":".join(pick(["", "-2", "-1", "0", "1", "2"]) for _ in range(2))
                return f"[{ends}{pick(['', ':', ':1', ':-1', ':2'])}]"
            case "[?]":
                return f"[?{self.expression(depth - 1)}]"
            case ".[]":
                return f".[{self._several(depth, 2)}]"
            case ".{}":
                names = dict.fromkeys(pick(self._names) for _ in range(self._random.randint(1, 2)))
                members = (f"{name}: {self.expression(depth - 1)}" for name in names)
                return f".{{{', '.join(members)}}}"
            case ".call":
                return f".{self._call(0)}"
        return kind

    def _call(self, depth: int) -> str:
        function = self._random.choice(self._functions)
        count = len(function.parameters)
        count += self._random.randint(0, 2) if function.is_variadic else 0
        return f"{function.name}({', '.join(self._arguments(function, count, depth))})"

    def _arguments(self, function: Any, count: int, depth: int):
        for position in range(count):
            if depth:
                inner = self.expression(depth - 1)
            else:
                inner = self._random.choice(["@", "a", "`[1, 2]`", "'a'"])
            yield f"{'&' * function.takes_reference(position)}{inner}"


# Printed, interpreted, and the reference ----------------------------------------------------------


class Printed:
    """An expression as a printed function, and what the printer says of its value."""

    def __init__(self, tree: Expr, *, is_open: bool) -> None:
        module = Module("an expression")
        out = Expressions(module, Body("def run(document):"), TABLES)
        whole = opened(out, "document") if is_open else Operand("document", atomic=True)
        self.operand = out.operand(tree, whole)
        named = out.named(self.operand)
        out.body.line(f"return {named.text}, {out.owned(named)}")
        module.add(out.body)
        self.source = module.text()
        namespace: dict[str, Any] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(compile(self.source, "printed", "exec"), namespace)  # noqa: S102 - it is what is tested
        self.run = namespace["run"]


def require_agreement(expression: str, value: Any, *, is_open: bool, plain: bool) -> str:
    """Return "gives", "fails" or "gives up", as printed code and the others agree.

    Raises:
        AssertionError: They do not; the message says on what.
    """
    tree = parse(expression, FUNCTIONS)
    before, case = text(value), f"{expression} on {text(value)}{' (open)' * is_open}"
    try:
        wanted = evaluate(tree, value, TABLES)
    except EvaluationError as error:
        wanted, kind = error.kind, "refuses"
    else:
        kind = "gives"
        text(wanted)
    if plain:
        reference = reference_outcome(expression, value)
        ours = kind, json.dumps(wanted, allow_nan=False) if kind == "gives" else wanted
        assert reference == ours, f"{case}:\n  interpreted {ours}\n  jmespath.py {reference}"
    _require_script(tree, value, wanted if kind == "gives" else None, case)
    printed = Printed(tree, is_open=is_open)
    try:
        found, owned = printed.run(value)
    except Exception as error:  # noqa: BLE001 - the interpreter decides
        assert text(value) == before, f"{case}: the input was changed"
        expected = kind == "refuses" or (is_open and not isinstance(value, dict))
        assert expected, f"{case}:\n  interpreted {text(wanted)}\n  printed {error!r}"
        return "fails"
    assert kind == "gives", f"{case}:\n  interpreted refuses {wanted}\n  printed {text(found)}"
    both = f"{case}:\n  interpreted {text(wanted)}\n  printed {text(found)}"
    assert text(found) == text(wanted), both
    _check_claims(printed, case, value, found, owned)
    assert text(value) == before, f"{case}: the input was changed"
    return "gives"


def _require_script(tree: Expr, value: Any, wanted: Any, case: str) -> None:
    """Check that JavaScript gives what is *wanted*; None says that nothing or null is."""
    if not scripts.is_exact([value, wanted]) or not scripts.is_exact(_literals(tree)):
        return
    result = scripts.evaluator(tree, TABLES)(json.dumps(value))
    both = f"{case}:\n  interpreted {text(wanted)}\n  script {text(result)}"
    assert equal(result.get("gives"), wanted), both


def _literals(tree: Expr) -> list[Any]:
    return [node.value for node in expr.walk(tree) if isinstance(node, expr.Literal)]


def _check_claims(printed: Printed, case: str, value: Any, found: Any, owned: Any) -> None:
    """Check what the printer says of the value."""
    operand = printed.operand
    types = operand.types
    assert type_of(found) in types, f"{case}: {text(found)} is none of {sorted(types)}"
    inside = {id(each) for each in containers(value)}
    if not operand.is_shared:
        shared = not inside.isdisjoint(map(id, containers(found)))
        assert not shared, f"{case}: {text(found)} shares with the input and is said not to"
    assert inside.isdisjoint(map(id, containers(owned))), f"{case}: what is owned shares"
    again, _ = printed.run(copy(value))
    kept = {id(each) for each in containers(again)}
    assert kept.isdisjoint(map(id, containers(owned))), f"{case}: two results share"
    if operand.comparable:
        assert _is_text(found), f"{case}: {text(found)} is said to be made of text"


def _is_text(value: Any) -> bool:
    if isinstance(value, dict | list):
        return all(map(_is_text, value.values() if isinstance(value, dict) else value))
    return value is None or isinstance(value, str)


# The gate -----------------------------------------------------------------------------------------


def case(random: Random) -> list[str]:
    """Try one expression on a few values."""
    plain = random.random() < 0.4
    names = NAMES if plain else ODD_NAMES
    expression = Grammar(random, names, plain=plain).expression(random.choice([1, 2, 2, 3]))
    try:
        parse(expression, FUNCTIONS)
    except ExpressionError:
        return ["no expression"]
    outcomes = []
    keys = NAMES if plain else ("a", "b", "c", "a b", '"', "\n", "\0", "é", "class", "get", "value")
    for _ in range(4):
        value = random_value(random, keys)
        is_open = isinstance(value, dict) and random.random() < 0.7
        try:
            outcome = require_agreement(expression, value, is_open=is_open, plain=plain)
        except AssertionError:
            _raise_smallest(expression, value, is_open=is_open, plain=plain)
            raise
        outcomes.append(f"{'plain' if plain else 'any'} {outcome}")
    return outcomes


def _raise_smallest(expression: str, value: Any, *, is_open: bool, plain: bool) -> None:
    """Raise the finding of a smaller expression and a smaller value."""

    def fails(candidate: list[Any]) -> bool:
        return is_finding(
            lambda: require_agreement(candidate[0], candidate[1], is_open=is_open, plain=plain)
        )

    smaller = True
    while smaller:
        smaller = False
        for part in _parts(expression):
            if fails([part, value]):
                expression, smaller = part, True
                break
    [value] = shrunk([value], lambda given: len(given) == 1 and fails([expression, given[0]]))
    require_agreement(expression, value, is_open=is_open, plain=plain)


def _parts(expression: str):
    """Yield the texts of the expressions inside *expression*, and those without one of them."""
    nodes = [node for node in expr.walk(parse(expression, FUNCTIONS)) if node.end > node.start]
    for node in sorted(nodes, key=lambda each: each.end - each.start):
        part = expression[node.start : node.end].lstrip("&")
        if 0 < len(part) < len(expression):
            yield part
    for node in nodes:
        for simple in ("@", "a", ""):
            part = expression[: node.start] + simple + expression[node.end :]
            if len(part) < len(expression):
                yield part
