"""The local platform keeps what it said it kept, and fails as it is told to."""

import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st
from sandbox_client import ROOT, Server, World

from mapper.cli import main
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.faults import Fault, Schedule, parse_fault
from mapper.sandbox.resources import check_name
from mapper.sandbox.seed import Seed
from mapper.sandbox.server import open_state
from mapper.sandbox.settings import Settings
from mapper.sandbox.store import Store

MANY = {"fields": [{"path": f"field{n}"} for n in range(40)]}


def definition(name):
    return f"/organizations/objects/{name}/definitions"


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "state") as world:
        yield world


@pytest.fixture
def call(world):
    return world.session()


# Kill -9, and several processes -------------------------------------------------------------------


def test_what_was_answered_survives_kill_9_and_the_rest_is_whole_or_absent(tmp_path):
    folder, answered, asked = tmp_path / "state", set(), set()

    def write(server, prefix):
        for number in range(10_000):
            name = f"{prefix}-{number}"
            asked.add(name)
            try:
                answer = server.http.post(definition(name), json=MANY)
            except httpx2.TransportError:
                return
            assert answer.status_code == 200
            answered.add(name)

    for round_ in range(2):
        with Server(folder, "--quiet") as server:
            writers = [
                threading.Thread(target=write, args=(server, f"{round_}-{writer}"))
                for writer in range(3)
            ]
            for each in writers:
                each.start()
            enough = len(answered) + 25
            until = time.monotonic() + 20
            while len(answered) < enough and time.monotonic() < until:
                time.sleep(0.005)
            server.process.send_signal(signal.SIGKILL)
            for each in writers:
                each.join()
    assert len(answered) >= 50
    with sqlite3.connect(folder / "platform.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    with World(folder) as world:
        there = world.session()("GET", "/organizations/objects/definitions")
        assert answered <= set(there) <= asked
        assert {len(each["fields"]) for each in there.values()} == {40}
        ids = [field["id"] for each in there.values() for field in each["fields"]]
        assert len(ids) == len(set(ids))


def test_two_servers_on_one_folder_take_turns(tmp_path):
    folder = tmp_path / "state"
    with Server(folder, "-q") as one, Server(folder, "-q") as two, ThreadPoolExecutor(8) as pool:
        names = [f"thing{number}" for number in range(15)]
        posts = [
            (name, pool.submit(server.http.post, definition(name), json=MANY))
            for name in names
            for server in (one, two)
        ]
        statuses = {name: [] for name in names}
        for name, post in posts:
            statuses[name].append(post.result().status_code)
        assert all(sorted(each) == [200, 409] for each in statuses.values())
        for server in (one, two):
            assert set(server.http.get("/organizations/objects/definitions").json()) == set(names)


def test_several_make_a_new_folder_at_once(tmp_path):
    for number in range(8):
        folder = tmp_path / str(number)
        with ThreadPoolExecutor(6) as pool:
            stores = list(pool.map(open_state, [folder] * 6, [Seed()] * 6))
        for store in stores:
            with store.reading() as db:
                assert len(db.list("organization")) == 1
            store.close()


def test_a_request_happens_as_a_whole_or_not_at_all(call):
    call("POST", definition("second"), MANY)
    body = {"first": MANY, "second": MANY, "third": MANY}
    call("POST", "/organizations/objects/definitions", body, status=409)
    assert set(call("GET", "/organizations/objects/definitions")) == {"second"}


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "delete", "fail"]),
            st.sampled_from("ab"),
            st.integers(0, 9),
        ),
        max_size=12,
    )
)
def test_a_store_is_a_dictionary_that_forgets_failed_transactions(tmp_path_factory, steps):
    store = Store(tmp_path_factory.mktemp("store") / "db")
    expected = {}
    for step, key, value in steps:
        try:
            with store.writing() as db:
                if step == "delete":
                    assert db.delete("kind", key) is (key in expected)
                else:
                    db.put("kind", key, {"v": value}, name=f"n{key}")
                check_name("" if step == "fail" else "fine", Settings())
        except PlatformError:
            continue
        expected.pop(key, None)
        if step == "put":
            expected[key] = {"v": value}
        with store.reading() as db:
            assert {each: db.get("kind", each) for each in "ab"} == {
                each: expected.get(each) for each in "ab"
            }
            assert [db.find("kind", f"n{each}") for each in "ab"] == [
                expected.get(each) for each in "ab"
            ]
            assert len(db.list("kind")) == len(db.find_all("kind", "n")) == len(expected)
            assert db.list("other") == []
    store.close()


