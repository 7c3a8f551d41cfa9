"""Payloads: every input form, envelopes, and what is refused with its place."""

import contextlib
import io
import json
from itertools import count, islice
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from mapper.diagnostics import FileError, MapperError
from mapper.model import Envelope, ErrorEnvelope
from mapper.payload import MAX_LINE, read_documents, write_documents

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples" / "freshbooks"
TAX = Envelope(
    single=("response", "result", "tax"),
    list=("response", "result", "taxes"),
    request="tax",
    errors=(ErrorEnvelope(("response", "errors"), ("errno",), ("message",)),),
)
SHAPES = Envelope(
    single=("response", "result", "tax"),
    errors=(
        *TAX.errors,
        ErrorEnvelope(("details",), ("reason",), ("metadata", "message")),
        ErrorEnvelope((), ("error",), ("error_description",)),
    ),
)


def read(data, envelope=TAX):
    data = data if isinstance(data, bytes) else data.encode()
    payload = read_documents(io.BytesIO(data), "in.json", envelope)
    return payload.form, list(payload.records)


def values(data, envelope=TAX):
    form, records = read(data, envelope)
    return form, [
        [d.rule.code for d in record.diagnostics] if record.diagnostics else record.value
        for record in records
    ]


def refusals(data, envelope=TAX):
    with pytest.raises(MapperError) as caught:
        read(data, envelope)
    return [(d.rule.code, d.pointer, d.message) for d in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("data", "form", "found"),
    [
        ('{"id": 1}', "object", [{"id": 1}]),
        ('\n\n  {"id": 1}\n\n', "object", [{"id": 1}]),
        ('{\n  "id": 1\n}\n', "object", [{"id": 1}]),
        ('\ufeff{"id": 1}', "object", [{"id": 1}]),
        ('{"tax": {"id": 1}}', "object", [{"id": 1}]),
        ('{"response": {"result": {"tax": {"id": 1}}}}', "object", [{"id": 1}]),
        ("[]", "array", []),
        ('[{"id": 1}, {"tax": {"id": 2}}]', "array", [{"id": 1}, {"id": 2}]),
        ('[{"id": 1},\n{"id": 2}]', "array", [{"id": 1}, {"id": 2}]),
        ('[1, {"id": 2}]', "array", [["M508"], {"id": 2}]),
        ('{"response": {"result": {"taxes": [{"id": 1}, null]}}}', "array", [{"id": 1}, ["M508"]]),
        ('{"response": {"result": {"taxes": [], "page": 1}}}', "array", []),
        ('{"response": {"errors": [], "result": {"tax": {}}}}', "object", [{}]),
        ('{"id": 1}\n{"id": 2}', "lines", [{"id": 1}, {"id": 2}]),
        ('\ufeff{"id": 1}\r\n\r\n{"id": 2}\r\n', "lines", [{"id": 1}, {"id": 2}]),
        ('{"tax": {"id": 1}}\n{"response": {"result": {"tax": {"id": 2}}}}', "lines",
         [{"id": 1}, {"id": 2}]),
        ('{"id": 1,}\n{"id": 2}\n{"id"\n[]\n7\n{"id": 3}', "lines",
         [["M009"], {"id": 2}, ["M009"], ["M508"], ["M508"], {"id": 3}]),
        ('{"id": 1}\nnonsense', "lines", [{"id": 1}, ["M009"]]),
        ('{"a": [{"id": 1},\n{"id": 2}]}', "object", [{"a": [{"id": 1}, {"id": 2}]}]),
        ('{"response": {"errors": [{"errno": 1, "message": "no"}]}}\n{"id": 2}', "lines",
         [["M505"], {"id": 2}]),
    ],
)  # fmt: skip
def test_forms(data, form, found):
    assert values(data) == (form, found)


def test_without_an_envelope_an_object_is_bare():
    bare = {"response": {"result": {"tax": {"id": 1}}}}
    assert values(json.dumps(bare), None) == ("object", [bare])


def test_one_step_envelopes():
    envelope = Envelope(single=("project",), list=("projects",))
    assert values('{"project": {"id": 1}}', envelope) == ("object", [{"id": 1}])
    assert values('{"projects": [{"id": 1}]}', envelope) == ("array", [{"id": 1}])
    assert values('{"id": 1, "project": "x"}', envelope)[1] == [{"id": 1, "project": "x"}]


