"""Check rules about requests: what lists can be asked, and how what cannot be is refused."""

from collections.abc import Iterator

from mapper import codes
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic, show_name
from mapper.model import show_path
from mapper.paths import vendor_paths
from mapper.refusals import taken_refusals


def writing_refusals(subject: Subject) -> Iterator[Diagnostic]:
    """Yield that a request which is to be refused would write something."""
    yield from taken_refusals(subject.mapping, subject.lowered)


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
    mapped = set(vendor_paths(subject.lowered.rules))
    for name, says in subject.vendor.annotation("x-filters", {}).items():
        member = tuple(says["member"].split("."))
        if (name,) in mapped and member != (name,):
            message = (
                f"the filter {show_name(name)} compares {show_path(member)}, "
                f"and {show_name(name)} is a member of its own"
            )
            place = subject.schemas.said(subject.vendor, "x-filters", name, "member")
            yield Diagnostic(codes.CROSSED_FILTER, message, place)
