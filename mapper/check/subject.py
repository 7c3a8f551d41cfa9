"""What check rules are asked about."""

from collections.abc import Callable, Iterator
from functools import cached_property

from msgspec import Struct

from mapper.diagnostics import Diagnostic
from mapper.infer.classes import Classified, classified
from mapper.lower import LoweredMapping
from mapper.model import Mapping, Resource
from mapper.schema import Schema, Schemas


class Subject(Struct, frozen=True, dict=True):
    """A mapping that could be lowered, with its schemas."""

    mapping: Mapping
    lowered: LoweredMapping
    vendor: Schema
    common: Schema
    resource: Resource
    schemas: Schemas

    @cached_property
    def classified(self) -> tuple[Classified, ...]:
        """The rules that give values, each with its class and its types."""
        return tuple(classified(self.lowered, self.common))


CheckRule = Callable[[Subject], Iterator[Diagnostic]]
