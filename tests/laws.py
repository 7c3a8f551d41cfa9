"""The laws of docs/explanation/semantics.md, checked through the public API against a vendor model.

Beside them, printed code has to agree with the interpreter, and to need no help of it.
A law takes a mapper, what it needs to know of the vendor, and generated documents; it raises
:class:`LawBroken` where the mapper does not keep it, and lets refusals (TransformError) through.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agreement import Disagreement, require_agreement, text

from mapper.decimals import plain_decimal
from mapper.diagnostics import TransformError
from mapper.evaluate import evaluate
from mapper.expr import Current
from mapper.generate import Choices, compile_generator
from mapper.lower import (
    Group,
    Leaf,
    Listing,
    Lowered,
    Policy,
    Single,
    Slots,
    inner_rules,
    paths_with,
)
from mapper.model import Access
from mapper.running import Mapper
from mapper.schema import Schema
from mapper.values import ABSENT, Steps, contains, copy, equal, find, store

TRIES = 20
"""How often an object is made anew that its own invariants do not hold of."""

Apply = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
"""What the vendor shows after a write: (document, body) -> document; {} is creating."""


class LawBroken(AssertionError):  # noqa: N818 - said as the docs say it
    """A mapper does not keep a law; the message says which, where, and with which values."""


class Outside(Exception):  # noqa: N818 - a law's premise does not hold; no error
    """No fitting object was found, or the vendor's model left the vendor's schema."""


@dataclass(frozen=True)
class Subject:
    """A mapper with its vendor and the paths that its laws speak of."""

    mapper: Mapper
    apply: Apply
    silent: frozenset[Steps]
    """Common paths that updating cannot set or reading does not show."""
    uncreated: frozenset[Steps]
    """Common paths that creating cannot set or reading does not show."""
    keyed: dict[Steps, Steps]
    """The path of the key in the items of each list that has one."""
    places: frozenset[Steps]
    """Lists of places that the vendor always has: an absent one says the same as an empty one."""
    stamped: dict[Steps, str]
    """Common paths that every write stamps with the vendor's clock, and that instant."""

    @classmethod
    def of(cls, mapper: Mapper, apply: Apply, stamped: dict[Steps, str]) -> "Subject":
        rules = mapper.lowered.rules
        read, create, write = (
            frozenset(paths_with(rules, access))
            for access in (Access.READ, Access.CREATE, Access.WRITE)
        )
        keyed = {steps: key.common for steps, key in _keyed_lists(rules)}
        places = frozenset(_places(rules))
        return cls(mapper, apply, read | create | write, read | write, keyed, places, stamped)


def _keyed_lists(rules: tuple[Lowered, ...], at: Steps = ()):
    for rule in rules:
        steps = (*at, *rule.common)
        if isinstance(rule, Listing) and rule.key is not None:
            yield steps, rule.key
        for members in inner_rules(rule):
            yield from _keyed_lists(members, steps)


def _marks(rules: tuple[Lowered, ...], at: Steps = ()):
    for rule in rules:
        steps = (*at, *rule.common)
        if isinstance(rule, Slots):
            yield (*steps, *rule.mark)
        for members in inner_rules(rule):
            yield from _marks(members, steps)


def _places(rules: tuple[Lowered, ...], at: Steps = ()):
    for rule in rules:
        steps = (*at, *rule.common)
        if isinstance(rule, Slots | Single):
            yield steps
        for members in inner_rules(rule):
            yield from _places(members, steps)


# The laws -----------------------------------------------------------------------------------------


def get_put(subject: Subject, document: dict[str, Any]) -> None:
    """put(from_vendor(v), v) == v, and an unedited object updates nothing."""
    before = copy(document)
    common = subject.mapper.from_vendor(document)
    restored = subject.mapper.put(common, document)
    _require("GetPut", equal(restored, document), document, restored)
    body = subject.mapper.to_vendor(common, document)
    _require("GetPut", body == {}, document, body)
    _require("inputs untouched", equal(before, document), before, document)


