"""What printed Python calls; it imports nothing else.

A function here does what its namesake among the primitives and in the interpreter does, and is
quick for the values that documents are full of. Whatever the interpreter would report raises any
exception: then the interpreter runs, and words it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from mapper import primitives
from mapper.alignment import (
    NOTHING,
    Omissible,
    align,
    align_by_value,
    assign_slots,
    partners_by_mark,
    repeats,
)
from mapper.decimals import MAX_DECIMAL, is_decimal_text
from mapper.formats import LOCAL_YEARS, MAX_INTEGER
from mapper.primitives import (
    DATE_LAYOUT,
    INSTANT_LAYOUT,
    add_days,
    country_of,
    date_to,
    decimal_number,
    decimal_shift,
    epoch_from,
    epoch_to,
    integer_text,
    join_text,
    lower,
    split,
    table,
    trim,
    upper,
)
from mapper.values import (
    ABSENT,
    Steps,
    contains,
    copy,
    equal,
    find,
    flatten,
    given,
    in_order,
    is_truthy,
    is_within,
    store,
    without_nulls,
)

if TYPE_CHECKING:
    from mapper.completion import (
        Always,
        AtCreation,
        Inside,
        Items,
        Kept,
        Only,
        Place,
        Places,
        completed,
    )

__all__ = [
    "ABSENT",
    "EMPTY",
    "MAX_INTEGER",
    "MIN_INTEGER",
    "NUMBERS",
    "SCALARS",
    "SEEN_DECIMALS",
    "Always",
    "AtCreation",
    "Inside",
    "Items",
    "Kept",
    "Memo",
    "Only",
    "Place",
    "Places",
    "Unexpected",
    "add_days",
    "bodies",
    "changes",
    "compile_pattern",
    "completed",
    "contains",
    "copy",
    "country_of",
    "date_from",
    "date_to",
    "days_between",
    "decimal_number",
    "decimal_shift",
    "decimal_text",
    "demanded",
    "edited_places",
    "epoch_from",
    "epoch_to",
    "equal",
    "exact",
    "find",
    "flatten",
    "function",
    "given",
    "in_order",
    "instant_from",
    "instant_to",
    "integer_text",
    "is_amount",
    "is_of",
    "is_truthy",
    "is_within",
    "join_text",
    "lower",
    "members",
    "one_of",
    "partners",
    "picked",
    "places",
    "refuse_hidden",
    "repeats",
    "same",
    "split",
    "stay_in_place",
    "store",
    "stored",
    "table",
    "text_integer",
    "trim",
    "upper",
    "without_nulls",
]

MIN_INTEGER: Final = -MAX_INTEGER
"""The least integer that every engine holds exactly, as :data:`MAX_INTEGER` is the greatest."""

EMPTY: Final[dict[str, Any]] = {}
"""An object without members, which nobody changes."""

SCALARS: Final = frozenset({str, int, float, bool, type(None)})
"""The types of values that need no copy."""

NUMBERS: Final = frozenset({int, float})
"""The types of numbers."""

compile_pattern = re.compile

MEMO = 4096
"""How many values a memo keeps: when there are more, it starts anew."""

MEMO_TEXT = 64
"""How long the texts are, at most, whose values a memo keeps."""

Send = Callable[[Any], Any]
"""Gives what travels of a vendor value; raises for what the vendor does not take."""


def __getattr__(name: str) -> Any:
    """Return a name of :mod:`mapper.completion`, which few mappings need."""
    if name in __all__:
        from mapper import completion  # noqa: PLC0415 - as just said

        return getattr(completion, name)
    raise AttributeError(name)


class Unexpected(Exception):  # noqa: N818 - no error: the interpreter decides that
    """A value is not as the printed code expects it."""


# Values -------------------------------------------------------------------------------------------


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are :func:`equal`, quickly where they are not."""
    return left == right and exact(left, right)


def exact(left: Any, right: Any) -> bool:
    """Whether two JSON values that Python's ``==`` takes for equal are :func:`equal`."""
    kind = type(left)
    return (kind is type(right) and kind in SCALARS) or equal(left, right)


def stored(document: dict[str, Any], steps: Steps, value: Any) -> Any:
    """Return the member of *document* that *steps* lead to first, with *value* at *steps* in it.

    Neither *document* nor what is in it is changed.
    """
    [head, *rest] = steps
    if not rest:
        return value
    present = document.get(head)
    inner = dict(present) if isinstance(present, dict) else {}
    inner[rest[0]] = stored(inner, tuple(rest), value)
    return inner


