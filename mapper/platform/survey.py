"""Where a publish begins: what the project says, what the platform has, and the plan between."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from mapper.diagnostics import FileError
from mapper.platform.current import Current, count_instances, read_current
from mapper.platform.desired import Desired, read_desired
from mapper.platform.errors import PlatformError
from mapper.platform.journal import StateFolder
from mapper.platform.normal import Document, Key
from mapper.platform.plan import Options, Plan, keys_of, make_plan
from mapper.platform.publish import resolve
from mapper.project import Project

if TYPE_CHECKING:
    from mapper.platform.client import Client

__all__ = ["Survey", "affected", "resolve_runs", "survey"]


class Survey(Struct, frozen=True):
    """Both sides at one moment, and what to change."""

    desired: Desired
    current: Current
    record: dict[Key, Document]
    plan: Plan


def survey(
    client: "Client", state: StateFolder, project: Project, names: tuple[str, ...], options: Options
) -> Survey:
    """Return both sides and the plan, for the mappings called *names*, or for all.

    Raises:
        FileError: A mapping cannot be published.
        PlatformError: The platform cannot be read.
    """
    profile = client.profile
    wanted = [project.find(name).name for name in names] or project.names
    desired = read_desired(project, wanted, profile.level, profile.element)
    record = state.record(profile.place)
    current = read_current(client, profile.place, keys_of(desired, record))
    plan = make_plan(profile.place, desired, current, record, options)
    return Survey(desired, current, record, plan)


def resolve_runs(client: "Client", state: StateFolder) -> Iterator[str]:
    """Find out what became of earlier runs; yield a sentence for each write that was unknown.

    Raises:
        PlatformError: The platform cannot be read.
    """
    try:
        with state.alone():
            for run in state.runs(client.profile.place):
                if not run.is_settled:
                    for result in resolve(client, run, state):
                        yield f"run {run.number}, {result.step.key}: {result.state.value}"
    except FileError as error:
        if state.is_readable:
            yield f"earlier runs were not looked at: {error.diagnostics[0].message}"
        else:
            raise


def affected(client: "Client", desired: Desired) -> Iterator[str]:
    """Yield how many connections what is published is for, a sentence for each element."""
    place = client.profile.place
    for element in sorted({key.element for key in desired.mappings}):
        try:
            number = str(count_instances(client, place, element))
        except PlatformError:
            number = "an unknown number of"
        yield f"{number} {'instance' if number == '1' else 'instances'} of {element} affected"
