"""The cache of printed code: what is kept, what makes it stale, and that nobody else's code runs.

Projects are as ``mapper init`` writes them. Poison is code in a well-formed entry; only who could
have written it keeps it from being run.
"""

import marshal
import os
import pwd
import stat
import subprocess
import sys
from errno import EACCES, ENOSPC
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from threading import Barrier, Thread

import pytest

from mapper import TransformError, load_project
from mapper.compile import Cache

ROOT = Path(__file__).parents[1]
SKELETON = ROOT / "mapper" / "cli" / "skeleton"
PAYLOAD = {"id": 3, "first_name": "Ada"}
COMMON = {"id": "3", "firstName": "Ada"}
POISON = "def from_vendor(_): return 'poison'\ndef create(_): return 'poison'"
DIGEST = sha256().digest_size


@pytest.fixture
def root(tmp_path):
    return copytree(SKELETON, tmp_path / "project")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def warm(root, folder):
    """Return the project after it has run once, so that its code is in the cache."""
    run(root)
    assert len(entries(folder)) == 3
    return root


def run(root):
    """Return what the project makes in both directions, loaded anew."""
    mapper = load_project(root).mapper("acme/contact")
    made = mapper.from_vendor(PAYLOAD), mapper.to_vendor({"firstName": "Ada"})
    assert mapper.fallbacks == 0
    return made


RIGHT = COMMON, {"first_name": "Ada"}


class Parsed(Exception):  # noqa: N818 - no error: the cache had nothing
    pass


def is_kept(root, monkeypatch):
    """Whether the project runs without its files being parsed."""

    def refuse(_):
        raise Parsed

    with monkeypatch.context() as patch:
        patch.setattr("mapper.parse.parse_file", refuse)
        try:
            return run(root) == RIGHT
        except Parsed:
            return False


def entries(folder):
    return sorted(path for path in folder.iterdir() if path.is_file())


def programs(folder):
    """Return the entries with code."""
    return [path for path in entries(folder) if b"def " in path.read_bytes()]


def poison(folder):
    """Put poison into every entry with code."""
    code = compile(POISON, "poison", "exec")
    for path in programs(folder):
        value = marshal.dumps((POISON, code))
        path.write_bytes(path.read_bytes()[:DIGEST] + sha256(value).digest() + value)


# What is kept, and what makes it stale ------------------------------------------------------------


def test_the_second_run_parses_nothing(warm, monkeypatch):
    assert is_kept(warm, monkeypatch)


def test_what_needs_the_files_still_finds_them(warm):
    mapper = load_project(warm).mapper("acme/contact")
    assert mapper.mapping.name == "acme/contact"
    assert mapper.validate_payload({"id": "x"}) != []
    assert mapper.interpreted.from_vendor(PAYLOAD) == COMMON


@pytest.mark.parametrize(
    "name",
    [
        "mappings/acme/contact.yaml",
        "mappings/resources/contact.yaml",
        "schemas/acme/person.schema.json",
        "schemas/canonical/contact.schema.json",
    ],
)
def test_a_changed_file_makes_it_stale(warm, monkeypatch, name):
    text = (warm / name).read_text("utf-8")
    (warm / name).write_text(f"{text} ", "utf-8")
    assert not is_kept(warm, monkeypatch)
    (warm / name).write_text(text, "utf-8")
    assert is_kept(warm, monkeypatch)


@pytest.mark.parametrize("name", ["mappings/more.yaml", "schemas/more.json"])
def test_so_does_a_file_more(warm, monkeypatch, name):
    (warm / name).write_text("{}", "utf-8")
    assert not is_kept(warm, monkeypatch)


@pytest.mark.parametrize("version", ["sys.version", "mapper.compile.cache.__version__"])
def test_so_does_another_version_of_python_or_of_this_package(warm, monkeypatch, version):
    monkeypatch.setattr(version, "another")
    assert not is_kept(warm, monkeypatch)


