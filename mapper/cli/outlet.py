"""Common objects to request bodies, held against the schemas on both sides."""

from collections.abc import Iterable
from typing import Any, Literal, assert_never

from msgspec import Struct, field

from mapper.cli.records import refuse
from mapper.diagnostics import Diagnostic, TransformError
from mapper.running import Mapper


class Edit(Struct, frozen=True, kw_only=True):
    """What an update starts from.

    Attributes:
        base: The vendor's payload.
        merge: Whether what is given are merge patches, and not whole objects.
        steps: Whether to give the list of all the bodies that the edit takes.
    """

    base: dict[str, Any]
    merge: bool = False
    steps: bool = False


Mode = Literal["create", "request"] | Edit


class Outlet(Struct, frozen=True):
    """Writes common objects in one of the three modes.

    Attributes:
        mapper: The mapper that writes.
        mode: "create", "request", or the edit that makes an update.
        wrapper: The member to put every body in, if any.
        validate: Whether objects and bodies are held against their schemas.
    """

    mapper: Mapper
    mode: Mode
    wrapper: str | None
    validate: bool
    _left_out: dict[str, Diagnostic] = field(default_factory=dict)

    def remarks(self) -> Iterable[Diagnostic]:
        """Return a warning for each member that requests left out, where it was first."""
        return self._left_out.values()

    def write(self, given: Any) -> Any:
        """Return the body, or with ``steps`` the bodies, for what is *given*.

        Raises:
            TransformError: With every reason why there is none.
        """
        if isinstance(self.mode, Edit) and self.mode.merge:
            given = self.mapper.merge(given, self.mode.base)
        bodies = self._explained(given)
        kind: Literal["create", "update"] = "create" if self.mode == "create" else "update"
        for body in bodies if self.validate else ():
            refuse(self.mapper.validate_body(body, kind))
        made = [{self.wrapper: body} if self.wrapper else body for body in bodies]
        return made if isinstance(self.mode, Edit) and self.mode.steps else made[0]

    def _explained(self, common: Any) -> list[dict[str, Any]]:
        """Return the bodies, unless the mapping or the schema refuses *common*.

        Where both refuse the same place the mapping tells, since it knows why.
        """
        kind = "update" if isinstance(self.mode, Edit) else self.mode
        found = self.mapper.validate_input(common, kind) if self.validate else []
        try:
            bodies = self._bodies(common)
        except TransformError as error:
            raise TransformError(_merged(error.diagnostics, found)) from None
        refuse(found)
        return bodies

    def _bodies(self, common: Any) -> list[dict[str, Any]]:
        match self.mode:
            case "create":
                return [self.mapper.to_vendor(common)]
            case "request":
                for limit in self.mapper.request_limits(common):
                    self._left_out.setdefault(limit.message, limit)
                return [self.mapper.to_request(common)]
            case Edit(base=base, steps=True):
                return self.mapper.update_steps(common, base)
            case Edit(base=base):
                return [self.mapper.to_vendor(common, base)]
            case _:
                assert_never(self.mode)


def _merged(first: tuple[Diagnostic, ...], second: list[Diagnostic]) -> list[Diagnostic]:
    places = {each.pointer for each in first}
    return [*first, *(each for each in second if each.pointer not in places)]
