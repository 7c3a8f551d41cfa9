"""Overlays: effective mappings, and what an organization, its accounts and instances are given."""

import json
import random
import shutil
import time
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st
from sandbox_client import World
from subjects import WRAPPERS

from mapper.check import check_project
from mapper.cli import main
from mapper.diagnostics import Source
from mapper.layout import yaml_text
from mapper.model import Level, show_path
from mapper.parse import parse_file, parse_files
from mapper.platform.documents import documents
from mapper.project import load_project
from mapper.sandbox.server import serving
from mapper.written import mapping_data, overlay_data

ROOT = Path(__file__).parents[1]

# An effective mapping is the one that is written out whole ----------------------------------------


@cache
def shipped():
    return load_project(ROOT)


def resources():
    return [file for file in shipped().files if file.kind == "resource"]


def parsed(*files):
    """Return what files that say these data define, which have no fault."""
    read = []
    for number, data in enumerate(files):
        file, found = parse_file(Source(f"{number}.yaml", yaml_text(data)))
        assert not found
        read.append(file)
    library, found = parse_files((*resources(), *read))
    assert [str(each) for each in found] == []
    return library


class Splitter:
    """Moves rules of a mapping that is written out whole to overlays for it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.overlays = ({"add": {}, "replace": {}}, {"add": {}, "replace": {}})

    def split(self, fields, key=None, at=""):
        """Return what is left of *fields* in the mapping."""
        left = {}
        for path, rule in fields.items():
            whole = f"{at}{path}"
            if path == key:
                left[path] = rule
                continue
            match self.random.randrange(6):
                case 0:  # it is not in the mapping at all
                    self.random.choice(self.overlays)["add"][whole] = rule
                case 1:  # it is another one there, which reads something else and writes nothing
                    left[path] = {"from_vendor": "'other'"}
                    self.random.choice(self.overlays)["replace"][whole] = rule
                case 2:  # an account has another one again
                    left[path] = {"from_vendor": "'other'"}
                    self.overlays[0]["replace"][whole] = {"from_vendor": "'another'"}
                    self.overlays[1]["replace"][whole] = rule
                case 3 if isinstance(rule, dict) and not {"fields", "each", "only"}.isdisjoint(
                    rule
                ):
                    inner = next(name for name in ("fields", "each", "only") if name in rule)
                    members = self.split(rule[inner], rule.get("key"), f"{whole}.")
                    left[path] = {**rule, inner: members}
                case _:
                    left[path] = rule
        return left


@pytest.mark.parametrize("name", WRAPPERS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_rules_that_move_to_overlays_come_back(name, seed):
    """Rule by rule, at any depth, and nothing else: so all that is made of them is the same."""
    whole = mapping_data(shipped().library.mappings[name])
    whole.pop("examples", None)
    splitter = Splitter(seed)
    left = {**whole, "fields": splitter.split(whole["fields"])}
    constants = whole.get("constants", {})
    left["constants"] = dict.fromkeys(constants, "other")
    account, instance = splitter.overlays
    library = parsed(
        left,
        {"overlay": "account", "extends": name, "level": "account", **account},
        {
            "overlay": "instance",
            "extends": "account",
            "level": "instance",
            "constants": constants,
            **instance,
        },
    )
    effective = library.mappings["instance"]
    assert mapping_data(effective) == {**whole, "mapping": "instance"}
    for layer, overlay in zip(effective.layers[1:], splitter.overlays, strict=True):
        assert len(layer.adds) == len(overlay["add"])
        assert len(layer.replaces) == len(overlay["replace"])

    # And what is left to say beside the mapping is found from both.
    base = mapping_data(library.mappings[name])
    again = overlay_data({**whole, "mapping": "again"}, base, Level.ACCOUNT)
    found = parsed(left, again).mappings["again"]
    assert mapping_data(found) == {**whole, "mapping": "again"}
    kept = set(account["add"]) | set(instance["add"])
    assert {show_path(steps) for steps in found.layers[-1].adds} == kept


def test_what_has_no_rule_any_more_is_of_no_overlay():
    base = {
        "mapping": "m",
        "resource": "r",
        "vendor": {"element": "e", "resource": "v", "schema": "s"},
    }
    whole = {**base, "mapping": "o", "fields": {"a": "x"}}
    assert overlay_data(whole, {**base, "fields": {"a": "x", "b": "y"}}, Level.ACCOUNT) is None
    assert (
        overlay_data(whole, {**base, "fields": {"a": "z"}, "constants": {"k": 1}}, Level.ACCOUNT)
        is None
    )
    other = {**base, "fields": {"a": "z"}, "vendor": {**base["vendor"], "resource": "w"}}
    assert overlay_data(whole, other, Level.ACCOUNT) is None
    nested = {**base, "fields": {"a": {"vendor": "l", "each": {"b": "b", "c": "c"}}}}
    fewer = {**whole, "fields": {"a": {"vendor": "l", "each": {"b": "b"}}}}
    assert overlay_data(fewer, nested, Level.INSTANCE) == {
        "overlay": "o",
        "extends": "m",
        "level": "instance",
        "replace": fewer["fields"],
    }


def test_an_ignored_member_that_an_overlay_maps_is_not_ignored():
    whole = {
        "mapping": "m",
        "resource": "tax",
        "vendor": {"element": "e", "resource": "r", "schema": "s"},
        "fields": {"name": "a.b", "lines": {"vendor": "rows", "each": {"x": "x"}}},
        "ignore": {"a.c": "1", "d": "2", "rows.y": "3", "e": "4", "f": "5", "g": "6"},
    }
    overlay = {
        "overlay": "o",
        "extends": "m",
        "level": "account",
        "add": {
            "d": "d.inner",
            "lines.y": "y",
            "e": {"from_vendor": "to_string(e.more)"},
            "f": {"from_vendor": "'no'", "to_vendor": {"f": "f"}},
        },
        "ignore": {"d.other": "7", "g": "8"},
    }
    library = parsed(whole, overlay)
    said = mapping_data(library.mappings["o"])
    assert said["ignore"] == {"a.c": "1", "g": "8", "d.other": "7"}
    assert mapping_data(library.mappings["m"])["ignore"] == whole["ignore"]


# A project with overlays --------------------------------------------------------------------------

ACME = """\
overlay: freshbooks/invoice@acme
extends: freshbooks/invoice
level: account
resource: invoice-acme
add:
  reference: {from_vendor: "join('/', [currency_code, invoice_number][?@ != `null`])"}
