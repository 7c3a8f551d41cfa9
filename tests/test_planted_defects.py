"""The test of the tests: each defect planted in the engine is caught by a law."""

from random import Random

import pytest
from agreement import Disagreement
from freshbooks_model import WriteRefused
from fuzzing import driver, mappings
from fuzzing.payloads import Payloads
from laws import creating_agrees, editing_agrees, reading_agrees
from msgspec.structs import replace
from subjects import editor, interpreted, subject_of, vendor_documents

from mapper import alignment, primitives, values
from mapper.compile import (
    directions,
    expressions,
    making,
    reading as compiled_reading,
    runtime,
    updating,
    writing as compiled_writing,
)
from mapper.compile.expressions import Expressions
from mapper.compile.source import quoted
from mapper.diagnostics import TransformError
from mapper.generate import Seeded
from mapper.interpret import bodies, reading, run, writing
from mapper.prove.laws import LawBroken, Outside, create_get, get_put, put_get, valid_output
from mapper.prove.refusing import is_refusal
from mapper.running import Mapper
from mapper.values import ABSENT, copy

DOCUMENTS = 400
INVOICE, CUSTOMER, TAX = "freshbooks/invoice", "freshbooks/customer", "freshbooks/tax"
ITEM = "freshbooks/item"
PAYMENT = "freshbooks/payment"
VENDOR = "freshbooks/vendor"


@pytest.fixture(autouse=True)
def made_before():
    """What tests share is made without a defect: it would stay in it for those that follow."""
    for name in (INVOICE, CUSTOMER, TAX, ITEM, PAYMENT, VENDOR):
        vendor_documents(name)
        editor(name)


def caught(name, documents=DOCUMENTS):
    """Whether a law breaks, or the vendor refuses a body, on generated documents of a mapping.

    The mapping is interpreted: printed code, which a defect does not reach, would hide it.
    """
    choices = Seeded(Random(1))
    for _ in range(documents):
        document = vendor_documents(name)(choices)
        try:
            get_put(interpreted(name), document)
            valid_output(interpreted(name), document)
            edited = editor(name).edit(interpreted(name).mapper.from_vendor(document), choices)
            put_get(interpreted(name), document, edited)
            create_get(interpreted(name), editor(name).new(choices))
        except Outside:
            continue
        except TransformError as error:
            if not is_refusal(error):
                return True
        except (LawBroken, WriteRefused):
            return True
    return False


# The defects of the interpreter: each takes monkeypatch's setattr and plants one ------------------


def dropped_write(plant):
    write = writing._write_leaf

    def without(rule, *rest):
        if rule.common != ("rate",):
            write(rule, *rest)

    plant(writing, "_write_leaf", without)


def swapped_slots(plant):
    assign = writing.assign_slots
    plant(writing, "assign_slots", lambda homes, count: assign(homes, count)[::-1])


def every_slot_refilled(plant):
    plant(writing, "assign_slots", lambda homes, count: list(range(len(homes))))
    plant(writing, "_empty_slot", lambda *_: None)


def place_that_is_not_emptied(plant):
    plant(writing, "_empty_slot", lambda *_: None)


def reordered_list(plant):
    partners_of = writing.partners_of
    plant(writing, "partners_of", lambda *given: partners_of(*given)[::-1])


def items_matched_by_position(plant):
    def by_position(_, items, old, *__):
        return [index if index < len(old) else None for index in range(len(items))]

    plant(writing, "partners_of", by_position)


def shifted_zone(plant):
    zone_of = primitives.zone_of
    plant(primitives, "zone_of", lambda name: zone_of("UTC" if name != "UTC" else "Asia/Tokyo"))


def utc_taken_for_eastern(plant):
    zone_of = primitives.zone_of
    plant(primitives, "zone_of", lambda name: zone_of("America/New_York"))


def last_name_of_a_key(plant):
    plant(alignment, "find", lambda item, steps: values.find(item, steps[-1:]))


def float_money(plant):
    converted = run.Run.convert

    def as_float(self, converter, value, *rest):
        result = converted(self, converter, value, *rest)
        if isinstance(result, dict) and "currency" in result:
            result["amount"] = repr(float(result["amount"]))
        return result

    plant(run.Run, "convert", as_float)


