"""Bad input gives coded findings with their place, and exit code 1; nothing is half-written."""

import json
import os
import shutil
import socket
import time
from functools import cache
from itertools import permutations, product
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mapper.cli import main
from mapper.diagnostics import MapperError
from mapper.project import load_project

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT.parent / "shared" / "samples" / "freshbooks"
CASES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "samples" / "hostile.yaml").read_text("utf-8")
)
TAX_FILES = ("resources/tax.yaml", "freshbooks/tax.yaml", "freshbooks/tax.examples.yaml")
WARNING = "M503"
DEEP = 10_000
MEGABYTE = 1_000_000
LONGEST_FINDING = 2_000
"""How many characters a finding may have, whatever is found."""

needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the recorded samples (../shared) are not beside this checkout"
)


def run(*arguments, given=b"", project=ROOT):
    """Run a command; return its exit code, its output, and its findings as data."""
    given = given if isinstance(given, bytes) else given.encode()
    command = [*map(str, arguments), "--format", "json"]
    if project is not None:
        command += ["--project", str(project)]
    result = CliRunner().invoke(main, command, input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.stderr
    return result.exit_code, result.stdout, json.loads(result.stderr or "[]")


def shown(finding):
    """Return a finding as the cases write it: code, place in the input, pointer."""
    place = (
        f"{finding['line']}:{finding['column']}" if finding["file"] == "<standard input>" else ""
    )
    pointer = "(root)" if finding["pointer"] == "" else finding["pointer"]
    return " ".join(filter(None, [finding["code"], place, pointer]))


def codes(findings):
    return {each["code"] for each in findings}


def refused(*arguments, **options):
    """Run a command that has to fail without output; return its findings."""
    code, output, findings = run(*arguments, **options)
    assert (code, output) == (1, "")
    assert findings
    for each in findings:
        assert each["code"].startswith("M")
        assert len(each["message"]) <= LONGEST_FINDING
    return findings


@pytest.fixture(scope="module")
def taxes(tmp_path_factory):
    """Return a project with the tax mapping alone, which is read fast; not to be changed."""
    return copy_taxes(tmp_path_factory.mktemp("taxes"))


@pytest.fixture
def project(tmp_path):
    """Return a project with the tax mapping alone, to be damaged."""
    return copy_taxes(tmp_path)


def copy_taxes(folder):
    for name in TAX_FILES:
        target = folder / "mappings" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "mappings" / name, target)
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    return folder


@cache
def mapper(name):
    return load_project(ROOT).mapper(name)


# Documents ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [pytest.param(each, id=each["hostile"]) for each in CASES])
def test_a_hostile_text(case, taxes):
    code, output, findings = run(
        "from-vendor", "freshbooks/tax", given=case["input"], project=taxes
    )
    assert [shown(each) for each in findings] == case["finds"]
    assert code == (1 if codes(findings) - {WARNING} else 0)
    match case.get("writes"):
        case None:
            assert output == ""
        case {"lines": ids}:
            assert [json.loads(line)["id"] for line in output.splitlines()] == ids
        case written:
            assert json.loads(output) == written


BYTES = {
    "UTF-16": ('{"id": 1}'.encode("utf-16"), "M002 1:1"),
    "UTF-16 without a mark": ('{"id": 1}'.encode("utf-16-le"), "M009 1:2"),
    "UTF-32": ('{"id": 1}'.encode("utf-32"), "M002 1:1"),
    "Latin-1": (b'{"id": 1, "name": "caf\xe9"}', "M002 1:23"),
    "half a surrogate pair as bytes": (b'{"id": 1, "name": "\xed\xa0\x80"}', "M002 1:20"),
    "a byte that is never UTF-8": (b'{\n"id": 1, "name": "\xff"}', "M002 2:19"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "M002 1:1"),
    "an archive": (b"PK\x03\x04\x14\0\0\0\x08\0", "M009 1:1"),
}


