"""Pulling: live documents become files, and a plan over those files is empty."""

import json
import shutil
import time
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
import yaml
from click.testing import CliRunner
from fuzzing.building import Builder
from fuzzing.mappings import NAMES as NUMBER_OF_NAMES, ODD
from hypothesis import given, settings, strategies as st
from msgspec.structs import replace
from publishing import ELEMENT, World, write_project

from mapper import codes
from mapper.check import check_project
from mapper.cli import main
from mapper.cli.placing import place_files
from mapper.diagnostics import FileError, Severity
from mapper.platform.alike import difference
from mapper.platform.current import read_current
from mapper.platform.desired import read_desired
from mapper.platform.documents import documents, script_of
from mapper.platform.exports import Export, Layout, at_level, export_files, read_exports
from mapper.platform.levels import Level, Place
from mapper.platform.live import Live, exported, read_live
from mapper.platform.normal import Key, Kind, normal
from mapper.platform.plan import Options
from mapper.platform.pull import pull
from mapper.platform.pulled import desired_documents
from mapper.platform.survey import survey
from mapper.project import Project, load_project
from mapper.sandbox.execution import Execution
from mapper.sandbox.server import serving

SAMPLES = Path(__file__).parents[2] / "shared" / "samples" / "platform"
NO_PROJECT = Project(Path("nowhere"), ())
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
    made = pull(NO_PROJECT, live_of(case), alike)
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


PLANTED = [
    pytest.param(case, *planted, id=f"{case['shows']}-{planted[1]}")
    for case in CASES
    for planted in case.get("planted", ())
]


@pytest.mark.parametrize(("case", "right", "wrong"), PLANTED)
def test_rules_that_are_wrong_are_found_to_be(case, right, wrong, alike, tmp_path):
    """Whatever was recognised wrongly would not have become rules."""
    live = live_of(case)
    place_files(tmp_path, pull(NO_PROJECT, live, alike).files)
    file = tmp_path / "mappings" / ELEMENT / "thing.yaml"
    text = file.read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), "utf-8")
    found = alike(load_project(tmp_path).mapper("acme/thing").parts, live.transformation)
    assert found is not None
    assert found.startswith("once edited, it will do something else: ")


LOOKALIKES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "pull_lookalikes.yaml").read_text("utf-8")
)
BIG = ", ".join(f"k{number}: 'v{number}'" for number in range(180))


def live_with(script, *, legacy=False):
    """Return a transformation of five fields with a script."""
    types = {"total": "number", "active": "boolean"}
    names = ("id", "name", "status", "total", "active")
    fields = [
        {"path": name, "vendorPath": name.title(), "type": types.get(name, "string")}
        for name in names
    ]
    through = {"type": "passThrough", "properties": {"fromVendor": False, "toVendor": False}}
    transformation = {
        "fields": fields,
        "configuration": [through],
        "isLegacy": legacy,
        "script": {"body": script.replace("BIG", BIG)},
    }
    new = ("extra", "size")
    definition = [{"path": each["path"], "type": each["type"]} for each in fields]
    definition += [{"path": path} for path in new]
    return live_of({"definition": definition, "transformation": transformation})


@pytest.mark.parametrize("case", LOOKALIKES, ids=[case["shows"] for case in LOOKALIKES])
def test_what_looks_like_a_known_shape_and_is_none_stays_a_script(case, alike):
    live = live_with(case["script"], legacy=case.get("legacy", False))
    assert pull(NO_PROJECT, live, alike).how == "script"


@pytest.mark.parametrize("sign", ["||", "&&", "===", "+", "? 'x' :"])
@pytest.mark.parametrize("length", [25, 600])
def test_long_terms_take_neither_long_nor_the_stack(sign, length, alike):
    term = f" {sign} ".join(["originalObject.A === 'x'"] * length)
    script = f"if (fromVendor) {{ transformedObject.extra = {term}; }} done(transformedObject);"
    begin = time.process_time()
    pull(NO_PROJECT, live_with(script), alike)
    assert time.process_time() - begin < 10


def test_what_they_look_like_is_known(alike):
    """The fields around them let a script be recognised."""
    script = "if (fromVendor) { transformedObject.extra = 'b'; } done(transformedObject);"
    assert pull(NO_PROJECT, live_with(script), alike).how == "recognised script"


def pull_all(world, folder, alike, names=()):
    known = load_project(folder) if (folder / "mappings").exists() else Project(folder, ())
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


