"""The types of what functions give."""

from collections.abc import Callable
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mapper import codes, expr
from mapper.formats import MAX_INTEGER
from mapper.functions import Function
from mapper.infer.of_numbers import integers_as_text, is_within, text_integer
from mapper.infer.of_texts import cased, joined_texts, split_text, trimmed
from mapper.infer.of_times import DATE
from mapper.infer.refusals import Refused, of_regex
from mapper.infer.schemas import are_of_format
from mapper.infer.types import (
    ANY,
    BOOLEAN,
    NOTHING,
    NULL,
    NUMBER,
    TEXT,
    Lists,
    Numbers,
    Objects,
    Texts,
    Type,
    flattened,
    join,
    known_of,
    outside,
)

if TYPE_CHECKING:
    from mapper.infer.expressions import Inference

Result = Callable[["Inference", expr.Call, list[Type]], Type]
"""Gives the type of a call's result for the types of its arguments, which are of its signature."""

_OBJECT = Type(objects=Objects())
_COUNT = Type(numbers=Numbers(0, MAX_INTEGER, whole=True))
_DAYS = Type(numbers=Numbers(-3_652_058, 3_652_058, whole=True, exact=True))
_NUMERIC = r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,2})?"


def result(inference: "Inference", function: Function, call: expr.Call, given: list[Type]) -> Type:
    """Return the type of what *function* gives for arguments of the types *given*."""
    found = _RESULTS.get(function.name)
    return found(inference, call, given) if found else _promised(function)


def _promised(function: Function) -> Type:
    """Return the type that the signature of *function* promises."""
    names = function.signature.rpartition("-> ")[2].split("|")
    return join(_named(name) for name in names)


def _named(name: str) -> Type:
    outer, bracket, inner = name.removesuffix("]").partition("[")
    if bracket:
        return Type(lists=Lists(_named(inner)))
    return {
        "any": ANY,
        "null": NULL,
        "boolean": BOOLEAN,
        "number": NUMBER,
        "string": TEXT,
        "array": Type(lists=Lists(ANY)),
        "object": _OBJECT,
    }[outer]


