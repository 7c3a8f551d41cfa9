"""Printed code as a program meets it: when it runs, when it gives up, and what tracebacks show."""

import traceback
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from mapper import TransformError, load_project, primitives
from mapper.compile import Direction, Programs, print_python, runtime

ROOT = Path(__file__).parents[1]
PROJECT = load_project(ROOT)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("name", PROJECT.names)
def test_a_traceback_shows_the_printed_line(name, direction):
    lowered = PROJECT.mapper(name).lowered
    program = Programs(name, lambda: lowered).load(direction)
    given = [object()] * (2 if direction is Direction.UPDATE else 1)
    try:
        program(*given)
    except Exception as error:  # noqa: BLE001 - any may be raised
        [*_, frame] = traceback.extract_tb(error.__traceback__)
        shown = "".join(traceback.format_exception(error))
    assert frame.filename == f"printed {name} {direction}"
    lines = print_python(lowered, direction).splitlines()
    assert frame.line == lines[frame.lineno - 1].strip() == "raise Unexpected"
    assert f'File "{frame.filename}", line {frame.lineno}, in {direction}\n' in shown
    assert f"    {frame.line}\n" in shown


def test_a_traceback_shows_it_out_of_the_cache_too(tmp_path, monkeypatch):
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path))
    for _ in range(2):
        mapper = load_project(ROOT).mapper("freshbooks/tax")
        try:
            mapper._from_vendor({"amount": "five"})
        except Exception as error:  # noqa: BLE001 - any may be raised
            shown = "".join(traceback.format_exception(error))
        assert "decimal_text(value)" in shown


def test_what_printed_code_gives_up_is_answered_and_counted():
    mapper = load_project(ROOT).mapper("freshbooks/tax")
    assert mapper.from_vendor({"id": 7, "name": "GST"}) == {"id": "7", "name": "GST"}
    assert mapper.fallbacks == 0
    assert mapper.from_vendor({"id": 7, "name": 5}) == {"id": "7", "name": 5}
    assert mapper.fallbacks == 1
    with pytest.raises(TransformError):
        mapper.from_vendor({"id": 7, "amount": "five"})
    assert mapper.fallbacks == 1, "an error is no answer"
    assert mapper.interpreted.from_vendor({"id": 7, "name": 5}) == {"id": "7", "name": 5}
    assert mapper.interpreted.fallbacks == 0


# What printed code calls --------------------------------------------------------------------------

CLOCK = "%Y-%m-%d %H:%M:%S"
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of either side
ZONES = (
    "America/New_York", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Africa/Casablanca", "Africa/Monrovia", "Europe/Dublin", "Pacific/Apia", "Pacific/Kwajalein",
    "Antarctica/Troll", "America/Caracas", "UTC",
)  # fmt: skip


def outcome(convert, text):
    try:
        return convert(text)
    except Exception:  # noqa: BLE001 - printed code may refuse by any
        return None


@pytest.mark.parametrize("zone", ZONES)
def test_the_tables_of_clocks_say_what_the_primitives_say(zone):
    """Around every change of offset, where a day or an hour is not like the others."""
    draw = Random(zone)
    changes = [instant for instant, _ in primitives.zone_transitions(zone)[1:]]
    years = [draw.randrange(-2_300_000_000, 7_300_000_000) for _ in range(200)]
    read, write = runtime.instant_from(CLOCK, zone), runtime.instant_to(CLOCK, zone)
    for instant in changes + years:
        for moment in (instant - 1, instant, instant + draw.randrange(-100_000, 100_000)):
            local = EPOCH + timedelta(seconds=moment)
            text, utc = local.strftime(CLOCK), local.strftime(primitives.INSTANT_LAYOUT)
            exact = outcome(lambda given: primitives.instant_from(given, CLOCK, zone), text)
            assert outcome(read, text) == exact, text
            exact = outcome(lambda given: primitives.instant_to(given, CLOCK, zone), utc)
            assert outcome(write, utc) == exact, utc


@pytest.mark.parametrize(
    "text",
    ["2019-02-29 10:00:00", "2019-13-01 10:00:00", "2019-05-08T10:00:00", "2019-05-08 24:00:00",
     "2019-05-08 10:60:00", "2019-05-08 10:00:60", "2019-W19-3 10:00:00", "20190508 10:00:00",
     "2019-05-08 10:00:00Z", "٢٠١٩-05-08 10:00:00", "2019-05-08 1:00:00", "", None, 1, b"2019", []],
)  # fmt: skip
def test_the_tables_of_clocks_take_nothing_else(text):
    assert outcome(runtime.instant_from(CLOCK, "America/New_York"), text) is None


def test_a_memo_keeps_little(monkeypatch):
    monkeypatch.setattr(runtime, "MEMO", 3)
    asked = []
    memo = runtime.Memo(lambda text: asked.append(text) or len(text))
    assert [memo[text] for text in ("a", "bb", "a", "c" * 100, "c" * 100, "d", "e", "a")]
    assert asked == ["a", "bb", "c" * 100, "c" * 100, "d", "e", "a"]
    assert len(memo) == 2