replace:
  terms: {from_vendor: "'as agreed'"}
  lines.name: {vendor: description, unset: text, access: read}
ignore:
  terms: agreed upon elsewhere
  lines.name: its description says more
examples: invoice-acme.examples.yaml
"""
OFFICE = """\
overlay: freshbooks/invoice@acme-office
extends: freshbooks/invoice@acme
level: instance
replace:
  terms: {vendor: terms, unset: text, access: read, description: As the account has them.}
  reference: {from_vendor: invoice_number}
"""
GLOBEX = """\
overlay: freshbooks/invoice@globex
extends: freshbooks/invoice
level: account
replace:
  notes: {from_vendor: "'see the contract'"}
ignore:
  notes: they are in the contract
"""
EXAMPLES = """\
examples: freshbooks/invoice@acme
cases:
  - example: terms are agreed upon elsewhere
    request: {notes: hello}
    gives: {notes: hello}
"""


def write_project(folder):
    """Write a project with invoices, taxes and overlays of two customers; return its folder."""
    copied = "mappings/fragments", "schemas/freshbooks", "schemas/canonical"
    for kind in copied:
        shutil.copytree(ROOT / kind, folder / kind)
    for name in ("invoice", "tax"):
        for path in ROOT.glob(f"mappings/*/{name}.*yaml"):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)
    common = folder / "schemas/canonical"
    schema = json.loads((common / "invoice.schema.json").read_text("utf-8"))
    schema["properties"]["reference"] = {"type": "string", "format": "text"}
    (common / "invoice-acme.schema.json").write_text(json.dumps(schema), "utf-8")
    resource = (folder / "mappings/resources/invoice.yaml").read_text("utf-8")
    resource = resource.replace("resource: invoice", "resource: invoice-acme\nobjectName: invoice")
    files = {
        "resources/invoice-acme.yaml": resource.replace("invoice.schema", "invoice-acme.schema"),
        "acme/invoice.yaml": ACME,
        "acme/invoice-acme.examples.yaml": EXAMPLES,
        "acme/office.yaml": OFFICE,
        "globex/invoice.yaml": GLOBEX,
    }
    for name, text in files.items():
        path = folder / "mappings" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def run(*arguments, exit_code=0, env=None):
    """Return what a command prints and tells."""
    done = CliRunner().invoke(main, list(map(str, arguments)), env=env, catch_exceptions=False)
    assert done.exit_code == exit_code, done.output
    return done.output


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = write_project(tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder


def test_a_check_looks_at_every_effective_mapping(project):
    assert [str(each) for each in check_project(load_project(project))] == []
    cases = [
        case
        for path in project.glob("mappings/**/*.examples.yaml")
        for case in yaml.safe_load(path.read_text("utf-8"))["cases"]
    ]
    assert run("check") == f"5 mappings, {len(cases)} examples: no problems\n"


def test_an_overlay_is_checked_with_what_it_extends(project):
    """What is wrong with that stands there, and a comment there suppresses it."""
    file = project / "mappings/freshbooks/invoice.yaml"
    text = file.read_text("utf-8").replace("  language: {", "  # language: {")
    file.write_text(text, "utf-8")
    (project / "mappings/freshbooks/invoice.examples.yaml").write_text(
        yaml_text({"examples": BASE, "cases": []}), "utf-8"
    )
    for asked in ((), ("freshbooks/invoice@globex",), ("mappings/globex/invoice.yaml",)):
        told = run("check", *asked, "--format", "json", exit_code=1)
        places = {f"{each['code']} {each['file']}" for each in json.loads(told)}
        assert places == {f"{code} mappings/freshbooks/invoice.yaml" for code in ("M305", "M306")}
        assert len(json.loads(told)) == 2
    ignored = "# mapper: ignore[{}] the vendor drops it"
    text = text.replace("mapping: freshbooks", f"{ignored.format('M306')}\nmapping: freshbooks")
    schema = "schema: freshbooks/invoice.schema.json"
    text = text.replace(schema, f"{schema} {ignored.format('M305')}")
    file.write_text(text, "utf-8")
    for asked in ((), ("freshbooks/invoice@globex",)):
        assert "2 suppressed" in run("check", *asked)


def test_the_certificate_says_who_set_each_rule(project):
    shown = run("check", "--certificate", "certificate.json")
    said = json.loads(Path("certificate.json").read_text("utf-8"))["mappings"]
    found = said["freshbooks/invoice@acme-office"]
    set_by = {rule["common"]: (rule["setBy"], rule["level"]) for rule in found["rules"]}
    assert set_by["terms"] == ("freshbooks/invoice@acme-office", "instance")
    assert set_by["reference"] == ("freshbooks/invoice@acme-office", "instance")
    assert set_by["lines.name"] == ("freshbooks/invoice@acme", "account")
    assert set_by["lines.description"] == ("freshbooks/invoice", None)
    base = {rule["common"] for rule in said["freshbooks/invoice"]["rules"]}
    assert set_by.keys() == base | {"reference"}
    layers = {each["name"]: (each["adds"], each["replaces"]) for each in found["layers"]}
    assert layers == {
        "freshbooks/invoice": ([], []),
        "freshbooks/invoice@acme": ([], ["lines.name"]),
        "freshbooks/invoice@acme-office": ([], ["terms", "reference"]),
    }
    assert found["counts"] == {
        law: sum(each["counts"][law] for each in found["layers"]) for law in found["counts"]
    }
    assert "layers" not in said["freshbooks/invoice"]
    assert {rule.get("setBy") for rule in said["freshbooks/tax"]["rules"]} == {None}
    lines = shown.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("freshbooks/invoice@acme-off"))
    assert [line.split()[0] for line in lines[at:][:4]] == [
        "freshbooks/invoice@acme-office", "freshbooks/invoice", "account", "instance",
    ]  # fmt: skip
    assert lines[at + 2].endswith("  ~ lines.name")
    assert lines[at + 3].endswith("  ~ terms, ~ reference")


# Levels on a platform -----------------------------------------------------------------------------

SEED = {
    "accounts": [{"name": "Acme", "defaultAccount": True}, {"name": "Globex"}],
    "users": [
        {"email": "owner@x.example", "account": "Acme", "roles": ["org-admin", "vdrAdmin"]},
        {"email": "acme@x.example", "account": "Acme", "roles": ["admin"]},
        {"email": "globex@x.example", "account": "Globex", "roles": ["admin"]},
    ],
    "instances": [
        {"name": "shop", "element": "freshbooksv2", "user": "acme@x.example"},
        {"name": "office", "element": "freshbooksv2", "user": "acme@x.example"},
        {"name": "globex", "element": "freshbooksv2", "user": "globex@x.example"},
    ],
}
OWNERS = {"shop": "acme@x.example", "office": "acme@x.example", "globex": "globex@x.example"}
BASE, AT_ACME, AT_OFFICE, AT_GLOBEX = (
    f"freshbooks/invoice{name}" for name in ("", "@acme", "@acme-office", "@globex")
)


_SOME = "pageSize=3"


class Customers:
    """A platform of two customers with three connections, over HTTP, and a project for it."""

    def __init__(self, world, url, folder):
        self._world = world
        accounts = {each["name"]: each["id"] for each in world.all("account")}
        self.instances = [each["name"] for each in world.all("instance")]
        number = {each["name"]: each["id"] for each in world.all("instance")}
        self.acme = ("--account", accounts["Acme"])
        self.globex = ("--account", accounts["Globex"])
        self.office = ("--instance", number["office"])
        profiles = folder.parent / "profiles.toml"
        profiles.write_text(f'[profiles.here]\nurl = "{url}"\n', "utf-8")
        self._profile = ("--profile", "here", "--profiles", profiles)
        self._environment = {
            "CE_USER_SECRET": world.all("user")[0]["secret"],
            "CE_ORG_SECRET": world.all("organization")[0]["secret"],
        }

    def run(self, command, *arguments, exit_code=0):
        options = (*self._profile, *arguments)
        return run(command, *options, exit_code=exit_code, env=self._environment)

    def publish(self, *arguments, exit_code=0):
        """Publish without a check, which another test makes."""
        return self.run("publish", "--yes", "--no-check", *arguments, exit_code=exit_code)

    def is_settled(self, *arguments):
        """Whether a plan is empty and nothing drifts."""
        self.run("plan", "--exit-code", *arguments)
        return self.run("drift", "--exit-code", *arguments) == "no drift\n"

    def reads(self, connection):
        """Return the name of the mapping by which a connection reads invoices."""
        call = self._world.session(OWNERS[connection], instance=self.instances.index(connection))
        shown = call("GET", f"/hubs/finance/invoice?{_SOME}")
        rows = self.raw(call, connection)
        assert len(rows) == 3
        project = load_project()
        names = (name for name in project.names if name.startswith(BASE))
        mappers = [project.mapper(name).interpreted for name in names]
        (found,) = (each.name for each in mappers if list(map(each.from_vendor, rows)) == shown)
        return found

    def raw(self, call, connection):
        """Return the vendor's own invoices, with their nulls."""
        number = self._world.all("instance")[self.instances.index(connection)]["id"]

        def with_nulls(filtered):
            body = {"configuration": {"filter.response.nulls": filtered}}
            call("PATCH", f"/instances/{number}", body)

        with_nulls("false")
        rows = call("GET", f"/hubs/finance/invoices?{_SOME}")
        with_nulls("true")
        return rows


