"""What trials tried and covered: tables for people, JSON for programs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import floor
from typing import Any

from mapper.diagnostics import counted
from mapper.prove.parity import Parity, Ran
from mapper.prove.trial import UNTRIED, Tally, Trial
from mapper.render.text import escape

_TRIED = ("tried", "examples", "recorded", "generated", "edits taken", "creations taken")
_COVERED = ("covered", "vendor", "common", "recorded", "exercised")
_PARITY = ("parity", "responses", "mapped", "requests", "mapped", "differences")


def render_trials(
    trials: Iterable[Trial], parities: Iterable[Parity], skipped: Counter[str]
) -> str:
    """Return the tables of trials, their refusals, and what of a corpus was *skipped*.

    There are no tables if nothing was tried.
    """
    known = list(trials)
    tried = [_TRIED, *(_tried_row(trial) for trial in known)]
    covered = [_COVERED, *(_covered_row(trial) for trial in known)]
    compared = [_PARITY, *(_parity_row(parity) for parity in parities)]
    remarks = [each for trial in known for each in _remarks(trial)]
    if skipped:
        listed = ", ".join(_several(number, what) for what, number in sorted(skipped.items()))
        remarks.append(f"skipped in the corpus: {listed}")
    tables = [each for each in (tried, covered, compared) if len(each) > 1]
    parts = [*map(_table, tables), "".join(f"{escape(each)}\n" for each in remarks)]
    return "\n".join(part for part in parts if part)


def _several(number: int, what: str) -> str:
    noun, of, owner = what.partition(" of ")
    return f"{counted(number, noun)}{of}{owner}"


def trials_as_json(
    trials: Iterable[Trial], parities: Iterable[Parity], seed: int, skipped: Counter[str]
) -> dict[str, Any]:
    """Return all that was tried and covered as a JSON object."""
    compared = {parity.mapper.name: _compared(parity) for parity in parities}
    mappings = [
        {
            "mapping": trial.mapper.name,
            "tried": _tried(trial.tally),
            "coverage": trial.coverage.as_json(),
            **({"parity": compared[trial.mapper.name]} if trial.mapper.name in compared else {}),
        }
        for trial in trials
    ]
    return {"seed": seed, "mappings": mappings, "skipped": dict(sorted(skipped.items()))}


def _tried(tally: Tally) -> dict[str, Any]:
    return {
        "examples": tally.examples,
        "recorded": tally.recorded,
        "generated": tally.generated,
        "readings": dict(sorted(tally.readings.items())),
        "edits": dict(sorted(tally.edits.items())),
        "creations": dict(sorted(tally.creations.items())),
    }


def _compared(parity: Parity) -> dict[str, Any]:
    tally = parity.tally
    return {
        "responses": tally.ran["from_vendor"],
        "responsesRefused": tally.refused["from_vendor"],
        "requests": tally.ran["request"],
        "requestsRefused": tally.refused["request"],
        "differences": tally.differences,
    }


def _parity_row(parity: Parity) -> tuple[str, ...]:
    tally = parity.tally

    def mapped(operation: Ran) -> str:
        ran = tally.ran[operation]
        return _percent(100 - 100 * tally.refused[operation] / ran) if ran else "-"

    return (
        parity.mapper.name,
        str(tally.ran["from_vendor"]),
        mapped("from_vendor"),
        str(tally.ran["request"]),
        mapped("request"),
        str(tally.differences),
    )


def _tried_row(trial: Trial) -> tuple[str, ...]:
    tally = trial.tally
    numbers = (tally.examples, tally.recorded, tally.generated)
    return (trial.mapper.name, *map(str, numbers), _taken(tally.edits), _taken(tally.creations))


def _taken(outcomes: Counter[str]) -> str:
    tried = sum(number for outcome, number in outcomes.items() if outcome not in UNTRIED)
    return _percent(100 * outcomes["accepted"] / tried) if tried else "-"


def _covered_row(trial: Trial) -> tuple[str, ...]:
    figures = trial.coverage.figures()
    return (trial.mapper.name, *(_percent(each.percent) if each.of else "-" for each in figures))


def _percent(share: float) -> str:
    return f"{floor(share)} %"  # never 100 % of what is not all


def _remarks(trial: Trial) -> Iterable[str]:
    name, tally = trial.mapper.name, trial.tally
    kinds = (
        ("documents not read", tally.readings),
        ("edits not taken", tally.edits),
        ("creations not taken", tally.creations),
    )
    for what, outcomes in kinds:
        others = {each: number for each, number in outcomes.items() if each not in _GOOD}
        if others:
            listed = ", ".join(f"{each} {number}" for each, number in sorted(others.items()))
            yield f"{name}: {what}: {listed}"
    repeated = trial.repeated()
    if repeated:
        yield repeated


_GOOD = frozenset(("read", "accepted"))
"""The outcomes of what was read, and written."""


def _table(rows: Iterable[Sequence[str]]) -> str:
    rows = [tuple(map(escape, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "".join(f"{line}\n" for line in lines)
