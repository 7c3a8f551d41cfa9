"""The law classes of mappings as a table for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from mapper.render.text import escape

_Row = tuple[str, Mapping[str, int], str]


def render_matrix(certificate: Mapping[str, Any]) -> str:
    """Return a line a mapping with how many rules it has of each class.

    Below an overlay a line says it for what it extends, and one for each level that sets rules,
    and which they are.
    """
    classes = list(certificate["classes"])
    rows = [
        (escape(head), counts, escape(rest))
        for name, found in certificate["mappings"].items()
        for head, counts, rest in _rows(name, found)
    ]
    first = max((len(name) for name, _, _ in rows), default=0)
    lines = [_line("", classes, "", first)]
    for name, counts, rest in rows:
        lines.append(_line(name, [str(counts[law] or "-") for law in classes], rest, first))
    return "".join(f"{line}\n" for line in lines) if rows else ""


def _rows(name: str, found: Mapping[str, Any]) -> Iterator[_Row]:
    yield name, found["counts"], ""
    for layer in found.get("layers", ()):
        sets = [f"+ {path}" for path in layer["adds"]] + [f"~ {path}" for path in layer["replaces"]]
        yield f"  {layer['level'] or layer['name']}", layer["counts"], ", ".join(sets)


def _line(name: str, cells: list[str], rest: str, first: int) -> str:
    line = f"{name:<{first}}" + "".join(f"{cell:>8}" for cell in cells)
    return f"{line}  {rest}" if rest else line
