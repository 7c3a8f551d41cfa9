"""Any state of the platform, any level: nothing foreign is written, and every drift is found."""

import os
import random
import threading

import msgspec
import pytest
from publishing import ELEMENT, Killed, Wire, World, write_project

from mapper.diagnostics import FileError
from mapper.platform.current import read_document
from mapper.platform.drift import Side, find_drift
from mapper.platform.journal import State
from mapper.platform.levels import Level, Place
from mapper.platform.normal import Key, Kind
from mapper.platform.plan import Operation, Options
from mapper.platform.publish import carry_out, snapshot

THINGS = {"a": ["name", "old"], "b": ["x"]}
SEEDS = range(100 if os.environ.get("MAPPER_SCHEDULES") == "all" else 6)
NAMES = ("a", "b", "c", "d")
ELEMENTS = (ELEMENT, "other")


def place_of(world, level):
    with world.store.reading() as db:
        owners = {
            Level.ACCOUNT: str(db.list("account")[0]["id"]),
            Level.INSTANCE: str(db.list("instance")[0]["id"]),
        }
    return Place(world.place.url, level, owners.get(level))


def at(world, level):
    """Let *world* publish at a level."""
    place = place_of(world, level)
    profile = world.profile
    world.profile = msgspec.structs.replace(
        profile, level=level, account=place.owner, instance=place.owner
    )
    world.place = world.profile.place
    world.client = world.make_client(world.wire)
    return world


@pytest.fixture
def world(tmp_path):
    write_project(tmp_path, THINGS)
    world = World(tmp_path)
    yield world
    world.close()


def everything(world):
    """Return all documents of all levels."""
    found = {}
    for level in Level:
        place = place_of(world, level)
        keys = [Key(Kind.DEFINITION, name) for name in NAMES]
        keys += [Key(Kind.TRANSFORMATION, name, element) for name in NAMES for element in ELEMENTS]
        for key in keys:
            if level is Level.INSTANCE and key.element == "other":
                continue
            live = read_document(world.others, place, key)
            if live is not None:
                found[level, key] = live
    return found


def some_fields(chance, names=("id", "name", "extra", "more.inside", "items[*].n")):
    chosen = chance.sample(names, chance.randint(1, len(names)))
    return [{"path": each, "type": chance.choice(["string", "number"])} for each in chosen]


def somebody_writes(world, chance):
    """Let somebody else make something, somewhere."""
    place = place_of(world, chance.choice(list(Level)))
    name = chance.choice(NAMES)
    defined = some_fields(chance)
    try:
        world.send("POST", place.definition(name), {"fields": defined, "description": "Theirs."})
        if chance.random() < 0.7:
            element = ELEMENT if place.level is Level.INSTANCE else chance.choice(ELEMENTS)
            mapped = [{**each, "vendorPath": "V" + each["path"]} for each in defined]
            made = {"vendorName": "Vs", "fields": mapped, "configuration": [{"type": "inherit"}]}
            if chance.random() < 0.5:
                made["script"] = {"body": "done(transformedObject);"}
            world.send("POST", place.transformation(name, element), made)
    except Exception as error:
        if "409" not in str(error):
            raise


def is_ours(key, level, place):
    return level is place.level and key.name in THINGS and key.element in ("", ELEMENT)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_foreign_is_written_and_publishing_twice_is_publishing_once(level, seed, world):
    chance = random.Random(f"{level} {seed}")
    at(world, level)
    for _ in range(chance.randint(0, 6)):
        somebody_writes(world, chance)
    before = everything(world)
    world.wire.requests.clear()
    refused = {each.message.split()[3] for each in world.survey().plan.refused}
    allowed = Options(adopt=frozenset(refused)) if chance.random() < 0.5 else Options()
    if refused and not allowed.adopt:
        left = {name: members for name, members in THINGS.items() if name not in refused}
        if not left:
            return
        write_project(world.folder, left)
    results = world.publish(allowed)
    assert all(each.is_fine for each in results), [each for each in results if not each.is_fine]
    assert world.survey().plan.is_empty
    assert world.publish() == []
    after = everything(world)
    for (where, key), document in before.items():
        if not is_ours(key, where, world.place) or (key.name in refused and not allowed.adopt):
            assert after[where, key] == document
        elif key.kind is Kind.DEFINITION:  # what others added is kept
            ours = world.survey().desired.documents[key]["fields"]
            for path, field in document["fields"].items():
                assert path in ours or after[where, key]["fields"][path] == field
    theirs = [f"{method} " for method in ("POST", "PUT", "DELETE")]
    touched = [each for each in world.wire.requests if each.startswith(tuple(theirs))]
    assert all("/objects/a/" in each or "/objects/b/" in each or each[-2:] in ("/a", "/b")
               for each in touched)  # fmt: skip


