"""The command line: what each command reads, writes and answers with.

The cases in ``cases/cli`` run in a project as ``mapper init`` writes it, in one process. A case has
the arguments (``run``), standard input (``input``), ``files`` that are written before, and then
``exit`` (0), of standard output ``gives`` (JSON), ``lines`` (NDJSON), ``prints`` (text), ``found``
(codes) or ``shows`` (parts), and of standard error ``codes``, ``says`` (parts) or ``findings``
(JSON, as far as a case names members). The rest runs the real program.
"""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mapper.cli import COMMANDS, main
from mapper.compile import Direction
from mapper.project import load_project
from mapper.schema import schema_of, unknown_members

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases" / "cli"
SAMPLES = ROOT.parent / "shared" / "samples" / "freshbooks"
KEYS = {
    "case", "run", "input", "files", "exit", "gives", "lines", "prints", "found", "shows", "codes",
    "says", "findings",
}  # fmt: skip


def read_cases():
    for path in sorted(CASES.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            assert case.keys() <= KEYS, case
            yield pytest.param(case, id=f"{path.stem}: {case['case']}")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("init").exit_code == 0
    return tmp_path


def run(*arguments, given=""):
    return CliRunner().invoke(main, arguments, input=given, catch_exceptions=False)


def codes_in(text):
    return re.findall(r"^(?:error|warning)\[(M\d+)\]", text, re.MULTILINE)


@pytest.mark.parametrize("case", list(read_cases()))
def test_case(case, project):
    for name, text in case.get("files", {}).items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    result = run(*case["run"], given=case.get("input", ""))
    assert result.exit_code == case.get("exit", 0), result.output
    check_output(case, result.stdout)
    check_errors(case, result.stderr)


def check_output(case, text):
    if "prints" in case:
        assert text == case["prints"]
    if "gives" in case:
        given = json.loads(text)
        assert covers(case["gives"], given) if case["run"][0] == "check" else case["gives"] == given
    if "lines" in case:
        assert [json.loads(line) for line in text.splitlines()] == case["lines"]
    if "found" in case:
        assert codes_in(text) == case["found"]
    for part in case.get("shows", ()):
        assert part in text


def check_errors(case, text):
    if "findings" in case:
        assert covers(case["findings"], json.loads(text))
    elif case.get("exit", 0) != 2:
        assert codes_in(text) == case.get("codes", [])
    for part in case.get("says", ()):
        assert part in text


def covers(wanted, given):
    """Whether *given* has at least the members of *wanted*, and otherwise is the same."""
    match wanted:
        case dict():
            return all(name in given and covers(wanted[name], given[name]) for name in wanted)
        case list():
            return len(wanted) == len(given) and all(map(covers, wanted, given))
        case _:
            return wanted == given


# The commands as such ---------------------------------------------------------------------------


def test_the_table_of_commands_says_what_their_help_says():
    for name, (_, summary) in COMMANDS.items():
        command = main.get_command(None, name)
        assert command.name == name
        assert command.get_short_help_str(limit=200) == summary
        assert run(name, "--help").exit_code == 0


def test_every_command_is_documented_with_its_options():
    page = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[`([\w-]+)`\]\(#\1\) \|", page, re.MULTILINE) == [*COMMANDS]
    for name in COMMANDS:
        assert f"\n## {name}\n" in page
        for parameter in main.get_command(None, name).params:
            for option in parameter.opts:
                assert not option.startswith("--") or option in page


# Projects ---------------------------------------------------------------------------------------


def test_a_new_project_is_whole(project):
    files = {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}
    language = {name for name in files if name.startswith("mappings/.language/")}
    assert len(language) == 7
    assert files - language == {
        "mappings/acme/contact.yaml",
        "mappings/acme/contact.examples.yaml",
        "mappings/resources/contact.yaml",
        "payloads/person.json",
        "schemas/acme/person.schema.json",
        "schemas/canonical/contact.schema.json",
    }


def test_the_first_line_of_each_file_leads_editors_to_its_schema(project):
    for path in (project / "mappings").rglob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        leads_to = first.removeprefix("# yaml-language-server: $schema=")
        schema = json.loads((path.parent / leads_to).read_text(encoding="utf-8"))
        kind = path.read_text(encoding="utf-8").splitlines()[1].partition(":")[0]
        assert kind in schema["properties"]


def test_init_changes_nothing_that_is_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "schemas" / "acme" / "person.schema.json"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    result = run("init")
    assert (result.exit_code, codes_in(result.stderr)) == (1, ["M114"])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]
    assert mine.read_text(encoding="utf-8") == "mine"
    assert "this folder already holds schemas/acme/person.schema.json\n" in result.stderr


def test_the_project_is_found_upwards_and_by_the_path_of_a_mapping(project, monkeypatch):
    monkeypatch.chdir(project / "mappings" / "acme")
    assert run("from-vendor", "acme/contact", given='{"id": 3}').exit_code == 0
    monkeypatch.chdir("/")
    file = str(project / "mappings" / "acme" / "contact.yaml")
    assert run("from-vendor", file, given='{"id": 3}').exit_code == 0
    assert run("check", file).stdout == "1 mapping, 5 examples: no problems\n"
    result = run("from-vendor", "acme/contact", given='{"id": 3}')
    assert (result.exit_code, codes_in(result.stderr)) == (1, ["M101"])


def test_a_mapping_without_a_request_envelope_cannot_wrap(project):
    path = project / "mappings" / "acme" / "contact.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    request: person\n", ""), encoding="utf-8")
    result = run("to-vendor", "acme/contact", "--envelope", given='{"firstName": "Ada"}')
    assert result.exit_code == 2
    assert "acme/contact has no vendor.envelope.request" in result.stderr


