"""Recorded payloads, and such as other sources would send, both ways through the mappings."""

import json
from functools import cache
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mapper.cli import main
from mapper.diagnostics import pointer
from mapper.payload import read_documents
from mapper.project import load_project
from mapper.values import equal

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT.parent / "shared" / "samples" / "freshbooks"
CASES = Path(__file__).parent / "cases" / "samples"
RECORDED = yaml.safe_load((CASES / "recorded.yaml").read_text("utf-8"))
SHAPES = yaml.safe_load((CASES / "shapes.yaml").read_text("utf-8"))
MAPPINGS = {
    "client": "freshbooks/customer",
    "invoice": "freshbooks/invoice",
    "item": "freshbooks/item",
    "payment": "freshbooks/payment",
    "tax": "freshbooks/tax",
    "bill_vendor": "freshbooks/vendor",
}

ANSWERS = sorted(
    path.name
    for wrapper in MAPPINGS
    for path in SAMPLES.glob(f"{wrapper}.*.json")
    if ".request" not in path.name
)
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the recorded samples (../shared) are not beside this checkout"
)


@cache
def mapper(name):
    return load_project(ROOT).mapper(name)


def mapping_of(sample):
    return MAPPINGS[sample.partition(".")[0]]


def from_vendor(sample):
    """Return the exit code of mapping a sample, its output, and its findings as "code place"."""
    given = ["from-vendor", mapping_of(sample), str(SAMPLES / sample), "--project", str(ROOT)]
    result = CliRunner().invoke(main, [*given, "--format", "json"])
    findings = [
        " ".join(filter(None, [each["code"], each["pointer"]]))
        for each in json.loads(result.stderr)
    ]
    return result.exit_code, result.stdout, findings


def recorded_objects():
    """Yield the objects in the recorded answers that have nothing odd about them."""
    for sample in ANSWERS:
        odd = {each.split("/")[1] for each in findings_of(sample) if "/" in each}
        if "response" in odd:
            continue
        envelope = mapper(mapping_of(sample)).mapping.vendor.envelope
        with (SAMPLES / sample).open("rb") as stream:
            for record in read_documents(stream, sample, envelope).records:
                if str(record.index) not in odd:
                    name = f"{sample} {record.index}"
                    yield pytest.param(mapping_of(sample), record.value, id=name)


def findings_of(sample):
    return RECORDED["answers"].get(sample, {"findings": []})["findings"]


def assert_goes_both_ways(name, payload):
    """Require that a payload is valid, reads as a valid object and comes back; give it."""
    assert mapper(name).validate_payload(payload) == []
    common = mapper(name).from_vendor(payload)
    assert mapper(name).validate_common(common) == []
    assert equal(mapper(name).put(common, payload), payload)
    assert mapper(name).to_vendor(common, payload) == {}
    return common


OBJECTS = list(recorded_objects()) or [pytest.param("", {}, id="none")]


# Recorded answers ---------------------------------------------------------------------------------


@needs_samples
def test_every_kind_of_sample_is_there():
    assert {mapping_of(sample) for sample in ANSWERS} == set(MAPPINGS.values())
    assert set(ANSWERS) >= set(RECORDED["answers"])


@needs_samples
@pytest.mark.parametrize("sample", ANSWERS)
def test_a_recorded_answer_gives_exactly_the_findings_that_are_listed(sample):
    code, output, findings = from_vendor(sample)
    assert findings == findings_of(sample)
    refused = [each for each in findings if not each.startswith("M503")]
    assert code == (1 if refused else 0)
    if not refused:
        assert json.loads(output)


@needs_samples
def test_what_else_a_list_with_an_odd_row_holds_is_written():
    _, output, _ = from_vendor("client.list.json")
    assert [each["id"] for each in json.loads(output)] == ["12345", "12346"]


@needs_samples
@pytest.mark.parametrize(("name", "payload"), OBJECTS)
def test_a_recorded_object_goes_both_ways(name, payload):
    assert_goes_both_ways(name, payload)


@needs_samples
@pytest.mark.parametrize(("name", "payload"), OBJECTS)
def test_an_edit_of_a_recorded_object_sends_its_member_alone(name, payload):
    for edit in RECORDED["edits"][name]:
        edited = mapper(name).merge(edit["merge"], payload)
        assert mapper(name).validate_input(edited, "update") == [], edit
        body = mapper(name).to_vendor(edited, payload)
        assert body == edit["gives"], edit
        assert mapper(name).validate_body(body, "update") == [], edit


# Recorded requests --------------------------------------------------------------------------------


@needs_samples
def test_every_recorded_request_is_listed():
    recorded = {p.name for wrapper in MAPPINGS for p in SAMPLES.glob(f"{wrapper}.*.request*.json")}
    assert recorded == set(RECORDED["requests"])


@needs_samples
@pytest.mark.parametrize("sample", RECORDED["requests"])
def test_a_recorded_request_is_taken_but_for_the_members_that_are_listed(sample):
    case = RECORDED["requests"][sample]
    ((wrapper, body),) = json.loads((SAMPLES / sample).read_text("utf-8")).items()
    found = mapper(case["mapping"]).validate_body(body, case["mode"])
    places = {pointer([wrapper]) + (each.pointer or "") for each in found}
    assert places == set(case.get("refused", []))
    for place in places:
        *around, member = place.split("/")[2:]
        holder = body
        for step in around:
            holder = holder[int(step) if isinstance(holder, list) else step]
        assert holder.pop(member) is None, "an exception that holds a value is no oddity"
    assert mapper(case["mapping"]).validate_body(body, case["mode"]) == []


# Payloads as other sources would send them --------------------------------------------------------


def shapes():
    for name, cases in SHAPES.items():
        for case in cases:
            given = case["payload"]
            if "each" not in case:
                yield pytest.param(name, given, case.get("reads", {}), id=case["shape"])
            for member, values in case.get("each", {}).items():
                for value in values:
                    title = f"{case['shape']}: {member} {value!r}"[:90]
                    yield pytest.param(name, given | {member: value}, {}, id=title)


@pytest.mark.parametrize(("name", "payload", "reads"), list(shapes()))
def test_a_payload_of_another_source_goes_both_ways(name, payload, reads):
    assert_holds(reads, assert_goes_both_ways(name, payload), "")


def assert_holds(part, whole, place):
    """Require that *whole* has every member that *part* has, and at least its items."""
    if isinstance(part, dict) and isinstance(whole, dict):
        for member, value in part.items():
            assert member in whole, f"{place}/{member}"
            assert_holds(value, whole[member], f"{place}/{member}")
    elif isinstance(part, list) and part and isinstance(whole, list):
        for index, (value, item) in enumerate(zip(part, whole, strict=False)):
            assert_holds(value, item, f"{place}/{index}")
        assert len(part) <= len(whole), place
    else:
        assert equal(part, whole), f"{place}: {part!r} {whole!r}"


@pytest.mark.parametrize("number", [0.30000000000000004, 1e300, 1e-300])
def test_a_number_that_is_valid_maps(number):
    payload = {"id": 1, "amount": number}
    if not mapper("freshbooks/tax").validate_payload(payload):
        assert mapper("freshbooks/tax").from_vendor(payload)
