"""A plan and its results for people (text, Markdown) and for programs (JSON)."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mapper.diagnostics import counted, cut
from mapper.platform.carried import carried
from mapper.platform.normal import Document, Kind
from mapper.platform.plan import Change, Edit, Operation, Plan, diff
from mapper.platform.secrets import Mask
from mapper.values import ABSENT

__all__ = [
    "Line",
    "as_json",
    "edit_lines",
    "plan_lines",
    "render_markdown",
    "render_text",
    "summary",
]

_WIDTH = 100
"""How many characters of a value a line shows."""


class Line(NamedTuple):
    """A line of a plan: what it is about (+ new, - gone, ~ other, ! attention), and its text."""

    sign: str
    text: str


_SIGNS = {
    Operation.CREATE: "+",
    Operation.UPDATE: "~",
    Operation.DELETE: "-",
    Operation.KEEP: " ",
}


def plan_lines(plan: Plan, mask: Mask) -> Iterator[Line]:
    """Yield what a plan changes, document by document, field by field."""
    for change in plan.changes:
        if change.operation is not Operation.KEEP or change.kept:
            adopted = ", taken over" if change.adopted else ""
            yield Line(_SIGNS[change.operation], f"{change.key}{_size(change)}{adopted}")
        for edit in change.edits:
            yield from edit_lines(edit, mask)
        for edit in change.kept:
            yield Line("!", f"    {_name(edit)}: not ours, kept")


def _size(change: Change) -> str:
    document = change.after or change.before
    if change.operation is Operation.UPDATE or document is None:
        return ""
    fields = counted(len(document["fields"]), "field")
    if change.operation is Operation.CREATE and "script" in document:
        fields += f", script of {counted(len(_script_lines(document)), 'line')}"
    return f": {fields}" if change.operation is Operation.CREATE else ""


def edit_lines(edit: Edit, mask: Mask) -> Iterator[Line]:
    """Yield what a difference is, for people."""
    if edit.path[-2:] == ("script", "body") and ABSENT not in (edit.before, edit.after):
        yield Line("~", "    script")
        rules = carried(edit.before), carried(edit.after)
        if None not in rules:
            for sign, text in (line for rule in diff(*rules) for line in edit_lines(rule, mask)):
                yield Line(sign, f"      rule {text.strip()}")
        for line in script_diff(edit.before, edit.after):
            sign, text = (line[0], line[1:]) if line[:1] in {"+", "-"} else (" ", line)
            yield Line(sign, f"      {text}")
    elif edit.before is ABSENT:
        yield Line("+", f"    {_name(edit)}: {_show(edit.after, mask)}")
    elif edit.after is ABSENT:
        yield Line("-", f"    {_name(edit)}: {_show(edit.before, mask)}")
    else:
        yield Line(
            "~", f"    {_name(edit)}: {_show(edit.before, mask)} -> {_show(edit.after, mask)}"
        )


def script_diff(before: str, after: str) -> list[str]:
    """Return the lines of a unified diff of two scripts, without its head.

    Of the rules that scripts carry, which say again what the rest says, it only tells that they
    changed.
    """
    (first, carried), (second, carries) = map(_without_rules, (before, after))
    lines = list(difflib.unified_diff(first, second, lineterm="", n=2))[2:]
    return lines + ([" (and the rules that the script carries)"] if carried != carries else [])


def _without_rules(script: str) -> tuple[list[str], list[str]]:
    lines = script.splitlines()
    rules = [line for line in lines if line.startswith("// rules: ")]
    return [line for line in lines if not line.startswith("// rules: ")], rules


def _script_lines(document: Document) -> list[str]:
    text: str = document["script"]["body"]
    return text.splitlines()


def _name(edit: Edit) -> str:
    """Return the place of an edit; of a field its path, which may have dots of its own."""
    first, *rest = edit.path
    match first, rest:
        case "fields", [path, *inner]:
            return " ".join([path, *inner])
        case _:
            return " ".join(edit.path)


def _show(value: Any, mask: Mask) -> str:
    """Return a value in a few words: a field that says only its type as that.

    It is masked before it is cut: a part of a secret is one, too.
    """
    if isinstance(value, Mapping):
        if set(value) == {"type"}:
            return str(value["type"])
        if not value:
            return "on"
        if "vendorPath" in value:
            return f"{value.get('type', 'string')} from {value['vendorPath']}"
    return cut(json.dumps(mask.value(value), ensure_ascii=False), _WIDTH)


def summary(plan: Plan) -> str:
    """Return in one line how much a plan changes."""
    count = dict.fromkeys(Operation, 0)
    for change in plan.changes:
        count[change.operation] += 1
    return (
        f"{count[Operation.CREATE]} to create, {count[Operation.UPDATE]} to change,"
        f" {count[Operation.DELETE]} to delete, {count[Operation.KEEP]} unchanged"
    )


_COLOURS = {"+": 32, "-": 31, "~": 33, "!": 35}


def render_text(plan: Plan, head: Iterable[str], mask: Mask, *, colour: bool) -> str:
    """Return a plan for a terminal, after the lines of its *head*."""
    lines = [*map(_printable, head), ""]
    for sign, text in plan_lines(plan, mask):
        line = f"{sign} {_printable(text)}".rstrip()
        lines.append(
            f"\x1b[{_COLOURS[sign]}m{line}\x1b[0m" if colour and sign in _COLOURS else line
        )
    lines += [""] if lines[-1] else []
    lines += [f"note: {_printable(each)}" for each in plan.notes]
    return mask("\n".join([*lines, summary(plan)]) + "\n")


def render_markdown(plan: Plan, head: Iterable[str], mask: Mask) -> str:
    """Return a plan for a pull request."""
    lines = ["### mapper plan", "", *(f"- {_inline(each)}" for each in head), ""]
    shown = [(sign, _printable(text)) for sign, text in plan_lines(plan, mask)]
    if shown:
        # A fence longer than any run of backticks inside.
        fence = "`" * max(3, *(1 + _backticks(text) for _, text in shown))
        lines += [f"{fence}diff", *(f"{sign.replace('~', '!')} {text}" for sign, text in shown)]
        lines += [fence, ""]
    lines += [f"- {_inline(each)}" for each in plan.notes]
    return mask("\n".join([*lines, f"**{summary(plan)}**"]) + "\n")


def _backticks(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)


def _inline(text: str) -> str:
    """Return a text that is text in Markdown."""
    return "".join(f"\\{each}" if each in r"\`*_[]<>#|" else each for each in _printable(text))


def _printable(text: str) -> str:
    """Return a text that does nothing to a terminal."""
    return "".join(
        each if each.isprintable() else json.dumps(each)[1:-1].replace("\\t", "    ")
        for each in text
    )


# For programs -----------------------------------------------------------------------------------


def as_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as a JSON object."""
    return {
        "place": str(plan.place),
        "changes": [_change_as_json(each) for each in plan.changes],
        "notes": list(plan.notes),
        "summary": {
            each.value: sum(change.operation is each for change in plan.changes)
            for each in Operation
        },
        "desired": plan.desired,
        "current": plan.current,
    }


def _change_as_json(change: Change) -> dict[str, Any]:
    key = change.key
    made: dict[str, Any] = {"kind": key.kind.value, "name": key.name}
    if key.kind is Kind.TRANSFORMATION:
        made["element"] = key.element
    made |= {"operation": change.operation.value, "adopted": change.adopted}
    if change.operation is Operation.CREATE:
        made["document"] = change.after
    made["edits"] = [_edit_as_json(each) for each in change.edits]
    made["kept"] = [_edit_as_json(each) for each in change.kept]
    return made


def _edit_as_json(edit: Edit) -> dict[str, Any]:
    made: dict[str, Any] = {"path": list(edit.path)}
    if edit.before is not ABSENT:
        made["before"] = edit.before
    if edit.after is not ABSENT:
        made["after"] = edit.after
    if edit.path[-2:] == ("script", "body") and len(made) == 3:
        made["diff"] = script_diff(edit.before, edit.after)
    return made
