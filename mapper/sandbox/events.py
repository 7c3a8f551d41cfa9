"""Events: a change in the vendor's account is to be told to the instances that want it.

Section 10 of the platform's facts. A change and what is told of it are one transaction, so that
nothing is lost when the server is killed; :mod:`mapper.sandbox.deliveries` delivers it.
"""

import json
from datetime import UTC, datetime
from typing import Any

from mapper.sandbox.books import read_account
from mapper.sandbox.calls import Call
from mapper.sandbox.connections import Connection
from mapper.sandbox.deliveries import enqueue, redeliver_waiting
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.paging import page
from mapper.sandbox.places import account_of, instance_of
from mapper.sandbox.store import Transaction

__all__ = [
    "list_events",
    "list_own_events",
    "put_account_settings",
    "read_event",
    "read_own_event",
    "record_change",
    "redeliver",
]

Json = Any

_ACTIONS = {"CREATED": "create", "UPDATED": "update", "DELETED": "delete"}
_POLICY = "notification.webhook.failure.policy"
_NOUNS = {
    "customers": "client",
    "invoices": "invoice",
    "payments": "payment",
    "taxes": "tax",
    "items": "item",
    "vendors": "bill_vendor",
}
"""What FreshBooks' own webhooks call the resources."""


def record_change(connection: Connection, kind: str, resource: str, key: Json) -> None:
    """Remember a change of an object for every instance that shares the account and wants events.

    *kind* is that of the events: CREATED, UPDATED or DELETED.
    """
    for instance in connection.db.list("instance"):
        if _wants_events(instance) and instance["elementId"] == connection.instance["elementId"]:
            notification = _notification(connection.db, instance, (kind, resource, str(key)))
            _record(connection.db, instance, notification)


def list_own_events(call: Call) -> list[Json]:
    return _list(call, call.instance)


def list_events(call: Call) -> list[Json]:
    return _list(call, instance_of(call, call.params["instance"]))


def read_own_event(call: Call) -> Json:
    return _read(call, call.instance)


def read_event(call: Call) -> Json:
    return _read(call, instance_of(call, call.params["instance"]))


def redeliver(call: Call) -> Json:
    """Send again what waits for a redelivery, to the instances that the caller reaches."""
    where = call.query.get("where", "").replace(" ", "").lower()
    if where not in {"", "channel='webhook'andstatus='queued'"}:
        raise PlatformError(400, "where must be channel='webhook' and status='queued'")
    reached = {
        each["id"] for each in call.db.list("instance") if call.caller.reaches_instance(each)
    }
    return {"redelivered": redeliver_waiting(call.db, reached)}


def put_account_settings(call: Call) -> Json:
    """Store the settings of an account: the failure policy of its deliveries is among them."""
    account = account_of(call, call.params["account"])
    if not call.caller.is_account_admin:
        raise PlatformError(403, "Only an account administrator may change its settings")
    settings = account.get("settings", {}) | call.json_object()
    if settings.get(_POLICY, "retry") not in {"retry", "queue"}:
        raise PlatformError(400, f"{_POLICY} must be retry or queue")
    call.db.put("account", account["id"], account | {"settings": settings})
    return settings


def _wants_events(instance: dict[str, Any]) -> bool:
    configuration = instance["configuration"]
    enabled = configuration.get("event.notification.enabled") in {True, "true"}
    return enabled and bool(configuration.get("event.notification.callback.url"))


def _notification(
    db: Transaction, instance: dict[str, Any], change: tuple[str, str, str]
) -> dict[str, Json]:
    """Return the body of a delivery: the platform's envelope around FreshBooks' own event.

    FreshBooks' webhooks tell ids only, all of them as text (section 8 of its facts).
    """
    kind, resource, key = change
    number = db.next_id()
    now = datetime.now(UTC)  # noqa: TID251 - a server's clock
    element = db.get("element", instance["elementId"]) or {}
    event = {
        "date": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "elementKey": element["key"],
        "eventType": kind,
        "hubKey": element["hub"],
        "objectId": key,
        "objectType": resource,
    }
    raw = {
        "name": f"{_NOUNS[resource]}.{_ACTIONS[kind]}",
        "object_id": key,
        "account_id": read_account(db)["account_id"],
    }
    return {
        "severity": "medium",
        "createdDate": f"{now:%a %b %d %H:%M:%S} UTC {now:%Y}",
        "topic": f"instance-{instance['id']}-{element['key']}-events",
        "action": _ACTIONS[kind],
        "id": str(number),
        "message": {
            "elementKey": element["key"],
            "accountId": instance["accountId"],
            "eventId": f"sandbox-{number}",
            "companyId": instance["organizationId"],
            "instanceId": instance["id"],
            "instance_id": instance["id"],
            "instanceName": instance["name"],
            "instanceTags": instance["tags"],
            "raw": raw,
            "userId": instance["user"]["id"],
            "events": [event],
        },
        "user": "notifications@sandbox.example",
    }


def _record(db: Transaction, instance: dict[str, Any], notification: dict[str, Json]) -> None:
    message = notification["message"]
    record = {
        "id": message["eventId"],
        "instanceId": instance["id"],
        "eventDate": message["events"][0]["date"],
        "status": "NEW",
        "providerData": json.dumps(message["raw"]),
        "notifiedData": [],
        "eventElementInstances": [{"instanceId": instance["id"]}],
    }
    db.put("event", message["eventId"], record)
    enqueue(db, instance["id"], notification, event=message["eventId"])


def _list(call: Call, instance: dict[str, Any]) -> list[Json]:
    found = [each for each in call.db.list("event") if each["instanceId"] == instance["id"]]
    return page(call, found)


def _read(call: Call, instance: dict[str, Any]) -> Json:
    found = call.db.get("event", call.params["event"])
    if found is None or found["instanceId"] != instance["id"]:
        raise PlatformError(404, f"No event found for id '{call.params['event']}'")
    return found
