"""What of a mapping was exercised, and what of its schemas it covers."""

import json
from collections.abc import Iterable, Iterator, Set as AbstractSet
from typing import Any, Literal, NamedTuple

from msgspec import Struct, field

from mapper import codes
from mapper.diagnostics import Diagnostic, Span
from mapper.lower import Fixed, Formula, Leaf, Listing, Lowered, Single, Slots
from mapper.model import (
    Access,
    FieldRule,
    ListRule,
    ObjectRule,
    OnlyRule,
    SlotsRule,
    ValueRule,
    show_path,
)
from mapper.paths import common_leaves, vendor_paths
from mapper.running import Mapper
from mapper.schema import Schema, descend, items_of
from mapper.values import ABSENT, Steps, contains, equal, find

NAMED = 10
"""How many places a finding names."""

Direction = Literal["from_vendor", "to_vendor"]
Origin = Literal["examples", "corpus"]


class Point(NamedTuple):
    """What should be exercised: a rule in one direction, with each value of an enumeration.

    Attributes:
        path: The rule's common path, as people write it; a slot is counted from 1.
        direction: ``from_vendor`` or ``to_vendor``.
        value: The value as JSON: the vendor's when reading, the common one when writing.
    """

    path: str
    direction: Direction
    value: str | None = None

    def __str__(self) -> str:
        shown = "" if self.value is None else f" = {self.value}"
        return f"{self.path} {self.direction}{shown}"


class Figure(NamedTuple):
    """How much of something is covered."""

    name: str
    covered: int
    missing: tuple[str, ...]

    @property
    def of(self) -> int:
        return self.covered + len(self.missing)

    @property
    def percent(self) -> float:
        return 100 * self.covered / self.of if self.of else 100.0


class Coverage(Struct):
    """Collects what is exercised of one mapping; it begins with everything not exercised."""

    mapper: Mapper
    points: dict[Point, set[Origin]]
    recorded: dict[Steps, int] = field(default_factory=dict)
    """How many recorded payloads have the member at each vendor path."""

    @classmethod
    def of(cls, mapper: Mapper) -> "Coverage":
        """Return that of a mapper; of an overlay's only the points of its own rules.

        What it extends has the others, and examples for them.
        """
        points = _points(mapper)
        if mapper.mapping.layers:
            own = mapper.mapping.layers[-1]
            paths = tuple(map(show_path, (*own.adds, *own.replaces)))
            points = (each for each in points if any(_is_in(each.path, path) for path in paths))
        return cls(mapper, {point: set() for point in points})

    def read(self, payload: dict[str, Any], common: dict[str, Any], origin: Origin) -> None:
        """Count that *payload* was read as *common*."""
        for path, value in _exercised_reading(self.mapper.lowered.rules, payload, common, ""):
            self._count(path, "from_vendor", value, origin)

    def written(self, old: dict[str, Any] | None, common: dict[str, Any], origin: Origin) -> None:
        """Count that *common* was written where *old* was; None is creating."""
        for path, value in _exercised_writing(self.mapper.lowered.rules, old, common, ""):
            self._count(path, "to_vendor", value, origin)

    def seen(self, payload: dict[str, Any]) -> None:
        """Count the members that a recorded payload has."""
        for steps in set(_leaves_in(payload)):
            self.recorded[steps] = self.recorded.get(steps, 0) + 1

    def _count(self, path: str, direction: Direction, value: Any, origin: Origin) -> None:
        shown = None if value is ABSENT else _json(value)
        for point in (Point(path, direction), Point(path, direction, shown)):
            if point in self.points:
                self.points[point].add(origin)

    # Figures --------------------------------------------------------------------------------------

    def figures(self) -> tuple[Figure, ...]:
        """Return how much is covered: of both schemas, of recorded payloads, and exercised."""
        mapping, rules = self.mapper.mapping, self.mapper.lowered.rules
        vendor = {*vendor_paths(rules)} | {each.vendor.steps for each in mapping.constants}
        common = common_leaves(rules)
        wanted = self._wanted(_leaves(self.mapper.vendor_schema))
        seen = self._wanted(self.recorded)
        missing = tuple(str(point) for point, origins in self.points.items() if not origins)
        return (
            _figure("vendor members mapped", wanted, vendor),
            _figure("common members mapped", _leaves(self.mapper.common_schema), common),
            _figure("recorded members mapped", seen, vendor),
            Figure("exercised", len(self.points) - len(missing), missing),
        )

    def _wanted(self, paths: Iterable[Steps]) -> list[Steps]:
        """Return those of *paths* that the mapping does not ignore."""
        ignored = {each.vendor.steps for each in self.mapper.mapping.ignore}
        return [steps for steps in paths if not any(_begins(steps, each) for each in ignored)]

    def below(self, bar: float, *, recorded: bool = False) -> Iterator[Diagnostic]:
        """Yield M422 for each figure that is below *bar* percent, with what is missing.

        If there is a *recorded* corpus, a mapping of which it holds nothing is below every bar.
        """
        if recorded and not self.recorded:
            message = f"{self.mapper.name}: the corpus holds no recorded payload of it"
            hint = "record an answer of the vendor, or name the mappings that the corpus is for"
            yield Diagnostic(codes.UNCOVERED, message, self.mapper.mapping.span, hint=hint)
        for figure in self.figures():
            if figure.percent < bar:
                named = ", ".join(figure.missing[:NAMED])
                more = len(figure.missing) - NAMED
                named += f" and {more} more" if more > 0 else ""
                message = (
                    f"{self.mapper.name}: {figure.name}: {figure.percent:.1f} %, "
                    f"below {bar:g} %; not covered: {named}"
                )
                yield Diagnostic(codes.UNCOVERED, message, self.mapper.mapping.span)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as a JSON object."""
        figures = {
            figure.name: {
                "covered": figure.covered,
                "of": figure.of,
                "percent": round(figure.percent, 2),
                "missing": list(figure.missing),
            }
            for figure in self.figures()
        }
        points = [
            {
                "rule": point.path,
                "direction": point.direction,
                "value": None if point.value is None else json.loads(point.value),
                "exercisedBy": sorted(origins),
            }
            for point, origins in self.points.items()
        ]
        recorded = {show_path(steps): count for steps, count in sorted(self.recorded.items())}
        ignored = [str(each.vendor) for each in self.mapper.mapping.ignore]
        return {"figures": figures, "points": points, "recorded": recorded, "ignored": ignored}


def _is_in(path: str, outer: str) -> bool:
    """Whether the rule at *path* is the one at *outer*, or in it."""
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def _figure(name: str, wanted: Iterable[Steps], covered: AbstractSet[Steps]) -> Figure:
    all_of = list(wanted)
    missing = [
        steps
        for steps in all_of
        if not any(_begins(steps, each) or _begins(each, steps) for each in covered)
    ]
    return Figure(name, len(all_of) - len(missing), tuple(map(show_path, missing)))


def _begins(steps: Steps, beginning: Steps) -> bool:
    return steps[: len(beginning)] == beginning


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


# Members ------------------------------------------------------------------------------------------


def _leaves(schema: Schema, at: Steps = ()) -> Iterator[Steps]:
    """Yield the paths of the members that hold no others, those of items below their list's."""
    for name, member in schema.members().items():
        inner = member
        while (items := inner.items()) is not None:
            inner = items
        if inner.members():
            yield from _leaves(inner, (*at, name))
        else:
            yield (*at, name)


