"""``POST /transformations/{name}/execute``: what a transformation makes of one object."""

from typing import Any

from mapper.sandbox.applied import applied_transformation, effective
from mapper.sandbox.calls import Call
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
    from_vendor = str(body.get("method") or "GET").upper() == "GET"
    transformation, configuration = _chosen(call, body)
    if transformation is None:
        raise PlatformError(404, f"No transformation found for '{call.params['name']}'")
    outcome = call.platform.execution.run(
        transformation,
        body["payload"],
        from_vendor=from_vendor,
        configuration=configuration,
        filter_nulls=from_vendor and _filters_nulls(configuration),
    )
    return outcome.result


def _chosen(call: Call, body: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    name = call.params["name"]
    match body:
        case {"instanceId": int(number)}:
            instance = instance_of(call, number)
            return applied_transformation(call.db, instance, name), instance["configuration"]
        case {"elementId": int() | str() as asked}:
            return _of_element(call, str(asked)), {}
        case _:
            raise PlatformError(400, "The body needs an 'elementId' or an 'instanceId'")


def _of_element(call: Call, key_or_id: str) -> dict[str, Any] | None:
    organization = call.caller.organization["id"]
    element = element_of(call.db, key_or_id)
    resource = find_resource(call.db, organization, call.params["name"])
    if element is None or resource is None:
        return None
    found = find_transformation(call.db, resource, element["id"])
    owners = [Owner("organization", organization), Owner("account", call.caller.account["id"])]
    return None if found is None else effective(found, resource, element, owners)


def _filters_nulls(configuration: dict[str, Any]) -> bool:
    return str(configuration.get("filter.response.nulls", True)).lower() != "false"
