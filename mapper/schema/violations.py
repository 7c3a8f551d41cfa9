"""What breaks a schema, in words: one terse message for each keyword that is broken."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from mapper.diagnostics import PointerSteps, counted, did_you_mean, show_name, show_value
from mapper.formats import FORMATS, MAX_INTEGER

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError  # noqa: TID251 - for type checkers only

Violation: TypeAlias = tuple[PointerSteps, str, Any, str | None]
"""The place in the document, the message, the offending value, a hint of its own."""

_NOUNS = {
    "null": "null",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "string": "a text",
    "array": "a list",
    "object": "an object",
}
_SHOWN_VALUES = 8


def word(errors: "Iterable[ValidationError]") -> Iterator[Violation]:
    """Yield what *errors*, found by a validator of draft 2020-12, say."""
    for error in errors:
        steps: PointerSteps = tuple(error.absolute_path)
        match error.validator:
            case "anyOf" | "oneOf" if error.context:
                yield from _word_union(error, steps)
            case "additionalProperties":
                schema: Any = error.schema
                value: Any = error.instance
                known = schema.get("properties", {})
                for name in value.keys() - known.keys():
                    message = f"{label(steps)} has no member {show_name(name)}"
                    yield (*steps, name), message, value[name], did_you_mean(name, known)
            case keyword:
                says = _broken(str(keyword), error.validator_value, error.instance)
                yield steps, f"{label(steps)} {says}", error.instance, None


def label(steps: PointerSteps) -> str:
    """Return the short name of the place *steps*: its member, with the indexes after it."""
    indexes = ""
    for step in reversed(steps):
        if isinstance(step, str):
            return show_name(step) + indexes
        indexes = f"[{step}]{indexes}"
    return f"item {indexes}" if indexes else "the document"


def _word_union(error: "ValidationError", steps: PointerSteps) -> Iterator[Violation]:
    """Word the one branch that the value is of the type for, or say that it is of none."""
    forms = [
        list(form) for _, form in groupby(error.context, lambda it: it.relative_schema_path[0])
    ]
    near = [form for form in forms if not any(map(_is_other_type, form))]
    if len(near) == 1:
        yield from word(near[0])
        return
    if near:
        says = f"fits none of the {len(near)} forms that it can have"
    else:
        types = [it.validator_value for form in forms for it in form if _is_other_type(it)]
        says = _broken("type", types, error.instance)
    yield steps, f"{label(steps)} {says}", error.instance, None


def _is_other_type(error: "ValidationError") -> bool:
    return error.validator == "type" and not error.relative_path


def _broken(keyword: str, limit: Any, value: Any) -> str:
    """Return what *value* does to break *keyword*, as the end of a sentence."""
    match keyword:
        case "type":
            if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_INTEGER:
                return "is beyond 2^53-1, the largest integer that JavaScript holds"
            return f"is not {_either(_type_names(limit))}"
        case "enum":
            values = [show_value(each) for each in limit[:_SHOWN_VALUES]]
            return f"is none of {', '.join(values)}{', …' if len(limit) > len(values) else ''}"
        case "const":
            return f"is not {show_value(limit)}"
        case "required":
            return f"lacks {', '.join(show_name(name) for name in limit if name not in value)}"
        case "dependentRequired":
            name, needed = next(
                (name, other)
                for name, others in limit.items()
                for other in others
                if name in value and other not in value
            )
            return f"has {show_name(name)} but lacks {show_name(needed)}"
        case "format":
            return f"is not {FORMATS[limit].noun}"
        case "pattern":
            return f"does not match {limit}"
        case "propertyNames":
            return "has a member whose name is not allowed"
        case "not":
            return "is of the form that it must not have"
        case "oneOf":
            return "fits more than one of the forms that it can have"
        case "uniqueItems":
            return "lists something twice"
        case _:
            comparison, unit = _COMPARISONS[keyword]
            return f"{comparison} {counted(limit, unit) if unit else limit}"


_COMPARISONS = {
    "minimum": ("is less than", None),
    "maximum": ("is more than", None),
    "exclusiveMinimum": ("is not more than", None),
    "exclusiveMaximum": ("is not less than", None),
    "minLength": ("is shorter than", "character"),
    "maxLength": ("is longer than", "character"),
    "minItems": ("has fewer than", "item"),
    "maxItems": ("has more than", "item"),
}
"""By keyword, what breaks it, and what its limit counts."""


def _type_names(limit: Any) -> Iterator[str]:
    """Yield the type names in *limit*, one or a list of ones."""
    if isinstance(limit, str):
        yield limit
    else:
        for inner in limit:
            yield from _type_names(inner)


def _either(types: Iterable[str]) -> str:
    nouns = [_NOUNS[name] for name in dict.fromkeys(types)]
    return " or ".join([", ".join(nouns[:-1]), nouns[-1]] if nouns[1:] else nouns)
