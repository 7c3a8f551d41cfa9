"""Where the rules stand that a place in a document follows from."""

from collections.abc import Iterable, Iterator

from mapper.diagnostics import PointerSteps, Span
from mapper.interpret.origin import origin
from mapper.lower import Formula, Lowered, Slots, inner_rules
from mapper.model import Operation
from mapper.values import Steps


def rules_behind(
    rules: tuple[Lowered, ...], operation: Operation, at: PointerSteps
) -> tuple[Span, ...]:
    """Return where the rule stands from which what an operation gives at a place follows.

    For an item that may come from several slots, it is a rule of each.
    """
    match operation:
        case Operation.FROM_VENDOR:
            return tuple(_giving(rules, at))
        case Operation.STEPS:  # of which each is a body
            at = at[1:]
        case _:
            pass
    found = origin(rules, at)
    return () if found is None else (found[1],)


def place_of(rules: Iterable[Lowered], at: Steps) -> Span | None:
    """Return where the rule stands that gives the common path *at*, or that writes it."""
    given = next(_giving(rules, at), None)
    if given is not None:
        return given
    for rule in rules:
        written = [each.vendor for each in rule.writes] if isinstance(rule, Formula) else []
        for vendor in (*written, getattr(rule, "vendor", ())):
            if vendor and at[: len(vendor)] == vendor:
                return rule.span
    return None


def _giving(rules: Iterable[Lowered], at: PointerSteps) -> Iterator[Span]:
    """Yield where the rules stand that give the place *at* in a common object."""
    for rule in rules:
        if rule.common and at[: len(rule.common)] == rule.common:
            yield from _inside(rule, at[len(rule.common) :])
            return


def _inside(rule: Lowered, at: PointerSteps) -> Iterable[Span]:
    """Return where the rules stand that give the place *at* in what *rule* gives."""
    groups = inner_rules(rule)
    if at and isinstance(at[0], int):
        if isinstance(rule, Slots):  # what is in a place moves up where one before it is empty
            groups = groups[at[0] :]
        at = at[1:]
    found = dict.fromkeys(span for members in groups for span in _giving(members, at))
    return found or (rule.span,)
