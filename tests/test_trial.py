"""`mapper test`: what it finds, how it says it, and what it counts; on the shipped mappings.

What it does in a small project is in ``cases/cli/test.yaml``.
"""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
import test_planted_defects as planted
import yaml
from click.testing import CliRunner
from small_projects import write_small
from subjects import interpreted
from trying import copy_shipped, findings, replace, run

from mapper.cli import main
from mapper.diagnostics import Source
from mapper.generate import Seeded
from mapper.parse import parse_file
from mapper.project import load_project
from mapper.prove import counterexample
from mapper.prove.entries import entry
from mapper.prove.shrinking import shrunk
from mapper.prove.trial import Plan, Trial

ROOT = Path(__file__).parents[1]
MISTAKES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "prove" / "mistakes.yaml").read_text("utf-8")
)
SMALL = yaml.safe_load(
    (Path(__file__).parent / "cases" / "prove" / "small.yaml").read_text("utf-8")
)
FEW = ("--documents", "6")


@pytest.fixture
def project(tmp_path, monkeypatch):
    copy_shipped(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pasted(found):
    """The entry of an examples file that a finding holds."""
    return found["hint"].partition("; as an example: ")[2]


# What is shipped ----------------------------------------------------------------------------------


def test_the_shipped_mappings_have_no_problems():
    result = run("--project", str(ROOT), *FEW, "--corpus", str(ROOT / "mappings"))
    assert result.exit_code == 0, result.stdout
    assert result.stdout.endswith("6 mappings: no problems\n")
    assert re.search(r"^freshbooks/tax +12 +4 +6 ", result.stdout, re.MULTILINE)
    assert re.search(r"^freshbooks/tax +100 % +100 % +100 % +100 %$", result.stdout, re.MULTILINE)


def test_a_seed_gives_the_same_again(project, tmp_path):
    for name in ("one.json", "two.json"):
        run("mappings/freshbooks/tax.yaml", *FEW, "--seed", "5", "--coverage", name)
    run(
        "mappings/freshbooks/tax.yaml", "--documents", "60", "--seed", "6", "--coverage", "six.json"
    )
    one, two, six = (
        json.loads((project / name).read_text("utf-8"))
        for name in ("one.json", "two.json", "six.json")
    )
    assert one == two
    assert one["mappings"][0]["tried"] != six["mappings"][0]["tried"]


# What it finds ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["mistake"])
def test_a_mistake_is_found_and_can_be_kept_as_an_example(mistake, project):
    mapping = project / "mappings" / "freshbooks" / f"{mistake['mapping']}.yaml"
    examples = mapping.with_suffix(".examples.yaml")
    replace(mapping, mistake["old"], mistake["new"])
    examples.write_text(f"examples: freshbooks/{mistake['mapping']}\ncases: []\n", "utf-8")
    found = findings(str(mapping), "--documents", str(mistake.get("documents", 150)))
    (first, *_) = [each for each in found if each["code"] == mistake["code"]]
    assert mistake["says"] in first["message"]
    text = mapping.read_text("utf-8").splitlines()
    assert text[first["line"] - 1].strip().startswith(mistake["at"])

    # By its number the case is found alone, and is the same.
    seed, case = re.search(r"seed (\d+), case (\d+)", first["message"]).groups()
    again = findings(str(mapping), "--seed", seed, "--case", case)
    assert first in again

    # It is small, and as an example it is found without any document.
    assert len(pasted(first)) < mistake.get("length", 400), pasted(first)
    examples.write_text(
        f"examples: freshbooks/{mistake['mapping']}\ncases:\n  {pasted(first)}\n", "utf-8"
    )
    kept = findings(str(mapping), "--documents", "0")
    assert [each["code"] for each in kept] == mistake["kept"]


def test_findings_of_one_kind_are_reported_once(project):
    replace(
        project / "mappings" / "freshbooks" / "tax.yaml",
        "rate: {vendor: amount, convert: percent}",
        'rate: {vendor: amount, convert: percent, unset: {read: [null, "0"], clear: "0"}}',
    )
    result = run("mappings/freshbooks/tax.yaml", "--documents", "150")
    assert result.exit_code == 1
    assert result.stdout.count("error[M424]: freshbooks/tax: create is refused") == 1
    assert re.search(r"^\d+ more counterexamples? of freshbooks/tax$", result.stdout, re.MULTILINE)


TAX_NAME = 'name: {vendor: name, unset: ["", null]}'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            TAX_NAME,
            'name: {from_vendor: "name || `null`", to_vendor: {name: lower(name)}, lossy: no case}',
            id="a loss that is declared",
        ),
        pytest.param("compound: compound", "compound: {constant: true}", id="a constant"),
        pytest.param(
            "number: {vendor: number, unset: text}",
            'number: {vendor: number, unset: text, default: {read: "none"}}',
            id="a default for reading",
        ),
        pytest.param(
            "number: {vendor: number, unset: text}",
            "number: {vendor: number, unset: text, access: create}",
            id="a member that is only set when creating",
        ),
        pytest.param("  compound: compound\n", "", id="a member that no rule gives"),
    ],
)
def test_what_is_meant_is_no_finding(old, new, project):
    tax = project / "mappings" / "freshbooks" / "tax.yaml"
    replace(tax, old, new)
    replace(tax, "examples: tax.examples.yaml\n", "")
    (project / "mappings" / "freshbooks" / "tax.examples.yaml").unlink()
    assert findings(str(tax), "--documents", "150") == []