def test_random_mappings_become_their_rules_again(tmp_path, alike):
    """Whatever names and texts are in the rules: what they print is told by what it carries."""
    came = 0
    for seed in range(40):
        random = Random(seed)
        names, texts = (random.sample(ODD, NUMBER_OF_NAMES) for _ in range(2))
        files = Builder(random, names, texts).build().files()
        folder = tmp_path / str(seed)
        place_files(folder, {path: json.dumps(each) for path, each in files.items()})
        try:
            mapper = load_project(folder).mapper("random")
            sent = documents(mapper.parts, Level.ORGANIZATION)
        except FileError:  # a mapping that is wrong, or that the platform cannot be given
            continue
        came += 1
        (folder / "mappings" / "mapping.yaml").unlink()
        level = Level.ORGANIZATION
        live = Live(
            "thing",
            "e",
            normal(Kind.DEFINITION, sent.definition, level),
            normal(Kind.TRANSFORMATION, sent.transformation, level),
        )
        made = pull(load_project(folder), live, alike)
        assert (made.how, made.files.keys()) == ("rules", {"mappings/random.yaml"})
        place_files(folder, made.files)
        again = documents(load_project(folder).mapper("random").parts, level)
        assert again.text == sent.text
    assert came >= 10


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


# Levels -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [Level.ACCOUNT, Level.INSTANCE])
@pytest.mark.parametrize("own_definition", [True, False])
def test_other_levels(level, own_definition, world, tmp_path, alike):
    """What a lower level adds to a higher one is pulled alone, and planned alone."""
    owners = {Level.ACCOUNT: world.others.entries("/accounts")[0]["id"]}
    owners[Level.INSTANCE] = world.others.entries("/instances")[0]["id"]
    place = Place(world.place.url, level, str(owners[level]))
    fields = [{"path": name, "type": "string"} for name in ("id", "name")]
    world.send("POST", "/organizations/objects/thing/definitions", {"fields": fields})
    moved = [{"path": "id", "vendorPath": "Id"}]
    higher = {"vendorName": "things", "fields": moved}
    world.send("POST", f"/organizations/elements/{ELEMENT}/transformations/thing", higher)
    if own_definition:
        world.send("POST", place.definition("thing"), {"fields": fields[1:]})
    body = {
        "vendorName": "things",
        "fields": [{"path": "name", "vendorPath": "Name"}],
        "configuration": [{"type": "inherit"}],
    }
    world.send("POST", place.transformation("thing", ELEMENT), body)
    (live,) = read_live(world.client, place, [], None)
    assert (live.element, live.transformation["fields"].keys()) == (ELEMENT, {"name"})
    place_files(tmp_path / "new", pull(NO_PROJECT, live, alike).files)
    desired = read_desired(load_project(tmp_path / "new"), ["acme/thing"], level)
    current = read_current(world.client, place, desired.documents)
    assert desired.documents == {key: current.documents[key] for key in desired.documents}
    assert (Key(Kind.DEFINITION, "thing") in desired.documents) == own_definition


# Scripts of other people --------------------------------------------------------------------------


def test_beside_a_script_the_rest_stays_to_the_word(world, tmp_path, alike):
    """An edited rule changes its own entry: no setting, no script, nothing that no rule can say."""
    case = next(each for each in CASES if each["shows"] == "a script of which nothing is known")
    live = live_of(case)
    place_files(tmp_path, pull(NO_PROJECT, live, alike).files)
    file = tmp_path / "mappings" / ELEMENT / "thing.yaml"
    said = yaml.safe_load(file.read_text("utf-8"))
    said["fields"]["id"] = {"vendor": "Number", "access": "read"}
    file.write_text(json.dumps(said), "utf-8")
    made = desired_documents(load_project(tmp_path).mapper("acme/thing").parts, Level.ORGANIZATION)
    edited = normal(Kind.TRANSFORMATION, made.transformation, Level.ORGANIZATION)
    assert edited["fields"].pop("id") == {
        "type": "string",
        "vendorPath": "Number",
        "configuration": {"passThrough": {"fromVendor": True, "toVendor": False}},
    }
    before = dict(live.transformation)
    before["fields"] = {"name": live.transformation["fields"]["name"]}
    assert edited == before


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"definition": {"digest": "", "document": {"fields": {}}}}', "{"]
)
def test_a_broken_file_of_what_was_pulled_is_refused(text, tmp_path, alike):
    place_files(tmp_path, pull(NO_PROJECT, live_of(CASES[0]), alike).files)
    (tmp_path / "mappings" / ELEMENT / "thing.pulled.json").write_text(text, "utf-8")
    parts = load_project(tmp_path).mapper("acme/thing").parts
    with pytest.raises(FileError) as caught:
        desired_documents(parts, Level.ORGANIZATION)
    assert {each.rule.code for each in caught.value.diagnostics} <= {"M008", "M009", "M644"}


