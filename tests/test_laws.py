"""The laws hold for every shipped mapping, on generated documents and edits."""

from collections import Counter
from contextlib import suppress
from functools import cache
from random import Random

import pytest
from hypothesis import given, reject, settings, strategies
from laws import creating_agrees, editing_agrees, reading_agrees
from shares import shares
from subjects import ROOT, WRAPPERS, editor, subject, vendor_documents

from mapper.diagnostics import MapperError, TransformError
from mapper.generate import Seeded, documents, drawn, seeded
from mapper.project import load_project
from mapper.prove.laws import Outside, create_get, get_put, put_get, valid_output
from mapper.prove.refusing import is_refusal

EXAMPLES = 100
SEED = 20240229
DOCUMENTS = 1_000
LEAST_SHARE = 0.01
LEAST_ACCEPTED = 0.8

mappings = pytest.mark.parametrize("name", sorted(WRAPPERS))


def test_every_shipped_mapping_is_under_the_laws():
    assert set(load_project(ROOT).names) == set(WRAPPERS)


@cache
def vendor_strategy(name):
    return documents(subject(name).mapper.vendor_schema)


@strategies.composite
def edits(draw, name):
    document = draw(vendor_strategy(name))
    common = subject(name).mapper.from_vendor(document)
    try:
        return document, editor(name).edit(common, drawn(draw))
    except (Outside, MapperError):  # no fitting edit comes from these choices
        return reject()


@strategies.composite
def creations(draw, name):
    try:
        return editor(name).new(drawn(draw))
    except (Outside, MapperError):  # no fitting object comes from these choices
        return reject()


def examples(strategy):
    """Run a law on EXAMPLES values of *strategy*, shrinking what breaks it."""
    return lambda law: settings(max_examples=EXAMPLES)(given(strategy)(law))()


@mappings
def test_reading_is_valid_and_restored(name):
    @examples(vendor_strategy(name))
    def law(document):
        reading_agrees(subject(name), document)
        get_put(subject(name), document)
        valid_output(subject(name), document)


@mappings
def test_an_edit_reads_back(name):
    @examples(edits(name))
    def law(edit):
        document, edited = edit
        editing_agrees(subject(name), document, edited)
        try:
            with suppress(Outside):
                put_get(subject(name), document, edited)
        except TransformError as error:
            assert is_refusal(error), error


@mappings
def test_what_is_created_reads_back(name):
    @examples(creations(name))
    def law(common):
        creating_agrees(subject(name), common)
        # Outside: the vendor computes what leaves its own schema, and there is nothing to read.
        with suppress(Outside):
            create_get(subject(name), common)


@mappings
def test_most_edits_are_accepted(name, measured):
    choices = Seeded(Random(SEED))
    outcomes = Counter()
    for _ in range(200):
        document = vendor_documents(name)(choices)
        edited = editor(name).edit(subject(name).mapper.from_vendor(document), choices)
        try:
            put_get(subject(name), document, edited)
            outcomes["accepted"] += 1
        except TransformError as error:
            assert is_refusal(error), error
            outcomes[", ".join(sorted({each.rule.code for each in error.diagnostics}))] += 1
    share = outcomes["accepted"] / outcomes.total()
    measured(f"{name}: {share:.0%} of edits accepted, seed {SEED}: {dict(outcomes)}")
    assert share >= LEAST_ACCEPTED


@mappings
def test_generated_documents_show_every_state(name, measured):
    schema = subject(name).mapper.vendor_schema
    source = seeded(schema, SEED)
    found = shares((next(source) for _ in range(DOCUMENTS)), schema)
    rare = {state: share for state, share in found.items() if share < LEAST_SHARE}
    least = min(found.values())
    measured(f"{name}: {len(found)} states, seed {SEED}, the rarest in {least:.1%} of {DOCUMENTS}")
    assert not rare
