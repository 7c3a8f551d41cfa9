"""``mapper fetch``: objects as the platform gives them, of vendor resources and common ones."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from mapper import codes
from mapper.cli.findings import Report, reporting
from mapper.cli.platform import connected, platform_options
from mapper.cli.streams import write_output
from mapper.diagnostics import Diagnostic, FileError, pointer, show_name
from mapper.javascript import ERROR_MEMBER


@click.command()
@click.argument("name", metavar="RESOURCE")
@click.argument("number", metavar="[ID]", required=False)
@click.option("--where", metavar="CONDITION", help="Of a list, only what fits: status = 'paid'.")
@click.option(
    "--hub", metavar="NAME", default="finance", show_default=True, help="The element's hub."
)
@platform_options
def fetch(
    name: str,
    number: str | None,
    where: str | None,
    hub: str,
    profile: str,
    profiles: Path | None,
) -> None:
    """Read objects through the platform, as payloads or as common objects.

    All pages of a list are read, or the one object of that ID. RESOURCE is a vendor's (invoices),
    or a common one that is published (invoice). An object that the published script could not read
    is reported, and the others are written.
    """
    if number is not None and where is not None:
        raise click.UsageError("--where is for lists, not for the object of an ID.")
    with reporting("text") as report, connected(profile, profiles) as client:
        if not client.has_element_token:
            message = f"{client.profile.element_token} is not set, and objects are an instance's"
            hint = "set it to the instance's token, which the platform told when it was connected"
            raise FileError([Diagnostic(codes.NO_SECRET, message, hint=hint)])
        path = f"/hubs/{quote(hub, safe='')}/{quote(name, safe='')}"
        if number is not None:
            found = client.get(f"{path}/{quote(number, safe='')}")
            for each in _readable([found], report, at=()):
                write_output("object", [each])
        else:
            listed = client.objects(path, {"where": where} if where is not None else None)
            write_output("array", _readable(listed, report))


def _readable(
    objects: list[dict[str, Any]], report: Report, at: tuple[int, ...] | None = None
) -> list[dict[str, Any]]:
    """Return the objects that the script could read, and report the others by their index."""
    good = []
    for index, each in enumerate(objects):
        told = each.get(ERROR_MEMBER)
        if isinstance(told, dict):
            report.add(_failure(told, pointer((index,) if at is None else at)))
        else:
            good.append(each)
    return good


def _failure(told: dict[str, Any], at: str) -> Diagnostic:
    """Return what a script says of an object that it could not read."""
    code, place, message = (str(told.get(name, "")) for name in ("code", "at", "message"))
    rule = codes.by_code().get(code, codes.BAD_ANSWER)
    name = place.rpartition("/")[2] or "the object"
    return Diagnostic(rule, f"{show_name(name)} {message}", pointer=at + place)
