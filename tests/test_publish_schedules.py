"""Whatever goes wrong while publishing, at any request: what is told is true, and it converges.

A schedule says what happens: a fault that meets one request of a publish or all from there on, a
process that is killed while it goes on after that, somebody else who publishes in between. CI runs
those that a rule chooses; ``MAPPER_SCHEDULES=all`` runs every one.
"""

import os
import shutil
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import pytest
from publishing import (
    AFTER,
    FAULTS,
    GONE,
    PRUNE,
    Killed,
    RefusedPlanError,
    World,
    definition,
    everything,
    prepare,
    transformation,
    write_project,
)

from mapper.platform.errors import PlatformError
from mapper.platform.journal import State
from mapper.platform.survey import resolve_runs
from mapper.project import load_project

ALL = os.environ.get("MAPPER_SCHEDULES") == "all"
PARTS = 8
"""In how many tests the schedules are tried, so that processes share them."""
FOREVER = 999
THEIRS = {"a": ["name", "other"], "b": ["x", "y"], "gone": ["x"]}
"""What somebody else publishes of the same objects."""


class Cut(NamedTuple):
    """What happens to which requests of one publish."""

    fault: str
    at: int
    times: int = 1


class Schedule(NamedTuple):
    """What happens to one publish after the other, of *concurrency* requests at once."""

    cuts: tuple[Cut, ...]
    concurrency: int = 1


# Which there are --------------------------------------------------------------------------------


def faults_at(request) -> list[str]:
    """Return the faults that a request can meet; to a read it is the same before and after."""
    return [each for each in FAULTS if not (request.startswith("GET") and each.endswith("after"))]


def every_schedule(requests) -> Iterator[Schedule]:
    """Yield each fault at each request: once or for ever, one request or four at once, and then
    with a process that is killed at every third request while it goes on; and somebody else who
    publishes before each request.
    """
    for at, request in enumerate(requests):
        for fault in faults_at(request):
            for times, concurrency in product((1, FOREVER), (1, 4)):
                yield Schedule((Cut(fault, at, times),), concurrency)
            for then in range(0, len(requests), 3):
                yield Schedule((Cut(fault, at), Cut("killed before", then)))
        for concurrency in (1, 4):
            yield Schedule((Cut("overtaken", at),), concurrency)


def chosen_schedules(requests) -> Iterator[Schedule]:
    """Yield each kind of fault at each kind of request; at each kind of write then in turn for
    ever, with four requests at once, or followed by a kill; and somebody else who publishes before
    each request.
    """
    kinds = {kind_of(requests, at): at for at in reversed(range(len(requests)))}
    for at in kinds.values():
        for number, fault in enumerate(faults_at(requests[at])):
            yield Schedule((Cut(fault, at),))
            if not requests[at].startswith("GET"):
                for_ever = Schedule((Cut(fault, at, FOREVER),), concurrency=4)
                killed = Schedule((Cut(fault, at), Cut("killed before", 3 * number)))
                yield killed if (at + number) % 2 else for_ever
    for at in range(len(requests)):
        yield Schedule((Cut("overtaken", at),), concurrency=1 if at % 2 else 4)


def kind_of(requests, at):
    """Return the kind of a request: what it is about, and what for.

    Documents are read once for the plan, and then before and after each write.
    """
    request = requests[at]
    about = request.rpartition("/")[2]
    if about in ("a", "b", "gone"):
        about = "transformation"
    if not request.startswith("GET") or request not in requests[:at]:
        return about, request.split()[0]
    for when, near in (("before", requests[at + 1 : at + 2]), ("after", requests[at - 1 : at])):
        for method, path in map(str.split, near):
            if method != "GET" and path == request.split()[1]:
                return about, when, method
    raise AssertionError(f"{request} reads for no write")


# What is true -----------------------------------------------------------------------------------


def tells_the_truth(there, results):
    """Whether what is *there* is what the report says, as far as it says anything."""
    last = {each.step.key: each for each in results}
    for key, result in last.items():
        own = [each for each in results if each.step.key == key]
        done = [each for each in own if each.state is State.DONE]
        if all(each.state is not State.UNKNOWN for each in own):
            assert there.get(key) == (done[-1].step.after if done else own[0].step.before), result
    return True


def remembers_the_truth(world, there):
    """Whether the journal of the last run, with what was unknown resolved, is what is *there*."""
    for run in world.state.runs(world.place)[1:][-1:]:  # the first run is that of the fixture
        asked, states = run.snapshot.steps, run.states
        assert run.is_settled
        for key in {step.key for step in asked}:
            own = [number for number, step in enumerate(asked) if step.key == key]
            done = [number for number in own if states.get(number) is State.DONE]
            expected = asked[done[-1]].after if done else asked[own[0]].before
            assert there.get(key) == expected, (key, states)
    return True


