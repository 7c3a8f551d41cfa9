"""Element instances: provisioning, look-up, settings, and the end."""

import re
from typing import Any

from mapper.sandbox.calls import Call
from mapper.sandbox.consent import redeem
from mapper.sandbox.elements import element_at, element_of, summary
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.objects import helium_objects
from mapper.sandbox.paging import page
from mapper.sandbox.places import account_of, instance_of, reachable_instances
from mapper.sandbox.resources import Owner, list_resources, save_resource
from mapper.sandbox.seed import NewInstance, new_instance
from mapper.sandbox.stored_transformations import list_transformations, save_transformation

__all__ = [
    "MASK",
    "create_instance",
    "delete_instance",
    "disable_instance",
    "enable_instance",
    "list_configuration",
    "list_instances",
    "patch_configuration",
    "patch_instance",
    "read_configuration",
    "read_instance",
    "replace_instance",
    "show_instance",
]

MASK = "*" * 8
"""What is shown of a secret."""

_SECRET = re.compile(r"secret|password|token|oauth\.api\.key|signature\.key", re.IGNORECASE)
_MARKUP = re.compile(r"<[^>]*>")


def list_instances(call: Call) -> list[dict[str, Any]]:
    """Answer the instances that the caller reaches, of an account or element if the URL has one.

    Raises:
        PlatformError: 404 if nothing matches.
    """
    found = reachable_instances(call.caller, call.db)
    if "account" in call.params:
        account = account_of(call, call.params["account"])
        found = [each for each in found if each["accountId"] == account["id"]]
    if "element" in call.params:
        element = element_at(call)
        found = [each for each in found if each["elementId"] == element["id"]]
    tags = {*call.query.getlist("tags[]"), *call.query.getlist("tags")}
    text = call.query.get("searchText", "").lower()
    shown = [
        each
        for each in (show_instance(call, each) for each in found)
        if tags <= set(each["tags"]) and text in _searched(each)
    ]
    if not shown:
        raise PlatformError(404, "No element instances found")
    return page(call, shown)


def create_instance(call: Call) -> dict[str, Any]:
    """Provision an instance, with the code that the user's consent gave if the element wants it."""
    body = call.json_object()
    if "element" in call.params:
        element = element_at(call)
    else:
        asked = _object(body, "element")
        found = element_of(call.db, str(asked.get("key") or asked.get("id") or ""))
        if found is None:
            raise PlatformError(400, "An instance needs an 'element' with a known key")
        element = found
    configuration = _object(body, "configuration")
    provider_data = _object(body, "providerData")
    external = body.get("externalAuthentication", "none")
    if element["authenticationType"] == "oauth2" and external != "initial":
        redeem(call, str(provider_data.get("code", "")), configuration)
    elif external == "initial" and not configuration.get("oauth.user.refresh_token"):
        raise PlatformError(400, "externalAuthentication needs oauth.user.refresh_token")
    given = NewInstance(
        element=element["key"],
        name=_clean(body.get("name") or element["name"]),
        tags=tuple(_tags(body)),
        configuration=configuration,
    )
    instance = new_instance(call.db, call.caller.user, element, given)
    shown = show_instance(call, instance)
    shown |= {"providerData": provider_data, "externalAuthentication": external}
    if body.get("retrieveObjectsAfterInstantiation") is True:
        shown["objects"] = helium_objects(call, instance)
    return shown


def read_instance(call: Call) -> dict[str, Any]:
    return show_instance(call, _instance(call))


def replace_instance(call: Call) -> dict[str, Any]:
    """Change the name, the tags and the configuration to what the body has."""
    instance, body = _instance(call), call.json_object()
    instance["name"] = _clean(body.get("name") or instance["name"])
    instance["tags"] = _tags(body)
    _configure(instance, _object(body, "configuration"))
    return _stored(call, instance)


def patch_instance(call: Call) -> dict[str, Any]:
    """Change what the body has; its tags take the place of all tags."""
    instance, body = _instance(call), call.json_object()
    if "name" in body:
        instance["name"] = _clean(body["name"])
    if "tags" in body:
        instance["tags"] = _tags(body)
    _configure(instance, _object(body, "configuration"))
    return _stored(call, instance)


def delete_instance(call: Call) -> None:
    """Remove an instance, and what it has of definitions and transformations."""
    instance = _instance(call)
    owner = Owner("instance", instance["id"])
    organization = instance["organizationId"]
    for transformation in list_transformations(call.db, organization):
        if transformation.part(owner):
            save_transformation(call.db, transformation.without_part(owner))
    for resource in list_resources(call.db, organization):
        if resource.part(owner):
            save_resource(call.db, resource.without_part(owner))
    call.db.delete("instance", instance["id"])


