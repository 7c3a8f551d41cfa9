"""Regular expressions in schemas: the part that is safe, and alike in Python and JavaScript.

A pattern is ``^…$`` and describes the whole text. In a group that is repeated the next character
says which way to go on, as in ``(,[^,]+)*``, and the choices are few, so that no text makes
matching take exponential time (it can still be polynomial: ``^a*a*$``).
"""

import re
from functools import lru_cache
from itertools import pairwise

MAX_PATTERN = 500
"""How many characters a pattern may have."""

MAX_GROUPS = 20
"""How deep groups may nest."""

MAX_CHOICES = 12
"""How many variable repetitions and groups with alternatives a pattern may have."""

MAX_PARTS = 200
"""How many parts a group may have that holds repetitions or choices and is repeated itself."""

_COUNT = re.compile(r"\{([0-9]{1,4})(,([0-9]{0,4}))?\}")
_CLASS = r"\[\^?((?:[^\[\]\\]|\\.)+)\]"
_ESCAPE = r"\\(?:[^0-9A-Za-z]|[nrtfv]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})"
_SET_OPERATORS = ("--", "&&", "~~", "||")


class _Refused(Exception):  # noqa: N818 - the outcome of a scan, never seen outside
    pass


def refusal(pattern: str) -> str | None:
    """Return what is wrong with *pattern*, as the end of the sentence "The pattern …", or None."""
    if len(pattern) > MAX_PATTERN:
        return f"is longer than {MAX_PATTERN} characters"
    if len(pattern) < 2 or pattern[0] != "^" or pattern[-1] != "$":
        return "does not describe the whole text: write ^…$"
    try:
        _scan(pattern[1:-1])
        re.compile(pattern[1:-1])
    except _Refused as refused:
        return str(refused)
    except re.error as error:
        return f"does not compile: {error.msg}"
    return None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern[1:-1])


def matches(pattern: str, text: str) -> bool:
    """Tell whether *pattern*, one that :func:`refusal` lets pass, describes *text*.

    Unlike ``re.search``, whose ``$`` also stands before a final line break.
    """
    return _compiled(pattern).fullmatch(text) is not None


def _scan(body: str) -> None:
    """Raise what refuses *body*.

    ``choices`` has, for each open group, whether there is more than one way through it so far, and
    ``begins`` where it begins.
    """
    choices = [False]
    begins = [0]
    total = 0
    at = 0
    while at < len(body):
        closed = False
        inside = ""
        match body[at]:
            case "\\":
                at = _past(_ESCAPE, body, at, "an escape such as \\d or \\w: write [0-9], [A-Za-z]")
            case "[":
                at = _past_class(body, at)
            case "(":
                at += 3 if body.startswith("(?:", at) else 1
                choices.append(False)
                begins.append(at)
                if len(choices) > MAX_GROUPS:
                    raise _Refused(f"nests groups deeper than {MAX_GROUPS}")
                if body.startswith("?", at):
                    raise _Refused("uses a group other than (…) and (?:…)")
                continue
            case ")":
                inside = body[begins.pop() : at]
                at += 1
                closed = choices.pop()
                if not choices:
                    raise _Refused("closes a group that it does not open")
            case "|":
                if len(choices) == 1:
                    raise _Refused("has alternatives outside of a group")
                choices[-1] = True
                at += 1
                continue
            case "^" | "$":
                raise _Refused("uses ^ or $ elsewhere than at its ends")
            case "*" | "+" | "?" | "{":
                raise _Refused("has a quantifier, or a {, with nothing to repeat before it")
            case _:
                at += 1
        at, least, most = _quantifier(body, at)
        refused = _ambiguity(inside) if closed and (most is None or most > 1) else None
        if refused is not None:
            raise _Refused(refused)
        choices[-1] = choices[-1] or closed or least != most
        total += closed + (least != most)
        if total > MAX_CHOICES:
            raise _Refused(f"has more than {MAX_CHOICES} repetitions and choices")
    if len(choices) > 1:
        raise _Refused("leaves a group open")


def _ambiguity(part: str) -> str | None:
    """Return why *part* may not be repeated: a character of a text may not say how it goes on.

    If each does, there is one way only to find any beginning of a text, and backtracking has none
    of which there could be exponentially many.
    """
    from mapper.languages import TooComplex  # noqa: PLC0415 - of few patterns only
    from mapper.languages.regex import beginnings, may_be_empty, parsed  # noqa: PLC0415 - as above

    try:
        once, often = parsed(part), parsed(f"(?:{part})*")
    except TooComplex as error:
        return str(error)
    if may_be_empty(once):
        return "repeats a group that may be empty"
    seen = {often}
    waiting = [often]
    while waiting and len(seen) <= MAX_PARTS:
        ways = beginnings(waiting.pop())
        ranges = sorted(each for first, _ in ways for each in first.ranges)
        if any(first[1] >= following[0] for first, following in pairwise(ranges)):
            return "repeats a group in which a character may belong to either of two parts"
        ahead = {rest for _, rest in ways} - seen
        seen |= ahead
        waiting += ahead
    return f"repeats a group of more than {MAX_PARTS} parts" if waiting else None


def _past(token: str, body: str, at: int, otherwise: str) -> int:
    found = re.compile(token, re.DOTALL).match(body, at)
    if found is None:
        raise _Refused(f"uses {otherwise}")
    return found.end()


def _past_class(body: str, at: int) -> int:
    """Return the offset after the character class at *at*."""
    end = _past(_CLASS, body, at, "an empty or open class, or an unescaped [ in one")
    inside = body[at:end]
    if any(operator in inside for operator in _SET_OPERATORS):
        raise _Refused("doubles -, &, ~ or | in a class")
    for escape in re.finditer(r"\\.", inside, re.DOTALL):
        _past(
            _ESCAPE,
            inside,
            escape.start(),
            "an escape such as \\d or \\w in a class: write 0-9, A-Za-z",
        )
    return end


def _quantifier(body: str, at: int) -> tuple[int, int, int | None]:
    """Return the offset after the quantifier at *at*, if any, and the counts that it stands for."""
    match body[at : at + 1]:
        case "*":
            return at + 1, 0, None
        case "+":
            return at + 1, 1, None
        case "?":
            return at + 1, 0, 1
        case "{":
            count = _COUNT.match(body, at)
            if count is None:
                raise _Refused("has a { that begins no count")
            least, many, most = count.groups()
            return count.end(), int(least), int(most) if most else None if many else int(least)
        case _:
            return at, 1, 1
