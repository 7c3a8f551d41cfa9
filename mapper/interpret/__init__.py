"""The defining semantics: what a lowered mapping does, in both directions.

Every other engine must give the same results; this one words every run-time error. Its modules are
imported when it first runs, which generated code may never need.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mapper.interpret.bodies import create, request, request_limits, update, update_steps
    from mapper.interpret.reading import from_vendor
    from mapper.interpret.writing import put

_HOMES = {
    "create": "bodies",
    "from_vendor": "reading",
    "put": "writing",
    "request": "bodies",
    "request_limits": "bodies",
    "update": "bodies",
    "update_steps": "bodies",
}

__all__ = ["create", "from_vendor", "put", "request", "request_limits", "update", "update_steps"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"mapper.interpret.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