def echoed_read_only_member(plant):
    cut = bodies._cut

    def echoing(policy, value, *, creating):
        if isinstance(value, dict) and policy.members:
            shown = {n: replace(p, written=True) for n, p in policy.members.items()}
            policy = replace(policy, members=shown)
        return cut(policy, value, creating=creating)

    plant(bodies, "_cut", echoing)


def dropped_clear(plant):
    plant(writing, "clear", lambda *_: None)


def cleared_with_null(plant):
    plant(writing, "clear", lambda rule, scene: values.store(scene.target, rule.vendor, None))


def rewritten_spelling(plant):
    """Everything is written anew, changed or not."""
    plant(writing, "may_write", lambda rule, new, old, scene: rule.access != "read")


def mixed_phases(plant):
    def together(policy, changes):
        return [bodies._cut(policy, changes, creating=False)] if changes else []

    plant(bodies, "_split", together)


def lost_phase(plant):
    split = bodies._split
    plant(bodies, "_split", lambda policy, changes: split(policy, changes)[:1])


def items_lose_what_is_not_mapped(plant):
    def forgetful(value):
        return {} if isinstance(value, dict) and "lineid" in value else copy(value)

    plant(writing, "copy", forgetful)


def falsy_is_unset(plant):
    plant(reading, "contains", lambda unset, value: not value)


def unset_is_read(plant):
    plant(reading, "contains", lambda unset, value: value is None)


def only_the_first_spelling_is_unset(plant):
    contains = reading.contains
    plant(reading, "contains", lambda unset, value: contains(unset[:1], value))


def unwritten_single(plant):
    plant(writing, "_write_single", lambda *_: None)


def unread_single(plant):
    plant(reading, "_read_single", lambda *_: [])


def old_name_written(plant):
    cut = bodies._cut

    def under_old_names(policy, value, *, creating):
        members = {n: replace(p, name=None, item=None) for n, p in policy.members.items()}
        return cut(replace(policy, members=members), value, creating=creating)

    plant(bodies, "_cut", under_old_names)


def a_day_off(plant):
    evaluate = run.Run.evaluate

    def off(self, *rest):
        value = evaluate(self, *rest)
        return value + 1 if type(value) is int else value

    plant(run.Run, "evaluate", off)


def stale_formula(plant):
    """A formula runs only if its own member changed: editing the issue date moves the due date."""

    def own_only(rule, new, *others):
        scene = others[-1]
        return not values.equal(new, values.find(scene.old, rule.common))

    plant(writing, "_formula_applies", own_only)


def empty_list_is_absent(plant):
    read = reading._read_listing
    plant(reading, "_read_listing", lambda *given: read(*given) or ABSENT)


def shared_input(plant):
    plant(writing, "copy", lambda value: value)


def case_of_currency(plant):
    converted = run.Run.convert

    def lower(self, converter, value, *rest):
        result = converted(self, converter, value, *rest)
        if isinstance(result, dict) and "currency" in result:
            result["currency"] = result["currency"].lower()
        return result

    plant(run.Run, "convert", lower)


DEFECTS = {
    dropped_write: TAX,
    swapped_slots: INVOICE,
    every_slot_refilled: INVOICE,
    place_that_is_not_emptied: ITEM,
    reordered_list: INVOICE,
    items_matched_by_position: INVOICE,
    shifted_zone: TAX,
    utc_taken_for_eastern: VENDOR,
    last_name_of_a_key: VENDOR,
    float_money: INVOICE,
    echoed_read_only_member: INVOICE,
    dropped_clear: TAX,
    cleared_with_null: CUSTOMER,
    rewritten_spelling: TAX,
    mixed_phases: CUSTOMER,
    lost_phase: CUSTOMER,
    items_lose_what_is_not_mapped: INVOICE,
    falsy_is_unset: TAX,
    unset_is_read: CUSTOMER,
    only_the_first_spelling_is_unset: ITEM,
    unwritten_single: PAYMENT,
    unread_single: PAYMENT,
    old_name_written: INVOICE,
    a_day_off: INVOICE,
    stale_formula: INVOICE,
    empty_list_is_absent: CUSTOMER,
    shared_input: INVOICE,
    case_of_currency: INVOICE,
}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__)
def test_a_law_catches(defect, monkeypatch):
    defect(monkeypatch.setattr)
    assert caught(DEFECTS[defect])


