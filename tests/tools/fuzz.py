"""Search for what the fuzz gates find, of printed code and of the checker: see `--help`.

It prints the seed, what was tried, and each finding as a small case with the command that repeats
it, and exits 1 if there is one; Ctrl-C ends it earlier. A case depends on its number and the seed
alone; of several processes (`--jobs`), each takes its share of the numbers. A case of `mutants` is
one mutant, of which a few documents are read, created and updated if it checks without a finding;
mutants that were tried before are left out, those of earlier runs if both are given the same
`--tried FILE`.
"""

import argparse
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial, reduce
from operator import add
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzzing import GATES, driver, mutants


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gate", choices=sorted(GATES))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=20240229)
    parser.add_argument("--case", type=int, help="run this case only")
    parser.add_argument("--findings", type=int, default=5, help="stop each process after so many")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument("--tried", type=Path, help="remembers which mutants were tried")
    options = parser.parse_args()
    if options.case is not None:
        case = GATES[options.gate](options.seed)
        report = driver.rerun(options.gate, case, options.seed, options.case)
        for found in report.findings:
            print(found)
    elif options.jobs == 1:
        report = run(options, 0)
    else:
        with ProcessPoolExecutor(options.jobs) as pool:
            reports = pool.map(partial(run, options), range(options.jobs))
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # they stop, and what they found is said
            report = reduce(add, reports)
    print(report.summary)
    if options.tried is not None:
        print(f"  {options.tried}: {len(mutants.tried_in(options.tried))} different mutants so far")
    return 1 if report.findings else 0


def run(options: argparse.Namespace, job: int) -> driver.Report:
    """Return what one of the processes finds."""
    case = GATES[options.gate](options.seed)
    if options.gate == "mutants":
        case = mutants.Mutants(options.tried).case
    limits = driver.Limits(options.seconds, options.findings, first=job, step=options.jobs)
    return driver.run_within(options.gate, case, options.seed, limits, partial(print, flush=True))


if __name__ == "__main__":
    sys.exit(main())
