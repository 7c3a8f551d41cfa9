"""Subschemas: the handle by which every part asks about one, and how it is built from files.

``$ref`` and ``allOf`` mean the same: all parts hold. Parts are merged keyword by keyword, which is
exact as long as no keyword limits values twice; where one does, the schema is refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from mapper.codes import BAD_REFERENCE, BAD_SCHEMA, TOO_LARGE
from mapper.diagnostics import (
    Diagnostic,
    FileError,
    PointerSteps,
    Rule,
    Span,
    did_you_mean,
    pointer,
    show_name,
)
from mapper.folders import Root
from mapper.schema.references import (
    MAX_DEPTH,
    Document,
    Folder,
    Library,
    Place,
    enclose,
    gather,
)
from mapper.schema.vocabulary import HOLDERS, KEYWORDS, TYPES, Fault

MAX_SCHEMAS = 20_000
"""How many subschemas a schema may stand for, references followed."""

_NAMING = frozenset(("x-sends-key", "x-write-as", "x-filters", "x-unique"))
_SINGLE = ("items", "additionalProperties", "propertyNames", "not")
_ANNOTATIONS = frozenset(name for name, each in KEYWORDS.items() if not each.asserts)
_WRITING = frozenset(
    (
        "readOnly", "x-write", "x-write-type", "x-write-enum", "x-write-as", "x-required-on",
        "x-phase", "x-include", "x-sends-key",
    )
)  # fmt: skip
"""The annotations that say how a member is written; they are asked of the member as a whole."""
_DROPPED = frozenset(("$ref", "allOf", "$defs", "$id", "$schema", "$comment"))


class Schema(Struct, frozen=True, eq=False, dict=True):
    """One subschema with everything that it refers to.

    References and ``allOf`` are merged into it: an annotation beside a ``$ref`` wins over the same
    one behind it. Questions about members, items and annotations look through a nullable union
    (``anyOf: [{…}, {type: null}]``); where a union has several other branches, its members are the
    union of theirs.

    Attributes:
        raw: The schema as self-contained JSON, without ``$ref``, ``allOf``, ``$defs``, ``$id`` and
            ``$schema``; not to be changed.
        file: The file that it stands in, by its name below the schema folder.
        pointer: The RFC 6901 pointer to it in that file.
        own: The members under its own ``properties``.
        item: The schema of its own ``items``.
        rest: The schema under its own ``additionalProperties``.
        branches: Those of its own ``anyOf`` or ``oneOf``.
        size: How many schemas it stands for, shared ones counted each time.
    """

    raw: dict[str, Any]
    file: str
    pointer: str
    own: Mapping[str, "Schema"]
    item: "Schema | None" = None
    rest: "Schema | None" = None
    branches: tuple["Schema", ...] = ()
    size: int = 1

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "Schema":
        """Return the schema that *raw* is, a derived one for example; its file is named "".

        Raises:
            FileError: What loading it from a file would find.
        """
        return assemble(enclose(raw), "", {})

    def __repr__(self) -> str:
        return f"Schema({self.file}#{self.pointer})"

    @cached_property
    def _filled(self) -> tuple["Schema", ...]:
        """The branches that say more than "null"."""
        return tuple(branch for branch in self.branches if branch.kinds != {"null"})

    @property
    def is_nullable(self) -> bool:
        """Whether it is a union of one branch and null, through which questions look."""
        return self._behind is not None

    @cached_property
    def _behind(self) -> "Schema | None":
        """The branch that a nullable union is about."""
        return self._filled[0] if len(self._filled) == 1 else None

    def members(self) -> dict[str, "Schema"]:
        """Return the members that an object can have, in file order."""
        return dict(self._members)

    @cached_property
    def _members(self) -> Mapping[str, "Schema"]:
        if not self.branches:
            return self.own
        named: dict[str, list[Schema]] = {name: [member] for name, member in self.own.items()}
        for branch in self._filled:
            for name, member in branch.members().items():
                if name not in self.own:
                    named.setdefault(name, []).append(member)
        return {name: union(members) for name, members in named.items()}

    def member(self, name: str) -> "Schema | None":
        """Return the schema of the member *name*, or None if there is none of that name."""
        return self._members.get(name)

    def items(self) -> "Schema | None":
        """Return the schema of a list's items, or None if none is given."""
        return self._items if self.branches else self.item

    @cached_property
    def _items(self) -> "Schema | None":
        found = [item for branch in self._filled if (item := branch.items())]
        return self.item or (union(found) if found else None)

    @cached_property
    def others(self) -> "Schema | None":
        """The schema of the members of other names, or None if none is given."""
        found = [other for branch in self._filled if (other := branch.others)]
        return self.rest or (union(found) if found else None)

    def at(self, steps: Iterable[str]) -> "Schema | None":
        """Return the schema of what the member names *steps* lead to, or None; never into lists.

        What has no schema of its own has that of a map's members.
        """
        place: Schema | None = self
        for step in steps:
            place = (place.member(step) or place.others) if place else None
        return place

    def annotation(self, keyword: str, default: Any = None) -> Any:
        """Return what the annotation *keyword* says here, or *default*."""
        return self.annotations.get(keyword, default)

    @property
    def annotations(self) -> Mapping[str, Any]:
        """All that annotations say here, by keyword, among the other keywords."""
        if self.branches and self._behind:
            return {**self._behind.annotations, **self.raw}
        return self.raw

    @property
    def is_read_only(self) -> bool:
        """Whether the vendor never takes it: it says so, or computes it."""
        says = self.annotations
        return bool(says.get("readOnly")) or "x-computed" in says

    @property
    def format(self) -> str | None:
        """The format that texts have."""
        found: str | None = self.annotation("format")
        return found

    @property
    def pattern(self) -> str | None:
        """The pattern of texts."""
        found: str | None = self.annotation("pattern")
        return found

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The names of the JSON types that values can have; "number" includes "integer"."""
        if "type" in self.raw:
            stated = self.raw["type"]
            return frozenset([stated] if isinstance(stated, str) else stated)
        if self.enum is not None:
            return frozenset(map(_kind, self.enum))
        if self.branches:
            return frozenset().union(*(branch.kinds for branch in self.branches))
        return frozenset(TYPES)

    @cached_property
    def enum(self) -> tuple[Any, ...] | None:
        """The only values there are, if they are listed (a ``const`` lists one)."""
        if "const" in self.raw:
            return (self.raw["const"],)
        if "enum" in self.raw:
            return tuple(self.raw["enum"])
        if self.raw.get("type") in ("null", ["null"]):
            return (None,)
        lists = [branch.enum for branch in self.branches]
        known = [values for values in lists if values is not None]
        return sum(known, ()) if lists and known == lists else None

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of the members that every object has."""
        shared = [branch.required for branch in self._filled]
        return frozenset(self.raw.get("required", ())).union(
            shared[0].intersection(*shared[1:]) if shared else ()
        )

    @cached_property
    def closed(self) -> bool:
        """Whether objects have no members but those of :meth:`members`."""
        if "additionalProperties" in self.raw or self.own:
            return self.raw.get("additionalProperties") is False
        return bool(self._filled) and all(branch.closed for branch in self._filled)


