"""YAML text to nodes that know their spans.

PyYAML parses; its events carry positions.
What scalars mean is decided by the core schema of YAML 1.2, and what another reader could take
differently is refused.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Never, TypeVar

import yaml
from msgspec import Struct, field
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Diagnostic, Label, Rule, Source, Span, cut, pointer_steps
from mapper.files import MAX_FILE, too_large
from mapper.scalar import Scalar, resolve

__all__ = [
    "Entry",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "comments",
    "nearest",
    "placed_in",
    "plain",
    "read_yaml",
    "scalars",
]

MAX_DEPTH = 50
"""How many YAML collections may nest, aliases followed."""
MAX_NODES = 100_000
"""How many nodes a file may have."""
MAX_ALIASED = 10_000
"""How many nodes the aliases of one file may stand for."""


class Sequence(Struct, frozen=True, gc=False):
    items: "tuple[Node, ...]"
    span: Span


class Entry(Struct, frozen=True, gc=False):
    key: Scalar
    value: "Node"


class Mapping(Struct, frozen=True, gc=False):
    """A mapping; every key is a text and occurs once."""

    entries: tuple[Entry, ...]
    span: Span

    def get(self, name: str) -> "Node | None":
        """Return the value under *name*, or None."""
        return next((entry.value for entry in self.entries if entry.key.text == name), None)

    def keys(self) -> tuple[str, ...]:
        """Return the names in file order."""
        return tuple(entry.key.text for entry in self.entries)


Node = Scalar | Sequence | Mapping
NodeType = TypeVar("NodeType", bound=Node)


def plain(node: Node) -> Any:
    """Return the JSON value that *node* stands for; nothing in it is shared with another call."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {entry.key.text: plain(entry.value) for entry in node.entries}


def placed_in(node: NodeType, source: Source) -> NodeType:
    """Return *node* with all of its places in *source*, which has the same text."""
    span = node.span._replace(source=source)
    if isinstance(node, Sequence):
        return replace(node, span=span, items=tuple(placed_in(each, source) for each in node.items))
    if isinstance(node, Mapping):
        entries = tuple(
            Entry(placed_in(each.key, source), placed_in(each.value, source))
            for each in node.entries
        )
        return replace(node, span=span, entries=entries)
    return replace(node, span=span)


def nearest(node: Node, place: str) -> Node:
    """Return the node that the RFC 6901 pointer *place* leads to, or the last on the way there."""
    for step in pointer_steps(place):
        match node:
            case Mapping():
                inner = node.get(step)
            case Sequence(items=items) if step.isdecimal() and int(step) < len(items):
                inner = items[int(step)]
            case _:
                inner = None
        if inner is None:
            break
        node = inner
    return node


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml may be missing
# Patterns are compiled when they are needed, which most files do not.
_OLD_BREAKS = "\x85\u2028\u2029"
# What YAML does not take, or as line breaks, and the mark of a byte order; nothing printable.
_UNPRINTABLE = f"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff{_OLD_BREAKS}]"
# What may stand before a value.
_PROPERTIES = r"(?:(?:&[\w-]+|![^\s,\[\]{}]*)(?:\s|#[^\n\r]*)*+)*"


def read_yaml(source: Source) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """Return the tree of a YAML file and everything that is wrong with the file as YAML.

    The tree is None if the file is empty, too large or breaks the syntax; otherwise it is there
    even beside findings: an ambiguous scalar is text, the first of two equal keys stays.
    An alias gives the very node of its anchor, with the anchor's place.
    """
    reader = _Reader(source)
    return reader.read(), tuple(reader.diagnostics)


def comments(source: Source) -> tuple[Span, ...]:
    """Return the comments of a YAML file, each from its # on, up to an error of syntax."""
    base = int(source.text.startswith("\ufeff"))
    text = source.text[base:]
    return tuple(
        Span(source, found.start() + base, found.end() + base)
        for start, end in _between_scalars(text)
        for found in re.compile(f"#{_LINE}").finditer(text, start, end)
    )


def scalars(source: Source) -> tuple[Span, ...]:
    """Return where the scalars of a YAML file are, up to an error of syntax.

    A block scalar begins with its indicator, and ends where its last line does.
    """
    base = int(source.text.startswith("\ufeff"))
    text = source.text[base:]
    spans: list[Span] = []
    with suppress(yaml.YAMLError):
        for start, _, end in _scalars(text):
            last = start + len(text[start:end].rstrip())
            spans.append(Span(source, start + base, last + base))
    return tuple(spans)