# Faults -------------------------------------------------------------------------------------------


def test_throttled_requests_do_nothing_and_say_when_to_come_back(call):
    answer = call.answer("POST", definition("a"), MANY, status=429, Sandbox_Fault="throttle=7")
    assert answer.headers["Retry-After"] == "7"
    assert re.fullmatch("[0-9a-f]{24}", answer.json["requestId"])
    call("GET", definition("a"), status=404)


def test_errors_come_before_the_work_or_after_it(call):
    call("POST", definition("a"), MANY, status=503, Sandbox_Fault="error-before=503")
    call("GET", definition("a"), status=404)
    call("POST", definition("a"), MANY, status=500, Sandbox_Fault="error-after")
    call("GET", definition("a"))


def test_connections_drop_before_the_work_or_after_it(tmp_path):
    with Server(tmp_path / "state") as server:
        for fault, status in (("drop-before", 404), ("drop-after", 200)):
            with pytest.raises(httpx2.RemoteProtocolError):
                server.http.post(definition("a"), json=MANY, headers={"Sandbox-Fault": fault})
            assert server.http.get(definition("a")).status_code == status


def test_a_truncated_body_is_shorter_than_it_says(tmp_path):
    with Server(tmp_path / "state") as server:
        with pytest.raises(httpx2.RemoteProtocolError):
            server.http.post(definition("a"), json=MANY, headers={"Sandbox-Fault": "truncate"})
        assert len(server.http.get(definition("a")).json()["fields"]) == 40


def test_answers_come_in_another_order_and_with_members_that_nobody_knows(call):
    plain = call("POST", definition("a"), MANY)
    other = call("GET", definition("a"), Sandbox_Fault="reorder")
    assert other["fields"] != plain["fields"]
    assert sorted(other["fields"], key=lambda each: each["id"]) == plain["fields"]
    extra = call("GET", definition("a"), Sandbox_Fault="extra-members")
    assert extra.keys() - plain.keys() == {"sandboxExtra"}


def test_an_answer_comes_later(call):
    began = time.monotonic()
    call("GET", "/organizations/me", Sandbox_Fault="latency=80")
    assert time.monotonic() - began >= 0.08


def test_with_lag_what_was_just_written_is_not_seen(call):
    lag = {"Sandbox_Fault": "lag=60000"}
    mapping = "/organizations/elements/freshbooksv2/transformations/a"
    call("POST", definition("a"), MANY)
    call("GET", definition("a"), status=404, **lag)
    call("GET", "/organizations/objects/definitions", status=404, **lag)
    refused = call("POST", mapping, {"vendorName": "items"}, status=400, **lag)
    assert refused["message"].startswith("No object definition found for 'a'")
    call("POST", mapping, {"vendorName": "items"})
    call("GET", mapping, status=404, **lag)
    call("PUT", definition("a"), {"fields": []})
    assert len(call("GET", definition("a"), **lag)["fields"]) == 40
    assert call("GET", definition("a"))["fields"] == []
    assert call("GET", "/hubs/finance/taxes", **lag)
    call("GET", "/hubs/finance/a", status=404, **lag)
    call("GET", "/objects", **lag)
    # What is there is still there for whoever writes.
    call("POST", definition("a"), MANY, status=409, **lag)
    call("DELETE", mapping)
    call("DELETE", definition("a"))
    assert call("GET", definition("a"), **lag)["fields"] == []
    assert call("GET", mapping, **lag)["vendorName"] == "items"
    call("GET", definition("a"), status=404)


