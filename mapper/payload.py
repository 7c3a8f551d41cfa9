"""Payloads in and out: objects, arrays, envelopes and lines of JSON, a record at a time."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, BinaryIO, Literal

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import (
    Diagnostic,
    FileError,
    MapperError,
    PointerSteps,
    Rule,
    Source,
    Span,
    TransformError,
    cut,
    pointer,
    show_value,
)
from mapper.files import MAX_FINDINGS, Excerpt, decode, parse_json
from mapper.model import Envelope, ErrorEnvelope
from mapper.values import ABSENT, Steps, find

MAX_DOCUMENT = 1 << 28
"""How many bytes a JSON document, which is read at once, may have."""
MAX_LINE = 1 << 24
"""How many bytes a line of NDJSON may have."""
MAX_QUOTE = 200
"""How many characters of a vendor's error message are quoted."""

Form = Literal["object", "array", "lines"]


class Record(Struct, frozen=True):
    """One object of a payload, or why it is none.

    Attributes:
        index: Its place among the records, from 0.
        value: The object, unwrapped; None if there are diagnostics.
        diagnostics: What is wrong with it; empty if nothing is.
        line: Its line number, in NDJSON.
        at: Its place in the JSON text that it came in, which an envelope may be around.
    """

    index: int
    value: Any
    diagnostics: tuple[Diagnostic, ...] = ()
    line: int | None = None
    at: PointerSteps = ()


class Text(Struct, frozen=True):
    """A JSON text of a stream: the whole of it, or a line of NDJSON.

    Attributes:
        value: What it holds; None if there are diagnostics.
        source: The text.
        size: How many bytes it has.
        line: Its line number, in NDJSON.
        diagnostics: Why it is no JSON; empty if it is.
    """

    value: Any
    source: Source
    size: int
    line: int | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


class Payload(Struct, frozen=True):
    """Records with the form that they came in, which is the form to answer in.

    ``records`` can be gone through once; of lines, it reads as it goes.
    """

    form: Form
    records: Iterator[Record]


def read_documents(stream: BinaryIO, name: str, envelope: Envelope | None = None) -> Payload:
    """Return the records of *stream*: one JSON object, an array, an envelope, or NDJSON.

    If the first line is a JSON object and more follows, or if no JSON document could go on from the
    first line with the second, the stream is NDJSON; otherwise it is one document.
    A bad item or line is a record with diagnostics. *name* is what people know the input by.

    Raises:
        FileError: M002 (not UTF-8), M004, M007 (too large), M008 (empty), M009 (not JSON) or M510
            for a document.
        TransformError: M504 (another resource, or no object at all), M505 (the vendor's errors) or
            M526 (neither object nor array) for a document.
    """
    envelope = envelope or Envelope()
    head = _read_head(stream)
    if _are_lines(head):
        texts = enumerate(_read_lines(head, stream, name))
        return Payload("lines", (_line_record(text, index, envelope) for index, text in texts))
    return _open_document(_read_whole(stream, name, b"".join(head)).value, envelope)


def read_texts(stream: BinaryIO, name: str) -> Iterator[Text]:
    """Yield the JSON texts of *stream*: one document, or the lines of NDJSON, also bad ones.

    What there is in each for an envelope is what :func:`records_of` gives.

    Raises:
        FileError: For a document, as :func:`read_documents` does.
    """
    head = _read_head(stream)
    if _are_lines(head):
        yield from _read_lines(head, stream, name)
    else:
        yield _read_whole(stream, name, b"".join(head))


def records_of(text: Text, index: int, envelope: Envelope) -> Iterator[Record]:
    """Return the records of a text, as :func:`read_documents` gives them; a line has *index*.

    Raises:
        TransformError: For a document, as :func:`read_documents` does.
    """
    if text.line is not None:
        return iter((_line_record(text, index, envelope),))
    return _open_document(text.value, envelope).records


def read_value(stream: BinaryIO, name: str) -> Any:
    """Return the one JSON value that *stream* holds.

    Raises:
        FileError: M002, M004, M007, M008, M009 or M510, as :func:`read_documents` says.
    """
    return _read_whole(stream, name, b"").value


def _read_whole(stream: BinaryIO, name: str, head: bytes) -> Text:
    data = head + stream.read(max(MAX_DOCUMENT + 1 - len(head), 0))
    if len(data) > MAX_DOCUMENT:
        message = f"{name} is larger than {MAX_DOCUMENT >> 20} MiB"
        hint = "give one object a line (NDJSON), which is read line by line"
        raise FileError([Diagnostic(codes.TOO_LARGE, message, hint=hint)])
    source = decode(data, name)
    return Text(parse_json(source), source, len(data))


