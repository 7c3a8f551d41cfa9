"""The functions that JMESPath does not have. A null argument makes their result null."""

from collections.abc import Callable
from typing import Any

from mapper import primitives
from mapper.functions.function import Function, FunctionError, Tables, define
from mapper.primitives import Refusal

EXTENSIONS: dict[str, Function] = {}
"""Our functions by name."""


@define(
    EXTENSIONS,
    "days_between(first: string, last: string) -> number",
    ("days_between('2026-01-31', '2026-03-01')", None, 29),
    ("days_between('2026-01-31', due)", {}, None),
    passes_null=True,
)
def _days_between(first: str, last: str) -> Any:
    """The days from the first date ``YYYY-MM-DD`` to the last, negative if that is earlier."""
    return _refusing(primitives.days_between, first, last)


@define(
    EXTENSIONS,
    "add_days(date: string, days: number) -> string",
    ("add_days('2026-01-31', `29`)", None, "2026-03-01"),
    passes_null=True,
)
def _add_days(date: str, days: float) -> Any:
    """The date ``YYYY-MM-DD`` that is so many whole days later."""
    return _refusing(primitives.add_days, date, days)


@define(
    EXTENSIONS, "lower(text: string) -> string", ("lower(@)", "ABC É", "abc É"), passes_null=True
)
def _lower(text: str) -> str:
    """The text with A to Z in lower case; other letters stay, so that all engines agree."""
    return primitives.lower(text)


@define(
    EXTENSIONS, "upper(text: string) -> string", ("upper(@)", "abc é", "ABC é"), passes_null=True
)
def _upper(text: str) -> str:
    """The text with a to z in upper case; other letters stay, so that all engines agree."""
    return primitives.upper(text)


@define(EXTENSIONS, "trim(text: string) -> string", ("trim(@)", " a b\n", "a b"), passes_null=True)
def _trim(text: str) -> str:
    """The text without ASCII white space at its ends."""
    return primitives.trim(text)


@define(
    EXTENSIONS,
    "split(text: string, separator: string) -> array[string]",
    ("split(@, ',')", "a,,b", ["a", "", "b"]),
    ("split(@, ',')", "", []),
    passes_null=True,
)
def _split(text: str, separator: str) -> list[str]:
    """The parts of the text between separators, which cannot be empty; of empty text, no parts."""
    if not separator:
        raise FunctionError("the separator is empty", "invalid-value")
    return primitives.split(text, separator)


@define(
    EXTENSIONS,
    "lookup(table: string, key: string) -> string|null",
    ("lookup('methods', @)", "Cash", "cash"),
    ("lookup('methods', @)", "Pebbles", None),
    passes_null=True,
    takes_tables=True,
)
def _lookup(table: str, key: str, tables: Tables) -> str | None:
    """The entry of the key in a table of the project, or null."""
    if table not in tables:
        raise FunctionError(f"there is no table {table}", "invalid-value")
    return tables[table].get(key)


def _refusing(primitive: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return primitive(*arguments)
    except Refusal as refusal:
        raise FunctionError(f"the value {refusal}") from None
