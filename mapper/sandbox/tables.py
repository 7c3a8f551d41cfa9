"""Files of bulk jobs: objects as JSON, as JSON lines, and as tables of CSV.

A column is a path with dots; a cell that is a list holds its JSON text. An empty cell is no value.
"""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

__all__ = ["FORMATS", "TableError", "read_objects", "write_objects"]

Json = Any
Objects = list[dict[str, Json]]

FORMATS = {"json": "application/json", "csv": "text/csv", "jsonl": "application/jsonl"}
"""The content type of each format."""

_MAX_CELL = 1 << 20


class TableError(ValueError):
    """A file is not what its format says."""


def write_objects(rows: Iterable[dict[str, Json]], form: str, *, native: bool = True) -> bytes:
    """Return a file of the objects; without *native*, its JSON has all values as text."""
    objects = [row if native else _as_text(row) for row in rows]
    match form:
        case "csv":
            return _write_csv(objects)
        case "jsonl":
            return "".join(f"{_dumps(row)}\n" for row in objects).encode()
        case _:
            return _dumps(objects).encode()


def read_objects(data: bytes, form: str) -> Objects:
    """Return the objects of a file: CSV with a heading, a JSON array, or an object on each line.

    Raises:
        TableError: It is none of that.
    """
    try:
        text = data.decode("utf-8-sig")
        rows = _read_csv(text) if form == "csv" else _read_json(text)
        _dumps(rows).encode()  # JSON's escapes can also say halves of characters
    except (ValueError, csv.Error, RecursionError) as error:
        raise TableError(f"the file is no {form.upper()}: {error}") from None
    if not all(isinstance(row, dict) for row in rows):
        raise TableError("each record of the file must be an object")
    return rows


def _read_json(text: str) -> list[Json]:
    if text.lstrip().startswith("["):
        rows: list[Json] = json.loads(text)
        return rows
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _read_csv(text: str) -> Objects:
    csv.field_size_limit(_MAX_CELL)
    heading, *rows = [*csv.reader(io.StringIO(text, newline=""), strict=True)] or [[]]
    if len(set(heading)) < len(heading) or "" in heading:
        raise TableError("the heading must name each column once")
    return [_nested(heading, row) for row in rows if row]


def _nested(heading: list[str], row: list[str]) -> dict[str, Json]:
    """Return the object of a row: a dot in a column's name leads to a member of a member."""
    if len(row) > len(heading):
        raise TableError("a row has more cells than the heading")
    made: dict[str, Json] = {}
    for path, cell in zip(heading, row, strict=False):
        if cell == "":
            continue
        *parents, name = path.split(".")
        place = made
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise TableError(f"the column {path} lies below a column that is a value")
        if name in place:
            raise TableError(f"other columns lie below the column {path}")
        place[name] = _cell_value(cell)
    return made


def _cell_value(cell: str) -> Json:
    if cell.startswith("["):
        try:
            return json.loads(cell)
        except ValueError:
            return cell
    return cell


def _write_csv(objects: Objects) -> bytes:
    flat = [_flat(row, "") for row in objects]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, restval="")
    writer.writeheader()
    writer.writerows(flat)
    return file.getvalue().encode()


def _flat(value: dict[str, Json], prefix: str) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, each in value.items():
        if isinstance(each, dict) and each:
            cells |= _flat(each, f"{prefix}{name}.")
        else:
            cells[prefix + name] = _text(each)
    return cells


def _text(value: Json) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case _:
            return _dumps(value)


def _as_text(value: Json) -> Json:
    match value:
        case dict():
            return {name: _as_text(each) for name, each in value.items()}
        case list():
            return [_as_text(each) for each in value]
        case None:
            return None
        case _:
            return _text(value)


def _dumps(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
