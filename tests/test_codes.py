"""The registry of codes: well-formed, in order, documented, each shown by a case or a test."""

import re
from pathlib import Path

import pytest

from mapper import codes
from mapper.diagnostics import Rule

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"
PAGE = ROOT / "docs" / "reference" / "codes.md"
REGISTRY = [rule for rule in vars(codes).values() if isinstance(rule, Rule)]

RANGES = {
    "0": "Reading a file",
    "1": "The shape of a project's files",
    "2": "Expressions",
    "3": "Against the schemas",
    "4": "The two directions and the examples",
    "5": "Data",
    "6": "The platform",
}

UNSHOWN = {
    "M404": "a safeguard: what was read and is put back unchanged keeps the document's own members",
}
"""Codes that no case or test shows, and why."""


def page():
    """Return the text that docs/reference/codes.md should have."""
    lines = [
        "# Codes",
        "",
        "Every diagnostic carries one of these codes.",
        "A code is never reused and never renumbered.",
        "`mapper explain CODE` shows one of them.",
    ]
    for digit, title in RANGES.items():
        rules = [rule for rule in REGISTRY if rule.code[1] == digit]
        if rules:
            lines += ["", f"## M{digit}xx: {title}", ""]
            lines += [
                "| code | | name | reported when | what to do |",
                "| --- | --- | --- | --- | --- |",
            ]
            lines += [row(rule) for rule in rules]
    return "\n".join(lines) + "\n"


def row(rule):
    cells = (rule.code, rule.severity, rule.name, rule.summary, rule.hint)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def test_the_page_is_fresh():
    write = "(cd tests && python -c 'import test_codes as t; print(t.page(), end=str())')"
    assert PAGE.read_text(encoding="utf-8") == page(), f"{write} > docs/reference/codes.md"


def test_codes_are_unique_and_in_order():
    numbers = [rule.code for rule in REGISTRY]
    assert numbers == sorted(set(numbers))
    assert len({rule.name for rule in REGISTRY}) == len(REGISTRY)


@pytest.mark.parametrize("rule", REGISTRY, ids=lambda rule: rule.code)
def test_rules_are_well_formed(rule):
    assert re.fullmatch(r"M[0-6][0-9]{2}", rule.code)
    assert rule.code[1] in RANGES
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
