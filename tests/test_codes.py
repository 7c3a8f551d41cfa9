"""The registry of codes: well-formed, in order; test_pages.py asks for a page of each."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mapper import codes
from mapper.diagnostics import Rule
from mapper.suppressions import OF_TRIALS

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


PUBLISHED = {"M601", "M603", "M636"}
"""What is told of publishing, for which comments do nothing."""


def named_in(modules):
    """Return the codes that the *modules* name, by their paths."""
    texts = [Path(path).read_text(encoding="utf-8") for path in modules]
    names = {name for text in texts for name in re.findall(r"\bcodes\.([A-Z_]+)", text)}
    return {getattr(codes, name).code for name in names}


def modules_of(command):
    """Return the paths of the modules of ours that the module *command* imports."""
    script = (
        f"import sys, {command}\n"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('mapper.')), sep='\\n')"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {line for line in ran.stdout.splitlines() if Path(line).stem not in _OF_CODES}


_OF_CODES = ("codes", "suppressions")


def test_codes_that_only_trials_give_are_known():
    checking = modules_of("mapper.check")
    found = named_in(modules_of("mapper.cli.proof") - checking) - named_in(checking)
    of_rules = {code for code in found if code[1] in "46"}
    assert of_rules - PUBLISHED == {rule.code for rule in OF_TRIALS}
