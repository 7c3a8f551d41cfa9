"""Field lists of the platform as field rules: what each entry says, where rules can say it."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mapper.model import Access, show_path
from mapper.values import Steps

__all__ = ["Rules", "access_of", "parse_field", "rules_of"]

_SEGMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)(\[\*\])?")
_INDEXED = re.compile(
    r"[A-Za-z_]\w*(?:\[[0-9]{1,6}\])?(?:\.[A-Za-z_]\w*(?:\[[0-9]{1,6}\])?)*", re.ASCII
)


class Rules(NamedTuple):
    """What became of a field list: rules as a file says them, and why some entries are none."""

    fields: dict[str, Any]
    left: dict[str, str]


def rules_of(entries: Mapping[str, Mapping[str, Any]], *, renames: bool = False) -> Rules:
    """Return the rules of a field list in normal form.

    With *renames* only those that a field list can say itself, which all are in both directions.
    """
    rules = _Rules(renames=renames)
    # Parents come after what is in them: then it is the members that become rules.
    for path in sorted(entries, key=lambda each: (-each.count("["), -each.count("."))):
        rules.add(path, entries[path])
    return Rules({path: rules.fields[path] for path in sorted(rules.fields)}, rules.left)


def parse_field(path: str) -> tuple[Steps, ...] | None:
    """Return the names of a path, in parts that end with a list of which the next is the items.

    >>> parse_field("a.b[*].c"), parse_field("a[0]")
    ((('a', 'b'), ('c',)), None)
    """
    parts: list[Steps] = []
    names: list[str] = []
    for segment in path.split("."):
        found = _SEGMENT.fullmatch(segment)
        if found is None:
            return None
        names.append(found[1])
        if found[2]:
            parts.append(tuple(names))
            names = []
    return (*parts, tuple(names))


def access_of(entry: Mapping[str, Any]) -> Access | None:
    """Return in which directions an entry moves its value, None for neither."""
    settings = entry.get("configuration", {})
    there, back = True, True
    through = settings.get("passThrough")
    if through is not None:
        there, back = bool(through.get("fromVendor")), bool(through.get("toVendor"))
    removed = settings.get("remove")
    if removed is not None:
        there &= not removed.get("fromVendor")
        back &= not removed.get("toVendor")
    match there, back:
        case True, True:
            return Access.READ_WRITE
        case True, False:
            return Access.READ
        case False, True:
            return Access.WRITE
        case _:
            return None


class _Rules:
    """Rules as they come about, entry by entry."""

    def __init__(self, *, renames: bool) -> None:
        self.fields: dict[str, Any] = {}
        self.left: dict[str, str] = {}
        self._renames = renames
        self._common = _Places()
        self._written = _Places()

    def add(self, path: str, entry: Mapping[str, Any]) -> None:
        """Add the rule of an entry, or why there is none."""
        reason = self._reason(path, entry)
        if reason is not None:
            self.left[path] = reason

    def _reason(self, path: str, entry: Mapping[str, Any]) -> str | None:
        vendor_path = entry.get("vendorPath", "")
        common, vendor = parse_field(path), parse_field(vendor_path)
        access = access_of(entry)
        if access is None:
            return "it goes in neither direction"
        if common is None:
            return f"{path} is more than names"
        if "transformDate" in entry.get("configuration", {}) and not self._renames:
            return "it has a mask for dates"
        if self._common.touch(common):
            return "another entry is in it"
        if vendor is None:
            return self._computed(common, vendor_path, access)
        if len(common) != len(vendor):
            return f"{vendor_path} has another number of lists"
        if self._takes_apart(common[-1], vendor[-1]):
            return "its items are taken apart"
        if access is Access.WRITE and self._is_read(common[-1], vendor):
            return f"it only goes back, and what it is of {vendor_path} can only be read"
        reason = self._place(common, vendor, access)
        if reason is None:
            self._common.add(common)
        return reason

    def _takes_apart(self, own: Steps, theirs: Steps) -> bool:
        """Whether one side has values as items, and the other what is in them, as no rule can."""
        if own:
            return not theirs
        return len(theirs) > 1 or (bool(theirs) and self._renames)

    def _is_read(self, own: Steps, vendor: tuple[Steps, ...]) -> bool:
        """Whether a rule can only read: items are plucked, or another entry is written back."""
        return (not own and bool(vendor[-1])) or self._written.touch(vendor)

    def _computed(self, common: tuple[Steps, ...], vendor_path: str, access: Access) -> str | None:
        is_known = _INDEXED.fullmatch(vendor_path) and access is not Access.WRITE
        if self._renames or len(common) > 1 or not is_known:
            return f"{vendor_path} is more than names"
        self.fields[show_path(common[0])] = {"from_vendor": vendor_path}
        self._common.add(common)
        return None

    def _place(
        self, common: tuple[Steps, ...], vendor: tuple[Steps, ...], access: Access
    ) -> str | None:
        """Put the rule into its lists, which are made where they are not there."""
        inside = self.fields
        values = not common[-1] or not vendor[-1]  # the last list is of values
        lists = len(common) - 1 - values
        for own, theirs in zip(common[:lists], vendor[:lists], strict=True):
            name = show_path(own)
            listed = inside.setdefault(name, {"vendor": show_path(theirs), "each": {}})
            if not isinstance(listed, dict) or listed.get("vendor") != show_path(theirs):
                return f"another entry fills {name} from another list"
            if "each" not in listed:
                return f"another entry is {name}"
            inside = listed["each"]
        name, said = self._leaf(common, vendor, access)
        if name in inside:
            return f"another entry is {name}"
        inside[name] = said
        return None

    def _leaf(
        self, common: tuple[Steps, ...], vendor: tuple[Steps, ...], access: Access
    ) -> tuple[str, Any]:
        own, theirs = common[-1], vendor[-1]
        rule: dict[str, Any] = {}
        if not own:  # a list of values
            own = common[-2]
            if theirs:
                rule["convert"] = {"pluck": theirs[0]}
            theirs = vendor[-2]
        if self._is_read(common[-1], vendor):  # which of two is written back is not known
            access = Access.READ
        if access is not Access.READ:
            self._written.add(vendor)
        if access is not Access.READ_WRITE:
            rule["access"] = access.value
        place = show_path(theirs)
        return show_path(own), {"vendor": place, **rule} if rule else place


class _Places:
    """Places in an object, of which one may hold another."""

    def __init__(self) -> None:
        self._at: set[Steps] = set()
        self._around: set[Steps] = set()

    def add(self, parts: tuple[Steps, ...]) -> None:
        ways = _ways(parts)
        self._at.add(ways[-1])
        self._around.update(ways)

    def touch(self, parts: tuple[Steps, ...]) -> bool:
        """Whether one of the places is at that of *parts*, in it or around it."""
        ways = _ways(parts)
        return ways[-1] in self._around or not self._at.isdisjoint(ways)


def _ways(parts: tuple[Steps, ...]) -> list[Steps]:
    """Return the steps to a place and to all that is around it, items as steps of their own."""
    flat = list(parts[0])
    for part in parts[1:]:
        flat += ["[*]", *part]
    return [tuple(flat[:length]) for length in range(1, len(flat) + 1)]
