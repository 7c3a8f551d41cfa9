"""The lowered rules: presence, conversion, access and list alignment made explicit.

Every engine reads these trees and nothing else of a mapping. A lowered rule's paths are relative to
the objects that surround it on both sides.
"""

from collections.abc import Iterable, Iterator, Mapping as Dictionary
from functools import cached_property
from typing import Any

from msgspec import Struct

from mapper import codes
from mapper.converters import CONVERTERS, Conversion, ConverterError, chain, conversion
from mapper.diagnostics import Diagnostic, Span
from mapper.expr import Expr, mentions
from mapper.model import (
    Access,
    Constant,
    ConstantRule,
    ConverterUse,
    Default,
    Expression,
    ExpressionRule,
    FieldRule,
    ListRule,
    Mapping,
    ObjectRule,
    OnlyRule,
    Path,
    SlotsRule,
    Unset,
    ValueRule,
)
from mapper.policy import Policy, write_policy
from mapper.schema import Schema
from mapper.values import ABSENT, Names, Steps, contains, copy, store


class Leaf(Struct, frozen=True):
    """One value: ``get`` and ``put`` are expressions over the value itself; None keeps it."""

    common: Steps
    access: Access
    span: Span
    vendor: Steps
    get: Expr | None
    put: Expr | None
    unset: Unset
    default: Default
    values: tuple[Any, ...] | None
    """The only values that the vendor lets be written, or None."""
    types: frozenset[str]
    """The JSON types that the vendor's schema gives the value; none if it does not know it."""
    rule: ValueRule
    """What the author wrote."""


class Write(Struct, frozen=True):
    """One vendor path of a formula, and the common paths that its value depends on."""

    vendor: Steps
    expression: Expression
    mentions: tuple[Steps, ...]


class Formula(Struct, frozen=True):
    """Expressions over the surrounding objects."""

    common: Steps
    access: Access
    span: Span
    read: Expression | None
    writes: tuple[Write, ...]
    rule: ExpressionRule
    """What the author wrote."""

    @property
    def mentions(self) -> tuple[Steps, ...]:
        """The common paths that the written values depend on."""
        return tuple(dict.fromkeys(steps for write in self.writes for steps in write.mentions))


class Fixed(Struct, frozen=True):
    """A common member with one value, whatever the vendor says."""

    common: Steps
    access: Access
    span: Span
    value: Any


class Group(Struct, frozen=True):
    """An object; without vendor steps its members stay in the surrounding vendor object."""

    common: Steps
    access: Access
    span: Span
    vendor: Steps
    members: tuple["Lowered", ...]
    unset: Unset


class Listing(Struct, frozen=True):
    """A list of objects; ``key`` is the leaf that tells its items apart, or None.

    ``sends_key`` says that the vendor wants that member in written items, read-only as it is.
    ``key_place`` is where the file names the key.
    """

    common: Steps
    access: Access
    span: Span
    vendor: Steps
    members: tuple["Lowered", ...]
    key: Leaf | None
    sends_key: bool
    unset: Unset
    key_place: Span | None = None


class Single(Struct, frozen=True):
    """A common list of the at most one object that the surrounding vendor object holds."""

    common: Steps
    access: Access
    span: Span
    members: tuple["Lowered", ...]


class Slots(Struct, frozen=True):
    """A common list over numbered places; a place whose ``mark`` reads unset holds nothing."""

    common: Steps
    access: Access
    span: Span
    slots: tuple[tuple["Lowered", ...], ...]
    mark: Steps
    when_full: frozenset[Steps]
    mark_place: Span | None = None
    """Where the file names the mark."""


Lowered = Leaf | Formula | Fixed | Group | Listing | Single | Slots


class LoweredMapping(Struct, frozen=True, dict=True):
    """Everything that an engine needs to run a mapping in both directions."""

    name: str
    rules: tuple[Lowered, ...]
    constants: tuple[Constant, ...]
    vendor: Schema
    tables: Dictionary[str, Dictionary[str, str]]

    @cached_property
    def policy(self) -> Policy:
        """What the vendor lets be written; reading needs none of it."""
        return write_policy(self.vendor)


