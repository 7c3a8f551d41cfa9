"""Scripts in V8, through the sandbox's harness: what runs there gives the same elsewhere."""

import json
import shutil
import subprocess
from pathlib import Path

import mapper.sandbox
from mapper.sandbox.scripts import Script

NODE = shutil.which("node") or shutil.which("nodejs")

_SANDBOX = Path(mapper.sandbox.__file__).parent
_DRIVER = """
const fs = require("fs");
const vm = require("vm");
const [harness, library] = process.argv.slice(1).map((path) => fs.readFileSync(path, "utf-8"));
const lines = fs.readFileSync(0, "utf-8").trimEnd().split("\\n");
(async () => {
    while (lines.length) {
        const request = lines.shift();
        const engine = vm.runInNewContext(harness)(library);
        engine.load(request);
        for (const call of lines.splice(0, JSON.parse(request).count)) {
            if (!engine.start(call)) await new Promise(setImmediate);
            process.stdout.write(engine.finish("", "") + "\\n");
        }
    }
})();
"""


def run_in_node(script, calls, *, timeout=60):
    """Return what V8 makes of calls of a script, in one process and with one global object.

    *script* is a body or a :class:`Script`, and a call a pair of ``originalObject`` and
    ``transformedObject``. A result has ``value``, ``nothing``, or ``failure`` and ``message``; and
    ``log``.
    """
    return run_batches([(script, calls)], timeout=timeout)[0]


def run_batches(batches, *, timeout=60):
    """Return the results of several scripts with their calls, of one process for all of them."""
    batches = [
        (Script(script) if isinstance(script, str) else script, calls) for script, calls in batches
    ]
    lines = [
        json.dumps(each)
        for script, calls in batches
        for each in (_request(script, len(calls)), *map(list, calls))
    ]
    done = subprocess.run(
        [NODE, "-e", _DRIVER, _SANDBOX / "harness.js", _SANDBOX / "ce.js"],
        input="\n".join(lines).encode(),
        capture_output=True,
        timeout=timeout,
        check=True,
    )
    # JSON's own line separators are no ends of lines here.
    answers = iter(done.stdout.decode("utf-8").split("\n"))
    return [[json.loads(next(answers)) for _ in calls] for _, calls in batches]


def _request(script, count):
    return {
        "body": script.body,
        "legacy": script.is_legacy,
        "fromVendor": script.from_vendor,
        "isWhere": script.is_where,
        "configuration": script.configuration,
        "lastWins": False,
        "assignable": False,
        "maxLength": 1 << 24,
        "count": count,
    }
