"""jmespath.py with the known differences of evaluation put right, each on its own.

What remains must be equal to ours. The cases in ``cases/jmespath/divergences.yaml`` show that each
difference is there; those of parsing are kept out of the generated expressions instead.
"""

import json
import math
from functools import reduce
from operator import add

import jmespath
from jmespath import exceptions, functions
from jmespath.visitor import Options, TreeInterpreter

from mapper.functions import type_of
from mapper.values import contains, equal

ERRORS = {
    exceptions.JMESPathTypeError: "invalid-type",
    exceptions.ArityError: "invalid-arity",
    exceptions.VariadictArityError: "invalid-arity",
    exceptions.UnknownFunctionError: "unknown-function",
}


def outcome(expression, value):
    """Return ("gives", canonical JSON) or ("refuses", kind)."""
    tree = jmespath.compile(expression).parsed
    try:
        result = _Interpreter(Options(custom_functions=_Functions())).visit(tree, value)
    except tuple(ERRORS) as error:
        return "refuses", ERRORS[type(error)]
    return "gives", json.dumps(result, allow_nan=False)


class _Interpreter(TreeInterpreter):
    def visit_comparator(self, node, value):
        left, right = (self.visit(child, value) for child in node["children"])
        if node["value"] in ("eq", "ne"):
            return equal(left, right) == (node["value"] == "eq")
        if not type_of(left) == type_of(right) == "number":
            return None
        return self.COMPARATOR_FUNC[node["value"]](left, right)


def _refuse(name, value, wanted):
    raise exceptions.JMESPathTypeError(name, value, type_of(value), wanted)


class _Functions(functions.Functions):
    @functions.signature({"types": ["array", "string"]}, {"types": []})
    def _func_contains(self, subject, search):
        if isinstance(subject, str):
            return isinstance(search, str) and search in subject
        return contains(subject, search)

    @functions.signature({"types": ["object"], "variadic": True})
    def _func_merge(self, *objects):
        for value in objects:
            if not isinstance(value, dict):
                _refuse("merge", value, ["object"])
        return super()._func_merge(*objects)

    @functions.signature({"types": ["array-number"]})
    def _func_sum(self, numbers):  # Python's sum corrects rounding from 3.12 on
        return reduce(add, numbers, 0)

    @functions.signature({"types": ["array-number"]})
    def _func_avg(self, numbers):
        return reduce(add, numbers, 0) / len(numbers) if numbers else None

    @functions.signature({"types": []})
    def _func_to_string(self, value):
        if isinstance(value, str):
            return value
        return json.dumps(_integral(value), ensure_ascii=False, separators=(",", ":"))

    @functions.signature({"types": []})
    def _func_to_number(self, value):
        if not isinstance(value, str):
            return super()._func_to_number(value)
        try:
            number = (
                json.loads(value, parse_constant=lambda _: None) if value.strip() == value else None
            )
        except ValueError:
            return None
        is_number = type_of(number) == "number" and not math.isinf(number)
        return number if is_number else None

    @functions.signature({"types": ["array"]}, {"types": ["expref"]})
    def _func_max_by(self, items, expression):
        return super()._func_max_by(self._alike("max_by", items, expression), expression)

    @functions.signature({"types": ["array"]}, {"types": ["expref"]})
    def _func_min_by(self, items, expression):
        return super()._func_min_by(self._alike("min_by", items, expression), expression)

    def _alike(self, name, items, expression):
        keys = [expression.visit(expression.expression, item) for item in items]
        if len({type_of(key) for key in keys}) > 1:
            _refuse(name, keys, ["number", "string"])
        return items


def _integral(value):
    """Return a value with 2 instead of 2.0."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_integral(item) for item in value]
        case dict():
            return {name: _integral(member) for name, member in value.items()}
    return value
