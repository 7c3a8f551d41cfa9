"""What would be published does what the mapping does, run as the platform runs it.

`tests/tools/run_parity.py` does the same for as many documents as wanted.
"""

import json
from functools import cache
from pathlib import Path
from shutil import copytree

import pytest
import yaml
from click.testing import CliRunner
from subjects import ROOT, WRAPPERS, subject

from mapper import codes
from mapper.cli import main, proof
from mapper.platform.documents import documents
from mapper.project import load_project
from mapper.prove import parity
from mapper.prove.corpus import read_corpus
from mapper.prove.parity import Parity, Plan
from mapper.sandbox.execution import Execution

PLANTED = yaml.safe_load(
    (Path(__file__).parent / "cases" / "prove" / "planted_parity.yaml").read_text("utf-8")
)
SAMPLES = ROOT.parent / "shared" / "samples" / "freshbooks"


DOCUMENTS = 250


@pytest.fixture(scope="module")
def execution():
    with Execution() as running:
        yield running


# What is shipped ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WRAPPERS)
def test_shipped_mappings_do_the_same_on_the_platform(name, execution, measured):
    mapper, project = subject(name).mapper, load_project(ROOT)
    compared = Parity(mapper, documents(mapper.parts).transformation, execution, Plan(7, DOCUMENTS))
    examples = project.examples(mapper.mapping)
    assert [str(found) for found in compared.run(examples)] == []
    tally = compared.tally
    assert tally.differences == 0
    assert tally.ran["from_vendor"] >= DOCUMENTS
    assert tally.ran["request"] >= 4 * DOCUMENTS
    for operation, least in (("from_vendor", 0.8), ("request", 0.45)):
        share = 1 - tally.refused[operation] / tally.ran[operation]
        assert share >= least, "most of what is compared is mapped and not refused"
        measured(f"parity of {name}: {operation} mapped {share:.0%} of {tally.ran[operation]}")


@pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the recorded samples (../shared) are not beside this checkout"
)
def test_recorded_documents_are_the_same_on_the_platform(execution):
    mappers = [subject(name).mapper for name in WRAPPERS]
    corpus = read_corpus(SAMPLES, mappers, WRAPPERS)
    for mapper in mappers:
        transformation = documents(mapper.parts).transformation
        compared = Parity(mapper, transformation, execution, Plan(7, 0))
        recordings = corpus.recordings[mapper.name]
        assert [str(found) for found in compared.run(None, recordings)] == []
        assert compared.tally.ran["from_vendor"] >= len(recordings) > 0


# What is planted ----------------------------------------------------------------------------------


@cache
def small_project(folder):
    closed = {"additionalProperties": False}
    files = {
        "schemas/vendor.json": {"type": "object", "properties": PLANTED["vendor"]},
        "schemas/common.json": {"type": "object", "properties": PLANTED["common"], **closed},
        "mappings/thing.yaml": {"resource": "thing", "schema": "common.json", "key": "id"},
        "mappings/mapping.yaml": {
            "mapping": "a/thing",
            "resource": "thing",
            "vendor": {"element": "a", "resource": "things", "schema": "vendor.json"},
            "fields": PLANTED["fields"],
        },
    }
    for name, entries in PLANTED["tables"].items():
        files[f"mappings/{name}.yaml"] = {"table": name, "entries": entries}
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), "utf-8")
    project = load_project(folder)
    assert not project.findings, "\n".join(map(str, project.findings))
    return project


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_project(tmp_path_factory.mktemp("planted")).mapper("a/thing")


@pytest.fixture
def few_attempts(monkeypatch):
    monkeypatch.setattr(parity, "ATTEMPTS", 60)


