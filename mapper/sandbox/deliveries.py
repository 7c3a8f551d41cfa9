"""Deliveries of events to callbacks: signed, and tried again until somebody takes them."""

import base64
import hashlib
import hmac
import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

from mapper.sandbox.calls import Platform
from mapper.sandbox.store import Store, Transaction

__all__ = ["deliver_due", "enqueue", "redeliver_queued", "signature"]

Json = Any
Delivery = dict[str, Json]

RETRIES = 9
"""How often a failed delivery is tried again, before its instance's events wait for a redelivery.

The waits are 4 seconds, 16, 64 … to about 73 hours.
"""

TIMEOUT = 10
"""How many seconds a callback may take."""

_LEASE = 60
"""How many seconds other servers leave a delivery alone that one of them has begun."""

_DELIVERY = "delivery"
_PAUSED = "paused-subscription"


def signature(key: str, body: bytes) -> str:
    """Return the value of Elements-Webhook-Signature.

    >>> signature("MySecretEventSignatureKey", b"<INSERT_EVENT_NOTIFICATION_RESPONSE_BODY>")
    'sha256=jHdbRx5EZAsOfTwAPJOGkNUzQMVVdu5VJlxcsk+G6jQ='
    """
    digest = hmac.new(key.encode(), body, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def enqueue(db: Transaction, instance_id: int, notification: Json) -> None:
    """Leave a notification to be delivered, or to wait if nobody took the ones before it."""
    delivery = {
        "id": notification["id"],
        "eventId": notification["message"]["eventId"],
        "instanceId": instance_id,
        "body": json.dumps(notification, ensure_ascii=False),
        "attempts": 0,
        "due": 0,
        "waits": db.get(_PAUSED, instance_id) is not None,
    }
    db.put(_DELIVERY, delivery["id"], delivery)


def redeliver_queued(db: Transaction, instances: set[int]) -> int:
    """Let what waits be delivered anew, and return how much that is."""
    waiting = [
        each for each in db.list(_DELIVERY) if each["waits"] and each["instanceId"] in instances
    ]
    for each in waiting:
        db.put(_DELIVERY, each["id"], each | {"waits": False, "attempts": 0, "due": 0})
    for instance in instances:
        db.delete(_PAUSED, instance)
    return len(waiting)


def deliver_due(platform: Platform) -> bool:
    """Deliver one notification whose time has come, and return whether there was one."""
    delivery = _claimed(platform.store)
    if delivery is None:
        return False
    with platform.store.reading() as db:
        instance = db.get("instance", delivery["instanceId"])
    taken = instance is not None and _sent(instance["configuration"], delivery)
    unit = 1 if platform.settings["webhook-clock"] == "seconds" else 0.001
    with platform.store.writing() as db:
        _settle(db, delivery, taken=taken or instance is None, unit=unit)
    return True


def _claimed(store: Store) -> Delivery | None:
    """Return a delivery that is due, and keep other servers from it for a while."""
    with store.reading() as db:
        if not _due(db):
            return None
    with store.writing() as db:
        due = _due(db)
        if not due:
            return None
        db.put(_DELIVERY, due[0]["id"], due[0] | {"due": time.time() + _LEASE})
        return due[0]


def _due(db: Transaction) -> list[Delivery]:
    now = time.time()
    return [each for each in db.list(_DELIVERY) if not each["waits"] and each["due"] <= now]


def _settle(db: Transaction, delivery: Delivery, *, taken: bool, unit: float) -> None:
    """Write down what came of a delivery, and when it is tried again if nothing did."""
    event = db.get("event", delivery["eventId"])
    if event is not None:
        said = {"status": "NOTIFIED", "notifiedData": [delivery["body"]]}
        db.put("event", event["id"], event | (said if taken else {"status": "DISPATCHED"}))
    if taken:
        db.delete(_DELIVERY, delivery["id"])
        return
    attempts = delivery["attempts"] + 1
    if attempts <= RETRIES:
        due = time.time() + 4**attempts * unit
        db.put(_DELIVERY, delivery["id"], delivery | {"attempts": attempts, "due": due})
        return
    db.put(_PAUSED, delivery["instanceId"], {})
    for each in db.list(_DELIVERY):
        if each["instanceId"] == delivery["instanceId"]:
            db.put(_DELIVERY, each["id"], each | {"waits": True})


def _sent(configuration: dict[str, Json], delivery: Delivery) -> bool:
    """Whether the callback took the notification: it answered with 2xx, in time."""
    body = delivery["body"].encode()
    headers = {"Content-Type": "application/json", "Elements-Webhook-Id": delivery["id"]}
    key = configuration.get("event.notification.signature.key")
    if key:
        headers["Elements-Webhook-Signature"] = signature(str(key), body)
    url = urlsplit(str(configuration.get("event.notification.callback.url", "")))
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if url.scheme not in kinds or not url.hostname:
        return False
    try:
        connection = kinds[url.scheme](url.hostname, url.port, timeout=TIMEOUT)
        try:
            query = f"?{url.query}" if url.query else ""
            connection.request("POST", (url.path or "/") + query, body, headers)
            status = connection.getresponse().status
            return bool(200 <= status < 300)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return False
