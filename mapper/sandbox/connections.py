"""An instance in use, by a call or by a job that a call left behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from mapper.sandbox.books import ELEMENT, StoredObjects, read_account
from mapper.sandbox.calls import Call, Platform
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.freshbooks import Account, FreshBooks, VendorError
from mapper.sandbox.store import Transaction

__all__ = [
    "Connection",
    "connect",
    "connection_of",
    "provider_errors",
    "reconnect",
    "warn_of_script",
]

Json = Any

_STATUS = {403: 403, 404: 404, 409: 409}
"""The vendor's statuses that the platform has, too; any other refusal is a bad request."""


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """An instance, and what its transformations need to run.

    ``origin`` is where the platform is, and ``user`` the caller, for scripts that call back;
    ``warn`` takes what went wrong in a script, of which the platform itself would be silent.
    """

    platform: Platform
    db: Transaction
    stale: Transaction
    instance: dict[str, Any]
    user: dict[str, Any]
    origin: str
    warn: Callable[[str], None] = lambda message: None

    @property
    def books(self) -> FreshBooks:
        """The vendor's account behind the instance now, behaving as the settings choose."""
        settings = self.platform.settings
        account = Account(
            **read_account(self.db),
            null_clears=settings["vendor-nulls"] == "clear",
            read_only="refused" if settings["vendor-read-only"] == "refuse" else "ignored",
            keeps_line_ids=settings["vendor-line-ids"] == "keep",
        )
        now = datetime.now(UTC)  # noqa: TID251 - a server's clock
        return FreshBooks(StoredObjects(self.db), now, account)

    @property
    def filters_nulls(self) -> bool:
        """Whether responses have no nulls: ``filter.response.nulls``, by default true."""
        given = self.instance["configuration"].get("filter.response.nulls", True)
        return str(given).lower() != "false"

    def context(self) -> dict[str, Json]:
        """Return what a script finds in ``configuration``: the instance's, and the way back in."""
        organization = self.db.get("organization", self.instance["organizationId"]) or {}
        protocol, _, host = self.origin.partition("://")
        return {
            **self.instance["configuration"],
            "protocol": protocol,
            "host": host,
            "pathPrefix": "/elements/api-v2",
            "userSecret": self.user["secret"],
            "organizationSecret": organization.get("secret"),
            "elementInstanceToken": self.instance["token"],
        }


def connect(call: Call) -> Connection:
    """Return the caller's instance in use.

    Raises:
        PlatformError: 404 if its element has nothing behind it, 400 for what is not emulated.
    """
    instance = call.instance
    for name in ("Elements-Async-Request", "Elements-Schedule-Request"):
        if call.request.headers.get(name, "false").lower() != "false":
            raise PlatformError(400, f"{name} is not emulated")
    element = call.db.get("element", instance["elementId"]) or {}
    if element.get("key") != ELEMENT:
        message = f"Only {ELEMENT} has resources in the sandbox, not {element.get('key')!r}"
        raise PlatformError(404, message)

    return connection_of(call, instance)


def connection_of(call: Call, instance: dict[str, Any]) -> Connection:
    """Return an instance in use by a call."""
    return Connection(
        platform=call.platform,
        db=call.db,
        stale=call.stale,
        instance=instance,
        user=call.caller.user,
        origin=f"{call.request.scheme}://{call.request.host}",
        warn=partial(warn_of_script, call),
    )


def warn_of_script(call: Call, message: str) -> None:
    """Tell the caller in a header what went wrong in a script: the answer says nothing of it."""
    line = message.encode("unicode_escape").decode()  # ASCII, as headers are
    call.answered.setdefault("Sandbox-Script-Error", line[:500])


def reconnect(
    platform: Platform, db: Transaction, instance_id: int, user_id: int, origin: str
) -> Connection | None:
    """Return the instance in use by a job of its user; None if one of them is no more."""
    instance, user = db.get("instance", instance_id), db.get("user", user_id)
    if instance is None or user is None:
        return None
    return Connection(
        platform=platform, db=db, stale=db, instance=instance, user=user, origin=origin
    )


@contextmanager
def provider_errors() -> Iterator[None]:
    """Tell the vendor's refusals as the platform's, with the vendor's words beside."""
    try:
        yield
    except VendorError as error:
        raise PlatformError(
            _STATUS.get(error.status, 400),
            f"The provider refused the request: {error.message}",
            provider_message=error.message,
        ) from None
