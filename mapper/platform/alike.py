"""Whether what is published of a mapping does what a live transformation does: both are run.

They get the same payloads and request bodies, made from the mapping's schemas, with the texts that
the live script mentions among them. Payloads have a member that the vendor's schema knows, bodies
have what the rules map and no nulls: the rest is refused by design. An object without any value is
as good as none.
"""

import json
import re
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from itertools import islice
from random import Random
from typing import Any

from mapper.diagnostics import MapperError, cut
from mapper.generate import Seeded, compile_generator
from mapper.platform.documents import documents
from mapper.platform.levels import Level
from mapper.platform.normal import Document, Key, Kind, body
from mapper.running import Parts
from mapper.sandbox.execution import Execution
from mapper.schema import Schema, validate
from mapper.values import equal, without_nulls

__all__ = ["difference"]

TRIED = 60
"""How many payloads, and how many bodies, are tried."""

_UNTRIED = "whether it will do the same once it is edited was not tried: %s"
_LITERAL = re.compile(r"'((?:[^'\\\n])*)'|\"((?:[^\"\\\n])*)\"|`((?:[^`\\\n$])*)`")


def difference(execution: Execution, parts: Parts, live: Document) -> str | None:
    """Return how a mapping differs from a live transformation, in words; None if it does not.

    The live script must be one that was read statement by statement, since its runs share what is
    global.

    Raises:
        FileError: The mapping cannot be published.
    """
    if find_spec("quickjs") is None:
        return _UNTRIED % "the extra `sandbox` has the JavaScript engine"
    ours = documents(parts, Level.ORGANIZATION).transformation
    key = Key(Kind.TRANSFORMATION, parts.resource.object_name, parts.mapping.vendor.element)
    theirs = body(key, live, Level.ORGANIZATION)
    texts = _texts(theirs.get("script", {}).get("body", ""))
    for from_vendor, make in ((True, _payloads), (False, _bodies)):
        try:
            given = make(parts, texts)
        except MapperError as error:  # there is something that cannot be made
            return _UNTRIED % error.diagnostics[0].message
        run = partial(
            execution.run_many,
            payloads=given,
            from_vendor=from_vendor,
            filter_nulls=from_vendor,
            trusted=True,
        )
        for document, there, here in zip(given, run(theirs), run(ours), strict=True):
            if here.script_error is not None:
                return _UNTRIED % here.script_error.message
            if not equal(_said(there.result), _said(here.result)):
                what = f"{'reading' if from_vendor else 'writing'} {_shown(document)}"
                gives = f"gives {_shown(there.result)} now, and then {_shown(here.result)}"
                return f"once edited, it will do something else: {what} {gives}"
    return None


def _payloads(parts: Parts, texts: list[str]) -> list[dict[str, Any]]:
    """Return vendor payloads; one of another resource is refused by design."""
    schema = parts.lowered.vendor
    known = schema.members().keys()
    made = islice(_documents(schema, texts), TRIED)
    return [each for each in made if not each or not known.isdisjoint(each)]


def _bodies(parts: Parts, texts: list[str]) -> list[dict[str, Any]]:
    """Return request bodies; what nothing maps is refused by design, and so are most nulls."""
    names = {rule.common[0] for rule in parts.lowered.rules}
    made = islice(_documents(parts.load_common(), texts), TRIED)
    return [without_nulls({name: each[name] for name in each if name in names}) for each in made]


def _said(value: Any) -> Any:
    """Return a result without members that say nothing: nulls, and objects of nothing else."""
    if isinstance(value, list):
        return [_said(each) for each in value]
    if not isinstance(value, dict):
        return value
    said = {name: _said(each) for name, each in value.items()}
    return {name: each for name, each in said.items() if each not in (None, {})}


def _documents(schema: Schema, texts: list[str]) -> Iterator[dict[str, Any]]:
    """Yield documents of a schema: of all members, of some, and with texts from the script."""
    random = Random(1)  # noqa: S311 - nothing here is a secret
    make = compile_generator(schema, unknown=True)
    choices = Seeded(random)
    yield {}
    while True:
        document = make(choices)
        yield document
        if texts and not validate(schema, respelt := _respelt(document, texts, random)):
            yield respelt


def _respelt(value: Any, texts: list[str], random: Random) -> Any:
    if isinstance(value, dict):
        return {name: _respelt(each, texts, random) for name, each in value.items()}
    if isinstance(value, list):
        return [_respelt(each, texts, random) for each in value]
    return random.choice(texts) if isinstance(value, str) and random.random() < 0.8 else value


def _texts(script: str) -> list[str]:
    found = {next(filter(None, groups), "") for groups in _LITERAL.findall(script[:100_000])}
    keys = re.findall(r"[{,]\s*(\w+)\s*:", script[:100_000])
    return sorted({*found, *keys})[:200]


def _shown(value: Any) -> str:
    return cut(json.dumps(value, ensure_ascii=False, default=str), 200)
