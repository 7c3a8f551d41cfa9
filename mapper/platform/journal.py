"""What publishing leaves on disk: a snapshot and a journal of each run, and what was published.

All of it is in the state folder, for its owner's eyes: documents may hold what others wrote there.

    published.json            what was published last, by place
    runs/0007/snapshot.json   what run 7 was to write, and what was there before
    runs/0007/journal.ndjson  what became of each write, a line as it happens
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec
from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError
from mapper.platform.levels import Place
from mapper.platform.normal import Document, Key

__all__ = ["Run", "Snapshot", "State", "StateFolder", "Step"]


class State(StrEnum):
    """What became of a write."""

    DONE = "done"
    NOT_DONE = "not done"
    UNKNOWN = "unknown"


class Step(Struct, frozen=True):
    """A write: the document as it was and as it is to be, None where there is none."""

    key: Key
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Snapshot(Struct, frozen=True, kw_only=True):
    """What a run was to do.

    Attributes:
        place: Where.
        revision: Which state of the project's files, for people.
        steps: The writes, in order.
        owned: What is ours of each document once all is done, None for one that is deleted.
        record: What was ours of these documents before.
    """

    place: Place
    revision: str
    steps: tuple[Step, ...]
    owned: tuple[tuple[Key, dict[str, Any] | None], ...]
    record: tuple[tuple[Key, dict[str, Any] | None], ...]


class _Line(Struct, frozen=True, omit_defaults=True):
    """A line of a journal: a write is about to be sent, or what became of it; or all is settled."""

    step: int = -1
    state: State | None = None
    settled: bool = False


class Run:
    """One run of publishing; its journal grows by lines that are on disk before anything else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def number(self) -> int:
        return int(self.folder.name)

    @property
    def snapshot(self) -> Snapshot:
        """What the run was to do.

        Raises:
            FileError: M630 if that cannot be read.
        """
        return _load(self.folder / _SNAPSHOT, Snapshot)

    def go_on(self) -> None:
        """Cut off a last line that is not whole, so that the next does not become a part of it.

        Raises:
            FileError: M630 if that is impossible.
        """
        path = self.folder / _JOURNAL
        try:
            with path.open("rb+") as file:
                file.truncate(file.read().rfind(b"\n") + 1)
        except FileNotFoundError:
            return
        except OSError as error:
            _refuse(path, f"cannot be written ({error.strerror})")

    def sending(self, step: int) -> None:
        """Note that a write is about to be sent."""
        self._append(_Line(step))

    def became(self, step: int, state: State) -> None:
        """Note what became of a write."""
        self._append(_Line(step, state))

    def settle(self) -> None:
        """Note that nothing of the run is unknown any more."""
        self._append(_Line(settled=True))

    @property
    def states(self) -> dict[int, State]:
        """What became of each write that was sent, as far as the journal knows."""
        found: dict[int, State] = {}
        for line in self._lines():
            if line.step >= 0:
                found[line.step] = line.state or State.UNKNOWN
        return found

    @property
    def is_settled(self) -> bool:
        return any(line.settled for line in self._lines())

    def _lines(self) -> Iterator[_Line]:
        """Yield the lines; the last may have been cut by the end of the program, and says nothing.

        Raises:
            FileError: M630 if another line is none.
        """
        path = self.folder / _JOURNAL
        try:
            whole = path.read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return
        try:
            yield from [msgspec.json.decode(line, type=_Line) for line in whole]
        except msgspec.DecodeError as error:
            _refuse(path, f"is no journal ({error})")

    def _append(self, line: _Line) -> None:
        path = self.folder / _JOURNAL
        try:
            is_new = not path.exists()
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(msgspec.json.encode(line) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                _sync(self.folder)
        except OSError as error:
            _refuse(path, f"cannot be written ({error.strerror})")


_SNAPSHOT, _JOURNAL = "snapshot.json", "journal.ndjson"
_RECORD, _LOCK = "published.json", "lock"


class StateFolder:
    """The folder that publishing keeps its state in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def runs(self, place: Place) -> list[Run]:
        """Return the runs at a place that may have written something, oldest first."""
        return [run for run in self._runs() if run.snapshot.place == place]

    def _runs(self) -> list[Run]:
        found = (each for each in (self.folder / "runs").glob("[0-9]*") if each.name.isdigit())
        folders = sorted(found, key=lambda each: int(each.name))
        return [Run(folder) for folder in folders if (folder / _SNAPSHOT).exists()]

    def begin(self, snapshot: Snapshot) -> Run:
        """Return a new run, whose snapshot is on disk.

        Raises:
            FileError: M630 if it cannot be kept there.
        """
        try:
            runs = self.folder / "runs"
            runs.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder = _next_folder(runs)
            _store(folder / _SNAPSHOT, snapshot)
            _sync(runs)
        except OSError as error:
            _refuse(self.folder, f"cannot keep a journal ({error.strerror}), so nothing is sent")
        return Run(folder)

    def record(self, place: Place) -> dict[Key, Document]:
        """Return what was published at a place last, as far as it is ours."""
        return dict(self._records().get(str(place), ()))

    def publish(self, place: Place, owned: Mapping[Key, Document | None]) -> None:
        """Keep what is ours of documents; None for what is not there any more.

        Raises:
            FileError: M630 if that is impossible.
        """
        records = self._records()
        known: dict[Key, Any] = {**dict(records.get(str(place), ())), **owned}
        kept = tuple((key, each) for key, each in sorted(known.items()) if each is not None)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _store(self.folder / _RECORD, {**records, str(place): kept})
        except OSError as error:
            _refuse(self.folder / _RECORD, f"cannot be written ({error.strerror})")

    @property
    def is_readable(self) -> bool:
        """Whether what is kept can be read, so that only another process can be in the way."""
        try:
            _ = [run.is_settled for run in self._runs()], self._records()
        except FileError:
            return False
        return True

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other process publish, or resolve runs, meanwhile.

        Raises:
            FileError: M630 if one does, or the folder cannot be used.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            _refuse(self.folder, f"cannot be used ({error.strerror})")
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                _refuse(self.folder, "is in use: another process is publishing")
            yield
        finally:
            os.close(descriptor)

    def _records(self) -> dict[str, tuple[tuple[Key, dict[str, Any]], ...]]:
        path = self.folder / _RECORD
        if not path.exists():
            return {}
        return _load(path, dict[str, tuple[tuple[Key, dict[str, Any]], ...]])


_Kept = TypeVar("_Kept")


def _next_folder(runs: Path) -> Path:
    """Make and return the folder of the next run; another process may be making one, too."""
    numbers = [int(each.name) for each in runs.glob("[0-9]*") if each.name.isdigit()]
    number = max(numbers, default=0)
    while True:
        number += 1
        folder = runs / f"{number:04}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder


def _store(path: Path, value: Any) -> None:
    """Put a file in the place of another, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        text = json.dumps(msgspec.to_builtins(value, str_keys=True), ensure_ascii=False)
        content = text.encode("utf-8", "surrogatepass")
        file.write(msgspec.json.format(content, indent=1) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Let the names in a folder be on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _load(path: Path, kind: type[_Kept]) -> _Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        _refuse(path, f"cannot be read ({error})")


def _refuse(path: Path, what: str) -> NoReturn:
    raise FileError([Diagnostic(codes.BAD_STATE, f"{path} {what}")])
