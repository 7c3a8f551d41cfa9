"""Mappings beside a script that is published as it is: what their rules may be.

The platform then maps by its field list and the script does the rest, of which nothing is known.
"""

from collections.abc import Iterable, Iterator

from mapper import codes
from mapper.diagnostics import Diagnostic
from mapper.model import FieldRule, ListRule, Mapping, ObjectRule, Unset, ValueRule


def opaque_findings(mapping: Mapping) -> Iterator[Diagnostic]:
    """Yield that a mapping has an opaque script, and the rules that no field list can say."""
    if mapping.script is None:
        return
    file = mapping.script.file
    message = f"what {file.name} does is not known: {mapping.script.reason}"
    yield Diagnostic(codes.OPAQUE_SCRIPT, message, file.span)
    yield from _beyond_field_lists(mapping.fields)
    for constant in mapping.constants:
        yield Diagnostic(
            codes.BESIDE_SCRIPT, "a constant stands beside a script", constant.vendor.span
        )


def _beyond_field_lists(rules: Iterable[FieldRule]) -> Iterator[Diagnostic]:
    for rule in rules:
        match rule:
            case ObjectRule(unset=unset, fields=inner) if unset == Unset():
                yield from _beyond_field_lists(inner)
            case ListRule(unset=unset, each=inner) if unset == Unset():
                yield from _beyond_field_lists(inner)
            case ValueRule() if _is_rename(rule):
                pass
            case _:
                message = f"{rule.common} is more than a rename, beside a script"
                yield Diagnostic(codes.BESIDE_SCRIPT, message, rule.common.span)


def _is_rename(rule: ValueRule) -> bool:
    """Whether a rule moves a value as it is."""
    plain = ValueRule(rule.common, rule.access, rule.vendor, why=rule.why)
    return rule == plain
