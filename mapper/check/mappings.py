"""What is wrong with one mapping, or with one resource, and in which order that is asked."""

from collections.abc import Iterable, Iterator

from mapper import codes
from mapper.check.accesses import (
    idle_defaults,
    marks_of_other_access,
    unmade_objects,
    unwritten_sights,
)
from mapper.check.annotations import (
    dangers_in_annotations,
    includes_in_maps,
    misnamed_in_annotations,
    misnamed_includes,
    phases_inside,
)
from mapper.check.canonical import left_open, untold_texts
from mapper.check.envelopes import mistaken_payloads
from mapper.check.examples import misspelt_members
from mapper.check.maps import written_into_maps
from mapper.check.meanings import (
    crossed_values,
    other_meanings,
    values_that_never_come,
    wrong_zones,
)
from mapper.check.members import (
    UNKNOWN,
    expressions_in,
    left_behind,
    missing_item_keys,
    missing_key,
    stale_ignores,
    unknown,
    unknown_paths,
    unknown_tables,
    unmapped_common_members,
    unmapped_vendor_members,
)
from mapper.check.requests import (
    crossed_filters,
    idle_filters,
    unasked_filters,
    writing_refusals,
)
from mapper.check.soundness import (
    lacking_members,
    shared_keys,
    shortened_lists,
    undeclared_losses,
    undescribed_members,
    unlawful_clears,
    unsound,
    unused_keys,
)
from mapper.check.subject import CheckRule, Subject
from mapper.check.ways import one_way_members, unseen_members
from mapper.diagnostics import Diagnostic, FileError
from mapper.infer.reading import invariant_findings
from mapper.model import Mapping, Resource
from mapper.opaque import opaque_findings
from mapper.project import Project
from mapper.prove import run_examples
from mapper.related import with_schemas

RULES: tuple[CheckRule, ...] = (
    unmapped_vendor_members,
    left_behind,
    unmapped_common_members,
    stale_ignores,
    unlawful_clears,
    marks_of_other_access,
    idle_defaults,
    unwritten_sights,
    unseen_members,
)
"""What is asked of every mapping."""

SOUND_RULES: tuple[CheckRule, ...] = (
    lacking_members,
    undescribed_members,
    undeclared_losses,
    shortened_lists,
    written_into_maps,
    one_way_members,
    wrong_zones,
    values_that_never_come,
    crossed_values,
    shared_keys,
    unused_keys,
    other_meanings,
    writing_refusals,
    idle_filters,
    crossed_filters,
    unasked_filters,
    misnamed_includes,
    unmade_objects,
)
"""What is asked of mappings that could be lowered without a fault."""


def check_resource(project: Project, resource: Resource) -> Iterator[Diagnostic]:
    """Yield what is wrong with one resource beyond the shape of its file."""
    try:
        schema = project.schemas.load(resource.schema.name)
    except FileError as error:
        for each in error.diagnostics:
            yield each if each.span else each._replace(span=resource.schema.span)
        return
    for path in (resource.key, *(path for path, _ in resource.display_names)):
        yield from unknown(codes.UNKNOWN_COMMON_PATH, path, schema)
    yield from missing_key(resource, schema)
    yield from left_open(schema, project.schemas)
    yield from untold_texts(schema, project.schemas)
    expressions = [each.expression for each in resource.invariants]
    nowhere = tuple(unknown_tables(expressions, project.tables))
    if nowhere:
        yield from _unless_unread(project, nowhere)
    else:
        yield from invariant_findings(resource, schema, project.tables)


def check_mapping(project: Project, mapping: Mapping) -> Iterator[Diagnostic]:
    """Yield what is wrong with one mapping beyond the shape of its file."""
    lowered, faults = project.lower(mapping)
    resource = project.library.resources.get(mapping.resource)
    if lowered is None or resource is None:
        yield from faults
        return
    unusable = project.schema_findings(resource.schema)
    if unusable:
        yield from (*faults, *opaque_findings(mapping), *_files_beside(project, mapping), *unusable)
        return
    vendor = project.schemas.load(mapping.vendor.schema.name)
    common = project.schemas.load(resource.schema.name)
    subject = Subject(mapping, lowered, vendor, common, resource, project.schemas)
    found = _check_subject(project, subject, faults)
    yield from with_schemas(found, lowered, common, project.schemas, resource.invariants)


