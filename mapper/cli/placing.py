"""Files that commands write: all of them or none, each whole, and none over another one unasked."""

import os
from collections.abc import Mapping
from pathlib import Path

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError
from mapper.files import real_path


def place_files(root: Path, files: Mapping[str, str], *, force: bool = False) -> dict[str, str]:
    """Write *files* below *root*; return by path what became of each: new, replaced, unchanged.

    Raises:
        FileError: M114 for each file that is there and says something else, without *force*, and
            for each that would lie outside of *root*; M115 if one cannot be written.
    """
    wanted = {path: text.encode("utf-8", "surrogatepass") for path, text in files.items()}
    became = {path: _state(root / path, text) for path, text in wanted.items()}
    refused = [*_outside(root, wanted)]
    if not force:
        refused += [_in_the_way(root / path) for path, how in became.items() if how == "replaced"]
    if refused:
        raise FileError(refused)
    drafts: dict[Path, Path] = {}
    try:
        for path, text in wanted.items():
            if became[path] != "unchanged":
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
                drafts[draft] = target
                draft.write_bytes(text)
        for draft, target in drafts.items():
            draft.replace(target)
    except OSError as error:
        message = f"{error.filename} cannot be written ({error.strerror})"
        raise FileError([Diagnostic(codes.UNWRITABLE, message)]) from None
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
    return became


def _state(path: Path, text: bytes) -> str:
    try:
        return "unchanged" if path.read_bytes() == text else "replaced"
    except FileNotFoundError:
        return "new"
    except OSError:  # a folder, or what nobody may read
        return "replaced"


def _in_the_way(path: Path) -> Diagnostic:
    message = f"{path} is there and says something else"
    hint = "--force replaces it; or choose another folder"
    return Diagnostic(codes.IN_THE_WAY, message, hint=hint)


def _outside(root: Path, files: Mapping[str, bytes]) -> list[Diagnostic]:
    """Return the files that a link would put elsewhere."""
    whole = real_path(root)
    return [
        Diagnostic(codes.IN_THE_WAY, f"{root / path} leads out of {root}")
        for path in files
        if not real_path((root / path).parent).is_relative_to(whole)
    ]
