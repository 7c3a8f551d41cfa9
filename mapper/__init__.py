"""Two-way, declarative mappings between vendor payloads and common resources.

    from mapper import load_project

    project = load_project()                    # the project around the current folder
    mapper = project.mapper("acme/contact")
    common = mapper.from_vendor(payload)

The public names are loaded when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mapper.diagnostics import Diagnostic, FileError, MapperError, TransformError
    from mapper.evaluate import EvaluationError, search
    from mapper.expr import ExpressionError
    from mapper.project import Project, load_project
    from mapper.running import Mapper

__version__ = "0.1.0"

_HOMES = {
    "Diagnostic": "mapper.diagnostics",
    "EvaluationError": "mapper.evaluate",
    "ExpressionError": "mapper.expr",
    "FileError": "mapper.diagnostics",
    "Mapper": "mapper.running",
    "MapperError": "mapper.diagnostics",
    "Project": "mapper.project",
    "TransformError": "mapper.diagnostics",
    "load_project": "mapper.project",
    "search": "mapper.evaluate",
}

__all__ = [
    "Diagnostic",
    "EvaluationError",
    "ExpressionError",
    "FileError",
    "Mapper",
    "MapperError",
    "Project",
    "TransformError",
    "load_project",
    "search",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
