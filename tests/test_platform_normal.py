"""The normal form: documents that say the same are equal, and others are not."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st

from mapper.platform.levels import Level
from mapper.platform.normal import Key, Kind, MalformedError, body, digest, mark, normal

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples" / "platform"
ORGANIZATION, INSTANCE = Level.ORGANIZATION, Level.INSTANCE

DEFINED = {"fields": [{"path": "id", "type": "string"}, {"path": "lines[*].n", "type": "number"}]}
MAPPED = {
    "vendorName": "invoices",
    "fields": [{"path": "id", "type": "string", "vendorPath": "Id"}],
    "configuration": [
        {"type": "passThrough", "properties": {"fromVendor": False, "toVendor": False}},
        {"type": "inherit"},
    ],
    "script": {"body": "/* mapper: acme/invoice */\ndone(1);\n"},
}

SPELLINGS = {
    "ids and dates": (DEFINED, {"id": 7, "createdDate": "2020-11-20 09:38:43.675231"}),
    "the name": (DEFINED, {"objectName": "Invoice", "vdrShared": True}),
    "another order": (DEFINED, {"fields": DEFINED["fields"][::-1]}),
    "ids and levels of fields": (
        DEFINED,
        {"fields": [{**each, "id": 1, "level": "organization"} for each in DEFINED["fields"]]},
    ),
    "another level's field": (
        DEFINED,
        {"fields": [*DEFINED["fields"], {"path": "x", "level": "account", "associatedId": 1}]},
    ),
    "an empty label": (
        DEFINED,
        {"fields": [{**each, "displayName": ""} for each in DEFINED["fields"]]},
    ),
    "the usual type": (DEFINED, {"fields": [{"path": "id"}, DEFINED["fields"][1]]}),
    "the engine": (MAPPED, {"isLegacy": False, "startDate": "2014-12-12 18:03:32.012321"}),
    "the element": (MAPPED, {"elementKey": "acme", "elementId": 1, "scripts": []}),
    "a vendor's type that is the type": (
        MAPPED,
        {"fields": [{**MAPPED["fields"][0], "vendorType": "string", "vdrFieldId": 1}]},
    ),
    "settings in another order": (MAPPED, {"configuration": MAPPED["configuration"][::-1]}),
    "properties of a switch": (
        MAPPED,
        {
            "configuration": [
                MAPPED["configuration"][0],
                {"type": "inherit", "properties": {"bool": "true"}, "level": "organization"},
            ]
        },
    ),
    "the script's usual members": (
        MAPPED,
        {
            "script": {
                **MAPPED["script"],
                "mimeType": "application/javascript",
                "filterEmptyResponse": False,
            }
        },
    ),
    "line breaks": (MAPPED, {"script": {"body": "/* mapper: acme/invoice */\r\ndone(1);"}}),
}


@pytest.mark.parametrize(("document", "spelled"), SPELLINGS.values(), ids=SPELLINGS)
def test_what_the_platform_spells_otherwise_is_the_same(document, spelled):
    kind = Kind.TRANSFORMATION if document is MAPPED else Kind.DEFINITION
    assert normal(kind, document | spelled, ORGANIZATION) == normal(kind, document, ORGANIZATION)


DIFFERENT = {
    "a type": (DEFINED, {"fields": [{"path": "id", "type": "number"}, DEFINED["fields"][1]]}),
    "a field": (DEFINED, {"fields": DEFINED["fields"][:1]}),
    "a label": (DEFINED, {"fields": [{**each, "displayName": "x"} for each in DEFINED["fields"]]}),
    "the resource": (MAPPED, {"vendorName": "customers"}),
    "the engine": (MAPPED, {"isLegacy": True}),
    "a source": (MAPPED, {"fields": [{**MAPPED["fields"][0], "vendorPath": "ID"}]}),
    "a vendor's type": (MAPPED, {"fields": [{**MAPPED["fields"][0], "vendorType": "date"}]}),
    "a setting": (MAPPED, {"configuration": MAPPED["configuration"][:1]}),
    "a setting's properties": (
        MAPPED,
        {"configuration": [{"type": "passThrough", "properties": {"fromVendor": True}}]},
    ),
    "a field's setting": (
        MAPPED,
        {"fields": [{**MAPPED["fields"][0], "configuration": [{"type": "remove"}]}]},
    ),
    "no script": (MAPPED, {"script": None}),
    "a character": (MAPPED, {"script": {"body": MAPPED["script"]["body"].replace("1", "2")}}),
    "a script's setting": (MAPPED, {"script": {**MAPPED["script"], "filterEmptyResponse": True}}),
}


@pytest.mark.parametrize(("document", "edit"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_says_something_else_is_different(document, edit):
    kind = Kind.TRANSFORMATION if document is MAPPED else Kind.DEFINITION
    assert normal(kind, document | edit, ORGANIZATION) != normal(kind, document, ORGANIZATION)


@pytest.mark.parametrize(
    ("document", "level", "there"),
    [
        ({"fields": []}, INSTANCE, True),
        ({"fields": [{"path": "a"}]}, INSTANCE, True),
        ({"level": "organization", "fields": [{"path": "a"}]}, INSTANCE, False),
        ({"level": "organization", "fields": [{"path": "a", "level": "instance"}]}, INSTANCE, True),
        (
            {"level": "instance", "fields": [{"path": "a", "level": "organization"}]},
            INSTANCE,
            False,
        ),
        ({"level": "organization", "fields": []}, INSTANCE, False),
    ],
)
def test_what_is_of_other_levels_only_is_not_there(document, level, there):
    for kind in Kind:
        assert (normal(kind, document, level) is not None) == there


@pytest.mark.parametrize(
    "document",
    [
        {"fields": {}},
        {"fields": ["x"]},
        {"fields": [{"type": "string"}]},
        {"fields": [{"path": 1}]},
        {"fields": [{"path": "a", "type": 1}]},
        {"fields": [], "script": "x"},
        {"fields": [], "script": {"body": 1}},
        {"fields": [], "configuration": [{"type": "x", "properties": []}]},
        {"fields": [], "vendorName": ["x"]},
    ],
)
def test_another_shape_is_refused(document):
    with pytest.raises(MalformedError):
        normal(Kind.TRANSFORMATION, document, ORGANIZATION)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["fields", "path", "type", "level", "script", "body", "properties"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["fields", "configuration", "script"]), json_values))
@example({"script": {"level": []}})
def test_no_answer_makes_it_fall_over(document):
    for kind in Kind:
        try:
            made = normal(kind, document, ORGANIZATION)
        except MalformedError:
            continue
        assert made is None or isinstance(digest(made), str)


@pytest.mark.parametrize("level", Level)
def test_what_is_sent_reads_as_what_was_meant(level):
    for kind, document in ((Kind.DEFINITION, DEFINED), (Kind.TRANSFORMATION, MAPPED)):
        made = normal(kind, document, level)
        sent = body(Key(kind, "invoice", "acme"), made, level)
        assert normal(kind, sent, level) == made


def test_a_mark_is_at_the_very_start():
    def marked(text):
        return mark(normal(Kind.TRANSFORMATION, {"script": {"body": text}}, ORGANIZATION))

    assert marked("/* mapper: acme/a b */\ndone(1);") == "acme/a b"
    assert marked(" /* mapper: acme/a */\n") is None
    assert marked("// x\n/* mapper: acme/a */\n") is None
    assert marked("/* mapper: acme/a */ done(1);") is None
    assert mark({"fields": {}, "configuration": {}}) is None


@pytest.mark.parametrize(
    "path",
    [
        *sorted(SAMPLES.glob("definition-v*.json")),
        *sorted(SAMPLES.glob("transformation-*.json")),
    ]
    or [pytest.param(None, marks=pytest.mark.skip("no recorded documents beside the checkout"))],
    ids=lambda path: path.stem if path else "none",
)
def test_recorded_documents_survive_being_sent_again(path):
    kind = Kind.DEFINITION if path.name.startswith("definition") else Kind.TRANSFORMATION
    document = json.loads(path.read_text("utf-8"))
    for level in Level:
        made = normal(kind, document, level)
        if made is not None:
            sent = body(Key(kind, "x", "acme"), made, level)
            assert normal(kind, json.loads(json.dumps(sent)), level) == made
