"""The mapping as its author wrote it: frozen, without I/O, every part with its place."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from mapper.diagnostics import Source, Span
from mapper.document import Node, Scalar
from mapper.expr import Expr
from mapper.values import ABSENT, Steps


class Level(StrEnum):
    """Whom a document is for: all of an organization, one of its accounts, or one connection."""

    ORGANIZATION = "organization"
    ACCOUNT = "account"
    INSTANCE = "instance"


class Access(StrEnum):
    """When a rule runs; see "Access" in docs/reference/mapping-file.md."""

    READ_WRITE = "read-write"
    READ = "read"
    CREATE = "create"
    WRITE = "write"


class Path(Struct, frozen=True, gc=False):
    """A place in an object, and where the file names it."""

    steps: Steps
    span: Span

    def __str__(self) -> str:
        return show_path(self.steps)


class Expression(Struct, frozen=True):
    """JMESPath text with its tree; ``scalar`` leads from offsets in the text to the file."""

    tree: Expr
    scalar: Scalar

    def place(self, start: int, end: int) -> Span:
        """Return the place in the file of the characters from *start* to *end*."""
        return self.scalar.place(start, end)

    @property
    def whole(self) -> Span:
        """The place in the file of all of the text."""
        return self.place(0, len(self.scalar.text))


class Unset(Struct, frozen=True):
    """The vendor's spellings of "no value" beside absent, and the one that is written, if any.

    ``named`` is where a file gives them a name by which rules have them.
    """

    read: tuple[Any, ...] = (None,)
    clear: Any = ABSENT
    named: Span | None = None


class Default(Struct, frozen=True):
    """What an unset vendor value reads as, and what creating without the member writes."""

    read: Any = ABSENT
    create: Any = ABSENT


class ConverterUse(Struct, frozen=True):
    """A converter by name, with its parameters as written (None without).

    ``scalars`` are the single values that the parameters are made of, in their order, and ``keys``
    the names of an object of parameters. ``items`` are what ``list`` converts items with, as far as
    it is of the right shape.
    """

    name: str
    parameters: Any
    span: Span
    scalars: tuple[Scalar, ...] = ()
    keys: tuple[Scalar, ...] = ()
    items: "tuple[ConverterUse, ...]" = ()

    def with_items(self) -> Iterator["ConverterUse"]:
        """Yield this converter, and those of items at whatever depth."""
        yield self
        for each in self.items:
            yield from each.with_items()

    @property
    def names(self) -> tuple[Scalar, ...]:
        """All keys and single values of the parameters."""
        return (*self.keys, *self.scalars)

    def place(self, parameter: str | None) -> Span:
        """Return where the file names a parameter; the converter, of what it does not name."""
        return next((each.span for each in self.keys if each.text == parameter), self.span)


class ValueRule(Struct, frozen=True):
    common: Path
    access: Access
    vendor: Path
    convert: tuple[ConverterUse, ...] = ()
    unset: Unset = field(default_factory=Unset)
    default: Default = field(default_factory=Default)
    lossy: str | None = None
    why: str | None = None


class ExpressionRule(Struct, frozen=True):
    common: Path
    access: Access
    from_vendor: Expression | None
    to_vendor: tuple[tuple[Path, Expression], ...]
    lossy: str | None = None
    why: str | None = None


class ConstantRule(Struct, frozen=True):
    common: Path
    access: Access
    value: Any
    why: str | None = None


class ObjectRule(Struct, frozen=True):
    """``vendor`` is None where the members stay in the surrounding vendor object."""

    common: Path
    access: Access
    vendor: Path | None
    fields: tuple["FieldRule", ...]
    unset: Unset = field(default_factory=Unset)
    why: str | None = None


class ListRule(Struct, frozen=True):
    common: Path
    access: Access
    vendor: Path
    each: tuple["FieldRule", ...]
    key: Path | None
    unset: Unset = field(default_factory=Unset)
    why: str | None = None


class OnlyRule(Struct, frozen=True):
    common: Path
    access: Access
    fields: tuple["FieldRule", ...]
    why: str | None = None


class SlotsRule(Struct, frozen=True):
    common: Path
    access: Access
    empty: Path
    slots: tuple[tuple["FieldRule", ...], ...]
    when_full: tuple[Path, ...]
    why: str | None = None


FieldRule = ValueRule | ExpressionRule | ConstantRule | ObjectRule | ListRule | OnlyRule | SlotsRule
"""A rule; ``why`` is the description beside its ``access``, the reason for going one way only."""


def inner_fields(rule: FieldRule) -> tuple[tuple[FieldRule, ...], ...]:
    """Return the groups of rules that *rule* holds: several for slots, none for a value."""
    match rule:
        case ObjectRule(fields=members) | OnlyRule(fields=members) | ListRule(each=members):
            return (members,)
        case SlotsRule(slots=slots):
            return slots
        case ValueRule() | ExpressionRule() | ConstantRule():
            return ()


class ErrorEnvelope(Struct, frozen=True):
    """A shape of error answers: where the errors are, and each error's code and message.

    ``path`` is empty where the answer itself is the error; ``code`` and ``message`` go on from it.
    """

    path: Steps
    code: Steps
    message: Steps


class Envelope(Struct, frozen=True):
    """How files and answers wrap a payload; all None means bare."""

    single: Steps | None = None
    list: Steps | None = None
    request: str | None = None
    errors: tuple[ErrorEnvelope, ...] = ()
    """The shapes of error answers, tried in this order."""


class FileReference(Struct, frozen=True):
    """Another file by its name: schemas below ``schemas/``, examples beside the mapping."""

    name: str
    span: Span


class VendorSide(Struct, frozen=True):
    """``place`` is where the file names the resource, ``element_place`` where the element."""

    element: str
    resource: str
    schema: FileReference
    envelope: Envelope
    place: Span
    element_place: Span


class Constant(Struct, frozen=True):
    """A value that creating writes at a vendor path."""

    vendor: Path
    value: Any


class Ignored(Struct, frozen=True):
    """A vendor path that is left out, and why."""

    vendor: Path
    reason: str


class OpaqueScript(Struct, frozen=True):
    """A script that is published as it is, in the place of one that is printed, and why."""

    file: FileReference
    reason: str


class Layer(Struct, frozen=True):
    """What one file has to do with an effective mapping.

    Attributes:
        name: The name of the mapping or overlay.
        level: Whom an overlay is for; None for the mapping that all of them extend.
        span: Where the file says its name.
        adds: The common paths of the rules that it adds, items continuing their list's path.
        replaces: Those of the rules that it puts in the place of others.
    """

    name: str
    level: Level | None
    span: Span
    adds: tuple[Steps, ...] = ()
    replaces: tuple[Steps, ...] = ()

    def sets(self, common: Steps) -> bool:
        """Whether the rule at a common path, or one around it, is of this layer, if of no later."""
        return any(common[: len(steps)] == steps for steps in (*self.adds, *self.replaces))


class Mapping(Struct, frozen=True):
    """A mapping file; or an overlay's effective mapping: what it extends, with its own rules.

    Attributes:
        source: The file that gives the mapping its name: of an effective mapping, the overlay.
        layers: Of an effective mapping the files that it is made of, the mapping first, the
            overlay that gives it its name last.
        pulled: What was on the platform when the mapping was made from it.
    """

    name: str
    source: Source
    span: Span
    resource: str
    vendor: VendorSide
    fields: tuple[FieldRule, ...]
    constants: tuple[Constant, ...] = ()
    ignore: tuple[Ignored, ...] = ()
    examples: FileReference | None = None
    script: OpaqueScript | None = None
    pulled: FileReference | None = None
    layers: tuple[Layer, ...] = ()

    @property
    def level(self) -> Level | None:
        """Whom an overlay's mapping is for; None for one that can be for anybody."""
        return self.layers[-1].level if self.layers else None

    @property
    def files(self) -> tuple[Source, ...]:
        """The files that it is made of, besides those of fragments."""
        return tuple(each.span.source for each in self.layers) or (self.source,)

    def layer_of(self, common: Steps) -> Layer | None:
        """Return which layer the rule at a common path is of; None if there are no layers."""
        for layer in reversed(self.layers):
            if layer.sets(common):
                return layer
        return self.layers[0] if self.layers else None


