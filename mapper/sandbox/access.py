"""Who calls, and what he may do."""

from enum import StrEnum
from typing import Any

import msgspec

from mapper.sandbox.errors import PlatformError
from mapper.sandbox.store import Transaction

__all__ = ["PRIVILEGES", "Caller", "Needs", "authenticate"]

PRIVILEGES = (
    "viewCommonObjects",
    "createCommonObjects",
    "editCommonObjects",
    "deleteCommonObjects",
)
"""What a user needs for common resources; all have them unless they are taken away."""

_WORDS = {"user": "User", "organization": "Organization", "element": "Element", "token": "Element"}
"""The keys of the header's pairs. A release note writes Token for Element."""


class Needs(StrEnum):
    """Which pairs an endpoint wants in the Authorization header."""

    NOTHING = "nothing"
    PLATFORM = "User and Organization"
    ELEMENT = "User and Element"
    ALL = "User, Organization and Element"


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The documents of who calls: the instance is that of the Element token, if there is one."""

    organization: dict[str, Any]
    account: dict[str, Any]
    user: dict[str, Any]
    instance: dict[str, Any] | None = None

    @property
    def is_organization_admin(self) -> bool:
        return "org-admin" in self.user["roles"]

    @property
    def is_account_admin(self) -> bool:
        return self.is_organization_admin or "admin" in self.user["roles"]

    @property
    def is_template_admin(self) -> bool:
        return "vdrAdmin" in self.user["roles"]

    def may(self, privilege: str) -> bool:
        """Whether the user has a privilege."""
        return privilege in self.user.get("privileges", PRIVILEGES)

    def reaches_account(self, account: dict[str, Any]) -> bool:
        """Whether the account is the user's own, or one of the organization that he administers."""
        if account["organizationId"] != self.organization["id"]:
            return False
        return self.is_organization_admin or account["id"] == self.account["id"]

    def reaches_instance(self, instance: dict[str, Any]) -> bool:
        """Whether the instance is the user's own, or one of what he administers."""
        if instance["organizationId"] != self.organization["id"]:
            return False
        if self.is_organization_admin:
            return True
        if self.is_account_admin:
            return bool(instance["accountId"] == self.account["id"])
        return bool(instance["user"]["id"] == self.user["id"])


def authenticate(header: str, needs: Needs, db: Transaction) -> Caller:
    """Return who calls.

    Raises:
        PlatformError: 401 if a secret that the endpoint needs is missing or wrong.
    """
    secrets = _pairs(header)
    user = _secret(db, secrets, "User", "user")
    organization = db.get("organization", user["organizationId"])
    account = db.get("account", user["accountId"])
    if organization is None or account is None:
        raise _refused("User")
    asked = needs in {Needs.PLATFORM, Needs.ALL}
    if (asked or "Organization" in secrets) and (
        _secret(db, secrets, "Organization", "organization")["id"] != organization["id"]
    ):
        raise _refused("Organization")
    caller = Caller(organization=organization, account=account, user=user)
    if needs is Needs.PLATFORM and "Element" not in secrets:
        return caller
    instance = _secret(db, secrets, "Element", "instance")
    if not caller.reaches_instance(instance):
        raise _refused("Element")
    return msgspec.structs.replace(caller, instance=instance)


def _pairs(header: str) -> dict[str, str]:
    """Return the secrets of an Authorization header by the word before them, in any order."""
    secrets = {}
    for pair in header.split(","):
        word, _, secret = pair.strip().partition(" ")
        known = _WORDS.get(word.lower())
        if known and secret.strip():
            secrets[known] = secret.strip()
    if header.lower().startswith("bearer "):
        raise PlatformError(401, "Bearer tokens are not emulated; send User and Organization")
    return secrets


def _secret(db: Transaction, secrets: dict[str, str], word: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] | None = None
    if word in secrets:
        found = db.find(kind, secrets[word])
    if found is None:
        raise _refused(word)
    return found


def _refused(word: str) -> PlatformError:
    what = "token" if word == "Element" else "secret"
    return PlatformError(401, f"Invalid or missing {word} {what} in the Authorization header")
