"""Files to text, and JSON text to values, with a place for everything that is refused."""

import json
import os
import re
from collections.abc import Iterator
from itertools import islice
from math import isinf
from pathlib import Path
from typing import Any, BinaryIO

from mapper import codes
from mapper.decimals import MAX_DIGITS
from mapper.diagnostics import Diagnostic, FileError, Label, Source, Span, cut, pointer

MAX_FILE = 1 << 20
"""How many bytes (of YAML text: characters) a project file may have."""
MAX_DEPTH = 200
"""How many JSON objects and arrays may nest."""
MAX_FINDINGS = 100
"""How many findings one JSON text gives."""


def open_file(path: Path, name: str | None = None) -> BinaryIO:
    """Open *path* for reading bytes; *name* is what messages call it, by default the path.

    Raises:
        FileError: M001 if it is missing, a folder, or may not be read.
    """
    try:
        return path.open("rb")
    except FileNotFoundError:
        reason = "does not exist"
    except IsADirectoryError:
        reason = "is a folder"
    except PermissionError:
        reason = "may not be read"
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = f"cannot be opened ({getattr(error, 'strerror', None) or error})"
    raise FileError([Diagnostic(codes.UNREADABLE, f"{name or path} {reason}")])


def real_path(path: str | os.PathLike[str]) -> Path:
    """Return where *path* leads to, links followed as far as they lead anywhere.

    A link in a circle, which Path.resolve() does not take before Python 3.13, is where it is.
    """
    return Path(os.path.realpath(path))


def shown_path(path: Path, here: Path) -> str:
    """Return *path* as a person in the folder *here* would write it."""
    try:
        return real_path(path).relative_to(here).as_posix()
    except ValueError:
        return path.as_posix()


def read_file(path: Path) -> Source:
    """Return the text of *path*, line breaks as they are, without a byte order mark.

    Raises:
        FileError: M001 if it cannot be read, M002 if it is not UTF-8, M007 if it is too large.
    """
    return as_source(read_beginning(path, str(path)), str(path))


def read_beginning(path: Path, name: str) -> bytes:
    """Return at most one byte more of *path*, known as *name*, than a project file may have.

    Raises:
        FileError: M001 if it cannot be read.
    """
    with open_file(path, name) as file:
        try:
            return file.read(MAX_FILE + 1)
        except OSError as error:
            message = f"{name} cannot be read ({error.strerror})"
            raise FileError([Diagnostic(codes.UNREADABLE, message)]) from None


def as_source(data: bytes, name: str) -> Source:
    """Return the text of the project file *name*, of which *data* is at least the beginning.

    Raises:
        FileError: M002 if it is not UTF-8, M007 if it is too large.
    """
    if len(data) > MAX_FILE:
        raise FileError([too_large(name)])
    return decode(data, name)


def too_large(name: str) -> Diagnostic:
    """Return M007 for the project file *name* as a whole."""
    message = f"{name} is larger than {MAX_FILE // 1024} KiB"
    hint = "split it into several files, or leave out what is not needed"
    return Diagnostic(codes.TOO_LARGE, message, Span(Source(name, ""), 0, 0), hint=hint)


class Excerpt(Source):
    """Some lines of a file that is never there as a whole; the first has number ``first``."""

    def __init__(self, name: str, text: str, first: int) -> None:
        super().__init__(name, text)
        self.first = first

    def position(self, offset: int) -> tuple[int, int]:
        line, column = Source.position(self, offset)
        return line + self.first - 1, column

    def line(self, number: int) -> str:
        return Source.line(self, number - self.first + 1)


