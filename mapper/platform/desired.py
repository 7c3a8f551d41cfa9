"""What the platform should have, as a project's files say."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError
from mapper.model import Tombstone
from mapper.platform.levels import Level
from mapper.platform.normal import Document, Key, Kind, digest, normal
from mapper.platform.pulled import desired_documents
from mapper.project import Project

__all__ = ["Desired", "keys_of", "read_desired"]


class Desired(Struct, frozen=True, kw_only=True):
    """The documents of a project's mappings.

    Attributes:
        documents: By what each is known by.
        mappings: The name of the mapping that each transformation is made of.
        removed: What once was published and should go, by the transformation that it was.
        every: What all mappings of the project are published as, those that were not asked for
            among them.
        limits: What the platform cannot do of the mappings.
    """

    documents: dict[Key, Document]
    mappings: dict[Key, str]
    removed: dict[Key, Tombstone]
    every: frozenset[Key]
    limits: tuple[Diagnostic, ...] = ()

    @property
    def digest(self) -> str:
        """A text that is the same as long as nothing else is desired."""
        said: list[Any] = [[*key, document] for key, document in sorted(self.documents.items())]
        return digest([said, sorted(self.removed)])


def read_desired(
    project: Project, names: Iterable[str], level: Level, element: str | None = None
) -> Desired:
    """Return what the mappings called *names* should be at *level*.

    *element* is what the platform calls the element, if it is not as in the mappings.

    Raises:
        FileError: With everything that keeps one of them from being published.
    """
    made: dict[Key, Document] = {}
    definitions: dict[Key, dict[str, Any] | None] = {}
    mappings: dict[Key, str] = {}
    limits: list[Diagnostic] = []
    refused: list[Diagnostic] = []
    for name in names:
        try:
            parts = project.mapper(name).parts
            given = desired_documents(parts, level)
        except FileError as error:
            refused.extend(error.diagnostics)
            continue
        limits.extend(given.limits)
        definition = Key(Kind.DEFINITION, parts.resource.object_name)
        there = definition._replace(
            kind=Kind.TRANSFORMATION, element=element or parts.mapping.vendor.element
        )
        if there in mappings:
            message = f"{mappings[there]} and {name} are both {there}: there can be but one"
            refused.append(Diagnostic(codes.SAME_DOCUMENT, message, parts.mapping.span))
            continue
        mappings[there] = name
        if definition not in definitions or parts.mapping.pulled is not None:
            definitions[definition] = given.definition  # what was pulled counts for all elements
        made[there] = _normal(there, given.transformation, level)
    if refused:
        raise FileError(dict.fromkeys(refused))
    made |= {
        key: _normal(key, each, level) for key, each in definitions.items() if each is not None
    }
    return Desired(
        documents=made,
        mappings=mappings,
        removed=_removed(project, element),
        every=frozenset(_keys(project, project.library.mappings, element)),
        limits=tuple(dict.fromkeys(limits)),
    )


def keys_of(project: Project, names: Iterable[str], element: str | None = None) -> set[Key]:
    """Return what has to be read of a platform for the mappings called *names*.

    Mappings need not be good for that, and no script is printed.
    """
    removed = _removed(project, element)
    defined = (Key(Kind.DEFINITION, key.name) for key in removed)
    return {*_keys(project, names, element), *removed, *defined}


def _removed(project: Project, element: str | None) -> dict[Key, Tombstone]:
    """Return what has a tombstone, but for what a mapping is published as again."""
    every = set(_keys(project, project.library.mappings, element))
    return {
        key: each
        for each in project.library.removed.values()
        if (key := Key(Kind.TRANSFORMATION, each.object_name, element or each.element)) not in every
    }


def _keys(project: Project, names: Iterable[str], element: str | None) -> Iterator[Key]:
    """Yield what the mappings called *names* are published as."""
    library = project.library
    for mapping in (library.mappings[name] for name in names):
        resource = library.resources.get(mapping.resource)
        if resource is not None:
            there = element or mapping.vendor.element
            yield Key(Kind.DEFINITION, resource.object_name)
            yield Key(Kind.TRANSFORMATION, resource.object_name, there)


def _normal(key: Key, given: dict[str, Any], level: Level) -> Document:
    made = normal(key.kind, given, level)
    assert made is not None, "a document that we make is of its level"  # noqa: S101
    return made