def _leaves_in(value: Any, at: Steps = ()) -> Iterator[Steps]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _leaves_in(member, (*at, name))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for item in value:
            yield from _leaves_in(item, at)
    elif at:
        yield at


# Points -------------------------------------------------------------------------------------------


def _points(mapper: Mapper) -> Iterator[Point]:
    tables = dict(_value_tables(mapper.mapping.fields))
    yield from _points_of(
        mapper.lowered.rules, mapper.vendor_schema, mapper.common_schema, "", tables
    )


_Tables = dict[Span, dict[Any, list[Any]]]


def _points_of(
    rules: Iterable[Lowered],
    vendor: Schema | None,
    common: Schema | None,
    at: str,
    tables: _Tables,
) -> Iterator[Point]:
    for rule in rules:
        path = _joined(at, rule.common)
        inner = descend(common, rule.common)
        member = descend(vendor, rule.vendor) if isinstance(rule, Leaf) else None
        match rule:
            case Leaf() | Formula() | Fixed():
                table = tables.get(rule.span)
                if _reads(rule):
                    values = _read_values(rule, member, table)
                    yield from _each(path, "from_vendor", values)
                if _writes(rule):
                    yield from _each(path, "to_vendor", _written_values(rule, inner, table))
            case Slots(slots=slots):
                items = items_of(inner)
                for number, slot in enumerate(slots, 1):
                    yield from _points_of(slot, vendor, items, f"{path}[{number}]", tables)
            case Single(members=members):
                yield from _points_of(members, vendor, items_of(inner), path, tables)
            case Listing(vendor=steps, members=members):
                items = items_of(descend(vendor, steps))
                yield from _points_of(members, items, items_of(inner), path, tables)
            case _:
                below = descend(vendor, rule.vendor)
                yield from _points_of(rule.members, below, inner, path, tables)


def _each(path: str, direction: Direction, values: Iterable[Any]) -> Iterator[Point]:
    listed = [Point(path, direction, _json(value)) for value in values]
    yield from listed or [Point(path, direction)]


def _joined(at: str, steps: Steps) -> str:
    return f"{at}.{show_path(steps)}" if at else show_path(steps)


def _reads(rule: Leaf | Formula | Fixed) -> bool:
    return rule.access is not Access.WRITE and not (isinstance(rule, Formula) and not rule.read)


def _writes(rule: Leaf | Formula | Fixed) -> bool:
    if isinstance(rule, Fixed) or rule.access is Access.READ:
        return False
    return isinstance(rule, Leaf) or bool(rule.writes)


def _read_values(
    rule: Leaf | Formula | Fixed, member: Schema | None, table: dict[Any, list[Any]] | None
) -> list[Any]:
    """Return the vendor's values that the rule tells apart."""
    if not isinstance(rule, Leaf):
        return []
    if table is not None:
        return [spelling for spellings in table.values() for spelling in spellings]
    listed = (member.enum if member else None) or ()
    return [value for value in listed if value is not None and not contains(rule.unset.read, value)]


