"""What a fresh platform holds: an organization, accounts, users, elements and instances.

A seed file is a JSON object that says more or otherwise; what it leaves out is as it is here, and
secrets that it does not give are random.
"""

import base64
import secrets
from datetime import UTC, datetime
from typing import Any

from mapper.sandbox.books import plant_books
from mapper.sandbox.freshbooks import VendorError
from mapper.sandbox.store import Transaction

__all__ = ["DEFAULT", "SeedError", "is_planted", "plant"]

DEFAULT: dict[str, Any] = {
    "organization": {"name": "Example Organization"},
    "accounts": [{"name": "Example Account", "externalId": "example", "defaultAccount": True}],
    "users": [
        {
            "email": "owner@example.com",
            "firstName": "Olive",
            "lastName": "Owner",
            "roles": ["org-admin", "vdrAdmin"],
        },
        {
            "email": "admin@example.com",
            "firstName": "Ada",
            "lastName": "Admin",
            "roles": ["admin"],
        },
        {"email": "user@example.com", "firstName": "Uma", "lastName": "User", "roles": []},
    ],
    "elements": [
        {
            "key": "freshbooksv2",
            "id": 5924,
            "name": "Freshbooks Cloud Accounting",
            "hub": "finance",
            "authenticationType": "oauth2",
        },
    ],
    "instances": [
        {"name": "Example Books", "element": "freshbooksv2", "user": "owner@example.com"},
    ],
    "books": None,  # the design studio that the package brings
}


class SeedError(ValueError):
    """A seed file says something impossible."""


def is_planted(db: Transaction) -> bool:
    """Whether the platform holds anything yet."""
    return bool(db.list("organization"))


def plant(db: Transaction, given: dict[str, Any] | None = None) -> None:
    """Put the content of a seed, over the default, into an empty platform.

    Raises:
        SeedError: It names an account, element or user that it does not have.
    """
    unknown = set(given or {}) - set(DEFAULT)
    if unknown:
        raise SeedError(f"a seed has {', '.join(DEFAULT)}, but no {', '.join(sorted(unknown))}")
    seed = DEFAULT | (given or {})
    organization = _plant_organization(db, seed["organization"])
    accounts = [_plant_account(db, each, organization) for each in seed["accounts"]]
    users = [_plant_user(db, each, organization, accounts) for each in seed["users"]]
    elements = [_plant_element(db, each) for each in seed["elements"]]
    for each in seed["instances"]:
        element = _named(elements, "key", each.get("element"), "element")
        user = _named(users, "email", each.get("user", users[0]["email"]), "user")
        new_instance(db, user, element, each)
    try:
        plant_books(db, seed["books"])
    except (VendorError, ValueError, LookupError, TypeError) as error:
        raise SeedError(f"the books of the seed cannot be replayed: {error!r}") from None


def new_instance(
    db: Transaction, user: dict[str, Any], element: dict[str, Any], given: dict[str, Any]
) -> dict[str, Any]:
    """Store an instance of an element that belongs to a user, and return it."""
    instance = {
        "id": db.next_id(),
        "name": given.get("name", element["name"]),
        "createdDate": now(),
        "token": given.get("token") or random_secret(),
        "elementId": element["id"],
        "organizationId": user["organizationId"],
        "accountId": user["accountId"],
        "user": {
            "id": user["id"],
            "emailAddress": user["email"],
            "firstName": user["firstName"],
            "lastName": user["lastName"],
        },
        "tags": given.get("tags", []),
        "configuration": given.get("configuration", {}),
        "valid": True,
        "disabled": False,
    }
    db.put("instance", instance["id"], instance, instance["token"])
    return instance


def random_secret() -> str:
    """Return a secret of the form that users' secrets and tokens have."""
    return base64.b64encode(secrets.token_bytes(31)).decode()


def now() -> str:
    """Return the time of now as instances say it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 - a server's clock


def _plant_organization(db: Transaction, given: dict[str, Any]) -> dict[str, Any]:
    organization = {
        "id": db.next_id(),
        "name": given.get("name", "Organization"),
        "secret": given.get("secret") or secrets.token_hex(16),
        "vdrVersion": given.get("vdrVersion", "v2"),
        "environment": "sandbox",
    }
    db.put("organization", organization["id"], organization, organization["secret"])
    return organization


def _plant_account(
    db: Transaction, given: dict[str, Any], organization: dict[str, Any]
) -> dict[str, Any]:
    number = db.next_id()
    account = {
        "id": number,
        "name": given.get("name", f"Account {number}"),
        "externalId": given.get("externalId", str(number)),
        "organizationId": organization["id"],
        "defaultAccount": given.get("defaultAccount", False),
    }
    db.put("account", number, account)
    return account


def _plant_user(
    db: Transaction,
    given: dict[str, Any],
    organization: dict[str, Any],
    accounts: list[dict[str, Any]],
) -> dict[str, Any]:
    if not isinstance(given.get("email"), str):
        raise SeedError("each user of a seed needs an email")
    name = given.get("account", accounts[0]["name"])
    user = {
        "id": db.next_id(),
        "email": given["email"],
        "firstName": given.get("firstName", ""),
        "lastName": given.get("lastName", ""),
        "createdDate": now()[:10],
        "organizationId": organization["id"],
        "accountId": _named(accounts, "name", name, "account")["id"],
        "roles": given.get("roles", []),
        "secret": given.get("secret") or random_secret(),
        "password": given.get("password") or random_secret(),
    }
    if "privileges" in given:
        user["privileges"] = given["privileges"]
    db.put("user", user["id"], user, user["secret"])
    return user


def _plant_element(db: Transaction, given: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(given.get("key"), str):
        raise SeedError("each element of a seed needs a key")
    element = {
        "id": given.get("id") or db.next_id(),
        "key": given["key"],
        "name": given.get("name", given["key"]),
        "description": given.get("description", f"{given.get('name', given['key'])}, emulated"),
        "hub": given.get("hub", "general"),
        "active": True,
        "beta": False,
        "transformations": True,
        "authenticationType": given.get("authenticationType", "custom"),
    }
    db.put("element", element["id"], element, element["key"])
    return element


def _named(documents: list[dict[str, Any]], member: str, name: Any, what: str) -> dict[str, Any]:
    found = next((each for each in documents if each[member] == name), None)
    if found is None:
        raise SeedError(f"a seed names the {what} {name!r}, which it does not have")
    return found
