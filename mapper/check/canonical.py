"""Check rules about canonical schemas: that they keep everywhere to what they say elsewhere."""

from collections.abc import Iterable, Iterator

from mapper import codes
from mapper.diagnostics import Diagnostic, Span
from mapper.model import show_path
from mapper.schema import Schema, Schemas
from mapper.values import Steps


def left_open(schema: Schema, schemas: Schemas) -> Iterator[Diagnostic]:
    """Yield the objects that a canonical schema leaves open, if it closes others."""
    objects = [(steps, each) for steps, each in _parts(schema, _OF_MEMBERS) if each.members()]
    if not any(_is_closed(each) for _, each in objects):
        return
    found = [(steps, each) for steps, each in objects if not _is_closed(each)]
    for steps, place in _once(found, schemas):
        path = show_path(steps) or "the whole"
        message = f"{path} takes members that the schema does not name; other objects do not"
        hint = "close it: `additionalProperties: false`"
        yield Diagnostic(codes.LEFT_OPEN, message, place, hint=hint)


def _is_closed(schema: Schema) -> bool:
    """Whether a schema closes its objects, or all branches beside its members do."""
    branches = [each for each in schema.branches if "object" in each.kinds]
    return schema.closed or (bool(branches) and all(map(_is_closed, branches)))


def untold_texts(schema: Schema, schemas: Schemas) -> Iterator[Diagnostic]:
    """Yield the texts of which a canonical schema tells nothing, if it says "text" of others."""
    texts = [(steps, each) for steps, each in _parts(schema, _OF_TEXTS) if each.kinds == {"string"}]
    if not any(each.format == "text" for _, each in texts):
        return
    found = [(steps, each) for steps, each in texts if not _OF_TEXTS & each.annotations.keys()]
    for steps, place in _once(found, schemas):
        message = f"{show_path(steps)} may be any text, and nothing says that this is meant"
        hint = "give it a `format` or a `pattern`; `format: text` if any text is meant"
        yield Diagnostic(codes.LEFT_OPEN, message, place, hint=hint)


_OF_MEMBERS = frozenset(("properties", "additionalProperties"))
_OF_TEXTS = frozenset(("format", "pattern", "enum", "const"))
"""The keywords that say which members an object has, and which texts there are."""


def _parts(schema: Schema, saying: frozenset[str]) -> Iterator[tuple[Steps, Schema]]:
    """Yield what stands below a schema, of unions that say none of *saying* their branches."""
    for steps, each in _placed(schema, ()):
        yield from ((steps, part) for part in _spread(each, saying))


def _spread(schema: Schema, saying: frozenset[str]) -> Iterator[Schema]:
    if schema.branches and not saying & schema.raw.keys():
        for branch in schema.branches:
            yield from _spread(branch, saying)
    else:
        yield schema


def _once(
    found: Iterable[tuple[Steps, Schema]], schemas: Schemas
) -> Iterator[tuple[Steps, Span | None]]:
    """Yield the places where schemas are defined, each once, with the first path that has it."""
    told: set[Span | None] = set()
    for steps, each in found:
        place = [schemas.span(each), *schemas.definitions(each)][-1]
        if place not in told:
            told.add(place)
            yield steps, place


def _placed(schema: Schema, at: Steps) -> Iterator[tuple[Steps, Schema]]:
    """Yield all schemas below one, each with the member names that lead there."""
    yield at, schema
    items = schema.items()
    if items is not None:
        yield from _placed(items, at)
    for name, member in schema.members().items():
        yield from _placed(member, (*at, name))
