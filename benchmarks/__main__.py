"""The command: `python -m benchmarks`. Measures, prints, writes; stops what it started."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import chart, claims, idle, large_body, many_paths, media, profiles, report, startup, stream, table
from benchmarks.claims import Claim
from benchmarks.peers import OURS, PEERS, WHOLE
from benchmarks.processes import Cpus, DidNotStart
from benchmarks.profiles import Profile
from benchmarks.session import Session
from benchmarks.table import Table
from benchmarks.tools import Absent, Tools, default_cache
from benchmarks.wrk import LoadFailed

PAGE = Path(__file__).parent.parent / "docs" / "benchmark.md"
EXPECTED = (Absent, DidNotStart, LoadFailed, OSError, idle.NotServed, large_body.Refused, stream.Truncated)
Measurement = Callable[[Session, argparse.Namespace], list[Claim]]
MEASUREMENTS: dict[str, Measurement] = {
    "paths": lambda session, options: many_paths.measure(session, options.rounds, options.seconds),
    "idle": lambda session, options: idle.measure(session),
    "stream": lambda session, options: stream.measure(session, (1 << 28) if options.quick else (1 << 30)),
    "startup": lambda session, options: startup.measure(session),
    "body": lambda session, options: large_body.measure(session),
    "media": lambda session, options: media.measure(session, *((300, 3) if options.quick else (1500, 12))),
}


def main() -> int:
    """Exit code: 0 when everything asked for was measured and kept, 1 otherwise, 2 for wrong usage."""
    options = parse()
    try:
        with tempfile.TemporaryDirectory(prefix="gateway-benchmark-") as folder:
            session = Session(Path(folder), Cpus.choose(), Tools(options.cache, options.install))
            os.sched_setaffinity(0, {session.cpus.load})  # clients of ours must not disturb the peer
            session.tools.wrk(), session.tools.nginx()
            if options.profile:
                return show_profile(session, options)
            found = run(session, options)
    except (Absent, DidNotStart) as problem:
        print(f"benchmarks: {problem}", file=sys.stderr)
        return 2
    print(report.text(found))
    if options.page:
        write(found, options.page)
    complete = not found.failed and all(claim.kept is not False for claim in found.claims)
    return 0 if complete else 1


def parse() -> argparse.Namespace:
    """The command line."""
    names = ("table", *MEASUREMENTS)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=report.__doc__)
    parser.add_argument("--quick", action="store_true", help="short runs; for trying out, not for publishing")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="PART", help=", ".join(names))
    parser.add_argument("--peers", nargs="+", choices=[p.name for p in PEERS], default=[p.name for p in PEERS])
    parser.add_argument("--rounds", type=int, help="rounds of the table; default 5, with --quick 1")
    parser.add_argument("--seconds", type=float, help="length of one run; default 2, with --quick 1")
    parser.add_argument("--profile", action="store_true", help="show where our worker's time goes, nothing else")
    help_publish = "write JSON and chart to docs/benchmark/, and the figures into docs/benchmark.md"
    parser.add_argument("--publish", action="store_const", const=PAGE, dest="page", help=help_publish)
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where peers are installed")
    parser.add_argument("--no-install", action="store_false", dest="install", help="use only what is there")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.seconds = options.seconds or (1.0 if options.quick else 2.0)
    return options


def run(session: Session, options: argparse.Namespace) -> report.Report:
    """Everything asked for; a measurement that fails is reported and does not stop the others."""
    failed: dict[str, str] = {}
    why: dict[str, Profile] = {}
    measured: list[Claim] = []
    main_table = Table((), {})
    if "table" in options.only:
        peers = [peer for peer in PEERS if peer.name in options.peers]
        main_table = table.measure(session, peers, options.rounds, options.seconds, say)
        measured += claims.from_table(main_table, OURS.name, WHOLE.name)
        if any(claim.kept is False for claim in measured):
            why = explain(session, options, failed)
    for name in (name for name in MEASUREMENTS if name in options.only):
        say(f"measuring: {name}")
        try:
            measured += MEASUREMENTS[name](session, options)
        except EXPECTED as problem:
            failed[name] = str(problem)
    settings = {"rounds": options.rounds, "seconds": options.seconds, "quick": options.quick}
    return report.Report(report.machine(), settings, main_table, tuple(measured), failed, why)


def explain(session: Session, options: argparse.Namespace, failed: dict[str, str]) -> dict[str, Profile]:
    """What misses its target is published with the profile that says why."""
    say("measuring: profile")
    try:
        return profiles.measure(session, options.seconds)
    except (*EXPECTED, profiles.NoProfile) as problem:
        failed["profile"] = str(problem)
        return {}


def show_profile(session: Session, options: argparse.Namespace) -> int:
    """Print the profile of both workloads."""
    try:
        for workload, functions in profiles.measure(session, options.seconds).items():
            print(report.aligned(report.profile_cells(workload, functions)))
    except (*EXPECTED, profiles.NoProfile) as problem:
        print(f"benchmarks: {problem}", file=sys.stderr)
        return 1
    return 0


def write(found: report.Report, page: Path) -> None:
    """Write the JSON and the chart beside `page`, and the figures into it."""
    folder = page.with_suffix("")
    folder.mkdir(exist_ok=True)
    (folder / "results.json").write_text(found.to_json() + "\n")
    (folder / "chart.svg").write_text(chart.svg(found.table, OURS.name))
    page.write_text(report.with_figures(page.read_text(), report.figures(found)))


def say(line: str) -> None:
    """Progress, kept apart from the report."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