def descend(schema: Schema | None, steps: Iterable[str]) -> Schema | None:
    """Return the schema at *steps* below *schema*, None where there is none; never into lists."""
    return schema.at(steps) if schema is not None else None


def items_of(schema: Schema | None) -> Schema | None:
    """Return the schema of the items of *schema*, None where there is none."""
    return schema.items() if schema is not None else None


def _kind(value: Any) -> str:
    """Return the type name of a single value; ``enum`` and ``const`` have no others."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case _:
            return "string"


def union(schemas: list[Schema]) -> Schema:
    """Return the schema of the values that fit one of *schemas*, at the place of the first."""
    first, *others = schemas
    if all(other is first for other in others):
        return first
    raw = {"anyOf": [schema.raw for schema in schemas]}
    return Schema(raw, first.file, first.pointer, {}, branches=tuple(schemas))


class Schemas:
    """The schemas below a folder, each read when it is first asked for.

    *contents* are those of files that were read before, by name. *shown* is what people know the
    folder by; its name by default. Reading does not leave the *root*, by default that folder.
    """

    def __init__(
        self,
        folder: Path,
        contents: Mapping[str, bytes] = MappingProxyType({}),
        shown: str | None = None,
        root: Root | None = None,
    ) -> None:
        shown = folder.name if shown is None else shown
        root = Root(folder, "the schema folder") if root is None else root
        self._folder = Folder(folder, shown, contents, root)
        self._documents: dict[str, Document] = {}
        self._built: dict[Place, Schema] = {}
        self._loaded: dict[str, Schema] = {}

    def load(self, name: str) -> Schema:
        """Return the schema in the file *name*, a path from the folder with ``/``; always the same.

        Raises:
            FileError: All that is wrong with the file and those that it refers to: M301, M302,
                M007, and what :mod:`mapper.files` finds.
        """
        if name not in self._loaded:
            self._loaded[name] = assemble(self._gather(name), name, self._built)
        return self._loaded[name]

    def files(self, name: str) -> frozenset[str]:
        """Return the names of the file *name* and of all files that it leads to."""
        return frozenset((name, *self._gather(name).documents))

    def span(self, schema: Schema) -> Span | None:
        """Return where a schema of these files stands, None for one that was derived."""
        document = self._documents.get(schema.file)
        return document.span(schema.pointer) if document is not None else None

    def said(self, schema: Schema, keyword: str, *inside: str) -> Span | None:
        """Return where what holds for a schema of these files says *keyword*, None if nowhere.

        *inside* are steps into its value.
        """
        for place in _leading(schema, self._documents):
            document = self._documents[place.file]
            if keyword in document.schemas[place.pointer]:
                return document.span(place.pointer + pointer([keyword, *inside]))
        return None

    def definitions(self, schema: Schema) -> Iterator[Span]:
        """Yield where what a schema of these files refers to stands, the nearest first."""
        for place in _leading(schema, self._documents):
            target = self._documents[place.file].references.get(place.pointer)
            if target is not None:
                yield self._documents[target.file].span(target.pointer)

    def _gather(self, name: str) -> Library:
        return gather(self._folder, name, self._documents)


def _leading(schema: Schema, documents: Mapping[str, Document]) -> Iterator[Place]:
    """Yield the places that say what holds for *schema*: its own, then where that leads."""
    waiting = [Place(schema.file, schema.pointer)]
    for place in waiting:  # which grows
        document = documents.get(place.file)
        raw = document.schemas.get(place.pointer) if document is not None else None
        if document is None or raw is None:  # of a schema that was derived
            continue
        yield place
        target = document.references.get(place.pointer)
        waiting += [target] if target is not None and target not in waiting else []
        for keyword in ("allOf", "anyOf", "oneOf"):
            waiting += [_inside(place, keyword, at) for at in range(len(raw.get(keyword, ())))]


# Building ---------------------------------------------------------------------------------------


def assemble(library: Library, file: str, built: dict[Place, Schema]) -> Schema:
    """Return the schema that the whole of *file* is; *built* are schemas known from before.

    Those made for it join them, unless something is wrong with one.

    Raises:
        FileError: Everything that is wrong with it.
    """
    findings = library.findings
    if not findings:
        builder = _Builder(library, built)
        schema = builder.build(Place(file, ""))
        findings = builder.findings
        if not findings:
            built.update(builder.built)
            return schema
    raise FileError(findings)


class _Builder:
    """Makes one handle for each place; collects what keeps parts from fitting."""

    def __init__(self, library: Library, built: Mapping[Place, Schema]) -> None:
        self._documents = library.documents
        self.built = dict(built)
        self._around: set[Place] = set()  # the places being built
        self._findings: dict[Diagnostic, None] = {}

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What was found so far, each once."""
        return tuple(self._findings)

    def build(self, place: Place, *, whole: bool = True) -> Schema:
        """Return the schema at *place*.

        *whole* is whether it stands for itself, not as one of the parts of an ``allOf``.
        """
        if place in self.built:
            return self.built[place]
        if len(self._around) >= MAX_DEPTH:
            return self._too_large(place, f"schemas nest deeper than {MAX_DEPTH} levels")
        inside = place in self._around
        self._around.add(place)
        raw = self._documents[place.file].schemas[place.pointer]
        if "$ref" in raw or "allOf" in raw:
            schema = self._merge(place, self._parts(place, raw))
        else:
            schema = self._own(place, raw)
        if not inside:
            self._around.remove(place)
        if schema.size > MAX_SCHEMAS:
            schema = self._too_large(place, f"this stands for more than {MAX_SCHEMAS} schemas")
        if whole and (schema.own or schema.branches or not _NAMING.isdisjoint(schema.raw)):
            for steps, message, hint in _misfits(schema):
                self._report(BAD_SCHEMA, message, _inside(place, *steps), hint)
            for each in _unheeded(schema):
                message = f"{each.what} stands in one of several branches, where nothing heeds it"
                at = self._said(each.branch, each.keyword)
                self._report(BAD_SCHEMA, message, at, each.hint)
        self.built[place] = schema
        return schema

    def _said(self, schema: Schema, keyword: str) -> Place:
        """Return where what holds for *schema* says *keyword*; where it stands, if nowhere."""
        for place in _leading(schema, self._documents):
            if keyword in self._documents[place.file].schemas[place.pointer]:
                return _inside(place, keyword)
        return Place(schema.file, schema.pointer)

    def _too_large(self, place: Place, message: str) -> Schema:
        self._report(TOO_LARGE, message, place)
        return Schema({}, place.file, place.pointer, {})

    def _parts(self, place: Place, raw: dict[str, Any]) -> list[Schema]:
        """Return what holds at *place*: what ``$ref`` and ``allOf`` say, then its own keywords."""
        parts = []
        target = self._documents[place.file].references.get(place.pointer)
        if target in self._around:
            back = f"$ref leads back to where it stands, {show_name(str(target))}"
            message = f"{back}: no mapping is endless"
            self._report(BAD_REFERENCE, message, _inside(place, "$ref"))
        elif target:
            parts.append(self.build(target))
        if "allOf" in raw:
            parts += self._branches(place, "allOf", raw["allOf"])
        parts.append(self._own(place, raw))
        return parts

    def _branches(self, place: Place, keyword: str, raw: list[Any]) -> tuple[Schema, ...]:
        places = (_inside(place, keyword, index) for index in range(len(raw)))
        return tuple(self.build(each, whole=False) for each in places)

    def _own(self, place: Place, raw: dict[str, Any]) -> Schema:
        """Return what the keywords at *place* say by themselves."""
        kept = {name: value for name, value in raw.items() if name not in _DROPPED}
        if HOLDERS.isdisjoint(kept):  # as in most
            return Schema(kept, place.file, place.pointer, {})
        own: dict[str, Schema] = {}
        branches: tuple[Schema, ...] = ()
        if "properties" in raw:
            own = {
                name: self.build(_inside(place, "properties", name)) for name in raw["properties"]
            }
            if own:
                kept["properties"] = {name: schema.raw for name, schema in own.items()}
        keyword = "anyOf" if "anyOf" in raw else "oneOf"
        if keyword in raw:
            branches = self._branches(place, keyword, raw[keyword])
            kept[keyword] = [schema.raw for schema in branches]
        single = {
            name: self.build(_inside(place, name))
            for name in _SINGLE
            if isinstance(raw.get(name), dict)
        }
        kept.update((name, schema.raw) for name, schema in single.items())
        rest = single.get("additionalProperties")
        return _schema(kept, place, own, single.get("items"), rest, branches)

    def _merge(self, place: Place, parts: list[Schema]) -> Schema:
        """Return the schema of the values that fit all *parts*; the last part's annotations win."""
        first, *others = parts
        if not any(other.raw for other in others):
            return replace(first, file=place.file, pointer=place.pointer)
        if all(_ANNOTATIONS.issuperset(other.raw) for other in others):  # as in most
            raw = {name: value for part in parts for name, value in part.raw.items()}
            return replace(first, raw=raw, file=place.file, pointer=place.pointer)
        raw = {}
        for part in parts:
            for name, value in part.raw.items():
                raw[name] = self._both(place, name, raw[name], value) if name in raw else value
        if "anyOf" in raw and "oneOf" in raw:
            message = "anyOf and oneOf meet here and where $ref or allOf lead"
            self._report(BAD_SCHEMA, message, place, "keep one of the two")
        own = {name: member for part in parts for name, member in part.own.items()}
        for part in parts:
            if "additionalProperties" in part.raw and part.own.keys() != own.keys():
                message = "additionalProperties does not see members that $ref or allOf add"
                self._report(BAD_SCHEMA, message, place, "write all members beside it")
        item = next((part.item for part in parts if part.item), None)
        rest = next((part.rest for part in parts if part.rest), None)
        branches = next((part.branches for part in parts if part.branches), ())
        return _schema(raw, place, own, item, rest, branches)

    def _both(self, place: Place, name: str, first: Any, second: Any) -> Any:
        """Return what the keyword *name* says if two parts at *place* have it."""
        if name == "required":
            return list(dict.fromkeys([*first, *second]))
        if name == "properties":
            for twice in sorted(first.keys() & second.keys())[:1]:
                message = f"{show_name(twice)} is a member here and where $ref or allOf lead"
                self._report(BAD_SCHEMA, message, place, "describe it in one place")
            return first | second
        if KEYWORDS[name].asserts and first != second:
            message = f"{name} differs here and where $ref or allOf lead"
            self._report(BAD_SCHEMA, message, place, "say it in one place")
        return second

    def _report(self, rule: Rule, message: str, place: Place, hint: str | None = None) -> None:
        found = self._documents[place.file].finding(rule, message, place.pointer, hint)
        self._findings[found] = None