@pytest.mark.parametrize(
    "defect",
    [
        planted.dropped_write,
        planted.place_that_is_not_emptied,
        planted.last_name_of_a_key,
        planted.echoed_read_only_member,
        planted.cleared_with_null,
        planted.mixed_phases,
        planted.lost_phase,
        planted.falsy_is_unset,
        planted.unwritten_single,
        planted.old_name_written,
    ],
    ids=lambda defect: defect.__name__,
)
def test_a_defect_of_the_engine_is_found(defect, monkeypatch):
    # The derived model of the vendor is enough for it.
    monkeypatch.setattr(counterexample, "ATTEMPTS", 0)
    trial = Trial(interpreted(planted.DEFECTS[defect]).mapper, None, Plan(documents=60))
    defect(monkeypatch.setattr)
    assert next(trial.run(), None) is not None


def test_a_comment_suppresses_what_is_found_here_and_is_not_unused_elsewhere(project):
    tax = project / "mappings" / "freshbooks" / "tax.yaml"
    trimmed = 'name: {from_vendor: "name || `null`", to_vendor: {name: trim(name)}}'
    replace(tax, TAX_NAME, f"{trimmed} # mapper: ignore[M421] the vendor trims, too")
    result = run(str(tax), "--documents", "60")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.endswith("1 mapping: no problems, 1 suppressed\n")
    checked = CliRunner().invoke(main, ["check"], catch_exceptions=False)
    assert checked.stdout.endswith("no problems\n")


