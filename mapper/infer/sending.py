"""What callers may send as common objects, by the canonical schema."""

from collections.abc import Sequence, Set as AbstractSet

from msgspec import Struct
from msgspec.structs import replace

from mapper.infer.types import ANY, ANYTHING, NULL, Member, Objects, Type
from mapper.lower import Lowered
from mapper.model import Access
from mapper.paths import common_leaves, paths_with
from mapper.values import Steps


def sent(given: Type) -> Type:
    """Return the type of what callers may send: objects have the members that the schema names."""
    lists, objects = given.lists, given.objects
    if lists is not None and lists.of is not None:
        lists = replace(lists, of=sent(lists.of))
    if objects is not None:
        objects = _sent_objects(objects)
    return replace(given, lists=lists, objects=objects)


def _sent_objects(given: Objects) -> Objects:
    members = {
        name: replace(member, type=sent(member.type)) for name, member in given.members.items()
    }
    # What is only required is no member that the schema names.
    is_named = any(not (each.required and each.type == ANYTHING) for each in members.values())
    closed = given.closed or (is_named and given.rest == ANY)
    return Objects(members, closed, given.of, tuple(map(_sent_objects, given.branches)))


def partial(given: Type, rules: Sequence[Lowered]) -> Type:
    """Return the type of objects of *rules* that requests have, as well as others may send.

    Any member may be missing, and null where a rule is for it, or for members of it, that is not
    only read; see :func:`mapper.schema.input_schema`.
    """
    return _Part(common_leaves(rules), paths_with(rules, Access.READ)).of(given)


def without_some(given: Type) -> Type:
    """Return the type of objects any members of which may be missing, and none is null."""
    return _Part(frozenset(), frozenset(), clears=False).of(given)


class _Part(Struct, frozen=True):
    """What requests have at one place.

    Attributes:
        leaves: The paths of values in which they clear nothing.
        read: The paths that are only read.
        at: The path of the place.
        clears: Whether they may clear something there, which is null then.
    """

    leaves: AbstractSet[Steps]
    read: AbstractSet[Steps]
    at: Steps = ()
    clears: bool = True

    def of(self, given: Type) -> Type:
        lists, objects = given.lists, given.objects
        if lists is not None and lists.of is not None:
            lists = replace(lists, of=self.of(lists.of))
        if objects is not None:
            objects = self._of_objects(objects)
        return replace(given, lists=lists, objects=objects)

    def _of_objects(self, objects: Objects) -> Objects:
        members = {name: self._member(name, each.type) for name, each in objects.members.items()}
        branches = tuple(map(self._of_objects, objects.branches))
        return Objects(members, objects.closed, objects.of, branches)

    def _member(self, name: str, given: Type) -> Member:
        at = (*self.at, name)
        inside = replace(self, at=at, clears=self.clears and at not in self.leaves)
        may_be_null = self.clears and not self._is_read(at, given)
        made = inside.of(given)
        return Member(made | NULL if may_be_null else made, required=False)

    def _is_read(self, at: Steps, given: Type) -> bool:
        """Whether a member, or all that is in it, is only read."""
        inside = given.objects.members if given.objects is not None else {}
        return at in self.read or (
            bool(inside)
            and all(self._is_read((*at, name), each.type) for name, each in inside.items())
        )
