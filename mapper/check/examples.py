"""Check rules about examples, beside what they are run for."""

from collections.abc import Iterator
from typing import Any

from mapper import codes
from mapper.diagnostics import Diagnostic, did_you_mean, pointer, show_name
from mapper.document import Mapping, Node, nearest
from mapper.model import Example, Examples, Operation
from mapper.schema import Schema, unknown_members

_LIKE = 0.7
"""How much of a name another has to have for one of the two to be a slip; payloads that people
paste have members that no schema lists, and these are fine."""


def misspelt_members(examples: Examples, vendor: Schema) -> Iterator[Diagnostic]:
    """Yield the members of vendor payloads that are spelt nearly as one that the schema lists."""
    for example in examples.cases:
        for node, payload in _payloads(example):
            for place, around in unknown_members(vendor, payload):
                yield from _misspelt(example, nearest(node, pointer(place[:-1])), place, around)


def _payloads(example: Example) -> Iterator[tuple[Node, Any]]:
    """Yield what an example says the vendor has: how the file says it, and the payload."""
    if example.operation is Operation.FROM_VENDOR:
        yield example.input, example.given
    elif example.is_edit:
        yield nearest(example.input, "/base"), example.given["base"]


def _misspelt(
    example: Example, holder: Node, place: tuple[str | int, ...], around: Schema
) -> Iterator[Diagnostic]:
    names = [entry.key for entry in holder.entries] if isinstance(holder, Mapping) else []
    name, given = place[-1], {each.text for each in names}
    hint = did_you_mean(str(name), (it for it in around.members() if it not in given), _LIKE)
    if hint is not None:
        message = f"example {example.name!r}: {around.file} does not list {show_name(str(name))}"
        at = next(each.span for each in names if each.text == name)
        yield Diagnostic(codes.UNKNOWN_MEMBERS, message, at, pointer(place), hint=hint)
