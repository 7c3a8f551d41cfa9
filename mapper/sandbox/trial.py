"""``POST /transformations/{name}/execute``: what a transformation makes of one object."""

from typing import Any

from mapper.sandbox.applied import applied_transformation, effective
from mapper.sandbox.calls import Call
from mapper.sandbox.connections import connection_of, warn_of_script
from mapper.sandbox.elements import element_of
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.places import instance_of
from mapper.sandbox.resources import Owner, find_resource
from mapper.sandbox.stored_transformations import find_transformation

__all__ = ["execute"]


def execute(call: Call) -> Any:
    """Answer the common object of a vendor's payload; with ``method`` POST the other way round.

    ``instanceId`` says whose transformation, or ``elementId`` that of the caller's account.
    """
    body = call.json_object()
    if "payload" not in body:
        raise PlatformError(400, "The body needs a 'payload'")
    name = call.params["name"]
    from_vendor = str(body.get("method") or "GET").upper() == "GET"
    match body:
        case {"instanceId": int(number)}:
            connection = connection_of(call, instance_of(call, number))
            transformation = applied_transformation(call.stale, connection.instance, name)
            context, filters_nulls = connection.context(), connection.filters_nulls
        case {"elementId": int() | str() as asked}:
            transformation, context, filters_nulls = _of_element(call, str(asked)), {}, True
        case _:
            raise PlatformError(400, "The body needs an 'elementId' or an 'instanceId'")
    if transformation is None:
        raise PlatformError(404, f"No transformation found for '{name}'")
    outcome = call.platform.execution.run(
        transformation,
        body["payload"],
        from_vendor=from_vendor,
        configuration=context,
        filter_nulls=from_vendor and filters_nulls,
    )
    if outcome.script_error is not None:
        warn_of_script(call, outcome.script_error.message)
    return outcome.result


def _of_element(call: Call, key_or_id: str) -> dict[str, Any] | None:
    organization = call.caller.organization["id"]
    element = element_of(call.db, key_or_id)
    resource = find_resource(call.stale, organization, call.params["name"])
    if element is None or resource is None:
        return None
    found = find_transformation(call.stale, resource, element["id"])
    owners = [Owner("organization", organization), Owner("account", call.caller.account["id"])]
    return None if found is None else effective(found, resource, element, owners)
