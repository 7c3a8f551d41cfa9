"""Data to begin with: what a small design studio has on FreshBooks after a year.

``seed.json`` holds the requests that made it, each with its instant; they are replayed, so that
the objects are what FreshBooks makes of them. ``itself`` marks what FreshBooks did on its own, of
which no request exists: a card that was charged, a dispute.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from mapper.sandbox.freshbooks.objects import Account, Objects
from mapper.sandbox.freshbooks.vendor import FreshBooks

Json = Any

FIRST_NEW_ID = 104000
"""Ids from here on are free: those of the seed are below."""


def read_seed() -> Json:
    """Return the seed that comes with the package."""
    return json.loads(files("mapper.sandbox.freshbooks").joinpath("seed.json").read_bytes())


def plant(objects: Objects, seed: Mapping[str, Json]) -> Account:
    """Replay the seed's requests, and return the account that they belong to."""
    account = Account(**seed["account"])
    for request in seed["requests"]:
        vendor = FreshBooks(objects, datetime.fromisoformat(request["at"]), account)
        match request:
            case {"create": resource, "id": key, "body": body}:
                vendor.create(resource, body, key=key)
            case {"update": place, "body": body}:
                resource, _, key = place.partition("/")
                vendor.update(resource, key, body)
            case {"itself": place, "shows": members}:
                resource, _, key = place.partition("/")
                vendor.do_itself(resource, key, members)
            case _:
                raise ValueError(f"no request of a seed: {request}")
    return account
