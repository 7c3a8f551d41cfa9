"""What of a subschema does not go together: names that name nothing, and what nothing heeds."""

from collections.abc import Iterator
from typing import NamedTuple

from mapper.diagnostics import PointerSteps, did_you_mean, show_name
from mapper.schema.subschema import AS_ANOTHER, Schema, alters, written_name
from mapper.schema.vocabulary import WRITING, Fault


def alone(schema: Schema) -> Iterator[Schema]:
    """Yield *schema*, and the branches of its union that stand for themselves.

    Beside members of the union a branch is a condition of them.
    """
    yield schema
    for branch in () if schema.own else schema.branches:
        yield from alone(branch)


def inconsistencies(schema: Schema) -> Iterator[Fault]:
    """Yield names in *schema* that name nothing, and what stands where nothing heeds it."""
    if schema.own:
        for name in schema.raw.get("required", ()):
            if name not in schema.own:
                message = f"required names {show_name(name)}, which is not a member"
                yield ("required",), message, did_you_mean(name, schema.own)
        for branch in schema.branches:
            for name in branch.members():
                if name not in schema.own:
                    message = f"{show_name(name)} is a member only in a branch"
                    yield (
                        ("properties",),
                        message,
                        "name it under the properties beside the union as well",
                    )
    yield from _misnamed_items(schema)
    for name, says in schema.raw.get("x-filters", {}).items():
        inside: Schema | None = schema
        for step in says["member"].split("."):
            inside = inside.member(step) if inside is not None else None
        if inside is None:
            message = f"x-filters names {show_name(says['member'])}, which is not a member"
            hint = did_you_mean(says["member"], schema.own)
            yield ("x-filters", name, "member"), f"{message}, for {show_name(name)}", hint
    refused = schema.raw.get("x-refuse-body", {}).get("member")
    if refused is not None and refused not in schema.own:
        message = f"x-refuse-body names {show_name(refused)}, which is not a member"
        yield ("x-refuse-body", "member"), message, did_you_mean(refused, schema.own)
    yield from _clashes(schema)
    yield from _odd_keys(schema)
    yield from _odd_picks(schema)


def _misnamed_items(schema: Schema) -> Iterator[Fault]:
    """Yield the names of members that the items of a list do not have."""
    items = schema.items()
    says = schema.raw.get
    written_as = says("x-write-as")
    picked = written_as.get("items") if isinstance(written_as, dict) else None
    named: tuple[tuple[PointerSteps, str | None], ...] = (
        (("x-sends-key",), says("x-sends-key")),
        (("x-write-as", "items"), picked),
        (("x-unique",), says("x-unique") if items is not None and items.members() else None),
    )
    for steps, name in named:
        if name and not (items and items.member(name)):
            message = f"{steps[0]} names {show_name(name)}, which is not a member of the items"
            yield steps, message, did_you_mean(name, items.members()) if items else None


def _odd_keys(schema: Schema) -> Iterator[Fault]:
    """Yield why the key of a list's items cannot travel as it was read."""
    items = schema.items()
    if items is None:
        return
    if items.annotation("x-sends-key") is not None:
        hint = "say it of lists that are members of objects"
        yield ("items", "x-sends-key"), "the key of lists in a list is not sent", hint
    key: str = schema.raw.get("x-sends-key", "")
    member = items.member(key)
    if not key or member is None:
        return
    if AS_ANOTHER & member.annotations.keys() or member.members() or member.items():
        message = f"x-sends-key names {show_name(key)}, which is not sent as it is read"
        yield ("x-sends-key",), message, "a key is a single value, the same read and written"
    for name, other in items.members().items():
        if name != key and not other.is_read_only and written_name(name, other) == key:
            message = f"{show_name(name)} and the key are both sent as {show_name(key)}"
            yield ("x-sends-key",), message, f"correct the x-write-as of {show_name(name)}"


def _odd_picks(schema: Schema) -> Iterator[Fault]:
    """Yield that the member which is all that is sent of each item does not travel as it is."""
    items, written_as = schema.items(), schema.raw.get("x-write-as")
    if items is None or not isinstance(written_as, dict):
        return
    name = written_as["items"]
    picked = items.member(name)
    if picked is not None and (picked.members() or picked.items()) and alters(picked):
        message = f"x-write-as picks {show_name(name)}, and not all in it is sent as it is read"
        hint = "a single value is picked, or an object that is closed and written as it is"
        yield ("x-write-as", "items"), message, hint


_OF_WHOLE = "say it beside the union"
_OF_MEMBER = "name the members under `properties` beside the union too, and say it there"
_OF_ONE_BRANCH = "say in `x-write-invariants`, at the root, when it is needed"


class Unheeded(NamedTuple):
    """An annotation in one of several branches: the branch, its keyword, and what it is of."""

    branch: Schema
    keyword: str
    what: str
    hint: str


def unheeded(schema: Schema) -> Iterator[Unheeded]:
    """Yield what branches of *schema* say of writing, and members that several of them have."""
    if not schema.branches or schema.is_nullable:
        return
    for branch in schema.branches:
        said = (name for name, says in branch.annotations.items() if says and name in WRITING)
        yield from (Unheeded(branch, name, name, _OF_WHOLE) for name in said)
        yield from unheeded(branch)
        yield from _unheeded_members(branch, schema)
    for name, member in schema.members().items():
        if name not in schema.own and all(
            branch.member(name) is not member for branch in schema.branches
        ):
            for each in unheeded(member):
                yield each._replace(what=f"{each.what} of {show_name(name)}", hint=_OF_MEMBER)


def _unheeded_members(branch: Schema, around: Schema) -> Iterator[Unheeded]:
    """Yield what *branch* says of members that the schema *around* has as well, or it alone.

    What the schema beside a union says of a member holds for all branches, whatever these say. What
    creating needs in one branch only, it would need in all.
    """
    for name, member in branch.members().items():
        says, beside = member.annotations, around.own.get(name)
        found: list[str] = []
        hint = _OF_MEMBER
        if beside is not None:
            theirs = {"readOnly": False, **beside.annotations}
            found = [it for it in says if it in WRITING and says[it] != theirs.get(it)]
        elif (
            around.member(name) is member and says.get("x-required-on") and not member.is_read_only
        ):
            found, hint = ["x-required-on"], _OF_ONE_BRANCH
        for keyword in found:
            yield Unheeded(member, keyword, f"{keyword} of {show_name(name)}", hint)


def _clashes(schema: Schema) -> Iterator[Fault]:
    written: dict[str, str] = {}
    for name, member in schema.own.items():
        says = member.annotations
        if member.is_read_only:
            continue
        target = written_name(name, member) if "x-write-as" in says else name
        if target in written:
            both = f"{show_name(name)} and {show_name(written[target])}"
            message = f"{both} are both written as {show_name(target)}"
            renamed = name if "x-write-as" in says else written[target]
            steps = ("properties", renamed, "x-write-as")
            yield steps, message, "make one of them readOnly, or correct its x-write-as"
        written[target] = name
