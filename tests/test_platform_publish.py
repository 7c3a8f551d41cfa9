"""Publishing: what a plan says, what is written, and what is true after anything went wrong."""

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from publishing import (
    AFTER,
    BEFORE,
    ELEMENT,
    FOREIGN,
    GONE,
    HAND_MADE,
    PRUNE,
    TOMBSTONE,
    Killed,
    World,
    application,
    definition,
    everything,
    prepare,
    transformation,
    write_project,
)

from mapper.cli import main
from mapper.codes import BAD_STATE
from mapper.diagnostics import VALUE_WIDTH, Diagnostic, FileError
from mapper.platform.journal import State, StateFolder
from mapper.platform.publish import carry_out, snapshot
from mapper.sandbox.faults import parse_fault
from mapper.sandbox.server import serving


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The folder of a world in which something is published, and others have something, too."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(folder)
    return folder


@pytest.fixture
def world(prepared, tmp_path):
    shutil.copytree(prepared, tmp_path / "world")
    world = World(tmp_path / "world")
    yield world
    world.close()


def operations(plan):
    return {str(each.key): each.operation.value for each in plan.changes}


# While somebody else writes, too ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "b", "gone"])
def test_what_somebody_edits_after_the_plan_is_not_written_over(name, world):
    write_project(world.folder, AFTER, GONE)
    given = world.survey(PRUNE)
    path = f"/organizations/elements/acme/transformations/{name}"
    theirs = {**HAND_MADE, "fields": []}
    if name == "b":
        world.send("POST", "/organizations/objects/b/definitions", FOREIGN)
        world.send("POST", path, theirs)
    else:
        world.send("PUT", path, theirs)
    before = everything(world)
    run = world.state.begin(snapshot(given.plan, "now", given.record))
    results = carry_out(world.client, run, world.state, lambda result: None)
    (refused,) = [each for each in results if each.found is not None]
    assert (refused.step.key.name, refused.found.rule.code) == (name, "M631")
    later = results[results.index(refused) + 1 :]
    assert later
    assert {each.state for each in later} == {State.NOT_DONE}
    assert world.live(transformation(name)) == before[transformation(name)]


def test_without_a_state_folder_our_own_fields_still_go_and_others_stay(world):
    shutil.rmtree(world.folder / "state")
    write_project(world.folder, AFTER)
    assert all(each.is_fine for each in world.publish())
    assert set(world.live(definition("a"))["fields"]) == {"id", "name", "new", "added"}


def test_no_transformation_ever_maps_what_no_definition_has(world):
    write_project(world.folder, AFTER, GONE)
    given = world.survey(PRUNE)
    run = world.state.begin(snapshot(given.plan, "now", given.record))

    def look(result):
        for name in ("a", "b", "gone"):
            mapped = (world.live(transformation(name)) or {"fields": {}})["fields"]
            defined = (world.live(definition(name)) or {"fields": {}})["fields"]
            assert mapped.keys() <= defined.keys(), result.step

    assert all(each.is_fine for each in carry_out(world.client, run, world.state, look))


# The commands -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def url():
    with serving(application()) as url:
        yield url


@pytest.fixture
def run(world, url, monkeypatch):
    """Runs a command in the project, against the platform over HTTP."""
    for name, text in world.environment.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("MAPPER_PROFILE", "here")
    monkeypatch.chdir(world.folder)
    (world.folder / ".mapper").mkdir()
    profile = f'[profiles.here]\nurl = "{url}"\n'
    (world.folder / ".mapper" / "profiles.toml").write_text(profile, encoding="utf-8")

    def run_command(*arguments, code=0):
        result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    world.place = world.place.__class__(f"{url}/elements/api-v2", world.place.level)
    shutil.rmtree(world.folder / "state")
    run_command("publish", "--yes")  # nothing to do, which it records
    return run_command


def codes(result):
    return [each["code"] for each in json.loads(result.stderr)]


def test_a_plan_says_field_by_field_what_changes(world, run):
    write_project(world.folder, AFTER, GONE)
    shown = run("plan", "--prune").stdout
    head = shown.partition("\n\n")[0]
    assert "3 instances of acme affected" in head
    for line in (
        "~ definition a",
        "+     new: string",
        "-     old: string",
        "!     added: not ours, kept",
        "+ definition b: 2 fields",
        "~ transformation a (acme)",
        "+     new: string from v_new",
        "-     old: string from v_old",
        "- definition gone",
        "- transformation gone (acme)",
        "2 to create, 2 to change, 2 to delete, 0 unchanged",
    ):
        assert line in shown.splitlines()
    assert "- definition gone" not in run("plan").stdout


