"""Which conditions are filters of the vendor, and that those find what the conditions mean."""

import json
from itertools import islice
from pathlib import Path

import pytest
import yaml
from subjects import WRAPPERS, subject

from mapper.evaluate import evaluate
from mapper.filters import filters
from mapper.generate import seeded
from mapper.lower import lower_mapping
from mapper.model import show_path
from mapper.primitives import Refusal
from mapper.project import load_project
from mapper.values import ABSENT, contains, find

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "filters.yaml").read_text("utf-8"))
REFUSED = object()


def lowered(folder, case):
    files = {
        "schemas/vendor.json": {
            "type": "object", "properties": case["vendor"], "x-filters": case["filters"],
        },
        "schemas/common.json": {"type": "object", "additionalProperties": False},
        "mappings/thing.yaml": {"resource": "thing", "schema": "common.json", "key": "id"},
        "mappings/mapping.yaml": {
            "mapping": "a/thing",
            "resource": "thing",
            "vendor": {"element": "a", "resource": "things", "schema": "vendor.json"},
            "fields": case["fields"],
        },
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), "utf-8")
    project = load_project(folder)
    assert not project.findings, "\n".join(map(str, project.findings))
    mapping = project.find("a/thing")
    return lower_mapping(mapping, project.schemas.load("vendor.json"), {})[0]


def translated(each, value):
    """Return what the filter *each* takes for a common value, or REFUSED."""
    try:
        theirs = value if each.put is None else evaluate(each.put, value)
    except Refusal:
        return REFUSED
    return REFUSED if contains(each.unset, theirs) else theirs


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_conditions_that_are_filters(tmp_path, case):
    found = filters(lowered(tmp_path, case)).exact
    assert [(f"{show_path(each.common)} {each.operator}", each.name) for each in found] == [
        (each["condition"], each["filter"]) for each in case["gives"]
    ]
    for each, expected in zip(found, case["gives"], strict=True):
        for value, theirs in expected["values"].items():
            assert translated(each, value) == (REFUSED if theirs is None else theirs), value


# freshbooks.md 4.2: the keys that work; of payments, vis_state is not among them.
HONOURED = {
    "freshbooks/customer": {"email", "username", "userid", "vis_state"},
    "freshbooks/invoice": {"customerid", "v3_status", "invoiceid", "invoice_number", "vis_state"},
    "freshbooks/item": {"itemid", "sku"},
    "freshbooks/payment": {"clientid", "type"},
    "freshbooks/tax": {"taxid"},
    "freshbooks/vendor": set(),
}


@pytest.mark.parametrize("name", HONOURED)
def test_shipped_filters_are_those_that_the_vendor_honours(name):
    found = filters(subject(name).mapper.lowered)
    assert {each.name for each in found.exact} == HONOURED[name]
    assert all(each.operator == "=" for each in found.exact)
    # A date that is none (errno 1023); the list of vendors honours no filter by which to refuse.
    refusing = found.refusing and (found.refusing.name, found.refusing.value)
    assert refusing == (("updated_min", "cannot-be-translated") if HONOURED[name] else None)


THEIRS = {"userid": "id", "invoiceid": "id", "itemid": "id", "taxid": "id", "type": "type"}
"""The member that a filter compares, where it is not of the filter's name (2.4, 9.1 to 9.8)."""


@pytest.mark.parametrize("name", [name for name in WRAPPERS if HONOURED[name]])
def test_a_filter_finds_what_its_condition_means(name):
    mapper = subject(name).mapper
    listed = list(islice(seeded(mapper.vendor_schema, 11), 60))
    common = [mapper.from_vendor(document) for document in listed]
    for each in filters(mapper.lowered).exact:
        member = THEIRS.get(each.name, each.name)
        values = {find(one, each.common) for one in common} | {"", "0", "sent"}
        translations = {
            value: theirs
            for value in values - {ABSENT}
            if (theirs := translated(each, value)) is not REFUSED
        }
        assert len(translations) > 1
        for value, theirs in translations.items():
            held = [one.get(member) for one in listed]
            # In a query everything is text.
            found = [it is not None and str(it) == str(theirs) for it in held]
            assert found == [find(one, each.common) == value for one in common]
