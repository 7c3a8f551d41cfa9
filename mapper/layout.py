"""Plain data to YAML text in the layout of our files, which :mod:`mapper.document` reads back.

What fits on a line stands on one, but sections and rules with rules in them take a line for each.
"""

import re
from collections.abc import Iterator
from typing import Any

from mapper.decimals import plain_decimal
from mapper.scalar import resolve

WIDTH = 100
"""How many characters a line has before a collection in it is laid out over several."""

_BLOCKS = frozenset({"fields", "each", "only", "slots"})
"""The keys of what is never on one line, since rules are in it."""
_PLAIN = re.compile(r"[A-Za-z_](?:[\w .()/|+<>=*%@-]*[\w.()/|+<>=*%@-])?", re.ASCII)
"""What needs no quotes wherever it stands, if it means a text."""


def yaml_text(data: dict[str, Any]) -> str:
    """Return the text of a file that says *data*, each section and its members on own lines."""
    return "".join(f"{line}\n" for name, value in data.items() for line in _section(name, value))


def _section(name: str, value: Any) -> Iterator[str]:
    start = f"{_scalar(name)}:"
    return _block(start, value) if isinstance(value, dict) and value else _entry(start, name, value)


def _entry(start: str, name: str, value: Any) -> Iterator[str]:
    """Yield the lines of a member whose first line begins with *start*."""
    line = f"{start} {_flow(value)}"
    if not value or not isinstance(value, dict | list) or _fits(name, value, line):
        yield line
    else:
        yield from _block(start, value)


def _block(start: str, value: dict[str, Any] | list[Any]) -> Iterator[str]:
    yield start
    lines = _mapping(value) if isinstance(value, dict) else _sequence(value)
    yield from (f"  {each}" for each in lines)


def _mapping(data: dict[str, Any]) -> Iterator[str]:
    for name, value in data.items():
        yield from _entry(f"{_scalar(name)}:", name, value)


def _sequence(data: list[Any]) -> Iterator[str]:
    for item in data:
        line = f"- {_flow(item)}"
        if not isinstance(item, dict) or not item or _fits("", item, line):
            yield line
            continue
        first, *others = _mapping(item)
        yield f"- {first}"
        yield from (f"  {each}" for each in others)


def _fits(name: str, value: Any, line: str) -> bool:
    return name not in _BLOCKS and not _has_rules(value) and len(line) <= WIDTH


def _has_rules(value: Any) -> bool:
    return isinstance(value, dict) and not _BLOCKS.isdisjoint(value)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_scalar(name)}: {_flow(each)}" for name, each in value.items()) + "}"
        )
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return plain_decimal(value) or repr(value)
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and resolve(text) == (text, None):
        return text
    if '"' in text and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
