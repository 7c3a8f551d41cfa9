"""What a test says and leaves behind has none of the secrets that it used.

A secret is whatever the program took for one. Searched are the output of commands, errors with
their tracebacks, what pytest captured, and the files of the test: plans, journals, snapshots.
"""

import json
import traceback
from functools import wraps
from urllib.parse import quote

from click.testing import CliRunner

from mapper.diagnostics import MapperError
from mapper.platform.secrets import Secret

SHORTEST = 8
"""Shorter texts are no secrets, and may be found by chance."""

STORES = ("platform", "sandbox")
"""Folders of a local platform, which has to know the secrets of those who call it."""

_secrets: set[str] = set()
_outputs: list[tuple[str, str]] = []
_errors: list[MapperError] = []


def _after(owner, name, look):
    """Let *look* see what a method is called on and returns."""
    method = getattr(owner, name)

    @wraps(method)
    def watched(self, *arguments, **options):
        result = method(self, *arguments, **options)
        look(self, result)
        return result

    setattr(owner, name, watched)


def _take_secret(secret, _):
    text = secret.reveal()
    if len(text) >= SHORTEST:
        _secrets.update({text, quote(text, safe=""), json.dumps(text)[1:-1]})


def _take_error(error, _):
    if _secrets:  # a test of the platform; others make errors by the thousand
        _errors.append(error)


def _take_output(_, result):
    _outputs.append(("the output of a command", result.output))
    if result.exc_info is not None:
        _outputs.append(("a traceback", "".join(traceback.format_exception(*result.exc_info))))


def watch():
    """Note all secrets, errors and outputs from now on."""
    _after(Secret, "__init__", _take_secret)
    _after(MapperError, "__init__", _take_error)
    _after(CliRunner, "invoke", _take_output)


def forget():
    """Begin with another test."""
    for each in (_secrets, _outputs, _errors):
        each.clear()


def leaks(folder=None, captured=()):
    """Return where a secret of this test is shown."""
    if not _secrets:
        return []
    errors = [("an error", "".join(traceback.format_exception(each))) for each in _errors]
    files = [(str(each), each.read_bytes().decode(errors="replace")) for each in _files(folder)]
    every = [*_outputs, *errors, *files, *captured]
    return sorted({where for where, text in every if any(each in text for each in _secrets)})


def _files(folder):
    for path in folder.rglob("*") if folder else ():
        inside = path.relative_to(folder)
        is_store = path.stem == "secrets" or any(each in STORES for each in inside.parts)
        if path.is_file() and not is_store:
            yield path
