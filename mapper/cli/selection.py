"""The mappings that a command is asked about, by paths or by name."""

import os
from collections.abc import Iterator
from pathlib import Path

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, did_you_mean
from mapper.model import Mapping
from mapper.project import Project


def select_mappings(project: Project, paths: tuple[Path, ...]) -> Iterator[Mapping]:
    """Yield the mappings that *paths* hold or name, or all if there are none, by name.

    A file also holds the overlays that extend its mapping: a change of it is one of theirs.

    Raises:
        FileError: M001 for a path that is not there, M102 for one without a mapping.
    """
    mappings = [project.find(name) for name in project.names]
    chosen = [[each for each in mappings if _lies_in(each, path)] for path in paths]
    faults = [
        _fault(project, path)
        for path, held in zip(paths, chosen, strict=True)
        if not held and not _is_faulty(project, path)
    ]
    if faults:
        raise FileError(faults)
    for mapping in mappings:
        if not paths or any(mapping in held for held in chosen):
            yield mapping


def _lies_in(mapping: Mapping, path: Path) -> bool:
    files = (Path(file.name).resolve() for file in mapping.files)
    whole = path.resolve()
    return path.as_posix() == mapping.name or any(file.is_relative_to(whole) for file in files)


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
    return path.parent.resolve() / path.name


def _fault(project: Project, path: Path) -> Diagnostic:
    if not os.path.lexists(path):
        hint = did_you_mean(path.as_posix(), project.names) or "name a file, a folder or a mapping"
        return Diagnostic(codes.UNREADABLE, f"{path} does not exist", hint=hint)
    hint = f"name a mapping file, or a folder with some, in {project.root / 'mappings'}"
    return Diagnostic(codes.UNKNOWN_MAPPING, f"there is no mapping in {path}", hint=hint)
