"""``mapper publish`` and ``mapper rollback``: writing, and what became of it."""

import json
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mapper import codes
from mapper.check import examine_project
from mapper.cli import INTERRUPTED
from mapper.cli.findings import Report, takes_colour
from mapper.cli.options import PATH, project_option
from mapper.cli.planning import demand_fresh, head_of, read_plan
from mapper.cli.platform import (
    Asked,
    Style,
    adopt_option,
    connected,
    data_format_option,
    decorated,
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
    yes_option,
)
from mapper.diagnostics import Diagnostic, FileError, counted
from mapper.platform.current import read_current
from mapper.platform.documents import documents
from mapper.platform.journal import Run, StateFolder
from mapper.platform.plan import Plan
from mapper.platform.publish import Result, carry_out, snapshot
from mapper.platform.rollback import last_run, make_rollback, touched
from mapper.platform.showing import as_json, render_text
from mapper.platform.survey import Survey, chosen, resolve_runs, survey
from mapper.platform.verify import Verified, cases_of, verify
from mapper.project import Project

if TYPE_CHECKING:
    from mapper.platform.client import Client


# publish ----------------------------------------------------------------------------------------


@click.command()
@decorated(
    names_argument,
    platform_options,
    owner_options,
    click.option(
        "--plan", "file", metavar="FILE", type=PATH, help="Publish this plan, if it still holds."
    ),
    rev_option,
    adopt_option,
    prune_option,
    yes_option,
    click.option(
        "--no-check", "checks", flag_value=False, default=True, help="Do not check and try first."
    ),
    click.option(
        "--no-verify", "verifies", flag_value=False, default=True, help="No dry run afterwards."
    ),
    state_option,
    project_option,
    data_format_option,
)
def publish(  # noqa: PLR0913 - its options
    names: tuple[str, ...],
    *,
    profile: str,
    profiles: Path | None,
    account: str | None,
    instance: str | None,
    file: Path | None,
    rev: str | None,
    adopt: tuple[str, ...],
    prune: bool,
    yes: bool,
    checks: bool,
    verifies: bool,
    folder: Path | None,
    project: Path | None,
    style: Style,
) -> None:
    """Make the platform have what the project says.

    The plan is shown and asked about first; --yes answers. Each write is read before and after, and
    kept in a journal, so that an interrupted run goes on where it stopped.
    """
    owner = owner_of(account, instance)
    asked = Asked(profile=profile, owner=owner, names=names, rev=rev, adopt=adopt, prune=prune)
    with reported(style) as report:
        kept = read_plan(file, asked) if file is not None else None
        asked = kept.asked if kept is not None else asked
        with (
            opened(project, asked.rev) as (here, then, revision),
            connected(profile, profiles, here.root, asked.owner) as client,
        ):
            state = state_of(folder, here)
            _check(then, asked, report if checks else None)
            if report.failed:
                return
            resolved = list(resolve_runs(client, state))
            given = survey(client, state, then, asked.names, asked.options)
            demand_fresh(kept, given.plan, client)
            report.add(*given.plan.refused)
            if checks and not report.failed:
                _try_parity(then, _changed(given), report)
            if report.failed:
                return
            head = [*head_of(client, revision, then, given), *resolved]
            publisher = _Publisher(client, state, report, style, yes=yes)
            published = sorted(given.desired.mappings.items()) if verifies else []
            cases = client.start(partial(cases_of, then, published))  # while others write
            results = publisher.run(given.plan, revision, head)
            verified: list[Verified] = []
            try:
                if results is not None and not report.failed:
                    for one in verify(client, client.profile.place, cases.result()):
                        verified.append(one)
                        report.add(*one.found)
            finally:  # what was written is told, whatever ends verifying
                publisher.tell(given.plan, results, verified)


def _check(project: Project, asked: Asked, report: Report | None) -> None:
    """Check what is to be published, and run its examples."""
    if report is not None:
        names = chosen(project, asked.names) if asked.names else None
        found = examine_project(project, names).found
        report.add(*(each for each in found if each.is_error))


def _changed(given: Survey) -> list[str]:
    """Return the names of the mappings whose transformations are to be written."""
    keys = [each.key for each in given.plan.changed]
    return [given.desired.mappings[key] for key in keys if key in given.desired.mappings]


PARITY_DOCUMENTS = 20
"""How many generated documents are tried of each mapping, beside its examples."""


def _try_parity(project: Project, names: list[str], report: Report) -> None:
    """Run what is to be published in a JavaScript engine, beside the mappings called *names*."""
    missing = [each for each in ("quickjs", "hypothesis") if find_spec(each) is None]
    if missing:
        report.remark(f"not tried in a JavaScript engine: {' and '.join(missing)} not installed")
        return
    from mapper.prove.parity import Parity, Plan as Trials  # noqa: PLC0415 - an extra, as below
    from mapper.sandbox.execution import Execution  # noqa: PLC0415

    mappers = [project.mapper(name) for name in names]
    with Execution() as execution:
        for mapper in mappers:
            if mapper.mapping.script is None:
                made = documents(mapper.parts).transformation
                parity = Parity(mapper, made, execution, Trials(documents=PARITY_DOCUMENTS))
                report.add(*parity.run(project.examples(mapper.mapping)))


