"""What the vendor takes: the one way of holding what is written against a vendor's schema."""

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Span, did_you_mean, show_name, show_value
from mapper.infer.evaluating import entry_of
from mapper.infer.fitting import ANY_ITEM, ANY_MEMBER, OPEN, UNKNOWN, Misfit, misfits, values_of
from mapper.infer.scope import Scope, show_place
from mapper.infer.types import ANYTHING, Lists, Objects, Type
from mapper.lower import Group, Leaf, Listing
from mapper.schema import Schema, descend, edited_schema, items_of, schema_of
from mapper.values import Steps

OBJECT = Type(objects=Objects(closed=True))
OBJECTS = Type(lists=Lists(ANYTHING))
"""Objects, and lists of them, whatever they hold."""


Constants = tuple[tuple[Steps, Type], ...]
"""What creating always writes, by the paths of it."""


class Target(Struct, frozen=True):
    """A place at the vendor that is written.

    Attributes:
        schema: Its schema, None if there is none.
        creates: Whether what is only written when creating is written there.
        anew: Whether no edit writes into what was read there.
        constants: What creating writes there besides.
    """

    schema: Schema | None
    creates: bool = False
    anew: bool = False
    constants: Constants = ()

    def at(self, steps: Steps) -> "Target":
        """Return the place at *steps* in it."""
        schema = descend(self.schema, steps)
        hidden = schema is not None and bool(schema.annotation("writeOnly"))
        depth = len(steps)
        constants = tuple(
            (path[depth:], value) for path, value in self.constants if path[:depth] == steps
        )
        return Target(schema, self.creates, self.anew or hidden, constants)

    def items(self, *, anew: bool = False) -> "Target":
        """Return the place of a list's items, which travel as if they were made anew."""
        return Target(items_of(self.schema), creates=True, anew=self.anew or anew)


def taken_of(vendor: Target, schema: Schema, *, whole: bool, fixed: bool = False) -> Schema:
    """Return the schema of what an edited document may hold at a place, for it to be written."""
    if _is_written_as_read(schema):  # as most are; to derive a schema takes its time
        return schema
    mode: Literal["create", "update"] = "create" if vendor.creates else "update"
    return schema_of(edited_schema(schema, mode, whole=whole, fixed=fixed))


def _is_written_as_read(schema: Schema) -> bool:
    """Whether a schema is of single values, and nothing says that they are written otherwise."""
    is_single = not schema.branches and schema.kinds.isdisjoint(("object", "array"))
    return is_single and not any(name.startswith("x-write-") for name in schema.raw)


def picked_of(vendor: Schema | None) -> str | None:
    """Return the member of each item that the vendor takes in its stead."""
    says = vendor.annotation("x-write-as") if vendor is not None else None
    return says.get("items") if isinstance(says, dict) else None


def union_of(schema: Schema | None) -> Schema | None:
    """Return the union that a schema is, null aside."""
    while schema is not None and schema.is_nullable:
        schema = next(each for each in schema.branches if each.kinds != {"null"})
    return schema if schema is not None and schema.branches else None


def is_for_creating(steps: Steps, vendor: Schema | None) -> bool:
    """Whether what lies at a path is only set when creating, so that edits do not send it."""
    way = (descend(vendor, steps[:depth]) for depth in range(1, len(steps) + 1))
    return any(each is not None and each.annotation("x-write") == "create" for each in way)


def holds(written: Type, steps: Steps, vendor: Target, scope: Scope, place: Span) -> None:
    """Report what of an object or a list, what it holds aside, the vendor does not take."""
    fits(written, steps, vendor, scope, place)
    refuses(written, steps, vendor, scope, place)
    if written is OBJECT and vendor.schema is not None:
        _depends(steps, vendor.schema, scope, place)


def _depends(steps: Steps, schema: Schema, scope: Scope, place: Span) -> None:
    """Report members that go with others, of an object that is written member by member."""
    for name, others in schema.raw.get("dependentRequired", {}).items():
        lacking = [each for each in others if each not in schema.required]
        known = (schema.member(each) for each in (name, *lacking))
        if lacking and not all(each is not None and each.is_read_only for each in known):
            path = show_place(steps, ()) or _WHOLE
            both = f"{show_name(name)} without {show_name(lacking[0])}"
            message = f"{path} as it is written may have {both}"
            scope.report(codes.WRITTEN_MISFIT, message, place, _OF_DEPENDENT)
    for branch in schema.branches:
        _depends(steps, branch, scope, place)


def refuses(written: Type, steps: Steps, vendor: Target, scope: Scope, place: Span) -> None:
    """Report objects and lists in what is written that the vendor never takes."""
    for inside in dict.fromkeys(_refused(written, vendor.schema)):
        path = show_place(steps, inside) or _WHOLE
        message = f"{path} is written, and `x-write-enum` lists single values"
        scope.report(codes.WRITTEN_MISFIT, message, place)


