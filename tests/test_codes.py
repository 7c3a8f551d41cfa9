"""The registry of codes: well-formed, in order, each shown by a case or a test."""

import re
from pathlib import Path

import pytest

from mapper import codes
from mapper.diagnostics import Rule

CASES = Path(__file__).parent / "cases"
REGISTRY = [rule for rule in vars(codes).values() if isinstance(rule, Rule)]

UNSHOWN = {
    "M404": "a safeguard: what was read and is put back unchanged keeps the document's own members",
}
"""Codes that no case or test shows, and why."""


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


def shown():
    """Return every code that a case file or another test mentions."""
    here = Path(__file__)
    files = [
        *CASES.rglob("*.yaml"),
        *(path for path in here.parent.glob("test_*.py") if path != here),
    ]
    texts = (path.read_text(encoding="utf-8") for path in files)
    return {code for text in texts for code in re.findall(r"\bM[0-6][0-9]{2}\b", text)}


def test_every_code_is_shown():
    known = {rule.code for rule in REGISTRY}
    assert known - shown() == UNSHOWN.keys()