def planted(transformation, plant):
    """Return *transformation* with the difference that *plant* is."""
    script = transformation["script"]
    body = script["body"]
    if "replace" in plant:
        assert body.count(plant["replace"]) == 1, "what is replaced is there once"
        body = body.replace(plant["replace"], plant["by"])
    configuration = [
        each
        for each in transformation["configuration"]
        if each["type"] not in {one["type"] for one in plant.get("configuration", ())}
    ]
    return {
        **transformation,
        "fields": [*transformation["fields"], *plant.get("fields", ())],
        "configuration": [*configuration, *plant.get("configuration", ())],
        "script": {**script, "body": body},
    }


def test_the_small_mapping_does_the_same_on_the_platform(small, execution):
    compared = Parity(small, documents(small.parts).transformation, execution, Plan(3, 300))
    assert [f"{found} {found.hint}" for found in compared.run(None)] == []
    assert compared.tally.ran.total() > 1000


@pytest.mark.parametrize(
    "plant", PLANTED["plants"], ids=[each["name"] for each in PLANTED["plants"]]
)
def test_a_planted_difference_is_found(plant, small, execution, few_attempts):
    transformation = planted(documents(small.parts).transformation, plant)
    compared = Parity(small, transformation, execution, Plan(3, 300))
    found = next(compared.run(None), None)
    assert found is not None
    assert found.rule is codes.PARITY_BROKEN


def test_there_are_enough_of_them():
    assert len(PLANTED["plants"]) >= 20
    assert len({each["name"] for each in PLANTED["plants"]}) == len(PLANTED["plants"])


# What is said of it -------------------------------------------------------------------------------


def mistaken(monkeypatch):
    """Let every script round numbers to cents."""

    def publish(parts):
        made = documents(parts)
        script = made.transformation["script"]
        body = script["body"].replace("String(number))", "String(Math.round(number * 100) / 100))")
        assert body != script["body"]
        transformation = {**made.transformation, "script": {**script, "body": body}}
        return type(made)(made.definition, transformation, made.limits)

    monkeypatch.setattr(proof, "platform_documents", publish)


@pytest.fixture
def project(tmp_path):
    for folder in ("mappings", "schemas"):
        copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def findings(project, *arguments):
    given = ["test", "freshbooks/tax", "--project", str(project), *arguments]
    given += [] if "--case" in arguments else ["--documents", "0"]
    result = CliRunner().invoke(main, [*given, "--format", "json"], catch_exceptions=False)
    found = json.loads(result.stdout)
    assert result.exit_code == (1 if found else 0)
    return found


def test_a_difference_is_a_small_case_to_paste(project, monkeypatch):
    mistaken(monkeypatch)
    found = findings(project, "--parity", "--parity-documents", "60")
    assert {each["code"] for each in found} == {"M611"}
    first = next(each for each in found if "response" in each["message"])
    assert first["pointer"] == "/rate"
    assert first["file"].endswith("mappings/freshbooks/tax.yaml")
    pasted = first["hint"].partition("; as an example: ")[2]
    (case,) = yaml.safe_load(pasted)
    assert case["from_vendor"].keys() == {"id", "amount"}, "the vendor's schema needs an id"

    # As an example it is true of the mapping, and found without any document.
    examples = project / "mappings" / "freshbooks" / "tax.examples.yaml"
    examples.write_text(f"examples: freshbooks/tax\ncases:\n  {pasted}\n", "utf-8")
    assert findings(project) == []
    kept = findings(project, "--parity", "--parity-documents", "0")
    assert "/rate" in {each["pointer"] for each in kept}


def test_a_case_can_be_run_again(project, monkeypatch):
    mistaken(monkeypatch)
    found = findings(project, "--parity", "--parity-documents", "60")
    message = next(each["message"] for each in found if ", case " in each["message"])
    number = message.rpartition("case ")[2].rstrip(")")
    again = findings(project, "--parity", "--case", number)
    assert message in {each["message"] for each in again}


def test_without_an_engine_it_is_said_what_is_missing(monkeypatch):
    monkeypatch.setattr(proof, "find_spec", lambda name: None)
    result = CliRunner().invoke(main, ["test", "--parity", "--project", str(ROOT)])
    assert result.exit_code == 2
    assert "sandbox" in result.stderr
