"""Where the schemas, and the rules around, say what a finding is about."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, Label, Rule, Span
from mapper.expr import mentions, parse
from mapper.functions import FUNCTIONS
from mapper.lower import Fixed, Formula, Group, Leaf, Listing, Lowered, LoweredMapping, inner_rules
from mapper.model import Invariant, show_path
from mapper.schema import Schema, Schemas, items_of
from mapper.schema.labels import COMMON, VENDOR, Keywords, place, places
from mapper.values import Steps

_SHOWN = 2
"""So many members of one schema are shown; a formula may name many."""

_MEMBERS: Keywords = ("properties",)
"""What findings about members that are not there are about: the members that are."""

_SAID: dict[Rule, tuple[Keywords | None, Keywords | None]] = {
    codes.UNKNOWN_COMMON_PATH: (None, _MEMBERS),
    codes.UNKNOWN_VENDOR_PATH: (_MEMBERS, None),
    codes.WRITES_READ_ONLY: (("readOnly", "x-write", "x-computed"), None),
    codes.STALE_IGNORE: (None, None),
    codes.NO_WAY_BACK: (None, None),
    codes.UNLAWFUL_UNSET: (None, None),
    codes.NO_PARTNER: (("enum", "const"), ()),
    codes.NO_PARTNER_BACK: ((), ("enum", "const")),
    codes.REQUIRED_UNFILLED: (("required",), ("required",)),
    codes.WRONG_ZONE: (("x-zone",), None),
    codes.WRONG_TARGET: (("x-target",), ("x-target",)),
    codes.WRONG_UNIT: (("x-unit",), ("x-unit",)),
}
"""Which keywords of the vendor's and the canonical schema findings are about; None: not of it.

Other findings about rules are about all that the schemas say of a value.
"""
_OF_VALUES = frozenset(
    (
        codes.UNLAWFUL_UNSET,
        codes.VALUE_REFUSED,
        codes.READ_MISFIT,
        codes.WRITTEN_MISFIT,
        codes.WRITTEN_AS_UNSET,
    )
)
"""The findings on which unset spellings and invariants bear."""
_ABOUT_RULES = ("M2", "M3", "M41")
"""How the codes of findings about rules begin."""


class _Reached(Struct, frozen=True):
    """What a path leads to in a schema, or the object in which it leads nowhere further.

    ``name`` is what the object *around* calls it.
    """

    schema: Schema
    around: Schema
    is_there: bool = True
    name: str = ""

    def in_branch(self, side: str) -> "_Reached":
        """Return it in the branch that lets it be missing, of the vendor's, or that requires it."""
        around = _branch(self.around, self.name, requiring=side == COMMON)
        if around is self.around:
            return self
        return _Reached(around.member(self.name) or around, around, name=self.name)


class _Sides(Struct, frozen=True):
    """A rule, by where it begins, and what it relates.

    ``uses`` are where the fragments around it are used, the innermost first.
    """

    span: Span
    vendor: tuple[_Reached, ...]
    common: _Reached | None
    paths: tuple[str, ...]
    uses: tuple[Span, ...] = ()
    sayings: tuple[Label, ...] = ()
    """What the mapping and the resource say elsewhere and the rule heeds."""


def with_schemas(
    found: Iterable[Diagnostic],
    mapping: LoweredMapping,
    common: Schema,
    schemas: Schemas,
    invariants: Iterable[Invariant] = (),
) -> Iterator[Diagnostic]:
    """Yield findings, those about a rule with the places of both schemas that it leads to.

    *common* is the schema of the common object, of which the *invariants* are true, and *schemas*
    know where schemas stand.
    """
    found = tuple(found)
    if not found:  # then nobody needs to know where the rules are
        return
    said = tuple(_conditions(mapping.vendor, invariants, schemas))
    rules = _Rules(
        [*_sides(mapping.rules, mapping.vendor, common, said=said), *_constants(mapping)]
    )
    for each in found:
        of_rule = each.rule.code.startswith(_ABOUT_RULES)
        if each.span is None or each.labels or not of_rule:
            yield each
            continue
        rule = rules.behind(each, each.span)
        labels = _labels(each, rule, schemas) if rule is not None else ()
        yield each._replace(labels=tuple(dict.fromkeys(labels)))


def reach(schema: Schema, steps: Steps) -> Schema | None:
    """Return the schema at *steps*, those in the items of lists continuing the list's path."""
    inside: Schema | None = schema
    for step in steps:
        inside = (items_of(inside) or inside).member(step) if inside is not None else None
    return inside


class _Rules:
    """Rules by where they begin; at one place there are as many as an alias repeats."""

    def __init__(self, sides: Iterable[_Sides]) -> None:
        self._rules: dict[tuple[int, int], list[_Sides]] = {}
        self._named: dict[tuple[int, int], dict[str, _Sides]] = {}
        for each in sides:
            self._rules.setdefault(_begin(each.span), []).append(each)
            named = self._named.setdefault(_begin(each.span), {})
            for path in each.paths:
                named.setdefault(path, each)
        self._begins = sorted(self._rules)

    def behind(self, found: Diagnostic, span: Span) -> _Sides | None:
        """Return the rule that a finding at *span* is about: of several the one that it names."""
        after = bisect_right(self._begins, _begin(span))
        begin = self._begins[after - 1] if after else None
        if begin is None or begin[0] != id(span.source):
            return None
        named = self._named[begin]
        words = (word for word in found.message.split() if word in named)
        word = next(words, None)
        return self._rules[begin][0] if word is None else named[word]


