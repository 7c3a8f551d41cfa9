"""Parity: the platform's own run of what is published, beside ours, on the same documents.

What runs there is the transformation as it would be sent, field list and script, by an evaluator
that was written from the platform's documentation and a JavaScript engine.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random
from typing import Any, Literal, NamedTuple

from msgspec import Struct, field

from mapper import codes
from mapper.diagnostics import Diagnostic, TransformError, cut, pointer, show_value
from mapper.generate import Make, Seeded, compile_generator, document_fault
from mapper.javascript import ERROR_MEMBER
from mapper.model import Example, Examples, Operation
from mapper.prove.corpus import Recording
from mapper.prove.entries import entry
from mapper.prove.examples import edited_by, first_difference
from mapper.prove.origins import place_of
from mapper.prove.requests import RequestMaker, spoilt
from mapper.prove.shrinking import shrunk
from mapper.refusals import refused_body
from mapper.running import Mapper
from mapper.sandbox.execution import Execution, Outcome
from mapper.values import ABSENT, Steps, equal

Ran = Literal["from_vendor", "request"]
"""What the platform does: answer with a common object, or send a request."""
_RAN: tuple[Ran, ...] = ("from_vendor", "request")

ATTEMPTS = 300
"""How often a counterexample is tried anew while it is made smaller."""
FINDINGS = 10
"""How many different counterexamples of a mapping are made smaller and reported."""
BATCH = 500
SPOILT = 4
"""One generated document, and one body, in so many is tried spoilt as well."""


class Plan(NamedTuple):
    """How much is tried: so many generated documents, or the one of this number.

    One document in ``bodies`` is edited, too, and gives request bodies.
    """

    seed: int = 1
    documents: int = 100
    case: int | None = None
    bodies: int = 1


class Tally(Struct):
    """What was tried, how many of that the mapping refuses, and how many results differed."""

    ran: Counter[Ran] = field(default_factory=Counter)
    refused: Counter[Ran] = field(default_factory=Counter)
    differences: int = 0


class Case(NamedTuple):
    """A payload or a body, and where it comes from."""

    operation: Ran
    given: Any
    origin: str


class Difference(NamedTuple):
    """Where in the result the two differ, and how, for people."""

    at: Steps
    reason: str


class Parity:
    """Runs one mapping both ways; ``tally`` tells what was tried so far."""

    def __init__(
        self,
        mapper: Mapper,
        transformation: dict[str, Any],
        execution: Execution,
        plan: Plan,
    ) -> None:
        """Make ready to try *mapper* beside its *transformation*.

        Raises:
            MapperError: A schema cannot be generated from (M301).
        """
        self.mapper = mapper
        self.tally = Tally()
        self._beside = {"from_vendor": {}, "request": refused_body(mapper.lowered)}
        self._transformation = transformation
        self._execution = execution
        self._plan = plan
        self._make: Make = compile_generator(mapper.vendor_schema, unknown=True)
        self._fault = document_fault(mapper.vendor_schema)
        self._requests = RequestMaker(mapper)
        self._known: set[tuple[Ran, Steps]] = set()

    def run(
        self, examples: Examples | None, recordings: Iterable[Recording] = ()
    ) -> Iterator[Diagnostic]:
        """Yield what differs, as it is found."""
        left = self._cases(examples, recordings)
        while cases := list(islice(left, BATCH)):
            for operation in _RAN:
                yield from self._compare([each for each in cases if each.operation == operation])

    # Cases ----------------------------------------------------------------------------------------

    def _cases(self, examples: Examples | None, recordings: Iterable[Recording]) -> Iterator[Case]:
        if self._plan.case is None:
            for number, example in enumerate(examples.cases if examples else ()):
                origin = f"example {example.name!r}, seed {self._plan.seed}"
                choices = self._choices(f"example {number}")
                for operation, given in _of_example(self.mapper, example):
                    yield Case(operation, given, origin)
                    if operation == "from_vendor":
                        yield from self._bodies(given, choices, origin)
            for recording in recordings:
                origin = f"{recording.name}, seed {self._plan.seed}"
                yield Case("from_vendor", recording.payload, origin)
                yield from self._bodies(recording.payload, self._choices(recording.name), origin)
        numbers = range(self._plan.documents) if self._plan.case is None else [self._plan.case]
        for number in numbers:
            choices = self._choices(number)
            document = self._make(choices)
            origin = f"seed {self._plan.seed}, case {number}"
            yield from self._spoiling("from_vendor", document, choices, origin)
            if number % self._plan.bodies == 0:
                yield from self._bodies(document, choices, origin)

    def _bodies(self, document: Any, choices: Seeded, origin: str) -> Iterator[Case]:
        try:
            common = self.mapper.from_vendor(document)
        except TransformError:
            return
        for body in self._requests.bodies(common, choices):
            yield from self._spoiling("request", body, choices, origin)

    def _spoiling(self, operation: Ran, given: Any, choices: Seeded, origin: str) -> Iterator[Case]:
        yield Case(operation, given, origin)
        if choices.integer(1, SPOILT) == SPOILT:
            yield Case(operation, spoilt(given, choices), origin)

    def _choices(self, what: object) -> Seeded:
        """Return the choices of one case, whatever was tried before."""
        seed = f"{self._plan.seed} {self.mapper.name} parity {what}"
        return Seeded(Random(seed))  # noqa: S311 - nothing here is a secret

    # Comparing ------------------------------------------------------------------------------------

    def _compare(self, cases: list[Case]) -> Iterator[Diagnostic]:
        if not cases:
            return
        operation = cases[0].operation
        outcomes = self._execution.run_many(
            self._transformation,
            [each.given for each in cases],
            from_vendor=operation == "from_vendor",
            trusted=True,
        )
        for case, outcome in zip(cases, outcomes, strict=True):
            expected = self._expected(operation, case.given)
            self.tally.ran[operation] += 1
            self.tally.refused[operation] += isinstance(expected, TransformError)
            found = difference(expected, outcome, self._beside[operation])
            if found is None:
                continue
            self.tally.differences += 1
            key = (operation, found.at)
            if key not in self._known and len(self._known) < FINDINGS:
                self._known.add(key)
                yield self._finding(case, found)

    def _expected(self, operation: Ran, given: Any) -> dict[str, Any] | TransformError:
        try:
            if operation == "from_vendor":
                return self.mapper.from_vendor(given)
            return self.mapper.to_request(given)
        except TransformError as error:
            return error

    def _differs(self, operation: Ran, given: Any) -> Difference | None:
        outcome = self._execution.run(
            self._transformation, given, from_vendor=operation == "from_vendor"
        )
        return difference(self._expected(operation, given), outcome, self._beside[operation])

    # Findings -------------------------------------------------------------------------------------

    def _finding(self, case: Case, first: Difference) -> Diagnostic:
        """Return the finding of a counterexample, made smaller."""
        operation = case.operation
        fitting = self._fits(operation, case.given)

        def fails(smaller: Any) -> bool:
            if fitting and not self._fits(operation, smaller):
                return False
            found = self._differs(operation, smaller)
            return found is not None and found.at == first.at

        least = shrunk(case.given, fails, ATTEMPTS)
        found = self._differs(operation, least) or first
        what = "response" if operation == "from_vendor" else "request"
        message = f"{self.mapper.name}: the platform's {what} differs: {found.reason}"
        span = place_of(self.mapper.lowered.rules, found.at) or self.mapper.mapping.span
        case_text = self._entry(f"parity ({case.origin})", operation, least)
        hint = codes.PARITY_BROKEN.hint + (f"; as an example: {case_text}" if case_text else "")
        return Diagnostic(
            codes.PARITY_BROKEN, f"{message} ({case.origin})", span, pointer(found.at), hint=hint
        )

    def _fits(self, operation: Ran, given: Any) -> bool:
        if operation == "request":
            return not self.mapper.validate_input(given, "request")
        return not self.mapper.validate_payload(given) and self._fault(given) is None

    def _entry(self, title: str, operation: Ran, given: Any) -> str | None:
        expected = self._expected(operation, given)
        if isinstance(expected, TransformError):
            return entry(title, operation, given, {"fails": expected.diagnostics[0].rule.code})
        return entry(title, operation, given, {"gives": expected})


def difference(
    expected: dict[str, Any] | TransformError,
    outcome: Outcome,
    beside: dict[str, Any],
) -> Difference | None:
    """Return in what the platform's outcome is another than *expected*, None if it is the same.

    A refusal is the same if the platform's error is one of ours, with nothing else than what is to
    stand *beside* it.
    """
    if outcome.script_error is not None:
        failure = outcome.script_error
        return Difference((), f"the script fails: {failure.kind}: {cut(failure.message)}")
    if isinstance(expected, TransformError):
        return _other_refusal(expected, outcome.result, beside)
    found = first_difference(expected, outcome.result)
    if found is None:
        return None
    steps, ours, theirs = found
    at = tuple(step for step in steps if isinstance(step, str))
    return Difference(at, f"{_word(theirs)} at {pointer(steps) or 'the top'}, not {_word(ours)}")


def _other_refusal(error: TransformError, result: Any, beside: dict[str, Any]) -> Difference | None:
    ours = [(each.rule.code, each.pointer or "") for each in error.diagnostics]
    told = result.get(ERROR_MEMBER) if isinstance(result, dict) else None
    if told is not None and not equal(result, {**beside, ERROR_MEMBER: told}):
        told = None
    if isinstance(told, dict) and told.keys() == {"code", "at", "message"}:
        if (told["code"], told["at"]) in ours:
            return None
        theirs = f"{told['code']} at {told['at'] or 'the top'}"
    else:
        theirs = show_value(result)
    code, at = ours[0]
    return Difference((), f"{theirs}, not {code} at {at or 'the top'}")


def _word(value: Any) -> str:
    return "nothing" if value is ABSENT else show_value(value)


def _of_example(mapper: Mapper, example: Example) -> Iterator[tuple[Ran, Any]]:
    """Yield what of an example the platform could be given."""
    match example.operation:
        case Operation.FROM_VENDOR:
            yield "from_vendor", example.given
        case Operation.CREATE | Operation.REQUEST:
            yield "request", example.given
        case Operation.UPDATE | Operation.STEPS:
            yield "from_vendor", example.given["base"]
            try:
                yield "request", edited_by(mapper, example.given)
            except TransformError:
                return
