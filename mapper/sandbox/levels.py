"""Which transformation applies to an instance, of those at its levels."""

from collections.abc import Mapping
from typing import Any

from mapper.sandbox.fields import LEVELS, configured, entries

__all__ = ["effective_script", "effective_transformation"]


def effective_transformation(by_level: Mapping[str, Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the transformation that applies where the given ones stand at their levels.

    It is the lowest level's, with the fields of the next higher one as long as ``inherit`` says so;
    of one path the lowest level counts. Each field says its level. The script, and with it the
    engine that runs it, is that of the lowest level that has one, with ``inherit`` or without.
    None if there is no transformation at any level.
    """
    present = [(level, by_level[level]) for level in LEVELS if level in by_level]
    if not present:
        return None
    lowest_level, lowest = present[0]
    result = dict(lowest)
    result["level"] = lowest_level
    result["fields"] = _inherited_fields(present)
    vendor_name = next((each["vendorName"] for _, each in present if each.get("vendorName")), None)
    if vendor_name is not None:
        result["vendorName"] = vendor_name
    result.pop("script", None)
    for level, transformation in present:
        if script := effective_script(transformation):
            result["script"] = {"level": level, **script}
            result["isLegacy"] = transformation.get("isLegacy") is True
            break
    return result


def _inherited_fields(present: list[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = []
    for level, transformation in present:
        taken = {field.get("path") for field in fields}
        fields += [
            {"level": level, **field}
            for field in entries(transformation.get("fields"))
            if field.get("path") not in taken
        ]
        if configured(transformation, "inherit") is None:
            break
    return fields


def effective_script(transformation: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the script of the lowest level among ``script`` and ``scripts`` that has a body."""
    given = entries([transformation.get("script")]) + entries(transformation.get("scripts"))
    with_body = [each for each in given if isinstance(each.get("body"), str) and each["body"]]
    return min(with_body, key=_height, default=None)


def _height(script: dict[str, Any]) -> int:
    level = script.get("level")
    return LEVELS.index(level) if level in LEVELS else -1
