"""JSON Schemas: loading them, asking about them, deriving others, and validating values."""

from mapper.schema.derive import input_schema, write_schema
from mapper.schema.subschema import Schema, Schemas
from mapper.schema.validation import validate

__all__ = ["Schema", "Schemas", "input_schema", "validate", "write_schema"]
