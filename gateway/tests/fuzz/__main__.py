"""Fuzzing for a given time: `python -m gateway.tests.fuzz --seconds 60 [TARGET ...]`.

Each target gets generated input, batch after batch, until its time is up. The first input that raises something else
than the gateway's own exceptions, or that takes longer than ten seconds, ends the run with exit code 1.
"""

import argparse
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from gateway.tests.fuzz.targets import TARGETS

BATCH = 300  # inputs between two looks at the clock
LONGEST = 10  # seconds for one input


class Found(Exception):
    """An input that broke something; it is the smallest that was tried."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Hang(Exception):
    """One input took too long."""


def _alarm(_: int, __: FrameType | None) -> None:
    raise Hang


def fuzz(
    target: Callable[[Any], None], inputs: SearchStrategy[Any], seconds: float, number: int, longest: float = LONGEST
) -> int:
    """Feed `target` until `seconds` are over; how many inputs it got. `number` seeds the first batch. Raises Found."""
    signal.signal(signal.SIGALRM, _alarm)
    done, last = 0, None
    end = time.monotonic() + seconds

    def once(value: Any) -> None:
        nonlocal done, last
        done += 1
        last = value
        signal.setitimer(signal.ITIMER_REAL, longest)
        try:
            target(value)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    while time.monotonic() < end:
        batch = settings(
            max_examples=BATCH,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )(seed(number)(given(inputs)(once)))
        try:
            batch()
        except Exception as error:
            raise Found(last) from error
        number += 1
    return done


def main() -> int:
    """Exit code 0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m gateway.tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*", help=f"some of {', '.join(TARGETS)}; all by default")
    parser.add_argument("--seconds", type=float, default=60, help="for each target (default 60)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the first batch")
    given_ = parser.parse_args()
    if unknown := set(given_.targets) - TARGETS.keys():
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    for name in given_.targets or TARGETS:
        target = TARGETS[name]
        print(f"{name}: seed {given_.seed}", flush=True)
        try:
            with target.running() as run:
                count = fuzz(run, target.inputs, given_.seconds, given_.seed)
        except Found as found:
            traceback.print_exception(found.__cause__, limit=-6)
            print(f"{name}: this input broke it:\n{found.value!r}")
            return 1
        print(f"{name}: {count} inputs, nothing found", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
