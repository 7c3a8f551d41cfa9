"""A model of a vendor, made from what its schema says: how it answers the bodies that it is sent.

Laws hold mappings against it. It reads the schema and its annotations alone and has nothing in
common with what writes bodies, so that each can show the other to be wrong. What no annotation says
it cannot know: stamps of time, statuses that follow from others, members that the vendor fills in.
"""

from functools import cached_property, lru_cache
from random import Random
from typing import Any

from msgspec import Struct

from mapper.decimals import plain_decimal
from mapper.diagnostics import PointerSteps, pointer
from mapper.evaluate import EvaluationError, evaluate
from mapper.expr import mentions
from mapper.generate import Make, Seeded, compile_generator
from mapper.policy import Policy, write_policy
from mapper.primitives import Refusal
from mapper.schema import Schema, validate
from mapper.values import ABSENT, contains, copy, equal, find, is_truthy

Document = dict[str, Any]

TRIES = 50
"""How often a member is made anew that must differ from those of other items."""


class WriteRefused(Exception):  # noqa: N818 - the vendor refuses; nothing has gone wrong in here
    """The vendor does not take a body: ``at`` is the place in it, ``reason`` is for people."""

    def __init__(self, at: PointerSteps, reason: str) -> None:
        super().__init__(f"{pointer(at) or 'the body'} {reason}")
        self.at, self.reason = at, reason


class VendorModel(Struct, frozen=True, dict=True):
    """The vendor of one schema: :meth:`apply` is what it makes of a body."""

    schema: Schema

    @cached_property
    def policy(self) -> Policy:
        """What can be written, from the annotations."""
        return write_policy(self.schema)

    def apply(self, document: Document, body: Document) -> Document:
        """Return what the vendor shows of *document* after *body*; {} is creating.

        The top-level members of the body take the place of those that were there, lists and objects
        whole. What nobody can write stays with an object, and is made anew in what is created: as
        far as the schema requires it, always the same for the same body. Neither is changed.

        Raises:
            WriteRefused: The body has a member that cannot be written, or not with this value, or
                not beside the others; lacks one that creating needs; or breaks a demand.
        """
        creating = not document
        if not creating:
            self._refuse_mixed_phases(body)
        forms = _forms(self.policy, self.schema, body, document, _Write((), creating))
        after: Document = copy(document) | forms
        if creating:
            after = _filled(self.schema, after, 0)
        self._recompute(document, after, forms)
        self._refuse_broken_demands(document, after)
        return after

    def _refuse_mixed_phases(self, body: Document) -> None:
        """Refuse what the vendor takes in several requests only."""
        phases = {}
        for name, policy in self.policy.members.items():
            if (policy.name or name) in body:
                phases[policy.phase.name if policy.phase else None] = name
        if len(phases) > 1 and None in phases:
            alone = next(name for phase, name in phases.items() if phase is not None)
            raise WriteRefused((alone,), f"must travel alone, and {phases[None]} is beside it")
        if len(phases) > 1:
            raise WriteRefused((), f"has {' and '.join(map(str, phases))}, which travel apart")

    def _recompute(self, before: Document, after: Document, forms: Document) -> None:
        """Bring what the vendor computes up to date, where what it reads was written."""
        for name, policy in self.policy.members.items():
            whole = name in forms or not before
            _compute(policy, after, name, before, after, whole=whole)

    def _refuse_broken_demands(self, before: Document, after: Document) -> None:
        for demand in self.policy.demands:
            changed = [
                steps
                for steps in demand.mentions
                if not equal(find(before, steps), find(after, steps))
            ]
            if (changed or not before) and not is_truthy(_value(demand.holds, after, ())):
                raise WriteRefused((), f"breaks the vendor's demand {demand.code}")


class _Write(Struct, frozen=True):
    """Where in a body we are.

    Attributes:
        at: The place.
        creating: Whether what can only be written when creating may be there.
        nested: Whether it is in an object or list that travels whole.
    """

    at: PointerSteps
    creating: bool
    nested: bool = False

    @property
    def whole(self) -> bool:
        """Whether what creating needs must be there."""
        return self.creating or self.nested

    def below(self, step: str | int, *, creating: bool | None = None) -> "_Write":
        inner = self.creating if creating is None else creating
        return _Write((*self.at, step), inner, nested=True)


