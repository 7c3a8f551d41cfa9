"""JMESPath: one compiled expression a field, which is the obvious way, and one for all."""

from tests.benchmarks.engines import job


def per_field(compile_):
    """Return the reading function that searches once for each field."""
    read = _compiled(job.INVOICE, compile_)
    return lambda invoice: _read(read, invoice)


def _compiled(members, compile_):
    fields = []
    for name, member in members.items():
        if isinstance(member, dict):
            path = getattr(member, "path", None)
            inner = _compiled(member, compile_)
            fields.append((name, path and compile_(path), inner, isinstance(member, job.Each)))
        else:
            fields.append((name, compile_(_path(member[0])), member[1], None))
    return fields


def _path(path):
    if isinstance(path, job.Several):
        return "{" + ", ".join(f"{name}: {name}" for name in path) + "}"
    return path


def _read(fields, document):
    found = {}
    for name, expression, inner, is_list in fields:
        value = document if expression is None else expression.search(document)
        if value is not None and inner is not None:
            value = _convert(inner, value, is_list)
        if value is not None:
            found[name] = value
    return found


def _convert(inner, value, is_list):
    if is_list is None:
        return inner(value)
    return [_read(inner, each) for each in value] if is_list else _read(inner, value) or None


def one_hash(compile_):
    """Return the reading function that searches once for everything."""
    search = compile_(hash_of(job.INVOICE)).search
    return lambda invoice: job.convert(job.INVOICE, search(invoice))


def hash_of(members):
    """Return the expression that selects *members* of the current object."""
    return "{" + ", ".join(f"{name}: {_select(each)}" for name, each in members.items()) + "}"


def _select(member):
    if isinstance(member, job.Each):
        return f"{member.path}[*].{hash_of(member)}"
    if isinstance(member, job.Inside):
        return f"{member.path}.{hash_of(member)}"
    return hash_of(member) if isinstance(member, dict) else _path(member[0])
