"""Printed code agrees with the interpreter, and needs no help of it: laws of our own printer.

They go beside those of :mod:`mapper.prove.laws`, which hold for everybody's mappings.
"""

from typing import Any

from agreement import Disagreement, require_agreement, text

from mapper.prove.laws import LawBroken, Subject


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
        raise LawBroken("Agreement", (), str(error)) from error
    _require("no fallback", subject.mapper.fallbacks == before, (operation, *given), "a fallback")
    return agreed


def _require(law: str, holds: object, given: Any, got: Any) -> None:
    if not holds:
        raise LawBroken(law, (), f"{given} gives {got}")
