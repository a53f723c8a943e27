"""What a benchmark is: a name, and a coroutine that measures one round."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.benchmarks.figures import Reading, Report, summarise


@dataclass(frozen=True, slots=True)
class Options:
    """What whoever runs it may choose, and where progress is told."""

    commands: int
    rounds: int
    tell: Callable[[str], None]
    runs: int = 1_000_000
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One question that figures answer. Rounds (so many unless somebody chooses) begin from nothing each time."""

    name: str
    title: str
    measure_round: Callable[[Options], Awaitable[list[Reading]]]
    baselines: tuple[str, ...] = ()
    rounds: int = 3


async def carry_out(benchmark: Benchmark, options: Options) -> Report:
    """All rounds, and their medians."""
    rounds = []
    for number in range(1, options.rounds + 1):
        load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
        options.tell(f"round {number} of {options.rounds}, {load} before it")
        rounds.append(await benchmark.measure_round(options))
    return summarise(benchmark.title, rounds, benchmark.baselines)