# Expressions --------------------------------------------------------------------------------------


def function(name: str) -> Callable[..., Any]:
    """Return the body of one of the functions of expressions."""
    if name in _PRIMITIVE:
        return _PRIMITIVE[name]
    from mapper.functions import FUNCTIONS  # noqa: PLC0415 - few mappings call one

    return FUNCTIONS[name].body


def is_of(value: Any, wanted: str) -> bool:
    """Whether a value is of a type that functions take."""
    from mapper.functions import is_of  # noqa: PLC0415 - few mappings call a function

    return is_of(value, wanted)


# Conversions --------------------------------------------------------------------------------------


class Memo(dict[Any, Any]):
    """The results of a function of one text, as a dictionary that fills itself.

    Only texts are keys: nothing else is equal to one, as 1 is to true and to 1.0.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, text: Any) -> Any:
        result = self._function(text)
        if type(text) is str and len(text) <= MEMO_TEXT:
            if len(self) >= MEMO:
                self.clear()
            self[text] = result
        return result


def decimal_text(value: Any) -> str:
    """See the primitive of this name; short results are added to :data:`SEEN_DECIMALS`."""
    if type(value) is str and is_decimal_text(value):
        if _SHORT < len(value) <= MAX_DECIMAL:
            return value
        if len(value) <= _SHORT:
            if len(SEEN_DECIMALS) >= MEMO:
                SEEN_DECIMALS.clear()
            SEEN_DECIMALS.add(value)
            return value
    return primitives.decimal_text(value)


is_amount = re.compile(r"-?[1-9][0-9]{2,20}\.[0-9]{2,20}").fullmatch
"""Whether a text is a decimal number of the kind that seldom comes back: ``1234.50``."""

SEEN_DECIMALS: Final[set[str]] = set()
"""Decimal numbers as texts that documents had: rates, quantities, zero amounts come back."""

_SHORT = 5
"""Longer decimal numbers seldom come back."""


def date_from(text: Any, layout: str) -> str:
    """See the primitive of this name."""
    if layout == DATE_LAYOUT and type(text) is str and text[4:8:3] == "--" and len(text) == 10:
        date.fromisoformat(text)  # which takes other layouts too, but none with these hyphens
        return text
    return primitives.date_from(text, layout)


def days_between(first: Any, last: Any) -> int:
    """See the primitive of this name."""
    days = (
        date.fromisoformat(date_from(last, DATE_LAYOUT)),
        date.fromisoformat(date_from(first, DATE_LAYOUT)),
    )
    return (days[0] - days[1]).days


_PRIMITIVE: dict[str, Callable[..., Any]] = {
    "add_days": add_days,
    "days_between": days_between,
    "lower": lower,
    "trim": trim,
    "upper": upper,
}
"""The functions that are nothing but a primitive."""


def text_integer(text: Any) -> int:
    """See the primitive of this name."""
    plain = type(text) is str and text.isdigit() and text.isascii()
    if plain and len(text) < 16 and (text[0] != "0" or text == "0"):
        return int(text)
    return primitives.text_integer(text)


def instant_from(layout: str, zone: str) -> Callable[[Any], str]:
    """Return the primitive of this name for a layout and a zone, as a function of one text."""

    def exact(text: Any) -> str:
        return primitives.instant_from(text, layout, zone)

    def shift(clock: datetime) -> timedelta:
        local = clock.replace(tzinfo=primitives.zone_of(zone))
        return -(local.utcoffset() or timedelta())

    return _by_the_table(exact, layout, INSTANT_LAYOUT, shift)


def instant_to(layout: str, zone: str) -> Callable[[Any], str]:
    """Return the primitive of this name for a layout and a zone, as a function of one text."""

    def exact(text: Any) -> str:
        return primitives.instant_to(text, layout, zone)

    def shift(clock: datetime) -> timedelta:
        local = clock.replace(tzinfo=UTC).astimezone(primitives.zone_of(zone))
        return local.utcoffset() or timedelta()

    return _by_the_table(exact, INSTANT_LAYOUT, layout, shift)


def _by_the_table(
    exact: Callable[[Any], str],
    source: str,
    target: str,
    shift: Callable[[datetime], timedelta],
) -> Callable[[Any], str]:
    """Return *exact*, which turns clock texts of one layout into another, over tables of parts.

    Nearly every day two zones are whole hours apart, and stay so: then minutes and seconds are the
    same in both, the hour depends on the day's shift, and the day stays or is a neighbour.
    *exact* does the rest.
    """
    read, write = _clock_parts(source), _clock_parts(target)
    if read is None or write is None:
        return exact
    months = Memo(lambda text: _days(text, shift, read[0], write[0]))
    tails: dict[str, str] = {}

    def convert(text: Any) -> str:
        try:
            other, hour = months[text[:7]][text[7:10]][text[10:13]]
            tail = tails[text[13:]]
        except KeyError:
            if tails:
                return exact(text)
            tails.update(_tails(read[1], write[1]))
            return convert(text)
        day = text[:10]
        written: str = (day if other is None else other[day]) + hour + tail
        return written

    return convert


def _clock_parts(layout: str) -> tuple[str, str] | None:
    """Return what stands between the date and the time of a layout and behind, or None."""
    between, end = layout[8:9], layout[17:]
    is_usual = layout[:8] == "%Y-%m-%d" and layout[9:17] == "%H:%M:%S"
    return (between, end) if is_usual and "%" not in between + end else None


_Hours = dict[str, tuple[Memo | None, str]]


def _days(
    month: str, shift: Callable[[datetime], timedelta], read: str, write: str
) -> dict[str, _Hours]:
    """Return the table of hours for each day of a month, but for days on which it changes.

    Raises:
        KeyError: *month* is no month, or reaches beyond the years that have a table.
    """
    if (
        not re.fullmatch("[0-9]{4}-[0-9]{2}", month)
        or not LOCAL_YEARS[0] < int(month[:4]) < LOCAL_YEARS[1]
    ):
        raise KeyError(month)
    first = datetime(int(month[:4]), int(month[5:]), 1)  # noqa: DTZ001 - of either side
    days = [first + timedelta(day) for day in range(32)]
    shifts = {day: shift(day) for day in days}
    found = {}
    for day, next_day in pairwise(days):
        steady = shifts[day] == shifts[next_day]
        if steady and shifts[day].seconds % 3600 == 0 and day.month == first.month:
            by = shifts[day]
            found[f"-{day.day:02}"] = _hours(int(by.total_seconds()) // 3600, read, write)
    return found


@cache
def _hours(by: int, read: str, write: str) -> _Hours:
    """Return for each hour of a day the hour elsewhere, and if that is another day's, which day."""
    hours: _Hours = {}
    for hour in range(24):
        days, there = divmod(hour + by, 24)
        hours[f"{read}{hour:02}"] = _NEIGHBOURS.get(days), f"{write}{there:02}"
    return hours


