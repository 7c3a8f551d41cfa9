"""What is wrong with whole projects, their mappings and overlays together."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from mapper import codes
from mapper.check.elements import (
    closed_schemas,
    missing_refused_bodies,
    odd_elements,
    odd_filter_names,
    odd_refusing_filters,
    resources_of_two_schemas,
)
from mapper.check.envelopes import odd_envelopes
from mapper.check.mappings import check_mapping, check_resource
from mapper.check.members import UNKNOWN, expressions_in
from mapper.diagnostics import Diagnostic, Label, by_place, show_name
from mapper.document import Entry, Mapping as Node, Scalar, Sequence as Items
from mapper.expr import Call, Literal, walk
from mapper.garbage import collected_later
from mapper.model import Mapping
from mapper.project import Project
from mapper.suppressions import Suppressed, suppress

if TYPE_CHECKING:
    from mapper.changes import Scope


def check_project(project: Project, names: Iterable[str] | None = None) -> tuple[Diagnostic, ...]:
    """Return everything that is wrong with a project, or with its mappings called *names*.

    With an overlay goes what it extends, where most of its rules stand.
    The findings come by file and place; those without a place come last.
    """
    return examine_project(project, names).found


def examine_project(
    project: Project, names: Iterable[str] | None = None, scope: "Scope | None" = None
) -> Suppressed:
    """Return what :func:`check_project` does, and how many findings comments suppress.

    With a *scope*, whose mappings *names* are, only what that tells counts.
    """
    mappings = list(_with_extended(project, project.names if names is None else names))
    is_whole = names is None if scope is None else scope.is_whole
    found = _find(project, mappings, is_whole=is_whole)
    checked = _files(
        project, mappings, scope, is_whole=is_whole, examples=not _hide_examples(found)
    )
    told = found if scope is None else filter(scope.tells, found)
    left = suppress(told, project.sources, project.schemas.documents, checked)
    kept = left.found if scope is None else filter(scope.tells, left.found)
    return left._replace(found=tuple(by_place(kept)))


def _find(project: Project, mappings: list[Mapping], *, is_whole: bool) -> list[Diagnostic]:
    """Return what is wrong with *mappings*, or with them as a whole project: each finding once."""
    found = list(project.findings)
    wanted = {mapping.resource for mapping in mappings}
    for name, resource in project.library.resources.items():
        if is_whole or name in wanted:
            found.extend(check_resource(project, resource))
    found.extend(_check_mappings(project, mappings))
    if is_whole:
        for rule in PROJECT_RULES:
            found.extend(rule(project))
    faulty = any(each.is_error for each in found)
    if is_whole and not faulty:  # what is misspelt is used, but not under its name
        found.extend(unused_definitions(project))
    # A schema that cannot be used is read, and its faults are found, by everybody who asks for it.
    return list({str(each): each for each in found}.values())


def _with_extended(project: Project, names: Iterable[str]) -> Iterator[Mapping]:
    """Yield the mappings called *names* and those that they extend, each once."""
    mappings = [project.find(name) for name in names]
    extended = (layer.name for each in mappings for layer in each.layers)
    for name in dict.fromkeys((*(each.name for each in mappings), *extended)):
        yield project.find(name)


def _check_mappings(project: Project, mappings: Iterable[Mapping]) -> Iterator[Diagnostic]:
    """Yield what is wrong with mappings; what an overlay extends says what it brings along."""
    said: dict[str, set[str]] = {}
    for mapping in sorted(mappings, key=lambda each: len(each.layers)):
        known = {told for layer in mapping.layers for told in said.get(layer.name, ())}
        said[mapping.name] = known.copy()
        with collected_later():
            found = list(check_mapping(project, mapping))
        for each in found:
            told = _told(each, mapping)
            said[mapping.name].add(told)
            if told not in known:
                yield _in_overlay(each, mapping)


def _told(found: Diagnostic, mapping: Mapping) -> str:
    """Return what a finding says and where, the same for all mappings that it is about as such."""
    is_whole = found.span in {mapping.span, mapping.vendor.schema.span}
    return str(found._replace(span=None) if is_whole else found)


def _in_overlay(found: Diagnostic, mapping: Mapping) -> Diagnostic:
    """Return a finding of an overlay, with the overlay if it stands in another file."""
    if not mapping.layers or found.span is None or found.span.source is mapping.source:
        return found
    label = Label(mapping.span, f"in the overlay {show_name(mapping.name)}")
    return found._replace(labels=(label, *found.labels))


def _hide_examples(found: Iterable[Diagnostic]) -> bool:
    """Whether one of the findings keeps examples from being run."""
    return any(each.rule in UNKNOWN for each in found)


def _files(
    project: Project,
    mappings: list[Mapping],
    scope: "Scope | None",
    *,
    is_whole: bool,
    examples: bool,
) -> frozenset[str]:
    """Return the names of the files that were checked in full.

    They are those that only *mappings* use, and of a whole project all others, or all in *scope*
    that changed; with or without *examples*.
    """
    cases = {file.source.name for each in mappings if (file := project.examples(each))}
    found = {each.source.name for each in mappings} | cases
    if is_whole:
        schemas = (each.source for each in project.schemas.documents)
        names = (source.name for source in (*project.sources, *schemas))
        found |= set(names if scope is None else filter(scope.changes.holds, names))
    return frozenset(found if examples else found - cases)


def shadowing_names(project: Project) -> Iterator[Diagnostic]:
    """Yield the resources that the platform would take for a vendor's."""
    theirs: dict[str, Mapping] = {}
    for mapping in project.library.mappings.values():
        theirs.setdefault(mapping.vendor.resource, mapping)
    for resource in project.library.resources.values():
        if resource.object_name in theirs and resource.shadows is None:
            message = f"{resource.object_name} is also a vendor resource"
            hint = (
                f"correct `resource:` of {theirs[resource.object_name].name} if it is misspelt, "
                "choose another `objectName`, or say why with `shadows: …`"
            )
            label = Label(theirs[resource.object_name].vendor.place, "the vendor resource")
            named = next(
                file.root.get("objectName")
                for file in project.files
                if file.root.span.source is resource.span.source
            )
            place = resource.span if named is None else named.span
            yield Diagnostic(codes.SHADOWS_RESOURCE, message, place, hint=hint, labels=(label,))


