"""A mapping that runs, in both directions: printed code, and the interpreter where that gives up.

What is imported at the top is what a program needs whose code is in the cache.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from weakref import ref

from mapper import codes, interpret
from mapper.compile import Direction, Program, Programs
from mapper.diagnostics import Diagnostic, TransformError, show_value
from mapper.values import merge_patch

if TYPE_CHECKING:
    from mapper.diagnostics import Source
    from mapper.lower import LoweredMapping
    from mapper.model import FileReference, Mapping, Resource
    from mapper.schema import Schema, Schemas
    from mapper.validating import Validator

Body = dict[str, Any]

_Result = TypeVar("_Result")


class Parts:
    """What a mapper is made of.

    Attributes:
        mapping: The mapping as its author wrote it.
        resource: The common resource that it maps to.
        lowered: The mapping with everything made explicit.
        schemas: Know where schemas stand, which only findings say.
        load_common: Gives the schema of common objects, which only validation needs.
        load_file: Gives the text of a file beside the mapping, which only publishing needs.
    """

    def __init__(
        self,
        mapping: "Mapping",
        resource: "Resource",
        lowered: "LoweredMapping",
        schemas: "Schemas",
        load_common: "Callable[[], Schema]",
        load_file: "Callable[[FileReference], Source]",
    ) -> None:
        self.mapping = mapping
        self.resource = resource
        self.lowered = lowered
        self.schemas = schemas
        self.load_common = load_common
        self.load_file = load_file


class Mapper:
    """A mapping that runs: vendor payload to common object and back.

    One mapper may serve many threads. Inputs are never changed, and outputs share no object or list
    with them. Payloads are bare, without the vendor's envelope. The transforming methods do not
    validate; the ``validate_…`` methods do nothing else.

    Attributes:
        name: The name of the mapping.
        fallbacks: How often printed code gave up a document that the interpreter then answered.
    """

    def __init__(
        self,
        name: str,
        parts: Callable[[], Parts],
        programs: Programs | None,
        members: frozenset[str],
    ) -> None:
        """Take what makes the *parts* when they are needed.

        *programs* are None for a mapper that only interprets; *members* are those of payloads.
        """
        self.name = name
        self.fallbacks = 0
        self._make_parts = parts
        self._programs = programs
        self._members = members
        # Programs are attributes of the object itself: nothing is found more quickly.
        self._from_vendor: Callable[[Any], Body] = self._loading(Direction.FROM_VENDOR)
        self._create: Callable[[Any], Body] = self._loading(Direction.CREATE)
        self._update: Callable[[Any, Any], list[Body]] = self._loading(Direction.UPDATE)
        self._request: Callable[[Any], Body] = self._loading(Direction.REQUEST)

    @classmethod
    def of(cls, parts: Parts) -> "Mapper":
        """Return the mapper of *parts*, whose code is printed and not kept."""
        programs = Programs(parts.mapping.name, lambda: parts.lowered)
        members = frozenset(parts.lowered.vendor.members())
        return cls(parts.mapping.name, lambda: parts, programs, members)

    @cached_property
    def interpreted(self) -> "Mapper":
        """The mapper that does the same without printed code."""
        return type(self)(self.name, lambda: self.parts, None, self._members)

    @cached_property
    def parts(self) -> Parts:
        """What the mapper is made of."""
        return self._make_parts()

    @property
    def mapping(self) -> "Mapping":
        return self.parts.mapping

    @property
    def resource(self) -> "Resource":
        return self.parts.resource

    @property
    def lowered(self) -> "LoweredMapping":
        return self.parts.lowered

    @property
    def vendor_schema(self) -> "Schema":
        return self.parts.lowered.vendor

    @property
    def common_schema(self) -> "Schema":
        """The schema of common objects.

        Raises:
            FileError: It cannot be used, which does not keep the mapping from running.
        """
        return self.parts.load_common()

    def prepare(self, *directions: Direction) -> None:
        """Make the code of *directions* ready, or of all: else the first document waits for it."""
        for direction in directions or Direction:
            setattr(self, f"_{direction}", self._program(direction))

    def from_vendor(self, payload: Any) -> dict[str, Any]:
        """Return the common object of a vendor payload.

        Raises:
            TransformError: With every fault of the payload; M504 if it has no member that the
                vendor schema lists: an answer in its envelope, or an error.
        """
        members = self._members
        try:
            if not (payload and members and members.isdisjoint(payload)):
                return self._from_vendor(payload)
        except Exception:  # noqa: BLE001, S110 - whatever it is, the interpreter words it
            pass
        self._refuse_foreign(payload)
        return self._answered(_bounded(interpret.from_vendor, self.lowered, payload))

    def put(self, common: Any, base: dict[str, Any]) -> dict[str, Any]:
        """Return the whole vendor document *base*, edited so that it reads as *common*.

        Raises:
            TransformError: With every reason why the edit cannot be made.
        """
        self._refuse_foreign(base)
        return _bounded(interpret.put, self.lowered, common, base)

    def to_vendor(self, common: Any, base: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the body that creates *common*, or that updates *base* to it: {} for no change.

        *common* is the whole object: on an update a member that it lacks is cleared.

        Raises:
            TransformError: With every reason why it cannot be written; M516 if the edit takes
                several requests (see :meth:`update_steps`).
        """
        if base is not None:
            return self._to_update(common, base)
        try:
            return self._create(common)
        except Exception:  # noqa: BLE001, S110 - as above
            pass
        return self._answered(_bounded(interpret.create, self.lowered, common))

    def _to_update(self, common: Any, base: dict[str, Any]) -> dict[str, Any]:
        bodies = self._updates(common, base)
        if bodies is not None and len(bodies) < 2:
            return bodies[0] if bodies else {}
        self._refuse_foreign(base)
        return self._answered(_bounded(interpret.update, self.lowered, common, base))

    def _updates(self, common: Any, base: dict[str, Any]) -> list[dict[str, Any]] | None:
        """Return the bodies that make *base* read as *common*, None if printed code cannot."""
        members = self._members
        try:
            if not (base and members and members.isdisjoint(base)):
                return self._update(common, base)
        except Exception:  # noqa: BLE001, S110 - as above
            pass
        return None

    def update_steps(self, common: Any, base: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the update bodies that make *base* read as *common*, in the order to send them.

        Raises:
            TransformError: With every reason why the edit cannot be made.
        """
        bodies = self._updates(common, base)
        if bodies is not None:
            return bodies
        self._refuse_foreign(base)
        return self._answered(_bounded(interpret.update_steps, self.lowered, common, base))

    def to_request(self, body: Any) -> dict[str, Any]:
        """Return what the platform sends for the request *body*, knowing neither base nor method.

        Only the members that are there count; null clears.

        Raises:
            TransformError: With every reason why it cannot be sent.
        """
        try:
            return self._request(body)
        except Exception:  # noqa: BLE001, S110 - as above
            pass
        return self._answered(_bounded(interpret.request, self.lowered, body))

    def request_limits(self, body: Any) -> tuple[Diagnostic, ...]:
        """Return a warning for each member that :meth:`to_request` leaves out of *body*.

        These are the members that can only be set when creating, or that must travel alone. What
        can only be read is left out without a word.
        """
        return interpret.request_limits(self.lowered, body)

    def merge(self, patch: Any, base: dict[str, Any]) -> Any:
        """Return the common object of *base* edited by a merge patch (RFC 7396).

        Raises:
            TransformError: With every fault of *base*.
        """
        return merge_patch(self.from_vendor(base), patch)

    def validate_payload(self, payload: Any) -> list[Diagnostic]:
        """Return what in a vendor payload breaks the vendor schema."""
        return self._validator.payload(payload)

    def validate_common(self, common: Any) -> list[Diagnostic]:
        """Return what in a common object breaks its schema or its resource's invariants."""
        return self._validator.common(common)

    def validate_input(
        self, common: Any, mode: Literal["create", "update", "request"]
    ) -> list[Diagnostic]:
        """Return what in a common object to write breaks its schema or its resource's invariants.

        *mode* is "create", "update" or "request"; read-only members are not required. A request is
        part of an object: an invariant has to be true of one that has all that it mentions.
        """
        return self._validator.input(common, mode)

    def validate_body(self, body: Any, mode: Literal["create", "update"]) -> list[Diagnostic]:
        """Return what in a request body ("create" or "update") the vendor would not take."""
        return self._validator.body(body, mode)

    @cached_property
    def _validator(self) -> "Validator":
        from mapper.validating import Validator  # noqa: PLC0415 - not every program validates

        return Validator(self.resource, self.lowered, self.vendor_schema, self.common_schema)

    def _answered(self, result: _Result) -> _Result:
        """Count that the interpreter gave *result* where printed code gave up."""
        self.fallbacks += self._programs is not None
        return result

    def _loading(self, direction: Direction) -> Program:
        """Return what loads the program of a direction, takes its place and runs it."""
        held = ref(self)  # by whoever calls: a mapper that held itself would be left to collect

        def load_and_run(*given: Any) -> Any:
            mapper = held()
            assert mapper is not None  # noqa: S101 - as just said
            mapper.prepare(direction)
            return getattr(mapper, f"_{direction}")(*given)

        return load_and_run

    def _program(self, direction: Direction) -> Program:
        program = self._programs.load(direction) if self._programs else None
        return program or _give_up

    def _refuse_foreign(self, payload: Any) -> None:
        known = self._members
        if isinstance(payload, dict) and payload and known and known.isdisjoint(payload):
            message = f"this has no member of {self.mapping.vendor.resource}"
            hint = "give the bare object that the vendor's answer wraps"
            found = Diagnostic(
                codes.OTHER_RESOURCE, message, None, "", show_value(payload), hint=hint
            )
            raise TransformError([found])


def _bounded(run: Callable[..., _Result], *given: Any) -> _Result:
    """Return what *run* gives; documents from a program may nest deeper than any that is read."""
    try:
        return run(*given)
    except RecursionError:
        message = "a document nests too deeply"
        raise TransformError([Diagnostic(codes.TOO_DEEP, message, pointer="")]) from None


def _give_up(*_: Any) -> Any:
    """Do what printed code does where the interpreter must run."""
    raise NotImplementedError
