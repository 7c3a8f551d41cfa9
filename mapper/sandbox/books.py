"""The FreshBooks account behind the instances: one for a state folder, whoever connects to it."""

from functools import cache
from typing import Any

from mapper.sandbox.freshbooks import (
    FIRST_NEW_ID,
    MemoryObjects,
    plant,
    read_seed,
)
from mapper.sandbox.store import Transaction

__all__ = ["ELEMENT", "StoredObjects", "plant_books", "read_account"]

ELEMENT = "freshbooksv2"
"""The element whose instances have something behind them."""

_ACCOUNT = "books"
_NEW_IDS = FIRST_NEW_ID + 1000
"""Ids from here on go to what is made in the sandbox; below are those of the seed."""


class StoredObjects:
    """The objects of the account in the platform's store."""

    def __init__(self, db: Transaction) -> None:
        self._db = db

    def get(self, resource: str, key: int) -> Any:
        return self._db.get(_kind(resource), key)

    def put(self, resource: str, key: int, value: Any) -> None:
        self._db.put(_kind(resource), key, value)

    def delete(self, resource: str, key: int) -> None:
        self._db.delete(_kind(resource), key)

    def list(self, resource: str) -> list[Any]:
        return self._db.list(_kind(resource))

    def new_id(self) -> int:
        return _NEW_IDS + self._db.next_id()


def read_account(db: Transaction) -> dict[str, Any]:
    """Return FreshBooks' id of the account, and its currency."""
    found: dict[str, Any] = db.get(_ACCOUNT, 1) or {}
    return found


def plant_books(db: Transaction, given: dict[str, Any] | None = None) -> None:
    """Put an account into an empty platform: that of a seed, or a design studio's.

    Raises:
        ValueError: It is no seed, or FreshBooks refuses one of its requests.
    """
    account, rows = _studio() if given is None else _replayed(given)
    db.put(_ACCOUNT, 1, account)
    for resource, key, row in rows:
        db.put(_kind(resource), key, row)


Rows = list[tuple[str, int, dict[str, Any]]]


@cache
def _studio() -> tuple[dict[str, Any], Rows]:
    return _replayed(read_seed())


def _replayed(seed: dict[str, Any]) -> tuple[dict[str, Any], Rows]:
    """Return the account's document and every object: replaying into the store would be slow."""
    objects = MemoryObjects(FIRST_NEW_ID)
    account = plant(objects, seed)
    document = {"account_id": account.account_id, "currency": account.currency}
    return document, list(objects.rows())


def _kind(resource: str) -> str:
    return f"books/{resource}"
