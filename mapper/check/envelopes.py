"""Check rules about how answers are wrapped, of one mapping and of all of an element together."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple

from mapper import codes
from mapper.check.subject import by_element
from mapper.diagnostics import Diagnostic, show_name
from mapper.document import Mapping as Section, Node, Sequence
from mapper.model import Access, Envelope, ErrorEnvelope, Mapping, show_path
from mapper.project import Project
from mapper.schema import Schema, descend, items_of

_CODES = frozenset(("string", "number", "integer"))
"""What the code of an error is."""


def mistaken_payloads(project: Project, mapping: Mapping, vendor: Schema) -> Iterator[Diagnostic]:
    """Yield the shapes of error answers that payloads of the vendor fit."""
    if mapping.layers:  # the envelope is that of what is extended
        return
    shapes = mapping.vendor.envelope.errors
    for shape, node in zip(shapes, _shapes(_part(project, mapping, "errors")), strict=False):
        if any(_has_code(each, shape) for each in _errors(vendor, shape)):
            path = show_path((*shape.path, *shape.code))
            message = (
                f"bare payloads may have {path}, and are then taken for an error of the vendor"
            )
            code = node.get("code") if isinstance(node, Section) else None
            yield Diagnostic(codes.MISTAKEN_PAYLOAD, message, (code or node).span)


def _shapes(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.items if isinstance(node, Sequence) else (node,)


def _errors(vendor: Schema, shape: ErrorEnvelope) -> list[Schema]:
    """Return what stands in payloads where *shape* has its errors."""
    found = descend(vendor, shape.path)
    return [each for each in (found, items_of(found)) if each is not None]


def _has_code(error: Schema, shape: ErrorEnvelope) -> bool:
    code = descend(error, shape.code)
    return code is not None and not _CODES.isdisjoint(code.kinds)


def odd_envelopes(project: Project) -> Iterator[Diagnostic]:
    """Yield the mappings of which one part of the envelope alone is not as in most others.

    Where more than one is, the vendor wraps these answers otherwise; so it may where there is but
    one path.
    """
    every = project.library.mappings.values()
    for mappings in by_element(each for each in every if each.vendor.envelope != Envelope()):
        usual = _usual([each.vendor.envelope for each in mappings])
        for each in mappings:
            odd = [part for part in usual if _is_odd(part, each, usual[part])]
            if len(odd) == 1 and not _is_only_path(odd[0], each.vendor.envelope):
                yield _odd(project, each, odd[0], usual[odd[0]])


class _Usual(NamedTuple):
    """What most envelopes say by a part, the first that does, and what no two say."""

    said: Hashable
    first: Envelope
    alone: frozenset[Hashable]


def _usual(envelopes: list[Envelope]) -> dict[str, _Usual]:
    """Return what more than half of *envelopes* say, by part."""
    found = {}
    for part, say in _PARTS.items():
        counts = Counter(map(say, envelopes))
        [(said, number)] = counts.most_common(1)
        if said is not None and number > max(1, len(envelopes) / 2):
            alone = frozenset(each for each, number in counts.items() if number == 1)
            first = next(each for each in envelopes if say(each) == said)
            found[part] = _Usual(said, first, alone)
    return found


def _is_odd(part: str, mapping: Mapping, usual: _Usual) -> bool:
    """Whether the envelope of *mapping* says something else, and does so alone."""
    said = _PARTS[part](mapping.vendor.envelope)
    is_said = said is not None or _is_missed(part, mapping)
    return is_said and said != usual.said and said in usual.alone


def _is_only_path(part: str, envelope: Envelope) -> bool:
    return part in ("single", "list") and None in (envelope.single, envelope.list)


def _is_missed(part: str, mapping: Mapping) -> bool:
    """Whether a part that is not there could be: not all vendor resources have lists, say."""
    envelope = mapping.vendor.envelope
    if part == "request":
        is_written = any(rule.access is not Access.READ for rule in mapping.fields)
        return is_written and envelope.request is None and envelope.single is not None
    return part == "errors"


def _ends_alike(envelope: Envelope) -> bool | None:
    """Whether bodies are wrapped as the object in an answer; None if they are not wrapped."""
    if envelope.request is None or envelope.single is None:
        return None
    return envelope.request == envelope.single[-1]


_PARTS: dict[str, Callable[[Envelope], Hashable]] = {
    "single": lambda envelope: envelope.single and envelope.single[:-1],
    "list": lambda envelope: envelope.list and envelope.list[:-1],
    "request": _ends_alike,
    "errors": lambda envelope: envelope.errors or None,
}
"""What mappings of one element have in common, by the key that says it."""


def _odd(project: Project, mapping: Mapping, part: str, usual: _Usual) -> Diagnostic:
    """Return the finding about a *part* of an envelope."""
    own = mapping.vendor.envelope
    place = _part(project, mapping, part) or _part(project, mapping)
    match part:
        case "errors":
            how = "has other shapes than" if own.errors else "is missing, unlike in"
            hint = _of_shapes(own.errors, usual.first.errors)
        case "request" if own.request is None:
            how, hint = "is missing, unlike in", "say what wraps a body, if anything does"
        case "request" if _ends_alike(own):
            how, hint = "is the last name of `single`, unlike in", "correct the one or the other"
        case "request":
            how, hint = "is not the last name of `single`, as in", "correct the one or the other"
        case _:
            around = show_path(usual.said) if isinstance(usual.said, tuple) else ""
            how, hint = "lies elsewhere than in", f"there it lies in {around or 'the whole'}"
    message = f"`{part}` {how} most mappings of {show_name(mapping.vendor.element)}"
    return Diagnostic(codes.ODD_ENVELOPE, message, place.span if place else None, hint=hint)


def _of_shapes(own: tuple[ErrorEnvelope, ...], usual: tuple[ErrorEnvelope, ...]) -> str:
    """Return how the shapes of most mappings differ from the *own* ones of another."""
    lacking = next((shape for shape in usual if shape not in own), None)
    if lacking is not None:
        return f"these have {_shown(lacking)}"
    more = next((shape for shape in own if shape not in usual), None)
    return f"these do not have {_shown(more)}" if more else "these try them in another order"


def _shown(shape: ErrorEnvelope) -> str:
    """Return a shape of error answers as it is written."""
    parts = (("path", shape.path), ("code", shape.code), ("message", shape.message))
    return "{" + ", ".join(f"{key}: {show_path(steps)}" for key, steps in parts if steps) + "}"


def _part(project: Project, mapping: Mapping, *keys: str) -> Node | None:
    """Return the node of a mapping's envelope, or what it has under *keys*, if it is there."""
    files = (each.root for each in project.files if each.source is mapping.source)
    node: Node | None = next(files, None)
    for key in ("vendor", "envelope", *keys):
        node = node.get(key) if isinstance(node, Section) else None
    return node
