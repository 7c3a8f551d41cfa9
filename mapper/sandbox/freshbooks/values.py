"""Values as they are written and as FreshBooks then shows them; decimal numbers and clocks."""

import math
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mapper.sandbox.freshbooks.members import Member
from mapper.sandbox.freshbooks.refusals import (
    INVALID_VALUE,
    NO_UNICODE,
    NOT_A_BOOLEAN,
    NOT_A_DATE,
    NOT_A_NUMBER,
    WRONG_TYPE,
    VendorError,
)

Json = Any

MAX_DIGITS = 40
"""How long a number may be: far beyond any amount, and cheap to multiply."""

MAX_INTEGER = 2**53 - 1
"""What every JSON engine holds exactly."""

EXACT = Context(prec=1000)
"""Products and sums of numbers of so many digits lose nothing."""

GATEWAYS = {26: "stripe", 30: "fbpay"}  # section 9.23
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?").fullmatch
_DIGITS = re.compile(r"[0-9]{1,15}").fullmatch
_CURRENCY = re.compile(r"[A-Za-z]{3}").fullmatch
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


def shown(member: Member, value: Json, field: str) -> Json:
    """Return how *value*, written to a plain member, is read.

    Raises:
        VendorError: It is of the wrong kind, or none of the member's choices.
    """
    form = _shown(member.kind, value, field)
    if member.choices and form not in member.choices:
        raise VendorError(
            INVALID_VALUE, f"{value!r} is not a valid {field}.", field=field, value=value
        )
    return form


def _shown(kind: str, value: Json, field: str) -> Json:
    match kind:
        case "text" if isinstance(value, str) and _is_unicode(value):
            return value
        case "text" if isinstance(value, str):
            raise _wrong(NO_UNICODE, "text of Unicode characters", field, None)
        case "text":
            raise _wrong(WRONG_TYPE, "text", field, value)
        case "boolean" if isinstance(value, bool):
            return value
        case "boolean":
            raise _wrong(NOT_A_BOOLEAN, "true or false", field, value)
        case "integer" if type(value) is int and abs(value) <= MAX_INTEGER:
            return value
        case "id" if type(value) is int and 0 <= value <= MAX_INTEGER:
            return value
        case "id" if isinstance(value, str) and _DIGITS(value):
            return int(value)  # section 2.4: digits are taken in several places
        case "integer" | "id":
            raise _wrong(NOT_A_NUMBER, "a whole number", field, value)
        case "stock" if value == "":
            return value
        case "decimal" | "stock":
            return decimal_text(value, field)
        case "date" if is_date(value):
            return value
        case "date":
            raise _wrong(NOT_A_DATE, "a date, YYYY-MM-DD", field, value)
        case "currency" if isinstance(value, str) and _CURRENCY(value):
            return value.upper()
        case "currency":
            raise _wrong(INVALID_VALUE, "a currency code", field, value)
        case "gateways":
            return _gateways(value, field)
        case "forgotten":
            return None  # company_size is taken and comes back null, section 9.1
        case _:  # an action's own members, which are not shown
            return value


def _is_unicode(text: str) -> bool:
    """Whether a text can be stored: JSON's escapes can also say halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def money(value: Json, code: str, field: str) -> dict[str, str]:
    """Return an amount of money as it is read, in the document's currency if it names none.

    It has two places at least: "125" was written and "125.00" read (the recorded bill).
    """
    if not isinstance(value, dict):
        raise _wrong(WRONG_TYPE, "an amount and a code", field, value)
    amount = decimal_text(value.get("amount"), f"{field}.amount")
    named = value.get("code")
    shown_code = code if named is None else _shown("currency", named, f"{field}.code")
    return {"amount": two_places(amount), "code": shown_code}


def decimal_text(value: Json, field: str) -> str:
    """Return a number as its text: a text as it is, a JSON number as its shortest."""
    if isinstance(value, str) and len(value) <= MAX_DIGITS and _DECIMAL(value):
        return value
    if type(value) in {int, float} and math.isfinite(value):
        text = f"{Decimal(repr(value)):f}".removesuffix(".0")
        if len(text) <= MAX_DIGITS:
            return text
    raise _wrong(NOT_A_NUMBER, "a number", field, value)


def two_places(text: str) -> str:
    """Return a number's text with two decimals at least.

    >>> two_places("125"), two_places("1.5"), two_places("0.12345")
    ('125.00', '1.50', '0.12345')
    """
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals:0<2}"


def cents(amount: Decimal) -> str:
    """Return an amount rounded half up to two places, without a negative zero."""
    rounded = amount.quantize(Decimal("0.01"), ROUND_HALF_UP, EXACT)
    return f"{abs(rounded) if rounded.is_zero() else rounded:f}"


def is_date(value: Json) -> bool:
    """Whether it is a date of the calendar, as FreshBooks writes it."""
    if not isinstance(value, str) or not _DATE(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def later(day: str, days: int) -> str:
    """Return the date so many days later.

    Raises:
        VendorError: No calendar has it.
    """
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        raise _wrong(INVALID_VALUE, "a number of days", "due_offset_days", days) from None


def stamp(now: datetime, zone: str) -> str:
    """Return an instant as a clock in that zone shows it, to the second."""
    return f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def _gateways(value: Json, field: str) -> list[Json]:
    if not isinstance(value, list):
        raise _wrong(WRONG_TYPE, "a list", field, value)
    ids = [_shown("id", each, field) for each in value]
    if not set(ids) <= GATEWAYS.keys():
        raise _wrong(INVALID_VALUE, "a list of gateways", field, value)
    return [{"gatewayid": each, "gateway_name": GATEWAYS[each]} for each in ids]


def _wrong(errno: int, expected: str, field: str, value: Json) -> VendorError:
    return VendorError(errno, f"{field} must be {expected}.", field=field, value=value)
