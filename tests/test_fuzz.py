"""Fuzz gates: for a while on every run, and for as long as wanted with tests/tools/fuzz.py."""

from collections import Counter
from random import Random

import pytest
from fuzzing import GATES, driver, mappings, mutants
from fuzzing.driver import shrunk
from fuzzing.natural import Natural
from fuzzing.parts import SUMMERY
from fuzzing.projects import project_of
from fuzzing.promise import findings
from fuzzing.shipped import NAMES, shipped
from fuzzing.spread import FRAGMENT_FILE, OVERLAY, name_of, spread
from msgspec.structs import replace

from mapper import check, codes
from mapper.check import mappings as checked
from mapper.compile.source import quoted
from mapper.diagnostics import Diagnostic
from mapper.infer import expressions as inferred, fitting, operations, reading, unions, writing
from mapper.infer.types import NOTHING, shared
from mapper.project import load_project
from mapper.running import Mapper

SEED = 20240229
SECONDS = 4
"""How long each gate searches; `tests/tools/fuzz.py` searches longer."""
PATIENCE = 60
"""How long a defect may take to be found, on a slow machine."""
LEAST_CASES = 20
"""Fewer cases would test nothing, however slow the machine is."""


@pytest.mark.parametrize("gate", sorted(GATES))
def test_nothing_is_found(gate, measured):
    report = driver.run(gate, GATES[gate](SEED), SEED, SECONDS)
    measured(report.summary.splitlines()[0])
    assert not report.findings, str(report)
    assert report.cases >= LEAST_CASES


@pytest.mark.parametrize("gate", sorted(GATES))
def test_a_case_comes_back_by_its_number(gate):
    run = driver.run_within(gate, GATES[gate](1), 1, driver.Limits(cases=3))
    again = [driver.rerun(gate, GATES[gate](1), 1, number) for number in range(3)]
    assert run.outcomes
    assert sum((each.outcomes for each in again), start=Counter()) == run.outcomes


def test_a_finding_is_shrunk():
    document = {"a": [{"b": 1, "c": "text"}, {"d": [None]}], "e": {}}
    assert shrunk(document, lambda each: "d" in str(each)) == {"a": [{"d": []}]}


def test_names_that_break_out_are_seen():
    harmless = mappings.skeleton(f"common = {quoted('a')}")
    assert mappings.skeleton(f"common = {quoted(chr(39) + '; x = ' + chr(39))}") == harmless
    assert mappings.skeleton("common = ''; x = ''") != harmless


def test_types_that_are_too_small_are_found(monkeypatch):
    monkeypatch.setattr(inferred, "falsy", lambda _: NOTHING)
    assert driver.run("types", GATES["types"](SEED), SEED, PATIENCE).findings


def test_a_check_that_overlooks_what_may_go_wrong_is_found(monkeypatch):
    monkeypatch.setattr(checked, "unsound", lambda _: ())
    assert driver.run("mutants", GATES["mutants"](SEED), SEED, PATIENCE).findings


def overlooked(monkeypatch, what):
    """Let the checker overlook something."""
    match what:
        case "that a value may not be there":
            present = reading.present
            monkeypatch.setattr(
                reading, "present", lambda *given: replace(present(*given), always=True)
            )
        case "lengths of texts":
            limits = fitting.limits
            monkeypatch.setattr(
                fitting, "limits", lambda raw: [x for x in limits(raw) if "characters" not in x[0]]
            )
        case "values that are not listed":
            monkeypatch.setattr(fitting, "_unlisted", lambda *_: ())
        case "what the vendor takes":
            monkeypatch.setattr(writing, "fits", lambda *_: None)
        case "what an edit keeps":
            monkeypatch.setattr(unions, "kept_type", lambda *_, **__: NOTHING)
        case "decimals with a point":
            decimal_text = operations._OPERATIONS["decimal_text"]

            def whole(*given):
                made = decimal_text(*given)
                language = shared(made.texts.language, operations.of_regex("-?[0-9]+"))
                return replace(made, texts=replace(made.texts, language=language))

            monkeypatch.setitem(operations._OPERATIONS, "decimal_text", whole)
        case _:
            raise AssertionError(what)


@pytest.mark.parametrize(
    ("gate", "what", "seed"),
    [
        ("mutants", "that a value may not be there", 5),
        ("mutants", "lengths of texts", 2),
        ("mutants", "values that are not listed", 5),
        ("mutants", "what the vendor takes", 5),
        ("mutants", "decimals with a point", 5),
        ("projects", "that a value may not be there", 5),
        ("projects", "what the vendor takes", 5),
        ("projects", "what an edit keeps", 1),
    ],
)
@pytest.mark.usefixtures("unshrunk")
def test_what_is_overlooked_is_found(monkeypatch, gate, what, seed):
    overlooked(monkeypatch, what)
    assert driver.run(gate, GATES[gate](seed), seed, PATIENCE).findings


@pytest.mark.usefixtures("unshrunk")
def test_requests_of_projects_are_tried(monkeypatch):
    monkeypatch.setattr(Mapper, "to_request", lambda *_: {"nobody's": 1})
    assert driver.run("projects", GATES["projects"](5), 5, PATIENCE).findings


def test_projects_have_all_kinds_of_files():
    kinds = Counter()
    for number in range(300):
        random = Random(f"{SEED} {number}")
        files = spread(Natural(random).files(), random)
        kinds["overlay"] += name_of(files) == OVERLAY
        kinds["fragment"] += FRAGMENT_FILE in files
        kinds["look-up"] += "lookup(" in str(files)
        kinds["invariant"] += "x-invariants" in str(files)
        kinds["summer time"] += SUMMERY in str(files)
        assert project_of(files).find(name_of(files)).name == name_of(files)
    assert min(kinds.values()) > 5, kinds


def test_mutants_are_checked_as_projects_are(tmp_path):
    refused = 0
    for number in range(50):
        random = Random(f"anew {number}")
        origin = shipped(random.choice(NAMES))
        mutant = mutants.Mutant(origin)
        for _ in range(random.choice(mutants.CHANGES)):
            mutant.mutate(random)
        for path, content in {**origin.texts, **mutant.texts}.items():
            (tmp_path / str(number) / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / str(number) / path).write_text(content, encoding="utf-8")
        anew = check.check_project(load_project(tmp_path / str(number)), [origin.name])
        first = next(findings(origin.project(mutant.texts), origin.name), None)
        if first is None:
            assert not anew, f"{mutant}: only found when read anew"
        else:
            assert first.message in [each.message for each in anew], f"{mutant}: {first}"
            refused += 1
    assert 10 <= refused <= 45


def test_no_mutant_is_counted_twice(tmp_path):
    keys = tmp_path / "keys"
    first = driver.run_within("mutants", mutants.Mutants(keys).case, 1, driver.Limits(cases=40))
    again = driver.run_within("mutants", mutants.Mutants(keys).case, 1, driver.Limits(cases=45))
    assert (first.cases + first.left_out, again.left_out >= 40) == (40, True)
    assert len(mutants.tried_in(keys)) == first.cases + again.cases


def test_findings_without_a_place_are_found(monkeypatch):
    nowhere = Diagnostic(codes.BAD_SCHEMA, "somewhere")
    monkeypatch.setattr(checked, "RULES", (lambda _: [nowhere],))
    assert driver.run("corruptions", GATES["corruptions"](SEED), SEED, SECONDS).findings