def enable_instance(call: Call) -> dict[str, Any]:
    return _stored(call, _instance(call) | {"disabled": False})


def disable_instance(call: Call) -> dict[str, Any]:
    return _stored(call, _instance(call) | {"disabled": True})


def list_configuration(call: Call) -> list[dict[str, Any]]:
    instance = _instance(call)
    return [_entry(instance, key) for key in instance["configuration"]]


def read_configuration(call: Call) -> dict[str, Any]:
    instance = _instance(call)
    return _entry(instance, _configured(instance, call.params["entry"]))


def patch_configuration(call: Call) -> Any:
    """Change one entry, or those of a list; a mask leaves a secret as it is."""
    instance = _instance(call)
    if "entry" in call.params:
        key = _configured(instance, call.params["entry"])
        _configure(instance, {key: call.json_object().get("propertyValue")})
        _stored(call, instance)
        return _entry(instance, key)
    body = call.json()
    entries = body if isinstance(body, list) else [body]
    for each in entries:
        if not isinstance(each, dict) or not isinstance(each.get("key"), str):
            raise PlatformError(400, "Each entry needs a 'key' and a 'propertyValue'")
        _configure(instance, {each["key"]: each.get("propertyValue")})
    _stored(call, instance)
    return [_entry(instance, key) for key in instance["configuration"]]


def show_instance(call: Call, instance: dict[str, Any]) -> dict[str, Any]:
    """Return an instance as it is shown, its secrets masked; its token is what it is for."""
    element: Any = call.db.get("element", instance["elementId"])
    shown_as_is = ("id", "name", "createdDate", "token", "elementId", "tags", "valid", "disabled")
    configuration = instance["configuration"]
    events = str(configuration.get("event.notification.enabled", False)).lower()
    return {name: instance[name] for name in shown_as_is} | {
        "element": summary(element),
        "accountId": instance["accountId"],
        "provisionInteractions": [],
        "configuration": {key: _masked(key, value) for key, value in configuration.items()},
        "eventsEnabled": events == "true",
        "traceLoggingEnabled": False,
        "cachingEnabled": False,
        "externalAuthentication": "none",
        "user": instance["user"],
    }


def _instance(call: Call) -> dict[str, Any]:
    number = call.params.get("instance")
    return call.instance if number is None else instance_of(call, number)


def _stored(call: Call, instance: dict[str, Any]) -> dict[str, Any]:
    call.db.put("instance", instance["id"], instance, instance["token"])
    return show_instance(call, instance)


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    given = body.get(name) or {}
    if not isinstance(given, dict):
        raise PlatformError(400, f"'{name}' must be an object")
    return given


def _configure(instance: dict[str, Any], given: dict[str, Any]) -> None:
    instance["configuration"] |= {key: value for key, value in given.items() if value != MASK}


def _configured(instance: dict[str, Any], number: int) -> str:
    for key in instance["configuration"]:
        if _entry_id(instance, key) == number:
            return str(key)
    raise PlatformError(404, f"No configuration found for id {number}")


def _entry(instance: dict[str, Any], key: str) -> dict[str, Any]:
    return {
        "id": _entry_id(instance, key),
        "key": key,
        "name": key,
        "propertyValue": _masked(key, instance["configuration"][key]),
        "type": "PASSWORD" if _SECRET.search(key) else "TEXT",
        "required": False,
        "active": True,
        "hideFromConsole": False,
        "description": "",
    }


def _entry_id(instance: dict[str, Any], key: str) -> int:
    """Return an entry's id: entries are never removed, so their order stays."""
    return int(instance["id"]) * 1000 + list(instance["configuration"]).index(key)


def _masked(key: str, value: Any) -> Any:
    return MASK if _SECRET.search(key) and value else value


def _tags(body: dict[str, Any]) -> list[str]:
    given = body.get("tags") or []
    if not isinstance(given, list):
        raise PlatformError(400, "'tags' must be an array of strings")
    return [_clean(each) for each in given]


def _clean(text: Any) -> str:
    """Return a name or tag without markup."""
    if not isinstance(text, str):
        raise PlatformError(400, "Names and tags are strings")
    return _MARKUP.sub("", text)


def _searched(instance: dict[str, Any]) -> str:
    element = instance["element"]
    words = [instance["name"], element["key"], element["name"], *instance["tags"]]
    return "\n".join(words).lower()
