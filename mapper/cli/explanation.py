"""``mapper explain``: what the code of a finding means."""

import json
from collections.abc import Iterator
from difflib import get_close_matches
from shutil import get_terminal_size
from textwrap import fill

import click
from msgspec import to_builtins

from mapper.cli.findings import Style
from mapper.codes import RANGES
from mapper.diagnostics import Rule, Severity
from mapper.pages import RULES, Example, read_page, reported

MAX_WIDTH = 88
"""How many columns prose takes, however wide the terminal is."""
MIN_WIDTH = 20


@click.command()
@click.argument("code", required=False)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people, or as JSON.",
)
def explain(code: str | None, style: Style) -> None:
    """Say what a diagnostic's code means.

    CODE is what stands in brackets behind "error" or "warning": M501. Without it, all codes are
    listed.
    """
    rule = None if code is None else _find(code)
    if style == "text":
        click.echo("\n".join(_list() if rule is None else _page(rule)))
        return
    every = [vars(each) for each in RULES.values()]
    shown = every if rule is None else {**vars(rule), **to_builtins(read_page(rule.code))}
    click.echo(json.dumps(shown, indent=2))


def _find(code: str) -> Rule:
    rule = RULES.get(code.upper())
    if rule is None:
        near = ", ".join(get_close_matches(code.upper(), RULES, n=3))
        hint = f" Did you mean {near}?" if near else " mapper explain lists all codes."
        raise click.BadParameter(f"there is no code {code!r}.{hint}", param_hint="CODE")
    return rule


def _list() -> Iterator[str]:
    """Yield lines that name every code, by range."""
    for digit, title in RANGES.items():
        rules = [rule for rule in RULES.values() if rule.code[1] == digit]
        if rules:
            yield f"M{digit}xx: {title}\n"
            for rule in rules:
                mark = " (warning)" if rule.severity is Severity.WARNING else ""
                yield f"  {rule.code}  {rule.name}{mark}"
            yield ""
    yield "mapper explain CODE says more, with an example."


def _page(rule: Rule) -> Iterator[str]:
    """Yield the parts of a page: prose is wrapped, files stand as they are."""
    page = read_page(rule.code)
    yield _wrapped(f"{rule.code} ({rule.severity}): {rule.name}")
    yield _wrapped(page.what)
    yield _wrapped(f"Why it matters: {page.why}")
    yield _wrapped(f"What to do: {rule.hint}.")
    if page.failing is None or page.fixed is None:
        yield _wrapped(f"There is no example, {(page.shown or '').removeprefix('no, ')}").rstrip()
        return
    if page.given:
        yield "Given:\n"
        yield from _files(Example(page.given))
    yield _wrapped(f"Failing: {reported(rule.code, page.failing)}")
    yield f"$ {page.failing.run}\n"
    yield from _files(page.failing)
    yield f"Fixed: nothing is reported\n\n$ {page.fixed.run}\n"
    yield from _files(page.fixed)
    yield _wrapped("The rest of the project stands in docs/reference/rules.md.").rstrip()


def _files(example: Example) -> Iterator[str]:
    for name, text in example.files.items():
        remark = "" if example.saved_as == "UTF-8" else f" (saved as {example.saved_as})"
        yield f"--- {name}{remark}{'' if text else ' (empty)'}"
        yield text


def _wrapped(text: str) -> str:
    """Return a paragraph, with an empty line behind it."""
    width = max(MIN_WIDTH, min(MAX_WIDTH, get_terminal_size().columns))
    return fill(text, width, break_long_words=False, break_on_hyphens=False) + "\n"
