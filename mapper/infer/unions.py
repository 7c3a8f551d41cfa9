"""What rules write together where the vendor's schema is a union: it has to fit one branch."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Span
from mapper.infer.edited import Place, Way, kept_type
from mapper.infer.fitting import ANY_ITEM, TWICE, Misfit, is_ruled_out, misfits
from mapper.infer.schemas import meet, type_of_schema
from mapper.infer.scope import Scope, show_place
from mapper.infer.sending import sent
from mapper.infer.taking import Target, taken_of, union_of
from mapper.infer.types import NOTHING, Type
from mapper.lower import Formula, Group, Leaf, Listing, Lowered, inner_rules
from mapper.model import Access
from mapper.schema import Schema, schema_of
from mapper.values import Names, Steps


def mixes(rules: tuple[Lowered, ...], at: Steps, vendor: Target, scope: Scope, place: Span) -> None:
    """Report where *rules*, which write an object member by member, mix the branches of a union.

    *at* is the path of the object, and *scope* has the canonical schema of what is written.
    """
    if vendor.schema is None or scope.common is None:
        return
    for steps in sorted(_unions(rules, vendor)):
        edit = Way.EDIT if at or steps else Way.BODY
        edits = () if vendor.at(steps).anew else (edit,)
        for way in (Way.CREATE, Way.REQUEST, *edits):
            found = _mixed(rules, steps, vendor, scope, way)
            if found is not None:
                path = show_place((*at, *steps), ()) or "the body"
                is_edit = way is edit
                how = "an edit leaves it" if is_edit else "it is written member by member"
                fault = TWICE if found.message is TWICE else "may fit no branch of its union"
                message = f"{path} as {how} {fault}"
                message += f": {show_place((), found.at)} {found.message}" if found.at else ""
                hint = _OF_EDITS if is_edit else _OF_UNIONS
                scope.report(codes.WRITTEN_MISFIT, message, place, hint)
                break


_OF_UNIONS = (
    "let the canonical schema be a union of the same branches, map the value whole, or write the "
    "members of one branch only"
)
_OF_EDITS = (
    "map the value whole, let rules write all that an edit would keep, the tag too (what cannot "
    "be let go of is then refused), or let each branch take what the others have"
)


def _unions(rules: tuple[Lowered, ...], vendor: Target) -> set[Steps]:
    """Return the paths of the unions in which *rules*, but for rules of objects, write members."""
    constants = [steps for steps, _ in vendor.constants]
    inside = [each.vendor for each in rules if isinstance(each, Group) and each.vendor]
    constants = [each for each in constants if not any(_is_below(each, it) for it in inside)]
    paths = (*_paths(rules), *constants)
    ways = {steps[:depth] for steps in paths for depth in range(len(steps))}
    return {each for each in ways if union_of(vendor.at(each).schema) is not None}


def _is_below(steps: Steps, other: Steps) -> bool:
    return steps[: len(other)] == other


def _mixed(
    rules: tuple[Lowered, ...], steps: Steps, vendor: Target, scope: Scope, way: Way
) -> Misfit | None:
    """Return what of an object that comes about at *steps* fits no branch of the union there."""
    here = vendor.at(steps)
    union = union_of(here.schema)
    if scope.common is None or union is None or here.schema is None:
        return None
    if here.schema.annotation("x-write-type"):
        return None
    silent = Scope(scope.vendor, scope.common, scope.file, scope.tables, scope.assured)
    place = Place(rules, vendor.schema, steps, silent, vendor.constants)
    creates = here.creates or way is Way.CREATE
    is_edit = way in (Way.EDIT, Way.BODY)
    base = kept_type(union, creates=here.creates) if is_edit else NOTHING
    taken = taken_of(Target(here.schema, creates), union, whole=False).raw
    alone = schema_of(
        {"anyOf": [_unrequired(each, _made(rules, steps)) for each in taken["anyOf"]]}
    )
    written = list(place.objects(sent(type_of_schema(scope.common)), base, way))
    found = (misfit for each in written for misfit in misfits(each, _suiting(each, alone)))
    fits_twice = "oneOf" in union.raw and any(_fits_twice(each, union) for each in written)
    return next(found, Misfit((), TWICE) if fits_twice else None)


def _fits_twice(written: Type, union: Schema) -> bool:
    """Whether *written* objects may fit two branches of a union."""
    left = [
        type_of_schema(each) for each in union.branches if not is_ruled_out(written.objects, each)
    ]
    return any(not meet(meet(written, one), other).is_empty for one, other in combinations(left, 2))


def _suiting(written: Type, union: Schema) -> Schema:
    """Return a union without the branches of other tags than *written* objects have."""
    left = [each for each in union.branches if not is_ruled_out(written.objects, each)]
    return replace(union, branches=tuple(left)) if left else union


def _paths(rules: Iterable[Lowered]) -> Iterator[Steps]:
    for rule in rules:
        if rule.access is Access.READ:
            continue
        match rule:
            case Leaf(vendor=steps) | Listing(vendor=steps) | Group(vendor=(_, *_) as steps):
                yield tuple(steps)
            case Formula(writes=writes):
                yield from (write.vendor for write in writes)
            case _:
                for members in inner_rules(rule):
                    yield from _paths(members)


# What is required ---------------------------------------------------------------------------------


def _made(rules: Iterable[Lowered], at: Steps = ()) -> Names:
    """Return the objects and lists at *at* that *rules* write member by member."""
    found: Names = {}
    for steps in _inner_paths(rules):
        if _is_below(steps, at):
            place = found
            for step in steps[len(at) : -1]:
                place = place.setdefault(step, {})
    return found


def _inner_paths(rules: Iterable[Lowered]) -> Iterator[Steps]:
    """Yield the paths that *rules* write, through the objects and lists of other rules."""
    for rule in rules:
        steps: Steps = getattr(rule, "vendor", ())
        if isinstance(rule, Listing):
            steps = (*steps, ANY_ITEM)
        if isinstance(rule, Leaf):
            yield steps
        elif isinstance(rule, Formula):
            yield from (write.vendor for write in rule.writes)
        for members in inner_rules(rule):
            yield from ((*steps, *inner) for inner in _inner_paths(members))


def _unrequired(raw: dict[str, Any], made: Names) -> dict[str, Any]:
    """Return a schema without what it requires of *made* objects: elsewhere it is told of that.

    What needs less may fit several branches.
    """
    found = {name: value for name, value in raw.items() if name not in ("required", "oneOf")}
    for branches in (raw[name] for name in ("anyOf", "oneOf") if name in raw):
        found["anyOf"] = [_unrequired(each, made) for each in branches]
    if "properties" in raw:
        found["properties"] = {
            name: _unrequired(each, made[name]) if name in made else each
            for name, each in raw["properties"].items()
        }
    if ANY_ITEM in made and isinstance(raw.get("items"), dict):
        found["items"] = _unrequired(raw["items"], made[ANY_ITEM])
    return found