@pytest.mark.parametrize(("data", "finds"), BYTES.values(), ids=BYTES)
def test_hostile_bytes(data, finds, taxes):
    findings = refused("from-vendor", "freshbooks/tax", given=data, project=taxes)
    assert [shown(each) for each in findings] == [finds]


def test_a_byte_order_mark_is_no_fault(taxes):
    code, output, _ = run("from-vendor", "freshbooks/tax", given='\ufeff{"id": 1}', project=taxes)
    assert (code, json.loads(output)) == (0, {"id": "1"})


DEPTHS = {
    "lists without an end": "[" * DEEP,
    "objects without an end": '{"a":' * DEEP,
    "lists": "[" * DEEP + "]" * DEEP,
    "objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "in a member": '{"id": 1, "x": ' + "[" * DEEP + "]" * DEEP + "}",
    "in an answer": '{"response": {"result": {"tax": ' + '{"a":' * DEEP + "1" + "}" * (DEEP + 3),
    "just too deep": '{"id": 1, "x": ' + "[" * 200 + "]" * 200 + "}",
}


@pytest.mark.parametrize("text", DEPTHS.values(), ids=DEPTHS)
@pytest.mark.parametrize("command", ["from-vendor", "to-vendor"])
def test_a_document_that_is_too_deep(command, text, taxes):
    findings = refused(command, "freshbooks/tax", given=text, project=taxes)
    assert codes(findings) == {"M510"}


def test_a_line_that_is_too_deep_leaves_the_others(taxes):
    lines = "\n".join(['{"id": 1}', "[" * DEEP, '{"id": 2, "x": ' + "[" * DEEP, '{"id": 3}'])
    code, output, findings = run("from-vendor", "freshbooks/tax", given=lines, project=taxes)
    assert (code, [json.loads(line)["id"] for line in output.splitlines()]) == (1, ["1", "3"])
    assert [shown(each)[:4] for each in findings] == ["M510", "M510"]


def test_a_document_that_is_deep_but_not_too_deep(taxes):
    text = '{"id": 1, "name": "x", "x": ' + "[" * 199 + "]" * 199 + "}"
    code, output, findings = run("from-vendor", "freshbooks/tax", given=text, project=taxes)
    assert (code, json.loads(output), codes(findings)) == (0, {"id": "1", "name": "x"}, {WARNING})


def test_numbers_of_five_thousand_digits(taxes):
    for member in ("id", "amount", "x"):
        text = '{"id": 1, "' + member.replace("id", "taxid") + '": ' + "9" * 5000 + "}"
        findings = refused("from-vendor", "freshbooks/tax", given=text, project=taxes)
        assert codes(findings) == {"M009"}
        assert findings[0]["column"]


def test_a_megabyte_of_text_is_text(taxes):
    given = json.dumps({"id": 1, "name": "é" * MEGABYTE})
    code, output, _ = run("from-vendor", "freshbooks/tax", given=given, project=taxes)
    assert (code, json.loads(output)["name"]) == (0, "é" * MEGABYTE)


@pytest.mark.parametrize("member", ["id", "amount", "updated", "compound"])
def test_a_megabyte_of_text_where_none_fits(member, taxes):
    given = json.dumps({"id": 1} | {member: "9" * MEGABYTE})
    findings = refused("from-vendor", "freshbooks/tax", given=given, project=taxes)
    assert {each["pointer"] for each in findings} == {f"/{member}"}


def test_a_megabyte_of_name_does_not_fill_the_screen(taxes):
    given = json.dumps({"id": 1, "name": "x", "k" * MEGABYTE: 1})
    code, output, (warning,) = run("from-vendor", "freshbooks/tax", given=given, project=taxes)
    assert (code, json.loads(output), warning["code"]) == (0, {"id": "1", "name": "x"}, WARNING)
    assert len(warning["message"]) <= LONGEST_FINDING


def line(number):
    return {
        "lineid": number,
        "type": 0,
        "name": "Work",
        "qty": "1.5",
        "unit_cost": {"amount": "10.00", "code": "USD"},
        "taxName1": "GST",
        "taxAmount1": "5",
        "taxName2": None,
        "taxAmount2": "0",
        "compounded_tax": False,
    }


