"""``mapper check --since``: what changed since a revision, and which mappings that concerns."""

import os
import subprocess
from shutil import copytree

import pytest
from click.testing import CliRunner

from mapper.changes import changes_since, scope_of
from mapper.cli import main
from mapper.project import load_project

FILES_OF_ONE = {
    "mappings/X.yaml": """\
mapping: acme/X
resource: X
vendor: {element: acme, resource: Xs, schema: acme/X.json}
fields:
  id: id
  part: {fragment: X}
  word: {from_vendor: "lookup('X', id)"}
examples: X.examples.yaml
pulled: X.pulled.json
""",
    "mappings/X.pulled.json": "{}",
    "mappings/X.examples.yaml": "examples: acme/X\ncases: []\n",
    "mappings/X.resource.yaml": "resource: X\nschema: X.json\nkey: id\n",
    "mappings/X.fragment.yaml": "fragment: X\nfields:\n  x: {fragment: Xinner}\n",
    "mappings/X.inner.yaml": "fragment: Xinner\nfields:\n  y: yX\n",
    "mappings/X.table.yaml": "table: X\nentries: {k: v}\n",
    "schemas/X.json": '{"type": "object"}',
    "schemas/acme/X.json": '{"type": "object", "properties": {"id": {"$ref": "X.id.json"}}}',
    "schemas/acme/X.id.json": '{"type": "string"}',
}
FILES = {
    path.replace("X", name): text.replace("X", name)
    for name in ("a", "b")
    for path, text in FILES_OF_ONE.items()
}


def git(folder, *arguments):
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with two mappings, a and b, that have nothing in common."""
    for name, text in FILES.items():
        write(tmp_path, name, text)
    write(tmp_path, "README", "a project")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")


def check(*arguments):
    result = CliRunner().invoke(main, ["check", *arguments], catch_exceptions=False)
    return result.exit_code, result.stdout


def test_nothing_changed(project):
    assert check("--since", "HEAD") == (0, "nothing changed since HEAD\n")
    assert check("--since", "HEAD", "--quiet") == (0, "")
    assert check("--since", "HEAD", "--format", "json") == (0, "[]\n")
    write(project, "README", "new")
    assert check("--since", "HEAD", "mappings/a.yaml") == (0, "nothing changed since HEAD\n")
    write(project, "schemas/unused.json", "{}")
    assert check("--since", "HEAD") == (0, "0 mappings, 0 examples: no problems\n")


def names_checked(project, since="HEAD"):
    opened = load_project(project)
    changes = changes_since(opened, since)
    return list(scope_of(opened, changes, map(opened.find, opened.names), is_whole=True).names)


@pytest.mark.parametrize("name", [each for each in FILES if "/b." in each])
def test_each_file_affects_the_mapping_that_depends_on_it(name, project):
    write(project, name, FILES[name] + " \n")
    assert names_checked(project) == ["acme/b"]
    git(project, "add", name)
    assert names_checked(project) == ["acme/b"]
    commit(project)
    assert names_checked(project) == []
    assert names_checked(project, "HEAD~") == ["acme/b"]


OVERLAY = "overlay: acme/b@c\nextends: acme/b\nlevel: account\nreplace: {word: word}\n"


@pytest.mark.parametrize("name", [each for each in FILES if "/b." in each])
def test_an_overlay_depends_on_all_that_its_rules_come_from(name, project):
    """Not on the examples of what it extends, what was pulled for that, or a rule's table."""
    write(project, "mappings/overlay.yaml", OVERLAY)
    commit(project)
    write(project, name, FILES[name] + " \n")
    own = {"mappings/b.examples.yaml", "mappings/b.pulled.json", "mappings/b.table.yaml"}
    assert names_checked(project) == ["acme/b"] + ([] if name in own else ["acme/b@c"])


def test_a_change_of_an_overlay_affects_it_alone(project):
    write(project, "mappings/overlay.yaml", OVERLAY)
    commit(project)
    write(project, "mappings/overlay.yaml", OVERLAY + "# new\n")
    assert names_checked(project) == ["acme/b@c"]


