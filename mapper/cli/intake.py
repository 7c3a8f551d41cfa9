"""Vendor payloads before they are mapped: what of them is refused, and what no schema knows."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from mapper import codes
from mapper.cli.records import refuse
from mapper.diagnostics import Diagnostic, PointerSteps, counted, cut, pointer
from mapper.model import show_path
from mapper.running import Mapper
from mapper.schema import Schema, unknown_members

MAX_NAMED = 5
"""How many unknown members a finding about all of them names."""
MAX_COUNTED = 1000
"""How many different unknown members are told apart."""


class Intake(Struct):
    """Takes the vendor payloads of one run, and counts the members that no schema knows.

    Attributes:
        mapper: The mapper that the payloads are for.
        validate: Whether payloads are held against the vendor schema.
        strict: Whether members that it does not list are refused.
    """

    mapper: Mapper
    validate: bool
    strict: bool
    _unknown: dict[str, None] = field(default_factory=dict)
    _payloads: int = 0

    def common(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the common object of *payload*.

        Raises:
            TransformError: With every reason why there is none, or no valid one.
        """
        self.take(payload)
        common = self.mapper.from_vendor(payload)
        refuse(self.mapper.validate_common(common) if self.validate else ())
        return common

    def take(self, payload: dict[str, Any]) -> None:
        """Count *payload*, or refuse it.

        Raises:
            TransformError: M504 if it looks like another resource, otherwise every M501.
        """
        schema = self.mapper.vendor_schema
        unknown = [place for place, _ in unknown_members(schema, payload)]
        if self.validate:
            found = list(self._foreign(payload, unknown)) or self.mapper.validate_payload(payload)
        else:
            found = []
        if self.strict and not found:
            found = [_violation(schema, place) for place in unknown]
        refuse(found)
        self._payloads += bool(unknown)
        if len(self._unknown) < MAX_COUNTED:
            self._unknown |= dict.fromkeys(map(_shown, unknown))

    def remarks(self) -> Iterator[Diagnostic]:
        """Yield M503 if payloads had members that no schema knows."""
        if self._unknown:
            count, file = len(self._unknown), self.mapper.vendor_schema.file
            least = "at least " if count >= MAX_COUNTED else ""
            members, payloads = counted(count, "member"), counted(self._payloads, "payload")
            message = f"{least}{members} that {file} does not list, in {payloads}: "
            message += _named(self._unknown)
            yield Diagnostic(codes.UNKNOWN_MEMBERS, message)

    def _foreign(
        self, payload: dict[str, Any], unknown: list[PointerSteps]
    ) -> Iterator[Diagnostic]:
        """Yield M504 if the vendor schema lists less than half of the top-level members."""
        names = {str(place[0]): None for place in unknown if len(place) == 1}
        if len(names) * 2 > len(payload):
            resource, file = self.mapper.mapping.vendor.resource, self.mapper.vendor_schema.file
            message = f"this does not look like {resource}: {file} does not list {_named(names)}"
            yield Diagnostic(codes.OTHER_RESOURCE, message, pointer="")


def _violation(schema: Schema, place: PointerSteps) -> Diagnostic:
    message = f"{schema.file} does not list {_shown(place)}"
    return Diagnostic(codes.SCHEMA_VIOLATION, message, pointer=pointer(place))


def _shown(place: PointerSteps) -> str:
    """Return *place* as a path; indices are left out, since items have the same members."""
    return show_path(tuple(step for step in place if isinstance(step, str)))


def _named(names: dict[str, None]) -> str:
    named = [cut(name) for name in list(names)[:MAX_NAMED]]
    more = len(names) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
