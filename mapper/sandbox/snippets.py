"""``/vdrs/snippets``: pieces of JavaScript that users keep for their scripts."""

from typing import Any

from mapper.sandbox.calls import Call
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.paging import page

__all__ = [
    "create_snippet",
    "delete_snippet",
    "list_snippets",
    "read_snippet",
    "replace_snippet",
]

_TEXTS = ("name", "body", "description", "snippetType", "level")


def list_snippets(call: Call) -> list[dict[str, Any]]:
    return page(call, call.db.list(_kind(call)))


def create_snippet(call: Call) -> dict[str, Any]:
    snippet = {"id": call.db.next_id()} | _body(call)
    call.db.put(_kind(call), snippet["id"], snippet)
    return snippet


def read_snippet(call: Call) -> dict[str, Any]:
    found: dict[str, Any] | None = call.db.get(_kind(call), call.params["snippet"])
    if found is None:
        raise PlatformError(404, f"No snippet found for id {call.params['snippet']}")
    return found


def replace_snippet(call: Call) -> dict[str, Any]:
    snippet = {"id": read_snippet(call)["id"]} | _body(call)
    call.db.put(_kind(call), snippet["id"], snippet)
    return snippet


def delete_snippet(call: Call) -> None:
    call.db.delete(_kind(call), read_snippet(call)["id"])


def _body(call: Call) -> dict[str, Any]:
    given = call.json_object()
    if not isinstance(given.get("name"), str) or not isinstance(given.get("body"), str):
        raise PlatformError(400, "A snippet needs a 'name' and a 'body'")
    said = {name: given[name] for name in _TEXTS if isinstance(given.get(name), str)}
    return {"snippetType": "transformation"} | said


def _kind(call: Call) -> str:
    return f"snippet/{call.caller.organization['id']}"