def _schema(
    raw: dict[str, Any],
    place: Place,
    own: dict[str, Schema],
    item: Schema | None,
    rest: Schema | None,
    branches: tuple[Schema, ...],
) -> Schema:
    size = 1
    if own or item or rest or branches:
        inside = (*own.values(), *branches, item, rest)
        size += sum(schema.size for schema in inside if schema)
    return Schema(raw, place.file, place.pointer, own, item, rest, branches, size)


def _inside(place: Place, *steps: str | int) -> Place:
    return Place(place.file, place.pointer + pointer(steps))


def _misfits(schema: Schema) -> Iterator[Fault]:
    """Yield names in *schema* that name nothing, and what stands where nothing heeds it."""
    if schema.own:
        for name in schema.raw.get("required", ()):
            if name not in schema.own:
                message = f"required names {show_name(name)}, which is not a member"
                yield ("required",), message, did_you_mean(name, schema.own)
        for branch in schema.branches:
            for name in branch.members().keys() - schema.own.keys():
                message = f"{show_name(name)} is a member only in a branch"
                yield (), message, "name it under the properties beside the union as well"
    yield from _misnamed_items(schema)
    for name, says in schema.raw.get("x-filters", {}).items():
        inside: Schema | None = schema
        for step in says["member"].split("."):
            inside = inside.member(step) if inside is not None else None
        if inside is None:
            message = f"x-filters names {show_name(says['member'])}, which is not a member"
            hint = did_you_mean(says["member"], schema.own)
            yield ("x-filters", name, "member"), f"{message}, for {show_name(name)}", hint
    refused = schema.raw.get("x-refuse-body", {}).get("member")
    if refused is not None and refused not in schema.own:
        message = f"x-refuse-body names {show_name(refused)}, which is not a member"
        yield ("x-refuse-body", "member"), message, did_you_mean(refused, schema.own)
    yield from _clashes(schema)


