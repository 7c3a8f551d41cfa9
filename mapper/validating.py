"""Whether documents are what their schemas and invariants say."""

from functools import cache
from typing import Any, Literal

from mapper import codes
from mapper.diagnostics import Diagnostic
from mapper.evaluate import EvaluationError, evaluate
from mapper.lower import LoweredMapping
from mapper.model import Invariant, Resource
from mapper.paths import input_paths
from mapper.schema import Schema, input_schema, validate, write_schema

Mode = Literal["create", "update", "request"]


class Validator:
    """Says what is wrong with the documents of one mapping."""

    def __init__(
        self, resource: Resource, lowered: LoweredMapping, vendor: Schema, common: Schema
    ) -> None:
        self._resource = resource
        self._lowered = lowered
        self._vendor = vendor
        self._common = common
        # Each is made when it is first asked for: few programs write in all modes.
        self._input_schema = cache(self._make_input_schema)
        self._write_schema = cache(self._make_write_schema)

    def payload(self, payload: Any) -> list[Diagnostic]:
        """Return what in a vendor payload breaks the vendor schema."""
        return validate(self._vendor, payload)

    def common(self, common: Any) -> list[Diagnostic]:
        """Return what in a common object breaks its schema or its resource's invariants."""
        return validate(self._common, common) or self._broken_invariants(common)

    def input(self, common: Any, mode: Mode) -> list[Diagnostic]:
        """Return what in a common object to write breaks its schema or the invariants."""
        found = validate(self._input_schema(mode), common)
        return found if found or mode == "request" else self._broken_invariants(common)

    def body(self, body: Any, mode: Literal["create", "update"]) -> list[Diagnostic]:
        """Return what in a request body the vendor would not take."""
        return validate(self._write_schema(mode), body)

    def _make_input_schema(self, mode: Mode) -> Schema:
        paths = input_paths(self._lowered.rules)
        return _derived(input_schema(self._common, paths, mode))

    def _make_write_schema(self, mode: Literal["create", "update"]) -> Schema:
        return _derived(write_schema(self._vendor, mode))

    def _broken_invariants(self, common: Any) -> list[Diagnostic]:
        return [
            Diagnostic(
                codes.BROKEN_INVARIANT,
                f"the invariant {each.code} of {self._resource.name} does not hold",
                each.expression.place(0, len(each.expression.scalar.text)),
                "",
            )
            for each in self._resource.invariants
            if not self._holds(each, common)
        ]

    def _holds(self, invariant: Invariant, common: Any) -> bool:
        try:
            return evaluate(invariant.expression.tree, common, self._lowered.tables) is True
        except EvaluationError:
            return False


def _derived(raw: dict[str, Any]) -> Schema:
    """Return a schema to validate by, of which nothing else is asked: it is right as derived."""
    return Schema(raw, "", "", {})
