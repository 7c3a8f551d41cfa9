"""``mapper test``: mappings tried, by their examples and by the laws."""

import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
from msgspec import Struct, field

from mapper.cli import INTERRUPTED
from mapper.cli.findings import Style, show, takes_colour
from mapper.cli.locate import open_project
from mapper.cli.options import (
    PATH,
    NumberRange,
    fail_on_option,
    findings_options,
    output_option,
    project_option,
)
from mapper.cli.progress import counting, passing
from mapper.cli.selection import select_mappings
from mapper.cli.streams import refuse_sources, write_json
from mapper.diagnostics import Diagnostic, FileError, MapperError, Severity, counted
from mapper.opaque import opaque_findings
from mapper.platform.documents import documents as platform_documents
from mapper.project import Project
from mapper.prove.corpus import Corpus, Recording, open_corpus
from mapper.prove.parity import Parity, Plan as ParityPlan
from mapper.prove.trial import Plan, Trial
from mapper.render.text import render_text
from mapper.render.trials import render_trials, trials_as_json
from mapper.running import Mapper
from mapper.sandbox.execution import Execution
from mapper.suppressions import suppress

DOCUMENTS = 100
"""How many documents are generated for each mapping unless it is said."""
PARITY_DOCUMENTS = 100
"""How many are to be run on the platform's side as well."""


class Outcome(Struct):
    """What a run found so far."""

    found: dict[str, Diagnostic] = field(default_factory=dict)
    """Findings, each once: a schema's faults are found by every mapping that uses it."""
    trials: list[Trial] = field(default_factory=list)
    parities: list[Parity] = field(default_factory=list)
    corpus: Corpus | None = None
    suppressed: int = 0
    interrupted: bool = False

    @property
    def skipped(self) -> Counter[str]:
        """What of the corpus was left out, by what it is."""
        return self.corpus.skipped if self.corpus else Counter()

    def recorded(self, mapper: Mapper) -> list[Recording]:
        """Return the recorded payloads of a mapping."""
        return self.corpus.recordings.get(mapper.name, []) if self.corpus else []

    def add(self, *found: Diagnostic) -> None:
        self.found |= {f"{each} {each.hint}": each for each in found}

    def suppress(self, project: Project) -> None:
        """Take away what comments in the project's files suppress."""
        left = suppress(
            self.found.values(), project.sources, project.schemas.documents, frozenset()
        )
        self.found.clear()
        self.add(*left.found)
        self.suppressed = left.number


@click.command("test")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=PATH)
@click.option(
    "--corpus", metavar="FOLDER", type=PATH, help="Try the recorded payloads in this folder too."
)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    help="Try so many recorded payloads of each mapping, and count the others.",
)
@click.option(
    "--seed", metavar="N", type=int, default=1, show_default=True, help="Where choices come from."
)
@click.option(
    "--documents",
    metavar="N",
    type=click.IntRange(min=0),
    help=f"How many documents to generate for each mapping.  [default: {DOCUMENTS}]",
)
@click.option(
    "--seconds",
    metavar="S",
    type=NumberRange(min=0),
    help="Generate documents for so long for each mapping, instead of counting them.",
)
@click.option(
    "--case",
    metavar="N",
    type=click.IntRange(min=0),
    help="Try this one generated document only, by the number that a finding shows.",
)
@click.option(
    "--parity",
    is_flag=True,
    help="Run what would be published as the platform does, too, and compare.",
)
@click.option(
    "--parity-documents",
    metavar="N",
    type=click.IntRange(min=0),
    help=f"How many documents to generate for that.  [default: {PARITY_DOCUMENTS}]",
)
@click.option(
    "--fail-under",
    "bar",
    metavar="PERCENT",
    type=NumberRange(0, 100),
    help="Fail if any figure of a mapping's coverage is below this.",
)
@output_option("--coverage", "file", "Write all of the coverage as JSON.")
@fail_on_option
@project_option
@findings_options
def test(  # noqa: PLR0913 - its options
    paths: tuple[Path, ...],
    *,
    corpus: Path | None,
    limit: int | None,
    seed: int,
    documents: int | None,
    seconds: float | None,
    case: int | None,
    parity: bool,
    parity_documents: int | None,
    bar: float | None,
    file: Path | None,
    project: Path | None,
    style: Style,
    quiet: bool,
    fail_on: Severity,
) -> None:
    """Try a project's mappings: their examples, laws and coverage.

    The laws are tried on the documents of the examples, on recorded ones, and on generated ones.
    Each PATH is a mapping file, a folder with some, or a mapping's name; without one, all mappings
    are tried. What is found goes to standard output, with what was tried and covered. The same seed
    tries the same. With --parity, what would be published of a mapping runs beside it, and must do
    the same.
    """
    if case is not None:
        _refuse_beside_case(documents, seconds, parity_documents, bar)
    if documents is not None and seconds is not None:
        raise click.UsageError("--documents and --seconds exclude each other.")
    if documents is None and seconds is None:
        documents = DOCUMENTS
    if parity and find_spec("quickjs") is None:
        raise click.UsageError("--parity needs the extra `sandbox`, which has a JavaScript engine.")
    if parity_documents is not None and not parity:
        raise click.UsageError("--parity-documents is for --parity.")
    if limit is not None and corpus is None:
        raise click.UsageError("--limit is for --corpus.")
    outcome, opened = Outcome(), None
    try:
        opened = open_project(project, *paths)
        refuse_sources(opened, "--coverage", file)
        chosen = list(select_mappings(opened, paths))
        outcome.add(*(each for mapping in chosen for each in opaque_findings(mapping)))
        names = [mapping.name for mapping in chosen if mapping.script is None]
        mappers = _mappers(opened, outcome)
        if corpus is not None:
            outcome.corpus = open_corpus(corpus, names, limit)
            _read(outcome.corpus, mappers, outcome, quiet=quiet)
        tried = [mappers[name] for name in names if name in mappers]
        _try(opened, tried, Plan(seed, documents, seconds, case), outcome, quiet=quiet)
        if parity:
            number = PARITY_DOCUMENTS if parity_documents is None else parity_documents
            _compare(opened, tried, ParityPlan(seed, number, case), outcome)
        if bar is not None:
            recorded = outcome.corpus is not None
            below = (trial.coverage.below(bar, recorded=recorded) for trial in outcome.trials)
            outcome.add(*(each for found in below for each in found))
    except MapperError as error:
        outcome.add(*error.diagnostics)
    except KeyboardInterrupt:
        outcome.interrupted = True
    if opened is not None:
        outcome.suppress(opened)
    failed = _show(outcome, style, quiet=quiet, fail_on=fail_on)
    if file is not None:
        failed |= not _write(outcome, seed, file)
    if outcome.interrupted:
        click.echo("interrupted: this is what was found so far", err=True)
        raise click.exceptions.Exit(INTERRUPTED)
    if failed:
        raise click.exceptions.Exit(1)


