"""Types: sets of JSON values, by kind of value.

A type may be larger than what it stands for, never smaller.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, reduce
from itertools import starmap
from math import inf
from operator import or_
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mapper.formats import FORMATS
from mapper.languages import (
    EVERYTHING,
    Language,
    TooComplex,
    counterexample,
    other_than,
    texts,
)
from mapper.values import equal, identity

remembered = lru_cache(maxsize=4_096)
"""Keeps what a function gave: mappings ask the same of the same few languages and schemas."""

_texts = remembered(texts)

MANY = 1_000
"""Of more numbers or texts than so many, types do not keep each."""


class Numbers(Struct, frozen=True):
    """Numbers between two bounds, both included.

    Attributes:
        whole: Whether all are integers.
        exact: Whether all are the same decimal number in every engine: at most 15 digits.
        values: The only ones there are, if they are few.
    """

    low: float = -inf
    high: float = inf
    whole: bool = False
    exact: bool = False
    values: frozenset[float] | None = None

    @classmethod
    def of(cls, values: Iterable[float]) -> "Numbers":
        """Return the type of just these numbers, of which there is at least one."""
        found = frozenset(values)
        whole = all(float(each).is_integer() for each in found)
        exact = all(FORMATS["decimal"].holds_number(each) for each in found)
        return cls(min(found), max(found), whole, exact, found)

    def listed(self) -> frozenset[float] | None:
        """Return each of the numbers, None if they are many."""
        if self.values is None and self.whole and self.high - self.low < MANY:
            return frozenset(range(int(self.low), int(self.high) + 1))
        return self.values


class Texts(Struct, frozen=True):
    """Texts of a regular language that are also of some formats.

    Attributes:
        language: All of them are in it.
        formats: All of them are of these, but for those that are ``loose``.
        loose: Few texts that need not be of the formats.
        values: The only ones there are, if they are few.
    """

    language: Language = EVERYTHING
    formats: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    values: frozenset[str] | None = None

    @classmethod
    def of(cls, values: Iterable[str]) -> "Texts":
        """Return the type of just these texts."""
        found = frozenset(values)
        return cls(_texts(found), values=found)

    def listed(self) -> frozenset[str] | None:
        """Return each of the texts, None if they are many."""
        return _listed(self.language) if self.values is None else self.values

    def are(self, name: str) -> bool:
        """Whether all of the texts are sure to be of a format."""
        holds = FORMATS[name].holds
        if name in self.formats or name == "text":
            return all(map(holds, self.loose))
        words = self.listed()
        return words is not None and all(map(holds, words))


@remembered
def _listed(language: Language) -> frozenset[str] | None:
    return language.finite(MANY)


@remembered
def is_empty(language: Language) -> bool:
    """Whether a language is sure to have no text."""
    try:
        return language.is_empty
    except TooComplex:
        return False


@remembered
def shared(language: Language, other: Language) -> Language:
    """Return the texts of both languages; those of *language* if that cannot be said."""
    try:
        return language & other
    except TooComplex:
        return language


@remembered
def _united(language: Language, other: Language) -> Language:
    """Return the texts of either language; all texts if that cannot be said."""
    try:
        return language | other
    except TooComplex:
        return EVERYTHING


@remembered
def outside(language: Language, other: Language) -> str | None:
    """Return a text of *language* that is none of *other*, None if there is none; "" if unsure."""
    try:
        return counterexample(language, other)
    except TooComplex:
        return ""


class Lists(Struct, frozen=True):
    """Lists of so many items, at least and at most; without a type, items are anything.

    If they are ``unique``, no list has an item twice. That is said of numbers and texts and the
    like alone: objects that differ may be the same once some of their members are left out.
    The ``first`` items have types of their own, as far as these are known.
    """

    of: "Type | None" = None
    least: int = 0
    most: float = inf
    unique: bool = False
    first: "tuple[Type, ...]" = ()

    def at(self, index: int) -> "Type":
        """Return the type of what the item at *index* is: null where a list may lack it."""
        item = self.first[index] if 0 <= index < len(self.first) else self.item
        needed = index + 1 if index >= 0 else -index
        return item if needed <= self.least else item | NULL

    @property
    def item(self) -> "Type":
        """The type of the items."""
        return ANY if self.of is None else self.of

    @property
    def is_unique(self) -> bool:
        """Whether it is sure that no list has an item twice."""
        return self.unique or self.most <= 1


class Member(Struct, frozen=True):
    type: "Type"
    required: bool = False


class Objects(Struct, frozen=True):
    """Objects with these members, and with others unless they are closed.

    Without a type, other members are anything. If there are ``branches``, as of a union in a
    schema, each object is also one of these.
    """

    members: Mapping[str, Member] = field(default_factory=dict)
    closed: bool = False
    of: "Type | None" = None
    branches: "tuple[Objects, ...]" = ()

    @property
    def rest(self) -> "Type":
        """The type of other members, of which a closed object has none."""
        if self.closed:
            return NOTHING
        return ANY if self.of is None else self.of


class Type(Struct, frozen=True):
    """A set of JSON values: those of each kind, none of a kind that is None, false or empty.

    ``open`` says that no schema tells anything of the values: they may be whatever they have to be,
    since nobody can say that they are not. Of those that a schema tells of all the same, ``told``
    is the type, null aside.
    """

    null: bool = False
    booleans: frozenset[bool] = frozenset()
    numbers: Numbers | None = None
    texts: Texts | None = None
    lists: Lists | None = None
    objects: Objects | None = None
    open: bool = False
    told: "Type | None" = None

    @property
    def is_empty(self) -> bool:
        return not any(self.pieces())

    @property
    def kinds(self) -> tuple[str, ...]:
        """JMESPath's names of the kinds of values there are."""
        return tuple(name for name, _ in self.pieces())

    def pieces(self) -> Iterator[tuple[str, "Type"]]:
        """Yield what there is of each kind, by JMESPath's name of the kind."""
        if self.null:
            yield "null", NULL
        if self.booleans:
            yield "boolean", Type(booleans=self.booleans)
        if self.numbers is not None:
            yield "number", Type(numbers=self.numbers)
        if self.texts is not None:
            yield "string", Type(texts=self.texts)
        if self.lists is not None:
            yield "array", Type(lists=self.lists)
        if self.objects is not None:
            yield "object", Type(objects=self.objects)

    def only(self, *kinds: str) -> "Type":
        """Return what there is of these kinds."""
        return join(each for name, each in self.pieces() if name in kinds)

    def without_null(self) -> "Type":
        return replace(self, null=False)

    def __or__(self, other: "Type") -> "Type":
        return Type(
            self.null or other.null,
            self.booleans | other.booleans,
            _either(self.numbers, other.numbers, _join_numbers),
            _either(self.texts, other.texts, _join_texts),
            _either(self.lists, other.lists, _join_lists),
            _either(self.objects, other.objects, _join_objects),
            self.open or other.open,
            _both_told(self, other) if self.open or other.open else None,
        )


