"""``mapper fetch``, against a local platform over HTTP."""

import json

import pytest
from click.testing import CliRunner
from sandbox_client import ROOT, Server

from mapper import load_project
from mapper.cli import main
from mapper.platform.documents import documents

ODD = """
if (originalObject.id % 2) {
  done({id: String(originalObject.id)});
} else {
  done({mapperError: {code: "M506", at: "/qty", message: "is not a decimal number"}});
}"""
"""A script that can read every other object."""
INVOICES = load_project(ROOT).mapper("freshbooks/invoice")


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """A platform that has the invoice's documents, and an object that cannot always be read."""
    folder = tmp_path_factory.mktemp("platform")
    with Server(folder) as server:
        made = documents(INVOICES.parts)
        server("POST", "/organizations/objects/invoice/definitions", made.definition)
        at = "/organizations/elements/freshbooksv2/transformations/invoice"
        server("POST", at, made.transformation)
        definition = {"fields": [{"path": "id", "type": "string"}]}
        server("POST", "/organizations/objects/odd/definitions", definition)
        transformation = {"vendorName": "invoices", "script": {"body": ODD}}
        server("POST", at.replace("/invoice", "/odd"), transformation)
        yield folder


@pytest.fixture
def fetch(platform):
    def run(*arguments, code=0):
        chosen = ["--profile", "local", "--profiles", str(platform / "profiles.toml")]
        result = CliRunner().invoke(main, ["fetch", *arguments, *chosen], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def test_the_platform_reads_what_is_read_here(fetch):
    payloads = json.loads(fetch("invoices").stdout)
    assert len(payloads) > 10
    found = json.loads(fetch("invoice").stdout)
    assert found == [INVOICES.from_vendor(payload) for payload in payloads]


def test_one_object_is_the_text_that_from_vendor_writes(fetch, tmp_path):
    number = json.loads(fetch("invoices").stdout)[0]["id"]
    payload = tmp_path / "payload.json"
    payload.write_text(fetch("invoices", str(number)).stdout, "utf-8")
    here = ["from-vendor", "freshbooks/invoice", str(payload), "--project", str(ROOT)]
    assert fetch("invoice", str(number)).stdout == CliRunner().invoke(main, here).stdout


def test_a_condition(fetch):
    overdue = json.loads(fetch("invoice", "--where", "status = 'overdue'").stdout)
    assert {each["status"] for each in overdue} == {"overdue"}
    everything = json.loads(fetch("invoice").stdout)
    assert len(overdue) == sum(each["status"] == "overdue" for each in everything)


def test_a_condition_that_cannot_be_translated_is_refused(fetch):
    assert "error[M624]" in fetch("invoice", "--where", "status = 'paid'", code=1).stderr


@pytest.mark.parametrize("arguments", [["nothing"], ["invoice", "0"], ["../users"]])
def test_what_is_not_there(fetch, arguments):
    result = fetch(*arguments, code=1)
    assert "error[M624]" in result.stderr
    assert result.stdout == ""


def test_a_list_has_no_id(fetch):
    assert "--where is for lists" in fetch("invoice", "1", "--where", "a = 'b'", code=2).stderr


def test_what_the_script_could_not_read_is_reported(fetch):
    result = fetch("odd", code=1)
    listed = json.loads(fetch("invoices").stdout)
    odd = [str(each["id"]) for each in listed if each["id"] % 2]
    assert [each["id"] for each in json.loads(result.stdout)] == odd
    index = next(i for i, each in enumerate(listed) if each["id"] % 2 == 0)
    assert "error[M506]: qty is not a decimal number" in result.stderr
    assert f"/{index}/qty" in result.stderr