def put_get(subject: Subject, document: dict[str, Any], edited: dict[str, Any]) -> None:
    """from_vendor(apply(v, to_vendor(c, v))) == c on read-write members; Update on the others."""
    old = subject.mapper.from_vendor(document)
    before = copy(edited)
    bodies = subject.mapper.update_steps(edited, document)
    _require("inputs untouched", equal(before, edited), before, edited)
    after = document
    for body in bodies:
        after = subject.apply(after, body)
    read = _read(subject, after)
    difference = _disagreement(subject, edited, read, old, ())
    if difference is not None:
        raise LawBroken(f"PutGet at {difference}: {bodies} on {document} for {edited} reads {read}")
    if bodies:
        _stamps(subject, read)
    put = subject.mapper.put(edited, document)
    again = subject.mapper.from_vendor(put)
    difference = _disagreement(subject, edited, again, old, ())
    if difference is not None:
        raise LawBroken(f"put then get at {difference}: {put} for {edited} reads {again}")
    _unedited_stays(subject, document, after, bodies)
    for name, policy in subject.mapper.lowered.policy.members.items():
        shown = not subject.mapper.vendor_schema.at((name,)).annotation("writeOnly")
        if shown and any((policy.name or name) in body for body in bodies):
            same = _same_where_written(policy, put[name], after[name])
            _require(f"Update of {name}", same, put[name], after[name])


def _read(subject: Subject, document: dict[str, Any]) -> dict[str, Any]:
    try:
        return subject.mapper.from_vendor(document)
    except TransformError as error:
        if subject.mapper.validate_payload(document):
            raise Outside from error
        raise LawBroken(f"cannot read what was written: {error}") from error


def _same_where_written(policy: Policy, put: Any, shown: Any) -> bool:
    """Whether *shown* says what *put* says where it can be written, in whatever spelling."""
    if not policy.written:
        return True
    if isinstance(put, dict) and isinstance(shown, dict):
        return all(
            _same_where_written(member, put[name], shown.get(name))
            for name, member in policy.members.items()
            if name in put
        )
    if isinstance(put, list) and isinstance(shown, list) and policy.items is not None:
        pairs = zip(put, shown, strict=False)
        inside = (_same_where_written(policy.items, *pair) for pair in pairs)
        return len(put) == len(shown) and all(inside)
    if put is None:  # the vendor has spellings of its own for "nothing"
        return contains((None, "", 0, "0"), shown)
    return equal(_text(put), _text(shown))


