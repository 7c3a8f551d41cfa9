"""Diagnostics as text for people and, in other formats, for programs.

Printers only print: what they are given has been judged.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Literal

from mapper.diagnostics import Diagnostic

Format = Literal["text", "json", "github", "gitlab", "sarif", "junit"]
"""How findings are written: for people, or for the programs of that name."""
NOWHERE = "."
"""The path of a finding that is in no file, for programs that ask for one."""


def renderer(style: Format) -> Callable[[Iterable[Diagnostic]], str]:
    """Return the function that writes findings in a format; only that one is imported."""
    found: Callable[[Iterable[Diagnostic]], str]
    found = getattr(import_module(f"mapper.render.{style}"), f"render_{style}")
    return found
