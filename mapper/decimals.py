"""Numbers as text, and which JSON numbers are the same decimal number in every engine."""

import re

MAX_DECIMAL = 100
"""How many characters a decimal number may have as text."""

SIGNIFICANT_DIGITS = 15
"""A JSON number of up to so many digits is the same decimal number in every JSON engine."""

MAX_DIGITS = 308
"""How many characters an integer may have: more do not fit a double."""

DECIMAL_TEXT = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
"""A regular expression of decimal numbers as text."""

is_decimal_text = re.compile(DECIMAL_TEXT).fullmatch
"""Whether a text is a decimal number, of whatever length."""


def is_json_number(text: str) -> bool:
    """Whether *text* is a number as JSON writes it."""
    number = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
    return re.fullmatch(number, text) is not None


def plain_decimal(number: float) -> str | None:
    """Return a JSON number as its shortest plain decimal text, without an exponent.

    None for what is no number, and for one that no double holds.

    >>> plain_decimal(10.50), plain_decimal(1e-7), plain_decimal(-0.0)
    ('10.5', '0.0000001', '0')
    """
    from decimal import Decimal  # noqa: PLC0415 - slow to import, and few numbers are no text

    try:
        # An integer goes through a double as it does in JavaScript, which has nothing else.
        sign, digits, exponent = Decimal(repr(float(number))).as_tuple()
    except OverflowError:
        return None
    if not isinstance(exponent, int):  # infinite, or not a number
        return None
    written = "".join(map(str, digits)).lstrip("0")
    significant = written.rstrip("0")
    if not significant:
        return "0"
    places = -exponent - (len(written) - len(significant))
    return "-" * sign + with_point(significant, places)


def significant_digits(text: str) -> int:
    """Return how many digits of decimal *text* count: none of the zeros at its ends.

    >>> significant_digits("-0.0120"), significant_digits("100"), significant_digits("0")
    (2, 1, 0)
    """
    return len(text.lstrip("-").replace(".", "").strip("0"))


def with_point(digits: str, places: int) -> str:
    """Return *digits* with the last *places* of them after a point; negative places are zeros.

    >>> with_point("125", 2), with_point("5", 2), with_point("5", -2)
    ('1.25', '0.05', '500')
    """
    if places <= 0:
        whole, fraction = digits + "0" * -places, ""
    else:
        padded = digits.zfill(places + 1)
        whole, fraction = padded[:-places], "." + padded[-places:]
    return (whole.lstrip("0") or "0") + fraction


def is_exact(number: float) -> bool:
    """Whether a JSON number is a decimal number that every engine can write out and bear."""
    text = plain_decimal(number)
    return (
        text is not None
        and len(text) <= MAX_DECIMAL
        and significant_digits(text) <= SIGNIFICANT_DIGITS
    )
