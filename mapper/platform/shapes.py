"""Scripts of a known shape as rules that may do the same: they have to be tried.

Known are tables for each direction, constants, texts put together, and defaults, with or without
conditions. What such a script gives a member is an expression; a table in both directions is a
look-up each way, and two tables that fit each other are values, too.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mapper.expr import literal_text
from mapper.model import show_path
from mapper.platform.drafts import Type
from mapper.platform.fieldlists import rules_of
from mapper.platform.normal import Document
from mapper.platform.reads import Use, demand_untouched, may_be_no_text, uses
from mapper.platform.statements import (
    Assignment,
    Binary,
    Branch,
    Choice,
    Declared,
    Finish,
    Given,
    Join,
    Literal,
    Lookup,
    Not,
    Statement,
    Term,
    UnknownError,
    read_script,
)

__all__ = ["Candidate", "candidates"]

Tables = Mapping[str, Mapping[str, Any]]


class Candidate(NamedTuple):
    """Rules that may do what a transformation does.

    Attributes:
        fields: As a file says them.
        tables: What they look into.
        common: The types of common members of which the script says something.
        vendor: Those of vendor members.
        joins: Whether the rules put texts together.
    """

    fields: dict[str, Any]
    tables: dict[str, dict[str, str]]
    common: dict[str, Type]
    vendor: dict[str, Type]
    joins: bool


def candidates(name: str, transformation: Document) -> Iterator[Candidate]:
    """Yield rules that may do what the transformation of the object called *name* does."""
    body = transformation.get("script", {}).get("body", "")
    rules = rules_of(transformation["fields"])
    if rules.left or "isWhere" in body:
        return
    try:
        script = _Script(name, transformation["fields"], read_script(body))
        for values in (True, False):
            made = script.candidate(dict(rules.fields), values=values)
            if made is not None:
                yield made
    except UnknownError:
        return


class _Effect(NamedTuple):
    """What a member becomes, and when."""

    value: Term
    test: Term | None


class _Script:
    """What a script does in each direction, by the member that it sets."""

    def __init__(
        self, name: str, fields: Mapping[str, Mapping[str, Any]], statements: tuple[Statement, ...]
    ) -> None:
        self._name = name
        self._tables: dict[str, dict[str, Any]] = {}
        self._vendor_of = {path: each["vendorPath"] for path, each in fields.items()}
        self._common_of = {each: path for path, each in self._vendor_of.items()}
        self._used: dict[str, dict[str, str]] = {}
        self._joins = False
        self._read: dict[str, Type] = {}
        self._given: dict[str, Type] = {}
        self._reading = self._effects(statements, reading=True)
        self._writing = self._effects(statements, reading=False)

    def candidate(self, fields: dict[str, Any], *, values: bool) -> Candidate | None:
        """Return rules, with *values* only if two tables fit each other."""
        self._used, self._read = {}, {}
        new = (each for each in self._reading if each not in self._vendor_of)
        self._given = dict.fromkeys(new, "string")
        pending = dict(self._writing)
        told = not values
        for member, effect in self._reading.items():
            vendor = self._vendor_of.get(member)
            back = pending.pop(vendor, None) if vendor is not None else None
            if vendor is not None:
                self._limit(member, vendor, effect, back)
            found = self._values(effect, back, vendor) if values else None
            told |= found is not None
            fields[_shown(member)] = found or self._formula(member, vendor, effect, back)
        for vendor, back in pending.items():
            common = self._common_of.get(vendor)
            if common is None:
                raise UnknownError("a request has a member that no common member has")
            written = {_shown(vendor): self._to_vendor(back, common)}
            fields[_shown(common)] = {"from_vendor": _shown(vendor), "to_vendor": written}
        if not told:
            return None
        return Candidate(fields, self._used, self._given, self._read, self._joins)

    # What is done

    def _effects(self, statements: tuple[Statement, ...], *, reading: bool) -> dict[str, _Effect]:
        found: dict[str, _Effect] = {}
        if self._follow(statements, None, found, reading=reading) is None:
            raise UnknownError("it gives no result")
        self._demand_kinds(found.values(), reading=reading)
        return found

    def _follow(
        self,
        statements: tuple[Statement, ...],
        test: Term | None,
        found: dict[str, _Effect],
        *,
        reading: bool,
    ) -> bool | None:
        """Note what statements do in a direction.

        Returns whether the script ends then, None if it has given no result yet.
        """
        ended: bool | None = None
        for statement in statements:
            match statement:
                case Declared(name=name, entries=entries):
                    if self._tables.setdefault(name, entries) != entries:
                        raise UnknownError("it declares a name twice")
                    continue
                case _ if ended is not None:
                    raise UnknownError("it goes on after its result")
                case Finish(value=value, ends=ends):
                    if value != Given("transformedObject", ()) or test is not None:
                        raise UnknownError("it gives another object, or only sometimes")
                    if ends:
                        return True
                    ended = False
                case Assignment(target=Given(root, steps), value=value):
                    if root != "transformedObject" or not steps or ".".join(steps) in found:
                        raise UnknownError("it sets something else, or twice")
                    demand_untouched(value, found)
                    found[".".join(steps)] = _Effect(value, test)
                case Branch(test=asked, yes=yes, no=no):
                    way = _direction(asked, reading=reading)
                    if way is not None:
                        ended = self._follow(yes if way else no, test, found, reading=reading)
                        if ended:
                            return True
                    elif no:
                        raise UnknownError("it has two ways")
                    else:
                        demand_untouched(asked, found)
                        both = asked if test is None else Binary("&&", test, asked)
                        self._follow(yes, both, found, reading=reading)
        return ended

    def _demand_kinds(self, effects: Iterable[_Effect], *, reading: bool) -> None:
        """Refuse effects that depend on what kind of value a member has of which nothing is known.

        Zero, an empty list and a text of digits count otherwise in scripts than in expressions.
        """
        listed = self._common_of if reading else {*self._vendor_of, *self._reading}
        read = [
            (".".join(given.steps), use)
            for effect in effects
            for given, use in (*uses(effect.value, Use.VALUE), *uses(effect.test, Use.TRUTH))
            if given.root == "originalObject"
        ]
        texts = {path for path, use in read if use is Use.TEXT}
        for path, use in read:
            unknown = path not in listed and (
                not reading or (use is Use.TRUTH and path not in texts)
            )
            if unknown:
                raise UnknownError(f"nothing tells what {path} is")

    # As rules

    def _limit(self, member: str, vendor: str, effect: _Effect, back: _Effect | None) -> None:
        """Keep what tables say of which texts there are on each side."""
        ours: set[str] = set()
        if isinstance(effect.value, Lookup):
            table = self._table(effect.value.table)
            self._read[vendor] = tuple(table)
            ours |= set(table.values())
        if back is not None and isinstance(back.value, Lookup):
            ours |= self._table(back.value.table).keys()
        if ours:
            self._given[member] = tuple(sorted(ours))

    def _values(
        self, effect: _Effect, back: _Effect | None, vendor: str | None
    ) -> dict[str, Any] | None:
        """Return a rule of values, if both directions are tables that fit each other."""
        match effect.value, back and back.value:
            case Lookup(table=there), Lookup(table=here) if vendor is not None:
                reads, writes = self._table(there), self._table(here)
            case _:
                return None
        meanings: dict[str, list[str]] = {}
        for theirs, ours in reads.items():
            meanings.setdefault(ours, []).append(theirs)
        fitting = all(writes.get(ours) in spellings for ours, spellings in meanings.items())
        if not fitting or writes.keys() != meanings.keys():
            return None
        for ours, spellings in meanings.items():  # the first is the one that is written
            spellings.remove(writes[ours])
            spellings.insert(0, writes[ours])
        return {"vendor": _shown(vendor), "convert": {"values": meanings}}

    def _formula(
        self, member: str, vendor: str | None, effect: _Effect, back: _Effect | None
    ) -> dict[str, Any]:
        rule: dict[str, Any] = {"from_vendor": self._from_vendor(effect, vendor)}
        if vendor is not None:
            written = self._to_vendor(back, member) if back else _shown(member)
            rule["to_vendor"] = {_shown(vendor): written}
        return rule

    def _from_vendor(self, effect: _Effect, vendor: str | None) -> str:
        text = self._printed(effect.value, reading=True)
        if effect.test is None:
            return text
        otherwise = _shown(vendor) if vendor else "`null`"
        return f"({self._printed(effect.test, reading=True)}) && ({text}) || {otherwise}"

    def _to_vendor(self, effect: _Effect, member: str) -> str:
        text = self._printed(effect.value, reading=False)
        if effect.test is None:
            return text
        return f"({self._printed(effect.test, reading=False)}) && ({text}) || {_shown(member)}"

    def _printed(self, term: Term, *, reading: bool) -> str:
        """Return a term as an expression over what the direction starts from."""
        inner = self._printed
        match term:
            case Given():
                return self._path(term, reading=reading)
            case Literal(value):
                is_plain = isinstance(value, str) and "'" not in value
                return f"'{value}'" if is_plain else literal_text(value)
            case Lookup(table, key):
                name = f"{self._name}_{table}"
                self._used[name] = self._table(table)
                return f"lookup('{name}', {inner(key, reading=reading)})"
            case Join(parts):
                self._joins = True
                return f"join('', [{', '.join(inner(each, reading=reading) for each in parts)}])"
            case Binary(operator, left, right):
                sign = operator.replace("===", "==").replace("!==", "!=")
                return f"({inner(left, reading=reading)} {sign} {inner(right, reading=reading)})"
            case Not(of):
                return f"!{inner(of, reading=reading)}"
            case Choice(test, yes, no):
                told = inner(test, reading=reading)
                return f"({told} && {inner(yes, reading=reading)} || {inner(no, reading=reading)})"

    def _path(self, given: Given, *, reading: bool) -> str:
        path = ".".join(given.steps)
        if given.root == "originalObject" and path:
            if reading and path not in self._common_of:
                self._read.setdefault(path, "string")
            return _shown(path)
        ways = self._vendor_of if reading else self._common_of
        if given.root != "transformedObject" or path not in ways:
            raise UnknownError("it reads something else")
        return _shown(ways[path])

    def _table(self, name: str) -> dict[str, str]:
        entries = self._tables.get(name)
        if entries is None or not all(isinstance(each, str) for each in entries.values()):
            raise UnknownError("it looks into something else than a table of texts")
        if any(map(may_be_no_text, entries)):
            raise UnknownError("its keys may stand for something else than texts")
        return dict(entries)


def _shown(path: str) -> str:
    """Return a path of the platform as a path of rules and expressions."""
    return show_path(tuple(path.split(".")))


def _direction(test: Term, *, reading: bool) -> bool | None:
    """Return whether a condition that asks for the direction holds, None for any other."""
    match test:
        case Given("fromVendor", ()):
            return reading
        case Not(of):
            inner = _direction(of, reading=reading)
            return None if inner is None else not inner
        case Binary("===" | "==", left, Literal(bool() as wanted)):
            inner = _direction(left, reading=reading)
            return None if inner is None else inner == wanted
        case _:
            return None
