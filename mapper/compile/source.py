"""The text of a Python module while it is printed, and the one way that data gets into it."""

from collections.abc import Callable
from math import isfinite
from typing import Any


class Unprintable(Exception):  # noqa: N818 - no error: the interpreter runs instead
    """A mapping has something so rare that there is no printed form of it."""


def quoted(value: Any) -> str:
    """Return the Python expression of a JSON value, made anew wherever it is evaluated.

    Every name and constant of a mapping goes through here, so that none can be anything but data.

    Raises:
        TypeError: *value* is no JSON value.
    """
    kind = type(value)
    if value is None or kind in (str, bool, int) or (kind is float and isfinite(value)):
        return ascii(value)
    if kind in (list, tuple):
        items = ", ".join(map(quoted, value))
        return f"[{items}]" if kind is list else f"({items}{',' * (len(value) == 1)})"
    if kind is dict:
        members = ", ".join(f"{quoted(name)}: {quoted(each)}" for name, each in value.items())
        return f"{{{members}}}"
    raise TypeError(f"no JSON value: {kind.__name__}")


def remark(steps: tuple[str, ...]) -> str:
    """Return a path as a comment names it; odd names in it are quoted as Python text."""
    names = (step if step.isascii() and step.isidentifier() else ascii(step) for step in steps)
    return ".".join(names)


def _parameters(header: str) -> list[str]:
    """Return the parameters of the function that begins with *header*."""
    return header.rpartition("(")[2].rstrip("):").split(", ")


class Body:
    """The lines of a function, and the names that it uses."""

    def __init__(self, header: str) -> None:
        self.lines = [header]
        self._depth = 1
        self._used = dict.fromkeys(_parameters(header), 1)

    def line(self, text: str) -> None:
        """Add a line of code, which holds nothing of a mapping but what :func:`quoted` gave."""
        self.lines.append("    " * self._depth + text if text else "")

    def block(self, header: str) -> "_Block":
        """Put the lines that are added meanwhile below *header*."""
        self.enter(header)
        return _Block(self)

    def enter(self, header: str) -> None:
        """Put the lines that follow below *header*, up to :meth:`leave`."""
        self.line(header)
        self._depth += 1

    def leave(self, blocks: int = 1) -> None:
        """Leave the innermost *blocks*."""
        self._depth -= blocks

    def fresh(self, hint: str) -> str:
        """Return a name that the function does not use yet: *hint*, or *hint* with a number."""
        count = self._used[hint] = self._used.get(hint, 0) + 1
        return hint if count == 1 else f"{hint}_{count}"

    def rule(self, *paths: tuple[str, ...]) -> "_Rule":
        """Set apart the lines of the rule of *paths*, after which its names are free again."""
        self.line("")
        self.line(f"# {', '.join(map(remark, paths))}")
        return _Rule(self._used)


class _Block:
    """The lines below a header, of which there is at least one; much quicker than a generator."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._before = len(body.lines)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        if len(self._body.lines) == self._before:
            self._body.line("pass")
        self._body.leave()


class _Rule:
    """The lines of a rule, whose names are not in use behind it."""

    def __init__(self, used: dict[str, int]) -> None:
        self._used = used
        self._before = dict(used)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._used.clear()
        self._used.update(self._before)


class Module:
    """A module: what it imports from the run time, its constants, its functions."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._imports: set[str] = set()
        self._constants: dict[str, str] = {}
        self._functions: list[list[str]] = []
        self._shared: dict[tuple[str, Any], tuple[str, Any]] = {}
        self._used: dict[str, int] = {}

    def use(self, name: str) -> str:
        """Return *name*, a name of the run time."""
        self._imports.add(name)
        return name

    def constant(self, hint: str, expression: str) -> str:
        """Return the name of a constant with the value of *expression*, which is made once."""
        if expression not in self._constants:
            self._constants[expression] = self.fresh(hint)
        return self._constants[expression]

    def fresh(self, hint: str) -> str:
        """Return a module-level name that starts with *hint* and has a number."""
        count = self._used[hint] = self._used.get(hint, 0) + 1
        return f"{hint}_{count}"

    def shared(self, hint: str, about: Any, make: Callable[[str], Body]) -> str:
        """Return the name of the function that *make* prints for a name, once for each *about*.

        A text stands for itself, another object for this very object.
        """
        key = (hint, about if isinstance(about, str) else id(about))
        if key not in self._shared:
            name = self.fresh(hint)
            self._shared[key] = name, about  # which lives on, so that no other gets its id
            self.add(make(name))
        return self._shared[key][0]

    def add(self, body: Body) -> None:
        """Add a finished function, after those that it calls."""
        self._functions.append(body.lines)

    def define(self, hint: str, expression: str) -> str:
        """Return the name of a value that is made after the functions that are printed so far."""
        name = self.fresh(hint)
        self._functions.append([f"{name} = {expression}"])
        return name

    def text(self) -> str:
        """Return the source of the module."""
        names = [f"    {name}," for name in sorted(self._imports)]
        imports = ["from mapper.compile.runtime import (", *names, ")"] if names else []
        constants = [f"{name} = {expression}" for expression, name in self._constants.items()]
        heading = [f"# {self._title!a}", _HEADING]
        parts = [heading, imports, constants, *self._functions]
        return "\n\n\n".join("\n".join(part) for part in parts if part) + "\n"


_HEADING = '''\
"""A mapping as Python, printed by mapper: changes here are lost.

Raising refuses nothing: the document then goes to the interpreter, which answers it or says what is
wrong. A comment names the common member that the lines below it read or write.
"""'''
