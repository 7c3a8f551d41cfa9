"""The module of each direction that writes; :mod:`mapper.compile.reading` has the other one."""

from collections.abc import Callable
from typing import Any

from mapper.compile.expressions import Expressions
from mapper.compile.making import make
from mapper.compile.reading import opened, reader
from mapper.compile.sending import body_sender, send_made
from mapper.compile.source import Body, Module, Unprintable, quoted
from mapper.compile.updating import Updating
from mapper.compile.writing import Target, open_common
from mapper.lower import LoweredMapping
from mapper.policy import Policy, is_written


def print_create(mapping: LoweredMapping) -> str:
    """Return the module of ``create(common)``, which gives the body."""
    out = _printer(mapping, "create", "def create(common):")
    make(out, mapping.rules, "create")
    find, store, absent = map(out.module.use, ("find", "store", "ABSENT"))
    for constant in mapping.constants:
        steps = quoted(constant.vendor.steps)
        with out.body.block(f"if {find}(vendor, {steps}) is {absent}:"):
            out.body.line(f"{store}(vendor, {steps}, {quoted(constant.value)})")
    _demands(out, mapping, base="{}")
    send_made(out, mapping, creating=True)
    return _finished(out, "vendor")


def print_update(mapping: LoweredMapping) -> str:
    """Return the module of ``update(common, base)``, which gives a list of bodies, in order."""
    out = _printer(mapping, "update", "def update(common, base):")
    module, body = out.module, out.body
    out.refuse_if("type(common) is not dict")
    read = body.fresh("old")
    body.line(f"{read} = {reader(out, mapping.rules)}(base)")
    body.line("vendor, touched = dict(base), set()")
    common, old = open_common(out, "common"), open_common(out, read, "get_old")
    Updating(out, Target("vendor"), "touched").edit(mapping.rules, common, old)
    body.line("")
    demanding = " and base" if mapping.policy.demands else ""  # of an empty base, all is asked
    with body.block(f"if not touched{demanding}:"):
        body.line("return []")
    body.line(f"changed = {module.use('changes')}(vendor, base, touched)")
    _hidden(out, mapping)
    _demands(out, mapping, base="base")
    send = module.define("send", body_sender(out, mapping.policy))
    phases = {
        name: (member.phase.name, tuple(member.phase.first))
        for name, member in mapping.policy.members.items()
        if member.phase is not None
    }
    return _finished(out, f"{module.use('bodies')}(changed, {send}, {quoted(phases)})")


def print_request(mapping: LoweredMapping) -> str:
    """Return the module of ``request(common)``, which gives the body."""
    out = _printer(mapping, "request", "def request(common):")
    make(out, mapping.rules, "request")
    send_made(out, mapping, creating=False)
    return _finished(out, "vendor")


PRINTERS: dict[str, Callable[[LoweredMapping], str]] = {
    "create": print_create,
    "update": print_update,
    "request": print_request,
}
"""What prints the module that has a function of this name; it may raise :class:`Unprintable`."""


def _printer(mapping: LoweredMapping, direction: str, header: str) -> Expressions:
    module = Module(f"{mapping.name}: {direction}")
    return Expressions(module, Body(header), mapping.tables)


def _finished(out: Expressions, result: str) -> str:
    out.body.line(f"return {result}")
    out.module.add(out.body)
    return out.module.text()


def _hidden(out: Expressions, mapping: LoweredMapping) -> None:
    """Print the check that what changed is shown in the base, unless the vendor always shows it."""
    included = _included(mapping.policy)
    if included:
        tree = out.module.constant("included", quoted(included))
        out.body.line(f"{out.module.use('refuse_hidden')}({tree}, changed, base)")


def _included(policy: Policy, *, creating: bool = False) -> dict[str, Any]:
    """Return which members must be asked for: whether each must itself, and those in it.

    They are those of an object, and those of the items of a list.
    """
    found = {
        name: (member.include is not None, _included(member, creating=creating), _of_items(member))
        for name, member in policy.members.items()
        if is_written(member, creating=creating)
    }
    return {name: each for name, each in found.items() if any(each)}


def _of_items(policy: Policy) -> dict[str, Any]:
    return {} if policy.items is None else _included(policy.items, creating=True)


def _demands(out: Expressions, mapping: LoweredMapping, base: str) -> None:
    """Print the checks of what the vendor demands of ``vendor``, the edited *base*."""
    computed = {(name,) for name, each in mapping.policy.members.items() if each.computed}
    if any(steps[:1] in computed for each in mapping.policy.demands for steps in each.mentions):
        raise Unprintable
    for demand in mapping.policy.demands:
        name = out.module.fresh("holds")
        inner = out.into(Body(f"def {name}(vendor):"))
        holds = inner.operand(demand.holds, opened(inner, "vendor"))
        inner.body.line(f"return {holds.text}")
        out.module.add(inner.body)
        mentions = quoted(list(demand.mentions))
        out.body.line(f"{out.module.use('demanded')}({name}, {mentions}, vendor, {base})")
