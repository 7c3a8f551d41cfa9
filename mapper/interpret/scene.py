"""What surrounds a rule while it writes, and what every kind of rule asks of it."""

from enum import Enum
from typing import Any

from msgspec import Struct

from mapper import codes
from mapper.alignment import says
from mapper.diagnostics import Rule
from mapper.interpret.run import Place, Run
from mapper.lower import Group, Leaf, Listing, Lowered, can_clear
from mapper.model import Access, show_path
from mapper.omissions import omissible_inside
from mapper.values import ABSENT, Names, copy, equal, store


class Mode(Enum):
    """How an object is written: see "Semantics" in docs/explanation/semantics.md."""

    CREATE = "create"
    UPDATE = "update"
    REQUEST = "request"


class Scene(Struct, frozen=True):
    """The objects that surround a rule while it writes.

    Attributes:
        run: Collects the faults.
        mode: How the object is written.
        common: The common object to write.
        old: What the base reads as; empty without a base.
        target: The vendor object, edited in place.
        at: The place of ``common`` in the input.
        seen: How expressions see ``common``: with what may be left out.
        remade: Whether it is made anew in a body that updates, where nothing travels that is only
            set when creating.
    """

    run: Run
    mode: Mode
    common: dict[str, Any]
    old: dict[str, Any]
    target: dict[str, Any]
    at: Place
    seen: dict[str, Any]
    remade: bool = False

    def fault(self, rule: Rule, about: Lowered, message: str, value: Any = ABSENT) -> None:
        """Report a fault at the common member that *about* gives."""
        self.run.fault(rule, about.span, (*self.at, *about.common), message, value)


def refuse_unknown(known: Names, common: Any, at: Place, scene: Scene) -> None:
    """Report what in the object *common* no rule takes, down to the members of *known*."""
    run = scene.run
    if common is None:
        if scene.mode is not Mode.REQUEST:
            run.fault(codes.NULL_MEMBER, None, at, f"{at[-1]} is null")
        return
    if not isinstance(common, dict):
        run.fault(codes.WRONG_CONTAINER, None, at, "an object is expected here", common)
        return
    for name, value in common.items():
        if name not in known:
            message = f"no rule takes the member {name}"
            run.fault(codes.UNKNOWN_COMMON_MEMBER, None, (*at, name), message, value)
        elif known[name]:
            refuse_unknown(known[name], value, (*at, name), scene)


def may_write(rule: Lowered, new: Any, old: Any, scene: Scene) -> bool:
    """Whether there is a change that may be written; report one that may not."""
    name = show_path(rule.common)
    if scene.mode is Mode.REQUEST:
        return new is not ABSENT
    if scene.mode is Mode.CREATE:
        if rule.access is not Access.READ:
            return True
        if new is not ABSENT:
            scene.fault(codes.READ_ONLY_GIVEN, rule, f"{name} can only be read", new)
        return False
    if rule.access in (Access.READ, Access.CREATE):
        if new is not ABSENT and not says(new, old, omissible_inside(rule)):
            how = "read" if rule.access is Access.READ else "set when creating"
            scene.fault(codes.READ_ONLY_CHANGED, rule, f"{name} can only be {how}", new)
        return False
    if rule.access is Access.WRITE:
        return new is not ABSENT
    return not equal(new, old)


def clear(rule: Leaf | Group | Listing, scene: Scene) -> None:
    """Write the vendor's spelling of "no value", or report that there is none to write."""
    if can_clear(rule.unset):
        store(scene.target, rule.vendor, copy(rule.unset.clear))
        return
    message = f"{show_path(rule.common)} cannot be cleared"
    scene.fault(codes.CANNOT_CLEAR, rule, message)


def items_of(rule: Lowered, new: Any, scene: Scene) -> list[dict[str, Any]] | None:
    """Return *new* if it is a list of objects, or None after reporting what it is."""
    name = show_path(rule.common)
    if not isinstance(new, list):
        scene.fault(codes.WRONG_CONTAINER, rule, f"{name} must be a list", new)
        return None
    for index, item in enumerate(new):
        if not isinstance(item, dict):
            place = (*scene.at, *rule.common, index)
            message = f"items of {name} must be objects"
            scene.run.fault(codes.WRONG_CONTAINER, rule.span, place, message, item)
            return None
    return new
