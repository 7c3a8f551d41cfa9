"""Defects that people make, seeded into the shipped mappings: a check finds them, and where.

Each is made of a line of a mapping or fragment file. What the schemas cannot tell, since both are
right by them (two texts exchanged), the examples of the mapping have to find. CI seeds each kind
into every other file; ``MAPPER_DEFECTS=all`` seeds it into every one.
"""

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from fuzzing.shipped import files_of
from subjects import ROOT, WRAPPERS

from mapper.check import check_project
from mapper.project import load_project

ALL = os.environ.get("MAPPER_DEFECTS") == "all"


class Kind(NamedTuple):
    """A kind of defect.

    Attributes:
        name: What people do.
        old: A regular expression over one line.
        new: What takes the place of its first match.
        codes: One of them finds it; "examples" is for what the schemas cannot tell.
    """

    name: str
    old: str
    new: str
    codes: str


class Defect(NamedTuple):
    kind: str
    codes: str
    lines: tuple[int, ...]
    """Where it is, counted from 1."""
    text: str
    """The whole file with it."""


# The kinds: regular expressions over one line, with what takes the place --------------------------

KINDS = (
    Kind("typo in a path", r"(vendor: )(\w{3,})(\w)(?=[,}])", r"\1\2", "M304"),
    Kind(
        "typo in a plain path",
        r"^((?! +(?:element|resource|request|access):)[ ]+\w+: )(\w{3,})(\w)$",
        r"\1\2x\3",
        "M304",
    ),
    Kind("dropped rule", r"^ +[\w.]+: \{vendor: .*\}\n$", "", "M305 M306"),
    Kind("renamed common path", r"^( +)(\w+)(: \{vendor: )", r"\1\2s\3", "M303"),
    Kind("money as it comes", ", convert: money", "", "M314"),
    Kind("decimals as they come", ", convert: (decimal|percent)", "", "M314"),
    Kind("money as a number", "convert: money", "convert: decimal", "M311"),
    Kind(
        "percentage scaled", "convert: percent(?=[,}])", "convert: [percent, {scale: 100}]", "M323"
    ),
    Kind("ids as they come", ", convert: string", "", "M314"),
    Kind("shifted zone", "zone: America/New_York", "zone: UTC", "M319"),
    Kind("shifted zone the other way", "zone: UTC", "zone: America/New_York", "M319"),
    Kind("time as a date", r"convert: \{datetime: \{zone: [\w/]+\}\}", "convert: date", "M311"),
    Kind("date as time", "convert: date", "convert: {datetime: {zone: UTC}}", "M311"),
    Kind("null is not unset", r'\["", null\]', '[""]', "M310 M311"),
    Kind("empty is not unset", r'\["", null\]', "[null]", "M310 M314"),
    Kind("wrong unset spelling", "unset: text", 'unset: ["-", null]', "M311 M314"),
    Kind("no unset at all", ", unset: text", "", "M311 M314"),
    Kind("zero is not unset", r'\[0, "0", null\]', "[null]", "M310 M314"),
    Kind("clear that is no unset", 'clear: ""', 'clear: "none"', "M310"),
    Kind("clear of another type", r'clear: ""\}', "clear: 0}", "M310"),
    Kind("echoed read-only member", r", access: read(?=\})", "", "M308 M309"),
    Kind("written when creating only", r", access: create(?=\})", "", "M308"),
    Kind("dropped value", r"(values: \{)\w+: \[\w+\], ", r"\1", "M312"),
    Kind(
        "swapped values",
        r"archived: \[2\], deleted: \[1\]",
        "archived: [1], deleted: [2]",
        "examples",
    ),
    Kind("lossy values", r"archived: \[2\], deleted: \[1\]", "archived: [2, 1]", "M313"),
    Kind("renamed value", r"(values: \{)(\w+):", r"\1\2s:", "M314"),
    Kind("value of another type", r"active: \[0\]", 'active: ["0"]', "M312"),
    Kind(
        "values in their own lines", r"^( +)([\w-]+): \[([\w -]+)\]$", r"\1\2: [\3 x]", "M106 M312"
    ),
    Kind("wrong key", "key: id$", "key: description", "M107 M320"),
    Kind("no key", r"^ +key: \w+\n$", "", "M327"),
    Kind("dropped write", r"^ +to_vendor: \{.*\}\n$", "", "M324"),
    Kind("narrowed access", r"(: \{vendor: \S+, unset: text)\}$", r"\1, access: read}", "M324"),
    Kind(
        "narrowed to creation", r"(: \{vendor: \S+, unset: text)\}$", r"\1, access: create}", "M324"
    ),
    Kind("read of what is never shown", ", access: write", "", "M325"),
    Kind("declared loss", r"(: \{vendor: \S+, unset: text)\}$", r"\1, lossy: cut}", "M412"),
    Kind("declared loss of a read rule", r", access: read\}$", ", access: read, lossy: x}", "M412"),
    Kind("value that never comes", r"(values: \{\w+: \[\d)\]", r"\1, 99]", "M326"),
    Kind("text that never comes", r"^( {8}[\w-]+: \[[\w ,-]*[A-Za-z])\]$", r"\1, gone]", "M326"),
    Kind("default of the wrong type", r"^( +\w+: \{vendor: \w+)", r"\1, default: 5", "M314"),
    Kind(
        "constant of the wrong type",
        r"^( +[\w.]+: )\{vendor: \w+, (convert|unset).*\}$",
        r"\1{constant: 5}",
        "M314",
    ),
    Kind("slot off by one", "(taxName|taxAmount|taxNumber)1", r"\g<1>2", "M111 M305"),
    Kind(
        "slot off by one, otherwise",
        "(tax|second_tax_percent|taxAmount)2(?=,)",
        r"\g<1>1",
        "M111 M305",
    ),
    Kind(
        "slot of the other member",
        "vendor: first_tax_percent",
        "vendor: second_tax_percent",
        "M111",
    ),
    Kind("read by the wrong function", r"upper\(", "lower(", "M314"),
    Kind("not read by a function", r"upper\((\w+)\)", r"\1", "M314"),
    Kind("order flip", r"days_between\((\w+), (\w+)\)", r"days_between(\2, \1)", "M315"),
    Kind("written elsewhere", r"to_vendor: \{(\w+): ", "to_vendor: {notes: ", "M111 M304"),
    Kind("member that is plucked", r"pluck: \w+", "pluck: code", "M304"),
    Kind("list of something else", r"\{list: money\}", "{list: string}", "M311"),
    Kind("stale ignore", "^ignore:$", "ignore:\n  nothing: no reason", "M307"),
    Kind("dropped ignore", r"^  \w+: the same value as id\n$", "", "M305"),
    Kind(
        "schema of another resource",
        r"schema: freshbooks/\w+\.schema",
        "schema: freshbooks/tax.schema",
        "M304",
    ),
)

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
    for kind, old, new, codes in KINDS:
        changed = [
            (number, made)
            for number, line in enumerate(lines)
            if (made := re.sub(old, new, line, count=1, flags=re.MULTILINE)) != line
            and (kind, line.partition(":")[0].strip()) not in HARMLESS
        ]
        if changed:  # one of each kind is enough, here and there in the file
            number, made = changed[len(kind) % len(changed)]
            after = [*lines[:number], made, *lines[number + 1 :]]
            yield Defect(kind, codes, (number + 1, *around(lines, number)), "".join(after))
    yield from _exchanged(lines)


