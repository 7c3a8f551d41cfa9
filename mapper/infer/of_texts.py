"""The types of what primitives make of text."""

from math import inf
from typing import Any

from msgspec.structs import replace

from mapper.diagnostics import show_value
from mapper.formats import FORMATS
from mapper.infer.refusals import Operation, Refused, of_regex, refuse_others, texts_of
from mapper.infer.types import (
    NOTHING,
    TEXT,
    Lists,
    Texts,
    Type,
    is_empty,
    outside,
    remembered,
    shared,
    without as less,
)
from mapper.languages import (
    EVERYTHING,
    Language,
    Parts,
    TooComplex,
    before,
    chained,
    joined,
    other_than,
    split,
    without,
)
from mapper.primitives import PRIMITIVES


@remembered
def _in_case(language: Language, *, upper: bool) -> Language:
    try:
        return language.cased(upper=upper)
    except TooComplex:
        return EVERYTHING


@remembered
def _without_blanks(language: Language) -> Language:
    try:
        return language.trimmed()
    except TooComplex:
        return EVERYTHING


def cased(given: Type, *, upper: bool) -> Type:
    """Return the type of texts in upper or lower case (A to Z only)."""
    texts = given.texts
    if texts is None:
        return NOTHING
    language = _in_case(texts.language, upper=upper)
    change = PRIMITIVES["upper" if upper else "lower"].python
    loose = frozenset(map(change, texts.loose))
    return Type(texts=Texts(language, texts.formats & _IN_ANY_CASE, loose))


_IN_ANY_CASE = frozenset(
    (
        "date", "local-date-time", "decimal", "number-text", "integer-text", "text",
        "email", "hostname", "ipv4", "ipv6", "uri", "uuid",
    )
)  # fmt: skip
"""Formats whose texts are of them in upper and in lower case."""


def trimmed(given: Type) -> Type:
    """Return the type of texts without white space at their ends."""
    texts = given.texts
    if texts is None:
        return NOTHING
    language = _without_blanks(texts.language)
    loose = frozenset(map(PRIMITIVES["trim"].python, texts.loose))
    return Type(texts=Texts(language, texts.formats & _WITHOUT_BLANKS, loose))


_WITHOUT_BLANKS = frozenset(FORMATS) - {"text"}


def change_case(*, upper: bool) -> Operation:
    def operation(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
        return cased(given[0], upper=upper) if texts_of(given[0], refused) else NOTHING

    return operation


def trim(given: list[Type], _: list[Any], refused: list[Refused]) -> Type:
    return trimmed(given[0]) if texts_of(given[0], refused) else NOTHING


def match(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    texts = texts_of(given[0], refused)
    if texts is None:
        return NOTHING
    pattern, what = constants
    language = of_regex(pattern)
    stray = outside(texts.language, language)
    if stray is not None:
        refused.append(Refused("value", f"may not be {what}: {show_value(stray)}"))
    return Type(texts=replace(texts, language=shared(texts.language, language)))


def split_text(texts: Texts, separator: str) -> Type:
    """Return the type of the lists of the parts of texts between separators."""
    filled = shared(texts.language, _other_than(""))
    if is_empty(filled):
        return Type(lists=Lists(NOTHING, 0, 0))
    parts = _split(filled, separator)
    least = 0 if "" in texts.language else parts.least
    first = tuple(Type(texts=Texts(each)) for each in parts.first)
    return Type(lists=Lists(Type(texts=Texts(parts.language)), least, parts.most, first=first))


_other_than = remembered(other_than)


@remembered
def _split(language: Language, separator: str) -> Parts:
    try:
        return split(language, separator)
    except TooComplex:
        return Parts(EVERYTHING, 1, inf)


def split_at(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    texts = texts_of(given[0], refused)
    return split_text(texts, constants[0]) if texts is not None else NOTHING


def joined_texts(lists: Lists, glue: str) -> Type:
    """Return the type of the texts that lists of texts become, with other text between them."""
    if lists.first and lists.least == lists.most == len(lists.first):
        places = [each.texts.language for each in lists.first if each.texts is not None]
        if len(places) == lists.most:
            return Type(texts=Texts(_chained(tuple(places), glue)))
    empty = Type(texts=Texts.of([""])) if lists.least == 0 else NOTHING
    texts = lists.item.texts
    if texts is None or lists.most == 0 or is_empty(texts.language):
        return empty
    if not glue:
        return TEXT
    return empty | Type(texts=Texts(_joined(texts.language, glue, lists.least, lists.most)))


def join_text(given: list[Type], constants: list[Any], refused: list[Refused]) -> Type:
    refuse_others(given[0], ("array",), refused)
    lists = given[0].lists
    if lists is None:
        return NOTHING
    [separator] = constants
    texts = texts_of(lists.item, refused) if lists.most else None
    if texts is None:
        return joined_texts(lists, separator)
    if outside(texts.language, _before(EVERYTHING, separator)) is not None:
        within = outside(texts.language, _without(EVERYTHING, separator)) is not None
        how = "with {} in it" if within else "that cannot be told from {} behind it"
        message = f"may have an item {how.format(show_value(separator))}"
        refused.append(Refused("value", message))
    if lists.least <= 1 and "" in texts.language:
        message = "may be a list of one empty text, which reads back as no item"
        refused.append(Refused("value", message, _AN_EMPTY_ITEM))
    items = Type(texts=Texts(_without(texts.language, separator)))
    made = joined_texts(Lists(items, lists.least, lists.most), separator)
    return made if lists.least == 0 else less(made, [""])


_AN_EMPTY_ITEM = "let the schema exclude empty items (`minLength: 1`), or take two items at least"


_before = remembered(before)


@remembered
def _without(language: Language, separator: str) -> Language:
    try:
        return without(language, separator)
    except TooComplex:
        return language


@remembered
def _chained(items: tuple[Language, ...], separator: str) -> Language:
    try:
        return chained(items, separator)
    except TooComplex:
        return EVERYTHING


@remembered
def _joined(items: Language, separator: str, least: int, most: float) -> Language:
    try:
        return joined(items, separator, least, most)
    except TooComplex:
        return EVERYTHING
