"""How long publishing takes: no longer than half as long again as the requests that it needs.

Needed, for the six resources of this project on a platform that has none of them yet, are:

- for a plan: who uses each object, each document, and how many connections there are;
- for each write: reading before it, the write, and reading after it, one after the other, and a
  transformation after its object's definition;
- for the dry runs: the element's number, and each example once, when all is written.

How long these take is measured, not computed: a plain client sends them to the same platform, as
many at once as mapper does, and does nothing else. A publish is the whole process, the start of
Python among it.
"""

import os
import resource
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sandbox_client import API, ROOT, Server, World

from mapper.model import Operation
from mapper.platform.profiles import Profile
from mapper.project import load_project
from mapper.values import ABSENT

ELEMENT, NUMBER = "freshbooksv2", 5924  # as the sandbox has it
OTHERS = 500
LATENCY = 50  # milliseconds
AT_ONCE = Profile(url="").concurrency
LONGEST = 1.5
ROUNDS = 4
"""How often to measure, if a busy machine spoils the first time."""

PROJECT = load_project(ROOT)
OBJECTS = sorted(each.resource for each in PROJECT.library.mappings.values())


def definition(name):
    return f"/organizations/objects/{name}/definitions"


def transformation(name):
    return f"/organizations/elements/{ELEMENT}/transformations/{name}"


def dry_runs():
    """Return the requests that run the examples, each once."""
    asked = []
    for name, mapping in sorted(PROJECT.library.mappings.items()):
        path = f"/transformations/{mapping.resource}/execute"
        for example in PROJECT.examples(PROJECT.find(name)).cases:
            if example.gives is ABSENT:  # one that is refused
                continue
            if example.operation is Operation.FROM_VENDOR:
                asked.append(("POST", path, {"payload": example.given, "elementId": NUMBER}))
            if example.operation is Operation.REQUEST:
                body = {"payload": example.given, "method": "POST", "elementId": NUMBER}
                asked.append(("POST", path, body))
    return asked


READS = [
    *(("GET", f"/organizations/objects/{name}/transformations") for name in OBJECTS),
    *(("GET", path(name)) for path in (definition, transformation) for name in OBJECTS),
    ("GET", f"/elements/{ELEMENT}/instances"),
    ("GET", f"/elements/{ELEMENT}/metadata"),
]
WRITTEN = [path(name) for path in (definition, transformation) for name in OBJECTS]
DRY_RUNS = dry_runs()
NEEDED = Counter(
    [
        *(f"{method} {path}" for method, path in READS),
        *(f"{method} {path}" for path in WRITTEN for method in ("GET", "POST", "GET")),
        *(f"{method} {path}" for method, path, _ in DRY_RUNS),
    ]
)


def plant_others(folder):
    """Let somebody else have objects and transformations, in a new state folder."""
    fields = {"fields": [{"path": "id", "type": "string"}, {"path": "name", "type": "string"}]}
    names = [f"theirs{number}" for number in range(OTHERS)]
    with World(folder) as world:
        session = world.session()
        session("POST", "/organizations/objects/definitions", dict.fromkeys(names, fields))
        mapped = {"fields": [{"path": "id", "vendorPath": "Id"}]}
        for name in names:
            session("POST", transformation(name), {"vendorName": name, **mapped})


def crowding():
    """Return how many processes share a processor now: the wall's time over the processor's."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", "sum(range(8_000_000))"], check=True)
    after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begin
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return max(1.0, took / used)


def is_good(measure):
    """Whether publishing took no longer than it may; on a crowded machine that is longer."""
    ratio, others = measure
    return ratio <= LONGEST * others


class Platform:
    """A platform in a process of its own, and what it is asked."""

    def __init__(self, folder, *options):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.log = folder / "requests.log"
        with self.log.open("a", encoding="utf-8") as log:
            self.server = Server(folder, *options, stderr=log)
        self.runs = 0
        # Bytecode and printed code are kept, as they are for users.
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "MAPPER_CACHE": str(folder / "cache"),
        }  # fmt: skip

    def asked(self):
        """Return how often each request was sent, and forget them."""
        lines = self.log.read_text("utf-8").splitlines()
        os.truncate(self.log, 0)
        return Counter(" ".join(line.split()[:2]).replace(API, "") for line in lines)

    def publish(self):
        """Publish the project's mappings, and return how many seconds it took."""
        self.runs += 1
        state = self.folder / f"state{self.runs}"
        command = [sys.executable, "-m", "mapper", "publish", "--yes", "--no-check"]
        command += ["--profile", "local", "--profiles", str(self.folder / "profiles.toml")]
        command += ["--project", str(ROOT), "--state-dir", str(state)]
        begin = time.perf_counter()
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        took = time.perf_counter() - begin
        print(done.stdout, done.stderr)
        assert done.returncode == 0
        return took

    def replay(self, bodies):
        """Send what is needed and nothing else, and return how many seconds it took."""
        begin = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.send, READS))
            written = {}
            for path in WRITTEN:
                before = written.get(definition(path.rpartition("/")[2]))
                written[path] = pool.submit(self.write, path, bodies[path], before)
            for each in written.values():
                each.result()
            list(pool.map(self.send, DRY_RUNS))
        return time.perf_counter() - begin

    def write(self, path, body, before):
        if before is not None:
            before.result()
        for request in (("GET", path), ("POST", path, body), ("GET", path)):
            self.send(request)

    def send(self, request):
        method, path, *body = request
        answer = self.server.http.request(method, path, json=body[0] if body else None)
        assert answer.status_code == 200 or (method, answer.status_code) == ("GET", 404)

    def clear(self):
        """Take away what was published."""
        with ThreadPoolExecutor(len(OBJECTS)) as pool:
            for path in (transformation, definition):
                list(pool.map(partial(self.server, "DELETE"), map(path, OBJECTS)))


def test_exactly_what_is_needed_is_asked(tmp_path):
    alone = Platform(tmp_path)
    with alone.server:
        alone.publish()
        assert alone.asked() == NEEDED


def test_beside_what_others_have_no_more_is_asked_and_little_time_is_lost(tmp_path, measured):
    plant_others(tmp_path)
    busy = Platform(tmp_path, "--fault", f"latency={LATENCY}")
    with busy.server:
        busy.publish()
        assert busy.asked() == NEEDED
        bodies = {path: busy.server("GET", path) for path in WRITTEN}
        rounds = []
        while len(rounds) < ROUNDS and not any(map(is_good, rounds)):
            busy.clear()
            needed = busy.replay(bodies)
            busy.clear()
            before = crowding()
            took = busy.publish()
            rounds.append((took / needed, (before + crowding()) / 2))
    said = ", ".join(
        f"{ratio:.2f} (a processor shared by {others:.1f})" for ratio, others in rounds
    )
    measured(f"publishing, in times of what its {NEEDED.total()} requests need: {said}")
    assert any(map(is_good, rounds))
