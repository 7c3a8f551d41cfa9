"""Data to begin with: what a small design studio has on FreshBooks after a year.

``seed.json`` holds the requests that made it, each with its instant; they are replayed, so that
the objects are what FreshBooks makes of them. ``itself`` marks what FreshBooks did on its own, of
which no request exists: a card that was charged, a dispute.
"""

import json
from datetime import datetime
from importlib.resources import files
from typing import Any

from mapper.sandbox.freshbooks.members import RESOURCES
from mapper.sandbox.freshbooks.objects import Account, Objects
from mapper.sandbox.freshbooks.refusals import VendorError
from mapper.sandbox.freshbooks.vendor import FreshBooks

Json = Any

FIRST_NEW_ID = 104000
"""Ids from here on are free: those of the seed are below."""


def read_seed() -> Json:
    """Return the seed that comes with the package."""
    return json.loads(files("mapper.sandbox.freshbooks").joinpath("seed.json").read_bytes())


def plant(objects: Objects, seed: Json) -> Account:
    """Replay the seed's requests, and return the account that they belong to.

    Raises:
        ValueError: It is no seed, or FreshBooks refuses one of its requests.
    """
    match seed:
        case {"account": dict(given), "requests": list(requests)} if (
            len(seed.keys() - {"about"}) == 2
        ):
            pass
        case _:
            raise ValueError("it is an object with an account and a list of requests")
    unknown = given.keys() - {"account_id", "currency"}
    if unknown:
        raise ValueError(f"an account has account_id and currency, but no {min(unknown)}")
    account = Account(**given)
    for number, request in enumerate(requests, 1):
        try:
            _replay(objects, account, request)
        except VendorError as error:
            raise ValueError(f"request {number} is refused: {error.message}") from None
        except ValueError as error:
            raise ValueError(f"request {number}: {error}") from None
    return account


def _replay(objects: Objects, account: Account, request: Json) -> None:
    at = datetime.fromisoformat(str(request.get("at"))) if isinstance(request, dict) else None
    if at is None or at.tzinfo is None:
        raise ValueError("it needs a time with its zone, 'at'")
    vendor = FreshBooks(objects, at, account)
    place = str(request.get("create") or request.get("update") or request.get("itself"))
    resource, _, key = place.partition("/")
    if resource not in RESOURCES:
        raise ValueError(f"there is no resource {resource!r}")
    match request:
        case {"create": _, "id": int(new_key), "body": body}:
            vendor.create(resource, body, key=new_key)
        case {"update": _, "body": body}:
            vendor.update(resource, key, body)
        case {"itself": _, "shows": dict(members)}:
            vendor.do_itself(resource, key, members)
        case _:
            raise ValueError("it is no create with id and body, no update with body")