def test_a_file_stands_for_its_overlays_and_a_name_for_itself(project):
    write(project, "mappings/overlay.yaml", OVERLAY.replace("word: word", "word: wrong"))
    write(project, "schemas/acme/b.json", '{"type": "object", "properties": {"id": {}}}')
    for path, is_told in (
        ("mappings/b.yaml", True),
        ("mappings/overlay.yaml", True),
        ("acme/b@c", True),
        ("acme/b", False),
        ("mappings/a.yaml", False),
    ):
        assert ("wrong is not in acme/b.json" in check(path)[1]) == is_told, path


def test_other_files_affect_none(project):
    write(project, "README", "new")
    write(project, "schemas/c.json", "{}")
    write(project, "mappings/c.yaml", "table: c\nentries: {}\n")
    assert names_checked(project) == []


def test_a_computed_table_may_be_any(project):
    text = FILES["mappings/a.yaml"].replace("lookup('a', id)", "lookup(id, id)")
    write(project, "mappings/a.yaml", text)
    commit(project)
    write(project, "mappings/b.table.yaml", FILES["mappings/b.table.yaml"] + "# new\n")
    assert names_checked(project) == ["acme/a", "acme/b"]


@pytest.mark.parametrize("name", ["mappings/b.inner.yaml", "schemas/acme/b.id.json"])
def test_all_are_checked_when_a_file_is_gone(name, project):
    (project / name).unlink()
    assert names_checked(project) == ["acme/a", "acme/b"]


def test_a_new_mapping_is_checked_before_git_tracks_it(project):
    text = (
        FILES["mappings/a.yaml"]
        .replace("acme/a", "acme/new")
        .replace("examples: a.examples.yaml", "")
    )
    write(project, "mappings/new näme\n.yaml", text)
    assert names_checked(project) == ["acme/new"]


def test_only_findings_about_the_change_are_told(project):
    for name in ("a", "b"):
        write(project, f"schemas/{name}.json", '{"type": "object", "properties": {"z": {}}}')
    commit(project)
    code, text = check()
    assert code == 1
    assert "mappings/a.yaml" in text
    assert "mappings/b.yaml" in text
    assert check("--since", "HEAD") == (0, "nothing changed since HEAD\n")
    write(project, "mappings/b.yaml", FILES["mappings/b.yaml"] + "# new\n")
    code, text = check("--since", "HEAD")
    assert code == 1
    assert "mappings/a" not in text
    assert "mappings/b.yaml" in text


def test_what_changed_schemas_break_is_told_in_files_that_did_not_change(project):
    write(project, "schemas/b.json", '{"type": "object", "properties": {"z": {}}}')
    code, text = check("--since", "HEAD")
    assert code == 1
    assert "mappings/b.yaml" in text
    assert "mappings/a" not in text


def test_what_keeps_mappings_from_running_is_told_if_one_is_affected(project):
    write(project, "mappings/broken.yaml", "table: broken\nentries: []\n")
    commit(project)
    assert check("--since", "HEAD")[0] == 0
    write(project, "mappings/b.yaml", FILES["mappings/b.yaml"] + "# new\n")
    code, text = check("--since", "HEAD")
    assert code == 1
    assert "mappings/broken.yaml" in text


def test_a_changed_file_that_is_of_no_mapping_is_told(project):
    write(project, "mappings/broken.yaml", "table: broken\nentries: []\n")
    code, text = check("--since", "HEAD")
    assert code == 1
    assert "mappings/broken.yaml" in text


def test_a_project_below_the_top_folder(project, monkeypatch):
    copytree(project / "mappings", project / "sub/mappings")
    copytree(project / "schemas", project / "sub/schemas")
    commit(project)
    write(project, "sub/schemas/acme/b.json", '{"type": "nothing"}')
    monkeypatch.chdir(project)
    code, text = check("--project", "sub", "--since", "HEAD", "--format", "github")
    assert code == 1
    assert text.startswith("::error file=sub/schemas/acme/b.json,line=1,")
    monkeypatch.chdir(project / "sub/mappings")
    code, text = check("--since", "HEAD")
    assert code == 1
    assert "sub/schemas/acme/b.json:1:10" in text


