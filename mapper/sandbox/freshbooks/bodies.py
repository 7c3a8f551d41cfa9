"""A request's body, member by member, as the object then shows it.

An update is partial by top-level member; a list replaces the old one (section 1, rule 31). What
is in no table is ignored, as FreshBooks ignores what its own pages send beside (section 9.1).
"""

import re
from copy import deepcopy
from datetime import datetime
from typing import Any, NamedTuple

from mapper.sandbox.freshbooks.members import EASTERN, MISSING, UTC, Member, Members
from mapper.sandbox.freshbooks.objects import Account, Object, Objects
from mapper.sandbox.freshbooks.refusals import (
    INVALID_VALUE,
    REQUIRED_FIELD,
    WRITE_DENIED,
    WRONG_TYPE,
    VendorError,
)
from mapper.sandbox.freshbooks.values import money, shown, stamp

Json = Any

MOST_REMINDERS = 3  # section 9.2.4
_READ_AS = {"allowed_gatewayids": "allowed_gateways", "compounded_taxes": "compounded_tax"}


class Write(NamedTuple):
    """One request under way, and what its parts need to know of the whole.

    ``owner`` is the id member and the id of the object that is written, which nested objects
    repeat; ``currency`` is that of amounts which name none.
    """

    objects: Objects
    account: Account
    now: datetime
    creating: bool
    owner: tuple[str, int]
    currency: str


def new(members: Members) -> Object:
    """Return what an object shows of these members before any of them is written."""
    return {
        name: deepcopy(member.default)
        for name, member in members.items()
        if member.default is not MISSING
    }


def typed(members: Members, body: Object) -> Object:
    """Return a body whose texts are numbers and flags where the members are: tables have text only.

    What is no number, or no flag, stays as it is, to be refused.
    """
    return {
        name: _typed(members[name], value) if name in members else value
        for name, value in body.items()
    }


def _typed(member: Member, value: Json) -> Json:
    match member.kind, value:
        case "boolean", "true" | "false":
            return value == "true"
        case "integer", str() if re.fullmatch(r"-?[0-9]{1,15}", value):
            return int(value)
        case "object", dict():
            return typed(member.items or {}, value)
        case "list", list():
            items = member.items or {}
            return [typed(items, each) if isinstance(each, dict) else each for each in value]
        case _:
            return value


def require(body: Object, names: tuple[str, ...], title: str) -> None:
    """Refuse a create without one of these members."""
    for name in names:
        if body.get(name) in (None, "", {}):
            raise VendorError(
                REQUIRED_FIELD, f"{name} is required.", field=name, object_=title.lower()
            )


def written(write: Write, members: Members, body: Json, before: Object, place: str = "") -> Object:
    """Return what *body* makes of an object's members, without those that it leaves alone."""
    if not isinstance(body, dict):
        where = place.rstrip(".") or "the body"
        raise VendorError(WRONG_TYPE, f"{where} must be an object.", field=where, value=body)
    after: Object = {}
    for name, value in body.items():
        member = members.get(name)
        field, read_as = place + name, _READ_AS.get(name, str(name))
        if name == "lineid" and write.account.keeps_line_ids and not write.creating:
            after[name] = shown(Member("id"), value, field)
        elif member is None or not _is_taken(write, member, field, value):
            continue
        else:
            form = _form(write, name, member, value, before.get(read_as), field)
            if member.access in {"write", "create"} and form is not MISSING:
                after[read_as] = form
    return after


def _is_taken(write: Write, member: Member, field: str, value: Json) -> bool:
    """Whether this request may write the member; what is not writable is ignored or refused."""
    match member.access:
        case "write" | "once":
            return True
        case "action":
            return not write.creating
        case "create" if write.creating:
            return True
        case "create" | "read" if write.account.read_only == "ignored":
            return False
        case _:
            raise VendorError(WRITE_DENIED, f"{field} cannot be written.", field=field, value=value)


def _form(write: Write, name: str, member: Member, value: Json, before: Json, field: str) -> Json:
    """Return how the value is read, or MISSING where the write leaves the member alone."""
    if value is None:
        return _cleared(write, member, field)
    match member.kind:
        case "money":
            return money(value, write.currency, field)
        case "object":
            items = member.items or {}
            old = before or new(items) | _made(write, name)
            touched = {"updated_at": stamp(write.now, EASTERN)} if before else {}
            renewed = touched if "updated_at" in old else {}
            return old | renewed | written(write, items, value, old, f"{field}.")
        case "list":
            return _list(write, name, member.items or {}, value, field)
        case _:
            return shown(member, value, field)


def _cleared(write: Write, member: Member, field: str) -> Json:
    if not write.account.null_clears:
        return MISSING
    if member.null is MISSING:
        raise VendorError(INVALID_VALUE, f"{field} cannot be empty.", field=field)
    return deepcopy(member.null)


def _list(write: Write, name: str, items: Members, value: Json, field: str) -> list[Object]:
    if not isinstance(value, list) or (name == "late_reminders" and len(value) > MOST_REMINDERS):
        raise VendorError(WRONG_TYPE, f"{field} must be a list.", field=field, value=value)
    return [
        _made(write, name) | new(items) | written(write, items, each, {}, f"{field}[{index}].")
        for index, each in enumerate(value)
    ]


def _made(write: Write, name: str) -> Object:
    """Return what FreshBooks adds to a new nested object of that name."""
    owner = {write.owner[0]: write.owner[1]}
    match name:
        case "lines":  # lineid and taskno follow from the place, amount from the price
            return owner | {"updated": stamp(write.now, EASTERN)}
        case "contacts":
            return {"contactid": write.objects.new_id(), **owner}
        case "late_fee" | "late_reminders":  # the zone of these two is not recorded
            made = {"created_at": stamp(write.now, EASTERN), "updated_at": None}
            return owner | made | ({"compounded_tax": False} if name == "late_fee" else {})
        case "presentation":
            return owner
        case "attachments":
            key = write.objects.new_id()
            return {"id": key, "attachmentid": key, "expenseid": None}
        case _:  # tax_defaults
            now = stamp(write.now, UTC)
            return {"taxid": write.objects.new_id(), **owner, "created_at": now, "updated_at": now}
