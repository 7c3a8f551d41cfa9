"""Bulk jobs: what is written down of them, and the work, which the server does in the background.

A job is CREATED, then RUNNING, and at last COMPLETED, CANCELLED or ERROR. What a killed server has
not finished, the next one on the file takes up where it was.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from mapper.sandbox.calls import Platform
from mapper.sandbox.ceql import parse_where
from mapper.sandbox.connections import Connection, provider_errors, reconnect
from mapper.sandbox.deliveries import enqueue
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.events import record_change
from mapper.sandbox.searches import find_rows
from mapper.sandbox.settings import Settings
from mapper.sandbox.store import Transaction
from mapper.sandbox.targets import from_vendor, target_of, to_vendor

__all__ = [
    "ACTIVE",
    "Job",
    "cancel",
    "clock",
    "errors_of",
    "get_job",
    "list_jobs",
    "new_job",
    "results_of",
    "run_due_job",
]

Json = Any

ACTIVE = ("CREATED", "RUNNING")

_PACE = {"steady": 0.25, "instant": 0.0, "slow": 10.0}
_LEASE = 10
"""How many seconds other servers leave a job alone that one of them works on.

If it takes longer, they only do work for nothing: what counts is what a transaction finds.
"""

_CHUNK = 50
"""How many records of an upload are one transaction."""

_KIND, _ACTIVE, _ROWS, _ERRORS = "bulk-job", "active-bulk-job", "bulk-rows", "bulk-errors"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it is stored."""

    id: int
    instance: int
    user: int
    origin: str
    direction: str
    """DOWNLOAD or UPLOAD."""
    object_name: str
    created: float
    due: float
    status: str = "CREATED"
    version: str = "v2"
    query: str = ""
    where: str = ""
    filters: dict[str, Json] = {}
    limit: int | None = None
    format: str | None = None
    """The only format in which it can be downloaded, if it was asked for."""
    metadata: dict[str, Json] = {}
    callback: str | None = None
    started: float | None = None
    finished: float | None = None
    count: int = 0
    failed: int = 0
    error: str | None = None


def new_job(
    connection: Connection, direction: str, name: str, rows: Sequence[Json] = (), **given: Any
) -> Job:
    """Store a job, with the records that an upload has, and return it."""
    now = time.time()
    job = Job(
        id=connection.db.next_id(),
        instance=connection.instance["id"],
        user=connection.user["id"],
        origin=connection.origin,
        direction=direction,
        object_name=name,
        created=now,
        due=now + _pace(connection.platform.settings),
        **given,
    )
    _put(connection.db, job)
    connection.db.put(_ACTIVE, job.id, job.id)
    connection.db.put(_ROWS, job.id, list(rows))
    return job


def get_job(db: Transaction, number: int) -> Job | None:
    """Return the job of an id."""
    found = db.get(_KIND, number)
    return None if found is None else msgspec.convert(found, Job)


def list_jobs(db: Transaction) -> list[Job]:
    """Return all jobs, oldest first."""
    return msgspec.convert(db.list(_KIND), list[Job])


def results_of(db: Transaction, job: Job) -> list[Json]:
    """Return the objects of a download that is completed."""
    return db.get(_ROWS, job.id) or []


def errors_of(db: Transaction, job: Job) -> list[Json]:
    """Return what went wrong with single records of an upload."""
    return db.get(_ERRORS, job.id) or []


def cancel(connection: Connection, job: Job) -> Job:
    """Return the job, which does nothing more."""
    return _end(connection.db, job, "CANCELLED")


