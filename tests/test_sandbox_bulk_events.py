"""Events as webhooks over HTTP, and bulk jobs (platform facts, 9 and 10)."""

import base64
import csv
import hashlib
import hmac
import io
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st
from sandbox_client import World

from mapper.sandbox.background import working
from mapper.sandbox.deliveries import RETRIES, deliver_due, signature
from mapper.sandbox.jobs import _upload_some, run_due_job
from mapper.sandbox.tables import read_objects, write_objects

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
    with working(world.application.platform, world.log.append, deliver_due):
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


# ------------------------------------------------------------------------ bulk


@pytest.fixture
def world(make_world):
    return make_world(settings={"bulk-pace": "instant"})


@pytest.fixture
def call(world):
    return world.session()


def work(world):
    """Do what the server does in the background, until nothing is left."""
    while run_due_job(world.application.platform):
        pass


def query(world, call, text, path="/hubs/finance/bulk/query", **headers):
    """Run a bulk query to its end, and return the job's id."""
    made = call("POST", f"{path}?{urlencode({'q': text})}", **headers)
    assert made == {
        "id": made["id"],
        "instanceId": world.all("instance")[0]["id"],
        "status": "CREATED",
    }
    work(world)
    return made["id"]


def upload(world, call, name, data, file="rows.csv", status=200, **form):
    """Post a file, and return the answer after the job has run."""
    form = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in form.items()
    }
    answer = call.client.post(
        f"/elements/api-v2/hubs/finance/bulk/{name}",
        data={"file": (io.BytesIO(data.encode()), file), **form},
        headers=call.headers,
    )
    assert answer.status_code == status, answer.text
    work(world)
    return answer.json


def test_35_a_query_is_created_polled_to_completed_and_downloaded_as_json_and_csv(make_world):
    world = make_world()
    call = world.session()
    with working(world.application.platform, world.log.append, run_due_job):
        made = call("POST", "/hubs/finance/bulk/query?q=select * from taxes")
        assert made["status"] == "CREATED"
        seen, deadline = [], time.monotonic() + 10
        while "COMPLETED" not in seen:
            seen.append(call("GET", f"/hubs/finance/bulk/{made['id']}/status")["status"])
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert list(dict.fromkeys(seen)) == ["CREATED", "RUNNING", "COMPLETED"]
    file = f"/hubs/finance/bulk/{made['id']}/taxes"
    as_json = call.answer("GET", file, Accept="application/json")
    assert "application/json" in as_json.headers["Content-Type"]
    assert [row["name"] for row in as_json.json] == ["HST", "GST", "QST"]
    as_csv = call.answer("GET", file, Accept="text/csv")
    assert as_csv.headers["Content-Type"] == "text/csv"
    rows = list(csv.DictReader(io.StringIO(as_csv.text)))
    assert [row["amount"] for row in rows] == ["13", "5", "9.975"]
    assert [row["compound"] for row in rows] == ["false", "false", "true"]
    lines = call.answer("GET", file, Accept="application/jsonl")
    assert lines.headers["Content-Type"] == "application/jsonl"
    assert [json.loads(line) for line in lines.text.splitlines()] == as_json.json
    assert as_json.headers["Content-Disposition"] == 'attachment; filename="taxes.json"'


def test_35_errors_are_paged_30_and_then_7(world, call):
    good = "name,amount\n" + "".join(f"Tax {number},5\n" for number in range(3))
    made = upload(world, call, "taxes", good + "".join(f"Tax {each},much\n" for each in range(37)))
    status = call("GET", f"/hubs/finance/bulk/{made['id']}/status")
    assert status["status"] == "COMPLETED"
    assert (status["recordsCount"], status["recordsFailedCount"]) == (40, 37)
    assert status["job_direction"] == "UPLOAD"
    errors = f"/hubs/finance/bulk/{made['id']}/errors"
    first = call.answer("GET", f"{errors}?pageSize=30")
    token = first.headers["elements-next-page-token"]
    last = call.answer("GET", f"{errors}?pageSize=30&nextPage={token}")
    assert (len(first.json), len(last.json)) == (30, 7)
    assert "elements-next-page-token" not in last.headers
    assert first.json[0] == {
        "row": 4,
        "message": "The provider refused the request: amount must be a number.",
        "providerMessage": "amount must be a number.",
        "record": {"name": "Tax 0", "amount": "much"},
    }
    assert len(call("GET", "/hubs/finance/taxes")) == 6