NOTHING = Type()
NULL = Type(null=True)
BOOLEAN = Type(booleans=frozenset({True, False}))
NUMBER = Type(numbers=Numbers())
TEXT = Type(texts=Texts())
ANY = Type(
    null=True,
    booleans=BOOLEAN.booleans,
    numbers=Numbers(),
    texts=Texts(),
    lists=Lists(),
    objects=Objects(),
)
"""Every JSON value."""
ANYTHING = reduce(
    lambda inner, _: replace(ANY, lists=Lists(inner), objects=Objects(of=inner), open=True),
    range(5),
    replace(ANY, open=True),
)
"""Every JSON value, where no schema says which there are, nor what they hold (to some depth)."""


def _both_told(left: Type, right: Type) -> Type | None:
    """Return what is known of the values of two types of which one is open."""
    known = join(known_of(each).without_null() for each in (left, right))
    return None if known.is_empty else known


def known_of(given: Type) -> Type:
    """Return the type of the values that schemas tell of."""
    return (given.told or NOTHING) if given.open else given


def flattened(item: Type) -> Type:
    """Return the type of items of which lists give way to what they hold."""
    known = known_of(item)
    inner = known.lists.item if known.lists is not None else NOTHING
    flat = known.only(*(kind for kind in known.kinds if kind != "array")) | inner
    return _open_with(known_of(flat).without_null()) if item.open else flat


