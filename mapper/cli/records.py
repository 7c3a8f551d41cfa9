"""The records of an input, one after the other; what is wrong with one keeps its place."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mapper import codes
from mapper.cli.findings import Report
from mapper.diagnostics import Diagnostic, TransformError
from mapper.payload import Form, Payload, Record


def run_records(payload: Payload, run: Callable[[Any], Any], report: Report) -> Iterator[Any]:
    """Yield what *run* gives for each record; report those for which it raises TransformError."""
    rejected = total = 0
    for record in payload.records:
        total += 1
        try:
            refuse(record.diagnostics)
            made = run(record.value)
        except TransformError as error:
            rejected += 1
            report.add(*(_placed(each, record, payload.form) for each in error.diagnostics))
        else:
            yield made
    if rejected and payload.form != "object":
        report.remark(f"{rejected} of {total} records rejected")


def only_object(payload: Payload, shown: str) -> Payload:
    """Return *payload*, the input called *shown*, if it is one object.

    Raises:
        TransformError: M526 if it is a list.
    """
    if payload.form != "object":
        message = f"{shown} holds a list, and an edit takes one object and one base"
        hint = "give one object, and its base, at a time"
        raise TransformError([Diagnostic(codes.AMBIGUOUS_INPUT, message, hint=hint)])
    return payload


def refuse(found: Iterable[Diagnostic]) -> None:
    """Raise what was found, if anything was.

    Raises:
        TransformError: With all of *found*.
    """
    findings = tuple(found)
    if findings:
        raise TransformError(findings)


def _placed(found: Diagnostic, record: Record, form: Form) -> Diagnostic:
    """Return a finding about a record with the record's place in the input.

    Findings of the reader itself have it already, but for the pointer to a line's record.
    """
    if form == "object" or (record.diagnostics and form == "array"):
        return found
    placed = found._replace(pointer=f"/{record.index}{found.pointer or ''}")
    if record.line is None or record.diagnostics:
        return placed
    return placed._replace(message=f"line {record.line}: {found.message}")
