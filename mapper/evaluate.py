"""The defining semantics of expressions: what an expression gives for a JSON value."""

from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, assert_never

from mapper import expr, values
from mapper.expr import Expr, PlacedError
from mapper.functions import FUNCTIONS, Function, FunctionError, Tables, type_of
from mapper.primitives import Primitive, Refusal
from mapper.values import is_truthy

NO_TABLES: Final[Tables] = MappingProxyType({})


class EvaluationError(PlacedError):
    """An expression has no value for a document."""


def search(expression: str, data: Any) -> Any:
    """Return the value of a JMESPath expression for JSON data.

    >>> search("lines[?qty > `1`].name", {"lines": [{"name": "a", "qty": 2}, {"name": "b"}]})
    ['a']

    Raises:
        ExpressionError: *expression* is not JMESPath, or calls what is not there.
        EvaluationError: A function does not take the values that it gets.
    """
    return evaluate(_parse(expression), data)


@lru_cache(maxsize=256)
def _parse(text: str) -> Expr:
    return expr.parse(text, FUNCTIONS)


def evaluate(tree: Expr, value: Any, tables: Tables = NO_TABLES) -> Any:
    """Return the value of an expression for a JSON value; ``lookup`` looks into *tables*.

    The result may share objects and lists with *value*, which is not changed, but not with *tree*.

    Raises:
        EvaluationError: A function does not take the values that it gets.
        Refusal: A primitive does not; it is the expressions of converters that call those.
    """
    match tree:
        case expr.Current():
            return value
        case expr.Field(name):
            return value.get(name) if isinstance(value, dict) else None
        case expr.Literal(literal):
            return values.copy(literal)
        case expr.Chain(left, right):
            return evaluate(right, evaluate(left, value, tables), tables)
        case expr.Index(index):
            return _item(value, index)
        case expr.Slice(first, stop, step):
            return value[first:stop:step] if isinstance(value, list) else None
        case expr.Flatten(inner):
            return values.flatten(evaluate(inner, value, tables))
        case expr.Project(left, right, where):
            items = evaluate(left, value, tables)
            if not isinstance(items, list):
                return None
            if where is not None:
                items = [item for item in items if is_truthy(evaluate(where, item, tables))]
            return _project(items, right, tables)
        case expr.ProjectValues(left, right):
            members = evaluate(left, value, tables)
            if not isinstance(members, dict):
                return None
            return _project(values.in_order(members).values(), right, tables)
        case expr.Compare(operator, left, right):
            return _compare(operator, evaluate(left, value, tables), evaluate(right, value, tables))
        case expr.Or(left, right):
            first = evaluate(left, value, tables)
            return first if is_truthy(first) else evaluate(right, value, tables)
        case expr.And(left, right):
            first = evaluate(left, value, tables)
            return evaluate(right, value, tables) if is_truthy(first) else first
        case expr.Not(inner):
            return not is_truthy(evaluate(inner, value, tables))
        case expr.MakeList(items):
            return None if value is None else [evaluate(item, value, tables) for item in items]
        case expr.MakeObject(members):
            if value is None:
                return None
            return {name: evaluate(member, value, tables) for name, member in members}
        case expr.Call(_, operands):
            return _call(tree, [evaluate(operand, value, tables) for operand in operands], tables)
        case expr.Reference(inner):
            return lambda item: evaluate(inner, item, tables)
        case _:
            assert_never(tree)


def _item(value: Any, index: int) -> Any:
    if isinstance(value, list) and -len(value) <= index < len(value):
        return value[index]
    return None


def _project(items: Iterable[Any], right: Expr, tables: Tables) -> list[Any]:
    return [result for item in items if (result := evaluate(right, item, tables)) is not None]


def _compare(operator: str, left: Any, right: Any) -> bool | None:
    match operator:
        case "==":
            return values.equal(left, right)
        case "!=":
            return not values.equal(left, right)
        case _ if not (type_of(left) == type_of(right) == "number"):
            return None
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def _call(call: expr.Call, arguments: list[Any], tables: Tables) -> Any:
    match call.function or FUNCTIONS.get(call.name):
        case Function() as function:
            return _apply(function, call, arguments, tables)
        case Primitive() as primitive:
            return _operate(primitive, call, arguments)
        case _:
            message = f"unknown function {call.name}()"
            raise EvaluationError(message, call.start, call.end, "unknown-function")


def _operate(primitive: Primitive, call: expr.Call, arguments: list[Any]) -> Any:
    try:
        return primitive.python(*arguments)
    except Refusal as refusal:
        match call.arguments:
            case (expr.Field(name), *_) if refusal.member is None:
                raise Refusal(str(refusal), name) from None
            case _:
                raise


def _apply(function: Function, call: expr.Call, arguments: list[Any], tables: Tables) -> Any:
    if function.passes_null and None in arguments:
        return None
    for position, argument in enumerate(arguments):
        wanted = function.parameter(position)
        if not wanted.takes(argument):
            where = call.arguments[position]
            message = f"{call.name}() takes {' or '.join(wanted.types)}, not {_describe(argument)}"
            raise EvaluationError(message, where.start, where.end, "invalid-type")
    try:
        return function.body(*arguments, *([tables] * function.takes_tables))
    except FunctionError as error:
        message = f"{call.name}(): {error}"
        raise EvaluationError(message, call.start, call.end, error.kind) from None


def _describe(value: Any) -> str:
    if isinstance(value, list) and value:
        return f"array[{'|'.join(sorted({type_of(item) for item in value}))}]"
    return type_of(value)
