"""What a program does before its first document; it is a module alone to import nothing else."""

from pathlib import Path

from mapper import load_project
from mapper.compile import Direction

ROOT = Path(__file__).resolve().parents[2]


def prepare() -> None:
    """Make every mapping ready to run in one direction."""
    project = load_project(ROOT)
    for name in project.names:
        project.mapper(name).prepare(Direction.FROM_VENDOR)
