"""Printed code does what the interpreter does: the same result, or the same findings.

So does the script, for what the platform runs; of findings it gives one.

Beside that it changes nothing that it is given, and what it gives shares no object or list with
that, with what it gave before, or within itself.
"""

import json
from typing import Any

import scripts

from mapper.diagnostics import TransformError
from mapper.running import Mapper
from mapper.values import equal

OPERATIONS = {
    "from_vendor": "from_vendor",
    "create": "to_vendor",
    "update": "to_vendor",
    "steps": "update_steps",
    "request": "to_request",
}
"""What of a mapper is compared, by the name that cases have for it."""


class Disagreement(AssertionError):  # noqa: N818 - said as the docs say it
    """Printed code does something else; the message is the case."""


def outcome(mapper: Mapper, operation: str, *given: Any) -> tuple[str, Any]:
    """Return ("gives", result), ("fails", findings), or ("crashes", what was raised)."""
    try:
        return "gives", getattr(mapper, OPERATIONS[operation])(*given)
    except TransformError as error:
        return "fails", error.diagnostics
    except Exception as error:  # noqa: BLE001 - none is expected, and the case is shown
        return "crashes", repr(error)


def require_agreement(mapper: Mapper, operation: str, *given: Any) -> tuple[str, Any]:
    """Return the outcome of *operation*, which printed and interpreted code agree on.

    Raises:
        Disagreement: They do not; the message says on what.
    """
    before = text(given)
    found = outcome(mapper, operation, *given)
    wanted = outcome(mapper.interpreted, operation, *given)
    _require(text(given) == before, "an input was changed", operation, before)
    both = f"printed {shown(found)}\n  interpreted {shown(wanted)}"
    _require(_same(found, wanted) and found[0] != "crashes", both, operation, before)
    if operation in ("from_vendor", "request") and scripts.is_exact(given[0]):
        _require_script(mapper, operation, wanted, given[0])
    if found[0] == "gives":
        again = outcome(mapper, operation, *given)
        _require(text(again[1]) == text(found[1]), "twice differs", operation, before)
        inputs = {id(each) for each in containers(given)}
        made = [id(each) for each in containers([again[1], found[1]])]
        own = len(set(made)) == len(made) and inputs.isdisjoint(made)
        _require(own, f"a result shares: {shown(found)}", operation, before)
    return found


def _require_script(mapper: Mapper, operation: str, wanted: tuple[str, Any], given: Any) -> None:
    kind, result = scripts.outcome(mapper, operation, given)
    if kind == "gives":
        agrees = wanted[0] == "gives" and equal(result, json.loads(text(wanted[1])))
    else:
        agrees = wanted[0] == "fails" and result in [
            (each.rule.code, each.pointer) for each in wanted[1]
        ]
    both = f"script {kind} {text(result)}\n  interpreted {shown(wanted)}"
    _require(agrees, both, operation, text([given]))


def _same(found: tuple[str, Any], wanted: tuple[str, Any]) -> bool:
    if found[0] != wanted[0]:
        return False
    return text(found[1]) == text(wanted[1]) if found[0] == "gives" else found[1] == wanted[1]


def _require(holds: bool, what: str, operation: str, given: str) -> None:  # noqa: FBT001
    if not holds:
        raise Disagreement(f"{operation} of {given}:\n  {what}")


def shown(result: tuple[str, Any]) -> str:
    kind, value = result
    return f"{kind} {', '.join(map(str, value)) if kind == 'fails' else text(value)}"


def text(value: Any) -> str:
    """Return what is equal for two values exactly if they are the same JSON: 1 is not 1.0."""
    return json.dumps(value, sort_keys=True)


def containers(value: Any) -> list[Any]:
    """Return every object and list in *value*."""
    found, pending = [], [value]
    while pending:
        each = pending.pop()
        if isinstance(each, dict | list | tuple):
            pending.extend(each.values() if isinstance(each, dict) else each)
        if isinstance(each, dict | list):
            found.append(each)
    return found
