"""Check rules about the expressions in the annotations of a vendor's schema."""

from collections.abc import Iterator
from typing import NamedTuple

from mapper import codes
from mapper.check.members import unknown
from mapper.check.subject import Subject
from mapper.diagnostics import Diagnostic, Span, did_you_mean, show_name
from mapper.expr import Expr, mentions, parse
from mapper.functions import FUNCTIONS
from mapper.infer.expressions import Inference
from mapper.infer.facts import Facts
from mapper.infer.invariants import assured
from mapper.infer.schemas import type_of_schema
from mapper.model import Path, show_path
from mapper.related import reach
from mapper.schema import Schema
from mapper.values import Steps, prefixes


class _Said(NamedTuple):
    """An expression over the whole vendor object: the schema and keyword that say it, and a code.

    Where that is takes longer to find out than what it says, so only findings ask. *at* is the path
    of a member that it computes.
    """

    schema: Schema
    keyword: str
    code: str | None
    tree: Expr
    at: Steps | None = None

    def span(self, subject: Subject) -> Span | None:
        """Return where the schema says it."""
        where = () if self.code is None else (self.code,)
        return subject.schemas.said(self.schema, self.keyword, *where)


def misnamed_in_annotations(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members that expressions in the vendor's schema name and that they do not have.

    That is one that the schema does not have, and for a member that is computed, that member.
    """
    for said in _said(subject):
        for steps in mentions(said.tree):
            if steps == said.at:
                message = f"{show_path(steps)} is computed from itself"
                yield Diagnostic(codes.BAD_SCHEMA, message, said.span(subject))
            for each in unknown(
                codes.BAD_SCHEMA, Path(steps, subject.mapping.span), subject.vendor
            ):
                message = f"{said.keyword} names {show_path(steps)}, which is not a member"
                yield each._replace(message=message, span=said.span(subject))


def phases_inside(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the places in the vendor's schema that say ``x-phase`` where nothing heeds it."""
    vendor, schemas = subject.vendor, subject.schemas
    inside = (
        each for name, member in vendor.members().items() for each in _inside(member, (name,))
    )
    for steps, each in [((), vendor), *inside]:
        if each.annotation("x-phase") is not None:
            place = show_path(steps) or "the whole"
            message = f"{place} cannot travel alone: only members of the whole object can (x-phase)"
            yield Diagnostic(codes.BAD_SCHEMA, message, schemas.said(each, "x-phase"))


def _inside(schema: Schema, at: Steps) -> Iterator[tuple[Steps, Schema]]:
    """Yield what is in the object or the items that *schema* is of, through objects and lists."""
    inner = schema.items()
    if inner is not None:
        yield at, inner
        yield from _inside(inner, at)
    for name, member in schema.members().items():
        yield (*at, name), member
        yield from _inside(member, (*at, name))


def includes_in_maps(subject: Subject) -> Iterator[Diagnostic]:
    """Yield the members that are shown only when asked for, in maps, where nothing heeds that."""
    vendor = subject.vendor
    for steps, around in (((), vendor), *_inside(vendor, ())):
        values = around.others
        if values is None or _is_only_shown(vendor, steps):
            continue
        for _, each in ((steps, values), *_inside(values, steps)):
            if each.annotation("x-include") is not None:
                path = show_path(steps) or "the whole"
                message = f"x-include is not heeded inside {path}, whose members have no names"
                yield Diagnostic(codes.BAD_SCHEMA, message, subject.schemas.said(each, "x-include"))


def _is_only_shown(vendor: Schema, steps: Steps) -> bool:
    """Whether what lies at a path can only be read, or what it lies in."""
    way = (reach(vendor, each) for each in prefixes(steps))
    return any(each is not None and each.is_read_only for each in way)


def misnamed_includes(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is included by nearly its own name, where most members are by just that."""
    named = [
        (steps[-1], each, included)
        for steps, each in _inside(subject.vendor, ())
        if steps and (included := each.annotation("x-include")) is not None
    ]
    own = sum(name == included for name, _, included in named)
    for name, member, included in named:
        hint = did_you_mean(included, [name])
        if included != name and hint is not None and own > max(1, len(named) / 2):
            message = f"{show_name(name)} is not included by its own name, as others are"
            place = subject.schemas.said(member, "x-include")
            yield Diagnostic(codes.ODD_ANNOTATION, message, place, hint=hint)


def dangers_in_annotations(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what JMESPath does without a word, or refuses, in expressions of the vendor's schema.

    What is true of every payload makes calls safe, in these expressions as in rules.
    """
    said = tuple(_said(subject))
    sure = assured(each.tree for each in said if each.keyword == "x-invariants")
    whole = type_of_schema(subject.vendor)
    for each in said:
        inference = Inference(codes.BAD_SCHEMA, subject.vendor.file)
        is_test = each.keyword != "x-computed"
        inference.type_of(each.tree, whole, Facts(assured=sure), condition=is_test)
        for danger in dict.fromkeys(inference.dangers):
            if sure.is_stated(danger.node):
                continue
            message = f"in {each.keyword}, {danger.message}"
            yield Diagnostic(danger.rule, message, each.span(subject), hint=danger.hint)


def _said(subject: Subject) -> Iterator[_Said]:
    vendor = subject.vendor
    for keyword in ("x-invariants", "x-write-invariants"):
        for code, text in vendor.annotation(keyword, {}).items():
            yield _Said(vendor, keyword, code, parse(text, FUNCTIONS))
    for steps, member in _inside(vendor, ()):
        text = member.annotation("x-computed")
        if text is not None:
            yield _Said(member, "x-computed", None, parse(text, FUNCTIONS), steps)