@pytest.mark.parametrize(
    ("revision", "says"),
    [
        ("nowhere", 'git knows no revision "nowhere"'),
        ("", 'git knows no revision ""'),
        ("HEAD:README", 'git knows no revision "HEAD:README"'),
        ("--help", '"--help" is no revision'),
        ("$(touch x)", 'git knows no revision "$(touch x)"'),
        ("a\0b", "is no revision"),
    ],
)
def test_revisions_that_there_are_not(revision, says, project):
    code, text = check("--since", revision)
    assert code == 1
    assert text.startswith("error[M116]: ")
    assert says in text
    assert not (project / "x").exists()


def test_without_git(project, monkeypatch):
    monkeypatch.setenv("PATH", str(project))
    code, text = check("--since", "HEAD")
    assert code == 1
    assert text.startswith("error[M116]: git cannot be run (No such file or directory)\n")
    assert "hint: install git, or name no revision\n" in text


def test_outside_a_checkout(tmp_path, monkeypatch):
    for name, text in FILES.items():
        write(tmp_path, name, text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    code, text = check("--since", "HEAD")
    assert code == 1
    assert text.startswith("error[M116]: the project is in no git checkout (fatal: ")
    assert "hint: go to a checkout of the project, or name no revision\n" in text


@pytest.mark.parametrize("committed", [False, True])
def test_a_link_in_a_circle_is_a_change_like_others(project, committed):
    (project / "circle").symlink_to("circle")
    (project / "mappings" / "c.yaml").symlink_to("c.yaml")
    if committed:
        commit(project)
    code, said = check("--since", "HEAD~1" if committed else "HEAD")
    assert (code, said.count("error[M001]")) == (1, 1)
    assert "mappings/c.yaml" in said


def test_a_link_in_a_circle_holds_no_mapping(project):
    (project / "circle").symlink_to("circle")
    code, said = check("circle")
    assert code == 1
    assert "there is no mapping in circle" in said


WRONG = '{"type": "nothing"}'
LINKS = {  # what leads to what, and then a file that is read through it
    "the mappings": ("mappings", "maps", "maps/b.yaml"),
    "the schemas": ("schemas", "lib/real", "lib/real/acme/b.id.json"),
    "a folder of schemas": ("schemas/acme", "shared", "shared/b.id.json"),
    "a mapping": ("mappings/b.yaml", "shared/b.yaml", "shared/b.yaml"),
    "what a mapping names": ("mappings/b.pulled.json", "shared/b", "shared/b"),
    "a schema": ("schemas/acme/b.id.json", "shared/b.json", "shared/b.json"),
    "a schema without a mapping": ("schemas/c.json", "shared/c.json", "shared/c.json"),
}


def move(folder, name, target):
    """Leave a link in the place of what is moved."""
    (folder / target).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).rename(folder / target)
    (folder / name).symlink_to(os.path.relpath(folder / target, (folder / name).parent))


@pytest.mark.parametrize(("name", "target", "changed"), LINKS.values(), ids=LINKS)
def test_what_links_lead_to_is_of_the_project(name, target, changed, project):
    write(project, "schemas/c.json", "{}")
    move(project, name, target)
    commit(project)
    write(project, "README", "new")
    assert check("--since", "HEAD") == (0, "nothing changed since HEAD\n")
    text = (project / changed).read_text("utf-8")
    write(project, changed, text + " \n")
    assert names_checked(project) == ([] if "c.json" in changed else ["acme/b"])
    assert check("--since", "HEAD")[1] != "nothing changed since HEAD\n"


