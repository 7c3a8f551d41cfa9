"""Published scripts carry the rules that they are made of, whatever those are."""

import json
import re
from random import Random

import pytest
from fuzzing.building import Builder
from fuzzing.mappings import NAMES, ODD, mapper_of
from subjects import ROOT, WRAPPERS, subject

from mapper.platform.carried import carried, carry
from mapper.platform.documents import documents
from mapper.project import load_project
from mapper.written import mapping_data


def rules_of(mapping):
    """Return what is carried of a mapping: all but what only local files need."""
    said = mapping_data(mapping)
    said.pop("examples", None)
    said["vendor"] = {key: each for key, each in said["vendor"].items() if key != "envelope"}
    return said


@pytest.mark.parametrize("name", sorted(WRAPPERS))
def test_shipped_scripts_carry_their_rules(name):
    parts = subject(name).mapper.parts
    body = documents(parts).transformation["script"]["body"]
    assert carried(body) == rules_of(parts.mapping)
    assert carried(body.replace("\n", "\r\n").rstrip()) == rules_of(parts.mapping)


def test_odd_names_and_texts_are_carried():
    """Nothing in a mapping ends a comment or a line, or is anything but ASCII."""
    carrying = 0
    for seed in range(60):
        random = Random(seed)
        built = Builder(random, random.sample(ODD, NAMES), random.sample(ODD, NAMES)).build()
        mapper = mapper_of(built)
        if mapper is None:
            continue
        carrying += 1
        text = carry(mapper.mapping, mapper.lowered.tables)
        assert text.isascii()
        assert all(re.fullmatch(r"// rules: [ -~]{1,90}", line) for line in text[:-1].split("\n"))
        said = carried(f"done();\n{text}")
        assert said is not None
        tables = said.pop("tables", {})
        assert json.dumps(said) == json.dumps(rules_of(mapper.mapping))
        assert tables in ({}, mapper.lowered.tables)
    assert carrying > 20


@pytest.mark.parametrize(
    "script",
    ["", "done();", "// rules: {", "// rules: []\n", "// rules: {}\ndone();", "// rules: "],
)
def test_other_scripts_carry_nothing(script):
    assert carried(script) is None


def test_comments_and_descriptions_change_no_script(tmp_path):
    """What people say of a mapping is no part of it: rewording gives nothing to publish."""
    for folder in ("mappings", "schemas"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                copy = tmp_path / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    file = tmp_path / "mappings" / "freshbooks" / "tax.yaml"
    text = file.read_text("utf-8")
    file.write_text(
        "# Reworded\n"
        + text.replace("resource: tax\n", "resource: tax\ndescription: Anything.\n", 1)
        .replace("  name: ", "  # why\n  name: ")
        .replace("single: response.result.tax", "single: elsewhere"),
        "utf-8",
    )
    changed = documents(load_project(tmp_path).mapper("freshbooks/tax").parts)
    assert changed.text == documents(subject("freshbooks/tax").mapper.parts).text
