"""Removing any one field rule from a shipped mapping makes one of the mapping's examples fail.

Nothing else is there to notice it: no schema is validated against, so that an example fails only
because the mapping no longer does what the example says.
"""

from copy import copy
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from mapper.lower import Group, Listing, Single, Slots
from mapper.project import load_project
from mapper.prove import run_example
from mapper.running import Mapper

ROOT = Path(__file__).resolve().parents[1]
PROJECT = load_project(ROOT)


def always_valid(*_):
    return []


class Unvalidated(Mapper):
    """A mapper whose documents are all taken to be valid."""

    validate_payload = validate_common = validate_input = validate_body = always_valid


def with_rules(mapper, rules):
    parts = copy(mapper.parts)
    parts.lowered = replace(mapper.lowered, rules=rules)
    return Unvalidated.of(parts).interpreted


@cache
def shipped(name):
    """Return a mapper with those of its examples that say something about the mapping alone."""
    mapper = PROJECT.mapper(name)
    unvalidated = with_rules(mapper, mapper.lowered.rules)
    examples = PROJECT.examples(PROJECT.find(name)).cases
    return mapper, [each for each in examples if not any(run_example(unvalidated, each))]


def removals(rules, at=()):
    """Yield every rule with its common path, and the rules without it."""
    for index, rule in enumerate(rules):
        path = (*at, *rule.common)
        before, after = rules[:index], rules[index + 1 :]
        yield path, rule, before + after
        for inner_path, removed, changed in inner_removals(rule, path):
            yield inner_path, removed, (*before, changed, *after)


def inner_removals(rule, path):
    """Yield every rule inside *rule* with its path, and *rule* without it."""
    match rule:
        case Group() | Single():
            for inner_path, removed, members in removals(rule.members, path):
                yield inner_path, removed, replace(rule, members=members)
        case Listing():
            for inner_path, removed, members in removals(rule.members, (*path, "*")):
                key = None if removed is rule.key else rule.key
                yield inner_path, removed, replace(rule, members=members, key=key)
        case Slots():
            for index, slot in enumerate(rule.slots):
                before, after = rule.slots[:index], rule.slots[index + 1 :]
                for inner_path, removed, members in removals(slot, (*path, str(index))):
                    # Without the member that marks it as empty a place is none.
                    left = () if removed.common == rule.mark else (members,)
                    yield inner_path, removed, replace(rule, slots=(*before, *left, *after))


def by_promise(examples, path):
    """Return *examples*, those first that mention the member at the end of *path*."""
    named = f"'{path[-1]}'"
    return sorted(examples, key=lambda each: named not in f"{each.given!r} {each.gives!r}")


def is_noticed(mapper, examples):
    return any(finding for example in examples for finding in run_example(mapper, example))


@pytest.mark.parametrize("name", PROJECT.names)
def test_an_example_fails_without_any_one_rule(name):
    mapper, examples = shipped(name)
    unnoticed = [
        f"{'.'.join(path)} at {removed.span}"
        for path, removed, rules in removals(mapper.lowered.rules)
        if not is_noticed(with_rules(mapper, rules), by_promise(examples, path))
    ]
    assert unnoticed == []


@pytest.mark.parametrize("name", PROJECT.names)
def test_most_examples_say_something_about_the_mapping_alone(name):
    _, examples = shipped(name)
    assert len(examples) > len(PROJECT.examples(PROJECT.find(name)).cases) / 2


def test_every_rule_is_removed_once():
    """Of `{a: {b, c}, d: [{e}]}` six are: each member, and the object and list themselves."""
    for name in PROJECT.names:
        mapper, _ = shipped(name)
        found = [id(removed) for _, removed, _ in removals(mapper.lowered.rules)]
        assert len(found) == len(set(found)) == count(mapper.lowered.rules)


def count(rules):
    return sum(1 + sum(map(count, _inner(rule))) for rule in rules)


def _inner(rule):
    return getattr(rule, "slots", None) or ([rule.members] if hasattr(rule, "members") else [])
