"""The rules that a published script carries, so that they can be had back from it.

They stand behind the script as comments: JSON in ASCII, in which no line is long and nothing ends a
comment. Only what a mapping does is there: no comments of its file, no descriptions, and nothing
that only local files need.
"""

import json
import re
from collections.abc import Mapping as Dictionary
from typing import Any

from mapper.diagnostics import FileError, Source
from mapper.files import MAX_FILE, parse_json
from mapper.model import Mapping
from mapper.written import mapping_data

__all__ = ["carried", "carry"]

_START = "// rules: "
_WIDTH = 90
_LINES = re.compile(r"^(?:// rules: [ -~]+\n)+\Z", re.MULTILINE)


def carry(mapping: Mapping, tables: Dictionary[str, Dictionary[str, str]]) -> str:
    """Return the lines for the end of the script of *mapping*; *tables* are its project's."""
    said = mapping_data(mapping)
    said.pop("examples", None)
    said["vendor"].pop("envelope", None)
    if tables and "lookup" in json.dumps(said["fields"]):  # then all of them are in the script
        said["tables"] = {name: dict(entries) for name, entries in sorted(tables.items())}
    text = json.dumps(said, separators=(",", ":"))
    return "".join(f"{_START}{text[at : at + _WIDTH]}\n" for at in range(0, len(text), _WIDTH))


def carried(script: str) -> dict[str, Any] | None:
    """Return what :func:`carry` put into *script*, None if it carries nothing that can be read."""
    text = script[-2 * MAX_FILE :].replace("\r\n", "\n").rstrip("\n") + "\n"
    found = _LINES.search(text)
    if found is None:
        return None
    lines = (line.removeprefix(_START) for line in found[0].splitlines())
    try:
        said = parse_json(Source("the rules", "".join(lines)))
    except FileError:
        return None
    return said if isinstance(said, dict) else None