def test_a_plan_for_programs_and_for_pull_requests(world, run):
    write_project(world.folder, AFTER, GONE)
    shown = json.loads(run("plan", "--prune", "--format", "json").stdout)
    assert [(each["kind"], each["name"], each["operation"]) for each in shown["changes"]] == [
        ("definition", "a", "update"),
        ("definition", "b", "create"),
        ("transformation", "a", "update"),
        ("transformation", "b", "create"),
        ("transformation", "gone", "delete"),
        ("definition", "gone", "delete"),
    ]
    edits = shown["changes"][0]["edits"]
    assert edits == [
        {"path": ["fields", "new"], "after": {"type": "string"}},
        {"path": ["fields", "old"], "before": {"type": "string"}},
    ]
    shown = run("plan", "--format", "markdown").stdout
    assert shown.startswith("### mapper plan\n")
    assert "\n```diff\n! definition a\n" in shown


def test_exit_codes_of_a_plan(world, run):
    assert "0 to create, 0 to change" in run("plan", "--exit-code").stdout
    write_project(world.folder, AFTER)
    run("plan", "--exit-code", code=2)
    run("plan")
    run("publish", "--yes")
    run("plan", "--exit-code")
    run("plan", "nothing", "--exit-code", code=1)


def test_a_publish_asks_tells_and_verifies(world, run):
    write_project(world.folder, AFTER)
    assert "give --yes" in run("publish", code=2).stderr
    assert world.live(definition("b")) is None
    told = run("publish", "--yes")
    assert "done: definition b (create)" in told.stderr
    assert "transformation b (acme): verified by the platform's dry run, 1 example\n" in told.stdout
    shown = json.loads(run("publish", "--yes", "--format", "json").stdout)
    assert shown["writes"] == []
    assert {each["how"] for each in shown["verified"]} == {"verified by the platform's dry run"}


def test_what_does_not_check_is_not_published(world, run):
    write_project(world.folder, AFTER)
    path = world.folder / "mappings" / "b.yaml"
    path.write_text(path.read_text("utf-8").replace("v_x", "v_y"), encoding="utf-8")
    world.others.send("GET", "/organizations/me")
    assert codes(run("publish", "--yes", "--format", "json", code=1))
    assert world.live(definition("b")) is None


def test_only_the_plan_that_was_approved_is_published(world, run):
    write_project(world.folder, AFTER)
    run("plan", "--out", "plan.json")
    write_project(world.folder, {**AFTER, "b": ["y"]})
    told = run("publish", "--plan", "plan.json", "--yes", code=1).stderr
    assert "M628" in told
    assert "the project changed" in told
    write_project(world.folder, AFTER)
    world.send("PUT", "/organizations/objects/a/definitions", FOREIGN)
    told = run("publish", "--plan", "plan.json", "--yes", code=1).stderr
    assert "the platform changed" in told
    run("publish", "a", "--plan", "plan.json", "--yes", code=2)
    run("plan", "--out", "plan.json")
    run("publish", "--plan", "plan.json", "--yes")
    run("publish", "--plan", "plan.json", "--yes", code=1)


@pytest.mark.parametrize("file", ["mappings/b.yaml", "schemas/plan.json", "-"])
def test_a_plan_is_kept_in_no_place_of_a_source(file, world, run):
    write_project(world.folder, AFTER)
    before = (world.folder / "mappings" / "b.yaml").read_bytes()
    assert run("plan", "--out", file, code=2).stdout == ""
    assert (world.folder / "mappings" / "b.yaml").read_bytes() == before
    assert not (world.folder / "schemas" / "plan.json").exists()


def test_a_plan_that_would_do_something_else_with_another_state_folder_is_refused(world, run):
    """Who may drop a field is a matter of the record, too: the approved plan kept one."""
    write_project(world.folder, AFTER)
    run("plan", "--out", "plan.json")
    kept = json.loads((world.folder / "plan.json").read_text("utf-8"))
    kept["plan"]["changes"][0]["edits"].pop()
    (world.folder / "edited.json").write_text(json.dumps(kept), encoding="utf-8")
    told = run("publish", "--plan", "edited.json", "--yes", code=1).stderr
    assert "M628" in told
    assert "what would be done is something else" in told
    run("publish", "--plan", "plan.json", "--yes")


