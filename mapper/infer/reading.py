"""What a mapping reads: its type, and whether it fits the canonical schema."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from mapper import codes, expr
from mapper.diagnostics import Diagnostic, Label, Rule, Span
from mapper.expr import Expr, parse
from mapper.functions import FUNCTIONS, Tables
from mapper.infer.expressions import Inference
from mapper.infer.fitting import misfits
from mapper.infer.invariants import Assured, assured
from mapper.infer.schemas import type_of_schema, type_of_value
from mapper.infer.types import (
    NOTHING,
    Lists,
    Member,
    Objects,
    Type,
    inhabits,
    without,
)
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
)
from mapper.model import Access, Expression, Resource, show_path
from mapper.schema import Schema
from mapper.values import ABSENT, Steps

Findings = list[Diagnostic]
NOTHING_ASSURED = Assured()


class Read(Struct, frozen=True):
    """What a rule reads, and whether it always reads something."""

    type: Type
    always: bool = True


class Scope(Struct, frozen=True):
    """What surrounds rules.

    Attributes:
        vendor: The type of the vendor object that they read.
        common: The schema of the common object that they make; None if there is none.
        file: The name of the vendor's schema.
        tables: The look-up tables.
        assured: What invariants of the vendor object, or the written common object, make sure.
        findings: Where what is found goes.
    """

    vendor: Type
    common: Schema | None
    file: str
    tables: Tables
    assured: Assured = NOTHING_ASSURED
    findings: Findings = field(default_factory=list)

    def inside(self, vendor: Type, common: Schema | None) -> "Scope":
        return Scope(vendor, common, self.file, self.tables, NOTHING_ASSURED, self.findings)

    def report(
        self, rule: Rule, message: str, place: Span, hint: str | None = None, *labels: Label
    ) -> None:
        self.findings.append(Diagnostic(rule, message, place, hint=hint, labels=labels))


def read_type(mapping: LoweredMapping, common: Schema, place: Span) -> tuple[Type, Findings]:
    """Return the type of the common objects that *mapping* reads, and what may go wrong.

    *place* is where what is wrong with the whole is shown.
    """
    vendor = type_of_schema(mapping.vendor)
    sure = assured(_invariants(mapping.vendor))
    scope = Scope(vendor, common, mapping.vendor.file, mapping.tables, sure)
    return read_members(mapping.rules, scope, place), scope.findings


def _invariants(vendor: Schema) -> Iterator[Expr]:
    for text in vendor.annotation("x-invariants", {}).values():
        yield parse(text, FUNCTIONS)


def read_members(rules: Iterable[Lowered], scope: Scope, place: Span) -> Type:
    """Return the type of the common object that *rules* read; report what may go wrong."""
    tree = _Tree()
    for rule in rules:
        if rule.access is Access.WRITE:
            continue
        found = _read(rule, scope)
        if found is not None:
            tree.add(rule.common, found)
    _require(tree, scope, scope.common, (), place)
    return tree.type()


class _Tree(Struct):
    """The members of a common object while they are put together; values are leaves."""

    members: dict[str, "_Tree | Read"] = field(default_factory=dict)

    def add(self, steps: Steps, found: Read) -> None:
        [head, *rest] = steps
        if not rest:
            before = self.members.get(head)
            self.members[head] = found if not isinstance(before, Read) else _either(before, found)
            return
        inner = self.members.setdefault(head, _Tree())
        if isinstance(inner, _Tree):
            inner.add(tuple(rest), found)

    def always(self) -> bool:
        """Whether the object is always there: some member of it is."""
        return any(_is_always(each) for each in self.members.values())

    def type(self) -> Type:
        members = {
            name: Member(each.type if isinstance(each, Read) else each.type(), _is_always(each))
            for name, each in self.members.items()
        }
        if len(members) == 1 and not self.always():  # where it is there, it has its one member
            members = {name: replace(member, required=True) for name, member in members.items()}
        return Type(objects=Objects(members, closed=True))


def _either(one: Read, other: Read) -> Read:
    return Read(one.type | other.type, one.always or other.always)


def _is_always(found: "_Tree | Read") -> bool:
    return found.always if isinstance(found, Read) else found.always()


def _require(tree: _Tree, scope: Scope, schema: Schema | None, at: Steps, place: Span) -> None:
    """Report the members that *schema* requires and that may be missing."""
    if schema is None:
        return
    for name in sorted(schema.required):
        member = tree.members.get(name)
        if member is None or _is_always(member) or _comes_with_all(tree, name):
            continue  # that no rule gives it at all is told elsewhere
        path = show_path((*at, name))
        hint = f"give the rule of {path} a default, or take it out of `required` in {schema.file}"
        scope.report(codes.REQUIRED_UNFILLED, f"{path} is required and may be missing", place, hint)
    for name, inner in tree.members.items():
        if isinstance(inner, _Tree):
            _require(inner, scope, schema.member(name), (*at, name), place)


def _comes_with_all(tree: _Tree, name: str) -> bool:
    """Whether an object that is only there for its members has no other member than *name*."""
    return not tree.always() and set(tree.members) == {name}


# Rules --------------------------------------------------------------------------------------------


def _read(rule: Lowered, scope: Scope) -> Read | None:
    common = descend(scope.common, rule.common)
    match rule:
        case Leaf():
            return _fitting(_leaf(rule, scope), rule, common, scope, rule.rule.vendor.span)
        case Formula():
            return _formula(rule, common, scope)
        case Fixed(value=value):
            found = Read(type_of_value(value))
            return _fitting(found, rule, common, scope, rule.span)
        case Group(vendor=()):
            inner = read_members(rule.members, scope.inside(scope.vendor, common), rule.span)
            return Read(inner, _has_required(inner))
        case Group():
            return _group(rule, common, scope)
        case Listing():
            return _listing(rule, common, scope)
        case Single():
            inside = scope.inside(scope.vendor, items_of(common))
            item = read_members(rule.members, inside, rule.span)
            least = int(_has_required(item))
            return Read(Type(lists=Lists(item, least, 1)))
        case Slots():
            return _slots(rule, common, scope)
        case _:
            assert_never(rule)


def _has_required(given: Type) -> bool:
    objects = given.objects
    return objects is not None and any(each.required for each in objects.members.values())


def look(vendor: Type, steps: Steps) -> tuple[Type, bool]:
    """Return the type of what lies at *steps*, null included, and whether it is always there."""
    found, always = vendor, True
    for step in steps:
        always = always and found.kinds == ("object",)
        objects = found.objects
        if objects is None:
            return NOTHING, False
        member = objects.members.get(step) or Member(objects.rest)
        always = always and member.required
        found = member.type
    return found, always


def present(rule: Leaf | Group | Listing, scope: Scope, place: Span) -> Read:
    """Return the values at a rule's vendor path that are not spellings of "no value"."""
    found, always = look(scope.vendor, rule.vendor)
    _require_objects(rule, scope, place)
    left = without(found, rule.unset.read)
    if left.null and not left.open:
        hint = "add null to the rule's `unset`"
        message = f"{show_path(rule.vendor)} may be null, which is no spelling of no value here"
        scope.report(codes.VALUE_REFUSED, message, place, hint)
    left = left.without_null()
    spelled = any(inhabits(spelling, found) for spelling in (*rule.unset.read, None))
    return Read(left, always and not spelled)