def _refused(written: Type, schema: Schema | None) -> Iterator[Steps]:
    """Yield where an object or a list is written, and the vendor's schema lists single values.

    Other members than those with a name are held against the list with all that is written.
    """
    lists, objects = written.lists, written.objects
    if schema is None or written.open or (lists is None and objects is None):
        return
    if schema.annotation("x-write-enum") is not None:
        yield ()
        return
    if lists is not None:
        yield from ((ANY_ITEM, *inside) for inside in _refused(lists.item, items_of(schema)))
    if objects is not None:
        for name, member in objects.members.items():
            found = _refused(member.type, schema.member(name))
            yield from ((name, *inside) for inside in found)


def leads(steps: Steps, vendor: Target, scope: Scope, place: Span) -> None:
    """Report what on the way to a path is made an object and the vendor takes as something else."""
    for depth in range(1, len(steps)):
        holds(OBJECT, steps[:depth], vendor.at(steps[:depth]), scope, place)


def place_of(rule: Leaf | Group | Listing) -> Span:
    """Return where the file says what *rule* writes: its converter, or its path."""
    if not isinstance(rule, Leaf):
        return rule.span
    return rule.rule.convert[0].span if rule.rule.convert else rule.rule.vendor.span


def fits(
    written: Type,
    steps: Steps,
    vendor: Target,
    scope: Scope,
    place: Span | Leaf,
    *,
    fixed: str = "",
) -> None:
    """Report what of a written value the vendor does not take, at a place or that of a rule.

    Of a value that is always the same, *fixed* says what to do about it.
    """
    if vendor.schema is None:
        return
    # An object whose members are written one by one lacks others; which of them creating needs is
    # said elsewhere.
    whole = written is not OBJECT
    taken = taken_of(vendor, vendor.schema, whole=whole, fixed=bool(fixed))
    value = values_of(written) if fixed else None
    for misfit in islice(misfits(written, taken), _SHOWN):
        path = show_place(steps, misfit.at) or _WHOLE
        example = misfit.example
        if not example and value and misfit.message.startswith("may not "):
            example = show_value(value[0])
        shown = f": {example}" if example else ""
        why, hint = _unwritten(misfit, vendor.schema)
        at = (
            place if isinstance(place, Span) else entry_of(place, misfit.example) or place_of(place)
        )
        scope.report(
            codes.WRITTEN_MISFIT, f"{path} as it is written {why}{shown}", at, hint or fixed or None
        )


def _unwritten(misfit: Misfit, vendor: Schema) -> tuple[str, str | None]:
    """Return what is wrong with a misfit, and what to do about members that are not written."""
    if misfit.message not in (UNKNOWN, OPEN):
        return misfit.message, None
    around: Schema | None = None
    member: Schema | None = vendor
    picked: str | None = None
    for step in misfit.at:
        picked = picked_of(member) if step == ANY_ITEM else picked
        around, member = member, _step(member, str(step))
    if misfit.message == OPEN:
        return "may have members that the schema does not name, and these are lost", _OF_OTHERS
    if member is None:
        meant = did_you_mean(str(misfit.at[-1]), around.members()) if around is not None else None
        return UNKNOWN, meant or _OF_OTHERS
    if member.annotation("x-write") == "create":
        return "can only be set when creating", _OF_MEMBERS
    if _is_read_only(member):
        return "can only be read", _OF_MEMBERS
    if picked is not None:
        return "is lost: of each item, one member is written", OF_PICKED
    return "is a member that this branch of the union does not have", None


def _step(schema: Schema | None, step: str) -> Schema | None:
    if step == ANY_ITEM:
        return items_of(schema)
    return schema.rest if step == ANY_MEMBER and schema else descend(schema, (step,))


def _is_read_only(member: Schema) -> bool:
    inside = member.members().values()
    return member.is_read_only or (bool(inside) and all(map(_is_read_only, inside)))


_OF_MEMBERS = (
    "map the members one by one: a rule that cannot write one is `access: read`, or `access: "
    "create`"
)
OF_PICKED = (
    "let the items have just the member that is written, and require it in the canonical schema"
)
_OF_OTHERS = "write just the members that the vendor's schema names, or name the others there"

OF_FIXED = "give a value that the vendor's schema lets be written"
OF_CLEAR = "give `clear` a value that the vendor's schema lets be written, or add it there"
_OF_DEPENDENT = (
    "map the value whole, or require the member in the vendor's schema if the vendor always has it"
)
_WHOLE = "the body"
_SHOWN = 3
"""How many misfits of one rule are told."""
