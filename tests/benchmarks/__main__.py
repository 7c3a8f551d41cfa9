"""Runs the benchmarks: compares what all candidates give, then races them, then writes the page."""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import jmespath

from mapper import Mapper, load_project
from tests.benchmarks import corpus, hand, report, scaling, startup
from tests.benchmarks.engines import in_jmespath, peers
from tests.benchmarks.racing import BLOCK, Candidate, race

ROOT = startup.ROOT
Contest = tuple[dict[str, Candidate], list[str]]
"""Candidates, and what each is called with: argument lists as JSON."""


def main() -> None:
    """Run what the command line says."""
    options = _options()
    invoices = list(corpus.invoices(options.documents, options.seed))
    mapper = load_project(ROOT).mapper("freshbooks/invoice")
    contests, versions = _contests(mapper, invoices, options)
    for name, contest in contests.items():
        _say(f"comparing: {name}")
        _compare(name, *contest)
    races = {}
    for name, contest in contests.items():
        _say(f"racing: {name}")
        races[name] = race(*contest, options.rounds)
    if mapper.fallbacks:
        sys.exit(f"the interpreter had to answer for {mapper.fallbacks} documents")
    figures = {"about": _about(invoices, options), "peers": versions, "races": races}
    if not options.quick:
        _say("racing: start-up and growth")
        figures |= _programs_and_growth(figures, options.rounds)
    _write(figures, options)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, help="how often everything is measured (11, quick 3)")
    add("--documents", type=int, help="how many invoices there are (400, quick 100)")
    add("--seed", type=int, default=corpus.SEED, help="what the invoices are drawn from")
    add("--quick", action="store_true", help="less of it, no start-up, no growth, and no files")
    add("--peers", type=Path, help="where tests.benchmarks.engines.peers installed other engines")
    add("--output", type=Path, help="the folder for page, plot and figures (default: docs)")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 11)
    options.documents = options.documents or (100 if options.quick else 400)
    if not options.quick and options.output is None:
        options.output = ROOT / "docs"
    return options


# Who does what ------------------------------------------------------------------------------------


def _contests(
    mapper: Mapper, invoices: list[dict], options: argparse.Namespace
) -> tuple[dict[str, Contest], dict[str, str]]:
    commons = [hand.from_vendor(invoice) for invoice in invoices]
    new = [corpus.to_create(common) for common in commons]
    edits = [corpus.edit_line(common, number) for number, common in enumerate(commons)]
    reads = {report.MAPPER: mapper.from_vendor, report.HAND: hand.from_vendor}
    others, versions = _peers(options.peers)
    contests = {
        "from_vendor": (reads | _in_jmespath(), _calls(invoices)),
        "create": (
            {report.MAPPER: mapper.to_vendor, report.HAND: hand.create},
            _calls(new),
        ),
        "update": (
            {report.MAPPER: mapper.to_vendor, report.HAND: hand.update},
            _calls(edits, invoices),
        ),
        "peers": (reads | others, _calls(invoices[: _of_peers(options)])),
    }
    return contests, versions


def _in_jmespath() -> dict[str, Candidate]:
    return {
        report.PER_FIELD: in_jmespath.per_field(jmespath.compile),
        report.ONE_HASH: in_jmespath.one_hash(jmespath.compile),
    }


def _peers(folder: Path | None) -> tuple[dict[str, Candidate], dict[str, str]]:
    found = list(peers.installed(folder)) if folder else []
    return (
        {f"{name} {version}": read for name, version, read in found},
        {name: version for name, version, _ in found},
    )


def _of_peers(options: argparse.Namespace) -> int:
    return max(BLOCK, options.documents // 8)


def _calls(*arguments: Sequence[dict]) -> list[str]:
    return [json.dumps(each) for each in zip(*arguments, strict=True)]


def _compare(name: str, candidates: dict[str, Candidate], texts: list[str]) -> None:
    """Stop if the candidates do not give the same, or change what they are given."""
    for number, text in enumerate(texts):
        wanted = None
        for candidate, function in candidates.items():
            arguments = json.loads(text)
            given = json.dumps(function(*arguments), sort_keys=True)
            wanted = wanted or given
            if given != wanted or json.dumps(arguments) != text:
                sys.exit(f"{name}, document {number}: {candidate} gives\n{given}\nnot\n{wanted}")


# What it is all about -----------------------------------------------------------------------------


def _about(invoices: list[dict], options: argparse.Namespace) -> dict[str, object]:
    texts = [
        json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() for each in invoices
    ]
    return {
        "documents": len(invoices),
        "documents_of_peers": _of_peers(options),
        "seed": options.seed,
        "size": sum(map(len, texts)) / len(texts) / 1e3,
        "empty": sum(not each["organization"] for each in invoices) / len(invoices),
        "rounds": options.rounds,
        "block": BLOCK,
        "machine": report.machine(),
        "python": platform.python_version(),
        "date": datetime.now(tz=UTC).date().isoformat(),
    }


def _programs_and_growth(figures: report.Figures, rounds: int) -> report.Figures:
    with TemporaryDirectory() as folder:
        starts = startup.race(rounds, Path(folder))
    with TemporaryDirectory() as folder:
        by_rules = scaling.by_rules(Path(folder), rounds)
    mapper = load_project(ROOT).mapper("freshbooks/invoice")
    return {
        "races": figures["races"] | {"startup": starts},
        "rules": by_rules,
        "lines": scaling.by_lines(mapper, rounds),
    }


def _write(figures: report.Figures, options: argparse.Namespace) -> None:
    page = report.page(figures)
    print(page)
    if options.output is None:
        return
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "benchmarks.md").write_text(page, "utf-8")
    (options.output / "benchmarks.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    try:
        report.plot(figures, options.output / "benchmarks.svg")
    except ImportError:
        _say("no plot: it needs the extra bench")


if __name__ == "__main__":
    main()