def _text(value: Any) -> Any:
    """Return the text of a number: the vendor takes either and answers with one of them."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return plain_decimal(value) if is_number else value


def _stamps(subject: Subject, read: dict[str, Any]) -> None:
    """What the vendor stamps in its own zone reads as the instant that its clock showed."""
    for steps, instant in subject.stamped.items():
        _require(f"stamp {steps}", find(read, steps) == instant, instant, find(read, steps))


def _unedited_stays(
    subject: Subject, document: dict[str, Any], after: dict[str, Any], bodies: list[dict[str, Any]]
) -> None:
    """Update: what no body names is as it was, but for what the vendor computes itself."""
    sent = {name for body in bodies for name in body}
    for name, policy in subject.mapper.lowered.policy.members.items():
        written_name = policy.name or name
        if policy.written and written_name not in sent and name in document:
            same = equal(document[name], after.get(name, ABSENT))
            _require(f"Update of {name}", same, document[name], after.get(name))


def create_get(subject: Subject, common: dict[str, Any]) -> None:
    """from_vendor(apply({}, to_vendor(c))) == c on the members that c carries."""
    body = subject.mapper.to_vendor(common)
    invalid = subject.mapper.validate_body(body, "create")
    _require("create body", not invalid, [str(each) for each in invalid], body)
    read = _read(subject, subject.apply({}, body))
    _stamps(subject, read)
    difference = _lost(subject, common, read, ())
    if difference is not None:
        raise LawBroken(f"CreateGet at {difference}: {body} for {common} reads {read}")


def valid_output(subject: Subject, document: dict[str, Any]) -> None:
    """What is read satisfies the canonical schema."""
    common = subject.mapper.from_vendor(document)
    found = subject.mapper.validate_common(common)
    _require("valid output", not found, document, [str(each) for each in found])


# Printed code -------------------------------------------------------------------------------------


def reading_agrees(subject: Subject, document: dict[str, Any]) -> None:
    """Printed code reads what the interpreter reads."""
    _agree(subject, "from_vendor", document)


def editing_agrees(subject: Subject, document: dict[str, Any], edited: dict[str, Any]) -> None:
    """Printed code updates as the interpreter does, in one request or several."""
    kind, bodies = _agree(subject, "steps", edited, document)
    if kind == "gives" and len(bodies) < 2:
        body = subject.mapper.to_vendor(edited, document)
        _require("one request", text(body) == text(bodies[0] if bodies else {}), bodies, body)
    old = subject.mapper.from_vendor(document)
    changed = {name: value for name, value in edited.items() if old.get(name) != value}
    _agree(subject, "request", changed | {name: None for name in old if name not in edited})


def creating_agrees(subject: Subject, common: dict[str, Any]) -> None:
    """Printed code creates and requests as the interpreter does."""
    _agree(subject, "create", common)
    _agree(subject, "request", common)


def _agree(subject: Subject, operation: str, *given: Any) -> tuple[str, Any]:
    """Agreement, and that the interpreter has nothing to add to printed code."""
    before = subject.mapper.fallbacks
    try:
        agreed = require_agreement(subject.mapper, operation, *given)
    except Disagreement as error:
        raise LawBroken(f"Agreement: {error}") from error
    _require("no fallback", subject.mapper.fallbacks == before, (operation, *given), "a fallback")
    return agreed


def _require(law: str, holds: object, given: Any, got: Any) -> None:
    if not holds:
        raise LawBroken(f"{law}: {given} gives {got}")


def _disagreement(
    subject: Subject, wanted: Any, read: Any, old: Any, at: Steps, *, in_item: bool = False
) -> Steps | None:
    """Return where *read* does not say what *wanted* says, beside what cannot be set."""
    if at in subject.silent:
        return None
    if isinstance(wanted, dict) and isinstance(read, dict):
        if not isinstance(old, dict):  # new at the vendor, who may fill in defaults
            return _lost(subject, wanted, read, at)
        for name in {**wanted, **read}:
            # A written list replaces the old one: there the vendor fills in what no one has given.
            if in_item and name not in wanted and name not in old:
                continue
            inner = _members(wanted, read, old, name)
            found = _disagreement(subject, *inner, (*at, name), in_item=in_item)
            if found is not None:
                return found
        return None
    if isinstance(wanted, list) and isinstance(read, list):
        if len(wanted) != len(read):
            return at
        for index, item in enumerate(wanted):
            partner = _partner(subject, item, old, at)
            found = _disagreement(subject, item, read[index], partner, at, in_item=True)
            if found is not None:
                return found
        return None
    if at in subject.places and wanted in ([], ABSENT) and read in ([], ABSENT):
        return None
    if wanted is ABSENT and isinstance(read, dict):
        return _disagreement(subject, {}, read, old, at)
    if read is ABSENT and isinstance(wanted, dict):
        return _disagreement(subject, wanted, {}, old, at)
    return None if equal(wanted, read) else at


def _members(wanted: Any, read: Any, old: Any, name: str) -> tuple[Any, Any, Any]:
    inner = old.get(name, ABSENT)
    if inner is ABSENT and isinstance(wanted.get(name), dict) and isinstance(read.get(name), dict):
        inner = None
    return wanted.get(name, ABSENT), read.get(name, ABSENT), inner


def _partner(subject: Subject, item: Any, old: Any, at: Steps) -> Any:
    """Return the old item that *item* edits, or None for a new one."""
    path = subject.keyed.get(at)
    if not isinstance(item, dict) or not isinstance(old, list) or path is None:
        return (
            next((each for each in old if equal(each, item)), None)
            if isinstance(old, list)
            else None
        )
    key = find(item, path)
    return next((each for each in old if key is not ABSENT and equal(find(each, path), key)), None)


def _lost(subject: Subject, wanted: Any, read: Any, at: Steps) -> Steps | None:
    """Return where *read* lacks or changes what *wanted* carries, beside what cannot be created."""
    if at in subject.uncreated or (at in subject.places and wanted == []):
        return None
    if isinstance(wanted, dict):
        held = read if isinstance(read, dict) else {}
        for name, value in wanted.items():
            found = _lost(subject, value, held.get(name, ABSENT), (*at, name))
            if found is not None:
                return found
        return None
    if isinstance(wanted, list) and isinstance(read, list) and len(wanted) == len(read):
        for index, item in enumerate(wanted):
            found = _lost(subject, item, read[index], at)
            if found is not None:
                return found
        return None
    return None if equal(wanted, read) else at


# Edits --------------------------------------------------------------------------------------------


class Editor:
    """Makes common objects to create, and edits of common objects, from choices.

    What it makes fits the mapping: no third tax for two places, only values that can be written.
    """

    def __init__(self, mapper: Mapper, known: dict[Steps, list[Any]] | None = None) -> None:
        """*known* are the values to use where the canonical schema cannot say what is sensible."""
        self._mapper = mapper
        self._known = known or {}
        self._schema = mapper.common_schema
        self._rules = mapper.lowered.rules
        self._read = paths_with(self._rules, Access.READ)
        self._create = paths_with(self._rules, Access.CREATE)
        self._marks = frozenset(_marks(self._rules))
        self._keys = {steps: key.common for steps, key in _keyed_lists(self._rules)}
        self._makers: dict[tuple[Steps, str], Any] = {}

    def new(self, choices: Choices) -> dict[str, Any]:
        """Return a common object to create: without what can only be read."""
        for _ in range(TRIES):
            made = self._make(self._schema, (), choices)
            self._fit(self._rules, made, choices)
            self._complete(self._rules, self._mapper.lowered.policy, made, self._schema, choices)
            if not self._mapper.validate_input(made, "create") and self._is_wanted(made):
                return made
        raise Outside

    def _is_wanted(self, common: dict[str, Any]) -> bool:
        """Whether the vendor's own demands of what is created hold."""
        try:
            self._mapper.to_vendor(common)
        except TransformError as error:
            return all(each.rule.code != "M502" for each in error.diagnostics)
        return True

    def edit(self, common: dict[str, Any], choices: Choices) -> dict[str, Any]:
        """Return *common* with one to three changes of members that an update may set."""
        for _ in range(TRIES):
            edited = copy(common)
            for _ in range(choices.integer(1, 3)):
                self._edit_object(edited, self._schema, (), choices)
            self._fit(self._rules, edited, choices)
            self._complete(self._rules, Policy(), edited, self._schema, choices)
            if not self._mapper.validate_input(edited, "update"):
                return edited
        raise Outside

    def _make(self, schema: Schema, at: Steps, choices: Choices) -> Any:
        key = (at, schema.pointer)
        if key not in self._makers:
            self._makers[key] = compile_generator(schema)
        return self._strip(copy(self._makers[key](choices)), at, set())

    def _strip(self, value: Any, at: Steps, fixed: set[Steps]) -> Any:
        """Return *value* without what is read-only or *fixed*, nor objects of nothing else."""
        if isinstance(value, list):
            return [self._strip(item, at, fixed) for item in value]
        if not isinstance(value, dict):
            return value
        kept = {
            name: self._strip(member, (*at, name), fixed)
            for name, member in value.items()
            if (*at, name) not in self._read | fixed
        }
        return {name: member for name, member in kept.items() if member != {}}

    def _fit(self, rules: tuple[Lowered, ...], common: dict[str, Any], choices: Choices) -> None:
        for rule in rules:
            value = find(common, rule.common)
            if rule.common in self._known and isinstance(value, list):
                value[:] = self._known[rule.common][: len(value)]
            if isinstance(rule, Leaf) and rule.values is not None and value is not ABSENT:
                readable = [evaluate(rule.get or Current(), each) for each in rule.values]
                if not contains(readable, value):
                    store(common, rule.common, choices.pick(readable))
            if isinstance(rule, Group) and isinstance(value, dict):
                self._fit(rule.members, value, choices)
            if isinstance(rule, Listing) and isinstance(value, list):
                self._fit_items(rule, value, choices)
            if isinstance(rule, Single) and isinstance(value, list):
                del value[1:]
            if isinstance(rule, Slots) and isinstance(value, list):
                _fit_slots(rule, value)

    def _fit_items(self, rule: Listing, items: list[Any], choices: Choices) -> None:
        seen: list[Any] = []
        for item in list(items):
            self._fit(rule.members, item, choices)
            key = find(item, rule.key.common) if rule.key else ABSENT
            if key is not ABSENT and contains(seen, key):
                items.remove(item)
            seen.append(key)

    def _complete(
        self,
        rules: tuple[Lowered, ...],
        policy: Policy,
        common: dict[str, Any],
        schema: Schema,
        choices: Choices,
    ) -> None:
        """Add what the vendor needs to create what *common* describes, and new items in it."""
        for rule in rules:
            steps = rule.common
            member = schema.at(steps)
            value = find(common, steps)
            vendor = getattr(rule, "vendor", ())
            inner = policy.members.get(vendor[0], Policy()) if len(vendor) == 1 else Policy()
            if isinstance(rule, Leaf) and inner.required and value is ABSENT and member:
                store(common, steps, self._make(member, steps, choices))
            if isinstance(rule, Listing) and isinstance(value, list) and member:
                items, wanted = member.items(), self._item_policy(rule)
                for item in value:
                    if rule.key is None or find(item, rule.key.common) is ABSENT:
                        self._complete(rule.members, wanted, item, items, choices)
                self._fit_items(rule, value, choices)  # a key that was added may be there already
            if isinstance(rule, Single) and member and (items := member.items()):
                # What is needed may be in the one item, which then has to be there.
                item = value[0] if isinstance(value, list) and value else {}
                self._complete(rule.members, policy, item, items, choices)
                if item:
                    store(common, steps, [item])

    def _item_policy(self, rule: Listing) -> Policy:
        policy = self._mapper.lowered.policy
        for step in rule.vendor:
            policy = policy.members.get(step, Policy())
        return policy.items or Policy()

    def _edit_object(
        self, value: dict[str, Any], schema: Schema, at: Steps, choices: Choices
    ) -> None:
        fixed = self._read | self._create
        settable = [name for name in schema.members() if (*at, name) not in fixed]
        if not settable:
            return
        # What holds something is where an edit can go wrong: it is chosen more often.
        inner = [
            name for name in settable if value.get(name) and isinstance(value[name], dict | list)
        ]
        name = choices.pick(inner if inner and choices.integer(0, 2) == 2 else settable)
        member, steps = schema.member(name), (*at, name)
        assert member is not None
        if name not in value:
            value[name] = self._strip(self._make(member, steps, choices), steps, self._create)
        elif choices.integer(0, 19) == 19:
            del value[name]
        elif isinstance(value[name], dict) and member.members():
            self._edit_object(value[name], member, steps, choices)
        elif isinstance(value[name], list):
            self._edit_list(value[name], member, steps, choices)
        else:
            value[name] = self._make(member, steps, choices)
        if steps in self._marks:  # another tax: what the vendor knew of the old one goes with it
            for read in [each for each in value if (*at, each) in self._read]:
                del value[read]
        if value.get(name) == {}:
            del value[name]

    def _edit_list(self, value: list[Any], schema: Schema, at: Steps, choices: Choices) -> None:
        items = schema.items()
        assert items is not None
        kind = choices.integer(0, 3) if value else 1
        if kind == 1:
            value.insert(choices.integer(0, len(value)), self._make(items, at, choices))
            return
        index = choices.integer(0, len(value) - 1)
        if kind == 2:
            del value[index]
        elif kind == 3:
            other = choices.integer(0, len(value) - 1)
            value[index], value[other] = value[other], value[index]
        elif isinstance(value[index], dict):
            path = self._keys.get(at)
            key = find(value[index], path) if path else None
            self._edit_object(value[index], items, at, choices)
            if path and not equal(find(value[index], path), key):  # a new item, without a past
                value[index] = self._strip(value[index], at, set())
        else:
            value[index] = self._make(items, at, choices)


def _fit_slots(rule: Slots, items: list[Any]) -> None:
    items[:] = [item for item in items if find(item, rule.mark) is not ABSENT][: len(rule.slots)]
    full = len(items) == len(rule.slots)
    for index, item in enumerate(items):
        held = {
            each.common[0]
            for each in rule.slots[index]
            if full or each.common not in rule.when_full
        }
        for name in list(item):
            if name not in held:
                del item[name]


EXPECTED_REFUSALS = frozenset({"M502", "M513", "M515", "M522"})
"""The codes with which a fitting edit may be refused; anything else is a fault of the mapper."""


def is_refusal(error: TransformError) -> bool:
    """Whether *error* refuses an edit as the documents say, rather than failing on it."""
    return all(each.rule.code in EXPECTED_REFUSALS for each in error.diagnostics)
