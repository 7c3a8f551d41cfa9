"""The gate of mutants: shipped mappings and schemas with mutations that a check overlooks.

A case is a mutant: the files of one shipped mapping (the mapping, its resource, the fragments that
it uses, four schema files) with one to three random changes. It is *refused* if a check finds
anything, and *clean* if it finds nothing: then documents hold it to what it promises. Mutants whose
files were tried before are left out, and not counted.
"""

import gc
import marshal
import traceback
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any

from agreement import text

from fuzzing.mapping_mutations import mutate_mapping
from fuzzing.pair_mutations import mutate_pair
from fuzzing.promise import Promise, findings, inferring
from fuzzing.schema_mutations import mutate_schema
from fuzzing.shipped import NAMES, Shipped, shipped, written
from mapper.diagnostics import MapperError
from mapper.generate import Seeded, compile_generator
from mapper.running import Mapper

DOCUMENTS = 2
"""Of a clean mutant so many are read, created and updated: other mutants find more than others."""
PAIRS = 0.15
"""The share of changes that are made of both schemas."""
COLLECTED = 500
"""After so many cases what projects leave behind is collected: it counts as old, and would stay."""
KEY = 8
"""How many bytes tell mutants apart."""
CHANGES = (1, 2, 2, 3, 3)
"""How many changes a mutant has, each as often as it stands here."""


class Mutants:
    """The cases of a run, which leaves out what was tried before.

    That is what it tried itself, and what is in *file*, where it adds to it.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._tried = {Mutant(shipped(name)).key for name in NAMES}
        self._file = file
        if file is not None:
            self._tried |= tried_in(file)

    def case(self, random: Random) -> list[str]:
        """Try one mutant, unless it was before, and return what became of it."""
        mutant = Mutant(shipped(random.choice(NAMES)))
        for _ in range(random.choice(CHANGES)):
            mutant.mutate(random)
        key = mutant.key
        if key in self._tried:
            return []
        self._tried.add(key)
        if len(self._tried) % COLLECTED == 0:
            gc.collect()
        if self._file is not None:
            with self._file.open("ab") as file:  # which other processes append to as well
                file.write(key.to_bytes(KEY))
        return list(mutant.judge(random))


def tried_in(file: Path) -> set[int]:
    """Return the keys of the mutants in a file; a part of one at its end does not count."""
    content = file.read_bytes() if file.exists() else b""
    ends = range(KEY, len(content) + 1, KEY)
    return {int.from_bytes(content[end - KEY : end]) for end in ends}


class Mutant:
    """A shipped mapping while it is changed, and then judged.

    Attributes:
        origin: The shipped mapping.
        texts: Those of the changed files, by path.
        kinds: The kind of each change.
        done: What was changed, in words.
    """

    def __init__(self, origin: Shipped) -> None:
        self.origin = origin
        self.texts: dict[str, str] = {}
        self._contents: dict[str, Any] = {}
        self.kinds: list[str] = []
        self.done: list[str] = []

    def mutate(self, random: Random) -> None:
        """Make one change."""
        paths = list(self.origin.texts)
        weights = [_weight(path) for path in paths]
        for _ in range(100):
            chosen = random.choices(paths, weights)
            if random.random() < PAIRS:
                chosen = list(self.origin.pair)
            # What cannot be changed may be left half changed, and is forgotten.
            contents = {path: self._content(path) for path in chosen}
            kind, said = _changed(random, contents)
            if said:
                self._contents |= contents
                self.texts |= {path: written(path, content) for path, content in contents.items()}
                self.kinds.append(kind)
                self.done.append(f"{', '.join(chosen)}: {said}")
                return

    def _content(self, path: str) -> Any:
        """Return what a file holds now, made anew."""
        if path in self._contents:
            return marshal.loads(marshal.dumps(self._contents[path]))  # noqa: S302 - our own
        return self.origin.content(path)

    @property
    def key(self) -> int:
        """A number that no other mutant has, as good as surely."""
        texts = {
            path: content
            for path, content in sorted(self.texts.items())
            if content != self.origin.texts[path]
        }
        digest = blake2b(f"{self.origin.name} {texts}".encode(), digest_size=KEY).digest()
        return int.from_bytes(digest)

    def judge(self, random: Random) -> Iterator[str]:
        """Yield what becomes of it: "refused" or "clean", and what documents did."""
        names = ("all", self.origin.name, *dict.fromkeys(self.kinds))
        try:
            project = self.origin.project(self.texts)
            with inferring() as inferred:
                found = next(findings(project, self.origin.name), None)
        except MapperError as error:
            found = error.diagnostics[0]
        except Exception:  # noqa: BLE001 - which no file may cause
            raise AssertionError(f"{self}: check fails: {traceback.format_exc()}") from None
        if found is not None:
            yield f"refused first by: {found.rule.code}"
            yield from (f"{name}: refused" for name in names)
            return
        promise = Promise(project.mapper(self.origin.name).interpreted, inferred[0])
        choices = Seeded(Random(random.random()))
        documents = self._documents(random, promise.mapper, choices)
        try:
            outcomes = list(promise.try_documents(documents, choices))
        except AssertionError as error:
            raise AssertionError(f"{self}: {error}") from None
        yield from outcomes
        yield from (f"{name}: clean" for name in names)
        yield from (f"{self.origin.name}: {each.split(': ')[1]}" for each in outcomes)

    def _documents(self, random: Random, mapper: Mapper, choices: Seeded) -> Iterator[Any]:
        """Yield documents that fit the vendor's schema."""
        if mapper.vendor_schema is self.origin.vendor:
            for _ in range(DOCUMENTS):
                yield self.origin.document(random)
            return
        make = compile_generator(mapper.vendor_schema, unknown=True)
        for _ in range(DOCUMENTS):
            document = make(choices)
            assert not mapper.validate_payload(document), f"generated {text(document)}"
            yield document

    def __str__(self) -> str:
        return f"{self.origin.name} ({'; '.join(self.done)})"


def _changed(random: Random, contents: dict[str, Any]) -> tuple[str, str | None]:
    """Change something in one file, or in a mapping and its schemas; return the kind, and what."""
    if len(contents) > 1:
        return mutate_pair(random, *contents.values())
    [(path, content)] = contents.items()
    return (mutate_schema if path.endswith(".json") else mutate_mapping)(random, content)


def _weight(path: str) -> int:
    """Return how often a file is changed: where there is most that can be changed."""
    match path.split("/")[:2]:
        case [_, "resources"]:
            return 1
        case [_, "fragments"]:
            return 2
        case ["mappings", _]:
            return 20
        case _:
            return 3 if path.endswith("/definitions.schema.json") else 10
