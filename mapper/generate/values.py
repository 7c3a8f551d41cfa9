"""What fits one schema: its values, those at the boundaries more often than not."""

from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from math import ceil, floor
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from mapper import formats
from mapper.decimals import SIGNIFICANT_DIGITS
from mapper.diagnostics import MapperError
from mapper.formats import MAX_INTEGER
from mapper.generate.choices import Choices, Fault, Make, any_of, refusal, too_large, until
from mapper.generate.invariants import invariant
from mapper.generate.matching import MOST_STATES, make_matching
from mapper.generate.samples import (
    ANYTHING,
    CURRENCIES,
    FORMATS,
    INTEGERS,
    LETTERS,
    LONG_TEXT,
    NAMES,
    NUMBERS,
    RARE_TEXTS,
    TEXTS,
    USUAL,
    clock_changes,
)
from mapper.languages import TooComplex
from mapper.schema import Schema, schema_of, validate
from mapper.schema.patterns import matches
from mapper.schema.vocabulary import KEYWORDS
from mapper.values import contains, copy, identity

LENGTHS: Final = (0, 0, 1, 1, 1, 2, 2, 3, 5, 10, 10, 12)
"""How many items lists have, each as often as it stands here."""

ENOUGH: Final = 1_000
"""How many items all lists of a document have before those that follow have as few as they can."""

LONGEST: Final = 10_000
"""How many characters a text may need to have before it is none that is generated."""

MOST_ITEMS: Final = 10_000
"""How many items a document may need to have before it is none that is generated."""

REPEATS: Final = 200
"""How many items in a row a list without repeats may have already; then it gets no more."""

VALUES: Final = 3
"""How often a member has a proper value, for each time that it is absent, null, "" or 0."""

NEAR: Final = (1_000, 1_000, 1_000, 1_000_000)
"""How large usual numbers are at most, each as often as it stands here."""

COMMON: Final = 4
"""How often common texts stand for each time that rare ones do."""


class Values(Struct, frozen=True):
    """What fits a schema: the values that look unset (null, "", 0), and what makes the others."""

    unset: tuple[Any, ...]
    makes: tuple[Make, ...]

    def options(self) -> list[Make]:
        """Return makers to pick from, the simplest first."""
        unset = [_constant(value) for value in self.unset]
        return unset + list(self.makes) * (VALUES if unset and len(self.makes) < VALUES else 1)


def mix(values: Values, schema: Schema) -> Make:
    """Return what makes any of *values*, which are those of *schema*.

    Raises:
        MapperError: M301: there are none.
    """
    options = values.options()
    if not options:
        raise refusal(schema, "no value fits")
    return any_of(options)


_UNSET: Final = (None, "", 0)
_GENERATED: Final = frozenset({
    "type", "enum", "const", "properties", "required", "dependentRequired", "additionalProperties",
    "propertyNames", "items", "minItems", "maxItems", "uniqueItems", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern", "format", "anyOf",
    "oneOf", "not",
})  # fmt: skip
"""The keywords that are honoured; any other that asserts something is refused."""

_SHAPING: Final = frozenset(["type", "properties", "items", "additionalProperties"])
"""The keywords beside which the branches of a union are conditions, not sources of values."""


@lru_cache(maxsize=4_096)
def values_of(schema: Schema, *, unknown: bool = False) -> Values:
    """Return what fits *schema*, its invariants aside.

    Raises:
        MapperError: M301: it says something that cannot be generated.
    """
    raw = schema.raw
    for keyword in raw:
        if keyword not in KEYWORDS or (KEYWORDS[keyword].asserts and keyword not in _GENERATED):
            raise refusal(schema, f"{keyword} cannot be generated")
    checked = raw.keys() & {"not", "dependentRequired", "propertyNames", "oneOf"}
    if "enum" in raw or "const" in raw:
        fitting = [value for value in schema.enum or () if not validate(schema, value)]
        proper = [value for value in fitting if not contains(_UNSET, value)]
        unset = tuple(value for value in fitting if contains(_UNSET, value))
        return Values(unset, (lambda choices: choices.pick(proper),) if proper else ())
    makes: tuple[Make, ...]
    if _is_made_of_branches(schema):
        inner = [_inner(_told(branch, raw), unknown=unknown) for branch in schema.branches]
        checked |= {name for name in raw if KEYWORDS[name].asserts} - {"anyOf"}
        makes = tuple(make for values in inner for make in values.makes)
    else:
        makes = tuple(_makes(schema, unknown=unknown))
        checked |= raw.keys() & {"anyOf"}
    if checked:
        makes = _until(makes, lambda value: _misfit(schema, value), schema)
    return Values(tuple(value for value in _UNSET if not validate(schema, value)), makes)