def invoice(lines):
    return {"id": 1, "customerid": 5, "lines": [line(number + 1) for number in range(lines)]}


def test_an_invoice_of_ten_thousand_lines():
    started = time.monotonic()
    given = json.dumps(invoice(10_000))
    code, output, findings = run("from-vendor", "freshbooks/invoice", given=given)
    assert (code, findings, len(json.loads(output)["lines"])) == (0, [], 10_000)
    assert time.monotonic() - started < 60


def test_an_edit_of_a_line_among_ten_thousand():
    base = invoice(10_000)
    common = mapper("freshbooks/invoice").from_vendor(base)
    common["lines"][1_000]["quantity"] = "2"
    started = time.monotonic()
    body = mapper("freshbooks/invoice").to_vendor(common, base)
    assert (set(body), body["lines"][1_000]["qty"]) == ({"lines"}, "2")
    assert time.monotonic() - started < 30


# Other resources and other answers ----------------------------------------------------------------

OBJECTS = {
    "client": {
        "id": 7,
        "userid": 7,
        "accounting_systemid": "ACM123",
        "organization": "L Ltd",
        "fname": "Ada",
        "email": "a@example.com",
        "bus_phone": "",
        "p_street": "1 Main St",
        "p_city": "Oslo",
        "role": "client",
        "username": "ada",
        "pref_email": True,
        "allow_late_fees": True,
        "signup_date": "2026-01-01 15:00:00",
        "vis_state": 0,
        "updated": "2026-01-01 10:00:00",
    },
    "invoice": {
        "id": 7,
        "invoiceid": 7,
        "accounting_systemid": "ACM123",
        "invoice_number": "0000007",
        "customerid": 5,
        "create_date": "2026-01-01",
        "currency_code": "USD",
        "amount": {"amount": "1.00", "code": "USD"},
        "status": 1,
        "v3_status": "draft",
        "fname": "Ada",
        "vis_state": 0,
        "updated": "2026-01-01 10:00:00",
    },
    "item": {
        "id": 7,
        "itemid": 7,
        "accounting_systemid": "ACM123",
        "name": "Backpack",
        "qty": "1",
        "inventory": "55",
        "unit_cost": {"amount": "1.00", "code": "USD"},
        "tax1": 0,
        "vis_state": 0,
        "updated": "2026-01-01 10:00:00",
    },
    "payment": {
        "id": 7,
        "logid": 7,
        "accounting_systemid": "ACM123",
        "invoiceid": 9,
        "clientid": 5,
        "amount": {"amount": "1.00", "code": "USD"},
        "date": "2026-01-01",
        "type": "Check",
        "note": "",
        "orderid": None,
        "creditid": None,
        "from_credit": False,
        "vis_state": 0,
        "updated": "2026-01-01 10:00:00",
    },
    "tax": {
        "id": 7,
        "taxid": 7,
        "accounting_systemid": "ACM123",
        "name": "HST",
        "amount": "13",
        "number": None,
        "compound": False,
        "updated": "2026-01-01 10:00:00",
    },
    "bill_vendor": {
        "vendorid": 7,
        "vendor_name": "Depot",
        "primary_contact_email": "a@example.com",
        "street": "1 Main St",
        "city": "Oslo",
        "currency_code": "NOK",
        "language": "en",
        "is_1099": False,
        "outstanding_balance": [],
        "tax_defaults": [],
        "created_at": "2026-01-01 15:00:00",
        "vis_state": 0,
    },
}
PAIRS = list(permutations(OBJECTS, 2))
NAMES = {
    "client": "freshbooks/customer",
    "invoice": "freshbooks/invoice",
    "item": "freshbooks/item",
    "payment": "freshbooks/payment",
    "tax": "freshbooks/tax",
    "bill_vendor": "freshbooks/vendor",
}
PLURALS = {
    "client": "clients",
    "invoice": "invoices",
    "item": "items",
    "payment": "payments",
    "tax": "taxes",
    "bill_vendor": "bill_vendors",
}
WRAPPINGS = {
    "an answer with one": lambda kind, one: {"response": {"result": {kind: one}}},
    "an answer with a list": lambda kind, one: {"response": {"result": {PLURALS[kind]: [one]}}},
    "a request": lambda kind, one: {kind: one},
    "bare": lambda kind, one: one,
}
LOOKALIKES = {("item", "tax")}
"""(wanted, given): told apart by the wrapper alone, since half of the members are both's."""


