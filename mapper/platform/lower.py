"""What accounts have of our objects, as far as it takes the place of what is published for all.

A lower level's script replaces the higher one, and whether its configuration does is not known.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from mapper.diagnostics import counted
from mapper.platform.current import Current, read_document
from mapper.platform.desired import Desired
from mapper.platform.errors import PlatformError
from mapper.platform.levels import Place
from mapper.platform.normal import Document, Key, mark

if TYPE_CHECKING:
    from mapper.platform.client import Client

__all__ = ["lower_levels"]

MOST = 50
"""How many transformations of accounts are read."""


def lower_levels(client: "Client", desired: Desired, current: Current) -> Iterator[str]:
    """Yield a sentence for each transformation of an account that hides something of ours.

    What this project publishes as an overlay is meant to.
    """
    below = sorted(
        {each for each in current.below if each[1] in desired.mappings},
        key=lambda each: (each[1], each[0].owner),
    )
    calls = (partial(_look, client, desired, *each) for each in below[:MOST])
    yield from (told for told in client.gather(calls) if told is not None)
    if len(below) > MOST:
        yield f"{counted(len(below) - MOST, 'transformation')} of accounts not looked at"


def _look(client: "Client", desired: Desired, account: Place, key: Key) -> str | None:
    """Return what an account's transformation hides, None if that is nothing."""
    who = f"account {account.owner} has its own {key}"
    try:
        theirs = read_document(client, account, key)
    except PlatformError:
        return f"{who}, which cannot be read: it may hide the script"
    if theirs is None or mark(theirs) in desired.names:
        return None
    ours = desired.documents[key]
    if "script" in theirs and "script" in ours:
        return f"{who}, whose script runs there instead of the one published here"
    if _asks(ours) and not _asks(theirs):
        return f"{who} without {_QUERIES}: conditions of lists may go untranslated there"
    return None


_QUERIES = "applyJSOnQueryFieldValue"


def _asks(document: Document) -> bool:
    """Whether the script translates the conditions of lists."""
    return _QUERIES in document["configuration"]
