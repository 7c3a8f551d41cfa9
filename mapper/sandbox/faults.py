"""Faults on demand: what networks and platforms do to a client that nobody tests for.

A fault is written ``KIND``, ``KIND=VALUE`` or, to say when, ``KIND=VALUE;method=PUT;path=/vdrs*``
``;skip=3;times=1``: of the requests that match, the first three pass and the fourth meets it. The
header ``Sandbox-Fault`` gives one request its faults, separated by commas.
"""

import json
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any, NamedTuple

__all__ = ["KINDS", "DroppedError", "Fault", "Schedule", "damaged", "parse_fault", "parse_faults"]


class Kind(NamedTuple):
    """What a kind of fault does, and what its value says; without a default it needs one."""

    meaning: str
    value: str | None = None
    default: int | None = None


KINDS = {
    "latency": Kind("The answer comes later.", "milliseconds"),
    "throttle": Kind("429 with Retry-After; nothing is done.", "seconds", 1),
    "error-before": Kind("That status; nothing is done.", "status", 500),
    "error-after": Kind("That status, although all of it was done.", "status", 500),
    "drop-before": Kind("The connection ends without an answer; nothing is done."),
    "drop-after": Kind("The connection ends without an answer, although all of it was done."),
    "truncate": Kind("The connection ends in the middle of the answer's body."),
    "reorder": Kind("The arrays of the answer are in another order."),
    "extra-members": Kind("The objects of the answer have a member that no document knows."),
    "lag": Kind(
        "Definitions and transformations read as they were that long ago, or before the last change"
        " since.",
        "milliseconds",
    ),
}


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "*")


class DroppedError(ConnectionError):
    """The connection ends without an answer."""


class Fault(NamedTuple):
    """What happens to which requests."""

    kind: str
    value: int | None = None
    method: str = "*"
    path: str = "*"
    skip: int = 0
    times: int | None = None

    def __str__(self) -> str:
        parts = [self.kind if self.value is None else f"{self.kind}={self.value}"]
        parts += [
            f"{name}={value}"
            for name, value in zip(self._fields[2:], self[2:], strict=True)
            if value != self._field_defaults[name]
        ]
        return ";".join(parts)


def parse_faults(text: str) -> list[Fault]:
    """Return the faults of a header.

    Raises:
        ValueError: One of them is none.
    """
    return [parse_fault(each) for each in text.split(",") if each.strip()]


def parse_fault(text: str) -> Fault:
    """Return the fault that a text says.

    >>> parse_fault("error-after=503;method=PUT;skip=2;times=1")
    Fault(kind='error-after', value=503, method='PUT', path='*', skip=2, times=1)

    Raises:
        ValueError: It says none.
    """
    first, *when = (each.strip() for each in text.split(";"))
    name, _, value = first.partition("=")
    if name not in KINDS:
        raise ValueError(f"there is no fault {name!r}; there are {', '.join(KINDS)}")
    kind = KINDS[name]
    if value and kind.value is None:
        raise ValueError(f"the fault {name} takes no value")
    number = _number(value, f"{name} takes {kind.value}") if value else kind.default
    if kind.value is not None and number is None:
        raise ValueError(f"the fault {name} needs {kind.value}: {name}=NUMBER")
    if kind.value == "status" and not 500 <= (number or 0) <= 599:
        raise ValueError(f"the fault {name} takes a status from 500 to 599, not {number}")
    fault = Fault(name, number)
    for each in when:
        member, _, said = each.partition("=")
        match member:
            case "method" if said:
                fault = fault._replace(method=_method(said.upper()))
            case "path" if said:
                fault = fault._replace(path=said)
            case "skip":
                fault = fault._replace(skip=_number(said, "skip takes a number"))
            case "times":
                fault = fault._replace(times=_number(said, "times takes a number"))
            case _:
                raise ValueError(f"{each!r} is no method=, path=, skip= or times=")
    return fault


def _method(name: str) -> str:
    if name not in _METHODS:
        raise ValueError(f"there is no method {name!r}; there are {', '.join(_METHODS)}")
    return name


def _number(text: str, otherwise: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{otherwise}, not {text!r}")
    return int(text)


class Schedule:
    """The faults of a server, and how many requests each has met."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = Lock()
        self._faults = list(faults)
        self._met = [0] * len(self._faults)

    def set(self, faults: Iterable[Fault]) -> None:
        """Put other faults in the place of all, and count anew."""
        with self._lock:
            self._faults = list(faults)
            self._met = [0] * len(self._faults)

    def show(self) -> list[dict[str, Any]]:
        """Return the faults as text, each with the number of requests that matched it."""
        with self._lock:
            return [
                {"fault": str(fault), "requests": met}
                for fault, met in zip(self._faults, self._met, strict=True)
            ]

    def due(self, method: str, path: str) -> list[Fault]:
        """Count a request and return the faults that it meets."""
        due = []
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.method not in {"*", method} or not fnmatchcase(path, fault.path):
                    continue
                met = self._met[index]
                self._met[index] += 1
                if met >= fault.skip and (fault.times is None or met < fault.skip + fault.times):
                    due.append(fault)
        return due


def damaged(body: bytes, kinds: Sequence[str]) -> bytes:
    """Return a JSON body as faults leave it: in another order, with members nobody knows."""
    if not body or not {"reorder", "extra-members"} & set(kinds):
        return body
    value = json.loads(body)
    if "reorder" in kinds:
        value = _reordered(value)
    if "extra-members" in kinds:
        value = _extended(value)
    return json.dumps(value, ensure_ascii=False).encode()


def _reordered(value: Any) -> Any:
    match value:
        case dict():
            return {name: _reordered(each) for name, each in reversed(value.items())}
        case list():
            return [_reordered(each) for each in reversed(value)]
        case _:
            return value


def _extended(value: Any) -> Any:
    match value:
        case dict():
            members = {name: _extended(each) for name, each in value.items()}
            return members | {"sandboxExtra": "no document knows this"}
        case list():
            return [_extended(each) for each in value]
        case _:
            return value