def _is_made_of_branches(schema: Schema) -> bool:
    """Whether branches say what is made; alone, or beside what only says that it is an object."""
    shaping = schema.raw.keys() & _SHAPING
    if shaping == {"type"} and schema.kinds == {"object"}:
        return bool(schema.branches) and all(each.members() for each in schema.branches)
    return bool(schema.branches) and not shaping


def _told(branch: Schema, around: Mapping[str, Any]) -> Schema:
    """Return *branch* with what stands beside the union, and says how lists or objects are made."""
    said = {name: around[name] for name in ("x-unique",) if name in around and branch.item}
    if branch.members():
        said |= {name: around[name] for name in ("type",) if name in around.keys() - branch.raw}
        needed = (*around.get("required", ()), *branch.raw.get("required", ()))
        said |= {"required": [*dict.fromkeys(needed)]} if needed else {}
    return replace(branch, raw={**branch.raw, **said}) if said else branch


def _inner(schema: Schema, *, unknown: bool) -> Values:
    """Return what fits *schema*, a part of another, its invariants included."""
    values, broken = values_of(schema, unknown=unknown), invariant(schema)
    if broken is None:
        return values
    return Values(values.unset, _until(values.makes, broken, schema))


def _until(makes: tuple[Make, ...], fault: Fault, schema: Schema) -> tuple[Make, ...]:
    return (until(any_of(makes), fault, schema),) if makes else ()


def _makes(schema: Schema, *, unknown: bool) -> Iterator[Make]:
    """Yield what makes values, other than those that look unset, of each type in *schema*."""
    kinds = schema.kinds
    if "boolean" in kinds:
        yield lambda choices: choices.pick((False, True))
    if kinds & {"number", "integer"}:
        yield from _numbers(schema)
    if "string" in kinds:
        yield from _texts(schema)
    if "object" in kinds:
        yield _object(schema, unknown=unknown)
    if "array" in kinds:
        yield _list(schema, unknown=unknown)


def _numbers(schema: Schema) -> Iterator[Make]:
    low = schema.raw.get("minimum", -MAX_INTEGER)
    high = schema.raw.get("maximum", MAX_INTEGER)
    above = schema.raw.get("exclusiveMinimum", low - 1)
    below = schema.raw.get("exclusiveMaximum", high + 1)

    def integers(scale: int) -> tuple[int, int]:
        """Return the bounds of the integers that are *scale* times a value."""
        return (
            max(ceil(low * scale), floor(above * scale) + 1),
            min(floor(high * scale), ceil(below * scale) - 1),
        )

    holds = formats.FORMATS[schema.raw.get("format", "text")].holds_number
    least, most = integers(1)
    bounds = (least, most) if least <= most else ()
    integral = "number" not in schema.kinds
    pool = tuple(
        value
        for value in dict.fromkeys((*(INTEGERS if integral else NUMBERS), *bounds))
        if low <= value <= high and above < value < below and value != 0 and holds(value)
        if abs(value) <= MAX_INTEGER  # beyond, no engine holds integers exactly
        if integral or float(f"{value:.15g}") == value
    )
    if pool:
        yield lambda choices: choices.pick(pool)
    scale, limit = 1 if integral else 100, 10**SIGNIFICANT_DIGITS - 1
    if integral and holds(MAX_INTEGER):
        limit = MAX_INTEGER
    first, last = integers(scale)
    first, last = max(first, -limit), min(last, limit)
    low, near = max(first, scale), [min(last, most * scale) for most in NEAR]
    if low <= near[0]:
        yield lambda choices: _scaled(choices.integer(low, choices.pick(near)), scale)
    elif first <= last:
        yield lambda choices: _scaled(choices.integer(first, last), scale)


