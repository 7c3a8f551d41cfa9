"""Which conditions on common objects the vendor's list filters say exactly.

A vendor passes over filters that it does not know, and gives everything. So a condition is either
translated into a filter that tells apart what the condition tells apart, or it is refused.
"""

from collections.abc import Iterator

from msgspec import Struct

from mapper.converters import conversion
from mapper.expr import Expr
from mapper.lower import Group, Leaf, Lowered, LoweredMapping
from mapper.model import Access
from mapper.values import ABSENT, Steps

_ORDERS = ("<", "<=", ">", ">=")


class Filter(Struct, frozen=True):
    """A condition ``common operator value`` that is the vendor's filter ``name`` exactly.

    It is, for the text values that ``put`` (None keeps the value) gives something for that is not
    among the ``unset`` spellings; it refuses all others.
    """

    common: Steps
    operator: str
    name: str
    put: Expr | None
    unset: tuple[object, ...]


class RefusingFilter(Struct, frozen=True):
    """A filter with a value that the vendor answers with an error."""

    name: str
    value: str


class Filters(Struct, frozen=True):
    """The conditions that can be translated, by path and operator, and what refuses all others.

    ``refusing`` is None where the vendor honours no filter.
    """

    exact: tuple[Filter, ...]
    refusing: RefusingFilter | None


def filters(lowered: LoweredMapping) -> Filters:
    """Return what the vendor's filters say exactly about the common objects of a mapping."""
    theirs = lowered.vendor.annotation("x-filters", default={})
    found: dict[tuple[Steps, str], Filter] = {}
    for common, vendor, leaf in _leaves(lowered.rules):
        for name, says in sorted(theirs.items()):
            operator: str = says["operator"]
            if tuple(says["member"].split(".")) == vendor and _is_exact(leaf, operator):
                each = Filter(common, operator, name, _put(leaf), leaf.unset.read)
                found.setdefault((common, operator), each)
    refusing = lowered.vendor.annotation("x-refuse-filter")
    return Filters(
        tuple(found[key] for key in sorted(found)),
        None if refusing is None else RefusingFilter(refusing["filter"], refusing["value"]),
    )


def _leaves(
    rules: tuple[Lowered, ...], common: Steps = (), vendor: Steps = ()
) -> Iterator[tuple[Steps, Steps, Leaf]]:
    """Yield the leaves whose whole paths, common and vendor, conditions can name.

    In a list, it is not said whether one item or all are meant; a name with a dot reads as a path.
    """
    for rule in rules:
        match rule:
            case _ if any("." in name for name in rule.common):
                pass
            case Leaf():
                yield (*common, *rule.common), (*vendor, *rule.vendor), rule
            case Group(members=members):
                yield from _leaves(members, (*common, *rule.common), (*vendor, *rule.vendor))
            case _:
                pass


def _is_exact(leaf: Leaf, operator: str) -> bool:
    """Whether the vendor's values compare as the common texts do that are read from them.

    Decimal texts do not: ``1.5`` and ``1.50`` are two texts and one number.
    """
    if leaf.access is Access.WRITE or leaf.default.read is not ABSENT:
        return False
    uses = tuple(use.name for use in leaf.rule.convert)
    if operator != "=":
        return uses == ("date",)
    if uses == ("values",):
        return bool(_single_values(leaf))
    return uses in (("string",), ("date",)) or (
        not uses and leaf.types <= {"string", "null"} and "string" in leaf.types
    )


def _put(leaf: Leaf) -> Expr | None:
    """Return the way back of *leaf*, without what several vendor values read as."""
    single = _single_values(leaf)
    return conversion("values", single).put if single else leaf.put


def _single_values(leaf: Leaf) -> dict[str, list[object]]:
    """Return the common values of a table that one vendor value reads as, each with that."""
    match leaf.rule.convert:
        case (use,) if use.name == "values":
            return {text: values for text, values in use.parameters.items() if len(values) == 1}
        case _:
            return {}
