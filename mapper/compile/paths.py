"""Rules by the member that they begin with, since many share one: ``billTo.city``."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from mapper.lower import Lowered


class Stretch(Struct, frozen=True):
    """Neighbouring rules whose common path has the same member at some depth.

    ``is_inner`` says that all of them go further than that member, and no rule elsewhere has it.
    """

    head: str
    rules: list[Lowered]
    is_inner: bool


def stretches(rules: Sequence[Lowered], depth: int) -> Iterator[Stretch]:
    """Yield the rules in their order, by the member of their common path at *depth*."""
    heads = [rule.common[depth] for rule in rules]
    found = [(head, list(run)) for head, run in groupby(rules, key=lambda rule: rule.common[depth])]
    for head, run in found:
        further = all(len(rule.common) > depth + 1 for rule in run)
        yield Stretch(head, run, further and heads.count(head) == len(run))
