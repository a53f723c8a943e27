"""`python -m tests.benchmarks NAME` measures and prints a table, or JSON. Figures are for people; no test asserts them.

Two are of another kind: `chaos` counts what was promised never to happen, and ends with 1 where it did; `freshness`
plays in virtual time, the same whenever and wherever it is played.
"""

import argparse
import asyncio
import json
import sys
from functools import partial

from tests.benchmarks import ack, edits, history, live, overhead, policy, standin, webhook
from tests.benchmarks.benchmark import Benchmark, Options, carry_out
from tests.benchmarks.chaos import command as chaos
from tests.benchmarks.figures import to_json, to_table
from tests.benchmarks.freshness import command as freshness

BENCHMARKS: dict[str, Benchmark] = {
    module.BENCHMARK.name: module.BENCHMARK
    for module in (ack, edits, history, live, overhead, policy, standin, webhook)
}


def add_arguments(parser: argparse.ArgumentParser, benchmark: Benchmark) -> None:
    """What may be chosen of a benchmark that measures in rounds."""
    parser.add_argument("--commands", type=int, default=1000, help="how many per load (default 1000)")
    parser.add_argument(
        "--rounds",
        type=int,
        default=benchmark.rounds,
        help=f"how many rounds to take the medians of (default {benchmark.rounds})",
    )
    parser.add_argument(
        "--runs", type=int, default=1_000_000, help="how many there are in the history (default a million)"
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        help="how many times faster than life deploys are (default 1: about three minutes)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def measure(name: str, given: argparse.Namespace) -> None:
    """Measure in rounds, print."""
    tell = partial(print, file=sys.stderr, flush=True)
    options = Options(given.commands, given.rounds, tell, runs=given.runs, speed=given.speed)
    report = asyncio.run(carry_out(BENCHMARKS[name], options))
    print(json.dumps(to_json(report), indent=2) if given.json else to_table(report))


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for name in sorted(BENCHMARKS):
        add_arguments(names.add_parser(name, help=BENCHMARKS[name].title), BENCHMARKS[name])
    chaos.add_arguments(
        names.add_parser("chaos", help="Never twice, never lost: processes killed and counted")
    )
    freshness.add_arguments(
        names.add_parser("freshness", help="How soon ends are known, beside others, in virtual time")
    )
    given = parser.parse_args()
    if given.name == "chaos":
        return chaos.run(given)
    if given.name == "freshness":
        return freshness.run(given)
    measure(given.name, given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
