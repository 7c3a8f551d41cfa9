"""Mappings written back: what is read of the text is the same mapping, wherever it stands."""

import json
from pathlib import Path
from random import Random

import pytest
import yaml
from fuzzing.building import Builder
from fuzzing.mappings import NAMES, ODD
from hypothesis import example, given, strategies as st
from msgspec import Struct

from mapper.diagnostics import Severity, Source, Span
from mapper.document import Scalar, plain, read_yaml
from mapper.layout import WIDTH, yaml_text
from mapper.parse import parse_file, parse_files
from mapper.project import load_project
from mapper.written import mapping_data, resource_data, with_policies

ROOT = Path(__file__).parents[1]
SHIPPED = load_project(ROOT).library
CASES = sorted((Path(__file__).parent / "cases" / "language").glob("*.yaml"))


def parsed(files):
    read = [parse_file(Source(name, text)) for name, text in files.items()]
    library, found = parse_files(tuple(file for file, _ in read if file is not None))
    every = [*found, *(each for _, faults in read for each in faults)]
    return library, [each for each in every if each.rule.severity is Severity.ERROR]


def content(part):
    """Return what a part of a model says: everything but where, out of which overlays, and why.

    A rule's reason to go one way is its description, and descriptions are not written.
    """
    match part:
        case Span() | Source() | None:  # a place may be there or not
            return None
        case Scalar():
            return part.text
        case Struct():
            names = (name for name in part.__struct_fields__ if name not in ("layers", "why"))
            inner = {name: content(getattr(part, name)) for name in names}
            return {"": type(part).__name__, **inner}
        case tuple():
            return [content(each) for each in part]
        case _:
            return repr(part)  # in which true is not 1, and 1 is not 1.0


def assert_comes_back(library, others):
    """Whether all mappings and resources of *library* are read back among *others*."""
    written = {f"{name} mapping": mapping_data(each) for name, each in library.mappings.items()}
    written |= {f"{name} resource": resource_data(each) for name, each in library.resources.items()}
    written = {
        name: with_policies(data) if name.endswith("mapping") else data
        for name, data in written.items()
    }
    again, found = parsed(others | {name: yaml_text(data) for name, data in written.items()})
    assert not found, found
    for kind in ("mappings", "resources"):
        known, read = getattr(library, kind), getattr(again, kind)
        assert {name: content(each) for name, each in read.items()} == {
            name: content(each) for name, each in known.items()
        }


def test_shipped_mappings_come_back():
    assert_comes_back(SHIPPED, {})


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_mappings_of_cases_come_back(path):
    """The cases of the language have a mapping for every key that there is."""
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    base = yaml.safe_load((path.parent / "_project.yaml").read_text(encoding="utf-8"))
    files = base["files"] | case["files"]
    library, found = parsed({name: text for name, text in files.items() if name.endswith("yaml")})
    if not found:
        assert_comes_back(library, {})


def test_random_mappings_come_back():
    """Names and texts are as odd as they can be: quotes, line breaks, parameters, YAML's words."""
    came = 0
    for seed in range(80):
        random = Random(seed)
        names = random.sample((*ODD, "${x}", "null", "yes", "<<", "- a", "a: b", "a #b"), NAMES)
        built = Builder(random, names, random.sample(ODD, NAMES)).build()
        files = {
            name: json.dumps(text) for name, text in built.files().items() if "mappings" in name
        }
        library, found = parsed(files)
        if not found:
            came += 1
            assert_comes_back(library, {})
    assert came > 25


def test_what_is_usual_is_not_written():
    rules = mapping_data(SHIPPED.mappings["freshbooks/invoice"])["fields"]
    assert rules["currency"] == "currency_code"
    assert rules["id"] == {"vendor": "id", "convert": "string", "access": "read"}
    assert rules["dueDate"].keys() == {"from_vendor", "to_vendor"}
    assert rules["billTo.address"]["fields"]["city"]["vendor"] == "city"


def test_what_is_often_spelled_gets_a_name():
    text, two = {"read": ["", None], "clear": ""}, ["", None]
    rule = {"vendor": "v", "unset": text}
    slots = {"slots": {"empty": "a", "items": [{"a": rule}, {"a": rule}]}}
    fields = {"x": slots, "unset": {"fields": {"y": rule}}, "z": {"vendor": "z", "unset": two}}
    said = with_policies({"mapping": "m", "fields": fields, "ignore": {}})
    assert list(said) == ["mapping", "unset", "fields", "ignore"]
    assert said["unset"] == {"text": text}
    assert said["fields"]["unset"]["fields"]["y"] == {"vendor": "v", "unset": "text"}
    assert said["fields"]["z"]["unset"] == two, "twice is not often"


# The layout ---------------------------------------------------------------------------------------

TEXTS = st.text() | st.sampled_from(
    ["", "1", "~", "no", ".5", "a: b", "a #b", " a", "a ", "'", "''"]
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, DATA, min_size=1, max_size=4))
@example({"fields": {"a": {"each": {}}, "only": []}})
def test_data_comes_back(data):
    root, found = read_yaml(Source("file.yaml", yaml_text(data)))
    assert not found
    assert plain(root) == data


def test_rules_stand_on_lines_of_their_own():
    rules = {"a": "b", "c": {"vendor": "d", "access": "read"}, "e": {"only": {"f": "g, h"}}}
    assert yaml_text({"mapping": "x", "fields": rules, "ignore": {"i": "no, never"}}) == (
        "mapping: x\n"
        "fields:\n"
        "  a: b\n"
        "  c: {vendor: d, access: read}\n"
        "  e:\n"
        "    only:\n"
        '      f: "g, h"\n'
        "ignore:\n"
        '  i: "no, never"\n'
    )


def test_what_is_too_long_for_a_line_takes_several():
    listed = [{"name": "x" * 30, "other": "y" * 30, "third": "z" * 30}, "w"]
    text = yaml_text({"long": {"list": listed}})
    assert text.startswith("long:\n  list:\n    - name: xxx")
    assert max(map(len, text.splitlines())) <= WIDTH