def around(lines: list[str], number: int) -> Iterator[int]:
    """Yield the lines of the rule of several lines that a line is in, and the next one."""
    yield number + 2
    while number and len(lines[number]) - len(lines[number].lstrip()) > 2:
        number -= 1
        yield number + 1


ANY = "M308 M311 M312 M313 M314 M316 M319 examples"
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
        yield Defect("exchanged paths", ANY, (number + 1, number + 2), "".join(swapped))
        doubled = [*lines[:number], first, *lines[number + 1 :]]
        yield Defect("the same path twice", "M111 M305", (number + 1, number + 2), "".join(doubled))


# What a check says --------------------------------------------------------------------------------


def project_of(name: str, folder: Path, changed: dict[str, str], *, examples: bool) -> Path:
    """Write the files of a mapping, some of them *changed*."""
    shutil.rmtree(folder, ignore_errors=True)
    texts = {path: (ROOT / path).read_text("utf-8") for path in files_of(name)} | changed
    for path in (ROOT / "schemas/freshbooks").iterdir():
        texts.setdefault(f"schemas/freshbooks/{path.name}", path.read_text("utf-8"))
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


SEEDED = (
    *((name, f"mappings/{name}.yaml") for name in sorted(WRAPPERS)),
    ("freshbooks/customer", "mappings/fragments/address.yaml"),
    ("freshbooks/invoice", "mappings/fragments/late_payment.yaml"),
)
"""Mappings, and the file of each that gets the defects."""


