"""Run the laws on as many generated documents as wanted: `python tests/tools/run_laws.py --help`.

A plain seeded driver, fast where Hypothesis is thorough: 10^5 documents of each mapping take hours.
It prints the seed, the outcomes and the first breaks, where printed code disagreed with the
interpreter or needed it, and exits 1 if any law broke.
"""

import argparse
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from laws import creating_agrees, editing_agrees, reading_agrees
from subjects import WRAPPERS, editor, subject, vendor_documents

from mapper.diagnostics import TransformError
from mapper.generate import Seeded
from mapper.prove.laws import LawBroken, Outside, create_get, get_put, put_get, valid_output
from mapper.prove.refusing import is_refusal

SHOWN = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mappings", nargs="*", default=sorted(WRAPPERS))
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20240229)
    options = parser.parse_args()
    broken = sum(run(name, options.documents, options.seed) for name in options.mappings)
    return 1 if broken else 0


def run(name: str, documents: int, seed: int) -> int:
    """Return how many laws broke on *documents* generated documents of a mapping."""
    tested, make, edits = subject(name), vendor_documents(name), editor(name)
    choices = Seeded(Random(seed))
    outcomes: Counter[str] = Counter()

    for _ in range(documents):
        document = make(choices)
        laws = {
            "Agreement": partial(reading_agrees, tested, document),
            "GetPut": partial(get_put, tested, document),
            "valid output": partial(valid_output, tested, document),
            "PutGet": partial(edit_and_read, tested, document, edits, choices),
            "CreateGet": partial(create_and_read, tested, edits, choices),
        }
        for law, check in laws.items():
            outcomes[attempt(law, check, outcomes)] += 1
    print(f"{name}: {documents} documents, seed {seed}")
    for outcome, count in sorted(outcomes.items()):
        print(f"  {outcome}: {count}")
    fallbacks = tested.mapper.fallbacks
    disagreements = sum(outcomes[outcome] for outcome in outcomes if "BROKEN Agree" in outcome)
    print(f"  printed code: {disagreements} disagreements, {fallbacks} fallbacks", flush=True)
    broken = sum(count for outcome, count in outcomes.items() if "BROKEN" in outcome)
    return broken or fallbacks


def edit_and_read(tested, document, edits, choices) -> None:
    edited = edits.edit(tested.mapper.from_vendor(document), choices)
    editing_agrees(tested, document, edited)
    put_get(tested, document, edited)


def create_and_read(tested, edits, choices) -> None:
    common = edits.new(choices)
    creating_agrees(tested, common)
    create_get(tested, common)


def attempt(law: str, check, outcomes: Counter[str]) -> str:
    """Return how *check* ended, after showing it if it is one of the first breaks."""
    try:
        check()
    except Outside:
        return f"{law}: outside its premise"
    except TransformError as error:
        codes = ", ".join(sorted({each.rule.code for each in error.diagnostics}))
        if law == "PutGet" and is_refusal(error):
            return f"{law}: refused {codes}"
        return show(f"{law}: BROKEN {codes}", error, outcomes)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and shown
        kind = str(error).split(":")[0].split(" at ")[0] if isinstance(error, LawBroken) else ""
        return show(f"{law}: BROKEN {kind or type(error).__name__}", error, outcomes)
    return f"{law}: holds"


def show(outcome: str, error: Exception, outcomes: Counter[str]) -> str:
    if outcomes[outcome] < SHOWN:
        print(f"{outcome}: {error}"[:3000])
    return outcome


if __name__ == "__main__":
    sys.exit(main())
