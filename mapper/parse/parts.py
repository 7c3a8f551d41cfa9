"""The parts of field rules: paths, expressions, unset spellings, defaults and converters."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping as Dictionary
from itertools import count

from msgspec import Struct, field
from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Label, Source, Span
from mapper.document import Entry, Mapping, Node, Scalar, Sequence, plain
from mapper.expr import ExpressionError, parse
from mapper.functions import FUNCTIONS
from mapper.model import ConverterUse, Default, Expression, FileReference, Level, Path, Unset
from mapper.parse.shape import Findings, shown
from mapper.values import ABSENT, Steps

MAX_PATH = 1_000
"""How many characters a path may have, with its parameters replaced."""
MAX_NAMES = 50
"""How many names a path may have."""

_NAME = r'[A-Za-z_][A-Za-z0-9_]*|"(?:[^"\\]|\\.)+"'
_PARAMETER = r"\$\{([^}]*)\}"
ANY = "x"
"""What stands in for a fragment's parameter that is not given."""


class File(Struct, frozen=True):
    """A file of the language that is YAML: its kind, its root and its source."""

    kind: str
    source: Source
    root: Mapping


class Fragment(Struct, frozen=True):
    """A fragment file: its rules are parsed anew for each use, with its parameters replaced."""

    name: str
    span: Span
    parameters: tuple[str, ...]
    fields: Mapping
    unset: Dictionary[str, Unset]


class Scope(Struct, frozen=True):
    """What names mean where a rule stands."""

    unset: Dictionary[str, Unset] = field(default_factory=dict)
    fragments: Dictionary[str, Fragment] = field(default_factory=dict)
    parameters: Dictionary[str, str] = field(default_factory=dict)
    within: tuple[str, ...] = ()
    """The names of the fragments around, from the outside in."""
    use: Span | None = None
    """Where the innermost of them is used."""
    rules: Iterator[int] = field(default_factory=count)
    """Counts the rules, so that fragments in fragments stay bounded."""


def parse_path(text: str) -> Steps | None:
    """Return the member names of a path, at most :data:`MAX_NAMES`, or None if *text* is not one.

    >>> parse_path('customer."odd name"')
    ('customer', 'odd name')
    """
    if len(text) > MAX_PATH:
        return None
    if text.isidentifier() and text.isascii():  # as most paths are
        return (text,)
    names = text.split(".")
    if text.isascii() and all(map(str.isidentifier, names)):
        return tuple(names) if len(names) <= MAX_NAMES else None
    steps: list[str] = []
    at = 0
    name = re.compile(_NAME)
    while match := name.match(text, at):
        steps.append(_unquote(match[0]))
        at = match.end()
        if at == len(text):
            return None if "" in steps else tuple(steps)
        if text[at] != "." or len(steps) == MAX_NAMES:
            return None
        at += 1
    return None


def _unquote(name: str) -> str:
    """Return the name that *name* spells, or "" if it spells none: bad escapes, half surrogates."""
    if not name.startswith('"'):
        return name
    try:
        unquoted = str(json.loads(name))
        unquoted.encode()
    except ValueError:
        return ""
    return unquoted


def read_path(
    scalar: Scalar, what: str, findings: Findings, scope: Scope | None = None
) -> Path | None:
    """Return the path that *scalar* spells, its ``${parameters}`` replaced within a fragment."""
    text = scalar.text
    if scope is not None and "${" in text:
        text = replace_parameters(scalar, scope, findings)
    steps = parse_path(text)
    if steps is not None:
        return Path(steps, scalar.span)
    message, labels = f"{what} {shown(scalar.text)} is not a path", tuple[Label, ...]()
    if scope is not None and scope.use and parse_path(re.sub(_PARAMETER, ANY, scalar.text)):
        message = f"{what} {shown(scalar.text)} becomes {shown(text)}, which is not a path"
        labels = (Label(scope.use, "by this use"),)
    odd = re.fullmatch(r"[\w -]{1,60}", text)
    hint = f"put the name into double quotes of its own: '{json.dumps(text)}'" if odd else None
    findings.report(codes.BAD_PATH, scalar.span, message, hint=hint, labels=labels)
    return None


def replace_parameters(scalar: Scalar, scope: Scope, findings: Findings) -> str:
    text = scalar.text
    if len(text) > MAX_PATH:
        findings.report(codes.BAD_PATH, scalar.span, _too_long(text))
        return ANY
    for name in dict.fromkeys(re.findall(_PARAMETER, text)):
        if name not in scope.parameters:
            what = (
                "parameter of this fragment"
                if scope.within
                else "parameter: only fragments have any"
            )
            findings.unknown(codes.UNKNOWN_NAME, scalar.span, what, name, scope.parameters)
    replaced = re.sub(_PARAMETER, lambda found: scope.parameters.get(found[1], ANY), text)
    if len(replaced) > MAX_PATH:
        findings.report(codes.BAD_PATH, scalar.span, _too_long(text))
        return ANY
    return replaced


def _too_long(text: str) -> str:
    return f"{shown(text)} comes to more than {MAX_PATH} characters"


