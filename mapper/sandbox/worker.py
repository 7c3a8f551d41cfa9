"""The process that runs scripts: a JavaScript engine behind two pipes, with nothing else in reach.

It is run as a file, by :mod:`mapper.sandbox.workers`, and imports nothing of the package.
It says ``ready``. Then a request is a line with what its calls share, and a line ``[originalObject,
transformedObject]`` for each of them; the answer is a line for each. A call's text goes into the
engine as it is, where ``JSON.parse`` makes two objects of it that share nothing. Requests are
ASCII, since the engine's Python side cuts texts at a NUL.
"""

import contextlib
import json
import math
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import quickjs

_HERE = Path(__file__).parent
_HARNESS = (_HERE / "harness.js").read_text("utf-8")
_LIBRARY = (_HERE / "ce.js").read_text("utf-8")
_INTERPRETER_MEMORY = 512 << 20
_SECONDS_OF_GRACE = 1


class _Engine:
    """A context of its own with the harness in it and one script loaded."""

    def __init__(self, request: str, limits: dict[str, Any]) -> None:
        self.is_spent = False
        """Whether a call failed, which may have left promises that go on, or no memory."""
        self._seconds = float(limits["seconds"])
        self._context = quickjs.Context()
        self._context.set_memory_limit(limits["memory"])
        self._context.set_max_stack_size(limits["stack"])
        self._context.set_time_limit(self._seconds)
        harness = self._context.eval(_HARNESS)(_LIBRARY)
        member = self._context.eval("(object, name) => object[name]")
        self._start = member(harness, "start")
        self._is_settled = member(harness, "isSettled")
        self._finish = member(harness, "finish")
        member(harness, "load")(request)

    def run(self, call: str) -> str:
        """Return the answer to one call.

        Raises:
            quickjs.JSException: The engine has not even the means to say what went wrong.
        """
        kind, message = "", ""
        try:
            self._run(call)
        except TimeoutError:
            kind, message = "time", "the time limit"
        except quickjs.JSException as error:
            kind, message = _failure(error)
        self._context.set_time_limit(self._seconds)
        answer = str(self._finish(kind, message))
        self.is_spent = kind != "" or answer.startswith('{"failure"')
        return answer

    def _run(self, call: str) -> None:
        started = time.process_time()
        self._context.set_time_limit(self._seconds)
        if self._start(call):
            return
        while not self._is_settled() and self._context.execute_pending_job():
            left = started + self._seconds - time.process_time()
            if left <= 0:
                raise TimeoutError
            self._context.set_time_limit(left)


def _failure(error: Exception) -> tuple[str, str]:
    message = str(error).partition("\n")[0]
    if "interrupted" in message:
        return "time", "the time limit"
    # Without memory for an error, the engine throws null.
    if "out of memory" in message or message == "null":
        return "memory", "the memory limit"
    return "error", message


def _answers(request: str, calls: list[str]) -> Iterator[str]:
    options = json.loads(request)
    engine: _Engine | None = None
    for call in calls:
        _allow_processor(options["seconds"])
        try:
            if engine is None or not options["shared"]:
                engine = _Engine(request, options)
            answer = engine.run(call)
            if engine.is_spent:
                engine = None
            yield answer
        except quickjs.JSException as error:
            engine = None
            kind, message = _failure(error)
            yield json.dumps({"failure": kind, "message": message, "log": []})


def _allow_processor(seconds: float) -> None:
    """Let the operating system end this process if a call takes much longer than it may."""
    limit = math.ceil(time.process_time() + seconds + _SECONDS_OF_GRACE)
    _limit(resource.RLIMIT_CPU, limit, resource.RLIM_INFINITY)


def _limit(kind: int, soft: int, hard: int) -> None:
    # Some systems do not have all of these; the engine's own limits hold everywhere.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (soft, hard))


def _confine(memory: int) -> None:
    """Leave this process nothing but memory and the pipes that it has."""
    most = _INTERPRETER_MEMORY + memory
    _limit(resource.RLIMIT_AS, most, most)
    for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        _limit(kind, 0, 0)
    _limit(resource.RLIMIT_NOFILE, 3, 3)


def main() -> None:
    """Answer requests until there are no more."""
    _confine(int(sys.argv[1]))
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(b"ready\n")
    answers.flush()
    while line := requests.readline():
        request = line.decode("ascii")
        # All calls are read before the first is answered: otherwise both sides could wait for the
        # other one to read.
        count = json.loads(request)["count"]
        calls = [requests.readline().decode("ascii") for _ in range(count)]
        for answer in _answers(request, calls):
            answers.write(answer.encode("utf-8", "surrogatepass") + b"\n")
            answers.flush()


if __name__ == "__main__":
    main()