@pytest.mark.parametrize("steps", [0, 1], ids=["created", "running"])
def test_35_a_job_can_be_cancelled_and_does_nothing_more(make_world, steps):
    world = make_world(settings={"bulk-pace": "steady"})
    call, platform = world.session(), world.application.platform
    made = call("POST", "/hubs/finance/bulk/query?q=select * from taxes")
    if steps:
        time.sleep(0.3)
        assert run_due_job(platform)
    assert call("PUT", f"/hubs/finance/bulk/{made['id']}/cancel")["status"] == "CANCELLED"
    time.sleep(0.3)
    assert not run_due_job(platform)
    assert call("GET", f"/hubs/finance/bulk/{made['id']}/status")["status"] == "CANCELLED"
    call("GET", f"/hubs/finance/bulk/{made['id']}/taxes", status=400)
    call("PUT", f"/hubs/finance/bulk/{made['id']}/cancel", status=400)


def test_a_query_has_a_where_and_a_limit(world, call):
    text = "select * from invoices where customerid = '31012' and date_min = '2026-06-01' limit 1"
    number = query(world, call, text)
    assert [row["id"] for row in call("GET", f"/bulk/{number}/invoices")] == [26515]
    assert call("GET", f"/bulk/{number}/invoices/data?pageSize=1")[0]["id"] == 26515
    number = query(world, call, "select * from invoices", "/bulk/query")
    assert call("GET", f"/bulk/{number}/status")["recordsCount"] == 25


def test_a_span_of_time_asks_for_what_was_updated_in_it(world, call):
    made = call("POST", "/bulk/query?q=select * from taxes&from=2025-09-03T00:00:00Z")
    work(world)
    assert call("GET", f"/bulk/{made['id']}/taxes") == []
    made = call("POST", "/bulk/query?q=select * from taxes&lastRunDate=2025-09-02&to=2025-09-03")
    work(world)
    assert len(call("GET", f"/bulk/{made['id']}/taxes")) == 3


def test_a_common_resource_is_queried_and_loaded_through_its_transformation(world, call):
    fields = [
        {"path": "id", "vendorPath": "id", "type": "number"},
        {"path": "name.first", "vendorPath": "fname", "type": "string"},
        {"path": "home.city", "vendorPath": "p_city", "type": "string"},
    ]
    call("POST", "/organizations/objects/contact/definitions", {"fields": fields})
    through = {"type": "passThrough", "properties": {"fromVendor": False, "toVendor": False}}
    body = {"vendorName": "customers", "fields": fields, "configuration": [through]}
    call("POST", "/organizations/elements/freshbooksv2/transformations/contact", body)
    upload(world, call, "contact", "name.first,home.city\nAda,Bern\nGrace,\n")
    number = query(world, call, "select * from contact where id = '31006'")
    [*_, ada, grace] = call("GET", f"/bulk/{number}/contact")
    assert ada == {"id": ada["id"], "name": {"first": "Ada"}, "home": {"city": "Bern"}}
    assert grace["name"] == {"first": "Grace"}
    text = call.answer("GET", f"/bulk/{number}/contact", Accept="text/csv").text
    assert text.splitlines()[0] == "id,name.first,home.city"


UPLOADS = {
    "csv": (
        "rows.csv",
        "customerid,create_date,due_offset_days,gmail\n31006,2026-11-27,30,true\n",
        {},
    ),
    "json lines": (
        "rows.txt",
        '{"customerid":31006,"create_date":"2026-11-27","due_offset_days":30,"gmail":true}\n',
        {"metaData": {"format": "json"}},
    ),
    "json array": (
        "rows.json",
        '[{"customerid":31006,"create_date":"2026-11-27","due_offset_days":30,"gmail":true}]',
        {},
    ),
}


@pytest.mark.parametrize("form", UPLOADS)
def test_an_upload_creates_an_object_of_each_record(world, call, form):
    file, data, more = UPLOADS[form]
    made = upload(world, call, "invoices", data, file, **more)
    assert call("GET", f"/bulk/{made['id']}/errors") == []
    invoice = call("GET", "/hubs/finance/invoices")[0]
    assert (invoice["due_date"], invoice["gmail"]) == ("2026-12-27", True)


def test_records_that_are_done_are_not_done_again_by_the_next_server(world, call):
    """A server is killed after the first fifty records: its lease ends, and another goes on."""
    made = upload_without_work(call, "name\n" + "".join(f"Tax {number}\n" for number in range(70)))
    platform = world.application.platform
    assert run_due_job(platform), "it runs"
    number = int(made["id"])
    with world.store.writing() as db:
        _upload_some(platform, db, number)
    with world.store.writing() as db:
        job = db.get("bulk-job", number)
        assert job["count"] == 50
        db.put("bulk-job", number, job | {"due": 0})
    work(world)
    status = call("GET", f"/bulk/{number}/status")
    assert (status["recordsCount"], status["recordsFailedCount"]) == (70, 0)
    assert len(call("GET", "/taxes")) == 73