@pytest.fixture
def customers(project, tmp_path_factory):
    with (
        World(tmp_path_factory.mktemp("platform") / "state", SEED) as world,
        serving(world.application) as url,
    ):
        yield Customers(world, url, project)


def test_each_connection_reads_by_the_mapping_of_its_lowest_level(customers, project):
    customers.publish()
    assert {name: customers.reads(name) for name in OWNERS} == dict.fromkeys(OWNERS, BASE)
    assert "1 example" in customers.publish(*customers.acme, AT_ACME)
    assert {name: customers.reads(name) for name in OWNERS} == {
        "shop": AT_ACME, "office": AT_ACME, "globex": BASE,
    }  # fmt: skip
    customers.publish(*customers.office, AT_OFFICE)
    customers.publish(*customers.globex, AT_GLOBEX)
    lowest = {"shop": AT_ACME, "office": AT_OFFICE, "globex": AT_GLOBEX}
    assert {name: customers.reads(name) for name in OWNERS} == lowest
    at = ((), (*customers.acme, AT_ACME), (*customers.office, AT_OFFICE))
    assert all(customers.is_settled(*each) for each in at)

    # A rule of the organization's is one of theirs, too.
    file = project / "mappings/freshbooks/invoice.yaml"
    text = file.read_text("utf-8")
    assert "  notes: {vendor: notes, unset: text}\n" in text
    edited = text.replace(
        "  notes: {vendor: notes, unset: text}\n",
        "  notes: {vendor: notes, unset: text, access: read}\n",
    )
    file.write_text(edited, "utf-8")
    for each in at:
        told = customers.run("plan", "--exit-code", *each, exit_code=2)
        assert "rule notes" in told
        name = each[-1] if each else BASE
        assert f"law class of {name}, notes: lens -> read" in told
        assert ("is extended by" in told) == (name != AT_OFFICE)
    extended = f"{BASE} is extended by {AT_ACME}, {AT_OFFICE}, {AT_GLOBEX}, which change with it"
    assert extended in customers.run("plan", BASE)
    customers.run("plan", "--exit-code", *customers.globex, AT_GLOBEX)  # which has its own
    for each in at:
        customers.publish(*each)
    assert all(customers.is_settled(*each) for each in at)
    assert {name: customers.reads(name) for name in OWNERS} == lowest


