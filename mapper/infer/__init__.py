"""What the values of schemas and expressions can be, found out without any data.

A :class:`Type` describes a set of JSON values, never too small a one: whatever a document that fits
its schema can give is in the type that is inferred for it.
"""

from mapper.infer.expressions import Danger, Inference
from mapper.infer.fitting import Misfit, misfits
from mapper.infer.schemas import type_of_schema
from mapper.infer.types import ANYTHING, Member, Type

__all__ = [
    "ANYTHING",
    "Danger",
    "Inference",
    "Member",
    "Misfit",
    "Type",
    "misfits",
    "type_of_schema",
]