def given_for_another(*wrappings):
    """Return every resource for every other in each wrapping, but for lookalikes that are bare."""
    return [
        (wanted, kind, wrapping)
        for wrapping in wrappings
        for wanted, kind in PAIRS
        if wrapping != "bare" or (wanted, kind) not in LOOKALIKES
    ]


@pytest.mark.parametrize(("wanted", "kind", "wrapping"), given_for_another(*WRAPPINGS))
def test_another_resource(wanted, kind, wrapping):
    given = json.dumps(WRAPPINGS[wrapping](kind, OBJECTS[kind]))
    findings = refused("from-vendor", NAMES[wanted], given=given)
    # A bare object is told by its members alone: half of a tax's are an invoice's too, so that it
    # is held against the schema.
    assert codes(findings) <= {"M504", "M501"}
    if wrapping != "bare":
        assert codes(findings) == {"M504"}
    assert all(each["pointer"] is not None for each in findings)


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize("kind", OBJECTS)
def test_the_right_resource(kind, wrapping):
    code, _, findings = run(
        "from-vendor", NAMES[kind], given=json.dumps(wrapping(kind, OBJECTS[kind]))
    )
    assert (code, findings) == (0, [])


@pytest.mark.parametrize(("wanted", "kind"), sorted(LOOKALIKES))
def test_a_bare_lookalike_is_read_with_a_warning_and_refused_when_strict(wanted, kind):
    given = json.dumps(OBJECTS[kind])
    code, _, findings = run("from-vendor", NAMES[wanted], given=given)
    assert (code, codes(findings)) == (0, {"M503"})
    assert codes(refused("from-vendor", "--strict", NAMES[wanted], given=given)) == {"M501"}


@pytest.mark.parametrize(
    ("wanted", "kind", "wrapping"), given_for_another("bare", "an answer with a list")
)
def test_a_list_of_another_resource_writes_an_empty_list_at_most(wanted, kind, wrapping):
    one = OBJECTS[kind]
    given = [one, one] if wrapping == "bare" else WRAPPINGS[wrapping](kind, one)
    code, output, findings = run("from-vendor", NAMES[wanted], given=json.dumps(given))
    assert code == 1
    assert codes(findings) <= {"M504", "M501"}
    assert output == "" or json.loads(output) == []


ERRORS = sorted(SAMPLES.glob("error.*.json"))


def quoted(answer):
    """Return the code and message of each error in a recorded answer; none if it has no code."""
    match answer:
        case {"response": {"errors": errors}}:
            return [(each["errno"], each["message"]) for each in errors]
        case {"errors": {"status": code, "message": message}}:
            return [(code, message)]
        case {"errno": code, "error": {"title": message}} | {"errno": code, "message": message}:
            return [(code, message)]
        case {"error": code}:
            return [(code, answer.get("error_description", ""))]
        case _:
            return []


@needs_samples
@pytest.mark.parametrize("name", NAMES.values())
@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.name)
def test_a_recorded_error_answer(path, name):
    findings = refused("from-vendor", name, path)
    errors = quoted(json.loads(path.read_text("utf-8")))
    assert [each["code"] for each in findings] == (["M505"] * len(errors) or ["M504"])
    for finding, (code, message) in zip(findings, errors, strict=False):
        assert f"error {code}" in finding["message"]
        assert message in finding["message"]