# What is refused ----------------------------------------------------------------------------------


def test_an_overlay_goes_to_its_own_level_only(customers):
    for owner, name, level in (
        ((), AT_ACME, "organization"),
        (customers.office, AT_ACME, "instance"),
        (customers.acme, AT_OFFICE, "account"),
    ):
        told = customers.run("plan", *owner, name, exit_code=1)
        own = "instance" if name == AT_OFFICE else "account"
        assert f"error[M636]: {name} is an overlay for the level {own}, not for {level}" in told
        assert f"--{own} ID" in told
    assert "M636" in run(
        "compile", AT_ACME, "--target", "platform", "--level", "organization", exit_code=1
    )
    assert '"level": "account"' in run("compile", AT_ACME, "--target", "platform")


def test_two_mappings_for_one_document_are_refused(customers):
    told = customers.run("plan", *customers.acme, BASE, AT_ACME, exit_code=1)
    assert "error[M634]" in told
    assert f"{BASE} and {AT_ACME} are both transformation invoice (freshbooksv2)" in told
    assert "error[M634]" in run("export", "out", AT_ACME, AT_GLOBEX, exit_code=1)
    assert not Path("out").exists()


def test_what_another_overlay_published_is_that_ones(customers, project):
    """Neither another customer's overlay nor the organization's mapping is put in its place."""
    customers.publish(*customers.acme, AT_ACME)
    for name in (AT_GLOBEX, BASE):
        told = customers.run("plan", *customers.acme, name, exit_code=1)
        assert f"invoice (freshbooksv2) comes from the mapping {AT_ACME}" in told
    assert customers.reads("shop") == AT_ACME
    # What it extends is, since that is what it is made of.
    customers.publish(*customers.globex, BASE)
    customers.publish(*customers.globex, AT_GLOBEX)
    assert customers.reads("globex") == AT_GLOBEX


