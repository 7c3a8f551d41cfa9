"""Where in a common object something of a vendor document comes from."""

from mapper.diagnostics import Span
from mapper.interpret.run import Place
from mapper.lower import Formula, Group, Leaf, Listing, Lowered, Single, Slots
from mapper.model import Access
from mapper.values import Steps

Origin = tuple[Place, Span]
"""A place in the common object, and the field rule that writes it."""


def origin(rules: tuple[Lowered, ...], at: Place) -> Origin | None:
    """Return what the vendor place *at* is written from, or None if no rule writes it.

    Of an object whose members have rules and that has none itself it is the first of these.
    """
    for rule in rules:
        found = None if rule.access is Access.READ else _origin_of(rule, at)
        if found is not None:
            return found
    return None


def _origin_of(rule: Lowered, at: Place) -> Origin | None:
    match rule:
        case Leaf(vendor=steps) if _is_on(steps, at):
            return rule.common, rule.span
        case Formula(writes=writes) if any(_is_on(each.vendor, at) for each in writes):
            return rule.common, rule.span
        case Group(vendor=steps, members=members) if at[: len(steps)] == steps:
            inside = origin(members, at[len(steps) :])
            if inside is None and steps:
                return rule.common, rule.span
            return _below(rule.common, inside)
        case Listing(vendor=steps, members=members) if at[: len(steps)] == steps:
            index, rest = at[len(steps) : len(steps) + 1], at[len(steps) + 1 :]
            inside = origin(members, rest) if rest else None
            return _below((*rule.common, *index), inside) or ((*rule.common, *index), rule.span)
        case Group(vendor=steps) | Listing(vendor=steps) if _is_on(steps, at):
            return rule.common, rule.span
        case Single(members=members):
            return _below((*rule.common, 0), origin(members, at))
        case Slots(slots=slots):
            places = ((index, origin(slot, at)) for index, slot in enumerate(slots))
            held = next(((index, inside) for index, inside in places if inside), None)
            return _below((*rule.common, held[0]), held[1]) if held else None
        case _:
            return None


def _is_on(steps: Steps, at: Place) -> bool:
    """Whether what is written at *steps* is *at* a place, around it, or in the object there."""
    return at[: len(steps)] == steps or (at != () and steps[: len(at)] == at)


def _below(outer: Place, inside: Origin | None) -> Origin | None:
    return None if inside is None else ((*outer, *inside[0]), inside[1])
