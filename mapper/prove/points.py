"""The points by which coverage is counted: what is one, and how it is named."""

import json
from typing import Any, Literal, NamedTuple

from mapper.lower import Group, Leaf, Listing, Lowered, can_clear
from mapper.model import Access, show_path
from mapper.values import Steps

Direction = Literal["from_vendor", "to_vendor"]
Mode = Literal["create", "update", "request"]


class Point(NamedTuple):
    """What should be exercised: a rule in one direction, with a value or in a case of its own.

    Attributes:
        path: The rule's common path, as people write it; a slot is counted from 1. "" is the
            mapping as a whole.
        direction: ``from_vendor`` or ``to_vendor``.
        value: The value as JSON: the vendor's when reading, the common one when writing.
        case: What is told apart beside values: how it is written, how a value is spelt, what
            becomes of an item, or the code with which something is refused.
    """

    path: str
    direction: Direction
    value: str | None = None
    case: str | None = None

    def __str__(self) -> str:
        shown = "" if self.value is None else f" = {self.value}"
        case = "" if self.case is None else f" ({self.case})"
        return f"{self.path or 'the mapping'} {self.direction}{shown}{case}"


def joined(at: str, steps: Steps) -> str:
    """Return the path for people of what lies at *steps* below *at*."""
    return f"{at}.{show_path(steps)}" if at else show_path(steps)


def as_json(value: Any) -> str:
    """Return *value* as the text by which points tell values apart."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def is_clearable(rule: Lowered) -> bool:
    """Whether an edit can clear what *rule* gives by itself."""
    if not isinstance(rule, Leaf | Group | Listing):
        return False
    return rule.access in (Access.READ_WRITE, Access.WRITE) and can_clear(rule.unset)
