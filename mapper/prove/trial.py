"""One mapping, tried: its examples, then the laws on recorded and on generated documents."""

import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Set as AbstractSet
from itertools import count
from random import Random
from typing import Any, NamedTuple

from msgspec import Struct, field

from mapper import codes
from mapper.diagnostics import Diagnostic, MapperError, counted
from mapper.generate import Make, Seeded, compile_generator
from mapper.lower import Leaf, Listing, Lowered, inner_rules
from mapper.model import Example, Examples, Operation
from mapper.prove.corpus import Recording
from mapper.prove.counterexample import Judge, Operated
from mapper.prove.coverage import Coverage
from mapper.prove.edits import Editor
from mapper.prove.examples import edited_by, refusals_of, run_example
from mapper.prove.laws import Outside
from mapper.running import Mapper
from mapper.values import Steps, copy, find, store

EDITS = 3
"""How many edits each document of an example and each recorded payload gets."""
MANY = 500
"""How many recorded payloads get so many edits; each that comes after them gets one."""
FINDINGS = 10
"""How many different counterexamples of a mapping are made smaller and reported."""
ENOUGH = 10
"""How many edits or new objects tell that there are none to be found."""
UNTRIED = ("nothing to edit", "nothing to create")
"""The outcomes of what was not tried."""
UNMADE = "let the common schema say more closely what fits, as a pattern, an enum or a bound"
"""What to do where the schema alone is what nothing fits."""
UNSET = 2
"""One generated document in so many gets another spelling of no value in one of its members."""


class Plan(NamedTuple):
    """How much is tried.

    Attributes:
        seed: What all choices come from.
        documents: How many are generated; None for as many as *seconds* allow.
        seconds: For how long they are; None for no limit.
        case: The number of the only generated document that is tried, or None for all.
    """

    seed: int = 1
    documents: int | None = 100
    seconds: float | None = None
    case: int | None = None


class Tally(Struct):
    """What was tried, and what came of it."""

    examples: int = 0
    recorded: int = 0
    generated: int = 0
    seconds: float = 0.0
    """How long the generated documents took."""
    readings: Counter[str] = field(default_factory=Counter)
    """Documents by their outcome: "read", or why they were not."""
    edits: Counter[str] = field(default_factory=Counter)
    """Edits by their outcome: "accepted", the code of a refusal, or why nothing was tried."""
    creations: Counter[str] = field(default_factory=Counter)
    """Objects to create, likewise."""

    def count(self, operation: Operated, outcome: str) -> None:
        """Count a case."""
        counts = {"from_vendor": self.readings, "update": self.edits, "create": self.creations}
        counts[operation][outcome] += 1


