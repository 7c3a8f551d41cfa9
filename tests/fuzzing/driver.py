"""What every fuzz gate has in common: cases by number, a clock, and what a finding looks like."""

import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from typing import Any

from mapper.values import copy

Case = Callable[[Random], list[str]]
"""Tries one case and returns what became of its parts; raises AssertionError for a finding."""

SHRINKING = 10.0
"""For how many seconds a case is made smaller."""


class Report:
    """What a run did: how often, how long, with which outcomes and findings."""

    def __init__(self, gate: str, seed: int) -> None:
        self.gate = gate
        self.seed = seed
        self.outcomes: Counter[str] = Counter()
        self.findings: list[str] = []
        self.cases = 0
        self.seconds = 0.0

    def __str__(self) -> str:
        lines = [f"{self.gate}: {self.cases} cases in {self.seconds:.0f} s, "]
        lines[0] += f"seed {self.seed}, {len(self.findings)} findings"
        lines += [f"  {outcome}: {number}" for outcome, number in sorted(self.outcomes.items())]
        return "\n".join([*self.findings, *lines])


def run(gate: str, case: Case, seed: int, seconds: float, findings: int = 1) -> Report:
    """Return what *seconds* of cases found, stopped after some *findings*."""
    return _run(Report(gate, seed), case, count(), seconds, findings)


def rerun(gate: str, case: Case, seed: int, number: int) -> Report:
    """Return what one case found, by the number that a finding shows."""
    return _run(Report(gate, seed), case, iter([number]), 3600, 1)


def _run(
    report: Report, case: Case, numbers: Iterator[int], seconds: float, findings: int
) -> Report:
    started = time.monotonic()
    for number in numbers:
        report.seconds = time.monotonic() - started
        if report.seconds > seconds or len(report.findings) == findings:
            break
        report.cases += 1
        try:
            report.outcomes.update(case(Random(f"{report.seed} {number}")))
        except Exception as error:  # noqa: BLE001 - what crashes is a finding too
            said = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
            found = f"{report.gate} --seed {report.seed} --case {number}:\n{said}"
            report.findings.append(found)
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
