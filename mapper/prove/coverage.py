"""What of a mapping was exercised, and what of its schemas it covers."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set as AbstractSet
from typing import Any, NamedTuple

from msgspec import Struct, field

from mapper import codes
from mapper.diagnostics import Diagnostic, pointer_steps
from mapper.lower import Leaf
from mapper.model import show_path
from mapper.paths import common_leaves, placed, vendor_paths
from mapper.prove.exercise import (
    Met,
    cleared,
    defaulted,
    exercised_reading,
    exercised_writing,
)
from mapper.prove.listed import table_of
from mapper.prove.points import Direction, Mode, Point, as_json
from mapper.prove.refused import refused_points
from mapper.prove.wanted import points_of
from mapper.running import Mapper
from mapper.schema import Schema
from mapper.values import ABSENT, PathSet, Steps, contains, equal

NAMED = 10
"""How many places a finding names."""

Origin = str | None
"""What exercises a point: the example of that name, or, None, a recorded payload."""


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
    points: dict[Point, dict[Origin, None]]
    """What exercises each, in the order of the examples."""
    examples: list[str] = field(default_factory=list)
    """The names of the examples that were counted."""
    recorded: dict[Steps, int] = field(default_factory=dict)
    """How many recorded payloads have the member at each vendor path."""

    @classmethod
    def of(cls, mapper: Mapper) -> "Coverage":
        """Return that of a mapper; of an overlay's only the points of its own rules.

        What it extends has the others, and examples for them.
        """
        points = points_of(mapper)
        if mapper.mapping.layers:
            own = mapper.mapping.layers[-1]
            paths = tuple(map(show_path, (*own.adds, *own.replaces)))
            points = (each for each in points if any(_is_in(each.path, path) for path in paths))
        return cls(mapper, {point: {} for point in points})

    def read(self, payload: dict[str, Any], common: dict[str, Any], origin: Origin) -> None:
        """Count that *payload* was read as *common*."""
        lowered = self.mapper.lowered
        for met in exercised_reading(lowered.rules, payload, common, lowered.tables):
            self._count(met, "from_vendor", origin)

    def created(self, common: dict[str, Any], origin: Origin) -> None:
        """Count that *common* was created."""
        self._written("create", (None, None, common), origin)
        self._mark(Point("", "to_vendor", case="create"), origin)

    def updated(self, base: dict[str, Any], common: dict[str, Any], origin: Origin) -> None:
        """Count that *base*, a vendor document, was updated to *common*."""
        old = self.mapper.from_vendor(base)
        self._written("update", (base, old, common), origin)
        case = "unchanged" if equal(old, common) else "update"
        self._mark(Point("", "to_vendor", case=case), origin)

    def requested(self, body: dict[str, Any], origin: Origin) -> None:
        """Count that the *body* of a request was sent, and what it clears.

        It may have members that it does not write.
        """
        self._cleared(None, body, origin)
        self._mark(Point("", "to_vendor", case="request"), origin)

    def _written(self, mode: Mode, edit: tuple[Any, Any, Any], origin: Origin) -> None:
        """Count what an edit writes: a base, what it reads as, and what becomes of that."""
        rules, (_, old, common) = self.mapper.lowered.rules, edit
        for met in exercised_writing(rules, *edit):
            self._count(met, "to_vendor", origin)
            if met.value is not ABSENT and met.value is not None:
                self._mark(Point(met.path, "to_vendor", case=mode), origin)
        for path in defaulted(rules, old, common):
            self._mark(Point(path, "to_vendor", case="default"), origin)
        self._cleared(old, common, origin)

    def _cleared(self, old: Any, common: Any, origin: Origin) -> None:
        for path in cleared(self.mapper.lowered.rules, old, common):
            self._mark(Point(path, "to_vendor", case="cleared"), origin)

    def stepped(self, bodies: Sequence[dict[str, Any]], origin: Origin) -> None:
        """Count which members with a request of their own were sent first or last of *bodies*."""
        for name, policy in self.mapper.lowered.policy.members.items():
            sent = policy.name or name
            if policy.phase is None or len(bodies) < 2:
                continue
            if sent in bodies[0] and contains(policy.phase.first, bodies[0][sent]):
                self._mark(Point("", "to_vendor", case=f"{sent} first"), origin)
            if sent in bodies[-1] and not contains(policy.phase.first, bodies[-1][sent]):
                self._mark(Point("", "to_vendor", case=f"{sent} last"), origin)

    def unread(self, refusals: Iterable[Diagnostic], origin: Origin) -> None:
        """Count that a payload could not be read, for a value that no table has."""
        rules = (rule for _, rule in placed(self.mapper.lowered.rules))
        tables = {rule.span for rule in rules if isinstance(rule, Leaf) and table_of(rule)}
        code = codes.UNEXPECTED_VALUE
        if any(each.rule is code and each.span in tables for each in refusals):
            self._mark(Point("", "from_vendor", case=code.code), origin)

    def refused(self, code: str, place: str | None, origin: Origin) -> None:
        """Count that something was not written, with *code* at a common *place*, a pointer."""
        points = refused_points(self.mapper.lowered.rules, code, pointer_steps(place))
        known = next((point for point in points if point in self.points), None)
        if known is not None:
            self._mark(known, origin)

    def seen(self, payload: dict[str, Any]) -> None:
        """Count the members that a recorded payload has."""
        for steps in set(_leaves_in(payload)):
            self.recorded[steps] = self.recorded.get(steps, 0) + 1

    def _count(self, met: Met, direction: Direction, origin: Origin) -> None:
        shown = None if met.value is ABSENT else as_json(met.value)
        self._mark(Point(met.path, direction, shown, met.case), origin)
        if met.case is None:
            self._mark(Point(met.path, direction), origin)

    def _mark(self, point: Point, origin: Origin) -> None:
        if point in self.points:
            self.points[point][origin] = None

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
        ignored = PathSet.of(each.vendor.steps for each in self.mapper.mapping.ignore)
        return [steps for steps in paths if not ignored.covers(steps)]

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
                "rule": point.path or None,
                "direction": point.direction,
                "value": None if point.value is None else json.loads(point.value),
                "case": point.case,
                "examples": [name for name in origins if name is not None],
                "corpus": None in origins,
            }
            for point, origins in self.points.items()
        ]
        recorded = {show_path(steps): count for steps, count in sorted(self.recorded.items())}
        ignored = [str(each.vendor) for each in self.mapper.mapping.ignore]
        return {
            "figures": figures,
            "points": points,
            "repeating": self._repeating(),
            "recorded": recorded,
            "ignored": ignored,
        }

    def _repeating(self) -> list[str]:
        """Return the examples without which the others exercise as much: of two alike the later.

        One that exercises no point shows something else, and is not meant.
        """
        shown: dict[Origin, list[Point]] = {}
        left: Counter[Point] = Counter()
        for point, origins in self.points.items():
            for name in origins.keys() - {None}:
                shown.setdefault(name, []).append(point)
                left[point] += 1
        found = []
        for name in reversed(self.examples):
            points = shown.get(name)
            if points and all(left[point] > 1 for point in points):
                found.append(name)
                left.subtract(points)
        return found[::-1]


def _is_in(path: str, outer: str) -> bool:
    """Whether the rule at *path* is the one at *outer*, or in it."""
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def _figure(name: str, wanted: Iterable[Steps], covered: AbstractSet[Steps]) -> Figure:
    all_of, reached = list(wanted), PathSet.of(covered)
    missing = [steps for steps in all_of if not reached.near(steps)]
    return Figure(name, len(all_of) - len(missing), tuple(map(show_path, missing)))


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
