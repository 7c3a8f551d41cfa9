"""Request bodies: what of an edited vendor document travels, in which request."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, Rule, Span, pointer
from mapper.interpret.origin import origin
from mapper.interpret.reading import from_vendor
from mapper.interpret.run import Place, Run
from mapper.interpret.scene import Mode
from mapper.interpret.writing import recomputed, write_document
from mapper.lower import Lowered, LoweredMapping, inner_rules, targets
from mapper.model import Access, show_path
from mapper.policy import Policy, is_written, item_policy
from mapper.values import ABSENT, contains, copy, equal, find, store

Body = dict[str, Any]


def create(mapping: LoweredMapping, common: Any) -> Body:
    """Return the body that creates *common* at the vendor.

    Raises:
        TransformError: With every reason why it cannot be created.
    """
    run = Run(mapping.tables)
    target = write_document(mapping, common, Mode.CREATE, run)
    for constant in mapping.constants:
        if find(target, constant.vendor.steps) is ABSENT:
            store(target, constant.vendor.steps, copy(constant.value))
    objections = _Objections(mapping.rules, run)
    objections.report_missing(mapping.policy, target, ())
    objections.report_unwritable(mapping.policy, target, ())
    objections.report_demands(mapping, target, {})
    return run.result(_cut(mapping.policy, target, creating=True))


def update(mapping: LoweredMapping, common: Any, base: dict[str, Any]) -> Body:
    """Return the smallest body that makes *base* read as *common*; {} if it does.

    Raises:
        TransformError: With every reason why the edit cannot be made, or not in one request.
    """
    run = Run(mapping.tables)
    bodies = _split(mapping.policy, _changes(mapping, common, base, run))
    if len(bodies) > 1:
        travelling = " and then ".join(", ".join(sorted(body)) for body in bodies)
        run.fault(codes.NEEDS_STEPS, None, (), f"{travelling} travel in {len(bodies)} requests")
    return run.result(bodies[0] if bodies else {})


def update_steps(mapping: LoweredMapping, common: Any, base: dict[str, Any]) -> list[Body]:
    """Return the bodies that together make *base* read as *common*, in the order to send them.

    Raises:
        TransformError: With every reason why the edit cannot be made.
    """
    run = Run(mapping.tables)
    return run.result(_split(mapping.policy, _changes(mapping, common, base, run)))


def request(mapping: LoweredMapping, body: Any) -> Body:
    """Return what the platform sends for the request *body*: only the members that it has.

    Raises:
        TransformError: With every reason why it cannot be sent.
    """
    run = Run(mapping.tables)
    target = write_document(mapping, body, Mode.REQUEST, run)
    sent = {
        name: value
        for name, value in target.items()
        if (policy := mapping.policy.members.get(name)) is None or policy.phase is None
    }
    objections = _Objections(mapping.rules, run)
    for name, value in sent.items():  # whether the whole is created is not known
        objections.report_missing(mapping.policy.members.get(name, Policy()), value, (name,))
    objections.report_unwritable(mapping.policy, sent, ())
    return run.result(_cut(mapping.policy, sent, creating=False))


def request_limits(mapping: LoweredMapping, body: Any) -> tuple[Diagnostic, ...]:
    """Return a warning for each member of the request *body* that a request cannot carry.

    What can only be read is no loss, and is left out without one.
    """
    run = Run(mapping.tables)
    if isinstance(body, dict):
        _report_left_out(mapping.rules, mapping.policy, body, (), run)
    return tuple(run.findings)


def _report_left_out(
    rules: tuple[Lowered, ...], policy: Policy, body: dict[str, Any], at: Place, run: Run
) -> None:
    for rule in rules:
        value = find(body, rule.common)
        if value is ABSENT or rule.access is Access.READ:
            continue
        place, steps = (*at, *rule.common), getattr(rule, "vendor", ())
        reason = None
        if rule.access is Access.CREATE:
            reason = "can only be set when creating"
        elif policy.separates(targets(rule)):
            reason = "must travel alone"
        if reason is not None:
            message = f"{show_path(rule.common)} {reason}, and is left out"
            run.fault(codes.LEFT_OUT, rule.span, place, message, value)
            continue  # and all that is in it
        # Only what lies at the top of the vendor's object can have a phase.
        inner = Policy() if steps else policy
        for members in inner_rules(rule):
            for where, item in _objects(value, place):
                _report_left_out(members, inner, item, where, run)


def _objects(value: Any, at: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the object that *value* is, or those in the list that it is, with their places."""
    if isinstance(value, dict):
        yield at, value
    elif isinstance(value, list):
        yield from (((*at, i), item) for i, item in enumerate(value) if isinstance(item, dict))


def _changes(mapping: LoweredMapping, common: Any, base: dict[str, Any], run: Run) -> Body:
    """Return the top-level members in which the edited document differs from *base*, whole."""
    old = from_vendor(mapping, base)
    edited = write_document(mapping, common, Mode.UPDATE, run, base, old)
    objections = _Objections(mapping.rules, run)
    changes: Body = {}
    for name, value in edited.items():
        policy = mapping.policy.members.get(name, Policy())
        if name in base and equal(value, base[name]):
            continue
        objections.report_hidden(policy, value, base.get(name, ABSENT), (name,))
        objections.report_missing(policy, value, (name,))
        objections.report_unwritable(policy, value, (name,))
        changes[name] = value
    objections.report_demands(mapping, edited, base)
    return run.result(changes)


