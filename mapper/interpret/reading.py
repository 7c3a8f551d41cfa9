"""From vendor to common."""

from typing import Any

from mapper import codes
from mapper.interpret.run import Place, Run
from mapper.lower import (
    Fixed,
    Formula,
    Group,
    Leaf,
    Listing,
    Lowered,
    LoweredMapping,
    Single,
    Slots,
    constants_of,
    members_of,
)
from mapper.model import Access
from mapper.values import ABSENT, Steps, contains, copy, find, is_within, store, without_nulls


def from_vendor(mapping: LoweredMapping, document: Any) -> dict[str, Any]:
    """Return the common object of a bare vendor *document*, which is not changed or shared.

    Raises:
        TransformError: With every fault of the document.
    """
    run = Run(mapping.tables)
    if not isinstance(document, dict):
        run.fault(codes.WRONG_CONTAINER, None, (), "a payload must be an object", document)
        return run.result({})
    return run.result(read_members(mapping.rules, document, (), run))


def read_members(
    rules: tuple[Lowered, ...], vendor: dict[str, Any], at: Place, run: Run
) -> dict[str, Any]:
    """Return the common object that *rules* read from the *vendor* object at *at*."""
    common: dict[str, Any] = {}
    for rule in rules:
        value = _read(rule, vendor, at, run)
        if value is not ABSENT:
            store(common, rule.common, value)
    return common


def _read(rule: Lowered, vendor: dict[str, Any], at: Place, run: Run) -> Any:
    if rule.access is Access.WRITE:
        return ABSENT
    match rule:
        case Leaf():
            return _read_leaf(rule, vendor, at, run)
        case Formula():
            value = run.evaluate(rule.read, vendor, at) if rule.read else None
            return ABSENT if value is None else without_nulls(value)
        case Fixed():
            return copy(rule.value)
        case Group():
            return _read_group(rule, vendor, at, run)
        case Listing():
            return _read_listing(rule, vendor, at, run)
        case Single():
            return _read_single(rule, vendor, at, run)
        case Slots():
            return _read_slots(rule, vendor, at, run)


def _look(rule: Leaf | Group | Listing, vendor: dict[str, Any], at: Place, run: Run) -> Any:
    """Return what lies at the rule's vendor path; nothing lies inside null."""
    value: Any = vendor
    for depth, step in enumerate(rule.vendor):
        if value is None or value is ABSENT:
            return ABSENT
        if not isinstance(value, dict):
            run.fault(
                codes.WRONG_CONTAINER,
                rule.span,
                (*at, *rule.vendor[:depth]),
                f"{rule.vendor[depth - 1]} must be an object",
                value,
            )
            return ABSENT
        value = value.get(step, ABSENT)
    return value


def _read_leaf(rule: Leaf, vendor: dict[str, Any], at: Place, run: Run) -> Any:
    value = _look(rule, vendor, at, run)
    if value is ABSENT or contains(rule.unset.read, value):
        return copy(rule.default.read)
    place = (*at, *rule.vendor)
    if value is None:  # which a common object has nowhere
        message = f"{rule.vendor[-1]} is null, which is not among the spellings of no value"
        run.fault(codes.UNEXPECTED_VALUE, rule.span, place, message, value)
        return ABSENT
    return run.convert(rule.get, value, rule.span, place)


def _read_group(rule: Group, vendor: dict[str, Any], at: Place, run: Run) -> Any:
    value = _look(rule, vendor, at, run)
    if value is ABSENT or contains(rule.unset.read, value):
        return ABSENT
    place = (*at, *rule.vendor)
    if not isinstance(value, dict):
        run.fault(
            codes.WRONG_CONTAINER, rule.span, place, f"{rule.vendor[-1]} must be an object", value
        )
        return ABSENT
    return read_members(rule.members, value, place, run) or ABSENT


def _read_listing(rule: Listing, vendor: dict[str, Any], at: Place, run: Run) -> Any:
    value = _look(rule, vendor, at, run)
    if value is ABSENT or contains(rule.unset.read, value):
        return ABSENT
    place = (*at, *rule.vendor)
    if not isinstance(value, list):
        run.fault(
            codes.WRONG_CONTAINER, rule.span, place, f"{rule.vendor[-1]} must be a list", value
        )
        return ABSENT
    return [_read_item(rule, item, (*place, index), run) for index, item in enumerate(value)]


def _read_item(rule: Listing, item: Any, place: Place, run: Run) -> dict[str, Any]:
    if isinstance(item, dict):
        return read_members(rule.members, item, place, run)
    run.fault(
        codes.WRONG_CONTAINER, rule.span, place, f"items of {rule.vendor[-1]} must be objects", item
    )
    return {}


def _read_single(rule: Single, vendor: dict[str, Any], at: Place, run: Run) -> list[dict[str, Any]]:
    item = read_members(rule.members, vendor, at, run)
    return [] if is_within(item, constants_of(rule.members)) else [item]


def _read_slots(rule: Slots, vendor: dict[str, Any], at: Place, run: Run) -> list[dict[str, Any]]:
    held = [slot for slot in rule.slots if is_filled(slot, rule.mark, vendor)]
    full = len(held) == len(rule.slots)
    return [read_members(members_of(slot, rule, full=full), vendor, at, run) for slot in held]


def is_filled(slot: tuple[Lowered, ...], mark: Steps, vendor: dict[str, Any]) -> bool:
    """Whether the *mark* of a slot has a value in the *vendor* object."""
    leaf = next(rule for rule in slot if rule.common == mark)
    assert isinstance(leaf, Leaf)  # noqa: S101 - parsing refuses any other kind as a mark
    return has_value(leaf, vendor)


def has_value(leaf: Leaf, vendor: dict[str, Any]) -> bool:
    """Whether the *vendor* object says something else than "no value" where *leaf* reads."""
    value = find(vendor, leaf.vendor)
    return value is not ABSENT and not contains(leaf.unset.read, value)