@pytest.mark.parametrize("name", [INVOICE, CUSTOMER, TAX, ITEM, PAYMENT, VENDOR])
def test_without_a_defect_nothing_is_caught(name):
    assert not caught(name, 50)


# The defects of the printer -----------------------------------------------------------------------


def null_is_kept(plant):
    plant(compiled_reading, "keep_value", lambda out, value, keep: keep(out.owned(value)))


def true_is_one(plant):
    plant(runtime, "exact", lambda *_: True)
    plant(runtime, "same", lambda left, right: left == right)


def unset_true_is_one(plant):
    def differs(out, value, spelling):
        return f"{value.text} != {quoted(spelling)}"

    plant(compiled_reading, "_differs", differs)


def shared_value(plant):
    plant(Expressions, "owned", lambda self, operand: operand.text)


def change_of_clocks_missed(plant):
    plant(runtime, "pairwise", lambda days: ((day, day) for day in list(days)[:-1]))


def number_as_python_writes_it(plant):
    plant(runtime, "decimal_text", str)


def unknown_member_taken(plant):
    for module in (making, updating):
        plant(module, "refuse_unknown", lambda *_: None)


def formula_of_any_edit(plant):
    plant(updating.Updating, "_edited", lambda *_: "True")


def read_only_travels(plant):
    plant(directions, "send_made", lambda *_, **__: None)


def one_request_for_all(plant):
    plant(runtime, "bodies", lambda changed, send, _: [send(changed)] if changed else [])


def partners_by_position(plant):
    def partners(_, items, old, *, chosen):
        return [index if index < len(old) else None for index in range(len(items))]

    plant(runtime, "partners", partners)


def unchanged_member_sent(plant):
    plant(runtime, "changes", lambda target, _, touched: {name: target[name] for name in touched})


def vendor_demand_forgotten(plant):
    plant(runtime, "demanded", lambda *_: None)


def unset_collision_written(plant):
    plant(compiled_writing, "equals", lambda *_: "False")


def everything_falls_back(plant):
    plant(expressions, "_negated", lambda test: f"True or {test}")


PRINTER_DEFECTS = {
    null_is_kept: CUSTOMER,
    change_of_clocks_missed: TAX,
    number_as_python_writes_it: INVOICE,
    unknown_member_taken: TAX,
    formula_of_any_edit: INVOICE,
    read_only_travels: INVOICE,
    one_request_for_all: CUSTOMER,
    partners_by_position: INVOICE,
    unchanged_member_sent: INVOICE,
    unset_collision_written: TAX,
    everything_falls_back: INVOICE,
}


def disagrees(name, documents=DOCUMENTS):
    """Whether code that is printed now is found to disagree: by the laws, or by damaged documents.

    It is printed for this alone, so that no other test runs it.
    """
    mapper = Mapper.of(interpreted(name).mapper.parts)
    tested = subject_of(name, mapper)
    choices, random = Seeded(Random(1)), Random(1)
    payloads = Payloads(1, {name: mapper})
    for _ in range(documents):
        document = vendor_documents(name)(choices)
        try:
            reading_agrees(tested, document)
            common = tested.mapper.interpreted.from_vendor(document)
            editing_agrees(tested, document, editor(name).edit(common, choices))
            creating_agrees(tested, editor(name).new(choices))
            for _ in range(10):
                payloads.case(random)
        except Outside:
            continue
        except (LawBroken, Disagreement):
            return True
    return False


@pytest.mark.parametrize("defect", PRINTER_DEFECTS, ids=lambda defect: defect.__name__)
@pytest.mark.usefixtures("unshrunk")
def test_agreement_catches(defect, monkeypatch):
    defect(monkeypatch.setattr)
    assert disagrees(PRINTER_DEFECTS[defect])


@pytest.mark.parametrize(
    "defect",
    [true_is_one, unset_true_is_one, shared_value, vendor_demand_forgotten],
    ids=lambda defect: defect.__name__,
)
@pytest.mark.usefixtures("unshrunk")
def test_random_mappings_catch(defect, monkeypatch):
    defect(monkeypatch.setattr)
    assert driver.run("mappings", mappings.case, 4, 60).findings


@pytest.mark.parametrize("name", [INVOICE, CUSTOMER, TAX, ITEM, PAYMENT, VENDOR])
def test_sound_printers_agree(name):
    assert not disagrees(name, 20)
