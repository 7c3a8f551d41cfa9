"""The plan: what to change so that the platform has what the project says, field by field."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic
from mapper.platform.current import Current
from mapper.platform.desired import Desired
from mapper.platform.levels import Place
from mapper.platform.normal import Document, Key, Kind, mark
from mapper.values import ABSENT

__all__ = ["Change", "Edit", "Operation", "Options", "Plan", "diff", "make_plan"]

Record = Mapping[Key, Document]
"""What was published last, as far as it is ours."""


class Operation(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    KEEP = "no change"


class Edit(NamedTuple):
    """A difference: where, and what is there on each side, ABSENT for nothing."""

    path: tuple[str, ...]
    before: Any
    after: Any


def diff(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[Edit]:
    """Yield where two documents differ, by path; what only one of them has is one difference.

    >>> list(diff({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}))
    [Edit(path=('a', 'c'), before=2, after=3)]
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            sides = before.get(name, ABSENT), after.get(name, ABSENT)
            yield from diff(*sides, (*path, name))
    elif before is ABSENT or after is ABSENT or before != after:
        yield Edit(path, before, after)


class Change(Struct, frozen=True, kw_only=True):
    """What becomes of one document.

    Attributes:
        key: What it is known by.
        before: What the platform has.
        after: What it will have.
        own: What of that is ours; the rest somebody else put there, and it is kept. A field of ours
            that others map by now stays ours, until it can go.
        adopted: Whether it was not ours before.
    """

    key: Key
    before: Document | None
    after: Document | None
    own: Document | None
    adopted: bool = False

    @property
    def operation(self) -> Operation:
        if self.before == self.after:
            return Operation.KEEP
        if self.before is None:
            return Operation.CREATE
        return Operation.DELETE if self.after is None else Operation.UPDATE

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Where the document changes, of one that stays."""
        if self.before is None or self.after is None:
            return ()
        return tuple(diff(self.before, self.after))

    @property
    def kept(self) -> tuple[Edit, ...]:
        """What is kept although it is not ours: drift."""
        if self.own is None or self.after is None:
            return ()
        return tuple(diff(self.own, self.after))


class Options(Struct, frozen=True):
    """What the user allows.

    Attributes:
        adopt: The names of objects that may be taken over.
        prune: Whether what has a tombstone may be deleted.
    """

    adopt: frozenset[str] = frozenset()
    prune: bool = False


class Plan(Struct, frozen=True, kw_only=True):
    """What to do at one place.

    Attributes:
        changes: One for each document that concerns us, definitions first.
        refused: Why some documents may not be changed.
        notes: What else somebody should know, a sentence each.
        desired: The digest of what the project says.
        current: The digest of what the platform has.
    """

    place: Place
    changes: tuple[Change, ...]
    refused: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    desired: str = ""
    current: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to change."""
        return all(each.operation is Operation.KEEP for each in self.changes)

    @property
    def changed(self) -> tuple[Change, ...]:
        """The changes that change something."""
        return tuple(each for each in self.changes if each.operation is not Operation.KEEP)


def make_plan(
    place: Place, desired: Desired, current: Current, record: Record, options: Options
) -> Plan:
    """Return what to change at *place*, of what the *options* allow to."""
    given = _Sides(desired, current, record, options)
    changes: list[Change] = []
    refused: list[Diagnostic] = []
    for key in sorted(desired.documents):
        change = given.change(key)
        if given.may(change):
            changes.append(change)
        else:
            refused.append(_not_ours(key, given.owner(key)))
    removals = list(given.removals())
    changes += removals if options.prune else ()
    return Plan(
        place=place,
        changes=tuple(changes),
        refused=tuple(refused),
        notes=(*given.notes(removals),),
        desired=desired.digest,
        current=current.digest,
    )


