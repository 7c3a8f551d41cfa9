"""The two-way value conversions of field rules, in one table: :data:`CONVERTERS`.

A converter turns its parameters into two expressions over primitives: ``get`` reads a vendor value,
``put`` writes a common one. What they give and refuse follows from the primitives alone. They are
never given a value that means "no value", nor null; for those, presence decides.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping as Dictionary, Sequence
from functools import cache, reduce
from math import isfinite
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from mapper.diagnostics import did_you_mean, show_name
from mapper.expr import (
    Call,
    Chain,
    Current,
    Expr,
    ExpressionError,
    Field,
    Literal,
    MakeObject,
    Reference,
    Signature,
    check_text,
    literal_text,
)
from mapper.formats import MAX_INTEGER
from mapper.functions import FUNCTIONS
from mapper.primitives import (
    DATE_LAYOUT,
    PRIMITIVES,
    Refusal,
    decimal_text,
    is_zone,
    zone_names,
)

MAX_LAYOUT = 100
"""The longest format of dates and times, in characters."""

MAX_SCALE = 20
"""The largest power of ten, either side of zero, that ``scale`` takes."""


class ConverterError(Exception):
    """A converter is unknown or its parameters are wrong.

    Attributes:
        message: One terse line without a final period.
        parameter: The name of the parameter at fault, None if it is none alone.
        hint: What to do, where that is more than to correct the parameter.
    """

    def __init__(self, message: str, parameter: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, parameter, hint)
        self.message = message
        self.parameter = parameter
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class Conversion(Struct, frozen=True):
    """A converter with its parameters.

    Attributes:
        get: Gives the common value of a vendor value.
        put: Gives the vendor value of a common value; None if there is no way back.
        vendor_types: The JSON Schema types of vendor values that reading takes.
        common_types: The JSON Schema types of common values that reading gives.
    """

    get: Expr
    put: Expr | None
    vendor_types: frozenset[str]
    common_types: frozenset[str]


class Example(Struct, frozen=True):
    """A vendor value and the common value that it reads as; the latter is written as the former."""

    vendor: Any
    common: Any
    parameters: Any = None


class Converter(Struct, frozen=True):
    """An entry of the table.

    Attributes:
        name: What ``convert`` says.
        parameters: What its parameters are; "" if it takes none.
        documentation: What it does, and where its two directions do not undo each other.
        build: Gives the conversion for parameters (None without); raises ConverterError.
        examples: Values that go both ways (reading only, where there is no way back).
        takes: The JSON Schema of its parameters, for editors, which ``build`` may refuse further.
    """

    name: str
    parameters: str
    documentation: str
    build: Callable[[Any], Conversion]
    examples: tuple[Example, ...]
    takes: Dictionary[str, Any] = MappingProxyType({"type": "null"})


def conversion(name: str, parameters: Any = None) -> Conversion:
    """Return the converter of this name with these parameters (None without).

    Raises:
        ConverterError: There is no such converter, or the parameters are not its.
    """
    if name not in CONVERTERS:
        hint = did_you_mean(name, CONVERTERS)
        raise ConverterError(f"unknown converter {show_name(name)}", hint=hint)
    converter = CONVERTERS[name]
    if parameters is None:
        return _without_parameters(name)
    if not converter.parameters:
        raise ConverterError(f"{name} takes no parameters")
    return converter.build(parameters)


@cache
def _without_parameters(name: str) -> Conversion:
    return CONVERTERS[name].build(None)


def chain(conversions: Sequence[Conversion]) -> Conversion:
    """Return the conversion that reads through *conversions* in order and writes in reverse.

    *conversions* are one or more. There is a way back if each of them has one.
    """
    return reduce(_then, conversions)


def _then(first: Conversion, second: Conversion) -> Conversion:
    put = None
    if first.put is not None and second.put is not None:
        put = Chain(second.put, first.put)
    return Conversion(Chain(first.get, second.get), put, first.vendor_types, second.common_types)


# From parameters to expressions -------------------------------------------------------------------

_VOCABULARY: dict[str, Signature] = {"map": FUNCTIONS["map"], **PRIMITIVES}


def _conversion(get: Expr, put: Expr | None, vendor: str, common: str) -> Conversion:
    """Return a conversion of these expressions between these types, which stand in a row."""
    return Conversion(get, put, frozenset(vendor.split()), frozenset(common.split()))


def _fixed(get: Expr, put: Expr | None, vendor: str, common: str) -> Callable[[Any], Conversion]:
    """Return what builds a conversion that has no parameters."""
    made = _conversion(get, put, vendor, common)
    return lambda _: made


def _apply(name: str, *arguments: Expr) -> Call:
    """Return a call as if it had been parsed, which takes long."""
    return Call(name, arguments, _VOCABULARY[name])


def _call(primitive: str, *constants: Any) -> Call:
    """Return the call of a primitive on the current value."""
    for each in constants:
        _check_text(literal_text(each))
    return _apply(primitive, Current(), *map(Literal, constants))


def _piped(*steps: Expr) -> Expr:
    """Return the expression in which each of *steps* goes on with what the one before gives."""
    return reduce(Chain, steps)


def _table(pairs: Iterable[tuple[Any, Any]]) -> Call:
    """Return the call of the primitive on the current value."""
    return _call("table", [list(pair) for pair in pairs])


def _check_text(text: str) -> None:
    """Check that an expression could hold *text*."""
    try:
        check_text(text)
    except ExpressionError as error:
        hint = "say less: many values fit into a table file, into which `lookup()` looks"
        raise ConverterError(f"the parameters cannot be used: {error.message}", hint=hint) from None


def _text(value: Any, what: str, parameter: str | None = None) -> str:
    if not isinstance(value, str) or not value:
        raise ConverterError(f"{what} must be text, and not empty", parameter)
    return value


def _field(value: Any, parameter: str | None = None) -> Field:
    """Return the expression of the member that a parameter names."""
    name = _text(value, "a member name", parameter)
    _check_text(name)
    return Field(name)


def _members(parameters: Any, known: Sequence[str]) -> dict[str, Any]:
    if not isinstance(parameters, dict):
        raise ConverterError(f"the parameters are an object of {', '.join(known)}")
    for name in parameters:
        if name not in known:
            message = f"unknown parameter {name}; there are {', '.join(known)}"
            raise ConverterError(message, name, did_you_mean(name, known))
    return parameters


def _layout(value: Any, tokens: str, parameter: str | None = None) -> str:
    layout = _text(value, "a format", parameter)
    if sorted(re.findall("%.?", layout, re.DOTALL)) != sorted(f"%{token}" for token in tokens):
        every = ", ".join(f"%{token}" for token in tokens)
        raise ConverterError(f"a format has each of {every} once, and no other %", parameter)
    if len(layout) > MAX_LAYOUT:
        raise ConverterError(f"a format has at most {MAX_LAYOUT} characters", parameter)
    return layout


def _date(parameters: Any) -> Conversion:
    layout = DATE_LAYOUT if parameters is None else _layout(parameters, "Ymd")
    return _conversion(_call("date_from", layout), _call("date_to", layout), "string", "string")


def _datetime(parameters: Any) -> Conversion:
    members = _members(parameters, tuple(_OF_DATETIME))
    if "zone" not in members:
        raise ConverterError("zone is missing")
    zone = _text(members["zone"], "a zone", "zone")
    if not is_zone(zone):
        raise ConverterError(f"unknown time zone {zone}", "zone", did_you_mean(zone, zone_names()))
    layout = _layout(members.get("format", f"{DATE_LAYOUT} %H:%M:%S"), "YmdHMS", "format")
    get, put = _call("instant_from", layout, zone), _call("instant_to", layout, zone)
    return _conversion(get, put, "string", "string")


def _epoch(parameters: Any) -> Conversion:
    unit = "seconds" if parameters is None else parameters
    if not isinstance(unit, str) or unit not in EPOCH_DIGITS:
        raise ConverterError(f"the unit must be {' or '.join(EPOCH_DIGITS)}")
    digits = EPOCH_DIGITS[unit]
    get, put = _call("epoch_from", digits), _call("epoch_to", digits)
    return _conversion(get, put, "integer", "string")


EPOCH_DIGITS = {"seconds": 0, "milliseconds": 3}
"""By what ``epoch`` counts, how many digits of a second it has."""


def _money(parameters: Any) -> Conversion:
    members = _members({} if parameters is None else parameters, tuple(_OF_MONEY))
    amount = _field(members.get("amount", "amount"), "amount")
    currency = _field(members.get("currency", "code"), "currency")
    if amount == currency:
        raise ConverterError("amount and currency are one member", "currency")
    code = Literal("[A-Z]{3}"), Literal("a currency code of three letters")
    upper = _piped(_apply("upper", currency), _apply("match", Current(), *code))
    get = (("amount", _apply("decimal_text", amount)), ("currency", upper))
    put = (
        (amount.name, _apply("decimal_text", Field("amount"))),
        (currency.name, _apply("match", Field("currency"), *code)),
    )
    typed = _call("of_type", "object")
    return _conversion(
        _piped(typed, MakeObject(get)), _piped(typed, MakeObject(put)), "object", "object"
    )


def _scale(parameters: Any) -> Conversion:
    try:
        factor = decimal_text(parameters)
    except Refusal:
        factor = ""
    if not re.fullmatch(f"10{{0,{MAX_SCALE}}}|0\\.0{{0,{MAX_SCALE - 1}}}1", factor):
        raise ConverterError("the scale must be a power of ten, such as 100 or 0.001")
    places = len(factor) - 1 if factor.startswith("1") else 2 - len(factor)
    get = _piped(_call("decimal_text"), _call("decimal_shift", -places))
    return _conversion(get, _call("decimal_shift", places), "string number", "string")


def _values(parameters: Any) -> Conversion:
    if not isinstance(parameters, dict) or not parameters:
        raise ConverterError("the parameters are an object: common value, list of vendor values")
    meanings: dict[tuple[bool, Any], str] = {}  # whether it is a boolean, since True == 1
    for common, vendor in parameters.items():
        if not isinstance(vendor, list) or not vendor:
            raise ConverterError(f"{common} needs a list of vendor values", common)
        for value in vendor:
            _check_vendor_value(value, common)
            other = meanings.setdefault((isinstance(value, bool), value), common)
            if other != common:
                message = f"{json.dumps(value)} is listed for {other} and for {common}"
                raise ConverterError(message, common, "leave it with one of the two")
    pairs = [(value, common) for (_, value), common in meanings.items()]
    first = [(common, vendor[0]) for common, vendor in parameters.items()]
    types = " ".join(_SCALAR_TYPES[type(value)] for value, _ in pairs)
    return _conversion(_table(pairs), _table(first), types, "string")


_SCALAR_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}


def _check_vendor_value(value: Any, common: str) -> None:
    if value is None:
        raise ConverterError("null is no value; that is said by unset", common)
    if type(value) not in _SCALAR_TYPES:
        raise ConverterError(f"{common} has a vendor value that is not a scalar", common)
    if isinstance(value, int | float) and not (isfinite(value) and abs(value) <= MAX_INTEGER):
        raise ConverterError(f"{common} has a number beyond {MAX_INTEGER}", common)


def _split(parameters: Any) -> Conversion:
    separator = _text(parameters, "the separator")
    get, put = _call("split", separator), _call("join_text", separator)
    return _conversion(get, put, "string", "array")


def _join(parameters: Any) -> Conversion:
    separator = _text(parameters, "the separator")
    get, put = _call("join_text", separator), _call("split", separator)
    return _conversion(get, put, "array", "string")


def _list(parameters: Any) -> Conversion:
    each = _each(parameters)
    put = None if each.put is None else _map(each.put)
    array = frozenset({"array"})
    return Conversion(_map(_apply("present", each.get)), put, array, array)


def _each(parameters: Any) -> Conversion:
    """Return the conversion that ``convert`` would mean by *parameters*."""
    match parameters:
        case str(name):
            return conversion(name)
        case dict() if len(parameters) == 1:
            [(name, inner)] = parameters.items()
            return conversion(name, inner)
        case [_, *_]:
            return chain([_each(part) for part in parameters])
        case _:
            raise ConverterError("list takes a converter, as convert does")


def _map(function: Expr) -> Expr:
    return _apply("map", Reference(function), _call("of_type", "array"))


def _pluck(parameters: Any) -> Conversion:
    member = _field(parameters)
    get = _apply("present", _piped(_call("of_type", "object"), member))
    put = MakeObject(((member.name, Current()),))
    return _conversion(_map(get), _map(put), "array", "array")


# What parameters are, for editors -----------------------------------------------------------------

_TEXT = {"type": "string", "minLength": 1}
_LAYOUT = {**_TEXT, "maxLength": MAX_LAYOUT}
_OF_DATETIME = {
    "zone": {"description": "The time zone, such as America/New_York or UTC.", **_TEXT},
    "format": {"description": "The vendor's format (default %Y-%m-%d %H:%M:%S).", **_LAYOUT},
}
_OF_MONEY = {
    "amount": {"description": "The vendor's member of the amount (default amount).", **_TEXT},
    "currency": {"description": "The vendor's member of the currency (default code).", **_TEXT},
}
_LISTS = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {
        "type": "array",
        "minItems": 1,
        "items": {"type": ["string", "number", "boolean"]},
    },
}


def _object(members: Dictionary[str, Any], *required: str) -> dict[str, Any]:
    """Return the schema of an object of these members alone."""
    shape = {"type": "object", "properties": dict(members), "additionalProperties": False}
    return {**shape, "required": list(required)} if required else shape


# The table ----------------------------------------------------------------------------------------

_CONVERTERS = (
    Converter(
        "string",
        "",
        "An integer, or its text, as text. Integers go up to 2^53-1 and are written canonically "
        "(no leading zero); they are written back as integers.",
        _fixed(_call("integer_text"), _call("text_integer"), "integer string", "string"),
        (Example(7, "7"), Example(-12, "-12"), Example(9007199254740991, "9007199254740991")),
    ),
    Converter(
        "integer",
        "",
        "An integer, or its text, as an integer up to 2^53-1. It is written back as text.",
        _fixed(
            _piped(_call("integer_text"), _call("text_integer")),
            _call("integer_text"),
            "string integer",
            "integer",
        ),
        (Example("7", 7), Example("0", 0)),
    ),
    Converter(
        "decimal",
        "",
        "A decimal number as text, exactly as the vendor writes it, up to 100 characters. A JSON "
        "number is taken if it has at most 15 significant digits, and becomes its shortest plain "
        "text. It is written back as text.",
        _fixed(_call("decimal_text"), _call("decimal_text"), "string number", "string"),
        (Example("1.10", "1.10"), Example("-30.00", "-30.00")),
    ),
    Converter(
        "number",
        "",
        "A JSON number as decimal text, as `decimal` reads it, which is written back as a number. "
        "It has at most 15 significant digits, which the format `number-text` says of a text. "
        "Zeros at the end of a text (`1.50`) do not come back; without them, as in the pattern "
        "`^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\\.[0-9]*[1-9])$`, all go both ways.",
        _fixed(_call("decimal_text"), _call("decimal_number"), "number string", "string"),
        (Example(12.5, "12.5"), Example(-3, "-3"), Example(0, "0")),
    ),
    Converter(
        "boolean",
        "",
        "The texts `true` and `false` as booleans.",
        _fixed(
            _table([("true", True), ("false", False)]),
            _table([(True, "true"), (False, "false")]),
            "string",
            "boolean",
        ),
        (Example("true", common=True), Example("false", common=False)),
    ),
    Converter(
        "flag",
        "",
        "The integers 1 and 0 as booleans.",
        _fixed(
            _table([(1, True), (0, False)]),
            _table([(True, 1), (False, 0)]),
            "integer",
            "boolean",
        ),
        (Example(1, common=True), Example(0, common=False)),
    ),
    Converter(
        "date",
        "the vendor's format (default `%Y-%m-%d`)",
        "A calendar date as `YYYY-MM-DD`, in the years 1 to 9999. A format has each of `%Y`, `%m` "
        "and `%d` once (four, two and two digits), and at most 100 characters; the others stand "
        "for themselves.",
        _date,
        (Example("2024-02-29", "2024-02-29"), Example("29/02/2024", "2024-02-29", "%d/%m/%Y")),
        {**_LAYOUT, "type": ["string", "null"]},
    ),
    Converter(
        "datetime",
        "`zone`: the time zone, such as `America/New_York` or `UTC`; `format` (default "
        "`%Y-%m-%d %H:%M:%S`)",
        "Local clock text as a UTC date-time `YYYY-MM-DDTHH:MM:SSZ`, in the local years 1900 to "
        "2199. A format has each of `%Y`, `%m`, `%d`, `%H`, `%M` and `%S` once, and at most 100 "
        "characters. Of an hour that comes twice it is the first; in an hour that is skipped the "
        "offset before the change holds. So an instant in the second pass of such an hour reads "
        "back an hour earlier, and a skipped clock text is written back an hour later.",
        _datetime,
        (
            Example("2019-05-08 15:25:29", "2019-05-08T19:25:29Z", {"zone": "America/New_York"}),
            Example(
                "2020-10-17T05:00:00Z",
                "2020-10-17T05:00:00Z",
                {"zone": "UTC", "format": "%Y-%m-%dT%H:%M:%SZ"},
            ),
        ),
        _object(_OF_DATETIME, "zone"),
    ),
    Converter(
        "epoch",
        "`seconds` (the default) or `milliseconds`",
        "An integer that counts since 1970-01-01 UTC as a UTC date-time `YYYY-MM-DDTHH:MM:SSZ`, of "
        "milliseconds with three digits behind the seconds, in the years 1 to 9999. Text comes "
        "first to an integer: `[integer, epoch]`.",
        _epoch,
        (
            Example(1680893993, "2023-04-07T18:59:53Z"),
            Example(1572406217883, "2019-10-30T03:30:17.883Z", "milliseconds"),
        ),
        {"enum": [None, *EPOCH_DIGITS]},
    ),
    Converter(
        "money",
        "`amount` and `currency`: the names of the vendor's members (default `amount` and `code`)",
        "An object of amount and currency as `{amount, currency}`: the amount as `decimal` does, "
        "the currency three letters, in upper case. Both are required. Other members of the "
        "vendor's object are not carried over; those that can be written are lost in an edit "
        "(M305).",
        _money,
        (
            Example({"amount": "12.50", "code": "USD"}, {"amount": "12.50", "currency": "USD"}),
            Example(
                {"value": "1200", "unit": "JPY"},
                {"amount": "1200", "currency": "JPY"},
                {"amount": "value", "currency": "unit"},
            ),
        ),
        {**_object(_OF_MONEY), "type": ["object", "null"]},
    ),
    Converter(
        "percent",
        "",
        "A percentage as decimal text that keeps the vendor's figure: 13 means 13 %.",
        _fixed(_call("decimal_text"), _call("decimal_text"), "string number", "string"),
        (Example("13", "13"), Example("9.975", "9.975")),
    ),
    Converter(
        "scale",
        "a power of ten, such as 100 or 0.001",
        "A decimal number, divided by the scale when reading and multiplied when writing, by "
        "moving the point: no digit is lost, and zeros after the point stay. With a scale above 1 "
        "every vendor text goes both ways, and a common text does if it has the digits after the "
        "point that reading makes (two, for 100); with fewer it reads back with zeros added. Below "
        "1 it is the other way round.",
        _scale,
        (
            Example("13.00", "0.1300", 100),
            Example("5", "0.05", 100),
            Example("1.500", "1500", 0.001),
        ),
        {"type": ["number", "string"]},
    ),
    Converter(
        "values",
        "by common value (text), the list of vendor values that mean it",
        "Each listed vendor value (text, number or boolean) as its common value. The first listed "
        "is written back; the others are only read. Any other value is refused.",
        _values,
        (
            Example("sent", "sent", {"draft": ["draft"], "sent": ["sent", "viewed"]}),
            Example(2, "archived", {"active": [0], "deleted": [1], "archived": [2]}),
        ),
        _LISTS,
    ),
    Converter(
        "split",
        "the separator",
        "Text as the list of its parts between separators; empty text as an empty list. A list "
        "that would not read back is refused: one with an item that holds the separator, or of "
        "one empty item. Without empty parts, as in the patterns `^([^,]+(,[^,]+)*)?$` of the text "
        "and `^[^,]+$` of the items, all go both ways.",
        _split,
        (Example("a,b", ["a", "b"], ","), Example("", [], ",")),
        _TEXT,
    ),
    Converter(
        "join",
        "the separator",
        "A list of texts as one text, the other way round than `split`.",
        _join,
        (Example(["a", "b"], "a, b", ", "), Example([], "", ", ")),
        _TEXT,
    ),
    Converter(
        "country_code",
        "",
        "The ISO 3166 alpha-2 code of an English country name, as ISO writes it or as people do "
        "(`USA`, `UK`, `South Korea`); a text that is none reads as no value. White space around "
        "it and the case of A to Z do not matter. Reads only.",
        _fixed(
            _piped(_call("trim"), _call("lower"), _call("country_of")),
            None,
            "string",
            "string null",
        ),
        (Example("Canada", "CA"), Example(" united states ", "US"), Example("Türkiye", "TR")),
    ),
    Converter(
        "list",
        "a converter, as `convert` takes it",
        "A list, item by item. An item that reads as no value is refused.",
        _list,
        (
            Example([3, 7], ["3", "7"], "string"),
            Example(["1.0"], ["0.010"], [{"scale": 100}]),
            Example([], [], {"date": "%d/%m/%Y"}),
        ),
        {"$ref": "#/definitions/converters"},
    ),
    Converter(
        "pluck",
        "the name of a member",
        "A list of objects as the list of one of their members, which each must have. Other "
        "members of the vendor's objects are not carried over; those that can be written are lost "
        "in an edit (M305).",
        _pluck,
        (Example([{"id": 1}, {"id": 2}], [1, 2], "id"),),
        _TEXT,
    ),
)

CONVERTERS: dict[str, Converter] = {converter.name: converter for converter in _CONVERTERS}
"""Every converter by name."""