@pytest.mark.parametrize("small", SMALL, ids=lambda small: small["case"])
def test_a_small_mapping(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_small(small, tmp_path)
    examples = "examples" in small
    bar = ("--documents", "0", "--fail-under", "100")
    result = run(*bar) if examples else run("--seed", "2", "--documents", "60")
    found = re.findall(r"^(?:error|warning)\[(M\d+)\]", result.stdout, re.MULTILINE)
    assert found == small["found"], result.stdout
    for text in small.get("shows", ()):
        assert text in result.stdout
    for command, given, gives in small.get("runs", ()):
        ran = CliRunner().invoke(main, [command, "v/a"], input=json.dumps(given))
        if isinstance(gives, str):
            assert f"error[{gives}]" in ran.stderr
        else:
            assert json.loads(ran.stdout) == gives, ran.stderr


@pytest.mark.parametrize(
    ("fails", "found"),
    [
        ("M511", []),
        ("M501", []),
        ("{M511: [/id]}", []),
        ("{M501: [/name]}", ["M402"]),
        ("{M501: [/id, /name], M511: [/id]}", ["M402"]),
    ],
)
def test_a_schema_is_asked_where_no_places_are_said(project, fails, found):
    examples = project / "mappings" / "freshbooks" / "tax.examples.yaml"
    wrong = "create: {id: '7', name: [], rate: '5'}"
    examples.write_text(
        f"examples: freshbooks/tax\ncases:\n- {{example: wrong, {wrong}, fails: {fails}}}\n",
        "utf-8",
    )
    told = findings("mappings/freshbooks/tax.yaml", "--documents", "0")
    assert [each["code"] for each in told] == found


# Recorded payloads --------------------------------------------------------------------------------

TAX = {"id": 7, "taxid": 7, "name": "GST", "amount": "5", "number": None, "compound": False}
RECORDED = {
    "one.json": {"response": {"result": {"tax": TAX}}},
    "bare.json": TAX,
    "many.json": {"response": {"result": {"taxes": [TAX, TAX | {"id": 8, "name": "PST"}]}}},
    "error.json": {"response": {"errors": [{"errno": 1012, "message": "Tax not found."}]}},
    "request.json": {"tax": {"name": "GST"}},
    "other.json": {"response": {"result": {"expense": {"id": 3}}}},
    "item.json": {"response": {"result": {"item": {"id": 5, "name": "Nail"}}}},
}


@pytest.fixture
def corpus(project):
    folder = project / "recorded"
    folder.mkdir()
    for name, content in RECORDED.items():
        (folder / name).write_text(json.dumps(content), "utf-8")
    lines = [{"response": {"result": {"tax": TAX | {"id": number}}}} for number in (1, 2)]
    lines.insert(1, RECORDED["error.json"])
    (folder / "lines.ndjson").write_text(
        "".join(f"{json.dumps(each)}\n" for each in lines), "utf-8"
    )
    (folder / "notes.txt").write_text("no payload", "utf-8")
    return folder


def test_recorded_payloads_are_tried_and_the_rest_is_counted(corpus):
    result = run("mappings/freshbooks/tax.yaml", "--documents", "0", "--corpus", str(corpus))
    assert result.exit_code == 0, result.stdout
    assert re.search(r"^freshbooks/tax +12 +6 +0 ", result.stdout, re.MULTILINE)
    assert result.stdout.count("warning[M425]: other.json: no mapping takes what is in") == 1
    skipped = "2 error answers, 1 other resource, 1 payload of another mapping, 1 request"
    assert f"skipped in the corpus: {skipped}\n" in result.stdout


def test_a_recorded_payload_can_break_a_law(project, corpus):
    # Nothing that is generated has this text; what is recorded has.
    replace(
        project / "mappings" / "freshbooks" / "tax.yaml",
        'name: {vendor: name, unset: ["", null]}',
        "name: {vendor: name, convert: {values: {gst: [GST], pst: [PST]}}}",
    )
    (corpus / "odd.json").write_text(json.dumps(TAX | {"name": "HST"}), "utf-8")
    (found,) = [
        each
        for each in findings(
            "mappings/freshbooks/tax.yaml", "--documents", "0", "--corpus", str(corpus)
        )
        if each["code"] == "M421"
    ]
    assert "M506 name is not one of the listed values (odd.json, seed 1)" in found["message"]
    assert pasted(found) == (
        '- {"example": "reading (odd.json, seed 1)", '
        '"from_vendor": {"id": 1, "name": ""}, "fails": "M506"}'
    )


@pytest.mark.parametrize(
    ("content", "code", "line", "column", "message"),
    [
        pytest.param(b'{"id": 7,\n "name": "GST"', "M009", 2, 15, "expecting ','", id="cut off"),
        pytest.param(b'{"id": 7, "name": "\xff"}', "M002", 1, 20, "0xff is not UTF-8", id="bytes"),
        pytest.param(b" \n", "M008", 1, 1, "recorded/odd.json holds nothing", id="nothing"),
        pytest.param(b"5", "M526", 1, 1, "neither an object nor an array", id="a number"),
        pytest.param(b'{"id": 7, "id": 8}', "M004", 1, 11, '"id" is given twice', id="twice"),
        pytest.param(
            b'{"id": 7,\n "name": "GST",\n "amount": "five"}',
            "M423", 3, 12, "odd.json: amount is not a decimal", id="does not fit",
        ),
        pytest.param(
            b'{"name": "GST",\n "amount": "5"}',
            "M423", 1, 1, "odd.json: the document lacks id", id="lacks a member",
        ),
        pytest.param(
            b'[{"id": 7, "name": "GST"},\n {"id": 8,\n "name": [1]}]',
            "M423", 3, 10, "odd.json record 1: name is not", id="one of several",
        ),
        pytest.param(
            b'{"response": {"result": {"taxes": [{"id": 1, "a/b": [{}], "name": "x"},\n'
            b'{"id": 1, "name": "x", "amount": {}}]}}}',
            "M423", 2, 34, "odd.json record 1: amount is not", id="in an envelope",
        ),
        pytest.param(
            b'{"response":{"result":{"tax":{"id":1,"name":"x"}}}}\n\n'
            b'{"response":{"result":{"tax":{"id":1,"name":7}}}}\n',
            "M423", 3, 45, "odd.json record 1: name is not", id="on a line",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_of_a_corpus_is_reported_at_its_place(
    corpus, content, code, line, column, message
):
    (corpus / "other.json").unlink()
    (corpus / "odd.json").write_bytes(content)
    found = findings("mappings/freshbooks/tax.yaml", "--documents", "0", "--corpus", str(corpus))
    assert [each["code"] for each in found] == [code]
    assert message in found[0]["message"]
    place = (found[0]["file"], found[0]["line"], found[0]["column"])
    assert place == ("recorded/odd.json", line, column)


def test_of_what_a_recording_breaks_it_is_shown_where_the_vendors_schema_says_so(corpus):
    (corpus / "other.json").write_text('{"id": 7, "name": "GST", "amount": "five"}')
    found = findings("mappings/freshbooks/tax.yaml", "--documents", "0", "--corpus", str(corpus))
    ((label, *_),) = (each["labels"] for each in found)
    schema = (ROOT / label["file"]).read_text("utf-8").splitlines()
    assert schema[label["line"] - 1].strip().startswith('"amount": {')


def test_findings_of_a_corpus_are_in_the_order_of_their_files_and_lines(corpus):
    wrong = [{"id": number, "name": number} for number in range(1, 15)]
    for name in ("b.ndjson", "a.ndjson"):
        text = "".join(
            f"{' ' * (20 - index)}{json.dumps(each)}\n" for index, each in enumerate(wrong)
        )
        (corpus / name).write_text(text, "utf-8")
    result = run(
        "mappings/freshbooks/tax.yaml", "--documents", "0", "--corpus", "recorded", "--quiet"
    )
    places = re.findall(r"--> recorded/([ab]).ndjson:(\d+):\d+$", result.stdout, re.MULTILINE)
    assert places == [(name, str(line)) for name in "ab" for line in range(1, 15)]


def test_of_a_file_with_many_faults_some_are_reported_and_the_others_counted(corpus):
    text = json.dumps({"id": 1, "name": 1}) + "\n"
    (corpus / "odd.ndjson").write_text(text * 130, "utf-8")
    arguments = ("mappings/freshbooks/tax.yaml", "--documents", "0", "--corpus", str(corpus))
    result = run(*arguments)
    assert result.stdout.count("error[M423]") == 100
    assert "30 faults of a file beyond its first 100" in result.stdout


def test_a_recording_that_no_mapping_takes_is_seen(project, corpus):
    tax = project / "mappings" / "freshbooks" / "tax.yaml"
    replace(tax, "single: response.result.tax\n", "single: response.result.taxx\n")
    found = findings(str(tax), "--documents", "0", "--corpus", "recorded")
    assert {(each["code"], each["file"], each["line"]) for each in found} == {
        ("M425", "recorded/lines.ndjson", 1),
        ("M425", "recorded/one.json", 1),
        ("M425", "recorded/other.json", 1),
    }
    said = [each["message"] for each in found]
    assert "one.json: no mapping takes what is in response.result.tax" in said
    lines = "lines.ndjson record 0: no mapping takes what is in response.result.tax"
    assert f"{lines}, nor 1 more record of this file" in said


def test_a_mapping_without_a_recording_is_below_every_bar(project, corpus):
    for name in ("one.json", "bare.json", "many.json", "lines.ndjson"):
        (corpus / name).unlink()
    bar = ("--documents", "0", "--fail-under", "50")
    tax, item = (f"mappings/freshbooks/{name}.yaml" for name in ("tax", "item"))
    assert [each["code"] for each in findings(tax, *bar)] == []
    found = findings(tax, item, *bar, "--corpus", str(corpus))
    below = [each["message"] for each in found if each["code"] == "M422"]
    assert below == ["freshbooks/tax: the corpus holds no recorded payload of it"]


def test_a_limit_leaves_recordings_out_and_counts_them(corpus):
    result = run(
        "mappings/freshbooks/tax.yaml", "--documents", "0", "--corpus", "recorded", "--limit", "4"
    )
    assert re.search(r"^freshbooks/tax +12 +4 +0 ", result.stdout, re.MULTILINE)
    assert "2 payloads of a mapping beyond its --limit" in result.stdout


def test_a_payload_that_breaks_an_invariant_does_not_fit(corpus):
    # The due date is 30 days later by its number of days, and 5 by itself.
    invoice = {
        "id": 7,
        "create_date": "2024-01-01",
        "due_offset_days": 30,
        "due_date": "2024-01-06",
    }
    (corpus / "other.json").unlink()
    (corpus / "odd.json").write_text(json.dumps(invoice), "utf-8")
    (found,) = findings(
        "mappings/freshbooks/invoice.yaml", "--documents", "0", "--corpus", str(corpus)
    )
    assert found["code"] == "M423"
    assert "the computed member due_date" in found["message"]
    assert 'it is "2024-01-06", and its expression gives "2024-01-31"' in found["message"]


def test_a_recording_of_another_century_is_left_out_and_the_others_are_tried(project, corpus):
    # Text that looks like a clock's is not known to be of the years that can be read.
    clock = "^(1800|2024)-0[1-7]-(0[1-9]|1[0-9]|2[0-8]) 1[0-9]:[0-5][0-9]:[0-5][0-9]$"
    replace(
        project / "schemas" / "freshbooks" / "definitions.schema.json",
        '"format": "local-date-time",\n      "x-zone": "America/New_York"',
        f'"pattern": "{clock}",\n      "x-zone": "America/New_York"',
    )
    old = TAX | {"id": 9, "updated": "1800-01-01 10:00:00"}
    (corpus / "old.json").write_text(json.dumps(old), "utf-8")
    result = run("mappings/freshbooks/tax.yaml", "--documents", "20", "--corpus", str(corpus))
    assert re.search(r"^freshbooks/tax +12 +7 +20 ", result.stdout, re.MULTILINE)
    [outside] = re.findall(
        r"^freshbooks/tax: documents not read: outside (\d+)$", result.stdout, re.MULTILINE
    )
    assert 1 < int(outside) < 21


def test_a_schema_that_nothing_fits_is_told_at_the_mapping(project):
    replace(
        project / "schemas" / "freshbooks" / "tax.schema.json",
        '"x-filters"',
        '"x-invariants": {"none": "name == \'a\' && name == \'b\'"},\n  "x-filters"',
    )
    found = [each for each in findings("mappings/freshbooks/tax.yaml") if each["code"] == "M301"]
    [message] = [each["message"] for each in found if each["file"].endswith("tax.yaml")]
    assert "nothing fits in 200 tries" in message
    assert [each["line"] for each in found] == [7]


# The command --------------------------------------------------------------------------------------


def interrupted(project, seconds, *arguments):
    """The exit code and what the real program writes if it is interrupted after so much work."""
    command = [sys.executable, "-m", "mapper", "test", "mappings/freshbooks/tax.yaml"]
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_work(process, seconds)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def wait_for_work(process, seconds):
    """Wait until a process has had a processor for so long; just so long where that is not told."""
    told = Path(f"/proc/{process.pid}/stat")
    if not told.exists():
        time.sleep(seconds)
        return
    ticks, end = seconds * os.sysconf("SC_CLK_TCK"), time.monotonic() + 60
    # User and system time are the 14th and 15th of what is told, the second in parentheses.
    while sum(map(int, told.read_text().rpartition(")")[2].split()[11:13])) < ticks:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)


def test_ctrl_c_prints_what_was_found_so_far(project):
    replace(
        project / "mappings" / "freshbooks" / "tax.yaml",
        "updatedAt: {vendor: updated, convert: {datetime: {zone: America/New_York}}, access: read}",
        "updatedAt: {vendor: updated, convert: {datetime: {zone: UTC}}, access: read}",
    )
    code, out, err = interrupted(project, 2, "--seconds", "60")
    assert code == 130, err
    assert out.count("error[M401]") == 2
    assert re.search(r"^freshbooks/tax +12 +0 +[1-9]", out, re.MULTILINE)
    assert "interrupted" in err


def test_ctrl_c_in_a_large_corpus_gives_no_verdict(project):
    record = json.dumps({"response": {"result": {"tax": TAX}}})
    (project / "recorded").mkdir()
    lines = ['{"id": 1, "name": 7}', *[record] * 200_000]
    (project / "recorded" / "large.ndjson").write_text("\n".join(lines), "utf-8")
    code, out, err = interrupted(project, 2, "--corpus", "recorded")
    assert code == 130, err
    assert out.count("error[M423]") == 1
    assert re.search(r"^interrupted: \d+ records read, none tried$", out, re.MULTILINE)
    assert "no problems" not in out


def test_a_terminal_shows_how_far_a_run_is(corpus, monkeypatch):
    shown = []
    monkeypatch.setattr(sys, "stderr", Terminal(shown))
    arguments = ["mappings/freshbooks/tax.yaml", "--documents", "0", "--corpus", "recorded"]
    main(["test", *arguments], standalone_mode=False)
    assert "reading" in "".join(shown)
    assert "freshbooks/tax" in "".join(shown)
    shown.clear()
    main(["test", *arguments, "--quiet"], standalone_mode=False)
    assert shown == []


class Terminal(io.StringIO):
    """A terminal that keeps what is written to it."""

    def __init__(self, shown):
        super().__init__()
        self.shown = shown

    def isatty(self):
        return True

    def write(self, text):
        self.shown.append(text)
        return len(text)


def test_it_needs_no_hypothesis(project):
    program = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from mapper.cli import main\n"
        "main(['test', 'mappings/freshbooks/tax.yaml', '--documents', '5'])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "no problems" in ended.stdout


def test_time_bounds_what_is_generated():
    mapper = load_project(ROOT).mapper("freshbooks/tax")
    trial = Trial(mapper, None, Plan(documents=None, seconds=0.2))
    assert list(trial.run()) == []
    assert 0.2 <= trial.tally.seconds < 5
    assert trial.tally.generated > 0


# Its parts ----------------------------------------------------------------------------------------


def test_entries_say_what_they_were_made_from():
    given = {
        "numbers": [0.5, 1e-07, 13, -3, 123456789012.345],
        "texts": ['"', "\\", "\x00", "\x1b[0m", "\u2028", "\ufeff", "\U0001f600", "\U0010ffff"],
        "é b": {"a: b # c": None, "- x": True},
    }
    text = entry("a: b", "from_vendor", given, {"gives": {}})
    assert text.isprintable()
    file, found = parse_file(Source("x.yaml", f"examples: a/b\ncases:\n  {text}\n"))
    assert found == ()
    assert file is not None
    (case,) = yaml.safe_load(text)
    assert case["from_vendor"] == given
    assert entry("half a character", "create", {"a": "\ud800"}, {}) is None
    assert entry("too long", "create", {"a": "x" * 30_000}, {}) is None


def test_a_shrunk_value_still_fails_and_has_nothing_more():
    random = Random(4)

    def fails(value):
        return any(each.get("bad") == 7 for each in value.get("items", ()))

    for _ in range(20):
        items = [{"bad": random.randint(0, 7), "other": "long text"} for _ in range(30)]
        value = {"items": [*items, {"bad": 7}], "more": {"a": [1, 2]}}
        assert shrunk(value, fails, 500) == {"items": [{"bad": 7}]}
    asked = []
    assert shrunk([1] * 100, lambda value: bool(asked.append(value)), 10) == [1] * 100
    assert len(asked) == 10


def test_spellings_of_no_value_that_only_the_mapping_knows_are_tried():
    trial = Trial(load_project(ROOT).mapper("freshbooks/item"), None, Plan())
    choices = Seeded(Random(1))
    made = [trial._document(lambda _: {"id": 1, "tax1": 5}, choices) for _ in range(500)]
    assert {repr(each["tax1"]) for each in made} == {"5", "0", "'0'", "None"}
