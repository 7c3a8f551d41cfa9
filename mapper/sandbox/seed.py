"""What a fresh platform holds: an organization, accounts, users, elements, instances and books.

A seed file is a JSON object that says more or otherwise; what it leaves out is as it is here, and
secrets that it does not give are random.
"""

import base64
import secrets
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from mapper.sandbox.books import plant_books
from mapper.sandbox.store import Transaction

__all__ = ["NewInstance", "Seed", "SeedError", "is_planted", "new_instance", "plant", "read_seed"]

Document = dict[str, Any]


class SeedError(ValueError):
    """A seed file says something impossible."""


class _Entry(Struct, frozen=True, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """What a seed file says of one thing; nothing else may stand there."""


class NewOrganization(_Entry, frozen=True):
    """The organization: everything belongs to it."""

    name: str = "Example Organization"
    secret: str | None = None
    vdr_version: Literal["v1", "v2"] = "v2"


class NewAccount(_Entry, frozen=True):
    """An account: one customer of the organization."""

    name: str
    external_id: str | None = None
    default_account: bool = False


class NewUser(_Entry, frozen=True):
    """A user, of the account of that name or of the first."""

    email: str
    first_name: str = ""
    last_name: str = ""
    account: str | None = None
    roles: tuple[Literal["org-admin", "admin", "vdrAdmin"], ...] = ()
    privileges: tuple[str, ...] | None = None
    secret: str | None = None
    password: str | None = None


class NewElement(_Entry, frozen=True):
    """An element; its instances have no vendor behind them unless it is ``freshbooksv2``."""

    key: str
    id: int | None = None
    name: str | None = None
    description: str | None = None
    hub: str = "general"
    authentication_type: Literal["oauth2", "custom"] = "custom"


class NewInstance(_Entry, frozen=True):
    """An instance of the element of that key, of the user of that email or of the first."""

    element: str
    name: str | None = None
    user: str | None = None
    token: str | None = None
    tags: tuple[str, ...] = ()
    configuration: dict[str, Any] = {}


_FRESHBOOKS = NewElement(
    key="freshbooksv2",
    id=5924,
    name="Freshbooks Cloud Accounting",
    hub="finance",
    authentication_type="oauth2",
)


class Seed(_Entry, frozen=True):
    """The content of a fresh platform; its elements come on top of ``freshbooksv2``."""

    organization: NewOrganization = NewOrganization()
    accounts: tuple[NewAccount, ...] = (
        NewAccount(name="Example Account", external_id="example", default_account=True),
    )
    users: tuple[NewUser, ...] = (
        NewUser(
            email="owner@example.com",
            first_name="Olive",
            last_name="Owner",
            roles=("org-admin", "vdrAdmin"),
        ),
        NewUser(email="admin@example.com", first_name="Ada", last_name="Admin", roles=("admin",)),
        NewUser(email="user@example.com", first_name="Uma", last_name="User"),
    )
    elements: tuple[NewElement, ...] = ()
    instances: tuple[NewInstance, ...] = (
        NewInstance(name="Example Books", element="freshbooksv2"),
    )
    books: Any = None
    """What FreshBooks has; None for the books of a design studio that come with the package."""


def read_seed(given: Document) -> Seed:
    """Return the seed that a file's content says.

    Raises:
        SeedError: It says none.
    """
    try:
        seed = msgspec.convert(given, Seed)
    except msgspec.ValidationError as error:
        raise SeedError(f"the seed is not as it should be: {error}") from None
    if not seed.accounts or not seed.users:
        raise SeedError("a seed needs an account and a user")
    return seed


def is_planted(db: Transaction) -> bool:
    """Whether the platform holds anything yet."""
    return bool(db.list("organization"))


def plant(db: Transaction, seed: Seed) -> None:
    """Put the content of a seed into an empty platform.

    Raises:
        SeedError: It names an account, element or user that it does not have.
    """
    organization = _plant_organization(db, seed.organization)
    accounts = [_plant_account(db, each, organization) for each in seed.accounts]
    users = [_plant_user(db, each, organization, accounts) for each in seed.users]
    elements = [_plant_element(db, each) for each in (_FRESHBOOKS, *seed.elements)]
    for each in seed.instances:
        element = _named(elements, "key", each.element, "element")
        user = users[0] if each.user is None else _named(users, "email", each.user, "user")
        new_instance(db, user, element, each)
    try:
        plant_books(db, seed.books)
    except ValueError as error:
        raise SeedError(f"the books of a seed: {error}") from None


def new_instance(
    db: Transaction, user: Document, element: Document, given: NewInstance
) -> Document:
    """Store an instance of an element that belongs to a user, and return it."""
    instance: Document = {
        "id": db.next_id(),
        "name": given.name or element["name"],
        "createdDate": _now(),
        "token": given.token or _random_secret(),
        "elementId": element["id"],
        "organizationId": user["organizationId"],
        "accountId": user["accountId"],
        "user": {
            "id": user["id"],
            "emailAddress": user["email"],
            "firstName": user["firstName"],
            "lastName": user["lastName"],
        },
        "tags": list(given.tags),
        "configuration": given.configuration,
        "valid": True,
        "disabled": False,
    }
    db.put("instance", instance["id"], instance, instance["token"])
    return instance


def _plant_organization(db: Transaction, given: NewOrganization) -> Document:
    organization: Document = {
        "id": db.next_id(),
        "name": given.name,
        "secret": given.secret or secrets.token_hex(16),
        "vdrVersion": given.vdr_version,
        "environment": "sandbox",
    }
    db.put("organization", organization["id"], organization, organization["secret"])
    return organization


def _plant_account(db: Transaction, given: NewAccount, organization: Document) -> Document:
    number = db.next_id()
    account: Document = {
        "id": number,
        "name": given.name,
        "externalId": given.external_id or str(number),
        "organizationId": organization["id"],
        "defaultAccount": given.default_account,
    }
    db.put("account", number, account)
    return account


def _plant_user(
    db: Transaction, given: NewUser, organization: Document, accounts: list[Document]
) -> Document:
    account = accounts[0]
    if given.account is not None:
        account = _named(accounts, "name", given.account, "account")
    user: Document = {
        "id": db.next_id(),
        "email": given.email,
        "firstName": given.first_name,
        "lastName": given.last_name,
        "createdDate": _now()[:10],
        "organizationId": organization["id"],
        "accountId": account["id"],
        "roles": list(given.roles),
        "secret": given.secret or _random_secret(),
        "password": given.password or _random_secret(),
    }
    if given.privileges is not None:
        user["privileges"] = list(given.privileges)
    db.put("user", user["id"], user, user["secret"])
    return user


def _plant_element(db: Transaction, given: NewElement) -> Document:
    name = given.name or given.key
    element: Document = {
        "id": given.id or db.next_id(),
        "key": given.key,
        "name": name,
        "description": given.description or f"{name}, emulated",
        "hub": given.hub,
        "authenticationType": given.authentication_type,
    }
    db.put("element", element["id"], element, element["key"])
    return element


def _named(documents: list[Document], member: str, name: str, what: str) -> Document:
    found = next((each for each in documents if each[member] == name), None)
    if found is None:
        raise SeedError(f"a seed names the {what} {name!r}, which it does not have")
    return found


def _random_secret() -> str:
    """Return a secret of the form that users' secrets and tokens have."""
    return base64.b64encode(secrets.token_bytes(31)).decode()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 - a server's clock
