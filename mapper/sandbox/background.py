"""What the server does between requests: deliveries of events, and bulk jobs."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from mapper.sandbox.calls import Platform

__all__ = ["Task", "working"]

_POLL = 0.05
"""How many seconds a task without work waits: other servers on the same file give it work, too."""

Task = Callable[[Platform], bool]
"""Does one piece of work that is due, and says whether there was one."""


@contextmanager
def working(platform: Platform, *tasks: Task) -> Iterator[None]:
    """Let each task work in a thread of its own.

    At the end each has two seconds to finish what it has begun. What it does not, the next server
    on the file takes up again.
    """
    stopped = Event()

    def work(task: Task) -> None:
        while not stopped.is_set():
            found = False
            with suppress(sqlite3.OperationalError):  # the file is busy: later, then
                found = task(platform)
            if not found:
                stopped.wait(_POLL)

    threads = [Thread(target=work, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in threads:
            thread.join(timeout=2)