@pytest.mark.parametrize(
    ("data", "code", "pointer", "message"),
    [
        ("", "M008", None, "in.json holds nothing"),
        (" \n\n", "M008", None, "in.json holds nothing"),
        ("7", "M526", "", "neither an object nor an array"),
        ('"text"', "M526", "", "neither an object nor an array"),
        ('{"response": {"result": {"client": {}}}}', "M504", "/response/result",
         'the answer holds "client", not an object or list in "tax" or "taxes"'),
        ('{"response": {"result": {"tax": null}}}', "M504", "/response/result/tax",
         'the answer holds null in "tax", not an object'),
        ('{"response": {"result": {"tax": []}}}', "M504", "/response/result/tax",
         'the answer holds a list in "tax", not an object'),
        ('{"response": {"result": {"page": 1, "taxes": {"id": 1}}}}', "M504",
         "/response/result/taxes", 'the answer holds an object in "taxes", not a list'),
        ('{"response": {"result": {}}}', "M504", "/response/result",
         'the answer holds nothing, not an object or list in "tax" or "taxes"'),
        ('{"response": {}}', "M504", "/response",
         "the answer holds no object and no list, as after a deletion"),
        ('{"response": {"errors": {"errno": 12, "message": "no"}}}', "M505", "/response/errors",
         "the vendor answered with error 12: no"),
        ('{"response": {"errors": ["broken"]}}', "M505", "/response/errors",
         'the vendor answered with the error "broken"'),
        ('{"response": {"errors": [{"errno": null, "field": "x"}], "result": {}}}', "M505",
         "/response/errors",
         'the vendor answered with the error {"errno": null, "field": "x"}'),
    ],
)  # fmt: skip
def test_documents_that_are_refused(data, code, pointer, message):
    assert refusals(data) == [(code, pointer, message)]


def test_an_error_answer_is_quoted_whatever_else_it_holds():
    answer = {
        "response": {
            "result": {"tax": {"id": 1}},
            "errors": [{"errno": 1012, "message": "Not found."}, {"errno": "E2"}],
        }
    }
    assert [message for _, _, message in refusals(json.dumps(answer))] == [
        "the vendor answered with error 1012: Not found.",
        "the vendor answered with error E2",
    ]


@pytest.mark.parametrize(
    ("answer", "pointer", "message"),
    [
        ({"response": {"errors": {"errno": 7}}, "error": "x"}, "/response/errors",
         "the vendor answered with error 7"),
        ({"details": [{"reason": "1012", "metadata": {"message": "no"}}]}, "/details",
         "the vendor answered with error 1012: no"),
        ({"details": {"reason": "1012", "metadata": []}}, "/details",
         'the vendor answered with error 1012: {"reason": "1012", "metadata": []}'),
        ({"details": ["x"], "error": "denied", "error_description": "no"}, "",
         "the vendor answered with error denied: no"),
        ({"error": "gone"}, "", "the vendor answered with error gone"),
        ({"error": "x" * 300}, "", f"the vendor answered with error {'x' * 199}…"),
    ],
)  # fmt: skip
def test_the_first_shape_that_fits_an_error_answer_says_where_its_code_is(answer, pointer, message):
    assert refusals(json.dumps(answer), SHAPES) == [("M505", pointer, message)]


@pytest.mark.parametrize(
    "payload",
    [{"details": [{"text": "x"}], "id": 1}, {"details": [], "error": None}, {"error": {"id": 1}}],
)
def test_a_payload_that_fits_no_shape_is_no_error(payload):
    assert values(json.dumps(payload), SHAPES) == ("object", [payload])


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        ('{"a": 1,\n "b": }', "M009", "in.json:2:7"),
        ('{"a": 1,\n "b": 2,\n "a": 3}', "M004", "in.json:3:2"),
        ('{"a": [1, {"b": NaN}]}', "M009", "in.json:1:17"),
        ('{"a": 1e999}', "M009", "in.json:1:7"),
        ('{"a": ' + "9" * 5000 + "}", "M009", "in.json:1:7"),
        ('{"a": "\\ud800"}', "M009", "in.json:1:7"),
        ('{"a\\udc00": 1}', "M009", "in.json:1:2"),
        ("[" * 201 + "]" * 201, "M510", "in.json:1:201"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "M510", "in.json:1:1001"),
        ("[" * 100_000, "M510", "in.json:1:201"),
        (b'{"a": "\xff"}', "M002", "in.json:1:8"),
        (b'{\n"a": "\xc3\xa9 \xc3"}', "M002", "in.json:2:9"),
        ("{'a': 1}", "M009", "in.json:1:2"),
        ('{"a": 1} x', "M009", "in.json:1:10"),
        ('{"a": "\x01"}', "M009", "in.json:1:8"),
        ("id,name\n1,x", "M009", "in.json:1:1"),
    ],
)  # fmt: skip
def test_json_is_strict_and_faults_have_places(data, code, place):
    with pytest.raises(FileError) as caught:
        read(data)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.rule.code == code
    assert str(diagnostic.span) == place


