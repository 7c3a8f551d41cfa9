"""Compare the platform's run with ours on as many documents as wanted: `run_parity.py --help`.

It prints what was compared and the first differences, and exits 1 if there is one. One document in
five gives request bodies, about five, so that there are as many requests as documents. 100,000 of
each mapping take hours.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from subjects import ROOT, WRAPPERS, subject

from mapper.platform.documents import documents
from mapper.project import load_project
from mapper.prove.parity import Parity, Plan
from mapper.sandbox.execution import Execution


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mappings", nargs="*", default=sorted(WRAPPERS))
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20240229)
    options = parser.parse_args()
    plan = Plan(options.seed, options.documents, bodies=5)
    with Execution() as execution:
        return 1 if sum(run(name, plan, execution) for name in options.mappings) else 0


def run(name: str, plan: Plan, execution: Execution) -> int:
    """Return how many documents and bodies of a mapping gave something else there."""
    mapper, started = subject(name).mapper, time.monotonic()
    compared = Parity(mapper, documents(mapper.parts).transformation, execution, plan)
    for found in compared.run(load_project(ROOT).examples(mapper.mapping)):
        print(f"{found}\n  {found.hint}", flush=True)
    tally = compared.tally
    print(f"{name}: {plan.documents} documents, seed {plan.seed}")
    for operation, number in tally.ran.items():
        print(f"  {operation}: {number}, of which {tally.refused[operation]} refused by both")
    took = time.monotonic() - started
    print(f"  {tally.differences} differences, {took:.0f} s", flush=True)
    return tally.differences


if __name__ == "__main__":
    sys.exit(main())
