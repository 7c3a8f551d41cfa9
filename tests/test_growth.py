"""What work grows with: twice as much of anything in a project takes about twice the work.

Calls of functions are counted, which do not depend on what else the machine does.
"""

import json
from cProfile import Profile
from pstats import Stats

import pytest
import yaml

from mapper import load_project
from mapper.check import check_project
from mapper.prove.coverage import Coverage
from tests.benchmarks import scaling

TEXT = {"type": "string", "minLength": 1}
LINEAR = 1.3
"""By so much one more may cost more where there are four times as many, one by one."""
RULES = {"id": {"vendor": "id", "access": "read"}}


def members(number):
    return {f"m{place}": TEXT for place in range(number)}


def write_project(folder, fields, *, given=TEXT, vendor=(), common=(), head="", **more):
    """Write a project of one mapping, the properties of its schemas, and *more* fragments."""
    mapping = {
        "mapping": "acme/thing",
        "resource": "thing",
        "vendor": {"element": "acme", "resource": "things", "schema": "acme.json"},
        "fields": RULES | fields,
    }
    schema = {"type": "object", "additionalProperties": False, "required": ["id"]}
    theirs = {"id": TEXT | {"readOnly": True}, **dict(vendor)}
    files = {
        "mappings/thing.yaml": head + yaml.safe_dump(mapping, sort_keys=False),
        "mappings/resource.yaml": "{resource: thing, schema: thing.json, key: id}\n",
        "schemas/acme.json": json.dumps(schema | {"properties": theirs}, indent=1),
        "schemas/thing.json": json.dumps(
            schema | {"properties": {"id": TEXT, **dict(common)}}, indent=1
        ),
    }
    for name, content in more.items():
        files[f"mappings/{name}.yaml"] = yaml.safe_dump(content, sort_keys=False)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


def rules(folder, number):
    scaling.write_project(folder, number)


def faulty_rules(folder, number):
    """Two findings for each fifth rule."""
    scaling.write_project(folder, number)
    path = folder / "schemas" / "canonical" / "thing.schema.json"
    path.write_text(path.read_text("utf-8").replace('"decimal"', '"date"'), "utf-8")


def uses_of_a_fragment(folder, number):
    """A finding for each."""
    fragment = {"fragment": "part", "parameters": ["name"], "fields": {"x": "${name}"}}
    fields = {
        f"m{place}": {"fragment": "part", "with": {"name": f"m{place}"}} for place in range(number)
    }
    common = {name: {"type": "object", "properties": {"x": {"type": "integer"}}} for name in fields}
    write_project(folder, fields, vendor=members(number), common=common, part=fragment)


def comments(folder, number):
    """Suppressions, each in a line of its own, of nothing."""
    write_project(folder, {}, head="# mapper: ignore[M305] for a reason\n" * number)


def nested_choices(folder, number):
    tree = "a"
    for _ in range(number):
        tree = f"(a && not_null({tree}, b) || b)"
    expression(folder, tree)


def joined_tests(folder, number):
    tests = " || ".join("(a == '1' && a == '2')" for _ in range(number))
    expression(folder, f"({tests}) && b || a")


def expression(folder, tree):
    vendor = {"a": TEXT | {"readOnly": True}, "b": TEXT | {"readOnly": True}}
    fields = {"made": {"from_vendor": tree}}
    write_project(folder, fields, vendor=vendor, common={"made": TEXT})


def calls(function, *given):
    profile = Profile()
    profile.runcall(function, *given)
    return Stats(profile).total_calls


def check(folder):
    return check_project(load_project(folder))


@pytest.mark.parametrize(
    ("write", "number", "bound"),
    [
        (rules, 200, LINEAR),
        (faulty_rules, 200, LINEAR),
        (uses_of_a_fragment, 100, LINEAR),
        (comments, 300, LINEAR),
        (joined_tests, 6, LINEAR),
        (nested_choices, 3, 2.2),  # what a test tells is looked up at each level: with the square
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_a_check_takes_as_much_more_as_there_is_more(tmp_path, write, number, bound):
    write(tmp_path, 1)
    check(tmp_path)  # the first time there is more to do
    costs = []
    for size in (number, 2 * number, 4 * number):
        write(tmp_path, size)
        costs.append((size, calls(check, tmp_path)))
    early, late = scaling.growth(costs)
    assert late < bound * early


def test_coverage_takes_as_much_more_as_there_are_more_members(tmp_path):
    costs = []
    for size in (100, 100, 200, 400):
        scaling.write_project(tmp_path, size)
        coverage = Coverage.of(load_project(tmp_path).mapper("acme/thing"))
        costs.append((size, calls(coverage.figures)))
    early, late = scaling.growth(costs[1:])
    assert late < LINEAR * early


def unions(folder, number):
    """A union of so many branches, in each of which there is another one of so many."""
    inner = {"anyOf": [_branch(place, {}) for place in range(number)]}
    outer = {"anyOf": [_branch(place, {"inner": inner}) for place in range(number)]}
    fields = {"union": {"vendor": "union", "access": "read"}}
    write_project(
        folder, fields, vendor={"union": outer | {"readOnly": True}}, common={"union": outer}
    )


def _branch(place, members):
    tagged = {**members, "tag": {"const": place}}
    return {"type": "object", "required": ["tag"], "properties": tagged}


def test_branches_that_a_tag_rules_out_are_not_looked_into(tmp_path):
    costs = []
    for size in (2, 2, 4, 8):  # the first time there is more to do
        unions(tmp_path, size)
        costs.append((size * size, calls(check, tmp_path)))
    early, late = scaling.growth(costs[1:])
    assert late < LINEAR * early
