"""``mapper explain``: what the code of a finding means."""

from difflib import get_close_matches

import click

from mapper.codes import by_code


@click.command()
@click.argument("code")
def explain(code: str) -> None:
    """Say what a diagnostic's code means.

    CODE is what stands in brackets behind "error" or "warning": M501.
    """
    rules = by_code()
    rule = rules.get(code.upper())
    if rule is None:
        near = ", ".join(get_close_matches(code.upper(), rules, n=3))
        hint = f" Did you mean {near}?" if near else ""
        raise click.BadParameter(f"there is no code {code!r}.{hint}", param_hint="CODE")
    click.echo(f"{rule.code} ({rule.severity}): {rule.name}\n")
    click.echo(f"This is reported when {rule.summary}.\n")
    click.echo(f"What to do: {rule.hint}.")