class _Surroundings(Struct, frozen=True):
    """What surrounds a rule limits it.

    Attributes:
        schema: Of the surrounding vendor object; None where the schema does not know it.
        access: Of the rules around it, which holds for the members too; READ in it stays READ.
        written: What the vendor lets be written there: READ for nothing, CREATE when creating.
        picked: The member that is written of the object whether or not it can be, as ``x-write-as``
            says of the items of a list.
    """

    schema: Schema | None
    access: Access
    written: Access
    picked: str | None = None

    def at(self, steps: Steps, access: Access) -> "_Surroundings":
        """Return the surroundings that the vendor object at *steps* is, under a rule's *access*."""
        schema, written = self.schema, self.written
        for depth, step in enumerate(steps):
            schema = schema.member(step) if schema is not None else None
            if depth or step != self.picked:
                written = _limit(written, schema)
        return _Surroundings(schema, access, written, None if steps else self.picked)


def _limit(written: Access, schema: Schema | None) -> Access:
    if schema is None or written is Access.READ:
        return written
    if schema.is_read_only:
        return Access.READ
    return Access.CREATE if schema.annotation("x-write") == "create" else written


def lower_mapping(
    mapping: Mapping, vendor: Schema, tables: Dictionary[str, Dictionary[str, str]]
) -> tuple[LoweredMapping, tuple[Diagnostic, ...]]:
    """Return the lowered form of *mapping* over the *vendor* schema, and what is wrong with it."""
    findings: list[Diagnostic] = []
    around = _Surroundings(vendor, Access.READ_WRITE, _limit(Access.READ_WRITE, vendor))
    rules = _lower_all(mapping.fields, around, findings)
    for constant in mapping.constants:
        _refuse_constant(constant, around.at(constant.vendor.steps, Access.CREATE), findings)
    return LoweredMapping(mapping.name, rules, mapping.constants, vendor, tables), tuple(findings)


def inner_rules(rule: Lowered) -> tuple[tuple[Lowered, ...], ...]:
    """Return the groups of rules that *rule* holds: several for slots, none for a value."""
    match rule:
        case Group(members=members) | Listing(members=members) | Single(members=members):
            return (members,)
        case Slots(slots=slots):
            return slots
        case _:
            return ()


def targets(rule: Lowered) -> Iterator[Steps]:
    """Yield the vendor paths that *rule* itself writes, whatever is in it."""
    match rule:
        case Leaf(vendor=steps) | Group(vendor=steps) | Listing(vendor=steps):
            yield steps
        case Formula(writes=writes):
            yield from (write.vendor for write in writes)
        case _:
            pass


def members_of(slot: Iterable[Lowered], rule: Slots, *, full: bool) -> tuple[Lowered, ...]:
    """Return the rules of *slot* that apply; some do only if every slot is filled."""
    return tuple(each for each in slot if full or each.common not in rule.when_full)


def constants_of(members: Iterable[Lowered]) -> dict[str, Any]:
    """Return what *members* read whatever the vendor says, in the objects of groups too.

    The item of a :class:`Single` that holds nothing else is not there.
    """
    constants: dict[str, Any] = {}
    for rule in members:
        if rule.access is Access.WRITE:
            continue
        if isinstance(rule, Fixed):
            store(constants, rule.common, copy(rule.value))
        elif isinstance(rule, Group) and (inner := constants_of(rule.members)):
            store(constants, rule.common, inner)
    return constants


def is_made_empty(rule: Group) -> bool:
    """Whether an object of *rule* is made at the vendor though nothing of it is written there.

    It reads as something all the same: constants, and lists over places.
    """
    return rule.access is not Access.READ and _reads_of_nothing(rule.members)


def _reads_of_nothing(members: Iterable[Lowered]) -> bool:
    """Whether *members* read something of a vendor object that holds nothing."""
    return any(
        isinstance(rule, Fixed | Single | Slots)
        or (isinstance(rule, Group) and not rule.vendor and _reads_of_nothing(rule.members))
        for rule in members
        if rule.access is not Access.WRITE
    )


def names_within(rules: Iterable[Lowered]) -> Names:
    """Return all the members that objects of *rules*, and items of lists in them, have."""
    found: Names = {}
    for rule in rules:
        inner = found
        for step in rule.common:
            inner = inner.setdefault(step, {})
        for members in inner_rules(rule):
            _merge_names(inner, names_within(members))
    return found


def _merge_names(names: Names, others: Names) -> None:
    for name, inner in others.items():
        _merge_names(names.setdefault(name, {}), inner)


def item_signs(members: Iterable[Lowered], *, creating: bool) -> tuple[Steps, ...]:
    """Return the paths of which the one item of a :class:`Single` has to have one.

    With none of them it would read as no item. There are none if it never does.
    """
    if _stays(members, creating=creating):
        return ()
    return tuple(_signs(members, ()))