def _misnamed_items(schema: Schema) -> Iterator[Fault]:
    """Yield the names of members that the items of a list do not have."""
    items = schema.items()
    says = schema.raw.get
    written_as = says("x-write-as")
    picked = written_as.get("items") if isinstance(written_as, dict) else None
    named: tuple[tuple[PointerSteps, str | None], ...] = (
        (("x-sends-key",), says("x-sends-key")),
        (("x-write-as", "items"), picked),
        (("x-unique",), says("x-unique") if items is not None and items.members() else None),
    )
    for steps, name in named:
        if name and not (items and items.member(name)):
            message = f"{steps[0]} names {show_name(name)}, which is not a member of the items"
            yield steps, message, did_you_mean(name, items.members()) if items else None


_OF_WHOLE = "say it beside the union"
_OF_MEMBER = "name the members under `properties` beside the union too, and say it there"
_OF_ONE_BRANCH = "say in `x-write-invariants`, at the root, when it is needed"


class _Unheeded(NamedTuple):
    """An annotation in one of several branches: the branch, its keyword, and what it is of."""

    branch: Schema
    keyword: str
    what: str
    hint: str


def _unheeded(schema: Schema) -> Iterator[_Unheeded]:
    """Yield what branches of *schema* say of writing, and members that several of them have."""
    if not schema.branches or schema.is_nullable:
        return
    for branch in schema.branches:
        said = (name for name in branch.annotations if name in _WRITING)
        yield from (_Unheeded(branch, name, name, _OF_WHOLE) for name in said)
        yield from _unheeded(branch)
        for name, member in branch.members().items():
            beside = schema.own.get(name)
            hint = _OF_ONE_BRANCH if beside is None else _OF_MEMBER
            for keyword in _unheeded_of_member(member, beside):
                yield _Unheeded(member, keyword, f"{keyword} of {show_name(name)}", hint)
    for name, member in schema.members().items():
        if name not in schema.own and all(
            branch.member(name) is not member for branch in schema.branches
        ):
            for each in _unheeded(member):
                yield each._replace(what=f"{each.what} of {show_name(name)}", hint=_OF_MEMBER)


