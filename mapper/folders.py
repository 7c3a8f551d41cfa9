"""Folders that strangers may have filled: what in them is a file to be read, and what is not.

Git carries symbolic links, and whoever sends a change can commit one that leads anywhere. So a file
is read only if it is a regular one and lies, links followed, below a root: a project's folder, or
the folder that a user named. Nothing else is opened, since pipes and devices notice that or hang.
"""

import os
import stat
from pathlib import Path

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, Source, Span
from mapper.files import as_source, read_beginning, real_path
from mapper.records import Record


class Obstacle(Record):
    """What keeps something from being read, in words behind its name, and what to do about it."""

    words: str
    hint: str | None = None

    def diagnostic(self, name: str) -> Diagnostic:
        """Return M001 for what people know as *name*."""
        return Diagnostic(codes.UNREADABLE, f"{name} {self.words}", hint=self.hint)


MISSING = Obstacle("does not exist")
_FORBIDDEN = Obstacle("may not be read")
_CLOSED = Obstacle("is a folder that may not be read")
_LINKED = Obstacle("is a link to a folder, which is not followed", "put the folder itself there")
_HIDDEN = Obstacle("leads to what is hidden", "put it there itself")
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Root(Record):
    """A folder that reading does not leave, and what messages call it."""

    path: Path
    called: str = "the project"

    def obstacle(self, path: Path) -> Obstacle | None:
        """Return what keeps *path* from being read as a file below this folder, None if nothing."""
        try:
            stray = self.stray(path)
            if stray is not None:
                return stray
            mode = path.stat().st_mode
        except (FileNotFoundError, ValueError):  # ValueError: a name that no file can have
            return MISSING
        except PermissionError:
            return _FORBIDDEN
        except OSError as error:
            return Obstacle(f"cannot be opened ({error.strerror})")
        if stat.S_ISREG(mode):
            return None
        kind = _KINDS.get(stat.S_IFMT(mode), "no file")
        return Obstacle(f"is {kind}", "put a regular file there, or nothing")

    def read(self, path: Path, name: str) -> bytes:
        """Return the file *path*, known as *name*, or the beginning of one that is too large.

        Raises:
            FileError: M001 if it does not lie below this folder or cannot be read.
        """
        obstacle = self.obstacle(path)
        if obstacle is not None:
            raise FileError([obstacle.diagnostic(name)])
        return read_beginning(path, name)

    def stray(self, path: Path) -> Obstacle | None:
        """Return where links on the way to *path* lead instead of to a place below, if they do."""
        inside = self._inside(path)
        if inside is None:
            return self.way_out
        is_hidden = any(part.startswith(".") and part not in path.parts for part in inside.parts)
        return _HIDDEN if is_hidden else None

    def holds(self, path: Path) -> bool:
        """Whether *path*, links followed, is this folder or lies below it."""
        return self._inside(path) is not None

    @property
    def way_out(self) -> Obstacle:
        """What is said of a path that does not lie below."""
        hint = f"put it there itself; links lead to files of {self.called} only"
        return Obstacle(f"leads out of {self.called}", hint)

    def _inside(self, path: Path) -> Path | None:
        root, real = real_path(self.path), real_path(path)
        return real.relative_to(root) if real.is_relative_to(root) else None


class Found(Record):
    """Something in a folder.

    Attributes:
        name: Its name below the folder, with ``/``; empty for the folder itself.
        path: Where it is.
        fault: M001, at that file, if it is not to be read.
    """

    name: str
    path: Path
    fault: Diagnostic | None = None


class Listing(Record):
    """What lies in a folder, each sorted.

    Attributes:
        files: What has a name that was asked for.
        linked: The links to folders, which are not followed, so that listing ends.
        closed: The folders that cannot be listed.
    """

    files: tuple[Found, ...]
    linked: tuple[Found, ...]
    closed: tuple[Found, ...]

    @property
    def faults(self) -> list[Diagnostic]:
        """Why not all of it is to be read: a finding for each that is not."""
        every = (*self.closed, *self.linked, *self.files)
        return [each.fault for each in every if each.fault is not None]


def is_folder(path: Path) -> bool:
    """Whether *path* is a folder, as far as can be told."""
    try:
        return path.is_dir()
    except OSError:
        return False


def list_files(
    folder: Path, shown: str, root: Root, *endings: str, hidden: bool = False
) -> Listing:
    """Return what lies below *folder*, known as *shown*, under names with these *endings*.

    A folder that is not there holds nothing. What is *hidden* is left out unless asked for.
    """
    files: list[Found] = []
    linked: list[Found] = []
    closed: list[Found] = []

    def found(name: str, obstacle: Obstacle | None) -> Found:
        path = folder / name
        if obstacle is None:
            return Found(name, path)
        known_as = _joined(shown, name)
        return Found(name, path, _placed(obstacle.diagnostic(known_as), known_as))

    waiting = [""]
    stray = root.stray(folder)
    if stray is not None:
        closed.append(found(waiting.pop(), stray))
    while waiting:
        inside = waiting.pop()
        try:
            entries = list(os.scandir(folder / inside))
        except FileNotFoundError:
            continue
        except OSError as error:
            closed.append(found(inside, _unlisted(error)))
            continue
        for entry in entries:
            name = f"{inside}/{entry.name}" if inside else entry.name
            if entry.name.startswith(".") and not hidden:
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(name)
            elif entry.is_symlink() and is_folder(folder / name):
                linked.append(found(name, root.stray(folder / name) or _LINKED))
                continue
            if entry.name.endswith(endings):
                # A regular file of a folder that was not reached through a link lies below.
                is_plain = entry.is_file(follow_symlinks=False)
                files.append(found(name, None if is_plain else root.obstacle(folder / name)))
    return Listing(*(tuple(sorted(each, key=_order)) for each in (files, linked, closed)))


def read_files(
    folder: Path, shown: str, root: Root, *endings: str
) -> tuple[list[Source], list[Diagnostic]]:
    """Return the texts below *folder* under names with these *endings*, and what cannot be read.

    What is hidden is left out.
    """
    listing = list_files(folder, shown, root, *endings)
    sources: list[Source] = []
    findings = listing.faults
    for each in listing.files:
        name = _joined(shown, each.name)
        try:
            if each.fault is None:
                sources.append(as_source(read_beginning(each.path, name), name))
        except FileError as error:
            findings.extend(_placed(fault, name) for fault in error.diagnostics)
    return sources, findings


def _joined(shown: str, name: str) -> str:
    return "/".join(filter(None, (shown, name))).removeprefix("./")


def _placed(fault: Diagnostic, name: str) -> Diagnostic:
    """Return *fault* at the file *name* as a whole, unless it has a place in it."""
    return fault if fault.span else fault._replace(span=Span(Source(name, ""), 0, 0))


def _unlisted(error: OSError) -> Obstacle:
    if isinstance(error, PermissionError):
        return _CLOSED
    return Obstacle(f"cannot be listed ({error.strerror})")


def _order(found: Found) -> list[str]:
    return found.name.split("/")
