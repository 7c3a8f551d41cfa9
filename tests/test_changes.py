"""``mapper check --since``: what changed since a revision, and which mappings that concerns."""

import subprocess
from shutil import copytree

import pytest
from click.testing import CliRunner

from mapper.changes import changes_since, is_affected
from mapper.cli import main
from mapper.project import load_project

FILES_OF_ONE = {
    "mappings/X.yaml": """\
mapping: acme/X
resource: X
vendor: {element: acme, resource: things, schema: acme/X.json}
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
    found = [each for each in map(opened.find, opened.names) if is_affected(opened, each, changes)]
    return [mapping.name for mapping in found]


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
