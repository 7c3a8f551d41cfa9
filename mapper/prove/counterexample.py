"""Cases held against the laws; one that breaks a law becomes a finding, made smaller first."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from mapper import codes
from mapper.diagnostics import (
    Diagnostic,
    MapperError,
    Rule,
    TransformError,
    cut,
    pointer,
)
from mapper.formats import BEYOND_LOCAL_YEARS
from mapper.generate import document_fault
from mapper.prove.entries import entry
from mapper.prove.examples import edited_by
from mapper.prove.laws import (
    LawBroken,
    Outside,
    Subject,
    create_get,
    get_put,
    pointed,
    put_get,
    valid_output,
)
from mapper.prove.origins import place_of
from mapper.prove.refusing import unexpected
from mapper.prove.shrinking import shrunk
from mapper.prove.vendor import VendorModel
from mapper.running import Mapper
from mapper.values import Steps, copy, merge_difference

ATTEMPTS = 2_000
"""How often a counterexample is tried anew while it is made smaller."""

Operated = Literal["from_vendor", "update", "create"]
"""What a case does: to a vendor document, to [vendor document, edited object], to an object."""


class Failure(NamedTuple):
    """Something that a mapping should not do.

    Attributes:
        rule: M421 or M424.
        law: The law that does not hold, or the code of the refusal.
        at: The place in the common object, or in the vendor's.
        reason: What is wrong there.
    """

    rule: Rule
    law: str
    at: Steps
    reason: str

    @property
    def kind(self) -> tuple[str, str]:
        """What stays the same while a counterexample is made smaller."""
        return self.rule.code, self.law


class Verdict(NamedTuple):
    """What became of a case: a word for the count, and how it fails, if it does."""

    outcome: str
    failure: Failure | None = None


class Judge:
    """Holds cases of one mapping against the laws."""

    def __init__(self, mapper: Mapper) -> None:
        """Make ready to judge.

        Raises:
            MapperError: The vendor schema has something that cannot be judged (M301).
        """
        self._mapper = mapper
        self._subject = Subject.of(mapper, VendorModel(mapper.vendor_schema).apply)
        self._fault = document_fault(mapper.vendor_schema)
        self._laws: dict[Operated, Callable[[Any], str]] = {
            "from_vendor": self._read,
            "update": self._edit,
            "create": self._create,
        }

    def is_fitting(self, document: Any) -> bool:
        """Whether *document* is one that the vendor could send."""
        return not self._mapper.validate_payload(document) and self._fault(document) is None

    def judge(self, operation: Operated, given: Any) -> Verdict:
        """Return what becomes of a case."""
        try:
            return Verdict(self._laws[operation](given))
        except Outside:
            return Verdict("outside")
        except LawBroken as broken:
            failure = Failure(codes.LAW_BROKEN, broken.law, broken.at, broken.reason)
            return Verdict("law broken", failure)
        except TransformError as error:
            is_edit = operation == "update"
            faults = unexpected(error, self._mapper, *given) if is_edit else error.diagnostics
            found = next((each for each in faults if not _is_beyond(each)), None)
            if found is None:
                return Verdict("outside")
            code = found.rule.code
            failure = Failure(codes.UNEXPECTED_REFUSAL, code, pointed(found.pointer), _said(found))
            return Verdict(code, failure)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            reason = f"{type(error).__name__}: {cut(str(error))}"
            return Verdict("failed", Failure(codes.LAW_BROKEN, "no failure", (), reason))

    def _read(self, document: Any) -> str:
        try:
            get_put(self._subject, document)
            valid_output(self._subject, document)
        except TransformError as error:
            if all(map(_is_beyond, error.diagnostics)):
                raise Outside from error
            found = error.diagnostics[0]
            reason = f"a payload that fits the vendor schema is refused: {_said(found)}"
            raise LawBroken("reading", pointed(found.pointer), reason) from error
        return "read"

    def _edit(self, given: list[Any]) -> str:
        document, edited = given
        try:
            put_get(self._subject, document, edited)
        except TransformError as error:
            if unexpected(error, self._mapper, document, edited):
                raise
            return " and ".join(sorted({each.rule.code for each in error.diagnostics}))
        return "accepted"

    def _create(self, common: Any) -> str:
        create_get(self._subject, common)
        return "accepted"

    # Findings -------------------------------------------------------------------------------------

    def finding(self, failure: Failure, operation: Operated, given: Any, origin: str) -> Diagnostic:
        """Return the finding of a counterexample, made smaller, that has this *origin*."""
        smaller: dict[Operated, Callable[[Failure, Any], Any]] = {
            "from_vendor": self._smaller_document,
            "update": self._smaller_edit,
            "create": self._smaller_creation,
        }
        least = smaller[operation](failure, given)
        broken = failure.rule is codes.LAW_BROKEN
        what = f"{failure.law} does not hold" if broken else f"{operation} is refused"
        message = f"{self._mapper.name}: {what}: {failure.reason} ({origin})"
        span = place_of(self._mapper.lowered.rules, failure.at) or self._mapper.mapping.span
        case = self._entry(f"{failure.law} ({origin})", operation, least)
        hint = failure.rule.hint + (f"; as an example: {case}" if case else "")
        return Diagnostic(failure.rule, message, span, pointer(failure.at), hint=hint)

    def _smaller_document(self, failure: Failure, document: Any) -> Any:
        def fails(smaller: Any) -> bool:
            return self.is_fitting(smaller) and self._same(failure, "from_vendor", smaller)

        return shrunk(document, fails, ATTEMPTS)

    def _smaller_edit(self, failure: Failure, given: Any) -> dict[str, Any]:
        """Return a base with a merge patch, or with the edited object if that is another edit."""

        def fails(smaller: Any) -> bool:
            if len(smaller) != 2 or not self.is_fitting(smaller[0]):
                return False
            try:
                changed = self._mapper.merge(smaller[1], smaller[0])
            except MapperError:
                return False
            if not isinstance(changed, dict) or self._mapper.validate_input(changed, "update"):
                return False
            return self._same(failure, "update", [smaller[0], changed])

        document, edited = given
        patch = merge_difference(self._mapper.from_vendor(document), edited)
        if not fails([copy(document), copy(patch)]):
            return {"base": document, "common": edited}
        base, merge = shrunk([document, patch], fails, ATTEMPTS)
        return {"base": base, "merge": merge}

    def _smaller_creation(self, failure: Failure, common: Any) -> Any:
        def fails(smaller: Any) -> bool:
            fits = not self._mapper.validate_input(smaller, "create")
            return fits and self._same(failure, "create", smaller)

        return shrunk(common, fails, ATTEMPTS)

    def _same(self, failure: Failure, operation: Operated, given: Any) -> bool:
        found = self.judge(operation, given).failure
        return found is not None and found.kind == failure.kind

    def _entry(self, title: str, operation: Operated, given: Any) -> str | None:
        """Return a case for the examples file, with what the mapping does now."""
        try:
            match operation:
                case "from_vendor":
                    return entry(
                        title, operation, given, {"gives": self._mapper.from_vendor(given)}
                    )
                case "create":
                    return entry(title, operation, given, {"gives": self._mapper.to_vendor(given)})
                case "update":
                    edited = edited_by(self._mapper, given)
                    bodies = self._mapper.update_steps(edited, given["base"])
                    if len(bodies) > 1:
                        return entry(title, "steps", given, {"gives": bodies})
                    return entry(title, operation, given, {"gives": bodies[0] if bodies else {}})
        except TransformError as error:
            return entry(title, operation, given, {"fails": error.diagnostics[0].rule.code})
        except Exception:  # noqa: BLE001 - what fails, and is reported as that, is no example
            return None


def _is_beyond(found: Diagnostic) -> bool:
    """Whether a local time outside the years of all zones is refused, which is by design."""
    return found.message.endswith(BEYOND_LOCAL_YEARS)


def _said(found: Diagnostic) -> str:
    return f"{found.rule.code} {found.message}"