class Invariant(Struct, frozen=True):
    """An expression that is true of every valid object, under a name for messages."""

    code: str
    expression: Expression


class Resource(Struct, frozen=True):
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
    shadows: str | None = None
    """Why the object may have the name of a vendor resource."""


class Table(Struct, frozen=True):
    """A look-up table for expressions: text to text."""

    name: str
    span: Span
    entries: dict[str, str]


class Tombstone(Struct, frozen=True):
    """What a mapping was published as that is not there any more, so that it may be deleted.

    ``level`` is where, if the object goes on at other levels, as after an overlay.
    """

    name: str
    span: Span
    object_name: str
    element: str
    reason: str
    level: Level | None = None


class Operation(StrEnum):
    """What an example does; see "Examples files" in docs/reference/mapping-file.md."""

    FROM_VENDOR = "from_vendor"
    CREATE = "create"
    UPDATE = "update"
    STEPS = "steps"
    REQUEST = "request"


Refusals = frozenset[tuple[str, str | None]]
"""Codes, each with the pointer to a place, "" for the whole and None for anywhere."""


class Example(Struct, frozen=True):
    """One case: ``fails`` is what is refused, or None where ``gives`` is the exact result.

    Where the file names no places, more may be refused than it says.
    ``input`` is what the file says of what is given, ``outcome`` that of what comes of it.
    """

    name: str
    span: Span
    operation: Operation
    given: Any
    input: Node
    outcome: Node
    gives: Any = ABSENT
    fails: Refusals | None = None

    @property
    def is_edit(self) -> bool:
        """Whether a base is given, and an edit of it."""
        return self.operation in {Operation.UPDATE, Operation.STEPS}


class Examples(Struct, frozen=True):
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
    plain = name.isascii() and name.isidentifier()
    return name if plain else json.dumps(name, ensure_ascii=False)
