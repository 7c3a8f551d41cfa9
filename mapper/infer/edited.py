"""What stands in a vendor object once it is written: what rules give it, and what an edit keeps."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from mapper import codes
from mapper.infer.evaluating import convert, expression_type
from mapper.infer.fitting import alternatives, values_of
from mapper.infer.reading import look
from mapper.infer.schemas import meet, type_of_schema, type_of_value
from mapper.infer.scope import Scope
from mapper.infer.sending import partial
from mapper.infer.taking import Constants, is_for_creating, picked_of, union_of
from mapper.infer.types import NOTHING, Lists, Member, Objects, Type, inhabits, join
from mapper.lower import Formula, Group, Leaf, Listing, Lowered, Single, Slots, inner_rules
from mapper.model import Access, Unset
from mapper.schema import Schema, descend, items_of
from mapper.values import ABSENT, Steps

_MANY_VALUES = 50
"""Of more values of a tag, types do not tell each."""


class Way(Enum):
    """How an object comes about.

    A new one is made of what is given, and a request says what to clear besides. An edit writes
    what is given into what was read; the body of one has the members in which something is written,
    each whole. Of what is kept, nothing is written.
    """

    CREATE = "create"
    REQUEST = "request"
    EDIT = "edit"
    BODY = "body"
    KEEP = "keep"


def _all_of(old: Type) -> Type:
    return old


def _none_of(_: Type) -> Type:
    return NOTHING


class Wrote(Struct, frozen=True):
    """What one rule makes of the common objects of some type.

    Attributes:
        steps: Where, from the vendor object on.
        access: Of the rule.
        new: What it writes of what is given.
        cleared: What it writes for no value.
        lacks: Whether there may be no value.
        edited: What it makes of what was there, beside what is new.
        stays: What it leaves as it was, of what was there.
        holds: Whether it is an object, in which others say what stands.
        emptied: What a place of a list gets that is emptied, though it is only set when creating.
    """

    steps: Steps
    access: Access
    new: Type = NOTHING
    cleared: Type = NOTHING
    lacks: bool = True
    edited: Callable[[Type], Type] = _none_of
    stays: Callable[[Type], Type] = _all_of
    holds: bool = False
    emptied: Type = NOTHING

    def made(self, old: Type, way: Way) -> Type:
        """Return what stands there where *old* was."""
        if self.access is Access.CREATE and way is not Way.CREATE:
            kept = NOTHING if way is Way.REQUEST else old
            return kept if way is Way.KEEP else kept | self.emptied
        match way:
            case Way.CREATE:
                return self.new
            case Way.REQUEST:
                return self.new | self.cleared
            case Way.EDIT | Way.BODY:
                written = self.new | self.cleared if self.lacks else self.new
                return written | self.edited(old) | self.stays(old)
            case Way.KEEP:
                return self.stays(old)


def kept_type(schema: Schema, *, creates: bool = False) -> Type:
    """Return the type of what travels of a value that was read and is kept."""
    own = _own_kept(replace(schema, branches=()) if schema.branches else schema, creates=creates)
    if not schema.branches:
        return own
    return meet(own, join(kept_type(branch, creates=creates) for branch in schema.branches))


def _own_kept(schema: Schema, *, creates: bool) -> Type:
    made = type_of_schema(schema)
    lists, objects = made.lists, made.objects
    if lists is not None and schema.item is not None:
        lists = replace(lists, of=_kept_item(schema.item, picked_of(schema)))
    if objects is not None and schema.own:
        members = {
            name: Member(kept_type(member, creates=creates), _is_there(name, schema))
            for name, member in schema.own.items()
            if _is_kept(member, creates=creates)
        }
        objects = Objects(members, closed=True)
    return replace(made, lists=lists, objects=objects)


def _kept_item(item: Schema, picked: str | None) -> Type:
    member = item.member(picked) if picked is not None else None
    if picked is None or member is None:
        return kept_type(item, creates=True)
    kept = Member(kept_type(member, creates=True), picked in item.required)
    return Type(objects=Objects({picked: kept}, closed=True))


def _is_there(name: str, schema: Schema) -> bool:
    """Whether a member is always there; that one which creating needs may not be, others say.

    What is never read need not be there either.
    """
    says = schema.own[name].annotation
    needed = says("x-required-on") == "create"
    return needed or (name in schema.raw.get("required", ()) and not says("writeOnly"))


def _is_kept(member: Schema, *, creates: bool) -> bool:
    return not member.is_read_only and (creates or member.annotation("x-write") != "create")


# Objects ------------------------------------------------------------------------------------------


class Place(Struct, frozen=True):
    """A vendor object that rules write.

    Attributes:
        rules: Those that write it, and others around it.
        around: The schema of the object that these write.
        at: Where in that it lies.
        scope: Theirs, in which nothing is reported.
        constants: What creating writes besides, with paths from there.
    """

    rules: tuple[Lowered, ...]
    around: Schema | None
    at: Steps
    scope: Scope
    constants: Constants = ()

    def objects(self, common: Type, base: Type, way: Way) -> Iterator[Type]:
        """Yield the types of what stands there for each kind of *common* and *base* objects."""
        bases = [None] if way in (Way.CREATE, Way.REQUEST) else _forms(base)
        for one in _forms(common):
            for given, tag in self._by_tag(Type(objects=one)):
                wrote = list(self._wrote(given, way))
                for each in bases if wrote else ():
                    yield from _tagged(wrote, each, way, tag)

    def _wrote(self, given: Type, way: Way) -> Iterator[Wrote]:
        found = _all_wrote(self.rules, given, self.around, self.scope)
        if way is Way.CREATE:
            constants = (Wrote(steps, Access.CREATE, value) for steps, value in self.constants)
            found = chain(found, constants)
        depth = len(self.at)
        for each in found:
            if len(each.steps) > depth and each.steps[:depth] == self.at:
                yield replace(each, steps=each.steps[depth:])

    def _by_tag(self, common: Type) -> list[tuple[Type, str | None]]:
        """Return the types of common objects with each value of what tells the forms apart."""
        for steps, name in self._tags():
            found, always = look(common, steps)
            values = values_of(found.without_null())
            if values is not None and len(values) <= _MANY_VALUES:
                types = [*map(type_of_value, values), *([] if always else [NOTHING])]
                return [(_with_value(common, steps, each), name) for each in types]
        return [(common, None)]

    def _tags(self) -> Iterator[tuple[Steps, str]]:
        """Yield the common paths of what is written as a tag, and the name of the tag."""
        union = union_of(descend(self.around, self.at))
        for rule in self.rules if union is not None else ():
            if isinstance(rule, Leaf) and rule.access is not Access.READ and union is not None:
                *around, name = rule.vendor
                if tuple(around) == self.at and _is_tag(name, union):
                    yield rule.common, name


def _is_tag(name: str, union: Schema) -> bool:
    """Whether a member has listed values in each branch of a union."""
    tags = [branch.own.get(name) for branch in union.branches]
    return all(each is not None and each.enum is not None for each in tags)


def _forms(given: Type) -> list[Objects]:
    """Return the types of the objects of each form that there is."""
    if given.objects is None:
        return []
    apart = [each.objects for each in alternatives(Type(objects=given.objects))]
    return [each for each in apart if each is not None]


def _with_value(common: Type, steps: Steps, value: Type) -> Type:
    if not steps or common.objects is None:
        return value
    inner, _ = look(common, steps[:1])
    member = Member(_with_value(inner, steps[1:], value), required=not value.is_empty)
    members = {**common.objects.members, steps[0]: member}
    return Type(objects=replace(common.objects, members=members))


def _tagged(wrote: list[Wrote], base: Objects | None, way: Way, tag: str | None) -> Iterator[Type]:
    """Yield what stands in an object of which the tag is kept, and in one that has another."""
    held = base.members.get(tag) if base is not None and tag is not None else None
    tags = [each for each in wrote if each.steps == (tag,) and each.access is not Access.CREATE]
    if held is None or way not in (Way.EDIT, Way.BODY) or not tags:
        yield from _object(wrote, base, way)
        return
    others = [each for each in wrote if each.steps != (tag,)]
    for one in tags:
        kept = one.stays(held.type)
        is_kept = held.required and _lies_in(held.type, kept)
        changed = NOTHING if is_kept else one.made(NOTHING, Way.EDIT)
        for value in (kept, changed):
            if not value.is_empty:
                fixed = Wrote(one.steps, Access.READ_WRITE, value, lacks=False, stays=_none_of)
                yield from _object([*others, fixed], base, way)


def _lies_in(given: Type, other: Type) -> bool:
    """Whether all values of a type, which are listed, are of another one."""
    listed = [values_of(piece) for _, piece in given.pieces()]
    return all(each is not None and all(inhabits(it, other) for it in each) for each in listed)


def _object(wrote: Iterable[Wrote], base: Objects | None, way: Way) -> Iterator[Type]:
    """Yield the type of an object; none if a member would have to go that is always there."""
    if way is Way.BODY:
        yield _body(wrote, base)
        return
    members = dict(base.members) if base is not None else {}
    for name, found in _by_member(wrote).items():
        old = members.get(name, Member(NOTHING))
        made = _value(found, old.type, way)
        if old.required and made.is_empty:
            return
        members[name] = Member(made, old.required)
    yield Type(objects=Objects(members, closed=True))


def _body(wrote: Iterable[Wrote], base: Objects | None) -> Type:
    """Return the type of the body of an edit: what stays as it was is in it only within others."""
    members = {}
    for name, found in _by_member(wrote).items():
        edits = [replace(each, stays=_none_of) if len(each.steps) == 1 else each for each in found]
        old = base.members[name].type if base is not None and name in base.members else NOTHING
        inside = Type(lists=old.lists, objects=old.objects)
        if not all(each.made(NOTHING, Way.REQUEST).is_empty for each in edits):
            members[name] = Member(_value(edits, inside, Way.EDIT), required=False)
    return Type(objects=Objects(members, closed=True))


def _by_member(wrote: Iterable[Wrote]) -> dict[str, list[Wrote]]:
    found: dict[str, list[Wrote]] = {}
    for each in wrote:
        found.setdefault(each.steps[0], []).append(each)
    return found


def _value(wrote: list[Wrote], old: Type, way: Way) -> Type:
    here = [each for each in wrote if len(each.steps) == 1]
    deeper = [replace(each, steps=each.steps[1:]) for each in wrote if len(each.steps) > 1]
    found = join(each.made(old, way) for each in here)
    if deeper and way is not Way.KEEP:
        anew = Way.CREATE if way is Way.EDIT else way
        given = [each for each in deeper if not each.made(NOTHING, anew).is_empty]
        found |= join(_object(given, None, anew) if given else ())
    if way in (Way.EDIT, Way.KEEP) and (deeper or any(each.holds for each in here)):
        for base in _forms(old):
            found |= join(_object(deeper, base, way))
        if not here and all(each.lacks for each in deeper):
            found |= replace(old, objects=None)
    return found


# Rules --------------------------------------------------------------------------------------------


def _all_wrote(
    rules: Sequence[Lowered], common: Type, vendor: Schema | None, scope: Scope
) -> Iterator[Wrote]:
    """Yield what *rules* make of *common* objects in those of a *vendor* schema."""
    for rule in rules:
        if rule.access is Access.READ:
            continue
        found, always = look(common, rule.common)
        given, lacks = found.without_null(), not always
        match rule:
            case Leaf():
                yield _of_leaf(rule, given, scope, lacks=lacks)
            case Formula(writes=writes):
                side = codes.UNKNOWN_COMMON_PATH, ""
                for write in writes:
                    made = expression_type(write.expression, partial(common, rules), side, scope)
                    yield Wrote(write.vendor, rule.access, made.without_null())
            case Group(vendor=steps):
                for each in _all_wrote(rule.members, given, descend(vendor, steps), scope):
                    yield replace(each, steps=(*steps, *each.steps), lacks=each.lacks or lacks)
                if steps:
                    yield replace(_of_container(rule, lacks=lacks), holds=True)
            case Listing():
                items = items_of(descend(vendor, rule.vendor))
                place = Place(rule.members, items, (), scope)
                yield _of_listing(rule, given.lists, place, lacks=lacks)
            case Single() | Slots():
                yield from _of_places(rule, given, vendor, scope)
            case _:
                pass


def _of_places(
    rule: Single | Slots, given: Type, vendor: Schema | None, scope: Scope
) -> Iterator[Wrote]:
    """Yield what is made of a list in members beside others, each of which may stay as it was."""
    item = given.lists.item if given.lists is not None else NOTHING
    for members in inner_rules(rule):
        emptied = {each.vendor for each in members if isinstance(each, Leaf)}
        for each in _all_wrote(members, item, vendor, scope):
            new = NOTHING if given.lists is None else each.new
            is_sent = each.steps in emptied and not is_for_creating(each.steps, vendor)
            left = each.cleared if is_sent and isinstance(rule, Slots) else NOTHING
            yield replace(each, new=new, lacks=True, stays=_all_of, emptied=left)


def _of_leaf(rule: Leaf, given: Type, scope: Scope, *, lacks: bool) -> Wrote:
    """Return what a rule makes of its *given* values."""
    new = given
    if rule.default.create is not ABSENT and rule.default.create is not None:
        new |= type_of_value(rule.default.create)
    written = new if new.is_empty else convert(rule.put, new, rule, scope, reading=False)
    return Wrote(
        rule.vendor,
        rule.access,
        written.without_null(),
        _cleared(rule.unset),
        lacks,
        stays=lambda old: _left_of_leaf(rule, given, old, scope, lacks=lacks),
    )


def _cleared(unset: Unset) -> Type:
    return NOTHING if unset.clear is ABSENT else type_of_value(unset.clear)


def _left_of_leaf(rule: Leaf, given: Type, old: Type, scope: Scope, *, lacks: bool) -> Type:
    """Return what an edit leaves of *old*: what reads as one of the *given* values, or as none."""
    if rule.access is Access.WRITE:
        return old if lacks else NOTHING
    absent = lacks or rule.default.read is not ABSENT
    left = _unset_of(rule.unset, old) if absent else NOTHING
    read = old.without_null() if None in rule.unset.read else old
    if rule.get is None:
        return left | meet(read, given)
    for _, piece in read.pieces():
        for each in alternatives(piece):
            found = convert(rule.get, each, rule, scope, reading=True)
            if not meet(found.without_null(), given).is_empty:
                left |= each
    return left


def _unset_of(unset: Unset, old: Type) -> Type:
    """Return what of *old* reads as no value."""
    return join(type_of_value(each) for each in unset.read if inhabits(each, old))


def _of_container(rule: Group | Listing, *, lacks: bool) -> Wrote:
    """Return what is made of no object, or no list."""

    def stays(old: Type) -> Type:
        if not lacks:
            return NOTHING
        # What is only written is not known where it is not given, and is not cleared.
        return old if rule.access is Access.WRITE else _unset_of(rule.unset, old)

    return Wrote(rule.vendor, rule.access, NOTHING, _cleared(rule.unset), lacks, stays=stays)


def _of_listing(rule: Listing, lists: Lists | None, place: Place, *, lacks: bool) -> Wrote:
    """Return what is made of lists, which *place* says of their items."""
    without = _of_container(rule, lacks=lacks)
    if lists is None:
        return without

    def listed(old: Type, way: Way) -> Type:
        item = old.lists.item if old.lists is not None else NOTHING
        found = join(place.objects(lists.item, item, way))
        return Type(lists=replace(lists, of=found, first=()))

    def stays(old: Type) -> Type:
        if rule.access is Access.WRITE:
            return without.stays(old)
        kept = NOTHING if old.lists is None else listed(old, Way.KEEP)
        return kept | without.stays(old)

    def edited(old: Type) -> Type:
        has_partners = rule.key is not None and old.lists is not None
        return listed(old, Way.EDIT) if has_partners else NOTHING

    return replace(without, new=listed(NOTHING, Way.CREATE), edited=edited, stays=stays)
