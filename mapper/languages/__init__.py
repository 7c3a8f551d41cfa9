"""Regular languages of texts: whether every text that one side gives is one that the other takes.

All is exact, nothing is approximated: what would take too much work raises :class:`TooComplex`.
Texts are sequences of Unicode code points without surrogates.
"""

from mapper.languages.language import Language, counterexample
from mapper.languages.numerals import numerals_between, whole_between
from mapper.languages.points import shifted
from mapper.languages.separators import Parts, before, chained, joined, split, without
from mapper.languages.sources import (
    EVERYTHING,
    NOTHING,
    of_length,
    other_than,
    pattern_language,
    regex_language,
    texts,
)
from mapper.languages.work import TooComplex

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "Language",
    "Parts",
    "TooComplex",
    "before",
    "chained",
    "counterexample",
    "joined",
    "numerals_between",
    "of_length",
    "other_than",
    "pattern_language",
    "regex_language",
    "shifted",
    "split",
    "texts",
    "whole_between",
    "without",
]
