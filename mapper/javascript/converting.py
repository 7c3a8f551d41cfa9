"""The conversions of leaf rules as JavaScript functions, each printed once for all its rules."""

from mapper.expr import Call, Expr
from mapper.javascript.expressions import Expressions, is_primitive_alone
from mapper.lower import Leaf


def reader(out: Expressions, leaf: Leaf) -> str:
    """Return what reads a vendor value: a function's name, or ``undefined`` if none is needed."""
    return _conversion(out, leaf.get, f"common_{_subject(leaf)}")


def writer(out: Expressions, leaf: Leaf) -> str:
    """Return what writes a common value, as :func:`reader` does."""
    return _conversion(out, leaf.put, f"vendor_{_subject(leaf)}")


def _conversion(out: Expressions, tree: Expr | None, hint: str) -> str:
    if tree is None:
        return "undefined"
    if isinstance(tree, Call) and is_primitive_alone(tree):
        return out.script.use(tree.name)
    return out.script.constant(hint, out.function(tree, present=True))


def _subject(leaf: Leaf) -> str:
    """Return what a conversion is of: the first converter, or the member that has these values."""
    if not leaf.rule.convert:
        return "value"
    name = leaf.rule.convert[0].name
    return leaf.common[-1] if name == "values" else name
