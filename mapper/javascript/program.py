"""The whole script of a mapping."""

import json
from collections.abc import Iterator, Sequence

from mapper.javascript.expressions import Expressions
from mapper.javascript.querying import print_query
from mapper.javascript.reading import print_reader
from mapper.javascript.requesting import print_writer
from mapper.javascript.sending import print_sending
from mapper.javascript.source import Script, in_lines, made_in_lines, quoted
from mapper.lower import Group, Lowered, LoweredMapping
from mapper.model import Access
from mapper.refusals import refused_body
from mapper.values import Names

ERROR_MEMBER = "mapperError"
"""The member that a result has, and nothing of ours beside it, where there is no result."""


def mark(name: str) -> str:
    """Return what the script of the mapping of this *name* begins with: by it a script is ours.

    Whatever the name is, it does not end the comment.
    """
    said = json.dumps(name)[1:-1].replace("*/", "*\\/")
    return f"/* mapper: {said} */"


def print_script(mapping: LoweredMapping) -> str:
    """Return the script of a mapping: the body of the function that the platform runs.

    It is ES2015 and ASCII, uses nothing of the host, and calls ``done`` once. For a response it
    gives the common object, together with what other levels made; for a request, what is sent; for
    the conditions of a query, the vendor's. If there is no object, it gives :data:`ERROR_MEMBER`,
    with ``code``, ``at`` and ``message``, on a request beside :func:`refused_body`.
    """
    script = Script()
    out = Expressions(script, mapping.tables)
    read = print_reader(out, mapping.rules)
    write = print_writer(out, mapping.rules)
    respond = script.declare("respond", "vendor, mapped", lambda: _respond(out, mapping, read))
    send = script.declare("send", "common", lambda: _send(out, mapping, write))
    query = script.declare("translate", "query", lambda: print_query(out, mapping))
    head = f"{mark(mapping.name)}\n{_HEAD}"
    return script.text(head, _MAIN % {"respond": respond, "send": send, "query": query})


_HEAD = """\
"use strict";
// Printed from the mapping: changes here are lost. The last lines run it."""

# Outside of a query, the platform may not define isWhere at all.
_MAIN = """\
if (typeof isWhere !== "undefined" && isWhere) {
  done(%(query)s(originalObject));
} else if (fromVendor) {
  done(%(respond)s(originalObject, transformedObject));
} else {
  done(%(send)s(originalObject));
}"""


def _respond(out: Expressions, mapping: LoweredMapping, read: str) -> Iterator[str]:
    """Yield the body of what answers a response."""
    tree = owned(mapping.rules)
    members = made_in_lines((name, quoted(inner)) for name, inner in tree.items())
    names = out.script.constant("owned", members)
    use = out.script.use
    yield f"const others = {use('without')}(mapped, {names});"
    yield "try {"
    yield f"  {use('require_object')}(vendor);"
    if mapping.vendor.members():
        known = out.script.constant("members", in_lines(map(quoted, mapping.vendor.members())))
        yield f"  {use('refuse_foreign')}(vendor, {known});"
    yield f"  return {use('joined')}(others, {read}(vendor, []), {names});"
    yield "} catch (error) {"
    yield f"  return {use('joined')}(others, {use('failure')}(error), {{}});"
    yield "}"


def _send(out: Expressions, mapping: LoweredMapping, write: str) -> Iterator[str]:
    """Yield the body of what answers a request."""
    use = out.script.use
    yield "try {"
    yield f"  {use('require_object')}(common);"
    yield "  const vendor = {};"
    yield f"  {write}(common, [], vendor);"
    yield from (f"  {line}" for line in print_sending(out, mapping))
    yield "} catch (error) {"
    refused = quoted(refused_body(mapping))
    yield f"  return {use('joined')}({refused}, {use('failure')}(error), {{}});"
    yield "}"


def owned(rules: Sequence[Lowered]) -> Names:
    """Return the common members that a mapping answers for; a list is its own as a whole."""
    names: Names = {}
    for rule in rules:
        if rule.access is Access.WRITE:
            continue
        inner = names
        for step in rule.common:
            inner = inner.setdefault(step, {})
        if isinstance(rule, Group):
            inner.update(owned(rule.members))
    return names
