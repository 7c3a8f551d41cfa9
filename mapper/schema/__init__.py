"""JSON Schemas: loading them, asking about them, deriving others, and validating values.

What derives and validates is imported when it is first used: running a mapping needs neither.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mapper.schema.loading import Schemas, schema_of
from mapper.schema.subschema import Schema, descend, items_of

if TYPE_CHECKING:
    from mapper.schema.derive import InputPaths, edited_schema, input_schema, write_schema
    from mapper.schema.validation import unknown_members, validate

_HOMES = {
    "InputPaths": "derive",
    "edited_schema": "derive",
    "input_schema": "derive",
    "unknown_members": "validation",
    "validate": "validation",
    "write_schema": "derive",
}

__all__ = [
    "InputPaths",
    "Schema",
    "Schemas",
    "descend",
    "edited_schema",
    "input_schema",
    "items_of",
    "schema_of",
    "unknown_members",
    "validate",
    "write_schema",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"mapper.schema.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
