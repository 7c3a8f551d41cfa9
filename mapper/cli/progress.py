"""Bars that show on a terminal how far a long run is."""

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

import click

_Item = TypeVar("_Item")


class Bar(Protocol):
    """A bar that moves on."""

    def update(self, n_steps: int, /) -> None:
        """Move by so many steps."""


@contextmanager
def counting(length: int, label: str, *, quiet: bool) -> Iterator[Bar]:
    """Give a bar of so many steps, on standard error if that is a terminal and not *quiet*."""
    with click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=_is_hidden(quiet=quiet)
    ) as bar:
        yield bar


@contextmanager
def passing(items: Collection[_Item], label: str, *, quiet: bool) -> Iterator[Iterator[_Item]]:
    """Give *items*, with a bar likewise, which moves as they are taken."""
    hidden = not items or _is_hidden(quiet=quiet)
    with click.progressbar(items, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield iter(bar)


def _is_hidden(*, quiet: bool) -> bool:
    return quiet or not sys.stderr.isatty()
