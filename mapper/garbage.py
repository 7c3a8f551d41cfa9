"""Building what lives on: the garbage collector would walk it again and again, and find nothing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_later() -> Iterator[None]:
    """Let the cyclic garbage collector rest meanwhile; what is made counts as old behind it.

    Objects that have become old are seldom looked at. It is the whole program's collector, which
    goes on afterwards as it did before.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:  # what others froze stays frozen
            gc.freeze()
            gc.unfreeze()  # gives what is frozen to the oldest generation, unseen
        if was_enabled:
            gc.enable()
