"""What expressions can call, in one table: the functions of JMESPath, and a few of our own.

A function declares its signature, what it gives (the docstring of its body), and examples, which
are run as tests. Where jmespath.py and the specification of JMESPath differ, these follow the
specification; ``docs/reference/expressions.md`` lists the differences.
"""

from collections.abc import Mapping

from mapper.functions.extensions import EXTENSIONS
from mapper.functions.function import (
    Example,
    Function,
    FunctionError,
    Parameter,
    Tables,
    is_of,
    type_of,
)
from mapper.functions.standard import STANDARD

__all__ = [
    "EXTENSIONS",
    "FUNCTIONS",
    "STANDARD",
    "Example",
    "Function",
    "FunctionError",
    "Parameter",
    "Tables",
    "is_of",
    "type_of",
]

FUNCTIONS: Mapping[str, Function] = {**STANDARD, **EXTENSIONS}
"""Every function that users' expressions can call, by name."""
