"""What a mapping writes: whether common objects that fit their schema can be written."""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import islice

from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Diagnostic, Span, show_value
from mapper.expr import Call, Expr, mentions, uses
from mapper.functions import Tables
from mapper.infer.edited import Place, Way
from mapper.infer.evaluating import convert, expression_type
from mapper.infer.fitting import MISSING, misfits
from mapper.infer.invariants import Assured, assured, passes_null
from mapper.infer.keeping import keep
from mapper.infer.lacking import writers
from mapper.infer.schemas import type_of_schema, type_of_value
from mapper.infer.scope import Findings, Scope, show_place
from mapper.infer.sending import partial, sent, without_some
from mapper.infer.taking import (
    OBJECT,
    OBJECTS,
    OF_CLEAR,
    OF_FIXED,
    OF_PICKED,
    Target,
    fits,
    holds,
    is_for_creating,
    leads,
    picked_of,
    place_of,
    refuses,
)
from mapper.infer.types import ANYTHING, NOTHING, Member, Type, inhabits, join
from mapper.infer.unions import mixes
from mapper.lower import (
    Fixed,
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    LoweredMapping,
    Single,
    Slots,
    Write,
    inner_rules,
    targets,
)
from mapper.model import Access, Mapping, Resource, show_path
from mapper.paths import input_paths
from mapper.schema import Schema, descend, items_of
from mapper.values import ABSENT, PathSet, Steps, equal


def written_findings(
    mapping: Mapping, lowered: LoweredMapping, resource: Resource, common: Schema
) -> Iterator[Diagnostic]:
    """Yield what common objects that fit *common* cannot be written."""
    scope = Scope(ANYTHING, common, "", lowered.tables, _assured(resource, lowered, common))
    _require_shape(common, OBJECT, (), scope, mapping.span)
    vendor = Target(
        lowered.vendor,
        constants=tuple(
            (each.vendor.steps, type_of_value(each.value)) for each in mapping.constants
        ),
    )
    holds(OBJECT, (), vendor, scope, mapping.vendor.schema.span)
    _write_members(lowered.rules, scope, vendor)
    mixes(lowered.rules, (), vendor, scope, mapping.vendor.schema.span)
    keep(mapping, lowered, scope)
    for constant in mapping.constants:
        steps = constant.vendor.steps
        value = type_of_value(constant.value)
        leads(steps, Target(lowered.vendor, creates=True), scope, constant.vendor.span)
        target = Target(descend(lowered.vendor, steps), creates=True)
        fits(value, steps, target, scope, constant.vendor.span, fixed=OF_FIXED)
    yield from scope.findings


def _assured(resource: Resource, lowered: LoweredMapping, common: Schema) -> Assured:
    """Return what invariants make sure of, whatever is left out of the object that is given.

    They hold of what is given, and expressions see it with what it leaves out. A request is held to
    those of which it has all that they mention, as single values: that is sure where an expression
    has it all as well.
    """
    paths = input_paths(lowered.rules)
    filled = PathSet.of(paths.read | paths.create | paths.constant | paths.defaulted)

    def asked(invariant: Expr, call: Call) -> bool:
        told = mentions(call)
        return (
            passes_null(call)
            and set(mentions(invariant)) <= set(told)
            and not any(not steps or filled.near(steps) for steps in told)
            and all(map(_is_single, (descend(common, steps) for steps in told)))
        )

    return assured((each.expression.tree for each in resource.invariants), asked)


def _is_single(schema: Schema | None) -> bool:
    return schema is not None and schema.kinds.isdisjoint(("array", "object"))