def _scaled(integer: int, scale: int) -> float:
    return integer if scale == 1 else integer / scale


def _texts(schema: Schema) -> Iterator[Make]:
    raw = schema.raw
    shape, pattern = raw.get("format", "text"), raw.get("pattern")
    low, high = max(raw.get("minLength", 0), 1), raw.get("maxLength", MOST_STATES)
    if shape not in FORMATS:
        raise refusal(schema, f"the format {shape} cannot be generated")
    if low > LONGEST:
        raise too_large(schema, f"minLength {low}, more than {LONGEST}")

    def fault(text: str) -> str | None:
        fits = low <= len(text) <= high and formats.FORMATS[shape].holds(text)
        fits = fits and (pattern is None or matches(pattern, text))
        return None if fits else "a text has another length, format or pattern"

    telling, free = FORMATS[shape]
    if "x-zone" in raw:
        telling = tuple(dict.fromkeys((*telling, *clock_changes(raw["x-zone"]))))
    if pattern is not None:
        telling = (*telling, *CURRENCIES)  # what a pattern of three letters may be
    elif shape == "text":
        long = min(high, max(low, LONG_TEXT))
        telling = (*TEXTS * COMMON, *RARE_TEXTS, "x" * low, "x" * long)
        free = _letters(low, min(high, low + 7))
    examples = (text for text in raw.get("examples", ()) if isinstance(text, str))
    pool = [text for text in (*telling, *examples) if fault(text) is None]
    if pattern is not None or (free and shape != "text" and (low > 1 or "maxLength" in raw)):
        free = _matching(schema, low, high, alone=not pool)
    sources: list[Make] = [lambda choices: choices.pick(pool)] if pool else []
    if free:
        sources.append(free)
    yield from _until(tuple(sources), fault, schema)


def _matching(schema: Schema, low: int, high: int, *, alone: bool) -> Make | None:
    """Return what makes texts of a format, a pattern and a length, None if there are none.

    Raises:
        MapperError: M301: They are too much work to find, and are *alone*.
    """
    shape, pattern = schema.raw.get("format", "text"), schema.raw.get("pattern")
    stated = [] if pattern is None else [pattern[1:-1]]
    shaped = [formats.FORMATS[shape].shape] if formats.FORMATS[shape].shape else []
    most = high if high - low < LONG_TEXT else None
    with suppress(TooComplex):
        usual = make_matching([*stated, USUAL[shape]], low, most) if shape in USUAL else None
        if usual:
            return usual
    # What more texts fit is less work: if there are none of those, there is none at all.
    ways = ((*stated, *shaped), most), ((*stated, *shaped), None), (tuple(stated or shaped), None)
    for regexes, limit in dict.fromkeys(ways):
        with suppress(TooComplex):
            return make_matching(regexes, low, limit)
    if alone:
        raise too_large(schema, f"a pattern of more than {MOST_STATES} states")
    return None


def _letters(low: int, high: int) -> Make:
    return lambda choices: "".join(
        [choices.pick(LETTERS) for _ in range(choices.integer(low, high))]
    )


def _object(schema: Schema, *, unknown: bool) -> Make:
    members: list[tuple[str, list[Make | None]]] = []
    for name, member in schema.own.items():
        options: list[Make | None] = [*_inner(member, unknown=unknown).options()]
        if name not in schema.required:
            options = [None, *options * (VALUES if len(options) < VALUES else 1)]
        if not options:
            raise refusal(member, "no value fits")
        members.append((name, options))
    members += _unnamed(schema, unknown=unknown)
    others = _others(schema, unknown=unknown)

    def make(choices: Choices) -> dict[str, Any]:
        made = {}
        for name, options in members:
            option = choices.pick(options)
            if option is not None:
                made[name] = option(choices)
        return made if others is None else others(choices) | made

    return make


