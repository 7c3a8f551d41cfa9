"""What a function is, and how one is entered into a table."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mapper.records import Record

if TYPE_CHECKING:
    from mapper.expr import Kind

Tables = Mapping[str, Mapping[str, str]]
"""Look-up tables by name."""


class FunctionError(Exception):
    """A function has no result for its arguments; the text says why, in one line."""

    def __init__(self, message: str, kind: "Kind" = "invalid-type") -> None:
        super().__init__(message)
        self.kind = kind


class Example(Record):
    """An expression, the value that it is evaluated on, and what it gives."""

    expression: str
    value: Any
    result: Any


class Parameter(Record):
    """A name and the types that it takes.

    Types have JMESPath's names: ``number``, ``string``, ``boolean``, ``array``, ``object``,
    ``null``, ``expression``, ``any``; ``array[number]`` is an array of numbers only.
    """

    name: str
    types: tuple[str, ...]

    def takes(self, value: Any) -> bool:
        """Whether *value* is of one of the types."""
        return any(is_of(value, wanted) for wanted in self.types)


class Function(Record):
    """A function that expressions can call.

    Attributes:
        name: Its name.
        signature: Name, parameters, result; ``...`` stands for more of the last parameter.
        parameters: Its parameters.
        is_variadic: Whether the last parameter takes one or more arguments.
        passes_null: Whether the result is null as soon as an argument is, before types matter.
        takes_tables: Whether the body takes, after the arguments, the look-up tables.
        body: It takes arguments of the right types, an ``&expression`` as a Python function, and
            changes none of them. It raises :class:`FunctionError`.
        examples: Expressions with their results.
    """

    name: str
    signature: str
    parameters: tuple[Parameter, ...]
    is_variadic: bool
    passes_null: bool
    takes_tables: bool
    body: Callable[..., Any]
    examples: tuple[Example, ...]

    @property
    def documentation(self) -> str:
        """What it gives."""
        from inspect import getdoc  # noqa: PLC0415 - slow to import, for documentation only

        return getdoc(self.body) or ""

    @property
    def arity(self) -> tuple[int, int | None]:
        """The least number of arguments, and the greatest: the same, or None for any number."""
        return len(self.parameters), None if self.is_variadic else len(self.parameters)

    def parameter(self, position: int) -> Parameter:
        """Return the parameter that takes the argument at *position*."""
        return self.parameters[min(position, len(self.parameters) - 1)]

    def takes_reference(self, position: int) -> bool:
        """Whether the argument at *position* is an ``&expression``."""
        return self.parameter(position).types == ("expression",)


def type_of(value: Any) -> str:
    """Return JMESPath's name for the type of a value; a Python function is an ``expression``."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "expression"


def is_of(value: Any, wanted: str) -> bool:
    """Whether a value is of a type, which is named as :class:`Parameter` has it."""
    outer, bracket, inner = wanted.removesuffix("]").partition("[")
    if bracket and isinstance(value, list):
        return all(type_of(item) == inner for item in value)
    return (outer == "any" and not callable(value)) or (outer == type_of(value) and not bracket)


def define(
    table: dict[str, Function],
    signature: str,
    *examples: tuple[str, Any, Any],
    passes_null: bool = False,
    takes_tables: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that enters a body into a table."""

    def enter(body: Callable[..., Any]) -> Callable[..., Any]:
        name, _, rest = signature.partition("(")
        listed, _, _ = rest.partition(") -> ")
        parameters = listed.removesuffix(", ...")
        pairs = (parameter.split(": ") for parameter in parameters.split(", "))
        table[name] = Function(
            name,
            signature,
            tuple(Parameter(each, tuple(types.split("|"))) for each, types in pairs),
            parameters != listed,
            passes_null,
            takes_tables,
            body,
            tuple(Example(*example) for example in examples),
        )
        return body

    return enter