def test_both_options_at_once_are_wrong_use(customers):
    told = customers.run("plan", *customers.acme, *customers.office, exit_code=2)
    assert "--account and --instance exclude each other." in told
    assert "M621" in customers.run("plan", "--account", "1/2", AT_ACME, exit_code=1)


# Removing and coming back -------------------------------------------------------------------------


def tombstone(project, name, level):
    said = {"objectName": "invoice", "element": "freshbooksv2", "reason": "left", "level": level}
    file = project / "mappings/removed.yaml"
    file.write_text(yaml_text({"removed": {name: said}}), "utf-8")


def test_an_overlay_that_is_removed_goes_from_its_place_alone(customers, project):
    customers.publish()
    customers.publish(*customers.acme, AT_ACME)
    customers.publish(*customers.globex, AT_GLOBEX)
    for file in ("acme/invoice.yaml", "acme/office.yaml", "acme/invoice-acme.examples.yaml"):
        (project / "mappings" / file).unlink()
    told = customers.run("plan", *customers.acme, "freshbooks/tax")
    assert "was published from a mapping that is not there any more" in told
    tombstone(project, AT_ACME, "account")
    assert "2 to delete" in customers.run("plan", "--prune", *customers.acme, AT_ACME)
    for others in ((), (*customers.globex, AT_GLOBEX)):
        told = customers.run("plan", "--prune", "--exit-code", *others)
        assert "0 to delete" in told
    customers.publish("--prune", *customers.acme, AT_ACME)
    assert customers.reads("shop") == BASE
    assert customers.reads("globex") == AT_GLOBEX
    assert customers.is_settled()
    assert customers.is_settled(*customers.globex, AT_GLOBEX)
    customers.run("rollback", "--yes", *customers.acme)
    assert "2 to delete" in customers.run("plan", "--prune", *customers.acme, AT_ACME)


