"""One run of a mapping over one document: evaluation, and the faults that it meets."""

from collections.abc import Mapping as Dictionary
from typing import Any, TypeVar

from msgspec import Struct, field

from mapper import codes
from mapper.diagnostics import Diagnostic, Rule, Span, TransformError, pointer, show_value
from mapper.evaluate import EvaluationError, evaluate
from mapper.expr import Expr
from mapper.files import MAX_FINDINGS
from mapper.model import Expression
from mapper.primitives import Refusal
from mapper.values import ABSENT, copy, is_truthy

Place = tuple[str | int, ...]
"""Steps from the root of a document: member names and item indices."""

_T = TypeVar("_T")


class Run(Struct):
    """Collects the faults of a document, so that one run reports them all, to MAX_FINDINGS."""

    tables: Dictionary[str, Dictionary[str, str]]
    findings: list[Diagnostic] = field(default_factory=list)

    def fault(
        self, rule: Rule, span: Span | None, at: Place, message: str, value: Any = ABSENT
    ) -> None:
        """Report a fault of the value at *at*; *span* is the field rule that met it."""
        if len(self.findings) == MAX_FINDINGS:  # a document of a million faults says no more
            return
        shown = None if value is ABSENT else show_value(value)
        self.findings.append(Diagnostic(rule, message, span, pointer(at), shown))

    def convert(self, converter: Expr | None, value: Any, span: Span, at: Place) -> Any:
        """Return *value* converted, or ABSENT after reporting why it cannot be."""
        if converter is None:
            return copy(value)
        try:
            converted = evaluate(converter, value, self.tables)
        except Refusal as refusal:
            name = _name_of(at)
            message = (
                f"{name}: {refusal.member} {refusal}" if refusal.member else f"{name} {refusal}"
            )
            self.fault(codes.UNEXPECTED_VALUE, span, at, message, value)
        except EvaluationError as error:
            message = f"{_name_of(at)}: {error.message}"
            self.fault(codes.UNEXPECTED_VALUE, span, at, message, value)
        else:
            return ABSENT if converted is None else copy(converted)
        return ABSENT

    def evaluate(self, expression: Expression, document: Any, at: Place) -> Any:
        """Return the value of *expression*, or ABSENT after reporting why it has none."""
        try:
            return copy(evaluate(expression.tree, document, self.tables))
        except EvaluationError as error:
            place = expression.place(error.start, error.end)
            self.fault(codes.EXPRESSION_FAILED, place, at, error.message)
        except Refusal as refusal:
            place = expression.whole
            self.fault(codes.EXPRESSION_FAILED, place, at, str(refusal))
        return ABSENT

    def holds(self, expression: Expr, document: Any) -> bool:
        """Whether *expression* has a true value, by JMESPath's measure, for *document*."""
        try:
            return is_truthy(evaluate(expression, document, self.tables))
        except EvaluationError:
            return False

    def result(self, value: _T) -> _T:
        """Return *value*, or raise what was found.

        Raises:
            TransformError: A fault was reported.
        """
        if self.findings:
            raise TransformError(self.findings)
        return value


def _name_of(at: Place) -> str:
    """Return the innermost member name of a place."""
    return next((step for step in reversed(at) if isinstance(step, str)), "the document")
