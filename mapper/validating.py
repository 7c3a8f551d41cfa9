"""Whether documents are what their schemas and invariants say."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal

from mapper import codes
from mapper.diagnostics import Diagnostic
from mapper.evaluate import EvaluationError, evaluate, search
from mapper.expr import mentions
from mapper.lower import LoweredMapping
from mapper.model import Invariant, Resource
from mapper.paths import input_paths
from mapper.schema import Schema, input_schema, validate, write_schema
from mapper.values import find

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
        """Return what in a common object to write breaks its schema or the invariants.

        A request is part of an object: an invariant is asked of one that has all it mentions.
        """
        found = validate(self._input_schema(mode), common)
        if found or mode != "request":
            return found or self._broken_invariants(common)
        return self._broken_invariants(common, lambda each: _is_told(each, common))

    def body(self, body: Any, mode: Literal["create", "update"]) -> list[Diagnostic]:
        """Return what in a request body the vendor would not take."""
        return validate(self._write_schema(mode), body)

    def _make_input_schema(self, mode: Mode) -> Schema:
        paths = input_paths(self._lowered.rules)
        return _derived(input_schema(self._common, paths, mode))

    def _make_write_schema(self, mode: Literal["create", "update"]) -> Schema:
        return _derived(write_schema(self._vendor, mode))

    def _broken_invariants(
        self, common: Any, asked: Callable[[Invariant], bool] = lambda _: True
    ) -> list[Diagnostic]:
        return [
            Diagnostic(
                codes.BROKEN_INVARIANT,
                f"the invariant {each.code} of {self._resource.name} does not hold",
                each.expression.whole,
                "",
            )
            for each in self._resource.invariants
            if asked(each) and not self._holds(each, common)
        ]

    def _holds(self, invariant: Invariant, common: Any) -> bool:
        try:
            return evaluate(invariant.expression.tree, common, self._lowered.tables) is True
        except EvaluationError:
            return False


def broken_invariants(schema: Schema, payload: Any) -> Iterator[Diagnostic]:
    """Yield M502 for each invariant that a vendor's *schema* states and its *payload* breaks."""
    for code, text in schema.annotation("x-invariants", {}).items():
        try:
            holds = search(text, payload) is True
        except EvaluationError:
            holds = False
        if not holds:
            message = f"the invariant {code} of {schema.file} does not hold"
            yield Diagnostic(codes.BROKEN_INVARIANT, message, pointer="")


def _is_told(invariant: Invariant, request: Any) -> bool:
    """Whether *request* has a single value, not null, at each path that *invariant* mentions."""
    values = [find(request, steps) for steps in mentions(invariant.expression.tree)]
    return all(isinstance(each, str | bool | int | float) for each in values)


def _derived(raw: dict[str, Any]) -> Schema:
    """Return a schema to validate by, of which nothing else is asked: it is right as derived."""
    return Schema(raw, "", "", {})