def _split(policy: Policy, changes: Body) -> list[Body]:
    """Return *changes* as request bodies: phases that come first, the data, other phases."""
    first: dict[str, Body] = {}
    last: dict[str, Body] = {}
    data: Body = {}
    for name, value in changes.items():
        phase = policy.members.get(name, Policy()).phase
        if phase is None:
            data[name] = value
        else:
            phases = first if contains(phase.first, value) else last
            phases.setdefault(phase.name, {})[name] = value
    ordered = [*first.values(), *([data] if data else []), *last.values()]
    return [_cut(policy, body, creating=False) for body in ordered]


def _cut(policy: Policy, value: Any, *, creating: bool) -> Any:
    """Return *value* with the members that can be written only, under the names that writes use."""
    if isinstance(value, list) and policy.items is not None:
        # A list is replaced: all its items are made anew.
        return [_cut(item_policy(policy), item, creating=True) for item in value]
    if not isinstance(value, dict) or not policy.members:
        return copy(value)
    cut: Body = {}
    for name, inner in value.items():
        member = policy.members.get(name)
        if member is None or not is_written(member, creating=creating):
            continue
        if member.item is not None and isinstance(inner, list):
            written: Any = [_picked(item, member.item) for item in inner]
        else:
            written = _cut(member, inner, creating=creating)
        cut[member.name or name] = written
    return cut


def _picked(item: Any, name: str) -> Any:
    """Return the member of *item* that is written in its stead."""
    return copy(item[name]) if isinstance(item, dict) and name in item else copy(item)


def _hidden(
    policy: Policy, value: Any, base: Any, at: Place, *, creating: bool
) -> Iterator[tuple[Place, str]]:
    """Yield where *base* does not show what travels with *value*, and what to ask the vendor for.

    Objects and lists travel whole: what is not shown in them is lost, whether it is edited or not.
    Which old items a list keeps is not looked at.
    """
    if base is ABSENT:
        if policy.include is not None:
            yield at, policy.include
    elif isinstance(value, dict) and isinstance(base, dict):
        for name, member in policy.members.items():
            if is_written(member, creating=creating):
                inner = value.get(name, ABSENT), base.get(name, ABSENT)
                yield from _hidden(member, *inner, (*at, name), creating=creating)
    elif value and isinstance(value, list) and isinstance(base, list) and policy.items is not None:
        for item in base:
            for _, include in _hidden(policy.items, item, item, (), creating=True):
                yield at, include


class _Objections(Struct, frozen=True):
    """Reports what the vendor would not take, at the common members that it is written from."""

    rules: tuple[Lowered, ...]
    run: Run

    def report_missing(self, policy: Policy, value: Any, at: Place) -> None:
        """Report the members without which the vendor does not create what *value* describes."""
        if not policy.written:
            return
        if isinstance(value, list) and policy.items is not None:
            for index, item in enumerate(value):
                self.report_missing(policy.items, item, (*at, index))
        if not isinstance(value, dict):
            return
        for name, member in policy.members.items():
            if member.required and name not in value:
                if not self._is_refused((*at, name)):
                    message = "is needed to create this"
                    self._report(codes.MISSING_ON_CREATE, (*at, name), message)
            elif name in value:
                self.report_missing(member, value[name], (*at, name))

    def report_hidden(self, policy: Policy, value: Any, base: Any, at: Place) -> None:
        """Report what *base* does not show, and *value*, which replaces it, would overwrite."""
        for place, include in dict.fromkeys(_hidden(policy, value, base, at, creating=False)):
            message = f"is not shown in the base; fetch it with include {include}"
            self._report(codes.NOT_SHOWN, place, message)

    def report_unwritable(self, policy: Policy, value: Any, at: Place) -> None:
        """Report the values that the vendor reads but does not let be written."""
        if not policy.written:
            return
        if isinstance(value, list) and policy.items is not None:
            for index, item in enumerate(value):
                self.report_unwritable(policy.items, item, (*at, index))
        elif isinstance(value, dict):
            for name, inner in value.items():
                self.report_unwritable(policy.members.get(name, Policy()), inner, (*at, name))
        elif policy.values is not None and not contains(policy.values, value):
            allowed = ", ".join(str(each) for each in policy.values if each is not None)
            message = f"cannot be written with this value; the vendor takes {allowed}"
            self._report(codes.NOT_WRITABLE_VALUE, at, message, value)

    def report_demands(self, mapping: LoweredMapping, edited: Body, base: Body) -> None:
        """Report what the vendor demands of the object and the edit of *base* breaks."""
        edited = recomputed(mapping, edited, base) if mapping.policy.demands else edited
        for demand in mapping.policy.demands:
            changed = [
                steps
                for steps in demand.mentions
                if not equal(find(edited, steps), find(base, steps))
            ]
            if (changed or not base) and not self.run.holds(demand.holds, edited):
                places = changed or demand.mentions or ((),)
                names = ", ".join(map(self._name, places)) or "the object"
                message = f"{demand.code}: the vendor does not take this of {names}"
                place, span = self._origin(places[0])
                self.run.fault(codes.BROKEN_INVARIANT, span, place, message)

    def _origin(self, at: Place) -> tuple[Place, Span | None]:
        return origin(self.rules, at) or (at, None)

    def _name(self, at: Place) -> str:
        place, _ = self._origin(at)
        return show_path(tuple(step for step in place if isinstance(step, str)))

    def _is_refused(self, at: Place) -> bool:
        """Whether something is there for the vendor place *at*, or around it, and is refused."""
        steps = self._origin(at)[0]
        around = {pointer(steps[:depth]) for depth in range(1, len(steps) + 1)}
        return any(each.pointer in around for each in self.run.findings)

    def _report(self, rule: Rule, at: Place, message: str, value: Any = ABSENT) -> None:
        """Report a fault at the vendor place *at*; *message* goes on from the member's name."""
        place, span = self._origin(at)
        self.run.fault(rule, span, place, f"{self._name(at)} {message}", value)
