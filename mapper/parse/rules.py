"""Field rules: nodes to the model, with a diagnostic for every malformed part."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from msgspec.structs import replace

from mapper import codes
from mapper.diagnostics import Label, Source, Span
from mapper.document import Entry, Mapping, Node, Scalar, placed_in, plain
from mapper.model import (
    Access,
    ConstantRule,
    Default,
    Expression,
    ExpressionRule,
    FieldRule,
    ListRule,
    ObjectRule,
    OnlyRule,
    Path,
    SlotsRule,
    Unset,
    ValueRule,
    show_path,
)
from mapper.parse.parts import (
    ANY,
    Fragment,
    Scope,
    read_converters,
    read_default,
    read_expression,
    read_path,
    read_path_value,
    read_unset,
    replace_parameters,
)
from mapper.parse.shape import Findings, shown
from mapper.values import Steps, prefixes

MAX_NESTED_USES = 5
"""How deep fragments may use fragments."""
MAX_RULES = 10_000
"""How many field rules a mapping may come to, those of a fragment counted for each use."""

# The keys of each kind of rule, beside those that every kind takes; the order decides the kind.
_EVERY_KIND = frozenset({"access", "description"})
_KINDS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("fragment", frozenset({"fragment"}), frozenset({"fragment", "with"})),
    ("slots", frozenset({"slots"}), frozenset({"slots"})),
    ("only", frozenset({"only"}), frozenset({"only"})),
    ("list", frozenset({"each"}), frozenset({"each", "vendor", "key", "unset"})),
    ("object", frozenset({"fields"}), frozenset({"fields", "vendor", "unset"})),
    ("constant", frozenset({"constant"}), frozenset({"constant"})),
    (
        "expressions",
        frozenset({"from_vendor", "to_vendor"}),
        frozenset({"from_vendor", "to_vendor", "lossy"}),
    ),
    ("value", frozenset({"vendor"}), frozenset({"vendor", "convert", "unset", "default", "lossy"})),
)
_ACCESSES = {str(access): access for access in Access}
_ALL_KEYS = frozenset().union(_EVERY_KIND, *(keys for _, _, keys in _KINDS))


def read_fields(node: Node, findings: Findings, scope: Scope) -> tuple[FieldRule, ...]:
    """Return the field rules of a ``fields:``, ``each:``, ``only:`` or slot."""
    section = findings.mapping(node, "field rules")
    if section is None:
        return ()
    parsed = (_read_rule(entry, findings, scope) for entry in section.entries)
    rules = tuple(rule for rule in parsed if rule is not None)
    report_overlaps(rules, findings)
    return rules


def report_overlaps(rules: tuple[FieldRule, ...], findings: Findings) -> None:
    """Report the rules that stand at, inside or around the common path of one before them."""
    for path, other in overlaps((rule.common.steps, rule.common) for rule in rules):
        findings.report(
            codes.OVERLAPPING_COMMON,
            path.span,
            f"{path} overlaps {other}",
            labels=(Label(other.span, "the other rule"),),
        )


_Placed = TypeVar("_Placed")


def overlaps(placed: Iterable[tuple[Steps, _Placed]]) -> Iterator[tuple[_Placed, _Placed]]:
    """Yield what stands at, inside or around the place of something before it, with that one."""
    at: dict[Steps, _Placed] = {}
    below: dict[Steps, _Placed] = {}
    found = list(placed)
    beginnings = Counter(steps[:1] for steps, _ in found)
    for steps, each in found:
        if beginnings[steps[:1]] == 1:  # as of most
            continue
        ways = tuple(prefixes(steps))
        outer = next((at[way] for way in ways if way in at), None)
        other = below.get(steps) if outer is None else outer
        if other is not None:
            yield each, other
        at.setdefault(steps, each)
        for way in ways:
            below.setdefault(way, each)


def _read_rule(entry: Entry, findings: Findings, scope: Scope) -> FieldRule | None:
    number = next(scope.rules)
    if number == MAX_RULES:
        message = f"more than {MAX_RULES} rules, those of fragments counted for each use"
        findings.report(codes.TOO_LARGE, entry.key.span, message)
    common = read_path(entry.key, "common path", findings)
    if common is None or number >= MAX_RULES:
        return None
    if isinstance(entry.value, Scalar):
        vendor = read_path_value(entry.value, "vendor path", findings, scope)
        return ValueRule(common, Access.READ_WRITE, vendor) if vendor else None
    node = entry.value
    if not isinstance(node, Mapping):
        findings.mapping(node, f"the rule of {common}")
        return None
    names = set(node.keys())
    for kind, marks, allowed in _KINDS:
        if not names.isdisjoint(marks):
            members = _rule_keys(node, kind, allowed, findings)
            access = _access(members.get("access"), findings)
            description = findings.optional_text(members, "description")
            rule = _READERS[kind](common, access, members, findings, scope)
            return rule and replace(rule, why=description if "access" in members else None)
    if names <= _ALL_KEYS:
        findings.report(
            codes.MISSING_KEY,
            entry.key.span,
            f"the rule of {common} says nothing about the vendor",
            hint="give it `vendor:`, `from_vendor:`, `fields:`, `each:` or another kind's key",
        )
    else:
        findings.keys(node, "a field rule", _ALL_KEYS)
    return None


def _rule_keys(
    node: Mapping, kind: str, allowed: frozenset[str], findings: Findings
) -> dict[str, Node]:
    members: dict[str, Node] = {}
    for each in node.entries:
        name = each.key.text
        if name in allowed or name in _EVERY_KIND:
            members[name] = each.value
        elif name in _ALL_KEYS:
            findings.report(
                codes.MIXED_RULE,
                each.key.span,
                f"{name} does not go with the keys of a rule of kind {kind}",
            )
        else:
            known = allowed | _EVERY_KIND
            findings.unknown(codes.UNKNOWN_KEY, each.key.span, "key of a field rule", name, known)
    return members


def _access(node: Node | None, findings: Findings) -> Access:
    if node is None:
        return Access.READ_WRITE
    value = plain(node)
    if isinstance(value, str) and value in _ACCESSES:
        return _ACCESSES[value]
    findings.unknown(codes.UNKNOWN_NAME, node.span, "access", str(value), _ACCESSES)
    return Access.READ_WRITE


_Reader = Callable[[Path, Access, dict[str, Node], Findings, Scope], FieldRule | None]


def _value_rule(
    common: Path, access: Access, members: dict[str, Node], findings: Findings, scope: Scope
) -> FieldRule | None:
    vendor = read_path_value(members["vendor"], "vendor path", findings, scope)
    convert = read_converters(members["convert"], findings) if "convert" in members else ()
    unset = read_unset(members["unset"], findings, scope) if "unset" in members else None
    default = read_default(members["default"], findings) if "default" in members else Default()
    lossy = findings.optional_text(members, "lossy")
    if vendor is None:
        return None
    return ValueRule(common, access, vendor, convert, unset or Unset(), default, lossy)


def _expression_rule(
    common: Path, access: Access, members: dict[str, Node], findings: Findings, scope: Scope
) -> FieldRule | None:
    reading = None
    if "from_vendor" in members:
        reading = read_expression(members["from_vendor"], "from_vendor", findings)
    writes: list[tuple[Path, Expression]] = []
    if "to_vendor" in members:
        section = findings.mapping(members["to_vendor"], "to_vendor")
        if section is not None and not section.entries:
            findings.report(codes.WRONG_SHAPE, section.span, "to_vendor names no vendor path")
        for entry in section.entries if section else ():
            vendor = read_path(entry.key, "vendor path", findings, scope)
            expression = read_expression(entry.value, "to_vendor", findings)
            if vendor is not None and expression is not None:
                writes.append((vendor, expression))
    if access is Access.READ_WRITE and "to_vendor" not in members:
        access = Access.READ
    if access is Access.READ_WRITE and "from_vendor" not in members:
        access = Access.WRITE
    _refuse_contradiction(common, access, members, findings)
    lossy = findings.optional_text(members, "lossy")
    return ExpressionRule(common, access, reading, tuple(writes), lossy)


def _refuse_contradiction(
    common: Path, access: Access, members: dict[str, Node], findings: Findings
) -> None:
    if access is Access.READ and "to_vendor" in members:
        findings.report(codes.MIXED_RULE, common.span, "a rule of access read has no to_vendor")
    if access is Access.WRITE and "from_vendor" in members:
        findings.report(codes.MIXED_RULE, common.span, "a rule of access write has no from_vendor")
    if access is Access.CREATE and "to_vendor" not in members:
        findings.report(codes.MIXED_RULE, common.span, "a rule of access create needs to_vendor")


def _constant_rule(
    common: Path, access: Access, members: dict[str, Node], findings: Findings, scope: Scope
) -> FieldRule | None:
    del scope
    value = plain(members["constant"])
    if value is None:
        findings.report(codes.WRONG_SHAPE, members["constant"].span, "a constant is not null")
        return None
    return ConstantRule(common, access, value)


def _object_rule(
    common: Path, access: Access, members: dict[str, Node], findings: Findings, scope: Scope
) -> FieldRule | None:
    vendor = None
    if "vendor" in members:
        vendor = read_path_value(members["vendor"], "vendor path", findings, scope)
    unset = read_unset(members["unset"], findings, scope) if "unset" in members else None
    if "unset" in members and "vendor" not in members:
        message, hint = "an object rule without vendor has no unset", "give it to the rules in it"
        findings.report(codes.MIXED_RULE, members["unset"].span, message, hint=hint)
    fields = read_fields(members["fields"], findings, scope)
    return ObjectRule(common, access, vendor, fields, unset or Unset())


def _list_rule(
    common: Path, access: Access, members: dict[str, Node], findings: Findings, scope: Scope
) -> FieldRule | None:
    vendor = None
    if "vendor" in members:
        vendor = read_path_value(members["vendor"], "vendor path", findings, scope)
    else:
        findings.report(codes.MISSING_KEY, common.span, f"the list {common} needs the key vendor")
    each = read_fields(members["each"], findings, scope)
    key = read_path_value(members["key"], "key", findings) if "key" in members else None
    unset = read_unset(members["unset"], findings, scope) if "unset" in members else None
    values = {rule.common.steps for rule in each if isinstance(rule, ValueRule)}
    if key is not None and key.steps not in values:
        known = map(show_path, values)
        findings.unknown(codes.UNKNOWN_NAME, key.span, "value rule of each", str(key), known)
        key = None
    if vendor is None:
        return None
    return ListRule(common, access, vendor, each, key, unset or Unset())


def _only_rule(
    common: Path, access: Access, members: dict[str, Node], findings: Findings, scope: Scope
) -> FieldRule | None:
    return OnlyRule(common, access, read_fields(members["only"], findings, scope))


def _slots_rule(
    common: Path, access: Access, members: dict[str, Node], findings: Findings, scope: Scope
) -> FieldRule | None:
    node = findings.mapping(members["slots"], "slots")
    if node is None:
        return None
    parts = findings.keys(node, "slots", ("empty", "items", "when_full"), ("empty", "items"))
    items = findings.sequence(parts["items"], "items") if "items" in parts else None
    if items is not None and not items.items:
        findings.report(codes.WRONG_SHAPE, items.span, "items must list at least one slot")
    slots = tuple(read_fields(item, findings, scope) for item in (items.items if items else ()))
    empty = read_path_value(parts["empty"], "empty", findings) if "empty" in parts else None
    when_full = _when_full(parts.get("when_full"), slots, empty, findings)
    if empty is None or not slots:
        return None
    for slot in slots:
        values = {rule.common.steps for rule in slot if isinstance(rule, ValueRule)}
        if empty.steps not in values:
            what, known = "value rule of every slot", map(show_path, values)
            findings.unknown(codes.UNKNOWN_NAME, empty.span, what, str(empty), known)
            return None
    return SlotsRule(common, access, empty, slots, when_full)


def _when_full(
    node: Node | None,
    slots: tuple[tuple[FieldRule, ...], ...],
    empty: Path | None,
    findings: Findings,
) -> tuple[Path, ...]:
    listed = findings.sequence(node, "when_full") if node is not None else None
    known = {rule.common.steps for slot in slots for rule in slot}
    found: list[Path] = []
    for each in listed.items if listed else ():
        path = read_path_value(each, "when_full", findings)
        if path is not None and empty is not None and path.steps == empty.steps:
            message = f"{path} tells which places are filled, so that it is there before all are"
            findings.report(codes.MIXED_RULE, path.span, message)
        elif path is not None and path.steps in known:
            found.append(path)
        elif path is not None:
            names = map(show_path, known)
            findings.unknown(codes.UNKNOWN_NAME, path.span, "rule of a slot", str(path), names)
    return tuple(found)


def _fragment_use(
    common: Path, access: Access, members: dict[str, Node], findings: Findings, scope: Scope
) -> FieldRule | None:
    name = findings.text(members["fragment"], "fragment")
    if name is None:
        return None
    span = members["fragment"].span
    fragment = scope.fragments.get(name)
    if fragment is None:
        findings.undefined(codes.UNKNOWN_NAME, span, "fragment", name, scope.fragments)
        return None
    if name in scope.within:
        _report_cycle(name, span, findings, scope)
        return None
    if len(scope.within) == MAX_NESTED_USES:
        message = f"fragments use fragments more than {MAX_NESTED_USES} deep"
        findings.report(codes.TOO_LARGE, span, message)
        return None
    given = _arguments(members.get("with"), fragment, span, findings, scope)
    if given.keys() != set(fragment.parameters):
        return None
    inner = Scope(fragment.unset, scope.fragments, given, (*scope.within, name), span, scope.rules)
    # Two uses give two rules at one place in one file; a source of its own tells the use.
    defined = fragment.fields.span.source
    fields = placed_in(fragment.fields, Source(defined.name, defined.text))
    return ObjectRule(common, access, None, read_fields(fields, findings, inner))


def _report_cycle(name: str, span: Span, findings: Findings, scope: Scope) -> None:
    """Report a cycle once, from its first name on: every fragment is read by itself."""
    cycle = scope.within[scope.within.index(name) :]
    if name == min(cycle):
        way = " > ".join((*cycle, name))
        findings.report(codes.FRAGMENT_CYCLE, span, f"fragment {name} uses itself: {way}")


def read_fragment(fragment: Fragment, fragments: dict[str, Fragment], findings: Findings) -> None:
    """Report what is wrong with the rules of a fragment, whether it is used or not."""
    given = dict.fromkeys(fragment.parameters, ANY)
    scope = Scope(fragment.unset, fragments, given, (fragment.name,))
    read_fields(fragment.fields, findings, scope)


def _arguments(
    node: Node | None, fragment: Fragment, span: Span, findings: Findings, scope: Scope
) -> dict[str, str]:
    given: dict[str, str] = {}
    wrong: set[str] = set()
    section = findings.mapping(node, "with") if node is not None else None
    for entry in section.entries if section else ():
        if entry.key.text not in fragment.parameters:
            findings.unknown(
                codes.BAD_PARAMETERS,
                entry.key.span,
                f"parameter of {fragment.name}",
                entry.key.text,
                fragment.parameters,
            )
        elif not isinstance(entry.value, Scalar) or not isinstance(entry.value.value, str):
            findings.report(codes.BAD_PARAMETERS, entry.value.span, "a parameter is text")
            wrong.add(entry.key.text)
        else:
            given[entry.key.text] = replace_parameters(entry.value, scope, findings)
    for name in fragment.parameters:
        if name not in given and name not in wrong:
            message = f"fragment {fragment.name} needs the parameter {shown(name)}"
            findings.report(codes.BAD_PARAMETERS, span, message)
    return given


_READERS: dict[str, _Reader] = {
    "value": _value_rule,
    "expressions": _expression_rule,
    "constant": _constant_rule,
    "object": _object_rule,
    "list": _list_rule,
    "only": _only_rule,
    "slots": _slots_rule,
    "fragment": _fragment_use,
}
