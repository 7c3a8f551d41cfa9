"""What was made from a project's files, kept from one run to the next.

An entry may hold code that will be run. So the folder must be ours alone: it and each file are
opened without following links, and used only if we own them and nobody else may write to them.
Each file says what it was made for and proves that it is whole.
"""

import marshal
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapper import __version__

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

VARIABLE = "MAPPER_CACHE"
"""The environment variable with the folder to use instead of the user's; empty for none.

It counts only with an absolute path: in a stranger's project, a relative one is his.
"""

MAX_ENTRIES = 500
"""How many entries are kept, the newest ones."""

_DIGEST = 32
_OURS = r"[0-9a-f]{64}(\.[0-9a-f]{16})?"
"""The name of an entry, or of a draft of one."""


class Cache:
    """Entries by name, which hold for one state of a project, of Python and of this package."""

    def __init__(self, contents: Iterable[bytes]) -> None:
        """Take the entries that were made from *contents*."""
        self._state = _sha256()
        for part in (*_versions(), *contents):
            self._state.update(len(part).to_bytes(8) + part)

    @staticmethod
    def has_place() -> bool:
        """Whether there may be a folder for entries."""
        with suppress(RuntimeError, ValueError):  # as :func:`_folder` does
            return _path() is not None
        return False

    def load(self, name: str) -> Any:
        """Return the entry *name*, or None."""
        key = self._key(name)
        with _folder(create=False) as folder:
            if folder is None:
                return None
            with suppress(OSError, ValueError, EOFError, TypeError):
                return _opened(_read(folder, key.hex()), key)
        return None

    def store(self, name: str, value: Any) -> None:
        """Keep *value*, which marshal takes, as the entry *name*, if that can be done safely."""
        key = self._key(name)
        with _folder(create=True) as folder, suppress(OSError, ValueError):
            if folder is not None:
                data = marshal.dumps(value)
                _write(folder, key.hex(), key + _sha256(data).digest() + data)
                _prune(folder)

    def _key(self, name: str) -> bytes:
        state = self._state.copy()
        state.update(name.encode("utf-8", "surrogatepass"))
        return state.digest()


def _sha256(data: bytes = b"") -> "Hash":
    from hashlib import sha256  # noqa: PLC0415 - slow to import, and not every run has a cache

    return sha256(data)


def _versions() -> Iterator[bytes]:
    """Yield what else decides what is made: this Python, and this package to the file."""
    yield f"{__version__} {sys.implementation.cache_tag} {sys.version}".encode()
    package = str(Path(__file__).parents[1])
    inner = sorted(entry.path for entry in os.scandir(package) if entry.is_dir())
    for folder in (package, *inner):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name.endswith((".py", ".json")):
                with suppress(OSError):  # it is gone, or an editor's lock, which leads nowhere
                    status = entry.stat()
                    yield f"{entry.name} {status.st_size} {status.st_mtime_ns}".encode()


@contextmanager
def _folder(*, create: bool) -> Iterator[int | None]:
    """Open the cache folder; None if there is none that is ours alone."""
    descriptor = None
    with suppress(OSError, RuntimeError, ValueError):
        descriptor = _open_folder(create=create)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open_folder(*, create: bool) -> int | None:
    path = _path()
    if path is None:
        return None
    if create:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    if _is_ours(os.fstat(descriptor)):
        return descriptor
    os.close(descriptor)
    return None


def _path() -> Path | None:
    if not hasattr(os, "geteuid"):  # who may write to a folder is told in another way there
        return None
    chosen = os.environ.get(VARIABLE)
    if chosen is not None:
        folder = Path(chosen)
    else:
        caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
        caches = caches if caches.is_absolute() else Path.home() / ".cache"
        folder = caches / "common-resource-mapper"
    return folder if folder.is_absolute() else None


def _is_ours(status: os.stat_result) -> bool:
    others = stat.S_IWGRP | stat.S_IWOTH
    return status.st_uid == os.geteuid() and not status.st_mode & others


def _read(folder: int, name: str) -> bytes:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    descriptor = os.open(name, flags, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not _is_ours(status):
            return b""
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _opened(data: bytes, key: bytes) -> Any:
    """Return the value in a file's *data*, None if it is not whole or not that of *key*."""
    made_for, proof, value = data[:_DIGEST], data[_DIGEST : 2 * _DIGEST], data[2 * _DIGEST :]
    if made_for != key or proof != _sha256(value).digest():
        return None
    return marshal.loads(value)  # noqa: S302 - only we can have written it


def _write(folder: int, name: str, data: bytes) -> None:
    """Write a file at once: it is there whole, or not at all."""
    draft = f"{name}.{os.urandom(8).hex()}"  # threads and containers may share a process id
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(draft, flags, mode=0o600, dir_fd=folder), "wb") as file:
            file.write(data)
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise


def _prune(folder: int) -> None:
    """Remove the oldest entries if there are too many, and nothing that is not an entry."""
    names = list(filter(re.compile(_OURS).fullmatch, os.listdir(folder)))
    if len(names) <= MAX_ENTRIES:
        return
    ages = {name: os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime for name in names}
    for name in sorted(names, key=ages.__getitem__)[: len(names) - MAX_ENTRIES // 2]:
        with suppress(OSError):  # another process prunes too
            os.unlink(name, dir_fd=folder)
