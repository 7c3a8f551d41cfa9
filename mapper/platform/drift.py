"""Drift: what became different since it was published, in the project and on the platform."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from mapper.platform.current import Current
from mapper.platform.desired import Desired
from mapper.platform.normal import Document, Key
from mapper.platform.plan import Edit, diff

__all__ = ["Drift", "Side", "find_drift"]


class Side(StrEnum):
    """Who changed a document since it was published."""

    OURS = "the project changed"
    THEIRS = "the platform changed"
    BOTH = "both changed"
    UNPUBLISHED = "not published"
    UNRECORDED = "different, and nobody recorded what was published"


class Drift(Struct, frozen=True):
    """A document that is not as it was published, and where, on each side."""

    key: Key
    side: Side
    ours: tuple[Edit, ...] = ()
    theirs: tuple[Edit, ...] = ()


def find_drift(
    desired: Desired, current: Current, record: Mapping[Key, Document]
) -> Iterator[Drift]:
    """Yield the documents that are different from what was published.

    Those of mappings that were not asked for are none of it.
    """
    for key in sorted(desired.documents.keys() | (record.keys() - desired.every)):
        own, live = desired.documents.get(key), current.documents.get(key)
        if key not in record:
            if live is None:
                yield Drift(key, Side.UNPUBLISHED)
            elif live != own:
                yield Drift(key, Side.UNRECORDED, theirs=_diff(own, live))
            continue
        ours, theirs = _diff(record[key], own), _diff(record[key], live)
        if ours and theirs and own != live:
            yield Drift(key, Side.BOTH, ours, theirs)
        elif theirs and own != live:
            yield Drift(key, Side.THEIRS, theirs=theirs)
        elif ours:
            yield Drift(key, Side.OURS, ours=ours)


def _diff(before: Document | None, after: Document | None) -> tuple[Edit, ...]:
    sides: list[Any] = [{} if each is None else each for each in (before, after)]
    return tuple(diff(*sides))
