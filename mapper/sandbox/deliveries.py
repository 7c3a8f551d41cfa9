"""Deliveries to callbacks, of events and of finished jobs: signed, and tried again if they fail."""

import base64
import hashlib
import hmac
import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from mapper.sandbox.calls import Platform
from mapper.sandbox.store import Store, Transaction

__all__ = ["deliver_due", "enqueue", "redeliver_waiting", "signature"]

Json = Any

RETRIES = 9
"""How often a failed delivery is tried again, before its instance's events wait for a redelivery.

The pauses are 4 seconds, 16, 64 and so on, to about 73 hours.
"""

TIMEOUT = 10
"""How many seconds a callback may take."""

_LEASE = 15
"""How many seconds other servers leave a delivery alone that one of them has begun."""

_DUE, _WAITING = "delivery", "waiting-delivery"
"""Apart, so that looking for what is due reads nothing that waits."""

_PAUSED = "paused-subscription"
_SCHEMES = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be posted, in the words in which every attempt posts it."""

    id: int
    webhook_id: str
    instance: int
    event: str | None
    """The id of the event that it tells of, if it is one."""
    url: str | None
    """Where it goes if not to the instance's callback."""
    body: str
    attempts: int = 0
    due: float = 0


def signature(key: str, body: bytes) -> str:
    """Return the value of Elements-Webhook-Signature.

    >>> signature("MySecretEventSignatureKey", b"<INSERT_EVENT_NOTIFICATION_RESPONSE_BODY>")
    'sha256=jHdbRx5EZAsOfTwAPJOGkNUzQMVVdu5VJlxcsk+G6jQ='
    """
    digest = hmac.new(key.encode(), body, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def enqueue(
    db: Transaction,
    instance: int,
    body: dict[str, Json],
    *,
    event: str | None = None,
    url: str | None = None,
) -> None:
    """Leave something to be posted to the instance's callback, or to a URL of its own.

    Events wait for a redelivery if nobody took those before them.
    """
    delivery = Delivery(
        id=db.next_id(),
        webhook_id=str(body["id"]),
        instance=instance,
        event=event,
        url=url,
        body=json.dumps(body, ensure_ascii=False),
    )
    waits = url is None and db.get(_PAUSED, instance) is not None
    _put(db, _WAITING if waits else _DUE, delivery)


def redeliver_waiting(db: Transaction, instances: set[int]) -> int:
    """Let what waits be delivered anew, and return how much that is."""
    waiting = [each for each in _list(db, _WAITING) if each.instance in instances]
    for each in waiting:
        _put(db, _DUE, replace(each, attempts=0, due=0))
        db.delete(_WAITING, each.id)
    for instance in instances:
        db.delete(_PAUSED, instance)
    return len(waiting)


def deliver_due(platform: Platform) -> bool:
    """Deliver one thing whose time has come, and return whether there was one."""
    delivery = _claimed(platform.store)
    if delivery is None:
        return False
    with platform.store.reading() as db:
        instance = db.get("instance", delivery.instance)
        account = db.get("account", instance["accountId"]) if instance else None
    taken = instance is not None and _is_taken(delivery, instance["configuration"])
    settings = (account or {}).get("settings", {})
    retries = 0 if settings.get("notification.webhook.failure.policy") == "queue" else RETRIES
    unit = 1 if platform.settings["webhook-clock"] == "seconds" else 0.001
    with platform.store.writing() as db:
        _note(db, delivery, taken=taken)
        if taken or instance is None:
            db.delete(_DUE, delivery.id)
        elif delivery.attempts < retries:
            attempts = delivery.attempts + 1
            due = time.time() + 4**attempts * unit
            _put(db, _DUE, replace(delivery, attempts=attempts, due=due))
        else:
            _give_up(db, delivery)
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
        _put(db, _DUE, replace(due[0], due=time.time() + _LEASE))
        return due[0]


def _due(db: Transaction) -> list[Delivery]:
    now = time.time()
    return [each for each in _list(db, _DUE) if each.due <= now]


def _note(db: Transaction, delivery: Delivery, *, taken: bool) -> None:
    """Write down in the event what came of telling it."""
    event = None if delivery.event is None else db.get("event", delivery.event)
    if event is not None:
        event |= {"status": "NOTIFIED" if taken else "DISPATCHED"}
        event |= {"notifiedData": [delivery.body] if taken else []}
        db.put("event", event["id"], event)


def _give_up(db: Transaction, delivery: Delivery) -> None:
    """Let the instance's events wait, this one and those to come; a job's callback is dropped."""
    if delivery.url is not None:
        db.delete(_DUE, delivery.id)
        return
    db.put(_PAUSED, delivery.instance, {})
    for each in _list(db, _DUE):
        if each.instance == delivery.instance and each.url is None:
            _put(db, _WAITING, each)
            db.delete(_DUE, each.id)


def _is_taken(delivery: Delivery, configuration: dict[str, Json]) -> bool:
    """Whether the callback took it: it answered with 2xx, in time."""
    body = delivery.body.encode()
    headers = {"Content-Type": "application/json", "Elements-Webhook-Id": delivery.webhook_id}
    key = configuration.get("event.notification.signature.key")
    if key:
        headers["Elements-Webhook-Signature"] = signature(str(key), body)
    callback = configuration.get("event.notification.callback.url")
    try:
        url = urlsplit(str(delivery.url or callback))
        connection = _SCHEMES[url.scheme](url.hostname or "", url.port, timeout=TIMEOUT)
        try:
            path = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return False
    return bool(200 <= status < 300)


def _list(db: Transaction, kind: str) -> list[Delivery]:
    return msgspec.convert(db.list(kind), list[Delivery])


def _put(db: Transaction, kind: str, delivery: Delivery) -> None:
    db.put(kind, delivery.id, msgspec.to_builtins(delivery))