def _not_null(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
    found = join(each.without_null() for each in given)
    return found | NULL if all(each.null for each in given) else found


def _item(given: Type) -> Type:
    return given.lists.item if given.lists is not None else NOTHING


def _map(inference: "Inference", call: expr.Call, given: list[Type]) -> Type:
    lists = given[1].lists
    if lists is None:
        return NOTHING
    made = inference.each(call.arguments[0], lists.item)
    unique = lists.unique and _tells_apart(call.arguments[0], lists.item)
    return Type(lists=Lists(made, lists.least, lists.most, unique))


def _tells_apart(tree: expr.Expr, items: Type) -> bool:
    """Whether items that differ are sure to give values that do.

    Integers have one usual text each, and other texts are refused; but 7 and "7" are both "7".
    """
    match tree:
        case expr.Current():
            return True
        case expr.Reference(inner):
            return _tells_apart(inner, items)
        case expr.Call("present" | "of_type", (inner, *_)):
            return _tells_apart(inner, items)
        case expr.Call("integer_text" | "text_integer" | "to_string", (expr.Current(),)):
            return items.kinds in (("number",), ("string",))
        case expr.Chain(expr.Call("integer_text") as first, then):
            return _tells_apart(first, items) and _tells_apart(then, TEXT)
        case _:
            return False


def _sorted(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
    return _in_other_order(given[0])


def _in_other_order(given: Type) -> Type:
    return replace(given, lists=replace(given.lists, first=())) if given.lists else given


def _sorted_by(inference: "Inference", call: expr.Call, given: list[Type]) -> Type:
    _keys(inference, call, given)
    return _in_other_order(given[0])


def _one_of(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
    lists = given[0].lists
    return _item(given[0]) if lists is not None and lists.least else _item(given[0]) | NULL


def _one_by(inference: "Inference", call: expr.Call, given: list[Type]) -> Type:
    _keys(inference, call, given)
    return _one_of(inference, call, given)


def _keys(inference: "Inference", call: expr.Call, given: list[Type]) -> None:
    """Report an ``&expression`` that does not give only numbers or only texts."""
    key = known_of(inference.each(call.arguments[1], _item(given[0])))
    if key.kinds not in (("number",), ("string",), ()):
        found = " or ".join(key.kinds)
        inference.refuse(call, call.arguments[1], f"keys that are {found}", None)


def _to_number(inference: "Inference", call: expr.Call, given: list[Type]) -> Type:
    [value] = given
    found = value.only("number")
    other = value.kinds not in (("number",), ("number", "string"), ("string",))
    if value.texts is not None:
        found |= _numbers_of(value.texts)
        if not value.open and not _is_numeric(value.texts):
            other = True
            inference.report(
                codes.MAYBE_NO_NUMBER,
                call,
                "a text that is no number becomes null here, without a word",
                "say in the schema which texts there are (a format or pattern), or guard it",
            )
    return found | NULL if other else found


def _numbers_of(texts: Texts) -> Type:
    """Return the type of the numbers that texts become."""
    refused: list[Refused] = []
    found = text_integer([Type(texts=texts)], [], refused)
    return NUMBER if refused else found


def _is_numeric(texts: Texts) -> bool:
    return (
        texts.are("integer-text")
        or texts.are("decimal")
        or outside(texts.language, of_regex(_NUMERIC)) is None
    )


def _lookup(inference: "Inference", call: expr.Call, given: list[Type]) -> Type:
    match call.arguments[0]:
        case expr.Literal(str(name)) if name in inference.tables:
            table = inference.tables[name]
        case _:
            names = given[0].texts.listed() if given[0].texts is not None else None
            if names is None or not names <= inference.tables.keys():
                inference.refuse(call, call.arguments[0], "the name of a table that is not there")
            return TEXT | NULL
    found = Type(texts=Texts.of(table.values())) if table else NOTHING
    keys = given[1].texts.listed() if given[1].texts is not None else None
    return found if keys is not None and keys <= table.keys() else found | NULL


def _add_days(inference: "Inference", call: expr.Call, given: list[Type]) -> Type:
    _require_date(inference, call, given, 0)
    numbers = given[1].numbers
    if any(each.open for each in given):
        return DATE
    if numbers is not None and not numbers.whole:
        message, hint = "a number of days that is not whole", "round it, as with floor(…)"
        inference.refuse(call, call.arguments[1], message, hint)
    elif numbers is None or numbers.low != 0 or numbers.high != 0:
        inference.refuse(call, call, "to leave the years 1 to 9999", _IN_REACH)
    return DATE


_IN_REACH = (
    "say that it never does: `x-invariants` of the vendor's schema, or `invariants` of the "
    "resource, that make the same call and mention nothing else"
)


def _days_between(inference: "Inference", call: expr.Call, given: list[Type]) -> Type:
    for position in (0, 1):
        _require_date(inference, call, given, position)
    return _DAYS


def _require_date(
    inference: "Inference", call: expr.Call, given: list[Type], position: int
) -> None:
    texts = known_of(given[position]).texts
    if texts is not None and not are_of_format(texts, "date"):
        hint = "give the schema of the member `format: date`"
        inference.refuse(call, call.arguments[position], "text that is no date", hint)


def _merge(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
    members: dict[str, Any] = {}
    closed = True
    for each in given:
        if each.objects is not None:
            found = each.objects.members
            members |= {n: m for n, m in found.items() if m.required or n not in members}
            closed &= each.objects.closed
            if not all(member.required for member in found.values()):
                return _OBJECT
    return Type(objects=Objects(members, closed)) if closed else _OBJECT


def _split(inference: "Inference", call: expr.Call, given: list[Type]) -> Type:
    match call.arguments[1]:
        case expr.Literal(str(separator)) if separator:
            texts = given[0].texts
            return split_text(texts, separator) if texts is not None else NOTHING
        case _:
            texts = given[1].texts
            if texts is not None and "" in texts.language:
                hint = "give the schema of the member `minLength: 1`"
                inference.refuse(call, call.arguments[1], "an empty separator", hint)
            return Type(lists=Lists(TEXT))


def _join(_: "Inference", call: expr.Call, given: list[Type]) -> Type:
    match call.arguments[0]:
        case expr.Literal(str(glue)) if given[1].lists is not None:
            return joined_texts(given[1].lists, glue)
        case _:
            return TEXT


def _cased(*, upper: bool) -> Result:
    return lambda _, __, given: cased(given[0], upper=upper)


def _abs(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
    numbers = given[0].numbers
    if numbers is None:
        return NOTHING
    most = max(abs(numbers.low), abs(numbers.high))
    return Type(numbers=Numbers(0, most, numbers.whole, numbers.exact))


def _rounded(rounding: Callable[[float], int]) -> Result:
    def bound(number: float) -> float:
        return number if abs(number) == inf else rounding(number)

    def made(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
        numbers = given[0].numbers
        if numbers is None:
            return NOTHING
        if numbers.values is not None:
            return Type(numbers=Numbers.of(map(rounding, numbers.values)))
        return Type(numbers=Numbers(bound(numbers.low), bound(numbers.high), whole=True))

    return made


def _sum(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
    lists = given[0].lists
    numbers = lists.item.numbers if lists is not None else None
    if lists is None or numbers is None:  # there is no item to add
        return Type(numbers=Numbers.of([0]))
    low = -_most(-numbers.low, lists, whole=numbers.whole)
    return Type(
        numbers=Numbers(low, _most(numbers.high, lists, whole=numbers.whole), numbers.whole)
    )


def _most(each: float, lists: Lists, *, whole: bool) -> float:
    """Return the most that items of at most so much come to; sums are not rounded upwards to it."""
    if each <= 0:  # with every item it is less, if it is not the same
        return each if lists.least else 0
    is_known = whole and 0 < lists.most <= MAX_INTEGER
    return each * lists.most if is_known else inf


def _reverse(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
    found = _in_other_order(given[0].only("array"))
    return found | TEXT if given[0].texts is not None else found


def _to_array(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
    if given[0].open:
        return Type(lists=Lists(flattened(given[0])))
    alone = given[0].only(*(name for name in given[0].kinds if name != "array"))
    wrapped = NOTHING if alone.is_empty else Type(lists=Lists(alone, 1, 1))
    return given[0].only("array") | wrapped


def _to_string(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
    [value] = given
    if value.kinds == ("string",):
        return value
    numbers = value.numbers
    if value.lists is not None or value.objects is not None:
        return TEXT
    if numbers is not None and not (numbers.whole and is_within(numbers)):
        return TEXT
    words = ["null"] * value.null + [str(each).lower() for each in value.booleans]
    named = Type(texts=Texts.of(words)) if words else NOTHING
    return join([value.only("string"), integers_as_text(numbers), named])


def _values(_: "Inference", __: expr.Call, given: list[Type]) -> Type:
    objects = given[0].objects
    if objects is None:
        return NOTHING
    every = join([*(member.type for member in objects.members.values()), objects.rest])
    return Type(lists=Lists(every))


_KINDS = Type(texts=Texts.of(["number", "string", "boolean", "array", "object", "null"]))

_RESULTS: dict[str, Result] = {
    "abs": _abs,
    "add_days": _add_days,
    "ceil": _rounded(ceil),
    "days_between": _days_between,
    "floor": _rounded(floor),
    "join": _join,
    "length": lambda _, __, ___: _COUNT,
    "lookup": _lookup,
    "lower": _cased(upper=False),
    "map": _map,
    "max": _one_of,
    "max_by": _one_by,
    "merge": _merge,
    "min": _one_of,
    "min_by": _one_by,
    "not_null": _not_null,
    "reverse": _reverse,
    "sort": _sorted,
    "sort_by": _sorted_by,
    "split": _split,
    "sum": _sum,
    "to_array": _to_array,
    "to_number": _to_number,
    "to_string": _to_string,
    "trim": lambda _, __, given: trimmed(given[0]),
    "type": lambda _, __, ___: _KINDS,
    "upper": _cased(upper=True),
    "values": _values,
}
"""Where more is known than the signature promises."""
