"""Expressions as JavaScript: one printed expression for each."""

from typing import Any, NamedTuple, assert_never

from mapper import expr
from mapper.expr import Expr
from mapper.functions import FUNCTIONS, Function, Tables
from mapper.javascript.source import Script, made, quoted
from mapper.primitives import PRIMITIVES, Primitive


class Value(NamedTuple):
    """A printed expression, and whether its value is never null."""

    text: str
    is_present: bool = False


class Expressions(NamedTuple):
    """Prints expressions into *script*; ``lookup`` looks into *tables*."""

    script: Script
    tables: Tables

    def function(self, tree: Expr, *, present: bool = False) -> str:
        """Return a function of the current value, which is never null if *present* says so."""
        return f"(value) => {_body(self.print(tree, Value('value', present)).text)}"

    def print(self, tree: Expr, current: Value) -> Value:
        """Return what *tree* gives for the *current* value."""
        use = self.script.use
        match tree:
            case expr.Current():
                return current
            case expr.Field(name):
                return Value(f"{use('field')}({current.text}, {quoted(name)})")
            case expr.Literal(value):
                return Value(quoted(value), value is not None)
            case expr.Chain(left, right):
                return self._chain(self.print(left, current), right)
            case expr.Index(index):
                return Value(f"{use('index')}({current.text}, {index})")
            case expr.Slice(first, stop, step):
                places = ", ".join(map(quoted, (first, stop, step)))
                return Value(f"{use('slice')}({current.text}, {places})")
            case expr.Flatten(inner):
                return Value(f"{use('flatten')}({self.print(inner, current).text})")
            case expr.Project(left, right, where):
                items = self.print(left, current).text
                if where is not None:
                    items = f"{use('filter')}({items}, {self._each(where)})"
                return Value(f"{use('project')}({items}, {self._each(right)})")
            case expr.ProjectValues(left, right):
                items = f"{use('values')}({self.print(left, current).text})"
                return Value(f"{use('project')}({items}, {self._each(right)})")
            case expr.Compare(operator, left, right):
                sides = (self.print(left, current).text, self.print(right, current).text)
                return self._compare(operator, *sides)
            case expr.Or(left, right):
                return self._either("or", left, right, current)
            case expr.And(left, right):
                return self._either("and", left, right, current)
            case expr.Not(inner):
                return Value(
                    f"!{use('truthy')}({self.print(inner, current).text})", is_present=True
                )
            case expr.MakeList() | expr.MakeObject():
                return self._made(tree, current)
            case expr.Call():
                return self._call(tree, current)
            case expr.Reference(inner):
                return Value(self._each(inner), is_present=True)
            case _:
                assert_never(tree)

    def _chain(self, left: Value, right: Expr) -> Value:
        if _uses(right) == 1 or left.text.isidentifier():  # the left side must be tried, once
            return self.print(right, left)
        inner = self.print(right, Value("value", left.is_present))
        text = f"{self.script.use('pipe')}({left.text}, (value) => {_body(inner.text)})"
        return Value(text, inner.is_present)

    def _each(self, tree: Expr) -> str:
        return f"(item) => {_body(self.print(tree, Value('item')).text)}"

    def _compare(self, operator: str, left: str, right: str) -> Value:
        match operator:
            case "==" | "!=":
                negation = "!" if operator == "!=" else ""
                return Value(
                    f"{negation}{self.script.use('same')}({left}, {right})", is_present=True
                )
            case "<" | ">":
                name = "less"
            case _:
                name = "at_most"
        sides = f"{left}, {right}" if operator.startswith("<") else f"{right}, {left}"
        return Value(f"{self.script.use(name)}({sides})")

    def _either(self, name: str, left: Expr, right: Expr, current: Value) -> Value:
        first, second = self.print(left, current), self.print(right, current)
        text = f"{self.script.use(name)}({first.text}, () => {_body(second.text)})"
        return Value(text, first.is_present and second.is_present)

    def _made(self, tree: expr.MakeList | expr.MakeObject, current: Value) -> Value:
        """Print a new list or object, which is null where the current value is null."""
        if not current.is_present:
            inner = self._made(tree, Value("value", is_present=True)).text
            text = f"{self.script.use('unless_null')}({current.text}, (value) => {_body(inner)})"
            return Value(text)
        match tree:
            case expr.MakeList(items):
                texts = [self.print(item, current).text for item in items]
                return Value(f"[{', '.join(texts)}]", is_present=True)
            case expr.MakeObject(members):
                printed = [(name, self.print(each, current).text) for name, each in members]
                return Value(made(printed), is_present=True)
            case _:
                assert_never(tree)

    def _call(self, call: expr.Call, current: Value) -> Value:
        match call.function or FUNCTIONS.get(call.name):
            case Primitive() as primitive:
                return self._primitive(primitive, call, current)
            case Function(name=name) as function:
                arguments = [self.print(each, current).text for each in call.arguments]
                if function.takes_tables:
                    tables = {name: dict(entries) for name, entries in self.tables.items()}
                    arguments.append(self.script.constant("tables", quoted(tables)))
                return Value(f"{self.script.function_of(name)}({', '.join(arguments)})")
            case _:
                raise TypeError(call.name)

    def _primitive(self, primitive: Primitive, call: expr.Call, current: Value) -> Value:
        value = self.print(call.arguments[0], current)
        if primitive.name == "present" and value.is_present:
            return value
        texts = [self._constant(primitive.name, each) for each in script_constants(call, primitive)]
        return Value(
            f"{self.script.use(primitive.name)}({', '.join([value.text, *texts])})",
            primitive.name not in _MAY_BE_NULL,
        )

    def _constant(self, hint: str, value: Any) -> str:
        """Return a constant of a primitive; a long list is written once, and has a name."""
        text = quoted(value)
        is_long = isinstance(value, list) and len(text) > _LONG
        return self.script.data(f"{hint}_data", value) if is_long else text


_LONG = 200
_MAY_BE_NULL = frozenset({"country_of"})


def script_constants(call: expr.Call, primitive: Primitive) -> tuple[Any, ...]:
    """Return what JavaScript calls a primitive with beside the value."""
    constants = [each.value for each in call.arguments[1:] if isinstance(each, expr.Literal)]
    return primitive.script_constants(*constants)


def is_primitive_alone(tree: Expr) -> bool:
    """Whether *tree* is the call of a primitive on the current value and nothing else."""
    match tree:
        case expr.Call(name, (expr.Current(),), function):
            return isinstance(function, Primitive) and not PRIMITIVES[name].script_constants()
        case _:
            return False


def _body(text: str) -> str:
    """Return *text* as the body of an arrow function, where ``{`` would begin a block."""
    return f"({text})" if text.startswith("{") else text


def _uses(tree: Expr) -> int:
    """Return how often the printed form of *tree* has the text of the current value."""
    match tree:
        case expr.Literal() | expr.Reference():
            return 0
        case expr.Current() | expr.Field() | expr.Index() | expr.Slice():
            return 1
        case expr.Chain(left, _) | expr.Project(left, _) | expr.ProjectValues(left, _):
            return _uses(left)
        case expr.MakeList() | expr.MakeObject():
            return 2  # which it is asked whether it is null, and for its members
        case expr.And(left, right) | expr.Or(left, right):
            return _uses(left) + 2 * _uses(right)  # the right side, which may not be tried
        case expr.Flatten() | expr.Not() | expr.Compare() | expr.Call():
            return sum(map(_uses, expr.children(tree)))
        case _:
            assert_never(tree)