def test_a_broken_mapping_is_told_once_and_nothing_is_written(project):
    path = project / "mappings" / "acme" / "contact.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("firstName: first_name", "firstName: [1]"), encoding="utf-8")
    result = run("from-vendor", "acme/contact", "payloads/person.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert codes_in(result.stderr) == ["M105"]
    assert "mappings/acme/contact.yaml:21:14" in result.stderr


# Bad input --------------------------------------------------------------------------------------

DEEP = {
    "objects": '{"person":' * 10_000 + "1" + "}" * 10_000,
    "arrays": "[" * 10_000 + "]" * 10_000,
    "unclosed": "[" * 10_000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
@pytest.mark.parametrize("command", [["from-vendor", "acme/contact"], ["eval", "@"]])
def test_deep_nesting_is_refused(project, command, text):
    result = run(*command, given=text)
    assert (result.exit_code, result.stdout) == (1, "")
    assert set(codes_in(result.stderr)) <= {"M009", "M510"}


@pytest.mark.parametrize("number", ["1e999", "9" * 5000, "-" + "9" * 400, "9007199254740993"])
def test_huge_numbers_are_refused(project, number):
    result = run("from-vendor", "acme/contact", given=f'{{"id": {number}}}')
    assert (result.exit_code, result.stdout) == (1, "")
    assert set(codes_in(result.stderr)) <= {"M009", "M501"}


def test_an_endless_expression_is_refused(project):
    result = run("eval", "(" * 10_000, given="{}")
    assert (result.exit_code, codes_in(result.stderr)) == (1, ["M201"])


def test_text_that_is_not_utf_8_is_refused_in_its_place(project):
    result = run("from-vendor", "acme/contact", given=b'{"id": 3,\n"first_name": "\xe9"}')
    assert (result.exit_code, codes_in(result.stderr)) == (1, ["M002"])
    assert "<standard input>:2:16" in result.stderr


@pytest.mark.parametrize("name", ["nowhere.json", "payloads"])
@pytest.mark.parametrize("command", [["from-vendor", "acme/contact"], ["eval", "@"]])
def test_a_file_that_cannot_be_read(project, command, name):
    result = run(*command, name)
    assert (result.exit_code, result.stdout) == (1, "")
    assert codes_in(result.stderr) == ["M001"]


def test_a_path_that_is_not_there(project):
    result = run("check", "mappings", "nowhere")
    assert (result.exit_code, codes_in(result.stdout), result.stderr) == (1, ["M001"], "")


@pytest.mark.parametrize("command", ["check", "test"])
def test_mappings_are_named_as_well_as_their_files(project, command):
    named, by_path = run(command, "acme/contact"), run(command, "mappings/acme/contact.yaml")
    assert (named.exit_code, named.stdout) == (0, by_path.stdout)
    assert "did you mean acme/contact?" in run(command, "acme/contacts").stdout


def test_findings_cannot_drive_a_terminal(project):
    result = run("eval", "a\x1b[2J\udc80", given="{}")
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_what_an_encoding_lacks_is_escaped(project, encoding):
    path = project / "mappings" / "acme" / "contact.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("firstName: first", "größe漢字: first"), encoding="utf-8")
    runner = CliRunner(charset=encoding)

    def output(*arguments, given=""):
        result = runner.invoke(main, arguments, input=given, catch_exceptions=False)
        return result.stdout_bytes

    assert b"\\u6f22\\u5b57" in output("check")
    assert b"::error file=mappings/acme/contact.yaml" in output("check", "--format", "github")
    for style in ("json", "gitlab", "sarif"):
        assert json.loads(output("check", "--format", style).decode("ascii"))
    assert b"M204" in output("explain", "M204")
    assert json.loads(output("explain", "M204", "--format", "json").decode("ascii"))
    assert output("eval", "a", given='{"a": "漢"}'.encode()) == '"漢"\n'.encode()


# Unknown members --------------------------------------------------------------------------------

SCHEMA = schema_of(
    {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "free": {"type": "object"},
            "prices": {"type": "object", "additionalProperties": {"type": "integer"}},
            "lines": {
                "anyOf": [
                    {"type": "array", "items": {"type": "object", "properties": {"n": {}}}},
                    {"type": "null"},
                ]
            },
        },
    }
)


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ({}, []),
        ([], []),
        ({"name": "a", "free": {"x": 1}, "prices": {"x": 1}, "lines": None}, []),
        ({"x": {"y": 1}, "lines": [{"n": 1}, {"m": 1}]}, [("x",), ("lines", 1, "m")]),
        ({"name": {"x": 1}, "lines": 3}, []),
    ],
)
def test_unknown_members_are_the_outermost_that_the_schema_does_not_list(value, places):
    assert [place for place, _ in unknown_members(SCHEMA, value)] == places


