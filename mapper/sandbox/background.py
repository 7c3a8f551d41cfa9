"""What the server does between requests: deliveries of events, and bulk jobs."""

import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from mapper.sandbox.calls import Platform

__all__ = ["Task", "working"]

_POLL = 0.05
"""How many seconds a task without work waits: other servers on the same file give it work, too."""

Task = Callable[[Platform], bool]
"""Does one piece of work that is due, and says whether there was one."""


@contextmanager
def working(platform: Platform, log: Callable[[str], None], *tasks: Task) -> Iterator[None]:
    """Let each task work in a thread of its own.

    At the end each has two seconds to finish what it has begun. What it does not, the next server
    on the file takes up again.
    """
    stopped = Event()

    def work(task: Task) -> None:
        while not stopped.is_set():
            if not attempt(task):
                stopped.wait(_POLL)

    def attempt(task: Task) -> bool:
        try:
            return task(platform)
        except sqlite3.OperationalError:  # the file is busy: later, then
            return False
        except Exception as error:  # noqa: BLE001 - a defect of the sandbox, told without its data
            trace = "".join(traceback.format_tb(error.__traceback__))
            log(f"{trace}{type(error).__name__} in the background")
            return False

    threads = [Thread(target=work, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in threads:
            thread.join(timeout=2)
