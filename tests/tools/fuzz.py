"""Search for what the fuzz gates find, of printed code and of the checker: see `--help`.

It prints the seed, what was tried, and each finding as a small case with the command that repeats
it, and exits 1 if there is one.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzzing import GATES, driver


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gate", choices=sorted(GATES))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=20240229)
    parser.add_argument("--case", type=int, help="run this case only")
    parser.add_argument("--findings", type=int, default=5, help="stop after so many")
    options = parser.parse_args()
    case = GATES[options.gate](options.seed)
    if options.case is not None:
        report = driver.rerun(options.gate, case, options.seed, options.case)
    else:
        report = driver.run(options.gate, case, options.seed, options.seconds, options.findings)
    print(report)
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
