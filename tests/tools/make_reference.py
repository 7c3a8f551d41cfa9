"""Makes the tables of docs/reference/converters.md and primitives.md from those of the code.

Run it from the project's folder as `python -m tests.tools.make_reference`; a test compares the
pages with what it gives. The text above each page's mark is written by hand and kept.
"""

import json
import re
from pathlib import Path

from mapper.converters import CONVERTERS, Converter
from mapper.primitives import PRIMITIVES

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
MARK = "<!-- From here on, made by tests/tools/make_reference.py. -->\n\n"


def converters_part() -> str:
    """Return the sections of converters.md."""
    return "\n".join(map(_section, CONVERTERS.values()))


def primitives_part() -> str:
    """Return the table of primitives.md."""
    rows = (
        f"| `{primitive.name}({', '.join(primitive.parameters)})` "
        f"| {' '.join(primitive.documentation.replace('``', '`').split())} |\n"
        for primitive in PRIMITIVES.values()
    )
    return "| primitive | gives |\n| --- | --- |\n" + "".join(rows)


def page(name: str) -> str:
    """Return the whole text of a page: its head as it is, and its made part."""
    head, _, _ = (FOLDER / name).read_text("utf-8").partition(MARK.rstrip())
    return head + MARK + PARTS[name]()


def _section(converter: Converter) -> str:
    sentences = re.sub(r"(?<=[.;]) (?=[A-Z])", "\n", converter.documentation)
    parameters = f"\nParameters: {converter.parameters}.\n" if converter.parameters else ""
    rows = "".join(
        f"| `{_show_use(converter.name, example.parameters)}` "
        f"| `{_show(example.vendor)}` | `{_show(example.common)}` |\n"
        for example in converter.examples
    )
    table = f"| `convert` | vendor | common |\n| --- | --- | --- |\n{rows}"
    return f"## {converter.name}\n\n{sentences}\n{parameters}\n{table}"


def _show(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _show_use(name: str, parameters: object) -> str:
    return name if parameters is None else f"{{{name}: {_show(parameters)}}}"


PARTS = {"converters.md": converters_part, "primitives.md": primitives_part}

if __name__ == "__main__":
    for page_name in PARTS:
        (FOLDER / page_name).write_text(page(page_name), "utf-8")
