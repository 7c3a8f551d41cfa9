"""Refusals of edits: which belong to an edit, and which are a fault of the mapping."""

from collections.abc import Iterable
from typing import Any

from mapper import codes
from mapper.diagnostics import Diagnostic, TransformError, pointer_steps
from mapper.lower import Formula, Lowered, inner_rules
from mapper.policy import Policy
from mapper.running import Mapper
from mapper.values import ABSENT, equal, find

EXPECTED_REFUSALS = frozenset({
    codes.BROKEN_INVARIANT.code,
    codes.CANNOT_CLEAR.code,
    codes.NOT_SHOWN.code,
    codes.INCOMPLETE_REQUEST.code,
})  # fmt: skip
"""The codes with which some fitting edit may be refused; any other is a fault of the mapping."""


def is_refusal(error: TransformError) -> bool:
    """Whether *error* refuses an edit as the documents say, rather than failing on it."""
    return all(each.rule.code in EXPECTED_REFUSALS for each in error.diagnostics)


def unexpected(
    error: TransformError, mapper: Mapper, document: dict[str, Any], edited: dict[str, Any]
) -> tuple[Diagnostic, ...]:
    """Return what of *error* does not belong to this edit of *document*.

    A refusal belongs if the edit removes something (M513), if the document does not show what can
    be included (M515), if the vendor demands something of what it is sent (M502), if a value is
    written from several members together (M522), if the edited object lacks what the vendor needs
    in what travels whole (M523), or if a list is emptied whose one item stays in part (M512).
    """
    allowed = {codes.BROKEN_INVARIANT.code} if mapper.lowered.policy.demands else set[str]()
    old = mapper.from_vendor(document)
    if _removes(old, edited):
        allowed.add(codes.CANNOT_CLEAR.code)
    if _hides(mapper.lowered.policy, document):
        allowed.add(codes.NOT_SHOWN.code)
    if _writes_together(mapper.lowered.rules):
        allowed.add(codes.INCOMPLETE_REQUEST.code)
    return tuple(
        each
        for each in error.diagnostics
        if each.rule.code not in allowed
        and not _is_of(each, _pointed(edited, each.pointer), _pointed(old, each.pointer))
    )


def _is_of(found: Diagnostic, edited: Any, old: Any) -> bool:
    """Whether a refusal is of what *edited*, which it points at, lacks, or has by default as *old*.

    What reads by default is not written, as long as it is not edited.
    """
    if found.rule is codes.MISSING_ON_CREATE:  # which a rule could write
        return found.span is not None and (edited is ABSENT or equal(edited, old))
    return found.rule is codes.READ_ONLY_CHANGED and edited == []


def _pointed(value: Any, pointer: str | None) -> Any:
    """Return what is at a place in *value*, ABSENT if it is not there."""
    for step in pointer_steps(pointer):
        if isinstance(value, list):
            value = value[int(step)] if step.isdecimal() and int(step) < len(value) else ABSENT
        else:
            value = find(value, (step,))
    return value


def _removes(old: Any, edited: Any) -> bool:
    """Whether *edited* lacks something of *old*, or has another list, which places may need."""
    if isinstance(old, dict) and isinstance(edited, dict):
        return any(name not in edited or _removes(old[name], edited[name]) for name in old)
    return isinstance(old, list) and not equal(old, edited)


def _hides(policy: Policy, document: Any) -> bool:
    """Whether *document* lacks something that the vendor shows only when asked."""
    if isinstance(document, list):
        return policy.items is not None and any(_hides(policy.items, item) for item in document)
    if not isinstance(document, dict):
        return False
    return any(
        (member.include is not None and name not in document) or _hides(member, document.get(name))
        for name, member in policy.members.items()
    )


def _writes_together(rules: Iterable[Lowered]) -> bool:
    """Whether a rule writes one value from several members."""
    return any(
        (isinstance(rule, Formula) and len(rule.mentions) > 1)
        or any(_writes_together(members) for members in inner_rules(rule))
        for rule in rules
    )