def _beside(days: int) -> Memo:
    return Memo(lambda day: (date.fromisoformat(day) + timedelta(days)).isoformat())


_NEIGHBOURS = {1: _beside(1), -1: _beside(-1)}


def _tails(read: str, write: str) -> dict[str, str]:
    """Return what follows the hour on one side for what follows it on the other."""
    clocks = [f":{minute:02}:{second:02}" for minute in range(60) for second in range(60)]
    return {clock + read: clock + write for clock in clocks}


# Lists --------------------------------------------------------------------------------------------


def edited_places(
    new: Any, was: Any, confused: Callable[[Any, Any], bool] | None = None
) -> Sequence[int] | None:
    """Return the indexes at which two lists differ, None if they are not of the same length.

    Either may be ABSENT; *confused* says of two items whether ``==`` is wrong to call them equal.
    """
    if type(new) is not list or type(was) is not list or len(new) != len(was):
        return () if new is was else None
    if confused is None:
        return [place for place, item in enumerate(new) if item != was[place]]
    return [
        place for place, item in enumerate(new) if item != was[place] or confused(item, was[place])
    ]


def stay_in_place(
    name: str, places: Sequence[int], items: list[Any], old: list[dict[str, Any]]
) -> bool:
    """Whether the items at *places* have the keys of the old ones there, and no two the same one.

    The key is the member *name*, a text. The other items are the old ones.
    """
    keys = {key for item in old if type(key := item.get(name)) is str}
    kept = [place for place in places if items[place].get(name) == old[place].get(name)]
    return len(keys) == len(old) and len(kept) == len(places)


