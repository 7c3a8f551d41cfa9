"""Edits to try a mapping with: common objects to create, and changes of common objects."""

from collections.abc import Iterable, Iterator, Mapping, Set as AbstractSet
from typing import Any, NamedTuple

from mapper import codes
from mapper.diagnostics import Diagnostic, TransformError
from mapper.evaluate import EvaluationError, evaluate
from mapper.expr import Current
from mapper.generate import Choices, Make, compile_generator
from mapper.lower import (
    Fixed,
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    Single,
    Slots,
    inner_rules,
    item_signs,
)
from mapper.model import Access
from mapper.omissions import NOT_UPDATED
from mapper.paths import common_paths, constant_paths, paths_with
from mapper.policy import Policy, item_policy
from mapper.primitives import Refusal
from mapper.prove.laws import Outside, lists_of, marks_of, partner_of
from mapper.running import Mapper
from mapper.schema import Schema
from mapper.values import ABSENT, Steps, contains, copy, equal, find, prefixes, store

TRIES = 20
"""How often an object is made anew that its own invariants do not hold of."""


class Editor:
    """Makes common objects to create, and edits of common objects, from choices.

    What it makes fits the mapping: no third tax for two places, only values that can be written.
    """

    def __init__(self, mapper: Mapper) -> None:
        self._mapper = mapper
        self._schema = mapper.common_schema
        self._rules = mapper.lowered.rules
        self._read = paths_with(self._rules, Access.READ) | constant_paths(self._rules)
        self._read |= set(_not_given(self._schema, _on_the_way(common_paths(self._rules))))
        self._create = paths_with(self._rules, Access.CREATE)
        self._marks = marks_of(self._rules)
        self._aligned = lists_of(self._rules)
        self._makers: dict[tuple[Steps, str], Make] = {}

    def new(self, choices: Choices) -> dict[str, Any]:
        """Return a common object to create: without what can only be read.

        Raises:
            Outside: None was found.
        """
        found = None
        for _ in range(TRIES):
            made: dict[str, Any] = self._make(self._schema, (), choices)
            self._fit(self._rules, self._mapper.lowered.policy, made, choices, creating=True)
            written = _Written(self._mapper.lowered.policy, (), creating=True, is_new=True)
            self._complete(self._rules, written, made, self._schema, choices)
            _state_constants(self._rules, made, choices)
            faults = self._mapper.validate_input(made, "create") or self._unwanted(made)
            if not faults:
                return made
            found = faults[0]
        raise Outside(found)

    def _unwanted(self, common: dict[str, Any]) -> list[Diagnostic]:
        """Return which of the vendor's own demands of what is created do not hold."""
        if not self._mapper.lowered.policy.demands:
            return []
        try:
            self._mapper.to_vendor(common)
        except TransformError as error:
            return [each for each in error.diagnostics if each.rule is codes.BROKEN_INVARIANT]
        return []

    def edit(self, common: dict[str, Any], choices: Choices) -> dict[str, Any]:
        """Return *common* with one to three changes of members that an update may set.

        Raises:
            Outside: None was found.
        """
        found = None
        for _ in range(TRIES):
            edited: dict[str, Any] = copy(common)
            for _ in range(choices.integer(1, 3)):
                self._edit_object(edited, self._schema, (), choices)
            policy = self._mapper.lowered.policy
            self._fit(self._rules, policy, edited, choices, creating=False)
            written = _Written(policy, (), creating=False, is_new=False, old=common)
            self._complete(self._rules, written, edited, self._schema, choices)
            self._forget(self._rules, (), edited, common)
            self._fit(self._rules, policy, edited, choices, creating=False)
            faults = self._mapper.validate_input(edited, "update")
            if not faults:
                return edited
            found = faults[0]
        raise Outside(found)

    def _make(self, schema: Schema, at: Steps, choices: Choices) -> Any:
        key = (at, schema.pointer)
        if key not in self._makers:
            self._makers[key] = compile_generator(schema)
        return self._strip(copy(self._makers[key](choices)), at, frozenset())

    def _strip(self, value: Any, at: Steps, fixed: AbstractSet[Steps]) -> Any:
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

    def _forget(self, rules: Iterable[Lowered], at: Steps, edited: Any, old: Any) -> None:
        """Take out of items that are no old ones what can only be read: they have no past."""
        for rule in rules:
            steps = (*at, *rule.common)
            value, was = find(edited, rule.common), find(old, rule.common)
            match rule:
                case Group(members=members) if isinstance(value, dict):
                    self._forget(members, steps, value, was)
                case Single(members=members) if isinstance(value, list):
                    for index, item in enumerate(value):
                        held = was[index] if isinstance(was, list) and index < len(was) else {}
                        self._forget(members, steps, item, held)
                case Listing() if isinstance(value, list) and rule.access not in NOT_UPDATED:
                    partners = _partners(value, was, rule)
                    for index, (item, partner) in enumerate(zip(value, partners, strict=True)):
                        if partner is None:
                            value[index] = self._strip(item, steps, frozenset())
                        else:
                            self._forget(rule.members, steps, item, partner)
                            self._take_back(item, partner, steps)
                case _:
                    pass

    def _take_back(self, item: dict[str, Any], old: Any, at: Steps) -> None:
        """Take out of an item what an update cannot set and is another one's than its own."""
        for name, value in list(item.items()):
            steps, was = (*at, name), find(old, (name,))
            if steps in self._read | self._create:
                if not equal(value, was):
                    del item[name]
            elif isinstance(value, dict):
                self._take_back(value, was, steps)

    # Making it fit --------------------------------------------------------------------------------

    def _fit(
        self,
        rules: Iterable[Lowered],
        policy: Policy,
        common: dict[str, Any],
        choices: Choices,
        *,
        creating: bool,
    ) -> None:
        """Change in *common* what cannot be written, but for what an update leaves as it is."""
        for rule in rules:
            if rule.access in NOT_UPDATED and not creating:
                continue
            value = find(common, rule.common)
            match rule:
                case Leaf(vendor=vendor) if value is not ABSENT:
                    _fit_leaf(rule, policy.at(vendor), common, choices)
                case Group(vendor=vendor, members=members) if isinstance(value, dict):
                    self._fit(members, policy.at(vendor), value, choices, creating=creating)
                case Listing(vendor=vendor) if isinstance(value, list):
                    self._fit_items(rule, policy.at(vendor), value, choices)
                case Single(members=members) if isinstance(value, list):
                    _fit_single(rule, value)
                    for item in value:
                        self._fit(members, policy, item, choices, creating=creating)
                case Slots() if isinstance(value, list):
                    _fit_slots(rule, value)
                case _:
                    pass

    def _fit_items(self, rule: Listing, policy: Policy, items: list[Any], choices: Choices) -> None:
        seen: list[Any] = []
        for item in list(items):
            self._fit(rule.members, policy.items or Policy(), item, choices, creating=True)
            key = find(item, rule.key.common) if rule.key else ABSENT
            if key is not ABSENT and contains(seen, key):
                items.remove(item)
            seen.append(key)

    # Adding what creating needs -------------------------------------------------------------------

    def _complete(
        self,
        rules: Iterable[Lowered],
        written: "_Written",
        common: dict[str, Any],
        schema: Schema,
        choices: Choices,
    ) -> None:
        """Add what the vendor needs to create what *common* describes, and new parts of it."""
        for rule in rules:
            member = schema.at(rule.common)
            if member is None or not written.sets(rule.access):
                continue
            value = find(common, rule.common)
            at, was = (*written.at, *rule.common), find(written.old, rule.common)
            match rule:
                case Leaf(vendor=vendor) if value is ABSENT and written.needs(vendor):
                    store(common, rule.common, self._make(member, at, choices))
                case Formula(writes=writes, mentions=mentions) if any(
                    written.needs(write.vendor) for write in writes
                ):
                    paths = (rule.common, *mentions)
                    self._complete_mentioned(paths, written.at, common, schema, choices)
                case Group(vendor=vendor, members=members):
                    inner = written.below(vendor)._replace(at=at, old=was)
                    if isinstance(value, dict) or not vendor or written.needs(vendor):
                        held = value if isinstance(value, dict) else {}
                        self._complete(members, inner, held, member, choices)
                        if not held and written.needs(vendor):  # whatever is in it
                            fixed = frozenset() if written.is_new else self._create
                            made = (self._make(member, at, choices) for _ in range(TRIES))
                            settable = (self._strip(each, at, fixed) for each in made)
                            held = next((each for each in settable if each), held)
                            self._fit(members, inner.policy, held, choices, creating=True)
                        if held:
                            store(common, rule.common, held)
                case Listing() if isinstance(value, list) and (items := member.items()):
                    policy = written.below(rule.vendor).policy
                    wanted = _Written(item_policy(policy), at, creating=True, is_new=True)
                    for item, partner in zip(value, _partners(value, was, rule), strict=True):
                        if partner is None or rule.key is None:
                            self._complete(rule.members, wanted, item, items, choices)
                    # A key that was added may be there already.
                    self._fit_items(rule, policy, value, choices)
                case Single(members=members) if items := member.items():
                    # What is needed may be in the one item, which then has to be there.
                    item = value[0] if isinstance(value, list) and value else {}
                    old = was[0] if isinstance(was, list) and was else ABSENT
                    self._complete(members, written._replace(at=at, old=old), item, items, choices)
                    if item:
                        store(common, rule.common, [item])
                case _:
                    pass

    def _complete_mentioned(
        self,
        paths: Iterable[Steps],
        at: Steps,
        common: dict[str, Any],
        schema: Schema,
        choices: Choices,
    ) -> None:
        for steps in paths:
            member, place = schema.at(steps), (*at, *steps)
            if find(common, steps) is ABSENT and member is not None and place not in self._read:
                store(common, steps, self._make(member, place, choices))

    # Changing it ----------------------------------------------------------------------------------

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
        assert member is not None  # noqa: S101 - it is one of its members
        if name not in value:
            value[name] = self._strip(self._make(member, steps, choices), steps, self._create)
        elif choices.integer(0, 19) == 19:
            del value[name]
        elif isinstance(value[name], dict) and member.members():
            self._edit_object(value[name], member, steps, choices)
        elif isinstance(value[name], list) and member.items() is not None:
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
        assert items is not None  # noqa: S101 - as the caller found
        kind = choices.integer(0, 3) if value else 1
        if kind == 1:
            fixed = frozenset() if at in self._aligned else self._create
            made = self._strip(self._make(items, at, choices), at, fixed)
            value.insert(choices.integer(0, len(value)), made)
            return
        index = choices.integer(0, len(value) - 1)
        if kind == 2:
            del value[index]
        elif kind == 3:
            other = choices.integer(0, len(value) - 1)
            value[index], value[other] = value[other], value[index]
        elif isinstance(value[index], dict):
            self._edit_object(value[index], items, at, choices)
        else:
            value[index] = self._make(items, at, choices)


