"""The catalogue of elements, and where their users consent."""

from typing import Any
from urllib.parse import urlencode

from mapper.sandbox.books import ELEMENT
from mapper.sandbox.calls import Call
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.freshbooks.members import RESOURCES, Resource
from mapper.sandbox.store import Transaction

__all__ = [
    "CONSENT",
    "element_at",
    "element_of",
    "list_element_defaults",
    "list_elements",
    "read_element",
    "read_metadata",
    "read_oauth_url",
    "summary",
    "vendor_resources",
]

CONSENT = "/sandbox/consent"
"""The page that stands in for the vendor's."""


def element_of(db: Transaction, key_or_id: str) -> dict[str, Any] | None:
    """Return the element of a key, or of an id."""
    found: dict[str, Any] | None = db.find("element", key_or_id) or db.get("element", key_or_id)
    return found


def element_at(call: Call) -> dict[str, Any]:
    """Return the element that a URL names.

    Raises:
        PlatformError: 404 if there is none.
    """
    element = element_of(call.db, call.params["element"])
    if element is None:
        raise PlatformError(404, f"No element found for '{call.params['element']}'")
    return element


def list_elements(call: Call) -> list[dict[str, Any]]:
    return [summary(each) for each in call.db.list("element")]


def read_element(call: Call) -> dict[str, Any]:
    return summary(element_at(call))


def read_metadata(call: Call) -> dict[str, Any]:
    """Answer the catalogue's entry of an element."""
    element = element_at(call)
    with_vendor = bool(vendor_resources(element))
    instances = [each for each in call.db.list("instance") if each["elementId"] == element["id"]]
    return summary(element) | {
        "image": "elements/custom-element-default-logo.png",
        "displayOrder": 0,
        "elementType": "element",
        "churros": False,
        "swaggerValidated": False,
        "normalizedPaging": True,
        "transformations": True,
        "authenticationType": element["authenticationType"],
        "events": {"supported": with_vendor, "methods": ["webhook"] if with_vendor else []},
        "bulk": {"upload": with_vendor, "download": with_vendor},
        "discovery": {
            "customFields": False,
            "customObjects": False,
            "endpointCustomFields": False,
            "endpointCustomObjects": False,
        },
        "usage": {"instanceCount": len(instances), "customerCount": 0, "traffic": 0},
        "api": {"type": "rest", "contentType": "application/json"},
        "resources": [_resource(name) for name in vendor_resources(element)],
    }


def vendor_resources(element: dict[str, Any]) -> dict[str, Resource]:
    """Return what the vendor behind an element has, by the platform's names."""
    return RESOURCES if element["key"] == ELEMENT else {}


def read_oauth_url(call: Call) -> dict[str, Any]:
    """Answer where the user consents; the parameters come in the query or as JSON."""
    element = element_at(call)
    if element["authenticationType"] != "oauth2":
        raise PlatformError(400, f"Element '{element['key']}' does not use OAuth 2.0")
    given = call.json_object() if call.method == "POST" else call.query.to_dict()
    missing = [each for each in ("apiKey", "apiSecret", "callbackUrl") if not given.get(each)]
    if missing:
        raise PlatformError(400, f"Missing parameters: {', '.join(missing)}")
    asked = {
        "response_type": "code",
        "redirect_uri": given["callbackUrl"],
        "state": given.get("state") or element["key"],
        "client_id": given["apiKey"],
    }
    url = f"{call.request.host_url.rstrip('/')}{CONSENT}?{urlencode(asked)}"
    return {"element": element["key"], "oauthUrl": url}


def list_element_defaults(call: Call) -> list[dict[str, Any]]:
    """Answer an element's built-in transformations: these elements have none."""
    element_at(call)
    return []


def summary(element: dict[str, Any]) -> dict[str, Any]:
    """Return an element as lists and instances show it."""
    return {
        "id": element["id"],
        "key": element["key"],
        "name": element["name"],
        "description": element["description"],
        "hub": element["hub"],
        "active": True,
        "beta": False,
        "deleted": False,
        "extended": False,
        "cloneable": True,
        "transformationsEnabled": True,
        "bulkDownloadEnabled": True,
        "bulkUploadEnabled": True,
        "authentication": {"type": element["authenticationType"]},
    }


def _resource(name: str) -> dict[str, Any]:
    return {
        "canonicalName": name,
        "operations": ["SEARCH", "CREATE", "RETRIEVE", "UPDATE", "DELETE"],
        "events": {
            "supported": True,
            "methods": ["webhook"],
            "eventTypes": ["CREATED", "UPDATED", "DELETED"],
        },
        "bulk": {
            "upload": {"supported": True, "native": False},
            "download": {"supported": True, "native": False},
        },
        "customField": dict.fromkeys(("get", "create", "update", "delete"), False),
    }
