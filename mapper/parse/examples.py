"""Examples files: nodes to the model, with a diagnostic for every malformed part."""

from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

from mapper import codes
from mapper.diagnostics import Label, Rule
from mapper.document import Mapping as MappingNode, Node, Scalar, plain
from mapper.model import Example, Examples, Mapping, Operation
from mapper.parse.parts import File
from mapper.parse.shape import Findings, shown
from mapper.values import ABSENT


def report_unused(file: File, mapping: Mapping | None, findings: Findings) -> None:
    """Report an examples file whose mapping does not name it: its cases would never run."""
    if mapping is None:
        return
    own, named = file.root.entries[0].value.span, mapping.examples
    here, name = PurePosixPath(mapping.source.name).parent, PurePosixPath(file.source.name)
    if named is None:
        findings.report(
            codes.UNKNOWN_NAME,
            own,
            f"the mapping {mapping.name} does not name this examples file",
            hint="name it there under `examples:`",
            labels=(Label(mapping.span, "the mapping"),),
        )
    elif here / named.name != name:
        shown = name.name if name.parent == here else str(name)
        findings.report(
            codes.UNKNOWN_NAME,
            named.span,
            f"the examples of {mapping.name} are in {shown}, not in {named.name}",
            hint=f"name {shown}, or correct `examples:` there",
            labels=(Label(own, "whose examples they are"),),
        )


def read_examples(file: File, mappings: frozenset[str], findings: Findings) -> Examples | None:
    """Return the examples that *file* holds; *mappings* are the names that it may refer to."""
    members = findings.keys(file.root, "an examples file", ("examples", "cases"), ("cases",))
    mapping = findings.text(members["examples"], "examples")
    if mapping is not None and mapping not in mappings:
        span = members["examples"].span
        findings.undefined(codes.UNKNOWN_NAME, span, "mapping", mapping, mappings)
    listed = findings.sequence(members["cases"], "cases") if "cases" in members else None
    cases = (_example(node, findings) for node in (listed.items if listed else ()))
    found = tuple(case for case in cases if case is not None)
    return Examples(mapping, file.source, found) if mapping else None


_OUTCOMES = ("gives", "fails")


def _outcomes(node: Node) -> Iterator[Scalar]:
    """Yield the keys in *node* that an example has beside its operation."""
    keys = (entry.key for entry in node.entries) if isinstance(node, MappingNode) else ()
    return (key for key in keys if key.text in _OUTCOMES)


def _example(node: Node, findings: Findings) -> Example | None:
    section = findings.mapping(node, "an example")
    if section is None:
        return None
    known = ("example", *_OUTCOMES, *Operation)
    members = findings.keys(section, "an example", known, ("example",))
    operations = [each for each in Operation if each in members]
    if "example" not in members:
        return None
    name = findings.text(members["example"], "example")
    place = members["example"].span
    if len(operations) != 1 or ("gives" in members) == ("fails" in members):
        inside = next((key for each in operations for key in _outcomes(members[each])), None)
        hint = f"operations: {', '.join(Operation)}"
        if inside is not None and members.keys().isdisjoint(_OUTCOMES):
            place, hint = inside.span, f"`{inside.text}` stands beside the operation, not in it"
        message = "an example has one operation, and either gives or fails"
        findings.report(codes.MIXED_RULE, place, message, hint=hint)
        return None
    known_faults = len(findings)
    fails = frozenset(_refusals(members["fails"], findings)) if "fails" in members else None
    if len(findings) > known_faults:
        return None
    gives = plain(members["gives"]) if "gives" in members else ABSENT
    given = members[operations[0]]
    if operations[0] in (Operation.UPDATE, Operation.STEPS) and not _is_update(given, findings):
        return None
    outcome = members["gives" if "gives" in members else "fails"]
    return Example(
        name or "", place, operations[0], plain(given), given, outcome, gives=gives, fails=fails
    )


def _is_update(node: Node, findings: Findings) -> bool:
    section = findings.mapping(node, "an update")
    if section is None:
        return False
    members = findings.keys(section, "an update", ("base", "common", "merge"), ("base",))
    if ("common" in members) == ("merge" in members):
        findings.report(codes.MIXED_RULE, node.span, "an update has either common or merge")
        return False
    return "base" in members


def _refusals(node: Node, findings: Findings) -> Iterator[tuple[str, str | None]]:
    """Yield what an example says is refused: a code, or codes with the places of each."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.value:
        yield node.value, None
        _report_unknown(node.value, node, findings)
        return
    if not isinstance(node, MappingNode):
        message = "fails must be a code, or codes with their places"
        findings.report(codes.WRONG_SHAPE, node.span, message)
        return
    if not node.entries:
        findings.report(codes.WRONG_SHAPE, node.span, "fails must name what is refused")
    for entry in node.entries:
        _report_unknown(entry.key.text, entry.key, findings)
        listed = findings.sequence(entry.value, f"the places of {shown(entry.key.text)}")
        if listed is not None and not listed.items:
            message = f"{shown(entry.key.text)} needs a place"
            findings.report(codes.WRONG_SHAPE, listed.span, message)
        for each in listed.items if listed is not None else ():
            place = _place(each, findings)
            if place is not None:
                yield entry.key.text, place


def _place(node: Node, findings: Findings) -> str | None:
    """Return a pointer: that to the whole is empty."""
    if isinstance(node, Scalar) and node.value == "":
        return ""
    place = findings.text(node, "a place")
    if place is not None and not place.startswith("/"):
        findings.report(
            codes.WRONG_SHAPE, node.span, "a place begins with /", hint="as /lines/0/id"
        )
        return None
    return place


def _report_unknown(code: str, node: Node, findings: Findings) -> None:
    if code not in _codes():
        findings.unknown(codes.UNKNOWN_NAME, node.span, "code", code, _codes())


@cache
def _codes() -> frozenset[str]:
    return frozenset(rule.code for rule in vars(codes).values() if isinstance(rule, Rule))