def run_due_job(platform: Platform) -> bool:
    """Do the next step of one job whose time has come, and return whether there was one."""
    with platform.store.reading() as db:
        if not _due(db):
            return False
    with platform.store.writing() as db:
        due = _due(db)
        if not due:
            return False
        job, now = due[0], time.time()
        if job.status == "CREATED":
            later = now + _pace(platform.settings)
            _put(db, replace(job, status="RUNNING", started=now, due=later))
            return True
        _put(db, replace(job, due=now + _LEASE))
    work = _download if job.direction == "DOWNLOAD" else _upload
    try:
        work(platform, job)
    except PlatformError as error:
        with platform.store.writing() as db:
            current = get_job(db, job.id)
            if current is not None and current.status == "RUNNING":
                _end(db, current, "ERROR", error=error.message)
    return True


def _due(db: Transaction) -> list[Job]:
    now = time.time()
    active = (get_job(db, number) for number in db.list(_ACTIVE))
    return [each for each in active if each is not None and each.due <= now]


def _download(platform: Platform, job: Job) -> None:
    with platform.store.reading() as db:
        connection = _connection(platform, db, job)
        target = target_of(connection, job.object_name)
        where = parse_where(job.where) if job.where else None
        rows = find_rows(connection, target, where, more=job.filters)[: job.limit]
        objects = from_vendor(connection, target, rows)
    with platform.store.writing() as db:
        current = get_job(db, job.id)
        if current is not None and current.status == "RUNNING":
            db.put(_ROWS, job.id, objects)
            _end(db, replace(current, count=len(objects)), "COMPLETED")


def _upload(platform: Platform, job: Job) -> None:
    """Create the records of an upload, a few at a time, from the first that is not done."""
    current: Job | None = job
    while current is not None:
        with platform.store.writing() as db:
            current = _upload_some(platform, db, job.id)


def _upload_some(platform: Platform, db: Transaction, number: int) -> Job | None:
    """Create the next records, and return the job as long as there are more."""
    job = get_job(db, number)
    if job is None or job.status != "RUNNING":
        return None
    rows = results_of(db, job)[job.count : job.count + _CHUNK]
    if not rows:
        _end(db, job, "COMPLETED")
        return None
    connection = _connection(platform, db, job)
    errors = errors_of(db, job)
    for place, row in enumerate(rows, job.count + 1):
        try:
            _create(connection, job.object_name, row)
        except PlatformError as error:
            said = {"row": place, "message": error.message, "record": row}
            if error.provider_message is not None:
                said["providerMessage"] = error.provider_message
            errors.append(said)
    db.put(_ERRORS, job.id, errors)
    due = time.time() + _LEASE
    job = replace(job, count=job.count + len(rows), failed=len(errors), due=due)
    _put(db, job)
    return job


def _create(connection: Connection, name: str, row: Json) -> None:
    target = target_of(connection, name)
    body = to_vendor(connection, target, row)
    with provider_errors():
        if isinstance(body, dict):
            body = connection.books.typed(target.vendor_name, body)
        made = connection.books.create(target.vendor_name, body)
    record_change(connection, "CREATED", target.vendor_name, made["id"])


def _connection(platform: Platform, db: Transaction, job: Job) -> Connection:
    connection = reconnect(platform, db, job.instance, job.user, job.origin)
    if connection is None:
        raise PlatformError(401, "the instance or the user of the job is no more")
    return connection


def _end(db: Transaction, job: Job, status: str, error: str | None = None) -> Job:
    """Write down the end of a job, and leave its callback to be told."""
    job = replace(job, status=status, finished=time.time(), error=error)
    _put(db, job)
    db.delete(_ACTIVE, job.id)
    if job.callback:
        body = {
            "id": str(job.id),
            "instanceId": job.instance,
            "status": status,
            "objectName": job.object_name,
            "callback-payload": job.metadata.get("callback-payload"),
        }
        enqueue(db, job.instance, body, url=job.callback)
    return job


def _pace(settings: Settings) -> float:
    return _PACE[settings["bulk-pace"]]


def _put(db: Transaction, job: Job) -> None:
    db.put(_KIND, job.id, msgspec.to_builtins(job))


def clock(seconds: float, mask: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    """Return a time as jobs show it."""
    return datetime.fromtimestamp(seconds, UTC).strftime(mask)
