"""Documents in one SQLite file: what is written stays written, whoever is killed meanwhile.

A document belongs to a kind and has a key there, and possibly a name by which it is found. A
request is one transaction, so that it happens as a whole or not at all; writers take turns, in one
process or several. A row remembers what it said before, for readers that lag behind.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import msgspec

__all__ = ["Store", "Transaction"]

_BUSY_SECONDS = 60
"""How long a writer waits for another before it gives up."""

_KEPT_SECONDS = 3600
"""How long a deleted row is kept for readers that lag behind."""

_TABLES = """
CREATE TABLE IF NOT EXISTS document (
    row INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    name TEXT,
    body BLOB,
    name_before TEXT,
    body_before BLOB,
    written REAL NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX IF NOT EXISTS document_name ON document (kind, name) WHERE name IS NOT NULL;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class _Queries(NamedTuple):
    """How documents are read."""

    get: str
    find: str
    find_all: str
    list: str


_FRESH = _Queries(
    get="SELECT body FROM document WHERE kind = :kind AND key = :key",
    find="SELECT body FROM document WHERE kind = :kind AND name = :name",
    find_all="SELECT body FROM document"
    " WHERE kind = :kind AND name >= :name AND name < :end ORDER BY row",
    list="SELECT body FROM document WHERE kind = :kind ORDER BY row",
)

_STALE = _Queries(
    get="SELECT CASE WHEN written > :seen THEN body_before ELSE body END"
    " FROM document WHERE kind = :kind AND key = :key",
    find="SELECT CASE WHEN written > :seen THEN body_before ELSE body END"
    " FROM document WHERE kind = :kind"
    " AND CASE WHEN written > :seen THEN name_before ELSE name END = :name",
    find_all="SELECT CASE WHEN written > :seen THEN body_before ELSE body END"
    " FROM document WHERE kind = :kind"
    " AND CASE WHEN written > :seen THEN name_before ELSE name END >= :name"
    " AND CASE WHEN written > :seen THEN name_before ELSE name END < :end ORDER BY row",
    list="SELECT CASE WHEN written > :seen THEN body_before ELSE body END"
    " FROM document WHERE kind = :kind ORDER BY row",
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

Key = str | int


class Transaction:
    """The documents as one request sees and changes them."""

    def __init__(
        self, connection: sqlite3.Connection, lag: float = 0, lagging: tuple[str, ...] = ()
    ) -> None:
        self._connection = connection
        self._lag = lag
        self._lagging = lagging

    def lagging(self, seconds: float, *prefixes: str) -> "Transaction":
        """Return the same documents, those of some kinds as they were that many seconds ago.

        The kinds are those that begin with one of *prefixes*; they go back one change at most.
        """
        return Transaction(self._connection, seconds, prefixes) if seconds else self

    def get(self, kind: str, key: Key) -> Any | None:
        """Return the document, or None if there is none."""
        return self._one(self._queries(kind).get, {"kind": kind, "key": str(key)})

    def find(self, kind: str, name: str) -> Any | None:
        """Return the document of that name, or None."""
        return self._one(self._queries(kind).find, {"kind": kind, "name": name})

    def find_all(self, kind: str, prefix: str) -> list[Any]:
        """Return the documents whose names begin with an ASCII *prefix*, oldest first."""
        given = {"kind": kind, "name": prefix, "end": prefix + "\x7f", "seen": self._seen()}
        rows = self._connection.execute(self._queries(kind).find_all, given)
        return [_decode(body) for (body,) in rows if body is not None]

    def list(self, kind: str) -> list[Any]:
        """Return the documents of a kind, oldest first."""
        given = {"kind": kind, "seen": self._seen()}
        rows = self._connection.execute(self._queries(kind).list, given)
        return [_decode(body) for (body,) in rows if body is not None]

    def put(self, kind: str, key: Key, document: Any, name: str | None = None) -> None:
        """Write a document, new or in the place of the one that was there."""
        self._connection.execute(
            "INSERT INTO document (kind, key, name, body, written)"
            " VALUES (:kind, :key, :name, :body, :now)"
            " ON CONFLICT (kind, key) DO UPDATE SET name_before = name, body_before = body,"
            " name = :name, body = :body, written = :now",
            {
                "kind": kind,
                "key": str(key),
                "name": name,
                "body": _encode(document),
                "now": time.time(),
            },
        )

    def delete(self, kind: str, key: Key) -> bool:
        """Remove a document, and return whether it was there."""
        changed = self._connection.execute(
            "UPDATE document SET name_before = name, body_before = body,"
            " name = NULL, body = NULL, written = ?"
            " WHERE kind = ? AND key = ? AND body IS NOT NULL",
            (time.time(), kind, str(key)),
        )
        return changed.rowcount == 1

    def next_id(self) -> int:
        """Return a number that was never returned before."""
        row = self._connection.execute(
            "INSERT INTO counter VALUES ('id', 1001)"
            " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
        ).fetchone()
        return int(row[0])

    def _queries(self, kind: str) -> _Queries:
        return _STALE if kind.startswith(self._lagging) else _FRESH

    def _seen(self) -> float:
        return time.time() - self._lag

    def _one(self, query: str, given: dict[str, Any]) -> Any | None:
        row = self._connection.execute(query, given | {"seen": self._seen()}).fetchone()
        return None if row is None or row[0] is None else _decode(row[0])


class Store:
    """The file. Threads share it, each transaction on a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        with self._connection() as connection:
            connection.executescript(_TABLES)
            connection.execute(
                "DELETE FROM document WHERE body IS NULL AND written < ?",
                (time.time() - _KEPT_SECONDS,),
            )

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Give the documents as they are now; later changes of others do not show."""
        with self._transaction("BEGIN DEFERRED") as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Give the documents to be changed: all of it is kept at the end, nothing after a raise."""
        with self._transaction("BEGIN IMMEDIATE") as transaction:
            yield transaction

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Transaction]:
        with self._connection() as connection:
            connection.execute(begin)
            try:
                yield Transaction(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=_BUSY_SECONDS,
            isolation_level=None,  # transactions begin where this module says
            check_same_thread=False,  # one thread at a time, whichever
        )
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let writers append to a log, so that they and readers do not wait for one another.

    While other processes begin or end, this fails instead of waiting, whatever the time-out.
    """
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
