"""What a mapping promises that checks clean, and documents that hold it to that.

Documents that fit its schemas have to be read without an error, as objects that fit the common
schema and are of the type that is inferred for the mapping, and that write nothing, lacking what
may be left out; and objects that fit have to be written without an error (but for refusals by
design), as bodies that the vendor takes.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any
from unittest.mock import patch

from agreement import text
from msgspec import Struct

from mapper import codes
from mapper.check import check_mapping, check_resource, mappings, soundness
from mapper.diagnostics import Diagnostic, MapperError, TransformError
from mapper.formats import BEYOND_LOCAL_YEARS
from mapper.generate import Seeded
from mapper.infer import Type
from mapper.infer.reading import read_type
from mapper.infer.types import inhabits
from mapper.omissions import shortest
from mapper.project import Project
from mapper.prove.edits import Editor
from mapper.prove.laws import Outside
from mapper.prove.requests import RequestMaker
from mapper.running import Mapper
from mapper.schema import validate

ALLOWED = frozenset({"M502", *(f"M{number}" for number in range(511, 525))})
"""Refusals by design: of what the vendor demands of the whole object (``x-write-invariants``), and
of access, clearing, written values, hidden members, steps, items, slots, and missing members.

Local times of other years than 1900 to 2199 are refused, too."""


def findings(project: Project, name: str) -> Iterator[Diagnostic]:
    """Yield what a check finds of one mapping, some findings of one thing not joined."""
    mapping = project.library.mappings.get(name)
    if mapping is None or project.findings:
        yield from project.findings
        return
    resource = project.library.resources[mapping.resource]
    # To show what the schemas say takes longer than to find out that there is something to show.
    with patch.object(mappings, "with_schemas", lambda found, *_: found):
        yield from chain(check_resource(project, resource), check_mapping(project, mapping))


@contextmanager
def inferring() -> Iterator[list[Type]]:
    """Give the types of the common objects that are inferred meanwhile."""
    inferred: list[Type] = []

    def kept(*given: Any) -> Any:
        inferred.append((found := read_type(*given))[0])
        return found

    with patch.object(soundness, "read_type", kept):
        yield inferred


class Promise(Struct, frozen=True):
    """A mapping that checked clean.

    Attributes:
        mapper: Its mapper.
        given: The type that is inferred for what it reads.
    """

    mapper: Mapper
    given: Type

    def try_documents(self, documents: Iterable[Any], choices: Seeded) -> Iterator[str]:
        """Read, create and update with each document, and yield what became of it.

        Raises:
            AssertionError: The promise is broken.
        """
        try:
            editor = Editor(self.mapper)
            for document in documents:
                common = self._reads(document)
                yield "documents: read"
                self._keeps(document, shortest(self.mapper.lowered.rules, common))
                yield from self._writes(editor, document, common, choices)
        except MapperError as error:
            if any(each.rule is not codes.BAD_SCHEMA for each in error.diagnostics):
                raise AssertionError(f"{error}") from None
            yield "documents: none can be made"

    def try_requests(self, documents: Iterable[Any], choices: Seeded) -> Iterator[str]:
        """Send bodies of requests that fit, and yield what became of them.

        Raises:
            AssertionError: One is refused, but not by design, or gives what the vendor does not
                take.
        """
        maker = RequestMaker(self.mapper)
        for document in documents:
            for body in maker.bodies(self.mapper.from_vendor(document), choices):
                if not self.mapper.validate_input(body, "request"):
                    yield self._sends(body)

    def _sends(self, given: Any) -> str:
        try:
            body = self.mapper.to_request(given)
        except TransformError as error:
            wrong = [str(each) for each in error.diagnostics if not _is_by_design(each)]
            assert not wrong, f"request {text(given)} fails: {wrong}"
            return "documents: request refused"
        found = [str(each) for each in self.mapper.validate_body(body, "update")]
        # What can be set when creating only is sent, too: nobody knows what a request is for.
        if found and self.mapper.validate_body(body, "create"):
            raise AssertionError(f"request {text(given)} gives {text(body)}: {found}")
        return "documents: requested"

    def _reads(self, document: Any) -> Any:
        try:
            common = self.mapper.from_vendor(document)
        except TransformError as error:
            raise AssertionError(f"reading {text(document)} fails: {error}") from None
        found = [str(each) for each in validate(self.mapper.common_schema, common)]
        if not inhabits(common, self.given):
            found.append(f"it is not of {self.given}")
        assert not found, f"{text(document)} reads as {text(common)}: {found}"
        return common

    def _keeps(self, document: Any, common: Any) -> None:
        """Require that *common*, which lacks what may be left out, is no edit."""
        try:
            bodies = self.mapper.update_steps(common, document)
        except TransformError as error:
            wrong = [str(each) for each in error.diagnostics if not _is_by_design(each)]
        else:
            wrong = [f"it writes {text(each)}" for each in bodies]
        assert not wrong, f"unedited {text(common)} of {text(document)}: {wrong}"

    def _writes(self, editor: Editor, document: Any, common: Any, choices: Seeded) -> Iterator[str]:
        try:
            yield self._takes("create", editor.new(choices))
        except Outside:
            yield "documents: nothing to create"
        try:
            yield self._takes("update", editor.edit(common, choices), document)
        except Outside:
            yield "documents: nothing to edit"

    def _takes(self, mode: str, common: Any, *base: Any) -> str:
        def case() -> str:  # which takes longer to say than to try
            return f"{mode} {text(common)} {text(base)}"

        mapper = self.mapper
        try:
            bodies = mapper.update_steps(common, *base) if base else [mapper.to_vendor(common)]
        except TransformError as error:
            wrong = [str(each) for each in error.diagnostics if not _is_by_design(each)]
            assert not wrong, f"{case()} fails: {wrong}"
            return f"documents: {mode} refused"
        for body in bodies:
            found = [str(each) for each in mapper.validate_body(body, mode)]
            assert not found, f"{case()} gives {text(body)}: {found}"
        return f"documents: {mode}d"


def _is_by_design(found: Diagnostic) -> bool:
    """Whether a write may be refused for this: what creating needs has to have a rule, though."""
    if found.rule is codes.MISSING_ON_CREATE:
        return found.span is not None
    return found.rule.code in ALLOWED or found.message.endswith(BEYOND_LOCAL_YEARS)