def test_so_does_a_changed_file_of_this_package(root, folder, tmp_path, monkeypatch):
    home = tmp_path / "package" / "compile"
    home.mkdir(parents=True)
    monkeypatch.setattr("mapper.compile.cache.__file__", str(home / "cache.py"))
    module = tmp_path / "package" / "module.py"
    module.write_text("1", "utf-8")
    (home / ".#cache.py").symlink_to("an editor's lock")
    run(root)
    assert is_kept(root, monkeypatch)
    module.write_text("12", "utf-8")
    assert not is_kept(root, monkeypatch)


def test_what_changes_after_the_project_was_loaded_is_not_kept(root, folder):
    load_project(root).mapper("acme/contact")  # which keeps what a mapper needs first
    long_running = load_project(root).mapper("acme/contact")
    schema = root / "schemas" / "acme" / "person.schema.json"
    text = schema.read_text("utf-8")
    schema.write_text(text.replace(', "x-required-on": "create"', ""), "utf-8")
    nameless = {"lastName": "Lovelace"}
    assert codes(long_running.to_vendor, nameless) == ["M523"]
    schema.write_text(text, "utf-8")
    mapper = load_project(root).mapper("acme/contact")
    assert codes(mapper.to_vendor, nameless) == ["M523"]


def codes(call, *given):
    with pytest.raises(TransformError) as refusal:
        call(*given)
    return [each.rule.code for each in refusal.value.diagnostics]


def test_a_name_is_no_part_of_a_text():
    assert Cache([b"a", b"bc"])._key("n") != Cache([b"ab", b"c"])._key("n")
    assert Cache([b"a"])._key("n") != Cache([b"a"])._key("m")


def test_a_name_that_is_no_text_does_no_harm(root, folder, monkeypatch):
    text = (root / "mappings" / "resources" / "contact.yaml").read_text("utf-8")
    odd = root / "mappings" / os.fsdecode(b"\xff.yaml")
    odd.write_text(text.replace("resource: contact", "resource: other"), "utf-8")
    assert run(root) == RIGHT
    assert is_kept(root, monkeypatch)


@pytest.mark.parametrize("kind", ["device", "pipe", "large"])
def test_a_file_among_the_schemas_that_nobody_can_read_does_no_harm(root, folder, kind):
    path = root / "schemas" / "odd.json"
    match kind:
        case "device":
            path.symlink_to("/dev/zero")
        case "pipe":
            os.mkfifo(path)
        case "large":
            with path.open("wb") as file:
                file.truncate(1 << 40)
    assert run(root) == RIGHT


# Whose it is --------------------------------------------------------------------------------------


def test_poison_of_our_own_would_run(warm, folder):
    poison(folder)
    assert run(warm) == ("poison", "poison")


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777, 0o1777])
def test_a_folder_that_others_may_write_to_is_not_used(warm, folder, mode):
    poison(folder)
    folder.chmod(mode)
    before = entries(folder)
    (warm / "schemas" / "more.json").write_text("{}", "utf-8")  # so that there is more to keep
    assert run(warm) == RIGHT
    (warm / "schemas" / "more.json").unlink()
    assert run(warm) == RIGHT
    assert entries(folder) == before


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_to_is_not_used(warm, folder, mode, monkeypatch):
    poison(folder)
    for path in programs(folder):
        path.chmod(mode)
    assert run(warm) == RIGHT
    assert is_kept(warm, monkeypatch), "it is replaced by our own"
    assert {stat.S_IMODE(path.stat().st_mode) for path in programs(folder)} == {0o600}


def owned_by_another(monkeypatch, is_theirs):
    """Let the system say of opened files of a kind that they are someone else's."""
    real = os.fstat

    def fstat(descriptor):
        status = real(descriptor)
        theirs = is_theirs(status.st_mode)
        return os.stat_result((*status[:4], status.st_uid + theirs, *status[5:]))

    monkeypatch.setattr(os, "fstat", fstat)


