"""Lists a page at a time: ``pageSize``, ``nextPage``, and the headers that tell of the next."""

import base64
from collections.abc import Sequence
from typing import TypeVar

from mapper.sandbox.calls import Call
from mapper.sandbox.errors import PlatformError

__all__ = ["MAX_PAGE", "or_nothing", "page"]

MAX_PAGE = 200
"""How many items a page has at most, and by default."""

_Item = TypeVar("_Item")


def page(call: Call, items: Sequence[_Item]) -> list[_Item]:
    """Return the page that a request asks for, and give its answer the headers.

    Raises:
        PlatformError: 400 for a size that is none, or a token that no answer gave.
    """
    size = call.query.get("pageSize", str(MAX_PAGE))
    if not (size.isascii() and size.isdigit() and 1 <= int(size) <= MAX_PAGE):
        raise PlatformError(400, f"pageSize must be a number from 1 to {MAX_PAGE}")
    start = _start(call.query.get("nextPage", ""))
    end = start + int(size)
    if end < len(items):
        token = base64.urlsafe_b64encode(f"from {end}".encode()).decode()
        call.answered["Elements-Next-Page-Token"] = token
    found = list(items[start:end])
    call.answered["Elements-Returned-Count"] = str(len(found))
    call.answered["Elements-Total-Count"] = str(len(items))
    return found


def or_nothing(call: Call, items: Sequence[_Item], what: str) -> Sequence[_Item]:
    """Return a list, unless it is empty and the settings say that there is no such thing then.

    Raises:
        PlatformError: 404 if that is so.
    """
    if not items and call.settings["empty-lists"] == "404":
        raise PlatformError(404, f"No {what} found")
    return items


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(" ")
        if word == "from":
            return int(number)
    except ValueError:
        pass
    raise PlatformError(400, "nextPage is not a token that a page gave")
