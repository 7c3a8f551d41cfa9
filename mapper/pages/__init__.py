"""The page of each code: what it finds, why that matters, and an example of it with its repair.

``M305.yaml`` beside this module is the page of M305; its form is that of :class:`Page`. The files
of an example stand over those of ``_project.yaml``. A test runs every example, and asks for a page
of every registered code; ``docs/reference/rules.md`` and ``mapper explain`` show them.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct

from mapper.codes import by_code
from mapper.diagnostics import Source
from mapper.document import plain, read_yaml

RULES = by_code()
"""Every registered rule by its code, in order."""

WHOLE = "the whole document"
"""What stands for the empty pointer, as in findings."""


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """A command over some files.

    Attributes:
        files: Texts by path.
        run: The command, in the project's folder.
        at: Where it reports the code, if it names a place: ``file:line``, or a pointer into the
            data (``/lines/0``, or :data:`WHOLE`).
        also: Codes that it cannot but report, too.
        saved_as: The encoding of the files.
    """

    files: dict[str, str] = {}
    run: str = "mapper check"
    at: str | None = None
    also: tuple[str, ...] = ()
    saved_as: str = "UTF-8"


class Page(Struct, frozen=True, forbid_unknown_fields=True):
    """What there is to know about a code beside what its rule says.

    Attributes:
        defects: What somebody did who gets this finding, each as the end of a sentence: "somebody
            … misspelt a key".
        what: What is found, in some sentences.
        why: Why that matters to who maps other people's money.
        given: Files that both examples share.
        failing: Reports the code.
        fixed: Reports nothing.
        shown: Instead of examples: "no, because …".
    """

    defects: tuple[str, ...]
    what: str
    why: str
    given: dict[str, str] = {}
    failing: Example | None = None
    fixed: Example | None = None
    shown: str | None = None


def read_page(code: str) -> Page:
    """Return the page of a registered *code*."""
    return msgspec.convert(_read(f"{code}.yaml"), Page)


def reported(code: str, example: Example) -> str:
    """Return what *example*, the failing one of *code*, reports, in words."""
    others = f", beside {', '.join(example.also)}" if example.also else ""
    return (code if example.at is None else f"{code} at {example.at}") + others


@cache
def project_files() -> dict[str, str]:
    """Return the files that stand around every example, by path."""
    return msgspec.convert(_read("_project.yaml"), dict[str, str])


def _read(name: str) -> Any:
    text = (files("mapper.pages") / name).read_text("utf-8")
    tree, found = read_yaml(Source(name, text))
    if tree is None or found:
        raise ValueError("\n".join(map(str, found)))
    return plain(tree)
