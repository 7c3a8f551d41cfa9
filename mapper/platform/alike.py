"""Whether what is published of a mapping does what a live transformation does: both are run.

They get the same payloads and request bodies, made from the mapping's schemas, with the texts that
the live script mentions among them. Payloads have a member that the vendor's schema knows, bodies
have what the rules map and no nulls: the rest is refused by design. An object without any value is
as good as none.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any

from mapper.diagnostics import cut
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

_LITERAL = re.compile(r"'((?:[^'\\\n])*)'|\"((?:[^\"\\\n])*)\"|`((?:[^`\\\n$])*)`")


def difference(execution: Execution, parts: Parts, live: Document) -> str | None:
    """Return how a mapping differs from a live transformation, in words; None if it does not.

    Raises:
        FileError: The mapping cannot be published.
    """
    ours = documents(parts, Level.ORGANIZATION).transformation
    key = Key(Kind.TRANSFORMATION, parts.resource.object_name, parts.mapping.vendor.element)
    theirs = body(key, live, Level.ORGANIZATION)
    texts = _texts(theirs.get("script", {}).get("body", ""))
    for from_vendor, schema in ((True, parts.lowered.vendor), (False, parts.load_common())):
        try:
            given = list(islice(_documents(schema, texts), TRIED))
        except Exception as error:  # noqa: BLE001 - generating refuses in many ways
            return f"nothing could be tried: {error}"
        if from_vendor:  # a payload of another resource is refused by design
            known = schema.members()
            given = [each for each in given if not each or not known.keys().isdisjoint(each)]
        else:  # and so is what nothing maps
            names = {rule.common[0] for rule in parts.lowered.rules}
            cut_to = ({name: each[name] for name in each if name in names} for each in given)
            given = [without_nulls(each) for each in cut_to]
        results = [
            [
                each.result
                for each in execution.run_many(
                    one, given, from_vendor=from_vendor, filter_nulls=from_vendor
                )
            ]
            for one in (theirs, ours)
        ]
        for document, there, here in zip(given, *results, strict=True):
            if not equal(_said(there), _said(here)):
                what = "reading" if from_vendor else "writing"
                return f"{what} {_shown(document)} gives {_shown(there)}, and here {_shown(here)}"
    return None


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
