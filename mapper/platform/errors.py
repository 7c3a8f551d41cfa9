"""Why something could not be done at the platform."""

from collections.abc import Iterable

from mapper.diagnostics import Diagnostic, MapperError

__all__ = ["LostError", "PlatformError", "RefusedError", "UnreachableError"]


class PlatformError(MapperError):
    """What was asked of the platform could not be done, or its answer could not be used."""


class RefusedError(PlatformError):
    """The platform answered that it does not do it.

    Attributes:
        status: The status of the answer.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], status: int) -> None:
        super().__init__(diagnostics)
        self.status = status

    def __reduce__(self) -> tuple[type["RefusedError"], tuple[tuple[Diagnostic, ...], int]]:  # type: ignore[override]  # it has a status, too
        return type(self), (self.diagnostics, self.status)


class UnreachableError(PlatformError):
    """The request was not done: it was not sent, or all that came back was "later"."""


class LostError(PlatformError):
    """The request was sent and nobody knows whether it was done."""
