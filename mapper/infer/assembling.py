"""Common objects while they are put together of what rules read, and their shape."""

from collections.abc import Sequence
from enum import Enum
from itertools import takewhile

from msgspec import Struct, field
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Span
from mapper.infer.fitting import MISSING, misfits
from mapper.infer.scope import Scope, show_place
from mapper.infer.types import ANYTHING, NOTHING, Member, Objects, Type
from mapper.lower import Formula, Leaf, Lowered
from mapper.schema import Schema, descend
from mapper.values import ABSENT, Steps


class Read(Struct, frozen=True):
    """What a rule reads.

    Attributes:
        type: The type of it.
        always: Whether it always reads something.
        beyond: Whether it always reads something that is no constant.
        constant: Whether it never does.
        within: The vendor path of an object that is there wherever it reads something.
        sure: How much of that path has to lead to objects for it to always read something; None if
            that is not enough.
        rule: The rule.
        rules: Of an object, the rules of its members.
    """

    type: Type
    always: bool = True
    beyond: bool = True
    constant: bool = False
    within: Steps = ()
    sure: int | None = None
    rule: Lowered | None = None
    rules: dict[str, Lowered] = field(default_factory=dict)


NEVER = Read(NOTHING, always=False, beyond=False)
"""What is not read."""


class There(Enum):
    """When an object that rules read is there."""

    ALWAYS = "always"
    FILLED = "where it has members"
    BEYOND_CONSTANTS = "where it has members besides constants"

    def inside(self, *, alone: bool) -> "There":
        """Return when an object in it is there, which may be *alone* but for constants."""
        return self if alone and self is There.BEYOND_CONSTANTS else There.FILLED


class Tree(Struct):
    """The members of a common object while they are put together."""

    members: dict[str, "Tree | Read"] = field(default_factory=dict)

    def add(self, steps: Steps, found: Read) -> None:
        [head, *rest] = steps
        if not rest:
            self.members[head] = found
            return
        inner = self.members.setdefault(head, Tree())
        if isinstance(inner, Tree):
            inner.add(tuple(rest), found)

    @property
    def constant(self) -> bool:
        """Whether there are only constants in it."""
        return all(each.constant for each in self.members.values())


def assemble(tree: Tree, at: Steps, scope: Scope, place: Span, there: There) -> Read:
    """Return the object of *tree*, which lies at *at*; hold those in it against their schemas."""
    found: dict[str, Read] = {}
    alone = sum(not each.constant for each in tree.members.values()) == 1
    for name, each in tree.members.items():
        steps = (*at, name)
        if isinstance(each, Tree):
            inner = there.inside(alone=alone and not each.constant)
            found[name] = assemble(each, steps, scope, place, inner)
            require_shape(found[name], descend(scope.common, steps), steps, scope, place)
        else:
            found[name] = each
    always = any(each.always for each in found.values())
    beyond = any(each.beyond for each in found.values())
    members = {name: Member(each.type, each.always) for name, each in found.items()}
    filled = [name for name, each in found.items() if not each.type.is_empty]
    if there is There.BEYOND_CONSTANTS:
        filled = [name for name in filled if not found[name].constant]
    if there is not There.ALWAYS and not filled:
        return NEVER
    # Where it is there it has one of its members, and the vendor the object that all are in.
    within = _shared([found[name].within for name in filled])
    sure = [each.sure for each in found.values() if each.sure is not None]
    for name in filled if there is not There.ALWAYS else ():
        from_there = found[name].sure
        if len(filled) == 1 or (from_there is not None and from_there <= len(within)):
            members[name] = replace(members[name], required=True)
    rules = {name: each.rule for name, each in found.items() if each.rule is not None}
    made = Type(objects=Objects(members, closed=True))
    return Read(made, always, beyond, tree.constant, within, min(sure, default=None), rules=rules)


def _shared(paths: Sequence[Steps]) -> Steps:
    """Return what all *paths* begin with."""
    alike = takewhile(lambda steps: len(set(steps)) == 1, zip(*paths, strict=False))
    return tuple(steps[0] for steps in alike)


def require_shape(found: Read, schema: Schema | None, at: Steps, scope: Scope, place: Span) -> None:
    """Report what of an object or a list may not fit *schema*, what it holds aside.

    That no rule gives a member at all is told elsewhere, if the schema has it.
    """
    if schema is None:
        return
    given = found.type
    known = given.objects.members if given.objects is not None else {}
    whole = is_union(schema)
    for misfit in misfits(given if schema.branches else _hollow(given), schema):
        path = show_place(at, misfit.at)
        rule = found.rules.get(str(misfit.at[0])) if misfit.at else None
        if misfit.message != MISSING:
            shown = f": {misfit.example}" if misfit.example else ""
            message = f"{path or 'the object'} as it is read {misfit.message}{shown}"
            at_rule = rule.span if whole and rule is not None else place
            scope.report(codes.READ_MISFIT, message, at_rule)
        elif misfit.at[0] in known or misfit.at[0] not in schema.members():
            member = known.get(str(misfit.at[0]))
            filling = _filling(rule, member.type, path) if member is not None else ""
            hint = f"{filling}take {path} out of `required` in {schema.file}, or "
            settled = f"say in {scope.file} that the value is always there"
            hint += settled if member is not None else "name it under `properties`"
            message = f"{path} is required and {MISSING}"
            at_rule = rule.span if rule is not None else place
            scope.report(codes.REQUIRED_UNFILLED, message, at_rule, hint)


def is_union(schema: Schema) -> bool:
    """Whether objects that fit *schema* are of one of several branches."""
    return sum("object" in each.kinds for each in schema.branches) > 1


def _filling(rule: Lowered | None, given: Type, path: str) -> str:
    """Return how *path* can be made to be there in every case, as a hint begins; "" if not.

    Of what is in slots, only the type is at hand.
    """
    match rule:
        case None if given.objects is not None:
            return ""
        case Leaf() if rule.default.read is not ABSENT:
            return "use a converter that gives a value for every other, "
        case Leaf() | None:
            return f"give the rule of {path} a default, "
        case Formula() if "." in path:
            whole = path.rpartition(".")[0]
            return (
                "give a value in every case, as with not_null(…, …), or one expression for all of "
                f"{whole}, as with … && {{…}}, "
            )
        case Formula():
            return "give a value in every case, as with not_null(…, …), "
        case _:
            return ""


def _hollow(given: Type) -> Type:
    """Return the type of such objects and lists of which nobody tells what they hold."""
    lists, objects = given.lists, given.objects
    if lists is not None:
        lists = replace(lists, of=ANYTHING, first=())
    if objects is not None:
        members = {name: replace(each, type=ANYTHING) for name, each in objects.members.items()}
        objects = replace(objects, members=members, branches=())
    return replace(given, lists=lists, objects=objects)
