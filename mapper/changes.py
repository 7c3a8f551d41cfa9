"""What changed since a revision of git, and which mappings it can have changed."""

import os
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Set as AbstractSet
from contextlib import contextmanager
from io import BytesIO
from itertools import filterfalse
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from msgspec import Struct

from mapper import codes
from mapper.diagnostics import Diagnostic, FileError, Span, show_name, show_value
from mapper.expr import Call, Literal, walk
from mapper.files import real_path
from mapper.folders import Root, list_files
from mapper.model import Expression, Mapping, Resource, Table
from mapper.project import Project, load_project


class Changes(Struct, frozen=True):
    """The files of a project that differ from a revision, by their real paths.

    Attributes:
        files: Those that are there, untracked ones among them, and those that are not any more. A
            folder stands for all that is below it.
        gone: Whether one of them is not there any more, or may be, in such a folder.
    """

    files: frozenset[Path]
    gone: bool

    def holds(self, name: str | Path) -> bool:
        """Whether the file of that name is one of them."""
        return _is_below(real_path(name), self.files)


def changes_since(project: Project, revision: str) -> Changes:
    """Return what of *project* differs from *revision*, a name that git knows a commit by.

    Raises:
        FileError: M116 if git is not there, does not know the revision, or the project lies in no
            checkout.
    """
    root = real_path(project.root)
    _refuse_options(revision)
    top = _git(root, _NO_READING, "rev-parse", "--show-toplevel")
    if revision == "HEAD" and not _has(root, "HEAD"):  # before the first commit
        return Changes(frozenset({root}), gone=False)
    commit = _commit(root, revision)
    folder = Path(os.fsdecode(top.removesuffix(b"\n")))
    tracked = _paths(folder, "diff", *_NAMES_ONLY, commit, "--")
    files = _kept(project, tracked | _paths(folder, "ls-files", *_OTHERS))
    return Changes(files, not all(map(os.path.isfile, files & tracked)))


def _paths(folder: Path, *arguments: str) -> set[Path]:
    """Return where what git names leads to."""
    names = _git(folder, "git cannot compare", *arguments).split(b"\0")
    return {real_path(folder / os.fsdecode(each)) for each in names if each}


def _kept(project: Project, paths: set[Path]) -> frozenset[Path]:
    """Return which of *paths* are files of the project, were some, or are folders with some."""
    folders = {real_path(project.root / each) for each in ("mappings", "schemas")}
    places = _places(project)
    around = folders.union(*(each.parents for each in folders | places))
    gone = filterfalse(os.path.exists, paths)
    return frozenset(
        (
            *(path for path in paths if path in around or _is_below(path, places)),
            *(path for path in gone if _is_below(path, folders)),
        )
    )


def _places(project: Project) -> set[Path]:
    """Return where the files of a project are, and the folders that links in it lead to."""
    root = Root(project.root)
    listings = (
        list_files(project.root / "mappings", "mappings", root, ".yaml", ".yml"),
        list_files(project.root / "schemas", "schemas", root, ".json", hidden=True),
    )
    listed = (found for each in listings for found in (*each.files, *each.linked, *each.closed))
    beside = (name for each in project.library.mappings.values() for name in _beside(each))
    return {real_path(each.path) for each in listed} | {real_path(each) for each in beside}


def _is_below(path: Path, places: AbstractSet[Path]) -> bool:
    return not places.isdisjoint((path, *path.parents))


@contextmanager
def project_at(project: Project, revision: str) -> Iterator[Project]:
    """Give the project as it was at a revision, in a folder that is gone afterwards.

    Raises:
        FileError: M116 if git is not there, or does not know the revision or the project in it;
            M001 for links that lead out of it.
    """
    root = real_path(project.root)
    inside = os.fsdecode(_git(root, _NO_READING, "rev-parse", "--show-prefix").rstrip(b"\n"))
    commit = _commit(root, revision)
    names = [each for each in ("mappings", "schemas") if _has(root, f"{commit}:{inside}{each}")]
    if "mappings" not in names:
        _refuse(f"the project is not in revision {show_value(revision)}")
    packed = _git(root, "git cannot pack it", "archive", "--format=tar", commit, "--", *names)
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
        commit = _git(root, _NO_READING, "rev-parse", "--short", "--verify", "HEAD").decode()
        changed = _git(root, _NO_READING, "status", "--porcelain", "--", "mappings", "schemas")
    except FileError:
        return "not in git"
    return commit.strip() + (" with changes that are not committed" if changed else "")


_NO_READING = "git does not read the checkout"


