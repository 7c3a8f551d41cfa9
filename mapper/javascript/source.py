"""The text of a script while it is printed, and the one way that data gets into it."""

import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain, count
from typing import Any

from mapper.functions import FUNCTIONS
from mapper.primitives import data_file, functions_of, script_functions


def quoted(value: Any) -> str:
    r"""Return the JavaScript expression of a JSON value, made anew wherever it is evaluated.

    Every name and constant of a mapping goes through here, so that none can be anything but data.
    It is ASCII, and so ends no line and no comment.

    >>> print(quoted({"__proto__": ["\u2028*/", None, 1.0]}))
    {["__proto__"]: ["\u2028*/", null, 1.0]}

    Raises:
        ValueError: *value* holds NaN or an infinity.
        TypeError: *value* is no JSON value.
    """
    match value:
        case dict():
            members = (f"{_name(name)}: {quoted(member)}" for name, member in value.items())
            return f"{{{', '.join(members)}}}"
        case list() | tuple():
            return f"[{', '.join(map(quoted, value))}]"
        case str() | bool() | int() | float() | None:
            return _json(value)
        case _:
            raise TypeError(f"no JSON value: {type(value).__name__}")


_json = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode


def made(members: Iterable[tuple[str, str]]) -> str:
    """Return the expression of an object with these members: names, and printed expressions."""
    return f"{{{', '.join(f'{_name(name)}: {text}' for name, text in members)}}}"


def made_in_lines(members: Iterable[tuple[str, str]]) -> str:
    """Return what :func:`made` does in lines that are not too long."""
    return in_lines((f"{_name(name)}: {text}" for name, text in members), "{}")


def options(members: Iterable[tuple[str, str]]) -> str:
    """Return the expression of an object whose members have names of ours."""
    return f"{{{', '.join(f'{name}: {text}' for name, text in members)}}}"


def _name(name: str) -> str:
    """Return a member name in an object literal, where ``__proto__`` must be computed."""
    return f"[{quoted(name)}]" if name == "__proto__" else quoted(name)


@cache
def library() -> dict[str, str]:
    """Return the functions that scripts may use, by name: those of the ``.js`` files here."""
    functions = dict(script_functions())
    for name in ("functions", "rules"):
        functions |= functions_of(data_file(f"{name}.js"))
    return functions


def in_lines(items: Iterable[str], brackets: str = "[]") -> str:
    """Return a list or object of printed parts: in one line, or as many in each as have room."""
    parts = list(items)
    line = f"{brackets[0]}{', '.join(parts)}{brackets[1]}"
    if len(line) <= WIDTH:
        return line
    lines = [""]
    for part in parts:
        if len(lines[-1]) + len(part) + 2 > WIDTH:
            lines.append("")
        lines[-1] += f" {part}," if lines[-1] else f"  {part},"
    return "\n".join([brackets[0], *filter(None, lines), brackets[1]])


WIDTH = 98
"""How long a line of data becomes, unless a part of it is longer."""


def declarations(names: Iterable[str]) -> str:
    """Return JavaScript that declares the functions of these names and those that they call.

    It is the text of function declarations of :func:`library`, in its order, each once.
    """
    functions = library()
    wanted: set[str] = set()
    pending: list[str] = list(names)
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            pending.extend(set(_CALLED.findall(functions[name])) & functions.keys())
    return "\n\n".join(text for name, text in functions.items() if name in wanted)


_CALLED = re.compile(r"(?<![\w.])(\w+)\(")


class Script:
    """A script: functions of its own, constants, and what it uses of :func:`library`."""

    def __init__(self) -> None:
        self._used: dict[str, None] = {}
        self._taken = set(library())
        self._constants: dict[str, str] = {}
        self._functions: list[str] = []

    def use(self, name: str) -> str:
        """Return *name*, that of a function of the library, which the script then has."""
        self._used[name] = None
        return name

    def function_of(self, name: str) -> str:
        """Return the name of the library function that is a function of expressions."""
        return self.use(f"jmespath_{FUNCTIONS[name].name}")

    def data(self, hint: str, value: list[Any]) -> str:
        """Return the name of a constant that is a long list."""
        return self.constant(hint, in_lines(map(quoted, value)))

    def constant(self, hint: str, text: str) -> str:
        """Return the name of a constant with the value of the expression *text*."""
        if text not in self._constants:
            self._constants[text] = self.fresh(hint)
        return self._constants[text]

    def fresh(self, hint: str) -> str:
        """Return a name that nothing else has: *hint*, as far as it can be one, or with a number.

        *hint* begins with a word of ours, so that it is no word of the language.
        """
        hint = re.sub(r"[^A-Za-z0-9_]", "_", hint)
        numbered = (f"{hint}_{number}" for number in count(2))
        name = next(name for name in chain([hint], numbered) if name not in self._taken)
        self._taken.add(name)
        return name

    def declare(self, hint: str, parameters: str, print_body: Callable[[], Iterable[str]]) -> str:
        """Return the name of a function with these parameters and the lines of a body.

        The functions that printing its body declares stand before it.
        """
        name = self.fresh(hint)
        lines = "".join(f"  {line}\n" for line in print_body())
        self._functions.append(f"function {name}({parameters}) {{\n{lines}}}")
        return name

    def text(self, head: str, main: str) -> str:
        """Return the whole text: *head*, functions, constants, what they use, *main*."""
        constants = [f"const {name} = {text};" for text, name in self._constants.items()]
        parts = [head, *self._functions, "\n".join(constants), declarations(self._used), main]
        return "\n\n".join(part for part in parts if part) + "\n"
