"""Examples, run: what a mapping's own cases say against what the mapping does."""

from collections.abc import Callable, Iterator
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
from mapper.model import Example, Examples, Operation
from mapper.prove.origins import rule_behind
from mapper.running import Mapper
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
        found = error.diagnostics
        if example.fails not in {each.rule.code for each in found}:
            found = (*found, *_input_findings(mapper, example))
        yield from _compare_failure(example, found)
        return
    invalid = _input_findings(mapper, example)
    if example.fails is not None:
        yield from _compare_failure(example, tuple(invalid))
        return
    for finding in (*invalid, *_output_findings(mapper, example, result)):
        yield _finding(codes.EXAMPLE_INVALID, example, finding.message, finding.pointer)
    difference = first_difference(example.gives, result)
    if difference is not None:
        steps, said, given = difference
        message = f"says {_word(said)} but the mapping gives {_word(given)}"
        differs = _finding(codes.EXAMPLE_DIFFERS, example, message, pointer(steps))
        rule = rule_behind(mapper.lowered.rules, example.operation, steps)
        yield _with_rule(differs._replace(span=example.place(steps)), rule)
    if example.operation is Operation.FROM_VENDOR:
        yield from _unrestored(mapper, example, result)


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


def _finding(rule: Rule, example: Example, message: str, place: str | None = None) -> Diagnostic:
    return Diagnostic(rule, f"example {example.name!r}: {message}", example.span, place)


def _with_rule(found: Diagnostic, rule: Span | None) -> Diagnostic:
    """Return a finding with the rule that it follows from, if one is known."""
    return found if rule is None else found._replace(labels=(Label(rule, "by this rule"),))


def _compare_failure(example: Example, found: tuple[Diagnostic, ...]) -> Iterator[Diagnostic]:
    if example.fails is None:
        for each in found:
            message = f"{each.rule.code} {each.message}"
            failure = _finding(codes.EXAMPLE_DIFFERS, example, message, each.pointer)
            yield _with_rule(failure, each.span)
    elif example.fails not in {each.rule.code for each in found}:
        others = ", ".join(sorted({f"{each.rule.code} {each.message}" for each in found}))
        message = f"should fail with {example.fails} but {others or 'succeeds'}"
        yield _finding(codes.EXAMPLE_NOT_REFUSED, example, message)


def _unrestored(mapper: Mapper, example: Example, common: dict[str, Any]) -> Iterator[Diagnostic]:
    try:
        restored = mapper.put(common, example.given)
    except TransformError as error:
        for each in error.diagnostics:
            found = _finding(codes.NOT_RESTORED, example, each.message, each.pointer)
            yield _with_rule(found, each.span)
        return
    difference = first_difference(example.given, restored)
    if difference is not None:
        steps, was, is_now = difference
        message = f"{_word(was)} comes back as {_word(is_now)}"
        found = _finding(codes.NOT_RESTORED, example, message, pointer(steps))
        yield _with_rule(found, rule_behind(mapper.lowered.rules, Operation.CREATE, steps))


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
    given = example.given
    match example.operation:
        case Operation.FROM_VENDOR:
            return mapper.validate_payload(given)
        case Operation.CREATE:
            return mapper.validate_input(given, "create")
        case Operation.REQUEST:
            return mapper.validate_input(given, "request")
        case Operation.UPDATE | Operation.STEPS:
            found = mapper.validate_payload(given["base"])
            if "common" in given:
                found += mapper.validate_input(given["common"], "update")
            return found


def _output_findings(mapper: Mapper, example: Example, result: Any) -> list[Diagnostic]:
    match example.operation:
        case Operation.FROM_VENDOR:
            return mapper.validate_common(result)
        case Operation.CREATE:
            return mapper.validate_body(result, "create")
        case Operation.UPDATE | Operation.REQUEST:
            return mapper.validate_body(result, "update")
        case Operation.STEPS:
            return [found for body in result for found in mapper.validate_body(body, "update")]