def test_a_tombstone_of_another_overlay_deletes_nothing(customers, project):
    """A customer's document is not that of the one who left, though both are of one object."""
    customers.publish(*customers.globex, AT_GLOBEX)
    tombstone(project, "freshbooks/invoice@left", "account")
    told = customers.run("plan", "--prune", *customers.globex, "freshbooks/invoice@left")
    assert "0 to delete" in told
    assert "has a tombstone, but is not ours: it stays" in told


def test_a_pull_of_an_account_gives_a_mapping_of_all_its_rules(customers, project, tmp_path):
    customers.publish(*customers.acme, AT_ACME)
    shutil.copytree(project / "schemas", tmp_path / "new/schemas")
    told = customers.run("pull", *customers.acme, "--out", tmp_path / "new")
    assert f"{AT_ACME}: rules" in told
    customers.run("plan", "--exit-code", *customers.acme, "--project", tmp_path / "new")
    pulled = load_project(tmp_path / "new").library.mappings[AT_ACME]
    assert not pulled.layers
    said, whole = mapping_data(pulled), mapping_data(load_project().library.mappings[AT_ACME])
    assert said["fields"] == whole["fields"]
    assert said["ignore"] == whole["ignore"]


def test_a_pull_beside_the_mapping_gives_an_overlay(customers, project):
    """A project that has the mapping, and not the overlay, gets what it lacks."""
    customers.publish()
    customers.publish(*customers.acme, AT_ACME)
    customers.publish(*customers.office, AT_OFFICE)
    whole = {name: load_project().library.mappings[name] for name in (AT_ACME, AT_OFFICE)}
    shutil.rmtree(project / "mappings/acme")
    for owner, name in ((customers.acme, AT_ACME), (customers.office, AT_OFFICE)):
        assert f"{name}: rules of an overlay" in customers.run("pull", *owner, "invoice")
        customers.run("plan", "--exit-code", *owner, name)
        pulled = load_project().library.mappings[name]
        assert pulled.level is whole[name].level
        assert [each.name for each in pulled.layers] == [BASE, name]
        said, wanted = mapping_data(pulled), mapping_data(whole[name])
        assert {**said, "examples": None} == {**wanted, "examples": None}
    text = (project / f"mappings/{AT_ACME}.yaml").read_text("utf-8")
    assert text.startswith(f"overlay: {AT_ACME}\nextends: {BASE}\nlevel: account\n")
    customers.run("plan", "--exit-code")


