"""What an edit sends as it was read, beside what it changes: members of a body travel whole."""

from collections.abc import Iterable, Iterator, Set as AbstractSet
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Span
from mapper.infer.fitting import ANY_ITEM, MISSING, misfits
from mapper.infer.lacking import writers
from mapper.infer.schemas import type_of_schema
from mapper.infer.scope import Scope, show_place
from mapper.infer.taking import Target, fits, picked_of, union_of
from mapper.lower import Lowered, LoweredMapping
from mapper.model import Access, Mapping, show_path
from mapper.policy import write_policy
from mapper.schema import Schema, schema_of
from mapper.schema.subschema import alters
from mapper.values import Steps


def keep(mapping: Mapping, lowered: LoweredMapping, scope: Scope) -> None:
    """Report what an edit sends as it was read, and the vendor does not take like that."""
    rules = tuple(rule for rule in lowered.rules if rule.access is not Access.CREATE)
    edited = frozenset(_edits(rules))
    inner = (steps[:depth] for steps in edited for depth in range(1, len(steps)))
    made = frozenset((*inner, *_containers(rules)))
    given = frozenset(_edits(rules, without=Access.CREATE))
    created = {each.vendor.steps for each in mapping.constants} | edited
    kept = _Kept(made, given, created - given, scope, mapping.vendor.schema.span)
    for name, member in lowered.vendor.members().items():
        if (name,) in made and _is_written(member, _UPDATE):
            kept.look((name,), Target(member))


def _edits(rules: Iterable[Lowered], without: Access | None = None) -> Iterator[Steps]:
    """Yield the vendor paths that edits write, those in the items of lists after the list's."""
    for steps, members in writers(rule for rule in rules if rule.access is not without):
        yield steps
        yield from ((*steps, *each) for each in _edits(members, without))


def _containers(rules: Iterable[Lowered], at: Steps = ()) -> Iterator[Steps]:
    """Yield the vendor objects and lists with rules of their own, though these may only read."""
    for steps, members in writers(rules):
        if members:
            yield (*at, *steps)
            yield from _containers(members, (*at, *steps))