@pytest.mark.parametrize("name", ["mappings", "schemas"])
def test_a_link_that_leads_elsewhere_changes_all_that_is_behind_it(name, project):
    move(project, name, "one")
    copytree(project / "one", project / "two")
    commit(project)
    (project / name).unlink()
    (project / name).symlink_to("two")
    assert names_checked(project) == ["acme/a", "acme/b"]


def test_all_are_checked_when_what_a_link_leads_to_is_gone(project):
    move(project, "schemas/acme/b.id.json", "shared/b.json")
    write(project, "shared/README", "no file of the project")
    commit(project)
    (project / "shared/README").unlink()
    assert names_checked(project) == []
    (project / "shared/b.json").unlink()
    assert names_checked(project) == ["acme/a", "acme/b"]


def test_what_is_wrong_behind_links_is_told(project):
    move(project, "schemas", "real")
    commit(project)
    write(project, "real/acme/b.id.json", WRONG)
    code, text = check("--since", "HEAD")
    assert code == 1
    assert "real/acme/b.id.json:1:10" in text


@pytest.fixture(params=["mappings", "schemas/acme"])
def submodule(request, project, tmp_path_factory):
    """A folder of the project that is a repository of its own."""
    other = tmp_path_factory.mktemp("other")
    (project / request.param).rename(other / "files")
    git(other / "files", "init", "--quiet")
    commit(other / "files")
    git(project, "rm", "--quiet", "-r", "--cached", request.param)
    allowed = ("-c", "protocol.file.allow=always")
    git(project, *allowed, "submodule", "--quiet", "add", str(other / "files"), request.param)
    commit(project)
    return project / request.param


def test_what_changed_in_a_submodule_is_told(submodule, project):
    name = {"mappings": "b.yaml", "acme": "b.id.json"}[submodule.name]
    assert check("--since", "HEAD") == (0, "nothing changed since HEAD\n")
    write(submodule, name, WRONG)
    assert f"{name}:1:" in check("--since", "HEAD")[1]
    commit(submodule)
    assert f"{name}:1:" in check("--since", "HEAD")[1]
    commit(project)
    assert check("--since", "HEAD") == (0, "nothing changed since HEAD\n")
    assert f"{name}:1:" in check("--since", "HEAD~")[1]


def test_what_is_new_in_a_submodule_counts(submodule):
    write(submodule, "new.yaml", WRONG)
    write(submodule, "new.json", WRONG)
    said = check("--since", "HEAD")[1]
    assert said != "nothing changed since HEAD\n"
    assert ("new.yaml:1:" in said) == (submodule.name == "mappings")


def test_all_are_checked_when_a_file_of_a_submodule_may_be_gone(submodule, project):
    (submodule / ("b.id.json" if submodule.name == "acme" else "b.inner.yaml")).unlink()
    assert names_checked(project) == ["acme/a", "acme/b"]


def test_a_repository_that_git_does_not_track_is_new(project):
    write(project, "mappings/nested/c.yaml", "table: c\nentries: []\n")
    git(project / "mappings/nested", "init", "--quiet")
    code, text = check("--since", "HEAD")
    assert code == 1
    assert "mappings/nested/c.yaml" in text


def test_what_git_ignores_counts_as_changed(project):
    write(project, ".gitignore", "c.yaml\nignored\n.DS_Store\n")
    commit(project)
    write(project, "mappings/.DS_Store", "no file of the project")
    write(project, "mappings/ignored/.DS_Store", "no file of the project")
    write(project, "ignored/c.yaml", "no file of the project")
    assert check("--since", "HEAD") == (0, "nothing changed since HEAD\n")
    text = FILES["mappings/a.yaml"].replace("examples: a.examples.yaml", "")
    for name in ("c", "ignored/d"):
        write(project, f"mappings/{name}.yaml", text.replace("acme/a", f"acme/{name}"))
    assert names_checked(project) == ["acme/c", "acme/ignored/d"]


def test_before_the_first_commit_all_is_new(project):
    git(project, "checkout", "--quiet", "--orphan", "new")
    assert names_checked(project) == ["acme/a", "acme/b"]
    write(project, "schemas/acme/b.id.json", WRONG)
    assert check("--since", "HEAD")[0] == 1
    code, text = check("--since", "HEAD~")
    assert code == 1
    assert text.startswith('error[M116]: git knows no revision "HEAD~" (fatal: ')


