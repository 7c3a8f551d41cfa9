"""Scripts run in a process of their own, which is ended and replaced when it does not answer."""

import json
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Self

from mapper.sandbox.settings import Settings
from mapper.sandbox.workers import Worker

__all__ = ["Answer", "Call", "Limits", "Script", "ScriptFailure", "ScriptRunner"]

_SECONDS_OF_GRACE = 3
_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BATCH_CALLS = 500
_BATCH_LENGTH = 1 << 22


class Limits(NamedTuple):
    """What one run of a script may use."""

    seconds: float = 30
    """Time of the processor: the platform's documented limit for a script and its request."""
    memory: int = 128 << 20
    """Bytes; the platform's limit is unknown."""
    stack: int = 1 << 20
    output: int = 16 << 20
    """Characters that the JSON of a result may have."""


class Script(NamedTuple):
    """A script as a transformation has it, and what all its calls are told."""

    body: str
    """The body of a function."""
    is_legacy: bool = False
    """Whether it is one of the v1 engine, which ends with ``return`` and not with ``done``."""
    from_vendor: bool = True
    is_where: bool = False
    configuration: dict[str, Any] = {}  # noqa: RUF012 - nobody changes it


class Call(NamedTuple):
    """What a script is called with, as JSON text of ASCII characters."""

    original: str
    transformed: str


class ScriptFailure(NamedTuple):
    """Why a script gave no result."""

    kind: str
    """``syntax``, ``error``, ``time``, ``memory``, ``size``, or ``killed``."""
    message: str


class Answer(NamedTuple):
    """What came of one call."""

    value: Any
    """What was given to ``done`` or returned; None where nothing was."""
    is_given: bool
    """Whether there is a value: ``done()`` gives none, and neither does a script that fails."""
    failure: ScriptFailure | None
    log: tuple[str, ...]
    """What the script wrote to its console, a line each, cut to a reasonable length."""


class ScriptRunner:
    """Runs scripts, one call at a time, in one process that is started when it is needed.

    It may be used by several threads; close it, or use it as a context manager.
    """

    def __init__(self, limits: Limits | None = None, settings: Settings | None = None) -> None:
        self._limits = limits or Limits()
        self._settings = settings or Settings()
        self._lock = threading.Lock()
        self._worker: Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def run(
        self, script: Script, calls: Sequence[Call], *, shared: bool = False
    ) -> Iterator[Answer]:
        """Return the answers to calls of one script, in their order.

        Each call has a global object of its own. With *shared* they have one in common, which is
        faster and is meant for scripts that are trusted not to leave anything behind.

        Raises:
            WorkerError: No process can be started.
        """
        for batch in _batches(calls):
            with self._lock:
                answers = self._batch(script, batch, shared=shared)
            yield from answers

    def _batch(self, script: Script, calls: Sequence[Call], *, shared: bool) -> list[Answer]:
        answers: list[Answer] = []
        patience = 2 * self._limits.seconds + _SECONDS_OF_GRACE
        is_sent = False
        while len(answers) < len(calls):
            worker = self._running()
            try:
                if not is_sent:
                    left = calls[len(answers) :]
                    request = self._request(script, len(left), shared=shared)
                    worker.send(_lines(request, left), patience)
                    is_sent = True
                answer = _read_answer(worker.line(patience))
            except (OSError, TimeoutError, EOFError) as error:
                self._end()
                is_sent = False
                answer = _failed("killed", str(error))
            answers.append(answer)
        return answers

    def _running(self) -> Worker:
        if self._worker is None:
            self._worker = Worker(self._limits.memory)
        return self._worker

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def _request(self, script: Script, count: int, *, shared: bool) -> str:
        return json.dumps(
            {
                "body": script.body,
                "legacy": script.is_legacy,
                "fromVendor": script.from_vendor,
                "isWhere": script.is_where,
                "configuration": script.configuration,
                "lastWins": self._settings["repeated-done"] == "last",
                "assignable": self._settings["script-variables"] == "assignable",
                "shared": shared,
                "count": count,
                "seconds": self._limits.seconds,
                "memory": self._limits.memory,
                "stack": self._limits.stack,
                "maxLength": self._limits.output,
            }
        )


def _batches(calls: Sequence[Call]) -> Iterator[list[Call]]:
    """Return the calls in parts that the process has the memory to read."""
    batch: list[Call] = []
    length = 0
    for call in calls:
        own = len(call.original) + len(call.transformed)
        if batch and (len(batch) == _BATCH_CALLS or length + own > _BATCH_LENGTH):
            yield batch
            batch, length = [], 0
        batch.append(call)
        length += own
    if batch:
        yield batch


def _lines(request: str, calls: Sequence[Call]) -> bytes:
    lines = [request, *(f"[{call.original},{call.transformed}]" for call in calls)]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _read_answer(line: bytes) -> Answer:
    try:
        answer = json.loads(line)
        log = tuple(map(_shown, answer["log"]))
    except (ValueError, RecursionError):
        return _failed("size", "the result is nested too deeply or holds a number too long")
    if "failure" in answer:
        return _failed(answer["failure"], _shown(answer["message"]), log)
    return Answer(answer.get("value"), "value" in answer, None, log)


def _shown(text: str) -> str:
    """Return what a script wrote as one line that any log, header and terminal can take."""
    return _NOT_SHOWN.sub("\ufffd", text)


def _failed(kind: str, message: str, log: tuple[str, ...] = ()) -> Answer:
    return Answer(None, is_given=False, failure=ScriptFailure(kind, message), log=log)