_LINE = r"[^\n\r]*"


def _between_scalars(text: str) -> Iterator[tuple[int, int]]:
    """Yield where no scalar stands, so that a # begins a comment; ends at an error of syntax.

    The first line of a block scalar, behind its indicator, is one of these places.
    """
    last = 0
    with suppress(yaml.YAMLError):
        for _, begun, end in _scalars(text):
            yield last, begun
            last = end
        yield last, len(text)


def _scalars(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield of each scalar where it starts, where its text may begin, and where it ends.

    Raises:
        YAMLError: At an error of syntax.
    """
    line = re.compile(_LINE)
    tokens = _LOADER(text)
    while token := tokens.get_token():
        if isinstance(token, yaml.ScalarToken):
            start, end = _range(token)
            header = line.match(text, start) if token.style in _BLOCKS else None
            yield start, header.end() if header else start, end


_BLOCKS = ("|", ">")
_SCALAR = yaml.ScalarEvent
_SPAN = partial(tuple.__new__, Span)
"""``Span`` of a tuple, without a call in Python: a project has thousands."""


class _Stop(Exception):  # noqa: N818 - ends reading; no error by itself
    """Reading on would be unbounded or senseless; what was found is reported."""


class _Open(Struct):
    """A collection whose end is still to come; in a mapping, keys and values alternate.

    Attributes:
        margin: The column of the innermost block, itself or around it.
        inside: How many nodes are in its children.
    """

    start: yaml.CollectionStartEvent
    margin: int
    end: int
    children: list[Node] = field(default_factory=list)
    inside: int = 0
    height: int = 1

    @property
    def size(self) -> int:
        """How many nodes it is, itself and all in it."""
        return 1 + len(self.children) + self.inside


class _Anchored(Struct, frozen=True):
    node: Node
    size: int
    height: int


class _Reader:
    """Builds nodes from PyYAML's events, so that nothing recurses and every alias is counted."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.base = int(source.text.startswith("\ufeff"))
        self.text = source.text[self.base :]
        self.diagnostics: list[Diagnostic] = []
        self.documents = _Open(yaml.SequenceStartEvent(None, None, implicit=True), -1, 0)
        self.open = [self.documents]
        self.anchors: dict[str, _Anchored | None] = {}  # None: still open
        self.nodes = self.aliased = 0

    def read(self) -> Node | None:
        try:
            self._check_text()
            events = _LOADER(self.text)
            while event := events.get_event():
                if type(event) is _SCALAR:  # by far the most
                    self._add_scalar(event)
                else:
                    self._take(event)
            if all(map(_is_nothing, self.documents.children)):
                self._report(codes.EMPTY_FILE, f"{self.source.name} holds nothing", 0, 0)
                return None
        except yaml.MarkedYAMLError as error:
            self.diagnostics.append(_word_syntax(self, error))
            return None
        except _Stop:
            pass
        return self.documents.children[0] if self.documents.children else None

    def span(self, start: int, end: int) -> Span:
        return _SPAN((self.source, start + self.base, end + self.base))

    def _check_text(self) -> None:
        if len(self.text) > MAX_FILE:
            self.diagnostics.append(too_large(self.source.name)._replace(span=self.span(0, 0)))
            raise _Stop
        if all(map(str.isprintable, self.text.split("\n"))):
            return
        bad = re.search(_UNPRINTABLE, self.text)
        if bad:
            code = f"{ord(bad.group()):04X}"
            message, hint = f"control character U+{code}", "remove it"
            if bad.group() in _OLD_BREAKS:
                message = f"U+{code} is a line break in YAML 1.1 and none in YAML 1.2"
                hint = f'remove it, or write "\\u{code}" in double quotes'
            self._stop(codes.NOT_TEXT, message, *bad.span(), hint)

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.CollectionStartEvent():
                self._open_collection(event)
            case yaml.CollectionEndEvent():
                self._close_collection(event)
            case yaml.AliasEvent():
                self._add_alias(event)
            case yaml.DocumentStartEvent():
                self._start_document(event)
            case _:
                pass  # the ends of documents and of the stream

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        start, end = _range(event)
        if event.version or event.tags:
            self._report(codes.YAML_FEATURE, "directives (%) are not used", start, end)
        if self.documents.children:
            self._stop(codes.YAML_FEATURE, "a second document begins here", start, end)

    def _add_alias(self, event: yaml.AliasEvent) -> None:
        start, end = _range(event)
        if event.anchor not in self.anchors:
            message, hint = f"no anchor &{event.anchor} stands before this alias", _QUOTE
            self._report(codes.YAML_SYNTAX, message, start, end, hint)
            self._add(Scalar(None, "", self.span(start, end)), end)
            return
        target = self.anchors[event.anchor]
        if target is None:
            self._stop(codes.TOO_LARGE, f"&{event.anchor} contains itself", start, end)
        self.aliased += target.size
        if self.aliased > MAX_ALIASED:
            message = f"the aliases stand for more than {MAX_ALIASED} nodes"
            self._stop(codes.TOO_LARGE, message, start, end)
        self._check_depth(target.height, start, end)
        self._add(target.node, end, target.size, target.height)

    def _add_scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor or event.tag:
            start, end = self._behind_properties(event)
        value = text = event.value
        style = event.style or ""
        if not style and not event.tag:
            value, problem = resolve(text)
            if problem:
                hint = f"quote it: '{cut(text)}'"
                _, _, number = problem.partition(" would be read as ")
                if number:
                    hint = f"write {number} if it is a number; if it is text, {hint}"
                self._report(codes.AMBIGUOUS_SCALAR, problem, start, end, hint)
        level = self.open[-1]
        node = Scalar(value, text, self.span(start, end), style, level.margin)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(node, 1, 0)
        level.children.append(node)
        level.end = end

    def _open_collection(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor or event.tag:
            start, end = self._behind_properties(event)
        self._check_depth(1, start, end)
        if event.anchor:
            self.anchors[event.anchor] = None
        margin = self.open[-1].margin
        if not event.flow_style and event.start_mark:
            margin = max(margin, event.start_mark.column)
        self.open.append(_Open(event, margin, end))

    def _close_collection(self, event: yaml.CollectionEndEvent) -> None:
        level = self.open.pop()
        self.nodes += len(level.children)
        if self.nodes > MAX_NODES:
            self._stop(codes.TOO_LARGE, f"more than {MAX_NODES} nodes", *_range(event))
        start = level.start
        # The end of a block is marked where the next token starts: its last child ends it.
        end = _range(event)[1] if start.flow_style else level.end
        span = self.span(_range(start)[0], end)
        node: Node
        if isinstance(start, yaml.MappingStartEvent):
            node = Mapping(self._entries(level.children), span)
        else:
            node = Sequence(tuple(level.children), span)
        if start.anchor:
            self.anchors[start.anchor] = _Anchored(node, level.size, level.height)
        self._add(node, end, level.size, level.height)

    def _entries(self, children: list[Node]) -> tuple[Entry, ...]:
        entries: dict[str, Entry] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar) or _is_nothing(key):
                self._feature("a key must be a text", key)
                continue
            name = key.text
            if name == "<<" and key.plain:
                self._feature("merge keys (<<) are not used", key)
            elif name in entries:
                label = Label(entries[name].key.span, "first given here")
                message = f"{cut(name)} is given twice"
                found = Diagnostic(codes.DUPLICATE_KEY, message, key.span, labels=(label,))
                self.diagnostics.append(found)
            else:
                entries[name] = Entry(key if key.value is name else replace(key, value=name), value)
        return tuple(entries.values())

    def _behind_properties(self, event: Any) -> tuple[int, int]:
        """Return where the value of *event* stands, without its anchor; a tag is reported."""
        start, end = _range(event)
        if event.tag:
            hint = "quote the value if the ! belongs to it"
            self._report(codes.YAML_FEATURE, f"tags ({event.tag}) are not used", start, end, hint)
        before = re.compile(_PROPERTIES).match(self.text, start, end)
        return before.end() if before else start, end

    def _check_depth(self, height: int, start: int, end: int) -> None:
        if len(self.open) - 1 + height > MAX_DEPTH:
            self._stop(codes.TOO_LARGE, f"nested deeper than {MAX_DEPTH} levels", start, end)

    def _add(self, node: Node, end: int, size: int = 1, height: int = 0) -> None:
        level = self.open[-1]
        level.children.append(node)
        level.end = end
        level.inside += size - 1
        if height >= level.height:
            level.height = height + 1

    def _feature(self, message: str, node: Node) -> None:
        self.diagnostics.append(Diagnostic(codes.YAML_FEATURE, message, node.span))

    def _stop(
        self, rule: Rule, message: str, start: int, end: int, hint: str | None = None
    ) -> Never:
        self._report(rule, message, start, end, hint)
        raise _Stop

    def _report(
        self, rule: Rule, message: str, start: int, end: int, hint: str | None = None
    ) -> None:
        self.diagnostics.append(Diagnostic(rule, message, self.span(start, end), hint=hint))


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.text and node.plain


def _range(event: Any) -> tuple[int, int]:  # Any: by its types, an event may lack its marks
    return event.start_mark.index, event.end_mark.index


# Syntax errors ----------------------------------------------------------------------------------

_QUOTE = "quote the whole value"
_SPACING = "check the indentation; quote a value that holds ': ' or ' #'"
_SPECIAL = {"*": "an alias", "&": "an anchor", "!": "a tag", "%": "a directive"}
_OPENING = {"[": "list", "{": "mapping"}
_VALUE = r"\s*(?:- +)*(?:[^\s\"'\[{#:][^:\n]*+:[ \t]+)?([\[{'\"])"
_QUOTED = r"'(?:''|[^'])*+'|\"(?:\\[\s\S]|[^\"\\])*+\""


def _word_syntax(reader: _Reader, error: yaml.MarkedYAMLError) -> Diagnostic:
    """Word a syntax error by what stands where PyYAML stopped (its own texts vary by loader)."""
    text = reader.text
    at = error.problem_mark.index if error.problem_mark else 0
    begun = error.context_mark.index if error.context_mark else at
    if text.startswith("\t", at):
        message, place, hint = "a tab cannot indent", at, "indent with blanks"
    elif begun == at:
        message, place, hint = _explain_character(text, at)
    elif isinstance(error, yaml.scanner.ScannerError):
        message, place, hint = _explain_scalar(text, begun, at)
    else:
        message, place, hint = _explain_collection(text, begun, at)
    span = reader.span(place, min(place + 1, len(text)))
    labels: tuple[Label, ...] = ()
    if place != begun and text[begun] in "[{'\"":
        labels = (Label(reader.span(begun, begun + 1), "in what begins here"),)
    return Diagnostic(codes.YAML_SYNTAX, message, span, hint=hint, labels=labels)


def _explain_character(text: str, at: int) -> tuple[str, int, str]:
    """Return message, place and hint for a character that cannot stand where it stands."""
    match text[at : at + 1]:
        case ":":
            return "': ' in an unquoted value", at, f"{_QUOTE}, or check the indentation"
        case "@" | "`" | "%" as found:
            return f"unquoted text cannot begin with {found}", at, _QUOTE
        case "-" | "?" as found:
            return f"'{found} ' cannot begin a value here", at, f"begin a new line, or {_QUOTE}"
        case "," | "]" | "}" as found:
            return f"{found} stands where a value is due", at, _QUOTE
        case _:
            return "this cannot stand here", at, _SPACING


def _explain_scalar(text: str, begun: int, at: int) -> tuple[str, int, str]:
    """Return message, place and hint for an error at *at* in the scalar that begins at *begun*."""
    same_line = not re.search(r"[\n\r]", text[begun:at])
    match text[begun]:
        case "'" | '"' as quote if not re.compile(_QUOTED).match(text, begun, at):
            if text.startswith("---", at) or text.startswith("...", at) or not text[at:].strip():
                message = f"the text that begins with {quote} is not closed"
                return message, begun, f"close it, or {_QUOTE}"
            return "unknown escape", at, "double the backslash, or use single quotes"
        case "|" | ">" as style:
            message = f"{style} begins a block of lines, and more stands on its line"
            return message, begun, _QUOTE
        case "*" | "&" | "!" | "%" as special if same_line:
            message = f"an unquoted {special} begins {_SPECIAL[special]}, and this is none"
            return message, begun, _QUOTE
        case _:
            return "this line is neither 'key: value' nor '- item'", begun, _SPACING


def _explain_collection(text: str, begun: int, at: int) -> tuple[str, int, str]:
    """Return message, place and hint for an error at *at* in the collection begun at *begun*."""
    kind = _OPENING.get(text[begun])
    if kind and not text[at:].strip():
        message = f"the {kind} that begins with {text[begun]} is not closed"
        return message, begun, f"close it, or {_QUOTE}"
    if kind:
        return f"the {kind} cannot go on like this", at, f"separate with commas, or {_QUOTE}"
    line_start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    opened = re.compile(_VALUE).match(text, line_start, at)
    if opened and text[line_start:at].strip():
        message = f"more text after the value that begins with {opened.group(1)}"
        return message, at, _QUOTE
    return "this does not fit the block that it stands in", at, _SPACING