def _unnamed(schema: Schema, *, unknown: bool) -> Iterator[tuple[str, list[Make | None]]]:
    """Yield the members that *schema* requires without naming them, with what makes each."""
    for name in schema.raw.get("required", ()):
        if name in schema.own:
            continue
        if schema.closed:
            raise refusal(schema, "no value fits")
        yield (
            name,
            [
                mix(_inner(schema.rest, unknown=unknown), schema.rest)
                if schema.rest
                else _make_anything
            ],
        )


def _pick_name(choices: Choices) -> str:
    return choices.pick(NAMES)


def _others(schema: Schema, *, unknown: bool) -> Make | None:
    """Return what makes the members that *schema* does not name, or None if there shall be none.

    Where it says what they hold, they are usual; what it merely lets pass is rare.
    """
    counts: tuple[int, ...]
    if schema.rest:
        make, counts = mix(_inner(schema.rest, unknown=unknown), schema.rest), (0, 1, 2, 3)
    elif unknown and not schema.closed:
        make, counts = _make_anything, (*(0,) * 9, 1)
    else:
        return None
    make_name: Make = _pick_name
    if "propertyNames" in schema.raw:
        named = schema_of({"type": "string"} | schema.raw["propertyNames"])
        make_name = mix(values_of(named), named)

    def others(choices: Choices) -> dict[str, Any]:
        count = choices.pick(counts) if choices.items < ENOUGH else 0
        choices.items += count
        names = [make_name(choices) for _ in range(count)]
        return {name: make(choices) for name in names if name not in schema.own}

    return others


def _make_anything(choices: Choices) -> Any:
    return copy(choices.pick(ANYTHING))


def _list(schema: Schema, *, unknown: bool) -> Make:
    raw, items = schema.raw, schema.item
    make = mix(_inner(items, unknown=unknown), items) if items else _make_anything
    least = raw.get("minItems", 0)
    most = raw.get("maxItems", max(least, LENGTHS[-1]))
    lengths = [length for length in LENGTHS if least <= length <= most] or [least, most]
    key, unique = raw.get("x-unique"), raw.get("uniqueItems", False)
    if least > MOST_ITEMS:
        raise too_large(schema, f"minItems {least}, more than {MOST_ITEMS}")

    def make_list(choices: Choices) -> list[Any]:
        made: list[Any] = []
        seen: set[Hashable] = set()
        length, repeats = choices.pick(lengths), 0
        while len(made) < length and repeats < REPEATS:
            if choices.items >= (MOST_ITEMS if len(made) < least else ENOUGH):
                break
            choices.items += 1
            item = make(choices)
            marks = _marks(item, key, unique=unique)
            if seen.isdisjoint(marks):
                made.append(item)
                seen |= marks
                repeats = 0
            else:
                choices.items -= 1
                repeats += 1
        if len(made) < least:
            raise _too_few(schema, choices, least)
        return made

    return make_list


def _too_few(schema: Schema, choices: Choices, least: int) -> MapperError:
    if choices.items >= MOST_ITEMS:
        return too_large(schema, f"a document of more than {MOST_ITEMS} items")
    return refusal(schema, f"there are no {least} different items")


def _marks(item: Any, key: str | None, *, unique: bool) -> set[Hashable]:
    """Return what another item of the list may not have: ids come as numbers and as digits."""
    value = item.get(key) if isinstance(item, dict) else None
    return ({str(value)} if value is not None else set()) | ({identity(item)} if unique else set())


def _constant(value: Any) -> Make:
    return lambda choices: value


def _misfit(schema: Schema, value: Any) -> str | None:
    return next((finding.message for finding in validate(schema, value)), None)