def test_what_git_finds_wrong_is_told_with_a_hint_that_fits(project, monkeypatch):
    def told(*about):
        code, text = check("--since", "HEAD")
        assert code == 1
        message, *_, hint = text.partition("\n\n")[0].splitlines()
        assert all(each in message for each in about), message
        return hint.strip()

    write(project, "mappings/b.yaml", FILES["mappings/b.yaml"] + "# new\n")
    git(project, "config", "diff.orderFile", "nowhere")
    hint = "= hint: see what git says, and run it there: git "
    assert told("git cannot compare (", "nowhere") == hint + "diff"
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert told("git does not read the checkout (", "dubious ownership") == hint + "rev-parse"
    monkeypatch.setenv("GIT_DIR", "nowhere")
    assert told("git does not read the checkout (", "'nowhere'") == hint + "rev-parse"


NEW = {  # files that no mapping uses, and what is wrong with one of them
    "a schema that is not there": (
        {"mappings/c.yaml": "resource: c\nschema: c.json\nkey: id\n"},
        "error[M001]: there is no schema c.json\n --> mappings/c.yaml:2:9",
    ),
    "a schema that is wrong": (
        {"mappings/c.yaml": "resource: c\nschema: c.json\nkey: id\n", "schemas/c.json": WRONG},
        "error[M301]: type takes one or more of ",
    ),
    "a key that is not there": (
        {"mappings/unused.yaml": "resource: unused\nschema: unused.json\nkey: other\n"},
        "error[M303]: other is not in unused.json\n --> mappings/unused.yaml:3:6",
    ),
    "a changed schema": (
        {"schemas/unused.json": '{"type": "object", "properties": {"other": {}}}'},
        "error[M303]: id is not in unused.json\n --> mappings/unused.yaml:3:6",
    ),
    "the name of a vendor resource": (
        {"mappings/c.yaml": "resource: c\nschema: unused.json\nkey: id\nobjectName: things\n"},
        "error[M414]: things is also a vendor resource\n --> mappings/c.yaml:4:13",
    ),
    "a table": (
        {"mappings/c.yaml": "table: c\nentries: {k: v}\n"},
        "warning[M415]: nothing looks into the table c\n --> mappings/c.yaml:1:8",
    ),
    "a fragment": (
        {"mappings/c.yaml": "fragment: c\nfields: {id: id}\n"},
        "warning[M415]: nothing uses the fragment c\n --> mappings/c.yaml:1:11",
    ),
    "a suppression": (
        {
            "mappings/unused.yaml": "resource: unused\nschema: unused.json\nkey: id"
            " # mapper: ignore[M303] no\n"
        },
        "warning[M431]: this suppression of M303 meets no finding\n --> mappings/unused.yaml:3:26",
    ),
    "a suppression in a schema": (
        {
            "schemas/unused.json": '{"$comment": "mapper: ignore[M331] no", "required": ["id"], '
            '"type": "object", "properties": {"id": {"type": "string"}}}'
        },
        "warning[M431]: this suppression of M331 meets no finding\n --> schemas/unused.json:1:30",
    ),
}


@pytest.fixture
def sound(project):
    """A project in which nothing is wrong that counts, and a resource without a mapping."""
    member = '{"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}'
    for path in (project / "mappings").iterdir():
        path.unlink()
    write(project, "mappings/a.resource.yaml", "resource: a\nschema: a.json\nkey: id\n")
    write(project, "mappings/unused.yaml", "resource: unused\nschema: unused.json\nkey: id\n")
    write(project, "schemas/a.json", member)
    write(project, "schemas/unused.json", member)
    write(project, "schemas/acme/a.json", member)
    write(
        project,
        "mappings/a.yaml",
        """\
mapping: acme/a
resource: a
vendor: {element: acme, resource: things, schema: acme/a.json}
fields: {id: id}
""",
    )
    commit(project)
    assert check()[0] == 0
    return project


