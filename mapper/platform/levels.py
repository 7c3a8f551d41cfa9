"""Levels, and the places of documents at each: the paths of the platform's endpoints."""

from urllib.parse import quote

from msgspec import Struct

from mapper.model import Level

__all__ = ["Level", "Owner", "Place"]


class Owner(Struct, frozen=True):
    """Whom documents are for: an account or an instance, by its id."""

    level: Level
    number: str


class Place(Struct, frozen=True):
    """Where documents are published.

    Attributes:
        url: The platform's base URL.
        level: Whom they are for.
        owner: The id of the account or instance; None for the caller's own.
    """

    url: str
    level: Level
    owner: str | None = None

    def __str__(self) -> str:
        owner = f" {self.owner}" if self.owner else ""
        return f"{self.url}, {self.level.value}{owner}"

    @property
    def definitions(self) -> str:
        """The path of the list of object definitions."""
        return f"{self._prefix}/objects/definitions"

    def definition(self, name: str) -> str:
        """Return the path of an object definition."""
        return f"{self._prefix}/objects/{_step(name)}/definitions"

    def transformation(self, name: str, element: str) -> str:
        """Return the path of a transformation; an instance has but one element."""
        inside = "" if self.level is Level.INSTANCE else f"/elements/{_step(element)}"
        return f"{self._prefix}{inside}/transformations/{_step(name)}"

    def transformations_of(self, name: str) -> str | None:
        """Return the path of the list of an object's transformations, None if there is none."""
        if self.level is Level.INSTANCE or (self.level is Level.ACCOUNT and not self.owner):
            return None
        return f"{self._prefix}/objects/{_step(name)}/transformations"

    def instances(self, element: str) -> str | None:
        """Return the path of the list of instances that documents are for, None for one alone."""
        match self.level:
            case Level.INSTANCE:
                return None
            case Level.ACCOUNT if self.owner:
                return f"/accounts/{self.owner}/instances"
            case _:
                return f"/elements/{_step(element)}/instances"

    @property
    def _prefix(self) -> str:
        owner = f"/{self.owner}" if self.owner and self.level is not Level.ORGANIZATION else ""
        return f"/{self.level.value}s{owner}"


def _step(name: str) -> str:
    return quote(name, safe="")
