"""The paths of lowered rules, those of list items continuing the path of their list."""

from collections.abc import Iterable, Iterator, Sequence

from mapper.expr import uses
from mapper.lower import Fixed, Formula, Leaf, Lowered, inner_rules
from mapper.model import Access
from mapper.schema import InputPaths
from mapper.values import ABSENT, Steps, prefixes


def placed(rules: Iterable[Lowered], at: Steps = ()) -> Iterator[tuple[Steps, Lowered]]:
    """Yield every rule with its common path, outer ones before inner ones."""
    for rule in rules:
        steps = (*at, *rule.common)
        yield steps, rule
        for members in inner_rules(rule):
            yield from placed(members, steps)


def common_paths(rules: Iterable[Lowered]) -> frozenset[Steps]:
    """Return the common paths that *rules* give."""
    return frozenset(steps for steps, _ in placed(rules))


def common_leaves(rules: Iterable[Lowered]) -> frozenset[Steps]:
    """Return the common paths that *rules* give whole, not as objects or lists of other rules."""
    return frozenset(steps for steps, rule in placed(rules) if not inner_rules(rule))


def paths_with(rules: Iterable[Lowered], access: Access) -> frozenset[Steps]:
    """Return the common paths of the rules with *access*."""
    return frozenset(steps for steps, rule in placed(rules) if rule.access is access)


def constant_paths(rules: Iterable[Lowered]) -> frozenset[Steps]:
    """Return the common paths that always have the same value."""
    return frozenset(steps for steps, rule in placed(rules) if isinstance(rule, Fixed))


def input_paths(rules: Sequence[Lowered]) -> InputPaths:
    """Return what *rules* say of the members that callers send."""
    return InputPaths(
        read=paths_with(rules, Access.READ),
        create=paths_with(rules, Access.CREATE),
        constant=constant_paths(rules),
        whole=frozenset(
            steps
            for steps, rule in placed(rules)
            if isinstance(rule, Leaf) and rule.access is not Access.READ
        ),
        leaves=common_leaves(rules),
        defaulted=frozenset(
            steps
            for steps, rule in placed(rules)
            if isinstance(rule, Leaf) and rule.default.create not in (ABSENT, None)
        ),
    )


def vendor_paths(rules: Iterable[Lowered], at: Steps = ()) -> Iterator[Steps]:
    """Yield the vendor paths that *rules* read or write, some more than once.

    To look if an object is there is not to read it, where something in it is read as well.
    """
    tested: dict[Steps, None] = {}
    inside: set[Steps] = set()
    for steps in _vendor_paths(rules, at, tested):
        inside.update(prefixes(steps))
        yield steps
    yield from (steps for steps in tested if steps not in inside)


def vendor_leaves(rules: Iterable[Lowered], at: Steps = ()) -> Iterator[tuple[Steps, Leaf]]:
    """Yield the value rules of *rules* with their vendor paths, those in lists below the list's."""
    for rule in rules:
        below = (*at, *getattr(rule, "vendor", ()))
        if isinstance(rule, Leaf):
            yield below, rule
        for members in inner_rules(rule):
            yield from vendor_leaves(members, below)


def _vendor_paths(
    rules: Iterable[Lowered], at: Steps, tested: dict[Steps, None]
) -> Iterator[Steps]:
    """Yield what vendor_paths does, and add to *tested* of what is only asked if it is there."""
    for rule in rules:
        match rule:
            case Leaf(vendor=steps):
                yield (*at, *steps)
            case Formula(read=read, writes=writes):
                yield from ((*at, *write.vendor) for write in writes)
                read_paths, asked = uses(read.tree) if read else ((), ())
                yield from ((*at, *steps) for steps in read_paths if steps)
                tested.update(((*at, *steps), None) for steps in asked if steps)
            case _:
                for members in inner_rules(rule):
                    yield from _vendor_paths(members, (*at, *getattr(rule, "vendor", ())), tested)
