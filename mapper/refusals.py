"""What a request sends so that the vendor refuses it: a script has no other way to refuse one."""

from collections.abc import Iterator
from typing import Any

from mapper import codes
from mapper.diagnostics import Diagnostic, show_name, show_value
from mapper.lower import LoweredMapping
from mapper.model import Mapping
from mapper.schema import schema_of, validate, write_schema


def refused_body(mapping: LoweredMapping) -> dict[str, Any]:
    """Return what a request sends beside the error: what the vendor refuses, if that is known.

    Without it the vendor would pass over the error, change nothing, and the platform would tell
    its caller that all went well.
    """
    refused = mapping.vendor.annotation("x-refuse-body")
    return {} if refused is None else {refused["member"]: refused["value"]}


def taken_refusals(mapping: Mapping, lowered: LoweredMapping) -> Iterator[Diagnostic]:
    """Yield that what a request is to be refused by would be written."""
    refused = refused_body(lowered)
    if not refused:
        return
    [(name, value)] = refused.items()
    written = write_schema(lowered.vendor, "update")
    # A member that is refused by itself needs no look at the whole, which takes longer.
    alone = written.get("properties", {}).get(name, {})
    if validate(schema_of(alone), value) or validate(schema_of(written), refused):
        return
    message = f"the vendor's schema lets {show_name(name)} be written as {show_value(value)}"
    yield Diagnostic(codes.TAKEN_REFUSAL, message, mapping.vendor.schema.span)
