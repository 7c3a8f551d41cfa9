"""What tells the values of a rule apart where nothing lists them: type, offset from UTC, branch."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from mapper.evaluate import evaluate
from mapper.expr import Expr, Literal, Or
from mapper.functions import Tables
from mapper.lower import Formula, Leaf
from mapper.model import ConverterUse
from mapper.primitives import zone_of
from mapper.values import is_truthy

_SEASONS = (datetime(2024, 1, 15, tzinfo=UTC), datetime(2024, 7, 15, tzinfo=UTC))
"""Two times between which a zone that changes its clocks has done so."""
_TYPE_NAMES = {
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
    str: ("string",),
    list: ("array",),
    dict: ("object",),
}


# JSON types ---------------------------------------------------------------------------------------


def types_of(rule: Leaf) -> tuple[str, ...]:
    """Return the JSON types between which the vendor varies, if there are several.

    An integer is a number where there are both, and null is no value; nor is a boolean of which one
    value is a spelling of none.
    """
    types = rule.types - {"null"}
    if any(isinstance(spelling, bool) for spelling in rule.unset.read):
        types -= {"boolean"}
    if "number" in types:
        types -= {"integer"}
    return tuple(sorted(types)) if len(types) > 1 else ()


def type_in(types: tuple[str, ...], value: Any) -> str | None:
    """Return which of *types* a JSON value has, None if it has none of them."""
    names = _TYPE_NAMES.get(type(value), ())
    return next((name for name in names if name in types), None)


# Offsets from UTC ---------------------------------------------------------------------------------


def offsets_of(rule: Leaf) -> tuple[str, ...]:
    """Return the two offsets of the zone in which a rule reads times, if it changes its clocks."""
    zone = _zone_name(rule)
    offsets = {_offset(moment, zone) for moment in _SEASONS} if zone is not None else set()
    return tuple(sorted(offsets)) if len(offsets) > 1 else ()


def offset_at(rule: Leaf, instant: Any) -> str | None:
    """Return the offset of a rule's zone at a common *instant*, None where there is none."""
    zone = _zone_name(rule)
    if zone is None or not isinstance(instant, str):
        return None
    try:
        return _offset(datetime.fromisoformat(instant), zone)
    except (ValueError, OverflowError):  # examples can be wrong
        return None


def _zone_name(rule: Leaf) -> str | None:
    match rule.rule.convert:
        case (ConverterUse(name="datetime", parameters={"zone": str(zone)}),):
            return zone
        case _:
            return None


def _offset(moment: datetime, zone: str) -> str:
    return "UTC" + moment.astimezone(zone_of(zone)).isoformat(timespec="minutes")[16:]


# Alternatives -------------------------------------------------------------------------------------


def alternatives_of(rule: Formula) -> tuple[str, ...]:
    """Return how the alternatives of a read ``a || b`` are told apart, if there are some."""
    names = _named(list(_alternatives(rule.read.tree))) if rule.read is not None else ()
    return tuple(name for name in names if name is not None)


def alternative_at(rule: Formula, value: Any, tables: Tables) -> str | None:
    """Return the alternative that gives what *rule* reads of a vendor object, if it has some."""
    trees = list(_alternatives(rule.read.tree)) if rule.read is not None else []
    given = None
    for name, tree in zip(_named(trees), trees, strict=False):
        given = evaluate(tree, value, tables)
        if is_truthy(given):
            return name
    return None if given is None else _named(trees)[-1]


def _alternatives(tree: Expr) -> Iterator[Expr]:
    if isinstance(tree, Or):
        yield from _alternatives(tree.left)
        yield from _alternatives(tree.right)
    else:
        yield tree


def _named(trees: list[Expr]) -> tuple[str | None, ...]:
    """Return a name for each of *trees* that gives something, if several do, else None."""
    last = len(trees) - 1
    giving = [at for at, tree in enumerate(trees) if not _is_idle(tree, is_last=at == last)]
    numbers = {at: number for number, at in enumerate(giving, 1)} if len(giving) > 1 else {}
    return tuple(
        f"alternative {numbers[at]} of {len(giving)}" if at in numbers else None
        for at in range(len(trees))
    )


def _is_idle(tree: Expr, *, is_last: bool) -> bool:
    """Whether *tree* is never what is given: it is null, or counts as false and is not last."""
    if not isinstance(tree, Literal):
        return False
    return tree.value is None if is_last else not is_truthy(tree.value)