def _takes(policy: Policy, *, creating: bool) -> bool:
    """Whether a body may hold a member: it can be written, or something in it can."""
    if not policy.written or (policy.create_only and not creating):
        return False
    inside = [_takes(member, creating=creating) for member in policy.members.values()]
    return not inside or any(inside)


def _forms(policy: Policy, schema: Schema, body: Any, before: Any, write: _Write) -> dict[str, Any]:
    """Return the members of *body* under the names and in the forms in which they are read."""
    if not isinstance(body, dict):
        raise WriteRefused(write.at, "is no object")
    if not policy.members:  # the schema does not tell what it may have
        return {name: copy(value) for name, value in body.items()}
    taken = {
        member.name or name: name
        for name, member in policy.members.items()
        if _takes(member, creating=write.creating)
    }
    old = before if isinstance(before, dict) else {}
    forms: dict[str, Any] = {}
    for written, value in body.items():
        if written not in taken:
            why = "can only be read" if written in policy.members else "is not known"
            raise WriteRefused((*write.at, written), why)
        name = taken[written]
        member, says = policy.members[name], schema.member(name)
        assert says is not None  # noqa: S101 - a policy has the members of its schema
        form = _form(member, says, value, old.get(name, ABSENT), write.below(written))
        if not says.annotation("writeOnly", default=False):
            forms[name] = form
    for written, name in taken.items():
        if write.whole and policy.members[name].required and written not in body:
            raise WriteRefused((*write.at, written), "is needed")
    return forms


def _form(policy: Policy, schema: Schema, value: Any, before: Any, write: _Write) -> Any:
    """Return what is shown of a written *value*."""
    if isinstance(value, dict) and policy.members:
        old = before if isinstance(before, dict) else {}
        kept = {
            name: copy(member)
            for name, member in old.items()
            if name in policy.members and not _takes(policy.members[name], creating=write.creating)
        }
        made = kept | _forms(policy, schema, value, old, write)
        return _filled(schema, made, 0, new=not old)
    if isinstance(value, list) and policy.items is not None and "array" in schema.kinds:
        return _items(policy, schema, value, before if isinstance(before, list) else [], write)
    listed = None if schema.annotation("x-write-type") else schema.enum
    values = listed if policy.values is None else policy.values
    if values is not None and not contains(values, value):
        raise WriteRefused(write.at, "cannot be written with this value")
    return _spelled(schema, value, write.at)


def _items(
    policy: Policy, schema: Schema, values: list[Any], before: list[Any], write: _Write
) -> list[Any]:
    """Return the list that takes the place of the one *before*."""
    says, unique = schema.items(), schema.annotation("x-unique")
    assert says is not None  # noqa: S101 - there is a policy of the items
    made: list[Any] = []
    for index, value in enumerate(values):
        inner = write.below(index, creating=True)
        item = _item(policy, says, value, before, inner)
        if isinstance(item, dict):
            item = _filled(says, item, index)
            if unique and unique not in item:
                item[unique] = _other_than(says.member(unique), [*made, *before], unique)
        made.append(item)
    return made


def _item(policy: Policy, schema: Schema, value: Any, before: list[Any], write: _Write) -> Any:
    if policy.item is not None:
        old = _with(before, policy.item, value)
        inner = schema.member(policy.item)
        return copy(old) or {policy.item: _spelled(inner or schema, value, write.at)}
    items = policy.items
    assert items is not None  # noqa: S101 - as the caller found
    if not isinstance(value, dict) or not items.members:
        return _form(items, schema, value, ABSENT, write)
    key = policy.key
    if key is None or key not in value:
        return _forms(items, schema, value, {}, write)
    old = _with(before, key, value[key])
    if old is None:
        raise WriteRefused((*write.at, key), "is the key of no item")
    kept = {
        name: copy(member)
        for name, member in old.items()
        if name in items.members and not _takes(items.members[name], creating=True)
    }
    rest = {name: member for name, member in value.items() if name != key}
    return kept | _forms(items, schema, rest, old, write)


