"""Regular expressions of whole numbers between two bounds."""


def numerals_between(first: str, last: str) -> str:
    """Return a regular expression of the numerals from *first* to *last*, which are as long.

    >>> numerals_between("1970", "2031")
    '(?:19[7-9][0-9]|20(?:[0-2][0-9]|3[0-1]))'
    """
    if first == last:
        return first
    head, rest = first[0], len(first) - 1
    if head == last[0]:
        return head + numerals_between(first[1:], last[1:])
    low, high = int(head), int(last[0])
    below, above = [], []
    if first[1:].strip("0"):
        below.append(head + numerals_between(first[1:], "9" * rest))
        low += 1
    if last[1:].strip("9"):
        above.append(last[0] + numerals_between("0" * rest, last[1:]))
        high -= 1
    digit = f"[{low}-{high}]" if low < high else str(low)
    between = [digit + _digits(rest)] if low <= high else []
    parts = [*below, *between, *above]
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def whole_between(first: int, last: int | None) -> str:
    """Return a regular expression of the numbers from *first* to *last*, None for all from there.

    Neither is below 0. They are written without needless zeros.

    >>> whole_between(8, 120)
    '(?:[8-9]|[1-9][0-9]{1,1}|1(?:[0-1][0-9]|20))'
    """
    if last == 0:
        return "0"
    parts = ["0"] if first == 0 else []
    low, least = max(first, 1), len(str(max(first, 1)))
    most = None if last is None else len(str(last + 1)) - 1  # of which all numbers are within
    if low > 10 ** (least - 1):
        highest = 10**least - 1 if last is None else min(10**least - 1, last)
        parts += [numerals_between(str(low), str(highest))] if low <= highest else []
        least += 1
    if most is None or least <= most:
        parts.append(f"[1-9][0-9]{{{least - 1},{'' if most is None else most - 1}}}")
    if last is not None and most is not None and len(str(last)) == most + 1 >= least:
        parts.append(numerals_between(str(10**most), str(last)))
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _digits(count: int) -> str:
    return "[0-9]" * count if count < _FEW else f"[0-9]{{{count}}}"


_FEW = 3
"""Fewer digits are written out."""
