"""Events as webhooks over HTTP, and bulk jobs (platform facts, 9 and 10)."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sandbox_client import World

from mapper.sandbox.background import working
from mapper.sandbox.deliveries import RETRIES, deliver_due, signature

KEY = "MySecretEventSignatureKey"


@pytest.fixture
def make_world(tmp_path):
    """Makes platforms, and ends the processes of their scripts."""
    worlds = []

    def make(**given):
        worlds.append(World(tmp_path / f"state{len(worlds)}", **given))
        return worlds[-1]

    yield make
    for world in worlds:
        world.application.platform.execution.close()
        world.store.close()


class Callback:
    """A server to which events are posted; it answers with the statuses that it is given."""

    def __init__(self):
        self.requests, self.statuses, self.times = [], [], []
        callback = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                callback.times.append(time.monotonic())
                callback.requests.append(
                    (self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                )
                self.send_response(callback.statuses.pop(0) if callback.statuses else 200)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?of=me"

    def __enter__(self):
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def wait(self, count):
        deadline = time.monotonic() + 10
        while len(self.requests) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.requests) >= count
        return [json.loads(body) for _, _, body in self.requests]


@pytest.fixture
def callback():
    with Callback() as server:
        yield server


def subscribe(world, call, url, **more):
    instance = world.all("instance")[0]["id"]
    configuration = {
        "event.notification.enabled": True,
        "event.vendor.type": "webhooks",
        "event.notification.callback.url": url,
        "event.notification.signature.key": KEY,
    }
    body = {"configuration": configuration | more, "tags": ["Docs"]}
    call("PATCH", f"/instances/{instance}", body)
    return instance


@pytest.fixture
def told(make_world, callback):
    """A platform in the background of which events are delivered, and a session of it."""
    world = make_world(settings={"webhook-clock": "milliseconds"})
    call = world.session()
    subscribe(world, call, callback.url)
    with working(world.application.platform, deliver_due):
        yield world, call


def test_a_signature_is_an_hmac_as_the_vendors_vector_has_it():
    body = b"<INSERT_EVENT_NOTIFICATION_RESPONSE_BODY>"
    assert signature(KEY, body) == "sha256=jHdbRx5EZAsOfTwAPJOGkNUzQMVVdu5VJlxcsk+G6jQ="


def test_36_a_change_is_posted_with_an_id_and_a_signature_of_its_exact_bytes(told, callback):
    _, call = told
    call("POST", "/hubs/finance/customers", {"fname": "Ünïcode", "email": "u@b.example"})
    callback.wait(1)
    path, headers, body = callback.requests[0]
    assert path == "/hook?of=me"
    assert headers["content-type"] == "application/json"
    assert headers["elements-webhook-id"] == json.loads(body)["id"]
    digest = base64.b64encode(hmac.digest(KEY.encode(), body, hashlib.sha256)).decode()
    assert headers["elements-webhook-signature"] == f"sha256={digest}"


def test_the_envelope_is_that_of_the_recorded_delivery(told, callback):
    world, call = told
    made = call("POST", "/hubs/finance/taxes", {"name": "Ecotax"})
    call("PATCH", f"/hubs/finance/taxes/{made['id']}", {"amount": 2})
    call("DELETE", f"/hubs/finance/taxes/{made['id']}")
    created, updated, deleted = callback.wait(3)
    instance = world.all("instance")[0]
    assert set(created) == {
        *("severity", "createdDate", "topic", "action", "id", "message", "user"),
    }
    assert created["severity"] == "medium"
    assert created["topic"] == f"instance-{instance['id']}-freshbooksv2-events"
    assert time.strptime(created["createdDate"], "%a %b %d %H:%M:%S UTC %Y")
    assert [each["action"] for each in (created, updated, deleted)] == [
        "create",
        "update",
        "delete",
    ]
    message = created["message"]
    assert set(message) == {
        *("elementKey", "accountId", "eventId", "companyId", "instanceId", "instance_id"),
        *("instanceName", "instanceTags", "raw", "userId", "events"),
    }
    assert message["instanceId"] == message["instance_id"] == instance["id"]
    assert (message["elementKey"], message["instanceTags"]) == ("freshbooksv2", ["Docs"])
    assert message["raw"] == {
        "name": "tax.create",
        "object_id": str(made["id"]),
        "account_id": "kQ8mNx",
    }
    [event] = message["events"]
    assert time.strptime(event.pop("date"), "%Y-%m-%dT%H:%M:%SZ")
    assert event == {
        "elementKey": "freshbooksv2",
        "eventType": "CREATED",
        "hubKey": "finance",
        "objectId": str(made["id"]),
        "objectType": "taxes",
    }


def test_soft_deletion_is_a_deletion_and_a_refused_write_is_no_event(told, callback):
    _, call = told
    call("PATCH", "/hubs/finance/items/59708", {"vis_state": 1})
    call("PATCH", "/hubs/finance/items/59708", {"qty": "many"}, status=400)
    call("PATCH", "/hubs/finance/items/59708", {"vis_state": 0})
    kinds = [each["message"]["events"][0]["eventType"] for each in callback.wait(2)]
    time.sleep(0.2)
    assert kinds == ["DELETED", "UPDATED"]
    assert len(callback.requests) == 2


def test_events_can_be_asked_for(told, callback):
    world, call = told
    call("POST", "/hubs/finance/taxes", {"name": "Ecotax"})
    callback.wait(1)
    instance = world.all("instance")[0]["id"]
    deadline = time.monotonic() + 5
    while call("GET", "/instances/events")[0]["status"] != "NOTIFIED":
        assert time.monotonic() < deadline
    [event] = call("GET", f"/instances/{instance}/events")
    assert json.loads(event["providerData"])["name"] == "tax.create"
    assert [json.loads(each) for each in event["notifiedData"]] == callback.wait(1)
    assert call("GET", f"/instances/{instance}/events/{event['id']}") == event
    call("GET", "/instances/events/none", status=404)


def test_a_failed_delivery_is_tried_again_with_the_same_words_after_growing_pauses(told, callback):
    _, call = told
    callback.statuses = [500, 302, 404, 200]
    call("POST", "/hubs/finance/taxes", {"name": "Ecotax"})
    callback.wait(4)
    time.sleep(0.2)
    assert len(callback.requests) == 4, "and no more once it is taken"
    assert (
        len({(headers["elements-webhook-id"], body) for _, headers, body in callback.requests}) == 1
    )
    first, second, third, fourth = callback.times
    assert second - first >= 0.004
    assert fourth - third >= 0.064
    assert third - second >= 0.016


def test_after_nine_retries_events_wait_until_somebody_asks(make_world, callback):
    world = make_world(settings={"webhook-clock": "milliseconds"})
    call, platform = world.session(), world.application.platform
    instance = subscribe(world, call, "http://127.0.0.1:1/nobody")
    call("POST", "/hubs/finance/taxes", {"name": "Ecotax"})
    attempts = 0
    while deliver_due(platform):
        attempts += 1
        with world.store.writing() as db:  # the pauses are tested above: here none is waited for
            for each in db.list("delivery"):
                db.put("delivery", each["id"], each | {"due": 0})
    assert attempts == 1 + RETRIES
    call("POST", "/hubs/finance/taxes", {"name": "Later"})
    assert not deliver_due(platform), "the subscription is paused"
    url = {"configuration": {"event.notification.callback.url": callback.url}}
    call("PATCH", f"/instances/{instance}", url)
    where = "channel='webhook' and status='queued'"
    redelivered = call("PUT", f"/notifications/subscriptions/deliveries?where={where}")
    assert redelivered == {"redelivered": 2}
    assert deliver_due(platform)
    assert deliver_due(platform)
    assert not deliver_due(platform)
    names = [each["message"]["raw"]["name"] for each in callback.wait(2)]
    assert names == ["tax.create", "tax.create"]


def test_a_queue_policy_tries_once(make_world):
    world = make_world()
    call, platform = world.session(), world.application.platform
    subscribe(world, call, "http://127.0.0.1:1/nobody")
    account = world.all("account")[0]["id"]
    policy = "notification.webhook.failure.policy"
    call("POST", f"/accounts/{account}/settings", {policy: "never"}, status=400)
    call("PATCH", f"/accounts/{account}/settings", {policy: "queue"})
    call("POST", "/hubs/finance/taxes", {"name": "Ecotax"})
    assert deliver_due(platform)
    assert not deliver_due(platform)
    assert call("PUT", "/notifications/subscriptions/deliveries") == {"redelivered": 1}


def test_nothing_is_told_where_nobody_asked_for_events(make_world):
    world = make_world()
    call = world.session()
    subscribe(world, call, "http://127.0.0.1:1/", **{"event.notification.enabled": False})
    call("POST", "/hubs/finance/taxes", {"name": "Ecotax"})
    assert call("GET", "/instances/events") == []
    assert not deliver_due(world.application.platform)
