"""What the platform should have, as a project's files say."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError
from mapper.model import Tombstone
from mapper.platform.documents import level_for
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
        owners: The mappings by whose marks each transformation is ours: its own, what that extends,
            or what has a tombstone.
        removed: The transformations that once were published and should go.
        unneeded: The definitions that should go with them, if nothing else is left of them.
        every: What all mappings of the project are published as, those that were not asked for
            among them.
        names: The names of all of those.
        limits: What the platform cannot do of the mappings.
    """

    documents: dict[Key, Document]
    mappings: dict[Key, str]
    owners: dict[Key, frozenset[str]]
    removed: frozenset[Key]
    unneeded: frozenset[Key]
    every: frozenset[Key]
    names: frozenset[str]
    limits: tuple[Diagnostic, ...] = ()

    @property
    def digest(self) -> str:
        """A text that is the same as long as nothing else is desired."""
        said: list[Any] = [[*key, document] for key, document in sorted(self.documents.items())]
        return digest([said, sorted(self.removed), sorted(self.unneeded)])


def read_desired(
    project: Project, names: Iterable[str], level: Level, element: str | None = None
) -> Desired:
    """Return what the mappings called *names* should be at *level*.

    *element* is what the platform calls the element, if it is not as in the mappings.

    Raises:
        FileError: With everything that keeps one of them from being published.
    """
    asked = tuple(names)
    made: dict[Key, Document] = {}
    definitions: dict[Key, tuple[str, dict[str, Any] | None]] = {}
    mappings: dict[Key, str] = {}
    owners: dict[Key, frozenset[str]] = {}
    limits: list[Diagnostic] = []
    refused: list[Diagnostic] = []
    for name in asked:
        try:
            level_for(project.find(name), level)
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
        resource, known = definitions.get(definition, (parts.resource.name, given.definition))
        if there in mappings or resource != parts.resource.name:
            both = there if there in mappings else definition
            other = mappings.get(there, f"the resource {resource}")
            message = f"{other} and {name} are both {both}: there can be but one"
            refused.append(Diagnostic(codes.SAME_DOCUMENT, message, parts.mapping.span))
            continue
        mappings[there] = name
        owners[there] = frozenset({name, *(layer.name for layer in parts.mapping.layers)})
        if parts.mapping.pulled is not None:  # what was pulled counts for all elements
            known = given.definition
        definitions[definition] = resource, known
        made[there] = _normal(there, given.transformation, level)
    if refused:
        raise FileError(dict.fromkeys(refused))
    made |= {
        key: _normal(key, each, level) for key, (_, each) in definitions.items() if each is not None
    }
    every = frozenset(_keys(project, project.library.mappings, element))
    going = _going(project, asked, level, element)
    for key, each in going:
        owners[key] = owners.get(key, frozenset()) | {each.name}
    return Desired(
        documents=made,
        mappings=mappings,
        owners=owners,
        removed=frozenset(key for key, _ in going),
        unneeded=frozenset(_unneeded(going, every)) - made.keys(),
        every=every,
        names=frozenset(project.library.mappings),
        limits=tuple(dict.fromkeys(limits)),
    )


def keys_of(
    project: Project, names: Iterable[str], level: Level, element: str | None = None
) -> set[Key]:
    """Return what has to be read of a platform for the mappings called *names* at a level.

    Mappings need not be good for that, and no script is printed.
    """
    asked = tuple(names)
    removed = [key for key, _ in _going(project, asked, level, element)]
    defined = (Key(Kind.DEFINITION, key.name) for key in removed)
    return {*_keys(project, asked, element), *removed, *defined}


def _going(
    project: Project, names: Iterable[str], level: Level, element: str | None
) -> list[tuple[Key, Tombstone]]:
    """Return what has a tombstone, but for what a mapping is published as again.

    A tombstone without a level counts at all, unless any mapping is that; one with a level, unless
    its name is that of a mapping, or one of those called *names* is that.
    """
    library = project.library
    every = set(_keys(project, library.mappings, element))
    asked = set(_keys(project, names, element))
    stones = (
        (Key(Kind.TRANSFORMATION, each.object_name, element or each.element), each)
        for each in library.removed.values()
        if each.level is None or (each.level is level and each.name not in library.mappings)
    )
    return [(key, each) for key, each in stones if key not in (asked if each.level else every)]


def _unneeded(going: Iterable[tuple[Key, Tombstone]], every: Iterable[Key]) -> Iterator[Key]:
    """Yield the definitions of what goes, but of objects that the project has for others, too.

    After an overlay only its own level's goes, which the object needs no more at other levels.
    """
    mapped = {(key.name, key.element) for key in every if key.kind is Kind.TRANSFORMATION}
    for key, each in going:
        elements = {element for name, element in mapped if name == key.name}
        if elements <= ({key.element} if each.level else set()):
            yield Key(Kind.DEFINITION, key.name)


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
