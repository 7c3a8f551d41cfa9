"""The values of an invoice, checked and converted; none of the functions is given null."""

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
MAX_INTEGER = 2**53 - 1
MAX_DECIMAL = 100
DATA = Path(__file__).parents[3] / "mapper" / "data"
COUNTRIES = json.loads((DATA / "countries.json").read_text("utf-8"))
is_decimal = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?").fullmatch
is_integer = re.compile(r"0|-?[1-9][0-9]{0,15}").fullmatch


class Refused(ValueError):  # noqa: N818 - it is an outcome
    """An invoice has a value that cannot be mapped."""


# Numbers ------------------------------------------------------------------------------------------


def identity(value):
    """Return an id as text."""
    if type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER:
        return str(value)
    if isinstance(value, str) and is_integer(value) and abs(int(value)) <= MAX_INTEGER:
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_INTEGER:
        return str(int(value))
    raise Refused(f"{value!r} is not an id")


def number_of(text):
    """Return the integer that an id is written as."""
    if isinstance(text, str) and is_integer(text):
        number = int(text)
        if -MAX_INTEGER <= number <= MAX_INTEGER:
            return number
    raise Refused(f"{text!r} is not an id")


def decimal(value):
    """Return a decimal number as text, as it is written."""
    if isinstance(value, str):
        if is_decimal(value) and len(value) <= MAX_DECIMAL:
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return _plain(value)
    raise Refused(f"{value!r} is not a decimal number")


def _plain(number):
    """Return a number of at most 15 digits without an exponent."""
    text = f"{float(number):.15g}"
    if float(text) != number:
        raise Refused(f"{number!r} has too many digits")
    return "0" if text == "-0" else f"{Decimal(text):f}"


def money(value):
    try:
        return {"amount": decimal(value["amount"]), "currency": currency(value["code"])}
    except (KeyError, TypeError):
        raise Refused(f"{value!r} is not an amount of money") from None


def currency(code):
    if isinstance(code, str) and len(code) == 3 and code.isascii() and code.isalpha():
        return code.upper()
    raise Refused(f"{code!r} is not a currency")


def money_back(value):
    try:
        amount, code = decimal(value["amount"]), value["currency"]
    except (KeyError, TypeError):
        raise Refused(f"{value!r} is not an amount of money") from None
    if currency(code) != code:
        raise Refused(f"{code!r} is not in capital letters")
    return {"amount": amount, "code": code}


# Time ---------------------------------------------------------------------------------------------


def day(value):
    try:
        # fromisoformat takes other layouts too, such as 20240301.
        if len(value) == 10 and value[4] == value[7] == "-":
            date.fromisoformat(value)
            return value
    except (TypeError, ValueError):
        pass
    raise Refused(f"{value!r} is not a date")


def instant(value):
    """Return the UTC date-time of New York clock text."""
    try:
        if (
            len(value) == 19
            and value[4] == value[7] == "-"
            and value[10] == " "
            and value[13] == value[16] == ":"
        ):
            local = datetime.fromisoformat(value)
            if 1900 <= local.year < 2200:
                return (local - NEW_YORK.utcoffset(local)).isoformat() + "Z"
    except (TypeError, ValueError):
        pass
    raise Refused(f"{value!r} is not a date and time")


def day_after(issued, days):
    try:
        return (date.fromisoformat(day(issued)) + timedelta(days)).isoformat()
    except (OverflowError, TypeError):
        raise Refused(f"{days!r} days after {issued!r} is no date") from None


def days_between(first, last):
    return (date.fromisoformat(day(last)) - date.fromisoformat(day(first))).days


# Words --------------------------------------------------------------------------------------------


def choice(table, value):
    """Return the entry of *value*, which has to have one."""
    try:
        if not isinstance(value, bool):  # True would find 1
            return table[value]
    except (KeyError, TypeError):
        pass
    raise Refused(f"{value!r} is none of {', '.join(map(str, table))}")


def text(value):
    """Return text that is not empty, which would mean that there is none."""
    if value is None or value == "":
        raise Refused("text that is not there is left out")
    return value


def country_code(name):
    """Return the code of a country's English name, or None."""
    return COUNTRIES.get(name.strip().lower())
