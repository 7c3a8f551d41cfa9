"""Fuzz gates of printed code; ``tests/tools/fuzz.py`` runs them."""

from fuzzing import expressions, inference, mappings
from fuzzing.corruptions import Corruptions
from fuzzing.mutants import Mutants
from fuzzing.payloads import Payloads

GATES = {
    "types": lambda _: inference.case,
    "expressions": lambda _: expressions.case,
    "mappings": lambda _: mappings.case,
    "corruptions": lambda _: Corruptions().case,
    "mutants": lambda _: Mutants().case,
    "payloads": lambda seed: Payloads(seed).case,
}
"""By name, what makes the cases of a seed."""
