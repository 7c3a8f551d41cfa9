"""Where FreshBooks keeps its objects, and what is particular to an account.

``Objects`` is all that this package asks of a store, so that it runs over a dict in a test and
over the platform's store elsewhere.
"""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, Literal, NamedTuple, Protocol

Json = Any
Object = dict[str, Json]


class Objects(Protocol):
    """JSON objects by resource and id; what is given and taken is never shared with the store."""

    def get(self, resource: str, key: int) -> Object | None: ...

    def put(self, resource: str, key: int, value: Object) -> None: ...

    def delete(self, resource: str, key: int) -> None: ...

    def list(self, resource: str) -> Iterable[Object]: ...

    def new_id(self) -> int: ...


class MemoryObjects:
    """Objects in a dict: for tests, and to make a seed."""

    def __init__(self, next_id: int = 1001) -> None:
        self._rows: dict[str, dict[int, Object]] = {}
        self._next_id = next_id

    def get(self, resource: str, key: int) -> Object | None:
        return deepcopy(self._rows.get(resource, {}).get(key))

    def put(self, resource: str, key: int, value: Object) -> None:
        self._rows.setdefault(resource, {})[key] = deepcopy(value)

    def delete(self, resource: str, key: int) -> None:
        self._rows.get(resource, {}).pop(key, None)

    def list(self, resource: str) -> Iterable[Object]:
        return deepcopy([row for _, row in sorted(self._rows.get(resource, {}).items())])

    def new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def rows(self) -> Iterable[tuple[str, int, Object]]:
        """Return each object with its resource and id."""
        return [
            (resource, key, row)
            for resource, rows in self._rows.items()
            for key, row in sorted(rows.items())
        ]


class Account(NamedTuple):
    """One FreshBooks account, and the switches for what the facts call unknown.

    - ``null_clears``: a written null clears a member that can be empty; otherwise it is ignored
      (section 3.4).
    - ``read_only``: what becomes of members that are not written, but for ``due_date``, which is
      always refused. Recorded clients send some and are not refused (section 9.1).
    - ``keeps_line_ids``: whether ``lineid`` survives an update (section 9.2.3).
    """

    account_id: str = "zDmNq"
    currency: str = "USD"
    owner_id: int = 1
    null_clears: bool = True
    read_only: Literal["ignored", "refused"] = "ignored"
    keeps_line_ids: bool = False