def _on_the_way(paths: Iterable[Steps]) -> dict[Steps, bool]:
    """Return *paths* and the paths that lead to them, each with whether it leads on."""
    found: dict[Steps, bool] = {}
    for path in paths:
        found.setdefault(path, False)
        found.update((way, True) for way in prefixes(path[:-1]))
    return found


def _not_given(schema: Schema, given: Mapping[Steps, bool], at: Steps = ()) -> Iterator[Steps]:
    """Yield the members of *schema* that no rule gives, the outermost only."""
    for name, member in schema.members().items():
        steps = (*at, name)
        if steps not in given:
            yield steps
        elif given[steps]:
            yield from _not_given(member.items() or member, given, steps)


class _Written(NamedTuple):
    """The place that is written to.

    Attributes:
        policy: What the vendor says of it.
        at: The common path that it is written from.
        creating: Whether what is there travels whole, as in creating.
        is_new: Whether it is created there.
        old: What is there in the object that is edited.
    """

    policy: Policy
    at: Steps
    creating: bool
    is_new: bool
    old: Any = ABSENT

    def below(self, steps: Steps) -> "_Written":
        """Return the same for a member; what is in an object travels whole, as in creating."""
        return self._replace(policy=self.policy.at(steps), creating=self.creating or bool(steps))

    def sets(self, access: Access) -> bool:
        """Whether rules of this *access* write there."""
        return access not in NOT_UPDATED or (access is Access.CREATE and self.is_new)

    def needs(self, steps: Steps) -> bool:
        """Whether there has to be something at *steps*, or in an object on the way there."""
        places = (each for each in prefixes(steps) if self.creating or len(each) > 1)
        return any(self.policy.at(each).required for each in places)


