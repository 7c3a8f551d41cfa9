"""The gate of projects: small mappings as people write them, of which a check may overlook things.

A case is a project of :mod:`fuzzing.natural`, in the files of :mod:`fuzzing.spread`. It is
*refused* if a check finds an error, and *clean* if it finds none: then documents hold it to what it
promises, and to the laws.
"""

import json
import re
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from fuzzing.driver import shrunk
from fuzzing.mappings import yaml_text
from fuzzing.natural import COMMON, VENDOR, Natural
from fuzzing.promise import Promise, findings, inferring
from fuzzing.spread import name_of, spread
from mapper.codes import BAD_SCHEMA
from mapper.diagnostics import Diagnostic, MapperError, Source
from mapper.generate import Choices, Seeded, compile_generator
from mapper.infer import Type
from mapper.model import ExpressionRule, FieldRule, inner_fields
from mapper.project import Project
from mapper.prove.laws import pointed
from mapper.prove.trial import Plan, Trial
from mapper.running import Mapper
from mapper.schema import Schemas
from mapper.values import PathSet, Steps

DOCUMENTS = 3
"""So many are read, created and updated of a clean project, and again for the laws."""


class BrokenError(AssertionError):
    """A project that checks clean does not keep what that promises.

    Attributes:
        kind: What stays the same while the project is made smaller.
    """

    def __init__(self, files: dict[str, Any], reason: str) -> None:
        super().__init__(f"{json.dumps(files)}\n{reason}")
        self.kind = tuple(re.findall("^[a-z]+|M[0-9]{3}|[A-Z][a-z]+[A-Z]", reason)[:2])


def case(random: Random) -> list[str]:
    """Try one project, and return what became of it."""
    files, seed = spread(Natural(random).files(), random), random.random()
    try:
        return _tried(files, seed)
    except BrokenError as error:
        kind = error.kind
    return _tried(shrunk(files, lambda fewer: _broken_kind(fewer, seed) == kind), seed)


def _broken_kind(files: Any, seed: float) -> Any:
    """Return the kind of what is broken, None for nothing, or if these are no longer such files."""
    try:
        if _is_told(files[VENDOR]) and _is_told(files[COMMON], closed=True):
            _tried(files, seed)
    except BrokenError as error:
        return error.kind
    except Exception:  # noqa: BLE001 - what is smaller may make no sense
        return None
    return None


def _is_told(schema: Any, *, closed: bool = False) -> bool:
    """Whether a schema says what there can be; nothing is promised of what it does not."""
    kinds = schema.get("type", ())
    rest = schema.get("additionalProperties", closed is False)
    if "object" in kinds and (("properties" not in schema and rest is True) or (closed and rest)):
        return "properties" not in schema and isinstance(rest, dict) and _is_told(rest)
    inner = [*schema.get("properties", {}).values(), *schema.get("oneOf", ())]
    inner += [schema.get("items", {})] if "array" in kinds else []
    says = schema.keys() & {"type", "enum", "const", "oneOf", "anyOf"}
    return bool(says) and all(_is_told(each, closed=closed) for each in inner)


def _tried(files: dict[str, Any], seed: float) -> list[str]:
    """Return what becomes of a project.

    Raises:
        BrokenError: It checks without an error, and what it promises does not hold.
    """
    project = project_of(files)
    try:
        with inferring() as inferred:
            found = list(findings(project, name_of(files)))
    except MapperError as error:
        found = list(error.diagnostics)
    except Exception:  # noqa: BLE001 - which no file may cause
        raise BrokenError(files, f"check fails: {traceback.format_exc()}") from None
    errors = sorted({each.rule.code for each in found if each.is_error})
    if errors:
        return ["all: refused", *(f"refused by: {code}" for code in errors)]
    choices, mapper = Seeded(Random(seed)), project.mapper(name_of(files))
    try:
        outcomes = list(_kept(mapper, inferred[0], choices))
        broken = list(_unlawful(mapper, choices))
    except AssertionError as error:
        raise BrokenError(files, str(error)) from None
    except MapperError as error:
        if any(each.rule is not BAD_SCHEMA for each in error.diagnostics):
            raise
        return ["all: clean", "documents: none can be made"]  # no document has what is to be true
    if broken:
        raise BrokenError(files, "\n".join(f"{each}\n{each.hint or ''}" for each in broken))
    return ["all: clean", *outcomes]


def project_of(files: dict[str, Any]) -> Project:
    """Return the project of *files*, by path, which is on no disk."""
    sources = tuple(
        Source(path, yaml_text(content))
        for path, content in sorted(files.items())
        if path.startswith("mappings/")
    )
    schemas = {
        path.removeprefix("schemas/"): json.dumps(content).encode()
        for path, content in files.items()
        if path.startswith("schemas/")
    }
    project = Project(Path("/"), sources)
    vars(project)["_cache"] = None
    vars(project)["schemas"] = Schemas(project.root / "schemas", schemas, "schemas")
    return project


def _kept(mapper: Mapper, given: Type, choices: Choices) -> Iterator[str]:
    mapper = mapper.interpreted
    make = compile_generator(mapper.vendor_schema, unknown=True)
    documents = [make(choices) for _ in range(DOCUMENTS)]
    promise = Promise(mapper, given)
    yield from promise.try_documents(documents, choices)
    yield from promise.try_requests(documents, choices)


def _unlawful(mapper: Mapper, choices: Choices) -> Iterator[Diagnostic]:
    """Yield what `mapper test` finds, with printed code or without.

    Whether expressions suit each other is for that to say: they have no class.
    """
    seed, printed = choices.integer(0, 10**9), choices.integer(0, 1)
    trial = Trial(mapper if printed else mapper.interpreted, None, Plan(seed, DOCUMENTS))
    unsettled = PathSet.of(_expressions(mapper.mapping.fields))
    for found in trial.run():
        if found.is_error and not unsettled.near(pointed(found.pointer)):
            yield found


def _expressions(fields: Iterable[FieldRule], at: Steps = ()) -> Iterator[Steps]:
    """Yield the paths of the rules that write by expressions."""
    for rule in fields:
        steps = (*at, *rule.common.steps)
        if isinstance(rule, ExpressionRule) and rule.to_vendor:
            yield steps
        for members in inner_fields(rule):
            yield from _expressions(members, steps)
