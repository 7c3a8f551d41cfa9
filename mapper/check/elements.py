"""Check rules about what the mappings of one element say beside one another."""

from collections import Counter
from collections.abc import Iterator

from mapper import codes
from mapper.diagnostics import Diagnostic, Label, did_you_mean, show_name
from mapper.model import Mapping
from mapper.project import Project
from mapper.schema import Schema


def odd_elements(project: Project) -> Iterator[Diagnostic]:
    """Yield the mappings that alone are of another element than those that are named like them."""
    groups: dict[str, list[Mapping]] = {}
    for mapping in project.library.mappings.values():
        if not mapping.layers:  # an overlay is of the same element as what it extends
            groups.setdefault(mapping.name.partition("/")[0], []).append(mapping)
    for prefix, mappings in groups.items():
        counts = Counter(each.vendor.element for each in mappings)
        if len(counts) != 2 or len(mappings) < 3:
            continue
        for each in mappings:
            if counts[each.vendor.element] == 1:
                [theirs] = counts.keys() - {each.vendor.element}
                message = f"{show_name(each.vendor.element)} is the element of this mapping alone"
                hint = f"{show_name(theirs)} is that of all others of {show_name(prefix)}"
                yield Diagnostic(codes.ODD_ELEMENT, message, each.vendor.element_place, hint=hint)


def resources_of_two_schemas(project: Project) -> Iterator[Diagnostic]:
    """Yield the mappings that describe a vendor resource by another schema than one before."""
    known: dict[tuple[str, str], Mapping] = {}
    for mapping in project.library.mappings.values():
        theirs = mapping.vendor
        first = known.setdefault((theirs.element, theirs.resource), mapping)
        if not mapping.layers and theirs.schema.name != first.vendor.schema.name:
            message = f"{show_name(theirs.resource)} has another schema in {show_name(first.name)}"
            label = Label(first.vendor.place, "the same vendor resource")
            yield Diagnostic(codes.TWO_SCHEMAS, message, theirs.place, labels=(label,))


def closed_schemas(project: Project) -> Iterator[Diagnostic]:
    """Yield the vendor schemas that close the whole object, where most of the element do not."""
    for vendors in _vendors(project):
        closed = [each for each in vendors if each.closed and each.own]
        if len(closed) * 2 < len(vendors):
            for each in closed:
                message = "payloads with a member that the vendor adds are refused"
                hint = "leave it open, as the other schemas of the element are"
                place = project.schemas.said(each, "additionalProperties")
                yield Diagnostic(codes.VENDOR_CLOSED, message, place, hint=hint)


def near_filters(project: Project) -> Iterator[Diagnostic]:
    """Yield the refusing filters that are named nearly as those of the element's other schemas.

    A filter that `x-filters` names as well is one of its own.
    """
    for vendors in _vendors(project):
        named = [(each, _refusing(each)) for each in vendors]
        counts = Counter(name for _, name in named if name is not None)
        usual = [name for name, number in counts.items() if number > 1]
        for each, name in named:
            if name is None or name in usual or name in each.annotation("x-filters", {}):
                continue
            hint = did_you_mean(name, usual)
            if hint is not None:
                message = f"no other schema of the element refuses by the filter {show_name(name)}"
                place = project.schemas.said(each, "x-refuse-filter", "filter")
                yield Diagnostic(codes.NEAR_NAME, message, place, hint=hint)


def _refusing(vendor: Schema) -> str | None:
    name: str | None = vendor.annotation("x-refuse-filter", {}).get("filter")
    return name


def _vendors(project: Project) -> Iterator[list[Schema]]:
    """Yield the vendor schemas of each element, as far as they can be used, each once."""
    elements: dict[str, dict[str, Schema]] = {}
    for mapping in project.library.mappings.values():
        reference = mapping.vendor.schema
        if not mapping.layers and not project.schema_findings(reference):
            known = elements.setdefault(mapping.vendor.element, {})
            known[reference.name] = project.schemas.load(reference.name)
    yield from (list(schemas.values()) for schemas in elements.values())
