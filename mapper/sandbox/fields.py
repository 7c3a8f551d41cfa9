"""The field list of a transformation: members moved from the one side to the other."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from mapper.sandbox.conversions import Converter, NotConvertedError, converter_of
from mapper.sandbox.dates import MaskError, print_date, read_date
from mapper.sandbox.paths import (
    MISSING,
    Path,
    PathError,
    align,
    copied,
    depth_of,
    each_leaf,
    is_writable,
    parse_path,
    place,
    read,
    take,
)
from mapper.sandbox.settings import Settings

__all__ = [
    "LEVELS",
    "FieldPlan",
    "apply_fields",
    "configured",
    "effective_fields",
    "entries",
    "plan_fields",
]

LEVELS = ("instance", "account", "organization", "system")
"""The levels, the lowest first: what stands there wins."""

_KNOWN = {
    "addToDocumentation",
    "applyJSOnQueryFieldValue",
    "inherit",
    "passThrough",
    "remove",
    "transformDate",
}


class _Field(msgspec.Struct, frozen=True):
    """One field in one direction."""

    name: str
    """The common path, for the log."""
    source: Path
    target: Path | None
    """Where the member goes; None if it is dropped on the way."""
    convert: Converter | None
    masks: tuple[str | None, str | None] | None
    """The date masks of source and target."""
    depths: tuple[int, int]
    """How many ``[*]`` source and target have."""


class FieldPlan(msgspec.Struct, frozen=True):
    """A field list made ready for one direction."""

    fields: tuple[_Field, ...]
    lets_through: bool
    keep_nulls: bool
    drop_emptied: bool
    log: tuple[str, ...]
    """What of the list is not done, and why."""

    def apply(self, value: Any, log: list[str]) -> Any:
        """Return the other side's object; it shares nothing with *value*.

        What could not be done is added to the log. A value that is no object is only copied.
        """
        if type(value) is not dict:
            log.append("the payload is no object: no field applies to it")
            return copied(value)
        read_values = [read(value, field.source) for field in self.fields]
        result: dict[str, Any] = copied(value) if self.lets_through else {}
        if self.lets_through:
            for field in self.fields:
                take(result, field.source, drop_emptied=self.drop_emptied)
        for field, nesting in zip(self.fields, read_values, strict=True):
            if field.target is not None and nesting is not MISSING:
                self._place(result, field, nesting, log)
        return result

    def _place(self, result: dict[str, Any], field: _Field, nesting: Any, log: list[str]) -> None:
        target = field.target or ()
        have, wanted = field.depths

        def convert(leaf: Any) -> Any:
            return _converted(leaf, field, log)

        if have > wanted:
            nesting = each_leaf(nesting, have, convert)
        nesting = align(nesting, have, wanted, keep_nulls=self.keep_nulls)
        if nesting is MISSING and wanted > have:
            log.append(f"{field.name}: there is no list to take apart")
        if have <= wanted:
            nesting = each_leaf(nesting, wanted, convert)
        place(result, target, nesting, keep_nulls=self.keep_nulls)


def apply_fields(
    transformation: Mapping[str, Any],
    value: Any,
    *,
    from_vendor: bool,
    settings: Settings,
    log: list[str],
) -> Any:
    """Return what the field list makes of an object; what it could not do is added to the log."""
    plan = plan_fields(transformation, from_vendor=from_vendor, settings=settings)
    log.extend(plan.log)
    return plan.apply(value, log)


def plan_fields(
    transformation: Mapping[str, Any], *, from_vendor: bool, settings: Settings
) -> FieldPlan:
    """Return the field list of a transformation made ready for one direction."""
    log: list[str] = []
    fields = []
    for entry in effective_fields(transformation):
        try:
            field = _field(entry, from_vendor=from_vendor)
        except PathError as error:
            log.append(f"{entry.get('path')}: not a path of the dialect: {error}")
            continue
        if field.target is not None and not is_writable(field.target):
            log.append(f"{field.name}: an index, a filter or a count can be read only; not written")
            field = msgspec.structs.replace(field, target=None)
        fields.append(field)
    configurations = [transformation, *entries(transformation.get("fields"))]
    log.extend(_unknown_types(configurations))
    # Parents go first, so that they do not replace what their children put below them.
    fields.sort(key=lambda field: len(field.target or ()))
    return FieldPlan(
        fields=tuple(fields),
        lets_through=_is_let_through(transformation, from_vendor=from_vendor),
        keep_nulls=settings["null-elements"] == "keep",
        drop_emptied=settings["emptied-objects"] == "drop",
        log=tuple(log),
    )


def entries(value: Any) -> list[dict[str, Any]]:
    """Return the objects of what should be a list of objects."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def configured(owner: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return the properties of a configuration entry, or None if there is no such entry.

    Of entries at several levels, the lowest level's counts.
    """
    found = [each for each in entries(owner.get("configuration")) if each.get("type") == name]
    if not found:
        return None
    properties = min(found, key=_height).get("properties")
    return properties if isinstance(properties, dict) else {}


def _height(entry: Mapping[str, Any]) -> int:
    level = entry.get("level", entry.get("associatedLevel"))
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def effective_fields(transformation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields that have both paths; of several levels with one path, the lowest."""
    mapped = [
        field
        for field in entries(transformation.get("fields"))
        if isinstance(field.get("path"), str)
        and isinstance(field.get("vendorPath"), str)
        and field["vendorPath"]
    ]
    lowest: dict[str, int] = {}
    for field in mapped:
        lowest[field["path"]] = min(_height(field), lowest.get(field["path"], len(LEVELS)))
    return [field for field in mapped if _height(field) == lowest[field["path"]]]


