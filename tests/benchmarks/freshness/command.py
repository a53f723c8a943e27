"""`python -m tests.benchmarks freshness`: the repetitions are shared out to all processors."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.benchmarks.freshness.cases import Case, list_cases
from tests.benchmarks.freshness.figures import Figures, summarise, to_json, to_table
from tests.benchmarks.freshness.simulation import Outcome, simulate

REPETITIONS = 30

Tell = Callable[[str], None]


def measure(cases: Sequence[Case], repetitions: int, tell: Tell) -> Figures:
    """Each case, so many times. What comes out does not depend on how many processors there are."""
    played: dict[int, list[Outcome]] = {}
    with ProcessPoolExecutor() as pool:
        under_way = {pool.submit(play, cases, repetition): repetition for repetition in range(repetitions)}
        for done in as_completed(under_way):
            played[under_way[done]] = done.result()
            tell(f"{len(played)} of {repetitions} repetitions")
    return gather(cases, [played[repetition] for repetition in range(repetitions)])


def play(cases: Sequence[Case], repetition: int) -> list[Outcome]:
    """One repetition of each case."""
    return [simulate(case, repetition) for case in cases]


def gather(cases: Sequence[Case], played: Sequence[Sequence[Outcome]]) -> Figures:
    """The figures of all repetitions."""
    rows = tuple(
        summarise(case, outcomes) for case, outcomes in zip(cases, zip(*played, strict=True), strict=True)
    )
    return Figures(rows, len(played))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen on the command line."""
    parser.add_argument(
        "--repetitions",
        type=int,
        default=REPETITIONS,
        help=f"how often each case is played (default {REPETITIONS})",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(given: argparse.Namespace) -> int:
    """Measure, print."""
    if given.repetitions < 1:
        print("At least one repetition is needed.", file=sys.stderr)
        return 2
    figures = measure(
        list(list_cases()), given.repetitions, lambda words: print(words, file=sys.stderr, flush=True)
    )
    print(json.dumps(to_json(figures), indent=2, ensure_ascii=False) if given.json else to_table(figures))
    return 0