def _begin(span: Span) -> tuple[int, int]:
    """Return what tells where a span begins: each use of a fragment has a source of its own."""
    return id(span.source), span.start


def _branch(around: Schema, name: str, *, requiring: bool) -> Schema:
    """Return the first branch of a union that requires a member, or does not; else *around*."""
    for each in around.branches:
        if each.kinds != {"null"} and (name in each.required) is requiring:
            return _branch(each, name, requiring=requiring)
    return around


def _reached(schema: Schema | None, steps: Steps) -> _Reached | None:
    """Return what *steps* lead to, None below what is unknown."""
    around = inside = schema
    for step in steps:
        if inside is None or around is None:
            return None
        around = inside
        member = inside.member(step)
        if member is None:
            return _Reached(inside, inside, is_there=False)
        inside = member
    if inside is None or around is None:
        return None
    return _Reached(inside, around, name=steps[-1] if steps else "")


def _sides(
    rules: Iterable[Lowered],
    vendor: Schema | None,
    common: Schema | None,
    uses: tuple[Span, ...] = (),
    said: tuple["_Condition", ...] = (),
) -> Iterator[_Sides]:
    for rule in rules:
        made = _reached(common, rule.common)
        paths = _vendor_paths(rule)
        reached = [each for steps in paths if (each := _reached(vendor, steps)) is not None]
        named = (*map(show_path, paths), show_path(rule.common))
        sayings = tuple(_sayings(rule, paths, said))
        yield _Sides(rule.span, tuple(reached), made, named, uses, sayings)
        inner, ours = vendor, made.schema if made is not None and made.is_there else None
        match rule:
            case Group(vendor=(_, *_)) | Listing():
                inner = reached[0].schema if reached and reached[0].is_there else None
            case _:
                pass
        if isinstance(rule, Listing):
            inner = items_of(inner)
        if not isinstance(rule, Group):
            ours = items_of(ours)
        for members in inner_rules(rule):
            # A member that an overlay adds stands elsewhere, too, but the others do not.
            stays = any(each.span.source is rule.span.source for each in members)
            elsewhere = bool(members) and not stays
            yield from _sides(members, inner, ours, (rule.span, *uses) if elsewhere else uses)


class _Condition(Struct, frozen=True):
    """An invariant of the vendor or the common object: what it mentions, and where it stands."""

    mentions: frozenset[Steps]
    label: Label
    of_vendor: bool


def _conditions(
    vendor: Schema, invariants: Iterable[Invariant], schemas: Schemas
) -> Iterator[_Condition]:
    for code, text in vendor.annotation("x-invariants", {}).items():
        at = schemas.said(vendor, "x-invariants", code)
        if at is not None:
            found = frozenset(mentions(parse(text, FUNCTIONS)))
            yield _Condition(found, Label(at, "what is true of every payload"), of_vendor=True)
    for each in invariants:
        expression = each.expression
        at = expression.whole
        label = Label(at, f"the invariant {each.code}")
        yield _Condition(frozenset(mentions(expression.tree)), label, of_vendor=False)


def _sayings(rule: Lowered, vendor: Iterable[Steps], said: Iterable[_Condition]) -> Iterator[Label]:
    """Yield what else decides what a rule reads and writes: unset spellings, and invariants."""
    if isinstance(rule, Leaf | Group | Listing) and rule.unset.named is not None:
        yield Label(rule.unset.named, "its `unset`")
    if isinstance(rule, Formula):
        for each in said:
            of = vendor if each.of_vendor else rule.mentions
            if not each.mentions.isdisjoint(of):
                yield each.label


def _constants(mapping: LoweredMapping) -> Iterator[_Sides]:
    for constant in mapping.constants:
        reached = _reached(mapping.vendor, constant.vendor.steps)
        paths = (show_path(constant.vendor.steps),)
        yield _Sides(constant.vendor.span, (reached,) if reached else (), None, paths)


def _vendor_paths(rule: Lowered) -> list[Steps]:
    match rule:
        case Leaf(vendor=steps) | Listing(vendor=steps):
            return [steps]
        case Group(vendor=steps):
            return [steps] if steps else []
        case Formula(read=read, writes=writes):
            paths = [write.vendor for write in writes]
            paths += mentions(read.tree) if read is not None else ()
            return list(dict.fromkeys(paths))
        case Fixed() | _:
            return []


def _labels(found: Diagnostic, rule: _Sides, schemas: Schemas) -> Iterator[Label]:
    theirs, ours = _SAID.get(found.rule, ((), ()))
    if theirs is not None:
        yield from _of_side(rule.vendor, VENDOR, theirs, schemas)
    if ours is not None and rule.common is not None:
        yield from _of_side((rule.common,), COMMON, ours, schemas)
    if found.rule in _OF_VALUES or found.rule.code.startswith("M2"):
        yield from rule.sayings
    yield from (Label(use, "where the fragment is used") for use in rule.uses)


def _of_side(
    reached: Iterable[_Reached], side: str, keywords: Keywords, schemas: Schemas
) -> Iterator[Label]:
    of_absent = keywords == _MEMBERS
    for each in [one for one in reached if one.is_there is not of_absent][:_SHOWN]:
        if of_absent:
            members = schemas.said(each.schema, "properties")
            yield from (
                place(schemas, each.schema, side) if members is None else (Label(members, side),)
            )
        else:
            shown = each.in_branch(side) if "required" in keywords else each
            yield from places(schemas, shown.schema, side, keywords, shown.around)
