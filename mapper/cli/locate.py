"""The project that a command works on."""

import os
from pathlib import Path

from mapper.folders import is_folder
from mapper.project import Project, find_root, load_project


def open_project(folder: Path | None, *near: str | Path) -> Project:
    """Return the project in *folder*, or around the first of *near* that is there, or here.

    Raises:
        FileError: M101 if there is none.
    """
    if folder is not None:
        return load_project(folder)
    start = next((path for path in map(Path, near) if os.path.lexists(path)), Path())
    return load_project(find_root(start if is_folder(start) else start.parent))