def _signs(members: Iterable[Lowered], at: Steps) -> Iterator[Steps]:
    for rule in members:
        if isinstance(rule, Group):
            yield from _signs(rule.members, (*at, *rule.common))
        elif not isinstance(rule, Fixed) and rule.access is not Access.WRITE:
            yield (*at, *rule.common)


def _stays(members: Iterable[Lowered], *, creating: bool) -> bool:
    """Whether *members* read as something whatever is written: a default, or an empty list."""
    return any(
        (isinstance(rule, Single | Slots) and rule.access is not Access.WRITE)
        or (isinstance(rule, Leaf) and rule.default.read is not ABSENT)
        or (isinstance(rule, Leaf) and creating and rule.default.create is not ABSENT)
        or (isinstance(rule, Group) and not rule.vendor and _stays(rule.members, creating=creating))
        for rule in members
    )


def can_clear(unset: Unset) -> bool:
    """Whether "no value" can be written so that it reads as no value."""
    return unset.clear is not ABSENT and contains(unset.read, unset.clear)


def nulls(members: Iterable[Lowered]) -> dict[str, Any]:
    """Return a common object that clears each of *members* in a request."""
    cleared: dict[str, Any] = {}
    for member in members:
        if member.access in (Access.READ_WRITE, Access.WRITE) and not isinstance(member, Fixed):
            store(cleared, member.common, None)
    return cleared


def _lower_all(
    fields: tuple[FieldRule, ...], around: _Surroundings, findings: list[Diagnostic]
) -> tuple[Lowered, ...]:
    return tuple(_lower(rule, around, findings) for rule in fields)


def _lower(rule: FieldRule, around: _Surroundings, findings: list[Diagnostic]) -> Lowered:
    own = around.access is Access.READ_WRITE or rule.access is Access.READ
    access = rule.access if own else around.access
    common, span = rule.common.steps, rule.common.span
    match rule:
        case ValueRule():
            return _leaf(rule, access, around, findings)
        case ExpressionRule():
            return _formula(rule, access, around, findings)
        case ConstantRule():
            return Fixed(common, access, span, rule.value)
        case ObjectRule():
            steps = rule.vendor.steps if rule.vendor else ()
            members = _lower_inside(rule, rule.fields, around.at(steps, access), findings)
            return Group(common, access, span, steps, members, rule.unset)
        case ListRule():
            return _listing(rule, access, around, findings)
        case OnlyRule():
            members = _lower_inside(rule, rule.fields, around.at((), access), findings)
            return Single(common, access, span, members)
        case SlotsRule():
            inner = around.at((), access)
            slots = tuple(_lower_all(slot, inner, findings) for slot in rule.slots)
            full = frozenset(path.steps for path in rule.when_full)
            mark, place = rule.empty.steps, rule.empty.span
            return Slots(common, access, span, slots, mark, full, place)


def _refuse_read_only(
    vendor: Path, access: Access, written: Access, findings: list[Diagnostic]
) -> None:
    if access is Access.READ or written is Access.READ_WRITE:
        return
    if written is Access.READ or access is not Access.CREATE:
        how = "read" if written is Access.READ else "written when creating"
        message = f"{vendor} can only be {how}, and this rule writes it"
        hint = _advice(written)
        findings.append(Diagnostic(codes.WRITES_READ_ONLY, message, vendor.span, hint=hint))


def _refuse_constant(constant: Constant, around: _Surroundings, findings: list[Diagnostic]) -> None:
    if around.written is Access.READ:
        message = f"{constant.vendor} can only be read, and this constant writes it"
        place, hint = constant.vendor.span, "take the constant out"
        findings.append(Diagnostic(codes.WRITES_READ_ONLY, message, place, hint=hint))


def _advice(written: Access) -> str:
    return f"give the rule `access: {written}`, or correct the schema"


def _is_refusal(found: Diagnostic) -> bool:
    return found.rule is codes.WRITES_READ_ONLY


def _lower_inside(
    holder: ObjectRule | OnlyRule,
    fields: tuple[FieldRule, ...],
    around: _Surroundings,
    findings: list[Diagnostic],
) -> tuple[Lowered, ...]:
    """Return the lowered members of *holder*; if none of them may write, that is said once."""
    members: list[Lowered] = []
    inside: list[Diagnostic] = []
    wholly = True
    for rule in fields:
        own: list[Diagnostic] = []
        lowered = _lower(rule, around, own)
        members.append(lowered)
        inside += own
        wholly = wholly and _is_refused(rule, lowered, [each for each in own if _is_refusal(each)])
    refusals = [each for each in inside if _is_refusal(each)]
    hints = {each.hint for each in refusals}
    if not wholly or len(hints) != 1:
        findings += inside
        return tuple(members)
    vendor = holder.vendor if isinstance(holder, ObjectRule) else None
    how = "read" if hints == {_advice(Access.READ)} else "written when creating"
    message = f"all that {vendor or holder.common} holds can only be {how}"
    message += ", and the rules in it write it"
    hint = refusals[0].hint
    findings += [each for each in inside if not _is_refusal(each)]
    findings.append(Diagnostic(codes.WRITES_READ_ONLY, message, holder.common.span, hint=hint))
    return tuple(members)


