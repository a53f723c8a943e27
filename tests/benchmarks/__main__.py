"""`python -m tests.benchmarks NAME` measures and prints a table, or JSON. Figures are for people; no test asserts them."""

import argparse
import asyncio
import json
import sys

from tests.benchmarks import ack, standin
from tests.benchmarks.benchmark import Benchmark, Options, carry_out
from tests.benchmarks.figures import to_json, to_table

BENCHMARKS: dict[str, Benchmark] = {one.name: one for one in (ack.BENCHMARK, standin.BENCHMARK)}


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("name", choices=sorted(BENCHMARKS), help="what to measure")
    parser.add_argument("--commands", type=int, default=1000, help="how many per load (default 1000)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="how many rounds to take the medians of (default 3)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    given = parser.parse_args()
    options = Options(given.commands, given.rounds, lambda words: print(words, file=sys.stderr, flush=True))
    report = asyncio.run(carry_out(BENCHMARKS[given.name], options))
    print(json.dumps(to_json(report), indent=2) if given.json else to_table(report))


if __name__ == "__main__":
    main()
