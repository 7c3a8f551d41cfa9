"""Shapes: what a node of a file must be, with a diagnostic where it is not."""

import re
from collections.abc import Iterable, Mapping as Dictionary

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import VALUE_WIDTH, Diagnostic, Label, Rule, Span, did_you_mean, show_value
from mapper.document import Mapping, Node, Scalar, Sequence


class Unread(Struct, frozen=True):
    """Files of which nothing is known but their text, if any: it says which names they may define.

    That of a file that could not be read is empty.
    """

    texts: tuple[str, ...] = ()

    def may_define(self, name: str) -> bool:
        """Whether one of the files may define *name*, so that it is not known to be wrong."""
        # UTF-16 may pass for UTF-8 with NULs.
        return any(not text or name in text.replace("\0", "") for text in self.texts)


NONE_UNREAD = Unread()

MAX_NAME = 200
"""How many characters a name may have."""
_ODD = r"`{-\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
_FIRST, _OTHER = rf"[^\u0000-/:-@\[-^{_ODD}]", rf"[^\u0000-,/:-?\[-^{_ODD}]"
NAME = rf"^{_FIRST}{_OTHER}*(?:/{_FIRST}{_OTHER}*)*$"
"""What names look like, for Python and for JavaScript: letters and digits of all alphabets, and
``_``; behind the first of these also ``.``, ``-`` and ``@``; parts are joined by slashes."""
_NAME_HINT = (
    f"use at most {MAX_NAME} letters, digits and _, behind the first also . - and @; "
    "parts may be joined by /"
)


def _is_name(text: str) -> bool:
    return text.isprintable() and re.fullmatch(NAME, text) is not None


def _is_plain(text: str) -> bool:
    """Whether *text* is a name as can be told without the pattern, which takes long to compile."""
    return text.isascii() and all(part.isidentifier() for part in text.split("/"))


class Findings(list[Diagnostic]):
    """The diagnostics of one parse, with the checks of shape that every part needs."""

    def __init__(self, found: Iterable[Diagnostic] = (), unread: Unread = NONE_UNREAD) -> None:
        super().__init__(found)
        self._unread = unread

    def report(
        self,
        rule: Rule,
        span: Span,
        message: str,
        *,
        hint: str | None = None,
        labels: tuple[Label, ...] = (),
    ) -> None:
        self.append(Diagnostic(rule, message, span, hint=hint, labels=labels))

    def text(self, node: Node, what: str) -> str | None:
        """Return the text of *node*, which is not empty; numbers and the like are no text."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, str) and value:
            return value
        if value == "":
            self.report(codes.WRONG_SHAPE, node.span, f"{what} must not be empty")
        else:
            hint = None if value is None else "put it in quotes"
            self.report(codes.WRONG_SHAPE, node.span, f"{what} must be text", hint=hint)
        return None

    def name(self, node: Node, what: str) -> str | None:
        """Return the text of *node* if other files, folders and commands can use it as a name."""
        text = self.text(node, what.partition(" ")[2])
        if text is None:
            return None
        if len(text) <= MAX_NAME and (_is_plain(text) or _is_name(text)):
            return text
        message = f"{shown(text)} cannot be the name of {what}"
        self.report(codes.WRONG_SHAPE, node.span, message, hint=_NAME_HINT)
        return None

    def optional_text(self, members: Dictionary[str, Node], name: str) -> str | None:
        """Return the text of the member *name*, or None if it is not there."""
        return self.text(members[name], name) if name in members else None

    def mapping(self, node: Node, what: str) -> Mapping | None:
        if isinstance(node, Mapping):
            return node
        self.report(codes.WRONG_SHAPE, node.span, f"{what} must be an object of keys and values")
        return None

    def sequence(self, node: Node, what: str) -> Sequence | None:
        if isinstance(node, Sequence):
            return node
        self.report(codes.WRONG_SHAPE, node.span, f"{what} must be a list")
        return None

    def keys(
        self, node: Mapping, what: str, known: Iterable[str], required: Iterable[str] = ()
    ) -> dict[str, Node]:
        """Return the members of *node* by key, after reporting unknown and missing keys."""
        found = {entry.key.text: entry.value for entry in node.entries}
        for entry in node.entries:
            if entry.key.text not in known:
                self.unknown(
                    codes.UNKNOWN_KEY, entry.key.span, f"key of {what}", entry.key.text, known
                )
        for name in required:
            if name not in found:
                self.report(codes.MISSING_KEY, node.span, f"{what} needs the key {name}")
        return found

    def unknown(self, rule: Rule, span: Span, what: str, name: str, known: Iterable[str]) -> None:
        """Report that *name* is no known *what*, with the nearest one or the choice as hint."""
        choices = sorted(known)
        listed = f"known: {', '.join(map(shown, choices))}" if choices else None
        hint = did_you_mean(name, choices) or listed
        self.report(rule, span, f"{shown(name)} is no {what}", hint=hint)

    def undefined(self, rule: Rule, span: Span, what: str, name: str, known: Iterable[str]) -> None:
        """Report that no file defines *name*, unless one that could not be read may."""
        if not self._unread.may_define(name):
            self.unknown(rule, span, what, name, known)


def shown(text: str) -> str:
    """Return *text* as a message can name it: quoted if it is empty, long or breaks the line."""
    return text if text and text.isprintable() and len(text) <= VALUE_WIDTH else show_value(text)