class Seeded(NamedTuple):
    """A defect in the file *path* of a mapping."""

    mapping: str
    path: str
    defect: Defect

    def __str__(self):
        return f"{self.defect.kind} in {self.path}:{self.defect.lines[0]}"

    @property
    def is_shared(self) -> bool:
        """Whether it is in a spelling that rules share, which is told at these."""
        line = (ROOT / self.path).read_text("utf-8").splitlines()[self.defect.lines[0] - 1]
        return SHARED.match(line) is not None


def seeded() -> Iterator[Seeded]:
    """Yield the defects: of each kind in every other file that can have it, or in all."""
    kinds: dict[str, list[Seeded]] = {}
    for mapping, path in SEEDED:
        for defect in defects((ROOT / path).read_text("utf-8")):
            kinds.setdefault(defect.kind, []).append(Seeded(mapping, path, defect))
    for number, each in enumerate(kinds.values()):
        yield from each if ALL else each[number % 2 :: 2] or each


def test_seeded_defects_are_found(tmp_path, measured):
    caught: Counter[str] = Counter()
    missed, wrong = [], []
    for each in seeded():
        codes, placed = judged(each, tmp_path / "p")
        said = f"{each}: {', '.join(codes)}"
        known = [code for code in codes if code in each.defect.codes.split()]
        if codes == ["nothing"]:
            missed.append(said)
        elif not known or not (placed or each.is_shared or known[0] in ELSEWHERE):
            wrong.append(said)
        caught[(known or codes)[0]] += 1
    total = sum(caught.values())
    by_code = ", ".join(f"{code} {number}" for code, number in caught.most_common())
    measured(f"seeded defects: {total - len(missed)} of {total} found, {by_code}")
    assert total >= 100
    assert len(missed) <= total / 100, missed
    assert not wrong, wrong


ELSEWHERE = ("M305", "M306", "M320", "examples")
"""What is told elsewhere: what is not there, and at the rule that is the key."""

SHARED = re.compile("^  (text|reference): ")
"""A spelling that rules share is told at these."""


def judged(seeded: Seeded, folder: Path) -> tuple[list[str], bool]:
    """Return how a defect is found, by codes, "examples" or "nothing"; and whether on its line."""
    name, path, defect = seeded
    changed = {path: defect.text}
    found = findings(project_of(name, folder, changed, examples=False))
    if not found:
        found = findings(project_of(name, folder, changed, examples=True))
        return ["examples" if found else "nothing"], True
    spans = [span for each in found for span in (each.span, *(one.span for one in each.labels))]
    places = {
        (span.source.name, span.source.position(span.start)[0])
        for span in spans
        if span is not None
    }
    here = any(where.endswith(path) and line in defect.lines for where, line in places)
    return sorted({each.rule.code for each in found}), here