def test_all_faults_are_found_with_their_pointers():
    with pytest.raises(FileError) as caught:
        read('{"a": [{"b": 1, "b": 2}, NaN], "c/d": {"e": -Infinity}, "\\u0061": 0}')
    assert [(d.rule.code, d.pointer) for d in caught.value.diagnostics] == [
        ("M004", "/a/0/b"),
        ("M009", "/a/1"),
        ("M009", "/c~1d/e"),
        ("M004", "/a"),
    ]
    assert [str(label.span) for label in caught.value.diagnostics[0].labels] == ["in.json:1:9"]


@pytest.mark.parametrize(
    "value",
    [
        "\\ud800",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        1e308,
        -(10**300),
    ],
)
def test_what_only_looks_odd_is_fine(value):
    assert values(json.dumps({"a": value}))[1] == [{"a": value}]


def test_two_hundred_levels_are_fine():
    assert read('{"a": ' + "[" * 199 + "]" * 199 + "}")[0] == "object"


def test_a_bad_line_has_its_number():
    _, records = read('{"id": 1}\n\n{"id": x}\n{"response": {}}\n{"id": 1, "id": 2}\n')
    found = [(r.index, r.line, str(d.span)) for r in records for d in r.diagnostics]
    assert found == [(1, 3, "in.json:3:8"), (2, 4, "in.json:4:1"), (3, 5, "in.json:5:11")]


def test_a_line_that_is_not_utf8_has_its_number():
    _, records = read(b'{"id": 1}\n{"id": "\xff"}\n{"id": 2}')
    assert [record.value for record in records] == [{"id": 1}, None, {"id": 2}]
    assert str(records[1].diagnostics[0].span) == "in.json:2:9"


def test_a_line_beyond_the_limit_is_skipped():
    long = b'{"id": "' + b"x" * (2 * MAX_LINE) + b'"}'
    _, records = read(b'{"id": 1}\n{"id": 2}\n' + long + b'\n{"id": 3}\n')
    assert [record.value for record in records] == [{"id": 1}, {"id": 2}, None, {"id": 3}]
    assert [d.rule.code for d in records[2].diagnostics] == ["M007"]


def test_lines_are_read_as_they_are_asked_for():
    class Endless(io.RawIOBase):
        numbers = count()

        def readline(self, _size=-1):
            return b'{"id": %d}\n' % next(self.numbers)

    payload = read_documents(Endless(), "in.json", TAX)
    assert [record.value["id"] for record in islice(payload.records, 1000)] == list(range(1000))
    assert next(Endless.numbers) < 1010


@pytest.mark.parametrize(
    ("form", "given_values", "text"),
    [
        ("object", [{"é": 1, "a": []}], '{\n  "é": 1,\n  "a": []\n}\n'),
        ("array", [{"a": 1}], '[\n  {\n    "a": 1\n  }\n]\n'),
        ("array", [], "[]\n"),
        ("lines", [{"a": "é"}, {"b": [1, 2]}], '{"a":"é"}\n{"b":[1,2]}\n'),
        ("lines", [], ""),
    ],
)
def test_output_mirrors_input(form, given_values, text):
    stream = io.BytesIO()
    write_documents(form, iter(given_values), stream)
    assert stream.getvalue().decode() == text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECT = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5), JSON, max_size=3
)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(["object", "array", "lines"]), st.lists(OBJECT, min_size=2, max_size=3))
def test_what_is_written_reads_as_it_was(form, objects):
    objects = objects[:1] if form == "object" else objects
    stream = io.BytesIO()
    write_documents(form, objects, stream)
    assert values(stream.getvalue(), None) == (form, objects)


@settings(max_examples=150, deadline=None)
@given(st.text('{}[]:,"\\ud80 \n1e9NaN-.tax\x00\ufeff') | st.binary(max_size=40))
def test_no_input_escapes_as_an_exception(data):
    with contextlib.suppress(MapperError):
        _, records = read(data)
        assert all(r.diagnostics or isinstance(r.value, dict) for r in records)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not beside the checkout")
def test_recorded_answers():
    def sample(name):
        return (SAMPLES / name).read_bytes()

    assert read(sample("tax.single.json"))[1][0].value["id"] == 3264
    assert read(sample("tax.list.json"))[0] == "array"
    assert values(sample("tax.create.request.json"))[1] == [{"name": "RST"}]
    assert refusals(sample("tax.delete.response.json"))[0][0] == "M504"
    assert refusals(sample("client.list.json"))[0][0] == "M504"
    assert refusals(sample("error.accounting.not_found.json")) == [
        ("M505", "/response/errors", "the vendor answered with error 1012: Client not found.")
    ]
