"""The types of what converters and expressions of rules give, and what may go wrong in them."""

import re

from mapper import codes, expr
from mapper.diagnostics import Rule, Span, show_value
from mapper.expr import Expr, literal_text
from mapper.formats import FORMATS
from mapper.infer.expressions import Inference
from mapper.infer.facts import Facts
from mapper.infer.operations import LISTED_AS
from mapper.infer.scope import Scope
from mapper.infer.types import Type
from mapper.lower import Leaf
from mapper.model import Access, ConverterUse, Expression, show_path
from mapper.schema import Schema, descend


def convert(tree: Expr | None, given: Type, rule: Leaf, scope: Scope, *, reading: bool) -> Type:
    """Return the type of converted values; report those that the converter refuses."""
    if tree is None:
        return given
    side = codes.UNKNOWN_VENDOR_PATH, scope.file
    if not reading:
        side = codes.UNKNOWN_COMMON_PATH, scope.common.file if scope.common is not None else ""
    inference = Inference(*side, scope.tables)
    made = inference.type_of(tree, given)
    uses = rule.rule.convert
    place = uses[0].span if uses else rule.span
    path = show_path(rule.vendor if reading else rule.common)
    for danger in dict.fromkeys(inference.dangers):
        if danger.rule is inference.unknown:
            hint = danger.hint or (_OF_LISTS if _are_of_lists(uses) else _OF_PARAMETERS)
            scope.report(danger.rule, f"{path}: in `convert`, {danger.message}", place, hint)
        elif danger.rule is codes.NO_PARTNER and not any(map(_has_table, uses)):
            may_be, _, how = danger.message.rpartition("listed")
            taken = f"taken by {' and '.join(use.name for use in uses)}"
            message = f"{path} {may_be}{taken}{how}"
            scope.report(_REFUSALS[reading]["M311"], message, place)
        elif danger.rule.code in _REFUSALS[reading]:
            message = f"{path}{_member_of(danger.node)} {danger.message}"
            settled = danger.hint
            if reading:
                settled = _beside_unset(danger.hint, rule) or _of_join(rule)
            elif LISTED_AS in danger.message:
                settled = behind_table(rule, descend(scope.common, rule.common)) or _KEYS_ARE_TEXT
            scope.report(_REFUSALS[reading][danger.rule.code], message, place, settled)
    return made


def behind_table(rule: Leaf, common: Schema | None) -> str | None:
    """Return what gives the common values of another kind than text that a table stands for."""
    if common is None or [each.name for each in rule.rule.convert] != ["values"]:
        return None
    return _BEHIND_TABLES.get(common.kinds)


_KEYS_ARE_TEXT = "the keys of `values` are text: let the canonical schema have text there"
_BEHIND_TABLES = {
    frozenset({"boolean"}): (
        "values are text; `boolean` makes true and false of it: "
        '`[{values: {"true": […], "false": […]}}, boolean]`'
    ),
    frozenset({"integer"}): (
        "values are text; `integer` makes numbers of it: `[{values: {…}}, integer]`"
    ),
}


def _beside_unset(hint: str | None, rule: Leaf) -> str | None:
    """Return *hint*, with the texts that read as no value beside a format that they are not of."""
    others = [each for each in rule.unset.read if isinstance(each, str)]
    found = re.search("`format: ([a-z-]+)`", hint) if hint and others else None
    if hint is None or found is None or all(map(FORMATS[found[1]].holds, others)):
        return hint
    of_format = show_value({"type": "string", "format": found[1]})
    unset = show_value({"enum": list(rule.unset.read)})
    return hint.replace(found[0], f'`"anyOf": [{of_format}, {unset}]`')


def _of_join(rule: Leaf) -> str | None:
    """Return how to read what cannot be split again, if the rule only reads."""
    uses = rule.rule.convert
    if rule.access is not Access.READ or [each.name for each in uses] != ["join"]:
        return None
    call = f"join({literal_text(uses[0].parameters)}, {show_path(rule.vendor)})"
    return f"what is only read can be joined by an expression, whatever it holds: {call}"


_OF_PARAMETERS = "correct the parameters of the converter"
_OF_LISTS = (
    "correct the parameters or the order of the converters: of a list of objects, `pluck` gives a "
    "member, and `list` converts the items"
)


def _are_of_lists(uses: tuple[ConverterUse, ...]) -> bool:
    return any(use.name in ("list", "pluck") for use in uses)


def _has_table(use: ConverterUse) -> bool:
    return any(each.name == "values" for each in use.with_items())


_REFUSALS = {
    True: {"M311": codes.VALUE_REFUSED, "M312": codes.NO_PARTNER},
    False: {"M311": codes.WRITTEN_MISFIT, "M312": codes.NO_PARTNER_BACK},
}


def _member_of(node: Expr) -> str:
    """Return which member of the value a refusal is about, as a path goes on."""
    match node:
        case expr.Call(_, (expr.Field(name), *_)):
            return f".{show_path((name,))}"
        case expr.Call("present", (expr.Chain(_, expr.Field(name)),)):  # which is plucked
            return f"[].{show_path((name,))}"
        case _:
            return ""


def entry_of(rule: Leaf, value: str) -> Span | None:
    """Return where the table of a rule has a value, as JSON, common or vendor; None if nowhere."""
    uses = [each for use in rule.rule.convert for each in use.with_items()]
    scalars = [each for use in uses if use.name == "values" for each in use.names]
    return next((each.span for each in scalars if show_value(each.value) == value), None)


def expression_type(
    expression: Expression,
    current: Type,
    side: tuple[Rule, str],
    scope: Scope,
    *,
    condition: bool = False,
) -> Type:
    """Return the type of an expression's value; report its dangers where they are in the file.

    *side* is the kind of finding for a name that the schema does not have, and that schema's file;
    *condition* says that only the truth of the value counts.
    """
    inference = Inference(*side, scope.tables)
    facts = Facts(assured=scope.assured)
    made = inference.type_of(expression.tree, current, facts, condition=condition)
    for danger in dict.fromkeys(inference.dangers):
        if condition and scope.assured.is_stated(danger.node):
            continue
        place = expression.place(danger.node.start, danger.node.end)
        scope.report(danger.rule, danger.message, place, danger.hint)
    return made
