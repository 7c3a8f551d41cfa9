"""Pulling: live documents become files, and a plan over those files is empty."""

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
import yaml
from publishing import ELEMENT, World, write_project

from mapper.check import check_project
from mapper.cli.placing import place_files
from mapper.diagnostics import FileError, Severity
from mapper.platform.alike import difference
from mapper.platform.documents import script_of
from mapper.platform.levels import Level
from mapper.platform.live import read_live
from mapper.platform.normal import Kind, normal
from mapper.platform.plan import Options
from mapper.platform.pull import Live, pull
from mapper.platform.survey import survey
from mapper.project import load_project
from mapper.sandbox.execution import Execution

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "pull.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def alike():
    with Execution() as execution:
        yield partial(difference, execution)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "world")
    yield made
    made.close()


def live_of(case):
    definition = {"fields": [{"type": "string", **each} for each in case["definition"]]}
    transformation = {"vendorName": "things", **case["transformation"]}
    level = Level.ORGANIZATION
    return Live(
        "thing",
        ELEMENT,
        normal(Kind.DEFINITION, definition, level),
        normal(Kind.TRANSFORMATION, transformation, level),
    )


@pytest.mark.parametrize("case", CASES, ids=[case["shows"] for case in CASES])
def test_cases(case, alike, tmp_path):
    made = pull(None, live_of(case), alike)
    place_files(tmp_path, made.files)
    said = yaml.safe_load(made.files[f"mappings/{ELEMENT}/thing.yaml"])
    assert made.how == case["how"], made.notes
    assert said["fields"] == case["fields"]
    assert list(made.notes) == case.get("notes", [])
    errors = [
        str(each)
        for each in check_project(load_project(tmp_path))
        if each.rule.severity is Severity.ERROR
    ]
    assert errors == case.get("errors", [])


@pytest.mark.parametrize("case", CASES, ids=[case["shows"] for case in CASES])
def test_nothing_is_to_change_after_a_pull(case, alike, world, tmp_path):
    fields = [{"type": "string", **each} for each in case["definition"]]
    world.send("POST", "/organizations/objects/thing/definitions", {"fields": fields})
    world.send(
        "POST",
        f"/organizations/elements/{ELEMENT}/transformations/thing",
        {"vendorName": "things", **case["transformation"]},
    )
    folder = tmp_path / "pulled"
    pull_all(world, folder, alike)
    assert plan_of(world, folder).is_empty
    # Once a rule is edited, that is what changes.
    file = folder / "mappings" / ELEMENT / "thing.yaml"
    said = yaml.safe_load(file.read_text("utf-8"))
    name = next(iter(said["fields"]))
    del said["fields"][name]
    file.write_text(json.dumps(said), "utf-8")
    edited = plan_of(world, folder, Options(adopt=frozenset({"thing"})))
    assert [str(each.key) for each in edited.changed] == ["transformation thing (acme)"]


def pull_all(world, folder, alike, names=()):
    known = load_project(folder) if (folder / "mappings").exists() else None
    made = [pull(known, each, alike) for each in read_live(world.client, world.place, names, None)]
    for each in made:
        place_files(folder, each.files)
    return made


def plan_of(world, folder, options=None):
    return survey(world.client, world.state, load_project(folder), (), options or Options()).plan


# What is ours -------------------------------------------------------------------------------------


def published(world, names=("thing", "other")):
    """Publish a project, and return its folder."""
    write_project(world.folder, {name: ["a", "b"] for name in names})
    world.publish()
    return world.folder


def test_what_was_published_becomes_its_rules_again(world, tmp_path, alike):
    folder = published(world)
    known = load_project(folder)
    for name in ("vendor/thing.json", "vendor/other.json"):  # the schemas are not on the platform
        (tmp_path / "new" / "schemas" / name).parent.mkdir(parents=True, exist_ok=True)
        text = (folder / "schemas" / name).read_text("utf-8")
        (tmp_path / "new" / "schemas" / name).write_text(text, "utf-8")
    (tmp_path / "new" / "mappings").mkdir()
    made = pull_all(world, tmp_path / "new", alike)
    assert [each.how for each in made] == ["rules", "rules"]
    assert not any("pulled" in path for each in made for path in each.files), "same bytes"
    again = load_project(tmp_path / "new")
    for name in known.names:
        script = [script_of(each.mapper(name).parts) for each in (known, again)]
        assert script[0] == script[1]
    assert plan_of(world, tmp_path / "new").is_empty


def test_a_pull_into_the_project_itself_keeps_what_is_only_there(world, alike):
    folder = published(world, ("thing",))
    (made,) = pull_all(world, folder, alike)
    assert (made.how, made.files) == ("the project has it", {})
    file = folder / "mappings" / "thing.yaml"
    said = yaml.safe_load(file.read_text("utf-8"))
    del said["fields"]["b"]
    file.write_text(json.dumps(said), "utf-8")
    with pytest.raises(FileError) as caught:
        pull_all(world, folder, alike)
    assert [each.rule.code for each in caught.value.diagnostics] == ["M114"]
    (live,) = read_live(world.client, world.place, ["thing"], ELEMENT)
    made = pull(load_project(folder), live, alike)
    assert made.files.keys() == {"mappings/thing.yaml"}
    again = yaml.safe_load(made.files["mappings/thing.yaml"])
    assert (again["fields"]["b"], again["examples"]) == ("v_b", said["examples"])


EDITS = [
    ("done(respond(", "done(answer(", "somebody edited it"),
    ('// rules: {"mapping":"acme', '// rules: {"mapping":"..', "what it carries is no mapping"),
    ("// rules: {", "// rules: [", "nobody has said in rules what it does"),
    ("// rules: {", '// rules: {"tables":{"../x":{}},', "a table that no file can hold"),
    ('"schema":"vendor/thing.json"', '"schema":"vendor/other.json"', "vendor/other.json"),
]


@pytest.mark.parametrize(("before", "after", "reason"), EDITS)
def test_a_script_of_ours_that_somebody_edited_is_theirs(
    world, tmp_path, alike, before, after, reason
):
    folder = published(world, ("thing",))
    path = f"/organizations/elements/{ELEMENT}/transformations/thing"
    live = world.client.get(path)
    edited = edit(live["script"]["body"], before, after)
    world.send("PUT", path, {**live, "script": {**live["script"], "body": edited}})
    new = tmp_path / "new"
    shutil.copytree(folder / "schemas", new / "schemas")
    (new / "mappings").mkdir()
    (made,) = pull_all(world, new, alike)
    assert made.how == "script"
    said = yaml.safe_load((new / "mappings" / ELEMENT / "thing.yaml").read_text("utf-8"))
    assert reason in said["script"]["reason"]
    assert (new / "mappings" / ELEMENT / "thing.script.js").read_text("utf-8") == edited
    assert plan_of(world, new).is_empty


def edit(script, before, after):
    """Return a script with an edit, in its code or in the rules that it carries."""
    code, start, rules = script.partition("// rules: ")
    text = start + rules.replace("\n// rules: ", "")
    assert before in code or before in text
    return code.replace(before, after) + text.replace(before, after)
