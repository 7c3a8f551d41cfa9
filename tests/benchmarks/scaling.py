"""How the cost grows with the rules of a mapping and with the lines of an invoice."""

import json
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from mapper import Mapper, load_project
from mapper.check import check_project
from tests.benchmarks import corpus, hand
from tests.benchmarks.racing import Candidate, Round, race, typical

RULES = (10, 100, 1_000)
LINES = (1, 100, 10_000)
CALLS = 2_000
"""How often the smallest size would be called a round if it were 1."""
COUNTED = {"type": "integer", "minimum": 1, "maximum": 999_999_999_999_999}
AS_TEXT = {"type": "string", "pattern": "^[1-9][0-9]{0,14}$"}
CONVERTERS: list[tuple[str | None, Any, dict, dict]] = [
    # convert, a vendor value of it, its schema, the schema of the common value
    (None, "text", {"type": ["string", "null"]}, {"type": "string", "minLength": 1}),
    ("string", 7, COUNTED, AS_TEXT),
    ("decimal", "12.50", {"type": "string", "format": "decimal"}, {"format": "decimal"}),
    ("date", "2024-02-29", {"type": "string", "format": "date"}, {"format": "date"}),
    (
        "{values: {low: [1], high: [2]}}",
        2,
        {"type": "integer", "enum": [1, 2]},
        {"enum": ["low", "high"]},
    ),
]


def by_rules(folder: Path, rounds: int) -> dict[str, list[Round]]:
    """Return the rounds by operation; the candidates are numbers of rules."""
    mappers = {}
    for count in RULES:
        write_project(folder / str(count), count)
        mappers[count] = load_project(folder / str(count)).mapper("acme/thing")
    payloads = {count: _payload(count) for count in RULES}
    checks = _race_sizes(lambda count: (_check, [str(folder / str(count))]), RULES, rounds)
    return {**_operations(mappers, payloads, _edit_note, rounds), "mapper check": checks}


def by_lines(mapper: Mapper, rounds: int) -> dict[str, list[Round]]:
    """Return the rounds by operation; the candidates are numbers of lines.

    The hand-written reader is among them: what grows with it too is Python's memory.
    """
    [invoice] = corpus.invoices(1)
    payloads = {count: _with_lines(invoice, count) for count in LINES}
    by_hand = _race_sizes(lambda size: (hand.from_vendor, [payloads[size]]), LINES, rounds)
    operations = _operations(dict.fromkeys(LINES, mapper), payloads, _edit_line, rounds)
    return {**operations, "hand-written from_vendor": by_hand}


def per_one_more(rounds: list[Round]) -> list[float]:
    """Return what one more rule or line costs, from each size to the next."""
    return growth([(int(size), typical(rounds, size)) for size in rounds[0]])


def growth(costs: list[tuple[int, float]]) -> list[float]:
    """Return what one more costs, from each of the sizes to the next."""
    return [(late - early) / (large - small) for (small, early), (large, late) in pairwise(costs)]


def _operations(
    mappers: dict[int, Mapper],
    payloads: dict[int, dict],
    edit: Callable[[dict], dict],
    rounds: int,
) -> dict[str, list[Round]]:
    commons = {size: mapper.from_vendor(payloads[size]) for size, mapper in mappers.items()}
    calls = {
        "from_vendor": lambda size: (mappers[size].from_vendor, [payloads[size]]),
        "create": lambda size: (mappers[size].to_vendor, [_to_create(commons[size])]),
        "update": lambda size: (
            mappers[size].to_vendor,
            [edit(commons[size]), payloads[size]],
        ),
    }
    return {name: _race_sizes(call, mappers, rounds) for name, call in calls.items()}


def _race_sizes(
    call: Callable[[int], tuple[Candidate, list]], sizes: Iterable[int], rounds: int
) -> list[Round]:
    raced: list[Round] = [{} for _ in range(rounds)]
    for size in sizes:
        function, arguments = call(size)
        texts = [json.dumps(arguments)] * max(1, CALLS // size)
        for place, each in enumerate(race({str(size): function}, texts, rounds)):
            raced[place] |= each
    return raced


def _check(folder: str) -> int:
    return sum(1 for _ in check_project(load_project(Path(folder))))


def _to_create(common: dict) -> dict:
    if "lines" in common:
        return corpus.to_create(common)
    return {name: value for name, value in common.items() if name != "id"}


def _edit_line(common: dict) -> dict:
    return corpus.edit_line(common, 1)


def _edit_note(common: dict) -> dict:
    return {**common, "m000": "other"}


def _with_lines(invoice: dict, count: int) -> dict:
    line = invoice["lines"][0]
    lines = [{**line, "lineid": place, "taskno": place} for place in range(1, count + 1)]
    return {**invoice, "lines": lines}


# A project with so many rules ---------------------------------------------------------------------


def _payload(count: int) -> dict:
    values = {f"v{number:03}": _kind(number)[1] for number in range(count - 1)}
    return {"id": 1, **values}


def _kind(number: int) -> tuple[str | None, Any, dict, dict]:
    return CONVERTERS[number % len(CONVERTERS)]


def write_project(root: Path, count: int) -> None:
    """Write a project without a fault, with one mapping of so many rules."""
    fields = ["  id: {vendor: id, convert: string, access: read}"]
    for number in range(count - 1):
        convert = _kind(number)[0]
        how = f", convert: {convert}" if convert else ', unset: {read: ["", null], clear: ""}'
        fields.append(f"  m{number:03}: {{vendor: v{number:03}{how}}}")
    vendor = {f"v{number:03}": _kind(number)[2] for number in range(count - 1)}
    common = {
        f"m{number:03}": {"type": "string", **_kind(number)[3]} for number in range(count - 1)
    }
    _write(root / "mappings" / "acme" / "thing.yaml", MAPPING + "\n".join(fields) + "\n")
    _write(root / "mappings" / "thing.yaml", RESOURCE)
    _write_schema(
        root / "schemas" / "acme" / "thing.schema.json", vendor, COUNTED | {"readOnly": True}
    )
    _write_schema(root / "schemas" / "canonical" / "thing.schema.json", common, AS_TEXT)


MAPPING = """\
mapping: acme/thing
resource: thing
vendor: {element: acme, resource: things, schema: acme/thing.schema.json}
fields:
"""
RESOURCE = """\
resource: thing
schema: canonical/thing.schema.json
key: id
"""


def _write_schema(path: Path, members: dict, of_id: dict) -> None:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id"],
        "properties": {"id": of_id, **members},
    }
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    _write(path, json.dumps(draft | schema, indent=1))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