def test_scheduled_faults_meet_the_requests_that_they_name(world, call):
    faults = ["error-after=502;method=POST;path=/organizations/*;skip=1;times=1"]
    world.application.platform.schedule.set([parse_fault(each) for each in faults])
    for name, status in (("a", 200), ("b", 502), ("c", 200)):
        call("GET", "/organizations/me")
        call("POST", definition(name), MANY, status=status)
    assert set(call("GET", "/organizations/objects/definitions")) == {"a", "b", "c"}


def test_the_schedule_is_set_over_http_by_an_administrator(tmp_path):
    with Server(tmp_path / "state", "--fault", "error-before=503;times=1") as server:
        control = f"{server.ready['url']}/sandbox/faults"
        assert server.http.get("/organizations/me").status_code == 503
        assert server.http.get("/organizations/me").status_code == 200
        assert server.http.get(control).json() == [
            {"fault": "error-before=503;times=1", "requests": 2}
        ]
        assert server.http.put(control, json=["throttle=2"]).status_code == 200
        assert server.http.get("/organizations/me").status_code == 429
        assert server.http.put(control, json=["throttle="]).status_code == 200
        assert server.http.put(control, json=["nonsense"]).status_code == 400
        assert httpx2.put(control, json=[]).status_code == 401


def test_a_header_that_is_no_fault_is_refused(call):
    assert "latency" in call("GET", "/users", status=400, Sandbox_Fault="slow")["message"]


FAULTS = st.builds(
    Fault,
    st.just("latency"),
    st.integers(0, 9999),
    st.sampled_from(["*", "GET", "PUT"]),
    st.sampled_from(["*", "/vdrs*"]),
    st.integers(0, 99),
    st.none() | st.integers(0, 99),
)


@given(FAULTS)
def test_a_fault_is_what_its_text_says(fault):
    assert parse_fault(str(fault)) == fault


@given(
    st.lists(FAULTS, max_size=3),
    st.lists(st.tuples(st.sampled_from(["GET", "PUT"]), st.sampled_from(["/vdrs", "/x"]))),
)
def test_a_schedule_gives_each_fault_to_the_requests_from_skip_on(faults, requests):
    schedule = Schedule(faults)
    got = [schedule.due(method, path) for method, path in requests]
    for index, fault in enumerate(faults):
        matching = [
            number
            for number, (method, path) in enumerate(requests)
            if fault.method in {"*", method} and (fault.path == "*" or path == "/vdrs")
        ]
        end = None if fault.times is None else fault.skip + fault.times
        met = matching[fault.skip : end]
        others = [each for each in faults if each == fault]
        assert [n for n, due in enumerate(got) if fault in due] == met or len(others) > 1, index


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no fault"),
        ("latency", "latency needs milliseconds"),
        ("latency=x", "latency takes milliseconds, not 'x'"),
        ("drop-after=1", "drop-after takes no value"),
        ("drop-after=-1", "drop-after takes no value"),
        ("error-after=404", "takes a status from 500 to 599"),
        ("reorder;when=now", "is no method="),
        ("reorder;method=PATHC", "there is no method 'PATHC'"),
    ],
)
def test_what_is_no_fault_is_told(text, message):
    with pytest.raises(ValueError, match=message):
        parse_fault(text)


# The command --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_stops_when_asked_to(tmp_path, number, code):
    """Also by who asks as soon as it says that it is ready."""
    with Server(tmp_path / "state") as server:
        assert server.stop(number)[0] == code


def test_the_secrets_are_its_owners_only_and_stay(tmp_path):
    folder = tmp_path / "state"
    with Server(folder) as server:
        first = server.secrets
        server.stop()
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    sourced = f'. "{folder}/secrets.env"; echo "$CE_USER_SECRET $CE_ORG_SECRET $CE_ELEMENT_TOKEN"'
    out = subprocess.run(["sh", "-c", sourced], capture_output=True, text=True, check=True).stdout
    assert out.split() == [first["user"], first["organization"], first["element"]]
    with Server(folder) as server:
        assert server.secrets == first