def _open_with(known: Type) -> Type:
    return replace(ANYTHING, told=None if known.is_empty else known)


def join(types: Iterable[Type]) -> Type:
    """Return the type of the values of all *types*."""
    return reduce(Type.__or__, types, NOTHING)


def _either(left: Any, right: Any, both: Any) -> Any:
    if left is None or right is None:
        return right if left is None else left
    return both(left, right)


def _join_numbers(left: Numbers, right: Numbers) -> Numbers:
    values = None
    if left.values is not None and right.values is not None:
        values = left.values | right.values
    return Numbers(
        min(left.low, right.low),
        max(left.high, right.high),
        left.whole and right.whole,
        left.exact and right.exact,
        values if values is None or len(values) <= MANY else None,
    )


def _join_texts(left: Texts, right: Texts) -> Texts:
    if left is right:
        return left
    words = left.values, right.values
    if words[0] is not None and words[1] is not None and len(words[0] | words[1]) <= MANY:
        return Texts.of(words[0] | words[1])
    language = _united(left.language, right.language)
    loose = left.loose | right.loose
    if words[0] is not None or words[1] is not None:
        listed, other = (left, right) if words[0] is not None else (right, left)
        return Texts(language, other.formats, loose | (listed.values or frozenset()))
    return Texts(language, left.formats & right.formats, loose)


def _join_lists(left: Lists, right: Lists) -> Lists:
    item = None if left.of is None or right.of is None else left.of | right.of
    unique = left.is_unique and right.is_unique
    first = left.first if not right.most else right.first
    if left.most and right.most:
        first = tuple(starmap(or_, zip(left.first, right.first, strict=False)))
    return Lists(item, min(left.least, right.least), max(left.most, right.most), unique, first)


def _join_objects(left: Objects, right: Objects) -> Objects:
    members = {}
    for name in {**left.members, **right.members}:
        pair = [_member(each, name) for each in (left, right)]
        members[name] = Member(pair[0].type | pair[1].type, all(each.required for each in pair))
    closed = left.closed and right.closed
    free = any(not each.closed and each.of is None for each in (left, right))
    of = None if closed or free else left.rest | right.rest
    return Objects(members, closed, of, _branches_of(left, right))


def _branches_of(left: Objects, right: Objects) -> tuple[Objects, ...]:
    """Return what objects of either type are one of; none if that tells no more than the whole."""
    if left == right:
        return left.branches
    if not all(each.members or each.closed for each in (left, right)):
        return ()
    apart = [*(left.branches or (left,)), *(right.branches or (right,))]
    found = [each for at, each in enumerate(apart) if each not in apart[:at]]
    return tuple(found) if 1 < len(found) <= MANY_BRANCHES else ()


MANY_BRANCHES = 50
"""Of more branches of a union, types do not keep each."""


def _member(objects: Objects, name: str) -> Member:
    return objects.members.get(name) or Member(objects.rest)


# A value of a type --------------------------------------------------------------------------------


def inhabits(value: Any, given: Type) -> bool:
    """Whether *value* is one of the values of a type."""
    match value:
        case None:
            return given.null
        case bool():
            return value in given.booleans
        case int() | float():
            return given.numbers is not None and _is_number_of(value, given.numbers)
        case str():
            found = given.texts
            return (
                found is not None
                and value in found.language
                and (
                    value in found.loose
                    or all(FORMATS[name].holds(value) for name in found.formats)
                )
            )
        case list():
            return given.lists is not None and _is_list_of(value, given.lists)
        case _:
            return given.objects is not None and _is_object_of(value, given.objects)


def _is_number_of(value: float, numbers: Numbers) -> bool:
    return (
        numbers.low <= value <= numbers.high
        and (not numbers.whole or float(value).is_integer())
        and (not numbers.exact or FORMATS["decimal"].holds_number(value))
        and (numbers.values is None or value in numbers.values)
    )