def test_a_pull_writes_over_no_overlay(customers, project):
    customers.publish(*customers.acme, AT_ACME)
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}

    def is_as_before():
        return all(path.read_bytes() == content for path, content in before.items())

    assert f"{AT_ACME}: the project has it" in customers.run("pull", *customers.acme)
    file = project / "mappings/acme/invoice.yaml"
    file.write_text(ACME.replace("as agreed", "otherwise"), "utf-8")
    before[file] = file.read_bytes()
    told = customers.run("pull", "--force", *customers.acme, exit_code=1)
    assert f"error[M643]: the project has the overlay {AT_ACME}, which says something" in told
    assert is_as_before()


def test_an_overlay_has_to_exercise_its_own_rules_alone(project):
    told = run("test", AT_ACME, "--documents", "0", "--fail-under", "100", exit_code=1)
    assert "exercised: 0.0 %" in told
    wanted = ["terms from_vendor", "lines.name from_vendor"]
    wanted += [f"lines.name from_vendor = {unset} (no value)" for unset in ('""', "null")]
    assert f"not covered: {', '.join(wanted)}, reference from_vendor" in told
    texts = ("Design", "", None)
    lines = [
        {"lineid": str(n), "name": "x", "description": text} for n, text in enumerate(texts, 1)
    ]
    payload = {"id": 7, "currency_code": "CAD", "lines": lines}
    given = {"example": "an invoice", "from_vendor": payload}
    wanted = {
        "id": "7",
        "currency": "CAD",
        "reference": "CAD",
        "terms": "as agreed",
        "lines": [
            {"id": "1", "name": "Design", "description": "Design", "taxes": []},
            {"id": "2", "taxes": []},
            {"id": "3", "taxes": []},
        ],
    }
    file = project / "mappings/acme/invoice-acme.examples.yaml"
    file.write_text(yaml_text({"examples": AT_ACME, "cases": [{**given, "gives": wanted}]}))
    run("test", AT_ACME, "--documents", "0", "--fail-under", "100")


# Strangers' files ---------------------------------------------------------------------------------

