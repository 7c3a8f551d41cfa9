"""Where schemas say what a finding is about, as labels of it."""

from collections.abc import Iterator
from itertools import chain, islice

from mapper.codes import BROKEN_INVARIANT
from mapper.diagnostics import Diagnostic, Label, Span, pointer_steps
from mapper.schema.loading import Schemas
from mapper.schema.subschema import Schema

VENDOR, COMMON = "vendor schema", "canonical schema"

Keywords = tuple[str, ...]

_DEFINITIONS = 2
"""So many definitions that a member refers to are shown."""


def place(schemas: Schemas, schema: Schema | None, side: str) -> tuple[Label, ...]:
    """Return where a schema stands; nothing of one that stands nowhere."""
    at = schemas.span(schema) if schema is not None else None
    return () if at is None else (Label(at, side),)


def places(
    schemas: Schemas,
    schema: Schema,
    side: str,
    keywords: Keywords = (),
    around: Schema | None = None,
) -> Iterator[Label]:
    """Yield where a schema stands, and where it says *keywords*; without any, what it refers to.

    What is required is said by the schema *around* it.
    """
    own = place(schemas, schema, side)
    yield from own
    for name in keywords:
        required = name == "required"
        at = schemas.said(around or schema if required else schema, name)
        if at is not None and not any(_share_a_line(at, each.span) for each in own):
            yield Label(at, "what is required" if required else f"its `{name}`")
    if not keywords:
        items = schema.items()
        defined = chain(schemas.definitions(schema), schemas.definitions(items) if items else ())
        yield from islice((Label(each, "what it refers to") for each in defined), _DEFINITIONS)


def with_schema(found: Diagnostic, schemas: Schemas, schema: Schema, side: str) -> Diagnostic:
    """Return a finding about a document that should fit *schema* with where that says so.

    Of a place that the schema does not know it is the last on the way that it knows.
    """
    if found.rule is not BROKEN_INVARIANT:
        labels = places(schemas, _reached(schema, found.pointer), side)
        return found._replace(labels=tuple(labels))
    at = found.span or schemas.said(schema, "x-invariants")
    return found._replace(labels=() if at is None else (Label(at, "the invariant"),))


def _reached(schema: Schema, place: str | None) -> Schema:
    """Return what a schema says of a *place* in a document, as far as it says anything."""
    for step in pointer_steps(place):
        inner = schema.member(step) or schema.others or schema.items()
        if inner is None:
            break
        schema = inner
    return schema


def _share_a_line(one: Span, other: Span) -> bool:
    source = one.source
    if source is not other.source:
        return False
    return source.position(one.start)[0] == source.position(other.start)[0]
