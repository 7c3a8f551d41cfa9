"""What the vendor lets be written, from the annotations of its schema."""

from collections.abc import Iterable, Mapping as Dictionary
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mapper.expr import Expr, mentions, parse
from mapper.functions import FUNCTIONS
from mapper.schema import Schema
from mapper.values import Steps


class Phase(Struct, frozen=True):
    """Changes that travel in a request of their own; values in ``first`` go before the others."""

    name: str
    first: tuple[Any, ...] = ()


class Demand(Struct, frozen=True):
    """What the vendor wants to be true of what it is sent, over the vendor object."""

    code: str
    holds: Expr

    @property
    def mentions(self) -> tuple[Steps, ...]:
        """The vendor paths that it depends on."""
        return mentions(self.holds)


class Policy(Struct, frozen=True):
    """What the vendor lets be written at one place, from the annotations of its schema.

    Attributes:
        members: By name, for an object.
        items: For a list.
        written: False for what can only be read.
        create_only: Written when creating, never in an update.
        required: Creating needs it; never of what can only be read.
        values: The only values that can be written, or None.
        computed: What the vendor computes it by, over the vendor object, or None.
        phase: The request that it must travel in, or None.
        include: What to ask the vendor for where a document does not show it, or None.
        name: The member that it is written as, or None for its own name.
        item: The member of each item that is written in its stead, or None.
        key: The read-only member of items that travels nevertheless, or None.
        demands: What must be true of the whole, at the root only.
    """

    members: Dictionary[str, "Policy"] = field(default_factory=dict)
    items: "Policy | None" = None
    written: bool = True
    create_only: bool = False
    required: bool = False
    values: tuple[Any, ...] | None = None
    computed: Expr | None = None
    phase: Phase | None = None
    include: str | None = None
    name: str | None = None
    item: str | None = None
    key: str | None = None
    demands: tuple[Demand, ...] = ()

    def at(self, steps: Steps) -> "Policy":
        """Return the policy at *steps*, one that forbids nothing where none is known."""
        place = self
        for step in steps:
            place = place.members.get(step, Policy())
        return place

    def separates(self, paths: Iterable[Steps]) -> bool:
        """Whether something at one of *paths*, from the root, must travel in its own request."""
        roots = (self.members.get(steps[0], Policy()) for steps in paths if steps)
        return any(member.phase is not None for member in roots)


def is_written(policy: Policy, *, creating: bool) -> bool:
    """Whether a member can be written, and, of an object, anything in it."""
    if not policy.written or (policy.create_only and not creating):
        return False
    inside = policy.members.values()
    return not inside or any(is_written(member, creating=creating) for member in inside)


def item_policy(policy: Policy) -> Policy:
    """Return the policy of a list's items, whose key travels only if the schema says so."""
    items = policy.items or Policy()
    if policy.key is None or policy.key not in items.members:
        return items
    return Policy(members={**items.members, policy.key: Policy()})


def write_policy(schema: Schema) -> Policy:
    """Return what *schema*'s annotations let be written."""
    items, says = schema.items(), schema.annotations.get
    write_as = says("x-write-as")
    phase = says("x-phase")
    computed = says("x-computed")
    renamed = {"member": write_as} if isinstance(write_as, str) else write_as or {}
    kinds = says("x-write-type") or ("object", "array")
    members = schema.members() if "object" in kinds else {}
    written = not schema.is_read_only
    return Policy(
        {name: write_policy(member) for name, member in members.items()},
        _items_policy(items, renamed.get("items")) if items and "array" in kinds else None,
        written=written,
        create_only=says("x-write") == "create",
        required=written and says("x-required-on") == "create",
        values=_written_values(schema),
        computed=parse(computed, FUNCTIONS) if computed is not None else None,
        phase=Phase(phase["name"], tuple(phase.get("first", ()))) if phase else None,
        include=says("x-include"),
        name=renamed.get("member"),
        item=renamed.get("items"),
        key=says("x-sends-key"),
        demands=tuple(
            Demand(code, parse(text, FUNCTIONS))
            for code, text in says("x-write-invariants", {}).items()
        ),
    )


def _written_values(schema: Schema) -> tuple[Any, ...] | None:
    """Return the only values that can be written; where a union says so of a branch, null too."""
    values = schema.annotation("x-write-enum")
    if values is None:
        return None
    beside = not schema.is_nullable or "x-write-enum" in schema.raw
    return tuple(values) if beside else (*values, None)


def _items_policy(items: Schema, picked: str | None) -> Policy:
    """Return what of a list's items can be written; where one member is *picked*, just that.

    Without it there is nothing to write.
    """
    member = items.member(picked) if picked is not None else None
    if picked is None or member is None:
        return write_policy(items)
    return Policy({picked: replace(write_policy(member), written=True, required=True)})