def _write_members(rules: Sequence[Lowered], scope: Scope, vendor: Target) -> None:
    for rule in rules:
        _require_objects(rule, scope)
        common = descend(scope.common, rule.common)
        written = rule.access is not Access.READ and common is not None
        if common is not None:
            _given(rule, common, scope)
        is_new = rule.access is Access.CREATE
        creates, anew = vendor.creates or is_new, vendor.anew or is_new
        around = replace(vendor, creates=creates, anew=anew)
        if written:
            for steps in targets(rule):
                leads(steps, around, scope, rule.span)
        match rule:
            case Leaf() if written and common is not None:
                _leaf(rule, common, scope, around.at(rule.vendor))
            case Leaf() | Fixed() if common is not None:
                _seen(rule, common, scope)
            case Formula() if written:
                _formula(rule, rules, scope, around)
            case Group(vendor=steps):
                inner = around.at(steps)
                if written and common is not None:
                    _container(rule, common, OBJECT, scope, inner if steps else Target(None))
                inside = scope.inside(ANYTHING, common)
                _write_members(rule.members, inside, inner)
                if steps and written:
                    mixes(rule.members, steps, inner, inside, rule.span)
            case Listing(vendor=steps):
                inner = around.at(steps)
                if written and common is not None:
                    _container(rule, common, OBJECTS, scope, inner)
                    _picks(rule, common, scope, inner)
                inside = scope.inside(ANYTHING, items_of(common))
                items = inner.items(anew=rule.key is None)
                if written:
                    _sent_key(rule, inside, items)
                _write_members(rule.members, inside, items)
                if written:
                    mixes(rule.members, (*steps, "[]"), items, inside, rule.span)
            case Single() | Slots():
                for members in inner_rules(rule):
                    _write_members(members, scope.inside(ANYTHING, items_of(common)), around)
                if isinstance(rule, Slots) and rule.access is not Access.CREATE:
                    _empties(rule, scope, around)
            case _:
                pass


def _picks(rule: Listing, common: Schema | None, scope: Scope, vendor: Target) -> None:
    """Report what is lost of items of which the vendor takes one member, and items without it."""
    picked = picked_of(vendor.schema)
    if picked is None:
        return
    written = dict(writers(rule.members))
    listed = show_place(rule.vendor, ("[]",))
    for steps in written:
        if steps[0] != picked:
            message = f"{listed}.{show_path(steps)} is lost: of each item only {picked} is written"
            scope.report(codes.WRITTEN_MISFIT, message, rule.span, OF_PICKED)
    items = items_of(common)
    required = items.required if items is not None else frozenset[str]()
    given = [each for each in rule.members if (picked,) in targets(each)]
    if not any(len(each.common) == 1 and each.common[0] in required for each in given):
        message = f"{listed}.{picked} {MISSING}, and it is what is written of each item"
        scope.report(codes.WRITTEN_MISFIT, message, rule.span, OF_PICKED)


def _require_objects(rule: Lowered, scope: Scope) -> None:
    """Report what on the way to a rule's common path may be given that is no object."""
    for depth in range(1, len(rule.common)):
        around = descend(scope.common, rule.common[:depth])
        if around is not None:
            _require_shape(around, OBJECT, rule.common[:depth], scope, rule.span)


def _require_shape(common: Schema, shape: Type, at: Steps, scope: Scope, place: Span) -> None:
    """Report what the canonical schema lets be given where objects, or lists of them, are due."""
    given = type_of_schema(common)
    if given.open:
        return
    wanted, noun = ("object", "an object") if shape is OBJECT else ("array", "a list of objects")
    others = {kind for kind in given.kinds if kind != wanted}
    if shape is OBJECTS and given.lists is not None and not given.lists.item.open:
        others |= {f"a list with {kind}" for kind in given.lists.item.kinds if kind != "object"}
    if others:
        name = show_path(at) or "the object"
        message = f"{name} may be {' or '.join(sorted(others))}, and {noun} is taken"
        hint = _OF_NULL if others == {"null"} else None
        scope.report(codes.WRITTEN_MISFIT, message, place, hint)


_OF_NULL = "take null out of the schema"


def _container(
    rule: Group | Listing, common: Schema, shape: Type, scope: Scope, vendor: Target
) -> None:
    """Report what of an object or a list, what it holds aside, cannot be written."""
    lists = type_of_schema(common).lists if isinstance(rule, Listing) else None
    written = shape if lists is None else Type(lists=replace(lists, of=ANYTHING))
    holds(written, rule.vendor, vendor, scope, rule.span)
    if isinstance(rule, Listing) and not picked_of(vendor.schema):
        holds(OBJECT, (*rule.vendor, "[]"), vendor.items(), scope, rule.span)
    _collides(rule, written | _made_object(rule, common, scope, vendor), scope)
    if rule.access is not Access.CREATE:
        _clears(rule, vendor, scope)


def _made_object(rule: Group | Listing, common: Schema, scope: Scope, vendor: Target) -> Type:
    """Return the type of the objects that a rule leaves, where objects may read as no value."""
    spelled = any(isinstance(each, dict) for each in rule.unset.read)
    if not spelled or not isinstance(rule, Group) or vendor.schema is None:
        return NOTHING
    apart = replace(scope.inside(ANYTHING, common), findings=[])
    place = Place(rule.members, vendor.schema, (), apart, vendor.constants)
    given = type_of_schema(common)
    made = join(place.objects(given, NOTHING, Way.CREATE))
    if vendor.anew:
        return made
    return made | join(place.objects(given, type_of_schema(vendor.schema), Way.EDIT))


