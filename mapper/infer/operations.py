"""The types of what primitives give, and what they refuse."""

from typing import Any

from mapper.diagnostics import show_value
from mapper.infer import of_numbers, of_texts, of_times
from mapper.infer.refusals import NOUNS, Operation, Refused, refuse_others, texts_of
from mapper.infer.schemas import format_language, type_of_value
from mapper.infer.types import NOTHING, NULL, Texts, Type, join
from mapper.primitives import PRIMITIVES
from mapper.values import contains, equal


def operate(name: str, given: list[Type], constants: list[Any]) -> tuple[Type, list[Refused]]:
    """Return the type of what the primitive *name* gives, and what it refuses of its arguments."""
    refused: list[Refused] = []
    return _OPERATIONS[name](given, constants, refused), refused


# Choice -------------------------------------------------------------------------------------------


def _table(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    [pairs] = constants
    results: list[Any] = []
    for name, piece in given[0].pieces():
        results += _entries(name, piece, pairs, refused)
    return join(map(type_of_value, results))


def _entries(name: str, piece: Type, pairs: list[Any], refused: list[Refused]) -> list[Any]:
    """Return what the table has for the values of one kind; report those that it lacks."""
    values = _values(piece)
    keys = [key for key, _ in pairs]
    if values is None:
        if name == "null":
            refused.append(Refused("missing", "may be missing"))
        else:
            message = f"may be {NOUNS[name]} that is not listed"
            refused.append(Refused("partner", message, _LISTED))
        return [result for _, result in pairs]
    missing = [value for value in values if not contains(keys, value)]
    if missing:
        refused.append(_lacking(missing, keys))
    return [
        next(r for k, r in pairs if equal(k, value)) for value in values if value not in missing
    ]


def _lacking(missing: list[Any], keys: list[Any]) -> Refused:
    """Return that a table lacks values, or has them, but text as numbers or numbers as text."""
    shown = ", ".join(map(show_value, missing[:5])) + (", …" if len(missing) > 5 else "")
    words = set(map(_spelled, keys))
    if words.issuperset(map(_spelled, missing)):
        kind = "numbers or booleans" if isinstance(missing[0], str) else "text"
        return Refused("partner", f"may be {shown}, {LISTED_AS} {kind} only", _AS_IT_IS)
    listed = "which is not listed" if len(missing) == 1 else "none of which is listed"
    return Refused("partner", f"may be {shown}, {listed}")


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else show_value(value)


LISTED_AS = "listed as"
_AS_IT_IS = "list it as the vendor has it: text in quotes, numbers and booleans without"
_LISTED = "list the values in the schema (`enum`), so that each is sure to have a partner"


def _values(piece: Type) -> list[Any] | None:
    from mapper.infer.fitting import values_of  # noqa: PLC0415 - which reads types of schemas

    return None if piece.null else values_of(piece)


def _country(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    if texts_of(given[0], refused) is None:
        return NOTHING
    return Type(texts=Texts(format_language("country"), frozenset({"country"}))) | NULL


def _present(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    if given[0].null:
        refused.append(Refused("missing", "may be missing"))
    return given[0].without_null()


def _of_type(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    [name] = constants
    refuse_others(given[0], (name,), refused)
    return given[0].only(name)


_OPERATIONS: dict[str, Operation] = {
    "add_days": of_times.add_days,
    "country_of": _country,
    "date_from": of_times.date_from,
    "date_to": of_times.date_to,
    "days_between": of_times.days_between,
    "decimal_number": of_numbers.decimal_number,
    "decimal_shift": of_numbers.decimal_shift,
    "decimal_text": of_numbers.decimal_text,
    "epoch_from": of_times.epoch_from,
    "epoch_to": of_times.epoch_to,
    "instant_from": of_times.instant_from,
    "instant_to": of_times.instant_to,
    "integer_text": of_numbers.integer_text,
    "join_text": of_texts.join_text,
    "lower": of_texts.change_case(upper=False),
    "match": of_texts.match,
    "of_type": _of_type,
    "present": _present,
    "split": of_texts.split_at,
    "table": _table,
    "text_integer": of_numbers.text_integer,
    "trim": of_texts.trim,
    "upper": of_texts.change_case(upper=True),
}

assert _OPERATIONS.keys() == PRIMITIVES.keys()  # noqa: S101 - a primitive without a type
