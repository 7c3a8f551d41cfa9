"""Secrets, which no text shows: neither their own, nor any that was made from them."""

import hmac
import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

__all__ = ["MASK", "Mask", "Secret", "mask_members"]

MASK = "********"
"""What stands for a secret; the platform writes the same."""

_SHORTEST = 4
"""Shorter texts are not searched for: they would be found everywhere, and are no secrets."""


class Secret:
    """A text that is only given to who asks for it by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not stored")


class Mask:
    """Replaces secrets, however they are spelled, in texts that leave the program."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        texts = {
            spelling
            for secret in secrets
            for spelling in _spellings(secret.reveal())
            if len(secret.reveal()) >= _SHORTEST
        }
        longest_first = sorted(texts, key=lambda text: (-len(text), text))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if texts else None

    def __repr__(self) -> str:
        return "Mask()"

    def __call__(self, text: str) -> str:
        """Return *text* with :data:`MASK` in the place of each secret."""
        text = _IN_HEADER.sub(rf"\1 {MASK}", text)
        return self._pattern.sub(MASK, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """Return a JSON value with every text in it masked, names of members among them."""
        match value:
            case str():
                return self(value)
            case list() | tuple():
                return [self.value(each) for each in value]
            case dict():
                return {self(name): self.value(each) for name, each in value.items()}
            case _:
                return value


_IN_HEADER = re.compile(r"\b(User|Organization|Element) [A-Za-z0-9+/_-]{16,}={0,2}")
"""Secrets as the platform's Authorization header spells them, be they ours or not."""


def _spellings(text: str) -> set[str]:
    """Return a secret as it may stand in URLs and in JSON texts."""
    return {text, quote(text), quote(text, safe=""), quote_plus(text), json.dumps(text)[1:-1]}


_SECRET_NAME = re.compile(r"(?i)token|secret|password|api\.?key|signature\.key|private|credential")


def mask_members(value: Any) -> Any:
    """Return a JSON value without the members that are secrets by their names.

    >>> mask_members({"id": 1, "token": "abc", "configuration": {"oauth.api.key": "k"}})
    {'id': 1, 'token': '********', 'configuration': {'oauth.api.key': '********'}}
    """
    match value:
        case list():
            return [mask_members(each) for each in value]
        case {"key": str(key), "propertyValue": str()} if _SECRET_NAME.search(key):
            return {**value, "propertyValue": MASK}
        case dict():
            return {
                name: MASK
                if isinstance(each, str) and each and _SECRET_NAME.search(name)
                else mask_members(each)
                for name, each in value.items()
            }
        case _:
            return value