def _with(items: list[Any], name: str, value: Any) -> dict[str, Any] | None:
    """Return the item that has *value*, in whatever spelling, as its member *name*."""
    found = (each for each in items if isinstance(each, dict) and name in each)
    return next((each for each in found if str(each[name]) == str(value)), None)


def _spelled(schema: Schema, value: Any, at: PointerSteps) -> Any:
    """Return *value* as the vendor shows it: what it takes as a number it may show as text."""
    kinds = schema.kinds
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if _kinds_of(value) & kinds:
        return copy(value)
    if is_number and "string" in kinds:
        return plain_decimal(value)
    if isinstance(value, str) and kinds & {"integer", "number"} and value.lstrip("-").isdecimal():
        return int(value)
    if schema.annotation("x-write-type") is not None:
        return copy(value)
    raise WriteRefused(at, f"is none of {', '.join(sorted(kinds))}")


def _kinds_of(value: Any) -> frozenset[str]:
    match value:
        case None:
            return frozenset(["null"])
        case bool():
            return frozenset(["boolean"])
        case int() | float():
            return frozenset(["number", "integer"] if value == int(value) else ["number"])
        case str():
            return frozenset(["string"])
        case list():
            return frozenset(["array"])
        case _:
            return frozenset(["object"])


# What the vendor fills in -------------------------------------------------------------------------


def _filled(schema: Schema, made: Document, index: int, *, new: bool = True) -> Document:
    """Return *made* with the members that are always there, and the defaults of a *new* object."""
    for name, member in schema.members().items():
        if name in made or member.annotation("writeOnly", default=False):
            continue
        default = member.annotation("default", ABSENT)
        if new and default is not ABSENT:
            made[name] = copy(default)
        elif name in schema.required:
            made[name] = _made_up(member, f"{name} {index}")
    return made


def _made_up(schema: Schema, seed: str) -> Any:
    """Return some value of *schema*, the same for the same *seed*: null if it can be."""
    if "null" in schema.kinds and not validate(schema, None):
        return None
    return _generator(schema)(Seeded(Random(seed)))  # noqa: S311 - nothing here is a secret


def _other_than(schema: Schema | None, items: list[Any], name: str) -> Any:
    """Return a value for the member *name* that none of *items* has."""
    taken = {str(each[name]) for each in items if isinstance(each, dict) and name in each}
    number = next(each for each in range(1, len(taken) + 2) if str(each) not in taken)
    if schema is None:
        return number
    fitting = (each for each in (number, str(number)) if not validate(schema, each))
    made = (_made_up(schema, f"{name} {index}") for index in range(TRIES))
    return next((each for each in (*fitting, *made) if str(each) not in taken), number)


@lru_cache(maxsize=1024)
def _generator(schema: Schema) -> Make:
    return compile_generator(schema)


# What the vendor computes -------------------------------------------------------------------------


def _compute(
    policy: Policy, holder: Any, name: str, before: Document, after: Document, *, whole: bool
) -> None:
    """Set the member *name* of *holder*, and what is in it, if it is computed.

    Unless the *whole* holder is written, only where what it is computed from has changed.
    """
    expression = policy.computed
    if expression is not None:
        changed = whole or any(
            not equal(find(before, path), find(after, path)) for path in mentions(expression)
        )
        value = _value(expression, after, (name,)) if changed else None
        if value is not None:
            holder[name] = copy(value)
    inner = holder.get(name)
    held = [inner] if isinstance(inner, dict) else inner if isinstance(inner, list) else []
    below = policy.items if isinstance(inner, list) else policy
    for each in held:
        if isinstance(each, dict) and below is not None:
            for member, says in below.members.items():
                _compute(says, each, member, before, after, whole=whole)


def _value(expression: Any, document: Document, at: PointerSteps) -> Any:
    try:
        return evaluate(expression, document)
    except (EvaluationError, Refusal) as error:
        raise WriteRefused(at, f"leads to nothing that the vendor can compute: {error}") from None