def upload_without_work(call, data):
    return call.client.post(
        "/elements/api-v2/bulk/taxes",
        data={"file": (io.BytesIO(data.encode()), "rows.csv")},
        headers=call.headers,
    ).json


def test_version_3_is_asked_in_json_and_has_one_format(world, call):
    body = {"objectName": "taxes", "format": "text/csv", "where": "compound='true'", "limit": 107}
    made = call("POST", "/hubs/finance/bulk/query", body, Elements_Version="Helium")
    work(world)
    status = call("GET", f"/bulk/{made['id']}/status")
    assert status["jobStatus"] == "COMPLETED"
    assert (status["recordCount"], status["fileFormat"]) == (1, "CSV")
    assert status["jobCriteria"] == body
    assert call.answer("GET", f"/bulk/{made['id']}/taxes", Accept="text/csv").text.count("QST") == 1
    call("GET", f"/bulk/{made['id']}/taxes", Accept="application/json", status=400)
    call("POST", "/bulk/download", {"objectName": "taxes"}, status=400)


def test_jobs_are_listed_newest_first_and_searched(world, call):
    query(world, call, "select * from taxes")
    upload(world, call, "taxes", "name\nEcotax\n")
    assert [each["job_direction"] for each in call("GET", "/bulk/jobs")] == ["UPLOAD", "DOWNLOAD"]
    where = urlencode({"where": "object_name = 'taxes' and record_count >= 3"})
    [job] = call("GET", f"/bulk/jobs?{where}")
    assert (job["job_status"], job["job_query"]) == ("COMPLETED", "select * from taxes")


def test_a_finished_job_is_told_to_its_callback(world, call, callback):
    form = {"metaData": json.dumps({"callback-payload": {"run": 7}})}
    made = call.client.post(
        "/elements/api-v2/bulk/query?q=select * from taxes",
        data=form,
        headers=call.headers | {"Elements-Async-Callback-Url": callback.url},
    ).json
    work(world)
    assert deliver_due(world.application.platform)
    [body] = callback.wait(1)
    assert (body["id"], body["status"]) == (made["id"], "COMPLETED")
    assert body["callback-payload"] == {"run": 7}


def test_what_the_vendor_refuses_ends_a_query_with_an_error(world, call):
    number = query(world, call, "select * from invoices where date_min = 'May'")
    status = call("GET", f"/bulk/{number}/status")
    assert status["status"] == "ERROR"
    assert "date_min must be a date" in status["error"]


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("select name from taxes", 400, "select *"),
        ("select * of taxes", 400, "Invalid query"),
        ("select * from parrots", 404, "parrots"),
    ],
)
def test_queries_that_start_nothing(call, text, status, words):
    said = call("POST", f"/bulk/query?{urlencode({'q': text})}", status=status)
    assert words in said["message"]
    assert call("GET", "/bulk/jobs") == []


@pytest.mark.parametrize(
    ("data", "file", "form", "words"),
    [
        ("name,name\na,b\n", "rows.csv", {}, "heading"),
        ("name\na,b\n", "rows.csv", {}, "more cells"),
        ("name,name.first\na,b\n", "rows.csv", {}, "below a column"),
        ("name.first,name\na,b\n", "rows.csv", {}, "below the column"),
        ('[{"name": "\\ud83d"}]', "rows.json", {}, "no JSON"),
        ("[1]", "rows.json", {}, "must be an object"),
        ("{", "rows.json", {}, "no JSON"),
        ("name\na\n", "rows.csv", {"metaData": {"action": "upsert"}}, "upsert"),
        ("name\na\n", "rows.csv", {"metaData": "[]"}, "metaData"),
    ],
)
def test_files_that_are_no_table_start_nothing(world, call, data, file, form, words):
    said = upload(world, call, "taxes", data, file, status=400, **form)
    assert words in said["message"]
    assert call("GET", "/bulk/jobs") == []


