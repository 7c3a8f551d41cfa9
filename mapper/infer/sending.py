"""What callers may send as common objects, by the canonical schema."""

from msgspec.structs import replace

from mapper.infer.types import ANY, Member, Objects, Type


def sent(given: Type) -> Type:
    """Return the type of what callers may send: objects have the members that the schema names."""
    lists, objects = given.lists, given.objects
    if lists is not None and lists.of is not None:
        lists = replace(lists, of=sent(lists.of))
    if objects is not None:
        objects = _sent_objects(objects)
    return replace(given, lists=lists, objects=objects)


def _sent_objects(given: Objects) -> Objects:
    members = {
        name: replace(member, type=sent(member.type)) for name, member in given.members.items()
    }
    closed = given.closed or (bool(members) and given.rest == ANY)
    return Objects(members, closed, given.of, tuple(map(_sent_objects, given.branches)))


def partial(given: Type) -> Type:
    """Return the type of objects any members of which may be missing, as callers may send them."""
    if given.lists is not None and given.lists.of is not None:
        given = replace(given, lists=replace(given.lists, of=partial(given.lists.of)))
    objects = given.objects
    if objects is None:
        return given
    members = {
        name: Member(partial(member.type), required=False)
        for name, member in objects.members.items()
    }
    branches = [partial(Type(objects=each)).objects for each in objects.branches]
    known = tuple(each for each in branches if each is not None)
    return replace(given, objects=Objects(members, objects.closed, objects.of, known))
