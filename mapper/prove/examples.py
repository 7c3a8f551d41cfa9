"""Examples, run: what a mapping's own cases say against what the mapping does."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from mapper import codes
from mapper.diagnostics import (
    Diagnostic,
    Label,
    Rule,
    Span,
    TransformError,
    pointer,
    show_value,
)
from mapper.document import Node, nearest
from mapper.model import Example, Examples, Operation, Refusals
from mapper.prove.origins import rules_behind
from mapper.running import Mapper
from mapper.schema.labels import COMMON, VENDOR, with_schema
from mapper.validating import broken_invariants
from mapper.values import ABSENT, equal


def run_examples(mapper: Mapper, examples: Examples) -> Iterator[Diagnostic]:
    """Yield what is wrong with each of a mapping's examples, in their order."""
    for example in examples.cases:
        yield from run_example(mapper, example)


def run_example(mapper: Mapper, example: Example) -> Iterator[Diagnostic]:
    """Yield what is wrong with one example: nothing if the mapping does what it says."""
    try:
        result = _OPERATIONS[example.operation](mapper, example.given)
    except TransformError as error:
        yield from _compare_failure(mapper, example, error.diagnostics)
        return
    if example.fails is not None:
        yield from _not_refused(mapper, example, example.fails, ())
        return
    yield from _invalid(example, _input_findings(mapper, example))
    outcome = (_placed(each, example.outcome) for each in _output_findings(mapper, example, result))
    yield from _invalid(example, outcome)
    difference = first_difference(example.gives, result)
    if difference is not None:
        steps, said, given = difference
        message = f"says {_word(said)} but the mapping gives {_word(given)}"
        place = pointer(steps)
        at = nearest(example.outcome, place).span
        differs = _finding(codes.EXAMPLE_DIFFERS, example, message, place, at)
        yield _with_rules(differs, rules_behind(mapper.lowered.rules, example.operation, steps))
    if example.operation is Operation.FROM_VENDOR:
        yield from _unrestored(mapper, example, result)


def refusals_of(mapper: Mapper, example: Example) -> tuple[Diagnostic, ...]:
    """Return with what the mapping refuses an example, nothing if it does not."""
    try:
        _OPERATIONS[example.operation](mapper, example.given)
    except TransformError as error:
        return error.diagnostics
    return ()


def first_difference(left: Any, right: Any) -> tuple[tuple[str | int, ...], Any, Any] | None:
    """Return the first place at which two JSON values differ, with both values there, or None.

    A member or item that one side lacks is ABSENT there.
    """
    if isinstance(left, dict) and isinstance(right, dict):
        keys: list[str | int] = list(dict.fromkeys([*left, *right]))
        pairs = ((key, left.get(key, ABSENT), right.get(key, ABSENT)) for key in keys)
    elif isinstance(left, list) and isinstance(right, list):
        longest = range(max(len(left), len(right)))
        pairs = ((i, _item(left, i), _item(right, i)) for i in longest)
    else:
        return None if equal(left, right) else ((), left, right)
    for key, one, other in pairs:
        found = first_difference(one, other)
        if found is not None:
            steps, said, given = found
            return (key, *steps), said, given
    return None


