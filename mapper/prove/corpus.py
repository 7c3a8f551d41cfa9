"""Recorded payloads: the files of a folder, each record with the mapping that it fits."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, TransformError
from mapper.files import open_file
from mapper.generate import document_fault
from mapper.payload import Record, read_documents
from mapper.running import Mapper

ENDINGS = (".json", ".ndjson", ".jsonl")
"""How the names of files with recorded payloads end."""

SKIPPED = (codes.VENDOR_ERROR, codes.OTHER_RESOURCE)
"""What is no payload of a mapping, and no fault of anybody."""


class Recording(NamedTuple):
    """One recorded payload, bare; ``name`` is its file and its place there."""

    name: str
    payload: dict[str, Any]


class Corpus(Struct):
    """What a folder holds.

    Attributes:
        recordings: By the name of their mapping.
        findings: M423 for each that cannot be read, or does not fit its vendor schema.
        skipped: How many are something else, by what they are: error answers, requests …
    """

    recordings: dict[str, list[Recording]] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def read_corpus(folder: Path, mappers: Iterable[Mapper], wanted: Iterable[str]) -> Corpus:
    """Return the recorded payloads below *folder* that are of the *wanted* mappings.

    A record belongs to the one of *mappers* whose envelope and vendor schema fit it best; to
    several, if they fit it alike.

    Raises:
        FileError: M001: there is no such folder.
    """
    if not folder.is_dir():
        raise FileError([Diagnostic(codes.UNREADABLE, f"{folder} is no folder")])
    corpus, known = Corpus({name: [] for name in wanted}), tuple(mappers)
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            _sort(path, name, known, corpus)
        except FileError as error:
            corpus.findings += (_fault(name, each) for each in error.diagnostics)
    return corpus


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files with recorded payloads, sorted, without hidden ones."""
    found = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    for path in sorted(found):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.name.endswith(ENDINGS) and path.is_file() and not hidden:
            yield path


class _Candidate(NamedTuple):
    """A record as one mapper takes it, and how much of it the vendor schema knows."""

    mapper: Mapper
    record: Record
    share: float


def _sort(path: Path, name: str, mappers: tuple[Mapper, ...], corpus: Corpus) -> None:
    """Add the records of a file to *corpus*.

    Raises:
        FileError: It cannot be read.
    """
    candidates: dict[int, list[_Candidate]] = {}
    for mapper in mappers:
        for record in _records(path, name, mapper):
            share = _share(mapper, record.value)
            candidates.setdefault(record.index, []).append(_Candidate(mapper, record, share))
    wrappers = {mapper.mapping.vendor.envelope.request for mapper in mappers}
    for index, found in sorted(candidates.items()):
        best = max(each.share for each in found)
        place = f"{name} record {index}" if len(candidates) > 1 else name
        if best < 0.5:
            _skip(place, [each.record for each in found], wrappers, corpus)
        else:
            for mapper, record, share in found:
                if share == best:
                    _take(Recording(place, record.value), mapper, corpus)


def _records(path: Path, name: str, mapper: Mapper) -> Iterator[Record]:
    """Yield what a file holds for one mapper; what it refuses is a record with diagnostics."""
    envelope = replace(mapper.mapping.vendor.envelope, request=None)  # those are no payloads
    with open_file(path) as stream:
        try:
            yield from read_documents(stream, name, envelope).records
        except TransformError as error:
            yield Record(0, None, error.diagnostics)


def _share(mapper: Mapper, payload: Any) -> float:
    """Return how much of a payload's members the vendor schema knows."""
    if not isinstance(payload, dict) or not payload:
        return 0.0
    if len(payload) == 1 and isinstance(next(iter(payload.values())), dict):  # in some wrapper
        return 0.0
    known = mapper.vendor_schema.members()
    return sum(name in known for name in payload) / len(payload)


def _skip(place: str, records: list[Record], wrappers: set[str | None], corpus: Corpus) -> None:
    """Count a record that is no payload of any mapping, or report why it cannot be read."""
    refusals = [each for record in records for each in record.diagnostics]
    faults = [each for each in refusals if each.rule not in SKIPPED]
    values = [record.value for record in records if record.value is not None]
    if faults and not values:
        corpus.findings.append(_fault(place, faults[0]))
    elif any(len(value) == 1 and not wrappers.isdisjoint(value) for value in values):
        corpus.skipped["request"] += 1
    elif any(each.rule is codes.VENDOR_ERROR for each in refusals):
        corpus.skipped["error answer"] += 1
    else:
        corpus.skipped["other resource"] += 1


def _take(recording: Recording, mapper: Mapper, corpus: Corpus) -> None:
    if mapper.name not in corpus.recordings:
        corpus.skipped["payload of another mapping"] += 1
        return
    found = mapper.validate_payload(recording.payload)
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        first = found[0]._replace(message=f"{found[0].message}{more}")
        corpus.findings.append(_fault(recording.name, first))
        return
    broken = document_fault(mapper.vendor_schema)(recording.payload)
    if broken is not None:
        fault = Diagnostic(codes.BAD_RECORDING, broken, pointer="")
        corpus.findings.append(_fault(recording.name, fault))
        return
    corpus.recordings[mapper.name].append(recording)


def _fault(name: str, found: Diagnostic) -> Diagnostic:
    message = f"{name}: {found.message}"
    return found._replace(rule=codes.BAD_RECORDING, message=message, hint=None)