# The shipped mappings ---------------------------------------------------------------------------


@pytest.fixture
def shipped(monkeypatch):
    monkeypatch.chdir(ROOT)
    if not SAMPLES.is_dir():
        pytest.skip("the samples in shared/ are not here")


def test_the_shipped_project_checks(monkeypatch):
    monkeypatch.chdir(ROOT)
    result = run("check")
    assert result.exit_code == 0, result.stdout
    assert re.fullmatch(r"\d+ mappings, \d+ examples: no problems\n", result.stdout)


@pytest.mark.parametrize(
    ("mapping", "sample"),
    [
        ("tax", "tax.single.json"),
        ("tax", "tax.list.json"),
        ("customer", "client.single.json"),
        ("invoice", "invoice.single.partial_overdue.json"),
    ],
)
def test_a_recorded_answer_is_read_and_an_untouched_one_gives_no_update(shipped, mapping, sample):
    name = f"freshbooks/{mapping}"
    result = run("from-vendor", name, str(SAMPLES / sample))
    assert result.exit_code == 0, result.stderr
    if "single" in sample:
        base = str(SAMPLES / sample)
        again = run("to-vendor", name, "--base", base, given=result.stdout)
        assert (again.exit_code, json.loads(again.stdout)) == (0, {})


def test_an_edit_that_takes_two_requests_is_refused_without_steps(shipped):
    base = str(SAMPLES / "invoice.single.partial_overdue.json")
    edit = ["to-vendor", "freshbooks/invoice", "--base", base, "--merge"]
    patch = '{"visibility": "archived", "notes": "Thank you"}'
    result = run(*edit, given=patch)
    assert (result.exit_code, result.stdout, codes_in(result.stderr)) == (1, "", ["M516"])
    result = run(*edit, "--steps", "--envelope", given=patch)
    assert json.loads(result.stdout) == [
        {"invoice": {"notes": "Thank you"}},
        {"invoice": {"vis_state": 2}},
    ]


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        ("client.single.json", "M504"),
        ("error.accounting.duplicate_tax_422.json", "M505"),
        ("error.accounting.not_found.json", "M505"),
    ],
)
def test_what_is_no_tax_is_refused(shipped, sample, code):
    result = run("from-vendor", "freshbooks/tax", str(SAMPLES / sample))
    assert (result.exit_code, result.stdout) == (1, "")
    assert codes_in(result.stderr) == [code]


# Printed code -----------------------------------------------------------------------------------

PAYLOADS = ROOT / "mappings" / "freshbooks" / "payloads"
SHIPPED = load_project(ROOT).names
DIRECTIONS = [each.replace("_", "-") for each in Direction]


def printed(name, direction):
    """Return the function in what ``mapper compile`` prints."""
    result = run("compile", name, "--direction", direction, "--project", str(ROOT))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.isascii()
    module = {}
    exec(compile(result.stdout, "<printed>", "exec"), module)  # noqa: S102 - our own
    return module[direction.replace("-", "_")]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", SHIPPED)