def nobody_lies(there, said):
    """Whether what is *there* was written by somebody who says so, or was there before."""
    for key in {each.step.key for each in said}:
        own = [each for each in said if each.step.key == key]
        claims = [each.step.after for each in own if each.state is not State.NOT_DONE]
        assert there.get(key) in [*claims, own[0].step.before], key
    return True


def run_schedule(world, schedule, somebody):
    """Publish over a wire that is cut, as often as the schedule says, and then over a whole one."""
    there = everything(world)
    theirs = {key: each for key, each in there.items() if key.name == "theirs"}
    others = []
    world.wire.meanwhile = lambda: others.extend(publish_as(somebody, world))
    for cut in schedule.cuts:
        world.wire.cut(*cut)
        try:
            results = world.publish(PRUNE)
        except (Killed, KeyboardInterrupt, PlatformError):
            results = []
        there = everything(world)
        assert nobody_lies(there, others + results)
        assert others or tells_the_truth(there, results)
    world.wire.cut("none", 0, times=0)
    list(resolve_runs(world.client, world.state))
    assert others or remembers_the_truth(world, everything(world))
    again = world.publish(PRUNE)
    assert all(each.is_fine for each in again), again
    found = everything(world)
    assert tells_the_truth(found, again)
    assert world.survey(PRUNE).plan.is_empty
    assert {key: each for key, each in found.items() if key.name == "theirs"} == theirs
    ours = {*map(definition, ("a", "b")), *map(transformation, ("a", "b"))}
    # A definition that somebody else made anew meanwhile is theirs.
    anew = {definition("gone")} if others else set()
    assert ours <= set(found) - set(theirs) <= ours | anew
    fields = {name: {"type": "string"} for name in ("id", "name", "new")}
    fields["added"] = {"type": "number"}
    # Of whom others' fields are nothing tells here; at the same time they may have kept an old one.
    kept = {name: {"type": "string"} for name in (("other", "old") if others else ())}
    assert fields.items() <= found[definition("a")]["fields"].items() <= (fields | kept).items()


def publish_as(somebody, world):
    """Publish another project to the platform of *world*; return what became of each write.

    Nothing is written if a definition is there without a transformation yet: it may be anybody's.
    """
    other = object.__new__(World)
    other.__dict__ |= world.__dict__ | {"folder": world.folder / "somebody", "project": somebody}
    try:
        return other.publish(client=world.others)
    except RefusedPlanError:
        return []


# Trying them ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The folder of a world in which something is published, and others have something, too."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(folder)
    return folder


@pytest.fixture(scope="module")
def projects(tmp_path_factory):
    """What is to be published, and what somebody else publishes; each is read once."""
    ours, theirs = (tmp_path_factory.mktemp(name) for name in ("ours", "theirs"))
    write_project(ours, AFTER, GONE)
    write_project(theirs, THEIRS)
    return load_project(ours), load_project(theirs)


@pytest.fixture(scope="module")
def requests(prepared, projects, tmp_path_factory):
    """The requests of a publish that nothing happens to."""
    world = World(copied(prepared, tmp_path_factory.mktemp("first")), project=projects[0])
    world.publish(PRUNE)
    world.close()
    return list(world.wire.requests)


def copied(prepared, folder):
    return shutil.copytree(prepared, folder, dirs_exist_ok=True)


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_the_report_is_true_and_publishing_goes_on(
    part, prepared, projects, requests, tmp_path, monkeypatch, measured
):
    # Processes end here, and no machine does.
    monkeypatch.setattr("mapper.platform.journal.os.fsync", lambda descriptor: None)
    ours, theirs = projects
    every = list(dict.fromkeys((every_schedule if ALL else chosen_schedules)(requests)))
    if part == 0:
        measured(f"schedules of faults while publishing: {len(every)}")
    for number, schedule in enumerate(every[part::PARTS]):
        folder = copied(prepared, tmp_path / str(number))
        world = World(folder, schedule.concurrency, ours)
        try:
            run_schedule(world, schedule, theirs)
        except BaseException as error:
            error.add_note(f"{schedule}, {requests[schedule.cuts[0].at]}")
            raise
        finally:
            world.close()
        shutil.rmtree(folder)


def test_each_kind_of_request_meets_each_kind_of_fault(requests):
    chosen = set(chosen_schedules(requests))
    kinds = {kind_of(requests, at) for at in range(len(requests))}
    met = {
        (kind_of(requests, cut.at), cut.fault)
        for schedule in chosen
        for cut in schedule.cuts[:1]
        if schedule.concurrency == 1
    }
    for at, request in enumerate(requests):
        for fault in faults_at(request):
            assert (kind_of(requests, at), fault) in met
    assert len(kinds) == 4 + 3 * 6
    assert len(chosen) >= 200
    assert len(set(every_schedule(requests))) >= 2000
