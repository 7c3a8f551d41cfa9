"""Other engines, each in a folder of its own since some of them share a module's name.

`python -m tests.benchmarks.engines.peers FOLDER` installs them below FOLDER with pip.
"""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.benchmarks.engines import in_jmespath, job

Read = Callable[[dict], dict]

LEFT_OUT = {
    "rjmespath": "takes JSON text only, and turns integers into floats",
    "jslt": "drops 0, false and empty text",
}


def jsonatapy(module: ModuleType) -> Read:
    return _converted(module.compile(_jsonata(job.INVOICE)).evaluate)


jsonata2py = jsonatapy


def jsonata(module: ModuleType) -> Read:
    return _converted(module.Jsonata(_jsonata(job.INVOICE)).evaluate)


def jpx(module: ModuleType) -> Read:
    return in_jmespath.one_hash(module.compile)


def jmespath_community(module: ModuleType) -> Read:
    return in_jmespath.per_field(module.compile)


def joltpy(module: ModuleType) -> Read:
    return _converted(module.Chainr.from_spec(_jolt()).transform)


def pyjolt(module: ModuleType) -> Read:
    return _converted(module.Chainr.from_spec(_jolt()).apply)


def jq(module: ModuleType) -> Read:
    program = module.compile(_jq(job.INVOICE))
    return _converted(lambda invoice: program.input_value(invoice).first())


def glom(module: ModuleType) -> Read:
    spec = _glom(job.INVOICE, module.Coalesce)
    return _converted(lambda invoice: module.glom(invoice, spec))


PEERS: dict[str, tuple[str, Callable[[ModuleType], Read]]] = {
    "jsonatapy": ("jsonatapy", jsonatapy),
    "jsonata2py": ("jsonata2py", jsonata2py),
    "jpx": ("jpx", jpx),
    "jsonata-python": ("jsonata", jsonata),
    "jsonata-rs": ("jsonata", jsonata),
    "jmespath-community": ("jmespath", jmespath_community),
    "jolt-python": ("joltpy", joltpy),
    "jolt-py": ("pyjolt", pyjolt),
    "jq": ("jq", jq),
    "glom": ("glom", glom),
}
"""By distribution: the module, and what makes a reading function with it.

The first of those that share a module's name keeps it: jsonata-python imports as it runs.
"""


def installed(folder: Path) -> Iterator[tuple[str, str, Read]]:
    """Yield the name, the version and the reading function of each peer that is installed."""
    for name, (module, build) in PEERS.items():
        home = folder / name
        if home.is_dir():
            with _only(home, module):
                yield name, _version(home, name), build(import_module(module))


def _version(home: Path, name: str) -> str:
    [information] = home.glob(f"{name.replace('-', '_')}-*.dist-info")
    return information.stem.rpartition("-")[2]


@contextmanager
def _only(home: Path, module: str) -> Iterator[None]:
    """Let *module* be imported from *home*, even where another one has that name and keeps it."""
    others = {name: sys.modules.pop(name) for name in _modules(module)}
    sys.path.insert(0, str(home))
    try:
        yield
    finally:
        sys.path.remove(str(home))
        for name in _modules(module) if others else []:
            del sys.modules[name]
        sys.modules.update(others)


def _modules(module: str) -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == module]


def _converted(select: Callable[[dict], Any]) -> Read:
    return lambda invoice: job.convert(job.INVOICE, select(invoice))


# The job in each language -------------------------------------------------------------------------


def _object(members: dict, show: Callable[[Any], str]) -> str:
    return "{" + ", ".join(f'"{name}": {show(each)}' for name, each in members.items()) + "}"


def _jsonata(member: Any) -> str:
    match member:
        case job.Each():
            return f"$exists({member.path}) ? [{member.path}.{_object(member, _jsonata)}]"
        case job.Inside():
            return f"{member.path}.{_object(member, _jsonata)}"
        case dict():
            return _object(member, _jsonata)
        case job.Several(), _:
            return _object(_names(member[0]), str)
        case path, _:
            return path


def _jq(member: Any) -> str:
    match member:
        case job.Each():
            return f"(.{member.path} | if . then map({_object(member, _jq)}) else null end)"
        case job.Inside():
            return f"(.{member.path} | if . then {_object(member, _jq)} else null end)"
        case dict():
            return _object(member, _jq)
        case job.Several(), _:
            return _object(_names(member[0]), ".{}".format)
        case path, _:
            return f".{path}"


def _glom(member: Any, coalesce: Callable[..., Any]) -> Any:
    inner = (
        {name: _glom(each, coalesce) for name, each in member.items()}
        if isinstance(member, dict)
        else None
    )
    match member:
        case job.Each():
            return coalesce((member.path, [inner]), default=None)
        case job.Inside():
            return coalesce((member.path, inner), default=None)
        case dict():
            return inner
        case job.Several(), _:
            return {name: coalesce(name, default=None) for name in member[0]}
        case path, _:
            return coalesce(path, default=None)


def _names(paths: Iterable[str]) -> dict[str, str]:
    return {path: path for path in paths}


def _jolt() -> list[dict]:
    shift: dict = {}
    for path, target in _moves(job.INVOICE, "", 1):
        *around, last = path
        place = shift
        for step in around:
            place = place.setdefault(step, {})
        place.setdefault(last, []).append(target)
    return [{"operation": "shift", "spec": shift}]


def _moves(members: dict, target: str, depth: int) -> Iterator[tuple[list[str], str]]:
    """Yield what JOLT moves where: the path of a value and the text that says its place."""
    for name, member in members.items():
        place = f"{target}{name}"
        match member:
            case job.Each():
                for path, to in _moves(member, f"{place}[&1].", depth):
                    yield [member.path, "*", *path], to
            case job.Inside():
                for path, to in _moves(member, f"{place}.", depth):
                    yield [member.path, *path], to
            case dict():
                yield from _moves(member, f"{place}.", depth)
            case job.Several(), _:
                yield from (([each], f"{place}.{each}") for each in member[0])
            case path, _:
                yield [path], place


def install(folder: Path) -> None:
    """Install every peer into a folder of its own below *folder*."""
    for name in PEERS:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target"]
        subprocess.run([*command, str(folder / name), name], check=False)


if __name__ == "__main__":
    install(Path(sys.argv[1]))
