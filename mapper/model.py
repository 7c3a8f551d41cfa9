"""The mapping as its author wrote it: frozen, without I/O, every part with its place."""

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mapper.diagnostics import Source, Span
from mapper.document import Scalar
from mapper.expr import Expr
from mapper.values import ABSENT, Steps

_PLAIN_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")


class Access(StrEnum):
    """When a rule runs; see "Access" in docs/reference/mapping-file.md."""

    READ_WRITE = "read-write"
    READ = "read"
    CREATE = "create"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Path:
    """A place in an object, and where the file names it."""

    steps: Steps
    span: Span

    def __str__(self) -> str:
        return show_path(self.steps)


@dataclass(frozen=True, slots=True)
class Expression:
    """JMESPath text with its tree; ``scalar`` leads from offsets in the text to the file."""

    tree: Expr
    scalar: Scalar

    def place(self, start: int, end: int) -> Span:
        """Return the place in the file of the characters from *start* to *end*."""
        return self.scalar.place(start, end)


@dataclass(frozen=True, slots=True)
class Unset:
    """The vendor's spellings of "no value" beside absent, and the one that is written, if any."""

    read: tuple[Any, ...] = (None,)
    clear: Any = ABSENT


@dataclass(frozen=True, slots=True)
class Default:
    """What an unset vendor value reads as, and what creating without the member writes."""

    read: Any = ABSENT
    create: Any = ABSENT


@dataclass(frozen=True, slots=True)
class ConverterUse:
    """A converter by name, with its parameters as written (None without)."""

    name: str
    parameters: Any
    span: Span


@dataclass(frozen=True, slots=True)
class ValueRule:
    common: Path
    access: Access
    vendor: Path
    convert: tuple[ConverterUse, ...] = ()
    unset: Unset = field(default_factory=Unset)
    default: Default = field(default_factory=Default)
    lossy: str | None = None


@dataclass(frozen=True, slots=True)
class ExpressionRule:
    common: Path
    access: Access
    from_vendor: Expression | None
    to_vendor: tuple[tuple[Path, Expression], ...]
    lossy: str | None = None


@dataclass(frozen=True, slots=True)
class ConstantRule:
    common: Path
    access: Access
    value: Any


@dataclass(frozen=True, slots=True)
class ObjectRule:
    """``vendor`` is None where the members stay in the surrounding vendor object."""

    common: Path
    access: Access
    vendor: Path | None
    fields: tuple["FieldRule", ...]
    unset: Unset = field(default_factory=Unset)


@dataclass(frozen=True, slots=True)
class ListRule:
    common: Path
    access: Access
    vendor: Path
    each: tuple["FieldRule", ...]
    key: Path | None
    unset: Unset = field(default_factory=Unset)


@dataclass(frozen=True, slots=True)
class OnlyRule:
    common: Path
    access: Access
    fields: tuple["FieldRule", ...]


@dataclass(frozen=True, slots=True)
class SlotsRule:
    common: Path
    access: Access
    empty: Path
    slots: tuple[tuple["FieldRule", ...], ...]
    when_full: tuple[Path, ...]


FieldRule = ValueRule | ExpressionRule | ConstantRule | ObjectRule | ListRule | OnlyRule | SlotsRule


@dataclass(frozen=True, slots=True)
class ErrorEnvelope:
    """A shape of error answers: where the errors are, and each error's code and message.

    ``path`` is empty where the answer itself is the error; ``code`` and ``message`` go on from it.
    """

    path: Steps
    code: Steps
    message: Steps


@dataclass(frozen=True, slots=True)
class Envelope:
    """How files and answers wrap a payload; all None means bare."""

    single: Steps | None = None
    list: Steps | None = None
    request: str | None = None
    errors: tuple[ErrorEnvelope, ...] = ()
    """The shapes of error answers, tried in this order."""


@dataclass(frozen=True, slots=True)
class FileReference:
    """Another file by its name: schemas below ``schemas/``, examples beside the mapping."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class VendorSide:
    element: str
    resource: str
    schema: FileReference
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that creating writes at a vendor path."""

    vendor: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Ignored:
    """A vendor path that is left out, and why."""

    vendor: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Mapping:
    name: str
    source: Source
    span: Span
    resource: str
    vendor: VendorSide
    fields: tuple[FieldRule, ...]
    constants: tuple[Constant, ...] = ()
    ignore: tuple[Ignored, ...] = ()
    examples: FileReference | None = None


@dataclass(frozen=True, slots=True)
class Invariant:
    """An expression that is true of every valid object, under a name for messages."""

    code: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Resource:
    name: str
    source: Source
    span: Span
    schema: FileReference
    key: Path
    object_name: str
    title: str | None = None
    description: str | None = None
    display_names: tuple[tuple[Path, str], ...] = ()
    invariants: tuple[Invariant, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A look-up table for expressions: text to text."""

    name: str
    span: Span
    entries: dict[str, str]


class Operation(StrEnum):
    """What an example does; see "Examples files" in docs/reference/mapping-file.md."""

    FROM_VENDOR = "from_vendor"
    CREATE = "create"
    UPDATE = "update"
    STEPS = "steps"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Example:
    """One case: ``fails`` is the expected code, or None where ``gives`` is the exact result."""

    name: str
    span: Span
    operation: Operation
    given: Any
    gives: Any = ABSENT
    fails: str | None = None


@dataclass(frozen=True, slots=True)
class Examples:
    mapping: str
    source: Source
    cases: tuple[Example, ...]


def show_path(steps: Steps) -> str:
    """Return *steps* as a path is written: names joined by dots, odd ones in double quotes.

    >>> show_path(("customer", "odd name"))
    'customer."odd name"'
    """
    return ".".join(_show_name(step) for step in steps)


def _show_name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)
