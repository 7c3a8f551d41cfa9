"""What changed since a revision of git, and which mappings it can have changed."""

import os
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, Span, show_name, show_value
from mapper.expr import Call, Literal, walk
from mapper.files import real_path
from mapper.folders import Root
from mapper.model import Expression, Mapping, Table
from mapper.project import Project, load_project


class Changes(Struct, frozen=True):
    """The files of a project that differ from a revision, by their real paths.

    Attributes:
        files: Those that are there, untracked ones among them, and those that are not any more.
        gone: Whether one of them is not there any more.
    """

    files: frozenset[Path]
    gone: bool

    def holds(self, name: str | Path) -> bool:
        """Whether the file of that name is one of them."""
        return real_path(name) in self.files


def changes_since(project: Project, revision: str) -> Changes:
    """Return what of *project* differs from *revision*, a name that git knows a commit by.

    Raises:
        FileError: M116 if git is not there, does not know the revision, or the project lies in no
            checkout.
    """
    root = real_path(project.root)
    _refuse_options(revision)
    top = _git(root, _NO_CHECKOUT, "rev-parse", "--show-toplevel")
    commit = _commit(root, revision)
    folder = Path(os.fsdecode(top.removesuffix(b"\n")))
    failure = "git cannot compare"
    changed = _git(folder, failure, "diff", *_NAMES_ONLY, commit, "--")
    new = _git(folder, failure, "ls-files", "--others", "--exclude-standard", "-z", "--")
    names = [os.fsdecode(each) for each in (changed + new).split(b"\0") if each]
    kept = (root / "mappings", root / "schemas")
    paths = {real_path(folder / each) for each in names}
    files = frozenset(path for path in paths if any(map(path.is_relative_to, kept)))
    return Changes(files, not all(map(os.path.exists, files)))


@contextmanager
def project_at(project: Project, revision: str) -> Iterator[Project]:
    """Give the project as it was at a revision, in a folder that is gone afterwards.

    Raises:
        FileError: M116 if git is not there, or does not know the revision or the project in it;
            M001 for links that lead out of it.
    """
    root = real_path(project.root)
    commit = _commit(root, revision)
    inside = os.fsdecode(_git(root, _NO_CHECKOUT, "rev-parse", "--show-prefix").rstrip(b"\n"))
    failure = f"the project is not in revision {show_value(revision)}"
    names = [each for each in ("mappings", "schemas") if _has(root, f"{commit}:{inside}{each}")]
    if "mappings" not in names:
        _refuse(failure)
    packed = _git(root, failure, "archive", "--format=tar", commit, "--", *names)
    with TemporaryDirectory(prefix="mapper-") as folder:
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            _unpack(archive, folder)
        yield load_project(folder)