class _Kept(Struct, frozen=True):
    """What is asked of every place that is kept.

    Attributes:
        made: The vendor objects and lists in which rules write; what may be made is said with them.
        given: What edits write: who edits can give what the vendor needs.
        created: What is only written in what is new.
        scope: Where what is found goes.
        place: Where it is told.
    """

    made: AbstractSet[Steps]
    given: AbstractSet[Steps]
    created: AbstractSet[Steps]
    scope: Scope
    place: Span

    def look(self, at: Steps, vendor: Target) -> None:
        """Report what of the value at a vendor path is not taken as it was read."""
        schema = vendor.schema
        if schema is None or schema.annotation("writeOnly"):  # what is never read is not kept
            return
        steps = _plain(at)
        if steps not in self.made:
            if steps not in self.given:
                self._look_at_values(at, schema)
            if schema.annotation("x-write-type") is not None:
                self._hold(at, vendor, schema)
                return
            self._look_at_list(at, schema)
        if schema.items() is not None:
            self.look((*at, ANY_ITEM), vendor.items())
        if schema.items() is None or schema.members():
            self._look_into(at, vendor, schema)

    def _look_at_values(self, at: Steps, schema: Schema) -> None:
        """Report values of which the vendor takes only some, where none is written."""
        values = write_policy(schema).values
        if values is not None:
            given = type_of_schema(schema)
            single = replace(given, lists=None, objects=None)
            for misfit in islice(misfits(single, schema_of({"enum": list(values)})), 1):
                shown = f": {misfit.example}" if misfit.example else ""
                self._report(at, f" as it is kept may be outside `x-write-enum`{shown}", _OF_VALUES)

    def _look_at_list(self, at: Steps, schema: Schema) -> None:
        items, picked = schema.items(), picked_of(schema)
        if picked is not None and items is not None and picked not in items.required:
            self._report(at, f"[].{picked} {MISSING}, and it is what is kept of each item")
        parts = tuple(_parts(schema))
        is_set = any(each.raw.get("uniqueItems") for each in parts)
        if is_set and items is not None and _shortens(items, picked):
            self._report(at, " as it is kept may have an item twice")
        if any("not" in each.raw for each in parts) and alters(schema):
            self._report(at, " as it is kept is limited by `not`, which is not looked into")

    def _look_into(self, at: Steps, vendor: Target, schema: Schema) -> None:
        others = schema.others
        if others is not None and schema.members():
            self._report(at, " may have members that its schema does not name: an edit loses them")
        elif others is not None and (alters(others) or _demands(others)):
            self._hold(at, vendor, schema)
        loose = _loose(schema)
        if loose is not None:
            message = f" may have {show_path((loose,))}, which another branch has, with any value"
            self._report(at, message, _OF_BRANCHES)
        for name, member in schema.members().items():
            if _is_written(member, vendor):
                if member.annotation("writeOnly"):
                    self._report((*at, name), " is never shown: an edit loses it", _OF_HIDDEN)
                if self._may_lack((*at, name), schema):
                    self._report((*at, name), f" {MISSING}, and creating needs it")
                self.look((*at, name), vendor.at((name,)))

    def _may_lack(self, at: Steps, schema: Schema) -> bool:
        """Whether a kept object may lack a member that creating needs, and no edit can give it.

        What nothing at all writes of the objects in which rules write is told elsewhere.
        """
        *around, name = at
        member, steps = schema.member(name), _plain(at)
        if member is None or member.annotation("x-required-on") != "create":
            return False
        whole = self.given - self.made
        known = any(steps[:depth] in whole for depth in range(1, len(steps) + 1))
        is_made = _plain(tuple(around)) in self.made
        kept = steps in self.created if is_made else not known
        return kept and name not in schema.required

    def _hold(self, at: Steps, vendor: Target, schema: Schema) -> None:
        before = len(self.scope.findings)
        fits(type_of_schema(schema), at, vendor, self.scope, self.place)
        self.scope.findings[before:] = [
            each._replace(hint=_OF_KEPT) for each in self.scope.findings[before:]
        ]

    def _report(self, at: Steps, message: str, hint: str | None = None) -> None:
        shown = show_place((), at) + message
        self.scope.report(codes.WRITTEN_MISFIT, shown, self.place, hint or _OF_KEPT)


def _demands(schema: Schema) -> bool:
    """Whether creating needs something that is not asked of a value that is read."""
    inside = (*schema.members().values(), schema.items(), schema.others)
    return schema.annotation("x-required-on") == "create" or any(
        _demands(each) for each in inside if each is not None
    )


def _loose(schema: Schema) -> str | None:
    """Return a member of one branch of a union that another, which is open, may have as well."""
    union = union_of(schema)
    if union is None:
        return None
    open_ones = (each for each in union.branches if "object" in each.kinds and not each.closed)
    others = (
        name
        for branch in open_ones
        for name in union.members()
        if name not in union.own and branch.member(name) is None
    )
    return next(others, None)


def _parts(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and the branches of its union."""
    yield schema
    for branch in schema.branches:
        yield from _parts(branch)


def _plain(at: Steps) -> Steps:
    """Return a path without the steps into items, as paths of rules are."""
    return tuple(step for step in at if step != ANY_ITEM)


_OF_BRANCHES = "give the branches `additionalProperties: false`"
_OF_KEPT = (
    "say in the vendor's schema what is always there and which members there are, or map the "
    "member that it is in whole"
)
_OF_HIDDEN = "let rules write what it is in only when creating: `access: create`"
_OF_VALUES = (
    "list in the vendor's schema only values that it takes as well, or let a rule write the member"
)
_UPDATE = Target(None)


def _is_written(member: Schema, vendor: Target) -> bool:
    created = member.annotation("x-write") == "create"
    return not member.is_read_only and (vendor.creates or not created)


def _shortens(items: Schema, picked: str | None) -> bool:
    """Whether two different items of a list may be the same once they are written."""
    return alters(items) or (picked is not None and items.members().keys() != {picked})