def test_no_secret_is_told(tmp_path):
    with Server(tmp_path / "state") as server:
        callback = "http://127.0.0.1:1/callback"
        query = {"apiKey": "tell-no-one", "apiSecret": "tell-no-one-2", "callbackUrl": callback}
        url = server.http.get("/elements/freshbooksv2/oauth/url", params=query).json()["oauthUrl"]
        form = {"client_id": "tell-no-one", "redirect_uri": callback, "decision": "allow"}
        code = server.http.post(url, data=form).headers["Location"].partition("code=")[2][:64]
        body = {
            "element": {"key": "freshbooksv2"},
            "providerData": {"code": code},
            "configuration": {"oauth.api.key": "tell-no-one", "oauth.api.secret": "tell-no-one-2"},
        }
        server.http.post("/instances", json=body)
        server.http.get("/users", headers={"Authorization": "User tell-no-one"})
        server.http.put(f"{server.ready['url']}/sandbox/settings", json={"x": "tell-no-one"})
        _, out, err = server.stop()
    told = out + err
    assert "POST /elements/api-v2/instances 400" in told
    for secret in (*server.secrets.values(), code, "tell-no-one"):
        assert secret
        assert secret not in told


def test_a_seed_says_what_a_new_folder_holds(tmp_path):
    seed = tmp_path / "seed.json"
    content = {
        "organization": {"name": "Mine", "secret": "0" * 32},
        "users": [{"email": "me@example.com", "roles": ["org-admin"], "secret": "dXNlcg=="}],
        "instances": [{"name": "Books", "element": "freshbooksv2", "token": "dG9rZW4="}],
    }
    seed.write_text(json.dumps(content))
    with Server(tmp_path / "state", "--seed", str(seed)) as server:
        assert server.secrets == {
            "organization": "0" * 32,
            "user": "dXNlcg==",
            "element": "dG9rZW4=",
        }
        assert server.http.get("/organizations/me").json()["name"] == "Mine"
        assert [each["name"] for each in server.http.get("/instances").json()] == ["Books"]


def run(*arguments):
    return CliRunner().invoke(main, ["sandbox", *map(str, arguments)])


@pytest.mark.parametrize(
    ("seed", "said"),
    [
        ("[]", "no JSON object"),
        ("{", "no JSON"),
        ('{"people": []}', "people"),
        ('{"instances": [{"element": "sfdc"}]}', "'sfdc'"),
        ('{"users": [{"firstName": "Ada"}]}', "email"),
        ('{"users": 3}', "$.users"),
        ('{"accounts": []}', "account"),
    ],
)
def test_a_bad_seed_is_told_and_leaves_the_folder_empty(tmp_path, seed, said):
    path = tmp_path / "seed.json"
    path.write_text(seed)
    result = run("--state-dir", tmp_path / "state", "--seed", path)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_wrong_options_are_told(tmp_path):
    for option, value, said in (
        ("--setting", "nonsense=1", "no setting 'nonsense'"),
        ("--setting", "object-names=1", "plain, any"),
        ("--fault", "nonsense", "no fault 'nonsense'"),
    ):
        result = run("--state-dir", tmp_path, option, value)
        assert (result.exit_code, said in result.stderr) == (2, True)


def test_a_folder_or_a_port_that_cannot_be_used_is_told(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    result = run("--state-dir", file)
    assert (result.exit_code, "cannot be used" in result.stderr) == (1, True)
    with Server(tmp_path / "one") as server:
        port = server.ready["url"].rpartition(":")[2]
        result = run("--state-dir", tmp_path / "two", "--port", port)
        assert (result.exit_code, f"port {port} cannot be used" in result.stderr) == (1, True)


def test_without_the_extra_it_says_what_to_install():
    program = (
        "import sys; sys.modules['werkzeug'] = None;"
        "from mapper.cli import main; main(['sandbox', '--state-dir', '/nowhere'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "pip install 'common-resource-mapper[sandbox]'" in done.stderr
    assert "Traceback" not in done.stderr