def _unheeded_of_member(member: Schema, beside: Schema | None) -> Iterator[str]:
    """Yield the annotations of *member* of a branch that count for nothing, or for all branches.

    What the schema *beside* the union says of a member holds for all of them, alone. Where there is
    none, creating any object would need what one branch needs.
    """
    says = member.annotations
    if beside is None:
        yield from ("x-required-on",) if "x-required-on" in says and not member.is_read_only else ()
    else:
        yield from (
            name for name in says if name in _WRITING and says[name] != beside.annotation(name)
        )


def _clashes(schema: Schema) -> Iterator[Fault]:
    written: dict[str, str] = {}
    for name, member in schema.own.items():
        says = member.annotations
        if member.is_read_only:
            continue
        target = written_name(name, member) if "x-write-as" in says else name
        if target in written:
            both = f"{show_name(name)} and {show_name(written[target])}"
            message = f"{both} are both written as {show_name(target)}"
            renamed = name if "x-write-as" in says else written[target]
            steps = ("properties", renamed, "x-write-as")
            yield steps, message, "make one of them readOnly, or correct its x-write-as"
        written[target] = name


def written_name(name: str, member: Schema) -> str:
    """Return the name under which the vendor takes *member*, which it gives as *name*."""
    written_as = member.annotation("x-write-as", name)
    target: str = written_as["member"] if isinstance(written_as, dict) else written_as
    return target
