"""Good and hostile traffic for minutes, while workers are killed: `python -m benchmarks.soak --minutes 10`.

Prints what was asked and answered, and what the processes held. Exit code 1 when a good request got a wrong answer, a
limit let through more or less than it says, something hostile arrived, memory grew, or something was left over.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.soak.run import Result, run


def main() -> int:
    """Exit code: 0 when all held, 1 otherwise, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long; default 10")
    parser.add_argument("--kills", type=int, help="workers killed meanwhile; default one a minute, at least one")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="for another run alike"
    )
    options = parser.parse_args()
    if not 0.2 <= options.minutes <= 600:
        parser.error("--minutes is from 0.2 to 600")
    kills = max(1, round(options.minutes)) if options.kills is None else options.kills
    print(f"seed {options.seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="gateway-soak-") as folder:
        result = asyncio.run(run(Path(folder), options.minutes * 60, kills, options.seed))
    print(text(result))
    return 1 if result.violations else 0


def text(result: Result) -> str:
    """The report."""
    lines = [f"{count:10}  {what}" for what, count in sorted(result.seen.items())]
    lines += ["", *result.figures, "", *(f"VIOLATION: {each}" for each in result.violations)]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
