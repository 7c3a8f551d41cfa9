"""What `mapper test` counts: the points of a mapping, and what its examples exercise of them."""

import json
from pathlib import Path

import pytest
import yaml
from small_projects import write_small
from trying import copy_shipped, findings, replace, run

ROOT = Path(__file__).parents[1]
SMALL = yaml.safe_load(
    (Path(__file__).parent / "cases" / "prove" / "coverage.yaml").read_text("utf-8")
)
OF_EVERY_MAPPING = {
    "id from_vendor",
    "the mapping to_vendor (create)",
    "the mapping to_vendor (update)",
    "the mapping to_vendor (unchanged)",
    "the mapping to_vendor (request)",
    "the mapping to_vendor (M511)",
    "the mapping to_vendor (M512)",
}
"""The points of the mappings in ``coverage.yaml`` that they do not list."""


@pytest.fixture
def project(tmp_path, monkeypatch):
    copy_shipped(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def covered(*arguments):
    """What is covered of the only mapping that a run with *arguments* tries."""
    run(*arguments, "--documents", "0", "--coverage", "covered.json")
    (mapping,) = json.loads(Path("covered.json").read_text("utf-8"))["mappings"]
    return mapping["coverage"]


def path_of(mapping):
    return f"mappings/freshbooks/{mapping}.yaml"


TAX = path_of("tax")


# Points -------------------------------------------------------------------------------------------


def word(point):
    """The words for a point in findings, from its JSON."""
    value = "" if point["value"] is None else f" = {json.dumps(point['value'])}"
    if point["case"] == "no value":
        value = f" = {json.dumps(point['value'])}"
    case = "" if point["case"] is None else f" ({point['case']})"
    return f"{point['rule'] or 'the mapping'} {point['direction']}{value}{case}"


@pytest.mark.parametrize("small", SMALL, ids=lambda small: small["shows"])
def test_points_and_what_exercises_them(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exercises = {f"example {n}": each.pop("exercises") for n, each in enumerate(small["examples"])}
    named = zip(exercises, small["examples"], strict=True)
    write_small(small | {"examples": [{"example": name} | each for name, each in named]}, tmp_path)
    assert findings("--documents", "0") == []
    points = covered()["points"]
    assert {word(point) for point in points} - OF_EVERY_MAPPING == set(small["wanted"])
    found = {name: set() for name in exercises}
    for point in points:
        for name in point["examples"]:
            found[name] |= {word(point)} - OF_EVERY_MAPPING
    assert found == {name: set(listed) for name, listed in exercises.items()}


# The shipped mappings -----------------------------------------------------------------------------


def test_without_a_rule_less_is_covered(project):
    before = covered(TAX)["figures"]
    replace(project / "mappings" / "freshbooks" / "tax.yaml", "  compound: compound\n", "")
    after = covered(TAX)["figures"]
    for name, member in (
        ("vendor members mapped", "compound"),
        ("common members mapped", "compound"),
    ):
        assert before[name]["missing"] == []
        assert after[name]["percent"] < before[name]["percent"]
        assert after[name]["missing"] == [member]
    result = run("mappings/freshbooks/tax.yaml", "--documents", "0", "--fail-under", "100")
    assert result.exit_code == 1
    assert "vendor members mapped: 83.3 %, below 100 %; not covered: compound" in result.stdout


@pytest.mark.parametrize("mapping", ["customer", "invoice", "item", "payment", "tax", "vendor"])
def test_all_that_is_shipped_is_exercised_and_no_example_repeats_others(project, mapping):
    coverage = covered(path_of(mapping))
    assert coverage["figures"]["exercised"]["missing"] == []
    assert coverage["repeating"] == []
    file = project / "mappings" / "freshbooks" / f"{mapping}.examples.yaml"
    names = {each["example"] for each in yaml.safe_load(file.read_text("utf-8"))["cases"]}
    assert names == {name for point in coverage["points"] for name in point["examples"]}


def without(project, mapping, example):
    """Remove an example of a shipped mapping."""
    examples = project / "mappings" / "freshbooks" / f"{mapping}.examples.yaml"
    head, *entries = examples.read_text("utf-8").split("  - example: ")
    left = [each for each in entries if not each.startswith(f"{example}\n")]
    assert len(left) == len(entries) - 1
    examples.write_text("  - example: ".join([head, *left]), "utf-8")


@pytest.mark.parametrize(
    ("mapping", "example", "missing"),
    [
        ("tax", "nothing edited, nothing sent, whatever the spelling", "(unchanged)"),
        ("tax", "an id cannot be chosen", "the mapping to_vendor (M511)"),
        ("tax", "a tax needs a name", "name to_vendor (M523)"),
        ("customer", "a telephone number alone names nobody", "the mapping to_vendor (M502)"),
    ],
)
def test_without_an_example_less_is_exercised(project, mapping, example, missing):
    before = covered(path_of(mapping))["figures"]["exercised"]
    without(project, mapping, example)
    after = covered(path_of(mapping))["figures"]["exercised"]
    assert (before["percent"], before["missing"]) == (100.0, [])
    assert after["percent"] < 100
    (named,) = after["missing"]
    assert named.endswith(missing)
    (found,) = findings(path_of(mapping), "--documents", "0", "--fail-under", "100")
    assert found["code"] == "M422"
    assert found["message"].endswith(f"not covered: {named}")


def test_of_two_examples_that_do_the_same_the_later_repeats(project):
    examples = project / "mappings" / "freshbooks" / "tax.examples.yaml"
    text = examples.read_text("utf-8")
    again = "  - {example: again, create: {id: '7', name: GST}, fails: M511}\n"
    other = "  - {example: no text, create: {name: [], rate: '5'}, fails: M501}\n"
    examples.write_text(f"{text}{again}{other}", "utf-8")
    assert findings(TAX, "--documents", "0") == []
    assert covered(TAX)["repeating"] == ["again"], "the other one exercises nothing"


def test_a_file_without_examples_exercises_nothing(project):
    examples = project / "mappings" / "freshbooks" / "tax.examples.yaml"
    examples.write_text("examples: freshbooks/tax\ncases: []\n", "utf-8")
    coverage = covered(TAX)
    assert coverage["figures"]["exercised"]["covered"] == 0
    assert not any(point["examples"] or point["corpus"] for point in coverage["points"])


def test_the_bar_is_what_is_enough(project):
    # One of some thirty members is not mapped any more.
    replace(project / "mappings" / "freshbooks" / "vendor.yaml", "  is1099: is_1099\n", "")
    for bar, missed in (("97", True), ("96", False)):
        arguments = (path_of("vendor"), "--documents", "0", "--fail-under", bar)
        named = [each["message"] for each in findings(*arguments) if each["code"] == "M422"]
        assert any("vendor members mapped" in each for each in named) == missed, named


def test_recorded_payloads_exercise_and_show_members_that_are_not_mapped(project):
    recorded = {"id": 7, "taxid": 7, "name": "GST", "amount": "5", "number": None}
    (project / "recorded").mkdir()
    odd = recorded | {"tax_rule_code": "CA", "compound": True}
    (project / "recorded" / "odd.json").write_text(json.dumps(odd), "utf-8")
    examples = project / "mappings" / "freshbooks" / "tax.examples.yaml"
    examples.write_text("examples: freshbooks/tax\ncases: []\n", "utf-8")
    coverage = covered(TAX, "--corpus", "recorded")
    assert coverage["figures"]["recorded members mapped"]["missing"] == ["tax_rule_code"]
    by = {word(each): each["corpus"] for each in coverage["points"]}
    assert by["name from_vendor"]
    assert by["rate from_vendor (string)"]
    assert not by["rate from_vendor (number)"]
    assert not by["number from_vendor"], "it is null"
    assert by["number from_vendor = null (no value)"]
    assert not by["name to_vendor (update)"]