def test_a_printed_module_is_python(name, direction):
    assert callable(printed(name, direction))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_printed_module_maps_as_the_commands_do(name):
    file = PAYLOADS / f"{name.partition('/')[2]}.json"
    result = run("from-vendor", name, str(file), "--project", str(ROOT))
    common = json.loads(result.stdout)
    [payload] = json.loads(file.read_text("utf-8"))["response"]["result"].values()
    assert printed(name, "from-vendor")(payload) == common
    assert printed(name, "update")(common, payload) == []


# The real program -------------------------------------------------------------------------------


def command(*arguments):
    return [sys.executable, "-m", "mapper", *arguments]


@pytest.fixture
def program(project):
    """Return what starts the program in a new project."""
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NO_COLOR", "PYTHONUNBUFFERED")
    } | {"PYTHONPATH": paths, "TERM": "xterm"}

    def start(*arguments, **options):
        return subprocess.Popen(command(*arguments), cwd=project, env=environment, **options)

    return start


def finish(process, given=b""):
    out, err = process.communicate(given, timeout=60)
    return process.returncode, out, err


PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_asking_for_help_or_version_imports_nothing_slow(program, option):
    script = (
        "import sys; from mapper.cli import main; main([sys.argv[1]], standalone_mode=False);"
        "print(*sorted(sys.modules))"
    )
    asked = [sys.executable, "-c", script, option]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    out = subprocess.run(asked, env=environment, capture_output=True, check=True).stdout.decode()
    loaded = out.splitlines()[-1].split()
    assert {name for name in loaded if name.partition(".")[0] == "mapper"} == {
        "mapper",
        "mapper.cli",
    }
    assert not {"yaml", "jsonschema", "referencing", "jmespath", "hypothesis"} & set(loaded)


def test_the_three_exit_codes(program):
    good = program("from-vendor", "acme/contact", "payloads/person.json", **PIPES)
    status, out, err = finish(good)
    assert (status, json.loads(out)["id"], err) == (0, "17", b"")
    assert finish(program("from-vendor", "acme/nothing", **PIPES))[:2] == (1, b"")
    assert finish(program("from-vendor", **PIPES))[:2] == (2, b"")


LINE = b'{"id": 17, "first_name": "Ada", "last_name": "Lovelace"}\n'


def test_a_closed_pipe_ends_it_quietly(program):
    process = program("from-vendor", "acme/contact", **PIPES)
    process.stdin.write(LINE * 2)
    process.stdin.flush()
    process.stdout.close()
    process.stdin.write(LINE * 500)
    process.stdin.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 1


def test_a_small_answer_into_a_closed_pipe_ends_it_quietly(program):
    for arguments in (["eval", "@"], ["check"], ["explain", "M501"], ["--help"]):
        process = program(*arguments, **PIPES)
        process.stdout.close()
        process.stdin.write(b"{}")
        process.stdin.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait(60) == 1


def test_a_full_disk_is_said(program):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("wb") as full:
        process = program("eval", "@", **(PIPES | {"stdout": full}))
        status, _, err = finish(process, b"{}")
    assert status == 1
    assert err.startswith(b"mapper: input or output failed (")
    assert err.count(b"\n") == 1


def test_closed_standard_streams_do_no_harm(project, program):
    shell = f"exec {sys.executable} -m mapper eval @ <&- >&- 2>&-"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    assert subprocess.run(shell, shell=True, env=environment, check=False).returncode == 1


def test_an_interrupt_ends_it_without_a_traceback(program):
    process = program("from-vendor", "acme/contact", **PIPES)
    process.stdin.write(LINE * 400)  # their answers fill more than one buffer
    process.stdin.flush()
    process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    status, _, err = finish(process)
    assert status == 130
    assert b"Traceback" not in err


def test_lines_are_answered_as_they_come(program):
    process = program("from-vendor", "acme/contact", **PIPES)
    process.stdin.write(LINE * 400)  # their answers fill more than one buffer
    process.stdin.flush()
    assert process.stdout.readline() == b'{"id":"17","firstName":"Ada","lastName":"Lovelace"}\n'
    process.kill()
    finish(process)


def test_a_terminal_is_told_that_input_is_awaited_and_has_colour(program):
    ours, theirs = pty.openpty()
    options = {"stdin": theirs, "stdout": subprocess.PIPE, "stderr": theirs}
    process = program("eval", "@", **options)
    os.close(theirs)
    told = os.read(ours, 1000)
    assert b"reading JSON from the terminal" in told
    os.write(ours, b"{nonsense\n\x04")
    shown = b""
    while b"M009" not in shown:
        shown += os.read(ours, 1000)
    assert b"\x1b[1;31merror[M009]" in shown
    process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 1
