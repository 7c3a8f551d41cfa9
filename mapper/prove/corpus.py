"""Recorded payloads: the files of a folder, each record with the mapping that it fits."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import (
    Diagnostic,
    FileError,
    Source,
    Span,
    TransformError,
    counted,
    cut,
    pointer_steps,
)
from mapper.files import MAX_FINDINGS, open_file, shown_path
from mapper.folders import Listing, Root, is_folder, list_files
from mapper.generate import document_fault
from mapper.generate.choices import Fault
from mapper.model import Envelope, show_path
from mapper.payload import Record, Text, read_texts, records_of
from mapper.prove.places import Places
from mapper.running import Mapper
from mapper.schema.labels import VENDOR, with_schema

ENDINGS = (".json", ".ndjson", ".jsonl")
"""How the names of files with recorded payloads end."""

SKIPPED = (codes.VENDOR_ERROR, codes.OTHER_RESOURCE)
"""What is no payload of a mapping, and no fault of anybody."""


class Recording(NamedTuple):
    """One recorded payload, bare; ``name`` is its file and its place there."""

    name: str
    payload: dict[str, Any]


class Corpus(Struct):
    """What a folder holds, as far as it was read.

    Attributes:
        folder: The folder.
        files: Its files with recorded payloads, sorted.
        limit: How many recordings each mapping gets; None for all.
        recordings: By the name of their mapping.
        findings: What cannot be read, M423 for what does not fit its vendor schema, and M425 for
            what no mapping takes.
        skipped: How many are something else, by what they are: error answers, requests …
        read: How many records were read.
    """

    folder: Path
    files: tuple[Path, ...]
    limit: int | None = None
    recordings: dict[str, list[Recording]] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    read: int = 0

    @property
    def size(self) -> int:
        """How many bytes the files have."""
        return sum(path.stat().st_size for path in self.files if path.is_file())

    def fill(self, mappers: Iterable[Mapper]) -> Iterator[int]:
        """Read the files; yield how many bytes more were read, as they are.

        A record belongs to the one of *mappers* whose envelope and vendor schema fit it best; to
        several, if they fit it alike.
        """
        takers = tuple(map(_Taker, mappers))
        for path in self.files:
            yield from _File(self, path, takers).sort()


def open_corpus(folder: Path, wanted: Iterable[str], limit: int | None = None) -> Corpus:
    """Return the corpus in *folder*, not read yet, for the *wanted* mappings.

    Raises:
        FileError: M001: there is no such folder.
    """
    if not is_folder(folder):
        raise FileError([Diagnostic(codes.UNREADABLE, f"{folder} is no folder")])
    found = _listed(folder)
    files = tuple(each.path for each in found.files if each.fault is None)
    return Corpus(folder, files, limit, {name: [] for name in wanted}, found.faults)


def read_corpus(folder: Path, mappers: Iterable[Mapper], wanted: Iterable[str]) -> Corpus:
    """Return the recorded payloads below *folder* that are of the *wanted* mappings.

    Raises:
        FileError: M001: there is no such folder.
    """
    corpus = open_corpus(folder, wanted)
    for _ in corpus.fill(mappers):
        pass
    return corpus


def _listed(folder: Path) -> Listing:
    """Return what has the names of files with recorded payloads, but for hidden ones."""
    shown = shown_path(folder, Path.cwd().resolve())
    return list_files(folder, shown, Root(folder, f"the folder {shown}"), *ENDINGS)


class _Taker(Struct, frozen=True, dict=True):
    """A mapper, with what decides whether a record is one of its payloads."""

    mapper: Mapper

    @cached_property
    def envelope(self) -> Envelope:
        """The mapping's envelope but for that of requests, which are no payloads."""
        return replace(self.mapper.mapping.vendor.envelope, request=None)

    @cached_property
    def fault(self) -> Fault:
        return document_fault(self.mapper.vendor_schema)

    def share(self, payload: Any) -> float:
        """Return how much of a payload's members the vendor schema knows."""
        if not isinstance(payload, dict) or not payload:
            return 0.0
        if len(payload) == 1 and isinstance(next(iter(payload.values())), dict):  # in a wrapper
            return 0.0
        return sum(name in self._known for name in payload) / len(payload)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.mapper.vendor_schema.members())

    def records(self, text: Text, index: int) -> Iterator[Record]:
        """Yield what a text holds for this one; what it refuses is a record with diagnostics."""
        try:
            yield from records_of(text, index, self.envelope)
        except TransformError as error:
            yield Record(0, None, error.diagnostics)


class _Candidate(NamedTuple):
    """A record as one taker has it, and how much of it the vendor schema knows."""

    taker: _Taker
    record: Record
    share: float


