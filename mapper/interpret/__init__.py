"""The defining semantics: what a lowered mapping does, in both directions.

Every other engine must give the same results; this one words every run-time error.
"""

from mapper.interpret.bodies import create, request, request_limits, update, update_steps
from mapper.interpret.reading import from_vendor
from mapper.interpret.writing import put

__all__ = ["create", "from_vendor", "put", "request", "request_limits", "update", "update_steps"]
