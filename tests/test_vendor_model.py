"""The model of a vendor that is made from its schema, by cases, and beside the independent one.

The two agree on what both can know. What the derived one cannot, and is left out below:

- stamps of time (``updated``), and the statuses that follow from another (``v3_status``,
  ``display_status``): no annotation says what they become;
- what FreshBooks fills in where a body says nothing: defaults, ids, the names of gateways, the
  currency of an amount, the organization of a client who has only an e-mail address;
- which spelling FreshBooks shows: an amount as text, an id as a number, "" or 0 for null;
- ``company_size``, which FreshBooks takes and forgets.
"""

import json
from decimal import Decimal
from pathlib import Path
from random import Random

import freshbooks_model
import pytest
import yaml
from subjects import WRAPPERS, editor, subject, vendor_documents

from mapper.diagnostics import MapperError, TransformError, pointer
from mapper.generate import Seeded
from mapper.prove.laws import Outside
from mapper.prove.vendor import VendorModel, WriteRefused
from mapper.schema import schema_of, validate
from mapper.values import ABSENT, copy, equal

CASES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "prove" / "vendor.yaml").read_text("utf-8")
)
MADE = {"case", "document", "body", "gives", "refuses"}
DOCUMENTS = 60
NOT_KNOWN = {"updated", "updated_at", "v3_status", "display_status"}
NOTHING = (None, "", 0, "0", False)

mappings = pytest.mark.parametrize("name", sorted(WRAPPERS))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_case(case):
    says = {name: value for name, value in case.items() if name not in MADE}
    model = VendorModel(schema_of({"type": "object", **says}))
    document, body = copy(case["document"]), copy(case["body"])
    if "refuses" in case:
        with pytest.raises(WriteRefused) as refused:
            model.apply(document, body)
        assert pointer(refused.value.at) == case["refuses"]
    else:
        made = model.apply(document, body)
        assert made == case["gives"]
        assert json.dumps(made) == json.dumps(model.apply(document, body)), "always the same"
    assert (document, body) == (case["document"], case["body"]), "nothing that is given is changed"


@mappings
def test_what_is_created_fits_its_schema_and_shares_nothing(name):
    model, choices = models(name)[0], Seeded(Random(3))
    for _ in range(20):
        body = subject(name).mapper.to_vendor(editor(name).new(choices))
        before = copy(body)
        made = model.apply({}, body)
        assert validate(model.schema, made) == []
        damage(made)
        assert body == before


def damage(value):
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            damage(each)
    value.clear()


# Beside the model that is written from facts ------------------------------------------------------


def models(name):
    """Return the derived model, and what the independent one makes of a body."""

    def independent(document, body):
        return freshbooks_model.apply(WRAPPERS[name], document, body)

    return VendorModel(subject(name).mapper.vendor_schema), independent


def writes(name, seed):
    """Yield documents, {} for creating, each with a body that the mapping makes."""
    choices, mapper = Seeded(Random(seed)), subject(name).mapper
    for _ in range(DOCUMENTS):
        document = vendor_documents(name)(choices)
        try:
            edited = editor(name).edit(mapper.from_vendor(document), choices)
            yield from ((document, body) for body in mapper.update_steps(edited, document)[:1])
            yield {}, mapper.to_vendor(editor(name).new(choices))
        except (Outside, TransformError):
            continue


@mappings
def test_both_models_make_the_same_of_a_body(name, measured):
    (model, independent), compared = models(name), 0
    for document, body in writes(name, 5):
        try:
            wanted = independent(document, body)
        except freshbooks_model.WriteRefused as refused:
            assert "leads to no date" in refused.reason
            continue
        made = model.apply(document, body)
        for member, policy in model.policy.members.items():
            where = (member, document, body)
            if (policy.name or member) in body or policy.computed is not None:
                if member in made:
                    assert alike(policy, made[member], wanted.get(member)), where
            elif document and member not in NOT_KNOWN:
                assert equal(made.get(member, ABSENT), wanted.get(member, ABSENT)), where
            compared += 1
    measured(f"{name}: {compared} members alike in both models")
    assert compared > DOCUMENTS