@pytest.mark.parametrize("is_theirs", [stat.S_ISDIR, stat.S_ISREG])
def test_what_someone_else_owns_is_not_used(warm, folder, monkeypatch, is_theirs):
    poison(folder)
    owned_by_another(monkeypatch, is_theirs)
    assert run(warm) == RIGHT


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("which", ["folder", "files"])
def test_what_was_really_given_away_is_not_used(warm, folder, which):
    poison(folder)
    for path in [folder] if which == "folder" else entries(folder):
        os.chown(path, 65534, 65534)
    assert run(warm) == RIGHT


def test_a_link_to_a_folder_is_not_followed(warm, folder):
    poison(folder)
    real = folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(real)
    assert run(warm) == RIGHT
    assert run(warm) == RIGHT


def test_links_to_files_are_not_followed(warm, folder, tmp_path, monkeypatch):
    poison(folder)
    for path in programs(folder):
        path.symlink_to(path.rename(tmp_path / path.name))
    assert run(warm) == RIGHT
    assert is_kept(warm, monkeypatch), "the links are replaced"
    assert not any(path.is_symlink() for path in folder.iterdir())


def test_a_link_is_not_written_through(root, folder, tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    run(root)
    for path in entries(folder):
        path.unlink()
        path.symlink_to(target)
    assert run(root) == RIGHT
    assert target.read_bytes() == b"mine"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_read(warm, folder, make):
    for path in entries(folder):
        path.unlink()
        make(path)
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(3):
        assert run(warm) == RIGHT
    assert len(list(Path("/dev/fd").iterdir())) == before, "all are closed again"


@pytest.mark.parametrize("kind", ["relative", "home"])
def test_a_relative_path_is_that_of_a_stranger(root, tmp_path, monkeypatch, kind):
    # His project may hold the folder that it leads to; so it is not even made.
    monkeypatch.chdir(tmp_path)
    if kind == "relative":
        monkeypatch.setenv("MAPPER_CACHE", "cache")
    else:
        monkeypatch.delenv("MAPPER_CACHE")
        monkeypatch.setenv("XDG_CACHE_HOME", "cache")
        monkeypatch.setenv("HOME", "home")
    assert run(root) == RIGHT
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


# What is in it ------------------------------------------------------------------------------------


def flipped(data):
    """Yield *data* with one bit changed, at places all over it."""
    for place in {*range(0, 2 * DIGEST + 8, 7), *range(0, len(data), 499)}:
        yield data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]


def test_damaged_data_is_not_run(warm, folder, monkeypatch):
    [path, *_] = programs(folder)
    whole = path.read_bytes()
    shortened = [whole[:size] for size in (0, 1, 31, 32, 63, 64, 65, 100, len(whole) - 1)]
    others = [b"nonsense", bytes(len(whole)), whole + b"\0", os.urandom(len(whole))]
    for data in (*shortened, *others, *flipped(whole)):
        path.write_bytes(data)
        assert run(warm) == RIGHT
        assert path.read_bytes() == whole, "it is replaced by what is right"
    assert is_kept(warm, monkeypatch)


def test_an_entry_under_the_name_of_another_is_not_used(warm, folder):
    first, second = programs(folder)
    ours, theirs = first.read_bytes(), second.read_bytes()
    first.write_bytes(theirs)
    second.write_bytes(ours)
    assert run(warm) == RIGHT
    assert (first.read_bytes(), second.read_bytes()) == (ours, theirs)


def test_nor_that_of_another_state_of_the_project(warm, folder):
    old = {path: path.read_bytes() for path in programs(folder)}
    mapping = warm / "mappings" / "acme" / "contact.yaml"
    text = mapping.read_text("utf-8")
    unset = "firstName: {vendor: first_name, unset: [Ada]}"
    mapping.write_text(text.replace("firstName: first_name", unset), "utf-8")
    assert load_project(warm).mapper("acme/contact").from_vendor(PAYLOAD) == {"id": "3"}
    [new] = set(programs(folder)) - old.keys()
    for data in old.values():
        new.write_bytes(data)
        assert load_project(warm).mapper("acme/contact").from_vendor(PAYLOAD) == {"id": "3"}