def _partners(items: list[Any], old: Any, rule: Listing) -> list[Any]:
    """Return for each of *items* the old one that it edits, which no other does; None if it is new.

    Without a key, or its value, that is one that is equal.
    """
    left = list(old) if isinstance(old, list) else []
    partners = []
    for item in items:
        partner = partner_of(item, left, rule.key.common if rule.key is not None else None)
        left = [each for each in left if each is not partner]
        partners.append(partner)
    return partners


def _fit_leaf(rule: Leaf, policy: Policy, common: dict[str, Any], choices: Choices) -> None:
    """Let the value of *rule* be one that can be written, where only some can."""
    value = find(common, rule.common)
    if policy.values is not None:
        readable = list(_readable(rule, policy.values))
        if readable and not contains(readable, value):
            store(common, rule.common, choices.pick(readable))
    elif policy.items is not None and isinstance(value, list):
        item = policy.items.members.get(policy.item, Policy()) if policy.item else policy.items
        if item.values is not None:
            listed = (
                [each if policy.item is None else {policy.item: each}] for each in item.values
            )
            readable = [each for read in _readable(rule, listed) for each in read]
            value[:] = readable[: len(value)]


def _state_constants(rules: Iterable[Lowered], common: Any, choices: Choices) -> None:
    """Let *common* have some of its constants, which can be said as well as left out."""
    if not isinstance(common, dict):
        return
    for rule in rules:
        value = find(common, rule.common)
        if isinstance(rule, Fixed):
            if choices.pick((True, False)):
                store(common, rule.common, copy(rule.value))
        elif value is not ABSENT and not isinstance(rule, Slots):
            for members in inner_rules(rule):
                for inner in value if isinstance(value, list) else [value]:
                    _state_constants(members, inner, choices)


def _readable(rule: Leaf, values: Iterable[Any]) -> Iterator[Any]:
    """Yield what the vendor *values* read as."""
    for value in values:
        try:
            yield evaluate(rule.get or Current(), value)
        except (EvaluationError, Refusal):
            continue


def _fit_single(rule: Single, items: list[Any]) -> None:
    signs = item_signs(rule.members, creating=False)
    items[:] = [
        item
        for item in items
        if not signs or any(find(item, steps) is not ABSENT for steps in signs)
    ][:1]


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
