"""Fuzz gates: for a while on every run, and for as long as wanted with tests/tools/fuzz.py."""

from random import Random

import pytest
from fuzzing import GATES, driver, mappings
from fuzzing.driver import shrunk

from mapper import check, codes
from mapper.compile.source import quoted
from mapper.diagnostics import Diagnostic
from mapper.infer import expressions as inferred
from mapper.infer.types import NOTHING

SEED = 20240229
SECONDS = 10
LEAST_CASES = 20
"""Fewer cases would test nothing, however slow the machine is."""


@pytest.mark.parametrize("gate", sorted(GATES))
def test_nothing_is_found(gate, measured):
    report = driver.run(gate, GATES[gate](SEED), SEED, SECONDS)
    measured(str(report).splitlines()[-len(report.outcomes) - 1])
    assert not report.findings, str(report)
    assert report.cases >= LEAST_CASES


@pytest.mark.parametrize("gate", sorted(GATES))
def test_a_case_comes_back_by_its_number(gate):
    run = driver.run(gate, GATES[gate](1), 1, 1)
    again = [driver.rerun(gate, GATES[gate](1), 1, number) for number in range(3)]
    assert run.cases >= 3
    first = driver.Report(gate, 1)
    for number in range(3):
        first.outcomes.update(GATES[gate](1)(Random(f"1 {number}")))
    assert sum((each.outcomes for each in again), start=type(first.outcomes)()) == first.outcomes


def test_a_finding_is_shrunk():
    document = {"a": [{"b": 1, "c": "text"}, {"d": [None]}], "e": {}}
    assert shrunk(document, lambda each: "d" in str(each)) == {"a": [{"d": []}]}


def test_names_that_break_out_are_seen():
    harmless = mappings.skeleton(f"common = {quoted('a')}")
    assert mappings.skeleton(f"common = {quoted(chr(39) + '; x = ' + chr(39))}") == harmless
    assert mappings.skeleton("common = ''; x = ''") != harmless


def test_types_that_are_too_small_are_found(monkeypatch):
    monkeypatch.setattr(inferred, "falsy", lambda _: NOTHING)
    assert driver.run("types", GATES["types"](SEED), SEED, SECONDS).findings


def test_a_check_that_overlooks_what_may_go_wrong_is_found(monkeypatch):
    monkeypatch.setattr(check, "unsound", lambda _: ())
    assert driver.run("mutants", GATES["mutants"](SEED), SEED, 3 * SECONDS).findings


def test_findings_without_a_place_are_found(monkeypatch):
    nowhere = Diagnostic(codes.BAD_SCHEMA, "somewhere")
    monkeypatch.setattr(check, "RULES", (lambda _: [nowhere],))
    assert driver.run("corruptions", GATES["corruptions"](SEED), SEED, SECONDS).findings
