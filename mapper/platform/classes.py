"""Law classes that publishing changes: what was certain of the live rules, and what will be."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mapper.certificate import certificate
from mapper.diagnostics import MapperError, Source
from mapper.platform.carried import carried
from mapper.platform.normal import Key
from mapper.platform.plan import Plan
from mapper.project import Project

__all__ = ["ClassChange", "class_changes"]


class ClassChange(NamedTuple):
    """A rule whose law class changes; None where there is no such rule."""

    mapping: str
    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.mapping}, {self.path}: {self.before or 'no rule'} -> {self.after or 'gone'}"


def class_changes(
    project: Project, plan: Plan, mappings: Mapping[Key, str]
) -> Iterator[ClassChange]:
    """Yield the rules whose class a plan changes, of scripts that carry their rules.

    The live rules are seen against the schemas of now.
    """
    for change in plan.changed:
        name = mappings.get(change.key)
        script = (change.before or {}).get("script")
        rules = carried(script["body"]) if script else None
        if name is None or rules is None or "mapping" not in rules:
            continue
        before, after = _classes(_with(project, name, rules), name), _classes(project, name)
        if not before:  # nothing is known of it
            continue
        for path in sorted(before.keys() | after.keys()):
            if before.get(path) != after.get(path):
                yield ClassChange(name, path, before.get(path), after.get(path))


def _with(project: Project, name: str, rules: dict[str, Any]) -> Project:
    """Return the project as it would be if a mapping had these rules."""
    file = project.find(name).source.name
    said = {member: each for member, each in rules.items() if member not in ("mapping", "tables")}
    text = json.dumps({"mapping": name, **said})  # the first key tells what a file is
    others = [source for source in project.sources if source.name != file]
    return Project(project.root, (*others, Source(file, text)))


def _classes(project: Project, name: str) -> dict[str, str]:
    """Return the class of each rule by its common path, nothing if that cannot be told."""
    try:
        told = certificate(project, [name])["mappings"]
    except MapperError:
        return {}
    return {rule["common"]: rule["class"] for rule in told[name]["rules"]} if name in told else {}
