"""Check rules about requests: what lists can be asked, and how what cannot be is refused."""

from collections.abc import Iterator

from mapper import codes
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic, Label, show_name
from mapper.filters import filters
from mapper.model import show_path
from mapper.paths import vendor_paths
from mapper.refusals import taken_refusals
from mapper.schema import Schema
from mapper.schema.labels import VENDOR


def writing_refusals(subject: Subject) -> Iterator[Diagnostic]:
    """Yield that a request which is to be refused would write something."""
    said = subject.schemas.said(subject.vendor, "x-refuse-body")
    labels = () if said is None else (Label(said, VENDOR),)
    for each in taken_refusals(subject.mapping, subject.lowered):
        yield each._replace(labels=labels)


def idle_filters(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the filters of a vendor of which none is used, since nothing says how to refuse."""
    says = subject.vendor.annotation
    if says("x-filters") and says("x-refuse-filter") is None:
        lists = subject.mapping.vendor.resource
        message = f"lists of {lists} take no conditions: `x-filters` needs `x-refuse-filter`"
        place = subject.schemas.said(subject.vendor, "x-filters")
        hint = "name with `x-refuse-filter` a value of a filter for which the vendor refuses a list"
        yield Diagnostic(codes.NO_CONDITIONS, message, place, hint=hint)


def crossed_filters(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the filters that compare another member than the mapped one that is named as they."""
    for name, member in _crossed(subject).items():
        message = (
            f"the filter {show_name(name)} compares {member}, "
            f"and {show_name(name)} is a member of its own"
        )
        place = subject.schemas.said(subject.vendor, "x-filters", name, "member")
        yield Diagnostic(codes.CROSSED_FILTER, message, place)


def _crossed(subject: Subject) -> dict[str, str]:
    """Return the filters that have the name of one mapped member, each with another it compares."""
    mapped = {steps[0] for steps in vendor_paths(subject.lowered.rules) if len(steps) == 1}
    compared = {
        name: says["member"].split(".")
        for name, says in subject.vendor.annotation("x-filters", {}).items()
    }
    return {
        name: show_path(member)
        for name, member in compared.items()
        if name in mapped and member != [name]
    }


def unasked_filters(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the filters that no condition becomes, whatever rules read the member.

    Another one says the same and is asked, or it compares the order of texts or IDs, which is the
    vendor's own. What is found crossed is none of these.
    """
    theirs = subject.vendor.annotation("x-filters", {})
    asked = {each.name for each in filters(subject.lowered).exact}
    by_meaning = {_meaning(theirs[name]): name for name in asked}
    crossed = _crossed(subject)
    for name, says in theirs.items():
        first = by_meaning.get(_meaning(says))
        if name in asked or not crossed.keys().isdisjoint((name, first)):
            continue
        if first is not None:
            why = f"{show_name(first)} says the same"
        elif says["operator"] != "=" and _has_no_order(subject.vendor, says["member"]):
            why = f"{show_path(says['member'].split('.'))} has no order"
        else:
            continue
        message = f"the filter {show_name(name)} is never asked: {why}"
        place = subject.schemas.said(subject.vendor, "x-filters", name)
        yield Diagnostic(codes.UNASKED_FILTER, message, place)


def _meaning(says: dict[str, str]) -> tuple[str, str]:
    return says["member"], says["operator"]


def _has_no_order(vendor: Schema, member: str) -> bool:
    """Whether a member is an ID or a text: in which order a vendor has these is not known."""
    found = vendor.at(member.split("."))
    if found is None:
        return False
    is_text = found.kinds <= {"string", "null"}
    return found.annotation("x-target") is not None or (
        is_text and (found.format == "text" or found.enum is not None)
    )