def alike(policy, made, wanted):
    """Whether both say the same, in whatever spelling, where it can be written."""
    if policy.item is not None and isinstance(made, list):
        keys = [[str(each[policy.item]) for each in items] for items in (made, wanted)]
        return keys[0] == keys[1]
    if isinstance(made, dict) and isinstance(wanted, dict):
        return all(
            alike(member, made[name], wanted.get(name))
            for name, member in policy.members.items()
            if member.written and name in made
        )
    if isinstance(made, list) and isinstance(wanted, list):
        pairs = zip(made, wanted, strict=True)
        return all(alike(policy.items, *pair) for pair in pairs)
    return (
        str(made) == str(wanted) or (made in NOTHING and wanted in NOTHING) or number(made, wanted)
    )


def number(made, wanted):
    """Whether a number is spelled as text."""
    return isinstance(made, float) and Decimal(wanted) == Decimal(repr(made))


SPOILT = {
    "freshbooks/customer": [
        ({"id": 7, "fname": "A"}, {"id": 8}),
        ({"id": 7, "fname": "A"}, {"fname": "B", "vis_state": 1}),
        ({"id": 7, "fname": "A"}, {"username": "late"}),
        ({"id": 7, "fname": "A"}, {"contacts": [{"contactid": 3, "fname": "C"}]}),
        ({}, {"note": "nameless"}),
    ],
    "freshbooks/invoice": [
        ({"id": 7}, {"amount": {"amount": "5", "code": "CAD"}}),
        ({"id": 7}, {"due_date": "2024-01-01"}),
        ({"id": 7}, {"status": 4}),
        ({"id": 7}, {"ownerid": 1}),
        ({"id": 7}, {"lines": "none"}),
        ({"id": 7}, {"lines": [{"lineid": 1, "name": "A"}]}),
        ({"id": 7}, {"allowed_gateways": []}),
        ({"id": 7}, {"deposit_amount": {"code": "CAD"}}),
        ({"id": 7}, {"action_email": True, "notes": "B"}),
        ({}, {"customerid": 5}),
    ],
    "freshbooks/item": [
        ({"id": 7}, {"itemid": 8}),
        ({"id": 7}, {"vis_state": 3}),
        ({"id": 7}, {"unit_cost": {}}),
    ],
    "freshbooks/payment": [
        ({"id": 7}, {"invoiceid": 8}),
        ({"id": 7}, {"note": "B", "vis_state": 0}),
        ({}, {"invoiceid": 8, "date": "2024-01-01"}),
    ],
    "freshbooks/tax": [({"id": 7}, {"updated": "2024-01-01 00:00:00"}), ({}, {"amount": "5"})],
    "freshbooks/vendor": [
        ({"vendorid": 7}, {"outstanding_balance": []}),
        ({"vendorid": 7}, {"tax_defaults": [{"name": "GST"}]}),
        ({}, {"vendor_name": "A"}),
    ],
}


@pytest.mark.parametrize(
    ("name", "document", "body"),
    [
        pytest.param(name, document, body, id=f"{name} {json.dumps(body)}")
        for name, bodies in SPOILT.items()
        for document, body in [*bodies, (bodies[0][0], {"no_such_member": 1})]
    ],
)
def test_both_models_refuse(name, document, body):
    model, independent = models(name)
    with pytest.raises(freshbooks_model.WriteRefused):
        independent(document, body)
    with pytest.raises(WriteRefused):
        model.apply(document, body)


def test_a_schema_that_cannot_be_generated_from_says_so():
    schema = schema_of(
        {
            "type": "object",
            "required": ["a"],
            "properties": {
                "a": {"type": "string", "pattern": "^a$", "minLength": 2, "readOnly": True}
            },
        }
    )
    with pytest.raises(MapperError):
        VendorModel(schema).apply({}, {})
