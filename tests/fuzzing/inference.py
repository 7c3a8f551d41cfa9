"""The gate of types: what evaluation gives is in the inferred type, and nothing raises unannounced.

Random schemas and those of files, random expressions and converters, values that fit.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from agreement import text

from fuzzing import schemas
from fuzzing.expressions import TABLES, Grammar
from mapper import codes
from mapper.converters import CONVERTERS, Conversion, ConverterError, chain, conversion
from mapper.diagnostics import FileError, MapperError
from mapper.evaluate import EvaluationError, evaluate
from mapper.expr import Expr, ExpressionError, parse
from mapper.formats import BEYOND_LOCAL_YEARS
from mapper.functions import FUNCTIONS
from mapper.generate import Seeded, compile_generator
from mapper.infer import Inference, Type, misfits, type_of_schema
from mapper.infer.facts import NO_FACTS, Facts
from mapper.infer.invariants import assured
from mapper.infer.schemas import meet
from mapper.infer.types import falsy, inhabits, truthy, without
from mapper.primitives import Refusal
from mapper.schema import Schema, Schemas, schema_of, validate
from mapper.values import contains, is_truthy

ROOT = Path(__file__).parents[2]
VALUES = 8
MEANINGS = {"x": ["a", 1], "y": ["0", True, 0], "2024-02-29": ["ab", 2.5]}
CONVERSIONS = (
    *((name, None) for name in sorted(CONVERTERS) if not CONVERTERS[name].parameters),
    ("date", None), ("date", "%d/%m/%Y"), ("epoch", None), ("epoch", "milliseconds"),
    ("money", None), ("money", {"amount": "a", "currency": "b"}),
    ("datetime", {"zone": "UTC"}), ("datetime", {"zone": "America/New_York"}),
    ("datetime", {"zone": "Asia/Kolkata", "format": "%Y-%m-%dT%H:%M:%SZ"}),
    ("scale", "100"), ("scale", "0.01"), ("values", MEANINGS), ("split", ","), ("split", "ab"),
    ("join", ","), ("join", " "), ("pluck", "a"), ("split", "aa"), ("join", ", "), ("join", "aa"),
    *(("list", name) for name in ("string", "decimal", "date", "country_code")),
    ("datetime", {"zone": "Pacific/Kiritimati"}),
    ("datetime", {"zone": "Pacific/Pago_Pago", "format": "%S:%M:%H %d/%m/%Y"}),
    *(("chain", ("string", {"scale": each})) for each in ("100", "0.01", "1")),
    *(("chain", ("decimal", {"scale": each}, "integer")) for each in ("100", "0.001")),
    ("chain", ({"split": ","}, {"list": "integer"})), ("chain", ({"split": "/"}, {"join": "-"})),
)  # fmt: skip

_SCALES = ("1", "10", "100", "10000", "0.1", "0.01", "0.001")
_ZONES = ("UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Monrovia")
_LAYOUTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%H.%M.%S-%d.%m.%Y")
AIMED = {
    "cents": (
        [schemas.cents, schemas.decimals],
        [
            ("string", None), ("integer", None), ("decimal", None), ("percent", None),
            ("number", None),
            *(("scale", each) for each in _SCALES),
            *(("chain", ("string", {"scale": each})) for each in _SCALES),
            *(("chain", ({"scale": each}, "integer")) for each in _SCALES),
        ],
    ),
    "times": (
        [schemas.times],
        [
            ("date", None), ("date", "%d/%m/%Y"), ("date", "%Y%m%d"), ("epoch", None),
            ("epoch", "milliseconds"),
            *(
                ("datetime", {"zone": zone, "format": layout})
                for zone in _ZONES for layout in _LAYOUTS
            ),
        ],
    ),
    "parts": (
        [schemas.parts, schemas.lists_of_parts],
        [(name, each) for name in ("split", "join") for each in schemas.SEPARATORS],
    ),
}  # fmt: skip
"""Schemas that say much, and converters that take what fits some of them."""


def case(random: Random) -> list[str]:
    """Try a schema with its values: its type, another schema, and a few expressions."""
    raw, schema = _schema(random)
    given = type_of_schema(schema)
    values = _values(random, schema)
    if not values:
        return ["no values"]
    for value in values:
        assert inhabits(value, given), f"{text(value)} of {text(raw)} is not in {given}"
    outcomes = [*_sets(random, raw, given, values), _fits(random, raw, given, values)]
    outcomes += _assured(random, schema, given, values)
    for _ in range(4):
        outcomes += _expression(random, schema, given, values)
    for name, parameters in random.sample(CONVERSIONS, 6):
        outcomes += _conversion(name, parameters, raw, given, values)
    for aimed in random.sample((_aimed, _of_tags, _of_lists), 2):
        outcomes += aimed(random)
    return outcomes


def _of_lists(random: Random) -> Iterator[str]:
    """Try expressions over items in their places, and what lists and numbers come to."""
    make = random.choice((schemas.parts, schemas.lists_of_parts, schemas.numbers))
    item = make(random)
    raw = {"type": "object", "required": ["a"], "properties": {"a": item, "b": item}}
    schema = schema_of(raw)
    given, values = type_of_schema(schema), _values(random, schema)
    for _ in range(6):
        written = _on_lists(random, make)
        judged = _judged(parse(written, FUNCTIONS), written, raw, given, values)
        yield from (f"lists: {each}" for each in judged)


def _on_lists(random: Random, make: Any) -> str:
    at, mark, word = random.randint(-2, 3), random.choice(schemas.SEPARATORS), random.choice("ab")
    if make is schemas.numbers:
        return random.choice((
            "floor(a)", "ceil(a)", "sum([a, a])", "sum(not_null(b, a) && [a, b] || [a])",
            "to_string(a)", "to_string(b)", "to_number(to_string(a))", f"[a, b, `7`][{at}]",
            "sum(sort([a, `1`]))", "abs(floor(a))", "sum([a] || [`1`])", f"sort([a, `3`])[{at}]",
        ))  # fmt: skip
    lists = "a" if make is schemas.lists_of_parts else f"split(a, '{mark}')"
    return random.choice((
        f"{lists}[{at}]", f"sort({lists})[{at}]", f"reverse({lists})[{at}]", f"to_array({lists})",
        f"join('{mark}', [{lists}[0] || 'x', '{word}'])", f"join('{mark}', {lists})",
        f"({lists} || ['{word}'])[{at}]", f"sort({lists})", f"{lists}[1:][{at}]",
        f"(b && {lists} || [`1`, '{word}'])[{at}]", f"{lists}[*].[@][{at}]", f"[a, {lists}][{at}]",
        f"a && {{x: {lists}}} || {{y: b}}", f"upper({lists}[{at}] || '{word}')",
    ))  # fmt: skip


def _of_tags(random: Random) -> Iterator[str]:
    """Try expressions that test which kind of object there is."""
    tagged, where = schemas.tagged(random), random.choice(("", "c.", "c[]"))
    raw = tagged
    if where:
        held = {"type": "array", "items": tagged} if where == "c[]" else tagged
        raw = {"type": "object", "properties": {"c": held}}
    try:
        schema = schema_of(raw)
    except FileError:
        return
    given, values = type_of_schema(schema), _values(random, schema)
    for _ in range(6):
        written = _on_tags(random, where)
        judged = _judged(parse(written, FUNCTIONS), written, raw, given, values)
        yield from (f"tags: {each}" for each in judged)


def _on_tags(random: Random, where: str) -> str:
    owner = where if where == "c." else ""
    first, second = _test(random, owner), _test(random, owner)
    value, other = (random.choice((f"{owner}b", f"{owner}a", f"{owner}c", owner[:-1] or "@"))
                    for _ in range(2))  # fmt: skip
    written = random.choice((
        f"{first} && {value}", f"{first} && {value} || {other}", f"{first} || {value}",
        f"{first} && {second} && {value}", f"({first} || {second}) && {value}",
        f"!({first} || {second}) && [{value}, {other}]", f"{first} && {{x: {value}, y: {other}}}",
        f"{first} && ({second} || {value})", f"{first} == `true` && {value}", f"{first}",
    ))  # fmt: skip
    if where != "c[]":
        return written
    return random.choice(
        (f"c[?{first}].[{value}]", f"c[?{first}].b", f"c[?{first}]", f"c[*].[{written}]")
    )


def _test(random: Random, owner: str) -> str:
    member = random.choice((f"{owner}a", f"{owner}a", f"{owner}b", f"type({owner}a)"))
    literals = [f"`{json.dumps(each)}`" for each in random.sample(schemas.TAGS, 2)]
    if member.startswith("type"):
        literals = ["'string'", "'null'"]
    return random.choice((
        f"{member} == {literals[0]}", f"{literals[0]} != {member}", f"!({member} == {literals[0]})",
        f"contains([{', '.join(literals)}], {member})", f"{member} != {literals[1]}",
        f'!contains(`["a", null]`, {member})', f'contains(`["a", 1]`, {member})',
    ))  # fmt: skip


def _aimed(random: Random) -> Iterator[str]:
    """Try converters on values that they take."""
    name = random.choice(sorted(AIMED))
    makers, conversions = AIMED[name]
    raw = random.choice(makers)(random)
    schema = schema_of(raw)
    given, values = type_of_schema(schema), _values(random, schema)
    for converter, parameters in random.sample(conversions, 8):
        judged = _conversion(converter, parameters, raw, given, values)
        yield from (f"{name}: {each}" for each in judged)


@cache
def _of_files() -> tuple[Schema, ...]:
    """Return the schemas of files, and those inside them."""
    found: list[Schema] = []
    for folder in (ROOT / "schemas", ROOT / "tests/cases/generate"):
        library = Schemas(folder)
        for path in sorted(folder.rglob("*.schema.json")):
            try:
                waiting = [library.load(path.relative_to(folder).as_posix())]
            except FileError:
                continue
            while waiting:
                schema = waiting.pop()
                found.append(schema)
                waiting += [*schema.own.values(), *schema.branches]
                waiting += [each for each in (schema.item, schema.rest) if each]
    return tuple(found)


def _schema(random: Random) -> tuple[Any, Schema]:
    if random.random() < 0.15:
        schema = random.choice(_of_files())
        return schema.raw, schema
    while True:
        make = random.choice((schemas.schema, schemas.objects))
        raw = make(random, random.choice((1, 2, 3)))
        try:
            return raw, schema_of(raw)
        except FileError:
            continue


def _values(random: Random, schema: Schema) -> list[Any]:
    """Return values that fit; none where they are not found."""
    choices = Seeded(Random(random.random()))
    try:
        make = compile_generator(schema, unknown=random.random() < 0.3)
        values = [make(choices) for _ in range(VALUES)]
    except MapperError:
        return []
    return [value for value in values if not validate(schema, value)]


# Sets ---------------------------------------------------------------------------------------------


def _sets(random: Random, raw: Any, given: Type, values: list[Any]) -> Iterator[str]:
    """Check what is said of sets of values against the values."""
    other_raw, other = _schema(random)
    also = type_of_schema(other)
    others = _values(random, other)
    taken = random.sample([*values, *schemas.SCALARS, [], {}], 2)
    left = without(given, taken)
    both, either = meet(given, also), given | also
    swapped = meet(also, given)
    for value in values:
        case_ = f"{text(value)} of {text(raw)}"
        if not contains(taken, value):
            assert inhabits(value, left), f"{case_} is lost without {text(taken)}: {left}"
        half, name = (truthy, "truthy") if is_truthy(value) else (falsy, "falsy")
        assert inhabits(value, half(given)), f"{case_} is not {name}: {half(given)}"
        assert inhabits(value, either), f"{case_} is not in its union with {text(other_raw)}"
        assert inhabits(value, also | given), f"{case_} is not in the union of {text(other_raw)}"
    for value in (*values, *others):
        if inhabits(value, given) and inhabits(value, also):
            case_ = f"{text(value)} of {text(raw)} and {text(other_raw)}"
            assert inhabits(value, both), f"{case_} is not where they meet"
            assert inhabits(value, swapped), f"{case_} is not where they meet"
    yield "sets"


def _fits(random: Random, raw: Any, given: Type, values: list[Any]) -> str:
    other = _similar(random, raw)
    if other is None:
        return "no other schema"
    if next(misfits(given, other), None) is not None or is_open(given):
        return "may not fit"
    for value in values:
        found = [str(each) for each in validate(other, value)]
        assert not found, f"{text(value)} of {text(raw)} does not fit {text(other.raw)}: {found}"
    return "fits"


def _similar(random: Random, raw: Any) -> Schema | None:
    if any(keyword in json.dumps(raw) for keyword in ('"x-', '"$')):
        return None
    try:
        return schema_of(schemas.similar(random, raw))
    except FileError:
        return None


# Expressions --------------------------------------------------------------------------------------


def _expression(random: Random, schema: Schema, given: Type, values: list[Any]) -> Iterator[str]:
    names = tuple(name for name in schema.members() if name.isidentifier()) or ("a",)
    written = Grammar(random, names, plain=False).expression(random.choice((0, 1, 1, 2)))
    try:
        tree = parse(written, FUNCTIONS)
    except ExpressionError:
        return
    yield from _judged(tree, written, schema.raw, given, values)


def _assured(random: Random, schema: Schema, given: Type, values: list[Any]) -> Iterator[str]:
    """Check what an invariant assures on the values that it holds of."""
    names = tuple(name for name in schema.members() if name.isidentifier()) or ("a",)
    call, name = Grammar(random, names, plain=False).call(), random.choice(names)
    other = random.choice(names)
    test = random.choice(
        ("", f"{name} == `null` || ", f"{name} == `null` || {other} == `null` || ")
    )
    written = test + random.choice((
        f"{call} >= `0` && {call} <= `100`", f"contains([`null`, {call}], {name})",
        f"{call} > `-3`", f"{call} == {name} && {call} != {other}", f"{name} && {call} < `9`",
    ))  # fmt: skip
    try:
        invariant, tree = parse(written, FUNCTIONS), parse(call, FUNCTIONS)
    except ExpressionError:
        return
    sure = assured([invariant])
    if tree not in sure.calls:
        return
    for value in values:
        with suppress(EvaluationError):
            if evaluate(invariant, value, TABLES) is not True:
                continue
            facts = Facts(assured=sure)
            judged = _judged(tree, f"{call} where {written}", schema.raw, given, [value], facts)
            yield from (f"assured {each}" for each in judged)


def _judged(
    tree: Expr, name: str, raw: Any, given: Type, values: list[Any], facts: Facts = NO_FACTS
) -> Iterator[str]:
    inference = Inference(codes.UNKNOWN_VENDOR_PATH, "the schema", TABLES)
    found = inference.type_of(tree, given, facts)
    for value in values:
        case_ = f"{name} on {text(value)} of {text(raw)}"
        try:
            got = evaluate(tree, value, TABLES)
        except (EvaluationError, Refusal) as error:
            known = inference.dangers or is_open(given) or BEYOND_LOCAL_YEARS in str(error)
            assert known, f"{case_} fails: {error}"
            yield "warned and fails"
        else:
            assert inhabits(got, found), f"{case_} gives {text(got)}, not of {found}"
            yield "warned and gives" if inference.dangers else "gives"


def is_open(given: Type) -> bool:
    """Whether the schema does not say what some of the values are."""
    return "open=True" in repr(given)


def _chained(converters: tuple[Any, ...]) -> Iterator[Conversion]:
    for each in converters:
        yield conversion(each) if isinstance(each, str) else conversion(*next(iter(each.items())))


def _conversion(
    name: str, parameters: Any, raw: Any, given: Type, values: list[Any]
) -> Iterator[str]:
    try:
        both = (
            chain(list(_chained(parameters))) if name == "chain" else conversion(name, parameters)
        )
    except ConverterError:
        return
    for direction, tree in (("get", both.get), ("put", both.put)):
        if tree is not None:
            called = f"{direction} {name} {text(parameters)}"
            yield from (f"converter {each}" for each in _judged(tree, called, raw, given, values))