def _item(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else ABSENT


def _word(value: Any) -> str:
    return "nothing" if value is ABSENT else show_value(value)


def _finding(
    rule: Rule, example: Example, message: str, place: str | None, span: Span
) -> Diagnostic:
    return Diagnostic(rule, f"example {example.name!r}: {message}", span, place)


def _placed(found: Diagnostic, node: Node) -> Diagnostic:
    """Return a finding about what *node* stands for with the place that its pointer leads to."""
    return found._replace(span=nearest(node, found.pointer or "").span)


def _with_rules(found: Diagnostic, rules: tuple[Span, ...]) -> Diagnostic:
    """Return a finding with the rules of which one is what it follows from, if any are known."""
    words = "by this rule" if len(rules) == 1 else "by one of these rules"
    return found._replace(labels=tuple(Label(rule, words) for rule in rules))


def _compare_failure(
    mapper: Mapper, example: Example, refusals: tuple[Diagnostic, ...]
) -> Iterator[Diagnostic]:
    """Yield what *refusals* show to be wrong with an example."""
    if example.fails is not None:
        yield from _not_refused(mapper, example, example.fails, refusals)
        return
    for each in refusals:
        message = f"{each.rule.code} {each.message}"
        # Of an update it may be about the base or about the edit.
        at = example.span if example.is_edit else nearest(example.input, each.pointer or "").span
        failure = _finding(codes.EXAMPLE_DIFFERS, example, message, each.pointer, at)
        yield _with_rules(failure, (each.span,) if each.span else ())
    yield from _invalid(example, _input_findings(mapper, example))


def _not_refused(
    mapper: Mapper, example: Example, said: Refusals, refusals: tuple[Diagnostic, ...]
) -> Iterator[Diagnostic]:
    """Yield that an example does not fail as is *said*, neither by *refusals* nor by a schema."""
    message = _unlike(said, refusals)
    # What the mapping refuses, and just where, need not fit a schema as well.
    if message is not None and not (refusals and _is_exact(said)):
        message = _unlike(said, (*refusals, *_input_findings(mapper, example)))
    if message is not None:
        yield _finding(codes.EXAMPLE_NOT_REFUSED, example, message, None, example.outcome.span)


def _is_exact(said: Refusals) -> bool:
    """Whether an example says all that is refused, with the places."""
    return all(place is not None for _, place in said)


def _unlike(said: Refusals, found: tuple[Diagnostic, ...]) -> str | None:
    """Return how *found* is not the failure that is *said*: None if it is.

    Where no places are said, one of that code is enough; else it is just what is said.
    """
    if not _is_exact(said):
        words = sorted({f"{each.rule.code} {each.message}" for each in found})
        missing = sorted({code for code, _ in said} - {each.rule.code for each in found})
        return _instead(missing, words) if missing else None
    places = {(each.rule.code, each.pointer or "") for each in found}
    words = sorted({f"{each.rule.code} at {_at(each.pointer)}: {each.message}" for each in found})
    missing = sorted(f"{code} at {_at(place)}" for code, place in said - places)
    others = sorted(f"{code} at {_at(place)}" for code, place in places - said)
    if missing:
        return _instead(missing, words)
    return f"fails with {', '.join(others)}, too" if others else None


def _instead(missing: list[str], words: list[str]) -> str:
    return f"should fail with {', '.join(missing)} but {', '.join(words) or 'succeeds'}"


def _at(place: str | None) -> str:
    return place or "the whole"


def _invalid(example: Example, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    for each in found:
        at = each.span or example.span
        invalid = _finding(codes.EXAMPLE_INVALID, example, each.message, each.pointer, at)
        yield invalid._replace(labels=each.labels)


def _unrestored(mapper: Mapper, example: Example, common: dict[str, Any]) -> Iterator[Diagnostic]:
    try:
        restored = mapper.put(common, example.given)
    except TransformError as error:
        for each in error.diagnostics:
            at = nearest(example.input, each.pointer or "").span
            found = _finding(codes.NOT_RESTORED, example, each.message, each.pointer, at)
            yield _with_rules(found, (each.span,) if each.span else ())
        return
    difference = first_difference(example.given, restored)
    if difference is not None:
        steps, was, is_now = difference
        message = f"{_word(was)} comes back as {_word(is_now)}"
        at = nearest(example.input, pointer(steps)).span
        found = _finding(codes.NOT_RESTORED, example, message, pointer(steps), at)
        yield _with_rules(found, rules_behind(mapper.lowered.rules, Operation.CREATE, steps))


def edited_by(mapper: Mapper, given: Any) -> Any:
    """Return the edited object of an update: given whole, or as a merge patch.

    Raises:
        TransformError: The base cannot be read.
    """
    if "common" in given:
        return given["common"]
    return mapper.merge(given["merge"], given["base"])


_OPERATIONS: dict[Operation, Callable[[Mapper, Any], Any]] = {
    Operation.FROM_VENDOR: lambda mapper, given: mapper.from_vendor(given),
    Operation.CREATE: lambda mapper, given: mapper.to_vendor(given),
    Operation.UPDATE: lambda mapper, given: mapper.to_vendor(
        edited_by(mapper, given), given["base"]
    ),
    Operation.STEPS: lambda mapper, given: mapper.update_steps(
        edited_by(mapper, given), given["base"]
    ),
    Operation.REQUEST: lambda mapper, given: mapper.to_request(given),
}


def _input_findings(mapper: Mapper, example: Example) -> list[Diagnostic]:
    """Return what is wrong with what an example gives, each with its place."""
    parts = _parts_of(mapper, example)
    return [_placed(each, nearest(example.input, at)) for at, found in parts for each in found]


def _parts_of(mapper: Mapper, example: Example) -> Iterator[tuple[str, Iterable[Diagnostic]]]:
    """Yield the parts of what an example gives, by pointer, with what is wrong with each."""
    given = example.given
    match example.operation:
        case Operation.FROM_VENDOR:
            yield "", _payload_findings(mapper, given)
        case Operation.CREATE:
            yield "", _of_common(mapper, mapper.validate_input(given, "create"))
        case Operation.REQUEST:
            yield "", _of_common(mapper, mapper.validate_input(given, "request"))
        case Operation.UPDATE | Operation.STEPS:
            yield "/base", _payload_findings(mapper, given["base"])
            if "common" in given:
                found = mapper.validate_input(given["common"], "update")
                yield "/common", _of_common(mapper, found)


def _payload_findings(mapper: Mapper, payload: Any) -> Iterator[Diagnostic]:
    """Return why the vendor would never send a payload."""
    found = mapper.validate_payload(payload)
    return _of_vendor(mapper, found or broken_invariants(mapper.vendor_schema, payload))


def _output_findings(mapper: Mapper, example: Example, result: Any) -> Iterator[Diagnostic]:
    match example.operation:
        case Operation.FROM_VENDOR:
            return _of_common(mapper, mapper.validate_common(result))
        case Operation.CREATE:
            return _of_vendor(mapper, mapper.validate_body(result, "create"))
        case Operation.UPDATE | Operation.REQUEST:
            return _of_vendor(mapper, mapper.validate_body(result, "update"))
        case Operation.STEPS:
            bodies = (mapper.validate_body(body, "update") for body in result)
            return _of_vendor(mapper, chain.from_iterable(bodies))


def _of_vendor(mapper: Mapper, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield findings about a payload or a body, each with where the vendor's schema says so."""
    for each in found:
        yield with_schema(each, mapper.parts.schemas, mapper.vendor_schema, VENDOR)


def _of_common(mapper: Mapper, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield findings about a common object, each with where its schema or the resource says so."""
    for each in found:
        yield with_schema(each, mapper.parts.schemas, mapper.common_schema, COMMON)
