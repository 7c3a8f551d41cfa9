"""Bulk: queries and uploads that run as jobs, their state, their errors and their files.

Section 9 of the platform's facts. ``Elements-Version: Helium`` selects version 3, whose body is
JSON and whose jobs have one format.
"""

import json
import re
from typing import Any

from mapper.sandbox.calls import Answer, Call
from mapper.sandbox.ceql import CeqlError, parse_select, parse_where, print_where
from mapper.sandbox.connections import Connection, connect
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.jobs import (
    ACTIVE,
    Job,
    cancel,
    clock,
    errors_of,
    get_job,
    list_jobs,
    new_job,
    results_of,
)
from mapper.sandbox.paging import page
from mapper.sandbox.selection import selects
from mapper.sandbox.tables import FORMATS, TableError, read_objects, write_objects
from mapper.sandbox.targets import target_of

__all__ = [
    "cancel_job",
    "download",
    "list_bulk_jobs",
    "list_errors",
    "query",
    "read_data",
    "read_status",
    "start_download",
    "upload",
]

Json = Any

_MASK = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


def query(call: Call) -> dict[str, Json]:
    """Start a job that finds what a CEQL ``select`` in ``q`` asks for."""
    if _is_helium(call):
        return start_download(call)
    connection = connect(call)
    text = call.query.get("q") or call.request.form.get("q", "")
    try:
        select = parse_select(text)
    except CeqlError as error:
        raise PlatformError(400, f"Invalid query: {error}") from None
    if select.attributes:
        raise PlatformError(400, "The element cannot select fields: use select *")
    given = {
        "query": text,
        "where": "" if select.where is None else print_where(select.where),
        "filters": _dates(call.query.get("from") or call.query.get("lastRunDate"), call.query),
        "limit": select.limit,
        "metadata": _metadata(call),
        "callback": call.request.headers.get("Elements-Async-Callback-Url"),
    }
    return _started(call, connection, select.name, given)


def start_download(call: Call) -> dict[str, Json]:
    """Start a job of version 3."""
    connection, body = connect(call), call.json_object()
    name, form = body.get("objectName"), body.get("format")
    forms = {kind: name for name, kind in FORMATS.items()}
    if not isinstance(name, str) or form not in forms:
        raise PlatformError(400, f"objectName and format are required: {', '.join(forms)}")
    if body.get("selectFields"):
        raise PlatformError(400, "The element cannot select fields: leave selectFields out")
    where, limit = body.get("where") or "", body.get("limit")
    if not isinstance(where, str) or not (limit is None or type(limit) is int):
        raise PlatformError(400, "where is text, and limit a number")
    try:
        if where:
            parse_where(where)
    except CeqlError as error:
        raise PlatformError(400, f"Invalid where clause: {error}") from None
    given = {
        "version": "v3",
        "query": json.dumps(body),
        "where": where,
        "filters": _dates(body.get("from"), body),
        "limit": limit,
        "format": forms[form],
        "callback": body.get("notificationUrl"),
    }
    return _started(call, connection, name, given)


def upload(call: Call) -> dict[str, Json]:
    """Start a job that creates an object of each record of a file."""
    connection, name = connect(call), call.params["name"]
    target_of(connection, name)
    metadata = _metadata(call)
    if metadata.get("action") == "upsert":
        raise PlatformError(400, "The element has no upsert")
    file = call.request.files.get("file")
    data = file.read() if file else call.request.form.get("file", "").encode()
    if not data:
        raise PlatformError(400, "A multipart body needs a 'file'")
    named = str(file.filename) if file else ""
    is_json = metadata.get("format") == "json" or named.endswith((".json", ".jsonl"))
    try:
        rows = read_objects(data, "json" if is_json else "csv")
    except TableError as error:
        raise PlatformError(400, str(error)) from None
    callback = call.request.headers.get("Elements-Async-Callback-Url")
    given = {"metadata": metadata, "callback": callback}
    return _created(new_job(connection, "UPLOAD", name, rows, **given))


def read_status(call: Call) -> dict[str, Json]:
    job = _job(call)
    return _status_v3(job) if job.version == "v3" or _is_helium(call) else _status(job)


def cancel_job(call: Call) -> dict[str, Json]:
    job = _job(call)
    if job.status not in ACTIVE:
        raise PlatformError(400, f"The job is {job.status} and cannot be cancelled")
    return _status(cancel(connect(call), job))


def list_errors(call: Call) -> list[Json]:
    return page(call, errors_of(call.db, _job(call)))


def download(call: Call) -> Answer:
    """Answer the file of a completed job, in the format that is accepted."""
    job = _completed(call)
    accepted = call.request.accept_mimetypes.best_match(FORMATS.values(), FORMATS["json"])
    form = next(name for name, kind in FORMATS.items() if kind == accepted)
    if job.format is not None and job.format != form:
        if "Accept" in call.request.headers and "*/*" not in call.request.headers["Accept"]:
            raise PlatformError(400, f"The job's format is {FORMATS[job.format]}")
        form = job.format
    options = _json(call.query.get("json", ""), "json")
    native = str(options.get("convertToNativeType", True)).lower() != "false"
    data = write_objects(results_of(call.db, job), form, native=native)
    kind = FORMATS[form] + (";charset=UTF-8" if form == "json" else "")
    disposition = f'attachment; filename="{_file_name(job, form)}"'
    return Answer(body=data, headers={"Content-Type": kind, "Content-Disposition": disposition})