def _is_refused(rule: FieldRule, lowered: Lowered, refusals: list[Diagnostic]) -> bool:
    """Whether nothing of what a rule writes may be written, as *refusals* tell; or it reads."""
    if lowered.access is Access.READ or isinstance(lowered, Fixed):
        return True
    match rule:
        case ValueRule():
            return bool(refusals)
        case ExpressionRule(to_vendor=writes):
            return len(refusals) == len(writes)
        case ListRule(vendor=vendor):
            return any(each.span == vendor.span for each in refusals)
        case _:
            return [each.span for each in refusals] == [rule.common.span]


def _leaf(
    rule: ValueRule, access: Access, around: _Surroundings, findings: list[Diagnostic]
) -> Leaf:
    parts = _conversions(rule.convert, findings)
    whole = chain([each for each, _ in parts]) if parts else None
    member = around.at(rule.vendor.steps, access)
    _refuse_read_only(rule.vendor, access, member.written, findings)
    one_way = next((use for part, use in parts if part.put is None), None)
    if one_way is not None and access is not Access.READ:
        message = f"{rule.common} can be written, and {one_way.name} has no way back"
        findings.append(Diagnostic(codes.NO_WAY_BACK, message, one_way.span))
    values = member.schema.annotation("x-write-enum") if member.schema is not None else None
    return Leaf(
        rule.common.steps,
        access,
        rule.common.span,
        rule.vendor.steps,
        whole.get if whole else None,
        whole.put if whole else None,
        rule.unset,
        rule.default,
        None if values is None else tuple(values),
        member.schema.kinds if member.schema is not None else frozenset(),
        rule,
    )


def _conversions(
    uses: tuple[ConverterUse, ...], findings: list[Diagnostic]
) -> list[tuple[Conversion, ConverterUse]]:
    parts: list[tuple[Conversion, ConverterUse]] = []
    for use in uses:
        try:
            parts.append((conversion(use.name, use.parameters), use))
        except ConverterError as error:
            rule = codes.BAD_PARAMETERS if use.name in CONVERTERS else codes.UNKNOWN_NAME
            place = use.place(error.parameter)
            findings.append(Diagnostic(rule, error.message, place, hint=error.hint))
    return parts


def _formula(
    rule: ExpressionRule, access: Access, around: _Surroundings, findings: list[Diagnostic]
) -> Formula:
    for path, _ in rule.to_vendor:
        written = around.at(path.steps, access).written
        _refuse_read_only(path, access, written, findings)
    writes = tuple(
        Write(path.steps, expression, mentions(expression.tree))
        for path, expression in rule.to_vendor
    )
    return Formula(rule.common.steps, access, rule.common.span, rule.from_vendor, writes, rule)


def _listing(
    rule: ListRule, access: Access, around: _Surroundings, findings: list[Diagnostic]
) -> Listing:
    listed = around.at(rule.vendor.steps, access)
    _refuse_read_only(rule.vendor, access, listed.written, findings)
    items = listed.schema.items() if listed.schema is not None else None
    written_as = listed.schema.annotation("x-write-as") if listed.schema is not None else None
    picked = written_as.get("items") if isinstance(written_as, dict) else None
    inner = _Surroundings(items, access, _limit(listed.written, items), picked)
    refused = bool(findings) and findings[-1].span == rule.vendor.span
    inside: list[Diagnostic] = []
    members = _lower_all(rule.each, inner, inside)
    findings += [each for each in inside if not (refused and _is_refusal(each))]
    key = None
    if rule.key is not None:
        key = next(each for each in members if each.common == rule.key.steps)
    return Listing(
        rule.common.steps,
        access,
        rule.common.span,
        rule.vendor.steps,
        members,
        key if isinstance(key, Leaf) else None,
        listed.schema is not None and listed.schema.annotation("x-sends-key") is not None,
        rule.unset,
        rule.key.span if rule.key is not None else None,
    )
