"""Where a publish begins: what the project says, what the platform has, and the plan between."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from mapper.diagnostics import FileError
from mapper.platform.current import Current, count_instances, read_current
from mapper.platform.desired import Desired, keys_of, read_desired
from mapper.platform.errors import PlatformError
from mapper.platform.journal import StateFolder
from mapper.platform.lower import lower_levels
from mapper.platform.normal import Document, Key
from mapper.platform.plan import Options, Plan, make_plan
from mapper.platform.publish import resolve
from mapper.project import Project

if TYPE_CHECKING:
    from mapper.platform.client import Client

__all__ = ["Survey", "chosen", "resolve_runs", "survey"]


class Survey(Struct, frozen=True):
    """Both sides at one moment, and what to change.

    Attributes:
        affected: How many connections what is published is for, a sentence for each element, and
            where an account has something else in its place.
    """

    desired: Desired
    current: Current
    record: dict[Key, Document]
    plan: Plan
    affected: tuple[str, ...] = ()


def survey(
    client: "Client",
    state: StateFolder,
    project: Project,
    names: tuple[str, ...],
    options: Options,
    *,
    counts: bool = True,
) -> Survey:
    """Return both sides and the plan, for what is :func:`chosen` by *names*.

    *counts* says whether to find out, too, whom it is for.

    Raises:
        FileError: A mapping cannot be published.
        PlatformError: The platform cannot be read.
    """
    profile, place = client.profile, client.profile.place
    wanted = chosen(project, names)
    record = state.record(place)
    keys = keys_of(project, wanted, profile.level, profile.element) | record.keys()
    elements = {profile.element or project.find(name).vendor.element for name in wanted}
    affected = [
        client.start(partial(_affected, client, element))
        for element in (sorted(elements) if counts else ())
    ]
    try:
        with ThreadPoolExecutor(1) as reader:  # the platform is read while scripts are printed
            read = reader.submit(read_current, client, place, keys)
            desired = read_desired(project, wanted, profile.level, profile.element)
            current = read.result()
        plan = make_plan(place, desired, current, record, options)
        hidden = lower_levels(client, desired, current) if counts else ()
        told = (*(each.result() for each in affected), *hidden)
        return Survey(desired, current, record, plan, told)
    finally:
        client.drop(affected)


def _affected(client: "Client", element: str) -> str:
    try:
        number = str(count_instances(client, client.profile.place, element))
    except PlatformError:
        number = "an unknown number of"
    return f"{number} {'instance' if number == '1' else 'instances'} of {element} affected"


def chosen(project: Project, names: Iterable[str]) -> tuple[str, ...]:
    """Return which mappings are asked for by *names*, or all that are no overlays without any.

    A name of what has a tombstone asks for nothing but that it goes.

    Raises:
        FileError: M102 for a name that nothing has.
    """
    library = project.library
    asked = tuple(names)
    if not asked:
        return tuple(name for name in project.names if not project.find(name).layers)
    gone = library.removed.keys() - library.mappings.keys()
    return tuple(project.find(name).name for name in asked if name not in gone)


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