V3 = {"objectName": "taxes", "format": "application/json"}


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/bulk/download", V3 | {"format": "application/xml"}, "format are required"),
        ("/bulk/download", V3 | {"selectFields": "name"}, "selectFields"),
        ("/bulk/download", V3 | {"where": "name ="}, "Invalid where"),
        ("/bulk/download", V3 | {"limit": "many"}, "limit a number"),
        ("/bulk/download", V3 | {"continueFromJobId": 1}, "not emulated"),
        ("/bulk/query?q=select * from taxes&continueFromJobId=1", None, "not emulated"),
        ("/bulk/taxes", None, "'file'"),
    ],
)
def test_what_a_job_cannot_be_asked_for(call, path, body, words):
    assert words in call("POST", path, body, status=400)["message"]


def test_downloads_that_cannot_be_had(world, call):
    number = query(world, call, "select * from taxes")
    call("GET", f"/bulk/{number}/items", status=404)
    call("GET", f"/bulk/{number}/taxes?json=[]", status=400)
    call("GET", f"/bulk/{number}/taxes", Accept="application/xml", status=406)
    call("GET", "/bulk/jobs?where=record_count >", status=400)


def test_values_can_be_had_as_text(world, call):
    number = query(world, call, "select * from taxes where taxid = 2892")
    options = urlencode({"json": '{"convertToNativeType":"false"}'})
    [row] = call("GET", f"/bulk/{number}/taxes?{options}")
    assert (row["id"], row["compound"], row["amount"]) == ("2892", "true", "9.975")


def test_the_name_of_a_file_may_hold_a_date(world, call):
    metadata = {"fileName": "{yyyy-MM-dd}_Taxes;.csv"}
    made = call.client.post(
        "/elements/api-v2/bulk/query?q=select * from taxes",
        data={"metaData": json.dumps(metadata)},
        headers=call.headers,
    ).json
    work(world)
    named = call.answer("GET", f"/bulk/{made['id']}/taxes").headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="\d{4}-\d\d-\d\d_Taxes_\.csv"', named)


def test_a_job_whose_instance_is_gone_ends_with_an_error(world, call):
    made = call("POST", "/bulk/query?q=select * from taxes")
    call("DELETE", f"/instances/{world.all('instance')[0]['id']}")
    work(world)
    [job] = world.all("bulk-job")
    assert (str(job["id"]), job["status"]) == (made["id"], "ERROR")


def test_lists_in_cells_are_json_and_texts_become_what_members_are(world, call):
    cells = [
        "fname,late_fee.days,contacts",
        'Ada,30,"[{""email"": ""b@x.example"", ""fname"": ""B""}]"',
        'Bob,,"[no JSON"',
    ]
    made = upload(world, call, "customers", "\n".join(cells))
    [error] = call("GET", f"/bulk/{made['id']}/errors")
    assert error["providerMessage"] == "contacts must be a list."
    found = call("GET", "/customers?where=fname_like='Ada'")
    ada = call("GET", f"/customers/{found[0]['id']}")
    assert ada["late_fee"]["days"] == 30
    assert [each["email"] for each in ada["contacts"]] == ["b@x.example"]


def test_a_defect_in_the_background_is_told_and_the_work_goes_on(make_world):
    world, tasks, data = make_world(), [], "a customer's name"

    def task(platform):
        tasks.append(platform)
        if len(tasks) == 1:
            raise KeyError(data)
        return False

    with working(world.application.platform, world.log.append, task):
        deadline = time.monotonic() + 5
        while len(tasks) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert len(tasks) >= 2
    assert "KeyError in the background" in world.log[-1]
    assert data not in world.log[-1], "data may stand in the message"


def test_another_instances_job_is_not_found(make_world):
    seed = {
        "instances": [
            {"name": "One", "element": "freshbooksv2"},
            {"name": "Two", "element": "freshbooksv2"},
        ]
    }
    world = make_world(seed=seed)
    made = world.session(instance=0)("POST", "/bulk/query?q=select * from taxes")
    world.session(instance=1)("GET", f"/bulk/{made['id']}/status", status=404)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda text: not text.startswith("[")
)
ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(["a", "b", "c.d", "c.e"]), CELLS | st.just("two\nlines"), min_size=1
    ),
    min_size=1,
    max_size=4,
)


@given(ROWS)
def test_a_table_of_texts_reads_back_as_it_was_written(flat):
    rows = [nested(row) for row in flat]
    assert read_objects(write_objects(rows, "csv"), "csv") == rows
    assert read_objects(write_objects(rows, "json"), "json") == rows
    assert read_objects(write_objects(rows, "jsonl"), "json") == rows


def nested(row):
    made = {}
    for path, cell in row.items():
        parent, _, name = path.rpartition(".")
        (made.setdefault(parent, {}) if parent else made)[name] = cell
    return made
