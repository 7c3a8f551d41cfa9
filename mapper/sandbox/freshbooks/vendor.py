"""FreshBooks' accounting API as the element ``freshbooksv2`` meets it, without its envelopes."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from mapper.sandbox.freshbooks.bodies import Write, new, require, typed, written
from mapper.sandbox.freshbooks.filters import NEEDS, Search, found
from mapper.sandbox.freshbooks.invoices import DRAFT, SENT
from mapper.sandbox.freshbooks.lists import PER_PAGE, Page, in_order, paged
from mapper.sandbox.freshbooks.members import RESOURCES, Resource
from mapper.sandbox.freshbooks.objects import Account, Object, Objects
from mapper.sandbox.freshbooks.references import number, stored
from mapper.sandbox.freshbooks.rules import completed, consequent, settle
from mapper.sandbox.freshbooks.values import stamp
from mapper.sandbox.freshbooks.views import view

Json = Any

_ACTIONS = ("action_mark_as_sent", "action_email")


class FreshBooks:
    """One account at one instant: every call reads and writes *objects* alone.

    Bodies and answers are bare objects. A call that FreshBooks refuses raises ``VendorError``;
    run each call in a transaction of the store, so that a refused one leaves nothing behind.
    """

    def __init__(self, objects: Objects, now: datetime, account: Account | None = None) -> None:
        self._objects = objects
        self._now = now
        self._account = account or Account()

    def find(
        self,
        resource: str,
        search: Search | None = None,
        *,
        sort: str = "",
        includes: Collection[str] = (),
    ) -> list[Object]:
        """Return every object that the search finds: active and archived ones unless it says more.

        Raises:
            VendorError: A filter cannot use its value.
        """
        wanted = search or {}
        needed = {member for name, member in NEEDS.items() if name in wanted}
        rows = self._objects.list(resource)
        shown = (self._shown(resource, row, {*includes, *needed}) for row in rows)
        kept = in_order(resource, found(resource, shown, wanted), sort)
        extra = needed - set(includes)
        return [{name: row[name] for name in row if name not in extra} for row in kept]

    def page(
        self,
        resource: str,
        search: Search | None = None,
        *,
        page: Json = 1,
        per_page: Json = PER_PAGE,
        sort: str = "",
        includes: Collection[str] = (),
    ) -> Page:
        """Return one page of a list, as FreshBooks pages it."""
        return paged(self.find(resource, search, sort=sort, includes=includes), page, per_page)

    def read(self, resource: str, key: Json, includes: Collection[str] = ()) -> Object:
        """Return the object; a deleted one too, but for taxes (section 1, rule 6)."""
        return self._shown(resource, stored(self._objects, resource, key), includes)

    def create(
        self, resource: str, body: Json, includes: Collection[str] = (), *, key: int | None = None
    ) -> Object:
        """Return the new object as it is shown. A seed may say which id it gets."""
        kind = RESOURCES[resource]
        own_id = self._objects.new_id() if key is None else key
        write = self._write(kind, own_id, body, {})
        base = new(kind.members) | self._made(kind, own_id)
        row = base | written(write, kind.members, body, base)
        require(body, kind.required, kind.title)
        return self._stored(write, resource, completed(write, resource, row, body), {}, includes)

    def typed(self, resource: str, body: Object) -> Object:
        """Return a body from a table, whose texts become numbers and flags where members are."""
        return typed(RESOURCES[resource].members, body)

    def update(
        self, resource: str, key: Json, body: Json, includes: Collection[str] = ()
    ) -> Object:
        """Return the object after one phase of *body*; what is of a later phase is dropped."""
        kind = RESOURCES[resource]
        before = stored(self._objects, resource, key)
        phase = _phase(kind, body)
        if phase == {}:
            return self._shown(resource, before, includes)
        write = self._write(kind, before[kind.key], phase, before)
        changes = written(write, kind.members, phase, before) | _sent(before, phase)
        member, zone = kind.updated
        row = before | changes | {member: stamp(self._now, zone)}
        return self._stored(write, resource, row, before, includes)

    def delete(self, resource: str, key: Json) -> Object:
        """Delete the object: a tax for good, anything else by its ``vis_state`` (rule 5)."""
        kind = RESOURCES[resource]
        if "vis_state" in kind.members:
            return self.update(resource, key, {"vis_state": 1})
        self._objects.delete(resource, stored(self._objects, resource, key)[kind.key])
        return {}

    def do_itself(self, resource: str, key: Json, members: Object) -> None:
        """Set members that no request writes, as FreshBooks does of its own accord, for seeds."""
        before = stored(self._objects, resource, key)
        row = before | members
        self._stored(self._write(RESOURCES[resource], 0, {}, before), resource, row, row, ())

    def _shown(self, resource: str, row: Object, includes: Collection[str]) -> Object:
        return view(self._objects, resource, row, self._now, includes)

    def _write(self, kind: Resource, own_id: int, body: Json, before: Object) -> Write:
        return Write(
            objects=self._objects,
            account=self._account,
            now=self._now,
            creating=not before,
            owner=(kind.ids[-1], own_id),
            currency=self._currency(kind, body, before),
        )

    def _currency(self, kind: Resource, body: Json, before: Object) -> str:
        """Return the currency of amounts that name none: that of the document (section 3.1)."""
        given: Object = body if isinstance(body, dict) else {}
        sources = [given, before] if "currency_code" in kind.members else []
        for resource, member in kind.currency_of:
            sources.append(self._objects.get(resource, number(given.get(member))) or {})
        for source in sources:
            named = source.get("currency_code")
            if isinstance(named, str) and named:
                return named.upper()
        money = (before[name] for name in ("amount", "unit_cost") if name in before)
        codes = (value["code"] for value in money if isinstance(value, dict))
        return next(codes, self._account.currency)

    def _made(self, kind: Resource, own_id: int) -> Object:
        """Return ids, account and stamps of a new object."""
        made: Object = dict.fromkeys(kind.ids, own_id)
        made |= dict.fromkeys(kind.account, self._account.account_id)
        for name, zone in filter(None, (kind.created, kind.updated)):
            made[name] = stamp(self._now, zone)
        if kind.has_uuid:
            made["uuid"] = str(uuid5(NAMESPACE_OID, f"{self._account.account_id}/{own_id}"))
        return made

    def _stored(
        self,
        write: Write,
        resource: str,
        row: Object,
        before: Object,
        includes: Collection[str],
    ) -> Object:
        """Store the object with all that follows from the write, and return it as it is shown."""
        row = consequent(write, resource, row, before)
        self._objects.put(resource, row[RESOURCES[resource].key], row)
        if resource == "payments":
            settle(write, row["invoiceid"])
        return self._shown(resource, row, includes)


def _phase(kind: Resource, body: Json) -> Json:
    """Return the part of an update that FreshBooks processes, that of the first phase in it.

    Section 3.5: ``ext_vis_state``, then ``vis_state``, then actions, then data; the rest of the
    body is dropped without an error.
    """
    if not isinstance(body, dict) or "vis_state" not in kind.members:
        return body
    if "ext_vis_state" in body:
        return {}
    if "vis_state" in body:
        return {"vis_state": body["vis_state"]}
    actions = {name for name, member in kind.members.items() if member.access == "action"}
    if actions.intersection(_ACTIONS, body):
        return {name: value for name, value in body.items() if name in actions}
    return body


def _sent(before: Object, phase: Json) -> Object:
    """Return the status after marking or mailing a draft as sent."""
    acts = any(phase.get(name) for name in _ACTIONS)
    return {"status": SENT} if acts and before.get("status") == DRAFT else {}