def write_documents(form: Form, values: Iterable[Any], stream: BinaryIO) -> None:
    """Write *values* as they came in: an object, an array, or an object a line; UTF-8.

    Lines are written as *values* gives them; an object or array is written when all are there.
    """
    match form:
        case "lines":
            for value in values:
                text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
                stream.write(f"{text}\n".encode())
        case "array":
            stream.write(_pretty(list(values)))
        case "object":
            for value in values:
                stream.write(_pretty(value))


def _pretty(value: Any) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)}\n".encode()


# Lines ------------------------------------------------------------------------------------------


def _read_head(stream: BinaryIO) -> list[bytes]:
    """Return the lines up to the second that is not blank."""
    head: list[bytes] = []
    filled = size = 0
    while filled < 2 and size <= MAX_DOCUMENT and (line := stream.readline(MAX_DOCUMENT + 1)):
        head.append(line)
        filled += bool(line.strip())
        size += len(line)
    return head


def _are_lines(head: list[bytes]) -> bool:
    """Whether the first two lines that are not blank begin NDJSON and not one document."""
    first, second = ([line.strip() for line in head if line.strip()] + [b"", b""])[:2]
    first = first.removeprefix(BOM_UTF8)
    if second.startswith(b"{") and not first.endswith((b"[", b":", b",")):
        return True
    if not second or not first.endswith(b"}"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _read_lines(head: list[bytes], stream: BinaryIO, name: str) -> Iterator[Text]:
    for number, line in enumerate(chain(head, _rest(stream)), 1):
        if line.strip():
            yield _read_line(line, number, name)


def _rest(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines, each cut behind :data:`MAX_LINE` bytes."""
    while line := stream.readline(MAX_LINE + 1):
        rest = line
        while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE + 1)
        yield line


def _read_line(line: bytes, number: int, name: str) -> Text:
    source = Excerpt(name, "", number)
    try:
        if len(line) > MAX_LINE:
            message = f"the line is longer than {MAX_LINE >> 20} MiB"
            raise _refused(codes.TOO_LARGE, message)
        source = decode(line.rstrip(b"\r\n"), name, number)
        return Text(parse_json(source), source, len(line), number)
    except MapperError as error:
        return Text(None, source, len(line), number, _in_line(error.diagnostics, source))


def _line_record(text: Text, index: int, envelope: Envelope) -> Record:
    if text.diagnostics:
        return Record(index, None, text.diagnostics, text.line)
    try:
        value, at = _unwrap_item(text.value, envelope, ())
    except TransformError as error:
        return Record(index, None, _in_line(error.diagnostics, text.source), text.line)
    return Record(index, value, (), text.line, at)


def _in_line(found: Iterable[Diagnostic], source: Source) -> tuple[Diagnostic, ...]:
    """Return *found* with a place: what has none is about the whole line."""
    whole = Span(source, 0, len(source.text))
    return tuple(each._replace(span=each.span or whole) for each in found)


# Documents and envelopes ------------------------------------------------------------------------


def _open_document(document: Any, envelope: Envelope) -> Payload:
    if isinstance(document, list):
        return Payload("array", _read_items(document, envelope, ()))
    inner, at = _unwrap(document, envelope)
    if isinstance(inner, list):
        return Payload("array", _read_items(inner, Envelope(), at))
    return Payload("object", iter((Record(0, inner, at=at),)))


def _read_items(items: list[Any], envelope: Envelope, at: Steps) -> Iterator[Record]:
    for index, item in enumerate(items):
        try:
            value, inside = _unwrap_item(item, envelope, (index,))
            yield Record(index, value, at=(*at, index, *inside))
        except TransformError as error:
            yield Record(index, None, error.diagnostics, at=(*at, index))


def _unwrap_item(
    item: Any, envelope: Envelope, steps: PointerSteps
) -> tuple[dict[str, Any], Steps]:
    """Return the one object that an array item or a line at *steps* holds, and where in it."""
    inner, at = _unwrap(item, envelope) if isinstance(item, dict) else (item, ())
    if isinstance(inner, dict):
        return inner, at
    raise _refused(codes.WRONG_CONTAINER, "one object is expected", steps, inner)


def _unwrap(document: Any, envelope: Envelope) -> tuple[dict[str, Any] | list[Any], Steps]:
    """Return the object or list in *document*, which may be bare, and where in it that is.

    Raises:
        TransformError: M504, M505 or M526, as :func:`read_documents` says.
    """
    if not isinstance(document, dict):
        raise _refused(codes.AMBIGUOUS_INPUT, "neither an object nor an array", (), document)
    _refuse_errors(document, envelope.errors)
    for path, kind in ((envelope.list, list), (envelope.single, dict)):
        inner = find(document, path) if path else ABSENT
        if path and isinstance(inner, kind):
            return inner, path
    wrapped = document.get(envelope.request) if envelope.request else None
    if envelope.request and isinstance(wrapped, dict) and len(document) == 1:
        return wrapped, (envelope.request,)
    _refuse_other(document, envelope)
    return document, ()


def _refuse_errors(document: dict[str, Any], shapes: tuple[ErrorEnvelope, ...]) -> None:
    """Raise M505 for every error that an error answer holds, by the first shape that fits it."""
    for shape in shapes:
        items = _errors_at(document, shape)
        if any(_code(item, shape) is not None for item in items):
            raise _vendor_errors(items, shape)


def _errors_at(document: dict[str, Any], shape: ErrorEnvelope) -> list[Any]:
    """Return what stands where *shape* has its errors; nothing if that is absent or empty."""
    found = find(document, shape.path)
    if isinstance(found, list):
        return found
    return [] if found is ABSENT or not found else [found]


def _code(item: Any, shape: ErrorEnvelope) -> str | None:
    """Return the code of an error, which is a text or a number, as messages show it."""
    match find(item, shape.code):
        case bool():
            return None
        case str(code):
            return cut(code, MAX_QUOTE)
        case int() | float() as code:
            return show_value(code)
        case _:
            return None


def _vendor_errors(items: list[Any], shape: ErrorEnvelope) -> TransformError:
    at = pointer(shape.path)
    quotes = (_quote(item, shape) for item in items[:MAX_FINDINGS])
    return TransformError(Diagnostic(codes.VENDOR_ERROR, quote, pointer=at) for quote in quotes)


def _quote(item: Any, shape: ErrorEnvelope) -> str:
    """Return an error of the vendor in one line: its code and message, or else what it holds."""
    code, message = _code(item, shape), find(item, shape.message)
    if code is None:
        return f"the vendor answered with the error {show_value(item)}"
    if isinstance(message, str):
        said = f": {cut(message, MAX_QUOTE)}"
    else:
        said = f": {show_value(item)}" if len(item) > 1 else ""
    return f"the vendor answered with error {code}{said}"


def _refuse_other(document: dict[str, Any], envelope: Envelope) -> None:
    """Raise M504 if *document* is wrapped like an answer, but holds something else.

    Raises:
        TransformError: M504, or M505 if it holds errors that have no known shape.
    """
    paths = [path for path in (envelope.single, envelope.list) if path and len(path) > 1]
    parents = [path[:-1] for path in paths if isinstance(find(document, path[:-1]), dict)]
    alone = any(len(document) == 1 and path[0] in document for path in paths)
    if not parents and not alone:
        return
    for shape in envelope.errors:
        if shape.path and (items := _errors_at(document, shape)):
            raise _vendor_errors(items, shape)
    if not parents:
        inner = document[next(iter(document))]
        message = "the answer holds no object and no list, as after a deletion"
        raise _refused(codes.OTHER_RESOURCE, message, tuple(document), inner)
    raise _other(document, envelope, parents[0])


def _other(document: dict[str, Any], envelope: Envelope, at: Steps) -> TransformError:
    """Return M504 about the answer whose object or list should be in the object *at*."""
    parent, wanted = find(document, at), dict[str, str]()
    for path, kind in ((envelope.single, "an object"), (envelope.list, "a list")):
        if path and path[:-1] == at:
            wanted.setdefault(path[-1], kind)
    for name, kind in wanted.items():
        if name in parent:
            message = f"the answer holds {_kind(parent[name])} in {show_value(name)}, not {kind}"
            return _refused(codes.OTHER_RESOURCE, message, (*at, name))
    held = ", ".join(map(show_value, islice(parent, 5))) or "nothing"
    names = " or ".join(map(show_value, wanted))
    message = f"the answer holds {held}, not an object or list in {names}"
    return _refused(codes.OTHER_RESOURCE, message, at)


def _kind(value: Any) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            return show_value(value)


def _refused(
    rule: Rule, message: str, steps: Iterable[str | int] | None = None, value: Any = ABSENT
) -> TransformError:
    at = None if steps is None else pointer(steps)
    shown = None if value is ABSENT else show_value(value)
    return TransformError([Diagnostic(rule, message, pointer=at, value=shown)])