class _Publisher:
    """Asks, writes, and tells what became of it."""

    def __init__(
        self, client: "Client", state: StateFolder, report: Report, style: Style, *, yes: bool
    ) -> None:
        self._client = client
        self._state = state
        self._report = report
        self._style = style
        self._yes = yes

    def run(self, found: Plan, revision: str, head: list[str]) -> list[Result] | None:
        """Do what a plan says, if it is allowed; return what became of each write, or None."""
        if self._style == "text":
            text = render_text(found, head, self._client.mask, colour=takes_colour(sys.stdout))
            click.echo(text, nl=False, color=True)  # colour is decided here
        place = self._client.profile.place
        with self._state.alone():
            if found.is_empty:
                ours = {each.key: each.own for each in found.changes if not each.adopted}
                self._state.publish(place, ours)
                return []
            if not self._yes and not _is_confirmed(found):
                return None
            asked = snapshot(found, revision, self._state.record(place))
            return self._carry_out(self._state.begin(asked))

    def _carry_out(self, run: Run) -> list[Result]:
        results = carry_out(self._client, run, self._state, self._tell_step)
        self._report.add(*(each.found for each in results if each.found is not None))
        return results

    def _tell_step(self, result: Result) -> None:
        if self._style == "text":
            click.echo(f"  {result.state.value}: {result.step.key} ({_verb(result)})", err=True)

    def tell(self, found: Plan, results: list[Result] | None, verified: list[Verified]) -> None:
        """Write the report; after Ctrl-C end as programs do.

        Raises:
            Exit: With exit code 130.
        """
        self._write(found, results, verified)
        rules = {each.found.rule for each in results or () if each.found is not None}
        if codes.INTERRUPTED in rules:
            self._report.close()
            raise click.exceptions.Exit(INTERRUPTED)

    def _write(self, found: Plan, results: list[Result] | None, verified: list[Verified]) -> None:
        written = [
            {"key": str(each.step.key), "operation": _verb(each), "state": each.state.value}
            for each in results or ()
        ]
        if self._style == "json":
            shown = as_json(found) | {
                "writes": written,
                "verified": [
                    {"key": str(each.key), "how": each.how.value, "examples": each.examples}
                    for each in verified
                ],
            }
            click.echo(json.dumps(self._client.mask.value(shown), indent=2))
            return
        if results is None:
            click.echo("nothing was published")
            return
        for each in written[sum(each.is_fine for each in results) :]:
            click.echo(f"{each['state']}: {each['key']} ({each['operation']})")
        for one in verified:
            number = f", {counted(one.examples, 'example')}" if one.examples else ""
            click.echo(f"{one.key}: {one.how.value}{number}")


def _verb(result: Result) -> str:
    if result.step.before is None:
        return "create"
    return "delete" if result.step.after is None else "update"


def _is_confirmed(found: Plan) -> bool:
    """Ask whether to publish.

    Raises:
        UsageError: Nobody is there to ask.
    """
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is there to ask: give --yes.")
    return click.confirm(f"Publish to {found.place}?", err=True)


# rollback ---------------------------------------------------------------------------------------


@click.command()
@decorated(
    platform_options,
    owner_options,
    click.option(
        "--run",
        "number",
        metavar="N",
        type=click.IntRange(min=1),
        help="The run to undo.  [default: the last that wrote something]",
    ),
    yes_option,
    state_option,
    project_option,
    data_format_option,
)
def rollback(  # noqa: PLR0913 - its options
    *,
    profile: str,
    profiles: Path | None,
    account: str | None,
    instance: str | None,
    number: int | None,
    yes: bool,
    folder: Path | None,
    project: Path | None,
    style: Style,
) -> None:
    """Give the platform back what it had before a run of publish.

    What somebody changed since then is refused.
    """
    with (
        reported(style) as report,
        opened(project, None) as (here, _, __),
        connected(profile, profiles, here.root, owner_of(account, instance)) as client,
    ):
        state = state_of(folder, here)
        resolved = list(resolve_runs(client, state))
        place = client.profile.place
        run = _find_run(state.runs(place), number)
        found = make_rollback(run, read_current(client, place, touched(run)))
        report.add(*found.refused)
        if report.failed:
            return
        head = [str(place), f"undoing run {run.number} ({run.snapshot.revision})", *resolved]
        publisher = _Publisher(client, state, report, style, yes=yes)
        results = publisher.run(found, f"rollback of run {run.number}", head)
        publisher.tell(found, results, [])


def _find_run(runs: list[Run], number: int | None) -> Run:
    """Return the run of a number, or the last that wrote something.

    Raises:
        FileError: M630 if there is none.
    """
    known = [run for run in runs if number in (None, run.number)]
    run = last_run(known) if number is None else next(iter(known), None)
    if run is None:
        message = "no run is kept that wrote something" if number is None else f"no run {number}"
        raise FileError([Diagnostic(codes.BAD_STATE, f"{message} for this place")])
    return run