class _Sides(Struct, frozen=True):
    """What a plan is made of."""

    desired: Desired
    current: Current
    record: Record
    options: Options

    def change(self, key: Key) -> Change:
        """Return what becomes of a document that is desired."""
        own, live = self.desired.documents[key], self.current.documents.get(key)
        after = own
        if key.kind is Kind.DEFINITION and live is not None:
            former = self._former_fields(key)
            used = self._used_by_others(key, former - own["fields"].keys())
            after = _with_foreign(own, live, self.record.get(key), former - used)
            still = {
                path: live["fields"][path]
                for path in used & self._recorded(key) & live["fields"].keys()
            }
            own = {**own, "fields": own["fields"] | still}
        adopted = live is not None and not self._is_ours(key)
        return Change(key=key, before=live, after=after, own=own, adopted=adopted)

    def may(self, change: Change) -> bool:
        """Whether a change is allowed: it touches nothing that is not ours."""
        return (
            not change.adopted
            or change.operation is Operation.KEEP
            or change.key.name in self.options.adopt
        )

    def removals(self) -> Iterator[Change]:
        """Yield the deletions that tombstones ask for, transformations first."""
        going = self._going()
        for key in sorted(going):
            yield _deletion(key, self.current.documents[key])
        for key in self._unused(going):
            foreign = self.current.documents[key]["fields"].keys() - self._former_fields(key)
            if not foreign or key.name in self.options.adopt:
                yield _deletion(key, self.current.documents[key])

    def notes(self, removals: Iterable[Change]) -> Iterator[str]:
        """Yield what is left undone, and why."""
        going = {change.key for change in removals}
        for key in sorted(going):
            if not self.options.prune:
                yield f"{key} was removed from the project: --prune deletes it"
        for key in sorted(self.desired.removed):
            if key in self.current.documents and key not in going:
                yield f"{key} has a tombstone, but is not ours: it stays"
        for key in self._unused(going):
            if key not in going:
                yield (
                    f"{key} has fields that are not ours: it stays, unless --adopt {key.name} takes"
                    " it over"
                )
        for key in sorted(self.record.keys() - self.desired.removed - self._defined()):
            if key in self.current.documents and key not in going and self._is_lost(key):
                yield (
                    f"{key} was published from a mapping that is not there any more: a tombstone in"
                    " mappings/removed.yaml lets it be deleted"
                )

    def _is_lost(self, key: Key) -> bool:
        """Whether what was published is of a mapping that is not there any more."""
        owner = self.owner(key)
        renamed = owner is not None and owner not in self.desired.names
        return key not in self.desired.every or (renamed and key not in self.desired.documents)

    def owner(self, key: Key) -> str | None:
        """Return the mapping that a transformation on the platform carries the mark of."""
        live = self.current.documents.get(key)
        return mark(live) if live is not None and key.kind is Kind.TRANSFORMATION else None

    def _is_ours(self, key: Key) -> bool:
        """Whether we made a document that is there."""
        live = self.current.documents.get(key)
        if live is None:
            return False
        if key.kind is Kind.TRANSFORMATION:
            # A script that somebody else wrote has no mark, and is ours once it was published.
            # One that another mapping of the project wrote is that one's, as at another account.
            owner = mark(live)
            if owner in self.desired.owners.get(key, ()):
                return True
            return live == self.record.get(key) and owner not in self.desired.names
        users = self.current.transformations(key.name)
        if users:
            return all(mark(each) is not None for each in users.values())
        # None yet, as when a publish was interrupted: it is ours if it says what we said.
        return key in self.record or live == self.desired.documents.get(key)

    def _may_go(self, key: Key) -> bool:
        there = key in self.current.documents
        return there and (self._is_ours(key) or key.name in self.options.adopt)

    def _going(self) -> set[Key]:
        """Return the transformations that tombstones ask to delete."""
        return {key for key in self.desired.removed if self._may_go(key)}

    def _defined(self) -> set[Key]:
        """Return the definitions of what has a tombstone."""
        return {Key(Kind.DEFINITION, key.name) for key in self.desired.removed}

    def _unused(self, going: Collection[Key]) -> Iterator[Key]:
        """Yield the definitions that nothing needs any more once transformations are gone."""
        for key in sorted(self.desired.unneeded):
            left = self.current.transformations(key.name).keys() - set(going)
            if not left and self._may_go(key):
                yield key

    def _used_by_others(self, key: Key, paths: Collection[str]) -> set[str]:
        """Return those of a definition's fields that transformations map which stay as they are."""
        ours = self.desired.documents.keys() | (self._going() if self.options.prune else set())
        return set(self.current.users(key.name, paths, ours))

    def _former_fields(self, key: Key) -> set[str]:
        """Return the paths of a definition that we put there.

        Without a record of that they are those which our transformations map.
        """
        if key in self.record:
            return self._recorded(key)
        users = self.current.transformations(key.name).values()
        return {path for each in users if mark(each) is not None for path in each["fields"]}

    def _recorded(self, key: Key) -> set[str]:
        """Return the paths of a definition that are ours by the record."""
        return set(self.record[key]["fields"]) if key in self.record else set()


def _with_foreign(
    own: Document, live: Document, record: Document | None, former: set[str]
) -> Document:
    """Return our definition with what others added to the one that is there."""
    labels = {
        path for path, field in (record or {"fields": {}})["fields"].items() if len(field) > 1
    }
    fields: dict[str, Any] = {
        path: field for path, field in live["fields"].items() if path not in former
    }
    for path, field in own["fields"].items():
        there = live["fields"].get(path, {})
        kept = {} if path in labels else {k: each for k, each in there.items() if k != "type"}
        fields[path] = {**kept, **field}
    return {"fields": fields}


def _deletion(key: Key, live: Document) -> Change:
    return Change(key=key, before=live, after=None, own=None)


def _not_ours(key: Key, owner: str | None) -> Diagnostic:
    what = f"comes from the mapping {owner}" if owner else "is not ours"
    hint = f"--adopt {key.name} takes it over; a snapshot keeps what it says now"
    return Diagnostic(codes.NOT_OURS, f"the platform's {key} {what}", hint=hint)
