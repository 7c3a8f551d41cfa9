"""Bodies that hold what belongs to several owners: who owns an entry, and what the caller may.

An entry above the caller's level is ignored, with ``Elements-Error``, and the rest is done.
"""

from collections.abc import Iterable
from typing import Any

from mapper.sandbox.calls import Call
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.places import reachable_instances, writable
from mapper.sandbox.resources import (
    LEVELS,
    SYSTEM,
    TEMPLATES,
    Owner,
    Part,
    Resource,
    get_resource,
    read_fields,
)

__all__ = [
    "highest_writable",
    "ignore",
    "resource_of",
    "split",
    "viewed",
    "with_fields",
]


def viewed(call: Call, *, instance: int | None = None) -> list[Owner]:
    """Return whose parts the caller sees: of all the instances that he reaches, or of one."""
    caller = call.caller
    if instance is None:
        instances = [each["id"] for each in reachable_instances(caller, call.db)]
    else:
        instances = [instance]
    return [
        SYSTEM,
        Owner("organization", caller.organization["id"]),
        Owner("account", caller.account["id"]),
        *(Owner("instance", each) for each in instances),
    ]


def highest_writable(call: Call) -> Owner:
    """Return the highest level that the caller may write at; a plain user's is his instance's.

    Raises:
        PlatformError: 403 if there is none.
    """
    owners = writable(call.caller, call.db, templates=call.flag("systemOnly"))
    if not owners:
        raise PlatformError(403, "You have no level to write at")
    highest = min(owners, key=lambda each: (LEVELS.index(each.level), each.id))
    if highest.level == "instance" and call.caller.instance is not None:
        return Owner("instance", call.caller.instance["id"])
    return highest


def split(
    call: Call, entries: Iterable[dict[str, Any]], default: Owner
) -> dict[Owner | None, list[dict[str, Any]]]:
    """Return the entries by owner, in their order; those that say none belong to *default*.

    An entry of an instance that says no instance belongs to None, unless the request has one.
    """
    found: dict[Owner | None, list[dict[str, Any]]] = {}
    for each in entries:
        found.setdefault(_owner(call, each, default), []).append(each)
    return found


def ignore(call: Call, owner: Owner | None, what: str) -> None:
    """Tell that what an owner has in the body was ignored."""
    if owner is None:
        call.ignored(f"{what} at the instance level were ignored: no associatedId")
    else:
        call.ignored(f"{what} at the {owner.level} level were ignored: missing privilege")


def resource_of(call: Call) -> Resource:
    """Return the resource whose id is in the path, if the caller sees a part of it.

    Raises:
        PlatformError: 404 if he does not.
    """
    number = call.params["resource"]
    db = call.stale if call.method == "GET" else call.db
    found = get_resource(db, call.caller.organization["id"], number)
    found = found or get_resource(db, TEMPLATES, number)
    if found is None or not found.seen_by(viewed(call)):
        raise PlatformError(404, f"No VDR found for id {number}")
    return found


def with_fields(
    call: Call, resource: Resource, given: Iterable[dict[str, Any]], kept: Iterable[Owner] = ()
) -> Resource:
    """Return a resource with the fields of a body in the place of those that the caller may change.

    The parts of *kept* stay where the body has nothing for them; others that the caller may change
    are emptied, and an emptied part goes unless it is the last.
    """
    default = highest_writable(call)
    allowed = writable(call.caller, call.db, templates=call.flag("systemOnly"))
    by_owner = split(call, given, default)
    for owner in [each for each in by_owner if each is None or each not in allowed]:
        ignore(call, owner, "Fields")
        del by_owner[owner]
    before = resource
    for part in before.parts:
        if part.owner in allowed and part.owner not in by_owner and part.owner not in kept:
            resource = resource.without_part(part.owner)
    movable = {field.id for owner, field in before.fields() if owner in allowed}
    for owner, entries in by_owner.items():
        if owner is not None:
            fields = read_fields(call.db, entries, before.part(owner), movable)
            resource = resource.with_part(Part(owner, fields))
    return resource if resource.parts else resource.with_part(Part(default))


def _owner(call: Call, entry: dict[str, Any], default: Owner) -> Owner | None:
    level = entry.get("level") or entry.get("associatedLevel") or default.level
    number = entry.get("associatedId") or entry.get("instanceId")
    match level:
        case "system":
            return SYSTEM
        case "organization":
            return Owner("organization", call.caller.organization["id"])
        case "account":
            own = call.caller.account["id"]
            return Owner("account", number if isinstance(number, int) else own)
        case "instance":
            if isinstance(number, int):
                return Owner("instance", number)
            if default.level == "instance":
                return default
            if call.caller.instance is not None:
                return Owner("instance", call.caller.instance["id"])
            return None
        case other:
            raise PlatformError(400, f"There is no level {other!r}")
