"""The seam between HTTP and the endpoints: what a function is given, and what it gives back."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from mapper.sandbox.access import Caller, Needs
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.execution import Execution
from mapper.sandbox.faults import Schedule
from mapper.sandbox.settings import Settings
from mapper.sandbox.store import Store, Transaction

__all__ = ["Access", "Answer", "Call", "Endpoint", "Platform", "Route"]


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """What all calls share."""

    store: Store
    settings: Settings
    execution: Execution
    schedule: Schedule = msgspec.field(default_factory=Schedule)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request, authenticated, inside a transaction that ends with it."""

    request: Request
    params: dict[str, Any]
    """What the path says where the route's pattern has a name."""
    signed_in: Caller | None
    db: Transaction
    """Where GETs read and others read and write; all of it is undone if the function raises."""
    stale: Transaction
    """The same as readers see it that lag behind: what was written just now may be missing."""
    platform: Platform
    answered: dict[str, str] = msgspec.field(default_factory=dict)
    """Headers that the answer gets."""

    @property
    def caller(self) -> Caller:
        """Who calls.

        Raises:
            PlatformError: 401 if the route lets strangers in and this is one.
        """
        if self.signed_in is None:
            raise PlatformError(401, "Missing Authorization header")
        return self.signed_in

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def query(self) -> MultiDict[str, str]:
        return self.request.args

    @property
    def settings(self) -> Settings:
        return self.platform.settings

    @property
    def instance(self) -> dict[str, Any]:
        """The instance of the Element token.

        Raises:
            PlatformError: 401 if the request had none.
        """
        if self.caller.instance is None:
            raise PlatformError(401, "Missing Element token in the Authorization header")
        return self.caller.instance

    def flag(self, name: str) -> bool:
        """Whether a query parameter says true."""
        return self.query.get(name, "").lower() == "true"

    def json(self) -> Any:
        """Return the request's JSON body.

        Raises:
            PlatformError: 415 for another content type, 400 for what is no JSON.
        """
        if self.request.mimetype not in {"application/json", ""}:
            raise PlatformError(415, f"Unsupported Content-Type {self.request.mimetype!r}")
        try:
            return msgspec.json.decode(self.request.get_data())
        except (ValueError, RecursionError):
            raise PlatformError(400, "The request body is not valid JSON") from None

    def json_object(self) -> dict[str, Any]:
        """Return the request's body, an object.

        Raises:
            PlatformError: 415 or 400 if it is none.
        """
        body: Any = self.json()
        if not isinstance(body, dict):
            raise PlatformError(400, "The request body must be a JSON object")
        return body

    def ignored(self, what: str) -> None:
        """Tell the caller that a part of the request had no effect, although it is answered 200."""
        said = self.answered.get("Elements-Error")
        self.answered["Elements-Error"] = f"{said}; {what}" if said else what


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered: a JSON value, or bytes as they are; None for an empty body."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = msgspec.field(default_factory=dict)


Endpoint = Callable[[Call], Any]
"""A function that answers a call with a plain JSON value or an :class:`Answer`."""


class Access(StrEnum):
    """The transaction of an endpoint."""

    READ = "read"
    WRITE = "write"


class Route(msgspec.Struct, frozen=True):
    """Which requests go to which function.

    The pattern is werkzeug's, below ``/elements/api-v2``. By default GET reads and the other
    methods write, and nobody needs a privilege.
    """

    method: str
    pattern: str
    endpoint: Endpoint
    needs: Needs = Needs.PLATFORM
    privilege: str | None = None
    access: Access | None = None
    produces: tuple[str, ...] = ("application/json",)
    disabled: bool = False
    """Whether an endpoint that needs an Element token answers for a disabled instance."""

    @property
    def writes(self) -> bool:
        if self.access is None:
            return self.method != "GET"
        return self.access is Access.WRITE
