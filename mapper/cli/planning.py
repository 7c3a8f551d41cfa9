"""``mapper plan`` and ``mapper drift``: what the project and the platform have, side by side."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec
from msgspec import Struct

from mapper import codes
from mapper.cli.findings import takes_colour
from mapper.cli.options import output_option, project_option
from mapper.cli.platform import (
    Asked,
    Style,
    adopt_option,
    connected,
    data_format_option,
    decorated,
    exit_code_option,
    names_argument,
    opened,
    owner_of,
    owner_options,
    platform_options,
    prune_option,
    reported,
    rev_option,
    state_of,
    state_option,
)
from mapper.cli.streams import refuse_sources, write_file
from mapper.diagnostics import Diagnostic, FileError, counted
from mapper.platform.classes import class_changes
from mapper.platform.drift import Drift, find_drift
from mapper.platform.plan import Options, Plan
from mapper.platform.showing import as_json, edit_lines, render_markdown, render_text
from mapper.platform.survey import Survey, resolve_runs, survey
from mapper.project import Project
from mapper.render.json import as_json as finding_as_json

if TYPE_CHECKING:
    from mapper.platform.client import Client


# plan -------------------------------------------------------------------------------------------


@click.command()
@decorated(
    names_argument,
    platform_options,
    owner_options,
    rev_option,
    adopt_option,
    prune_option,
    state_option,
    project_option,
    output_option("--out", "out", "Keep the plan, for mapper publish."),
    exit_code_option,
    click.option(
        "--format",
        "style",
        type=click.Choice(["text", "json", "markdown"]),
        default="text",
        help="For people (text), for programs (json), or for a pull request (markdown).",
    ),
)
def plan(  # noqa: PLR0913 - its options
    names: tuple[str, ...],
    *,
    profile: str,
    profiles: Path | None,
    account: str | None,
    instance: str | None,
    rev: str | None,
    adopt: tuple[str, ...],
    prune: bool,
    folder: Path | None,
    project: Path | None,
    out: Path | None,
    tells: bool,
    style: Style,
) -> None:
    """Show what publishing would change on the platform, field by field.

    Nothing is changed. Each MAPPING is a mapping's name or file; without one, all but overlays are
    published.
    """
    owner = owner_of(account, instance)
    asked = Asked(profile=profile, owner=owner, names=names, rev=rev, adopt=adopt, prune=prune)
    with (
        reported(style) as report,
        opened(project, rev) as (here, then, revision),
        connected(profile, profiles, here.root, owner) as client,
    ):
        refuse_sources(here, "--out", out)
        state = state_of(folder, here)
        resolved = list(resolve_runs(client, state))
        given = survey(client, state, then, names, asked.options)
        found = given.plan
        head = [*head_of(client, revision, then, given), *resolved]
        _show_plan(client, found, head, given, style)
        report.add(*found.refused)
        if out is not None:
            _keep_plan(out, asked, found, client)
    if tells and not found.is_empty:
        raise click.exceptions.Exit(2)


def head_of(client: "Client", revision: str, project: Project, given: Survey) -> list[str]:
    """Return what a plan begins with: where, of what, for whom, and what is less certain now."""
    head = [f"{client.profile.place}", f"project: {revision}", *given.affected]
    classes = class_changes(project, given.plan, given.desired.mappings)
    head += [f"law class of {each}" for each in classes]
    head += overlays_of(project, given)
    if given.desired.limits:
        number = counted(len(given.desired.limits), "limit")
        head.append(
            f"{number} of the platform: mapper compile MAPPING --target platform lists them"
        )
    return head


def overlays_of(project: Project, given: Survey) -> Iterator[str]:
    """Yield which overlays change with each mapping that a plan changes, a sentence for each."""
    changed = [given.desired.mappings.get(change.key) for change in given.plan.changed]
    overlays = [each for each in project.library.mappings.values() if each.layers]
    for name in filter(None, changed):
        found = [
            each.name for each in overlays if name in {layer.name for layer in each.layers[:-1]}
        ]
        if found:
            yield f"{name} is extended by {', '.join(found)}, which change with it"


def _show_plan(client: "Client", found: Plan, head: list[str], given: Survey, style: Style) -> None:
    match style:
        case "json":
            shown = as_json(found) | {
                "head": head,
                "limits": [finding_as_json(each) for each in given.desired.limits],
                "refused": [finding_as_json(each) for each in found.refused],
            }
            click.echo(json.dumps(client.mask.value(shown), indent=2))
        case "markdown":
            click.echo(render_markdown(found, head, client.mask), nl=False)
        case _:
            text = render_text(found, head, client.mask, colour=takes_colour(sys.stdout))
            click.echo(text, nl=False, color=True)  # colour is decided here


# drift ------------------------------------------------------------------------------------------


@click.command()
@decorated(
    names_argument,
    platform_options,
    owner_options,
    rev_option,
    state_option,
    project_option,
    exit_code_option,
    data_format_option,
)
def drift(  # noqa: PLR0913 - its options
    names: tuple[str, ...],
    *,
    profile: str,
    profiles: Path | None,
    account: str | None,
    instance: str | None,
    rev: str | None,
    folder: Path | None,
    project: Path | None,
    tells: bool,
    style: Style,
) -> None:
    """Show what became different since it was published, in the project and on the platform."""
    found: list[Drift] = []
    with (
        reported(style),
        opened(project, rev) as (here, then, _),
        connected(profile, profiles, here.root, owner_of(account, instance)) as client,
    ):
        state = state_of(folder, here)
        for sentence in resolve_runs(client, state):
            click.echo(sentence, err=True)
        given = survey(client, state, then, names, Options(), counts=False)
        found = list(find_drift(given.desired, given.current, given.record))
        _show_drift(client, found, style)
    if tells and found:
        raise click.exceptions.Exit(2)


def _show_drift(client: "Client", found: list[Drift], style: Style) -> None:
    if style == "json":
        shown = [
            {
                "key": str(each.key),
                "side": each.side.value,
                "ours": [list(edit.path) for edit in each.ours],
                "theirs": [list(edit.path) for edit in each.theirs],
            }
            for each in found
        ]
        click.echo(json.dumps(client.mask.value(shown), indent=2))
        return
    for each in found:
        click.echo(client.mask(f"{each.key}: {each.side.value}"))
        for side, edits in (("project", each.ours), ("platform", each.theirs)):
            for sign, text in (line for edit in edits for line in edit_lines(edit, client.mask)):
                click.echo(client.mask(f"  {side} {sign} {text.strip()}"))
    if not found:
        click.echo("no drift")


# A plan in a file -----


class KeptPlan(Struct, frozen=True, kw_only=True):
    """A plan in a file: what it was about, and the digests of both sides."""

    version: Literal[1] = 1
    asked: Asked
    place: str
    desired: str
    current: str
    plan: dict[str, Any]


def _keep_plan(out: Path, asked: Asked, found: Plan, client: "Client") -> None:
    kept = KeptPlan(
        asked=asked,
        place=str(found.place),
        desired=found.desired,
        current=found.current,
        plan=_shown(found, client),
    )
    write_file(out, msgspec.json.format(msgspec.json.encode(kept)) + b"\n")


def _shown(found: Plan, client: "Client") -> dict[str, Any]:
    shown: dict[str, Any] = client.mask.value(as_json(found))
    return shown


def read_plan(file: Path, asked: Asked) -> KeptPlan:
    """Return the plan in a file.

    Raises:
        FileError: M001 or M628 if it is none, or for another profile.
        UsageError: Something else than the plan was asked for, too.
    """
    if asked != Asked(profile=asked.profile):
        raise click.UsageError("--plan says what to publish: no mapping, revision or other option.")
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=KeptPlan)
    except OSError as error:
        message = f"{file} cannot be read ({error.strerror})"
        raise FileError([Diagnostic(codes.UNREADABLE, message)]) from None
    except msgspec.DecodeError as error:
        raise FileError([Diagnostic(codes.STALE_PLAN, f"{file} is no plan: {error}")]) from None
    if kept.asked.profile != asked.profile:
        message = f"{file} is a plan for the profile {kept.asked.profile}"
        raise FileError([Diagnostic(codes.STALE_PLAN, message)])
    return kept


def demand_fresh(kept: KeptPlan | None, found: Plan, client: "Client") -> None:
    """Refuse a kept plan that is not the one of now.

    Raises:
        FileError: M628.
    """
    if kept is None:
        return
    sides = {
        "the place is another": kept.place == str(found.place),
        "the project changed": kept.desired == found.desired,
        "the platform changed": kept.current == found.current,
    }
    different = [what for what, same in sides.items() if not same]
    if not different and kept.plan != _shown(found, client):
        # What may go also depends on the record in the state folder, and on what may be taken over.
        different = ["what would be done is something else, as with another state folder"]
    if different:
        message = f"the plan does not hold any more: {' and '.join(different)}"
        raise FileError([Diagnostic(codes.STALE_PLAN, message)])
