"""The registry of codes: well-formed, in order; test_pages.py asks for a page of each."""

import re

import pytest

from mapper import codes
from mapper.diagnostics import Rule

REGISTRY = [rule for rule in vars(codes).values() if isinstance(rule, Rule)]


def test_codes_are_unique_and_in_order():
    numbers = [rule.code for rule in REGISTRY]
    assert numbers == sorted(set(numbers))
    assert len({rule.name for rule in REGISTRY}) == len(REGISTRY)


@pytest.mark.parametrize("rule", REGISTRY, ids=lambda rule: rule.code)
def test_rules_are_well_formed(rule):
    assert re.fullmatch(r"M[0-6][0-9]{2}", rule.code)
    assert rule.code[1] in codes.RANGES
    for text in (rule.name, rule.summary, rule.hint):
        assert text == text.strip()
        assert text
        assert text.isprintable()
        assert "  " not in text
        assert not text.endswith(".")
    assert len(rule.name) <= 40
    assert not rule.summary.split()[0].istitle(), "it completes: This is reported when …"