# Where nothing can be kept ------------------------------------------------------------------------


def test_an_empty_variable_switches_it_off(root, tmp_path, monkeypatch):
    monkeypatch.setenv("MAPPER_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert run(root) == RIGHT
    assert not (tmp_path / "caches").exists()


def test_without_it_the_users_folder_is_taken(root, tmp_path, monkeypatch):
    monkeypatch.delenv("MAPPER_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    run(root)
    folder = tmp_path / "home" / ".cache" / "common-resource-mapper"
    assert entries(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    run(root)
    assert entries(tmp_path / "caches" / "common-resource-mapper")


def test_a_user_without_a_home_has_none(root, monkeypatch):
    def nobody(_):
        raise KeyError

    for name in ("MAPPER_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert run(root) == RIGHT


@pytest.mark.parametrize("name", ["project/mappings/acme/contact.yaml/cache", "a" * 5000])
def test_a_folder_that_cannot_be_made_does_no_harm(root, tmp_path, monkeypatch, name):
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / name))
    assert run(root) == RIGHT


@pytest.mark.parametrize("error", [EACCES, ENOSPC])
@pytest.mark.parametrize("call", ["mkdir", "open", "fstat", "fdopen", "replace", "listdir"])
def test_whatever_the_system_refuses_does_no_harm(root, folder, monkeypatch, call, error):
    def refuse(*_, **__):
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        assert run(root) == RIGHT
        assert run(root) == RIGHT


def start(root, before=""):
    code = (
        f"{before}\nfrom mapper import load_project\n"
        f"mapper = load_project({str(root)!r}).mapper('acme/contact')\n"
        f"assert mapper.from_vendor({PAYLOAD}) == {COMMON}"
    )
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE)


def test_a_disk_that_is_full_keeps_no_part_of_an_entry(root, folder):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (70, 70))"
    process = start(root, limit)
    assert (process.communicate(timeout=60)[1], process.returncode) == (b"", 0)
    assert entries(folder) == []


def test_a_value_that_cannot_be_kept_is_not(folder):
    cache = Cache([])
    cache.store("name", object())
    assert cache.load("name") is None
    assert entries(folder) == []


# Several at once, and too many --------------------------------------------------------------------


def test_programs_that_keep_the_same_at_once(root, folder, monkeypatch):
    processes = [start(root) for _ in range(3)]
    assert [process.communicate(timeout=60)[1] for process in processes] == [b""] * 3
    run(root)
    assert is_kept(root, monkeypatch)
    assert {len(path.name) for path in entries(folder)} == {2 * DIGEST}, "no draft is left"


def test_threads_that_keep_the_same_at_once(folder):
    barrier, values = Barrier(8), []

    def work():
        cache = Cache([])
        barrier.wait()
        for _ in range(20):
            cache.store("name", "value")
            values.append(cache.load("name"))

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values == ["value"] * 160
    assert len(entries(folder)) == 1


def test_the_oldest_entries_go_and_nothing_else(folder, monkeypatch):
    monkeypatch.setattr("mapper.compile.cache.MAX_ENTRIES", 10)
    folder.mkdir(mode=0o700)
    (folder / "notes.txt").write_text("mine", "utf-8")
    (folder / ("f" * 64)).mkdir()
    (folder / f"{'0' * 64}.{'0' * 16}").write_bytes(b"a draft that was left")
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    cache = Cache([])
    for number in range(12):
        cache.store(str(number), number)
        os.utime(folder / cache._key(str(number)).hex(), (number + 1, number + 1))
    kept = [number for number in range(12) if cache.load(str(number)) is not None]
    assert kept == [*range(kept[0], 12)]
    assert 5 <= len(kept) <= 10
    assert (folder / "notes.txt").exists()
    assert not (folder / f"{'0' * 64}.{'0' * 16}").exists()