def test_what_was_written_is_told_although_it_cannot_be_kept(world, run, monkeypatch):
    def publish(*_):
        raise FileError([Diagnostic(BAD_STATE, "the disk is full")])

    write_project(world.folder, AFTER)
    monkeypatch.setattr(StateFolder, "publish", publish)
    result = run("publish", "--yes", "--format", "json", code=1)
    assert {each["state"] for each in json.loads(result.stdout)["writes"]} == {"done"}
    assert codes(result) == ["M630"]


def test_what_was_written_is_told_although_somebody_ends_verifying(world, run, monkeypatch):
    def verify(*_):
        raise KeyboardInterrupt

    write_project(world.folder, AFTER)
    monkeypatch.setattr("mapper.cli.publication.verify", verify)
    result = run("publish", "--yes", "--format", "json", code=130)
    assert {each["state"] for each in json.loads(result.stdout)["writes"]} == {"done"}


def test_what_was_written_is_told_although_verifying_breaks_off(world, run):
    write_project(world.folder, AFTER)
    fault = parse_fault("truncate;path=*/execute")
    world.application.platform.schedule.set([fault])
    try:
        result = run("publish", "--yes", "--format", "json", code=1)
    finally:
        world.application.platform.schedule.set([])
    assert {each["state"] for each in json.loads(result.stdout)["writes"]} == {"done"}


def test_what_is_not_ours_is_left_alone_until_it_is_adopted(world, run):
    write_project(world.folder, {**BEFORE, "theirs": ["name"]})
    before = everything(world)
    assert set(codes(run("plan", "--format", "json", code=1))) == {"M629"}
    assert set(codes(run("publish", "--yes", "--format", "json", code=1))) == {"M629"}
    assert everything(world) == before
    run("publish", "--yes", "--adopt", "theirs")
    made = everything(world)
    assert made[definition("theirs")]["fields"]["secretSauce"] == {"type": "number"}
    assert made[transformation("theirs")]["vendorName"] == "theirss"
    run("rollback", "--yes")
    assert everything(world) == before


def test_a_legacy_script_is_taken_over_and_given_back(world, run):
    """The platform turns nothing back to the legacy engine; a new transformation may have it."""
    path = "/organizations/elements/acme/transformations/theirs"
    live = world.others.get(path)
    world.send("DELETE", path)
    world.send(
        "POST", path, {**live, "isLegacy": True, "script": {"body": "return originalObject"}}
    )
    before = everything(world)
    assert before[transformation("theirs")]["isLegacy"] is True
    write_project(world.folder, {**BEFORE, "theirs": ["name"]})
    run("publish", "--yes", "--adopt", "theirs")
    assert "isLegacy" not in world.live(transformation("theirs"))
    run("rollback", "--yes")
    assert everything(world) == before


def test_a_plan_shows_the_rules_that_changed(world, run):
    path = world.folder / "mappings" / "a.yaml"
    changed = path.read_text("utf-8").replace(
        '"name": "v_name"', '"name": {"vendor": "v_name", "access": "read"}'
    )
    path.write_text(changed, encoding="utf-8")
    lines = run("plan").stdout.splitlines()
    assert '~       rule name: "v_name" -> {"vendor": "v_name", "access": "read"}' in lines
    assert not any("// rules:" in line for line in lines)
    assert "law class of acme/a, name: iso -> read" in lines


def test_a_platform_that_maps_otherwise_is_told(world, run, monkeypatch):
    """Somebody's transformation of a lower level decides for the account that asks."""
    with world.store.reading() as db:
        account = db.list("account")[0]["id"]
    path = f"/accounts/{account}/elements/{ELEMENT}/transformations/a"
    world.send("POST", path, {"vendorName": "as", "script": {"body": "done({id: 'other'})"}})
    result = run("publish", "--yes", "--format", "json", code=1)
    assert set(codes(result)) == {"M633"}
    told = {each["key"]: each["how"] for each in json.loads(result.stdout)["verified"]}
    assert told["transformation a (acme)"] == "the platform maps otherwise"
    assert told["transformation gone (acme)"] == "verified by the platform's dry run"


