"""``mapper pull`` and ``mapper export``: from the platform to files, and to the vendor's tool's."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import click
from click.core import ParameterSource

from mapper import codes
from mapper.cli.findings import Report, Style, reporting
from mapper.cli.locate import open_project
from mapper.cli.options import PATH, findings_options, project_option
from mapper.cli.placing import place_files
from mapper.cli.platform import connected, owner_of, owner_options
from mapper.diagnostics import Diagnostic, FileError, MapperError, counted
from mapper.platform.alike import difference
from mapper.platform.documents import level_for
from mapper.platform.exports import Export, Layout, export_files, read_exports
from mapper.platform.levels import Level
from mapper.platform.live import Live, exported, read_live
from mapper.platform.pull import Pulled, pull as make_files
from mapper.platform.pulled import desired_documents
from mapper.platform.survey import chosen
from mapper.project import Project, find_root
from mapper.sandbox.execution import Execution

_LEVELS = click.Choice([each.value for each in Level])


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--profile",
    metavar="NAME",
    envvar="MAPPER_PROFILE",
    help="Which platform, and which level of it: us, uk, staging, sap-REGION, or one of yours.",
)
@click.option(
    "--profiles",
    metavar="FILE",
    type=PATH,
    help="Where profiles are, instead of the user's own and the project's files.",
)
@click.option(
    "--from",
    "source",
    metavar="PATH",
    type=PATH,
    help="Read this export of the vendor's tool, a file or a folder, instead of a platform.",
)
@click.option("--level", type=_LEVELS, help="Which level of an export.  [default: organization]")
@click.option("--element", metavar="KEY", help="Only the transformations of this element.")
@owner_options
@click.option(
    "--out", metavar="FOLDER", type=PATH, help="Where to write, instead of into the project."
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@project_option
@findings_options
def pull(  # noqa: PLR0913 - its options
    names: tuple[str, ...],
    *,
    profile: str | None,
    profiles: Path | None,
    source: Path | None,
    level: str | None,
    element: str | None,
    account: str | None,
    instance: str | None,
    out: Path | None,
    force: bool,
    project: Path | None,
    style: Style,
    quiet: bool,
) -> None:
    """Make mapping files of what is on the platform.

    Each NAME is an object's; without one, all objects are pulled. What was published by mapper
    becomes the rules that it was made of. Field lists become rules. A script of somebody else
    becomes rules if they prove to do the same, and is kept as it is otherwise. Nothing on the
    platform is changed, and until a rule is edited, a plan is empty.
    """
    given = click.get_current_context().get_parameter_source("profile")
    if source is not None and given is ParameterSource.ENVIRONMENT:
        profile = None  # of a platform, which is not asked
    if (profile is None) == (source is None):
        raise click.UsageError("Give either --profile or --from.")
    if level is not None and source is None:
        message = "--level is for --from: say whose documents with --account or --instance."
        raise click.UsageError(message)
    owner = owner_of(account, instance)
    if owner is not None and source is not None:
        raise click.UsageError("--account and --instance are for --profile: an export has a level.")
    with reporting(style, quiet=quiet) as report:
        known = _project(project, out)
        if source is not None:
            chosen = Level(level or Level.ORGANIZATION)
            found = exported(read_exports(source), chosen, names, element)
        else:
            with connected(str(profile), profiles, _home(project, known), owner) as client:
                found = read_live(client, client.profile.place, names, element)
        made = list(_made(known, found, report))
        if not report.failed:
            _write(out or known.root, made, report, force=force)


def _project(folder: Path | None, out: Path | None) -> Project:
    """Return the project that files come to; one of nothing but schemas, if there is none yet."""
    if folder is not None:
        return open_project(folder)
    with suppress(FileError):
        return open_project(out)
    return Project(out or Path(), ())


def _home(folder: Path | None, known: Project) -> Path:
    """Return the project whose profiles count: the one around here, wherever files go."""
    with suppress(FileError):
        return folder or find_root(Path())
    return known.root


def _made(known: Project, found: Iterable[Live], report: Report) -> Iterator[Pulled]:
    """Yield the files of each mapping; what cannot be pulled is reported."""
    with Execution() as execution:
        for live in found:
            try:
                yield make_files(known, live, partial(difference, execution))
            except MapperError as error:
                report.add(*error.diagnostics)


def _write(root: Path, made: list[Pulled], report: Report, *, force: bool) -> None:
    """Write the files of all mappings, and say which and what they are made of."""
    files: dict[str, str] = {}
    for each in made:
        files |= each.files
    report.add(*_alike_names(files))
    if report.failed:
        return
    became = place_files(root, files, force=force)
    for each in made:
        click.echo(f"{each.name}: {each.how}")
        for path in sorted(each.files):
            click.echo(f"  {became[path]:9} {path}")
        for note in each.notes:
            report.remark(f"note: {each.name}: {note}")
    if not made:
        report.remark("there is nothing to pull")
    counts = Counter(became.values())
    told = ", ".join(f"{number} {how}" for how, number in sorted(counts.items()))
    report.remark(f"{counted(len(made), 'mapping')}, {counted(len(files), 'file')}: {told}")


def _alike_names(files: Iterable[str]) -> Iterator[Diagnostic]:
    """Yield the files that are one where names do not differ by case."""
    seen: dict[str, str] = {}
    for path in files:
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            message = f"{path} and {other} are the same file on some systems"
            yield Diagnostic(codes.NOT_PULLED, message)


# export -----------------------------------------------------------------------------------------


@click.command()
@click.argument("folder", metavar="FOLDER", type=PATH)
@click.argument("names", nargs=-1, metavar="[MAPPING]...")
@click.option(
    "--layout",
    type=click.Choice([each.value for each in Layout]),
    default=Layout.WRAPPER.value,
    show_default=True,
    help="One file for each object (wrapper), or the folders of the vendor's tool.",
)
@click.option(
    "--level",
    type=_LEVELS,
    help="Whom the documents are for.  [default: that of an overlay, or organization]",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@project_option
@findings_options
def export(  # noqa: PLR0913 - its options
    folder: Path,
    names: tuple[str, ...],
    *,
    layout: str,
    level: str | None,
    force: bool,
    project: Path | None,
    style: Style,
    quiet: bool,
) -> None:
    """Write what mappings are published as, in a form that the vendor's own tool reads.

    The files go to FOLDER. Each MAPPING is the name of one; without one, all but overlays are
    written.
    """
    with reporting(style, quiet=quiet) as report:
        known = open_project(project)
        made: dict[str, Export] = {}
        for name in chosen(known, names):
            with _reported(report):
                parts = known.mapper(name).parts
                asked = None if level is None else Level(level)
                documents = desired_documents(parts, level_for(parts.mapping, asked))
                report.add(*documents.limits)
                object_name, element = parts.resource.object_name, parts.mapping.vendor.element
                given = made.setdefault(
                    object_name, Export(object_name, documents.definition or {}, {})
                )
                if element in given.transformations:
                    message = f"{name} is {object_name} ({element}), as another mapping is"
                    report.add(Diagnostic(codes.SAME_DOCUMENT, message, parts.mapping.span))
                given.transformations[element] = documents.transformation
        if report.failed:
            return
        files = export_files(made.values(), Layout(layout))
        became = place_files(folder, files, force=force)
        for path in sorted(files):
            click.echo(f"{became[path]:9} {path}")


@contextmanager
def _reported(report: Report) -> Iterator[None]:
    try:
        yield
    except FileError as error:
        report.add(*error.diagnostics)
