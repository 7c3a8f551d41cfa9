r"""Regular expressions as trees, and what each can begin with.

The syntax is the part that :mod:`mapper.schema.patterns` lets pass and that formats and primitives
use, in which Python's backtracking finds just what the expression describes: characters, classes,
``.``, escapes, groups, alternatives and greedy repetitions. It is small enough for a parser of its
own; that of the standard library is private, and knows much that would have to be refused again.
"""

import re
from itertools import pairwise

import msgspec

from mapper.languages.work import TooComplex

MAX_REGEX = 2_000
"""How many characters a regular expression may have."""

MAX_GROUPS = 50
"""How deep groups may nest."""

Range = tuple[int, int]
"""The first and the last of consecutive code points."""


class Characters(msgspec.Struct, frozen=True, cache_hash=True):
    """One character out of ranges, which are in order and apart."""

    ranges: tuple[Range, ...]


class Choice(msgspec.Struct, frozen=True, cache_hash=True):
    """One of several sequences."""

    options: "tuple[Sequence, ...]"


class Repeat(msgspec.Struct, frozen=True, cache_hash=True):
    """What is repeated ``least`` to ``most`` times, None being any number of times."""

    part: "Node"
    least: int
    most: int | None


Node = Characters | Choice | Repeat
Sequence = tuple[Node, ...]

_SURROGATES = (0xD800, 0xDFFF)
_LAST = 0x10FFFF

_ESCAPE = r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[nrtfv]|[^0-9A-Za-z])"
_TOKEN = re.compile(
    rf"(?P<character>{_ESCAPE}|[^\\()\[|.*+?{{^$])|(?P<set>\[(?:[^\[\]\\]|\\.)+\])|(?P<any>\.)"
    r"|(?P<open>\((?:\?:|\?P<\w+>|(?!\?)))|(?P<close>\))|(?P<or>\|)",
    re.DOTALL,
)
_QUANTIFIER = re.compile(r"[*+?]|\{(?P<least>[0-9]+)(?P<range>,(?P<most>[0-9]+)?)?\}")
_COUNTS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_MEMBER = re.compile(rf"({_ESCAPE}|[^\\])(?:-({_ESCAPE}|[^\\]))?", re.DOTALL)
_CONTROLS = {"n": 0x0A, "r": 0x0D, "t": 0x09, "f": 0x0C, "v": 0x0B}


def parsed(regex: str) -> Sequence:
    """Return the tree of *regex*; raises TooComplex for syntax that is not handled."""
    if len(regex) > MAX_REGEX:
        raise TooComplex(f"is longer than {MAX_REGEX} characters")
    groups: list[list[list[Node]]] = [[[]]]  # of each open group its alternatives
    at = 0
    while at < len(regex):
        token = _TOKEN.match(regex, at)
        if token is None:
            raise TooComplex(f"has syntax that is not handled, at character {at + 1}")
        at = token.end()
        match token.lastgroup:
            case "open":
                groups.append([[]])
                if len(groups) > MAX_GROUPS:
                    raise TooComplex(f"nests groups deeper than {MAX_GROUPS}")
                continue
            case "or":
                groups[-1].append([])
                continue
            case "close":
                node: Node = _choice(groups.pop())
                if not groups:
                    raise TooComplex("closes a group that it does not open")
            case "any":
                node = Characters(_others([(0x0A, 0x0A)]))
            case "set":
                node = _set(token.group()[1:-1])
            case _:
                code = _code(token.group())
                node = Characters(_joined([(code, code)]))
        least, most, at = _quantifier(regex, at)
        if (least, most) != (1, 1):
            node = Repeat(node, least, most)
        if most != 0:
            groups[-1][-1].append(node)
    if len(groups) > 1:
        raise TooComplex("leaves a group open")
    return (_choice(groups[0]),)


def any_character() -> Characters:
    return Characters(_others([]))


def may_be_empty(sequence: Sequence) -> bool:
    """Tell whether *sequence* describes the empty text."""
    for node in sequence:
        match node:
            case Characters():
                return False
            case Choice(options):
                if not any(map(may_be_empty, options)):
                    return False
            case Repeat(part, least, _):
                if least and not may_be_empty((part,)):
                    return False
    return True


def beginnings(sequence: Sequence) -> list[tuple[Characters, Sequence]]:
    """Return with what character *sequence* can begin and what can follow that (Antimirov)."""
    found = []
    for i in range(len(sequence)):
        node, rest = sequence[i], sequence[i + 1 :]
        found += [(first, follows + rest) for first, follows in _beginnings(node)]
        if not may_be_empty((node,)):
            break
    return found


def _beginnings(node: Node) -> list[tuple[Characters, Sequence]]:
    match node:
        case Characters():
            return [(node, ())]
        case Choice(options):
            return [each for option in options for each in beginnings(option)]
        case Repeat(part):
            # Where the part may be empty, this also holds what begins with a later one.
            rest = _one_less(node)
            return [(first, follows + rest) for first, follows in _beginnings(part)]


def _one_less(repeat: Repeat) -> Sequence:
    least = max(repeat.least - 1, 0)
    if repeat.most is None:
        return (Repeat(repeat.part, least, None),)
    return (Repeat(repeat.part, least, repeat.most - 1),) if repeat.most > 1 else ()


def _choice(alternatives: list[list[Node]]) -> Choice:
    return Choice(tuple(map(tuple, alternatives)))


def _quantifier(regex: str, at: int) -> tuple[int, int | None, int]:
    """Return the counts of the quantifier at *at*, once if there is none, and the offset after."""
    found = _QUANTIFIER.match(regex, at)
    if found is None:
        return 1, 1, at
    if found.group() in _COUNTS:
        return *_COUNTS[found.group()], found.end()
    least = int(found["least"])
    most = int(found["most"]) if found["most"] else None if found["range"] else least
    if most is not None and most < least:
        raise TooComplex("has a count that ends before it begins")
    return least, most, found.end()


def _set(inside: str) -> Characters:
    """Return what a class with *inside* between its brackets describes."""
    negated = inside.startswith("^")
    ranges: list[Range] = []
    at = int(negated)
    while at < len(inside):
        member = _MEMBER.match(inside, at)
        if member is None:
            raise TooComplex("has an escape in a class that is not handled")
        first = _code(member[1])
        ranges.append((first, _code(member[2]) if member[2] else first))
        if ranges[-1][1] < first:
            raise TooComplex("has a range in a class that ends before it begins")
        at = member.end()
    return Characters(_others(ranges) if negated else _joined(ranges))


def _code(text: str) -> int:
    """Return the code point of the character that *text*, a plain or an escaped one, stands for."""
    match text[1:2]:
        case "":
            return ord(text)
        case "x" | "u":
            return int(f"0x{text[2:]}", base=0)
        case escaped:
            return _CONTROLS.get(escaped, ord(escaped))


def _others(ranges: list[Range]) -> tuple[Range, ...]:
    """Return the ranges of all characters but those in *ranges*."""
    ends = [(-1, -1), *sorted([*ranges, _SURROGATES]), (_LAST + 1, _LAST + 1)]
    gaps = []
    past = 0
    for (_, last), (following, _) in pairwise(ends):
        past = max(past, last + 1)
        if past < following:
            gaps.append((past, following - 1))
    return tuple(gaps)


def _joined(ranges: list[Range]) -> tuple[Range, ...]:
    """Return *ranges* in order and apart, without surrogates."""
    if len(ranges) == 1 and ranges[0][1] < _SURROGATES[0]:  # as mostly
        return tuple(ranges)
    return _others(list(_others(ranges)))
