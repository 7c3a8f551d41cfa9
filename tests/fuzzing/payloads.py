"""The gate of payloads: corrupted documents of the shipped mappings, printed and interpreted."""

from random import Random
from typing import Any

from agreement import OPERATIONS, Disagreement, require_agreement
from subjects import WRAPPERS, editor, subject, vendor_documents

from fuzzing.damage import damaged, mixed, request_of
from fuzzing.driver import is_finding, shrunk
from mapper.generate import Seeded
from mapper.prove.laws import Outside
from mapper.running import Mapper

DOCUMENTS = 12
"""How many sound documents of each mapping the cases are made from."""


class Payloads:
    """Cases of the shipped mappings; *mappers* may be others than those of the project."""

    def __init__(self, seed: int, mappers: dict[str, Mapper] | None = None) -> None:
        self._mappers = mappers or {name: subject(name).mapper for name in WRAPPERS}
        self._pool: dict[str, list[tuple[Any, Any]]] = {}
        self._seed = seed

    def case(self, random: Random) -> list[str]:
        """Try one operation on damaged documents, and return what came of it."""
        name = random.choice(sorted(self._mappers))
        operation = random.choice(sorted(OPERATIONS))
        given = given_for(random, operation, self._documents(name))
        return [attempt(self._mappers[name], name, operation, given)]

    def _documents(self, name: str) -> list[tuple[Any, Any]]:
        """Return sound payloads, each with what it reads as."""
        if name not in self._pool:
            choices = Seeded(Random(f"{self._seed} {name}"))
            interpreted = self._mappers[name].interpreted
            made = [vendor_documents(name)(choices) for _ in range(DOCUMENTS)]
            pairs = [(each, interpreted.from_vendor(each)) for each in made]
            self._pool[name] = pairs + [({}, each) for each in _created(name, choices)]
        return self._pool[name]


def _created(name: str, choices: Seeded):
    """Yield objects to create, which have no payload yet."""
    for _ in range(DOCUMENTS // 2):
        try:
            yield editor(name).new(choices)
        except Outside:
            continue


def given_for(random: Random, operation: str, documents: list[tuple[Any, Any]]) -> list[Any]:
    """Return what an operation is given, made from two of the *documents* and damaged."""
    (base, old), (_, other) = random.choice(documents), random.choice(documents)
    if operation == "from_vendor":
        return [damaged(random, base)]
    edited = mixed(random, old, other)
    if operation == "request":
        edited = request_of(random, old, edited)
    if operation == "create" and random.random() < 0.7:
        edited = old
    if random.random() < 0.6:
        edited = damaged(random, edited)
    if operation in ("create", "request"):
        return [edited]
    return [edited, damaged(random, base) if random.random() < 0.2 else base]


def attempt(mapper: Mapper, name: str, operation: str, given: list[Any]) -> str:
    """Return what came of an operation; what disagrees is raised as a smaller case."""
    before = mapper.fallbacks
    try:
        kind, _ = require_agreement(mapper, operation, *given)
    except Disagreement:
        raise smallest(mapper, name, operation, given) from None
    return f"{operation} {'falls back' if mapper.fallbacks > before else kind}"


def smallest(mapper: Mapper, name: str, operation: str, given: list[Any]) -> Disagreement:
    """Return the disagreement of a smaller case."""

    def fails(smaller: list[Any]) -> bool:
        same = len(smaller) == len(given)
        return same and is_finding(lambda: require_agreement(mapper, operation, *smaller))

    least = shrunk(given, fails)
    try:
        require_agreement(mapper, operation, *least)
    except Disagreement as error:
        return Disagreement(f"{name}: {error}")
    return Disagreement(f"{name}: {operation} of {given} disagrees only sometimes")
