"""The forms in which the vendor's own tool keeps objects of the platform: read, and written.

===========  ==================================================================================
wrapper      ``NAME.json``: ``{"vdrName", "vdrVersion", "definition", "transformation"}``
old          ``objectDefinitions/NAME/objectDefinition.json``,
             ``transformations/ELEMENT/NAME/transformation.json`` and ``script.js``
new          ``NAME/NAME.json``, ``NAME/definition/objectDefinition.json``,
             ``NAME/transformation/ELEMENT/transformation.json``, ``script.js``
             and ``LEVEL-script.js``
===========  ==================================================================================

In a folder script bodies stand in files of their own. One file may hold several objects, too: as
wrappers by name, or as ``{"objectDefinitions", "transformations"}``.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, Source
from mapper.files import as_source, parse_json, read_file
from mapper.folders import Root
from mapper.platform.levels import Level

__all__ = ["Export", "Layout", "at_level", "export_files", "read_exports"]

Json = dict[str, Any]


class Layout(StrEnum):
    WRAPPER = "wrapper"
    OLD = "old"
    NEW = "new"


class Export(Struct, frozen=True):
    """An object as the platform spells it, with its transformations by element."""

    name: str
    definition: Json
    transformations: dict[str, Json]


# Reading ------------------------------------------------------------------------------------------


def read_exports(path: Path) -> list[Export]:
    """Return the objects in a file or a folder, by name.

    Raises:
        FileError: M644 if it is no export; M001 to M009 if a file of it cannot be read.
    """
    if path.is_dir():
        found = list(_of_folder(path, Root(path, f"the folder {path}")))
    else:
        found = list(_of_file(path, read_file(path)))
    if not found:
        _refuse(path, "there is no object in it")
    return sorted(found, key=lambda each: each.name)


def _of_file(path: Path, source: Source) -> Iterator[Export]:
    value = _object(path, parse_json(source))
    if "definition" in value or "transformation" in value:
        yield _wrapped(path, value, path.stem)
    elif "objectDefinitions" in value or "transformations" in value:
        definitions = _object(path, value.get("objectDefinitions", {}))
        every = _object(path, value.get("transformations", {}))
        names = {*definitions, *(name for each in every.values() for name in _object(path, each))}
        for name in sorted(names):
            of_name = {
                key: _object(path, each[name]) for key, each in every.items() if name in each
            }
            yield Export(name, _object(path, definitions.get(name, {})), of_name)
    else:
        for name, each in value.items():
            yield _wrapped(path, _object(path, each), name)


def _wrapped(path: Path, value: Json, name: str) -> Export:
    if not {"definition", "transformation"} & value.keys():
        _refuse(path, "it has neither a definition nor a transformation")
    transformations = _object(path, value.get("transformation") or {})
    return Export(
        str(value.get("vdrName", name)),
        _object(path, value.get("definition") or {}),
        {element: _object(path, each) for element, each in transformations.items()},
    )


def _of_folder(folder: Path, root: Root) -> Iterator[Export]:
    """Yield the objects in a folder, of which nothing outside of *root* is read."""
    if (folder / "objectDefinitions").is_dir() or (folder / "transformations").is_dir():
        yield from _old(folder, root)
        return
    for inner in _folders(folder):
        if (inner / "definition").is_dir() or (inner / "transformation").is_dir():
            definition = inner / "definition" / "objectDefinition.json"
            yield Export(
                inner.name,
                _json(definition, root) if definition.is_file() else {},
                {each.name: _scripted(each, root) for each in _folders(inner / "transformation")},
            )
    for file in sorted(folder.glob("*.json")):
        yield from _of_file(file, _read(file, root))


def _old(folder: Path, root: Root) -> Iterator[Export]:
    definitions = {
        each.name: _json(each / "objectDefinition.json", root)
        for each in _folders(folder / "objectDefinitions")
    }
    found: dict[str, dict[str, Json]] = {name: {} for name in definitions}
    for element in _folders(folder / "transformations"):
        for each in _folders(element):
            found.setdefault(each.name, {})[element.name] = _scripted(each, root)
    for name, transformations in found.items():
        yield Export(name, definitions.get(name, {}), transformations)


def _scripted(folder: Path, root: Root) -> Json:
    """Return the transformation in a folder, with the bodies of its scripts."""
    made = _json(folder / "transformation.json", root)
    single = folder / "script.js"
    if single.is_file():
        made["script"] = {
            **_object(folder, made.get("script") or {}),
            "body": _read(single, root).text,
        }
    by_level = {
        level.value: _read(folder / f"{level.value}-script.js", root).text
        for level in Level
        if (folder / f"{level.value}-script.js").is_file()
    }
    if by_level:
        known = {
            each.get("level"): each for each in made.get("scripts") or [] if isinstance(each, dict)
        }
        made["scripts"] = [
            {"level": level, **known.get(level, {}), "body": body}
            for level, body in by_level.items()
        ]
        script = made.get("script")
        if isinstance(script, dict) and "body" not in script and script.get("level") in by_level:
            made["script"] = {**script, "body": by_level[script["level"]]}
    return made


def at_level(transformation: Json, level: Level) -> Json:
    """Return a transformation whose script is that of a level, if it has one there."""
    script = transformation.get("script")
    scripts = [each for each in transformation.get("scripts") or [] if isinstance(each, dict)]
    given = next((each for each in scripts if each.get("level") == level and "body" in each), None)
    if given is None and isinstance(script, dict) and script.get("level", level) == level:
        given = script
    kept = {
        name: each for name, each in transformation.items() if name not in ("script", "scripts")
    }
    return kept if given is None or "body" not in given else {**kept, "script": given}


def _folders(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []


def _json(path: Path, root: Root) -> Json:
    return _object(path, parse_json(_read(path, root)))


def _read(path: Path, root: Root) -> Source:
    return as_source(root.read(path, str(path)), str(path))


def _object(path: Path, value: Any) -> Json:
    if not isinstance(value, dict):
        _refuse(path, "something in it is no object")
    return value


def _refuse(path: Path, why: str) -> NoReturn:
    raise FileError([Diagnostic(codes.BAD_EXPORT, f"{path} is no export: {why}")])


# Writing ------------------------------------------------------------------------------------------


def export_files(exports: Iterable[Export], layout: Layout) -> dict[str, str]:
    """Return the files of *exports* by path; names must be such that files can have them."""
    write = _WRITERS[layout]
    return {path: text for each in exports for path, text in write(each)}


def _wrapper(export: Export) -> Iterator[tuple[str, str]]:
    yield f"{export.name}.json", _written(_wrap(export))


def _wrap(export: Export) -> Json:
    return {
        "vdrName": export.name,
        "vdrVersion": "v2",
        "definition": export.definition,
        "transformation": export.transformations,
    }


def _old_files(export: Export) -> Iterator[tuple[str, str]]:
    definition = {name: each for name, each in export.definition.items() if name != "id"}
    yield f"objectDefinitions/{export.name}/objectDefinition.json", _written(definition)
    for element, each in export.transformations.items():
        yield from _apart(f"transformations/{element}/{export.name}", each, {})


def _new_files(export: Export) -> Iterator[tuple[str, str]]:
    yield f"{export.name}/{export.name}.json", _written(_wrap(export))
    yield f"{export.name}/definition/objectDefinition.json", _written(export.definition)
    for element, each in export.transformations.items():
        by_level = {
            str(script["level"]): str(script["body"])
            for script in each.get("scripts") or []
            if script.get("level") and "body" in script
        }
        yield from _apart(f"{export.name}/transformation/{element}", each, by_level)


def _apart(
    folder: str, transformation: Json, by_level: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the file of a transformation and those of the bodies of its scripts."""
    made = dict(transformation)
    for level, body in by_level.items():
        yield f"{folder}/{level}-script.js", body
    if by_level:
        made["scripts"] = [_bodiless(each) for each in made["scripts"]]
    script = made.get("script")
    if isinstance(script, dict) and "body" in script:
        yield f"{folder}/script.js", str(script["body"])
        made["script"] = _bodiless(script)
    yield f"{folder}/transformation.json", _written(made)


def _bodiless(script: Json) -> Json:
    return {name: each for name, each in script.items() if name != "body"}


def _written(value: Json) -> str:
    return json.dumps(value, indent=4, sort_keys=True) + "\n"


_WRITERS: dict[Layout, Callable[[Export], Iterator[tuple[str, str]]]] = {
    Layout.WRAPPER: _wrapper,
    Layout.OLD: _old_files,
    Layout.NEW: _new_files,
}