def _refuse_beside_case(*given: float | None) -> None:
    """Refuse the options that say how much is tried, or what that has to cover."""
    for option, value in zip(_OF_MANY, given, strict=True):
        if value is not None:
            message = f"--case runs one generated case, and {option} is about many."
            raise click.UsageError(message)


_OF_MANY = ("--documents", "--seconds", "--parity-documents", "--fail-under")


def _mappers(project: Project, outcome: Outcome) -> dict[str, Mapper]:
    """Return the mappers of all mappings that have one, by name."""
    outcome.add(*project.findings)
    found = {}
    for name in project.names:
        try:
            mapper = project.mapper(name)
            _ = mapper.common_schema
        except FileError as error:
            outcome.add(*error.diagnostics)
        else:
            found[mapper.name] = mapper
    return found


def _read(corpus: Corpus, mappers: dict[str, Mapper], outcome: Outcome, *, quiet: bool) -> None:
    """Read a corpus, adding what is found to *outcome*, also if it is interrupted."""
    try:
        with counting(corpus.size, "reading", quiet=quiet) as bar:
            for size in corpus.fill(mappers.values()):
                bar.update(size)
    finally:
        outcome.add(*corpus.findings)


def _try(
    project: Project, mappers: list[Mapper], plan: Plan, outcome: Outcome, *, quiet: bool
) -> None:
    """Try *mappers*, adding to *outcome* as it goes."""
    for mapper in mappers:
        try:
            trial = Trial(mapper, project.examples(mapper.mapping), plan)
            outcome.trials.append(trial)
            with passing(outcome.recorded(mapper), mapper.name, quiet=quiet) as recordings:
                for found in trial.run(recordings):
                    outcome.add(found)
        except MapperError as error:  # what cannot be generated
            outcome.add(*_in_schema(mapper, error))


def _in_schema(mapper: Mapper, error: MapperError) -> Iterator[Diagnostic]:
    """Yield what kept documents from being generated, where the mapping names its schema."""
    span = mapper.mapping.vendor.schema.span
    yield from (each._replace(span=each.span or span) for each in error.diagnostics)


def _compare(
    project: Project,
    mappers: list[Mapper],
    plan: ParityPlan,
    outcome: Outcome,
) -> None:
    """Run *mappers* beside what would be published of them, adding to *outcome* as it goes."""
    with Execution() as execution:
        for mapper in mappers:
            try:
                transformation = platform_documents(mapper.parts).transformation
                parity = Parity(mapper, transformation, execution, plan)
                outcome.parities.append(parity)
                examples = project.examples(mapper.mapping)
                for found in parity.run(examples, outcome.recorded(mapper)):
                    outcome.add(found)
            except MapperError as error:  # what cannot be published, or generated
                outcome.add(*_in_schema(mapper, error))


def _show(outcome: Outcome, style: Style, *, quiet: bool, fail_on: Severity) -> bool:
    """Write what was found; return whether it fails the run."""
    tables = render_trials(outcome.trials, outcome.parities, outcome.skipped)
    below, suppressed = tables + _verdict(outcome), outcome.suppressed
    found = tuple(outcome.found.values())
    return show(found, style, quiet=quiet, fail_on=fail_on, suppressed=suppressed, below=below)


def _verdict(outcome: Outcome) -> str:
    """Return the last line, for a run that found nothing or that did not come to its end."""
    tried = counted(len(outcome.trials), "mapping")
    if outcome.interrupted and not outcome.trials and outcome.corpus:
        return f"interrupted: {counted(outcome.corpus.read, 'record')} read, none tried\n"
    if outcome.interrupted:
        return f"interrupted: {tried} tried, the last in part\n"
    if outcome.found:
        return ""
    left = f", {outcome.suppressed} suppressed" if outcome.suppressed else ""
    return f"{tried}: no problems{left}\n"


def _write(outcome: Outcome, seed: int, file: Path) -> bool:
    """Write the coverage to *file*; return whether it could be."""
    content = trials_as_json(outcome.trials, outcome.parities, seed, outcome.skipped)
    try:
        write_json(file, content)
    except FileError as error:
        text = render_text(error.diagnostics, colour=takes_colour(sys.stderr))
        click.echo(text, nl=False, err=True)
        return False
    return True
