"""What the platform cannot do of a mapping, told before it is published.

A request there knows neither the object as it was nor whether it creates, and a list can be asked
only what the vendor's filters say exactly.
"""

from collections.abc import Iterator

from mapper import codes
from mapper.diagnostics import Diagnostic, Span
from mapper.filters import filters
from mapper.lower import Formula, Leaf, Listing, Lowered, LoweredMapping, inner_rules, targets
from mapper.model import Access, Mapping, show_path
from mapper.policy import Policy
from mapper.refusals import refused_body
from mapper.values import ABSENT, Steps


def limits(mapping: Mapping, lowered: LoweredMapping) -> tuple[Diagnostic, ...]:
    """Return a warning for everything that a mapping can do and the platform cannot."""
    return (
        *_left_out(lowered.rules, lowered.policy),
        *_creation(mapping, lowered),
        *_queries(mapping, lowered),
    )


def _limit(message: str, span: Span) -> Diagnostic:
    return Diagnostic(codes.REQUEST_LIMIT, message, span)


def _left_out(rules: tuple[Lowered, ...], policy: Policy, at: Steps = ()) -> Iterator[Diagnostic]:
    """Yield what requests leave out, and what they take only together.

    *policy* is the vendor's for the object that *rules* are of, as far as it is the outermost one.
    """
    for rule in rules:
        if rule.access is Access.READ:
            continue
        steps = getattr(rule, "vendor", ())
        name = show_path((*at, *rule.common))
        if rule.access is Access.CREATE:
            yield _limit(f"requests leave out {name}: it can only be set when creating", rule.span)
            continue  # and all that is in it
        if policy.separates(targets(rule)):
            yield _limit(f"requests leave out {name}: it must travel alone", rule.span)
            continue
        if isinstance(rule, Formula) and len(rule.mentions) > 1:
            together = ", ".join(show_path((*at, *each)) for each in rule.mentions)
            yield _limit(f"requests take {together} only together", rule.span)
        if isinstance(rule, Leaf) and rule.default.create is not ABSENT:
            yield _limit(f"requests do not send the default of {name}", rule.span)
        if isinstance(rule, Listing) and rule.key is not None and not rule.sends_key:
            yield _limit(f"requests make all items of {name} anew", rule.span)
        # Only what lies at the top of the vendor's object can have a phase.
        inner = Policy() if steps else policy
        for members in inner_rules(rule):
            yield from _left_out(members, inner, (*at, *rule.common))


def _creation(mapping: Mapping, lowered: LoweredMapping) -> Iterator[Diagnostic]:
    for constant in mapping.constants:
        yield _limit(f"requests do not send the constant {constant.vendor}", constant.vendor.span)
    place = mapping.vendor.schema.span
    members = lowered.policy.members
    needed = [name for name, member in members.items() if member.required and member.written]
    if needed:
        names = ", ".join(needed)
        yield _limit(f"requests may lack {names}, which the vendor needs to create", place)
    if not refused_body(lowered):
        message = (
            "a request that is refused changes nothing, and its caller is told that all went well"
        )
        yield _limit(message, place)
    for demand in lowered.policy.demands:
        yield _limit(f"requests are not held to the vendor's demand {demand.code}", place)


def _queries(mapping: Mapping, lowered: LoweredMapping) -> Iterator[Diagnostic]:
    honoured = filters(lowered)
    if honoured.refusing is None:
        message = f"lists of {mapping.vendor.resource} take no conditions"
        yield Diagnostic(codes.NO_CONDITIONS, message, mapping.vendor.schema.span)
