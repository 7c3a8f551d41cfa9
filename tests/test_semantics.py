"""The semantics of the language, case by case: tests/cases/semantics/*.yaml, one file a feature.

A file has the parts of a small project (``vendor`` and ``common`` are the members of the two
schemas, ``demands`` the vendor's) and cases in the form of examples files, with more to say:

- ``put``: as ``update``, gives the whole edited vendor document.
- ``fails`` names every code in order, ``at`` the pointer of each.
- ``reads``: what the edited document reads as, where that is not the edited object itself.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from agreement import require_agreement

from mapper.diagnostics import Source, TransformError
from mapper.document import plain, read_yaml
from mapper.omissions import shortest
from mapper.project import load_project
from mapper.values import copy, equal

FOLDER = Path(__file__).parent / "cases" / "semantics"
FILES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
OPERATIONS = ("from_vendor", "create", "update", "put", "steps", "request")


@cache
def feature(name):
    path = FOLDER / f"{name}.yaml"
    tree, findings = read_yaml(Source(path.name, path.read_text(encoding="utf-8")))
    assert not findings, "\n".join(map(str, findings))
    return plain(tree)


CASES = [
    pytest.param(name, case, id=f"{name}::{case['example']}")
    for name in FILES
    for case in feature(name)["cases"]
]


def build(folder, name):
    """Write the project of a file of cases to *folder* and return its mapper."""
    parts = feature(name)
    files = {
        "schemas/vendor.json": {
            "type": "object",
            "properties": parts["vendor"],
            "$defs": parts.get("defs", {}),
            **({"x-write-invariants": parts["demands"]} if "demands" in parts else {}),
        },
        "schemas/common.json": {
            "type": "object",
            "properties": parts["common"],
            "additionalProperties": False,
        },
        "mappings/thing.yaml": {"resource": "thing", "schema": "common.json", "key": "id"},
        "mappings/mapping.yaml": {
            "mapping": name,
            "resource": "thing",
            "vendor": {"element": "element", "resource": "things", "schema": "vendor.json"},
            **{
                key: parts[key]
                for key in ("unset", "fields", "constants", "ignore")
                if key in parts
            },
        },
    }
    for kind in ("fragment", "table"):
        for defined, content in parts.get(f"{kind}s", {}).items():
            files[f"mappings/{kind}-{defined}.yaml"] = {kind: defined, **content}
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content), encoding="utf-8")
    project = load_project(folder)
    assert not project.findings, "\n".join(map(str, project.findings))
    return project.mapper(name)


@pytest.fixture(scope="module")
def mapper_of(tmp_path_factory):
    return cache(lambda name: build(tmp_path_factory.mktemp(name), name))


def given_of(case):
    (operation,) = [each for each in OPERATIONS if each in case]
    return operation, case[operation]


def edited(mapper, given):
    return given["common"] if "common" in given else mapper.merge(given["merge"], given["base"])


def run(mapper, operation, given):
    match operation:
        case "from_vendor":
            return mapper.from_vendor(given)
        case "create":
            return mapper.to_vendor(given)
        case "request":
            return mapper.to_request(given)
        case "update":
            return mapper.to_vendor(edited(mapper, given), given["base"])
        case "put":
            return mapper.put(edited(mapper, given), given["base"])
        case "steps":
            return mapper.update_steps(edited(mapper, given), given["base"])


def listed(value):
    return value if isinstance(value, list) else [value]


def wreck(value):
    """Change every object and list of *value*."""
    for inner in list(value.values() if isinstance(value, dict) else value):
        if isinstance(inner, dict | list):
            wreck(inner)
    value.clear()


@pytest.mark.parametrize(("name", "case"), CASES)
def test_case(mapper_of, name, case):
    mapper = mapper_of(name)
    operation, given = given_of(case)
    before = copy(given)
    if "fails" in case:
        with pytest.raises(TransformError) as caught:
            run(mapper, operation, given)
        found = caught.value.diagnostics
        assert [each.rule.code for each in found] == listed(case["fails"]), str(caught.value)
        if "at" in case:
            assert [each.pointer for each in found] == listed(case["at"]), str(caught.value)
    else:
        result = run(mapper, operation, given)
        assert result == case["gives"]
        assert equal(result, case["gives"]), "true is not 1"
        check_laws(mapper, operation, given, result, case)
        wreck(result)
        assert run(mapper, operation, given) == case["gives"], "a result shares with what it is of"
    assert equal(given, before), "an input was changed"
    if operation != "put":  # which is interpreted only
        is_edit = operation in ("update", "steps")
        inputs = [edited(mapper, given), given["base"]] if is_edit else [given]
        require_agreement(mapper, operation, *inputs)


def check_laws(mapper, operation, given, result, case):
    """Check what holds of every case: what is written is valid and reads as what was meant."""
    invalid = {
        "from_vendor": lambda: mapper.validate_common(result),
        "create": lambda: mapper.validate_body(result, "create"),
        "update": lambda: mapper.validate_body(result, "update"),
        "request": lambda: mapper.validate_body(result, "update"),
        "put": list,
        "steps": lambda: [it for body in result for it in mapper.validate_body(body, "update")],
    }[operation]()
    assert not invalid, "\n".join(map(str, invalid))
    if operation == "from_vendor":
        check_get_put(mapper, given)
    elif operation in ("update", "put", "steps"):
        common = edited(mapper, given)
        document = mapper.put(common, given["base"])
        assert equal(mapper.from_vendor(document), case.get("reads", common))
        check_get_put(mapper, document)
        if operation == "update":
            assert mapper.update_steps(common, given["base"]) == ([result] if result else [])


def check_get_put(mapper, document):
    common = mapper.from_vendor(document)
    assert equal(mapper.put(common, document), document)
    assert mapper.to_vendor(common, document) == {}
    assert mapper.update_steps(common, document) == []
    try:
        body = mapper.to_vendor(shortest(mapper.lowered.rules, common), document)
    except TransformError as error:  # two items with one key; an item of `only` without a member
        assert {each.rule.code for each in error.diagnostics} <= {"M518", "M520"}
    else:
        assert body == {}, "what can be left out was taken for an edit"


@pytest.mark.parametrize("name", FILES)
def test_one_mapper_serves_many_threads(mapper_of, name):
    mapper = mapper_of(name)

    def outcome(case):
        operation, given = given_of(case)
        try:
            return json.dumps(run(mapper, operation, given))
        except TransformError as error:
            return str(error)

    cases = feature(name)["cases"]
    alone = [outcome(case) for case in cases]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: [outcome(case) for case in cases], range(8)))
    assert all(each == alone for each in together)
