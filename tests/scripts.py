"""Scripts as the platform runs them: a function's body, JSON in, JSON out.

It is the platform's contract as far as a script meets it; `mapper.sandbox` has the rest.
"""

import json
from typing import Any

import quickjs

from mapper.functions import Tables
from mapper.javascript import ERROR_MEMBER, print_script
from mapper.javascript.expressions import Expressions, Value
from mapper.javascript.source import Script
from mapper.lower import LoweredMapping
from mapper.refusals import refused_body
from mapper.running import Mapper
from mapper.values import equal

KEPT = 20
"""How many engines stay, since one of a large mapping holds some megabytes."""

_RUNNER = """
(function () {
  "use strict";
  const names = ["originalObject", "transformedObject", "fromVendor", "isWhere", "done"];
  const body = new Function(...names, %s);
  return function (original, mapped, fromVendor, isWhere) {
    const results = [];
    const done = function (result) { results.push(JSON.stringify(result)); };
    body(JSON.parse(original), JSON.parse(mapped), fromVendor, isWhere, done);
    if (results.length !== 1) { throw new Error("done was called " + results.length + " times"); }
    return results[0];
  };
}())
"""

_EVALUATOR = """
(function () {
  "use strict";
  const evaluate = (function () { %s }());
  return function (text) {
    try {
      return JSON.stringify({gives: evaluate(JSON.parse(text))});
    } catch (error) {
      if (error.name !== "Refusal") { throw error; }
      return JSON.stringify({refuses: error.message});
    }
  };
}())
"""

_EXPRESSIONS = quickjs.Context()
"""Where expressions run, all of them: they change nothing of it."""

_engines: dict[int, tuple[LoweredMapping, Any]] = {}


def compiled(script: str) -> Any:
    """Return a function of JSON texts that runs *script*."""
    return quickjs.Context().eval(_RUNNER % json.dumps(script))


def run(script: Any, original: Any, mapped: Any = None, *, direction: str) -> Any:
    """Return what a compiled script gives: *direction* is "from_vendor", "request" or "where"."""
    texts = (json.dumps(original), json.dumps({} if mapped is None else mapped))
    return json.loads(script(*texts, direction == "from_vendor", direction == "where"))


def outcome(mapper: Mapper, operation: str, given: Any) -> tuple[str, Any]:
    """Return ("gives", result) or ("fails", (code, pointer)) of a mapper's script."""
    result = run(_engine(mapper.lowered), given, direction=operation)
    beside = refused_body(mapper.lowered) if operation == "request" else {}
    if isinstance(result, dict) and ERROR_MEMBER in result:
        fault = result.pop(ERROR_MEMBER)
        assert equal(result, beside), "nothing of a result"
        return "fails", (fault["code"], fault["at"])
    return "gives", result


def _engine(lowered: LoweredMapping) -> Any:
    key = id(lowered)
    if key not in _engines:
        if len(_engines) == KEPT:
            del _engines[next(iter(_engines))]
        _engines[key] = lowered, compiled(print_script(lowered))
    return _engines[key][1]


def evaluator(tree: Any, tables: Tables) -> Any:
    """Return a function of JSON text that gives {"gives": value} or {"refuses": reason}."""
    script = Script()
    printed = Expressions(script, tables).print(tree, Value("value")).text
    text = script.text("", f"return (value) => ({printed});")
    function = _EXPRESSIONS.eval(_EVALUATOR % text)
    return lambda value: json.loads(function(value))


def is_exact(value: Any) -> bool:
    """Whether JavaScript holds all numbers of *value* as Python does."""
    if isinstance(value, dict | list):
        return all(map(is_exact, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, int | float) or abs(value) <= 2**53 - 1
