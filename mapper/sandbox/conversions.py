"""The types of fields: a value converted where that loses nothing.

The platform's rules for conversion are unknown. A value that would change its meaning, or that
would not come back as it was, is passed on as it is.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

__all__ = ["Converter", "NotConvertedError", "converter_of", "number_text"]

Converter = Callable[[Any], Any]

_MAX_INTEGER = 2**53 - 1
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,17})?")
_ARRAY = re.compile(r"array\s*\[\s*(.*?)\s*\]")


class NotConvertedError(ValueError):
    """A value that the type cannot hold without loss."""


def converter_of(name: Any) -> Converter | None:
    """Return how values become values of a type; None for types that convert nothing.

    Those are ``array``, ``object``, ``date`` without a mask, and names that somebody made up.
    """
    if not isinstance(name, str):
        return None
    simple = {"string": _string, "boolean": _boolean, "number": _number, "int": _integer}
    if items := _ARRAY.fullmatch(name.strip()):
        each = simple.get(items[1])
        return None if each is None else _elementwise(each)
    return simple.get(name.strip())


def _elementwise(convert: Converter) -> Converter:
    def converted(value: Any) -> Any:
        return [convert(each) for each in value] if type(value) is list else convert(value)

    return converted


def _string(value: Any) -> Any:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(value)
        case _:
            raise NotConvertedError


def _boolean(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise NotConvertedError


def _number(value: Any) -> Any:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value) if "." in value else int(value)
        if number_text(number) == value and abs(number) <= _MAX_INTEGER:
            return number
    raise NotConvertedError


def _integer(value: Any) -> Any:
    number = _number(value)
    if isinstance(number, float) and not number.is_integer():
        raise NotConvertedError
    return number


def number_text(number: float) -> str:
    """Return a number as JavaScript writes it.

    >>> number_text(1.0), number_text(1e20), number_text(1e21)
    ('1', '100000000000000000000', '1e+21')
    >>> number_text(1e-6), number_text(1.5e-7)
    ('0.000001', '1.5e-7')
    """
    if isinstance(number, int):
        return str(number)
    exact = Decimal(repr(number)).normalize()
    magnitude = exact.adjusted()
    if -7 < magnitude < 21:
        return f"{exact:f}" if exact else "0"
    digits = f"{exact.scaleb(-magnitude):f}"
    return f"{digits}e{magnitude:+d}"