def _given(rule: Lowered, common: Schema, scope: Scope) -> None:
    """Report what the canonical schema lets be given for a rule that is refused, written or not."""
    match rule:
        case Group():
            _require_shape(common, OBJECT, rule.common, scope, rule.span)
        case Listing() | Single() | Slots() if rule.access is not Access.READ:
            _require_shape(common, OBJECTS, rule.common, scope, rule.span)
        case _:
            given = type_of_schema(common)
            if given.null and not given.open:
                message = f"{show_path(rule.common)} may be null, and no value is an absent member"
                scope.report(codes.WRITTEN_MISFIT, message, rule.span, _OF_NULL)


def _leaf(rule: Leaf, common: Schema, scope: Scope, vendor: Target) -> None:
    given = sent(type_of_schema(common)).without_null()
    written = convert(rule.put, given, rule, scope, reading=False)
    place = place_of(rule)
    fits(written.without_null(), rule.vendor, vendor, scope, rule)
    if rule.default.create is not ABSENT and rule.default.create is not None:
        written |= _default(rule, common, scope, vendor)
    refuses(written, rule.vendor, vendor, scope, place)
    _collides(rule, written, scope)
    if rule.access is not Access.CREATE:
        _clears(rule, vendor, scope)


def _default(rule: Leaf, common: Schema, scope: Scope, vendor: Target) -> Type:
    """Return the type of what is written by default; report what of it fits neither side."""
    known = len(scope.findings)
    given = type_of_value(rule.default.create)
    created = convert(rule.put, given, rule, scope, reading=False).without_null()
    fits(created, rule.vendor, replace(vendor, creates=True), scope, rule, fixed=OF_FIXED)
    if len(scope.findings) == known:  # else it is told already
        _seen(rule, common, scope)
    return created


def _seen(rule: Leaf | Fixed, common: Schema, scope: Scope) -> None:
    """Report what expressions see of a rule that is left out, if it is no common value.

    What is told of it as it is read is not told again.
    """
    is_read = rule.access is not Access.WRITE
    if isinstance(rule, Fixed):
        value, place, hint = rule.value, rule.span, _OF_CONSTANTS
    else:
        value, place, hint = rule.default.create, rule.rule.vendor.span, _OF_DEFAULTS
        is_read = is_read and equal(rule.default.read, value)
    if is_read or value is ABSENT or value is None:
        return
    for misfit in islice(misfits(type_of_value(value), common), 1):
        shown = f": {misfit.example}" if misfit.example else ""
        message = f"{show_place(rule.common, misfit.at)} as it is created {misfit.message}"
        scope.report(codes.WRITTEN_MISFIT, message + shown, place, hint)


_OF_CONSTANTS = "give a value of the common member, which expressions see"
_OF_DEFAULTS = f"{_OF_CONSTANTS} before it is converted"


def _sent_key(rule: Listing, scope: Scope, vendor: Target) -> None:
    """Report what of a key that is only read cannot be written, though requests send it."""
    key = rule.key
    if key is None or not rule.sends_key or key.access is not Access.READ:
        return
    common = descend(scope.common, key.common)
    if common is not None:
        given = type_of_schema(common).without_null()
        written = convert(key.put, given, key, scope, reading=False)
        fits(written.without_null(), key.vendor, vendor.at(key.vendor), scope, key)


def _collides(rule: Leaf | Group | Listing, written: Type, scope: Scope) -> None:
    """Report a written value that reads as no value."""
    for spelling in rule.unset.read:
        if spelling is not None and not written.open and inhabits(spelling, written):
            message = f"{show_path(rule.common)} may be written as {show_value(spelling)}"
            out = f"take {show_value(spelling)} out of `unset`"
            hint = f"let the canonical schema exclude it, or {out}"
            place = place_of(rule)
            scope.report(codes.WRITTEN_AS_UNSET, f"{message}, which reads as no value", place, hint)


def _clears(rule: Leaf | Group | Listing, vendor: Target, scope: Scope) -> None:
    """Report a ``clear`` that the vendor's schema does not take."""
    if rule.unset.clear is not ABSENT:
        cleared = type_of_value(rule.unset.clear)
        fits(cleared, rule.vendor, vendor, scope, rule.span, fixed=OF_CLEAR)


