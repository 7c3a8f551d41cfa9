"""Check rules about what the mappings of one element say beside one another."""

from collections import Counter
from collections.abc import Iterator

from mapper import codes
from mapper.check.subject import by_element
from mapper.diagnostics import Diagnostic, Label, did_you_mean, show_name, show_value
from mapper.model import Access, Mapping
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
    for vendors in _elements(project):
        closed = [vendor for vendor in vendors if vendor.closed and vendor.own]
        if len(closed) * 2 < len(vendors):
            for vendor in closed:
                message = "payloads with a member that the vendor adds are refused"
                hint = "leave it open, as the other schemas of the element are"
                place = project.schemas.said(vendor, "additionalProperties")
                yield Diagnostic(codes.VENDOR_CLOSED, message, place, hint=hint)


def odd_refusing_filters(project: Project) -> Iterator[Diagnostic]:
    """Yield the filters that refuse a list nearly as those of the element's other schemas do.

    That is by another value, or by a filter of nearly the name. One that `x-filters` names as well
    is one of its own.
    """
    for vendors in _elements(project):
        says = [(each, each.annotation("x-refuse-filter")) for each in vendors]
        said = [(vendor, saying["filter"], saying["value"]) for vendor, saying in says if saying]
        names = Counter(name for _, name, _ in said)
        values = Counter((name, value) for _, name, value in said)
        usual = {name: value for (name, value), number in values.items() if number > 1}
        for vendor, name, value in said:
            near = did_you_mean(name, usual) if names[name] == 1 else None
            if near is not None and name not in vendor.annotation("x-filters", {}):
                message = f"no other schema of the element refuses by the filter {show_name(name)}"
                place = project.schemas.said(vendor, "x-refuse-filter", "filter")
                yield Diagnostic(codes.ODD_ANNOTATION, message, place, hint=near)
            if name in usual and values[name, value] == 1:
                message = f"other schemas of the element refuse by {show_value(usual[name])}"
                place = project.schemas.said(vendor, "x-refuse-filter", "value")
                yield Diagnostic(codes.ODD_ANNOTATION, message, place)


def missing_refused_bodies(project: Project) -> Iterator[Diagnostic]:
    """Yield the mappings that write, and alone have no body that is refused.

    A request that their scripts refuse would seem to have gone well.
    """
    written = (each for each in project.library.mappings.values() if _writes(each))
    for mappings in by_element(written):
        vendors = {each.name: vendor for each in mappings if (vendor := _vendor(project, each))}
        lacking = [name for name, each in vendors.items() if not each.annotation("x-refuse-body")]
        if len(lacking) == 1 and len(vendors) > 2:
            mapping = project.find(lacking[0])
            message = "a request that is refused seems to have gone well, unlike in other mappings"
            hint = "name with `x-refuse-body` a value for which the vendor refuses the whole body"
            place = mapping.vendor.schema.span
            yield Diagnostic(codes.ODD_ANNOTATION, message, place, hint=hint)


def odd_filter_names(project: Project) -> Iterator[Diagnostic]:
    """Yield the filters for one value that no member has the name of, if most are named so."""
    for vendors in _elements(project):
        equal = [
            (vendor, name, name in vendor.members())
            for vendor in vendors
            for name, says in vendor.annotation("x-filters", {}).items()
            if says["operator"] == "="
        ]
        odd = [(vendor, name) for vendor, name, is_member in equal if not is_member]
        if len(odd) * 3 < len(equal):
            for vendor, name in odd:
                message = (
                    f"no member is called {show_name(name)}, unlike most filters of the element"
                )
                place = project.schemas.said(vendor, "x-filters", name)
                hint = did_you_mean(name, vendor.members())
                yield Diagnostic(codes.ODD_ANNOTATION, message, place, hint=hint)


def _writes(mapping: Mapping) -> bool:
    return any(rule.access is not Access.READ for rule in mapping.fields)


def _elements(project: Project) -> Iterator[list[Schema]]:
    """Yield the vendor schemas of each element, as far as they can be used, each once."""
    for mappings in by_element(project.library.mappings.values()):
        found = (vendor for each in mappings if (vendor := _vendor(project, each)))
        yield list({vendor.file: vendor for vendor in found}.values())


def _vendor(project: Project, mapping: Mapping) -> Schema | None:
    """Return the vendor's schema of a mapping, None if it cannot be used."""
    reference = mapping.vendor.schema
    unusable = project.schema_findings(reference)
    return None if unusable else project.schemas.load(reference.name)