def _commit(root: Path, revision: str) -> str:
    """Return the commit that a revision names.

    Raises:
        FileError: M116 if there is none.
    """
    _refuse_options(revision)
    done = _run(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    if done.returncode:
        _refuse(f"git knows no revision {show_value(revision)} ({_words(done)})")
    return os.fsdecode(done.stdout.strip())


def _refuse_options(revision: str) -> None:
    if revision.startswith("-") or "\0" in revision:
        _refuse(f"{show_value(revision)} is no revision")


def _has(root: Path, name: str) -> bool:
    return not _run(root, "cat-file", "-e", name).returncode


_NAMES_ONLY = (
    "--name-only",
    "-z",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
)
_OTHERS = ("--others", "--directory", "--no-empty-directory", "-z", "--")
"""What is ignored is listed, too; a folder without anything that git tracks is listed as such."""


def _git(folder: Path, failure: str, *arguments: str) -> bytes:
    """Return what git prints.

    Raises:
        FileError: M116, which says *failure* and git's own words, if git fails.
    """
    done = _run(folder, *arguments)
    words = _words(done)
    if done.returncode and words.startswith("fatal: not a git repository (or any"):
        hint = "go to a checkout of the project, or name no revision"
        _refuse(f"the project is in no git checkout ({words})", hint)
    if done.returncode:
        hint = f"see what git says, and run it there: git {arguments[0]}"
        _refuse(f"{failure} ({words})" if words else failure, hint)
    return done.stdout


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Return what became of running git.

    Raises:
        FileError: M116 if it cannot be run.
    """
    try:
        return subprocess.run(  # noqa: S603 - no shell; what users name stands behind its option
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git that the user has
            capture_output=True,
            check=False,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        _refuse(f"git cannot be run ({error.strerror})", "install git, or name no revision")


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the first line of what git says is wrong."""
    return done.stderr.decode(errors="replace").strip().partition("\n")[0]


def _refuse(message: str, hint: str | None = None) -> NoReturn:
    raise FileError([Diagnostic(codes.NO_REVISION, message, hint=hint)])


# Which mappings ---------------------------------------------------------------------------------


class Scope(Struct, frozen=True):
    """What a check of what changed looks at, and what of that it tells.

    Attributes:
        changes: What changed.
        names: The names of the mappings that it affects.
        files: The files that these mappings, and the resources that it affects, depend on.
        blocking: What is told wherever it stands: what keeps mappings from running, if one is
            affected or a file may have lost a name that others use, and otherwise what cannot be
            read, of which there is no telling whether it changed.
        is_whole: Whether all mappings that it affects are looked at.
    """

    changes: Changes
    names: tuple[str, ...]
    files: frozenset[Path]
    blocking: frozenset[Diagnostic]
    is_whole: bool

    def tells(self, found: Diagnostic) -> bool:
        """Whether a finding is about what changed, or about what that affects."""
        places = (*((found.span,) if found.span else ()), *(each.span for each in found.labels))
        names = {each.source.name for each in places}
        return (
            not names
            or any(map(self.changes.holds, names))
            or not self.files.isdisjoint(map(real_path, names))
            or found in self.blocking
        )


def scope_of(
    project: Project, changes: Changes, mappings: Iterable[Mapping], *, is_whole: bool
) -> Scope:
    """Return what is to be checked of *mappings*, which are all that there are if it is whole.

    What used a file that is gone cannot be told, so that then all of them count.
    """

    def affected(files: set[Path]) -> bool:
        return changes.gone or any(map(changes.holds, files))

    needed = {each.name: files_of(project, each) for each in mappings}
    names = tuple(name for name, files in needed.items() if affected(files))
    resources = [_files_of_resource(project, each) for each in project.library.resources.values()]
    files = [*(needed[name] for name in names), *filter(affected, resources if is_whole else ())]
    is_blocked = bool(names) or any(changes.holds(each.name) for each in project.sources)
    return Scope(
        changes,
        names,
        frozenset(real_path(each) for of in files for each in of),
        frozenset(project.errors if is_blocked else project.unreadable),
        is_whole,
    )


def files_of(project: Project, mapping: Mapping) -> set[Path]:
    """Return the files that say what *mapping* does and whether it is right.

    These are its own, those of what it extends, those that they name beside them, its resource's,
    those of the fragments and tables that it uses, and all that its schemas lead to.
    """
    library = project.library
    resource = library.resources.get(mapping.resource)
    files = _files_of_schema(project, mapping.vendor.schema.name)
    files |= _files_of_resource(project, resource) if resource else set()
    names = {span.source.name for span in _parts(mapping.fields, Span)}
    names |= {file.name for file in mapping.files}
    names |= {*_names_of_tables(project, mapping.fields), *_beside(mapping)}
    return files | set(map(Path, names))


def _files_of_resource(project: Project, resource: Resource) -> set[Path]:
    names = {resource.source.name, *_names_of_tables(project, resource.invariants)}
    return _files_of_schema(project, resource.schema.name) | set(map(Path, names))


def _files_of_schema(project: Project, name: str) -> set[Path]:
    return {project.root / "schemas" / file for file in project.schemas.files(name)}


def _beside(mapping: Mapping) -> Iterator[str]:
    """Yield the names of the files that those of *mapping* name beside them."""
    script = mapping.script.file if mapping.script else None
    for each in (mapping.examples, script, mapping.pulled):
        if each is not None:
            yield str(PurePosixPath(each.span.source.name).parent / each.name)


def _names_of_tables(project: Project, node: Any) -> set[str]:
    """Return the names of the files of the tables that expressions in *node* look into."""
    return {table.span.source.name for table in _tables(project.library.tables, node)}


def _tables(tables: dict[str, Table], node: Any) -> Iterator[Table]:
    """Yield the tables that expressions look into: all, where the name is computed, or of none."""
    for expression in _parts(node, Expression):
        for each in walk(expression.tree):
            match each:
                case Call("lookup", (Literal(str(name)), *_)) if name in tables:
                    yield tables[name]
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