def read_path_value(
    node: Node, what: str, findings: Findings, scope: Scope | None = None
) -> Path | None:
    """Return the path that the value *node* is; a key is read by :func:`read_path`."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.text:
        return read_path(node, what, findings, scope)
    findings.report(
        codes.WRONG_SHAPE,
        node.span,
        f"{what} must be a path",
        hint="write names joined by dots, as text",
    )
    return None


def read_expression(node: Node, what: str, findings: Findings) -> Expression | None:
    """Return the expression that *node* spells."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        findings.report(
            codes.WRONG_SHAPE,
            node.span,
            f"{what} must be an expression",
            hint="quote the expression; a constant in it stands in backquotes",
        )
        return None
    try:
        return Expression(parse(node.text, FUNCTIONS), node)
    except ExpressionError as error:
        rule = codes.expression_rule(error.kind)
        findings.report(rule, node.place(error.start, error.end), error.message)
        return None


def read_unset_policies(node: Node, findings: Findings) -> dict[str, Unset]:
    """Return the named unset spellings of a file's ``unset:``."""
    section = findings.mapping(node, "unset")
    if section is None:
        return {}
    return {
        entry.key.text: replace(
            read_unset(entry.value, findings, Scope()) or Unset(), named=entry.key.span
        )
        for entry in section.entries
    }


def read_unset(node: Node, findings: Findings, scope: Scope) -> Unset | None:
    match node:
        case Scalar(value=str(name)):
            if name in scope.unset:
                return scope.unset[name]
            findings.unknown(codes.UNKNOWN_NAME, node.span, "entry of unset", name, scope.unset)
            return None
        case Sequence():
            return Unset(tuple(map(plain, node.items)))
        case Mapping():
            members = findings.keys(node, "unset", ("read", "clear"))
            read = members.get("read")
            if read is not None and findings.sequence(read, "unset.read") is None:
                return None
            clear = members.get("clear")
            return Unset(
                (None,) if read is None else tuple(plain(read)),
                ABSENT if clear is None else plain(clear),
            )
        case _:
            findings.report(
                codes.WRONG_SHAPE,
                node.span,
                "unset must be a name, a list or {read: […], clear: …}",
            )
            return None


def read_default(node: Node, findings: Findings) -> Default:
    parts = {"read": node, "create": node}
    if isinstance(node, Mapping) and {"read", "create"} & set(node.keys()):
        parts = findings.keys(node, "default", ("read", "create"))
    given = {name: plain(part) for name, part in parts.items()}
    if None in given.values():
        findings.report(codes.WRONG_SHAPE, node.span, "a default is not null")
    return Default(given.get("read", ABSENT), given.get("create", ABSENT))


def read_converters(node: Node, findings: Findings) -> tuple[ConverterUse, ...]:
    nodes = node.items if isinstance(node, Sequence) else (node,)
    uses = (_converter(each, findings) for each in nodes)
    return tuple(use for use in uses if use is not None)


def _converter(node: Node, findings: Findings) -> ConverterUse | None:
    use = _use(node)
    if use is None:
        message = "a converter is a name or {name: parameters}"
        hint = "write several converters as a list"
        findings.report(codes.WRONG_SHAPE, node.span, message, hint=hint)
    return use


def _use(node: Node) -> ConverterUse | None:
    match node:
        case Scalar(value=str(name)):
            return ConverterUse(name, None, node.span)
        case Mapping(entries=(Entry(key, value),)):
            keys = (each.key for each in value.entries) if isinstance(value, Mapping) else ()
            scalars = tuple(_scalars(value))
            of_items = tuple(_of_items(value)) if key.text == "list" else ()
            return ConverterUse(key.text, plain(value), node.span, scalars, tuple(keys), of_items)
        case _:
            return None


def _of_items(node: Node) -> Iterator[ConverterUse]:
    """Yield the converters of items; what else the parameters of ``list`` may be is told later."""
    for each in node.items if isinstance(node, Sequence) else (node,):
        use = _use(each)
        if use is not None:
            yield use


def _scalars(node: Node) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case Sequence(items=items):
            for each in items:
                yield from _scalars(each)
        case Mapping(entries=entries):
            for entry in entries:
                yield from _scalars(entry.value)


def read_level(node: Node, what: str, known: Iterable[Level], findings: Findings) -> Level | None:
    """Return the level that *node* names, one of those *known*."""
    value = plain(node)
    names = {each.value: each for each in known}
    if isinstance(value, str) and value in names:
        return names[value]
    findings.unknown(codes.UNKNOWN_NAME, node.span, f"level of {what}", str(value), names)
    return None


def read_file_reference(
    members: dict[str, Node], name: str, findings: Findings
) -> FileReference | None:
    file = findings.optional_text(members, name)
    return FileReference(file, members[name].span) if file else None


def read_file_beside(
    members: dict[str, Node], name: str, findings: Findings
) -> FileReference | None:
    """Return the name of a file in the same folder."""
    file = read_file_reference(members, name, findings)
    if file is None or re.fullmatch(_FILE_NAME, file.name):
        return file
    message = f"{name} must be the name of a file beside this one"
    findings.report(codes.WRONG_SHAPE, file.span, message)
    return None


_FILE_NAME = r"[^./\\\0][^/\\\0]*"


def read_optional_path(members: dict[str, Node], name: str, findings: Findings) -> Path | None:
    return read_path_value(members[name], name, findings) if name in members else None