def decode(data: bytes, name: str, first: int = 1) -> Excerpt:
    """Return the text that *data* is in UTF-8, without a byte order mark.

    *data* is the file *name*, or what stands there from line *first*.

    Raises:
        FileError: M002 at the first byte that is not UTF-8.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return Excerpt(name, data.decode(), first)
    except UnicodeDecodeError as error:
        shown = Excerpt(name, data.decode(errors="replace"), first)
        at = len(data[: error.start].decode(errors="replace"))
        message = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        span = Span(shown, at, at + 1)
        raise FileError([Diagnostic(codes.NOT_TEXT, message, span)]) from None


_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_PIECE = r'"(?:[^"\\]++|\\.)*+"|[-+.\w]++|[][{}:,]'
_STRAY_SURROGATE = (  # half of a pair, written as an escape or (from a program) as it is
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]|[\ud800-\udfff]"
)


def parse_json(source: Source) -> Any:
    """Return the value of a JSON text, read strictly: what could be lost or misread is refused.

    Raises:
        FileError: M008 if there is nothing; M009 at a syntax error; or every M004 (a member given
            twice), M009 (NaN, a number that no double holds, half a surrogate pair) and M510
            (nested deeper than :data:`MAX_DEPTH`), with place, up to :data:`MAX_FINDINGS`.
    """
    suspects: list[Any] = []
    decoder = json.JSONDecoder(
        object_pairs_hook=lambda pairs: _members(pairs, suspects),
        parse_int=lambda text: int(text) if len(text) <= MAX_DIGITS else suspects.append(text),
        parse_float=lambda text: _finite(text, suspects),
        parse_constant=suspects.append,
    )
    try:
        value = decoder.decode(source.text)
    except json.JSONDecodeError as error:
        raise FileError([_word_syntax(source, error)]) from None
    except RecursionError:
        faults = tuple(islice(_find_faults(source), MAX_FINDINGS))
        raise FileError(faults or [Diagnostic(codes.TOO_DEEP, _TOO_DEEP)]) from None
    if suspects or _is_suspect(source.text, value):
        faults = tuple(islice(_find_faults(source), MAX_FINDINGS))
        if faults:
            raise FileError(faults)
    return value


def _members(pairs: list[tuple[str, Any]], suspects: list[Any]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        suspects.append(pairs)
    return members


def _finite(text: str, suspects: list[Any]) -> float:
    number = float(text)
    if isinf(number):
        suspects.append(text)
    return number


def _word_syntax(source: Source, error: json.JSONDecodeError) -> Diagnostic:
    if not source.text.strip():
        return Diagnostic(codes.EMPTY_FILE, f"{source.name} holds nothing")
    message = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
    return Diagnostic(codes.JSON_SYNTAX, message, Span(source, error.pos, error.pos + 1))


def _is_suspect(text: str, value: Any) -> bool:
    """Whether *text* may nest too deeply or hold half a surrogate pair: cheap for most texts."""
    if ("\\u" in text or not text.isascii()) and re.search(_STRAY_SURROGATE, text):
        return True
    return text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(value)


def _is_deep(value: Any) -> bool:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, (dict, list))
        ]
    return bool(level)


class _Level:
    """An open object (with the names so far) or array, and the pointer step to where we are."""

    def __init__(self, names: dict[str, Span] | None = None) -> None:
        self.names = names
        self.step: str | int = 0 if names is None else ""
        self.awaits_name = names is not None


def _find_faults(source: Source) -> Iterator[Diagnostic]:
    """Yield what is wrong with a text whose syntax is right, at least down to the deepest level.

    Slow, so only for texts that are, or look, at fault.
    """
    levels: list[_Level] = []
    for match in re.finditer(_PIECE, source.text):
        found, span = match.group(), Span(source, *match.span())
        match found:
            case "{" | "[":
                if len(levels) == MAX_DEPTH:
                    yield Diagnostic(codes.TOO_DEEP, _TOO_DEEP, span)
                    return
                levels.append(_Level({}) if found == "{" else _Level())
            case "}" | "]":
                levels.pop()
            case ",":
                level = levels[-1]
                level.awaits_name = level.names is not None
                if isinstance(level.step, int):
                    level.step += 1
            case ":":
                pass
            case _:
                yield from _check_text(found, span, levels)


def _check_text(found: str, span: Span, levels: list[_Level]) -> Iterator[Diagnostic]:
    """Yield what is wrong with a name or value at the innermost of *levels*; note a name there."""
    level = levels[-1] if levels else _Level()
    if level.awaits_name and level.names is not None:
        name = json.loads(found)
        level.step = name.encode("utf-8", "replace").decode()  # half a pair cannot be shown
        level.awaits_name = False
        at = pointer(each.step for each in levels)
        if name in level.names:
            labels = (Label(level.names[name], "first given here"),)
            message = f"{cut(found)} is given twice"
            yield Diagnostic(codes.DUPLICATE_KEY, message, span, at, labels=labels)
        level.names.setdefault(name, span)
    reason = _refusal(found)
    if reason:
        at = pointer(each.step for each in levels)
        yield Diagnostic(codes.JSON_SYNTAX, reason, span, at, cut(found), hint="")


def _refusal(found: str) -> str | None:
    """Return why a name or value that the JSON module takes is refused."""
    if found.startswith('"'):
        stray = re.search(_STRAY_SURROGATE, found) and _is_stray(json.loads(found))
        return "half a surrogate pair is not a character" if stray else None
    if found in ("NaN", "Infinity", "-Infinity"):
        return f"{found} is not a JSON number"
    too_large = found[-1].isdigit() and (
        len(found) > MAX_DIGITS if found.lstrip("-").isdigit() else isinf(float(found))
    )
    return "the number is too large for a double" if too_large else None


def _is_stray(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
