"""Check rules about members of maps: nobody knows their names, but some mapping may."""

from collections.abc import Iterator

from mapper import codes
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic, Span
from mapper.lower import Formula, Group, Leaf, Listing, Lowered
from mapper.model import Access, show_path
from mapper.schema import Schema
from mapper.schema.vocabulary import WRITING
from mapper.values import Steps

_WRITING = WRITING | {"x-computed"}


def written_into_maps(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is written into a map by name though its members say how they are written.

    A map as a whole is written as they say. What is known of how to write goes by names, though,
    and these have none.
    """
    for rule, vendor, _ in subject.placed():
        for steps, place in _written(rule):
            yield from _unheeded(steps, place, vendor)
    for constant in subject.mapping.constants:
        yield from _unheeded(constant.vendor.steps, constant.vendor.span, subject.vendor)


def _written(rule: Lowered) -> Iterator[tuple[Steps, Span]]:
    """Yield the vendor paths that a rule writes by itself, with their places."""
    match rule:
        case _ if rule.access is Access.READ:
            pass
        case Leaf():
            yield rule.vendor, rule.rule.vendor.span
        case Group() | Listing():
            yield rule.vendor, rule.span
        case Formula(writes=writes):
            yield from ((each.vendor, each.expression.whole) for each in writes)
        case _:
            pass


def _unheeded(steps: Steps, place: Span, vendor: Schema | None) -> Iterator[Diagnostic]:
    values = _map_on(steps, vendor)
    keyword = next(_said(values), None) if values is not None else None
    if keyword is not None:
        message = f"{show_path(steps)} lies in a map, and {keyword} of its members is not heeded"
        hint = "map the map as a whole, or name the member under `properties` of the schema"
        yield Diagnostic(codes.WRITTEN_MISFIT, message, place, hint=hint)


def _map_on(steps: Steps, vendor: Schema | None) -> Schema | None:
    """Return what the first map on the way to a path holds, None if there is none."""
    around = vendor
    for step in steps:
        if around is None:
            return None
        member = around.member(step)
        if member is None and around.others is not None:
            return around.others
        around = member
    return None


def _said(schema: Schema) -> Iterator[str]:
    """Yield what is said of writing a value, or anything in it."""
    yield from (name for name, says in schema.annotations.items() if says and name in _WRITING)
    inside = (*schema.members().values(), schema.items(), schema.others)
    for each in inside:
        yield from _said(each) if each is not None else ()
