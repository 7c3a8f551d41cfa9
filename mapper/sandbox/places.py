"""Where a level's endpoints act: the owner that a URL names, and whether the caller may."""

from collections.abc import Callable
from typing import Any

from mapper.sandbox.access import Caller
from mapper.sandbox.calls import Call
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.resources import SYSTEM, Owner
from mapper.sandbox.store import Transaction

__all__ = [
    "Place",
    "account_of",
    "at_account",
    "at_instance",
    "at_organization",
    "at_own_account",
    "at_own_instance",
    "instance_of",
    "reachable_instances",
    "seen_from",
    "writable",
]

Place = Callable[[Call], Owner]
"""Says whom a request is about.

Raises:
    PlatformError: 404 if there is no such account or instance, 403 if the caller may not.
"""


def at_organization(call: Call) -> Owner:
    caller = call.caller
    accounts_may = call.settings["organization-level-writers"] == "admin"
    if not (caller.is_organization_admin or (accounts_may and caller.is_account_admin)):
        _only_read(call, "an organization administrator")
    return Owner("organization", caller.organization["id"])


def at_own_account(call: Call) -> Owner:
    if not call.caller.is_account_admin:
        _only_read(call, "an account administrator")
    return Owner("account", call.caller.account["id"])


def at_account(call: Call) -> Owner:
    account = account_of(call, call.params["account"])
    if not call.caller.is_account_admin:
        _only_read(call, "an account administrator")
    return Owner("account", account["id"])


def at_instance(call: Call) -> Owner:
    return Owner("instance", instance_of(call, call.params["instance"])["id"])


def at_own_instance(call: Call) -> Owner:
    return Owner("instance", call.instance["id"])


def account_of(call: Call, number: int) -> dict[str, Any]:
    """Return an account that the caller reaches.

    Raises:
        PlatformError: 404 or 403 if he does not.
    """
    account = call.db.get("account", number)
    if account is None or account["organizationId"] != call.caller.organization["id"]:
        raise PlatformError(404, f"No account found for id {number}")
    if not call.caller.reaches_account(account):
        raise PlatformError(403, f"You may not use account {number}")
    found: dict[str, Any] = account
    return found


def instance_of(call: Call, number: int) -> dict[str, Any]:
    """Return an instance that the caller reaches.

    Raises:
        PlatformError: 404 or 403 if he does not.
    """
    instance = call.db.get("instance", number)
    if instance is None or instance["organizationId"] != call.caller.organization["id"]:
        raise PlatformError(404, f"No element instance found for id {number}")
    if not call.caller.reaches_instance(instance):
        raise PlatformError(403, f"You may not use element instance {number}")
    found: dict[str, Any] = instance
    return found


def reachable_instances(caller: Caller, db: Transaction) -> list[dict[str, Any]]:
    """Return the instances that the caller reaches, oldest first."""
    return [each for each in db.list("instance") if caller.reaches_instance(each)]


def seen_from(db: Transaction, owner: Owner) -> list[Owner]:
    """Return the owner and those above him, the highest first."""
    match owner.level:
        case "instance":
            account = (db.get("instance", owner.id) or {}).get("accountId", 0)
            return [*seen_from(db, Owner("account", account)), owner]
        case "account":
            organization = (db.get("account", owner.id) or {}).get("organizationId", 0)
            return [Owner("organization", organization), owner]
        case _:
            return [owner]


def writable(caller: Caller, db: Transaction, *, templates: bool = False) -> set[Owner]:
    """Return whose parts the caller may change where a body holds parts of several owners."""
    owners = {Owner("instance", each["id"]) for each in reachable_instances(caller, db)}
    if caller.is_account_admin:
        owners.add(Owner("account", caller.account["id"]))
    if caller.is_organization_admin:
        owners.add(Owner("organization", caller.organization["id"]))
    if templates and caller.is_template_admin:
        owners.add(SYSTEM)
    return owners


def _only_read(call: Call, who: str) -> None:
    if call.method not in {"GET", "HEAD"}:
        raise PlatformError(403, f"Only {who} may change what is at this level")
