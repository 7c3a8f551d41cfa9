"""The conditions of a query, printed as JavaScript: see :mod:`mapper.filters`."""

from collections.abc import Iterator

from mapper.filters import Filter, RefusingFilter, filters
from mapper.javascript.expressions import Expressions
from mapper.javascript.source import made_in_lines, options, quoted
from mapper.lower import LoweredMapping

UNREADABLE = "mapper: this condition cannot be translated"
"""What replaces conditions where the vendor honours no filter: no condition, as CEQL has them."""


def print_query(out: Expressions, mapping: LoweredMapping) -> Iterator[str]:
    """Yield the body of what gives the vendor's conditions for those of ``query``.

    They mean the same, or refuse: what cannot be translated must not vanish, since the vendor would
    then return everything.
    """
    known = filters(mapping)
    members = [
        (f"{'.'.join(each.common)} {each.operator}", _filter(out, each)) for each in known.exact
    ]
    exact = out.script.constant("filters", made_in_lines(members))
    refusal = out.script.constant("refusal", _refusal(known.refusing))
    yield "try {"
    yield f"  return {{where: {out.script.use('translated')}(query, {exact}, {refusal})}};"
    yield "} catch (error) {"
    yield f"  return {{where: {refusal}}};"
    yield "}"


def _filter(out: Expressions, each: Filter) -> str:
    found = [("name", quoted(each.name)), ("unset", quoted(each.unset))]
    if each.put is not None:
        found.append(("convert", out.function(each.put, present=True)))
    return options(found)


def _refusal(refusing: RefusingFilter | None) -> str:
    if refusing is None:
        return quoted(UNREADABLE)
    return quoted([{"attribute": refusing.name, "operator": "=", "value": refusing.value}])
