"""Fuzz gates of printed code and of the checker; ``tests/tools/fuzz.py`` runs them."""

from fuzzing import corruptions, expressions, inference, mappings, mutants, projects
from fuzzing.payloads import Payloads

GATES = {
    "corruptions": lambda _: corruptions.case,
    "expressions": lambda _: expressions.case,
    "mappings": lambda _: mappings.case,
    "mutants": lambda _: mutants.Mutants().case,
    "payloads": lambda seed: Payloads(seed).case,
    "projects": lambda _: projects.case,
    "types": lambda _: inference.case,
}
"""By name, what makes the cases of a seed."""
