"""Scripts: what they give, what hostile ones do not, where they run, and what comes of it all."""

import json
import os
import resource
import signal
import threading
import time
from pathlib import Path

import pytest
import v8
import yaml

from mapper.sandbox import scripts, workers
from mapper.sandbox.execution import Execution
from mapper.sandbox.scripts import Call, Limits, Script, ScriptRunner
from mapper.sandbox.settings import Settings
from mapper.sandbox.workers import WorkerError

CASES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "sandbox" / "scripts.yaml").read_text("utf-8")
)
LIMITS = Limits(seconds=0.2, memory=32 << 20, output=4 << 20)
ONLY_MAPPED = {"type": "passThrough", "properties": {"fromVendor": False, "toVendor": False}}


@pytest.fixture(scope="module")
def runner():
    with ScriptRunner(LIMITS) as runner:
        yield runner


@pytest.fixture(scope="module")
def execution():
    with Execution(LIMITS) as execution:
        yield execution


def call_of(case):
    return Call(case.get("original", '{"a": 1}'), '{"b": 1}')


def script_of(case, body="body"):
    return Script(case[body], is_legacy=case.get("legacy", False), configuration={"host": "local"})


def same(left, right):
    """Whether two values are equal as JSON has it, where 1 and 1.0 are, and 1 and true are not."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def check(answer, case):
    match case:
        case {"gives": value}:
            assert (answer.failure, answer.is_given) == (None, True)
            assert same(answer.value, value)
        case {"nothing": True}:
            assert (answer.failure, answer.is_given, answer.value) == (None, False, None)
        case {"fails": [kind, part]}:
            assert not answer.is_given
            assert answer.failure.kind in kind.split(" or ")
            assert part in answer.failure.message
    if "log" in case:
        assert list(answer.log) == case["log"]
    assert len(answer.log) == case.get("lines", len(case.get("log", [])))


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_cases_hold(case, runner):
    if "settings" in case:
        with ScriptRunner(LIMITS, Settings(case["settings"])) as another:
            check(*another.run(script_of(case), [call_of(case)]), case)
        return
    answers = list(runner.run(script_of(case), [call_of(case)]))
    if "then" in case:
        answers = list(runner.run(script_of(case, "then"), [call_of(case)]))
    check(*answers, case)


@pytest.mark.skipif(v8.NODE is None, reason="Node.js is not installed")
def test_v8_gives_the_same():
    """All cases that end by themselves, but those that speak of the engine or its setting."""
    ends = [
        case
        for case in CASES
        if case.get("fails", ["error"])[0] in {"error", "syntax"}
        and not {"settings", "then", "lines"} & set(case)
        and "for (;;)" not in case["body"]
        and case.get("fails", ["", ""])[1] not in {"block", "too long", "stack"}
        and "import(" not in case["body"]
    ]
    assert len(ends) > 30
    calls = [call_of(case) for case in ends]
    batches = [
        (script_of(case), [(json.loads(call.original), json.loads(call.transformed))])
        for case, call in zip(ends, calls, strict=True)
    ]
    for case, (result,) in zip(ends, v8.run_batches(batches), strict=True):
        match case:
            case {"gives": value}:
                assert same(result["value"], value), case["case"]
            case {"nothing": True}:
                assert result["nothing"], case["case"]
            case {"fails": [kind, _]}:
                assert result["failure"] == kind, case["case"]


# The process


def test_many_calls_are_answered_in_their_order(runner):
    script = Script("if (originalObject % 7 === 3) throw originalObject; done(originalObject)")
    calls = [Call(str(number), "0") for number in range(1200)]
    for shared in (False, True):
        answers = list(runner.run(script, calls, shared=shared))
        for number, answer in enumerate(answers):
            if number % 7 == 3:
                assert answer.failure.message == str(number)
            else:
                assert answer.value == number


def test_calls_share_a_global_object_only_if_they_may(runner):
    script = Script("globalThis.count = (globalThis.count || 0) + 1; done(globalThis.count)")
    calls = [Call("0", "0")] * 3
    assert [answer.value for answer in runner.run(script, calls)] == [1, 1, 1]
    assert [answer.value for answer in runner.run(script, calls, shared=True)] == [1, 2, 3]
    assert [answer.value for answer in runner.run(script, calls, shared=True)] == [1, 2, 3]


def test_large_calls_are_no_matter(runner):
    large = json.dumps("x" * 3_000_000)
    script = Script("done(originalObject.length)")
    answers = list(runner.run(script, [Call(large, large)] * 40, shared=True))
    assert {answer.value for answer in answers} == {3_000_000}


def test_a_call_that_is_broken_off_does_not_go_on_in_the_next(runner):
    script = Script(
        "globalThis.count = (globalThis.count || 0) + 1;"
        "if (originalObject) (async () => { for (;;) { await null; globalThis.count = 99 } })();"
        "else Promise.resolve().then(() => done(globalThis.count))"
    )
    calls = [Call("false", "0"), Call("true", "0"), Call("false", "0")]
    answers = list(runner.run(script, calls, shared=True))
    assert [answer.value for answer in answers] == [1, None, 1]


@pytest.mark.parametrize("shared", [False, True])
def test_a_call_that_takes_all_memory_leaves_it_to_the_next(runner, shared):
    script = Script(
        "const all = globalThis.all = [];"
        "for (let size = originalObject; size >= 1; size = Math.floor(size / 2)) {"
        "  try { for (;;) all.push(new Array(size).fill(1)) } catch {}"
        "}"
        "if (originalObject) throw 1; done(1)"
    )
    answers = list(runner.run(script, [Call(n, "0") for n in ("0", "1e6", "0")], shared=shared))
    assert [answer.value for answer in answers] == [1, None, 1]


@pytest.mark.parametrize("shared", [False, True])
def test_one_hostile_call_takes_nothing_from_the_others(runner, shared):
    script = Script(
        "if (originalObject === 1) for (;;);"
        "if (originalObject === 2) { const all = [1]; all.length = 4294967295; all.sort() }"
        "done(originalObject)"
    )
    answers = list(runner.run(script, [Call(str(n), "0") for n in range(4)], shared=shared))
    assert [answer.value for answer in answers] == [0, None, None, 3]
    assert [answer.failure and answer.failure.kind for answer in answers] == [
        None, "time", "killed", None,
    ]  # fmt: skip


def worker_of(runner):
    list(runner.run(Script("done(1)"), [Call("0", "0")]))
    return runner._worker.number


def test_a_worker_that_is_gone_is_replaced(runner):
    os.kill(worker_of(runner), signal.SIGKILL)
    runner._worker._process.wait()
    first, second = runner.run(Script("done(1)"), [Call("0", "0")] * 2)
    assert (first.failure and first.failure.kind, second.value) == ("killed", 1)


def test_a_worker_that_does_not_answer_is_replaced(runner, monkeypatch):
    monkeypatch.setattr(scripts, "_SECONDS_OF_GRACE", 0)
    pid = worker_of(runner)
    os.kill(pid, signal.SIGSTOP)
    first, second = runner.run(Script("done(1)"), [Call("0", "0")] * 2)
    assert (first.failure.kind, second.value) == ("killed", 1)
    assert worker_of(runner) != pid


def test_threads_wait_for_each_other(runner):
    found = {}

    def run(number):
        found[number] = [
            answer.value for answer in runner.run(Script(f"done({number})"), [Call("0", "0")] * 20)
        ]

    threads = [threading.Thread(target=run, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [number] * 20 for number in range(4)}


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="this system has no /proc")
def test_there_is_nothing_to_find_where_scripts_run(runner, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_PARENT", "s3cret")
    runner.close()
    with Path(__file__).open("rb"):
        pid = worker_of(runner)
    process = Path("/proc") / str(pid)
    assert b"s3cret" not in (process / "environ").read_bytes()
    assert sorted(each.name for each in (process / "fd").iterdir()) == ["0", "1", "2"]
    assert (process / "cwd").readlink() == Path("/")
    for kind, most in [
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_AS, 1 << 30),
        (resource.RLIMIT_CPU, 60),
    ]:
        assert resource.prlimit(pid, kind)[0] <= most


def test_a_closed_runner_leaves_no_process():
    with ScriptRunner(LIMITS) as runner:
        worker_of(runner)
        process = runner._worker._process
    assert process.returncode is not None


def test_a_worker_that_does_not_start_is_said(tmp_path, monkeypatch):
    program = tmp_path / "worker.py"
    monkeypatch.setattr(workers, "_PROGRAM", program)
    for text in ("import a_package_that_is_not_there", "print('hello')"):
        program.write_text(text)
        with ScriptRunner(LIMITS) as runner, pytest.raises(WorkerError, match="extra"):
            worker_of(runner)


def test_a_worker_that_takes_nothing_is_replaced(runner, monkeypatch):
    monkeypatch.setattr(scripts, "_SECONDS_OF_GRACE", 0)
    os.kill(worker_of(runner), signal.SIGSTOP)
    large = json.dumps("x" * 1_000_000)
    first, second = runner.run(Script("done(originalObject.length)"), [Call(large, "0")] * 2)
    assert (first.failure.kind, second.value) == ("killed", 1_000_000)


def test_it_is_fast(runner, measured):
    body = "transformedObject.full = originalObject.first; done(transformedObject)"
    calls = [Call('{"first": "a", "last": "b", "lines": [1, 2, 3]}', '{"id": 1}')] * 500
    best = 0
    for _ in range(6):
        started = time.perf_counter()
        list(runner.run(Script(body), calls, shared=True))
        best = max(best, len(calls) / (time.perf_counter() - started))
    measured(f"scripts with a shared global object: {best:,.0f} calls a second")
    assert best >= 3000


# What comes of an object


def contacts(body=None, **more):
    script = {} if body is None else {"script": {"body": body}}
    return {
        "vendorName": "contacts",
        "fields": [{"path": "id", "vendorPath": "Id"}, {"path": "name", "vendorPath": "Name"}],
        "configuration": [ONLY_MAPPED],
        **script,
        **more,
    }


def test_both_directions_without_a_script(execution):
    outcome = execution.run(contacts(), {"Id": 1, "Name": "n", "x": 2}, from_vendor=True)
    assert outcome == ({"id": 1, "name": "n"}, {"id": 1, "name": "n"}, None, ())
    outcome = execution.run(contacts(), {"id": 1, "name": "n"}, from_vendor=False)
    assert outcome.result == {"Id": 1, "Name": "n"}


def test_a_member_that_a_script_adds_stays_under_remove_unmapped(execution):
    """Line 22, and the direction that the script is told."""
    body = "transformedObject.foo = fromVendor ? 'bar' : 'baz'; done(transformedObject)"
    assert execution.run(contacts(body), {"Id": 1}, from_vendor=True).result == {
        "id": 1,
        "foo": "bar",
    }
    assert execution.run(contacts(body), {"id": 1}, from_vendor=False).result == {
        "Id": 1,
        "foo": "baz",
    }


def test_the_console_is_not_in_the_body(execution):
    """Line 22."""
    outcome = execution.run(contacts("console.log('hi'); done({})"), {"Id": 1}, from_vendor=True)
    assert (outcome.result, outcome.log) == ({}, ("hi",))


@pytest.mark.parametrize("body", ["null.x", "done(", "for (;;);", "require('moment')", "return 5"])
def test_a_script_that_fails_gives_the_mapped_object(execution, body):
    """Line 23."""
    outcome = execution.run(contacts(body), {"Id": 1}, from_vendor=True)
    assert outcome.result == outcome.mapped == {"id": 1}
    assert outcome.script_error.message in outcome.log[-1]


def test_a_script_that_fails_has_not_changed_the_mapped_object(execution):
    body = "transformedObject.id = 'spoiled'; originalObject.Id = 'spoiled'; null.x"
    assert execution.run(contacts(body), {"Id": 1}, from_vendor=True).result == {"id": 1}


def test_the_engines(execution):
    """Lines 20 and 21: isLegacy absent is the v2 engine."""
    for is_legacy, body in [
        (True, "return {x: 1}"),
        (False, "done({x: 1})"),
        (None, "done({x: 1})"),
    ]:
        outcome = execution.run(contacts(body, isLegacy=is_legacy), {}, from_vendor=True)
        assert (outcome.result, outcome.script_error) == ({"x": 1}, None)


@pytest.mark.parametrize(
    ("setting", "result"), [("mapped", {"id": 1}), ("empty", {}), ("null", None)]
)
def test_done_without_a_value_is_a_switch(setting, result):
    with Execution(LIMITS, Settings({"done-without-value": setting})) as execution:
        assert execution.run(contacts("done();"), {"Id": 1}, from_vendor=True).result == result


def test_nulls_are_removed_last(execution):
    body = (
        "transformedObject.seen = 'name' in transformedObject;"
        "transformedObject.n = [null, {a: null}]; done(transformedObject)"
    )
    payload = {"Id": 1, "Name": None}
    kept = execution.run(contacts(body), payload, from_vendor=True)
    assert kept.result == {"id": 1, "name": None, "seen": True, "n": [None, {"a": None}]}
    filtered = execution.run(contacts(body), payload, from_vendor=True, filter_nulls=True)
    assert filtered.result == {"id": 1, "seen": True, "n": [None, {}]}
    plain = execution.run(contacts(), payload, from_vendor=True, filter_nulls=True)
    assert (plain.result, plain.mapped) == ({"id": 1}, {"id": 1, "name": None})


def test_many_objects_are_what_each_of_them_is(execution):
    body = (
        "if (!originalObject.Id) throw 1; console.log(originalObject.Id); done(transformedObject)"
    )
    payloads = [{"Id": number % 3} for number in range(50)] + [[], None, "text"]
    single = [execution.run(contacts(body), each, from_vendor=True) for each in payloads]
    for trusted in (False, True):
        many = execution.run_many(contacts(body), payloads, from_vendor=True, trusted=trusted)
        assert many == single


def test_a_payload_that_is_too_deep_for_a_script_is_mapped(execution):
    deep = []
    for _ in range(5000):
        deep = [deep]
    outcomes = execution.run_many(contacts("done(1)"), [{"Id": deep}, {"Id": 1}], from_vendor=True)
    assert outcomes[0].script_error.kind == "size"
    assert outcomes[1].result == 1


WHERE = [
    {"attribute": "name", "operator": "=", "value": "x"},
    {"attribute": "address.city", "operator": "LIKE", "value": "a%"},
    {"attribute": "other", "operator": "IN", "value": ["1"]},
]
FIELDS = [{"path": "name", "vendorPath": "Name"}, {"path": "address", "vendorPath": "Addr.main"}]
ON_WHERE = {"type": "applyJSOnQueryFieldValue", "properties": {"toVendor": None}}


def where(execution, body, *configuration):
    transformation = contacts(body, fields=FIELDS, configuration=list(configuration))
    return execution.where(transformation, WHERE)


def test_where_has_the_vendors_paths(execution):
    for outcome in (where(execution, None, ON_WHERE), where(execution, "done({where: []})")):
        assert [item["attribute"] for item in outcome.result["where"]] == [
            "Name",
            "Addr.main.city",
            "other",
        ]
        assert [item["value"] for item in outcome.result["where"]] == ["x", "a%", ["1"]]


def test_the_longest_path_of_a_field_counts_in_where(execution):
    fields = [
        {"path": "a", "vendorPath": "A"},
        {"path": "a.b", "vendorPath": "high", "level": "organization"},
        {"path": "a.b", "vendorPath": "low", "level": "account"},
    ]
    asked = ["a", "a.b", "a.b.c", "a.x", "ab", ""]
    items = [{"attribute": name, "operator": "=", "value": "1"} for name in asked]
    outcome = execution.where(contacts(fields=fields), items)
    names = [item["attribute"] for item in outcome.result["where"]]
    assert names == ["A", "low", "low.c", "A.x", "ab", ""]


def test_a_script_may_change_where_if_it_is_configured(execution):
    in_place = (
        "transformedObject.where[0].attribute = originalObject.where[0].attribute + isWhere;"
        "done(transformedObject)"
    )
    assert where(execution, in_place, ON_WHERE).result["where"][0]["attribute"] == "nametrue"
    text = "transformedObject.where = `a = 1 OR b = 2`; done(transformedObject)"
    assert where(execution, text, ON_WHERE).result == {"where": "a = 1 OR b = 2"}
    assert where(execution, "done({where: []})", ON_WHERE).result == {"where": []}
    assert where(execution, "done()", ON_WHERE).result["where"][0]["attribute"] == "Name"


@pytest.mark.parametrize(
    "body", ["null.x", "done({where: 5})", "done({where: [5]})", "done({where: [{}]})", "done([])"]
)
def test_a_where_that_a_script_spoils_is_the_mapped_one(execution, body):
    outcome = where(execution, body, ON_WHERE)
    assert outcome.result == outcome.mapped
    assert outcome.result["where"][0]["attribute"] == "Name"
    assert outcome.script_error is not None
    assert outcome.log


# Real transformations

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples" / "platform"
ON_SAMPLES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "sandbox" / "samples.yaml").read_text("utf-8")
)
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the recorded samples (../shared) are not beside this checkout"
)


@needs_samples
@pytest.mark.parametrize("case", ON_SAMPLES, ids=[case["file"] for case in ON_SAMPLES])
def test_real_transformations(case, execution):
    transformation = json.loads((SAMPLES / case["file"]).read_text("utf-8"))
    for direction in {"reads", "writes"} & set(case):
        payload, expected = case[direction]
        outcome = execution.run(transformation, payload, from_vendor=direction == "reads")
        assert outcome.script_error is None
        assert same(outcome.result, expected)


@needs_samples
def test_every_real_transformation_runs_on_anything(execution):
    files = sorted(SAMPLES.glob("transformation-*.json"))
    assert len(files) > 12
    for path in files:
        transformation = json.loads(path.read_text("utf-8"))
        for payload in ({}, {"id": [{}], "Users": [None, 5], "attributes": "x"}, None):
            for from_vendor in (True, False):
                execution.run(transformation, payload, from_vendor=from_vendor)


def test_what_nobody_documented_is_said(execution):
    script = {"body": "done(transformedObject)", "filterEmptyResponse": True}
    outcome = execution.run({"script": script}, {}, from_vendor=True)
    assert outcome.log == ("filterEmptyResponse: unknown here, and not done",)
