"""The printed functions of a mapping, printed or loaded when they are first needed."""

from collections.abc import Callable
from enum import StrEnum
from types import CodeType
from typing import TYPE_CHECKING, Any

from mapper.compile.cache import Cache
from mapper.garbage import collected_later

if TYPE_CHECKING:
    from mapper.lower import LoweredMapping

Program = Callable[..., Any]
"""A printed function; it raises any exception where the interpreter must run instead."""


class Direction(StrEnum):
    """What a printed module does: the name of its function."""

    FROM_VENDOR = "from_vendor"
    CREATE = "create"
    UPDATE = "update"
    REQUEST = "request"


def print_python(mapping: "LoweredMapping", direction: Direction) -> str | None:
    """Return the printed module of a mapping, None if something in it has no printed form."""
    from mapper.compile.source import Unprintable  # noqa: PLC0415 - a cached program needs none

    try:
        return _printer(direction)(mapping)
    except (Unprintable, RecursionError):
        return None


def _printer(direction: Direction) -> "Callable[[LoweredMapping], str]":
    """Return what prints the module of a direction; that which reads is imported much faster."""
    if direction is Direction.FROM_VENDOR:
        from mapper.compile.reading import print_from_vendor  # noqa: PLC0415 - as above

        return print_from_vendor
    from mapper.compile.directions import PRINTERS  # noqa: PLC0415 - as above

    return PRINTERS[direction]


class Programs:
    """The printed functions of one mapping."""

    def __init__(
        self, name: str, lower: "Callable[[], LoweredMapping]", cache: Cache | None = None
    ) -> None:
        self._name = name
        self._lower = lower
        self._cache = cache

    def load(self, direction: Direction) -> Program | None:
        """Return the function of a direction, from the cache or printed anew; None without one."""
        entry = f"{direction} {self._name}"
        made = self._cache.load(entry) if self._cache else None
        if made is None:
            made = self._make(direction)
            if self._cache:
                self._cache.store(entry, made)
        source, code = made
        return None if code is None else _run(source, code, direction)

    @collected_later()
    def _make(self, direction: Direction) -> tuple[str, CodeType | None]:
        """Return the source of a printed module and its code, None without one."""
        source = print_python(self._lower(), direction)
        if source is None:
            return "", None
        try:
            return source, compile(source, f"printed {self._name} {direction}", "exec")
        except (RecursionError, MemoryError, OverflowError):
            return "", None
        except SyntaxError as error:
            if "too many" in error.msg:  # blocks in one another, or levels of indentation
                return "", None
            raise


def _run(source: str, code: CodeType, direction: Direction) -> Program:
    """Return the function of the printed module *code*; tracebacks find the lines of *source*."""
    namespace: dict[str, Any] = {"__name__": "printed", "__loader__": _Printed(source)}
    exec(code, namespace)  # noqa: S102 - printed by us; all data in it was quoted
    program: Program = namespace[direction]
    return program


class _Printed:
    """Tells tracebacks the lines of a printed module (PEP 302)."""

    def __init__(self, source: str) -> None:
        self._source = source

    def get_source(self, _: str) -> str:
        return self._source