@pytest.mark.parametrize("shown", [7, 9, 20])
def test_a_secret_that_a_long_value_ends_in_is_masked_before_the_value_is_cut(shown, world, run):
    """Whatever part of it is left of the cut."""
    secret = world.environment["CE_USER_SECRET"]
    label = "x" * (98 - shown) + secret
    fields = [{"path": path} for path in ("id", "name", "old")]
    fields[1] |= {"type": "number", "displayName": label}
    world.send("PUT", "/organizations/objects/a/definitions", {"fields": fields})
    path = f"/organizations/elements/{ELEMENT}/transformations/a"
    world.send("PUT", path, {**world.others.get(path), "vendorName": label})
    write_project(world.folder, AFTER)
    for command in (["plan"], ["plan", "--format", "markdown"], ["drift"]):
        told = run(*command).output
        assert "x" * 50 in told
        assert secret[:6] not in told, command


TRANSLATING = [{"type": "applyJSOnQueryFieldValue", "properties": {"toVendor": None}}]
BELOW = {
    "a script of its own": (
        {"script": {"body": "done(transformedObject);"}, "configuration": TRANSLATING},
        "whose script runs there instead of the one published here",
    ),
    "a script of another project": (
        {"script": {"body": "/* mapper: other/a */\ndone(transformedObject);"}},
        "whose script runs there instead of the one published here",
    ),
    "an overlay of this project": (
        {"script": {"body": "/* mapper: acme/a */\ndone(transformedObject);"}}, None,
    ),
    "fields alone": (
        {"fields": [{"path": "name", "vendorPath": "Label"}]},
        "without applyJSOnQueryFieldValue: conditions of lists may go untranslated there",
    ),
    "fields, and conditions translated": (
        {"fields": [{"path": "name", "vendorPath": "Label"}], "configuration": TRANSLATING}, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("theirs", "told"), BELOW.values(), ids=BELOW)
def test_a_plan_tells_what_an_account_has_in_the_place_of_ours(theirs, told, world, run):
    with world.store.reading() as db:
        account = db.list("account")[0]["id"]
    path = f"/accounts/{account}/elements/{ELEMENT}/transformations"
    world.send("POST", f"{path}/a", {"vendorName": "as", **theirs})
    world.send("POST", f"{path}/theirs", {"vendorName": "x", **theirs, "fields": []})
    begin = f"account {account} has its own transformation a (acme)"
    shown = [
        *run("plan").stdout.splitlines(),
        *json.loads(run("plan", "--format", "json").stdout)["head"],
        *run("plan", "--format", "markdown").stdout.replace("\\", "").splitlines(),
    ]
    lines = [line.removeprefix("- ") for line in shown if "has its own" in line]
    assert len(lines) == (0 if told is None else 3)
    for line in lines:
        assert line.startswith(begin)
        assert line.endswith(told)


def test_a_plan_reads_only_what_accounts_have_of_ours(world):
    """One request for each that there is."""
    requests = world.wire.requests
    world.survey()
    before = len(requests)
    with world.store.reading() as db:
        account = db.list("account")[0]["id"]
    path = f"/accounts/{account}/elements/{ELEMENT}/transformations"
    for name in ("a", "theirs"):
        world.send("POST", f"{path}/{name}", {"vendorName": "x", "script": {"body": "done({})"}})
    requests.clear()
    affected = world.survey().affected
    assert len(requests) == before + 1
    assert len(affected) == 2
    world.wire.cut("refused before", before)
    assert "which cannot be read: it may hide the script" in world.survey().affected[-1]


def test_a_secret_in_what_the_platform_maps_is_masked_before_it_is_cut(world, run):
    secret = world.environment["CE_USER_SECRET"]
    with world.store.reading() as db:
        account = db.list("account")[0]["id"]
    path = f"/accounts/{account}/elements/{ELEMENT}/transformations/a"
    script = {"body": f"done({{id: '{'x' * (VALUE_WIDTH - 15)}{secret}'}})"}
    world.send("POST", path, {"vendorName": "as", "script": script})
    told = run("publish", "--yes", code=1).output
    assert "M633" in told
    assert "x" * 40 in told
    assert secret[:6] not in told


def test_a_plan_of_one_mapping_is_silent_about_the_others(world, run):
    assert len(BEFORE) > 1
    shown = run("plan", "acme/a").stdout
    assert "unchanged" in shown
    assert "note:" not in shown


def test_what_goes_needs_a_tombstone_and_a_word(world, run):
    write_project(world.folder, {"a": BEFORE["a"]})
    assert "a tombstone in mappings/removed.yaml lets it be deleted" in run("plan").stdout
    run("publish", "--yes", "--prune")
    assert world.live(definition("gone")) is not None
    write_project(world.folder, {"a": BEFORE["a"]}, GONE)
    assert "--prune deletes it" in run("plan").stdout
    run("publish", "--yes")
    assert world.live(definition("gone")) is not None
    run("publish", "--yes", "--prune")
    assert world.live(definition("gone")) is world.live(transformation("gone")) is None
    write_project(
        world.folder, {"a": BEFORE["a"]}, {"acme/x": {**TOMBSTONE, "objectName": "theirs"}}
    )
    assert "not ours: it stays" in run("publish", "--yes", "--prune").stdout
    assert world.live(definition("theirs")) is not None


def test_another_elements_transformation_keeps_a_definition(world, run):
    path = "/organizations/elements/other/transformations/gone"
    world.send("POST", path, {"vendorName": "x", "fields": [{"path": "id", "vendorPath": "i"}]})
    write_project(world.folder, {"a": BEFORE["a"], "gone": ["y"]})
    assert "M629" in run("publish", "--yes", code=1).stderr  # it is theirs, too
    write_project(world.folder, {"a": BEFORE["a"]}, GONE)
    run("publish", "--yes", "--prune")
    assert world.live(transformation("gone")) is None
    assert world.live(transformation("gone", "other")) is not None
    assert world.live(definition("gone")) is not None


def test_a_definition_that_others_added_to_stays_when_its_mapping_goes(world, run):
    write_project(
        world.folder, {"gone": BEFORE["gone"]}, {"acme/a": {**TOMBSTONE, "objectName": "a"}}
    )
    told = run("publish", "--yes", "--prune").stdout
    assert "definition a has fields that are not ours: it stays" in told
    assert world.live(transformation("a")) is None
    assert world.live(definition("a"))["fields"]["added"] == {"type": "number"}
    run("plan", "--prune", "--exit-code")
    run("publish", "--yes", "--prune", "--adopt", "a")
    assert world.live(definition("a")) is None


def test_what_another_projects_mapping_maps_stays_in_the_definition(world, run):
    """Nothing tells, without a record, whose fields those are that marked scripts map."""
    fields = [{"path": path} for path in ("id", "name", "old", "added", "theirs")]
    world.send("PUT", "/organizations/objects/a/definitions", {"fields": fields})
    mapped = [{"path": path, "vendorPath": path} for path in ("id", "old", "theirs")]
    script = {"body": "/* mapper: other/a */\ndone(transformedObject);"}
    made = {"vendorName": "x", "fields": mapped, "script": script}
    world.send("POST", "/organizations/elements/other/transformations/a", made)
    before = world.live(transformation("a", "other"))
    shutil.rmtree(world.folder / ".mapper" / "runs", ignore_errors=True)
    (world.folder / ".mapper" / "published.json").unlink()
    write_project(world.folder, {**AFTER, "gone": BEFORE["gone"]})
    run("publish", "--yes")
    assert set(world.live(definition("a"))["fields"]) == {
        "id", "name", "old", "added", "theirs", "new",
    }  # fmt: skip
    assert world.live(transformation("a", "other")) == before
    run("plan", "--exit-code")


def test_rolling_back_gives_what_was_there(world, run):
    before = everything(world)
    write_project(world.folder, AFTER, GONE)
    run("publish", "--yes", "--prune")
    assert everything(world) != before
    run("rollback", "--yes")
    assert everything(world) == before
    write_project(world.folder, BEFORE)
    run("plan", "--exit-code")
    run("rollback", "--yes", "--run", "99", code=1)
    run("rollback", "--yes")  # undoes the undoing
    write_project(world.folder, AFTER)
    run("plan", "--exit-code")


def test_rolling_back_undoes_nobody_elses_edit(world, run):
    write_project(world.folder, AFTER)
    run("publish", "--yes")
    world.send("PUT", "/organizations/objects/b/definitions", {"fields": [{"path": "id"}]})
    before = everything(world)
    assert codes(run("rollback", "--yes", "--format", "json", code=1)) == ["M631"]
    assert everything(world) == before


def test_rolling_back_takes_no_definition_from_a_transformation_of_others(world, run):
    write_project(world.folder, AFTER)
    run("publish", "--yes")
    mapped = {"vendorName": "x", "fields": [{"path": "id", "vendorPath": "i"}]}
    world.send("POST", "/organizations/elements/other/transformations/b", mapped)
    before = everything(world)
    told = run("rollback", "--yes", code=1).stderr
    assert "M631" in told
    assert "definition b is used by transformation b (other)" in told
    assert everything(world) == before


def test_drift_of_one_mapping_is_silent_about_the_others(world, run):
    assert "acme/gone" not in run("drift", "acme/a").stdout
    assert run("drift", "acme/gone", "--exit-code").stdout == "no drift\n"


def test_drift_says_who_changed_what(world, run):
    foreign = "definition a: the platform changed"
    assert foreign in run("drift").stdout  # the field that others added
    world.send("DELETE", f"/organizations/elements/{ELEMENT}/transformations/gone")
    write_project(world.folder, {"a": ["name"], "gone": ["x"], "b": ["x"]})
    shown = json.loads(run("drift", "--format", "json", "--exit-code", code=2).stdout)
    assert {each["key"]: each["side"] for each in shown} == {
        "definition a": "both changed",
        "definition b": "not published",
        "transformation a (acme)": "the project changed",
        "transformation b (acme)": "not published",
        "transformation gone (acme)": "the platform changed",
    }


def test_a_revision_of_git_is_published(world, run):
    def git(*arguments):
        who = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(world.folder), *who, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    write_project(world.folder, AFTER)
    git("init", "--quiet")
    git("add", "mappings", "schemas")
    git("commit", "--quiet", "-m", "x")
    write_project(world.folder, BEFORE)
    assert "with changes that are not committed" in run("plan").stdout
    run("publish", "--yes", "--rev", "HEAD")
    assert world.live(definition("b")) is not None
    run("plan", "--rev", "HEAD", "--exit-code")
    assert codes(run("plan", "--rev", "nowhere", "--format", "json", code=1)) == ["M116"]


# Noise and slowness -----------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["reorder", "extra-members", "reorder,extra-members"])
def test_what_the_platform_adds_and_reorders_is_no_change(fault, world):
    world.application.platform.schedule.set([parse_fault(each) for each in fault.split(",")])
    try:
        assert world.survey().plan.is_empty
        write_project(world.folder, AFTER, GONE)
        assert all(each.is_fine for each in world.publish(PRUNE))
        assert world.survey(PRUNE).plan.is_empty
    finally:
        world.application.platform.schedule.set([])


def test_a_platform_that_shows_writes_late_is_waited_for(world, run):
    write_project(world.folder, AFTER, GONE)
    world.application.platform.schedule.set([parse_fault("lag=300")])
    try:
        time.sleep(0.4)
        run("publish", "--yes", "--prune")
    finally:
        world.application.platform.schedule.set([])
    run("plan", "--prune", "--exit-code")


# The end of the process -------------------------------------------------------------------------


def test_a_journal_that_ends_within_a_line_goes_on_with_a_whole_one(world):
    write_project(world.folder, AFTER)
    world.wire.cut("killed after", 12)
    with pytest.raises(Killed):
        world.publish()
    world.wire.cut("none", 0, times=0)
    run = world.state.runs(world.place)[-1]
    with (run.folder / "journal.ndjson").open("ab") as journal:
        journal.write(b'{"step":')
    assert all(each.is_fine for each in world.publish())
    assert run.is_settled


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("done", [0, 2, 5])  # of seven writes
def test_a_process_that_is_ended_leaves_a_journal_to_go_on_from(kind, done, world, run):
    """The process ends while writes are on their way: the platform answers late."""
    write_project(world.folder, AFTER, GONE)
    world.application.platform.schedule.set([parse_fault("latency=60")])
    command = [sys.executable, "-m", "mapper", "publish", "--yes", "--prune"]
    process = subprocess.Popen(
        command, cwd=world.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    journal = world.folder / ".mapper" / "runs" / "0001" / "journal.ndjson"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        lines = journal.read_text("utf-8").splitlines() if journal.exists() else []
        known = sum("state" in each for each in lines)
        if known >= done and len(lines) > 2 * known:  # one more is on its way
            break
        time.sleep(0.005)
    process.send_signal(kind)
    print(*process.communicate(timeout=30))  # where it is searched for secrets
    world.application.platform.schedule.set([])
    assert process.returncode == (-signal.SIGKILL if kind is signal.SIGKILL else 130)
    # After Ctrl-C what is on its way is waited for, so that nothing is unknown.
    assert ("run 1, " in run("plan", "--prune").stdout) == (kind is signal.SIGKILL)
    run("publish", "--yes", "--prune")
    run("plan", "--prune", "--exit-code")
