"""Whether what is published of a mapping does what a live transformation does: both are run.

They get the same payloads and request bodies, made from the mapping's schemas, with the texts that
the live script mentions among them. Payloads have a member that the vendor's schema knows, bodies
have what the rules map and no nulls: the rest is refused by design. An object without any value is
as good as none.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from itertools import islice
from random import Random
from typing import Any

from mapper.diagnostics import MapperError, cut, pointer_steps
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
"""How many payloads, and how many bodies, are tried, beside one for each text of the script."""
MOST_TEXTS = 200
CHOSEN = 8
"""Of so many documents the fullest is tried with a text: it has most places for it."""

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
    made = islice(_documents(schema, texts), TRIED + len(texts))
    return [each for each in made if not each or not known.isdisjoint(each)]


def _bodies(parts: Parts, texts: list[str]) -> list[dict[str, Any]]:
    """Return request bodies; what nothing maps is refused by design, and so are most nulls."""
    names = {rule.common[0] for rule in parts.lowered.rules}
    made = islice(_documents(parts.load_common(), texts), TRIED + len(texts))
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
    """Yield documents of a schema: of all members, of some, and with what the script mentions.

    Each text of the script is at least once wherever it can be in a document with most members.
    """
    random = Random(1)  # noqa: S311 - nothing here is a secret
    make = compile_generator(schema, unknown=True)
    choices = Seeded(random)
    yield {}
    for text in texts:
        fullest = max((make(choices) for _ in range(CHOSEN)), key=_values_in)
        yield _respelt(schema, fullest, partial(str, text))
    while True:
        document = make(choices)
        yield document
        if texts:
            yield _respelt(schema, document, partial(random.choice, texts))


def _values_in(document: Any) -> int:
    """Return how many texts and numbers there are in a document."""
    if isinstance(document, dict | list):
        inner = document.values() if isinstance(document, dict) else document
        return sum(map(_values_in, inner))
    return isinstance(document, str | int | float) and not isinstance(document, bool)


def _respelt(schema: Schema, document: dict[str, Any], draw: Callable[[], str]) -> dict[str, Any]:
    """Return a document with drawn texts in the place of those that need not be as they are.

    A number becomes the drawn text, too, if that is one: a script may ask for it.
    """
    made: dict[str, Any] = _with_texts(document, draw)
    for found in validate(schema, made):
        _take_back(made, document, found.pointer or "")
    return document if validate(schema, made) else made


def _with_texts(value: Any, draw: Callable[[], str]) -> Any:
    match value:
        case dict():
            return {name: _with_texts(each, draw) for name, each in value.items()}
        case list():
            return [_with_texts(each, draw) for each in value]
        case str():
            return draw()
        case int() | float() if not isinstance(value, bool):
            text = draw()
            return int(text) if re.fullmatch("[0-9]{1,15}", text) else value
        case _:
            return value


def _take_back(made: Any, document: Any, pointer: str) -> None:
    """Put into *made* what *document* has at a pointer."""
    *steps, last = pointer_steps(pointer)
    for step in steps:
        made, document = (
            each[int(step)] if isinstance(each, list) else each[step] for each in (made, document)
        )
    where = int(last) if isinstance(made, list) else last
    made[where] = document[where]


def _texts(script: str) -> list[str]:
    found = {next(filter(None, groups), "") for groups in _LITERAL.findall(script[:100_000])}
    keys = re.findall(r"[{,]\s*(\w+)\s*:", script[:100_000])
    numbers = re.findall(r"(?<![\w.])[0-9]+(?![\w.])", script[:100_000])
    return sorted({*found, *keys, *numbers, "0"})[:MOST_TEXTS]


def _shown(value: Any) -> str:
    return cut(json.dumps(value, ensure_ascii=False, default=str), 200)