@needs_samples
def test_only_an_error_answer_that_is_a_mere_sentence_has_no_code():
    assert [path.name for path in ERRORS if not quoted(json.loads(path.read_text("utf-8")))] == [
        "error.projects.no_auth.json"
    ]


@needs_samples
def test_every_recorded_accounting_error_is_also_one_in_the_other_form():
    """The facts (5, E1): errors are a list or a single object."""
    for path in SAMPLES.glob("error.accounting.*.json"):
        document = json.loads(path.read_text("utf-8"))
        errors = document["response"]["errors"]
        document["response"]["errors"] = errors[0] if isinstance(errors, list) else [errors]
        findings = refused("from-vendor", "freshbooks/tax", given=json.dumps(document))
        assert codes(findings) == {"M505"}


# Writing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "finds"),
    [
        ('{"name": "x",}', ["M009 1:14"]),
        ("", ["M008"]),
        ("null", ["M526 (root)"]),
        ('"x"', ["M526 (root)"]),
        ('{"name": "x", "name": "y"}', ["M004 1:15 /name"]),
        ('{"name": "x", "rate": 1e400}', ["M009 1:23 /rate"]),
        ('{"name": "x", "nmae": "y"}', ["M509 /nmae"]),
        ('{"name": "x", "__proto__": {"rate": "1"}}', ["M509 /__proto__"]),
        ('{"id": "1", "name": "x"}', ["M511 /id"]),
    ],
)
def test_a_hostile_object_to_create(given, finds, taxes):
    findings = refused("to-vendor", "freshbooks/tax", given=given, project=taxes)
    assert [shown(each) for each in findings] == finds


@pytest.mark.parametrize("base", ["", "null", "[]", '{"id": 1', '{"response": {}}', "[" * DEEP])
@pytest.mark.parametrize("option", [(), ("--merge",), ("--steps",)])
def test_a_hostile_base(base, option, taxes, tmp_path):
    path = tmp_path / "base.json"
    path.write_text(base, "utf-8")
    refused(
        "to-vendor", "freshbooks/tax", "--base", path, *option, given='{"id": "1"}', project=taxes
    )


@pytest.mark.parametrize("patch", ["null", "1", '"x"', "[]", '{"rate": {}}'])
def test_a_hostile_merge_patch(patch, taxes, tmp_path):
    path = tmp_path / "base.json"
    path.write_text('{"id": 1, "name": "x", "amount": "5"}', "utf-8")
    refused("to-vendor", "freshbooks/tax", "--base", path, "--merge", given=patch, project=taxes)


# Files and folders --------------------------------------------------------------------------------


def test_a_file_that_is_not_there(taxes, tmp_path):
    (finding,) = refused("from-vendor", "freshbooks/tax", tmp_path / "no.json", project=taxes)
    assert finding["code"] == "M001"
    assert "no.json" in finding["message"]


def test_a_folder_for_a_file(taxes, tmp_path):
    findings = refused("from-vendor", "freshbooks/tax", tmp_path, project=taxes)
    assert codes(findings) == {"M001"}


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file"
)
def test_a_file_that_may_not_be_read(taxes, project, tmp_path):
    path = tmp_path / "secret.json"
    path.write_text('{"id": 1}', "utf-8")
    path.chmod(0)
    assert codes(refused("from-vendor", "freshbooks/tax", path, project=taxes)) == {"M001"}
    (project / "mappings" / "freshbooks" / "tax.yaml").chmod(0)
    assert "M001" in codes(refused("from-vendor", "freshbooks/tax", given="{}", project=project))


@pytest.mark.parametrize("folder", ["", "no/such/folder", "mappings"])
def test_a_project_that_is_none(folder, tmp_path):
    (tmp_path / "mappings").write_text("a file", "utf-8")
    findings = refused("from-vendor", "freshbooks/tax", given="{}", project=tmp_path / folder)
    assert codes(findings) == {"M101"}


def test_the_wrong_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    findings = refused("from-vendor", "freshbooks/tax", given="{}", project=None)
    assert codes(findings) == {"M101"}


