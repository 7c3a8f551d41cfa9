"""The functions of JMESPath, as its specification has them."""

import json
import math
from collections.abc import Callable
from functools import reduce
from operator import add, itemgetter
from typing import Any, NoReturn

from mapper import values
from mapper.decimals import is_json_number, plain_decimal
from mapper.formats import MAX_INTEGER
from mapper.functions.function import Function, FunctionError, define, is_of, type_of

MAX_TEXT = 1_000_000
"""The longest text, in characters, that ``join`` and ``to_string`` make."""

STANDARD: dict[str, Function] = {}
"""JMESPath's functions by name."""


@define(STANDARD, "abs(value: number) -> number", ("abs(@)", -1, 1))
def _abs(value: float) -> float:
    """The absolute value."""
    return abs(value)


@define(
    STANDARD,
    "avg(numbers: array[number]) -> number|null",
    ("avg(@)", [1, 2], 1.5),
    ("avg(@)", [], None),
)
def _avg(numbers: list[float]) -> float | None:
    """The mean of the numbers, null if there are none."""
    return _in_range(lambda: _sum(numbers) / len(numbers)) if numbers else None


@define(
    STANDARD,
    "contains(subject: array|string, search: any) -> boolean",
    ("contains('abc', 'b')", None, True),
    ("contains(@, `1`)", [True, "1"], False),
    ("contains('12', `1`)", None, False),
)
def _contains(subject: list[Any] | str, search: Any) -> bool:
    """Whether one of the items is equal to what is searched, or the string contains that string."""
    if isinstance(subject, str):
        return isinstance(search, str) and search in subject
    return values.contains(subject, search)


@define(STANDARD, "ceil(value: number) -> number", ("ceil(@)", 1.2, 2))
def _ceil(value: float) -> int:
    """The least integer that is not less."""
    return math.ceil(value)


@define(
    STANDARD,
    "ends_with(subject: string, suffix: string) -> boolean",
    ("ends_with(@, 'c')", "abc", True),
)
def _ends_with(subject: str, suffix: str) -> bool:
    """Whether the string ends with the suffix."""
    return subject.endswith(suffix)


@define(STANDARD, "floor(value: number) -> number", ("floor(@)", -1.2, -2))
def _floor(value: float) -> int:
    """The greatest integer that is not greater."""
    return math.floor(value)


@define(
    STANDARD,
    "join(glue: string, strings: array[string]) -> string",
    ("join(', ', @)", ["a", "b"], "a, b"),
)
def _join(glue: str, strings: list[str]) -> str:
    """The strings with the glue between them."""
    size = len(glue) * len(strings) + sum(map(len, strings))
    return glue.join(strings) if size <= MAX_TEXT else _too_long()


@define(
    STANDARD, "keys(object: object) -> array[string]", ("keys(@)", {"b": 1, "a": 2}, ["b", "a"])
)
def _keys(object_: dict[str, Any]) -> list[str]:
    """The names of the members: those that are array indices first, then the others in order."""
    return list(values.in_order(object_))


@define(
    STANDARD,
    "length(subject: string|array|object) -> number",
    ("length(@)", "✓𝄞", 2),
    ("length(@)", {"a": 1}, 1),
)
def _length(subject: str | list[Any] | dict[str, Any]) -> int:
    """The number of characters (code points), items or members."""
    return len(subject)


