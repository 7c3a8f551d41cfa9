"""``/sandbox``: what only a local platform has, for its organization's administrator."""

from typing import Any

from mapper.sandbox.access import PRIVILEGES
from mapper.sandbox.calls import Call
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.faults import parse_fault
from mapper.sandbox.settings import SETTINGS

__all__ = ["put_faults", "put_privileges", "put_settings", "show_faults", "show_settings"]


def show_faults(call: Call) -> list[dict[str, Any]]:
    """Answer the faults of this server, and how many requests matched each so far."""
    return call.platform.schedule.show()


def put_faults(call: Call) -> list[dict[str, Any]]:
    """Put the faults of a list, as text, in the place of all."""
    _administrator_only(call)
    given = call.json()
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise PlatformError(400, "The body must be an array of faults as text")
    try:
        faults = [parse_fault(each) for each in given]
    except ValueError as error:
        raise PlatformError(400, str(error)) from None
    call.platform.schedule.set(faults)
    return call.platform.schedule.show()


def show_settings(call: Call) -> dict[str, str]:
    return {each.name: call.settings[each.name] for each in SETTINGS}


def put_settings(call: Call) -> dict[str, str]:
    """Set the switches of an object."""
    _administrator_only(call)
    try:
        for name, value in call.json_object().items():
            call.settings.set(name, value)
    except ValueError as error:
        raise PlatformError(400, str(error)) from None
    return show_settings(call)


def put_privileges(call: Call) -> list[str]:
    """Give a user the privileges of a list, and take the others away."""
    _administrator_only(call)
    given = call.json()
    if not isinstance(given, list) or not set(map(str, given)) <= set(PRIVILEGES):
        raise PlatformError(400, f"The body must be an array of {', '.join(PRIVILEGES)}")
    user = call.db.get("user", call.params["user"])
    if user is None or user["organizationId"] != call.caller.organization["id"]:
        raise PlatformError(404, f"No user found for id {call.params['user']}")
    call.db.put("user", user["id"], user | {"privileges": given}, user["secret"])
    return given


def _administrator_only(call: Call) -> None:
    if not call.caller.is_organization_admin:
        raise PlatformError(403, "Only an organization administrator may change the sandbox")
