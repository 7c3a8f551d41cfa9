"""The gate of mappings: random mappings over random schemas, printed and interpreted.

A mapping is made twice, once with harmless names and texts: but for those, both must be printed as
the same Python, so that no name and no text can be anything else than data there.
"""

import ast
import json
import re
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from agreement import OPERATIONS, Disagreement

from fuzzing import driver
from fuzzing.building import Builder, Built
from fuzzing.damage import damaged, mixed, request_of
from fuzzing.driver import candidates, is_finding
from fuzzing.payloads import attempt
from mapper.compile import Direction, print_python
from mapper.diagnostics import MapperError, TransformError
from mapper.model import Access
from mapper.paths import paths_with
from mapper.project import load_project
from mapper.running import Mapper
from mapper.values import copy

DOCUMENTS = 8
ATTEMPTS = 30
NAMES = 24
ODD = (
    "vendor", "common", "get", "base", "old", "Unexpected", "ABSENT", "None", "class", "import",
    "lambda", "item", "value", "copy", "touched", "__builtins__", "__import__('os')", "'", '"',
    "\\", "\\'", '\\"', "'''", '"""', "#", "\n", "\r", "a\nb", "\t", "\x00", "\x85", "\u2028",
    "é", "ñ", "日本", "😀", "\u202e", "a b", "a.b", "a-b", "{}", "{0}", "%s", "$a", "$", "`",
    "a]", ")", "f'{1}'", "\\n", "\\x00", "\\N{BULLET}", "1", "1a", "True", "0x1", " ", "'+x+'",
    '"]=1#', "]\n    raise SystemExit\n#", "'''\nraise SystemExit\n'''", "id", "\ufeff", "a\\",
    "kwarg", "self", "return", "exec", "x" * 200,
)  # fmt: skip
PLAIN = tuple(f"n{index}" for index in range(NAMES))
PLAIN_TEXTS = tuple(f"t{index}" for index in range(NAMES))


def case(random: Random) -> list[str]:
    """Try a few operations of one mapping on damaged documents, and return what came of them."""
    seed = random.random()
    odd = random.sample(ODD, NAMES)
    texts = random.sample(ODD, NAMES)
    built = Builder(Random(seed), odd, texts).build()
    mapper = mapper_of(built)
    if mapper is None:
        return ["refused mapping"]
    plain = mapper_of(Builder(Random(seed), PLAIN, PLAIN_TEXTS).build())
    outcomes = list(_printed_alike(random, mapper, plain, built))
    documents = _documents(random, mapper, built)
    for _ in range(ATTEMPTS):
        operation = random.choice(sorted(OPERATIONS))
        given = given_for(random, operation, documents, mapper)
        try:
            outcomes.append(attempt(mapper, "the mapping", operation, given))
        except Disagreement as error:
            raise smallest(built, operation, given, error) from None
    return outcomes


def mapper_of(built: Built) -> Mapper | None:
    """Return the mapper of a random mapping, None if it is refused."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, content in built.files().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(content) if path.endswith(".json") else yaml_text(content)
            (folder / path).write_text(text, encoding="utf-8")
        try:
            project = load_project(folder)
            if project.findings:
                return None
            mapper = project.mapper("random")
            return Mapper.of(mapper.parts)  # which is not kept
        except MapperError:
            return None


def yaml_text(content: Any) -> str:
    """Return *content* as YAML: JSON whose odd characters are escaped as YAML does."""
    text = json.dumps(content, ensure_ascii=False)
    return re.sub("[^ -~]", lambda found: f"\\U{ord(found[0]):08x}", text)


def _documents(random: Random, mapper: Mapper, built: Built) -> list[tuple[Any, Any]]:
    """Return payloads with what they read as, those that read at all if there are any."""
    pairs = []
    for _ in range(DOCUMENTS * 6):
        document = built.document(random)
        try:
            pairs.append((document, mapper.interpreted.from_vendor(document)))
        except TransformError:
            continue
        if len(pairs) == DOCUMENTS:
            break
    return pairs or [(built.document(random), {})]


def given_for(
    random: Random, operation: str, documents: list[tuple[Any, Any]], mapper: Mapper
) -> list[Any]:
    """Return what an operation is given, made from two of the *documents*, often damaged."""
    (base, old), (_, other) = random.choice(documents), random.choice(documents)
    if operation == "from_vendor":
        return [damaged(random, base) if random.random() < 0.6 else base]
    edited = mixed(random, old, other)
    if operation in ("create", "request"):
        edited = _without(edited, paths_with(mapper.lowered.rules, Access.READ))
    if operation == "request":
        edited = request_of(random, old, edited)
    if random.random() < 0.4:
        edited = damaged(random, edited)
    if operation in ("create", "request"):
        return [edited]
    return [edited, damaged(random, base) if random.random() < 0.2 else base]


def _without(value: Any, paths: set[tuple[str, ...]], at: tuple[str, ...] = ()) -> Any:
    if isinstance(value, list):
        return [_without(item, paths, at) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without(member, paths, (*at, name))
        for name, member in value.items()
        if (*at, name) not in paths
    }


# Names are data -----------------------------------------------------------------------------------


def _printed_alike(
    random: Random, mapper: Mapper, plain: Mapper | None, built: Built
) -> Iterator[str]:
    """Yield whether there are printed forms; one of each must differ in nothing but its texts."""
    chosen = random.choice(list(Direction))
    for direction in Direction:
        odd = print_python(mapper.lowered, direction)
        if odd is None:
            yield f"no printed {direction}"
            continue
        yield f"printed {direction}"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                compile(odd, "printed", "exec")
            except SyntaxError as error:
                where = odd.splitlines()[(error.lineno or 1) - 1]
                raise Disagreement(f"{error} in {where}, printed of {built}") from None
        if plain is None or direction is not chosen:  # None: a name or a text had a meaning
            continue
        harmless = print_python(plain.lowered, direction)
        if harmless is None or skeleton(odd) != skeleton(harmless):
            shown = f"{built}\nis printed as\n{odd}\nand, with other names, as\n{harmless}"
            raise Disagreement(f"a name is more than data in {direction}: {shown}")


def skeleton(source: str) -> str:
    """Return the tree of a module without its texts."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


# Smaller mappings ---------------------------------------------------------------------------------


def smallest(
    built: Built, operation: str, given: Sequence[Any], first: Disagreement
) -> Disagreement:
    """Return the disagreement of a mapping with fewer rules."""
    error, end = first, time.monotonic() + driver.SHRINKING
    smaller = True
    while smaller:
        smaller = False
        for fields in candidates(built.fields):
            if time.monotonic() > end:
                break
            fewer = built.with_fields(copy(fields))
            found = _disagreement(fewer, operation, copy(list(given)))
            if found is not None:
                built, error, smaller = fewer, found, True
                break
    return Disagreement(f"{error}\n  by {built}")


def _disagreement(built: Built, operation: str, given: list[Any]) -> Disagreement | None:
    mapper = mapper_of(built)
    if mapper is None or not is_finding(lambda: attempt(mapper, "", operation, given)):
        return None
    try:
        attempt(mapper, "the mapping", operation, given)
    except Disagreement as error:
        return error
    return None
