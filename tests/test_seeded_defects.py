"""Defects that people make, seeded into the shipped mappings: a check finds them, and where.

Each is made of a line of a mapping or fragment file. What the schemas cannot tell, since both are
right by them (two texts exchanged), the examples of the mapping have to find.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from fuzzing.mutants import files_of
from subjects import ROOT, WRAPPERS

from mapper.check import check_project
from mapper.project import load_project


class Defect(NamedTuple):
    kind: str
    lines: tuple[int, ...]
    """Where it is, counted from 1."""
    text: str
    """The whole file with it."""


# The kinds: regular expressions over one line, with what takes the place --------------------------

LINES = {
    "typo in a path": (r"(vendor: )(\w{3,})(\w)(?=[,}])", r"\1\2"),
    "typo in a plain path": (
        r"^((?! +(?:element|resource|request):)[ ]+\w+: )(\w{3,})(\w)$",
        r"\1\2x\3",
    ),
    "dropped rule": (r"^ +[\w.]+: \{vendor: .*\}\n$", ""),
    "renamed common path": (r"^( +)(\w+)(: \{vendor: )", r"\1\2s\3"),
    "money as it comes": (r", convert: money", ""),
    "decimals as they come": (r", convert: (decimal|percent)", ""),
    "money as a number": (r"convert: money", "convert: decimal"),
    "ids as they come": (r", convert: string", ""),
    "shifted zone": (r"zone: America/New_York", "zone: UTC"),
    "shifted zone the other way": (r"zone: UTC", "zone: America/New_York"),
    "time as a date": (r"convert: \{datetime: \{zone: [\w/]+\}\}", "convert: date"),
    "date as time": (r"convert: date", "convert: {datetime: {zone: UTC}}"),
    "null is not unset": (r'\["", null\]', '[""]'),
    "empty is not unset": (r'\["", null\]', "[null]"),
    "wrong unset spelling": (r"unset: text", 'unset: ["-", null]'),
    "no unset at all": (r", unset: text", ""),
    "zero is not unset": (r'\[0, "0", null\]', "[null]"),
    "clear that is no unset": (r'clear: ""', 'clear: "none"'),
    "clear of another type": (r'clear: ""\}', "clear: 0}"),
    "echoed read-only member": (r", access: read(?=\})", ""),
    "written when creating only": (r", access: create(?=\})", ""),
    "dropped value": (r"(values: \{)\w+: \[\w+\], ", r"\1"),
    "swapped values": (r"archived: \[2\], deleted: \[1\]", "archived: [1], deleted: [2]"),
    "lossy values": (r"archived: \[2\], deleted: \[1\]", "archived: [2, 1]"),
    "renamed value": (r"(values: \{)(\w+):", r"\1\2s:"),
    "value of another type": (r"active: \[0\]", 'active: ["0"]'),
    "values in their own lines": (r"^( +)([\w-]+): \[([\w -]+)\]$", r"\1\2: [\3 x]"),
    "wrong key": (r"key: id$", "key: description"),
    "no key": (r"^ +key: \w+\n$", ""),
    "default of the wrong type": (r"^( +\w+: \{vendor: \w+)", r"\1, default: 5"),
    "constant of the wrong type": (
        r"^( +[\w.]+: )\{vendor: \w+, (convert|unset).*\}$",
        r"\1{constant: 5}",
    ),
    "slot off by one": (r"(taxName|taxAmount|taxNumber)1", r"\g<1>2"),
    "slot off by one, otherwise": (r"(tax|second_tax_percent|taxAmount)2(?=,)", r"\g<1>1"),
    "slot of the other member": (r"vendor: first_tax_percent", "vendor: second_tax_percent"),
    "read by the wrong function": (r"upper\(", "lower("),
    "not read by a function": (r"upper\((\w+)\)", r"\1"),
    "order flip": (r"days_between\((\w+), (\w+)\)", r"days_between(\2, \1)"),
    "written elsewhere": (r"to_vendor: \{(\w+): ", r"to_vendor: {notes: "),
    "member that is plucked": (r"pluck: \w+", "pluck: code"),
    "list of something else": (r"\{list: money\}", "{list: string}"),
    "stale ignore": (r"^ignore:$", "ignore:\n  nothing: no reason"),
    "dropped ignore": (r"^  \w+: the same value as id\n$", ""),
    "schema of another resource": (
        r"schema: freshbooks/\w+\.schema",
        "schema: freshbooks/tax.schema",
    ),
}


HARMLESS = {
    ("null is not unset", "name"): "the vendor's schema has no null there",
    ("null is not unset", "language"): "the same",
    ("wrong unset spelling", "countryCode"): "empty text is no country, and reads as no value too",
    ("no unset at all", "countryCode"): "the same",
}
"""By kind and rule, what is no defect, and why."""


def defects(text: str) -> Iterator[Defect]:
    """Yield the defects that can be seeded into a file."""
    lines = text.splitlines(keepends=True)
    for kind, (old, new) in LINES.items():
        changed = [
            (number, made)
            for number, line in enumerate(lines)
            if (made := re.sub(old, new, line, count=1, flags=re.MULTILINE)) != line
            and (kind, line.partition(":")[0].strip()) not in HARMLESS
        ]
        if changed:  # one of each kind is enough, here and there in the file
            number, made = changed[len(kind) % len(changed)]
            after = [*lines[:number], made, *lines[number + 1 :]]
            yield Defect(kind, (number + 1, *around(lines, number)), "".join(after))
    yield from _exchanged(lines)


def around(lines: list[str], number: int) -> Iterator[int]:
    """Yield the lines of the rule of several lines that a line is in, and the next one."""
    yield number + 2
    while number and len(lines[number]) - len(lines[number].lstrip()) > 2:
        number -= 1
        yield number + 1


VENDOR = re.compile(r"^( +)[\w.]+: \{vendor: (\w+)")


def _exchanged(lines: list[str]) -> Iterator[Defect]:
    """Yield rules that exchange their vendor paths with the next, or that have the same as it."""
    pairs = [
        (number, one, two)
        for number, (line, following) in enumerate(pairwise(lines))
        if (one := VENDOR.match(line))
        and (two := VENDOR.match(following))
        and one[1] == two[1]
        and one[2] != two[2]
    ]
    for number, one, two in dict.fromkeys([*pairs[:1], *pairs[len(pairs) // 2 :][:1], *pairs[-1:]]):
        first = lines[number].replace(f"vendor: {one[2]}", f"vendor: {two[2]}", 1)
        second = lines[number + 1].replace(f"vendor: {two[2]}", f"vendor: {one[2]}", 1)
        swapped = [*lines[:number], first, second, *lines[number + 2 :]]
        yield Defect("exchanged paths", (number + 1, number + 2), "".join(swapped))
        doubled = [*lines[:number], first, *lines[number + 1 :]]
        yield Defect("the same path twice", (number + 1, number + 2), "".join(doubled))


# What a check says --------------------------------------------------------------------------------


def project_of(name: str, folder: Path, changed: dict[str, str], *, examples: bool) -> Path:
    """Write the files of a mapping, some of them *changed*."""
    shutil.rmtree(folder, ignore_errors=True)
    texts = {path: (ROOT / path).read_text("utf-8") for path in files_of(name)} | changed
    mapping = f"mappings/{name}.yaml"
    if examples:
        path = mapping.replace(".yaml", ".examples.yaml")
        texts[path] = (ROOT / path).read_text("utf-8")
        shutil.copytree(
            ROOT / "mappings/freshbooks/payloads", folder / "mappings/freshbooks/payloads"
        )
    else:
        texts[mapping] = re.sub("^examples: .*\n", "", texts[mapping], flags=re.MULTILINE)
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def findings(folder: Path):
    project = load_project(folder)
    return check_project(project)


@pytest.mark.parametrize("name", sorted(WRAPPERS))
def test_nothing_is_found_without_a_defect(name, tmp_path):
    assert findings(project_of(name, tmp_path / "p", {}, examples=True)) == ()


SEEDED = [
    pytest.param(name, path, id=path.partition("/")[2].removesuffix(".yaml"))
    for name, path in (
        *((name, f"mappings/{name}.yaml") for name in sorted(WRAPPERS)),
        ("freshbooks/customer", "mappings/fragments/address.yaml"),
        ("freshbooks/invoice", "mappings/fragments/late_payment.yaml"),
    )
]


def test_seeded_defects_are_found(tmp_path, measured):
    caught, missed, misplaced = Counter(), [], []
    for name, path in (each.values for each in SEEDED):
        for defect in defects((ROOT / path).read_text("utf-8")):
            how, placed = judged(name, path, defect, tmp_path / "p")
            caught[how] += 1
            said = f"{defect.kind} in {path}:{defect.lines[0]}"
            if how == "nothing":
                missed.append(said)
            if not placed:
                misplaced.append(f"{said} is told elsewhere, {how}")
    total = sum(caught.values())
    by_code = ", ".join(f"{how} {number}" for how, number in caught.most_common())
    measured(f"seeded defects: {total - len(missed)} of {total} found, {by_code}")
    assert total >= 60
    assert len(missed) <= total / 100, missed
    assert not misplaced, misplaced


ELSEWHERE = ("M305", "M306", "M320")
"""Codes that are told elsewhere: about what is not there, and at the rule that is the key."""

SHARED = re.compile("^  (text|reference): ")
"""A spelling that rules share is told at these."""


def judged(name: str, path: str, defect: Defect, folder: Path) -> tuple[str, bool]:
    """Return how a defect is found, by its first code or by "examples", and whether on its line."""
    changed = {path: defect.text}
    found = findings(project_of(name, folder, changed, examples=False))
    if not found:
        found = findings(project_of(name, folder, changed, examples=True))
        return ("examples" if found else "nothing"), True
    spans = [span for each in found for span in (each.span, *(one.span for one in each.labels))]
    places = {
        (span.source.name, span.source.position(span.start)[0])
        for span in spans
        if span is not None
    }
    here = any(where.endswith(path) and line in defect.lines for where, line in places)
    line = (ROOT / path).read_text("utf-8").splitlines()[defect.lines[0] - 1]
    return found[0].rule.code, here or found[0].rule.code in ELSEWHERE or bool(SHARED.match(line))
