"""Expressions as Python statements.

Printing an expression adds statements to a function and gives an operand: a Python expression of
the value, which has no side effects, and what is known about the value.
"""

from collections.abc import Callable, Sequence
from keyword import iskeyword
from typing import Any, Final, Protocol, assert_never

import msgspec

from mapper import expr
from mapper.compile.source import Body, Module, quoted
from mapper.expr import Expr
from mapper.functions import FUNCTIONS, Function, Tables, type_of
from mapper.primitives import Primitive

Types = frozenset[str]
"""JMESPath's names of the types that a value may have."""

ANY: Final = frozenset({"null", "boolean", "number", "string", "array", "object"})
NULL: Final = frozenset({"null"})
BOOLEAN: Final = frozenset({"boolean"})
STRING: Final = frozenset({"string"})
OBJECT: Final = frozenset({"object"})
ARRAY: Final = frozenset({"array"})
_CONTAINERS = ARRAY | OBJECT


class Operand(msgspec.Struct, frozen=True):
    """A Python expression.

    Attributes:
        text: The expression, which can stand anywhere that a name can.
        types: What the value may be.
        fresh: Whether the value shares no object or list with what it was made from.
        atomic: Whether it is a name or a literal, which costs nothing to repeat.
        members: Of an object that is open, what the accessor needs to read its members.
        alone: The expression where no operator stands beside it, or "": without parentheses, which
            Python takes long to parse.
        demanded: The expression where null would be refused: it raises instead, or is "".
        parts: Whether it is an object or list of nothing but comparable operands.
    """

    text: str
    types: Types = ANY
    fresh: bool = False
    atomic: bool = False
    members: str | None = None
    alone: str = ""
    demanded: str = ""
    parts: bool = False

    @property
    def comparable(self) -> bool:
        """Whether Python's ``==`` compares it as :func:`equal` does: it is text or made of it."""
        return self.parts or self.types <= STRING | NULL

    @property
    def is_shared(self) -> bool:
        """Whether the value may be, or hold, an object or list of what it was made from."""
        return not self.fresh and bool(self.types & _CONTAINERS)


class Accessor(Protocol):
    """How printed code reads the members of vendor objects."""

    def open(self, module: Module, body: Body, value: str) -> str:
        """Print what makes sure that *value* is an object; return what reads its members."""

    def member(self, module: Module, members: str, name: str, *, absent: bool = False) -> str:
        """Return the expression of a member: None without it, or ABSENT if *absent* asks so."""

    def named_by(self, members: str, variable: str) -> str:
        """Return the expression of the member whose name *variable* holds, None without it."""


class Dictionaries:
    """The accessor of objects that are dictionaries."""

    def open(self, module: Module, body: Body, value: str) -> str:
        refuse_if(module, body, f"type({value}) is not dict")
        members = body.fresh("get")
        body.line(f"{members} = {value}.get")
        return members

    def member(self, module: Module, members: str, name: str, *, absent: bool = False) -> str:
        return f"{members}({quoted(name)}{', ' + module.use('ABSENT') if absent else ''})"

    def named_by(self, members: str, variable: str) -> str:
        return f"{members}({variable})"


DICTIONARIES: Final = Dictionaries()


def refuse_if(module: Module, body: Body, condition: str) -> None:
    """Print the check that *condition* does not hold."""
    with body.block(f"if {condition}:"):
        body.line(f"raise {module.use('Unexpected')}")


