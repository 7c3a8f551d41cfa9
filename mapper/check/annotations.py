"""Check rules about what the annotations of a vendor's schema name."""

from collections.abc import Iterator

from mapper import codes
from mapper.check.members import unknown
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic
from mapper.expr import mentions, parse
from mapper.functions import FUNCTIONS
from mapper.model import Path, show_path
from mapper.schema import Schema


def misnamed_in_annotations(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members that expressions in the vendor's schema name and that it does not have."""
    schemas, vendor = subject.schemas, subject.vendor
    said = [
        (keyword, text, schemas.said(vendor, keyword, code))
        for keyword in ("x-invariants", "x-write-invariants")
        for code, text in vendor.annotation(keyword, {}).items()
    ]
    for member in _below(vendor):
        text = member.annotation("x-computed")
        if text is not None:
            said.append(("x-computed", text, schemas.said(member, "x-computed")))
    for keyword, text, at in said:
        for steps in mentions(parse(text, FUNCTIONS)):
            for each in unknown(codes.BAD_SCHEMA, Path(steps, subject.mapping.span), vendor):
                message = f"{keyword} names {show_path(steps)}, which is not a member"
                yield each._replace(message=message, span=at)


def _below(schema: Schema) -> Iterator[Schema]:
    """Yield the members of *schema*, and those in them."""
    for member in schema.members().values():
        yield member
        yield from _below(member.items() or member)
