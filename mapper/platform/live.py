"""What can be pulled: the transformations of a place, or of an export, with their definitions."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, did_you_mean, show_name
from mapper.platform.current import Current, read_current
from mapper.platform.errors import RefusedError
from mapper.platform.exports import Export, at_level
from mapper.platform.levels import Level, Place
from mapper.platform.normal import Document, Key, Kind, MalformedError, normal

if TYPE_CHECKING:
    from mapper.platform.client import Client

__all__ = ["Live", "exported", "read_live"]


class Live(Struct, frozen=True):
    """A transformation of the platform with the definition of its object.

    Attributes:
        level: Whom it is for.
        others: The object's transformations for other elements, which have the same definition.
    """

    name: str
    element: str
    definition: Document | None
    transformation: Document
    others: tuple[Document, ...] = ()
    level: Level = Level.ORGANIZATION

    @property
    def script(self) -> str | None:
        script = self.transformation.get("script")
        return None if script is None else str(script["body"])

    @property
    def every(self) -> tuple[Document, ...]:
        """All transformations of the object."""
        return (self.transformation, *self.others)

    @property
    def vendor_name(self) -> str:
        return str(self.transformation.get("vendorName") or self.name)


def read_live(
    client: "Client", place: Place, names: Iterable[str], element: str | None
) -> list[Live]:
    """Return the transformations of the objects called *names*, or of all; only those of *element*.

    Raises:
        FileError: M643 if one of the names has none.
        PlatformError: It cannot be told.
    """
    asked = list(names)
    every = asked or sorted(_names(client, place))
    keys = {Key(Kind.DEFINITION, name) for name in every}
    own = element or _own_element(client, place)
    if own is not None:
        keys |= {Key(Kind.TRANSFORMATION, name, own) for name in every}
    every_live = _with_others(_paired(read_current(client, place, keys), place.level))
    found = [each for each in every_live if _is_of(each, element)]
    _demand(asked, found)
    return found


def _names(client: "Client", place: Place) -> set[str]:
    """Return the names of the objects that may have a transformation at *place*.

    An account may transform objects that only the organization defines.
    """
    names = _defined(client, place)
    if place.level is Level.ACCOUNT:
        with suppress(RefusedError):  # whoever may not read those sees their own
            names |= _defined(client, Place(place.url, Level.ORGANIZATION))
    return names


def _defined(client: "Client", place: Place) -> set[str]:
    found = client.find(place.definitions) or {}
    return {name for name, each in found.items() if isinstance(each, dict)}


def _paired(current: Current, level: Level) -> Iterator[Live]:
    for key, document in sorted(current.documents.items()):
        if key.kind is Kind.TRANSFORMATION:
            definition = current.documents.get(Key(Kind.DEFINITION, key.name))
            yield Live(key.name, key.element, definition, document, level=level)


def _with_others(found: Iterable[Live]) -> list[Live]:
    """Return transformations, each with those of the same object for other elements."""
    known = list(found)
    return [
        replace(
            live,
            others=tuple(
                each.transformation
                for each in known
                if each.name == live.name and each.element != live.element
            ),
        )
        for live in known
    ]


def _own_element(client: "Client", place: Place) -> str | None:
    """Return the one element that an instance has; None at other levels, which have several."""
    if place.level is not Level.INSTANCE or place.owner is None:
        return None
    element: Any = client.get(f"/instances/{place.owner}").get("element")
    key = element.get("key") if isinstance(element, dict) else None
    return key if isinstance(key, str) else None


def exported(
    exports: Iterable[Export], level: Level, names: Iterable[str], element: str | None
) -> list[Live]:
    """Return the transformations in exports that have anything of a level.

    Raises:
        FileError: M643 if one of the names has none; M644 if one has another shape.
    """
    asked = list(names)
    found = [
        each
        for export in exports
        if not asked or export.name in asked
        for each in _with_others(_of_export(export, level))
        if _is_of(each, element)
    ]
    _demand(asked, found)
    return found


def _of_export(export: Export, level: Level) -> Iterator[Live]:
    try:
        definition = normal(Kind.DEFINITION, export.definition, level)
        for element, each in sorted(export.transformations.items()):
            transformation = normal(Kind.TRANSFORMATION, at_level(each, level), level)
            if transformation is not None:
                yield Live(export.name, element, definition, transformation, level=level)
    except MalformedError as error:
        message = f"{show_name(export.name)}: {error}"
        raise FileError([Diagnostic(codes.BAD_EXPORT, message)]) from None


def _is_of(live: Live, element: str | None) -> bool:
    return element is None or live.element == element


def _demand(asked: Iterable[str], found: Iterable[Live]) -> None:
    names = {each.name for each in found}
    missing = [
        Diagnostic(
            codes.NOT_PULLED,
            f"there is no transformation of an object {show_name(name)} at this level",
            hint=did_you_mean(name, names),
        )
        for name in dict.fromkeys(asked)
        if name not in names
    ]
    if missing:
        raise FileError(missing)
