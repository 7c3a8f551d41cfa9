"""``mapper from-vendor`` and ``mapper to-vendor``: documents through a mapping."""

from pathlib import Path
from typing import Any

import click

from mapper.cli.findings import Report, Style, reporting
from mapper.cli.intake import Intake
from mapper.cli.locate import open_project
from mapper.cli.options import (
    FILE,
    file_argument,
    findings_options,
    mapping_argument,
    project_option,
    strict_option,
    validate_option,
)
from mapper.cli.outlet import Edit, Mode, Outlet
from mapper.cli.records import only_object, run_records
from mapper.cli.streams import STANDARD, open_input, write_output
from mapper.payload import read_documents
from mapper.running import Mapper


@click.command("from-vendor")
@mapping_argument
@file_argument
@strict_option
@validate_option
@project_option
@findings_options
def from_vendor(  # noqa: PLR0913 - its options
    name: str,
    file: Path,
    project: Path | None,
    style: Style,
    *,
    strict: bool,
    validate: bool,
    quiet: bool,
) -> None:
    """Turn vendor payloads into common objects.

    MAPPING is the name of a mapping or the path of its file. FILE, or standard input, is a payload,
    an array of them, the vendor's answer with either, or one a line (NDJSON); what comes out has
    the same form. Payloads that cannot be mapped are reported, the others are written.
    """
    with reporting(style, quiet=quiet) as report:
        mapper = open_project(project, name).mapper(name)
        intake = Intake(mapper, validate=validate, strict=strict)
        with open_input(file, report) as (stream, shown):
            payload = read_documents(stream, shown, mapper.mapping.vendor.envelope)
            write_output(payload.form, run_records(payload, intake.common, report))
        report.add(*intake.remarks())


@click.command("to-vendor")
@mapping_argument
@file_argument
@click.option(
    "--base",
    metavar="FILE",
    type=FILE,
    help="The vendor's payload as it is: give the update that edits it, not a new object.",
)
@click.option(
    "--merge", is_flag=True, help="FILE is a merge patch (RFC 7396) on what --base reads as."
)
@click.option("--steps", is_flag=True, help="Give the list of all updates that the edit takes.")
@click.option(
    "--request", is_flag=True, help="Give what the platform sends for the request in FILE."
)
@click.option("--envelope", is_flag=True, help="Wrap every body as the vendor's requests are.")
@strict_option
@validate_option
@project_option
@findings_options
def to_vendor(  # noqa: PLR0913 - its options
    name: str,
    file: Path,
    base: Path | None,
    project: Path | None,
    style: Style,
    *,
    merge: bool,
    steps: bool,
    request: bool,
    envelope: bool,
    strict: bool,
    validate: bool,
    quiet: bool,
) -> None:
    """Turn common objects into vendor request bodies.

    MAPPING is the name of a mapping or the path of its file. FILE, or standard input, is a common
    object, an array of them, or one a line (NDJSON); each gives the body that creates it. With
    --base, FILE is one object, the edited form of what the base reads as, and gives the smallest
    update: {} if nothing changed.
    """
    _check_usage(file, base, merge=merge, steps=steps, request=request)
    with reporting(style, quiet=quiet) as report:
        mapper = open_project(project, name).mapper(name)
        wrapper = _wrapper(mapper) if envelope else None
        mode: Mode = "request" if request else "create"
        if base is not None:
            intake = Intake(mapper, validate=validate, strict=strict)
            mode = Edit(base=_read_base(base, intake, report), merge=merge, steps=steps)
        outlet = Outlet(mapper, mode, wrapper, validate)
        with open_input(file, report) as (stream, shown):
            payload = read_documents(stream, shown)
            if base is not None:
                payload = only_object(payload, shown)
            write_output(payload.form, run_records(payload, outlet.write, report))
        report.add(*outlet.remarks())


def _check_usage(file: Path, base: Path | None, *, merge: bool, steps: bool, request: bool) -> None:
    if base is None and (merge or steps):
        option = "--merge" if merge else "--steps"
        raise click.UsageError(f"{option} needs --base FILE, the vendor's payload that is edited.")
    if base is not None and request:
        raise click.UsageError("--request knows no base: leave out --base, or leave out --request.")
    if base == file == STANDARD:
        raise click.UsageError("Standard input is read once: give FILE, or --base, as a file.")


def _read_base(path: Path, intake: Intake, report: Report) -> dict[str, Any]:
    """Return the one vendor payload in *path*.

    Raises:
        MapperError: It cannot be read, is not one object, or is refused.
    """
    with open_input(path, report) as (stream, shown):
        payload = read_documents(stream, shown, intake.mapper.mapping.vendor.envelope)
        base: dict[str, Any] = next(only_object(payload, shown).records).value
    intake.take(base)
    report.add(*intake.remarks())
    return base


def _wrapper(mapper: Mapper) -> str:
    """Return the member that the vendor's requests have their body in."""
    name = mapper.mapping.vendor.envelope.request
    if name is None:
        raise click.UsageError(f"--envelope: {mapper.name} has no vendor.envelope.request.")
    return name