@define(
    STANDARD,
    "map(expression: expression, items: array) -> array",
    ("map(&a, @)", [{"a": 1}, {}], [1, None]),
)
def _map(expression: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    """The value of the expression for each item; unlike ``[*]``, it keeps nulls."""
    return list(map(expression, items))


@define(
    STANDARD,
    "max(items: array[number]|array[string]) -> number|string|null",
    ("max(@)", [1, 3, 2], 3),
    ("max(@)", [], None),
)
def _max(items: list[Any]) -> Any:
    """The greatest item, strings by code points; null if there are none."""
    return max(items, default=None)


@define(
    STANDARD,
    "max_by(items: array, expression: expression) -> any",
    ("max_by(@, &a)", [{"a": 1}, {"a": 2}], {"a": 2}),
)
def _max_by(items: list[Any], expression: Callable[[Any], Any]) -> Any:
    """The first of the items whose expression, all numbers or all strings, is greatest."""
    return max(_with_keys(items, expression), key=itemgetter(0), default=(None, None))[1]


@define(
    STANDARD, "merge(object: object, ...) -> object", ('merge(@, `{"a": 2}`)', {"a": 1}, {"a": 2})
)
def _merge(*objects: dict[str, Any]) -> dict[str, Any]:
    """One object with the members of all; a later one replaces an earlier one."""
    return {name: member for object_ in objects for name, member in object_.items()}


@define(
    STANDARD,
    "min(items: array[number]|array[string]) -> number|string|null",
    ("min(@)", ["b", "a"], "a"),
)
def _min(items: list[Any]) -> Any:
    """The least item, strings by code points; null if there are none."""
    return min(items, default=None)


@define(
    STANDARD,
    "min_by(items: array, expression: expression) -> any",
    ("min_by(@, &a)", [{"a": 2}, {"a": 1}], {"a": 1}),
)
def _min_by(items: list[Any], expression: Callable[[Any], Any]) -> Any:
    """The first of the items whose expression, all numbers or all strings, is least."""
    return min(_with_keys(items, expression), key=itemgetter(0), default=(None, None))[1]


@define(
    STANDARD, "not_null(argument: any, ...) -> any", ("not_null(a, b)", {"a": None, "b": ""}, "")
)
def _not_null(*arguments: Any) -> Any:
    """The first argument that is not null, if any."""
    return next((argument for argument in arguments if argument is not None), None)


@define(
    STANDARD,
    "reverse(subject: string|array) -> string|array",
    ("reverse(@)", "abc", "cba"),
    ("reverse(@)", [1, 2], [2, 1]),
)
def _reverse(subject: str | list[Any]) -> str | list[Any]:
    """The characters or items in the opposite order."""
    return subject[::-1]


@define(
    STANDARD,
    "sort(items: array[number]|array[string]) -> array[number]|array[string]",
    ("sort(@)", ["b", "a", "B"], ["B", "a", "b"]),
)
def _sort(items: list[Any]) -> list[Any]:
    """The items in order, strings by code points."""
    return sorted(items)


@define(
    STANDARD,
    "sort_by(items: array, expression: expression) -> array",
    ("sort_by(@, &a)", [{"a": 2}, {"a": 1}], [{"a": 1}, {"a": 2}]),
)
def _sort_by(items: list[Any], expression: Callable[[Any], Any]) -> list[Any]:
    """The items in the order of the expression, all numbers or all strings; equals as they were."""
    return [item for _, item in sorted(_with_keys(items, expression), key=itemgetter(0))]


@define(
    STANDARD,
    "starts_with(subject: string, prefix: string) -> boolean",
    ("starts_with(@, 'a')", "abc", True),
)
def _starts_with(subject: str, prefix: str) -> bool:
    """Whether the string starts with the prefix."""
    return subject.startswith(prefix)


@define(
    STANDARD, "sum(numbers: array[number]) -> number", ("sum(@)", [1, 2.5], 3.5), ("sum(@)", [], 0)
)
def _sum(numbers: list[float]) -> float:
    """The sum, added up from left to right."""
    # Not Python's sum, which from 3.12 on corrects rounding and so differs from other engines.
    return _in_range(lambda: reduce(add, numbers, 0))


@define(
    STANDARD,
    "to_array(value: any) -> array",
    ("to_array(@)", "a", ["a"]),
    ("to_array(@)", [1], [1]),
)
def _to_array(value: Any) -> list[Any]:
    """The array itself, or an array of the value alone."""
    return value if isinstance(value, list) else [value]


@define(
    STANDARD,
    "to_number(value: any) -> number|null",
    ("to_number(@)", "-1.5e3", -1500),
    ("to_number(@)", " 12 ", None),
    ("to_number(@)", True, None),
)
def _to_number(value: Any) -> float | None:
    """The number itself, or that of a string that is a JSON number; otherwise null."""
    if isinstance(value, str) and is_json_number(value):
        number = float(value)
        if math.isinf(number):
            return None
        is_exact = value.lstrip("-").isdigit() and abs(number) <= MAX_INTEGER
        return int(value) if is_exact else number
    return value if type_of(value) == "number" else None


@define(
    STANDARD,
    "to_string(value: any) -> string",
    ("to_string(@)", "a", "a"),
    ("to_string(@)", {"ä": [1.0, None]}, '{"ä":[1,null]}'),
)
def _to_string(value: Any) -> str:
    """The string itself, or the value as compact JSON."""
    text = value if isinstance(value, str) else _json(value)
    return text if len(text) <= MAX_TEXT else _too_long()


@define(
    STANDARD, "type(value: any) -> string", ("type(@)", None, "null"), ("type(@)", 1.5, "number")
)
def _type(value: Any) -> str:
    """``number``, ``string``, ``boolean``, ``array``, ``object`` or ``null``."""
    return type_of(value)


@define(STANDARD, "values(object: object) -> array", ("values(@)", {"b": 1, "a": 2}, [1, 2]))
def _values(object_: dict[str, Any]) -> list[Any]:
    """The values of the members, in the order of ``keys``."""
    return list(values.in_order(object_).values())


# What the bodies share ----------------------------------------------------------------------------


def _in_range(calculate: Callable[[], float]) -> float:
    try:
        number = calculate()
    except OverflowError:
        number = math.inf
    if abs(number) == math.inf:
        raise FunctionError("the result is too large", "invalid-value")
    return number


def _too_long() -> NoReturn:
    raise FunctionError(f"the text has more than {MAX_TEXT} characters", "invalid-value")


def _with_keys(items: list[Any], expression: Callable[[Any], Any]) -> list[tuple[Any, Any]]:
    keys = [expression(item) for item in items]
    if not is_of(keys, "array[number]") and not is_of(keys, "array[string]"):
        found = ", ".join(sorted({type_of(key) for key in keys}))
        raise FunctionError(f"the &expression gives not only numbers or only strings, but {found}")
    return list(zip(keys, items, strict=True))


def _json(value: Any) -> str:
    """Return compact JSON, with numbers as JavaScript writes them."""
    match value:
        case bool() | int() | str() | None:
            return json.dumps(value, ensure_ascii=False)
        case float():
            return _number_text(value)
        case list():
            return f"[{','.join(map(_json, value))}]"
        case _:
            ordered = values.in_order(value)
            names, members = map(_json, ordered), list(map(_json, ordered.values()))
            return f"{{{','.join(map('{}:{}'.format, names, members))}}}"


def _number_text(number: float) -> str:
    plain = plain_decimal(number)
    if plain is not None and (number == 0 or 1e-6 <= abs(number) < 1e21):
        return plain
    digits, _, exponent = repr(number).partition("e")
    return f"{digits}e{int(exponent):+d}"