def _check_subject(
    project: Project, subject: Subject, faults: tuple[Diagnostic, ...]
) -> Iterator[Diagnostic]:
    """Yield what is wrong with a mapping whose schemas can be used: its *faults* first."""
    mapping = subject.mapping
    yield from faults
    yield from opaque_findings(mapping)
    yield from _files_beside(project, mapping)
    yield from mistaken_payloads(project, mapping, subject.vendor)
    if mapping.script is not None:  # what the mapping does as a whole is not known
        yield from unknown_paths(subject)
        return
    misnamed = tuple(misnamed_in_annotations(subject))
    # One name too many says more than what follows from it.
    dangers = () if misnamed else dangers_in_annotations(subject)
    unheeded = (*phases_inside(subject), *includes_in_maps(subject))
    paths = (*unknown_paths(subject), *misnamed, *unheeded, *dangers)
    yield from paths
    # A rule that is not there for its faults leaves members unmapped, and a path that leads nowhere
    # makes examples fail: one finding says more than those that follow from it.
    if not project.unread.texts and not any(
        each.span and each.span.source in mapping.files and each.rule not in _KEEP_RULES
        for each in project.findings
    ):
        for rule in RULES:
            yield from rule(subject)
    typed = tuple(unsound(subject))
    nowhere = tuple(unknown_tables(expressions_in(mapping.fields), project.tables))
    yield from _unless_unread(project, nowhere)
    unknown = tuple(each for each in typed if each.rule in UNKNOWN)
    yield from unknown
    wrong = [each.rule for each in (*paths, *unknown, *faults) if each.is_error]
    if nowhere or not _KEEP_MEANING.issuperset(wrong):
        return
    if wrong:  # what is written is not what should be, but it is of the same thing
        yield from other_meanings(subject)
        return
    yield from typed
    for rule in SOUND_RULES:
        yield from rule(subject)
    if _is_alone(project, mapping):
        yield from missing_item_keys(subject)
    yield from _check_examples(project, mapping)


def _is_alone(project: Project, mapping: Mapping) -> bool:
    """Whether no other mapping gives the same resource, maybe with less in it."""
    mappings = project.library.mappings.values()
    return sum(not each.layers and each.resource == mapping.resource for each in mappings) < 2


def _unless_unread(
    project: Project, found: Iterable[tuple[str, Diagnostic]]
) -> Iterator[Diagnostic]:
    """Yield findings about names that no file defines, but for those that unread files may."""
    yield from (each for name, each in found if not project.unread.may_define(name))


_KEEP_RULES = frozenset((codes.OVERLAPPING_VENDOR,))
"""The findings about files beside which all rules of a mapping are there."""
_KEEP_MEANING = frozenset((codes.WRITES_READ_ONLY, codes.NO_WAY_BACK))
"""The errors beside which it can be told what the two sides of a rule are ids of."""


def _files_beside(project: Project, mapping: Mapping) -> Iterator[Diagnostic]:
    """Yield the files that a mapping names and that cannot be read."""
    script = mapping.script.file if mapping.script else None
    for reference in (script, mapping.pulled):
        if reference is not None:
            try:
                project.read_beside(reference)
            except FileError as error:
                yield from error.diagnostics


def _missing_examples(project: Project, mapping: Mapping) -> Iterator[Diagnostic]:
    """Yield that a mapping names no examples of its own, if nothing else says so."""
    reference = mapping.examples
    if reference is None or project.examples(mapping) is not None:
        return
    name = project.examples_name(mapping)
    places = [each.span for each in project.findings if each.span]
    if reference.span in places or any(each.source.name == name for each in places):
        return
    others = project.named_examples(mapping)
    if others is None:
        message = f"there is no examples file {reference.name} beside the mapping"
    else:
        message = f"{reference.name} has the examples of {others.mapping}"
    yield Diagnostic(codes.UNKNOWN_NAME, message, reference.span)


def _check_examples(project: Project, mapping: Mapping) -> Iterator[Diagnostic]:
    yield from _missing_examples(project, mapping)
    examples = project.examples(mapping)
    if examples is None:
        return
    try:
        mapper = project.mapper(mapping.name)
    except FileError:  # what keeps the mapping from running has been reported
        return
    yield from misspelt_members(examples, mapper.vendor_schema)
    # Printing code takes longer than interpreting a few examples; `mapper test` runs printed code.
    yield from run_examples(mapper.interpreted, examples)
