"""Where the rule stands that a place in a document follows from."""

from collections.abc import Iterable

from mapper.diagnostics import PointerSteps, Span
from mapper.interpret.origin import origin
from mapper.lower import Formula, Lowered, inner_rules
from mapper.model import Operation
from mapper.values import Steps


def rule_behind(rules: tuple[Lowered, ...], operation: Operation, at: PointerSteps) -> Span | None:
    """Return where the rule stands from which what an operation gives at a place follows."""
    match operation:
        case Operation.FROM_VENDOR:
            return place_of(rules, tuple(step for step in at if isinstance(step, str)))
        case Operation.STEPS:  # of which each is a body
            at = at[1:]
        case _:
            pass
    found = origin(rules, at)
    return found[1] if found is not None else None


def place_of(rules: Iterable[Lowered], at: Steps) -> Span | None:
    """Return where the rule stands that gives the common path *at*, or that writes it."""
    for rule in rules:
        if rule.common and at[: len(rule.common)] == rule.common:
            inside = (place_of(members, at[len(rule.common) :]) for members in inner_rules(rule))
            return next((span for span in inside if span is not None), rule.span)
    for rule in rules:
        written = [each.vendor for each in rule.writes] if isinstance(rule, Formula) else []
        for vendor in (*written, getattr(rule, "vendor", ())):
            if vendor and at[: len(vendor)] == vendor:
                return rule.span
    return None