# From theirs to ours ------------------------------------------------------------------------------


def test_what_was_pulled_is_taken_over_once_it_is_edited(world, tmp_path, alike):
    """Pull, edit, publish: from then on it is ours, and a pull finds that the project has it."""
    fields = [{"path": name, "type": "string"} for name in ("id", "name")]
    world.send("POST", "/organizations/objects/thing/definitions", {"fields": fields})
    moved = [{"path": name, "vendorPath": name.upper()} for name in ("id", "name")]
    body = {"vendorName": "things", "fields": moved}
    for element in (ELEMENT, "other"):
        path = f"/organizations/elements/{element}/transformations/thing"
        world.send("POST", path, body)
    pull_all(world, world.folder, alike)
    file = world.folder / "mappings" / ELEMENT / "thing.yaml"
    said = yaml.safe_load(file.read_text("utf-8"))
    said["fields"]["id"] = {"vendor": "ID", "access": "read"}
    file.write_text(json.dumps(said), "utf-8")
    refused = plan_of(world, world.folder)
    assert [each.rule.code for each in refused.refused] == [codes.NOT_OURS.code]
    written = world.publish(Options(adopt=frozenset({"thing"})))
    assert [str(each.step.key) for each in written] == ["transformation thing (acme)"]
    assert plan_of(world, world.folder).is_empty
    assert [(each.name, each.how) for each in pull_all(world, world.folder, alike)] == [
        ("acme/thing", "the project has it"),
        ("other/thing", "the project has it"),
    ]


def test_elements_share_the_resource_of_their_object(world, tmp_path, alike):
    """The canonical schema has the members of all elements, and is the same for each."""
    fields = [{"path": name, "type": "string"} for name in ("id", "name", "count", "nobody")]
    world.send("POST", "/organizations/objects/thing/definitions", {"fields": fields})
    for element, moved in (
        (ELEMENT, [("id", "Id", "string"), ("count", "Count", "number")]),
        ("other", [("id", "key", "number"), ("name", "label", "string"), ("count", "c", "int")]),
    ):
        given = [{"path": p, "vendorPath": v, "type": t} for p, v, t in moved]
        path = f"/organizations/elements/{element}/transformations/thing"
        world.send("POST", path, {"vendorName": "things", "fields": given})
    first, second = pull_all(world, tmp_path / "new", alike)
    for path in first.files.keys() & second.files.keys():
        assert first.files[path] == second.files[path]
    schema = json.loads(first.files["schemas/canonical/thing.schema.json"])
    assert schema["properties"].keys() == {"id", "name", "count", "nobody"}
    assert plan_of(world, tmp_path / "new").is_empty


@pytest.mark.parametrize("script", [True, False])
def test_another_object_of_the_resources_name_is_in_the_way(script, world, tmp_path, alike):
    """What somebody renamed on the platform is not published under its old name."""
    published(world, ("thing",))
    known = load_project(world.folder)
    (live,) = read_live(world.client, world.place, ["thing"], None)
    file = world.folder / "mappings" / "thing.resource.yaml"
    file.write_text(
        file.read_text("utf-8").replace('"key"', '"objectName": "renamed", "key"'), "utf-8"
    )
    known = load_project(world.folder)
    if not script:
        kept = {name: each for name, each in live.transformation.items() if name != "script"}
        live = replace(live, transformation=kept)
    with pytest.raises(FileError) as caught:
        pull(known, live, alike)
    (found,) = caught.value.diagnostics
    assert (found.rule.code, found.message) == (
        "M643",
        "the project has a resource thing for another object",
    )


# Hostile names and folders ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "", ".", "..", "a\0b", "CON", "nul", "x" * 101, "é", "a b"]
)
@pytest.mark.parametrize("where", ["name", "element"])
def test_names_that_no_file_can_have(where, name, alike):
    live = replace(live_of(CASES[0]), **{where: name})
    with pytest.raises(FileError) as caught:
        pull(NO_PROJECT, live, alike)
    assert [each.rule.code for each in caught.value.diagnostics] == ["M643"]


