"""The law classes of mappings as a table for people."""

from collections.abc import Mapping
from typing import Any


def render_matrix(certificate: Mapping[str, Any]) -> str:
    """Return a line a mapping with how many rules it has of each class."""
    classes = list(certificate["classes"])
    mappings = certificate["mappings"]
    first = max((len(name) for name in mappings), default=0)
    head = [" " * first, *classes]
    rows = [
        [name, *(str(found["counts"][law] or "-") for law in classes)]
        for name, found in mappings.items()
    ]
    lines = [head, *rows]
    return "".join(f"{_line(line, first)}\n" for line in lines) if rows else ""


def _line(cells: list[str], first: int) -> str:
    name, *others = cells
    return f"{name:<{first}}" + "".join(f"{cell:>8}" for cell in others)
