"""How common each state of each member is among documents, to see that none is left out."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from mapper.generate.invariants import Place, places
from mapper.generate.values import LENGTHS, values_of
from mapper.schema import Schema

MAX_ENUM: Final = 20
"""The longest enumeration of which every value is counted."""


def shares(documents: Iterable[Any], schema: Schema) -> dict[str, float]:
    """Return how common each state of each member of *schema* is among *documents*.

    A key is a member's path and a state that the schema lets the member be in: ``lines[].qty
    null``. The states are ``absent``, ``null``, ``unset`` (the text "" or the number 0) and
    ``value`` (everything else); ``= "draft"`` for each value of an enumeration of up to 20;
    ``0 items``, ``1 items`` and ``10 items`` of a list. Left out are members that always have a
    value; of computed members only ``absent`` and ``value`` count.

    A number is the share of the documents that have the member in this state at least once, among
    the documents with at least one object in which it could stand: for ``lines[].qty``, those with
    at least one line. Where there is no such document, it is 0.
    """
    counted = [(place, _states(place), Counter[str]()) for place in places(schema)]
    for document in documents:
        for place, _, counts in counted:
            holders = place.holders(document)
            counts.update({state for holder in holders for state in _seen(holder, place.name)})
            counts["all"] += bool(holders)
    return {
        f"{place.path} {state}": counts[state] / max(counts["all"], 1)
        for place, states, counts in counted
        for state in states
    }


def _states(place: Place) -> list[str]:
    """Return the states that count for the member at *place*."""
    member, absent = place.schema, [] if place.required else ["absent"]
    if member.annotation("x-computed"):
        return [*absent, "value"] if absent else []
    values = values_of(member)
    states = absent + list(dict.fromkeys(map(_state, values.unset)))
    states += ["value"] * bool(states and values.makes)
    if member.enum and len(member.enum) <= MAX_ENUM:
        states += [_is(value) for value in member.enum if value is not None]
    if "array" in member.kinds:
        least, most = member.annotation("minItems", 0), member.annotation("maxItems", LENGTHS[-1])
        states += [_counts(length) for length in (0, 1, 10) if least <= length <= most]
    return states


def _seen(holder: dict[str, Any], name: str) -> Iterator[str]:
    """Yield the states in which *holder* has the member *name*."""
    if name not in holder:
        yield "absent"
        return
    value = holder[name]
    yield _state(value)
    if isinstance(value, list):
        yield _counts(len(value))
    elif not isinstance(value, dict):
        yield _is(value)


def _state(value: Any) -> str:
    if value is None:
        return "null"
    return "unset" if value == "" or (value == 0 and value is not False) else "value"


def _is(value: Any) -> str:
    return f"= {json.dumps(value)}"


def _counts(length: int) -> str:
    return f"{length} items"
