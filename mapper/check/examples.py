"""Check rules about examples, beside what they are run for."""

from collections.abc import Iterator
from typing import Any

from mapper import codes
from mapper.check.subject import letters_of
from mapper.diagnostics import Diagnostic, Span, pointer, show_name
from mapper.document import Mapping, Node, nearest
from mapper.model import Example, Examples, Operation
from mapper.schema import Schema, unknown_members


def misspelt_members(examples: Examples, vendor: Schema) -> Iterator[Diagnostic]:
    """Yield the members of vendor payloads that are spelt nearly as one that the schema lists.

    Payloads that people paste have others that no schema lists, and these are fine; one that is
    refused may be wrong on purpose.
    """
    told = set[Span | None]()  # several examples can be of one payload, by aliases
    for found in _misspelt_members(examples, vendor):
        if found.span not in told:
            told.add(found.span)
            yield found


def _misspelt_members(examples: Examples, vendor: Schema) -> Iterator[Diagnostic]:
    for example in examples.cases:
        for node, payload in _payloads(example) if example.fails is None else ():
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
    listed = (each for each in around.members() if each not in given)
    meant = next((each for each in listed if _is_slip(str(name), each)), None)
    if meant is not None:
        message = f"example {example.name!r}: {around.file} does not list {show_name(str(name))}"
        at = next(each.span for each in names if each.text == name)
        hint = f"did you mean {show_name(meant)}?"
        yield Diagnostic(codes.UNKNOWN_MEMBERS, message, at, pointer(place), hint=hint)


def _is_slip(name: str, listed: str) -> bool:
    """Whether two names differ in one letter, in two that changed places, or in spelling alone.

    Those that begin otherwise or have another number are of two members: `p_city`, `s_city`.
    """
    if letters_of(name) == letters_of(listed):
        return True
    start = _alike(name, listed)
    left, right = name[start:], listed[start:]
    end = _alike(left[::-1], right[::-1])
    left, right = left[: len(left) - end], right[: len(right) - end]
    is_swapped = len(left) == 2 and left == right[::-1]
    is_single = max(len(left), len(right)) == 1 and not (left + right).isdigit()
    return start > 0 and (is_swapped or is_single)


def _alike(left: str, right: str) -> int:
    """Return with how many characters both begin."""
    differ = (at for at, (one, other) in enumerate(zip(left, right, strict=False)) if one != other)
    return next(differ, min(len(left), len(right)))
