"""Texts that a pattern of a schema describes."""

import re

from mapper.generate.choices import Make, any_of

_ANY = "".join(map(chr, range(0x20, 0x7F)))
_TOKEN = re.compile(
    r"(?P<class>\[(?:[^\]\\]|\\.)+\])|(?P<escape>\\(?:x..|u....|.))|\((?:\?:)?(?P<open>)|(?P<any>\.)"
    r"|(?P<literal>[^\\()|])",
    re.DOTALL,
)
_QUANTIFIER = re.compile(r"[*+?]|\{(?P<least>[0-9]+)(?P<range>,(?P<most>[0-9]*))?\}")
_MEMBER = re.compile(r"(\\(?:x..|u....|.)|[^\\])(?:-(\\(?:x..|u....|.)|[^\\]))?", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_MORE = 8
"""How often an unbounded repetition repeats beyond its least count."""


def make_matching(pattern: str) -> Make:
    """Return what makes texts that *pattern*, one of :mod:`mapper.schema.patterns`, describes."""
    return _Walk(pattern[1:-1]).alternatives()


class _Walk:
    """Turns a pattern into what makes its texts, from left to right."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._at = 0

    def alternatives(self) -> Make:
        """Return what makes one of the alternatives that follow, up to the end of their group."""
        options = [self._sequence()]
        while self._body.startswith("|", self._at):
            self._at += 1
            options.append(self._sequence())
        self._at += 1  # past the closing parenthesis
        return any_of(options)

    def _sequence(self) -> Make:
        parts: list[Make] = []
        while token := _TOKEN.match(self._body, self._at):
            self._at = token.end()
            parts.append(self._repeated(self._atom(token)))
        return lambda choices: "".join([part(choices) for part in parts])

    def _atom(self, token: re.Match[str]) -> Make:
        match token.lastgroup:
            case "open":
                return self.alternatives()
            case "class":
                options = _characters(token.group()[1:-1])
            case "any":
                options = _ANY
            case _:
                options = _character(token.group())
        return lambda choices: choices.pick(options)

    def _repeated(self, part: Make) -> Make:
        found = _QUANTIFIER.match(self._body, self._at)
        if found is None:
            return part
        self._at = found.end()
        match found.group()[0]:
            case "?":
                least, most = 0, 1
            case "{":
                least = int(found["least"])
                most = int(found["most"] or least + _MORE) if found["range"] else least
            case sign:
                least = int(sign == "+")
                most = least + _MORE
        return lambda choices: "".join([part(choices) for _ in range(choices.integer(least, most))])


def _character(text: str) -> str:
    """Return the character that *text*, a plain or an escaped one, stands for."""
    match text[1:2]:
        case "":
            return text
        case "x" | "u":
            return chr(int(f"0x{text[2:]}", base=0))
        case escaped:
            return _CONTROLS.get(escaped, escaped)


def _characters(inside: str) -> str:
    """Return the characters that a class has between its brackets; of "not these", ASCII ones."""
    negated = inside.startswith("^")
    named: list[str] = []
    for first, last in _MEMBER.findall(inside[negated:]):
        start = ord(_character(first))
        named.extend(map(chr, range(start, ord(_character(last)) + 1 if last else start + 1)))
    if negated:
        return "".join(character for character in _ANY if character not in named)
    return "".join(character for character in named if not "\ud800" <= character <= "\udfff")