def _require_objects(rule: Leaf | Group | Listing, scope: Scope, place: Span) -> None:
    """Report what on the way to a rule's vendor path may be neither an object nor null."""
    found = scope.vendor
    for depth, step in enumerate(rule.vendor[:-1]):
        objects = found.objects
        if objects is None:
            return
        found = (objects.members.get(step) or Member(objects.rest)).type
        kinds = () if found.open else found.kinds
        others = [kind for kind in kinds if kind not in ("object", "null")]
        if others:
            path = show_path(rule.vendor[: depth + 1])
            message = f"{path} may be {' or '.join(others)}, and its members are read"
            scope.report(codes.VALUE_REFUSED, message, place)


def _leaf(rule: Leaf, scope: Scope) -> Read:
    place = rule.rule.vendor.span
    found = present(rule, scope, place)
    made = convert(rule.get, found.type, rule, scope, reading=True)
    always = found.always and not made.null
    made = made.without_null()
    if rule.default.read is not ABSENT:
        made, always = made | type_of_value(rule.default.read), True
    return Read(made, always)


def convert(tree: Expr | None, given: Type, rule: Leaf, scope: Scope, *, reading: bool) -> Type:
    """Return the type of converted values; report those that the converter refuses."""
    if tree is None:
        return given
    inference = Inference(codes.UNKNOWN_VENDOR_PATH, "", scope.tables)
    made = inference.type_of(tree, given)
    uses = rule.rule.convert
    place = uses[0].span if uses else rule.span
    path = show_path(rule.vendor if reading else rule.common)
    for danger in dict.fromkeys(inference.dangers):
        code = _REFUSALS[reading].get(danger.rule.code)
        if code is not None:
            what = _member_of(danger.node)
            message = f"{path}{what} {danger.message}"
            scope.report(code, message, place, danger.hint)
    return made


_REFUSALS = {
    True: {"M311": codes.VALUE_REFUSED, "M312": codes.NO_PARTNER},
    False: {"M311": codes.WRITTEN_MISFIT, "M312": codes.NO_PARTNER_BACK},
}


def _member_of(node: Expr) -> str:
    """Return which member of the value a refusal is about, as a path goes on."""
    match node:
        case expr.Call(_, (expr.Field(name), *_)):
            return f".{show_path((name,))}"
        case _:
            return ""


def _fitting(found: Read, rule: Lowered, common: Schema | None, scope: Scope, place: Span) -> Read:
    """Report what of a read value may not fit the canonical schema; return *found*."""
    if common is not None:
        for misfit in list(misfits(found.type, common))[:_SHOWN]:
            path = show_path((*rule.common, *map(str, misfit.at)))
            shown = f": {misfit.example}" if misfit.example else ""
            message = f"{path} as it is read {misfit.message}{shown}"
            scope.report(codes.READ_MISFIT, message, place)
    return found


