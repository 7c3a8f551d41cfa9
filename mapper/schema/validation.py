"""Values held against schemas. The only home of ``jsonschema``.

It is imported when the first value is validated. Nothing here ever follows a ``$ref``: schemas come
without.
"""

import math
from collections.abc import Callable, Iterator
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from mapper.codes import SCHEMA_VIOLATION, TOO_DEEP
from mapper.diagnostics import Diagnostic, PointerSteps, Rule, pointer, show_value
from mapper.files import MAX_DEPTH, MAX_FINDINGS
from mapper.formats import FORMATS, MAX_INTEGER, Format
from mapper.schema.patterns import matches
from mapper.schema.subschema import Schema
from mapper.schema.violations import label, word
from mapper.values import identity

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator


def validate(schema: Schema, value: Any, *, rule: Rule = SCHEMA_VIOLATION) -> list[Diagnostic]:
    """Return what keeps *value* from fitting *schema*, by pointer; raises nothing.

    All of it, up to :data:`mapper.files.MAX_FINDINGS`.

    A *value* that is no JSON (NaN, a member name that is no text …), or that nests deeper than
    :data:`mapper.files.MAX_DEPTH` (M510), gives these findings alone.
    """
    found = list(_strangers(value, rule))
    if not found:
        errors = _validator(schema).iter_errors(value)
        found = [
            Diagnostic(rule, message, pointer=pointer(steps), value=show_value(culprit), hint=hint)
            for steps, message, culprit, hint in sorted(
                word(errors), key=lambda violation: [_order(step) for step in violation[0]]
            )
        ]
    return list(dict.fromkeys(found))[:MAX_FINDINGS]


def _order(step: str | int) -> tuple[int, str]:
    return (step, "") if isinstance(step, int) else (-1, step)


def _strangers(value: Any, rule: Rule) -> Iterator[Diagnostic]:
    """Yield what in *value* is no JSON, or more than the validator can hold."""
    waiting: list[tuple[PointerSteps, Any]] = [((), value)]
    while waiting:
        steps, inner = waiting.pop()
        match inner:
            case dict() | list() if len(steps) >= MAX_DEPTH:
                message = f"nested deeper than {MAX_DEPTH} levels"
                yield Diagnostic(TOO_DEEP, message, pointer=pointer(steps))
            case dict() if all(isinstance(name, str) for name in inner):
                waiting.extend(((*steps, name), child) for name, child in inner.items())
            case list():
                waiting.extend(((*steps, index), child) for index, child in enumerate(inner))
            case None | bool() | str():
                pass
            case int() if inner.bit_length() <= 1024:  # what a double can come near
                pass
            case float() if math.isfinite(inner):
                pass
            case _:
                message = f"{label(steps)} is no JSON value"
                yield Diagnostic(rule, message, pointer=pointer(steps))


def unknown_members(
    schema: Schema, value: Any, at: PointerSteps = ()
) -> Iterator[tuple[PointerSteps, Schema]]:
    """Yield the outermost places in *value* whose members *schema* does not list.

    With each goes the schema of the object that has the member. An object about which the schema
    says nothing has no unknown members.
    """
    if isinstance(value, dict) and schema.members():
        for name, member in value.items():
            inner = schema.member(name) or schema.others
            if inner is None:
                yield (*at, name), schema
            else:
                yield from unknown_members(inner, member, (*at, name))
    items = schema.items()
    if isinstance(value, list) and items is not None:
        for index, item in enumerate(value):
            yield from unknown_members(items, item, (*at, index))


# The validator ----------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _validator(schema: Schema) -> "Validator":
    import referencing  # noqa: PLC0415 - beside jsonschema

    registry: referencing.Registry[Any] = referencing.Registry()  # empty: fetches nothing
    validator: Validator = _validator_class()(
        schema.raw, registry=registry, format_checker=_format_checker()
    )
    return validator


@cache
def _validator_class() -> Any:
    """Return the validator of draft 2020-12, made to agree with JavaScript and to stay bounded."""
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415 - slow to import

    def is_number(_: Any, value: Any) -> bool:
        match value:
            case bool():
                return False
            case int():
                return abs(value) <= MAX_INTEGER
            case _:
                return isinstance(value, float)

    def is_integer(checker: Any, value: Any) -> bool:
        return is_number(checker, value) and value == int(value) and abs(value) <= MAX_INTEGER

    types = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": is_number, "integer": is_integer}
    )
    keywords = {
        "pattern": _check_pattern,
        "uniqueItems": _check_unique,
        "propertyNames": _check_names,
    }
    extend: Callable[..., Any] = validators.extend  # untyped in its stubs
    return extend(Draft202012Validator, keywords, type_checker=types)


def _is_of(known: Format, value: Any) -> bool:
    if isinstance(value, str):
        return known.holds(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return not is_number or known.holds_number(value)


@cache
def _format_checker() -> Any:
    from jsonschema import FormatChecker  # noqa: PLC0415 - slow to import

    checker = FormatChecker(())
    for known in FORMATS.values():
        checker.checks(known.name)(partial(_is_of, known))
    return checker


def _violation() -> "ValidationError":
    from jsonschema import ValidationError  # noqa: PLC0415 - slow to import

    return ValidationError("")


def _check_pattern(
    _: "Validator", pattern: str, value: Any, __: dict[str, Any]
) -> "Iterator[ValidationError]":
    if isinstance(value, str) and not matches(pattern, value):
        yield _violation()


def _check_unique(
    _: "Validator", unique: Any, value: Any, __: dict[str, Any]
) -> "Iterator[ValidationError]":
    if unique and isinstance(value, list) and len(set(map(identity, value))) < len(value):
        yield _violation()


def _check_names(
    validator: "Validator", names: dict[str, Any], value: Any, _: dict[str, Any]
) -> "Iterator[ValidationError]":
    if isinstance(value, dict) and not all(
        validator.evolve(schema=names).is_valid(name) for name in value
    ):
        yield _violation()