class _File:
    """Sorts the records of one file into a corpus."""

    def __init__(self, corpus: Corpus, path: Path, takers: tuple[_Taker, ...]) -> None:
        self._corpus = corpus
        self._path = path
        self._takers = takers
        self._wrappers = {each.mapper.mapping.vendor.envelope.request for each in takers}
        self._name = path.relative_to(corpus.folder).as_posix()
        self._shown = shown_path(path, Path.cwd().resolve())
        self._faults = 0
        self._untaken: Diagnostic | None = None
        self._others = 0

    def sort(self) -> Iterator[int]:
        """Yield how many bytes more were sorted."""
        try:
            with open_file(self._path) as stream:
                for index, text in enumerate(read_texts(stream, self._shown)):
                    self._sort(text, index)
                    yield text.size
        except OSError as error:
            message = f"{self._shown} cannot be read ({error.strerror})"
            self._report(Diagnostic(codes.UNREADABLE, message))
        except FileError as error:
            self._report(*error.diagnostics)
        finally:  # also when it is interrupted
            self._close()

    def _close(self) -> None:
        """Report what no mapping takes, once for the file."""
        first = self._untaken
        if first is not None:
            more = counted(self._others - 1, "more record")
            and_more = f", nor {more} of this file" if self._others > 1 else ""
            self._corpus.findings.append(first._replace(message=f"{first.message}{and_more}"))

    def _sort(self, text: Text, first: int) -> None:
        if text.diagnostics:
            self._corpus.read += 1
            self._report(*text.diagnostics)
            return
        candidates: dict[int, list[_Candidate]] = {}
        for taker in self._takers:
            for record in taker.records(text, first):
                share = taker.share(record.value)
                candidates.setdefault(record.index, []).append(_Candidate(taker, record, share))
        self._corpus.read += len(candidates)
        several = text.line is not None or len(candidates) > 1
        places = Places(text.source)
        for index, found in sorted(candidates.items()):
            place = f"{self._name} record {index}" if several else self._name
            best = max(each.share for each in found)
            if best < 0.5:
                self._skip(place, [each.record for each in found], text.value, places)
            else:
                for taker, record, share in found:
                    if share == best:
                        self._take(Recording(place, record.value), taker, record, places)

    def _skip(self, place: str, records: list[Record], whole: Any, places: Places) -> None:
        """Count a record that is no payload of any mapping, or report why it cannot be read."""
        refusals = [each for record in records for each in record.diagnostics]
        faults = [each for each in refusals if each.rule not in SKIPPED]
        values = [record.value for record in records if record.value is not None]
        skipped = self._corpus.skipped
        if faults and not values:
            self._report(faults[0]._replace(span=places.span(records[0].at)))
        elif any(len(value) == 1 and not self._wrappers.isdisjoint(value) for value in values):
            skipped["request"] += 1
        elif any(each.rule is codes.VENDOR_ERROR for each in refusals):
            skipped["error answer"] += 1
        else:
            skipped["other resource"] += 1
            self._others += 1
            if self._untaken is None:
                message = f"{place}: no mapping takes {_holds(whole)}"
                span = places.span(records[0].at)
                self._untaken = Diagnostic(codes.UNTAKEN_RECORDING, message, span)

    def _take(self, recording: Recording, taker: _Taker, record: Record, places: Places) -> None:
        corpus, name = self._corpus, taker.mapper.name
        if name not in corpus.recordings:
            corpus.skipped["payload of another mapping"] += 1
        elif corpus.limit is not None and len(corpus.recordings[name]) >= corpus.limit:
            corpus.skipped["payload of a mapping beyond its --limit"] += 1
        elif fault := _misfit(recording, taker):
            at = (*record.at, *pointer_steps(fault.pointer))
            self._report(fault._replace(span=places.span(at)))
        else:
            corpus.recordings[name].append(recording)

    def _report(self, *found: Diagnostic) -> None:
        """Add findings with a place in this file, as far as it has not given many."""
        for each in found:
            self._faults += 1
            if self._faults > MAX_FINDINGS:
                self._corpus.skipped[f"fault of a file beyond its first {MAX_FINDINGS}"] += 1
            else:
                top = Span(Source(self._shown, ""), 0, 0)
                self._corpus.findings.append(each._replace(span=each.span or top))


def _holds(document: Any) -> str:
    """Return words for what a document holds: where the object or list in its wrappers lies."""
    names: list[str] = []
    while isinstance(document, dict) and len(document) == 1:
        ((name, document),) = document.items()
        if not isinstance(document, dict | list):
            break
        names.append(name)
    return f"what is in {cut(show_path(tuple(names)))}" if names else "this record"


def _misfit(recording: Recording, taker: _Taker) -> Diagnostic | None:
    """Return M423 if a payload is none that its vendor could send."""
    mapper = taker.mapper
    found = mapper.validate_payload(recording.payload)
    if not found:
        broken = taker.fault(recording.payload)
        if broken is None:
            return None
        found = [Diagnostic(codes.BROKEN_INVARIANT, broken, pointer="")]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    first = with_schema(found[0], mapper.parts.schemas, mapper.vendor_schema, VENDOR)
    message = f"{recording.name}: {first.message}{more}"
    return first._replace(rule=codes.BAD_RECORDING, message=message, hint=None)