def _is_list_of(value: list[Any], lists: Lists) -> bool:
    return (
        lists.least <= len(value) <= lists.most
        and all(inhabits(item, lists.item) for item in value)
        and all(starmap(inhabits, zip(value, lists.first, strict=False)))
        and (not lists.unique or len(set(map(identity, value))) == len(value))
    )


def _is_object_of(value: dict[str, Any], objects: Objects) -> bool:
    if any(each.required and name not in value for name, each in objects.members.items()):
        return False
    for name, inner in value.items():
        member = objects.members.get(name)
        if not inhabits(inner, objects.rest if member is None else member.type):
            return False
    branches = objects.branches
    return not branches or any(_is_object_of(value, each) for each in branches)


def is_one_value(given: Type) -> bool:
    """Whether there is just one value of a type, and it is a scalar."""
    numbers, texts = given.numbers, given.texts
    counts = [
        int(given.null),
        len(given.booleans),
        0 if numbers is None else 2 if numbers.values is None else len(numbers.values),
        0 if texts is None else 2 if texts.values is None else len(texts.values),
    ]
    return sum(counts) == 1 and given.lists is None and given.objects is None


def is_told(given: Type) -> bool:
    """Whether schemas say which values there are, and what they hold.

    Of objects with members that they name, what else there may be does not count.
    """
    if given.open:
        return False
    lists, objects = given.lists, given.objects
    inner = [] if lists is None else [lists.of]
    if objects is not None:
        inner += [each.type for each in objects.members.values()] or [objects.of]
    return all(each is None or is_told(each) for each in inner)


# What is taken away -------------------------------------------------------------------------------


def without(given: Type, values: Iterable[Any]) -> Type:
    """Return the type less *values*, as far as that can be said."""
    for value in values:
        given = _without(given, value)
    return given


def _without(given: Type, value: Any) -> Type:
    match value:
        case None:
            return given.without_null()
        case bool():
            return replace(given, booleans=given.booleans - {value})
        case int() | float() if given.numbers is not None:
            return replace(given, numbers=_numbers_without(given.numbers, value))
        case str() if given.texts is not None:
            return replace(given, texts=_texts_without(given.texts, value))
        case [] if given.lists is not None and given.lists.least == 0:
            return replace(given, lists=replace(given.lists, least=1))
        case _:
            return given


_other_than = remembered(other_than)


def _texts_without(given: Texts, value: str) -> Texts | None:
    if given.values is not None:
        left = given.values - {value}
        return Texts.of(left) if left else None
    if value not in given.language:
        return given
    language = shared(given.language, _other_than(value))
    if is_empty(language):
        return None
    return replace(given, language=language, loose=given.loose - {value})


def _numbers_without(numbers: Numbers, value: float) -> Numbers | None:
    if numbers.values is not None:
        left = frozenset(each for each in numbers.values if not equal(each, value))
        return Numbers.of(left) if left else None
    if numbers.whole and value == numbers.low:
        return replace(numbers, low=value + 1) if numbers.low < numbers.high else None
    if numbers.whole and value == numbers.high:
        return replace(numbers, high=value - 1)
    return numbers


def truthy(given: Type) -> Type:
    """Return the values of a type that count as true in JMESPath: 0 is one of them."""
    left = without(given, (None, False, "", []))
    objects = left.objects
    if objects is not None and not objects.members and objects.closed:
        left = replace(left, objects=None)
    if left.lists is not None and left.lists.most == 0:
        left = replace(left, lists=None)
    return left


def falsy(given: Type) -> Type:
    """Return the values of a type that count as false in JMESPath."""
    empty_text = given.texts is not None and "" in given.texts.language
    empty_list = given.lists is not None and given.lists.least == 0
    required = given.objects is not None and any(
        each.required for each in given.objects.members.values()
    )
    return Type(
        given.null,
        given.booleans & {False},
        None,
        Texts.of([""]) if empty_text else None,
        Lists(NOTHING, 0, 0) if empty_list else None,
        Objects(closed=True) if given.objects is not None and not required else None,
    )
