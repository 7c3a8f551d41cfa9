"""JMESPath text as a typed, frozen tree whose every node knows its place in the text.

The tokens are jmespath's. The parser is ours: jmespath's trees have no places, and it takes texts
that are outside the grammar (``docs/reference/expressions.md`` lists them).
"""

from mapper.expr.parser import MAX_DEPTH, MAX_GROWTH, MAX_LENGTH, check_text, parse
from mapper.expr.tokens import ExpressionError, Kind, PlacedError
from mapper.expr.tree import (
    And,
    Call,
    Chain,
    Compare,
    Current,
    Expr,
    Field,
    Flatten,
    Index,
    Literal,
    MakeList,
    MakeObject,
    Not,
    Or,
    Path,
    Project,
    ProjectValues,
    Reference,
    Signature,
    Slice,
    children,
    literal_text,
    mentions,
    walk,
)

__all__ = [
    "MAX_DEPTH",
    "MAX_GROWTH",
    "MAX_LENGTH",
    "And",
    "Call",
    "Chain",
    "Compare",
    "Current",
    "Expr",
    "ExpressionError",
    "Field",
    "Flatten",
    "Index",
    "Kind",
    "Literal",
    "MakeList",
    "MakeObject",
    "Not",
    "Or",
    "Path",
    "PlacedError",
    "Project",
    "ProjectValues",
    "Reference",
    "Signature",
    "Slice",
    "check_text",
    "children",
    "literal_text",
    "mentions",
    "parse",
    "walk",
]
