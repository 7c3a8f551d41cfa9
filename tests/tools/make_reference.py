"""Makes what follows from the code's tables: parts of docs/reference, and the schema for editors.

Run it from the project's folder as `python -m tests.tools.make_reference`; a test compares the
pages with what it gives. The text above each page's mark is written by hand and kept.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import mapper
from mapper.codes import RANGES
from mapper.converters import CONVERTERS, Converter
from mapper.diagnostics import Rule
from mapper.pages import RULES, Example, project_files, read_page, reported
from mapper.primitives import PRIMITIVES
from mapper.sandbox.calls import Route
from mapper.sandbox.faults import KINDS
from mapper.sandbox.routes import ROUTES
from mapper.sandbox.settings import SETTINGS

LANGUAGE = Path(mapper.__file__).parent / "language" / "mapping.schema.json"
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
MARK = "<!-- From here on, made by tests/tools/make_reference.py. -->\n\n"


def converters_part() -> str:
    """Return the sections of converters.md."""
    return "\n".join(map(_section, CONVERTERS.values()))


def converter_uses() -> dict[str, object]:
    """Return what the schema for editors says of each converter with its parameters."""
    uses: dict[str, object] = {}
    for name, converter in sorted(CONVERTERS.items()):
        parameters = f" Parameters: {converter.parameters}." if converter.parameters else ""
        takes = {"allOf": [dict(converter.takes)]} if "$ref" in converter.takes else converter.takes
        uses[name] = {"description": converter.documentation + parameters, **takes}
    return uses


def language_schema() -> str:
    """Return the schema for editors of mapping files, its converters as the table has them."""
    schema = json.loads(LANGUAGE.read_text("utf-8"))
    schema["definitions"]["converterName"]["enum"] = sorted(CONVERTERS)
    schema["definitions"]["converterUse"]["properties"] = converter_uses()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def primitives_part() -> str:
    """Return the table of primitives.md."""
    rows = (
        f"| `{primitive.name}({', '.join(primitive.parameters)})` "
        f"| {' '.join(primitive.documentation.replace('``', '`').split())} |\n"
        for primitive in PRIMITIVES.values()
    )
    return "| primitive | gives |\n| --- | --- |\n" + "".join(rows)


def rules_part() -> str:
    """Return the table, the project of the examples and the sections of rules.md."""
    ranges = {
        f"M{digit}xx: {title}": [rule for rule in RULES.values() if rule.code[1] == digit]
        for digit, title in RANGES.items()
    }
    lines = ["## What went wrong", "", "| somebody … | code |", "| --- | --- |"]
    for title, rules in ranges.items():
        lines += [f"| **{title}** | |"] if rules else []
        lines += [
            _defect(rule, defect) for rule in rules for defect in read_page(rule.code).defects
        ]
    lines += ["", "## The project of the examples", ""]
    lines += ["An example is a few files over these; they stand around each.", ""]
    lines += _files(Example(project_files()))
    for title, rules in ranges.items():
        lines += [f"## {title}", ""] if rules else []
        lines += [line for rule in rules for line in _rule(rule)]
    return "\n".join(lines).rstrip("\n") + "\n"


def sandbox_part() -> str:
    """Return the tables of sandbox.md: the switches, the faults and the endpoints."""
    lines = ["## Switches", "", "| switch | values, the default first | known | means |"]
    lines += ["| --- | --- | --- | --- |"]
    lines += [
        f"| `{each.name}` | {', '.join(f'`{value}`' for value in each.values)} "
        f"| {each.evidence} | {each.meaning} |"
        for each in SETTINGS
    ]
    lines += ["", "## Kinds of faults", "", "| fault | what happens |", "| --- | --- |"]
    for name, kind in KINDS.items():
        shown = f"{name}={kind.value.upper()}" if kind.value else name
        default = "" if kind.default is None else f" Without a value it is {kind.default}."
        lines += [f"| `{shown}` | {kind.meaning}{default} |"]
    lines += ["", "## Endpoints", "", "| path | methods | secrets | privilege |"]
    lines += ["| --- | --- | --- | --- |"]
    by_path: dict[str, list[Route]] = {}
    for route in ROUTES:
        by_path.setdefault(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.pattern), []).append(route)
    for path, routes in sorted(by_path.items()):
        methods = ", ".join(route.method for route in routes)
        needs = ", ".join(dict.fromkeys(route.needs.value for route in routes))
        privileges = ", ".join(dict.fromkeys(filter(None, (each.privilege for each in routes))))
        lines += [f"| `{path}` | {methods} | {needs} | {privileges} |"]
    return "\n".join(lines) + "\n"


def page(name: str) -> str:
    """Return the whole text of a page: its head as it is, and its made part."""
    head, _, _ = (FOLDER / name).read_text("utf-8").partition(MARK.rstrip())
    return head + MARK + PARTS[name]()


def _section(converter: Converter) -> str:
    sentences = _by_sentence(converter.documentation)
    parameters = f"\nParameters: {converter.parameters}.\n" if converter.parameters else ""
    rows = "".join(
        f"| `{_show_use(converter.name, example.parameters)}` "
        f"| `{_show(example.vendor)}` | `{_show(example.common)}` |\n"
        for example in converter.examples
    )
    table = f"| `convert` | vendor | common |\n| --- | --- | --- |\n{rows}"
    return f"## {converter.name}\n\n{sentences}\n{parameters}\n{table}"


def _title(rule: Rule) -> str:
    return f"{rule.code}: {rule.name}"


def _defect(rule: Rule, defect: str) -> str:
    anchor = re.sub(r"[^\w\- ]", "", _title(rule).lower()).replace(" ", "-")
    cell = defect.replace("|", "\\|")
    return f"| {cell} | [{rule.code}](#{anchor}) |"


def _rule(rule: Rule) -> Iterator[str]:
    """Yield the lines of a rule's section."""
    page = read_page(rule.code)
    yield from [f"### {_title(rule)}", ""]
    yield from [_by_sentence(page.what), "", f"Why it matters: {_by_sentence(page.why)}", ""]
    kind = "A warning. " if rule.severity == "warning" else ""
    yield from [f"{kind}What to do: {rule.hint}.", ""]
    if page.failing is None or page.fixed is None:
        yield from [f"There is no example, {(page.shown or '').removeprefix('no, ')}", ""]
        return
    if page.given:
        yield from ["Given:", ""]
        yield from _files(Example(page.given))
    found = reported(rule.code, page.failing)
    yield from [f"**Failing**: `{page.failing.run}` reports {found}.", ""]
    yield from _files(page.failing)
    yield from [f"**Fixed**: `{page.fixed.run}` reports nothing.", ""]
    yield from _files(page.fixed)


def _files(example: Example) -> Iterator[str]:
    """Yield lines that show each file of an example under its path."""
    for name, text in example.files.items():
        remark = "" if example.saved_as == "UTF-8" else f", saved as {example.saved_as}"
        if not text:
            yield from [f"`{name}`, empty", ""]
            continue
        yield from [f"`{name}`{remark}", "", f"```{Path(name).suffix[1:]}"]
        yield from [text.rstrip("\n"), "```", ""]


def _by_sentence(text: str) -> str:
    return re.sub(r"(?<=[.;]) (?=[A-Z`])", "\n", text)


def _show(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _show_use(name: str, parameters: object) -> str:
    return name if parameters is None else f"{{{name}: {_show(parameters)}}}"


PARTS = {
    "converters.md": converters_part,
    "primitives.md": primitives_part,
    "rules.md": rules_part,
    "sandbox.md": sandbox_part,
}

if __name__ == "__main__":
    for page_name in PARTS:
        (FOLDER / page_name).write_text(page(page_name), "utf-8")
    LANGUAGE.write_text(language_schema(), "utf-8")
