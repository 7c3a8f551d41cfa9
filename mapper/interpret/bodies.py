"""Request bodies: what of an edited vendor document travels, in which request."""

from typing import Any

from mapper import codes
from mapper.interpret.reading import from_vendor
from mapper.interpret.run import Place, Run
from mapper.interpret.scene import Mode
from mapper.interpret.writing import write_document
from mapper.lower import LoweredMapping, Policy
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
    _report_missing(mapping.policy, target, (), run)
    _report_unwritable(mapping.policy, target, (), run)
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
    _report_unwritable(mapping.policy, sent, (), run)
    return run.result(_cut(mapping.policy, sent, creating=False))


def _changes(mapping: LoweredMapping, common: Any, base: dict[str, Any], run: Run) -> Body:
    """Return the top-level members in which the edited document differs from *base*, whole."""
    old = from_vendor(mapping, base)
    edited = write_document(mapping, common, Mode.UPDATE, run, base, old)
    changes: Body = {}
    for name, value in edited.items():
        policy = mapping.policy.members.get(name, Policy())
        if name in base and equal(value, base[name]):
            continue
        if name not in base and policy.include is not None:
            _report_hidden(name, policy.include, (), run)
        elif name in base:
            _report_hidden_members(policy, value, base[name], (name,), run)
        _report_missing(policy, value, (name,), run)
        _report_unwritable(policy, value, (name,), run)
        changes[name] = value
    return run.result(changes)


def _report_hidden(name: str, include: str, at: Place, run: Run) -> None:
    message = f"{name} is not shown in the base; fetch it with include {include}"
    run.fault(codes.NOT_SHOWN, None, at, message)


def _report_hidden_members(policy: Policy, value: Any, base: Any, at: Place, run: Run) -> None:
    """Report the members that the object *value* gives and *base*, which it replaces, hides."""
    if not isinstance(value, dict) or not isinstance(base, dict):
        return
    for name, inner in value.items():
        member = policy.members.get(name, Policy())
        if name not in base and member.include is not None:
            _report_hidden(name, member.include, at, run)
        elif name in base:
            _report_hidden_members(member, inner, base[name], (*at, name), run)


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
        return [_cut(_item_policy(policy), item, creating=True) for item in value]
    if not isinstance(value, dict) or not policy.members:
        return copy(value)
    cut: Body = {}
    for name, inner in value.items():
        member = policy.members.get(name)
        if member is None or not _is_written(member, creating=creating):
            continue
        if member.item is not None and isinstance(inner, list):
            written: Any = [_picked(item, member.item) for item in inner]
        else:
            written = _cut(member, inner, creating=creating)
        cut[member.name or name] = written
    return cut


def _is_written(policy: Policy, *, creating: bool) -> bool:
    """Whether a member can be written, and, of an object, anything in it."""
    if not policy.written or (policy.create_only and not creating):
        return False
    inside = policy.members.values()
    return not inside or any(_is_written(member, creating=creating) for member in inside)


def _picked(item: Any, name: str) -> Any:
    """Return the member of *item* that is written in its stead."""
    return copy(item[name]) if isinstance(item, dict) and name in item else copy(item)


def _item_policy(policy: Policy) -> Policy:
    """Return the policy of a list's items, whose key travels only if the schema says so."""
    assert policy.items is not None  # noqa: S101 - only called for a list
    items = policy.items
    if policy.key is None or policy.key not in items.members:
        return items
    return Policy(members={**items.members, policy.key: Policy()})


def _report_missing(policy: Policy, value: Any, at: Place, run: Run) -> None:
    """Report the members without which the vendor does not create what *value* describes."""
    if isinstance(value, list) and policy.items is not None:
        for index, item in enumerate(value):
            _report_missing(policy.items, item, (*at, index), run)
    if not isinstance(value, dict):
        return
    for name, member in policy.members.items():
        if member.required and name not in value:
            message = f"the vendor needs {name} to create this"
            run.fault(codes.MISSING_ON_CREATE, None, at, message)
        elif name in value:
            _report_missing(member, value[name], (*at, name), run)


def _report_unwritable(policy: Policy, value: Any, at: Place, run: Run) -> None:
    """Report the values that the vendor reads but does not let be written."""
    if not policy.written:
        return
    if isinstance(value, list) and policy.items is not None:
        for index, item in enumerate(value):
            _report_unwritable(policy.items, item, (*at, index), run)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _report_unwritable(policy.members.get(name, Policy()), inner, (*at, name), run)
    elif policy.values is not None and not contains(policy.values, value):
        allowed = ", ".join(map(str, policy.values))
        message = f"the vendor does not let this be written; it takes {allowed}"
        run.fault(codes.NOT_WRITABLE_VALUE, None, at, message, value)