def _empties(rule: Slots, scope: Scope, vendor: Target) -> None:
    """Report a ``clear`` of what is only set when creating: a place that is emptied gets it too."""
    for each in (each for slot in rule.slots for each in slot):
        if not isinstance(each, Leaf) or each.access is not Access.CREATE:
            continue
        if vendor.creates or not is_for_creating(each.vendor, vendor.schema):
            _clears(each, vendor.at(each.vendor), scope)


_OF_EXPRESSIONS = (
    "narrow the canonical schema, guard the expression, or say under `invariants` of the resource "
    "what always holds"
)


def made_of(write: Write, rules: Sequence[Lowered], common: Schema, tables: Tables) -> Type:
    """Return the type of what *write*, of *rules*, gives for the objects that callers may send."""
    scope = Scope(ANYTHING, common, "", tables)
    current = partial(sent(type_of_schema(common)), rules)
    return expression_type(write.expression, current, (codes.UNKNOWN_COMMON_PATH, ""), scope)


def _formula(rule: Formula, rules: Sequence[Lowered], scope: Scope, vendor: Target) -> None:
    """Report what of the values of an expression, which stands beside *rules*, is not taken."""
    if scope.common is None:
        return
    whole = sent(type_of_schema(scope.common))
    # Without what requests leave out, and then without what they clear: what is no finding there
    # follows from it.
    narrower = ((whole, None), (without_some(whole), _OF_CLEARED))
    for write in rule.writes:
        found = _write(write, rule, partial(whole, rules), scope, vendor)
        for given, hint in narrower if any(map(_is_misfit, found)) else ():
            stays = {each.message for each in _write(write, rule, given, scope, vendor)}
            settled = hint or _of_requests(write, whole)
            found = [
                each._replace(hint=settled)
                if _is_misfit(each) and each.message not in stays
                else each
                for each in found
            ]
        scope.findings.extend(found)


def _is_misfit(found: Diagnostic) -> bool:
    return found.rule is codes.WRITTEN_MISFIT


def _write(write: Write, rule: Formula, given: Type, scope: Scope, vendor: Target) -> Findings:
    """Return what of the values that an expression makes of *given* objects cannot be written."""
    apart = replace(scope, findings=[])
    side = codes.UNKNOWN_COMMON_PATH, scope.common.file if scope.common is not None else ""
    made = expression_type(write.expression, given, side, apart)
    place = write.expression.whole
    before = len(apart.findings)
    holds(made.without_null(), write.vendor, vendor.at(write.vendor), apart, place)
    found = [
        *apart.findings[:before],
        *(each._replace(hint=each.hint or _OF_EXPRESSIONS) for each in apart.findings[before:]),
    ]
    filled = reduce(_with, write.mentions, given)
    silent = replace(scope, findings=[])
    always = expression_type(write.expression, filled, side, silent)
    if always.null and not always.open:
        message = f"this may give no value for a given {show_path(rule.common)}"
        found.append(Diagnostic(codes.WRITTEN_MISFIT, message, place, hint=_NO_VALUE))
    return found


def _of_requests(write: Write, whole: Type) -> str:
    """Return what to do where members are missing that the canonical schema requires."""
    used = uses(write.expression.tree)[0]
    lacking = next((steps for steps in used if _is_required(whole, steps)), None)
    if lacking is None:
        return f"a request may leave out what {_REQUIRED}: {_GUARD}"
    path = show_path(lacking)
    return f"a request may leave out {path}, which {_REQUIRED}: begin with it: `{path} && {{…}}`"


_GUARD = "guard the expression, as in `a && {…}`, of items `[?a].{…}`"
_REQUIRED = "the canonical schema requires"


def _is_required(given: Type, steps: Steps) -> bool:
    """Whether the last of *steps* is a member that objects of a type have to have."""
    for depth, step in enumerate(steps, 1):
        member = given.objects.members.get(step) if given.objects is not None else None
        if member is None:
            return False
        if depth == len(steps):
            return member.required
        given = member.type
    return False


_OF_CLEARED = (
    "a request may clear a member, which is null then: name the members, each behind a test, as in "
    "`a.b && {b: a.b}`"
)
_NO_VALUE = (
    "an expression that gives null is refused: give a value in every case, such as '' where the "
    "vendor's schema takes it"
)


def _with(given: Type, steps: Steps) -> Type:
    """Return the type of those of the objects that have a value at *steps*."""
    objects = given.objects
    if objects is None or not steps:
        return given
    [name, *rest] = steps
    member = objects.members.get(name) or Member(objects.rest)
    inner = Member(_with(member.type.without_null(), tuple(rest)), required=True)
    return Type(objects=replace(objects, members={**objects.members, name: inner}))