def test_a_vendor_name_is_no_path(alike):
    live = live_of(CASES[0])
    hostile = {**live.transformation, "vendorName": "../../etc/passwd"}
    made = pull(NO_PROJECT, replace(live, transformation=hostile), alike)
    assert "schemas/acme/------etc-passwd.schema.json" in made.files


def test_nothing_is_written_over_and_nothing_by_halves(tmp_path):
    (tmp_path / "a").write_text("mine", "utf-8")
    files = {"new/b": "b", "a": "theirs", "new/c": "c"}
    with pytest.raises(FileError) as caught:
        place_files(tmp_path, files)
    assert [each.rule.code for each in caught.value.diagnostics] == ["M114"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a"]
    assert place_files(tmp_path, files, force=True) == {
        "new/b": "new",
        "a": "replaced",
        "new/c": "new",
    }
    assert place_files(tmp_path, files)["a"] == "unchanged"


def test_a_link_does_not_lead_out(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "mappings").symlink_to(tmp_path / "out")
    with pytest.raises(FileError):
        place_files(tmp_path / "in", {"mappings/x.yaml": "x"}, force=True)
    assert not list((tmp_path / "out").iterdir())


# Exports ------------------------------------------------------------------------------------------

DOCUMENT = {"fields": [{"path": "id", "type": "string", "level": "organization"}], "id": 5}
SCRIPTED = {
    "vendorName": "things",
    "fields": [{"path": "id", "vendorPath": "Id", "level": "organization"}],
    "script": {"body": "done(transformedObject);\n", "level": "organization"},
    "scripts": [
        {"body": "done(transformedObject);\n", "level": "organization"},
        {"body": "done({});", "level": "account"},
    ],
}
EXPORTS = [
    Export("thing", DOCUMENT, {"acme": SCRIPTED, "other": {"vendorName": "t", "fields": []}}),
    Export("bare", DOCUMENT, {}),
]


@pytest.mark.parametrize("layout", Layout)
def test_layouts_come_back(layout, tmp_path):
    place_files(tmp_path, export_files(EXPORTS, layout))
    again = {each.name: each for each in read_exports(tmp_path)}
    assert again.keys() == {"thing", "bare"}
    for each in EXPORTS:
        lost = {"id"} if layout is Layout.OLD else set()
        assert again[each.name].definition.keys() == each.definition.keys() - lost
        for element, transformation in each.transformations.items():
            read = again[each.name].transformations[element]
            levels = [Level.ORGANIZATION] if layout is Layout.OLD else list(Level)
            for level in levels:
                assert at_level(read, level) == at_level(transformation, level)


def test_layouts_have_the_files_of_the_vendors_tool():
    """The names are those of facts/platform.md 12."""
    assert set(export_files(EXPORTS[:1], Layout.NEW)) == {
        "thing/thing.json",
        "thing/definition/objectDefinition.json",
        "thing/transformation/acme/transformation.json",
        "thing/transformation/acme/script.js",
        "thing/transformation/acme/organization-script.js",
        "thing/transformation/acme/account-script.js",
        "thing/transformation/other/transformation.json",
    }
    assert set(export_files(EXPORTS[:1], Layout.OLD)) == {
        "objectDefinitions/thing/objectDefinition.json",
        "transformations/acme/thing/transformation.json",
        "transformations/acme/thing/script.js",
        "transformations/other/thing/transformation.json",
    }


@pytest.mark.parametrize(
    "text", ["[]", "5", "{}", '{"definition": 5}', '{"x": 5}', '{"transformations": {"a": 1}}', "{"]
)
def test_what_is_no_export_is_refused(text, tmp_path):
    (tmp_path / "file.json").write_text(text, "utf-8")
    for path in (tmp_path / "file.json", tmp_path):
        with pytest.raises(FileError) as caught:
            read_exports(path)
        assert {each.rule.code for each in caught.value.diagnostics} <= {"M009", "M644"}


def samples():
    """Yield what the vendor's own exports say, each at each level at which it says anything."""
    for path in sorted(SAMPLES.glob("vdr-export-*.json")):
        yield from of_export(path, read_exports(path))
    for path in sorted(SAMPLES.glob("transformation-*.json")):
        made = json.loads(path.read_text("utf-8"))
        if isinstance(made.get("fields"), list) and "<<" not in str(made.get("objectName")):
            paths = [{"path": each["path"]} for each in made["fields"]]
            name = made.get("objectName") or "thing"
            element = made.get("elementKey", ELEMENT)
            yield from of_export(path, [Export(name, {"fields": paths}, {element: made})])


def of_export(path, exports):
    seen = []
    for level in Level:
        for live in exported(exports, level, [], None):
            if live not in seen:  # what says nothing of levels is of all
                seen.append(live)
                yield pytest.param(live, level, id=f"{path.stem}-{level}-{live.element}")


@pytest.mark.parametrize(("live", "level"), list(samples()))
def test_the_vendors_own_samples_come_back_to_the_word(live, level, alike, tmp_path):
    made = pull(NO_PROJECT, live, alike)
    place_files(tmp_path, made.files)
    parts = load_project(tmp_path).mapper(made.name).parts
    sent = desired_documents(parts, level)
    assert normal(Kind.TRANSFORMATION, sent.transformation, level) == live.transformation
    assert (sent.definition and normal(Kind.DEFINITION, sent.definition, level)) == live.definition
    # And so they do in the vendor's tool's own form.
    wrapped = Export(live.name, sent.definition or {}, {live.element: sent.transformation})
    place_files(tmp_path / "export", export_files([wrapped], Layout.WRAPPER))
    (again,) = exported(read_exports(tmp_path / "export"), level, [], None)
    assert again.transformation == live.transformation


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples (../shared) are not beside this")
def test_there_are_samples():
    kinds = {"picklist", "multilevel", "wherescript", "hubspot-script", "full", "small"}
    names = [param.id for param in samples()]
    assert all(any(kind in name for name in names) for kind in kinds)


# The commands -------------------------------------------------------------------------------------


@pytest.fixture
def served(world):
    """Serve a platform with one transformation over HTTP; return how to call it."""
    fields = {"fields": [{"path": "id", "type": "string"}]}
    moved = {"vendorName": "things", "fields": [{"path": "id", "vendorPath": "Id"}]}
    world.send("POST", "/organizations/objects/thing/definitions", fields)
    world.send("POST", f"/organizations/elements/{ELEMENT}/transformations/thing", moved)
    with serving(world.application) as url:
        profiles = world.folder / "profiles.toml"
        profiles.write_text(f'[profiles.here]\nurl = "{url}"\n', "utf-8")
        yield ["--profile", "here", "--profiles", str(profiles)], world.environment


def mapper(*arguments, env=None):
    return CliRunner().invoke(main, list(map(str, arguments)), env=env, catch_exceptions=False)


def test_the_commands_over_http(served, tmp_path, monkeypatch):
    """Pull into an empty folder, check, pull again, export, and pull what was exported."""
    options, environment = served
    monkeypatch.chdir(tmp_path)
    pulled = mapper("pull", *options, "--out", "books", env=environment)
    assert (pulled.exit_code, pulled.stderr.splitlines()[-1]) == (
        0,
        "1 mapping, 5 files: 5 new",
    ), pulled.stderr
    assert pulled.stdout.splitlines()[:2] == [
        "acme/thing: field list",
        "  new       mappings/acme/thing.pulled.json",
    ]
    assert mapper("check", "--project", "books").exit_code == 0
    again = mapper("pull", *options, "--project", "books", env=environment)
    assert again.stdout.splitlines() == ["acme/thing: the project has it"]
    planned = mapper("plan", *options, "--project", "books", "--exit-code", env=environment)
    assert planned.exit_code == 0, planned.output
    compiled = mapper("compile", "acme/thing", "--target", "platform", "--project", "books")
    assert "M645" in compiled.stderr
    assert "script" not in json.loads(compiled.stdout)["transformation"], "as it was pulled"
    assert mapper("export", "exported", "--project", "books").exit_code == 0
    from_export = mapper("pull", "--from", "exported", "--out", "again")
    assert from_export.exit_code == 0
    for path in Path("books").rglob("*.yaml"):
        assert path.read_text() == ("again" / path.relative_to("books")).read_text()


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        ([], 2, "Give either --profile or --from."),
        (["--profile", "us", "--from", "x"], 2, "Give either --profile or --from."),
        (["--profile", "us", "--level", "account"], 2, "--level is for --from"),
        (["--from", "nowhere.json"], 1, "M001"),
        (["--from", ".", "other"], 1, "M643"),
        (["--from", ".", "--out", "."], 1, "M114"),
    ],
)
def test_wrong_use(arguments, exit_code, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAPPER_PROFILE", raising=False)
    made = {"vdrName": "thing", "definition": DOCUMENT, "transformation": {"acme": SCRIPTED}}
    (tmp_path / "thing.json").write_text(json.dumps(made), "utf-8")
    (tmp_path / "mappings" / "acme").mkdir(parents=True)
    (tmp_path / "mappings" / "acme" / "thing.script.js").write_text("mine", "utf-8")
    result = mapper("pull", *arguments)
    assert (result.exit_code, says in result.output) == (exit_code, True), result.output


def test_an_export_is_read_whatever_profile_the_environment_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = {"vdrName": "thing", "definition": DOCUMENT, "transformation": {"acme": SCRIPTED}}
    (tmp_path / "thing.json").write_text(json.dumps(made), "utf-8")
    result = mapper("pull", "--from", "thing.json", "--out", "x", env={"MAPPER_PROFILE": "us"})
    assert result.exit_code == 0, result.output


def test_profiles_are_those_of_the_project_around_wherever_files_go(served, tmp_path, monkeypatch):
    (_, _, _, profiles), environment = served
    (tmp_path / "here" / "mappings").mkdir(parents=True)
    (tmp_path / "here" / ".mapper").mkdir()
    shutil.copy(profiles, tmp_path / "here" / ".mapper" / "profiles.toml")
    monkeypatch.chdir(tmp_path / "here")
    for _ in range(2):  # into a new folder, and into a project
        result = mapper("pull", "--profile", "here", "--out", "../there", env=environment)
        assert result.exit_code == 0, result.output


# Whatever is live ---------------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["id", "a", "b", "a.b", "a.c", "a[*]", "a[*].b", "b[*].c[*].d", "a-b", "1", "é", ""]
)
VENDOR = NAMES | st.sampled_from(
    ["A[0]", "A[0].b", "A[?(@.x==1)].y", "A[*].size()", "A[x=1].y", "a b"]
)
SETTINGS = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["passThrough", "remove", "transformDate", "odd"])},
        optional={
            "properties": st.dictionaries(
                st.sampled_from(["fromVendor", "toVendor", "pattern"]), st.booleans(), max_size=2
            )
        },
    ),
    max_size=2,
)
TYPES = st.sampled_from(
    ["string", "boolean", "number", "array", "date", "int", "array[string]", "x", ""]
)
DEFINED = st.lists(
    st.fixed_dictionaries(
        {"path": NAMES, "type": TYPES}, optional={"displayName": st.sampled_from(["", "A label"])}
    ),
    max_size=5,
)
MOVED = st.lists(
    st.fixed_dictionaries(
        {"path": NAMES},
        optional={
            "vendorPath": VENDOR, "type": TYPES, "vendorType": TYPES, "configuration": SETTINGS,
        },
    ),
    max_size=5,
)  # fmt: skip
BODIES = st.sampled_from(
    [
        "", "done();", "/* mapper: acme/thing */\ndone(transformedObject);", "// rules: {}\n",
        'done(transformedObject);\n// rules: {"mapping":"a/b","vendor":{},"fields":{}}\n',
        "if (fromVendor) { transformedObject.a = 'x'; } done(transformedObject);",
        "if (fromVendor) transformedObject.a.b = transformedObject.id; done(transformedObject);",
        "transformedObject.x = originalObject.y || 'é'; done(transformedObject)", "\r\nodd\r\n",
    ]
)  # fmt: skip
TRANSFORMATIONS = st.fixed_dictionaries(
    {"fields": MOVED, "configuration": SETTINGS},
    optional={
        "vendorName": st.sampled_from(["things", "thing", "a/b", "é"]),
        "isLegacy": st.booleans(),
        "script": st.fixed_dictionaries({"body": BODIES}, optional={"mimeType": st.just("text/x")}),
    },
)


@given(DEFINED, TRANSFORMATIONS, st.sampled_from([None, "no"]))
@settings(max_examples=40, deadline=None)
def test_whatever_is_live_comes_back_to_the_word(fields, transformation, found):
    level = Level.ORGANIZATION
    live = Live(
        "thing",
        ELEMENT,
        normal(Kind.DEFINITION, {"fields": fields}, level),
        normal(Kind.TRANSFORMATION, transformation, level),
    )
    made = pull(NO_PROJECT, live, lambda parts, document: found)
    with TemporaryDirectory() as folder:
        place_files(Path(folder), made.files)
        project = load_project(folder)
        assert not project.errors
        sent = desired_documents(project.mapper(made.name).parts, level)
    assert normal(Kind.TRANSFORMATION, sent.transformation, level) == live.transformation
    assert normal(Kind.DEFINITION, sent.definition, level) == live.definition
