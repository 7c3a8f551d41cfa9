"""The gate of corruptions: files with one character less, more, or another one.

A check finds where they are wrong, or nothing, and neither crashes nor takes long.
"""

import tempfile
import time
import traceback
from functools import cache
from pathlib import Path
from random import Random

from subjects import ROOT, WRAPPERS

from fuzzing.shipped import files_of
from mapper.check import check_project
from mapper.diagnostics import Diagnostic, MapperError
from mapper.project import load_project

SECONDS = 5.0
"""How much time of the processor a check may take."""
CHARACTERS = (
    *"{}[]:,\"'`#&*!|>%@\\/?-_.()<>=+~^$ \n\t\r0123456789aeEnNyY",
    "\0", "\x85", "\u2028", "\ufeff", "\ud800", "é", "😀", "\u202e",
)  # fmt: skip


def case(random: Random) -> list[str]:
    """Corrupt one file of a shipped mapping, and return what a check finds."""
    name = random.choice(sorted(WRAPPERS))
    texts = _texts(name)
    path = random.choice(sorted(texts))
    text, said = _corrupted(random, texts[path])
    with tempfile.TemporaryDirectory() as folder:
        for each, content in {**texts, path: text}.items():
            (Path(folder) / each).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / each).write_bytes(content.encode("utf-8", "surrogatepass"))
        kind = "schema" if path.endswith(".json") else path.split("/")[1]
        return [f"{kind} {each}" for each in _check(Path(folder), f"{path} {said}")]


@cache
def _texts(name: str) -> dict[str, str]:
    """Return the texts of the files of a mapping by path, without its examples."""
    found = {path: (ROOT / path).read_text("utf-8") for path in files_of(name)}
    mapping = f"mappings/{name}.yaml"
    lines = found[mapping].splitlines(keepends=True)
    found[mapping] = "".join(line for line in lines if not line.startswith("examples:"))
    return found


def _corrupted(random: Random, text: str) -> tuple[str, str]:
    at = random.randrange(len(text))
    old, new = text[at], random.choice(CHARACTERS)
    line, start = text.count("\n", 0, at) + 1, text.rfind("\n", 0, at)
    place = f"at {line}:{at - start}"
    match random.randrange(3):
        case 0:
            return text[:at] + text[at + 1 :], f"without {old!r} {place}"
        case 1:
            return text[:at] + new + text[at:], f"with {new!r} {place}"
        case _:
            return text[:at] + new + text[at + 1 :], f"with {new!r} for {old!r} {place}"


def _check(folder: Path, case: str) -> list[str]:
    started = time.process_time()
    found: tuple[Diagnostic, ...]
    try:
        found = check_project(load_project(folder))
    except MapperError as error:
        found = tuple(error.diagnostics)
    except Exception:  # noqa: BLE001 - which no file may cause
        raise AssertionError(f"{case}: {traceback.format_exc()}") from None
    took = time.process_time() - started
    assert took < SECONDS, f"{case}: {took:.1f} s"
    lost = [str(each) for each in found if each.span is None]
    assert not lost, f"{case}: no place is told: {lost}"
    return sorted({each.rule.code for each in found}) or ["is fine"]