@pytest.mark.parametrize(
    "name", ["freshbooks/taxes", "", "/", "..", "\0", "a\nb", "x" * 1_000, '"]', "消費税"]
)
def test_a_mapping_that_is_none(name, taxes):
    findings = refused("from-vendor", name, given="{}", project=taxes)
    assert codes(findings) == {"M102"}


VENDOR_SCHEMA = "schemas/freshbooks/tax.schema.json"
MAPPING = "mappings/freshbooks/tax.yaml"
SCHEMA_DAMAGES = {
    "a schema that is only itself": ('{"$ref": "#"}', "M302"),
    "a schema that leads back to itself": (
        '{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}',
        "M302",
    ),
    "a schema without an end": (
        '{"type": "object", "properties": {"id": {"$ref": "#"}}}',
        "M302",
    ),
    "a schema on the network": ('{"$ref": "http://192.0.2.1/a.json"}', "M302"),
    "a schema on the network, by $id": (
        '{"$id": "https://192.0.2.1/", "type": "object", "properties": {"id": {"$ref": "a"}}}',
        "M302",
    ),
    "a schema in a file of the machine": ('{"$ref": "file:///etc/passwd"}', "M302"),
    "a schema above the folder": ('{"$ref": "../../../../etc/passwd"}', "M302"),
    "a schema that is no JSON": ('{"type": "object",}', "M009"),
    "a schema of nothing": ("", "M008"),
    "a schema that is a list": ("[]", "M301"),
    "a schema that is too deep": ('{"items":' * DEEP + "{}" + "}" * DEEP, "M510"),
    "a schema whose pattern takes for ever": (
        '{"type": "object", "properties": {"id": {"type": "string", "pattern": "^(a+)+$"}}}',
        "M301",
    ),
}
BOMB = "".join(
    f"{name}: &{name} [{', '.join([f'*{inner}'] * 10) if inner else '1'}]\n"
    for inner, name in zip(["", *"abcdefgh"], "abcdefghi", strict=True)
)
MAPPING_DAMAGES = {
    "aliases that explode": (BOMB, "M007"),
    "an alias that holds itself": ("mapping: &a [*a]\n", "M007"),
    "lists without an end": ("mapping: " + "[" * DEEP, "M007"),
    "indents without an end": (
        "".join(f"{' ' * level}a:\n" for level in range(1_000)),
        "M007",
    ),
    "code": ("mapping: !!python/object/apply:os.system [exit]\n", "M006"),
    "two documents": ("mapping: a\n---\nmapping: b\n", "M006"),
    "tabs": ("mapping: x\nvendor:\n\telement: y\n", "M003"),
    "a NUL": ("mapping: a\0b\n", "M002"),
    "too large": ("# " + "x" * (2 << 20), "M007"),
    "nothing": ("", "M008"),
    "a list": ("- mapping: x\n", "M105"),
    "a key twice": ("mapping: x\nmapping: y\n", "M004"),
}


