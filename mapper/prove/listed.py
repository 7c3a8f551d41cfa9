"""The values of a rule that something lists: a schema, or ``values``."""

from collections.abc import Iterable
from typing import Any

from mapper.evaluate import EvaluationError, evaluate
from mapper.lower import Leaf
from mapper.model import ConverterUse
from mapper.primitives import Refusal
from mapper.schema import Schema
from mapper.values import ABSENT, contains


def table_of(rule: Leaf) -> dict[Any, list[Any]] | None:
    """Return the vendor's spellings by common value, if that is how *rule* converts."""
    match rule.rule.convert:
        case (ConverterUse(name="values", parameters=dict(table)),):
            return table
        case _:
            return None


def read_values(rule: Leaf, member: Schema | None) -> list[Any]:
    """Return the vendor's values that the rule tells apart; *member* is their schema."""
    table = table_of(rule)
    spelled = _listed(member) if table is None else (each for of in table.values() for each in of)
    return [each for each in spelled if each is not None and not contains(rule.unset.read, each)]


def common_values(rule: Leaf, member: Schema | None) -> list[Any]:
    """Return the common values that the rule tells apart; *member* is their schema."""
    table = table_of(rule)
    listed = _listed(member) if table is None else (each for each, of in table.items() if of)
    return [value for value in listed if value is not None and _written(rule, value) is not ABSENT]


def is_taken(rule: Leaf, value: Any) -> bool:
    """Whether the vendor takes what a common *value* is written as."""
    return rule.values is None or contains(rule.values, _written(rule, value))


def _written(rule: Leaf, value: Any) -> Any:
    """Return what a common value is written as, ABSENT if it is not, or reads as no value."""
    try:
        written = value if rule.put is None else evaluate(rule.put, value)
    except (EvaluationError, Refusal):
        return ABSENT
    return ABSENT if contains(rule.unset.read, written) else written


def _listed(member: Schema | None) -> Iterable[Any]:
    """Return the values that a schema lists; true and false are a list, too."""
    if member is None:
        return ()
    booleans = (False, True) if "boolean" in member.kinds <= {"boolean", "null"} else ()
    return member.enum or booleans