CASE = ROOT / "tests/cases/language/valid-overlays.yaml"
PIECES = [
    *"{}[]:,.-\"'|>&*! \n~5", "null", "\n  ", ": ", "vendor", "each", "add", "replace", "fields",
    "acme/thing@b", "acme/thing", "instance", "lines", "lines.id", "id", "key", "constant",
]  # fmt: skip
EDIT = st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(["", *PIECES]))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small project with overlays of all kinds, and its files in mappings."""
    folder = tmp_path_factory.mktemp("small")
    texts = yaml.safe_load(CASE.read_text("utf-8"))["files"]
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder, {name: text for name, text in texts.items() if name.startswith("mappings")}


@settings(max_examples=100)
@given(data=st.data())
def test_no_edit_makes_reading_raise(small, data):
    folder, texts = small
    name = data.draw(st.sampled_from(sorted(texts)))
    text = texts[name]
    for where, length, piece in data.draw(st.lists(EDIT, min_size=1, max_size=4)):
        at = int(where * len(text))
        text = text[:at] + piece + text[at + length :]
    (folder / name).write_text(text, "utf-8")
    try:
        project = load_project(folder)
        found = check_project(project)
        if not project.errors:
            for each in project.names:
                assert project.find(each).name == each
    finally:
        (folder / name).write_text(texts[name], "utf-8")
    assert all(each.span and each.message and "\n" not in each.message for each in found)


@pytest.mark.parametrize("last", ["m", "o0", "nothing"])
def test_long_chains_and_circles_are_told_in_time(last):
    """Each overlay but one extends the next; no circle or chain is followed for each of them."""
    number = 3_000
    texts = ["resource: r\nschema: s\nkey: id\n"]
    texts += ["mapping: m\nresource: r\nvendor: {element: e, resource: v, schema: s}\nfields: {}\n"]
    for n in range(number):
        above = last if n == number - 1 else f"o{n + 1}"
        texts.append(f"overlay: o{n}\nextends: {above}\nlevel: account\nadd: {{x: x}}\n")
    files = [parse_file(Source(f"{n}.yaml", text))[0] for n, text in enumerate(texts, 1)]
    began = time.perf_counter()
    library, found = parse_files(tuple(files))
    assert time.perf_counter() - began < 5
    counts = Counter(each.rule.code for each in found)
    wanted = {
        "m": {"M119": number - 1},
        "o0": {"M118": 1},
        "nothing": {"M117": 1, "M119": number - 1},
    }
    assert counts == wanted[last]
    assert library.mappings.keys() == ({"m", f"o{number - 1}"} if last == "m" else {"m"})


def test_many_rules_over_many_are_put_there_in_time():
    """The work grows with the rules on both sides, and not with their product."""
    number = 3_000
    base = {
        "mapping": "m",
        "resource": "tax",
        "vendor": {"element": "e", "resource": "r", "schema": "s"},
        "fields": {f"a{n}": f"a{n}" for n in range(number)},
        "ignore": {f"i{n}": "x" for n in range(number)},
    }
    overlay = {"overlay": "o", "extends": "m", "level": "account"}
    overlay["replace"] = {f"a{n}": f"b{n}" for n in range(number)}
    overlay["add"] = {f"c{n}": f"i{n}" for n in range(number)}
    files = (
        *resources(),
        *(parse_file(Source("x", yaml_text(each)))[0] for each in (base, overlay)),
    )
    began = time.perf_counter()
    library, found = parse_files(files)
    assert time.perf_counter() - began < 5
    assert not found
    assert (len(library.mappings["o"].fields), library.mappings["o"].ignore) == (2 * number, ())


# Beside a script of somebody else -----------------------------------------------------------------


def schema_of(*names):
    properties = {name: {"type": "string"} for name in names}
    return json.dumps({"type": "object", "required": list(names), "properties": properties})


def test_an_overlay_of_a_mapping_with_a_script_publishes_that_script(tmp_path):
    """Its file stands beside the file that names it, wherever the overlay is."""
    files = {
        "schemas/s.json": schema_of("id", "name"),
        "schemas/v.json": schema_of("Id", "Name"),
        "mappings/r.yaml": "resource: thing\nschema: s.json\nkey: id\n",
        "mappings/m.yaml": (
            "mapping: acme/thing\nresource: thing\n"
            "vendor: {element: acme, resource: things, schema: v.json}\n"
            "fields: {id: Id}\nignore: {Name: x}\nscript: {file: m.js, reason: old}\n"
        ),
        "mappings/m.js": "done(transformedObject);\n",
        "mappings/acme/o.yaml": (
            "overlay: acme/thing@o\nextends: acme/thing\nlevel: account\nadd: {name: Name}\n"
        ),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    project = load_project(tmp_path)
    assert [each.rule.code for each in check_project(project)] == ["M641"]
    made = documents(project.mapper("acme/thing@o").parts).transformation
    assert made["script"]["body"] == files["mappings/m.js"]
    assert made["level"] == made["script"]["level"] == "account"
    assert [field["path"] for field in made["fields"]] == ["id", "name"]