class Expressions(msgspec.Struct, frozen=True):
    """Prints expressions into the *body* of a function of *module*."""

    module: Module
    body: Body
    tables: Tables
    accessor: Accessor = DICTIONARIES

    def into(self, body: Body) -> "Expressions":
        """Return what prints into another function of the same module."""
        return msgspec.structs.replace(self, body=body)

    def operand(self, tree: Expr, current: Operand) -> Operand:
        """Print what *tree* needs and return its value for the *current* value."""
        match tree:  # what there is most of first
            case expr.Current():
                return current
            case expr.Call():
                piped = _pipeline(tree)
                return self._memoised(*piped, current) if piped else self._call(tree, current)
            case expr.Field(name):
                return self._field(name, current)
            case expr.Literal(value):
                scalar = not isinstance(value, dict | list)
                types = frozenset({type_of(value)})
                return Operand(_literal(value), types, fresh=True, atomic=scalar)
            case expr.Chain(left, right):
                piped = _pipeline(tree)
                if piped is not None:
                    return self._memoised(*piped, current)
                return self.operand(right, self.bound(self.operand(left, current)))
            case expr.Index(index):
                value = self.named(current).text
                bound = f"-len({value}) <= {index} < len({value})"
                return self._if(f"isinstance({value}, list) and {bound}", f"{value}[{index}]")
            case expr.Slice(first, stop, step):
                value = self.named(current).text
                part = ":".join("" if n is None else str(n) for n in (first, stop, step))
                return self._if(f"isinstance({value}, list)", f"{value}[{part}]", ARRAY)
            case expr.Flatten(inner):
                value = self.operand(inner, current).text
                return Operand(f"{self.module.use('flatten')}({value})", ARRAY | NULL)
            case expr.Project(left, right, where):
                value = self.bound(self.operand(left, current)).text
                return self._project(f"isinstance({value}, list)", value, right, where)
            case expr.ProjectValues(left, right):
                value = self.bound(self.operand(left, current)).text
                members = f"{self.module.use('in_order')}({value}).values()"
                return self._project(f"isinstance({value}, dict)", members, right)
            case expr.Compare(operator, left, right):
                sides = self.operand(left, current), self.operand(right, current)
                return self._compare(operator, *map(self.named, sides))
            case expr.Or(left, right):
                return self._either(left, right, current, "if not ({}):")
            case expr.And(left, right):
                return self._either(left, right, current, "if {}:")
            case expr.Not(inner):
                value = self.named(self.operand(inner, current))
                return Operand(f"(not {self.truth(value)})", BOOLEAN, fresh=True)
            case expr.MakeList(items):
                return self._made(current, lambda: self._list(items, current), ARRAY)
            case expr.MakeObject(members):
                return self._made(current, lambda: self._object(members, current), OBJECT)
            case expr.Reference(inner):
                return self._reference(inner)
            case _:
                assert_never(tree)

    def refuse_if(self, condition: str) -> None:
        """Print the check that *condition* does not hold."""
        refuse_if(self.module, self.body, condition)

    def named(self, operand: Operand) -> Operand:
        """Return *operand* as a name, if repeating it would evaluate it again."""
        if operand.atomic:
            return operand
        name = self.body.fresh("value")
        self.body.line(f"{name} = {operand.alone or operand.text}")
        return msgspec.structs.replace(operand, text=name, atomic=True, alone="", demanded="")

    def bound(self, operand: Operand) -> Operand:
        """Return *operand* as a name, also of a literal: not all can be done to one in Python."""
        is_name = operand.text.isidentifier() and not iskeyword(operand.text)
        return self.named(msgspec.structs.replace(operand, atomic=operand.atomic and is_name))

    def _demanded(self, operand: Operand) -> Operand:
        """Return *operand* for a primitive, all of which refuse null."""
        text = operand.demanded or operand.text
        return msgspec.structs.replace(operand, text=text, alone="")

    def truth(self, operand: Operand) -> str:
        """Return the condition that the value of the atomic *operand* counts as true."""
        if "number" not in operand.types:
            return operand.text
        return f"({operand.text} or {self.module.use('is_truthy')}({operand.text}))"

    def owned(self, operand: Operand) -> str:
        """Return the value of *operand*, made anew as far as it is not, as it can stand alone."""
        if not operand.is_shared:
            return operand.alone or operand.text
        value = self.named(operand).text
        scalars, copied = self.module.use("SCALARS"), self.module.use("copy")
        return f"({value} if type({value}) in {scalars} else {copied}({value}))"

    def _field(self, name: str, current: Operand) -> Operand:
        if current.members is not None:
            return Operand(self.accessor.member(self.module, current.members, name))
        value = self.named(current)
        if value.types == OBJECT:
            return Operand(
                f"{value.text}.get({quoted(name)})", demanded=f"{value.text}[{quoted(name)}]"
            )
        get = f"{value.text}.get({quoted(name)})"
        return Operand(f"({get} if isinstance({value.text}, dict) else None)")

    def _if(self, condition: str, value: str, types: Types = ANY) -> Operand:
        return Operand(f"({value} if {condition} else None)", types | NULL)

    def _project(
        self, condition: str, items: str, right: Expr, where: Expr | None = None
    ) -> Operand:
        found, item = self.body.fresh("found"), self.body.fresh("item")
        each = Operand(item, atomic=True)
        self.body.line(f"{found} = None")
        with self.body.block(f"if {condition}:"):
            self.body.line(f"{found} = []")
            with self.body.block(f"for {item} in {items}:"):
                if where is not None:
                    holds = self.named(self.operand(where, each))
                    with self.body.block(f"if not {self.truth(holds)}:"):
                        self.body.line("continue")
                result = self.named(self.operand(right, each))
                with self.body.block(f"if {result.text} is not None:"):
                    self.body.line(f"{found}.append({result.text})")
        return Operand(found, ARRAY | NULL, result.fresh, atomic=True)

    def _compare(self, operator: str, left: Operand, right: Operand) -> Operand:
        match operator:
            case "==" | "!=":
                test = f"{self.module.use('equal')}({left.text}, {right.text})"
                if STRING in (left.types, right.types):
                    test = f"({left.text} == {right.text})"
                return Operand(test if operator == "==" else f"(not {test})", BOOLEAN, fresh=True)
            case _:
                numbers = [_is("number", side) for side in (left, right)]
                condition = " and ".join(f"({test})" for test in numbers if test) or "True"
                test = f"({left.text} {operator} {right.text})"
                return Operand(f"({test} if {condition} else None)", BOOLEAN | NULL, fresh=True)

    def _either(self, left: Expr, right: Expr, current: Operand, header: str) -> Operand:
        """Print ``||`` or ``&&``: the right side is evaluated below *header* only."""
        first = self.operand(left, current)
        name = self.body.fresh("value")
        self.body.line(f"{name} = {first.text}")
        chosen = Operand(name, first.types, atomic=True)
        with self.body.block(header.format(self.truth(chosen))):
            second = self.operand(right, current)
            self.body.line(f"{name} = {second.text}")
        fresh = first.fresh and second.fresh
        return Operand(name, first.types | second.types, fresh, atomic=True)

    def _made(self, current: Operand, make: Callable[[], Operand], types: Types) -> Operand:
        """Print a list or object that is null where the *current* value is null."""
        if "null" not in current.types:
            return make()
        value, name = self.named(current).text, self.body.fresh("made")
        self.body.line(f"{name} = None")
        with self.body.block(f"if {value} is not None:"):
            made = make()
            self.body.line(f"{name} = {made.text}")
        return Operand(name, types | NULL, made.fresh, atomic=True)

    def _list(self, items: Sequence[Expr], current: Operand) -> Operand:
        operands = [self.operand(item, current) for item in items]
        text = f"[{', '.join(each.alone or each.text for each in operands)}]"
        return Operand(text, ARRAY, not any(each.is_shared for each in operands))

    def _object(self, members: Sequence[tuple[str, Expr]], current: Operand) -> Operand:
        operands = [(name, self.operand(member, current)) for name, member in members]
        text = ", ".join(f"{quoted(name)}: {each.alone or each.text}" for name, each in operands)
        fresh = not any(each.is_shared for _, each in operands)
        parts = all(each.comparable for _, each in operands)
        return Operand(f"{{{text}}}", OBJECT, fresh, parts=parts)

    def _reference(self, inner: Expr) -> Operand:
        name, item = self.body.fresh("each"), self.body.fresh("item")
        with self.body.block(f"def {name}({item}):"):
            self.body.line(f"return {self.operand(inner, Operand(item, atomic=True)).text}")
        return Operand(name, fresh=True, atomic=True)

    # Calls ----------------------------------------------------------------------------------------

    def _call(self, call: expr.Call, current: Operand) -> Operand:
        arguments = [self.operand(each, current) for each in call.arguments]
        match call.function or FUNCTIONS.get(call.name):
            case Function() as function:
                return self._function(function, [self.named(each) for each in arguments])
            case Primitive(name=name):
                return self.primitive(name, self._demanded(arguments[0]), _constants(call))
            case _:
                raise TypeError(call.name)

    def _function(self, function: Function, arguments: list[Operand]) -> Operand:
        types = _result(function)
        values = [each.text for each in arguments]
        if function.takes_tables:
            values.append(self.module.constant("tables", _literal(self.tables)))
        body = self.module.constant(
            "call", f"{self.module.use('function')}({quoted(function.name)})"
        )
        text = f"{body}({', '.join(values)})"
        nullable = [each.text for each in arguments if "null" in each.types]
        if not (function.passes_null and nullable):
            self._check(function, arguments)
            return Operand(text, types)
        result = self.body.fresh("result")
        self.body.line(f"{result} = None")
        with self.body.block(f"if {' and '.join(f'{each} is not None' for each in nullable)}:"):
            present = [without_null(each) for each in arguments]
            self._check(function, present)
            self.body.line(f"{result} = {text}")
        return Operand(result, types | NULL, atomic=True)

    def _check(self, function: Function, arguments: list[Operand]) -> None:
        for position, argument in enumerate(arguments):
            types = function.parameter(position).types
            tests = [self._takes(wanted, argument) for wanted in types]
            if all(tests) and not argument.types <= frozenset(types):
                refused = f"not ({' or '.join(tests)})" if len(tests) > 1 else _negated(tests[0])
                self.refuse_if(refused)

    def _takes(self, wanted: str, argument: Operand) -> str:
        """Return the condition that a function takes *argument* as *wanted*; "" if it always is."""
        if wanted in ("any", "expression"):  # what is a reference the parser knows
            return ""
        if "[" in wanted:
            return f"{self.module.use('is_of')}({argument.text}, {quoted(wanted)})"
        return _is(wanted, argument)

    def primitive(self, name: str, value: Operand, constants: tuple[Any, ...]) -> Operand:
        """Print a primitive on *value*."""
        printed = ", ".join(map(quoted, constants))
        match name:
            case "of_type":
                value = self.named(value)
                kind, types = ("list", ARRAY) if constants == ("array",) else ("dict", OBJECT)
                self.refuse_if(f"type({value.text}) is not {kind}")
                return msgspec.structs.replace(value, types=types)
            case "present":
                value = self.named(value)
                self.refuse_if(f"{value.text} is None")
                return without_null(value)
            case "match":
                value = self.named(value)
                fits = f"compile_pattern({quoted(constants[0])}).fullmatch"
                self.module.use("compile_pattern")
                pattern = self.module.constant("fits", fits)
                self.refuse_if(f"not {pattern}({value.text})")
                return msgspec.structs.replace(value, types=STRING)
            case "table":
                return self._table(constants[0], value)
            case "instant_from" | "instant_to":
                made = f"{self.module.use('Memo')}({self.module.use(name)}({printed}))"
                clocks = self.module.constant("utc" if name == "instant_from" else "local", made)
                return Operand(f"{clocks}[{value.text}]", STRING, fresh=True)
            case "decimal_text":
                value = self.named(value)
                amount = (
                    f"type({value.text}) is str and {self.module.use('is_amount')}({value.text})"
                )
                quick = f"{value.text} in {self.module.use('SEEN_DECIMALS')} or ({amount})"
                return _choice(value.text, quick, f"{self.module.use(name)}({value.text})", STRING)
            case "integer_text":
                value = self.named(value)
                least, greatest = map(self.module.use, ("MIN_INTEGER", "MAX_INTEGER"))
                quick = f"type({value.text}) is int and {least} <= {value.text} <= {greatest}"
                other = f"{self.module.use(name)}({value.text})"
                return _choice(f"str({value.text})", quick, other, STRING)
            case _:
                operation, rest = self.module.use(name), f", {printed}" if printed else ""
                types = _PRIMITIVES.get(name, STRING)
                return Operand(f"{operation}({value.text}{rest})", types, fresh=True)

    def _table(self, pairs: list[list[Any]], value: Operand) -> Operand:
        types = frozenset(type_of(result) for _, result in pairs)
        texts = {key: result for key, result in reversed(pairs) if isinstance(key, str)}
        numbers = {key: result for key, result in reversed(pairs) if type_of(key) == "number"}
        if len(texts) == len(pairs):  # nothing else is equal to a text
            table = self.module.constant("table", quoted(texts))
            return Operand(f"{table}[{value.text}]", types, fresh=True)
        value = self.named(value)
        any_value = f"{self.module.use('table')}({value.text}, {quoted(pairs)})"
        if len(numbers) != len(pairs):
            return Operand(any_value, types, fresh=True)
        table = self.module.constant("table", quoted(numbers))
        return _choice(f"{table}[{value.text}]", f"type({value.text}) is int", any_value, types)

    def _memoised(self, source: Expr, steps: "_Steps", current: Operand) -> Operand:
        """Print a chain of primitives on a text as a memo of its own."""
        value = self._demanded(self.operand(source, current))
        name = self.module.shared("text", repr(steps), lambda name: self._memo(name, steps))
        types = _PRIMITIVES.get(steps[-1][0], STRING)
        return Operand(f"{name}[{value.text}]", types, fresh=True)

    def _memo(self, name: str, steps: "_Steps") -> Body:
        body = Body(f"@{self.module.use('Memo')}\ndef {name}(text):")
        inner = Expressions(self.module, body, self.tables, self.accessor)
        value = Operand("text", atomic=True)
        for primitive, constants in steps:
            value = inner.primitive(primitive, value, constants)
        body.line(f"return {value.text}")
        return body


