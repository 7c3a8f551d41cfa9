"""Which objects a ``where`` selects, for the lists that the platform itself keeps."""

import json
import re
from decimal import Decimal
from typing import Any, assert_never

from mapper.sandbox.ceql import And, Comparison, Or, Where
from mapper.sandbox.conversions import number_text

__all__ = ["selects"]

_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:e[-+]?[0-9]{1,3})?", re.IGNORECASE)


def selects(where: Where, record: Any) -> bool:
    """Whether a ``where`` holds for a JSON object.

    As in SQL, nothing but IS NULL holds for what is absent or null. Texts that are numbers compare
    as numbers, since queries quote them.
    """
    match where:
        case And():
            return all(selects(part, record) for part in where.parts)
        case Or():
            return any(selects(part, record) for part in where.parts)
        case Comparison():
            found = _value_at(record, where.attribute)
            if where.operator == "IS NULL":
                return found is None
            return found is not None and _holds(found, where.operator, where.value)
        case _:
            assert_never(where)


def _value_at(record: Any, attribute: str) -> Any:
    """Return a member, by a name that may hold dots or by a path of names."""
    if isinstance(record, dict) and attribute in record:
        return record[attribute]
    for name in attribute.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _holds(found: Any, operator: str, value: Any) -> bool:
    if operator == "IN":
        return any(_holds(found, "=", each) for each in value)
    if operator == "LIKE":
        return _is_like(_text_of(found), _text_of(value))
    left, right = _comparable(found, value)
    match operator:
        case "=":
            return bool(left == right)
        case "!=":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case ">":
            return bool(left > right)
        case "<=":
            return bool(left <= right)
        case _:
            return bool(left >= right)


def _is_like(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern, in which ``%`` is any text; without going back."""
    first, *others = pattern.split("%")
    if not others:
        return text == pattern
    *middle, last = others
    if not text.startswith(first) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return text.endswith(last)


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    texts = _text_of(left), _text_of(right)
    if all(map(_NUMBER.fullmatch, texts)):
        return Decimal(texts[0]), Decimal(texts[1])
    return texts


def _text_of(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case str():
            return value
        case _:
            return json.dumps(value)
