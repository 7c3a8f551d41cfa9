"""Printed code as a program meets it: when it runs, when it gives up, and what tracebacks show."""

import traceback
from pathlib import Path

import pytest

from mapper import TransformError, load_project
from mapper.compile import Direction, Programs, print_python

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
