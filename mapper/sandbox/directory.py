"""Organizations, accounts and users."""

import hmac
import re
from typing import Any

from mapper.sandbox.calls import Call
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.paging import page

__all__ = ["give_role", "list_accounts", "list_users", "read_organization", "read_user"]

_CONDITION = re.compile(r"\s*(\w+)\s*=\s*'?([^']*?)'?\s*")


def read_organization(call: Call) -> dict[str, Any]:
    return call.caller.organization


def list_accounts(call: Call) -> list[dict[str, Any]]:
    _administrators_only(call)
    found = [each for each in call.db.list("account") if call.caller.reaches_account(each)]
    return page(call, [each for each in found if _matches(call, each)])


def list_users(call: Call) -> list[dict[str, Any]]:
    _administrators_only(call)
    return page(call, [_show(each) for each in _users(call) if _matches(call, each)])


def read_user(call: Call) -> dict[str, Any]:
    """Answer a user; with his password in ``elements-user-password``, his secret, too."""
    user = _user(call)
    if user["id"] != call.caller.user["id"]:
        _administrators_only(call)
    password = call.request.headers.get("elements-user-password")
    if password is None:
        return _show(user)
    if not hmac.compare_digest(password.encode(), user["password"].encode()):
        raise PlatformError(401, "Invalid elements-user-password")
    return _show(user) | {"secret": user["secret"]}


def give_role(call: Call) -> dict[str, Any]:
    if not call.caller.is_organization_admin:
        raise PlatformError(403, "Only an organization administrator may give roles")
    role = call.params["role"]
    if role not in {"org-admin", "admin"}:
        raise PlatformError(404, f"No role found named '{role}'")
    user = _user(call)
    user = user | {"roles": sorted({*user["roles"], role})}
    call.db.put("user", user["id"], user, user["secret"])
    return _show(user)


def _administrators_only(call: Call) -> None:
    if not call.caller.is_account_admin:
        raise PlatformError(401, "Only administrators may call this")


def _users(call: Call) -> list[dict[str, Any]]:
    caller = call.caller
    return [
        each
        for each in call.db.list("user")
        if each["organizationId"] == caller.organization["id"]
        and (caller.is_organization_admin or each["accountId"] == caller.account["id"])
    ]


def _user(call: Call) -> dict[str, Any]:
    asked = call.params["user"]
    for each in _users(call):
        if asked in {str(each["id"]), each["email"]}:
            return each
    raise PlatformError(404, f"No user found for '{asked}'")


def _show(user: dict[str, Any]) -> dict[str, Any]:
    """Return a user as he is shown: never with his secret or password."""
    return {
        "id": user["id"],
        "createdDate": user["createdDate"],
        "firstName": user["firstName"],
        "lastName": user["lastName"],
        "fullName": f"{user['firstName']} {user['lastName']}".strip(),
        "email": user["email"],
        "password": "secured",
        "active": True,
        "enabled": True,
        "emailValid": True,
        "accountExpired": False,
        "accountLocked": False,
        "accountNonExpired": True,
        "accountNonLocked": True,
        "credentialsExpired": False,
        "credentialsNonExpired": True,
    }


def _matches(call: Call, document: dict[str, Any]) -> bool:
    """Whether a document meets ``where``: one condition, a member that equals a value."""
    where = call.query.get("where")
    if where is None:
        return True
    found = _CONDITION.fullmatch(where)
    if found is None:
        raise PlatformError(400, "where must be one condition: member = 'value'")
    value = document.get(found[1])
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return shown == found[2]
