"""A worker process seen from outside: started, written to, read from, and ended when it hangs."""

import contextlib
import os
import select
import subprocess
import sys
import time
from pathlib import Path

__all__ = ["Worker", "WorkerError"]

_PROGRAM = Path(__file__).with_name("worker.py")
_READY = b"ready"
_SECONDS_TO_START = 30
_READ = 1 << 16


class WorkerError(RuntimeError):
    """No worker can be started here."""


class Worker:
    """A process that answers lines; it is given *memory* bytes for its engine.

    Raises:
        WorkerError: It does not start.
    """

    def __init__(self, memory: int) -> None:
        # No environment, no folder, no descriptors: there is nothing to find in there.
        self._process = subprocess.Popen(  # noqa: S603 - our own file
            [sys.executable, "-E", "-P", str(_PROGRAM), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
        self._unread = b""
        if self._process.stdin is None or self._process.stdout is None:
            raise WorkerError("the worker has no pipes")
        self._requests, self._answers = self._process.stdin, self._process.stdout
        os.set_blocking(self._requests.fileno(), False)
        self._writable = _poll(self._requests.fileno(), select.POLLOUT)
        self._readable = _poll(self._answers.fileno(), select.POLLIN)
        try:
            is_ready = self.line(_SECONDS_TO_START) == _READY
        except (EOFError, TimeoutError):
            is_ready = False
        if not is_ready:
            self.end()
            raise WorkerError(
                "scripts cannot run here, since their process does not start;"
                ' it needs the extra "sandbox" of this package'
            )

    @property
    def number(self) -> int:
        """The number of the process."""
        return self._process.pid

    def send(self, lines: bytes, seconds: float) -> None:
        """Write lines.

        Raises:
            TimeoutError: They were not taken in time.
            OSError: The process has ended.
        """
        deadline = time.monotonic() + seconds
        left = memoryview(lines)
        while left:
            _wait(self._writable, deadline)
            left = left[os.write(self._requests.fileno(), left) :]

    def line(self, seconds: float) -> bytes:
        """Return the next line.

        Raises:
            TimeoutError: It did not come in time.
            EOFError: The process has ended.
        """
        deadline = time.monotonic() + seconds
        parts = [self._unread]
        while b"\n" not in parts[-1]:
            _wait(self._readable, deadline)
            part = os.read(self._answers.fileno(), _READ)
            if not part:
                raise EOFError("the process has ended")
            parts.append(part)
        line, _, self._unread = b"".join(parts).partition(b"\n")
        return line

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()


def _poll(descriptor: int, event: int) -> select.poll:
    poll = select.poll()
    poll.register(descriptor, event)
    return poll


def _wait(poll: select.poll, deadline: float) -> None:
    if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
        raise TimeoutError("no answer in time")