@pytest.mark.parametrize(("files", "says"), NEW.values(), ids=NEW)
def test_what_is_wrong_with_changed_files_of_no_mapping_is_told(files, says, sound):
    for name, text in files.items():
        write(sound, name, text)
    assert says in check()[1]
    code, text = check("--since", "HEAD")
    assert text.startswith(says), text
    assert code == says.startswith("error")
    assert text.count("\n --> ") == 1
    assert check("mappings/a.yaml", "--since", "HEAD")[0] == 0
    commit(sound)
    assert check("--since", "HEAD") == (0, "nothing changed since HEAD\n")
    write(sound, "schemas/free.json", "{}")
    assert check("--since", "HEAD") == (0, "0 mappings, 0 examples: no problems\n")


def test_a_schema_may_be_of_other_mappings_than_are_checked(sound):
    """What its suppressions meet is told of whole projects, and not of some of its mappings."""
    schema = (sound / "schemas/acme/a.json").read_text("utf-8")
    commented = schema.replace("{", '{"$comment": "mapper: ignore[M337] no", ', 1)
    write(sound, "schemas/acme/a.json", commented)
    assert (
        check("mappings") == check("mappings/a.yaml") == (0, "1 mapping, 0 examples: no problems\n")
    )
    for arguments in ([], ["--since", "HEAD"]):
        assert "this suppression of M337 meets no finding" in check(*arguments)[1]
    assert check("mappings/a.yaml", "--since", "HEAD") == check("mappings")


def test_a_resource_without_a_mapping_depends_on_the_tables_of_its_invariants(sound):
    text = (sound / "mappings/unused.yaml").read_text("utf-8")
    text += """invariants: {known: "starts_with(lookup('c', 'k'), 'v')"}\n"""
    write(sound, "mappings/unused.yaml", text)
    write(sound, "mappings/c.yaml", "table: c\nentries: {k: v}\n")
    commit(sound)
    assert check()[0] == 0
    write(sound, "mappings/c.yaml", "table: c\nentries: {k: 1}\n")
    code, text = check("--since", "HEAD")
    assert code == 1
    assert "mappings/unused.yaml:4:" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("resource: a\nschema: a.json\nkey: id\n", "a is no resource"),
        ("fragment: a\nfields: {id: id}\n", "a is no fragment"),
        ("table: a\nentries: {k: v}\n", "there is no table a"),
    ],
    ids=["resource", "fragment", "table"],
)
def test_what_uses_a_name_that_a_file_does_not_define_any_more_is_told(text, says, sound):
    write(sound, "mappings/named.yaml", text)
    mapping = (sound / "mappings/a.yaml").read_text("utf-8")
    if "resource" in text:
        (sound / "mappings/a.resource.yaml").unlink()
    elif "fragment" in text:
        mapping = mapping.replace("{id: id}", "{id: id, part: {fragment: a}}")
    else:
        mapping = mapping.replace("{id: id}", """{id: {from_vendor: "lookup('a', id)"}}""")
    write(sound, "mappings/a.yaml", mapping)
    commit(sound)
    assert says not in check()[1]
    write(sound, "mappings/named.yaml", text.replace(": a\n", ": b\n", 1))
    assert says in check()[1]
    code, told = check("--since", "HEAD")
    assert code == 1
    assert says in told


def test_a_table_that_may_be_meant_by_a_name_that_is_not_there_is_not_called_unused(sound):
    text = (sound / "mappings/a.yaml").read_text("utf-8")
    looked = text.replace("{id: id}", """{id: id, word: {from_vendor: "lookup('d', id)"}}""")
    write(sound, "mappings/a.yaml", looked)
    commit(sound)
    write(sound, "mappings/c.yaml", "table: c\nentries: {k: v}\n")
    code, told = check("--since", "HEAD")
    assert code == 1
    assert "there is no table d" in told
    assert "M415" not in told
