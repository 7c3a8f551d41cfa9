"""Times of functions that do the same job, taken so that only the ratios in a round count."""

import json
import random
import subprocess
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

BLOCK = 25
"""How many documents one function has in a row before the next one has its turn."""

Candidate = Callable[..., Any]
Round = dict[str, float]
"""Seconds by candidate."""


def race(candidates: dict[str, Candidate], texts: Sequence[str], rounds: int) -> list[Round]:
    """Return the time of each candidate per document, round by round.

    *texts* are the arguments of one call each, as JSON lists: they are parsed just before.
    """
    return [_round(candidates, texts, random.Random(number)) for number in range(rounds)]


def _round(candidates: dict[str, Candidate], texts: Sequence[str], draw: random.Random) -> Round:
    spent = dict.fromkeys(candidates, 0.0)
    for block in _blocks(texts):
        for name in draw.sample(list(candidates), len(candidates)):
            spent[name] += _time(candidates[name], block)
    return {name: seconds / len(texts) for name, seconds in spent.items()}


def _blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    left = iter(texts)
    while block := list(islice(left, BLOCK)):
        yield block


def _time(candidate: Candidate, texts: Sequence[str]) -> float:
    spent = 0.0
    for text in texts:
        arguments = json.loads(text)
        start = perf_counter()
        candidate(*arguments)
        spent += perf_counter() - start
    return spent


def race_programs(
    commands: dict[str, tuple[list[str], dict[str, str]]], rounds: int, folder: Path
) -> list[Round]:
    """Return the time of each command, given with its environment, run in *folder*."""
    return [
        {name: _run(command, folder, around) for name, (command, around) in commands.items()}
        for _ in range(rounds)
    ]


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    start = perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start


def typical(rounds: Sequence[Round], name: str) -> float:
    """Return the median time of a candidate."""
    return median(each[name] for each in rounds)


def ratios(rounds: Sequence[Round], name: str, other: str) -> list[float]:
    """Return what a candidate takes as a multiple of another one in the same round, sorted."""
    return sorted(each[name] / each[other] for each in rounds)


def ratio(rounds: Sequence[Round], name: str, other: str) -> float:
    return median(ratios(rounds, name, other))