def _unpack(archive: tarfile.TarFile, folder: str) -> None:
    """Write what *archive* holds into *folder*.

    Raises:
        FileError: M001 for each link that leads out of it.
    """
    faults: list[Diagnostic] = []

    def filtered(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
        try:
            return tarfile.data_filter(member, path)
        except tarfile.FilterError:
            faults.append(Root(Path(folder)).way_out.diagnostic(show_name(member.name)))
            return None

    archive.extractall(folder, filter=filtered)  # noqa: S202 - what the filter for data takes
    if faults:
        raise FileError(faults)


def revision_of(project: Project) -> str:
    """Return which state of the project its files are, for people."""
    root = real_path(project.root)
    try:
        commit = _git(root, _NO_CHECKOUT, "rev-parse", "--short", "--verify", "HEAD").decode()
        changed = _git(root, _NO_CHECKOUT, "status", "--porcelain", "--", "mappings", "schemas")
    except FileError:
        return "not in git"
    return commit.strip() + (" with changes that are not committed" if changed else "")


_NO_CHECKOUT = "the project is in no git checkout"


def _commit(root: Path, revision: str) -> str:
    """Return the commit that a revision names.

    Raises:
        FileError: M116 if there is none.
    """
    _refuse_options(revision)
    failure = f"git knows no revision {show_value(revision)}"
    name = f"{revision}^{{commit}}"
    return os.fsdecode(
        _git(root, failure, "rev-parse", "--verify", "--end-of-options", name).strip()
    )


def _refuse_options(revision: str) -> None:
    if revision.startswith("-") or "\0" in revision:
        _refuse(f"{show_value(revision)} is no revision")


def _has(root: Path, name: str) -> bool:
    try:
        _git(root, name, "cat-file", "-e", name)
    except FileError:
        return False
    return True


_NAMES_ONLY = ("--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv")


def _git(folder: Path, failure: str, *arguments: str) -> bytes:
    """Return what git prints.

    Raises:
        FileError: M116, which says *failure* and git's own words, if git fails.
    """
    try:
        done = subprocess.run(  # noqa: S603 - no shell; what users name stands behind its option
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git that the user has
            capture_output=True,
            check=False,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        _refuse(f"git cannot be run ({error.strerror})", "install git, or name no revision")
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        hint = "go to a checkout of the project, or name no revision"
        _refuse(
            f"{failure} ({words})" if words else failure, hint if failure == _NO_CHECKOUT else None
        )
    return done.stdout


def _refuse(message: str, hint: str | None = None) -> NoReturn:
    raise FileError([Diagnostic(codes.NO_REVISION, message, hint=hint)])


# Which mappings ---------------------------------------------------------------------------------


def is_affected(project: Project, mapping: Mapping, changes: Changes) -> bool:
    """Whether a file that *mapping* depends on changed.

    What used a file that is gone cannot be told, so that then every mapping counts.
    """
    return changes.gone or any(map(changes.holds, files_of(project, mapping)))


def relevant(
    project: Project, affected: Iterable[Mapping], changes: Changes, found: Iterable[Diagnostic]
) -> Iterator[Diagnostic]:
    """Yield, of what checking the *affected* mappings found, what the *changes* have to do with.

    That is what is wrong with a file that changed or that one of the mappings depends on, and what
    keeps them from running, wherever it stands. Whether it changed cannot be told of what cannot
    be read.
    """
    files = {real_path(path) for mapping in affected for path in files_of(project, mapping)}
    blocking = frozenset(project.errors) if files else frozenset(project.unreadable)
    for each in found:
        places = (*((each.span,) if each.span else ()), *(label.span for label in each.labels))
        paths = {real_path(place.source.name) for place in places}
        if not paths or paths & (files | changes.files) or each in blocking:
            yield each


def files_of(project: Project, mapping: Mapping) -> set[Path]:
    """Return the files that say what *mapping* does and whether it is right.

    These are its own, those of what it extends, those that they name beside them, its resource's,
    those of the fragments and tables that it uses, and all that its schemas lead to.
    """
    library = project.library
    resource = library.resources.get(mapping.resource)
    schemas = [mapping.vendor.schema.name, *([resource.schema.name] if resource else [])]
    files = {file for name in schemas for file in project.schemas.files(name)}
    names = {span.source.name for span in _parts(mapping.fields, Span)}
    names |= {file.name for file in mapping.files}
    names |= {resource.source.name} if resource else set()
    script = mapping.script.file if mapping.script else None
    beside = (mapping.examples, script, mapping.pulled)
    names |= {
        str(PurePosixPath(each.span.source.name).parent / each.name)
        for each in beside
        if each is not None
    }
    names |= {table.span.source.name for table in _tables(project, mapping)}
    return {project.root / "schemas" / file for file in files} | set(map(Path, names))


def _tables(project: Project, mapping: Mapping) -> Iterator[Table]:
    """Yield the tables that expressions look into: all, where the name is computed."""
    tables, resource = project.library.tables, project.library.resources.get(mapping.resource)
    invariants = resource.invariants if resource is not None else ()
    for expression in _parts((mapping.fields, invariants), Expression):
        for each in walk(expression.tree):
            match each:
                case Call("lookup", (Literal(str(name)), *_)):
                    yield from (tables[name],) if name in tables else ()
                case Call("lookup"):
                    yield from tables.values()
                case _:
                    pass


def _parts(node: Any, kind: Any) -> Iterator[Any]:
    """Yield every part of a tree that is of a kind."""
    if isinstance(node, kind):
        yield node
    elif isinstance(node, Struct):
        for name in node.__struct_fields__:
            yield from _parts(getattr(node, name), kind)
    elif isinstance(node, tuple):
        for each in node:
            yield from _parts(each, kind)
