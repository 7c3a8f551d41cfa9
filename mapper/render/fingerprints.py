"""What a finding is recognized by in the next run, when its line may be another."""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from mapper.diagnostics import Diagnostic


def fingerprints(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    """Yield a hash for each finding: of its code, file, pointer, message and value.

    Lines and columns are not in it. Findings that are alike in all of that are told apart by their
    order, so that no hash comes twice.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for each in diagnostics:
        file = each.span.source.name if each.span else ""
        parts = (each.rule.code, file, repr(each.pointer), each.message, repr(each.value))
        number = seen[parts]
        seen[parts] += 1
        text = "\0".join((*parts, str(number)))
        yield sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