class Trial:
    """Tries one mapping; ``tally`` and ``coverage`` tell what was tried so far."""

    def __init__(self, mapper: Mapper, examples: Examples | None, plan: Plan) -> None:
        """Make ready to try *mapper*.

        Raises:
            MapperError: A schema cannot be generated from (M301).
        """
        self.mapper = mapper
        self.plan = plan
        self.tally = Tally()
        self.coverage = Coverage.of(mapper)
        self._examples = examples
        self._judge = Judge(mapper)
        self._editor = Editor(mapper)
        self._known: Counter[tuple[str, str | Steps]] = Counter()
        self._unmade: dict[Operated, Diagnostic] = {}

    def run(self, recordings: Iterable[Recording] = ()) -> Iterator[Diagnostic]:
        """Yield what is found, as it is found."""
        if self.plan.case is None:
            yield from self._run_examples()
            yield from self._run_recordings(recordings)
        yield from self._run_generated()
        yield from self._untried("edit", self.tally.edits, self._unmade.get("update"))
        yield from self._untried("create", self.tally.creations, self._unmade.get("create"))

    def _untried(
        self, what: str, outcomes: Counter[str], last: Diagnostic | None
    ) -> Iterator[Diagnostic]:
        """Yield M426 if nothing that fits was found to *what*, though it was tried often enough."""
        tried = outcomes.total()
        if tried >= ENOUGH and outcomes.keys() <= {*UNTRIED, "outside"}:
            message = f"{self.mapper.name}: nothing to {what} was found in {tried} tries"
            hint = None
            if last is not None:
                message += f"; at last, {last.message}"
                is_invariant = last.rule is codes.BROKEN_INVARIANT
                hint = None if is_invariant else last.hint or UNMADE
            yield Diagnostic(codes.UNTRIED, message, self.mapper.mapping.span, hint=hint)

    def _count_unmade(self, operation: Operated, error: Outside | MapperError) -> None:
        """Count that no fitting object came from some choices, and remember why."""
        self.tally.count(
            operation, "nothing to edit" if operation == "update" else "nothing to create"
        )
        last = error.found if isinstance(error, Outside) else error.diagnostics[0]
        if last is not None:
            self._unmade[operation] = last

    def repeated(self) -> str | None:
        """Return what is said of counterexamples like those that were reported, if there were."""
        more = sum(self._known.values()) - min(len(self._known), FINDINGS)
        return f"{counted(more, 'more counterexample')} of {self.mapper.name}" if more else None

    # Examples -------------------------------------------------------------------------------------

    def _run_examples(self) -> Iterator[Diagnostic]:
        for number, example in enumerate(self._examples.cases if self._examples else ()):
            self.tally.examples += 1
            found = list(run_example(self.mapper, example))
            yield from found
            if found:
                continue
            self.coverage.examples.append(example.name)
            if example.fails is not None:
                self._cover_refusal(example, {code for code, _ in example.fails})
            else:
                self._cover(example)
                yield from self._try_example(example, self._choices(f"example {number}"))

    def _cover_refusal(self, example: Example, said: AbstractSet[str]) -> None:
        """Count what is refused with one of the codes that are *said*."""
        refusals = [each for each in refusals_of(self.mapper, example) if each.rule.code in said]
        if example.operation is Operation.FROM_VENDOR:
            self.coverage.unread(refusals, example.name)
            return
        for each in refusals:
            self.coverage.refused(each.rule.code, each.pointer, example.name)

    def _cover(self, example: Example) -> None:
        given, name = example.given, example.name
        match example.operation:
            case Operation.FROM_VENDOR:
                self.coverage.read(given, example.gives, name)
            case Operation.CREATE:
                self.coverage.created(given, name)
            case Operation.REQUEST:
                self.coverage.requested(given, name)
            case Operation.UPDATE | Operation.STEPS:
                self.coverage.updated(given["base"], edited_by(self.mapper, given), name)
                if example.operation is Operation.STEPS:
                    self.coverage.stepped(example.gives, name)

    def _try_example(self, example: Example, choices: Seeded) -> Iterator[Diagnostic]:
        """Put an example under the laws: what it edits, and edits of what it reads."""
        origin = f"example {example.name!r}, seed {self.plan.seed}"
        match example.operation:
            case Operation.FROM_VENDOR:
                if self._judge.is_fitting(example.given):
                    yield from self._try_document(example.given, choices, origin)
            case Operation.UPDATE | Operation.STEPS:
                base, edited = example.given["base"], edited_by(self.mapper, example.given)
                if self._judge.is_fitting(base) and not self._misfits(edited):
                    yield from self._judge_case("update", [base, edited], origin)
            case Operation.CREATE:
                yield from self._judge_case("create", example.given, origin)
            case Operation.REQUEST:
                pass

    def _misfits(self, edited: Any) -> bool:
        return bool(self.mapper.validate_input(edited, "update"))

    # Documents ------------------------------------------------------------------------------------

    def _run_recordings(self, recordings: Iterable[Recording]) -> Iterator[Diagnostic]:
        for recording in recordings:
            self.tally.recorded += 1
            self.coverage.seen(recording.payload)
            origin = f"{recording.name}, seed {self.plan.seed}"
            edits = EDITS if self.tally.recorded <= MANY else 1
            choices = self._choices(recording.name)
            yield from self._try_document(
                recording.payload, choices, origin, edits=edits, corpus=True
            )

    def _run_generated(self) -> Iterator[Diagnostic]:
        make = compile_generator(self.mapper.vendor_schema)
        numbers = count() if self.plan.case is None else iter([self.plan.case])
        started = time.monotonic()
        for number in numbers:
            self.tally.seconds = time.monotonic() - started
            if self.plan.case is None and self._is_enough():
                break
            choices = self._choices(number)
            origin = f"seed {self.plan.seed}, case {number}"
            document = self._document(make, choices)
            self.tally.generated += 1
            yield from self._try_document(document, choices, origin, edits=1)
            yield from self._try_new(choices, origin)

    def _is_enough(self) -> bool:
        plan, tally = self.plan, self.tally
        late = plan.seconds is not None and tally.seconds >= plan.seconds
        return late or (plan.documents is not None and tally.generated >= plan.documents)

    def _choices(self, what: object) -> Seeded:
        """Return the choices of one case, whatever was tried before."""
        seed = f"{self.plan.seed} {self.mapper.name} {what}"
        return Seeded(Random(seed))  # noqa: S311 - nothing here is a secret

    def _document(self, make: Make, choices: Seeded) -> dict[str, Any]:
        document: dict[str, Any] = make(choices)
        if choices.integer(1, UNSET) == UNSET:
            respelt: dict[str, Any] = copy(document)
            _spell_unset(self.mapper.lowered.rules, respelt, choices)
            if self._judge.is_fitting(respelt):
                return respelt
        return document

    # One case -------------------------------------------------------------------------------------

    def _try_document(
        self,
        document: dict[str, Any],
        choices: Seeded,
        origin: str,
        *,
        edits: int = EDITS,
        corpus: bool = False,
    ) -> Iterator[Diagnostic]:
        """Yield what is found when *document* is read, put back, and edited."""
        outcome = yield from self._judge_case("from_vendor", document, origin)
        if outcome != "read":
            return
        common = self.mapper.from_vendor(document)
        if corpus:
            self.coverage.read(document, common, None)
        for _ in range(edits):
            try:
                edited = self._editor.edit(common, choices)
            except (Outside, MapperError) as error:
                self._count_unmade("update", error)
            else:
                yield from self._judge_case("update", [document, edited], origin)

    def _try_new(self, choices: Seeded, origin: str) -> Iterator[Diagnostic]:
        try:
            common = self._editor.new(choices)
        except (Outside, MapperError) as error:
            self._count_unmade("create", error)
        else:
            yield from self._judge_case("create", common, origin)

    def _judge_case(
        self, operation: Operated, given: Any, origin: str
    ) -> Generator[Diagnostic, None, str]:
        """Count a case, yield its finding, unless one like it is known, and return its outcome."""
        outcome, failure = self._judge.judge(operation, given)
        self.tally.count(operation, outcome)
        if failure is not None:
            key = (failure.rule.code, failure.at or failure.law)
            self._known[key] += 1
            if self._known[key] == 1 and len(self._known) <= FINDINGS:
                yield self._judge.finding(failure, operation, given, origin)
        return outcome


def _spell_unset(rules: Iterable[Lowered], document: Any, choices: Seeded) -> None:
    """Give one member of *document* a spelling of no value that its rule knows."""
    places = list(_leaves(rules, document))
    if places:
        holder, leaf = choices.pick(places)
        store(holder, leaf.vendor, copy(choices.pick(leaf.unset.read)))


def _leaves(rules: Iterable[Lowered], vendor: Any) -> Iterator[tuple[dict[str, Any], Leaf]]:
    """Yield the objects in *vendor* with the rules whose unset spellings can stand there."""
    if not isinstance(vendor, dict):
        return
    for rule in rules:
        if isinstance(rule, Leaf):
            if rule.unset.read:
                yield vendor, rule
            continue
        below = find(vendor, getattr(rule, "vendor", ()))
        listed = isinstance(rule, Listing) and isinstance(below, list)
        for held in below if listed else [below]:
            for members in inner_rules(rule):
                yield from _leaves(members, held)
