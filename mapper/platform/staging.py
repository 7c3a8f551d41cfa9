"""A project as it would be with files that are not written yet."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mapper.project import Project, load_project

__all__ = ["staged"]


@contextmanager
def staged(project: Project, files: Mapping[str, str]) -> Iterator[Project]:
    """Give the project as it would be with *files*, without its other mappings."""
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "mappings").mkdir()
        for path, text in _around(project):
            _place(root / path, text)
        for each, said in files.items():
            _place(root / each, said.encode("utf-8", "surrogatepass"))
        yield load_project(root)


def _around(project: Project) -> Iterator[tuple[str, bytes]]:
    """Yield what mappings are about: resources, tables and schemas, not the other mappings."""
    library = project.library
    spans = [each.span for each in library.resources.values()]
    spans += [each.span for each in library.tables.values()]
    for number, span in enumerate(spans):
        yield f"mappings/_{number}.yaml", span.source.text.encode("utf-8", "surrogatepass")
    for name, content in project.schema_files.items():
        yield f"schemas/{name}", content


def _place(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
