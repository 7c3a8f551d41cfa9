"""The laws of docs/explanation/semantics.md, checked through the public API against a vendor.

A law takes a :class:`Subject`, a mapper with what must be known of its vendor, and documents that
fit the schemas. It returns nothing if the mapper keeps it, raises :class:`LawBroken` if it does
not, and lets refusals through: a TransformError says that the mapper does not take the document or
the edit, and whoever asks decides whether it should have.

    model = VendorModel(mapper.vendor_schema)
    subject = Subject.of(mapper, model.apply)
    get_put(subject, payload)
    put_get(subject, payload, mapper.merge({"rate": "5"}, payload))
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from mapper.decimals import plain_decimal
from mapper.diagnostics import Diagnostic, TransformError, cut, pointer_steps
from mapper.lower import Fixed, Leaf, Listing, Lowered, Single, Slots
from mapper.model import (
    Access,
    ExpressionRule,
    FieldRule,
    ValueRule,
    inner_fields,
    show_path,
)
from mapper.omissions import shortest
from mapper.paths import constant_paths, paths_with, placed
from mapper.policy import Policy, is_written
from mapper.prove.examples import first_difference
from mapper.prove.vendor import WriteRefused
from mapper.running import Mapper
from mapper.schema import Schema
from mapper.values import ABSENT, Steps, contains, copy, equal, find

Apply = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
"""What the vendor shows after a write: (document, body) -> document; {} is creating."""

SHOWN = 2_000
"""How many characters of a document a message quotes."""


class LawBroken(AssertionError):  # noqa: N818 - said as the docs say it
    """A mapper does not keep a law.

    Attributes:
        law: Which: "GetPut", "PutGet", "Update" …
        at: The common path, or for "GetPut" and "Update" the vendor's; () is the whole.
        reason: What is wrong there, for people.
    """

    def __init__(self, law: str, at: Steps, reason: str, *given: Any) -> None:
        where = f" at {show_path(at)}" if at else ""
        shown = "; ".join(cut(str(each), SHOWN) for each in given)
        super().__init__(f"{law}{where}: {reason}" + (f": {shown}" if shown else ""))
        self.law, self.at, self.reason = law, at, reason


class Outside(Exception):  # noqa: N818 - a law's premise does not hold; no error
    """No fitting object was found, or what the vendor computes leaves the vendor's own schema.

    ``found`` is what the last object that was tried does not fit, where one was.
    """

    def __init__(self, found: Diagnostic | None = None) -> None:
        super().__init__()
        self.found = found


class Subject(Struct, frozen=True):
    """A mapper with its vendor and the paths that its laws speak of.

    Attributes:
        mapper: The mapper.
        apply: The vendor's answer to a body; it may raise WriteRefused.
        silent: Common paths that updating cannot set, reading does not show, or that are lossy.
        uncreated: The same for creating.
        filled: Common paths that read as something where the vendor has nothing.
        constants: Those that always read as the same, if the object is there that they are of.
        keyed: The path of the key in the items of each list that has one.
        places: Lists of places that the vendor always has: absent says the same as empty.
        stamped: Common paths that every write stamps with the vendor's clock, and that instant.
    """

    mapper: Mapper
    apply: Apply
    silent: frozenset[Steps]
    uncreated: frozenset[Steps]
    filled: frozenset[Steps]
    constants: frozenset[Steps]
    keyed: dict[Steps, Steps]
    places: frozenset[Steps]
    stamped: dict[Steps, str]

    @classmethod
    def of(cls, mapper: Mapper, apply: Apply, stamped: dict[Steps, str] | None = None) -> "Subject":
        rules = mapper.lowered.rules
        read, create, write = (
            frozenset(paths_with(rules, access))
            for access in (Access.READ, Access.CREATE, Access.WRITE)
        )
        lossy = frozenset(_lossy(mapper.mapping.fields))
        return cls(
            mapper,
            apply,
            silent=read | create | write | lossy,
            uncreated=read | write | lossy,
            filled=frozenset(_filled(rules)),
            constants=constant_paths(rules),
            keyed=keys_of(rules),
            places=frozenset(_places(rules)),
            stamped=stamped or {},
        )


def keys_of(rules: Iterable[Lowered]) -> dict[Steps, Steps]:
    """Return the path of the key in the items of each list that has one."""
    return {
        steps: rule.key.common
        for steps, rule in placed(rules)
        if isinstance(rule, Listing) and rule.key is not None
    }


def lists_of(rules: Iterable[Lowered]) -> frozenset[Steps]:
    """Return the common paths of the lists that are aligned with the old one item by item."""
    return frozenset(steps for steps, rule in placed(rules) if isinstance(rule, Listing))


def marks_of(rules: Iterable[Lowered]) -> frozenset[Steps]:
    """Return the common paths that say whether a slot is filled."""
    return frozenset(
        (*steps, *rule.mark) for steps, rule in placed(rules) if isinstance(rule, Slots)
    )


def _places(rules: Iterable[Lowered]) -> Iterator[Steps]:
    yield from (steps for steps, rule in placed(rules) if isinstance(rule, Slots | Single))


def _filled(rules: Iterable[Lowered]) -> Iterator[Steps]:
    for steps, rule in placed(rules):
        if isinstance(rule, Fixed) or (isinstance(rule, Leaf) and rule.default.read is not ABSENT):
            yield steps


def _lossy(fields: Iterable[FieldRule], at: Steps = ()) -> Iterator[Steps]:
    """Yield the common paths of which the mapping says that something is lost on the way."""
    for rule in fields:
        steps = (*at, *rule.common.steps)
        if isinstance(rule, ValueRule | ExpressionRule) and rule.lossy is not None:
            yield steps
        for members in inner_fields(rule):
            yield from _lossy(members, steps)


# The laws -----------------------------------------------------------------------------------------


def get_put(subject: Subject, document: dict[str, Any]) -> None:
    """put(from_vendor(v), v) == v, and an unedited object updates nothing, nor what it may lack.

    Raises:
        LawBroken: It does not hold, or *document* was changed.
        TransformError: *document* cannot be read.
    """
    before = copy(document)
    common = subject.mapper.from_vendor(document)
    restored = subject.mapper.put(common, document)
    difference = first_difference(document, restored)
    if difference is not None:
        reason = f"{_word(difference[1])} comes back as {_word(difference[2])}"
        raise LawBroken("GetPut", _names(difference[0]), reason, document, restored)
    body = subject.mapper.to_vendor(common, document)
    if body != {}:
        at = (next(iter(body)),)
        raise LawBroken("GetPut", at, "travels though nothing was edited", document, body)
    shortened = shortest(subject.mapper.lowered.rules, common)
    try:
        body = subject.mapper.to_vendor(shortened, document)
    except TransformError:  # two items with one key; an item of `only` without a member
        body = {}
    if body != {}:
        at = (next(iter(body)),)
        reason = "travels though nothing but what can be left out was"
        raise LawBroken("GetPut", at, reason, document, shortened, body)
    _untouched(before, document)


def valid_output(subject: Subject, document: dict[str, Any]) -> None:
    """What is read of *document* satisfies the canonical schema and the invariants.

    Raises:
        LawBroken: It does not.
        TransformError: *document* cannot be read.
    """
    common = subject.mapper.from_vendor(document)
    for found in subject.mapper.validate_common(common)[:1]:
        at = pointed(found.pointer)
        raise LawBroken("valid output", at, found.message, document, common)


def put_get(subject: Subject, document: dict[str, Any], edited: dict[str, Any]) -> None:
    """from_vendor(apply(v, to_vendor(c, v))) == c on read-write members; Update on the others.

    Raises:
        LawBroken: It does not hold, the vendor refuses a body, or an input was changed.
        Outside: The vendor computes what its own schema does not let be.
        TransformError: *document* cannot be read, or the edit cannot be made.
    """
    mapper = subject.mapper
    old = mapper.from_vendor(document)
    before = copy([document, edited])
    bodies = mapper.update_steps(edited, document)
    _untouched(before, [document, edited])
    after = document
    for body in bodies:
        _fits(subject, body, "update", edited)
        after = _applied(subject, after, body)
    read = _read(subject, after)
    difference = _disagreement(subject, edited, read, old, ())
    if difference is not None:
        reason = "what was written reads differently"
        raise LawBroken("PutGet", difference, reason, bodies, document, edited, read)
    if bodies:
        _stamps(subject, read)
    put = mapper.put(edited, document)
    difference = _disagreement(subject, edited, mapper.from_vendor(put), old, ())
    if difference is not None:
        reason = "what was put reads differently"
        raise LawBroken("PutGet", difference, reason, document, edited, put)
    _unedited_stays(subject, document, after, bodies)
    _edited_is_put(subject, put, after, bodies)


def create_get(subject: Subject, common: dict[str, Any]) -> None:
    """from_vendor(apply({}, to_vendor(c))) == c on the members that c carries.

    Raises:
        LawBroken: It does not hold, the vendor refuses the body, or *common* was changed.
        Outside: The vendor computes what its own schema does not let be.
        TransformError: *common* cannot be created.
    """
    before = copy(common)
    body = subject.mapper.to_vendor(common)
    _untouched(before, common)
    _fits(subject, body, "create", common)
    read = _read(subject, _applied(subject, {}, body))
    _stamps(subject, read)
    difference = _lost(subject, common, read, ())
    if difference is not None:
        reason = "what was created reads differently"
        raise LawBroken("CreateGet", difference, reason, body, common, read)


# Their parts --------------------------------------------------------------------------------------


def _untouched(before: Any, after: Any) -> None:
    if not equal(before, after):
        raise LawBroken("input untouched", (), "an input was changed", before, after)


def _fits(subject: Subject, body: Any, mode: Any, common: Any) -> None:
    for found in subject.mapper.validate_body(body, mode)[:1]:
        at = pointed(found.pointer)
        raise LawBroken("Update", at, f"the {mode} body is not valid: {found.message}", common)


def _applied(subject: Subject, document: Any, body: Any) -> dict[str, Any]:
    try:
        return subject.apply(document, body)
    except WriteRefused as refused:
        at = tuple(step for step in refused.at if isinstance(step, str))
        raise LawBroken("Update", at, f"the vendor refuses the body: {refused}", body) from refused


def _read(subject: Subject, document: dict[str, Any]) -> dict[str, Any]:
    try:
        return subject.mapper.from_vendor(document)
    except TransformError as error:
        if subject.mapper.validate_payload(document):
            raise Outside from error
        at = pointed(error.diagnostics[0].pointer)
        raise LawBroken("PutGet", at, f"what was written cannot be read: {error}") from error


def _edited_is_put(subject: Subject, put: Any, after: Any, bodies: list[dict[str, Any]]) -> None:
    """Update: what bodies name is shown as it was put, where it can be written."""
    schema = subject.mapper.vendor_schema
    for name, policy in subject.mapper.lowered.policy.members.items():
        member = schema.member(name)
        if member is None or not any((policy.name or name) in body for body in bodies):
            continue
        one, other = put.get(name, ABSENT), after.get(name, ABSENT)
        if not _same_where_written(policy, member, one, other):
            raise LawBroken("Update", (name,), "shows something else than was put", one, other)


def _same_where_written(policy: Policy, schema: Schema, put: Any, shown: Any) -> bool:
    """Whether *shown* says what *put* says where that is written and shown, however spelled."""
    if not is_written(policy, creating=True) or schema.annotation("writeOnly", default=False):
        return True
    if isinstance(put, dict) and (isinstance(shown, dict) or shown is None):
        shown, members = shown or {}, schema.members()
        return all(
            _same_where_written(member, members[name], put[name], shown.get(name))
            for name, member in policy.members.items()
            if name in put
        )
    items = schema.items()
    if isinstance(put, list) and isinstance(shown, list) and policy.items and items:
        pairs = zip(put, shown, strict=False)
        inside = (_same_where_written(policy.items, items, *pair) for pair in pairs)
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
        if find(read, steps) != instant:
            reason = f"the stamp of {instant} reads as {_word(find(read, steps))}"
            raise LawBroken("stamp", steps, reason)


def _unedited_stays(
    subject: Subject, document: dict[str, Any], after: dict[str, Any], bodies: list[dict[str, Any]]
) -> None:
    """Update: what no body names is as it was, but for what the vendor computes itself."""
    sent = {name for body in bodies for name in body}
    for name, policy in subject.mapper.lowered.policy.members.items():
        if policy.written and (policy.name or name) not in sent and name in document:
            one, other = document[name], after.get(name, ABSENT)
            if not equal(one, other):
                raise LawBroken("Update", (name,), "changes though no body has it", one, other)


def _names(steps: Iterable[str | int]) -> Steps:
    return tuple(step for step in steps if isinstance(step, str))


def pointed(pointer: str | None) -> Steps:
    """Return the path that a pointer leads along, indexes left out."""
    return tuple(name for name in pointer_steps(pointer) if not name.isdecimal())


def _word(value: Any) -> str:
    return "nothing" if value is ABSENT else cut(repr(value))


# What has to be the same --------------------------------------------------------------------------


def _disagreement(
    subject: Subject, wanted: Any, read: Any, old: Any, at: Steps, *, in_item: bool = False
) -> Steps | None:
    """Return where *read* does not say what *wanted* says, beside what cannot be set."""
    if at in subject.silent or (wanted is ABSENT and at in subject.filled):
        return None
    if read is ABSENT and at in subject.constants:
        return None
    if at in subject.places:
        wanted, read = _settable(subject, wanted, at), _settable(subject, read, at)
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
            parted = isinstance(item, dict | list)  # of anything else nothing old matters
            partner = partner_of(item, old, subject.keyed.get(at)) if parted else None
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


def _settable(subject: Subject, items: Any, at: Steps) -> Any:
    """Return the items of a place but for those of which nothing can be set: they come and go."""
    if not isinstance(items, list):
        return items
    return [each for each in items if _holds(subject, each, at)]


def _holds(subject: Subject, value: Any, at: Steps) -> bool:
    """Whether there is something in *value* that can be set."""
    if at in subject.silent or at in subject.filled:
        return False
    if isinstance(value, dict):
        return any(_holds(subject, each, (*at, name)) for name, each in value.items())
    return True


def _members(wanted: Any, read: Any, old: Any, name: str) -> tuple[Any, Any, Any]:
    inner = old.get(name, ABSENT)
    if inner is ABSENT and isinstance(wanted.get(name), dict) and isinstance(read.get(name), dict):
        inner = None
    return wanted.get(name, ABSENT), read.get(name, ABSENT), inner


def partner_of(item: Any, old: Any, key: Steps | None) -> Any:
    """Return the item of the list *old* that *item* edits, None for a new one."""
    if not isinstance(old, list):
        return None
    known = find(item, key) if isinstance(item, dict) and key is not None else ABSENT
    if key is None or known is ABSENT:
        return next((each for each in old if equal(each, item)), None)
    return next((each for each in old if equal(find(each, key), known)), None)


def _lost(subject: Subject, wanted: Any, read: Any, at: Steps) -> Steps | None:
    """Return where *read* lacks or changes what *wanted* carries, beside what cannot be created."""
    if at in subject.uncreated or (at in subject.places and wanted == []):
        return None
    if isinstance(wanted, dict):
        held = read if isinstance(read, dict) else {}
        for name, value in wanted.items():
            if read is ABSENT and (*at, name) in subject.constants:
                continue  # which say nothing of an object that is not there
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
