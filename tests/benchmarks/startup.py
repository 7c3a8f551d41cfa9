"""What whole programs take: being ready to run the six mappings, checking them, the version."""

import os
import sys
from pathlib import Path

from mapper.compile.cache import VARIABLE
from tests.benchmarks.racing import Round, race_programs

ROOT = Path(__file__).resolve().parents[2]
IMPORTS, COLD, CACHED = "import yaml, jmespath", "all mappings, cold", "all mappings, cached"
CLICK, VERSION = "import click", "mapper --version"
ALL_IMPORTS, CHECK = "import yaml, jmespath, jsonschema", "mapper check"
BARS = [
    (COLD, IMPORTS, 3.0),
    (CACHED, IMPORTS, 1.5),
    (CHECK, ALL_IMPORTS, 5.0),
    (VERSION, CLICK, 1.5),
]
"""What is measured, what it is a multiple of, and of how much it may be."""


def race(rounds: int, cache: Path) -> list[Round]:
    """Return the time of each program; *cache* is an empty folder for what is generated."""
    code = "from tests.benchmarks.ready import prepare; prepare()"
    commands = {
        IMPORTS: _python(IMPORTS),
        COLD: _python(code),
        CACHED: _python(code, str(cache)),
        ALL_IMPORTS: _python(ALL_IMPORTS),
        CHECK: _mapper("check"),
        CLICK: _python(CLICK),
        VERSION: _mapper("--version"),
    }
    race_programs(commands, 1, ROOT)  # byte code, and the cache of CACHED
    return race_programs(commands, rounds, ROOT)


def _python(code: str, cache: str = "") -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-c", code], _environment(cache)


def _mapper(argument: str) -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-m", "mapper", argument], _environment("")


def _environment(cache: str) -> dict[str, str]:
    """Return the surroundings of a program that keeps printed code in *cache*, empty for nowhere.

    Byte code of Python is kept, as usual.
    """
    around = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    return around | {VARIABLE: cache}
