"""The mappings that a command is asked about, by paths or by name."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, did_you_mean
from mapper.files import real_path
from mapper.model import Mapping
from mapper.project import Project


def select_mappings(project: Project, paths: tuple[Path, ...]) -> Iterator[Mapping]:
    """Yield the mappings that *paths* hold or name, or all if there are none, by name.

    A file also holds the overlays that extend its mapping: a change of it is one of theirs.

    Raises:
        FileError: M001 for a path that is not there, M102 for one without a mapping.
    """
    mappings = [project.find(name) for name in project.names]
    places = [(each, {real_path(file.name) for file in each.files}) for each in mappings]
    chosen = [_held(places, path) for path in paths]
    faults = [
        _fault(project, path)
        for path, held in zip(paths, chosen, strict=True)
        if not held and not _is_faulty(project, path)
    ]
    if faults:
        raise FileError(faults)
    names = {each.name for held in chosen for each in held}
    for mapping in mappings:
        if not paths or mapping.name in names:
            yield mapping


def _held(places: Iterable[tuple[Mapping, set[Path]]], path: Path) -> list[Mapping]:
    """Return the mappings that *path* is the name of, or that have a file there."""
    name, whole = path.as_posix(), real_path(path)
    return [
        mapping
        for mapping, files in places
        if mapping.name == name or any(file.is_relative_to(whole) for file in files)
    ]


def _is_faulty(project: Project, path: Path) -> bool:
    """Whether something is known to be wrong with a file in *path*, so that it gave no mapping.

    It may also be wrong with a folder around, which cannot be looked into.
    """
    if project.unread.may_define(path.as_posix()):
        return True
    whole = _place(path)
    names = {each.span.source.name for each in project.findings if each.span is not None}
    places = [_place(Path(name)) for name in names]
    return any(place.is_relative_to(whole) or whole.is_relative_to(place) for place in places)


def _place(path: Path) -> Path:
    """Return where *path* is, which may be a link to somewhere else."""
    return real_path(path.parent) / path.name


def _fault(project: Project, path: Path) -> Diagnostic:
    if not os.path.lexists(path):
        hint = did_you_mean(path.as_posix(), project.names) or "name a file, a folder or a mapping"
        return Diagnostic(codes.UNREADABLE, f"{path} does not exist", hint=hint)
    hint = f"name a mapping file, or a folder with some, in {project.root / 'mappings'}"
    return Diagnostic(codes.UNKNOWN_MAPPING, f"there is no mapping in {path}", hint=hint)
