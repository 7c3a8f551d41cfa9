"""What every fuzz gate has in common: cases by number, a clock, and what a finding looks like."""

import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from math import inf
from random import Random
from typing import Any, NamedTuple

from mapper.values import copy

Case = Callable[[Random], list[str]]
"""Tries one case and returns what became of its parts, nothing of one that it leaves out; raises
AssertionError for a finding."""

SHRINKING = 10.0
"""For how many seconds a case is made smaller."""


class Limits(NamedTuple):
    """When a run stops, and which numbers it takes: every *step*th from *first* on."""

    seconds: float = inf
    findings: int = 1
    cases: float = inf
    first: int = 0
    step: int = 1


class Report:
    """What a run did: how often, how long, with which outcomes and findings.

    An outcome "of: what" is counted in the row of what it is of.
    """

    def __init__(self, gate: str, seed: int) -> None:
        self.gate = gate
        self.seed = seed
        self.outcomes: Counter[str] = Counter()
        self.findings: list[str] = []
        self.cases = 0
        self.left_out = 0
        self.seconds = 0.0

    def __add__(self, other: "Report") -> "Report":
        """Return the report of two runs at the same time."""
        both = Report(self.gate, self.seed)
        both.outcomes = self.outcomes + other.outcomes
        both.findings = self.findings + other.findings
        both.cases = self.cases + other.cases
        both.left_out = self.left_out + other.left_out
        both.seconds = max(self.seconds, other.seconds)
        return both

    def __str__(self) -> str:
        return "\n".join([*self.findings, self.summary])

    @property
    def summary(self) -> str:
        """What it comes to, findings aside."""
        left_out = f" ({self.left_out} more were left out)" if self.left_out else ""
        head = (
            f"{self.gate}: {self.cases} cases{left_out} in {self.seconds:.0f} s, "
            f"seed {self.seed}, {len(self.findings)} findings"
        )
        return "\n".join([head, *self._rows()])

    def _rows(self) -> Iterator[str]:
        rows: dict[str, list[str]] = {}
        for outcome, number in sorted(self.outcomes.items()):
            row, _, column = outcome.rpartition(": ")
            rows.setdefault(row or outcome, []).append(f"{column} {number}" if row else str(number))
        for row, columns in rows.items():
            yield f"  {row}: {', '.join(columns)}"


def run(gate: str, case: Case, seed: int, seconds: float, findings: int = 1) -> Report:
    """Return what *seconds* of cases found, stopped after some *findings*."""
    return run_within(gate, case, seed, Limits(seconds, findings))


def rerun(gate: str, case: Case, seed: int, number: int) -> Report:
    """Return what one case found, by the number that a finding shows."""
    return run_within(gate, case, seed, Limits(cases=1, first=number))


def run_within(
    gate: str, case: Case, seed: int, limits: Limits, tell: Callable[[str], object] = str
) -> Report:
    """Return what cases found until one of the *limits* was reached, or Ctrl-C pressed.

    *tell* hears of each finding at once.
    """
    report = Report(gate, seed)
    started = time.monotonic()
    for number in count(limits.first, limits.step):
        report.seconds = time.monotonic() - started
        tried = report.cases + report.left_out
        if report.seconds > limits.seconds or tried >= limits.cases:
            break
        try:
            outcomes = case(Random(f"{report.seed} {number}"))
        except Exception as error:  # noqa: BLE001 - what crashes is a finding too
            said = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
            found = f"{report.gate} --seed {report.seed} --case {number}:\n{said}"
            report.findings.append(found)
            tell(found)
            outcomes = ["found"]
        except KeyboardInterrupt:
            break
        report.cases += bool(outcomes)
        report.left_out += not outcomes
        report.outcomes.update(outcomes)
        if len(report.findings) == limits.findings:
            break
    return report


# Smaller cases ------------------------------------------------------------------------------------


def shrunk(value: Any, fails: Callable[[Any], bool]) -> Any:
    """Return *value* without what *fails* does not need, as far as it can be told quickly."""
    end = time.monotonic() + SHRINKING
    smaller = True
    while smaller and time.monotonic() < end:
        smaller = False
        for candidate in candidates(value):
            if time.monotonic() > end:
                break
            if fails(copy(candidate)):
                value, smaller = candidate, True
                break
    return value


def candidates(value: Any) -> Iterator[Any]:
    """Yield *value* with one thing left out or made plain, what leaves out most first."""
    if isinstance(value, dict):
        for name in value:
            yield {other: each for other, each in value.items() if other != name}
        for name, member in value.items():
            for smaller in candidates(member):
                yield {**value, name: smaller}
    elif isinstance(value, list):
        yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
        for index, item in enumerate(value):
            for smaller in candidates(item):
                yield [*value[:index], smaller, *value[index + 1 :]]
    elif isinstance(value, str) and len(value) > 1:
        yield value[: len(value) // 2]


def is_finding(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except AssertionError:
        return True
    except Exception:  # noqa: BLE001 - what is smaller may make no sense
        return False
    return False