def read_data(call: Call) -> list[Json]:
    return page(call, results_of(call.db, _completed(call)))


def list_bulk_jobs(call: Call) -> list[Json]:
    """Answer the instance's jobs, newest first, or those that a ``where`` selects."""
    instance = call.instance["id"]
    shown = [_entry(each) for each in reversed(list_jobs(call.db)) if each.instance == instance]
    text = call.query.get("where", "")
    if text:
        try:
            where = parse_where(text)
        except CeqlError as error:
            raise PlatformError(400, f"Invalid where clause: {error}") from None
        shown = [each for each in shown if selects(where, each)]
    return page(call, shown)


def _started(
    call: Call, connection: Connection, name: str, given: dict[str, Json]
) -> dict[str, Json]:
    target_of(connection, name)
    continued = call.query.get("continueFromJobId") or (
        call.json_object().get("continueFromJobId") if given.get("version") == "v3" else None
    )
    if continued:
        raise PlatformError(400, "continueFromJobId is not emulated")
    return _created(new_job(connection, "DOWNLOAD", name, **given))


def _created(job: Job) -> dict[str, Json]:
    return {"id": str(job.id), "instanceId": job.instance, "status": job.status}


def _dates(since: Json, given: Any) -> dict[str, Json]:
    """Return FreshBooks' filters for a span of time, whose grain is a day."""
    until = given.get("to")
    found = {"updated_min": since, "updated_max": until}
    return {name: str(value)[:10] for name, value in found.items() if value}


def _job(call: Call) -> Job:
    job = get_job(call.db, call.params["job"])
    if job is None or job.instance != call.instance["id"]:
        raise PlatformError(404, f"No bulk job found for id {call.params['job']}")
    return job


def _completed(call: Call) -> Job:
    job = _job(call)
    if job.direction != "DOWNLOAD" or job.object_name != call.params["name"]:
        raise PlatformError(404, f"The job has no '{call.params['name']}' to download")
    if job.status != "COMPLETED":
        raise PlatformError(400, f"The job is {job.status}: there is nothing to download")
    return job


def _status(job: Job) -> dict[str, Json]:
    shown: dict[str, Json] = {
        "id": str(job.id),
        "status": job.status,
        "instanceId": job.instance,
        "recordsCount": job.count,
        "recordsFailedCount": job.failed,
        "object_name": job.object_name,
        "job_direction": job.direction,
        "metadata": job.metadata,
    }
    times = {"bulk_start_time": job.started, "bulk_finish_time": job.finished}
    shown |= {name: clock(value) for name, value in times.items() if value is not None}
    return shown | ({} if job.error is None else {"error": job.error, "message": job.error})


def _status_v3(job: Job) -> dict[str, Json]:
    return {
        "id": job.id,
        "recordCount": job.count,
        "objectName": job.object_name,
        "metaData": job.metadata,
        "jobDirection": job.direction,
        "jobStatus": job.status,
        "statusMessage": job.error or "",
        "createdDate": int(job.created * 1000),
        "errorCount": job.failed,
        "notificationUrl": job.callback,
        "completionTime": None if job.finished is None else int(job.finished * 1000),
        "fileFormat": (job.format or "json").upper(),
        "jobCriteria": json.loads(job.query) if job.version == "v3" else {"q": job.query},
    }


def _entry(job: Job) -> dict[str, Json]:
    return {
        "completion_time": None if job.finished is None else int(job.finished * 1000),
        "createdDate": int(job.created * 1000),
        "error_count": job.failed,
        "fileFormat": job.format or "json",
        "id": job.id,
        "instanceId": job.instance,
        "job_direction": job.direction,
        "job_query": job.query,
        "job_reset_attempt": 0,
        "job_status": job.status,
        "object_name": job.object_name,
        "record_count": job.count,
        "status": job.status,
    }


def _metadata(call: Call) -> dict[str, Json]:
    return _json(call.request.form.get("metaData", ""), "metaData")


def _json(text: str, what: str) -> dict[str, Json]:
    try:
        given = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise PlatformError(400, f"{what} must be a JSON object")
    return given


def _file_name(job: Job, form: str) -> str:
    """Return the name of a file: ``fileName`` may hold a date mask in braces."""
    name = str(job.metadata.get("fileName") or f"{job.object_name}.{form}")

    def dated(mask: re.Match[str]) -> str:
        text = re.sub("|".join(_MASK), lambda found: _MASK[found[0]], mask[1])
        return clock(job.created, text)

    return re.sub(r"[^\w .:()-]", "_", re.sub(r"\{([^{}]*)\}", dated, name))


def _is_helium(call: Call) -> bool:
    return call.request.headers.get("Elements-Version", "").lower() == "helium"
