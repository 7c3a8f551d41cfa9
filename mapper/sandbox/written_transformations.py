"""What a request's body says of a transformation."""

from typing import Any

from msgspec.structs import replace

from mapper.sandbox.calls import Call
from mapper.sandbox.errors import PlatformError
from mapper.sandbox.multilevel import ignore, split
from mapper.sandbox.places import seen_from, writable
from mapper.sandbox.resources import Owner, Resource, objects, stamp
from mapper.sandbox.stored_transformations import (
    MappedField,
    Transformation,
    TransformationPart,
    defining_field,
)

__all__ = ["read_part", "read_parts"]


def read_part(
    call: Call,
    resource: Resource,
    owner: Owner,
    body: dict[str, Any],
    before: TransformationPart | None,
) -> TransformationPart:
    """Return an owner's part as a body has it; unknown members are ignored.

    Raises:
        PlatformError: 400 if the body is malformed, or turns the new script engine into the old.
    """
    legacy = body.get("isLegacy") is True
    if legacy and before is not None and not before.legacy:
        raise PlatformError(400, "A transformation cannot go back to the legacy script engine")
    vendor_name = body.get("vendorName")
    configuration = objects(body.get("configuration"), "configuration")
    return TransformationPart(
        owner=owner,
        started=stamp(),
        vendor_name=vendor_name if isinstance(vendor_name, str) else None,
        fields=_fields(call, resource, owner, body.get("fields"), before),
        configuration=tuple(map(_without_level, configuration)),
        script=_script(body.get("script")),
        legacy=legacy,
        inherits=_inherits(configuration),
    )


def read_parts(
    call: Call,
    resource: Resource,
    body: dict[str, Any],
    before: Transformation | None,
    default: Owner,
) -> list[TransformationPart]:
    """Return the parts of all owners that a body has something of and that the caller may change.

    What says no level belongs to *default*.

    Raises:
        PlatformError: 400 if the body is malformed.
    """
    configuration = objects(body.get("configuration"), "configuration")
    scripts = [*objects(body.get("scripts"), "scripts"), body.get("script")]
    fields_of = split(call, objects(body.get("fields"), "fields"), default)
    configuration_of = split(call, configuration, default)
    with_body = [each for each in scripts if isinstance(each, dict) and "body" in each]
    script_of = split(call, with_body, default)
    allowed = writable(call.caller, call.db, templates=call.flag("systemOnly"))
    parts = []
    for owner in dict.fromkeys([*fields_of, *configuration_of, *script_of] or [default]):
        if owner is None or owner not in allowed:
            ignore(call, owner, "Fields and settings")
            continue
        own = body | {
            "fields": fields_of.get(owner),
            "configuration": configuration_of.get(owner),
            "script": next(iter(script_of.get(owner, [])), None),
        }
        part = read_part(call, resource, owner, own, None if before is None else before.part(owner))
        parts.append(replace(part, inherits=_inherits(configuration)))
    return parts


def _inherits(configuration: list[dict[str, Any]]) -> bool:
    return any(each.get("type") == "inherit" for each in configuration)


def _without_level(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "level"}


def _fields(
    call: Call,
    resource: Resource,
    owner: Owner,
    given: Any,
    before: TransformationPart | None,
) -> tuple[MappedField, ...]:
    owners = seen_from(call.db, owner)
    paths = {each.id: each.path for place, each in resource.fields() if place in owners}
    ids = {} if before is None else {each.path: each.id for each in before.fields}
    fields: dict[str, MappedField] = {}
    for each in objects(given, "fields"):
        number = each.get("vdrFieldId")
        path = each.get("path") or (paths.get(number) if isinstance(number, int) else None)
        if not isinstance(path, str):
            raise PlatformError(400, "Each field needs a 'path'")
        defined = defining_field(call.db, resource, owners, path)
        if defined is None:
            match call.settings["fields-without-definition"]:
                case "reject":
                    raise PlatformError(400, f"No field '{path}' in '{resource.name}'")
                case "drop":
                    call.ignored(f"Field '{path}' was ignored: '{resource.name}' has none")
                    continue
                case _:
                    pass
        fields[path] = MappedField(
            id=ids.get(path) or call.db.next_id(),
            path=path,
            vdr_field_id=None if defined is None else defined.id,
            type=_text(each.get("type")) or (None if defined is None else defined.type),
            vendor_path=_text(each.get("vendorPath")),
            vendor_type=_text(each.get("vendorType")),
            configuration=(
                tuple(objects(each["configuration"], "configuration"))
                if each.get("configuration")
                else None
            ),
        )
    return tuple(fields.values())


def _script(given: Any) -> dict[str, Any] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("body"), str):
        raise PlatformError(400, "'script' must be an object with a 'body'")
    return {
        "body": given["body"],
        "mimeType": given.get("mimeType", "application/javascript"),
        "filterEmptyResponse": given.get("filterEmptyResponse", False),
    }


def _text(given: Any) -> str | None:
    return given if isinstance(given, str) else None