@pytest.fixture
def offline(monkeypatch):
    """Refuse every connection and look-up of a name."""

    def refuse(*_):
        pytest.fail("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def checked(project):
    """Return the findings of ``mapper check``, which are its output."""
    code, output, findings = run("check", project=project)
    assert (code, findings) == (1, [])
    return json.loads(output)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(("content", "code"), SCHEMA_DAMAGES.values(), ids=SCHEMA_DAMAGES)
def test_a_hostile_schema(content, code, project):
    (project / VENDOR_SCHEMA).write_text(content, "utf-8")
    found = refused("from-vendor", "freshbooks/tax", given='{"id": 1}', project=project)
    assert codes(found) == codes(checked(project)) == {code}
    assert all(VENDOR_SCHEMA in each["file"] + each["message"] for each in found)


@pytest.mark.parametrize(("content", "code"), MAPPING_DAMAGES.values(), ids=MAPPING_DAMAGES)
def test_a_hostile_mapping_file(content, code, project):
    (project / MAPPING).write_text(content, "utf-8", newline="")
    (found,) = [each for each in checked(project) if each["code"] == code]
    assert MAPPING in (found["file"] or found["message"])
    refused("from-vendor", "freshbooks/tax", given='{"id": 1}', project=project)


@pytest.mark.parametrize("data", ["mapping: x".encode("utf-16"), b"\xff\xfe", b"\x89PNG\r\n\x1a\n"])
def test_a_mapping_file_that_is_no_text(data, project):
    (project / MAPPING).write_bytes(data)
    assert "M002" in codes(checked(project))
    refused("from-vendor", "freshbooks/tax", given='{"id": 1}', project=project)


def test_a_mapping_that_cannot_be_read_is_said_to_be_broken_not_missing(project):
    (project / MAPPING).write_text("mapping: freshbooks/tax\nvendor: {", "utf-8")
    findings = refused("from-vendor", "freshbooks/tax", given='{"id": 1}', project=project)
    assert any(MAPPING in (each["file"] or "") for each in findings)


def test_a_folder_for_a_project_file(project):
    (project / "mappings" / "odd.yaml").mkdir()
    findings = refused("from-vendor", "freshbooks/tax", given='{"id": 1}', project=project)
    assert codes(findings) == {"M001"}


# The public API -----------------------------------------------------------------------------------


def nested(depth, make):
    value = 1
    for _ in range(depth):
        value = make(value)
    return value


STRANGE = {
    "none": None,
    "a text": "x",
    "a number": 1,
    "a list": [],
    "a list of lists": [[[]]],
    "not a number": {"id": float("nan")},
    "infinity": {"id": 1, "amount": float("inf"), "rate": float("inf")},
    "a huge integer": {"id": 10**5000, "amount": 10**5000, "rate": 10**5000},
    "half a surrogate pair": {"id": "\ud800", "amount": "\udfff", "rate": "\udfff"},
    "deep objects": nested(DEEP, lambda value: {"a": value}),
    "deep in a member": {"id": nested(DEEP, lambda value: [value])},
}
CALLS = {
    "from_vendor": lambda mapper, value: mapper.from_vendor(value),
    "put": lambda mapper, value: mapper.put(value, {"id": 1}),
    "put onto": lambda mapper, value: mapper.put({"id": "1"}, value),
    "create": lambda mapper, value: mapper.to_vendor(value),
    "update": lambda mapper, value: mapper.to_vendor(value, {"id": 1}),
    "update of": lambda mapper, value: mapper.to_vendor({"id": "1"}, value),
    "update_steps": lambda mapper, value: mapper.update_steps(value, {"id": 1}),
    "to_request": lambda mapper, value: mapper.to_request(value),
    "merge into": lambda mapper, value: mapper.merge({"rate": "1"}, value),
}
VALIDATIONS = {
    "validate_payload": lambda mapper, value: mapper.validate_payload(value),
    "validate_common": lambda mapper, value: mapper.validate_common(value),
    "validate_input": lambda mapper, value: mapper.validate_input(value, "update"),
    "validate_body": lambda mapper, value: mapper.validate_body(value, "update"),
}


@pytest.mark.parametrize(
    ("call", "value"),
    [
        pytest.param(call, value, id=f"{called} {name}")
        for (called, call), (name, value) in product(CALLS.items(), STRANGE.items())
    ],
)
def test_a_strange_value_is_refused(call, value):
    """Every call refuses, or ignores what it does not read, with MapperError and nothing else."""
    try:
        call(mapper("freshbooks/tax"), value)
    except MapperError as error:
        assert error.diagnostics
        assert all(len(str(each)) <= LONGEST_FINDING for each in error.diagnostics)


@pytest.mark.parametrize(
    ("call", "value"),
    [
        pytest.param(call, value, id=f"{called} {name}")
        for (called, call), (name, value) in product(VALIDATIONS.items(), STRANGE.items())
    ],
)
def test_a_strange_value_is_invalid(call, value):
    findings = call(mapper("freshbooks/tax"), value)
    assert findings
    assert all(len(str(each)) <= LONGEST_FINDING for each in findings)
