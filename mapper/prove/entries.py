"""Cases as entries of an examples file, on one line, ready to paste below ``cases:``."""

import json
from typing import Any

from mapper.decimals import plain_decimal
from mapper.diagnostics import cut

MAX_ENTRY = 20_000
"""How many characters an entry may have; a longer one helps nobody."""


def entry(title: str, operation: str, given: Any, outcome: dict[str, Any]) -> str | None:
    """Return the entry of a case; *outcome* is what it gives, or as what it fails.

    None if it is too long, or holds half a character, which no file can.
    """
    case = {"example": cut(title, 100), operation: given, **outcome}
    text = f"- {_yaml(case)}"
    quoted = json.dumps(case, ensure_ascii=False)
    is_whole = not any("\ud800" <= each <= "\udfff" for each in quoted)
    return text if is_whole and len(text) <= MAX_ENTRY else None


def _yaml(value: Any) -> str:
    match value:
        case dict():
            members = (f"{_text(name)}: {_yaml(member)}" for name, member in value.items())
            return "{" + ", ".join(members) + "}"
        case list():
            return "[" + ", ".join(map(_yaml, value)) + "]"
        case str():
            return _text(value)
        case float():
            return str(plain_decimal(value))  # an exponent is read differently by YAML 1.1 and 1.2
        case _:
            return json.dumps(value)


def _text(text: str) -> str:
    """Return *text* in double quotes; what does not print is escaped as YAML and JSON both read."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(each if each.isprintable() else _escaped(each) for each in quoted)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
