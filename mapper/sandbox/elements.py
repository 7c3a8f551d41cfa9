"""The catalogue of elements: connectors that instances are made of."""

from typing import Any

from mapper.sandbox.calls import Call
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.store import Transaction

__all__ = ["element_at", "element_of", "read_metadata"]


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


def read_metadata(call: Call) -> dict[str, Any]:
    return element_at(call)