_Steps = tuple[tuple[str, tuple[Any, ...]], ...]
"""Primitives by name, with their constants, in the order in which they work."""

_MEMOISED = frozenset({"lower", "upper", "trim", "match", "country_of", "date_from", "date_to"})
"""Primitives that take text only, whose documents have few, and which cost more than a memo."""

_PRIMITIVES: dict[str, Types] = {
    "split": ARRAY,
    "decimal_number": frozenset({"number"}),
    "epoch_to": frozenset({"number"}),
    "text_integer": frozenset({"number"}),
    "days_between": frozenset({"number"}),
    "country_of": STRING | NULL,
}
"""What primitives give, but for those that give text."""


def _pipeline(tree: Expr) -> tuple[Expr, _Steps] | None:
    """Return a chain of memoised primitives as what it starts from and its steps."""
    match tree:
        case expr.Call(name, (first, *_)) if name in _MEMOISED and isinstance(
            tree.function, Primitive
        ):
            source, steps = _pipeline(first) or (first, ())
            return source, (*steps, (name, _constants(tree)))
        case expr.Chain(left, right):
            after = _pipeline(right)
            if after is None or not isinstance(after[0], expr.Current):
                return None
            source, steps = _pipeline(left) or (left, ())
            return source, (*steps, *after[1])
        case _:
            return None