_SHOWN = 3
"""How many misfits of one rule are told."""


def _formula(rule: Formula, common: Schema | None, scope: Scope) -> Read | None:
    if rule.read is None:
        return None
    side = codes.UNKNOWN_VENDOR_PATH, scope.file
    made = expression_type(rule.read, scope.vendor, side, scope)
    found = Read(without_nulls(made.without_null()), not made.null)
    return _fitting(found, rule, common, scope, rule.read.place(0, len(rule.read.scalar.text)))


def expression_type(
    expression: Expression,
    current: Type,
    side: tuple[Rule, str],
    scope: Scope,
    *,
    condition: bool = False,
) -> Type:
    """Return the type of an expression's value; report its dangers where they are in the file.

    *side* is the kind of finding for a name that the schema does not have, and that schema's file;
    *condition* says that only the truth of the value counts.
    """
    inference = Inference(*side, scope.tables, scope.assured)
    made = inference.type_of(expression.tree, current, condition=condition)
    for danger in dict.fromkeys(inference.dangers):
        place = expression.place(danger.node.start, danger.node.end)
        scope.report(danger.rule, danger.message, place, danger.hint)
    return made


def invariant_findings(resource: Resource, common: Schema) -> Findings:
    """Return the dangers in the invariants of a resource."""
    scope = Scope(NOTHING, common, "", {})
    for invariant in resource.invariants:
        current = type_of_schema(common)
        side = codes.UNKNOWN_COMMON_PATH, common.file
        expression_type(invariant.expression, current, side, scope, condition=True)
    return scope.findings


def without_nulls(given: Type) -> Type:
    """Return the type of values whose objects lose their null members."""
    lists, objects = given.lists, given.objects
    if lists is not None and lists.of is not None:
        lists = replace(lists, of=without_nulls(lists.of))
    if objects is not None:
        members = {
            name: Member(
                without_nulls(each.type.without_null()), each.required and not each.type.null
            )
            for name, each in objects.members.items()
        }
        objects = replace(objects, members=members)
    return replace(given, lists=lists, objects=objects)


def _group(rule: Group, common: Schema | None, scope: Scope) -> Read:
    found = present(rule, scope, rule.span)
    _only(found.type, "object", rule.vendor, scope, rule.span)
    inside = scope.inside(found.type.only("object"), common)
    inner = read_members(rule.members, inside, rule.span)
    return Read(inner, found.always and _has_required(inner))


def _only(given: Type, kind: str, steps: Steps, scope: Scope, place: Span) -> None:
    others = [name for name in given.kinds if name != kind and not given.open]
    if others:
        noun = "an object" if kind == "object" else "a list"
        message = f"{show_path(steps)} may be {' or '.join(others)}, and {noun} is read"
        scope.report(codes.VALUE_REFUSED, message, place)


def _listing(rule: Listing, common: Schema | None, scope: Scope) -> Read:
    found = present(rule, scope, rule.span)
    _only(found.type, "array", rule.vendor, scope, rule.span)
    lists = found.type.lists
    if lists is None:
        return Read(NOTHING, always=False)
    _only(lists.item, "object", (*rule.vendor, "[]"), scope, rule.span)
    inside = scope.inside(lists.item.only("object"), items_of(common))
    item = read_members(rule.members, inside, rule.span)
    return Read(Type(lists=Lists(item, lists.least, lists.most)), found.always)


def _slots(rule: Slots, common: Schema | None, scope: Scope) -> Read:
    items = items_of(common)
    made = []
    for slot in rule.slots:
        mark = next(each for each in slot if isinstance(each, Leaf) and each.common == rule.mark)
        filled = scope.inside(_filled(scope.vendor, mark), items)
        made.append(read_members(slot, filled, rule.span))
    item = made[0]
    for other in made[1:]:
        item |= other
    item = _optional(item, rule)
    return Read(Type(lists=Lists(item, 0, len(rule.slots))))


def _optional(item: Type, rule: Slots) -> Type:
    """Return the type of a slot's item, some members of which are there only if all are filled."""
    objects = item.objects
    if objects is None:
        return item
    members = {
        name: replace(member, required=member.required and (name,) not in rule.when_full)
        for name, member in objects.members.items()
    }
    return Type(objects=replace(objects, members=members))


def _filled(vendor: Type, mark: Leaf) -> Type:
    """Return the type of vendor objects of which a slot's mark has a value."""
    objects = vendor.objects
    if objects is None or len(mark.vendor) != 1:
        return vendor
    [name] = mark.vendor
    member = objects.members.get(name) or Member(objects.rest)
    held = without(member.type, (*mark.unset.read, None))
    members = {**objects.members, name: Member(held, required=True)}
    return Type(objects=replace(objects, members=members))


# What the schemas say -----------------------------------------------------------------------------


def descend(schema: Schema | None, steps: Steps) -> Schema | None:
    """Return the schema at *steps* below *schema*, or None."""
    for step in steps:
        schema = schema.member(step) if schema is not None else None
    return schema


def items_of(schema: Schema | None) -> Schema | None:
    return schema.items() if schema is not None else None