def _field(entry: dict[str, Any], *, from_vendor: bool) -> _Field:
    common, vendor = parse_path(entry["path"]), parse_path(entry["vendorPath"])
    target = common if from_vendor else vendor
    source = vendor if from_vendor else common
    is_dropped = _is_removed(entry, from_vendor=from_vendor) or not _is_let_through(
        entry, from_vendor=from_vendor
    )
    dates = configured(entry, "transformDate")
    return _Field(
        name=entry["path"],
        source=source,
        target=None if is_dropped else target,
        convert=converter_of(entry.get("type" if from_vendor else "vendorType")),
        masks=None if dates is None else _masks(dates, from_vendor=from_vendor),
        depths=(depth_of(source), depth_of(target)),
    )


def _masks(dates: dict[str, Any], *, from_vendor: bool) -> tuple[str | None, str | None]:
    common, vendor = (
        mask if isinstance(mask := dates.get(name), str) and mask != "Vendor date format" else None
        for name in ("pattern", "vendorPattern")
    )
    return (vendor, common) if from_vendor else (common, vendor)


def _is_let_through(owner: Mapping[str, Any], *, from_vendor: bool) -> bool:
    """Whether ``passThrough`` lets members pass; it does where it says nothing."""
    properties = configured(owner, "passThrough") or {}
    return _flag(properties, from_vendor=from_vendor) is not False


def _is_removed(owner: Mapping[str, Any], *, from_vendor: bool) -> bool:
    properties = configured(owner, "remove") or {}
    return _flag(properties, from_vendor=from_vendor) is True


def _flag(properties: dict[str, Any], *, from_vendor: bool) -> bool | None:
    """Return what properties say of a direction; the vendor's tests write booleans as text, too."""
    value = properties.get("fromVendor" if from_vendor else "toVendor")
    match value:
        case True | "true":
            return True
        case False | "false":
            return False
        case _:
            return None


def _converted(leaf: Any, field: _Field, log: list[str]) -> Any:
    if field.masks is not None and leaf is not None:
        leaf = _converted_date(leaf, field, log)
    if field.convert is None:
        return leaf
    try:
        return field.convert(leaf)
    except NotConvertedError:
        log.append(
            f"{field.name}: {_kind(leaf)} passed on unchanged, since its type would change it"
        )
        return leaf


def _converted_date(leaf: Any, field: _Field, log: list[str]) -> Any:
    read_mask, print_mask = field.masks or (None, None)
    try:
        moment = read_date(leaf, read_mask)
        if moment is not None:
            return print_date(moment, print_mask)
        log.append(
            f"{field.name}: {_kind(leaf)} passed on unchanged, since it is no date by the mask"
        )
    except MaskError as error:
        log.append(f"{field.name}: the date mask is not supported: {error}")
    return leaf


def _kind(value: Any) -> str:
    """Return the JSON type of a value: the log holds no data."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "object"


def _unknown_types(owners: Iterable[Mapping[str, Any]]) -> list[str]:
    found = {
        str(each.get("type"))
        for owner in owners
        for each in entries(owner.get("configuration"))
        if each.get("type") not in _KNOWN
    }
    return [f"configuration {name}: unknown here, and not done" for name in sorted(found)]