def _constants(call: expr.Call) -> tuple[Any, ...]:
    """Return what a primitive is called with beside the value, which is constant."""
    return tuple(each.value for each in call.arguments[1:] if isinstance(each, expr.Literal))


def _choice(quick: str, condition: str, other: str, types: Types) -> Operand:
    """Return the operand of a value that is made in one of two ways."""
    alone = f"{quick} if {condition} else {other}"
    return Operand(f"({alone})", types, fresh=True, alone=alone)


def _literal(value: Any) -> str:
    return quoted(dict(value) if isinstance(value, dict) else value)


def _result(function: Function) -> Types:
    """Return the types that the signature of *function* promises."""
    names = {each.partition("[")[0] for each in function.signature.rpartition("-> ")[2].split("|")}
    return ANY if "any" in names else frozenset(names)


def without_null(operand: Operand) -> Operand:
    """Return *operand*, known not to be null."""
    return msgspec.structs.replace(operand, types=operand.types - NULL)


_TESTS = {
    "null": "{0} is None",
    "boolean": "type({0}) is bool",
    "number": "type({0}) is int or type({0}) is float",
    "string": "type({0}) is str",
    "array": "type({0}) is list",
    "object": "type({0}) is dict",
}


def _negated(test: str) -> str:
    if " or " in test:
        return f"not ({test})"
    return test.replace(" is ", " is not ") if test.startswith("type(") else f"not {test}"


def _is(wanted: str, operand: Operand) -> str:
    """Return the condition that *operand* is of a type, "" if it always is."""
    return "" if operand.types == {wanted} else _TESTS[wanted].format(operand.text)