DRIFTS = {
    "a type": lambda live: live["fields"][0].update(type="number"),
    "a field less": lambda live: live["fields"].pop(),
    "a field more": lambda live: live["fields"].append({"path": "z", "type": "number"}),
    "a label": lambda live: live["fields"][0].update(displayName="Other"),
    "another source": lambda live: live["fields"][0].update(vendorPath="elsewhere"),
    "a setting of a field": lambda live: live["fields"][0].update(
        configuration=[{"type": "remove", "properties": {"toVendor": True, "fromVendor": True}}]
    ),
    "a setting less": lambda live: live["configuration"].pop(),
    "a setting": lambda live: live["configuration"][-1].update(
        properties={"fromVendor": True, "toVendor": True}
    ),
    "a script": lambda live: live["script"].update(body=live["script"]["body"] + "// mine\n"),
    "another resource": lambda live: live.update(vendorName="elsewhere"),
}
OF_DEFINITIONS = ("a type", "a field less", "a field more", "a label")


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("kind", Kind)
def test_every_drift_is_found_and_healed(level, kind, world):
    at(world, level)
    world.publish()
    key = Key(kind, "a", ELEMENT if kind is Kind.TRANSFORMATION else "")
    path = world.place.definition("a")
    if kind is Kind.TRANSFORMATION:
        path = world.place.transformation("a", ELEMENT)
    for name, change in DRIFTS.items():
        if (kind is Kind.DEFINITION) != (name in OF_DEFINITIONS) and name not in OF_DEFINITIONS:
            continue
        if kind is Kind.TRANSFORMATION and name in ("a field more", "a label", "a field less"):
            continue  # what a definition does not have no transformation maps
        live = world.others.get(path)
        change(live)
        world.send("PUT", path, live)
        given = world.survey()
        found = {each.key: each for each in find_drift(
            given.desired, given.current, given.record)}  # fmt: skip
        assert found[key].side is Side.THEIRS, name
        if name in ("a field more", "a label"):  # somebody else's, and kept
            assert given.plan.is_empty
            (change_of,) = [each for each in given.plan.changes if each.key == key]
            assert change_of.kept, name
        else:
            assert {each.key for each in given.plan.changed} == {key}, name
            assert all(each.is_fine for each in world.publish()), name
        assert world.survey().plan.is_empty


# Two at once ------------------------------------------------------------------------------------


class Turns(Wire):
    """Lets two publishers send in turns that a seed decides."""

    def __init__(self, application, lock, chance):
        super().__init__(application)
        self._lock, self._chance = lock, chance

    def handle_request(self, request):
        for _ in range(self._chance.randint(0, 3)):
            threading.Event().wait(0.0005)
        with self._lock:
            return super().handle_request(request)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_publishers_at_once_never_lie(seed, world, tmp_path):
    """Each has a state folder of its own, as on two machines; one has another mapping."""
    chance = random.Random(seed)
    world.publish()
    folder = tmp_path / "second"
    write_project(folder, {"a": ["name", "new"], "b": ["x"]})
    write_project(world.folder, {"a": ["name", "other"], "b": ["x", "y"]})
    results = {}

    def publish(which, where):
        other = object.__new__(World)
        other.__dict__ |= world.__dict__ | {"folder": where}
        client = world.make_client(Turns(world.application, lock, random.Random(which)))
        given = other.survey(client=client)
        run = other.state.begin(snapshot(given.plan, "now", given.record))
        results[which] = carry_out(client, run, other.state, lambda result: None)

    lock = threading.Lock()
    order = [("first", world.folder), ("second", folder)]
    chance.shuffle(order)
    threads = [threading.Thread(target=publish, args=each) for each in order]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2
    for key in {each.step.key for each in results["first"] + results["second"]}:
        live = world.live(key)
        said = [each for one in results.values() for each in one if each.step.key == key]
        # What is there was written by somebody who says so, or nobody wrote anything.
        claims = [each.step.after for each in said if each.state is not State.NOT_DONE]
        assert live in claims or live == said[0].step.before
    assert all(each.is_fine for each in world.publish())
    assert world.survey().plan.is_empty


def test_two_publishers_of_one_folder_wait_for_each_other(world):
    with world.state.alone(), pytest.raises(FileError) as caught:
        world.publish()
    assert caught.value.diagnostics[0].rule.code == "M630"


# How much is asked ------------------------------------------------------------------------------


def test_requests_do_not_grow_with_what_is_not_ours(world):
    world.publish()
    world.wire.requests.clear()
    world.survey()
    few = len(world.wire.requests)
    body = {"fields": [{"path": "id"}]}
    for number in range(60):
        world.send("POST", f"/organizations/objects/foreign{number}/definitions", body)
    world.wire.requests.clear()
    assert world.survey().plan.is_empty
    assert len(world.wire.requests) == few == 2 * 3 + 1  # and whom it is for


def test_what_was_killed_between_two_creations_needs_no_adoption(world):
    """The definition is there and nothing says that it is ours but the journal, or what it says."""
    for forgets in (False, True):
        world.wire.cut("killed after", 8)
        with pytest.raises(Killed):
            world.publish()
        world.wire.cut("none", 0, times=0)
        if forgets:
            world.state.folder.rename(world.folder / "forgotten")
        assert not world.survey().plan.refused
        assert all(each.is_fine for each in world.publish())
        for name in THINGS:
            world.send("DELETE", world.place.transformation(name, ELEMENT))
            world.send("DELETE", world.place.definition(name))
    assert Operation.CREATE in {each.operation for each in world.survey().plan.changes}