PROJECT_RULES: tuple[Callable[[Project], Iterator[Diagnostic]], ...] = (
    shadowing_names,
    odd_elements,
    odd_envelopes,
    resources_of_two_schemas,
    closed_schemas,
    odd_refusing_filters,
    missing_refused_bodies,
    odd_filter_names,
)
"""What is asked of whole projects."""


def unused_definitions(project: Project) -> Iterator[Diagnostic]:
    """Yield the fragments and tables that nothing uses."""
    used = {name for file in project.files for name in _fragment_uses(file.root.entries[1:])}
    for file in project.files:
        defined = file.root.entries[0].value
        if file.kind == "fragment" and isinstance(defined, Scalar) and defined.text not in used:
            message = f"nothing uses the fragment {show_name(defined.text)}"
            yield Diagnostic(codes.UNUSED_DEFINITION, message, defined.span)
    library = project.library
    expressions = (
        *(each for mapping in library.mappings.values() for each in expressions_in(mapping.fields)),
        *(each.expression for of in library.resources.values() for each in of.invariants),
    )
    calls = [
        call
        for expression in expressions
        for call in walk(expression.tree)
        if isinstance(call, Call) and call.name == "lookup"
    ]
    names = {call.arguments[0].value for call in calls if isinstance(call.arguments[0], Literal)}
    if any(not isinstance(call.arguments[0], Literal) for call in calls):
        return  # which tables it is is not known
    for name, table in library.tables.items():
        if name not in names:
            message = f"nothing looks into the table {name}"
            yield Diagnostic(codes.UNUSED_DEFINITION, message, table.span)


def _fragment_uses(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the names of the fragments that rules below *entries* are made of."""
    for entry in entries:
        match entry.value:
            case Scalar(text=name) if entry.key.text == "fragment":
                yield name
            case Node(entries=inner):
                yield from _fragment_uses(inner)
            case Items(items=items):
                for item in items:
                    if isinstance(item, Node):
                        yield from _fragment_uses(item.entries)
            case _:
                pass
