"""Run the laws on as many generated documents as wanted: `python tests/tools/run_laws.py --help`.

A plain seeded driver, fast where Hypothesis is thorough: 10^5 documents of each mapping take hours.
It prints the seed, the outcomes and the first breaks, and exits 1 if any law broke.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from laws import LawBroken, Outside, create_get, get_put, is_refusal, put_get, valid_output
from subjects import WRAPPERS, editor, subject, vendor_documents

from mapper.diagnostics import TransformError
from mapper.generate import Seeded

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

    def attempt(law: str, check) -> None:
        try:
            check()
            outcomes[f"{law}: holds"] += 1
        except Outside:
            outcomes[f"{law}: outside its premise"] += 1
        except TransformError as error:
            codes = ", ".join(sorted({each.rule.code for each in error.diagnostics}))
            kind = "refused" if law == "PutGet" and is_refusal(error) else "BROKEN"
            _show(outcomes, f"{law}: {kind} {codes}", error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and shown
            kind = "BROKEN" if isinstance(error, LawBroken) else "BROKEN " + type(error).__name__
            _show(outcomes, f"{law}: {kind}", error)

    for _ in range(documents):
        document = make(choices)
        attempt("GetPut", lambda: get_put(tested, document))
        attempt("valid output", lambda: valid_output(tested, document))
        attempt(
            "PutGet",
            lambda: put_get(
                tested, document, edits.edit(tested.mapper.from_vendor(document), choices)
            ),
        )
        attempt("CreateGet", lambda: create_get(tested, edits.new(choices)))
    print(f"{name}: {documents} documents, seed {seed}")
    for outcome, count in sorted(outcomes.items()):
        print(f"  {outcome}: {count}")
    return sum(count for outcome, count in outcomes.items() if "BROKEN" in outcome)


def _show(outcomes: Counter[str], outcome: str, error: Exception) -> None:
    outcomes[outcome] += 1
    if "BROKEN" in outcome and outcomes[outcome] <= SHOWN:
        print(f"{outcome}: {error}"[:3000])


if __name__ == "__main__":
    sys.exit(main())
