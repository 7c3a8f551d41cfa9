"""``mapper whoami`` and ``mapper instances``: what to try first at a platform."""

import json
from pathlib import Path
from typing import Any, Literal

import click

from mapper.cli.findings import reporting
from mapper.cli.platform import connected, data_format_option, platform_options
from mapper.platform.levels import Level
from mapper.platform.secrets import mask_members

Style = Literal["text", "json"]


@click.command()
@platform_options
@data_format_option
def whoami(profile: str, profiles: Path | None, style: Style) -> None:
    """Show whom the platform knows a profile's secrets by.

    Nothing is changed. It succeeds if the platform can be reached and takes the secrets.
    """
    with reporting(style), connected(profile, profiles) as client:
        there = client.profile
        organization = client.get("/organizations/me")
        shown = {
            "profile": profile,
            "url": there.base,
            "organization": organization.get("name"),
            "organizationId": organization.get("id"),
            "engine": organization.get("vdrVersion"),
            "level": there.level.value,
        }
        if there.level is Level.INSTANCE and there.instance is not None:
            instance = client.get(f"/instances/{there.instance}")
            shown |= {"instance": instance.get("name"), "instanceId": instance.get("id")}
        _show(client.mask.value(mask_members(shown)), style)


@click.command()
@click.argument("number", metavar="[ID]", required=False, type=click.IntRange(min=1))
@platform_options
@data_format_option
def instances(number: int | None, profile: str, profiles: Path | None, style: Style) -> None:
    """List the platform's element instances, or show the one of that ID.

    Tokens and other secrets are masked.
    """
    with reporting(style), connected(profile, profiles) as client:
        if number is not None:
            found = client.get(f"/instances/{number}")
            _show(client.mask.value(mask_members(found)), style)
            return
        listed = [_summary(each) for each in client.entries("/instances")]
        masked = client.mask.value(mask_members(listed))
        if style == "json":
            _show(masked, style)
        else:
            _table(masked)


def _summary(instance: dict[str, Any]) -> dict[str, Any]:
    element = instance.get("element")
    tags = instance.get("tags")
    return {
        "id": instance.get("id"),
        "name": instance.get("name"),
        "element": element.get("key") if isinstance(element, dict) else None,
        "state": "disabled" if instance.get("disabled") else "enabled",
        "tags": [str(each) for each in tags] if isinstance(tags, list) else [],
    }


def _show(value: dict[str, Any] | list[Any], style: Style) -> None:
    if style == "json" or isinstance(value, list):
        click.echo(json.dumps(value, indent=2))
        return
    width = max(map(len, value), default=0)
    for name, each in value.items():
        if each is not None:
            click.echo(f"{_cell(name):{width}}  {_cell(each)}")


def _table(rows: list[dict[str, Any]]) -> None:
    if not rows:
        click.echo("no instances")
        return
    lines = [
        ["ID", "NAME", "ELEMENT", "STATE", "TAGS"],
        *([*map(_cell, list(row.values())[:-1]), _cell(" ".join(row["tags"]))] for row in rows),
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _cell(value: Any) -> str:
    """Return a value of the platform's as a line that does nothing to a terminal."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