def _written_values(
    rule: Leaf | Formula | Fixed, member: Schema | None, table: dict[Any, list[Any]] | None
) -> list[Any]:
    """Return the common values that the rule tells apart, as far as they can be written."""
    if table is None:
        listed = (member.enum if member else None) or ()
        return [value for value in listed if value is not None]
    allowed = rule.values if isinstance(rule, Leaf) else None
    return [
        value
        for value, spellings in table.items()
        if spellings and (allowed is None or contains(allowed, spellings[0]))
    ]


def _value_tables(fields: Iterable[FieldRule]) -> Iterator[tuple[Span, dict[Any, list[Any]]]]:
    """Yield what ``values`` converters list, by the place of their rule."""
    for rule in fields:
        match rule:
            case ValueRule(convert=uses):
                for use in uses:
                    if use.name == "values" and len(uses) == 1 and isinstance(use.parameters, dict):
                        yield rule.common.span, use.parameters
            case ObjectRule(fields=members) | OnlyRule(fields=members) | ListRule(each=members):
                yield from _value_tables(members)
            case SlotsRule(slots=slots):
                for slot in slots:
                    yield from _value_tables(slot)
            case _:
                pass


# What is exercised --------------------------------------------------------------------------------

_Exercised = Iterator[tuple[str, Any]]
"""Paths of rules, each with the value that it met."""


def _exercised_reading(rules: Iterable[Lowered], vendor: Any, common: Any, at: str) -> _Exercised:
    for rule in rules:
        path, given = _joined(at, rule.common), find(common, rule.common)
        match rule:
            case Leaf():
                value = find(vendor, rule.vendor)
                if _has_value(rule, vendor):
                    yield path, value
            case Formula() | Fixed():
                if given is not ABSENT:
                    yield path, given
            case Slots(slots=slots):
                full = all(_is_filled(rule, slot, vendor) for slot in slots)
                for number, slot in enumerate(slots, 1):
                    if _is_filled(rule, slot, vendor):
                        held = [each for each in slot if full or each.common not in rule.when_full]
                        yield from _exercised_reading(held, vendor, ABSENT, f"{path}[{number}]")
            case Single(members=members):
                yield from _exercised_reading(members, vendor, _first(given), path)
            case Listing(vendor=steps, members=members):
                items, listed = find(vendor, steps), given if isinstance(given, list) else []
                for index, item in enumerate(items if isinstance(items, list) else ()):
                    one = listed[index] if index < len(listed) else ABSENT
                    yield from _exercised_reading(members, item, one, path)
            case _:
                below = find(vendor, rule.vendor)
                yield from _exercised_reading(rule.members, below, given, path)


def _has_value(rule: Leaf, vendor: Any) -> bool:
    value = find(vendor, rule.vendor)
    return value is not ABSENT and value is not None and not contains(rule.unset.read, value)


def _is_filled(rule: Slots, slot: tuple[Lowered, ...], vendor: Any) -> bool:
    marks = (each for each in slot if each.common == rule.mark)
    return any(isinstance(each, Leaf) and _has_value(each, vendor) for each in marks)


def _exercised_writing(rules: Iterable[Lowered], old: Any, common: Any, at: str) -> _Exercised:
    """Yield what is written of *common*: what *old* has not, or all if that is None."""
    for rule in rules:
        path, given = _joined(at, rule.common), find(common, rule.common)
        before = None if old is None else find(old, rule.common)
        match rule:
            case Leaf() | Fixed():
                if _differs(before, given):
                    yield path, given
            case Formula(mentions=paths):
                inside = ((None if old is None else find(old, p), find(common, p)) for p in paths)
                if _differs(before, given) or any(_differs(*pair) for pair in inside):
                    yield path, given
            case Slots(slots=slots):
                items = given if isinstance(given, list) and _differs(before, given) else []
                for number, (slot, item) in enumerate(zip(slots, items, strict=False), 1):
                    yield from _exercised_writing(slot, None, item, f"{path}[{number}]")
            case Single(members=members):
                yield from _exercised_writing(members, _first(before), _first(given), path)
            case Listing(members=members):
                for item in given if isinstance(given, list) else ():
                    partner = _partner(rule, item, before)
                    yield from _exercised_writing(members, partner, item, path)
            case _:
                yield from _exercised_writing(rule.members, before, given, path)


def _first(items: Any) -> Any:
    return items[0] if isinstance(items, list) and items else None


def _differs(before: Any, given: Any) -> bool:
    if before is None:
        return given is not ABSENT
    if before is ABSENT or given is ABSENT:
        return before is not given
    return not equal(before, given)


def _partner(rule: Listing, item: Any, before: Any) -> Any:
    """Return the old item that *item* is; None for a new one."""
    for each in before if isinstance(before, list) else ():
        key = find(each, rule.key.common) if rule.key else each
        if key is not ABSENT and equal(key, find(item, rule.key.common) if rule.key else item):
            return each
    return None