def partners(
    key: Steps | None,
    items: list[Any],
    old: list[Any],
    *,
    chosen: bool,
    omissible: Omissible = NOTHING,
) -> Sequence[int | None]:
    """Return the index of the item of *old* that each of *items* edits, None for a new one.

    *chosen* says whether a key that no old item has is a new item's, *omissible* what items may
    leave out.
    """
    if key is None:
        return align_by_value(items, old, omissible=omissible)

    def refuse(_: int, count: int) -> None:
        if count > 1 or not chosen:
            raise Unexpected

    if repeats(key, items):
        raise Unexpected
    return align(key, items, old, refuse, omissible)


def places(marks: list[Any], held: list[Any]) -> tuple[list[int | None], list[int]]:
    """Return the slot that holds each of *marks* (None: none), and the slot that it gets.

    ``held`` has one entry a slot, ABSENT for an empty one.
    """
    homes = partners_by_mark(marks, held)
    return homes, assign_slots(homes, len(held))


# Bodies -------------------------------------------------------------------------------------------


def members(table: dict[str, tuple[str, Send]]) -> Send:
    """Return what sends an object, by a table that says as what a member travels, and how."""

    def send(value: dict[str, Any]) -> dict[str, Any]:
        return {
            table[name][0]: table[name][1](inner) for name, inner in value.items() if name in table
        }

    return send


def picked(item: Any, name: str) -> Any:
    """Return the member of *item* that travels in its stead."""
    return copy(item[name]) if isinstance(item, dict) and name in item else copy(item)


def one_of(values: Sequence[Any]) -> Send:
    """Return what sends a value that is one of *values*."""

    def send(value: Any) -> Any:
        if isinstance(value, dict) or contains(values, value):
            return copy(value)
        raise Unexpected

    return send


def changes(target: dict[str, Any], base: dict[str, Any], touched: Iterable[str]) -> dict[str, Any]:
    """Return the members of *target* among the *touched* that differ from those of *base*."""
    changed = [name for name in touched if name not in base or not same(target[name], base[name])]
    if len(changed) > 1:
        changed.sort(key=list(target).index)
    return {name: target[name] for name in changed}


Included = dict[str, tuple[bool, "Included", "Included"]]
"""By name, whether a member must be asked for, and the same of those in it, and in its items."""


def refuse_hidden(included: Included, changed: dict[str, Any], base: dict[str, Any]) -> None:
    """Refuse what is *changed* if *base*, which it replaces in part, does not show all of it."""
    for name in included.keys() & changed.keys():
        _refuse_hidden(*included[name], changed[name], base.get(name, ABSENT))


def _refuse_hidden(alone: bool, members: Included, items: Included, value: Any, base: Any) -> None:  # noqa: FBT001 - as it is kept
    if base is ABSENT:
        if alone:
            raise Unexpected
    elif members and isinstance(value, dict) and isinstance(base, dict):
        for name, inner in members.items():
            _refuse_hidden(*inner, value.get(name, ABSENT), base.get(name, ABSENT))
    elif items and value and isinstance(value, list) and isinstance(base, list):
        for item in base:
            _refuse_hidden(False, items, {}, item, item)  # noqa: FBT003 - it is there


def demanded(
    holds: Callable[[Any], Any],
    mentions: Iterable[Steps],
    target: dict[str, Any],
    base: dict[str, Any],
) -> None:
    """Refuse *target* if the vendor's demand does not hold and this is not the base's doing."""
    edited = any(not equal(find(target, steps), find(base, steps)) for steps in mentions)
    if (edited or not base) and not is_truthy(holds(target)):
        raise Unexpected


def bodies(
    changed: dict[str, Any], send: Send, phases: dict[str, tuple[str, tuple[Any, ...]]]
) -> list[dict[str, Any]]:
    """Return *changed* as request bodies: phases that come first, the data, other phases.

    *phases* says for a member that travels in a request of its own the name of the phase, and with
    which values it goes before the others.
    """
    if phases.keys().isdisjoint(changed):
        return [send(changed)] if changed else []
    first: dict[str, dict[str, Any]] = {}
    last: dict[str, dict[str, Any]] = {}
    data: dict[str, Any] = {}
    for name, value in changed.items():
        if name not in phases:
            data[name] = value
            continue
        phase, values = phases[name]
        order = first if contains(values, value) else last
        order.setdefault(phase, {})[name] = value
    return [send(body) for body in (*first.values(), *([data] if data else []), *last.values())]
