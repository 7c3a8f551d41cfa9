"""The behaviours that no source tells for certain: one table of switches.

``docs/reference/sandbox.md`` shows this table, and a test holds the two together.
"""

from enum import StrEnum
from typing import NamedTuple

__all__ = ["SETTINGS", "Evidence", "Setting", "Settings"]


class Evidence(StrEnum):
    """How well a default is known."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


class Setting(NamedTuple):
    """A switch: its name, its values with the default first, and what is known of it."""

    name: str
    values: tuple[str, ...]
    evidence: Evidence
    meaning: str

    @property
    def default(self) -> str:
        return self.values[0]


SETTINGS = (
    Setting(
        "fields-without-definition",
        ("reject", "drop", "keep"),
        Evidence.UNKNOWN,
        "A transformation's field whose path no visible definition has: 400, dropped with"
        " `Elements-Error`, or stored.",
    ),
    Setting(
        "undefined-fields",
        ("keep", "remove"),
        Evidence.UNKNOWN,
        "What becomes of a transformation's field when its definition loses the path.",
    ),
    Setting(
        "delete-used-definition",
        ("reject", "cascade"),
        Evidence.UNKNOWN,
        "DELETE of one definition that has transformations at its level: 409, or they go with it.",
    ),
    Setting(
        "organization-level-writers",
        ("org-admin", "admin"),
        Evidence.UNKNOWN,
        "Who may write at `/organizations`: some documents say account users may, too.",
    ),
    Setting(
        "inherited-transformations",
        ("shown", "hidden"),
        Evidence.INFERRED,
        "Whether GET at account or instance level shows a higher level's transformation where the"
        " level has none of its own.",
    ),
    Setting(
        "object-names",
        ("plain", "any"),
        Evidence.UNKNOWN,
        "Which names are accepted: letters, digits, `-` and `_` (others are a 400), or any.",
    ),
    Setting(
        "import-removes-absent",
        ("off", "on"),
        Evidence.UNKNOWN,
        "Whether `PUT /vdrs/import` removes levels and transformations that the body lacks.",
    ),
    Setting(
        "empty-lists",
        ("array", "404"),
        Evidence.UNKNOWN,
        "What `GET /vdrs`, `/common-resources` and a VDR's transformations answer where there is"
        " nothing; the lists of levels are documented to be a 404 then.",
    ),
    Setting(
        "vdr-pages",
        ("paged", "whole"),
        Evidence.UNKNOWN,
        "Whether `GET /vdrs` comes in pages.",
    ),
    Setting(
        "null-elements",
        ("keep", "drop"),
        Evidence.UNKNOWN,
        "What becomes of a null in a list that `[*]` maps, and of an element from which a path"
        " gives nothing: null in its position, or left out.",
    ),
    Setting(
        "emptied-objects",
        ("keep", "drop"),
        Evidence.UNKNOWN,
        "What becomes of an object, where unmapped members are let through, whose last member was"
        " moved out of it.",
    ),
    Setting(
        "repeated-done",
        ("first", "last"),
        Evidence.UNKNOWN,
        "Which call of `done` counts if a script calls it more than once.",
    ),
    Setting(
        "script-variables",
        ("constant", "assignable"),
        Evidence.INFERRED,
        "Whether a script may assign to `transformedObject` and the other variables. Documents call"
        " them immutable, but what they hold is changed by every script.",
    ),
    Setting(
        "done-without-value",
        ("mapped", "empty", "null"),
        Evidence.UNKNOWN,
        "What `done()` gives: the mapped object, an empty object, or null.",
    ),
    Setting(
        "script-globals",
        ("shared", "separate"),
        Evidence.UNKNOWN,
        "Whether the runs of a script for the objects of one page share their global object, which"
        " is much faster, or have one each.",
    ),
    Setting(
        "unmapped-resource",
        ("404", "400"),
        Evidence.UNKNOWN,
        "The status of a call whose name no vendor resource and no transformation has.",
    ),
    Setting(
        "where-operators",
        ("reject", "ignore"),
        Evidence.UNKNOWN,
        "A condition of `where` that FreshBooks' filters cannot say, with another operator than"
        " `=` or below an `OR`: 400, or it is left out.",
    ),
    Setting(
        "vendor-lists",
        ("bare", "full"),
        Evidence.UNKNOWN,
        "Whether lists have what FreshBooks shows only when asked, such as `lines` of invoices.",
    ),
    Setting(
        "vendor-objects",
        ("full", "bare"),
        Evidence.UNKNOWN,
        "The same for one object, and for the answer to a write.",
    ),
    Setting(
        "vendor-nulls",
        ("clear", "ignore"),
        Evidence.UNKNOWN,
        "Whether a null that is written to FreshBooks clears the member or changes nothing.",
    ),
    Setting(
        "vendor-read-only",
        ("ignore", "refuse"),
        Evidence.INFERRED,
        "What FreshBooks does with read-only members that are written, but for `due_date`, which"
        " it is documented to refuse.",
    ),
    Setting(
        "vendor-line-ids",
        ("renumber", "keep"),
        Evidence.UNKNOWN,
        "Whether a line of an invoice keeps its `lineid` when lines are written.",
    ),
    Setting(
        "webhook-clock",
        ("seconds", "milliseconds"),
        Evidence.DOCUMENTED,
        "The unit of the waits before a failed delivery of an event is tried again: 4, 16, 64 and"
        " so on, nine times. Milliseconds are for tests.",
    ),
    Setting(
        "bulk-pace",
        ("steady", "instant", "slow"),
        Evidence.UNKNOWN,
        "How long a bulk job stays `CREATED` and `RUNNING`: a quarter of a second each, not at"
        " all, or 10 seconds, time enough to cancel it by hand.",
    ),
)


class Settings:
    """The switches as they are set; those that nobody set have their defaults."""

    def __init__(self, given: dict[str, str] | None = None) -> None:
        self._values = {each.name: each.default for each in SETTINGS}
        for name, value in (given or {}).items():
            self.set(name, value)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def set(self, name: str, value: str) -> None:
        """Set a switch.

        Raises:
            ValueError: There is no such switch, or it has no such value.
        """
        known = next((each for each in SETTINGS if each.name == name), None)
        if known is None:
            names = ", ".join(each.name for each in SETTINGS)
            raise ValueError(f"there is no setting {name!r}; there are {names}")
        if value not in known.values:
            raise ValueError(f"{name} is one of {', '.join(known.values)}, not {value!r}")
        self._values[name] = value
